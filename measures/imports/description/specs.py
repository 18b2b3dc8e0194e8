"""What a description of an initiative says, once read: codes and plain values."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class InitiativeSpec:
    slug: str
    name: str
    time_zone: str
    locale: str
    question: str
    description: str
    place: str


@dataclass(frozen=True, slots=True)
class PlaceSpec:
    code: str
    name: str
    level: str
    parent: str


@dataclass(frozen=True, slots=True)
class OrganizationSpec:
    code: str
    name: str
    kind: str
    sector: str
    state: str
    outside_id: str
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CalendarSpec:
    code: str
    name: str
    kind: str
    start_month: int
    first_year: int
    last_year: int
    frequencies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CategorySpec:
    code: str
    name: str
    not_stated: bool


@dataclass(frozen=True, slots=True)
class DimensionSpec:
    code: str
    name: str
    categories: tuple[CategorySpec, ...]


@dataclass(frozen=True, slots=True)
class TargetSpec:
    period: str
    value: Decimal | None
    low: Decimal | None
    high: Decimal | None
    reason: str


@dataclass(frozen=True, slots=True)
class AssignmentSpec:
    organizations: tuple[str, ...]  # ("*",) for every partner
    since: str  # a period, or empty: from the first
    until: str


@dataclass(frozen=True, slots=True)
class DefinitionSpec:
    text: str
    numerator: str
    denominator: str
    inclusion: str
    exclusion: str
    source: str


@dataclass(frozen=True, slots=True)
class IndicatorSpec:
    code: str
    name: str
    kind: str
    unit: str
    scale: Decimal
    direction: str
    level: str
    frequency: str
    calendar: str
    partition: tuple[str, ...]
    minimum: Decimal | None
    maximum: Decimal | None
    decimals: int | None
    integer: bool
    carry: int
    within: bool
    operators: dict[str, str]
    definition: DefinitionSpec
    baseline: Decimal | None
    baseline_period: str
    targets: tuple[TargetSpec, ...]
    assignments: tuple[AssignmentSpec, ...]


@dataclass(frozen=True, slots=True)
class TermSpec:
    label: str
    also: tuple[str, ...]
    meaning: str
    source: str
    state: str


@dataclass(frozen=True, slots=True)
class RoundSpec:
    period: str
    calendar: str
    opens: datetime | None
    due: datetime | None
    closes: datetime | None


@dataclass(frozen=True, slots=True)
class PersonSpec:
    email: str
    name: str
    organization: str
    roles: tuple[str, ...]
    level: str


@dataclass(slots=True)
class Description:
    """A whole initiative. Codes, not ids: valid before anything is stored."""

    initiative: InitiativeSpec
    places: list[PlaceSpec] = field(default_factory=list)
    organizations: list[OrganizationSpec] = field(default_factory=list)
    calendars: list[CalendarSpec] = field(default_factory=list)
    dimensions: list[DimensionSpec] = field(default_factory=list)
    terms: list[TermSpec] = field(default_factory=list)
    indicators: list[IndicatorSpec] = field(default_factory=list)
    rounds: list[RoundSpec] = field(default_factory=list)
    past_rounds: str = "open"
    people: list[PersonSpec] = field(default_factory=list)
