"""A7 against those who run the initiative: the backbone reads no sealed position, by no membership."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone

from agenda.models import Asked, ListeningRound, Outsider, PositionFacet, PositionStatement
from agenda.selectors.listening import held_out
from agenda.services.newcomers import admit_newcomer
from initiatives import today
from initiatives.choices import LinkPurpose
from initiatives.models import Act, Invitation, Membership, Notice, SignedLink, User
from initiatives.permissions import Role
from initiatives.services.invitations import accept_invitation, invite
from initiatives.services.memberships import change_roles, end_membership
from initiatives.tenancy import scope
from tests.agenda import people
from tests.agenda.test_listening import SECRET, World, sql

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world():
    """The first of three has handed in; a manager who is no facilitator looks on."""
    made = World()
    with made.here():
        made.manager = people.member(made.facilitator.organization, Role.PROJECT_MANAGER)
    made.say(made.leads[0], problem=SECRET, submit=True)
    return made


def join(world, actor, organization, email, role=Role.PARTNER_LEAD):
    """Be invited by ``actor`` and accept, as people do it: the new membership."""
    with world.as_(actor):
        invitation = invite(actor=actor, organization=organization, email=email, roles=[role])
        link = SignedLink.objects.filter(purpose=LinkPurpose.INVITATION, object_id=invitation.pk)
        link = link.latest("pk")
    user = User.objects.filter(email=email).first() or User.objects.create_user(email, name=email)
    with scope(world.initiative.pk, user_id=user.pk):
        accept_invitation(link=link, user=user)
        return Membership.objects.select_related("user", "organization", "initiative").get(
            user=user, organization=organization
        )


def join_by_a_colleague(world, organization):
    """The manager into an organization, by the other manager's hand: nobody invites themselves."""
    with world.here():
        other = people.member(
            world.manager.organization, Role.PROJECT_MANAGER, "colleague@backbone.test"
        )
    return join(world, other, organization, world.manager.user.email)


def reads(world, member):
    """What a person reads of sealed positions, asked by the ORM and by raw SQL as the web role."""
    with world.as_(member):
        assert sql("SELECT current_user")[0][0].startswith("app_web")
        told = [each.text for each in PositionFacet.objects.all()]
        raw = [text for (text,) in sql("SELECT text FROM agenda_positionfacet")]
        assert raw == told
        assert len(sql("SELECT to_jsonb(s)::text FROM agenda_positionstatement s")) == len(told)
        return told


def test_a7_a_manager_who_comes_into_an_organization_reads_nothing(world, client):
    first = world.leads[0]
    with pytest.raises(ValidationError, match="Nobody invites themselves"):
        join(world, world.manager, first.organization, world.manager.user.email)
    mine = join_by_a_colleague(world, first.organization)

    assert reads(world, mine) == []
    assert reads(world, first) == [SECRET]

    client.force_login(world.manager.user)
    url = reverse("agenda:position", args=["meals", world.round.pk])
    page = client.get(url)
    assert page.status_code in {403, 404}
    assert SECRET not in page.content.decode()
    with world.as_(mine):
        assert held_out(mine, world.round).organization_id is None


def test_a7_nor_through_a_membership_from_before_the_round():
    made = World()
    made.say(made.leads[0], problem=SECRET, submit=True)
    with made.here():
        both = Membership.here(
            user=made.facilitator.user,
            organization=made.leads[1].organization,
            roles=[Role.PARTNER_LEAD],
            starts_on=timezone.now().date() - timedelta(days=40),
        )
        both.save()
    made.say(made.leads[1], problem="Ours", submit=False)
    assert reads(made, made.facilitator) == []
    with made.as_(made.facilitator), pytest.raises(DatabaseError, match="row-level security"):
        PositionStatement.here(round=made.round, organization=both.organization).save()
    with made.as_(made.facilitator), pytest.raises(ValidationError, match="seal"):
        people.say(both, made.round, problem="x")


def test_a7_taking_the_role_off_again_opens_nothing(world):
    mine = join_by_a_colleague(world, world.leads[0].organization)
    with world.as_(world.manager):
        own = Membership.objects.get(pk=world.manager.pk)
        change_roles(actor=own, membership=own, roles=[Role.DATA_MANAGER])
        end_membership(actor=own, membership=own)
    assert reads(world, mine) == []


def test_a7_whoever_comes_to_the_backbone_later_is_out_from_then_on(world):
    second = world.leads[1]
    world.say(second, problem="Ours", submit=False)
    assert reads(world, second) == ["Ours"]
    with world.here():
        Membership.here(
            user=second.user, organization=world.manager.organization, roles=[Role.DATA_MANAGER]
        ).save()
    assert reads(world, second) == []


def test_a7_a_second_account_that_the_backbone_invites_waits_for_the_organization(world, client):
    first = world.leads[0]
    other = join(world, world.manager, first.organization, "pat.private@example.org")

    assert reads(world, other) == []
    client.force_login(other.user)
    url = reverse("agenda:position", args=["meals", world.round.pk])
    page = client.get(url)
    assert page.status_code == 403
    assert "You joined Org0 while this round was open" in page.content.decode()
    assert first.user.name in page.content.decode()
    assert client.post(url, {"action": "save"}).status_code == 403

    # Somebody of the organization is asked, and only somebody of it can say yes.
    with world.as_(first):
        lines = [each.text for each in today.waiting(first)]
        assert f"Does {other.user} speak for you?" in lines
    newcomer = outsider(world, other)
    admit = reverse("agenda:newcomer_admit", args=["meals", world.round.pk, newcomer.pk])
    for stranger in (other, world.manager, world.leads[1]):
        client.force_login(stranger.user)
        assert client.post(admit).status_code in {403, 404}
        assert reads(world, other) == []
    client.force_login(first.user)
    assert other.user.email in client.get(url).content.decode()
    assert client.post(admit).status_code == 302
    assert reads(world, other) == [SECRET]
    with world.here():
        assert Act.objects.get(action="agenda.newcomer_admitted").organization_id == (
            first.organization_id
        )


