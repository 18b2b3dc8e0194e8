"""The ways people write a period, each as ``(frequency, key)`` in the product's own writing.

Whether ``2011-12`` is a December or a school year, and ``202122`` a school year at all, depends
on what the indicator's calendar has: the reading is chosen by frequency, never by likelihood.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple


class Grain(NamedTuple):
    """One reading: the frequency's word in ``measures.choices.Frequency`` and the start.

    ``year`` is the calendar year a period is named after or begins in, ``index`` its number
    within the year, from 1 (0 for whole years).
    """

    frequency: str
    year: int
    index: int  # type: ignore[assignment] # a tuple has a method of this name


MONTH, QUARTER, HALF, YEAR, SPLIT = "month", "quarter", "half_year", "year", "split_year"

_YEAR = re.compile(r"(\d{4})")
_QUARTER = re.compile(r"(\d{4})[\s\-/]?Q([1-4])|Q([1-4])[\s\-/]?(\d{4})", re.IGNORECASE)
_HALF = re.compile(r"(\d{4})[\s\-/]?[HS]([12])|[HS]([12])[\s\-/]?(\d{4})", re.IGNORECASE)
_MONTH = re.compile(
    r"(\d{4})[\-/.]?(0[1-9]|1[0-2])|(0[1-9]|1[0-2])[/.](\d{4})|(\d{4})[\-/.]([1-9])"
)
_SPLIT = re.compile(r"(?:FY|SY|AY)?\s?(\d{4})\s?[\-/–]?\s?(\d{4}|\d{2})", re.IGNORECASE)


def readings(text: str) -> Iterator[Grain]:
    """Every reading of ``text``; none if it is no period at all."""
    text = text.strip()
    if match := _QUARTER.fullmatch(text):
        yield Grain(QUARTER, int(match[1] or match[4]), int(match[2] or match[3]))
    if match := _HALF.fullmatch(text):
        yield Grain(HALF, int(match[1] or match[4]), int(match[2] or match[3]))
    if match := _MONTH.fullmatch(text):
        year, month = match[1] or match[4] or match[5], match[2] or match[3] or match[6]
        yield Grain(MONTH, int(year), int(month))
    if match := _YEAR.fullmatch(text):
        yield Grain(YEAR, int(match[1]), 0)
    if match := _SPLIT.fullmatch(text):
        first, second = int(match[1]), match[2]
        if str(first + 1).endswith(second):
            yield Grain(SPLIT, first, 0)
