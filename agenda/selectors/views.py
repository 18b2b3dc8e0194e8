"""What was revealed, side by side, with how far the views lie apart and how that was computed."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

from agenda.arithmetic.divergence import Measured, View, measure, same_issue_index
from agenda.models import ListeningRound, PositionFacet, PositionStatement, RoundFacet
from agenda.models.differences import distance_in_words
from initiatives.models import Membership, Organization

MOST_NAMES = 12


@dataclass(frozen=True)
class Answered:
    """One organization's answer to one question."""

    organization: Organization
    said: PositionFacet
    is_late: bool


class Named(NamedTuple):
    """One answer and who gave it."""

    choice: str  # of a list
    number: Decimal | None
    organizations: list[Organization]

    @property
    def is_long(self) -> bool:
        """Whether the names would hide the answers."""
        return len(self.organizations) > MOST_NAMES


@dataclass(frozen=True)
class FacetSheet:
    """One question with all answers."""

    facet: RoundFacet
    answers: list[Answered]
    measured: Measured
    level: Decimal

    @property
    def divergence(self) -> Decimal | None:
        found = self.measured.divergence
        return None if found is None else decimal(found)

    @property
    def distance_in_words(self) -> str:
        return distance_in_words(self.measured.divergence or Fraction(0))

    @property
    def importance(self) -> Decimal:
        return decimal(self.measured.importance)

    @property
    def weight(self) -> Decimal:
        return decimal(self.measured.weight)

    @property
    def is_difference(self) -> bool:
        """Whether it lies above the level from which a difference is proposed."""
        return self.measured.divergence is not None and self.weight >= self.level

    @property
    def tally(self) -> list[Named]:
        """Each answer that was given with who gave it: of a list the most given first, numbers in
        their order; nothing for answers in words.
        """
        named: dict[Any, list[Organization]] = {choice: [] for choice in self.facet.choices}
        for each in self.answers:
            number = each.said.number
            for what in each.said.chosen if number is None else [number]:
                named.setdefault(what, []).append(each.organization)
        rows = [
            Named(what, None, who) if isinstance(what, str) else Named("", what, who)
            for what, who in named.items()
            if who
        ]
        return sorted(rows, key=lambda row: (row.number or 0, -len(row.organizations)))


@dataclass(frozen=True)
class SideBySide:
    """All views of a round."""

    round: ListeningRound
    statements: list[PositionStatement]
    facets: list[FacetSheet]
    index: Decimal | None

    @property
    def compared(self) -> list[FacetSheet]:
        return [each for each in self.facets if each.divergence is not None]

    @property
    def weights(self) -> Decimal:
        """Σ ī_f·D_f."""
        return decimal(sum((e.measured.weight for e in self.compared), Fraction(0)))

    @property
    def importances(self) -> Decimal:
        """Σ ī_f."""
        return decimal(sum((e.measured.importance for e in self.compared), Fraction(0)))

    @property
    def differs(self) -> bool:
        """Whether a difference is proposed for any of the questions."""
        return any(each.is_difference for each in self.facets)

    @property
    def late(self) -> list[PositionStatement]:
        return [each for each in self.statements if each.is_late]


def decimal(fraction: Fraction) -> Decimal:
    """To four places."""
    return (Decimal(fraction.numerator) / Decimal(fraction.denominator)).quantize(Decimal("0.0001"))


def side_by_side(round_: ListeningRound, membership: Membership | None = None) -> SideBySide:
    """All revealed views of a round as far as the member may see them; the clock sees all."""
    rows = PositionStatement.objects.revealed().filter(round=round_)
    if membership is not None:
        rows = rows.visible_to(membership)
    statements = list(rows.select_related("organization").prefetch_related("facets"))
    given: dict[int, list[Answered]] = {}
    for statement in statements:
        for said in statement.facets.all():
            if said.is_answered:
                row = Answered(statement.organization, said, statement.is_late)
                given.setdefault(said.facet_id, []).append(row)
    facets = [
        FacetSheet(facet, given.get(facet.pk, []), _measured(facet, given.get(facet.pk, [])), level)
        for level in [round_.level]
        for facet in round_.facets.all()
    ]
    index = same_issue_index(each.measured for each in facets)
    return SideBySide(round_, statements, facets, None if index is None else decimal(index))


def _measured(facet: RoundFacet, answers: list[Answered]) -> Measured:
    """What was written after the reveal was written knowing the others: it does not count."""
    if not facet.is_compared:
        return Measured(None, Fraction(0))
    return measure([view_of(each.said) for each in answers if not each.is_late], span_set(facet))


def span_set(facet: RoundFacet) -> Fraction | None:
    """The range that a question sets for its numbers."""
    if facet.minimum is None or facet.maximum is None:
        return None
    return Fraction(facet.maximum) - Fraction(facet.minimum)


def view_of(said: PositionFacet) -> View:
    number = None if said.number is None else Fraction(said.number)
    return View(said.importance, frozenset(said.chosen), number)


def rounds_revealed(membership: Membership) -> Any:
    """Rounds whose views can be read."""
    rows = ListeningRound.objects.visible_to(membership)
    return rows.filter(revealed_at__isnull=False)
