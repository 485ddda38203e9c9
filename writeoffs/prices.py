"""Which payer pays best for a code: what each allows for one unit, how sure, out of how many lines.

The figure is the median allowed for one unit. Its interval is that of order statistics: of n
amounts in order, the k-th smallest and the k-th largest hold the median between them with the
probability 1 - 2 P(Binomial(n, 1/2) < k), whatever their distribution is (Conover, Practical
Nonparametric Statistics, 3rd edition 1999, section 3.2; David and Nagaraja, Order Statistics, 2003,
section 7.1). The narrowest such interval of 95 % or more is given; below six lines there is none.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from fractions import Fraction
from functools import cache
from itertools import accumulate
from math import comb, floor, sqrt
from typing import Any, Final

import numpy as np
import pandas as pd

from writeoffs import expected, units
from writeoffs import vocabulary as v
from writeoffs.book import Index, sum_by
from writeoffs.keys import groups
from writeoffs.ledger import Ledger
from writeoffs.measures import Measure
from writeoffs.money import Cents
from writeoffs.wording import count, dollars

CONFIDENCE: Final = Fraction(95, 100)
_EXACT: Final = 1000  # lines up to which the binomial is added up; the normal beyond

DECLARED: Final = (
    Measure("payment_per_unit", "Payment per unit", "paid by insurers and patients / units",
            "dollars", needs=("billed", "paid"), good="up", rows="lines",
            top="what insurers and patients paid on lines that state their units",
            bottom="the units of these lines",
            meaning="What one unit of a service brought in, over all payers and codes.",
            source="AAFP average reimbursement rate; domain 1.6"),
    Measure("median_allowed", "Median allowed for a code", "the median of what a payer allowed for"
            " one unit of a code", "dollars", needs=("billed", "paid"), good="up", rows="lines",
            top="the middle one of the amounts allowed for one unit, in order",
            meaning="Half of the lines were allowed more, half less. Its interval holds the"
            " payer's median in 95 of 100 such samples.",
            source="Conover 1999, section 3.2 (interval by order statistics)"),
)  # fmt: skip


@cache
def rank(n: int) -> int:
    """The largest k for which the k-th smallest and k-th largest of n hold the median at 95 %.

    0 where no k does (n below 6). Exact up to 1,000 lines, then by the normal approximation, which
    is off by at most one rank.
    """
    if n > _EXACT:
        return floor((n + 1) / 2 - 1.96 * sqrt(n) / 2)
    tail = (1 - CONFIDENCE) / 2 * 2**n
    below = accumulate(comb(n, k) for k in range(n // 2 + 1))
    return sum(1 for total in below if total <= tail)


def code_prices(ledger: Ledger, code: str | None = None) -> pd.DataFrame:
    """What each payer allows for a code.

    Args:
        code: a procedure as exported; None for all.

    Returns:
        See ``prices``.
    """
    found = with_paid(ledger, expected.lines(ledger))
    return prices(found if code is None else found[found["procedure"] == code])


def with_paid(ledger: Ledger, found: pd.DataFrame) -> pd.DataFrame:
    """Lines (``expected.lines``) with ``paid``: int64 cents from insurers and patients."""
    paid = units.sums(ledger.settled, lambda k: k.entry in v.PAYMENTS)
    return found.assign(paid=paid[found["place"].to_numpy()])


def prices(found: pd.DataFrame) -> pd.DataFrame:
    """What payers allow for one unit of a code, the best first within each code.

    Args:
        found: ``with_paid`` lines, any of them.

    Returns:
        One row a procedure and payer with a priced line: ``procedure``, ``payer``, ``n`` lines,
        ``median`` (int64 cents for one unit; of an even number the lower of the two middle ones, an
        amount that was allowed), ``low`` and ``high`` (Int64 cents, NA below 6 lines), ``few``
        (whether that is so), ``units`` (Float64) and ``paid_per_unit`` (Int64 cents: paid / units
        on these lines).
    """
    quantity = found["quantity"].to_numpy()
    allowed = found["allowed"].fillna(0).to_numpy(dtype=np.int64)
    priced = (allowed > 0) & (found["payer"].notna() & found["procedure"].notna()).to_numpy()
    kept = found[priced]
    group, out = groups(kept, ["procedure", "payer"])
    each = _per_unit(allowed[priced], quantity[priced])
    order = np.lexsort((each, group))
    each = each[order]
    n = np.bincount(group, minlength=len(out)).astype(np.int64)
    start = np.cumsum(n) - n
    k = np.array([rank(int(size)) for size in n], dtype=np.int64)
    few = k == 0
    low = each[np.where(few, start, start + k - 1)]
    high = each[np.where(few, start, start + n - k)]
    whole = sum_by(group, quantity[priced], len(out))
    paid = sum_by(group, kept["paid"].to_numpy(), len(out))
    out = out.assign(
        n=n,
        median=each[start + (n - 1) // 2],
        low=pd.Series(low, dtype="Int64").where(~few),
        high=pd.Series(high, dtype="Int64").where(~few),
        few=few,
        units=pd.Series(whole, dtype="Float64") / 100,
        paid_per_unit=pd.Series(_per_unit(paid, whole), dtype="Int64"),
    )
    place = out["procedure"].cat.codes.rename("place")
    order_of = pd.DataFrame({"place": place, "few": few, "median": -out["median"], "n": -out["n"]})
    return out.iloc[np.lexsort([order_of[c] for c in ("n", "median", "few", "place")])].reset_index(
        drop=True
    )


def _per_unit(cents: Cents, quantity: Index) -> Cents:
    """Cents for one unit, rounded half up; ``quantity`` in hundredths, above zero."""
    return (2 * 100 * cents + quantity) // (2 * quantity)


def payment_per_unit(found: pd.DataFrame) -> int | None:
    """Paid / units in cents over lines (``with_paid``) that state units; None where none does."""
    stated = found[found["units"].notna()]
    whole = int((stated["units"] * 100).round().sum())
    if whole <= 0:
        return None
    return (200 * int(stated["paid"].sum()) + whole) // (2 * whole)


def note(row: Mapping[Hashable, Any]) -> str:
    """How sure one row of ``prices`` is: its lines and its interval."""
    lines = f"n = {count(int(row['n']), 'line')}"
    if row["few"]:
        return f"{lines}, too few for an interval"
    if row["low"] == row["high"]:
        return f"{lines}, the interval is this one price"
    return (
        f"{lines}, interval {dollars(int(row['low']), True)} to {dollars(int(row['high']), True)}"
    )


def leader(found: pd.DataFrame) -> str | None:
    """The payer that allows most for one code, with enough lines and apart from the others."""
    sure = found[~found["few"]]
    if len(sure) < 2 or (sure["high"].iloc[1:] >= sure["low"].iloc[0]).any():
        return None
    return str(sure["payer"].iloc[0])


def best(found: pd.DataFrame) -> str:
    """Which payer pays best for one code, as far as the lines can tell: a sentence without an end.

    Args:
        found: the rows of ``prices`` for one procedure.
    """
    sure = found[~found["few"]]
    if not len(sure):
        return "Too few lines of any payer to say who pays best"
    first = sure.iloc[0]
    said = f"{first['payer']} allows most for it, {dollars(int(first['median']), True)}"
    if len(sure) == 1:
        return f"{said}; no other payer has enough lines to compare"
    near = [str(p) for p in sure["payer"].iloc[1:][(sure["high"] >= first["low"]).iloc[1:]]]
    if near:
        return f"{said}, but cannot be told apart from {_listed(near)}"
    second = sure.iloc[1]
    return f"{said}; {second['payer']} is next with {dollars(int(second['median']), True)}"


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
