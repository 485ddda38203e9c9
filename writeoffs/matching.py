"""Two ledgers side by side: which claim of one is which claim of the other, and which line.

Texts are matched as hashes of their distinct values, never row by row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from writeoffs.book import Index, hashed_texts
from writeoffs.keys import codes, first_rows
from writeoffs.settle import Settled

Mask = npt.NDArray[np.bool_]
Hashes = npt.NDArray[np.uint64]

NO_DAY: Final = np.iinfo(np.int64).min  # what NaT becomes as a number of days
LAST_DAY: Final = np.iinfo(np.int64).max
_MIX: Final = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class Matched:
    """Claims of both sides under common numbers.

    ``ids``: for each side, the common number of each of its settled claims. ``held``: for each
    side, whether it holds a common number. ``names``: the claim number as exported, None where
    there is none; one longer than the claims, so that -1 (money on no claim) has no name either.
    """

    ids: tuple[Index, Index]
    held: tuple[Mask, Mask]
    names: npt.NDArray[np.object_]

    @property
    def count(self) -> int:
        """How many claims there are on both sides together."""
        return len(self.names) - 1


@dataclass(frozen=True)
class Side:
    """One side's settled rows: the common number of each row's claim (-1 for none), its line."""

    settled: Settled
    claim: Index
    line: Index

    @classmethod
    def of(cls, settled: Settled, ids: Index) -> Side:
        """A side, with the common numbers of its claims."""
        return cls(settled, np.append(ids, -1)[settled.claim], _line_hashes(settled))


def match(old: Settled, new: Settled) -> Matched:
    """Match claims by number; by service date too where a number repeats, then by patient.

    Visits of a ledger without claim numbers are matched by day and patient.
    """
    parts = [_identity(side) for side in (old, new)]
    keys = [part[0] for part in parts]
    for more in (1, 2):
        crowded = np.concatenate([_repeated(k) for k in keys])
        keys = [
            np.where(np.isin(k, crowded), k * _MIX + part[more], k)
            for k, part in zip(keys, parts, strict=True)
        ]
    spread, found = pd.factorize(np.concatenate(keys))
    numbers = spread.astype(np.int64)
    ids = (numbers[: len(keys[0])], numbers[len(keys[0]) :])
    held = (np.zeros(len(found), dtype=bool), np.zeros(len(found), dtype=bool))
    names = np.full(len(found) + 1, None, dtype=object)
    for mine, there, settled in zip(ids, held, (old, new), strict=True):
        there[mine] = True
        texts = _lead(settled)["claim"]
        names[mine] = np.where(codes(texts) >= 0, texts.astype(object).to_numpy(), None)
    return Matched(ids, held, names)


def _lead(settled: Settled) -> pd.DataFrame:
    """The first row of each claim."""
    known = np.flatnonzero(settled.claim >= 0)
    return settled.book.rows.iloc[known[first_rows(settled.claim[known], settled.claims)]]


def _identity(settled: Settled) -> tuple[Hashes, Hashes, Hashes]:
    """For each claim a number for what it is called, for its first day, and for its patient."""
    lead = _lead(settled)
    days = days_of(settled.book.rows["service_date"])
    stated = (settled.claim >= 0) & (days != NO_DAY)
    first = np.full(settled.claims, LAST_DAY)
    np.minimum.at(first, settled.claim[stated], days[stated])
    day, patient = first.view(np.uint64), hashed_texts(lead, ("patient",))
    name = hashed_texts(lead, ("claim",))
    visit = (name * _MIX + day) * _MIX + patient
    return np.where(codes(lead["claim"]) >= 0, name, visit), day, patient


def _repeated(keys: Hashes) -> Hashes:
    found, counts = np.unique(keys, return_counts=True)
    return found[counts > 1]


def days_of(dates: pd.Series) -> Index:
    """Dates as numbers of days, ``NO_DAY`` where there is none."""
    return dates.to_numpy().astype("datetime64[D]").astype(np.int64)


def _line_hashes(settled: Settled) -> Index:
    """What tells the lines of a claim apart, alike in every file.

    The line's number, else its code and modifier.
    """
    rows = settled.book.rows
    coded = hashed_texts(rows, ("procedure", "modifier"))
    named = codes(rows["line"]) >= 0
    return np.where(named, hashed_texts(rows, ("line",)), coded).view(np.int64)


def line_keys(claim: Index, line: Index) -> Hashes:
    """A claim and a line of it as one number."""
    return claim.view(np.uint64) * _MIX + line.view(np.uint64)
