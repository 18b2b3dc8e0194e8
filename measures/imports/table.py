"""Records of a table, and the physical line each begins on. The file is never held as a whole."""

import csv
import io
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from django.utils.translation import gettext as _

from measures.imports.columns import PARTS, Measured, name_of
from measures.imports.encoding import Facts, examine, unreadable
from measures.imports.headings import LINES_SEARCHED, Heading, read_heading
from measures.imports.problems import Code, Problem, Record
from measures.imports.wide import added_columns, spread

LONGEST_LINE = 1 << 20  # characters; a longer one is no table of values
LONGEST_CELL = 500
LONGEST_COMMENT = 4_000
csv.field_size_limit(LONGEST_LINE)  # a cell that is too long costs its row, not the file
NEEDED = ("organization_code", "organization_name", "indicator_code", "period", "value")
MOST_RECORDS = 5_000_000  # about what the largest file holds with one row per value
NARROW = 3  # in a table of so few columns a comment may well look like a row


class Table:
    """An opened file. Iterate, once, for its records."""

    def __init__(self, facts: Facts, heading: Heading, lines: "_Lines") -> None:
        self.facts, self.heading, self._lines = facts, heading, lines
        self.columns, self.dimensions = heading.columns, heading.dimensions
        self.delimiter, self.notices = heading.delimiter, list(facts.notices)
        if heading.wide:
            self.columns = heading.columns | added_columns(len(heading.cells))

    def __iter__(self) -> Iterator[Record]:
        records = _records(self._lines, self)
        return _bounded(spread(records, self.heading.wide) if self.heading.wide else records)

    def heading_of(self, code: str, column: str) -> str:
        """What stands over a number of an indicator: the column's name, or its own heading."""
        parts = self.heading.wide.get(code)
        if parts is None or column not in {"indicator_code", *PARTS}:
            return column
        return self.heading.cells[parts.get(column, next(iter(parts.values())))].strip()


def open_table(
    file: BinaryIO,
    *,
    dimensions: Mapping[str, str] | None = None,
    told: Mapping[str, str] | None = None,
    indicators: Mapping[str, Measured] | None = None,
) -> Table:
    """Find out how ``file`` (seekable, binary) is written and return it ready to be read.

    ``dimensions`` maps each dimension's code to its name: both are known as headings. ``told``
    maps other headings, by their ``key_of``, to what somebody said they are. ``indicators``, by
    their codes, are those that may have a column of their own.
    Raises :class:`UnreadableFileError` with every reason found.
    """
    facts = examine(file)
    lines = _Lines(io.TextIOWrapper(file, encoding=facts.encoding, newline=""))
    heading = read_heading(lines.look(LINES_SEARCHED), dimensions or {}, told, indicators)
    lines.skip(heading.height)
    return Table(facts, heading, lines)


def _bounded(records: Iterator[Record]) -> Iterator[Record]:
    """Of a few bytes each, more would keep a worker until it is stopped, with no word to anybody."""
    for count, record in enumerate(records):
        if count >= MOST_RECORDS:
            raise unreadable(
                _("The file has more than %(most)d numbers.") % {"most": MOST_RECORDS},
                _("Split it, and send one part after the other."),
                line=record.line,
            )
        yield record


