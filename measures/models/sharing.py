"""Links for readers without an account."""

from datetime import date, timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from initiatives.models import SignedLink
from initiatives.tenancy import TenantForeignKey, TenantModel
from measures.models.indicators import Indicator


class ShareLink(TenantModel):
    """A named link to the dashboard, or to one indicator. The token itself is stored nowhere."""

    name = models.CharField(_("for whom"), max_length=100)
    link = models.OneToOneField(SignedLink, models.CASCADE, null=True, related_name="+")
    indicator = TenantForeignKey(Indicator, models.CASCADE, null=True, related_name="+")
    has_agenda = models.BooleanField(_("the ratified agenda too"), default=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)

    @property
    def last_day(self) -> date | None:
        """The last day on which it opens: it ends with that day, at the first moment of the next."""
        if self.link is None:
            return None
        return timezone.localtime(self.link.expires_at - timedelta(seconds=1)).date()

    def __str__(self) -> str:
        return self.name
