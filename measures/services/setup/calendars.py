"""Calendars and the periods they generate."""

from collections.abc import Collection, Iterable, Iterator
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.dates import MONTHS
from django.utils.translation import gettext as _

from initiatives import audit
from initiatives.models import Membership
from measures.choices import CalendarKind, Frequency
from measures.models import Calendar, Period

LENGTHS = {Frequency.MONTH: 1, Frequency.QUARTER: 3, Frequency.HALF_YEAR: 6, Frequency.YEAR: 12}
MARKS = {Frequency.QUARTER: "Q", Frequency.HALF_YEAR: "H"}
START_MONTHS = {CalendarKind.GREGORIAN: 1, CalendarKind.SCHOOL: 9, CalendarKind.FISCAL: 7}
YEARS_BACK, YEARS_AHEAD = 5, 2
FURTHEST = 25  # years ahead that a target may make a calendar grow


@transaction.atomic
def create_calendar(
    *,
    actor: Membership | None,
    code: str,
    name: str,
    kind: str = CalendarKind.GREGORIAN,
    start_month: int = 1,
    first_year: int,
    last_year: int,
    frequencies: Collection[str] = tuple(Frequency.values),
) -> Calendar:
    """A calendar with its periods; one of that code that exists gets the periods it lacks."""
    calendar = Calendar.objects.filter(code=code).first()
    if calendar is not None and (calendar.kind, calendar.start_month) != (kind, start_month):
        raise ValidationError(
            _("The calendar “%(code)s” exists and divides time otherwise.") % {"code": code}
        )
    is_new = calendar is None
    if calendar is None:
        calendar = Calendar.here(code=code, name=name, kind=kind, start_month=start_month)
        calendar.save()
    Period.objects.bulk_create(
        _periods(calendar, range(first_year, last_year + 1), frequencies), ignore_conflicts=True
    )
    if is_new:
        audit.record(actor, "measures.calendar_created", calendar)
    return calendar


@transaction.atomic
def add_calendar(
    *, actor: Membership, name: str, kind: str, start_month: int, first_year: int, last_year: int
) -> Calendar:
    """Another way to divide time, with a code of its own.

    :raises ValidationError: one that divides time the same way is there.
    """
    start_month = _start_month(CalendarKind(kind), start_month)
    if Calendar.objects.filter(kind=kind, start_month=start_month).exists():
        raise ValidationError(_("There is a calendar that divides time like this."))
    code, number = kind, 1
    while Calendar.objects.filter(code=code).exists():
        number += 1
        code = f"{kind}-{number}"
    return create_calendar(
        actor=actor,
        code=code,
        name=name,
        kind=kind,
        start_month=start_month,
        first_year=first_year,
        last_year=last_year,
    )


@transaction.atomic
def extend_calendar(
    *, actor: Membership, calendar: Calendar, first_year: int, last_year: int
) -> int:
    """Give a calendar the years it lacks, in the frequencies it has; how many periods came."""
    _hold(calendar)
    there = Period.objects.filter(calendar=calendar)
    frequencies = set(there.values_list("frequency", flat=True)) or set(Frequency.values)
    return _grow(actor, calendar, first_year, last_year, frequencies)


def _hold(calendar: Calendar) -> None:
    """Let one at a time make a calendar grow: the next one sees how far it reaches then."""
    Calendar.objects.select_for_update(of=("self",), no_key=True).get(pk=calendar.pk)


def _grow(
    actor: Membership,
    calendar: Calendar,
    first_year: int,
    last_year: int,
    frequencies: Collection[str],
) -> int:
    """Add the periods that are not there, with one act for all of them, and none for none."""
    there = Period.objects.filter(calendar=calendar)
    before = there.count()
    create_calendar(
        actor=actor,
        code=calendar.code,
        name=calendar.name,
        kind=calendar.kind,
        start_month=calendar.start_month,
        first_year=first_year,
        last_year=last_year,
        frequencies=frequencies,
    )
    added = there.count() - before
    if added:
        audit.record(
            actor,
            "measures.calendar_extended",
            calendar,
            periods=added,
            first_year=first_year,
            last_year=last_year,
        )
    return added


