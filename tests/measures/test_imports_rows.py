"""Rows against what they name, without a database: each problem, and all of them."""

import io
from datetime import date
from decimal import Decimal

import pytest

from measures.imports.amounts import Outcome
from measures.imports.indicators import IndicatorKey
from measures.imports.keys import DimensionKey, Keys, PeriodKey, RoundKey, fold
from measures.imports.numbers import Style
from measures.imports.rows import Checker
from measures.imports.table import open_table

ORGANIZATIONS = {
    "ORG-001": (1, "Río Grande Youth Center"),
    "ORG-002": (2, "St. Mary's Family Services, Inc."),
    "ORG-003": (3, "Łódź Community Fund"),
    "007": (7, "Bridge Builders"),
    "T-1": (8, "The Twins"),
    "T-2": (9, "The  twins"),
}
HEADING = "organization_code,indicator_code,period,gender,age,value,numerator,denominator,comment"
EVER = ((date.min, date.max),)


def indicator(id_, code, **more):
    defaults = {
        "unit": "people",
        "pair": False,
        "weighted": False,
        "percent": False,
        "scale": Decimal(1),
        "decimals": None,
        "minimum": Decimal(0),
        "maximum": None,
        "within": False,
        "calendar_id": 1,
        "split": False,
        "frequency": "quarter",
        "dimensions": (),
    }
    return IndicatorKey(id=id_, code=code, **(defaults | more))


INDICATORS = {
    key.code: key
    for key in (
        indicator(1, "ENROLLED", decimals=0, dimensions=("gender", "age")),
        indicator(2, "NETCHANGE", decimals=0, minimum=None),
        indicator(3, "RATE", pair=True, percent=True, scale=Decimal(100), maximum=Decimal(100)),
        indicator(4, "SHARE", pair=True, within=True),
        indicator(5, "SCORE", pair=True, weighted=True, maximum=Decimal(5), unit="points"),
        indicator(6, "BUDGET", decimals=2, unit="USD"),
        indicator(7, "PUPILS", calendar_id=2, split=True, frequency="year"),
        indicator(8, "MONTHLY", frequency="month"),
        indicator(9, "UNASKED"),
    )
}


