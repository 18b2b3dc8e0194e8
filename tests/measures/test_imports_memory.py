"""A file of 100 000 rows in a process of its own: its memory does not follow the file's size."""

import json
import os
import subprocess
import sys

import pytest
from django.db import connection
from django.utils import timezone

from measures.imports.description.schema import read_description
from measures.services.descriptions import store_description

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
ORGANIZATIONS, INDICATORS, YEARS = 60, 28, 5  # times 60 months: 100 800 rows
MOST = 300 * 1024  # kB, of the whole process
MOST_GROWTH = 32 * 1024
PROGRAM = """
import io, json, sys
import django
django.setup()
from django.db import connection
connection.settings_dict["NAME"] = sys.argv.pop(1)
from django.core.management import call_command

def peak():
    # Not ru_maxrss, which begins at the peak of whoever started this process.
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))

def run(*words, **options):
    with open("/dev/null", "w") as nothing:
        call_command(*words, stdout=nothing, **options)

small, large = sys.argv[1:]
run("import_values", "large", small, accept=True)
run("export_values", "large")
before = peak()
run("import_values", "large", large, accept=True)
imported = peak()
run("export_values", "large")
print(json.dumps([before, imported, peak()]))
"""


def described():
    return {
        "schema": "concert/initiative/1",
        "initiative": {"slug": "large", "name": "Large"},
        "organizations": [{"code": f"o{n}", "name": f"Org {n}"} for n in range(ORGANIZATIONS)],
        "calendars": [{"first_year": 2021, "last_year": 2020 + YEARS, "frequencies": ["month"]}],
        "indicators": [
            {"code": f"i{n}", "kind": "count", "frequency": "month"} for n in range(INDICATORS)
        ],
    }


def rows(months):
    for month in range(months):
        for organization in range(ORGANIZATIONS):
            for indicator in range(INDICATORS):
                period = f"{2021 + month // 12}-{month % 12 + 1:02d}"
                yield f"o{organization},i{indicator},{period},{month + indicator},\n"


def test_a_hundred_thousand_rows_take_no_more_memory_than_a_few(tmp_path):
    document = json.dumps(described()).encode()
    store_description(read_description(document, today=timezone.localdate()))
    for name, months in (("small.csv", 1), ("large.csv", 12 * YEARS)):
        with (tmp_path / name).open("w") as file:
            file.write("organization_code,indicator_code,period,value,comment\n")
            file.writelines(rows(months))

    told = subprocess.run(
        [
            *(sys.executable, "-c", PROGRAM, connection.settings_dict["NAME"]),
            *(str(tmp_path / "small.csv"), str(tmp_path / "large.csv")),
        ],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert told.returncode == 0, told.stderr
    before, imported, exported = json.loads(told.stdout.splitlines()[-1])
    assert imported < MOST
    assert imported - before <= MOST_GROWTH
    assert exported - imported <= MOST_GROWTH
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('app.initiative', (SELECT id::text FROM initiatives_initiative), false)"
        )
        cursor.execute("SELECT count(*) FROM measures_observation")
        assert cursor.fetchone()[0] == ORGANIZATIONS * INDICATORS * 12 * YEARS
