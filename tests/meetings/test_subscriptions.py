"""The calendar one subscribes to, and the answers that come back."""

import json
from datetime import time
from io import StringIO

import icalendar
import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from initiatives.models import Membership, Notice
from initiatives.services import end_membership
from meetings.models import Delegation, Meeting, Reply
from meetings.services.bodies import fill_seat
from meetings.services.series import move_meeting
from meetings.services.subscriptions import renew_feed
from tests.meetings.conftest import member
from tests.meetings.days import DAY, START

pytestmark = pytest.mark.django_db(transaction=True)


def read(client, token):
    return client.get(reverse("calendar_feed", args=[token]))


def test_a_feed_has_the_meetings_of_ones_seats(client, meets):
    with meets.scope():
        token = renew_feed(actor=meets.leads[0])
        nobody = renew_feed(actor=meets.facilitator)
    answer = read(client, token)
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    [event] = icalendar.Calendar.from_ical(answer.content).walk("VEVENT")
    assert str(event["UID"]).startswith(meets.series.uid)
    assert "ATTENDEE" not in event
    assert not icalendar.Calendar.from_ical(read(client, nobody).content).walk("VEVENT")


def test_a_new_address_ends_the_old_one(client, meets):
    with meets.scope():
        first = renew_feed(actor=meets.leads[0])
        second = renew_feed(actor=meets.leads[0])
    assert read(client, first).status_code == 404
    assert read(client, second).status_code == 200


def test_who_left_reads_nothing(client, meets):
    with meets.scope():
        token = renew_feed(actor=meets.leads[0])
        end_membership(actor=meets.manager, membership=meets.leads[0])
    assert read(client, token).status_code == 404


def test_who_gave_up_the_seat_reads_of_it_no_more(client, meets):
    with meets.scope():
        token = renew_feed(actor=meets.leads[0])
        fill_seat(actor=meets.manager, seat=meets.seats()[0], holder=None)
    assert b"VEVENT" not in read(client, token).content


def answer(meets, text, path):
    path.write_text(text.replace("\n", "\r\n"))
    out = StringIO()
    call_command("read_calendar_reply", meets.initiative.slug, str(path), stdout=out)
    return json.loads(out.getvalue())


REPLY = """BEGIN:VCALENDAR
VERSION:2.0
METHOD:REPLY
BEGIN:VEVENT
UID:{uid}@localhost
RECURRENCE-ID;TZID=Europe/Berlin:{day}T140000
ATTENDEE;PARTSTAT={answer}:mailto:{email}
END:VEVENT
END:VCALENDAR
"""


def text(meets, answer="ACCEPTED", email="ARK@ark.test", day=f"{START:%Y%m%d}", **more):
    return REPLY.format(uid=meets.series.uid, answer=answer, email=email, day=day)


def test_an_answer_is_one_to_that_meeting_alone(meets, tmp_path):
    assert answer(meets, text(meets), tmp_path / "a.ics") == {"answers": 1, "taken": 1}
    assert answer(meets, text(meets, "DECLINED"), tmp_path / "a.ics")["taken"] == 1
    with meets.scope():
        [found] = Reply.objects.select_related("meeting")
        assert (found.kind, str(found.meeting.day)) == ("no", str(START))


def delegated(meets, to):
    return text(meets, f'DELEGATED;DELEGATED-TO="mailto:{to}"')


def test_the_delegate_button_of_a_calendar_names_the_delegate(meets, tmp_path):
    with meets.scope():
        zoe = member(meets.leads[0].organization, "partner_reporter", "zoe")
    assert answer(meets, delegated(meets, "Zoe@ark.test"), tmp_path / "a.ics")["taken"] == 1
    with meets.scope():
        found = Delegation.objects.get()
        assert (found.delegate, found.state) == (zoe, "notified")
        assert Notice.objects.filter(kind="delegate_named", recipient="zoe@ark.test").exists()
        assert Reply.objects.get().kind == "delegate"
    answer(meets, text(meets), tmp_path / "a.ics")  # and then comes after all
    with meets.scope():
        assert Delegation.objects.get().state == "lapsed"


