"""What patients paid of what they were asked for, and how soon: cohorts, payers, sizes of share."""

from __future__ import annotations

from types import MappingProxyType

import pandas as pd
import streamlit as st

from pages.frame.filters import Frame
from pages.frame.how import how
from pages.frame.show import COUNT, DOLLARS, PERCENT, TEXT, figure, table, theme
from writeoffs import catalogue, charts, cohorts, patient_words, wording

_MONTHS = 24
_MEASURE = catalogue.measure("patient_collection_12")
_RATES = MappingProxyType(
    {f"rate_{k}": (f"In {k} month{'s' * (k > 1)}", PERCENT) for k in cohorts.HORIZONS}
)


def collected(frame: Frame) -> None:
    """Draw the section, over all service months: cohorts are followed for a year."""
    st.subheader("What patients paid, and how soon", anchor=False)
    every = frame.kept("cohorts", cohorts.claims)
    mine = frame.part(every, dated=False)
    why = cohorts.why_not(mine, frame.ledger.can_say)
    if why:
        st.info(f"How soon patients pay cannot be said: {why}.")
        return
    _grid(frame, mine)
    _by_payer(mine)
    _by_size(mine)


def _grid(frame: Frame, mine: pd.DataFrame) -> None:
    found = cohorts.rates(mine[mine["service_month"] > 0], ["service_month"]).iloc[-_MONTHS:]
    found = found.assign(label=found["service_month"].map(wording.month))
    ages = [(name, f"{k} mo", k) for name, k in zip(_RATES, cohorts.HORIZONS, strict=True)]
    grid = charts.cohort_grid(found, ages, theme=theme())
    figure(
        grid,
        "cohorts",
        patient_words.collection_title(cohorts.rates(mine).iloc[0]),
        "Collected from patients 1, 3, 6 and 12 months after the payer assigned their share, by "
        "month of service. Dotted: still young",
        f"{_MEASURE.title} = {_MEASURE.words}. The clock starts on the day that the share was "
        "assigned; for self-pay, that the charge was entered.",
    )
    how(frame, _MEASURE.name, _MEASURE.name)
    table(
        found,
        {
            "label": ("Month of service", TEXT),
            "claims": ("Claims", COUNT),
            "due": ("Asked for", DOLLARS),
            "paid": ("Paid to date", DOLLARS),
            "months": ("Months followed", COUNT),
            **_RATES,
            "yield_12": ("After insurance, in 12 months", PERCENT),
        },
        "patient_collection",
    )


def _by_payer(mine: pd.DataFrame) -> None:
    st.markdown("**By payer**")
    st.caption("Of the service months that have been followed long enough.")
    found = cohorts.rates(mine, ["payer"]).sort_values("due", ascending=False)
    found["name"] = found["payer"].astype("str").where(found["payer"].notna(), "(no payer)")
    table(
        found,
        {
            "name": ("Payer", TEXT),
            "due": ("Asked for", DOLLARS),
            **_RATES,
            "claims_12": ("Claims followed 12 months", COUNT),
            "yield_12": ("After insurance, in 12 months", PERCENT),
        },
        "patient_collection_by_payer",
    )


def _by_size(mine: pd.DataFrame) -> None:
    found = cohorts.bands(mine)
    st.markdown(f"**{wording.md(patient_words.band_title(found))}**")
    st.caption(
        "Insured claims by the size of the patient's share, collected in 12 months. Published: "
        "athenahealth (Health Affairs blog), 2015 data, commercially insured patients only; "
        "Medicare and Medicaid are in the practice's own figures unless filtered out."
    )
    table(
        found,
        {
            "band": ("Patient's share", TEXT),
            "claims_12": ("Claims followed 12 months", COUNT),
            "rate_12": ("Collected in 12 months", PERCENT),
            "published": ("Published", PERCENT),
        },
        "patient_collection_by_size",
    )
