"""Indicators with what they mean, where they started and how far they should go."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from initiatives import audit
from initiatives.models import Membership
from measures.choices import (
    CellOperator,
    IndicatorKind,
    OrganizationOperator,
    TimeOperator,
)
from measures.models import Baseline, Calendar, Indicator, IndicatorVersion, Period, Target
from measures.services.setup.partitions import ensure_partition
from measures.services.setup.terms import check_terms

BEGINNING = date(1900, 1, 1)
AXES = {
    "cells": set(CellOperator.values),
    "time": set(TimeOperator.values),
    "organizations": set(OrganizationOperator.values),
}


@transaction.atomic
def create_indicator(
    *,
    actor: Membership | None,
    code: str,
    name: str,
    kind: str,
    calendar: Calendar,
    frequency: str,
    partition: Sequence[str] = (),
    operators: Mapping[str, str] | None = None,
    scale: Decimal = Decimal(1),
    carry: int = 0,
    effective_from: date = BEGINNING,
    definition: Mapping[str, str] | None = None,
    **fields: Any,
) -> Indicator:
    """An agreed indicator and its first version.

    :raises ValidationError: the code is taken, or its words are not agreed (A11).
    """
    if Indicator.objects.filter(code=code).exists():
        raise ValidationError(_("There is an indicator “%(code)s”.") % {"code": code})
    running = kind == "cumulative"
    indicator = Indicator.here(
        code=code,
        name=name,
        kind=IndicatorKind.STOCK if running else kind,
        calendar=calendar,
        frequency=frequency,
        partition=ensure_partition(partition),
        **fields,
    )
    indicator.save()
    IndicatorVersion.here(
        indicator=indicator,
        effective_from=effective_from,
        scale=scale,
        carry=carry,
        **operators_of(indicator.kind, operators or {}),
        **(definition or {}),
    ).save()
    check_terms(indicator)
    audit.record(actor, "measures.indicator_created", indicator)
    return indicator


def operators_of(kind: str, given: Mapping[str, str]) -> dict[str, str]:
    """How an indicator's numbers are brought together, from its kind and what was said of it.

    Quotients are formed from sums of their parts, which is what *ratio* and *mean* say of them.
    """
    chosen = {
        "cells": "sum",
        "time": "last" if kind == IndicatorKind.STOCK else "sum",
        "organizations": "sum",
    }
    pair = kind in {IndicatorKind.RATIO, IndicatorKind.MEAN}
    for axis, allowed in AXES.items():
        operator = given.get(axis, "")
        if not operator:
            continue
        if pair and operator in {"ratio", "mean"}:
            operator = "sum"
        if operator not in allowed:
            raise ValidationError(
                _("“%(operator)s” cannot be done over %(axis)s.")
                % {"operator": operator, "axis": axis}
            )
        chosen[axis] = operator
    return chosen


@transaction.atomic
def add_target(
    *,
    actor: Membership | None,
    indicator: Indicator,
    period: Period,
    value: Decimal | None = None,
    low: Decimal | None = None,
    high: Decimal | None = None,
    reason: str = "",
) -> Target:
    """A target, in force from now on; the ones before it stay on record."""
    if value is None and low is None and high is None:
        raise ValidationError(_("A target has a value, or low and high."))
    if low is not None and high is not None and low > high:
        raise ValidationError({"high": _("The upper bound is below the lower one.")})
    said = {"value": value, "low": low, "high": high, "reason": reason}
    newest: Target | None = _newest(Target, indicator, period=period)
    if newest is not None and all(getattr(newest, name) == each for name, each in said.items()):
        return newest  # said twice is said once
    target = Target.here(
        indicator=indicator,
        period=period,
        **said,
        recorded_by_id=actor.user_id if actor else None,
    )
    target.save()
    audit.record(actor, "measures.target_added", indicator, period=period.code)
    return target


@transaction.atomic
def add_baseline(
    *,
    actor: Membership | None,
    indicator: Indicator,
    period: Period,
    value: Decimal,
    reason: str = "",
) -> Baseline:
    """Where it started, from now on; what was said before stays on record."""
    said = {"period": period, "value": value, "reason": reason}
    newest: Baseline | None = _newest(Baseline, indicator)
    if newest is not None and all(getattr(newest, name) == each for name, each in said.items()):
        return newest  # said twice is said once
    baseline = Baseline.here(
        indicator=indicator,
        **said,
        recorded_by_id=actor.user_id if actor else None,
    )
    baseline.save()
    audit.record(actor, "measures.baseline_added", indicator, period=period.code)
    return baseline


def _newest(model: Any, indicator: Indicator, **which: Any) -> Any:
    """What was said last, with the indicator locked: two who revise it take turns."""
    Indicator.objects.select_for_update(of=("self",), no_key=True).get(pk=indicator.pk)
    found = model.objects.filter(indicator=indicator, **which)
    return found.order_by("-recorded_at", "-id").first()
