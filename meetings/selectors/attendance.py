"""Who came, which seats count, and whether that is a quorum."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from meetings.arithmetic.attendance import Came, Stretch, Terms, Verdict, count, has_quorum
from meetings.choices import DelegatePolicy, ReplyKind
from meetings.models import (
    Attendance,
    Briefing,
    BriefingAnswer,
    ItemClock,
    Meeting,
    Reply,
    Seat,
    SeatCount,
)
from meetings.selectors.agendas import items_of
from meetings.selectors.briefings import content_of, digest_of


@dataclass(frozen=True)
class Quorum:
    """Organizations that count now, of those a decision needs."""

    counted: int
    needed: int
    seats: int

    @property
    def is_there(self) -> bool:
        return has_quorum(self.counted, self.needed)


def stretches_of(meeting: Meeting, until: datetime) -> list[Stretch]:
    """When items were talked about; before any was, the whole meeting so far."""
    rows = ItemClock.objects.filter(meeting=meeting).values_list("started_at", "ended_at")
    found = [Stretch(start, end or until) for start, end in rows]
    return found or [Stretch(meeting.started_at or meeting.starts_at, until)]


def verdicts_of(meeting: Meeting, now: datetime | None = None) -> list[tuple[Seat, Verdict]]:
    """Each current seat with whether it counts, of a meeting that runs or ran."""
    until = meeting.ended_at or now or timezone.now()
    series = meeting.series
    terms = Terms(
        series.minimum_delegate_level,
        series.delegation_limit,
        series.delegate_policy == DelegatePolicy.BRIEFED,
    )
    seats = list(
        Seat.objects.current()
        .filter(body_id=series.body_id)
        .select_related("organization", "holder")
        .order_by("organization__name", "id")
    )
    came = _came(meeting, seats, until)
    items = stretches_of(meeting, until)
    started = meeting.started_at or meeting.starts_at
    return [(seat, count(came[seat.pk], items, started, terms)) for seat in seats]


def quorum(meeting: Meeting, now: datetime | None = None) -> Quorum:
    """Where the quorum stands: an organization counts once, with any of its seats."""
    return quorum_in(meeting, verdicts_of(meeting, now))


def quorum_in(meeting: Meeting, found: list[tuple[Seat, Verdict]]) -> Quorum:
    """The same, of seats that are counted already."""
    counted = {seat.organization_id for seat, verdict in found if verdict.counted}
    return Quorum(len(counted), meeting.series.quorum, len(found))


def _came(meeting: Meeting, seats: list[Seat], until: datetime) -> dict[int, Came]:
    holders: dict[int, list[Stretch]] = defaultdict(list)
    others: dict[int, list[Stretch]] = defaultdict(list)
    levels: dict[int, str] = {}
    by_id = {seat.pk: seat for seat in seats}
    for each in Attendance.objects.filter(meeting=meeting, seat__in=by_id).select_related("person"):
        stretch = Stretch(each.came_at, each.left_at or until)
        seat = by_id[each.seat_id]
        if each.person_id == seat.holder_id:
            holders[seat.pk].append(stretch)
        else:
            others[seat.pk].append(stretch)
            levels[seat.pk] = each.person.level
    notices = set(
        Reply.objects.filter(
            meeting=meeting, kind__in=[ReplyKind.NO, ReplyKind.DELEGATE]
        ).values_list("seat_id", flat=True)
    )
    decides = any(each.asks_to_decide for each in items_of(meeting))
    runs = delegations_before(meeting)
    briefed = briefed_at(meeting, [by_id[key] for key in others]) if decides else {}
    return {
        seat.pk: Came(
            holder=tuple(holders[seat.pk]),
            delegate=tuple(others[seat.pk]),
            level=seat.holder.level if seat.holder else "",
            has_given_notice=seat.pk in notices,
            briefed_at=briefed.get(seat.pk),
            needs_briefing=decides,
            delegations_before=runs.get(seat.pk, 0),
            delegate_level=levels.get(seat.pk, ""),
        )
        for seat in seats
    }


def briefed_at(meeting: Meeting, seats: Iterable[Seat]) -> dict[int, datetime]:
    """By seat, when the briefing that holds was answered whole; not in it: it was not.

    Once a meeting runs, the newest pack holds: what changes afterwards elsewhere is no news.
    """
    packs: dict[int, Briefing] = {}
    rows = Briefing.objects.filter(meeting=meeting, seat__in=seats)
    for each in rows.order_by("assembled_at", "id"):
        packs[each.seat_id] = each
    if meeting.started_at is None:
        by_id = {each.pk: each for each in seats}
        packs = {key: pack for key, pack in packs.items() if _holds(meeting, by_id[key], pack)}
    said: dict[int, dict[int, datetime]] = defaultdict(dict)
    answers = BriefingAnswer.objects.filter(briefing__in=packs.values())
    for pack_id, item_id, at in answers.values_list("briefing_id", "item_id", "answered_at"):
        said[pack_id][item_id] = at
    found = {}
    for seat_id, pack in packs.items():
        asked = {each["item"] for each in pack.content["decide"]}
        if asked <= set(said[pack.pk]):
            times = [at for item_id, at in said[pack.pk].items() if item_id in asked]
            found[seat_id] = max(times, default=pack.assembled_at)
    return found


def _holds(meeting: Meeting, seat: Seat, pack: Briefing) -> bool:
    return digest_of(content_of(meeting, seat)) == pack.digest


def delegations_before(meeting: Meeting) -> dict[int, int]:
    """By seat, how many meetings of the series in a row, up to this one, a delegate came for it."""
    earlier = (
        SeatCount.objects.filter(
            meeting__series=meeting.series_id, meeting__starts_at__lt=meeting.starts_at
        )
        .order_by("-meeting__starts_at")
        .values_list("seat_id", "by_delegate")
    )
    runs: dict[int, int] = {}
    ended: set[int] = set()
    for seat_id, by_delegate in earlier:
        if seat_id in ended:
            continue
        if by_delegate:
            runs[seat_id] = runs.get(seat_id, 0) + 1
        else:
            ended.add(seat_id)
    return runs
