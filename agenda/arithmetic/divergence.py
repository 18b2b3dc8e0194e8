"""How far views lie apart, exactly: fractions, so that no order of adding changes anything.

For a facet f, over all pairs of organizations o and p: D_f = Σ i_o·i_p·d(o, p) / Σ i_o·i_p, where i
is how important the facet is to each and d how far apart two answers are: for lists the share of
what either named that both did not, for numbers |x − y| / range. The same-issue index is 1 − Σ ī_f·D_f / Σ ī_f.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

NOTHING, ALL = Fraction(0), Fraction(1)


@dataclass(frozen=True)
class View:
    """One organization's answer to one question, by a list or by a number."""

    importance: int
    chosen: frozenset[str] = frozenset()
    number: Fraction | None = None


@dataclass(frozen=True)
class Measured:
    """A facet's divergence and mean importance; None where fewer than two views can be compared."""

    divergence: Fraction | None
    importance: Fraction

    @property
    def weight(self) -> Fraction:
        """What decides whether it becomes a difference."""
        return (self.divergence or NOTHING) * self.importance


def distance(one: View, other: View, span: Fraction) -> Fraction:
    """How far two answers lie apart, 0 to 1."""
    if one.number is not None and other.number is not None:
        apart = abs(one.number - other.number)
        return min(apart / span, ALL) if span > 0 else NOTHING
    union = one.chosen | other.chosen
    if not union:
        return NOTHING
    return ALL - Fraction(len(one.chosen & other.chosen), len(union))


def span_of(views: Iterable[View]) -> Fraction:
    """The range of the numbers that were given, where a question sets none."""
    numbers = [each.number for each in views if each.number is not None]
    return max(numbers) - min(numbers) if numbers else NOTHING


def measure(views: Sequence[View], span: Fraction | None = None) -> Measured:
    """A facet's divergence among those who answered it."""
    if not views:
        return Measured(None, NOTHING)
    span = span_of(views) if span is None else span
    importance = Fraction(sum(each.importance for each in views), len(views))
    above = below = NOTHING
    for one, other in combinations(views, 2):
        weight = one.importance * other.importance
        above += weight * distance(one, other, span)
        below += weight
    if len(views) < 2:  # noqa: PLR2004 -- a pair
        return Measured(None, importance)
    return Measured(above / below if below else NOTHING, importance)


def same_issue_index(facets: Iterable[Measured]) -> Fraction | None:
    """How much of one issue all are talking about, 0 to 1; None where nothing can be compared."""
    compared = [each for each in facets if each.divergence is not None]
    whole = sum((each.importance for each in compared), NOTHING)
    if not compared:
        return None
    if not whole:
        return ALL
    return ALL - sum((each.weight for each in compared), NOTHING) / whole


def two_sides(views: Sequence[View], span: Fraction | None = None) -> list[int]:
    """The side, 0 or 1, of each view: by the two that lie farthest apart where it matters most.

    The order of the views decides nothing but which of two equal pairs is taken.
    """
    if len(views) < 2:  # noqa: PLR2004 -- a pair
        return [0] * len(views)
    span = span_of(views) if span is None else span

    def tension(pair: tuple[int, int]) -> tuple[Fraction, int]:
        one, other = views[pair[0]], views[pair[1]]
        return distance(one, other, span), one.importance * other.importance

    first, second = max(combinations(range(len(views)), 2), key=tension)
    return [
        int(distance(each, views[second], span) < distance(each, views[first], span))
        for each in views
    ]
