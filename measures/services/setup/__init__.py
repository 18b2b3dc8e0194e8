"""Laying out what is measured: time, breakdowns, indicators, who reports, and when."""

from measures.services.setup.assignments import assign
from measures.services.setup.calendars import create_calendar, create_calendars
from measures.services.setup.indicators import add_target, create_indicator
from measures.services.setup.partitions import ensure_partition
from measures.services.setup.rounds import open_round

__all__ = [
    "add_target",
    "assign",
    "create_calendar",
    "create_calendars",
    "create_indicator",
    "ensure_partition",
    "open_round",
]
