"""Definitions: what does this mean?"""

import pandas as pd
import streamlit as st

from pages.frame import Frame, open_page
from pages.frame.show import say, table, value_of
from writeoffs import measures, methods, reference, taxonomy, wording

frame: Frame = open_page("Definitions", "What does each figure mean, and who says so?")

st.markdown(
    "Every dollar billed is **paid by an insurer**, **paid by the patient**, **written off** for a "
    "reason, or **still owed**. A write-off is money given up. Patient responsibility is money "
    "assigned to the patient: it is neither a write-off nor a payment."
)
rows = [
    (
        m.title,
        m.words,
        m.meaning,
        {"rate": "fraction, shown as percent", "dollars": "dollars"}[m.unit],
        {"up": "higher is better", "down": "lower is better", "neither": "neither"}[m.good],
        m.source or "rules of this program",
        say(m.name, value_of(frame.now, m.name)),
    )
    for m in measures.MEASURES.values()
]
columns = ["title", "words", "meaning", "unit", "good", "source", "now"]
heads = ["Measure", "Formula", "In plain words", "Unit", "Good", "Source", "This selection"]
st.subheader("Measures", anchor=False)
st.caption(
    "Rates are ratios of sums. Capitation and duplicates are set aside from every rate. What the "
    "files cannot hold is not said; it is never shown as 0."
)
table(
    pd.DataFrame(rows, columns=columns),
    {c: (h, "text") for c, h in zip(columns, heads, strict=True)},
    "definitions",
)

st.subheader("How sure", anchor=False)
st.caption("How young months are projected, and how a payer is told from chance.")
table(
    pd.DataFrame(methods.TOLD),
    {"title": ("Method", "text"), "words": ("What it does", "text"), "source": ("Source", "text")},
    "methods",
)

st.subheader("Published bands", anchor=False)
st.caption("A band means something only beside a figure of the same definition. Trust is ours.")
bands = pd.DataFrame(reference.benchmarks())
names = {
    "metric": "Measure",
    "band_or_value": "Band",
    "population": "Who was measured",
    "named_source": "Source",
    "year": "Year",
    "trust": "How far to trust it",
}
bands["metric"] = bands["metric"].str.replace("_", " ").str.capitalize()
table(bands, {c: (h, "text") for c, h in names.items()}, "benchmarks")

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
