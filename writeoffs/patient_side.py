"""The patient's side of each claim: what was assigned, paid and is left, and since when.

Sums of whole claims (rules.md 11), for what is counted claim by claim.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from writeoffs import vocabulary as v
from writeoffs.book import Index, sum_by
from writeoffs.claims import lead_rows
from writeoffs.dates import Days, month_of
from writeoffs.money import Cents
from writeoffs.settle import Settled, adjudicated, any_of_claim, no_payer, patient_effect

Mask = npt.NDArray[np.bool_]
COST_SHARES: Final = (v.DEDUCTIBLE, v.COINSURANCE, v.COPAY)
NEVER: Final = np.datetime64("NaT", "s")


def who(settled: Settled) -> pd.DataFrame:
    """Each claim's place, people, places and months, from the first row that charges it."""
    book, lead = settled.book, lead_rows(settled)
    out = book.rows[list(v.CUBE_DIMENSIONS)].iloc[lead].reset_index(drop=True)
    return out.assign(
        number=np.arange(settled.claims),
        service_month=month_of(book.rows["service_date"].to_numpy()[lead]),
        post_month=book.entry_months()[lead],
    )


class Parts:
    """Sums of each claim: what was assigned, paid, and is left with the patient; cents."""

    def __init__(self, settled: Settled) -> None:
        book, self._settled = settled.book, settled
        self.alone_row = settled.self_pay | no_payer(book)
        self.decided_row = adjudicated(book, settled.claim, settled.line)
        self.decided = self._any(self.decided_row)
        self.alone = self._any(self.alone_row)
        self.left = self.of_rows(settled.patient_open)
        paid = book.by_row(book.amount, book.where(v.PATIENT_PAYMENT))
        self.paid = self.of_rows(np.where(self.decided_row, paid, 0))
        self.cost = self.entry(v.PATIENT_SHARE, *COST_SHARES)
        self.other = self.entry(v.PATIENT_SHARE, v.PATIENT_OTHER, v.PAID_TO_PATIENT)
        self.fees = self.entry(v.CHARGE, v.FEE, v.OPENING_BALANCE)
        signs = np.array([patient_effect(k) for k in book.kinds], dtype=np.int64)
        effect = signs[book.kind] * book.amount if len(book) else book.amount
        shared = any_of_claim(book, settled.claim, v.PATIENT_SHARE)
        moved = np.array([k.entry == v.TRANSFER and k.party == v.PATIENT for k in book.kinds], bool)
        if len(book):
            effect = effect + np.where(moved[book.kind] & ~shared[book.at], book.amount, 0)
        # Before a payer decides on a line, what was paid on it is prepaid; only fees are owed.
        fees = book.where(v.CHARGE) & (signs[book.kind] > 0) if len(book) else effect > 0
        effect = np.where(self.decided_row[book.at] | fees, effect, 0)
        self.effect = np.where(self.alone_row[book.at], book.effect(), effect)

    def of_rows(self, cents: Cents) -> Cents:
        """Cents by claim of cents by row."""
        known = self._settled.claim >= 0
        return sum_by(self._settled.claim[known], cents[known], self._settled.claims)

    def _any(self, rows: Mask) -> Mask:
        out = np.zeros(self._settled.claims, dtype=bool)
        out[self._settled.claim[rows & (self._settled.claim >= 0)]] = True
        return out

    def entry(self, entry: str, *categories: str) -> Cents:
        """Cents by claim of the postings of an entry, of some categories or of all."""
        book = self._settled.book
        wanted = np.array(
            [k.entry == entry and (not categories or k.category in categories) for k in book.kinds],
            dtype=bool,
        )
        mine = wanted[book.kind] if len(book) else np.zeros(0, dtype=bool)
        return self.of_rows(book.by_row(book.amount, mine))


def credit_since(settled: Settled, parts: Parts, credit: Mask) -> Days:
    """The day each credit arose: when the patient's balance last turned below zero.

    Before the payer's first decision a payment is prepaid, so that a credit is no older than it.
    NaT where a movement of the claim has no date, or where its postings leave no credit.
    """
    book = settled.book
    out = np.full(settled.claims, NEVER)
    claim = settled.claim[book.at]
    mine = np.flatnonzero((parts.effect != 0) & (claim >= 0) & np.r_[credit, False][claim])
    if not len(mine):
        return out
    day = posted(settled, mine)
    order = np.lexsort([day, claim[mine]])
    who, when, cents = claim[mine][order], day[order], parts.effect[mine][order]
    ends = np.r_[(who[1:] != who[:-1]) | (when[1:] != when[:-1]), True]
    total = np.cumsum(cents)
    first = np.r_[True, who[1:] != who[:-1]]
    before = np.maximum.accumulate(np.where(first, np.arange(len(who)), 0))
    balance = (total - (total - cents)[before])[ends]
    who, when = who[ends], when[ends]
    opens = np.r_[True, who[1:] != who[:-1]]
    turns = (balance < 0) & (opens | (np.r_[0, balance[:-1]] >= 0))
    out[who[turns]] = when[turns]
    closes = np.r_[opens[1:], True]
    out[who[closes & (balance >= 0)]] = NEVER
    decided = _first_decision(settled, parts)
    later = ~np.isnat(decided) & ~np.isnat(out) & ~parts.alone
    out[later] = np.maximum(out[later], decided[later])
    undated = np.zeros(settled.claims, dtype=bool)
    undated[claim[mine[np.isnat(day)]]] = True
    out[undated] = NEVER
    return out


def posted(settled: Settled, postings: Index) -> Days:
    """The day of some postings, as ``Book.posted`` has it."""
    return settled.book.posted()[postings].astype("datetime64[s]")


def _first_decision(settled: Settled, parts: Parts) -> Days:
    """The day of each claim's first posting in which a payer speaks."""
    book = settled.book
    speaks = book.where(v.INSURER_PAYMENT, v.PATIENT_SHARE)
    mine = np.flatnonzero(speaks & (settled.claim[book.at] >= 0))
    day = posted(settled, mine)
    known = ~np.isnat(day)
    first = np.full(settled.claims, np.iinfo(np.int64).max)
    np.minimum.at(first, settled.claim[book.at[mine[known]]], day[known].astype(np.int64))
    out = first.astype("datetime64[s]")
    out[first == np.iinfo(np.int64).max] = NEVER
    return out
