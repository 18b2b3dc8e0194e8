"""The rows of shared measurement, by noun."""

from measures.models.calendars import Calendar, Period, Round
from measures.models.facts import DirtyKey, Observation, Rollup
from measures.models.imports import ImportRun, RememberedColumn
from measures.models.indicators import Assignment, Baseline, Indicator, IndicatorVersion, Target
from measures.models.partitions import (
    Category,
    Cell,
    CellLeaf,
    Dimension,
    Partition,
    PartitionDimension,
)
from measures.models.runs import RollupCheck, RollupRevision
from measures.models.sharing import ShareLink
from measures.models.submissions import Entry, Submission

__all__ = [
    "Assignment",
    "Baseline",
    "Calendar",
    "Category",
    "Cell",
    "CellLeaf",
    "Dimension",
    "DirtyKey",
    "Entry",
    "ImportRun",
    "Indicator",
    "IndicatorVersion",
    "Observation",
    "Partition",
    "PartitionDimension",
    "Period",
    "RememberedColumn",
    "Rollup",
    "RollupCheck",
    "RollupRevision",
    "Round",
    "ShareLink",
    "Submission",
    "Target",
]
