"""Patients: what do patients carry?"""

import pandas as pd
import streamlit as st

from pages.frame import Frame, open_page
from pages.frame.collected import collected
from pages.frame.fair import fair
from pages.frame.how import chosen, payer_code
from pages.frame.show import DOLLARS, PERCENT, figure, footer, monthly, table, theme, tile, value_of
from writeoffs import charts, measures, metrics, patient_words, wording

frame: Frame = open_page("Patients", "What do patients carry?", compared=True)

if not measures.can_say(measures.measure("patient_responsibility"), frame.now.says):
    st.info(
        "These files do not say what payers assigned to patients (deductible, coinsurance, copay), "
        "so out-of-pocket cannot be said. What patients paid is on Practice health."
    )
    st.stop()

owed, paid = value_of(frame.now, "out_of_pocket_owed"), value_of(frame.now, "patient_paid")
left = value_of(frame.now, "patient_open")
said = [f"Patients were asked to carry {wording.dollars(owed)}"]
if paid is not None:
    said.append(f"they paid {wording.dollars(paid)}")
if left is not None:
    said.append(f"{wording.dollars(left)} is still open")
st.subheader(wording.md("; ".join(said) + "."), anchor=False)
st.caption(
    "Owed is not a write-off and not a payment. Owed and paid are two figures and are never added."
)
for column, (name, about) in zip(
    st.columns(4),
    (
        ("out_of_pocket_owed", "out_of_pocket_owed"),
        ("patient_paid", "patient_paid"),
        ("patient_open", "patient_open"),
        ("bad_debt", "bad_debt"),
    ),
    strict=True,
):
    with column:
        tile(frame, name, "", about)

fair(frame)
collected(frame)

st.subheader("What it is made of", anchor=False)
KINDS = ["deductible", "coinsurance", "copay", "patient_other"]
row = metrics.table(frame.now, KINDS).iloc[0]
parts = pd.DataFrame(
    [
        (n, measures.measure(n).title, int(row[n]), measures.measure(n).meaning)
        for n in KINDS
        if not pd.isna(row[n])
    ],
    columns=["name", "label", "cents", "meaning"],
)
parts = parts[parts["cents"] != 0].assign(end="patient")
parts = parts.sort_values("cents", ascending=False, kind="stable")
biggest = parts.loc[parts["cents"].idxmax(), "label"] if len(parts) else ""
chart = charts.ranked(
    parts[["label", "cents", "end"]],
    theme=theme(),
)
point = figure(
    chart,
    "patient_kinds",
    f"{biggest} is the largest part" if biggest else "",
    "Patient responsibility by kind. Choose a bar to see its claims",
    footer(frame, "patient_responsibility"),
    select=True,
)
if point is not None and point.at < len(parts):
    part = parts.iloc[point.at]
    chosen(frame, str(part["name"]), str(part["label"]), "kind_bar", frame.scope)
kind = table(
    parts,
    {"label": ("Kind", "text"), "cents": ("Dollars", DOLLARS), "meaning": ("What it is", "text")},
    "patient_responsibility",
    select=True,
)
if kind is not None:
    part = parts.iloc[kind]
    chosen(frame, str(part["name"]), str(part["label"]), "kind_claims", frame.scope)

st.subheader("By payer", anchor=False)
MONEY = ["out_of_pocket_owed", "patient_paid", "patient_open"]
payers = metrics.by_payer(frame.now, [*MONEY, "patient_share_of_billed"])
chosen_payer = table(
    payers,
    {
        "name": ("Payer", "text"),
        **{n: (measures.measure(n).title, DOLLARS) for n in MONEY},
        "patient_share_of_billed": ("Patient share of billed", PERCENT),
    },
    "patients_by_payer",
    select=True,
)
if chosen_payer is not None:
    payer_name = str(payers["name"].iloc[chosen_payer])
    what = frame.scope.of("payer", payer_code(frame, payer_name))
    title = f"{payer_name}: {measures.measure('out_of_pocket_owed').title.lower()}"
    chosen(frame, "out_of_pocket_owed", title, "payer_claims", what)

st.subheader("Month by month", anchor=False)
SHARE = "patient_share_of_billed"
months = monthly(frame, [*MONEY, "patient_responsibility", "billed", SHARE])
chart = charts.trend(
    months.rename(columns={SHARE: "value"})[["month", "value", "young"]],
    theme=theme(),
)
point = figure(
    chart,
    "patient_trend",
    patient_words.share_title(months),
    "Patient responsibility as a share of billed. Choose a month to see its claims",
    footer(frame, SHARE),
    select=True,
)
month_row = table(
    months.assign(when=months["month"].map(wording.month)),
    {
        "when": ("Month", "text"),
        **{n: (measures.measure(n).title, DOLLARS) for n in MONEY},
        SHARE: ("Share of billed", PERCENT),
    },
    "patients_by_month",
    select=True,
)
if point is not None or month_row is not None:
    month = int(point.x) if point is not None else int(months["month"].iloc[month_row])
    title = f"Patient responsibility, {wording.month(month)}"
    chosen(frame, "patient_responsibility", title, "month_claims", frame.scope.in_month(month))

st.subheader("By patient", anchor=False)
if st.toggle("Show patient identifiers and what each carries", key="show_patients"):
    claims = frame.now.claims
    if "patients" not in frame.ledger.says:
        st.info("These files carry no patient identifiers.")
    else:
        listed = (
            claims.groupby("patient", observed=True)[
                ["billed", "patient_share", "patient_paid", "patient_open"]
            ]
            .sum()
            .sort_values("patient_open", ascending=False)
            .reset_index()
        )
        table(
            listed,
            {
                "patient": ("Patient", "text"),
                "billed": ("Billed", DOLLARS),
                "patient_share": ("Owed", DOLLARS),
                "patient_paid": ("Paid", DOLLARS),
                "patient_open": ("Open", DOLLARS),
            },
            "by_patient",
        )
