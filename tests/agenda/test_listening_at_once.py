"""Forty organizations at once, and the reveal racing a late change: nothing lost, revealed once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import close_old_connections, connection

from agenda.choices import ListeningState
from agenda.models import Asked, ListeningRound, PositionStatement
from agenda.services import listening
from initiatives.models import Act, Notice
from tests.agenda import people
from tests.agenda.test_listening import World

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(tasks, workers):
    def run(task):
        close_old_connections()
        try:
            return task()
        finally:
            connection.close()

    with ThreadPoolExecutor(workers) as pool:
        return [each.result() for each in [pool.submit(run, task) for task in tasks]]


def test_forty_organizations_submit_at_once():
    world = World(40)
    statements = at_once(
        [lambda lead=lead: world.say(lead, goal=["Prevent it"]) for lead in world.leads], 8
    )
    assert len({each.pk for each in statements}) == 40
    with world.here():
        assert ListeningRound.objects.get().state == ListeningState.REVEALED
        assert not Asked.objects.filter(answered_at=None).exists()
        assert PositionStatement.objects.revealed().count() == 40
        assert not any(each.is_late for each in PositionStatement.objects.all())
        assert Act.objects.filter(action="agenda.positions_revealed").count() == 1
        assert Notice.objects.filter(kind="positions_revealed").count() == 40


def test_the_reveal_races_a_submission():
    world = World(4)
    for lead in world.leads[:2]:
        world.say(lead, goal=["Prevent it"])
    world.pass_deadline()

    def tick():
        with world.here():
            return listening.advance_rounds()

    def late(lead):
        return world.say(lead, goal=["Make it rarer"])

    at_once([tick, lambda: late(world.leads[2]), tick, lambda: late(world.leads[3]), tick], 5)
    with world.here():
        assert Act.objects.filter(action="agenda.positions_revealed").count() == 1
        marked = PositionStatement.objects.order_by("id").values_list("is_late", flat=True)
        assert list(marked) == [False, False, True, True]


def test_a_double_click_is_one_submission():
    world = World(2)
    lead = world.leads[0]
    world.say(lead, problem="one")
    with world.as_(lead):
        before = people.own_statement(lead, world.round)
        token = people.token_of(before)

    def click():
        try:
            return world.say(lead, problem="two", token=token).pk
        except people.ConflictError:
            return None

    said = at_once([click, click], 2)
    assert sorted(each is None for each in said) == [False, True]
