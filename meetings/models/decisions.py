"""Decisions, with the question, the evidence as it stood, and who had an interest."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from initiatives.models import Membership, Organization
from initiatives.tenancy import ScopedManager, TenantForeignKey, TenantModel
from measures.models import Indicator, Period
from meetings.choices import Certainty, DecisionState, ResponseKind
from meetings.models.agendas import AgendaItem
from meetings.models.bodies import Body, Seat
from meetings.models.series import Meeting
from meetings.querysets import DecisionQuerySet


class Decision(TenantModel):
    """A question with two or more options, and what was decided on which evidence."""

    body = TenantForeignKey(Body, models.PROTECT, related_name="decisions")
    meeting = TenantForeignKey(
        Meeting, models.PROTECT, null=True, blank=True, related_name="decisions"
    )
    item = TenantForeignKey(
        AgendaItem, models.PROTECT, null=True, blank=True, related_name="decisions"
    )
    year = models.PositiveSmallIntegerField(null=True)  # given when it is decided
    number = models.PositiveIntegerField(null=True)
    question = models.CharField(_("question"), max_length=300)
    background = models.TextField(_("background"), blank=True)
    state = models.CharField(max_length=10, choices=DecisionState, default=DecisionState.FRAMED)
    criteria_fixed_at = models.DateTimeField(null=True)
    evidence_waiver = models.TextField(_("why there is no evidence"), blank=True)
    outcome = TenantForeignKey(
        "DecisionOption", models.PROTECT, null=True, blank=True, related_name="+"
    )
    rationale = models.TextField(_("why"), blank=True)
    dissent = models.TextField(_("dissent"), blank=True)  # or "none", said by somebody
    draft = models.JSONField(default=dict)  # the outcome as it was written down, refused so far
    quorum_needed = models.PositiveSmallIntegerField(null=True)
    quorum_counted = models.PositiveSmallIntegerField(null=True)
    review_on = models.DateField(_("to be reviewed on"), null=True, blank=True)
    review_reason = models.TextField(_("what the review said"), blank=True)
    supersedes = TenantForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="superseded_by"
    )
    framed_by = TenantForeignKey(Membership, models.PROTECT, related_name="+")
    decided_by = TenantForeignKey(Membership, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    decided_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    objects: ClassVar[Any] = ScopedManager.from_queryset(DecisionQuerySet)()

    class Meta(TenantModel.Meta):
        ordering = ["-decided_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "year", "number"], name="one_decision_per_number"
            ),
            models.CheckConstraint(
                condition=Q(state__in=[DecisionState.FRAMED, DecisionState.OPEN])
                | (
                    Q(number__isnull=False, outcome__isnull=False, decided_at__isnull=False)
                    & ~Q(rationale="")
                    & ~Q(dissent="")
                ),
                name="decided_with_outcome_reason_and_dissent",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cite} {self.question}".strip()

    @property
    def cite(self) -> str:
        """How it is cited: D-2027-014."""
        return f"D-{self.year}-{self.number:03d}" if self.number else ""


class DecisionOption(TenantModel):
    decision = TenantForeignKey(Decision, models.CASCADE, related_name="options")
    text = models.CharField(_("option"), max_length=300)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta(TenantModel.Meta):
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.text


class Criterion(TenantModel):
    """What options are judged by, and how much it weighs; fixed before anyone scores."""

    decision = TenantForeignKey(Decision, models.CASCADE, related_name="criteria")
    name = models.CharField(_("criterion"), max_length=150)
    weight = models.PositiveSmallIntegerField(_("weight"), default=1)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta(TenantModel.Meta):
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(weight__range=(1, 10)), name="criterion_weighs_one_to_ten"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Score(TenantModel):
    """How well an option does by a criterion, 0 to 5, as the seats agreed."""

    option = TenantForeignKey(DecisionOption, models.CASCADE, related_name="scores")
    criterion = TenantForeignKey(Criterion, models.CASCADE, related_name="scores")
    value = models.PositiveSmallIntegerField()
    since = models.PositiveIntegerField(default=1)  # the decision's version that it came with

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "option", "criterion"], name="one_score_per_criterion"
            ),
            models.CheckConstraint(
                condition=Q(value__range=(0, 5)), name="score_from_zero_to_five"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.option_id}: {self.value}"


class Evidence(TenantModel):
    """What a decision was made on, for good: a number is frozen as it stood, a text is cited."""

    decision = TenantForeignKey(Decision, models.CASCADE, related_name="evidence")
    text = models.CharField(_("what it shows"), max_length=300)
    link = models.URLField(max_length=500, blank=True)
    indicator = TenantForeignKey(Indicator, models.PROTECT, null=True, blank=True, related_name="+")
    period = TenantForeignKey(Period, models.PROTECT, null=True, blank=True, related_name="+")
    frozen = models.JSONField(null=True)  # value, coverage, unit, definition version
    as_of = models.DateTimeField(default=timezone.now)
    certainty = models.CharField(max_length=8, choices=Certainty, default=Certainty.MODERATE)
    added_by = TenantForeignKey(Membership, models.PROTECT, related_name="+")
    since = models.PositiveIntegerField(default=1)  # the decision's version that it came with

    class Meta(TenantModel.Meta):
        ordering = ["id"]
        verbose_name_plural = "evidence"

    def __str__(self) -> str:
        return self.text


class Interest(TenantModel):
    """An organization's declared interest: whether it gains, and how. It is not silenced by it."""

    decision = TenantForeignKey(Decision, models.CASCADE, related_name="interests")
    organization = TenantForeignKey(Organization, models.PROTECT, related_name="+")
    is_beneficiary = models.BooleanField(default=True)
    text = models.CharField(_("interest"), max_length=300, blank=True)  # empty: not yet declared
    declared_by = TenantForeignKey(Membership, models.PROTECT, null=True, related_name="+")
    declared_at = models.DateTimeField(null=True)
    since = models.PositiveIntegerField(default=1)  # the decision's version that it came with

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "decision", "organization"],
                name="one_interest_per_organization",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organization_id} in {self.decision_id}"


class DecisionResponse(TenantModel):
    """What a seat answers to the proposed outcome, having seen the decision as it was then.

    ``was_said``: it was said in the room, and ``given_by`` who wrote it down there.
    """

    decision = TenantForeignKey(Decision, models.CASCADE, related_name="responses")
    seat = TenantForeignKey(Seat, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=11, choices=ResponseKind)
    reason = models.CharField(max_length=300, blank=True)
    given_by = TenantForeignKey(Membership, models.PROTECT, related_name="+")
    given_at = models.DateTimeField(default=timezone.now)
    was_said = models.BooleanField(default=False)
    seen = models.PositiveIntegerField(default=1)  # the version of the decision

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "decision", "seat"], name="one_response_per_seat"
            ),
            models.CheckConstraint(
                condition=Q(kind=ResponseKind.CONSENT) | ~Q(reason=""),
                name="response_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.seat_id}: {self.kind}"
