"""What holds after the answers, by name: A6 and A9 to A14."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from agenda.models import (
    AgendaVersion,
    Difference,
    Goal,
    Reservation,
    Response,
)
from agenda.selectors import goals
from agenda.selectors.versions import deadlocks_of
from agenda.services import parties, ratification, reservations, responses, versions
from initiatives.models import Organization
from tests.agenda.ratifying import (
    DOUBT,
    NO,
    World,
    answer,
    effective,
    key_of,
    later,
    on_behalf,
    ratified,
    refused,
    returned,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    made = World()
    with made.inside():
        yield made


def test_a6_an_open_reservation_goes_on_to_the_next_version(world):
    agenda = world.opened()
    answer(world.leads[0], agenda, action=DOUBT)
    answer(world.leads[1], agenda, vision=NO)
    ratification.advance_ratifications(later(days=22))
    old, new = Reservation.objects.order_by("id")
    assert (old.state, new.state, new.carried_from) == ("carried", "open", old)
    assert new.agenda.number == 2
    assert new.raised_in == agenda
    refused(lambda: Reservation.objects.filter(pk=old.pk).delete())
    with pytest.raises(PermissionDenied):
        reservations.lift(actor=world.leads[1], reservation=new)
    with pytest.raises(PermissionDenied):
        reservations.lift(actor=world.pm, reservation=new)
    assert reservations.lift(actor=world.leads[0], reservation=new).state == "lifted"


def test_a6_a_reservation_whose_statement_is_gone_is_overtaken_when_its_owner_says_so(world):
    agenda = world.opened()
    answer(world.leads[0], agenda, action=DOUBT)
    ratification.advance_ratifications(later(days=22))
    new = Reservation.objects.live().get()
    with pytest.raises(ValidationError, match="still there"):
        reservations.confirm_overtaken(actor=world.leads[0], reservation=new)
    new.agenda.dimensions.filter(key=new.dimension_key).delete()
    with pytest.raises(PermissionDenied):
        reservations.confirm_overtaken(actor=world.pm, reservation=new)
    done = reservations.confirm_overtaken(actor=world.leads[0], reservation=new)
    assert done.state == "overtaken"


def test_a6_consenting_later_lifts_and_keeps_the_record(world):
    agenda = world.opened()
    answer(world.leads[0], agenda, action=DOUBT)
    answer(world.leads[0], agenda)
    row = Reservation.objects.get()
    assert row.state == "lifted"
    assert [each.state for each in row.notes.all()] == ["open", "lifted"]


def test_a9_a_joiner_accedes_within_sixty_days(world):
    agenda = ratified(world)
    lead = world.join("newcomer")
    assert parties.admit_joiners() == 1
    assert parties.admit_joiners() == 0
    party = agenda.parties.get(organization=lead.organization)
    assert party.standing == "acceding"
    answer(lead, agenda, action=DOUBT)
    party.refresh_from_db()
    assert party.standing == "acceded"


def test_a9_a_joiner_that_objects_opens_a_difference_and_unseats_nothing(world):
    agenda = ratified(world)
    lead = world.join("newcomer")
    parties.admit_joiners()
    answer(lead, agenda, primary_goal=NO)
    agenda.refresh_from_db()
    assert agenda.state == "ratified"
    assert agenda.parties.get(organization=lead.organization).standing == "acceding"
    assert Difference.objects.get().dimension_key == key_of(agenda, "primary_goal")
    parties.admit_joiners(later(days=61))
    assert agenda.parties.get(organization=lead.organization).standing == "lapsed"


def test_a10_leaving_keeps_what_was_answered(world):
    agenda = ratified(world)
    left = world.leads[0].organization
    Organization.objects.filter(pk=left.pk).update(state="left", name="Renamed")
    assert agenda.parties.get(organization=left).name == "Org1"
    assert effective(agenda).filter(organization=left).exists()
    refused(lambda: Response.objects.filter(organization=left).delete())
    refused(lambda: agenda.parties.filter(organization=left).delete())


def test_a10_who_leaves_a_running_round_without_an_answer_is_still_missing(world):
    agenda = world.opened()
    for lead in world.leads[1:]:
        answer(lead, agenda)
    Organization.objects.filter(pk=world.leads[0].organization_id).update(state="left")
    ratification.advance_ratifications(later(days=22))
    agenda.refresh_from_db()
    assert agenda.state == "returned"


def test_a12_a_goal_that_nothing_measures_is_provisional_after_ninety_days(world, monkeypatch):
    ratified(world)
    goal = goals.current_goals()[0]
    monkeypatch.setattr(goals, "_sources", [])
    assert not goals.is_provisional()
    after = later(days=91)
    monkeypatch.setattr(timezone, "now", lambda: after)
    assert goals.is_provisional()
    monkeypatch.setattr(goals, "_sources", [lambda: Goal.objects.filter(pk=goal.pk).values("pk")])
    assert not goals.is_provisional()


def test_a13_a_silent_organization_is_paused_for_the_next_round_only(world):
    agenda = returned(world)
    silent = world.leads[0].organization
    pause = {"actor": world.pm, "agenda": agenda, "organization": silent}
    with pytest.raises(ValidationError, match="twice"):
        parties.pause_organization(decision="Steering committee, 3 May", **pause)
    for _ in range(2):
        responses.record_contact(
            actor=world.pm, agenda=agenda, organization=silent, means="call", text="No answer."
        )
    running = world.opened(agenda=AgendaVersion.objects.under_work().get())
    parties.pause_organization(decision="Steering committee, 3 May", **pause)
    assert running.parties.filter(organization=silent).exists()
    ratification.advance_ratifications(later(days=22))
    following = world.opened(agenda=AgendaVersion.objects.under_work().get())
    assert not following.parties.filter(organization=silent).exists()


def test_a13_who_answered_is_not_paused(world):
    agenda = returned(world, action=NO)
    with pytest.raises(ValidationError, match="silent"):
        parties.pause_organization(
            actor=world.pm,
            agenda=agenda,
            organization=world.leads[0].organization,
            decision="We are tired of them",
        )


def test_a13_after_two_returned_versions_there_are_ways_out(world):
    first = returned(world, primary_goal=NO)
    second = AgendaVersion.objects.under_work().get()
    assert deadlocks_of(second) == []
    returned(world, primary_goal=NO)
    third = AgendaVersion.objects.under_work().get()
    stuck = deadlocks_of(third)
    assert [(each.key, each.organizations) for each in stuck] == [
        (key_of(first, "primary_goal"), ["Org1"])
    ]
    versions.break_deadlock(actor=world.pm, agenda=third, key=stuck[0].key, choice="demote")
    assert third.dimensions.get(key=stuck[0].key).kind == "goal"
    with pytest.raises(ValidationError, match="No two versions"):
        versions.break_deadlock(
            actor=world.pm, agenda=third, key=key_of(third, "vision"), choice="split"
        )


def test_a13_an_objector_may_move_to_observer_itself(world):
    agenda = returned(world, primary_goal=NO)
    parties.become_observer(actor=world.leads[0], reason="We watch for now.")
    following = world.opened(agenda=AgendaVersion.objects.under_work().get())
    assert agenda.parties.count() == 3
    assert following.parties.count() == 2
    with pytest.raises(PermissionDenied):
        parties.become_observer(actor=world.pm, reason="Out")


def test_a14_one_step_writes_the_whole_row(world):
    agenda = world.opened()
    response = answer(world.leads[0], agenda, action=DOUBT)
    assert response.stances.count() == 5
    assert response.stances.filter(stance="consent").count() == 4
    assert response.stances.get(stance="reservation").reservation.text == DOUBT[1]


def test_a5_an_organization_without_members_is_answered_for_with_evidence(world):
    agenda = world.opened()
    alone = world.leads[0]
    alone.ends_on = alone.starts_on
    alone.save()
    for lead in world.leads[1:]:
        answer(lead, agenda)
    on_behalf(world, alone, agenda)
    agenda.refresh_from_db()
    assert agenda.state == "ratifying"  # it can be contested for seven days, also by who comes
    ratification.advance_ratifications(later(days=8))
    agenda.refresh_from_db()
    assert agenda.state == "ratified"
