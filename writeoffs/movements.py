"""A row of a long ledger: what it is, how much, and which way round the file writes it.

The type says what a row is, the reason what an adjustment is, the description helps where both are
silent. Which way round the file writes its credits is decided once for each class of movement from
all its rows: payments negative in one system are positive in another.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from writeoffs import taxonomy, types
from writeoffs import vocabulary as v
from writeoffs.keys import Index, combine, pick
from writeoffs.money import Cents
from writeoffs.parsed import Label, Parsed
from writeoffs.plan import Plan
from writeoffs.sides import debited, ledger_amount, side_signs
from writeoffs.types import Movement
from writeoffs.vocabulary import Kind

_PATIENT_WORDS: Final = (
    "patient self pt guarantor client member cash responsible party person private"
).split()
_STRONG: Final = 0.8  # a class of movement turns its sign alone only with so clear a majority

# Columns that carry one class of movement of their own: their rows do not use the plain amount.
_OWN_COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    v.CHARGE: ("charge",),
    v.PAYMENT: ("payment_amount", "total_paid", "insurance_paid", "patient_paid"),
    v.WRITE_OFF: v.ADJUSTMENT_COLUMNS,
    v.TRANSFER: ("transfer",),
}


# The texts that may say what a row is where its type does not.
EXPLAINING: Final = (
    "transaction_type", "adjustment_reason", "adjustment_type", "transaction_desc",
)  # fmt: skip


@dataclass(frozen=True)
class Sorted:
    """Rows of a ledger with their kinds: ``codes`` into ``kinds``; ``expected`` normal sign."""

    kinds: list[tuple[Kind, int]]
    codes: Index


def all_rows(parsed: Parsed) -> Index:
    """Every row of a table, held or not: what is decided once is decided over these."""
    return np.arange(len(parsed.raw), dtype=np.int64)


def decide_signs(parsed: Parsed, plan: Plan) -> dict[str, int]:
    """For each class of movement in a ledger, -1 where the file writes it the other way round;
    for a credit column beside a debit column, -1 where its amounts have no minus of their own."""
    keep = all_rows(parsed)
    rows = sort_rows(parsed, plan, keep)
    sides = side_signs(parsed, plan)
    plan = replace(plan, signs=sides | plan.signs)
    return sides | signs_of(rows, amounts_of(parsed, plan, keep, rows))


def class_of(kind: Kind, expected: int) -> str:
    """The class of movement whose sign is decided together."""
    cash = kind.entry == v.PROVIDER_ADJUSTMENT and not kind.reason  # a payment on no claim
    if kind.entry in v.PAYMENTS or cash:
        return "payments" if expected > 0 else "refunds"
    if kind.entry == v.CHARGE:
        return "voids" if expected < 0 else "charges" if kind.category == v.SERVICE else "debits"
    if kind.entry == v.TRANSFER:
        return "transfers" if expected > 0 else "transfers_out"
    undone = "_undone" if expected < 0 and kind.bucket != v.OVER_BILLED else ""
    names = {v.WRITE_OFF: f"write_offs{undone}", v.PATIENT_SHARE: f"shares{undone}"}
    return names.get(kind.entry, "others")


def signs_of(rows: Sorted, amounts: list[tuple[Index, Cents]]) -> dict[str, int]:
    """For each class of movement, 1 or -1 so that its usual row has the sign its entry names."""
    votes: dict[str, list[int]] = {}
    for codes, cents in amounts:
        for code in np.unique(codes[cents != 0]):
            kind, expected = rows.kinds[int(code)]
            found = cents[(codes == code) & (cents != 0)] * expected
            tally = votes.setdefault(class_of(kind, expected), [0, 0])
            tally[0] += int((found > 0).sum())
            tally[1] += int((found < 0).sum())
    fixed = ("transfers", "others")  # pairs of plus and minus: as the file writes them
    out = {name: _majority(up, down) for name, (up, down) in votes.items() if name not in fixed}
    if "write_offs" in votes and "payments" in out:
        up, down = votes["write_offs"]
        share = down / max(1, up + down)
        clear = share >= _STRONG or share <= 1 - _STRONG
        out["write_offs"] = (-1 if share >= _STRONG else 1) if clear else out["payments"]
    return out


def _majority(up: int, down: int) -> int:
    return -1 if down > up else 1


# --- what a row is --------------------------------------------------------------------------------


def sort_rows(parsed: Parsed, plan: Plan, keep: Index) -> Sorted:
    """The kind of every kept row; worked out once, over all rows of the table."""
    key = ("kinds of rows", tuple(plan.columns.items()))
    if key not in parsed.memo:
        parsed.memo[key] = _sort_all(parsed, plan)
    found: Sorted = parsed.memo[key]
    return Sorted(list(found.kinds), pick(found.codes, keep))


def _sort_all(parsed: Parsed, plan: Plan) -> Sorted:
    """The kind of every row, worked out once for each distinct combination of its texts."""
    keep = all_rows(parsed)
    names = ("transaction_type", "adjustment_reason", "adjustment_group", "adjustment_type")
    fields = [*names, "transaction_desc", "payer_type", "payer_rank", "payment_method"]
    fields.append("transfer_to")
    labels = {f: parsed.label(h) for f in fields if (h := plan.heading(f)) is not None}
    payer_says = _payer_says(parsed, plan, keep)
    debit = debited(parsed, plan)
    codes: dict[str, Index] = {}
    texts: dict[str, tuple[str, ...]] = {}
    for name, label in labels.items():
        codes[name], texts[name] = _without_amounts(label)
    mixed = mixed_codes(parsed, plan)
    if mixed is not None:
        label = parsed.label(plan.headings("procedure_code")[0])
        codes["adjustment_reason"] = np.where(mixed[label.codes], label.codes, -1)
        texts["adjustment_reason"] = (*label.names, "")
    _, first, spread = np.unique(
        combine([*codes.values(), payer_says, debit.astype(np.int64)]),
        return_index=True,
        return_inverse=True,
    )
    kinds: dict[tuple[Kind, int], int] = {}
    numbers = np.zeros(len(first), dtype=np.int64)
    for i, row in enumerate(first):
        said = dict.fromkeys(fields, "") | {f: texts[f][codes[f][row]] for f in codes}
        kind = _row_kind(said, int(payer_says[row]), bool(debit[row]))
        numbers[i] = kinds.setdefault(kind, len(kinds))
    return Sorted(list(kinds), numbers[spread])


def _without_amounts(label: Label) -> tuple[Index, tuple[str, ...]]:
    """Codes and texts of a column, the amounts that its texts end in left out; "" is code -1.

    A memo such as "Ins1 coins: 10.00" differs on every row, and is the same kind on all of them.
    """
    bare = [taxonomy.split_note(name)[0] for name in label.names]
    order = {text: code for code, text in enumerate(dict.fromkeys(bare))}
    turn = np.array([*(order[text] for text in bare), -1], dtype=np.int64)
    return turn[label.codes], (*order, "")


def mixed_codes(parsed: Parsed, plan: Plan) -> npt.NDArray[np.bool_] | None:
    """A Code column that holds the procedure of a charge and the reason of an adjustment.

    Returns:
        Which of its distinct texts are reasons, and False for a blank as the last; None where the
        reasons have a column of their own or no adjustment has such a code.
    """
    heading, kind = plan.heading("procedure_code"), plan.heading("transaction_type")
    if heading is None or kind is None or plan.heading("adjustment_reason"):
        return None
    label, said = parsed.label(heading), parsed.label(kind)
    reasons = np.array([bool(taxonomy.read_reason(n).code) for n in label.names] + [False])
    if not reasons.any():
        return None
    read = [types.read_type(n) for n in said.names]
    charges = np.array([m is not None and m.entry == v.CHARGE for m in read] + [False])
    adjusts = np.array([m is not None and m.by_reason for m in read] + [False])
    here = reasons[label.codes]
    if (here & charges[said.codes]).any() or not (here & adjusts[said.codes]).any():
        return None
    return reasons


def _payer_says(parsed: Parsed, plan: Plan, keep: Index) -> npt.NDArray[np.int64]:
    """0: the payer column does not tell who paid; 1: an insurer; 2: the patient.

    A payer column names the one who moved the money only if it says "Patient" on some rows of a
    claim that another row charges to an insurer; else it is the claim's payer on every row.
    """
    heading, claim = plan.heading("payer"), plan.heading("claim_id")
    out = np.zeros(len(keep), dtype=np.int64)
    if heading is None:
        return out
    label = parsed.label(heading)
    patient = np.array([is_patient(n) for n in label.names] + [False])[label.codes[keep]]
    named = label.codes[keep] >= 0
    if claim is None:
        return out + 2 * patient
    claims = parsed.label(claim).codes[keep]
    mixed = np.intersect1d(claims[patient], claims[named & ~patient])
    if len(mixed):
        return np.where(patient, 2, np.where(named, 1, 0)).astype(np.int64)
    return np.where(patient, 2, 0).astype(np.int64)


def is_patient(text: str) -> bool:
    """Whether a payer's name means the patient: "Patient", "Self-pay", "Pt"."""
    found = text.lower().replace("-", " ").replace("_", " ").split()
    return bool(found) and found[0] in _PATIENT_WORDS and len(found) <= 3


