"""What calendars, and those who pretend to be one, send us: it never raises, and says only what
it says.
"""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import icalendar
import pytest
from hypothesis import given, settings, strategies as st

from meetings.exports.envelopes import (
    ANSWERS,
    MOST_ATTENDEES,
    MOST_EVENTS,
    Answer,
    read_answers,
)
from meetings.management.commands.read_calendar_reply import answers_in

CORPUS = sorted(Path(icalendar.__file__).parent.rglob("*.ics"))
OURS = "abc@localhost"


def reply(*lines, method="REPLY", uid=OURS):
    head = ["BEGIN:VCALENDAR", "VERSION:2.0", f"METHOD:{method}", "BEGIN:VEVENT", f"UID:{uid}"]
    return "\r\n".join([*head, *lines, "END:VEVENT", "END:VCALENDAR", ""]).encode()


def plausible(answers):
    for each in answers:
        assert isinstance(each, Answer)
        assert each.uid
        assert "@" not in each.uid
        assert each.answer in ANSWERS
        assert each.email == each.email.strip().lower() != ""
        assert 0 <= each.sequence < 2**31
        for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
            day = each.day_in(ZoneInfo(zone))
            assert day is None or 1899 < day.year < 3001
    return True


def test_the_corpus_of_the_parser_turned_into_answers_to_us():
    """Whatever is odd in each file, in an event of ours that answers."""
    read = 0
    for path in CORPUS:
        data = path.read_bytes()
        ours = re.sub(rb"(?m)^UID[:;][^\r\n]*", f"UID:{OURS}".encode(), data)
        ours = re.sub(rb"(?m)^METHOD:[^\r\n]*\r?\n", b"", ours)
        ours = ours.replace(b"BEGIN:VCALENDAR", b"BEGIN:VCALENDAR\r\nMETHOD:REPLY", 1)
        said = b"BEGIN:VEVENT\r\nATTENDEE;PARTSTAT=ACCEPTED:mailto:Ada@Ark.test"
        ours = ours.replace(b"BEGIN:VEVENT", said)
        assert plausible(read_answers(ours)), path.name
        assert plausible(answers_in(ours)), path.name
        mail = b"Content-Type: text/calendar\r\n\r\n"
        assert plausible(answers_in(mail + ours)), path.name
        read += bool(read_answers(ours))
    assert read > 40  # and many of them are read


NAMES = ["RECURRENCE-ID", "SEQUENCE", "ATTENDEE", "UID", "DTSTART", "DTSTAMP", "COMMENT", "X-ODD"]
PARAMETERS = ["TZID", "VALUE", "PARTSTAT", "DELEGATED-TO", "DELEGATED-FROM", "CN", "RANGE"]
VALUES = st.one_of(
    st.sampled_from(
        [
            *("ACCEPTED", "DECLINED", "DELEGATED", "TENTATIVE", "mailto:ada@ark.test", "mailto:"),
            *("20270105T140000", "20270105T140000Z", "20270105", "99991231T235959Z", "00010101"),
            *("Europe/Berlin", "W. Europe Standard Time", "DATE", "PERIOD", "-1", "1e9", "9" * 40),
            *("20270105T140000Z/PT1H", "20270230", '"', "\\", ";", ":", "", "a,b", "\x00", "é"),
        ]
    ),
    st.text(max_size=30).filter(lambda text: "\n" not in text and "\r" not in text),
)
LINES = st.builds(
    lambda name, parameters, value: (
        name + "".join(f";{each}={said}" for each, said in parameters) + f":{value}"
    ),
    st.sampled_from(NAMES),
    st.lists(st.tuples(st.sampled_from(PARAMETERS), VALUES), max_size=4),
    VALUES,
)


@given(st.lists(LINES, max_size=8), st.sampled_from(["REPLY", "COUNTER", "reply", "CANCEL", ""]))
@settings(max_examples=600, deadline=None)
def test_no_event_of_ours_breaks_the_reader(lines, method):
    assert plausible(read_answers(reply(*lines, method=method)))


