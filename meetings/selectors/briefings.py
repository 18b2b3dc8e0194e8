"""The two-minute pack of a seat: what is to decide, what we said, what we promised."""

import hashlib
import json
from collections.abc import Callable, Iterable
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef

from meetings.models import (
    ActionItem,
    AgendaItem,
    Briefing,
    BriefingAnswer,
    Decision,
    DecisionOption,
    Meeting,
    PreRead,
    Seat,
)
from meetings.selectors.agendas import items_of, newest_pre_reads
from meetings.selectors.along import along, rows_of

LAST_DECISIONS = 5


def content_of(meeting: Meeting, seat: Seat) -> dict[str, Any]:
    """The pack as things stand, as plain JSON.

    Items to decide with their text and pre-reads, the positions and reservations of the seat's
    organization that touch them, its promises that are due, the body's last decisions.
    """
    found = Seat.objects.filter(pk=seat.pk).annotate(**kept_for()).get()
    return pack_of(found, items_of(meeting), newest_pre_reads(meeting))


def kept_for() -> dict[str, Any]:
    """Columns of a seat: what its organization promised, what its body decided last."""
    body = {"body_id": OuterRef("body_id")}
    promises = ActionItem.objects.pending().filter(organization=OuterRef("organization"), **body)
    decisions = Decision.objects.in_force().filter(**body).order_by("-decided_at", "-id")
    return {
        "promised": along(promises.order_by("due_on", "id")),
        "decided": along(decisions[:LAST_DECISIONS], chosen="outcome__text"),
    }


def pack_of(seat: Any, items: Iterable[AgendaItem], pre_reads: Iterable[PreRead]) -> dict[str, Any]:
    """The same of a seat with ``kept_for``, and of items and papers that were read already."""
    items = list(items)
    deciding = [each for each in items if each.asks_to_decide]
    decided = rows_of(Decision, seat.decided)
    return {
        "decide": asked_of(deciding, pre_reads),
        "others": [each.title for each in items if not each.asks_to_decide],
        "stands": [line for source in _stands for line in source(seat, deciding)],
        "promises": [{"text": each["text"], "due": each["due_on"]} for each in seat.promised],
        "decisions": [
            {"cite": each.cite, "question": each.question, "outcome": each.chosen or ""}
            for each in decided
        ],
    }


def asked_of(items: Iterable[AgendaItem], pre_reads: Iterable[PreRead]) -> list[dict[str, Any]]:
    """What is to be decided, with what is to be read on it."""
    papers = list(pre_reads)
    return [
        {
            "item": each.pk,
            "title": each.title,
            "text": each.text,
            "read": [
                {"name": paper.name, "number": paper.number, "minutes": paper.minutes}
                for paper in papers
                if paper.item_id == each.pk
            ],
        }
        for each in items
        if each.asks_to_decide
    ]


def put_on_items() -> ArraySubquery:
    """A column of items: the questions put on each that are not decided, with their ``choices``."""
    options = DecisionOption.objects.filter(decision=OuterRef("pk"))
    rows = Decision.objects.filter(item=OuterRef("pk"), number=None).order_by("id")
    return along(rows, choices=ArraySubquery(options.values("text")))


def questions_of(item: Any) -> list[Any]:
    """The questions of an item that has the column ``put``."""
    return rows_of(Decision, getattr(item, "put", ()))


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
