"""Indicators, what their numbers mean from when on, who reports them, and how far they should go."""

from decimal import Decimal
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agenda.models import Goal
from initiatives.models import Organization
from initiatives.tenancy import ScopedManager, TenantForeignKey, TenantModel
from measures.choices import (
    CellOperator,
    Direction,
    Frequency,
    IndicatorKind,
    IndicatorLevel,
    IndicatorState,
    OrganizationOperator,
    TimeOperator,
)
from measures.models.calendars import Calendar, Period
from measures.models.partitions import Partition
from measures.querysets import IndicatorQuerySet

PAIRED = (IndicatorKind.RATIO, IndicatorKind.MEAN)


class Amount(models.DecimalField):
    """An exact number, never a float."""

    def __init__(self, *args: Any, **options: Any) -> None:
        options["max_digits"], options["decimal_places"] = 40, 10
        super().__init__(*args, **options)


class Indicator(TenantModel):
    """What is measured. What its numbers mean is in its versions."""

    code = models.CharField(_("code"), max_length=40)
    name = models.CharField(_("name"), max_length=200)
    kind = models.CharField(_("kind"), max_length=10, choices=IndicatorKind)
    unit = models.CharField(_("unit"), max_length=40, blank=True)
    direction = models.CharField(
        _("direction"), max_length=8, choices=Direction, default=Direction.INCREASE
    )
    level = models.CharField(
        _("level"), max_length=12, choices=IndicatorLevel, default=IndicatorLevel.ORGANIZATION
    )
    calendar = TenantForeignKey(Calendar, models.PROTECT, related_name="indicators")
    frequency = models.CharField(_("frequency"), max_length=10, choices=Frequency)
    partition = TenantForeignKey(
        Partition, models.PROTECT, null=True, blank=True, related_name="indicators"
    )
    decimals = models.PositiveSmallIntegerField(_("decimals"), null=True, blank=True)
    minimum = Amount(_("smallest value"), null=True, blank=True)
    maximum = Amount(_("largest value"), null=True, blank=True)
    is_within = models.BooleanField(_("numerator is part of the denominator"), default=False)
    state = models.CharField(
        _("state"), max_length=8, choices=IndicatorState, default=IndicatorState.AGREED
    )
    position = models.PositiveSmallIntegerField(default=0)
    goal = TenantForeignKey(Goal, models.PROTECT, null=True, blank=True, related_name="indicators")

    objects: ClassVar[Any] = ScopedManager.from_queryset(IndicatorQuerySet)()

    class Meta(TenantModel.Meta):
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["initiative", "code"], name="one_indicator_per_code"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_pair(self) -> bool:
        """Whether a fact is a numerator and a denominator (a sum and an n)."""
        return self.kind in PAIRED


class StandingManager(ScopedManager):
    """Versions that stand. One that was corrected before any number rested on it is in no answer."""

    def get_queryset(self) -> Any:
        return super().get_queryset().filter(superseded_at=None)


class IndicatorVersion(TenantModel):
    """What an indicator means from a day on: definition and operators. Never changed.

    While nothing is reported, one may be stamped ``superseded_at`` and said anew.
    """

    indicator = TenantForeignKey(Indicator, models.PROTECT, related_name="versions")
    effective_from = models.DateField(_("in force from"))
    definition = models.TextField(_("definition"), blank=True)
    numerator_text = models.TextField(_("numerator"), blank=True)
    denominator_text = models.TextField(_("denominator"), blank=True)
    inclusion = models.TextField(_("who and what counts"), blank=True)
    exclusion = models.TextField(_("who and what does not"), blank=True)
    source = models.TextField(_("source"), blank=True)
    cells = models.CharField(max_length=4, choices=CellOperator, default=CellOperator.SUM)
    time = models.CharField(max_length=4, choices=TimeOperator, default=TimeOperator.SUM)
    organizations = models.CharField(
        max_length=4, choices=OrganizationOperator, default=OrganizationOperator.SUM
    )
    carry = models.PositiveSmallIntegerField(_("periods carried forward"), default=0)
    scale = Amount(default=Decimal(1))
    recorded_at = models.DateTimeField(default=timezone.now)
    superseded_at = models.DateTimeField(null=True)

    objects: ClassVar[Any] = StandingManager()

    class Meta(TenantModel.Meta):
        ordering = ["effective_from", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "indicator", "effective_from"],
                condition=Q(superseded_at=None),
                name="one_version_per_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator_id} from {self.effective_from}"


class Revision(TenantModel):
    """A value agreed for an indicator, revised by a newer row and never changed."""

    indicator = TenantForeignKey(Indicator, models.PROTECT, related_name="%(class)ss")
    period = TenantForeignKey(Period, models.PROTECT, related_name="+")
    value = Amount(null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=1000, blank=True)
    recorded_at = models.DateTimeField(default=timezone.now)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta(TenantModel.Meta):
        abstract = True
        ordering = ["recorded_at", "id"]


class Baseline(Revision):
    """Where it started: the newest row is in force."""

    def __str__(self) -> str:
        return f"{self.indicator_id}: {self.value}"


class Target(Revision):
    """What should be reached in a period: the newest row of a period is in force, and from then
    on until a later period has one. ``low`` and ``high`` for a value to be maintained.
    """

    low = Amount(null=True, blank=True)
    high = Amount(null=True, blank=True)

    class Meta(Revision.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(value__isnull=False) | Q(low__isnull=False) | Q(high__isnull=False),
                name="target_says_something",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator_id} {self.period_id}: {self.value}"


class Assignment(TenantModel):
    """An organization is asked for an indicator, from a day on and until before another."""

    indicator = TenantForeignKey(Indicator, models.CASCADE, related_name="assignments")
    organization = TenantForeignKey(Organization, models.CASCADE, related_name="assignments")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "indicator", "organization", "starts_on"],
                name="one_assignment_per_start",
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gt=F("starts_on")),
                name="assignment_ends_after_it_starts",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organization_id} reports {self.indicator_id}"