def quarter(id_, year, number):
    start = date(year, 3 * number - 2, 1)
    end = date(year + number // 4, 3 * number % 12 + 1, 1)
    return PeriodKey(id_, f"{year}-Q{number}", start, end)


def make_keys(**more):
    quarters = [quarter(1, 2022, 4), quarter(2, 2023, 1), quarter(3, 2023, 2), quarter(4, 2031, 4)]
    years = [PeriodKey(11, "2021/22", date(2021, 9, 1), date(2022, 9, 1))]
    months = [
        PeriodKey(21, "2021-12", date(2021, 12, 1), date(2022, 1, 1)),
        PeriodKey(22, "2022-01", date(2022, 1, 1), date(2022, 2, 1)),
    ]
    gender = {"female": 1, "male": 2, "unknown": 3, "f": 1}
    age = {"5-9": 4, "10-14": 5, "not stated": 6}
    names: dict[str, list[str]] = {}
    for code, (_id, name) in ORGANIZATIONS.items():
        names.setdefault(fold(name), []).append(code)
    asked = [key for key in INDICATORS.values() if key.code != "UNASKED"]
    return Keys(
        **{
            "organizations": {code: id_ for code, (id_, _name) in ORGANIZATIONS.items()},
            "names": names,
            "spelled": [name for _id, name in ORGANIZATIONS.values()],
            "indicators": INDICATORS,
            "periods": {
                (1, "quarter"): {period.code: period for period in quarters},
                (2, "year"): {period.code: period for period in years},
                (1, "month"): {period.code: period for period in months},
            },
            "rounds": {
                1: RoundKey(1, "Its round was open until 31 January 2023.", "Ask Dana."),
                **{id_: RoundKey(id_) for id_ in (2, 3, 11, 21, 22)},
            },
            "dimensions": {
                "gender": DimensionKey("Gender", gender, ["Female", "Male", "Unknown"], 3),
                "age": DimensionKey("Age", age, ["5-9", "10-14", "Not stated"], 6),
            },
            "cells": {frozenset({g, a}): g * 10 + a for g in (1, 2, 3) for a in (4, 5, 6)},
            "today": date(2026, 11, 24),
            "assigned": {
                (id_, key.id): EVER for id_, _name in ORGANIZATIONS.values() for key in asked
            },
        }
        | more
    )


def checked(*lines, heading=HEADING, style=Style.POINT, **more):
    data = "\n".join([heading, *lines]).encode()
    table = open_table(io.BytesIO(data), dimensions={"gender": "Gender", "age": "Age"})
    checker = Checker(table, make_keys(**more), style)
    return [checker.check(record) for record in table]


def one(*, org="ORG-001", ind="ENROLLED", period="2023-Q1", cell=",", amounts="1,,", note=""):
    return checked(f"{org},{ind},{period},{cell},{amounts},{note}")[0]


def codes(row):
    return [problem.code.value for problem in row.problems]


def test_a_good_row_is_a_fact():
    row = one(cell="Female,5-9", amounts="12,,")
    assert (row.outcome, row.value, row.stored) == (Outcome.ACCEPT, Decimal(12), True)
    assert (row.organization_id, row.indicator_id, row.period_id, row.cell_id) == (1, 1, 2, 14)


@pytest.mark.parametrize(
    ("given", "cell"),
    [
        (",", None),  # the total
        ("Female,", 16),  # of an age not stated
        (",10-14", 35),
        ("female,5-9", 14),
        ("F, 5-9 ", 14),
        ("Unknown,Not stated", 36),
    ],
)
def test_a_blank_dimension_beside_another_means_not_stated(given, cell):
    row = one(cell=given)
    assert row.outcome is Outcome.ACCEPT
    assert row.cell_id == cell


def test_all_that_is_wrong_is_told():
    row = one(org="ORG-9", ind="ENROLED", period="2023-Q9", cell="Femail,11-12", amounts="v,y,w")
    assert codes(row) == [
        "E_ORG",
        "E_INDICATOR",
        "E_PERIOD",
        "E_CATEGORY",
        "E_CATEGORY",
        "E_NUMBER",
        "E_NUMBER",
        "E_NUMBER",
    ]
    suggestions = [problem.suggestion for problem in row.problems]
    assert "Did you mean ENROLLED?" in suggestions
    assert "Did you mean Female?" in suggestions
    assert all(problem.message and problem.column for problem in row.problems)


@pytest.mark.parametrize("text", ["7", "0007", "7.0"])
def test_zeros_a_spreadsheet_ate_are_suggested_not_assumed(text):
    row = one(org=text)
    assert codes(row) == ["E_ORG"]
    assert "007" in row.problems[0].suggestion


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("  Río Grande Youth Center ", 1),
        ("Ri\u0301o Grande Youth Center", 1),
        ("RÍO GRANDE YOUTH CENTER", 1),
        ("Río  Grande  Youth  Center", 1),
        ("Río\u00a0Grande Youth Center\u200b", 1),
        ("Rio Grande Youth Center", None),
        ("St. Mary’s Family Services, Inc.", None),
        ("the twins", None),
        ("Somebody else", None),
        ("", None),
    ],
)
def test_names_are_found_and_never_guessed(name, found):
    (row,) = checked(
        f'"{name}",ENROLLED,2023-Q1,1', heading="organization_name,indicator_code,period,value"
    )
    assert row.organization_id == found
    if found is None:
        assert codes(row) == ["E_ORG"]
        assert row.problems[0].suggestion or name == "Somebody else"


def test_a_name_that_contradicts_the_code_is_pointed_out():
    heading = "organization_code,organization_name,indicator_code,period,value"
    same, other, nameless = checked(
        "007,Bridge Builders,ENROLLED,2023-Q1,1",
        "007,The Twins,ENROLLED,2023-Q2,1",
        ",Bridge Builders,ENROLLED,2023-Q1,1",
        heading=heading,
    )
    assert not same.warnings
    assert other.outcome is Outcome.ACCEPT
    assert "not that of 007" in other.warnings[0]
    assert nameless.organization_id == 7


