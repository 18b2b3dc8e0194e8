"""An estimate or a provisional number is said to be one, from the form to the reader."""

import pytest
from django.urls import reverse

from initiatives.tenancy import scope
from measures import rollups
from measures.models import Entry, Observation, Rollup
from tests.measures.test_submissions import World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world():
    return World()


def post(client, world, **typed):
    client.force_login(world.reporter.user)
    url = reverse("measures:submission", args=["here", world.submission.pk])
    with scope(world.initiative.pk):
        world.submission.refresh_from_db()
    data = {"version": str(world.submission.version), "action": "save"} | typed
    return client.post(url, data, follow=True).content.decode()


@pytest.mark.parametrize("sure", ["estimated", "provisional"])
def test_how_sure_a_number_is_goes_with_it_to_the_reader(client, world, sure):
    count, ratio = world.count.pk, world.ratio.pk
    typed = {f"{count}-0": "1204", f"sure-{count}": sure, f"{ratio}-0": "*"}
    shown = post(client, world, **typed, **{f"sure-{ratio}": sure})
    assert f'<option value="{sure}" selected>' in shown
    with scope(world.initiative.pk):
        kept = dict(Entry.objects.values_list("indicator__code", "status"))
        assert kept == {"meals": sure, "leases": "suppressed"}
    post(client, world, **typed, action="submit")
    client.force_login(world.keeper.user)
    review = reverse("measures:submission_review", args=["here", world.submission.pk])
    assert f"1,204 ({sure})" in client.get(review).content.decode()
    with scope(world.initiative.pk):
        world.submission.refresh_from_db()
        world.accept()
        assert Observation.objects.get(indicator=world.count).status == sure
        rollups.drain()
        assert set(
            Rollup.objects.filter(indicator=world.count, cell=None).values_list("status", flat=True)
        ) == {sure}
    page = reverse("measures:indicator", args=["here", count])
    assert ("1 estimated" if sure == "estimated" else "provisional") in client.get(
        page
    ).content.decode()


def test_what_is_no_such_word_or_no_number_is_as_it_was(client, world):
    post(client, world, **{f"{world.count.pk}-0": "7", f"sure-{world.count.pk}": "certain"})
    post(client, world, **{f"sure-{world.ratio.pk}": "estimated", f"{world.count.pk}-0": "7"})
    with scope(world.initiative.pk):
        assert list(Entry.objects.values_list("indicator__code", "status")) == [("meals", "normal")]
