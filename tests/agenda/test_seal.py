"""A7 once more: neither pausing the silent nor raw SQL of the web role opens the seal early."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from agenda.models import Asked, ListeningRound, PositionFacet
from agenda.services import listening
from initiatives.models import Act, Membership, Organization
from initiatives.permissions import Role
from initiatives.services.memberships import end_membership
from tests.agenda import people
from tests.agenda.test_listening import SECRET, World, sql

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world():
    """Two of three have answered; the third is silent."""
    made = World()
    for lead in made.leads[:2]:
        made.say(lead, problem=SECRET, submit=True)
    return made


def refused(world, statement, *params, actor=None):
    """Whether the database refuses what the web role asks, as the facilitator or as ``actor``."""
    with world.as_(actor or world.facilitator):
        assert sql("SELECT current_user")[0][0].startswith("app_web")
        with pytest.raises((IntegrityError, DatabaseError)), transaction.atomic():
            sql(statement, *params)


@pytest.mark.parametrize("state", ["paused", "left"])
def test_a7_pausing_the_silent_opens_nothing(world, state):
    silent = world.leads[2].organization
    with world.here():
        Organization.objects.filter(pk=silent.pk).update(state=state)
        assert listening.advance_rounds() == 0
    refused(world, "UPDATE agenda_listeninground SET state = 'revealed', revealed_at = now()")
    with world.as_(world.leads[0]):
        assert [each.text for each in PositionFacet.objects.all()] == [SECRET]
    world.pass_deadline()
    with world.here():
        assert listening.advance_rounds() == 1


def test_a7_the_web_role_opens_the_seal_by_no_statement(world):
    silent = world.leads[2].organization_id
    with world.here():
        other = people.open_round(world.facilitator)
    for statement, *params in (
        ("UPDATE agenda_asked SET answered_at = now() WHERE organization_id = %s", silent),
        (
            "UPDATE agenda_asked SET excused_at = now(), excused_reason = 'x' WHERE organization_id = %s",
            silent,
        ),
        ("UPDATE agenda_asked SET round_id = %s WHERE organization_id = %s", other.pk, silent),
        ("UPDATE agenda_asked SET organization_id = %s", world.facilitator.organization_id),
        ("DELETE FROM agenda_asked WHERE organization_id = %s", silent),
        ("DELETE FROM agenda_listeninground WHERE id = %s", world.round.pk),
        ("DELETE FROM initiatives_organization WHERE id = %s", silent),
        ("UPDATE agenda_listeninground SET opens_at = now()",),
        ("UPDATE agenda_listeninground SET state = 'closed', revealed_at = now()",),
        ("ALTER TABLE agenda_positionstatement DISABLE ROW LEVEL SECURITY",),
        ("ALTER TABLE agenda_listeninground DISABLE TRIGGER ALL",),
        ("DROP POLICY sealed ON agenda_positionstatement",),
        ("SET session_replication_role = replica",),
        ("SET ROLE app_owner",),
        ("TRUNCATE agenda_asked",),
        ("COPY agenda_positionfacet TO '/tmp/positions'",),
    ):
        refused(world, statement, *params)
    with world.as_(world.facilitator):
        assert sql("SELECT count(*) FROM agenda_positionfacet") == [(0,)]
        assert sql("UPDATE agenda_positionstatement SET round_id = %s", other.pk) == 0
        assert sql(
            "SELECT count(*) FROM agenda_asked a LEFT JOIN agenda_positionstatement s"
            " ON s.organization_id = a.organization_id WHERE s.note IS NOT NULL"
        ) == [(0,)]


def test_a7_whoever_had_a_member_since_the_opening_is_not_taken_out(world):
    lead = world.leads[2]
    with world.here():
        asked = Asked.objects.get(organization=lead.organization)
        with pytest.raises(ValidationError, match="people who can answer"):
            listening.excuse_organization(
                actor=world.facilitator, asked=asked, reason="They are silent."
            )
        manager = people.member(world.facilitator.organization, Role.PROJECT_MANAGER)
        end_membership(actor=manager, membership=lead)
        with pytest.raises(ValidationError, match="people who can answer"):
            listening.excuse_organization(
                actor=world.facilitator, asked=asked, reason="They are gone."
            )
        assert ListeningRound.objects.get().state == "open"


def deserted(world):
    """The third organization, to which nobody has belonged since before the round."""
    lead = world.leads[2]
    with world.here():
        day = timezone.now().date()
        Membership.objects.filter(pk=lead.pk).update(
            starts_on=day - timedelta(days=9), ends_on=day - timedelta(days=2)
        )
    return lead.organization


def test_who_has_nobody_is_taken_out_in_the_open_and_the_others_reveal(world, client):
    gone = deserted(world)
    page = reverse("agenda:listening", args=["meals", world.round.pk])
    act = reverse("agenda:organization_excuse", args=["meals", world.round.pk, gone.pk])
    client.force_login(world.facilitator.user)
    assert "Take it out of the round" in client.get(page).content.decode()
    assert client.post(act, {"reason": " "}).status_code == 422
    assert client.post(act, {"reason": "The pantry closed in May."}).status_code == 302
    client.force_login(world.leads[0].user)
    assert client.post(act, {"reason": "Me too"}).status_code == 403
    shown = client.get(page).content.decode()
    assert "The pantry closed in May." in shown
    assert "Taken out" in shown
    with world.here():
        assert ListeningRound.objects.get().is_revealed
        told = Act.objects.get(action="agenda.organization_excused")
        assert told.detail == {"reason": "The pantry closed in May."}


def test_taking_out_is_for_who_leads_the_round_and_only_while_it_is_open(world):
    gone = deserted(world)
    with world.here():
        asked = Asked.objects.get(organization=gone)
        with pytest.raises(PermissionDenied):
            listening.excuse_organization(actor=world.leads[0], asked=asked, reason="No")
        listening.excuse_organization(actor=world.facilitator, asked=asked, reason="Closed.")
        listening.excuse_organization(actor=world.facilitator, asked=asked, reason="Twice.")
        assert Asked.objects.get(pk=asked.pk).excused_reason == "Closed."
        assert Act.objects.filter(action="agenda.organization_excused").count() == 1


def test_who_comes_after_being_taken_out_may_still_say_something():
    world = World(4)
    for lead in world.leads[:2]:
        world.say(lead, problem=SECRET, submit=True)
    gone = deserted(world)
    with world.here():
        asked = Asked.objects.get(organization=gone)
        listening.excuse_organization(actor=world.facilitator, asked=asked, reason="Closed.")
        late = people.member(gone, Role.PARTNER_LEAD, "new@org2.test")
    world.say(late, problem="Ours", submit=True)
    with world.here():
        assert not ListeningRound.objects.get().is_revealed
        assert Asked.objects.get(pk=asked.pk).answered_at
    world.say(world.leads[3], problem="Last", submit=True)
    with world.here():
        assert ListeningRound.objects.get().is_revealed
