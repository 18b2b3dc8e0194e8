"""A link for readers opens the ratified agenda where it was given out for it, public or not."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import formats, timezone

from agenda.models import AgendaVersion
from agenda.services import parties, ratification, versions
from initiatives.tenancy import scope
from measures.models import ShareLink
from measures.services.sharing import create_share, revoke_share
from tests.agenda.people import open_round, say
from tests.agenda.ratifying import DOUBT, TEXTS, World, answer, later

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


def test_a_closed_link_opens_nothing(world):
    token, share = given(world, has_agenda=True)
    with world.inside():
        revoke_share(actor=world.pm, share=share)
    assert read("shared_agenda", token).status_code in {404, 410}


def awaited(token):
    """What a reader finds at the link while nothing is ratified."""
    numbers = read("shared_dashboard", token).content.decode()
    assert reverse("shared_agenda", args=[token]) in numbers
    assert "how far the work on it is" in numbers
    page = read("shared_agenda", token)
    assert page.status_code == 200
    assert page["Referrer-Policy"] == "no-referrer"
    return " ".join(page.content.decode().split())


def test_until_it_is_ratified_a_link_says_how_far_it_is_and_nothing_of_the_text():
    world = World(2, slug="there")
    token, _share = given(world, has_agenda=True)
    assert "There is no common agenda yet." in awaited(token)
    with world.inside():
        agenda = world.draft()
    said = [awaited(token)]
    assert "The text is being written." in said[0]
    assert "No day is set yet" in said[0]
    with world.inside():
        versions.circulate(actor=world.pm, agenda=agenda)
    said.append(awaited(token))
    assert f"It goes on until {written(14)}." in said[1]
    assert f"expect the agenda around {written(35)} at the earliest" in said[1]
    with world.inside():
        AgendaVersion.objects.update(comments_until=timezone.now())
        ratification.open_ratification(actor=world.fa, agenda=agenda, closes_at=later(days=9))
    said.append(awaited(token))
    assert f"That began on {written(0)}." in said[2]
    assert f"If all agree, the agenda stands here by {written(9)}." in said[2]
    for page in said:
        assert not [text for _kind, text in TEXTS if text in page]
    with world.inside():
        agenda.refresh_from_db()
        for lead in world.leads:
            answer(lead, agenda)
    assert "Ratified by 2 organizations" in read("shared_agenda", token).content.decode()


def test_before_there_is_a_text_a_link_says_who_is_being_asked():
    world = World(2, slug="there")
    token, _share = given(world, has_agenda=True)
    with world.inside():
        round_ = open_round(world.fa)
    assert "Every organization is asked how it sees the issue." in awaited(token)
    for lead in world.leads:
        with scope(world.initiative.pk, user_id=lead.user_id):
            say(lead, round_, goal=["Prevent it"])
    text = awaited(token)
    assert "All views are on the table" in text
    assert "Prevent it" not in text


def written(days):
    return formats.date_format(later(days=days), "DATE_FORMAT")


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
