"""How one indicator's numbers are said: change, coverage, target, formula."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from initiatives.templatetags.drawing import line_chart, sparkline
from measures import charts
from measures.models import Indicator, IndicatorVersion
from measures.selectors.aims import Goal, Start
from measures.selectors.computed import Contributor, formula
from measures.selectors.coverage import Point, are_comparable
from measures.selectors.figures import Figure

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
    assert as_many.change == "+4 points since 2023"
    fewer = figure(point(2023, 5, reported=1, expected=1), point(2024, 9))
    assert fewer.change == "+4 points since 2023, when 1 of 1 reported"
    assert fewer.movement == "4 points up since 2023, when 1 of 1 reported"
    assert "since 2023, when 1 of 1 reported; 2 of 2 reported" in fewer.sentence


def test_a_number_of_others_stands_beside_and_is_no_change():
    shown = figure(
        point(2023, 5, reported=18, expected=18), point(2024, 9, reported=13, expected=18)
    )
    assert shown.difference == ""
    assert shown.change == shown.movement == "5 % in 2023, when 18 of 18 reported"
    words = "9 % in 2024; 13 of 18 reported (72 %); 5 % in 2023, when 18 of 18 reported."
    assert shown.sentence == shown.headline == words


@pytest.mark.parametrize(
    ("before", "now", "alike"),
    [
        ((200, 200), (199, 200), True),
        ((18, 18), (19, 19), True),
        ((19, 20), (20, 20), True),
        ((18, 20), (20, 20), False),
        ((9, 18), (18, 18), False),
        ((3, 0), (3, 3), False),
    ],
)
def test_shares_that_are_a_twentieth_apart_are_no_longer_alike(before, now, alike):
    assert are_comparable(before, now) == are_comparable(now, before) == alike


def test_what_not_all_reported_is_judged_so_far():
    aims = {"kind": "ratio", "goals": (goal(2023, 10),)}
    met = figure(point(2024, 30, reported=13, expected=18), **aims)
    assert met.verdict.words == "target met so far"
    everyone = figure(point(2024, 30, reported=18, expected=18), **aims)
    assert everyone.verdict.words == "target met"


def test_the_chart_of_the_script_has_the_marks_and_words_of_the_drawing():
    figures = figure(point(2023, 900_000_000_000), point(2024, 1_234_567_890_123), unit="")
    axis = charts.trend(figures)["layout"]["yaxis"]
    assert axis["ticktext"] == ["0", "0.5 tn", "1 tn", "1.5 tn"]
    assert axis["range"] == [0, axis["tickvals"][-1]]
    assert charts.trend(figures)["layout"]["annotations"][0]["text"] == "1.23 tn"


def test_the_target_goes_in_steps_and_is_in_force_until_the_next():
    shown = figure(
        *(point(year, 5) for year in range(2022, 2026)), goals=(goal(2023, 10), goal(2025, 20))
    )
    assert shown.drawn.aims == (None, 10, 10, 20)
    assert shown.goal.value == 20


@pytest.mark.parametrize(
    ("value", "words", "tone"),
    [(40, "50 % of the way", "warn"), (55, "-25", "bad"), (25, "target met", "good")],
)
def test_progress_downward(value, words, tone):
    shown = figure(
        point(2024, value),
        direction="decrease",
        baseline=Start("2020", Decimal(50)),
        goals=(goal(2024, 30),),
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


def few(year, value, **fields):
    """A period for which one of eighteen reported."""
    return point(year, value, **{"reported": 1, "expected": 18, "period_id": year} | fields)


def whole(year, value):
    return point(year, value, reported=18, expected=18, period_id=year)


def test_one_early_submission_is_no_headline():
    shown = figure(
        *(whole(2021, 3000), whole(2022, 3442), few(2023, 400)),
        direction="decrease",
        unit="people",
        goals=(goal(2022, 500),),
    )
    assert shown.latest.period == "2022"
    assert "400" not in shown.headline
    assert "442 people up since 2021" not in shown.headline
    assert shown.headline.endswith("2023 is coming in: 1 of 18 reported.")
    assert shown.sentence.startswith("3,442 people in 2022, +442 since 2021; 18 of 18 reported")
    assert "2023 is coming in: 1 of 18 reported" in shown.notes
    assert shown.newest.period == "2023"
    line, apart = charts.trend(shown)["data"][:2]
    assert line["y"] == [3000.0, 3442.0, None]
    assert apart["y"] == [None, None, 400.0]
    assert apart["mode"] == "markers"


def test_half_is_enough_and_if_no_period_is_well_covered_the_newest_stands():
    half = figure(whole(2022, 3442), few(2023, 900, reported=9))
    assert half.latest.period == "2023"
    assert half.incoming == ""
    none = figure(few(2022, 300), few(2023, 400))
    assert (none.latest.period, none.previous.period) == ("2023", "2022")
    assert charts.trend(none)["data"][0]["y"] == [300.0, 400.0]


@pytest.mark.parametrize(
    ("kind", "direction", "minimum", "reported", "value", "words"),
    [
        ("count", "decrease", 0, 17, 400, "too early to judge: 17 of 18 reported"),
        ("count", "decrease", 0, 18, 400, "target met"),
        ("count", "increase", 0, 9, 600, "target met"),  # no other number can take it back
        ("count", "increase", None, 9, 600, "too early to judge: 9 of 18 reported"),
        ("stock", "increase", 0, 9, 400, "too early to judge: 9 of 18 reported"),
        ("ratio", "decrease", None, 9, 400, "target met so far"),
        ("mean", "decrease", None, 8, 400, "too early to judge: 8 of 18 reported"),
    ],
)
def test_a_target_is_judged_once_what_is_missing_cannot_change_it(
    kind, direction, minimum, reported, value, words
):
    shown = figure(
        few(2023, value, reported=reported),
        kind=kind,
        direction=direction,
        goals=(goal(2023, 500),),
    )
    shown.indicator.minimum = minimum
    assert shown.verdict.words == words


def test_a_period_of_which_nothing_is_known_is_not_the_newest():
    shown = figure(whole(2022, 3442), few(2023, None))
    assert (shown.latest.period, shown.newest.period, shown.incoming) == ("2022", "2022", "")
    alone = figure(few(2023, None))
    assert (alone.sentence, alone.value, alone.unit) == ("No accepted number yet.", "", "")


def test_what_a_drawing_has_to_explain_is_said_and_nothing_else():
    plain = figure(whole(2021, 3000), whole(2022, 3442))
    assert plain.drawn.legend == []
    early = figure(whole(2021, 3000), whole(2022, 3442), few(2023, 400))
    assert early.drawn.apart == (None, None, 400)
    assert len(early.drawn.legend) == 1
    assert early.drawn.legend[0].startswith("Hollow points")


def test_a_target_of_a_later_period_does_not_judge_an_earlier_number():
    shown = figure(point(2024, 300), goals=(goal(2027, 200), goal(2028, 400)))
    assert shown.goal is shown.verdict is None
    assert (shown.goal_value, shown.coming_goal.period) == ("200", "2027")
    assert shown.drawn.aims == (None,)
    assert shown.goal_words == "first target 200 % from 2027"
    assert "first target 200 % from 2027" in shown.notes
    assert shown.headline.endswith("first target 200 % from 2027.")


def test_a_revised_target_is_judged_beside_what_it_was_at_first():
    first, again, back = goal(2024, 80), goal(2024, 50), goal(2024, 80)
    revised = again.revising(first)
    shown = figure(point(2024, 60), goals=(revised,))
    assert shown.verdict.words == "target met"
    assert shown.first_verdict.words == "75 % of the way"
    assert shown.goal_words == "target 50 % from 2024, at first 80"
    assert back.revising(revised).original is None
    assert figure(point(2024, 60), goals=(first,)).first_verdict is None


def test_a_reader_learns_from_which_period_on_another_definition_holds():
    shown = figure(point(2023, 5), point(2024, 9, version_id=2), point(2025, 9, version_id=2))
    said = [row.remarks for row in shown.rows]
    assert said == [[], ["the definition changed: not to be compared"], []]
    assert shown.has_remarks


def test_where_it_started_is_said_beside_the_target():
    started = figure(
        point(2024, 40),
        direction="increase",
        baseline=Start("2020", Decimal(30)),
        goals=(goal(2024, 45),),
    )
    assert started.notes[-2:] == ["30 % at the start, in 2020", "target 45 % from 2024"]
    assert "; 30 % at the start, in 2020; target 45 % from 2024." in started.headline
    part = replace(started, baseline=Start("2020", Decimal(30), is_whole=False))
    assert "at the start" not in f"{part.notes}{part.headline}"
    assert figure(baseline=Start("2020", Decimal(30))).notes == ["30 % at the start, in 2020"]


def test_a_target_that_is_a_range_is_drawn_at_both_its_ends():
    shown = figure(
        *(point(year, 5) for year in range(2022, 2026)),
        direction="maintain",
        goals=(goal(2023, 10), goal(2024, low=4, high=8), goal(2025, low=3)),
    )
    assert shown.drawn.aims == (None, 10, 8, 3)
    assert shown.drawn.floors == (None, None, 4, None)
    *_line, target = charts.trend(shown)["data"]
    assert target["y"] == [None, 10.0, 8.0, 3.0, None, None, None, 4.0, None]
    assert len(target["x"]) == len(target["y"]) == len(target["text"])
    drawn = line_chart(shown.drawn.values, shown.drawn.names, shown.drawn.aims, aim="target")
    both = line_chart(
        shown.drawn.values,
        shown.drawn.names,
        shown.drawn.aims,
        aim="target",
        floor=shown.drawn.floors,
    )
    assert both.target.startswith(drawn.target)
    assert both.target.count("M") == drawn.target.count("M") + 1
    assert (
        sparkline(shown.drawn.values, shown.drawn.aims, shown.drawn.floors).target.count("M") == 2
    )
