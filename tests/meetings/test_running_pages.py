"""The one screen of a running meeting: with a script and without, with two who type."""

import uuid
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from meetings.choices import MeetingState
from meetings.models import ActionItem, AgendaItem, Attendance, Decision, ItemClock, Meeting, Note
from meetings.selectors.agendas import digest_of
from meetings.services.actions import assign_action
from meetings.services.agendas import answer_agenda
from meetings.services.running import (
    end_meeting,
    finish_item,
    start_item,
    start_meeting,
    write_note,
)
from tests.meetings.conftest import member
from tests.meetings.held import framed, opened, running, scheduled

pytestmark = pytest.mark.django_db(transaction=True)


def at(meets, meeting, name="running"):
    return reverse(f"meetings:{name}", args=[meets.initiative.slug, meeting.pk])


def enter(client, person):
    client.force_login(person.user)
    return client


def test_a_meeting_begins_runs_and_ends_by_plain_forms(client, meets):
    with meets.scope():
        meeting = opened(meets)
        first, second = scheduled(meets, meeting, "Budget"), scheduled(meets, meeting, "Plan")
    page = at(meets, meeting)
    enter(client, meets.facilitator)
    refused = client.post(page, {"action": "start"})  # weeks before its time
    assert refused.status_code == 422
    assert "hours ahead" in refused.content.decode()
    assert client.post(page, {"action": "start", "early": "yes"}).status_code == 302
    assert client.post(page, {"action": "next", "after": ""}).status_code == 302
    assert client.post(page, {"action": "next", "after": first.pk}).status_code == 302
    with meets.scope():
        assert ItemClock.objects.get(ended_at=None).item_id == second.pk
    client.post(page, {"action": "next", "after": first.pk})  # the second press of a double click
    with meets.scope():
        assert ItemClock.objects.get(ended_at=None).item_id == second.pk
    lead = meets.leads[0]
    client.post(page, {"action": "come", "person": lead.pk})
    said = {
        "action": "note",
        "key": uuid.uuid4(),
        "item": second.pk,
        "text": "A plan",
        "version": 0,
    }
    client.post(page, said)
    client.post(page, said)
    body = client.get(page).content.decode()
    assert body.count("A plan") == 1
    client.post(page, {"action": "end"})
    with meets.scope():
        assert Meeting.objects.get(pk=meeting.pk).state == MeetingState.MINUTES_DRAFT
        assert Attendance.objects.get().person_id == lead.pk


def test_a_seat_holder_sees_and_notes_but_does_not_run(client, meets):
    with meets.scope():
        meeting = running(meets, items=["Budget"])
        stranger = member(meets.manager.organization, "data_manager", "dana")
    enter(client, meets.leads[0])
    answer = client.get(at(meets, meeting))
    assert answer.status_code == 200
    assert 'value="end"' not in answer.content.decode()
    assert client.post(at(meets, meeting), {"action": "end"}).status_code == 422
    client.post(at(meets, meeting), {"action": "come", "person": meets.leads[0].pk})
    other = client.post(at(meets, meeting), {"action": "come", "person": meets.leads[1].pk})
    assert other.status_code == 403
    with meets.scope():
        assert list(Attendance.objects.values_list("person_id", flat=True)) == [meets.leads[0].pk]
    assert enter(client, stranger).get(at(meets, meeting)).status_code == 403


def test_a_line_keeps_its_key_while_it_is_typed(client, meets):
    with meets.scope():
        meeting = running(meets, items=["Budget"])
    enter(client, meets.leads[0])
    said = {"action": "note", "key": str(uuid.uuid4()), "item": "", "text": "We", "version": 0}
    notes = at(meets, meeting, "notes")
    assert client.post(notes, said).json() == {"version": 1, "text": "We"}
    assert client.post(notes, said).json() == {"version": 1, "text": "We"}
    assert client.post(notes, said | {"text": "We buy", "version": 1}).json()["version"] == 2
    late = client.post(notes, said | {"text": "We sell", "version": 1})
    assert (late.status_code, late.json()["text"]) == (409, "We buy")
    assert client.post(notes, said | {"text": " "}).status_code == 422
    assert client.post(notes, said | {"key": "1; drop"}).status_code == 422
    with meets.scope():
        assert Note.objects.get().text == "We buy"


