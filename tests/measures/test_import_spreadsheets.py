"""Files as partners send them, each against the outcome its maker expects of every row."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest
from django.utils import timezone

from initiatives.tenancy import scope
from measures.imports.description.schema import read_description
from measures.models import Entry, ImportRun, Observation, Submission
from measures.services.descriptions import store_description
from measures.services.imports import import_values

pytestmark = pytest.mark.django_db(transaction=True)

FOLDER = Path(__file__).parents[1] / "data" / "spreadsheets"
MANIFEST = json.loads((FOLDER / "manifest.json").read_text())
# The files were made in 2026; what lay ahead then lies ahead still.
LAST_YEAR = datetime.now(UTC).year + 5
FILES = {each["file"]: each for each in MANIFEST["files"]}
BROKEN_DOWN = ["gender", "age_group"]
INDICATORS = [
    {"code": "ENROLLED", "kind": "count", "integer": True, "min": 0, "partition": BROKEN_DOWN},
    {"code": "NETCHANGE", "kind": "count", "integer": True},
    {
        "code": "GRADRATE",
        "kind": "ratio",
        "min": 0,
        "max": 100,
        "numerator_within_denominator": True,
    },
    {"code": "SATISF", "kind": "mean", "min": 0, "max": 5},
    {"code": "WAITLIST", "kind": "stock", "integer": True, "min": 0},
    {"code": "BUDGET", "kind": "count", "unit": "USD", "decimals": 2},
]


@pytest.fixture
def initiative():
    setup = MANIFEST["setup"]
    document = {
        "schema": "concert/initiative/1",
        "initiative": {"slug": "nasty", "name": "Nasty files"},
        "organizations": setup["organizations"],
        "dimensions": [
            {"code": code, "categories": categories}
            for code, categories in setup["disaggregations"].items()
        ],
        "calendars": [{"first_year": 2022, "last_year": LAST_YEAR}],
        "indicators": [{**each, "frequency": "quarter"} for each in INDICATORS],
        "past_rounds": "none",
        "rounds": [{"period": each} for each in setup["periods"]]
        + [
            {"period": each, "opens": "2022-01-01", "due": "2023-01-31", "closes": "2023-01-31"}
            for each in setup["locked_periods"]
        ],
    }
    described = read_description(json.dumps(document).encode(), today=timezone.localdate())
    return store_description(described).initiative


def read(initiative, name, **options):
    data = (FOLDER / name).read_bytes().replace(b"2031-Q4", b"%d-Q4" % LAST_YEAR)
    with scope(initiative.pk):
        return import_values(actor=None, file=BytesIO(data), name=name, **options).as_dict()


@pytest.mark.parametrize("name", sorted(FILES))
def test_every_row_has_the_outcome_expected(initiative, name):
    expected = FILES[name]

    report = read(initiative, name, partial=True)

    if expected["file_outcome"] == "reject":
        assert report["outcome"] == "reject"
        assert expected["rows"][0]["error"] in {each["code"] for each in report["errors"]}
        return
    rows = {row["row"]: row for row in report["rows"]}
    for wanted in expected["rows"]:
        row = rows[wanted["row"]]
        codes = {error["code"] for error in row["errors"]}
        if wanted["outcome"] == "either":
            assert row["outcome"] != "reject" or wanted.get("error") is None or codes, row
        else:
            assert row["outcome"] == wanted["outcome"], row
        if row["outcome"] == "reject" and wanted.get("error"):
            assert wanted["error"] in codes, row
        if row["outcome"] == "accept" and wanted.get("value") is not None:
            assert Decimal(row["value"]) == Decimal(str(wanted["value"])), row


def test_one_bad_row_refuses_the_file(initiative):
    report = read(initiative, "05_thousands_separators.csv")

    assert not report["ok"]
    assert report["stored"] == 0
    with scope(initiative.pk):
        assert not Submission.objects.exists()


def test_the_same_file_again_changes_nothing(initiative):
    first = read(initiative, "42a_first_submission.csv", accept=True)
    second = read(initiative, "42a_first_submission.csv", accept=True)

    assert first["stored"] == 3
    assert second["stored"] == 0
    assert second["already_imported"]
    with scope(initiative.pk):
        assert Observation.objects.count() == 3
        assert ImportRun.objects.count() == 1


def test_a_correction_keeps_what_was_there_and_a_blank_deletes_nothing(initiative):
    read(initiative, "42a_first_submission.csv", accept=True)
    read(initiative, "42b_correction.csv", accept=True, reason="recounted")

    with scope(initiative.pk):
        assert sorted(Observation.objects.current().values_list("value", flat=True)) == [
            3,
            5,
            7,
            12,
        ]
        assert Observation.objects.count() == 5


def test_without_accept_values_wait_for_review(initiative):
    report = read(initiative, "42a_first_submission.csv")

    assert report["stored"] == 3
    with scope(initiative.pk):
        assert not Observation.objects.exists()
        assert Entry.objects.count() == 3
        assert set(Submission.objects.values_list("state", flat=True)) == {"submitted"}


def test_a_dry_run_writes_nothing(initiative):
    report = read(initiative, "42a_first_submission.csv", accept=True, dry_run=True)

    assert report["counts"]["accept"] == 3
    with scope(initiative.pk):
        assert not Submission.objects.exists()
