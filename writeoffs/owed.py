"""What is still out there, as of a date: what each line leaves with whom, its age, and credits.

A balance is a receivable or a credit by claim and party, never by line: a line that was paid too
much beside one that was paid too little owes nothing back (rules.md 11). Rows of a claim's party
that is in credit as a whole are marked so, and still add up over any of a line's own attributes.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from writeoffs import vocabulary as v
from writeoffs.attribution import charged_rows
from writeoffs.book import Index, sum_by
from writeoffs.dates import month_of
from writeoffs.keys import codes, combine, first_rows, number
from writeoffs.ledger import Ledger
from writeoffs.money import Cents
from writeoffs.settle import Settled, payer_spoke

Mask = npt.NDArray[np.bool_]

INSURER: Final = "insurer"
PATIENT: Final = "patient"
UNKNOWN: Final = "unknown"  # the files do not say who owes it
PARTIES: Final = (INSURER, PATIENT, UNKNOWN)

OWED: Final = "owed"
CREDIT: Final = "credit"  # paid more than was due, on an adjudicated claim
UNAPPLIED: Final = "unapplied"  # paid ahead: without a charge, or before any decision
STATES: Final = (OWED, CREDIT, UNAPPLIED)

NEVER: Final = 2**40  # a day that has not come
ALWAYS: Final = -(2**40)  # a day that nobody wrote down: before all others


class Units(NamedTuple):
    """The smallest things that balances are kept by: a line, under one name of each dimension.

    ``of_row``: the unit of each source row. ``table``: one row a unit: ``number`` (its claim's
    place in ``claims.claims``, -1 for none), payer, practice, provider, location (categories),
    ``service_date``, ``service_month`` and ``post_month``. ``group``: what is in credit or not as
    a whole: its claim, or itself without one. ``own``: nobody but the patient can owe it.
    ``decided``: the first day (since 1970) on which a payer decided, NEVER or ALWAYS.
    ``charged``: whether its group has a service charge.
    """

    of_row: Index
    table: pd.DataFrame
    line: Index
    group: Index
    own: Mask
    decided: Index
    charged: Mask

    def by_group(self, cents: Cents) -> Cents:
        """What the whole group of each unit sums to, in cents."""
        return sum_by(self.group, cents, int(self.group.max(initial=-1)) + 1)[self.group]

    def any_of_group(self, some: Mask) -> Mask:
        """For each unit whether any of its group is among some."""
        found = np.zeros(int(self.group.max(initial=-1)) + 1, dtype=bool)
        found[self.group[some]] = True
        return found[self.group]


def units(ledger: Ledger) -> Units:
    """The units of a ledger."""
    settled = ledger.settled
    rows, line, claim = settled.book.rows, settled.line, settled.claim
    names = list(v.CUBE_DIMENSIONS)
    of_row, _ = number(combine([line, *(codes(rows[name]) for name in names)]))
    first = first_rows(of_row, int(of_row.max(initial=-1)) + 1)
    table = rows[[*names, "service_date"]].iloc[first].reset_index(drop=True)
    table = table.assign(
        number=claim[first],
        service_month=month_of(table["service_date"].to_numpy()),
        post_month=settled.book.entry_months()[first],
    )
    named = codes(table["payer"]) >= 0
    assigned = bool(ledger.says & {"patient_responsibility", "patient_transfers"})
    own = settled.self_pay[first] | (~named & bool(named.any()) & assigned)
    group = np.where(claim[first] >= 0, claim[first], settled.claims + line[first])
    service = charged_rows(settled.book)
    charged = np.zeros(int(group.max(initial=-1)) + 1, dtype=bool)
    charged[group[of_row[service]]] = True
    decided = _decided(settled, service)[line[first]]
    return Units(of_row, table, line[first], group, own, decided, charged[group])


def _decided(settled: Settled, charged: Mask) -> Index:
    """The first day on which a payer decided each line.

    As in settling: what a payer says of a claim without naming a line, it says of all its lines;
    and what stands on no charged line is decided as soon as any line is.
    """
    book, line, claim = settled.book, settled.line, settled.claim
    size = int(line.max(initial=-1)) + 1
    spoke = np.array([payer_spoke(kind) for kind in book.kinds], dtype=bool)
    at = book.at[spoke[book.kind]] if len(book) else book.at
    day = day_number(book.rows["post_date"].to_numpy(), ALWAYS)[at]
    out = _least(line[at], day, size)
    line_charged = np.zeros(size, dtype=bool)
    line_charged[line[charged]] = True
    claim_of = np.full(size, -1, dtype=np.int64)
    claim_of[line] = claim
    whole = (claim[at] >= 0) & ~line_charged[line[at]]
    known = claim_of >= 0
    for mine, lines in ((whole, known), (claim[at] >= 0, known & ~line_charged)):
        by_claim = _least(claim[at[mine]], day[mine], settled.claims)
        out[lines] = np.minimum(out[lines], by_claim[claim_of[lines]])
    return out


def _least(at: Index, day: Index, size: int) -> Index:
    out = np.full(size, NEVER, dtype=np.int64)
    np.minimum.at(out, at, day)
    return out


def day_number(dates: npt.NDArray[np.datetime64], missing: int) -> Index:
    """Days since 1970, with a number of its own for no date."""
    days = dates.astype("datetime64[D]").astype(np.int64)
    return np.where(np.isnat(dates), missing, days)


# --- what is owed as of the ledger's date ---------------------------------------------------------


def told(ledger: Ledger) -> bool:
    """Whether the files say what of an open balance is the patient's."""
    return "patient_open" in ledger.can_say


