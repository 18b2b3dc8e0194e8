"""Faults: nothing that was acknowledged is lost or done twice, and nobody has to help.

The rollups must end equal to a recomputation, whatever died on the way. Tried against broken
copies: without the lease a dead worker's job stays "running" for ever, without the sweeper the
emptied queue is never made good, and with the broker's patience of 5 s a page waits too long.
"""

import contextlib
import json
import os
import re
import shutil
import signal
import threading
import time
from pathlib import Path

import psycopg
import pytest

from config.cache import REST
from config.stack import places
from initiatives import jobs
from tests.stack.product import Product, Reader
from tests.waiting import until

pytestmark = pytest.mark.slow

LEASE, SWEEP = 5, 1
ORGANIZATIONS = 40
PERIODS = ("2024", "2025")
AT_REST = """
SELECT NOT EXISTS (SELECT FROM measures_dirtykey)
    AND NOT EXISTS (SELECT FROM initiatives_job WHERE state <> 'done')
"""
# The server tells the beginning of a statement alone: what is written stands at its end.
MID_ROLLUP = """
SELECT EXISTS (
    SELECT FROM pg_stat_activity
    WHERE usename = 'app_web' AND wait_event_type = 'Lock' AND query ~ 'measures_rollup|WITH rollup_pair'
)
"""
# Stored against a fresh GROUP BY, as the superuser, in plain words.
WRONG = """
SELECT count(*) FROM (
    SELECT indicator_id, period_id, sum(value) AS value FROM measures_observation
    WHERE superseded_at IS NULL GROUP BY 1, 2
) AS fresh
FULL JOIN (
    SELECT indicator_id, period_id, value FROM measures_rollup WHERE scope = 'initiative'
) AS stored USING (indicator_id, period_id)
WHERE fresh.value IS DISTINCT FROM stored.value
"""


@pytest.fixture(scope="module")
def product():
    # DEBUG: pages without collected static files.
    made = Product(DEBUG="true", JOB_LEASE_SECONDS=str(LEASE), SWEEP_SECONDS=str(SWEEP))
    yield made
    made.stop()


@pytest.fixture
def slug(product, request, tmp_path):
    """An initiative with a number of organizations and two yearly counts."""
    name = request.node.name.split("[")[0].replace("_", "-")[5:40] + str(time.time_ns())[-6:]
    description = tmp_path / "initiative.json"
    description.write_text(
        json.dumps(
            {
                "schema": "concert/initiative/1",
                "initiative": {"slug": name, "name": name},
                "organizations": [{"code": f"o{number}"} for number in range(ORGANIZATIONS)],
                "calendars": [{"first_year": 2024, "last_year": 2025, "frequencies": ["year"]}],
                "indicators": [
                    {"code": code, "kind": "count", "frequency": "year"}
                    for code in ("meals", "beds")
                ],
            }
        )
    )
    product.manage("load_initiative", str(description))
    return name


def import_values(product, slug, tmp_path, value):
    """Have every organization say ``value`` of everything; how many numbers that are."""
    file = tmp_path / f"{value}.csv"
    rows = [
        f"o{number},{indicator},{period},{value}"
        for number in range(ORGANIZATIONS)
        for indicator in ("meals", "beds")
        for period in PERIODS
    ]
    file.write_text("\n".join(["organization_code,indicator_code,period,value", *rows]))
    told = product.told("import_values", slug, str(file), "--accept", "--reason", "Again")
    assert told["stored"] == len(rows)
    return len(rows)


class Blocked:
    """While it lasts, a worker that wants to write rollups stands in the middle of its work."""

    def __init__(self, product):
        self.product = product

    def __enter__(self):
        self.connection = psycopg.connect(self.product.checkout.url())
        self.connection.execute("LOCK TABLE measures_rollup IN SHARE MODE")

    def __exit__(self, *_error):
        self.connection.close()


