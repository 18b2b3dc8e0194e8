"""Calendar files (RFC 5545, RFC 5546): the one place that writes them, and that reads replies.

A series is one event with its rule; a meeting that is not where the rule has it is a second event
of the same UID that names, by RECURRENCE-ID, the day the rule gave it. SEQUENCE is stored with the
rows and rises only with time, place or cancellation, so every client takes the later word.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from icalendar import Calendar, Event, vCalAddress, vRecur, vText

from initiatives.days import is_plausible
from meetings.arithmetic import recurrence
from meetings.choices import EnvelopeMethod, MeetingState
from meetings.exports import zones
from meetings.models import Meeting, MeetingSeries

PRODUCT = "-//Concert//Meetings//EN"
YEARS_BACK, YEARS_AHEAD = 3, 7  # of clock changes that a file tells
LONGEST = 200_000  # bytes of a reply that we read
MOST_EVENTS, MOST_ATTENDEES = 50, 50  # of one reply
ANSWERS = {"ACCEPTED", "DECLINED", "TENTATIVE", "DELEGATED"}


@dataclass(frozen=True)
class Person:
    """Whom a calendar file is for, or from."""

    name: str
    email: str


@dataclass(frozen=True)
class Answer:
    """What a calendar answered. ``named``: the occurrence; None for the whole series."""

    uid: str
    email: str
    answer: str  # PARTSTAT, one of ANSWERS
    sequence: int = 0
    named: date | datetime | None = None  # RECURRENCE-ID, in whatever zone the calendar likes
    delegate: str = ""  # DELEGATED-TO: who comes instead
    sent_by: str = ""  # DELEGATED-FROM: for whom they come

    def day_in(self, zone: ZoneInfo) -> date | None:
        """The day that names the occurrence where the series meets."""
        if isinstance(self.named, datetime) and self.named.tzinfo is not None:
            return self.named.astimezone(zone).date()
        return None if self.named is None else _day_of(self.named)


class _Words(vText):
    """A text as somebody wrote it: the library's own takes a backslash and an N for a new line."""

    def to_ical(self) -> bytes:
        text = self.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
        return "\\n".join(text.replace("\r\n", "\n").replace("\r", "\n").split("\n")).encode()


def uid_of(series: MeetingSeries) -> str:
    """The series' name in all calendars, for life."""
    return f"{series.uid}@{_host()}"


def organizer(initiative: str) -> Person:
    """Who invites: the initiative, by the address that mail leaves from."""
    address = settings.DEFAULT_FROM_EMAIL
    return Person(initiative, address.rpartition("<")[2].rstrip("> ") or address)


def invitation(
    series: MeetingSeries,
    meetings: Iterable[Meeting],
    *,
    to: Person,
    sender: Person,
    stamp: datetime,
) -> bytes:
    """The whole series with what deviates from its rule, asking ``to`` to come."""
    return _file(
        [(series, list(meetings))], method=EnvelopeMethod.REQUEST, to=to, sender=sender, stamp=stamp
    )


def cancellation(series: MeetingSeries, *, to: Person, sender: Person, stamp: datetime) -> bytes:
    """The whole series is off for ``to``: it ended, or somebody else has the seat."""
    calendar = _calendar(EnvelopeMethod.CANCEL)
    event = _series_event(series, stamp)
    if event is not None:
        event["status"] = vText("CANCELLED")
        _address(event, to, sender)
        calendar.add_component(event)
    return _bytes(calendar)


def occurrence(
    meeting: Meeting,
    *,
    to: Person,
    sender: Person,
    stamp: datetime,
    instead_of: Person | None = None,
    off: bool = False,
) -> bytes:
    """One meeting that was moved or called off. ``instead_of``: whose delegate ``to`` is; ``off``:
    that is over, and it is called off for them alone.
    """
    off = off or meeting.state == MeetingState.CANCELLED
    calendar = _calendar(EnvelopeMethod.CANCEL if off else EnvelopeMethod.REQUEST)
    event = _meeting_event(meeting, stamp)
    if off:
        event["status"] = vText("CANCELLED")
    _address(event, to, sender)
    if instead_of is not None:
        _delegate(event, to, instead_of)
    calendar.add_component(event)
    return _bytes(calendar)


def feed(
    found: Iterable[tuple[MeetingSeries, list[Meeting]]], *, name: str, stamp: datetime
) -> bytes:
    """A calendar to subscribe to. It has no METHOD: nobody is asked to answer it."""
    calendar = _calendar(None)
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", timedelta(hours=1), parameters={"value": "DURATION"})
    for series, meetings in found:
        for event in _events(series, meetings, stamp):
            calendar.add_component(event)
    return _bytes(calendar)


