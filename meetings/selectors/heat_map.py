"""Who comes, by organization, level and quarter. Read by people: every cell says it in words."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count
from django.db.models.functions import TruncQuarter
from django.utils import timezone
from django.utils.translation import gettext as _

from initiatives.choices import MemberLevel, sector_label
from initiatives.models import Membership
from initiatives.permissions import Permission, Role
from meetings.models import Body, Meeting, SeatCount
from meetings.selectors.rights import given_to

QUARTERS = 8
LEAST = "least"  # the order: those first who came least
OFTEN, HALF = (4, 5), (1, 2)  # shares of the meetings


@dataclass
class Cell:
    """One organization, or several, in one quarter, or in all (``quarter`` is empty)."""

    quarter: str = ""
    counted: int = 0
    held: int = 0  # meetings at which a seat could have counted
    by_delegate: int = 0
    levels: Counter[str] = field(default_factory=Counter)

    def add(self, row: dict[str, Any]) -> None:
        self.held += row["number"]
        if row["counted"]:
            self.counted += row["number"]
            self.by_delegate += row["number"] * row["by_delegate"]
            if row["level"]:
                self.levels[row["level"]] += row["number"]

    @property
    def tone(self) -> str:
        """How good that is; the words in the cell say the same."""
        if not self.held:
            return ""
        for tone, (part, whole) in (("good", OFTEN), ("warn", HALF)):
            if self.counted * whole >= self.held * part:
                return tone
        return "bad"

    @property
    def said(self) -> list[tuple[str, int]]:
        """The levels of those who came, the most frequent first."""
        return [(str(MemberLevel(key).label), n) for key, n in self.levels.most_common()]


@dataclass(frozen=True)
class Row:
    """A line of the map: an organization, a sector, or all."""

    name: str
    cells: list[Cell]
    whole: Cell


@dataclass(frozen=True)
class HeatMap:
    """The whole map, as far as a member may see it."""

    rows: list[Row]
    total: Row
    is_by_sector: bool
    is_whole: bool

    @property
    def is_empty(self) -> bool:
        return not self.total.whole.held


LOOKING_ON = {Role.OBSERVER, Role.SERIES_FACILITATOR}  # of themselves they see no attendance


def may_compare(membership: Membership) -> bool:
    """Whether there is a map for the member at all: observers see no attendance, and who
    facilitates single series that of those, in these days.
    """
    if set(membership.roles) <= LOOKING_ON:
        return bool(given_to(membership, Permission.MEETINGS_VIEW_ALL))
    return True


def heat_map(
    membership: Membership, *, body: Body | None = None, level: str = "", order: str = ""
) -> HeatMap:
    """Everybody's attendance for the backbone; one's own beside the totals; sectors for funders.

    ``order``: ``LEAST`` puts those first who came least; otherwise by name.
    """
    quarters = last_quarters(timezone.localdate())
    rows = SeatCount.objects.filter(meeting__starts_at__gte=_start(quarters[0]))
    if body is not None:
        rows = rows.filter(seat__body=body)
    facilitates = set(membership.roles) <= LOOKING_ON
    if facilitates:
        given = given_to(membership, Permission.MEETINGS_VIEW_ALL)
        rows = rows.filter(meeting__series__in=given)
    found = list(_grouped(rows))
    if level:
        # Of the meetings held, those at which somebody of this level came and counted.
        found = [each | {"counted": each["counted"] and each["level"] == level} for each in found]
    by_sector = not (facilitates or membership.may(Permission.MEETINGS_VIEW_ALL))
    whole = facilitates or membership.may(Permission.ATTENDANCE_COMPARE)
    named = _by_sector if by_sector else _by_organization
    shown = (
        found
        if whole or by_sector
        else [each for each in found if each["seat__organization_id"] == membership.organization_id]
    )
    return HeatMap(
        rows=sorted(_rows(shown, quarters, named), key=_by_share if order == LEAST else _by_name),
        total=_row("", found, quarters),
        is_by_sector=by_sector,
        is_whole=whole,
    )


def _grouped(rows: Any) -> Any:
    return (
        rows.annotate(quarter=TruncQuarter("meeting__starts_at"))
        .values(
            "quarter",
            "counted",
            "level",
            "by_delegate",
            "seat__organization_id",
            "seat__organization__name",
            "seat__organization__sector",
        )
        .annotate(number=Count("id"))
        .order_by()
    )


def last_quarters(today: date) -> list[date]:
    """The first days of the last quarters, this one last."""
    first = date(today.year, (today.month - 1) // 3 * 3 + 1, 1)
    found = [first]
    while len(found) < QUARTERS:
        before = found[0] - timedelta(days=1)
        found.insert(0, date(before.year, (before.month - 1) // 3 * 3 + 1, 1))
    return found


def quarter_name(day: date) -> str:
    """What the quarter is called that begins with ``day``: "Q4 2026"."""
    return _("Q%(number)d %(year)d") % {"number": (day.month + 2) // 3, "year": day.year}


def _start(day: date) -> datetime:
    return timezone.make_aware(datetime(day.year, day.month, day.day))  # noqa: DTZ001


Named = Callable[[dict[str, Any]], str]


def _by_organization(row: dict[str, Any]) -> str:
    return str(row["seat__organization__name"])


def _by_sector(row: dict[str, Any]) -> str:
    return sector_label(row["seat__organization__sector"])


def _rows(found: list[dict[str, Any]], quarters: list[date], named: Named) -> list[Row]:
    by_name: dict[str, list[dict[str, Any]]] = {}
    for each in found:
        by_name.setdefault(named(each), []).append(each)
    return [_row(name, rows, quarters) for name, rows in by_name.items()]


def _by_name(row: Row) -> str:
    return row.name.casefold()


def _by_share(row: Row) -> tuple[float, str]:
    """What of the meetings held it came to; no meeting at all comes last."""
    whole = row.whole
    return (whole.counted / whole.held if whole.held else 2, row.name.casefold())


def _row(name: str, found: list[dict[str, Any]], quarters: list[date]) -> Row:
    cells, whole = {day: Cell(quarter_name(day)) for day in quarters}, Cell()
    for each in found:
        quarter = timezone.localdate(each["quarter"])
        if quarter in cells:
            cells[quarter].add(each)
            whole.add(each)
    return Row(name, list(cells.values()), whole)


@dataclass(frozen=True)
class Held:
    """A meeting that was held, and how many of its seats counted."""

    meeting: Meeting
    counted: int
    seats: int
    by_delegate: int


def record_of(meetings: list[Meeting]) -> list[Held]:
    """How each of these meetings was attended, in one query."""
    sums: dict[int, Counter[str]] = {each.pk: Counter() for each in meetings}
    rows = SeatCount.objects.filter(meeting__in=meetings).values(
        "meeting_id", "counted", "by_delegate"
    )
    for row in rows.annotate(number=Count("id")).order_by():
        own = sums[row["meeting_id"]]
        own["seats"] += row["number"]
        own["counted"] += row["number"] * row["counted"]
        own["by_delegate"] += row["number"] * (row["counted"] and row["by_delegate"])
    return [
        Held(
            each,
            sums[each.pk]["counted"],
            sums[each.pk]["seats"],
            sums[each.pk]["by_delegate"],
        )
        for each in meetings
    ]
