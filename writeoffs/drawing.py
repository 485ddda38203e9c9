"""What every figure shares: its words, its look, its axes, and labels that do not touch."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import pandas as pd
import plotly.graph_objects as go

from writeoffs import wording
from writeoffs.palette import NEUTRALS, Neutrals, Theme
from writeoffs.wording import plain

FONT: Final = "Source Sans, sans-serif"
LINE: Final = 340  # the longest line of words that a phone can hold
SMALL, BODY, HEAD = 12, 14, 18  # sizes of text
AXIS: Final = 40  # what the names of months take below a plot
EMPTY: Final = "Nothing to draw: no rows in this selection."
YOUNG: Final = "still coming in"


class Words(NamedTuple):
    """What is written around a chart: the finding, the measure, the small print; and its theme."""

    title: str
    subtitle: str
    footer: str
    theme: Theme

    @property
    def ink(self) -> Neutrals:
        return NEUTRALS[self.theme]

    def also(self, *footers: str) -> Words:
        """The same words with other sentences in the footer."""
        return self._replace(footer=" ".join(filter(None, footers)))


class Row(NamedTuple):
    """One bar: the words about it, its length (cents, or a share), its look, its hover text."""

    label: str
    value: str
    length: float
    colour: str
    hover: str = ""
    pattern: str = ""
    note: str = ""


def _template(ink: Neutrals) -> go.layout.Template:
    """The look of every figure: the page's ground, no frame, light horizontal lines, no legend."""
    axis: dict[str, Any] = {"showgrid": False, "zeroline": False, "showline": False, "ticks": ""}
    axis |= {"fixedrange": True, "tickfont": {"size": SMALL, "color": ink.muted}}
    hover: dict[str, Any] = {"bgcolor": ink.base, "bordercolor": ink.quiet}
    hover |= {"align": "left", "font": {"family": FONT, "size": 13, "color": ink.text}}
    # What is not chosen steps back, and can still be read.
    back = {"unselected": {"marker": {"opacity": 0.5}}}
    return go.layout.Template(
        data={"bar": [back], "scatter": [back]},
        layout={
            "font": {"family": FONT, "size": BODY, "color": ink.text},
            "colorway": [ink.text, ink.quiet],
            # Opaque: a page that turns dark under a drawn figure would swallow its dark words.
            "paper_bgcolor": ink.base,
            "plot_bgcolor": ink.base,
            "showlegend": False,
            "dragmode": False,
            "hovermode": "closest",
            "bargap": 0.25,
            "hoverlabel": hover,
            "xaxis": axis,
            "yaxis": axis | {"gridcolor": ink.grid},
        },
    )


