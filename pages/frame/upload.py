"""The upload: read, propose, let the person correct, show what it would come to, then use it.

Nothing is charted before the person has seen how each column is read. The bytes are read once into
a table of this session; a second widget key frees the uploader afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import pandas as pd
import streamlit as st

from pages.frame import state
from writeoffs import vocabulary as v
from writeoffs import wording
from writeoffs.ledger import Ledger
from writeoffs.mapping import Proposal, complete, propose
from writeoffs.parsed import Parsed
from writeoffs.plan import Plan
from writeoffs.problems import BadRequest, Unreadable
from writeoffs.readers import RawTable, read_bytes
from writeoffs.reading import apply

_PENDING: Final = "upload_pending"
_ROUND: Final = "upload_round"
_TYPES: Final = ("csv", "tsv", "txt", "xlsx", "xlsm", "xls", "xlsb", "ods")

# What a field's money or text is counted as, in words for the person who checks the mapping.
COUNTED_AS: Final[Mapping[str, str]] = {
    "charge": "billed",
    "insurance_paid": "paid by insurers",
    "insurance_paid_primary": "paid by insurers",
    "insurance_paid_secondary": "paid by insurers",
    "insurance_paid_tertiary": "paid by insurers",
    "other_paid": "paid by insurers",
    "patient_paid": "paid by patients",
    "total_paid": "paid, by whom not said",
    "payment_amount": "paid",
    "contractual_adjustment": "written off: contract",
    "adjustment": "written off, by its reason",
    "other_adjustment": "written off, by its reason",
    "write_off": "written off, by its reason",
    "patient_write_off": "written off on the patient's side",
    "refund": "taken off payments",
    "deductible": "patient responsibility",
    "coinsurance": "patient responsibility",
    "copay": "patient responsibility",
    "patient_responsibility": "patient responsibility",
    "balance": "the stated balance, to check against",
    "insurance_balance": "the stated balance, to check against",
    "patient_balance": "the stated balance, to check against",
    "transaction_amount": "by the type of each row",
    "transaction_type": "says what each row is",
    "debit_adjustment": "other debits",
}


def _spelled(field_name: str | None) -> str:
    """A field as people write it; blank for a column left to the person."""
    return (field_name or "").replace("_", " ")


_CHOICES: Final = ("", *sorted(_spelled(f) for f in v.FIELDS))


def panel() -> None:
    """The upload part of the Data page."""
    data = state.current()
    st.subheader("Your own files", anchor=False)
    st.caption(
        "Files are read on this machine and stay in this browser tab's memory. Reloading the page "
        "or closing it forgets them; nothing is stored and nothing is sent anywhere."
    )
    if not data.sample:
        st.success(wording.md(f"Showing {data.label}."))
        if st.button("Forget it and show the sample practice", key="forget"):
            state.forget()
            _forget_pending()
            st.rerun()
    found = st.file_uploader(
        "Charges, payments and adjustments as CSV or Excel",
        type=_TYPES,
        key=f"uploader_{st.session_state.get(_ROUND, 0)}",
        max_upload_size=200,
    )
    if found is not None:
        _take(found.name, found.getvalue())
    saved = st.session_state.get(_PENDING)
    if saved is not None:
        _review(saved)


def _take(name: str, data: bytes) -> None:
    """Read the bytes into a raw table of this session, with progress, then free the uploader."""
    _forget_pending()
    with st.status("Reading the file …", type="step") as status:
        try:
            raw = read_bytes(data, _plain_name(name))
            status.update(label=f"{raw.rows_read:,} rows read. Working out the columns …")
            proposal = propose(Parsed(raw))
        except Unreadable as problem:
            status.update(label="The file was not read.", state="error")
            st.session_state[_PENDING] = {"error": problem.problem.message, "hint": problem.hint}
        else:
            status.update(label=f"{raw.rows_read:,} rows read.", state="complete")
            st.session_state[_PENDING] = {"raw": raw, "proposal": proposal, "name": raw.name}
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


def _review(saved: dict[str, Any]) -> None:
    with st.container(border=True):
        if "error" in saved:
            st.error(wording.md(f"Not read: {saved['error']}. {saved['hint']}"))
            if st.button("Close", key="close_error"):
                _forget_pending()
                st.rerun()
            return
        raw: RawTable = saved["raw"]
        proposal: Proposal = saved["proposal"]
        st.markdown(f"**{wording.md(saved['name'])}**: {raw.rows_read:,} rows")
        for note in raw.notes:
            st.caption(wording.md(note))
        plan = _columns(raw, proposal.plan)
        _outcome(raw, plan, saved["name"])


def _columns(raw: RawTable, plan: Plan) -> Plan:
    """The mapping as a table that can be changed."""
    st.markdown("How each column is read. Change what is wrong; leave out what is not needed.")
    parsed = Parsed(raw, plan.decimal, dict(plan.orders))
    shown = pd.DataFrame(
        {
            "Column": list(plan.columns),
            "Sample values": [", ".join(_masked(plan, h, parsed.sample(h))) for h in plan.columns],
            "Read as": [_spelled(f) for f in plan.columns.values()],
            "Counted as": [COUNTED_AS.get(f or "", "") for f in plan.columns.values()],
        }
    )
    shape = st.segmented_control(
        "Each row is",
        ["line", "ledger"],
        default="ledger" if plan.shape == "ledger" else "line",
        format_func={
            "line": "a service or claim, money in columns",
            "ledger": "one movement with a type",
        }.__getitem__,
        key="map_shape",
        required=True,
    )
    edited = st.data_editor(
        shown,
        hide_index=True,
        disabled=["Column", "Sample values", "Counted as"],
        column_config={
            "Read as": st.column_config.SelectboxColumn(options=_CHOICES),
        },
        key="map_table",
        height=min(900, 38 + 35 * len(shown)),
    )
    fields = {_spelled(f): f for f in v.FIELDS}
    columns = dict(zip(edited["Column"], map(fields.get, edited["Read as"]), strict=True))
    same_shape = (plan.shape == "ledger") == (shape == "ledger")
    if columns == plan.columns and same_shape:
        return plan
    chosen = replace(
        plan, columns=columns, signs={}, shape="ledger" if shape == "ledger" else "line"
    )
    return complete(parsed, chosen).plan


def _masked(plan: Plan, heading: str, texts: list[str]) -> list[str]:
    """Sample values; identifiers of patients are not shown."""
    if plan.columns[heading] in ("patient_id", "patient_name"):
        return ["(identifier)"] if texts else []
    return [t[:30] for t in texts]


def _outcome(raw: RawTable, plan: Plan, name: str) -> None:
    """What the file comes to under this mapping, before it is used."""
    if plan.identity:
        share = wording.percent(plan.holds)
        st.markdown(wording.md(f"The rows add up on {share}: {plan.identity}."))
    try:
        parsed = Parsed(raw, plan.decimal, dict(plan.orders))
        ledger = apply(parsed, complete(parsed, plan))
    except (Unreadable, BadRequest) as error:
        st.error(wording.md(str(error).split("\n")[0]))
        return
    _figures(ledger)
    for problem in ledger.problems[:6]:
        money = f" ({wording.dollars(problem.amount, True)})" if problem.amount else ""
        st.markdown(f"- {wording.md(problem.message + money)}")
    if len(ledger.problems) > 6:
        st.caption(f"and {len(ledger.problems) - 6} more, listed below once the file is used")
    left, right = st.columns([1, 3])
    with left:
        if st.button("Use this file", type="primary", key="use"):
            state.keep(ledger, name)
            _forget_pending()
            st.rerun()
    with right:
        if st.button("Leave it", key="leave"):
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
