"""Receivables as of a date: by party and age, credits apart, and how many days of work they are.

Everything is as of the ledger's own as-of date, whatever period is looked at: a balance is no
month's flow (rules.md 18). Money is int64 cents, shares are fractions, ages and days are days.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from writeoffs import owed
from writeoffs import vocabulary as v
from writeoffs.book import Index, sum_by
from writeoffs.keys import codes, combine, first_rows, groups, number
from writeoffs.ledger import Ledger
from writeoffs.measures import Measure
from writeoffs.money import Cents, ratio
from writeoffs.problems import BadRequest
from writeoffs.vocabulary import Kind

EDGES: Final = (30, 60, 90, 120)  # the last day of each bucket: day 30 is in the first
BUCKETS: Final = (
    "0 to 30 days",
    "31 to 60 days",
    "61 to 90 days",
    "91 to 120 days",
    "Over 120 days",
    "No date",
)
BASES: Final = MappingProxyType(
    {
        "service": "since the date of service",
        "party": "since whoever owes it became responsible",
    }
)
BY: Final = ("payer", "practice", "provider", "location", "party")

_HFMA: Final = "HFMA MAP Keys"

DECLARED: Final = (
    Measure("receivables", "Owed to the practice", "open balances of claims and parties that are"
            " not in credit", "dollars", needs=("open",), good="down", rows="claims",
            meaning="What insurers and patients still owe today, before credits are taken off.",
            source="AAFP total receivables without its credit balances",
            top="open balances that are not in credit"),
    Measure("credit_balances", "Credit balances", "balances below zero, by claim and party, on"
            " adjudicated claims", "dollars", needs=("open",), good="up", rows="claims",
            meaning="Paid too much: money that may have to go back.",
            source="81 FR 7653 (Medicare: report and return within 60 days)",
            top="balances below zero on adjudicated claims"),
    Measure("unapplied_money", "Paid ahead", "balances below zero without a charge, or before a"
            " payer has decided", "dollars", needs=("open",), rows="claims",
            meaning="Money not yet set against anything. Not a credit until a payer decides.",
            source="rules.md 11", top="balances below zero that are not credits"),
    Measure("over_90_share", "Older than 90 days", "receivables older than 90 days / receivables"
            " with a date", "rate", needs=("open",), good="down", rows="claims",
            meaning="Old balances are the hardest to collect.", source=f"{_HFMA}: aged A/R",
            top="receivables older than 90 days", bottom="receivables with a date"),
    Measure("over_120_share", "Older than 120 days", "receivables older than 120 days / receivables"
            " with a date", "rate", needs=("open",), good="down", rows="claims",
            meaning="What has waited more than four months.", source="MGMA aging buckets; PARB120"
            " (30 / 150 = 20 %)", top="receivables older than 120 days",
            bottom="receivables with a date"),
)  # fmt: skip


@dataclass(frozen=True)
class Receivables:
    """What days and ages are worked out of; a page narrows both tables and asks again.

    ``positions``: see ``owed.positions``. ``daily``: see ``daily``. ``begins``: the first day of
    the month in which charges begin (days since 1970; None without charges). ``dated``: whether
    every write-off has a posting date.
    """

    positions: pd.DataFrame
    daily: pd.DataFrame
    as_of: date | None
    says: frozenset[str]
    begins: int | None
    dated: bool

    @property
    def today(self) -> int | None:
        """The as-of date in days since 1970."""
        if self.as_of is None:
            return None
        return int(np.datetime64(self.as_of).astype("datetime64[D]").astype(np.int64))


def receivables(ledger: Ledger) -> Receivables:
    """A whole ledger's receivables."""
    table = daily(ledger)
    charged = table.loc[table["charges"] != 0, "day"]
    known = charged[charged > owed.ALWAYS]
    begins = None
    if len(known):
        month = np.datetime64(int(known.min()), "D").astype("datetime64[M]")
        begins = int(month.astype("datetime64[D]").astype(np.int64))
    undated = table["day"] == owed.ALWAYS
    off = ["lawful", "set_aside", "given_up"]
    dated = not table.loc[undated, off].to_numpy().any()
    found = owed.positions(ledger)
    return Receivables(found, table, ledger.as_of, ledger.can_say, begins, dated)


def of(source: Ledger | Receivables) -> Receivables:
    """Receivables of a ledger, or those already worked out."""
    return receivables(source) if isinstance(source, Ledger) else source


