"""Whether papers came in time to be read."""

from datetime import date, timedelta

from meetings.choices import ItemPurpose
from meetings.models import AgendaItem, Attendance, Meeting, PreRead, PreReadWaiver

FRIDAY = 4


def working_days_before(day: date, number: int) -> date:
    """The day that lies ``number`` working days before ``day``; Monday to Friday are worked."""
    while number > 0:
        day -= timedelta(days=1)
        if day.weekday() <= FRIDAY:
            number -= 1
    return day


def due_day(meeting: Meeting) -> date:
    """The last day on which papers for a decision may be published."""
    local = meeting.starts_at.astimezone(meeting.series.zone).date()
    return working_days_before(local, meeting.series.notice_days)


def is_notice_kept(item: AgendaItem) -> bool:
    """Whether an item may be decided: its papers came in time, or every organization waived.

    An item without papers has nothing that could come late.
    """
    if item.meeting is None or item.purpose != ItemPurpose.DECIDE:
        return True
    zone, last = item.meeting.series.zone, due_day(item.meeting)
    papers = PreRead.objects.filter(item=item).values_list("published_at", flat=True)
    if all(each.astimezone(zone).date() <= last for each in papers):
        return True
    present = set(
        Attendance.objects.filter(
            meeting=item.meeting, left_at=None, seat__isnull=False
        ).values_list("seat__organization_id", flat=True)
    )
    waived = set(PreReadWaiver.objects.filter(item=item).values_list("organization_id", flat=True))
    return bool(present) and present <= waived
