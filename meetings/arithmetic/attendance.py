"""Whether a seat counted at a meeting. The rule of the field: skipping meetings, or sending
delegates who know nothing, is not taking part.

A seat counts once if its holder was there for at least half of the minutes of the items, or a
delegate was, who had answered the briefing as it stood before the meeting began, whose level
suffices, and who was not one delegate too many in a row.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

# Higher is higher. Who speaks from lived experience stands beside who works at the front.
LEVELS = {"governing": 4, "executive": 3, "management": 2, "frontline": 1, "lived_experience": 1}
ENOUGH = 2  # the part of the minutes one must be there for: one half


class Status(StrEnum):
    """What is shown beside a seat."""

    PRESENT = "present"
    BY_DELEGATE = "by_delegate"
    ABSENT = "absent"
    WITH_NOTICE = "absent_with_notice"
    TOO_SHORT = "too_short"
    UNBRIEFED = "present_unbriefed"
    BRIEFED_LATE = "briefed_late"
    BELOW_LEVEL = "below_level"
    OVER_LIMIT = "over_limit"
    NO_DELEGATES = "no_delegates"


class Stretch(NamedTuple):
    """A half-open stretch of time."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class Terms:
    """What a series asks of those who come for somebody else."""

    minimum_level: str = "frontline"
    limit: int = 2  # so many delegations in a row still count
    takes_delegates: bool = True


@dataclass(frozen=True)
class Came:
    """What is known of one seat at one meeting. The level is that of whoever came."""

    holder: tuple[Stretch, ...] = ()
    delegate: tuple[Stretch, ...] = ()
    level: str = "management"
    has_given_notice: bool = False
    briefed_at: datetime | None = None  # when the present briefing was answered whole
    needs_briefing: bool = True  # there was something to decide
    delegations_before: int = 0  # in a row, without this one
    delegate_level: str = "management"


class Verdict(NamedTuple):
    counted: bool
    status: Status
    level: str = ""
    by_delegate: bool = False


def merged(stretches: Iterable[Stretch]) -> list[Stretch]:
    """The same time without overlaps, in order."""
    found: list[Stretch] = []
    for each in sorted(s for s in stretches if s.end > s.start):
        if found and each.start <= found[-1].end:
            found[-1] = Stretch(found[-1].start, max(found[-1].end, each.end))
        else:
            found.append(each)
    return found


def seconds(stretches: Iterable[Stretch]) -> float:
    return sum((each.end - each.start).total_seconds() for each in merged(stretches))


def overlap(one: Iterable[Stretch], other: Iterable[Stretch]) -> float:
    """Seconds in both."""
    others = merged(other)
    return sum(
        max(0.0, (min(a.end, b.end) - max(a.start, b.start)).total_seconds())
        for a in merged(one)
        for b in others
    )


def is_enough(present: Iterable[Stretch], items: Iterable[Stretch]) -> bool:
    """At least half of the items' time; of no time at all, any presence."""
    items, present = merged(items), merged(present)
    if not present:
        return False
    whole = seconds(items)
    return whole == 0 or overlap(present, items) * ENOUGH >= whole


def count(came: Came, items: Iterable[Stretch], started_at: datetime, terms: Terms) -> Verdict:
    """Whether the seat counted, and what is shown beside it."""
    items = merged(items)
    if is_enough(came.holder, items):
        return Verdict(counted=True, status=Status.PRESENT, level=came.level)
    if not is_enough(came.delegate, items):
        return Verdict(counted=False, status=_absent(came))
    status = _delegate(came, started_at, terms)
    return Verdict(status == Status.BY_DELEGATE, status, came.delegate_level, by_delegate=True)


def _absent(came: Came) -> Status:
    if came.holder or came.delegate:
        return Status.TOO_SHORT
    return Status.WITH_NOTICE if came.has_given_notice else Status.ABSENT


def _delegate(came: Came, started_at: datetime, terms: Terms) -> Status:
    if not terms.takes_delegates:
        return Status.NO_DELEGATES
    if came.needs_briefing and came.briefed_at is None:
        return Status.UNBRIEFED
    if came.needs_briefing and came.briefed_at is not None and came.briefed_at >= started_at:
        return Status.BRIEFED_LATE
    if LEVELS.get(came.delegate_level, 0) < LEVELS.get(terms.minimum_level, 0):
        return Status.BELOW_LEVEL
    if came.delegations_before >= terms.limit:
        return Status.OVER_LIMIT
    return Status.BY_DELEGATE


def has_quorum(counted_organizations: int, needed: int) -> bool:
    """Whether enough organizations count; organizations, not people."""
    return counted_organizations >= needed
