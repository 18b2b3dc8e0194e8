"""The heading of a table: which column is which, and what separates them."""

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from django.utils.translation import gettext as _

from measures.choices import DIMENSION, LEFT_OUT
from measures.imports.columns import (
    CANONICAL,
    LONGEST_HEADING,
    SAMPLE,
    Column,
    Measured,
    guesses,
    key_of,
    lacking,
    loose,
    name_of,
    names_known,
    part_of,
    targets_of,
)
from measures.imports.encoding import unreadable
from measures.imports.problems import Code, Problem, UnreadableFileError, shown

DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
LINES_SEARCHED = 12
ENOUGH, CERTAIN = 2, 3  # so many columns understood make a line the heading
LEAST_COLUMNS, MOST_COLUMNS = 4, 60  # a table of so many columns can be told what they are
LEAST_WIDE = 3  # organization, period and one indicator
MOST_TOLD = 30  # unknown columns that are complained of


@dataclass(frozen=True, slots=True)
class Heading:
    """``columns`` and ``dimensions`` map a column's name, or a dimension's code, to its place;
    ``wide`` an indicator's code to the places of its parts, where each has columns of its own.
    """

    line: int
    height: int  # physical lines up to the first record
    delimiter: str
    cells: list[str]
    columns: dict[str, int]
    dimensions: dict[str, int]
    unnamed: list[int]
    seen: tuple[Column, ...] = ()
    wide: dict[str, dict[str, int]] = field(default_factory=dict)


class _Names:
    """What a heading stands for: as somebody told, else as it is known."""

    def __init__(
        self,
        dimensions: Mapping[str, str],
        told: Mapping[str, str],
        indicators: Mapping[str, Measured],
    ) -> None:
        self.dimensions, self.known = dimensions, names_known(dimensions)
        self._guesses = guesses(indicators)
        allowed = {*self.known.values(), *targets_of(indicators), LEFT_OUT}
        self.told = {key: target for key, target in told.items() if target in allowed}

    def __call__(self, heading: str) -> str:
        return self.told.get(key_of(heading)) or self.known.get(name_of(heading), "")

    def is_told(self, heading: str) -> bool:
        return key_of(heading) in self.told

    def guess(self, heading: str) -> str:
        """The part of an indicator that a heading, unknown by itself, looks like."""
        return "" if self(heading) else self._guesses.get(loose(heading[:LONGEST_HEADING]), "")

    @property
    def listed(self) -> str:
        return ", ".join([*CANONICAL, *self.dimensions])


def read_heading(
    lines: Sequence[str],
    dimensions: Mapping[str, str],
    told: Mapping[str, str] | None = None,
    indicators: Mapping[str, Measured] | None = None,
) -> Heading:
    """Find the heading in the file's first ``lines``.

    ``told`` maps headings, by their ``key_of``, to what somebody said they are; ``indicators`` are
    those that may have a column of their own.
    Raises :class:`UnreadableFileError` with everything that is wrong with it, and with the columns
    that there are, so that it can be told what they are.
    """
    names = _Names(dimensions, told or {}, indicators or {})
    forced, skipped = "", 0
    if lines and (match := re.fullmatch(r"sep=(.)\s*", lines[0])):
        forced, skipped = match[1], 1
    while skipped < len(lines) and not lines[skipped].strip("\r\n\t ;,|"):
        skipped += 1
    if skipped == len(lines):
        raise unreadable(_("The file has no heading."), ", ".join(CANONICAL))
    found, delimiter, cells, height = _score(lines[skipped:], names, forced)
    seen = _seen(cells, lines[skipped + height :], delimiter, names)
    if found < ENOUGH:
        elsewhere = _where_it_is(lines, skipped, names)
        raise unreadable(
            _("The first line is not the heading of a table of values."),
            elsewhere or _("The columns are: %(columns)s.") % {"columns": names.listed},
            text=shown(lines[skipped].strip()),
            line=skipped + 1,
            columns=() if elsewhere else seen,
        )
    heading = Heading(skipped + 1, skipped + height, delimiter, cells, {}, {}, [], seen)
    _place(heading, names)
    return heading


