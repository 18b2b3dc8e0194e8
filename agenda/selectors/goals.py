"""The goals that everyone agreed to, and whether anything measures them.

The agenda knows nothing of indicators: whoever measures registers what it measures, as apps do
for the page of today.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from agenda.models import Goal
from initiatives.models import Membership

MEASURED_WITHIN = timedelta(days=90)

Source = Callable[[], "QuerySet[Any]"]
_sources: list[Source] = []


def measures_goals(source: Source) -> Source:
    """Register ``source``: asked in scope, it is a query for the ids of goals with an
    agreed indicator.
    """
    if source not in _sources:
        _sources.append(source)
    return source


Way = Callable[[Membership, Goal], str]
_ways: list[Way] = []


def leads_to_measuring(way: Way) -> Way:
    """Register ``way``: the address where the member gives a goal an indicator, or nothing."""
    if way not in _ways:
        _ways.append(way)
    return way


def way_to_measure(member: Membership, goal: Goal) -> str:
    """Where the member gives the goal an indicator; nothing where somebody else does."""
    return next(filter(None, (way(member, goal) for way in _ways)), "")


def current_goals() -> list[Goal]:
    """The ratified primary goals, in their order."""
    return list(Goal.objects.filter(retired_at=None))


@dataclass(frozen=True)
class GoalStanding:
    """A goal, and whether its numbers are agreed."""

    goal: Goal
    is_measured: bool
    due_at: datetime

    @property
    def is_provisional(self) -> bool:
        """Whether no indicator was agreed within 90 days (A12)."""
        return not self.is_measured and timezone.now() >= self.due_at


def standings() -> list[GoalStanding]:
    """Each goal with whether it is measured."""
    return [
        GoalStanding(each, each.is_measured, due_at(each))
        for each in Goal.objects.filter(retired_at=None).annotate(is_measured=_measured())
    ]


def due_at(goal: Goal) -> datetime:
    """When an indicator should measure the goal at the latest (A12)."""
    return goal.agreed_at + MEASURED_WITHIN


def unmeasured() -> QuerySet[Goal]:
    """The goals that no agreed indicator points at."""
    return Goal.objects.filter(retired_at=None).exclude(_measured())


def _measured() -> Q:
    """Whether a goal is among those that some app measures."""
    return reduce(or_, [Q(pk__in=source()) for source in _sources], Q(pk__in=[]))


def is_provisional() -> bool:
    """Whether the ratified agenda has a goal that nothing measures although it should (A12)."""
    return any(each.is_provisional for each in standings())
