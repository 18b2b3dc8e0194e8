"""Numbers that can be added, and how one is divided by another."""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from typing import NamedTuple

from measures.arithmetic.series import Definition, Fact

EXACT = Context(prec=400, rounding=ROUND_HALF_UP)
LONG, SHORT = Decimal(1).scaleb(-20), Decimal(1).scaleb(-10)


class Part(NamedTuple):
    """What can be added up: a value, or a numerator over a denominator."""

    top: Decimal
    bottom: Decimal | None


def quotient(top: Decimal, bottom: Decimal, scale: Decimal = Decimal(1)) -> Decimal | None:
    """Divide, half away from zero, at 20 decimals and then at 10. None over zero."""
    if not bottom:
        return None
    with localcontext(EXACT):
        return (scale * top / bottom).quantize(LONG).quantize(SHORT)


def part_of(definition: Definition, fact: Fact) -> Part | None:
    """Return what a fact contributes. A pair counts only whole; a mean of nothing is dropped."""
    if fact.status in {"missing", "suppressed"}:
        return None
    if not definition.is_pair:
        return None if fact.value is None else Part(fact.value, None)
    if fact.numerator is None or fact.denominator is None:
        return None
    if definition.kind == "mean" and not fact.denominator:
        return None
    return Part(fact.numerator, fact.denominator)


def is_whole(definition: Definition, fact: Fact) -> bool:
    """Say whether the fact leaves nothing open. A mean over nobody is whole, though it adds 0."""
    nobody = definition.kind == "mean" and fact.denominator == 0 and fact.numerator is not None
    return part_of(definition, fact) is not None or (
        nobody and fact.status not in {"missing", "suppressed"}
    )


def add(parts: Iterable[Part]) -> Part | None:
    """Add tops to tops and bottoms to bottoms. No parts have no sum."""
    parts = list(parts)
    if not parts:
        return None
    with localcontext(EXACT):
        bottoms = [part.bottom for part in parts if part.bottom is not None]
        return Part(
            sum((part.top for part in parts), Decimal(0)),
            sum(bottoms, Decimal(0)) if bottoms else None,
        )


def value_of(definition: Definition, part: Part | None) -> Decimal | None:
    if part is None:
        return None
    if part.bottom is None:
        return part.top
    return quotient(part.top, part.bottom, definition.scale)
