"""The letter before a meeting, the seat's page behind it, and what waits on the page of today."""

import re
import threading
from datetime import time, timedelta

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import ContentFile
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from agenda.models import Difference, DifferenceSide, SideMember
from initiatives import notices, today
from initiatives.models import Membership, Notice, User
from initiatives.tenancy import scope
from meetings.choices import DelegationState
from meetings.models import (
    AgendaItem,
    AskedMinutes,
    Attendance,
    Delegation,
    Meeting,
    QuietSetting,
    Seat,
    SeatCount,
)
from meetings.selectors.asked import asked_this_month
from meetings.selectors.briefings import content_of
from meetings.services.agendas import propose_item
from meetings.services.announcements import set_ceiling
from meetings.services.asking import OverCeilingError, ask_seats, plan_asking
from meetings.services.bodies import end_seat, fill_seat
from meetings.services.papers import publish_paper
from meetings.services.replies import (
    answer_briefing,
    assemble_briefing,
    name_delegate,
    reply,
    write_debrief,
)
from meetings.services.running import end_meeting, start_meeting
from meetings.services.seat_links import seat_address
from meetings.services.series import cancel_meeting
from tests.meetings.conftest import member
from tests.meetings.days import DAY, START, WEEK, before, berlin
from tests.meetings.test_seats import meeting_of, scheduled

pytestmark = pytest.mark.django_db(transaction=True)


def letters():
    return Notice.objects.filter(kind="agenda_opened").exclude(state="cancelled")


def path_in(letter):
    return "/" + letter.body.split("http://")[1].split()[0].partition("/")[2]


def to(email):
    return [each for each in mail.outbox if each.to == [email]]


def days_before(meeting, days):
    return meeting.starts_at - timedelta(days=days)


def test_every_seat_is_asked_once_however_often_the_clock_ticks(meets):
    with meets.scope():
        meeting = meeting_of(meets)
        scheduled(meets, meeting)
        assert plan_asking(days_before(meeting, 10)) == 0
        assert plan_asking(days_before(meeting, 6)) == 3
        assert plan_asking(days_before(meeting, 6)) == 0
        assert plan_asking(days_before(meeting, 5)) == 0
        assert letters().count() == 3
        # Who takes a seat over is asked as well.
        zoe = member(meets.leads[0].organization, "partner_reporter", "zoe")
        fill_seat(actor=meets.leads[0], seat=meets.seats()[0], holder=zoe)
        assert plan_asking(days_before(meeting, 4)) == 1


