"""The filters: drawn on every page, held across pages, and carried by the link.

A link holds a period, a date basis and ordinals of payers and the like (by billed dollars), with
eight letters of the data's fingerprint. It never holds text from a file; opened on other data, its
ordinals are ignored and the page says so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final, TypeVar

import pandas as pd
import streamlit as st

from pages.frame import state
from pages.frame.state import Data
from writeoffs import periods, wording
from writeoffs import vocabulary as v
from writeoffs.claims import claims as claims_of
from writeoffs.ledger import Ledger
from writeoffs.metrics import View
from writeoffs.pairs import Pair, year_before
from writeoffs.periods import Period
from writeoffs.scope import Scope, narrowed

_FEW_MONTHS: Final = 6
Built = TypeVar("Built")
_SHORT: Final = MappingProxyType({"payer": "p", "practice": "g", "provider": "c", "location": "l"})
_BASES: Final = MappingProxyType({"service": "Date of service", "post": "Posting date"})


@dataclass(frozen=True)
class Selection:
    """What is looked at: ``period``, ``basis``, and chosen codes of each dimension (empty: all)."""

    period: Period
    basis: str
    chosen: dict[str, tuple[int, ...]]
    sentence: str
    month: str


@dataclass(frozen=True)
class Frame:
    """The data of a page. ``whole``: all months under the filters on people and places; ``now``:
    the period. ``pair``: its months that have their like a year before, and those, beside
    ``like`` and ``before``; None without charges then. ``newer``: young months of the data that
    the period leaves out; ``young``: those in it."""

    data: Data
    selection: Selection
    whole: View
    now: View
    pair: Pair | None
    like: View | None
    before: View | None
    young_from: int | None
    newer: int = 0
    young: int = 0

    @property
    def reach(self) -> tuple[int, int]:
        """First and last month of all the data, (0, 0) without dates."""
        return _months(self.ledger, self.selection.basis)

    @property
    def ledger(self) -> Ledger:
        """The ledger behind it."""
        return self.data.ledger

    def part(self, table: pd.DataFrame, *, dated: bool = True) -> pd.DataFrame:
        """Rows of a table under the filters: on people and places, and on months if ``dated``.

        The table has the cube's columns: its dimensions and its month columns.
        """
        found = narrowed(table, self.selection.chosen)
        return in_period(found, self.selection.month, self.selection.period) if dated else found

    def parts_compared(self, table: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Rows of ``like`` and of ``before``, under the filters; none where nothing is compared."""
        found = self.part(table, dated=False)
        if self.pair is None:
            return found.iloc[:0], found.iloc[:0]
        now, before = (in_period(found, self.selection.month, p) for p in self.pair[:2][::-1])
        return now, before

    @property
    def scope(self) -> Scope:
        """The selection as the engine knows it, for the rows behind a figure."""
        return scope_of(self.selection)

    def kept(self, name: str, build: Callable[[Ledger], Built]) -> Built:
        """What is worked out of the whole ledger, once as long as this session shows it."""
        return kept(self.ledger, name, build)

    @property
    def everything(self) -> pd.DataFrame:
        """All claims of the ledger, whatever is chosen: ``claims.claims``."""
        return self.kept("claims", lambda ledger: claims_of(ledger.settled))

    def is_young(self, months: pd.Series) -> pd.Series:
        """Which months are too young to judge; posting months never are."""
        if self.young_from is None or self.selection.basis == "post":
            return pd.Series(False, index=months.index)
        return months >= self.young_from


def sidebar(data: Data, shown: bool = True) -> Frame:
    """Draw the filters and return the data under them."""
    ledger = data.ledger
    orders = {d: _order(ledger, d) for d in v.CUBE_DIMENSIONS}
    _read_link(data, orders)
    with st.sidebar:
        if shown:
            basis = _basis(ledger)
            period = _period(ledger, basis)
            chosen = {d: _choose(d, orders[d], ledger) for d in v.CUBE_DIMENSIONS}
            _as_of(ledger)
        else:
            basis = st.session_state.get("filter_basis") or "service"
            period = _stored_period(ledger, basis)
            chosen = {d: _stored(d, orders[d]) for d in v.CUBE_DIMENSIONS}
    selection = _selection(ledger, period, basis, chosen)
    _write_link(data, selection, orders)
    return _frame(data, selection)


# --- dimensions -----------------------------------------------------------------------------------


def _order(ledger: Ledger, dimension: str) -> list[int]:
    """Codes of a dimension by billed dollars, largest first; -1 where it is missing."""
    cube = ledger.cube
    billed = cube[(cube["entry"] == v.CHARGE) & (cube["category"] == v.SERVICE)]
    codes = billed[dimension].cat.codes
    sums = billed["cents"].groupby(codes.to_numpy()).sum().sort_values(ascending=False)
    rest = sorted(set(cube[dimension].cat.codes) - set(sums.index))
    return [*map(int, sums.index), *map(int, rest)]


