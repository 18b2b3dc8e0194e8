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


def make(cursor: Any, name: str, select: str, parameters: dict[str, Any]) -> int:
    """Keep what ``select`` finds as ``rollup_<name>`` until the transaction ends; how many rows."""
    cursor.execute(f"DROP TABLE IF EXISTS pg_temp.rollup_{name}")
    cursor.execute(f"CREATE TEMP TABLE rollup_{name} ON COMMIT DROP AS {select}", parameters)
    found: int = cursor.rowcount
    cursor.execute(f"ANALYZE rollup_{name}")
    return found


def reduce(*, known_at: datetime | None = None, today: date | None = None) -> None:
    """Reduce the facts of the pairs in ``rollup_pair`` into ``rollup_own`` and ``rollup_above``.

    ``known_at``: with the facts as they were known then, and nothing of what is stored.
    """
    given: dict[str, Any] = {
        "initiative": current_initiative_id(),
        "statuses": list(STATUSES),
        "known_at": known_at,
        "today": today or timezone.localdate(),
    }
    with connection.cursor() as cursor:
        cursor.execute(PATIENCE)
        for name, select in (
            ("indicator", agreement.INDICATORS),
            ("span", agreement.SPANS),
            ("held", agreement.HELD),
            ("expected", agreement.EXPECTED),
            ("asked", agreement.ASKED),
            ("scope", agreement.SCOPES),
            ("fact", slots.FACTS),
            ("leaf", slots.LEAVES),
            ("slot", slots.SLOTS),
        ):
            make(cursor, name, select, given)
        if make(cursor, "carried", slots.CARRIED, given):
            for statement in slots.REPLACE:
                cursor.execute(statement)
        make(cursor, "own", spans.OWN, given)
        if known_at is None:
            cursor.execute(spans.OTHERS, given)
            if cursor.rowcount:
                cursor.execute("ANALYZE rollup_own")
        make(cursor, "above", spans.ABOVE, given)
