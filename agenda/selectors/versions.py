"""What the pages of the agenda's versions show."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from agenda.arithmetic.comparing import Piece, compare
from agenda.choices import DimensionKind, Severity, VersionState
from agenda.models import AgendaDimension, AgendaVersion, Difference, DimensionComment
from agenda.selectors.amendments import Proposed, amendments_of
from initiatives.models import Membership

REQUIRED = (
    DimensionKind.PROBLEM,
    DimensionKind.VISION,
    DimensionKind.APPROACH,
    DimensionKind.ACTION,
)
MOST_PRIMARY_GOALS = 5
DEADLOCK_AFTER = 2


def current() -> AgendaVersion | None:
    """The ratified agenda, if there is one."""
    found: AgendaVersion | None = AgendaVersion.objects.ratified().first()
    return found


def under_work() -> AgendaVersion | None:
    found: AgendaVersion | None = AgendaVersion.objects.under_work().first()
    return found


def objections_to_circulating(agenda: AgendaVersion) -> list[str]:
    """What keeps a draft from being circulated, each in a sentence that says what to do."""
    kinds = Counter(agenda.dimensions.values_list("kind", flat=True))
    found = [
        _("There is no statement yet for: %(kind)s.") % {"kind": kind.label}
        for kind in REQUIRED
        if not kinds[kind]
    ]
    primary = kinds[DimensionKind.PRIMARY_GOAL]
    if not primary:
        found.append(_("There is no primary goal yet: name one to five that all can consent to."))
    elif primary > MOST_PRIMARY_GOALS:
        found.append(
            _("There are %(n)s primary goals. Keep at most %(most)s; make the others goals.")
            % {"n": primary, "most": MOST_PRIMARY_GOALS}
        )
    keys = set(agenda.dimensions.values_list("key", flat=True))
    found += [
        _("No statement speaks to this severe difference yet: %(title)s.") % {"title": each}
        for each in severe_differences()
        if each.dimension_key not in keys
    ]
    return found


def severe_differences() -> list[Difference]:
    """Those that a version may not pass over in silence."""
    return list(Difference.objects.live().filter(severity=Severity.SEVERE))


class Deadlock(NamedTuple):
    """A dimension on which versions were returned again and again, and by whom."""

    key: str
    dimension: AgendaDimension
    organizations: list[str]
    times: int
    difference_id: int | None  # where the objection is talked about

    @property
    def names(self) -> str:
        return ", ".join(self.organizations)


def deadlocks_of(agenda: AgendaVersion) -> list[Deadlock]:
    """The dimensions of a draft on which the two versions before it were returned (A13)."""
    before = AgendaVersion.objects.filter(number__lt=agenda.number).exclude(
        state=VersionState.WITHDRAWN
    )
    times: Counter[str] = Counter()
    who: dict[str, dict[str, None]] = defaultdict(dict)
    for each in before.order_by("-number"):
        if each.state != VersionState.RETURNED:
            break
        for key in {one["key"] for one in each.outcome.get("against", [])}:
            times[key] += 1
        for one in each.outcome.get("against", []):
            who[one["key"]][one["organization"]] = None
    rows = {each.key: each for each in agenda.dimensions.all()}
    stuck = [key for key, n in times.items() if n >= DEADLOCK_AFTER and key in rows]
    talked: dict[str, int] = {}
    if stuck:
        differences = Difference.objects.filter(dimension_key__in=stuck).order_by("id")
        talked = dict(differences.values_list("dimension_key", "pk"))
    return [Deadlock(key, rows[key], list(who[key]), times[key], talked.get(key)) for key in stuck]


@dataclass
class Statement:
    """A dimension with what is said to it."""

    dimension: AgendaDimension
    comments: list[DimensionComment] = field(default_factory=list)
    number: int = 0  # of comments and answers
    amendments: list[Proposed] = field(default_factory=list)

    @property
    def waiting(self) -> int:
        """How many proposals of other words are not decided."""
        return sum(each.amendment.is_live for each in self.amendments)

    @property
    def is_worded(self) -> bool:
        """Whether the reader's organization has words here that are not decided."""
        return any(each.is_withdrawn_here for each in self.amendments)


@dataclass
class Section:
    """The statements of one kind."""

    kind: str
    label: str
    statements: list[Statement] = field(default_factory=list)


def sections_of(agenda: AgendaVersion, membership: Membership | None = None) -> list[Section]:
    """A version in the order in which it is read, with comments and other words for who sees them."""
    threads: dict[str, list[DimensionComment]] = defaultdict(list)
    numbers: Counter[str] = Counter()
    if membership:
        rows = DimensionComment.objects.visible_to(membership).filter(agenda=agenda)
        by_id: dict[int, Any] = {}
        for each in rows.select_related("user", "organization"):
            each.replies = []
            by_id[each.pk] = each
            numbers[each.dimension_key] += 1
            if each.parent_id in by_id:
                by_id[each.parent_id].replies.append(each)
            else:
                threads[each.dimension_key].append(each)
    sections = {str(kind): Section(str(kind), str(kind.label)) for kind in DimensionKind}
    dimensions = list(agenda.dimensions.all())
    texts = {each.key: each.text for each in dimensions}
    proposed = amendments_of(agenda, membership, texts) if membership else {}
    for dimension in dimensions:
        key = dimension.key
        sections[dimension.kind].statements.append(
            Statement(dimension, threads[key], numbers[key], proposed.get(key, []))
        )
    return [each for each in sections.values() if each.statements]


@dataclass
class Row:
    """One dimension in two versions."""

    label: str
    left: list[Piece]
    right: list[Piece]
    fate: str  # same, changed, gone, new
    moved_from: str = ""


def comparison(before: AgendaVersion, after: AgendaVersion) -> list[Row]:
    """Two versions side by side, dimension by dimension."""
    old = {each.key: each for each in before.dimensions.all()}
    new = {each.key: each for each in after.dimensions.all()}
    order = {str(kind): place for place, kind in enumerate(DimensionKind)}
    keys = sorted(
        {**new, **old},
        key=lambda key: (
            order[(new.get(key) or old[key]).kind],
            (new.get(key) or old[key]).position,
        ),
    )
    rows = []
    for key in keys:
        a, b = old.get(key), new.get(key)
        left, right = compare(a.text if a else "", b.text if b else "")
        kind = (b or old[key]).get_kind_display()
        moved = a is not None and b is not None and a.kind != b.kind
        fate = "same"
        if a is None or b is None:
            fate = "new" if a is None else "gone"
        elif a.text != b.text or moved:
            fate = "changed"
        rows.append(
            Row(str(kind), left, right, fate, str(a.get_kind_display()) if moved and a else "")
        )
    return rows
