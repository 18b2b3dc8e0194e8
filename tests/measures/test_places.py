"""One indicator's numbers by place, by longer periods and by group, from the engine itself."""

from datetime import date
from decimal import Decimal

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext

from initiatives.models import Membership
from initiatives.tenancy import scope
from measures import ledger, rollups
from measures.models import Assignment
from tests import factories
from tests.measures.test_dashboards import page, reads

pytestmark = pytest.mark.django_db(transaction=True)
MOST_QUERIES = 15


class Ground:
    """A nation, a state and communities; two organizations in north, one in each other one."""

    def __init__(self, slug="meals", communities=("north", "south"), initiative=None):
        self.slug = slug
        self.initiative = initiative or factories.initiative(slug)
        with scope(self.initiative.pk):
            nation = factories.place("nation")
            state = factories.place("state", nation)
            self.places = {"nation": nation, "state": state}
            for code in communities:
                self.places[code] = factories.place(code, state)
            homes = [self.places[each] for each in ("north", *communities)]
            self.organizations = [
                factories.organization(f"org-{number}", home) for number, home in enumerate(homes)
            ]
            partition, self.cells = factories.partition("sex", ["sex=f", "sex=m"])
            self.indicator = factories.indicator(
                "meals", "count", calendar=factories.calendar(), partition=partition
            )
            self.months = [factories.period(f"2026-M{number}") for number in (1, 2)]
            self.year = factories.period("2026-Y1")
            facts = []
            for number, organization in enumerate(self.organizations, start=1):
                Assignment.here(
                    indicator=self.indicator, organization=organization, starts_on=date(2026, 1, 1)
                ).save()
                facts += [
                    ledger.NewFact(
                        self.indicator.pk, organization.pk, month.pk, cell.pk, Decimal(value)
                    )
                    for month in self.months
                    for cell, value in zip(self.cells.values(), (number, 10 * number), strict=True)
                ]
            ledger.record(facts, user_id=None)
        with scope(self.initiative.pk):
            rollups.drain()

    def sign_in(self, client, role, organization=0):
        user = get_user_model().objects.create_user(email=f"{role}@{self.slug}.org", name=role)
        with scope(self.initiative.pk):
            Membership.here(
                user=user, organization=self.organizations[organization], roles=[role]
            ).save()
        client.force_login(user)
        return user

    def at(self, query=""):
        return f"/i/{self.slug}/measures/indicators/{self.indicator.pk}/{query}"

    def computed(self, period, query=""):
        return self.at(f"computed/{period.pk}/{query}")


@pytest.fixture
def ground():
    return Ground()


def row_of(shown, name):
    """The row of a table that begins with a place or a group."""
    return next(row for row in shown.split("<tr") if f">{name}</a>" in row)


def test_each_place_has_a_row_inside_the_one_it_lies_in(client, ground):
    ground.sign_in(client, "data_manager")
    shown = page(client, ground.at())
    assert ">66<span" in row_of(shown, "Nation")
    assert 'class="depth-0"' in row_of(shown, "Nation")
    assert 'class="depth-1"' in row_of(shown, "State")
    assert 'class="depth-2"' in row_of(shown, "North")
    assert ">33<span" in row_of(shown, "North")
    assert "2 of 2 reported" in row_of(shown, "North")
    assert '<rect width="100.00"' in row_of(shown, "Nation")
    assert '<rect width="50.00"' in row_of(shown, "North")


def test_a_place_opens_on_what_is_inside_it(client, ground):
    ground.sign_in(client, "data_manager")
    shown = page(client, ground.at(f"?place={ground.places['state'].pk}"))
    assert "66 in 2026-M2" in shown
    assert 'aria-current="location">State<' in shown
    assert "By place" in shown
    assert ">North</a>" in shown
    deep = page(client, ground.at(f"?place={ground.places['north'].pk}"))
    assert "33 in 2026-M2" in deep
    assert "By place" not in deep


def test_a_place_of_one_organization_is_that_organizations(client, ground):
    south = ground.places["south"].pk
    ground.sign_in(client, "funder")
    shown = page(client, ground.at())
    assert "one organization" in row_of(shown, "South")
    assert "33" not in row_of(shown, "South")
    assert ">33<span" in row_of(shown, "North")  # two organizations
    page(client, ground.computed(ground.months[1], f"?place={south}"), status=404)
    assert "no accepted number here that you may see" in page(client, ground.at(f"?place={south}"))
    ground.sign_in(client, "data_manager")
    assert ">33<span" in row_of(page(client, ground.at()), "South")


def test_how_a_places_number_was_computed_names_only_its_organizations(client, ground):
    ground.sign_in(client, "data_manager")
    north = ground.computed(ground.months[1], f"?place={ground.places['north'].pk}")
    shown = page(client, north)
    assert "11 + 22 = 33" in shown
    assert "Org-0" in shown
    assert "Org-2" not in shown
    group = page(client, f"{north}&cell={ground.cells['sex=m'].pk}")
    assert "10 + 20 = 30" in group


def test_longer_periods_are_chosen_and_taken_apart(client, ground):
    ground.sign_in(client, "data_manager")
    shown = page(client, ground.at("?by=year"))
    assert "132 in 2026-Y1" in shown
    assert "11 + 22" not in shown
    assert "22 + 44 + 66 = 132" in page(client, ground.computed(ground.year))
    assert "66 in 2026-M2" in page(client, ground.at("?by=week"))  # no such length


def test_a_group_is_shown_by_itself(client, ground):
    ground.sign_in(client, "observer")
    shown = page(client, ground.at(f"?cell={ground.cells['sex=f'].pk}"))
    assert "6 in 2026-M2" in shown
    assert ">3<span" in row_of(shown, "North")


@pytest.mark.parametrize("query", ["?place=999999", "?cell=999999"])
def test_what_is_not_there_is_not_found(client, ground, query):
    ground.sign_in(client, "project_manager")
    page(client, ground.at(query), status=404)


def test_another_initiatives_place_is_not_found(client, ground):
    other = Ground("other")
    other.sign_in(client, "project_manager")
    page(client, other.at(f"?place={ground.places['north'].pk}"), status=404)
    page(client, other.computed(other.year, f"?place={ground.places['north'].pk}"), status=404)


@pytest.mark.parametrize("query", ["", "?by=year", "?place={state}", "?cell={cell}"])
def test_the_page_takes_as_many_queries_for_many_places(client, query):
    counts = []
    for count in (2, 60):
        names = ("north", *(f"place-{number}" for number in range(1, count)))
        ground = Ground(f"with-{count}", names)
        ground.sign_in(client, "data_manager")
        asked = query.format(state=ground.places["state"].pk, cell=ground.cells["sex=f"].pk)
        for _each in range(2):  # the first request after signing in starts the session
            with CaptureQueriesContext(connection) as queries:
                page(client, ground.at(asked))
        counts.append(reads(queries))
    assert counts[0] == counts[1]
    assert counts[0] <= MOST_QUERIES
