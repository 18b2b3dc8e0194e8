"""Rules over a whole description: codes given once, names known, places in a tree."""

from collections.abc import Collection, Sequence

from django.utils.translation import gettext as _

from measures.imports.description.nodes import Node, did_you_mean
from measures.imports.description.specs import Description


def known(node: Node, key: str, values: Collection[str], known: Collection[str]) -> None:
    for value in values:
        if value not in known:
            node.complain(
                key,
                _("“%(value)s” is described nowhere.") % {"value": value},
                did_you_mean(value, known),
            )


def unique(node: Node, key: str, values: Sequence[str]) -> None:
    for value in sorted({value for value in values if value and values.count(value) > 1}):
        node.complain(key, _("“%(value)s” is given more than once.") % {"value": value})


def check_codes(root: Node, described: Description) -> None:
    for key in ("places", "organizations", "calendars", "dimensions", "indicators"):
        unique(root, key, [item.code for item in getattr(described, key)])
    unique(root, "people", [f"{p.email} for {p.organization}" for p in described.people])
    unique(root, "rounds", [f"{r.calendar} {r.period}".strip() for r in described.rounds])


def check_places(root: Node, described: Description) -> None:
    parents = {place.code: place.parent for place in described.places}
    for number, place in enumerate(described.places):
        if place.parent and place.parent not in parents:
            root.complain(
                f"places[{number}].parent",
                _("“%(value)s” is described nowhere.") % {"value": place.parent},
                did_you_mean(place.parent, parents),
            )
            continue
        seen, above = {place.code}, place.parent
        while above and above not in seen:
            seen.add(above)
            above = parents.get(above, "")
        if above == place.code:
            root.complain(f"places[{number}].parent", _("A place does not lie within itself."))
    for number, organization in enumerate(described.organizations):
        for code in organization.places:
            if code not in parents:
                root.complain(
                    f"organizations[{number}].places",
                    _("“%(value)s” is described nowhere.") % {"value": code},
                    did_you_mean(code, parents),
                )
