"""What is ahead: rows where there are any, the rule where there are none."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from initiatives.days import named_day
from initiatives.models import Membership
from meetings.arithmetic import recurrence
from meetings.choices import MeetingState
from meetings.models import Meeting, MeetingSeries, Seat

AHEAD = timedelta(days=60)
DAY = timedelta(days=1)
HALF_A_YEAR = timedelta(days=183)


@dataclass(frozen=True)
class Ahead:
    """One meeting to come. ``meeting`` is None while only the rule knows of it."""

    series: MeetingSeries
    day: date
    starts_at: datetime
    ends_at: datetime
    meeting: Meeting | None = None

    @property
    def is_cancelled(self) -> bool:
        return self.meeting is not None and self.meeting.state == MeetingState.CANCELLED

    @property
    def is_moved(self) -> bool:
        return self.meeting is not None and self.meeting.is_moved

    @property
    def local_day(self) -> date:
        """The day it is on, where it is."""
        return self.starts_at.astimezone(self.series.zone).date()

    @property
    def place(self) -> str:
        return self.meeting.place if self.meeting else self.series.place


def ahead(
    membership: Membership,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    series: MeetingSeries | None = None,
) -> list[Ahead]:
    """The meetings that begin in ``[since, until)``, the member's bodies or all, two queries."""
    since = since or timezone.now()
    until = until or since + AHEAD
    rows = MeetingSeries.objects.visible_to(membership).select_related("body")
    if series is not None:
        rows = rows.filter(pk=series.pk)
    found = list(rows)
    return ahead_of(found, since, until)


def ahead_of(found: list[MeetingSeries], since: datetime, until: datetime) -> list[Ahead]:
    """The same for these series: every row, and each occurrence that has none."""
    known: dict[tuple[int, date], Meeting] = {}
    by_id = {each.pk: each for each in found}
    # What begins in between, and what the rule names in between wherever it was moved to.
    named = Q(day__range=(since.date() - 2 * DAY, until.date() + 2 * DAY))
    begins = Q(starts_at__gte=since, starts_at__lt=until)
    for meeting in Meeting.objects.filter(named | begins, series__in=by_id):
        meeting.series = by_id[meeting.series_id]
        known[meeting.series_id, meeting.day] = meeting
    made = [
        Ahead(row.series, row.day, row.starts_at, row.ends_at, row)
        for row in known.values()
        if since <= row.starts_at < until
    ]
    for each in found:
        for one in recurrence.occurrences(each.recurrence, since, until):
            over = each.ends_on is not None and one.day >= each.ends_on
            if not over and (each.pk, one.day) not in known:
                made.append(Ahead(each, one.day, one.starts_at, one.ends_at))
    return sorted(made, key=lambda one: (one.starts_at, one.series.name))


def days_instead(membership: Membership, meeting: Meeting) -> list[tuple[str, str]]:
    """The other days of a meeting's series in the next half year that could take its place, each
    as the rule names it and as people say it.
    """
    now = timezone.now()
    found = ahead(membership, since=now, until=now + HALF_A_YEAR, series=meeting.series)
    return [
        (each.day.isoformat(), named_day(each.local_day))
        for each in found
        if each.day != meeting.day and (each.meeting is None or each.meeting.is_before)
    ]


def subscribed(membership: Membership) -> list[tuple[MeetingSeries, list[Meeting]]]:
    """The series of the bodies in which the member sits, with what deviates from their rules."""
    seats = Seat.objects.current().filter(holder=membership)
    rows = MeetingSeries.objects.filter(body__in=seats.values("body_id")).order_by("id")
    found = {each.pk: each for each in rows}
    meetings: dict[int, list[Meeting]] = {key: [] for key in found}
    for meeting in Meeting.objects.filter(series__in=found).order_by("day"):
        meeting.series = found[meeting.series_id]
        meetings[meeting.series_id].append(meeting)
    return [(series, meetings[key]) for key, series in found.items()]
