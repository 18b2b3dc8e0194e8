"""What the page of a file says where nobody can mend the file alone."""

import pytest
from django.urls import reverse

from initiatives.models import Act
from initiatives.templatetags.acts import act_change, act_grounds
from initiatives.tenancy import scope
from measures.forms.aims import BaselineForm, TargetForm
from measures.models import Observation, Round
from measures.services import corrections
from measures.services.submissions import Written
from tests.measures import test_import_pages
from tests.measures.test_import_pages import HEADING, only_run, send

world = test_import_pages.world
pytestmark = pytest.mark.django_db(transaction=True)
BEFORE = HEADING + "a,meals,2024,1,,,\na,leases,2024,,3,4,\n" + "a,meals,2024,2,,,\n" * 8


def page_of(client, world, who, text, **more):
    client.force_login(who.user)
    answer = send(client, text, **more)
    return client.get(answer.url).content.decode()


def test_who_collects_is_led_to_the_rounds_and_told_once(client, world):
    page = page_of(client, world, world.keeper, BEFORE)
    assert page.count("No round collects 2024.") == 1
    assert "2, 3, 4, 5, 6, 7 " in page
    assert "and 4 more" in page
    assert "Open a round for it, then import the file again." in page
    assert reverse("measures:rounds", args=["here"]) + '">To the rounds' in page
    assert "The data manager" not in page


def test_who_reports_is_told_whom_to_ask(client, world):
    page = page_of(client, world, world.reporter, BEFORE)
    assert page.count("The data manager can open one.") == 1
    assert "To the rounds" not in page


def test_who_collects_is_led_to_the_calendars_where_one_does_not_reach(client, world):
    page = page_of(client, world, world.keeper, HEADING + "a,meals,1999,1,,,\n")
    assert "1999 is not in the calendar of meals." in page
    assert "Add the years to the calendar, then import the file again." in page
    assert reverse("measures:calendars", args=["here"]) + '">To the calendars' in page


def test_who_reports_is_told_who_lets_a_calendar_grow(client, world):
    page = page_of(client, world, world.reporter, HEADING + "a,meals,1999,1,,,\n")
    assert "The data manager can add the years to the calendar." in page
    assert "To the calendars" not in page


def test_a_period_that_has_not_begun_leads_to_no_calendar(client, world):
    page = page_of(client, world, world.keeper, HEADING + "a,meals,2999,1,,,\n")
    assert "2999 is not in the calendar of meals." in page
    assert "calendars" not in page.split('id="import"')[1]
    assert "Add the years" not in page


def test_the_dates_of_a_round_that_is_over_can_be_changed_by_who_collects(client, world):
    with scope(world.initiative.pk):
        Round.objects.update(closes_at=world.round.due_at, opens_at=world.round.opens_at)
        Round.objects.update(due_at=world.round.opens_at, closes_at=world.round.opens_at)
    page = page_of(client, world, world.keeper, HEADING + "a,meals,2025,1,,,\n")
    assert "Change the dates of its round, then import the file again." in page


def test_a_file_that_leaves_a_form_open_says_so(client, world):
    page = page_of(client, world, world.keeper, HEADING + "a,meals,2025,1,,,\n", how="accept")
    assert "One form of this file stays open." in page
    url = reverse("measures:import_confirm", args=["here", only_run(world).pk])
    done = client.post(url, follow=True).content.decode()
    assert "One form stays open for what the file does not say." in done


def test_a_correction_is_told_with_what_it_was_what_it_is_and_why(world):
    with scope(world.initiative.pk):
        world.save(Written(world.ratio.pk, numerator=3, denominator=4))
        world.submit()
        world.accept()
        corrections.correct_fact(
            actor=world.keeper,
            fact=_fact(),
            reason="entry",
            text="A slip",
            numerator=1000,
            denominator=4000,
        )
        act = Act.objects.get(action="measures.fact_corrected")
        assert act_change(act) == "→ 1,000 of 4,000"
        assert act_grounds(act) == "A slip"
        corrections.correct_fact(actor=world.keeper, fact=_fact(), reason="entry", text="None")
        assert act_change(Act.objects.order_by("id").last()) == "→ –"
        assert act_change(Act.objects.get(action="measures.submission_accepted")) == ""


def _fact():
    return Observation.objects.current().get()


@pytest.mark.parametrize("text", ["ten", "*", "N/A"])
def test_a_target_asks_for_what_it_takes(world, text):
    with scope(world.initiative.pk):
        for form in (TargetForm, BaselineForm):
            asked = form({"value": text}, indicator=world.count)
            (error,) = asked.errors["value"]
            assert error.endswith("Write a number.")
            assert "hides" not in error