def daily(ledger: Ledger) -> pd.DataFrame:
    """Charges and what was written off them, by the day on which each was posted.

    Returns:
        One row a day and name of each dimension: ``day`` (days since 1970; a charge by its entry
        date, else by its service date; owed.ALWAYS for no date), payer, practice, provider,
        location (categories), and int64 cents: ``charges`` (service charges net of voids),
        ``lawful`` (by contract or law), ``set_aside`` (capitation, duplicates), ``given_up`` (bad
        debt and what the practice chose to give up).
    """
    rows, at, day, code, cents = _dated(ledger)
    names = list(v.CUBE_DIMENSIONS)
    cell, _ = number(combine([day, *(codes(rows[name])[at] for name in names)]))
    size = int(cell.max(initial=-1)) + 1
    first = first_rows(cell, size)
    out = rows[names].iloc[at[first]].reset_index(drop=True).assign(day=day[first])
    for place, name in enumerate(_PARTS):
        mine = code == place
        out[name] = sum_by(cell[mine], cents[mine], size)
    return out


def daily_postings(ledger: Ledger) -> pd.DataFrame:
    """The postings that ``daily`` adds up: its columns, and ``number``, one row a posting."""
    rows, at, day, code, cents = _dated(ledger)
    out = rows[list(v.CUBE_DIMENSIONS)].iloc[at].reset_index(drop=True)
    parts = {name: np.where(code == place, cents, 0) for place, name in enumerate(_PARTS)}
    return out.assign(number=ledger.settled.claim[at], day=day, **parts)


def _dated(ledger: Ledger) -> tuple[pd.DataFrame, Index, Index, Index, Cents]:
    """All source rows; of the postings of _PARTS their rows, days, places in _PARTS and cents."""
    book = ledger.settled.book
    rows = book.rows
    part = np.array([_part(kind) for kind in book.kinds], dtype=np.int64)
    code = part[book.kind] if len(book) else book.kind
    keep = np.flatnonzero(code >= 0)
    at, code = book.at[keep], code[keep]
    day = owed.day_number(book.posted()[keep], owed.ALWAYS)
    return rows, at, day, code, book.amount[keep]


_PARTS: Final = ("charges", "lawful", "set_aside", "given_up")


def _part(kind: Kind) -> int:
    """Which of _PARTS a kind adds to, -1 for none."""
    if (kind.entry, kind.category) == (v.CHARGE, v.SERVICE):
        return 0
    if kind.entry != v.WRITE_OFF:
        return -1
    places = {v.LAW: 1, v.OVER_BILLED: 1, v.SET_ASIDE: 2, v.BAD_DEBT: 3, v.DISCRETIONARY: 3}
    return places.get(kind.bucket, -1)


# --- by age ---------------------------------------------------------------------------------------


def bucket_of(age: pd.Series) -> npt.NDArray[np.int8]:
    """The bucket of ages in days, as places in BUCKETS: day 30 is the first's, day 31 the next's.

    A date after the as-of date counts as day 0; no date has a place of its own.
    """
    missing = age.isna().to_numpy()
    found = np.searchsorted(EDGES, age.fillna(0).to_numpy(dtype=np.int64), side="left")
    return np.where(missing, len(EDGES) + 1, found).astype(np.int8)


def aging(
    source: Ledger | Receivables, by: str | Sequence[str] | None = None, basis: str = "service"
) -> pd.DataFrame:
    """What is owed by age: 0 to 30, 31 to 60, 61 to 90, 91 to 120 and over 120 days (MGMA).

    Args:
        source: a ledger, or its receivables under filters.
        by: one or several of payer, practice, provider, location, party; None for all together.
        basis: what age counts from. "service": the date of service. "party": the day on which
            whoever owes it became responsible: the last day on which a payer left it to the
            patient, the entry of the charge for an insurer (A/R is "re-aged", as MGMA asks).

    Returns:
        One row a group and bucket with money in it: the ``by`` columns, ``bucket`` (ordered
        category of BUCKETS), ``cents`` (int64; credits and money paid ahead are not in it),
        ``claims`` (int64, those behind it), ``share`` (Float64 fraction of the group's
        receivables, NA where they are not above zero). Groups sum to ``receivables``. Empty where
        what is open cannot be said.

    Raises:
        BadRequest: an unknown dimension or basis.
    """
    found = of(source)
    keys = keys_of(by)
    _known_basis(basis)
    mine = owing(found)
    bucket = pd.Categorical.from_codes(bucket_of(mine[f"age_{basis}"]), BUCKETS, ordered=True)
    mine = mine.assign(bucket=bucket)
    out = _summed(mine, [*keys, "bucket"])
    group, _ = groups(out, keys)
    whole = sum_by(group, out["cents"].to_numpy(), int(group.max(initial=-1)) + 1)[group]
    return out.assign(share=_ratios(out["cents"].to_numpy(), whole))


