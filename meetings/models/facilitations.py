"""Who facilitates which series, from when until when."""

from datetime import date, timedelta
from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from initiatives.models import Membership
from initiatives.tenancy import ScopedManager, TenantForeignKey, TenantModel
from meetings.models.series import MeetingSeries
from meetings.querysets import FacilitationQuerySet


class Facilitation(TenantModel):
    """One series given to somebody to facilitate. Outside its days the database finds nothing, so
    that no right outlives them; it is asked each time and never remembered.
    """

    series = TenantForeignKey(MeetingSeries, models.PROTECT, related_name="facilitations")
    membership = TenantForeignKey(Membership, models.PROTECT, related_name="facilitations")
    starts_on = models.DateField(_("from"), default=timezone.localdate)
    ends_on = models.DateField(_("until"), null=True, blank=True)  # the first day without
    given_by = TenantForeignKey(Membership, models.PROTECT, null=True, related_name="+")

    objects: ClassVar[Any] = ScopedManager.from_queryset(FacilitationQuerySet)()

    class Meta(TenantModel.Meta):
        ordering = ["starts_on", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "series", "membership"], name="one_facilitation_per_series"
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="facilitation_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.membership_id} in {self.series}"

    @property
    def last_day(self) -> date | None:
        """The last day with it."""
        return self.ends_on - timedelta(days=1) if self.ends_on else None

    @property
    def is_ahead(self) -> bool:
        """Whether it has not begun yet."""
        return self.starts_on > timezone.localdate()

    @property
    def is_over(self) -> bool:
        return self.ends_on is not None and self.ends_on <= timezone.localdate()
