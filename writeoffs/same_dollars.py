"""The same dollars in two tables of one practice: the finer one counts, the other explains.

A file of claims beside a file of their lines, encounters beside the transactions of each, a summary
sheet beside its detail. What is told twice counts once, in the table that tells it in more detail;
what only the coarser table says (payments of a claim whose lines hold charges alone) still counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from writeoffs import vocabulary as v
from writeoffs.book import Book, sum_by
from writeoffs.joins import Link, Table, at_codes
from writeoffs.keys import first_rows
from writeoffs.money import Cents, plain_dollars
from writeoffs.postings import Batch
from writeoffs.problems import Problem

Index = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_TOLD: Final = {  # entry -> what a file says that tells it
    v.WRITE_OFF: {"written_off"},
    v.PATIENT_SHARE: {"patient_responsibility"},
    v.INSURER_PAYMENT: {"insurer_paid", "all_paid"},
    v.PATIENT_PAYMENT: {"patient_paid", "all_paid"},
    v.PAYMENT: {"paid"},
}
_ROW_KEYS: Final = (
    "claim_id", "encounter_id", "charge_id", "line_number", "patient_id", "transaction_id",
    "payment_id", "check_number",
)  # fmt: skip
_HALF: Final = 0.5


@dataclass(frozen=True)
class Posted:
    """A table with what it posts. ``aside`` is True once nothing of it is counted."""

    table: Table
    batch: Batch
    notes: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    aside: bool = False
    rows: Index = field(init=False)

    def __post_init__(self) -> None:
        numbers = self.batch.book.rows["row"].to_numpy()
        object.__setattr__(self, "rows", np.searchsorted(self.table.parsed.raw.numbers, numbers))

    @property
    def name(self) -> str:
        """The file's name."""
        return self.table.name

    def cents(self, *entries: str) -> Cents:
        """Cents of these entries by row of the raw table; held rows are 0."""
        book = self.batch.book
        out = np.zeros(len(self.table), dtype=np.int64)
        out[self.rows] = book.by_row(book.amount, book.where(*entries))
        return out

    def said(self, note: str, problems: Sequence[Problem] = (), aside: bool = False) -> Posted:
        """The same table with a note, problems, and whether it is set aside."""
        notes, found = (*self.notes, note), (*self.problems, *problems)
        return replace(self, notes=notes, problems=found, aside=self.aside or aside)


def once(posted: Sequence[Posted], steps: Sequence[Link]) -> list[Posted]:
    """The tables with everything told twice counted once; each change is a note or a problem.

    Args:
        posted: tables with money.
        steps: links between them, by their places in ``posted``.
    """
    out = [_without_lines_told(posted, place, steps) for place in range(len(posted))]
    return _without_sums(out)


# --- claims beside their lines --------------------------------------------------------------------


@dataclass(frozen=True)
class _Shared:
    """What two tables both bill: for each row of either the thing it bills, -1 for none of both.

    ``certain``: the coarser one names each thing once, so that they are the same by their numbers
    alone; else only as far as the dollars agree.
    """

    fine: Index
    coarse: Index
    certain: bool


def _without_lines_told(posted: Sequence[Posted], place: int, steps: Sequence[Link]) -> Posted:
    """A table without what a finer one tells of its rows."""
    coarse = posted[place]
    if not coarse.cents(v.CHARGE).any():
        return coarse
    told = np.zeros(len(coarse.table), dtype=bool)
    off = np.zeros(len(coarse.table), dtype=np.int64)
    finer: list[Posted] = []
    for other, fine in enumerate(posted):
        shared = _shared(posted, other, place, steps)
        if shared is None:
            continue
        new = (shared.coarse >= 0) & ~told
        off[new] = _off(fine, coarse, shared)[new]
        told |= new
        finer.append(fine)
    return _explaining(coarse, finer, told, off) if finer else coarse


