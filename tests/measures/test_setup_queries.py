"""What the pages of setting up cost, whatever there is."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from initiatives.models import Organization
from initiatives.services.organizations import create_organization
from measures.models import Round
from measures.services.rounds import advance_rounds
from tests.measures import test_setup_pages
from tests.measures.test_setup_pages import hand_in

world = test_setup_pages.world
pytestmark = pytest.mark.django_db(transaction=True)


def queries(client, address):
    with CaptureQueriesContext(connection) as caught:
        assert client.get(address).status_code == 200
    return len(caught)


def test_pages_cost_the_same_for_few_and_for_many(world):
    pk = world.agreed()
    hand_in(world)
    with world.scope():
        round_ = Round.objects.get().pk
    addresses = [
        *(world.url(name) for name in ("indicators", "rounds", "calendars", "indicator_new")),
        *(world.url(name, pk) for name in ("indicator_setup", "indicator_edit", "assignment_new")),
        world.url("round_setup", round_),
        "/i/reading/",
        reverse("initiatives:organization", args=["reading", world.library.pk]),
    ]
    few = [queries(world.client, each) for each in addresses]
    with world.scope():
        for n in range(30):
            create_organization(
                actor=world.manager, name=f"Partner {n}", state="active", places=[world.place]
            )
    world.post("assignment_new", pk, who="partners")
    for n in range(12):
        world.agreed(name=f"Indicator {n}")
    with world.scope():
        advance_rounds()
        assert Organization.objects.count() > 30
    assert [queries(world.client, each) for each in addresses] == few
    assert max(few) <= 25


def test_a_form_asks_for_its_choices_once(world):
    world.agreed(breakdown="Age", categories="young, old")
    asked = queries(world.client, world.url("indicator_new"))
    assert asked <= 15
