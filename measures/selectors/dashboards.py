"""The numbers of many indicators at once: as many queries for ten organizations as for a hundred."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import F, QuerySet

from initiatives.models import Membership
from initiatives.permissions import Permission
from measures.choices import ScopeKind
from measures.models import (
    Assignment,
    Baseline,
    Indicator,
    IndicatorVersion,
    Rollup,
    ShareLink,
    Target,
)
from measures.selectors.figures import Figure, Goal, Point

SHOWN = 12  # periods on a dashboard
LONGEST = 120  # periods on the page of one indicator
MOST_CELLS = 200


@dataclass(frozen=True, slots=True)
class Dashboard:
    """A page of figures, how fresh they are, and who is still to report."""

    figures: tuple[Figure, ...]
    computed_at: datetime | None
    waiting: tuple["Waiting", ...] = ()

    @property
    def late_count(self) -> int:
        """How many numbers of organizations are still to come, over all indicators."""
        latest = [figure.latest for figure in self.figures]
        return sum(max(point.expected - point.reported, 0) for point in latest if point)


class Waiting(NamedTuple):
    """Organizations that have not reported an indicator for its latest period."""

    indicator: Indicator
    period: str
    names: tuple[str, ...]


class Share(NamedTuple):
    """A cell's number in the latest period."""

    name: str
    value: str
    coverage: str
    cell_id: int


def dashboard(membership: Membership) -> Dashboard:
    """Everything agreed, for the whole initiative."""
    rollups = Rollup.objects.visible_to(membership).filter(scope=ScopeKind.INITIATIVE)
    figures = figures_of(Indicator.objects.visible_to(membership).agreed(), rollups)
    return Dashboard(figures, freshness(figures), waiting(membership, figures))


def own_dashboard(membership: Membership) -> Dashboard:
    """The numbers of the organization that somebody speaks for."""
    rollups = Rollup.objects.visible_to(membership).filter(
        scope=ScopeKind.ORGANIZATION, scope_id=membership.organization_id
    )
    found = figures_of(Indicator.objects.visible_to(membership).agreed(), rollups)
    figures = tuple(figure for figure in found if figure.points)
    return Dashboard(figures, freshness(figures))


def shared_dashboard(share: ShareLink) -> Dashboard:
    """What a reader without an account sees: accepted sums, of nobody in particular."""
    indicators = Indicator.objects.agreed()
    if share.indicator_id:
        indicators = indicators.filter(pk=share.indicator_id)
    figures = figures_of(indicators, Rollup.objects.filter(scope=ScopeKind.INITIATIVE))
    return Dashboard(figures, freshness(figures))


def figure_of(membership: Membership, indicator: Indicator) -> Figure:
    """One indicator for the whole initiative, over as many periods as a page holds."""
    rollups = Rollup.objects.visible_to(membership).filter(scope=ScopeKind.INITIATIVE)
    return figures_of([indicator], rollups, shown=LONGEST)[0]


def figures_of(
    indicators: Iterable[Indicator], rollups: QuerySet[Any], *, shown: int = SHOWN
) -> tuple[Figure, ...]:
    """Five queries, whatever the number of indicators and periods."""
    found = list(indicators)
    ids = [indicator.pk for indicator in found]
    points: dict[int, list[Point]] = defaultdict(list)
    for point in points_of(rollups.filter(indicator_id__in=ids, cell=None)):
        points[point.indicator_id].append(point)
    goals, baselines, versions = goals_of(ids), baselines_of(ids), versions_of(ids)
    return tuple(
        Figure(
            indicator=each,
            points=tuple(points[each.pk][-shown:]),
            goals=goals.get(each.pk, ()),
            baseline=baselines.get(each.pk),
            versions=tuple(versions[each.pk]),
        )
        for each in found
    )


