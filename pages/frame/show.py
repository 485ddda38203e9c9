"""How things are shown: tiles, figures, tables with their download, the line of the state."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from pages import page
from pages.frame.how import hand, how
from pages.frame.state import GIVEN, Given
from writeoffs import benchmarks, catalogue, charts, measures, metrics, summary, wording
from writeoffs.exporting import as_csv
from writeoffs.tallies import Tally

if TYPE_CHECKING:
    from pages.frame.filters import Frame
    from pages.frame.state import Data


def theme() -> Any:
    """The theme of this browser, for charts."""
    return "dark" if st.context.theme.type == "dark" else "light"


# --- the state of the data ------------------------------------------------------------------------


def status_line(data: Data, frame: Frame) -> None:
    """File, rows counted and held, dollars held, in balance or not: one quiet line, every page."""
    ledger = frame.ledger
    names = ", ".join(f.name for f in ledger.files[:2])
    more = f" and {len(ledger.files) - 2} more" if len(ledger.files) > 2 else ""
    source = data.label if data.sample else f"{names}{more}"
    counted = ledger.rows_read - ledger.rows_held
    said = [source, f"{counted:,} of {ledger.rows_read:,} rows counted"]
    if ledger.rows_held:
        held = wording.dollars(ledger.held_cents, True)
        said.append(f"{wording.count(ledger.rows_held, 'row')}, {held} held")
    said.append("in balance" if summary.balanced(ledger) else "does not balance: see Data")
    if ledger.as_of:
        said.append(f"as of {ledger.as_of.isoformat()}")
    st.caption(wording.md(" · ".join(said)))


# --- tiles ----------------------------------------------------------------------------------------


def value_of(view: metrics.View | None, name: str) -> Any:
    """One measure of a view: cents, fraction, or None where it cannot be said."""
    if view is None:
        return None
    found = metrics.table(view, [name])[name].iloc[0]
    return None if pd.isna(found) else found


def say(name: str, value: Any, short: bool = True) -> str:
    """A measure's value as people write it."""
    unit = catalogue.measure(name).unit
    if value is None or pd.isna(value):
        return "n/a"
    if unit == "rate":
        return wording.percent(float(value))
    if unit == "days":
        return wording.days(float(value))
    if unit == "count":
        return f"{int(value):,}"
    return wording.dollars(int(value), short=short)


def say_rate(fraction: Any) -> str:
    """A fraction as people write it."""
    return wording.percent(None if pd.isna(fraction) else float(fraction))


def when(frame: Frame) -> benchmarks.When:
    """The months that a page's figures are of, for what may be compared with them."""
    first, last = frame.reach
    period = frame.selection.period
    months = max(0, min(period.last, last) - max(period.first, first) + 1) if last else 0
    return benchmarks.When(months, frame.young)


def help_of(name: str) -> str:
    """What a measure is, for the mark beside its name."""
    m = catalogue.measure(name)
    source = f" Source: {m.source}." if m.source else ""
    return wording.md(f"{m.title} = {m.words}. {m.meaning}{source}")


class Link(NamedTuple):
    """Claims behind a figure: what they are in words, their places, and cents that each adds."""

    title: str
    numbers: Any
    cents: Any


def tile(frame: Frame, name: str, title: str = "", about: str = "") -> None:
    """Value, change on the year before, what it means, a small trend, and a way to its rows."""
    m = measures.measure(name)
    # A young month beside one that is complete would look like a loss.
    unlike = bool(frame.young) and name != "billed"
    now = value_of(frame.now, name)
    pair = (None, None) if unlike else (value_of(frame.like, name), value_of(frame.before, name))
    with st.container(border=True, height="stretch"):
        why = measures.why_not(m, frame.now.says)
        _face(frame, m, title, now, pair, why, _spark(frame, name))
        if about and now is not None:
            st.page_link(page("claims"), label="Show the claims", query_params={"about": about})
        how(frame, name, f"{name}_{title}")


def band(frame: Frame, name: str, now: Any = None) -> None:
    """The published band of a measure's own definition, or why it is not shown for these months.

    Nothing where no band is of that definition. ``now``: the measure's value, where another figure
    stands above it.
    """
    if not benchmarks.of(name):
        return
    m, said = catalogue.measure(name), benchmarks.beside(name, when(frame)).text
    st.caption(wording.md(said if now is None else f"{m.title}: {say(name, now)}. {said}"))


def counted_tile(
    frame: Frame,
    name: str,
    found: Tally,
    *,
    pair: tuple[Any, Any] = (None, None),
    spark: list[float] | None = None,
    link: Link | None = None,
) -> None:
    """The same of a figure that lines or claims are counted for.

    Args:
        name: a measure of the catalogue.
        found: from ``how.counted``.
        pair: its values in the months that are compared, and a year before them; None where it
            cannot be said.
        spark: its last months, for a small trend.
        link: the claims one click away; those that count when None.
    """
    m = catalogue.measure(name)
    if link is None:
        link = Link(m.title, found.units["number"], found.units["above"])
    with st.container(border=True, height="stretch"):
        _face(frame, m, "", found.value, pair, found.why, spark)
        if found.value is not None and len(link.numbers):
            claims_link(frame, *link, f"{name}_claims")
        how(frame, name, name, found)


