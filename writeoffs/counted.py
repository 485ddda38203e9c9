"""What a proof pack holds of what counts lines or claims: a row a claim, a column a part.

Each part is a numerator or a denominator, added up by claim, so that a sheet of claims adds up to
every figure; parts that are alike in words and numbers stand once. Days have a sheet of their own,
a row a line, for a median is no sum.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pandas as pd

from writeoffs import catalogue, proof
from writeoffs.book import sum_by
from writeoffs.claims import claims as claims_of
from writeoffs.exporting import dollars
from writeoffs.keys import groups
from writeoffs.ledger import Ledger
from writeoffs.money import Cents
from writeoffs.proof import Proof
from writeoffs.scope import Scope
from writeoffs.tallies import NAMES, Sources, tally

_WHO: Final = ("claim", "payer", "month")
_TOO_MANY: Final = ("payer", "month")


@dataclass(frozen=True)
class Part:
    """A numerator or denominator: what is counted, in words, and whether it is cents."""

    words: str
    money: bool


@dataclass(frozen=True)
class Counted:
    """The figures that count lines or claims, with what they are made of.

    ``figures``: in the order of ``tallies.NAMES``. ``parts``: the columns of ``rows`` after claim,
    payer and month (of service). ``rows``: one row a claim with anything to count, the last one for
    what belongs to no claim, or sums by payer and month where there are too many; parts named by
    their place, int64 (cents where ``Part.money``). ``of``: measure -> places of its numerator and
    denominator, -1 for none. ``days``: claim, payer, month and a column a lag of int64 days, NA
    where a line has none. ``lag_of``: measure -> its column of ``days``. ``days_fit``: whether a
    worksheet can hold these.
    """

    figures: tuple[Proof, ...]
    parts: tuple[Part, ...]
    rows: pd.DataFrame = field(repr=False)
    of: Mapping[str, tuple[int, int]]
    days: pd.DataFrame = field(repr=False)
    lag_of: Mapping[str, str]
    days_fit: bool


def build(sources: Sources, scope: Scope, most: int) -> Counted:
    """Everything counted of a part of a ledger.

    Args:
        sources: the ledger and its tables.
        scope: the part.
        most: how many rows a worksheet may hold.
    """
    size = len(claims_of(sources.ledger.settled))
    figures: list[Proof] = []
    columns: dict[tuple[str, bool, bytes], tuple[int, Cents]] = {}
    of: dict[str, tuple[int, int]] = {}
    lags: dict[str, pd.DataFrame] = {}
    lag_of: dict[str, str] = {}

    def place(words: str, money: bool, number: Cents, values: Cents) -> int:
        """The column of a part: by claim, what has no claim last."""
        sums = sum_by(np.where(number < 0, size, number), values, size + 1)
        key = (words, money, sums.tobytes())
        return columns.setdefault(key, (len(columns), sums))[0]

    for name in NAMES:
        m, found = catalogue.measure(name), tally(sources, name, scope)
        told = proof.of_tally(m, found)
        figures.append(told)
        number, top, bottom = (
            found.units[c].to_numpy() for c in ("number", "numerator", "denominator")
        )
        if found.quantile:
            lag_of[name] = name.removesuffix("_p90")
            lags.setdefault(lag_of[name], found.units)
        elif found.value is not None:
            below = -1 if told.denominator is None else place(m.bottom, found.money, number, bottom)
            of[name] = (place(m.top, found.money, number, top), below)
    parts = tuple(Part(words, money) for words, money, _ in columns)
    rows = _rows(sources.ledger, [sums for _, sums in columns.values()], most)
    days = _days(sources.ledger, lags)
    return Counted(tuple(figures), parts, rows, of, days, lag_of, len(days) <= most)


def _who(ledger: Ledger) -> pd.DataFrame:
    """Claim, payer and month of each claim, and a last row of blanks for what has no claim."""
    every = claims_of(ledger.settled)
    out = every[["claim", "payer"]].assign(
        month=every["service_date"].dt.strftime("%Y-%m").astype("category")
    )
    return out.reindex(range(len(every) + 1))


def _rows(ledger: Ledger, parts: list[Cents], most: int) -> pd.DataFrame:
    who = _who(ledger)
    table = pd.concat([who, pd.DataFrame(dict(enumerate(parts)), index=who.index)], axis=1)
    if not parts:
        return table.iloc[:0]
    table = table[table[list(range(len(parts)))].to_numpy().any(axis=1)].reset_index(drop=True)
    if len(table) <= most:
        return table
    spread, out = groups(table, _TOO_MANY)
    sums = {at: sum_by(spread, table[at].to_numpy(), len(out)) for at in range(len(parts))}
    return pd.concat([out, pd.DataFrame(sums, index=out.index)], axis=1)


def _days(ledger: Ledger, lags: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The lags one below the other, each in its column."""
    who = _who(ledger)
    blocks = []
    for name, units in lags.items():
        place = units["number"].where(units["number"] >= 0, len(who) - 1)
        days = units["numerator"].astype("Int64").to_numpy()
        block = who.iloc[place].reset_index(drop=True)
        blocks.append(block.assign(**{name: pd.array(days, dtype="Int64")}))
    filled = [b for b in blocks if len(b)]
    out = pd.concat(filled, ignore_index=True) if filled else who.iloc[:0].copy()
    for name in lags:
        if name not in out:
            out[name] = pd.array([pd.NA] * len(out), dtype="Int64")
    return out


def table(found: Counted) -> pd.DataFrame:
    """``rows`` with each part under its words, in dollars or whole numbers."""
    who = found.rows[[c for c in _WHO if c in found.rows]]
    parts = {heading(found, at): found.rows[at] for at in range(len(found.parts))}
    shown = {
        words: dollars(cells) if part.money else cells
        for (words, cells), part in zip(parts.items(), found.parts, strict=True)
    }
    return pd.concat([who, pd.DataFrame(shown, index=who.index)], axis=1)


def heading(found: Counted, at: int) -> str:
    """A part's words; where two parts share them, with the figures that it counts in."""
    words = found.parts[at].words
    if sum(part.words == words for part in found.parts) == 1:
        return words
    mine = [catalogue.measure(name).title for name, places in found.of.items() if at in places]
    return f"{words} ({'; '.join(mine)})"
