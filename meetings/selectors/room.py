"""A meeting as it runs, for the one screen that everybody in the room looks at."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import (
    BooleanField,
    Count,
    Exists,
    ExpressionWrapper,
    Max,
    OuterRef,
    Q,
    Subquery,
    Sum,
)
from django.utils import timezone

from initiatives.models import Membership, Organization
from initiatives.permissions import Permission
from initiatives.together import together
from meetings.arithmetic.attendance import Verdict
from meetings.choices import ItemState, MeetingState
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
from meetings.selectors.agendas import CARRIES, items_of
from meetings.selectors.along import along, rows_of
from meetings.selectors.attendance import (
    Course,
    Quorum,
    quorum_in,
    seats_at,
    stretches_among,
    verdicts_among,
)
from meetings.selectors.people import person_name
from meetings.selectors.rights import may_at, reach

MOST_PROMISES = 50
STALE_SECONDS = 60  # presence turns into counting as time goes by


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

    @property
    def would_move_on(self) -> bool:
        """If the meeting ended now it would wait for the next one: neither dealt with nor decided."""
        is_decided = bool(self.decisions) and all(each.number for each in self.decisions)
        return self.item.state == ItemState.SCHEDULED and not is_decided

    @property
    def would_ask(self) -> bool:
        """It would move on once too often, and ask what shall become of it."""
        return self.item.times_carried >= CARRIES


@dataclass(frozen=True)
class SeatRow:
    """A seat, whether it counts now, and whom one expects for it."""

    seat: Seat
    verdict: Verdict | None
    people: list[tuple[Membership, Attendance | None]]
    outsiders: list[tuple[Delegation, Attendance | None]] = field(default_factory=list)

    @property
    def is_there(self) -> bool:
        return any(here for _who, here in [*self.people, *self.outsiders])


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
    known: set[int]  # the people on it, by id

    @property
    def current(self) -> ItemRow | None:
        return next((each for each in self.rows if each.since), None)

    @property
    def coming(self) -> ItemRow | None:
        return next((each for each in self.rows if each.is_left), None)

    @property
    def moving_on(self) -> list[ItemRow]:
        """What would wait for the next meeting if this one ended now."""
        return [each for each in self.rows if each.would_move_on]

    @property
    def talked(self) -> ItemRow:
        """What notes are of now: the item that has the clock, or the meeting itself."""
        return self.current or self.loose

    @property
    def has_loose_beside(self) -> bool:
        """Something belongs to no item, and is not what is talked about now."""
        loose = self.loose
        return self.current is not None and bool(loose.notes or loose.decisions or loose.actions)

    @property
    def is_running(self) -> bool:
        return self.meeting.state == MeetingState.IN_PROGRESS

    @property
    def takes_notes(self) -> bool:
        return self.meeting.state in {MeetingState.IN_PROGRESS, MeetingState.MINUTES_DRAFT}

    @property
    def organizations_there(self) -> int:
        return len({each.seat.organization_id for each in self.seats if each.is_there})


def meetings_to_enter(membership: Membership) -> Any:
    """The meetings one may see, with a name for all that is on the screen (``told``) and whether
    one may look at it (``is_open``): who runs meetings, whose organization sits, who comes for a
    seat.
    """
    seats = Seat.objects.current().filter(organization_id=membership.organization_id)
    came = Attendance.objects.filter(meeting=OuterRef("pk"), person=membership)
    runs = reach(membership, Permission.MEETINGS_RUN, "series")
    rows = Meeting.objects.visible_to(membership).select_related("series__body")
    return rows.annotate(
        is_open=ExpressionWrapper(
            runs | Exists(seats.filter(body=OuterRef("series__body"))) | Exists(came),
            BooleanField(),
        ),
        **_parts(),
    )


def running_of(meeting: Meeting, membership: Membership, seats: Iterable[Seat]) -> dict[str, Any]:
    """What the page of a meeting shows of its running: decisions, and what is still promised.

    ``seats``: those of its body.
    """
    decisions = Decision.objects.visible_to(membership).filter(meeting=meeting)
    enters = may_at(membership, Permission.MEETINGS_RUN, meeting) or any(
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
    rows = Meeting.objects.filter(pk=meeting.pk)
    return version_of(rows.annotate(**_parts()).get())


def version_of(meeting: Any) -> str:
    """The same of one of ``meetings_to_enter``, as it was when it was read."""
    runs = meeting.state == MeetingState.IN_PROGRESS
    bucket = int(timezone.now().timestamp() // STALE_SECONDS) if runs else 0
    told = (getattr(meeting, name) for name in _parts())
    found = (meeting.state, meeting.version, *told, bucket)
    return "-".join(str(each or 0) for each in found)


def _parts() -> dict[str, Any]:
    """What tells of a change on the screen."""
    parts = (
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
    return {f"told_{number}": each for number, each in enumerate(parts)}


def _told(model: Any, what: Any) -> Any:
    rows = model.objects.filter(meeting=OuterRef("pk")).order_by().values("meeting")
    return Subquery(rows.annotate(told=what).values("told"))


def room_of(meeting: Meeting, version: str = "") -> Room:
    """The screen; the same number of queries for a small and a large meeting.

    ``version``: as it was read with the meeting, where nothing was written since.
    """
    version, now = version or room_version(meeting), timezone.now()
    loose = ItemRow(AgendaItem(title=""))
    clocks = along(ItemClock.objects.filter(meeting=meeting, item=OuterRef("pk")))
    rows = {each.pk: _timed(each) for each in items_of(meeting).annotate(clocks=clocks)}
    _noted(meeting, rows, loose)
    seats = seats_at(meeting)
    people, guests = _people(meeting, seats)
    verdicts = [] if meeting.is_before else _verdicts(meeting, seats, rows, now)
    counted = {seat.pk: verdict for seat, verdict in verdicts}
    return Room(
        meeting=meeting,
        rows=list(rows.values()),
        seats=[
            SeatRow(seat, counted.get(seat.pk), people[seat.pk], _outsiders(meeting, seat))
            for seat in seats
        ],
        guests=guests,
        quorum=quorum_in(meeting, verdicts),
        loose=loose,
        version=version,
        now=now,
        known={each.pk for pairs in people.values() for each, _here in pairs}
        | {each.person_id for each in guests if each.person_id},
    )


def _timed(item: Any) -> ItemRow:
    row = ItemRow(item)
    for each in rows_of(ItemClock, item.clocks):
        if each.ended_at is None:
            row.since = each.started_at
        else:
            row.seconds += (each.ended_at - each.started_at).total_seconds()
    return row


def _verdicts(
    meeting: Meeting, seats: list[Any], rows: dict[int, ItemRow], now: datetime
) -> list[tuple[Seat, Verdict]]:
    until = meeting.ended_at or now
    items: list[Any] = [each.item for each in rows.values()]
    clocks = [one for each in items for one in rows_of(ItemClock, each.clocks)]
    course = Course(
        stretches_among(meeting, clocks, until), any(each.asks_to_decide for each in items)
    )
    return verdicts_among(meeting, seats, course, until)


def _noted(meeting: Meeting, rows: dict[int, ItemRow], loose: ItemRow) -> None:
    notes, decisions, actions = together(
        [
            Note.objects.filter(meeting=meeting, is_struck=False).select_related(
                "written_by__user", "written_by__organization"
            ),
            Decision.objects.filter(meeting=meeting).select_related("outcome").order_by("id"),
            ActionItem.objects.filter(meeting=meeting)
            .select_related("organization", "owner__user")
            .order_by("id"),
        ]
    )
    for each in notes:
        rows.get(each.item_id, loose).notes.append(each)
    for each in decisions:
        rows.get(each.item_id, loose).decisions.append(each)
    for each in actions:
        rows.get(each.item_id, loose).actions.append(each)


Pairs = list[tuple[Membership, Attendance | None]]


def _people(meeting: Meeting, seats: list[Any]) -> tuple[dict[int, Pairs], list[Attendance]]:
    """By seat whom one expects for it and who is there for it; and who else is there. After the
    end: who was there.
    """
    here = Attendance.objects.filter(meeting=meeting)
    if meeting.ended_at is None:
        here = here.filter(left_at=None)
    sent = {each["delegate_id"] for seat in seats for each in seat.sent} - {None}
    rows = Membership.objects.filter(Q(pk__in=sent) | Exists(here.filter(person=OuterRef("pk"))))
    rows = rows.annotate(here=along(here.filter(person=OuterRef("pk"))))
    others = {each.pk: each for each in rows.select_related("user", "organization")}
    there: dict[int, Attendance] = {}
    came: dict[int, list[Membership]] = defaultdict(list)
    for person in others.values():
        for each in rows_of(Attendance, person.here):
            each.person = person
            there[person.pk] = each
    for each in sorted(there.values(), key=lambda each: (each.came_at, each.pk)):
        if each.seat_id and each.person:
            came[each.seat_id].append(each.person)
    found: dict[int, Pairs] = {}
    for seat in seats:
        delegates = [others.get(each["delegate_id"]) for each in seat.sent]
        wanted = [seat.holder, *delegates, *came[seat.pk]]
        people = {each.pk: each for each in wanted if each is not None}
        found[seat.pk] = [(each, there.get(each.pk)) for each in people.values()]
    shown = {person.pk for pairs in found.values() for person, _here in pairs}
    return found, [each for key, each in there.items() if key not in shown]


def _outsiders(meeting: Meeting, seat: Any) -> list[tuple[Delegation, Attendance | None]]:
    """The same of delegates without an account: who is expected for a seat, or was there."""
    found = {each.pk: each for each in rows_of(Delegation, seat.sent) if each.is_outside}
    there: dict[int, Attendance] = {}
    for each in rows_of(Attendance, seat.came):
        if each.delegation_id is None or (each.left_at and meeting.ended_at is None):
            continue
        there[each.delegation_id] = each
        found.setdefault(
            each.delegation_id, Delegation(pk=each.delegation_id, outside_name=each.name)
        )
    return [(each, there.get(key)) for key, each in found.items()]


class Crowd(NamedTuple):
    """The organizations that may be asked for something, and everybody, as pairs of id and name."""

    organizations: list[tuple[int, str]]
    people: list[tuple[int, str, str]]  # with the organization, which comes last


def crowd_for(membership: Membership) -> Crowd:
    """Whom one may mark and ask, in one query."""
    people = Membership.objects.visible_to(membership).current().filter(user__is_active=True)
    people = people.filter(organization=OuterRef("pk")).order_by("user__name", "id")
    rows = Organization.objects.visible_to(membership).order_by("name", "id")
    present = Organization.objects.present().filter(pk=OuterRef("pk"))
    found = list(
        rows.annotate(people=along(people, name=person_name("user")), is_present=Exists(present))
    )
    return Crowd(
        [(each.pk, each.name) for each in found if each.is_present],
        [(one["id"], one["name"], each.name) for each in found for one in each.people],
    )
