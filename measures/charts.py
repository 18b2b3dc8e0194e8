"""Figures for Plotly as plain dictionaries; the colours come from the page."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from initiatives.templatetags.drawing import CLOSE, beside, marks_of
from measures.selectors.coverage import Point
from measures.selectors.drawn import Drawn
from measures.selectors.figures import Figure

LINE_HEIGHT = 14  # pixels


def trend(figure: Figure) -> dict[str, Any]:
    """A line with gaps for what is missing, the target as steps, a dash where the meaning changed."""
    points = figure.points
    drawn = figure.drawn
    names = list(drawn.names)
    values, apart, goals = floats(drawn.values), floats(drawn.apart), floats(drawn.aims)
    floors = floats(drawn.floors)
    said = [f"{figure.said(point.value)}<br>{point.coverage}" for point in points]
    traces: list[dict[str, Any]] = [
        {
            "type": "scatter",
            "mode": "lines+markers",
            "name": figure.indicator.name,
            "x": names,
            "y": values,
            "connectgaps": False,
            "cliponaxis": False,
            "text": said,
            "hovertemplate": "%{x}: %{text}<extra></extra>",
            "marker": {
                "symbol": ["circle" if each is None else "circle-open" for each in drawn.unsure],
                "size": 8,
            },
        }
    ]
    labels = [label(values, figure.value)]
    if any(value is not None for value in apart):
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": _("Too few reported"),
                "x": names,
                "y": apart,
                "text": said,
                "hovertemplate": "%{x}: %{text}<extra></extra>",
                "marker": {"symbol": "circle-open", "size": 8, "color": "rgba(128,128,128,0.9)"},
            }
        )
    if any(value is not None for value in goals):
        traces.append(target(figure, goals, floors))
        labels.append(label(goals, _("target")))
    thin = [is_thin(point) for point in points]
    known = [value for value in (*values, *apart, *goals, *floors) if value is not None]
    if any(thin) and known:
        traces.append(
            {
                "type": "bar",
                "x": names,
                "y": [max(map(abs, known)) if each else None for each in thin],
                "width": 1,
                "hoverinfo": "skip",
                "marker": {"color": "rgba(128,128,128,0.05)", "pattern": {"shape": "/", "size": 6}},
            }
        )
    marks = marks_of(known or [0.0])
    keep_apart(labels, marks[-1][0] - marks[0][0])
    return {
        "data": traces,
        "layout": {
            "shapes": breaks(drawn),
            "showlegend": False,
            "annotations": [each for each in labels if each],
            # The marks and words of the drawing that stood there first.
            "yaxis": {
                "range": [marks[0][0], marks[-1][0]],
                "tickvals": [mark for mark, _words in marks],
                "ticktext": [words for _mark, words in marks],
                "fixedrange": True,
            },
        },
    }


def target(figure: Figure, goals: list[float | None], floors: list[float | None]) -> dict[str, Any]:
    """The target as steps; a range has two of them, in one colour and with a gap in between."""
    drawn = figure.drawn
    names, aims, ends = list(drawn.names), list(drawn.aims), goals
    if any(value is not None for value in floors):
        names, ends = [*names, names[-1], *names], [*goals, None, *floors]
        aims = [*aims, None, *drawn.floors]
    return {
        "type": "scatter",
        "mode": "lines",
        "name": _("Target"),
        "x": names,
        "y": ends,
        "text": [figure.said(aim) for aim in aims],
        "line": {"shape": "hv", "dash": "dot"},
        "connectgaps": False,
        "hovertemplate": "%{x}: %{text}<extra></extra>",
    }


def label(values: list[float | None], text: str) -> dict[str, Any]:
    """What a line is, written at its end; nothing for a line without points.

    By its place in the row: a year would be taken for one.
    """
    known = [index for index, value in enumerate(values) if value is not None]
    if not known:
        return {}
    return {
        "x": known[-1],
        "y": values[known[-1]],
        "text": beside(text, values[known[-1]] or 0.0),
        "showarrow": False,
        "xanchor": "left",
        "xshift": 8,
    }


def keep_apart(labels: list[dict[str, Any]], height: float) -> None:
    """Move the words of the target off those of the line where they would lie on each other."""
    line, *others = labels
    for other in others:
        if line and other and abs(apart := other["y"] - line["y"]) < CLOSE / 100 * height:
            other["yshift"] = LINE_HEIGHT if apart > 0 else -LINE_HEIGHT


def is_thin(point: Point) -> bool:
    """Whether something is suppressed, or fewer than half of those asked reported."""
    return bool(point.suppressed) or not point.is_well_covered


def floats(values: Sequence[Decimal | None]) -> list[float | None]:
    """As JSON has them: for drawing only."""
    return [None if value is None else float(value) for value in values]


def breaks(drawn: Drawn) -> list[dict[str, Any]]:
    """An upright dashed line between two periods of different definitions."""
    return [
        {
            "type": "line",
            "xref": "x",
            "yref": "paper",
            "x0": index + 0.5,
            "x1": index + 0.5,
            "y0": 0,
            "y1": 1,
            "line": {"dash": "dash", "width": 1},
        }
        for index in drawn.breaks
    ]
