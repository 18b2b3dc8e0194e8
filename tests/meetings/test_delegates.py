"""Delegates and their calendars: invited with the mandate, let off with its end, heard when they
answer; and nobody makes themselves one.
"""

from datetime import date, timedelta

import icalendar
import pytest
import vobject
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from initiatives.models import Membership, Notice
from initiatives.services import end_membership
from meetings.exports.envelopes import Answer
from meetings.models import CalendarEnvelope, Delegation, Meeting, Reply
from meetings.services.bodies import end_seat, fill_seat
from meetings.services.delegations import answer_delegation
from meetings.services.replies import name_delegate, reply
from meetings.services.series import cancel_meeting, change_series, move_meeting, open_meeting
from meetings.services.subscriptions import take_answer
from tests.meetings.conftest import member
from tests.meetings.days import START

pytestmark = pytest.mark.django_db(transaction=True)
ZOE = "zoe@ark.test"


@pytest.fixture
def sent(meets):
    """``meets`` with ``zoe``, who comes for the first lead on the first day."""
    with meets.scope():
        meets.zoe = member(meets.leads[0].organization, "partner_reporter", "zoe")
        meets.seat = meets.seats()[0]
        meets.meeting = open_meeting(actor=meets.manager, series=meets.series, day=START)
        meets.delegation = named(meets, meets.zoe)
    return meets


def named(meets, delegate):
    return name_delegate(
        actor=meets.leads[0], meeting=meets.meeting, seat=meets.seat, delegate=delegate
    )


def files(meets, to=ZOE):
    """What the calendar of somebody was told, in order: method, event."""
    rows = Notice.objects.filter(recipient=to).exclude(state="cancelled").order_by("id")
    found = []
    for letter in rows:
        for each in letter.context.get("enclosures", []):
            calendar = icalendar.Calendar.from_ical(each["text"])
            [event] = calendar.walk("VEVENT")
            assert vobject.readOne(each["text"]).vevent.uid.value == str(event["UID"])
            found.append((str(calendar["METHOD"]), event))
    return found


def test_a_named_delegate_gets_the_meeting_with_the_mandate(sent):
    with sent.scope():
        [(method, event)] = files(sent)
        [letter] = Notice.objects.filter(recipient=ZOE)
    assert (letter.kind, method) == ("delegate_named", "REQUEST")
    assert str(event["UID"]).startswith(sent.series.uid)
    assert f"{event['RECURRENCE-ID'].dt:%Y-%m-%d %H:%M}" == f"{START} 14:00"
    zoe, ark = event["ATTENDEE"]
    assert (str(zoe), zoe.params["DELEGATED-FROM"]) == (f"mailto:{ZOE}", "mailto:ark@ark.test")
    assert ark.params["PARTSTAT"] == "DELEGATED"


def test_c8_the_holder_who_comes_takes_it_out_of_the_delegates_calendar(sent):
    with sent.scope():
        reply(actor=sent.leads[0], meeting=sent.meeting, seat=sent.seat, kind="yes")
        (_asked, first), (method, off) = files(sent)
        letter = Notice.objects.get(kind="delegation_ended")
    assert (method, str(off["STATUS"])) == ("CANCEL", "CANCELLED")
    assert off["UID"] == first["UID"]
    assert off["RECURRENCE-ID"].dt == first["RECURRENCE-ID"].dt
    assert int(off["SEQUENCE"]) >= int(first["SEQUENCE"])
    assert letter.context["comes"] == "Ark"


def test_c8_who_is_named_again_is_invited_by_a_later_word_than_the_cancellation(sent):
    with sent.scope():
        reply(actor=sent.leads[0], meeting=sent.meeting, seat=sent.seat, kind="yes")
        named(sent, sent.zoe)
        methods = [method for method, _event in files(sent)]
        numbers = [int(event["SEQUENCE"]) for _method, event in files(sent)]
    assert methods == ["REQUEST", "CANCEL", "REQUEST"]
    assert numbers[2] > numbers[1] >= numbers[0]


def test_another_delegate_takes_over_and_the_first_is_let_off(sent):
    with sent.scope():
        yan = member(sent.leads[0].organization, "partner_reporter", "yan")
        named(sent, yan)
        assert [method for method, _event in files(sent)] == ["REQUEST", "CANCEL"]
        assert [method for method, _event in files(sent, "yan@ark.test")] == ["REQUEST"]
        named(sent, yan)  # sent twice
        assert len(files(sent, "yan@ark.test")) == 1


