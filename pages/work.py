"""Work list: what should we do first?"""

import streamlit as st

from pages.frame import Frame, deadlines, fees, goals, open_page
from pages.frame.show import EXACT, claims_link, table
from pages.frame.things import three_things
from writeoffs import expected, wording, worklist

frame: Frame = open_page("Work list", "What should we do first, and what could it bring back?")

short = fees.gaps(frame) if fees.against(frame) == expected.SCHEDULE else None
work = worklist.build(
    frame.ledger,
    frame.part(fees.losses(frame)),
    deadlines.current(),
    None if short is None else frame.part(short),
)
st.subheader(wording.md(worklist.answer(work)), anchor=False)
three_things(frame)

st.subheader("Claims to work on", anchor=False)
st.caption(
    "Those still in time come first, then those that could bring most. What to expect is what the "
    "payer would have allowed, by your fee schedule or by what it usually allows; no promise. "
    "A deadline is shown where you have said how many days the payer gives, below."
)
rows = work.rows
if len(rows):
    listed = rows.assign(
        day=rows["service_date"].dt.strftime("%Y-%m-%d"),
        told=rows["decided_on"].dt.strftime("%Y-%m-%d"),
        until=rows["due"].dt.strftime("%Y-%m-%d").fillna("not set"),
        left=[worklist.left(days) for days in rows["days_left"]],
    )
    chosen = table(
        listed,
        {
            "claim": ("Claim", "text"),
            "payer": ("Payer", "text"),
            "label": ("What happened", "text"),
            "expected": ("Could come back", EXACT),
            "until": ("Appeal by", "text"),
            "left": ("Days left", "text"),
            "action": ("What to do", "text"),
            "reason": ("Code", "text"),
            "gross": ("At billed prices", EXACT),
            "day": ("Service date", "text"),
            "told": ("Decided on", "text"),
        },
        "work_list",
        select=True,
    )
    if chosen is None:
        known = rows[rows["expected"].notna()]  # what nobody can value is not handed over as $0
        claims_link(frame, "Claims to work on", known["number"], known["expected"], "work_claims")
    else:
        one = rows.iloc[[chosen]]
        title = f"Claim {one['claim'].iloc[0]}, written off at billed prices"
        claims_link(frame, title, one["number"], one["gross"], "work_claims")
deadlines.panel(frame)

goals.section(frame)
