"""Steps one and two: one organization's facts, over the cells and then over time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import localcontext

from measures.arithmetic.numbers import EXACT, Part, add, is_whole, part_of
from measures.arithmetic.series import (
    ESTIMATED,
    MISSING,
    STATUSES,
    SUPPRESSED,
    Definition,
    Fact,
    Series,
    Span,
)


@dataclass(frozen=True, slots=True)
class Slot:
    """What one organization's facts in one native period say about one node of the lattice."""

    part: Part | None
    status: int
    late: bool = False
    estimated: bool = False
    suppressed: bool = False
    missing: bool = False
    refused: str = ""
    back: int = 0
    recorded_at: datetime | None = None

    @property
    def reported(self) -> bool:
        return self.part is not None and not self.back


def slot_of(part: Part | None, used: Sequence[Fact], refused: str = "") -> Slot:
    """Describe one node: ``used`` are the facts that made it, or that should have."""
    statuses = [STATUSES.index(fact.status) for fact in used]
    return Slot(
        part=part,
        status=max(statuses),
        late=part is not None and any(fact.late for fact in used),
        estimated=ESTIMATED in statuses,
        suppressed=SUPPRESSED in statuses,
        missing=MISSING in statuses,
        refused=refused,
        recorded_at=min((f.recorded_at for f in used if f.recorded_at), default=None),
    )


def not_stated_fact(series: Series, definition: Definition, facts: Sequence[Fact]) -> Part | None:
    """Return what the entered total leaves over when the leaves are taken away.

    Without any leaf that is all of it: nobody's category is known. Only where it can be known: the
    leaves that were reported are whole, the not-stated leaf not entered itself. With a suppressed
    or missing leaf the rest would hold that one too.
    """
    total = next((fact for fact in facts if fact.cell is None), None)
    leaves = [fact for fact in facts if fact.cell is not None]
    whole = part_of(definition, total) if total else None
    if (
        whole is None
        or series.not_stated is None
        or any(fact.cell == series.not_stated for fact in leaves)
        or not all(is_whole(definition, fact) for fact in leaves)
        or definition.cells != "sum"
    ):
        return None
    known = add(part for fact in leaves if (part := part_of(definition, fact)))
    with localcontext(EXACT):
        top = whole.top - (known.top if known else 0)
        if whole.bottom is None:
            return Part(top, None)
        bottom = whole.bottom - ((known.bottom or 0) if known else 0)
    return None if definition.kind == "mean" and not bottom else Part(top, bottom)


def reduce_cells(
    series: Series, definition: Definition, facts: Sequence[Fact]
) -> dict[int | None, Slot]:
    """Turn one slot's facts into every node of the lattice that they say anything about."""
    leaves = {
        fact.cell: ([fact], part_of(definition, fact)) for fact in facts if fact.cell is not None
    }
    total = next((fact for fact in facts if fact.cell is None), None)
    rest = not_stated_fact(series, definition, facts)
    if rest is not None and series.not_stated is not None:
        leaves[series.not_stated] = (list(facts), rest)

    def combine(inputs: list[tuple[list[Fact], Part | None]]) -> Slot:
        parts = [part for _, part in inputs if part is not None]
        used = [fact for facts_, _ in inputs for fact in facts_]
        if definition.cells == "none" and len(parts) > 1:
            return slot_of(None, used, "cells")
        return slot_of(add(parts), used)

    slots: dict[int | None, Slot] = {}
    for node, below in (series.nodes or {}).items():
        inputs = [leaves[leaf] for leaf in sorted(below) if leaf in leaves]
        if inputs:
            slots[node] = combine(inputs)
    if total is not None and (whole := part_of(definition, total)) is not None:
        slots[None] = slot_of(whole, [total])
    elif facts:
        entered = [([total], None)] if total is not None else []
        slots[None] = combine([*leaves.values(), *entered])
    return slots


def carry_forward(
    series: Series, organization: int, slots: Mapping[int, Slot], today: date
) -> dict[int, Slot]:
    """Fill the holes of one node's stock with the last report, at most ``carry`` periods back.

    Only where the organization was asked, the period has begun and nothing was suppressed.
    ``slots`` by native period; carried slots are marked and are never themselves carried on.
    """
    filled = dict(slots)
    for index, span in enumerate(series.periods):
        definition = series.definition_for(span)
        here = slots.get(span.id)
        hole = here is None or (here.part is None and not (here.suppressed or here.refused))
        if definition.kind != "stock" or not hole or span.starts_on > today:
            continue
        if not series.expects(organization, span):
            continue
        for back in range(1, min(definition.carry, index) + 1):
            source = slots.get(series.periods[index - back].id)
            if source and source.part is not None:
                filled[span.id] = Slot(
                    part=source.part,
                    status=ESTIMATED,
                    estimated=True,
                    missing=bool(here and here.missing),
                    back=back,
                    recorded_at=source.recorded_at,
                )
                break
    return filled


@dataclass(frozen=True, slots=True)
class Row:
    """One organization's node in one period, native or longer."""

    part: Part | None
    status: int
    inputs_present: int
    late: int
    estimated: int
    suppressed: int
    missing: int
    stale: int
    refused: str
    recorded_at: datetime | None


def reduce_time(
    definition: Definition, natives: Sequence[Span], slots: Mapping[int, Slot]
) -> Row | None:
    """Turn the slots of one node inside one period into one row. No slots, no row."""
    present = [(i, slots[span.id]) for i, span in enumerate(natives) if span.id in slots]
    if not present:
        return None
    giving = [(i, slot) for i, slot in present if slot.part is not None]
    operator = definition.time
    if definition.kind == "stock" and operator == "sum":
        operator = "none"  # a stock is never added up over time
    refused = min((slot.refused for _, slot in present if slot.refused), default="")
    if not refused and operator == "none" and len(giving) > 1:
        refused = "time"
    chosen = giving[-1:] if operator == "last" else giving
    judged = [slot for _, slot in (chosen if operator == "last" and chosen else present)]
    stale = max((slot.back for _, slot in chosen), default=0)
    if operator == "last" and chosen:
        stale += len(natives) - 1 - chosen[0][0]
    return Row(
        part=None if refused else add(slot.part for _, slot in chosen if slot.part),
        status=max(slot.status for slot in judged),
        inputs_present=sum(slot.reported for _, slot in present),
        late=sum(slot.late for _, slot in present),
        estimated=sum(slot.estimated for _, slot in present),
        suppressed=sum(slot.suppressed for _, slot in present),
        missing=sum(slot.missing for _, slot in present),
        stale=0 if refused else stale,
        refused=refused,
        recorded_at=min((s.recorded_at for _, s in chosen if s.recorded_at), default=None),
    )
