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


def test_the_goal_is_set_where_the_indicator_is_laid_out(client, world):
    client.force_login(world.pm.user)
    with world.inside():
        agenda = world.goal.agenda_id
    version = reverse("agenda:agenda_version", args=["here", agenda])
    new = reverse("measures:indicator_new", args=["here"]) + f"?goal={world.goal.pk}"
    assert new in client.get(version).content.decode()
    assert f'<option value="{world.goal.pk}" selected>' in client.get(new).content.decode()
    typed = {"name": "Reading at level", "kind": "count", "definition": "Children who read."}
    typed |= {"direction": "increase", "calendar": world.indicator.calendar_id, "scale": "1"}
    typed |= {"frequency": world.indicator.frequency, "goal": str(world.goal.pk)}
    assert client.post(new, typed | {"goal": "987654321"}).status_code == 422
    made = client.post(new, typed)
    assert made.status_code == 302
    pk = int(made["Location"].rstrip("/").split("/")[-1])
    state = reverse("measures:indicator_state", args=["here", pk])
    assert client.post(state, {"state": "agreed"}).status_code == 302
    with world.inside():
        assert [each.is_measured for each in goals.standings()] == [True]
    assert new not in client.get(version).content.decode()


def test_changing_an_indicator_keeps_a_goal_that_was_retired_since(client, world):
    with world.inside():
        world.indicator.goal = world.goal
        world.indicator.save()
        Goal.objects.update(retired_at=timezone.now())
    client.force_login(world.pm.user)
    url = reverse("measures:indicator_edit", args=["here", world.indicator.pk])
    form = client.get(url).context["form"]
    typed = {name: form[name].value() for name in form.fields}
    typed = {name: value for name, value in typed.items() if value not in {None, False}}
    assert client.post(url, typed).status_code == 302
    with world.inside():
        world.indicator.refresh_from_db()
        assert world.indicator.goal_id == world.goal.pk
