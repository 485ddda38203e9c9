"""Which claim and which line a row belongs to, and the who, where and when of both.

The rows of a long ledger, and payments in a file of their own, take payer, place and date from the
charge of their claim. Nothing that a file states is changed; only what it leaves blank is filled.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from writeoffs import vocabulary as v
from writeoffs.book import Book, Index
from writeoffs.keys import codes as _codes
from writeoffs.keys import combine, number
from writeoffs.movements import is_patient
from writeoffs.remit_claims import remittance_turns, with_remittances

Mask = npt.NDArray[np.bool_]
_NO_DAY: Final = np.iinfo(np.int64).min  # what NaT becomes as a number of days
_FILLED: Final = ("patient", "practice", "provider", "location")


def claims_of(book: Book) -> tuple[Index, int]:
    """Number the claims. A repeated claim number splits when service date or patient differ."""
    rows = book.rows
    own = rows["remit"].to_numpy() == 0
    text, patient = np.where(own, _codes(rows["claim"]), -1), _codes(rows["patient"])
    days = _codes(rows["service_date"])
    bare = bare_rows(book)
    # A ledger without claim numbers: a patient's day is the claim. So it is where payments stand
    # in a file of their own and name no claim.
    numberless = own & (text < 0) & (patient >= 0) & (days != _NO_DAY)
    visit = numberless & (rows["ledger"].to_numpy() | bool((numberless & bare).any()))
    text = _named_by_visit(text, combine([patient, days]), charged_rows(book), visit)
    known = (text >= 0) | visit
    days = np.where(_own_lines(rows, text, patient, days, bare), 0, days)
    lead = known & (charged_rows(book) | ~(rows["ledger"].to_numpy() | bare))
    codes, _ = number(combine([text, patient, days]))
    leading = np.zeros(codes.max(initial=-1) + 1, dtype=bool)
    leading[codes[lead]] = True
    lead = lead & (text >= 0)
    # A payment without the charge's date or patient belongs to the claim of its number.
    astray = (text >= 0) & ~leading[codes] if len(leading) else known & False
    if astray.any():
        codes[astray] = _home(codes, lead, astray, text, patient, days)
    codes[~known] = -1
    spread, names = number(codes[known])
    out = np.full(len(rows), -1, dtype=np.int64)
    out[known] = spread
    return with_remittances(rows, out, len(names))


def bare_rows(book: Book) -> Mask:
    """Wide rows that state no charge, in a book that charges elsewhere: payments of their own."""
    wide = ~book.rows["ledger"].to_numpy() & ~book.rows["has_charge"].to_numpy()
    charged = charged_rows(book)
    return wide & ~charged & bool(charged.any())


def _named_by_visit(text: Index, visit: Index, charged: Mask, numberless: Mask) -> Index:
    """Claim numbers, with that of a patient's day where the row has none and the day has one."""
    if not numberless.any():
        return text
    numbered = charged & (text >= 0)
    found = pd.DataFrame({"visit": visit[numbered], "text": text[numbered]}).groupby("visit")[
        "text"
    ]
    lone = found.min()[found.nunique() == 1]
    claim = lone.reindex(visit[numberless]).to_numpy()
    out = text.copy()
    out[numberless] = np.where(np.isnan(claim), -1, claim)
    return out


def _home(
    codes: Index, lead: Mask, astray: Mask, text: Index, patient: Index, days: Index
) -> Index:
    """The claim of rows whose own number, patient and day name none: of their number and what else
    they say, the patient first; else the first claim of their number."""
    out = np.full(int(astray.sum()), -1, dtype=np.int64)
    for keys in ([text, patient], [text, days], [text]):
        key = combine(keys)
        first = pd.Series(codes[lead]).groupby(key[lead]).first()
        found = first.reindex(key[astray]).to_numpy()
        out = np.where((out < 0) & ~np.isnan(found), found, out).astype(np.int64)
    return np.where(out < 0, codes[astray], out)


def _own_lines(rows: pd.DataFrame, text: Index, patient: Index, days: Index, bare: Mask) -> Mask:
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
    split[claim[(text >= 0) & (line < 0) & ~rows["ledger"].to_numpy() & ~bare]] = True
    return (text >= 0) & ~split[claim]


def charged_rows(book: Book) -> Mask:
    """Rows that carry a service charge."""
    service = np.array([k.entry == v.CHARGE and k.category == v.SERVICE for k in book.kinds])
    out = np.zeros(len(book.rows), dtype=bool)
    if len(service):
        out[book.at[service[book.kind]]] = True
    return out