def _shared(
    posted: Sequence[Posted], fine: int, coarse: int, steps: Sequence[Link]
) -> _Shared | None:
    """What a table bills in more detail than another, or None where it does not."""
    one, other = posted[fine], posted[coarse]
    if fine == coarse or one.table.parsed.raw.headings == other.table.parsed.raw.headings:
        return None
    remits = [p.table.plan.shape == "835" for p in (one, other)]
    if remits[0] and not remits[1]:
        return None  # the export posts, the remittance explains (rules.md 5)
    charged = (one.cents(v.CHARGE) != 0, other.cents(v.CHARGE) != 0)
    wide = other.table.plan.shape != "ledger"
    ways = [
        _Shared(s.rows, np.arange(len(other.table)), wide)
        for s in steps
        if s.source == fine and s.target == coarse
    ]
    ways += _by_claim(one.table, other.table, wide)
    ways = [_both(way, *charged) for way in ways]
    ways = [way for way in ways if (way.fine >= 0).any()]
    if not ways:
        return None
    best = max(ways, key=lambda w: int((w.fine >= 0).sum()))
    if remits[1] and not remits[0]:
        return best
    billed = zip(charged, (best.fine, best.coarse), strict=True)
    rows = [int((c & (things >= 0)).sum()) for c, things in billed]
    if rows[0] < rows[1] or (rows[0] == rows[1] and not _fuller(posted, fine, coarse)):
        return None
    certain = best.certain and rows[0] > rows[1]
    return best if certain or _agree(one, other, best) else None


def _by_claim(one: Table, other: Table, wide: bool) -> list[_Shared]:
    """Claim numbers that both files call so, whatever share of them they have in common."""
    mine, theirs = one.plan.heading("claim_id"), other.plan.heading("claim_id")
    if mine is None or theirs is None:
        return []
    key, label = other.parsed.label(theirs), one.parsed.label(mine)
    found = pd.Index(key.names).get_indexer(pd.Index(label.names)).astype(np.int64)
    used = key.codes[key.codes >= 0]
    lone = bool(len(used)) and int(np.bincount(used).max()) == 1
    return [_Shared(at_codes(found, label.codes), key.codes.astype(np.int64), wide and lone)]


def _both(way: _Shared, fine: Mask, coarse: Mask) -> _Shared:
    """Only the things that both bill; every row of the coarser table that speaks of one."""
    size = int(max(way.fine.max(initial=-1), way.coarse.max(initial=-1))) + 2
    billed = np.zeros((2, size), dtype=bool)
    billed[0][way.fine[fine]] = True
    billed[1][way.coarse[coarse]] = True
    both = billed[0] & billed[1]
    both[-1] = False  # where -1 points
    return _Shared(
        np.where(fine & both[way.fine], way.fine, -1),
        np.where(both[way.coarse], way.coarse, -1),
        way.certain,
    )


def _fuller(posted: Sequence[Posted], one: int, other: int) -> bool:
    """Of two files that bill the same rows one to one, whether the first says more."""
    columns = [posted[i].table.plan.columns.values() for i in (one, other)]
    money = [sum(f in v.MONEY_FIELDS for f in fields) for fields in columns]
    return (money[0], -one) > (money[1], -other)


def _agree(one: Posted, other: Posted, shared: _Shared) -> bool:
    """Whether half of what two files bill, or more, comes to the same cent."""
    off = _by_thing(one, shared.fine, shared) - _by_thing(other, shared.coarse, shared)
    things = np.unique(shared.coarse[shared.coarse >= 0])
    return bool((off[things] == 0).mean() >= _HALF)


def _by_thing(posted: Posted, things: Index, shared: _Shared) -> Cents:
    """What a table bills for each thing, in cents."""
    size = int(max(shared.fine.max(initial=-1), shared.coarse.max(initial=-1))) + 1
    known = things >= 0
    return sum_by(things[known], posted.cents(v.CHARGE)[known], size)


def _off(fine: Posted, coarse: Posted, shared: _Shared) -> Cents:
    """What the coarser table bills beyond the finer one, on the first row of each thing."""
    off = _by_thing(coarse, shared.coarse, shared) - _by_thing(fine, shared.fine, shared)
    first = first_rows(shared.coarse + 1, len(off) + 1)[1:]
    out = np.zeros(len(coarse.table), dtype=np.int64)
    known = first >= 0
    out[first[known]] = off[known]
    return out


