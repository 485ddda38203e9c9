"""What the rows themselves say about a mapping: do the parts add up to the charge?

A heading can lie; a sum that comes out on every row does not. Each identity below is tried on all
readable rows; the one that holds most often is the file's own, and says what its columns mean.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from writeoffs import vocabulary as v
from writeoffs.money import Cents

Columns = Mapping[str, list[Cents]]
SUPPORT: Final = 0.5  # an identity that holds on fewer rows than this supports nothing
DERIVED_SHARE: Final = 0.95  # rules.md: charge - allowed = adjustment on so many rows


class Identity(NamedTuple):
    """An identity tried: ``words``, the share of rows on which it ``holds`` (0 to 1), the cents
    that each row is ``off``, and whether it needed the patient's share to add up."""

    words: str
    holds: float
    off: Cents
    with_share: bool = False
    complete: bool = True


class Parts(NamedTuple):
    """The sums of a mapping's columns by row, in cents; None where no column says it."""

    charge: Cents | None
    paid: Cents | None
    written_off: Cents | None
    share: Cents | None
    balance: Cents | None
    allowed: Cents | None
    implied: Cents | None


def parts_of(columns: Columns, allowed_stated: npt.NDArray[np.bool_] | None = None) -> Parts:
    """Add up columns by what they mean; totals win over their parts."""
    allowed = _first(columns, "allowed")
    charge = _first(columns, "charge")
    implied = None
    if allowed is not None and charge is not None:
        known = allowed != 0 if allowed_stated is None else allowed_stated & (allowed != 0)
        implied = np.where(known, charge - allowed, 0)
    return Parts(
        charge,
        paid_sum(columns),
        _sum(columns, v.ADJUSTMENT_COLUMNS),
        _share(columns),
        _balance(columns),
        allowed,
        implied,
    )


def paid_sum(columns: Columns) -> Cents | None:
    """Payments of everybody less refunds."""
    if "total_paid" in columns:
        paid = _sum(columns, ("total_paid",))
    else:
        paid = _sum(columns, ("insurance_paid", *v.INSURER_COLUMNS, "patient_paid", "other_paid"))
    refund = _sum(columns, ("refund",))
    return paid - refund if paid is not None and refund is not None else paid


def _share(columns: Columns) -> Cents | None:
    total = _first(columns, "patient_responsibility")
    return total if total is not None else _sum(columns, v.SHARE_COLUMNS)


def _balance(columns: Columns) -> Cents | None:
    total = _first(columns, "balance")
    return total if total is not None else _sum(columns, ("insurance_balance", "patient_balance"))


def _first(columns: Columns, field: str) -> Cents | None:
    found = columns.get(field)
    return found[0] if found else None


def _sum(columns: Columns, fields: tuple[str, ...]) -> Cents | None:
    found = [c for f in fields for c in columns.get(f, ())]
    return sum(found[1:], start=found[0]) if found else None


def identities(parts: Parts, readable: npt.NDArray[np.bool_]) -> list[Identity]:
    """Every identity that these columns can be put to, with how often it holds."""
    p = parts
    out: list[Identity] = []
    rows = np.count_nonzero(readable)
    if p.charge is None or not rows:
        return out

    def tried(words: str, off: Cents, with_share: bool = False, complete: bool = True) -> None:
        off = off if rows == len(off) else np.where(readable, off, 0)
        holds = float((rows - np.count_nonzero(off)) / rows)
        out.append(Identity(words, holds, off, with_share, complete))

    zero = np.zeros_like(p.charge)
    paid = p.paid if p.paid is not None else zero
    ways = _write_off_ways(p)
    for said, written in ways:
        base = p.charge - paid - written
        if p.balance is not None:
            tried(f"charge = paid + {said} + balance", base - p.balance)
            if p.share is not None:
                words = f"charge = paid + {said} + patient share + balance"
                tried(words, base - p.share - p.balance, True)
        elif p.paid is not None:
            if p.share is not None:
                tried(f"charge = paid + {said} + patient share", base - p.share, True)
            tried(f"charge = paid + {said}", base)
    if p.allowed is not None and p.written_off is not None:
        off = p.charge - p.allowed - p.written_off
        tried("charge = allowed + adjustments", off, complete=False)
    if p.allowed is not None and p.paid is not None and p.share is not None:
        tried("allowed = paid + patient share", p.allowed - paid - p.share, True, False)
    return out


def _write_off_ways(p: Parts) -> list[tuple[str, Cents]]:
    ways: list[tuple[str, Cents]] = []
    if p.written_off is not None:
        ways.append(("adjustments", p.written_off))
    if p.implied is not None:
        if p.written_off is not None:
            ways.append(("(charge - allowed) + adjustments", p.implied + p.written_off))
        else:
            ways.append(("(charge - allowed)", p.implied))
    return (
        ways or [("nothing written off", np.zeros_like(p.charge))] if p.charge is not None else []
    )


def best_identity(found: list[Identity]) -> Identity | None:
    """The identity that holds most often; complete ones first, plainer ones on a tie."""
    if not found:
        return None
    complete = [i for i in found if i.complete]
    best = max(complete, key=lambda i: i.holds, default=None)
    if best is None or best.holds < SUPPORT:
        best = max(found, key=lambda i: i.holds)
    return best


def is_derived(
    charge: Cents,
    allowed: Cents,
    adjustment: Cents,
    rows: npt.NDArray[np.bool_],
) -> bool:
    """Whether charge - allowed = adjustment on at least 95 % of ``rows`` (rules.md)."""
    return (
        bool(rows.any()) and float((charge - allowed == adjustment)[rows].mean()) >= DERIVED_SHARE
    )
