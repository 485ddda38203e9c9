"""What needs a whole claim: one pure function over the book of all files.

Nothing here changes what a file states. It finds out which claim and line a row belongs to, fills
in who, where and when from the claim's charge, adds the few derived postings that the rules know,
and works out what is left and who owes it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from writeoffs import taxonomy
from writeoffs import vocabulary as v
from writeoffs.book import Book, Index, sum_by
from writeoffs.keys import codes as _codes
from writeoffs.keys import combine, number
from writeoffs.ledger_rows import is_patient
from writeoffs.money import Cents
from writeoffs.problems import Problem
from writeoffs.vocabulary import Kind

Mask = npt.NDArray[np.bool_]
_NO_DAY: Final = np.iinfo(np.int64).min  # what NaT becomes as a number of days
_FILLED: Final = ("practice", "provider", "location")


@dataclass(frozen=True)
class Settled:
    """A book with its claims known.

    ``claim``: a number for each row, -1 where the row names no claim. ``self_pay``: rows of
    patients without insurance. ``rated``: rows whose claim has its charge, so that they may enter
    rates (rules.md 16). ``open``, ``patient_open``, ``unexplained``: cents a row, which add up
    over any of a line's own attributes. ``stated``: rows whose file states the balance.
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
    claim, count = _claims(book)
    book = replace(book, rows=_fill(book, claim, count))
    line = _lines(book, claim)
    self_pay = _self_pay(book)
    book = _mark_self_pay(book, self_pay)
    problems: list[Problem] = []
    for derive in (_reinstate_bad_debt, _prior_payer_rest):
        book, found = derive(book, claim, line, count)
        problems += found
    rated, incomplete = _rated(book, claim, count)
    left, unexplained, stated = _open(book)
    patient = _patient_open(book, claim, line, self_pay, left, says)
    problems += incomplete + _differences(book, unexplained) + _conflicts(book, claim)
    problems += _unclassified(book) + _lone_transfers(book, claim, count)
    return Settled(
        book, claim, line, count, self_pay, rated, left, patient, unexplained, stated, tuple(problems)
    )


# --- claims and lines ---------------------------------------------------------------------------------


def _claims(book: Book) -> tuple[Index, int]:
    """Number the claims. A repeated claim number splits when service date or patient differ."""
    rows = book.rows
    text, patient = _codes(rows["claim"]), _codes(rows["patient"])
    days = _codes(rows["service_date"])
    # A ledger without claim numbers: a patient's day is the claim.
    visit = rows["ledger"].to_numpy() & (text < 0) & (patient >= 0)
    known = (text >= 0) | (visit & (days != _NO_DAY))
    days = np.where(_own_lines(rows, text, patient, days), 0, days)
    lead = known & (_charged(book) | ~rows["ledger"].to_numpy())
    codes, _ = number(combine([text, patient, days]))
    leading = np.zeros(codes.max(initial=-1) + 1, dtype=bool)
    leading[codes[lead]] = True
    lead = lead & (text >= 0)
    # A payment without the charge's date or patient belongs to the claim of its number.
    first = pd.Series(codes[lead]).groupby(text[lead]).first()
    astray = (text >= 0) & ~leading[codes] if len(leading) else known & False
    home = first.reindex(text[astray]).to_numpy()
    codes[astray] = np.where(np.isnan(home), codes[astray], home)
    codes[~known] = -1
    spread, names = number(codes[known])
    out = np.full(len(rows), -1, dtype=np.int64)
    out[known] = spread
    return out, len(names)


def _own_lines(rows: pd.DataFrame, text: Index, patient: Index, days: Index) -> Mask:
    """Rows of claims whose lines carry numbers of their own, each on one date.

    Such a claim runs over several days; it was not used twice, so its dates do not split it.
    """
    line = _codes(rows["line"])
    named = (text >= 0) & (line >= 0)
    if not named.any():
        return named
    claim, _ = number(combine([text, patient]))
    split = np.zeros(int(claim.max(initial=-1)) + 1, dtype=bool)
    dated = np.flatnonzero(named & (days != _NO_DAY))
    own, _ = number(combine([claim[dated], line[dated]]))
    low = np.full(int(own.max(initial=-1)) + 1, np.iinfo(np.int64).max)
    high = np.full(len(low), _NO_DAY)
    np.minimum.at(low, own, days[dated])
    np.maximum.at(high, own, days[dated])
    split[claim[dated[(low < high)[own]]]] = True
    split[claim[(text >= 0) & (line < 0) & _charge_rows(rows)]] = True
    return (text >= 0) & ~split[claim]


