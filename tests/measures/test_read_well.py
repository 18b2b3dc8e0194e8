"""How numbers and errors are read: grouped, with their group and unit, and added up where none was."""

import pytest
from django.urls import reverse

from initiatives.models import Notice, Organization
from initiatives.tenancy import scope
from measures.models import Cell, ImportRun, Partition, Submission
from tests.measures.test_submissions import World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world():
    return World()


def address(name, *args):
    return reverse(f"measures:{name}", args=["here", *args])


def grouped(world):
    """The count by two groups; the names of their inputs and of the total's."""
    with scope(world.initiative.pk):
        partition = world.row(Partition, code="sex")
        cells = [
            world.row(Cell, partition=partition, key=f"sex={name}", name=name)
            for name in ("Women", "Men")
        ]
        world.count.partition = partition
        world.count.save()
    return [f"{world.count.pk}-{cell.pk}" for cell in cells] + [f"{world.count.pk}-0"]


def say(client, world, **typed):
    url = address("submission", world.submission.pk)
    return client.post(url, {"version": "1", "action": "submit", **typed}).content.decode()


def test_an_error_in_a_table_says_which_group_and_marks_it_alone(client, world):
    women, men, _total = grouped(world)
    client.force_login(world.reporter.user)
    page = say(client, world, **{women: "abc", men: "4"})
    assert "Women: This is not a number." in page
    marked = page.split("<input")
    assert any(f'name="{women}"' in each and 'aria-invalid="true"' in each for each in marked)
    assert not any(f'name="{men}"' in each and 'aria-invalid="true"' in each for each in marked)
    assert 'data-state="error"' not in page


def test_sums_that_do_not_fit_are_said_with_groups_of_digits(client, world):
    women, men, total = grouped(world)
    client.force_login(world.reporter.user)
    page = say(client, world, **{women: "1200", men: "34", total: "50"})
    assert "The groups add up to 1,234, the total says 50." in page


def test_who_reviews_reads_what_the_groups_come_to(client, world):
    women, men, _total = grouped(world)
    client.force_login(world.reporter.user)
    say(client, world, **{women: "1200", men: "34"})
    client.force_login(world.keeper.user)
    page = client.get(address("submission_review", world.submission.pk)).content.decode()
    assert '<th scope="rowgroup" colspan="3">Meals' in page
    assert '<span class="quiet">added up:</span> 1,234' in page
    assert ">1,200</td>" in page


def test_whoever_reviews_is_told_where_nobody_could_get_a_letter(client, world):
    client.force_login(world.keeper.user)
    url = address("collection")
    assert "nobody has joined yet" not in client.get(url).content.decode()
    with scope(world.initiative.pk):
        Organization.objects.filter(pk=world.org.pk).update(state="invited")
    assert "nobody has joined yet, so nobody got a letter" in client.get(url).content.decode()


def test_returning_and_opening_again_say_what_they_did(client, world):
    client.force_login(world.reporter.user)
    say(client, world, **{f"{world.count.pk}-0": "5"})
    client.force_login(world.keeper.user)
    to = address("return_submission", world.submission.pk)
    page = client.post(to, {"reason": "Count again"}, follow=True).content.decode()
    assert "It is returned." in page
    to = address("reopen_submission", world.submission.pk)
    until = {"reason": "Late", "until": "2050-01-02T12:00"}
    page = client.post(to, until, follow=True).content.decode()
    assert "It is open again." in page
    assert "It can be changed until 2 January 2050" in page


def test_who_reports_gets_a_letter_with_a_link_when_a_form_is_opened_again(client, world):
    client.force_login(world.reporter.user)
    say(client, world, **{f"{world.count.pk}-0": "5"})
    client.force_login(world.keeper.user)
    client.post(address("accept_submissions"), {"submission": world.submission.pk})
    until = {"reason": "One school is missing", "until": "2050-01-02T12:00"}
    client.post(address("reopen_submission", world.submission.pk), until)
    with scope(world.initiative.pk):
        letter = Notice.objects.get(kind="returned")
    assert letter.context["reason"] == "One school is missing"
    assert letter.context["until"].startswith("2 January 2050")
    client.logout()
    path = "/" + letter.context["url"].split("/", 3)[3]
    assert "One school is missing" in client.get(path).content.decode()


def test_a_correction_says_of_which_group_and_period_it_is(client, world):
    women, men, _total = grouped(world)
    client.force_login(world.reporter.user)
    say(client, world, **{women: "12", men: "34"})
    client.force_login(world.keeper.user)
    client.post(address("accept_submissions"), {"submission": world.submission.pk})
    review = client.get(address("submission_review", world.submission.pk)).content.decode()
    first = review[review.index("/facts/") + 7 :].split("/")[0]
    page = client.get(address("correct_number", world.submission.pk, first)).content.decode()
    with scope(world.initiative.pk):
        period = Submission.objects.get().round.period.name
    assert f"Meals, Women, {period}" in page or f"Meals, Men, {period}" in page


def test_a_file_that_waits_for_an_answer_is_not_listed_as_refused(client, world):
    with scope(world.initiative.pk):
        world.row(
            ImportRun,
            name="odd.csv",
            state="refused",
            file="kept",
            report={"is_broken": True, "columns": [{"name": "who"}]},
        )
    client.force_login(world.keeper.user)
    page = client.get(address("imports")).content.decode()
    assert "Waits for an answer" in page
    assert "Refused" not in page


def test_accepting_nothing_is_not_called_done(client, world):
    client.force_login(world.keeper.user)
    page = client.post(address("accept_submissions"), follow=True).content.decode()
    assert "tick the forms to accept" in page
    assert "accepted." not in page
