"""Cells of an exported table: numbers as they are, texts that no spreadsheet runs."""

from decimal import Decimal

# Their full-width forms too: spreadsheets read them alike.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def inert(text: str) -> str:
    """``text`` with an apostrophe before it where a spreadsheet would take it for a formula."""
    return f"'{text}" if text.lstrip(" \"'").startswith(FORMULA_STARTS) else text


def as_written(text: str) -> str:
    """The text that :func:`inert` was given."""
    return text[1:] if text.startswith("'") and inert(text[1:]) == text else text


def plain(field: object) -> object:
    """Write a number without an exponent and idle zeros, a text so that no spreadsheet runs it."""
    if isinstance(field, str):
        return inert(field)
    if not isinstance(field, Decimal):
        return "" if field is None else field
    text = f"{field:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"
