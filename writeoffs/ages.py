"""The figure of ages: what is owed by how long it has been, parted by who owes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

import pandas as pd
import plotly.graph_objects as go

from writeoffs import wording
from writeoffs.drawing import (
    BODY,
    EMPTY,
    SMALL,
    Row,
    Words,
    framed,
    marker_of,
    nothing_drawn,
    records_of,
    write,
)
from writeoffs.palette import Theme, end_of
from writeoffs.wording import plain

# Who owes is said by the pattern: the colour only says that it is still owed.
_PATTERNS: Final = MappingProxyType({"insurer": "/", "patient": ".", "unknown": "x"})
_SAID: Final = MappingProxyType(
    {
        "insurer": ("insurers", "Hatched"),
        "patient": ("patients", "Dotted"),
        "unknown": ("nobody can say who", "Crossed"),
    }
)
_ROW: Final = 62  # pixels from one bucket to the next
_THICK: Final = 14


def aged(
    frame: pd.DataFrame,
    *,
    title: str = "",
    subtitle: str = "",
    footer: str = "",
    theme: Theme = "light",
    empty: str = EMPTY,
) -> go.Figure:
    """Bars of what is owed, youngest first, each parted by who owes it.

    ``frame``: ``bucket`` (its words, in the order given), ``party`` (insurer, patient, unknown) and
    ``cents``; rows of one bucket and party add.
    """
    words = Words(title, subtitle, footer, theme)
    sums: dict[str, dict[str, int]] = {}
    for record in records_of(frame):
        mine = sums.setdefault(str(record["bucket"]), {})
        mine[record["party"]] = mine.get(record["party"], 0) + int(record["cents"])
    if not any(cents for parties in sums.values() for cents in parties.values()):
        return nothing_drawn(words, empty)
    parties = [p for p in _PATTERNS if any(mine.get(p) for mine in sums.values())]
    fig, bars, alt = go.Figure(), [], []
    whole = sum(sum(mine.values()) for mine in sums.values())
    for at, (bucket, mine) in enumerate(sums.items()):
        alt.append(_row_words(fig, at, bucket, mine, whole, words))
        bars.append(at * _ROW + 46)
    reach = _segments(fig, bars, sums, parties, theme)
    plot = len(sums) * _ROW
    fig.update_xaxes(visible=False, range=list(reach))
    fig.update_yaxes(visible=False, range=[plot, 0])
    fig.update_layout(barmode="overlay")
    legend = " ".join(f"{_SAID[p][1]}: {_SAID[p][0]}." for p in parties)
    return framed(fig, words.also(legend, footer), plot=plot, alt=alt)


def _row_words(
    fig: go.Figure, at: int, bucket: str, mine: Mapping[str, int], whole: int, words: Words
) -> str:
    """Write a bucket's label, dollars and parties above its bar; give back the same in words."""
    cents = sum(mine.values())
    share = wording.percent(cents / whole) if whole > 0 else ""
    value = " · ".join(filter(None, (wording.dollars(cents), share)))
    said = ", ".join(f"{_SAID[p][0]} {wording.dollars(c)}" for p, c in mine.items() if c)
    head = f"{plain(bucket)}&nbsp;&nbsp;<b>{plain(value)}</b>"
    write(fig, head, 0, at * _ROW, yref="y", size=BODY, color=words.ink.text)
    write(fig, plain(said), 0, at * _ROW + 19, yref="y", size=SMALL, color=words.ink.muted)
    return f"{bucket}: {value}{f' ({said})' * bool(said)}"


def _segments(
    fig: go.Figure,
    bars: Sequence[float],
    sums: Mapping[str, Mapping[str, int]],
    parties: Sequence[str],
    theme: Theme,
) -> tuple[float, float]:
    """One bar a bucket, party after party; gives back how far they reach to both sides."""
    colour = end_of("open").colour(theme)
    ups, downs = [0.0] * len(bars), [0.0] * len(bars)
    for party in parties:
        rows, bases = [], []
        for at, (bucket, mine) in enumerate(sums.items()):
            cents = mine.get(party, 0)
            side = ups if cents >= 0 else downs
            bases.append(side[at])
            side[at] += cents
            hover = f"{plain(bucket)}, {_SAID[party][0]}<br>{wording.exact(cents)}"
            rows.append(Row("", "", cents, colour, hover, _PATTERNS[party]))
        fig.add_bar(
            orientation="h",
            name=party,
            x=[row.length for row in rows],
            base=bases,
            y=list(bars),
            width=_THICK,
            marker=marker_of(rows),
            hoverinfo="text",
            hovertext=[row.hover for row in rows],
        )
    return min(0.0, *downs), max(1.0, *ups)
