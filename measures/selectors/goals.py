"""Which of the ratified goals have an agreed indicator."""

from collections.abc import Iterable

from agenda.selectors import goals
from measures.models import Indicator


@goals.measures_goals
def measured_goals() -> Iterable[int]:
    """The ids of goals that an agreed indicator points at."""
    rows = Indicator.objects.agreed().exclude(goal=None)
    return rows.values_list("goal_id", flat=True).distinct()
