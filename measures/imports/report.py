"""What became of a file, row by row."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from measures.imports.amounts import Outcome, Row, plain
from measures.imports.problems import Problem


@dataclass(slots=True)
class Report:
    """``stored`` counts facts or entries that were written; ``refused`` means nothing was."""

    name: str
    rows: list[Row] = field(default_factory=list)
    broken: list[tuple[int, Problem]] = field(default_factory=list)  # the file as a whole
    notices: list[str] = field(default_factory=list)
    stored: int = 0
    refused: bool = False
    dry_run: bool = False
    is_known: bool = False  # this very file was read in before

    @property
    def counts(self) -> dict[str, int]:
        """How many rows of each outcome."""
        counted = Counter(row.outcome for row in self.rows)
        return {outcome.value: counted.get(outcome, 0) for outcome in Outcome}

    @property
    def has_errors(self) -> bool:
        return bool(self.broken) or any(row.problems for row in self.rows)

    def as_dict(self) -> dict[str, Any]:
        return {
            "file": self.name,
            "ok": not self.refused,
            "outcome": self._outcome(),
            "dry_run": self.dry_run,
            "already_imported": self.is_known,
            "stored": self.stored,
            "counts": self.counts,
            "notices": self.notices,
            "errors": [{"row": line, **problem.as_dict()} for line, problem in self.broken],
            "rows": [row_as_dict(row) for row in self.rows],
        }

    def _outcome(self) -> str:
        if self.broken:
            return "reject"
        if not self.has_errors:
            return "accept"
        return "reject" if self.refused else "partial"


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
