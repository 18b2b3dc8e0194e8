"""When the tests' meetings are held. It follows today: what is ahead now is ahead on any other day.

The first meeting is always five weeks ahead, more or less, whatever month that is in: what is
written of it is therefore made from its day, by hand and with what Python knows of zones.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

TUESDAY = 1
BERLIN = ZoneInfo("Europe/Berlin")
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)


def _next(weekday: int, after: date) -> date:
    return after + timedelta(days=(weekday - after.weekday()) % 7)


START = _next(TUESDAY, datetime.now(UTC).date() + 5 * WEEK)


def berlin(day: date, hour: int = 14, minute: int = 0) -> datetime:
    """When it is that hour in Berlin; the series begin at two in the afternoon."""
    return datetime.combine(day, time(hour, minute), BERLIN).astimezone(UTC)


def before(day: date = START, hour: int = 9) -> datetime:
    """An hour of the day before, by the world's clock."""
    return datetime.combine(day - DAY, time(hour), UTC)


def clocks_go(way: int, zone: str, after: date = START + WEEK) -> date:
    """The next day on which the clocks of ``zone`` go forward (1) or back (-1)."""
    there, day = ZoneInfo(zone), after
    while True:
        here, then = (datetime.combine(each, time(), there) for each in (day, day + DAY))
        gained = then.utcoffset() - here.utcoffset()
        if gained * way > timedelta(0):
            return day
        day += DAY


def written(day: date) -> str:
    """``5 January 2027``, as a day is written everywhere."""
    return f"{day.day} {day:%B %Y}"