class _Lines:
    """Physical lines, counted; the first few can be looked at before they are read."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self._waiting: list[str] = []
        self.count = 0

    def look(self, number: int) -> list[str]:
        while len(self._waiting) < number and (line := self._read()):
            self._waiting.append(line)
        return self._waiting[:number]

    def skip(self, number: int) -> None:
        for _step in range(number):
            next(self)

    def _read(self) -> str:
        line = self._text.readline(LONGEST_LINE)
        if len(line) >= LONGEST_LINE:
            raise unreadable(
                _("A line is longer than %(limit)d characters.") % {"limit": LONGEST_LINE},
                _("One row per line. Is a quotation mark never closed?"),
                line=self.count + len(self._waiting) + 1,
            )
        return line

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._waiting.pop(0) if self._waiting else self._read()
        if not line:
            raise StopIteration
        self.count += 1
        return line


def _records(lines: _Lines, table: Table) -> Iterator[Record]:
    heading = table.heading.cells
    reader = csv.reader(lines, delimiter=table.delimiter, strict=True)
    first = True
    while True:
        start = lines.count + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield Record(start, [], _broken(error, start))
            continue
        if first and _is_tag_row(cells):
            first = False
            continue
        first = False
        if len(cells) != len(heading) and not any(cell.strip() for cell in cells):
            cells = []
        if len(cells) == len(heading) or not cells:
            problem = None
        else:
            problem, cells = _fit(cells, table)
        if cells and problem is None:
            problem = _content(cells, table, several=lines.count > start)
        yield Record(start, cells, problem)


def _content(cells: list[str], table: Table, *, several: bool) -> Problem | None:
    """What makes a row of the right width useless all the same."""
    if table.facts.nul and (found := next((cell for cell in cells if "\x00" in cell), "")):
        return Problem(
            Code.STRUCTURE,
            "",
            found,
            _("This row holds a NUL character, which no text may."),
            _("Save the file again as “CSV UTF-8”."),
        )
    if several and len(cells) > NARROW and (problem := _swallowed(cells, table.delimiter)):
        return problem
    if table.heading.unnamed and (problem := _under_no_heading(cells, table.heading.unnamed)):
        return problem
    if max(map(len, cells)) > LONGEST_CELL and (problem := _too_long(cells, table)):
        return problem
    if _is_heading_again(cells, table.heading):
        return Problem(
            Code.STRUCTURE, "", cells[0], _("The heading is repeated here."), _("Delete it.")
        )
    return None


def _is_heading_again(cells: list[str], heading: Heading) -> bool:
    """The same names, perhaps in other letters: files that were put together have it."""
    place = heading.columns["period"]  # a look at one cell tells of nearly every row that it is not
    if cells[place].strip().casefold() != heading.cells[place].strip().casefold():
        return False
    return [name_of(cell) for cell in cells] == [name_of(cell) for cell in heading.cells]


def _broken(error: csv.Error, line: int) -> Problem:
    words = str(error)
    if "unexpected end of data" in words or "field limit" in words:
        raise unreadable(
            _("A quotation mark opened on line %(line)d is never closed.") % {"line": line},
            _("Close it, or double each quotation mark inside a quoted cell."),
            line=line,
        )
    return Problem(
        Code.STRUCTURE,
        "",
        "",
        _("A quoted cell goes on after its closing quotation mark."),
        _('Double each quotation mark inside a quoted cell: "he said ""hi""".'),
    )


def _fit(cells: list[str], table: Table) -> tuple[Problem | None, list[str]]:
    """Empty cells too many, or missing after the last needed one, are how Excel saves."""
    width = len(table.heading.cells)
    needed = [table.heading.columns.get(name, 0) for name in NEEDED]
    needed += [place for parts in table.heading.wide.values() for place in parts.values()]
    last_needed = max(needed)
    if len(cells) > width and not any(cell.strip() for cell in cells[width:]):
        return None, cells[:width]
    if last_needed < len(cells) < width:
        return None, cells + [""] * (width - len(cells))
    return (
        Problem(
            Code.STRUCTURE,
            "",
            cells[0],
            _("Cells in this row: %(found)d; columns in the heading: %(expected)d.")
            % {"found": len(cells), "expected": width},
            _("One cell per column. Put a text that holds the delimiter in quotation marks."),
        ),
        cells,
    )


def _swallowed(cells: list[str], delimiter: str) -> Problem | None:
    """A cell of several lines, one of which looks like a whole row, is an open quotation mark."""
    for cell in cells:
        if "\n" not in cell and "\r" not in cell:
            continue
        for part in cell.splitlines()[1:]:
            if part.count(delimiter) >= len(cells) - 1:
                return Problem(
                    Code.STRUCTURE,
                    "",
                    part,
                    _("A quotation mark opened on this line takes in whole rows after it."),
                    _("Close it, or double each quotation mark inside a quoted cell."),
                )
    return None


def _under_no_heading(cells: list[str], unnamed: list[int]) -> Problem | None:
    for place in unnamed:
        if place < len(cells) and cells[place].strip():
            return Problem(
                Code.STRUCTURE,
                "",
                cells[place],
                _("Column %(number)d has no heading, but a value here.") % {"number": place + 1},
                _("Give the column a heading or empty it."),
            )
    return None


def _too_long(cells: list[str], table: Table) -> Problem | None:
    comment = table.columns.get("comment", -1)
    for place, cell in enumerate(cells):
        limit = LONGEST_COMMENT if place == comment else LONGEST_CELL
        if len(cell) > limit:
            return Problem(
                Code.STRUCTURE,
                table.heading.cells[place].strip(),
                cell,
                _("This cell is longer than %(limit)d characters.") % {"limit": limit},
                _("Is a quotation mark never closed?"),
            )
    return None


def _is_tag_row(cells: list[str]) -> bool:
    """HXL: a row of ``#hashtags`` below the heading describes the columns and is no data."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    return len(filled) > 1 and all(cell[0] == "#" and cell[1:2].islower() for cell in filled)