def _file(
    found: list[tuple[MeetingSeries, list[Meeting]]],
    *,
    method: EnvelopeMethod,
    to: Person,
    sender: Person,
    stamp: datetime,
) -> bytes:
    calendar = _calendar(method)
    for series, meetings in found:
        for event in _events(series, meetings, stamp):
            _address(event, to, sender)
            calendar.add_component(event)
    return _bytes(calendar)


def _calendar(method: EnvelopeMethod | None) -> Any:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    if method:
        calendar.add("method", str(method))
    return calendar


def _bytes(calendar: Any) -> bytes:
    year = datetime.now(UTC).year
    for place, name in enumerate(sorted(calendar.get_used_tzids())):
        zone = zones.component(name, year - YEARS_BACK, year + YEARS_AHEAD)
        calendar.subcomponents.insert(place, zone)
    data: bytes = calendar.to_ical()
    return data


def _events(series: MeetingSeries, meetings: list[Meeting], stamp: datetime) -> list[Any]:
    strays = [each for each in meetings if is_stray(each)]
    kept = [each for each in strays if each.state != MeetingState.CANCELLED]
    known = [each for each in meetings if each not in strays or each in kept]
    own = [_meeting_event(each, stamp) for each in known if _is_otherwise(each)]
    if own and not series.rule:
        return own  # what meets once is where it was moved to, and nowhere else
    event = _series_event(series, stamp)
    if event is None:
        return own
    if kept:
        days = [_wall(each.day, series.starts_at, series.time_zone) for each in kept]
        event.add("rdate", days)
    return [event, *own]


def deviates(meeting: Meeting) -> bool:
    """Whether a calendar must be told more of it than the rule says."""
    return _is_otherwise(meeting) or is_stray(meeting)


def is_stray(meeting: Meeting) -> bool:
    """Whether the rule, changed since, knows nothing of its day: calendars are told of it apart."""
    series = meeting.series
    over = series.ends_on is not None and meeting.day >= series.ends_on
    return bool(series.rule) and (over or not recurrence.meets_on(series.recurrence, meeting.day))


def _is_otherwise(meeting: Meeting) -> bool:
    """Whether it is not as its series is on other days."""
    series = meeting.series
    return (
        meeting.is_moved
        or meeting.state == MeetingState.CANCELLED
        or meeting.minutes != series.minutes
        or meeting.place != series.place
        or meeting.link != series.link
    )


def _series_event(series: MeetingSeries, stamp: datetime) -> Any | None:
    """The event of the rule; None if the rule never meets."""
    last = series.ends_on or series.starts_on + recurrence.AHEAD
    first = next(iter(recurrence.days(series.recurrence, series.starts_on, last)), None)
    if first is None:
        return None
    event = _event(series, stamp, series.minutes, series.place, series.link)
    event.add("dtstart", _wall(first, series.starts_at, series.time_zone))
    event.add("sequence", series.sequence)
    if series.rule:
        rule = vRecur.from_ical(series.rule)
        if series.ends_on is not None:
            rule.pop("COUNT", None)
            rule["UNTIL"] = [_end_of(series.ends_on - timedelta(days=1), series)]
        elif "UNTIL" in rule:
            last_day = min(_day_of(each) for each in rule["UNTIL"])
            rule["UNTIL"] = [_end_of(last_day, series)]
        event.add("rrule", rule)
    return event


def _end_of(day: date, series: MeetingSeries) -> datetime:
    """The last start a rule may have: UNTIL is in UTC where the start has a zone."""
    return recurrence.instant(day, series.starts_at, series.time_zone)


def _day_of(value: Any) -> date:
    return value.date() if isinstance(value, datetime) else value


def _meeting_event(meeting: Meeting, stamp: datetime) -> Any:
    series = meeting.series
    event = _event(series, stamp, meeting.minutes, meeting.place, meeting.link)
    event.add("dtstart", _wall(meeting.local_date, meeting.local_time, series.time_zone))
    if series.rule:
        event.add("recurrence-id", _wall(meeting.day, series.starts_at, series.time_zone))
    event.add("sequence", max(meeting.sequence, series.sequence))
    if meeting.state == MeetingState.CANCELLED:
        event["status"] = vText("CANCELLED")
    if meeting.reason:
        event.add("description", _Words(meeting.reason))
    return event


