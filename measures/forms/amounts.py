"""Numbers as people type them, one at a time."""

import re
from decimal import Decimal
from typing import NamedTuple

from django import forms
from django.utils import formats
from django.utils.translation import gettext

from measures.choices import FactStatus
from measures.imports.numbers import (
    ANY_NUMBER,
    MOST_DECIMALS,
    Marker,
    NotANumberError,
    Style,
    read_number,
)
from measures.models import Indicator

GROUP = 3  # digits that may be a group of thousands, or decimals
AMBIGUOUS = "ambiguous"
GROUPLIKE = re.compile(r"-?[1-9]\d{0,2}[.,]\d{3}")


class Reading(NamedTuple):
    """One of the numbers a text may mean: as it is said, and as it is typed unmistakably."""

    label: str
    text: str


def style() -> Style:
    """How the reader's language writes decimals."""
    return Style.COMMA if formats.get_format("DECIMAL_SEPARATOR") == "," else Style.POINT


def shown(amount: Decimal | None) -> str:
    """An amount as somebody would type it: no groups, no idle zeros."""
    if amount is None:
        return ""
    text = f"{amount:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text.replace(".", ",") if style() is Style.COMMA else text


def typed(amount: Decimal | None) -> str:
    """A stored amount in a field: so that it is read back as that, and as nothing else."""
    text = shown(amount)
    return f"{text}0" if GROUPLIKE.fullmatch(text) else text


def read_amount(
    text: str, indicator: Indicator | None = None, *, otherwise: str = ""
) -> tuple[Decimal | None, FactStatus]:
    """The number of a text, or None, and the status that goes with it.

    Whoever's language it is, a number that can be read in one way is read: ``1.234,5`` as
    ``1,234.5``. One that can be read in two is asked about, unless ``indicator`` takes too few
    decimals for one of the two. ``otherwise``: what else the field takes, where that is not what a
    file may say.

    :raises forms.ValidationError: it is no number, or two; says what would be right.
    """
    if not text.strip():
        return None, FactStatus.NORMAL
    try:
        found = read_number(text, Style.EITHER)
    except NotANumberError as error:
        if error.readings and "%" not in text and _is_coarse(indicator):
            return _signed(max(map(Decimal, error.readings)), text), FactStatus.NORMAL
        raise _unreadable(error, text, otherwise) from error
    if found is Marker.MISSING:
        return None, FactStatus.MISSING
    if isinstance(found, Marker):
        return None, FactStatus.SUPPRESSED
    if found.percent and indicator is not None and (indicator.is_pair or indicator.unit != "%"):
        raise forms.ValidationError(gettext("A number is expected here, not a share in percent."))
    if found.rounded:
        raise forms.ValidationError(
            gettext("At most %(most)d decimals are kept.") % {"most": MOST_DECIMALS}
        )
    return found.value, FactStatus.NORMAL


def _is_coarse(indicator: Indicator | None) -> bool:
    """Whether three decimals are too many. The two numbers of a pair are as they were counted."""
    if indicator is None or indicator.is_pair or indicator.decimals is None:
        return False
    return indicator.decimals < GROUP


def _signed(amount: Decimal, text: str) -> Decimal:
    return -amount if text.strip().startswith(("-", "\u2212")) else amount


def readings_of(error: forms.ValidationError) -> tuple[Reading, ...]:
    """The numbers that a refused text may mean, larger first; none if it is no number."""
    return (error.params or {}).get("readings", ()) if error.code == AMBIGUOUS else ()


def _unreadable(error: NotANumberError, text: str, otherwise: str) -> forms.ValidationError:
    """Why it is no number, or which two it may be, to somebody who types it."""
    if not error.readings:
        is_plain = otherwise and error.suggestion == str(ANY_NUMBER)
        suggestion = otherwise if is_plain else error.suggestion
        return forms.ValidationError(f"{error.message} {suggestion}".strip())
    small, large = (_signed(each, text) for each in sorted(map(Decimal, error.readings)))
    said = gettext("Did you mean %(large)s or %(small)s?") % {
        "small": shown(small),
        "large": shown(large),
    }
    how = gettext("Write it like that, without a mark for thousands.")
    if typed(small) != shown(small):
        how = gettext("Write %(large)s for the first, and %(typed)s, with a 0 more, for the other.")
        how %= {"large": shown(large), "typed": typed(small)}
    readings = tuple(Reading(shown(each), typed(each)) for each in (large, small))
    return forms.ValidationError(f"{said} {how}", code=AMBIGUOUS, params={"readings": readings})
