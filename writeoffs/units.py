"""Service lines as units to count: who, where and when each one is, and its sums of cents.

What is counted a line (denied, underpaid, paid late) is worked out over these; a page narrows and
sums them like the cube, for the columns have the same names and categories.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import pandas as pd

from writeoffs import vocabulary as v
from writeoffs.book import Index, sum_by
from writeoffs.claims import line_counts
from writeoffs.dates import month_of
from writeoffs.money import Cents
from writeoffs.settle import Settled
from writeoffs.vocabulary import Kind

_TEXT: Final = (
    "claim",
    "line",
    "payer",
    "practice",
    "provider",
    "location",
    "procedure",
    "modifier",
)


def frame(settled: Settled) -> pd.DataFrame:
    """One row a line, in the order of ``settled.line``.

    Returns:
        ``number`` (int64: the claim's place in ``claims.claims``, -1 for none), ``claim``,
        ``line``, ``payer``, ``practice``, ``provider``, ``location``, ``procedure``, ``modifier``
        (categories of the book, of the line's first row), ``service_date`` (datetime64),
        ``service_month`` and ``post_month`` (int32, year * 12 + month - 1, -1 for none; a line is
        posted when its charge was entered, else done), ``units`` (Float64, NA where the files state
        none).
    """
    line, rows = settled.line, settled.book.rows
    first = np.full(count(settled), -1, dtype=np.int64)
    first[line[::-1]] = np.arange(len(line) - 1, -1, -1)
    out = rows[[*_TEXT, "service_date"]].iloc[first].reset_index(drop=True)
    return out.assign(
        number=settled.claim[first],
        service_month=month_of(out["service_date"].to_numpy()),
        post_month=settled.book.entry_months()[first],
        units=pd.Series(stated(settled), dtype="Float64").replace(0, pd.NA) / 100,
    )


def stated(settled: Settled) -> Index:
    """Units of each line in hundredths, charges undone taken off; 0 where one states none."""
    book, line = settled.book, settled.line
    service = np.array([k.entry == v.CHARGE and k.category == v.SERVICE for k in book.kinds])
    cents = book.by_row(book.amount, service[book.kind] if len(service) else None)
    rows = np.flatnonzero(cents)
    units = book.rows["units"].to_numpy()[rows]
    size = count(settled)
    net = sum_by(line[rows], np.sign(cents[rows]) * np.abs(units), size)
    silent = np.zeros(size, dtype=bool)
    silent[line[rows[units == 0]]] = True
    return np.where(silent | (net < 0), 0, net)


def quantity(settled: Settled) -> Index:
    """How many times each line was done, in hundredths, for its price.

    The units that the file states; else 100 for each charge that stands under the same line, for a
    file without line numbers tells two services of one code on one claim by nothing.
    """
    units = stated(settled)
    return np.where(units > 0, units, 100 * np.maximum(1, line_counts(settled)[0]).astype(np.int64))


def count(settled: Settled) -> int:
    """How many lines there are."""
    return int(settled.line.max(initial=-1)) + 1


def sums(settled: Settled, wanted: Callable[[Kind], bool]) -> Cents:
    """Cents by line of the postings of some kinds."""
    book = settled.book
    kinds = np.array([wanted(kind) for kind in book.kinds], dtype=bool)
    keep = kinds[book.kind] if len(book) else np.zeros(0, dtype=bool)
    return sum_by(settled.line[book.at[keep]], book.amount[keep], count(settled))
