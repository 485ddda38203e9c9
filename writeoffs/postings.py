"""Raw table + plan -> postings and problems: one batch, nothing that needs a whole claim.

Two shapes become one journal: money side by side in columns (``wide_rows``), and a long ledger
with one amount and a type (``ledger_rows``). Rows that cannot be read or attributed are held, with
their dollars; whatever reads is counted, and flagged where it looks wrong (rules.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from writeoffs import holding, ledger_rows, wide_rows
from writeoffs import vocabulary as v
from writeoffs.book import Book, Index, Writer
from writeoffs.keys import pick
from writeoffs.money import Cents
from writeoffs.movements import mixed_codes
from writeoffs.parsed import Label, Parsed
from writeoffs.plan import Plan
from writeoffs.problems import Problem


@dataclass(frozen=True)
class Batch:
    """What one table gives: a book, problems, what it can say, rows held with their cents."""

    book: Book
    problems: tuple[Problem, ...]
    says: frozenset[str]
    held: dict[int, int]
    notes: tuple[str, ...] = ()


def post(parsed: Parsed, plan: Plan) -> Batch:
    """Turn every readable row of a table into postings.

    Args:
        parsed: the table.
        plan: how to read it; decided over the whole input, the same for every batch.

    Returns:
        A ``Batch``. Every row of the table is either in ``book.rows`` or in ``held``.
    """
    holds = holding.find(parsed, plan)
    keep = np.flatnonzero(~holds.mask)
    rows = _rows(parsed, plan, keep)
    writer = Writer()
    problems = list(holds.problems)
    shape = ledger_rows if plan.shape == "ledger" else wide_rows
    found, said = shape.post(parsed, plan, keep, writer)
    problems += found
    notes = [*plan.signs_in_words(), *_summed(plan), *said]
    book = writer.book(rows)
    undone = _voided(parsed, plan, keep)
    if undone.any():
        notes.append(f"{int(undone.sum())} voided rows count as undone")
    return Batch(book.undone(undone), tuple(problems), says(plan, book), holds.cents, tuple(notes))


def _summed(plan: Plan) -> list[str]:
    """What an already summed report cannot say, and when its money counts."""
    if plan.shape != "summary":
        return []
    when = plan.heading("service_date") or plan.heading("post_date")
    if when is None:
        return ["already summed, without dates: rates can be worked out, claims and trends cannot"]
    basis = "service" if plan.heading("service_date") else "posting"
    return [f'already summed: no claims to count; "{when}" is taken as the month of {basis}']


def any_money(parsed: Parsed, plan: Plan) -> bool:
    """Whether any column carries money that is counted."""
    counted = set(v.MONEY_FIELDS) - set(v.UNCOUNTED_MONEY) - set(v.BALANCE_COLUMNS)
    return any(f in counted and not parsed.is_empty(h) for h, f in plan.columns.items())


_VOID_WORDS: Final = frozenset({"y", "yes", "true", "t", "1", "v", "x", "void", "voided"})


def _voided(parsed: Parsed, plan: Plan, keep: Index) -> npt.NDArray[np.bool_]:
    """Rows that the file marks as void: posted, and undone by derived negatives."""
    heading = plan.heading("void_flag")
    if heading is None:
        return np.zeros(len(keep), dtype=bool)
    label = parsed.label(heading)
    said = np.array([n.lower() in _VOID_WORDS for n in label.names] + [False], dtype=bool)
    return said[label.codes[keep]]


# --- rows: who, where, when -----------------------------------------------------------------------


def _rows(parsed: Parsed, plan: Plan, keep: Index) -> pd.DataFrame:
    raw = parsed.raw
    n = len(keep)
    out: dict[str, Any] = {
        "file": pd.Categorical.from_codes(np.zeros(n, dtype=np.int8), [raw.name]),
        "row": pick(raw.numbers, keep),
    }
    for name, fields in (
        ("claim", ("claim_id", "encounter_id")),
        ("line", ("line_number", "charge_id")),
        ("patient", ("patient_id",)),
        ("payer", ("payer", "plan")),
        ("practice", ("practice",)),
        ("provider", ("provider",)),
        ("location", ("location",)),
        ("procedure", ("procedure_code",)),
        ("modifier", ("modifier",)),
    ):
        out[name] = _category(parsed, plan, fields, keep)
    mixed = mixed_codes(parsed, plan) if plan.shape == "ledger" else None
    if mixed is not None:
        out["procedure"] = _without(out["procedure"], mixed)
    out["transaction"] = _transactions(parsed, plan, keep)
    out |= _dates(parsed, plan, keep)
    charge = plan.heading("charge")
    out["has_charge"] = (
        pick(parsed.money(charge).stated, keep) if charge else np.zeros(n, dtype=bool)
    )
    out["units"] = _units(parsed, plan, keep)
    out["ledger"] = np.full(n, plan.shape == "ledger")
    out["remit"] = np.zeros(n, dtype=np.int8)
    out |= _balances(parsed, plan, keep)
    return pd.DataFrame(out, index=pd.RangeIndex(n), copy=False)


def _category(parsed: Parsed, plan: Plan, fields: tuple[str, ...], keep: Index) -> pd.Categorical:
    heading = next((h for f in fields for h in plan.headings(f)[:1]), None)
    if heading is None:
        nothing = Label(np.zeros(0, dtype=np.int32), pa.array([], type=pa.string()))
        dtype = pd.CategoricalDtype(nothing.categories())  # of the type that stated texts have
        return pd.Categorical.from_codes(np.full(len(keep), -1, dtype=np.int8), dtype=dtype)
    label = parsed.label(heading)
    dtype = pd.CategoricalDtype(label.categories())
    return pd.Categorical.from_codes(pick(label.codes, keep), dtype=dtype, validate=False)


def _without(texts: pd.Categorical, left_out: npt.NDArray[np.bool_]) -> pd.Categorical:
    """A text column with some of its distinct texts read as blanks."""
    codes = np.where(left_out[texts.codes], -1, texts.codes)
    return pd.Categorical.from_codes(codes, dtype=texts.dtype)


def _transactions(parsed: Parsed, plan: Plan, keep: Index) -> Index:
    """The file's own number of each movement, as a hash; 0 where it gives none."""
    heading = next((h for f in ("transaction_id", "payment_id") for h in plan.headings(f)), None)
    if heading is None:
        return np.zeros(len(keep), dtype=np.int64)
    column = parsed.column(heading)
    texts = column.values.to_numpy(zero_copy_only=False).astype(object)
    hashed = pd.util.hash_array(texts, categorize=False).view(np.int64)
    return np.where(column.blank(), 0, hashed[column.codes])[keep]


