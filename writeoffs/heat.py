"""A figure of cohorts: a row each, a column for each age, the darker the more came in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import pandas as pd
import plotly.graph_objects as go

from writeoffs import wording
from writeoffs.drawing import EMPTY, SMALL, Words, framed, nothing_drawn, records_of, write
from writeoffs.palette import Theme, end_of, text_on
from writeoffs.wording import plain

_ROW: Final = 26  # pixels a row
_HEAD: Final = 22


def cohort_grid(
    frame: pd.DataFrame,
    ages: Sequence[tuple[str, str, int]],
    *,
    end: str = "patient",
    title: str = "",
    subtitle: str = "",
    footer: str = "",
    theme: Theme = "light",
    empty: str = EMPTY,
) -> go.Figure:
    """A cell for each cohort and age, with its share written in it.

    Args:
        frame: ``label``, ``months`` (how long a cohort has been followed) and a fraction a column.
        ages: for each column of cells its name in ``frame``, its heading and the months it needs.
        end: whose colour fills the cells; a share of 0 is the page's ground, of 1 the full colour.

    A young cell is dashed and empty and says how far it is: "2 of 3". One that cannot be said at
    all, for want of dates, is a dash.
    """
    words = Words(title, subtitle, footer, theme)
    rows = records_of(frame)
    if not rows:
        return nothing_drawn(words, empty)
    fig, alt = go.Figure(), []
    full, base = end_of(end).colour(theme), words.ink.base
    left = max(wording.width(str(row["label"]), SMALL) for row in rows) + 14
    fig.update_xaxes(range=[0, len(ages)], visible=False)
    fig.update_yaxes(range=[len(rows) * _ROW, -_HEAD], visible=False)
    hover: dict[str, list[Any]] = {"x": [], "y": [], "hovertext": []}
    for at, (_, heading, _) in enumerate(ages):
        look = {"xref": "x", "yref": "y", "xanchor": "center", "size": SMALL}
        write(fig, plain(heading), at + 0.5, -_HEAD, color=words.ink.muted, **look)
    for down, row in enumerate(rows):
        top, said = down * _ROW, []
        here = {"yref": "y", "yanchor": "middle", "xanchor": "right", "size": SMALL}
        write(fig, plain(row["label"]), 0, top + _ROW / 2, xshift=-8, xref="x", **here)
        for at, (name, heading, months) in enumerate(ages):
            value, so_far = row.get(name), row.get("months")
            fill = base if value is None else _mixed(base, full, float(value))
            text = wording.percent(value, 0) if value is not None else _young(so_far, months)
            ink = text_on(fill) if value is not None else words.ink.muted
            _cell(fig, at, top, fill, "" if value is not None else words.ink.quiet)
            look = {"xref": "x", "yref": "y", "xanchor": "center", "yanchor": "middle"}
            write(fig, text, at + 0.5, top + _ROW / 2, size=SMALL, color=ink, **look)
            hover["x"].append(at + 0.5)
            hover["y"].append(top + _ROW / 2)
            sure = wording.percent(value) if value is not None else text
            hover["hovertext"].append(f"{plain(row['label'])}<br>{plain(heading)}: {sure}")
            said.append(f"{heading} {sure}")
        alt.append(f"{row['label']}: {', '.join(said)}")
    fig.add_scatter(mode="markers", marker={"opacity": 0, "size": 20}, hoverinfo="text", **hover)
    return framed(fig, words, plot=_HEAD + len(rows) * _ROW, alt=alt, left=left, right=2)


def _young(months: int | None, needed: int) -> str:
    """How far a young cell is, or that it will never be said."""
    return "–" if months is None else f"{int(months)} of {needed} mo"


def _cell(fig: go.Figure, at: int, top: float, fill: str, dashed: str) -> None:
    line = {"color": dashed, "width": 1, "dash": "dot"} if dashed else {"width": 0}
    fig.add_shape(
        type="rect", x0=at + 0.02, x1=at + 0.98, y0=top + 1.5, y1=top + _ROW - 1.5,
        fillcolor=fill, line=line, layer="below",
    )  # fmt: skip


def _mixed(base: str, full: str, share: float) -> str:
    """A colour between two, ``share`` of the way, from the first (0) to the second (1 and more)."""
    part = min(1.0, max(0.0, share))
    ends = [[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in (base, full)]
    return "#" + "".join(f"{round(a + (b - a) * part):02X}" for a, b in zip(*ends, strict=True))
