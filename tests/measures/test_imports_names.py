"""Which known name an unknown one was meant to be."""

from measures.imports.names import nearest, undated
from tests.measures.test_imports_rows import checked, codes


def test_the_nearest_name_looks_past_accents_and_quotation_marks():
    assert nearest("rio grande", ["Río Grande", "Rio Bravo"]) == "Río Grande"
    assert not nearest("zzz", ["Río Grande"])


def test_what_a_spreadsheet_made_a_date_of_is_guessed_back():
    assert list(undated("Oct-14")) == ["10-14", "14-10"]
    assert not list(undated("Oct-2014"))


def test_suggestions_end_where_they_would_cost_too_much():
    rows = checked(*(f"X{number},ENROLLED,2023-Q1,,,1,,," for number in range(1000)))
    assert {tuple(codes(row)) for row in rows} == {("E_ORG",)}
