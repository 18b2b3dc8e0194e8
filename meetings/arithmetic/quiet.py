"""When a letter that is due may leave: after the hours in which its reader wants quiet."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from meetings.arithmetic import recurrence


def loud(
    moment: datetime, begin: time | None, end: time | None, zone: str, *, before: datetime
) -> datetime:
    """``moment``, or the end of the quiet hours, ``begin`` to ``end`` in ``zone``, it falls into.

    Where they last until ``before``, it is ``moment`` all the same: later it is of no use.
    """
    if begin is None or end is None:
        return moment
    local = moment.astimezone(ZoneInfo(zone))
    at, over_night = local.time(), begin > end
    is_quiet = (at >= begin or at < end) if over_night else begin <= at < end
    if not is_quiet:
        return moment
    day = local.date() + timedelta(days=1 if over_night and at >= begin else 0)
    found = recurrence.instant(day, end, zone)
    return found if found < before else moment
