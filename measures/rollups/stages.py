"""The stages in their order, each into a table that lives until the transaction ends."""

from datetime import date, datetime
from typing import Any

from django.db import connection
from django.utils import timezone

from initiatives.tenancy import current_initiative_id
from measures.arithmetic import STATUSES
from measures.rollups import agreement, slots, spans

# Tables of one transaction are joined by hash. Loops, and merges on a part of the key, are what the
# planner chooses where it takes a table to be nearly empty: a disaster if it is not, and no gain if
# it is. Looking up a LATERAL by its key stays a loop: there is no other way.
PATIENCE = """
SET LOCAL statement_timeout = '240s'; SET LOCAL lock_timeout = '60s'; SET LOCAL work_mem = '64MB';
SET LOCAL enable_nestloop = off; SET LOCAL enable_mergejoin = off;
SET LOCAL default_statistics_target = 10; SET LOCAL jit = off
"""


STAGES = (
    ("indicator", agreement.INDICATORS),
    ("span", agreement.SPANS),
    ("held", agreement.HELD),
    ("expected", agreement.EXPECTED),
    ("asked", agreement.ASKED),
    ("scope", agreement.SCOPES),
    ("fact", slots.FACTS),
    ("slot", slots.SLOTS),
    ("carried", slots.CARRIED),
    ("own", spans.OWN),
)
FEW = 1_000  # rows: the planner guesses them well enough without having counted
COUNTED = {  # what it has to know of a larger one: the columns that rows are joined and grouped by
    "pair": "indicator_id, organization_id",
    "span": "indicator_id, period_id",
    "held": "indicator_id, native_id, period_id",
    "expected": "indicator_id, organization_id, period_id",
    "asked": "indicator_id, organization_id, period_id",
    "scope": "organization_id, seat",
    "fact": "indicator_id, organization_id, period_id, cell_id",
    "slot": "indicator_id, organization_id, node_id, period_id",
    "own": "indicator_id, scope_id, period_id, cell_id",
    "other": "indicator_id, scope_id, period_id, cell_id",
}


def make(cursor: Any, name: str, select: str, parameters: dict[str, Any]) -> int:
    """Keep what ``select`` finds as ``rollup_<name>`` until the transaction ends; how many rows."""
    cursor.execute(f"CREATE TEMP TABLE rollup_{name} ON COMMIT DROP AS {select}", parameters)
    found: int = cursor.rowcount
    if found > FEW and name in COUNTED:
        cursor.execute(f"ANALYZE rollup_{name} ({COUNTED[name]})")
    return found


def forget(cursor: Any, *names: str) -> None:
    """Drop what an earlier run in this transaction kept."""
    tables = ", ".join(f"pg_temp.rollup_{name}" for name in names)
    cursor.execute(f"DROP TABLE IF EXISTS {tables}")


def reduce(
    *, known_at: datetime | None = None, today: date | None = None, others: bool = False
) -> None:
    """Reduce the facts of the pairs in ``rollup_pair`` into ``rollup_own`` and ``rollup_above``.

    ``known_at``: with the facts as they were known then. ``others``: with what is stored of the
    organizations that are in no pair.
    """
    given = parameters(known_at, today)
    with connection.cursor() as cursor:
        reduce_own(cursor, given)
        source = "SELECT * FROM rollup_own"
        if others:
            forget(cursor, "other")
            make(cursor, "other", spans.OTHERS, given)
            source += " UNION ALL SELECT * FROM rollup_other"
        make(cursor, "above", spans.above(source), given)


def parameters(known_at: datetime | None = None, today: date | None = None) -> dict[str, Any]:
    """What the statements of all stages are given."""
    return {
        "initiative": current_initiative_id(),
        "statuses": list(STATUSES),
        "known_at": known_at,
        "today": today or timezone.localdate(),
    }


def reduce_own(cursor: Any, given: dict[str, Any]) -> None:
    """The stages below: the facts of the pairs in ``rollup_pair`` become ``rollup_own``."""
    cursor.execute(PATIENCE)
    forget(cursor, *(name for name, _select in STAGES), "above")
    for name, select in STAGES:
        found = make(cursor, name, select, given)
        if name == "carried" and found:
            for statement in slots.REPLACE:
                cursor.execute(statement)
