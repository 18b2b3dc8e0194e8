"""One meeting on one page: how far it is, its agenda, who agreed, who comes."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, ExpressionWrapper, OuterRef, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from initiatives.models import Membership
from initiatives.permissions import Permission, Role
from meetings.choices import (
    AgendaAnswerKind,
    DelegationState,
    ItemState,
    MeetingState,
    ReplyKind,
)
from meetings.models import (
    AgendaAnswer,
    AgendaItem,
    Body,
    Delegation,
    Meeting,
    PreRead,
    PreReadWaiver,
    Reply,
    Seat,
)
from meetings.selectors.agendas import (
    CARRIES,
    Agreement,
    agreement_among,
    answers_of,
    digest_of_items,
    items_of,
    newest_of,
    waiting_items,
)
from meetings.selectors.along import along, first_of
from meetings.selectors.asked import minutes_of_letter
from meetings.selectors.people import (
    delegate_name,
    is_left_to_ask,
    is_silent,
    is_written_to,
    may_speak_for,
    today_at,
)
from meetings.selectors.pre_reads import due_day, late_among
from meetings.selectors.rights import may_at

STEPS = (
    (_("Planned"), (MeetingState.PLANNED,)),
    (_("Agenda open"), (MeetingState.AGENDA_OPEN,)),
    (_("Agenda agreed"), (MeetingState.AGENDA_AGREED,)),
    (_("In progress"), (MeetingState.IN_PROGRESS,)),
    (_("Minutes"), (MeetingState.MINUTES_DRAFT, MeetingState.MINUTES_CIRCULATED)),
    (_("Closed"), (MeetingState.CLOSED,)),
)


@dataclass(frozen=True)
class Line:
    """An item of an agenda with its papers."""

    item: AgendaItem
    papers: list[PreRead]
    late: list[PreRead]  # those that came too late for a decision
    waived: list[str]  # organizations that let it be decided all the same


@dataclass(frozen=True)
class Waits:
    """An item on no agenda."""

    item: AgendaItem

    @property
    def asks(self) -> bool:
        """It moved on so often that somebody has to say what becomes of it."""
        return self.item.state == ItemState.ACCEPTED and self.item.times_carried > CARRIES


@dataclass(frozen=True)
class SeatState:
    """What a seat said so far, for whoever keeps the list."""

    seat: Seat
    reply: Reply | None
    delegate: Any  # the delegation that stands, with the delegate's ``name``
    answer: str  # "agree", "change", "stale" or nothing


@dataclass(frozen=True)
class MeetingPage:
    """Everything the page of a meeting shows."""

    meeting: Meeting
    lines: list[Line]
    papers: list[PreRead]  # of the meeting as a whole
    waiting: list[Waits]
    agreement: Agreement
    answered: list[AgendaAnswer]  # requests for a change that were taken up or talked through
    all_seats: list[Any]
    seats: list[SeatState]
    own: list[Seat]
    to_remind: int  # seats that have the letter and did not answer it, nor were reminded today
    to_ask: int  # seats with something to answer and no letter about it
    minutes_asked: int  # what the letter asks of each
    papers_due: date
    may_set: bool
    may_propose: bool
    may_publish: bool

    @property
    def minutes(self) -> int:
        return sum(each.item.minutes for each in self.lines)

    @property
    def is_too_long(self) -> bool:
        return self.minutes > self.meeting.minutes

    @property
    def minutes_over(self) -> int:
        return self.minutes - self.meeting.minutes

    @property
    def steps(self) -> list[tuple[str | Promise, str]]:
        return [(label, "") for label, _states in STEPS]

    @property
    def step(self) -> int:
        """How far the meeting is, from 1."""
        numbers = enumerate(STEPS, start=1)
        return next((n for n, (_label, states) in numbers if self.meeting.state in states), 0)

    @property
    def coming(self) -> list[tuple[str | Promise, int]]:
        """How many seats said what, in words; those that said nothing last."""
        found = Counter(each.reply.kind if each.reply else "" for each in self.seats)
        said: list[tuple[str | Promise, int]] = [
            (kind.label, found[kind.value]) for kind in ReplyKind if found[kind.value]
        ]
        return [*said, (_("No answer yet"), found[""])] if found[""] else said


def meeting_page(membership: Membership, meeting: Meeting) -> MeetingPage:
    """A meeting as a member sees it; what single seats said is their own and the backbone's."""
    waivers = PreReadWaiver.objects.filter(item=OuterRef("pk")).order_by("organization__name")
    waived = ArraySubquery(waivers.values("organization__name"))
    items = list(items_of(meeting).annotate(waived=waived))
    versions = list(PreRead.objects.filter(meeting=meeting).select_related("item"))
    papers, late = newest_of(versions), late_among(versions, meeting, items)
    seats, answers = seats_of(meeting), answers_of(meeting)
    digest = digest_of_items(items)
    may_set = may_at(membership, Permission.MEETINGS_AGENDA, meeting)
    waiting = waiting_items(meeting).select_related("proposer", "proposed_by__user", "body")
    if not may_set:
        waiting = waiting.filter(
            Q(meeting=meeting) | Q(proposer=membership.organization_id) | Q(proposed_by=membership)
        )
    is_seated = any(seat.holder_id == membership.pk for seat in seats) or (
        Role.FUNDER in membership.roles
        and any(seat.organization_id == membership.organization_id for seat in seats)
    )
    return MeetingPage(
        meeting=meeting,
        lines=[_line(each, papers, late) for each in items],
        papers=[each for each in papers if each.item_id is None],
        waiting=[Waits(each) for each in waiting] if meeting.is_before else [],
        agreement=agreement_among(seats, answers, digest),
        answered=[each for each in answers if each.resolved_at],
        all_seats=seats,
        seats=_states(seats, answers, digest) if membership.is_backbone or may_set else [],
        own=[each for each in seats if _is_own(each, membership)],
        to_remind=sum(each.is_silent for each in seats) if may_set and meeting.is_before else 0,
        to_ask=sum(each.is_to_ask for each in seats) if may_set and meeting.is_before else 0,
        minutes_asked=minutes_of_letter(papers),
        papers_due=due_day(meeting),
        may_set=may_set and meeting.is_before,
        may_propose=meeting.is_before
        and (may_set or membership.may(Permission.MEETINGS_PROPOSE) or is_seated),
        may_publish=meeting.is_before
        and any(membership.pk in {e.proposed_by_id, e.owner_id} for e in items),
    )