def test_a_reporter_reports_for_their_own_organization():
    own, foreign = checked(
        "ORG-001,ENROLLED,2023-Q1,,,1,,,",
        "ORG-002,ENROLLED,2023-Q1,,,1,,,",
        own=frozenset({1}),
    )
    assert own.outcome is Outcome.ACCEPT
    assert codes(foreign) == ["E_ORG"]
    assert "ORG-001" in foreign.problems[0].suggestion


@pytest.mark.parametrize(
    ("ind", "text", "period"),
    [
        ("ENROLLED", "2023Q1", 2),
        ("ENROLLED", " q1 2023 ", 2),
        ("PUPILS", "2021/22", 11),
        ("PUPILS", "2021-22", 11),
        ("PUPILS", "202122", 11),
        ("MONTHLY", "2021-12", 21),
        ("MONTHLY", "202201", 22),
    ],
)
def test_a_period_is_read_by_the_indicators_calendar(ind, text, period):
    row = one(ind=ind, period=text)
    assert row.outcome is Outcome.ACCEPT, row.problems
    assert row.period_id == period


@pytest.mark.parametrize(
    ("ind", "text", "code", "words"),
    [
        ("ENROLLED", "2031-Q4", "E_PERIOD", "future"),
        ("ENROLLED", "2019-Q1", "E_PERIOD", "runs from 2022-Q4 to 2031-Q4"),
        ("ENROLLED", "2023-01", "E_PERIOD", "collected by quarter"),
        ("PUPILS", "2021", "E_PERIOD", "Do you mean 2021/22?"),
        ("PUPILS", "FY2022", "E_PERIOD", "Do you mean 2021/22?"),
        ("PUPILS", "44562", "E_PERIOD", "Write the period: 2021/22"),
        ("ENROLLED", "Jan 2023", "E_PERIOD", "Do you mean 2023-Q1?"),
        ("ENROLLED", "2023-02-01", "E_PERIOD", "Write the period: 2023-Q1"),
        ("MONTHLY", "01/12/2021", "E_PERIOD", "Write the period: 2021-12"),
        ("ENROLLED", "soon", "E_PERIOD", "is no period"),
        ("ENROLLED", "", "E_PERIOD", "missing"),
        ("ENROLLED", "2022-Q4", "E_LOCKED", "until 31 January 2023"),
        ("UNASKED", "2023-Q1", "E_ASSIGNMENT", "not asked"),
    ],
)
def test_a_period_that_cannot_be_reported_says_why(ind, text, code, words):
    row = one(ind=ind, period=text)
    assert codes(row) == [code]
    assert words in f"{row.problems[0].message} {row.problems[0].suggestion}"


def test_dates_a_spreadsheet_made_of_categories_are_recognized():
    row = one(cell=",9-May")
    assert codes(row) == ["E_CATEGORY"]
    assert "Write 5-9" in row.problems[0].suggestion


def test_a_category_of_an_indicator_without_it_is_refused():
    assert codes(one(ind="BUDGET", cell="Female,")) == ["E_CATEGORY"]


@pytest.mark.parametrize(
    ("ind", "amounts", "value"),
    [
        ("ENROLLED", "0,,", "0"),
        ("ENROLLED", "12.0,,", "12"),
        ("ENROLLED", "1234567890123456789,,", "1234567890123456789"),
        ("NETCHANGE", "-5,,", "-5"),
        ("BUDGET", '"1,234.50",,', "1234.5"),
        ("RATE", "85%,,", "85"),
        ("RATE", "85,,", "85"),
        ("RATE", "0,,", "0"),
        ("RATE", ",46,64", "71.875"),
        ("RATE", "71.9%,46,64", "71.875"),
        ("RATE", "72,46,64", "71.875"),
        ("RATE", ",0,20", "0"),
        ("SHARE", "0.85,,", "0.85"),
        ("SHARE", "85%,,", "0.85"),
        ("SHARE", ",3,4", "0.75"),
        ("SCORE", "4.25,,8", "4.25"),
        ("SCORE", ",34,8", "4.25"),
    ],
)
def test_numbers_of_each_kind(ind, amounts, value):
    row = one(ind=ind, amounts=amounts)
    assert not row.problems
    assert (row.outcome, row.value) == (Outcome.ACCEPT, Decimal(value))


def test_a_mean_is_kept_as_sum_and_weight():
    row = one(ind="SCORE", amounts="4.25,,8")
    assert (row.numerator, row.denominator) == (Decimal(34), Decimal(8))


