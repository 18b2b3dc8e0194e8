"""The good rows of one file in a table of the transaction, held against each other.

The rows go there as they are read, so that no file is ever held as a whole. ``change`` says what
a row is beside what is recorded (``new``, ``same``, ``changed``) or why it fell; ``kept`` is taken
from rows that fell. A line of a table with one column per indicator has a row for each: line and
indicator together are a row's name. :mod:`measures.ledger.staged` compares it and writes from it.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import islice
from typing import NamedTuple

from django.db import connection

from initiatives.tenancy import current_initiative_id
from measures.choices import FactStatus
from measures.imports.amounts import Outcome, Row

AT_ONCE = 5_000
LINES_NAMED = 12  # of rows that say the same or contradict each other

# One statement is over all rows: it may take longer than one of a page, and wait for longer.
PATIENCE = "SET LOCAL statement_timeout = '2min'; SET LOCAL lock_timeout = '15s'"
CREATE = """
DROP TABLE IF EXISTS pg_temp.import_row;
CREATE TEMPORARY TABLE import_row (
    line bigint, outcome text, said numeric,
    indicator_id bigint, organization_id bigint, period_id bigint, round_id bigint,
    cell_id bigint, value numeric(40,10), numerator numeric(40,10), denominator numeric(40,10),
    status text, is_sure_said boolean, note text,
    kept boolean DEFAULT true, change text DEFAULT 'new', fact_id bigint
) ON COMMIT DROP
"""
COPY = """
COPY pg_temp.import_row (
    line, outcome, said, indicator_id, organization_id, period_id, round_id, cell_id,
    value, numerator, denominator, status, is_sure_said, note
) FROM STDIN
"""
ANALYZE = """
ANALYZE pg_temp.import_row (indicator_id, organization_id, period_id, round_id, cell_id)
"""
ANY_TWINS = """
SELECT 1 FROM pg_temp.import_row
GROUP BY indicator_id, organization_id, period_id, cell_id HAVING count(*) > 1 LIMIT 1
"""
INDEX_TWINS = """
CREATE INDEX ON pg_temp.import_row
    (indicator_id, organization_id, period_id, coalesce(cell_id, 0))
"""
# Of rows that say the same the first counts; rows that contradict each other all fall.
TWINS = """
WITH twin AS (
    SELECT line, indicator_id, min(line) OVER said AS first, count(*) OVER said AS copies,
        dense_rank() OVER (said ORDER BY outcome, said, numerator, denominator, status)
            + dense_rank() OVER (
                said ORDER BY
                    outcome DESC, said DESC, numerator DESC, denominator DESC, status DESC
            ) - 1 AS sayings
    FROM pg_temp.import_row
    WINDOW said AS (PARTITION BY indicator_id, organization_id, period_id, cell_id)
)
UPDATE pg_temp.import_row AS r
SET kept = false, change = CASE WHEN sayings > 1 THEN 'contradicted' ELSE 'repeated' END
FROM twin
WHERE twin.line = r.line AND twin.indicator_id = r.indicator_id AND copies > 1 AND (sayings > 1 OR r.line > twin.first)
"""
# The lines of each group are looked for once, not once for each of its rows: all rows of a file may
# say the same.
TWINS_TOLD = """
WITH told AS MATERIALIZED (
    SELECT *, coalesce(cell_id, 0) AS cell FROM pg_temp.import_row
    WHERE change IN ('contradicted', 'repeated') ORDER BY line LIMIT %(most)s
), twin AS MATERIALIZED (
    SELECT DISTINCT indicator_id, organization_id, period_id, cell FROM told
), named AS MATERIALIZED (
    SELECT twin.*, (
        SELECT string_agg(line::text, ', ' ORDER BY line) FROM (
            SELECT g.line FROM pg_temp.import_row AS g
            WHERE (g.indicator_id, g.organization_id, g.period_id, coalesce(g.cell_id, 0))
                = (twin.indicator_id, twin.organization_id, twin.period_id, twin.cell)
            ORDER BY g.line LIMIT %(named)s
        ) AS first
    ) AS lines
    FROM twin
)
SELECT line, indicator_id, change, said::text, lines
FROM told JOIN named USING (indicator_id, organization_id, period_id, cell) ORDER BY line
"""
# A total that its own groups are more than. What a file leaves out may be recorded: not looked at.
OUTGROWN = """
SELECT count(*) OVER (), line, CASE WHEN tops > top THEN tops ELSE bottoms END::text,
    CASE WHEN tops > top THEN top ELSE bottom END::text
