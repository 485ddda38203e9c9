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
from writeoffs.book import Book
from writeoffs.joins import Link, Table, at_codes
from writeoffs.keys import first_rows
from writeoffs.money import Cents, plain_dollars
from writeoffs.postings import Batch
from writeoffs.problems import Problem

Index = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_TOLD: Final = {
    v.WRITE_OFF: "written_off",
    v.PATIENT_SHARE: "patient_responsibility",
    **dict.fromkeys(v.PAYMENTS, "paid"),
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


def _without_lines_told(posted: Sequence[Posted], place: int, steps: Sequence[Link]) -> Posted:
    """A wide table without what a finer one tells of its rows."""
    coarse = posted[place]
    billed = coarse.cents(v.CHARGE)
    if coarse.table.plan.shape == "ledger" or not billed.any():
        return coarse
    finer: dict[int, Index] = {}
    for other in range(len(posted)):
        rows = _rows_told(posted, other, place, steps)
        if rows is not None:
            finer[other] = rows
    if not finer:
        return coarse
    told = np.zeros(len(coarse.table), dtype=bool)
    sums = np.zeros(len(coarse.table), dtype=np.int64)
    says: set[str] = set()
    for other, rows in finer.items():
        told[rows[rows >= 0]] = True
        sums = np.maximum(sums, _sums(posted[other], rows, len(sums)))
        says |= posted[other].batch.says
    return _explaining(coarse, [posted[i].name for i in finer], told, billed - sums, says)


def _rows_told(
    posted: Sequence[Posted], fine: int, coarse: int, steps: Sequence[Link]
) -> Index | None:
    """For each charge row of a finer table the row of the coarser one that bills it too."""
    one, other = posted[fine], posted[coarse]
    if fine == coarse or one.table.parsed.raw.headings == other.table.parsed.raw.headings:
        return None
    charged = one.cents(v.CHARGE) != 0
    ways = [s.rows for s in steps if s.source == fine and s.target == coarse]
    ways += _by_claim(one.table, other.table)
    best: Index | None = None
    for way in ways:
        rows = np.where(charged, way, -1)
        found = int((rows >= 0).sum())
        if found and (best is None or found > int((best >= 0).sum())):
            best = rows
    if best is None:
        return None
    reached = np.unique(best[best >= 0])
    if int((best >= 0).sum()) > len(reached) or one.table.plan.shape == "ledger":
        return best
    return best if _fuller(posted, fine, coarse, best, reached) else None


def _by_claim(one: Table, other: Table) -> list[Index]:
    """A step over claim numbers that both files call so, whatever share of them they have."""
    mine, theirs = one.plan.heading("claim_id"), other.plan.heading("claim_id")
    if mine is None or theirs is None:
        return []
    key, label = other.parsed.label(theirs), one.parsed.label(mine)
    used = key.codes[key.codes >= 0]
    if not len(used) or len(np.unique(used)) < len(used):
        return []
    row_of = first_rows(key.codes.astype(np.int64) + 1, len(key.names) + 1)[1:]
    found = pd.Index(key.names).get_indexer(pd.Index(label.names))
    return [at_codes(np.where(found >= 0, row_of[found], -1), label.codes)]


def _fuller(posted: Sequence[Posted], one: int, other: int, rows: Index, reached: Index) -> bool:
    """Of two files that bill the same rows one to one, whether the first says more."""
    sums = _sums(posted[one], rows, len(posted[other].table))[reached]
    if (sums == posted[other].cents(v.CHARGE)[reached]).mean() < _HALF:
        return False  # one number, other dollars: not the same thing
    money = [
        sum(f in v.MONEY_FIELDS for f in posted[i].table.plan.columns.values())
        for i in (one, other)
    ]
    return (money[0], -one) > (money[1], -other)


def _sums(fine: Posted, rows: Index, size: int) -> Cents:
    """What a finer table bills for each row of a coarser one, in cents."""
    out = np.zeros(size, dtype=np.int64)
    known = rows >= 0
    np.add.at(out, rows[known], fine.cents(v.CHARGE)[known])
    return out


def _explaining(coarse: Posted, names: list[str], told: Mask, off: Cents, says: set[str]) -> Posted:
    """A table without the money that finer files tell, and what is to be said of it."""
    book = coarse.batch.book
    of_row = told[coarse.rows]
    again = np.array([_TOLD.get(k.entry, "") in ("", *says) for k in book.kinds], dtype=bool)
    drop = of_row[book.at] & again[book.kind]
    where = ", ".join(names)
    cents = int(book.amount[drop & book.where(v.CHARGE)].sum())
    rows = int(told.sum())
    note = (
        f"{rows:,} of {len(told):,} rows bill what {where} bills in more detail: "
        f"${plain_dollars(cents)} not counted again"
    )
    differ = told & (off != 0)
    problems = []
    if differ.any():
        numbers = coarse.table.parsed.raw.numbers[differ]
        problems.append(
            Problem(
                "files_differ",
                f"{int(differ.sum()):,} of {rows:,} rows bill other amounts than {where}, "
                "which is counted",
                coarse.name,
                None,
                tuple(int(n) for n in numbers),
                tuple(abs(int(c)) for c in off[differ]),
            )
        )
    kept = Book(
        _plain(book.rows, of_row),
        book.kinds,
        *(x[~drop] for x in (book.at, book.kind, book.amount)),
    )
    empty = of_row & (kept.by_row(np.ones(len(kept), dtype=np.int64)) == 0)
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
