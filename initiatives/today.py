"""What waits for a member, and how to begin. Each app says its part; the page of today asks all.

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


class Step(NamedTuple):
    """One of the first steps of a new initiative."""

    order: int  # its place among the steps of all apps
    text: str
    why: str
    url: str
    is_done: bool


Source = Callable[[Membership], Iterable[Waiting]]
Beginning = Callable[[Membership], Iterable[Step]]
_sources: list[Source] = []
_beginnings: list[Beginning] = []


def waits(source: Source) -> Source:
    """Register ``source``: it is asked with the initiative in scope and makes few queries."""
    _sources.append(source)
    return source


def waiting(membership: Membership) -> list[Waiting]:
    """Everything that waits for the member: what is due first, then as the apps have it."""
    found = [each for source in _sources for each in source(membership)]
    return sorted(found, key=lambda each: (each.due_on is None, each.due_on or date.max))


def begins(beginning: Beginning) -> Beginning:
    """Register ``beginning``: the steps an app adds to what a new initiative does first."""
    _beginnings.append(beginning)
    return beginning


def first_steps(membership: Membership) -> list[Step]:
    """The steps in their order while one is left to do; then none."""
    found = sorted(step for beginning in _beginnings for step in beginning(membership))
    return found if any(not step.is_done for step in found) else []
