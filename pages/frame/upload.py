"""The upload: read, propose, let the person correct, show what it would come to, then use it.

Several files are one practice. Nothing is charted before the person has seen how each is read,
except where every file needs no question: remittances, and headings whose mapping was used before.
The bytes are read once into tables of this session; a second widget key frees the uploader.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import pandas as pd
import streamlit as st

from pages.frame import mapping_table, state
from writeoffs import wording
from writeoffs.ledger import Ledger
from writeoffs.mapping import Proposal, propose
from writeoffs.parsed import Parsed
from writeoffs.plan import Plan, fingerprint
from writeoffs.problems import BadRequest, Unreadable
from writeoffs.readers import RawTable
from writeoffs.readers.remittance import Remittance
from writeoffs.reading import SUFFIXES, ledger_of, load

_PENDING: Final = "upload_pending"
_ROUND: Final = "upload_round"


@dataclass
class Opened:
    """A file of the upload: its table with the proposal, or a remittance, which needs none."""

    raw: RawTable | Remittance
    proposal: Proposal | None = None


@dataclass
class Pending:
    """Files that were read and wait for the person; ``ledger`` under the ``plans`` last shown."""

    opened: list[Opened] = field(default_factory=list)
    refused: list[tuple[str, str, str]] = field(default_factory=list)
    ledger: Ledger | None = None
    plans: tuple[str, ...] = ()


def panel() -> None:
    """The upload part of the Data page."""
    data = state.current()
    st.subheader("Your own files", anchor=False)
    st.caption(
        "Files are read on this machine and stay in this browser tab's memory. Reloading the page "
        "or closing it forgets them; nothing of them is stored and nothing is sent anywhere."
    )
    if not data.sample:
        st.success(wording.md(f"Showing {data.label}."))
        _what_now()
    found = st.file_uploader(
        "Charges, payments, adjustments and remittances: CSV, Excel, Parquet, X12 835, zip. "
        "Several at once are read as one practice",
        type=[suffix.removeprefix(".") for suffix in SUFFIXES],
        accept_multiple_files=True,
        key=f"uploader_{st.session_state.get(_ROUND, 0)}",
        max_upload_size=200,
    )
    if found:
        _take([(one.name, one.getvalue()) for one in found])
    saved: Pending | None = st.session_state.get(_PENDING)
    if saved is not None:
        _review(saved)


def _what_now() -> None:
    """Ways back: the last step undone, or everything forgotten."""
    left, right = st.columns(2)
    with left:
        if state.before() is not None and st.button("Undo the last upload", key="undo"):
            state.undo()
            st.rerun()
    with right:
        if st.button("Forget it and show the sample practice", key="forget"):
            state.forget()
            _forget_pending()
            st.rerun()


def _take(files: Sequence[tuple[str, bytes]]) -> None:
    """Read files into tables of this session, with progress, then free the uploader."""
    _forget_pending()
    pending = Pending()
    with st.status("Reading …", type="step") as status:
        for i, (name, data) in enumerate(files, start=1):
            plain = _plain_name(name)
            status.update(label=f"Reading file {i} of {len(files)} …")
            try:
                raw = load((plain, data))
                proposal = None if isinstance(raw, Remittance) else propose(Parsed(raw))
            except Unreadable as problem:
                pending.refused.append((plain, problem.problem.message, problem.hint))
            else:
                pending.opened.append(Opened(raw, proposal))
        rows = sum(one.raw.rows_read for one in pending.opened)
        status.update(label=f"{rows:,} rows read.", state="complete")
    st.session_state[_PENDING] = pending
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1
    st.rerun()


def _plain_name(name: str) -> str:
    """A file name for the screen: no folders, no control characters, not too long."""
    bare = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(ch for ch in bare if ch.isprintable())[:80] or "upload"


def _forget_pending() -> None:
    st.session_state.pop(_PENDING, None)
    for key in [k for k in st.session_state if str(k).startswith("map_")]:
        del st.session_state[key]


# --- the review -----------------------------------------------------------------------------------


def _review(pending: Pending) -> None:
    with st.container(border=True):
        for name, message, hint in pending.refused:
            st.error(wording.md(f"{name} was not read: {message}. {hint}"))
        if not pending.opened:
            if st.button("Close", key="close_error"):
                _forget_pending()
                st.rerun()
            return
        plans = _mappings(pending.opened)
        _outcome(pending, plans)


def _mappings(opened: Sequence[Opened]) -> list[Plan | None]:
    """Each file's mapping; files with the same headings share one, changed once for all."""
    agreed: dict[str, Plan] = {}
    out: list[Plan | None] = []
    for one in opened:
        if isinstance(one.raw, Remittance):
            _remittance(one.raw)
            out.append(None)
            continue
        assert one.proposal is not None
        raw, plan = one.raw, one.proposal.plan
        kind = fingerprint(plan.columns)
        st.markdown(f"**{wording.md(raw.name)}**: {wording.count(raw.rows_read, 'row')}")
        for note in raw.notes:
            st.caption(wording.md(note))
        if kind in agreed:
            st.caption("The same headings as above, read the same way.")
        else:
            agreed[kind] = mapping_table.edit(raw, plan)
        out.append(agreed[kind])
    return out