def test_c8_a_delegate_who_left_is_written_nothing_more(sent):
    with sent.scope():
        end_membership(actor=sent.manager, membership=sent.zoe)
        reply(actor=sent.leads[0], meeting=sent.meeting, seat=sent.seat, kind="yes")
        assert not Notice.objects.filter(recipient=ZOE, kind="delegation_ended").exists()
        assert CalendarEnvelope.objects.filter(membership=sent.zoe, method="CANCEL").count() <= 1


def test_what_moves_the_series_moves_the_delegate_too(sent):
    with sent.scope():
        at = sent.meeting.local_time.replace(hour=17)
        change_series(actor=sent.manager, series=sent.series, version=1, starts_at=at)
        *_first, (method, event) = files(sent)
    assert method == "REQUEST"
    assert f"{event['DTSTART'].dt:%H:%M}" == "17:00"


def test_a_move_and_a_cancellation_reach_the_delegate_once_each(sent):
    with sent.scope():
        moved = move_meeting(
            actor=sent.manager,
            meeting=sent.meeting,
            version=sent.meeting.version,
            local_date=START + timedelta(days=1),
            local_time=sent.meeting.local_time,
        )
        cancel_meeting(actor=sent.manager, meeting=moved, version=moved.version, reason="Flood")
        found = files(sent)
    assert [method for method, _event in found] == ["REQUEST", "REQUEST", "CANCEL"]
    numbers = [int(event["SEQUENCE"]) for _method, event in found]
    assert numbers == sorted(set(numbers))


def test_with_the_seat_the_mandate_ends(sent):
    with sent.scope():
        end_seat(actor=sent.manager, seat=sent.seat)
        assert [method for method, _event in files(sent)] == ["REQUEST", "CANCEL"]
        assert Delegation.objects.get().state == "void"


def test_a_delegate_who_gets_the_seat_itself_keeps_the_meeting(sent):
    with sent.scope():
        fill_seat(actor=sent.leads[0], seat=sent.seat, holder=sent.zoe)
        assert [method for method, _event in files(sent)] == ["REQUEST", "REQUEST"]
        assert Delegation.objects.get().state == "lapsed"


def said(sent, answer="ACCEPTED", email=ZOE, day=START, **more):
    return take_answer(Answer(sent.series.uid, email, answer, 0, day, **more))


@pytest.mark.parametrize(("answer", "kind"), [("ACCEPTED", "yes"), ("TENTATIVE", "maybe")])
def test_a_delegates_own_answer_is_noted(sent, answer, kind):
    with sent.scope():
        assert said(sent, answer, sent_by="ark@ark.test")
        assert Delegation.objects.get().answer == kind
        assert Reply.objects.get().kind == "delegate"
        assert said(sent, answer)  # a calendar that says nothing of who sent them
        assert CalendarEnvelope.objects.get(membership=sent.zoe).answer == answer


@pytest.mark.parametrize("answer", ["DECLINED", "DELEGATED"])
def test_a_delegate_who_cannot_come_gives_the_mandate_back(sent, answer):
    with sent.scope():
        assert said(sent, answer, sent_by="ark@ark.test", delegate="bee@bee.test")
        assert Delegation.objects.get().state == "void"
        assert not Reply.objects.exists()  # the seat is asked anew
        [letter] = Notice.objects.filter(kind="delegate_declined")
        assert letter.recipient == "ark@ark.test"
        assert [method for method, _event in files(sent)] == ["REQUEST"]  # they know
        assert not said(sent, "ACCEPTED")  # and it stays given back


@pytest.mark.parametrize(
    "change",
    [
        {"sent_by": "cat@cat.test"},
        {"email": "bee@bee.test", "sent_by": "ark@ark.test"},
        {"email": "stranger@ark.test", "sent_by": "ark@ark.test"},
        {"day": START + timedelta(weeks=1)},
        {"day": START + timedelta(days=1)},
    ],
)
def test_nobody_speaks_as_a_delegate_who_was_not_sent(sent, change):
    with sent.scope():
        before = Delegation.objects.values().get()
        if change.get("email") == "bee@bee.test":
            said(sent, "DECLINED", **change)  # answers for the own seat alone
        else:
            assert not said(sent, "DECLINED", **change)
        assert Delegation.objects.values().get() == before


