"""Which known name an unknown one was meant to be."""

from measures.imports.amounts import Outcome
from measures.imports.names import nearest, undated
from tests.measures.test_imports_rows import checked, codes, one


def test_the_nearest_name_looks_past_accents_and_quotation_marks():
    assert nearest("rio grande", ["Río Grande", "Rio Bravo"]) == "Río Grande"
    assert not nearest("zzz", ["Río Grande"])


def test_what_a_spreadsheet_made_a_date_of_is_guessed_back():
    assert list(undated("Oct-14")) == ["10-14", "14-10"]
    assert not list(undated("Oct-2014"))


def test_suggestions_end_where_they_would_cost_too_much():
    rows = checked(*(f"X{number},ENROLLED,2023-Q1,,,1,,," for number in range(1000)))
    assert {tuple(codes(row)) for row in rows} == {("E_ORG",)}


def test_a_number_written_too_finely_is_kept_with_a_remark():
    row = one(ind="NETCHANGE", amounts="12.00000000000001,,")
    assert (row.outcome, row.value) == (Outcome.ACCEPT, 12)
    assert "rounded to 10" in row.warnings[0]


def test_footnotes_and_totals_below_the_data_are_no_organizations():
    rows = checked(
        ",,,,,,,,",
        "Total,ENROLLED,2023-Q1,,,22,,,",
        '"Source: our database, run 4/2/2023",,,,,,,,',
        "Source: our database",
    )
    assert [row.outcome for row in rows] == [Outcome.IGNORE] + [Outcome.REJECT] * 3
    assert all("E_ORG" in codes(row) for row in rows[1:])
