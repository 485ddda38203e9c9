"""Which claim and which line a row belongs to, and the who, where and when of both.

The rows of a long ledger take payer, place and date from the charge of their claim. Nothing that a
file states is changed; only what it leaves blank is filled.
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
from writeoffs.ledger_rows import is_patient
from writeoffs.remit_claims import claim_rows, remittance_turns, with_remittances

Mask = npt.NDArray[np.bool_]
_NO_DAY: Final = np.iinfo(np.int64).min  # what NaT becomes as a number of days
_FILLED: Final = ("practice", "provider", "location")


def claims_of(book: Book) -> tuple[Index, int]:
    """Number the claims. A repeated claim number splits when service date or patient differ."""
    rows = book.rows
    own = rows["remit"].to_numpy() == 0
    text, patient = np.where(own, _codes(rows["claim"]), -1), _codes(rows["patient"])
    days = _codes(rows["service_date"])
    # A ledger without claim numbers: a patient's day is the claim.
    visit = rows["ledger"].to_numpy() & own & (text < 0) & (patient >= 0)
    known = (text >= 0) | (visit & (days != _NO_DAY))
    days = np.where(_own_lines(rows, text, patient, days), 0, days)
    lead = known & (charged_rows(book) | ~rows["ledger"].to_numpy())
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
    return with_remittances(rows, out, len(names))


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


def charged_rows(book: Book) -> Mask:
    """Rows that carry a service charge."""
    service = np.array([k.entry == v.CHARGE and k.category == v.SERVICE for k in book.kinds])
    out = np.zeros(len(book.rows), dtype=bool)
    if len(service):
        out[book.at[service[book.kind]]] = True
    return out


def fill(book: Book, claim: Index, count: int) -> pd.DataFrame:
    """Give the rows of a long ledger the who, where and when of their claim's charge."""
    rows = book.rows
    ledger = rows["ledger"].to_numpy() & (claim >= 0)
    if not ledger.any():
        return rows
    rows = rows.copy()
    charged = charged_rows(book)
    line_key = _line_text(rows, claim)
    rows["payer"] = _charted(rows["payer"], claim, count, charged, ledger)
    beside = _beside_exports(rows, claim, charged, count)
    for name in (*_FILLED, "procedure", "modifier"):
        known = _codes(rows[name])
        if name in _FILLED:
            known = np.where(beside, -1, known)
        by_line = _from_charge(known, line_key, charged)
        codes = np.where(ledger & (known < 0), by_line, known)
        if name in _FILLED:
            by_claim = _only(codes, claim, charged, count)
            codes = np.where(ledger & (codes < 0), by_claim, codes)
        rows[name] = pd.Categorical.from_codes(codes, dtype=rows[name].dtype)
    rows["service_date"] = _fill_date(rows["service_date"], claim, charged, ledger, count)
    return rows


def _beside_exports(rows: pd.DataFrame, claim: Index, charged: Mask, count: int) -> Mask:
    """Rows of remittances on claims that an export charged: its names count, not the payer's."""
    remit = claim_rows(rows)
    exported = np.zeros(count + 1, dtype=bool)
    exported[claim[charged & ~remit]] = True
    exported[count] = False
    return remit & exported[claim]


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
    for good in (
        ledger & patient,
        ledger & ~patient,
        ledger & charged & patient,
        ledger & charged & ~patient,
        ~ledger & charged & ~patient,
    ):
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
