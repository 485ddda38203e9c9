"""Plotly figures from tidy frames: the pictures, and nothing but the pictures.

Money is integer cents, a rate is a fraction, a month is ``year * 12 + month - 1``. Every argument
is plain text as typed: escaping is done here. A frame without rows gives a figure that says why.
Every figure carries its own template, for importing streamlit changes plotly's default to one
with placeholder colours; show it with ``st.plotly_chart(fig, theme=None, config=CONFIG)``.
Sizes are pixels, chosen to read on a phone 390 wide; a wide screen stretches the marks only.
"""

from __future__ import annotations

import hashlib
import html
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import pandas as pd
import plotly.graph_objects as go

from writeoffs import wording
from writeoffs.palette import ENDS, NEUTRALS, Neutrals, Theme, end_of, text_on
from writeoffs.wording import Unit, plain

FONT: Final = "Source Sans, sans-serif"
CONFIG: Final[dict[str, Any]] = {
    "displaylogo": False,
    "showSendToCloud": False,
    "displayModeBar": False,
    "responsive": True,
    "scrollZoom": False,
    "doubleClick": False,
    "typesetMath": False,
}
MOST_PANELS: Final = 8

_LINE = 340  # the longest line of words that a phone can hold
_SMALL, _BODY, _HEAD = 12, 14, 18
_AXIS = 40  # what the names of months take below a plot
_EMPTY: Final = "Nothing to draw: no rows in this selection."
_YOUNG: Final = "still coming in"


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


class Point(NamedTuple):
    """One month of one line. ``value`` None is a gap, and ``why`` says the reason."""

    month: int
    value: float | None
    young: bool = False
    prior: float | None = None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    why: str = ""


# --- what every figure shares -------------------------------------------------------------------
def alt_text(fig: go.Figure) -> str:
    """What a figure shows, in words, for ``st.plotly_chart(alt=...)``."""
    return html.unescape(str((fig.layout.meta or {}).get("alt", "")))


def to_html(fig: go.Figure, *, plotlyjs: bool = True) -> str:
    """A page of its own that asks nothing of the network; the same figure gives the same bytes.

    ``plotlyjs=False`` gives the chart alone, for a page that already carries plotly's script.
    """
    name = "chart-" + hashlib.sha256(str(fig.to_json()).encode()).hexdigest()[:12]
    chart = str(fig.to_html(CONFIG, include_plotlyjs=plotlyjs, full_html=False, div_id=name))
    if not plotlyjs:
        return chart
    meta = fig.layout.meta or {}
    base = NEUTRALS[meta.get("theme", "light")].base
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{meta.get('title') or 'Chart'}</title></head>"
        f'<body style="background:{base}">{chart}</body></html>'
    )


def _template(ink: Neutrals) -> go.layout.Template:
    """The look of every figure: no paper, no frame, light horizontal lines, no legend."""
    axis: dict[str, Any] = {"showgrid": False, "zeroline": False, "showline": False, "ticks": ""}
    axis |= {"fixedrange": True, "tickfont": {"size": _SMALL, "color": ink.muted}}
    hover: dict[str, Any] = {"bgcolor": ink.base, "bordercolor": ink.quiet}
    hover |= {"align": "left", "font": {"family": FONT, "size": 13, "color": ink.text}}
    return go.layout.Template(
        layout={
            "font": {"family": FONT, "size": _BODY, "color": ink.text},
            "colorway": [ink.text, ink.quiet],
            "paper_bgcolor": ink.paper,
            "plot_bgcolor": ink.paper,
            "showlegend": False,
            "dragmode": False,
            "hovermode": "closest",
            "bargap": 0.25,
            "hoverlabel": hover,
            "xaxis": axis,
            "yaxis": axis | {"gridcolor": ink.grid},
        }
    )


def _note(fig: go.Figure, text: str, x: float, y: float, **look: Any) -> None:
    """Write escaped text at a place; by default from its upper left, on the paper's own scale."""
    font = {key: look.pop(key) for key in ("size", "color", "weight") if key in look}
    place = {"xref": "paper", "yref": "paper", "xanchor": "left", "yanchor": "top"} | look
    place = {"align": "left", "showarrow": False, "borderpad": 0} | place
    if text:
        fig.add_annotation(text=text, x=x, y=y, font=font, **place)


