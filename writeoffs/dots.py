"""Figures of dots: values on one scale, each with its name, and one of them to compare with."""

from __future__ import annotations

from typing import Final

import pandas as pd
import plotly.graph_objects as go

from writeoffs import wording
from writeoffs.drawing import (
    AXIS,
    EMPTY,
    SMALL,
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

    ``standard`` is the label of the one that the others are compared with: a mark in each row
    stands at its value, and from it to the dot runs a bar of the difference. Rows without a
    value are left out; the caller says why elsewhere.
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
        # The outer ones grow inwards, so that a phone does not cut them.
        side = "left" if tick == low else "right" if tick == high else "center"
        look = {"xanchor": side, "size": SMALL, "color": words.ink.muted}
        write(fig, text, tick, y, xref="x", yref="y", **look)
    fig.update_xaxes(visible=False, range=[low - spare, high + spare])
    fig.update_yaxes(visible=False, range=[y, -4])
    alt = [f"{row.label}: {row.value}" for row in rows]
    return framed(fig, words, plot=y + 4, alt=alt, axis=AXIS - 14)


def _drawn(
    fig: go.Figure, rows: list[Row], places: list[float], base: float | None, words: Words
) -> None:
    """In each row a mark of the standard, a bar from it to the dot, and the dot."""
    for row, place in zip(rows, places, strict=True):
        if base is None:
            break
        # A mark a row, not a line through all of them: it would cross their words on a phone.
        for x0, x1, y0, y1, line in (
            (base, row.length, place, place, {"width": 3, "color": words.ink.grid}),
            (base, base, place - 10, place + 10, {"width": 2, "color": words.ink.text}),
        ):
            fig.add_shape(type="line", x0=x0, x1=x1, y0=y0, y1=y1, line=line, layer="below")
    fig.add_scatter(
        x=[row.length for row in rows],
        y=places,
        mode="markers",
        name="dots",
        marker={"size": 2 * _HALF, "color": [row.colour for row in rows]},
        hoverinfo="text",
        hovertext=[row.hover for row in rows],
    )
