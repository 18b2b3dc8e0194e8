"""The keys of the initiative in scope, as they are stored now."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from initiatives.models import Organization
from measures.choices import IndicatorKind
from measures.imports import ways
from measures.imports.columns import Measured
from measures.imports.indicators import IndicatorKey
from measures.imports.keys import DimensionKey, Keys, PeriodKey, RoundKey
from measures.imports.names import fold
from measures.models import (
    Assignment,
    Cell,
    Dimension,
    Indicator,
    IndicatorVersion,
    PartitionDimension,
    Period,
    Round,
)

HUNDRED = 100


def dimension_names() -> dict[str, str]:
    """Each dimension's code with its name: both may head a column."""
    return dict(Dimension.objects.values_list("code", "name"))


def measured() -> dict[str, Measured]:
    """What may have a column of its own: the agreed indicators, by code."""
    return {
        each.code: Measured(each.name, each.unit, each.is_pair)
        for each in Indicator.objects.agreed()
    }


def stored_keys(own: Iterable[int] | None = None) -> Keys:
    """Everything a file may name. ``own``: the organizations its reader may report for."""
    organizations: dict[str, int] = {}
    names: dict[str, list[str]] = defaultdict(list)
    spelled = []
    mine = None if own is None else frozenset(own)
    listed = Organization.objects.order_by("code")
    if mine is not None:  # the others' are as unknown as those that do not exist
        listed = listed.filter(pk__in=mine)
    for id_, code, name in listed.values_list("id", "code", "name"):
        organizations[code] = id_
        names[fold(name)].append(code)
        spelled.append(name)
    periods: dict[tuple[int, str], dict[str, PeriodKey]] = defaultdict(dict)
    for each in Period.objects.all():
        periods[each.calendar_id, each.frequency][each.code] = PeriodKey(
            each.id, each.code, each.starts_on, each.ends_on
        )
    dimensions = _dimensions()
    return Keys(
        organizations=organizations,
        names=names,
        spelled=spelled,
        indicators=_indicators(),
        periods=periods,
        rounds={
            each.period_id: _round(each, collects=mine is None) for each in Round.objects.all()
        },
        dimensions=dimensions,
        cells=_cells(),
        today=timezone.localdate(),
        own=mine,
        assigned=_assigned(),
    )


def _indicators() -> dict[str, IndicatorKey]:
    codes: dict[int, list[str]] = defaultdict(list)
    for partition, code in PartitionDimension.objects.values_list(
        "partition_id", "dimension__code"
    ):
        codes[partition].append(code)
    scales = dict(
        IndicatorVersion.objects.order_by("effective_from", "id").values_list(
            "indicator_id", "scale"
        )
    )
    found = {}
    for each in Indicator.objects.agreed().select_related("calendar"):
        scale = scales.get(each.id, 1)
        found[each.code] = IndicatorKey(
            id=each.id,
            code=each.code,
            unit=each.unit,
            pair=each.is_pair,
            weighted=each.kind == IndicatorKind.MEAN,
            percent=(each.kind == IndicatorKind.RATIO and scale == HUNDRED) or each.unit == "%",
            scale=scale,
            decimals=each.decimals,
            minimum=each.minimum,
            maximum=each.maximum,
            within=each.is_within,
            calendar_id=each.calendar_id,
            split=each.calendar.start_month != 1,
            frequency=each.frequency,
            dimensions=tuple(codes.get(each.partition_id, ())),
            community=each.level == "community",
            name=each.name,
        )
    return found


def _dimensions() -> dict[str, DimensionKey]:
    found = {}
    for each in Dimension.objects.prefetch_related("categories"):
        categories = list(each.categories.all())
        by_text = {fold(category.name): category.id for category in categories}
        by_text |= {fold(category.code): category.id for category in categories}
        found[each.code] = DimensionKey(
            each.name,
            by_text,
            [category.name for category in categories],
            next((c.id for c in categories if c.is_not_stated), None),
        )
    return found


def _cells() -> dict[frozenset[int], int]:
    """The finest cells by their categories: the partition's codes are in its cells' keys."""
    categories: Mapping[tuple[str, str], int] = {
        (dimension.code, category.code): category.id
        for dimension in Dimension.objects.prefetch_related("categories")
        for category in dimension.categories.all()
    }
    found = {}
    for id_, key in Cell.objects.filter(is_leaf=True).values_list("id", "key"):
        pairs = [part.split("=", 1) for part in key.split(";")]
        found[frozenset(categories[code, category] for code, category in pairs)] = id_
    return found


def _round(each: Round, *, collects: bool) -> RoundKey:
    if each.takes_values:
        return RoundKey(each.id)
    if each.closes_at and each.closes_on and each.closes_at <= timezone.now():
        closed = _("Its round was open until %(date)s.") % {"date": date_format(each.closes_on)}
    else:
        closed = _("Its round opens on %(date)s.") % {
            "date": date_format(timezone.localtime(each.opens_at))
        }
    return RoundKey(each.id, closed, ways.open_it(collects=collects))


def _assigned() -> dict[tuple[int, int], list[tuple[date, date]]]:
    found: dict[tuple[int, int], list[tuple[date, date]]] = defaultdict(list)
    for organization, indicator, since, until in Assignment.objects.values_list(
        "organization_id", "indicator_id", "starts_on", "ends_on"
    ):
        found[organization, indicator].append((since, until or date.max))
    return found
