"""Step three, over organizations and places; and the whole reduction in its fixed order."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from measures.arithmetic.numbers import Part, add, quotient, value_of
from measures.arithmetic.series import (
    MISSING,
    REFUSED,
    STATUSES,
    SUPPRESSED,
    Definition,
    Fact,
    Series,
)
from measures.arithmetic.slots import Row, Slot, carry_forward, reduce_cells, reduce_time


@dataclass(frozen=True, slots=True)
class Result:
    """One rollup: a number and the coverage that travels with it."""

    numerator: Decimal | None
    denominator: Decimal | None
    value: Decimal | None
    expected: int
    reported: int
    inputs_expected: int
    inputs_present: int
    late: int
    estimated: int
    suppressed: int
    missing: int
    stale: int
    oldest_input_at: datetime | None
    status: str
    reason: str
    definition: int


class Key(NamedTuple):
    """Where a rollup stands. ``cell`` None is the total."""

    scope: str
    scope_id: int
    period: int
    cell: int | None


def worded(status: int, refused: str, part: Part | None, suppressed: int) -> str:
    """Name a row's status: a refusal first, then a hole, then the worst of what went in."""
    if refused:
        return STATUSES[REFUSED]
    if part is None:
        return STATUSES[SUPPRESSED if suppressed else MISSING]
    return STATUSES[status]


def result_of_organization(
    definition: Definition, row: Row, expected: int, inputs_expected: int
) -> Result:
    part = row.part
    return Result(
        numerator=part.top if part and definition.is_pair else None,
        denominator=part.bottom if part else None,
        value=value_of(definition, part),
        expected=expected,
        reported=int(part is not None),
        inputs_expected=inputs_expected,
        inputs_present=row.inputs_present,
        late=row.late,
        estimated=row.estimated,
        suppressed=row.suppressed,
        missing=row.missing,
        stale=row.stale,
        oldest_input_at=row.recorded_at if part else None,
        status=worded(row.status, row.refused, part, row.suppressed),
        reason=row.refused,
        definition=definition.id,
    )


def reduce_organizations(
    definition: Definition, results: Sequence[Result], expected: int, inputs_expected: int
) -> Result:
    """Turn the organizations of a place, or of the initiative, into one number."""
    giving = [result for result in results if result.reported]
    refused = min((result.reason for result in results if result.reason), default="")
    operator = definition.organizations
    if not refused and operator == "none" and len(giving) > 1:
        refused = "organizations"
    if operator == "mean":
        values = [result.value for result in giving if result.value is not None]
        part = add(Part(value, Decimal(1)) for value in values)
        value = quotient(part.top, part.bottom) if part and part.bottom else None
    elif definition.is_pair:
        part = add(Part(r.numerator, r.denominator) for r in giving if r.numerator is not None)
        value = value_of(definition, part)
    else:
        part = add(Part(r.value, None) for r in giving if r.value is not None)
        value = value_of(definition, part)
    if refused:
        part = value = None
    status = max(STATUSES.index(result.status) for result in results)
    suppressed = sum(result.suppressed for result in results)
    return Result(
        numerator=part.top if part and part.bottom is not None else None,
        denominator=part.bottom if part else None,
        value=value,
        expected=expected,
        reported=0 if refused else len(giving),
        inputs_expected=inputs_expected,
        inputs_present=sum(result.inputs_present for result in results),
        late=sum(result.late for result in results),
        estimated=sum(result.estimated for result in results),
        suppressed=suppressed,
        missing=sum(result.missing for result in results),
        stale=0 if refused else max((result.stale for result in giving), default=0),
        oldest_input_at=None
        if refused
        else min((r.oldest_input_at for r in giving if r.oldest_input_at), default=None),
        status=worded(status, refused, Part(Decimal(0), None) if giving else None, suppressed),
        reason=refused,
        definition=definition.id,
    )


def places_above(leaves: Iterable[int], parents: Mapping[int, int | None]) -> set[int]:
    """Return the places given and every place above them, each once."""
    reached: set[int] = set()
    for leaf in leaves:
        place: int | None = leaf
        while place is not None and place not in reached:
            reached.add(place)
            place = parents[place]
    return reached


def roll_up(
    series: Series,
    facts: Iterable[Fact],
    *,
    initiative: int,
    homes: Mapping[int, Iterable[int]],
    parents: Mapping[int, int | None],
    today: date = date.max,
) -> dict[Key, Result]:
    """Reduce one indicator's facts to every rollup that they produce.

    ``homes``: the places each organization is in; ``parents``: the tree of places. ``today``
    only limits how far a stock is carried forward.
    """
    by_slot: dict[tuple[int, int], list[Fact]] = defaultdict(list)
    for fact in facts:
        by_slot[fact.organization, fact.period].append(fact)
    spans = {span.id: span for span in series.periods}
    by_node: dict[tuple[int, int | None], dict[int, Slot]] = defaultdict(dict)
    for (organization, period), found in by_slot.items():
        definition = series.definition_for(spans[period])
        for node, slot in reduce_cells(series, definition, found).items():
            by_node[organization, node][period] = slot

    asked = {a.organization for a in series.assignments}
    slots_expected = {
        (organization, span.id): sum(
            series.expects(organization, native) for native in series.natives_in(span)
        )
        for span in (*series.periods, *series.longer)
        for organization in asked
    }
    rollups: dict[Key, Result] = {}
    above: dict[tuple[str, int, int, int | None], list[Result]] = defaultdict(list)
    scopes = {
        organization: [("initiative", initiative)]
        + [("place", place) for place in sorted(places_above(homes.get(organization, ()), parents))]
        for organization in asked | {organization for organization, _ in by_node}
    }
    for (organization, node), slots in by_node.items():
        filled = carry_forward(series, organization, slots, today)
        for span in (*series.periods, *series.longer):
            row = reduce_time(series.definition_for(span), series.natives_in(span), filled)
            if row is None:
                continue
            inputs = slots_expected.get((organization, span.id), 0)
            result = result_of_organization(
                series.definition_for(span), row, int(inputs > 0), inputs
            )
            rollups[Key("organization", organization, span.id, node)] = result
            for scope, scope_id in scopes[organization]:
                above[scope, scope_id, span.id, node].append(result)

    spans = {span.id: span for span in (*series.periods, *series.longer)}
    for (scope, scope_id, period, node), results in above.items():
        inside = [o for o in asked if (scope, scope_id) in scopes[o]]
        asked_for = [slots_expected[organization, period] for organization in inside]
        rollups[Key(scope, scope_id, period, node)] = reduce_organizations(
            series.definition_for(spans[period]),
            results,
            expected=sum(count > 0 for count in asked_for),
            inputs_expected=sum(asked_for),
        )
    return rollups
