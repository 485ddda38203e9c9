"""Avoidable write-offs at what could have come in: at expected allowed, not at billed prices.

A $250 visit that the contract prices at $110 and that was denied for late filing shows as $250
written off. What was lost is $110; the other $140 would have been a contractual write-off anyway.
So each line's avoidable write-offs count for at most what it should have been allowed less what it
was allowed: min(gross, max(0, expected - allowed)) (domain 1.3; rules 14, 15). A line of which
nobody knows the expected allowed is not valued; it stands apart, at its billed price.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from writeoffs import expected
from writeoffs import vocabulary as v
from writeoffs.book import sum_by
from writeoffs.cube import SERVICE_MONTH, attribute
from writeoffs.dates import month_of
from writeoffs.fee_schedule import Schedule
from writeoffs.keys import combine, first_rows, groups, number
from writeoffs.ledger import Ledger
from writeoffs.measures import Measure
from writeoffs.money import Cents, ratio
from writeoffs.problems import BadRequest
from writeoffs.wording import dollars, percent

_TEXT: Final = ("payer", "practice", "provider", "location", "procedure")

DECLARED: Final = (
    Measure("avoidable_at_expected", "Avoidable losses at expected allowed", "on each line the"
            " smaller of its avoidable write-offs and (expected allowed - allowed)", "dollars",
            needs=("billed", "written_off"), good="down", rows="lines",
            top="avoidable write-offs, of each line at most what it should have been allowed less"
            " what it was",
            meaning="What the avoidable losses would have brought in: the fee schedule's price,"
            " else the payer's usual one.",
            source="immedicaresolutions.com write-off ($250 visit, $110 contract); rules.md 15"),
    Measure("avoidable_not_valued", "Avoidable losses not valued", "avoidable write-offs of lines"
            " without an expected allowed, at billed prices", "dollars",
            needs=("billed", "written_off"), good="down", rows="lines",
            top="avoidable write-offs of lines of which nobody can say the expected allowed",
            meaning="Too few lines of the same payer and code to say what these would have brought"
            " in.",
            source="domain 1.3"),
    Measure("avoidable_rate_at_expected", "Avoidable loss rate at expected allowed", "avoidable"
            " losses at expected allowed / expected allowed of all lines that have one", "rate",
            needs=("billed", "written_off"), good="down", rows="lines",
            top="avoidable write-offs at expected allowed",
            bottom="expected allowed of every charged line that has one",
            meaning="Of what payers should have allowed, the part lost to mistakes.",
            source="domain 1.3; rules.md 15"),
)  # fmt: skip


def avoidable_at_expected(
    ledger: Ledger,
    by: str | Sequence[str] = (),
    schedule: Schedule | None = None,
) -> pd.DataFrame:
    """Avoidable write-offs at billed prices and at expected allowed.

    Args:
        by: columns of ``rows`` such as payer, category, claim.

    Returns:
        See ``totals``.

    Raises:
        BadRequest: an unknown column.
    """
    return totals(rows(ledger, expected.every(ledger, schedule)), by)


def rows(ledger: Ledger, every: pd.DataFrame) -> pd.DataFrame:
    """One row a source row and category of avoidable write-offs.

    Args:
        every: ``expected.every`` of the ledger.

    Returns:
        ``number`` (the claim's place in ``claims.claims``, -1 for none), ``claim``, ``payer``,
        ``practice``, ``provider``, ``location``, ``procedure``, ``category`` (categories),
        ``service_month`` and ``post_month`` (int32; the month of the write-off), ``gross`` (int64
        cents), ``at_expected`` (Int64 cents, NA where the line has no expected allowed) and
        ``not_valued`` (int64 cents: ``gross`` where that is so). ``gross`` adds up to the measure
        "avoidable" of the cube under every filter; ``at_expected`` of a line is divided among its
        rows in proportion, to the cent.
    """
    settled, book = ledger.settled, ledger.settled.book
    wanted = np.array([_is_avoidable(k) for k in book.kinds], dtype=bool)
    posted = np.flatnonzero(wanted[book.kind]) if len(book) else np.zeros(0, dtype=np.int64)
    categories = pd.Categorical([k.category for k in book.kinds])
    category = categories.codes.astype(np.int64)[book.kind[posted]]
    cell, _ = number(combine([book.at[posted], category]))
    first = first_rows(cell, int(cell.max(initial=-1)) + 1)
    gross = sum_by(cell, book.amount[posted], len(first))
    at = book.at[posted[first]]
    line = settled.line[at]
    out: dict[str, Any] = {n: book.rows[n].iloc[at].reset_index(drop=True) for n in _TEXT}
    out["claim"] = book.rows["claim"].iloc[at].reset_index(drop=True)
    out["number"] = settled.claim[at]
    out["category"] = pd.Categorical.from_codes(category[first], categories.categories)
    out[SERVICE_MONTH] = attribute(settled, SERVICE_MONTH)[0][at].astype(np.int32)
    out["post_month"] = month_of(book.rows["post_date"].to_numpy()[at])
    frame = pd.DataFrame(out, index=pd.RangeIndex(len(at)))
    price = every["expected"].iloc[line].reset_index(drop=True)
    had = every["allowed"].fillna(0).to_numpy(dtype=np.int64)[line]
    room = np.maximum(0, price.fillna(0).to_numpy(dtype=np.int64) - had)
    known = price.notna().to_numpy()
    value = pd.Series(valued(line, gross, room), dtype="Int64").where(known)
    return frame.assign(gross=gross, at_expected=value, not_valued=np.where(known, 0, gross))


def _is_avoidable(kind: v.Kind) -> bool:
    return kind.entry == v.WRITE_OFF and kind.bucket == v.AVOIDABLE


def valued(line: np.ndarray, gross: Cents, room: Cents) -> Cents:
    """Each row's part of min(what its line lost in all, room), in proportion, to the cent.

    What rounding leaves over goes to the line's largest row. A line whose write-offs were all
    taken back has lost nothing: its rows keep their own amounts, which add up to it.

    Args:
        line: each row's line; ``room`` is the same on all rows of one.
    """
    unit, _ = number(line)
    size = int(unit.max(initial=-1)) + 1
    whole = sum_by(unit, gross, size)[unit]
    target = np.minimum(whole, room)
    part = np.where(whole > 0, gross * target // np.maximum(1, whole), gross)
    missing = np.where(whole > 0, target, whole) - sum_by(unit, part, size)[unit]
    order = np.lexsort((-gross, unit))
    largest = order[np.append(True, np.diff(unit[order]) != 0)] if len(order) else order
    part[largest] += missing[largest]
    return part


def totals(found: pd.DataFrame, by: str | Sequence[str] = ()) -> pd.DataFrame:
    """Sums of ``rows``.

    Returns:
        The ``by`` columns; ``gross``, ``at_expected`` (of what is valued), ``not_valued`` and
        ``implied_contractual`` = gross - not valued - at expected, what a contract would have
        taken anyway: int64 cents. Most at expected first.

    Raises:
        BadRequest: an unknown column.
    """
    keys = [by] if isinstance(by, str) else list(by)
    unknown = [key for key in keys if key not in found]
    if unknown:
        raise BadRequest(f"cannot group by {', '.join(unknown)}")
    group, out = groups(found, keys)
    cents = found.assign(at_expected=found["at_expected"].fillna(0).astype("int64"))
    for name in ("gross", "at_expected", "not_valued"):
        out[name] = sum_by(group, cents[name].to_numpy(), len(out))
    out["implied_contractual"] = out["gross"] - out["not_valued"] - out["at_expected"]
    return out.sort_values(["at_expected", "gross"], ascending=False, ignore_index=True)


def finding(whole: pd.DataFrame, share: float | None = None) -> str:
    """What the one row of ``totals`` says: both prices of the same losses, in sentences.

    ``share``: from ``rate``.
    """
    [row] = whole.to_dict("records")
    said = (
        f"Avoidable losses: {dollars(int(row['gross']))} at billed prices; "
        f"{dollars(int(row['at_expected']))} at expected allowed"
    )
    if row["not_valued"]:
        said += f"; {dollars(int(row['not_valued']))} of it (at billed prices) cannot be valued"
    if share is not None:
        said += f". At expected allowed that is {percent(share)} of what payers should have allowed"
    return said + "."


def beside(table: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """A table with a row a payer, with ``at_expected`` (Int64 cents; 0 where nothing was lost)."""
    sums = totals(found, "payer")
    known = dict(zip(sums["payer"].astype("str"), sums["at_expected"], strict=True))
    cents = [known.get(str(payer), 0) for payer in table["payer"].astype("str")]
    return table.assign(at_expected=pd.array(cents, dtype="Int64"))


def made_of(found: pd.DataFrame, lines: pd.DataFrame, name: str) -> pd.DataFrame:
    """The lines that a measure of DECLARED is counted from; ``found`` and ``lines`` as in ``rate``.

    Returns:
        ``number``, ``numerator`` and ``denominator``, int64 cents: a row for what was lost, and of
        the rate a row besides for each line with an expected allowed.
    """
    column = "not_valued" if name == "avoidable_not_valued" else "at_expected"
    cents = found[column].fillna(0).astype("int64")
    out = found[["number"]].assign(numerator=cents, denominator=0)
    if name != "avoidable_rate_at_expected":
        return out
    against = lines["expected"].fillna(0).astype("int64")
    below = lines[["number"]].assign(numerator=0, denominator=against)
    return pd.concat([out, below], ignore_index=True)


def rate(found: pd.DataFrame, lines: pd.DataFrame) -> float | None:
    """Avoidable write-offs at expected allowed / expected allowed; None where nothing is expected.

    Args:
        found: ``rows`` of the lines that are looked at.
        lines: ``expected.lines`` of the same.
    """
    return ratio(int(found["at_expected"].sum()), int(lines["expected"].sum()))
