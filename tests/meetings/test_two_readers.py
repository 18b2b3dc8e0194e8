"""Every kind of calendar file, read by two parsers of other hands that have to agree."""

from datetime import UTC, time, timedelta

import icalendar
import pytest
import vobject
from django.urls import reverse

from initiatives.models import Notice
from meetings.services.bodies import fill_seat
from meetings.services.replies import name_delegate, reply
from meetings.services.series import cancel_meeting, change_series, move_meeting, open_meeting
from meetings.services.subscriptions import renew_feed
from tests.meetings.conftest import member
from tests.meetings.days import DAY, START, WEEK

pytestmark = pytest.mark.django_db(transaction=True)
LONGEST = 75  # bytes of a line, its end not counted


def by_icalendar(text):
    calendar = icalendar.Calendar.from_ical(text)
    zones = {str(each["TZID"]) for each in calendar.walk("VTIMEZONE")}
    found = []
    for event in calendar.walk("VEVENT"):
        named = event.get("RECURRENCE-ID")
        found.append(
            {
                "uid": str(event["UID"]),
                "sequence": int(event["SEQUENCE"]),
                "status": str(event.get("STATUS", "")),
                "starts": event["DTSTART"].dt.astimezone(UTC),
                "named": named.dt.astimezone(UTC) if named else None,
                "rule": "RRULE" in event,
            }
        )
    return str(calendar.get("METHOD", "")), zones, found


def by_vobject(text):
    calendar = vobject.readOne(text)
    zones = {each.tzid.value for each in calendar.contents.get("vtimezone", [])}
    found = []
    for event in calendar.contents.get("vevent", []):
        said = event.contents
        named = said["recurrence-id"][0].value if "recurrence-id" in said else None
        found.append(
            {
                "uid": event.uid.value,
                "sequence": int(event.sequence.value),
                "status": event.status.value if "status" in said else "",
                "starts": event.dtstart.value.astimezone(UTC),
                "named": named.astimezone(UTC) if named else None,
                "rule": "rrule" in said,
            }
        )
    method = calendar.contents.get("method")
    return (method[0].value if method else ""), zones, found


def both(text):
    """What a file says, once both readers and the rules of its lines agree."""
    raw = text.encode()
    lines = raw.split(b"\r\n")
    assert raw.endswith(b"\r\n")
    assert not any(b"\n" in line or b"\r" in line for line in lines)
    assert max(len(line) for line in lines) <= LONGEST
    method, zones, found = by_icalendar(text)
    assert by_vobject(text) == (method, zones, found)
    used = {part.split("=")[1] for part in text.replace(":", ";").split(";") if "TZID=" in part}
    assert used <= zones, "a zone that the file does not explain"
    return method, found


def files(kind, to="ark@ark.test"):
    rows = Notice.objects.filter(kind=kind, recipient=to).exclude(state="cancelled").order_by("id")
    return [each["text"] for row in rows for each in row.context["enclosures"]]


def test_both_readers_see_the_same_of_a_meeting_through_its_life(meets):
    """Invited, changed, one moved, moved again, cancelled; long names; a delegate in and out."""
    with meets.scope():
        long = {
            "name": "Vorstandssitzung für öffentliche Angelegenheiten " * 3,
            "place": "Haus " * 30,
        }
        long = {name: value.strip()[:145] for name, value in long.items()}
        change_series(actor=meets.manager, series=meets.series, version=1, **long)
        meeting = open_meeting(actor=meets.manager, series=meets.again(), day=START)
        zoe = member(meets.leads[0].organization, "partner_reporter", "zoe")
        seat = meets.seats()[0]
        name_delegate(actor=meets.leads[0], meeting=meeting, seat=seat, delegate=zoe)
        for version, day in ((1, START + 2 * DAY), (2, START + 3 * DAY)):
            move_meeting(
                actor=meets.manager,
                meeting=meeting,
                version=version,
                local_date=day,
                local_time=time(9, 30),
            )
        reply(actor=meets.leads[0], meeting=meeting, seat=seat, kind="yes")
        cancel_meeting(
            actor=meets.manager, meeting=meeting, version=3, reason="Schnee & Eis; ja, wirklich"
        )
        fill_seat(actor=meets.manager, seat=seat, holder=zoe)
        invited = [both(each) for each in files("meeting_invited")]
        moved = [both(each) for each in files("meeting_moved")]
        off = [both(each) for each in files("meeting_cancelled")]
        sent = [both(each) for each in files("delegate_named", "zoe@ark.test")]
        ended = [both(each) for each in files("delegation_ended", "zoe@ark.test")]
    assert [method for method, _events in invited] == ["REQUEST", "REQUEST"]
    assert [event["sequence"] for _method, [event] in invited] == [0, 1]
    assert all(event["rule"] for _method, [event] in invited)
    assert [event["sequence"] for _method, [event] in moved] == [2, 3]
    assert len({event["named"] for _method, [event] in moved}) == 1  # the day the rule gave it
    [(method, [event]), (whole, [series, *_rest])] = off
    assert (method, event["status"], event["sequence"]) == ("CANCEL", "CANCELLED", 4)
    assert event["named"] == moved[0][1][0]["named"]
    assert (whole, series["status"], series["named"]) == ("CANCEL", "CANCELLED", None)
    assert [method for method, _events in sent + ended] == ["REQUEST", "CANCEL"]
    uids = {
        event["uid"]
        for _method, events in [*invited, *moved, *off, *sent, *ended]
        for event in events
    }
    assert len(uids) == 1


def test_both_readers_see_the_same_of_a_subscription(client, meets):
    with meets.scope():
        token = renew_feed(actor=meets.leads[0])
        for week, act in ((1, move_meeting), (2, cancel_meeting)):
            meeting = open_meeting(
                actor=meets.manager, series=meets.again(), day=START + timedelta(weeks=week)
            )
            how = (
                {"local_date": START + WEEK + 2 * DAY, "local_time": time(10)}
                if act is move_meeting
                else {"reason": "Snow"}
            )
            act(actor=meets.manager, meeting=meeting, version=1, **how)
    text = client.get(reverse("calendar_feed", args=[token])).content.decode()
    _method, found = both(text)
    assert [event["rule"] for event in found].count(True) == 1
    named = {event["named"]: event for event in found if event["named"]}
    assert len(named) == len(found) - 1 >= 1
    assert len({event["uid"] for event in found}) == 1
