"""What a column of a file may be, by which names it is known, and what somebody said it is."""

import re
import unicodedata
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from measures.choices import DIMENSION

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

LONGEST_HEADING, SAMPLE = 100, 60  # characters of a heading, and of a cell, that are told


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a file: its heading, what it is read as (empty: unknown) and a cell of it.

    ``target`` is a canonical name, ``dimension:CODE`` or ``LEFT_OUT``; ``is_told`` where somebody
    said so and it is not known by its name.
    """

    text: str
    target: str
    sample: str = ""
    is_told: bool = False


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


def lacking(columns: Container[str]) -> Iterator[str]:
    """What a table with these columns has not, and needs."""
    if "organization_code" not in columns and "organization_name" not in columns:
        yield _("The column organization_code is missing; organization_name would do too.")
    for name in ("indicator_code", "period"):
        if name not in columns:
            yield _("The column %(name)s is missing.") % {"name": name}
    if "value" not in columns and not ("numerator" in columns and "denominator" in columns):
        yield _("There is no column for the values: value, or numerator and denominator.")
