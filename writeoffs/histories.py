"""What payers decided on each service line, in order: the first decision, the last, and between.

A decision is what one payer said of one line: on a remittance a claim as sent (CLP), in a long
ledger all that was posted for one payer on one day, on top of what stood before. So a denial that
is reversed and paid is two decisions of one line, and never two lines. A reversal decides nothing:
it opens the line again. Remittances are taken as sent, before settling leaves out what they only
repeat; a practice's own ledger as settled.

A line is refused when its payer allowed nothing on it for a reason on the payer's side that is
neither contract nor law (domain 1.5): a deductible, a contract discount down to zero, capitation,
a duplicate and a pending line are no denials. A practice's own ledger knows a denial only from the
day on which it was posted; a wide export knows only how a line ended, so its first decision is NA.

Sources: X12 005010X221 (CLP02 = 22 negates a claim; RFI 1429, 791); rules 7 to 9, 15 and 17.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from writeoffs import taxonomy, units
from writeoffs import vocabulary as v
from writeoffs.book import Index, sum_by
from writeoffs.keys import codes as codes_of
from writeoffs.keys import combine, first_rows, number
from writeoffs.ledger import Ledger
from writeoffs.money import Cents
from writeoffs.remit_claims import claim_rows, sent_claims
from writeoffs.vocabulary import Kind

Mask = npt.NDArray[np.bool_]

# What a payer decided; WAITS is no decision: nothing said, pending, reversed, a copy.
WAITS: Final = ""
PAID: Final = "paid"
ASSIGNED: Final = "assigned"  # to the patient
CONTRACT: Final = "contract"  # nothing left to pay: contract, law, capitation
PARTLY: Final = "partly_denied"
DENIED: Final = "denied"
WHATS: Final = (WAITS, PAID, ASSIGNED, CONTRACT, PARTLY, DENIED)
_REFUSED: Final = (WHATS.index(PARTLY), WHATS.index(DENIED))

_COVERED: Final = (v.DEDUCTIBLE, v.COINSURANCE, v.COPAY)
_BY_CONTRACT: Final = (v.LAW, v.OVER_BILLED)


def is_refusal(kind: Kind) -> bool:
    """A payer's refusal: a write-off on its side that no contract or law asked for.

    A patient share that was waived, and what the practice chose itself, are none. A reason that
    nobody knows is one only where an adjustment group says that a payer gave it; CO-45 and its kin
    of the group PI are a price, not a refusal.
    """
    if kind.entry != v.WRITE_OFF or kind.party != v.PAYER:
        return False
    if kind.bucket not in (v.AVOIDABLE, v.REVIEW) or kind.category == "cost_share_waived":
        return False
    if kind.category == v.UNCLASSIFIED:
        return kind.group in ("CO", "PI", "OA") and not kind.reason.endswith("45")
    return True


# The sums that a decision is read from.
_SUMS: Final = ("charge", "paid", "share", "covered", "lost", "law", "copy")


def _sums_of(kind: Kind) -> tuple[bool, ...]:
    """To which of _SUMS a posting of this kind adds."""
    written = kind.entry == v.WRITE_OFF and kind.party == v.PAYER
    copy = kind.category == "duplicate"
    return (
        kind.entry == v.CHARGE and kind.category == v.SERVICE,
        kind.entry in (v.INSURER_PAYMENT, v.PAYMENT),
        kind.entry == v.PATIENT_SHARE,
        kind.entry == v.PATIENT_SHARE and kind.category in _COVERED,
        is_refusal(kind),
        written and (kind.bucket in _BY_CONTRACT or kind.category == "capitation"),
        written and copy,
    )


class _Postings(NamedTuple):
    """Postings by row, with what each is."""

    at: Index
    kind: Index
    amount: Cents
    kinds: tuple[Kind, ...]

    def by(self, group: Index, size: int) -> dict[str, Cents]:
        """Each of _SUMS by a group of each row (-1: left out)."""
        member = np.array([_sums_of(k) for k in self.kinds], dtype=bool).reshape(-1, len(_SUMS))
        where = group[self.at]
        out = {}
        for place, name in enumerate(_SUMS):
            mine = member[self.kind, place] & (where >= 0)
            out[name] = sum_by(where[mine], self.amount[mine], size)
        return out

    def reasons(self, group: Index, size: int) -> Index:
        """The kind of refusal with the most cents in each group, -1 for none."""
        lost = np.array([is_refusal(k) for k in self.kinds], dtype=bool)
        where = group[self.at]
        mine = lost[self.kind] & (where >= 0) if len(self.at) else np.zeros(0, dtype=bool)
        pair, names = number(where[mine] * max(1, len(self.kinds)) + self.kind[mine])
        cents = sum_by(pair, self.amount[mine], len(names))
        names, cents = names[cents > 0], cents[cents > 0]
        spot, kind = np.divmod(names, max(1, len(self.kinds)))
        out = np.full(size, -1, dtype=np.int64)
        order = np.lexsort([-kind, cents])
        out[spot[order]] = kind[order]
        return out


def _left(sums: dict[str, Cents], charge: Cents) -> Cents:
    """Cents refused: at most what a payer neither paid nor assigned, however often it was said."""
    room = charge - np.maximum(sums["paid"], 0) - np.maximum(sums["share"], 0)
    return np.minimum(sums["lost"], np.maximum(room, 0))


def _what(sums: dict[str, Cents], charge: Cents) -> Index:
    """What sums of cents come to, as places in WHATS.

    Contract alone decides only once it covers the charge: some practices post it when they bill.
    """
    given = (sums["paid"] > 0) | (sums["share"] > 0)
    lost = _left(sums, charge) > 0
    nothing_left = (charge > 0) & (sums["law"] > 0) & (sums["law"] >= charge)
    return np.select(
        [given & lost, lost, sums["paid"] > 0, sums["share"] > 0, nothing_left],
        [WHATS.index(w) for w in (PARTLY, DENIED, PAID, ASSIGNED, CONTRACT)],
        0,
    ).astype(np.int64)


# --- what is one line -----------------------------------------------------------------------------


class _Units(NamedTuple):
    """What is decided together: ``of_row`` (a number a row), ``lead`` (a line for each)."""

    of_row: Index
    lead: Index


def _spoken(postings: _Postings) -> Mask:
    """Postings in which a payer speaks: a payment, a share, a write-off on its side, a wait."""
    said = np.array([any(_sums_of(k)[1:]) or taxonomy.waits(k) for k in postings.kinds], dtype=bool)
    return said[postings.kind] if len(postings.at) else np.zeros(0, dtype=bool)


def _units(ledger: Ledger, sent: _Postings, charge: Cents) -> _Units:
    """Lines; but a claim of which a payer speaks as a whole, naming no line, is one.

    What is said of a whole claim is said of all its lines, and is spread over none.
    """
    settled = ledger.settled
    line, claim = settled.line, settled.claim
    spoken = np.zeros(len(line), dtype=bool)
    spoken[sent.at[_spoken(sent)]] = True
    rows = settled.book.rows
    stated = np.zeros(len(charge), dtype=bool)
    stated[line[rows["has_charge"].to_numpy()]] = True
    bare = spoken & (charge[line] == 0) & ~stated[line] & (claim >= 0)
    # A remittance's claim-level row stands on a line of its own, with or without a charge.
    nameless = claim_rows(rows) & spoken & (codes_of(rows["procedure"]) < 0) & (claim >= 0)
    whole = np.zeros(settled.claims + 1, dtype=bool)
    whole[claim[bare | nameless]] = True
    unit, _ = number(np.where(whole[claim], len(charge) + claim, line))
    first = first_rows(unit, int(unit.max(initial=-1)) + 1)
    lead = line[first]
    # A claim is known by its first line with a charge.
    charged = np.flatnonzero(charge[line] != 0)[::-1]
    lead[unit[charged]] = line[charged]
    return _Units(unit, lead)


# --- decisions ------------------------------------------------------------------------------------


def _sent(ledger: Ledger) -> _Postings:
    """Remittances' postings as sent, every other as settled."""
    remits = claim_rows(ledger.settled.book.rows)
    parts: list[tuple[Index, Index, Cents]] = []
    kinds: list[Kind] = []
    for book, mine in ((ledger.book, remits), (ledger.settled.book, ~remits)):
        keep = mine[book.at]
        parts.append((book.at[keep], book.kind[keep] + len(kinds), book.amount[keep]))
        kinds += book.kinds
    at, kind, amount = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    return _Postings(at, kind, amount, tuple(kinds))


