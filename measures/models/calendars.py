"""Calendars, the periods they generate, and the rounds that collect a period."""

from datetime import date, timedelta

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from initiatives.tenancy import TenantForeignKey, TenantModel
from measures.choices import CalendarKind, Frequency, RoundState


class Calendar(TenantModel):
    """A way to divide time: its years begin in ``start_month``."""

    code = models.CharField(max_length=40)
    name = models.CharField(_("name"), max_length=100)
    kind = models.CharField(max_length=10, choices=CalendarKind, default=CalendarKind.GREGORIAN)
    start_month = models.PositiveSmallIntegerField(default=1)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["initiative", "code"], name="one_calendar_per_code"),
            models.CheckConstraint(
                condition=Q(start_month__range=(1, 12)), name="calendar_starts_in_a_month"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Period(TenantModel):
    """Half-open dates; generated, so that two of one frequency never overlap."""

    calendar = TenantForeignKey(Calendar, models.PROTECT, related_name="periods")
    frequency = models.CharField(max_length=10, choices=Frequency)
    code = models.CharField(max_length=20)
    name = models.CharField(max_length=40)
    starts_on = models.DateField()
    ends_on = models.DateField()

    class Meta(TenantModel.Meta):
        ordering = ["starts_on", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "calendar", "frequency", "starts_on"],
                name="one_period_per_start",
            ),
            models.UniqueConstraint(
                fields=["initiative", "calendar", "code"], name="one_period_per_code"
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gt=F("starts_on")), name="period_ends_after_it_starts"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def last_day(self) -> date:
        return self.ends_on - timedelta(days=1)


class Round(TenantModel):
    """The collection of one period, moved on by the clock."""

    period = TenantForeignKey(Period, models.PROTECT, related_name="rounds")
    state = models.CharField(max_length=8, choices=RoundState, default=RoundState.PLANNED)
    opens_at = models.DateTimeField(_("opens"))
    due_at = models.DateTimeField(_("due"))
    closes_at = models.DateTimeField(_("closes"), null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["initiative", "period"], name="one_round_per_period"),
            models.CheckConstraint(
                condition=Q(due_at__gte=F("opens_at")), name="round_is_due_after_it_opens"
            ),
            models.CheckConstraint(
                condition=Q(closes_at=None) | Q(closes_at__gte=F("due_at")),
                name="round_closes_after_it_is_due",
            ),
        ]

    def __str__(self) -> str:
        return str(self.period)

    @property
    def takes_values(self) -> bool:
        """Whether values may be handed in now: by the dates, which the clock only follows."""
        now = timezone.now()
        return self.opens_at <= now and (self.closes_at is None or now < self.closes_at)

    @property
    def due_on(self) -> date:
        """The last day in time, where people are: what is due at midnight is due the day before."""
        return timezone.localdate(self.due_at - timedelta(seconds=1))

    @property
    def closes_on(self) -> date | None:
        """The last day on which numbers are taken; None if it stays open."""
        return timezone.localdate(self.closes_at - timedelta(seconds=1)) if self.closes_at else None

    @property
    def is_late(self) -> bool:
        return self.due_at <= timezone.now()

    @property
    def is_of_the_past(self) -> bool:
        """Made when it was due already: nobody could hand in in time, so nobody is late."""
        return self.due_at < self.created_at
