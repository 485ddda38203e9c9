"""Receivables: what is still out there, and since when?"""

from dataclasses import replace

import numpy as np
import streamlit as st

from pages.frame import Frame, open_page
from pages.frame.how import counted, how
from pages.frame.show import (
    COUNT,
    DAYS,
    DOLLARS,
    EXACT,
    PERCENT,
    TEXT,
    band,
    claims_link,
    counted_tile,
    figure,
    table,
    theme,
)
from writeoffs import ar_days, catalogue, charts, lags, outstanding, overpaid, rolling, wording
from writeoffs import receivables as ar

frame: Frame = open_page("Receivables", "What is still out there, and since when?")
ledger = frame.ledger

if "open" not in ledger.can_say or ledger.as_of is None:
    st.info(
        "These files do not say what is still owed: that takes charges and payments, or a balance, "
        "and dates. Upload them together on the Data page."
    )
    st.stop()

whole = frame.kept("receivables", ar.receivables)
found = replace(
    whole,
    positions=frame.part(whole.positions, dated=False),
    daily=frame.part(whole.daily, dated=False),
)
ends = frame.part(frame.kept("month_ends", rolling.month_ends), dated=False)
trend = rolling.trend(found, ends)

st.caption(
    wording.md(
        f"Balances stand as of {outstanding.day(ledger.as_of)}, the latest posting in the files, "
        "whatever period is chosen; who and where do count. Another day: As of, in the sidebar."
    )
)
top = st.container()
FROM = {"service": "The visit", "party": "When its owner became responsible"}
st.session_state.setdefault("receivables_basis", "service")
basis = (
    st.segmented_control(
        "Age counts from",
        list(FROM),
        format_func=FROM.__getitem__,
        key="receivables_basis",
        required=True,
        persist_state="session",
        help="From the visit, a balance is as old as the debt. From when its owner became "
        "responsible, a patient's share starts anew on the day the payer left it to the patient.",
    )
    or "service"
)
figures = {**ar.values(found, basis), **ar_days.values(found)}
with top:
    st.subheader(
        wording.md(outstanding.answer(found, figures["days_in_ar"], figures["over_90_share"])),
        anchor=False,
    )
    first = outstanding.look_first(found, basis)
    if first is not None:
        st.markdown(wording.md(first.words))
        mine = outstanding.behind(
            found, basis, outstanding.OLD, payer=first.payer, party=first.party
        )
        claims_link(
            frame, "Older than 90 days, to look at first", mine.numbers, mine.cents, "first"
        )

# --- tiles ----------------------------------------------------------------------------------------

SPARK = {"receivables": "owed", "days_in_ar": "days_in_ar", "over_90_share": "over_90_share"}
TILES = ("receivables", "days_in_ar", "over_90_share", "credit_balances")
for column, name in zip(st.columns(4), TILES, strict=True):
    with column:
        drawn = name in SPARK and (basis == "service" or name != "over_90_share")
        line = trend[SPARK[name]].dropna().astype(float).tolist() if drawn else []
        counted_tile(
            frame, name, counted(frame, name, age=basis), spark=line if len(line) > 2 else None
        )
        if name == "days_in_ar" and figures["days_in_ar_365"] is not None:
            band(frame, "days_in_ar_365", figures["days_in_ar_365"])

# --- by age ---------------------------------------------------------------------------------------

st.subheader("How old is it?", anchor=False)
figure(
    charts.aged(outstanding.long_by_bucket(found, basis), theme=theme()),
    "aging",
    outstanding.aging_title(found, basis),
    outstanding.basis_words(basis),
    "Credits and money paid ahead are not in it. Day 30 is in the first group, day 31 in the next.",
)
buckets = outstanding.by_bucket(found, basis)
st.caption("Choose a row for its claims.")
SIDES = {"insurer": "Insurers", "patient": "Patients", "unknown": "Not stated who"}
shown = {side: (title, DOLLARS) for side, title in SIDES.items() if buckets[side].any()}
at = table(
    buckets,
    {
        "bucket": ("Age", TEXT),
        **shown,
        "cents": ("Owed", DOLLARS),
        "share": ("Share", PERCENT),
        "claims": ("Claims", COUNT),
    },
    "aging_table",
    select=True,
)
if at is not None:
    bucket = str(buckets.loc[at, "bucket"])
    mine = outstanding.behind(found, basis, [bucket])
    claims_link(frame, f"Owed, {bucket}", mine.numbers, mine.cents, "bucket_claims")

