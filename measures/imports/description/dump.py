"""The initiative in scope as a document that :mod:`.schema` reads back to the same."""

from collections import defaultdict
from decimal import Decimal
from typing import Any

from agenda.models import GlossaryTerm
from initiatives.models import (
    Initiative,
    InitiativeProfile,
    Membership,
    Organization,
    OrganizationPlace,
    Place,
)
from initiatives.tenancy import current_initiative_id
from measures.choices import Frequency, IndicatorKind
from measures.imports.description.schema import SCHEMA
from measures.models import (
    Assignment,
    Baseline,
    Calendar,
    Dimension,
    Indicator,
    IndicatorVersion,
    PartitionDimension,
    Period,
    Round,
    Target,
)


def dump_description() -> dict[str, Any]:
    """What is agreed: everything but the values."""
    initiative = Initiative.objects.get(pk=current_initiative_id())
    profile = InitiativeProfile.objects.select_related("place").first()
    about: dict[str, Any] = {"slug": initiative.slug, "name": initiative.name}
    if profile is not None:
        about |= {
            "time_zone": profile.time_zone,
            "locale": profile.locale,
            "question": profile.question,
            "description": profile.description,
            "place": profile.place.code if profile.place else "",
        }
    return {
        "schema": SCHEMA,
        "initiative": about,
        "places": [
            {
                "code": each.code,
                "name": each.name,
                "level": each.level,
                "parent": each.parent.code if each.parent else "",
            }
            for each in Place.objects.select_related("parent")
        ],
        "organizations": _organizations(),
        "calendars": [_calendar(each) for each in Calendar.objects.order_by("id")],
        "dimensions": [_dimension(each) for each in Dimension.objects.order_by("id")],
        "terms": _terms(),
        "indicators": _indicators(),
        "past_rounds": "none",
        "rounds": [
            {
                "period": each.period.code,
                "calendar": each.period.calendar.code,
                "opens": each.opens_at.isoformat(),
                "due": each.due_at.isoformat(),
                "closes": each.closes_at.isoformat() if each.closes_at else None,
            }
            for each in Round.objects.select_related("period__calendar").order_by("opens_at", "id")
        ],
        "people": [
            {
                "email": each.user.email,
                "name": each.user.name or each.user.email,
                "organization": each.organization.code,
                "roles": each.roles,
                "level": each.level,
            }
            for each in Membership.objects.current().select_related("user", "organization")
        ],
    }


def _organizations() -> list[dict[str, Any]]:
    places: dict[int, list[str]] = defaultdict(list)
    for organization, code in OrganizationPlace.objects.values_list(
        "organization_id", "place__code"
    ):
        places[organization].append(code)
    return [
        {
            "code": each.code,
            "name": each.name,
            "kind": each.kind,
            "sector": each.sector,
            "state": each.state,
            "outside_id": each.outside_id,
            "places": places[each.pk],
        }
        for each in Organization.objects.order_by("code")
    ]


def _calendar(calendar: Calendar) -> dict[str, Any]:
    periods = Period.objects.filter(calendar=calendar)
    years = [each.starts_on.year for each in periods.filter(starts_on__month=calendar.start_month)]
    frequencies = set(periods.values_list("frequency", flat=True))
    return {
        "code": calendar.code,
        "name": calendar.name,
        "kind": calendar.kind,
        "start_month": calendar.start_month,
        "first_year": min(years, default=None),
        "last_year": max(years, default=None),
        "frequencies": [each for each in Frequency.values if each in frequencies],
    }


def _dimension(dimension: Dimension) -> dict[str, Any]:
    return {
        "code": dimension.code,
        "name": dimension.name,
        "categories": [
            {"code": each.code, "name": each.name, "not_stated": each.is_not_stated}
            for each in dimension.categories.all()
        ],
    }


def _terms() -> list[dict[str, Any]]:
    """The agreed words, each with the meaning in force; how organizations differ stays with them."""
    return [
        {
            "label": each.label,
            "also": each.also,
            "meaning": each.in_force.text,
            "source": each.in_force.source,
        }
        for each in GlossaryTerm.objects.agreed().prefetch_related("definitions")
        if each.in_force
    ]


def _indicators() -> list[dict[str, Any]]:
    partitions: dict[int, list[str]] = defaultdict(list)
    for partition, code in PartitionDimension.objects.values_list(
        "partition_id", "dimension__code"
    ):
        partitions[partition].append(code)
    return [
        {
            "code": each.code,
            "name": each.name,
            "kind": each.kind,
            "unit": each.unit,
            "direction": each.direction,
            "level": each.level,
            "frequency": each.frequency,
            "calendar": each.calendar.code,
            "partition": partitions.get(each.partition_id or 0, []),
            "min": _number(each.minimum),
            "max": _number(each.maximum),
            "decimals": each.decimals,
            "numerator_within_denominator": each.is_within,
            **_meaning(each),
            **_baseline(each),
            "targets": _targets(each),
            "assignments": _assignments(each),
        }
        for each in Indicator.objects.agreed().select_related("calendar")
    ]


def _meaning(indicator: Indicator) -> dict[str, Any]:
    version = IndicatorVersion.objects.filter(indicator=indicator).last()
    if version is None:
        return {}
    meaning: dict[str, Any] = {
        "carry": version.carry,
        "operators": {
            "cells": version.cells,
            "time": version.time,
            "organizations": version.organizations,
        },
        "definition": {
            "text": version.definition,
            "numerator": version.numerator_text,
            "denominator": version.denominator_text,
            "inclusion": version.inclusion,
            "exclusion": version.exclusion,
            "source": version.source,
        },
    }
    if indicator.kind == IndicatorKind.RATIO:
        meaning["scale"] = _number(version.scale)
    return meaning


def _baseline(indicator: Indicator) -> dict[str, Any]:
    found = Baseline.objects.filter(indicator=indicator).select_related("period").last()
    if found is None:
        return {}
    return {"baseline": {"period": found.period.code, "value": _number(found.value)}}


def _targets(indicator: Indicator) -> list[dict[str, Any]]:
    newest = {
        each.period_id: each
        for each in Target.objects.filter(indicator=indicator).select_related("period")
    }
    return [
        {
            "period": each.period.code,
            "value": _number(each.value),
            "low": _number(each.low),
            "high": _number(each.high),
            "reason": each.reason,
        }
        for each in newest.values()
    ]


def _assignments(indicator: Indicator) -> list[dict[str, Any]]:
    """Organizations asked for the same time stand together; times are told by their periods."""
    periods = Period.objects.filter(
        calendar_id=indicator.calendar_id, frequency=indicator.frequency
    )
    first = {each.starts_on: each.code for each in periods}
    last = {each.ends_on: each.code for each in periods}
    together: dict[tuple[str, str], list[str]] = defaultdict(list)
    for each in Assignment.objects.filter(indicator=indicator).select_related("organization"):
        since = first.get(each.starts_on, "")
        until = last.get(each.ends_on, "") if each.ends_on else ""
        together[since, until].append(each.organization.code)
    return [
        {"organizations": sorted(codes), "from": since, "until": until}
        for (since, until), codes in together.items()
    ]


def _number(number: Decimal | None) -> int | str | None:
    """Write a number exactly: a JSON reader would make a float of a fraction."""
    if number is None:
        return None
    return int(number) if number == int(number) else f"{number.normalize():f}"
