"""The fee schedule of this session, and what is worked out with it: once, and for this tab only.

A schedule that a person keeps on this computer is for their own files; the sample practice has its
own, and shows none unless asked.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from pages.frame import state
from pages.frame.how import counted, how
from pages.frame.show import claims_link
from writeoffs import expected, fee_schedule, lab, prices, recoverable, wording
from writeoffs.fee_schedule import Schedule
from writeoffs.keeping import NotKept
from writeoffs.problems import WriteoffsError
from writeoffs.tallies import Sources

if TYPE_CHECKING:
    from pages.frame.filters import Frame

SAMPLE = Path(__file__).parents[2] / "sample_data" / "fee_schedule.csv"
_MINE = "fee_schedule"
_SAMPLES = "fee_schedule_of_sample"
_NOTE = "fee_schedule_note"
_BUILT = ("expected", "losses", "gaps_schedule", "gaps_usual", "priced", "definitions")


def _key(frame: Frame) -> str:
    return _SAMPLES if frame.data.sample else _MINE


def _steps(frame: Frame) -> list[Schedule | None]:
    """The schedules of this session, the one in use last; the first is what was kept."""
    key = _key(frame)
    if key not in st.session_state:
        found: Schedule | None = None
        if not frame.data.sample:
            try:
                found, st.session_state[_NOTE] = fee_schedule.kept()
            except NotKept as error:
                st.session_state[_NOTE] = error.in_words
        st.session_state[key] = [found]
    steps: list[Schedule | None] = st.session_state[key]
    return steps


def current(frame: Frame) -> Schedule | None:
    """The schedule in use, its payers named as the person charts them."""
    found = _steps(frame)[-1]
    if found is None or frame.data.sample:
        return found
    return found.charted(state.judgements().aliases.charted)


def _use(frame: Frame, schedule: Schedule | None) -> None:
    st.session_state[_key(frame)] = [*_steps(frame), schedule]
    _forget()


def _back(frame: Frame) -> None:
    st.session_state[_key(frame)] = _steps(frame)[:-1]
    _forget()


def _forget() -> None:
    """What was worked out with another schedule is of no use."""
    for name in _BUILT:
        st.session_state.get(state.TABLES, {}).pop(name, None)


# --- what is worked out ---------------------------------------------------------------------------


def sources(frame: Frame) -> Sources:
    """What lines are counted from, under the schedule in use."""
    return Sources(frame.ledger, frame.kept, current(frame))


def every(frame: Frame) -> pd.DataFrame:
    """``expected.every`` of the ledger under the schedule in use."""
    return sources(frame).every()


def cells(frame: Frame) -> pd.DataFrame:
    """``lab.cells`` of the ledger, its lines at what the schedule in use says they are worth."""
    return frame.kept(
        "definitions", lambda ledger: lab.cells(ledger, expected=every(frame)["expected"])
    )


def losses(frame: Frame) -> pd.DataFrame:
    """``recoverable.rows``: avoidable write-offs at billed prices and at expected allowed."""
    return sources(frame).losses()


def against(frame: Frame) -> str:
    """What lines are compared with: the schedule where there is one, else the usual allowed."""
    return expected.USUAL if current(frame) is None else expected.SCHEDULE


def gaps(frame: Frame) -> pd.DataFrame:
    """``underpaid.gaps`` against the schedule, or against the usual allowed without one."""
    return sources(frame).gaps(against(frame))


def priced(frame: Frame) -> pd.DataFrame:
    """Lines with what they were paid, for ``prices.prices``."""
    return frame.kept(
        "priced", lambda ledger: prices.with_paid(ledger, expected.charged(every(frame)))
    )


def losses_in_words(frame: Frame) -> None:
    """Both prices of the avoidable losses, with their claims one click away."""
    part = frame.part(losses(frame))
    part = part[part["gross"] != 0]
    if not len(part):
        return
    with st.container(border=True):
        share = recoverable.rate(part, frame.part(expected.charged(every(frame))))
        st.markdown(wording.md(recoverable.finding(recoverable.totals(part), share)))
        st.caption(
            "A refused line stands in the books at its billed price. At expected allowed it "
            "counts for what the payer would have allowed: what could have come in."
        )
        title = "Avoidable losses at expected allowed"
        known = part[part["at_expected"].notna()]  # no price is not a price of $0
        claims_link(frame, title, known["number"], known["at_expected"], "losses_claims")
        name = "avoidable_at_expected"
        how(frame, name, name, counted(frame, name, schedule=current(frame)))


# --- the schedule itself --------------------------------------------------------------------------


def panel(frame: Frame) -> None:
    """Which schedule is in use; to bring one, to keep it, to take it back."""
    steps, found = _steps(frame), current(frame)
    if note := st.session_state.get(_NOTE):
        st.warning(wording.md(note))
    with st.expander("Your fee schedule", expanded=False):
        if found is None:
            st.markdown(
                "No fee schedule yet. Upload what your contracts allow, and every line is checked "
                "against it. A CSV or Excel file with the columns payer, code, modifier, allowed, "
                "from and to; a blank payer means every payer. Amounts are for one unit."
            )
        else:
            rates = wording.count(len(found), "rate")
            st.markdown(wording.md(f"In use: {found.name or 'kept schedule'}, {rates}."))
            for said in found.notes:
                st.caption(wording.md(said))
        _upload(frame)
        left, middle, right = st.columns(3)
        if frame.data.sample and found is None:
            left.button("Use the sample's", key="fees_sample", on_click=_sample, args=(frame,))
        if len(steps) > 1:
            left.button("Undo", key="fees_undo", on_click=_back, args=(frame,))
        if found is not None:
            middle.button("Use none", key="fees_none", on_click=_use, args=(frame, None))
        if not frame.data.sample:
            label = "Keep it on this computer" if found is not None else "Keep none"
            right.button(label, key="fees_keep", on_click=_keep, args=(steps[-1],))


def _sample(frame: Frame) -> None:
    _use(frame, fee_schedule.read(SAMPLE))


def _keep(schedule: Schedule | None) -> None:
    try:
        said = fee_schedule.keep_none() if schedule is None else fee_schedule.keep(schedule)
        st.session_state[_NOTE] = said
        st.toast("Kept on this computer for your next files." if schedule else "Nothing is kept.")
    except NotKept as error:
        st.session_state[_NOTE] = error.in_words


def _upload(frame: Frame) -> None:
    file = st.file_uploader(
        "Fee schedule (CSV or Excel)", type=["csv", "tsv", "txt", "xlsx", "xls"], key="fees_file"
    )
    if file is None:
        return
    try:
        found = fee_schedule.read((file.name, file.getvalue()))
    except WriteoffsError as error:
        st.error(wording.md(error.in_words))
        return
    st.markdown(wording.md(f"{file.name}: {wording.count(len(found), 'rate')} can be used."))
    for said in found.notes:
        st.warning(wording.md(said))
    st.button("Use this schedule", key="fees_use", type="primary", on_click=_use,
              args=(frame, found))  # fmt: skip
