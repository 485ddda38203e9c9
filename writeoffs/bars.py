"""Figures of bars: the dollar, ranked reasons, shares, and months by where they ended."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd
import plotly.graph_objects as go

from writeoffs import wording
from writeoffs.drawing import (
    AXIS,
    BODY,
    EMPTY,
    LINE,
    YOUNG,
    Row,
    Words,
    beside,
    framed,
    marker_of,
    month_axis,
    month_reach,
    nothing_drawn,
    records_of,
    row_words,
    scale_room,
    value_axis,
)
from writeoffs.palette import ENDS, Theme, end_of, text_on
from writeoffs.wording import plain


def dollar(
    parts: pd.DataFrame,
    *,
    title: str = "",
    subtitle: str = "",
    footer: str = "",
    theme: Theme = "light",
    empty: str = EMPTY,
) -> go.Figure:
    """Where each $100 billed went: the whole as one bar, then each end in a row of its own.

    ``parts``: ``end`` (a key of ENDS) and ``cents``; rows of one end add, and all of them are the
    whole, so that ``open`` comes without what is ``unexplained``. Parts of $100 are rounded so
    that they add up to it; where the whole is not above zero only dollars are given.
    """
    words = Words(title, subtitle, footer, theme)
    sums = _by_end(parts)
    if not sums:
        return nothing_drawn(words, empty)
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
    empty: str = EMPTY,
) -> go.Figure:
    """Bars from the largest down: ``label``, ``cents``, ``end``, and ``note`` in small type."""
    words = Words(title, subtitle, footer, theme)
    rows = []
    for record in sorted(records_of(frame), key=lambda record: -record.get("cents", 0)):
        cents, end, note = record.get("cents"), end_of(record["end"]), str(record.get("note", ""))
        label = str(record.get("label", wording.NOT_STATED))
        hover = "<br>".join(filter(None, (plain(label), wording.exact(cents), plain(note))))
        looks = (end.colour(theme), f"{hover}<br>{end.label}", end.pattern, note)
        rows.append(Row(label, wording.dollars(cents), int(cents or 0), *looks))
    if not rows:
        return nothing_drawn(words, empty)
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
    empty: str = EMPTY,
) -> go.Figure:
    """Shares of a whole in the order given: ``label``, ``share`` (a fraction) and ``cents``.

    ``highlight`` is the label of the one bar in ink; the others are grey. A share that is missing
    has its words and no bar.
    """
    words = Words(title, subtitle, footer, theme)
    rows = []
    for record in records_of(frame):
        share, cents = record.get("share"), record.get("cents")
        label = str(record.get("label", wording.NOT_STATED))
        hover = f"{plain(label)}<br>{wording.percent(share)}<br>{wording.exact(cents)}"
        value = f"{wording.percent(share)} · {wording.dollars(cents)}"
        colour = words.ink.text if label == highlight else words.ink.quiet
        rows.append(Row(label, value, float(share or 0), colour, hover))
    if not rows:
        return nothing_drawn(words, empty)
    lengths = [row.length for row in rows]
    reach, alt = (min(0, *lengths), max(1, *lengths)), [f"{row.label}: {row.value}" for row in rows]
    return _list(go.Figure(), rows, words, reach=reach, alt=alt, track=True)


def _by_end(parts: pd.DataFrame) -> dict[str, int]:
    """Cents by end, in the order of ENDS, without the ends that hold nothing."""
    sums: dict[str, int] = {}
    for record in records_of(parts):
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
        if max(wording.width(line, BODY) for line in lines) <= LINE:
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
        marker=marker_of(rows, words.ink.base),
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
        bars.append(y + row_words(fig, row, y, words.ink) + 10)
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
    return framed(fig, words, plot=y - 8, alt=alt)


def _bars(fig: go.Figure, name: str, at: Sequence[float], rows: Sequence[Row]) -> None:
    """One bar a row, 12 pixels thick, from zero."""
    fig.add_bar(
        orientation="h",
        name=name,
        x=[row.length for row in rows],
        base=[0] * len(rows),
        y=list(at),
        width=12,
        marker=marker_of(rows),
        hoverinfo="text" if any(row.hover for row in rows) else "skip",
        hovertext=[row.hover for row in rows],
    )


def stacked_months(
    frame: pd.DataFrame,
    *,
    title: str = "",
    subtitle: str = "",
    footer: str = "",
    theme: Theme = "light",
    empty: str = EMPTY,
) -> go.Figure:
    """A month's dollars by where they ended: ``month``, ``end``, ``cents``, maybe ``young``.

    Rows of one month and end add. Young months are hatched. What has no month is said below.
    """
    words = Words(title, subtitle, footer, theme)
    first, last = month_reach(frame)
    by_month = {m: _by_end(frame[frame["month"] == m]) for m in range(first, last + 1)}
    keys = [key for key in ENDS if any(key in sums for sums in by_month.values())]
    if not keys:
        return nothing_drawn(words, empty)
    young = {int(row["month"]) for row in records_of(frame) if row.get("young")}
    fig, plot = go.Figure(), 280
    for key in keys:
        held = {month: sums[key] for month, sums in by_month.items() if key in sums}
        _month_bars(fig, key, held, young, theme)
    ups = [sum(c for c in sums.values() if c > 0) for sums in by_month.values()]
    downs = [sum(c for c in sums.values() if c < 0) for sums in by_month.values()]
    scale = wording.scale([min(0, *downs), max(1, *ups)], "dollars")
    fig.update_xaxes(month_axis(first, last, 0.6))
    fig.update_yaxes(value_axis(scale, min(0, *downs)))
    fig.update_layout(barmode="relative")
    right = beside(fig, _stack_labels(keys, by_month, theme), plot, last + 0.5)
    totals = {key: sum(sums.get(key, 0) for sums in by_month.values()) for key in keys}
    alt = [f"{end_of(key).label}: {wording.dollars(cents)} in all" for key, cents in totals.items()]
    lost = _by_end(frame[frame["month"].isna()]).values()
    undated = f"{wording.dollars(sum(lost))} without a month is not drawn." if lost else ""
    words = words.also(f"Hatched months are {YOUNG}." if young else "", footer, undated)
    room = {"left": scale_room(scale), "right": right, "axis": AXIS}
    return framed(fig, words, plot=plot, alt=alt, **room)


def _month_bars(
    fig: go.Figure, key: str, cents: Mapping[int, int], young: set[int], theme: Theme
) -> None:
    """One end's bars; a month without dollars has none."""
    end, rows = end_of(key), []
    for month, value in cents.items():
        said = [end.label, f"{wording.month(month)}: {wording.exact(value)}"]
        hover = "<br>".join(said + [YOUNG] * (month in young))
        pattern = end.pattern or "\\" * (month in young)
        rows.append(Row("", "", value, end.colour(theme), hover, pattern))
    fig.add_bar(
        x=list(cents),
        y=list(cents.values()),
        marker=marker_of(rows),
        name=end.label,
        meta=key,
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
