"""What an organization said before, and what it was told, stand beside what it says now."""

from datetime import date, timedelta

import pytest
from django.urls import reverse

from initiatives.tenancy import scope
from measures import ledger
from measures.models import Period
from measures.selectors.submissions import fields_of
from measures.services import corrections, submissions
from measures.services.submissions import Written
from tests.measures.test_submissions import World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world():
    return World()


def address(name, *args):
    return reverse(f"measures:{name}", args=["here", *args])


def say(world, year, value=None, **fields):
    """The organization's fact of a year, its period made where there is none."""
    period = Period.objects.filter(code=str(year)).first() or world.row(
        Period,
        calendar=world.count.calendar,
        frequency="year",
        code=str(year),
        name=f"Year {year}",
        starts_on=date(year, 1, 1),
        ends_on=date(year + 1, 1, 1),
    )
    new = ledger.NewFact(
        indicator_id=world.count.pk,
        organization_id=world.org.pk,
        period_id=period.pk,
        cell_id=None,
        value=value,
        **fields,
    )
    ledger.record([new], user_id=world.keeper.user_id)


def test_the_last_value_is_shown_with_its_period_however_long_ago(client, world):
    with scope(world.initiative.pk):
        say(world, 2020, 4120)
        say(world, 2021, 4321)
        say(world, 2024, status="missing")  # the year just before says nothing
        field = next(each for each in fields_of(world.submission) if each.indicator == world.count)
        assert (field.before.value, field.before.period.name) == (4321, "Year 2021")
    client.force_login(world.reporter.user)
    form = client.get(address("submission", world.submission.pk)).content.decode()
    assert "Last time, for Year 2021, you reported 4,321." in form
    client.force_login(world.keeper.user)
    desk = client.get(address("submission_review", world.submission.pk)).content.decode()
    assert '4,321 <small class="nowrap">in Year 2021</small>' in desk


def test_what_is_said_of_a_later_period_is_not_what_was_said_before(world):
    with scope(world.initiative.pk):
        say(world, 2026, 99)
        assert all(each.before is None for each in fields_of(world.submission))


def test_a_zero_was_said_too(world):
    with scope(world.initiative.pk):
        say(world, 2020, 7)
        say(world, 2024, 0)
        field = next(each for each in fields_of(world.submission) if each.indicator == world.count)
        assert field.before.value == 0


def test_why_it_was_returned_stays_until_it_is_accepted(client, world):
    form, desk = (
        address(each, world.submission.pk) for each in ("submission", "submission_review")
    )
    with scope(world.initiative.pk):
        world.save(Written(world.count.pk, value=5))
        world.submit()
        submissions.return_submission(
            actor=world.keeper, submission=world.submission, reason="Count <the> night shelter too"
        )
        world.submission.refresh_from_db()
        world.save(Written(world.count.pk, value=8))
        world.submit()
    for who, page in ((world.reporter, form), (world.keeper, desk)):
        client.force_login(who.user)
        shown = client.get(page).content.decode()
        assert "It was returned before:</b> Count &lt;the&gt; night shelter too" in shown
    with scope(world.initiative.pk):
        world.accept()
    assert "night shelter" not in client.get(desk).content.decode()


def test_why_a_submission_was_opened_again_is_told(client, world):
    with scope(world.initiative.pk):
        until = world.submission.round.due_at + timedelta(days=9)
        corrections.reopen_submission(
            actor=world.keeper,
            submission=world.submission,
            reason="The server was down",
            until=until,
        )
    client.force_login(world.reporter.user)
    shown = client.get(address("submission", world.submission.pk)).content.decode()
    assert "Opened again:</b> The server was down" in shown


def test_what_was_accepted_and_is_opened_again_was_not_found_wanting(client, world):
    form, desk = (
        address(each, world.submission.pk) for each in ("submission", "submission_review")
    )
    with scope(world.initiative.pk):
        until = world.submission.round.due_at + timedelta(days=9)
        world.save(Written(world.count.pk, value=5))
        world.submit()
        world.accept()
        assert world.submission.standing == "accepted"
        world.submission = corrections.reopen_submission(
            actor=world.keeper, submission=world.submission, reason="A list came", until=until
        )
        assert world.submission.standing == "reopened"
    for who, page in ((world.reporter, form), (world.keeper, desk)):
        client.force_login(who.user)
        shown = client.get(page).content.decode()
        assert "Opened again:</b> A list came" in shown
        assert "Returned" not in shown
    with scope(world.initiative.pk):
        world.submission.refresh_from_db()
        world.save(Written(world.count.pk, value=6))
        world.submit()
        submissions.return_submission(
            actor=world.keeper, submission=world.submission, reason="Not this list"
        )
        world.submission.refresh_from_db()
        assert world.submission.standing == "returned"
    assert "Returned:</b> Not this list" in client.get(desk).content.decode()


def test_the_thanks_say_how_many_numbers_are_left_blank(client, world):
    client.force_login(world.reporter.user)
    url = address("submission", world.submission.pk)
    typed = {f"{world.count.pk}-0": "5", "version": str(world.submission.version)}
    shown = client.post(url, typed | {"action": "submit"}, follow=True).content.decode()
    assert "Handed in. Thank you. 1 of 2 numbers is left blank." in shown


def test_the_thanks_for_all_the_numbers_are_thanks_alone(client, world):
    client.force_login(world.reporter.user)
    url = address("submission", world.submission.pk)
    typed = {f"{world.count.pk}-0": "5", "version": str(world.submission.version)}
    typed |= {f"{world.ratio.pk}-0": "1", f"{world.ratio.pk}-0-of": "2", "action": "submit"}
    shown = client.post(url, typed, follow=True).content.decode()
    assert "Handed in. Thank you.<" in shown
