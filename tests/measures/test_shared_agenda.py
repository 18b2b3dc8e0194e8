"""A link for readers opens the ratified agenda where it was given out for it, public or not."""

import pytest
from django.test import Client
from django.urls import reverse

from agenda.services import parties
from measures.models import ShareLink
from measures.services.sharing import create_share, revoke_share
from tests.agenda.ratifying import DOUBT, World, answer, later

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world():
    made = World()
    with made.inside():
        made.agenda = made.opened()
        answer(made.leads[0], made.agenda, action=DOUBT)
        for lead in made.leads[1:]:
            answer(lead, made.agenda)
    return made


def given(world, **options):
    with world.inside():
        return create_share(actor=world.pm, name="The fund", expires_at=later(days=30), **options)


def read(name, token):
    return Client().get(reverse(name, args=[token]))


def test_a_link_opens_the_agenda_that_is_not_published(world):
    token, _share = given(world, has_agenda=True)
    numbers = read("shared_dashboard", token)
    assert reverse("shared_agenda", args=[token]) in numbers.content.decode()
    page = read("shared_agenda", token)
    text = page.content.decode()
    assert page.status_code == 200
    assert page["Referrer-Policy"] == "no-referrer"
    assert "Ratified by 3 organizations" in text
    assert "1 reservation open" in text
    assert "By 2030 eight of ten read at level." in text
    assert "Only if the bus runs." not in text  # whose doubt it is stays among members
    assert Client().get(reverse("public_agenda", args=["here"])).status_code == 404


def test_a_link_for_numbers_alone_opens_no_agenda(world):
    token, _share = given(world)
    assert read("shared_agenda", token).status_code == 404
    numbers = read("shared_dashboard", token)
    assert reverse("shared_agenda", args=[token]) not in numbers.content.decode()


def test_a_closed_link_and_one_without_an_agenda_open_nothing(world):
    token, share = given(world, has_agenda=True)
    with world.inside():
        revoke_share(actor=world.pm, share=share)
    assert read("shared_agenda", token).status_code in {404, 410}
    other = World(2, slug="there")
    token, _share = given(other, has_agenda=True)
    assert read("shared_agenda", token).status_code == 404
    numbers = read("shared_dashboard", token)
    assert numbers.status_code == 200
    assert reverse("shared_agenda", args=[token]) not in numbers.content.decode()


def test_whoever_gives_a_link_out_says_whether_the_agenda_goes_with_it(client, world):
    client.force_login(world.pm.user)
    url = reverse("measures:shares", args=["here"])
    form = {"name": "The fund", "expires_on": later(days=9).date().isoformat()}
    page = client.get(url).content.decode()
    assert 'name="has_agenda"' in page
    once = page.split('name="once" value="')[1].split('"')[0] if 'name="once"' in page else ""
    assert client.post(url, form | {"has_agenda": "on", "once": once}).status_code == 200
    with world.inside():
        assert ShareLink.objects.get().has_agenda
    assert "whole dashboard, agenda" in " ".join(client.get(url).content.decode().split())


def test_who_joined_since_stands_among_those_who_agreed(world):
    with world.inside():
        joiner = world.join("library")
        parties.admit_joiners()
        answer(joiner, world.agenda)
    token, _share = given(world, has_agenda=True)
    text = read("shared_agenda", token).content.decode()
    assert "Ratified by 4 organizations" in text
    assert "Library" in text
