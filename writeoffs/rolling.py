"""From month to month: what was owed, what came in and went out, what is owed at its end.

``roll_forward`` is a table of the cube and ties to the cent under every filter. ``month_ends``
rebuilds who owed what at each month's end from the postings of the settled book, without settling
it again: it knows today's claims and charted payers, so that a payment whose claim was known only
later stands with that claim, and balances that a file states are of its own date.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from writeoffs import metrics, owed
from writeoffs import vocabulary as v
from writeoffs.book import Index, sum_by
from writeoffs.dates import month_of
from writeoffs.keys import codes, combine, first_rows, number
from writeoffs.ledger import Ledger
from writeoffs.measures import MEASURES, PAID, components, weigh
from writeoffs.metrics import View
from writeoffs.money import Cents, ratio
from writeoffs.receivables import EDGES, Receivables, receivables
from writeoffs.settle import patient_effect

MONTHS: Final = 24
_OLD: Final = EDGES[2]

# What each column adds to what is owed.
FLOWS: Final = (
    ("billed", 1),
    ("other_debits", 1),
    ("paid", -1),
    ("written_off", -1),
    ("other_adjustments", -1),
    ("does_not_tie", -1),
)


def roll_forward(source: Ledger | View) -> pd.DataFrame:
    """Start + charges + other debits - payments - write-offs - other adjustments = end, by month.

    Args:
        source: a ledger, or a view of its cube over all months under any filters on people and
            places.

    Returns:
        One row a month from the first that moved anything to the last, none between left out;
        before them, where there is any, one row of money without a posting date (``month`` NA).
        ``month`` (Int32, year * 12 + month - 1), ``start``, ``billed``, ``other_debits``,
        ``paid``, ``written_off``, ``other_adjustments``, ``does_not_tie`` (computed less stated
        balances), ``end``; int64 cents. Each end is the next start, and the last end is what is
        open as of the ledger's date. A charge counts in the month of its entry, else of its service
        (rules.md 18). Empty where what is open cannot be said.

    Source: A/R analysis of practice management systems (domain.md 1.6).
    """
    cube, says = (
        (source.cube, source.can_say) if isinstance(source, Ledger) else (source.cube, source.says)
    )
    names = [name for name, _ in FLOWS]
    if "open" not in says or not len(cube):
        return pd.DataFrame(columns=["month", "start", *names, "end"]).astype("Int64")
    charge = (cube["entry"] == v.CHARGE).to_numpy()
    month = cube["post_month"].to_numpy()
    month = np.where(charge & (month < 0), cube["service_month"].to_numpy(), month)
    sums = components(cube.assign(month=np.where(month < 0, -1, month)), ["month"])
    flows = pd.DataFrame(
        {
            "billed": sums["billed"],
            "other_debits": sums["other_debits"],
            "paid": weigh(sums, PAID),
            "written_off": weigh(sums, MEASURES["written_off"].numerator),
            "other_adjustments": weigh(sums, MEASURES["other_adjustments"].numerator),
            "does_not_tie": sums["unexplained"],
        }
    ).set_index(sums["month"].to_numpy())
    dated = flows.index[flows.index >= 0]
    every = list(range(int(dated.min()), int(dated.max()) + 1)) if len(dated) else []
    undated = [-1] if -1 in flows.index and flows.loc[-1].any() else []
    out = flows.reindex([*undated, *every], fill_value=0).astype(np.int64)
    moved = sum((sign * out[name] for name, sign in FLOWS), start=out["billed"] * 0)
    end = moved.cumsum().to_numpy()
    shown = pd.Series(out.index, dtype="Int32").mask(out.index.to_numpy() < 0)
    out = out.reset_index(drop=True)
    out.insert(0, "month", shown)
    out.insert(1, "start", end - moved.to_numpy())
    return out.assign(end=end)


def caution(ledger: Ledger) -> str:
    """What makes the months of a ledger's roll-forward approximate; "" where nothing does."""
    rows = ledger.settled.book.rows
    said = []
    wide = ~rows["ledger"].to_numpy() & rows["post_date"].notna().to_numpy()
    if wide.any():
        said.append(
            "Some rows carry one posting date for all their money, so that months are approximate."
        )
    if metrics.unentered(ledger):
        said.append(metrics.UNENTERED)
    return " ".join(said)