def _row_kind(said: dict[str, str], payer_says: int, debit: bool) -> tuple[Kind, int]:
    """Kind and normal sign of a row from its texts; a debit that no text explains is a charge."""
    movement = types.read_type(said["transaction_type"])
    if movement is None:
        movement = types.read_type(said.get("transaction_desc", ""))
    if movement is None:
        explained = any(types.knows(said.get(n, "")) for n in EXPLAINING)
        movement = types.CHARGE if debit and not explained else types.ADJUSTMENT
    if movement.by_reason:
        return _by_reason(said, movement)
    if movement.entry in v.PAYMENTS:
        return _payment(said, movement, payer_says)
    if movement.entry == v.CHARGE:
        party = v.PAYER if movement.category == v.SERVICE else v.PATIENT
        return Kind(v.CHARGE, movement.category, "", party), movement.sign
    if movement.entry == v.TRANSFER:
        return Kind(v.TRANSFER, "transfer", "", _moved_to(said)), movement.sign
    return Kind(movement.entry, movement.category), movement.sign


def _moved_to(said: dict[str, str]) -> str:
    """Of whom a transfer speaks: by its own column, else by the first text that names one."""
    to = said.get("transfer_to", "")
    if to:
        return v.PATIENT if to.lower() in ("p", "0") or is_patient(to) else v.PAYER
    texts = (said.get(n, "") for n in ("transaction_type", "adjustment_reason", "transaction_desc"))
    return next((v.PATIENT for t in texts if taxonomy.transfer_party(t) == v.PATIENT), v.PAYER)


