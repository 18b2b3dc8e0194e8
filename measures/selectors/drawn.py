"""What of a figure is drawn: one drawing for the page, on paper and for Plotly."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from django.utils.translation import gettext as _

from measures.selectors.aims import Goal
from measures.selectors.coverage import Point

type_row = tuple[Decimal | None, ...]


@dataclass(frozen=True, slots=True)
class Drawn:
    """Rows of one value per period; where nothing is drawn there is None.

    `values`: the line. `apart`: beside it, since too few reported to go by them. `unsure`: of the
    line, what is provisional, estimated or otherwise not as it should be. `aims`: the target in
    force, as steps; `floors`: the lower end of one that is a range. `breaks`: after which periods the definition changed.
    """

    names: tuple[str, ...]
    values: type_row
    apart: type_row
    unsure: type_row
    aims: type_row
    floors: type_row
    breaks: tuple[int, ...]
    has_gaps: bool

    @property
    def legend(self) -> list[str]:
        """What has to be said under this drawing, and nothing else."""
        hollow = any(each is not None for each in (*self.apart, *self.unsure))
        words = [
            (self.has_gaps, _("Gaps are periods without an accepted number.")),
            (hollow, _("Hollow points are provisional, or too few reported to go by.")),
            (bool(self.breaks), _("At an upright dashed line the definition changed.")),
        ]
        return [said for is_so, said in words if is_so]


def draw(points: Sequence[Point], sound: Sequence[Point], goals: Sequence[Goal | None]) -> Drawn:
    """The points as rows; `sound` are those to go by, `goals` the target in force at each point."""
    aims = [goal.drawn if goal else (None, None) for goal in goals]
    going_by = {point.period_id for point in sound}
    lined = [(point, point.period_id in going_by) for point in points]
    pairs = enumerate(pairwise(points))
    return Drawn(
        names=tuple(point.period for point in points),
        values=tuple(point.value if drawn else None for point, drawn in lined),
        apart=tuple(None if drawn else point.value for point, drawn in lined),
        unsure=tuple(
            point.value if drawn and point.status != "normal" else None for point, drawn in lined
        ),
        aims=tuple(upper for upper, _lower in aims),
        floors=tuple(lower for _upper, lower in aims),
        breaks=tuple(i for i, (one, other) in pairs if one.version_id != other.version_id),
        has_gaps=any(point.value is None for point in points),
    )
