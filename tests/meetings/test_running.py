"""A meeting as it runs, and which seats counted when it ends."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.utils import timezone

from initiatives.tenancy import scope
from meetings.choices import ItemState, MeetingState
from meetings.models import AgendaItem, Attendance, Decision, ItemClock, Meeting, Note, SeatCount
from meetings.selectors.attendance import delegations_before, quorum
from meetings.services.agendas import accept_item, propose_item
from meetings.services.attendance import count_seats, mark_left, mark_present
from meetings.services.deciding import decide
from meetings.services.decisions import waive_evidence
from meetings.services.replies import answer_briefing, assemble_briefing, name_delegate
from meetings.services.running import (
    end_meeting,
    finish_item,
    start_item,
    start_meeting,
    strike_note,
    write_note,
)
from meetings.services.series import ConflictError, open_meeting
from tests.meetings.conftest import member
from tests.meetings.days import START
from tests.meetings.held import framed, running

pytestmark = pytest.mark.django_db(transaction=True)


def opened(meets, weeks=0):
    day = START + timedelta(weeks=weeks)
    return open_meeting(actor=meets.manager, series=meets.series, day=day)


def started(meets, weeks=0):
    return start_meeting(actor=meets.facilitator, meeting=opened(meets, weeks))


def scheduled(meets, meeting, title="Budget", **fields):
    item = propose_item(actor=meets.leads[0], body=meets.body, title=title, **fields)
    return accept_item(actor=meets.facilitator, item=item, meeting=meeting)


def ran(meeting, minutes=60):
    """Let it have begun a while ago, and all that was marked with it."""
    begin = timezone.now() - timedelta(minutes=minutes)
    Meeting.objects.filter(pk=meeting.pk).update(started_at=begin)
    Attendance.objects.filter(meeting=meeting).update(came_at=begin)
    meeting.refresh_from_db()
    return meeting


def statuses(meeting):
    rows = SeatCount.objects.filter(meeting=meeting).order_by("seat_id")
    return [(each.counted, each.status) for each in rows]


def test_a_meeting_begins_once_and_ends_once(meets):
    with meets.scope():
        meeting = started(meets)
        again = start_meeting(actor=meets.facilitator, meeting=meeting)
        assert again.started_at == meeting.started_at
        ended = end_meeting(actor=meets.facilitator, meeting=meeting)
        assert ended.state == MeetingState.MINUTES_DRAFT
        assert end_meeting(actor=meets.facilitator, meeting=meeting).ended_at == ended.ended_at
        with pytest.raises(ValidationError):
            start_meeting(actor=meets.facilitator, meeting=meeting)


def test_a_partner_does_not_run_it(meets):
    with meets.scope(), pytest.raises(PermissionDenied):
        start_meeting(actor=meets.leads[0], meeting=opened(meets))


def test_one_item_at_a_time_has_the_clock(meets):
    with meets.scope():
        meeting = opened(meets)
        first, second = scheduled(meets, meeting, "A"), scheduled(meets, meeting, "B")
        meeting = start_meeting(actor=meets.facilitator, meeting=meeting)
        start_item(actor=meets.facilitator, item=first)
        start_item(actor=meets.facilitator, item=second)
        start_item(actor=meets.facilitator, item=second)
        assert ItemClock.objects.count() == 2
        assert ItemClock.objects.get(ended_at=None).item_id == second.pk
        finish_item(actor=meets.facilitator, item=second)
        assert not ItemClock.objects.filter(ended_at=None).exists()


def test_c7_what_is_left_waits_for_the_next_meeting(meets):
    with meets.scope():
        meeting = opened(meets)
        done, left = scheduled(meets, meeting, "Done"), scheduled(meets, meeting, "Left")
        meeting = start_meeting(actor=meets.facilitator, meeting=meeting)
        finish_item(actor=meets.facilitator, item=done)
        end_meeting(actor=meets.facilitator, meeting=meeting)
        found = {each.title: each.state for each in AgendaItem.objects.filter(meeting=meeting)}
        assert found == {"Done": "dealt_with", "Left": "carried"}
        waiting = AgendaItem.objects.get(carried_from=left)
        assert (waiting.state, waiting.meeting_id) == (ItemState.ACCEPTED, None)


def test_seats_count_by_who_was_there_long_enough(meets):
    with meets.scope():
        meeting = started(meets)
        for lead in meets.leads[:2]:
            mark_present(actor=lead, meeting=meeting, person=lead)
        meeting = ran(meeting)
        gone = timezone.now() - timedelta(minutes=50)
        mark_left(actor=meets.facilitator, meeting=meeting, person=meets.leads[1], at=gone)
        end_meeting(actor=meets.facilitator, meeting=meeting)
        assert statuses(meeting) == [(True, "present"), (False, "too_short"), (False, "absent")]


def test_marking_somebody_twice_is_once(meets):
    with meets.scope():
        meeting = started(meets)
        for _time in range(2):
            mark_present(actor=meets.leads[0], meeting=meeting, person=meets.leads[0])
        assert Attendance.objects.count() == 1


def test_nobody_marks_a_stranger(meets):
    with meets.scope():
        meeting = started(meets)
        with pytest.raises(PermissionDenied):
            mark_present(actor=meets.leads[0], meeting=meeting, person=meets.leads[1])


def with_delegate(meets, weeks, *, briefed):
    meeting = opened(meets, weeks)
    item = scheduled(meets, meeting, purpose="decide")
    seat = meets.seats()[0]
    zoe = seat.organization.memberships.exclude(pk=seat.holder_id).first()
    zoe = zoe or member(seat.organization, "partner_reporter", "zoe")
    name_delegate(actor=meets.leads[0], meeting=meeting, seat=seat, delegate=zoe)
    if briefed:
        pack = assemble_briefing(meeting=meeting, seat=seat)
        answer_briefing(actor=zoe, briefing=pack, lines={item.pk: ("consent", "")})
    meeting = start_meeting(actor=meets.facilitator, meeting=meeting)
    mark_present(actor=meets.facilitator, meeting=meeting, person=zoe)
    meeting = ran(meeting, minutes=0)
    end_meeting(actor=meets.facilitator, meeting=meeting)
    return SeatCount.objects.get(meeting=meeting, seat=seat)


def test_an_unbriefed_delegate_does_not_count(meets):
    with meets.scope():
        found = with_delegate(meets, 0, briefed=False)
        assert (found.counted, found.status) == (False, "present_unbriefed")


def test_a_third_delegate_in_a_row_does_not_count(meets):
    with meets.scope():
        found = [with_delegate(meets, week, briefed=True).status for week in range(3)]
        assert found == ["by_delegate", "by_delegate", "over_limit"]
        assert delegations_before(opened(meets, 3)) == {meets.seats()[0].pk: 3}


def test_quorum_is_of_organizations(meets):
    with meets.scope():
        meeting = started(meets)
        mark_present(actor=meets.leads[0], meeting=meeting, person=meets.leads[0])
        found = quorum(meeting, timezone.now() + timedelta(minutes=1))
        assert (found.counted, found.needed, found.seats, found.is_there) == (1, 1, 3, True)


def test_counting_again_gives_what_is_true_now(meets):
    with meets.scope():
        meeting = ran(started(meets))
        end_meeting(actor=meets.facilitator, meeting=meeting)
        assert statuses(meeting)[0] == (False, "absent")
        meeting.refresh_from_db()
        mark_present(
            actor=meets.facilitator,
            meeting=meeting,
            person=meets.leads[0],
            at=meeting.started_at,
        )
        assert count_seats(meeting) == 1
        assert statuses(meeting)[0] == (True, "present")


def test_a_note_sent_again_is_there_once(meets):
    with meets.scope():
        meeting, key = started(meets), uuid4()
        for _time in range(3):
            write_note(actor=meets.leads[0], meeting=meeting, key=key, text="Said so")
        assert Note.objects.count() == 1
        note = write_note(actor=meets.leads[0], meeting=meeting, key=key, text="Or so", version=1)
        assert (note.text, note.version) == ("Or so", 2)
        with pytest.raises(ConflictError):
            write_note(actor=meets.leads[0], meeting=meeting, key=key, text="No", version=1)
        with pytest.raises(PermissionDenied):
            write_note(actor=meets.leads[1], meeting=meeting, key=key, text="Mine", version=2)
        with pytest.raises(PermissionDenied):
            strike_note(actor=meets.leads[1], note=note)
        strike_note(actor=meets.facilitator, note=note)
        assert Note.objects.get().is_struck


def test_many_hands_type_at_once_and_nothing_is_lost(meets):
    with meets.scope():
        meeting = started(meets)
    keys = [uuid4() for _number in range(20)]

    def write(number):
        try:
            with scope(meets.initiative.pk):
                lead = meets.leads[number % 3]
                write_note(
                    actor=lead,
                    meeting=Meeting.objects.select_related("series__body").get(pk=meeting.pk),
                    key=keys[number // 3],
                    text=f"Line {number // 3}",
                )
        except PermissionDenied:
            return 0  # the line was another's, who was faster
        finally:
            connection.close()
        return 1

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(60)))
    with meets.scope():
        assert Note.objects.count() == 20


def closed(meets, decision):
    decision = waive_evidence(actor=meets.facilitator, decision=decision, reason="Nobody counted")
    said = {"outcome": decision.options.first(), "rationale": "Cheap", "dissent": "none"}
    return decide(actor=meets.facilitator, decision=decision, version=decision.version, **said)


def test_an_item_that_was_decided_is_done_and_not_carried(meets):
    with meets.scope():
        meeting = running(meets, meets.leads[0], items=["Budget", "Plan"], purpose="decide")
        budget, plan = meeting.items.order_by("id")
        for item in (budget, plan):
            decision = framed(meets, meeting, item=item)
            if item == budget:
                closed(meets, decision)
        end_meeting(actor=meets.facilitator, meeting=meeting)
        states = dict(meeting.items.values_list("title", "state"))
        assert states == {"Budget": ItemState.DEALT_WITH, "Plan": ItemState.CARRIED}
        closed(meets, Decision.objects.get(item=plan))  # while the minutes are a draft
        plan.refresh_from_db()
        assert plan.state == ItemState.DEALT_WITH
        copy = AgendaItem.objects.get(carried_from=plan)
        assert copy.state == ItemState.DECLINED
        assert Decision.objects.get(item=plan).cite in copy.reason
