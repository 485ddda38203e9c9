"""Service lines as units to count: who, where and when each one is, and its sums of cents.

What is counted a line (denied, underpaid, paid late) is worked out over these; a page narrows and
sums them like the cube, for the columns have the same names and categories.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import pandas as pd

from writeoffs.book import sum_by
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
        posted when its charge was entered).
    """
    line, rows = settled.line, settled.book.rows
    first = np.full(count(settled), -1, dtype=np.int64)
    first[line[::-1]] = np.arange(len(line) - 1, -1, -1)
    out = rows[[*_TEXT, "service_date"]].iloc[first].reset_index(drop=True)
    return out.assign(
        number=settled.claim[first],
        service_month=month_of(out["service_date"].to_numpy()),
        post_month=month_of(rows["charge_date"].to_numpy()[first]),
    )


def count(settled: Settled) -> int:
    """How many lines there are."""
    return int(settled.line.max(initial=-1)) + 1


def sums(settled: Settled, wanted: Callable[[Kind], bool]) -> Cents:
    """Cents by line of the postings of some kinds."""
    book = settled.book
    kinds = np.array([wanted(kind) for kind in book.kinds], dtype=bool)
    keep = kinds[book.kind] if len(book) else np.zeros(0, dtype=bool)
    return sum_by(settled.line[book.at[keep]], book.amount[keep], count(settled))
