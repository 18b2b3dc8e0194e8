"""The numbers of many indicators at once: as many queries for ten organizations as for a hundred."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value, Window
from django.db.models.functions import Cast, RowNumber

from initiatives.models import Membership
from initiatives.permissions import Permission
from measures.choices import IndicatorKind, IndicatorState, ScopeKind
from measures.models import (
    Assignment,
    Baseline,
    Indicator,
    IndicatorVersion,
    Rollup,
    ShareLink,
    Target,
)
from measures.selectors.aims import Goal, Start
from measures.selectors.answers import is_it_working
from measures.selectors.coverage import Point
from measures.selectors.figures import Figure

SHOWN = 12  # periods on a dashboard
MOST_TILES = 4
MOST_NAMES = 8
LONGEST = 120  # periods on the page of one indicator


@dataclass(frozen=True, slots=True)
class Dashboard:
    """A page of figures, how fresh they are, and who is still to report."""

    figures: tuple[Figure, ...]
    computed_at: datetime | None
    waiting: tuple["Waiting", ...] = ()

    @property
    def known(self) -> tuple[Figure, ...]:
        """The figures that have a number."""
        return tuple(figure for figure in self.figures if figure.known)

    @property
    def first(self) -> Figure | None:
        """The figure that stands for the whole: the first that has a number."""
        return self.known[0] if self.known else None

    @property
    def is_starred(self) -> bool:
        """Whether any change is marked with a star: others reported in the period before."""
        return any(figure.then for figure in self.figures)

    @property
    def answer(self) -> str:
        """Whether it is working, in a sentence."""
        return is_it_working(self.figures)

    @property
    def tiles(self) -> tuple[Figure, ...]:
        """The headline numbers: few enough to be taken in at a glance."""
        return (self.known or self.figures)[:MOST_TILES]


class Waiting(NamedTuple):
    """Organizations that have not reported the newest period that is coming in, and what of it."""

    indicators: tuple[Indicator, ...]
    period: str
    names: tuple[str, ...]

    @property
    def is_short(self) -> bool:
        """Whether the names can stand on the page without being asked for."""
        return len(self.names) <= MOST_NAMES


def dashboard(membership: Membership) -> Dashboard:
    """Everything agreed, for the whole initiative."""
    rollups = Rollup.objects.visible_to(membership).filter(scope=ScopeKind.INITIATIVE)
    figures = figures_of(Indicator.objects.visible_to(membership).agreed(), rollups)
    return Dashboard(figures, freshness(figures), waiting(membership, figures))


def own_dashboard(membership: Membership) -> Dashboard:
    """The numbers of the organization that somebody speaks for, beside everyone's."""
    indicators = list(Indicator.objects.visible_to(membership).agreed())
    visible = Rollup.objects.visible_to(membership)
    own = visible.filter(scope=ScopeKind.ORGANIZATION, scope_id=membership.organization_id)
    agreed = agreements_of(indicators)
    found = figures_of(indicators, own, agreed=agreed, is_whole=False)
    figures = [figure for figure in found if figure.points]
    everyone = figures_of(
        [figure.indicator for figure in figures],
        visible.filter(scope=ScopeKind.INITIATIVE),
        agreed=agreed,
        shown=LONGEST,
    )
    beside = tuple(
        replace(figure, whole=whole) for figure, whole in zip(figures, everyone, strict=True)
    )
    return Dashboard(beside, freshness(beside))


def is_asked(membership: Membership) -> bool:
    """Whether the organization that somebody speaks for is asked for any agreed number."""
    asked = Assignment.objects.filter(organization_id=membership.organization_id)
    return bool(asked.filter(indicator__state=IndicatorState.AGREED).exists())


def indicators_shared(share: ShareLink) -> QuerySet[Any]:
    """The indicators that a link shows: all that are agreed, or the one it is for."""
    indicators = Indicator.objects.agreed()
    return indicators.filter(pk=share.indicator_id) if share.indicator_id else indicators


