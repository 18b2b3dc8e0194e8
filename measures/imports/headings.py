"""The heading of a table: which column is which, and what separates them."""

import csv
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from django.utils.translation import gettext as _

from measures.imports.encoding import unreadable
from measures.imports.problems import Code, Problem, UnreadableFileError, shown

CANONICAL = (
    "organization_code",
    "organization_name",
    "indicator_code",
    "period",
    "value",
    "numerator",
    "denominator",
    "comment",
)
"""The columns a file may have, beside one per dimension."""

ALIASES = {
    "organisation_code": "organization_code",
    "organization": "organization_code",
    "organisation": "organization_code",
    "organization_id": "organization_code",
    "organisation_id": "organization_code",
    "org_code": "organization_code",
    "org_id": "organization_code",
    "org": "organization_code",
    "orgunit": "organization_code",
    "organisation_name": "organization_name",
    "org_name": "organization_name",
    "indicator": "indicator_code",
    "indicator_id": "indicator_code",
    "dataelement": "indicator_code",
    "data_element": "indicator_code",
    "time_period": "period",
    "comments": "comment",
    "note": "comment",
    "notes": "comment",
}
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
LINES_SEARCHED = 12
ENOUGH, CERTAIN = 2, 3  # so many columns understood make a line the heading


@dataclass(frozen=True, slots=True)
class Heading:
    """``columns`` and ``dimensions`` map a column's name, or a dimension's code, to its place."""

    line: int
    height: int  # physical lines up to the first record
    delimiter: str
    cells: list[str]
    columns: dict[str, int]
    dimensions: dict[str, int]
    unnamed: list[int]


def name_of(heading: str) -> str:
    """A heading in the form names are compared in: ``" Organisation Code "`` is one word."""
    text = unicodedata.normalize("NFKC", heading).replace("\ufeff", "").strip().casefold()
    text = re.sub(r"[\s\-./]+", "_", text)
    return ALIASES.get(text, text)


def _known(dimensions: Mapping[str, str]) -> dict[str, str]:
    """Each heading that is understood, to the canonical column or ``dimension:CODE``."""
    known = {}
    for code, name in dimensions.items():
        known[name_of(name)] = f"dimension:{code}"
        known[name_of(code)] = f"dimension:{code}"
    return known | {name: name for name in CANONICAL}


def read_heading(lines: Sequence[str], dimensions: Mapping[str, str]) -> Heading:
    """Find the heading in the file's first ``lines``.

    Raises :class:`UnreadableFileError` with everything that is wrong with it.
    """
    known = _known(dimensions)
    forced, skipped = "", 0
    if lines and (match := re.fullmatch(r"sep=(.)\s*", lines[0])):
        forced, skipped = match[1], 1
    while skipped < len(lines) and not lines[skipped].strip("\r\n\t ;,|"):
        skipped += 1
    if skipped == len(lines):
        raise unreadable(_("The file has no heading."), ", ".join(CANONICAL))
    found, delimiter, cells, height = _score(lines[skipped:], known, forced)
    if found < ENOUGH:
        raise unreadable(
            _("The first line is not the heading of a table of values."),
            _where_it_is(lines, skipped, known)
            or _("The columns are: %(columns)s.")
            % {"columns": ", ".join([*CANONICAL, *dimensions])},
            text=shown(lines[skipped].strip()),
            line=skipped + 1,
        )
    heading = Heading(skipped + 1, skipped + height, delimiter, cells, {}, {}, [])
    _place(heading, known, dimensions)
    return heading


def _where_it_is(lines: Sequence[str], skipped: int, known: Mapping[str, str]) -> str:
    for at in range(skipped + 1, len(lines)):
        if _score(lines[at:], known, "")[0] >= CERTAIN:
            return _("Line %(line)d looks like it: delete what stands above.") % {"line": at + 1}
    return ""


def _score(
    lines: Sequence[str], known: Mapping[str, str], forced: str
) -> tuple[int, str, list[str], int]:
    """With the best delimiter: (headings understood, delimiter, cells, physical lines)."""
    best = (-1, ",", [""], 1)
    for delimiter in [forced] if forced else DELIMITERS:
        reader = csv.reader(iter(lines), delimiter=delimiter)
        try:
            cells = next(reader)
        except (csv.Error, StopIteration):
            continue
        count = sum(name_of(cell) in known for cell in cells)
        if (count, len(cells)) > (best[0], len(best[2])):
            best = (count, delimiter, cells, reader.line_num)
    return best


def _place(heading: Heading, known: Mapping[str, str], dimensions: Mapping[str, str]) -> None:
    """Fill in which column stands where, or raise with all that is wrong."""
    problems = []

    def complain(text: str, message: str, suggestion: str) -> None:
        problem = Problem(Code.STRUCTURE, text, text, message, suggestion)
        problems.append((heading.line, problem))

    for place, text in enumerate(heading.cells):
        name = name_of(text)
        if not name:
            heading.unnamed.append(place)
            continue
        target = known.get(name)
        if target is None:
            complain(text.strip(), *_unknown(place, text, known, dimensions))
            continue
        kind, colon, code = target.partition(":")
        into, key = (heading.dimensions, code) if colon else (heading.columns, kind)
        if key in into:
            complain(
                text.strip(),
                _("Columns %(first)d and %(second)d are both “%(name)s”.")
                % {"first": into[key] + 1, "second": place + 1, "name": key},
                _("Each column once, one row per value."),
            )
            continue
        into[key] = place
    for message, suggestion in _lacking(heading.columns):
        complain("", message, suggestion)
    if problems:
        raise UnreadableFileError(*problems)


def _unknown(
    place: int, text: str, known: Mapping[str, str], dimensions: Mapping[str, str]
) -> tuple[str, str]:
    close = get_close_matches(name_of(text), known, n=1)
    return (
        _("Column %(number)d, “%(text)s”, is neither a known column nor a dimension.")
        % {"number": place + 1, "text": shown(text.strip())},
        _("Did you mean %(name)s?") % {"name": close[0]}
        if close
        else _("Rename or delete it. Known are: %(columns)s.")
        % {"columns": ", ".join([*CANONICAL, *dimensions])},
    )


def _lacking(columns: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    if "organization_code" not in columns and "organization_name" not in columns:
        yield _("The column organization_code is missing."), _("organization_name would do too.")
    for name in ("indicator_code", "period"):
        if name not in columns:
            yield _("The column %(name)s is missing.") % {"name": name}, _("Add it.")
    if "value" not in columns and not {"numerator", "denominator"} <= columns.keys():
        yield (
            _("There is no column for the values."),
            _("Add value, or numerator and denominator."),
        )
