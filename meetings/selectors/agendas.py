"""An agenda as it stands, and who agreed to it."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from meetings.choices import AgendaAnswerKind, ItemState
from meetings.models import AgendaAnswer, AgendaItem, Meeting, PreRead, Seat

CARRIES = 3  # so often an item moves on by itself; then it asks what shall become of it
SHARE = (2, 3)  # of the organizations with a seat


@dataclass(frozen=True)
class Agreement:
    """Who agreed to the agenda as it stands now; an answer to an older one is stale."""

    seats: int
    agreed: int
    changes: tuple[AgendaAnswer, ...]  # open requests, stale ones too
    stale: int

    @property
    def needed(self) -> int:
        """So many organizations make an agenda agreed."""
        part, whole = SHARE
        return -(-self.seats * part // whole)

    @property
    def is_agreed(self) -> bool:
        return self.seats > 0 and not self.changes and self.agreed >= self.needed


def items_of(meeting: Meeting) -> Any:
    """The items of a meeting in their order, those dealt with or carried from it as well."""
    return (
        AgendaItem.objects.filter(meeting=meeting)
        .exclude(state__in=[ItemState.DECLINED, ItemState.PROPOSED])
        .select_related("owner__user", "proposer", "indicator", "difference")
    )


def digest_of(meeting: Meeting) -> str:
    """A name for the agenda as it stands: what the seats agree to."""
    return digest_of_items(items_of(meeting))


def digest_of_items(items: Iterable[AgendaItem]) -> str:
    """The same of items that were read already, in their order."""
    rows = [
        # What its papers' lateness made of an item is not another agenda.
        (
            each.pk,
            place,
            each.title,
            "decide" if each.asks_to_decide else each.purpose,
            each.minutes,
            each.text,
        )
        for place, each in enumerate(items)
    ]
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()


def agreement_of(meeting: Meeting) -> Agreement:
    """Where the agreement on an agenda stands; an organization counts once."""
    seats = list(Seat.objects.current().filter(body_id=meeting.series.body_id))
    return agreement_among(seats, answers_of(meeting), digest_of(meeting))


def answers_of(meeting: Meeting) -> list[AgendaAnswer]:
    """What the seats said of the agenda, those too that ended since."""
    rows = AgendaAnswer.objects.filter(meeting=meeting).select_related(
        "seat__organization", "answered_by__user", "resolved_by__user"
    )
    return list(rows.order_by("answered_at", "id"))


def agreement_among(
    seats: Iterable[Seat], answers: Iterable[AgendaAnswer], digest: str
) -> Agreement:
    """The same of seats and answers that were read already; ``digest`` names the agenda."""
    by_id = {each.pk: each for each in seats}
    answers = [each for each in answers if each.seat_id in by_id]
    agreed = {
        each.seat.organization_id
        for each in answers
        if each.kind == AgendaAnswerKind.AGREE and each.digest == digest
    }
    changes = tuple(each for each in answers if each.is_open_change)
    organizations = {each.organization_id for each in by_id.values()}
    stale = sum(each.kind == AgendaAnswerKind.AGREE and each.digest != digest for each in answers)
    return Agreement(len(organizations), len(agreed), changes, stale)


def waiting_items(meeting: Meeting) -> Any:
    """What was proposed or waits and is on no agenda yet, for whoever sets this one."""
    rows = AgendaItem.objects.filter(
        body_id=meeting.series.body_id, state__in=[ItemState.PROPOSED, ItemState.ACCEPTED]
    )
    return rows.filter(meeting=None) | rows.filter(meeting=meeting, state=ItemState.PROPOSED)


def newest_pre_reads(meeting: Meeting) -> list[PreRead]:
    """The last version of each pre-read."""
    return newest_of(PreRead.objects.filter(meeting=meeting).select_related("item"))


def newest_of(versions: Iterable[PreRead]) -> list[PreRead]:
    """The same of versions that were read already."""
    found: dict[str, PreRead] = {}
    for each in versions:
        if each.name not in found or found[each.name].number < each.number:
            found[each.name] = each
    return list(found.values())
