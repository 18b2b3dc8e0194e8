"""The numbers of one row, held against what the indicator is."""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from django.utils.translation import gettext as _

from measures.imports.indicators import IndicatorKey
from measures.imports.numbers import Marker, NotANumberError, Number, Style, read_number
from measures.imports.problems import Code, Problem

ZERO, ONE, HUNDRED = Decimal(0), Decimal(1), Decimal(100)
SHORT_DIGITS = 15  # up to here a run of digits needs no closer look
Read = dict[str, Number | Marker]
COLUMNS = ("value", "numerator", "denominator")


class Amounts(NamedTuple):
    """The texts of a row's three numbers."""

    value: str
    numerator: str
    denominator: str


class Outcome(StrEnum):
    """What becomes of a row."""

    ACCEPT = "accept"  # a fact to store
    MISSING = "missing"  # nothing reported; never deletes, never a zero
    SUPPRESSED = "suppressed"  # the source hides the number
    IGNORE = "ignore"  # an empty row, or a second copy of another
    REJECT = "reject"


@dataclass(slots=True)
class Row:
    """A checked record. ``value`` is in the indicator's display scale (percent: 0-100).

    ``stored`` is False where there is nothing to store. For a ratio or mean with both parts
    ``value`` is what they give and is for the reader only; the parts are what is stored.
    """

    line: int
    outcome: Outcome = Outcome.REJECT
    organization_id: int | None = None
    indicator_id: int | None = None
    period_id: int | None = None
    cell_id: int | None = None
    value: Decimal | None = None
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    comment: str = ""
    sure: str = ""  # how sure its number is said to be
    stored: bool = False
    problems: list[Problem] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def read_amounts(row: Row, indicator: IndicatorKey | None, texts: Amounts, style: Style) -> None:
    """Put the numbers of ``texts`` into ``row``, or the problems they have."""
    text = texts.value
    if (
        indicator is not None
        and not indicator.pair
        and not texts.numerator
        and not texts.denominator
        and len(text) <= SHORT_DIGITS
        and text.isdigit()
        and text.isascii()
    ):
        take(row, indicator, Number(Decimal(text)), text)
        return
    before = len(row.problems)
    read: Read = {}
    for column, content in zip(COLUMNS, texts, strict=True):
        try:
            read[column] = read_number(content, style)
        except NotANumberError as error:
            row.problems.append(error.of(column, content))
    if indicator is None or len(row.problems) > before:
        return
    if any(isinstance(each, Number) and each.rounded for each in read.values()):
        row.warnings.append(_("More decimals than are kept: rounded to 10."))
    if Marker.SUPPRESSED in read.values():
        row.outcome, row.stored = Outcome.SUPPRESSED, True
    elif indicator.pair:
        _parts(row, indicator, read, text)
    else:
        _single(row, indicator, read, texts)


def _single(row: Row, indicator: IndicatorKey, read: Read, texts: Amounts) -> None:
    """An indicator of one number."""
    parts = (("numerator", texts.numerator), ("denominator", texts.denominator))
    for column, content in parts:
        if isinstance(read[column], Number):
            row.problems.append(
                Problem(
                    Code.PAIR,
                    column,
                    content,
                    _("%(code)s is one number: it has no numerator or denominator.")
                    % {"code": indicator.code},
                    _("Write it in the value column and leave this one empty."),
                )
            )
    number = read["value"]
    if isinstance(number, Number):
        take(row, indicator, number, texts.value)
    else:
        row.outcome = Outcome.MISSING


def take(row: Row, indicator: IndicatorKey, number: Number, text: str) -> None:
    """One plain number."""
    if number.percent and not indicator.percent:
        row.problems.append(_not_percent(indicator, text))
        return
    if indicator.decimals is not None and number.decimals > indicator.decimals:
        row.problems.append(_too_fine(indicator, number, text))
        return
    if problem := _out_of_range(indicator, number.value, text):
        row.problems.append(problem)
        return
    row.outcome, row.value, row.stored = Outcome.ACCEPT, number.value, True