def test_two_clocks_at_once_write_each_letter_once(meets):
    with meets.scope():
        meeting = meeting_of(meets)
    now = days_before(meeting, 6)

    def tick():
        try:
            with scope(meets.initiative.pk):
                plan_asking(now)
        finally:
            connection.close()

    threads = [threading.Thread(target=tick) for _ in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    with meets.scope():
        assert letters().count() == 3


def test_the_clock_opens_the_agenda_of_which_nothing_is_known(meets):
    with meets.scope():
        assert not Meeting.objects.exists()
        first = meets.series.recurrence
        assert first.starts_on == START
        plan_asking(before(START - 5 * DAY))
        meeting = Meeting.objects.get()
        assert (meeting.day, meeting.state) == (START, "agenda_open")


def test_a_cancelled_meeting_asks_nobody(meets):
    with meets.scope():
        meeting = meeting_of(meets)
        ask_seats(actor=meets.facilitator, meeting=meeting)
        version = Meeting.objects.get(pk=meeting.pk).version
        cancel_meeting(actor=meets.manager, meeting=meeting, version=version, reason="Snow")
        assert not letters().exists()
        assert plan_asking(days_before(meeting, 5)) == 0


def test_the_letter_opens_the_page_of_the_seat_and_everything_is_answered_there(meets, client):
    with meets.scope():
        meeting = meeting_of(meets)
        item = scheduled(meets, meeting, purpose="decide")
        paper = publish_paper(
            actor=meets.facilitator, meeting=meeting, name="Vans", text="Ten.", minutes=4, item=item
        )
        ask_seats(actor=meets.facilitator, meeting=meeting)
    notices.send_due(meets.initiative.pk)
    [letter] = [each for each in to("ark@ark.test") if "will you be there" in each.subject]
    assert "Budget" in letter.body
    assert "4 minutes of reading" in letter.body
    path = path_in(letter)
    shown = client.get(path).content.decode()
    assert "4 minutes left to read" in shown
    digest = re.search(r'name="digest" value="(\w+)"', shown)[1]
    for sent in (
        {"action": "reply", "kind": "yes"},
        {"action": "agenda", "kind": "agree", "digest": digest},
        {"action": "read", "paper": paper.pk},
        {"action": "briefing", f"line_{item.pk}": "consent"},
    ):
        assert client.post(path, sent).status_code == 302, sent
    shown = client.get(path).content.decode()
    assert "left to read" not in shown
    assert "You agreed to it" in shown
    assert client.post(path, {"action": "read", "paper": 987654}).status_code == 422


def test_a_delegate_who_was_replaced_or_lapsed_sees_the_seat_no_more(meets, client):
    with meets.scope():
        meeting, seat = meeting_of(meets), meets.seats()[0]
        zoe = member(seat.organization, "partner_reporter", "zoe")
        name_delegate(actor=meets.leads[0], meeting=meeting, seat=seat, delegate=zoe)
    notices.send_due(meets.initiative.pk)
    [letter] = [each for each in to("zoe@ark.test") if "You come for" in each.subject]
    path = path_in(letter)
    assert client.get(path).status_code == 200
    with meets.scope():
        reply(actor=meets.leads[0], meeting=meeting, seat=seat, kind="yes")
    assert client.get(path).status_code == 404


def test_who_gave_a_seat_away_answers_for_it_no_more(meets, client):
    with meets.scope():
        meeting, seat = meeting_of(meets), meets.seats()[0]
        zoe = member(seat.organization, "partner_reporter", "zoe")
        fill_seat(actor=meets.leads[0], seat=seat, holder=zoe)
        ask_seats(actor=meets.facilitator, meeting=meeting)
    notices.send_due(meets.initiative.pk)
    [letter] = [each for each in to("zoe@ark.test") if "will you be there" in each.subject]
    assert client.get(path_in(letter)).status_code == 200
    with meets.scope():
        fill_seat(actor=meets.leads[0], seat=meets.seats()[0], holder=meets.leads[0])
    assert client.get(path_in(letter)).status_code == 404


@pytest.mark.parametrize("why", ["the seat is another's", "the seat ended", "signed out for good"])
def test_papers_close_with_the_page_of_the_seat(meets, client, why):
    with meets.scope():
        meeting, seat = meeting_of(meets), meets.seats()[0]
        paper = publish_paper(
            actor=meets.facilitator,
            meeting=meeting,
            name="Vans",
            minutes=4,
            file=ContentFile(b"ten", name="vans.txt"),
        )
        token = seat_address(meeting, seat, meets.leads[0]).rstrip("/").rsplit("/", 1)[1]
    path = reverse("seat_paper", args=[token, paper.pk])
    assert client.get(path).content == b"ten"
    with meets.scope():
        if why == "the seat is another's":
            zoe = member(meets.leads[1].organization, "partner_lead", "zoe")
            end_seat(actor=meets.manager, seat=meets.seats()[1])
            Seat.objects.filter(pk=seat.pk).update(organization=zoe.organization, holder=zoe)
        elif why == "the seat ended":
            end_seat(actor=meets.manager, seat=seat)
        else:
            User.objects.filter(pk=meets.leads[0].user_id).update(is_active=False)
    assert client.get(path).status_code == 404


def test_the_delegate_tells_the_holder_after_the_meeting_by_the_same_link(meets, client):
    with meets.scope():
        meeting, seat = meeting_of(meets), meets.seats()[0]
        zoe = member(seat.organization, "partner_reporter", "zoe")
        name_delegate(actor=meets.leads[0], meeting=meeting, seat=seat, delegate=zoe)
    notices.send_due(meets.initiative.pk)
    [letter] = [each for each in to("zoe@ark.test") if "You come for" in each.subject]
    path = path_in(letter)
    assert client.post(path, {"action": "debrief", "text": "Too early"}).status_code == 422
    with meets.scope():
        start_meeting(actor=meets.facilitator, meeting=meeting)
        end_meeting(actor=meets.facilitator, meeting=meeting)
        Meeting.objects.update(
            ends_at=timezone.now(), starts_at=timezone.now() - timedelta(hours=1)
        )
        assert not Attendance.objects.exists()
        assert SeatCount.objects.count() == 3
    assert client.post(path, {"action": "debrief", "text": "I said yes."}).status_code == 302
    notices.send_due(meets.initiative.pk)
    told = to("ark@ark.test")[-1]
    assert "I said yes." in told.body
    assert "I said yes." in client.get(path_in(told)).content.decode()


def test_nobody_else_writes_the_debrief(meets):
    with meets.scope():
        meeting, seat = meeting_of(meets), meets.seats()[0]
        zoe = member(seat.organization, "partner_reporter", "zoe")
        made = name_delegate(actor=meets.leads[0], meeting=meeting, seat=seat, delegate=zoe)
        with pytest.raises(PermissionDenied):
            write_debrief(actor=meets.leads[0], delegation=made, text="x")
        assert Delegation.objects.get().debrief == ""


def test_the_briefing_says_where_the_organization_stands(meets):
    with meets.scope():
        difference = Difference.here(title="Vans or shuttles", kind="means")
        difference.save()
        for position, lead in enumerate(meets.leads[:2]):
            side = DifferenceSide.here(
                difference=difference,
                position=position,
                label=f"Side {position}",
                statement=f"We want {position}.",
            )
            side.save()
            SideMember.here(difference=difference, side=side, organization=lead.organization).save()
        meeting = meeting_of(meets)
        item = scheduled(meets, meeting, purpose="decide", difference=difference)
        seats = meets.seats()
        said = content_of(meeting, seats[0])["stands"]
        assert said == ["Vans or shuttles – our view is “Side 0”: We want 0."]
        assert content_of(meeting, seats[2])["stands"] == []
        AgendaItem.objects.filter(pk=item.pk).update(purpose="discuss")
        assert content_of(meeting, seats[0])["stands"] == []


def texts(membership):
    return [each.text for each in today.waiting(Membership.objects.get(pk=membership.pk))]


def test_today_says_what_waits_for_who_holds_a_seat(meets):
    with meets.scope():
        meeting = meeting_of(meets)
        Meeting.objects.update(
            starts_at=timezone.now() + timedelta(days=3),
            ends_at=timezone.now() + timedelta(days=3, hours=1),
        )
        item = scheduled(meets, meeting, purpose="decide")
        publish_paper(actor=meets.facilitator, meeting=meeting, name="V", text="T", minutes=4)
        said = texts(meets.leads[0])
        assert "Will you be there? Steering meeting" in said
        assert "Is this the agenda you want? Steering meeting" in said
        assert "Read before you meet: Steering meeting" in said
        seat = meets.seats()[0]
        zoe = member(seat.organization, "partner_reporter", "zoe")
        name_delegate(actor=meets.leads[0], meeting=meeting, seat=seat, delegate=zoe)
        assert any("Answer the briefing: Steering meeting, " in each for each in texts(zoe))
        assert "Will you be there? Steering meeting" not in texts(meets.leads[0])
        pack = assemble_briefing(meeting=meeting, seat=seat)
        answer_briefing(actor=zoe, briefing=pack, lines={item.pk: ("consent", "")})
        assert not any("Answer the briefing" in each for each in texts(zoe))
        assert item.purpose == "decide"
        scheduled(meets, meeting, "Another", purpose="decide")  # there is more to decide
        assert any("Answer the briefing" in each for each in texts(zoe))


def test_a_delegate_reads_a_briefing_in_which_nothing_is_asked(client, meets):
    with meets.scope():
        meeting = meeting_of(meets)
        seat = meets.seats()[0]
        zoe = member(seat.organization, "partner_reporter", "zoe")
        name_delegate(actor=meets.leads[0], meeting=meeting, seat=seat, delegate=zoe)
        day = date_format(meeting.local_date, "DATE_FORMAT")
        assert f"Read the briefing: Steering meeting, {day}" in texts(zoe)
    page = reverse("meetings:seat", args=[meets.initiative.slug, meeting.pk, seat.pk])
    client.force_login(zoe.user)
    assert "I have read it" in client.get(page).content.decode()
    assert client.post(page, {"action": "briefing"}).status_code == 302
    assert "Briefing read" in client.get(page).content.decode()
    with meets.scope():
        assert Delegation.objects.get().state == DelegationState.BRIEFED
        assert not any("the briefing" in each for each in texts(zoe))


def test_to_decide_within_a_mandate_there_is_one(meets):
    with meets.scope():
        meeting, seat = meeting_of(meets), meets.seats()[0]
        zoe = member(seat.organization, "partner_reporter", "zoe")
        said = {"meeting": meeting, "seat": seat, "delegate": zoe, "scope": "decide_within"}
        with pytest.raises(ValidationError, match="mandate"):
            name_delegate(actor=meets.leads[0], mandate=" ", **said)
        assert name_delegate(actor=meets.leads[0], mandate="Below ten", **said).mandate


def test_today_says_what_waits_for_who_sets_the_agenda(meets):
    with meets.scope():
        meeting = meeting_of(meets)
        for title in "AB":
            propose_item(actor=meets.leads[0], body=meets.body, meeting=meeting, title=title)
        old = propose_item(actor=meets.leads[0], body=meets.body, title="Old")
        AgendaItem.objects.filter(pk=old.pk).update(state="accepted", times_carried=4)
        said = texts(meets.facilitator)
        assert "2 items are proposed" in said
        assert "Schedule it, hand it over or close it: Old" in said
        assert not any("proposed" in each for each in texts(meets.leads[0]))


def test_the_letter_keeps_the_quiet_hours_of_whom_it_is_for(meets):
    with meets.scope():
        meeting_of(meets)
        for lead, until in zip(meets.leads, (time(11, 0), time(8, 0)), strict=False):
            lead.user.time_zone = "Europe/Berlin"
            lead.user.save()
            QuietSetting.here(user=lead.user, quiet_from=time(6, 0), quiet_until=until).save()
        day = START - WEEK  # five working days before
        assert plan_asking(berlin(day, 4)) == 3
        found = {each.user_id: each.not_before for each in letters()}
        wanted = [berlin(day, hour) for hour in (11, 8, 8)]
        assert [found[each.user_id] for each in meets.leads] == wanted


def test_what_the_letter_asks_is_metered_once_for_a_person(meets):
    with meets.scope():
        meeting = meeting_of(meets)
        paper = {"name": "Plan", "text": "Read", "minutes": 7}
        publish_paper(actor=meets.facilitator, meeting=meeting, **paper)
        now = timezone.now()
        assert ask_seats(actor=meets.facilitator, meeting=meeting) == 3
        assert ask_seats(actor=meets.facilitator, meeting=meeting) == 0
        assert AskedMinutes.objects.count() == 3
        assert asked_this_month(now + timedelta(seconds=9)) == {
            each.user_id: 10 for each in meets.leads
        }


def test_c9_asking_now_above_the_ceiling_needs_the_project_manager(meets, client):
    with meets.scope():
        meeting = meeting_of(meets)
        set_ceiling(actor=meets.manager, minutes=10)
        publish_paper(actor=meets.facilitator, meeting=meeting, name="Vans", text="Ten.", minutes=9)
        for who, confirmed in ((meets.facilitator, True), (meets.manager, False)):
            with pytest.raises(OverCeilingError):
                ask_seats(actor=who, meeting=meeting, confirmed=confirmed)
        assert not letters().exists()
        assert not AskedMinutes.objects.exists()
    ask = reverse("meetings:seats_ask", args=["meets", meeting.pk])
    for who, text, offered in (
        (meets.facilitator, "The project manager has to confirm it", False),
        (meets.manager, "Confirm it, or wait", True),
    ):
        client.force_login(who.user)
        answer = client.post(ask)
        assert answer.status_code == 422
        page = answer.content.decode()
        assert "3 people would be asked for more than 10 minutes this month" in page
        assert text in page
        assert ('name="confirmed"' in page) == offered
    assert client.post(ask, {"confirmed": "on"}).status_code == 302
    with meets.scope():
        assert letters().count() == 3
        # The days of notice ask nobody anew, and ask without a word who is left.
        assert ask_seats(actor=meets.facilitator, meeting=meeting) == 0