def _event(series: MeetingSeries, stamp: datetime, minutes: int, place: str, link: str) -> Any:
    event = Event()
    event.add("uid", uid_of(series))
    event.add("dtstamp", stamp.astimezone(UTC))
    event.add("duration", timedelta(minutes=minutes))
    event.add("summary", _Words(series.name))
    event.add("status", "CONFIRMED")
    if place:
        event.add("location", _Words(place))
    if link:
        event.add("url", link)
    return event


def _wall(day: date, at: Any, zone: str) -> datetime:
    """A wall time as calendars have it. One that the clocks skip is written where it moved to."""
    return recurrence.instant(day, at, zone).astimezone(ZoneInfo(zone))


def _address(event: Any, to: Person, sender: Person) -> None:
    attendee, host = vCalAddress(f"mailto:{to.email}"), vCalAddress(f"mailto:{sender.email}")
    attendee.params["CN"] = _plain(to.name)
    attendee.params["ROLE"] = "REQ-PARTICIPANT"
    attendee.params["PARTSTAT"] = "NEEDS-ACTION"
    attendee.params["RSVP"] = "TRUE"
    host.params["CN"] = _plain(sender.name)
    event.add("attendee", attendee, encode=False)
    event.add("organizer", host, encode=False)


def _delegate(event: Any, to: Person, instead_of: Person) -> None:
    """Both ends of a delegation: who comes, and who sent them."""
    event["attendee"].params["DELEGATED-FROM"] = [f"mailto:{instead_of.email}"]
    sent_by = vCalAddress(f"mailto:{instead_of.email}")
    sent_by.params["CN"] = _plain(instead_of.name)
    sent_by.params["ROLE"] = "NON-PARTICIPANT"
    sent_by.params["PARTSTAT"] = "DELEGATED"
    sent_by.params["DELEGATED-TO"] = [f"mailto:{to.email}"]
    event.add("attendee", sent_by, encode=False)


def _plain(name: str) -> str:
    """A parameter cannot hold quotes or control characters."""
    return "".join(each for each in name if each >= " " and each not in '"\x7f')[:100]


def _host() -> str:
    return urlsplit(settings.SITE_URL).hostname or "localhost"


def read_answers(data: bytes) -> list[Answer]:
    """What a calendar file answers, of what we ever asked; nothing for any other file.

    Whatever it is fed, it never raises: the file comes from outside.
    """
    if len(data) > LONGEST:
        return []
    try:
        events = [
            event
            for calendar in Calendar.from_ical(data, multiple=True)
            if str(calendar.get("METHOD", "")).upper() in {"REPLY", "COUNTER"}
            for event in calendar.walk("VEVENT")
        ]
    except Exception:  # noqa: BLE001 - a hostile file can break a parser in any way
        return []
    return [answer for event in events[:MOST_EVENTS] for answer in _safely(event)]


def _safely(event: Any) -> list[Answer]:
    """One event that cannot be read takes nothing from the others."""
    try:
        return _answers_of(event)
    except Exception:  # noqa: BLE001 - nor can what a parser made of it be trusted
        return []


def _answers_of(event: Any) -> list[Answer]:
    uid = str(event.get("UID", ""))
    name, _at, host = uid.rpartition("@")
    if host != _host() or not name:
        return []
    attendees = event.get("ATTENDEE", [])
    found = []
    several = attendees if isinstance(attendees, list) else [attendees]
    for each in several[:MOST_ATTENDEES]:
        answer = str(each.params.get("PARTSTAT", "")).upper()
        scheme, _colon, email = str(each).partition(":")
        if answer in ANSWERS and scheme.lower() == "mailto" and email:
            said = name, email.strip().lower(), answer, _sequence(event), _named(event)
            ends = _one_of(each, "DELEGATED-TO"), _one_of(each, "DELEGATED-FROM")
            found.append(Answer(*said, *ends))
    return found


def _one_of(attendee: Any, end: str) -> str:
    """Who is at one end of a delegation; nobody where several are named, or none by mail."""
    named = attendee.params.get(end, [])
    some = [named] if isinstance(named, str) else list(named)
    scheme, _colon, email = str(some[0] if len(some) == 1 else "").strip('"').partition(":")
    return email.strip().lower() if scheme.lower() == "mailto" else ""


def _sequence(event: Any) -> int:
    return max(0, min(int(event.get("SEQUENCE", 0)), 2**31 - 1))


def _named(event: Any) -> date | datetime | None:
    """The occurrence that is answered for.

    :raises ValueError: a day that no clock takes in every zone.
    """
    found = event.get("RECURRENCE-ID")
    if found is None:
        return None
    named: date | datetime = found.dt
    if not is_plausible(_day_of(named)):
        raise ValueError
    return named
