"""Which organizations make the coverage of a number differ from that of the one before."""

import pytest

from initiatives.tenancy import scope
from measures.models import IndicatorVersion, Rollup
from tests.measures.test_dashboards import World, here, page

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world():
    return World()


def reported_in_2024(world, whose, **more):
    with scope(world.initiative.pk):
        version = IndicatorVersion.objects.get()
        here(
            Rollup,
            indicator=world.indicator,
            version=version,
            scope="organization",
            scope_id=world.organizations[whose].pk,
            period=world.periods[0],
            value=1,
            status="normal",
            expected=1,
            reported=1,
            **more,
        )


def test_who_collects_reads_which_organizations_make_two_coverages_differ(client, world):
    reported_in_2024(world, 2)
    world.sign_in(client, "data_manager")
    shown = page(client, world.computed)
    assert "Who reported in 2024" in shown
    assert "1 of 1 reported (100 %), beside 2 of 3 reported (67 %) in 2025" in shown
    assert "<dt>Only now</dt><dd>Partner 000; Partner 001</dd>" in shown
    assert "<dt>Only then</dt><dd>Partner 002</dd>" in shown
    assert "seen by those who collect" not in shown


def test_others_read_of_themselves_alone_which_organizations_differ(client, world):
    reported_in_2024(world, 2)
    world.sign_in(client, "partner_reporter", organization=1)
    shown = page(client, world.computed)
    assert "<dt>Only now</dt><dd>Partner 001</dd>" in shown
    assert "Partner 000" not in shown
    assert "Partner 002" not in shown
    assert "seen by those who collect" in shown


def test_two_periods_of_the_same_organizations_are_not_told_apart(client, world):
    with scope(world.initiative.pk):
        before = Rollup.objects.filter(scope="initiative", period=world.periods[0])
        before.update(expected=3, reported=2)
    for whose in (0, 1):
        reported_in_2024(world, whose)
    world.sign_in(client, "data_manager")
    assert "Who reported in 2024" not in page(client, world.computed)
