"""Differences: noticed, stated fairly, talked about, resolved, opened again."""

from decimal import Decimal
from fractions import Fraction
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy as _

from agenda.choices import (
    DifferenceKind,
    DifferenceSource,
    DifferenceState,
    RefusalKind,
    ResolutionKind,
    ResolutionState,
    Severity,
)
from agenda.models.listening import ListeningRound, RoundFacet
from agenda.querysets.differences import (
    DifferenceQuerySet,
    OfDifferenceQuerySet,
    RefusalQuerySet,
)
from initiatives.models import Membership, Organization
from initiatives.tenancy import ScopedManager, TenantForeignKey, TenantModel

NEAR, FAR = Fraction(1, 3), Fraction(2, 3)


def distance_in_words(divergence: Decimal | Fraction) -> str:
    """A divergence from 0 to 1, as people say it."""
    if divergence >= FAR:
        return gettext("far apart")
    return gettext("some way apart") if divergence >= NEAR else gettext("close together")


class Difference(TenantModel):
    """One thing that organizations see differently."""

    kind = models.CharField(_("about"), max_length=10, choices=DifferenceKind)
    title = models.CharField(_("what is seen differently"), max_length=200)
    source = models.CharField(
        max_length=9, choices=DifferenceSource, default=DifferenceSource.NOTED
    )
    round = TenantForeignKey(ListeningRound, models.PROTECT, null=True, related_name="differences")
    facet = TenantForeignKey(RoundFacet, models.PROTECT, null=True, related_name="differences")
    # The key of the agenda's dimension that it is about, where there is one.
    dimension_key = models.CharField(max_length=40, blank=True)
    divergence = models.DecimalField(max_digits=5, decimal_places=4, null=True)
    importance = models.DecimalField(max_digits=5, decimal_places=4, null=True)
    severity = models.CharField(
        _("severity"), max_length=7, choices=Severity, default=Severity.SERIOUS
    )
    state = models.CharField(
        max_length=15, choices=DifferenceState, default=DifferenceState.NOTICED
    )
    evidence_wanted = models.TextField(_("what would help to know"), blank=True)
    facilitator = TenantForeignKey(
        Membership, models.PROTECT, null=True, blank=True, related_name="+"
    )
    review_on = models.DateField(_("look at it again on"), null=True, blank=True)
    noted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    noticed_at = models.DateTimeField(default=timezone.now)
    version = models.PositiveIntegerField(default=1)

    objects: ClassVar[Any] = ScopedManager.from_queryset(DifferenceQuerySet)()

    class Meta(TenantModel.Meta):
        ordering = ["-noticed_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "round", "facet"],
                condition=Q(source="measured"),
                name="one_measured_difference_per_facet",
            ),
            models.CheckConstraint(
                condition=~Q(source="measured") | Q(facet__isnull=False, round__isnull=False),
                name="measured_difference_has_a_facet",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_resolved(self) -> bool:
        return self.state == DifferenceState.RESOLVED

    @property
    def distance_in_words(self) -> str:
        """How far apart the answers lie; the number and its working stand with the views."""
        return distance_in_words(self.divergence or Decimal(0))

    @property
    def importance_in_words(self) -> str:
        """How much the question matters, in the mean of all."""
        importance = self.importance or Decimal(0)
        if importance >= Decimal("2.5"):
            return gettext("and it matters very much to us")
        if importance >= Decimal("1.5"):
            return gettext("and it matters much to us")
        return gettext("and it matters a little to us")


class DifferenceSide(TenantModel):
    """One of the views, in words that those who hold it call fair."""

    difference = TenantForeignKey(Difference, models.CASCADE, related_name="sides")
    position = models.PositiveSmallIntegerField(default=0)
    label = models.CharField(_("name of this view"), max_length=120)
    statement = models.TextField(_("this view, in its own words"), blank=True)
    version = models.PositiveIntegerField(default=1)

    objects: ClassVar[Any] = ScopedManager.from_queryset(OfDifferenceQuerySet)()

    class Meta(TenantModel.Meta):
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "difference", "position"], name="one_side_per_position"
            ),
        ]

    def __str__(self) -> str:
        return self.label


class SideMember(TenantModel):
    """An organization that holds a view; it holds one in each difference."""

    difference = TenantForeignKey(Difference, models.CASCADE, related_name="holders")
    side = TenantForeignKey(DifferenceSide, models.CASCADE, related_name="holders")
    organization = TenantForeignKey(Organization, models.CASCADE, related_name="+")

    objects: ClassVar[Any] = ScopedManager.from_queryset(OfDifferenceQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "difference", "organization"],
                name="one_side_per_organization",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organization_id} on {self.side_id}"


