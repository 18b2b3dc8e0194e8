"""An invitation is worth no more than its sender's word is today, nor more than its organization is."""

import pytest
from allauth.usersessions.models import UserSession
from django.core.exceptions import ValidationError

from initiatives import links, services
from initiatives.choices import LinkPurpose
from initiatives.models import Membership, Organization, User
from initiatives.permissions import Role
from initiatives.tenancy import scope
from tests.initiatives.test_leaving import second_manager, state_of
from tests.initiatives.test_people import founded, manager, member, signed_in

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["founded", "manager"]


def invited(actor, organization, role, email="sock@example.org"):
    return services.invite(actor=actor, organization=organization, email=email, roles=[role])


@pytest.mark.parametrize(
    ("role", "state"), [("project_manager", "revoked"), ("facilitator", "pending")]
)
def test_who_is_demoted_lets_nobody_in_above_them(founded, role, state):
    """Else a manager comes back by a letter to another address that was written in time."""
    other = second_manager(founded)
    with scope(founded.initiative_id):
        sent = invited(other, founded.organization, role)
        services.change_roles(actor=founded, membership=other, roles=[Role.DATA_MANAGER])
    assert state_of(founded, sent) == state


def test_who_speaks_for_a_partner_alone_by_now_lets_nobody_into_the_backbone(founded):
    other = second_manager(founded)
    library = member(founded, "lee@example.org", [Role.PARTNER_LEAD]).organization
    with scope(founded.initiative_id):
        Membership.here(user=other.user, organization=library, roles=[Role.PARTNER_LEAD]).save()
        sent = invited(other, founded.organization, Role.OBSERVER)
        kept = invited(other, library, Role.PARTNER_LEAD, "kept@example.org")
        services.end_membership(actor=founded, membership=other)
    assert state_of(founded, sent) == "revoked"
    assert state_of(founded, kept) == "pending"


@pytest.mark.parametrize("change", [{"kind": "partner"}, {"state": "left"}])
def test_roles_that_an_organization_cannot_hold_any_more_are_not_taken_up(founded, change):
    with scope(founded.initiative_id):
        helpers = services.create_organization(
            actor=founded, name="Helpers", kind="backbone", state="active"
        )
        sent = invited(founded, helpers, Role.FACILITATOR)
        Organization.objects.filter(pk=helpers.pk).update(**change)
        _token, link = links.issue(LinkPurpose.INVITATION, sent.pk)
        user = User.objects.create_user("sock@example.org", "a quiet choir sings", name="Sock")
        with pytest.raises(ValidationError, match="no longer open"):
            services.accept_invitation(link=link, user=user)
        assert not Membership.objects.filter(user=user).exists()


def test_the_sessions_of_who_left_with_their_organization_end(founded):
    lead = member(founded, "lee@example.org", [Role.PARTNER_LEAD])
    client = signed_in(lead.user)
    client.get("/account/")
    assert UserSession.objects.filter(user=lead.user).exists()
    with scope(founded.initiative_id):
        services.update_organization(
            actor=founded,
            organization=lead.organization,
            places=[],
            decision="It closed in May.",
            state="left",
        )
    assert not UserSession.objects.filter(user=lead.user).exists()
