"""How sure: where young months are heading, and which payers differ by more than chance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from pages.frame.show import COUNT, DOLLARS, PERCENT, TEXT, figure, table, theme
from writeoffs import certainty, charts, measures, wording
from writeoffs.maturity import Outlook, beside, by_payer, can_project, outlook, told
from writeoffs.triangle import RunOff, run_off

if TYPE_CHECKING:
    from pages.frame.filters import Frame


def _run_off(frame: Frame) -> RunOff:
    """The flows of the ledger by age, under the filters on people and places."""
    whole = frame.kept("run_off", run_off)
    return whole.narrowed(frame.part(whole.cube, dated=False))


def projected(frame: Frame, name: str, months: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """A table of months with what its young ones are heading for, and the words to go below it.

    By posting month, and where no month shown is young, the table comes back as it is.
    """
    if frame.selection.basis == "post" or not months["young"].any() or not can_project(name):
        return months, ""
    flows = _run_off(frame)
    found = outlook(flows, name, frame.whole.says)
    over = months[months["month"] <= flows.last]  # a month that is not over is no month yet
    return beside(over, found), told(found)


def projected_payers(
    frame: Frame, name: str, trends: pd.DataFrame, payers: list[str | None]
) -> tuple[pd.DataFrame, str]:
    """Months of several payers (``payer``, ``month``, ``young``) with what they are heading for,
    and the words to go below them."""
    if frame.selection.basis == "post" or not trends["young"].any() or not can_project(name):
        return trends, ""
    flows = _run_off(frame)
    found: dict[str | None, Outlook] = by_payer(
        flows, name, frame.whole.says, frame.whole.claims, payers
    )
    trends = trends[trends["month"] <= flows.last]
    parts = []
    for payer, mine in trends.groupby("payer", sort=False, observed=True, dropna=False):
        own = found.get(str(payer)) or found.get(None)
        parts.append(_heading(mine, own) if own is not None else mine)
    said = told(outlook(flows, name, frame.whole.says))
    if any(not own.why for own in found.values()):
        said += (
            " The test is of the whole practice. A payer of few claims leans on it; a month that "
            "cannot be told to within 25 points is left out."
        )
    return (pd.concat(parts) if parts else trends), said


def _heading(mine: pd.DataFrame, own: Outlook) -> pd.DataFrame:
    """One payer's months; a young one that cannot be projected is a gap, for what there is so far
    would look like a fall."""
    out = beside(mine, own)
    unsure = out["young"] & out["projected"].isna() & (own.why == "")
    return out.assign(
        value=out["value"].where(~unsure),
        why=unsure.map({True: "too few claims to project", False: None}),
    )


def chances(frame: Frame, name: str) -> pd.DataFrame:
    """Payers of the period with intervals and the limits of chance (``certainty.of_claims``), in
    the order of their billed dollars; months that are still young are left out."""
    m = measures.measure(name)
    claims = frame.now.claims
    if frame.young_from is not None:
        claims = claims[claims["service_month"] < frame.young_from]
    top, bottom = frame.kept(f"parts of {name}", lambda ledger: certainty.parts(ledger, m))
    places = claims.index.to_numpy()
    out = certainty.of_claims(claims, top[places], bottom[places], "payer", "service_month")
    billed = claims.groupby("payer", observed=True, dropna=False)["billed"].sum()
    order = out["payer"].map(billed).astype("Float64").fillna(0)
    label = out["payer"].astype("str").where(out["payer"].notna(), "(no payer)")
    ordered = out.assign(label=label, order=order).sort_values("order", ascending=False)
    return ordered.reset_index(drop=True)


def chance_section(frame: Frame, name: str, found: pd.DataFrame) -> None:
    """Who differs by more than chance (``found`` of ``chances``): the chart and the table."""
    st.subheader("More than chance?", anchor=False)
    m = measures.measure(name)
    centre = found.attrs.get("centre")
    known = found[found["value"].notna()]
    if known.empty:
        st.info("No month of this period is complete, so no payer can be compared yet.")
        return
    shown = known.head(charts.MOST_PANELS)
    wrong = {"up": "below", "down": "above"}.get(m.good, "")
    chart = charts.chance(shown.assign(bad=shown["outside"] == wrong), centre, theme=theme())
    rest = len(known) - len(shown)
    more = f" {wording.count(rest, 'more payer')} in the table." if rest else ""
    figure(
        chart,
        "payer_chance",
        "",
        f"{m.title} by payer, months that are complete",
        "Grey band: what chance explains around the practice's own rate (three standard errors). "
        "Whisker: 95 % interval, from 20 claims on. Hollow: not told apart from the practice. "
        "A claim without dollars in the rate, such as a duplicate, is not among its claims." + more,
    )
    table(
        known.assign(verdict=known["outside"].map({"": "", "above": "above", "below": "below"})),
        {
            "label": ("Payer", TEXT),
            "n": ("Claims in the rate", COUNT),
            "value": (m.title, PERCENT),
            "low": ("At least", PERCENT),
            "high": ("At most", PERCENT),
            "shrunk": ("Leaning on the practice", PERCENT),
            "floor": ("Chance from", PERCENT),
            "ceiling": ("Chance to", PERCENT),
            "verdict": ("Beyond chance", TEXT),
            "dollars": ("Dollars against the practice's rate", DOLLARS),
        },
        "payer_chance_table",
    )
