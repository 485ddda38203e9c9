"""How a table's columns are read: shown as a table that the person can change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import pandas as pd
import streamlit as st

from writeoffs import vocabulary as v
from writeoffs import wording
from writeoffs.mapping import complete
from writeoffs.parsed import Parsed
from writeoffs.plan import Plan, fingerprint
from writeoffs.readers import RawTable

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


def edit(raw: RawTable, plan: Plan) -> Plan:
    """Show the mapping of a table and return it as the person leaves it."""
    st.markdown("How each column is read. Change what is wrong; leave out what is not needed.")
    kind = fingerprint(plan.columns)
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
        key=f"map_shape_{kind}",
        required=True,
    )
    edited = st.data_editor(
        shown,
        hide_index=True,
        disabled=["Column", "Sample values", "Counted as"],
        column_config={
            "Read as": st.column_config.SelectboxColumn(options=_CHOICES),
        },
        key=f"map_table_{kind}",
        placeholder="not used",
        height=min(900, 38 + 35 * len(shown)),
    )
    fields = {_spelled(f): f for f in v.FIELDS}
    columns = dict(zip(edited["Column"], map(fields.get, edited["Read as"]), strict=True))
    same_shape = (plan.shape == "ledger") == (shape == "ledger")
    if columns != plan.columns or not same_shape:
        # Other columns or another shape: signs and arithmetic are worked out anew.
        shown_as = "ledger" if shape == "ledger" else "line"
        plan = complete(parsed, replace(plan, columns=columns, signs={}, shape=shown_as)).plan
    return _signs(parsed, plan, kind)


def _signs(parsed: Parsed, plan: Plan, kind: str) -> Plan:
    """Which amounts are turned around when read, as decided by adding up; to be changed."""
    if plan.shape == "ledger":
        options = list(plan.signs)
    else:
        credits = set(v.MONEY_FIELDS) - set(v.UNCOUNTED_MONEY) - {"charge"}
        options = [h for h, f in plan.columns.items() if f in credits and not parsed.is_empty(h)]
    turned = [name for name in options if plan.signs.get(name, 1) < 0]
    if not options:
        return plan
    chosen = st.multiselect(
        "Turned around when read",
        options,
        default=turned,
        format_func=lambda name: wording.md(_spelled(name) if plan.shape == "ledger" else name),
        key=f"map_signs_{kind}_{plan.shape}_{fingerprint([*map(str, plan.columns.items())])}",
        placeholder="None: payments and adjustments are positive in this file",
        help="Payments and adjustments are negative in one system and positive in another. What "
        "stands here was decided by adding up all rows; change it where it is wrong.",
    )
    if sorted(chosen) == sorted(turned):
        return plan
    signs = plan.signs | {name: -1 if name in chosen else 1 for name in options}
    return complete(parsed, replace(plan, signs=signs)).plan


def _masked(plan: Plan, heading: str, texts: list[str]) -> list[str]:
    """Sample values; identifiers of patients are not shown."""
    if plan.columns[heading] in ("patient_id", "patient_name"):
        return ["(identifier)"] if texts else []
    return [t[:30] for t in texts]