@pytest.mark.parametrize(
    ("ind", "amounts", "code"),
    [
        ("ENROLLED", "12.5,,", "E_NUMBER"),
        ("ENROLLED", "1.234,,", "E_AMBIGUOUS"),
        ("ENROLLED", "12%,,", "E_NUMBER"),
        ("ENROLLED", "-1,,", "E_RANGE"),
        ("ENROLLED", "5,5,", "E_PAIR"),
        ("BUDGET", "12.345,,", "E_AMBIGUOUS"),
        ("BUDGET", "12.3456,,", "E_NUMBER"),
        ("RATE", "850%,,", "E_RANGE"),
        ("RATE", "0.85,,", "E_AMBIGUOUS"),
        ("RATE", "1,,", "E_AMBIGUOUS"),
        ("RATE", ",12,10", "E_RANGE"),
        ("RATE", ",5,", "E_PAIR"),
        ("RATE", ",,5", "E_PAIR"),
        ("RATE", "90%,46,64", "E_PAIR"),
        ("RATE", "0.71875,46,64", "E_PAIR"),
        ("RATE", ",5,0", "E_PAIR"),
        ("RATE", ",5,-10", "E_RANGE"),
        ("RATE", ",50%,100", "E_NUMBER"),
        ("SHARE", ",12,10", "E_RANGE"),
        ("SCORE", "6,,8", "E_RANGE"),
        ("SCORE", "4,,", "E_PAIR"),
        ("SCORE", ",34,", "E_PAIR"),
        ("SCORE", "4,,0", "E_PAIR"),
        ("SCORE", "4%,,8", "E_NUMBER"),
        ("SCORE", "4,40,8", "E_PAIR"),
    ],
)
def test_numbers_that_do_not_fit(ind, amounts, code):
    row = one(ind=ind, amounts=amounts)
    assert codes(row) == [code]
    assert row.outcome is Outcome.REJECT
    assert not row.stored
    assert row.problems[0].suggestion


def test_zero_over_zero_is_reported_without_a_value():
    row = one(ind="RATE", amounts=",0,0")
    assert (row.outcome, row.value, row.stored) == (Outcome.MISSING, None, True)
    assert (row.numerator, row.denominator) == (0, 0)


@pytest.mark.parametrize("text", ["", "N/A", "-", "."])
def test_a_missing_value_stores_nothing(text):
    for ind in ("ENROLLED", "RATE", "SCORE"):
        row = one(ind=ind, amounts=f"{text},,")
        assert (row.outcome, row.value, row.stored) == (Outcome.MISSING, None, False)
    weighted = one(ind="SCORE", amounts=f'"{text}",,30')
    assert (weighted.outcome, weighted.stored) == (Outcome.MISSING, False)
    assert "without its score" in weighted.warnings[0]


@pytest.mark.parametrize("amounts", ["<5,,", "*,,", ",<5,64", ",c,64"])
def test_a_suppressed_number_is_kept_as_such(amounts):
    ind = "RATE" if amounts.startswith(",") else "ENROLLED"
    row = one(ind=ind, amounts=amounts)
    assert (row.outcome, row.value, row.stored) == (Outcome.SUPPRESSED, None, True)
    assert row.numerator is row.denominator is None


def test_a_declared_decimal_comma_holds_for_the_whole_file():
    lines = ["ORG-001;BUDGET;2023-Q1;;;1.234,50;;;", "ORG-002;BUDGET;2023-Q1;;;12,345;;;"]
    heading = HEADING.replace(",", ";")
    good, fine = checked(*lines, heading=heading, style=Style.COMMA)
    assert good.value == Decimal("1234.5")
    assert codes(fine) == ["E_AMBIGUOUS"]
    assert [codes(row) for row in checked(*lines, heading=heading, style=Style.ASK)] == [
        ["E_NUMBER"],
        ["E_AMBIGUOUS"],
    ]


def test_comments_are_kept_as_written_less_what_nobody_can_see():
    assert one(note='"=HYPERLINK(""x"")"').comment == '=HYPERLINK("x")'
    row = one(note="a\x07b\tc")
    assert row.comment == "ab\tc"
    assert row.warnings
