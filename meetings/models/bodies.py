"""Who meets: bodies, and the seats organizations have in them."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from initiatives.models import Membership, Organization
from initiatives.tenancy import ScopedManager, TenantForeignKey, TenantModel
from meetings.querysets import BodyQuerySet, SeatQuerySet


class Body(TenantModel):
    """A group that meets: the steering committee, a working group, everyone."""

    code = models.SlugField(_("short name"), max_length=40)
    name = models.CharField(_("name"), max_length=150)
    purpose = models.TextField(_("what it is for"), blank=True)
    facilitator = TenantForeignKey(
        Membership,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("facilitator"),
    )

    objects: ClassVar[Any] = ScopedManager.from_queryset(BodyQuerySet)()

    class Meta(TenantModel.Meta):
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["initiative", "code"], name="one_body_per_code"),
        ]

    def __str__(self) -> str:
        return self.name


class Seat(TenantModel):
    """An organization's place in a body, and the person who holds it. It counts, not the chair."""

    body = TenantForeignKey(Body, models.PROTECT, related_name="seats")
    organization = TenantForeignKey(Organization, models.PROTECT, related_name="seats")
    holder = TenantForeignKey(
        Membership, models.PROTECT, null=True, blank=True, related_name="seats"
    )
    starts_on = models.DateField(_("from"), default=timezone.localdate)
    ends_on = models.DateField(_("until"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects: ClassVar[Any] = ScopedManager.from_queryset(SeatQuerySet)()

    class Meta(TenantModel.Meta):
        ordering = ["organization__name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "body", "organization"],
                condition=Q(ends_on=None),
                name="one_open_seat_per_organization",
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="seat_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organization} in {self.body}"
