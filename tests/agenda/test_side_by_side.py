"""All views of many organizations stay readable: answers are counted, long lists of names fold."""

import pytest
from django.urls import reverse

from agenda.models import Difference, ListeningRound
from agenda.selectors.views import MOST_NAMES, side_by_side
from agenda.services.differences.measured import propose_differences
from tests.agenda import people
from tests.agenda.people import queries
from tests.agenda.test_listening import World

pytestmark = pytest.mark.django_db(transaction=True)


def test_numbers_are_counted_in_their_order_and_long_lists_of_names_fold(client):
    world = World(MOST_NAMES + 2)
    first, second, *rest = world.leads
    world.say(first, horizon=10, goal=["Prevent it"])
    world.say(second, horizon=3, goal=["Make it rarer"])
    for lead in rest:
        world.say(lead, horizon=3, goal=["Prevent it"])
    with world.here():
        sheet = side_by_side(ListeningRound.objects.get())
        told = {each.facet.key: each.tally for each in sheet.facets}
        assert [(row.number, len(row.organizations)) for row in told["horizon"]] == [
            (3, MOST_NAMES + 1),
            (10, 1),
        ]
        assert [(row.choice, row.is_long) for row in told["goal"]] == [
            ("Prevent it", True),
            ("Make it rarer", False),
        ]
        assert told["problem"] == []
    client.force_login(first.user)
    url = reverse("agenda:side_by_side", args=["meals", world.round.pk])
    page = client.get(url).content.decode()
    assert f"{MOST_NAMES + 1} of {MOST_NAMES + 2}" in page
    assert f"All {MOST_NAMES + 1}" in page
    for lead in world.leads:
        assert lead.organization.name in page
    assert queries(client, url) <= 15


@pytest.mark.parametrize(("goals", "differs"), [(["Make it rarer"], True), (["Prevent it"], False)])
def test_all_views_are_found_after_the_reveal_and_lead_to_what_differs(client, goals, differs):
    world = World(2)
    first, second = world.leads
    client.force_login(first.user)
    position, views = (
        reverse(f"agenda:{name}", args=["meals", world.round.pk])
        for name in ("position", "side_by_side")
    )
    world.say(first, goal=(["Prevent it"], 3))
    assert views not in client.get(position).content.decode()
    world.say(second, goal=(goals, 3))
    assert views in client.get(position).content.decode()
    assert ("Talk about what differs" in client.get(views).content.decode()) is differs


def test_whether_words_are_fair_is_asked_once_there_are_words(client):
    world = World(2)
    first, second = world.leads
    world.say(first, goal=(["Prevent it"], 3))
    world.say(second, goal=(["Make it rarer"], 3))
    with world.here():
        propose_differences(ListeningRound.objects.get())
        found = Difference.objects.get()
    client.force_login(first.user)
    url = reverse("agenda:difference", args=["meals", found.pk])
    assert "has said yet" not in client.get(url).content.decode()
    with world.as_(first):
        side = found.sides.get(holders__organization=first.organization)
        side.statement = "It can be prevented."
        side.save()
    assert client.get(url).content.decode().count("has said yet") == 1


def test_somebody_elses_words_run_in_their_own_direction(client):
    """Whatever the page's language: names stand isolated, so that what follows keeps its place."""
    world = World(2)
    with world.here():
        organization = world.leads[0].organization
        organization.name = "جمعية القراءة"
        organization.save()
    for lead in world.leads:
        world.say(lead, goal=["Prevent it"])
    client.force_login(world.leads[1].user)
    url = reverse("agenda:side_by_side", args=["meals", world.round.pk])
    assert "<bdi>جمعية القراءة</bdi>" in client.get(url).content.decode()


def test_the_latest_round_stands_first(client):
    world = World(2)
    with world.here():
        later = people.open_round(world.facilitator)
    client.force_login(world.leads[0].user)
    page = client.get(reverse("agenda:overview", args=["meals"])).content.decode()
    urls = [reverse("agenda:listening", args=["meals", each.pk]) for each in (later, world.round)]
    assert page.index(f'"{urls[0]}"') < page.index(f'"{urls[1]}"')


def test_what_differs_stands_open_and_the_rest_is_folded(client):
    world = World(2)
    first, second = world.leads
    world.say(first, goal=(["Prevent it"], 3), horizon=(3, 0))
    world.say(second, goal=(["Make it rarer"], 3), horizon=(3, 0))
    client.force_login(first.user)
    answer = client.get(reverse("agenda:side_by_side", args=["meals", world.round.pk]))
    sections = answer.text.split('<section class="section')[1:]
    opened = {
        section.split('id="f-')[1].split('"')[0]: '<details class="fold" open>' in section
        for section in sections
        if '<details class="fold"' in section
    }
    differing = {each.facet.key for each in answer.context["sheet"].facets if each.is_difference}
    assert "goal" in differing
    assert opened["goal"]
    assert not opened["horizon"]
