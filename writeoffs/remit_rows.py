"""A remittance -> postings, as sent: what each payer states of each claim and line.

Every payer repeats the whole charge, and a later payer may repeat what an earlier one wrote off;
that is settled once all files are together (``adjudications``). Here a claim's postings add up to
its CLP segment, to the cent: a line's money stands on the line, what is said of the whole claim
stays on the claim, and provider adjustments (PLB) stand on rows of their own and on no claim.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from writeoffs import taxonomy
from writeoffs import vocabulary as v
from writeoffs.book import Index, Writer
from writeoffs.postings import Batch
from writeoffs.problems import Problem
from writeoffs.readers.balancing import PREDETERMINATION
from writeoffs.readers.remittance import Remittance, held_reason
from writeoffs.vocabulary import Kind

SAYS: Final = frozenset(
    {"billed", "paid", "insurer_paid", "written_off", "groups", "claims", "patient_responsibility"}
    | set(v.SHARES)
)
_PAID: Final = Kind(v.INSURER_PAYMENT)
_BILLED: Final = Kind(v.CHARGE, v.SERVICE)
_INTEREST: Final = Kind(v.PROVIDER_ADJUSTMENT, "interest")
# PLB03-1, in our words (X12 005010X221 PLB); money between payer and practice, on no claim.
_PROVIDER_WORDS: Final = {
    "WO": "overpayment_recovery", "FB": "forwarded_balance", "L6": "interest", "CT": "capitation",
    "72": "authorized_return", "CS": "adjustment", "CV": "capital_passthrough", "50": "late_fee",
    "51": "interest_penalty", "AP": "advance", "B2": "rebate", "IR": "tax_withheld", "J1": "bonus",
    "LE": "levy", "L3": "penalty", "PL": "final_settlement", "RA": "retroactive_adjustment",
    "AM": "borrowed", "BD": "bad_debt", "BN": "bonus", "C5": "temporary_allowance",
}  # fmt: skip

# Remark codes that say: this share may not be collected, the patient is a Qualified Medicare
# Beneficiary (CMS Change Request 9911, MLN MM9911).
NOT_COLLECTIBLE: Final = "not_collectible"
_BARRED: Final = {"N781": v.DEDUCTIBLE, "N782": v.COINSURANCE, "N783": v.COPAY}


@dataclass(frozen=True)
class _Shape:
    """Which lines and claims become rows: positions in the remittance."""

    lines: Index
    claims: Index
    line_row: Index  # row of a line, -1 where its claim is posted as a whole
    claim_row: Index  # row of a claim's own money, -1 where it has none
    inside: npt.NDArray[np.int64]  # interest inside what the claim was paid


def post(remit: Remittance) -> Batch:
    """Post every readable claim of a remittance.

    Returns:
        A ``Batch``; claims with an amount that cannot be read are held whole. ``book.rows`` has one
        row a service line (or claim, where lines do not carry its money) and one a PLB pair.
    """
    claims = remit.claims
    held = sorted(c for c in remit.unreadable if claims["status"][c] != PREDETERMINATION)
    counted = (claims["status"] != PREDETERMINATION).to_numpy(copy=True)
    counted[held] = False
    shape = _shape(remit, counted)
    rows = _rows(remit, shape)
    writer = Writer()
    _charges_and_payments(remit, shape, writer)
    _adjustments(remit, shape, writer)
    _provider(remit, len(shape.lines) + len(shape.claims), writer)
    charge = claims["charge"].to_numpy()
    says = SAYS | ({"patients"} if (claims["patient"] != "").any() else set())
    return Batch(
        writer.book(rows),
        _held_problem(remit, held),
        says,
        {c + 1: int(charge[c]) for c in held},
    )


def _held_problem(remit: Remittance, held: list[int]) -> tuple[Problem, ...]:
    if not held:
        return ()
    message = f"claim {held[0] + 1}: {held_reason(remit.unreadable[held[0]])}"
    cents = tuple(int(c) for c in remit.claims["charge"].to_numpy()[held])
    numbers = tuple(c + 1 for c in held)
    return (Problem("amount_unreadable", message, remit.name, None, numbers, cents),)


# --- which rows -----------------------------------------------------------------------------------


def _by_claim(remit: Remittance, groups: pd.Series, cents: pd.Series) -> npt.NDArray[np.int64]:
    out = np.zeros(len(remit.claims), dtype=np.int64)
    np.add.at(out, groups.to_numpy(), cents.to_numpy())
    return out


def _shape(remit: Remittance, counted: npt.NDArray[np.bool_]) -> _Shape:
    """Lines carry a claim's money where they add up to it; else the claim is posted whole."""
    claims, lines, every = remit.claims, remit.lines, remit.adjustments
    own = every[every["line"] < 0]
    on_claim = _by_claim(remit, own["claim"], own["amount"])
    taken = _by_claim(remit, every["claim"], every["amount"])
    rest = claims["charge"].to_numpy() - taken - claims["paid"].to_numpy()
    interest = claims["interest"].to_numpy()
    inside = np.where(rest == -interest, interest, 0)
    charged = _by_claim(remit, lines["claim"], lines["charge"]) == claims["charge"].to_numpy()
    paid = _by_claim(remit, lines["claim"], lines["paid"]) - on_claim + inside
    has_lines = np.bincount(lines["claim"], minlength=len(claims)) > 0
    lined = counted & has_lines & charged & (paid == claims["paid"].to_numpy())
    line_at = np.flatnonzero(lined[lines["claim"].to_numpy()])
    some = np.zeros(len(claims), dtype=bool)
    some[own["claim"].to_numpy()] = True
    claim_at = np.flatnonzero(counted & (~lined | some | (inside != 0)))
    line_row = np.full(len(lines), -1, dtype=np.int64)
    line_row[line_at] = np.arange(len(line_at))
    claim_row = np.full(len(claims), -1, dtype=np.int64)
    claim_row[claim_at] = len(line_at) + np.arange(len(claim_at))
    return _Shape(line_at, claim_at, line_row, claim_row, inside)


