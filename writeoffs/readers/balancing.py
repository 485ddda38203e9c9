"""Does a remittance add up? Its own three sums, its patient shares, its segment counts.

X12 005010X221, balancing: SVC02 - CAS = SVC03 on a line, CLP03 - CAS = CLP04 on a claim, the sum of
CLP04 less PLB = BPR02 on a payment. What does not is a problem with its cents; nothing is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import pandas as pd

from writeoffs.money import Cents, plain_dollars
from writeoffs.problems import Problem

Tables = Mapping[str, pd.DataFrame]
PREDETERMINATION: Final = 25


def summed(groups: pd.Series, cents: pd.Series, size: int) -> Cents:
    """Cents by number, 0 .. size - 1."""
    out = np.zeros(size, dtype=np.int64)
    np.add.at(out, groups.to_numpy(), cents.to_numpy())
    return out


def claim_rest(claims: pd.DataFrame, adjustments: pd.DataFrame) -> Cents:
    """Cents by claim that charge less adjustments differs from what was paid."""
    taken = summed(adjustments["claim"], adjustments["amount"], len(claims))
    return np.asarray(claims["charge"] - taken - claims["paid"], dtype=np.int64)


def _line_rest(lines: pd.DataFrame, adjustments: pd.DataFrame) -> Cents:
    own = adjustments[adjustments["line"] >= 0]
    taken = summed(own["line"], own["amount"], len(lines))
    return np.asarray(lines["charge"] - taken - lines["paid"], dtype=np.int64)


def _payment_rest(parts: Tables) -> Cents:
    """Cents by payment that claims less provider adjustments differ from the money moved."""
    size = len(parts["payments"])
    paid = summed(parts["claims"]["payment"], parts["claims"]["paid"], size)
    taken = summed(parts["provider"]["payment"], parts["provider"]["amount"], size)
    return np.asarray(parts["payments"]["stated"] - (paid - taken), dtype=np.int64)


def problems(parts: Tables, name: str) -> tuple[Problem, ...]:
    """What does not add up, each with the claims it is about and the cents it is off."""
    claims, lines, adjustments = parts["claims"], parts["lines"], parts["adjustments"]
    out = []
    for kind, rest, rows, sums in (
        ("835_unbalanced", _payment_rest(parts), None,
         "BPR02 of {n} payments is not CLP04 less PLB"),
        ("835_unbalanced", claim_rest(claims, adjustments), np.arange(len(claims)),
         "{n} claims: charge less adjustments is not what was paid (CLP03 - CAS, CLP04)"),
        ("835_line_unbalanced", _line_rest(lines, adjustments), lines["claim"].to_numpy(),
         "{n} service lines: charge less adjustments is not what was paid (SVC02 - CAS, SVC03)"),
    ):  # fmt: skip
        found = np.flatnonzero(rest)
        if not len(found):
            continue
        message = sums.format(n=len(found))
        if rows is None:
            message += _first_payment(parts, int(found[0]))
        numbers = () if rows is None else tuple(int(r) + 1 for r in rows[found])
        cents = tuple(int(c) for c in rest[found])
        out.append(Problem(kind, message, name, None, numbers, cents))
    return (*out, *_shares_differ(claims, adjustments, name))


def _first_payment(parts: Tables, payment: int) -> str:
    """The first payment that does not balance, in its own figures."""
    mine = parts["claims"]["payment"] == payment
    paid = parts["claims"].loc[mine, "paid"].sum()
    stated = parts["payments"]["stated"].iloc[payment]
    return f"; first: BPR02 {plain_dollars(stated)} vs CLP04 sum {plain_dollars(paid)}"


def _shares_differ(claims: pd.DataFrame, adjustments: pd.DataFrame, name: str) -> list[Problem]:
    """Claims that state a patient share (CLP05) other than the sum of their PR adjustments."""
    own = adjustments[adjustments["group"] == "PR"]
    rest = claims["share"].to_numpy() - summed(own["claim"], own["amount"], len(claims))
    said = claims["share_said"].to_numpy() & (claims["status"] != PREDETERMINATION).to_numpy()
    found = np.flatnonzero((rest != 0) & said)
    if not len(found):
        return []
    message = (
        f"{len(found)} claims state a patient share that their PR adjustments do not add up to"
    )
    numbers = tuple(int(r) + 1 for r in found)
    cents = tuple(int(c) for c in rest[found])
    return [Problem("835_share_differs", message, name, None, numbers, cents)]


def notes(parts: Tables) -> tuple[str, ...]:
    """Facts that lose nothing: sizes, segment counts, predeterminations."""
    payments = parts["payments"]
    sizes = (("payment", payments), ("claim", parts["claims"]), ("service line", parts["lines"]))
    out = [", ".join(f"{len(x):,} {word}{'' if len(x) == 1 else 's'}" for word, x in sizes)]
    missing = int(payments["segments"].isna().sum())
    if missing:
        out.append(f"{missing} payments do not end with SE; each is closed by what follows")
    wrong = payments["segments"].notna() & (payments["segments"] != payments["segments_said"])
    if wrong.any():
        first = payments[wrong].iloc[0]
        said = "nothing" if pd.isna(first["segments_said"]) else int(first["segments_said"])
        found = int(first["segments"])
        out.append(f"SE01 says {said} segments where {found} stand ({int(wrong.sum())} payments)")
    planned = int((parts["claims"]["status"] == PREDETERMINATION).sum())
    if planned:
        out.append(f"{planned} predeterminations (CLP02 25) count as nothing billed")
    return tuple(out)
