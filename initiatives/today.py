"""What waits for a member, and how to begin. Each app says its part; the page of today asks all.

A lower app never calls up, so the apps register what they know: a function in their selectors,
imported when the app is ready, with ``@waits``. On most days most of them have nothing to say, and
on some all of them: a source names its rows, ``@waits.for_each(rows)``, and one query brings the rows
of all sources.
"""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Exists, QuerySet
from django.utils import timezone

from initiatives.models import Initiative, Membership
from initiatives.tenancy import current_initiative_id
from initiatives.together import together


class Waiting(NamedTuple):
    """One thing that waits for one member, in a line and a click."""

    text: str
    url: str
    note: str = ""  # where it stands, for whom, how much
    due_on: date | None = None
    condition: str = ""  # the app whose hue it has: "agenda", "measures", ...
    minutes: int | None = None  # what it costs
    number: int = 1  # how many things the line stands for

    @property
    def is_late(self) -> bool:
        """Whether its day is over, by the initiative's clock."""
        return self.due_on is not None and self.due_on < timezone.localdate()


class Step(NamedTuple):
    """One of the first steps of a new initiative."""

    order: int  # its place among the steps of all apps
    text: str
    why: str
    url: str
    is_done: bool


class FirstStep(NamedTuple):
    """A step as its app registers it: done when there are rows."""

    order: int
    text: str
    why: str
    url: str
    done: "QuerySet[Any]"


Rows = Callable[[Membership], "QuerySet[Any] | None"]
Line = Callable[[Membership, Any], Waiting]
Lines = Callable[[Membership, list[Any]], Iterable[Waiting]]
Beginning = Callable[[Membership], Iterable[FirstStep]]


def each_of(line: Line) -> Lines:
    """What is said of rows where each has its line."""

    def lines(membership: Membership, found: list[Any]) -> Iterable[Waiting]:
        return [line(membership, each) for each in found]

    return lines


class _Waits:
    """Where the sources are registered: their rows, and what these say to a member."""

    def __init__(self) -> None:
        self.sources: list[tuple[Rows, Lines]] = []

    def for_each(self, rows: Rows) -> Callable[[Line], Line]:
        """Register a line for each of ``rows(membership)``; None: nothing is asked at all."""

        def decorate(line: Line) -> Line:
            self.sources.append((rows, each_of(line)))
            return line

        return decorate

    def when(self, rows: Rows) -> Callable[[Lines], Lines]:
        """Register what is said of all of ``rows(membership)`` where there are some; it makes few
        queries.
        """

        def decorate(lines: Lines) -> Lines:
            self.sources.append((rows, lines))
            return lines

        return decorate


waits = _Waits()
_beginnings: list[Beginning] = []


def waiting(membership: Membership) -> list[Waiting]:
    """Everything that waits for the member: what is due first, then as the apps have it."""
    return said_by(waits.sources, membership)


def waiting_in(app: str, membership: Membership) -> list[Waiting]:
    """What one app alone has to say, for its own first page."""
    own = [(rows, lines) for rows, lines in waits.sources if rows.__module__.split(".")[0] == app]
    return said_by(own, membership)


def said_by(sources: Iterable[tuple[Rows, Lines]], membership: Membership) -> list[Waiting]:
    """What some of the sources have to say to the member, in that order."""
    asked = [(rows, lines) for each, lines in sources if (rows := each(membership)) is not None]
    brought = together([rows for rows, _lines in asked])
    found = [
        each
        for (_rows, lines), rows in zip(asked, brought, strict=True)
        if rows
        for each in lines(membership, rows)
    ]
    return sorted(found, key=lambda each: (each.due_on is None, each.due_on or date.max))


def begins(beginning: Beginning) -> Beginning:
    """Register ``beginning``: the steps an app adds to what a new initiative does first."""
    _beginnings.append(beginning)
    return beginning


def first_steps(membership: Membership) -> list[Step]:
    """The steps in their order while one is left to do; then none."""
    asked = [each for beginning in _beginnings for each in beginning(membership)]
    asked.sort(key=lambda each: each.order)
    done = _are_there([each.done for each in asked])
    steps = [Step(*each[:-1], is_done) for each, is_done in zip(asked, done, strict=True)]
    return steps if not all(done) else []


def _are_there(querysets: list["QuerySet[Any]"]) -> list[bool]:
    """Which of the querysets have rows, in one query."""
    if not querysets:
        return []
    asked = {f"there_{number}": Exists(each) for number, each in enumerate(querysets)}
    here = Initiative.objects.filter(pk=current_initiative_id())
    return list(here.annotate(**asked).values_list(*asked).get())
