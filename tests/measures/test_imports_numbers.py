"""A text is a number where there is one way to read it, and never by guessing."""

from datetime import date
from decimal import Decimal

import pytest
from django.utils.translation import override
from hypothesis import given, strategies as st

from measures.imports.numbers import Marker, NotANumberError, Number, Style, read_number, style_for
from measures.imports.periods import HALF, MONTH, NAMED, QUARTER, SPLIT, YEAR, days, readings
from measures.imports.problems import Code


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", "0"),
        ("-0", "0"),
        ("007", "7"),
        ("-5", "-5"),
        ("−5", "-5"),
        ("+5", "5"),
        (" 12 ", "12"),
        ("1,234", "1234"),
        ("12,345,678", "12345678"),
        ("1\u00a0234", "1234"),
        ("1\u202f234\u202f567", "1234567"),
        ("1 234", "1234"),
        ("1'234'567.50", "1234567.5"),
        ("1’234", "1234"),
        ("1,234.5", "1234.5"),
        (".5", "0.5"),
        ("12.345", "12.345"),
        ("1234567890123456789", "1234567890123456789"),
        ("0.1234567890", "0.123456789"),
    ],
)
def test_numbers_of_a_file_with_decimal_points(text, value):
    number = read_number(text)
    assert number.value == Decimal(value)
    assert str(number.value) != "-0"


@pytest.mark.parametrize(
    ("text", "value"),
    [("1.234,50", "1234.5"), ("1234,5", "1234.5"), ("12,345", "12.345"), ("1.234", "1234")],
)
def test_numbers_of_a_file_with_decimal_commas(text, value):
    assert read_number(text, Style.COMMA).value == Decimal(value)


@pytest.mark.parametrize(
    ("text", "style", "code"),
    [
        ("1,23", Style.POINT, Code.AMBIGUOUS),
        ("12,34,567", Style.POINT, Code.AMBIGUOUS),
        ("100,0%", Style.POINT, Code.AMBIGUOUS),
        ("1.234,5", Style.POINT, Code.AMBIGUOUS),
        ("1.234.567", Style.POINT, Code.AMBIGUOUS),
        ("0.85", Style.COMMA, Code.AMBIGUOUS),
        ("1,234", Style.ASK, Code.AMBIGUOUS),
        ("12.345", Style.ASK, Code.AMBIGUOUS),
        ("1234,50", Style.ASK, Code.NUMBER),
        ("1.234,50", Style.ASK, Code.NUMBER),
    ],
)
def test_two_readings_are_asked_about(text, style, code):
    with pytest.raises(NotANumberError) as caught:
        read_number(text, style)
    assert caught.value.code is code
    assert caught.value.suggestion


@pytest.mark.parametrize("text", ["1234", "1234.5", "0.5", "1 234", "85%"])
def test_one_reading_needs_no_question(text):
    assert isinstance(read_number(text, Style.ASK), Number)


@pytest.mark.parametrize(
    "text",
    [
        "TBD",
        "none",
        "?",
        "NaN",
        "nan",
        "Infinity",
        "-inf",
        "1e400",
        "1E+05",
        "=1+1",
        "-2+3",
        "@SUM(1)",
        "+A1",
        "(5)",
        "$5",
        "5€",
        "1_000",
        "²",
        "½",
        "5*",
        "12 (r)",
        "0x10",
        "1,,234",
        "5-",
        "--5",
        "5.",
        "1.2.3",
        "#DIV/0!",
        "#REF!",
        "'5",
        "12abc",
        "2023-01-02",
        "<x",
        "%",
    ],
)
def test_what_is_no_number(text):
    with pytest.raises(NotANumberError) as caught:
        read_number(text)
    assert caught.value.code in (Code.NUMBER, Code.AMBIGUOUS)
    assert caught.value.message


@pytest.mark.parametrize("text", ["1" * 25, "0." + "0" * 8 + "123", "1." + "1" * 30, "1" * 400])
def test_more_digits_than_can_be_kept(text):
    with pytest.raises(NotANumberError, match="digits"):
        read_number(text)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("853.1007099999998", "853.1007100000"),
        ("0.4769582776143818", "0.4769582776"),
        ("-1.8779342723004695", "-1.8779342723"),
        ("4.00000000000001", "4"),
        ("0.003183994876497387", "0.0031839949"),  # a program's quotient
    ],
)
def test_what_a_program_wrote_too_finely_is_kept_to_ten_decimals_and_said(text, kept):
    number = read_number(text)
    assert number.rounded
    assert number.value == Decimal(kept)
    assert not read_number(kept).rounded


@pytest.mark.parametrize("text", ["0.00318399487649", "0.00000000318399487649738"])
def test_what_rounding_would_change_is_refused(text):
    with pytest.raises(NotANumberError):
        read_number(text)


@pytest.mark.parametrize("text", ["\uff11\uff12", "\u0661\u0662", "\u06f1\u06f2", "1\uff12"])
def test_digits_of_every_script_are_digits(text):
    assert read_number(text, Style.ASK).value == 12