def _where_it_is(lines: Sequence[str], skipped: int, names: _Names) -> str:
    for at in range(skipped + 1, len(lines)):
        if _score(lines[at:], names, "")[0] >= CERTAIN:
            return _("Line %(line)d looks like it: delete what stands above.") % {"line": at + 1}
    return ""


def _score(lines: Sequence[str], names: _Names, forced: str) -> tuple[int, str, list[str], int]:
    """With the best delimiter: (headings understood, delimiter, cells, physical lines)."""
    best = (-1, ",", [""], 1)
    for delimiter in [forced] if forced else DELIMITERS:
        reader = csv.reader(iter(lines), delimiter=delimiter)
        try:
            cells = next(reader)
        except (csv.Error, StopIteration):
            continue
        count = sum(bool(names(cell) or names.guess(cell)) for cell in cells)
        if (count, len(cells)) > (best[0], len(best[2])):
            best = (count, delimiter, cells, reader.line_num)
    return best


def _seen(
    cells: list[str], lines: Sequence[str], delimiter: str, names: _Names
) -> tuple[Column, ...]:
    """The named columns with a cell of each, of a table that somebody can be asked about."""
    named = [(place, text.strip()) for place, text in enumerate(cells) if name_of(text)]
    is_wide = any(names.guess(text) or part_of(names(text)) for _place, text in named)
    if not (LEAST_WIDE if is_wide else LEAST_COLUMNS) <= len(named) <= MOST_COLUMNS:
        return ()
    try:
        below = next((row for row in csv.reader(iter(lines), delimiter=delimiter) if row), [])
    except csv.Error:
        below = []
    return tuple(
        Column(
            text[:LONGEST_HEADING],
            names(text),
            shown(below[place].strip(), SAMPLE) if place < len(below) else "",
            names.is_told(text),
            names.guess(text),
        )
        for place, text in named
    )


def _place(heading: Heading, names: _Names) -> None:
    """Fill in which column stands where, or raise with all that is wrong."""
    problems = []

    def complain(text: str, message: str, suggestion: str) -> None:
        problem = Problem(Code.STRUCTURE, text, text, message, suggestion)
        problems.append((heading.line, problem))

    for place, text in enumerate(heading.cells):
        if not name_of(text):
            heading.unnamed.append(place)
            continue
        target = names(text)
        if target == LEFT_OUT:
            continue
        if not target:
            if len(problems) < MOST_TOLD:
                complain(text.strip(), *_unknown(place, text, names))
            continue
        into, key = _where(heading, target)
        if key in into:
            complain(
                text.strip(),
                _("Columns %(first)d and %(second)d are both “%(name)s”.")
                % {
                    "first": into[key] + 1,
                    "second": place + 1,
                    "name": target.removeprefix(DIMENSION),
                },
                _("Each column once, one row per value."),
            )
            continue
        into[key] = place
    wide = [f"{part}:{code}" for code, parts in heading.wide.items() for part in parts]
    for message in lacking([*heading.columns, *wide]):
        complain("", message, _("Add it, or say which column it is."))
    if problems:
        raise UnreadableFileError(*problems, columns=heading.seen)


def _where(heading: Heading, target: str) -> tuple[dict[str, int], str]:
    """Which of a heading's maps tells where a column is, and under what."""
    if part := part_of(target):
        return heading.wide.setdefault(part[1], {}), part[0]
    if target.startswith(DIMENSION):
        return heading.dimensions, target.removeprefix(DIMENSION)
    return heading.columns, target


def _unknown(place: int, text: str, names: _Names) -> tuple[str, str]:
    if guess := part_of(names.guess(text)):
        return (
            _(
                "Column %(number)d, “%(text)s”, is no known column; it looks like the indicator %(code)s."
            )
            % {"number": place + 1, "text": shown(text.strip()), "code": guess[1]},
            _("Say what it is: it is then read as one column per indicator."),
        )
    close = get_close_matches(name_of(text), names.known, n=1)
    return (
        _("Column %(number)d, “%(text)s”, is neither a known column nor a dimension.")
        % {"number": place + 1, "text": shown(text.strip())},
        _("Did you mean %(name)s?") % {"name": close[0]}
        if close
        else _("Rename or delete it. Known are: %(columns)s.") % {"columns": names.listed},
    )
