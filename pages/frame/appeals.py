"""How many days each payer gives to appeal: set once, kept on this computer."""

from __future__ import annotations

from typing import Final

import streamlit as st

from pages.frame.filters import Frame
from pages.frame.owned import Owned
from writeoffs import deadlines, wording
from writeoffs.deadlines import MOST_DAYS, Deadlines

_DAYS: Final = Owned("deadlines", deadlines.kept, deadlines.keep, Deadlines())


def days() -> Deadlines:
    """The list as it is in this session."""
    return _DAYS.now()


def section(frame: Frame) -> None:
    """The form to set them, payer by payer."""
    if _DAYS.note():
        st.warning(wording.md(_DAYS.note()))
    with st.expander("Days to appeal, by payer"):
        st.caption(
            "From the day of the denial, as each payer's contract says. Medicare gives 125 days: "
            "120 from receipt, which counts as five days after the decision (42 CFR 405.942)."
        )
        _form(frame)
    if _DAYS.changed() and st.button("Undo the last change of days", key="appeals_undo"):
        _DAYS.undo()
        st.rerun()


def _form(frame: Frame) -> None:
    mine = _DAYS.now()
    payers = [str(name) for name in frame.now.cube["payer"].dropna().unique()]
    with st.form("appeals_form", border=False):
        typed = {
            name: st.number_input(
                wording.md(name), 1, MOST_DAYS, value=mine.of(name), placeholder="not set",
                key=f"appeal_{place}",
            )
            for place, name in enumerate(payers)
        }  # fmt: skip
        if st.form_submit_button("Set these days"):
            new = mine
            for name, value in typed.items():
                if value != mine.of(name):
                    new = new.with_days(name, value)
            _DAYS.change(new)
            st.rerun()
