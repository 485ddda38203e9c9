"""Service months by age: what was paid, or written off, by the time a month was so many months old.

A month that is not over at the as-of date, or a last calendar month that is only half posted, must
not look like a slow one. So a month's age is counted on the as-of date's own day: as of the 15th,
a service month is one month old on the 15th of the next month, two a month later, and so on. Every
cell of the triangle, the newest included, then stands for the same length of time, and nothing that
was posted is left out. As of the last day of a month these are calendar months.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from writeoffs import measures
from writeoffs.book import sum_by
from writeoffs.cube import CUBE_BY, POST_MONTH, SERVICE_MONTH, flows
from writeoffs.ledger import Ledger
from writeoffs.measures import Weights

WINDOW: Final = 36  # service months looked at: what happened longer ago says little of today


@dataclass(frozen=True)
class RunOff:
    """A ledger's flows by service month and by the month in which they were seen.

    ``cube``: as ``Ledger.cube``, with ``post_month`` counted on the as-of date's day (see above).
    ``first`` and ``last``: the first service month looked at and the last that is over (year * 12
    + month - 1). ``seen``: the month of the as-of date. ``youngest``: the age in months of the
    youngest month that is over: 0 as of a month's last day, else 1. ``snapshot``: rows with
    one date for all their money are in it, which cannot say when each payment came.
    """

    cube: pd.DataFrame
    first: int
    last: int
    seen: int
    youngest: int
    snapshot: bool = False

    @property
    def months(self) -> int:
        """How many service months there are to learn from."""
        return max(0, self.last - self.first + 1)

    def narrowed(self, cube: pd.DataFrame) -> RunOff:
        """The same over some rows of its cube."""
        return replace(self, cube=cube)


@dataclass(frozen=True)
class Triangle:
    """What came to be, cumulative, by service month (rows) and age in months (columns).

    ``cents``: int64, 0 where not yet known; ``known``: which cells are. ``first``: the service
    month of the first row; ``youngest``: the age of the first column. ``undated``: cents of these
    service months whose posting date no file states, in no cell.
    """

    cents: npt.NDArray[np.int64]
    known: npt.NDArray[np.bool_]
    first: int
    youngest: int
    undated: int = 0

    def cumulative(self) -> npt.NDArray[np.float64]:
        """Cents as floats, NaN where not known (exact below 2**53)."""
        return np.where(self.known, self.cents.astype(np.float64), np.nan)

    def frame(self) -> pd.DataFrame:
        """One row a service month (``month``), one column an age: Int64 cents, NA where not yet
        known."""
        out = pd.DataFrame({"month": np.arange(len(self.cents)) + self.first})
        for at in range(self.cents.shape[1]):
            column = pd.Series(self.cents[:, at], dtype="Int64")
            out[self.youngest + at] = column.where(self.known[:, at])
        return out


def run_off(ledger: Ledger) -> RunOff:
    """A ledger's flows by service month and age; without dates it holds no months.

    A charge without an entry date counts on its service date; any other movement without a posting
    date has no age (``Triangle.undated``).
    """
    as_of = ledger.as_of
    settled = ledger.settled
    rows = settled.book.rows
    if as_of is None:
        return RunOff(ledger.cube.iloc[:0], 0, -1, 0, 0)
    dates = {
        "post_date": _seen(rows["post_date"].to_numpy(), as_of),
        "charge_date": _seen(settled.book.entered(), as_of),
    }
    book = replace(settled.book, rows=rows.assign(**dates))
    cube = flows(replace(settled, book=book), CUBE_BY)
    month = as_of.year * 12 + as_of.month - 1
    over = _month_ends(as_of)
    last = month if over else month - 1
    served = cube[SERVICE_MONTH].to_numpy()
    served = served[(served >= 0) & (served <= last)]
    if not len(served):
        return RunOff(cube, 0, -1, month, int(not over))
    # A report by posting date has older visits' last payments without their first.
    entered = cube.loc[(cube["entry"] == "charge") & (cube[POST_MONTH] >= 0), POST_MONTH]
    first = max(int(served.min()), int(entered.min()) if len(entered) else 0, last - WINDOW + 1)
    return RunOff(cube, first, last, month, int(not over), not rows["ledger"].all())


def _month_ends(day: date) -> bool:
    return day.day == monthrange(day.year, day.month)[1]


def _seen(days: npt.NDArray[np.datetime64], as_of: date) -> npt.NDArray[np.datetime64]:
    """The first day of the month in which each day is seen, if months end on the as-of's day."""
    months = days.astype("datetime64[M]")
    if not _month_ends(as_of):
        day_of_month = (days.astype("datetime64[D]") - months).astype(np.int64) + 1
        late = ~np.isnat(days) & (day_of_month > as_of.day)
        months = months + late.astype(np.int64)
    return months.astype(days.dtype)


def summed(runoff: RunOff, by: Sequence[str] = ()) -> pd.DataFrame:
    """The components of what may enter rates, by service month, month seen and ``by``."""
    return measures.components(runoff.cube, [*by, SERVICE_MONTH, POST_MONTH], rated=True)


def triangle(runoff: RunOff, sums: pd.DataFrame, weights: Weights) -> Triangle:
    """A weighted sum of components as a triangle.

    Args:
        sums: rows of ``summed``: all of them, or those of one payer.
        weights: component -> sign, as a measure's numerator.
    """
    rows, columns = runoff.months, max(0, runoff.seen - runoff.first - runoff.youngest + 1)
    cents = measures.weigh(sums, weights)
    served, seen = sums[SERVICE_MONTH].to_numpy(np.int64), sums[POST_MONTH].to_numpy(np.int64)
    mine = (served >= runoff.first) & (served <= runoff.last)
    dated = mine & (seen >= 0)
    row = served - runoff.first
    age = np.clip(seen - served - runoff.youngest, 0, max(columns - 1, 0))
    flat = sum_by((row * columns + age)[dated], cents[dated], rows * columns)
    shape = (rows, columns)
    known = np.add.outer(np.arange(rows), np.arange(columns)) < columns
    cumulative = np.cumsum(flat.reshape(shape), axis=1)
    undated = int(cents[mine & ~dated].sum())
    return Triangle(np.where(known, cumulative, 0), known, runoff.first, runoff.youngest, undated)
