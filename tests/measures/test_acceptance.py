"""Published figures, rolled up from what each organization reported, against what was printed."""

import csv
import gzip
import io
import json
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import call_command

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

DATA = Path(__file__).parents[1] / "data"
LEVELS = {"nation": "nation", "state": "state", "region": "state"}


def read(folder, name):
    return gzip.open(DATA / folder / name, "rt", encoding="utf-8", newline="").read()


def described(folder, rows, ratios, calendar, frequency="year", partition=()):
    """The set as a description: places and organizations from orgs.csv."""
    listed = list(csv.DictReader(io.StringIO(read(folder, "orgs.csv.gz"))))
    places = [each for each in listed if each["level"] in LEVELS]
    common = {"frequency": frequency, "partition": list(partition)}
    counts = dict.fromkeys(row["indicator"] for row in rows)
    return {
        "schema": "concert/initiative/1",
        "initiative": {"slug": folder, "name": folder},
        "places": [
            {
                "code": each["org_id"],
                "name": each["name"],
                "level": LEVELS[each["level"]],
                "parent": each["parent_id"],
            }
            for each in places
        ],
        "organizations": [
            {"code": each["org_id"], "name": each["name"], "places": [each["parent_id"]]}
            for each in listed
            if each["level"] not in LEVELS
        ],
        "calendars": [calendar],
        "dimensions": [
            {"code": code, "categories": sorted({row[code] for row in rows})} for code in partition
        ],
        "indicators": [
            *({"code": code, "kind": "count", **common} for code in counts),
            *(
                {"code": code, "kind": "ratio", "scale": scale, **common}
                for code, (_top, _bottom, scale) in ratios.items()
            ),
        ],
    }


def values(rows, ratios, partition=()):
    """The values as a partner would send them, the quotients as their two parts."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(
        [
            *("organization_code", "indicator_code", "period"),
            *partition,
            *("value", "numerator", "denominator"),
        ]
    )
    found = {}
    for row in rows:
        key = (row["org_id"], row["period"], tuple(row[code] for code in partition))
        found[row["indicator"], key] = row["value"]
        writer.writerow([key[0], row["indicator"], key[1], *key[2], row["value"], "", ""])
    for code, (top, bottom, _scale) in ratios.items():
        for (indicator, key), value in list(found.items()):
            whole = found.get((bottom, key), "")
            if indicator == top and value.isdigit() and whole.isdigit():
                writer.writerow([key[0], code, key[1], *key[2], "", value, whole])
    return text.getvalue()


def exported(tmp_path, folder, calendar, partition=()):
    """Load, import, roll up and export; (indicator, scope, period, cell) to the exported row."""
    rows = list(csv.DictReader(io.StringIO(read(folder, "values.csv.gz"))))
    expected = json.loads(read(folder, "expected.json.gz"))
    ratios = expected["meta"]["ratios"]
    description, table = tmp_path / "initiative.json", tmp_path / "values.csv"
    description.write_text(
        json.dumps(described(folder, rows, ratios, calendar, partition=partition))
    )
    table.write_text(values(rows, ratios, partition))
    call_command("load_initiative", str(description), stdout=io.StringIO())
    told = io.StringIO()
    call_command("import_values", folder, str(table), accept=True, stdout=told)
    report = json.loads(told.getvalue())
    assert report["stored"] >= report["counts"]["accept"]  # none of none is stored as such too
    call_command("rollup", folder, stdout=io.StringIO())
    out = io.StringIO()
    call_command("export_rollups", folder, stdout=out)
    found = {
        (row["indicator"], row["scope code"], row["period"], row["cell"]): row
        for row in csv.DictReader(io.StringIO(out.getvalue()))
    }
    return expected["checks"], found


def differing(checks, found, period=lambda code: code):
    """The checks that the export does not meet."""
    wrong = []
    for check in checks:
        cell = ";".join(f"{code}={value}" for code, value in check["filters"].items())
        row = found.get((check["indicator"], check["scope"], period(check["period"]), cell))
        value = Decimal(row["value"]) if row and row["value"] else None
        tolerance = Decimal(str(check["tol"]))
        if value is None or abs(value - Decimal(str(check["expected"]))) > tolerance:
            wrong.append((check, row))
    return wrong


VETERANS = ("veterans", "veterans_sheltered", "veterans_unsheltered")
SINCE_2014 = ("veterans_es", "veterans_th", "veterans_sh")
SILENT = {
    # American Samoa has no Continuum of Care, so nobody reports for it.
    *((each, "AS", str(year)) for each in VETERANS for year in range(2011, 2023)),
    *((each, "AS", str(year)) for each in SINCE_2014 for year in range(2014, 2023)),
    # The one of the Northern Mariana Islands reports from 2017 on.
    *((each, "MP", str(year)) for each in VETERANS for year in range(2011, 2017)),
    *((each, "MP", str(year)) for each in SINCE_2014 for year in range(2014, 2017)),
    # In 2021 those of Montana and Utah left the count outdoors blank: it was a pandemic.
    ("veterans_unsheltered", "MT", "2021"),
    ("veterans_unsheltered", "UT", "2021"),
}


def named(check):
    return check["indicator"], check["scope"], check["period"]


def given(state, indicator, period):
    """The numbers that organizations of a state gave for one indicator and year."""
    return [
        row["value"]
        for row in csv.DictReader(io.StringIO(read("hud-veterans", "values.csv.gz")))
        if (row["indicator"], row["period"]) == (indicator, period)
        and row["org_id"].startswith(f"{state}-")
        and row["value"].strip()
    ]


def test_veterans_by_state_and_nation(tmp_path):
    checks, found = exported(
        tmp_path,
        "hud-veterans",
        {"first_year": 2011, "last_year": 2022, "frequencies": ["year"]},
    )

    assert len(checks) == 3592
    silent = differing(checks, found)
    assert {named(check) for check, _row in silent} == SILENT
    # These are the blank cells of HUD's own workbook: the check's 0 is printed nowhere.
    with (DATA / "hud-veterans" / "blank.csv").open(encoding="utf-8", newline="") as file:
        assert {tuple(row.values()) for row in csv.DictReader(file)} == SILENT
    for check, row in silent:
        assert check["expected"] == 0
        assert row is None or row["value"] == ""
        assert not given(check["scope"], check["indicator"], check["period"])
    # Kansas City lies in two states and is split only in HUD's own state file: what HUD prints
    # for the two is told in the note, and is what we must not come to.
    split = [check for check in checks if check["note"].startswith("HUD prints")]
    assert {check["scope"] for check in split} == {"KS", "MO"}
    for check in split:
        printed = Decimal(check["note"].removeprefix("HUD prints ").split(":")[0])
        row = found[check["indicator"], check["scope"], check["period"], ""]
        assert Decimal(row["value"]) != printed


def test_school_offers_by_region_and_phase(tmp_path):
    checks, found = exported(
        tmp_path,
        "dfe-offers",
        {"kind": "school", "first_year": 2018, "last_year": 2021, "frequencies": ["year"]},
        partition=("phase", "entry_year"),
    )

    assert len(checks) == 528
    assert differing(checks, found, lambda code: f"{code[:4]}/{code[4:]}") == []
