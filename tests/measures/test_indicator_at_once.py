"""The page of one indicator when everything is there at once: its queries do not grow with it."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.utils import timezone

from agenda.models import GlossaryTerm, Goal, TermDefinition
from initiatives.tenancy import scope
from measures import ledger, rollups
from measures.models import Assignment, Baseline, IndicatorVersion, Target
from tests import factories
from tests.agenda import ratifying
from tests.measures.test_dashboards import here, page
from tests.measures.test_places import Ground

pytestmark = pytest.mark.django_db(transaction=True)
MOST_QUERIES = 15  # of every kind: also telling the database whose rows are asked for


@pytest.fixture
def ground():
    return Ground()


def agreed_ground(slug, names):
    """A ground on which a goal was ratified."""
    world = ratifying.World(1, slug)
    with world.inside():
        ratifying.ratified(world)
    return Ground(slug, names, world.initiative)


def everything(ground, count):
    """A goal, terms with several meanings, definitions, revised targets, and notes, so many each."""
    indicator, month = ground.indicator, ground.months[1]
    now = timezone.now()
    indicator.goal, indicator.unit = Goal.objects.first(), "meals"
    indicator.save()
    for number in range(1, count + 1):
        label = "meals" if number == 1 else f"word {number}"
        term = here(GlossaryTerm, label=label, state="agreed", agreed_at=now)
        for edition in (1, 2):
            text = f"Meaning {edition}"
            here(TermDefinition, term=term, number=edition, text=text, agreed_at=now)
        first = IndicatorVersion.objects.filter(indicator=indicator).first()
        first.pk, first.effective_from = None, date(2026, 3, number)
        first.definition = f"Definition {number}"
        first.save()
        here(Target, indicator=indicator, period=month, value=100 + number)
        here(Baseline, indicator=indicator, period=ground.months[0], value=number)
        late = factories.organization(f"late-{number}", ground.places["north"])
        here(Assignment, indicator=indicator, organization=late, starts_on=date(2026, 1, 1))
    cell = ground.cells["sex=f"].pk
    noted = [
        ledger.NewFact(indicator.pk, each.pk, month.pk, cell, Decimal(1), note=f"Note {each.pk}")
        for each in ground.organizations
    ]
    ledger.record(noted, user_id=None)


def asked(client, address):
    """The page, and how many statements it took."""
    taken = []

    def watch(execute, sql, *others):
        taken.append(sql)
        return execute(sql, *others)

    page(client, address)  # what is remembered between requests
    with connection.execute_wrapper(watch):
        return page(client, address), len(taken)


@pytest.mark.parametrize("query", ["", "?by=year", "?place={state}", "?cell={cell}"])
def test_whatever_is_there_an_indicators_page_makes_few_queries(client, query):
    counts = []
    for count in (2, 30):
        names = ("north", *(f"place-{number}" for number in range(1, count)))
        ground = agreed_ground(f"with-{count}", names)
        with scope(ground.initiative.pk):
            everything(ground, count)
        with scope(ground.initiative.pk):
            rollups.drain()
        ground.sign_in(client, "data_manager")
        names = {"state": ground.places["state"].pk, "cell": ground.cells["sex=f"].pk}
        shown, taken = asked(client, ground.at(query.format(**names)))
        for words in ("eight of ten read", "Meaning 2", "Definition 2", "By place", "By group"):
            assert words in shown
        assert query or ("Not reported yet" in shown and "Note " in shown)
        counts.append(taken)
    assert counts[0] == counts[1]
    assert counts[0] <= MOST_QUERIES


def test_an_indicator_without_a_definition_has_a_page(client, ground):
    with scope(ground.initiative.pk):
        bare = factories.indicator("bare", calendar=ground.indicator.calendar)
        IndicatorVersion.objects.filter(indicator=bare).update(superseded_at=timezone.now())
        address = f"/i/{ground.slug}/measures/indicators/{bare.pk}/"
    ground.sign_in(client, "data_manager")
    shown, taken = asked(client, address)
    assert "No definition is written down yet." in shown
    assert taken <= MOST_QUERIES


def test_the_latest_meaning_that_was_agreed_is_the_one_told(client, ground):
    with scope(ground.initiative.pk):
        everything(ground, 2)
        term = GlossaryTerm.objects.get(label="meals")
        here(TermDefinition, term=term, number=3, text="Only proposed")
        here(GlossaryTerm, label="more meals", state="in_discussion")
    ground.sign_in(client, "data_manager")
    shown = page(client, ground.at())
    assert "Meaning 2" in shown
    assert "Meaning 1" not in shown
    assert "Only proposed" not in shown


def test_whom_one_still_waits_for_is_told_by_each_ones_own_period(client, ground):
    """Two indicators of which the newest periods differ: each is held against its own."""
    with scope(ground.initiative.pk):
        first, last = ground.organizations[0], ground.organizations[-1]
        other = factories.indicator("beds", calendar=ground.indicator.calendar)
        facts = []
        for organization in (first, last):
            here(Assignment, indicator=other, organization=organization, starts_on=date(2026, 1, 1))
        here(
            Assignment,
            indicator=other,
            organization=ground.organizations[1],
            starts_on=date(2026, 2, 1),
        )
        facts = [ledger.NewFact(other.pk, first.pk, ground.months[0].pk, None, Decimal(3))]
        ledger.record(facts, user_id=None)
    with scope(ground.initiative.pk):
        rollups.drain()
    ground.sign_in(client, "data_manager")
    shown = page(client, f"/i/{ground.slug}/measures/")
    waiting = shown[shown.index("Not reported yet") :]
    assert "2026-M1" in waiting
    assert last.name in waiting
    assert first.name not in waiting
    assert ground.organizations[1].name not in waiting  # asked from the month after on