def _charge_rows(rows: pd.DataFrame) -> Mask:
    """Rows that may define a claim: all of a wide file, none of a ledger by itself."""
    return ~rows["ledger"].to_numpy()


def _charged(book: Book) -> Mask:
    """Rows that carry a service charge."""
    service = np.array([k.entry == v.CHARGE and k.category == v.SERVICE for k in book.kinds])
    out = np.zeros(len(book.rows), dtype=bool)
    if len(service):
        out[book.at[service[book.kind]]] = True
    return out


def _fill(book: Book, claim: Index, count: int) -> pd.DataFrame:
    """Give the rows of a long ledger the who, where and when of their claim's charge."""
    rows = book.rows
    ledger = rows["ledger"].to_numpy() & (claim >= 0)
    if not ledger.any():
        return rows
    rows = rows.copy()
    charged = _charged(book)
    line_key = _line_text(rows, claim)
    rows["payer"] = _charted(rows["payer"], claim, count, charged, ledger)
    for name in (*_FILLED, "procedure", "modifier"):
        by_line = _from_charge(_codes(rows[name]), line_key, charged)
        codes = np.where(ledger & (_codes(rows[name]) < 0), by_line, _codes(rows[name]))
        if name in _FILLED:
            by_claim = _only(codes, claim, charged, count)
            codes = np.where(ledger & (codes < 0), by_claim, codes)
        rows[name] = pd.Categorical.from_codes(codes, dtype=rows[name].dtype)
    rows["service_date"] = _fill_date(rows["service_date"], claim, charged, ledger, count)
    return rows


def _line_text(rows: pd.DataFrame, claim: Index) -> Index:
    """Claim and line as one number; -1 where the row names no line."""
    line = _codes(rows["line"])
    codes = claim * (line.max(initial=0) + 2) + line
    return np.where((claim >= 0) & (line >= 0), codes, -1)


def _from_charge(codes: Index, key: Index, charged: Mask) -> Index:
    """The code on the charge row of the same key, -1 where there is none."""
    good = charged & (key >= 0) & (codes >= 0)
    first = pd.Series(codes[good]).groupby(key[good]).first()
    found = first.reindex(key).to_numpy()
    return np.where(np.isnan(found), -1, found).astype(np.int64)


def _only(codes: Index, claim: Index, charged: Mask, count: int) -> Index:
    """The one code on all charge rows of a claim, -1 where they differ."""
    good = charged & (claim >= 0) & (codes >= 0)
    low = np.full(count, np.iinfo(np.int64).max)
    high = np.full(count, -1)
    np.minimum.at(low, claim[good], codes[good])
    np.maximum.at(high, claim[good], codes[good])
    one = np.where(low == high, high, -1)
    return np.where(claim >= 0, one[claim] if count else -1, -1)


def _charted(
    payer: pd.Series, claim: Index, count: int, charged: Mask, ledger: Mask
) -> pd.Categorical:
    """Chart a claim under the payer of its charge, else under its first insurer (rules.md 17)."""
    codes = _codes(payer)
    patient = np.array([is_patient(str(n)) for n in payer.cat.categories] + [False])[codes]
    chart = np.full(count, -1, dtype=np.int64)
    for good in (ledger & patient, ledger & ~patient, ledger & charged & patient, ledger & charged & ~patient):
        use = good & (codes >= 0)
        backwards = np.flatnonzero(use)[::-1]
        chart[claim[backwards]] = codes[backwards]
    out = np.where(ledger & (claim >= 0), chart[claim] if count else -1, codes)
    return pd.Categorical.from_codes(out, dtype=payer.dtype)


def _fill_date(
    dates: pd.Series, claim: Index, charged: Mask, ledger: Mask, count: int
) -> npt.NDArray[np.datetime64]:
    values = dates.to_numpy().copy()
    first = np.full(count, np.datetime64("NaT"), dtype=values.dtype)
    use = np.flatnonzero(charged & (claim >= 0) & ~np.isnat(values))[::-1]
    first[claim[use]] = values[use]
    empty = ledger & np.isnat(values)
    values[empty] = first[claim[empty]]
    return values


