"""An indicator points at a ratified goal, which then counts as measured."""

import pytest
from django.urls import reverse
from django.utils import timezone

from agenda.models import Goal
from agenda.selectors import goals
from tests import factories
from tests.agenda.ratifying import World, answer, later

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world():
    made = World(1)
    with made.inside():
        agenda = made.opened()
        answer(made.leads[0], agenda)
        made.indicator = factories.indicator("reading", calendar=factories.calendar())
        made.goal = Goal.objects.get()
    return made


def test_a_goal_is_chosen_and_counts_as_measured(client, world, monkeypatch):
    client.force_login(world.pm.user)
    url = reverse("measures:indicator_goal", args=["here", world.indicator.pk])
    assert "By 2030" in client.get(url).content.decode()
    after = later(days=91)
    monkeypatch.setattr(timezone, "now", lambda: after)
    with world.inside():
        assert goals.is_provisional()
    monkeypatch.undo()
    assert client.post(url, {"goal": str(world.goal.pk)}).status_code == 302
    with world.inside():
        assert [each.is_measured for each in goals.standings()] == [True]
        world.indicator.refresh_from_db()
        world.indicator.state = "draft"
        world.indicator.save()
        assert [each.is_measured for each in goals.standings()] == [False]
    assert client.post(url, {"goal": "987654321"}).status_code == 422


def test_goals_of_others_and_retired_ones_are_not_offered(client, world):
    other = World(1, slug="there")
    with other.inside():
        answer(other.leads[0], other.opened())
        foreign = Goal.objects.get()
    with world.inside():
        Goal.objects.update(retired_at=timezone.now())
    client.force_login(world.pm.user)
    url = reverse("measures:indicator_goal", args=["here", world.indicator.pk])
    for key in (foreign.pk, world.goal.pk):
        assert client.post(url, {"goal": str(key)}).status_code == 422
    client.force_login(world.leads[0].user)
    assert client.get(url).status_code == 403
