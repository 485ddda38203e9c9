"""Several payers on one claim: what stands, what was replaced, what was said twice.

Every payer's remittance repeats the whole charge, a correction repeats an adjudication, and some
later payers repeat what an earlier one wrote off (rules.md 5 to 9). What a remittance only repeats
is dropped, and the few derived postings that the rules know are added; what a payer paid always
stands. Only rows of remittances are touched: a practice's own books are never corrected.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from writeoffs import vocabulary as v
from writeoffs.book import Book, Index, sum_by
from writeoffs.casework import Work
from writeoffs.keys import codes as _codes
from writeoffs.keys import combine, number
from writeoffs.money import Cents
from writeoffs.own_books import explained
from writeoffs.problems import Problem
from writeoffs.remit_claims import claim_rows
from writeoffs.statements import Marks, Statements, lead_parties, statements
from writeoffs.takebacks import unmatched_takebacks

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Adjudicated:
    """A book settled between payers.

    ``unit``: what was settled together, a number a row; ``whole``: rows of claims that were settled
    as one, because a remittance does not speak of their lines. ``twice``: cents a row that a payer
    paid again without a reversal. ``unrated``: claims that stay out of rates (a reversal without
    its original, rules.md 16).
    """

    book: Book
    unit: Index
    whole: Mask
    twice: Cents
    unrated: Mask
    problems: list[Problem]


def adjudicate(book: Book, claim: Index, line: Index, count: int) -> Adjudicated:
    """Settle what remittances say of claims.

    Args:
        book: everything posted, as sent.
        claim, line: the claim and the line of each row.
        count: how many claims there are.
    """
    mine = claim_rows(book.rows)
    unrated = np.zeros(count, dtype=bool)
    nothing = np.zeros(len(book.rows), dtype=np.int64)
    if not mine.any():
        return Adjudicated(book, line, mine, nothing, unrated, [])
    marks = Marks.of(book)
    said = statements(book, claim, line, mine, marks)
    unit, whole = _units(book, claim, line, marks, said)
    live = mine & (said.of_rows("stands") > 0)
    work = Work(book, claim, marks, said, unit, whole, live, np.zeros(len(book), dtype=bool))
    _reversals(work, unrated)
    _line_copies(work)
    twice = _again(work)
    _charges(work, mine, count)
    _later_payers(work)
    _takebacks(work)
    explained(work, mine, count)
    out = work.result()
    charged = np.zeros(len(out.rows), dtype=bool)
    charged[out.at[Marks.of(out).charge]] = True
    stated = out.rows["has_charge"].to_numpy() & (~mine | charged)
    out = replace(out, rows=out.rows.assign(has_charge=stated))
    remitted = np.zeros(count + 1, dtype=bool)
    remitted[claim[mine]] = True
    return Adjudicated(out, unit, whole & remitted[claim], twice, unrated, work.problems)


# --- what is settled together ---------------------------------------------------------------------


def _units(
    book: Book, claim: Index, line: Index, marks: Marks, said: Statements
) -> tuple[Index, Mask]:
    """Lines where one of those who speak of a claim names every line of it, else the whole claim.

    A payer may speak of some of the lines only; but lines that each names differently cannot be
    told apart, and what is said of the whole claim replaces what was said of its lines.
    """
    rows = book.rows
    charged = np.zeros(len(rows), dtype=bool)
    charged[book.at[marks.charge]] = True
    party = said.of_rows("party", -1)
    speaks = (said.of_rows("stands") > 0) | (charged & (said.of_row < 0))
    speaks &= claim >= 0
    whole = (_codes(rows["line"]) < 0) & (_codes(rows["procedure"]) < 0) & _moves(book, marks)
    size = int(claim.max(initial=-1)) + 1
    pair, _ = number(combine([claim[speaks], party[speaks]]))
    triple, _ = number(combine([pair, line[speaks]]))

    def count_of(groups: Index) -> Index:
        first = np.unique(groups, return_index=True)[1]
        return np.bincount(claim[speaks][first], minlength=size)

    named = np.bincount(pair[np.unique(triple, return_index=True)[1]])
    most = np.zeros(size, dtype=np.int64)
    np.maximum.at(most, claim[speaks], named[pair])
    same = most == count_of(line[speaks])
    same[claim[speaks & whole & (said.of_row >= 0)]] = False
    by_line = (claim >= 0) & np.r_[same, False][claim]
    apart = int(line.max(initial=-1)) + 2 + claim
    return np.where(by_line, line, apart), ~by_line


def _moves(book: Book, marks: Marks) -> Mask:
    """Rows that say more of a claim than the interest paid with it."""
    cash = marks.paid | book.where(v.PROVIDER_ADJUSTMENT)
    said = book.by_row(np.abs(book.amount), ~cash) != 0
    return np.asarray(said | (book.by_row(book.amount, marks.paid) != 0))


# --- one payer ------------------------------------------------------------------------------------


def _reversals(work: Work, unrated: Mask) -> None:
    """Reversals whose original is not in the data: counted, but in no rate."""
    sent = work.said.sent
    lone = np.flatnonzero(sent["reversal"] & ~sent["undone"])
    unrated[sent["claim"].to_numpy()[lone]] = True
    rows = np.flatnonzero(np.isin(work.said.of_row, lone))
    rows = rows[np.unique(work.said.of_row[rows], return_index=True)[1]]
    cents = sent["paid"].to_numpy()[work.said.of_row[rows]]
    message = f"{len(rows)} reversals whose original is not in the data; left out of rates"
    work.flag("reversal_without_original", message, rows, cents)


def _line_copies(work: Work) -> None:
    """Lines denied as a duplicate of one that stands change nothing (rules.md 7)."""
    book, marks = work.book, work.marks
    charge = book.by_row(book.amount, marks.charge)
    twice = book.by_row(book.amount, marks.duplicate)
    copy = work.live & ~work.whole & (charge > 0) & (twice == charge)
    real = np.zeros(int(work.unit.max()) + 1, dtype=bool)
    real[work.unit[work.live & ~copy]] = True
    silent = copy & real[work.unit]
    work.live &= ~silent
    work.drop |= silent[book.at] & ~marks.paid


def _again(work: Work) -> Cents:
    """The same payer speaks again without a reversal: what it wrote off and assigned last counts.

    Returns what was paid on each replaced row.

    Both payments stand where the earlier one paid, and that is flagged (rules.md 9). Claims settled
    whole are the same statement again only when they repeat the same charge.
    """
    said, live = work.said, np.flatnonzero(work.live)
    charge = np.where(work.whole, said.of_rows("charge"), 0)[live]
    group, _ = number(combine([said.of_rows("party")[live], work.unit[live], charge]))
    order = said.of_rows("order")[live]
    newest = np.full(int(group.max(initial=-1)) + 1, -1, dtype=np.int64)
    np.maximum.at(newest, group, order)
    old = order < newest[group]
    if not old.any():
        return np.zeros(len(work.book.rows), dtype=np.int64)
    home = np.full(len(newest), -1, dtype=np.int64)
    home[group[~old][::-1]] = live[~old][::-1]
    where = np.full(len(work.book.rows), -1, dtype=np.int64)
    where[live[old]] = home[group[old]]
    replaced = where[work.book.at] >= 0
    marks = work.marks
    undo = np.flatnonzero(replaced & (marks.written | marks.share | marks.waits))
    work.derive(where[work.book.at[undo]], undo)
    work.drop |= replaced & marks.charge
    work.live[live[old]] = False
    paid = work.book.by_row(work.book.amount, marks.paid)
    rows = live[old][paid[live[old]] != 0]
    message = (
        f"{len(rows)} lines paid, then adjudicated again without a reversal: both payments count, "
        "the last write-off and patient share"
    )
    work.flag("adjudicated_again", message, rows, paid[rows])
    out = np.zeros(len(work.book.rows), dtype=np.int64)
    out[rows] = paid[rows]
    return out


# --- one charge -----------------------------------------------------------------------------------


def _charges(work: Work, mine: Mask, count: int) -> None:
    """A claim's charge once: from the practice's export, else from the leading payer's remittance.

    Reversals by that payer stay, so that they cancel what they reverse (rules.md 6).
    """
    book, said = work.book, work.said
    sums = sum_by(
        np.where(mine, 0, work.claim + 1)[book.at[work.marks.charge]],
        np.abs(book.amount[work.marks.charge]),
        count + 1,
    )
    exported = np.r_[sums[1:], False] > 0
    leads = lead_parties(said.sent).reindex(np.arange(count)).fillna(-1).to_numpy().astype(np.int64)
    lead = np.r_[leads, -1]
    payer_of = np.zeros(int(said.sent["party"].max()) + 2, dtype=np.int64) - 1
    payer_of[said.sent["party"].to_numpy()] = said.sent["payer"].to_numpy()
    party = said.of_rows("party", -1)
    # A reversal carries no rank of its own: it belongs to whatever its payer leads.
    same = np.where(
        said.of_rows("stands") > 0,
        party == lead[work.claim],
        payer_of[party] == payer_of[lead[work.claim]],
    )
    decided = lead[work.claim] >= 0
    copies = (said.of_rows("stands") == 0) & (said.of_rows("reversal") == 0)
    copies &= said.of_rows("undone") == 0
    repeats = mine & (exported[work.claim] | (decided & (~same | copies)))
    work.drop |= repeats[book.at] & work.marks.charge
    _other_charges(work, mine & exported[work.claim] & work.live & (party == lead[work.claim]))
    # A denial as a duplicate and a claim passed on change nothing where something else stands.
    silent = mine & decided & copies
    work.drop |= silent[book.at] & ~work.marks.paid


def _other_charges(work: Work, speaks: Mask) -> None:
    """Lines of which the leading payer was asked for another charge than the export has."""
    book, size = work.book, int(work.unit.max()) + 1
    lined = work.marks.charge & ~work.whole[book.at]
    said, own = (
        sum_by(work.unit[book.at[wanted]], book.amount[wanted], size)
        for wanted in (lined & speaks[book.at], lined & (work.said.of_row[book.at] < 0))
    )
    rows = np.flatnonzero(speaks & ~work.whole)
    rows = rows[np.unique(work.unit[rows], return_index=True)[1]]
    off = (said - own)[work.unit[rows]]
    rows, off = rows[off != 0], off[off != 0]
    message = (
        f"{len(rows)} lines that a remittance charges other than the practice's books; "
        "the books count"
    )
    work.flag("remittance_differs", message, rows, off)


# --- later payers ---------------------------------------------------------------------------------


def _later_payers(work: Work) -> None:
    """What a later payer says of a unit replaces shares; its write-off is what is left (rule 8).

    A payer that refused everything is overruled by what a later one pays, assigns or writes off;
    of its refusal stays what nobody took over.
    """
    said, book, marks = work.said, work.book, work.marks
    turn = np.where(work.live, said.of_rows("turn", -1), -1)
    last = int(turn.max(initial=-1))
    if last < 1:
        return
    size = int(work.unit.max()) + 1
    unit, when = work.unit[book.at], turn[book.at]
    spoken = said.of_rows("turn", -1)[book.at]
    keep = book.amount.copy()  # what of each posting still stands

    def sums(wanted: Mask) -> Cents:
        return sum_by(unit[wanted], keep[wanted], size)

    charge = sums(marks.charge & ~work.drop)
    paid = sums(marks.paid & ((spoken == 0) | (said.of_row[book.at] < 0)))
    denied = np.zeros((last + 1, size), dtype=bool)
    denied[0] = _denied(marks, when == 0, sums)
    memos = marks.share | marks.waits
    repeated: list[tuple[Index, Cents]] = []
    for now in range(1, last + 1):
        here = np.full(size, -1, dtype=np.int64)
        rows = np.flatnonzero(turn == now)[::-1]
        here[work.unit[rows]] = rows
        paid = paid + sums(marks.paid & (spoken == now))
        denied[now] = _denied(marks, when == now, sums)
        earlier = (here >= 0)[unit] & (when >= 0) & (when < now)
        old = np.flatnonzero(memos & earlier)
        work.derive(here[unit[old]], old, keep[old])
        keep[old] = 0
        own = marks.written & (when == now)
        refused = marks.written & earlier & denied[when.clip(0), unit] & ~denied[now][unit]
        stated, lost = sums(own), sums(refused)
        before = sums(marks.written & earlier) - lost
        room = charge - paid - before - sums(memos & (when == now))
        undone = lost - np.clip(room - stated, 0, np.maximum(lost, 0))
        _cut(work, np.flatnonzero(refused), undone, keep, here)
        room = room - (lost - undone)
        cut = np.where(stated > 0, stated - np.clip(room, 0, np.maximum(stated, 0)), 0)
        repeated.append(_cut(work, np.flatnonzero(own), cut, keep))
    rows = np.concatenate([r for r, _ in repeated])
    cents = np.concatenate([c for _, c in repeated])
    message = (
        f"{len(rows)} lines where a later payer wrote off again what was already paid or written "
        "off; only what was left counts"
    )
    work.flag("second_payer_repeats", message, rows, cents)


def _denied(marks: Marks, mine: Mask, sums: Callable[[Mask], Cents]) -> Mask:
    """Units of which a payer wrote off all that it was asked for and paid or assigned nothing."""
    asked, given = sums(marks.charge & mine), sums(marks.written & mine)
    nothing = (sums(marks.paid & mine) == 0) & (sums(marks.share & mine) == 0)
    return np.asarray(nothing & (given >= asked) & (given > 0))


def _cut(
    work: Work, own: Index, cut: Cents, keep: Cents, where: Index | None = None
) -> tuple[Index, Cents]:
    """Take back so much of write-offs in each unit, contract first, then by code; rows and cents.

    The rules name only the first; the order of codes makes it the same however files are cut.

    Args:
        own: the write-offs. ``cut``: cents to take back, by unit.
        keep: what of each posting still stands; lowered by what is taken.
        where: the row of each unit that takes it back; None for the write-off's own row.
    """
    book, unit = work.book, work.unit[work.book.at]
    own = own[(cut[unit[own]] > 0) & (keep[own] > 0)]
    codes = [(k.category != v.CONTRACTUAL, k.reason.rpartition("-")[2]) for k in book.kinds]
    order = {code: i for i, code in enumerate(sorted(set(codes)))}
    turn = np.array([order[code] for code in codes], dtype=np.int64)
    own = own[np.lexsort([own, turn[book.kind[own]], unit[own]])]
    amount = keep[own]
    before = np.cumsum(amount) - amount
    starts = np.unique(unit[own], return_index=True)[1] if len(own) else own
    base = np.zeros(len(own), dtype=np.int64)
    base[starts] = np.diff(before[starts], prepend=0)
    take = np.clip(cut[unit[own]] - (before - np.cumsum(base)), 0, amount)
    keep[own] -= take
    own, take = own[take > 0], take[take > 0]
    work.derive(book.at[own] if where is None else where[unit[own]], own, take)
    rows, place = np.unique(book.at[own], return_inverse=True)
    return rows, sum_by(place.astype(np.int64), take, len(rows))


# --- cash, books, balances ------------------------------------------------------------------------


def _takebacks(work: Work) -> None:
    """Cash taken back through PLB for which no reversal is in the data (rules.md 10)."""
    lone = unmatched_takebacks(work.book, work.said.sent)
    message = f"{len(lone)} takebacks of money for which no reversed claim is in the data"
    work.flag("takeback_unmatched", message, work.book.at[lone], -work.book.amount[lone])
