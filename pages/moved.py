"""Why it moved: what made the figure another one, and what if?"""

from fractions import Fraction

import streamlit as st

from pages.frame import Frame, open_page
from pages.frame.show import (
    DOLLARS,
    EXACT,
    PERCENT,
    claims_link,
    figure,
    footer,
    help_of,
    table,
    theme,
)
from writeoffs import (
    charts,
    flow,
    measures,
    pairs,
    scenarios,
    split,
    split_words,
    taxonomy,
    wording,
)

frame: Frame = open_page("Why it moved", "Why is a figure another one than before, and what if?")
view, period = frame.whole, frame.selection.period
if period.name == "all" or not frame.reach[1]:
    st.info("All months have nothing before them. Choose a shorter period in the sidebar.")
    st.stop()

AGAINST = {"year": "The year before", "recent": "The last 3 months, against 3 before"}
left, right = st.columns(2)
name = left.selectbox(
    "Figure",
    list(split.RECIPES),
    format_func=lambda n: "Payments" if n == "paid" else measures.measure(n).title,
    key="moved_measure",
)
against = right.selectbox(
    "Compared with", list(AGAINST), format_func=AGAINST.__getitem__, key="moved_against"
)
young_too = frame.young_from is not None and frame.selection.basis == "service"
young_too = young_too and st.toggle(
    "Compare young months too",
    key="moved_young",
    help="Payments for the newest months are still coming in, so that they always look worse.",
)
young_from = frame.young_from if frame.selection.basis == "service" and not young_too else None
first, last = frame.reach
pair = (
    pairs.year_before(period, first, young_from)
    if against == "year"
    else pairs.months_before(min(period.last, last), 3, first, young_from)
)
if pair is None:
    st.info(
        "There is nothing to compare with: the files hold no such months before these. "
        "Choose the other comparison, or an earlier month in the sidebar."
    )
    st.stop()
if young_too:
    st.warning("Young months are in it: what insurers have not decided yet reads as a fall.")

moved, if_ = st.tabs(["What moved it", "What if"])
with moved:
    found = split.split(view, name, pair)
    st.subheader(wording.md(split_words.title(found)), anchor=False)
    for sentence in split_words.sentences(found, pair):
        st.markdown(wording.md(sentence))
    if pair.left_out:
        st.caption(wording.md(f"Left out on both sides: {pair.left_out}."))
    if found.change is not None:
        steps = split_words.steps(found)
        before, now = (
            f"{words} {wording.span(p.first, p.last)}"
            for words, p in (
                (split_words.value(found, found.before), pair.before),
                (split_words.value(found, found.now), pair.now),
            )
        )
        chart = charts.waterfall(
            steps, before=before, now=now, start=float(found.before or 0), theme=theme()
        )
        figure(
            chart,
            "moved",
            "",
            f"{split_words.figure_name(found)}, step by step. The steps add up; "
            "the first and the last bar are cut short",
            footer(frame, name) + " Losses count at what would have been paid, not as billed.",
        )
        st.subheader("Payer by payer", anchor=False)
        st.caption("Choose a row of a write-off to see its claims.")
        cells = split_words.listed(found)
        columns = {"name": ("Payer", "text"), "label": ("What moved it", "text")}
        if found.is_rate:
            columns["change"] = ("Change of the rate", PERCENT)
        columns["dollars"] = ("Dollars", DOLLARS)
        chosen = table(cells, columns, "moved_terms", select=True)
        if chosen is not None:
            cell = cells.loc[chosen]
            rows = frame.part(
                frame.kept("losses", lambda ledger: split.losses(ledger.settled)), dated=False
            )
            mine = split.behind(rows, cell, frame.selection.month, pair.now)
            if len(mine):
                what = f"{cell['label']}, {cell['name']}, {wording.span(*pair.now[1:])}"
                st.markdown(
                    wording.md(
                        f"{what}: {wording.dollars(int(mine['cents'].sum()))} written off at "
                        f"billed prices on {wording.count(mine['number'].nunique(), 'claim')}."
                    )
                )
                claims_link(frame, what, mine["number"], mine["cents"], "moved_claims")
            else:
                st.caption("No write-offs stand behind this row in these months.")

