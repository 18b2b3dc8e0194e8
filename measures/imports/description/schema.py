"""What a description of an initiative may hold, and the defaults for what it leaves out."""

from datetime import date
from decimal import Decimal
from itertools import islice
from zoneinfo import ZoneInfo, available_timezones

from django.utils.translation import gettext as _

from agenda.choices import TermState
from initiatives.choices import MemberLevel, OrganizationKind, OrganizationState, PlaceLevel, Sector
from initiatives.permissions import Role
from measures.imports.description.consistency import (
    MOST_CELLS,
    check_codes,
    check_dimensions,
    check_places,
    known,
    short_code,
    unique,
)
from measures.imports.description.nodes import DescriptionError, Node, did_you_mean, read_document
from measures.imports.description.specs import (
    AssignmentSpec,
    CalendarSpec,
    CategorySpec,
    DefinitionSpec,
    Description,
    DimensionSpec,
    IndicatorSpec,
    InitiativeSpec,
    OrganizationSpec,
    PersonSpec,
    PlaceSpec,
    RoundSpec,
    TargetSpec,
    TermSpec,
)

SCHEMA = "concert/initiative/1"
CODE = r"[^\s,;|/=&*]([^,;|=&*\t\r\n]{0,38}[^\s,;|=&*])?"
SLUG = r"[a-z0-9]+(-[a-z0-9]+)*"
EMAIL = r"[^@\s]+@[^@\s]+"

FREQUENCIES = ("month", "quarter", "half_year", "year")
"""From the shortest to the longest. In a school or fiscal calendar a year is one of its years."""

CALENDAR_KINDS = ("gregorian", "school", "fiscal")
FIRST_MONTHS = {"gregorian": 1, "school": 9, "fiscal": 7}
INDICATOR_KINDS = ("count", "stock", "ratio", "mean", "cumulative")
PAIRED = ("ratio", "mean")
DIRECTIONS = ("increase", "decrease", "maintain")
AXES = ("cells", "time", "organizations", "places")
OPERATORS = ("sum", "last", "ratio", "mean", "none")
TERM_STATES = (TermState.AGREED, TermState.IN_DISCUSSION, TermState.CANDIDATE)
EVERYONE = "*"
MOST_YEARS = 150


def read_description(data: bytes, *, today: date) -> Description:
    """Read and check a whole document; raises :class:`DescriptionError` with every mistake."""
    root = read_document(data)
    if root.complaints:
        raise DescriptionError(root.complaints)
    schema = root.text("schema", default=None, hint=SCHEMA)
    if schema and schema != SCHEMA:
        root.complain("schema", _("Only the schema %(name)s is read.") % {"name": SCHEMA}, SCHEMA)
    initiative = _initiative(root.node("initiative"))
    described = Description(initiative)
    described.places = [_place(node) for node in _nested(root, "places")]
    described.organizations = [_organization(node) for node in root.nodes("organizations")]
    described.dimensions = [_dimension(node) for node in root.nodes("dimensions")]
    calendars = [_calendar(node, today) for node in root.nodes("calendars")]
    described.calendars = calendars or [_default_calendar(today)]
    described.terms = [_term(node) for node in root.nodes("terms")]
    for node in root.nodes("indicators"):
        described.indicators.append(_indicator(node, described))
    zone = ZoneInfo(initiative.time_zone)
    described.rounds = [_round(node, zone, described) for node in root.nodes("rounds")]
    described.past_rounds = root.choice("past_rounds", ("open", "none"), default="open")
    described.people = [_person(node, described) for node in root.nodes("people")]
    root.close()
    check_codes(root, described)
    check_places(root, described)
    check_dimensions(root, described)
    if root.complaints:
        raise DescriptionError(root.complaints)
    return described


def _code(node: Node, key: str = "code") -> str:
    return node.text(
        key,
        default=None,
        longest=40,
        pattern=CODE,
        hint=_("Up to 40 characters without , ; | = & *"),
    )


def _initiative(node: Node) -> InitiativeSpec:
    zone = node.text("time_zone", default="UTC", longest=64)
    if zone not in available_timezones():
        node.complain(
            "time_zone",
            _("There is no time zone “%(zone)s”.") % {"zone": zone},
            did_you_mean(zone, available_timezones()),
        )
        zone = "UTC"
    spec = InitiativeSpec(
        slug=node.text(
            "slug",
            default=None,
            longest=60,
            pattern=SLUG,
            hint=_("Lower-case letters, digits and single hyphens, as in a web address."),
        ),
        name=node.text("name", default=None),
        time_zone=zone,
        locale=node.text("locale", default="en", longest=12, pattern=r"[A-Za-z]{2,3}(-\w+)*"),
        question=node.text("question"),
        description=node.text("description", longest=20_000),
        place=node.text("place"),
    )
    node.close()
    return spec


def _nested(node: Node, key: str, parent: str = "") -> list[tuple[Node, str]]:
    """Places stand in a list with ``parent`` codes, or in each other as ``children``, or both."""
    found = []
    for child in node.nodes(key):
        found.append((child, parent))
        code = child.raw("code")
        found.extend(_nested(child, "children", code if isinstance(code, str) else ""))
    return found


