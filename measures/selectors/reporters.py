"""Who reported for a number, beside who reported for the one it is compared with."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from initiatives.models import Membership, Organization
from measures.choices import ScopeKind
from measures.models import Rollup
from measures.selectors.coverage import coverage_of

type_inside = Collection[int] | QuerySet[Any]  # organizations, or the question for them


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


def before(row: Rollup, whole: Any) -> Any:
    """The rollup that ``row`` is compared with: the one that the headline's change goes by, or None.

    ``row`` is one of the rollups of ``whole``, all of one scope.
    """
    earlier = whole.filter(
        cell_id=row.cell_id,
        value__isnull=False,
        period__frequency=row.period.frequency,
        period__starts_on__lt=row.period.starts_on,
    )
    return earlier.select_related("period").best_covered_first().first()


def given_to(
    membership: Membership, rows: Iterable[Rollup], inside: type_inside | None = None
) -> list[Rollup]:
    """What organizations put into sums of one indicator and cell: rollups with the ``name`` of
    whose they are, empty where the reader does not see the organization. One query.

    ``inside``: of these organizations alone.
    """
    sums = list(rows)
    names = Organization.objects.visible_to(membership).filter(pk=OuterRef("scope_id"))
    given = Rollup.objects.visible_to(membership).filter(
        indicator_id=sums[0].indicator_id,
        scope=ScopeKind.ORGANIZATION,
        cell_id=sums[0].cell_id,
        reported__gt=0,
        period_id__in=[each.period_id for each in sums],
    )
    if inside is not None:
        given = given.filter(scope_id__in=inside)
    return list(given.annotate(name=Coalesce(Subquery(names.values("name")), Value(""))))


def reporters_beside(row: Rollup, then: Rollup | None, given: Iterable[Rollup]) -> Beside | None:
    """Who of a sum's organizations reported in its period and who in the one before; or nothing,
    where that is the same.

    ``given``: what organizations put into both.
    """
    if then is None:
        return None
    who: dict[int, set[int]] = defaultdict(set)
    names: dict[int, str] = {}
    for each in given:
        who[each.period_id].add(each.scope_id)
        names[each.scope_id] = each.name  # type: ignore[attr-defined]
    mine, theirs = who[row.period_id], who[then.period_id]
    is_whole = (len(mine), len(theirs)) == (row.reported, then.reported)
    same_counts = (row.reported, row.expected) == (then.reported, then.expected)
    if mine == theirs and (is_whole or same_counts):
        return None

    def named(organizations: set[int]) -> tuple[str, ...]:
        return tuple(
            sorted(
                filter(None, (names[pk] for pk in organizations)), key=lambda name: name.casefold()
            )
        )

    return Beside(
        period=then.period.name,
        coverage=coverage_of(then.reported, then.expected),
        joined=named(mine - theirs),
        gone=named(theirs - mine),
        is_whole=is_whole,
    )
