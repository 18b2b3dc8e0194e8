"""Bytes to records: whatever a spreadsheet program may have saved."""

import io
import itertools
import tracemalloc

import pytest

from measures.imports.problems import Code, UnreadableFileError
from measures.imports.table import LONGEST_CELL, open_table

HEADING = "organization_code,indicator_code,period,gender,value,numerator,denominator,comment"
DIMENSIONS = {"gender": "Gender identity"}


def opened(content: str | bytes, encoding: str = "utf-8"):
    data = content.encode(encoding) if isinstance(content, str) else content
    return open_table(io.BytesIO(data), dimensions=DIMENSIONS)


def refused(content: str | bytes, encoding: str = "utf-8") -> str:
    with pytest.raises(UnreadableFileError) as caught:
        opened(content, encoding)
    assert {problem.code for _, problem in caught.value.problems} == {Code.STRUCTURE}
    return " ".join(f"{p.message} {p.suggestion}" for _, p in caught.value.problems)


def row(*, org="A", value="1", comment="") -> str:
    return f"{org},ENROLLED,2023-Q1,,{value},,,{comment}"


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
def test_encodings_and_line_endings_read_alike(encoding, ending):
    table = opened(f"{HEADING}{ending}{row(comment='École €')}{ending}", encoding)
    assert [record.cells[-1] for record in table] == ["École €"]
    assert table.columns["organization_code"] == 0
    assert not table.notices


def test_windows_text_is_read_and_said_to_be_so():
    table = opened(f"{HEADING}\r\n{row(comment='Élise – €')}\r\n", "cp1252")
    assert next(iter(table)).cells[-1] == "Élise – €"
    assert "Windows-1252" in table.notices[0]


def test_bytes_of_two_encodings_are_refused_with_their_line():
    mixed = f"{HEADING}\n{row(comment='é')}\n".encode() + row(comment="é").encode("latin-1")
    assert "Line 3" in refused(mixed)


def test_a_cut_utf16_file_is_refused():
    assert "UTF-16" in refused(f"{HEADING}\n{row()}".encode("utf-16")[:-1])


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"\r\n\r\n", "empty"),
        (b"PK\x03\x04rest", "Excel"),
        (b"\xd0\xcf\x11\xe0rest", "old Excel"),
        (b"%PDF-1.7", "PDF"),
        (b"<!DOCTYPE html><p>", "web page"),
        (b"hello\n", "not the heading"),
    ],
)
def test_what_is_no_table_is_named(content, words):
    assert words in refused(content)


@pytest.mark.parametrize("delimiter", [";", "\t", "|", ","])
def test_the_delimiter_is_found_from_the_heading(delimiter):
    table = opened(f"{HEADING}\n{row()}\n".replace(",", delimiter))
    assert table.delimiter == delimiter
    assert next(iter(table)).cells[:2] == ["A", "ENROLLED"]


def test_excels_own_delimiter_line_counts_as_a_line():
    table = opened(f"sep=;\n{HEADING}\n{row()}\n".replace(",", ";"))
    assert [record.line for record in table] == [3]


def test_headings_are_known_by_other_names_and_in_any_order():
    table = opened("Value;Org Code; Gender Identity ;Indicator;TIME PERIOD;Notes\n1;A;;E;2023;n\n")
    assert table.columns == {
        "value": 0,
        "organization_code": 1,
        "indicator_code": 3,
        "period": 4,
        "comment": 5,
    }
    assert table.dimensions == {"gender": 2}


@pytest.mark.parametrize(
    ("heading", "words"),
    [
        (HEADING.replace("gender", "gendre"), "Did you mean gender?"),
        (HEADING.replace("gender", "period"), "Columns 3 and 4 are both"),
        (HEADING.replace("comment", "Organisation"), "both “organization_code”"),
        ("organization_code,indicator_code,period,comment", "no column for the values"),
        ("organization_code,indicator_code,value", "period is missing"),
        ("indicator_code,period,value", "organization_code is missing"),
    ],
)
def test_a_faulty_heading_is_refused(heading, words):
    assert words in refused(f"{heading}\n{row()}\n")


def test_all_faults_of_a_heading_are_told_at_once():
    with pytest.raises(UnreadableFileError) as caught:
        opened("indicator_code,period,period,colour,value\n")
    assert len(caught.value.problems) == 3


def test_a_title_above_the_heading_is_named():
    assert "Line 3 looks like it" in refused(f"Our report\n\n{HEADING}\n{row()}\n")


def test_blank_lines_before_the_heading_are_passed_over():
    assert [record.line for record in opened(f"\n,,,,\n{HEADING}\n{row()}\n")] == [4]


def test_a_record_is_known_by_the_line_it_starts_on():
    text = f"{HEADING}\n{row(comment=chr(34) + 'one' + chr(10) + 'two, and' + chr(34))}\n"
    records = list(opened(f"{text}{row()}\n\n{row()}\n"))
    assert [record.line for record in records] == [2, 4, 5, 6]
    assert records[0].cells[-1] == "one\ntwo, and"


