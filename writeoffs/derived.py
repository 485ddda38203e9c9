"""What follows from other postings: the few derived rows, and what remittances leave open."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from writeoffs import taxonomy
from writeoffs import vocabulary as v
from writeoffs.adjudications import Adjudicated
from writeoffs.book import Book, Index, sum_by
from writeoffs.keys import codes as _codes
from writeoffs.money import Cents
from writeoffs.problems import Problem
from writeoffs.remit_claims import claim_rows
from writeoffs.statements import Marks

Mask = npt.NDArray[np.bool_]


def reinstate_bad_debt(book: Book, line: Index) -> tuple[Book, list[Problem]]:
    """A patient pays after the debt was written off: the write-off is undone by as much."""
    lost = np.array([k.entry == v.WRITE_OFF and k.bucket == v.BAD_DEBT for k in book.kinds])
    if not lost.any():
        return book, []
    size = int(line.max(initial=-1)) + 1
    at = line[book.at]
    over = -sum_by(at, book.effect(), size)
    written = sum_by(at[lost[book.kind]], book.amount[lost[book.kind]], size)
    paid = book.where(v.PATIENT_PAYMENT) & (book.amount > 0)
    later = _paid_after(book, line, lost, paid, size)
    back = np.minimum(np.minimum(over, written), later)
    lines = np.flatnonzero(back > 0)
    if not len(lines):
        return book, []
    # On the row of the last patient payment of the line, with the kind of its first lost debt.
    where = np.full(size, -1, dtype=np.int64)
    where[at[paid]] = book.at[paid]
    kind = np.full(size, -1, dtype=np.int64)
    mask = np.flatnonzero(lost[book.kind])[::-1]
    kind[at[mask]] = book.kind[mask]
    out = _append(book, where[lines], kind[lines], -back[lines])
    total = int(back[lines].sum())
    message = (
        f"{len(lines)} lines: a patient paid after bad debt was written off; undone by as much"
    )
    return out, [Problem("reinstated_bad_debt", message, cents=(total,))]


def _paid_after(book: Book, line: Index, lost: Mask, paid: Mask, size: int) -> Cents:
    """Patient payments of each line dated on or after its first bad-debt write-off."""
    posted = _codes(book.rows["post_date"])[book.at]
    first = np.full(size, np.iinfo(np.int64).max)
    off = lost[book.kind]
    np.minimum.at(first, line[book.at[off]], posted[off])
    late = paid & (posted >= first[line[book.at]])
    return sum_by(line[book.at[late]], book.amount[late], size)


def _append(book: Book, at: Index, kind: Index, amount: Cents) -> Book:
    return replace(
        book,
        at=np.concatenate([book.at, at]),
        kind=np.concatenate([book.kind, kind]),
        amount=np.concatenate([book.amount, amount]),
    )


def prior_payer_rest(book: Book, line: Index) -> tuple[Book, list[Problem]]:
    """Offsets for another payer's money cancel against that money; a rest is the other payer's.

    ``line``: what is settled together, a number a row. What the patient or the next payer is said
    to owe, and what is pending, is no rest.
    """
    offset = np.array([k.category == taxonomy.PRIOR_PAYER for k in book.kinds])
    if not offset.any():
        return book, []
    size = int(line.max(initial=-1)) + 1
    at = line[book.at]
    stated = sum_by(at[offset[book.kind]], book.amount[offset[book.kind]], size)
    owed = np.array([k.entry == v.PATIENT_SHARE or taxonomy.waits(k) for k in book.kinds])
    shares = owed[book.kind]
    left = sum_by(at, book.effect(), size) - sum_by(at[shares], book.amount[shares], size)
    rest = np.clip(left, 0, np.maximum(stated, 0))
    lines = np.flatnonzero(rest)
    if not len(lines):
        return book, []
    where = np.full(size, -1, dtype=np.int64)
    mask = offset[book.kind]
    where[at[mask]] = book.at[mask]
    kind = taxonomy.write_off(
        taxonomy.OTHER_PAYER, v.NO_WRITE_OFF, "another payer, not in the data"
    )
    kinds = (*book.kinds, kind)
    out = replace(book, kinds=kinds)
    out = _append(out, where[lines], np.full(len(lines), len(kinds) - 1), rest[lines])
    message = f"{len(lines)} lines offset another payer's money that is not in the data"
    return out, [Problem("prior_payer_offset", message, cents=(int(rest.sum()),))]


def remaining(done: Adjudicated, book: Book, claim: Index, count: int) -> pd.DataFrame:
    """What remittances say remains of the claims that only they know, as a stated balance.

    It is the patient's share, what is pending and what the next payer was sent (rules.md 3), less
    what a payer paid twice, which is a problem of its own. A difference to what the dollars leave
    stands on one row of its unit.
    """
    rows = book.rows
    mine = claim_rows(rows)
    if not mine.any():
        return rows
    marks = Marks.of(book)
    known = np.zeros(count + 1, dtype=bool)
    known[claim[~mine]] = True
    known[count] = False
    alone = mine & ~known[claim]
    computed = book.by_row(book.effect())
    left = book.by_row(book.amount, marks.share | marks.waits) - done.twice
    size = int(done.unit.max()) + 1
    rest = sum_by(done.unit[alone], (computed - left)[alone], size)
    stated = np.where(alone, computed, rows["balance"].to_numpy())
    last = np.full(size, -1, dtype=np.int64)
    last[done.unit[alone]] = np.flatnonzero(alone)
    off = np.flatnonzero(rest)
    stated[last[off]] -= rest[off]
    return rows.assign(balance=stated, balance_stated=alone | rows["balance_stated"].to_numpy())
