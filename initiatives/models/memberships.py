"""What people are in an initiative, and the invitations by which they come."""

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from initiatives.choices import MemberLevel, OrganizationKind
from initiatives.models.initiatives import Organization
from initiatives.permissions import (
    BACKBONE_ROLES,
    READING_ROLES,
    Permission,
    Role,
    given,
    granted,
    granted_looking_on,
    rank,
)
from initiatives.querysets import InvitationQuerySet, MembershipQuerySet, world_day
from initiatives.tenancy import MemberManager, ScopedManager, TenantForeignKey, TenantModel
from initiatives.walls import Wall


def roles_field() -> Any:
    """Roles that somebody holds: at least one."""
    return ArrayField(models.CharField(max_length=24, choices=Role), verbose_name=_("roles"))


class Membership(TenantModel):
    """What a person is within one initiative, for one organization.

    Walled by member: it is read before an initiative is chosen, by the person it is about.
    """

    wall: ClassVar[Wall] = Wall.MEMBER
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="memberships")
    organization = TenantForeignKey(Organization, models.PROTECT, related_name="memberships")
    roles = roles_field()
    level = models.CharField(
        _("level"), max_length=16, choices=MemberLevel, default=MemberLevel.MANAGEMENT
    )
    starts_on = models.DateField(_("from"), default=world_day)
    ends_on = models.DateField(_("until"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects: ClassVar[Any] = MemberManager.from_queryset(MembershipQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "user", "organization"],
                name="one_membership_per_organization",
            ),
            models.CheckConstraint(condition=Q(roles__len__gt=0), name="membership_has_a_role"),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="membership_ends_after_it_starts",
            ),
        ]
        indexes = [models.Index(fields=["user", "initiative"], name="membership_of_user")]

    def __str__(self) -> str:
        return f"{self.user} for {self.organization}"

    @cached_property
    def permissions(self) -> frozenset[Permission]:
        """What the roles allow here: a funder has a word for an organization that funds alone."""
        if Role.FUNDER in self.roles and self.organization.kind != OrganizationKind.FUNDER:
            return granted_looking_on(self.roles)
        return granted(self.roles)

    def may(self, permission: Permission) -> bool:
        """Whether the roles allow it at all; on whose rows is ``visible_to``'s business."""
        return permission in self.permissions

    def may_where_given(self, permission: Permission) -> bool:
        """Whether the roles allow it with what was given by name; the app knows with what."""
        return permission in given(self.roles)

    @property
    def is_backbone(self) -> bool:
        """Whether the person works for everyone and not for one organization."""
        return bool(BACKBONE_ROLES.intersection(self.roles))

    @property
    def is_reader(self) -> bool:
        """Whether the person only reads."""
        return READING_ROLES.issuperset(self.roles)

    @property
    def is_current(self) -> bool:
        today = world_day()
        return self.starts_on <= today and (self.ends_on is None or self.ends_on > today)

    @property
    def rank(self) -> int:
        return rank(self.roles)

    @property
    def role_labels(self) -> list[str]:
        return [str(Role(role).label) for role in self.roles]

    @property
    def capacity(self) -> str:
        """The highest role held: what an act is recorded in."""
        return max(self.roles, key=lambda role: rank([role]))


class Invitation(TenantModel):
    """An invitation, bound to initiative, organization, e-mail address and roles; used once."""

    organization = TenantForeignKey(Organization, models.PROTECT, related_name="invitations")
    email = models.EmailField(_("e-mail address"))
    name = models.CharField(_("name"), max_length=150, blank=True)
    roles = roles_field()
    level = models.CharField(max_length=16, choices=MemberLevel, default=MemberLevel.MANAGEMENT)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    revoked_at = models.DateTimeField(null=True, blank=True)
    sent_count = models.PositiveSmallIntegerField(default=1)

    objects: ClassVar[Any] = ScopedManager.from_queryset(InvitationQuerySet)()

    class Meta(TenantModel.Meta):
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "organization", "email"],
                condition=Q(accepted_at=None, revoked_at=None),
                name="one_open_invitation_per_email",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email} to {self.organization_id}"

    @property
    def state(self) -> str:
        if self.accepted_at:
            return "accepted"
        if self.revoked_at:
            return "revoked"
        return "pending" if self.expires_at > timezone.now() else "expired"

    @property
    def role_labels(self) -> list[str]:
        return [str(Role(role).label) for role in self.roles]
