"""What was noted beside the facts that a number rests on, as far as a reader may see them."""

from collections import defaultdict
from dataclasses import replace
from typing import Any

from django.db.models import Count, Min, Q
from django.utils.translation import gettext as _, ngettext

from initiatives.models import Membership
from measures.models import Observation, Rollup
from measures.selectors.figures import Figure
from measures.selectors.reporters import type_inside

MOST_NOTES = 3  # different ones beside one number
MOST_FACTS = 5_000  # of more a page does not look for notes: how a number was computed does


def with_notes(membership: Membership, figure: Figure, inside: type_inside | None = None) -> Figure:
    """The figure with the notes of its periods beside its points; ``inside``: of these organizations."""
    if not 0 < sum(point.reported for point in figure.points) <= MOST_FACTS:
        return figure
    facts = Observation.objects.filter(
        indicator_id=figure.indicator.pk,
        period_id__in=[point.period_id for point in figure.points],
    )
    found = _notes(membership, facts, inside)
    points = tuple(
        replace(point, notes=found[point.period_id]) if point.period_id in found else point
        for point in figure.points
    )
    return replace(figure, points=points)


def notes_of(
    membership: Membership, row: Rollup, inside: type_inside | None = None
) -> tuple[str, ...]:
    """The notes of one number, also of a longer period."""
    within = Q(period__starts_on__gte=row.period.starts_on, period__ends_on__lte=row.period.ends_on)
    facts = Observation.objects.filter(within, indicator_id=row.indicator_id)
    found = _notes(membership, facts, inside)
    return tuple(dict.fromkeys(text for texts in found.values() for text in texts))[:MOST_NOTES]


def _notes(
    membership: Membership, facts: Any, inside: type_inside | None
) -> dict[int, tuple[str, ...]]:
    """By period, what is noted most often first, with who noted it."""
    facts = facts.visible_to(membership).current().exclude(note="")
    if inside is not None:
        facts = facts.filter(organization_id__in=inside)
    found: dict[int, list[str]] = defaultdict(list)
    more: dict[int, int] = defaultdict(int)
    said = facts.values_list("period_id", "note").annotate(
        number=Count("organization", distinct=True), name=Min("organization__name")
    )
    for period_id, note, number, name in said.order_by("-number", "note"):
        if len(found[period_id]) < MOST_NOTES:
            who = name
            if number > 1:
                who = ngettext("%(n)d organization", "%(n)d organizations", number) % {"n": number}
            found[period_id].append(_("%(who)s: %(note)s") % {"who": who, "note": note})
        else:
            more[period_id] += 1
    for period_id, left in more.items():
        text = ngettext("and %(n)d more note", "and %(n)d more notes", left)
        found[period_id].append(text % {"n": left})
    return {period_id: tuple(texts) for period_id, texts in found.items()}
