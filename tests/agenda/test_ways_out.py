"""A13: no deadlock by silence or by veto, as those who run it see it."""

import pytest
from django.urls import reverse

from agenda.models import AgendaVersion, Difference
from agenda.services import ratification
from initiatives.models import Organization
from tests.agenda.ratifying import NO, World, answer, key_of, later, refused, returned

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world():
    return World()


def test_a13_the_facilitator_is_offered_the_ways_out_on_the_page(client, world):
    """After two versions came back on the same statement; not after one."""
    with world.inside():
        returned(world, primary_goal=NO)
        second = AgendaVersion.objects.under_work().get()
    client.force_login(world.fa.user)

    def page(agenda):
        return client.get(reverse("agenda:version_edit", args=["here", agenda.pk])).content.decode()

    assert "came back on this statement" not in page(second)
    with world.inside():
        returned(world, primary_goal=NO)
        third = AgendaVersion.objects.under_work().get()
        goal = key_of(third, "primary_goal")
        difference = Difference.objects.get(dimension_key=goal)
    shown = page(third)
    assert "2 versions came back on this statement" in shown
    for way in (
        'name="choice" value="split"',
        'name="choice" value="demote"',
        f'href="{reverse("agenda:difference", args=["here", difference.pk])}"',
        f"Only {world.leads[0].organization.name} can say so",
    ):
        assert way in shown
    url = reverse("agenda:deadlock_break", args=["here", third.pk])
    assert client.post(url, {"key": goal, "choice": "demote"}).status_code == 302
    with world.inside():
        assert third.dimensions.get(key=goal).kind == "goal"
    client.force_login(world.leads[0].user)
    assert client.post(url, {"key": goal, "choice": "split"}).status_code == 403
    observe = reverse("agenda:observer_become", args=["here", third.pk])
    assert (
        "Go on as an observer"
        in client.get(reverse("agenda:agenda_version", args=["here", third.pk])).content.decode()
    )
    assert client.post(observe, {"reason": "We stay friends."}).status_code == 302
    with world.inside():
        assert Organization.objects.get(pk=world.leads[0].organization_id).kind == "observer"


@pytest.mark.parametrize("state", ["paused", "left"])
def test_a13_settings_change_no_list_that_runs_and_every_next_one(world, state):
    """Whoever sets the state, in settings or by a decision: the running list is what it was."""
    with world.inside():
        agenda = world.opened()
        silent = world.leads[0].organization
        Organization.objects.filter(pk=silent.pk).update(state=state)
        for lead in world.leads[1:]:
            answer(lead, agenda)
        ratification.advance_ratifications(later(days=1))
        agenda.refresh_from_db()
        assert agenda.state == "ratifying"
        assert silent.pk in agenda.parties.values_list("organization_id", flat=True)
        refused(lambda: agenda.parties.filter(organization=silent).delete())
        ratification.advance_ratifications(later(days=22))
        agenda.refresh_from_db()
        assert agenda.state == "returned"
        assert agenda.outcome["missing"] == [silent.name]
        following = world.opened(agenda=AgendaVersion.objects.under_work().get())
        asked = set(following.parties.values_list("organization_id", flat=True))
        assert asked == {lead.organization_id for lead in world.leads[1:]}
        for lead in world.leads[1:]:
            answer(lead, following)
        following.refresh_from_db()
        assert following.state == "ratified"
