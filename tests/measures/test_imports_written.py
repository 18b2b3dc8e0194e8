"""Numbers and periods as spreadsheets and people of many places write them."""

from decimal import Decimal

import pytest

from measures.imports.numbers import Marker, NotANumberError, Style, read_number
from measures.imports.periods import MONTH, QUARTER, SPLIT, Grain, days, of_short_year, readings


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("\u22125", -5),
        ("\uff11\uff12\uff13", 123),
        ("\uff0d\uff15", -5),
        ("\uff11\uff0e\uff15", "1.5"),
        ("\u200b3", 3),
        ("\u200e12\u200f", 12),
        ("\u00a01\u00a0234\u00a0", 1234),
        ("1\u202f234.5", "1234.5"),
        ("1'234", 1234),
        ("\u0661\u0662", 12),
    ],
)
def test_a_number_is_read_as_it_is_written_elsewhere(text, number):
    assert read_number(text, Style.POINT).value == Decimal(number)


@pytest.mark.parametrize("text", ["\u200b", "\ufeff", "\u2060 "])
def test_what_nobody_can_see_is_nothing(text):
    assert read_number(text) is Marker.MISSING


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("\u20134", "Write -4 if it is negative."),
        ("'7", "Write 7, without it."),
        ("(5)", "Write -5 if it is negative."),
        ("1e3", "Format the column as a number and save again."),
    ],
)
def test_a_number_that_may_be_another_is_refused_with_what_to_write(text, told):
    with pytest.raises(NotANumberError) as caught:
        read_number(text)
    assert caught.value.suggestion == told


@pytest.mark.parametrize(
    ("text", "grain"),
    [
        ("2022M01", Grain(MONTH, 2022, 1)),
        ("2022-M01", Grain(MONTH, 2022, 1)),
        ("2022m1", Grain(MONTH, 2022, 1)),
        ("2022-M1", Grain(MONTH, 2022, 1)),
        ("01-2022", Grain(MONTH, 2022, 1)),
        ("Jan 2022", Grain(MONTH, 2022, 1)),
        ("2022Q1", Grain(QUARTER, 2022, 1)),
        ("2022.Q1", Grain(QUARTER, 2022, 1)),
        ("1Q2022", Grain(QUARTER, 2022, 1)),
        ("2021/22", Grain(SPLIT, 2021, 0)),
        ("2021\u201322", Grain(SPLIT, 2021, 0)),
    ],
)
def test_a_period_that_can_only_be_that_is_read(text, grain):
    assert list(readings(text)) == [grain]


def test_a_month_and_a_year_of_two_halves_stay_two_readings():
    assert list(readings("2011-12")) == [Grain(MONTH, 2011, 12), Grain(SPLIT, 2011, 0)]
    assert list(readings("2022-1")) == [Grain(MONTH, 2022, 1)]
    assert list(readings("20221")) == []


@pytest.mark.parametrize(
    ("text", "grains"),
    [
        ("Jan-22", [Grain(MONTH, 2022, 1)]),
        ("22-Jan", [Grain(MONTH, 2022, 1)]),
        ("Q1/22", [Grain(QUARTER, 2022, 1)]),
        ("1Q22", [Grain(QUARTER, 2022, 1)]),
        ("FY22", [Grain(SPLIT, 2021, 0), Grain(SPLIT, 2022, 0)]),
        ("Foo-22", []),
    ],
)
def test_a_year_of_two_digits_is_asked_about_and_never_read(text, grains):
    assert list(readings(text)) == []
    assert list(of_short_year(text)) == grains


@pytest.mark.parametrize("text", ["1 January 2022", "January 1, 2022", "1-Jan-2022", "44562"])
def test_a_day_is_known_as_one(text):
    assert [each.isoformat() for each in days(text)] == ["2022-01-01"]
