"""The work list: claims whose dollars could still come in, by when, and what to expect.

Two kinds of work. Avoidable write-offs, valued at what the payer would have allowed (the price that
a won appeal brings, not the billed one: domain 1.3); and, where the practice has a fee schedule,
lines that were allowed less than it says. What is patients' own debt is on the pages of patients
and receivables: nobody appeals it.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from writeoffs import deadlines, taxonomy
from writeoffs import vocabulary as v
from writeoffs.book import sum_by
from writeoffs.deadlines import Deadlines
from writeoffs.keys import combine, first_rows, number
from writeoffs.ledger import Ledger
from writeoffs.wording import count, dollars

UNDERPAID: Final = "underpaid"
_UNDERPAID_WORDS: Final = "Allowed less than the fee schedule says"
_UNDERPAID_ACTION: Final = "Send the payer its own contract price and ask for the difference."


class Work(NamedTuple):
    """What stands on the list: ``rows`` (see ``build``), and sums of it in cents.

    ``expected`` of all rows that could be valued; ``not_valued`` at billed prices of those that
    could not; ``late`` the expected dollars whose deadline has passed.
    """

    rows: pd.DataFrame
    expected: int
    not_valued: int
    late: int


def build(
    ledger: Ledger,
    losses: pd.DataFrame,
    days: Deadlines,
    short: pd.DataFrame | None = None,
) -> Work:
    """The claims to work on, those that are still in time and bring most first.

    Args:
        ledger: from ``read``; days count to its as-of date, never to the clock.
        losses: ``recoverable.rows`` of what is looked at.
        days: how long each payer gives.
        short: ``underpaid.gaps`` against a fee schedule, of what is looked at.

    Returns:
        Rows: ``number`` (the claim's place in ``claims.claims``), ``claim``, ``service_date``,
        ``payer`` (text, "(no payer)"), ``category`` (or "underpaid"), ``label`` in plain words,
        ``reason`` as exported, ``decided_on`` (datetime64: the latest posting of it), ``due``
        (datetime64[D], NaT where no deadline is known), ``days_left`` (Int64, below 0 where it
        passed), ``gross`` (int64 cents at billed prices; of an underpaid line the difference),
        ``expected`` (Int64 cents, NA where nobody can say), ``not_valued`` (int64 cents at billed
        prices of its lines without an expected allowed) and ``action``. A claim whose losses
        were all taken back is not on it.
    """
    lost = _grouped(losses, "category", ledger)
    parts = [_told(ledger, lost)]
    if short is not None and len(short):
        parts.append(_short(short))
    rows = pd.concat(parts, ignore_index=True)
    rows = rows[(rows["gross"] > 0) & (rows["number"] >= 0)].reset_index(drop=True)
    first = ledger.settled.book.rows["claim"]
    lead = _first_row(ledger)[rows["number"].to_numpy()]
    service = ledger.settled.book.rows["service_date"].to_numpy()
    rows["claim"] = first.iloc[lead].astype("str").where(first.iloc[lead].notna(), "").to_numpy()
    rows["service_date"] = service[lead]
    due = deadlines.due(days, rows["payer"].astype("category"), rows["decided_on"].to_numpy())
    rows["due"] = due.astype("datetime64[s]")
    today = np.datetime64(ledger.as_of) if ledger.as_of else np.datetime64("NaT")
    left = pd.Series((due - today.astype("datetime64[D]")) / np.timedelta64(1, "D"))
    rows["days_left"] = left.astype("Float64").astype("Int64")
    rows["payer"] = rows["payer"].astype("str").where(rows["payer"].notna(), "(no payer)")
    return _ordered(rows)


def _ordered(rows: pd.DataFrame) -> Work:
    late = (rows["days_left"] < 0).fillna(False).to_numpy(dtype=bool)
    known = rows["expected"].fillna(0).astype("int64")
    order = np.lexsort([-rows["gross"].to_numpy(), -known.to_numpy(), late])
    return Work(
        rows.iloc[order].reset_index(drop=True),
        int(known.sum()),
        int(rows["not_valued"].sum()),
        int(known[late].sum()),
    )


def _grouped(losses: pd.DataFrame, by: str, ledger: Ledger) -> pd.DataFrame:
    """Losses by claim and category: the cents at both prices, the payer of the first."""
    spots = combine([losses["number"].to_numpy(), losses[by].cat.codes.to_numpy().astype(np.int64)])
    group, _ = number(spots)
    first = first_rows(group, int(group.max(initial=-1)) + 1)
    value = losses["at_expected"].fillna(0).to_numpy(dtype=np.int64)
    known = sum_by(group, losses["at_expected"].notna().to_numpy().astype(np.int64), len(first))
    out = losses.iloc[first][["number", "payer", by]].reset_index(drop=True)
    for name in ("gross", "not_valued"):
        out[name] = sum_by(group, losses[name].to_numpy(), len(first))
    out["expected"] = pd.Series(sum_by(group, value, len(first)), dtype="Int64").where(known > 0)
    return out


def _told(ledger: Ledger, lost: pd.DataFrame) -> pd.DataFrame:
    """With the day, the reason, the words and what to do."""
    book = ledger.settled.book
    mine = np.array([k.entry == v.WRITE_OFF and k.bucket == v.AVOIDABLE for k in book.kinds], bool)
    at = np.flatnonzero(mine[book.kind]) if len(book) else np.zeros(0, dtype=np.int64)
    names = pd.Index(lost["category"].cat.categories.astype("str"))
    kind_of = names.get_indexer([k.category for k in book.kinds]).astype(np.int64)
    claim = ledger.settled.claim[book.at[at]]
    wide = max(1, len(names))
    spots = claim * wide + kind_of[book.kind[at]]
    wanted = lost["number"].to_numpy() * wide + lost["category"].cat.codes.to_numpy()
    day = book.rows["post_date"].to_numpy()[book.at[at]]
    # The latest posting of each claim and category; of one day, the one with most dollars.
    order = np.lexsort(
        [book.amount[at], np.where(np.isnat(day), np.datetime64(0, "s"), day), spots]
    )
    last = order[np.append(np.diff(spots[order]) != 0, True)] if len(order) else order
    place = pd.Index(spots[last]).get_indexer(wanted)
    reasons = np.array([k.reason for k in book.kinds] + [""], dtype=object)
    kinds = np.append(book.kind[at][last], len(book.kinds))[place]
    labels = lost["category"].astype("str")
    return lost.assign(
        category=labels,
        label=labels.map(taxonomy.plain),
        action=labels.map(taxonomy.action),
        reason=reasons[kinds],
        decided_on=np.append(day[last], np.datetime64("NaT"))[place],
    )


def _short(short: pd.DataFrame) -> pd.DataFrame:
    """Lines below the schedule, one row a claim and payer."""
    mine = short[short["short"] > 0]
    group, _ = number(mine["number"].to_numpy())
    first = first_rows(group, int(group.max(initial=-1)) + 1)
    cents = sum_by(group, mine["short"].to_numpy(), len(first))
    out = mine.iloc[first][["number", "payer"]].reset_index(drop=True)
    return out.assign(
        category=UNDERPAID,
        gross=cents,
        not_valued=0,
        expected=pd.Series(cents, dtype="Int64"),
        label=_UNDERPAID_WORDS,
        action=_UNDERPAID_ACTION,
        reason="",
        decided_on=np.datetime64("NaT", "s"),
    )


def _first_row(ledger: Ledger) -> np.ndarray:
    """For each claim its first row."""
    claim = ledger.settled.claim
    out = np.zeros(ledger.settled.claims, dtype=np.int64)
    rows = np.flatnonzero(claim >= 0)[::-1]
    out[claim[rows]] = rows
    return out


def left(days: object) -> str:
    """Days to a deadline in words; "" where none is known."""
    if pd.isna(days):
        return ""
    number_of = int(str(days))
    return "passed" if number_of < 0 else "today" if not number_of else count(number_of, "day")


def answer(work: Work) -> str:
    """What the list comes to, in sentences."""
    if not len(work.rows):
        return "Nothing to appeal: no avoidable write-offs in this selection."
    claims = count(int(work.rows["number"].nunique()), "claim")
    said = f"{claims} to work on could bring back {dollars(work.expected)}"
    if work.late:
        said += f"; for {dollars(work.late)} of it the last day to appeal has passed"
    if work.not_valued:
        said += f"; {dollars(work.not_valued)} more, at billed prices, cannot be valued"
    return said + "."
