"""Accepted facts, the rollups derived from them, and which rollups are out of date."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Func, Q, Value
from django.db.models.functions import Now

from initiatives.models import Initiative, Organization
from initiatives.tenancy import ScopedManager, TenantForeignKey, TenantModel
from measures.choices import CorrectionReason, FactStatus, ScopeKind
from measures.models.calendars import Period
from measures.models.indicators import Amount, Indicator, IndicatorVersion
from measures.models.partitions import Cell
from measures.models.submissions import Submission
from measures.querysets import ObservationQuerySet, RollupQuerySet


def next_of(sequence: str) -> Func:
    """The next number of a sequence: a partitioned table's ids."""
    return Func(Value(sequence), function="nextval", output_field=models.BigIntegerField())


class Observation(TenantModel):
    """One accepted fact. Append-only: a correction stamps ``superseded_at`` and adds a row.

    Nearly all rows are here and in ``Rollup``: an index costs every import, so that both have
    only those that a query needs, each from the initiative on.
    """

    initiative = models.ForeignKey(Initiative, models.CASCADE, related_name="+", db_index=False)
    pk = models.CompositePrimaryKey("initiative_id", "id")
    id = models.BigIntegerField(db_default=next_of("measures_observation_id_seq"), editable=False)
    indicator = TenantForeignKey(
        Indicator, models.PROTECT, related_name="observations", db_index=False
    )
    organization = TenantForeignKey(
        Organization, models.PROTECT, related_name="observations", db_index=False
    )
    period = TenantForeignKey(Period, models.PROTECT, related_name="+", db_index=False)
    cell = TenantForeignKey(Cell, models.PROTECT, null=True, related_name="+", db_index=False)
    submission = TenantForeignKey(
        Submission, models.PROTECT, null=True, related_name="+", db_index=False
    )
    value = Amount(null=True)
    numerator = Amount(null=True)
    denominator = Amount(null=True)
    status = models.CharField(max_length=11, choices=FactStatus, default=FactStatus.NORMAL)
    note = models.TextField(blank=True)
    is_late = models.BooleanField(default=False)
    reason = models.CharField(max_length=8, choices=CorrectionReason, blank=True)
    reason_text = models.TextField(blank=True)
    recorded_at = models.DateTimeField(db_default=Now())
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False
    )
    superseded_at = models.DateTimeField(null=True)

    objects: ClassVar[Any] = ScopedManager.from_queryset(ObservationQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "indicator", "organization", "period", "cell"],
                condition=Q(superseded_at=None),
                nulls_distinct=False,
                name="one_current_fact_per_key",
            ),
        ]
        indexes = [
            models.Index(
                fields=["initiative", "indicator", "organization", "period"],
                name="observation_of_key",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator}, {self.organization}, {self.period}: {self._number}"

    @property
    def _number(self) -> str:
        """As one would write it: without zeros that nobody counted, a pair as a pair."""
        found = [self.value] if self.value is not None else [self.numerator, self.denominator]
        written = [format(each.normalize(), "f") for each in found if each is not None]
        return " / ".join(written) or "–"


class Rollup(TenantModel):
    """A derived number with its coverage; it can be deleted and recomputed.

    ``cell`` None is the total. ``scope_id`` is an organization, a place or the initiative.
    The engine alone writes here, from rows joined inside the initiative: the database checks the
    wall and the key, and no references, which cost more than the computing.
    """

    initiative = models.ForeignKey(
        Initiative, models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )

    pk = models.CompositePrimaryKey("initiative_id", "id")
    id = models.BigIntegerField(db_default=next_of("measures_rollup_id_seq"), editable=False)
    indicator = TenantForeignKey(Indicator, models.CASCADE, related_name="rollups", db_index=False)
    scope = models.CharField(max_length=12, choices=ScopeKind)
    scope_id = models.BigIntegerField()
    period = TenantForeignKey(Period, models.CASCADE, related_name="+", db_index=False)
    cell = TenantForeignKey(Cell, models.CASCADE, null=True, related_name="+", db_index=False)
    version = TenantForeignKey(IndicatorVersion, models.CASCADE, related_name="+", db_index=False)
    numerator = Amount(null=True)
    denominator = Amount(null=True)
    value = Amount(null=True)
    expected = models.IntegerField(default=0)
    reported = models.IntegerField(default=0)
    inputs_expected = models.IntegerField(default=0)
    inputs_present = models.IntegerField(default=0)
    late = models.IntegerField(default=0)
    estimated = models.IntegerField(default=0)
    suppressed = models.IntegerField(default=0)
    missing = models.IntegerField(default=0)
    stale = models.IntegerField(default=0)
    oldest_input_at = models.DateTimeField(null=True)
    status = models.CharField(max_length=11)
    reason = models.CharField(max_length=40, blank=True)
    computed_at = models.DateTimeField(db_default=Now())

    objects: ClassVar[Any] = ScopedManager.from_queryset(RollupQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "indicator", "scope", "scope_id", "period", "cell"],
                nulls_distinct=False,
                name="one_rollup_per_key",
            ),
        ]
        indexes = [
            models.Index(fields=["initiative", "scope", "scope_id"], name="rollup_of_scope"),
        ]

    def __str__(self) -> str:
        return f"{self.indicator_id} {self.scope} {self.scope_id} {self.period_id}: {self.value}"


class DirtyKey(TenantModel):
    """Rollups of this indicator and organization are out of date since a fact of a period changed.

    ``is_whole``: since more than numbers changed (what was agreed, where organizations are), so
    that everything above them is to be taken anew, and not only what their numbers change.
    Written with the change; a second mark for one key is a second row, so that writers never wait.
    """

    indicator = TenantForeignKey(Indicator, models.CASCADE, related_name="+")
    organization = TenantForeignKey(Organization, models.CASCADE, related_name="+")
    period = TenantForeignKey(Period, models.CASCADE, related_name="+")
    marked_at = models.DateTimeField(db_default=Now())
    is_whole = models.BooleanField(default=False, db_default=False)

    def __str__(self) -> str:
        return f"{self.indicator_id} {self.organization_id} {self.period_id}"