def _told_again(entry: str, says: set[str]) -> bool:
    """Whether a file that says so much tells an entry of its lines as well."""
    wanted = _TOLD.get(entry)
    return wanted is None or bool(wanted & says)


def _explaining(coarse: Posted, finer: Sequence[Posted], told: Mask, off: Cents) -> Posted:
    """A table without the money that finer files tell, and what is to be said of it."""
    book = coarse.batch.book
    of_row = told[coarse.rows]
    says = set().union(*(f.batch.says for f in finer))
    again = np.array([_told_again(k.entry, says) for k in book.kinds], dtype=bool)
    drop = of_row[book.at] & again[book.kind]
    where = ", ".join(f.name for f in finer)
    cents = int(book.amount[drop & book.where(v.CHARGE)].sum())
    rows = int(told.sum())
    note = (
        f"{rows:,} of {len(told):,} rows bill what {where} bills in more detail: "
        f"${plain_dollars(cents)} not counted again"
    )
    differ = np.flatnonzero(off)
    problems = []
    if len(differ):
        numbers = coarse.table.parsed.raw.numbers[differ]
        message = f"{len(differ):,} rows bill other amounts than {where}, which is counted"
        at_stake = tuple(abs(int(c)) for c in off[differ])
        found = tuple(int(n) for n in numbers)
        problems.append(Problem("files_differ", message, coarse.name, None, found, at_stake))
    at, kind, amount = (x[~drop] for x in (book.at, book.kind, book.amount))
    kept = Book(_plain(book.rows, of_row), book.kinds, at, kind, amount)
    empty = of_row & (np.bincount(at, minlength=len(of_row)) == 0)
    kept = kept.without(empty)
    out = replace(coarse, batch=replace(coarse.batch, book=kept))
    return out.said(note, problems, aside=not len(kept))


def _plain(rows: pd.DataFrame, told: Mask) -> pd.DataFrame:
    """Rows whose charge another file holds: they define no claim and state no balance of it."""
    return rows.assign(
        **{name: rows[name].to_numpy() & ~told
           for name in ("has_charge", "balance_stated", "patient_balance_stated")}
    )  # fmt: skip


# --- sums beside their detail ---------------------------------------------------------------------


def _without_sums(posted: list[Posted]) -> list[Posted]:
    """Tables that only add up what another one lists are set aside (rules.md, "already summed")."""
    detail = [p for p in posted if not p.aside and _has_keys(p.table)]
    summed = sorted((p for p in posted if _is_sum(p)), key=lambda p: -len(p.table))
    if not detail and summed:
        detail = [
            p for p in summed if p.table.parsed.raw.headings == summed[0].table.parsed.raw.headings
        ]
        summed = [p for p in summed if all(p is not d for d in detail)]
    aside = {id(p): _set_aside(p, detail) for p in summed} if detail else {}
    return [aside.get(id(p), p) for p in posted]


def _has_keys(table: Table) -> bool:
    """Whether rows name a claim, a patient or a movement."""
    return any(table.plan.heading(f) is not None for f in _ROW_KEYS)


def _is_sum(one: Posted) -> bool:
    return not one.aside and not _has_keys(one.table)


def _set_aside(one: Posted, detail: Sequence[Posted]) -> Posted:
    """A table of sums beside detail: the same total is the same money, another is looked into."""
    bills = bool(one.cents(v.CHARGE).any())
    word, entries = ("billed", (v.CHARGE,)) if bills else ("paid", v.PAYMENTS)
    mine = int(one.cents(*entries).sum())
    theirs = sum(int(p.cents(*entries).sum()) for p in detail)
    where = ", ".join(p.name for p in detail)
    note = f"its sums (${plain_dollars(mine)} {word}) are not added to the detail of {where}"
    if mine == theirs:
        return one.said(f"{note}, which comes to the same", aside=True)
    if one.table.plan.heading("service_date") is not None:
        return one  # dated rows without numbers may be services of their own
    problem = Problem(
        "files_differ",
        f"${plain_dollars(mine)} {word} in these sums, ${plain_dollars(theirs)} in the detail of "
        f"{where}, which is counted",
        one.name,
        None,
        (),
        (abs(mine - theirs),),
    )
    return one.said(note, [problem], aside=True)