def test_somebody_whom_the_holder_never_named_becomes_no_delegate(meets):
    with meets.scope():
        member(meets.leads[0].organization, "partner_reporter", "zoe")
        answer = Answer(meets.series.uid, ZOE, "ACCEPTED", 0, START, sent_by="ark@ark.test")
        assert not take_answer(answer)
        assert not Delegation.objects.exists()
        assert not Meeting.objects.exists()


def test_a_delegate_says_no_on_the_page_and_is_sent_on(client, sent):
    client.force_login(sent.zoe.user)
    page = reverse("meetings:seat", args=["meets", sent.meeting.pk, sent.seat.pk])
    assert "Do you come?" in client.get(page).content.decode()
    assert client.post(page, {"action": "mandate"}).status_code == 422
    answer = client.post(page, {"action": "mandate", "kind": "no"}, follow=True)
    assert answer.status_code == 200
    assert "The holder of the seat is told" in answer.content.decode()
    assert client.get(page).status_code == 404
    with sent.scope():
        assert Delegation.objects.get().state == "void"


def test_a_delegate_says_no_by_link(client, sent):
    with sent.scope():
        url = Notice.objects.get(recipient=ZOE).context["url"]
    path = "/" + url.split("/", 3)[3]
    answer = client.post(path, {"action": "mandate", "kind": "no"})
    assert answer.status_code == 200
    assert "Thank you for saying so" in answer.content.decode()
    assert client.get(path).status_code == 404


def test_only_the_delegate_answers_for_the_mandate(client, sent):
    with sent.scope():
        for who in (sent.leads[0], sent.manager, sent.leads[1]):
            with pytest.raises(PermissionDenied):
                answer_delegation(actor=who, delegation=sent.delegation, kind="no")
        with pytest.raises(ValidationError):
            answer_delegation(actor=sent.zoe, delegation=sent.delegation, kind="delegate")
    client.force_login(sent.leads[0].user)
    page = reverse("meetings:seat", args=["meets", sent.meeting.pk, sent.seat.pk])
    assert client.post(page, {"action": "mandate", "kind": "no"}).status_code == 422
    with sent.scope():
        assert Delegation.objects.get().state == "notified"


def test_an_answer_counts_where_another_meeting_was_moved_often(meets):
    """Moves of one meeting make no answer to another one old."""
    with meets.scope():
        meeting = open_meeting(actor=meets.manager, series=meets.series, day=START)
        for hour in (15, 16, 17):
            meeting = move_meeting(
                actor=meets.manager,
                meeting=meeting,
                version=meeting.version,
                local_date=START,
                local_time=meeting.local_time.replace(hour=hour),
            )
        later = START + timedelta(weeks=1)
        assert take_answer(Answer(meets.series.uid, "ark@ark.test", "ACCEPTED", 0, later))
        assert not take_answer(Answer(meets.series.uid, "ark@ark.test", "ACCEPTED", 0, START))
        assert [str(each.meeting.day) for each in Reply.objects.all()] == [str(later)]


def test_an_answer_for_what_is_long_past_makes_no_meeting(meets):
    with meets.scope():
        meets.series.starts_on = date(2020, 1, 7)
        meets.series.save()
        assert not take_answer(
            Answer(meets.series.uid, "ark@ark.test", "ACCEPTED", 0, date(2020, 1, 14))
        )
        assert not Meeting.objects.exists()


def test_who_speaks_for_two_organizations_answers_for_the_seat_they_hold(meets):
    """The invitations of a person who is a member twice lie under one address."""
    with meets.scope():
        twice = Membership.here(
            user=meets.leads[0].user,
            organization=meets.leads[1].organization,
            roles=["partner_lead"],
            starts_on=timezone.localdate(),
        )
        twice.save()
        fill_seat(actor=meets.manager, seat=meets.seats()[1], holder=twice)
        fill_seat(actor=meets.manager, seat=meets.seats()[1], holder=None)
        assert take_answer(Answer(meets.series.uid, "ark@ark.test", "DECLINED", 9, START))
        assert Reply.objects.get().seat == meets.seats()[0]