def waiting_of(body: Body) -> list[Waits]:
    """What was taken up or proposed in a body and is on no agenda."""
    rows = AgendaItem.objects.filter(
        body=body, meeting=None, state__in=[ItemState.PROPOSED, ItemState.ACCEPTED]
    )
    return [Waits(each) for each in rows.select_related("proposer").order_by("created_at", "id")]


def _line(item: Any, papers: list[PreRead], late: dict[int, list[PreRead]]) -> Line:
    own = [each for each in papers if each.item_id == item.pk]
    return Line(item, own, late.get(item.pk, []), item.waived)


def seats_of(meeting: Meeting) -> list[Any]:
    """The current seats of the meeting's body, each with what it said before it (``coming``, the
    delegations that stand, ``sent``) and whether it waits for its letter (``is_to_ask``)
    or did not answer it (``is_silent``).
    """
    said = {"meeting": meeting, "seat": OuterRef("pk")}
    gone = [DelegationState.LAPSED, DelegationState.VOID]
    sent = Delegation.objects.filter(**said).exclude(state__in=gone)
    seats = Seat.objects.current().filter(body_id=meeting.series.body_id)
    found = seats.annotate(
        coming=along(Reply.objects.filter(**said)),
        sent=along(sent, name=delegate_name()),
        is_silent=ExpressionWrapper(
            is_written_to() & is_silent(meeting, today_at(meeting)), BooleanField()
        ),
        is_to_ask=ExpressionWrapper(is_written_to() & is_left_to_ask(meeting), BooleanField()),
    )
    rows = found.select_related("organization", "holder__user")
    return list(rows.order_by("organization__name", "id"))


def _is_own(seat: Any, membership: Membership) -> bool:
    """Whether a member answers for the seat, or is sent for it."""
    sent = any(each["delegate_id"] == membership.pk for each in seat.sent)
    return sent or may_speak_for(membership, seat)


def _states(seats: list[Any], answers: list[AgendaAnswer], digest: str) -> list[SeatState]:
    said = {each.seat_id: each for each in answers}
    return [
        SeatState(
            seat,
            first_of(Reply, seat.coming),
            first_of(Delegation, seat.sent),
            _answer(said.get(seat.pk), digest),
        )
        for seat in seats
    ]


def _answer(answer: AgendaAnswer | None, digest: str) -> str:
    if answer is None:
        return ""
    if answer.kind == AgendaAnswerKind.AGREE and answer.digest != digest:
        return "stale"
    is_answered = answer.kind == AgendaAnswerKind.CHANGE and answer.resolved_at
    return "resolved" if is_answered else answer.kind
