"""One search over decisions, agenda items and minutes, in the words in which they were written."""

import re
from typing import Any, NamedTuple

from django.contrib.postgres.search import SearchHeadline, SearchQuery, SearchRank, SearchVector
from django.db.models import TextField
from django.db.models.functions import Cast

from initiatives.models import Membership
from meetings.choices import ItemState, MinutesState
from meetings.models import AgendaItem, Decision, Minutes

CONFIG = "simple"  # organizations write in many languages: words as they are
MOST = 30
CITE = re.compile(r"^D-(\d{4})-(\d{1,6})$", re.IGNORECASE)
MARK = "\x02"  # what surrounds a found word; no text that is typed has it
HEADLINE: dict[str, Any] = {
    "config": CONFIG,
    "start_sel": MARK,
    "stop_sel": MARK,
    "max_words": 30,
    "min_words": 12,
}


class Found(NamedTuple):
    """A row with the place in it that was found: pairs of text and whether it is a found word."""

    row: Any
    parts: list[tuple[str, bool]]


class Results(NamedTuple):
    decisions: list[Found]
    items: list[Found]
    minutes: list[Found]

    @property
    def number(self) -> int:
        return sum(len(each) for each in self)


def search(membership: Membership, words: str) -> Results:
    """The best matches of each kind, of what one may see; three queries."""
    words = words.replace("\0", " ").strip()
    cited = CITE.match(words)
    if cited:
        rows = Decision.objects.visible_to(membership).select_related("body", "outcome")
        year, number = int(cited[1]), int(cited[2])
        hits = rows.filter(year=year, number=number) if number < 2**31 else rows.none()
        return Results([Found(each, []) for each in hits], [], [])
    if not words:
        return Results([], [], [])
    query = SearchQuery(words, config=CONFIG, search_type="websearch")
    decisions = Decision.objects.visible_to(membership).select_related("body", "outcome")
    items = AgendaItem.objects.visible_to(membership).exclude(state=ItemState.CARRIED)
    items = items.select_related("body", "meeting")
    minutes = Minutes.objects.visible_to(membership).exclude(state=MinutesState.DRAFT)
    minutes = minutes.select_related("meeting__series")
    said = Cast("content", TextField())
    return Results(
        _found(
            decisions,
            query,
            SearchVector("question", weight="A", config=CONFIG)
            + SearchVector("outcome__text", "rationale", weight="B", config=CONFIG)
            + SearchVector("background", "dissent", weight="C", config=CONFIG),
            "question",
        ),
        _found(
            items,
            query,
            SearchVector("title", weight="A", config=CONFIG)
            + SearchVector("text", weight="B", config=CONFIG),
            "text",
        ),
        _found(
            minutes,
            query,
            SearchVector("summary", weight="A", config=CONFIG)
            + SearchVector(said, weight="B", config=CONFIG),
            said,
        ),
    )


def _found(rows: Any, query: SearchQuery, vector: Any, shown: Any) -> list[Found]:
    ranked = (
        rows.annotate(vector=vector)
        .filter(vector=query)
        .annotate(rank=SearchRank(vector, query), headline=SearchHeadline(shown, query, **HEADLINE))
        .order_by("-rank", "-id")
    )
    return [Found(each, _parts(each.headline)) for each in ranked[:MOST]]


def _parts(headline: str) -> list[tuple[str, bool]]:
    """Text and found words in turn."""
    return [
        (text, bool(place % 2)) for place, text in enumerate(headline.split(MARK)) if text.strip()
    ]
