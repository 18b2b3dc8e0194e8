"""One cell of an exported table."""

from decimal import Decimal

# Their full-width forms too: spreadsheets read them alike.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def inert(text: str) -> str:
    """``text`` so that no spreadsheet runs it; :func:`measures.imports.rows.as_written` undoes it."""
    return f"'{text}" if text.lstrip(" \"'").startswith(FORMULA_STARTS) else text


def plain(field: object) -> object:
    """Write a number without an exponent and idle zeros, a text so that no spreadsheet runs it."""
    if isinstance(field, str):
        return inert(field)
    if not isinstance(field, Decimal):
        return "" if field is None else field
    text = f"{field:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"
