"""Delegates without an account: let in by a link to one meeting, and to nothing else."""

from datetime import timedelta

import icalendar
import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from initiatives.models import Membership, Notice, SignedLink, User
from meetings.models import (
    Attendance,
    BriefingAnswer,
    Delegation,
    Meeting,
    Reply,
    SeatCount,
)
from meetings.selectors.minutes import content_of
from meetings.services.attendance import mark_present
from meetings.services.outsiders import (
    brief_outsider,
    forget_outsiders,
    mark_outsider,
)
from meetings.services.replies import reply
from meetings.services.running import end_meeting, start_meeting
from meetings.services.series import cancel_meeting, move_meeting
from tests.meetings.away import OLA, named, path_in
from tests.meetings.conftest import member
from tests.meetings.days import START
from tests.meetings.held import opened, scheduled

pytestmark = pytest.mark.django_db(transaction=True)


def letters(meets, email=OLA):
    with meets.scope():
        return list(Notice.objects.filter(recipient=email).order_by("id"))


def brief(meets, client, line="consent"):
    sent = {"action": "briefing", f"line_{meets.item.pk}": line, f"note_{meets.item.pk}": "Go"}
    return client.post(meets.path, sent)


def started(meets):
    meeting = start_meeting(actor=meets.facilitator, meeting=meets.meeting)
    begun = timezone.now() - timedelta(minutes=10)
    Meeting.objects.filter(pk=meeting.pk).update(started_at=begun)
    BriefingAnswer.objects.update(answered_at=begun - timedelta(minutes=1))
    meets.meeting.refresh_from_db()
    meets.ola.refresh_from_db()


def test_the_seat_of_a_single_person_names_somebody_by_name_and_address(meets, client):
    with meets.scope():
        meeting, seat = opened(meets), meets.seats()[0]
    client.force_login(meets.leads[0].user)
    path = reverse("meetings:seat", args=["meets", meeting.pk, seat.pk])
    page = client.get(path).content.decode()
    assert 'name="email"' in page
    assert 'name="delegate"' not in page  # nobody to choose from
    sent = {
        "action": "delegate",
        "name": "Ola Away",
        "email": OLA,
        "level": "frontline",
        "scope": "decide",
    }
    assert client.post(path, sent).status_code == 302
    with meets.scope():
        [found] = Delegation.objects.all()
        assert (found.called, found.outside_level, found.delegate) == (
            "Ola Away",
            "frontline",
            None,
        )
        assert Reply.objects.get().kind == "delegate"
    assert "Ola Away" in client.get(path).content.decode()


def test_what_is_missing_is_said_at_its_field(meets, client):
    with meets.scope():
        meeting, seat = opened(meets), meets.seats()[0]
    client.force_login(meets.leads[0].user)
    path = reverse("meetings:seat", args=["meets", meeting.pk, seat.pk])
    response = client.post(path, {"action": "delegate", "name": "Ola", "scope": "decide"})
    assert response.status_code == 422
    page = response.content.decode()
    assert "Say to which address their link goes." in page
    assert "Say at what level they work" in page
    assert 'value="Ola"' in page


def test_an_address_that_is_listed_is_that_member(meets, client):
    with meets.scope():
        meeting, seat = opened(meets), meets.seats()[0]
        zoe = member(meets.leads[0].organization, "partner_reporter", "zoe")
    client.force_login(meets.leads[0].user)
    path = reverse("meetings:seat", args=["meets", meeting.pk, seat.pk])
    sent = {"action": "delegate", "name": "Z", "email": "Zoe@ark.test", "scope": "decide"}
    assert client.post(path, sent).status_code == 302
    with meets.scope():
        assert Delegation.objects.get().delegate_id == zoe.pk


def test_the_letter_has_a_link_and_the_meeting_for_the_calendar(away):
    [letter] = letters(away)
    assert letter.kind == "delegate_named"
    assert letter.user is None
    [file] = letter.context["enclosures"]
    [event] = icalendar.Calendar.from_ical(file["text"]).walk("VEVENT")
    assert str(event["UID"]).startswith(away.series.uid)
    assert OLA in file["text"]
    with away.scope():
        assert not Membership.objects.filter(user__email=OLA).exists()
    assert not User.objects.filter(email=OLA).exists()


