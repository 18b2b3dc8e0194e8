"""The tree of places, and one indicator's numbers over it: a row to a place, in one query."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from initiatives.choices import PlaceLevel
from initiatives.models import Membership, OrganizationPlace, Place
from initiatives.permissions import Permission
from initiatives.templatetags.concert import signed
from measures.choices import ScopeKind
from measures.models import Rollup
from measures.selectors.coverage import are_comparable, coverage_of, coverage_then
from measures.selectors.figures import Figure

MOST_PLACES = 400  # rows of one table: a larger tree is walked level by level


class Spot(NamedTuple):
    """A place in the tree."""

    id: int
    name: str
    level: str
    parent_id: int | None

    @property
    def kind(self) -> str:
        return str(PlaceLevel(self.level).label) if self.level in PlaceLevel.values else ""


class Tree:
    """All places of the initiative in scope, read once."""

    def __init__(self) -> None:
        rows = Place.objects.order_by("name", "id").values_list("id", "name", "level", "parent_id")
        self.spots = {row[0]: Spot(*row) for row in rows}
        self.parts: dict[int | None, list[Spot]] = defaultdict(list)
        for spot in self.spots.values():
            self.parts[spot.parent_id].append(spot)

    def above(self, place_id: int) -> list[Spot]:
        """From the widest place down to the one asked for."""
        found: dict[int, Spot] = {}
        spot = self.spots.get(place_id)
        while spot is not None and spot.id not in found:
            found[spot.id] = spot
            spot = self.spots.get(spot.parent_id) if spot.parent_id else None
        return list(reversed(found.values()))

    def below(self, place_id: int | None) -> Iterator[tuple[int, Spot]]:
        """The places inside one, or all, each after the one that it lies in, with its depth."""
        waiting = [(0, spot) for spot in reversed(self.parts[place_id])]
        seen: set[int] = set()
        while waiting:
            depth, spot = waiting.pop()
            if spot.id in seen:
                continue
            seen.add(spot.id)
            yield depth, spot
            waiting += [(depth + 1, part) for part in reversed(self.parts[spot.id])]

    def organizations_in(self, place_id: int) -> QuerySet[Any]:
        """The ids of those that work in a place or inside it, to be asked with what is read of them."""
        inside = [place_id, *(spot.id for _depth, spot in self.below(place_id))]
        return OrganizationPlace.objects.filter(place_id__in=inside).values("organization_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceRow:
    """One place's number in one period, in words; ``bar`` is its length of a hundred."""

    id: int
    name: str
    kind: str
    depth: int
    parts: int
    value: str
    change: str
    then: str  # who reported in the period compared with, where it differs
    coverage: str
    bar: str
    is_known: bool
    is_private: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceTable:
    """The places inside one, beside a figure: whose numbers of which periods are asked for."""

    figure: Figure
    tree: Tree
    inside: int | None
    cell_id: int | None

    @property
    def spots(self) -> list[tuple[int, Spot]]:
        """The places with their depth, each after the one that it lies in."""
        if self.figure.latest is None:
            return []
        shown = list(self.tree.below(self.inside))
        if len(shown) > MOST_PLACES:
            return [(0, spot) for spot in self.tree.parts[self.inside]][:MOST_PLACES]
        return shown

    @property
    def periods(self) -> list[int]:
        """That of the figure's latest number, and the one before."""
        return [point.period_id for point in (self.figure.latest, self.figure.previous) if point]

    @property
    def rollups(self) -> QuerySet[Any]:
        return Rollup.objects.filter(
            indicator_id=self.figure.indicator.pk,
            scope=ScopeKind.PLACE,
            scope_id__in=[spot.id for _depth, spot in self.spots],
            period_id__in=self.periods,
            cell_id=self.cell_id,
        )

    def rows(self, membership: Membership, numbers: Iterable[dict[str, Any]]) -> list[PlaceRow]:
        """A row for each place, of its ``numbers``."""
        found = {(row["scope_id"], row["period_id"]): row for row in numbers}
        collects = membership.may(Permission.MEASURES_COLLECT)
        # A number that rests on one organization is that organization's.
        open_values = [
            abs(row["value"])
            for (_place, period), row in found.items()
            if row["value"] is not None
            and period == self.periods[0]
            and (collects or not row["is_private"])
        ]
        longest = max(open_values, default=Decimal(0))
        return [
            _row(
                self.figure,
                spot,
                [found.get((spot.id, each)) for each in self.periods],
                depth=depth,
                parts=len(self.tree.parts[spot.id]),
                collects=collects,
                longest=longest,
            )
            for depth, spot in self.spots
        ]


def _row(
    figure: Figure,
    spot: Spot,
    numbers: list[dict[str, Any] | None],
    *,
    depth: int,
    parts: int,
    collects: bool,
    longest: Decimal,
) -> PlaceRow:
    here, before = [*numbers, None][:2]
    is_private = bool(here and here["is_private"] and not collects)
    value = here["value"] if here and not is_private else None
    change = then = ""
    if (
        value is not None
        and here
        and before
        and before["value"] is not None
        and (collects or not before["is_private"])
        and before["version_id"] == here["version_id"]
    ):
        was, now = ((row["reported"], row["expected"]) for row in (before, here))
        difference = value - before["value"]
        if are_comparable(was, now):
            change = signed(difference, figure.indicator.decimals) if difference else _("unchanged")
        else:
            change = _("not compared")
        then = coverage_then(was, now)
    return PlaceRow(
        id=spot.id,
        name=spot.name,
        kind=spot.kind,
        depth=min(depth, 3),
        parts=parts,
        value=_("one organization’s") if is_private else figure.plain(value),
        change=change,
        then=then,
        coverage=coverage_of(here["reported"], here["expected"]) if here else "",
        bar=bar(value, longest),
        is_known=value is not None,
        is_private=is_private,
    )


def bar(value: Decimal | None, longest: Decimal) -> str:
    """The length of a bar that begins at zero, of a hundred, with a plain point."""
    return f"{abs(value) / longest * 100:.2f}" if value is not None and longest else "0"
