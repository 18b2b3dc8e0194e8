"""A number and what it rests on: who reported, of whom, and whether that is enough to go by."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from django.utils.text import Truncator
from django.utils.translation import gettext as _

from initiatives.templatetags.concert import number
from measures.arithmetic import quotient
from measures.querysets import ENOUGH

APART = 20  # shares of those who reported that differ by more than one of so many are no change
LONGEST_NOTE = 120


def coverage_of(reported: int, expected: int) -> str:
    """Who reported, of whom: never clamped, since more than all is a finding."""
    words = reported_of(reported, expected)
    share = quotient(Decimal(reported), Decimal(expected), Decimal(100))
    return words if share is None else f"{words} ({number(share, 0)} %)"


def reported_of(reported: int, expected: int) -> str:
    return _("%(reported)s of %(expected)s reported") % {
        "reported": number(reported),
        "expected": number(expected),
    }


def coverage_then(before: tuple[int, int], now: tuple[int, int]) -> str:
    """Who reported in the period compared with, where it was not as many of as many as now.

    A sum that grew because more organizations reported is no growth: who compares is told.
    """
    return "" if before == now else _("when %(coverage)s") % {"coverage": reported_of(*before)}


def are_comparable(before: tuple[int, int], now: tuple[int, int]) -> bool:
    """Whether about as large a share reported in both: at most one in twenty more or less.

    Else a difference would tell who reported and not what changed; see decision 23.
    """
    return abs(before[0] * now[1] - now[0] * before[1]) * APART <= before[1] * now[1]


def is_well_covered(reported: int, expected: int) -> bool:
    """The rule of the headline: at least half of those asked reported."""
    return reported * ENOUGH >= expected


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A rollup: a number of one period, and what it rests on."""

    indicator_id: int
    period_id: int
    period: str
    starts_on: date
    ends_on: date
    version_id: int
    numerator: Decimal | None
    denominator: Decimal | None
    value: Decimal | None
    expected: int
    reported: int
    late: int
    estimated: int
    suppressed: int
    missing: int
    stale: int
    status: str
    reason: str
    computed_at: datetime
    oldest_input_at: datetime | None = None  # where somebody asks how one number came about
    notes: tuple[str, ...] = ()  # what was noted beside the facts, as far as the reader may see

    @property
    def notes_in_short(self) -> list[str]:
        """As they stand under a number; the whole of each stands with the periods."""
        return [Truncator(note).chars(LONGEST_NOTE) for note in self.notes]

    @property
    def who(self) -> tuple[int, int]:
        """How many reported, of how many."""
        return self.reported, self.expected

    @property
    def coverage(self) -> str:
        return coverage_of(self.reported, self.expected)

    @property
    def is_well_covered(self) -> bool:
        """Whether at least half of those asked reported; see decision 23."""
        return is_well_covered(self.reported, self.expected)

    @property
    def is_complete(self) -> bool:
        return self.reported >= self.expected

    @property
    def remarks(self) -> list[str]:
        """What a careful reader wants to know before quoting the number."""
        counted = [
            (self.late, _("%(count)s came late")),
            (self.estimated, _("%(count)s estimated")),
            (self.suppressed, _("%(count)s suppressed by the source")),
            (self.missing, _("%(count)s said to be missing")),
            (self.stale, _("carried forward over %(count)s periods")),
        ]
        found = [words % {"count": number(count)} for count, words in counted if count]
        if self.reported and not self.is_well_covered:
            found.insert(0, _("fewer than half reported"))
        if self.reason:
            found.append(_("not added up over %(axis)s: refused") % {"axis": self.reason})
        if self.status == "provisional":
            found.append(_("provisional"))
        return found


class Row(NamedTuple):
    """A point in words: its value, its target, and everyone's number beside one organization's."""

    point: Point
    value: str
    aim: str
    whole: Point | None
    everyone: str
    remarks: list[str]