def test_a_moved_meeting_is_written_to_the_delegate_as_one(meets, tmp_path):
    with meets.scope():
        member(meets.leads[0].organization, "partner_reporter", "zoe")
    answer(meets, delegated(meets, "zoe@ark.test"), tmp_path / "a.ics")
    with meets.scope():
        meeting = Meeting.objects.get()
        move = {"meeting": meeting, "version": meeting.version, "local_date": meeting.day}
        move_meeting(actor=meets.manager, local_time=time(17, 0), **move)
        letter = Notice.objects.get(kind="meeting_moved", recipient="zoe@ark.test")
        [event] = icalendar.Calendar.from_ical(letter.context["enclosures"][0]["text"]).events
    zoe, ark = event["ATTENDEE"]
    assert (str(zoe), zoe.params["DELEGATED-FROM"]) == (
        "mailto:zoe@ark.test",
        "mailto:ark@ark.test",
    )
    assert (str(ark), ark.params["DELEGATED-TO"]) == ("mailto:ark@ark.test", "mailto:zoe@ark.test")
    assert (ark.params["PARTSTAT"], zoe.params["PARTSTAT"]) == ("DELEGATED", "NEEDS-ACTION")


@pytest.mark.parametrize("to", ["bee@bee.test", "stranger@ark.test", "ark@ark.test", ""])
def test_nobody_else_becomes_a_delegate_by_a_calendar(meets, tmp_path, to):
    assert answer(meets, delegated(meets, to), tmp_path / "a.ics")["taken"] == 1
    with meets.scope():
        assert not Delegation.objects.exists()
        assert Reply.objects.get().kind == "delegate"


def test_answers_in_a_mail_are_found(meets, tmp_path):
    mail = "From: Ark <Ark@ark.test>\nContent-Type: text/calendar; method=REPLY\n\n" + text(meets)
    assert answer(meets, mail, tmp_path / "a.eml") == {"answers": 1, "taken": 1}


@pytest.mark.parametrize(
    "sender",
    [
        "From: bee@bee.test\n",
        "From: ark@ark.test <bee@bee.test>\n",
        "From: bee@bee.test, ark@ark.test\n",
        "From: bee@bee.test\nFrom: ark@ark.test\n",
        "Reply-To: ark@ark.test\n",
    ],
)
def test_nobody_answers_by_mail_for_another(meets, tmp_path, sender):
    """Else a colleague's mail could send themselves as the delegate who decides."""
    with meets.scope():
        member(meets.leads[0].organization, "partner_reporter", "zoe")
    mail = sender + "Content-Type: text/calendar; method=REPLY\n\n"
    mail += delegated(meets, "zoe@ark.test")
    assert answer(meets, mail, tmp_path / "a.eml") == {"answers": 0, "taken": 0}
    with meets.scope():
        assert not Delegation.objects.exists()


@pytest.mark.parametrize(
    "changes",
    [
        {"email": "stranger@ark.test"},
        {"day": f"{START + DAY:%Y%m%d}"},
        {"day": "20200107"},
        {"answer": "NEEDS-ACTION"},
    ],
)
def test_answers_that_nobody_asked_for_change_nothing(meets, tmp_path, changes):
    assert answer(meets, text(meets, **changes), tmp_path / "a.ics")["taken"] == 0
    with meets.scope():
        assert not Reply.objects.exists()
        assert not Meeting.objects.exists()


def test_the_answer_of_who_left_is_not_taken(meets, tmp_path):
    with meets.scope():
        Membership.objects.filter(pk=meets.leads[0].pk).update(
            starts_on=timezone.localdate(), ends_on=timezone.localdate()
        )
    assert answer(meets, text(meets), tmp_path / "a.ics")["taken"] == 0