def _by_reason(said: dict[str, str], movement: Movement) -> tuple[Kind, int]:
    """An adjustment or a patient's share, by the first of its texts that says why."""
    group = said.get("adjustment_group", "")
    tried = ("adjustment_reason", "adjustment_type", "transaction_type", "transaction_desc")
    kind = taxonomy.classify(said.get("adjustment_reason", ""), group)
    if movement.sign < 0 and kind.entry in v.PAYMENTS:
        kind = taxonomy.write_off(v.UNCLASSIFIED, v.REVIEW, kind.reason, group)
    for name in tried:
        text = said.get(name, "")
        if not text:
            continue
        found = taxonomy.classify(text, group)
        taken = movement.sign < 0 and found.entry in v.PAYMENTS  # "Reversal" of a write-off
        if found.category != v.UNCLASSIFIED and not taken:
            kind = found
            break
    if movement.entry == v.PATIENT_SHARE and kind.entry != v.PATIENT_SHARE:
        kind = Kind(v.PATIENT_SHARE, v.PATIENT_OTHER, "", v.PATIENT, kind.reason, group)
    if kind.category == v.UNCLASSIFIED and not kind.reason:
        shown = said.get("adjustment_reason") or said.get("transaction_type", "")
        kind = kind._replace(reason=shown)
    # A refund and an allowed amount above the charge put dollars back on the line.
    undoes = kind.entry in v.PAYMENTS or kind.bucket == v.OVER_BILLED
    undoes |= movement.sign < 0 and kind.entry == movement.entry
    undoes |= kind.entry == v.WRITE_OFF and any(types.undoes(said.get(f, "")) for f in tried[:2])
    return kind, -1 if undoes else 1


