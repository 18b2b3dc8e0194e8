"""When a series meets: against a slow reference, over zones and the days their clocks change."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings, strategies as st

from meetings.arithmetic.recurrence import (
    AHEAD,
    Rule,
    RuleError,
    check,
    days,
    instant,
    occurrences,
)
from meetings.exports.zones import changes

# Fifty zones from every part of the list, and those whose clocks do the oddest things.
ODD = {"Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Apia", "Australia/Lord_Howe"}
ODD |= {"Africa/Casablanca", "America/Sao_Paulo", "Asia/Kathmandu", "Pacific/Chatham"}
NAMES = sorted(name for name in available_timezones() if "/" in name and "Etc" not in name)
ZONES = sorted({*NAMES[:: len(NAMES) // 41][:41], *ODD})
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
FIRST = date(2026, 1, 1)
BY_HOUR = settings(max_examples=300, deadline=None)


def reference(wall, zone):
    """All instants that show this wall time, by looking at every quarter of an hour around it."""
    start = wall.replace(tzinfo=UTC) - timedelta(hours=15)
    steps = (start + timedelta(minutes=15 * n) for n in range(4 * 30))
    off = timedelta(minutes=wall.minute % 15)
    return [
        each + off
        for each in steps
        if (each + off).astimezone(ZoneInfo(zone)).replace(tzinfo=None) == wall
    ]


def test_there_are_fifty_zones():
    assert len(ZONES) >= 50


@given(
    st.sampled_from(ZONES),
    st.dates(date(2020, 1, 1), date(2032, 12, 31)),
    st.times().map(lambda at: at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0)),
)
@BY_HOUR
def test_a_wall_time_is_its_first_instant(zone, day, at):
    found = reference(datetime.combine(day, at), zone)
    result = instant(day, at, zone)
    if found:
        assert result == found[0]
    else:
        local = result.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        assert local > datetime.combine(day, at)


def changing_hours(zone):
    """The wall times around the last changes of a zone's clocks, skipped and doubled ones too."""
    since, until = datetime(2010, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)
    for change in list(changes(ZoneInfo(zone), since, until))[-4:]:
        for step in range(-5, 8):
            yield change.onset + step * timedelta(minutes=30)


def test_a_wall_time_is_its_first_instant_where_the_clocks_change():
    """Over fifty zones, on the very days: a date picked at random is seldom one."""
    skipped = doubled = 0
    for zone in ZONES:
        for wall in changing_hours(zone):
            found = reference(wall, zone)
            result = instant(wall.date(), wall.time(), zone)
            doubled += len(found) > 1
            if found:
                assert result == found[0], (zone, wall)
                continue
            skipped += 1
            before = instant(wall.date() - timedelta(days=1), wall.time(), zone)
            assert result - before == timedelta(days=1), (zone, wall)  # by the clock before
    assert skipped > 50
    assert doubled > 50


@pytest.mark.parametrize(
    ("zone", "day", "at", "expected"),
    [
        ("Europe/Berlin", date(2026, 3, 29), time(2, 30), "2026-03-29T03:30:00+02:00"),
        ("Europe/Berlin", date(2026, 10, 25), time(2, 30), "2026-10-25T02:30:00+02:00"),
        ("America/New_York", date(2026, 3, 8), time(2, 30), "2026-03-08T03:30:00-04:00"),
        ("America/New_York", date(2026, 11, 1), time(1, 30), "2026-11-01T01:30:00-04:00"),
        ("Asia/Kolkata", date(2026, 3, 29), time(2, 30), "2026-03-29T02:30:00+05:30"),
        ("Pacific/Apia", date(2011, 12, 30), time(9, 0), "2011-12-31T09:00:00+14:00"),
    ],
)
def test_skipped_times_move_forward_and_doubled_ones_mean_the_first(zone, day, at, expected):
    assert instant(day, at, zone) == datetime.fromisoformat(expected)


def nth(day):
    return (day.day - 1) // 7 + 1


def is_last(day):
    return (day + timedelta(days=7)).month != day.month


def weeks(day):
    monday = FIRST - timedelta(days=FIRST.weekday())
    return (day - monday).days // 7


RULES = [
    ("FREQ=DAILY", lambda _day: True),
    ("FREQ=DAILY;INTERVAL=3", lambda day: (day - FIRST).days % 3 == 0),
    *(
        (f"FREQ=WEEKLY;BYDAY={name}", lambda day, n=n: day.weekday() == n)
        for n, name in enumerate(DAYS)
    ),
    ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TH", lambda day: day.weekday() == 3 and weeks(day) % 2 == 0),
    ("FREQ=MONTHLY;BYDAY=2TU", lambda day: day.weekday() == 1 and nth(day) == 2),
    ("FREQ=MONTHLY;BYDAY=-1FR", lambda day: day.weekday() == 4 and is_last(day)),
    ("FREQ=MONTHLY;BYMONTHDAY=31", lambda day: day.day == 31),
    (
        "FREQ=MONTHLY;INTERVAL=3;BYDAY=1MO",
        lambda day: day.weekday() == 0 and nth(day) == 1 and day.month % 3 == 1,
    ),
    ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", lambda day: (day.month, day.day) == (2, 29)),
]