def test_others_are_asked_for_cheaply_and_only_what_is_new_is_sent(client, meets):
    with meets.scope():
        meeting = running(meets, items=["Budget"])
    enter(client, meets.leads[0])
    notes = at(meets, meeting, "notes")
    first = client.get(notes, headers={"HX-Request": "true"})
    assert first.status_code == 200
    seen = {"HX-Request": "true", "If-None-Match": first["ETag"]}
    with CaptureQueriesContext(connection) as queries:
        assert client.get(notes, headers=seen).status_code == 304
    assert len(queries) <= 9
    known = {"version": first["ETag"].strip('"')}
    assert client.get(notes, known, headers={"HX-Request": "true"}).status_code == 304
    with meets.scope():
        write_note(
            actor=meets.leads[1], meeting=meeting, key=uuid.uuid4(), text="From the other one"
        )
    again = client.get(notes, headers=seen)
    assert again.status_code == 200
    assert "From the other one" in again.content.decode()
    assert 'hx-swap-oob="true"' in again.content.decode()


def test_decisions_and_actions_are_noted_in_place(client, meets):
    with meets.scope():
        meeting = running(meets, items=["Budget"], purpose="decide")
        item = meeting.items.get()
    enter(client, meets.facilitator)
    page = at(meets, meeting)
    lead = meets.leads[0]
    told = {"action": "assign", "text": "Ask the bank", "owner": lead.pk, "due_on": "2999-01-01"}
    answer = client.post(page, told | {"item": item.pk}, headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Trigger"]) == (200, "room-changed")
    put = {"action": "frame", "question": "Which bank?", "item": item.pk}
    refused = client.post(page, put | {"options": ["This one", ""]})
    assert refused.status_code == 422
    assert "two or more options" in refused.content.decode()
    more = client.post(page, put | {"options": ["This one"], "options_more": "1"})
    assert 'value="This one"' in more.content.decode()
    client.post(page, put | {"options": ["This one", "That one"]})
    with meets.scope():
        action = ActionItem.objects.get()
        assert (action.organization_id, action.item_id) == (lead.organization_id, item.pk)
        assert Decision.objects.get().options.count() == 2
    assert "Which bank?" in client.get(page).content.decode()


def test_what_belongs_to_no_item_stays_on_the_screen_beside_the_item_that_is_on(client, meets):
    with meets.scope():
        meeting = running(meets, items=["Budget"])
        start_item(actor=meets.facilitator, item=meeting.items.get())
        framed(meets, meeting, question="Do we move?")
        assign_action(
            actor=meets.facilitator,
            body=meets.body,
            meeting=meeting,
            text="Ask the landlord",
            organization=meets.leads[0].organization,
            due_on=date(2999, 1, 1),
        )
    body = enter(client, meets.facilitator).get(at(meets, meeting)).content.decode()
    agenda = body[body.index('id="items"') : body.index('id="people"')]
    assert "Do we move?" in agenda
    assert "Ask the landlord" in agenda


def test_what_is_noted_begins_with_the_item_that_is_on(client, meets):
    with meets.scope():
        meeting = running(meets, items=["Budget"], purpose="decide")
        item = meeting.items.get()
        start_item(actor=meets.facilitator, item=item)
    answer = enter(client, meets.facilitator).get(at(meets, meeting))
    forms = answer.context["forms"]
    assert {forms[name]["item"].value() for name in ("note", "assign", "frame")} == {item.pk}
    assert "none of them" not in answer.content.decode()


def test_a_line_begun_too_early_moves_to_the_item_with_its_text(client, meets):
    with meets.scope():
        meeting = running(meets, items=["Budget"])
        item = meeting.items.get()
    enter(client, meets.leads[0])
    said = {"action": "note", "key": str(uuid.uuid4()), "item": "", "text": "We", "version": 0}
    notes = at(meets, meeting, "notes")
    client.post(notes, said)
    moved = client.post(notes, said | {"item": item.pk, "version": 1})
    assert moved.json() == {"version": 2, "text": "We"}
    with meets.scope():
        assert Note.objects.get().item_id == item.pk


def test_after_the_end_the_screen_says_who_was_there(client, meets):
    with meets.scope():
        meeting = running(meets, *meets.leads[:2])
        end_meeting(actor=meets.facilitator, meeting=meeting)
    body = enter(client, meets.facilitator).get(at(meets, meeting)).content.decode()
    assert "Who was there" in body
    assert "2 of 3 organizations" in body
    assert 'value="leave"' not in body


MOST = 17


def crowded(meets, meeting, number):
    item = meeting.items.first()
    for each in range(number):
        for lead in meets.leads:
            text = f"Line {each}"
            write_note(actor=lead, meeting=meeting, item=item, key=uuid.uuid4(), text=text)
        start_item(actor=meets.facilitator, item=item)


def test_the_screen_costs_the_same_for_many_notes(client, meets):
    with meets.scope():
        small = running(meets, *meets.leads, items=["A", "B"])
        large = running(
            meets, *meets.leads, items=[f"Item {number}" for number in range(30)], weeks=1
        )
        crowded(meets, small, 1)
        crowded(meets, large, 20)
    for person in (meets.facilitator, meets.leads[0]):
        enter(client, person)
        client.get(at(meets, small))  # the first page of a session costs more
        for name in ("running", "notes"):
            counts = []
            for meeting in (small, large):
                with CaptureQueriesContext(connection) as queries:
                    assert client.get(at(meets, meeting, name)).status_code == 200
                counts.append(len(queries))
            assert counts[0] == counts[1]
            assert counts[0] <= MOST


def test_before_it_begins_whoever_runs_it_reads_that_the_agenda_is_not_agreed(meets, client):
    with meets.scope():
        meeting = opened(meets)
        scheduled(meets, meeting)
        ark, bee, _cat = meets.seats()
        digest = digest_of(meeting)
        answer_agenda(actor=meets.leads[0], meeting=meeting, seat=ark, kind="agree", digest=digest)
        answer_agenda(
            actor=meets.leads[1],
            meeting=meeting,
            seat=bee,
            kind="change",
            digest=digest,
            text="Talk of buses first",
        )
    client.force_login(meets.facilitator.user)
    path = reverse("meetings:running", args=["meets", meeting.pk])
    page = client.get(path).content.decode()
    assert "agreed by 1 of 3 organizations, 2 are needed" in page
    assert page.index("agreed by 1 of 3") < page.index("Begin it now all the same")
    link = reverse("meetings:meeting", args=["meets", meeting.pk]) + "#changes"
    assert f'href="{link}"' in page
    assert "1 organization asks for another agenda" in page
    client.force_login(meets.leads[0].user)
    assert "asks for another agenda" not in client.get(path).content.decode()


def test_the_end_names_what_moves_on_and_what_asks(meets, client):
    with meets.scope():
        meeting = opened(meets)
        for title in ("Done", "Left", "Often"):
            scheduled(meets, meeting, title)
        AgendaItem.objects.filter(title="Often").update(times_carried=3)
        meeting = start_meeting(actor=meets.facilitator, meeting=meeting)
        finish_item(actor=meets.facilitator, item=AgendaItem.objects.get(title="Done"))
    client.force_login(meets.facilitator.user)
    path = reverse("meetings:running", args=["meets", meeting.pk])
    page = client.get(path).content.decode()
    told = page[page.index('id="moving-on"') :]
    told = told[: told.index("</div>")]
    assert "2 items are not dealt with" in told
    assert "Done" not in told
    assert "Left" in told
    assert "carried over 3 times already" in told
    changed = client.get(
        reverse("meetings:notes", args=["meets", meeting.pk]), headers={"HX-Request": "true"}
    )
    assert 'id="moving-on"' in changed.content.decode()


def test_the_agenda_of_a_planned_meeting_is_opened_by_who_sets_it(meets, client):
    with meets.scope():
        meeting = opened(meets)
    path = reverse("meetings:meeting", args=["meets", meeting.pk])
    post = reverse("meetings:meeting_open", args=["meets", meets.series.pk, f"{meeting.day}"])
    client.force_login(meets.leads[0].user)
    assert "Open the agenda" not in client.get(path).content.decode()
    client.post(post)
    with meets.scope():
        meeting.refresh_from_db()
        assert meeting.state == "planned"
    client.force_login(meets.facilitator.user)
    series = reverse("meetings:series", args=["meets", meets.series.pk])
    for page in (path, series):
        body = client.get(page).content.decode()
        assert "Open the agenda" in body
        assert post in body
    assert client.post(post).status_code == 302
    with meets.scope():
        meeting.refresh_from_db()
        assert meeting.state == "agenda_open"
    body = client.get(path).content.decode()
    assert "Open the agenda" not in body
