"""Actions: promised, claimed, accepted, put off in the open, dropped by agreement; C7."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from initiatives import today
from meetings.choices import ActionState
from meetings.models import ActionItem
from meetings.selectors.actions import actions_for, how_many
from meetings.services.actions import (
    accept_action,
    assign_action,
    claim_done,
    drop_action,
    keep_action,
    put_off,
    reopen_action,
)
from tests.meetings.conftest import member
from tests.meetings.held import opened

pytestmark = pytest.mark.django_db(transaction=True)


def asked(meets, *, by=None, of=None, days=7, **fields):
    owner = of or meets.leads[0]
    return assign_action(
        actor=by or meets.facilitator,
        body=meets.body,
        text=fields.pop("text", "Ask the bank"),
        due_on=timezone.localdate() + timedelta(days=days),
        organization=owner.organization,
        owner=owner,
        **fields,
    )


def test_done_is_what_the_one_who_asked_accepts(meets):
    with meets.scope():
        action = asked(meets, by=meets.leads[1])
        claim_done(actor=meets.leads[0], action=action, note="The bank agrees")
        with pytest.raises(PermissionDenied):
            accept_action(actor=meets.leads[2], action=action)
        with pytest.raises(ValidationError):
            reopen_action(actor=meets.leads[1], action=action, reason=" ")
        reopen_action(actor=meets.leads[1], action=action, reason="In writing, please")
        claim_done(actor=meets.leads[0], action=action)
        done = accept_action(actor=meets.leads[1], action=action)
        assert (done.state, done.done_at is not None) == (ActionState.ACCEPTED, True)
        with pytest.raises(ValidationError):
            accept_action(actor=meets.leads[1], action=action)


def test_what_one_asked_of_oneself_is_done_when_one_says_so(meets):
    with meets.scope():
        action = asked(meets, by=meets.leads[0])
        assert claim_done(actor=meets.leads[0], action=action).state == ActionState.ACCEPTED


def test_putting_off_needs_a_later_day_and_a_reason_and_is_counted(meets):
    with meets.scope():
        action = asked(meets)
        later = action.due_on + timedelta(days=7)
        for day, reason in ((action.due_on, "Busy"), (later, "")):
            with pytest.raises(ValidationError):
                put_off(actor=meets.leads[0], action=action, due_on=day, reason=reason)
        put_off(actor=meets.leads[0], action=action, due_on=later, reason="Busy")
        again = put_off(
            actor=meets.leads[0], action=action, due_on=later + timedelta(days=1), reason="Ill"
        )
        assert (again.slipped, again.first_due_on) == (2, action.due_on)


def test_it_is_dropped_only_when_the_one_who_asked_agrees(meets):
    with meets.scope():
        action = asked(meets, by=meets.leads[1])
        with pytest.raises(ValidationError):
            drop_action(actor=meets.leads[0], action=action)
        waits = drop_action(actor=meets.leads[0], action=action, reason="The bank is gone")
        assert (waits.state, waits.drop_asked) == (ActionState.OPEN, True)
        still = drop_action(actor=meets.manager, action=action, reason="Drop it")
        assert still.state == ActionState.OPEN  # the backbone asks too, it does not agree
        keep_action(actor=meets.leads[1], action=action)
        action.refresh_from_db()
        assert not action.drop_asked
        drop_action(actor=meets.leads[0], action=action, reason="It really is gone")
        gone = drop_action(actor=meets.leads[1], action=action)
        assert (gone.state, gone.reason) == (ActionState.DROPPED, "It really is gone")


def test_the_backbone_agrees_for_somebody_who_left(meets):
    with meets.scope():
        action = asked(meets, by=meets.leads[1])
        lead = meets.leads[1]
        lead.ends_on = timezone.localdate()
        lead.save()
        gone = drop_action(actor=meets.manager, action=action, reason="Nobody wants it")
        assert gone.state == ActionState.DROPPED


def test_an_older_reason_does_not_pass_for_a_wish_to_drop(meets):
    with meets.scope():
        action = asked(meets, by=meets.leads[1])
        later = action.due_on + timedelta(days=7)
        put_off(actor=meets.leads[0], action=action, due_on=later, reason="Busy")
        with pytest.raises(ValidationError):
            drop_action(actor=meets.leads[1], action=action)


def test_the_database_refuses_a_drop_without_consent(meets):
    with meets.scope():
        action = asked(meets)
        with pytest.raises(DatabaseError):
            ActionItem.objects.filter(pk=action.pk).update(state=ActionState.DROPPED)


def test_others_do_not_speak_for_an_organization(meets):
    with meets.scope():
        action = asked(meets)
        with pytest.raises(PermissionDenied):
            claim_done(actor=meets.leads[1], action=action)
        reporter = member(meets.leads[0].organization, "partner_reporter", "rae")
        with pytest.raises(ValidationError):
            asked(meets, by=reporter, of=meets.leads[1])
        assert asked(meets, by=reporter, of=reporter).owner_id == reporter.pk


def test_lists_are_mine_ours_and_all_with_the_overdue_first(meets):
    with meets.scope():
        late = asked(meets, days=-3, text="Late")
        soon = asked(meets, days=3, text="Soon")
        other = asked(meets, of=meets.leads[1], text="Other")
        lead = meets.leads[0]
        assert list(actions_for(lead, "mine")) == [late, soon]
        assert list(actions_for(lead, "all")) == [late, soon, other]
        assert how_many(lead) == {"mine": 2, "ours": 2, "all": 3, "overdue": 1}


def test_c7_what_is_open_is_on_the_next_meetings_page_by_itself(client, meets):
    with meets.scope():
        asked(meets, meeting=opened(meets), text="Ask the bank")
        done = asked(meets, by=meets.leads[0], text="Paint the van")
        claim_done(actor=meets.leads[0], action=done)
        following = opened(meets, weeks=1)
    client.force_login(meets.leads[2].user)
    page = reverse("meetings:meeting", args=[meets.initiative.slug, following.pk])
    body = client.get(page).content.decode()
    assert "Ask the bank" in body
    assert "Paint the van" not in body


def test_todays_page_says_what_is_due_and_what_waits_for_a_word(meets):
    with meets.scope():
        action = asked(meets, by=meets.leads[1], days=1)
        texts = [each.text for each in today.waiting(meets.leads[0])]
        assert any("Ask the bank" in text for text in texts)
        assert not today.waiting(meets.leads[2])
        claim_done(actor=meets.leads[0], action=action)
        assert any("Ask the bank" in each.text for each in today.waiting(meets.leads[1]))
        assert not any("Ask the bank" in each.text for each in today.waiting(meets.leads[0]))


def test_the_pages_of_an_action_work_without_a_script(client, meets):
    with meets.scope():
        action = asked(meets, by=meets.leads[1])
    page = reverse("meetings:action", args=[meets.initiative.slug, action.pk])
    client.force_login(meets.leads[0].user)
    assert 'value="claim"' in client.get(page).content.decode()
    assert (
        client.post(page, {"action": "put_off", "due_on": "2020-01-01", "reason": ""}).status_code
        == 422
    )
    assert client.post(page, {"action": "accept"}).status_code == 422
    assert client.post(page, {"action": "claim", "note": "Yes"}).status_code == 302
    client.force_login(meets.leads[1].user)
    assert client.post(page, {"action": "accept"}).status_code == 302
    with meets.scope():
        assert ActionItem.objects.get().state == ActionState.ACCEPTED


def test_the_list_costs_the_same_for_many(client, meets):
    page = reverse("meetings:actions", args=[meets.initiative.slug])
    client.force_login(meets.leads[0].user)
    client.get(page)
    counts = []
    for number in (2, 40):
        with meets.scope():
            for each in range(number):
                asked(meets, text=f"Action {each}")
        with CaptureQueriesContext(connection) as queries:
            assert client.get(page).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 15
