"""A cell's text as a number, exactly and without guessing.

A number is read only where there is one way to read it. ``1,234`` is a thousand in a file that is
delimited by commas (who writes a decimal comma delimits by semicolons); in any other file it may
be one and a bit, and then the file is asked about once: *is the decimal mark a comma or a point?*
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Context, Decimal
from enum import Enum, StrEnum

from django.utils.translation import gettext as _, gettext_lazy

from measures.imports.problems import Code, Problem


class Style(StrEnum):
    """How a file writes its decimals."""

    POINT = "point"
    COMMA = "comma"
    ASK = "ask"  # not said: only what any file may hold is read
    EITHER = "either"  # one number by itself: what can be read in one way is read


class Marker(Enum):
    """A text that stands for the absence of a number."""

    MISSING = "missing"
    SUPPRESSED = "suppressed"


@dataclass(frozen=True, slots=True)
class Number:
    """``85.0 %`` is ``Number(Decimal("85.0"), percent=True, decimals=1, grouplike=False)``.

    ``decimals`` leaves trailing zeros out. ``grouplike`` says that the digits behind the mark
    could be a group of thousands in another country's way of writing (``12.345``). ``rounded``
    says that more decimals were written than are kept.
    """

    value: Decimal
    percent: bool = False
    decimals: int = 0
    grouplike: bool = False
    rounded: bool = False


class NotANumberError(ValueError):
    """The text cannot be read as a number; says which rule, and what would be right."""

    def __init__(
        self,
        code: Code,
        message: str,
        suggestion: str = "",
        readings: tuple[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.code, self.message, self.suggestion = code, message, suggestion
        self.readings = readings

    def of(self, column: str, text: str) -> Problem:
        """The problem of the cell that holds ``text``."""
        return Problem(self.code, column, text, self.message, self.suggestion, self.readings)


MISSING = frozenset(
    {
        *("", "n/a", "na", "n.a.", "#n/a", "null"),
        *("-", "--", "---", "–", "—", ".", "..", "...", "…", ":"),
        *("[x]", "[z]"),  # official statistics: not available, not applicable
    }
)
"""Markers of a missing value, compared without case."""

SUPPRESSED = frozenset({"*", "s", "c", "[c]", "supp", "suppressed"})
"""Markers of a value the source has hidden, compared without case."""

ANY_NUMBER = gettext_lazy(
    "A number, or leave it empty (or N/A) if there is none, or * if the source hides it."
)
MOST_DIGITS = 24
"""Digits before the decimal mark; more is a typing error, and no column holds it."""
MOST_DECIMALS = 10
KEPT = Decimal(1).scaleb(-MOST_DECIMALS)
WORTH = Decimal(1).scaleb(-9)
"""A share of a number that nobody measured: programs write ``853.1007099999998`` for 853.10071."""
DOUBLE = 15
"""So many digits that count are those of a program's quotient, ``0.003183994876497387``."""
WORTH_OF_A_DOUBLE = Decimal(1).scaleb(-6)

_BAND = re.compile(r"[<>≤≥]\s*=?\s*\d+(?:[.,]\d+)?\s*%?|(\d{1,6})\s*[-–]\s*(\d{1,6})")
_SPACES = "\u0020\u00a0\u2007\u2009\u202f"
_APOSTROPHES = "'’"
_PERCENT = "%\uff05\u066a"
_PLAIN = re.compile(r"\d+")
_GROUPED = re.compile(rf"\d{{1,3}}(?:([{_SPACES}{_APOSTROPHES}])\d{{3}})(?:\1\d{{3}})*(?:[.,]\d+)?")
_POINT = re.compile(r"(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?|\.\d+")
_COMMA = re.compile(r"(?:\d+|\d{1,3}(?:\.\d{3})+)(?:,\d+)?|,\d+")
_NUMBERLIKE = re.compile(rf"\d+(?:[.,{_SPACES}{_APOSTROPHES}]\d+)+")
_GROUPLIKE = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")
_SCIENTIFIC = re.compile(r"[+-]?\d+(?:[.,]\d+)?[eE][+-]?\d+")
_FORMULA = re.compile(r"[=@].*|[+-].*[-+*/(].*|[+-][A-Za-z].*", re.DOTALL)
_ERROR = re.compile(r"#.*", re.DOTALL)
_INFINITE = re.compile(r"[+-]?(?:nan|inf|infinity)", re.IGNORECASE)
_UNIT = r"(?:[A-Z]{0,2}[$€£¥₹₽₩₺₴₦₫₱฿₪¢]|[A-Z]{3}|kr\.?|zł|Kč|Fr\.?)"
_CURRENCY = re.compile(rf"(?=.*{_UNIT}){_UNIT}?\s*(?P<plain>[\d.,]+)\s*{_UNIT}?")
_BRACKETS = re.compile(r"\((?P<plain>[\d.,]+)\)|(?P<behind>[\d.,]+)[-−]")
# Not the overrides, U+202D and U+202E: they show the digits in another order than they stand.
_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad\u202a-\u202c\u2066-\u2069]")
_WIDE = {0xFF0B: "+", 0xFF0D: "-", 0xFE63: "-", 0xFF0E: ".", 0xFF0C: ",", 0xFF05: "%"}
_AS_TEXT = re.compile(r"'(?P<plain>[+\-−]?\d[\d.,]*)")
_DASHED = re.compile(r"[\u2010-\u2014]\s*(?P<plain>\d[\d.,]*)")
_FLAGGED = re.compile(r"(?P<plain>\d[\d.,]*)\s*(?:[*†‡^¹²³]+|\(?[a-z]{1,2}\)?|\[[a-z0-9]{1,3}\])")


