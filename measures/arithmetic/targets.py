"""How far a value is on its way to a target."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol, TypeVar

from measures.arithmetic.numbers import quotient


@dataclass(frozen=True, slots=True)
class Progress:
    """How far to the target. ``share`` 1 is there; unclamped; None where no share makes sense.

    ``distance`` is how far a value to be maintained lies outside its range, in its own unit.
    """

    share: Decimal | None
    met: bool
    distance: Decimal | None = None


class Begun(Protocol):
    """Something that holds from a day on."""

    @property
    def starts_on(self) -> date: ...


T = TypeVar("T", bound=Begun)


def in_force(targets: Sequence[T], day: date) -> T | None:
    """Return the last of the targets, in order, that has begun by a day; None before the first.

    ``day`` is the first of a number's period: what is set for later judges nothing earlier.
    """
    begun = [target for target in targets if target.starts_on <= day]
    return begun[-1] if begun else None


def progress(
    direction: str,
    actual: Decimal,
    *,
    target: Decimal | None = None,
    baseline: Decimal | None = None,
    low: Decimal | None = None,
    high: Decimal | None = None,
) -> Progress:
    """Compare a value with its target: ``(A - B) / (T - B)`` for both directions.

    Without a baseline an increase has the share ``A / T`` and a decrease only met or not. For
    ``maintain`` give ``low`` and ``high``, either may be open.
    """
    if direction == "maintain":
        under = low - actual if low is not None and actual < low else Decimal(0)
        over = actual - high if high is not None and actual > high else Decimal(0)
        return Progress(None, met=not (under or over), distance=under + over)
    if target is None:
        raise ValueError("An increase or a decrease is measured against a target.")
    met = actual >= target if direction == "increase" else actual <= target
    if baseline is not None:
        return Progress(quotient(actual - baseline, target - baseline), met=met)
    return Progress(quotient(actual, target) if direction == "increase" else None, met=met)
