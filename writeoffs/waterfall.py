"""The figure of a split: from before to now, each term a step, one below the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import pandas as pd
import plotly.graph_objects as go

from writeoffs import wording
from writeoffs.drawing import (
    BODY,
    EMPTY,
    LINE,
    Row,
    Words,
    framed,
    joined,
    marker_of,
    nothing_drawn,
    records_of,
    write,
)
from writeoffs.palette import ENDS, Theme
from writeoffs.wording import plain

_STEP: Final = 52  # pixels from one row to the next
_BAR: Final = 30  # from the top of a row to the middle of its bar


def waterfall(
    steps: pd.DataFrame,
    *,
    before: str,
    now: str,
    start: float,
    title: str = "",
    subtitle: str = "",
    footer: str = "",
    theme: Theme = "light",
    empty: str = EMPTY,
) -> go.Figure:
    """A change step by step, from the top down, so that it reads on a phone.

    The scale begins below the smallest total, not at zero, and has no axis: what is compared are
    the steps, each with its words and number above it.

    Args:
        steps: ``label``, ``end`` (a key of ENDS; "" is grey), ``change`` (a number) and ``said``
            (as people write it), in the order to draw; they add up to the whole change.
        before, now: what stands at the first and the last bar, with its number.
        start: the number before.
    """
    words = Words(title, subtitle, footer, theme)
    if not len(steps):
        return nothing_drawn(words, empty)
    reached, ends = start, [start]
    rows = [Row(before, "", start, words.ink.text)]
    for record in records_of(steps):
        change, end = float(record["change"]), ENDS.get(str(record.get("end", "")))
        colour = end.colour(theme) if end else words.ink.quiet
        label, said = str(record["label"]), str(record["said"])
        pattern = end.pattern if end else ""
        rows.append(Row(label, said, change, colour, f"{plain(label)}<br>{said}", pattern))
        reached += change
        ends.append(reached)
    rows.append(Row(now, "", reached, words.ink.text))
    low, high = min(ends), max(ends)
    floor = low - 0.25 * ((high - low) or abs(high) or 1)
    fig = go.Figure()
    places = [_STEP * at + _BAR for at in range(len(rows))]
    fig.add_bar(
        orientation="h",
        name="steps",
        y=places,
        x=[start - floor, *(row.length for row in rows[1:-1]), reached - floor],
        base=[floor, *ends[:-1], floor],
        width=14,
        marker=marker_of(rows),
        hoverinfo="text",
        hovertext=[row.hover or plain(row.label) for row in rows],
    )
    _words_and_lines(fig, rows, ends, words)
    spare = (high - floor) * 0.01
    height = _STEP * len(rows) - 8
    fig.update_xaxes(visible=False, range=[floor - spare, high + spare])
    fig.update_yaxes(visible=False, range=[height, 0])
    alt = [f"{row.label}: {row.value}" if row.value else row.label for row in rows]
    return framed(fig, words, plot=height, alt=alt)


def _words_and_lines(
    fig: go.Figure, rows: Sequence[Row], ends: Sequence[float], words: Words
) -> None:
    """Write each row above its bar; a thin line goes from where one step ends to the next."""
    for at, row in enumerate(rows):
        said = f"<b>{plain(row.value)}</b>&nbsp;&nbsp;" if row.value else ""
        label = wording.clip(row.label, LINE - wording.width(row.value, BODY), BODY)
        look: dict[str, Any] = {"bgcolor": words.ink.base, "color": words.ink.text}
        if not row.value:
            look["weight"] = 600
        write(fig, f"{said}{joined([label])}", 0, _STEP * at, yref="y", **look)
        if at + 1 < len(rows):
            line = {"width": 1, "color": words.ink.quiet}
            y0, y1 = _STEP * at + _BAR + 7, _STEP * (at + 1) + _BAR - 7
            x = ends[at]
            fig.add_shape(type="line", x0=x, x1=x, y0=y0, y1=y1, line=line, layer="below")