st.subheader("By payer", anchor=False)
payers = outstanding.by_payer(found, basis)
st.caption(
    "Each payer with what its patients owe. Choose a row, and an age, for its claims. Days in A/R "
    "set a payer's balances against its own charges of the last 90 days."
)
payers["name"] = payers["payer"].where(payers["payer"] != "", "(no payer)")
at = table(
    payers,
    {
        "name": ("Payer", TEXT),
        "cents": ("Owed", DOLLARS),
        **{side: shown[side] for side in shown},
        **{b: (b.capitalize(), DOLLARS) for b in ar.BUCKETS if payers[b].any()},
        "over_90_share": ("Over 90 days", PERCENT),
        "days": ("Days in A/R", DAYS),
    },
    "aging_by_payer",
    select=True,
)
if at is not None:
    age = st.selectbox("Age", ["Any age", *ar.BUCKETS], key="payer_age")
    side = st.selectbox("Who owes", ["Anyone", *SIDES.values()], key="payer_side")
    party = next((key for key, title in SIDES.items() if title == side), None)
    mine = outstanding.behind(
        found,
        basis,
        [] if age == "Any age" else [age],
        payer=str(payers.loc[at, "payer"]),
        party=party,
    )
    title = f"Owed, {payers.loc[at, 'name']}, {age.lower()}"
    st.markdown(
        wording.md(
            f"{title}: {wording.dollars(mine.total)} on {wording.count(mine.claims, 'claim')}"
        )
    )
    claims_link(frame, title, mine.numbers, mine.cents, "payer_claims")

# --- over time ------------------------------------------------------------------------------------

st.subheader("Month by month", anchor=False)
last = trend["month"].max() if len(trend) else 0
figure(
    charts.trend(
        trend.assign(value=trend["days_in_ar"], young=trend["month"] == last)[
            ["month", "value", "young", "why"]
        ],
        unit="days",
        end="open",
        theme=theme(),
    ),
    "days_trend",
    outstanding.days_title(trend),
    "Receivables at each month's end / charges a day of the 90 days before",
    "Rebuilt from the postings up to each month's end; the last point stands as of "
    f"{outstanding.day(ledger.as_of)}, and its month may not be over. Writing balances off lowers "
    "the days too: look at Write-offs beside it.",
)
table(
    trend.assign(when=trend["month"].map(wording.month)).iloc[::-1].reset_index(drop=True),
    {
        "when": ("End of", TEXT),
        "owed": ("Owed", DOLLARS),
        "credit": ("Credits", DOLLARS),
        "unapplied": ("Paid ahead", DOLLARS),
        "days_in_ar": ("Days in A/R", DAYS),
        "over_90_share": ("Over 90 days, by visit", PERCENT),
    },
    "receivables_by_month",
)

view = replace(frame.whole, says=ledger.can_say)
roll = rolling.roll_forward(view)
open_cents = int(ar.balances(found)["open"].iloc[0])
st.subheader("Where the balance came from", anchor=False)
st.markdown(
    wording.md(outstanding.roll_sentence(rolling.ties(roll, open_cents), open_cents, ledger.as_of))
)
caution = rolling.caution(ledger)
if caution:
    st.caption(wording.md(caution))
FLOW = {
    "start": "Start",
    "billed": "+ Charges",
    "other_debits": "+ Other debits",
    "paid": "− Payments",
    "written_off": "− Write-offs",
    "other_adjustments": "− Other adjustments",
    "does_not_tie": "− Does not tie",
    "end": "= End",
}
always = ("start", "billed", "paid", "written_off", "end")
table(
    roll.assign(when=roll["month"].map(lambda m: wording.month(m, missing="No posting date")))
    .iloc[::-1]
    .reset_index(drop=True),
    {
        "when": ("Month of posting", TEXT),
        **{n: (t, EXACT) for n, t in FLOW.items() if n in always or roll[n].any()},
    },
    "roll_forward",
)

