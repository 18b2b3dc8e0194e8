"""What calendars are told: read back by two parsers of other hands."""

from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import icalendar
import pytest
import vobject
from django.core import mail
from hypothesis import given, settings, strategies as st

from initiatives import notices
from initiatives.models import Notice
from initiatives.services import end_membership
from meetings.exports import envelopes
from meetings.exports.envelopes import Answer, Person, read_answers
from meetings.models import CalendarEnvelope, Meeting, MeetingSeries
from meetings.services.bodies import fill_seat
from meetings.services.series import cancel_meeting, change_series, move_meeting, open_meeting
from tests.meetings.conftest import member
from tests.meetings.days import DAY, START, berlin

pytestmark = pytest.mark.django_db(transaction=True)
STAMP = datetime(2026, 12, 1, tzinfo=UTC)
TO, FROM = Person('Ada "the" first', "ada@ark.test"), Person("Meets", "concert@localhost")


def written(kind, **filters):
    rows = Notice.objects.filter(kind=kind, **filters).order_by("id")
    return [each.context["enclosures"][0]["text"] for each in rows]


def events(text):
    return list(icalendar.Calendar.from_ical(text).walk("VEVENT"))


def test_everyone_with_a_seat_is_invited_once(meets):
    with meets.scope():
        files = written("meeting_invited")
        assert len(files) == CalendarEnvelope.objects.count() == 3
    [event] = events(files[0])
    assert str(event["SUMMARY"]) == "Steering meeting"
    assert event["DTSTART"].dt == berlin(START)
    assert icalendar.Calendar.from_ical(files[0])["METHOD"] == "REQUEST"
    assert event["ATTENDEE"] == "mailto:ark@ark.test"


def test_c8_the_name_stays_and_the_sequence_rises_with_time_and_place_alone(meets):
    with meets.scope():
        uid = meets.series.uid
        later = {"name": "Another name", "quorum": 3}
        changed = change_series(actor=meets.manager, series=meets.series, version=1, **later)
        assert (changed.uid, changed.sequence) == (uid, 0)
        assert len(written("meeting_invited")) == 3
        changed = change_series(actor=meets.manager, series=changed, version=2, place="Roof")
        assert (changed.uid, changed.sequence) == (uid, 1)
        changed = change_series(
            actor=meets.manager, series=changed, version=3, starts_at=time(15, 0)
        )
        assert changed.sequence == 2
        newest = events(written("meeting_invited")[-1])[0]
    assert int(newest["SEQUENCE"]) == 2
    assert str(newest["UID"]).startswith(uid)


def test_a_moved_meeting_names_the_day_it_was(meets):
    with meets.scope():
        meeting = open_meeting(actor=meets.manager, series=meets.series, day=START)
        move_meeting(
            actor=meets.manager,
            meeting=meeting,
            version=1,
            local_date=START + 2 * DAY,
            local_time=time(9, 30),
        )
        files = written("meeting_moved")
        assert len(files) == 3
    [event] = events(files[0])
    assert f"{event['RECURRENCE-ID'].dt:%d.%m. %H:%M}" == f"{START:%d.%m.} 14:00"
    assert f"{event['DTSTART'].dt:%d.%m. %H:%M}" == f"{START + 2 * DAY:%d.%m.} 09:30"
    assert int(event["SEQUENCE"]) == 1
    other = vobject.readOne(files[0]).vevent
    assert other.dtstart.value == event["DTSTART"].dt


def test_moving_it_to_where_it_is_changes_nothing(meets):
    with meets.scope():
        meeting = open_meeting(actor=meets.manager, series=meets.series, day=START)
        same = {"local_date": START, "local_time": time(14, 0), "place": "Hall"}
        again = move_meeting(actor=meets.manager, meeting=meeting, version=1, **same)
        assert again.sequence == 0
        assert written("meeting_moved") == []