def name_of(ledger: Ledger, dimension: str, code: int) -> str:
    """What a code is called on screen."""
    if code < 0:
        return f"(no {dimension})"
    return str(ledger.cube[dimension].cat.categories[code])


def _choose(dimension: str, order: list[int], ledger: Ledger) -> tuple[int, ...]:
    if order in ([], [-1]):
        return ()
    found = st.multiselect(
        dimension.capitalize(),
        options=range(len(order)),
        format_func=lambda i: name_of(ledger, dimension, order[i]),
        key=f"filter_{dimension}",
        placeholder="All",
        persist_state="session",
    )
    return tuple(order[i] for i in found)


def _stored(dimension: str, order: list[int]) -> tuple[int, ...]:
    found = st.session_state.get(f"filter_{dimension}") or ()
    return tuple(order[i] for i in found if i < len(order))


# --- period ---------------------------------------------------------------------------------------


def month_column(basis: str) -> str:
    """The cube's month column of a basis."""
    return "post_month" if basis == "post" else "service_month"


def _months(ledger: Ledger, basis: str) -> tuple[int, int]:
    """First and last month of the data on a basis, without the undated."""
    months = ledger.cube[month_column(basis)]
    known = months[months > 0]
    return (int(known.min()), int(known.max())) if len(known) else (0, 0)


def _default_last(ledger: Ledger, basis: str) -> int:
    """The newest month that is old enough to judge, so that the first look does not mislead."""
    first, last = _months(ledger, basis)
    young = ledger.first_young_month()
    if basis == "post" or young is None or ledger.span["post_to"] is None:
        return last
    # A file of a few months only is shown whole: what is left of it would say little. So is one
    # whose old months lie years back: a year without charges would look like a practice closed.
    charged = ledger.cube["entry"] == v.CHARGE
    judged = ledger.cube["service_month"].between(young - 12, young - 1)
    few = not first + _FEW_MONTHS <= young <= last
    return last if few or not (charged & judged).any() else young - 1


def _basis(ledger: Ledger) -> str:
    has_posts = (ledger.cube["post_month"] > 0).any()
    options = list(_BASES) if has_posts else ["service"]
    if st.session_state.get("filter_basis") not in options:
        st.session_state["filter_basis"] = "service"
    return (
        st.segmented_control(
            "Months by",
            options,
            format_func=_BASES.__getitem__,
            key="filter_basis",
            required=True,
            persist_state="session",
            help="Date of service puts every dollar with its visit. Posting date shows the cash "
            "and write-offs as they were entered.",
        )
        or "service"
    )


def _period(ledger: Ledger, basis: str) -> Period:
    first, last = _months(ledger, basis)
    if not last:
        return Period("all", 0, 0)  # nothing is dated
    st.session_state.setdefault("filter_period", "year")
    name = st.selectbox(
        "Period",
        list(periods.NAMES),
        format_func=periods.NAMES.__getitem__,
        key="filter_period",
        persist_state="session",
    )
    fiscal = 1
    if name == "fiscal":
        st.session_state.setdefault("filter_fiscal", 7)
        fiscal = st.selectbox(
            "Fiscal year begins in",
            range(1, 13),
            format_func=lambda m: wording.month(12 * 2000 + m - 1).split()[0],
            key="filter_fiscal",
            persist_state="session",
        )
    if name == "all":
        return periods.period("all", last, first)
    options = list(range(last, first - 1, -1))
    if st.session_state.get("filter_last") not in options:
        st.session_state["filter_last"] = _default_last(ledger, basis)
    end = st.selectbox(
        "Ending with",
        options,
        format_func=wording.month,
        key="filter_last",
        persist_state="session",
    )
    return periods.period(name, end, first, fiscal)


def _stored_period(ledger: Ledger, basis: str) -> Period:
    first, last = _months(ledger, basis)
    if not last:
        return Period("all", 0, 0)
    name = st.session_state.get("filter_period", "year")
    end = st.session_state.get("filter_last") or _default_last(ledger, basis)
    end = last if name == "all" else end
    return periods.period(name, end, first, st.session_state.get("filter_fiscal", 1))


def _as_of(ledger: Ledger) -> None:
    if ledger.as_of is None:
        return
    with st.expander("As of"):
        chosen = st.session_state.setdefault("as_of", ledger.as_of)
        # Money may be posted before the first visit: the day that is shown must stay in reach.
        first = ledger.span["service_from"] or date(1950, 1, 1)
        st.date_input(
            "Open balances as of",
            key="as_of",
            min_value=min(first, ledger.as_of, chosen),
            max_value=date(2100, 12, 31),
            persist_state="session",
            help="The latest posting date in the data, never today. An earlier date leaves later "
            "postings out; it also moves which months are young.",
        )