def shared_dashboard(share: ShareLink) -> Dashboard:
    """What a reader without an account sees: accepted sums, of nobody in particular."""
    whole = Rollup.objects.of_several().filter(scope=ScopeKind.INITIATIVE)
    figures = figures_of(indicators_shared(share), whole)
    return Dashboard(figures, freshness(figures))


class Agreed(NamedTuple):
    """What was agreed about some indicators, by indicator."""

    goals: dict[int, tuple[Goal, ...]]
    baselines: dict[int, Start]
    versions: dict[int, list[IndicatorVersion]]


def agreements_of(indicators: Iterable[Indicator]) -> Agreed:
    """Two queries, whatever the number of indicators."""
    ids = [indicator.pk for indicator in indicators]
    return Agreed(*revisions_of(ids), versions_of(ids))


def figures_of(
    indicators: Iterable[Indicator],
    rollups: QuerySet[Any],
    *,
    shown: int = SHOWN,
    frequency: str = "",
    cell_id: int | None = None,
    is_whole: bool = True,
    agreed: Agreed | None = None,
) -> tuple[Figure, ...]:
    """Four queries, whatever the number of indicators and periods.

    ``frequency``: the length of the periods, else each indicator's own. ``is_whole``: whether the
    numbers are everyone's, so that everyone's target is theirs.
    """
    found = list(indicators)
    agreed = agreed or agreements_of(found)
    points: dict[int, list[Point]] = defaultdict(list)
    chosen = rollups.filter(indicator_id__in=[each.pk for each in found], cell_id=cell_id)
    for point in points_of(chosen.filter(of_length(found, frequency)), shown):
        points[point.indicator_id].append(point)
    is_whole = is_whole and cell_id is None
    return tuple(
        figure_of(each, points[each.pk][-shown:], agreed, frequency=frequency, is_whole=is_whole)
        for each in found
    )


def figure_of(
    indicator: Indicator,
    points: Iterable[Point],
    agreed: Agreed,
    *,
    frequency: str = "",
    is_whole: bool = True,
) -> Figure:
    """An indicator's line through points of one length, with what of the agreed can be held against it."""
    length = frequency or indicator.frequency
    start = agreed.baselines.get(indicator.pk)
    return Figure(
        indicator=indicator,
        points=tuple(points),
        goals=tuple(
            goal
            for goal in agreed.goals.get(indicator.pk, ())
            if fits(goal, indicator, length, is_whole=is_whole)
        ),
        baseline=start._replace(is_whole=is_whole)
        if start and fits(start, indicator, length, is_whole=is_whole)
        else None,
        versions=tuple(agreed.versions[indicator.pk]),
    )


def fits(goal: Goal | Start, indicator: Indicator, frequency: str, *, is_whole: bool) -> bool:
    """Whether a target or a baseline can be held against a number: a part has no sum to reach, a year no month's."""
    if indicator.is_pair:
        return True
    return is_whole and (indicator.kind != IndicatorKind.COUNT or goal.frequency == frequency)


def of_length(indicators: Iterable[Indicator], frequency: str) -> Q:
    """Rollups of periods of one length, else of each indicator's own.

    Which that is is said, not joined: where the server has counted the periods but not yet the
    indicators, it thinks that there is one, and reads the sums of all for each and every period.
    """
    if frequency:
        return Q(period__frequency=frequency)
    ids: dict[str, list[int]] = defaultdict(list)
    for each in indicators:
        ids[each.frequency].append(each.pk)
    own = [Q(period__frequency=each, indicator_id__in=ids[each]) for each in ids]
    return Q(*own, _connector=Q.OR)


