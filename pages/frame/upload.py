"""The upload: read, propose, let the person correct, show what it would come to, then use it.

Several files are one practice. Nothing is charted before the person has seen how each is read,
except where every file needs no question: remittances, and headings whose mapping was used before.
The bytes are read once into tables of this session; a second widget key frees the uploader.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.frame import mapping_table, state
from writeoffs import wording
from writeoffs.judgements import recall, remember
from writeoffs.keeping import NotKept
from writeoffs.ledger import Ledger
from writeoffs.mapping import Proposal, complete, propose
from writeoffs.parsed import Parsed
from writeoffs.plan import Plan, fingerprint
from writeoffs.problems import BadRequest, Unreadable
from writeoffs.readers.remittance import Remittance
from writeoffs.reading import SUFFIXES, Table, open_part, parts_of, posted
from writeoffs.stated import figures

_PENDING: Final = "upload_pending"
_ROUND: Final = "upload_round"
_AT_ONCE: Final = "upload_at_once"
_NOTES: Final = "upload_notes"
_ADDS_UP: Final = 0.05  # of the rows; below, the columns are no sum at all and nothing is said


@dataclass
class Opened:
    """A table of the upload with its proposal, or a remittance, which needs none.

    ``recalled``: whether the mapping is one that this person used before.
    """

    raw: Table
    proposal: Proposal | None = None
    recalled: bool = False


@dataclass
class Pending:
    """Files that were read and wait for the person; ``ledger`` under the ``plans`` last shown."""

    opened: list[Opened] = field(default_factory=list)
    refused: list[tuple[str, str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    ledger: Ledger | None = None
    plans: tuple[str, ...] = ()

    @property
    def needs_nobody(self) -> bool:
        """Whether every table was read under a mapping used before, and nothing was refused."""
        tables = [one for one in self.opened if one.proposal is not None]
        return bool(tables) and not self.refused and all(one.recalled for one in tables)


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
        if st.session_state.get(_AT_ONCE) == data.label:
            st.caption("The headings are known, so the files were read as before, without a click.")
        for note in st.session_state.get(_NOTES, ()):
            st.warning(wording.md(note))
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
    buttons = st.container(horizontal=True)
    if state.before() is not None and buttons.button("Undo the last upload", key="undo"):
        state.undo()
        _forget_pending()
        st.rerun()
    if buttons.button("Forget it and show the sample practice", key="forget"):
        state.forget()
        _forget_pending()
        st.rerun()


def _take(files: Sequence[tuple[str, bytes]]) -> None:
    """Read files into tables of this session, with progress, then free the uploader."""
    _forget_pending()
    pending = Pending()
    with st.status("Reading …", type="step") as status:
        for i, (name, data) in enumerate(files, start=1):
            status.update(label=f"Reading file {i} of {len(files)} …")
            _open(_plain_name(name), data, pending)
        rows = sum(one.raw.rows_read for one in pending.opened)
        status.update(label=f"{rows:,} rows read.", state="complete")
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1
    if pending.needs_nobody and _used_at_once(pending):
        st.rerun()
    st.session_state[_PENDING] = pending
    st.rerun()


def _open(name: str, data: bytes, pending: Pending) -> None:
    """Everything that one uploaded file holds, each table under the mapping it had before."""
    try:
        parts = parts_of((name, data))
    except Unreadable as problem:
        pending.refused.append((name, problem.problem.message, problem.hint))
        return
    for part in parts:
        try:
            tables = open_part(part)
            opened = [_with_proposal(table, pending) for table in tables]
        except Unreadable as problem:
            pending.refused.append((part.name, problem.problem.message, problem.hint))
        else:
            pending.opened += opened


def _with_proposal(raw: Table, pending: Pending) -> Opened:
    if isinstance(raw, Remittance):
        return Opened(raw)
    plan, note = recall(raw.headings)
    if note:
        pending.notes.append(note)
    if plan is None:
        return Opened(raw, propose(Parsed(raw)))
    parsed = Parsed(raw, plan.decimal, dict(plan.orders))
    return Opened(raw, complete(parsed, plan), True)


def _used_at_once(pending: Pending) -> bool:
    """Use files whose mapping is known without a click; the page offers to undo it."""
    plans = [one.proposal.plan if one.proposal else None for one in pending.opened]
    try:
        ledger = _posted(pending.opened, plans)
    except (Unreadable, BadRequest):
        return False
    _keep(ledger, add=not state.current().sample)
    st.session_state[_AT_ONCE] = state.current().label
    return True


def _plain_name(name: str) -> str:
    """A file name for the screen: no folders, no control characters, not too long."""
    bare = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(ch for ch in bare if ch.isprintable())[:80] or "upload"


def _forget_pending() -> None:
    for key in (_PENDING, _AT_ONCE):
        st.session_state.pop(key, None)
    for key in [k for k in st.session_state if str(k).startswith("map_")]:
        del st.session_state[key]


# --- the review -----------------------------------------------------------------------------------


def _review(pending: Pending) -> None:
    with st.container(border=True):
        for name, message, hint in pending.refused:
            st.error(wording.md(f"{name} was not read: {message}. {hint}"))
        for note in pending.notes:
            st.warning(wording.md(note))
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
        if one.recalled:
            st.caption("These headings are known: they are read as you had them read before.")
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
    said = [f"{name} {wording.exact(cents)}" for name, cents in figures(remit.control) if cents]
    st.caption(wording.md("; ".join([*remit.notes, *(said or ["it states no money"])]) + "."))


def _posted(opened: Sequence[Opened], plans: Sequence[Plan | None]) -> Ledger:
    """All files under their mappings, as one practice.

    Raises:
        Unreadable, BadRequest: nothing that can be counted under these mappings.
    """
    return posted([one.raw for one in opened], {i: p for i, p in enumerate(plans) if p is not None})


def _outcome(pending: Pending, plans: list[Plan | None]) -> None:
    """What the files come to under these mappings, before they are used."""
    shown_sums = {p.identity: p for p in plans if p is not None and p.identity}
    for plan in (p for p in shown_sums.values() if (p.holds or 0) >= _ADDS_UP):
        share = wording.percent(plan.holds)
        st.markdown(wording.md(f"The rows add up on {share}: {plan.identity}."))
    shown = tuple("" if p is None else p.to_json() for p in plans)
    if pending.ledger is None or pending.plans != shown:
        try:
            pending.ledger, pending.plans = _posted(pending.opened, plans), shown
        except (Unreadable, BadRequest) as error:
            st.error(wording.md(error.in_words))
            _leave(st.container())
            return
    ledger = pending.ledger
    _figures(ledger)
    for problem in ledger.problems[:6]:
        money = f" ({wording.dollars(problem.amount, True)})" if problem.amount else ""
        st.markdown(f"- {wording.md(problem.message + money)}")
    if len(ledger.problems) > 6:
        st.caption(f"and {len(ledger.problems) - 6} more, listed below once the files are used")
    _roles(ledger)
    _decide(ledger, [plan for plan in plans if plan is not None])


_ROLES: Final = MappingProxyType(
    {
        "lookup": "gives names to the others; its money is not counted",
        "explains": "holds dollars that another file has in more detail; not counted again",
        "unused": "not used",
    }
)


def _roles(ledger: Ledger) -> None:
    """Of several files, those that are not counted themselves, and why."""
    for file in ledger.files:
        if file.shape in _ROLES:
            said = "; ".join(file.notes)
            st.markdown(f"- {wording.md(f'{file.name}: {_ROLES[file.shape]}. {said}')}")


def _decide(ledger: Ledger, plans: Sequence[Plan]) -> None:
    current = state.current()
    words = "Use this file" if len(ledger.files) == 1 else "Use these files"
    known = bool(plans) and st.checkbox(
        "Remember how these columns are read: next month's export needs no question",
        value=True,
        key="remember",
        help="Kept on this computer: the headings and what they mean, no patient and no amount.",
    )
    buttons = st.container(horizontal=True)
    add = not current.sample and buttons.button("Add to what is shown", key="add", type="primary")
    use = buttons.button(
        words if current.sample else f"{words} instead",
        type="primary" if current.sample else "secondary",
        key="use",
    )
    if add or use:
        _keep(ledger, add=bool(add), plans=plans if known else ())
        _forget_pending()
        st.rerun()
    _leave(buttons)


def _leave(place: DeltaGenerator) -> None:
    """The way out of a review without using anything."""
    if place.button("Leave it", key="leave"):
        _forget_pending()
        st.rerun()


def _keep(ledger: Ledger, add: bool, plans: Sequence[Plan] = ()) -> None:
    """Show these files, alone or beside what is shown; remember their mappings if asked."""
    names = [f.name for f in ledger.files]
    label = names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"
    current = state.current()
    try:
        notes = [remember(plan) for plan in plans]
    except NotKept as error:
        notes = [error.in_words]
    st.session_state[_NOTES] = [note for note in notes if note]
    if add:
        state.keep(current.raw + ledger, f"{current.label} and {label}")
    else:
        state.keep(ledger, label)


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
