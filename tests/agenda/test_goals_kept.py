"""What was ratified is what its goals say, and how it was decided stays written, past every service."""

import pytest

from agenda.models import AgendaVersion, Goal
from agenda.services import versions
from tests.agenda.ratifying import World, ratified, refused


@pytest.fixture
def world(db):
    made = World()
    with made.inside():
        yield made


def test_a_goal_says_what_was_ratified_and_nothing_else(world):
    agenda = ratified(world)
    goal = Goal.objects.get()
    refused(lambda: Goal.objects.update(text="By 2030 nobody reads."))
    refused(lambda: Goal.objects.update(key="another"))
    refused(lambda: Goal.objects.all().delete())
    refused(
        lambda: Goal.here(
            key="mine",
            text="Mine.",
            agenda=agenda,
            first_agenda=agenda,
            agreed_at=agenda.decided_at,
        ).save()
    )
    draft = versions.start_version(actor=world.pm)
    draft.dimensions.filter(key=goal.key).update(text="Not agreed yet.")
    refused(lambda: Goal.objects.update(agenda=draft, text="Not agreed yet."))
    goal.refresh_from_db()
    assert (goal.text, goal.agenda_id) == ("By 2030 eight of ten read at level.", agenda.pk)
    assert Goal.objects.update(retired_at=agenda.decided_at, position=3) == 1


def test_how_a_version_was_decided_is_kept(world):
    agenda = ratified(world)
    refused(lambda: AgendaVersion.objects.update(outcome={}))
    refused(lambda: AgendaVersion.objects.update(decided_at=agenda.opened_at))
    kept = AgendaVersion.objects.get(pk=agenda.pk)
    assert (kept.outcome, kept.decided_at) == ({"parties": 3}, agenda.decided_at)
    assert versions.publish(actor=world.pm, agenda=kept, is_public=True).published_at
