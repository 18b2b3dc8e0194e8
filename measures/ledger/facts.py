"""The one writer of facts: adds what differs, stamps what it replaces, marks what to recompute."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import connection

from initiatives import jobs
from initiatives.tenancy import current_initiative_id

LEDGER_LOCK = 7201
AT_ONCE = 5_000  # facts to a statement: each stays well within the time a statement has


@dataclass(frozen=True, slots=True)
class NewFact:
    """What an organization says of one cell of one period; ``cell_id`` None is the total."""

    indicator_id: int
    organization_id: int
    period_id: int
    cell_id: int | None = None
    value: Decimal | None = None
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    status: str = "normal"
    note: str = ""
    is_late: bool = False
    submission_id: int | None = None

    @property
    def key(self) -> tuple[int, int, int, int | None]:
        return (self.indicator_id, self.organization_id, self.period_id, self.cell_id)


# Two writers of one organization take turns; each then sees what the other wrote.
LOCK = """
SELECT pg_advisory_xact_lock(%s, turn) FROM (
    SELECT DISTINCT hashint8(%s::bigint # (organization << 20)) AS turn
    FROM unnest(%s::bigint[]) AS organization ORDER BY 1
) AS turns
"""
INCOMING = """
SELECT * FROM unnest(
    %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[],
    %s::numeric(40,10)[], %s::numeric(40,10)[], %s::numeric(40,10)[],
    %s::text[], %s::text[], %s::boolean[], %s::bigint[]
) WITH ORDINALITY AS f (
    indicator_id, organization_id, period_id, cell_id, value, numerator, denominator,
    status, note, is_late, submission_id, position
)
"""
DIFFERING = f"""
WITH f AS ({INCOMING})
SELECT f.position, o.id FROM f
LEFT JOIN measures_observation AS o
    ON o.initiative_id = %s AND o.superseded_at IS NULL
    AND o.indicator_id = f.indicator_id AND o.organization_id = f.organization_id
    AND o.period_id = f.period_id AND o.cell_id IS NOT DISTINCT FROM f.cell_id
WHERE o.id IS NULL OR (o.value, o.numerator, o.denominator, o.status, o.note)
    IS DISTINCT FROM (f.value, f.numerator, f.denominator, f.status, f.note)
"""
SUPERSEDE = """
UPDATE measures_observation SET superseded_at = %s
WHERE initiative_id = %s AND id = ANY(%s)
"""
INSERT = f"""
INSERT INTO measures_observation (
    initiative_id, indicator_id, organization_id, period_id, cell_id,
    value, numerator, denominator, status, note, is_late, submission_id,
    reason, reason_text, recorded_by_id, recorded_at
)
SELECT %s, indicator_id, organization_id, period_id, cell_id,
    value, numerator, denominator, status, note, is_late, submission_id, %s, %s, %s, %s
FROM ({INCOMING}) AS f ORDER BY position
"""
MARK = """
INSERT INTO measures_dirtykey (initiative_id, indicator_id, organization_id, period_id)
SELECT DISTINCT %s::bigint, k.indicator, k.organization, k.period
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS k (indicator, organization, period)
"""
# Any period of an indicator stands for all: a pair is recomputed whole.
MARK_ALL = """
INSERT INTO measures_dirtykey (initiative_id, indicator_id, organization_id, period_id, is_whole)
SELECT i.initiative_id, i.id, k.organization_id, first.id, true
FROM measures_indicator AS i
JOIN LATERAL (
    SELECT organization_id FROM measures_observation AS o
    WHERE o.initiative_id = i.initiative_id AND o.indicator_id = i.id
    UNION SELECT organization_id FROM measures_assignment AS a
    WHERE a.initiative_id = i.initiative_id AND a.indicator_id = i.id
) AS k ON true
JOIN LATERAL (
    SELECT p.id FROM measures_period AS p
    WHERE p.initiative_id = i.initiative_id AND p.calendar_id = i.calendar_id
        AND p.frequency = i.frequency
    ORDER BY p.starts_on LIMIT 1
) AS first ON true
WHERE i.initiative_id = %s AND (%s::bigint[] IS NULL OR i.id = ANY(%s::bigint[]))
    AND (%s::bigint[] IS NULL OR k.organization_id = ANY(%s::bigint[]))
"""


def take_turns(organization_ids: Iterable[int]) -> None:
    """Wait until nobody else writes facts of these organizations, until the transaction ends.

    Whoever locks rows of theirs besides (submissions, facts to correct) takes the turns first: in one
    order, so that no two wait for each other.
    """
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [LEDGER_LOCK, current_initiative_id(), list(organization_ids)])


def record(
    facts: Iterable[NewFact], *, user_id: int | None, reason: str = "", reason_text: str = ""
) -> int:
    """Write the facts that differ from the current ones; how many.

    Of two facts for one key the later counts. A fact already recorded is left as it is, so
    recording twice is recording once.
    """
    latest = list({fact.key: fact for fact in facts}.values())
    if not latest:
        return 0
    take_turns({fact.organization_id for fact in latest})
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        (now,) = cursor.fetchone()
        because = [reason, reason_text, user_id, now]
        written = sum(
            _write(cursor, latest[first : first + AT_ONCE], because)
            for first in range(0, len(latest), AT_ONCE)
        )
    if written:
        jobs.enqueue("rollup")
    return written


def _write(cursor: Any, latest: Sequence[NewFact], because: Sequence[Any]) -> int:
    initiative, now = current_initiative_id(), because[-1]
    cursor.execute(DIFFERING, [*_columns(latest), initiative])
    found = cursor.fetchall()
    changed = [latest[position - 1] for position, _ in sorted(found, key=lambda row: row[0])]
    if not changed:
        return 0
    replaced = [observation for _, observation in found if observation is not None]
    if replaced:
        cursor.execute(SUPERSEDE, [now, initiative, replaced])
    cursor.execute(INSERT, [initiative, *because, *_columns(changed)])
    cursor.execute(MARK, [initiative, *_columns(changed)[:3]])
    return len(changed)


def mark_dirty(
    indicator_ids: Iterable[int] | None = None, organization_ids: Iterable[int] | None = None
) -> int:
    """Have everything recomputed, or the given indicators or organizations: how many pairs."""
    chosen, of = (None if ids is None else list(ids) for ids in (indicator_ids, organization_ids))
    with connection.cursor() as cursor:
        cursor.execute(MARK_ALL, [current_initiative_id(), chosen, chosen, of, of])
        marked = cursor.rowcount
    if marked:
        jobs.enqueue("rollup")
    return marked


def _columns(facts: Sequence[NewFact]) -> list[list[Any]]:
    return [
        [getattr(fact, name) for fact in facts]
        for name in (
            *("indicator_id", "organization_id", "period_id", "cell_id"),
            *("value", "numerator", "denominator", "status", "note", "is_late", "submission_id"),
        )
    ]