@given(
    st.sampled_from(RULES),
    st.sampled_from(ZONES),
    st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    st.integers(0, 1500),
    st.integers(1, 400),
)
@settings(max_examples=500, deadline=None)
def test_expansion_equals_the_slow_reference(chosen, zone, at, skip, length):
    text, meets = chosen
    rule = Rule(text, FIRST, at, 60, zone)
    since = datetime(2025, 12, 1, tzinfo=UTC) + timedelta(days=skip)
    until = since + timedelta(days=length)
    slow = []
    day = max(FIRST, since.date() - timedelta(days=3))
    while day < until.date() + timedelta(days=3):
        starts_at = instant(day, at, zone)
        if meets(day) and since <= starts_at < until:
            slow.append((day, starts_at))
        day += timedelta(days=1)
    found = list(occurrences(rule, since, until))
    assert [(each.day, each.starts_at) for each in found] == slow
    assert all(each.ends_at - each.starts_at == timedelta(minutes=60) for each in found)


def test_one_can_look_five_years_ahead_and_no_further():
    rule = Rule("FREQ=WEEKLY;BYDAY=TU", date(2026, 1, 6), time(14), 60, "Europe/Berlin")
    since = datetime(2026, 1, 1, tzinfo=UTC)
    found = list(occurrences(rule, since, since + 3 * AHEAD))
    assert 260 <= len(found) <= 262
    assert found[-1].starts_at < since + AHEAD


def test_without_a_rule_it_meets_once():
    rule = Rule("", date(2026, 5, 5), time(9), 30, "UTC")
    assert list(days(rule, date(2026, 1, 1), date(2027, 1, 1))) == [date(2026, 5, 5)]
    assert list(days(rule, date(2026, 5, 6), date(2027, 1, 1))) == []


def test_count_and_until_end_it():
    rule = Rule("FREQ=DAILY;COUNT=3", FIRST, time(9), 30, "UTC")
    assert len(list(days(rule, FIRST, FIRST + timedelta(days=50)))) == 3
    rule = rule._replace(text="FREQ=DAILY;UNTIL=20260105")
    assert list(days(rule, FIRST, FIRST + timedelta(days=50)))[-1] == date(2026, 1, 5)


@pytest.mark.parametrize(
    "text",
    [
        *("FREQ=HOURLY", "FREQ=MINUTELY;INTERVAL=1", "INTERVAL=2", "FREQ=WEEKLY;BYHOUR=1,2,3"),
        *("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "FREQ=WEEKLY;BYDAY=2TU", "FREQ=WEEKLY;BYDAY=XX"),
        *("FREQ=DAILY;COUNT=0", "FREQ=DAILY;COUNT=99999", "FREQ=DAILY;INTERVAL=0"),
        *("FREQ=DAILY;COUNT=2;UNTIL=20260101", "FREQ=DAILY;FREQ=WEEKLY", "FREQ=DAILY;X=1"),
        *("FREQ=DAILY;UNTIL=20261399", "RDATE:20260101", "FREQ=MONTHLY;BYMONTHDAY=32", "\x00"),
        "FREQ=WEEKLY;" + "BYDAY=MO;" * 40,
    ],
)
def test_rules_we_do_not_take(text):
    with pytest.raises(RuleError):
        check(text)


@given(st.text(max_size=60))
@BY_HOUR
def test_any_text_is_taken_or_refused(text):
    try:
        plain = check(text)
    except RuleError:
        return
    rule = Rule(plain, FIRST, time(9), 60, "UTC")
    list(islice(days(rule, FIRST, FIRST + timedelta(days=30)), 40))


@pytest.mark.parametrize(
    "text",
    [
        "FREQ=MONTHLY;BYDAY=1MO;BYMONTHDAY=20",
        "FREQ=MONTHLY;BYSETPOS=5;BYMONTHDAY=1",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=MONTHLY;BYDAY=1MO;BYMONTHDAY=20;UNTIL=20300101",
    ],
)
def test_a_rule_that_never_meets_is_refused(text):
    """Each page would look for its first day until the year 9999."""
    with pytest.raises(RuleError, match="never meets"):
        check(text)


def test_a_rule_that_is_over_is_one():
    assert check("FREQ=WEEKLY;UNTIL=19990101")