class _Decisions(NamedTuple):
    """A row a decision, ordered by unit, then by when: ``unit``, ``day``, ``payer`` (code),
    ``what`` (place in WHATS), ``paid``, ``lost`` cents, ``reason`` (a kind, -1 for none)."""

    unit: Index
    day: npt.NDArray[np.datetime64]
    payer: Index
    what: Index
    paid: Cents
    lost: Cents
    reason: Index


def _decisions(ledger: Ledger, sent: _Postings, unit: Index, charge: Cents) -> _Decisions:
    """What payers said, statement by statement. ``charge``: cents of each unit."""
    rows = ledger.settled.book.rows
    remit = claim_rows(rows)
    dated = remit | (rows["ledger"].to_numpy() & (rows["remit"].to_numpy() == 0))
    spoken = np.zeros(len(rows), dtype=bool)
    spoken[sent.at[_spoken(sent)]] = True
    mine = np.flatnonzero(dated & (spoken | remit) & (ledger.settled.claim >= 0))
    statement = np.full(len(rows), -1, dtype=np.int64)
    at = np.flatnonzero(remit)
    statement[at] = sent_claims(rows, at)
    day, payer = codes_of(rows["post_date"]), codes_of(rows["paying_payer"])
    said, _ = number(combine([c[mine] for c in (unit, payer, day, statement)]))
    size = int(said.max(initial=-1)) + 1
    group = np.full(len(rows), -1, dtype=np.int64)
    group[mine] = said
    lead = mine[first_rows(said, size)]
    order = np.lexsort([statement[lead], day[lead], unit[lead]])
    place = np.empty(size, dtype=np.int64)
    place[order] = np.arange(size)
    group[mine], lead = place[said], lead[order]
    sums = sent.by(group, size)
    one, own = unit[lead], remit[lead]
    paid = sums["paid"]
    status = rows["remit"].to_numpy()[lead]
    as_sent = _what(sums, sums["charge"])
    passed_on = (status == v.NOT_OURS_STATUS) & (sums["paid"] == 0)
    as_sent[passed_on | (status == v.REVERSAL_STATUS) | (sums["charge"] < 0)] = 0
    running = _running(sums, one, payer[lead])
    what = np.where(own, as_sent, _what(running, charge[one]))
    reason = sent.reasons(group, size)
    lost = np.where(own, _left(sums, sums["charge"]), _left(running, charge[one]))
    return _Decisions(
        one, rows["post_date"].to_numpy()[lead], payer[lead], what, paid, lost, reason
    )