class FairStatement(TenantModel):
    """One organization says of one wording of a side: this states our view fairly."""

    side = TenantForeignKey(DifferenceSide, models.CASCADE, related_name="fair")
    organization = TenantForeignKey(Organization, models.CASCADE, related_name="+")
    side_version = models.PositiveIntegerField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[Any] = ScopedManager.from_queryset(OfDifferenceQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "side", "organization", "side_version"],
                name="one_fair_statement_per_wording",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organization_id} on {self.side_id}"


class Proposal(TenantModel):
    """A way to settle a difference, by an organization or the facilitator."""

    difference = TenantForeignKey(Difference, models.CASCADE, related_name="proposals")
    text = models.TextField(_("proposal"))
    organization = TenantForeignKey(Organization, models.PROTECT, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[Any] = ScopedManager.from_queryset(OfDifferenceQuerySet)()

    class Meta(TenantModel.Meta):
        ordering = ["made_at", "id"]

    def __str__(self) -> str:
        return self.text[:80]


class Resolution(TenantModel):
    """How a difference is settled. In force once an organization on each side confirms it."""

    difference = TenantForeignKey(Difference, models.CASCADE, related_name="resolutions")
    proposal = TenantForeignKey(Proposal, models.PROTECT, null=True, related_name="+")
    kind = models.CharField(_("how it is settled"), max_length=16, choices=ResolutionKind)
    text = models.TextField(_("in words"))
    decision_ref = models.CharField(_("where it was decided"), max_length=200, blank=True)
    state = models.CharField(
        max_length=9, choices=ResolutionState, default=ResolutionState.PROPOSED
    )
    review_on = models.DateField(_("look at it again on"), null=True, blank=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    confirmed_at = models.DateTimeField(null=True)
    reopened_because = models.TextField(blank=True)

    objects: ClassVar[Any] = ScopedManager.from_queryset(OfDifferenceQuerySet)()

    class Meta(TenantModel.Meta):
        ordering = ["-made_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "difference"],
                condition=Q(state__in=["proposed", "confirmed"]),
                name="one_live_resolution_per_difference",
            ),
        ]

    def __str__(self) -> str:
        return self.text[:80]


class ResolutionConfirmation(TenantModel):
    """An organization of a side says yes to a resolution."""

    resolution = TenantForeignKey(Resolution, models.CASCADE, related_name="confirmations")
    side = TenantForeignKey(DifferenceSide, models.CASCADE, related_name="+")
    organization = TenantForeignKey(Organization, models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[Any] = ScopedManager.from_queryset(OfDifferenceQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "resolution", "organization"],
                name="one_confirmation_per_organization",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organization_id} of {self.resolution_id}"


class ResolutionRefusal(TenantModel):
    """An organization of a side cannot live with a resolution, or not yet, and says why."""

    resolution = TenantForeignKey(Resolution, models.CASCADE, related_name="refusals")
    side = TenantForeignKey(DifferenceSide, models.CASCADE, related_name="+")
    organization = TenantForeignKey(Organization, models.CASCADE, related_name="+")
    kind = models.CharField(max_length=7, choices=RefusalKind)
    reason = models.TextField(_("why"))
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    # The organization has said yes since.
    taken_back_at = models.DateTimeField(null=True)

    objects: ClassVar[Any] = ScopedManager.from_queryset(RefusalQuerySet)()

    class Meta(TenantModel.Meta):
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "resolution", "organization"],
                name="one_refusal_per_organization",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="a_refusal_has_its_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.organization_id} of {self.resolution_id}"


class DifferenceComment(TenantModel):
    """One turn of the talk about a difference; an answer names what it answers."""

    difference = TenantForeignKey(Difference, models.CASCADE, related_name="comments")
    parent = TenantForeignKey("self", models.CASCADE, null=True, related_name="answers")
    organization = TenantForeignKey(Organization, models.PROTECT, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    text = models.TextField(_("what you want to say"))
    said_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[Any] = ScopedManager.from_queryset(OfDifferenceQuerySet)()

    class Meta(TenantModel.Meta):
        ordering = ["said_at", "id"]

    def __str__(self) -> str:
        return self.text[:80]
