"""The book: postings kept small.

A posting is three numbers: which source row it stands on (``at``), what and why it is (``kind``),
and how much (``amount``, integer cents). Who, where and when stand once in ``rows``; entry,
category, bucket, party and reason stand once in ``kinds``. ``long`` spells a book out as the table
that a person reads.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from writeoffs import vocabulary as v
from writeoffs.dates import Days, month_of
from writeoffs.keys import pick
from writeoffs.money import Cents
from writeoffs.vocabulary import Kind

Index = npt.NDArray[np.int64]

TEXT_COLUMNS: Final = (
    "file",
    "claim",
    "line",
    "patient",
    "payer",
    "practice",
    "provider",
    "location",
    "procedure",
    "modifier",
)
DATE_COLUMNS: Final = ("service_date", "post_date", "charge_date")
_MIX: Final = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class Book:
    """Postings of one or more files.

    ``rows``: one row a source row (text columns as categories, dates as datetime64, ``row`` the
    data row in its file, ``transaction`` a hash of the file's own number for it, ``ledger`` whether
    it came from a long ledger or a remittance, ``remit`` the claim status of a remittance's row (0
    for any other), ``has_charge`` whether it states a service charge; ``units`` how many times the
    service was done, in hundredths, 0 where that is not stated; ``balance`` and
    ``patient_balance`` in cents, which count only where ``balance_stated`` and
    ``patient_balance_stated`` say so).
    """

    rows: pd.DataFrame
    kinds: tuple[Kind, ...]
    at: Index
    kind: Index
    amount: Cents

    def __len__(self) -> int:
        return len(self.at)

    def kinds_frame(self) -> pd.DataFrame:
        """The kinds as a table, one row a kind."""
        return pd.DataFrame(self.kinds, columns=list(Kind._fields))

    def where(self, *entries: str) -> npt.NDArray[np.bool_]:
        """Which postings are of these entries."""
        wanted = np.array([k.entry in entries for k in self.kinds], dtype=bool)
        return wanted[self.kind] if len(wanted) else np.zeros(len(self.at), dtype=bool)

    def effect(self) -> Cents:
        """What each posting adds to the open balance of its line, in cents."""
        signs = np.array([v.EFFECT[k.entry] for k in self.kinds], dtype=np.int64)
        return signs[self.kind] * self.amount if len(signs) else self.amount

    def entered(self) -> Days:
        """When each row's charge was entered: by its entry date, else by its service date."""
        charge = self.rows["charge_date"].to_numpy()
        return np.where(np.isnat(charge), self.rows["service_date"].to_numpy(), charge)

    def posted(self) -> Days:
        """The day of each posting (rules.md 18): a charge's entry, any other's own posting date."""
        own = self.rows["post_date"].to_numpy()[self.at]
        return np.where(self.where(v.CHARGE), self.entered()[self.at], own)

    def entry_months(self) -> npt.NDArray[np.int32]:
        """The month of each row's charge by posting: of its entry, else of its service.

        -1 on every row of a book without any date of posting or entry: charges alone in their
        months would look as if nothing had been paid on them.
        """
        dated = self.rows[["post_date", "charge_date"]].notna().to_numpy().any()
        return month_of(self.entered() if dated else self.rows["charge_date"].to_numpy())

    def by_row(self, amounts: Cents, mask: npt.NDArray[np.bool_] | None = None) -> Cents:
        """Sum cents over the postings of each row."""
        at, cents = (self.at, amounts) if mask is None else (self.at[mask], amounts[mask])
        return sum_by(at, cents, len(self.rows))

    def without(self, rows: npt.NDArray[np.bool_]) -> Book:
        """The book without some rows and what was posted on them."""
        place = np.cumsum(~rows) - 1
        keep = ~rows[self.at]
        return Book(
            self.rows[~rows].reset_index(drop=True),
            self.kinds,
            place[self.at[keep]].astype(np.int64),
            self.kind[keep],
            self.amount[keep],
        )

    def undone(self, rows: npt.NDArray[np.bool_]) -> Book:
        """The book with the postings of these rows undone by negatives of the same kind."""
        if not rows.any():
            return self
        mine = np.flatnonzero(rows[self.at])
        return Book(
            self.rows.assign(balance_stated=self.rows["balance_stated"] & ~rows),
            self.kinds,
            np.concatenate([self.at, self.at[mine]]),
            np.concatenate([self.kind, self.kind[mine]]),
            np.concatenate([self.amount, -self.amount[mine]]),
        )

    def long(self) -> pd.DataFrame:
        """The journal spelled out: one row a posting, ``amount`` in cents."""
        kinds = self.kinds_frame()
        rows = self.rows[["row", *TEXT_COLUMNS, *DATE_COLUMNS]]
        out = rows.iloc[self.at].reset_index(drop=True)
        for name in Kind._fields:
            out[name] = pd.Categorical.from_codes(*_factor(kinds[name], self.kind))
        is_charge = (out["entry"] == v.CHARGE).to_numpy()
        out["post_date"] = out["post_date"].where(~is_charge, out["charge_date"])
        out["amount"] = self.amount
        return out.drop(columns="charge_date")


def _factor(values: pd.Series, codes: Index) -> tuple[Index, list[str]]:
    spread, names = pd.factorize(values)
    return spread[codes] if len(spread) else codes, list(names)