def read_number(text: str, style: Style = Style.POINT) -> Number | Marker:
    """Read ``text`` by ``style``, or raise :class:`NotANumberError` with the reason."""
    text = text.strip()
    if text.isdigit() and text.isascii() and len(text) <= MOST_DIGITS:
        return Number(Decimal(text))
    lowered = text.casefold()
    if lowered in MISSING:
        return Marker.MISSING
    if lowered in SUPPRESSED or _is_band(text):
        return Marker.SUPPRESSED
    text = _in_plain_digits(text)
    if not text:
        return Marker.MISSING
    body, percent = (text[:-1].rstrip(), True) if text[-1] in _PERCENT else (text, False)
    negative = body[:1] in ("-", "−")
    body = body[1:].lstrip() if body[:1] in ("-", "−", "+") else body
    number = _unsigned(body, text, style)
    whole, _dot, decimals = number.partition(".")
    grouplike = bool(_GROUPLIKE.fullmatch(body))
    value, rounded = _kept(whole or "0", decimals.rstrip("0"))
    decimals = decimals[:MOST_DECIMALS].rstrip("0")
    return Number(
        -value if negative and value else value, percent, len(decimals), grouplike, rounded
    )


def _kept(whole: str, decimals: str) -> tuple[Decimal, bool]:
    """The number as it is stored, and whether that is a little beside what was written."""
    value = Decimal(f"{whole}.{decimals}" if decimals else whole)
    if len(whole.lstrip("0")) <= MOST_DIGITS:
        if len(decimals) <= MOST_DECIMALS:
            return value, False
        if len(decimals) <= MOST_DIGITS:
            near = value.quantize(KEPT, context=Context(prec=3 * MOST_DIGITS))
            digits = len(f"{whole}{decimals}".lstrip("0"))
            if abs(near - value) <= value * (WORTH if digits < DOUBLE else WORTH_OF_A_DOUBLE):
                return near.normalize() if near == near.to_integral_value() else near, True
    raise NotANumberError(
        Code.NUMBER,
        _("More than %(digits)d digits before the decimal mark, or %(decimals)d after it.")
        % {"digits": MOST_DIGITS, "decimals": MOST_DECIMALS},
        _("Round it to what was measured."),
    )


def _in_plain_digits(text: str) -> str:
    """The digits of every script are read: Arabic and full-width ones too."""
    if text.isascii():
        return text
    text = _INVISIBLE.sub("", text).translate(_WIDE).strip()
    return "".join(
        str(unicodedata.decimal(each)) if each.isdecimal() and not each.isascii() else each
        for each in text
    )


def _is_band(text: str) -> bool:
    """``<5``, ``≤ 10`` or ``1-4``: a range where a number would give somebody away."""
    match = _BAND.fullmatch(text)
    if not match:
        return False
    return match[1] is None or int(match[1]) < int(match[2])


def _unsigned(body: str, text: str, style: Style) -> str:
    """``body`` as ``digits[.digits]``: groups taken out, the decimal mark a point."""
    if _PLAIN.fullmatch(body) and body.isascii():
        return body
    if match := _GROUPED.fullmatch(body):
        body = body.replace(match[1], "")
        if _PLAIN.fullmatch(body):
            return body
    if style is Style.ASK:
        return _asked(body, text)
    if style is Style.EITHER:
        return _either(body, text)
    grammar, other = (_POINT, _COMMA) if style is Style.POINT else (_COMMA, _POINT)
    if grammar.fullmatch(body):
        group, mark = (",", ".") if style is Style.POINT else (".", ",")
        return body.replace(group, "").replace(mark, ".")
    if other.fullmatch(body):
        raise NotANumberError(
            Code.AMBIGUOUS,
            _("Decimals are written with a %(mark)s in this file, and this is not.")
            % {"mark": _("point") if style is Style.POINT else _("comma")},
            _("Write %(plain)s, or say that the decimal mark of the whole file is a %(other)s.")
            % {
                "plain": _canonical(body, style),
                "other": _("comma") if style is Style.POINT else _("point"),
            },
            _readings(body),
        )
    raise _unread(body, text)


