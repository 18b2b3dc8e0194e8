"""Laying out what is measured: time, breakdowns, indicators, who reports, and when."""

from measures.services.setup.agreement import (
    NEXT,
    UndefinedError,
    add_version,
    change_state,
    draft_indicator,
    is_open,
    is_reported,
    update_indicator,
)
from measures.services.setup.aims import set_target
from measures.services.setup.assignments import assign, end_assignment
from measures.services.setup.calendars import (
    add_calendar,
    create_calendar,
    create_calendars,
    extend_calendar,
)
from measures.services.setup.indicators import add_baseline, add_target, create_indicator
from measures.services.setup.partitions import ensure_partition
from measures.services.setup.rounds import change_round, close_round, open_round

__all__ = [
    "NEXT",
    "UndefinedError",
    "add_baseline",
    "add_calendar",
    "add_target",
    "add_version",
    "assign",
    "change_round",
    "change_state",
    "close_round",
    "create_calendar",
    "create_calendars",
    "create_indicator",
    "draft_indicator",
    "end_assignment",
    "ensure_partition",
    "extend_calendar",
    "is_open",
    "is_reported",
    "open_round",
    "set_target",
    "update_indicator",
]