def _place(pair: tuple[Node, str]) -> PlaceSpec:
    node, above = pair
    code = _code(node)
    spec = PlaceSpec(
        code=code,
        name=node.text("name", default=code),
        level=node.choice("level", PlaceLevel.values, default=""),
        parent=node.text("parent", default=above, longest=40),
    )
    if above and spec.parent != above:
        node.complain("parent", _("This stands inside another place."), above)
    node.close()
    return spec


def _organization(node: Node) -> OrganizationSpec:
    code = _code(node)
    spec = OrganizationSpec(
        code=code,
        name=node.text("name", default=code),
        kind=node.choice("kind", OrganizationKind.values, default=OrganizationKind.PARTNER),
        sector=node.choice("sector", Sector.values, default=""),
        state=node.choice("state", OrganizationState.values, default=OrganizationState.ACTIVE),
        outside_id=node.text("outside_id", longest=100),
        places=tuple(dict.fromkeys(node.texts("places"))),
    )
    node.close()
    return spec


def _calendar(node: Node, today: date) -> CalendarSpec:
    kind = node.choice("kind", CALENDAR_KINDS, default="gregorian")
    first_year = node.integer("first_year", default=today.year - 5, low=1900, high=2200)
    last_year = node.integer("last_year", default=today.year, low=1900, high=2200)
    start = node.integer("start_month", default=FIRST_MONTHS.get(kind, 1), low=1, high=12)
    frequencies = node.texts("frequencies") or list(FREQUENCIES)
    for frequency in frequencies:
        if frequency not in FREQUENCIES:
            node.complain(
                "frequencies",
                _("“%(value)s” is none of: %(choices)s.")
                % {"value": frequency, "choices": ", ".join(FREQUENCIES)},
                did_you_mean(frequency, FREQUENCIES),
            )
    if first_year and last_year and not 0 <= last_year - first_year <= MOST_YEARS:
        node.complain("last_year", _("The last year is at most 150 years after the first."))
    if kind == "gregorian" and start != 1:
        node.complain("start_month", _("A Gregorian year starts in month 1."), "fiscal")
    spec = CalendarSpec(
        code=node.text("code", default=kind, longest=40, pattern=CODE),
        name=node.text("name", default=kind.capitalize(), longest=100),
        kind=kind,
        start_month=start or 1,
        first_year=first_year or today.year,
        last_year=last_year or today.year,
        frequencies=tuple(f for f in FREQUENCIES if f in frequencies),
    )
    node.close()
    return spec


def _default_calendar(today: date) -> CalendarSpec:
    return CalendarSpec(
        "gregorian", "Gregorian", "gregorian", 1, today.year - 5, today.year, FREQUENCIES
    )


def _dimension(node: Node) -> DimensionSpec:
    code = _code(node)
    categories: list[CategorySpec] = []
    taken: set[str] = set()
    for child in islice(node.nodes("categories", short="name"), MOST_CELLS + 1):
        name = child.text("name", default="" if child.has("code") else None, longest=100)
        own = child.text("code", default=short_code(name, CODE, taken), longest=40, pattern=CODE)
        taken.add(own)
        categories.append(CategorySpec(own, name or own, child.flag("not_stated", default=False)))
        child.close()
    if not categories:
        node.complain("categories", _("A dimension has at least one category."))
    if sum(category.not_stated for category in categories) > 1:
        node.complain("categories", _("Only one category stands for “not stated”."))
    unique(node, "categories", [category.code for category in categories])
    spec = DimensionSpec(code, node.text("name", default=code, longest=100), tuple(categories))
    node.close()
    return spec


def _term(node: Node) -> TermSpec:
    """A word of the glossary; nothing said: it is agreed."""
    spec = TermSpec(
        label=node.text("label", default=None, longest=80),
        also=tuple(node.texts("also")),
        meaning=node.text("meaning", default=None, longest=5_000),
        source=node.text("source", longest=300),
        state=node.choice("state", TERM_STATES, default=TermState.AGREED),
    )
    node.close()
    return spec


