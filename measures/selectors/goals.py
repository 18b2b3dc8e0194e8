"""Which of the ratified goals have an agreed indicator."""

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from agenda.models import Goal
from agenda.selectors import goals
from initiatives.models import Membership
from initiatives.permissions import Permission
from measures.models import Indicator


@goals.measures_goals
def measured_goals() -> QuerySet[Any]:
    """The ids of goals that an agreed indicator points at."""
    return Indicator.objects.agreed().exclude(goal=None).order_by().values("goal_id")


@goals.leads_to_measuring
def indicator_for(member: Membership, goal: Goal) -> str:
    """The form of a new indicator with the goal chosen."""
    if not member.may(Permission.MEASURES_EDIT):
        return ""
    return f"{reverse('measures:indicator_new', args=[member.initiative.slug])}?goal={goal.pk}"
