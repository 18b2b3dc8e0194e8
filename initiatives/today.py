"""What waits for a member. Each app says its part; the page of today asks them all.

A lower app never calls up, so the apps register what they know: a function in their selectors,
imported when the app is ready, with ``@waits``.
"""

from collections.abc import Callable, Iterable
from datetime import date
from typing import NamedTuple

from initiatives.models import Membership


class Waiting(NamedTuple):
    """One thing that waits for one member, in a line and a click."""

    text: str
    url: str
    note: str = ""  # where it stands, for whom, how much
    due_on: date | None = None
    condition: str = ""  # the app whose hue it has: "agenda", "measures", ...
    minutes: int | None = None  # what it costs
    number: int = 1  # how many things the line stands for


Source = Callable[[Membership], Iterable[Waiting]]
_sources: list[Source] = []


def waits(source: Source) -> Source:
    """Register ``source``: it is asked with the initiative in scope and makes few queries."""
    _sources.append(source)
    return source


def waiting(membership: Membership) -> list[Waiting]:
    """Everything that waits for the member: what is due first, then as the apps have it."""
    found = [each for source in _sources for each in source(membership)]
    return sorted(found, key=lambda each: (each.due_on is None, each.due_on or date.max))
