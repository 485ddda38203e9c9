"""The three things to look at first, each with its claims one click away."""

import streamlit as st

from pages import page
from pages.frame import fees
from pages.frame.filters import Frame
from pages.frame.show import claims_link
from writeoffs import findings, wording


def three_things(frame: Frame) -> None:
    """What could bring most back, in plain words with dollars."""
    period, month = frame.selection.period, frame.selection.month
    losses = frame.part(fees.losses(frame), dated=False)
    things = findings.things_to_look_at(
        frame.whole, period, young_from=frame.young_from, losses=losses
    )
    if not things:
        st.markdown("Nothing stands out in this selection.")
    for place, thing in enumerate(things):
        with st.container(border=True):
            st.markdown(f"**{place + 1}. {wording.md(thing.title)}**")
            st.caption(wording.md(thing.detail))
            if thing.worth is None:
                _link(frame, thing)
            else:
                mine = findings.behind(losses, thing, month, period)
                known = mine[mine["at_expected"].notna()]  # no price is not a price of $0
                claims_link(
                    frame, thing.title, known["number"], known["at_expected"], f"thing_{place}"
                )


def _link(frame: Frame, thing: findings.Finding) -> None:
    """The claims of a finding at the dollars that the Claims page counts itself."""
    query = {"about": thing.category or "avoidable"}
    if thing.since is not None:
        query["since"] = str(thing.since)
    if thing.payer is not None:
        names = [str(c) for c in frame.ledger.cube["payer"].cat.categories]
        query["of"] = str(names.index(thing.payer))
    st.page_link(page("claims"), label="Show the claims", query_params=query)
