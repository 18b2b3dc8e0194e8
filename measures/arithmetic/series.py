"""What is agreed about an indicator, and the facts that organizations gave for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

STATUSES = ("normal", "provisional", "estimated", "missing", "suppressed", "refused")
"""From best to worst. ``missing`` and ``suppressed`` beside a value mean that it is incomplete."""

NORMAL, PROVISIONAL, ESTIMATED, MISSING, SUPPRESSED, REFUSED = range(len(STATUSES))


@dataclass(frozen=True, slots=True)
class Definition:
    """One version of an indicator: its kind and the operator of each axis."""

    id: int
    kind: str
    effective_from: date
    cells: str = "sum"
    time: str = "sum"
    organizations: str = "sum"
    carry: int = 0
    scale: Decimal = Decimal(1)

    @property
    def is_pair(self) -> bool:
        return self.kind in {"ratio", "mean"}


@dataclass(frozen=True, slots=True)
class Span:
    """A period: half-open dates."""

    id: int
    starts_on: date
    ends_on: date

    def holds(self, other: "Span") -> bool:
        return self.starts_on <= other.starts_on and other.ends_on <= self.ends_on


@dataclass(frozen=True, slots=True)
class Assignment:
    """An organization is asked for an indicator from a day on, until before another."""

    organization: int
    starts_on: date
    ends_on: date | None = None

    def covers(self, span: Span) -> bool:
        return self.starts_on < span.ends_on and (
            self.ends_on is None or self.ends_on > span.starts_on
        )


@dataclass(frozen=True, slots=True)
class Fact:
    """The current observation of one key. ``cell`` is a leaf of the partition, or None: total."""

    organization: int
    period: int
    cell: int | None = None
    value: Decimal | None = None
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    status: str = "normal"
    late: bool = False
    recorded_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """All that is agreed about one indicator.

    ``nodes`` gives each node of the partition's lattice, leaves and margins but not the total,
    the leaves below it; a leaf has itself. ``periods`` are the native ones in order, ``longer``
    the others of the same calendar.
    """

    definitions: Sequence[Definition]
    periods: Sequence[Span]
    longer: Sequence[Span] = ()
    nodes: Mapping[int, frozenset[int]] = field(default_factory=dict)
    not_stated: int | None = None
    assignments: Sequence[Assignment] = ()

    def definition_for(self, span: Span) -> Definition:
        """Return the version in force when the span ends; before the first one, the first."""
        ordered = sorted(self.definitions, key=lambda d: (d.effective_from, d.id))
        begun = [d for d in ordered if d.effective_from < span.ends_on]
        return begun[-1] if begun else ordered[0]

    def natives_in(self, span: Span) -> list[Span]:
        return [native for native in self.periods if span.holds(native)]

    def expects(self, organization: int, native: Span) -> bool:
        return any(a.organization == organization and a.covers(native) for a in self.assignments)
