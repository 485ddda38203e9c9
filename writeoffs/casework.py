"""What the steps that settle claims between payers share: the book, and what they drop and add."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from writeoffs.book import Book, Index
from writeoffs.money import Cents
from writeoffs.problems import Problem
from writeoffs.statements import Marks, Statements

Mask = npt.NDArray[np.bool_]


@dataclass
class Work:
    """What the steps share: the book as sent, and what they drop and add."""

    book: Book
    claim: Index
    marks: Marks
    said: Statements
    unit: Index  # what is settled together: a line, or the whole claim
    whole: Mask  # rows whose unit is the whole claim
    live: Mask  # rows whose statement stands and was not replaced by the same payer
    drop: Mask  # postings that only repeat
    at: list[Index] = field(default_factory=list)
    kind: list[Index] = field(default_factory=list)
    amount: list[Cents] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def derive(self, at: Index, postings: Index, amount: Cents | None = None) -> None:
        """Undo postings (or so much of them) on other rows."""
        self.at.append(at)
        self.kind.append(self.book.kind[postings])
        self.amount.append(-(self.book.amount[postings] if amount is None else amount))

    def flag(self, kind: str, message: str, rows: Index, cents: Cents) -> None:
        """One problem a kind, with its rows and dollars."""
        if len(rows):
            frame = self.book.rows.iloc[rows]
            numbers = tuple(int(n) for n in frame["row"])
            name = str(frame["file"].iloc[0])
            at_stake = tuple(int(c) for c in cents)
            self.problems.append(Problem(kind, message, name, None, numbers, at_stake))

    def result(self) -> Book:
        """The book without what was dropped, with what was derived."""
        keep = ~self.drop
        return replace(
            self.book,
            at=np.concatenate([self.book.at[keep], *self.at]),
            kind=np.concatenate([self.book.kind[keep], *self.kind]),
            amount=np.concatenate([self.book.amount[keep], *self.amount]),
        )