def _rows(remit: Remittance, shape: _Shape) -> pd.DataFrame:
    """Who, where and when: lines, then claims, then provider adjustments."""
    lines, claims = remit.lines.iloc[shape.lines], remit.claims
    n, own = len(remit.provider), len(shape.claims)
    claim = np.concatenate([lines["claim"].to_numpy(), shape.claims]).astype(np.int64)
    paid_in = np.concatenate([claims["payment"].to_numpy()[claim], remit.provider["payment"]])
    payments = remit.payments
    none = [""] * (own + n)
    day = np.concatenate([lines["day"], np.full(own, np.datetime64("NaT"), "M8[s]")])
    day = np.where(np.isnat(day), claims["day"].to_numpy()[claim], day)
    day = np.concatenate([day, np.full(n, np.datetime64("NaT"), "M8[s]")]).astype("M8[s]")
    posted = payments["day"].to_numpy().astype("M8[s]")[paid_in]
    keys = payments["trace"].to_numpy()[paid_in] + "|" + payments["payer"].to_numpy()[paid_in]
    control = np.concatenate([claims["control"].to_numpy()[claim], remit.provider["reference"]])
    size = len(claim) + n
    false, zero = np.zeros(size, dtype=bool), np.zeros(size, dtype=np.int64)
    claimed = np.arange(size) < len(claim)
    status = np.concatenate([claims["status"].to_numpy()[claim], np.full(n, v.NO_CLAIM)])
    blank = [""] * n
    out: dict[str, object] = {
        "file": pd.Categorical.from_codes(np.zeros(size, dtype=np.int8), [remit.name]),
        "row": np.concatenate([claim + 1, len(claims) + 1 + np.arange(n)]),
        "claim": _category([*claims["number"].to_numpy()[claim], *blank]),
        "line": _category([*lines["number"], *none]),
        "patient": _category([*claims["patient"].to_numpy()[claim], *blank]),
        "payer": _category(payments["payer"].to_numpy()[paid_in]),
        "practice": _category(payments["practice"].to_numpy()[paid_in]),
        "provider": _category([*claims["provider"].to_numpy()[claim], *blank]),
        "location": _category([""] * size),
        "procedure": _category([*lines["procedure"], *none]),
        "modifier": _category([*lines["modifier"], *none]),
        "transaction": pd.util.hash_array(
            (keys + "|" + control).astype(object), categorize=False
        ).view(np.int64),
        "service_date": day,
        "post_date": posted,
        "charge_date": np.where(claimed, day, posted),
        "has_charge": claimed,
        "units": np.concatenate([lines["units"], np.zeros(own + n, dtype=np.int64)]),
        "ledger": ~false,
        "remit": np.where(status == 0, v.UNKNOWN_STATUS, status).astype(np.int8),
        "balance": zero,
        "balance_stated": false,
        "patient_balance": zero,
        "patient_balance_stated": false,
    }  # fmt: skip
    return pd.DataFrame(out, index=pd.RangeIndex(size))


def _category(texts: object) -> pd.Categorical:
    """Texts as categories, a blank as missing."""
    codes, names = pd.factorize(pd.Series(texts, dtype="str"))
    names = pd.Index(names)
    empty = np.flatnonzero(names == "")
    if not len(empty):
        return pd.Categorical.from_codes(codes, names)
    place = int(empty[0])
    codes = np.where(codes == place, -1, codes - (codes > place))
    return pd.Categorical.from_codes(codes, names.delete(place))


# --- how much -------------------------------------------------------------------------------------


