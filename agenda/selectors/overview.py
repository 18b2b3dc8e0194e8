"""The common agenda at a glance."""

from dataclasses import dataclass
from typing import Any

from django.db.models import prefetch_related_objects

from agenda.models import Difference, GlossaryTerm
from agenda.selectors.comes_next import Next, comes_next
from agenda.selectors.cover import Agreed, agreed_as, versions_for
from agenda.selectors.listening import rounds_for
from initiatives.models import Membership
from initiatives.today import Waiting, waiting_in
from initiatives.together import together


@dataclass(frozen=True)
class Overview:
    """What the first page of the agenda shows."""

    rounds: list[Any]
    differences: list[Any]
    resolved: int
    terms: list[Any]
    agreed: Agreed
    next: Next | None  # for those who keep it going
    waits: list[Waiting]  # for the reader, of the agenda


def overview_for(membership: Membership) -> Overview:
    """As much of it as the member may see."""
    differences = Difference.objects.visible_to(membership)
    rounds, live, terms, ratified, work = together(
        [
            rounds_for(membership)[:3],
            differences.live()[:6],
            GlossaryTerm.objects.visible_to(membership)[:8],
            *versions_for(membership),
        ]
    )
    prefetch_related_objects(live, "sides")
    agreed = agreed_as(*(next(iter(each), None) for each in (ratified, work)))
    return Overview(
        rounds=rounds,
        differences=live,
        resolved=differences.filter(state="resolved").count(),
        terms=terms,
        agreed=agreed,
        next=comes_next(membership, agreed, next(iter(rounds), None)),
        waits=waiting_in("agenda", membership),
    )
