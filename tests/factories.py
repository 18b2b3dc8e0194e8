"""Small initiatives for tests, built in the scope that is open."""

from datetime import date
from decimal import Decimal

from initiatives.models import Initiative, Organization, OrganizationPlace, Place
from measures.ledger import NewFact
from measures.models import (
    Assignment,
    Calendar,
    Cell,
    CellLeaf,
    Indicator,
    IndicatorVersion,
    Partition,
    Period,
)


def initiative(slug="meals"):
    return Initiative.objects.create(slug=slug, name=slug.title())


def place(code, parent=None):
    row = Place.here(code=code, name=code.title(), parent=parent)
    row.save()
    return row


def organization(code, *homes):
    row = Organization.here(code=code, name=code.title(), state="active")
    row.save()
    for home in homes:
        OrganizationPlace.here(organization=row, place=home).save()
    return row


def calendar(year=2026, code="years"):
    """A calendar of one year: its months, quarters and the year itself."""
    row = Calendar.here(code=code, name=code.title())
    row.save()
    starts = [date(year, month, 1) for month in range(1, 13)] + [date(year + 1, 1, 1)]
    for frequency, letter, step in (("month", "M", 1), ("quarter", "Q", 3), ("year", "Y", 12)):
        for number, first in enumerate(range(0, 12, step), start=1):
            name = f"{year}-{letter}{number}"
            Period.here(
                calendar=row,
                frequency=frequency,
                code=name,
                name=name,
                starts_on=starts[first],
                ends_on=starts[first + step],
            ).save()
    return row


def period(code):
    return Period.objects.get(code=code)


def partition(code, leaves, margins=None, not_stated=None):
    """Cells by key: each of ``leaves``, and each of ``margins`` with the leaves below it."""
    row = Partition.here(code=code)
    row.save()
    cells = {}
    for key in [*leaves, *(margins or {})]:
        cells[key] = Cell.here(
            partition=row,
            key=key,
            name=key,
            is_leaf=key in leaves,
            is_not_stated=key == not_stated,
        )
        cells[key].save()
    below = {leaf: [leaf] for leaf in leaves} | (margins or {})
    for key, inside in below.items():
        for leaf in inside:
            CellLeaf.here(cell=cells[key], leaf=cells[leaf]).save()
    return row, cells


def indicator(code, kind="count", *, calendar, organizations=(), partition=None, **operators):
    """A monthly indicator in force from 2020 on, asked of ``organizations``."""
    frequency = operators.pop("frequency", "month")
    if kind == "stock":
        operators.setdefault("time", "last")
    over = operators.pop("over", "sum")
    row = Indicator.here(
        code=code,
        name=code.title(),
        kind=kind,
        calendar=calendar,
        frequency=frequency,
        partition=partition,
    )
    row.save()
    IndicatorVersion.here(
        indicator=row, effective_from=date(2020, 1, 1), organizations=over, **operators
    ).save()
    for each in organizations:
        Assignment.here(indicator=row, organization=each, starts_on=date(2020, 1, 1)).save()
    return row


def fact(indicator, organization, period_code, value=None, pair=None, **fields):
    """A fact to record; ``pair`` is a numerator and a denominator."""
    top, bottom = pair or (None, None)
    return NewFact(
        indicator_id=indicator.pk,
        organization_id=organization.pk,
        period_id=period(period_code).pk,
        value=None if value is None else Decimal(value),
        numerator=None if top is None else Decimal(top),
        denominator=None if bottom is None else Decimal(bottom),
        **fields,
    )
