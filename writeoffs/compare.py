"""Two exports compared: every dollar of a closed month that changed, by claim and by cause.

Both ledgers are settled first, so that what is compared is what every other figure counts. A month
is closed where OLD's as-of date is its last day or lies after it; the month that the date falls
in, else, is open, and so are the ones after it. Dollars without a service date go by the month in
which their claim was first posted (in OLD, where it is there); where nothing dates them, no open
month can explain them, and they count as closed.

What both sides hold alike is set aside first: the same amount of the same entry, month and claim,
by the same posting date where there is one. What is left is a cause, the first that fits:

``new``           the claim is not in OLD
``gone``          the claim, or this posting of it, is not in NEW
``void``          the charge was undone, or the row is marked void
``reversed``      a negative row undoes earlier ones, or a line's amount fell to nothing
``changed``       the same row now says another amount
``late_posting``  posted after OLD's as-of date
``back_dated``    posted on or before that date, though OLD does not have it

One row of a wide file is a line at a time of its own: it is the same row while its posting date
stays, and late or back-dated once the date has moved. What nothing dates is ``changed``. A
write-off that moved from one category to another changes no cent of its entry and is not listed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from writeoffs import vocabulary as v
from writeoffs.api import months
from writeoffs.book import Index, sum_by
from writeoffs.dates import month_of
from writeoffs.keys import combine, first_rows, groups, number
from writeoffs.ledger import Ledger
from writeoffs.matching import LAST_DAY, NO_DAY, Matched, Side, days_of, line_keys, match

Mask = npt.NDArray[np.bool_]

CAUSES: Final = ("new", "gone", "void", "reversed", "changed", "late_posting", "back_dated")
ENTRIES: Final = tuple(v.EFFECT)

_SPLIT: Final = frozenset({"insurer_paid", "patient_paid"})
# What a ledger must be able to say before an entry of it can be compared.
_NEEDS: Final = (
    (v.CHARGE, "billed"),
    (v.INSURER_PAYMENT, "insurer_paid"),
    (v.PATIENT_PAYMENT, "patient_paid"),
    (v.PAYMENT, "paid"),
    (v.WRITE_OFF, "written_off"),
    (v.PATIENT_SHARE, "patient_responsibility"),
)
# Minus is an undo only where plus names a direction; transfers come in pairs.
_UNDOABLE: Final = (*(entry for entry, _ in _NEEDS),)


@dataclass(frozen=True)
class Comparison:
    """What changed in the months that OLD had closed.

    ``changes``: ``claim`` (its number; None where the file names none), ``month`` (service month,
    year * 12 + month - 1, -1 for none), ``entry``, ``old``, ``new`` (int64 cents), ``cause``; the
    largest change first. Where several causes moved one claim's entry in a month, each has a row
    that goes on from the one before, so that ``new - old`` adds up to the whole change.
    ``entries``: what the closed months come to by entry, in cents, changed or not.
    ``open_from``: the first month that OLD had not closed; None where OLD knows no date, and then
    everything is compared. ``not_compared``: entries that only one of the two can say.
    ``claims``: distinct claims among the changes by cause, and of any cause under "".
    ``moved``: distinct claims whose charges, payments or write-offs changed: what is only assigned
    or moved about changes no balance.
    """

    changes: pd.DataFrame
    entries: pd.DataFrame
    claims: dict[str, int]
    old_as_of: date | None
    new_as_of: date | None
    open_from: int | None
    not_compared: tuple[str, ...]
    moved: int

    @property
    def same(self) -> bool:
        """Whether no closed dollar changed, and every entry could be compared."""
        return not len(self.changes) and not self.not_compared


def frame(old: Ledger, new: Ledger) -> pd.DataFrame:
    """What changed between two exports in closed months, tidy.

    Args:
        old, new: ledgers from ``read``; ``old.as_of`` says which months were closed.

    Returns:
        ``claim`` (NA where the file names none), ``month`` (monthly period, NaT for none),
        ``entry``, ``old``, ``new``, ``change`` (int64 cents) and ``cause``, one of ``CAUSES``;
        the largest change first, no row where nothing changed. See the module for what they mean.
    """
    out = compare(old, new).changes
    numbers, place = np.unique(out["month"].to_numpy(), return_inverse=True)
    named = months(pd.Series(numbers)).iloc[place].reset_index(drop=True)
    out = out.assign(month=named, change=out["new"] - out["old"])
    return out[["claim", "month", "entry", "old", "new", "change", "cause"]]


def compare(old: Ledger, new: Ledger) -> Comparison:
    """Compare two exports of one practice over the months that were closed in the older one.

    Args:
        old, new: ledgers; ``old.as_of`` says which months were closed.

    Returns:
        A ``Comparison``. An entry that only one of the two can say is in ``not_compared``: what a
        file cannot hold is no 0 (rules.md 16). Where one says who paid and the other does not,
        payments are compared together, as ``payment``.
    """
    matched = match(old.settled, new.settled)
    sides = (Side.of(old.settled, matched.ids[0]), Side.of(new.settled, matched.ids[1]))
    together = _payments_together(old, new)
    parts = [_movements(side, together).assign(new=bool(i)) for i, side in enumerate(sides)]
    moves = pd.concat(parts, ignore_index=True)
    skipped = _not_compared(old, new, together)
    open_from = _open_from(old.as_of)
    keep = ~moves["entry"].isin([ENTRIES.index(e) for e in skipped]).to_numpy()
    keep &= _closed(moves, matched, open_from)
    voided = _undone_claims(moves, matched)
    moves = moves[keep].reset_index(drop=True)
    differing = _differing(moves)
    items = _with_claims(_items(differing), matched, voided)
    found = _by_cause(_with_lines(items, sides), old.as_of)
    return Comparison(
        _rows(found, differing, matched),
        _by_entry(moves),
        _claims(found),
        old.as_of,
        new.as_of,
        open_from,
        skipped,
        _moved(found),
    )


# --- what is compared -----------------------------------------------------------------------------


def _open_from(as_of: date | None) -> int | None:
    """The first month that was not over: the month of the day after."""
    if as_of is None:
        return None
    return int(month_of(np.array([as_of + timedelta(days=1)], dtype="datetime64[D]"))[0])


def _payments_together(old: Ledger, new: Ledger) -> bool:
    """Whether one side says who paid and the other knows all payments but not who."""
    both = "all_paid" in old.says and "all_paid" in new.says
    return both and old.says.issuperset(_SPLIT) != new.says.issuperset(_SPLIT)


def _not_compared(old: Ledger, new: Ledger, together: bool) -> tuple[str, ...]:
    paid = (v.INSURER_PAYMENT, v.PATIENT_PAYMENT)
    return tuple(
        entry
        for entry, figure in _NEEDS
        if (figure in old.says) != (figure in new.says) and not (together and entry in paid)
    )


def _movements(side: Side, together: bool) -> pd.DataFrame:
    """One row a posting: claim, month, entry, cents, and what its cause may hang on."""
    book = side.settled.book
    rows, at = book.rows, book.at
    names = [v.PAYMENT if together and k.entry in v.PAYMENTS else k.entry for k in book.kinds]
    entry = np.array([ENTRIES.index(name) for name in names], dtype=np.int64)
    service = [(k.entry, k.category) == (v.CHARGE, v.SERVICE) for k in book.kinds]
    undoable = [k.entry in _UNDOABLE and k.bucket != v.OVER_BILLED for k in book.kinds]
    posted, charged = days_of(rows["post_date"]), days_of(rows["charge_date"])
    return pd.DataFrame(
        {
            "claim": side.claim[at],
            "month": month_of(rows["service_date"].to_numpy())[at].astype(np.int64),
            "entry": entry[book.kind],
            "cents": book.amount,
            "day": np.where(book.where(v.CHARGE), charged[at], posted[at]),
            "line": side.line[at],
            "wide": ~rows["ledger"].to_numpy()[at],
            "service": np.array(service, dtype=bool)[book.kind],
            "undoable": np.array(undoable, dtype=bool)[book.kind],
            "voided": _voided(at * len(book.kinds) + book.kind, book.amount),
        }
    )


def _voided(slot: Index, cents: Index) -> Mask:
    """Negatives that undo the very row they stand on: what a void mark leaves."""
    spread, names = number(slot)
    return (sum_by(spread, cents, len(names))[spread] == 0) & (cents < 0)


def _undone_claims(moves: pd.DataFrame, matched: Matched) -> Mask:
    """Claims whose service charges came to something in OLD and come to nothing in NEW."""
    mine = moves[moves["service"] & (moves["claim"] >= 0)]
    later = mine["new"].to_numpy()
    claim, cents = mine["claim"].to_numpy(), mine["cents"].to_numpy()
    before, after = (sum_by(claim[m], cents[m], matched.count) for m in (~later, later))
    return (before != 0) & (after == 0) & matched.held[0] & matched.held[1]


def _closed(moves: pd.DataFrame, matched: Matched, open_from: int | None) -> Mask:
    """Which movements are of a month that OLD had closed."""
    if open_from is None:
        return np.ones(len(moves), dtype=bool)
    month, claim, day = (moves[n].to_numpy() for n in ("month", "claim", "day"))
    undated = month < 0
    if not undated.any():
        return month < open_from
    dated = (claim >= 0) & (day != NO_DAY)
    first = np.full((2, matched.count), LAST_DAY)
    for side in (0, 1):
        mine = dated & (moves["new"].to_numpy() == side)
        np.minimum.at(first[side], claim[mine], day[mine])
    earliest = np.where(first[0] < LAST_DAY, first[0], first[1])
    stand_in = np.where(claim >= 0, np.append(earliest, 0)[claim], day)
    stand_in = np.where(stand_in == LAST_DAY, NO_DAY, stand_in).astype("datetime64[D]")
    return np.where(undated, month_of(stand_in), month) < open_from


# --- what differs, and why ------------------------------------------------------------------------


def _differing(moves: pd.DataFrame) -> pd.DataFrame:
    """Movements of the claims, months and entries whose cents differ, with their ``cell``."""
    cell, names = number(combine([moves[n].to_numpy() for n in ("claim", "month", "entry")]))
    signed = np.where(moves["new"], moves["cents"], -moves["cents"])
    differ = sum_by(cell, signed, len(names))[cell] != 0
    out = moves[differ].reset_index(drop=True)
    return out.assign(cell=number(cell[differ])[0])


def _items(moves: pd.DataFrame) -> pd.DataFrame:
    """What is left on either side once what both hold is set aside, a row an item.

    An item is what can be the same row in both files: a line of a wide file, or the day's postings
    of a ledger; money and its undoing apart.
    """
    m = {name: moves[name].to_numpy() for name in moves.columns}
    minus, later, cents = m["cents"] < 0, m["new"], m["cents"]
    row = np.where(m["wide"], m["line"], m["day"])
    sort = moves[["wide", "service", "undoable"]].to_numpy() @ np.array([4, 2, 1]) + 8 * minus
    item, names = number(combine([m["cell"], row, sort]))
    left = np.ones(len(item), dtype=bool)
    # The same row first, then the same posting wherever it stands, then the same amount re-dated.
    for keys in ([item, cents, m["day"]], [m["cell"], cents, m["day"]], [m["cell"], cents]):
        left[left] = _left([key[left] for key in keys], later[left])
    size = len(names)
    kept = ["cell", "claim", "month", "entry", "line", "wide", "undoable", "service"]
    out = moves.iloc[first_rows(item, size)][kept].reset_index(drop=True)
    for name, mine in (("old", left & ~later), ("new", left & later)):
        out[name] = sum_by(item[mine], cents[mine], size)
        out[f"{name}_has"] = np.bincount(item[mine], minlength=size) > 0
    for name, mine in (
        ("minus", minus),
        ("stays", later),
        ("marked", left & later & m["voided"]),
    ):
        out[name] = np.bincount(item[mine], minlength=size) > 0
    day = np.full(size, NO_DAY)
    np.maximum.at(day, item[left & later], m["day"][left & later])
    out["day"] = day
    return out[out["old_has"] | out["new_has"]].reset_index(drop=True)


def _left(keys: list[Index], later: Mask) -> Mask:
    """Movements that the other side does not hold as well, each as often as it is there."""
    spread, names = number(combine(keys))
    there = [np.bincount(spread[m], minlength=len(names)) for m in (later, ~later)]
    place = pd.Series(spread).groupby([spread, later]).cumcount().to_numpy()
    return place >= np.where(later, there[1][spread], there[0][spread])


def _with_claims(items: pd.DataFrame, matched: Matched, voided: Mask) -> pd.DataFrame:
    """Items with what each file says of the whole claim: is it there, was its charge undone.

    Money on no claim is of none that came new, went, or was undone.
    """
    claim = items["claim"].to_numpy()
    return items.assign(
        in_old=np.append(matched.held[0], True)[claim],
        in_new=np.append(matched.held[1], True)[claim],
        claim_voided=np.append(voided, False)[claim],
    )


def _with_lines(items: pd.DataFrame, sides: tuple[Side, Side]) -> pd.DataFrame:
    """Items with what each wide file says of the whole line: is it there, posted when."""
    keys = line_keys(items["claim"].to_numpy(), items["line"].to_numpy())
    charge = (items["entry"] == ENTRIES.index(v.CHARGE)).to_numpy()
    for name, side in zip(("old", "new"), sides, strict=True):
        rows, line = side.settled.book.rows, line_keys(side.claim, side.line)
        mine = ~rows["ledger"].to_numpy() & np.isin(line, keys)
        days = {n: days_of(rows[n])[mine] for n in ("charge_date", "post_date")}
        last = pd.DataFrame(days).groupby(line[mine]).max()
        place = last.index.get_indexer(pd.Index(keys))
        found = [np.append(last[n].to_numpy(), NO_DAY)[place] for n in days]
        items[f"{name}_line"] = place >= 0
        items[f"{name}_day"] = np.where(charge, *found)
    return items


def _by_cause(items: pd.DataFrame, as_of: date | None) -> pd.DataFrame:
    """The items with their ``cause`` (its place in ``CAUSES``) and ``change`` in cents."""
    c = {name: items[name].to_numpy() for name in items.columns}
    wide, snapshot = c["wide"], c["wide"] & c["old_line"] & c["new_line"]
    day = np.where(snapshot, c["new_day"], c["day"])
    dated = (day != NO_DAY) & (as_of is not None)
    after = day > np.datetime64(as_of or date.min, "D").astype(np.int64)
    added = c["minus"] & c["new_has"] & ~c["old_has"]
    fell = snapshot & ~c["minus"] & c["old_has"] & ~c["stays"]
    same = np.where(wide, snapshot & (c["old_day"] == c["new_day"]), c["old_has"] & c["new_has"])
    rules = (
        ("new", ~c["in_old"]),
        ("gone", ~c["in_new"]),
        ("void", c["claim_voided"] | c["marked"] | (c["service"] & (added | fell))),
        ("reversed", c["undoable"] & (added | fell)),
        ("gone", ~c["new_has"] & ~snapshot),
        ("changed", same | ~dated),
        ("late_posting", after),
        ("back_dated", ~after),
    )
    causes = [CAUSES.index(cause) for cause, _ in rules]
    out = items[["cell", "claim", "month", "entry"]].assign(
        cause=np.select([fits for _, fits in rules], causes), change=c["new"] - c["old"]
    )
    keys, names = groups(out, ["cell", "cause"])
    sums = sum_by(keys, out["change"].to_numpy(), len(names))
    first = first_rows(keys, len(names))
    out = out.iloc[first].assign(change=sums)
    return out[out["change"] != 0].reset_index(drop=True)


def _rows(found: pd.DataFrame, differing: pd.DataFrame, matched: Matched) -> pd.DataFrame:
    """The changes as ``Comparison`` words them, the largest first."""
    cell, later = differing["cell"].to_numpy(), differing["new"].to_numpy()
    cents = differing["cents"].to_numpy()
    before = sum_by(cell[~later], cents[~later], int(cell.max(initial=-1)) + 1)
    found = found.sort_values(["cell", "cause"], kind="stable", ignore_index=True)
    new = before[found["cell"]] + found.groupby("cell")["change"].cumsum().to_numpy()
    out = pd.DataFrame(
        {
            "claim": matched.names[found["claim"]],
            "month": found["month"].to_numpy(),
            "entry": np.array(ENTRIES, dtype=object)[found["entry"]],
            "old": new - found["change"].to_numpy(),
            "new": new,
            "cause": np.array(CAUSES, dtype=object)[found["cause"]],
        }
    )
    size = -np.abs(found["change"].to_numpy())
    sort = out.assign(size=size, step=found["cause"].to_numpy())
    sort = sort.sort_values(["size", "claim", "month", "entry", "step"], kind="stable")
    return sort.drop(columns=["size", "step"]).reset_index(drop=True)


def _by_entry(moves: pd.DataFrame) -> pd.DataFrame:
    """``entry``, ``old``, ``new`` and ``change`` in cents, of entries that either side has."""
    entry, later = moves["entry"].to_numpy(), moves["new"].to_numpy()
    cents = moves["cents"].to_numpy()
    sums = [sum_by(entry[m], cents[m], len(ENTRIES)) for m in (~later, later)]
    out = pd.DataFrame({"entry": ENTRIES, "old": sums[0], "new": sums[1]})
    out["change"] = out["new"] - out["old"]
    return out[np.isin(np.arange(len(ENTRIES)), entry)].reset_index(drop=True)


def _claims(found: pd.DataFrame) -> dict[str, int]:
    known = found[found["claim"] >= 0]
    counts = known.groupby("cause")["claim"].nunique()
    by_cause = {CAUSES[int(cause)]: int(n) for cause, n in counts.items()}
    return {"": int(known["claim"].nunique()), **by_cause}


def _moved(found: pd.DataFrame) -> int:
    balance = [i for i, entry in enumerate(ENTRIES) if v.EFFECT[entry]]
    mine = (found["claim"] >= 0) & found["entry"].isin(balance)
    return int(found.loc[mine, "claim"].nunique())