def _running(sums: dict[str, Cents], unit: Index, payer: Index) -> dict[str, Cents]:
    """Sums so far of the same payer on the same line, for decisions in their order."""
    pair, _ = number(combine([unit, payer]))
    order = np.argsort(pair, kind="stable")
    starts = np.flatnonzero(np.diff(pair[order], prepend=-1))
    sizes = np.diff(np.append(starts, len(order)))
    out = {}
    for name, cents in sums.items():
        total = np.cumsum(cents[order])
        base = np.repeat(total[starts] - cents[order][starts], sizes)
        out[name] = np.empty_like(cents)
        out[name][order] = total - base
    return out


# --- lines ----------------------------------------------------------------------------------------


def lines(ledger: Ledger) -> pd.DataFrame:
    """One row a service line that was charged; a claim whose payers name no line is one row.

    Returns:
        The columns of ``units.frame`` (number, claim, line, payer and the other dimensions, service
        date, months); ``charge`` (int64 cents); ``sent``: charged to a payer, on a complete claim,
        and no duplicate; ``known``: whether its first decision can be told.
        ``first_day`` and ``paid_day`` (datetime64: first decision, first insurer payment; NaT for
        none), ``first`` and ``last`` (categories of WHATS: the first decision, "" where it waits
        or is not known; and how the line stands now), ``first_payer`` and ``last_payer`` (who
        decided so; the charted payer where nobody did), ``first_reason``, ``first_category``,
        ``last_reason``, ``last_category`` (of the refusal with the most cents, "" for none),
        ``refused_first`` and ``refused_last`` (int64 cents: the charge of a line refused
        altogether, the refused part of one refused in part), ``redone`` (the payer that decided
        first decided otherwise later), ``overturned`` (refused at first, now paid, or priced and
        left to the patient as deductible, coinsurance or copay), ``overturned_by`` (payer),
        ``last_day`` (when the refusal that stands was decided; NaT for none); in int64 cents
        ``paid`` (all payments), ``open``, ``lost`` (refusals that stand written off) and
        ``net_charge`` (charge less contract, law, capitation and duplicates); ``place`` (Int64:
        its line's place among all, as in ``expected.every``; NA for a claim in one row).
    """
    settled = ledger.settled
    book = settled.book
    now = _Postings(book.at, book.kind, book.amount, book.kinds)
    sent = _sent(ledger)
    charge = now.by(settled.line, units.count(settled))["charge"]
    unit = _units(ledger, sent, charge)
    size = len(unit.lead)
    sums = now.by(unit.of_row, size)
    said = _decisions(ledger, sent, unit.of_row, sums["charge"])
    out = units.frame(settled).iloc[unit.lead].reset_index(drop=True)
    out = out.assign(charge=sums["charge"], **_standing(ledger, unit.of_row, sums, size))
    out["place"] = _places(ledger, unit)
    out = out.assign(**_first(out, said, sent.kinds))
    out = out.assign(**_last(out, said, sums, now, unit.of_row, sent.kinds))
    return out[sums["charge"] > 0].reset_index(drop=True)