def _asked(body: str, text: str) -> str:
    """Nobody said how decimals are written: read what has one reading, ask about the rest."""
    if _GROUPLIKE.fullmatch(body):
        whole, decimals = re.split("[.,]", body)
        raise NotANumberError(
            Code.AMBIGUOUS,
            _("This may mean %(small)s or %(large)s.")
            % {"small": f"{whole}.{decimals}", "large": whole + decimals},
            _("Say whether the decimal mark of the whole file is a comma or a point."),
            _readings(body),
        )
    if re.fullmatch(r"\d*\.\d+", body):
        return body
    if _COMMA.fullmatch(body) or _POINT.fullmatch(body):
        raise NotANumberError(
            Code.NUMBER,
            _("This file has not said what a comma in a number means."),
            _(
                "Say whether the decimal mark of the whole file is a comma or a point, or write it "
                "without groups and with a point."
            ),
            _readings(body),
        )
    raise _unread(body, text)


def _either(body: str, text: str) -> str:
    """Nothing but this number tells how its writer writes: 1.234,5 does, 1.234 does not."""
    point, comma = _readings(body)
    if _GROUPLIKE.fullmatch(body):
        raise NotANumberError(
            Code.AMBIGUOUS,
            _("This may mean %(small)s or %(large)s.")
            % {"small": min(point, comma, key=Decimal), "large": max(point, comma, key=Decimal)},
            readings=(point, comma),
        )
    if found := (point or comma):
        return found if not found.startswith(".") else f"0{found}"
    raise _unread(body, text)


def _readings(body: str) -> tuple[str, str]:
    """What ``body`` is with a decimal point and with a decimal comma; empty where it is nothing."""
    return (
        body.replace(",", "") if _POINT.fullmatch(body) else "",
        body.replace(".", "").replace(",", ".") if _COMMA.fullmatch(body) else "",
    )


def _unread(body: str, text: str) -> NotANumberError:
    """Why ``text`` is no number, as well as can be told."""
    if _NUMBERLIKE.fullmatch(body):
        marks = set(re.sub(r"\d", "", body))
        if len(marks) > 1 or marks <= {","} or marks <= set(_SPACES) or marks <= set(_APOSTROPHES):
            return NotANumberError(
                Code.AMBIGUOUS,
                _("The digits are not in groups of three, so it can be read in several ways."),
                _("Write it without separators, with a point before the decimals."),
            )
    for pattern, message, suggestion in _hints():
        if match := pattern.fullmatch(text):
            named = next((each for each in match.groupdict().values() if each), "")
            return NotANumberError(Code.NUMBER, message, suggestion % {"plain": named})
    return NotANumberError(
        Code.NUMBER,
        _("This is not a number."),
        str(ANY_NUMBER),
    )


def _hints() -> Iterator[tuple[re.Pattern[str], str, str]]:
    """Known shapes of what is no number, what to say about them, and what to do."""
    yield _FORMULA, _("This is a formula. Formulas are never evaluated."), _("Write the result.")
    yield _ERROR, _("The spreadsheet left an error here."), _("Mend the formula behind it.")
    yield (
        _SCIENTIFIC,
        _("The spreadsheet shortened this number and may have lost digits."),
        _("Format the column as a number and save again."),
    )
    yield _INFINITE, _("This is not a finite number."), _("Leave it empty.")
    yield (
        _CURRENCY,
        _("A number without its currency is expected."),
        _("Write %(plain)s."),
    )
    yield (
        _BRACKETS,
        _("A number in brackets, or with its sign behind it, is not read."),
        _("Write -%(plain)s if it is negative."),
    )
    yield (
        _AS_TEXT,
        _("An apostrophe keeps this number as a text."),
        _("Write %(plain)s, without it."),
    )
    yield (
        _DASHED,
        _("A dash stands before the number: it may be a sign, or a mark for nothing."),
        _("Write -%(plain)s if it is negative."),
    )
    yield (
        _FLAGGED,
        _("A mark stands behind the number."),
        _("Write %(plain)s, and what the mark says into the comment."),
    )


def _canonical(body: str, style: Style) -> str:
    group, mark = (".", ",") if style is Style.POINT else (",", ".")
    plain = body.replace(group, "").replace(mark, ".")
    return plain if style is Style.POINT else plain.replace(".", ",")


def style_for(delimiter: str, declared: str | None) -> Style:
    """What was said, or else: a comma between cells leaves the point for the decimals."""
    if declared:
        return Style(declared)
    return Style.POINT if delimiter == "," else Style.ASK
