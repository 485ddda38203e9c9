"""Cash that payers take back through PLB, and the reversals that explain it (rules.md 10)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from writeoffs import vocabulary as v
from writeoffs.book import Book, Index
from writeoffs.keys import codes as _codes
from writeoffs.keys import combine
from writeoffs.statements import marked


def unmatched_takebacks(book: Book, sent: pd.DataFrame) -> Index:
    """Postings of cash taken that nothing in the data explains.

    A takeback is explained by a reversal of the same payer and amount, or by money that the payer
    advanced for it before: a reversal and its advance explain one takeback together.

    Args:
        book: the book as sent.
        sent: claims as sent (``Statements.sent``).
    """
    recovery = (v.PROVIDER_ADJUSTMENT, "overpayment_recovery")
    taken = marked(book, [(k.entry, k.category) == recovery for k in book.kinds])
    at = np.flatnonzero(taken & (book.amount < 0))
    if not len(at):
        return at
    back = sent[sent["reversal"] & (sent["paid"] < 0)]
    later = np.flatnonzero(taken & (book.amount > 0))  # advanced once, taken when it is due
    payers = _codes(book.rows["payer"])[book.at]
    payer = [payers[at], back["payer"].to_numpy(), payers[later]]
    cents = [book.amount[at], back["paid"].to_numpy(), -book.amount[later]]
    frame = pd.DataFrame(
        {
            "key": combine([np.concatenate(payer), np.concatenate(cents)]),
            "side": np.repeat([0, 1, 2], [len(one) for one in payer]),
        }
    )
    frame["turn"] = frame.groupby(["key", "side"]).cumcount()
    cash = frame["side"] == 0
    pairs = pd.MultiIndex.from_frame(frame[["key", "turn"]])
    found = pairs[cash].isin(pairs[~cash])
    return at[~found]
