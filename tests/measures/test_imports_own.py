"""A reporter's file hands in a form that it completes, and keeps its numbers in one that it does not."""

from io import BytesIO

import pytest
from django.urls import reverse

from initiatives.tenancy import scope
from measures.models import Entry
from measures.services.imports import import_values
from measures.services.submissions import Written, return_submission
from tests.measures.test_import_pages import confirm, only_run, send as sent
from tests.measures.test_imports_unfinished import HEADING, LEASES, MEALS
from tests.measures.test_submissions import World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world():
    return World()


def send(world, rows, **options):
    report = import_values(
        actor=world.reporter,
        file=BytesIO((HEADING + rows).encode()),
        name="values.csv",
        own=[world.org.pk],
        **options,
    )
    world.submission.refresh_from_db()
    return report


def test_a_part_of_the_form_is_kept_in_it_and_not_handed_in(world):
    with scope(world.initiative.pk):
        assert send(world, MEALS, dry_run=True).left_open == 1
        report = send(world, MEALS)
        assert (report.stored, report.left_open) == (1, 1)
        assert (world.submission.state, world.submission.submitted_at) == ("draft", None)
        assert Entry.objects.get().value == 10
        again = send(world, MEALS)
        assert (again.stored, again.is_known) == (0, True)


def test_all_of_the_form_is_handed_in(world):
    with scope(world.initiative.pk):
        assert send(world, MEALS + LEASES).left_open == 0
        assert world.submission.state == "submitted"


def test_the_file_that_says_the_rest_hands_it_in(world):
    with scope(world.initiative.pk):
        send(world, MEALS)
        assert send(world, LEASES).left_open == 0
        assert world.submission.state == "submitted"
        assert Entry.objects.count() == 2


def test_what_is_written_on_the_form_counts_as_said(world):
    with scope(world.initiative.pk):
        world.save(Written(world.ratio.pk, numerator=3, denominator=4))
        assert send(world, MEALS).left_open == 0
        assert world.submission.state == "submitted"


def test_a_note_alone_says_nothing(world):
    with scope(world.initiative.pk):
        world.save(Written(world.ratio.pk, note="Still counting"))
        assert send(world, MEALS).left_open == 1
        assert world.submission.state == "draft"


def test_what_is_accepted_already_counts_as_said(world):
    with scope(world.initiative.pk):
        import_values(
            actor=world.keeper, file=BytesIO((HEADING + LEASES).encode()), name="x", accept=True
        )
        world.submission.refresh_from_db()
        assert send(world, MEALS).left_open == 0
        assert world.submission.state == "submitted"


def test_a_returned_form_stays_returned_until_all_is_said(world):
    with scope(world.initiative.pk):
        send(world, MEALS + LEASES)
        return_submission(actor=world.keeper, submission=world.submission, reason="Leases?")
        Entry.objects.filter(indicator=world.ratio).delete()
        send(world, MEALS.replace("10", "11"))
        assert world.submission.state == "returned"
        assert world.submission.return_reason == "Leases?"
        send(world, LEASES)
        assert world.submission.state == "submitted"


def test_who_collects_hands_in_what_the_file_says(world):
    with scope(world.initiative.pk):
        report = import_values(
            actor=world.keeper, file=BytesIO((HEADING + MEALS).encode()), name="x"
        )
        world.submission.refresh_from_db()
        assert (report.left_open, world.submission.state) == (0, "submitted")


def test_the_page_says_so_before_and_after(client, world):
    client.force_login(world.reporter.user)
    checked = client.get(sent(client, HEADING + MEALS).url).content.decode()
    assert "One form asks for more than the file says" in checked
    run = only_run(world)
    done = client.get(confirm(client, run).url).content.decode()
    assert "One form stays open for what the file does not say." in done
    assert "write the rest, then hand it in" in done
    form = reverse("measures:submission", args=["here", world.submission.pk])
    assert 'value="10"' in client.get(form).content.decode()
