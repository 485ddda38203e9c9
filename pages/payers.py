"""Payers: which payer lets money go?"""

import streamlit as st

from pages import page
from pages.frame import Frame, fees, open_page, payer_prices
from pages.frame.filters import in_period
from pages.frame.how import chosen as chosen_claims
from pages.frame.how import payer_code
from pages.frame.show import (
    COUNT,
    DOLLARS,
    PERCENT,
    figure,
    footer,
    monthly,
    say,
    table,
    theme,
    value_of,
)
from pages.frame.sure import chance_section, chances, projected_payers
from writeoffs import charts, findings, measures, metrics, recoverable, wording

frame: Frame = open_page("Payers", "Which payer lets money go?")
says = frame.now.says

NAMED_BY = {"charted": "Charted payer", "paying": "Who paid"}
named_by = st.segmented_control(
    "Payers as",
    list(NAMED_BY),
    format_func=NAMED_BY.__getitem__,
    key="payer_named_by",
    default="charted",
    required=True,
    help="Charted payer: everything on a claim stands under the payer it was billed to first. "
    "Who paid: each payment and write-off stands under the payer that its own row names.",
)
if named_by == "paying":
    AMOUNTS = ["insurer_paid", "paid", "written_off", "avoidable"]
    amounts = [n for n in AMOUNTS if measures.can_say(measures.measure(n), says)]
    if not amounts:
        st.info("These files hold no payments and no write-offs, so nobody paid anything here.")
        st.stop()
    amount = st.segmented_control(
        "Amount",
        amounts,
        format_func=lambda n: measures.measure(n).title,
        key="payer_amount",
        default=amounts[0],
        required=True,
    )
    both = frame.part(frame.ledger.paying)
    who = metrics.by_who_paid(metrics.View(both, says, frame.selection.basis), amount)
    st.subheader(wording.md(findings.who_paid_title(who, amount)), anchor=False)
    charted, paying = (say(amount, who[side].sum(), short=False) for side in ("charted", "paying"))
    st.markdown(
        wording.md(
            f"{measures.measure(amount).title} in all: {charted} by charted payer, {paying} by "
            "who paid. The total is one; only whose it is can differ."
        )
    )
    table(
        who.assign(name=who["payer"].fillna("(no payer)")),
        {
            "name": ("Payer", "text"),
            "charted": ("By charted payer", DOLLARS),
            "paying": ("By who paid", DOLLARS),
            "difference": ("More by who paid", DOLLARS),
        },
        "who_paid",
    )
    st.caption(
        "Rates are said for the charted payer alone. A rate sets what was paid or written off "
        "against the charge, and a charge has one charted payer, whoever paid on it."
    )
    for file in frame.ledger.files:
        if limit := metrics.who_paid_is_by_row(file):
            st.info(wording.md(f"In {file.name}, {limit}."))
    st.stop()

RATES = ["net_collection_rate", "avoidable_rate", "write_off_rate", "contractual_rate"]
rates = [n for n in RATES if measures.can_say(measures.measure(n), says)]
payers = metrics.by_payer(frame.now, RATES)
if not rates:
    st.info("No rate can be said from these files: charges, payments or write-offs are missing.")
