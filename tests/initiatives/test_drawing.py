"""What is drawn on the server says what the table says, and never more."""

from decimal import Decimal

import pytest

from initiatives.templatetags.drawing import line_chart, short, sparkline


def test_a_gap_is_never_drawn_through_and_a_lone_value_is_a_dot():
    drawn = line_chart([1, 2, None, 3], ["a", "b", "c", "d"])
    assert drawn.line.count("M") == 1
    assert drawn.dots.count("M") == 3
    spark = sparkline([1, 2, None, 3])
    assert spark.line.count("M") == 1
    assert spark.dots.count("M") == 1


def test_the_heights_begin_at_zero_and_hold_every_value():
    drawn = line_chart([3053, 4422], ["2021", "2022"], target=[None, 2500])
    assert [each.words for each in drawn.heights] == ["0", "2,000", "4,000", "6,000"]
    assert drawn.heights[0].at == "100%"
    assert drawn.heights[-1].at == "0%"


def test_values_below_zero_have_zero_among_the_heights():
    drawn = line_chart([-5, 3], ["a", "b"])
    assert "0" in [each.words for each in drawn.heights]
    assert drawn.heights[0].words == "−5"


@pytest.mark.parametrize("value", [0, "0.0004", "1e-9", "1e300", -7])
def test_any_number_can_be_drawn(value):
    drawn = line_chart([Decimal(value)], ["only"])
    assert drawn.dots
    assert drawn.periods[0].words == "only"
    assert len({each.at for each in drawn.heights}) == len(drawn.heights) > 1


def test_nothing_known_draws_nothing():
    assert line_chart([None, None], ["a", "b"]).heights == ()
    assert line_chart([], []).line == ""


def test_too_few_and_unsure_are_points_of_their_own():
    drawn = line_chart([1, None], ["a", "b"], apart=[None, 4], unsure=[1, None])
    assert drawn.apart.startswith("M120 ")
    assert drawn.unsure.startswith("M0 ")


def test_words_at_the_end_do_not_lie_on_each_other():
    drawn = line_chart([100, 100], ["a", "b"], target=[99, 99], end="100", aim="target")
    apart = abs(float(drawn.end.at.strip("%")) - float(drawn.aim.at.strip("%")))
    assert apart >= 9


def test_large_heights_are_said_in_short():
    assert short(60_000, 80_000) == "60 k"
    assert short(1_500_000, 2_000_000) == "1.5 M"
    assert short(2_000_000_000, 2_000_000_000) == "2 bn"
    assert short(0, 80_000) == "0"
    assert short(4_000, 6_000) == "4,000"


def test_the_first_and_the_last_period_are_named():
    drawn = line_chart(list(range(10)), [str(year) for year in range(2013, 2023)])
    words = [each.words for each in drawn.periods]
    assert words == ["2013", "2016", "2019", "2022"]
    assert drawn.periods[0].anchor == "start"
    assert drawn.periods[-1].anchor == "end"


def test_long_names_of_periods_have_room_on_a_telephone():
    names = [f"20{year}/{year + 1}" for year in range(18, 25)]
    long = [each.words for each in line_chart([1] * 7, names).periods]
    assert long == ["2018/19", "2021/22", "2024/25"]
    short = [each.words for each in line_chart([1] * 7, [name[:4] for name in names]).periods]
    assert short == ["2018", "2020", "2022", "2024"]


def test_a_value_alone_stands_over_the_name_of_its_period():
    """Also what is said of it: a number at the other end of the chart belongs to nothing."""
    drawn = line_chart([5], ["Q3 2026"], end="5")
    assert drawn.dots.startswith("M60 ")
    assert [tick.at for tick in drawn.periods] == [drawn.side] == ["50%"]
    assert sparkline([5]).last.startswith("M60 ")


def test_what_stands_beside_a_chart_is_short_enough_to_be_read_whole():
    """Half of a long number is another number."""
    drawn = line_chart([-5, -1_234_564], ["a", "b"], end="−1,234,564")
    assert drawn.end.words == "−1.23 M"
    assert [tick.words for tick in drawn.heights] == ["−1.5 M", "−1 M", "−0.5 M", "0"]
    assert line_chart([987_654_321_029], ["a"], end="987,654,321,029").end.words == "988 bn"
    assert short(1e12, 1e12) == "1 tn"
    assert line_chart([1234], ["a"], end="1,234").end.words == "1,234"
