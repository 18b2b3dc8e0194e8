"""The page of meetings: the next one and what it asks of the reader, then everything else."""

from dataclasses import dataclass

from django.urls import reverse

from initiatives.models import Membership
from initiatives.today import Waiting
from meetings.selectors import waiting
from meetings.selectors.calendar import Ahead, ahead


@dataclass(frozen=True)
class Overview:
    """What comes next, what it asks, what else waits, and what comes after it."""

    next: Ahead | None
    asked: list[Waiting]  # of the reader, for the next meeting
    waits: list[Waiting]  # everything else
    after: list[Ahead]


def overview_of(membership: Membership) -> Overview:
    """What of the meetings one may see comes next, and what waits for one."""
    found, waits = ahead(membership), waiting.all_of(membership)
    first = next((each for each in found if not each.is_cancelled), None)
    asked = _asked_at(membership, first, waits)
    return Overview(
        next=first,
        asked=asked,
        waits=[each for each in waits if each not in asked],
        after=[each for each in found if each is not first],
    )


def _asked_at(membership: Membership, first: Ahead | None, waits: list[Waiting]) -> list[Waiting]:
    """What waits on the page of a meeting, or on one beneath it."""
    if first is None or first.meeting is None:
        return []
    page = reverse("meetings:meeting", args=[membership.initiative.slug, first.meeting.pk])
    return [each for each in waits if each.url.startswith(page)]
