"""The ways people write a period, each as ``(frequency, key)`` in the product's own writing.

Whether ``2011-12`` is a December or a school year, and ``202122`` a school year at all, depends
on what the indicator's calendar has: the reading is chosen by frequency, never by likelihood.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import NamedTuple

from django.utils import dates
from django.utils.translation import override


class Grain(NamedTuple):
    """One reading: the frequency's word in ``measures.choices.Frequency`` and the start.

    ``year`` is the calendar year a period is named after or begins in, ``index`` its number
    within the year, from 1 (0 for whole years).
    """

    frequency: str
    year: int
    index: int  # type: ignore[assignment] # a tuple has a method of this name


MONTH, QUARTER, HALF, YEAR, SPLIT = "month", "quarter", "half_year", "year", "split_year"
NAMED = "named_year"  # FY2024 begins or ends in 2024, as its writer's country has it: never chosen

_YEAR = re.compile(r"(\d{4})")
_ONE_NAME = re.compile(r"(?:FY|SY|AY)\s?(\d{4})", re.IGNORECASE)
_QUARTER = re.compile(
    r"(\d{4})[\s\-/.]?Q([1-4])|(?:Q([1-4])|([1-4])Q)[\s\-/.]?(\d{4})", re.IGNORECASE
)
_HALF = re.compile(r"(\d{4})[\s\-/]?[HS]([12])|[HS]([12])[\s\-/]?(\d{4})", re.IGNORECASE)
_MONTH = re.compile(
    r"(\d{4})[\-/.]?M?(0[1-9]|1[0-2])|(0?[1-9]|1[0-2])[/.\-](\d{4})|(\d{4})[\-/.]?(?:[\-/.]|M)([1-9])",
    re.IGNORECASE,
)
_NAMED_MONTH = re.compile(r"([^\W\d_]+)\.?[\s\-/]*(\d{4})|(\d{4})[\s\-/]*([^\W\d_]+)\.?")
_DAY_FIRST_YEAR = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ][\d:.]+Z?)?")
_DAY_LAST_YEAR = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})")
_DAY_NAMED = re.compile(
    r"(\d{1,2})\.?[\s\-]([^\W\d_]+)\.?,?[\s\-](\d{4})|([^\W\d_]+)\.?\s(\d{1,2}),?\s(\d{4})"
)
_SHORT_MONTH = re.compile(r"([^\W\d_]+)\.?[\s\-/'’]*(\d{2})|(\d{2})[\s\-/]*([^\W\d_]+)\.?")
_SHORT_QUARTER = re.compile(r"(?:Q([1-4])|([1-4])Q)[\s\-/'’.]*(\d{2})", re.IGNORECASE)
_SERIAL = re.compile(r"([2-6]\d{4})(?:\.0+)?")  # 1954 to 2091, counted in days
_BEFORE_FIRST = date(1899, 12, 30)
_SPLIT = re.compile(r"(?:FY|SY|AY)?\s?(\d{4})\s?[\-/–]?\s?(\d{4}|\d{2})", re.IGNORECASE)


def readings(text: str) -> Iterator[Grain]:
    """Every reading of ``text``; none if it is no period at all."""
    text = text.strip()
    if match := _QUARTER.fullmatch(text):
        index = int(match[2] or match[3] or match[4])
        yield Grain(QUARTER, int(match[1] or match[5]), index)
    if match := _HALF.fullmatch(text):
        yield Grain(HALF, int(match[1] or match[4]), int(match[2] or match[3]))
    if match := _MONTH.fullmatch(text):
        year, month = match[1] or match[4] or match[5], match[2] or match[3] or match[6]
        yield Grain(MONTH, int(year), int(month))
    elif (match := _NAMED_MONTH.fullmatch(text)) and (
        month := _months().get((match[1] or match[4]).casefold())
    ):
        yield Grain(MONTH, int(match[2] or match[3]), month)
    if match := _YEAR.fullmatch(text):
        yield Grain(YEAR, int(match[1]), 0)
    if match := _ONE_NAME.fullmatch(text):
        yield Grain(NAMED, int(match[1]), 0)
    if match := _SPLIT.fullmatch(text):
        first, second = int(match[1]), match[2]
        if str(first + 1).endswith(second):
            yield Grain(SPLIT, first, 0)


def _months() -> dict[str, int]:
    """Names of months, whole and short, in English and in the reader's language."""
    found: dict[str, int] = {}
    with override("en"):
        found |= {str(name).casefold(): month for month, name in dates.MONTHS.items()}
        found |= {str(name).casefold(): month for month, name in dates.MONTHS_3.items()}
    for names in (dates.MONTHS, dates.MONTHS_3):
        found |= {str(name).casefold().rstrip("."): month for month, name in names.items()}
    return found | {"sept": 9}


def of_short_year(text: str) -> Iterator[Grain]:
    """What ``Jan-22`` or ``Q1/22`` may mean, if the two digits are a year of this century.

    Never read so: ``Jan-22`` may be a day, which a spreadsheet makes of it. It is asked about.
    """
    text = text.strip()
    if match := _SHORT_QUARTER.fullmatch(text):
        yield Grain(QUARTER, 2000 + int(match[3]), int(match[1] or match[2]))
    elif match := _SHORT_MONTH.fullmatch(text):
        name, year = (match[1] or match[4]).casefold(), int(match[2] or match[3])
        if month := _months().get(name):
            yield Grain(MONTH, 2000 + year, month)
        elif name in {"fy", "sy", "ay"}:
            yield from (Grain(SPLIT, 2000 + year - 1, 0), Grain(SPLIT, 2000 + year, 0))


def days(text: str) -> Iterator[date]:
    """The days that a date in the place of a period may mean: none, one, or two (``01/02/2024``).

    A date is no period, and a spreadsheet may have made a number of it (``45292``): who writes one
    is told which period it lies in.
    """
    text = text.strip()
    orders: list[tuple[int, int, int]] = []
    if match := _DAY_FIRST_YEAR.fullmatch(text):
        orders = [(int(match[1]), int(match[2]), int(match[3]))]
    elif match := _DAY_LAST_YEAR.fullmatch(text):
        first, second, year = int(match[1]), int(match[3]), int(match[4])
        orders = [(year, second, first), (year, first, second)]
    elif match := _DAY_NAMED.fullmatch(text):
        month = _months().get((match[2] or match[4]).casefold(), 0)
        orders = [(int(match[3] or match[6]), month, int(match[1] or match[5]))]
    elif match := _SERIAL.fullmatch(text):
        yield _BEFORE_FIRST + timedelta(days=int(match[1]))
    found = set()
    for year, month, day in orders:
        try:
            found.add(date(year, month, day))
        except ValueError:
            continue
    yield from sorted(found)


def days_about(grains: Iterable[Grain]) -> Iterator[date]:
    """First and last day of what a text says in another frequency than is wanted."""
    for grain in grains:
        if grain.frequency == MONTH:
            yield date(grain.year, grain.index, 1)
        elif grain.frequency in {YEAR, SPLIT, NAMED} and grain.year > date.min.year:
            yield from (date(grain.year, 1, 1), date(grain.year, 12, 31))