def ordinal(text: str) -> int | None:
    """A small whole number out of a link; None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else None


# --- the link -------------------------------------------------------------------------------------


def _read_link(data: Data, orders: dict[str, list[int]]) -> None:
    """Take over the filters of a link, once, when the session begins."""
    if st.session_state.get("filter_link_read") == data.fingerprint:
        return
    st.session_state["filter_link_read"] = data.fingerprint
    query = st.query_params
    if query.get("by") in _BASES:
        st.session_state["filter_basis"] = query["by"]
    if query.get("period") in periods.NAMES:
        st.session_state["filter_period"] = query["period"]
    last, fiscal = ordinal(query.get("to", "")), ordinal(query.get("fy", ""))
    if last is not None:
        st.session_state["filter_last"] = last
    if fiscal is not None and 1 <= fiscal <= 12:
        st.session_state["filter_fiscal"] = fiscal
    ordinals = {d: query[k] for d, k in _SHORT.items() if k in query}
    if ordinals and query.get("d") != data.fingerprint:
        st.toast("The link was made on other data: its payers and places are not applied.")
        return
    for dimension, text in ordinals.items():
        found = [n for n in map(ordinal, text.split(".")) if n is not None]
        st.session_state[f"filter_{dimension}"] = [n for n in found if n < len(orders[dimension])]


def query_of(data: Data, selection: Selection, orders: dict[str, list[int]]) -> dict[str, str]:
    """The link's parameters for a selection."""
    out = {"period": selection.period.name, "to": str(selection.period.last), "by": selection.basis}
    if selection.period.name == "fiscal":
        out["fy"] = str(st.session_state.get("filter_fiscal", 1))
    for dimension, codes in selection.chosen.items():
        if codes:
            places = [str(orders[dimension].index(c)) for c in codes]
            out[_SHORT[dimension]] = ".".join(places)
            out["d"] = data.fingerprint
    return out


def _write_link(data: Data, selection: Selection, orders: dict[str, list[int]]) -> None:
    wanted = query_of(data, selection, orders)
    for key in ("d", "period", "to", "by", "fy", *_SHORT.values()):
        if key in wanted:
            if st.query_params.get(key) != wanted[key]:
                st.query_params[key] = wanted[key]
        elif key in st.query_params:
            del st.query_params[key]


# --- what is selected -----------------------------------------------------------------------------


def _selection(
    ledger: Ledger, period: Period, basis: str, chosen: dict[str, tuple[int, ...]]
) -> Selection:
    # A period may begin long before the data: what is said is what there is.
    first = max(period.first, min(period.last, _months(ledger, basis)[0]))
    dated = wording.span(first, period.last) if period.last else "No dates"
    said = [dated, f"by {_BASES[basis].lower()}"] if period.last else [dated]
    for dimension, codes in chosen.items():
        if codes:
            names = [name_of(ledger, dimension, c) for c in codes]
            said.append(
                ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
            )
        elif dimension == "payer":
            said.append("all payers")
    return Selection(period, basis, chosen, ", ".join(said), month_column(basis))


def scope_of(selection: Selection) -> Scope:
    """A selection as a part of the ledger."""
    period = selection.period
    months = None if period.name == "all" else (period.first, period.last)
    return Scope(selection.chosen, selection.basis, months)


def in_period(frame: pd.DataFrame, month: str, period: Period) -> pd.DataFrame:
    """Rows of a period; "all months" keeps the undated too."""
    if period.name == "all":
        return frame
    return frame[frame[month].between(period.first, period.last)]


def kept(ledger: Ledger, name: str, build: Callable[[Ledger], Built]) -> Built:
    """What is worked out of a whole ledger, once as long as this session shows it."""
    tables = st.session_state.setdefault(state.TABLES, {})
    found = tables.get(name)
    if found is None or found[0] is not ledger:
        found = (ledger, build(ledger))
        tables[name] = found
    built: Built = found[1]
    return built


def _frame(data: Data, selection: Selection) -> Frame:
    ledger = data.ledger
    says = scope_of(selection).says(ledger)
    cube = narrowed(ledger.cube, selection.chosen)
    claims = narrowed(kept(ledger, "claims", lambda one: claims_of(one.settled)), selection.chosen)
    whole = View(cube, says, selection.basis, claims)

    def of(period: Period) -> View:
        return View(
            in_period(cube, selection.month, period),
            says,
            selection.basis,
            in_period(claims, selection.month, period),
        )

    young = ledger.first_young_month()
    first, last = _months(ledger, selection.basis)
    # Months that the year before lacks stay out of both: fewer months would read as less work.
    dated = selection.period.name != "all" and first > 0
    pair = year_before(selection.period, first, None) if dated else None
    if pair is not None and not (of(pair.before).cube["entry"] == v.CHARGE).any():
        pair = None
    like, before = (of(pair.now), of(pair.before)) if pair is not None else (None, None)
    period, newer, inside = selection.period, 0, 0
    if young is not None and period.last == young - 1:
        newer = max(0, last - period.last)
    if young is not None and selection.basis == "service" and last:
        inside = max(0, min(period.last, last) - max(period.first, first, young) + 1)
    return Frame(data, selection, whole, of(period), pair, like, before, young, newer, inside)