with if_:
    flows = split.flows(view, "paid", pair)[1]
    payers = view.cube["payer"].cat.categories
    charged = sorted((c for c in flows if flows[c].base > 0), key=lambda c: -flows[c].base)
    if len(charged) == 0 or not set(split.RECIPES["paid"].needs) <= view.says:
        st.info("Without charges, payments and write-offs nothing can be worked out here.")
        st.stop()

    def named(code: int) -> str:
        return str(payers[code]) if code >= 0 else "(no payer)"

    KEYS = ("if_mix", "if_contract", "if_losses", "if_patients")

    def reset() -> None:
        for key in KEYS:
            st.session_state[key] = 0

    st.caption(
        wording.md(
            f"Worked out from {wording.span(pair.now.first, pair.now.last)}, "
            f"{wording.count(pair.now.months, 'month')}, as dollars a year. A loss that does not "
            "happen comes back at what its payer allows, never as billed."
        )
    )
    places = {}
    with st.container(border=True):
        one, two, three = st.columns([3, 3, 2])
        billed = sum(one_flow.base for one_flow in flows.values())
        movable = [c for c in charged if 100 * flows[c].base >= billed]
        source = one.selectbox("Work moves from", movable, format_func=named, key="if_from")
        target = two.selectbox(
            "to", charged, index=min(1, len(charged) - 1), format_func=named, key="if_to"
        )
        most = 100 * flows[source].base // billed
        if st.session_state.get("if_mix", 0) > most:
            st.session_state["if_mix"] = most
        mix = st.slider("Percent of all that is billed", 0, most, 0, key="if_mix")
        places[split.MIX] = three.empty()
    with st.container(border=True):
        one, two = st.columns([6, 2])
        payer = one.selectbox("Contract of", charged, format_func=named, key="if_payer")
        rate = st.slider("Allows more or less, percent", -20, 20, 0, key="if_contract")
        places[flow.CONTRACT] = two.empty()
    with st.container(border=True):
        one, two = st.columns([6, 2])
        terms = {t.partition(":")[2] for one in flows.values() for t in one.unpriced}
        reasons = ["", *sorted(terms - {""})]
        reason = one.selectbox(
            "Avoidable losses",
            reasons,
            format_func=lambda r: taxonomy.plain(r) if r else "All of them",
            key="if_reason",
            help=help_of("avoidable"),
        )
        fewer = st.slider("Percent that no longer happens", 0, 100, 0, key="if_losses")
        places["avoidable"] = two.empty()
    with st.container(border=True):
        one, two = st.columns([6, 2])
        one.markdown("What patients left unpaid, bad debt included")
        pay = st.slider("Percent of it that is paid", 0, 100, 0, key="if_patients")
        places[scenarios.PATIENTS] = two.empty()
    moves: list[scenarios.Move] = [
        scenarios.Contract(payer, Fraction(rate, 100)),
        scenarios.FewerLosses(reason, Fraction(fewer, 100)),
        scenarios.PatientsPay(Fraction(pay, 100)),
    ]
    if source != target and mix:
        moves.append(scenarios.Shift(source, target, Fraction(mix, 100)))
    outcome = scenarios.what_if(flows, moves, pair.now.months)
    for kind, place in places.items():
        place.metric("A year", wording.dollars(outcome.effects[kind]))
    verb = "more" if outcome.yearly >= 0 else "less"
    st.subheader(
        wording.md(f"In all {wording.dollars(abs(outcome.yearly))} {verb} paid a year"),
        anchor=False,
    )
    st.button("Reset", on_click=reset, key="if_reset")
    money = outcome.money()
    st.caption("Where these months' dollars are: billed is the sum of all rows below it.")
    labels = {"billed": "Billed", "paid": "Paid"}
    table(
        money.assign(label=[labels.get(p) or split.label_of(p) for p in money["part"]]),
        {
            "label": ("Where", "text"),
            "before": ("As it is", EXACT),
            "after": ("As it could be", EXACT),
        },
        "what_if",
    )
