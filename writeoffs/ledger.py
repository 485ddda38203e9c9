"""The ledger: what reading returns. Postings, problems, control totals and how they reconcile.

Ledgers add: reading a practice in one piece or in ten gives the same rows. Whatever depends on a
whole claim is settled after the adding, by one function, and cached on the ledger.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from writeoffs import vocabulary as v
from writeoffs.book import Book, fingerprints, join, line_keys
from writeoffs.cube import CUBE_BY, PROCEDURE_BY, flows
from writeoffs.dates import month_of
from writeoffs.measures import MEASURES, components, values
from writeoffs.plan import Plan
from writeoffs.postings import Batch
from writeoffs.problems import Problem
from writeoffs.settle import Settled, settle

YOUNG_DAYS: Final = 90
IDENTITY: Final = (
    "billed",
    "other_debits",
    "insurer_paid",
    "patient_paid",
    "paid",
    "written_off",
    "other_adjustments",
    "open",
    "unexplained",
)


@dataclass(frozen=True)
class SourceFile:
    """One file as read: its name, fingerprint, shape, data rows, notes, plan and held rows.

    ``control`` is what the file states about itself; ``held`` maps held data rows to cents;
    ``table`` tells the tables of one file (its sheets) apart, by their headings.
    """

    name: str
    sha256: str
    shape: str
    rows: int
    notes: tuple[str, ...] = ()
    plan: Plan | None = None
    held: dict[int, int] = field(default_factory=dict)
    control: dict[str, str | int] = field(default_factory=dict)
    table: str = ""


@dataclass(frozen=True)
class Ledger:
    """Postings of one practice, from one or more files.

    ``says``: which figures the sources can hold at all. ``stated_as_of``: the date a person chose;
    None for the latest posting date in the data.
    """

    book: Book
    files: tuple[SourceFile, ...]
    reading_problems: tuple[Problem, ...]
    says: frozenset[str]
    stated_as_of: date | None = None

    def __add__(self, other: Ledger) -> Ledger:
        """Both ledgers as one practice.

        A file already there (same bytes) is counted once, and so is a row that another file holds
        too: of rows alike in everything, n here and m there count max(n, m). Of one movement by
        its number, and of one wide line, which is a snapshot, the state posted later counts, else
        that of the file that reaches later, else that of ``other`` (rules.md 20). A summed report
        is never added to the detail of its time: the detail counts.
        """
        known = {(f.sha256, f.table) for f in self.files}
        if other.files and all((f.sha256, f.table) in known for f in other.files):
            twice = tuple(
                Problem(
                    "already_loaded", "this very file is already counted; nothing added", f.name
                )
                for f in other.files
            )
            return replace(self, reading_problems=(*self.reading_problems, *twice))
        again = _already_here(self._rows_alike, other._rows_alike)
        older, old_there = _older(self, other, again)
        sums, sums_there = _in_detail(self, other), _in_detail(other, self)
        older, drop = older | sums, again | old_there | sums_there
        parts = ((self, sums), (other, sums_there))
        out = Ledger(
            join([self.book.without(older), other.book.without(drop)]),
            (*self.files, *other.files),
            (
                *self.reading_problems,
                *other.reading_problems,
                *_said(other.book, again, "are in another file already; counted once"),
                *_said(self.book, older & ~sums, "stand newer in another file; the newer count"),
                *_said(other.book, old_there, "stand newer in another file; the newer count"),
                *_said(self.book, sums, _SUMMED, "summary_beside_detail"),
                *_said(other.book, sums_there, _SUMMED, "summary_beside_detail"),
            ),
            combined_says([p.says for p, left in parts if not left.all()] or [self.says]),
            self.stated_as_of,
        )
        alike = (self._rows_alike[~older], other._rows_alike[~drop])
        vars(out)["_rows_alike"] = np.concatenate(alike)
        return out

    @property
    def summed(self) -> npt.NDArray[np.bool_]:
        """Rows of already summed reports."""
        files = self.book.rows["file"].cat
        names = {f.name for f in self.files if f.shape == "summary"}
        found = np.array([name in names for name in files.categories] + [False], dtype=bool)
        return found[files.codes.to_numpy()]

    @cached_property
    def _rows_alike(self) -> npt.NDArray[np.uint64]:
        """A number for each row, the same for rows that say the same."""
        return fingerprints(self.book)

    @cached_property
    def settled(self) -> Settled:
        """Claims, derived postings, what is open and whose."""
        return settle(self.book, self.says)

    @cached_property
    def cube(self) -> pd.DataFrame:
        """Cents by month, payer, practice, provider, location and what the dollars are."""
        return flows(self.settled, CUBE_BY)

    @cached_property
    def procedures(self) -> pd.DataFrame:
        """Cents by month, payer and procedure."""
        return flows(self.settled, PROCEDURE_BY)

    @cached_property
    def paying(self) -> pd.DataFrame:
        """The cube with the payer that each movement's own row names (``paying_payer``)."""
        return flows(self.settled, (*CUBE_BY, "paying_payer"))

    @cached_property
    def reasons(self) -> pd.DataFrame:
        """The cube's write-offs with their reasons as exported."""
        found = flows(self.settled, CUBE_BY, reasons=True)
        return found[found["entry"] == v.WRITE_OFF].reset_index(drop=True)

    @property
    def postings(self) -> pd.DataFrame:
        """The journal: one row a posting, ``amount`` in integer cents, derived rows included."""
        return self.settled.book.long()

    @cached_property
    def problems(self) -> tuple[Problem, ...]:
        """Everything found, in reading and in settling."""
        return (*self.reading_problems, *self.settled.problems)

    @property
    def held_cents(self) -> int:
        """Dollars on held rows, in cents."""
        return sum(sum(f.held.values()) for f in self.files)

    @property
    def rows_held(self) -> int:
        """Held rows."""
        return sum(len(f.held) for f in self.files)

    @property
    def rows_read(self) -> int:
        """Data rows, held ones included."""
        return sum(f.rows for f in self.files)

    @cached_property
    def span(self) -> dict[str, date | None]:
        """First and last service and posting date."""
        rows = self.book.rows
        out: dict[str, date | None] = {}
        for name, columns in (
            ("service", ["service_date"]),
            ("post", ["post_date", "charge_date"]),
        ):
            days = np.concatenate([rows[c].to_numpy() for c in columns])
            known = days[~np.isnat(days)]
            out[f"{name}_from"] = _day(known.min()) if len(known) else None
            out[f"{name}_to"] = _day(known.max()) if len(known) else None
        return out

    @property
    def as_of(self) -> date | None:
        """The date that open, aging and young months refer to; never the clock."""
        return self.stated_as_of or self.span["post_to"] or self.span["service_to"]

    def at(self, day: date) -> Ledger:
        """The ledger as it stood on a day: later postings are left out.

        Balances that the file states are of its own date, so an earlier day computes them.
        """
        latest = self.span["post_to"] or self.span["service_to"]
        if latest is None or day >= latest:
            return replace(self, stated_as_of=day)
        rows = self.book.rows
        service = rows["service_date"].to_numpy()
        post = np.where(np.isnat(rows["post_date"].to_numpy()), service, rows["post_date"])
        is_charge = self.book.where(v.CHARGE)
        when = np.where(is_charge, self.book.entered()[self.book.at], post[self.book.at])
        keep = ~(when > np.datetime64(day))
        book = Book(
            rows.assign(balance_stated=False, patient_balance_stated=False),
            self.book.kinds,
            self.book.at[keep],
            self.book.kind[keep],
            self.book.amount[keep],
        )
        return replace(self, book=book, stated_as_of=day)

    def first_young_month(self) -> int | None:
        """The first service month (year * 12 + month - 1) that is still too young to judge.

        A month is young until 90 days after its end have passed on the as-of date.
        """
        if self.as_of is None:
            return None
        oldest = np.datetime64(self.as_of) - np.timedelta64(YOUNG_DAYS, "D")
        return int(month_of(np.array([oldest]))[0])

    @cached_property
    def can_say(self) -> frozenset[str]:
        """What the ledger can say, derived figures included."""
        found = set(self.says) | self._who_paid()
        stated = self.settled.stated
        if "billed" in found and ("paid" in found or stated.any()):
            found.add("open")
        patient_stated = self.book.rows["patient_balance_stated"].any()
        assigned = found & {"patient_responsibility", "patient_transfers"}
        if "open" in found and (assigned or patient_stated):
            found.add("patient_open")
        if "open" in found and len(stated) and self.settled.self_pay.all():
            found.add("patient_open")
        return frozenset(found)

    def _who_paid(self) -> set[str]:
        """The split of payments, where a file that cannot tell it only repeats one that can."""
        split = {v.INSURER_PAYMENT: "insurer_paid", v.PATIENT_PAYMENT: "patient_paid"}
        book = self.settled.book
        posted = {book.kinds[int(code)].entry for code in np.unique(book.kind)}
        told = any(p.kind == "told_twice" for p in self.settled.problems)
        if not told or "paid" not in self.says or v.PAYMENT in posted:
            return set()
        return {name for entry, name in split.items() if entry in posted}

    @cached_property
    def reconciliation(self) -> pd.DataFrame:
        """The identity in one table: billed + other debits = paid + written off + other
        adjustments + open + what does not tie.

        Returns:
            Rows ``part``, ``title``, ``cents`` (Int64, NA where no file states it).
        """
        sums = components(self.cube, [])
        cells = [
            (name, MEASURES[name].title, values(sums, MEASURES[name], self.can_say).iloc[0])
            for name in IDENTITY
        ]
        return pd.DataFrame(cells, columns=["part", "title", "cents"]).astype({"cents": "Int64"})


