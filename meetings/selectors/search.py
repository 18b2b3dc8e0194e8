"""One search over decisions, agenda items and minutes, in the words in which they were written."""

import operator
import re
from functools import reduce
from typing import Any, NamedTuple

from django.contrib.postgres.search import SearchHeadline, SearchQuery, SearchRank, SearchVector
from django.db.models import F, Func, TextField, Value
from django.db.models.functions import NullIf
from django.utils.translation import get_language

from initiatives.models import Membership
from meetings.choices import ItemState, MinutesState
from meetings.models import AgendaItem, Decision, Minutes

PLAIN = "simple"  # organizations write in many languages: words as they are
# and beside it as the reader's language bends them, where PostgreSQL knows how.
STEMS = {
    "ar": "arabic",
    "ca": "catalan",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "et": "estonian",
    "eu": "basque",
    "fi": "finnish",
    "fr": "french",
    "ga": "irish",
    "hi": "hindi",
    "hu": "hungarian",
    "hy": "armenian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "nb": "norwegian",
    "ne": "nepali",
    "nl": "dutch",
    "nn": "norwegian",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sr": "serbian",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
}
MOST = 30
LONG_IS_LESS = Value(1)  # the rank is divided by the logarithm of the length
CITE = re.compile(r"^D?[\s–-]*(\d{4})[\s/–-]+(\d{1,6})$", re.IGNORECASE)
ASKED = re.compile(r"\"|(?:^|\s)-|\bor\b", re.IGNORECASE)  # quotes, without, or
WORD = re.compile(r"\w+")
MARK = "\x02"  # what surrounds a found word; no text that is typed has it
HEADLINE: dict[str, Any] = {
    "start_sel": MARK,
    "stop_sel": MARK,
    "max_words": 30,
    "min_words": 12,
}
# What somebody said in minutes: no ids, no states, nobody who was just there.
SAID = (
    *("$.items[*].title", "$.items[*].notes[*]", "$.notes[*]"),
    *("$.decisions[*].cite", "$.decisions[*].question", "$.decisions[*].outcome"),
    *("$.decisions[*].rationale", "$.decisions[*].dissent", "$.decisions[*].evidence[*].text"),
    *("$.decisions[*].interests[*].text", "$.decisions[*].responses[*].reason"),
    *("$.actions[*].text", "$.actions[*].owner", "$.actions[*].organization"),
)


class Said(Func):
    """The prose in the content of minutes, as one text."""

    template = (
        "(SELECT string_agg(said #>> '{}', ' · ' ORDER BY place) FROM unnest(ARRAY["
        + ", ".join(f"'{each}'" for each in SAID)
        + "]::jsonpath[]) WITH ORDINALITY AS paths(path, place), "
        "jsonb_path_query(%(expressions)s, path) AS said "
        "WHERE jsonb_typeof(said) = 'string' AND said #>> '{}' <> '')"
    )
    output_field = TextField()


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

    @property
    def is_cut(self) -> bool:
        """Whether there may be more of a kind than the best that are shown."""
        return any(len(each) == MOST for each in self)


NOTHING = Results([], [], [])


def cited(membership: Membership, words: str) -> Decision | None:
    """The decision with this number, if the words are one: D-2027-014, d 2027 14, 2027-014."""
    found = CITE.match(words.strip())
    if found is None:
        return None
    rows = Decision.objects.visible_to(membership)
    hit: Decision | None = rows.filter(year=int(found[1]), number=int(found[2])).first()
    return hit


def search(membership: Membership, words: str) -> Results:
    """The best matches of each kind, of what one may see; three queries. Words are found from
    their beginning and, in the reader's language, however they are bent; "…", -… and *or* ask
    more exactly.
    """
    words = words.replace("\0", " ").strip()
    stem = STEMS.get((get_language() or "").split("-")[0], PLAIN)
    query = _query(words, stem)
    if query is None:
        return NOTHING
    decisions = Decision.objects.visible_to(membership).select_related("body", "outcome")
    items = AgendaItem.objects.visible_to(membership).exclude(state=ItemState.CARRIED)
    items = items.select_related("body", "meeting__series")
    minutes = Minutes.objects.visible_to(membership).exclude(state=MinutesState.DRAFT)
    minutes = minutes.select_related("meeting__series")
    said = Said("content")
    texts = (NullIf(each, Value("")) for each in ("rationale", "background", "dissent"))
    why = Func(Value(" · "), *texts, function="CONCAT_WS", output_field=TextField())
    return Results(
        _found(
            decisions,
            query,
            stem,
            {
                "A": ["question"],
                "B": ["outcome__text", "rationale"],
                "C": ["background", "dissent"],
            },
            why,
        ),
        _found(items, query, stem, {"A": ["title"], "B": ["text"]}, F("text")),
        _found(minutes, query, stem, {"A": ["summary"], "B": [said]}, said),
    )


def _query(words: str, stem: str) -> Any:
    """What is looked for, or None where there is no word in it."""
    beginnings = WORD.findall(words)
    if not beginnings:
        return None
    bent = SearchQuery(words, config=stem, search_type="websearch")
    if ASKED.search(words):
        return SearchQuery(words, config=PLAIN, search_type="websearch") | bent
    # A word is letters and digits: nothing of a query's own signs is left in it.
    raw = " & ".join(f"'{each}':*" for each in beginnings)
    return SearchQuery(raw, config=PLAIN, search_type="raw") | bent


def _found(
    rows: Any, query: Any, stem: str, weighed: dict[str, list[Any]], shown: Any
) -> list[Found]:
    vectors = [
        SearchVector(*fields, weight=weight, config=config)
        for config in {PLAIN: 1, stem: 1}
        for weight, fields in weighed.items()
    ]
    vector = reduce(operator.add, vectors)
    headline = SearchHeadline(shown, query, config=stem, **HEADLINE)
    ranked = (
        rows.annotate(vector=vector)
        .filter(vector=query)
        .annotate(rank=SearchRank(vector, query, normalization=LONG_IS_LESS), headline=headline)
        .order_by("-rank", "-id")
    )
    return [Found(each, _parts(each.headline or "")) for each in ranked[:MOST]]


def _parts(headline: str) -> list[tuple[str, bool]]:
    """Text and found words in turn; nothing where no word was found in it."""
    if MARK not in headline:
        return []
    return [(text, bool(place % 2)) for place, text in enumerate(headline.split(MARK)) if text]
