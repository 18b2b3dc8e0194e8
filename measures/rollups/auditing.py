"""Stored rollups held against the arithmetic: the engine's rules, done once more in plain Python."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import fields
from datetime import timedelta
from typing import Any, NamedTuple

from django.utils import timezone

from initiatives.models import OrganizationPlace, Place
from initiatives.tenancy import current_initiative_id
from measures import arithmetic
from measures.models import (
    CellLeaf,
    DirtyKey,
    Indicator,
    Observation,
    Period,
    Rollup,
    RollupRevision,
)

MOST_TRIES = 3
NAMES = [each.name for each in fields(arithmetic.Result) if each.name != "definition"]


class Difference(NamedTuple):
    """A key whose stored number is not what the facts make it; None is no rollup at all."""

    key: arithmetic.Key
    stored: arithmetic.Result | None
    computed: arithmetic.Result | None


class Comparison(NamedTuple):
    """How many keys were compared, and which of them differ."""

    compared: int
    differences: list[Difference]


def compare(indicator: Indicator) -> Comparison | None:
    """Compare every rollup of an indicator with its facts; None if they changed all the while.

    Reads take no lock. What is marked, or was recomputed in between, is read again.
    """
    for _try in range(MOST_TRIES):
        before = _revision()
        stored = _stored(indicator)
        computed = _computed(indicator)
        is_marked = DirtyKey.objects.filter(indicator=indicator).exists()
        if not is_marked and _revision() == before:
            return _comparison(stored, computed)
    return None


def _comparison(
    stored: dict[arithmetic.Key, arithmetic.Result],
    computed: Sequence[dict[arithmetic.Key, arithmetic.Result]],
) -> Comparison:
    keys = sorted(stored.keys() | computed[0].keys(), key=repr)
    return Comparison(
        len(keys),
        [
            Difference(key, stored.get(key), computed[0].get(key))
            for key in keys
            if all(stored.get(key) != each.get(key) for each in computed)
        ],
    )


def _revision() -> int:
    found: int | None = RollupRevision.objects.values_list("number", flat=True).first()
    return found or 0


def _stored(indicator: Indicator) -> dict[arithmetic.Key, arithmetic.Result]:
    rows = Rollup.objects.filter(indicator=indicator).values(
        "scope", "scope_id", "period_id", "cell_id", "version_id", *NAMES
    )
    return {
        arithmetic.Key(
            row["scope"], row["scope_id"], row["period_id"], row["cell_id"]
        ): arithmetic.Result(**{name: row[name] for name in NAMES}, definition=row["version_id"])
        for row in rows.iterator(chunk_size=5_000)
    }


def _computed(indicator: Indicator) -> list[dict[arithmetic.Key, arithmetic.Result]]:
    """By today's calendar; where stocks are carried forward also by yesterday's."""
    series, today = _series(indicator), timezone.localdate()
    days = [today]
    if any(each.carry for each in series.definitions):
        days.append(today - timedelta(days=1))
    homes: dict[int, list[int]] = defaultdict(list)
    for organization, place in OrganizationPlace.objects.values_list("organization_id", "place_id"):
        homes[organization].append(place)
    parents: dict[int, Any] = dict(Place.objects.values_list("pk", "parent_id"))
    facts = _facts(indicator)
    return [
        arithmetic.roll_up(
            series,
            facts,
            initiative=current_initiative_id(),
            homes=homes,
            parents=parents,
            today=day,
        )
        for day in days
    ]


def _facts(indicator: Indicator) -> list[arithmetic.Fact]:
    rows = (
        Observation.objects.current()
        .filter(indicator=indicator)
        .values_list(
            *("organization_id", "period_id", "cell_id", "value", "numerator", "denominator"),
            *("status", "is_late", "recorded_at"),
        )
    )
    return [arithmetic.Fact(*row) for row in rows.iterator(chunk_size=5_000)]


def _series(indicator: Indicator) -> arithmetic.Series:
    spans: dict[bool, list[arithmetic.Span]] = {True: [], False: []}
    for period in Period.objects.filter(calendar_id=indicator.calendar_id):
        span = arithmetic.Span(period.pk, period.starts_on, period.ends_on)
        spans[period.frequency == indicator.frequency].append(span)
    nodes: dict[int, set[int]] = defaultdict(set)
    not_stated = None
    if indicator.partition_id:
        inside = CellLeaf.objects.filter(cell__partition_id=indicator.partition_id)
        for cell, leaf, is_rest in inside.values_list("cell_id", "leaf_id", "leaf__is_not_stated"):
            nodes[cell].add(leaf)
            not_stated = leaf if is_rest else not_stated
    return arithmetic.Series(
        definitions=[
            arithmetic.Definition(
                version.pk,
                indicator.kind,
                version.effective_from,
                cells=version.cells,
                time=version.time,
                organizations=version.organizations,
                carry=version.carry,
                scale=version.scale,
            )
            for version in indicator.versions.all()
        ],
        periods=spans[True],
        longer=spans[False],
        nodes={node: frozenset(leaves) for node, leaves in nodes.items()},
        not_stated=not_stated,
        assignments=[
            arithmetic.Assignment(*row)
            for row in indicator.assignments.values_list("organization_id", "starts_on", "ends_on")
        ],
    )