def _parts(row: Row, indicator: IndicatorKey, read: Read, text: str) -> None:
    """A ratio (numerator over denominator) or a mean (score and weight, or sum and n)."""
    stated, top, bottom = read["value"], read["numerator"], read["denominator"]
    if problem := (
        _percent_in_parts(read)
        or _percent_of_a_score(indicator, stated, text)
        or _one_part(indicator, read)
        or _negative_part(bottom)
    ):
        row.problems.append(problem)
        return
    value = _display(indicator, stated) if isinstance(stated, Number) else None
    if isinstance(top, Number) and isinstance(bottom, Number):
        _pair(row, indicator, stated, value, top.value, bottom.value, text)
    elif value is None or not isinstance(stated, Number):
        row.outcome = Outcome.MISSING
        if isinstance(bottom, Number) and bottom.value:
            row.warnings.append(_("A weight without its score: nothing was reported."))
    elif problem := (
        _share_or_percent(indicator, stated, text) or _out_of_range(indicator, value, text)
    ):
        row.problems.append(problem)
    elif isinstance(bottom, Number) and not bottom.value:
        row.problems.append(
            Problem(
                Code.PAIR,
                "denominator",
                "0",
                _("A score that nobody gave cannot be."),
                _("Leave the value empty where nobody answered."),
            )
        )
    else:
        row.outcome, row.value, row.stored = Outcome.ACCEPT, value, True
        if isinstance(bottom, Number):
            row.numerator, row.denominator = value * bottom.value, bottom.value
        else:
            row.warnings.append(_("Without numerator and denominator it counts in no total."))


def _share_or_percent(indicator: IndicatorKey, stated: Number, text: str) -> Problem | None:
    """``0.85`` of a percentage: nobody can tell if the writer thinks in shares."""
    if not indicator.percent or stated.percent or not ZERO < abs(stated.value) <= ONE:
        return None
    both = {"small": plain(stated.value), "large": plain(stated.value * HUNDRED)}
    return Problem(
        Code.AMBIGUOUS,
        "value",
        text,
        _("Is this %(small)s %% or %(large)s %%?") % both,
        _("Write %(small)s%% or %(large)s%%, with the sign.") % both,
    )


def _percent_of_a_score(
    indicator: IndicatorKey, stated: Number | Marker, text: str
) -> Problem | None:
    if not indicator.weighted or indicator.percent:
        return None
    if not isinstance(stated, Number) or not stated.percent:
        return None
    return _not_percent(indicator, text)


def _not_percent(indicator: IndicatorKey, text: str) -> Problem:
    return Problem(
        Code.NUMBER,
        "value",
        text,
        _("%(code)s is counted in %(unit)s, not in percent.")
        % {"code": indicator.code, "unit": indicator.unit or _("units")},
        _("Write the number itself."),
    )


def _negative_part(bottom: Number | Marker) -> Problem | None:
    if not isinstance(bottom, Number) or bottom.value >= 0:
        return None
    return Problem(
        Code.RANGE,
        "denominator",
        plain(bottom.value),
        _("A denominator is never negative."),
        _("Look for a slipped sign."),
    )


def _pair(
    row: Row,
    indicator: IndicatorKey,
    stated: Number | Marker,
    value: Decimal | None,
    top: Decimal,
    bottom: Decimal,
    text: str,
) -> None:
    """Both parts, and perhaps what they are said to come to."""
    if not bottom:
        _over_nothing(row, top, value)
        return
    computed = indicator.scale * top / bottom
    if indicator.within and top > bottom:
        below = {"code": indicator.code, "bottom": plain(bottom)}
        row.problems.append(
            Problem(
                Code.RANGE,
                "numerator",
                plain(top),
                _("The numerator of %(code)s is part of its denominator, %(bottom)s.") % below,
                _("At most %(bottom)s. Are the two columns swapped?") % below,
            )
        )
    elif problem := _out_of_range(indicator, computed, plain(computed)):
        row.problems.append(problem)
    if value is not None and isinstance(stated, Number):
        half = Decimal(5).scaleb(-stated.decimals - 1)  # of the last digit that was written
        if abs(value - computed) > half:
            row.problems.append(_contradiction(top, bottom, computed, value, text))
    if not row.problems:
        row.outcome, row.value, row.stored = Outcome.ACCEPT, computed, True
        row.numerator, row.denominator = top, bottom