def _face(
    frame: Frame,
    m: measures.Measure,
    title: str,
    now: Any,
    pair: tuple[Any, Any],
    why: str,
    spark: list[float] | None,
) -> None:
    """What a tile shows at a glance; ``why`` there is no value."""
    change, colour = _change(m, *pair)
    st.metric(
        title or m.title, say(m.name, now), change, colour,
        help=help_of(m.name), chart_data=spark, chart_type="area",
    )  # fmt: skip
    st.caption(wording.md(m.meaning if now is not None else f"Cannot be said: {why}."))
    if now is not None:
        band(frame, m.name)


# Newer months always have more left to pay than months a year older: no reason for red.
_OWED = ("open", "patient_open")


def _change(m: measures.Measure, now: Any, before: Any) -> tuple[Any, Any]:
    colour = {"up": "normal", "down": "inverse", "neither": "off"}[m.good]
    if m.name in _OWED:
        colour = "off"
    if now is None or before is None:
        return None, "off"
    if m.unit == "rate":
        change = float(now) - float(before)
        return (wording.points(change), colour) if round(change, 3) else (0, "off")
    change_cents = int(now) - int(before)
    if not change_cents:
        return 0, "off"
    sign = "+" if change_cents > 0 else ""
    return f"{sign}{wording.dollars(change_cents, short=True)}", colour


def monthly(
    frame: Frame, names: list[str], months: int = 24, *, ahead: bool = False
) -> pd.DataFrame:
    """Measures by month up to the end of the period: ``month``, the measures, ``young``.

    ``ahead``: with the young months after a period that ends with the newest complete one.
    """
    month = frame.selection.month
    table = metrics.table(frame.whole, names, [month]).rename(columns={month: "month"})
    last = frame.selection.period.last
    newest = int(table["month"].max()) if len(table) else last
    to_newest = frame.selection.period.name == "all" or (ahead and frame.newer > 0)
    end = newest if to_newest or last >= newest else last
    table = table[(table["month"] > max(0, end - months)) & (table["month"] <= end)]
    return table.assign(young=frame.is_young(table["month"])).reset_index(drop=True)


def _spark(frame: Frame, name: str) -> list[float] | None:
    months = monthly(frame, [name], 12)
    old = months.loc[~months["young"], name]
    values = old.astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    known = values[~np.isnan(values)]
    return [float(x) for x in known] if len(known) > 2 else None


# --- from a figure to its claims ------------------------------------------------------------------


def claims_link(frame: Frame, title: str, numbers: Any, cents: Any, key: str) -> None:
    """A button that opens the Claims page on just these claims.

    Args:
        title: what they are, in words, as the Claims page will say it.
        numbers: places in ``claims.claims``; one claim may come several times.
        cents: what each adds to the figure, int64; the sum is what the Claims page shows.
        key: unique on the page.
    """
    if st.button("Show the claims", key=key, type="tertiary", icon=":material/arrow_forward:"):
        hand(frame, title, numbers, cents)


def given(frame: Frame) -> Given | None:
    """The claims that another page handed over, as long as the data are the same."""
    found: Given | None = st.session_state.get(GIVEN)
    if found is not None and found.ledger is not frame.ledger:
        del st.session_state[GIVEN]
        return None
    return found


def no_longer_given() -> None:
    """Back to the Claims page's own choice of figure."""
    st.session_state.pop(GIVEN, None)


# --- figures and tables ---------------------------------------------------------------------------


class Point(NamedTuple):
    """A bar or point of a chart: its trace's name, its place in the trace and its x."""

    trace: str
    at: int
    x: Any
    mark: Any


def figure(
    fig: go.Figure, key: str, title: str, subtitle: str, foot: str, *, select: bool = False
) -> Point | None:
    """A chart under its finding and measure, above its footnote; the words flow with the page.

    Args:
        select: whether a bar or a point can be chosen.

    Returns:
        The chosen one, or None.
    """
    if title:
        st.markdown(f"**{wording.md(title)}**")
    st.caption(wording.md(subtitle))
    alt = f"{title}. {subtitle}. {charts.alt_text(fig)}"
    looks: dict[str, Any] = {"theme": None, "config": charts.CONFIG, "alt": alt, "key": key}
    points = []
    if select:
        event = st.plotly_chart(fig, on_select="rerun", selection_mode="points", **looks)
        points = event["selection"]["points"]
    else:
        st.plotly_chart(fig, **looks)
    st.caption(wording.md(foot))
    return _point(fig, points[0]) if points else None