def _charges_and_payments(remit: Remittance, shape: _Shape, writer: Writer) -> None:
    lines = remit.lines.iloc[shape.lines]
    at = np.arange(len(lines), dtype=np.int64)
    writer.post(at, _BILLED, lines["charge"].to_numpy())
    writer.post(at, _PAID, lines["paid"].to_numpy())
    # What a claim states beyond its lines; all of it where its lines carry nothing.
    claims = remit.claims.iloc[shape.claims]
    at = len(lines) + np.arange(len(claims), dtype=np.int64)
    on_lines = {
        name: _by_claim(remit, lines["claim"], lines[name])[shape.claims]
        for name in ("charge", "paid")
    }
    inside = shape.inside[shape.claims]
    writer.post(at, _BILLED, claims["charge"].to_numpy() - on_lines["charge"])
    writer.post(at, _PAID, claims["paid"].to_numpy() - on_lines["paid"] - inside)
    writer.post(at, _INTEREST, inside)


def _adjustments(remit: Remittance, shape: _Shape, writer: Writer) -> None:
    """CAS triplets by group and code, each combination classified once (rules.md 7)."""
    every = remit.adjustments
    line = every["line"].to_numpy()
    on_line = np.where(line >= 0, shape.line_row[line], -1) if len(shape.line_row) else line
    row = np.where(on_line >= 0, on_line, shape.claim_row[every["claim"].to_numpy()])
    known = row >= 0
    row, cents = row[known], every["amount"].to_numpy()[known]
    names = every["group"].to_numpy()[known] + "-" + every["code"].to_numpy()[known]
    codes, reasons = pd.factorize(names)
    charge = np.zeros(len(shape.lines) + len(shape.claims), dtype=np.int64)
    charge[: len(shape.lines)] = remit.lines["charge"].to_numpy()[shape.lines]
    charge[len(shape.lines) :] = remit.claims["charge"].to_numpy()[shape.claims]
    barred = _barred(remit, shape)
    for code, reason in enumerate(reasons):
        mine = codes == code
        at, amount = row[mine], cents[mine]
        kind = kind_of(str(reason))
        if kind.entry == v.PROVIDER_ADJUSTMENT:
            # Interest rides inside the payment, as an adjustment that raises it.
            writer.post(at, _PAID, amount)
            writer.post(at, kind, -amount)
            continue
        if str(reason).endswith("-B13"):
            part = amount != charge[at]
            review = taxonomy.write_off("denial_other", v.REVIEW, kind.reason, kind.group)
            writer.post(at[part], review, amount[part])
            at, amount = at[~part], amount[~part]
        writer.post(at, kind, amount)
        if kind.entry == v.PATIENT_SHARE and kind.category in barred:
            remark, rows = barred[kind.category]
            memo = Kind(v.TRANSFER, NOT_COLLECTIBLE, "", v.PAYER, remark)
            writer.post(at[rows[at]], memo, amount[rows[at]])


def _barred(remit: Remittance, shape: _Shape) -> dict[str, tuple[str, npt.NDArray[np.bool_]]]:
    """Share -> the remark that bars collecting it, and the rows on which it stands.

    What is said of a claim holds for its lines too. The share stays a share, as the payer sent it;
    the memo beside it moves no balance.
    """
    claim_of = np.concatenate([remit.lines["claim"].to_numpy()[shape.lines], shape.claims])
    out = {}
    for remark, share in _BARRED.items():
        said = remit.remarks[remit.remarks["code"] == remark]
        whole = said["claim"].to_numpy()[said["line"].to_numpy() < 0]
        rows = np.isin(claim_of, whole)
        said = said[said["line"] >= 0]
        own = shape.line_row[said["line"].to_numpy()]
        own = np.where(own >= 0, own, shape.claim_row[said["claim"].to_numpy()])
        rows[own[own >= 0]] = True
        if rows.any():
            out[share] = (remark, rows)
    return out


def kind_of(reason: str) -> Kind:
    """What a CAS group and code ("CO-45") post as.

    Old codes that say "refund" reduce what was charged here like any other adjustment: they are
    posted for review, because no payment moved on this claim.
    """
    group = reason.split("-", 1)[0]
    kind = taxonomy.classify(reason, group)
    if kind.entry in (*v.PAYMENTS, v.CHARGE):
        return taxonomy.write_off(v.UNCLASSIFIED, v.REVIEW, reason, group)
    return kind


def _provider(remit: Remittance, first: int, writer: Writer) -> None:
    """Provider adjustments: what PLB takes from the payment is cash taken (rules.md 10)."""
    cents = remit.provider["amount"].to_numpy()
    codes, names = pd.factorize(remit.provider["code"])
    for code, name in enumerate(names):
        mine = np.flatnonzero(codes == code)
        words = _PROVIDER_WORDS.get(str(name), "other")
        kind = Kind(v.PROVIDER_ADJUSTMENT, words, "", v.PAYER, f"PLB {name}".strip())
        writer.post(first + mine.astype(np.int64), kind, -cents[mine])
