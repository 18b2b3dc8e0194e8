"""Listening: what is asked, who is asked, and what each organization says for itself.

A position is sealed until the round is revealed: the policies of migration ``0002_walls`` keep
statements and their facets from everyone outside the organization, whatever the code asks.
"""

from decimal import Decimal
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agenda.choices import FacetKind, ListeningState, RevealRule, StatementState, Weight
from agenda.querysets.listening import (
    AskedQuerySet,
    ListeningRoundQuerySet,
    PositionStatementQuerySet,
)
from initiatives.models import Organization
from initiatives.tenancy import ScopedManager, TenantForeignKey, TenantModel


class ListeningRound(TenantModel):
    """One round in which every organization says how it sees the issue."""

    name = models.CharField(_("name"), max_length=120)
    introduction = models.TextField(_("what it is about"), blank=True)
    opens_at = models.DateTimeField(_("opened"), null=True, blank=True)
    closes_at = models.DateTimeField(_("answers until"))
    reveal_rule = models.CharField(
        _("revealed"), max_length=8, choices=RevealRule, default=RevealRule.ALL_IN
    )
    # Divergence times importance from which a facet becomes a difference.
    level = models.DecimalField(_("level"), max_digits=4, decimal_places=2, default=Decimal("1.50"))
    state = models.CharField(max_length=8, choices=ListeningState, default=ListeningState.DRAFTING)
    revealed_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    version = models.PositiveIntegerField(default=1)

    objects: ClassVar[Any] = ScopedManager.from_queryset(ListeningRoundQuerySet)()

    class Meta(TenantModel.Meta):
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["drafting", "open"], revealed_at=None)
                | Q(state__in=["revealed", "closed"], revealed_at__isnull=False),
                name="round_revealed_when_it_says_so",
            ),
            models.CheckConstraint(
                condition=Q(opens_at=None) | Q(closes_at__gt=F("opens_at")),
                name="round_closes_after_it_opens",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_open(self) -> bool:
        return self.state == ListeningState.OPEN

    @property
    def is_revealed(self) -> bool:
        return self.revealed_at is not None

    @property
    def takes_positions(self) -> bool:
        """Until it is closed; what comes after the reveal is marked as late."""
        return self.state in {ListeningState.OPEN, ListeningState.REVEALED}


class RoundFacet(TenantModel):
    """One question of a round. Facilitators change them until the round is opened."""

    round = TenantForeignKey(ListeningRound, models.CASCADE, related_name="facets")
    key = models.SlugField(max_length=40)
    position = models.PositiveSmallIntegerField(default=0)
    name = models.CharField(_("name"), max_length=60)
    question = models.CharField(_("question"), max_length=300)
    hint = models.CharField(_("hint"), max_length=300, blank=True)
    kind = models.CharField(_("answered by"), max_length=8, choices=FacetKind)
    choices: Any = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    unit = models.CharField(_("unit"), max_length=30, blank=True)
    minimum = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    maximum = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)

    class Meta(TenantModel.Meta):
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "round", "key"], name="one_facet_per_key"
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=["choice", "choices"]) | Q(choices__len__gt=0),
                name="facet_offers_something",
            ),
            models.CheckConstraint(
                condition=Q(minimum=None) | Q(maximum=None) | Q(maximum__gt=F("minimum")),
                name="facet_has_a_range",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_compared(self) -> bool:
        """Words are not scored by a machine."""
        return self.kind != FacetKind.TEXT

    @property
    def is_list(self) -> bool:
        return self.kind in {FacetKind.CHOICE, FacetKind.CHOICES}


class Asked(TenantModel):
    """An organization that is asked in a round. Holds whether it answered, and never what."""

    round = TenantForeignKey(ListeningRound, models.CASCADE, related_name="asked")
    organization = TenantForeignKey(Organization, models.CASCADE, related_name="+")
    answered_at = models.DateTimeField(null=True)
    reminded = models.PositiveSmallIntegerField(default=0)
    # Taken out in the open: nobody belongs to the organization who could answer.
    excused_at = models.DateTimeField(null=True)
    excused_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    excused_reason = models.TextField(blank=True)

    objects: ClassVar[Any] = ScopedManager.from_queryset(AskedQuerySet)()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "round", "organization"], name="one_asking_per_organization"
            ),
            models.CheckConstraint(
                condition=Q(excused_at=None) | ~Q(excused_reason=""),
                name="excused_for_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organization}, {self.round}"


class Outsider(TenantModel):
    """Somebody whom the seal of a round holds out, whatever organization they belong to.

    Without an organization: whoever works for the backbone, or did since the round was opened.
    With one: who joined it while the round was open on nobody's word in it, until somebody of it
    lets them in. Written by the database itself (migration ``0010_outsiders_walls``).
    """

    round = TenantForeignKey(ListeningRound, models.CASCADE, related_name="outsiders")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    organization = TenantForeignKey(Organization, models.CASCADE, null=True, related_name="+")
    since = models.DateTimeField(default=timezone.now)
    admitted_at = models.DateTimeField(null=True)
    admitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "round", "user", "organization"],
                name="one_outsider_per_round",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(admitted_at=None, admitted_by=None)
                | Q(
                    admitted_at__isnull=False,
                    admitted_by__isnull=False,
                    organization__isnull=False,
                ),
                name="outsider_admitted_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.round_id}"


class PositionStatement(TenantModel):
    """What one organization says in one round. Sealed until the round is revealed."""

    round = TenantForeignKey(ListeningRound, models.PROTECT, related_name="statements")
    organization = TenantForeignKey(Organization, models.PROTECT, related_name="statements")
    state = models.CharField(max_length=10, choices=StatementState, default=StatementState.DRAFT)
    version = models.PositiveIntegerField(default=1)
    note = models.TextField(_("anything else"), blank=True)
    started_at = models.DateTimeField(default=timezone.now)
    submitted_at = models.DateTimeField(null=True)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    is_late = models.BooleanField(_("written after reveal"), default=False)

    objects: ClassVar[Any] = ScopedManager.from_queryset(PositionStatementQuerySet)()

    class Meta(TenantModel.Meta):
        ordering = ["organization__name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "round", "organization", "state"],
                condition=Q(state__in=["draft", "submitted"]),
                name="one_statement_per_state",
            ),
            models.CheckConstraint(
                condition=Q(state="draft") | Q(submitted_at__isnull=False),
                name="statement_submitted_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organization}, {self.round}"

    @property
    def is_submitted(self) -> bool:
        return self.state == StatementState.SUBMITTED


class PositionFacet(TenantModel):
    """The answer to one question. Sealed with its statement."""

    statement = TenantForeignKey(PositionStatement, models.CASCADE, related_name="facets")
    facet = TenantForeignKey(RoundFacet, models.PROTECT, related_name="answers")
    chosen: Any = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    number = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    text = models.TextField(blank=True)
    importance = models.PositiveSmallIntegerField(choices=Weight, default=Weight.MUCH)
    flexibility = models.PositiveSmallIntegerField(choices=Weight, default=Weight.LITTLE)
    why = models.TextField(_("why we do this"), blank=True)
    evidence = models.TextField(_("what we base it on"), blank=True)

    class Meta(TenantModel.Meta):
        ordering = ["facet__position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["initiative", "statement", "facet"], name="one_answer_per_facet"
            ),
            models.CheckConstraint(
                condition=Q(importance__lte=3, flexibility__lte=3), name="answer_weighs_up_to_three"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.facet_id} of {self.statement_id}"

    @property
    def is_answered(self) -> bool:
        return bool(self.chosen or self.number is not None or self.text)