def sum_by(codes: Index, cents: Cents, size: int) -> Cents:
    """Exact sums of cents by code. Floats inside stay whole below 2^53 cents."""
    largest = max(-int(cents.min(initial=0)), int(cents.max(initial=0)))
    if largest * len(cents) < 2**52:
        return np.bincount(codes, weights=cents, minlength=size).astype(np.int64)
    out = np.zeros(size, dtype=np.int64)
    np.add.at(out, codes, cents)
    return out


def fingerprints(book: Book) -> npt.NDArray[np.uint64]:
    """One number a row: rows of the same who, where, when, number and money get the same one."""
    rows = book.rows
    out = hashed_texts(rows, TEXT_COLUMNS[1:])
    for name in (*DATE_COLUMNS, "transaction", "balance", "balance_stated", "patient_balance"):
        out = out * _MIX + rows[name].to_numpy().astype(np.int64).view(np.uint64)
    kinds = np.array([repr(k) for k in book.kinds], dtype=object)
    if len(kinds):
        money = pd.util.hash_array(kinds, categorize=False)[book.kind] ^ (
            book.amount.view(np.uint64) * _MIX
        )
        np.add.at(out, book.at, money * money)
    return out


def line_keys(book: Book) -> npt.NDArray[np.uint64]:
    """One number for each wide row of a numbered line, or of a whole claim, on a known day.

    Rows of two exports with the same number are one line at two times; 0 where nothing tells. A
    procedure without a line number is told by its code and what it was charged.
    """
    rows = book.rows
    day = rows["service_date"].to_numpy()
    known = ~rows["ledger"].to_numpy() & rows["has_charge"].to_numpy() & ~np.isnat(day)
    known &= rows["claim"].cat.codes.to_numpy() >= 0
    if not known.any():
        return np.zeros(len(rows), dtype=np.uint64)
    coded = rows["procedure"].cat.codes.to_numpy() >= 0
    coded &= rows["line"].cat.codes.to_numpy() < 0
    out = hashed_texts(rows, ("claim", "line", "patient"))
    out = out * _MIX + day.astype(np.int64).view(np.uint64)
    if coded.any():
        charge = book.by_row(book.amount, book.where(v.CHARGE)).view(np.uint64)
        told = hashed_texts(rows, ("procedure", "modifier")) * _MIX + charge
        out = np.where(coded, out * _MIX + told, out)
    return np.where(known, out, np.uint64(0))


def hashed_texts(rows: pd.DataFrame, names: Iterable[str]) -> npt.NDArray[np.uint64]:
    """Some text columns of each row as one number, the same in every book."""
    out = np.zeros(len(rows), dtype=np.uint64)
    for name in names:
        texts = np.append(rows[name].cat.categories.to_numpy(dtype=object), "")
        out = out * _MIX + pd.util.hash_array(texts, categorize=False)[rows[name].cat.codes]
    return out


class Writer:
    """Collects postings for one set of rows."""

    def __init__(self) -> None:
        self._kinds: dict[Kind, int] = {}
        self._at: list[Index] = []
        self._kind: list[Index] = []
        self._amount: list[Cents] = []

    def code(self, kind: Kind) -> int:
        """The number of a kind."""
        return self._kinds.setdefault(kind, len(self._kinds))

    def kind(self, code: int) -> Kind:
        """The kind of a number."""
        return list(self._kinds)[code]

    def post(self, at: Index, kind: Kind | Index, amount: Cents) -> None:
        """Add postings; zeros say nothing and are left out."""
        filled = np.flatnonzero(amount)
        if not len(filled):
            return
        self._at.append(pick(at, filled))
        if isinstance(kind, Kind):
            self._kind.append(np.full(len(filled), self.code(kind), dtype=np.int64))
        else:
            self._kind.append(pick(kind, filled).astype(np.int64, copy=False))
        self._amount.append(pick(amount, filled))

    def book(self, rows: pd.DataFrame) -> Book:
        """Everything posted, on these rows."""
        return Book(
            rows,
            tuple(self._kinds),
            _joined(self._at),
            _joined(self._kind),
            _joined(self._amount),
        )


def _joined(parts: list[npt.NDArray[np.int64]]) -> npt.NDArray[np.int64]:
    return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)


def join(books: Iterable[Book]) -> Book:
    """Books one after the other, as one."""
    books = list(books)
    if len(books) == 1:
        return books[0]
    kinds: dict[Kind, int] = {}
    at, kind, amount, shift = [], [], [], 0
    for book in books:
        codes = np.array([kinds.setdefault(k, len(kinds)) for k in book.kinds], dtype=np.int64)
        at.append(book.at + shift)
        kind.append(codes[book.kind] if len(codes) else book.kind)
        amount.append(book.amount)
        shift += len(book.rows)
    rows = concat_rows([b.rows for b in books])
    return Book(rows, tuple(kinds), _joined(at), _joined(kind), _joined(amount))


def _of_one_type(series: list[pd.Series]) -> list[pd.Series]:
    """Text columns ready to be joined: one without any name takes the type of those with some."""
    named = next((s.dtype for s in series if len(s.cat.categories)), series[0].dtype)
    return [s if len(s.cat.categories) else s.astype(named) for s in series]


def concat_rows(frames: list[pd.DataFrame]) -> pd.DataFrame:
    """Stack row tables, keeping text columns as categories over all their names."""
    out = {}
    for name in frames[0].columns:
        series = [f[name] for f in frames]
        if name in TEXT_COLUMNS:
            texts = pd.api.types.union_categoricals(_of_one_type(series))
            out[name] = pd.Series(texts, index=range(len(texts)))
        else:
            out[name] = pd.concat(series, ignore_index=True)
    return pd.DataFrame(out)
