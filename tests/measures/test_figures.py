"""How one indicator's numbers are said: change, coverage, target, formula."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from measures import charts
from measures.models import Indicator, IndicatorVersion
from measures.selectors.computed import Contributor, formula
from measures.selectors.figures import Figure, Goal, Point

POINT = Point(
    indicator_id=1,
    period_id=1,
    period="2024",
    starts_on=date(2024, 1, 1),
    ends_on=date(2025, 1, 1),
    version_id=1,
    numerator=None,
    denominator=None,
    value=Decimal(40),
    expected=2,
    reported=2,
    late=0,
    estimated=0,
    suppressed=0,
    missing=0,
    stale=0,
    oldest_input_at=None,
    status="normal",
    reason="",
    computed_at=datetime(2026, 1, 1, tzinfo=UTC),
)


def point(year, value, **fields):
    amount = None if value is None else Decimal(value)
    days = {"starts_on": date(year, 1, 1), "ends_on": date(year + 1, 1, 1)}
    return replace(POINT, period=str(year), value=amount, **days, **fields)


def figure(*points, kind="count", direction="increase", unit="%", **fields):
    indicator = Indicator(pk=1, name="Readers", kind=kind, unit=unit, direction=direction)
    return Figure(indicator=indicator, points=points, **fields)


def goal(year, value=None, low=None, high=None):
    return Goal(str(year), date(year, 1, 1), *(x and Decimal(x) for x in (value, low, high)))


def given(*pairs):
    return [
        Contributor("A", None, Decimal(top), Decimal(bottom), "normal") for top, bottom in pairs
    ]


def test_a_period_without_a_number_is_a_gap_and_not_the_latest():
    shown = figure(point(2023, 5), point(2024, None, status="missing"))
    assert shown.latest.period == "2023"
    assert charts.trend(shown)["data"][0]["y"] == [5.0, None]
    assert charts.trend(shown)["data"][0]["connectgaps"] is False


def test_numbers_of_two_definitions_are_not_compared():
    shown = figure(point(2023, 5), point(2024, 9, version_id=2))
    assert shown.change == "not compared with 2023: the definition changed"
    assert len(charts.trend(shown)["layout"]["shapes"]) == 1


def test_a_change_says_who_reported_then_where_it_is_not_as_now():
    as_many = figure(point(2023, 5), point(2024, 9))
    assert as_many.change == "+4 since 2023"
    fewer = figure(point(2023, 5, reported=1, expected=1), point(2024, 9))
    assert fewer.change == "+4 since 2023, when 1 of 1 reported (100 %)"
    assert fewer.movement == "4 points up since 2023, when 1 of 1 reported (100 %)"
    assert "since 2023, when 1 of 1 reported (100 %); 2 of 2 reported" in fewer.sentence


def test_the_target_goes_in_steps_and_is_in_force_until_the_next():
    shown = figure(
        *(point(year, 5) for year in range(2022, 2026)), goals=(goal(2023, 10), goal(2025, 20))
    )
    assert shown.goal_values == [None, 10, 10, 20]
    assert shown.goal.value == 20


@pytest.mark.parametrize(
    ("value", "words", "tone"),
    [(40, "50 % of the way", "warn"), (55, "-25", "bad"), (25, "target met", "good")],
)
def test_progress_downward(value, words, tone):
    shown = figure(
        point(2024, value), direction="decrease", baseline=Decimal(50), goals=(goal(2024, 30),)
    )
    assert words.replace("-", "\u2212") in shown.verdict.words
    assert shown.verdict.tone == tone


def test_a_range_is_kept_or_missed_by_so_much():
    shown = figure(point(2024, 12), direction="maintain", goals=(goal(2024, low=5, high=10),))
    assert shown.verdict.words == "2 % outside the range"


def test_a_ratio_is_shown_as_sum_over_sum():
    row = replace(point(2024, "36.6666666667"), numerator=Decimal(55), denominator=Decimal(150))
    version = IndicatorVersion(scale=Decimal(100))
    shown = figure(row, kind="ratio")
    whole = formula(shown, row, version, given((45, 50), (10, 100)))
    assert whole == "100 \u00d7 (45 + 10) ÷ (50 + 100) = 36.67 %"
    assert formula(shown, row, version) == "100 \u00d7 55 ÷ 150 = 36.67 %"
    partly = formula(shown, row, version, given((45, 50)))
    assert partly == "100 \u00d7 55 ÷ 150 = 36.67 %"


def test_a_refused_number_says_why_and_shows_none():
    row = point(2024, None, status="refused", reason="organizations")
    assert formula(figure(row), row, None) == "no number: organizations"
    assert figure(row).sentence == "No accepted number yet."
