"""Claim what is out of date, recompute it from scratch, and write what differs."""

from typing import Any

from django.db import connection

from initiatives.tenancy import current_initiative_id
from measures.rollups import at_once
from measures.rollups.differing import differing, rewrite, write
from measures.rollups.stages import PATIENCE, forget, make, reduce

ROLLUP_LOCK = 7202

CLAIM = """
WITH claimed AS (
    DELETE FROM measures_dirtykey
    WHERE initiative_id = %(initiative)s AND id IN (
        SELECT id FROM measures_dirtykey WHERE initiative_id = %(initiative)s
        ORDER BY id FOR UPDATE SKIP LOCKED
    )
    RETURNING indicator_id, organization_id, is_whole
)
SELECT indicator_id, organization_id, bool_or(is_whole) FROM claimed GROUP BY 1, 2
"""
EVERYTHING = """
SELECT indicator_id, organization_id FROM measures_observation
WHERE initiative_id = %(initiative)s
UNION SELECT indicator_id, organization_id FROM measures_assignment
WHERE initiative_id = %(initiative)s
UNION SELECT indicator_id, scope_id FROM measures_rollup
WHERE initiative_id = %(initiative)s AND scope = 'organization'
"""
ASKED = "SELECT count(*) FROM measures_assignment WHERE initiative_id = %(initiative)s"
MANY = 300  # pairs: fewer are recomputed at once
# In one order, and in a statement of its own: the next one then sees what the other wrote.
LOCK = """
SELECT pg_advisory_xact_lock(%s, turn) FROM (
    SELECT DISTINCT hashint8(%s::bigint # (indicator_id << 20)) AS turn FROM {pairs} ORDER BY 1
) AS turns
"""
GIVEN = "unnest(%s::bigint[]) AS pair (indicator_id)"
STORED = """
SELECT * FROM measures_rollup AS r
WHERE r.initiative_id = %(initiative)s
    AND r.indicator_id IN (SELECT indicator_id FROM rollup_indicator)
"""
STORED_OF_PAIRS = f"""
{STORED} AND (
    r.scope <> 'organization' OR EXISTS (
        SELECT FROM rollup_pair AS pair
        WHERE pair.indicator_id = r.indicator_id AND pair.organization_id = r.scope_id
    )
)
"""
COMPUTED = "SELECT * FROM rollup_own UNION ALL SELECT * FROM rollup_above"

# What pages of these numbers are known by. Last of all: other drains wait here until we commit.
COUNT_UP = """
INSERT INTO measures_rolluprevision AS old (initiative_id, number, changed_at)
VALUES (%(initiative)s, 1, now())
ON CONFLICT (initiative_id) DO UPDATE SET number = old.number + 1, changed_at = now()
"""


def drain() -> int:
    """Recompute what is marked in the initiative in scope: how many rollups changed.

    Two drains of one indicator take turns; one that dies leaves its marks where they were.
    """
    with connection.cursor() as cursor:
        cursor.execute(PATIENCE)
        pairs = claim(cursor)
        if not pairs:
            return 0
        is_whole = any(is_whole for *_, is_whole in pairs)
        indicators, organizations, _ = map(list, zip(*pairs, strict=True))
        if not is_whole and len(pairs) < MANY:
            cursor.execute(
                LOCK.format(pairs=GIVEN), [ROLLUP_LOCK, current_initiative_id(), indicators]
            )
            return count_up(cursor, at_once.rewrite(cursor, indicators, organizations))
        keep_pairs(cursor, indicators, organizations)
        if is_whole or are_most(cursor, len(pairs)):
            return recompute(cursor)
        take_turns(cursor)
        return count_up(cursor, rewrite(cursor))


def rebuild() -> int:
    """Recompute everything in the initiative in scope: how many rollups changed."""
    with connection.cursor() as cursor:
        cursor.execute(PATIENCE)
        claim(cursor)
        forget(cursor, "pair")
        make(cursor, "pair", EVERYTHING, {"initiative": current_initiative_id()})
        return recompute(cursor, everything=True)


def claim(cursor: Any) -> list[tuple[int, int, bool]]:
    """Take what is marked: indicator, organization, and whether more than its numbers changed."""
    cursor.execute(CLAIM, {"initiative": current_initiative_id()})
    return list(cursor.fetchall())


def are_most(cursor: Any, marked: int) -> bool:
    """Whether so many pairs are marked that to look for what differs costs more than to redo all.

    As after a large import. Both ways give the same rollups.
    """
    cursor.execute(ASKED, {"initiative": current_initiative_id()})
    return marked * 2 > int(cursor.fetchone()[0])


def keep_pairs(cursor: Any, indicators: list[int], organizations: list[int]) -> None:
    forget(cursor, "pair")
    cursor.execute(
        "CREATE TEMP TABLE rollup_pair ON COMMIT DROP AS"
        " SELECT * FROM unnest(%s::bigint[], %s::bigint[]) AS p (indicator_id, organization_id)",
        [indicators, organizations],
    )


def take_turns(cursor: Any) -> None:
    """Wait until nobody else recomputes these indicators, until the transaction ends."""
    cursor.execute(LOCK.format(pairs="rollup_pair"), [ROLLUP_LOCK, current_initiative_id()])


def recompute(cursor: Any, *, everything: bool = False) -> int:
    """Recompute the indicators of ``rollup_pair`` whole: how many rollups changed.

    ``everything``: every pair of them is there, so that nothing is taken from what is stored.
    """
    given = {"initiative": current_initiative_id()}
    take_turns(cursor)
    reduce(others=not everything)
    forget(cursor, "differing")
    stored = STORED if everything else STORED_OF_PAIRS
    make(cursor, "differing", differing(COMPUTED, stored), given)
    return count_up(cursor, write(cursor, given))


def count_up(cursor: Any, changed: int) -> int:
    if changed:
        cursor.execute(COUNT_UP, {"initiative": current_initiative_id()})
    return changed
