"""A file accepted at once that does not say all a form asks for: its numbers count, the rest waits."""

from datetime import timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from initiatives.tenancy import scope
from measures import ledger
from measures.models import Entry, Observation, Round, Submission
from measures.selectors.submissions import fields_of
from measures.services.corrections import correct_fact, reopen_submission
from measures.services.imports import import_values
from measures.services.submissions import Written
from tests.measures.test_submissions import World

pytestmark = pytest.mark.django_db(transaction=True)
HEADING = "organization_code,indicator_code,period,value,numerator,denominator,comment\n"
MEALS, LEASES = "a,meals,2025,10,,,\n", "a,leases,2025,,3,4,\n"


@pytest.fixture
def world():
    made = World()
    with scope(made.initiative.pk):
        yield made


def send(world, rows, **options):
    report = import_values(
        actor=world.keeper, file=BytesIO((HEADING + rows).encode()), name="values.csv", **options
    )
    world.submission.refresh_from_db()
    return report


def facts():
    rows = Observation.objects.current().values_list("indicator__code", "value", "numerator")
    return sorted(rows)


def test_the_form_stays_open_for_what_the_file_does_not_say(world):
    report = send(world, MEALS, accept=True)
    assert (report.stored, report.left_open) == (1, 1)
    assert facts() == [("meals", 10, None)]
    assert (world.submission.state, world.submission.accepted_at) == ("draft", None)
    world.save(Written(world.ratio.pk, numerator=3, denominator=4))
    world.submit()
    world.accept()
    assert facts() == [("leases", None, 3), ("meals", 10, None)]
    assert Observation.objects.count() == 2


def test_a_second_file_that_completes_it_closes_it(world):
    assert send(world, MEALS, accept=True, dry_run=True).left_open == 1
    send(world, MEALS, accept=True)
    assert send(world, LEASES, accept=True).left_open == 0
    assert world.submission.state == "accepted"
    assert [field.entry.is_reported for field in fields_of(world.submission)] == [True, True]
    assert send(world, MEALS + LEASES, accept=True).is_known


def test_a_round_that_is_over_or_of_the_past_leaves_nothing_open(world):
    now = timezone.now()
    Round.objects.update(due_at=now - timedelta(days=2), created_at=now - timedelta(days=1))
    assert send(world, MEALS, accept=True).left_open == 0
    assert world.submission.state == "accepted"


def test_what_is_typed_and_not_handed_in_is_not_lost(world):
    world.save(Written(world.ratio.pk, numerator=3, denominator=4))
    send(world, MEALS, accept=True)
    assert world.submission.state == "draft"
    world.submit()
    send(world, MEALS.replace("10", "11"), accept=True, reason="Counted again")
    assert world.submission.state == "submitted"
    world.accept()
    assert facts() == [("leases", None, 3), ("meals", 11, None)]


def test_what_is_accepted_stands_against_the_form_and_a_file_for_review(world):
    world.save(Written(world.count.pk, value=9))
    send(world, MEALS, accept=True)
    with pytest.raises(ValidationError, match=r"Meals is accepted already. dan can correct it"):
        world.save(Written(world.count.pk, value=12))
    world.save(Written(world.count.pk), Written(world.ratio.pk, numerator=3, denominator=4))
    refused = send(world, MEALS.replace("10", "12"))
    assert [row.problems[0].code for row in refused.rows] == ["E_LOCKED"]
    send(world, LEASES)
    assert world.submission.state == "submitted"
    fact = Observation.objects.get(indicator=world.count)
    correct_fact(actor=world.keeper, fact=fact, reason="entry", text="A slip", value=13)
    world.accept()
    assert facts() == [("leases", None, 3), ("meals", 13, None)]


def test_a_number_that_came_from_elsewhere_leaves_the_field_open(world):
    ledger.record(
        [
            ledger.NewFact(
                indicator_id=world.count.pk,
                organization_id=world.org.pk,
                period_id=world.period.pk,
                value=Decimal(5),
            )
        ],
        user_id=None,
    )
    world.save(Written(world.count.pk, value=Decimal(6)))
    assert [field.is_settled for field in fields_of(world.submission)] == [False, False]
    assert not send(world, MEALS.replace("10", "7")).refused
    assert Entry.objects.get().value == 7


def test_nothing_more_to_report_keeps_what_is_accepted(world):
    send(world, MEALS, accept=True)
    world.submit(has_nothing=True)
    assert not world.submission.has_nothing
    world.accept()
    assert facts() == [("meals", 10, None)]


def test_a_form_opened_again_shows_what_a_file_says_meanwhile(world):
    send(world, MEALS + LEASES, accept=True)
    until = timezone.now() + timedelta(days=1)
    reopen_submission(actor=world.keeper, submission=world.submission, reason="Look", until=until)
    world.submission.refresh_from_db()
    world.save(Written(world.ratio.pk, numerator=2, denominator=4))
    send(world, MEALS.replace("10", "11"), accept=True, reason="Counted again")
    assert world.submission.state == "returned"
    assert Entry.objects.get(indicator=world.count).value == 11
    world.submit()
    world.accept()
    assert facts() == [("leases", None, 2), ("meals", 11, None)]


def test_the_form_says_which_numbers_stand(client):
    made = World()
    with scope(made.initiative.pk):
        send(made, MEALS, accept=True)
    client.force_login(made.reporter.user)
    url = reverse("measures:submission", args=["here", made.submission.pk])
    page = client.get(url).content.decode()
    assert "One number here is accepted already, from a file." in page
    assert 'value="10" readonly' in page
    typed = {
        "version": str(made.submission.version),
        f"{made.count.pk}-0": "10",
        "action": "submit",
    }
    typed |= {f"{made.ratio.pk}-0": "3", f"{made.ratio.pk}-0-of": "4"}
    assert client.post(url, typed).status_code == 302
    with scope(made.initiative.pk):
        assert Submission.objects.get().state == "submitted"
