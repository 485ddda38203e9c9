"""Practice health: how are we doing?"""

import streamlit as st

from pages import page
from pages.frame import Frame, open_page
from pages.frame.how import chosen
from pages.frame.proof_pack import proof_pack
from pages.frame.show import figure, footer, monthly, table, theme, tile
from pages.frame.sure import projected
from pages.frame.things import three_things
from writeoffs import charts, findings, measures, metrics, proof, wording

frame: Frame = open_page(
    "Practice health", "How are we doing? Where did the money we billed go?", compared=True
)

parts = metrics.ends(frame.now)
st.subheader(wording.md(findings.answer(parts, frame.now)), anchor=False)

tiles = [
    ("net_collection_rate", "Net collection", "paid"),
    ("avoidable", "Avoidable", "avoidable"),
    ("patient_open", "Patients owe", "patient_open"),
    ("open", "Still owed", "open"),
    ("billed", "Billed", "billed"),
]
for column, (name, title, about) in zip(st.columns(5), tiles, strict=True):
    with column:
        tile(frame, name, title, about)

st.subheader("Three things to look at", anchor=False)
three_things(frame)
st.page_link(page("work"), label="What could still come back, claim by claim")

whole = "open" in frame.now.says
st.subheader("Where each $100 went" if whole else "Where the money moved", anchor=False)
if whole:
    chart = charts.dollar(parts, theme=theme())
    subtitle = (
        "Billed dollars by where they are now, and the same as part of each $100. "
        "Choose a bar to see its claims"
    )
else:
    chart = charts.ranked(parts.rename(columns={"title": "label"}), theme=theme())
    subtitle = "Dollars paid and written off; what is still owed is not known here"
point = figure(
    chart,
    "dollar",
    "",
    subtitle,
    footer(frame, "billed", int(frame.now.claims["counts"].sum())),
    select=True,
)
if point is not None and point.at < len(parts):
    end = parts.iloc[point.at]
    chosen(frame, proof.of_end(end["end"]), str(end["title"]), "end_bar", frame.scope)
columns = {"title": ("Where", "text"), "cents": ("Dollars", "exact")}
if whole:
    columns["share"] = ("Share", "percent")
row = table(parts, columns, "where_it_went", select=True)
if row is not None:
    end = parts.iloc[row]
    chosen(frame, proof.of_end(end["end"]), str(end["title"]), "end_row", frame.scope)

st.subheader("Month by month", anchor=False)
choices = ["net_collection_rate", "write_off_rate", "avoidable_rate", "gross_collection_rate"]
shown = [n for n in choices if measures.can_say(measures.measure(n), frame.now.says)]
if shown:
    name = st.selectbox(
        "Measure", shown, format_func=lambda n: measures.measure(n).title, key="health_measure"
    )
    months = monthly(frame, [name, "billed"], ahead=True).rename(columns={name: "value"})
    months, ahead = projected(frame, name, months)
    chart = charts.trend(months.drop(columns="billed"), theme=theme())
    title = findings.trend_title(name, months)
    foot = " ".join(filter(None, (footer(frame, name), ahead)))
    point = figure(
        chart,
        "trend",
        title,
        f"{measures.measure(name).title}. Choose a point to see its claims",
        foot,
        select=True,
    )
    listed = months.assign(
        when=months["month"].map(wording.month),
        state=months["young"].map({True: "young", False: ""}),
    )
    if point is not None:
        month = int(point.x)
        said = f"{measures.measure(name).title}, {wording.month(month)}"
        chosen(frame, name, said, "month_point", frame.scope.in_month(month))
    columns = {"when": ("Month", "text"), "value": (measures.measure(name).title, "percent")}
    if "projected" in months:
        heads = {"projected": "Projected", "low": "At least", "high": "At most"}
        columns |= {column: (head, "percent") for column, head in heads.items()}
    columns |= {"billed": ("Billed", "dollars"), "state": ("", "text")}
    row = table(listed, columns, "month_by_month", select=True)
    if row is not None:
        month = int(months["month"].iloc[row])
        said = f"{measures.measure(name).title}, {wording.month(month)}"
        chosen(frame, name, said, "month_row", frame.scope.in_month(month))
else:
    st.info("No rate can be said from these files: charges, payments or write-offs are missing.")

st.subheader("Take the proof with you", anchor=False)
proof_pack(frame, frame.scope, frame.selection.sentence, "health")
