"""Lines drawn on the server: what a reader sees at once, on paper and without JavaScript.

Both drawings are made of path data in a box that is stretched to where it stands; what must not be
stretched, words and the thickness of lines, is said in shares of the box.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django import template
from django.utils.translation import gettext_lazy

from initiatives.templatetags.concert import number, type_number

register = template.Library()

type_values = Sequence[type_number | None]

WIDTH, HEIGHT, INSET = 120, 36, 4
TALL = 100  # the height of a chart's box, so that its heights are shares
STEPS = 3  # what a chart's axis is cut into, about
CLOSE = 9  # percent of the height: nearer than this, two words would lie on each other
NARROWEST = 30  # letters: what there is room for under a chart on a telephone
LONGEST_END = 8  # letters: what there is room for beside the end of a line
SHORT = (  # from when on, of how many, in which words
    (1e12, 1e12, gettext_lazy("%(number)s tn")),
    (1e9, 1e9, gettext_lazy("%(number)s bn")),
    (1e6, 1e6, gettext_lazy("%(number)s M")),
    (1e4, 1e3, gettext_lazy("%(number)s k")),
)
SAYABLE = 1e15  # what is larger is said in powers of ten
NICE = (1, 2, 2.5, 5, 10)  # times a power of ten: what a step may be


@dataclass(frozen=True, slots=True)
class Sparkline:
    """SVG path data in a box of 120 by 36: lines, lone points, the latest point, the target's steps."""

    line: str
    dots: str
    last: str
    target: str


class Tick(NamedTuple):
    """Words beside or under a chart: how far along or down in percent, and how they hang there."""

    at: str
    words: str
    anchor: str = "start"


@dataclass(frozen=True, slots=True)
class LineChart:
    """SVG path data in a box of 120 by 100, and the words around it; empty where nothing is known."""

    line: str = ""
    dots: str = ""
    unsure: str = ""
    apart: str = ""
    target: str = ""
    breaks: tuple[str, ...] = ()
    heights: tuple[Tick, ...] = ()
    periods: tuple[Tick, ...] = ()
    side: str = "100%"  # where the last period stands, and what is said of it
    end: Tick | None = None
    aim: Tick | None = None


@register.simple_tag
def sparkline(
    values: type_values, target: type_values | type_number = (), floor: type_values = ()
) -> Sparkline:
    """Path data for a row of values with gaps: nothing is ever drawn through a missing one.

    `target` is one value per period, or one for all; `floor` the lower ends of those that are
    ranges. A value that stands alone between two gaps is
    a dot, since a line needs two ends.
    """
    values = list(values)
    targets = [target] * len(values) if not isinstance(target, Sequence) else list(target)
    targets = targets[: len(values)]
    floors = list(floor or ())[: len(values)]
    known = [float(v) for v in (*values, *targets, *floors) if v is not None]
    if not known:
        return Sparkline("", "", "", "")
    low, high = min(known), max(known)

    def height(value: type_number) -> float:
        share = 0.5 if high == low else (float(value) - low) / (high - low)
        return round(HEIGHT - INSET - share * (HEIGHT - 2 * INSET), 1)

    box = _Box(len(values), height)
    runs = _runs(values)
    last = box.dot(*runs[-1][-1]) if runs else ""
    steps = box.steps(_runs(targets)) + box.steps(_runs(floors))
    return Sparkline(box.lines(runs), box.lone(runs), last, steps)


@register.simple_tag
def line_chart(
    values: type_values,
    names: Sequence[str],
    target: type_values = (),
    apart: type_values = (),
    unsure: type_values = (),
    breaks: Sequence[int] = (),
    end: str = "",
    aim: str = "",
    floor: type_values = (),
) -> LineChart:
    """A chart of a row of values that begins at zero, with what its heights and periods are called.

    `names`: one per value, as the following. `target`: drawn as steps, `floor` below them where it
    is a range. `apart`: hollow points
    beside the line. `unsure`: hollow points on it. `breaks`: after which values the meaning
    changed. `end`, `aim`: what is written beside the last value and the last target.
    """
    floor = floor or ()
    known = [float(v) for v in (*values, *target, *floor, *apart) if v is not None]
    if not known:
        return LineChart()
    marks = marks_of(known)
    low, high = marks[0][0], marks[-1][0]

    def height(value: type_number) -> float:
        return round(TALL * (1 - (float(value) - low) / (high - low)), 1)

    box = _Box(len(names), height)
    runs, aims = _runs(values), _runs(target)
    last, last_aim = box.last(runs), box.last(aims)
    if runs:
        end = beside(end, float(runs[-1][-1][1]))
    if last is not None and last_aim is not None and abs(last - last_aim) < CLOSE:
        last_aim = last - CLOSE if last_aim < last else last + CLOSE
    return LineChart(
        line=box.lines(runs),
        dots=box.points(runs),
        unsure=box.points(_runs(unsure)),
        apart=box.points(_runs(apart)),
        target=box.steps(aims) + box.steps(_runs(floor)),
        breaks=tuple(f"{box.share(index + 0.5):g}%" for index in breaks),
        heights=tuple(Tick(f"{height(mark):g}%", words) for mark, words in marks),
        periods=_periods(names, box),
        side=f"{box.share(len(names) - 1):g}%",
        end=None if last is None or not end else Tick(f"{last:g}%", end),
        aim=None if last_aim is None or not aim else Tick(f"{last_aim:g}%", aim),
    )


