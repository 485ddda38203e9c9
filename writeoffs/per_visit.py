"""What a claim, a line and a visit bring in: payments divided by how many there are.

A visit (encounter) is one patient on one day of service; a claim without a patient or without a day
is a visit of its own. AAFP lists the average reimbursement rate among its key measures and leaves
the unit open, so that the three in use stand side by side (domain 1.6).
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from writeoffs.keys import codes, combine
from writeoffs.measures import Measure

_SOURCE: Final = "AAFP, average reimbursement rate; the unit is ours"
_PAID: Final = "insurer and patient payments on those claims, net of refunds"


def _per(unit: str, bottom: str, meaning: str) -> Measure:
    return Measure(
        f"payment_per_{unit}", f"Payment per {unit}", f"{_PAID} / {bottom}", "dollars",
        needs=("billed", "paid", "claims"), good="neither", meaning=meaning, source=_SOURCE,
        rows="claims", top=_PAID, bottom=bottom,
    )  # fmt: skip


DECLARED: Final = (
    _per("claim", "claims with a charge that stands", "What one claim brings in."),
    _per("line", "service lines with a charge that stands", "What one charged service brings in."),
    _per("encounter", "patients on a day of service", "What one visit brings in."),
)


def payments(claims: pd.DataFrame, says: frozenset[str]) -> pd.DataFrame:
    """Payment per claim, line and visit of a part of ``claims.claims``.

    Args:
        claims: rows of ``claims.claims``, as filters leave them.
        says: what the ledger can say.

    Returns:
        One row a measure of DECLARED: ``name``, ``title``, ``value`` (Int64 cents, rounded half up
        to the cent), ``paid`` (Int64 cents) and ``count`` (Int64); NA where the files cannot say
        what is paid or which rows are one claim, or where there are none.
    """
    mine = claims[claims["counts"]]
    paid = int(mine[["insurer_paid", "patient_paid", "other_paid"]].to_numpy().sum())
    counts = (len(mine), int(mine["lines"].sum()), visits(mine))
    rows = []
    for measure, count in zip(DECLARED, counts, strict=True):
        said = set(measure.needs) <= says and count > 0
        value = (2 * paid + count) // (2 * count) if said else None
        cells = (value, paid, count) if said else (None, None, None)
        rows.append((measure.name, measure.title, *cells))
    out = pd.DataFrame(rows, columns=["name", "title", "value", "paid", "count"])
    return out.astype({"value": "Int64", "paid": "Int64", "count": "Int64"})


def visits(claims: pd.DataFrame) -> int:
    """How many visits a part of ``claims.claims`` holds."""
    patient, day = codes(claims["patient"]), claims["service_date"].to_numpy()
    known = (patient >= 0) & ~np.isnat(day)
    both = combine([patient[known], day[known].astype("datetime64[D]").astype(np.int64)])
    return len(np.unique(both)) + int(np.count_nonzero(~known))
