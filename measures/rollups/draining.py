"""Claim what is out of date, recompute it from scratch, and write what differs."""

from typing import Any

from django.db import connection

from initiatives.tenancy import current_initiative_id
from measures.rollups.stages import PATIENCE, make, reduce

ROLLUP_LOCK = 7202

CLAIM = """
WITH claimed AS (
    DELETE FROM measures_dirtykey
    WHERE initiative_id = %(initiative)s AND id IN (
        SELECT id FROM measures_dirtykey WHERE initiative_id = %(initiative)s
        ORDER BY id FOR UPDATE SKIP LOCKED
    )
    RETURNING indicator_id, organization_id
)
SELECT DISTINCT indicator_id, organization_id FROM claimed
"""
EVERYTHING = """
SELECT indicator_id, organization_id FROM measures_observation
WHERE initiative_id = %(initiative)s
UNION SELECT indicator_id, organization_id FROM measures_assignment
WHERE initiative_id = %(initiative)s
UNION SELECT indicator_id, scope_id FROM measures_rollup
WHERE initiative_id = %(initiative)s AND scope = 'organization'
"""
# In one order, and in a statement of its own: the next one then sees what the other wrote.
LOCK = """
SELECT pg_advisory_xact_lock(%s, turn) FROM (
    SELECT DISTINCT hashint8(%s::bigint # (indicator_id << 20)) AS turn FROM rollup_pair ORDER BY 1
) AS turns
"""
COMPUTED = """
SELECT own.* FROM rollup_own AS own JOIN rollup_pair AS pair
    ON pair.indicator_id = own.indicator_id AND pair.organization_id = own.scope_id
UNION ALL SELECT * FROM rollup_above
"""
# Both sides of a key are compared as equal also where there is no cell.
KEY = """n.indicator_id = r.indicator_id AND n.scope = r.scope AND n.scope_id = r.scope_id
    AND n.period_id = r.period_id AND coalesce(n.cell_id, 0) = coalesce(r.cell_id, 0)"""
REMOVE = f"""
DELETE FROM measures_rollup AS r
WHERE r.initiative_id = %(initiative)s
    AND r.indicator_id IN (SELECT indicator_id FROM rollup_indicator)
    AND (
        r.scope <> 'organization' OR EXISTS (
            SELECT FROM rollup_pair AS pair
            WHERE pair.indicator_id = r.indicator_id AND pair.organization_id = r.scope_id
        )
    )
    AND NOT EXISTS (SELECT FROM rollup_new AS n WHERE {KEY})
"""
NUMBERS = (
    *("version_id", "numerator", "denominator", "value", "expected", "reported"),
    *("inputs_expected", "inputs_present", "late", "estimated", "suppressed", "missing"),
    *("stale", "oldest_input_at", "status", "reason"),
)
COLUMNS = ", ".join(("indicator_id", "scope", "scope_id", "period_id", "cell_id", *NUMBERS))
WRITE = f"""
INSERT INTO measures_rollup AS old (initiative_id, {COLUMNS})
SELECT %(initiative)s, {COLUMNS} FROM rollup_new AS n
WHERE NOT EXISTS (
    SELECT FROM measures_rollup AS r
    WHERE r.initiative_id = %(initiative)s AND {KEY}
        AND ({", ".join(f"r.{name}" for name in NUMBERS)})
        IS NOT DISTINCT FROM ({", ".join(f"n.{name}" for name in NUMBERS)})
)
ON CONFLICT (initiative_id, indicator_id, scope, scope_id, period_id, cell_id)
DO UPDATE SET computed_at = now(), {", ".join(f"{name} = excluded.{name}" for name in NUMBERS)}
"""

# What pages of these numbers are known by. Last of all: other drains wait here until we commit.
COUNT_UP = """
INSERT INTO measures_rolluprevision AS old (initiative_id, number) VALUES (%(initiative)s, 1)
ON CONFLICT (initiative_id) DO UPDATE SET number = old.number + 1, changed_at = now()
"""


def drain() -> int:
    """Recompute what is marked in the initiative in scope: how many rollups changed.

    Two drains of one indicator take turns; one that dies leaves its marks where they were.
    """
    with connection.cursor() as cursor:
        cursor.execute(PATIENCE)
        claim(cursor, CLAIM)
        cursor.execute("SELECT count(*) FROM rollup_pair")
        if not cursor.fetchone()[0]:
            return 0
    return recompute()


def rebuild() -> int:
    """Recompute everything in the initiative in scope: how many rollups changed."""
    with connection.cursor() as cursor:
        cursor.execute(PATIENCE)
        claim(cursor, CLAIM)
        make(cursor, "pair", EVERYTHING, {"initiative": current_initiative_id()})
    return recompute()


def claim(cursor: Any, select: str) -> None:
    cursor.execute("DROP TABLE IF EXISTS pg_temp.rollup_pair")
    cursor.execute(
        "CREATE TEMP TABLE rollup_pair (indicator_id bigint, organization_id bigint) ON COMMIT DROP"
    )
    cursor.execute(select, {"initiative": current_initiative_id()})
    found = cursor.fetchall()
    cursor.execute(
        "INSERT INTO rollup_pair SELECT * FROM unnest(%s::bigint[], %s::bigint[])",
        [[indicator for indicator, _ in found], [organization for _, organization in found]],
    )
    cursor.execute("ANALYZE rollup_pair")


def recompute() -> int:
    given = {"initiative": current_initiative_id()}
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [ROLLUP_LOCK, given["initiative"]])
        reduce()
        make(cursor, "new", COMPUTED, given)
        cursor.execute(REMOVE, given)
        changed: int = cursor.rowcount
        cursor.execute(WRITE, given)
        changed += int(cursor.rowcount)
        if changed:
            cursor.execute(COUNT_UP, given)
        return changed