def points_of(rollups: QuerySet[Any]) -> list[Point]:
    """The rollups of the indicators' own periods, oldest first."""
    rows = (
        rollups.filter(period__frequency=F("indicator__frequency"))
        .order_by("period__starts_on", "period_id")
        .values(
            *("indicator_id", "period_id", "version_id", "numerator", "denominator", "value"),
            *("expected", "reported", "late", "estimated", "suppressed", "missing", "stale"),
            *("oldest_input_at", "status", "reason", "computed_at"),
            words=F("period__name"),
            starts_on=F("period__starts_on"),
            ends_on=F("period__ends_on"),
        )
    )
    return [Point(period=row.pop("words"), **row) for row in rows]


def goals_of(ids: Iterable[int]) -> dict[int, tuple[Goal, ...]]:
    """The targets in force, in the order of their periods: of one period the newest row."""
    found: dict[int, dict[int, Goal]] = defaultdict(dict)
    rows = Target.objects.filter(indicator_id__in=ids).select_related("period")
    for row in rows.order_by("recorded_at", "id"):
        found[row.indicator_id][row.period_id] = Goal(
            row.period.name, row.period.starts_on, row.value, row.low, row.high
        )
    return {
        indicator: tuple(sorted(goals.values(), key=lambda goal: goal.starts_on))
        for indicator, goals in found.items()
    }


def baselines_of(ids: Iterable[int]) -> dict[int, Decimal | None]:
    rows = Baseline.objects.filter(indicator_id__in=ids).order_by("recorded_at", "id")
    return dict(rows.values_list("indicator_id", "value"))


def versions_of(ids: Iterable[int]) -> dict[int, list[IndicatorVersion]]:
    found: dict[int, list[IndicatorVersion]] = defaultdict(list)
    for version in IndicatorVersion.objects.filter(indicator_id__in=ids):
        found[version.indicator_id].append(version)
    return found


def freshness(figures: Iterable[Figure]) -> datetime | None:
    """When the oldest of the latest numbers was computed."""
    latest = [figure.latest for figure in figures]
    return min((point.computed_at for point in latest if point), default=None)


def waiting(membership: Membership, figures: Iterable[Figure]) -> tuple[Waiting, ...]:
    """Who has not reported the latest period, by name, for those who collect."""
    if not membership.may(Permission.MEASURES_COLLECT):
        return ()
    latest = [(figure.indicator, point) for figure in figures if (point := figure.latest)]
    ids = [indicator.pk for indicator, _point in latest]
    periods = {point.period_id for _indicator, point in latest}
    given = set(
        Rollup.objects.visible_to(membership)
        .filter(scope=ScopeKind.ORGANIZATION, cell=None, reported__gt=0)
        .filter(indicator_id__in=ids, period_id__in=periods)
        .values_list("indicator_id", "period_id", "scope_id")
    )
    asked: dict[int, list[Assignment]] = defaultdict(list)
    rows = Assignment.objects.filter(indicator_id__in=ids).select_related("organization")
    for row in rows.order_by("organization__name", "id"):
        asked[row.indicator_id].append(row)
    found = []
    for indicator, point in latest:
        names = {
            row.organization.name: None
            for row in asked[indicator.pk]
            if row.starts_on < point.ends_on
            and (row.ends_on is None or row.ends_on > point.starts_on)
            and (indicator.pk, point.period_id, row.organization_id) not in given
        }
        if names:
            found.append(Waiting(indicator, point.period, tuple(names)))
    return tuple(found)


def shares_of(membership: Membership, figure: Figure) -> list[Share]:
    """The latest number by cell, in the order of the partition."""
    if figure.latest is None:
        return []
    rows = (
        Rollup.objects.visible_to(membership)
        .filter(scope=ScopeKind.INITIATIVE, indicator_id=figure.indicator.pk)
        .filter(period_id=figure.latest.period_id, cell__isnull=False)
        .select_related("cell")
        .order_by("cell__position", "cell_id")[:MOST_CELLS]
    )
    return [
        Share(row.cell.name, figure.plain(row.value), f"{row.reported}/{row.expected}", row.cell_id)
        for row in rows
    ]


def share_links() -> QuerySet[Any]:
    """The links given out, newest first."""
    return ShareLink.objects.select_related("link", "indicator", "created_by").order_by("-id")