def test_c8_a_cancellation_keeps_the_name(meets):
    with meets.scope():
        meeting = open_meeting(actor=meets.manager, series=meets.series, day=START)
        cancel_meeting(actor=meets.manager, meeting=meeting, version=1, reason="Snow")
        files = written("meeting_cancelled")
    calendar = icalendar.Calendar.from_ical(files[0])
    [event] = calendar.walk("VEVENT")
    assert (calendar["METHOD"], event["STATUS"]) == ("CANCEL", "CANCELLED")
    assert str(event["UID"]).partition("@")[0] == meets.series.uid


def test_c8_nothing_is_sent_to_who_left(meets):
    with meets.scope():
        end_membership(actor=meets.manager, membership=meets.leads[0])
        meeting = open_meeting(actor=meets.manager, series=meets.series, day=START)
        cancel_meeting(actor=meets.manager, meeting=meeting, version=1, reason="Snow")
        found = Notice.objects.filter(kind="meeting_cancelled").values_list("recipient", flat=True)
        assert sorted(found) == ["bee@bee.test", "cat@cat.test"]


def test_a_new_holder_is_invited_and_the_old_one_let_off(meets):
    with meets.scope():
        seat = meets.seats()[0]
        other = member(seat.organization, "partner_reporter", "zoe")
        fill_seat(actor=meets.manager, seat=seat, holder=other)
        assert len(written("meeting_cancelled", recipient="ark@ark.test")) == 1
        assert len(written("meeting_invited", recipient="zoe@ark.test")) == 1
        fill_seat(actor=meets.manager, seat=seat, holder=meets.leads[0])
        back = written("meeting_invited", recipient="ark@ark.test")[-1]
    [event] = events(back)
    assert int(event["SEQUENCE"]) == 1  # later than the cancellation


def test_the_letter_carries_the_file_for_calendars_and_for_people(meets):
    notices.send_due(meets.initiative.pk)
    letter = next(each for each in mail.outbox if each.to == ["ark@ark.test"])
    kinds = [each[1] for each in letter.alternatives]
    assert "text/calendar; method=REQUEST; charset=utf-8" in kinds
    message = letter.message()
    parts = [part.get_content_type() for part in message.walk()]
    assert parts.count("text/calendar") == 2
    inside = next(p for p in message.walk() if p.get_content_type() == "text/calendar")
    assert events(inside.get_payload(decode=True).decode())


ZONES = ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Apia", "UTC"]
ZONES_WITH_CHANGES = [
    *("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago"),
    *("Europe/Dublin", "Pacific/Chatham", "Africa/Casablanca", "Asia/Kolkata"),
]
RULES = ["FREQ=WEEKLY;BYDAY=TU", "FREQ=MONTHLY;BYDAY=-1FR", "FREQ=DAILY;INTERVAL=10;COUNT=7", ""]
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=120)


@given(TEXTS, TEXTS, st.sampled_from(ZONES), st.sampled_from(RULES), st.times())
@settings(max_examples=150, deadline=None)
def test_two_readers_agree_on_any_series(name, place, zone, rule, at):
    at = at.replace(second=0, microsecond=0, fold=0)
    series = MeetingSeries(
        name=name,
        place=place[:200],
        rule=rule,
        starts_on=START,
        starts_at=at,
        minutes=45,
        time_zone=zone,
    )
    data = envelopes.invitation(series, [], to=TO, sender=FROM, stamp=STAMP)
    assert all(len(line) <= 75 for line in data.split(b"\r\n"))
    [event] = events(data)
    assert str(event["SUMMARY"]) == name
    assert str(event["LOCATION"]) == place[:200]
    other = vobject.readOne(data.decode()).vevent
    assert other.dtstart.value.astimezone(UTC) == event["DTSTART"].dt.astimezone(UTC)
    assert other.summary.value == name
    assert other.duration.value == timedelta(minutes=45)


