"""Minutes that write themselves; C6: approved ones never change."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection
from django.urls import reverse
from django.utils import timezone

from initiatives.models import Notice, Organization
from initiatives.tenancy import scope
from initiatives.today import waiting
from meetings.choices import MeetingState, MinutesState
from meetings.models import Confirmation, Correction, Meeting, Minutes
from meetings.selectors.minutes import minutes_page
from meetings.services.actions import assign_action
from meetings.services.deciding import decide, enter_responses
from meetings.services.decisions import waive_evidence
from meetings.services.minutes import (
    answer_correction,
    approve_minutes,
    circulate_minutes,
    confirm_minutes,
    correct_minutes,
    digest_of,
    draft_minutes,
    write_summary,
)
from meetings.services.running import end_meeting, strike_note, write_note
from meetings.services.series import ConflictError
from tests.meetings.conftest import member
from tests.meetings.held import framed, running

pytestmark = pytest.mark.django_db(transaction=True)


def held(meets):
    """A meeting with a note, a struck one, a decision and an action, that has ended."""
    meeting = running(meets, *meets.leads[:2], items=["Budget"], purpose="decide")
    item = meeting.items.get()
    for text in ("The van is old", "Never mind"):
        note = write_note(
            actor=meets.leads[0], meeting=meeting, item=item, key=uuid.uuid4(), text=text
        )
    strike_note(actor=meets.leads[0], note=note)
    decision = framed(meets, item=item)
    decision = waive_evidence(actor=meets.facilitator, decision=decision, reason="None counted")
    decide(
        actor=meets.facilitator,
        decision=decision,
        version=decision.version,
        outcome=decision.options.first(),
        rationale="It saves time",
        dissent="none",
    )
    assign_action(
        actor=meets.facilitator,
        body=meets.body,
        meeting=meeting,
        item=item,
        text="Ask the bank",
        due_on=timezone.localdate() + timedelta(days=3),
        organization=meets.leads[0].organization,
    )
    return end_meeting(actor=meets.facilitator, meeting=meeting)


def test_an_answer_that_was_said_in_the_room_tells_who_wrote_it_down(meets, client):
    with meets.scope():
        meeting = running(meets, *meets.leads[:2], items=["Budget"], purpose="decide")
        decision = framed(meets, item=meeting.items.get())
        waive_evidence(actor=meets.facilitator, decision=decision, reason="None counted")
        seat = meets.seats()[0]
        enter_responses(actor=meets.facilitator, decision=decision, said=[(seat, "consent", "")])
        decision.refresh_from_db()
        decide(
            actor=meets.facilitator,
            decision=decision,
            version=decision.version,
            outcome=decision.options.first(),
            rationale="It saves time",
            dissent="none",
        )
        meeting = end_meeting(actor=meets.facilitator, meeting=meeting)
        draft_minutes(actor=meets.facilitator, meeting=meeting)
    client.force_login(meets.facilitator.user)
    page = client.get(reverse("meetings:minutes", args=["meets", meeting.pk])).text
    writer = str(meets.facilitator.user)
    assert f"Ark: Consent, said in the room and written down by {writer}" in page


def circulated(meets):
    minutes = draft_minutes(actor=meets.facilitator, meeting=held(meets))
    return circulate_minutes(actor=meets.facilitator, minutes=minutes)


def approved(meets):
    return approve_minutes(actor=meets.facilitator, minutes=circulated(meets))


def test_they_say_what_the_records_say(meets):
    with meets.scope():
        minutes = draft_minutes(actor=meets.facilitator, meeting=held(meets))
        item = minutes_page(minutes.meeting, meets.manager).items[0]
        assert item["notes"] == ["The van is old"]
        assert [each["cite"][-4:] for each in item["decisions"]] == ["-001"]
        assert [each["text"] for each in item["actions"]] == ["Ask the bank"]
        seats = {each["organization"]: each["people"] for each in minutes.content["seats"]}
        assert seats == {"Ark": ["Ark"], "Bee": ["Bee"], "Cat": []}


def test_a_draft_is_made_again_and_only_a_draft(meets):
    with meets.scope():
        meeting = held(meets)
        first = draft_minutes(actor=meets.facilitator, meeting=meeting)
        write_note(actor=meets.leads[1], meeting=meeting, key=uuid.uuid4(), text="Sent later")
        again = draft_minutes(actor=meets.facilitator, meeting=meeting)
        assert (again.pk, again.content["notes"]) == (first.pk, ["Sent later"])
        circulate_minutes(actor=meets.facilitator, minutes=again)
        with pytest.raises(ValidationError):
            draft_minutes(actor=meets.facilitator, meeting=meeting)


def test_what_was_noted_until_they_are_sent_is_in_them(meets):
    with meets.scope():
        meeting = held(meets)
        minutes = draft_minutes(actor=meets.facilitator, meeting=meeting)
        write_note(actor=meets.leads[1], meeting=meeting, key=uuid.uuid4(), text="Sent later")
        sent = circulate_minutes(actor=meets.facilitator, minutes=minutes)
        assert sent.content["notes"] == ["Sent later"]
        with pytest.raises(ValidationError):
            write_note(actor=meets.leads[1], meeting=meeting, key=uuid.uuid4(), text="Too late")


def test_a_draft_is_for_those_who_run_meetings(meets):
    with meets.scope():
        minutes = draft_minutes(actor=meets.facilitator, meeting=held(meets))
        assert minutes_page(minutes.meeting, meets.leads[0]).minutes is None
        with pytest.raises(ValidationError):
            correct_minutes(actor=meets.leads[0], minutes=minutes, text="Wrong")
        with pytest.raises(PermissionDenied):
            circulate_minutes(actor=meets.leads[0], minutes=minutes)


def test_each_seat_is_told_once(meets):
    with meets.scope():
        minutes = circulated(meets)
        rows = Notice.objects.filter(kind="minutes_circulated")
        assert rows.count() == 3
        with pytest.raises(ValidationError):
            circulate_minutes(actor=meets.facilitator, minutes=minutes)
        assert rows.count() == 3


def test_two_who_write_the_summary_do_not_overwrite_each_other(meets):
    with meets.scope():
        minutes = draft_minutes(actor=meets.facilitator, meeting=held(meets))
        version = minutes.version
        write_summary(
            actor=meets.facilitator, minutes=minutes, version=version, summary="A good one"
        )
        with pytest.raises(ConflictError):
            write_summary(
                actor=meets.manager, minutes=minutes, version=version, summary="A bad one"
            )


def test_c6_they_are_approved_when_every_correction_has_its_answer(meets):
    with meets.scope():
        minutes = circulated(meets)
        row = correct_minutes(actor=meets.leads[0], minutes=minutes, text="The van is new")
        with pytest.raises(ValidationError):
            approve_minutes(actor=meets.facilitator, minutes=minutes)
        with pytest.raises(ValidationError):
            answer_correction(actor=meets.facilitator, correction=row, taken=False)
        answer_correction(actor=meets.facilitator, correction=row, taken=True)
        done = approve_minutes(actor=meets.facilitator, minutes=minutes)
        assert done.state == MinutesState.APPROVED
        assert done.content["corrections"][0]["text"] == "The van is new"
        assert done.digest == digest_of(done)
        assert Meeting.objects.get().state == MeetingState.CLOSED
        with pytest.raises(PermissionDenied):
            approve_minutes(actor=meets.manager, minutes=minutes)


@pytest.mark.parametrize(
    "change",
    [
        lambda row: Minutes.objects.filter(pk=row.pk).update(summary="Otherwise"),
        lambda row: Minutes.objects.filter(pk=row.pk).update(state="draft"),
        lambda row: Minutes.objects.filter(pk=row.pk).update(content={}),
        lambda row: row.save(),
        lambda row: row.delete(),
    ],
    ids=["summary", "state", "content", "save", "delete"],
)
def test_c6_the_database_refuses_every_change_of_approved_minutes(meets, change):
    with pytest.raises(DatabaseError, match="approved minutes never change"), meets.scope():
        change(approved(meets))


def test_c6_after_approval_there_are_numbered_addenda(meets):
    with meets.scope():
        minutes = circulated(meets)
        early = correct_minutes(actor=meets.leads[0], minutes=minutes, text="Early")
        answer_correction(actor=meets.facilitator, correction=early, taken=True)
        minutes = approve_minutes(actor=meets.facilitator, minutes=minutes)
        digest = digest_of(minutes)
        late = correct_minutes(actor=meets.leads[1], minutes=minutes, text="Late")
        assert (early.number, late.number, late.state) == (1, 2, "addendum")
        assert digest_of(Minutes.objects.get()) == digest
        page = minutes_page(minutes.meeting, meets.leads[2])
        assert [each.text for each in page.addenda] == ["Late"]
        with pytest.raises(ValidationError):
            write_summary(
                actor=meets.facilitator, minutes=minutes, version=minutes.version, summary="No"
            )


def test_corrections_at_once_get_numbers_of_their_own(meets):
    with meets.scope():
        minutes = circulated(meets)

    def correct(number):
        try:
            with scope(meets.initiative.pk):
                row = Minutes.objects.select_related("meeting__series__body").get(pk=minutes.pk)
                correct_minutes(actor=meets.leads[number % 3], minutes=row, text=f"No. {number}")
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(correct, range(12)))
    with meets.scope():
        assert list(Correction.objects.values_list("number", flat=True)) == list(range(1, 13))


def test_whoever_was_there_corrects_and_no_stranger(meets):
    with meets.scope():
        minutes = circulated(meets)
        other = Organization.here(code="dog", name="Dog", state="active")
        other.save()
        stranger = member(other, "partner_lead", "dog")
        with pytest.raises(PermissionDenied):
            correct_minutes(actor=stranger, minutes=minutes, text="Wrong")


def test_from_draft_to_approval_by_plain_forms(client, meets):
    with meets.scope():
        meeting = held(meets)
    page = reverse("meetings:minutes", args=[meets.initiative.slug, meeting.pk])
    client.force_login(meets.facilitator.user)
    assert client.post(page, {"action": "draft"}).status_code == 302
    assert (
        client.post(page, {"action": "summary", "version": 1, "summary": "All of it"}).status_code
        == 302
    )
    assert (
        client.post(page, {"action": "summary", "version": 1, "summary": "None"}).status_code == 422
    )
    assert client.post(page, {"action": "circulate"}).status_code == 302
    client.force_login(meets.leads[0].user)
    assert client.post(page, {"action": "approve"}).status_code == 422
    assert client.post(page, {"action": "correct", "text": "The van is new"}).status_code == 302
    client.force_login(meets.facilitator.user)
    with meets.scope():
        row = Correction.objects.get()
    assert client.post(page, {"action": "approve"}).status_code == 422  # sent a moment ago
    approve = {"action": "approve", "early": "yes"}
    refused = client.post(page, approve)
    assert (refused.status_code, "Answer the open corrections" in refused.content.decode()) == (
        422,
        True,
    )
    client.post(page, {"action": "answer", "correction": row.pk, "taken": "yes", "answer": ""})
    assert client.post(page, approve).status_code == 302
    body = client.get(page).content.decode()
    assert "The van is old" in body
    assert "All of it" in body
    with meets.scope():
        assert Minutes.objects.get().state == MinutesState.APPROVED


def test_an_organization_says_once_that_they_are_right_and_is_asked_no_more(client, meets):
    lead = meets.leads[0]
    with meets.scope():
        minutes = circulated(meets)
        assert asks(lead)
    page = reverse("meetings:minutes", args=[meets.initiative.slug, minutes.meeting_id])
    client.force_login(lead.user)
    assert "They are right" in client.get(page).content.decode()
    for _press in range(2):
        client.post(page, {"action": "confirm"})
    body = client.get(page).content.decode()
    assert "1 organization says that they are right" in body
    assert 'value="confirm"' not in body
    with meets.scope():
        assert Confirmation.objects.get().organization_id == lead.organization_id
        assert not asks(lead)
        assert asks(meets.leads[1])
        with pytest.raises(PermissionDenied):
            confirm_minutes(actor=member(_elsewhere(), "partner_lead", "eve"), minutes=minutes)


def asks(person):
    return any(each.text.startswith("Are the minutes right?") for each in waiting(person))


def _elsewhere():
    organization = Organization.here(code="els", name="Elsewhere", state="active")
    organization.save()
    return organization


def test_nobody_is_said_to_be_missing_where_all_were_there(client, meets):
    with meets.scope():
        meeting = running(meets, *meets.leads)
        end_meeting(actor=meets.facilitator, meeting=meeting)
        meeting.refresh_from_db()
        draft_minutes(actor=meets.facilitator, meeting=meeting)
    client.force_login(meets.facilitator.user)
    page = client.get(reverse("meetings:minutes", args=["meets", meeting.pk]))
    assert page.context["page"].absent == []
    assert "Not there" not in page.content.decode()