def _lines(lines: Sequence[str]) -> str:
    return "<br>".join(map(plain, lines))


def _frame(
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
    title = wording.wrap(words.title, _LINE, _HEAD)
    subtitle = wording.wrap(words.subtitle, _LINE, _BODY)
    footer = wording.wrap(words.footer, _LINE, _SMALL)
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
    _note(fig, _lines(title), 0, 1, yshift=over, size=_HEAD, weight=600, **above)
    _note(fig, _lines(subtitle), 0, 1, yshift=12, size=_BODY, color=words.ink.muted, **above)
    small = {"size": _SMALL, "color": words.ink.muted, "xshift": -left}
    _note(fig, _lines(footer), 0, 0, yshift=-axis - 8, **small)
    return fig


def _nothing(words: Words, why: str) -> go.Figure:
    """A figure without marks that says why there are none."""
    fig = go.Figure()
    fig.update_xaxes(visible=False, range=[0, 1])
    fig.update_yaxes(visible=False, range=[0, 1])
    said = _lines(wording.wrap(why, _LINE, _BODY))
    _note(fig, said, 0, 0.5, yanchor="middle", color=words.ink.muted)
    return _frame(fig, words, plot=80, alt=[why])


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as dictionaries, without the values that are missing."""
    rows = frame.to_dict("records")
    return [{str(key): cell for key, cell in row.items() if not pd.isna(cell)} for row in rows]


def _marker(rows: Sequence[Row], seam: str = "") -> dict[str, Any]:
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


# --- lists of bars: words above each, so that they stay readable on a phone -----------------------
def dollar(
    parts: pd.DataFrame,
    *,
    title: str = "",
    subtitle: str = "",
    footer: str = "",
    theme: Theme = "light",
    empty: str = _EMPTY,
) -> go.Figure:
    """Where each $100 billed went: the whole as one bar, then each end in a row of its own.

    ``parts``: ``end`` (a key of ENDS) and ``cents``; rows of one end add, and all of them are the
    whole, so that ``open`` comes without what is ``unexplained``. Parts of $100 are rounded so
    that they add up to it; where the whole is not above zero only dollars are given.
    """
    words = Words(title, subtitle, footer, theme)
    sums = _by_end(parts)
    if not sums:
        return _nothing(words, empty)
    of_100 = wording.portions(list(sums.values()))
    said = [wording.of_100(part) for part in of_100] if of_100 else [""] * len(sums)
    spelled = _spelled([*sums.items()], said)
    rows, alt = [], []
    for (key, cents), part, value in zip(sums.items(), said, spelled, strict=True):
        end, whole = end_of(key), wording.dollars(cents)
        alt.append(
            f"{end.label}: {part} of each $100, {whole}" if part else f"{end.label}: {whole}"
        )
        hover = f"{end.label}{f': {part} of each $100' * bool(part)}<br>{wording.exact(cents)}"
        rows.append(Row(end.label, value, cents, end.colour(theme), hover, end.pattern))
    fig = go.Figure()
    _whole(fig, rows, said, words)
    reach = _side(rows, -1), max(1, _side(rows, 1))
    return _list(fig, rows, words, reach=reach, alt=alt, top=58, track=True)


def ranked(
    frame: pd.DataFrame,
    *,
    title: str = "",
    subtitle: str = "",
    footer: str = "",
    theme: Theme = "light",
    empty: str = _EMPTY,
) -> go.Figure:
    """Bars from the largest down: ``label``, ``cents``, ``end``, and ``note`` in small type."""
    words = Words(title, subtitle, footer, theme)
    rows = []
    for record in sorted(_records(frame), key=lambda record: -record.get("cents", 0)):
        cents, end, note = record.get("cents"), end_of(record["end"]), str(record.get("note", ""))
        label = str(record.get("label", wording.NOT_STATED))
        hover = "<br>".join(filter(None, (plain(label), wording.exact(cents), plain(note))))
        looks = (end.colour(theme), f"{hover}<br>{end.label}", end.pattern, note)
        rows.append(Row(label, wording.dollars(cents), int(cents or 0), *looks))
    if not rows:
        return _nothing(words, empty)
    lengths = [row.length for row in rows]
    alt = [f"{row.label}: {', '.join(filter(None, (row.value, row.note)))}" for row in rows]
    return _list(go.Figure(), rows, words, reach=(min(0, *lengths), max(1, *lengths)), alt=alt)


def shares(
    frame: pd.DataFrame,
    *,
    highlight: str | None = None,
    title: str = "",
    subtitle: str = "",
    footer: str = "",
    theme: Theme = "light",
    empty: str = _EMPTY,
) -> go.Figure:
    """Shares of a whole in the order given: ``label``, ``share`` (a fraction) and ``cents``.

    ``highlight`` is the label of the one bar in ink; the others are grey. A share that is missing
    has its words and no bar.
    """
    words = Words(title, subtitle, footer, theme)
    rows = []
    for record in _records(frame):
        share, cents = record.get("share"), record.get("cents")
        label = str(record.get("label", wording.NOT_STATED))
        hover = f"{plain(label)}<br>{wording.percent(share)}<br>{wording.exact(cents)}"
        value = f"{wording.percent(share)} · {wording.dollars(cents)}"
        colour = words.ink.text if label == highlight else words.ink.quiet
        rows.append(Row(label, value, float(share or 0), colour, hover))
    if not rows:
        return _nothing(words, empty)
    lengths = [row.length for row in rows]
    reach, alt = (min(0, *lengths), max(1, *lengths)), [f"{row.label}: {row.value}" for row in rows]
    return _list(go.Figure(), rows, words, reach=reach, alt=alt, track=True)


def _by_end(parts: pd.DataFrame) -> dict[str, int]:
    """Cents by end, in the order of ENDS, without the ends that hold nothing."""
    sums: dict[str, int] = {}
    for record in _records(parts):
        key = end_of(record["end"]).key
        sums[key] = sums.get(key, 0) + int(record.get("cents", 0))
    return {key: sums[key] for key in ENDS if sums.get(key)}


def _spelled(sums: Sequence[tuple[str, int]], parts: Sequence[str]) -> list[str]:
    """Each end's value: spelled out, "$1.12 of each $100 · $8,210", if every row has the room."""
    for between in (" of each $100 · ", " · "):
        said = [
            f"{part}{between}{wording.dollars(cents)}" if part else wording.dollars(cents)
            for (_, cents), part in zip(sums, parts, strict=True)
        ]
        lines = [f"{end_of(key).label}   {text}" for (key, _), text in zip(sums, said, strict=True)]
        if max(wording.width(line, _BODY) for line in lines) <= _LINE:
            break
    return said


def _side(rows: Sequence[Row], sign: int) -> float:
    """What the bars to one side of zero reach together."""
    return sum(row.length for row in rows if row.length * sign > 0)


def _whole(fig: go.Figure, rows: Sequence[Row], said: Sequence[str], words: Words) -> None:
    """All rows end to end in one bar; the wide solid slices carry what is said of them."""
    reach, bases = {True: 0.0, False: 0.0}, []
    for row in rows:
        bases.append(reach[row.length >= 0])
        reach[row.length >= 0] += row.length
    wide = [not row.pattern and row.length > 0.15 * reach[True] for row in rows]
    fig.add_bar(
        orientation="h",
        name="whole",
        x=[row.length for row in rows],
        base=bases,
        y=[20] * len(rows),
        width=40,
        marker=_marker(rows, words.ink.base),
        text=[text if fits else "" for text, fits in zip(said, wide, strict=True)],
        textposition="inside",
        insidetextanchor="middle",
        textangle=0,
        textfont={"size": 13, "color": [text_on(row.colour) for row in rows]},
        hoverinfo="text",
        hovertext=[row.hover for row in rows],
    )


def _list(
    fig: go.Figure,
    rows: Sequence[Row],
    words: Words,
    *,
    reach: tuple[float, float],
    alt: Sequence[str],
    top: float = 0,
    track: bool = False,
) -> go.Figure:
    """Draw rows from ``top`` down, each with its words above its bar.

    The y axis counts pixels, so that words and bars keep their distance at every width. With a
    ``track`` a light bar behind each is the whole.
    """
    bars, y = [], top
    for row in rows:
        bars.append(y + _row_words(fig, row, y, words.ink) + 10)
        y = bars[-1] + 22
    if track:
        _bars(fig, "track", bars, [Row("", "", reach[1], words.ink.track)] * len(rows))
    _bars(fig, "rows", bars, rows)
    if reach[0] < 0:
        for bar, half in [(20, 22)] * bool(top) + [(bar, 9) for bar in bars]:
            line = {"width": 1, "color": words.ink.text}
            fig.add_shape(type="line", x0=0, x1=0, y0=bar - half, y1=bar + half, line=line)
    fig.update_xaxes(visible=False, range=list(reach))
    fig.update_yaxes(visible=False, range=[y - 8, 0])
    fig.update_layout(barmode="overlay")
    return _frame(fig, words, plot=y - 8, alt=alt)


def _row_words(fig: go.Figure, row: Row, y: float, ink: Neutrals) -> float:
    """Write label, value and note of a row from ``y`` pixels down, and give back their height."""
    label = wording.wrap(row.label, _LINE, _BODY)
    fits = label and wording.width(f"{label[-1]}   {row.value}", _BODY) <= _LINE
    text = f"{_lines(label)}{'&nbsp;&nbsp;' if fits else '<br>'}<b>{plain(row.value)}</b>"
    note = wording.wrap(row.note, _LINE, _SMALL)
    height = 19 * (len(label) + (not fits))
    _note(fig, text, 0, y, yref="y", color=ink.text)
    _note(fig, _lines(note), 0, y + height, yref="y", size=_SMALL, color=ink.muted)
    return height + 16 * len(note)


def _bars(fig: go.Figure, name: str, at: Sequence[float], rows: Sequence[Row]) -> None:
    """One bar a row, 12 pixels thick, from zero."""
    fig.add_bar(
        orientation="h",
        name=name,
        x=[row.length for row in rows],
        base=[0] * len(rows),
        y=list(at),
        width=12,
        marker=_marker(rows),
        hoverinfo="text" if any(row.hover for row in rows) else "skip",
        hovertext=[row.hover for row in rows],
    )


# --- lines over months --------------------------------------------------------------------------
def trend(
    frame: pd.DataFrame,
    *,
    unit: Unit = "percent",
    end: str | None = None,
    title: str = "",
    subtitle: str = "",
    footer: str = "",
    theme: Theme = "light",
    empty: str = _EMPTY,
) -> go.Figure:
    """One line over months: ``month``, ``value`` and ``young``.

    Where there: ``prior`` (the same month a year before), ``low`` and ``high`` (the interval),
    ``n`` (claims), ``why`` (the reason of a gap). Values are fractions, cents or days, by
    ``unit``; ``end`` (a key of ENDS) colours a line that is about one end of the dollar.
    """
    words = Words(title, subtitle, footer, theme)
    points = _points(frame, *_reach(frame))
    if not any(point.value is not None for point in points):
        return _nothing(words, empty)
    say, fig = wording.say(unit), go.Figure()
    colour = end_of(end).colour(theme) if end else words.ink.text
    _line(fig, [Point(point.month, point.prior) for point in points], words.ink.quiet, 1.5)
    _line(fig, points, colour, 2.5)
    _marks(fig, points, colour, _hover("", say), 7 if len(points) <= 24 else 4)
    scale = wording.scale(_values(points), unit)
    room = {"left": _scale_room(scale), "axis": _AXIS, "plot": 230}
    fig.update_xaxes(_month_axis(points[0].month, points[-1].month, 0.4))
    fig.update_yaxes(_value_axis(scale))
    _last_final(fig, points, say)
    right = _beside(fig, _trend_labels(points, say, words.ink), room["plot"], points[-1].month)
    words, alt = words.also(footer, _gaps(points)), _trend_alt(points, say)
    return _frame(fig, words, alt=alt, right=right, **room)


def payer_multiples(
    frame: pd.DataFrame,
    overall: pd.DataFrame | None = None,
    *,
    unit: Unit = "percent",
    end: str | None = None,
    highlight: str | None = None,
    columns: int = 2,
    title: str = "",
    subtitle: str = "",
    footer: str = "",
    theme: Theme = "light",
    empty: str = _EMPTY,
) -> go.Figure:
    """A small panel a payer on one scale, the whole practice behind each in grey.

    ``frame``: ``payer``, ``month``, ``value``, ``young``, and where there ``n``, ``low``, ``high``;
    ``overall``: ``month``, ``value``, ``young``. Payers keep the order given; after eight the
    footer sends to the table. ``highlight`` is the one payer in colour. More than two columns are
    for screens wider than a phone.
    """
    words = Words(title, subtitle, footer, theme)
    if frame.empty:
        return _nothing(words, empty)
    behind = frame.iloc[:0] if overall is None else overall
    reach, names = _reach(frame, behind), frame["payer"].fillna(wording.NOT_STATED)
    payers = list(dict.fromkeys(names))
    lines = [_points(frame[names == payer], *reach) for payer in payers[:MOST_PANELS]]
    practice = _points(behind, *reach)
    if not _values(*lines):
        return _nothing(words, empty)
    fig, scale, say = go.Figure(), wording.scale(_values(practice, *lines), unit), wording.say(unit)
    left = _scale_room(scale)
    grid = _Grid(len(lines), columns, _month_axis(*reach, 0.9, most=2), _value_axis(scale))
    for at, (payer, points) in enumerate(zip(payers, lines, strict=False)):
        axes, lit = grid.place(fig, at), highlight in (None, payer)
        colour = words.ink.text if not end else end_of(end).colour(theme)
        colour, width = (colour, 2.5) if lit else (words.ink.muted, 1.8)
        _line(fig, practice, words.ink.quiet, 1.2, **axes)
        _line(fig, points, colour, width, **axes)
        _marks(fig, points, colour, _hover(str(payer), say), 4, **axes)
        head = _panel_head(str(payer), points, (_LINE - left) / min(columns, 2) - 8, words.ink, say)
        here = {"xref": f"{axes['xaxis']} domain", "yref": f"{axes['yaxis']} domain"}
        _note(fig, head, 0, 1, yanchor="bottom", yshift=4, size=13, **here)
    rest = len(payers) - len(lines)
    more = f"{wording.count(rest, 'more payer')} in the table." if rest else ""
    grey = "Grey line: the whole practice." if _values(practice) else ""
    alt = [f"{payer}: {_latest(points, say)}" for payer, points in zip(payers, lines, strict=False)]
    words, room = words.also(grey, footer, more), {"left": left, "right": 12, "axis": _AXIS}
    return _frame(fig, words, plot=grid.height, alt=alt, **room)


def _reach(*frames: pd.DataFrame) -> tuple[int, int]:
    """First and last month of frames; (0, -1), which holds no month, where they have no rows."""
    months = [int(month) for frame in frames if len(frame) for month in frame["month"].dropna()]
    return (min(months), max(months)) if months else (0, -1)


def _points(frame: pd.DataFrame, first: int, last: int) -> list[Point]:
    """Every month from first to last; a month without a row is a gap.

    A month with two rows is a caller's mistake: one of them would be lost.
    """
    rows = [row for row in _records(frame) if "month" in row]
    found = {int(row["month"]): row for row in rows}
    if len(found) < len(rows):
        raise ValueError("A month has two rows in one line.\n\nHint: add them up before drawing.")
    points = []
    for month in range(first, last + 1):
        row = found.get(month, {})
        known = {key: row[key] for key in ("prior", "low", "high", "n", "why") if key in row}
        points.append(Point(month, row.get("value"), bool(row.get("young", False)), **known))
    return points


def _values(*lines: Sequence[Point]) -> list[float]:
    """Every number that lines have to show, ends of intervals and the year before included."""
    points = [point for line in lines for point in line]
    numbers = [number for p in points for number in (p.value, p.prior, p.low, p.high)]
    return [float(number) for number in numbers if number is not None]


def _scale_room(scale: tuple[list[float], list[str]]) -> float:
    """Pixels that the words of a scale take to the left of a plot."""
    return max(wording.width(text, _SMALL) for text in scale[1]) + 12


def _value_axis(
    scale: tuple[list[float], list[str]], lowest: float | None = None
) -> dict[str, Any]:
    """A value axis that ends a hair beyond its ticks, so that their lines are drawn.

    With ``lowest`` it starts there: a few dollars below zero take no tick's room.
    """
    ticks, texts = scale
    hair = (ticks[-1] - ticks[0]) * 0.012
    start = ticks[0] if lowest is None else lowest
    reach = [start - hair, ticks[-1] + hair]
    return {"range": reach, "tickvals": ticks, "ticktext": texts, "showgrid": True}


def _month_axis(first: int, last: int, spare: float, most: int = 5) -> dict[str, Any]:
    months, texts = wording.month_ticks(first, last, most)
    return {"range": [first - spare, last + spare], "tickvals": months, "ticktext": texts}


def _line(fig: go.Figure, points: Sequence[Point], colour: str, width: float, **axes: str) -> None:
    """A line: solid where months are final, dashed to and between young ones, broken at gaps."""
    around = [points[max(0, at - 1) : at + 2] for at in range(len(points))]
    near = [any(other.young for other in others) for others in around]
    final = [None if point.young else point.value for point in points]
    young = [point.value if close else None for point, close in zip(points, near, strict=True)]
    for name, values, dash in (("final", final, "solid"), ("young", young, "4px,3px")):
        if any(value is not None for value in values):
            fig.add_scatter(
                x=[point.month for point in points],
                y=values,
                mode="lines",
                name=name,
                line={"color": colour, "width": width, "dash": dash},
                connectgaps=False,
                hoverinfo="skip",
                **axes,
            )


def _marks(
    fig: go.Figure,
    points: Sequence[Point],
    colour: str,
    hover: Callable[[Point], str],
    size: int,
    **axes: str,
) -> None:
    """The points themselves, hollow where young, with a whisker where an interval is given."""
    shown = [(point, point.value) for point in points if point.value is not None]
    symbols = ["circle-open" if point.young else "circle" for point, _ in shown]
    up = [0 if point.high is None else point.high - value for point, value in shown]
    down = [0 if point.low is None else value - point.low for point, value in shown]
    whisker = {"array": up, "arrayminus": down, "thickness": 1, "width": 3, "color": colour}
    fig.add_scatter(
        x=[point.month for point, _ in shown],
        y=[value for _, value in shown],
        mode="markers",
        name="months",
        marker={"color": colour, "size": size, "symbol": symbols}
        | {"line": {"color": colour, "width": 1.5}},
        error_y=whisker if any(up) or any(down) else None,
        cliponaxis=False,
        hoverinfo="text",
        hovertext=[hover(point) for point, _ in shown],
        **axes,
    )


def _hover(name: str, say: Callable[[Any], str]) -> Callable[[Point], str]:
    """What a point says: month, value, its interval, a year before, n, and whether it is young."""

    def hover(point: Point) -> str:
        lines = [plain(name), f"{wording.month(point.month)}: {say(point.value)}"]
        if point.low is not None and point.high is not None:
            lines.append(f"between {say(point.low)} and {say(point.high)}")
        if point.prior is not None:
            lines.append(f"a year before: {say(point.prior)}")
        if point.n is not None:
            lines.append(f"n = {wording.count(point.n, 'claim')}")
        return "<br>".join([line for line in lines if line] + [_YOUNG] * point.young)

    return hover


def _gaps(points: Sequence[Point]) -> str:
    """The months without a figure, and why, as a sentence; "" where there is none."""
    runs: list[list[Point]] = []
    for point in points:
        if point.value is not None:
            continue
        if runs and (point.month - 1, point.why) == (runs[-1][-1].month, runs[-1][-1].why):
            runs[-1].append(point)
        else:
            runs.append([point])
    spans = [(wording.span(run[0].month, run[-1].month), run[0].why) for run in runs]
    said = [f"{span} ({why})" if why else span for span, why in spans[:3]]
    more = [f"{len(runs) - 3} more"] if len(runs) > 3 else []
    return f"No figure for {', '.join(said + more)}." if said else ""


def _latest(points: Sequence[Point], say: Callable[[Any], str]) -> str:
    last = next((point for point in reversed(points) if point.value is not None), None)
    return f"{say(last.value)} in {wording.month(last.month)}" if last else "no figure"


def _last_final(fig: go.Figure, points: Sequence[Point], say: Callable[[Any], str]) -> None:
    """Where young months follow, write the last final value off the line, to its left.

    A line of more than two years leaves no room for it.
    """
    shown = [(point, point.value) for point in points if point.value is not None]
    final = [(point, value) for point, value in shown if not point.young]
    if not final or not shown[-1][0].young or len(points) > 24:
        return
    rising = len(final) < 2 or final[-2][1] <= final[-1][1]
    here = {"yanchor": "bottom", "yshift": 5} if rising else {"yanchor": "top", "yshift": -5}
    here |= {"xref": "x", "yref": "y", "xanchor": "right", "weight": 600}
    _note(fig, say(final[-1][1]), final[-1][0].month, final[-1][1], **here)


def _trend_labels(
    points: Sequence[Point], say: Callable[[Any], str], ink: Neutrals
) -> list[tuple[float, str]]:
    """What is written beside the ends of the lines, with the values that they stand at."""
    last, value = [(point, point.value) for point in points if point.value is not None][-1]
    labels = [(value, f"<b>{say(value)}</b>" + "<br>so far" * last.young)]
    for prior in [point.prior for point in points if point.prior is not None][-1:]:
        grey = f'<span style="color:{ink.muted}">'
        labels.append((prior, f"{grey}{say(prior)}</span><br>{grey}a year before</span>"))
    return labels


def _trend_alt(points: Sequence[Point], say: Callable[[Any], str]) -> list[str]:
    """A line in a sentence or two: from, to, lowest, highest, what is not final."""
    shown = sorted((p.value, p.month) for p in points if p.value is not None)
    by_month = sorted(shown, key=lambda pair: pair[1])
    ends = (by_month[0], by_month[-1], shown[0], shown[-1])
    at = [f"{say(value)} in {wording.month(month)}" for value, month in ends]
    young = sum(point.young for point in points if point.value is not None)
    said = [f"From {at[0]} to {at[1]}; lowest {at[2]}, highest {at[3]}"]
    return said + [f"{wording.count(young, 'month')} {_YOUNG}"] * bool(young)


def _beside(fig: go.Figure, labels: Sequence[tuple[float, str]], plot: float, x: float) -> float:
    """Write labels to the right of a plot at their values, apart from each other.

    The plot is ``plot`` pixels high; gives back the pixels that the labels take beside it.
    """
    low, high = fig.layout.yaxis.range
    wanted = [(value - low) / (high - low) * plot for value, _ in labels]
    bare = [html.unescape(re.sub(r"<(?!br)[^>]*>", "", text)).split("<br>") for _, text in labels]
    places = _apart(wanted, [17.0 * len(lines) for lines in bare])
    for (value, text), place, want in zip(labels, places, wanted, strict=True):
        look = {"xref": "x", "yref": "y", "yanchor": "middle", "size": 13}
        _note(fig, text, x, value, xshift=10, yshift=place - want, **look)
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


class _Grid(NamedTuple):
    """Small panels in columns: 60 pixels of words over 90 of plot, 18 between rows."""

    panels: int
    columns: int
    months: Mapping[str, Any]
    values: Mapping[str, Any]

    @property
    def height(self) -> float:
        return math.ceil(self.panels / self.columns) * 168 - 18

    def place(self, fig: go.Figure, at: int) -> dict[str, str]:
        """Give panel ``at`` its axes; only the outer panels carry the words of a scale."""
        row, column = divmod(at, self.columns)
        name, gutter = str(at + 1) if at else "", 0.06 / self.columns
        across = [column / self.columns + gutter * (column > 0), (column + 1) / self.columns]
        down = [max(0.0, 1 - (row * 168 + 150) / self.height), 1 - (row * 168 + 60) / self.height]
        x = {"domain": [across[0], across[1] - gutter], "anchor": f"y{name}"}
        y = {"domain": down, "anchor": f"x{name}", "showticklabels": column == 0}
        lowest = {"showticklabels": at + self.columns >= self.panels}
        fig.update_layout({f"xaxis{name}": {**self.months, **x, **lowest}})
        fig.update_layout({f"yaxis{name}": {**self.values, **y}})
        return {"xaxis": f"x{name}", "yaxis": f"y{name}"}


def _panel_head(
    payer: str, points: Sequence[Point], room: float, ink: Neutrals, say: Callable[[Any], str]
) -> str:
    """A payer in at most two lines, and under it the last value and how many claims it rests on."""
    lines = wording.wrap(payer, room, 13)
    if len(lines) > 2:
        lines = [lines[0], wording.clip(" ".join(lines[1:]), room, 13)]
    last = next((point for point in reversed(points) if point.value is not None), None)
    if last is None:
        return f"{_lines(lines)}<br>no figure"
    aside = [f"n = {last.n:,}"] * (last.n is not None) + ["so far"] * last.young
    grey = f'<span style="color:{ink.muted}">{", ".join(aside)}</span>'
    return f"{_lines(lines)}<br><b>{say(last.value)}</b> {grey}"


# --- bars over months ---------------------------------------------------------------------------
def stacked_months(
    frame: pd.DataFrame,
    *,
    title: str = "",
    subtitle: str = "",
    footer: str = "",
    theme: Theme = "light",
    empty: str = _EMPTY,
) -> go.Figure:
    """A month's dollars by where they ended: ``month``, ``end``, ``cents``, maybe ``young``.

    Rows of one month and end add. Young months are hatched. What has no month is said below.
    """
    words = Words(title, subtitle, footer, theme)
    first, last = _reach(frame)
    by_month = {m: _by_end(frame[frame["month"] == m]) for m in range(first, last + 1)}
    keys = [key for key in ENDS if any(key in sums for sums in by_month.values())]
    if not keys:
        return _nothing(words, empty)
    young = {int(row["month"]) for row in _records(frame) if row.get("young")}
    fig, plot = go.Figure(), 280
    for key in keys:
        held = {month: sums[key] for month, sums in by_month.items() if key in sums}
        _month_bars(fig, key, held, young, theme)
    ups = [sum(c for c in sums.values() if c > 0) for sums in by_month.values()]
    downs = [sum(c for c in sums.values() if c < 0) for sums in by_month.values()]
    scale = wording.scale([min(0, *downs), max(1, *ups)], "dollars")
    fig.update_xaxes(_month_axis(first, last, 0.6))
    fig.update_yaxes(_value_axis(scale, min(0, *downs)))
    fig.update_layout(barmode="relative")
    right = _beside(fig, _stack_labels(keys, by_month, theme), plot, last + 0.5)
    totals = {key: sum(sums.get(key, 0) for sums in by_month.values()) for key in keys}
    alt = [f"{end_of(key).label}: {wording.dollars(cents)} in all" for key, cents in totals.items()]
    lost = _by_end(frame[frame["month"].isna()]).values()
    undated = f"{wording.dollars(sum(lost))} without a month is not drawn." if lost else ""
    words = words.also(f"Hatched months are {_YOUNG}." if young else "", footer, undated)
    room = {"left": _scale_room(scale), "right": right, "axis": _AXIS}
    return _frame(fig, words, plot=plot, alt=alt, **room)


def _month_bars(
    fig: go.Figure, key: str, cents: Mapping[int, int], young: set[int], theme: Theme
) -> None:
    """One end's bars; a month without dollars has none."""
    end, rows = end_of(key), []
    for month, value in cents.items():
        said = [end.label, f"{wording.month(month)}: {wording.exact(value)}"]
        hover = "<br>".join(said + [_YOUNG] * (month in young))
        pattern = end.pattern or "\\" * (month in young)
        rows.append(Row("", "", value, end.colour(theme), hover, pattern))
    fig.add_bar(
        x=list(cents),
        y=list(cents.values()),
        marker=_marker(rows),
        name=end.label,
        hoverinfo="text",
        hovertext=[row.hover for row in rows],
    )


def _stack_labels(
    keys: Iterable[str], by_month: Mapping[int, Mapping[str, int]], theme: Theme
) -> list[tuple[float, str]]:
    """A label for each end, at the middle of its slice in the last month that has dollars."""
    last = next(sums for sums in reversed(list(by_month.values())) if sums)
    reach, labels = {True: 0, False: 0}, []
    for key in keys:
        end, cents = end_of(key), last.get(key, 0)
        mark = f'<span style="color:{end.colour(theme)}">{"▨" if end.pattern else "■"}</span>'
        labels.append((reach[cents >= 0] + cents / 2, f"{mark} {end.short}"))
        reach[cents >= 0] += cents
    return labels
