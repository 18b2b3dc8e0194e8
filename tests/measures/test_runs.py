"""How was this computed: when, by which run, and whether anything newer is on its way."""

from decimal import Decimal

import pytest

from initiatives.tenancy import scope
from measures import ledger, rollups
from measures.models import Assignment
from tests import factories
from tests.measures.test_dashboards import page
from tests.measures.test_places import Ground

pytestmark = pytest.mark.django_db(transaction=True)
AGAIN = "Something it rests on has changed since"


@pytest.fixture
def ground():
    return Ground()


def recorded(ground, organization, indicator, month, cell=None):
    fact = ledger.NewFact(
        indicator.pk, organization.pk, month.pk, cell.pk if cell else None, Decimal(7)
    )
    with scope(ground.initiative.pk):
        ledger.record([fact], user_id=None, reason="entry", reason_text="Counted again")


def test_a_number_says_by_which_run_it_came_about(client, ground):
    ground.sign_in(client, "data_manager")
    shown = page(client, ground.computed(ground.months[1]))
    assert "in run 1, the latest" in shown
    assert AGAIN not in shown


def test_a_number_that_later_runs_left_alone_says_so(client, ground):
    with scope(ground.initiative.pk):
        other = factories.indicator("beds", "count", calendar=ground.indicator.calendar)
        Assignment.here(
            indicator=other, organization=ground.organizations[0], starts_on="2026-01-01"
        ).save()
    recorded(ground, ground.organizations[0], other, ground.months[1])
    with scope(ground.initiative.pk):
        rollups.drain()
    ground.sign_in(client, "data_manager")
    shown = page(client, ground.computed(ground.months[1]))
    assert "later runs, the latest of them run 2" in shown
    assert "the latest</" not in shown


def test_a_number_says_that_a_newer_one_is_on_its_way(client, ground):
    first, second = ground.organizations[:2]
    recorded(ground, first, ground.indicator, ground.months[1], ground.cells["sex=f"])
    ground.sign_in(client, "data_manager")
    everyones = ground.computed(ground.months[1])
    assert AGAIN in page(client, everyones)
    assert AGAIN in page(client, f"{everyones}?organization={first.pk}")
    assert AGAIN not in page(client, f"{everyones}?organization={second.pk}")
    with scope(ground.initiative.pk):
        rollups.drain()
    assert AGAIN not in page(client, everyones)