def positions(ledger: Ledger) -> pd.DataFrame:
    """What each line leaves open, with whom, since when.

    Args:
        ledger: its own as-of date counts, never the clock.

    Returns:
        One row a line (and name of each dimension) and party with money left: ``number`` (place in
        ``claims.claims``, -1 for none), payer, practice, provider, location (categories of the
        book), ``service_month``, ``post_month`` (int32, year * 12 + month - 1), ``service_date``,
        ``party`` (insurer, patient, unknown), ``state`` (owed, credit, unapplied), ``cents``
        (int64; they sum to the ledger's open), ``decided`` (a payer has spoken), ``since``
        (datetime64: when the party became responsible) and two ages in days (Int64, NA without a
        date; below 0 for dates after the as-of date): ``age_service`` and ``age_party``.
    """
    settled, found = ledger.settled, units(ledger)
    size = len(found.table)
    whole = sum_by(found.of_row, settled.open, size)
    patient = sum_by(found.of_row, settled.patient_open, size)
    since = _since(settled, found)
    blocks = []
    first = INSURER if told(ledger) else UNKNOWN
    for party, cents in ((first, whole - patient), (PATIENT, patient)):
        state = state_of(found, cents, found.decided < NEVER, party)
        left = np.flatnonzero(cents)
        block = found.table.iloc[left].assign(
            party=pd.Categorical([party] * len(left), PARTIES),
            state=pd.Categorical.from_codes(state[left], STATES),
            cents=cents[left],
            decided=found.decided[left] < NEVER,
            since=since[party][left],
        )
        blocks.append(block)
    out = pd.concat(blocks, ignore_index=True)
    for name, column in (("age_service", "service_date"), ("age_party", "since")):
        out[name] = _age(out[column].to_numpy(), ledger)
    return out


def state_of(found: Units, cents: Cents, decided: Mask, party: str) -> npt.NDArray[np.int8]:
    """Receivable, credit or unapplied, by unit: places in STATES.

    Args:
        found: the units.
        cents: what one party owes on each.
        decided: whether a payer has spoken on each by the day that is looked at.
        party: whose cents they are.
    """
    below = found.by_group(cents) < 0
    due = found.charged & (found.any_of_group(decided | found.own) | (party == UNKNOWN))
    return np.where(below, np.where(due, 1, 2), 0).astype(np.int8)


def _age(days: npt.NDArray[np.datetime64], ledger: Ledger) -> pd.Series:
    if ledger.as_of is None:
        return pd.Series(pd.NA, index=range(len(days)), dtype="Int64")
    today = int(np.datetime64(ledger.as_of).astype("datetime64[D]").astype(np.int64))
    age = today - day_number(days, 0)
    return pd.Series(age, dtype="Int64").mask(np.isnat(days))


def _since(settled: Settled, found: Units) -> dict[str, npt.NDArray[np.datetime64]]:
    """When each party became responsible for a unit.

    An insurer (or nobody knows who): when the line's charge was entered. A patient: when the last
    share was assigned on the line, else on its claim; where no payer assigns, as an insurer.
    """
    book, line = settled.book, settled.line
    size = int(line.max(initial=-1)) + 1
    charge = np.full(size, np.datetime64("NaT"), dtype="datetime64[D]")
    rows = np.flatnonzero(charged_rows(book))[::-1]
    charge[line[rows]] = book.entered()[rows].astype("datetime64[D]")
    other = book.entered().astype("datetime64[D]")
    first = first_rows(line, size)
    post = book.rows["post_date"].to_numpy().astype("datetime64[D]")
    fallback = np.where(np.isnat(post), other, post)[first]
    charge = np.where(np.isnat(charge), fallback, charge)[found.line]
    shared = _last_shares(settled, found)
    patient = np.where(found.own | np.isnat(shared), charge, shared)
    return {INSURER: charge, UNKNOWN: charge, PATIENT: patient}


def _last_shares(settled: Settled, found: Units) -> npt.NDArray[np.datetime64]:
    """The last day on which a payer left something to the patient, on the line, else the claim."""
    book = settled.book
    kinds = [
        k.entry == v.PATIENT_SHARE or (k.entry, k.party) == (v.TRANSFER, v.PATIENT)
        for k in book.kinds
    ]
    left = (np.array(kinds, dtype=bool)[book.kind] if len(book) else book.at < 0) & (
        book.amount > 0
    )
    at = book.at[left]
    day = day_number(book.rows["post_date"].to_numpy()[at], ALWAYS)
    by_line = np.full(int(settled.line.max(initial=-1)) + 1, ALWAYS, dtype=np.int64)
    np.maximum.at(by_line, settled.line[at], day)
    by_claim = np.full(settled.claims + 1, ALWAYS, dtype=np.int64)
    known = settled.claim[at] >= 0
    np.maximum.at(by_claim, settled.claim[at][known], day[known])
    number = found.table["number"].to_numpy()
    best = by_line[found.line]
    best = np.where(best > ALWAYS, best, np.where(number >= 0, by_claim[number], ALWAYS))
    out = np.where(best > ALWAYS, best, 0).astype("datetime64[D]")
    return np.where(best > ALWAYS, out, np.datetime64("NaT"))
