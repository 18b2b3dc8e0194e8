"""The stages in their order, each into a table that lives until the transaction ends."""

from datetime import date, datetime
from typing import Any

from django.db import connection
from django.utils import timezone

from initiatives.tenancy import current_initiative_id
from measures.arithmetic import STATUSES
from measures.rollups import agreement, slots, spans

PATIENCE = """
SET LOCAL statement_timeout = '240s'; SET LOCAL lock_timeout = '60s'; SET LOCAL work_mem = '64MB'
"""


STAGES = (
    ("indicator", agreement.INDICATORS),
    ("span", agreement.SPANS),
    ("held", agreement.HELD),
    ("expected", agreement.EXPECTED),
    ("asked", agreement.ASKED),
    ("scope", agreement.SCOPES),
    ("fact", slots.FACTS),
    ("leaf", slots.LEAVES),
    ("slot", slots.SLOTS),
    ("carried", slots.CARRIED),
    ("own", spans.OWN),
)
FEW = 300  # rows: the planner guesses them well enough without having counted
COUNTED = {"indicator", "touched"}  # by these it finds its way into the large tables
READ_ONCE = {"beside"}  # whole, so that counting costs more than it brings


def make(cursor: Any, name: str, select: str, parameters: dict[str, Any]) -> int:
    """Keep what ``select`` finds as ``rollup_<name>`` until the transaction ends; how many rows."""
    cursor.execute(f"CREATE TEMP TABLE rollup_{name} ON COMMIT DROP AS {select}", parameters)
    found: int = cursor.rowcount
    if name in COUNTED or (found > FEW and name not in READ_ONCE):
        cursor.execute(f"ANALYZE rollup_{name}")
    return found


def forget(cursor: Any, *names: str) -> None:
    """Drop what an earlier run in this transaction kept."""
    tables = ", ".join(f"pg_temp.rollup_{name}" for name in names)
    cursor.execute(f"DROP TABLE IF EXISTS {tables}")


def reduce(*, known_at: datetime | None = None, today: date | None = None) -> None:
    """Reduce the facts of the pairs in ``rollup_pair`` into ``rollup_own`` and ``rollup_above``.

    ``known_at``: with the facts as they were known then, and nothing of what is stored.
    """
    given = parameters(known_at, today)
    with connection.cursor() as cursor:
        reduce_own(cursor, given)
        if known_at is None:
            cursor.execute(spans.OTHERS, given)
            if cursor.rowcount:
                cursor.execute("ANALYZE rollup_own")
        make(cursor, "above", spans.above(), given)


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
