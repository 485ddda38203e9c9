"""Denials: what comes back refused?"""

import numpy as np
import streamlit as st

from pages.frame import Frame, fees, open_page
from pages.frame.how import counted
from pages.frame.show import (
    COUNT,
    DAYS,
    DOLLARS,
    PERCENT,
    TEXT,
    Link,
    claims_link,
    counted_tile,
    figure,
    footer,
    table,
    theme,
    when,
)
from writeoffs import benchmarks, catalogue, charts, denials, histories, refusals, wording

MOST_BARS = 12
MOST_CARDS = 3
MOST_MONTHS = 24
TILES = ("initial_denial_rate", "final_denial_rate", "overturn_rate", "first_pass_rate")
frame: Frame = open_page("Denials", "What comes back refused?", compared=True)

whole = frame.kept("denials", denials.counted)
found = whole.part(frame.part)
if "reasons" not in found.says or "written_off" not in found.says:
    st.info(
        "These files do not say why payers reduced or refused a charge, so no denial can be told "
        "from a discount. Add the adjustment reasons, or the payers' remittances (835 files)."
    )
    st.stop()

known = "decisions" in found.says
st.subheader(wording.md(refusals.answer(found)), anchor=False)
st.caption(wording.md(refusals.basis(whole)))

like = whole.part(lambda rows: frame.parts_compared(rows)[0])
before = whole.part(lambda rows: frame.parts_compared(rows)[1])
for column, name in zip(st.columns(len(TILES)), TILES, strict=True):
    with column:
        pair = (denials.figure(like, name), denials.figure(before, name))
        link = Link(*denials.behind(found, name))
        counted_tile(frame, name, counted(frame, name), pair=pair, link=link)

st.subheader("What to work on", anchor=False)
as_of = np.datetime64(frame.ledger.as_of)
left = refusals.standing(found, fees.every(frame)["expected"], as_of)
todo = refusals.work(left)
st.markdown(f"**{wording.md(refusals.work_title(todo))}**")
if len(todo):
    st.caption(
        "Refused and not paid since, at billed prices; beside it what the payer should allow: by "
        "your fee schedule, else what it usually allows for the same codes. How long an appeal may "
        "take is in each payer's contract."
    )
    for place, row in todo.head(MOST_CARDS).iterrows():
        with st.container(border=True):
            st.markdown(f"**{place + 1}. {wording.md(refusals.task(row))}**")
            st.caption(wording.md(refusals.task_detail(row)))
            title, numbers, cents = refusals.of_work(left, row)
            claims_link(frame, title, numbers, cents, f"work_{place}")
    st.caption("Choose a row to see its claims.")
    chosen = table(
        todo,
        {
            "label": ("What happened", TEXT),
            "payer": ("Refused by", TEXT),
            "claims": ("Claims", COUNT),
            "recent_cents": (f"Refused in the last {refusals.RECENT_DAYS} days", DOLLARS),
            "cents": ("Stands refused", DOLLARS),
            "expected": ("At expected allowed", DOLLARS),
            "action": ("What to do", TEXT),
        },
        "denials_to_work_on",
        select=True,
    )
    if chosen is not None:
        title, numbers, cents = refusals.of_work(left, todo.iloc[chosen])
        claims_link(frame, title, numbers, cents, "work_claims")
    elif (left["last"] == histories.DENIED).any():
        claims_link(
            frame, "Stands refused", left["number"], left["refused_last"], "standing_claims"
        )

    fees.panel(frame)

st.subheader("Why: by reason", anchor=False)
reasons = refusals.by_reason(found)
if reasons.empty:
    st.markdown("Nothing was refused in this selection.")
else:
    bars = reasons.assign(note=reasons["reason"].astype("str")).head(MOST_BARS)
    figure(
        charts.ranked(bars[["label", "cents", "end", "note"]], theme=theme()),
        "denial_reasons",
        refusals.reason_title(reasons),
        f"Dollars {'refused at first' if known else 'that stand refused'}, at billed prices",
        footer(frame, "denied_at_first" if known else "denied_now"),
    )
    st.caption("Choose a row to see its claims.")
    chosen = table(
        reasons,
        {
            "label": ("What happened", TEXT),
            "reason": ("Code or label as exported", TEXT),
            "claims": ("Claims", COUNT),
            "cents": ("Refused", DOLLARS),
            "won_back": ("Won back", DOLLARS),
            "standing": ("Stands refused", DOLLARS),
            "action": ("What to do", TEXT),
        },
        "denial_reasons_table",
        select=True,
    )
    if chosen is not None:
        title, numbers, cents = refusals.of_reason(found, reasons.iloc[chosen])
        claims_link(frame, title, numbers, cents, "reason_claims")

st.subheader("Who: by payer", anchor=False)
RATES = ("initial_denial_dollars", "final_denial_dollars")
rate = "initial_denial_dollars" if known else "final_denial_dollars"
payers = refusals.by_payer(found, ["denied_at_first", "denied_now", *RATES, "days_to_denial"])
enough, few = payers[payers["enough"]], payers[~payers["enough"]]
st.markdown(f"**{wording.md(refusals.payer_title(payers, rate))}**")
st.caption(
    "A denial stands under the payer that issued it. The days run from the service to the refusal."
)
table(
    enough,
    {
        "name": ("Payer", TEXT),
        "claims": ("Claims decided", COUNT),
        "denied_at_first": ("Refused at first", DOLLARS),
        "denied_now": ("Stands refused", DOLLARS),
        **{n: (catalogue.measure(n).title, PERCENT) for n in RATES},
        "days_to_denial": ("Days to a refusal, median", DAYS),
    },
    "denials_by_payer",
)
if len(few):
    st.caption(
        f"Fewer than {refusals.MINIMUM} claims decided, so no rate: chance alone would move it."
    )
    table(
        few,
        {
            "name": ("Payer", TEXT),
            "claims": ("Claims decided", COUNT),
            "denied_at_first": ("Refused at first", DOLLARS),
            "denied_now": ("Stands refused", DOLLARS),
        },
        "denials_by_small_payer",
    )
if (slow := refusals.wait(found)) is not None:
    st.markdown(wording.md(refusals.wait_words(*slow)))

st.subheader("When: month by month", anchor=False)
months = refusals.by_month(whole.part(lambda t: frame.part(t, dated=False)), rate,
                           frame.selection.month).tail(MOST_MONTHS)  # fmt: skip
months = months.assign(young=frame.is_young(months["month"]))
figure(
    charts.trend(months[["month", "value", "young", "n"]], end="avoidable", theme=theme()),
    "denial_trend",
    refusals.trend_title(months, rate),
    f"{catalogue.measure(rate).title}, by month; young months still wait for decisions",
    footer(frame, rate, int(months["n"].sum())),
)
table(
    months.assign(when=months["month"].map(wording.month)),
    {
        "when": ("Month", TEXT),
        "value": (catalogue.measure(rate).title, PERCENT),
        "n": ("Claims decided", COUNT),
    },
    "denials_by_month",
)

st.subheader("The same under every definition", anchor=False)
st.caption("Published denial rates differ in what they count and what they set it against.")
listed = refusals.definitions(found)
table(
    listed.assign(benchmark=[benchmarks.beside(name, when(frame)).text for name in listed["name"]]),
    {
        "title": ("Measure", TEXT),
        "said": ("This selection", TEXT),
        "top": ("Counts", TEXT),
        "bottom": ("Set against", TEXT),
        "benchmark": ("Benchmark, or why none", TEXT),
        "source": ("Source", TEXT),
    },
    "denial_definitions",
)
