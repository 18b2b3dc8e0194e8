"""The page of meetings: the next one and what it asks of the reader, then everything else."""

from dataclasses import dataclass

from django.urls import reverse

from initiatives.models import Membership
from initiatives.permissions import Permission
from initiatives.today import Waiting
from meetings.models import Seat
from meetings.selectors import waiting
from meetings.selectors.calendar import Ahead, ahead
from meetings.selectors.rights import given_to


@dataclass(frozen=True)
class Overview:
    """What comes next, what it asks, what else waits, and what else is ahead."""

    next: Ahead | None
    is_ours: bool  # the reader's organization sits there, or the reader runs it
    asked: list[Waiting]  # of the reader, for the next meeting
    waits: list[Waiting]  # everything else
    others: list[Ahead]


def overview_of(membership: Membership) -> Overview:
    """What of the meetings one may see comes next, and what waits for one: the next where one's
    organization sits, or, where it sits in none, the next of all.
    """
    found, waits = ahead(membership), waiting.all_of(membership)
    held = [each for each in found if not each.is_cancelled]
    ours = held if membership.is_backbone else _ours(membership, held)
    first = next(iter(ours or held), None)
    asked = _asked_at(membership, first, waits)
    return Overview(
        next=first,
        is_ours=bool(ours),
        asked=asked,
        waits=[each for each in waits if each not in asked],
        others=[each for each in found if each is not first],
    )


def _ours(membership: Membership, held: list[Ahead]) -> list[Ahead]:
    seats = Seat.objects.current().filter(organization_id=membership.organization_id)
    bodies = set(seats.values_list("body_id", flat=True))
    given = given_to(membership, Permission.MEETINGS_RUN)
    return [e for e in held if e.series.body_id in bodies or e.series.pk in given]


def _asked_at(membership: Membership, first: Ahead | None, waits: list[Waiting]) -> list[Waiting]:
    """What waits on the page of a meeting, or on one beneath it."""
    if first is None or first.meeting is None:
        return []
    page = reverse("meetings:meeting", args=[membership.initiative.slug, first.meeting.pk])
    return [each for each in waits if each.url.startswith(page)]
