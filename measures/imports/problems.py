"""What can be wrong with a file, a row or a cell, in words for the person who must mend it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from measures.imports.columns import Column


class Code(StrEnum):
    """The kinds of problem. Stable: scripts and the tests' manifest rely on the names."""

    STRUCTURE = "E_STRUCTURE"  # the file or the row is not a table of values
    ORG = "E_ORG"  # no such organization, or not yours to report for
    INDICATOR = "E_INDICATOR"  # no such indicator
    PERIOD = "E_PERIOD"  # no such period, not this indicator's, or in the future
    CATEGORY = "E_CATEGORY"  # no such category, or the indicator is not broken down by it
    NUMBER = "E_NUMBER"  # not a number, or not one this indicator can take
    AMBIGUOUS = "E_AMBIGUOUS"  # a number that can be read in two ways
    RANGE = "E_RANGE"  # outside of what the indicator allows
    PAIR = "E_PAIR"  # numerator, denominator and value do not belong together
    DUPLICATE = "E_DUPLICATE"  # two rows say different things about the same fact
    LOCKED = "E_LOCKED"  # the round is not open, or the value is accepted already
    ASSIGNMENT = "E_ASSIGNMENT"  # this organization is not asked for this indicator then


@dataclass(frozen=True, slots=True)
class Problem:
    """One error: where (``column``), what was found (``text``), the rule, and what would do."""

    code: Code
    column: str
    text: str
    message: str
    suggestion: str = ""
    readings: tuple[str, str] | None = None  # with a decimal point, and with a decimal comma

    def as_dict(self) -> dict[str, str]:
        return {
            "code": self.code.value,
            "column": self.column,
            "text": shown(self.text),
            "message": self.message,
            "suggestion": self.suggestion,
        }


class Record(NamedTuple):
    """One record: the physical line it starts on, its cells, and what is wrong with its shape."""

    line: int
    cells: list[str]
    problem: Problem | None


class UnreadableFileError(Exception):
    """The file as a whole cannot be read as a table of values: nothing of it is stored."""

    def __init__(self, *problems: tuple[int, Problem], columns: Sequence[Column] = ()) -> None:
        super().__init__("; ".join(problem.message for _, problem in problems))
        self.problems = problems
        self.columns = tuple(columns)  # of which it can be told what they are


def shown(text: str, limit: int = 120) -> str:
    """``text`` short enough to repeat in a message, with control characters made visible."""
    text = text if len(text) <= limit else text[: limit - 1] + "…"
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in text)
