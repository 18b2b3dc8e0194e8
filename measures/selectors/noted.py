"""What was noted beside the facts that a number rests on, as far as a reader may see them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.db.models import Count, Min, Q
from django.utils.translation import gettext as _, ngettext

from initiatives.models import Membership
from measures.models import Observation, Rollup
from measures.selectors.figures import Figure
from measures.selectors.reporters import type_inside

Where = tuple[int, int]
"""An indicator and a period."""
MOST_NOTES = 3  # different ones beside one number
MOST_FACTS = 5_000  # of more a page does not look for notes: how a number was computed does


def with_notes(membership: Membership, figure: Figure, inside: type_inside | None = None) -> Figure:
    """The figure with the notes of its periods beside its points; ``inside``: of these organizations."""
    return all_with_notes(membership, [figure], inside)[0]


def all_with_notes(
    membership: Membership, figures: Sequence[Figure], inside: type_inside | None = None
) -> tuple[Figure, ...]:
    """The same for several figures, in one query."""
    points = [point for figure in figures for point in figure.points]
    if not 0 < sum(point.reported for point in points) <= MOST_FACTS:
        return tuple(figures)
    facts = Observation.objects.filter(
        indicator_id__in={point.indicator_id for point in points},
        period_id__in={point.period_id for point in points},
    )
    found = _notes(membership, facts, inside)
    return tuple(
        replace(
            figure,
            points=tuple(
                replace(point, notes=found.get((point.indicator_id, point.period_id), point.notes))
                for point in figure.points
            ),
        )
        for figure in figures
    )


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
) -> dict[Where, tuple[str, ...]]:
    """By indicator and period, what is noted most often first, with who noted it, unless all is one's
    own organization's.
    """
    facts = facts.visible_to(membership).current().exclude(note="")
    if inside is not None:
        facts = facts.filter(organization_id__in=inside)
    found: dict[Where, list[str]] = defaultdict(list)
    more: dict[Where, int] = defaultdict(int)
    said = facts.values_list("indicator_id", "period_id", "note").annotate(
        number=Count("organization", distinct=True), name=Min("organization__name")
    )
    for indicator_id, period_id, note, number, name in said.order_by("-number", "note"):
        where = (indicator_id, period_id)
        if len(found[where]) < MOST_NOTES:
            who = name
            if number > 1:
                who = ngettext("%(n)d organization", "%(n)d organizations", number) % {"n": number}
            named = _("%(who)s: %(note)s") % {"who": who, "note": note}
            found[where].append(note if inside == {membership.organization_id} else named)
        else:
            more[where] += 1
    for where, left in more.items():
        text = ngettext("and %(n)d more note", "and %(n)d more notes", left)
        found[where].append(text % {"n": left})
    return {where: tuple(texts) for where, texts in found.items()}