def _over_nothing(row: Row, top: Decimal, value: Decimal | None) -> None:
    if top or value is not None:
        row.problems.append(
            Problem(
                Code.PAIR,
                "denominator",
                "0",
                _("Nothing can be a share of none: the denominator is 0."),
                _("0 over 0 says that there was nobody to count; then give no value."),
            )
        )
        return
    row.outcome, row.stored = Outcome.MISSING, True
    row.numerator, row.denominator = ZERO, ZERO
    row.warnings.append(_("0 over 0: counted as reported, without a value."))


def _contradiction(
    top: Decimal, bottom: Decimal, computed: Decimal, value: Decimal, text: str
) -> Problem:
    return Problem(
        Code.PAIR,
        "value",
        text,
        _("%(top)s over %(bottom)s is %(computed)s, not %(value)s.")
        % {
            "top": plain(top),
            "bottom": plain(bottom),
            "computed": plain(round(computed, 4)),
            "value": plain(value),
        },
        _("Mend one of the three, or leave the value empty."),
    )


def plain(number: Decimal) -> str:
    """``Decimal`` without an exponent and without idle zeros: ``1E+2`` is ``100``."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _display(indicator: IndicatorKey, number: Number) -> Decimal:
    """In the indicator's own scale: 71 % of a ratio that is written as a fraction is 0.71."""
    if number.percent and not indicator.percent:
        return number.value * indicator.scale / HUNDRED
    return number.value


def _percent_in_parts(read: Read) -> Problem | None:
    for column in ("numerator", "denominator"):
        part = read[column]
        if isinstance(part, Number) and part.percent:
            return Problem(
                Code.NUMBER,
                column,
                f"{plain(part.value)}%",
                _("A part of a ratio is counted, not given in percent."),
                _("Write the number itself."),
            )
    return None


def _one_part(indicator: IndicatorKey, read: Read) -> Problem | None:
    """What is missing of a pair, or None if the row says enough (or says nothing at all)."""
    has = {column: isinstance(read[column], Number) for column in COLUMNS}
    if has["numerator"] and not has["denominator"]:
        return Problem(
            Code.PAIR,
            "denominator",
            "",
            _("A numerator without its denominator says nothing."),
            _("Give both, or the value alone."),
        )
    if indicator.weighted:
        if has["value"] and not has["denominator"]:
            return Problem(
                Code.PAIR,
                "denominator",
                "",
                _("%(code)s is a mean: its score needs a weight.") % {"code": indicator.code},
                _("Write in the denominator how many the score is about."),
            )
        return None
    if has["denominator"] and not has["numerator"]:
        return Problem(
            Code.PAIR,
            "numerator",
            "",
            _("A denominator without its numerator says nothing."),
            _("Give both, or the value alone."),
        )
    return None


def _too_fine(indicator: IndicatorKey, number: Number, text: str) -> Problem:
    if number.grouplike:
        return Problem(
            Code.AMBIGUOUS,
            "value",
            text,
            _("This may mean %(small)s or %(large)s: %(code)s takes %(decimals)d decimals.")
            % {
                "small": plain(number.value),
                "large": plain(number.value.scaleb(number.decimals)),
                "code": indicator.code,
                "decimals": indicator.decimals,
            },
            _("Write it without a separator."),
        )
    message = (
        _("%(code)s takes whole numbers.")
        if not indicator.decimals
        else _("%(code)s takes at most %(decimals)d decimals.")
    )
    return Problem(
        Code.NUMBER,
        "value",
        text,
        message % {"code": indicator.code, "decimals": indicator.decimals},
        _("Round it: %(rounded)s?")
        % {"rounded": plain(Decimal(round(number.value, indicator.decimals or 0)))},
    )


def _out_of_range(indicator: IndicatorKey, value: Decimal, text: str) -> Problem | None:
    low, high = indicator.minimum, indicator.maximum
    if (low is None or value >= low) and (high is None or value <= high):
        return None
    names = {
        "code": indicator.code,
        "low": plain(low) if low is not None else "",
        "high": plain(high) if high is not None else "",
    }
    if low is not None and high is not None:
        rule = _("%(code)s lies between %(low)s and %(high)s.") % names
    elif low is not None:
        rule = _("%(code)s is at least %(low)s.") % names
    else:
        rule = _("%(code)s is at most %(high)s.") % names
    return Problem(Code.RANGE, "value", text, rule, _("Look for a slipped digit or a wrong unit."))
