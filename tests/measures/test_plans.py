"""An initiative that the server has not counted yet is looked up by key like any other.

The statistics are made while another initiative alone has rows in the same part of the tables, and
then stand: a vacuum that began when the part was empty and ends afterwards says that it still is.
"""

import json
import re

import pytest
from django.db import connection

from initiatives.models import Membership, Organization, User
from initiatives.tenancy import scope
from measures import ledger, rollups
from measures.models import Assignment, Cell, Observation, Rollup
from measures.selectors.dashboards import dashboard
from tests import database, factories

pytestmark = pytest.mark.django_db(transaction=True)

ORGANIZATIONS = 40
INDICATORS = 8
LEAVES = ("old", "young", "?")
FILL = """
INSERT INTO measures_observation (
    initiative_id, indicator_id, organization_id, period_id, cell_id, value,
    status, note, is_late, reason, reason_text
)
SELECT a.initiative_id, a.indicator_id, a.organization_id, p.id, c.id, a.id, 'normal', '', false, '', ''
FROM measures_assignment AS a
JOIN measures_period AS p ON p.initiative_id = a.initiative_id AND p.frequency = 'month'
JOIN measures_cell AS c ON c.initiative_id = a.initiative_id AND c.is_leaf
WHERE a.initiative_id = %s
"""
IS_BESIDE = """
SELECT bool_or(
    satisfies_hash_partition('measures_rollup'::regclass, 8, part, %s::bigint)
    AND satisfies_hash_partition('measures_rollup'::regclass, 8, part, %s::bigint)
) FROM generate_series(0, 7) AS part
"""
MADE = re.compile(r"CREATE TEMP TABLE \w+ ON COMMIT DROP AS ")
ROWS_OF_ONE = 12 * len(LEAVES)  # what one organization says of one indicator


def filled(initiative):
    with scope(initiative.pk):
        calendar = factories.calendar()
        partition, _cells = factories.partition("age", LEAVES, not_stated="?")
        county = factories.place("county")
        organizations = [factories.organization(f"o{n}", county) for n in range(ORGANIZATIONS)]
        for number in range(INDICATORS):
            factories.indicator(
                f"i{number}", calendar=calendar, organizations=organizations, partition=partition
            )
        with connection.cursor() as cursor:
            cursor.execute(FILL, [initiative.pk])
        rollups.rebuild()
    return initiative


def let_vacuum(admin, word):
    """Have the server tidy up facts and rollups by itself, or not; ends what it is about."""
    for table in ("measures_observation", "measures_rollup"):
        for part in range(8):
            admin.execute(f"ALTER TABLE {table}_{part} {word}")


@pytest.fixture
def _left_alone():
    """Statistics are made by the test alone."""
    with database.admin(connection.settings_dict["NAME"]) as admin:
        let_vacuum(admin, "SET (autovacuum_enabled = off)")
    yield
    with database.admin(connection.settings_dict["NAME"]) as admin:
        let_vacuum(admin, "RESET (autovacuum_enabled)")


@pytest.fixture
def uncounted(_left_alone):
    """An initiative in the same part of the tables as another, counted before it came."""
    first = filled(factories.initiative("first"))
    with database.admin(connection.settings_dict["NAME"]) as admin:
        admin.execute("ANALYZE measures_observation, measures_rollup")
    for number in range(100):
        other = factories.initiative(f"other-{number}")
        with connection.cursor() as cursor:
            cursor.execute(IS_BESIDE, [first.pk, other.pk])
            (is_beside,) = cursor.fetchone()
        if is_beside:
            return filled(other)
    raise AssertionError("a hash puts a hundred initiatives elsewhere")


def collector():
    user = User.objects.create_user("dana@plans.test", "-", name="Dana")
    row = Membership.here(
        user=user, organization=Organization.objects.first(), roles=["data_manager"]
    )
    row.save()
    return row


class Reads:
    """Rows that statements read of facts and of rollups: the most that one plan's node did."""

    def __init__(self):
        self.most, self.asks = {"measures_observation": 0, "measures_rollup": 0}, True

    def __call__(self, execute, statement, given, many, context):
        if self.asks and any(table in statement for table in self.most):
            self.asks = False
            with connection.cursor() as cursor:
                cursor.execute("SAVEPOINT explained")
                asked = MADE.sub("", statement)
                cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {asked}", given)
                ((plan,),) = cursor.fetchall()
                cursor.execute("ROLLBACK TO SAVEPOINT explained")
            plan = json.loads(plan) if isinstance(plan, str) else plan
            self._look(plan[0]["Plan"])
            self.asks = True
        return execute(statement, given, many, context)

    def _look(self, node):
        for table in self.most:
            if "Scan" in node["Node Type"] and node.get("Relation Name", "").startswith(
                f"{table}_"
            ):
                read = node["Actual Rows"] + sum(
                    rows for name, rows in node.items() if name.startswith("Rows Removed by")
                )
                self.most[table] = max(self.most[table], read * node["Actual Loops"])
        for child in node.get("Plans", ()):
            self._look(child)


def test_recording_and_recomputing_reads_the_key_alone(uncounted):
    reads = Reads()
    with scope(uncounted.pk), connection.execute_wrapper(reads):
        asked = Assignment.objects.order_by("-id")[0]
        fact = ledger.NewFact(
            indicator_id=asked.indicator_id,
            organization_id=asked.organization_id,
            period_id=factories.period("2026-M3").pk,
            cell_id=Cell.objects.get(key="old").pk,
            value=7,
        )
        assert ledger.record([fact], user_id=None) == 1
        assert rollups.drain() > 0
    with scope(uncounted.pk):
        everything = Observation.objects.count()
    assert 0 < reads.most["measures_observation"] <= 2 * ROWS_OF_ONE < everything / 20
    # Of the month, the quarter and the year what each organization has in each cell and in all.
    beside = 3 * ORGANIZATIONS * (len(LEAVES) + 1)
    assert 0 < reads.most["measures_rollup"] <= beside


def test_a_dashboard_reads_the_sums_alone(uncounted):
    """Whichever of the small tables the server has counted meanwhile."""
    with scope(uncounted.pk):
        member = collector()
        sums = Rollup.objects.filter(scope="initiative", cell=None).count()
    of_one_period = INDICATORS * ORGANIZATIONS
    for counted in ("initiatives_membership", "measures_period", "measures_indicator"):
        with database.admin(connection.settings_dict["NAME"]) as admin:
            admin.execute(f"ANALYZE {counted}")
        reads = Reads()
        with scope(uncounted.pk), connection.execute_wrapper(reads):
            assert len(dashboard(member).figures) == INDICATORS
        assert 0 < reads.most["measures_rollup"] <= max(sums, of_one_period), counted
