"""Figures of lines over months: one line, or a small panel a payer."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import pandas as pd
import plotly.graph_objects as go

from writeoffs import wording
from writeoffs.drawing import (
    AXIS,
    EMPTY,
    LINE,
    YOUNG,
    Words,
    beside,
    framed,
    joined,
    month_axis,
    month_reach,
    nothing_drawn,
    records_of,
    scale_room,
    value_axis,
    write,
)
from writeoffs.palette import Neutrals, Theme, end_of
from writeoffs.wording import Unit, plain

MOST_PANELS: Final = 8
_KNOWN: Final = ("prior", "low", "high", "n", "why", "projected")


class Point(NamedTuple):
    """One month of one line. ``value`` None is a gap, and ``why`` says the reason.

    ``projected`` is where a young month is heading, ``low`` and ``high`` then its interval: the
    line goes there, and ``value`` is what there is so far.
    """

    month: int
    value: float | None
    young: bool = False
    prior: float | None = None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    why: str = ""
    projected: float | None = None

    @property
    def drawn(self) -> float | None:
        """Where the line goes."""
        return self.value if self.projected is None else self.projected


def trend(
    frame: pd.DataFrame,
    *,
    unit: Unit = "percent",
    end: str | None = None,
    title: str = "",
    subtitle: str = "",
    footer: str = "",
    theme: Theme = "light",
    empty: str = EMPTY,
) -> go.Figure:
    """One line over months: ``month``, ``value`` and ``young``.

    Where there: ``prior`` (the same month a year before), ``low`` and ``high`` (the interval),
    ``n`` (claims), ``why`` (the reason of a gap), ``projected`` (where a young month is heading;
    the interval is then of that). Values are fractions, cents or days, by ``unit``; ``end`` (a key
    of ENDS) colours a line that is about one end of the dollar.
    """
    words = Words(title, subtitle, footer, theme)
    points = _points(frame, *month_reach(frame))
    if not any(point.value is not None for point in points):
        return nothing_drawn(words, empty)
    say, fig = wording.say(unit), go.Figure()
    colour = end_of(end).colour(theme) if end else words.ink.text
    _line(fig, [Point(point.month, point.prior) for point in points], words.ink.quiet, 1.5)
    _line(fig, points, colour, 2.5)
    _so_far(fig, points, words.ink.quiet)
    _marks(fig, points, colour, _hover("", say), 7 if len(points) <= 24 else 4)
    scale = wording.scale(_values(points), unit)
    room = {"left": scale_room(scale), "axis": AXIS, "plot": 230}
    fig.update_xaxes(month_axis(points[0].month, points[-1].month, 0.4))
    fig.update_yaxes(value_axis(scale))
    _last_final(fig, points, say)
    right = beside(fig, _trend_labels(points, say, words.ink), room["plot"], points[-1].month)
    words, alt = words.also(footer, _gaps(points)), _trend_alt(points, say)
    return framed(fig, words, alt=alt, right=right, **room)


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
    empty: str = EMPTY,
) -> go.Figure:
    """A small panel a payer on one scale, the whole practice behind each in grey.

    ``frame``: ``payer``, ``month``, ``value``, ``young``, and where there ``n``, ``low``, ``high``,
    ``projected``;
    ``overall``: ``month``, ``value``, ``young``. Payers keep the order given; after eight the
    footer sends to the table. ``highlight`` is the one payer in colour. More than two columns are
    for screens wider than a phone.
    """
    words = Words(title, subtitle, footer, theme)
    if frame.empty:
        return nothing_drawn(words, empty)
    behind = frame.iloc[:0] if overall is None else overall
    reach, names = month_reach(frame, behind), frame["payer"].fillna(wording.NOT_STATED)
    payers = list(dict.fromkeys(names))
    lines = [_points(frame[names == payer], *reach) for payer in payers[:MOST_PANELS]]
    practice = _points(behind, *reach)
    if not _values(*lines):
        return nothing_drawn(words, empty)
    fig, scale, say = go.Figure(), wording.scale(_values(practice, *lines), unit), wording.say(unit)
    left = scale_room(scale)
    grid = _Grid(len(lines), columns, month_axis(*reach, 0.9, most=2), value_axis(scale))
    for at, (payer, points) in enumerate(zip(payers, lines, strict=False)):
        axes, lit = grid.place(fig, at), highlight in (None, payer)
        colour = words.ink.text if not end else end_of(end).colour(theme)
        colour, width = (colour, 2.5) if lit else (words.ink.muted, 1.8)
        _line(fig, practice, words.ink.quiet, 1.2, **axes)
        _line(fig, points, colour, width, **axes)
        _so_far(fig, points, words.ink.quiet, **axes)
        _marks(fig, points, colour, _hover(str(payer), say), 4, meta=at, **axes)
        head = _panel_head(str(payer), points, (LINE - left) / min(columns, 2) - 8, words.ink, say)
        here = {"xref": f"{axes['xaxis']} domain", "yref": f"{axes['yaxis']} domain"}
        write(fig, head, 0, 1, yanchor="bottom", yshift=4, size=13, **here)
    rest = len(payers) - len(lines)
    more = f"{wording.count(rest, 'more payer')} in the table." if rest else ""
    grey = "Grey line: the whole practice." if _values(practice) else ""
    alt = [f"{payer}: {_latest(points, say)}" for payer, points in zip(payers, lines, strict=False)]
    words, room = words.also(grey, footer, more), {"left": left, "right": 12, "axis": AXIS}
    return framed(fig, words, plot=grid.height, alt=alt, **room)


def _points(frame: pd.DataFrame, first: int, last: int) -> list[Point]:
    """Every month from first to last; a month without a row is a gap.

    A month with two rows is a caller's mistake: one of them would be lost.
    """
    rows = [row for row in records_of(frame) if "month" in row]
    found = {int(row["month"]): row for row in rows}
    if len(found) < len(rows):
        raise ValueError("A month has two rows in one line.\n\nHint: add them up before drawing.")
    points = []
    for month in range(first, last + 1):
        row = found.get(month, {})
        known = {key: row[key] for key in _KNOWN if key in row}
        points.append(Point(month, row.get("value"), bool(row.get("young", False)), **known))
    return points


def _values(*lines: Sequence[Point]) -> list[float]:
    """Every number that lines have to show, ends of intervals and the year before included."""
    points = [point for line in lines for point in line]
    numbers = [number for p in points for number in (p.value, p.prior, p.low, p.high, p.projected)]
    return [float(number) for number in numbers if number is not None]


def _line(fig: go.Figure, points: Sequence[Point], colour: str, width: float, **axes: str) -> None:
    """A line: solid where months are final, dashed to and between young ones, broken at gaps."""
    around = [points[max(0, at - 1) : at + 2] for at in range(len(points))]
    near = [any(other.young for other in others) for others in around]
    final = [None if point.young else point.value for point in points]
    young = [point.drawn if close else None for point, close in zip(points, near, strict=True)]
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
    meta: int | None = None,
    **axes: str,
) -> None:
    """The points themselves, hollow where young, with a whisker where an interval is given."""
    shown = [(point, point.drawn) for point in points if point.drawn is not None]
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
        meta=meta,
        **axes,
    )


def _so_far(fig: go.Figure, points: Sequence[Point], colour: str, **axes: str) -> None:
    """What projected months show so far, hung below (or above) where they are heading."""
    shown = [point for point in points if point.projected is not None and point.value is not None]
    if not shown:
        return
    fig.add_scatter(
        x=[month for point in shown for month in (point.month, point.month, None)],
        y=[level for point in shown for level in (point.value, point.projected, None)],
        mode="lines",
        name="still to come",
        line={"color": colour, "width": 1, "dash": "1px,3px"},
        connectgaps=False,
        hoverinfo="skip",
        **axes,
    )
    fig.add_scatter(
        x=[point.month for point in shown],
        y=[point.value for point in shown],
        mode="markers",
        name="so far",
        marker={"color": colour, "size": 7, "symbol": "line-ew-open", "line": {"width": 2}},
        cliponaxis=False,
        hoverinfo="skip",
        **axes,
    )


def _hover(name: str, say: Callable[[Any], str]) -> Callable[[Point], str]:
    """What a point says: month, value, its interval, a year before, n, and whether it is young."""

    def hover(point: Point) -> str:
        lines = [plain(name), f"{wording.month(point.month)}: {_said(point, say)}"]
        if point.low is not None and point.high is not None:
            lines.append(f"between {say(point.low)} and {say(point.high)}")
        if point.prior is not None:
            lines.append(f"a year before: {say(point.prior)}")
        if point.n is not None:
            lines.append(f"n = {wording.count(point.n, 'claim')}")
        return "<br>".join([line for line in lines if line] + [YOUNG] * point.young)

    return hover


def _said(point: Point, say: Callable[[Any], str]) -> str:
    """A month's value; where it is heading first, and what it is so far."""
    if point.projected is None:
        return say(point.value)
    return f"projected {say(point.projected)}, so far {say(point.value)}"


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
    return f"{_said(last, say)} in {wording.month(last.month)}" if last else "no figure"


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
    write(fig, say(final[-1][1]), final[-1][0].month, final[-1][1], **here)


def _trend_labels(
    points: Sequence[Point], say: Callable[[Any], str], ink: Neutrals
) -> list[tuple[float, str]]:
    """What is written beside the ends of the lines, with the values that they stand at."""
    last, value = [(point, point.value) for point in points if point.value is not None][-1]
    labels = [(value, f"<b>{say(value)}</b>" + "<br>so far" * last.young)]
    if last.projected is not None:
        ends = [say(end) for end in (last.low, last.high) if end is not None]
        between = f"<br>{' to '.join(ends)}" if len(ends) == 2 else ""
        heading = f"<b>{say(last.projected)}</b> projected{between}"
        labels = [(last.projected, heading), (value, f"{say(value)} so far")]
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
    return said + [f"{wording.count(young, 'month')} {YOUNG}"] * bool(young)


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
        return f"{joined(lines)}<br>no figure"
    aside = [] if last.n is None else [f"n = {last.n:,}"]
    if last.projected is not None:
        aside += ["projected"]
    else:
        aside += ["so far"] * last.young
    grey = f'<span style="color:{ink.muted}">{", ".join(aside)}</span>'
    return f"{joined(lines)}<br><b>{say(last.drawn)}</b> {grey}"
