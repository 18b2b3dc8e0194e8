"""Rollups with the codes that people know, as stored or as they would have been."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from django.db import connection

from initiatives.tenancy import current_initiative_id
from measures.rollups.draining import EVERYTHING
from measures.rollups.stages import PATIENCE, forget, make, reduce

AT_ONCE = 2_000


class TableRow(NamedTuple):
    """One rollup by its codes; ``cell`` '' is the total."""

    indicator: str
    period: str
    scope: str
    scope_code: str
    cell: str
    numerator: Decimal | None
    denominator: Decimal | None
    value: Decimal | None
    expected: int
    reported: int
    status: str


STORED = "SELECT * FROM measures_rollup WHERE initiative_id = %(initiative)s"
REDUCED = "SELECT * FROM rollup_own UNION ALL SELECT * FROM rollup_above"


def coded(source: str) -> str:
    return f"""
    SELECT i.code, p.code, r.scope, coalesce(o.code, place.code, tenant.slug),
        coalesce(c.key, ''), r.numerator, r.denominator, r.value, r.expected, r.reported, r.status
    FROM ({source}) AS r
    JOIN measures_indicator AS i ON i.initiative_id = %(initiative)s AND i.id = r.indicator_id
    JOIN measures_period AS p ON p.initiative_id = %(initiative)s AND p.id = r.period_id
    JOIN initiatives_initiative AS tenant ON tenant.id = %(initiative)s
    LEFT JOIN measures_cell AS c ON c.initiative_id = %(initiative)s AND c.id = r.cell_id
    LEFT JOIN initiatives_organization AS o
        ON r.scope = 'organization' AND o.initiative_id = %(initiative)s AND o.id = r.scope_id
    LEFT JOIN initiatives_place AS place
        ON r.scope = 'place' AND place.initiative_id = %(initiative)s AND place.id = r.scope_id
    ORDER BY i.code, p.starts_on, p.ends_on, p.code, r.scope, 4, 5
    """


def table() -> Iterator[TableRow]:
    """The rollups stored for the initiative in scope."""
    yield from _rows(STORED)


def table_as_known(moment: datetime, *, today: date | None = None) -> Iterator[TableRow]:
    """The rollups as the facts known at ``moment`` make them; nothing is stored."""
    with connection.cursor() as cursor:
        cursor.execute(PATIENCE)
        forget(cursor, "pair")
        make(cursor, "pair", EVERYTHING, {"initiative": current_initiative_id()})
    reduce(known_at=moment, today=today or moment.date())
    yield from _rows(REDUCED)


def _rows(source: str) -> Iterator[TableRow]:
    # The rows stay with the server until they are asked for: there may be a million.
    with connection.chunked_cursor() as cursor:
        cursor.execute(coded(source), {"initiative": current_initiative_id()})
        while rows := cursor.fetchmany(AT_ONCE):
            yield from map(TableRow._make, rows)
