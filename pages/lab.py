"""Definition lab: whose net collection rate? One ledger under every published definition."""

import pandas as pd
import streamlit as st

from pages.frame import Frame, fees, open_page
from pages.frame.show import (
    COUNT,
    DOLLARS,
    EXACT,
    PERCENT,
    POINTS,
    TEXT,
    figure,
    say_rate,
    table,
    theme,
    when,
)
from writeoffs import benchmarks, charts, definitions, lab, per_visit, wording

frame: Frame = open_page(
    "Definition lab", "Whose net collection rate? The same charges and payments, counted each way."
)

family = st.segmented_control(
    "Kind of rate",
    list(definitions.FAMILIES),
    format_func=definitions.FAMILIES.__getitem__,
    key="lab_family",
    default=definitions.NET,
    required=True,
)
standard = definitions.STANDARD[family]
names = [one.id for one in definitions.ALL.values() if one.family == family or one.id == standard]
cells = frame.part(fees.cells(frame))
found = lab.apart(cells, lab.values(cells, frame.now.says, frame.selection.basis, names))
mine = found[found["family"] == family].reset_index(drop=True)
ends = lab.spread(found, family)
st.subheader(wording.md(f"{lab.finding(found, family)}."), anchor=False)
if family == definitions.NET:
    st.markdown(
        "Every rate below is called net collection rate by somebody. Nothing in the data changes "
        "between them; only what is counted does. Before you compare yourself with a number, ask "
        "which of these it is."
    )

shown = mine[mine["value"].notna()]
against = definitions.ALL[standard].title if standard in set(shown["id"]) else None
compared = f"; the mark in each row is {against}" if against else ""
figure(
    charts.dots(
        shown[["title", "value"]].rename(columns={"title": "label"}),
        standard=against,
        theme=theme(),
    ),
    "lab_dots",
    "",
    f"{definitions.FAMILIES[family]}{compared}",
    "Capitation and duplicates are set aside from every rate.",
)

st.subheader("One definition, with its dollars", anchor=False)
name = st.selectbox(
    "Definition",
    list(mine["id"]),
    index=mine.index[mine["id"] == ends[1]["id"]][0] if ends else 0,
    format_func=lambda one: definitions.ALL[one].title,
    key=f"lab_definition_{family}",
)
one, row = definitions.ALL[name], mine[mine["id"] == name].iloc[0]
st.markdown(f"**{wording.md(one.title)}** = {wording.md(one.words)}")
if pd.isna(row["value"]):
    st.info(wording.md(f"Cannot be said: {row['why']}."))
else:
    top, bottom = (
        wording.dollars(int(row[side]), short=True) for side in ("numerator", "denominator")
    )
    st.markdown(wording.md(f"= {top} / {bottom} = {say_rate(row['value'])}"))
    walk = lab.steps(cells, name)
    if len(walk):
        st.markdown(
            wording.md(f"From {definitions.ALL[standard].title} it differs in this, one by one:")
        )
        table(
            walk,
            {
                "words": ("What changes", TEXT),
                "cents": ("Dollars", DOLLARS),
                "points": ("Moves the rate by, in points", POINTS),
            },
            "lab_steps",
        )
    st.markdown("What it is made of:")
    made = lab.written_out(cells, name)
    made["side"] = made["side"].map({"top": "On top", "bottom": "Below"})
    table(
        made,
        {"side": ("Where", TEXT), "words": ("What", TEXT), "cents": ("Dollars", DOLLARS)},
        "lab_written_out",
    )
beside = benchmarks.beside(name, when(frame))
facts = [one.caveat, f"Counted over {one.frame}.", f"Source: {one.who}.", beside.text]
st.caption(wording.md(" ".join(fact for fact in facts if fact)))

fees.panel(frame)

st.subheader("All of them", anchor=False)
listed = mine.assign(
    words=[definitions.ALL[one].words for one in mine["id"]],
    frame=[definitions.ALL[one].frame for one in mine["id"]],
    who=[definitions.ALL[one].who for one in mine["id"]],
    said=mine["separates"].where(mine["why"] == "", "cannot be said: " + mine["why"]),
)
columns = {
    "title": ("Definition", TEXT),
    "value": ("Rate", PERCENT),
    "words": ("Formula", TEXT),
    "said": ("What separates it", TEXT),
    "frame": ("Counted over", TEXT),
    "who": ("Source", TEXT),
}
if against:
    columns = {**dict(list(columns.items())[:2]), "gap": ("Points from the mark", POINTS),
               **dict(list(columns.items())[2:])}  # fmt: skip
table(listed, columns, "definition_lab")

st.subheader("Payment per claim, per line, per visit", anchor=False)
st.caption("Three averages that are quoted under one name. A visit is one patient on one day.")
table(
    per_visit.payments(frame.now.claims, frame.now.says),
    {
        "title": ("Average", TEXT),
        "value": ("Dollars", EXACT),
        "paid": ("Paid on them", DOLLARS),
        "count": ("How many", COUNT),
    },
    "payment_per",
)
