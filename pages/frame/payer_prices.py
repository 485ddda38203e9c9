"""What payers allow: below the contract or below their own custom, and who pays best for a code."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from pages.frame import fees
from pages.frame.how import counted, how
from pages.frame.show import (
    COUNT,
    DOLLARS,
    EXACT,
    PERCENT,
    claims_link,
    figure,
    footer,
    table,
    theme,
)
from writeoffs import charts, expected, prices, underpaid, wording

if TYPE_CHECKING:
    from pages.frame.filters import Frame


def section(frame: Frame) -> None:
    """The part of the Payers page about what payers allow."""
    _gaps(frame)
    fees.panel(frame)
    _codes(frame)


def _gaps(frame: Frame) -> None:
    found, ground = frame.part(fees.gaps(frame)), fees.against(frame)
    by_schedule = ground == expected.SCHEDULE
    whole = underpaid.totals(found)
    st.subheader(wording.md(underpaid.finding(whole, ground)), anchor=False)
    st.caption(
        wording.md(
            "Allowed amounts against your fee schedule, on lines that the payer priced and "
            "finished. A dollar a line is left to rounding. Ask the payer to price these again."
            if by_schedule
            else "Outliers, not proven underpayments: without a fee schedule nobody here knows "
            "what was agreed. Compared with the median that the same payer allowed for the same "
            "code near that day; $1 and 5 % below are left alone."
        )
    )
    apart = int(whole["apart_lines"].iloc[0])
    if apart:
        cents = wording.dollars(int(whole["apart"].iloc[0]))
        lines = wording.count(apart, "line")
        st.caption(
            wording.md(
                f"Counted apart: {cents} on {lines} still open or cut for several procedures."
            )
        )
    name = "underpaid" if by_schedule else "below_usual"
    how(frame, name, name, counted(frame, name, schedule=fees.current(frame)))
    by_payer = underpaid.totals(found, "payer")
    if not len(by_payer):
        return
    below = "Below the schedule" if by_schedule else "Below the usual"
    heads = {
        "short": (below, DOLLARS),
        "short_lines": ("Lines below", COUNT),
        "lines": ("Lines compared", COUNT),
        "rate": ("Part of what was expected", PERCENT),
    }
    chosen = table(by_payer, {"payer": ("Payer", "text"), **heads}, "below_expected", select=True)
    short = found[found["short"] > 0]
    title = (
        "Allowed below the fee schedule" if by_schedule else "Allowed below the usual (outliers)"
    )
    if chosen is not None:
        payer = str(by_payer["payer"].iloc[chosen])
        short = short[short["payer"] == payer]
        title = f"{payer}: {title[0].lower()}{title[1:]}"
        st.markdown(f"**{wording.md(payer)}, by code**")
        codes = underpaid.totals(found[found["payer"] == payer], "procedure")
        table(
            codes[codes["short_lines"] > 0],
            {"procedure": ("Procedure", "text"), **heads},
            "below_expected_codes",
        )
    if len(short):
        claims_link(frame, title, short["number"], short["short"], "below_claims")


def _codes(frame: Frame) -> None:
    st.subheader("Which payer pays best for a code?", anchor=False)
    every = prices.prices(frame.part(fees.priced(frame)))
    if not len(every):
        st.markdown("No payer has priced a line with a procedure code in this selection.")
        return
    sizes = every.groupby("procedure", observed=True)["n"].sum().sort_values(ascending=False)
    code = st.selectbox(
        "Procedure code", [str(c) for c in sizes.index], key="price_code", persist_state="session"
    )
    mine = every[every["procedure"] == code].reset_index(drop=True)
    notes = [prices.note(row) for row in mine.to_dict("records")]
    shown = pd.DataFrame(
        {"label": mine["payer"].astype("str"), "cents": mine["median"], "low": mine["low"],
         "high": mine["high"], "note": notes}
    )  # fmt: skip
    best = prices.leader(mine)
    figure(
        charts.ranges(shown, highlight=best, theme=theme()),
        "code_prices",
        f"{code}: {prices.best(mine)}",
        "Median allowed for one unit; the line is its 95 % interval by order statistics",
        footer(frame, "median_allowed"),
    )
    table(
        mine,
        {
            "payer": ("Payer", "text"),
            "n": ("Lines", COUNT),
            "median": ("Median allowed", EXACT),
            "low": ("Interval from", EXACT),
            "high": ("to", EXACT),
            "paid_per_unit": ("Paid per unit", EXACT),
        },
        "code_price_table",
    )
