"""One decision as its page shows it: options with scores, evidence then and now, who said what."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BigIntegerField, F, OuterRef, Q, Subquery, TextField
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from initiatives.models import Membership
from initiatives.permissions import Permission
from measures.choices import ScopeKind
from measures.models import Rollup
from meetings.arithmetic.attendance import Verdict
from meetings.choices import DecisionState
from meetings.models import (
    Attendance,
    BriefingAnswer,
    Criterion,
    Decision,
    DecisionOption,
    DecisionResponse,
    Evidence,
    Interest,
    PreRead,
    PreReadWaiver,
    Score,
)
from meetings.selectors.along import along, rows_of
from meetings.selectors.attendance import Quorum
from meetings.selectors.decisions import (
    Standing,
    missing_in,
    quorum_among,
    quorum_needed,
    seats_for,
    verdicts_at,
)
from meetings.selectors.people import answering, person_name
from meetings.selectors.pre_reads import due_day
from meetings.selectors.rights import may_at
from meetings.selectors.said import InRoom, changes_since, in_room_among, lines_on


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
class Draft:
    """An outcome as somebody wrote it down, which could not be decided so far."""

    outcome: str
    rationale: str
    dissent: str
    review_on: date | None
    by: str
    at: datetime | None


@dataclass(frozen=True)
class AnswerRow:
    """What one seat says: before the meeting, as far as the reader may know, and in it."""

    seat_id: int
    organization: str
    line: BriefingAnswer | None
    response: DecisionResponse | None
    is_stale: bool


@dataclass(frozen=True)
class DecisionPage:
    """Everything on the page of one decision."""

    decision: Decision
    options: list[OptionRow]
    criteria: list[Criterion]
    evidence: list[EvidenceRow]
    interests: list[Interest]
    quorum: Quorum | None  # while it is open
    missing: list[str]
    waived: list[str]  # organizations that let late papers be
    may_waive: set[int]  # those, by id, whose word on late papers is still needed
    successors: list[Decision]
    actions: list[Any]
    own: Any  # the seat that the reader answers for
    draft: Draft | None
    answers: list[AnswerRow]
    line: BriefingAnswer | None  # what the reader's seat said before the meeting
    response: DecisionResponse | None  # of the reader's seat
    news: list[str]  # what came after it
    in_room: list[InRoom]  # seats whose answers the reader may write down

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


def decisions_to_read(membership: Membership) -> Any:
    """The decisions one may see, each with what belongs to it alone: ``laid``, its options;
    ``judged``, its criteria; ``scored``; who ``waived`` the days of notice, which organizations
    are ``present`` at its item's meeting, when its papers were ``published``; and who ``drafted``
    its outcome, by name.
    """
    own = {"decision": OuterRef("pk")}
    item, meeting = OuterRef("item"), OuterRef("item__meeting")
    there = Q(left_at=None) | Q(left_at=F("meeting__ended_at"))
    present = Attendance.objects.filter(there, meeting=meeting, seat__isnull=False).order_by()
    waived = PreReadWaiver.objects.filter(item=item).order_by("organization__name")
    drafted = Cast(KeyTextTransform("by", OuterRef("draft")), BigIntegerField())
    called = Cast(person_name("user"), TextField())
    papers = PreRead.objects.filter(item=item, meeting=meeting).order_by()
    return (
        Decision.objects.visible_to(membership)
        .select_related(
            *("body", "meeting__series__body", "item__meeting__series", "outcome", "supersedes"),
            *("decided_by__user", "framed_by__user"),
        )
        .annotate(
            laid=along(DecisionOption.objects.filter(**own)),
            judged=along(Criterion.objects.filter(**own)),
            scored=along(Score.objects.filter(option__decision=OuterRef("pk"))),
            waived=along(waived, name="organization__name"),
            present=ArraySubquery(present.values("seat__organization_id")),
            published=ArraySubquery(papers.values("published_at")),
            needed=Subquery(quorum_needed(OuterRef("body"))),
            drafted=Subquery(Membership.objects.filter(pk=drafted).values(called=called)),
        )
    )


def decision_page(decision: Any, membership: Membership) -> DecisionPage:
    """The page of one of ``decisions_to_read``."""
    criteria, options = rows_of(Criterion, decision.judged), rows_of(DecisionOption, decision.laid)
    evidence, responses = evidence_of(decision), _responses(decision)
    interests = Interest.objects.filter(decision=decision).select_related("organization")
    found = list(interests.order_by("organization__name"))
    is_open = decision.number is None
    seats = seats_for(decision) if is_open else []
    verdicts = verdicts_at(decision, seats) if is_open else []
    keeps_notice, waiting = _notice(decision)
    standing = Standing(
        options=len(options),
        has_evidence=bool(evidence),
        undeclared=[str(e.organization) for e in found if e.is_beneficiary and not e.text],
        quorum=_quorum(decision, seats, responses, verdicts),
        keeps_notice=keeps_notice,
    )
    # Only what was decided is replaced.
    successors = Decision.objects.visible_to(membership).filter(supersedes=decision)
    own: Any = answering(membership, seats)
    lines = lines_on(decision, membership, own)
    response = next((e for e in responses if own and e.seat_id == own.pk), None)
    enters = is_open and decision.meeting is not None
    if enters:
        enters = may_at(membership, Permission.MEETINGS_RUN, decision.meeting)
    return DecisionPage(
        decision=decision,
        options=_with_scores(options, criteria, decision.scored),
        criteria=criteria,
        evidence=evidence,
        interests=found,
        quorum=standing.quorum if is_open else None,
        missing=missing_in(decision, standing, rationale="-", dissent="-") if is_open else [],
        waived=[each["name"] for each in decision.waived],
        may_waive=waiting,
        successors=[] if is_open else list(successors),
        actions=list(decision.actions.select_related("organization", "owner__user")),
        own=own,
        draft=_draft(decision, options),
        answers=_answers(decision, responses, lines, seats, evidence, found),
        line=lines.get(own.pk) if own else None,
        response=response,
        news=_news(decision, response, evidence, found) if response and is_open else [],
        in_room=in_room_among(decision, responses, verdicts) if enters else [],
    )


def _news(
    decision: Any,
    response: DecisionResponse,
    evidence: list[EvidenceRow],
    interests: list[Interest],
) -> list[str]:
    own = response.seat.organization_id
    return changes_since(response.seen, own, evidence, interests, decision.scored)


def _answers(
    decision: Any,
    responses: list[DecisionResponse],
    lines: dict[int, BriefingAnswer],
    seats: list[Any],
    evidence: list[EvidenceRow],
    interests: list[Interest],
) -> list[AnswerRow]:
    """The seats that said something, by name."""
    said = {each.seat_id: each for each in responses}
    names = {each.seat_id: str(each.seat.organization) for each in responses}
    names |= {each.pk: str(each.organization) for each in seats if each.pk in lines}
    return [
        AnswerRow(
            key,
            name,
            lines.get(key),
            answer := said.get(key),
            is_stale=decision.number is None
            and answer is not None
            and bool(_news(decision, answer, evidence, interests)),
        )
        for key, name in sorted(names.items(), key=lambda each: each[1].casefold())
    ]


def _draft(decision: Any, options: list[DecisionOption]) -> Draft | None:
    kept = decision.draft
    if not kept:
        return None
    return Draft(
        outcome=next((each.text for each in options if each.pk == kept["outcome"]), ""),
        rationale=kept["rationale"],
        dissent=kept["dissent"],
        review_on=date.fromisoformat(kept["review_on"]) if kept["review_on"] else None,
        by=decision.drafted or "",
        at=datetime.fromisoformat(kept["at"]) if "at" in kept else None,
    )


def _responses(decision: Decision) -> list[DecisionResponse]:
    rows = DecisionResponse.objects.filter(decision=decision)
    rows = rows.select_related("seat__organization", "given_by__user")
    return list(rows.order_by("seat__organization__name", "id"))


def _quorum(
    decision: Any,
    seats: list[Any],
    responses: list[DecisionResponse],
    verdicts: list[tuple[Any, Verdict]],
) -> Quorum:
    if decision.number is not None:
        return Quorum(decision.quorum_counted or 0, decision.quorum_needed or 0, 0)
    answered = {each.seat.organization_id for each in responses}
    return quorum_among(decision, seats, answered, decision.needed, verdicts)


def _notice(decision: Any) -> tuple[bool, set[int]]:
    """Whether its papers came in time or everybody there waived that, and who has not."""
    item = decision.item
    if item is None or item.meeting is None or not item.asks_to_decide:
        return True, set()
    zone, last = item.meeting.series.zone, due_day(item.meeting)
    present = set(decision.present)
    left = present - {each["organization_id"] for each in decision.waived}
    if not any(each.astimezone(zone).date() > last for each in decision.published):
        return True, left if decision.waived else set()
    return bool(present) and not left, left


def _with_scores(
    options: list[DecisionOption], criteria: list[Criterion], scored: list[dict[str, Any]]
) -> list[OptionRow]:
    found = {(each["option_id"], each["criterion_id"]): each["value"] for each in scored}
    most = 5 * sum(each.weight for each in criteria)
    rows = []
    for option in options:
        scores = [(each, found.get((option.pk, each.pk))) for each in criteria]
        total = sum((value or 0) * each.weight for each, value in scores)
        rows.append(OptionRow(option, scores, total, most))
    return rows


def evidence_of(decision: Decision) -> list[EvidenceRow]:
    """Each piece with its number then and now, in one query."""
    current = Rollup.objects.of_several().filter(
        indicator=OuterRef("indicator"),
        period=OuterRef("period"),
        scope=ScopeKind.INITIATIVE,
        cell=None,
    )
    rows = Evidence.objects.filter(decision=decision).select_related("indicator", "period")
    return [
        EvidenceRow(each, Decimal(each.frozen["value"]), each.now)
        if each.frozen
        else EvidenceRow(each)
        for each in rows.annotate(now=Subquery(current.values("value")[:1]))
    ]
