"""Nobody takes a role, or another organization's word, by inviting themselves."""

import pytest
from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError

from initiatives import links, services
from initiatives.choices import LinkPurpose
from initiatives.models import Initiative, Invitation, Membership, Organization, User
from initiatives.permissions import Role
from initiatives.tenancy import scope

pytestmark = pytest.mark.django_db


@pytest.fixture
def lake():
    """A data manager of the backbone, who invites, and a partner."""
    initiative = Initiative.objects.create(slug="lake", name="Lake")
    with scope(initiative.pk):
        home = Organization.here(code="home", name="Home", kind="backbone", state="active")
        home.save()
        partner = Organization.here(code="partner", name="Partner", state="active")
        partner.save()
        user = User.objects.create(email="dora@home.test", name="Dora")
        dora = Membership.here(user=user, organization=home, roles=[Role.DATA_MANAGER])
        dora.save()
        yield dora, partner


def address(user, email):
    EmailAddress.objects.create(user=user, email=email, verified=True)


@pytest.mark.parametrize("email", ["dora@home.test", " Dora@Home.test", "second@dora.test"])
def test_an_address_of_ones_own_is_not_invited(lake, email):
    dora, partner = lake
    address(dora.user, "second@dora.test")
    for organization, role in ((dora.organization, Role.FACILITATOR), (partner, Role.PARTNER_LEAD)):
        with pytest.raises(ValidationError, match="Nobody invites themselves"):
            services.invite(actor=dora, organization=organization, email=email, roles=[role])
    assert not Invitation.objects.exists()


def test_an_address_that_became_ones_own_accepts_nothing_of_ones_own(lake):
    dora, partner = lake
    invitation = services.invite(
        actor=dora, organization=partner, email="second@dora.test", roles=[Role.PARTNER_LEAD]
    )
    address(dora.user, "second@dora.test")
    _token, link = links.issue(LinkPurpose.INVITATION, invitation.pk)
    with pytest.raises(ValidationError, match="Nobody invites themselves"):
        services.accept_invitation(link=link, user=dora.user)
    assert Membership.objects.get(user=dora.user).roles == [Role.DATA_MANAGER]


def test_a_member_is_not_invited_again_by_a_second_address(lake):
    dora, partner = lake
    pia = User.objects.create(email="pia@partner.test", name="Pia")
    Membership.here(user=pia, organization=partner, roles=[Role.PARTNER_REPORTER]).save()
    address(pia, "other@pia.test")
    with pytest.raises(ValidationError, match="is a member already"):
        services.invite(
            actor=dora, organization=partner, email="other@pia.test", roles=[Role.PARTNER_LEAD]
        )


def test_whoever_signed_up_first_with_anothers_address_does_not_have_their_account(lake):
    """The link came to the address itself; the password of whoever never proved it is gone."""
    dora, partner = lake
    early = User.objects.create_user("victim@partner.test", "the thief knows this", name="Thief")
    EmailAddress.objects.create(user=early, email=early.email, primary=True)
    invitation = services.invite(
        actor=dora, organization=partner, email=early.email, roles=[Role.PARTNER_LEAD]
    )
    _token, link = links.issue(LinkPurpose.INVITATION, invitation.pk)
    joined = services.join_by_invitation(
        link=link, name="Vic", password="what only I know here"
    ).user
    assert (joined.pk, joined.name) == (early.pk, "Vic")
    assert joined.check_password("what only I know here")
    assert list(joined.emailaddress_set.values_list("email", "verified")) == [
        ("victim@partner.test", True)
    ]


@pytest.mark.parametrize("proven", ["by mail", "by signing in", "by an operator"])
def test_an_account_that_was_proven_is_not_taken_over(lake, proven):
    dora, partner = lake
    user = User.objects.create_user("owner@partner.test", "a password of my own", name="Owner")
    if proven != "by an operator":
        verified = proven == "by mail"
        EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=verified)
    if proven == "by signing in":
        User.objects.filter(pk=user.pk).update(last_login="2026-01-01T00:00Z")
    invitation = services.invite(
        actor=dora, organization=partner, email=user.email, roles=[Role.PARTNER_LEAD]
    )
    _token, link = links.issue(LinkPurpose.INVITATION, invitation.pk)
    with pytest.raises(ValidationError, match="sign in"):
        services.join_by_invitation(link=link, name="Thief", password="what the thief knows")
    user.refresh_from_db()
    assert user.check_password("a password of my own")