def _lines(book: Book, claim: Index) -> Index:
    """Number the service lines; a claim without lines is one, a row without a claim its own."""
    rows = book.rows
    named = _line_text(rows, claim)
    procedure, modifier = _codes(rows["procedure"]), _codes(rows["modifier"])
    loose = claim < 0
    key = combine(
        [
            np.where(loose, np.arange(len(rows)), claim),
            np.where(named >= 0, named, -1),
            np.where(named >= 0, -1, procedure),
            np.where(named >= 0, -1, modifier),
            loose.astype(np.int64),
        ]
    )
    return number(key)[0]


# --- self-pay ----------------------------------------------------------------------------------------------


def _self_pay(book: Book) -> Mask:
    payer = book.rows["payer"]
    named = np.array([_is_self_pay(str(n)) for n in payer.cat.categories] + [False], dtype=bool)
    return named[_codes(payer)]


def _is_self_pay(name: str) -> bool:
    lowered = name.lower().replace("-", " ").strip()
    return is_patient(name) or lowered in ("uninsured", "none (self pay)", "no insurance")


def _mark_self_pay(book: Book, self_pay: Mask) -> Book:
    """Charges and write-offs of a self-pay visit are the patient's own."""
    if not self_pay.any() or not len(book):
        return book
    kinds = dict.fromkeys(book.kinds)
    wanted = np.array(
        [k.entry == v.WRITE_OFF or (k.entry, k.category) == (v.CHARGE, v.SERVICE) for k in book.kinds]
    )
    twins = {k: k._replace(party=v.SELF) for k, w in zip(book.kinds, wanted, strict=True) if w}
    for twin in twins.values():
        kinds.setdefault(twin)
    order = {k: i for i, k in enumerate(kinds)}
    turn = np.array([order[twins.get(k, k)] for k in book.kinds])
    moved = self_pay[book.at]
    return replace(book, kinds=tuple(kinds), kind=np.where(moved, turn[book.kind], book.kind))


# --- derived postings -----------------------------------------------------------------------------------------


def _reinstate_bad_debt(
    book: Book, claim: Index, line: Index, count: int
) -> tuple[Book, list[Problem]]:
    """A patient pays after the debt was written off: the write-off is undone by as much."""
    del count
    lost = np.array([k.entry == v.WRITE_OFF and k.bucket == v.BAD_DEBT for k in book.kinds])
    if not lost.any():
        return book, []
    size = int(line.max(initial=-1)) + 1
    at = line[book.at]
    over = -sum_by(at, book.effect(), size)
    written = sum_by(at[lost[book.kind]], book.amount[lost[book.kind]], size)
    paid = book.where(v.PATIENT_PAYMENT) & (book.amount > 0)
    later = _paid_after(book, line, lost, paid, size)
    back = np.minimum(np.minimum(over, written), later)
    lines = np.flatnonzero(back > 0)
    if not len(lines):
        return book, []
    # On the row of the last patient payment of the line, with the kind of its first lost debt.
    where = np.full(size, -1, dtype=np.int64)
    where[at[paid]] = book.at[paid]
    kind = np.full(size, -1, dtype=np.int64)
    mask = np.flatnonzero(lost[book.kind])[::-1]
    kind[at[mask]] = book.kind[mask]
    out = _append(book, where[lines], kind[lines], -back[lines])
    total = int(back[lines].sum())
    message = f"{len(lines)} lines: a patient paid after bad debt was written off; undone by as much"
    return out, [Problem("reinstated_bad_debt", message, cents=(total,))]


def _paid_after(book: Book, line: Index, lost: Mask, paid: Mask, size: int) -> Cents:
    """Patient payments of each line dated on or after its first bad-debt write-off."""
    posted = _codes(book.rows["post_date"])[book.at]
    first = np.full(size, np.iinfo(np.int64).max)
    off = lost[book.kind]
    np.minimum.at(first, line[book.at[off]], posted[off])
    late = paid & (posted >= first[line[book.at]])
    return sum_by(line[book.at[late]], book.amount[late], size)


def _append(book: Book, at: Index, kind: Index, amount: Cents) -> Book:
    return replace(
        book,
        at=np.concatenate([book.at, at]),
        kind=np.concatenate([book.kind, kind]),
        amount=np.concatenate([book.amount, amount]),
    )


