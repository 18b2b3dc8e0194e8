"""The common agenda at a glance."""

from dataclasses import dataclass
from typing import Any

from agenda.models import Difference, GlossaryTerm
from agenda.selectors.comes_next import Next, comes_next
from agenda.selectors.cover import Agreed, agreed_for
from agenda.selectors.listening import rounds_for
from initiatives.models import Membership


@dataclass(frozen=True)
class Overview:
    """What the first page of the agenda shows."""

    rounds: list[Any]
    differences: list[Any]
    resolved: int
    terms: list[Any]
    agreed: Agreed
    next: Next | None  # for those who keep it going


def overview_for(membership: Membership) -> Overview:
    """As much of it as the member may see."""
    differences = Difference.objects.visible_to(membership)
    agreed = agreed_for(membership)
    rounds = list(rounds_for(membership)[:3])
    return Overview(
        rounds=rounds,
        differences=list(differences.live().prefetch_related("sides")[:6]),
        resolved=differences.filter(state="resolved").count(),
        terms=list(GlossaryTerm.objects.visible_to(membership)[:8]),
        agreed=agreed,
        next=comes_next(membership, agreed, next(iter(rounds), None)),
    )