def later_years(calendar: Calendar, frequency: str) -> list[tuple[int, str]]:
    """The years that a calendar can still grow up to, each with the name of its last period."""
    count = 12 // LENGTHS[Frequency(frequency)]
    found = []
    for year in range(_latest_year(calendar, frequency) + 1, _furthest() + 1):
        start = _first_day(year, calendar.start_month + 12 - 12 // count)
        found.append((year, _named(calendar, Frequency(frequency), year, count, start)[1]))
    return found


@transaction.atomic
def reach_year(*, actor: Membership, calendar: Calendar, frequency: str, year: int) -> Period:
    """The last period of a year to come; the calendar grows up to it without a gap.

    :raises ValidationError: it is too far ahead.
    """
    if year > _furthest():
        raise ValidationError(
            _("A target lies at most %(years)d years ahead.") % {"years": FURTHEST}
        )
    _hold(calendar)
    latest = _latest_year(calendar, frequency)
    if year > latest:
        _grow(actor, calendar, latest + 1, year, [frequency])
    before = _first_day(year + 1, calendar.start_month)
    there = Period.objects.filter(calendar=calendar, frequency=frequency, starts_on__lt=before)
    return there.order_by("-starts_on").first()


def _furthest() -> int:
    return timezone.localdate().year + FURTHEST


def _latest_year(calendar: Calendar, frequency: str) -> int:
    """The last year that has periods; before there are any, the one just over."""
    there = Period.objects.filter(calendar=calendar, frequency=frequency)
    newest = there.order_by("-starts_on").first()
    if newest is None:
        return timezone.localdate().year - 1
    begun = newest.starts_on.month >= calendar.start_month
    return newest.starts_on.year if begun else newest.starts_on.year - 1


def create_calendars(
    *, actor: Membership | None, kinds: Iterable[str], start_month: int | None = None
) -> list[Calendar]:
    """The calendars an initiative starts with; ``start_month`` is that of its own years."""
    year = timezone.localdate().year
    return [
        create_calendar(
            actor=actor,
            code=kind,
            name=str(CalendarKind(kind).label),
            kind=kind,
            start_month=_start_month(CalendarKind(kind), start_month),
            first_year=year - YEARS_BACK,
            last_year=year + YEARS_AHEAD,
        )
        for kind in kinds
    ]


def _start_month(kind: CalendarKind, given: int | None) -> int:
    """A school year that is said to begin in January was not thought about."""
    if kind == CalendarKind.GREGORIAN or given is None:
        return START_MONTHS[kind]
    return START_MONTHS[kind] if kind == CalendarKind.SCHOOL and given == 1 else given


def _periods(
    calendar: Calendar, years: Iterable[int], frequencies: Collection[str]
) -> Iterator[Period]:
    for year in years:
        for frequency, length in LENGTHS.items():
            if frequency not in frequencies:
                continue
            for index in range(12 // length):
                start = _first_day(year, calendar.start_month + index * length)
                code, name = _named(calendar, frequency, year, index + 1, start)
                yield Period.here(
                    calendar=calendar,
                    frequency=frequency,
                    code=code,
                    name=name,
                    starts_on=start,
                    ends_on=_first_day(year, calendar.start_month + (index + 1) * length),
                )


def _first_day(year: int, month: int) -> date:
    """Of the month that lies ``month - 1`` months after January of ``year``."""
    return date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)


def _named(
    calendar: Calendar, frequency: Frequency, year: int, index: int, start: date
) -> tuple[str, str]:
    if frequency == Frequency.MONTH:
        return f"{start:%Y-%m}", f"{MONTHS[start.month]} {start.year}"
    label = str(year) if calendar.start_month == 1 else f"{year}/{(year + 1) % 100:02d}"
    if frequency == Frequency.YEAR:
        return label, label
    mark = f"{MARKS[frequency]}{index}"
    return f"{year}-{mark}", f"{mark} {label}"