def _units(parsed: Parsed, plan: Plan, keep: Index) -> Index:
    """Units in hundredths; 0 where none are stated, or what stands there is no number."""
    heading = plan.heading("units")
    if heading is None:
        return np.zeros(len(keep), dtype=np.int64)
    return pick(parsed.money(heading).cents, keep)


def _dates(parsed: Parsed, plan: Plan, keep: Index) -> dict[str, npt.NDArray[np.datetime64]]:
    def first(*fields: str) -> npt.NDArray[np.datetime64]:
        days = np.full(len(keep), np.datetime64("NaT"), dtype="datetime64[D]")
        for name in fields:
            heading = plan.heading(name)
            if heading is not None:
                days = np.where(np.isnat(days), pick(parsed.day(heading).days, keep), days)
        return days.astype("datetime64[s]")

    if plan.shape == "ledger":
        posted = first("post_date", "payment_date", "adjudication_date", "created_date")
        charged = np.where(np.isnat(posted), first("service_date"), posted)
    else:
        posted = first("payment_date", "adjudication_date", "post_date")
        charged = first("created_date", "post_date")
    return {"service_date": first("service_date"), "post_date": posted, "charge_date": charged}


def _balances(parsed: Parsed, plan: Plan, keep: Index) -> dict[str, npt.NDArray[np.generic]]:
    """Stated balances of a wide file; a long ledger's balance column runs, and states nothing."""
    total = _stated(parsed, plan, "balance", keep)
    insurer = _stated(parsed, plan, "insurance_balance", keep)
    patient = _stated(parsed, plan, "patient_balance", keep)
    both = plan.heading("insurance_balance") and plan.heading("patient_balance")
    if plan.heading("balance") is None and both:
        total = (insurer[0] + patient[0], insurer[1] | patient[1])
    return {
        "balance": total[0],
        "balance_stated": total[1],
        "patient_balance": patient[0],
        "patient_balance_stated": patient[1],
    }


def _stated(
    parsed: Parsed, plan: Plan, field_name: str, keep: Index
) -> tuple[Cents, npt.NDArray[np.bool_]]:
    heading = plan.heading(field_name)
    if heading is None or plan.shape == "ledger":
        return np.zeros(len(keep), dtype=np.int64), np.zeros(len(keep), dtype=bool)
    column = parsed.money(heading)
    return pick(column.cents, keep), pick(column.stated, keep)


# --- what the source can say ----------------------------------------------------------------------


def says(plan: Plan, book: Book) -> frozenset[str]:
    """Which figures this source can hold at all; the others are null, never 0 (rules.md 16)."""
    found = _ledger_says(book) if plan.shape == "ledger" else _wide_says(plan)
    for name, fields in (("claims", ("claim_id", "encounter_id")), ("patients", ("patient_id",))):
        if any(plan.heading(f) for f in fields):
            found.add(name)
    if any(k.group for k in book.kinds):
        found.add("groups")
    if any(k.entry == v.PATIENT_SHARE and k.reason for k in book.kinds):
        found |= {"patient_responsibility", *v.SHARES}
    if any((k.entry, k.party) == (v.TRANSFER, v.PATIENT) for k in book.kinds):
        found.add("patient_transfers")
    return frozenset(found)


def _wide_says(plan: Plan) -> set[str]:
    found: set[str] = set()
    if plan.has("charge"):
        found.add("billed")
    insurer = plan.has("insurance_paid", *v.INSURER_COLUMNS, "other_paid")
    patient, total = plan.has("patient_paid"), plan.has("total_paid")
    if insurer or (total and patient):
        found |= {"paid", "insurer_paid"}
    if patient or (total and insurer):
        found |= {"paid", "patient_paid"}
    if total:
        found |= {"paid", "all_paid"}
    if {"insurer_paid", "patient_paid"} <= found:
        found.add("all_paid")
    if plan.has(*v.ADJUSTMENT_COLUMNS) or plan.implied_contractual:
        found.add("written_off")
    shares = [f for f in v.SHARE_COLUMNS if plan.has(f)]
    if shares or plan.has("patient_responsibility"):
        found |= {"patient_responsibility", *shares}
        if plan.has("patient_responsibility"):
            found.add("patient_other")
    return found


def _ledger_says(book: Book) -> set[str]:
    entries = {k.entry for k in book.kinds}
    found = {"written_off"}
    if v.CHARGE in entries:
        found.add("billed")
    if entries & set(v.PAYMENTS):
        found |= {"paid", "all_paid"}
    if v.PAYMENT not in entries:
        found |= {"paid", "all_paid", "insurer_paid", "patient_paid"}
    if v.PATIENT_SHARE in entries:
        found |= {"patient_responsibility", *v.SHARES}
    return found
