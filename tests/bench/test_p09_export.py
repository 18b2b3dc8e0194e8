"""P9: the rollups of an initiative as CSV with codes, against COPY of the same query.

To see it fail: fetch every row before the first is written in ``measures.rollups.tables``.
"""

import subprocess
import sys

from django.core.management import call_command
from django.db import connection

from config import stack
from initiatives.tenancy import scope
from measures.rollups.tables import STORED, coded
from tests import database

LARGEST_GROWTH = 32
MEMORY = """
import os, resource, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
import django; django.setup()
from django.core.management import call_command
from django.db import connection
connection.settings_dict["NAME"] = sys.argv[1]
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
from initiatives.models import Initiative
Initiative.objects.create(slug="empty", name="Empty")
with open(os.devnull, "w") as out:
    call_command("export_rollups", "empty", stdout=out)
    before = peak()
    call_command("export_rollups", "bench-0", stdout=out)
print((peak() - before) // 1024, peak() // 1024)
"""


def test_export(large, bench, tmp_path):
    file = tmp_path / "out.csv"

    def export():
        with file.open("w") as out:
            call_command("export_rollups", "bench-0", stdout=out)

    def copy():
        with scope(large.first), connection.cursor() as cursor:
            query = cursor.mogrify(coded(STORED), {"initiative": large.first})
            with (
                file.open("wb") as out,
                cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT csv)") as copying,
            ):
                for block in copying:
                    out.write(block)

    export()
    with file.open() as lines:
        count = sum(1 for _ in lines) - 1
    copy()
    with file.open() as lines:
        assert sum(1 for _ in lines) == count
    bench.compare(
        "P9", f"CSV of {count:,} rollups", export, copy, goal=5, base="COPY TO, same query"
    )
    done = subprocess.run(
        [sys.executable, "-c", MEMORY, large.database],
        capture_output=True,
        text=True,
        check=False,
        cwd=stack.CHECKOUT,
    )
    with database.admin(large.database) as admin:
        admin.execute("DELETE FROM initiatives_initiative WHERE slug = 'empty'")
    assert done.returncode == 0, done.stderr
    growth, peak = (int(each) for each in done.stdout.split()[-2:])
    bench.add(
        "P9",
        f"memory of that export above that of none (peak {peak} MB)",
        f"{growth} MB",
        "",
        f"{growth} MB",
        goal=f"≤ {LARGEST_GROWTH} MB",
        is_met=growth <= LARGEST_GROWTH,
    )