def _indicator(node: Node, described: Description) -> IndicatorSpec:
    code = _code(node)
    kind = node.choice("kind", INDICATOR_KINDS, default=None)
    calendar = _calendar_of(node, described)
    frequency = (
        node.choice("frequency", calendar.frequencies, default=calendar.frequencies[-1])
        if calendar.frequencies
        else ""
    )
    scale = node.number("scale")
    if scale is not None and (kind != "ratio" or scale <= 0):
        node.complain(
            "scale", _("A scale above 0 belongs to a ratio: 100 for percent, 1 for a share.")
        )
    if kind == "ratio" and scale is None:
        scale = Decimal(100)
    partition = tuple(node.texts("partition"))
    known(node, "partition", partition, [dimension.code for dimension in described.dimensions])
    unique(node, "partition", partition)
    low, high = node.number("min"), node.number("max")
    if low is not None and high is not None and low > high:
        node.complain("max", _("The largest value allowed is below the smallest."))
    integer = node.flag("integer", default=False)
    decimals = node.integer("decimals", default=0 if integer else None, low=0, high=10)
    if integer and decimals:
        node.complain("decimals", _("A whole number has no decimals."), "0")
    baseline = node.node("baseline") if node.has("baseline") else None
    node.raw("baseline")
    spec = IndicatorSpec(
        code=code,
        name=node.text("name", default=code),
        kind=kind,
        unit=node.text("unit", default="%" if scale == 100 else "", longest=40),  # noqa: PLR2004
        scale=scale or Decimal(1),
        direction=node.choice("direction", DIRECTIONS, default="increase"),
        level=node.choice("level", ("organization", "community"), default="organization"),
        frequency=frequency,
        calendar=calendar.code,
        partition=partition,
        minimum=low,
        maximum=high,
        decimals=decimals,
        integer=integer,
        carry=node.integer("carry", default=0, low=0, high=120) or 0,
        within=node.flag("numerator_within_denominator", default=False),
        operators=_operators(node),
        definition=_definition(node),
        baseline=baseline.number("value") if baseline else None,
        baseline_period=baseline.text("period", default=None) if baseline else "",
        targets=tuple(_target(child) for child in node.nodes("targets")),
        assignments=_assignments(node, described),
    )
    if baseline:
        if spec.baseline is None:
            baseline.complain("value", _("This is required."))
        baseline.close()
    if spec.within and kind != "ratio":
        node.complain("numerator_within_denominator", _("Only a ratio has a numerator."))
    node.close()
    return spec


def _assignments(node: Node, described: Description) -> tuple[AssignmentSpec, ...]:
    """Nothing said: every partner, in all periods. An empty list: nobody."""
    if not node.has("assignments"):
        node.raw("assignments")
        return (AssignmentSpec((EVERYONE,), "", ""),)
    return tuple(_assignment(child, described) for child in node.nodes("assignments"))


def _calendar_of(node: Node, described: Description) -> CalendarSpec:
    codes = [calendar.code for calendar in described.calendars]
    code = node.choice("calendar", codes, default=codes[0])
    return next((c for c in described.calendars if c.code == code), described.calendars[0])


def _operators(node: Node) -> dict[str, str]:
    if not node.has("operators"):
        node.raw("operators")
        return {}
    child = node.node("operators")
    operators = {
        axis: child.choice(axis, OPERATORS, default="") for axis in AXES if child.has(axis)
    }
    child.close()
    return operators


def _definition(node: Node) -> DefinitionSpec:
    """Either a text, or an object of texts."""
    content = node.raw("definition")
    if content is None or isinstance(content, str):
        return DefinitionSpec(content or "", "", "", "", "", "")
    child = node.node("definition")
    spec = DefinitionSpec(
        *(
            child.text(key, longest=5_000)
            for key in ("text", "numerator", "denominator", "inclusion", "exclusion", "source")
        )
    )
    child.close()
    return spec


def _target(node: Node) -> TargetSpec:
    spec = TargetSpec(
        period=node.text("period", default=None, longest=40),
        value=node.number("value"),
        low=node.number("low"),
        high=node.number("high"),
        reason=node.text("reason", longest=1_000),
    )
    if spec.value is None and spec.low is None and spec.high is None:
        node.complain("value", _("A target has a value, or low and high."))
    if spec.low is not None and spec.high is not None and spec.low > spec.high:
        node.complain("high", _("The end of the range is below its beginning."))
    node.close()
    return spec


def _assignment(node: Node, described: Description) -> AssignmentSpec:
    codes = tuple(node.texts("organizations")) or (EVERYONE,)
    if codes != (EVERYONE,):
        known(node, "organizations", codes, [o.code for o in described.organizations])
    spec = AssignmentSpec(codes, node.text("from", longest=40), node.text("until", longest=40))
    node.close()
    return spec


def _round(node: Node, zone: ZoneInfo, described: Description) -> RoundSpec:
    codes = [calendar.code for calendar in described.calendars]
    spec = RoundSpec(
        period=node.text("period", default=None, longest=40),
        calendar=node.choice("calendar", codes, default=""),
        opens=node.moment("opens", zone),
        due=node.moment("due", zone, at_end=True),
        closes=node.moment("closes", zone, at_end=True),
    )
    moments = [moment for moment in (spec.opens, spec.due, spec.closes) if moment]
    if moments != sorted(moments):
        node.complain("", _("A round opens, then falls due, then closes."))
    node.close()
    return spec


def _person(node: Node, described: Description) -> PersonSpec:
    codes = [organization.code for organization in described.organizations]
    roles = tuple(dict.fromkeys(node.texts("roles")))
    known(node, "roles", roles, Role.values)
    if not roles:
        node.complain("roles", _("A member has at least one role."), ", ".join(Role.values))
    spec = PersonSpec(
        email=node.text("email", default=None, longest=254, pattern=EMAIL).lower(),
        name=node.text("name", default=None, longest=150),
        organization=node.text("organization", default=None, longest=40),
        roles=roles,
        level=node.choice("level", MemberLevel.values, default=MemberLevel.MANAGEMENT),
    )
    if spec.organization:
        known(node, "organization", [spec.organization], codes)
    node.close()
    return spec
