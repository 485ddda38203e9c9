"""What needs a whole claim: one pure function over the book of all files.

Nothing here changes what a file states. It finds out which claim and line a row belongs to, fills
in who, where and when from the claim's charge, adds the few derived postings that the rules know,
and works out what is left and who owes it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from writeoffs import taxonomy, told_twice
from writeoffs import vocabulary as v
from writeoffs.adjudications import adjudicate
from writeoffs.attribution import (
    charged_rows,
    claims_of,
    fill,
    lines_of,
    mark_self_pay,
    self_pay_rows,
)
from writeoffs.book import Book, Index, sum_by
from writeoffs.derived import prior_payer_rest, reinstate_bad_debt, remaining
from writeoffs.keys import codes as _codes
from writeoffs.money import Cents
from writeoffs.problems import Problem
from writeoffs.remit_claims import align_lines, follow_charge
from writeoffs.vocabulary import Kind

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Settled:
    """A book with its claims known.

    ``claim``: a number for each row, -1 where the row names no claim. ``self_pay``: rows of
    patients without insurance. ``rated``: rows whose claim has its charge and every payer's
    remittance, so that they may enter rates (rules.md 16). ``open``, ``patient_open``,
    ``unexplained``: cents a row, which add up over any of a line's own attributes. ``stated``: rows
    whose file states the balance.
    """

    book: Book
    claim: Index
    line: Index
    claims: int
    self_pay: Mask
    rated: Mask
    open: Cents
    patient_open: Cents
    unexplained: Cents
    stated: Mask
    problems: tuple[Problem, ...]


def settle(book: Book, says: frozenset[str]) -> Settled:
    """Settle all claims of a book."""
    claim, count = claims_of(book)
    book, told = told_twice.once(book, claim, count)
    book = replace(book, rows=align_lines(book.rows, claim))
    told_lines = lines_of(book, claim)
    done = adjudicate(book, claim, told_lines, count)
    book = replace(done.book, rows=fill(done.book, claim, count))
    book = replace(book, rows=follow_charge(book.rows, claim, told_lines, charged_rows(book)))
    problems = [*told, *done.problems]
    line = lines_of(book, claim)
    self_pay = self_pay_rows(book)
    book = mark_self_pay(book, self_pay)
    together = np.where(done.whole, int(line.max(initial=-1)) + 1 + claim, line)
    for derive, unit in ((reinstate_bad_debt, line), (prior_payer_rest, together)):
        book, found = derive(book, unit)
        problems += found
    book = replace(book, rows=remaining(done, book, claim, count))
    rated, incomplete = _rated(book, claim, count, done.unrated)
    rated &= ~_offset_alone(book, line)
    left, unexplained, stated = _open(book)
    patient = _patient_open(book, claim, line, self_pay, left, says)
    problems += incomplete + _differences(book, unexplained) + _conflicts(book, claim)
    problems += _unclassified(book) + _lone_transfers(book, claim, count)
    problems += _billed_beyond_share(book, claim, count)
    return Settled(
        book,
        claim,
        line,
        count,
        self_pay,
        rated,
        left,
        patient,
        unexplained,
        stated,
        tuple(problems),
    )


# --- what is left, and whose ----------------------------------------------------------------------


def _open(book: Book) -> tuple[Cents, Cents, Mask]:
    """Cents still owed by row (stated, else computed), and computed less stated."""
    computed = book.by_row(book.effect())
    stated = book.rows["balance_stated"].to_numpy()
    cents = book.rows["balance"].to_numpy()
    left = np.where(stated, cents, computed)
    return left, np.where(stated, computed - cents, 0), stated


def _patient_open(
    book: Book,
    claim: Index,
    line: Index,
    self_pay: Mask,
    left: Cents,
    says: frozenset[str],
) -> Cents:
    """What the patient owes of the open dollars of each row (rules.md 11)."""
    stated = book.rows["patient_balance_stated"].to_numpy()
    if not says & {"patient_responsibility", "patient_transfers"}:
        own = np.where(self_pay, left, 0)
    else:
        party = np.array([patient_effect(k) for k in book.kinds], dtype=np.int64)
        owed = book.by_row(party[book.kind] * book.amount) if len(book) else left * 0
        owed += np.where(any_of_claim(book, claim, v.PATIENT_SHARE), 0, moved_to_patient(book))
        owed = np.where(adjudicated(book, claim, line), owed, _fees(book))
        own = np.where(self_pay | no_payer(book), left, owed)
    return np.where(stated, book.rows["patient_balance"].to_numpy(), own)


def moved_to_patient(book: Book) -> Cents:
    """Cents that transfers move to the patient, by row."""
    moved = np.array([k.entry == v.TRANSFER and k.party == v.PATIENT for k in book.kinds], bool)
    return book.by_row(book.amount, moved[book.kind] if len(moved) else None)


def any_of_claim(book: Book, claim: Index, entry: str) -> Mask:
    """Rows of claims that have a posting of an entry; a row without a claim is its own."""
    row = np.zeros(len(book.rows), dtype=bool)
    row[book.at[book.where(entry)]] = True
    return row | ((claim >= 0) & _any_by(claim + 1, row & (claim >= 0)))


def patient_effect(kind: Kind) -> int:
    """How a posting moves what the patient owes, transfers apart."""
    if kind.entry == v.PATIENT_SHARE:
        return 1
    if kind.entry == v.PATIENT_PAYMENT:
        return -1
    if kind.entry == v.CHARGE and kind.category != v.SERVICE:
        return 1
    return -1 if kind.entry == v.WRITE_OFF and kind.party == v.PATIENT else 0


def _fees(book: Book) -> Cents:
    fees = np.array([k.entry == v.CHARGE and k.category != v.SERVICE for k in book.kinds])
    return book.by_row(book.amount, fees[book.kind]) if len(book) else book.by_row(book.amount)


def adjudicated(book: Book, claim: Index, line: Index) -> Mask:
    """Rows of lines on which a payer has spoken: paid, written off, left to the patient.

    What a payer says of a claim without naming a line, it says of all its lines; and what a
    patient pays without naming one is adjudicated as soon as any line is.
    """
    spoken = np.array([payer_spoke(k) for k in book.kinds], dtype=bool)
    row = np.zeros(len(book.rows), dtype=bool)
    row[book.at[spoken[book.kind]]] = True
    own = _any_by(line, row)
    charged = _any_by(line, charged_rows(book))
    known = claim >= 0
    whole = known & _any_by(claim + 1, row & ~charged)
    return own | whole | (known & ~charged & _any_by(claim + 1, row))


def payer_spoke(kind: Kind) -> bool:
    """Whether a posting shows that a payer has decided: paid, wrote off, left to the patient."""
    if kind.entry in (v.INSURER_PAYMENT, v.PAYMENT, v.PATIENT_SHARE):
        return True
    return (kind.entry, kind.party) in ((v.WRITE_OFF, v.PAYER), (v.TRANSFER, v.PATIENT))


def _any_by(group: Index, rows: Mask) -> Mask:
    """For each row, whether any row of its group is among ``rows``."""
    found = np.zeros(int(group.max(initial=-1)) + 1, dtype=bool)
    found[group[rows]] = True
    return found[group]


def no_payer(book: Book) -> Mask:
    """Rows without a payer, in data that names payers elsewhere."""
    codes = _codes(book.rows["payer"])
    return (codes < 0) & bool((codes >= 0).any())


# --- what stays out of rates, and what to say -----------------------------------------------------


def _rated(book: Book, claim: Index, count: int, unrated: Mask) -> tuple[Mask, list[Problem]]:
    """Rows whose claim has its charge; the others stay in totals and leave the rates."""
    rows = book.rows
    service = np.array([k.entry == v.CHARGE and k.category == v.SERVICE for k in book.kinds])
    charges = (
        book.by_row(book.amount, service[book.kind]) if len(book) else book.by_row(book.amount)
    )
    net = sum_by(claim[claim >= 0], charges[claim >= 0], count)
    has = np.zeros(count, dtype=bool)
    mentions = (rows["has_charge"].to_numpy() | (charges != 0)) & (claim >= 0)
    has[claim[mentions]] = True
    complete = has & (net >= 0)
    keyless = rows["ledger"].to_numpy() & bool((claim < 0).all())
    loose = keyless | (rows["has_charge"].to_numpy() & (charges >= 0))
    rated = np.where(claim >= 0, complete[claim] if count else False, loose).astype(bool)
    moving = book.by_row(np.abs(book.effect() * book.amount) > 0) > 0
    out = moving & ~rated
    rated &= ~np.r_[unrated, False][claim]
    if not out.any():
        return rated, []
    cents = book.by_row(book.effect())[out]
    message = f"{int(out.sum())} rows carry money of claims whose charge is not in the data"
    numbers = tuple(int(n) for n in rows["row"].to_numpy()[out])
    problem = Problem(
        "incomplete_claim", message, str(rows["file"].iloc[int(np.flatnonzero(out)[0])]), None,
        numbers, tuple(int(c) for c in cents),
    )  # fmt: skip
    return rated, [problem]


def _offset_alone(book: Book, line: Index) -> Mask:
    """Rows of lines that offset the money of a payer whose remittance is not in the data: they
    leave the rates too (rules.md 16; listed as prior_payer_offset)."""
    row = np.zeros(len(book.rows), dtype=bool)
    rest = np.array([k.category == taxonomy.OTHER_PAYER for k in book.kinds], dtype=bool)
    if rest.any():
        row[book.at[rest[book.kind]]] = True
    return _any_by(line, row)


def _differences(book: Book, unexplained: Cents) -> list[Problem]:
    """Rows whose stated balance is not what their parts leave."""
    out = []
    rows = np.flatnonzero(unexplained)
    files = book.rows["file"].cat
    for code in np.unique(files.codes.to_numpy()[rows]):
        found = rows[files.codes.to_numpy()[rows] == code]
        numbers = tuple(int(n) for n in book.rows["row"].to_numpy()[found])
        message = f"row {numbers[0]}: the balance stated is not what the row's parts leave"
        cents = tuple(int(abs(c)) for c in unexplained[found])
        out.append(
            Problem("balance_differs", message, str(files.categories[code]), None, numbers, cents)
        )
    return out


def _conflicts(book: Book, claim: Index) -> list[Problem]:
    """Claim-grain rows that repeat a claim with other amounts, and are no reversal."""
    rows = book.rows
    one = rows["has_charge"].to_numpy() & ~rows["ledger"].to_numpy() & (claim >= 0)
    one &= (_codes(rows["line"]) < 0) & (_codes(rows["procedure"]) < 0)
    sizes = np.bincount(claim[one]) if one.any() else np.zeros(0)
    if not len(sizes) or (sizes[sizes > 0] > 1).mean() > 0.3:
        return []
    service = book.by_row(book.effect(), book.where(v.CHARGE))
    negative = np.zeros(len(sizes), dtype=bool)
    negative[claim[one & (service < 0)]] = True
    twice = np.flatnonzero((sizes > 1) & ~negative)
    found = one & np.isin(claim, twice)
    if not found.any():
        return []
    numbers = tuple(int(n) for n in rows["row"].to_numpy()[found])
    message = f"rows {numbers[0]} and {numbers[1]}: one claim number, two rows; both counted"
    cents = tuple(int(c) for c in service[found])
    return [
        Problem(
            "duplicate_claim_conflict", message, str(rows["file"].iloc[0]), None, numbers, cents
        )
    ]


def _lone_transfers(book: Book, claim: Index, count: int) -> list[Problem]:
    """Claims whose transfers do not come in pairs: what one party no longer owes, another must."""
    kinds = np.array([(k.entry, k.category) == (v.TRANSFER, "transfer") for k in book.kinds])
    if not kinds.any():
        return []
    moved = kinds[book.kind]
    group = claim[book.at[moved]] + 1  # rows without a claim stand together, as 0
    rest = sum_by(group, book.amount[moved], count + 1)
    first = np.flatnonzero(moved)[np.unique(group, return_index=True)[1]]
    first = first[rest[claim[book.at[first]] + 1] != 0]
    if not len(first):
        return []
    rows = book.rows.iloc[book.at[first]]
    message = f"{len(first)} claims hold one side of a transfer without the other"
    numbers = tuple(int(n) for n in rows["row"])
    cents = tuple(int(abs(c)) for c in rest[claim[book.at[first]] + 1])
    return [Problem("one_transfer_leg", message, str(rows["file"].iloc[0]), None, numbers, cents)]


def moved_beyond_share(book: Book, claim: Index, count: int) -> Cents:
    """Cents by claim that were moved to the patient above what the payers assigned, at least 0.

    Only where a payer assigned a share: without one, what was moved is the share (rules.md 12).
    """
    known = claim >= 0
    shares = book.by_row(book.amount, book.where(v.PATIENT_SHARE))
    assigned = sum_by(claim[known], shares[known], count)
    moved = sum_by(claim[known], moved_to_patient(book)[known], count)
    spoken = np.zeros(count, dtype=bool)
    spoken[claim[known & any_of_claim(book, claim, v.PATIENT_SHARE)]] = True
    return np.where(spoken & (moved > np.maximum(assigned, 0)), moved - assigned, 0)


def _billed_beyond_share(book: Book, claim: Index, count: int) -> list[Problem]:
    """Claims on which more was moved to the patient than any payer assigned (rules.md 12)."""
    beyond = moved_beyond_share(book, claim, count)
    over = np.flatnonzero(beyond)
    if not len(over):
        return []
    first = np.full(count, -1, dtype=np.int64)
    rows = np.flatnonzero((claim >= 0) & (moved_to_patient(book) != 0))[::-1]
    first[claim[rows]] = rows
    at = book.rows.iloc[first[over]]
    message = f"{len(over)} claims: more was moved to the patient than the payers assigned"
    numbers = tuple(int(n) for n in at["row"])
    cents = tuple(int(c) for c in beyond[over])
    return [Problem("balance_billed", message, str(at["file"].iloc[0]), None, numbers, cents)]


def _unclassified(book: Book) -> list[Problem]:
    """Write-offs that nobody can name, by label, with their dollars."""
    out = []
    for code, kind in enumerate(book.kinds):
        if kind.entry != v.WRITE_OFF or kind.category != v.UNCLASSIFIED:
            continue
        mine = book.kind == code
        total = int(book.amount[mine].sum())
        if total:
            said = f'reason "{kind.reason[:40]}" is not known' if kind.reason else "no reason given"
            first = int(book.at[np.flatnonzero(mine)[0]])
            out.append(
                Problem(
                    "unclassified_write_off",
                    f"write-offs, {said}: neither contractual nor avoidable until it is named",
                    str(book.rows["file"].iloc[first]),
                    None,
                    tuple(int(n) for n in book.rows["row"].to_numpy()[book.at[mine]][:1000]),
                    (total,),
                )
            )
    return out
