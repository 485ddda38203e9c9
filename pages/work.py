"""Work list: what should we do first?"""

import numpy as np
import streamlit as st

from pages.frame import Frame, appeals, fees, goals, open_page
from pages.frame.show import DOLLARS, TEXT, claims_link, table
from writeoffs import wording, worklist

frame: Frame = open_page("Work list", "What should we do first?")

if "written_off" in frame.now.says:
    as_of = np.datetime64(frame.ledger.as_of, "D")
    found = worklist.tasks(frame.part(fees.losses(frame)), appeals.days(), as_of)
    st.subheader(wording.md(worklist.answer(found)), anchor=False)
    for place, task in worklist.first(found).iterrows():
        with st.container(border=True):
            st.markdown(f"**{int(place) + 1}. {wording.md(worklist.title(task))}**")
            st.caption(wording.md(task["action"]))
            claims_link(frame, *worklist.behind(found, task), f"work_{place}")
    if len(found):
        st.subheader("Every claim to work on", anchor=False)
        st.caption(
            "Avoidable losses, dollars at expected allowed first: the fee schedule's price, else "
            "what the payer usually allows. Blank where too few lines tell. Choose a row to see "
            "its claim."
        )
        columns = {
            "claim": ("Claim", TEXT),
            "payer": ("Payer", TEXT),
            "label": ("What happened", TEXT),
            "at_expected": ("Could come in", DOLLARS),
            "gross": ("At billed prices", DOLLARS),
            "until": ("Appeal until", TEXT),
            "action": ("What to do", TEXT),
        }
        chosen = table(found.assign(until=worklist.until(found)), columns, "work_list", select=True)
        if chosen is not None:
            one = found.iloc[[chosen]]
            numbers, cents = worklist.counted(one)
            claims_link(frame, f"Claim {one['claim'].iloc[0]}", numbers, cents, "work_claim")
        appeals.section(frame)
else:
    st.info(
        "These files hold no write-offs, so there is no loss to work on. "
        "Add the adjustments to the export."
    )

goals.section(frame)
