"""Numbers that name a row, as a form or an address says them."""

DIGITS = 18  # fewer than a bigint has


def is_id(text: str) -> bool:
    """Whether ``text`` may name a row: short, and of the digits that computers write."""
    return text.isascii() and text.isdigit() and len(text) <= DIGITS