def _standing(
    ledger: Ledger, unit: Index, sums: dict[str, Cents], size: int
) -> dict[str, npt.NDArray[np.generic]]:
    """Whether each line was sent to a payer and its decisions are known; what was paid and is
    open."""
    settled = ledger.settled
    rows, book = settled.book.rows, settled.book
    own = rows["ledger"].to_numpy() & (rows["remit"].to_numpy() == 0)
    payers = codes_of(rows["payer"])
    sent = ~settled.self_pay & settled.rated & (settled.claim >= 0) & ~ledger.summed
    sent &= (payers >= 0) | ~(payers >= 0).any()

    def some(mine: Mask) -> Mask:
        out = np.zeros(size, dtype=bool)
        out[unit[mine]] = True
        return out

    paid = book.where(*v.PAYMENTS)
    return {
        "sent": some(sent) & (sums["charge"] > 0) & (sums["copy"] < sums["charge"]),
        "known": some(own | claim_rows(rows)),
        "paid": sum_by(unit[book.at[paid]], book.amount[paid], size),
        "open": sum_by(unit, settled.open, size),
        "lost": sums["lost"],
        "net_charge": sums["charge"] - sums["law"] - sums["copy"],
    }


def _places(ledger: Ledger, unit: _Units) -> pd.Series:
    """The place of each row's line among all lines, Int64; NA where several lines are one row."""
    pair, names = number(combine([unit.of_row, ledger.settled.line]))
    first = first_rows(pair, len(names))
    alone = np.bincount(unit.of_row[first], minlength=len(unit.lead)) == 1
    return pd.Series(unit.lead, dtype="Int64").where(alone)


def _names(places: Index) -> pd.Categorical:
    return pd.Categorical.from_codes(places, list(WHATS))


def _told(kind: Index, kinds: tuple[Kind, ...], name: str) -> pd.Categorical:
    """The reason or category of each kind, "" for none."""
    texts = pd.Index(["", *dict.fromkeys(getattr(k, name) for k in kinds if getattr(k, name))])
    spread = texts.get_indexer([getattr(k, name) for k in kinds] + [""])
    return pd.Categorical.from_codes(spread[kind], texts)


def _payers(found: Index, charted: pd.Series) -> pd.Categorical:
    """Payers by code, the charted one where there is none."""
    return pd.Categorical.from_codes(
        np.where(found >= 0, found, codes_of(charted)), dtype=charted.dtype
    )


