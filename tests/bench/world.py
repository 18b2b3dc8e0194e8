"""Initiatives of one shape, as large as asked for: one made by the product, the others copied.

200 organizations in 20 places of 4 counties, 30 indicators of which each organization reports
three, 60 months, four cells (three ages and not stated): 144 000 facts an initiative.
"""

import json
import os
from dataclasses import dataclass

from django.db import connection
from django.utils import timezone

from initiatives.tenancy import scope
from measures import rollups
from measures.imports.description.schema import read_description
from measures.services.descriptions import store_description
from tests import database

ORGANIZATIONS = int(os.environ.get("BENCH_ORGANIZATIONS") or 200)
INDICATORS = 30
EACH = 3  # indicators an organization reports
YEARS = range(2025 - int(os.environ.get("BENCH_YEARS") or 5), 2025)
CELLS = ("young", "old", "unknown")
LEAVES = len(CELLS) + 1  # and what was not stated
FACTS = ORGANIZATIONS * EACH * len(YEARS) * 12 * LEAVES
OBSERVATIONS = int(os.environ.get("BENCH_OBSERVATIONS") or 1_000_000)
INITIATIVES = int(os.environ.get("BENCH_INITIATIVES") or 0) or max(1, round(OBSERVATIONS / FACTS))
APART = 10_000_000  # between the ids of two initiatives
FIRST = "bench-0"
FILL = """
INSERT INTO measures_observation (
    initiative_id, indicator_id, organization_id, period_id, cell_id, value, numerator, denominator,
    status, note, is_late, reason, reason_text
)
SELECT a.initiative_id, a.indicator_id, a.organization_id, p.id, c.id,
    CASE WHEN i.kind <> 'ratio' THEN (a.id * 7 + p.id * 13 + c.id) %% 1000 END,
    CASE WHEN i.kind = 'ratio' THEN (a.id * 7 + p.id * 13 + c.id) %% 50 END,
    CASE WHEN i.kind = 'ratio' THEN 50 + (a.id + p.id) %% 50 END,
    CASE WHEN (a.id + p.id) %% 40 = 0 THEN 'estimated' ELSE 'normal' END, '', false, '', ''
FROM measures_assignment AS a
JOIN measures_indicator AS i ON i.id = a.indicator_id
JOIN measures_period AS p ON p.calendar_id = i.calendar_id AND p.frequency = 'month'
JOIN measures_cell AS c ON c.partition_id = i.partition_id AND c.is_leaf
WHERE a.initiative_id = %s
"""
# Every table of an initiative that has an id of its own, in any order: nothing is checked.
COPIED = """
SELECT c.relname, array_agg(a.attname::text ORDER BY a.attnum),
    array_agg(a.attname::text) FILTER (
        WHERE a.atttypid = 'bigint'::regtype AND (a.attname = 'id' OR a.attname ~ '_id$')
    )
FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
    AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
    AND c.relname ~ '^(initiatives|measures)_' AND c.relname !~ '(act|job|notice|dirtykey|user|link)'
GROUP BY c.relname
HAVING 'initiative_id' = ANY (array_agg(a.attname))
"""
KEPT = {"user_id", "recorded_by_id", "submitted_by_id", "created_by_id"}


@dataclass(frozen=True)
class World:
    """A database with initiatives in it."""

    database: str
    initiatives: int
    first: int
    rollups: int

    @property
    def facts(self):
        return self.initiatives * FACTS


def description(slug):
    return {
        "schema": "concert/initiative/1",
        "initiative": {"slug": slug, "name": f"Bench {slug}"},
        "places": [
            {"code": f"c{county}", "children": [{"code": f"c{county}t{town}"} for town in range(5)]}
            for county in range(4)
        ],
        "organizations": [
            {"code": f"o{n}", "name": f"Organization {n}", "places": [f"c{n % 4}t{n // 4 % 5}"]}
            for n in range(ORGANIZATIONS)
        ],
        "calendars": [
            {
                "first_year": YEARS[0],
                "last_year": YEARS[-1],
                "frequencies": ["month", "quarter", "year"],
            }
        ],
        "people": [
            {
                "email": f"{role}@bench.test",
                "name": role.title(),
                "organization": "o0",
                "roles": [role],
            }
            for role in ("project_manager", "data_manager", "partner_reporter")
        ],
        "dimensions": [{"code": "age", "categories": list(CELLS)}],
        "indicators": [
            {
                "code": f"i{n}",
                "name": f"Indicator {n}",
                "kind": ("count", "count", "stock", "ratio")[n % 4],
                "frequency": "month",
                "partition": ["age"],
                **({"scale": 100} if n % 4 == 3 else {}),
                "assignments": [
                    {
                        "organizations": [
                            f"o{o}" for o in range(ORGANIZATIONS) if (n - o) % INDICATORS < EACH
                        ]
                    }
                ],
                "targets": [{"period": str(YEARS[-1]), "value": 500}],
            }
            for n in range(INDICATORS)
        ],
    }


def build(initiatives):
    """Fill the database in use: the first by the product's services and engine, then its copies."""
    described = read_description(
        json.dumps(description(FIRST)).encode(), today=timezone.localdate()
    )
    first = store_description(described).initiative
    with scope(first.pk), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '240s'")  # not what is measured
        cursor.execute(FILL, [first.pk])
        assert cursor.rowcount == FACTS
    with scope(first.pk):
        rollups.rebuild()
    with database.admin(connection.settings_dict["NAME"]) as admin:
        admin.execute("SET session_replication_role = replica")  # no checks: they hold by making
        for number in range(1, initiatives):
            _copy(admin, first.pk, number)
        admin.execute("VACUUM measures_observation, measures_rollup")
        admin.execute("ANALYZE")
        (count,) = admin.execute("SELECT count(*) FROM measures_rollup").fetchone()
    return World(connection.settings_dict["NAME"], initiatives, first.pk, count)


def _copy(admin, first, number):
    away = number * APART
    admin.execute(
        "INSERT INTO initiatives_initiative SELECT (jsonb_populate_record(i, jsonb_build_object("
        "'id', i.id + %s, 'slug', 'bench-' || %s, 'name', 'Bench ' || %s))).*"
        " FROM initiatives_initiative AS i WHERE id = %s",
        [away, number, number, first],
    )
    for table, columns, numbers in admin.execute(COPIED).fetchall():
        moved = [f"{name} + {away}" if name in set(numbers) - KEPT else name for name in columns]
        admin.execute(
            f"INSERT INTO {table} ({', '.join(columns)}) OVERRIDING SYSTEM VALUE"
            f" SELECT {', '.join(moved)} FROM {table} WHERE initiative_id = %s",
            [first],
        )


def remove(admin, initiative, *tables):
    """Take away an initiative's rows of tables, dead ones too, and count anew what is left there.

    Only in the partitions that held some: all of a large database take longer than the work.
    """
    for table in tables:
        found = admin.execute(
            f"SELECT tableoid::regclass::text FROM {table} WHERE initiative_id = %s LIMIT 1",
            [initiative],
        ).fetchone()
        if found:
            admin.execute(f"DELETE FROM {table} WHERE initiative_id = %s", [initiative])
            admin.execute(f"VACUUM (ANALYZE) {found[0]}")
