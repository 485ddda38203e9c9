"""How many days each payer gives to appeal: set in one table, kept on this computer, undone."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.frame.filters import Frame
from pages.frame.owned import Owned
from writeoffs import deadlines, wording
from writeoffs.deadlines import MOST_DAYS, Deadlines

_DAYS = Owned("deadlines", deadlines.kept, deadlines.keep, Deadlines())


def current() -> Deadlines:
    """The days in use."""
    return _DAYS.now()


def panel(frame: Frame) -> None:
    """Ask for the days of each payer."""
    if _DAYS.note():
        st.warning(wording.md(_DAYS.note()))
    with st.expander("Days to appeal, by payer"):
        st.caption(
            "How many days after its decision each payer takes an appeal: it stands in your "
            "contract. Medicare's is 120 days from receiving the decision, and a decision counts "
            "as received five days after its date (42 CFR 405.942). Blank: no deadline is shown."
        )
        mine = current()
        names = [str(name) for name in frame.ledger.cube["payer"].cat.categories]
        with st.form("deadlines_form", border=False):
            shown = pd.DataFrame(
                {"Payer": names, "Days": pd.array([mine.of(n) for n in names], dtype="Int64")}
            )
            days = st.column_config.NumberColumn(min_value=1, max_value=MOST_DAYS, step=1)
            edited = st.data_editor(
                shown, hide_index=True, disabled=["Payer"], key=f"deadlines_{len(mine.days)}",
                column_config={"Days": days},
            )  # fmt: skip
            if st.form_submit_button("Use these days", type="primary"):
                new = mine
                for name, given in zip(names, edited["Days"], strict=True):
                    wanted = None if pd.isna(given) else int(given)
                    if wanted != mine.of(name):
                        new = new.with_days(name, wanted)
                _DAYS.change(new)
                st.rerun()
        if _DAYS.changed() and st.button("Undo the last change of days", key="deadlines_undo"):
            _DAYS.undo()
            st.rerun()
