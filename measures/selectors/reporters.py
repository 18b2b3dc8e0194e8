"""Who reported for a number, beside who reported for the one it is compared with."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from initiatives.models import Membership, Organization
from measures.choices import ScopeKind
from measures.models import Rollup
from measures.selectors.coverage import coverage_of


@dataclass(frozen=True, slots=True)
class Beside:
    """The period compared with, and by name who reported in one of the two alone.

    The names are those whose own numbers the reader may see; ``is_whole`` if these are all.
    """

    period: str
    coverage: str
    joined: tuple[str, ...]
    gone: tuple[str, ...]
    is_whole: bool


def reporters_beside(
    membership: Membership, row: Rollup, whole: Any, inside: set[int] | None = None
) -> Beside | None:
    """Who of a sum's organizations reported in its period and who in the one before; or nothing,
    where that is the same.

    ``row`` is one of the rollups of ``whole``, all of one scope; ``inside`` the organizations of its
    place. The period before is the one that the headline's change goes by.
    """
    before = (
        whole.filter(
            cell_id=row.cell_id,
            value__isnull=False,
            period__frequency=row.period.frequency,
            period__starts_on__lt=row.period.starts_on,
        )
        .select_related("period")
        .best_covered_first()
        .first()
    )
    if before is None:
        return None
    given = Rollup.objects.visible_to(membership).filter(
        indicator_id=row.indicator_id,
        scope=ScopeKind.ORGANIZATION,
        cell_id=row.cell_id,
        reported__gt=0,
        period_id__in=[row.period_id, before.period_id],
    )
    if inside is not None:
        given = given.filter(scope_id__in=inside)
    who: dict[int, set[int]] = defaultdict(set)
    for period_id, organization_id in given.values_list("period_id", "scope_id"):
        who[period_id].add(organization_id)
    now, then = who[row.period_id], who[before.period_id]
    is_whole = (len(now), len(then)) == (row.reported, before.reported)
    same_counts = (row.reported, row.expected) == (before.reported, before.expected)
    if now == then and (is_whole or same_counts):
        return None
    names = dict(
        Organization.objects.visible_to(membership)
        .filter(pk__in=now ^ then)
        .order_by("name")
        .values_list("pk", "name")
    )
    return Beside(
        period=before.period.name,
        coverage=coverage_of(before.reported, before.expected),
        joined=tuple(name for pk, name in names.items() if pk in now),
        gone=tuple(name for pk, name in names.items() if pk in then),
        is_whole=is_whole,
    )
