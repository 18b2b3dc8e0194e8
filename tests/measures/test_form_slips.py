"""What slips while a form is filled: the wrong button, a text that is no number."""

import pytest

from initiatives.tenancy import scope
from measures.models import Entry, Submission
from tests.measures.test_collection_pages import address, typed
from tests.measures.test_submissions import World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world():
    return World()


def test_what_is_no_number_is_not_held_against_what_was_kept_before(client, world):
    client.force_login(world.reporter.user)
    url = address("submission", world.submission.pk)
    client.post(url, typed(world, **{f"{world.count.pk}-0": "-5"}))
    assert "is below 0" in client.get(url).content.decode()
    page = client.post(url, typed(world, 2, **{f"{world.count.pk}-0": "five"})).content.decode()
    assert "This is not a number" in page
    assert "is below 0" not in page


def test_nothing_to_report_asks_before_it_deletes_what_is_written(client, world):
    client.force_login(world.reporter.user)
    url = address("submission", world.submission.pk)
    client.post(url, typed(world))
    page = client.post(url, typed(world, 2, action="nothing"))
    assert page.status_code == 422
    assert "A number is written on this form" in page.content.decode()
    with scope(world.initiative.pk):
        assert Submission.objects.get().state == "draft"
        assert Entry.objects.get().value == 1204
    page = client.post(url, typed(world, 2, action="drop"), follow=True)
    assert "Handed in: nothing to report." in page.content.decode()
    with scope(world.initiative.pk):
        assert Submission.objects.get().has_nothing
        assert not Entry.objects.exists()


def test_nothing_to_report_is_handed_in_at_once_where_nothing_is_written(client, world):
    client.force_login(world.reporter.user)
    url = address("submission", world.submission.pk)
    client.post(url, typed(world))
    emptied = {"version": "2", f"{world.count.pk}-0": "", "action": "nothing"}
    assert client.post(url, emptied).status_code == 302
    with scope(world.initiative.pk):
        assert Submission.objects.get().has_nothing
