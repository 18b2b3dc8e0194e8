"""What became of a file: every row counted, a bounded number of them told."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from measures.imports.amounts import Outcome, Row, plain
from measures.imports.columns import Column
from measures.imports.problems import Code, Problem
from measures.imports.staging import Change, Told

MOST_ROWS = 1_000  # told in order from the first
MOST_BAD = 500  # bad rows told beyond those
MOST_CHANGES = 200


@dataclass(slots=True)
class Question:
    """A number of the file that has two readings: it asks for the decimal mark once."""

    line: int
    text: str
    point: str
    comma: str


@dataclass(slots=True)
class Report:
    """``stored`` counts facts or entries that were written; ``refused`` means nothing was."""

    name: str
    rows: list[Row] = field(default_factory=list)
    broken: list[tuple[int, Problem]] = field(default_factory=list)  # the file as a whole
    notices: list[str] = field(default_factory=list)
    read_as: list[str] = field(default_factory=list)  # how it was read where that is to be known
    columns: Sequence[Column] = ()  # of which it can be told what they are
    changes: list[Change] = field(default_factory=list)  # the first facts it says anew
    question: Question | None = None
    tally: Counter[Outcome] = field(default_factory=Counter)
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    stored: int = 0
    refused: bool = False
    dry_run: bool = False
    is_known: bool = False  # all of it is recorded already
    headings: Mapping[int, str] = field(default_factory=dict)  # of indicators with own columns
    left_open: int = 0  # forms that wait for what the file does not say
    needs_reason: bool = False  # it says accepted numbers anew, and nobody said why
    _bad: int = 0

    @property
    def counts(self) -> dict[str, int]:
        """How many rows of each outcome."""
        return {outcome.value: self.tally[outcome] for outcome in Outcome}

    @property
    def total(self) -> int:
        return self.tally.total()

    @property
    def has_errors(self) -> bool:
        return bool(self.broken) or self.tally[Outcome.REJECT] > 0

    def add(self, row: Row) -> None:
        """Count a row that was read; keep it if it is among the first, or bad."""
        self.tally[row.outcome] += 1
        if self.question is None and row.problems:
            self.question = _question(row)
        self._keep(row)

    def _keep(self, row: Row) -> None:
        if self.total <= MOST_ROWS:
            self.rows.append(row)
        elif (row.problems or row.warnings) and self._bad < MOST_BAD:
            self._bad += 1
            self.rows.append(row)

    def settle(self, counted: dict[tuple[str, str], int], told: Iterable[Told]) -> None:
        """Take in what the staged rows came to: how many of each, and the first that fell."""
        for (outcome, change), count in counted.items():
            fell = FELL.get(change)
            if fell is not None:
                self.tally[Outcome(outcome)] -= count
                self.tally[fell] += count
        self.new = _count(counted, {"new"})
        self.changed = _count(counted, {"changed", "rewritten", "unexplained"})
        self.unchanged = _count(counted, {"same"})
        self.tell(told)

    def tell(self, told: Iterable[Told]) -> None:
        """Note the first rows that fell after they were read."""
        kept = {(row.line, row.indicator_id or 0): row for row in self.rows}
        for each in told:
            key = (each.line, each.indicator_id)
            row = kept.get(key)
            if row is None:
                if self._bad >= MOST_BAD:
                    continue
                self._bad += 1
                row = kept[key] = Row(each.line, indicator_id=each.indicator_id)
            row.outcome, row.stored = FELL[each.why], False
            if each.why == "repeated":
                row.warnings.append(
                    _("Rows %(lines)s say the same; one counts.") % {"lines": each.lines}
                )
            else:
                heading = self.headings.get(each.indicator_id, "value")
                row.problems.append(_problem(each, heading))
        self.rows = [kept[key] for key in sorted(kept)]

    def as_dict(self) -> dict[str, Any]:
        return {
            "file": self.name,
            "ok": not self.refused,
            "outcome": self._outcome(),
            "dry_run": self.dry_run,
            "already_imported": self.is_known,
            "stored": self.stored,
            "counts": self.counts,
            "new": self.new,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "left_open": self.left_open,
            "needs_reason": self.needs_reason,
            "rows_told": len(self.rows),
            "rows_read": self.total,
            "notices": self.notices + self.read_as,
            "columns": {each.text: each.target for each in self.columns},
            "errors": [{"row": line, **problem.as_dict()} for line, problem in self.broken],
            "rows": [row_as_dict(row) for row in self.rows],
        }

    def _outcome(self) -> str:
        if self.broken:
            return "reject"
        if not self.has_errors:
            return "accept"
        return "reject" if self.refused else "partial"


FELL = {
    "repeated": Outcome.IGNORE,
    "contradicted": Outcome.REJECT,
    "accepted": Outcome.REJECT,
    "submitted": Outcome.REJECT,
    "unexplained": Outcome.REJECT,
}


def _count(counted: dict[tuple[str, str], int], changes: set[str]) -> int:
    return sum(count for (_outcome, change), count in counted.items() if change in changes)


def _question(row: Row) -> Question | None:
    for problem in row.problems:
        if problem.readings is not None:
            return Question(row.line, problem.text, *problem.readings)
    return None


def _problem(told: Told, heading: str) -> Problem:
    if told.why == "contradicted":
        return Problem(
            Code.DUPLICATE,
            heading,
            told.said,
            _("Rows %(lines)s say different things about the same value.") % {"lines": told.lines},
            _("Keep the one that is right."),
        )
    if told.why == "accepted":
        return Problem(
            Code.LOCKED,
            "period",
            "",
            _("What this organization handed in for the period is accepted already."),
            _("Ask the data manager to reopen it, or to correct the value."),
        )
    if told.why == "submitted":
        return Problem(
            Code.LOCKED,
            "period",
            "",
            _("What your organization handed in for the period waits for review."),
            _("Ask the data manager to return it; then it can be changed."),
        )
    return Problem(
        Code.LOCKED,
        heading,
        told.said,
        _("This would change a number that is accepted, and no reason is given."),
        _("Give one reason for the whole file; it is kept with each number it changes."),
    )


def row_as_dict(row: Row) -> dict[str, Any]:
    return {
        "row": row.line,
        "outcome": row.outcome.value,
        "value": None if row.value is None else plain(row.value),
        "numerator": None if row.numerator is None else plain(row.numerator),
        "denominator": None if row.denominator is None else plain(row.denominator),
        "comment": row.comment,
        "errors": [problem.as_dict() for problem in row.problems],
        "warnings": row.warnings,
    }
