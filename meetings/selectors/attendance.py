"""Who came, which seats count, and whether that is a quorum."""

from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce, JSONObject
from django.utils import timezone

from meetings.arithmetic.attendance import Came, Stretch, Terms, Verdict, count, has_quorum
from meetings.choices import DelegatePolicy, DelegationState, ItemPurpose, ReplyKind
from meetings.models import (
    Attendance,
    Briefing,
    BriefingAnswer,
    Delegation,
    ItemClock,
    Meeting,
    Reply,
    Seat,
    SeatCount,
)
from meetings.selectors.agendas import items_of
from meetings.selectors.along import along, rows_of
from meetings.selectors.briefings import content_of, digest_of

GONE = (DelegationState.LAPSED, DelegationState.VOID)
MOST_MEETINGS = 12  # so many earlier ones at least are looked at for delegations in a row


@dataclass(frozen=True)
class Quorum:
    """Organizations that count now, of those a decision needs."""

    counted: int
    needed: int
    seats: int

    @property
    def is_there(self) -> bool:
        return has_quorum(self.counted, self.needed)


@dataclass(frozen=True)
class Course:
    """How a meeting went so far: when items were talked about, and whether one is to decide."""

    stretches: list[Stretch]
    decides: bool


def course_of(meeting: Meeting, until: datetime) -> Course:
    """Read in one query; before any item was talked about, the whole meeting so far counts."""
    clocks = ItemClock.objects.filter(meeting=OuterRef("pk"))
    deciding = items_of(meeting).filter(Q(purpose=ItemPurpose.DECIDE) | Q(is_lowered=True))
    rows = Meeting.objects.filter(pk=meeting.pk).annotate(
        clocks=along(clocks), decides=Exists(deciding.order_by())
    )
    found, decides = rows.values_list("clocks", "decides").get()
    return Course(stretches_among(meeting, rows_of(ItemClock, found), until), decides)


def stretches_among(meeting: Meeting, clocks: list[ItemClock], until: datetime) -> list[Stretch]:
    """When items were talked about, of clocks that were read already."""
    found = [Stretch(each.started_at, each.ended_at or until) for each in clocks]
    return found or [Stretch(meeting.started_at or meeting.starts_at, until)]


def verdicts_of(meeting: Meeting, now: datetime | None = None) -> list[tuple[Seat, Verdict]]:
    """Each current seat with whether it counts, of a meeting that runs or ran."""
    until = meeting.ended_at or now or timezone.now()
    return verdicts_among(meeting, seats_at(meeting), course_of(meeting, until), until)


def verdicts_among(
    meeting: Meeting, seats: list[Any], course: Course, until: datetime
) -> list[tuple[Seat, Verdict]]:
    """The same of what ``seats_at`` found."""
    series = meeting.series
    terms = Terms(
        series.minimum_delegate_level,
        series.delegation_limit,
        series.delegate_policy == DelegatePolicy.BRIEFED,
    )
    started = meeting.started_at or meeting.starts_at
    return [
        (seat, count(_came(meeting, seat, course, until), course.stretches, started, terms))
        for seat in seats
    ]


def quorum(meeting: Meeting, now: datetime | None = None) -> Quorum:
    """Where the quorum stands: an organization counts once, with any of its seats."""
    return quorum_in(meeting, verdicts_of(meeting, now))


def quorum_in(meeting: Meeting, found: list[tuple[Seat, Verdict]]) -> Quorum:
    """The same, of seats that are counted already."""
    counted = {seat.organization_id for seat, verdict in found if verdict.counted}
    return Quorum(len(counted), meeting.series.quorum, len(found))


def seats_at(meeting: Meeting) -> list[Any]:
    """The current seats of the meeting's body with all that decides whether they count: who
    ``came`` for them, who is ``sent``, whether somebody ``excused`` them, the newest of the
    ``packs`` and the ``lines`` said on it, ``runs``: by delegate, in the meetings before.
    """
    said = {"meeting": meeting, "seat": OuterRef("pk")}
    excused = Reply.objects.filter(**said, kind__in=[ReplyKind.NO, ReplyKind.DELEGATE])
    packs = Briefing.objects.filter(**said).order_by("-assembled_at", "-id")
    lines = BriefingAnswer.objects.filter(briefing__meeting=meeting, briefing__seat=OuterRef("pk"))
    earlier = SeatCount.objects.filter(
        seat=OuterRef("pk"),
        meeting__series=meeting.series_id,
        meeting__starts_at__lt=meeting.starts_at,
    ).order_by("-meeting__starts_at")
    most = max(meeting.series.delegation_limit, MOST_MEETINGS)
    rows = Seat.objects.current().filter(body_id=meeting.series.body_id)
    rows = rows.annotate(
        came=along(
            Attendance.objects.filter(**said),
            level=Coalesce("person__level", "delegation__outside_level"),
            name=F("delegation__outside_name"),
        ),
        sent=along(Delegation.objects.filter(**said).exclude(state__in=GONE)),
        excused=Exists(excused),
        packs=along(packs[:1]),
        lines=ArraySubquery(
            lines.values(
                along=JSONObject(pack=F("briefing_id"), item=F("item_id"), at=F("answered_at"))
            )
        ),
        runs=ArraySubquery(earlier.values("by_delegate")[:most]),
    )
    found = rows.select_related("organization", "holder__user")
    return list(found.order_by("organization__name", "id"))


def _came(meeting: Meeting, seat: Any, course: Course, until: datetime) -> Came:
    holder, others, level = [], [], ""
    for each in rows_of(Attendance, seat.came):
        stretch = Stretch(each.came_at, each.left_at or until)
        if each.person_id is not None and each.person_id == seat.holder_id:
            holder.append(stretch)
        else:
            others.append(stretch)
            level = each.level
    return Came(
        holder=tuple(holder),
        delegate=tuple(others),
        level=seat.holder.level if seat.holder else "",
        has_given_notice=seat.excused,
        briefed_at=briefed_at(meeting, seat) if others and course.decides else None,
        needs_briefing=course.decides,
        delegations_before=_in_a_row(seat),
        delegate_level=level,
    )


def briefed_at(meeting: Meeting, seat: Any) -> datetime | None:
    """When the briefing of a seat, one of ``seats_at``, that holds was answered whole.

    Once a meeting runs, the newest pack holds: what changes afterwards elsewhere is no news.
    """
    [pack] = rows_of(Briefing, seat.packs) or [None]
    if pack is None:
        return None
    if meeting.started_at is None and digest_of(content_of(meeting, seat)) != pack.digest:
        return None
    said = {each["item"]: each["at"] for each in seat.lines if each["pack"] == pack.pk}
    asked = {each["item"] for each in pack.content["decide"]}
    if not asked <= said.keys():
        return None
    times = [datetime.fromisoformat(said[item]) for item in asked]
    return max(times, default=pack.assembled_at)


def delegations_before(meeting: Meeting) -> dict[int, int]:
    """By seat, how many meetings of the series in a row, up to this one, a delegate came for it."""
    found = {each.pk: _in_a_row(each) for each in seats_at(meeting)}
    return {seat_id: number for seat_id, number in found.items() if number}


def _in_a_row(seat: Any) -> int:
    return sum(1 for _each in takewhile(bool, seat.runs))
