"""A meeting as it runs, for the one screen that everybody in the room looks at."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, OuterRef, Q, Subquery, Sum
from django.utils import timezone

from initiatives.models import Membership
from initiatives.permissions import Permission
from meetings.arithmetic.attendance import Verdict
from meetings.choices import DelegationState, ItemState, MeetingState
from meetings.models import (
    ActionItem,
    AgendaItem,
    Attendance,
    Decision,
    Delegation,
    ItemClock,
    Meeting,
    Note,
    Seat,
)
from meetings.selectors.actions import pending_of
from meetings.selectors.agendas import items_of
from meetings.selectors.attendance import Quorum, quorum_in, verdicts_of

MOST_PROMISES = 50
STALE_SECONDS = 60  # presence turns into counting as time goes by
GONE = (DelegationState.LAPSED, DelegationState.VOID)


@dataclass
class ItemRow:
    """An item with its time and everything that was noted on it."""

    item: AgendaItem
    seconds: float = 0  # of the stretches that are over
    since: datetime | None = None  # the clock runs
    notes: list[Note] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    actions: list[ActionItem] = field(default_factory=list)

    @property
    def minutes(self) -> int:
        return round(self.seconds / 60)

    @property
    def is_left(self) -> bool:
        return self.since is None and self.item.state == ItemState.SCHEDULED


@dataclass(frozen=True)
class SeatRow:
    """A seat, whether it counts now, and whom one expects for it."""

    seat: Seat
    verdict: Verdict | None
    people: list[tuple[Membership, Attendance | None]]

    @property
    def is_there(self) -> bool:
        return any(here for _person, here in self.people)


@dataclass(frozen=True)
class Room:
    """Everything on the screen."""

    meeting: Meeting
    rows: list[ItemRow]
    seats: list[SeatRow]
    guests: list[Attendance]
    quorum: Quorum
    loose: ItemRow  # what belongs to no item
    version: str
    now: datetime
    others: Any  # who else may be marked

    @property
    def current(self) -> ItemRow | None:
        return next((each for each in self.rows if each.since), None)

    @property
    def coming(self) -> ItemRow | None:
        return next((each for each in self.rows if each.is_left), None)

    @property
    def talked(self) -> ItemRow:
        """What notes are of now: the item that has the clock, or the meeting itself."""
        return self.current or self.loose

    @property
    def is_running(self) -> bool:
        return self.meeting.state == MeetingState.IN_PROGRESS

    @property
    def takes_notes(self) -> bool:
        return self.meeting.state in {MeetingState.IN_PROGRESS, MeetingState.MINUTES_DRAFT}

    @property
    def organizations_there(self) -> int:
        return len({each.seat.organization_id for each in self.seats if each.is_there})


def may_enter(membership: Membership, meeting: Meeting) -> bool:
    """Who looks at the screen: who runs meetings, whose organization sits, who comes for a seat."""
    if membership.may(Permission.MEETINGS_RUN):
        return True
    seats = Seat.objects.current().filter(body_id=meeting.series.body_id)
    if seats.filter(organization_id=membership.organization_id).exists():
        return True
    return Attendance.objects.filter(meeting=meeting, person=membership).exists()


def running_of(meeting: Meeting, membership: Membership, seats: Iterable[Seat]) -> dict[str, Any]:
    """What the page of a meeting shows of its running: decisions, and what is still promised.

    ``seats``: those of its body.
    """
    decisions = Decision.objects.visible_to(membership).filter(meeting=meeting)
    enters = membership.may(Permission.MEETINGS_RUN) or any(
        each.organization_id == membership.organization_id for each in seats
    )
    came = []
    if meeting.is_held or not enters:
        rows = Attendance.objects.filter(meeting=meeting, person=membership)
        came = list(rows.values_list("left_at", flat=True))
    enters = enters or bool(came)
    return {
        "may_enter": enters,
        "may_check_in": enters and meeting.is_held and None not in came,
        "decisions": list(decisions.select_related("outcome").order_by("id")),
        "pending": list(pending_of(meeting.series.body)[:MOST_PROMISES]),
        "today": timezone.localdate(),
    }


def room_version(meeting: Meeting) -> str:
    """A name for all that is on the screen; cheap, for it is asked every few seconds."""
    parts = (
        *("state", "version"),
        _told(Note, Count("id")),
        _told(Note, Sum("version")),
        _told(Note, Count("id", filter=Q(is_struck=True))),
        _told(ItemClock, Max("id")),
        _told(ItemClock, Count("ended_at")),
        _told(Attendance, Max("id")),
        _told(Attendance, Count("left_at")),
        _told(AgendaItem, Sum("version")),
        _told(Decision, Count("id")),
        _told(Decision, Sum("version")),
        _told(ActionItem, Count("id")),
        _told(ActionItem, Sum("version")),
    )
    found = Meeting.objects.filter(pk=meeting.pk).values_list(*parts).get()
    runs = found[0] == MeetingState.IN_PROGRESS
    bucket = int(timezone.now().timestamp() // STALE_SECONDS) if runs else 0
    return "-".join(str(each or 0) for each in (*found, bucket))


def _told(model: Any, what: Any) -> Any:
    rows = model.objects.filter(meeting=OuterRef("pk")).order_by().values("meeting")
    return Subquery(rows.annotate(told=what).values("told"))


def room_of(meeting: Meeting) -> Room:
    """The screen; the same number of queries for a small and a large meeting."""
    version, now = room_version(meeting), timezone.now()
    loose = ItemRow(AgendaItem(title=""))
    rows = {each.pk: ItemRow(each) for each in items_of(meeting)}
    _time(meeting, rows)
    _noted(meeting, rows, loose)
    verdicts = [] if meeting.is_before else verdicts_of(meeting, now)
    seats, guests = _people(meeting, {seat.pk: each for seat, each in verdicts})
    known = {person.pk for row in seats for person, _here in row.people}
    known |= {each.person_id for each in guests}
    others = Membership.objects.current().filter(user__is_active=True).exclude(pk__in=known)
    return Room(
        meeting=meeting,
        rows=list(rows.values()),
        seats=seats,
        guests=guests,
        quorum=quorum_in(meeting, verdicts),
        loose=loose,
        version=version,
        now=now,
        others=others.select_related("user", "organization").order_by("user__name", "id"),
    )


def _time(meeting: Meeting, rows: dict[int, ItemRow]) -> None:
    for each in ItemClock.objects.filter(meeting=meeting, item__in=rows):
        row = rows[each.item_id]
        if each.ended_at is None:
            row.since = each.started_at
        else:
            row.seconds += (each.ended_at - each.started_at).total_seconds()


def _noted(meeting: Meeting, rows: dict[int, ItemRow], loose: ItemRow) -> None:
    notes = Note.objects.filter(meeting=meeting, is_struck=False)
    for each in notes.select_related("written_by__user", "written_by__organization"):
        rows.get(each.item_id, loose).notes.append(each)
    for each in Decision.objects.filter(meeting=meeting).select_related("outcome").order_by("id"):
        rows.get(each.item_id, loose).decisions.append(each)
    actions = ActionItem.objects.filter(meeting=meeting).order_by("id")
    for each in actions.select_related("organization", "owner__user"):
        rows.get(each.item_id, loose).actions.append(each)


def _people(
    meeting: Meeting, verdicts: dict[int, Verdict]
) -> tuple[list[SeatRow], list[Attendance]]:
    there = {
        each.person_id: each
        for each in Attendance.objects.filter(meeting=meeting, left_at=None).select_related(
            "person__user", "person__organization"
        )
    }
    sent: dict[int, Membership] = {}
    for each in (
        Delegation.objects.filter(meeting=meeting)
        .exclude(state__in=GONE)
        .select_related("delegate__user")
    ):
        sent[each.seat_id] = each.delegate
    came: dict[int, list[Membership]] = defaultdict(list)
    for each in there.values():
        if each.seat_id:
            came[each.seat_id].append(each.person)
    rows = []
    seats = Seat.objects.current().filter(body_id=meeting.series.body_id)
    for seat in seats.select_related("organization", "holder__user"):
        wanted = [seat.holder, sent.get(seat.pk), *came[seat.pk]]
        people = {each.pk: each for each in wanted if each is not None}
        pairs = [(each, there.get(each.pk)) for each in people.values()]
        rows.append(SeatRow(seat, verdicts.get(seat.pk), pairs))
    shown = {person.pk for row in rows for person, _here in row.people}
    return rows, [each for key, each in there.items() if key not in shown]
