"""Meetings stay at their wall time when a government moves the clocks: the instant follows."""

from datetime import timedelta

from django.utils import timezone

from initiatives.audit import record
from initiatives.choices import Means
from meetings.arithmetic import recurrence
from meetings.choices import BEFORE
from meetings.models import Meeting, MeetingSeries
from meetings.services.locks import locking
from meetings.services.reminders import take_back


def recompute_starts() -> int:
    """Recompute the instants of the meetings to come of the initiative in scope; how many moved.

    Calendars hold the wall time and the zone's name, so no SEQUENCE rises and nobody is written
    to; the reminders of the old instant are taken back and planned anew.
    """
    changed = 0
    series = locking(MeetingSeries).order_by("id")
    known = {each.pk: each for each in series}
    rows = locking(Meeting).order_by("id")
    for meeting in rows.filter(state__in=BEFORE, ends_at__gt=timezone.now()):
        own = known[meeting.series_id]
        right = recurrence.instant(meeting.local_date, meeting.local_time, own.time_zone)
        if right == meeting.starts_at:
            continue
        take_back(own, meeting.starts_at)
        was = meeting.starts_at
        meeting.starts_at, meeting.ends_at = right, right + timedelta(minutes=meeting.minutes)
        meeting.version += 1
        meeting.save(update_fields=["starts_at", "ends_at", "version"])
        record(
            None,
            "meetings.start_recomputed",
            meeting,
            means=Means.CLOCK,
            was=was.isoformat(),
            now=right.isoformat(),
        )
        changed += 1
    return changed