def ties(roll: pd.DataFrame, cents: int) -> bool:
    """Whether each end is the next start, and the last end is what is open."""
    if not len(roll):
        return cents == 0
    steps = (roll["end"].iloc[:-1].to_numpy() == roll["start"].iloc[1:].to_numpy()).all()
    return bool(steps) and int(roll["end"].iloc[-1]) == cents


# --- balances at each month's end -----------------------------------------------------------------


def month_ends(ledger: Ledger, months: int = MONTHS) -> pd.DataFrame:
    """What was owed, in credit and old at the end of each month.

    Args:
        months: how many, up to the month of the as-of date; that one stands as of that date.

    Returns:
        One row a month and name of each dimension that ever had a balance: ``month`` (int32),
        ``day`` (its last day, since 1970), payer, practice, provider, location, and int64 cents:
        ``insurer``, ``patient``, ``unknown`` (receivables by party), ``owed`` (their sum),
        ``credit``, ``unapplied``, ``open`` (all three), ``dated`` (receivables with a date of
        service) and ``over_90`` (of those, older than 90 days by date of service). Money without a
        posting date stands in every month. ``open`` is the end of ``roll_forward`` to the cent.
        Empty where what is open cannot be said.
    """
    if ledger.as_of is None or "open" not in ledger.can_say:
        return pd.DataFrame(columns=["month", "day", *v.CUBE_DIMENSIONS, *_SUMS])
    last = int(month_of(np.array([np.datetime64(ledger.as_of)]))[0])
    found = owed.units(ledger)
    moves = _moves(ledger, found)
    dated = moves.month[moves.month >= 0]
    first = max(last - months + 1, int(dated.min(initial=last)))
    state = _State.empty(ledger, found)
    table = found.table
    names = list(v.CUBE_DIMENSIONS)
    cell, _ = number(combine([codes(table[name]) for name in names]))
    places = table[names].iloc[first_rows(cell, int(cell.max(initial=-1)) + 1)]
    slot = np.clip(moves.month, first - 1, None)
    order = np.argsort(slot, kind="stable")
    starts = np.searchsorted(slot[order], np.arange(first - 1, last + 2))
    parts = []
    for at, month in enumerate(range(first - 1, last + 1)):
        state.post(moves, order[starts[at] : starts[at + 1]])
        if month < first:
            continue
        day = _last_day(month) if month < last else _number_of(ledger)
        sums = state.sums(month, day, cell, len(places))
        part = places.reset_index(drop=True).assign(**sums)
        parts.append(part.assign(month=np.int32(month), day=day))
    out = pd.concat(parts, ignore_index=True)
    return out[["month", "day", *names, *_SUMS]]


_SUMS: Final = (*owed.PARTIES, *owed.STATES, "open", "dated", "over_90")


@dataclass(frozen=True)
class _Moves:
    """What each posting does: to a unit, in a month (-1 for none), to balance and patient share."""

    unit: Index
    month: Index
    balance: Cents
    patient: Cents
    fee: Cents


def _moves(ledger: Ledger, found: owed.Units) -> _Moves:
    settled, book = ledger.settled, ledger.settled.book
    kinds, kind = book.kinds, book.kind
    posted = month_of(book.rows["post_date"].to_numpy()).astype(np.int64)
    month = month_of(book.posted()).astype(np.int64)
    effect = np.array([patient_effect(k) for k in kinds], dtype=np.int64)[kind] * book.amount
    fee = np.array([k.entry == v.CHARGE and k.category != v.SERVICE for k in kinds], dtype=bool)
    moved = np.array([(k.entry, k.party) == (v.TRANSFER, v.PATIENT) for k in kinds], dtype=bool)
    shared = np.zeros(int(found.group.max(initial=-1)) + 1, dtype=bool)
    group = found.group[found.of_row]
    shared[group[book.at[book.where(v.PATIENT_SHARE)]]] = True
    alone = moved[kind] & ~shared[group[book.at]]
    rest = np.flatnonzero(settled.unexplained)
    none = np.zeros(len(rest), dtype=np.int64)
    return _Moves(
        found.of_row[np.concatenate([book.at, rest])],
        np.concatenate([month, posted[rest]]),
        np.concatenate([book.effect(), -settled.unexplained[rest]]),
        np.concatenate([effect + np.where(alone, book.amount, 0), none]),
        np.concatenate([np.where(fee[kind], book.amount, 0), none]),
    )


