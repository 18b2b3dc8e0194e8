"""A drain of few pairs: every stage in one statement.

To make and drop twenty tables takes longer than to fill them with little. So the stages are named
parts of a single statement here, of the same SQL under the same names. What they find is not
counted in between, which only what is large needs.
"""

from collections.abc import Iterator
from typing import Any

from measures.rollups import agreement, slots, spans
from measures.rollups.differing import (
    REMOVE,
    STORED,
    STORED_ABOVE,
    TOUCHED,
    WRITE,
    differing,
)
from measures.rollups.stages import STAGES, parameters

PAIRS = """
SELECT * FROM unnest(%(indicators)s::bigint[], %(organizations)s::bigint[])
    AS pair (indicator_id, organization_id)
"""
# Stages that need less of what was agreed, or read what cannot be written to.
INSTEAD = {
    "expected": agreement.EXPECTED_OF_PAIRS,
    "own": spans.OWN_OF.format(slots="rollup_replaced"),
}
BOTH = "SELECT * FROM rollup_differing_own UNION ALL SELECT * FROM rollup_differing_above"
CHANGED = "SELECT (SELECT count(*) FROM removed) + (SELECT count(*) FROM written)"


def rewrite(cursor: Any, indicators: list[int], organizations: list[int]) -> int:
    """Recompute these pairs and what lies above them: how many rollups changed.

    The same as ``differing.rewrite`` with the pairs in ``rollup_pair``.
    """
    given = parameters() | {"indicators": indicators, "organizations": organizations}
    cursor.execute("SET LOCAL enable_sort = off")
    cursor.execute(STATEMENT, given)
    return int(cursor.fetchone()[0])


def _parts() -> Iterator[tuple[str, str]]:
    yield "pair", PAIRS
    for name, select in STAGES:
        if name == "own":
            yield "replaced", slots.REPLACED
        yield name, INSTEAD.get(name, select)
    yield "differing_own", differing("SELECT * FROM rollup_own", STORED)
    yield "touched", TOUCHED.format(differing="rollup_differing_own")
    yield "asked_above", agreement.ASKED_BESIDE
    yield "above", spans.above(spans.BESIDE, asked="rollup_asked_above", touched=True)
    yield "differing_above", differing("SELECT * FROM rollup_above", STORED_ABOVE)
    yield "differing", BOTH


def _statement() -> str:
    # MATERIALIZED, or the planner would work a part out anew wherever it is named once.
    parts = [f"rollup_{name} AS MATERIALIZED ({select})" for name, select in _parts()]
    parts += [f"removed AS ({REMOVE} RETURNING id)", f"written AS ({WRITE} RETURNING id)"]
    return f"WITH {', '.join(parts)} {CHANGED}"


STATEMENT = _statement()
