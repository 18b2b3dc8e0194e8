"""When two writings are the same name, when they are near, and how a period is written."""

import re
import unicodedata
from collections.abc import Collection, Iterator
from difflib import get_close_matches

from measures.imports.periods import HALF, MONTH, QUARTER, SPLIT, YEAR, Grain

_INVISIBLE = re.compile("[\u200b\u200c\u200d\u2060\ufeff\u00ad]")
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_QUOTES = dict.fromkeys(map(ord, "\u2018\u2019\u201b\u02bc\u2032\u0060\u00b4"), "'")
_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212"), "-")


def tidy(text: str) -> str:
    """``text`` in composed form, without blanks around it or characters nobody can see."""
    return unicodedata.normalize("NFC", _INVISIBLE.sub("", text)).strip()


def fold(text: str) -> str:
    """The form in which names are the same: case and the number of blanks do not matter.

    Accents and apostrophes do: what differs in them is asked about, not guessed.
    """
    return " ".join(tidy(text).casefold().split())


def bare(text: str) -> str:
    """The form in which names are near: no accents, one kind of quotation mark and of dash, no
    zeros ahead, nothing of what makes a text of a code in a spreadsheet (``="007"``).
    """
    plain = unicodedata.normalize("NFD", fold(text)).translate(_QUOTES | _DASHES)
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    plain = plain.removeprefix("=").strip("\"“”'").strip() or plain
    plain = re.sub(r"\s*-\s*", "-", plain)
    return re.sub(r"\.0+$", "", plain).lstrip("0") or plain


def nearest(text: str, known: Collection[str]) -> str:
    """The one of ``known`` that ``text`` was most likely meant to be, or an empty text."""
    wanted = bare(text)
    forms = {bare(name): name for name in reversed(list(known))}
    if wanted in forms:
        return forms[wanted]
    close = get_close_matches(wanted, forms, n=1, cutoff=0.72)
    return forms[close[0]] if close else ""


def undated(text: str) -> Iterator[str]:
    """What a spreadsheet may have made the date ``text`` of: ``9-May`` was ``5-9``."""
    match = re.fullmatch(r"(\d{1,2})[-. ]([A-Za-z]{3})|([A-Za-z]{3})[-. ](\d{1,2})", text.strip())
    if not match:
        return
    number, word = match[1] or match[4], (match[2] or match[3]).casefold()
    if word in _MONTHS:
        month, number = _MONTHS.index(word) + 1, str(int(number))
        yield from (f"{month}-{number}", f"{number}-{month}")


def code_of(grain: Grain) -> str:
    """A period's code as the calendars write it."""
    if grain.frequency == SPLIT:
        return f"{grain.year}/{(grain.year + 1) % 100:02d}"
    if grain.frequency == YEAR:
        return str(grain.year)
    mark = {MONTH: f"{grain.index:02d}", QUARTER: f"Q{grain.index}", HALF: f"H{grain.index}"}
    return f"{grain.year}-{mark[grain.frequency]}"
