"""Figures for Plotly as plain dictionaries; the colours come from the page."""

from typing import Any

from measures.selectors.figures import Figure


def trend(figure: Figure) -> dict[str, Any]:
    """A line with gaps for what is missing, the target as steps, a dash where the meaning changed."""
    points = figure.points
    names = [point.period for point in points]
    traces = [
        {
            "type": "scatter",
            "mode": "lines+markers",
            "name": figure.indicator.name,
            "x": names,
            "y": [None if value is None else float(value) for value in figure.values],
            "connectgaps": False,
            "text": [point.coverage for point in points],
            "hovertemplate": "%{x}: %{y}<br>%{text}<extra></extra>",
            "marker": {
                "symbol": [
                    "circle-open" if point.status != "normal" else "circle" for point in points
                ],
                "size": 8,
            },
        }
    ]
    goals = [None if value is None else float(value) for value in figure.goal_values]
    if any(value is not None for value in goals):
        traces.append(
            {
                "type": "scatter",
                "mode": "lines",
                "name": "target",
                "x": names,
                "y": goals,
                "line": {"shape": "hv", "dash": "dot"},
                "hovertemplate": "%{y}<extra></extra>",
            }
        )
    return {"data": traces, "layout": {"shapes": breaks(figure), "showlegend": len(traces) > 1}}


def breaks(figure: Figure) -> list[dict[str, Any]]:
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
        for index, (one, other) in enumerate(zip(figure.points, figure.points[1:], strict=False))
        if one.version_id != other.version_id
    ]
