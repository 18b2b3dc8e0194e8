"""What a seat says before a meeting, and when it counts: C1, C2, C6's kin, C7."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from initiatives import notices
from initiatives.models import Act
from initiatives.services import end_membership
from meetings.choices import DelegationState, ItemState
from meetings.models import AgendaItem, BriefingAnswer, Delegation, Meeting, Reply
from meetings.selectors.agendas import agreement_of, digest_of
from meetings.services.actions import assign_action
from meetings.services.agendas import (
    accept_item,
    answer_agenda,
    decline_item,
    move_item,
    propose_item,
    resolve_change,
)
from meetings.services.carrying import carry_over, take_carried
from meetings.services.papers import publish_paper
from meetings.services.replies import answer_briefing, assemble_briefing, name_delegate, reply
from meetings.services.seat_links import seat_address
from meetings.services.series import ConflictError, cancel_meeting, open_meeting
from tests.meetings.conftest import member
from tests.meetings.days import START

pytestmark = pytest.mark.django_db(transaction=True)


def meeting_of(meets, weeks=0):
    day = START + timedelta(weeks=weeks)
    return open_meeting(actor=meets.manager, series=meets.series, day=day)


def scheduled(meets, meeting, title="Budget", **fields):
    item = propose_item(actor=meets.leads[0], body=meets.body, title=title, **fields)
    return accept_item(actor=meets.facilitator, item=item, meeting=meeting)


def agree(meets, meeting, number, **fields):
    fields = {"kind": "agree", "digest": digest_of(meeting)} | fields
    lead, seat = meets.leads[number], meets.seats()[number]
    return answer_agenda(actor=lead, meeting=meeting, seat=seat, **fields)


def state(meeting):
    return Meeting.objects.get(pk=meeting.pk).state


def test_c1_a_reply_is_to_one_meeting_and_never_to_the_series(meets):
    with meets.scope():
        first, second = meeting_of(meets), meeting_of(meets, 1)
        seat = meets.seats()[0]
        reply(actor=meets.leads[0], meeting=first, seat=seat, kind="no")
        reply(actor=meets.leads[0], meeting=first, seat=seat, kind="yes")
        assert [each.kind for each in Reply.objects.all()] == ["yes"]
        assert not Reply.objects.filter(meeting=second).exists()


def test_c2_two_thirds_of_the_organizations_agree_an_agenda(meets):
    with meets.scope():
        meeting = meeting_of(meets)
        scheduled(meets, meeting)
        agree(meets, meeting, 0)
        assert state(meeting) == "agenda_open"
        agree(meets, meeting, 1)
        assert state(meeting) == "agenda_agreed"


def test_c2_an_open_request_for_change_keeps_it_open(meets):
    with meets.scope():
        meeting = meeting_of(meets)
        scheduled(meets, meeting)
        agree(meets, meeting, 0)
        agree(meets, meeting, 1)
        answer = agree(meets, meeting, 2, kind="change", text="Housing first")
        assert state(meeting) == "agenda_open"
        resolve_change(actor=meets.facilitator, answer=answer)
        assert state(meeting) == "agenda_agreed"


def test_c2_a_changed_agenda_asks_again(meets):
    with meets.scope():
        meeting = meeting_of(meets)
        scheduled(meets, meeting)
        old = digest_of(meeting)
        agree(meets, meeting, 0)
        agree(meets, meeting, 1)
        scheduled(meets, meeting, "Staff")
        found = agreement_of(Meeting.objects.select_related("series").get(pk=meeting.pk))
        assert (found.agreed, found.stale, state(meeting)) == (0, 2, "agenda_open")
        with pytest.raises(ConflictError):
            agree(meets, meeting, 2, digest=old)


def test_a_request_for_change_says_what(meets):
    with meets.scope():
        meeting = meeting_of(meets)
        with pytest.raises(ValidationError):
            agree(meets, meeting, 0, kind="change", text=" ")


def test_nobody_answers_for_another_seat(meets):
    with meets.scope():
        meeting = meeting_of(meets)
        seat = meets.seats()[1]
        with pytest.raises(PermissionDenied):
            reply(actor=meets.leads[0], meeting=meeting, seat=seat, kind="yes")
        with pytest.raises(PermissionDenied):
            answer_agenda(actor=meets.leads[0], meeting=meeting, seat=seat, kind="agree", digest="")


def test_items_change_places(meets):
    with meets.scope():
        meeting = meeting_of(meets)
        items = [scheduled(meets, meeting, title) for title in "ABC"]
        move_item(actor=meets.facilitator, item=items[2], up=True)
        move_item(actor=meets.facilitator, item=items[0], up=True)
        found = AgendaItem.objects.filter(meeting=meeting).values_list("title", flat=True)
        assert list(found) == ["A", "C", "B"]


def test_declining_needs_a_reason_and_the_right(meets):
    with meets.scope():
        item = propose_item(actor=meets.leads[0], body=meets.body, title="Budget")
        with pytest.raises(ValidationError):
            decline_item(actor=meets.facilitator, item=item, reason=" ")
        with pytest.raises(PermissionDenied):
            decline_item(actor=meets.leads[0], item=item, reason="No")
        assert decline_item(actor=meets.facilitator, item=item, reason="Later").state == "declined"


def hold(meeting):
    """As if the meeting had ended, and nothing on it had been dealt with."""
    Meeting.objects.filter(pk=meeting.pk).update(
        state="closed",
        starts_at=timezone.now() - timedelta(hours=2),
        ends_at=timezone.now() - timedelta(hours=1),
    )


def test_c7_what_was_not_dealt_with_waits_and_moves_on_three_times(meets):
    with meets.scope():
        meeting = meeting_of(meets)
        scheduled(meets, meeting)
        for week in range(1, 5):
            hold(meeting)
            assert carry_over(meeting) == 1
            assert carry_over(meeting) == 0
            meeting = meeting_of(meets, week)
            # The agenda that is opened next takes it, once; after the third time it asks.
            taken = AgendaItem.objects.filter(meeting=meeting, state=ItemState.SCHEDULED)
            assert taken.count() == (1 if week <= 3 else 0)
            assert take_carried(meeting) == 0
        last = AgendaItem.objects.get(state=ItemState.ACCEPTED)
        assert (last.times_carried, last.meeting_id) == (4, None)


def test_c7_only_the_next_agenda_takes_what_waits(meets):
    with meets.scope():
        meeting = meeting_of(meets)
        scheduled(meets, meeting)
        hold(meeting)
        carry_over(meeting)
        later = meeting_of(meets, 3)
        assert not AgendaItem.objects.filter(meeting=later).exists()
        assert AgendaItem.objects.filter(meeting=meeting_of(meets, 1)).count() == 1


def test_c7_an_agenda_that_is_open_already_takes_it_at_once(meets):
    with meets.scope():
        meeting, following = meeting_of(meets), meeting_of(meets, 1)
        scheduled(meets, meeting)
        hold(meeting)
        carry_over(Meeting.objects.select_related("series__body").get(pk=meeting.pk))
        assert AgendaItem.objects.get(state=ItemState.SCHEDULED).meeting_id == following.pk


def test_c7_a_cancelled_meeting_gives_its_items_back(meets):
    with meets.scope():
        meeting = meeting_of(meets)
        scheduled(meets, meeting)
        proposed = propose_item(
            actor=meets.leads[0], body=meets.body, meeting=meeting, title="Vans"
        )
        version = Meeting.objects.get(pk=meeting.pk).version
        cancel_meeting(actor=meets.manager, meeting=meeting, version=version, reason="Snow")
        proposed.refresh_from_db()
        assert (proposed.meeting_id, proposed.state) == (None, ItemState.PROPOSED)
        again = AgendaItem.objects.get(state=ItemState.ACCEPTED)
        assert (again.title, again.meeting_id) == ("Budget", None)
        following = meeting_of(meets, 1)
        assert AgendaItem.objects.get(state=ItemState.SCHEDULED).meeting_id == following.pk


def test_a_delegate_is_written_to_and_counts_once_briefed(meets, client):
    with meets.scope():
        meeting = meeting_of(meets)
        item = scheduled(meets, meeting, purpose="decide")
        seat = meets.seats()[0]
        zoe = member(seat.organization, "partner_reporter", "zoe")
        named = name_delegate(
            actor=meets.leads[0], meeting=meeting, seat=seat, delegate=zoe, mandate="Say yes"
        )
        assert named.state == DelegationState.NOTIFIED
    notices.send_due(meets.initiative.pk)
    letter = next(each for each in mail.outbox if each.to == ["zoe@ark.test"])
    path = letter.body.split("http://")[1].split()[0].partition("/")[2]
    shown = client.get(f"/{path}")
    assert shown.status_code == 200
    assert b"Say yes" in shown.content
    answer = {"action": "briefing", f"line_{item.pk}": "consent", f"note_{item.pk}": "Gladly"}
    assert client.post(f"/{path}", {"action": "briefing"}).status_code == 422
    assert client.post(f"/{path}", answer).status_code == 302
    with meets.scope():
        assert Delegation.objects.get().state == DelegationState.BRIEFED
        assert BriefingAnswer.objects.get().answered_by_id == zoe.pk
        # The holder sees the answer and corrects it.
        pack = assemble_briefing(meeting=Meeting.objects.get(pk=meeting.pk), seat=seat)
        answer_briefing(actor=meets.leads[0], briefing=pack, lines={item.pk: ("ask", "Why now?")})
        assert BriefingAnswer.objects.get().line == "ask"


def test_a_delegate_reads_what_to_decide_first_and_is_offered_nothing_that_is_refused(
    meets, client
):
    with meets.scope():
        meeting = meeting_of(meets)
        item = scheduled(meets, meeting, "The van", purpose="decide")
        AgendaItem.objects.filter(pk=item.pk).update(text="Three <offers>, one of them used.")
        publish_paper(
            actor=meets.facilitator, meeting=meeting, item=item, name="Offers", text="…", minutes=4
        )
        seat = meets.seats()[0]
        zoe = member(seat.organization, "partner_reporter", "zoe")
        name_delegate(actor=meets.leads[0], meeting=meeting, seat=seat, delegate=zoe)
    page = reverse("meetings:seat", args=[meets.initiative.slug, meeting.pk, seat.pk])
    client.force_login(zoe.user)
    sent = client.get(page).content.decode()
    briefing = sent.index("Two minutes before you decide")
    assert briefing < sent.index("Three &lt;offers&gt;, one of them used.")
    assert sent.index("(4 minutes)") < sent.index('id="agenda"')
    assert f"You come for {seat.organization.name}" in sent
    for form in ("reply", "delegate", "agenda"):
        assert f'value="{form}"' not in sent
    client.force_login(meets.leads[0].user)
    held = client.get(page).content.decode()
    for form in ("reply", "delegate", "agenda", "briefing"):
        assert f'value="{form}"' in held
    assert held.index('value="reply"') < held.index("Two minutes before you decide")


def test_a_changed_item_asks_for_the_briefing_again(meets):
    with meets.scope():
        meeting = meeting_of(meets)
        item = scheduled(meets, meeting, purpose="decide")
        pack = assemble_briefing(meeting=meeting, seat=meets.seats()[0])
        AgendaItem.objects.filter(pk=item.pk).update(text="Something else")
        with pytest.raises(ValidationError):
            answer_briefing(actor=meets.leads[0], briefing=pack, lines={item.pk: ("consent", "")})
        assert assemble_briefing(meeting=meeting, seat=meets.seats()[0]).pk != pack.pk


def test_the_holder_who_comes_after_all_ends_the_delegation(meets):
    with meets.scope():
        meeting, seat = meeting_of(meets), meets.seats()[0]
        zoe = member(seat.organization, "partner_reporter", "zoe")
        name_delegate(actor=meets.leads[0], meeting=meeting, seat=seat, delegate=zoe)
        reply(actor=meets.leads[0], meeting=meeting, seat=seat, kind="yes")
        assert Delegation.objects.get().state == DelegationState.LAPSED


def test_a_delegate_speaks_for_the_organization(meets):
    with meets.scope():
        meeting, seat = meeting_of(meets), meets.seats()[0]
        with pytest.raises(ValidationError):
            name_delegate(actor=meets.leads[0], meeting=meeting, seat=seat, delegate=meets.leads[1])


def test_the_link_of_who_left_opens_nothing(meets, client):
    with meets.scope():
        meeting, seat = meeting_of(meets), meets.seats()[0]
        zoe = member(seat.organization, "partner_reporter", "zoe")
        name_delegate(actor=meets.leads[0], meeting=meeting, seat=seat, delegate=zoe)
    notices.send_due(meets.initiative.pk)
    letter = next(each for each in mail.outbox if each.to == ["zoe@ark.test"])
    path = letter.body.split("http://")[1].split()[0].partition("/")[2]
    with meets.scope():
        end_membership(actor=meets.manager, membership=zoe)
    assert client.get(f"/{path}").status_code == 404


def test_a_seat_is_opened_by_its_own_alone(meets, client):
    with meets.scope():
        meeting = meeting_of(meets)
        seats = meets.seats()
    client.force_login(meets.leads[0].user)
    address = [
        reverse("meetings:seat", args=[meets.initiative.slug, meeting.pk, seat.pk])
        for seat in seats
    ]
    assert client.get(address[0]).status_code == 200
    assert client.get(address[1]).status_code == 404
    answer = client.post(address[0], {"action": "reply", "kind": "no", "note": "On leave"})
    assert answer.status_code == 302
    with meets.scope():
        assert Reply.objects.get().note == "On leave"


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "3000-01-01"])
def test_a_day_beyond_all_calendars_is_not_found(client, meets, day):
    with meets.scope():
        meets.series.rule = "FREQ=DAILY"
        meets.series.save()
    client.force_login(meets.leads[0].user)
    place = reverse("meetings:meeting_open", args=[meets.initiative.slug, meets.series.pk, day])
    assert client.post(place).status_code == 404


@pytest.mark.parametrize("version", ["9" * 5000, "9" * 30, "٣", "x"])
def test_a_version_that_nothing_has_is_a_conflict(client, meets, version):
    client.force_login(meets.facilitator.user)
    place = reverse("meetings:series_change", args=[meets.initiative.slug, meets.series.pk])
    form = {"name": "N", "starts_on": START, "starts_at": "10:00", "minutes": 60}
    form |= {"pattern": "weekly", "time_zone": "UTC", "quorum": 3, "notice_days": 5}
    assert client.post(place, form | {"version": version}).status_code == 422
    assert client.post(place, form | {"starts_on": "0001-01-01"}).status_code == 422


def test_the_page_of_a_seat_costs_the_same_for_many_items_papers_and_promises(client, meets):
    with meets.scope():
        lead, seat = meets.leads[0], meets.seats()[0]
        zoe = member(seat.organization, "partner_reporter", "zoe")
        found = []
        for weeks, number in enumerate((1, 15)):
            meeting = meeting_of(meets, weeks)
            for n in range(number):
                item = scheduled(meets, meeting, f"Item {n}", purpose="decide")
                paper = {"name": f"P{n}", "text": "Read", "minutes": 3}
                publish_paper(actor=meets.facilitator, meeting=meeting, item=item, **paper)
                promised = {"organization": lead.organization, "due_on": START}
                assign_action(actor=lead, body=meets.body, text=f"Ask {weeks} {n}", **promised)
            name_delegate(actor=lead, meeting=meeting, seat=seat, delegate=zoe)
            pack = assemble_briefing(meeting=meeting, seat=seat)
            lines = {each["item"]: ("consent", "") for each in pack.content["decide"]}
            answer_briefing(actor=zoe, briefing=pack, lines=lines)
            agree(meets, meeting, 0)
            found.append((meeting, seat_address(meeting, seat, zoe)))
    client.force_login(lead.user)
    slug = meets.initiative.slug
    pages = [reverse("meetings:seat", args=[slug, each.pk, seat.pk]) for each, _link in found]
    for addresses in (pages, [link for _meeting, link in found]):
        client.get(addresses[0])
        counts = []
        for address in addresses:
            with CaptureQueriesContext(connection) as queries:
                answer = client.get(address)
            assert "Zoe" in answer.content.decode()
            counts.append(len(queries))
        assert counts[0] == counts[1]
        assert counts[0] <= 17


def test_the_record_tells_of_people_and_organizations_and_not_of_numbers(meets):
    with meets.scope():
        meeting, seat = meeting_of(meets), meets.seats()[0]
        zoe = member(seat.organization, "partner_reporter", "zoe")
        reply(actor=meets.leads[0], meeting=meeting, seat=seat, kind="no")
        name_delegate(actor=meets.leads[0], meeting=meeting, seat=seat, delegate=zoe)
        acts = Act.objects.filter(action__in=["meetings.replied", "meetings.delegate_named"])
        assert [each.subject_label for each in acts.order_by("id")] == [
            f"Ark, {meeting}: No",
            f"Zoe for Ark, {meeting}",
        ]
