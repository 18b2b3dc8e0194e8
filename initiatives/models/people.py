"""People: global, one sign-in each, whatever they are in which initiative."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from initiatives.walls import Wall

# Compared in small letters, as it is stored. In capitals, as ``iexact`` compares, an address of
# another domain is the same: an i without its dot becomes an I there, and such a domain can be
# somebody else's.
models.EmailField.register_lookup(Lower)


class UserManager(BaseUserManager["User"]):
    """Finds people by e-mail address, in which case does not matter."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A new person; without a password they sign in only after setting one by mail."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__lower=(username or "").lower())


class User(AbstractBaseUser):
    """A person. Global: one sign-in and one weekly mail for many initiatives.

    No wall: signing in comes before any initiative; only the person's own pages read it whole.
    """

    wall: ClassVar[Wall] = Wall.GLOBAL
    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=150, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True)
    is_active = models.BooleanField(default=True)
    is_staff = False  # there is no admin site
    is_superuser = False
    joined_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="one_user_per_email"),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def has_perm(self, _perm: str, _obj: object = None) -> bool:
        """Django's own permissions are not used here: see ``initiatives.permissions``."""
        return False

    def has_module_perms(self, _app: str) -> bool:
        return False
