"""The two-minute pack of a seat: what is to decide, what we said, what we promised."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

from meetings.models import (
    ActionItem,
    AgendaItem,
    Briefing,
    BriefingAnswer,
    Decision,
    Meeting,
    Seat,
)
from meetings.selectors.agendas import items_of, newest_pre_reads

LAST_DECISIONS = 5


def content_of(meeting: Meeting, seat: Seat) -> dict[str, Any]:
    """The pack as things stand, as plain JSON.

    Items to decide with their text and pre-reads, the positions and reservations of the seat's
    organization that touch them, its promises that are due, the body's last decisions.
    """
    items = list(items_of(meeting))
    deciding = [each for each in items if each.asks_to_decide]
    pre_reads = newest_pre_reads(meeting)
    promises = ActionItem.objects.pending().filter(
        organization_id=seat.organization_id, body_id=meeting.series.body_id
    )
    decisions = Decision.objects.in_force().filter(body_id=meeting.series.body_id)
    return {
        "decide": [
            {
                "item": each.pk,
                "title": each.title,
                "text": each.text,
                "read": [
                    {"name": paper.name, "number": paper.number, "minutes": paper.minutes}
                    for paper in pre_reads
                    if paper.item_id == each.pk
                ],
            }
            for each in deciding
        ],
        "others": [each.title for each in items if not each.asks_to_decide],
        "stands": [line for source in _stands for line in source(seat, deciding)],
        "promises": [
            {"text": each.text, "due": each.due_on.isoformat()}
            for each in promises.order_by("due_on", "id")
        ],
        "decisions": [
            {"cite": each.cite, "question": each.question}
            for each in decisions.order_by("-decided_at", "-id")[:LAST_DECISIONS]
        ],
    }


Source = Callable[[Seat, list[AgendaItem]], list[str]]
_stands: list[Source] = []


def stands(source: Source) -> Source:
    """Register what tells where a seat's organization stands on items to decide, in lines."""
    _stands.append(source)
    return source


def digest_of(content: dict[str, Any]) -> str:
    """A name for a pack by what it asks to know: what is to decide. A promise kept is no news."""
    asked = {"decide": content["decide"], "stands": content["stands"]}
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


def current_briefing(meeting: Meeting, seat: Seat) -> Briefing | None:
    """The assembled pack that still holds; None if there is none, or something changed."""
    digest = digest_of(content_of(meeting, seat))
    found: Briefing | None = Briefing.objects.filter(
        meeting=meeting, seat=seat, digest=digest
    ).first()
    return found


def is_answered(briefing: Briefing) -> bool:
    """Whether every item to decide has its line."""
    asked = {each["item"] for each in briefing.content["decide"]}
    rows = BriefingAnswer.objects.filter(briefing=briefing, item__in=asked)
    return rows.count() == len(asked)