def test_an_open_quotation_mark_does_not_swallow_rows():
    with pytest.raises(UnreadableFileError, match="line 2 is never closed"):
        list(opened(f"{HEADING}\n{row(comment=chr(34) + 'open')}\n{row()}\n"))
    closed_later = (
        f"{HEADING}\n{row(comment=chr(34) + 'open')}\n{row()}\n{row(comment='x' + chr(34))}"
    )
    first = next(iter(opened(closed_later)))
    assert first.problem is not None
    assert "takes in whole rows" in first.problem.message


def test_text_behind_a_closing_quotation_mark_costs_its_row_only():
    text = f"{HEADING}\n{row(comment=chr(34) + 'a' + chr(34) + 'b')}\n{row()}\n"
    first, second = opened(text)
    assert first.problem.code is Code.STRUCTURE
    assert second.problem is None


@pytest.mark.parametrize(
    ("cells", "fits"),
    [
        ("A,ENROLLED,2023-Q1,,1", True),  # Excel drops empty cells at the end of a row
        ("A,ENROLLED,2023-Q1,,1,,,,,,", True),
        ("A,ENROLLED,2023-Q1,1", False),
        ("A,ENROLLED,2023-Q1,,1,,,note,more", False),
        ("Source: our own data", False),
    ],
)
def test_ragged_rows(cells, fits):
    record = next(iter(opened(f"{HEADING}\n{cells}\n")))
    assert (record.problem is None) is fits


def test_values_below_no_heading_are_refused_and_empty_ones_are_not():
    first, second = opened(f"{HEADING},\n{row()},\n{row()},5\n")
    assert first.problem is None
    assert "Column 9 has no heading" in second.problem.message


def test_nul_characters_and_overlong_cells_cost_their_row():
    nul, long, good = opened(f"{HEADING}\n{row(value=chr(0))}\n{row(org='x' * 501)}\n{row()}\n")
    assert "NUL" in nul.problem.message
    assert str(LONGEST_CELL) in long.problem.message
    assert good.problem is None


def test_a_line_without_an_end_is_refused():
    with pytest.raises(UnreadableFileError, match="longer than"):
        list(opened(f"{HEADING}\n" + "x" * (3 << 20)))


def test_a_repeated_heading_is_no_row_and_tags_are_passed_over():
    tags = "#org+code,#indicator,#date,#f,#value,,,#meta"
    good, again = opened(f"{HEADING}\n{tags}\n{row()}\n{HEADING}\n")
    assert good.problem is None
    assert "repeated" in again.problem.message


class Endless(io.RawIOBase):
    """A file of many rows that is never in memory as a whole."""

    def __init__(self, rows: int) -> None:
        self._rows, self._waiting = rows, b""
        self.seek(0)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        assert (offset, whence) == (0, 0)
        line = (row(value="12", comment="c" * 60) + "\n").encode()
        self._lines = itertools.chain(
            [f"{HEADING}\n".encode()], itertools.repeat(line * 50, self._rows // 50)
        )
        self._waiting = b""
        return 0

    def readinto(self, buffer) -> int:
        while len(self._waiting) < len(buffer) and (line := next(self._lines, b"")):
            self._waiting += line
        taken, self._waiting = self._waiting[: len(buffer)], self._waiting[len(buffer) :]
        buffer[: len(taken)] = taken
        return len(taken)


def test_a_hundred_thousand_rows_are_never_held():
    tracemalloc.start()
    try:
        table = open_table(io.BufferedReader(Endless(100_000), 1 << 16), dimensions=DIMENSIONS)
        assert sum(1 for _ in table) == 100_000
        assert tracemalloc.get_traced_memory()[1] < 16 << 20
    finally:
        tracemalloc.stop()


def test_a_cell_of_a_megabyte_costs_its_row_alone():
    table = opened(f"{HEADING}\n{row(comment='x' * 1_000_000)}\n{row()}\n")
    first, second = table
    assert first.problem
    assert "longer than" in first.problem.message
    assert second.problem is None


def test_a_line_too_long_is_named():
    with pytest.raises(UnreadableFileError) as caught:
        list(opened(f"{HEADING}\n{row()}\n{row(comment='x' * 2_000_000)}\n"))
    assert [line for line, _problem in caught.value.problems] == [3]


@pytest.mark.parametrize("blank", ["   ", ",,", " , ,", "\t"])
def test_a_line_of_blanks_is_blank(blank):
    record, _last = opened(f"{HEADING}\n{blank}\n{row()}\n")
    assert (record.cells, record.problem) == ([], None)


def test_a_heading_repeated_in_other_letters_is_no_row():
    again = HEADING.replace("_", " ").upper()
    record = next(iter(opened(f"{HEADING}\n{again}\n")))
    assert record.problem
    assert "repeated" in record.problem.message


def test_a_heading_of_very_many_unknown_columns_is_answered_soon():
    wide = ",".join(
        ["organization_code", "indicator_code", "period", "value", *map(str, range(9999))]
    )
    with pytest.raises(UnreadableFileError) as caught:
        opened(f"{wide}\n")
    assert len(caught.value.problems) < 50