def _payment(said: dict[str, str], movement: Movement, payer_says: int) -> tuple[Kind, int]:
    """Who paid: by the type, the kind or rank of payer, the description, the payer's own name."""
    entry = movement.entry
    if entry == v.PAYMENT:
        entry = _who_paid(said, payer_says)
    party = v.PATIENT if entry == v.PATIENT_PAYMENT else v.PAYER
    return Kind(entry, movement.category, "", party), movement.sign


def _who_paid(said: dict[str, str], payer_says: int) -> str:
    kind = said.get("payer_type", "")
    if kind:
        return v.PATIENT_PAYMENT if is_patient(kind) or kind == "0" else v.INSURER_PAYMENT
    rank = said.get("payer_rank", "").lower()
    if rank:
        return v.PATIENT_PAYMENT if rank in ("0", "p") or is_patient(rank) else v.INSURER_PAYMENT
    for name in ("adjustment_reason", "transaction_desc", "payment_method"):
        found = types.read_type(said.get(name, ""))
        if found is not None and found.entry in (v.INSURER_PAYMENT, v.PATIENT_PAYMENT):
            return found.entry
        if found is not None and found.category == v.COPAY:
            return v.PATIENT_PAYMENT
    return (v.PAYMENT, v.INSURER_PAYMENT, v.PATIENT_PAYMENT)[payer_says]


# --- how much -------------------------------------------------------------------------------------


def amounts_of(parsed: Parsed, plan: Plan, keep: Index, rows: Sorted) -> list[tuple[Index, Cents]]:
    """Pairs of row kinds and cents: the plain amount, and columns of one class of their own."""
    out: list[tuple[Index, Cents]] = []
    owned = {
        entry for entry, fields in _OWN_COLUMNS.items() if any(plan.heading(f) for f in fields)
    }
    amount = ledger_amount(parsed, plan)
    if amount is not None:
        cents = amount[keep]  # a copy
        for code, (kind, _) in enumerate(rows.kinds):
            entry = v.PAYMENT if kind.entry in v.PAYMENTS else kind.entry
            if entry in owned and (entry != v.CHARGE or kind.category == v.SERVICE):
                cents[rows.codes == code] = 0
        out.append((rows.codes, cents))
    for entry, fields in _OWN_COLUMNS.items():
        for name in fields:
            for heading in plan.headings(name):
                cents = parsed.money(heading).cents[keep]
                out.append((_coded(rows, entry, name), cents))
    return out


def _coded(rows: Sorted, entry: str, field_name: str) -> Index:
    """Kinds for a column of its own: the row's kind where it fits, else the column's default."""
    default = {
        "charge": Kind(v.CHARGE, v.SERVICE),
        "insurance_paid": Kind(v.INSURER_PAYMENT),
        "patient_paid": Kind(v.PATIENT_PAYMENT, "", "", v.PATIENT),
        "contractual_adjustment": taxonomy.contractual(),
        "transfer": Kind(v.TRANSFER, "transfer"),
    }.get(field_name)
    if default is None:
        unknown = taxonomy.write_off(v.UNCLASSIFIED, v.REVIEW)
        default = Kind(v.PAYMENT) if entry == v.PAYMENT else unknown
    rows.kinds.append((default, 1))
    codes = np.full(len(rows.codes), len(rows.kinds) - 1, dtype=np.int64)
    if field_name in ("insurance_paid", "patient_paid", "contractual_adjustment"):
        return codes
    fits = np.array([_fits(kind, entry) for kind, _ in rows.kinds], dtype=bool)
    return np.where(fits[rows.codes], rows.codes, codes)


def _fits(kind: Kind, entry: str) -> bool:
    if entry == v.PAYMENT:
        return kind.entry in v.PAYMENTS
    if entry == v.WRITE_OFF:
        return kind.entry not in (v.CHARGE, *v.PAYMENTS) or kind.category not in ("", v.SERVICE)
    return kind.entry == entry