@dataclass
class _State:
    """Running balances by unit."""

    ledger: Ledger
    found: owed.Units
    balance: Cents
    patient: Cents
    fee: Cents

    @classmethod
    def empty(cls, ledger: Ledger, found: owed.Units) -> _State:
        zeros = [np.zeros(len(found.table), dtype=np.int64) for _ in range(3)]
        return cls(ledger, found, *zeros)

    def post(self, moves: _Moves, at: Index) -> None:
        """Add some postings."""
        unit, size = moves.unit[at], len(self.balance)
        self.balance = self.balance + sum_by(unit, moves.balance[at], size)
        self.patient = self.patient + sum_by(unit, moves.patient[at], size)
        self.fee = self.fee + sum_by(unit, moves.fee[at], size)

    def sums(self, month: int, day: int, cell: Index, size: int) -> dict[str, Cents]:
        """What stands at the end of a month, by cell."""
        found, decided = self.found, self.found.decided <= day
        share = np.where(decided, self.patient, self.fee)
        patient = np.where(found.own, self.balance, share if owed.told(self.ledger) else 0)
        first = owed.INSURER if owed.told(self.ledger) else owed.UNKNOWN
        dates = found.table["service_date"].to_numpy()
        served = owed.day_number(dates, owed.NEVER)
        out = {name: np.zeros(size, dtype=np.int64) for name in _SUMS}
        for party, cents in ((first, self.balance - patient), (owed.PATIENT, patient)):
            state = owed.state_of(found, cents, decided, party)
            for place, name in enumerate(owed.STATES):
                mine = state == place
                out[name] += sum_by(cell[mine], cents[mine], size)
            mine = state == 0
            out[party] += sum_by(cell[mine], cents[mine], size)
            mine &= served < owed.NEVER
            out["dated"] += sum_by(cell[mine], cents[mine], size)
            mine &= day - served > _OLD
            out["over_90"] += sum_by(cell[mine], cents[mine], size)
        out["open"] = sum_by(cell, self.balance, size)
        return out


def _last_day(month: int) -> int:
    """The last day of a month, in days since 1970."""
    following = np.datetime64(month + 1 - 12 * 1970, "M").astype("datetime64[D]")
    return int(following.astype(np.int64)) - 1


def _number_of(ledger: Ledger) -> int:
    return int(np.datetime64(ledger.as_of, "D").astype(np.int64))


def trend(
    source: Ledger | Receivables, ends: pd.DataFrame | None = None, days: int = 90
) -> pd.DataFrame:
    """Receivables, days in A/R and the share over 90 days at each month's end.

    Args:
        source: a ledger, or its receivables under filters.
        ends: ``month_ends`` under the same filters; worked out of the ledger when left out.
        days: real days of charges before each day that what is owed is set against.

    Returns:
        One row a month: ``month`` (Int32), int64 cents ``owed``, ``credit``, ``unapplied``,
        ``open``, ``insurer``, ``patient``, ``unknown``, ``dated``, ``over_90``;
        ``days_in_ar`` (Float64 days, NA where charges do not reach back so far or are not above
        zero), ``over_90_share`` (Float64 fraction, by date of service) and ``why`` (a gap's
        reason).
    """
    if isinstance(source, Ledger):
        ends = month_ends(source) if ends is None else ends
        source = receivables(source)
    assert ends is not None, "month_ends under the same filters"
    out = ends.groupby(["month", "day"], as_index=False)[list(_SUMS)].sum()
    day = source.daily["day"].to_numpy()
    order = np.argsort(day, kind="stable")
    run = np.concatenate([[0], np.cumsum(source.daily["charges"].to_numpy()[order])])
    end = out["day"].to_numpy(dtype=np.int64)
    upto = run[np.searchsorted(day[order], end, side="right")]
    charges = upto - run[np.searchsorted(day[order], end - days, side="right")]
    early = np.array([source.begins is None or e - days + 1 < source.begins for e in end], bool)
    said = [
        None if short or spent <= 0 else int(cents) * days / int(spent)
        for cents, spent, short in zip(out["owed"], charges, early, strict=True)
    ]
    why = np.where(early, f"fewer than {days} days of charges before it", "no charges")
    old = [ratio(int(a), int(b)) for a, b in zip(out["over_90"], out["dated"], strict=True)]
    return out.assign(
        month=out["month"].astype("Int32"),
        days_in_ar=pd.array(said, dtype="Float64"),
        over_90_share=pd.array(old, dtype="Float64"),
        why=np.where([s is None for s in said], why, ""),
    )
