"""Who leaves takes nothing along and leaves nobody without a manager."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.db import connections

from initiatives import services
from initiatives.models import Act, Invitation, Membership, User
from initiatives.permissions import Role
from initiatives.tenancy import scope
from tests.initiatives.test_people import founded, manager, member, signed_in, url
from tests.waiting import PATIENCE

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["founded", "manager"]


def second_manager(founded, email="noa@example.org"):
    with scope(founded.initiative_id):
        membership = Membership.here(
            user=User.objects.create_user(email, "a quiet choir sings", name="Noa"),
            organization=founded.organization,
            roles=[Role.PROJECT_MANAGER],
        )
        membership.save()
    return membership


def state_of(founded, invitation):
    with scope(founded.initiative_id):
        return Invitation.objects.get(pk=invitation.pk).state


def test_the_only_manager_is_told_on_the_page_that_they_stay(founded, manager):
    client = signed_in(manager)
    demoted = client.post(
        url("member", "reading", founded.pk), {"roles": [Role.FACILITATOR], "version": 1}
    )
    assert demoted.status_code == 422
    ended = client.post(url("membership_end", "reading", founded.pk), follow=True)
    for answer in (demoted, ended):
        assert "name another one first" in answer.content.decode()
    with scope(founded.initiative_id):
        kept = Membership.objects.get(pk=founded.pk)
        assert kept.is_current
        assert Role.PROJECT_MANAGER in kept.roles


def test_a_manager_who_cannot_sign_in_is_none(founded):
    other = second_manager(founded)
    User.objects.filter(pk=other.user_id).update(is_active=False)
    with scope(founded.initiative_id), pytest.raises(ValidationError):
        services.end_membership(actor=founded, membership=founded)


def test_of_two_managers_who_end_each_other_at_once_one_stays(founded):
    other, both = second_manager(founded), Barrier(2)

    def leave(membership):
        try:
            with scope(founded.initiative_id):
                both.wait(PATIENCE)
                services.end_membership(actor=membership, membership=membership)
        except ValidationError:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(2) as pool:
        left = list(pool.map(leave, (founded, other)))
    assert sorted(left) == [False, True]
    with scope(founded.initiative_id):
        assert Membership.objects.current().count() == 1


@pytest.mark.parametrize("how", ["ended", "demoted"])
def test_who_may_invite_nobody_any_more_has_invited_nobody(founded, how):
    lead = member(founded, "lee@example.org", [Role.PARTNER_LEAD])
    with scope(founded.initiative_id):
        sent, others = (
            services.invite(
                actor=actor,
                organization=lead.organization,
                email=f"{name}@example.org",
                roles=[Role.PARTNER_REPORTER],
            )
            for name, actor in (("sent", lead), ("others", founded))
        )
        if how == "ended":
            services.end_membership(actor=founded, membership=lead)
            act = Act.objects.get(action="initiatives.membership_ended")
            assert act.detail["invitations_closed"] == 1
        else:
            services.change_roles(actor=founded, membership=lead, roles=[Role.PARTNER_REPORTER])
    assert state_of(founded, sent) == "revoked"
    assert state_of(founded, others) == "pending"


def test_who_still_invites_in_another_capacity_keeps_what_they_sent(founded):
    lead = member(founded, "lee@example.org", [Role.PARTNER_LEAD])
    with scope(founded.initiative_id):
        Membership.here(
            user=lead.user, organization=founded.organization, roles=[Role.PROJECT_MANAGER]
        ).save()
        sent = services.invite(
            actor=lead,
            organization=lead.organization,
            email="sent@example.org",
            roles=[Role.PARTNER_REPORTER],
        )
        services.end_membership(actor=founded, membership=lead)
    assert state_of(founded, sent) == "pending"


def test_an_invitation_to_any_address_of_who_leaves_is_closed(founded):
    lead = member(founded, "lee@example.org", [Role.PARTNER_LEAD])
    EmailAddress.objects.create(user=lead.user, email="second@example.org", verified=True)
    with scope(founded.initiative_id):
        invitation = services.invite(
            actor=founded,
            organization=founded.organization,
            email="Second@example.org",
            roles=[Role.FACILITATOR],
        )
        services.end_membership(actor=founded, membership=lead)
    assert state_of(founded, invitation) == "revoked"


@pytest.fixture
def lead(founded):
    """The only lead of a partner."""
    with scope(founded.initiative_id):
        library = services.create_organization(actor=founded, name="Library", state="active")
        membership = Membership.here(
            user=User.objects.create_user("lea@example.org", "a quiet choir sings", name="Lea"),
            organization=library,
            roles=[Role.PARTNER_LEAD],
        )
        membership.save()
    return membership


def second_lead(founded, lead):
    with scope(founded.initiative_id):
        other = Membership.here(
            user=User.objects.create_user("leo@example.org", "a quiet choir sings", name="Leo"),
            organization=lead.organization,
            roles=[Role.PARTNER_LEAD],
        )
        other.save()
    return other


def test_the_only_lead_does_not_step_down_but_the_backbone_may_take_the_role(founded, lead):
    client = signed_in(lead.user)
    page = url("member", "reading", lead.pk)
    reporter = {"roles": [Role.PARTNER_REPORTER], "version": 1}
    demoted = client.post(page, reporter)
    assert demoted.status_code == 422
    ended = client.post(url("membership_end", "reading", lead.pk), follow=True)
    for answer in (demoted, ended):
        assert "You are the only lead of Library" in answer.content.decode()
    with scope(founded.initiative_id):
        assert Membership.objects.get(pk=lead.pk).roles == [Role.PARTNER_LEAD]
    assert signed_in(founded.user).post(page, reporter).status_code == 302


def test_with_another_lead_one_may_go(founded, lead):
    other = second_lead(founded, lead)
    with scope(founded.initiative_id):
        services.end_membership(actor=lead, membership=lead)
        with pytest.raises(ValidationError, match="only lead"):
            services.change_roles(actor=other, membership=other, roles=[Role.PARTNER_REPORTER])


def test_of_two_leads_who_step_down_at_once_one_stays(founded, lead):
    other, both = second_lead(founded, lead), Barrier(2)

    def step_down(membership):
        try:
            with scope(founded.initiative_id):
                both.wait(PATIENCE)
                services.end_membership(actor=membership, membership=membership)
        except ValidationError:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(2) as pool:
        went = list(pool.map(step_down, [lead, other]))
    assert sorted(went) == [False, True]