def kill_redis_and_its_data(product):
    folder = product.checkout.layout.redis
    (server,) = places.working_in(folder)
    os.kill(server, signal.SIGKILL)
    until(lambda: not places.working_in(folder), "dead", every=0.02)
    for data in folder.glob("appendonly*"):
        shutil.rmtree(data) if data.is_dir() else data.unlink()
    product.checkout.start()
    with product.checkout.redis() as client:
        # Of the many jobs that waited nothing is left: at most what was being done comes back.
        assert sum(is_of_a_job(each) for each in client.lrange("celery", 0, -1)) <= 3


def is_of_a_job(message):
    return json.loads(message)["headers"]["task"] == jobs.TASK


def assert_nothing_is_lost(product, slug, *, written, told):
    product.until(AT_REST)
    assert product.one(WRONG) == 0
    assert product.one("SELECT count(*) FROM measures_observation") == written
    assert product.told("rollup", slug, "--all", "--json")["changed"] == 0
    assert product.one("SELECT max(attempts) FROM initiatives_job") < 5
    stored = product.one(
        "SELECT max(value) FROM measures_rollup AS r JOIN initiatives_initiative AS i"
        " ON i.id = r.initiative_id WHERE i.slug = %s AND scope = 'initiative'",
        slug,
    )
    assert stored == told * ORGANIZATIONS


@pytest.mark.parametrize("killed", ["child", "worker"])
def test_a_worker_killed_in_the_middle_and_a_redis_restarted_empty(product, slug, tmp_path, killed):
    before = product.one("SELECT count(*) FROM measures_observation")
    with Blocked(product):
        written = import_values(product, slug, tmp_path, 1)
        product.until(MID_ROLLUP)
        written += import_values(product, slug, tmp_path, 2)  # waits in Redis alone
        worker = product.program("worker")
        victims = product.family(worker) if killed == "worker" else product.children(worker)
        kill_redis_and_its_data(product)
        for victim in victims:
            os.kill(victim, signal.SIGKILL)
        assert product.one("SELECT count(*) FROM measures_dirtykey") > 0
    assert_nothing_is_lost(product, slug, written=before + written, told=2)


def test_a_database_restarted_at_once_in_the_middle(product, slug, tmp_path):
    before = product.one("SELECT count(*) FROM measures_observation")
    reader = Reader(product.address)
    with Blocked(product):
        written = import_values(product, slug, tmp_path, 3)
        product.until(MID_ROLLUP)
        folder = product.checkout.layout.postgres / "data"
        server = int((folder / "postmaster.pid").read_text().split()[0])
        os.kill(server, signal.SIGQUIT)  # "immediate": nobody is asked, nothing is written
        until(lambda: not places.working_in(folder), "dead", every=0.02)
        assert reader.get("/readyz")[0] == 503
    product.checkout.start()
    until(lambda: reader.get("/readyz")[0] == 200, "ready", every=0.1)
    assert_nothing_is_lost(product, slug, written=before + written, told=3)


def test_f3_a_worker_told_to_stop_in_the_middle(product, slug, tmp_path):
    """It gives back what it cannot end in time, and somebody does it once."""
    before = product.one("SELECT count(*) FROM measures_observation")
    with Blocked(product):
        written = import_values(product, slug, tmp_path, 5)
        product.until(MID_ROLLUP)
        worker = product.program("worker")
        os.kill(worker, signal.SIGTERM)
        time.sleep(1)
    assert_nothing_is_lost(product, slug, written=before + written, told=5)
    most = (
        "SELECT max(attempts) FROM initiatives_job AS j JOIN initiatives_initiative AS i"
        " ON i.id = j.initiative_id WHERE i.slug = %s"
    )
    assert product.one(most, slug) <= 2
    until(lambda: worker not in product.family(product.process.pid), "ended", every=0.2)


class Cutting:
    """While it lasts, somebody ends a connection of the product now and then."""

    def __init__(self, product, every):
        self.product, self.every = product, every
        self.over, self.number = threading.Event(), 0
        self.thread = threading.Thread(target=self._cut)

    def _cut(self):
        with self.product.checkout.database() as connection:
            while not self.over.wait(self.every):
                self.number += connection.execute(
                    "SELECT count(pg_terminate_backend(pid)) FROM (SELECT pid FROM pg_stat_activity"
                    " WHERE usename = 'app_web' ORDER BY random() LIMIT 1) AS one"
                ).fetchone()[0]

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_error):
        self.over.set()
        self.thread.join()