@given(st.lists(LINES, max_size=4), st.binary(max_size=60), st.integers(0, 400))
@settings(max_examples=300, deadline=None)
def test_no_damage_on_the_way_breaks_it(lines, noise, at):
    data = reply("ATTENDEE;PARTSTAT=ACCEPTED:mailto:a@b.test", *lines)
    for damaged in (data[:at], data[:at] + noise + data[at:], noise + data):
        assert plausible(read_answers(damaged))
        assert plausible(answers_in(damaged))


ACCEPTED = "ATTENDEE;PARTSTAT=ACCEPTED:mailto:ada@ark.test"
MOMENT = datetime(2027, 1, 5, 13, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("RECURRENCE-ID;TZID=Europe/Berlin:20270105T140000", date(2027, 1, 5)),
        ("RECURRENCE-ID:20270105T130000Z", date(2027, 1, 5)),
        ("RECURRENCE-ID;VALUE=DATE:20270105", date(2027, 1, 5)),
        ("RECURRENCE-ID:20270105T140000", date(2027, 1, 5)),
        ("RECURRENCE-ID;TZID=W. Europe Standard Time:20270105T140000", date(2027, 1, 5)),
        ("RECURRENCE-ID:20270104T233000Z", date(2027, 1, 5)),  # half past midnight in Berlin
        ("RECURRENCE-ID;TZID=Asia/Tokyo:20270106T003000", date(2027, 1, 5)),
    ],
)
def test_an_occurrence_is_named_in_any_zone(line, day):
    [answer] = read_answers(reply(ACCEPTED, line))
    assert answer.day_in(ZoneInfo("Europe/Berlin")) == day


@pytest.mark.parametrize("named", ["99991231T235959Z", "00010101T000000Z", "18991231"])
def test_a_day_that_no_clock_takes_is_no_answer(named):
    value = ";VALUE=DATE" if len(named) == 8 else ""
    assert read_answers(reply(ACCEPTED, f"RECURRENCE-ID{value}:{named}")) == []


def test_one_event_that_cannot_be_read_takes_nothing_from_the_others():
    bad = "RECURRENCE-ID:99991231T235959Z"
    event = "BEGIN:VEVENT\r\n{}\r\nEND:VEVENT"
    parts = [f"UID:{OURS}\r\n{ACCEPTED}\r\n{line}" for line in (bad, "SEQUENCE:3")]
    events = "\r\n".join(event.format(part) for part in parts)
    head = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REPLY\r\n"
    [answer] = read_answers(f"{head}{events}\r\nEND:VCALENDAR\r\n".encode())
    assert answer.sequence == 3


def test_a_file_of_a_thousand_answers_is_read_to_its_bound():
    many = [f"ATTENDEE;PARTSTAT=ACCEPTED:mailto:p{n}@ark.test" for n in range(1000)]
    assert len(read_answers(reply(*many))) == MOST_ATTENDEES
    event = f"BEGIN:VEVENT\r\nUID:{OURS}\r\n{ACCEPTED}\r\nEND:VEVENT\r\n" * 500
    text = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REPLY\r\n{event}END:VCALENDAR\r\n"
    assert len(read_answers(text.encode())) == MOST_EVENTS


def test_both_ends_of_a_delegation_are_read_and_only_one_at_each():
    one = 'ATTENDEE;PARTSTAT=ACCEPTED;DELEGATED-FROM="mailto:Ark@ark.test":mailto:Zoe@ark.test'
    [answer] = read_answers(reply(one))
    assert (answer.email, answer.sent_by, answer.delegate) == ("zoe@ark.test", "ark@ark.test", "")
    two = one.replace('"mailto:Ark@ark.test"', '"mailto:a@ark.test","mailto:b@ark.test"')
    [answer] = read_answers(reply(two))
    assert answer.sent_by == ""


def test_the_day_is_the_one_where_the_series_meets():
    for hours in range(-30, 30):
        moment = MOMENT + timedelta(hours=hours)
        [answer] = read_answers(reply(ACCEPTED, f"RECURRENCE-ID:{moment:%Y%m%dT%H%M%SZ}"))
        for name in ("Pacific/Auckland", "America/Los_Angeles"):
            zone = ZoneInfo(name)
            assert answer.day_in(zone) == moment.astimezone(zone).date()
