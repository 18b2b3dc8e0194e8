"""What a column of a file may be, by which names it is known, and what somebody said it is.

A table has one row per value, or one column per indicator: the headings of such columns are
never taken for indicators by themselves. What they look like is a guess that somebody confirms.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from django.utils.translation import gettext as _

from measures.choices import DIMENSION, FileColumn

CANONICAL = tuple(FileColumn.values)
"""The columns a file may have, beside one per dimension or one per indicator."""

PARTS = ("value", "numerator", "denominator")
"""What a column of one indicator holds of it: ``value:meals``, ``numerator:meals``."""

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

LONGEST_HEADING, SAMPLE = 100, 60  # characters of a heading, and of a cell, that are told


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a file: its heading, what it is read as (empty: unknown) and a cell of it.

    ``target`` is a canonical name, ``dimension:CODE``, a part of an indicator or ``LEFT_OUT``;
    ``is_told`` where somebody said so and it is not known by its name. ``guess`` is the part of an
    indicator that an unknown heading looks like.
    """

    text: str
    target: str
    sample: str = ""
    is_told: bool = False
    guess: str = ""


class Measured(NamedTuple):
    """What is needed of an indicator to know it in a heading."""

    name: str
    unit: str = ""
    is_pair: bool = False


def key_of(heading: str) -> str:
    """A heading in the form it is remembered in: ``" Organisation Code "`` is one word."""
    text = unicodedata.normalize("NFKC", heading[:LONGEST_HEADING]).replace("\ufeff", "")
    return re.sub(r"[\s\-./]+", "_", text.strip().casefold())[:LONGEST_HEADING]


def name_of(heading: str) -> str:
    """A heading in the form names are compared in, where several words are one column."""
    key = key_of(heading)
    return ALIASES.get(key, key)


def names_known(dimensions: Mapping[str, str]) -> dict[str, str]:
    """Each heading that is understood, to the canonical column or ``dimension:CODE``.

    ``dimensions`` maps each dimension's code to its name.
    """
    known = {}
    for code, name in dimensions.items():
        known[name_of(name)] = known[name_of(code)] = f"{DIMENSION}{code}"
    return known | {name: name for name in CANONICAL}


def part_of(target: str) -> tuple[str, str] | None:
    """Which part of which indicator a column is: ``("value", "meals")``, or nothing of one."""
    part, mark, code = target.partition(":")
    return (part, code) if mark and part in PARTS else None


def targets_of(indicators: Mapping[str, Measured]) -> list[str]:
    """Every part of an indicator that a column may be: a pair's two numbers, or its value."""
    return [
        f"{part}:{code}"
        for code, each in indicators.items()
        for part in (PARTS if each.is_pair else PARTS[:1])
    ]


def guesses(indicators: Mapping[str, Measured]) -> dict[str, str]:
    """What headings look like, by their ``loose`` form; what looks like two is left out."""
    found: dict[str, set[str]] = defaultdict(set)
    for target in targets_of(indicators):
        part, _mark, code = target.partition(":")
        each = indicators[code]
        for name in {code, each.name}:
            if part == "value":
                found[loose(name)].add(target)
                found[loose(f"{name} {each.unit}")].add(target)
            else:
                found[loose(f"{name} {part}")].add(target)
    return {form: targets.pop() for form, targets in found.items() if len(targets) == 1}


def loose(heading: str) -> str:
    """A heading as it is compared with names: brackets and colons are blanks."""
    return re.sub("_+", "_", key_of(re.sub(r"[()\[\]:,;_]", " ", heading))).strip("_")


def lacking(columns: Collection[str]) -> Iterator[str]:
    """What a table with these columns has not, and needs."""
    if "organization_code" not in columns and "organization_name" not in columns:
        yield _("The column organization_code is missing; organization_name would do too.")
    wide = [part for each in columns if (part := part_of(each))]
    needed = ("period",) if wide else ("indicator_code", "period")
    for name in needed:
        if name not in columns:
            yield _("The column %(name)s is missing.") % {"name": name}
    if wide:
        yield from _lacking_of(wide, columns)
    elif "value" not in columns and not ("numerator" in columns and "denominator" in columns):
        yield _("There is no column for the values: value, or numerator and denominator.")


def _lacking_of(wide: list[tuple[str, str]], columns: Collection[str]) -> Iterator[str]:
    """What stands against columns that are of one indicator each."""
    if both := [name for name in ("indicator_code", *PARTS) if name in columns]:
        yield _(
            "A table has one row per value, or one column per indicator: leave %(columns)s out, "
            "or the columns of single indicators."
        ) % {"columns": ", ".join(both)}
    parts: dict[str, set[str]] = defaultdict(set)
    for part, code in wide:
        parts[code].add(part)
    for code, there in parts.items():
        if "numerator" in there and "denominator" not in there:
            yield _(
                "There is a column for the numerator of %(code)s and none for its denominator."
            ) % {"code": code}
        elif there == {"denominator"}:
            yield _(
                "There is a column for the denominator of %(code)s and none for its numerator."
            ) % {"code": code}
