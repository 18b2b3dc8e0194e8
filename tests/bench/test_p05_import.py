"""P5: a CSV of an initiative's facts, checked, recorded, audited and rolled up, against bare COPY.

To see it fail: compare row by row in ``measures.ledger.staged.compare_with_facts``.
"""

import csv
import subprocess
import sys

from django.db import connection

from config import stack
from initiatives.tenancy import scope
from measures.models import Period, Round
from measures.services.imports import import_values
from tests import database
from tests.bench import world
from tests.bench.harness import said, seconds, times

LARGEST_GROWTH = 32
WRITTEN = """
SELECT o.code, i.code, p.code, c.key, t.value, t.numerator, t.denominator
FROM measures_observation AS t
JOIN initiatives_organization AS o ON o.id = t.organization_id
JOIN measures_indicator AS i ON i.id = t.indicator_id
JOIN measures_period AS p ON p.id = t.period_id
JOIN measures_cell AS c ON c.id = t.cell_id
WHERE t.initiative_id = %s AND t.superseded_at IS NULL ORDER BY 1, 2, 3, 4
"""
MEMORY = """
import os, resource, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
import django; django.setup()
from django.db import connection
connection.settings_dict["NAME"] = sys.argv[1]
from initiatives.tenancy import scope
from measures.services.imports import import_values
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
def read(name):
    with open(name, "rb") as file, scope(int(sys.argv[2])):
        report = import_values(actor=None, file=file, name=name, dry_run=True)
        assert not report.refused, report.as_dict()
read(sys.argv[3])
before = peak()
read(sys.argv[4])
print((peak() - before) // 1024, peak() // 1024)
"""


def write(path, rows):
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(
            [
                "organization_code",
                "indicator_code",
                "period",
                "age",
                "value",
                "numerator",
                "denominator",
            ]
        )
        for organization, indicator, period, cell, *amounts in rows:
            writer.writerow(
                [
                    organization,
                    indicator,
                    period,
                    cell.removeprefix("age="),
                    *("" if each is None else f"{each.normalize():f}" for each in amounts),
                ]
            )


def imported(first, path):
    with path.open("rb") as file, scope(first):
        report = import_values(actor=None, file=file, name=path.name, accept=True)
        assert not report.refused, report.as_dict()
    from measures import rollups

    with scope(first):
        rollups.drain()


def test_import(large, bench, tmp_path):
    with scope(large.first):
        for period in Period.objects.filter(frequency="month"):
            Round.objects.get_or_create(
                initiative_id=large.first,
                period=period,
                defaults={"opens_at": "2020-01-01T00:00Z", "due_at": "2020-01-02T00:00Z"},
            )
    with scope(large.first), connection.cursor() as cursor:
        cursor.execute(WRITTEN, [large.first])
        rows = cursor.fetchall()
    whole, few = tmp_path / "whole.csv", tmp_path / "few.csv"
    write(whole, rows)
    write(few, rows[:1000])

    def empty():
        with database.admin(large.database) as admin:
            admin.execute("SET session_replication_role = replica")
            tables = ("observation", "rollup", "submission", "dirtykey")
            world.remove(admin, large.first, *(f"measures_{each}" for each in tables))

    def copy():
        with database.admin(large.database) as admin:
            kept = "indicator_id, organization_id, period_id, cell_id, value, numerator, denominator, status, note, is_late, reason, reason_text, initiative_id"
            with admin.cursor().copy(f"COPY measures_observation ({kept}) FROM STDIN") as copying:
                copying.write(facts)

    with database.admin(large.database) as admin:
        kept = "indicator_id, organization_id, period_id, cell_id, value, numerator, denominator, status, note, is_late, reason, reason_text, initiative_id"
        with admin.cursor().copy(
            f"COPY (SELECT {kept} FROM measures_observation WHERE initiative_id = {large.first}"
            " AND superseded_at IS NULL) TO STDOUT"
        ) as copying:
            facts = b"".join(bytes(each) for each in copying)
    bench.compare(
        "P5",
        f"CSV of {len(rows):,} rows: checked, recorded, audited, rolled up",
        lambda: imported(large.first, whole),
        copy,
        goal=4,
        before=empty,
        base="bare COPY, same table",
    )
    empty()
    bare = seconds(copy)
    empty()
    imported(large.first, whole)
    again = min(seconds(lambda: imported(large.first, whole)) for _ in range(2))
    with scope(large.first), connection.cursor() as cursor:
        cursor.execute(WRITTEN, [large.first])
        assert len(cursor.fetchall()) == len(rows), "no row is written again"
    bench.add(
        "P5",
        "the same file again, no row rewritten",
        said(again),
        f"bare COPY {said(bare)}",
        times(again / bare),
        goal="≤ 2.00×",
        is_met=again <= 2 * bare,
    )
    done = subprocess.run(
        [sys.executable, "-c", MEMORY, large.database, str(large.first), str(few), str(whole)],
        capture_output=True,
        text=True,
        check=False,
        cwd=stack.CHECKOUT,
    )
    assert done.returncode == 0, done.stderr
    growth, peak = (int(each) for each in done.stdout.split()[-2:])
    bench.add(
        "P5",
        f"memory of a check of {len(rows):,} rows above that of 1 000 (peak {peak} MB)",
        f"{growth} MB",
        "",
        f"{growth} MB",
        goal=f"≤ {LARGEST_GROWTH} MB",
        is_met=growth <= LARGEST_GROWTH,
    )
