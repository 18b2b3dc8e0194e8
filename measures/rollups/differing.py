"""Where only numbers changed: write what differs below, and take anew what lies above that alone.

What was agreed stands as it did, so a place or the initiative has another number of a period only
if one of its organizations has.
"""

from typing import Any

from measures.rollups import spans
from measures.rollups.stages import forget, make, parameters, reduce_own

NUMBERS = (
    *("version_id", "numerator", "denominator", "value", "expected", "reported"),
    *("inputs_expected", "inputs_present", "late", "estimated", "suppressed", "missing"),
    *("stale", "oldest_input_at", "status", "reason"),
)
COLUMNS = ", ".join(("indicator_id", "scope", "scope_id", "period_id", "cell_id", *NUMBERS))
# Both sides of a key are compared as equal also where there is no cell.
KEY = """n.indicator_id = r.indicator_id AND n.scope = r.scope AND n.scope_id = r.scope_id
    AND n.period_id = r.period_id AND coalesce(n.cell_id, 0) = coalesce(r.cell_id, 0)"""
DIFFERS = f"""({", ".join(f"r.{name}" for name in NUMBERS)})
    IS DISTINCT FROM ({", ".join(f"n.{name}" for name in NUMBERS)})"""
OVERWRITE = f"""
ON CONFLICT (initiative_id, indicator_id, scope, scope_id, period_id, cell_id)
DO UPDATE SET computed_at = now(), {", ".join(f"{name} = excluded.{name}" for name in NUMBERS)}
"""

STORED = """
SELECT r.* FROM rollup_pair AS pair JOIN measures_rollup AS r
    ON r.initiative_id = %(initiative)s AND r.indicator_id = pair.indicator_id
    AND r.scope = 'organization' AND r.scope_id = pair.organization_id
"""
FRESH = f"""
SELECT n.* FROM rollup_own AS n LEFT JOIN rollup_stored AS r ON {KEY}
WHERE r.indicator_id IS NULL OR {DIFFERS}
"""
GONE = f"""
SELECT r.* FROM rollup_stored AS r LEFT JOIN rollup_own AS n ON {KEY}
WHERE n.indicator_id IS NULL
"""
TOUCHED = """
SELECT DISTINCT own.indicator_id, own.period_id, b.scope, b.scope_id
FROM (
    SELECT indicator_id, period_id, scope_id FROM rollup_fresh
    UNION SELECT indicator_id, period_id, scope_id FROM rollup_gone
) AS own
JOIN rollup_scope AS b ON b.organization_id = own.scope_id
"""
STORED_ABOVE = """
SELECT r.* FROM rollup_touched AS t JOIN measures_rollup AS r
    ON r.initiative_id = %(initiative)s AND r.indicator_id = t.indicator_id
    AND r.scope = t.scope AND r.scope_id = t.scope_id AND r.period_id = t.period_id
"""
REMOVE = f"""
DELETE FROM measures_rollup WHERE initiative_id = %(initiative)s AND id IN (
    SELECT id FROM rollup_gone
    UNION ALL
    SELECT r.id FROM rollup_known AS r LEFT JOIN rollup_above AS n ON {KEY}
    WHERE n.indicator_id IS NULL
)
"""
WRITE = f"""
INSERT INTO measures_rollup AS old (initiative_id, {COLUMNS})
SELECT %(initiative)s, {COLUMNS} FROM (
    SELECT * FROM rollup_fresh
    UNION ALL
    SELECT n.* FROM rollup_above AS n LEFT JOIN rollup_known AS r ON {KEY}
    WHERE r.indicator_id IS NULL OR {DIFFERS}
) AS n
{OVERWRITE}
"""


def rewrite(cursor: Any) -> int:
    """Recompute the pairs in ``rollup_pair`` and what lies above them: how many rollups changed."""
    given = parameters()
    reduce_own(cursor, given)
    forget(cursor, "stored", "fresh", "gone", "touched", "beside", "known")
    make(cursor, "stored", STORED, given)
    differing = make(cursor, "fresh", FRESH, given) + make(cursor, "gone", GONE, given)
    if not differing:
        return 0
    make(cursor, "touched", TOUCHED, given)
    make(cursor, "beside", spans.BESIDE, given)
    make(cursor, "above", spans.above(touched=True), given)
    make(cursor, "known", STORED_ABOVE, given)
    cursor.execute(REMOVE, given)
    changed = int(cursor.rowcount)
    cursor.execute(WRITE, given)
    return changed + int(cursor.rowcount)
