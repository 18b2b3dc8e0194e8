"""The rules of reduction, one at a time, in the words of the specification."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from measures.arithmetic import (
    Assignment,
    Definition,
    Fact,
    Key,
    Series,
    Span,
    progress,
    quotient,
    roll_up,
)

NORTH, SOUTH, COUNTY = 1, 2, 3
PARENTS = {NORTH: COUNTY, SOUTH: COUNTY, COUNTY: None}
JANUARY, FEBRUARY, MARCH = (
    Span(month, date(2026, month, 1), date(2026, month + 1, 1)) for month in (1, 2, 3)
)
QUARTER = Span(4, date(2026, 1, 1), date(2026, 4, 1))
WOMEN, MEN, NOT_STATED = 11, 12, 13
BY_SEX = {leaf: frozenset({leaf}) for leaf in (WOMEN, MEN, NOT_STATED)}


def series(kind="count", **fields):
    """A monthly indicator of one quarter, asked of organizations 1 to 4 from the start."""
    operators = {
        name: fields.pop(name)
        for name in ("cells", "time", "organizations", "carry", "scale")
        if name in fields
    }
    if kind == "stock":
        operators.setdefault("time", "last")
    definition = Definition(1, kind, date(2020, 1, 1), **operators)
    everybody = [Assignment(organization, date(2020, 1, 1)) for organization in (1, 2, 3, 4)]
    defaults = {
        "definitions": [definition],
        "periods": [JANUARY, FEBRUARY, MARCH],
        "longer": [QUARTER],
        "nodes": BY_SEX,
        "not_stated": NOT_STATED,
        "assignments": everybody,
    }
    return Series(**defaults | fields)


def pair(organization, numerator, denominator, period=JANUARY, **fields):
    def number(value):
        return None if value is None else Decimal(value)

    return Fact(
        organization,
        period.id,
        numerator=number(numerator),
        denominator=number(denominator),
        **fields,
    )


def value(organization, number, period=JANUARY, cell=None, **fields):
    number = None if number is None else Decimal(number)
    return Fact(organization, period.id, cell, value=number, **fields)


def reduced(series, facts, homes=None, today=date(2027, 1, 1)):
    homes = homes if homes is not None else {1: [NORTH], 2: [NORTH], 3: [SOUTH], 4: [SOUTH]}
    return roll_up(series, facts, initiative=9, homes=homes, parents=PARENTS, today=today)


def at(rollups, period=JANUARY, cell=None, scope="initiative", scope_id=9):
    return rollups[Key(scope, scope_id, period.id, cell)]


@pytest.mark.parametrize(
    ("top", "bottom", "scale", "expected"),
    [
        (1, 3, 100, "33.3333333333"),
        (2, 3, 1, "0.6666666667"),
        (-1, 2 * 10**10, 1, "-0.0000000001"),  # half, away from zero
        (0, 5, 1, "0"),
    ],
)
def test_quotients_are_rounded_half_away_from_zero(top, bottom, scale, expected):
    assert quotient(Decimal(top), Decimal(bottom), Decimal(scale)) == Decimal(expected)


def test_nothing_is_divided_by_zero():
    assert quotient(Decimal(0), Decimal(0)) is None


def test_an_organization_in_two_places_counts_once_above_them():
    rollups = reduced(series(), [value(1, 10)], homes={1: [NORTH, SOUTH]})

    assert at(rollups, scope="place", scope_id=NORTH).value == 10
    assert at(rollups, scope="place", scope_id=SOUTH).value == 10
    assert at(rollups, scope="place", scope_id=COUNTY).value == 10
    assert at(rollups, scope="place", scope_id=COUNTY).expected == 1
    assert at(rollups).value == 10


def test_the_total_is_the_sum_of_the_cells_reported():
    rollups = reduced(series(), [value(1, 4, cell=WOMEN), value(1, 6, cell=MEN)])

    assert at(rollups).value == 10
    assert Key("initiative", 9, JANUARY.id, NOT_STATED) not in rollups


def test_what_an_entered_total_has_over_its_cells_is_not_stated():
    rollups = reduced(series(), [value(1, 12), value(1, 4, cell=WOMEN), value(1, 6, cell=MEN)])

    assert at(rollups).value == 12
    assert at(rollups, cell=NOT_STATED).value == 2


def test_a_total_without_any_group_is_not_stated():
    rollups = reduced(series(), [value(1, 12), value(2, 3, cell=WOMEN), value(2, 4, cell=MEN)])

    assert at(rollups).value == 19
    assert at(rollups, cell=NOT_STATED).value == 12
    assert at(rollups, cell=WOMEN).value == 3
    assert Key("organization", 1, JANUARY.id, WOMEN) not in rollups
    estimated = reduced(series(), [value(1, None, status="missing")])
    assert Key("initiative", 9, JANUARY.id, NOT_STATED) not in estimated


def test_a_group_alone_is_a_total_of_what_is_there():
    rollups = reduced(series(), [value(1, 4, cell=WOMEN)])

    assert at(rollups).value == at(rollups, cell=WOMEN).value == 4
    assert Key("initiative", 9, JANUARY.id, NOT_STATED) not in rollups


def test_a_hidden_cell_is_not_given_away_by_the_rest():
    facts = [value(1, 12), value(1, 4, cell=WOMEN), value(1, None, cell=MEN, status="suppressed")]

    rollups = reduced(series(), facts)

    assert Key("initiative", 9, JANUARY.id, NOT_STATED) not in rollups
    assert at(rollups, cell=MEN).value is None
    assert at(rollups, cell=MEN).status == "suppressed"
    assert at(rollups).status == "normal"


def test_a_hidden_cell_makes_the_sum_incomplete():
    facts = [value(1, 4, cell=WOMEN), value(1, None, cell=MEN, status="suppressed")]

    total = at(reduced(series(), facts))

    assert (total.value, total.status, total.suppressed) == (4, "suppressed", 1)


def test_margins_hold_the_leaves_below_them():
    young_women, old_women, women = 21, 22, 23
    nodes = {
        young_women: frozenset({young_women}),
        old_women: frozenset({old_women}),
        women: frozenset({young_women, old_women}),
    }
    facts = [value(1, 4, cell=young_women), value(1, 5, cell=old_women)]

    rollups = reduced(series(nodes=nodes, not_stated=None), facts)

    assert at(rollups, cell=women).value == 9


def test_cells_that_may_not_be_added_are_refused():
    facts = [value(1, 4, cell=WOMEN), value(1, 6, cell=MEN), value(2, 5, cell=WOMEN)]

    rollups = reduced(series(cells="none"), facts)

    refused = at(rollups, scope="organization", scope_id=1)
    assert (refused.value, refused.status, refused.reason) == (None, "refused", "cells")
    assert at(rollups, scope="organization", scope_id=2).value == 5
    assert at(rollups).reason == "cells"


def test_a_quarter_adds_the_months_of_a_count():
    facts = [value(1, 1), value(1, 2, FEBRUARY), value(2, 3, MARCH)]

    quarter = at(reduced(series(), facts), QUARTER)

    assert (quarter.value, quarter.reported, quarter.expected) == (6, 2, 4)
    assert (quarter.inputs_present, quarter.inputs_expected) == (3, 12)


def test_a_stock_is_carried_only_as_far_as_agreed():
    facts = [value(1, 30)]

    rollups = reduced(series("stock", carry=1), facts)

    february = at(rollups, FEBRUARY)
    assert (february.value, february.status, february.stale) == (30, "estimated", 1)
    assert (february.estimated, february.inputs_present) == (1, 0)
    assert Key("initiative", 9, MARCH.id, None) not in rollups


def test_a_stock_is_not_carried_into_a_period_not_yet_begun():
    rollups = reduced(series("stock", carry=2), [value(1, 30)], today=date(2026, 2, 15))

    assert Key("initiative", 9, FEBRUARY.id, None) in rollups
    assert Key("initiative", 9, MARCH.id, None) not in rollups


def test_a_stock_is_not_carried_for_an_organization_no_longer_asked():
    asked = [Assignment(1, date(2020, 1, 1), date(2026, 2, 1))]

    rollups = reduced(series("stock", carry=2, assignments=asked), [value(1, 30)])

    assert Key("initiative", 9, FEBRUARY.id, None) not in rollups


def test_nothing_over_nothing_has_no_value_but_was_reported():
    january = at(reduced(series("ratio", scale=Decimal(100)), [pair(1, 0, 0)]))

    assert (january.value, january.reported, january.status) == (None, 1, "normal")


def test_a_mean_of_nobody_is_dropped():
    january = at(reduced(series("mean"), [pair(1, 0, 0), pair(2, 30, 10)]))

    assert (january.value, january.reported) == (3, 1)


def test_a_bare_percentage_is_shown_but_not_added():
    rollups = reduced(series("ratio"), [value(1, 85), pair(2, 1, 2)])

    assert at(rollups).value == Decimal("0.5")
    assert at(rollups).reported == 1


def test_a_reporting_rate_over_one_is_not_clamped():
    january = at(reduced(series(assignments=[]), [value(1, 1), value(2, 2)]))

    assert (january.reported, january.expected) == (2, 0)


def test_a_point_in_time_ratio_takes_the_last_pair():
    facts = [pair(1, 1, 10), pair(1, 5, 20, FEBRUARY)]

    quarter = at(reduced(series("ratio", time="last"), facts), QUARTER)

    assert (quarter.numerator, quarter.denominator, quarter.stale) == (5, 20, 1)


def test_a_period_has_the_definition_in_force_when_it_ends():
    definitions = [
        Definition(1, "ratio", date(2020, 1, 1), scale=Decimal(100)),
        Definition(2, "ratio", date(2026, 2, 1), scale=Decimal(1000)),
    ]
    facts = [pair(1, 1, 2), pair(1, 1, 2, FEBRUARY)]

    rollups = reduced(series(definitions=definitions), facts)

    assert (at(rollups).value, at(rollups).definition) == (50, 1)
    assert (at(rollups, FEBRUARY).value, at(rollups, FEBRUARY).definition) == (500, 2)
    assert at(rollups, QUARTER).definition == 2


def test_the_oldest_input_travels_along():
    old, new = datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)
    facts = [value(1, 1, recorded_at=new), value(2, 1, recorded_at=old)]

    assert at(reduced(series(), facts)).oldest_input_at == old


@pytest.mark.parametrize(
    ("actual", "share", "met"), [(40, "0.5", False), (55, "-0.25", False), (25, "1.25", True)]
)
def test_progress_downward(actual, share, met):
    """From 50 to 30."""
    found = progress("decrease", Decimal(actual), baseline=Decimal(50), target=Decimal(30))

    assert (found.share, found.met) == (Decimal(share), met)


def test_progress_where_the_target_is_the_baseline_is_met_or_not():
    found = progress("increase", Decimal(50), baseline=Decimal(50), target=Decimal(50))

    assert (found.share, found.met) == (None, True)


def test_progress_without_a_baseline():
    assert progress("increase", Decimal(30), target=Decimal(40)).share == Decimal("0.75")
    down = progress("decrease", Decimal(30), target=Decimal(40))
    assert (down.share, down.met) == (None, True)


@pytest.mark.parametrize(
    ("actual", "met", "distance"), [(5, True, 0), (3, False, 1), (9, False, 3)]
)
def test_progress_to_maintain_a_range(actual, met, distance):
    found = progress("maintain", Decimal(actual), low=Decimal(4), high=Decimal(6))

    assert (found.share, found.met, found.distance) == (None, met, distance)