def _prior_payer_rest(
    book: Book, claim: Index, line: Index, count: int
) -> tuple[Book, list[Problem]]:
    """Offsets for another payer's money cancel against that money; a rest is the other payer's."""
    del claim, count
    offset = np.array([k.category == taxonomy.PRIOR_PAYER for k in book.kinds])
    if not offset.any():
        return book, []
    size = int(line.max(initial=-1)) + 1
    at = line[book.at]
    stated = sum_by(at[offset[book.kind]], book.amount[offset[book.kind]], size)
    shares = book.where(v.PATIENT_SHARE)
    left = sum_by(at, book.effect(), size) - sum_by(at[shares], book.amount[shares], size)
    rest = np.clip(left, 0, np.maximum(stated, 0))
    lines = np.flatnonzero(rest)
    if not len(lines):
        return book, []
    where = np.full(size, -1, dtype=np.int64)
    mask = offset[book.kind]
    where[at[mask]] = book.at[mask]
    kind = taxonomy.write_off(taxonomy.OTHER_PAYER, v.REVIEW, "another payer, not in the data")
    kinds = (*book.kinds, kind)
    out = replace(book, kinds=kinds)
    out = _append(out, where[lines], np.full(len(lines), len(kinds) - 1), rest[lines])
    message = f"{len(lines)} lines offset another payer's money that is not in the data"
    return out, [Problem("prior_payer_offset", message, cents=(int(rest.sum()),))]


# --- what is left, and whose ------------------------------------------------------------------------------------


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
    if "patient_responsibility" not in says:
        own = np.where(self_pay, left, 0)
    else:
        party = np.array([_patient_effect(k) for k in book.kinds], dtype=np.int64)
        owed = book.by_row(party[book.kind] * book.amount) if len(book) else left * 0
        owed = np.where(_adjudicated(book, claim, line), owed, _fees(book))
        own = np.where(self_pay | _no_payer(book), left, owed)
    return np.where(stated, book.rows["patient_balance"].to_numpy(), own)


def _patient_effect(kind: Kind) -> int:
    """How a posting moves what the patient owes."""
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


def _adjudicated(book: Book, claim: Index, line: Index) -> Mask:
    """Rows of lines on which a payer has spoken: paid, written off or assigned to the patient.

    What a payer says of a claim without naming a line, it says of all its lines; and what a
    patient pays without naming one is adjudicated as soon as any line is.
    """
    spoken = np.array(
        [
            k.entry in (v.INSURER_PAYMENT, v.PAYMENT, v.PATIENT_SHARE)
            or (k.entry == v.WRITE_OFF and k.party == v.PAYER)
            for k in book.kinds
        ],
        dtype=bool,
    )
    row = np.zeros(len(book.rows), dtype=bool)
    row[book.at[spoken[book.kind]]] = True
    own = _any_by(line, row)
    charged = _any_by(line, _charged(book))
    known = claim >= 0
    whole = known & _any_by(claim + 1, row & ~charged)
    return own | whole | (known & ~charged & _any_by(claim + 1, row))


def _any_by(group: Index, rows: Mask) -> Mask:
    """For each row, whether any row of its group is among ``rows``."""
    found = np.zeros(int(group.max(initial=-1)) + 1, dtype=bool)
    found[group[rows]] = True
    return found[group]


def _no_payer(book: Book) -> Mask:
    """Rows without a payer, in data that names payers elsewhere."""
    codes = _codes(book.rows["payer"])
    return (codes < 0) & bool((codes >= 0).any())


# --- what stays out of rates, and what to say -----------------------------------------------------------------------


def _rated(book: Book, claim: Index, count: int) -> tuple[Mask, list[Problem]]:
    """Rows whose claim has its charge; the others stay in totals and leave the rates."""
    rows = book.rows
    service = np.array([k.entry == v.CHARGE and k.category == v.SERVICE for k in book.kinds])
    charges = book.by_row(book.amount, service[book.kind]) if len(book) else book.by_row(book.amount)
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
        out.append(Problem("balance_differs", message, str(files.categories[code]), None, numbers, cents))
    return out


def _conflicts(book: Book, claim: Index) -> list[Problem]:
    """Claim-grain rows that repeat a claim with other amounts, and are no reversal."""
    rows = book.rows
    one = ~rows["ledger"].to_numpy() & (claim >= 0)
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
    return [Problem("duplicate_claim_conflict", message, str(rows["file"].iloc[0]), None, numbers, cents)]


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
