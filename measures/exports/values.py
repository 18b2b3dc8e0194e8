"""What is recorded, in the columns that the import reads. The server writes the lines itself."""

from collections.abc import Iterator

from django.db import connection

from initiatives.tenancy import current_initiative_id
from measures.arithmetic.texts import FORMULA_STARTS, INSIDE, SEPARATORS, SKIPPED
from measures.choices import FactStatus
from measures.models import Dimension, Observation

# ``measures.arithmetic.texts.inert``, as the server says it.
INERT = (
    "CASE WHEN left(ltrim({0}, %(skipped)s), 1) = ANY(%(starts)s) THEN '''' ELSE '' END"
    " || CASE WHEN translate({0}, %(separators)s, '') = {0} THEN {0}"
    " ELSE regexp_replace({0}, %(inside)s, '\\1''', 'g') END"
)
# A percentage that was given as such keeps its sign: 0.5 could be half of everything.
VALUE = """CASE
    WHEN o.status = 'suppressed' THEN 'suppressed'
    WHEN o.value IS NULL AND o.numerator IS NULL THEN 'N/A'
    WHEN o.value IS NULL THEN ''
    WHEN i.unit = '%%' OR i.kind = 'ratio' AND v.scale = 100 THEN trim_scale(o.value) || '%%'
    ELSE trim_scale(o.value)::text END"""
SURE = """CASE WHEN o.status IN ('provisional', 'estimated') THEN o.status
    WHEN o.status = 'normal' THEN 'final' ELSE '' END AS how_sure,"""
ROWS = """
COPY (
    WITH cell AS MATERIALIZED (
        SELECT c.id, {parts}
        FROM measures_cell AS c WHERE c.initiative_id = %(initiative)s
    ), version AS MATERIALIZED (
        SELECT DISTINCT ON (indicator_id) indicator_id, scale
        FROM measures_indicatorversion
        WHERE initiative_id = %(initiative)s AND superseded_at IS NULL
        ORDER BY indicator_id, effective_from DESC, id DESC
    )
    SELECT {organization} AS organization_code, {indicator} AS indicator_code,
        p.code AS period, {dimensions} {value} AS value,
        trim_scale(o.numerator) AS numerator, trim_scale(o.denominator) AS denominator,
        {sure} {note} AS comment
    FROM measures_observation AS o
    JOIN initiatives_organization AS g ON g.initiative_id = %(initiative)s AND g.id = o.organization_id
    JOIN measures_indicator AS i ON i.initiative_id = %(initiative)s AND i.id = o.indicator_id
    JOIN measures_period AS p ON p.initiative_id = %(initiative)s AND p.id = o.period_id
    LEFT JOIN version AS v ON v.indicator_id = i.id
    LEFT JOIN cell AS c ON c.id = o.cell_id
    WHERE o.initiative_id = %(initiative)s AND o.superseded_at IS NULL
) TO STDOUT WITH (FORMAT csv, HEADER)
"""


def _are_unsure() -> bool:
    """Whether any number is less than final: only then the file has a column that says so."""
    unsure = [FactStatus.PROVISIONAL, FactStatus.ESTIMATED]
    return bool(Observation.objects.current().filter(status__in=unsure).exists())


def lines_of_values() -> Iterator[bytes]:
    """The current facts of the initiative in scope as CSV, piece by piece as they are found."""
    codes = list(Dimension.objects.order_by("code").values_list("code", flat=True))
    values: dict[str, object] = {
        "initiative": current_initiative_id(),
        "starts": list(FORMULA_STARTS),
        "skipped": SKIPPED,
        "separators": SEPARATORS,
        "inside": INSIDE,
    }
    parts, columns = ["0 AS nothing"], []
    for number, code in enumerate(codes):
        values[f"code{number}"], values[f"name{number}"] = f"{code}=", code
        parts.append(
            f"(SELECT substr(part, length(%(code{number})s) + 1)"
            " FROM unnest(string_to_array(c.key, ';')) AS part"
            f" WHERE starts_with(part, %(code{number})s)) AS d{number}"
        )
        heading = connection.ops.quote_name(code).replace("%", "%%")
        columns.append(f"{INERT.format(f'c.d{number}')} AS {heading},")
    statement = ROWS.format(
        parts=", ".join(parts),
        dimensions=" ".join(columns),
        value=VALUE,
        organization=INERT.format("g.code"),
        indicator=INERT.format("i.code"),
        sure=SURE if _are_unsure() else "",
        note=INERT.format("o.note"),
    )
    # Put together first: where queries are logged, COPY takes no parameters.
    with (
        connection.cursor() as cursor,
        cursor.copy(cursor.mogrify(statement, values)) as copy,
    ):
        for piece in copy:
            yield bytes(piece)