def test_f7_connections_that_are_cut_all_the_time(product, slug, tmp_path):
    """What was not acknowledged is said again; nothing is there twice, and nobody has to help."""
    seconds = int(os.environ.get("F7_SECONDS", "20"))
    reader, end, value, answers = Reader(product.address), time.monotonic() + seconds, 10, set()
    mine = (
        "SELECT count(*) FROM measures_observation AS o JOIN initiatives_initiative AS i"
        " ON i.id = o.initiative_id WHERE i.slug = %s AND o.value = %s"
    )
    rows = ORGANIZATIONS * 2 * len(PERIODS)
    with Cutting(product, every=1) as cutting:
        while time.monotonic() < end or value == 10:
            value += 1
            while product.one(mine, slug, value) == 0:
                with contextlib.suppress(AssertionError):  # the command's own line may be cut
                    import_values(product, slug, tmp_path, value)
                answers.add(reader.get("/account/login/")[0])
            assert product.one(mine, slug, value) == rows
    assert cutting.number > 0
    assert 200 in answers
    assert reader.get("/account/login/")[0] == 200
    written = product.one("SELECT count(*) FROM measures_observation")
    assert_nothing_is_lost(product, slug, written=written, told=value)


# After so long everybody asks Redis again, and waits for it again.
PAUSE = max(REST, jobs.BROKER_REST) + 1


WRITTEN = "SELECT count(*) FROM initiatives_notice WHERE recipient LIKE %s"
ASKED = (
    "SELECT EXISTS (SELECT FROM initiatives_job WHERE kind = 'send_notices' AND state = 'queued')"
)


def waits(product, slug, manager):
    """How long somebody who signs in and invites waits for each page."""
    reader, of_this_time = Reader(product.address), str(time.time_ns())[-9:]
    status, page = reader.post(
        "/account/login/", login=manager["email"], password=manager["password"]
    )
    assert (status, "/account/login/" in page) == (200, False)
    lines = [f"New {n}; Ann {n}; new{n}.{of_this_time}@example.org" for n in range(3)]
    status, _page = reader.post(
        f"/i/{slug}/organizations/", people="\n".join(lines), role="partner_reporter"
    )
    assert status == 200
    assert product.one(WRITTEN, f"new_.{of_this_time}@example.org") == len(lines)
    return reader.waited


# The last one: the twins hold work that was given up, and are never at rest.
def test_a_frozen_redis_keeps_nobody_waiting(product):
    twin = product.told("seed_twins", "--json")["initiatives"][0]
    manager = next(each for each in twin["people"] if each["role"] == "project_manager")
    (server,) = places.working_in(product.checkout.layout.redis)
    known = [waits(product, twin["slug"], manager) for _time in range(2)]
    usual = [min(each) for each in zip(*known, strict=True)]

    def longer():
        mine = waits(product, twin["slug"], manager)
        return max(now - before for now, before in zip(mine, usual, strict=True))

    os.kill(server, signal.SIGSTOP)
    try:
        # Another process may stand still besides: a wait that is the product's own is there each time.
        until(
            lambda: longer() < 3,
            f"each page within 3 s of its usual {usual}",
            every=PAUSE,
        )
        assert product.one(ASKED)
    finally:
        os.kill(server, signal.SIGCONT)
    product.until(
        "SELECT NOT EXISTS (SELECT FROM initiatives_notice"
        " WHERE recipient LIKE 'new%@example.org' AND state <> 'sent')"
    )


def test_a_worker_process_has_a_bound_of_memory(product):
    def bounds():
        for child in product.children(product.program("worker")):
            with contextlib.suppress(OSError):  # another one may take its place just now
                limits = Path(f"/proc/{child}/limits").read_text()
                return set(re.search(r"Max address space +(\S+) +(\S+)", limits).groups())
        return None

    until(lambda: bounds() == {str(1 << 30)}, lambda: f"so bounded: {bounds()}")
