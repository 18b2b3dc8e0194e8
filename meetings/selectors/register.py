"""One decision as its page shows it: options with scores, evidence then and now, who said what."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from initiatives.models import Membership, Organization
from measures.choices import ScopeKind
from measures.models import Rollup
from meetings.choices import DecisionState
from meetings.models import (
    Criterion,
    Decision,
    DecisionOption,
    DecisionResponse,
    Evidence,
    Interest,
    PreReadWaiver,
    Score,
)
from meetings.selectors.attendance import Quorum
from meetings.selectors.decisions import missing_for, quorum_of
from meetings.selectors.pre_reads import is_notice_kept, organizations_present


@dataclass(frozen=True)
class EvidenceRow:
    """A piece of evidence; a number as it was frozen, and as it is now."""

    evidence: Evidence
    then: Decimal | None = None
    now: Decimal | None = None

    @property
    def is_changed(self) -> bool:
        return self.then != self.now


@dataclass(frozen=True)
class OptionRow:
    option: DecisionOption
    scores: list[tuple[Criterion, int | None]]
    total: int
    most: int

    @property
    def is_scored(self) -> bool:
        return any(value is not None for _criterion, value in self.scores)


@dataclass(frozen=True)
class DecisionPage:
    """Everything on the page of one decision."""

    decision: Decision
    options: list[OptionRow]
    criteria: list[Criterion]
    evidence: list[EvidenceRow]
    interests: list[Interest]
    responses: list[DecisionResponse]
    quorum: Quorum | None  # while it is open
    missing: list[str]
    waived: list[Organization]  # the time that papers are due
    may_waive: list[Organization]
    successors: list[Decision]
    actions: list[Any]

    @property
    def is_open(self) -> bool:
        return self.decision.state in {DecisionState.FRAMED, DecisionState.OPEN}

    @property
    def may_be_reviewed(self) -> bool:
        return self.decision.state in {
            DecisionState.IN_FORCE,
            DecisionState.REVIEW_DUE,
            DecisionState.REAFFIRMED,
        }

    @property
    def is_late(self) -> bool:
        return bool(self.waived or self.may_waive)


def decision_page(decision: Decision, membership: Membership) -> DecisionPage:
    criteria, options = list(decision.criteria.all()), list(decision.options.all())
    is_open = decision.number is None
    waived, waiting = _papers(decision)
    responses = DecisionResponse.objects.filter(decision=decision)
    interests = Interest.objects.filter(decision=decision)
    successors = Decision.objects.visible_to(membership).filter(supersedes=decision)
    return DecisionPage(
        decision=decision,
        options=_scored(options, criteria),
        criteria=criteria,
        evidence=evidence_of(decision),
        interests=list(interests.select_related("organization").order_by("organization__name")),
        responses=list(
            responses.select_related("seat__organization", "given_by__user").order_by(
                "seat__organization__name", "id"
            )
        ),
        quorum=quorum_of(decision) if is_open else None,
        missing=missing_for(decision, rationale="-", dissent="-") if is_open else [],
        waived=waived,
        may_waive=waiting,
        successors=list(successors),
        actions=list(decision.actions.select_related("organization", "owner__user")),
    )


def _scored(options: list[DecisionOption], criteria: list[Criterion]) -> list[OptionRow]:
    found = {
        (each.option_id, each.criterion_id): each.value
        for each in Score.objects.filter(option__in=options)
    }
    most = 5 * sum(each.weight for each in criteria)
    rows = []
    for option in options:
        scores = [(each, found.get((option.pk, each.pk))) for each in criteria]
        total = sum((value or 0) * each.weight for each, value in scores)
        rows.append(OptionRow(option, scores, total, most))
    return rows


def evidence_of(decision: Decision) -> list[EvidenceRow]:
    """Each piece with its number then and now, in two queries."""
    rows = list(Evidence.objects.filter(decision=decision).select_related("indicator", "period"))
    keys = {(each.indicator_id, each.period_id) for each in rows if each.frozen}
    current = {
        (each.indicator_id, each.period_id): each.value
        for each in Rollup.objects.filter(
            indicator__in={key for key, _period in keys},
            period__in={key for _indicator, key in keys},
            scope=ScopeKind.INITIATIVE,
            cell=None,
        )
    }
    return [
        EvidenceRow(
            each,
            Decimal(each.frozen["value"]) if each.frozen else None,
            current.get((each.indicator_id, each.period_id)),
        )
        for each in rows
    ]


def _papers(decision: Decision) -> tuple[list[Organization], list[Organization]]:
    """Of papers that came late: who waived, and whose waiver is still needed."""
    item = decision.item
    if item is None or item.meeting is None:
        return [], []
    rows = PreReadWaiver.objects.filter(item=item).select_related("organization")
    waived = [each.organization for each in rows]
    if decision.number is not None or (not waived and is_notice_kept(item)):
        return waived, []
    left = organizations_present(item.meeting) - {each.pk for each in waived}
    return waived, list(Organization.objects.filter(pk__in=left).order_by("name"))
