"""Write what differs from what is stored, and nothing else.

Where only numbers changed, what was agreed stands as it did: a place or the initiative has another
number of a period and a cell only if one of its organizations has. So the organizations' numbers
are compared first, and what lies above is taken anew for those periods and cells alone.
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
SELECT r.* FROM rollup_pair AS pair CROSS JOIN LATERAL (
    SELECT * FROM measures_rollup AS each
    WHERE each.initiative_id = %(initiative)s AND each.indicator_id = pair.indicator_id
        AND each.scope = 'organization' AND each.scope_id = pair.organization_id
    OFFSET 0
) AS r
"""
TOUCHED = """
SELECT DISTINCT own.indicator_id, own.period_id, coalesce(own.cell_id, 0) AS cell,
    b.scope, b.scope_id, b.seat
FROM {differing} AS own JOIN rollup_scope AS b ON b.organization_id = own.scope_id
"""
STORED_ABOVE = """
SELECT r.* FROM rollup_touched AS t CROSS JOIN LATERAL (
    SELECT * FROM measures_rollup AS each
    WHERE each.initiative_id = %(initiative)s AND each.indicator_id = t.indicator_id
        AND each.scope = t.scope AND each.scope_id = t.scope_id AND each.period_id = t.period_id
        AND coalesce(each.cell_id, 0) = t.cell
    OFFSET 0
) AS r
"""
REMOVE = """
DELETE FROM measures_rollup WHERE initiative_id = %(initiative)s AND id = ANY(ARRAY(
    SELECT stored_id FROM rollup_differing WHERE is_gone
))
"""
# In the order of the key: neighbours in the index are written one after the other. All of one run
# have one moment, that of its transaction: by it a number is known to be of the run that counted up.
WRITE = f"""
INSERT INTO measures_rollup AS old (initiative_id, computed_at, {COLUMNS})
SELECT %(initiative)s, now(), {COLUMNS} FROM rollup_differing WHERE NOT is_gone
ORDER BY indicator_id, scope, scope_id, period_id, cell_id
{OVERWRITE}
"""


def differing(fresh: str, stored: str) -> str:
    """SQL for the rows of ``fresh`` that are not stored so, and for those stored that are gone."""
    return f"""
    SELECT r.id AS stored_id, n.indicator_id IS NULL AS is_gone,
        coalesce(n.indicator_id, r.indicator_id) AS indicator_id, coalesce(n.scope, r.scope) AS scope,
        coalesce(n.scope_id, r.scope_id) AS scope_id, coalesce(n.period_id, r.period_id) AS period_id,
        coalesce(n.cell_id, r.cell_id) AS cell_id, {", ".join(f"n.{name}" for name in NUMBERS)}
    FROM ({fresh}) AS n FULL JOIN ({stored}) AS r ON {KEY}
    WHERE r.indicator_id IS NULL OR n.indicator_id IS NULL OR {DIFFERS}
    """


def rewrite(cursor: Any) -> int:
    """Recompute the pairs in ``rollup_pair`` and what lies above them: how many rollups changed."""
    given = parameters()
    reduce_own(cursor, given)
    forget(cursor, "differing", "touched", "above")
    if not make(cursor, "differing", differing("SELECT * FROM rollup_own", STORED), given):
        return 0
    make(cursor, "touched", TOUCHED.format(differing="rollup_differing"), given)
    touched = spans.above(spans.BESIDE, asked=spans.ASKED_IN_TOUCHED, touched=True)
    make(cursor, "above", touched, given)
    above = differing("SELECT * FROM rollup_above", STORED_ABOVE)
    cursor.execute(f"INSERT INTO rollup_differing {above}", given)
    return write(cursor, given)


def write(cursor: Any, given: dict[str, Any]) -> int:
    """Bring what is stored to what ``rollup_differing`` says: how many rollups changed."""
    cursor.execute(REMOVE, given)
    gone = int(cursor.rowcount)
    cursor.execute(WRITE, given)
    return gone + int(cursor.rowcount)
