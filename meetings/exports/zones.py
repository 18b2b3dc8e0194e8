"""A zone's clock changes as calendar files have them (VTIMEZONE of RFC 5545).

Where the changes of a decade follow one rule ("the last Sunday of March"), the rule is written, which
every calendar understands; where they do not, each change is written by itself.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard, vRecur

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
FEWEST = 5  # so many years of the same change are taken for a rule
DAY = timedelta(days=1)


class Change(NamedTuple):
    """The clocks go from one offset to another. ``onset``: local, by the clock before it."""

    onset: datetime
    before: timedelta
    after: timedelta
    name: str
    is_daylight: bool


@lru_cache(maxsize=64)
def component(name: str, first_year: int, last_year: int) -> Timezone:
    """The VTIMEZONE of a zone that holds for these years."""
    zone = ZoneInfo(name)
    since = datetime(first_year, 1, 1, tzinfo=UTC)
    timezone = Timezone()
    timezone.add("tzid", name)
    timezone.add_component(_observance([_at_first(zone, since)]))
    for group in _groups(list(changes(zone, since, datetime(last_year + 1, 1, 1, tzinfo=UTC)))):
        timezone.add_component(_observance(group))
    return timezone


def changes(zone: ZoneInfo, since: datetime, until: datetime) -> Iterator[Change]:
    """Every change of the clocks in ``[since, until)``."""
    moment = since
    while moment < until:
        following = moment + DAY
        if _state(zone, moment) != _state(zone, following):
            low, high = moment, following
            while high - low > timedelta(seconds=1):
                middle = low + (high - low) // 2
                middle = middle.replace(microsecond=0)
                if _state(zone, middle) == _state(zone, low):
                    low = middle
                else:
                    high = middle
            yield _change(zone, low, high)
        moment = following


def _state(zone: ZoneInfo, moment: datetime) -> tuple[timedelta | None, str | None]:
    local = moment.astimezone(zone)
    return local.utcoffset(), local.tzname()


def _change(zone: ZoneInfo, low: datetime, high: datetime) -> Change:
    before = low.astimezone(zone).utcoffset() or timedelta()
    local = high.astimezone(zone)
    return Change(
        (high + before).replace(tzinfo=None),
        before,
        local.utcoffset() or timedelta(),
        local.tzname() or "",
        bool(local.dst()),
    )


def _at_first(zone: ZoneInfo, since: datetime) -> Change:
    local = since.astimezone(zone)
    offset = local.utcoffset() or timedelta()
    onset = datetime.combine(date(since.year, 1, 1), datetime.min.time())
    return Change(onset, offset, offset, local.tzname() or "", bool(local.dst()))


def _groups(found: list[Change]) -> list[list[Change]]:
    """Changes that one rule tells of together, the others alone."""
    alike: dict[tuple[object, ...], list[Change]] = {}
    for each in found:
        alike.setdefault((*each[1:], each.onset.month, each.onset.time()), []).append(each)
    last_year = max((each.onset.year for each in found), default=0)
    groups = []
    for some in alike.values():
        if _byday(some) and some[-1].onset.year == last_year:
            groups.append(some)
        else:
            groups += [[each] for each in some]
    return groups


def _byday(found: list[Change]) -> str:
    """``-1SU`` if all of them fall on that day of their month, one a year; else nothing."""
    years = [each.onset.year for each in found]
    if len(found) < FEWEST or years != list(range(years[0], years[0] + len(years))):
        return ""
    weekdays = {each.onset.weekday() for each in found}
    if len(weekdays) != 1:
        return ""
    day = WEEKDAYS[weekdays.pop()]
    if all((each.onset + 7 * DAY).month != each.onset.month for each in found):
        return f"-1{day}"
    counted = {(each.onset.day - 1) // 7 + 1 for each in found}
    return f"{counted.pop()}{day}" if len(counted) == 1 else ""


def _observance(found: list[Change]) -> TimezoneStandard | TimezoneDaylight:
    first = found[0]
    made = TimezoneDaylight() if first.is_daylight else TimezoneStandard()
    made.add("dtstart", first.onset)
    made.add("tzoffsetfrom", first.before)
    made.add("tzoffsetto", first.after)
    made.add("tzname", first.name)
    if len(found) > 1:
        text = f"FREQ=YEARLY;BYMONTH={first.onset.month};BYDAY={_byday(found)}"
        made.add("rrule", vRecur.from_ical(text))
    return made