def _refused(what: Index, lost: Cents, charge: Cents) -> Cents:
    """Cents refused: all of a line denied altogether, what was lost of one denied in part."""
    part = np.where(what == WHATS.index(PARTLY), lost, 0)
    return np.where(what == WHATS.index(DENIED), charge, part)


def _first(out: pd.DataFrame, said: _Decisions, kinds: tuple[Kind, ...]) -> dict[str, object]:
    """The first decision of each line, and whether its payer decided otherwise later."""
    size, decided = len(out), said.what > 0
    at = first_rows(np.where(decided, said.unit, size), size + 1)[:size]
    count = np.bincount(said.unit, minlength=size)
    undated = np.zeros(size, dtype=bool)
    undated[said.unit[np.isnat(said.day)]] = True
    known = out["known"].to_numpy() & ~(undated & (count > 1))
    at = np.where(known, at, -1)
    # Place -1 is a decision that nobody made.
    what, lost = np.append(said.what, 0)[at], np.append(said.lost, 0)[at]
    payer, reason = np.append(said.payer, -1)[at], np.append(said.reason, -1)[at]
    later = np.arange(len(said.unit)) > at[said.unit]
    other = later & (at[said.unit] >= 0) & (said.what != what[said.unit])
    other &= said.payer == payer[said.unit]
    redone = np.zeros(size, dtype=bool)
    redone[said.unit[other]] = True
    paid = first_rows(np.where(said.paid > 0, said.unit, size), size + 1)[:size]
    days = np.append(said.day, np.datetime64("NaT"))
    return {
        "known": known,
        "first_day": days[at],
        "paid_day": days[paid],
        "first": _names(what),
        "first_payer": _payers(payer, out["payer"]),
        "first_reason": _told(reason, kinds, "reason"),
        "first_category": _told(reason, kinds, "category"),
        "refused_first": _refused(what, lost, out["charge"].to_numpy()),
        "redone": redone,
    }


def _last(
    out: pd.DataFrame,
    said: _Decisions,
    sums: dict[str, Cents],
    now: _Postings,
    unit: Index,
    kinds: tuple[Kind, ...],
) -> dict[str, object]:
    """How each line stands, and whether what was refused at first was paid after all."""
    size = len(out)
    charge = sums["charge"]
    what = _what(sums, charge)
    latest = np.full(size + 1, -1, dtype=np.int64)
    latest[said.unit] = np.arange(len(said.unit))
    last = np.append(said.what, 0)[latest[:size]]
    # Refused by a remittance, and not written off in the practice's own books yet.
    held = (what == 0) & (last == WHATS.index(DENIED))
    what = np.where(held, WHATS.index(DENIED), what)
    refusing = np.full(size, -1, dtype=np.int64)
    mine = np.isin(said.what, _REFUSED)
    refusing[said.unit[mine]] = np.flatnonzero(mine)
    giving = np.full(size, -1, dtype=np.int64)
    mine = np.isin(said.what, [WHATS.index(w) for w in (PAID, ASSIGNED, PARTLY)])
    giving[said.unit[mine]] = np.flatnonzero(mine)
    payer, reason = np.append(said.payer, -1), np.append(said.reason, -1)
    refused = np.isin(what, _REFUSED)
    by = np.where(refused, payer[refusing], payer[latest[:size]])
    every = (*kinds, *now.kinds)
    own = now.reasons(unit, size)
    why = np.where(own >= 0, own + len(kinds), np.where(refused, reason[refusing], -1))
    why = np.where(refused, why, -1)
    first = codes_of(out["first"])
    priced = (sums["paid"] > 0) | (sums["covered"] > 0)
    turned = (first == WHATS.index(DENIED)) & priced
    turned |= (first == WHATS.index(PARTLY)) & priced & ~refused
    return {
        "last": _names(what),
        "last_day": np.append(said.day, np.datetime64("NaT"))[np.where(refused, refusing, -1)],
        "last_payer": _payers(by, out["payer"]),
        "last_reason": _told(why, every, "reason"),
        "last_category": _told(why, every, "category"),
        "refused_last": _refused(what, _left(sums, charge), charge),
        "overturned": turned,
        "overturned_by": pd.Categorical.from_codes(
            np.where(turned, payer[giving], -1), dtype=out["payer"].dtype
        ),
    }
