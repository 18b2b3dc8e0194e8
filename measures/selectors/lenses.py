"""How a reader looks at one indicator: over which periods, in which place, of which group."""

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _, gettext_lazy

from initiatives.models import Membership
from measures.choices import Frequency, ScopeKind
from measures.models import Cell, Indicator, Period, Rollup
from measures.selectors.dashboards import LONGEST, figures_of
from measures.selectors.figures import Figure
from measures.selectors.places import PlaceRow, Spot, Tree, bar, place_rows

LENGTHS = [str(each) for each in Frequency]  # from the shortest to the longest
LENGTH_NAMES = {
    Frequency.MONTH: gettext_lazy("Months"),
    Frequency.QUARTER: gettext_lazy("Quarters"),
    Frequency.HALF_YEAR: gettext_lazy("Half-years"),
    Frequency.YEAR: gettext_lazy("Years"),
}
MOST_CELLS = 200


class Choice(NamedTuple):
    """One way to look on, and where it is."""

    name: str
    query: str
    is_chosen: bool


class Share(NamedTuple):
    """A cell's number in the latest period; ``bar`` is its length of a hundred."""

    name: str
    value: str
    coverage: str
    cell_id: int
    bar: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lens:
    """What of an indicator is shown. Without place, group and length: everything of everyone."""

    indicator: Indicator
    tree: Tree
    lengths: tuple[str, ...]
    frequency: str
    place: Spot | None = None
    cell: Cell | None = None

    def rollups(self, membership: Membership) -> QuerySet[Any]:
        """The rollups of the place, or of everyone, that a member may see."""
        rows = Rollup.objects.visible_to(membership).filter(indicator_id=self.indicator.pk)
        if self.place is None:
            return rows.filter(scope=ScopeKind.INITIATIVE)
        return rows.filter(scope=ScopeKind.PLACE, scope_id=self.place.id)

    def figure(self, membership: Membership) -> Figure:
        """The indicator's line, over as many periods as a page holds."""
        return figures_of(
            [self.indicator],
            self.rollups(membership),
            shown=LONGEST,
            frequency=self.frequency,
            cell_id=self.cell.pk if self.cell else None,
            is_whole=self.place is None,
        )[0]

    @property
    def inside(self) -> set[int] | None:
        """The organizations of the place; None for everyone."""
        return self.tree.organizations_in(self.place.id) if self.place else None

    @property
    def whose(self) -> str:
        """Of whom, in words; nothing for everyone."""
        return ", ".join(each.name for each in (self.place, self.cell) if each)

    @property
    def query(self) -> str:
        """The part of the address that says all this."""
        chosen: dict[str, int | str] = {}
        if self.frequency != self.indicator.frequency:
            chosen["by"] = self.frequency
        if self.place:
            chosen["place"] = self.place.id
        if self.cell:
            chosen["cell"] = self.cell.pk
        return f"?{urlencode(chosen)}" if chosen else ""

    @property
    def origin(self) -> str:
        """The same for how a number was computed, which knows its period."""
        return replace(self, frequency=self.indicator.frequency).query

    @property
    def further(self) -> str:
        """What precedes one more wish in the address."""
        return f"{self.query}&" if self.query else "?"

    @property
    def by_length(self) -> list[Choice]:
        """The lengths of period to choose from."""
        return [
            Choice(
                str(LENGTH_NAMES[Frequency(each)]),
                replace(self, frequency=each).query or "?",
                each == self.frequency,
            )
            for each in self.lengths
        ]

    @property
    def way(self) -> list[Choice]:
        """From everyone down to the place shown."""
        if self.place is None:
            return []
        above = self.tree.above(self.place.id)
        return [
            Choice(_("Everyone"), replace(self, place=None).query or "?", is_chosen=False),
            *(
                Choice(spot.name, replace(self, place=spot).query, spot.id == self.place.id)
                for spot in above
            ),
        ]

    @property
    def everywhere(self) -> str:
        """The address without the place; one for the group is there likewise."""
        return replace(self, place=None).further

    @property
    def all_groups(self) -> str:
        return replace(self, cell=None).query or "?"

    @property
    def any_group(self) -> str:
        return replace(self, cell=None).further

    @property
    def is_plain(self) -> bool:
        """Whether nothing was chosen: everyone's numbers of the indicator's own periods."""
        return not self.query

    def places(self, membership: Membership, figure: Figure) -> list[PlaceRow]:
        """The latest number in each place inside the one shown."""
        return place_rows(
            membership,
            figure,
            self.tree,
            inside=self.place.id if self.place else None,
            cell_id=self.cell.pk if self.cell else None,
        )

    def shares(self, membership: Membership, figure: Figure) -> list[Share]:
        """The latest number by cell, in the order of the partition."""
        if figure.latest is None or self.indicator.partition_id is None:
            return []
        rows = list(
            self.rollups(membership)
            .filter(period_id=figure.latest.period_id, cell__isnull=False)
            .select_related("cell")
            .order_by("cell__position", "cell_id")[:MOST_CELLS]
        )
        known = (abs(row.value) for row in rows if row.value is not None)
        longest = max(known, default=Decimal(0))
        return [
            Share(
                row.cell.name,
                figure.plain(row.value),
                f"{row.reported}/{row.expected}",
                row.cell_id,
                bar(row.value, longest),
            )
            for row in rows
        ]


def lens(
    membership: Membership,
    indicator_id: int,
    *,
    by: str = "",
    place_id: int | None = None,
    cell_id: int | None = None,
) -> Lens:
    """The lens that an address asks for; a length that the indicator has not is its own length.

    :raises Http404: no such indicator, place or group for this member.
    """
    periods = Period.objects.filter(calendar_id=OuterRef("calendar_id")).order_by()
    rows = Indicator.objects.visible_to(membership).annotate(
        lengths_there=ArraySubquery(periods.values("frequency").distinct())
    )
    indicator = get_object_or_404(rows, pk=indicator_id)
    tree = Tree()
    if place_id is not None and place_id not in tree.spots:
        raise Http404
    cells = Cell.objects.filter(partition_id=indicator.partition_id)
    lengths = _lengths(indicator.frequency, indicator.lengths_there)
    return Lens(
        indicator=indicator,
        tree=tree,
        lengths=lengths,
        frequency=by if by in lengths else indicator.frequency,
        place=tree.spots[place_id] if place_id is not None else None,
        cell=get_object_or_404(cells, pk=cell_id) if cell_id is not None else None,
    )


def _lengths(own: str, there: list[str]) -> tuple[str, ...]:
    """An indicator's own length of period and the longer ones of its calendar."""
    longer = LENGTHS[LENGTHS.index(own) :]
    return tuple(each for each in longer if each in there or each == own)
