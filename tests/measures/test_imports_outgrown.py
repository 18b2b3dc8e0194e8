"""A file whose total is less than its own groups is taken, and says so."""

import json
from io import BytesIO

import pytest
from django.utils import timezone

from initiatives.tenancy import scope
from measures.imports.description.schema import read_description
from measures.services.descriptions import store_description
from measures.services.imports import import_values

pytestmark = pytest.mark.django_db(transaction=True)
DESCRIPTION = {
    "schema": "concert/initiative/1",
    "initiative": {"slug": "here", "name": "Here"},
    "organizations": [{"code": "a"}],
    "calendars": [{"first_year": 2024, "last_year": 2025, "frequencies": ["year"]}],
    "dimensions": [{"code": "age", "categories": ["young", "old", "unknown"]}],
    "indicators": [
        {"code": "meals", "kind": "count", "frequency": "year", "partition": ["age"]},
        {"code": "share", "kind": "ratio", "frequency": "year", "partition": ["age"]},
    ],
}
HEADING = "organization_code,indicator_code,period,age,value,numerator,denominator\n"


@pytest.fixture
def here():
    described = read_description(json.dumps(DESCRIPTION).encode(), today=timezone.localdate())
    return store_description(described).initiative.pk


def notices(here, rows):
    with scope(here):
        file = BytesIO((HEADING + rows).encode())
        report = import_values(actor=None, file=file, name="v.csv", dry_run=True)
    assert not report.refused, report.as_dict()
    return [each for each in report.notices if "groups" in each]


def test_a_total_that_is_less_than_its_groups_is_named(here):
    said = notices(
        here,
        "a,meals,2025,,10,,\na,meals,2025,young,7,,\na,meals,2025,old,5.5,,\n"
        "a,share,2024,,,1,8\na,share,2024,old,,1,9\n",
    )
    assert said == [
        (
            "2 totals are less than their groups: line 2 says 10, they add up to 12.5."
            " The rest will stand as “not stated”, below 0."
        )
    ]


@pytest.mark.parametrize(
    "rows",
    [
        "a,meals,2025,,10,,\na,meals,2025,young,7,,\na,meals,2025,old,3,,\n",
        "a,meals,2025,,10,,\na,meals,2025,young,7,,\n",
        "a,meals,2025,young,7,,\na,meals,2025,old,5,,\n",
        "a,meals,2025,,10,,\na,meals,2024,young,11,,\n",
        "a,meals,2025,,0,,\n",
    ],
)
def test_nothing_is_said_where_nothing_is_more(here, rows):
    assert notices(here, rows) == []
