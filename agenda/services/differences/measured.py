"""Differences that the positions themselves show."""

from django.db import transaction
from django.utils.translation import gettext as _

from agenda.arithmetic.divergence import two_sides
from agenda.choices import DifferenceKind, DifferenceSource, FacetKind, Severity
from agenda.models import Difference, DifferenceSide, ListeningRound, SideMember
from agenda.selectors.views import Answered, FacetSheet, side_by_side, span_set, view_of
from initiatives.audit import record
from initiatives.choices import Means

SEVERE_FROM = 2  # divergence times importance, of at most 3
MOST_REASONS = 3
KINDS = {
    "cause": DifferenceKind.CAUSE,
    "population": DifferenceKind.SCOPE,
    "place": DifferenceKind.SCOPE,
    "horizon": DifferenceKind.SCOPE,
    "exclusions": DifferenceKind.SCOPE,
    "goal": DifferenceKind.GOAL,
    "approach": DifferenceKind.APPROACH,
    "problem": DifferenceKind.DEFINITION,
}


def propose_differences(round_: ListeningRound) -> int:
    """Make a difference of every facet above the round's level; those there are stay as they are.

    Returns how many are new. Doing it twice is doing it once.
    """
    with transaction.atomic():
        locked = ListeningRound.objects.select_for_update(of=("self",), no_key=True).get(
            pk=round_.pk
        )
        if not locked.is_revealed:
            return 0
        there = set(
            Difference.objects.filter(round=locked, source=DifferenceSource.MEASURED).values_list(
                "facet_id", flat=True
            )
        )
        found = [each for each in side_by_side(locked).facets if each.is_difference]
        new = [each for each in found if each.facet.pk not in there]
        for sheet in new:
            _propose(locked, sheet)
    return len(new)


def _propose(round_: ListeningRound, sheet: FacetSheet) -> None:
    facet = sheet.facet
    difference = Difference.here(
        kind=KINDS.get(facet.key.split("-")[0], DifferenceKind.VALUE),
        title=facet.question,
        source=DifferenceSource.MEASURED,
        round=round_,
        facet=facet,
        divergence=sheet.divergence,
        importance=sheet.importance,
        severity=Severity.SEVERE if sheet.weight >= SEVERE_FROM else Severity.SERIOUS,
    )
    difference.save()
    answers = [each for each in sheet.answers if not each.is_late]
    sides = two_sides([view_of(each.said) for each in answers], span_set(facet))
    for number in (0, 1):
        holders = [each for each, side in zip(answers, sides, strict=True) if side == number]
        side = DifferenceSide.here(
            difference=difference,
            position=number,
            label=_label(sheet, holders)[:120],
            statement=_words(holders),
        )
        side.save()
        SideMember.objects.bulk_create(
            SideMember.here(difference=difference, side=side, organization=each.organization)
            for each in holders
        )
    record(None, "agenda.difference_found", difference, means=Means.CLOCK, facet=facet.key)


def _label(sheet: FacetSheet, holders: list[Answered]) -> str:
    """What those who hold this view have in common."""
    if sheet.facet.kind == FacetKind.NUMBER:
        numbers = sorted(each.said.number for each in holders if each.said.number is not None)
        low, high = (f"{each.normalize():f}" for each in (numbers[0], numbers[-1]))
        span = low if low == high else f"{low} – {high}"
        return f"{span} {sheet.facet.unit}".strip()
    counts = {
        choice: sum(choice in each.said.chosen for each in holders)
        for choice in sheet.facet.choices
    }
    most = max(counts.values(), default=0)
    shared = [choice for choice, count in counts.items() if count and count >= most / 2]
    shared.sort(key=lambda choice: -counts[choice])
    return ", ".join(shared[:3]) or _("Another view")


def _words(holders: list[Answered]) -> str:
    """The reasons they gave, to begin from; those who hold the view put them into one."""
    reasons = [each.said.why.strip() for each in holders if each.said.why.strip()]
    return "\n\n".join(dict.fromkeys(reasons[:MOST_REASONS]))
