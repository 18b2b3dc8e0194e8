"""The rules of reduction in plain Python: the oracle that the SQL engine is held to.

Facts become numbers in one fixed order: cells, time, organizations, places, initiative. The same
rules are written twice, here one slot after the other and in ``measures.rollups`` as sets, so that
a mistake has to be made twice to go unseen. Nothing here knows Django or a database.

A *slot* is one organization in one native period: the smallest thing that can be reported or be
missing. A *part* is what can be added: a top (the value, or a numerator) and a bottom (a
denominator, absent for counts and stocks). A missing number is ``None`` and never zero.
"""

from measures.arithmetic.numbers import Part, quotient
from measures.arithmetic.reduction import Key, Result, roll_up
from measures.arithmetic.series import STATUSES, Assignment, Definition, Fact, Series, Span
from measures.arithmetic.targets import Progress, in_force, progress

__all__ = [
    "STATUSES",
    "Assignment",
    "Definition",
    "Fact",
    "Key",
    "Part",
    "Progress",
    "Result",
    "Series",
    "Span",
    "in_force",
    "progress",
    "quotient",
    "roll_up",
]
