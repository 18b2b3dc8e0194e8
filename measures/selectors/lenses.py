"""How a reader looks at one indicator: over which periods, in which place, of which group."""

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, ExpressionWrapper, OuterRef, QuerySet, Value
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _, gettext_lazy

from initiatives.models import Membership
from measures.choices import Frequency, ScopeKind
from measures.models import Cell, Indicator, IndicatorVersion, Period, Rollup
from measures.querysets import RESTS_ON_ONE
from measures.selectors.dashboards import LONGEST, Agreed, figures_of, revisions_of
from measures.selectors.figures import Figure
from measures.selectors.places import PlaceRow, PlaceTable, Spot, Tree, bar

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
    versions: list[IndicatorVersion]
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
            agreed=Agreed(*revisions_of([self.indicator.pk]), {self.indicator.pk: self.versions}),
        )[0]

    @property
    def inside(self) -> QuerySet[Any] | None:
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

    def parts(self, membership: Membership, figure: Figure) -> tuple[list[PlaceRow], list[Share]]:
        """The latest number in each place inside the one shown, and by cell: with one query."""
        table = PlaceTable(
            figure=figure,
            tree=self.tree,
            inside=self.place.id if self.place else None,
            cell_id=self.cell.pk if self.cell else None,
        )
        asked = []
        if table.spots:
            asked.append(_numbers(table.rollups, is_by_cell=False))
        if figure.latest and self.indicator.partition_id:
            by_cell = self.rollups(membership).filter(
                period_id=figure.latest.period_id, cell__isnull=False
            )
            in_order = by_cell.order_by("cell__position", "cell_id")[:MOST_CELLS]
            asked.append(_numbers(in_order, is_by_cell=True))
        found = list(asked[0].union(*asked[1:], all=True)) if asked else []
        rows: list[list[Any]] = [[], []]
        for each in found:
            rows[each["is_by_cell"]].append(each)
        return table.rows(membership, rows[0]), _shares(figure, rows[1])


def _numbers(rollups: QuerySet[Any], *, is_by_cell: bool) -> QuerySet[Any]:
    """Rollups as rows that say whether they are cells' or places'."""
    return rollups.annotate(
        is_by_cell=Value(is_by_cell), is_private=ExpressionWrapper(RESTS_ON_ONE, BooleanField())
    ).values(
        *("is_by_cell", "is_private", "scope_id", "period_id", "version_id", "cell_id"),
        *("cell__name", "cell__position", "value", "expected", "reported"),
    )


def _shares(figure: Figure, numbers: list[dict[str, Any]]) -> list[Share]:
    """Each cell's number, in the order of the partition."""
    known = (abs(row["value"]) for row in numbers if row["value"] is not None)
    longest = max(known, default=Decimal(0))
    return [
        Share(
            row["cell__name"],
            figure.plain(row["value"]),
            f"{row['reported']}/{row['expected']}",
            row["cell_id"],
            bar(row["value"], longest),
        )
        for row in sorted(numbers, key=lambda row: (row["cell__position"], row["cell_id"]))
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
    indicator, versions = indicator_of(membership, indicator_id)
    tree = Tree()
    if place_id is not None and place_id not in tree.spots:
        raise Http404
    cells = Cell.objects.filter(partition_id=indicator.partition_id)
    lengths = _lengths(indicator.frequency, indicator.lengths_there)  # type: ignore[attr-defined]
    return Lens(
        indicator=indicator,
        versions=versions,
        tree=tree,
        lengths=lengths,
        frequency=by if by in lengths else indicator.frequency,
        place=tree.spots[place_id] if place_id is not None else None,
        cell=get_object_or_404(cells, pk=cell_id) if cell_id is not None else None,
    )


def indicator_of(
    membership: Membership, indicator_id: int
) -> tuple[Indicator, list[IndicatorVersion]]:
    """An indicator with its goal and its versions: one query where it has any.

    :raises Http404: no such indicator for this member.
    """
    visible = Indicator.objects.visible_to(membership).filter(pk=indicator_id)
    versions = list(
        IndicatorVersion.objects.filter(indicator__in=visible)
        .select_related("indicator__goal")
        .annotate(lengths_there=_lengths_in(OuterRef("indicator__calendar_id")))
    )
    if not versions:
        rows = visible.annotate(lengths_there=_lengths_in(OuterRef("calendar_id")))
        return get_object_or_404(rows.select_related("goal")), []
    found = versions[0].indicator
    found.lengths_there = versions[0].lengths_there
    return found, versions


def _lengths_in(calendar_id: OuterRef) -> ArraySubquery:
    """The lengths of the periods of a calendar."""
    periods = Period.objects.filter(calendar_id=calendar_id).order_by()
    return ArraySubquery(periods.values("frequency").distinct())


def _lengths(own: str, there: list[str]) -> tuple[str, ...]:
    """An indicator's own length of period and the longer ones of its calendar."""
    longer = LENGTHS[LENGTHS.index(own) :]
    return tuple(each for each in longer if each in there or each == own)