def test_a_backslash_before_an_n_is_no_end_of_a_line(meets):
    words = r"C:\North; \n, \\N"
    with meets.scope():
        meeting = open_meeting(actor=meets.manager, series=meets.series, day=START)
        cancel_meeting(actor=meets.manager, meeting=meeting, version=1, reason=f"{words}\r\nSnow")
        meets.series.name = meets.series.place = words
        data = envelopes.invitation(meets.series, [meeting], to=TO, sender=FROM, stamp=STAMP)
        [event] = events(written("meeting_cancelled")[0])
    assert str(event["DESCRIPTION"]) == f"{words}\nSnow"
    theirs = vobject.readOne(data.decode()).vevent
    ours = events(data)[0]
    for each in (ours["SUMMARY"], ours["LOCATION"], theirs.summary.value, theirs.location.value):
        assert str(each) == words


def test_a_second_reader_expands_the_rule_to_the_same_days(meets):
    series = meets.series
    data = envelopes.invitation(series, [], to=TO, sender=FROM, stamp=STAMP)
    found = vobject.readOne(data.decode()).vevent.getrruleset(addRDate=True)
    start = berlin(START - 4 * DAY)
    theirs = [each.astimezone(UTC) for each in found.between(start, start + timedelta(days=400))]
    ours = [
        each.starts_at
        for each in envelopes.recurrence.occurrences(
            series.recurrence, start, start + timedelta(days=400)
        )
    ]
    assert theirs == ours
    assert len(ours) > 50


@pytest.mark.parametrize("zone", ZONES_WITH_CHANGES)
def test_a_second_reader_knows_when_the_clocks_change(zone):
    series = MeetingSeries(
        name="Daily",
        rule="FREQ=DAILY",
        starts_on=START,
        starts_at=time(14),
        minutes=45,
        time_zone=zone,
    )
    data = envelopes.invitation(series, [], to=TO, sender=FROM, stamp=STAMP)
    theirs = vobject.readOne(data.decode()).vevent.dtstart.value.tzinfo
    local = datetime.combine(START, time(14))  # wall time
    for number in range(3 * 365):
        at = local + timedelta(days=number)
        assert (
            at.replace(tzinfo=theirs).utcoffset() == at.replace(tzinfo=ZoneInfo(zone)).utcoffset()
        )


def reply(**changes):
    fields = {
        "METHOD": "REPLY",
        "UID": "abc@localhost",
        "ATTENDEE;PARTSTAT=ACCEPTED": "mailto:Ada@ark.test",
        "RECURRENCE-ID;TZID=Europe/Berlin": "20270105T140000",
    } | changes
    method = fields.pop("METHOD")
    lines = [f"{name}:{value}" for name, value in fields.items()]
    head = ["BEGIN:VCALENDAR", "VERSION:2.0", f"METHOD:{method}", "BEGIN:VEVENT"]
    return "\r\n".join([*head, *lines, "END:VEVENT", "END:VCALENDAR", ""]).encode()


def test_a_reply_is_read():
    [answer] = read_answers(reply())
    named = datetime(2027, 1, 5, 14, tzinfo=ZoneInfo("Europe/Berlin"))
    assert answer == Answer("abc", "ada@ark.test", "ACCEPTED", 0, named)


@pytest.mark.parametrize(
    "data",
    [
        reply(METHOD="REQUEST"),
        reply(UID="abc@elsewhere.example"),
        reply(UID=""),
        reply(SEQUENCE="many"),
        reply(**{"ATTENDEE;PARTSTAT=ACCEPTED": "https://x"}),
        b"",
        b"\xff\xfe\x00",
        b"BEGIN:VCALENDAR\r\n" * 5000,
        b"x" * 300_000,
    ],
)
def test_what_is_no_reply_to_us_says_nothing(data):
    assert read_answers(data) == []


def test_the_parsers_own_corpus_never_breaks_the_reader():
    found = sorted(Path(icalendar.__file__).parent.rglob("*.ics"))
    assert len(found) > 100
    for path in found:
        assert isinstance(read_answers(path.read_bytes()), list), path.name


@given(st.binary(max_size=400))
@settings(max_examples=300, deadline=None)
def test_no_bytes_break_the_reader(data):
    assert isinstance(read_answers(data), list)
    assert isinstance(read_answers(reply() + data), list)


def test_a_meeting_that_was_never_opened_needs_no_row(meets):
    with meets.scope():
        assert Meeting.objects.count() == 0
