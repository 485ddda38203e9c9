"""A part of a ledger, told in words that the cube, the claims and the postings all understand.

A page's filters, one bar of a chart and one row of a table are all a ``Scope``: the same one
narrows the cube (for the figure) and the postings (for its rows), so that the two must agree.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from writeoffs import vocabulary as v
from writeoffs.claims import claims as claims_of
from writeoffs.cube import BESIDE, POST_MONTH, SERVICE_MONTH, beside
from writeoffs.dates import month_of
from writeoffs.ledger import Ledger
from writeoffs.metrics import View
from writeoffs.money import Cents
from writeoffs.vocabulary import Kind

Mask = npt.NDArray[np.bool_]
_NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


@dataclass(frozen=True)
class Scope:
    """Which dollars are looked at; without arguments, all of them.

    ``chosen``: codes allowed in each dimension of the book (-1 for a missing name; empty for all).
    ``months``: first and last month (year * 12 + month - 1), both included, of the date that
    ``basis`` names; None for all, the undated too. ``what``: fields of a posting's ``Kind``
    (category, bucket, reason ...) and the one value that each must have.
    """

    chosen: Mapping[str, tuple[int, ...]] = field(default_factory=lambda: _NOTHING)
    basis: str = "service"
    months: tuple[int, int] | None = None
    what: Mapping[str, str] = field(default_factory=lambda: _NOTHING)

    @property
    def month(self) -> str:
        """The month column that ``months`` speaks of."""
        return POST_MONTH if self.basis == "post" else SERVICE_MONTH

    def of(self, dimension: str, code: int) -> Scope:
        """The same for one name of a dimension."""
        return replace(self, chosen={**self.chosen, dimension: (code,)})

    def in_month(self, month: int) -> Scope:
        """The same for one month."""
        return replace(self, months=(month, month))

    def since(self, month: int) -> Scope:
        """The same from a month on."""
        last = self.months[1] if self.months else np.iinfo(np.int32).max
        return replace(self, months=(month, int(last)))

    def about(self, **what: str) -> Scope:
        """The same for postings of which fields of the kind have these values."""
        return replace(self, what={**self.what, **what})

    def part(self, table: pd.DataFrame, *, dated: bool = True) -> pd.DataFrame:
        """Rows of a table with the cube's columns under ``chosen``, and under ``months``."""
        found = narrowed(table, self.chosen)
        if self.months is None or not dated:
            return found
        return found[found[self.month].between(*self.months)]

    def allows(self, kind: Kind) -> bool:
        """Whether postings of a kind are looked at."""
        return all(getattr(kind, name) == value for name, value in self.what.items())

    def says(self, ledger: Ledger) -> frozenset[str]:
        """What can be said of this part.

        What is owed stands as of a date; the postings of some months are no balance (rules.md 2).
        """
        if self.basis == "post" and self.months is not None:
            return ledger.can_say - {"open", "patient_open"}
        return ledger.can_say

    def view(self, ledger: Ledger) -> View:
        """This part of a ledger, for ``metrics``."""
        claims = self.part(claims_of(ledger.settled))
        return View(self.part(ledger.cube), self.says(ledger), self.basis, claims)


def narrowed(frame: pd.DataFrame, chosen: Mapping[str, tuple[int, ...]]) -> pd.DataFrame:
    """Rows of a cube, claims or units table that the chosen codes allow."""
    keep = np.ones(len(frame), dtype=bool)
    for dimension, codes in chosen.items():
        if codes:
            keep &= np.isin(frame[dimension].cat.codes.to_numpy(), codes)
    return frame if keep.all() else frame[keep]


# --- the dollars themselves -----------------------------------------------------------------------


@dataclass(frozen=True)
class Movements:
    """Every dollar that a component can count: postings, then what is open and does not tie.

    ``row``: its source row in ``Settled.book.rows``; ``kind``: its place in ``kinds``; ``cents``.
    ``postings``: how many of the first are postings; the rest stand beside them in the cube.
    """

    row: npt.NDArray[np.int64]
    kind: npt.NDArray[np.int64]
    cents: Cents
    kinds: tuple[Kind, ...]
    postings: int


def movements(ledger: Ledger) -> Movements:
    """Every dollar of a settled ledger, one entry a posting and a balance."""
    settled = ledger.settled
    book = settled.book
    at, kind, cents = [book.at], [book.kind], [book.amount]
    for place, amounts in enumerate(beside(settled), start=len(book.kinds)):
        rows = np.flatnonzero(amounts)
        at.append(rows)
        kind.append(np.full(len(rows), place, dtype=np.int64))
        cents.append(amounts[rows])
    return Movements(
        np.concatenate(at),
        np.concatenate(kind),
        np.concatenate(cents),
        (*book.kinds, *BESIDE),
        len(book),
    )


def within(ledger: Ledger, found: Movements, scope: Scope) -> Mask:
    """Which movements a scope allows."""
    rows = ledger.settled.book.rows
    keep = np.array([scope.allows(kind) for kind in found.kinds], dtype=bool)[found.kind]
    for dimension, codes in scope.chosen.items():
        if codes:
            allowed = np.isin(rows[dimension].cat.codes.to_numpy(), codes)
            keep &= allowed[found.row]
    if scope.months is None:
        return keep
    first, last = scope.months
    month = months_of(ledger, found, scope.basis)
    return np.asarray(keep & (month >= first) & (month <= last), dtype=bool)


def months_of(ledger: Ledger, found: Movements, basis: str) -> npt.NDArray[np.int64]:
    """The month of each movement: by posting, a charge counts when it was entered or done."""
    rows = ledger.settled.book.rows
    if basis != "post":
        return np.asarray(month_of(rows["service_date"].to_numpy())[found.row])
    charge = np.array([kind.entry == v.CHARGE for kind in found.kinds], dtype=bool)[found.kind]
    entered = ledger.settled.book.entry_months()[found.row]
    return np.where(charge, entered, month_of(rows["post_date"].to_numpy())[found.row])