def fill(book: Book, claim: Index, count: int) -> pd.DataFrame:
    """Give the rows of a long ledger, and of payments in a file of their own, the who, where and
    when of their claim's charge.

    ``payer`` becomes the payer that the claim is charted under; ``paying_payer`` is added: the
    payer that the row itself names, see ``_paying``.
    """
    named = book.rows["payer"]
    rows = book.rows.assign(paying_payer=named)
    taking = (rows["ledger"].to_numpy() | bare_rows(book)) & (claim >= 0)
    if not taking.any():
        return rows
    charged = charged_rows(book)
    line_key = _line_text(rows, claim)
    rows["payer"] = _charted(named, claim, count, charged, taking)
    rows["paying_payer"] = _paying(named, rows["payer"], claim, count, charged, taking)
    for name in (*_FILLED, "procedure", "modifier"):
        by_line = _from_charge(_codes(rows[name]), line_key, charged)
        codes = np.where(taking & (_codes(rows[name]) < 0), by_line, _codes(rows[name]))
        if name in _FILLED:
            by_claim = _only(codes, claim, charged, count)
            codes = np.where(taking & (codes < 0), by_claim, codes)
        rows[name] = pd.Categorical.from_codes(codes, dtype=rows[name].dtype)
    rows["service_date"] = _fill_date(rows["service_date"], claim, charged, taking, count)
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
    payer: pd.Series, claim: Index, count: int, charged: Mask, taking: Mask
) -> pd.Categorical:
    """Chart a claim under the payer of its charge, else under its first insurer (rules.md 17)."""
    codes = _codes(payer)
    patient = np.array([is_patient(str(n)) for n in payer.cat.categories] + [False])[codes]
    chart = np.full(count, -1, dtype=np.int64)
    for good in (taking & patient, taking & ~patient, charged & patient, charged & ~patient):
        use = good & (codes >= 0) & (claim >= 0)
        backwards = np.flatnonzero(use)[::-1]
        chart[claim[backwards]] = codes[backwards]
    out = np.where(taking, chart[claim] if count else -1, codes)
    return pd.Categorical.from_codes(out, dtype=payer.dtype)


def _paying(
    named: pd.Series, charted: pd.Series, claim: Index, count: int, charged: Mask, ledger: Mask
) -> pd.Categorical:
    """The payer that a movement's own row names; a charge stays with the payer it is charted under.

    A row that names nobody is the claim's one insurer's; where the claim names several, nobody can
    say whose it is. A wide row names one payer for all its money (rules.md 17).
    """
    codes, charts = _codes(named), _codes(charted)
    patient = np.array([is_patient(str(n)) for n in named.cat.categories] + [False])
    insurer = _only(codes, claim, ledger & ~patient[codes], count)
    blank = np.where(patient[charts] | (charts < 0), charts, insurer)
    out = np.where(ledger & ~charged, np.where(codes >= 0, codes, blank), charts)
    return pd.Categorical.from_codes(out, dtype=named.dtype)


def _fill_date(
    dates: pd.Series, claim: Index, charged: Mask, taking: Mask, count: int
) -> npt.NDArray[np.datetime64]:
    values = dates.to_numpy().copy()
    first = np.full(count, np.datetime64("NaT"), dtype=values.dtype)
    use = np.flatnonzero(charged & (claim >= 0) & ~np.isnat(values))[::-1]
    first[claim[use]] = values[use]
    empty = taking & np.isnat(values)
    values[empty] = first[claim[empty]]
    return values


def lines_of(book: Book, claim: Index) -> Index:
    """Number the service lines; a claim without lines is one, a row without a claim its own.

    Lines without a number that only remittances know are told apart by procedure, modifiers, day
    and which of their kind they are in the claim as sent (rules.md 6).
    """
    rows = book.rows
    named = _line_text(rows, claim)
    day, turn = remittance_turns(rows, claim)
    procedure, modifier = _codes(rows["procedure"]), _codes(rows["modifier"])
    loose = claim < 0
    key = combine(
        [
            np.where(loose, np.arange(len(rows)), claim),
            np.where(named >= 0, named, -1),
            np.where(named >= 0, -1, procedure),
            np.where(named >= 0, -1, modifier),
            np.where(named >= 0, 0, day),
            np.where(named >= 0, 0, turn),
            loose.astype(np.int64),
        ]
    )
    return number(key)[0]


# --- self-pay -------------------------------------------------------------------------------------


def self_pay_rows(book: Book) -> Mask:
    payer = book.rows["payer"]
    named = np.array([_is_self_pay(str(n)) for n in payer.cat.categories] + [False], dtype=bool)
    return named[_codes(payer)]


def _is_self_pay(name: str) -> bool:
    lowered = name.lower().replace("-", " ").strip()
    return is_patient(name) or lowered in ("uninsured", "none (self pay)", "no insurance")


def mark_self_pay(book: Book, self_pay: Mask) -> Book:
    """Charges and write-offs of a self-pay visit are the patient's own."""
    if not self_pay.any() or not len(book):
        return book
    kinds = dict.fromkeys(book.kinds)
    wanted = np.array(
        [
            k.entry == v.WRITE_OFF or (k.entry, k.category) == (v.CHARGE, v.SERVICE)
            for k in book.kinds
        ]
    )
    twins = {k: k._replace(party=v.SELF) for k, w in zip(book.kinds, wanted, strict=True) if w}
    for twin in twins.values():
        kinds.setdefault(twin)
    order = {k: i for i, k in enumerate(kinds)}
    turn = np.array([order[twins.get(k, k)] for k in book.kinds])
    moved = self_pay[book.at]
    return replace(book, kinds=tuple(kinds), kind=np.where(moved, turn[book.kind], book.kind))
