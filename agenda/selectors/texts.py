"""The texts in which terms are looked for. Each app says its own; a lower app never calls up.

A function in the selectors of an app, imported when the app is ready, with ``@texts``.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from agenda.models import AgendaDimension, DifferenceSide, Resolution


class Text(NamedTuple):
    """What one field of one row says."""

    object_type: str
    object_id: int
    field: str
    text: str


Source = Callable[[], Iterable[Text]]
_sources: list[Source] = []


def texts(source: Source) -> Source:
    """Register ``source``: it is asked with the initiative in scope and makes few queries."""
    _sources.append(source)
    return source


def all_texts() -> Iterator[Text]:
    """Every text that terms may stand in."""
    for source in _sources:
        yield from source()


@texts
def of_differences() -> Iterator[Text]:
    """How views are worded, and how differences are settled."""
    for pk, statement in DifferenceSide.objects.values_list("pk", "statement"):
        yield Text("agenda.differenceside", pk, "statement", statement)
    for pk, text in Resolution.objects.values_list("pk", "text"):
        yield Text("agenda.resolution", pk, "text", text)


@texts
def of_versions() -> Iterator[Text]:
    """What is put to everyone, in all versions."""
    for pk, text in AgendaDimension.objects.values_list("pk", "text"):
        yield Text("agenda.agendadimension", pk, "text", text)
