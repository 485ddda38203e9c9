"""A remittance beside the practice's own books: which of them posts what (rules.md 5)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from writeoffs import vocabulary as v
from writeoffs.book import Book, sum_by
from writeoffs.casework import Work
from writeoffs.keys import codes as _codes
from writeoffs.statements import marked

Mask = npt.NDArray[np.bool_]


def explained(work: Work, mine: Mask, count: int) -> None:
    """Where the practice's own books hold payments or write-offs, the books post (rules.md 5).

    The remittance explains them. Whatever kind of money the export that holds a claim does not
    speak of, the remittance posts; a claim on which both differ in what insurers paid is flagged.
    """
    book, marks = work.book, work.marks
    payers = marked(book, [k.party != v.PATIENT for k in book.kinds])
    money = book.where(v.INSURER_PAYMENT, v.PAYMENT)
    exported = ~mine[book.at] & (work.claim[book.at] >= 0)
    kinds = {
        "paid": (money, _kinds_of(book, v.INSURER_PAYMENT)),
        "written": (marks.written & payers, _kinds_of(book, v.WRITE_OFF)),
        "share": (marks.share, _kinds_of(book, v.PATIENT_SHARE)),
    }
    spoken = {}
    for name, (speaks, entry) in kinds.items():
        held = _claims_of_files(work, speaks & exported, mine, count)
        spoken[name] = held
        _leave_out(work, mine & held[work.claim], entry)
    either = spoken["paid"] | spoken["written"]
    _leave_out(work, mine & either[work.claim], _kinds_of(book, v.TRANSFER))
    _differences(work, mine, spoken["paid"], money & exported, count)


def _kinds_of(book: Book, entry: str) -> Mask:
    return np.array([k.entry == entry for k in book.kinds], dtype=bool)


def _claims_of_files(work: Work, speaks: Mask, mine: Mask, count: int) -> Mask:
    """Claims with rows of an export that anywhere speaks of a kind of money; last, no claim."""
    files = _codes(work.book.rows["file"])
    known = np.unique(files[work.book.at[speaks]])
    own = np.isin(files, known) & ~mine & (work.claim >= 0)
    out = np.zeros(count + 1, dtype=bool)
    out[work.claim[own]] = True
    return out


def _leave_out(work: Work, rows: Mask, kinds: Mask) -> None:
    """Leave out a remittance's postings of some kinds on some rows, derived ones too."""
    work.drop |= rows[work.book.at] & kinds[work.book.kind]
    for i, at in enumerate(work.at):
        stays = ~(rows[at] & kinds[work.kind[i]])
        work.at[i], work.kind[i] = at[stays], work.kind[i][stays]
        work.amount[i] = work.amount[i][stays]


def _differences(work: Work, mine: Mask, held: Mask, exported: Mask, count: int) -> None:
    """Claims on which a remittance paid other than the practice's books say."""
    book = work.book
    both = np.flatnonzero(mine & held[work.claim])
    sent = work.marks.paid & mine[book.at]
    ours, theirs = (
        sum_by(work.claim[book.at[m]], book.amount[m], count)
        for m in (exported, sent & (work.claim[book.at] >= 0))
    )
    first = np.full(count, -1, dtype=np.int64)
    first[work.claim[both[::-1]]] = both[::-1]
    off = np.flatnonzero((first >= 0) & (ours != theirs))
    message = (
        f"{len(off)} claims on which a remittance paid other than the practice's books say; "
        "the books count"
    )
    work.flag("remittance_differs", message, first[off], (theirs - ours)[off])