class _Box:
    """Where the values of a row stand."""

    def __init__(self, length: int, height: Callable[[type_number], float]) -> None:
        self.length, self.height = length, height
        self.step = WIDTH / max(length - 1, 1)

    def place(self, index: int, value: type_number) -> tuple[float, float]:
        along = index * self.step if self.length > 1 else WIDTH / 2
        return round(along, 1), self.height(value)

    def share(self, index: float) -> float:
        """How far along a value stands, in percent; one alone stands in the middle."""
        return round(100 * index / (self.length - 1), 2) if self.length > 1 else 50

    def dot(self, index: int, value: type_number) -> str:
        return "M{:g} {:g}h0".format(*self.place(index, value))

    def lines(self, runs: "type_runs") -> str:
        drawn = (["{:g} {:g}".format(*self.place(*each)) for each in run] for run in runs)
        return "".join(f"M{'L'.join(points)}" for points in drawn if len(points) > 1)

    def points(self, runs: "type_runs") -> str:
        return "".join(self.dot(*each) for run in runs for each in run)

    def lone(self, runs: "type_runs") -> str:
        return "".join(self.dot(*run[0]) for run in runs if len(run) == 1)

    def steps(self, runs: "type_runs") -> str:
        drawn = []
        for run in runs:
            for position, each in enumerate(run):
                x, y = self.place(*each)
                drawn.append(f"M{x:g} {y:g}" if position == 0 else f"H{x:g}V{y:g}")
        return "".join(drawn)

    def last(self, runs: "type_runs") -> float | None:
        """How far down the last value stands."""
        return self.height(runs[-1][-1][1]) if runs else None


type_runs = list[list[tuple[int, type_number]]]


def marks_of(known: Sequence[float]) -> list[tuple[float, str]]:
    """The marks of an axis from zero that holds all values, at least one, with what they are called."""
    marks = _marks(min(0, *known), max(0, *known))
    return [(mark, short(mark, max(marks[-1], -marks[0]))) for mark in marks]


def beside(text: str, value: float) -> str:
    """What is written at the end of a line: a text, or its value shortened where it has no room."""
    return _in_three(value) if len(text) > LONGEST_END else text


def short(value: float, largest: float) -> str:
    """A mark of an axis that goes to `largest`: "60 k" rather than "60,000"."""
    if abs(largest) >= SAYABLE:
        return f"{value:g}"
    for least, size, words in SHORT:
        if abs(largest) >= least:
            return words % {"number": number(value / size)} if value else number(0)
    return number(value)


def _in_three(value: float) -> str:
    """A number in its first three digits: "988 bn"."""
    digits = 2 - math.floor(math.log10(abs(value))) if value else 0
    rounded = round(value, digits)
    return short(rounded, rounded)


def _runs(values: type_values) -> type_runs:
    """The values between the gaps, each with its place in the row."""
    runs: type_runs = []
    previous = None
    for index, value in enumerate(values):
        if value is None:
            continue
        if previous != index - 1:
            runs.append([])
        runs[-1].append((index, value))
        previous = index
    return runs


def _marks(low: float, high: float) -> list[float]:
    """Round numbers from at most `low` to at least `high`, in steps of one length."""
    span = (high - low) or 1.0
    power = 10.0 ** math.floor(math.log10(span / STEPS))
    step = next(nice * power for nice in NICE if nice * power * STEPS >= span * (1 - 1e-9))
    first, last = math.floor(low / step), max(math.ceil(high / step), math.floor(low / step) + 1)
    return [round(index * step, 10) for index in range(first, last + 1)]


def _periods(names: Sequence[str], box: _Box) -> tuple[Tick, ...]:
    """The names of the first, the last and some between, as many as a phone has room for."""
    last = len(names) - 1
    if not last:
        return (Tick("50%", names[0], "middle"),)
    most = NARROWEST / (1.5 * max(map(len, names)) + 1)  # the outer ones hang to one side
    parts = next(each for each in (4, 3, 2, 1) if last % each == 0 and each <= max(most, 1))
    sides = {0: "start", last: "end"}
    return tuple(
        Tick(f"{box.share(index):g}%", names[index], sides.get(index, "middle"))
        for index in range(0, last + 1, last // parts)
    )
