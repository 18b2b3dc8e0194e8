"""Between the mandate and the meeting: what more is to be decided, and that it is tomorrow."""

from datetime import timedelta

import pytest

from initiatives.models import Notice
from initiatives.notices import letter
from meetings.services.agendas import accept_item, change_item, decline_item
from meetings.services.delegations import answer_delegation
from meetings.services.reminders import plan_reminders
from meetings.services.replies import name_delegate
from meetings.services.running import start_meeting
from meetings.services.series import move_meeting
from tests.meetings.away import OLA, named, path_in
from tests.meetings.conftest import member
from tests.meetings.days import DAY, START, before, berlin
from tests.meetings.held import opened, scheduled

pytestmark = pytest.mark.django_db(transaction=True)
NOW = before()
ZOE = "zoe@ark.test"


@pytest.fixture
def both(meets):
    """``meets`` with ``zoe``, a member, for the second seat and ``ola`` from outside for the first."""
    with meets.scope():
        meets.meeting = opened(meets)
        meets.ola = named(meets)
        seat = meets.seats()[1]
        zoe = member(meets.leads[1].organization, "partner_reporter", "zoe")
        meets.zoe = name_delegate(
            actor=meets.leads[1], meeting=meets.meeting, seat=seat, delegate=zoe
        )
        meets.zoes_address = zoe.user.email
    return meets


def written(kind):
    rows = Notice.objects.filter(kind=kind).exclude(state="cancelled")
    return list(rows.order_by("id"))


def test_who_comes_for_a_seat_is_told_of_what_is_to_be_decided_since(both, client):
    with both.scope():
        assert written("delegate_to_decide") == []
        item = scheduled(both, both.meeting, "Budget", purpose="decide")
        told = written("delegate_to_decide")
        assert {each.recipient for each in told} == {OLA, both.zoes_address}
        assert all("Budget" in letter(each).body for each in told)
        item.refresh_from_db()
        accept_item(actor=both.facilitator, item=item, meeting=both.meeting)  # again
        assert len(written("delegate_to_decide")) == 2
        path = path_in(next(each for each in told if each.recipient == OLA))
    assert "Budget" in client.get(path).text


def test_what_is_not_to_be_decided_writes_no_letter_until_it_is(both):
    with both.scope():
        item = scheduled(both, both.meeting, "Budget", purpose="discuss")
        assert written("delegate_to_decide") == []
        item.refresh_from_db()
        kept = {"title": "Budget", "minutes": item.minutes, "version": item.version}
        change_item(actor=both.facilitator, item=item, purpose="decide", **kept)
        assert len(written("delegate_to_decide")) == 2
        item.refresh_from_db()
        kept["version"] = item.version
        change_item(actor=both.facilitator, item=item, purpose="decide", **kept)
        assert len(written("delegate_to_decide")) == 2
        decline_item(actor=both.facilitator, item=item, reason="Later")


def test_who_gave_the_mandate_back_is_told_nothing_more(both):
    with both.scope():
        answer_delegation(actor=None, delegation=both.ola, kind="no")
        scheduled(both, both.meeting, "Budget", purpose="decide")
        assert [each.recipient for each in written("delegate_to_decide")] == [both.zoes_address]


def test_who_comes_without_an_account_is_reminded_the_day_before_once(both, client):
    with both.scope():
        plan_reminders(NOW)
        plan_reminders(NOW + timedelta(minutes=1))
        [found] = written("delegate_reminder")
        assert found.recipient == OLA
        assert found.not_before == berlin(START - DAY)
        assert found.not_after == berlin(START)
        path = path_in(found)
        assert "Ark" in letter(found).body
    assert client.get(path).status_code == 200


@pytest.mark.parametrize("how", ["moved", "declined", "begun"])
def test_a_reminder_that_has_not_left_goes_with_what_it_was_about(both, how):
    with both.scope():
        plan_reminders(NOW)
        if how == "moved":
            both.meeting.refresh_from_db()
            move_meeting(
                actor=both.manager,
                meeting=both.meeting,
                version=both.meeting.version,
                local_date=START + timedelta(days=10),
                local_time=both.series.starts_at,
                minutes=60,
                reason="Hall is closed",
            )
        elif how == "declined":
            answer_delegation(actor=None, delegation=both.ola, kind="no")
        else:
            start_meeting(actor=both.facilitator, meeting=both.meeting)
        assert written("delegate_reminder") == []
