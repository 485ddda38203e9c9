"""Figures of medians: a dot with its interval as a line, one row each."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from writeoffs import wording
from writeoffs.drawing import EMPTY, Row, Words, framed, nothing_drawn, records_of, row_words
from writeoffs.palette import Theme
from writeoffs.wording import plain


def ranges(
    frame: pd.DataFrame,
    *,
    highlight: str | None = None,
    title: str = "",
    subtitle: str = "",
    footer: str = "",
    theme: Theme = "light",
    empty: str = EMPTY,
) -> go.Figure:
    """Amounts with their intervals in the order given, on one scale from zero.

    ``frame``: ``label``, ``cents``, ``low`` and ``high`` (cents; missing: no interval, and the dot
    is hollow), ``note`` in small type. ``highlight`` is the label of the one row in ink; the others
    are grey.
    """
    words = Words(title, subtitle, footer, theme)
    records = records_of(frame)
    if not records:
        return nothing_drawn(words, empty)
    most = max(int(r.get("high") or r["cents"]) for r in records)
    fig, alt, y = go.Figure(), [], 0.0
    for record in records:
        label, note = str(record.get("label", wording.NOT_STATED)), str(record.get("note", ""))
        cents, low, high = int(record["cents"]), record.get("low"), record.get("high")
        value = wording.exact(cents)
        said = _interval(low, high)
        colour = words.ink.text if label == highlight else words.ink.quiet
        height = row_words(fig, Row(label, value, cents, colour, "", "", note), y, words.ink)
        hover = "<br>".join(filter(None, (plain(label), value, said, plain(note))))
        _mark(fig, y + height + 12, (cents, low, high), colour, words.ink.base, hover)
        alt.append(", ".join(filter(None, (f"{label}: {value}", said, note))))
        y += height + 30
    fig.update_xaxes(visible=False, range=[-0.02 * most, 1.02 * most])
    fig.update_yaxes(visible=False, range=[y - 8, 0])
    return framed(fig, words, plot=y - 8, alt=alt)


def _interval(low: int | None, high: int | None) -> str:
    if low is None or high is None or pd.isna(low) or pd.isna(high):
        return ""
    return f"interval {wording.exact(int(low))} to {wording.exact(int(high))}"


def _mark(
    fig: go.Figure,
    y: float,
    amounts: tuple[int, int | None, int | None],
    colour: str,
    ground: str,
    hover: str,
) -> None:
    """The whisker with its ends, and the dot; hollow where there is no interval."""
    cents, low, high = amounts
    sure = bool(_interval(low, high))
    fig.add_scatter(
        x=[0, cents], y=[y, y], mode="lines", line={"width": 1, "color": colour, "dash": "dot"},
        hoverinfo="skip",
    )  # fmt: skip
    if sure:
        fig.add_scatter(
            x=[low, high], y=[y, y], mode="lines+markers", line={"width": 3, "color": colour},
            marker={"symbol": "line-ns", "size": 12, "line": {"width": 2, "color": colour}},
            hoverinfo="skip",
        )  # fmt: skip
    fig.add_scatter(
        x=[cents], y=[y], mode="markers", hoverinfo="text", hovertext=[hover],
        marker={"size": 11, "color": colour if sure else ground,
                "line": {"width": 2, "color": colour}},
    )  # fmt: skip
