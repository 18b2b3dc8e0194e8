"""The rows of one file, held against each other."""

from collections import defaultdict

from django.utils.translation import gettext as _

from measures.imports.amounts import Outcome, Row
from measures.imports.problems import Code, Problem

Key = tuple[int | None, int | None, int | None, int | None]


def key_of(row: Row) -> Key:
    return (row.indicator_id, row.organization_id, row.period_id, row.cell_id)


def settle_duplicates(rows: list[Row]) -> None:
    """A second copy of a row is left out; rows that contradict each other are all refused."""
    groups: dict[Key, list[Row]] = defaultdict(list)
    for row in rows:
        if row.stored:
            groups[key_of(row)].append(row)
    for group in groups.values():
        if len(group) > 1:
            _settle(group)


def _settle(group: list[Row]) -> None:
    lines = ", ".join(str(row.line) for row in group)
    first = group[0]
    if all(_said(row) == _said(first) for row in group):
        for row in group[1:]:
            row.outcome, row.stored = Outcome.IGNORE, False
            row.warnings.append(_("Rows %(lines)s say the same; one counts.") % {"lines": lines})
        return
    for row in group:
        row.outcome, row.stored = Outcome.REJECT, False
        row.problems.append(
            Problem(
                Code.DUPLICATE,
                "value",
                "" if row.value is None else str(row.value),
                _("Rows %(lines)s say different things about the same value.") % {"lines": lines},
                _("Keep the one that is right."),
            )
        )


def _said(row: Row) -> tuple[object, ...]:
    return (row.outcome, row.value, row.numerator, row.denominator)
