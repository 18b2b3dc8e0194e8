"""The common agenda at a glance."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q

from agenda.models import Difference, GlossaryTerm, ListeningRound
from agenda.selectors.cover import Agreed, agreed_for
from initiatives.models import Membership


@dataclass(frozen=True)
class Overview:
    """What the first page of the agenda shows."""

    rounds: list[Any]
    differences: list[Any]
    resolved: int
    terms: list[Any]
    agreed: Agreed


def overview_for(membership: Membership) -> Overview:
    """As much of it as the member may see."""
    rounds = ListeningRound.objects.visible_to(membership).annotate(
        number_asked=Count("asked"),
        number_answered=Count("asked", filter=Q(asked__answered_at__isnull=False)),
    )
    differences = Difference.objects.visible_to(membership)
    return Overview(
        rounds=list(rounds[:3]),
        differences=list(differences.live().prefetch_related("sides")[:6]),
        resolved=differences.filter(state="resolved").count(),
        terms=list(GlossaryTerm.objects.visible_to(membership)[:8]),
        agreed=agreed_for(membership),
    )
