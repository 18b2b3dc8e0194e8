"""C10: who was given a series facilitates that one, in these days, and has no right elsewhere."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from initiatives.models import Membership
from initiatives.permissions import GIVEN, GRANTS, Permission, Role
from initiatives.services import change_roles
from meetings.models import (
    AgendaItem,
    Body,
    Decision,
    Facilitation,
    Meeting,
    MeetingSeries,
    Minutes,
    Reply,
)
from meetings.selectors.agendas import digest_of
from meetings.selectors.rights import given_to
from meetings.services import actions, agendas, attendance, bodies, decisions, minutes, running
from meetings.services.asking import ask_seats
from meetings.services.facilitations import end_facilitation, give_series
from meetings.services.papers import publish_paper
from meetings.services.replies import reply
from meetings.services.series import (
    cancel_meeting,
    change_series,
    move_meeting,
    open_meeting,
)
from tests.meetings.conftest import beside, member
from tests.meetings.days import START
from tests.meetings.guests import held

pytestmark = pytest.mark.django_db(transaction=True)
DAY = timedelta(days=1)


def runs():
    return Membership.objects.get(roles=[Role.FACILITATOR])


def holder_at(meeting):
    return meeting.series.body.seats.order_by("id").first().holder


def begun(meeting):
    return running.start_meeting(actor=runs(), meeting=meeting)


def there(meeting):
    meeting = begun(meeting)
    attendance.mark_present(actor=runs(), meeting=meeting, person=holder_at(meeting))
    return meeting


def of_a_running(meeting, item):
    begun(meeting)
    item.refresh_from_db()
    return item


def another_body(item):
    return Body.objects.exclude(pk=item.body_id).first()


def wish(meeting):
    seat = meeting.series.body.seats.order_by("id").first()
    return agendas.answer_agenda(
        actor=seat.holder,
        meeting=meeting,
        seat=seat,
        kind="change",
        digest=digest_of(meeting),
        text="Vans first",
    )


ACTS = {
    "change the series": lambda who, series, *_: change_series(
        actor=who, series=series, version=series.version, place="Roof"
    ),
    "move": lambda who, _series, meeting, *_: move_meeting(
        actor=who,
        meeting=meeting,
        version=meeting.version,
        local_date=START + DAY,
        local_time=meeting.local_time,
    ),
    "cancel": lambda who, _series, meeting, *_: cancel_meeting(
        actor=who, meeting=meeting, version=meeting.version, reason="Flood"
    ),
    "propose": lambda who, series, meeting, *_: agendas.propose_item(
        actor=who, body=series.body, meeting=meeting, title="New"
    ),
    "add an item": lambda who, series, meeting, *_: agendas.add_item(
        actor=who, body=series.body, meeting=meeting, title="New"
    ),
    "decline": lambda who, _series, _meeting, item, _d: agendas.decline_item(
        actor=who, item=item, reason="No"
    ),
    "put an item back": lambda who, _series, _meeting, item, _d: agendas.accept_item(
        actor=who, item=item, meeting=None
    ),
    "change an item": lambda who, _series, _meeting, item, _d: agendas.change_item(
        actor=who, item=item, version=item.version, title="Else", purpose="inform", minutes=5
    ),
    "order": lambda who, _series, _meeting, item, _d: agendas.move_item(
        actor=who, item=item, up=True
    ),
    "ask the seats": lambda who, _series, meeting, *_: ask_seats(actor=who, meeting=meeting),
    "publish": lambda who, _series, meeting, *_: publish_paper(
        actor=who, meeting=meeting, name="Paper", text="Read", minutes=5
    ),
    "begin": lambda who, _series, meeting, *_: running.start_meeting(actor=who, meeting=meeting),
    "frame": lambda who, series, meeting, *_: decisions.frame_decision(
        actor=who, body=series.body, meeting=meeting, question="So?", options=["Yes", "No"]
    ),
    "hand an item over": lambda who, _series, _meeting, item, _d: agendas.delegate_item(
        actor=who, item=item, body=another_body(item)
    ),
    "answer a request for change": lambda who, _series, meeting, *_: agendas.resolve_change(
        actor=who, answer=wish(meeting), text="Done"
    ),
    "mark who is there": lambda who, _series, meeting, *_: attendance.mark_present(
        actor=who, meeting=begun(meeting), person=holder_at(meeting)
    ),
    "mark who left": lambda who, _series, meeting, *_: attendance.mark_left(
        actor=who, meeting=there(meeting), person=holder_at(meeting)
    ),
    "turn to an item": lambda who, _series, meeting, item, _d: running.start_item(
        actor=who, item=of_a_running(meeting, item)
    ),
    "end": lambda who, _series, meeting, *_: running.end_meeting(actor=who, meeting=begun(meeting)),
    "promise for others": lambda who, series, meeting, *_: actions.assign_action(
        actor=who,
        body=series.body,
        meeting=meeting,
        text="Call",
        due_on=START,
        organization=holder_at(meeting).organization,
    ),
    "fix criteria": lambda who, _series, _meeting, _item, decision: decisions.fix_criteria(
        actor=who, decision=decision, criteria=[("Cost", 3)]
    ),
    "lay evidence": lambda who, _series, _meeting, _item, decision: decisions.add_evidence(
        actor=who, decision=decision, text="It shows", certainty="low"
    ),
}


def tried(meets, name, series):
    """What comes of an act by her at the first meeting of a series; nothing of it stays."""
    with meets.scope(), transaction.atomic():
        try:
            return ACTS[name](meets.eve, series, *held(meets, series))
        finally:
            transaction.set_rollback(True)


def is_refused(meets, name, series):
    try:
        tried(meets, name, series)
    except PermissionDenied:
        return True
    return False


def test_what_she_was_given_she_does_there_and_nowhere_else(guest):
    for name in ACTS:
        tried(guest, name, guest.series)
        for other in guest.other:
            assert is_refused(guest, name, other), name


def test_before_and_after_her_days_the_database_gives_her_nothing(guest):
    today = timezone.localdate()
    for starts_on, ends_on in ((today + DAY, None), (today - 9 * DAY, today)):
        with guest.scope():
            Facilitation.objects.update(starts_on=starts_on, ends_on=ends_on)
        for name in ACTS:
            assert is_refused(guest, name, guest.series), name


def test_c10_a_right_ends_with_the_day_in_the_row_and_not_with_what_was_read(guest):
    """The same object that was allowed is refused as soon as the row says so."""
    with guest.scope():
        meeting, *_rest = held(guest, guest.series)
        eve = guest.eve
        running.start_meeting(actor=eve, meeting=meeting)
        Facilitation.objects.update(ends_on=timezone.localdate())
        with pytest.raises(PermissionDenied):
            running.end_meeting(actor=eve, meeting=meeting)


def test_a_meeting_she_runs_goes_to_its_approved_minutes(guest):
    with guest.scope():
        meeting, *_rest = held(guest, guest.series)
        eve, lead = guest.eve, guest.leads[0]
        meeting = running.start_meeting(actor=eve, meeting=meeting)
        attendance.mark_present(actor=eve, meeting=meeting, person=lead)
        running.next_item(actor=eve, meeting=meeting)
        actions.assign_action(
            actor=eve,
            body=meeting.series.body,
            meeting=meeting,
            text="Call",
            due_on=START,
            organization=lead.organization,
        )
        running.end_meeting(actor=eve, meeting=meeting)
        made = minutes.draft_minutes(actor=eve, meeting=meeting)
        made = minutes.circulate_minutes(actor=eve, minutes=made)
        assert minutes.approve_minutes(actor=eve, minutes=made).state == "approved"


def test_minutes_of_another_series_are_not_hers(guest):
    with guest.scope():
        meeting, *_rest = held(guest, guest.other[0])
        running.start_meeting(actor=guest.facilitator, meeting=meeting)
        with pytest.raises(PermissionDenied):
            attendance.mark_present(actor=guest.eve, meeting=meeting, person=guest.leads[0])
        running.end_meeting(actor=guest.facilitator, meeting=meeting)
        with pytest.raises(PermissionDenied):
            minutes.draft_minutes(actor=guest.eve, meeting=meeting)
        made = minutes.draft_minutes(actor=guest.facilitator, meeting=meeting)
        for act in (minutes.circulate_minutes, minutes.approve_minutes):
            with pytest.raises(PermissionDenied):
                act(actor=guest.eve, minutes=made)


def test_what_concerns_a_body_takes_all_its_series(guest):
    with guest.scope():
        give = {"actor": guest.eve, "body": guest.body}
        organizations = [guest.manager.organization]
        with pytest.raises(PermissionDenied):
            bodies.add_seats(**give, organizations=organizations)
        with pytest.raises(PermissionDenied):
            bodies.create_body(actor=guest.eve, name="Hers")
        with pytest.raises(PermissionDenied):
            beside(guest.__class__(manager=guest.eve, series=guest.series), guest.body)
        give_series(
            actor=guest.manager,
            series=guest.other[0],
            membership=guest.eve,
            starts_on=timezone.localdate(),
        )
        assert bodies.add_seats(**give, organizations=organizations)


def test_what_waits_in_the_body_she_may_take_up_and_not_close(guest):
    with guest.scope():
        item = agendas.propose_item(actor=guest.leads[0], body=guest.body, title="Roof")
        with pytest.raises(PermissionDenied):
            agendas.decline_item(actor=guest.eve, item=item, reason="No")
        theirs = open_meeting(actor=guest.manager, series=guest.other[0], day=START)
        with pytest.raises(PermissionDenied):
            agendas.accept_item(actor=guest.eve, item=item, meeting=theirs)
        mine = open_meeting(actor=guest.manager, series=guest.series, day=START)
        assert agendas.accept_item(actor=guest.eve, item=item, meeting=mine).meeting == mine
        agendas.accept_item(actor=guest.facilitator, item=item, meeting=theirs)
        with pytest.raises(PermissionDenied):  # nor takes it off another agenda
            agendas.accept_item(actor=guest.eve, item=item, meeting=mine)


def test_she_sees_what_is_of_her_series_alone(guest):
    with guest.scope():
        mine = held(guest, guest.series)
        others = [held(guest, each) for each in guest.other]
        for meeting, *_rest in [mine, *others]:
            seat = meeting.series.body.seats.order_by("id").first()
            reply(actor=guest.leads[0], meeting=meeting, seat=seat, kind="yes")
            running.start_meeting(actor=guest.facilitator, meeting=meeting)
            running.end_meeting(actor=guest.facilitator, meeting=meeting)
            minutes.draft_minutes(actor=guest.facilitator, meeting=meeting)

        def seen(model):
            return set(model.objects.visible_to(guest.eve))

        assert seen(MeetingSeries) == {guest.series}
        assert seen(Meeting) == {mine[0]}
        assert seen(Body) == {guest.body}
        assert seen(Decision) == {mine[2]}
        assert {each.meeting_id for each in seen(AgendaItem)} <= {mine[0].pk, None}
        assert {each.meeting_id for each in seen(Reply)} == {mine[0].pk}
        assert {each.meeting_id for each in seen(Minutes)} == {mine[0].pk}


def test_who_else_has_no_seat_still_sees_nothing(guest):
    with guest.scope():
        held(guest, guest.series)
        outside = member(guest.eve.organization, Role.FUNDER, "fund")
        assert not Meeting.objects.visible_to(outside)
        assert given_to(outside, Permission.MEETINGS_RUN) == frozenset()


def test_nobody_else_gives_a_series_and_only_to_that_role(guest):
    with guest.scope():
        given = {"series": guest.other[1], "starts_on": START}
        for who in (guest.eve, guest.leads[0]):
            with pytest.raises(PermissionDenied):
                give_series(actor=who, membership=guest.eve, **given)
            with pytest.raises(PermissionDenied):
                end_facilitation(actor=who, facilitation=guest.given)
        for whom in (guest.leads[0], guest.manager):
            with pytest.raises(ValidationError):
                give_series(actor=guest.manager, membership=whom, **given)


def test_without_the_role_what_was_given_gives_nothing(guest):
    with guest.scope():
        change_roles(actor=guest.manager, membership=guest.eve, roles=[Role.OBSERVER])
        guest.eve.refresh_from_db()
        assert given_to(guest.eve, Permission.MEETINGS_RUN) == frozenset()
        assert not Meeting.objects.visible_to(guest.eve)


def test_the_role_gives_no_right_in_the_agenda_nor_anywhere_by_itself():
    allowed = GRANTS[Role.SERIES_FACILITATOR]
    acts = [each for each in Permission if not each.value.split(":")[1].startswith("view")]
    assert not allowed.intersection(acts)
    assert not any(each.value.startswith("agenda:") for each in GIVEN[Role.SERIES_FACILITATOR])


def test_the_database_takes_no_facilitation_that_ends_before_it_begins(guest):
    today = timezone.localdate()
    with guest.scope(), pytest.raises(IntegrityError), transaction.atomic():
        Facilitation.objects.update(starts_on=today, ends_on=today - DAY)


def test_what_is_given_by_name_widens_no_other_role(guest):
    with guest.scope():
        for role in set(Role) - {Role.SERIES_FACILITATOR}:
            who = member(guest.eve.organization, role, role.value)
            Facilitation.here(
                series=guest.series, membership=who, starts_on=START - 999 * DAY
            ).save()
            for permission in GIVEN[Role.SERIES_FACILITATOR]:
                assert given_to(who, permission) == frozenset(), (role, permission)