def _point(fig: go.Figure, point: dict[str, Any]) -> Point:
    trace = fig.data[int(point.get("curve_number", 0))]
    at = int(point.get("point_index", point.get("point_number", 0)))
    return Point(str(trace.name), at, point.get("x"), trace.meta)


def footer(frame: Frame, name: str, n: int | None = None) -> str:
    """Definition, date basis, how many claims, complete to which month."""
    m = catalogue.measure(name)
    said = [f"{m.title} = {m.words}"]
    said.append("by posting date" if frame.selection.basis == "post" else "by date of service")
    if frame.selection.basis == "post" and frame.kept("unentered", metrics.unentered):
        said.append(metrics.UNENTERED.rstrip("."))
    if n is not None:
        said.append(wording.count(n, "claim"))
    if frame.young_from is not None and frame.selection.basis == "service":
        old = frame.whole.cube["service_month"].between(1, frame.young_from - 1).any()
        until = wording.month(frame.young_from - 1)
        said.append(f"complete to {until}" if old else "no month is complete yet")
    return ". ".join(one[:1].upper() + one[1:] for one in said) + "."


TEXT = "text"
DOLLARS = "dollars"  # whole dollars: overviews
EXACT = "exact"  # to the cent: ledgers
PERCENT = "percent"
POINTS = "points"  # a difference of two rates
COUNT = "count"
DAYS = "days"  # one decimal
BLANK = ""  # what cannot be said is a gap: neither 0 nor the browser's "None"


def table(
    frame: pd.DataFrame, columns: Mapping[str, tuple[str, str]], key: str, *, select: bool = False
) -> int | None:
    """A table with a download beneath it.

    Args:
        frame: cents and fractions.
        columns: column -> (heading, one of TEXT, DOLLARS, EXACT, PERCENT, POINTS, COUNT, DAYS).
        key: unique on the page; the download is named after it.
        select: whether a row can be chosen.

    Returns:
        The chosen row's position, or None.
    """
    shown, config = cells(frame, columns)
    if select:
        event = st.dataframe(
            shown, hide_index=True, column_config=config, key=key, on_select="rerun",
            selection_mode="single-row", alt=f"Table: {', '.join(shown.columns)}",
            placeholder=BLANK,
        )  # fmt: skip
        rows = event["selection"]["rows"]
    else:
        st.dataframe(
            shown, hide_index=True, column_config=config, key=key,
            alt=f"Table: {', '.join(shown.columns)}", placeholder=BLANK,
        )  # fmt: skip
        rows = []
    download(frame, columns, key)
    return int(rows[0]) if rows else None


def cells(
    frame: pd.DataFrame, columns: Mapping[str, tuple[str, str]]
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """A table as it stands on the screen, and how its columns are written (see ``table``)."""
    shown = {heading: _shown(frame[c], kind) for c, (heading, kind) in columns.items()}
    config = {heading: _column(kind, frame[c]) for c, (heading, kind) in columns.items()}
    return pd.DataFrame(shown), config


def download(frame: pd.DataFrame, columns: Mapping[str, tuple[str, str]], key: str) -> None:
    """A table's download, dollars to the cent (see ``table``)."""
    whole = pd.DataFrame(
        {heading: _whole(frame[c], kind) for c, (heading, kind) in columns.items()}
    )
    st.download_button(
        "Download this table",
        data=lambda: as_csv(whole),
        file_name=f"{key}.csv",
        mime="text/csv",
        key=f"{key}_download",
        on_click="ignore",
        type="tertiary",
        icon=":material/download:",
    )


def _shown(values: pd.Series, kind: str) -> pd.Series:
    """A column for the screen: dollars, percent."""
    if kind in (PERCENT, POINTS):
        return values.astype("Float64") * 100
    return _whole(values, kind)


def _whole(values: pd.Series, kind: str) -> pd.Series:
    """A column for the download: dollars to the cent, rates as fractions."""
    if kind in (DOLLARS, EXACT):
        return values.astype("Float64") / 100
    if kind in (PERCENT, POINTS):
        return values.astype("Float64")
    if kind == COUNT:
        return values.astype("Int64")
    if kind == DAYS:
        return values.astype("Float64")
    return values.astype("str").where(values.notna(), "")


def _column(kind: str, values: pd.Series) -> Any:
    # The browser writes "$-5" in the short format; the exact one writes "-$5.00".
    if kind == DOLLARS and not (values.dropna() < 0).any():
        return st.column_config.NumberColumn(format="$%,.0f")
    if kind in (DOLLARS, EXACT):
        return st.column_config.NumberColumn(format="dollar")
    if kind == PERCENT:
        return st.column_config.NumberColumn(format="%.1f%%")
    if kind == POINTS:
        return st.column_config.NumberColumn(format="%+.1f")
    if kind == DAYS:
        return st.column_config.NumberColumn(format="%.1f")
    if kind == COUNT:
        return st.column_config.NumberColumn(format="localized")
    return st.column_config.TextColumn()
