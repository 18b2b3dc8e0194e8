"""Cells of an exported table: numbers as they are, texts that no spreadsheet runs."""

import re
from decimal import Decimal

# Their full-width forms too: spreadsheets read them alike.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
SKIPPED = " \"'"  # before a formula
# Where a list is written with semicolons, as in most of Europe, a spreadsheet ends cells at these,
# for quotation marks in the middle of what it takes for a cell mean nothing to it.
SEPARATORS = ";\r\n"
_AHEAD = f"(?=[{SKIPPED}]*[{''.join(map(re.escape, FORMULA_STARTS))}])"
INSIDE = f"([{SEPARATORS}]){_AHEAD}"
_INSIDE, _INERT_INSIDE = re.compile(INSIDE), re.compile(f"([{SEPARATORS}])'{_AHEAD}")


def inert(text: str) -> str:
    """``text`` with an apostrophe where a spreadsheet would take it for a formula: before it, and
    inside where another one would begin a cell.
    """
    inside = _INSIDE.sub(r"\1'", text)
    return f"'{inside}" if text.lstrip(SKIPPED).startswith(FORMULA_STARTS) else inside


def as_written(text: str) -> str:
    """The text that :func:`inert` was given."""
    for inside in (text.removeprefix("'"), text):
        found = _INERT_INSIDE.sub(r"\1", inside)
        if inert(found) == text:
            return found
    return text


def plain(field: object) -> object:
    """Write a number without an exponent and idle zeros, a text so that no spreadsheet runs it."""
    if isinstance(field, str):
        return inert(field)
    if not isinstance(field, Decimal):
        return "" if field is None else field
    text = f"{field:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"
