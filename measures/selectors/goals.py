"""Which of the ratified goals have an agreed indicator."""

from typing import Any

from django.db.models import QuerySet

from agenda.selectors import goals
from measures.models import Indicator


@goals.measures_goals
def measured_goals() -> QuerySet[Any]:
    """The ids of goals that an agreed indicator points at."""
    return Indicator.objects.agreed().exclude(goal=None).order_by().values("goal_id")
