"""Sums follow organizations and places when these change, without waiting for the night."""

from datetime import date

import pytest
from django.utils import timezone

from initiatives.models import Job, Place
from initiatives.tenancy import scope
from measures import ledger, rollups
from measures.models import Assignment, Rollup
from measures.services.jobs import follow_organization, follow_place
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def found():
    initiative = factories.initiative()
    with scope(initiative.pk):
        north, south = factories.place("north"), factories.place("south")
        town = factories.place("town", north)
        organization = factories.organization("library", town)
        calendar = factories.calendar()
        meals = factories.indicator("meals", calendar=calendar, organizations=[organization])
        ledger.record([factories.fact(meals, organization, "2026-M1", 5)], user_id=None)
        rollups.drain()
    return initiative, north, south, town, organization


def sums():
    rows = Rollup.objects.filter(scope="place", period__code="2026-M1", cell=None)
    names = dict(Place.objects.values_list("pk", "code"))
    return {names[row.scope_id]: row.value for row in rows if row.value is not None}


def test_a_moved_place_takes_its_numbers_along(found):
    initiative, _north, south, town, _organization = found
    with scope(initiative.pk):
        assert sums() == {"town": 5, "north": 5}
        town.parent = south
        town.save()
        follow_place(place_id=town.pk)
        rollups.drain()
        assert sums() == {"town": 5, "south": 5}
    assert Job.objects.filter(kind="rollup").exists()


def test_an_organization_that_works_elsewhere_counts_there(found):
    initiative, _north, south, town, organization = found
    with scope(initiative.pk):
        organization.homes.filter(place=town).delete()
        organization.homes.create(initiative_id=initiative.pk, place=south)
        follow_organization(organization_id=organization.pk)
        rollups.drain()
        assert sums() == {"south": 5}


def test_who_left_is_asked_for_nothing_more_and_its_numbers_stay(found):
    initiative, *_places, organization = found
    with scope(initiative.pk):
        Assignment.objects.create(
            initiative_id=initiative.pk,
            indicator=Assignment.objects.get().indicator,
            organization=organization,
            starts_on=date(2999, 1, 1),
        )
        organization.state = "left"
        organization.save()
        for _twice in range(2):
            follow_organization(organization_id=organization.pk)
        rollups.drain()
        assert Assignment.objects.get().ends_on == timezone.localdate()
        assert sums() == {"town": 5, "north": 5}