def test_by_the_link_one_is_briefed_and_says_whether_one_comes(away, client):
    page = client.get(away.path).content.decode()
    assert "You come for Ark" in page
    assert "Budget" in page
    assert client.post(away.path, {"action": "mandate", "kind": "yes"}).status_code == 302
    assert brief(away, client).status_code == 302
    with away.scope():
        away.ola.refresh_from_db()
        assert (away.ola.state, away.ola.answer) == ("briefed", "yes")
        [line] = BriefingAnswer.objects.all()
        assert (line.line, line.note, line.answered_by) == ("consent", "Go", None)


def test_a_briefed_delegate_from_outside_who_checks_in_counts(away, client):
    brief(away, client)
    with away.scope():
        started(away)
    assert client.post(away.path, {"action": "come"}).status_code == 302
    assert client.post(away.path, {"action": "come"}).status_code == 302  # twice is once
    with away.scope():
        [row] = Attendance.objects.all()
        assert (row.called, row.person, row.marked_by) == ("Ola Away", None, None)
        Attendance.objects.update(came_at=away.meeting.started_at)
        end_meeting(actor=away.facilitator, meeting=away.meeting)
        count = SeatCount.objects.get(seat=away.seats()[0])
        assert (count.counted, count.status, count.level) == (True, "by_delegate", "management")
        away.ola.refresh_from_db()
        assert away.ola.state == "served"

        content = content_of(away.meeting)
        [ark] = [each for each in content["seats"] if each["organization"] == "Ark"]
        assert ark["people"] == ["Ola Away"]


@pytest.mark.parametrize(
    ("level", "is_briefed", "status"),
    [("frontline", True, "below_level"), ("executive", False, "present_unbriefed")],
)
def test_the_counting_rule_holds_for_outsiders(meets, level, is_briefed, status):
    with meets.scope():
        type(meets.series).objects.update(minimum_delegate_level="management")
        meets.meeting = opened(meets)
        item = scheduled(meets, meets.meeting, purpose="decide")
        meets.ola = named(meets, level=level)
        if is_briefed:
            brief_outsider(delegation=meets.ola, lines={item.pk: ("ask", "")})
        started(meets)
        mark_outsider(actor=meets.facilitator, delegation=meets.ola, is_there=True)
        Attendance.objects.update(came_at=meets.meeting.started_at)
        end_meeting(actor=meets.facilitator, meeting=meets.meeting)
        count = SeatCount.objects.get(seat=meets.seats()[0])
    assert (count.counted, count.status) == (False, status)


def test_who_runs_the_meeting_marks_them_on_the_screen(away, client):
    with away.scope():
        started(away)
    client.force_login(away.facilitator.user)
    path = reverse("meetings:running", args=["meets", away.meeting.pk])
    assert "Ola Away" in client.get(path).content.decode()
    assert client.post(path, {"action": "come_for", "delegation": away.ola.pk}).status_code == 302
    assert 'value="leave_for"' in client.get(path).content.decode()
    assert client.post(path, {"action": "leave_for", "delegation": away.ola.pk}).status_code == 302
    with away.scope():
        assert Attendance.objects.get().left_at is not None


def test_another_organization_marks_nobodys_delegate(away):
    with away.scope():
        started(away)
        with pytest.raises(PermissionDenied):
            mark_outsider(actor=away.leads[1], delegation=away.ola, is_there=True)


def test_the_link_lapses_after_the_meeting(away, client):
    with away.scope():
        started(away)
        end_meeting(actor=away.facilitator, meeting=away.meeting)
    assert client.get(away.path).status_code == 200  # to tell the holder
    assert client.post(away.path, {"action": "debrief", "text": "We agreed."}).status_code == 302
    with away.scope():
        assert Notice.objects.get(kind="meeting_debrief").context["delegate"] == "Ola Away"
        then = timezone.now() - timedelta(days=3)
        Meeting.objects.update(
            ended_at=then, started_at=then, starts_at=then - timedelta(hours=1), ends_at=then
        )
    assert client.get(away.path).status_code == 404


