"""The engine and the arithmetic say the same of whatever happens to facts."""

from datetime import date
from decimal import Decimal
from itertools import count

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings, strategies as st

from initiatives.tenancy import scope
from measures import ledger, rollups
from measures.models import Assignment, IndicatorVersion, Observation
from measures.rollups import draining
from tests import factories
from tests.measures.oracle import by_arithmetic, by_engine

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

MONTHS = (1, 2, 3, 4, 11, 12)
LEAVES = ("age=old;sex=f", "age=old;sex=m", "age=young;sex=f", "?")
MARGINS = {"age=old": list(LEAVES[:2]), "sex=f": [LEAVES[0], LEAVES[2]]}
NUMBERS = st.decimals(min_value=-3, max_value=20, places=1) | st.integers(0, 3).map(Decimal)
STATUSES = st.sampled_from(
    ["normal", "normal", "normal", "provisional", "estimated", "missing", "suppressed"]
)
FACTS = st.fixed_dictionaries(
    {
        "organization": st.integers(0, 3),
        "month": st.sampled_from(MONTHS),
        "cell": st.sampled_from([None, None, *LEAVES]),
        "value": st.none() | NUMBERS,
        "numerator": st.none() | NUMBERS,
        "denominator": st.none() | NUMBERS,
        "status": STATUSES,
        "is_late": st.booleans(),
    }
)
OPERATORS = st.fixed_dictionaries(
    {
        "cells": st.sampled_from(["sum", "sum", "none"]),
        "time": st.sampled_from(["sum", "last", "none"]),
        "organizations": st.sampled_from(["sum", "mean", "none"]),
        "carry": st.integers(0, 3),
        "scale": st.sampled_from([Decimal(1), Decimal(100), Decimal("0.3333333333")]),
    }
)
STORIES = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["count", "stock", "ratio", "mean"]),
        "has_cells": st.booleans(),
        "versions": st.lists(OPERATORS, min_size=1, max_size=2),
        "asked": st.lists(
            st.tuples(st.integers(0, 3), st.sampled_from(MONTHS), st.booleans()),
            max_size=5,
            unique_by=lambda each: each[:2],
        ),
        "batches": st.lists(
            st.tuples(st.lists(FACTS, min_size=1, max_size=8), st.booleans(), st.booleans()),
            min_size=1,
            max_size=5,
        ),
        # So that few pairs are taken in one statement, or table by table as many are.
        "many": st.sampled_from([1, draining.MANY]),
    }
)


@pytest.fixture
def ground():
    """A tree of places, four organizations (one in two places, one in none), a year, cells."""
    initiative = factories.initiative()
    with scope(initiative.pk):
        county = factories.place("county")
        north, south = factories.place("north", county), factories.place("south", county)
        homes = ([north], [north, south], [south], [])
        partition, cells = factories.partition("age;sex", LEAVES, MARGINS, not_stated="?")
        return {
            "initiative": initiative,
            "organizations": [
                factories.organization(f"o{number}", *home) for number, home in enumerate(homes)
            ],
            "calendar": factories.calendar(),
            "partition": partition,
            "cells": cells,
            "months": {month: factories.period(f"2026-M{month}").pk for month in range(1, 13)},
        }


def test_engine_and_arithmetic_agree(ground, monkeypatch):
    numbers = count()

    @settings(
        max_examples=500,
        deadline=None,
        derandomize=True,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(STORIES)
    def agree(story):
        initiative = ground["initiative"]
        monkeypatch.setattr(draining, "MANY", story["many"])
        with scope(initiative.pk):
            indicator = agreed(ground, story, next(numbers))
        moment = None
        for facts, is_repeated, is_drained in story["batches"]:
            told(ground, indicator, facts)
            if is_repeated:
                told(ground, indicator, facts)
            if is_drained:
                drained(initiative)
            moment = moment or timezone.now()
        drained(initiative)

        with scope(initiative.pk):
            expected = by_arithmetic(ground, indicator, Observation.objects.current())
            assert by_engine(indicator) == expected
            if not indicator.pk % 5:  # it reduces every indicator so far
                then = by_arithmetic(ground, indicator, Observation.objects.as_known(moment))
                assert known(indicator, moment) == sorted(worded(each) for each in then.values())
        with scope(initiative.pk):
            ledger.mark_dirty([indicator.pk])
            assert rollups.drain() == 0

    agree()


def agreed(ground, story, number):
    first, *later = story["versions"]
    indicator = factories.indicator(
        f"i{number}",
        story["kind"],
        calendar=ground["calendar"],
        partition=ground["partition"] if story["has_cells"] else None,
        over=first["organizations"],
        **{name: first[name] for name in ("cells", "time", "carry", "scale")},
    )
    for operators in later:
        IndicatorVersion.here(
            indicator=indicator, effective_from=date(2026, 3, 1), **operators
        ).save()
    for organization, month, is_open in story["asked"]:
        Assignment.here(
            indicator=indicator,
            organization=ground["organizations"][organization],
            starts_on=date(2026, month, 1),
            ends_on=None if is_open else date(2026, min(month + 2, 12), 28),
        ).save()
    return indicator


def told(ground, indicator, facts):
    with scope(ground["initiative"].pk):
        ledger.record(
            [
                ledger.NewFact(
                    indicator.pk,
                    ground["organizations"][fact["organization"]].pk,
                    ground["months"][fact["month"]],
                    ground["cells"][fact["cell"]].pk
                    if fact["cell"] and indicator.partition_id
                    else None,
                    **{
                        name: fact[name]
                        for name in ("value", "numerator", "denominator", "status", "is_late")
                    },
                )
                for fact in facts
            ],
            user_id=None,
        )


def drained(initiative):
    with scope(initiative.pk):
        rollups.drain()


def known(indicator, moment):
    return sorted(
        worded(row)
        for row in rollups.table_as_known(moment, today=timezone.localdate())
        if row.indicator == indicator.code
    )


def worded(row):
    """What of a row can be told without its key."""
    numbers = [row.numerator, row.denominator, row.value]
    told = ["" if each is None else f"{each or 0:.10f}" for each in numbers]
    return (*told, row.expected, row.reported, row.status)