def _remittance(remit: Remittance) -> None:
    """What a remittance states about itself."""
    claims = wording.count(remit.rows_read, "claim")
    st.markdown(f"**{wording.md(remit.name)}**: a remittance (835) with {claims}")
    said = remit.control
    st.caption(
        wording.md(
            f"It states: charged ${said['charge']}, paid ${said['paid']}, adjusted CO "
            f"${said['CO']}, PR ${said['PR']}, OA ${said['OA']}, PI ${said['PI']}; provider "
            f"adjustments ${said['PLB']}; money moved ${said['BPR']}. " + "; ".join(remit.notes)
        )
    )


def _posted(opened: Sequence[Opened], plans: Sequence[Plan | None]) -> Ledger:
    """All files under their mappings, as one ledger.

    Raises:
        Unreadable, BadRequest: a file under a mapping that counts nothing.
    """
    parts = [ledger_of(one.raw, plan) for one, plan in zip(opened, plans, strict=True)]
    return sum(parts[1:], start=parts[0])


def _outcome(pending: Pending, plans: list[Plan | None]) -> None:
    """What the files come to under these mappings, before they are used."""
    for plan in {p.identity: p for p in plans if p is not None and p.identity}.values():
        share = wording.percent(plan.holds)
        st.markdown(wording.md(f"The rows add up on {share}: {plan.identity}."))
    shown = tuple("" if p is None else p.to_json() for p in plans)
    if pending.ledger is None or pending.plans != shown:
        try:
            pending.ledger, pending.plans = _posted(pending.opened, plans), shown
        except (Unreadable, BadRequest) as error:
            st.error(wording.md(str(error).split("\n")[0]))
            return
    ledger = pending.ledger
    _figures(ledger)
    for problem in ledger.problems[:6]:
        money = f" ({wording.dollars(problem.amount, True)})" if problem.amount else ""
        st.markdown(f"- {wording.md(problem.message + money)}")
    if len(ledger.problems) > 6:
        st.caption(f"and {len(ledger.problems) - 6} more, listed below once the files are used")
    _decide(ledger)


def _decide(ledger: Ledger) -> None:
    names = [f.name for f in ledger.files]
    one = len(names) == 1
    label = names[0] if one else f"{names[0]} and {len(names) - 1} more"
    buttons = st.container(horizontal=True)
    current = state.current()
    if not current.sample and buttons.button("Add to what is shown", key="add", type="primary"):
        state.keep(current.raw + ledger, f"{current.label} and {label}")
        _close()
    words = "Use this file" if one else "Use these files"
    if buttons.button(
        words if current.sample else f"{words} instead",
        type="primary" if current.sample else "secondary",
        key="use",
    ):
        state.keep(ledger, label)
        _close()
    if buttons.button("Leave it", key="leave"):
        _close()


def _close() -> None:
    _forget_pending()
    st.rerun()


def _figures(ledger: Ledger) -> None:
    parts = ledger.reconciliation.set_index("part")["cents"]
    names = ("billed", "paid", "written_off", "open", "unexplained")
    titles = ("Billed", "Paid", "Written off", "Still owed", "Does not tie")
    for column, part, title in zip(st.columns(5), names, titles, strict=True):
        with column:
            cents = parts[part]
            st.metric(title, wording.dollars(None if pd.isna(cents) else int(cents), short=True))
    if ledger.rows_held:
        held = wording.dollars(ledger.held_cents, True)
        st.warning(
            wording.md(f"{wording.count(ledger.rows_held, 'row')} held, {held}: in no figure.")
        )
