"""Series as people bend them: ended, put on another day, on days that not every month has."""

from datetime import date, time, timedelta
from itertools import takewhile

import icalendar
import pytest
import vobject
from django.core.exceptions import ValidationError
from django.utils import timezone

from initiatives.models import Notice
from meetings.arithmetic import recurrence
from meetings.arithmetic.recurrence import AHEAD, Rule
from meetings.forms.series import pattern_of, rule_of
from meetings.models import AgendaItem, Meeting
from meetings.selectors.calendar import ahead_of
from meetings.services.agendas import add_item
from meetings.services.series import (
    change_series,
    create_series,
    end_series,
    move_meeting,
    open_meeting,
)
from meetings.templatetags.rules import rule_words
from tests.meetings.days import BERLIN, START, WEEK, berlin

pytestmark = pytest.mark.django_db(transaction=True)
UNTIL = berlin(START + 8 * WEEK, 0)


def days_of(text, first, until):
    return list(recurrence.days(Rule(text, first, time(9), 60, "UTC"), first, until))


@pytest.mark.parametrize("number", range(1, 32))
def test_every_month_on_that_day_is_every_month(number):
    """What starts on the 31st meets in February too, on its last day, and nowhere twice."""
    first = date(2027, 1, number)
    text = recurrence.check(rule_of("monthly_day", first))
    found = days_of(text, first, date(2029, 1, 1))
    assert [(each.year, each.month) for each in found] == [
        (year, month) for year in (2027, 2028) for month in range(1, 13)
    ]
    for each in found:
        short = (each + timedelta(days=1)).month != each.month
        assert each.day == number or (short and each.day < number)
    assert pattern_of(text, first) == "monthly_day"


@pytest.mark.parametrize(
    ("text", "first", "expected"),
    [
        ("FREQ=MONTHLY;BYDAY=-1FR", date(2027, 1, 29), ["01-29", "02-26", "03-26", "04-30"]),
        ("FREQ=MONTHLY;BYDAY=5MO", date(2027, 3, 29), ["03-29", "05-31", "08-30", "11-29"]),
        ("FREQ=MONTHLY;BYMONTHDAY=31", date(2027, 1, 31), ["01-31", "03-31", "05-31", "07-31"]),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", date(2027, 1, 31), ["01-31", "02-28", "03-31", "04-30"]),
        (  # the last working day of a month
            "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
            date(2027, 1, 29),
            ["01-29", "02-26", "03-31", "04-30"],
        ),
        (  # the first day of the month is not met: the rule begins on the 15th
            "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=1",
            date(2027, 1, 15),
            ["02-01", "03-01", "04-05", "05-03"],
        ),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", date(2027, 1, 1), ["02-29"]),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=SU;WKST=MO", date(2027, 1, 5), ["01-10", "01-24"]),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=SU;WKST=SU", date(2027, 1, 5), ["01-17", "01-31"]),
        ("FREQ=MONTHLY;BYDAY=2TU;COUNT=3", date(2027, 1, 1), ["01-12", "02-09", "03-09"]),
        ("FREQ=DAILY;UNTIL=20270103", date(2027, 1, 1), ["01-01", "01-02", "01-03"]),
    ],
)
def test_rules_that_trip_others_up(text, first, expected):
    found = days_of(recurrence.check(text), first, date(2029, 1, 1))
    assert [f"{each:%m-%d}" for each in found][: len(expected)] == expected
    if "COUNT" in text or "UNTIL" in text:
        assert len(found) == len(expected)


def test_odd_days_are_said_in_words(meets):
    for day, said in ((31, "on the last day of every month"), (30, "on day 30 of every month, or")):
        meets.series.rule = rule_of("monthly_day", date(2027, 1, day))
        assert rule_words(meets.series).startswith(said)


def test_five_years_ahead_need_no_rows_and_nobody_goes_further(meets):
    now = timezone.now()
    with meets.scope():
        found = ahead_of([meets.again()], now, now + timedelta(days=36_500))
        assert len(found) > 200
        assert max(each.starts_at for each in found) <= now + AHEAD
        assert not Meeting.objects.exists()
        last = timezone.localdate() + AHEAD
        later = last + timedelta(days=(START.weekday() - last.weekday()) % 7 + 7)
        with pytest.raises(ValidationError):
            open_meeting(actor=meets.manager, series=meets.series, day=later)
        assert open_meeting(actor=meets.manager, series=meets.series, day=later - 2 * WEEK)