@pytest.mark.parametrize("text", ["12\uff05", "\u0661\u0662\u066a", "12 %"])
def test_percent_signs_of_every_script(text):
    assert read_number(text).percent


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("5-", "Write -5"),
        ("(5)", "Write -5"),
        ("5*", "Write 5, and"),
        ("12 (r)", "Write 12, and"),
        ("12 p", "Write 12, and"),
        ("5[1]", "Write 5, and"),
        ("CHF 5", "Write 5."),
        ("5 kr", "Write 5."),
        ("₹500", "Write 500."),
        ("fewer than 5", "* if the source hides it"),
    ],
)
def test_what_would_be_right_is_said(text, words):
    with pytest.raises(NotANumberError) as caught:
        read_number(text)
    assert words in caught.value.suggestion


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "N/A", "n/a", "NA", "n.a.", "#N/A", "null", "-", "--", "–", "—"),
        *(".", "..", "...", ":", "[x]", "[z]"),
    ],
)
def test_missing_markers(text):
    assert read_number(text) is Marker.MISSING


@pytest.mark.parametrize(
    "text", ["<5", "< 10", "≤5", "*", "s", "c", "[c]", "SUPP", "1-4", "1 – 4", ">95%"]
)
def test_suppression_markers(text):
    assert read_number(text) is Marker.SUPPRESSED


def test_a_percent_sign_is_noticed():
    assert read_number("85.0 %") == Number(Decimal(85), percent=True)
    assert read_number("71.90%") == Number(Decimal("71.9"), percent=True, decimals=1)


def test_the_delimiter_speaks_for_the_decimal_mark_unless_it_was_declared():
    assert style_for(",", None) is Style.POINT
    assert style_for(";", None) is style_for("\t", None) is Style.ASK
    assert style_for(";", "comma") is Style.COMMA


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, places=4, min_value=-(10**15), max_value=10**15
    )
)
def test_every_plain_number_is_read_exactly(number):
    assert read_number(f"{number:f}").value == number
    assert read_number(f"{number:,f}").value == number
    european = f"{number:,f}".translate(str.maketrans(",.", ".,"))
    assert read_number(european, Style.COMMA).value == number


@given(st.text(max_size=30))
def test_any_text_is_a_number_a_marker_or_an_explained_error(text):
    for style in Style:
        try:
            read = read_number(text, style)
        except NotANumberError:
            continue
        assert isinstance(read, Number | Marker)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2023-Q1", [(QUARTER, 2023, 1)]),
        ("2023Q1", [(QUARTER, 2023, 1)]),
        ("Q4 2023", [(QUARTER, 2023, 4)]),
        ("2023-01", [(MONTH, 2023, 1)]),
        ("202312", [(MONTH, 2023, 12)]),
        ("2023-1", [(MONTH, 2023, 1)]),
        ("2023", [(YEAR, 2023, 0)]),
        ("2023-H2", [(HALF, 2023, 2)]),
        ("2023S1", [(HALF, 2023, 1)]),
        ("2021/22", [(SPLIT, 2021, 0)]),
        ("202122", [(SPLIT, 2021, 0)]),
        ("2021-2022", [(SPLIT, 2021, 0)]),
        ("FY2021/22", [(SPLIT, 2021, 0)]),
        ("1999/00", [(SPLIT, 1999, 0)]),
        ("2011-12", [(MONTH, 2011, 12), (SPLIT, 2011, 0)]),
        ("2023M01", [(MONTH, 2023, 1)]),
        ("1/2023", [(MONTH, 2023, 1)]),
        ("Jan 2023", [(MONTH, 2023, 1)]),
        ("december-2023", [(MONTH, 2023, 12)]),
        ("2023 Sept.", [(MONTH, 2023, 9)]),
        ("FY2023", [(NAMED, 2023, 0)]),
        ("Jan-23", []),
        ("Total 2023", []),
        ("2023-Q5", []),
        ("2023-13", []),
        ("2021/23", []),
        ("last year", []),
        ("", []),
    ],
)
def test_readings_of_a_period(text, expected):
    assert [tuple(reading) for reading in readings(text)] == expected


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2024-02-01", [(2024, 2, 1)]),
        ("2024-02-01 00:00:00", [(2024, 2, 1)]),
        ("31.01.2024", [(2024, 1, 31)]),
        ("01/02/2024", [(2024, 1, 2), (2024, 2, 1)]),
        ("45292", [(2024, 1, 1)]),
        ("30/02/2024", []),
        ("12345", []),
        ("2024", []),
    ],
)
def test_the_days_a_date_may_mean(text, found):
    assert list(days(text)) == [date(*each) for each in found]


def test_months_are_read_in_the_readers_language():
    with override("fr"):
        assert [tuple(each) for each in readings("février 2024")] == [(MONTH, 2024, 2)]
