"""How was this computed? A number taken apart again."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from django.db.models import Q
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from initiatives.models import Membership, Organization
from initiatives.templatetags.concert import number
from measures.choices import FactStatus, OrganizationOperator, ScopeKind
from measures.models import IndicatorVersion, Observation, Rollup
from measures.selectors.coverage import Point
from measures.selectors.dashboards import Agreed, figure_of, revisions_of
from measures.selectors.figures import Figure
from measures.selectors.lenses import indicator_of
from measures.selectors.noted import notes_of
from measures.selectors.partly import partly_given
from measures.selectors.places import Tree
from measures.selectors.reporters import (
    Beside,
    before,
    given_to,
    reporters_beside,
    type_inside,
)
from measures.selectors.runs import Run, run_of

MOST_TERMS = 12


@dataclass(frozen=True, slots=True)
class Contributor:
    """What one organization, or one fact of it, put in."""

    name: str
    value: Decimal | None
    numerator: Decimal | None
    denominator: Decimal | None
    note: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything a number rests on."""

    figure: Figure
    point: Point
    cell: str
    whose: str
    value: str
    formula: str
    version: IndicatorVersion | None
    contributors: tuple[Contributor, ...]
    hidden: int
    run: Run
    partly: int  # organizations that gave some groups and no total
    beside: Beside | None = None

    @property
    def has_states(self) -> bool:
        """Whether any of what was put in is not simply a number."""
        return any(each.note != FactStatus.NORMAL for each in self.contributors)


def explain(
    membership: Membership,
    indicator_id: int,
    period_id: int,
    *,
    cell_id: int | None = None,
    organization_id: int | None = None,
    place_id: int | None = None,
) -> Explanation:
    """The number of one period, taken apart as far as the reader's rights go.

    :raises Http404: no such number for this member.
    """
    indicator, versions = indicator_of(membership, indicator_id)
    visible = Rollup.objects.visible_to(membership).filter(indicator_id=indicator.pk)
    if organization_id is not None:
        whole = visible.filter(scope=ScopeKind.ORGANIZATION, scope_id=organization_id)
    elif place_id is not None:
        whole = visible.filter(scope=ScopeKind.PLACE, scope_id=place_id)
    else:
        whole = visible.filter(scope=ScopeKind.INITIATIVE)
    row = get_object_or_404(
        whole.select_related("cell", "period"), period_id=period_id, cell_id=cell_id
    )
    point, beside = point_of(row), None
    figure = figure_of(
        indicator,
        [point],
        Agreed(*revisions_of([indicator.pk]), {indicator.pk: versions}),
        frequency=row.period.frequency,
        is_whole=row.scope == ScopeKind.INITIATIVE and cell_id is None,
    )
    inside: type_inside | None = None
    if organization_id is not None:
        inside = {organization_id}
        given = facts_of(membership, figure, row)
        whose = str(get_object_or_404(Organization.objects.all(), pk=organization_id))
    else:
        whose = ""
        if place_id is not None:
            tree = Tree()
            whose, inside = tree.spots[place_id].name, tree.organizations_in(place_id)
        then = before(row, whole)
        both = given_to(membership, [row, then] if then else [row], inside)
        given = organizations_of(figure, [each for each in both if each.period_id == row.period_id])
        beside = reporters_beside(row, then, both)
    point = replace(point, notes=notes_of(membership, row, inside))
    version = next((v for v in figure.versions if v.pk == point.version_id), None)
    return Explanation(
        figure=figure,
        point=point,
        cell=row.cell.name if row.cell else "",
        whose=whose,
        value=figure.said(point.value),
        formula=formula(figure, point, version, given, one=bool(organization_id)),
        version=version,
        contributors=given,
        hidden=0 if organization_id else max(point.reported - len(given), 0),
        run=run_of(row),
        partly=partly_given(indicator, row, inside),
        beside=beside,
    )


def point_of(row: Rollup) -> Point:
    """The rollup itself, which may be of a cell or of a longer period."""
    return Point(
        period=row.period.name,
        starts_on=row.period.starts_on,
        ends_on=row.period.ends_on,
        **{
            name: getattr(row, name)
            for name in (
                *("indicator_id", "period_id", "version_id", "numerator", "denominator", "value"),
                *("expected", "reported", "late", "estimated", "suppressed", "missing", "stale"),
                *("oldest_input_at", "status", "reason", "computed_at"),
            )
        },
    )


def organizations_of(figure: Figure, rows: Iterable[Rollup]) -> tuple[Contributor, ...]:
    """What each organization put in that the reader sees, by name."""
    found = [
        Contributor(
            name=each.name,  # type: ignore[attr-defined]
            value=each.value,
            numerator=each.numerator,
            denominator=each.denominator,
            note=each.status,
            words=figure.plain(each.value),
        )
        for each in rows
        if each.name  # type: ignore[attr-defined]
    ]
    return tuple(sorted(found, key=lambda each: each.name.casefold()))


def facts_of(membership: Membership, figure: Figure, row: Rollup) -> tuple[Contributor, ...]:
    """The accepted facts of one organization inside the period."""
    within = Q(period__starts_on__gte=row.period.starts_on, period__ends_on__lte=row.period.ends_on)
    rows = (
        Observation.objects.visible_to(membership)
        .current()
        .filter(within, indicator_id=row.indicator_id, organization_id=row.scope_id)
        .select_related("period", "cell")
        .order_by("period__starts_on", "cell__position")
    )
    if row.cell_id:
        rows = rows.filter(cell__nodes__cell_id=row.cell_id)
    return tuple(
        Contributor(
            name=f"{each.period.name}, {each.cell.name}" if each.cell else each.period.name,
            value=each.value,
            numerator=each.numerator,
            denominator=each.denominator,
            note=each.status,
            words=figure.plain(each.value),
        )
        for each in rows
    )


def formula(
    figure: Figure,
    point: Point,
    version: IndicatorVersion | None,
    given: Sequence[Contributor] = (),
    *,
    one: bool = False,
) -> str:
    """The rule with the numbers put in: each contributor's where all may be seen, else the sums."""
    result = figure.said(point.value)
    if point.value is None:
        return _("no number: %(why)s") % {"why": point.reason or point.status}
    complete = not one and 1 < len(given) == point.reported <= MOST_TERMS
    if version and version.organizations == OrganizationOperator.MEAN and not one:
        top = terms([each.value for each in given]) if complete else number(point.numerator)
        return f"{top} ÷ {number(point.denominator)} = {result}"
    if point.denominator is not None:
        top, bottom = number(point.numerator), number(point.denominator)
        if complete:
            top = terms([each.numerator for each in given])
            bottom = terms([each.denominator for each in given])
        scale = version.scale if version else Decimal(1)
        factor = "" if scale == 1 else f"{number(scale)} × "
        return f"{factor}{top} ÷ {bottom} = {result}"
    if complete:
        return f"{terms([each.value for each in given])[1:-1]} = {result}"
    if one:
        return _("as reported = %(result)s") % {"result": result}
    return _("the sum over %(count)s organizations = %(result)s") % {
        "count": number(point.reported),
        "result": result,
    }


def formula_of(figure: Figure) -> str:
    """The rule of the latest number, with the sums put in."""
    return formula(figure, figure.latest, figure.version) if figure.latest else ""


def terms(values: Sequence[Decimal | None]) -> str:
    """Numbers added up, in brackets."""
    return f"({' + '.join(number(value) for value in values if value is not None)})"