def test_what_comes_after_the_end_is_called_off_with_its_items_kept(meets):
    with meets.scope():
        kept, off, early = (
            open_meeting(actor=meets.manager, series=meets.series, day=START + n * WEEK)
            for n in (0, 2, 3)
        )
        move_meeting(
            actor=meets.manager,
            meeting=early,
            version=1,
            local_date=START + timedelta(days=1),
            local_time=time(9),
        )
        add_item(actor=meets.facilitator, body=meets.body, meeting=off, title="Roof")
        end_series(actor=meets.manager, series=meets.again(), last_day=START + WEEK)
        states = dict(Meeting.objects.values_list("pk", "state"))
        assert states[off.pk] == "cancelled"
        assert states[early.pk] != "cancelled"
        assert states[kept.pk] != "cancelled"
        [letter, *_more] = Notice.objects.filter(kind="meeting_cancelled")
        assert letter.context["reason"] == "The series has ended."
        now = timezone.now()
        ahead = list(ahead_of([meets.again()], now, now + AHEAD))
        assert [each.is_cancelled for each in ahead] == [False, False, False, True]
        waits = AgendaItem.objects.get(state="accepted")  # for whatever meets next
        assert (waits.title, waits.meeting_id) == ("Roof", None)


def test_what_meets_once_moves_as_a_whole(meets):
    """Another first day of a single meeting is the same meeting on another day, not a second one."""
    with meets.scope():
        single = create_series(
            actor=meets.manager,
            body=meets.body,
            name="Retreat",
            starts_on=START,
            starts_at=time(9),
            time_zone="Europe/Berlin",
        )
        meeting = open_meeting(actor=meets.manager, series=single, day=START)
        changed = change_series(
            actor=meets.manager, series=single, version=1, starts_on=START + WEEK
        )
        [found] = ahead_of([changed], timezone.now(), timezone.now() + AHEAD)
        assert found.meeting == meeting
        assert found.local_day == found.meeting.day == START + WEEK


def newest_invitation():
    letter = Notice.objects.filter(kind="meeting_invited").order_by("-id").first()
    return letter.context["enclosures"][0]["text"]


def shown_by(text):
    """The instants a calendar shows of an invitation, as a second reader expands it."""
    calendar = icalendar.Calendar.from_ical(text)
    series, *others = calendar.walk("VEVENT")
    theirs = vobject.readOne(text)
    rules = theirs.vevent.getrruleset(addRDate=True)
    found = {each.astimezone(BERLIN) for each in takewhile(lambda each: each < UNTIL, rules)}
    for other in others:
        named = other["RECURRENCE-ID"].dt.astimezone(BERLIN)
        assert named in found, "an exception to no occurrence"
        found.discard(named)
        if str(other.get("STATUS", "")) != "CANCELLED":
            found.add(other["DTSTART"].dt.astimezone(BERLIN))
    assert series["UID"]
    return sorted(found)


@pytest.mark.parametrize(
    "change",
    [
        {"rule": "FREQ=WEEKLY;BYDAY=TH"},
        {"rule": "FREQ=WEEKLY;BYDAY=TH", "starts_at": time(18, 0)},
        {"rule": "FREQ=MONTHLY;BYDAY=1TU"},
        {"rule": "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU", "starts_on": START + timedelta(days=1)},
        {"ends_on": START + timedelta(days=1)},
        {"rule": "FREQ=WEEKLY;BYDAY=TU;COUNT=2"},
    ],
)
def test_calendars_show_what_the_product_shows_after_a_change_of_the_rule(meets, change):
    """A meeting that was opened on a day the new rule does not know stays in both."""
    with meets.scope():
        for number in (0, 1, 2):
            open_meeting(actor=meets.manager, series=meets.series, day=START + number * WEEK)
        moved = Meeting.objects.get(day=START + WEEK)
        move_meeting(
            actor=meets.manager,
            meeting=moved,
            version=1,
            local_date=START + WEEK + timedelta(days=2),
            local_time=time(10),
        )
        changed = change_series(actor=meets.manager, series=meets.again(), version=1, **change)
        ours = [
            each.starts_at
            for each in ahead_of([changed], timezone.now(), UNTIL)
            if not each.is_cancelled
        ]
        text = newest_invitation()
    assert shown_by(text) == ours