FROM (
    SELECT min(r.line) FILTER (WHERE r.cell_id IS NULL) AS line,
        trim_scale(sum(coalesce(r.value, r.numerator)) FILTER (WHERE c.is_leaf)) AS tops,
        trim_scale(max(coalesce(r.value, r.numerator)) FILTER (WHERE r.cell_id IS NULL)) AS top,
        trim_scale(sum(r.denominator) FILTER (WHERE c.is_leaf)) AS bottoms,
        trim_scale(max(r.denominator) FILTER (WHERE r.cell_id IS NULL)) AS bottom
    FROM pg_temp.import_row AS r
    LEFT JOIN measures_cell AS c ON c.initiative_id = %(initiative)s AND c.id = r.cell_id
    WHERE r.kept
    GROUP BY r.indicator_id, r.organization_id, r.period_id
) AS said
WHERE tops > top OR bottoms > bottom ORDER BY line LIMIT 1
"""
TOLD = """
SELECT line, indicator_id, coalesce(said, numerator)::text FROM pg_temp.import_row
WHERE change = %s ORDER BY line LIMIT %s
"""


class Change(NamedTuple):
    """A fact that the file would change: what stands, and what the file says."""

    line: int
    organization: str
    indicator: str
    period: str
    cell: str
    before: str
    after: str


CHANGES = """
WITH r AS MATERIALIZED (
    SELECT * FROM pg_temp.import_row
    WHERE change IN ('changed', 'unexplained') ORDER BY line LIMIT %(most)s
)
SELECT r.line, g.name, i.code, p.code, coalesce(c.name, ''),
    coalesce(trim_scale(o.value)::text,
        trim_scale(o.numerator) || ' / ' || trim_scale(o.denominator), o.status)
        || CASE WHEN r.is_sure_said AND o.status <> r.status THEN ', ' || replace(o.status, 'normal', 'final') ELSE '' END,
    coalesce(trim_scale(r.value)::text,
        trim_scale(r.numerator) || ' / ' || trim_scale(r.denominator), r.status)
        || CASE WHEN r.is_sure_said AND o.status <> r.status THEN ', ' || replace(r.status, 'normal', 'final') ELSE '' END
FROM r
JOIN measures_observation AS o ON o.initiative_id = %(initiative)s AND o.id = r.fact_id
JOIN initiatives_organization AS g
    ON g.initiative_id = %(initiative)s AND g.id = r.organization_id
JOIN measures_indicator AS i ON i.initiative_id = %(initiative)s AND i.id = r.indicator_id
JOIN measures_period AS p ON p.initiative_id = %(initiative)s AND p.id = r.period_id
LEFT JOIN measures_cell AS c ON c.initiative_id = %(initiative)s AND c.id = r.cell_id
ORDER BY r.line
"""


def stage(rows: Iterable[tuple[Row, int]]) -> None:
    """Put ``rows``, each with its round, into a new table of this transaction."""
    waiting = iter(rows)
    with connection.cursor() as cursor:
        cursor.execute(PATIENCE)
        cursor.execute(CREATE)
        # A batch at a time: a row may be found unreadable, and a COPY cannot be left half-way.
        while batch := "".join(_lines(islice(waiting, AT_ONCE))):
            with cursor.copy(COPY) as copy:
                copy.write(batch)
        cursor.execute(ANALYZE)


def _lines(rows: Iterator[tuple[Row, int]]) -> Iterator[str]:
    for row, round_id in rows:
        pair = row.denominator is not None
        suppressed = row.outcome is Outcome.SUPPRESSED
        yield (
            "\t".join(
                (
                    str(row.line),
                    row.outcome,
                    _number(row.value),
                    str(row.indicator_id),
                    str(row.organization_id),
                    str(row.period_id),
                    str(round_id),
                    "\\N" if row.cell_id is None else str(row.cell_id),
                    "\\N" if pair else _number(row.value),
                    _number(row.numerator),
                    _number(row.denominator),
                    _status(row, suppressed=suppressed),
                    "t" if row.sure and not suppressed else "f",
                    _text(row.comment) if row.comment else "",
                )
            )
            + "\n"
        )


def _status(row: Row, *, suppressed: bool) -> str:
    """Of no number nobody can be sure."""
    return FactStatus.SUPPRESSED.value if suppressed else row.sure or FactStatus.NORMAL.value


def _number(number: Decimal | None) -> str:
    return "\\N" if number is None else str(number)


def _text(text: str) -> str:
    for plain, escaped in (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r")):
        text = text.replace(plain, escaped)
    return text


class Told(NamedTuple):
    """A row that fell in the staging: its line and indicator, why, what it said, its like by line."""

    line: int
    indicator_id: int
    why: str
    said: str
    lines: str = ""


def settle_duplicates(most: int) -> list[Told]:
    """A second copy of a row is left out; rows that contradict each other all fall."""
    with connection.cursor() as cursor:
        cursor.execute(ANY_TWINS)
        if cursor.fetchone() is None:
            return []
        cursor.execute(INDEX_TWINS)
        cursor.execute(TWINS)
        cursor.execute(TWINS_TOLD, {"named": LINES_NAMED, "most": most})
        return [Told(at, which, why, said or "", lines) for at, which, why, said, lines in cursor]


class Outgrown(NamedTuple):
    """How many totals are less than their groups; and of the first its line, and both numbers."""

    totals: int
    line: int
    groups: str
    total: str


def outgrown() -> Outgrown | None:
    """The totals of the file that its own groups are more than, if there are any."""
    with connection.cursor() as cursor:
        cursor.execute(OUTGROWN, {"initiative": current_initiative_id()})
        found = cursor.fetchone()
    return Outgrown(*found) if found else None


def fallen(why: str, most: int) -> list[Told]:
    """The first rows that fell for one reason when they were held against what is stored."""
    with connection.cursor() as cursor:
        cursor.execute(TOLD, [why, most])
        return [Told(at, which, why, said or "") for at, which, said in cursor]


def changes(most: int) -> list[Change]:
    """The first facts that the file says anew."""
    with connection.cursor() as cursor:
        cursor.execute(CHANGES, {"initiative": current_initiative_id(), "most": most})
        return [Change(*each) for each in cursor]


def tally() -> dict[tuple[str, str], int]:
    """How many rows of each outcome came to what."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT outcome, change, count(*) FROM pg_temp.import_row GROUP BY 1, 2")
        return {(outcome, change): count for outcome, change, count in cursor}