else:
    name = st.segmented_control(
        "Measure",
        rates,
        format_func=lambda n: measures.measure(n).title,
        key="payer_measure",
        default=rates[0],
        required=True,
    )
    dated = frame.selection.basis == "service"
    found = chances(frame, name) if dated else None
    if found is not None:
        title = findings.chance_title(name, found, found.attrs["centre"])
    else:
        listed = payers.rename(columns={name: "value"}).assign(payer=payers["name"])
        title = findings.payer_title(name, listed, value_of(frame.now, name))
    st.subheader(wording.md(title), anchor=False)

    month = frame.selection.month
    trends = metrics.table(frame.whole, [name], ["payer", month])
    own = monthly(frame, [name], ahead=True).rename(columns={name: "value"})
    trends = trends.rename(columns={name: "value", month: "month"})
    trends = trends[trends["month"].isin(own["month"])]
    shown = payers["name"].head(charts.MOST_PANELS)
    trends["payer"] = trends["payer"].astype("str").where(trends["payer"].notna(), "(no payer)")
    trends = trends.assign(young=frame.is_young(trends["month"]))
    trends = trends[trends["payer"].isin(shown)]
    trends["payer"] = (
        trends["payer"]
        .astype("category")
        .cat.reorder_categories([p for p in shown if p in set(trends["payer"])], ordered=True)
    )
    trends = trends.sort_values(["payer", "month"])
    leading = payers["payer"].head(len(shown)).tolist()
    trends, ahead = projected_payers(frame, name, trends, leading)
    standing_out = title.split(":")[0] if ":" in title else None
    chart = charts.payer_multiples(
        trends.assign(payer=trends["payer"].astype("str")),
        own.loc[~own["young"], ["month", "value"]],
        highlight=standing_out if standing_out in set(shown) else None,
        theme=theme(),
    )
    point = figure(
        chart,
        "payer_trends",
        "",
        f"{measures.measure(name).title} by month, the latest in bold; grey is the whole practice. "
        "Choose a point to see its claims",
        footer(frame, name, int(payers["claims"].fillna(0).sum())),
        select=True,
    )
    if point is not None and point.mark is not None:
        panel = list(dict.fromkeys(trends["payer"]))[int(point.mark)]
        what = frame.scope.of("payer", payer_code(frame, panel)).in_month(int(point.x))
        said = f"{panel}: {measures.measure(name).title.lower()}, {wording.month(int(point.x))}"
        chosen_claims(frame, name, said, "panel_claims", what)

    if found is not None:
        chance_section(frame, name, found)

st.subheader("Payer by payer", anchor=False)
fees.losses_in_words(frame)
st.caption("Choose a row to see its codes and claims.")
payers = recoverable.beside(payers, frame.part(fees.losses(frame)))
chosen = table(
    payers,
    {
        "name": ("Payer", "text"),
        "claims": ("Claims", COUNT),
        "billed": ("Billed", DOLLARS),
        "share": ("Share of billed", PERCENT),
        "paid": ("Paid", DOLLARS),
        "per_claim": ("Paid per claim", DOLLARS),
        **{n: (measures.measure(n).title, PERCENT) for n in RATES[:2]},
        "at_expected": ("Avoidable losses at expected allowed", DOLLARS),
        **{n: (measures.measure(n).title, PERCENT) for n in RATES[2:]},
    },
    "payers",
    select=True,
)
if chosen is not None:
    payer = payers.loc[chosen]
    st.subheader(wording.md(f"{payer['name']}: by procedure"), anchor=False)
    codes = in_period(frame.ledger.procedures, frame.selection.month, frame.selection.period)
    mine = (
        codes["payer"].isna()
        if payer["payer"] != payer["payer"]
        else codes["payer"] == payer["payer"]
    )
    view = metrics.View(codes[mine], says, frame.selection.basis)
    listed = metrics.table(
        view, ["billed", "paid", "contractual", "avoidable", *RATES], ["procedure"]
    )
    listed = listed.sort_values("billed", ascending=False)
    table(
        listed.assign(
            code=listed["procedure"].astype("str").where(listed["procedure"].notna(), "(none)")
        ),
        {
            "code": ("Procedure", "text"),
            "billed": ("Billed", DOLLARS),
            "paid": ("Paid", DOLLARS),
            "contractual": ("By contract or law", DOLLARS),
            "avoidable": ("Avoidable", DOLLARS),
            "net_collection_rate": ("Net collection rate", PERCENT),
        },
        "payer_procedures",
    )
    names = [str(c) for c in frame.ledger.cube["payer"].cat.categories]
    query = {"about": "billed"}
    if payer["name"] in names:
        query["of"] = str(names.index(payer["name"]))
    st.page_link(page("claims"), label="Show the claims", query_params=query)

payer_prices.section(frame)
