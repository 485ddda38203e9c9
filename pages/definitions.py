"""Definitions: what does this mean?"""

import pandas as pd
import streamlit as st

from pages import page
from pages.frame import Frame, fees, open_page
from pages.frame.show import TEXT, say, say_rate, table, value_of, when
from writeoffs import (
    ar_days,
    benchmarks,
    cohorts,
    definitions,
    denials,
    lab,
    lags,
    measures,
    methods,
    per_visit,
    prices,
    receivables,
    recoverable,
    reference,
    taxonomy,
    underpaid,
    wording,
)
from writeoffs.fairness import DECLARED as FAIRNESS  # the module's name is a function's as well

frame: Frame = open_page("Definitions", "What does each figure mean, and who says so?")

st.markdown(
    "Every dollar billed is **paid by an insurer**, **paid by the patient**, **written off** for a "
    "reason, or **still owed**. A write-off is money given up. Patient responsibility is money "
    "assigned to the patient: it is neither a write-off nor a payment."
)
st.subheader("Measures", anchor=False)
st.caption(
    "Rates are ratios of sums. Capitation and duplicates are set aside from every rate. What the "
    "files cannot hold is not said; it is never shown as 0."
)
cells = frame.part(fees.cells(frame))
rates = lab.values(cells, frame.now.says, frame.selection.basis).set_index("id")["value"]
listed = benchmarks.measures_listed(when(frame))
# The page on which each measure stands, by the part of the catalogue that it comes from.
SHOWN = {
    "claims": measures.MEASURES.values(),
    "lab": (*definitions.DECLARED, *per_visit.DECLARED),
    "payers": (*underpaid.DECLARED, *prices.DECLARED),
    "write_offs": recoverable.DECLARED,
    "receivables": (*receivables.DECLARED, *ar_days.DECLARED, *lags.DECLARED),
    "denials": denials.DECLARED,
    "patients": (*FAIRNESS, *cohorts.DECLARED),
}
shown = {m.name: page(file).title for file, some in SHOWN.items() for m in some}
said = [
    say_rate(rates[name])
    if name in rates
    else say(name, value_of(frame.now, name))
    if name in measures.MEASURES
    else f"see {shown[name]}"
    for name in listed["name"]
]
table(
    listed.assign(now=said, shown=listed["name"].map(shown)),
    {
        "title": ("Measure", TEXT),
        "words": ("Formula", TEXT),
        "now": ("This selection", TEXT),
        "shown": ("Shown on", TEXT),
        "benchmark": ("Benchmark, or why none", TEXT),
        "source": ("Source", TEXT),
        "meaning": ("In plain words", TEXT),
        "unit": ("Unit", TEXT),
        "good": ("Good", TEXT),
    },
    "definitions",
)
st.page_link(page("lab"), label="The same ledger under every published definition")
for column, file in zip(st.columns(len(SHOWN) - 1), [f for f in SHOWN if f != "lab"], strict=True):
    column.page_link(page(file))

st.subheader("What billing exports can say, and what not", anchor=False)
st.caption("Every measure that the field's references name: where it stands here, or why not.")
table(
    benchmarks.coverage_listed(),
    {
        "title": ("Measure", TEXT),
        "where": ("Here as", TEXT),
        "why_not": ("Why not", TEXT),
        "formula": ("Formula", TEXT),
    },
    "coverage",
)

st.subheader("How sure", anchor=False)
st.caption("How young months are projected, and how a payer is told from chance.")
table(
    pd.DataFrame(methods.TOLD),
    {"title": ("Method", "text"), "words": ("What it does", "text"), "source": ("Source", "text")},
    "methods",
)

st.subheader("Published bands", anchor=False)
st.caption(
    "A band means something only beside a figure of the same definition, over the same months. "
    "Where it has none here, the reason stands beside it. Trust is ours."
)
table(
    benchmarks.bands_listed(),
    {
        "metric": ("Measure", TEXT),
        "band_or_value": ("Band", TEXT),
        "named_source": ("Source", TEXT),
        "beside": ("Shown beside", TEXT),
        "why_not": ("Why not shown", TEXT),
        "population": ("Who was measured", TEXT),
        "year": ("Year", TEXT),
        "trust": ("How far to trust it", TEXT),
    },
    "benchmarks",
)

st.subheader("Reason codes", anchor=False)
st.caption("Claim adjustment reason codes in our own words, and how this program counts them.")
codes = pd.DataFrame(reference.carc().values())
codes["counts"] = codes["category"].map(taxonomy.plain)
codes["preventability"] = codes["preventability"].str.replace("_", " ")
table(
    codes,
    {
        "carc": ("Code", "text"),
        "typical_group": ("Usual group", "text"),
        "paraphrase": ("What it says", "text"),
        "counts": ("Category", "text"),
        "preventability": ("Preventable?", "text"),
    },
    "reason_codes",
)
st.caption(wording.md("The group on the row (CO, PR, OA, PI) decides before the code does."))