def points_of(rollups: QuerySet[Any], shown: int) -> list[Point]:
    """The last ``shown`` of the rollups of each indicator, oldest first.

    ``rollups``: those that a reader may see, of one length of periods for each indicator.
    """
    latest = Window(
        RowNumber(),
        partition_by="indicator_id",
        order_by=[F("period__starts_on").desc(), F("period_id").desc()],
    )
    rows = (
        rollups.annotate(how_late=latest)
        .filter(how_late__lte=shown)
        .order_by("period__starts_on", "period_id")
        .values(
            *("indicator_id", "period_id", "version_id", "numerator", "denominator", "value"),
            *("expected", "reported", "late", "estimated", "suppressed", "missing", "stale"),
            *("status", "reason", "computed_at"),
            words=F("period__name"),
            starts_on=F("period__starts_on"),
            ends_on=F("period__ends_on"),
        )
    )
    return [Point(period=row.pop("words"), **row) for row in rows]


def revisions_of(
    ids: Iterable[int],
) -> tuple[dict[int, tuple[Goal, ...]], dict[int, Start]]:
    """The targets in force, in the order of their periods, and the baselines: the newest rows."""
    columns = (
        *("indicator_id", "period_id", "period__name", "period__starts_on"),
        *("value", "low", "high", "period__frequency", "recorded_at", "id"),
    )
    targets = Target.objects.annotate(is_target=Value(value=True))
    # A baseline has no corridor.
    bounds = {each: Cast(Value(None), Target._meta.get_field("low")) for each in ("low", "high")}
    baselines = Baseline.objects.annotate(is_target=Value(value=False), **bounds)
    rows = [
        each.order_by().filter(indicator_id__in=ids).values_list("is_target", *columns)
        for each in (targets, baselines)
    ]
    goals: dict[int, dict[int, Goal]] = defaultdict(dict)
    starts: dict[int, Start] = {}
    for is_target, indicator, period, *said, _at, _id in (
        rows[0].union(rows[1], all=True).order_by("recorded_at", "id")
    ):
        name, starts_on, value, low, high, frequency = said
        if is_target:
            goal = Goal(name, starts_on, value, low, high, frequency)
            goals[indicator][period] = goal.revising(goals[indicator].get(period))
        else:
            starts[indicator] = Start(name, value, frequency)
    in_order = {
        indicator: tuple(sorted(found.values(), key=lambda goal: goal.starts_on))
        for indicator, found in goals.items()
    }
    return in_order, starts


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
    """Who has not reported the newest period, by name, for those who collect.

    What the same organizations owe for the same period is said once.
    """
    if not membership.may(Permission.MEASURES_COLLECT):
        return ()
    latest = [(figure.indicator, point) for figure in figures if (point := figure.newest)]
    owed = _owed(Rollup.objects.visible_to(membership), latest)
    found: dict[tuple[str, tuple[str, ...]], list[Indicator]] = defaultdict(list)
    for indicator, point in latest:
        if names := owed.get(indicator.pk):
            found[point.period, tuple(names)].append(indicator)
    return tuple(
        Waiting(tuple(indicators), period, names) for (period, names), indicators in found.items()
    )


def _owed(
    rollups: QuerySet[Any], latest: Sequence[tuple[Indicator, Point]]
) -> dict[int, dict[str, None]]:
    """By indicator, the names of those who were asked for a period and have not reported it."""
    periods = {point.period_id: point for _indicator, point in latest}
    given = rollups.filter(scope=ScopeKind.ORGANIZATION, cell=None, reported__gt=0).filter(
        indicator_id=OuterRef("indicator_id"), scope_id=OuterRef("organization_id")
    )
    asked = Q(pk__in=())
    for period_id, point in periods.items():
        asked |= Q(
            ~Exists(given.filter(period_id=period_id)),
            Q(ends_on=None) | Q(ends_on__gt=point.starts_on),
            starts_on__lt=point.ends_on,
            indicator_id__in=[each.pk for each, its in latest if its.period_id == period_id],
        )
    rows = Assignment.objects.filter(asked).order_by("organization__name", "id")
    owed: dict[int, dict[str, None]] = defaultdict(dict)
    for indicator_id, name in rows.values_list("indicator_id", "organization__name"):
        owed[indicator_id][name] = None
    return owed


def share_links() -> QuerySet[Any]:
    """The links given out, newest first."""
    return ShareLink.objects.select_related("link", "indicator", "created_by").order_by("-id")
