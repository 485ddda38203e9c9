"""Paid below the fee schedule; without one, allowed below what the payer usually allows.

What is set against the contract is what the payer *allowed*, never what it paid: a payment leaves
out the patient's share and sequestration (``allowed``). Only a line that was priced and is finished
is compared; a denied line is a denial, not an underpayment. Lines that are cut for a stated reason
are counted apart: modifiers 51, 59 and the like, and CARC 59, where several procedures were done on
one day. Without a fee schedule nobody knows what was agreed, so such lines are called outliers.

Formula (domain 1.8; medibilling.app, underpayment detection): variance = expected - allowed;
rate = sum(max(variance - tolerance, 0)) / sum(expected).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from writeoffs import expected, units
from writeoffs import vocabulary as v
from writeoffs.book import sum_by
from writeoffs.fee_schedule import Schedule, modifiers
from writeoffs.keys import codes, groups
from writeoffs.ledger import Ledger
from writeoffs.measures import Measure
from writeoffs.money import Cents, ratio
from writeoffs.problems import BadRequest
from writeoffs.wording import count, dollars

TOLERANCE: Final = 100  # cents a line: rounding is no underpayment
USUAL_TOLERANCE: Final = 5  # percent besides, where no contract is known

OPEN: Final = "still open"
SEVERAL: Final = "several procedures in one day"

_SEVERAL: Final = frozenset({"51", "59", "XE", "XP", "XS", "XU"})
_CARC_59: Final = re.compile(r"(?:[A-Z]{2}[- ]?)?59", re.IGNORECASE)

_WHY: Final = (
    "On lines that were priced and are finished; those with several procedures in one day are"
    " counted apart."
)
DECLARED: Final = (
    Measure("underpaid", "Paid below contract", "fee schedule - allowed, on lines more than $1"
            " below it", "dollars", good="down", rows="lines",
            top="what the fee schedule allows less what the payer allowed, on lines more than $1"
            " below",
            meaning=f"Payers allowed less than the contract says. {_WHY}",
            source="domain 1.8; medibilling.app underpayment detection guide"),
    Measure("underpaid_rate", "Underpayment rate", "sum of max(fee schedule - allowed - $1, 0) /"
            " fee schedule", "rate", good="down", rows="lines",
            top="what is more than $1 below the fee schedule, less that $1 a line",
            bottom="what the fee schedule allows on every line that was compared",
            meaning=f"Of what contracts allow, the part that payers left out. {_WHY}",
            source="domain 1.8; medibilling.app underpayment detection guide"),
    Measure("below_usual", "Below the usual allowed", "usual allowed - allowed, on lines more than"
            " $1 and 5 % below it", "dollars", good="down", rows="lines",
            top="the median that the payer allowed for the code near that day, less what it allowed"
            " here, on lines more than $1 and 5 % below",
            meaning=f"Outliers, not proven underpayments: no fee schedule says what was agreed."
            f" {_WHY}",
            source="domain 1.8"),
)  # fmt: skip


def underpayments(
    ledger: Ledger,
    schedule: Schedule,
    tolerance: int = TOLERANCE,
    by: str | Sequence[str] = "payer",
) -> pd.DataFrame:
    """Allowed below a fee schedule, by payer, procedure or any column of ``gaps``.

    Args:
        tolerance: cents a line that are not counted as an underpayment.

    Returns:
        See ``totals``.

    Raises:
        BadRequest: an unknown column.
    """
    found = expected.lines(ledger, schedule)
    return totals(gaps(ledger, found, expected.SCHEDULE, tolerance), by)


def outliers(
    ledger: Ledger, tolerance: int = TOLERANCE, by: str | Sequence[str] = "payer"
) -> pd.DataFrame:
    """Allowed below what the payer usually allows for the code near that day.

    Outliers, never underpayments: what was agreed is not known. See ``underpayments``.
    """
    return totals(gaps(ledger, expected.lines(ledger), expected.USUAL, tolerance), by)


def gaps(
    ledger: Ledger, found: pd.DataFrame, against: str, tolerance: int = TOLERANCE
) -> pd.DataFrame:
    """One row a line that can be compared.

    Args:
        found: ``expected.lines`` of the ledger.
        against: "schedule" or "usual".
        tolerance: cents a line; against the usual allowed, or 5 % of it where that is more.

    Returns:
        The columns of ``found`` for lines that were priced and have an amount to set against;
        ``against`` and ``variance`` (int64 cents, the latter below zero where more was allowed),
        ``apart`` (why a gap may be right: "still open", "several procedures in one day", else ""),
        ``short`` (int64: the variance where it is beyond the tolerance and nothing is apart) and
        ``beyond`` (int64: ``short`` less the tolerance).
    """
    if against not in expected.BASES:
        raise BadRequest(f"nothing to set against: {against!r}\n\nHint: schedule or usual")
    column = "listed" if against == expected.SCHEDULE else "usual"
    allowed = found["allowed"].fillna(0).to_numpy(dtype=np.int64)
    own = found[column].fillna(0).to_numpy(dtype=np.int64)
    keep = (allowed > 0) & found[column].notna().to_numpy()
    slack = np.full(len(found), tolerance, dtype=np.int64)
    if against == expected.USUAL:
        slack = np.maximum(slack, own * USUAL_TOLERANCE // 100)
    variance = own - allowed
    apart = _apart(ledger, found)
    short = np.where((variance > slack) & (apart == 0), variance, 0)
    out = found.assign(
        against=own,
        variance=variance,
        apart=pd.Categorical.from_codes(apart, ["", OPEN, SEVERAL]),
        short=short,
        beyond=np.where(short > 0, short - slack, 0),
    )
    return out[keep].reset_index(drop=True)


def totals(found: pd.DataFrame, by: str | Sequence[str] = ()) -> pd.DataFrame:
    """Sums of ``gaps``.

    Returns:
        The ``by`` columns; ``lines`` compared and ``short_lines``; ``against``, ``short`` and
        ``beyond`` (int64 cents), ``rate`` = beyond / against (Float64 fraction, NA where nothing
        was expected); ``apart_lines`` and ``apart`` (int64 cents: what lines counted apart are
        below). Most dollars first.
    """
    keys = [by] if isinstance(by, str) else list(by)
    unknown = [key for key in keys if key not in found]
    if unknown:
        raise BadRequest(f"cannot group by {', '.join(unknown)}")
    group, out = groups(found, keys)
    size = len(out)
    apart = (found["apart"] != "").to_numpy()
    below = np.maximum(0, found["variance"].to_numpy())

    def summed(values: npt.NDArray[np.int64], mask: npt.NDArray[np.bool_]) -> Cents:
        return sum_by(group[mask], values[mask], size)

    one = np.ones(len(found), dtype=np.int64)
    against, beyond = (found[name].to_numpy() for name in ("against", "beyond"))
    out = out.assign(
        lines=summed(one, ~apart),
        short_lines=summed(one, (found["short"] > 0).to_numpy()),
        against=summed(against, ~apart),
        short=summed(found["short"].to_numpy(), ~apart),
        beyond=summed(beyond, ~apart),
        apart_lines=summed(one, apart & (below > 0)),
        apart=summed(below, apart),
    )
    rates = [ratio(int(a), int(b)) for a, b in zip(out["beyond"], out["against"], strict=True)]
    out["rate"] = pd.array(rates, dtype="Float64")
    return out.sort_values(["short", "lines"], ascending=False, ignore_index=True)


def made_of(found: pd.DataFrame, name: str) -> pd.DataFrame:
    """The lines of ``gaps`` that a measure of DECLARED is counted from.

    Returns:
        ``number``, ``numerator`` and ``denominator``, int64 cents.
    """
    mine = found[found["apart"] == ""]
    rate = name == "underpaid_rate"
    top, bottom = (mine["beyond"], mine["against"]) if rate else (mine["short"], 0)
    return pd.DataFrame({"number": mine["number"], "numerator": top, "denominator": bottom})


def finding(whole: pd.DataFrame, against: str) -> str:
    """What the one row of ``totals`` says, as a title."""
    [row] = whole.to_dict("records")
    lines, short = int(row["lines"]), int(row["short_lines"])
    if not lines:
        return "No line here can be compared with what should have been allowed"
    of = f"{short:,} of {count(lines, 'line')}"
    if against == expected.SCHEDULE:
        if not short:
            return f"Payers kept to your fee schedule on all {count(lines, 'line')} compared"
        return f"Payers allowed {dollars(int(row['short']))} less than your fee schedule, on {of}"
    if not short:
        return "No payer allowed less than it usually does for the same code"
    return f"{dollars(int(row['short']))} below what the same payer usually allows, on {of}"


def _apart(ledger: Ledger, found: pd.DataFrame) -> npt.NDArray[np.int8]:
    """Why a gap of a line may be right: 0 for no reason, 1 still open, 2 several procedures."""
    settled = ledger.settled
    insurer = sum_by(settled.line, settled.open - settled.patient_open, units.count(settled))
    cut = units.sums(settled, lambda k: k.entry == v.WRITE_OFF and _is_cut(k.reason)) != 0
    line = found["place"].to_numpy()
    several = [bool(_SEVERAL & modifiers(text)) for text in found["modifier"].cat.categories]
    marked = np.array([*several, False], dtype=bool)[codes(found["modifier"])]
    out = np.where(cut[line] | marked, 2, 0)
    return np.where(insurer[line] > 0, 1, out).astype(np.int8)


def _is_cut(reason: str) -> bool:
    """CARC 59: paid by the rules for several procedures."""
    return _CARC_59.fullmatch(reason.strip()) is not None
