"""The person's own names and reasons: what they decide about the dollars, kept and taken back."""

from __future__ import annotations

import streamlit as st

from pages.frame import decide, payer_names, reasons, state
from writeoffs import keeping, wording
from writeoffs.judgements import Judgements


def panel() -> None:
    """The part of the Data page where a person names reasons and joins payer names."""
    st.subheader("Your own names and reasons", anchor=False)
    st.caption(wording.md(_where()))
    for note in state.judgement_notes():
        st.warning(wording.md(note))
    data = state.judged()
    if data.sample:
        mine = state.judgements()
        kept = "" if mine == Judgements() else " What you have decided before waits for them."
        st.info(f"The sample practice is only shown here. Your decisions are for your files.{kept}")
    else:
        _back()
    reasons.panel(data)
    payer_names.panel(data)


def _where() -> str:
    """Where the decisions are kept, and that no patient is in them."""
    said = (
        "Say what a reason means at your practice, and which names are one payer. "
        "You see the dollars before anything changes, and every change can be undone. "
    )
    try:
        folder = keeping.home()
    except keeping.NotKept:
        return said + "This computer has no folder of your own, so they last for this session."
    return said + (
        f"What you decide is kept on this computer for your next files, in {folder}: reasons, "
        "payer names and how columns are read, never a patient, a claim or an amount."
    )


def _back() -> None:
    """One step back, as often as there are steps."""
    if not state.judged_before():
        return
    left, right = st.columns([3, 1], vertical_alignment="center")
    left.success("Your last decision is in use on every page.")
    if right.button("Undo it", key="unjudge"):
        state.unjudge()
        decide.again()
