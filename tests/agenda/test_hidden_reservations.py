"""How many reservations are open is everyone's to know; whose they are, funders see by consent."""

import pytest

from agenda.models import Reservation
from tests.agenda.ratifying import DOUBT, World, answer, member, organization
from tests.agenda.test_ratification_pages import address, text_of

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_funder_hears_how_many_are_open_and_reads_those_that_are_shown(client):
    world = World(2)
    with world.inside():
        funder = member(organization("fund", "funder"), "funder")
        agenda = world.opened()
        for lead in world.leads:
            answer(lead, agenda, action=DOUBT)
        answer(funder, agenda)
    client.force_login(funder.user)
    assert "2 open reservations" in text_of(client.get(address("overview")))
    page = text_of(client.get(address("reservations")))
    assert "2 reservations are open" in page
    assert DOUBT[1] not in page
    with world.inside():
        shown = Reservation.objects.first()
        Reservation.objects.filter(pk=shown.pk).update(is_shown_to_funders=True)
    page = text_of(client.get(address("reservations")))
    assert DOUBT[1] in page
    assert "1 more is open, which its organization does not show to funders." in page
    client.force_login(world.pm.user)
    assert "not show to funders" not in text_of(client.get(address("reservations")))


def test_before_there_is_a_version_nothing_is_said_of_reservations(client):
    world = World(1)
    client.force_login(world.pm.user)
    assert "open reservation" not in text_of(client.get(address("overview")))
