"""An address is compared letter by letter: a domain that looks alike is somebody else's.

In capitals an i without its dot is an I, so that what compares in capitals takes one domain for another;
whoever owns the one would be let in as the other.
"""

import json

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.utils import timezone

from initiatives import links, services
from initiatives.choices import LinkPurpose
from initiatives.models import Membership, User
from initiatives.permissions import Role
from initiatives.services.invitations import is_for, owner_of, person_of
from initiatives.tenancy import scope, visitor
from measures.imports.description.schema import read_description
from measures.services.descriptions import store_description
from tests.initiatives.test_sign_in import SIGN_UP, founded, manager, person

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["founded", "manager"]
REAL, ALIKE = "mike@github.example", "mike@g\u0131thub.example"


def invited(founded):
    with scope(founded.initiative_id):
        invitation = services.invite(
            actor=founded,
            organization=founded.organization,
            email=REAL,
            roles=[Role.FACILITATOR],
        )
        _token, link = links.issue(LinkPurpose.INVITATION, invitation.pk)
    return invitation, link


def test_who_looks_alike_owns_nothing_of_the_other(founded):
    stranger = person(ALIKE)
    invitation, _link = invited(founded)
    assert owner_of(REAL) is None
    assert owner_of(ALIKE) == stranger
    assert owner_of(ALIKE.title()) is not None
    assert not is_for(invitation, stranger)
    with pytest.raises(User.DoesNotExist):
        person_of(REAL)


def test_an_account_that_a_lookalike_began_is_not_given_to_who_was_invited(founded):
    """Its address would be proven with it, and open the account by a letter about the password."""
    Client().post("/account/signup/", SIGN_UP | {"email": ALIKE})
    assert User.objects.filter(email=ALIKE).exists()
    _invitation, link = invited(founded)
    with scope(founded.initiative_id):
        membership = services.join_by_invitation(
            link=link, name="Mike", password="what only Mike knows here"
        )
    assert membership.user.email == REAL
    assert not EmailAddress.objects.filter(email=ALIKE, verified=True).exists()
    assert User.objects.get(email=ALIKE) != membership.user


def test_a_description_gives_a_lookalike_no_role():
    stranger = person(ALIKE)
    store_description(
        read_description(
            json.dumps(
                {
                    "schema": "concert/initiative/1",
                    "initiative": {"slug": "lake", "name": "Lake"},
                    "organizations": [{"code": "home", "name": "Home", "kind": "backbone"}],
                    "people": [
                        {
                            "email": REAL.title(),
                            "name": "Mike",
                            "organization": "home",
                            "roles": ["project_manager"],
                        }
                    ],
                }
            ).encode(),
            today=timezone.localdate(),
        )
    )
    with visitor(stranger.pk):
        assert not Membership.objects.exists()
    with visitor(User.objects.get(email=REAL).pk):
        assert Membership.objects.get().roles == ["project_manager"]