def outsider(world, member):
    with world.here():
        return Outsider.objects.get(user=member.user, organization=member.organization)


def test_a7_a_newcomer_is_let_in_by_no_statement_of_anybody_else(world):
    first = world.leads[0]
    other = join(world, world.manager, first.organization, "pat.private@example.org")
    row, silent = outsider(world, other), world.leads[2].organization_id
    let_in = "UPDATE agenda_outsider SET admitted_at = now(), admitted_by_id = %s WHERE id = %s"
    for actor in (world.manager, other, world.leads[1]):
        for statement, *params in (
            (let_in, actor.user_id, row.pk),
            (let_in, first.user_id, row.pk),
            ("DELETE FROM agenda_outsider WHERE id = %s", row.pk),
            ("UPDATE agenda_outsider SET organization_id = NULL WHERE id = %s", row.pk),
            (
                "UPDATE agenda_outsider SET user_id = %s WHERE user_id = %s",
                world.leads[1].user_id,
                other.user_id,
            ),
            ("DROP TRIGGER note_outsider ON initiatives_membership",),
            ("ALTER TABLE agenda_outsider DISABLE TRIGGER ALL",),
            ("UPDATE initiatives_invitation SET invited_by_id = %s", first.user_id),
            ("UPDATE agenda_asked SET answered_at = now() WHERE organization_id = %s", silent),
            ("TRUNCATE agenda_outsider",),
        ):
            with world.as_(actor), pytest.raises(DatabaseError), transaction.atomic():
                sql(statement, *params)
    assert reads(world, other) == []
    with world.as_(other), pytest.raises(ValidationError):
        admit_newcomer(actor=other, newcomer=row)
    with world.as_(world.leads[1]), pytest.raises(PermissionDenied):
        admit_newcomer(actor=world.leads[1], newcomer=row)


def test_a7_a_pretended_admission_written_before_is_refused(world):
    spare = User.objects.create_user("spare@example.org", name="Spare")
    with world.as_(world.manager), pytest.raises(DatabaseError, match="lets a newcomer in"):
        sql(
            "INSERT INTO agenda_outsider (initiative_id, round_id, user_id, organization_id, since,"
            " admitted_at, admitted_by_id) VALUES (%s, %s, %s, %s, now(), now(), %s)",
            world.initiative.pk,
            world.round.pk,
            spare.pk,
            world.leads[0].organization_id,
            world.manager.user_id,
        )


def test_a7_an_invitation_is_nobody_elses(world):
    first = world.leads[0]
    with world.as_(world.manager), pytest.raises(DatabaseError, match="who invited whom"):
        Invitation.here(
            organization=first.organization,
            email="pat.private@example.org",
            roles=[Role.PARTNER_LEAD],
            invited_by_id=first.user_id,
            expires_at=timezone.now() + timedelta(days=3),
        ).save()


def test_a7_the_word_of_the_backbone_opens_no_way_to_answer_for_a_silent_organization(world):
    """Or the last answer missing could be given, and all be revealed before the deadline."""
    world.say(world.leads[1], problem=SECRET, submit=True)
    silent = world.leads[2]
    mine = join_by_a_colleague(world, silent.organization)
    with world.as_(world.manager):
        with pytest.raises(ValidationError, match="seal"):
            people.say(mine, world.round, problem="x")
        with pytest.raises(DatabaseError), transaction.atomic():
            Asked.objects.filter(organization=silent.organization).update(
                answered_at=timezone.now()
            )
    with world.here():
        assert ListeningRound.objects.get().is_open


def test_a_colleague_invited_by_their_own_lead_writes_at_once(world):
    first = world.leads[0]
    other = join(world, first, first.organization, "rae@org0.test", Role.PARTNER_REPORTER)
    assert reads(world, other) == [SECRET]
    with world.here():
        assert not Outsider.objects.filter(user=other.user).exists()


def test_whoever_is_the_first_of_an_organization_writes_at_once(world):
    with world.here():
        fresh = world.leads[2].organization
        day = timezone.now().date()
        Membership.objects.filter(pk=world.leads[2].pk).update(
            starts_on=day - timedelta(days=90), ends_on=day - timedelta(days=30)
        )
    only = join(world, world.manager, fresh, "new@org2.test")
    world.say(only, problem="Ours", submit=True)
    assert reads(world, only) == ["Ours"]


def test_a_newcomer_gets_no_letter_and_the_reveal_opens_everything(world):
    first = world.leads[0]
    other = join(world, world.manager, first.organization, "pat.private@example.org")
    for lead in world.leads[1:]:
        world.say(lead, problem="shown", submit=True)
    with world.here():
        assert ListeningRound.objects.get().is_revealed
        assert not Notice.objects.filter(kind="position_asked", user=other.user).exists()
    assert sorted(reads(world, other)) == [SECRET, "shown", "shown"]
