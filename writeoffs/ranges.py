"""A figure of rates with what chance explains: who lies outside, and who only seems to."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from writeoffs import wording
from writeoffs.drawing import (
    AXIS,
    BODY,
    EMPTY,
    LINE,
    SMALL,
    Words,
    framed,
    joined,
    nothing_drawn,
    records_of,
    write,
)
from writeoffs.palette import Theme, end_of
from writeoffs.wording import plain

_ROW = 58  # pixels of a row: its words over its marks


def chance(
    frame: pd.DataFrame,
    centre: float | None,
    *,
    end: str = "avoidable",
    title: str = "",
    subtitle: str = "",
    footer: str = "",
    theme: Theme = "light",
    empty: str = EMPTY,
) -> go.Figure:
    """Rates in the order given: ``label``, ``value``, ``n``, and where there ``low``, ``high``
    (the whisker), ``floor``, ``ceiling`` (a grey band: what chance explains), ``outside``.

    ``centre`` is the line of all. A point inside its band is hollow and grey; one outside is solid
    in the colour of ``end`` (a key of ENDS) where the frame says it is ``bad``, else in ink.
    """
    words = Words(title, subtitle, footer, theme)
    rows = [row for row in records_of(frame) if "value" in row]
    if not rows or centre is None:
        return nothing_drawn(words, empty)
    fig, ink = go.Figure(), words.ink
    at = [_ROW * place + 42 for place in range(len(rows))]
    scale = wording.scale([*(row["value"] for row in rows), centre, *_ends(rows)], "percent")
    reach = scale[0][0], scale[0][-1]
    for row, y in zip(rows, at, strict=True):
        if "floor" in row and "ceiling" in row:
            band = max(row["floor"], reach[0]), min(row["ceiling"], reach[1])
            box = {"fillcolor": ink.track, "line": {"width": 0}, "layer": "below"}
            fig.add_shape(type="rect", x0=band[0], x1=band[1], y0=y - 9, y1=y + 9, **box)
        write(fig, _words(row), reach[0], y - 34, xref="x", yref="y", size=BODY, color=ink.text)
    line = {"width": 1.5, "color": ink.quiet, "dash": "4px,3px"}
    fig.add_shape(type="line", x0=centre, x1=centre, y0=24, y1=at[-1] + 14, line=line)
    fig.add_scatter(
        x=[row["value"] for row in rows],
        y=at,
        mode="markers",
        name="rates",
        marker=_marker(rows, end_of(end).colour(theme), ink.text, ink.muted),
        error_x=_whiskers(rows, ink.muted),
        cliponaxis=False,
        hoverinfo="text",
        hovertext=[_hover(row) for row in rows],
    )
    top = f"all: {wording.percent(centre)}"
    look: dict[str, Any] = {"xref": "x", "yref": "y", "xanchor": "center", "yanchor": "bottom"}
    write(fig, top, centre, at[-1] + 34, size=SMALL, color=ink.muted, **look)
    ticks = {"tickvals": scale[0], "ticktext": scale[1], "showgrid": False}
    fig.update_xaxes(range=list(reach), **ticks)
    fig.update_yaxes(visible=False, range=[at[-1] + 36, 0])
    alt = [f"{row['label']}: {_hover(row).replace('<br>', ', ')}" for row in rows]
    edges = {"left": 14, "right": 14, "axis": AXIS}
    return framed(fig, words, plot=at[-1] + 36, alt=alt, **edges)


def _ends(rows: list[dict[str, Any]]) -> list[float]:
    """The ends of the whiskers; bands may reach beyond the scale."""
    return [row[key] for row in rows for key in ("low", "high") if key in row]


def _words(row: dict[str, Any]) -> str:
    label = wording.clip(row["label"], LINE * 0.6, BODY)
    few = f"n = {wording.count(int(row.get('n', 0)), 'claim')}"
    return f"{joined([label])} <b>{wording.percent(row['value'])}</b> ({few})"


def _hover(row: dict[str, Any]) -> str:
    lines = [plain(row["label"]), wording.percent(row["value"])]
    if "low" in row and "high" in row:
        lines.append(f"between {wording.percent(row['low'])} and {wording.percent(row['high'])}")
    if "floor" in row and "ceiling" in row:
        span = f"{wording.percent(row['floor'])} to {wording.percent(row['ceiling'])}"
        lines.append(f"chance explains {span}")
    return "<br>".join([*lines, f"n = {wording.count(int(row.get('n', 0)), 'claim')}"])


def _marker(rows: list[dict[str, Any]], bad: str, ink: str, grey: str) -> dict[str, Any]:
    out = [bool(row.get("outside")) for row in rows]
    colours = [
        (bad if row.get("bad") else ink) if far else grey
        for row, far in zip(rows, out, strict=True)
    ]
    symbols = ["circle" if far else "circle-open" for far in out]
    return {"color": colours, "symbol": symbols, "size": 11, "line": {"width": 2, "color": colours}}


def _whiskers(rows: list[dict[str, Any]], colour: str) -> dict[str, Any]:
    up = [row.get("high", row["value"]) - row["value"] for row in rows]
    down = [row["value"] - row.get("low", row["value"]) for row in rows]
    return {"array": up, "arrayminus": down, "thickness": 1.5, "width": 5, "color": colour}
