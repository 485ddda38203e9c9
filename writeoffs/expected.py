"""What each line should have been allowed: by a fee schedule, else what its payer usually allows.

A denied line sits in the books at its billed price, which nobody would have paid. Its loss is what
the contract allows (domain 1.3). Two grounds, the first that speaks:

1. A fee schedule: payer, code, modifier, and the date of service within its dates.
2. The payer's usual allowed: the median of what the same payer allowed for the same code, modifier
   and quantity, on lines near in time: up to NEAR priced lines before and NEAR after the day (the
   line's own among them), none further than REACH_DAYS away, at least FEWEST of them. Where three
   in four of these do not agree, as many before as after, at least three.

Why near in time, and why as many on both sides: contracts change. The median of all years is wrong
before the change and after it. A median over as many lines before as after keeps a step where it
is, for the line's own side is always the larger part (running medians: Tukey, Exploratory Data
Analysis, 1977, chapter 7; edges are kept: Gallagher and Wise, IEEE Trans. ASSP 29, 1981). At the
end of the data one side is all there is: it speaks only as long as it agrees with itself. Half a
year to either side holds at most one yearly change of a fee schedule.

Quantities are compared with the like only: two units are not taken for twice one unit, except by a
schedule, whose rates are for one unit.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from writeoffs import allowed, fee_schedule, units
from writeoffs import vocabulary as v
from writeoffs.book import Index
from writeoffs.fee_schedule import Schedule
from writeoffs.keys import codes, combine, first_rows, number
from writeoffs.ledger import Ledger
from writeoffs.money import Cents
from writeoffs.settle import Settled

NEAR: Final = 5
FEWEST: Final = 5
FEWEST_EVEN: Final = 3
AGREE: Final = (3, 4)
REACH_DAYS: Final = 182

SCHEDULE: Final = "schedule"
USUAL: Final = "usual"
BASES: Final = (SCHEDULE, USUAL)

_CHUNK: Final = 200_000  # lines looked at together; each needs a few hundred bytes
_NEVER: Final = np.iinfo(np.int64).max


def lines(ledger: Ledger, schedule: Schedule | None = None) -> pd.DataFrame:
    """One row a charged line: what it should have been allowed, and what that rests on.

    Args:
        ledger: from ``read``.
        schedule: from ``read_fee_schedule``; its payers named as the ledger charts them.

    Returns:
        The columns of ``allowed.lines``; ``place`` (int64: the line's place among all) and
        ``quantity`` (int64 hundredths of a unit);
        ``expected`` (Int64 cents, NA where nobody can say), ``basis`` ("schedule", "usual", NA),
        ``listed`` and ``usual`` (Int64 cents by each ground alone) and ``n`` (int64: priced lines
        behind ``usual``). Patients without insurance have no expected allowed.
    """
    return charged(every(ledger, schedule))


def charged(found: pd.DataFrame) -> pd.DataFrame:
    """Of ``every`` the lines with a charge."""
    return found[found["charge"] != 0].reset_index(drop=True)


def every(ledger: Ledger, schedule: Schedule | None = None) -> pd.DataFrame:
    """The same of every line, one without a charge too: in the order of ``settled.line``."""
    settled = ledger.settled
    found = allowed.every(ledger)
    found = found.assign(place=np.arange(len(found)), quantity=units.quantity(settled))
    own = np.zeros(len(found), dtype=bool)
    own[settled.line[settled.self_pay]] = True
    insured = ~own & (found["charge"].to_numpy() > 0)
    if schedule is None:
        listed = pd.Series(pd.NA, index=found.index, dtype="Int64")
    else:
        listed = fee_schedule.rates(schedule, found).where(insured)
    usual, n = usually(found, insured)
    basis = np.where(listed.notna(), 0, np.where(usual.notna(), 1, -1))
    return found.assign(
        expected=listed.fillna(usual),
        basis=pd.Categorical.from_codes(basis, list(BASES)),
        listed=listed,
        usual=usual,
        n=n,
    )


def in_rates(settled: Settled, worth: pd.Series) -> tuple[pd.Series, npt.NDArray[np.bool_]]:
    """Expected allowed of the lines that may enter rates, and the lines whose payments go with it.

    Capitation and duplicates are set aside. A payment that names no line belongs to all lines of
    its claim: beside some of them only it would be too much, and without it they would look unpaid.

    Args:
        worth: "expected" of ``every``.

    Returns:
        Int64 cents and a mask, both in the order of ``settled.line``.
    """
    claim = settled.claim[first_rows(settled.line, len(worth))]
    charged = units.sums(settled, lambda k: (k.entry, k.category) == (v.CHARGE, v.SERVICE)) != 0
    aside = units.sums(settled, lambda k: k.entry == v.WRITE_OFF and k.bucket == v.SET_ASIDE)
    paid = units.sums(settled, lambda k: k.entry in v.PAYMENTS)
    worth = worth.where(charged & (aside == 0))

    def claims_with(lines: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        found = np.zeros(settled.claims + 1, dtype=bool)  # the last place is for no claim
        found[claim[lines]] = True
        found[-1] = False
        return found

    unknown = claims_with(charged & worth.isna().to_numpy())
    worth = worth.where(~(claims_with(~charged & (paid != 0)) & unknown)[claim])
    whole = claims_with(charged) & ~unknown
    return worth, worth.notna().to_numpy() | (~charged & whole[claim])


def usually(found: pd.DataFrame, insured: npt.NDArray[np.bool_]) -> tuple[pd.Series, Index]:
    """What the payer of each line allowed for the like near in time.

    Args:
        found: lines with payer, procedure, modifier, quantity, service_date and allowed.
        insured: which of them have a payer that prices them.

    Returns:
        Int64 cents (NA where nothing can be said) and how many lines it is the median of.
    """
    names = ("payer", "procedure", "modifier", "quantity")
    key = number(combine([codes(found[name]) for name in names]))[0]
    day = codes(found["service_date"])
    cents = found["allowed"].fillna(0).to_numpy(dtype=np.int64)
    known = insured & found["service_date"].notna().to_numpy()
    known &= (codes(found["payer"]) >= 0) & (codes(found["procedure"]) >= 0)
    order = np.flatnonzero(known)
    order = order[np.lexsort((day[order], key[order]))]
    # Nothing allowed and all left to the patient is no price: the service was not covered.
    sorted_cents = cents[order]
    median, near = running_medians(key[order], day[order], sorted_cents, sorted_cents > 0)
    out = np.zeros(len(found), dtype=np.int64)
    n = np.zeros(len(found), dtype=np.int64)
    out[order], n[order] = median, near
    return pd.Series(out, index=found.index, dtype="Int64").where(n > 0), n


def running_medians(
    key: Index, day: Index, cents: Cents, priced: npt.NDArray[np.bool_]
) -> tuple[Cents, Index]:
    """For each row the median of the priced rows around it, and how many those are (0: too few).

    Rows are sorted by key and day.
    """
    place = np.flatnonzero(priced)
    before: Index = np.cumsum(priced) - priced  # priced rows above each row
    median = np.zeros(len(key), dtype=np.int64)
    n = np.zeros(len(key), dtype=np.int64)
    for start in range(0, len(key) if len(place) else 0, _CHUNK):
        rows = np.arange(start, min(start + _CHUNK, len(key)))
        found = _around(before[rows], priced[rows])
        inside = (found >= 0) & (found < len(place))
        at = place[np.clip(found, 0, len(place) - 1)]
        away = np.abs(day[at] - day[rows][:, None])
        inside &= (key[at] == key[rows][:, None]) & (away <= REACH_DAYS)
        near = inside.sum(axis=1)
        around = cents[at]
        middle = _medians(around, inside, away)
        same = (inside & (around == middle[:, None])).sum(axis=1)
        torn = np.flatnonzero(same * AGREE[1] < near * AGREE[0])
        few = near < FEWEST
        if len(torn):
            even = _balanced(inside[torn])
            middle[torn] = _medians(around[torn], even, away[torn])
            near[torn] = even.sum(axis=1)
            few[torn] |= near[torn] < FEWEST_EVEN
        median[rows], n[rows] = middle, np.where(few, 0, near)
    return np.where(n > 0, median, 0), n


def _medians(values: Cents, inside: npt.NDArray[np.bool_], away: Index) -> Cents:
    """The median of each row's values that are inside; of an even number without the furthest.

    So the nearer side decides, and the median is an amount that was allowed.
    """
    low = np.where(inside, values, _NEVER).min(axis=1)
    high = np.where(inside, values, -1).max(axis=1)
    differ = np.flatnonzero(low < high)  # most payers have one price: nothing to put in order
    inside, away = inside[differ], away[differ]
    even = np.flatnonzero(inside.sum(axis=1) % 2 == 0)
    inside[even, np.argmax(np.where(inside[even], away[even], -1), axis=1)] = False
    ranked = np.sort(np.where(inside, values[differ], _NEVER), axis=1)
    low[differ] = ranked[np.arange(len(ranked)), (inside.sum(axis=1) - 1) // 2]
    return low


def _balanced(inside: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Of the places before and after each row as many of both: the nearest."""
    steps = np.arange(1, NEAR + 1)
    before, after = inside[:, :NEAR].sum(axis=1), inside[:, NEAR + 1 :].sum(axis=1)
    both = np.minimum(before, after)[:, None]
    own = np.ones((len(inside), 1), dtype=bool)
    return inside & np.hstack([steps[::-1] <= both, own, steps <= both])


def _around(before: Index, priced: npt.NDArray[np.bool_]) -> Index:
    """Places among the priced rows: NEAR before a row, its own (-1 for none), NEAR after it."""
    steps = np.arange(NEAR)
    own = np.where(priced, before, -1)
    after = before + priced
    return np.column_stack([before[:, None] - NEAR + steps, own, after[:, None] + steps])
