"""Organizations with somebody who speaks for each, in the scope that is open."""

from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from agenda.models import Asked, RoundFacet
from agenda.selectors.listening import own_statement
from agenda.services import listening
from agenda.services.positions import Answer, ConflictError, token_of, write_position
from initiatives.models import Membership, Organization, User
from initiatives.permissions import Role
from tests import factories

__all__ = ["ConflictError", "own_statement", "token_of", "write_position"]


def member(organization, role=Role.PARTNER_LEAD, email=""):
    email = email or f"{role}@{organization.code}.test"
    user = User.objects.filter(email=email).first() or User.objects.create_user(email, name=email)
    row = Membership.here(user=user, organization=organization, roles=[role])
    row.save()
    return row


def backbone(*roles):
    row = Organization.here(code="backbone", name="Backbone", kind="backbone", state="active")
    row.save()
    return member(row, roles[0] if roles else Role.FACILITATOR, "fran@backbone.test")


def leads(number):
    return [member(factories.organization(f"org{each}")) for each in range(number)]


def open_round(facilitator, **options):
    options.setdefault("closes_at", timezone.now() + timedelta(days=7))
    round_ = listening.prepare_round(actor=facilitator, name="How do we see it?", **options)
    return listening.open_round(actor=facilitator, round_=round_)


def facet(round_, key):
    return RoundFacet.objects.get(round=round_, key=key)


def answers(round_, **given):
    """``goal=["Prevent it"]``, ``horizon=5``, ``problem="..."``; a pair says how important it is."""
    found = []
    for key, told_value in given.items():
        row, value, importance = facet(round_, key), told_value, 2
        if isinstance(value, tuple):
            value, importance = value
        told = {"facet_id": row.pk, "importance": importance}
        if isinstance(value, list):
            told["chosen"] = tuple(value)
        elif isinstance(value, str):
            told["text"] = value
        else:
            told["number"] = value
        found.append(Answer(**told))
    return found


def say(actor, round_, *, submit=True, token=None, **given):
    """What the actor's organization says; the scope is that person's."""
    asked = Asked.objects.get(round=round_, organization=actor.organization)
    return write_position(
        actor=actor,
        asked=asked,
        answers=answers(round_, **given),
        token=token or token_of(own_statement(actor, round_)),
        submit=submit,
    )


def queries(client, page):
    """How many statements a page takes, the transaction's own included; the first visit aside."""
    client.get(page)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(page).status_code == 200
    return len(captured)
