"""One record, checked against everything it names: a fact to store, or all that is wrong with it.

Nothing stops at the first error: a person mends a file once, not nine times.
"""

import unicodedata
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple, TypeVar

from django.utils.translation import gettext as _

from measures.arithmetic.texts import as_written
from measures.imports import sureness
from measures.imports.amounts import SHORT_DIGITS, Amounts, Outcome, Row, read_amounts, take
from measures.imports.indicators import REMEMBERED, IndicatorKey, Missed
from measures.imports.keys import Keys, PeriodKey
from measures.imports.numbers import Number, Style
from measures.imports.problems import Problem, Record
from measures.imports.table import Table

Found = TypeVar("Found")


class _Series(NamedTuple):
    """What one indicator's code and one period's text come to, if both are as they should be."""

    indicator: IndicatorKey
    period: PeriodKey


class Checker:
    """Checks the records of one file; remembers what it has looked up."""

    def __init__(self, table: Table, keys: Keys, style: Style) -> None:
        self._keys, self._style = keys, style
        at = table.columns.get
        self._code, self._name = at("organization_code"), at("organization_name")
        self._indicator, self._period = table.columns["indicator_code"], table.columns["period"]
        self._value, self._comment = at("value"), at("comment")
        self._numerator, self._denominator = at("numerator"), at("denominator")
        self._dimensions = list(table.dimensions.items())
        self._sure = at(sureness.COLUMN)
        places = (self._numerator, self._denominator, self._comment, self._sure)
        self._others = [place for place in places if place is not None]
        self._numbers = {self._value, self._numerator, self._denominator}
        self._is_plain = (
            self._code is not None
            and self._value is not None
            and self._name is None
            and keys.own is None
        )
        self._series: dict[tuple[str, str], _Series | None] = {}
        self._table = table

    def check(self, record: Record) -> Row:
        return self._quick(record) or self._slow(record)

    def _quick(self, record: Record) -> Row | None:
        """The plain row: known codes, one whole number, nothing else. None: look closer."""
        cells = record.cells
        if record.problem is not None or not cells or not self._is_plain:
            return None
        organization = self._keys.organizations.get(cells[self._code or 0])
        text = cells[self._value or 0]
        if (
            organization is None
            or not text.isdigit()
            or not text.isascii()
            or len(text) > SHORT_DIGITS
            or any(cells[place] for place in self._others)
        ):
            return None
        name, period_text = cells[self._indicator], cells[self._period]
        if (name, period_text) in self._series:
            series = self._series[name, period_text]
        else:
            series = self._series_of(name, period_text)
        if series is None:
            return None
        indicator, period = series
        spans = self._keys.assigned.get((organization, indicator.id), ())
        if not any(since <= period.start and period.end <= until for since, until in spans):
            return None
        row = Row(record.line, Outcome.REJECT, organization, indicator.id, period.id)
        self._where(row, indicator, cells)
        take(row, indicator, Number(Decimal(text)), text)
        return None if row.problems else row

    def _series_of(self, name: str, text: str) -> _Series | None:
        """An indicator of one number in a period that is open; else nothing to be quick about."""
        indicator = self._keys.indicator(name)
        found = None
        if not isinstance(indicator, Missed) and not indicator.pair:
            period = self._keys.period(text, indicator)
            round_ = None if isinstance(period, Missed) else self._keys.rounds.get(period.id)
            if round_ is not None and not round_.closed and not isinstance(period, Missed):
                found = _Series(indicator, period)
        if len(self._series) < REMEMBERED:
            self._series[name, text] = found
        return found

    def _slow(self, record: Record) -> Row:
        row, cells = Row(record.line), self._as_written(record.cells)
        if record.problem is not None:
            row.problems.append(record.problem)
            if cells:
                row.organization_id = self._organization(row, cells)
            return row
        if not any(cells) or not any(cell.strip() for cell in cells):
            row.outcome = Outcome.IGNORE
            return row
        row.organization_id = self._organization(row, cells)
        indicator = self._indicator_of(row, cells[self._indicator])
        self._when(row, indicator, cells[self._period])
        self._where(row, indicator, cells)
        value, numerator, denominator = (
            cells[place].strip() if place is not None else ""
            for place in (self._value, self._numerator, self._denominator)
        )
        read_amounts(row, indicator, Amounts(value, numerator, denominator), self._style)
        if self._sure is not None:
            said = sureness.read_sureness(cells[self._sure])
            if isinstance(said, Problem):
                row.problems.append(said)
            else:
                row.sure = said or ""
        if self._comment is not None and cells[self._comment]:
            row.comment = _clean(cells[self._comment], row)
        if row.problems:
            row.outcome, row.stored = Outcome.REJECT, False
            code = cells[self._indicator]
            row.problems = [
                replace(each, column=self._table.heading_of(code, each.column))
                for each in row.problems
            ]
        return row

    def _as_written(self, cells: list[str]) -> list[str]:
        """The cells as they were before an export made its texts inert."""
        if not any("'" in cell for cell in cells):
            return cells
        return [
            cell if place in self._numbers else as_written(cell) for place, cell in enumerate(cells)
        ]

    def _organization(self, row: Row, cells: list[str]) -> int | None:
        code = cells[self._code] if self._code is not None and self._code < len(cells) else ""
        name = cells[self._name] if self._name is not None and self._name < len(cells) else ""
        if self._name is not None and (self._code is None or (name.strip() and not code.strip())):
            return _or_problem(
                row, "organization_name", name, self._keys.organization_by_name(name)
            )
        found = _or_problem(row, "organization_code", code, self._keys.organization_by_code(code))
        if found is not None and name.strip() and self._keys.organization_by_name(name) != found:
            row.warnings.append(
                _("The name “%(name)s” is not that of %(code)s; the code was used.")
                % {"name": name.strip(), "code": code.strip()}
            )
        return found

    def _indicator_of(self, row: Row, text: str) -> IndicatorKey | None:
        found = _or_problem(row, "indicator_code", text, self._keys.indicator(text))
        if found is not None:
            row.indicator_id = found.id
        return found

    def _when(self, row: Row, indicator: IndicatorKey | None, text: str) -> None:
        period = _or_problem(row, "period", text, self._keys.period(text, indicator))
        if period is None or indicator is None:
            return
        row.period_id = period.id
        if row.organization_id is not None:
            for column, missed in self._keys.closed_to(row.organization_id, indicator, period):
                row.problems.append(_problem(column, text, missed))

    def _where(self, row: Row, indicator: IndicatorKey | None, cells: list[str]) -> None:
        given = tuple(
            (code, cells[place]) for code, place in self._dimensions if cells[place].strip()
        )
        if given:
            row.cell_id, problems = self._keys.cell(indicator, given)
            row.problems.extend(problems)


def _problem(column: str, text: str, missed: Missed) -> Problem:
    return Problem(missed.code, column, text.strip(), missed.message, missed.suggestion)


def _or_problem(row: Row, column: str, text: str, found: Found | Missed) -> Found | None:
    if isinstance(found, Missed):
        row.problems.append(_problem(column, text, found))
        return None
    return found


def _clean(comment: str, row: Row) -> str:
    """A comment as it was written, less the control characters no reader would see."""
    comment = comment.strip(" \r\n")
    kept = "".join(c for c in comment if c in "\t\n\r" or unicodedata.category(c) != "Cc")
    if kept != comment:
        row.warnings.append(_("Control characters were taken out of the comment."))
    return unicodedata.normalize("NFC", kept)
