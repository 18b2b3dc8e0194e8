"""A seat wants another agenda: who sets it sees that, and the seat sees what became of it."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from initiatives import notices, today
from initiatives.models import Act, Notice
from meetings.models import AgendaAnswer, AskedMinutes
from meetings.selectors.agendas import digest_of
from meetings.services.agendas import answer_agenda, resolve_change
from meetings.services.asking import ask_seats, remind_seats
from meetings.services.replies import name_delegate, reply
from tests.meetings.conftest import member
from tests.meetings.held import opened, scheduled

pytestmark = pytest.mark.django_db(transaction=True)
WISH = "Leases before beds, please."
WORD = "Leases come first now."


def asks(meets, meeting, number=0, text=WISH):
    seat, digest = meets.seats()[number], digest_of(meeting)
    return answer_agenda(
        actor=meets.leads[number],
        meeting=meeting,
        seat=seat,
        kind="change",
        digest=digest,
        text=text,
    )


def agrees(meets, meeting, number=0):
    seat, digest = meets.seats()[number], digest_of(meeting)
    return answer_agenda(
        actor=meets.leads[number], meeting=meeting, seat=seat, kind="agree", digest=digest
    )


def page(client, meets, person, name, *args):
    client.force_login(person.user)
    url = reverse(f"meetings:{name}", args=[meets.initiative.slug, *args])
    return client.get(url).content.decode()


@pytest.fixture
def asked(meets):
    """``meets`` with a meeting whose agenda the first seat wants changed."""
    with meets.scope():
        meets.meeting = opened(meets)
        scheduled(meets, meets.meeting)
        meets.answer = asks(meets, meets.meeting)
        meets.seat = meets.seats()[0]
    return meets


def test_who_asked_for_a_change_reads_it_and_then_what_became_of_it(client, asked):
    where = (asked.leads[0], "seat", asked.meeting.pk, asked.seat.pk)
    shown = page(client, asked, *where)
    assert WISH in shown
    assert "Not answered yet" in shown
    client.force_login(asked.facilitator.user)
    resolve = reverse("meetings:change_resolve", args=["meets", asked.answer.pk])
    assert client.post(resolve, {"text": WORD}).status_code == 302
    shown = page(client, asked, *where)
    assert WISH in shown
    assert WORD in shown
    assert "Fran" in shown
    assert "Not answered yet" not in shown
    # What was answered stays to be read when the seat agrees after all.
    with asked.scope():
        agrees(asked, asked.meeting)
    shown = page(client, asked, *where)
    assert WORD in shown
    assert "You agreed to it" in shown


def test_who_takes_a_request_back_by_agreeing_leaves_nothing_to_answer(client, asked):
    with asked.scope():
        agrees(asked, asked.meeting)
        row = AgendaAnswer.objects.get()
        assert (row.kind, row.text) == ("agree", "")
    assert WISH not in page(client, asked, asked.facilitator, "meeting", asked.meeting.pk)


def test_a_second_request_forgets_the_answer_to_the_first(asked):
    with asked.scope():
        resolve_change(actor=asked.facilitator, answer=asked.answer, text=WORD)
        asks(asked, asked.meeting, text="Now beds.")
        row = AgendaAnswer.objects.get()
        assert (row.text, row.resolution, row.resolved_by, row.resolved_at) == (
            "Now beds.",
            "",
            None,
            None,
        )


def test_an_answer_to_a_request_keeps_to_its_length(client, asked):
    client.force_login(asked.facilitator.user)
    resolve = reverse("meetings:change_resolve", args=["meets", asked.answer.pk])
    answer = client.post(resolve, {"text": "x" * 1_001}, follow=True)
    assert "at most 1000 characters" in answer.content.decode()
    with asked.scope():
        assert AgendaAnswer.objects.get().resolved_at is None


@pytest.mark.parametrize("who", ["manager", "facilitator"])
def test_who_sets_the_agenda_is_led_to_the_open_request(client, asked, who):
    person = getattr(asked, who)
    link = reverse("meetings:meeting", args=["meets", asked.meeting.pk]) + "#changes"
    shown = page(client, asked, person, "meeting", asked.meeting.pk)
    assert 'href="#changes"' in shown
    assert 'id="changes"' in shown
    # Beside the question whether to begin so early, and on the page of today.
    shown = page(client, asked, person, "running", asked.meeting.pk)
    early = shown.split("It is hours ahead")[1].split("Begin it now")[0]
    assert f'href="{link}"' in early
    with asked.scope():
        assert link in {each.url for each in today.waiting(person)}
        resolve_change(actor=asked.facilitator, answer=asked.answer)
        assert link not in {each.url for each in today.waiting(person)}
    for name in ("meeting", "running"):
        assert "asks for another agenda" not in page(client, asked, person, name, asked.meeting.pk)


def test_other_seats_are_led_to_nothing_they_cannot_answer(client, asked):
    shown = page(client, asked, asked.leads[1], "meeting", asked.meeting.pk)
    assert WISH in shown
    assert 'href="#changes"' not in shown
    assert "#changes" not in page(client, asked, asked.leads[1], "running", asked.meeting.pk)


def test_an_answered_request_asks_for_the_agenda_again(asked, monkeypatch):
    monkeypatch.setattr("meetings.selectors.waiting.AHEAD", timedelta(days=999))

    def waits():
        lines = [each.text for each in today.waiting(asked.leads[0])]
        return any("Your change was answered" in each for each in lines)

    with asked.scope():
        assert not waits()
        resolve_change(actor=asked.facilitator, answer=asked.answer, text=WORD)
        assert waits()
        agrees(asked, asked.meeting)
        assert not waits()


# The letter that asks: only for what was not said yet.


def subjects(address):
    return [each.subject for each in mail.outbox if each.to == [address]]


def test_who_said_already_whether_they_come_is_not_asked_that_again(meets):
    with meets.scope():
        meeting = opened(meets)
        scheduled(meets, meeting)
        for number, kind in enumerate(["yes", "no", "maybe"]):
            seat = meets.seats()[number]
            reply(actor=meets.leads[number], meeting=meeting, seat=seat, kind=kind)
        assert ask_seats(actor=meets.facilitator, meeting=meeting) == 3
    notices.send_due(meets.initiative.pk)
    for lead in meets.leads[:2]:
        [letter] = [
            each
            for each in mail.outbox
            if each.to == [lead.user.email] and "Steering meeting on" in each.subject
        ]
        assert "is this the agenda you want?" in letter.subject
        assert "will you be there" not in letter.body.lower() + letter.alternatives[0][0].lower()
        assert "You said already whether you come" in letter.body
    assert any("will you be there?" in each for each in subjects(meets.leads[2].user.email))


def test_who_said_everything_gets_no_letter(client, meets):
    with meets.scope():
        meeting = opened(meets)
        for number in range(2):
            reply(
                actor=meets.leads[number], meeting=meeting, seat=meets.seats()[number], kind="yes"
            )
    assert "1 seat gets its letter" in page(client, meets, meets.manager, "meeting", meeting.pk)
    with meets.scope():
        # Without an item there is no agenda to ask about.
        assert ask_seats(actor=meets.facilitator, meeting=meeting) == 1
        scheduled(meets, meeting)
        agrees(meets, meeting)
        assert ask_seats(actor=meets.facilitator, meeting=meeting) == 1
        asked = set(Notice.objects.filter(kind="agenda_opened").values_list("recipient", flat=True))
    assert asked == {each.user.email for each in meets.leads[1:]}


def test_letter_and_page_say_the_same_of_the_briefing(client, meets):
    """Whether the seat counts only once it is answered: where there is something to decide."""
    briefing, nothing = (
        "the seat counts once you have answered it",
        "the seat counts if you are there",
    )
    for number, purpose in enumerate(["discuss", "decide"]):
        with meets.scope():
            meeting, seat = opened(meets, number), meets.seats()[0]
            scheduled(meets, meeting, purpose=purpose)
            zoe = member(seat.organization, "partner_reporter", f"zoe{number}")
            name_delegate(actor=meets.leads[0], meeting=meeting, seat=seat, delegate=zoe)
        notices.send_due(meets.initiative.pk)
        [letter] = [each for each in mail.outbox if each.to == [zoe.user.email]]
        shown = page(client, meets, zoe, "seat", meeting.pk, seat.pk)
        if purpose == "decide":
            assert briefing in letter.body
            assert nothing not in letter.body + shown
            assert "Two minutes before you decide" in shown
        else:
            assert nothing in letter.body
            assert nothing in shown
            assert briefing not in letter.body + shown


# Reminded by hand: who has the letter and is silent, once a day.


def test_the_silent_are_reminded_by_hand_once_a_day(client, meets):
    with meets.scope():
        meeting = opened(meets)
        ask_seats(actor=meets.facilitator, meeting=meeting)
        reply(actor=meets.leads[0], meeting=meeting, seat=meets.seats()[0], kind="yes")
        asked = sum(AskedMinutes.objects.values_list("minutes", flat=True))
    notices.send_due(meets.initiative.pk)
    mail.outbox.clear()
    assert "2 seats have their letter" in page(
        client, meets, meets.facilitator, "meeting", meeting.pk
    )
    url = reverse("meetings:seats_ask", args=["meets", meeting.pk])
    for said in ("2 seats are reminded", "0 seats are reminded"):
        answer = client.post(url, {"again": "yes"}, follow=True)
        assert said in answer.content.decode()
    assert "Remind them now" not in answer.content.decode()
    notices.send_due(meets.initiative.pk)
    letters = {each.to[0]: each for each in mail.outbox}
    assert set(letters) == {each.user.email for each in meets.leads[1:]}
    assert len(mail.outbox) == 2
    for each in letters.values():
        assert each.subject.startswith("Reminder: Steering meeting")
        assert "You have not answered yet." in each.body
    with meets.scope():
        # They were asked for these minutes already.
        assert sum(AskedMinutes.objects.values_list("minutes", flat=True)) == asked
        tomorrow = timezone.now() + timedelta(days=1)
    with pytest.MonkeyPatch.context() as patched, meets.scope():
        patched.setattr(timezone, "now", lambda: tomorrow)
        assert remind_seats(actor=meets.manager, meeting=meeting) == 2
        with pytest.raises(PermissionDenied):
            remind_seats(actor=meets.leads[0], meeting=meeting)


def test_who_was_never_asked_is_not_reminded(meets):
    with meets.scope():
        meeting = opened(meets)
        assert remind_seats(actor=meets.facilitator, meeting=meeting) == 0
        assert not Act.objects.filter(action="meetings.seats_reminded").exists()