def _already_here(
    here: npt.NDArray[np.uint64], there: npt.NDArray[np.uint64]
) -> npt.NDArray[np.bool_]:
    """Rows of ``there`` that ``here`` holds as well, each as often as it is here."""
    known, counts = np.unique(here, return_counts=True)
    if not len(known) or not len(there):
        return np.zeros(len(there), dtype=bool)
    place = np.minimum(np.searchsorted(known, there), len(known) - 1)
    held = np.where(known[place] == there, counts[place], 0)
    if not held.any():
        return np.zeros(len(there), dtype=bool)
    return pd.Series(there).groupby(there).cumcount().to_numpy() < held


def _older(
    here: Ledger, there: Ledger, again: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Rows of ``here`` and of ``there`` of which the other holds a newer state.

    Only where each holds the row once: a wide line as a charge (a reversal is no older state), or
    a movement by its own number in files of the same headings. The state posted later is newer,
    then that of the file that reaches later, then that of ``there``.
    """
    books = (here.book, there.book)
    out = [np.zeros(len(b.rows), dtype=bool) for b in books]
    kinds = [_headings(ledger) for ledger in (here, there)]
    numbers = [
        np.where(b.rows["transaction"] == 0, 0, b.rows["transaction"] ^ h).view(np.uint64)
        for b, h in zip(books, kinds, strict=True)
    ]
    lines = [line_keys(b) for b in books]
    for keys, charged in ((numbers, False), (lines, True)):
        mine, theirs = (_once(k, b, charged) for k, b in zip(keys, books, strict=True))
        common = np.intersect1d(mine, theirs, assume_unique=True)
        if not len(common):
            continue
        at = []
        for k in keys:
            rows = np.flatnonzero(np.isin(k, common))
            at.append(rows[np.argsort(k[rows])])
        changed = ~again[at[1]] & ~out[0][at[0]] & ~out[1][at[1]]
        stays = _newer(here, at[0], there, at[1])
        out[0][at[0][changed & ~stays]] = True
        out[1][at[1][changed & stays]] = True
    return out[0], out[1]


def _headings(ledger: Ledger) -> npt.NDArray[np.int64]:
    """For each row a number of its file's headings: a movement's number means nothing elsewhere."""
    tables: dict[str, str] = {}
    for file in ledger.files:
        tables[file.name] = tables.get(file.name, "") + (file.table or file.name)
    files = ledger.book.rows["file"].cat
    texts = np.array([tables.get(str(n), str(n)) for n in files.categories] + [""], dtype=object)
    hashed = pd.util.hash_array(texts, categorize=False).view(np.int64)
    return np.asarray(hashed[files.codes.to_numpy()])


def _newer(
    here: Ledger, mine: npt.NDArray[np.intp], there: Ledger, theirs: npt.NDArray[np.intp]
) -> npt.NDArray[np.bool_]:
    """For rows in pairs, whether that of ``here`` is the later state."""
    posted = [x.book.rows["post_date"].to_numpy()[at] for x, at in ((here, mine), (there, theirs))]
    reach = [_reach(x)[at] for x, at in ((here, mine), (there, theirs))]
    tied = ~(posted[0] < posted[1])
    return np.asarray((posted[0] > posted[1]) | (tied & (reach[0] > reach[1])), dtype=bool)


def _reach(ledger: Ledger) -> npt.NDArray[np.datetime64]:
    """For each row the latest date in its file."""
    rows = ledger.book.rows
    files = rows["file"].cat.codes.to_numpy()
    latest = np.full(int(files.max(initial=-1)) + 1, np.datetime64("0001-01-01", "s"))
    for name in ("service_date", "charge_date", "post_date"):
        days = rows[name].to_numpy().astype("datetime64[s]")
        known = ~np.isnat(days)
        np.maximum.at(latest, files[known], days[known])
    return latest[files]


def _once(keys: npt.NDArray[np.uint64], book: Book, charged: bool) -> npt.NDArray[np.uint64]:
    """Keys that one row alone carries, with a charge above zero where that is asked."""
    found, first, counts = np.unique(keys, return_index=True, return_counts=True)
    good = (found != 0) & (counts == 1)
    if charged:
        good &= book.by_row(book.amount, book.where(v.CHARGE))[first] > 0
    return found[good]


_SUMMED: Final = "are sums of what another file has in detail; the detail counts"


def _in_detail(one: Ledger, other: Ledger) -> npt.NDArray[np.bool_]:
    """Summed rows of ``one`` whose month lies within the detail of ``other``; all that have no
    month, for what nobody can tell apart must not be added."""
    summed, detail = one.summed, ~other.summed
    if not summed.any() or not detail.any():
        return np.zeros(len(summed), dtype=bool)
    covered = np.ones(len(summed), dtype=bool)
    for name in ("post_date", "service_date"):
        months = month_of(one.book.rows[name].to_numpy())
        theirs = month_of(other.book.rows[name].to_numpy()[detail])
        theirs = theirs[theirs >= 0]
        if len(theirs):
            within = (months >= theirs.min()) & (months <= theirs.max())
            covered = np.where(months >= 0, within, covered)
    return summed & covered


def _said(
    book: Book, rows: npt.NDArray[np.bool_], words: str, kind: str = "already_loaded"
) -> list[Problem]:
    """Rows left out because another file holds them, file by file, with what they billed."""
    cents = book.by_row(book.amount, book.where(v.CHARGE))
    files = book.rows["file"].cat
    out = []
    for code in np.unique(files.codes.to_numpy()[rows]):
        mine = files.codes.to_numpy() == code
        found = np.flatnonzero(rows & mine)
        message = f"{len(found)} of {int(mine.sum())} rows {words}"
        numbers = tuple(int(n) for n in book.rows["row"].to_numpy()[found])
        amounts = tuple(int(c) for c in cents[found])
        file = str(files.categories[code])
        out.append(Problem(kind, message, file, None, numbers, amounts))
    return out


def _day(value: np.datetime64) -> date:
    found: Any = value.astype("datetime64[D]").item()
    return date(found.year, found.month, found.day)


def combined_says(parts: Sequence[frozenset[str]]) -> frozenset[str]:
    """What several sources can say together.

    A figure that one file holds is held; but once one file pays without saying who, the split of
    payments into insurer and patient cannot be said for the whole.
    """
    found = frozenset().union(*parts)
    split = {"insurer_paid", "patient_paid"}
    if any("all_paid" in p and not split <= p for p in parts):
        found -= split
    one_sided = any("billed" in p and "paid" in p and "all_paid" not in p for p in parts)
    if one_sided and not split <= found:
        found -= {"all_paid"}
    if split <= found:
        found |= {"all_paid"}
    return found


def from_batch(batch: Batch, file: SourceFile, questions: tuple[Problem, ...] = ()) -> Ledger:
    """A ledger of one table."""
    return Ledger(batch.book, (file,), (*questions, *batch.problems), batch.says)