def write(fig: go.Figure, text: str, x: float, y: float, **look: Any) -> None:
    """Write escaped text at a place; by default from its upper left, on the paper's own scale."""
    font = {key: look.pop(key) for key in ("size", "color", "weight") if key in look}
    place = {"xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "top"} | look
    place = {"align": "left", "showarrow": False, "borderpad": 0} | place
    if text:
        fig.add_annotation(text=text, x=x, y=y, font=font, **place)


def joined(lines: Sequence[str]) -> str:
    return "<br>".join(map(plain, lines))


def row_words(fig: go.Figure, row: Row, y: float, ink: Neutrals) -> float:
    """Write label, value and note of a row from ``y`` pixels down, and give back their height."""
    label = wording.wrap(row.label, LINE, BODY)
    fits = label and wording.width(f"{label[-1]}   {row.value}", BODY) <= LINE
    text = f"{joined(label)}{'&nbsp;&nbsp;' if fits else '<br>'}<b>{plain(row.value)}</b>"
    note = wording.wrap(row.note, LINE, SMALL)
    height = 19 * (len(label) + (not fits))
    write(fig, text, 0, y, yref="y", color=ink.text)
    write(fig, joined(note), 0, y + height, yref="y", size=SMALL, color=ink.muted)
    return height + 16 * len(note)


def framed(
    fig: go.Figure,
    words: Words,
    *,
    plot: float,
    alt: Sequence[str],
    left: float = 1,
    right: float = 1,
    axis: float = 0,
) -> go.Figure:
    """Put the words around a plot of ``plot`` pixels.

    ``left``, ``right`` and ``axis`` (below) are the room for what it writes beside itself. The
    title is an annotation: plotly's own lifts a second line off the paper.
    """
    title = wording.wrap(words.title, LINE, HEAD)
    subtitle = wording.wrap(words.subtitle, LINE, BODY)
    footer = wording.wrap(words.footer, LINE, SMALL)
    over = 12 + 19 * len(subtitle)
    bottom = axis + (12 + 16 * len(footer) if footer else 4)
    said = [text.rstrip(".") for text in (words.title, words.subtitle, *alt, words.footer) if text]
    fig.update_layout(
        template=_template(words.ink),
        showlegend=False,
        height=math.ceil(over + 8 + 24 * len(title) + plot + bottom),
        margin={"l": left, "r": right, "t": over + 8 + 24 * len(title), "b": bottom, "pad": 0},
        meta={
            "alt": plain(". ".join(said)),
            "theme": words.theme,
            "title": plain(words.title),
        },
    )
    above = {"yanchor": "bottom", "xshift": -left}
    write(fig, joined(title), 0, 1, yshift=over, size=HEAD, weight=600, **above)
    write(fig, joined(subtitle), 0, 1, yshift=12, size=BODY, color=words.ink.muted, **above)
    small = {"size": SMALL, "color": words.ink.muted, "xshift": -left}
    write(fig, joined(footer), 0, 0, yshift=-axis - 8, **small)
    return fig


def nothing_drawn(words: Words, why: str) -> go.Figure:
    """A figure without marks that says why there are none."""
    fig = go.Figure()
    fig.update_xaxes(visible=False, range=[0, 1])
    fig.update_yaxes(visible=False, range=[0, 1])
    said = joined(wording.wrap(why, LINE, BODY))
    write(fig, said, 0, 0.5, yanchor="middle", color=words.ink.muted)
    return framed(fig, words, plot=80, alt=[why])


def records_of(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as dictionaries, without the values that are missing."""
    rows = frame.to_dict("records")
    return [{str(key): cell for key, cell in row.items() if not pd.isna(cell)} for row in rows]


def marker_of(rows: Sequence[Row], seam: str = "") -> dict[str, Any]:
    """Solid colour, or in that colour the pattern of what is not decided, with its outline.

    ``seam`` is a colour that parts neighbours.
    """
    colours = [row.colour for row in rows]
    pattern = {"shape": [row.pattern for row in rows], "fillmode": "replace", "fgcolor": colours}
    line = {
        "color": [row.colour if row.pattern else seam or row.colour for row in rows],
        "width": [1 if row.pattern or seam else 0 for row in rows],
    }
    return {"color": colours, "line": line, "pattern": pattern | {"size": 6, "solidity": 0.4}}


def month_reach(*frames: pd.DataFrame) -> tuple[int, int]:
    """First and last month of frames; (0, -1), which holds no month, where they have no rows."""
    months = [int(month) for frame in frames if len(frame) for month in frame["month"].dropna()]
    return (min(months), max(months)) if months else (0, -1)


def scale_room(scale: tuple[list[float], list[str]]) -> float:
    """Pixels that the words of a scale take to the left of a plot."""
    return max(wording.width(text, SMALL) for text in scale[1]) + 12


def value_axis(scale: tuple[list[float], list[str]], lowest: float | None = None) -> dict[str, Any]:
    """A value axis that ends a hair beyond its ticks, so that their lines are drawn.

    With ``lowest`` it starts there: a few dollars below zero take no tick's room.
    """
    ticks, texts = scale
    hair = (ticks[-1] - ticks[0]) * 0.012
    start = ticks[0] if lowest is None else lowest
    reach = [start - hair, ticks[-1] + hair]
    return {"range": reach, "tickvals": ticks, "ticktext": texts, "showgrid": True}


def month_axis(first: int, last: int, spare: float, most: int = 5) -> dict[str, Any]:
    months, texts = wording.month_ticks(first, last, most)
    return {"range": [first - spare, last + spare], "tickvals": months, "ticktext": texts}


def beside(fig: go.Figure, labels: Sequence[tuple[float, str]], plot: float, x: float) -> float:
    """Write labels to the right of a plot at their values, apart from each other.

    The plot is ``plot`` pixels high; gives back the pixels that the labels take beside it.
    """
    low, high = fig.layout.yaxis.range
    wanted = [(value - low) / (high - low) * plot for value, _ in labels]
    bare = [html.unescape(re.sub(r"<(?!br)[^>]*>", "", text)).split("<br>") for _, text in labels]
    places = _apart(wanted, [17.0 * len(lines) for lines in bare])
    for (value, text), place, want in zip(labels, places, wanted, strict=True):
        look = {"xref": "x", "yref": "y", "yanchor": "middle", "size": 13}
        write(fig, text, x, value, xshift=10, yshift=place - want, **look)
    return max(wording.width(line, 13) for lines in bare for line in lines) + 16


def _apart(wanted: Sequence[float], heights: Sequence[float]) -> list[float]:
    """Centres (pixels) near the wanted ones, moved until labels of these heights do not touch."""
    groups: list[tuple[list[int], float]] = []
    for at in sorted(range(len(wanted)), key=lambda at: wanted[at]):
        members, centre = [at], wanted[at]
        while groups:
            room = sum(heights[i] for i in (*groups[-1][0], *members)) / 2
            if centre - groups[-1][1] >= room:
                break
            members = groups.pop()[0] + members
            centre = sum(wanted[i] for i in members) / len(members)
        groups.append((members, centre))
    places = [0.0] * len(wanted)
    for members, centre in groups:
        low = centre - sum(heights[i] for i in members) / 2
        for i in members:
            places[i] = low + heights[i] / 2
            low += heights[i]
    return places