def test_a_link_is_written_to_last_until_shortly_after_the_meeting(away):
    link = SignedLink.objects.get(purpose="seat")
    assert link.expires_at - away.meeting.ends_at == timedelta(days=2)
    assert link.user is None


def test_with_the_holder_the_link_closes_and_the_calendar_is_told(away, client):
    with away.scope():
        reply(actor=away.leads[0], meeting=away.meeting, seat=away.seats()[0], kind="yes")
    assert client.get(away.path).status_code == 404
    assert [each.kind for each in letters(away)] == ["delegate_named", "delegation_ended"]
    assert "METHOD:CANCEL" in letters(away)[1].context["enclosures"][0]["text"]


def test_who_declines_is_written_nothing_more(away, client):
    response = client.post(away.path, {"action": "mandate", "kind": "no"})
    assert "Thank you for saying so" in response.content.decode()
    assert client.get(away.path).status_code == 404
    with away.scope():
        cancel_meeting(actor=away.manager, meeting=away.meeting, version=1, reason="Flood")
    assert [each.kind for each in letters(away)] == ["delegate_named"]


def test_a_move_and_a_cancellation_reach_them_once_each(away, client):
    with away.scope():
        moved = move_meeting(
            actor=away.manager,
            meeting=away.meeting,
            version=away.meeting.version,
            local_date=START + timedelta(days=1),
            local_time=away.meeting.local_time,
        )
        cancel_meeting(actor=away.manager, meeting=moved, version=moved.version, reason="Flood")
    _named, moved, off = letters(away)
    assert [moved.kind, off.kind] == ["meeting_moved", "meeting_cancelled"]
    events = [
        icalendar.Calendar.from_ical(each.context["enclosures"][0]["text"]).walk("VEVENT")[0]
        for each in letters(away)
    ]
    assert len({str(each["UID"]) for each in events}) == 1
    numbers = [int(each["SEQUENCE"]) for each in events]
    assert numbers == sorted(set(numbers))
    assert client.get(path_in(moved)).status_code == 200


def test_who_is_named_again_is_invited_by_a_later_word(away):
    with away.scope():
        reply(actor=away.leads[0], meeting=away.meeting, seat=away.seats()[0], kind="yes")
        away.meeting.refresh_from_db()
        named(away)
    events = [
        icalendar.Calendar.from_ical(each.context["enclosures"][0]["text"]).walk("VEVENT")[0]
        for each in letters(away)
    ]
    numbers = [int(each["SEQUENCE"]) for each in events]
    assert numbers[2] > numbers[1] >= numbers[0]


def test_addresses_are_forgotten(away):
    with away.scope():
        assert forget_outsiders() == 0
        Meeting.objects.update(
            starts_at=timezone.now() - timedelta(days=32),
            ends_at=timezone.now() - timedelta(days=31),
        )
        assert forget_outsiders() == 1
        away.ola.refresh_from_db()
        assert (away.ola.outside_email, away.ola.called) == ("", "Ola Away")


def test_a_seat_without_holder_counts_an_outsider_as_delegate(away):
    """Nobody is taken for a holder that is not there."""
    with away.scope():
        away.seats()[0].__class__.objects.filter(pk=away.seats()[0].pk).update(holder=None)
        started(away)
        mark_outsider(actor=away.facilitator, delegation=away.ola, is_there=True)
        mark_present(actor=away.facilitator, meeting=away.meeting, person=away.leads[1])
        Attendance.objects.update(came_at=away.meeting.started_at)
        end_meeting(actor=away.facilitator, meeting=away.meeting)
        count = SeatCount.objects.get(seat=away.seats()[0])
    assert (count.counted, count.by_delegate) == (False, True)
