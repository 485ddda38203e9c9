"""Write-offs: what are we writing off, and why?"""

import numpy as np
import streamlit as st

from pages import page
from pages.frame import Frame, fees, open_page
from pages.frame.how import chosen, payer_code
from pages.frame.show import (
    DOLLARS,
    PERCENT,
    figure,
    footer,
    monthly,
    table,
    theme,
    tile,
    value_of,
)
from writeoffs import charts, findings, measures, metrics, proof, recoverable, taxonomy, wording
from writeoffs import vocabulary as v

MOST_BARS = 14
frame: Frame = open_page("Write-offs", "What are we writing off, and why?", compared=True)

if not measures.can_say(measures.measure("written_off"), frame.now.says):
    st.info(
        "These files hold no adjustments, write-offs or allowed amounts, so nothing can be said "
        "about write-offs. Add the adjustments to the export."
    )
    st.stop()

reasons = frame.part(frame.ledger.reasons)
categories = metrics.by_reason(reasons, [])
categories["end"] = categories["bucket"].astype("str").map(measures.END_OF_BUCKET)
categories["label"] = categories["category"].astype("str").map(taxonomy.plain)
avoidable = categories[categories["end"] == "avoidable"]
lost, written = value_of(frame.now, "avoidable"), value_of(frame.now, "written_off")
largest = avoidable.iloc[0] if len(avoidable) else None
first = ""
if largest is not None and lost and int(largest["cents"]) > 0:
    share = "most of it" if 2 * int(largest["cents"]) > lost else "the largest part"
    first = f": {share} {largest['label'].lower()}"
title = (
    f"{wording.dollars(lost)} of {wording.dollars(written)} written off was avoidable{first}"
    if lost
    else f"{wording.dollars(written)} written off, none of it avoidable"
    if written
    else "Nothing written off in this selection"
)
st.subheader(wording.md(title), anchor=False)

for column, name, about in zip(
    st.columns(4),
    ("contractual", "avoidable", "discretionary", "bad_debt"),
    ("contractual", "avoidable", "discretionary", "bad_debt"),
    strict=True,
):
    with column:
        tile(frame, name, "", about)

fees.losses_in_words(frame)

unnamed = findings.unnamed(frame.now)
if unnamed:
    with st.container(border=True):
        st.markdown(wording.md(unnamed))
        st.page_link(page("data"), label="Say what these reasons are, on the Data page")

st.subheader("By reason", anchor=False)
scope = st.segmented_control(
    "Show",
    ["Without contract", "Everything"],
    default="Without contract",
    key="scope",
    required=True,
)
ranked = categories if scope == "Everything" else categories[categories["end"] != "contractual"]
codes = metrics.by_reason(reasons, ["reason"])
top = codes.drop_duplicates("category").set_index("category")["reason"].astype("str")
ranked = ranked.assign(note=ranked["category"].map(top).astype("str"))
# What nobody has named keeps its bar however small it is beside the others.
drawn = (ranked["category"] == v.UNCLASSIFIED) | (np.arange(len(ranked)) < MOST_BARS)
bars = ranked[drawn].sort_values("cents", ascending=False, kind="stable")
chart = charts.ranked(bars[["label", "cents", "end", "note"]], theme=theme())
point = figure(
    chart,
    "reasons",
    "",
    "Dollars written off by reason, at billed prices. Choose a bar to see its claims",
    footer(frame, "written_off", int(frame.now.claims["counts"].sum())),
    select=True,
)
if point is not None and point.at < len(bars):
    bar = bars.iloc[point.at]
    what = frame.scope.about(category=str(bar["category"]), bucket=str(bar["bucket"]))
    chosen(frame, proof.WRITE_OFFS, str(bar["label"]), "reason_bar", what)
ends = codes["bucket"].astype("str").map(measures.END_OF_BUCKET)
if scope != "Everything":
    codes, ends = codes[ends != "contractual"], ends[ends != "contractual"]
row = table(
    codes.assign(
        label=codes["category"].astype("str").map(taxonomy.plain),
        group=ends.map(lambda e: charts.palette.ENDS[e].label),
        share=codes["cents"] / max(1, int(written or 0)),
    ),
    {
        "label": ("What happened", "text"),
        "reason": ("Code or label as exported", "text"),
        "group": ("Counts as", "text"),
        "cents": ("Dollars", DOLLARS),
        "share": ("Share of all write-offs", PERCENT),
    },
    "write_off_reasons",
    select=True,
)
if row is not None:
    code = codes.iloc[row].astype("str")
    what = frame.scope.about(**{n: code[n] for n in ("category", "bucket", "reason")})
    said = f"{taxonomy.plain(code['category'])}, {code['reason'] or 'no reason given'}"
    chosen(frame, proof.WRITE_OFFS, said, "reason_claims", what)

st.subheader("Avoidable losses by payer", anchor=False)
losses = recoverable.totals(frame.part(fees.losses(frame)), ["payer", "category"])
losses = losses[losses["gross"] != 0]
if len(losses):
    st.caption(
        "Billed prices overstate a loss: no payer would have paid them. Expected allowed is the "
        "fee schedule's price, else what the payer usually allows."
    )
    wide = losses.assign(
        payer=losses["payer"].astype("str").where(losses["payer"].notna(), "(no payer)"),
        label=losses["category"].astype("str").map(taxonomy.plain),
    )
    row = table(
        wide,
        {
            "payer": ("Payer", "text"),
            "label": ("What happened", "text"),
            "gross": ("At billed prices", DOLLARS),
            "at_expected": ("At expected allowed", DOLLARS),
            "not_valued": ("Not valued, at billed prices", DOLLARS),
        },
        "avoidable_by_payer",
        select=True,
    )
    if row is not None:
        loss = wide.iloc[row]
        what = frame.scope.about(category=str(loss["category"]), bucket=v.AVOIDABLE)
        what = what.of("payer", payer_code(frame, loss["payer"]))
        chosen(frame, "avoidable", f"{loss['payer']}: {loss['label']}", "payer_loss", what)
else:
    st.markdown("No avoidable write-offs in this selection.")

st.subheader("Month by month", anchor=False)
NAMES = ["contractual", "avoidable", "bad_debt", "discretionary", "review", "set_aside"]
months = monthly(frame, NAMES)
tall = months.melt(["month", "young"], NAMES, "end", "cents").replace(
    {"end": {"review": "other", "set_aside": "aside"}}
)
tall = tall[(tall["cents"] != 0) & ((scope == "Everything") | (tall["end"] != "contractual"))]
chart = charts.stacked_months(
    tall.astype({"cents": "int64"}),
    theme=theme(),
)
subtitle = "Dollars written off" + ("" if scope == "Everything" else ", without contract or law")
foot = footer(frame, "written_off")
point = figure(chart, "write_off_months", "", subtitle, foot, select=True)
if point is not None:
    name = {"other": "review", "aside": "set_aside"}.get(str(point.mark), str(point.mark))
    month = int(point.x)
    said = f"{measures.measure(name).title}, {wording.month(month)}"
    chosen(frame, name, said, "month_bar", frame.scope.in_month(month))
row = table(
    months.assign(when=months["month"].map(wording.month)),
    {"when": ("Month", "text"), **{n: (measures.measure(n).title, DOLLARS) for n in NAMES}},
    "write_offs_by_month",
    select=True,
)
if row is not None:
    month = int(months["month"].iloc[row])
    said = f"Written off, {wording.month(month)}"
    chosen(frame, "written_off", said, "month_row", frame.scope.in_month(month))
