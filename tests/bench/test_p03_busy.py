"""P3, busy: the dashboard beside writers, a rebuild and an import, against its own quiet p95.

Blocks of reads in turns, quiet and busy: between them the other process stands still (SIGSTOP).
To see it fail: take the ledger's turns (``ledger.take_turns``) in the view of the dashboard.
"""

import os
import select
import signal
import statistics
import subprocess
import sys
import time

from django.db import connection

from config import stack
from initiatives.tenancy import scope
from measures.models import Period, Round
from tests.bench.harness import RUNS, percentile, said, seconds, spread, times
from tests.bench.pages import Site
from tests.bench.test_p05_import import WRITTEN, write
from tests.bench.world import APART

READS = 60  # in a block
ADDRESS = "/i/bench-0/measures/"
MOST = 2.5
BEGINNING = """
import os, random, sys, time
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
import django; django.setup()
from decimal import Decimal
from django.db import connection
connection.settings_dict["NAME"] = sys.argv[1]
from initiatives.tenancy import scope
from measures import rollups
from measures.ledger import NewFact, record
from measures.models import Assignment, Cell, Period
from measures.services.imports import import_values
first = int(sys.argv[2])
done = 0
print("ready", flush=True)
"""
SUBMISSIONS = f"""{BEGINNING}
RATE, VALUES = 50, 25
with scope(first):
    asked = list(Assignment.objects.filter(indicator__kind="count"))
    cells = list(Cell.objects.filter(is_leaf=True))
    months = list(Period.objects.filter(frequency="month")[:VALUES])
while True:
    began = time.monotonic()
    mine = asked[done % len(asked)]
    facts = [
        NewFact(mine.indicator_id, mine.organization_id, month.pk, cells[0].pk, value=Decimal(random.randint(0, 9999)))
        for month in months
    ]
    with scope(first):
        record(facts, user_id=None, reason="entry", reason_text="bench")
    done += 1
    print(done, flush=True)
    if done % RATE == 0:
        with scope(first):
            rollups.drain()
    time.sleep(max(0, began + 1 / RATE - time.monotonic()))
"""
REBUILD = f"""{BEGINNING}
while True:
    with scope(first):
        rollups.rebuild()
    done += 1
    print(done, flush=True)
"""
IMPORT = f"""{BEGINNING}
while True:
    with open(sys.argv[3 + done % 2], "rb") as file, scope(first):
        report = import_values(actor=None, file=file, name="bench", accept=True, reason=str(done))
        assert not report.refused, report.as_dict()
    done += 1
    print(done, flush=True)
"""


class Beside:
    """Another process over the same database, that works when it is told to."""

    def __init__(self, script, *words):
        self.process = subprocess.Popen(
            [sys.executable, "-c", script, *words],
            cwd=stack.CHECKOUT,
            # It may be stopped within a transaction for as long as a block of reads takes.
            env={**os.environ, "PGOPTIONS": "-c idle_in_transaction_session_timeout=0"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.said = ""

    def __enter__(self):
        began = time.monotonic()
        while not select.select([self.process.stdout], [], [], 0.1)[0]:
            assert time.monotonic() - began < 60, "it never began"
        return self

    def __exit__(self, *_problem):
        self.goes_on()
        self.process.kill()
        self.said, _ = self.process.communicate()

    def stands_still(self):
        os.kill(self.process.pid, signal.SIGSTOP)

    def goes_on(self):
        assert self.process.poll() is None, self.process.stderr.read()
        os.kill(self.process.pid, signal.SIGCONT)


def slowest(site):
    """The p95 of a block of reads."""
    return percentile([seconds(lambda: site.get(ADDRESS)) for _ in range(READS)], 0.95)


def test_the_dashboard_beside_others(large, bench, tmp_path):
    site = Site("data_manager@bench.test")
    other = large.first + APART if large.initiatives > 1 else large.first
    for what, script, words in (
        ("50 submissions of 25 values a second", SUBMISSIONS, (str(large.first),)),
        ("a rebuild of another initiative", REBUILD, (str(other),)),
        ("an import into another initiative", IMPORT, (str(other), *files_of(other, tmp_path))),
    ):
        quiet, busy = [], []
        with Beside(script, large.database, *words) as beside:
            beside.stands_still()
            slowest(site)  # warms up
            for _ in range(RUNS):
                quiet.append(slowest(site))
                beside.goes_on()
                busy.append(slowest(site))
                beside.stands_still()
        ratios = [a / b for a, b in zip(busy, quiet, strict=True)]
        bench.add(
            "P3",
            f"dashboard's p95 beside {what} ({len(beside.said.split()) - 1} done)",
            spread(busy, said),
            f"quiet {spread(quiet, said)}",
            spread(ratios, times),
            goal=f"≤ {times(MOST)}",
            is_met=statistics.median(ratios) <= MOST,
        )


def files_of(initiative, folder):
    """What an initiative has accepted, once as it is and once changed; and rounds to take it."""
    with scope(initiative):
        for period in Period.objects.filter(frequency="month"):
            Round.objects.get_or_create(
                initiative_id=initiative,
                period=period,
                defaults={"opens_at": "2020-01-01T00:00Z", "due_at": "2020-01-02T00:00Z"},
            )
        with connection.cursor() as cursor:
            cursor.execute(WRITTEN, [initiative])
            rows = cursor.fetchall()
    for more in (1, 0):
        path = folder / f"values-{more}.csv"
        write(path, [(*row[:4], row[4] and row[4] + more, *row[5:]) for row in rows])
        yield str(path)