def _summed(mine: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Cents and distinct claims by group."""
    group, out = groups(mine, keys)
    size = len(out) if len(mine) else 0
    out = out.iloc[:size]
    cents = sum_by(group, mine["cents"].to_numpy(), size)
    numbers = mine["number"].to_numpy()
    known = numbers >= 0
    pairs, _ = number(combine([group[known], numbers[known]]))
    once = first_rows(pairs, int(pairs.max(initial=-1)) + 1)
    return out.assign(cents=cents, claims=np.bincount(group[known][once], minlength=size))


def old_shares(
    source: Ledger | Receivables, by: str | Sequence[str] | None = None, basis: str = "service"
) -> pd.DataFrame:
    """How much of what is owed is older than 90 and 120 days (HFMA aged A/R).

    Args:
        source, by, basis: see ``aging``.

    Returns:
        One row a group: the ``by`` columns; ``cents`` (all receivables), ``dated`` (those with a
        date), ``over_90``, ``over_120`` (int64 cents); ``over_90_share``, ``over_120_share``
        (Float64 fractions of those with a date; NA where these are not above zero).
    """
    found = of(source)
    keys = keys_of(by)
    _known_basis(basis)
    mine = owing(found)
    group, out = groups(mine, keys)
    bucket, cents = bucket_of(mine[f"age_{basis}"]), mine["cents"].to_numpy()
    masks = {
        "cents": bucket >= 0,
        "dated": bucket <= 4,
        "over_90": (bucket == 3) | (bucket == 4),
        "over_120": bucket == 4,
    }
    sums = {name: sum_by(group[m], cents[m], len(out)) for name, m in masks.items()}
    for name in ("over_90", "over_120"):
        sums[f"{name}_share"] = _ratios(sums[name], sums["dated"])
    return out.assign(**sums)


def owing(found: Receivables) -> pd.DataFrame:
    """The positions that are receivables; none where what is open cannot be said."""
    table = found.positions
    if "open" not in found.says:
        return table.iloc[:0]
    return table[table["state"] == owed.OWED]


def balances(source: Ledger | Receivables, by: str | Sequence[str] | None = None) -> pd.DataFrame:
    """What is owed, in credit and paid ahead, by party or anything else.

    Returns:
        One row a group with money: the ``by`` columns and int64 cents ``owed``, ``credit`` (0 or
        below on whole claims), ``unapplied`` and ``open``, their sum: the ledger's still owed.
    """
    table = of(source).positions
    keys = keys_of(by)
    group, out = groups(table, keys)
    cents = table["cents"].to_numpy()
    for state in owed.STATES:
        mine = (table["state"] == state).to_numpy()
        out[state] = sum_by(group[mine], cents[mine], len(out))
    return out.assign(open=sum_by(group, cents, len(out)))


# --- one figure each ------------------------------------------------------------------------------


def values(source: Ledger | Receivables, basis: str = "service") -> dict[str, float | int | None]:
    """Each measure of DECLARED by name: cents or fraction; None where it cannot be said."""
    found = of(source)
    if "open" not in found.says:
        return {m.name: None for m in DECLARED}
    sums = balances(found).iloc[0]
    old = old_shares(found, basis=basis).iloc[0]
    out: dict[str, float | int | None] = {
        "receivables": int(sums[owed.OWED]),
        "credit_balances": int(sums[owed.CREDIT]),
        "unapplied_money": int(sums[owed.UNAPPLIED]),
    }
    for name in ("over_90_share", "over_120_share"):
        out[name] = None if pd.isna(old[name]) else float(old[name])
    return out


def made_of(found: Receivables, name: str, basis: str = "service") -> pd.DataFrame:
    """The balances that a measure of DECLARED is counted from.

    Returns:
        ``number``, ``numerator`` and ``denominator``, int64 cents.
    """
    states = {"credit_balances": owed.CREDIT, "unapplied_money": owed.UNAPPLIED}
    table = found.positions
    mine = table[table["state"] == states[name]] if name in states else owing(found)
    cents = mine["cents"].to_numpy()
    bucket = bucket_of(mine[f"age_{basis}"])
    oldest = {"over_90_share": (3, 4), "over_120_share": (4,)}
    if name in oldest:
        top, bottom = np.where(np.isin(bucket, oldest[name]), cents, 0), cents * (bucket <= 4)
    else:
        top, bottom = cents, np.zeros(len(mine), dtype=np.int64)
    return pd.DataFrame({"number": mine["number"], "numerator": top, "denominator": bottom})


def keys_of(by: str | Sequence[str] | None, allowed: Sequence[str] = BY) -> list[str]:
    """The names to group by, as a list; BadRequest for one that is not allowed."""
    keys = [] if by is None else [by] if isinstance(by, str) else list(by)
    unknown = [name for name in keys if name not in allowed]
    if unknown:
        raise BadRequest(f"cannot group by {unknown}\n\nHint: {', '.join(allowed)}")
    return keys


def _known_basis(basis: str) -> None:
    if basis not in BASES:
        raise BadRequest(f"no age basis {basis!r}\n\nHint: {', '.join(BASES)}")


def _ratios(top: Cents, bottom: Cents) -> pd.Series:
    cells = [ratio(int(a), int(b)) for a, b in zip(top, bottom, strict=True)]
    return pd.Series(pd.array(cells, dtype="Float64"))
