"""Payments and write-offs that two files tell of one claim: counted once (rules.md 5 and 20).

A charge file with a paid column of its own beside a file of payments. Where they agree claim by
claim they are the same money: the charge file counts and the payments explain. Where they do not,
the one with more money counts and the rest is shown; both are never added. What only one of the
two tells of a claim counts in any case.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from writeoffs import vocabulary as v
from writeoffs.attribution import charged_rows
from writeoffs.book import Book, Index, sum_by
from writeoffs.money import Cents
from writeoffs.problems import Problem

Mask = npt.NDArray[np.bool_]

_HALF: Final = 0.5  # of the claims that both tell, alike to the cent: the same money
_WORDS: Final = {v.WRITE_OFF: "write-offs", v.PATIENT_SHARE: "patient shares"}


class _Sides(NamedTuple):
    """Postings of charge files and of files without charges, and both sums by claim."""

    own: Mask
    apart: Mask
    own_cents: Cents
    apart_cents: Cents


def once(book: Book, claim: Index, count: int) -> tuple[Book, list[Problem]]:
    """The book without what it tells twice, and what was left out, with its dollars.

    Args:
        book: all files.
        claim: the claim of each row, -1 where it names none.
        count: how many claims there are.
    """
    own, apart = _sides(book)
    if not apart.any() or not own.any():
        return book, []
    problems: list[Problem] = []
    for entries in _classes(book, own | apart):
        mine = book.where(*entries) & (claim[book.at] >= 0)
        sides = _summed(book, claim, count, mine & own[book.at], mine & apart[book.at])
        drop, found = _told(book, claim, sides, _WORDS.get(entries[0], "payments"))
        problems += found
        if drop.any():
            book = replace(
                book, at=book.at[~drop], kind=book.kind[~drop], amount=book.amount[~drop]
            )
    return book, problems


def _sides(book: Book) -> tuple[Mask, Mask]:
    """Rows of files that charge, and of files that do not but speak of what others charged.

    Two long ledgers are one ledger in two pieces: they tell nothing twice but equal rows. What a
    remittance tells again is settled between payers (``adjudications``).
    """
    rows = book.rows
    export = rows["remit"].to_numpy() == 0
    file = rows["file"].cat.codes.to_numpy()
    ledger = rows["ledger"].to_numpy()
    charging = np.zeros(len(rows["file"].cat.categories), dtype=bool)
    charging[file[charged_rows(book) | rows["has_charge"].to_numpy()]] = True
    own = charging[file] & export
    if not (own & ~ledger).any():
        return own, ~own & ~ledger & export
    apart = ~own & export
    return own & ~(ledger & bool((apart & ledger).any())), apart


def _classes(book: Book, rows: Mask) -> list[tuple[str, ...]]:
    """What is compared: insurer and patient payments apart, unless a file cannot tell who paid."""
    spoken = np.unique(book.kind[rows[book.at]])
    anybody = any(book.kinds[int(code)].entry == v.PAYMENT for code in spoken)
    paid = [v.PAYMENTS] if anybody else [(v.INSURER_PAYMENT,), (v.PATIENT_PAYMENT,)]
    return [*paid, (v.WRITE_OFF,), (v.PATIENT_SHARE,)]


def _summed(book: Book, claim: Index, count: int, own: Mask, apart: Mask) -> _Sides:
    sums = [sum_by(claim[book.at[side]], book.amount[side], count) for side in (own, apart)]
    return _Sides(own, apart, sums[0], sums[1])


def _told(book: Book, claim: Index, sides: _Sides, what: str) -> tuple[Mask, list[Problem]]:
    """Postings to leave out because the other side tells them, and what to say."""
    both = (sides.own_cents != 0) & (sides.apart_cents != 0)
    off = np.where(both, sides.apart_cents - sides.own_cents, 0)
    if not both.any():
        return np.zeros(len(book), dtype=bool), []
    same = float((off[both] == 0).mean()) >= _HALF
    explains = same or np.abs(sides.own_cents[both]).sum() >= np.abs(sides.apart_cents[both]).sum()
    left, kept = (sides.apart, sides.own) if explains else (sides.own, sides.apart)
    drop = left & both[claim[book.at]]
    counted = _file(book, kept & both[claim[book.at]])
    message = f"{what} of {int(both.sum()):,} claims stand in {counted} too; counted once, there"
    problems = [_problem("told_twice", message, book, drop)]
    if off.any():
        message = (
            f"{what} of {int((off != 0).sum()):,} of {int(both.sum()):,} claims are not what "
            f"{counted} says, which is counted"
        )
        differing = drop & (off != 0)[claim[book.at]]
        problems.append(_problem("files_differ", message, book, differing, off, claim))
    return drop, problems


def _problem(
    kind: str,
    message: str,
    book: Book,
    postings: Mask,
    off: Cents | None = None,
    claim: Index | None = None,
) -> Problem:
    """One finding about the rows of some postings; with ``off``, each claim's cents stand on the
    first of its rows."""
    at = np.unique(book.at[postings])
    cents = book.by_row(book.amount, postings)[at]
    if off is not None and claim is not None:
        claims, lead = np.unique(claim[at], return_index=True)
        at, cents = at[lead], np.abs(off[claims])
    numbers = tuple(int(n) for n in book.rows["row"].to_numpy()[at])
    return Problem(kind, message, _file(book, postings), None, numbers, tuple(map(int, cents)))


def _file(book: Book, postings: Mask) -> str:
    """The file of the first of some postings."""
    return str(book.rows["file"].iloc[int(book.at[np.flatnonzero(postings)[0]])])