# --- how long things take -------------------------------------------------------------------------

st.subheader("How long does it take?", anchor=False)
lines = frame.part(frame.kept("lag_lines", lags.lines))
charge, payment = lags.charge_lag(lines), lags.payment_lag(lines)
st.markdown(wording.md(outstanding.lag_sentence(charge, payment)))
st.caption(
    wording.md(
        f"{frame.selection.sentence}. Counted from the date of service, by line. Between two "
        "values the quantiles interpolate linearly."
    )
)
with st.container(horizontal=True):
    for name, found_lag in (("charge_lag", charge), ("payment_lag", payment)):
        if found_lag["n"].any():
            st.markdown(f"{catalogue.measure(name).title}:")
            how(frame, name, name)
LAG = {
    "median": ("Middle", DAYS),
    "p90": ("Nine in ten within", DAYS),
    "n": ("Lines paid", COUNT),
    "not_paid_yet": ("Not decided yet", COUNT),
    "never_paid": ("Decided, not paid", COUNT),
}
if payment["n"].any():
    left, right = st.columns(2)
    with left:
        st.markdown("**First payer payment, by payer**")
        by_payer = lags.payment_lag(lines, "payer")
        by_payer = by_payer.sort_values("median", ascending=False)
        by_payer["name"] = (
            by_payer["payer"].astype("str").where(by_payer["payer"].notna(), "(none)")
        )
        table(by_payer, {"name": ("Payer", TEXT), **LAG}, "payment_lag_by_payer")
    with right:
        st.markdown("**First payer payment, by month of service**")
        months = lags.payment_lag(lines, "month")
        months["when"] = months["month"].map(lambda m: wording.month(m) if m >= 0 else "no date")
        table(months.iloc[::-1], {"when": ("Month", TEXT), **LAG}, "payment_lag_by_month")
if charge["n"].any():
    st.markdown("**Entry of the charge, by month of service**")
    entry = lags.charge_lag(lines, "month")
    entry["when"] = entry["month"].map(lambda m: wording.month(m) if m >= 0 else "no date")
    columns = {k: LAG[k] for k in ("median", "p90")}
    table(
        entry.iloc[::-1],
        {"when": ("Month", TEXT), **columns, "n": ("Lines", COUNT)},
        "charge_lag_by_month",
    )

# --- what may have to go back ---------------------------------------------------------------------

st.subheader("Credits and refunds", anchor=False)
credits = frame.part(frame.kept("credits", overpaid.credit_balances), dated=False)
listed = outstanding.credits_table(credits)
st.markdown(wording.md(outstanding.credits_sentence(listed)))
st.caption(wording.md(f"{overpaid.RULE} Days count from when the balance fell below zero."))
if len(listed):
    at = table(
        listed,
        {
            "claim": ("Claim", TEXT),
            "payer": ("Payer", TEXT),
            "who": ("Owed back to", TEXT),
            "cents": ("Credit", EXACT),
            "day": ("Since", TEXT),
            "days": ("Days", COUNT),
            "rule": ("Medicare rule", TEXT),
        },
        "credit_balances",
        select=True,
    )
    mine = listed if at is None else listed.iloc[[at]]
    claims_link(
        frame, "Credit balances", mine["number"].to_numpy(), mine["cents"].to_numpy(), "credits"
    )
refunds = frame.part(frame.kept("refunds", overpaid.refunds))
back = outstanding.returned(refunds)
st.markdown("**Refunds and takebacks in the period**")
if not len(back):
    st.caption("None posted in this period.")
else:
    at = table(
        back,
        {"label": ("What", TEXT), "cents": ("Dollars", EXACT), "postings": ("Postings", COUNT)},
        "refunds",
        select=True,
    )
    mine = refunds if at is None else refunds[refunds["how"] == back.loc[at, "how"]]
    claims_link(
        frame,
        "Refunds and takebacks",
        np.asarray(mine["number"]),
        np.asarray(mine["cents"]),
        "refund_claims",
    )
