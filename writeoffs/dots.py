"""Figures of dots: values on one scale, each with its name, and one of them to compare with."""

from __future__ import annotations

from typing import Final

import pandas as pd
import plotly.graph_objects as go

from writeoffs import wording
from writeoffs.drawing import (
    AXIS,
    EMPTY,
    Row,
    Words,
    framed,
    nothing_drawn,
    records_of,
    row_words,
    write,
)
from writeoffs.palette import Theme
from writeoffs.wording import plain

_HALF: Final = 7  # pixels from the middle of a dot to its edge


def dots(
    frame: pd.DataFrame,
    *,
    standard: str | None = None,
    title: str = "",
    subtitle: str = "",
    footer: str = "",
    theme: Theme = "light",
    empty: str = EMPTY,
) -> go.Figure:
    """Rates on one scale, from the lowest down to the highest: ``label``, ``value`` (a fraction)
    and maybe ``note`` in small type.

    ``standard`` is the label of the one that the others are compared with: a line through all rows
    marks its value, and from it to each dot runs a bar of the difference. Rows without a value are
    left out; the caller says why elsewhere.
    """
    words = Words(title, subtitle, footer, theme)
    records = [row for row in records_of(frame) if "value" in row]
    if not records:
        return nothing_drawn(words, empty)
    records = sorted(records, key=lambda row: row["value"])
    base = next((float(row["value"]) for row in records if row["label"] == standard), None)
    ticks, texts = wording.scale([float(row["value"]) for row in records], "percent")
    fig, y, places, rows = go.Figure(), 0.0, [], []
    for record in records:
        value, label = float(record["value"]), str(record["label"])
        said = wording.percent(value)
        if base is not None and label != standard:
            said += f" · {wording.points(value - base)}"
        colour = words.ink.text if label == standard else words.ink.quiet
        hover = f"{plain(label)}<br>{said}"
        rows.append(Row(label, said, value, colour, hover, "", str(record.get("note", ""))))
        places.append(y + row_words(fig, rows[-1], y, words.ink) + 12)
        y = places[-1] + 20
    _drawn(fig, rows, places, base, words)
    low, high = ticks[0], ticks[-1]
    spare = (high - low) * 0.03
    for tick, text in zip(ticks, texts, strict=True):
        write(fig, text, tick, y, xref="x", yref="y", xanchor="center", size=12,
              color=words.ink.muted)  # fmt: skip
    fig.update_xaxes(visible=False, range=[low - spare, high + spare])
    fig.update_yaxes(visible=False, range=[y, -4])
    alt = [f"{row.label}: {row.value}" for row in rows]
    return framed(fig, words, plot=y + 4, alt=alt, axis=AXIS - 14)


def _drawn(
    fig: go.Figure, rows: list[Row], places: list[float], base: float | None, words: Words
) -> None:
    """The line of the standard, a bar from it to each dot, and the dots."""
    if base is not None:
        line = {"width": 1, "color": words.ink.text, "dash": "dot"}
        fig.add_shape(type="line", x0=base, x1=base, y0=places[0] - _HALF,
                      y1=places[-1] + _HALF, line=line)  # fmt: skip
        for row, place in zip(rows, places, strict=True):
            gap = {"width": 3, "color": words.ink.grid}
            fig.add_shape(type="line", x0=base, x1=row.length, y0=place, y1=place, line=gap,
                          layer="below")  # fmt: skip
    fig.add_scatter(
        x=[row.length for row in rows],
        y=places,
        mode="markers",
        name="dots",
        marker={"size": 2 * _HALF, "color": [row.colour for row in rows]},
        hoverinfo="text",
        hovertext=[row.hover for row in rows],
    )
