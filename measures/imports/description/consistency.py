"""Rules over a whole description: codes given once, names known, places in a tree."""

import re
from collections import Counter
from collections.abc import Collection, Sequence
from math import prod

from django.utils.translation import gettext as _

from initiatives.services.places import DEEPEST, too_deep
from measures.imports.columns import CANONICAL, name_of
from measures.imports.description.nodes import Node, did_you_mean
from measures.imports.description.specs import Description
from measures.imports.names import fold

MOST_CELLS = 5_000  # finest groups of one breakdown
LONGEST_CODE = 40


def known(node: Node, key: str, values: Collection[str], known: Collection[str]) -> None:
    for value in values:
        if value not in known:
            near = "" if node.is_told_enough else did_you_mean(value, known)
            node.complain(key, _("“%(value)s” is described nowhere.") % {"value": value}, near)


def unique(node: Node, key: str, values: Sequence[str]) -> None:
    counted = Counter(value for value in values if value)
    for value in sorted(value for value, count in counted.items() if count > 1):
        node.complain(key, _("“%(value)s” is given more than once.") % {"value": value})


def check_codes(root: Node, described: Description) -> None:
    for key in ("places", "organizations", "calendars", "dimensions", "indicators"):
        unique(root, key, [item.code for item in getattr(described, key)])
    for number, indicator in enumerate(described.indicators):
        periods = [target.period for target in indicator.targets]
        unique(root, f"indicators[{number}].targets", periods)
    unique(root, "people", [f"{p.email} for {p.organization}" for p in described.people])
    unique(root, "rounds", [f"{r.calendar} {r.period}".strip() for r in described.rounds])


def check_dimensions(root: Node, described: Description) -> None:
    """A heading or a category of a file of values must name one thing."""
    taken = {name: (name, "") for name in CANONICAL}
    for number, dimension in enumerate(described.dimensions):
        path = f"dimensions[{number}]"
        mine = (dimension.code, path)
        for name in (dimension.code, dimension.name):
            other = taken.setdefault(name_of(name), mine)
            if other != mine:
                root.complain(
                    path,
                    _("In a file “%(name)s” would be the column “%(other)s” too.")
                    % {"name": name, "other": other[0]},
                )
        if len(dimension.categories) > MOST_CELLS:
            told = _("A dimension has at most %(most)d categories.") % {"most": MOST_CELLS}
            root.complain(f"{path}.categories", told)
        codes = {each.code for each in dimension.categories}
        if len(codes) == len(dimension.categories):
            unique(root, f"{path}.categories", [fold(each.name) for each in dimension.categories])
    sizes = {each.code: len(each.categories) for each in described.dimensions}
    for number, indicator in enumerate(described.indicators):
        if prod(sizes.get(code, 1) for code in indicator.partition) > MOST_CELLS:
            root.complain(
                f"indicators[{number}].partition",
                _("At most %(most)d groups, counting every combination.") % {"most": MOST_CELLS},
            )


def check_places(root: Node, described: Description) -> None:
    parents = {place.code: place.parent for place in described.places}
    if described.initiative.place:
        known(root, "initiative.place", [described.initiative.place], parents)
    for number, place in enumerate(described.places):
        if place.parent and place.parent not in parents:
            root.complain(
                f"places[{number}].parent",
                _("“%(value)s” is described nowhere.") % {"value": place.parent},
                did_you_mean(place.parent, parents),
            )
            continue
        seen, above = {place.code}, place.parent
        while above and above not in seen and len(seen) <= DEEPEST:
            seen.add(above)
            above = parents.get(above, "")
        if above == place.code:
            root.complain(f"places[{number}].parent", _("A place does not lie within itself."))
        elif len(seen) > DEEPEST:
            root.complain(f"places[{number}].parent", too_deep())
    for number, organization in enumerate(described.organizations):
        for code in organization.places:
            if code not in parents:
                root.complain(
                    f"organizations[{number}].places",
                    _("“%(value)s” is described nowhere.") % {"value": code},
                    did_you_mean(code, parents),
                )


def short_code(name: str, pattern: str, taken: Collection[str]) -> str:
    """The code of a category that is given by its name alone: the name, or what a code takes of it."""
    if re.fullmatch(pattern, name):
        return name
    base = re.sub(r"[\s,;|/=&*]+", " ", name).strip()[:LONGEST_CODE].strip() or "category"
    code, number = base, 1
    while code in taken:
        number += 1
        code = f"{base[: LONGEST_CODE - 4].strip()} {number}"
    return code
