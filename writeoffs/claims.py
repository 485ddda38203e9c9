"""Claims: one row a claim, for what is counted per claim and for finding rows."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from writeoffs import vocabulary as v
from writeoffs.book import sum_by
from writeoffs.dates import month_of
from writeoffs.money import Cents
from writeoffs.settle import Settled
from writeoffs.vocabulary import Kind

MONEY: Final = (
    "billed",
    "insurer_paid",
    "patient_paid",
    "other_paid",
    "written_off",
    "avoidable",
    "patient_share",
    "open",
    "patient_open",
    "unexplained",
)
_TEXT: Final = (
    "claim",
    "patient",
    "payer",
    "practice",
    "provider",
    "location",
    "procedure",
    "file",
)


def claims(settled: Settled) -> pd.DataFrame:
    """One row a claim.

    Returns:
        ``claim``, ``patient``, payer and the other dimensions of its first row (categories),
        ``service_date``, ``last_post``, ``service_month``, ``post_month``, the MONEY columns in
        int64 cents, ``lines`` (service lines with a charge that was not undone) and ``counts``
        (True where the net service charge is not zero, rules.md 19).
    """
    book, claim, count = settled.book, settled.claim, settled.claims
    lead = lead_rows(settled)
    out: dict[str, object] = {n: book.rows[n].iloc[lead].reset_index(drop=True) for n in _TEXT}
    dates = book.rows["service_date"].to_numpy()
    out["service_date"] = dates[lead]
    out["last_post"] = _last(book.rows["post_date"].to_numpy(), claim, count)
    out["service_month"] = month_of(dates[lead])
    out["post_month"] = book.entry_months()[lead]
    for name in MONEY[:-3]:
        out[name] = _sums(settled, name)
    known = claim >= 0
    for name, cents in (
        ("open", settled.open),
        ("patient_open", settled.patient_open),
        ("unexplained", settled.unexplained),
    ):
        out[name] = sum_by(claim[known], cents[known], count)
    out["lines"] = _lines(settled)
    frame = pd.DataFrame(out, index=pd.RangeIndex(count))
    frame["counts"] = frame["billed"] != 0
    return frame


def charged_claims(settled: Settled) -> int:
    """How many claims have a net service charge that is not zero (rules.md 19)."""
    return int(np.count_nonzero(_sums(settled, "billed")))


def _sums(settled: Settled, name: str) -> Cents:
    """One of the posted MONEY columns: cents by claim."""
    book = settled.book
    member = np.array([_belongs(k, name) for k in book.kinds], dtype=bool)
    mine = np.flatnonzero(member[book.kind]) if len(member) else np.zeros(0, dtype=np.int64)
    claim, amount = settled.claim[book.at[mine]], book.amount[mine]
    known = claim >= 0
    return sum_by(claim[known], amount[known], settled.claims)


def lead_rows(settled: Settled) -> np.ndarray:
    """The first row of each claim that carries its charge, else its first row."""
    lead = np.zeros(settled.claims, dtype=np.int64)
    charge = np.zeros(len(settled.claim), dtype=bool)
    charge[settled.book.at[settled.book.where(v.CHARGE)]] = True
    for mask in (settled.claim >= 0, (settled.claim >= 0) & charge):
        rows = np.flatnonzero(mask)[::-1]
        lead[settled.claim[rows]] = rows
    return lead


def _last(days: np.ndarray, claim: np.ndarray, count: int) -> np.ndarray:
    out = np.full(count, np.datetime64("NaT"), dtype=days.dtype)
    known = np.flatnonzero((claim >= 0) & ~np.isnat(days))
    order = known[np.argsort(days[known], kind="stable")]
    out[claim[order]] = days[order]
    return out


def _belongs(kind: Kind, name: str) -> bool:
    if name == "billed":
        return kind.entry == v.CHARGE and kind.category == v.SERVICE
    if name == "written_off":
        return kind.entry == v.WRITE_OFF and kind.bucket in v.WRITTEN_OFF_BUCKETS
    if name == "avoidable":
        return kind.entry == v.WRITE_OFF and kind.bucket == v.AVOIDABLE
    entry = {
        "insurer_paid": v.INSURER_PAYMENT,
        "patient_paid": v.PATIENT_PAYMENT,
        "other_paid": v.PAYMENT,
        "patient_share": v.PATIENT_SHARE,
    }[name]
    return kind.entry == entry and kind.category != v.PAID_TO_PATIENT


def _lines(settled: Settled) -> np.ndarray:
    """Service lines of each claim: charges entered less charges undone, at least none."""
    up, claim_of = line_counts(settled)
    known = claim_of >= 0
    return np.bincount(claim_of[known], weights=up[known], minlength=settled.claims).astype(int)


def line_counts(settled: Settled) -> tuple[np.ndarray, np.ndarray]:
    """For each line key: how many service lines it stands for, and its claim (-1 for none).

    Rows that name their line count once; rows told apart only by code count as often as they
    were charged and not undone; a claim without lines is one.
    """
    book, line = settled.book, settled.line
    size = int(line.max(initial=-1)) + 1
    service = np.array([k.entry == v.CHARGE and k.category == v.SERVICE for k in book.kinds])
    mask = service[book.kind] if len(service) else np.zeros(0, dtype=bool)
    at, cents = line[book.at[mask]], book.amount[mask]
    charged = np.bincount(at[cents > 0], minlength=size)
    undone = np.bincount(at[cents < 0], minlength=size)
    rows = book.rows
    blank = np.zeros(size, dtype=bool)
    zero = rows["has_charge"].to_numpy()
    blank[line[zero]] = True
    named = np.zeros(size, dtype=bool)
    named[line[rows["line"].cat.codes.to_numpy() >= 0]] = True
    coded = np.zeros(size, dtype=bool)
    coded[line[rows["procedure"].cat.codes.to_numpy() >= 0]] = True
    claim_of = np.full(size, -1, dtype=np.int64)
    claim_of[line] = settled.claim
    net = np.maximum(charged - undone, 0)
    some = (net > 0) | (blank & (charged == 0))
    once = named | ((claim_of >= 0) & ~coded)
    return np.where(once, some, np.maximum(net, some)).astype(np.int64), claim_of


def card(settled: Settled, number: int) -> pd.DataFrame:
    """One claim's dollars from charge to what is left: its postings by date, as a ledger card.

    Args:
        settled: the book.
        number: the claim's position in ``claims``.

    Returns:
        ``date``, ``entry``, ``category``, ``reason``, ``party``, ``amount`` and running ``left``
        in int64 cents, ``file`` and ``row``. Memo rows (patient shares, transfers) leave ``left``
        as it was.
    """
    book = settled.book
    mine = np.flatnonzero(settled.claim[book.at] == number)
    at = book.at[mine]
    kinds = book.kinds_frame().iloc[book.kind[mine]].reset_index(drop=True)
    charged = (kinds["entry"] == v.CHARGE).to_numpy()
    rows, posted = book.rows, book.posted()[mine]
    day = np.where(np.isnat(posted), rows["service_date"].to_numpy()[at], posted)
    out = kinds[["entry", "category", "reason", "party"]].assign(
        date=day,
        amount=book.amount[mine],
        effect=book.effect()[mine],
        file=rows["file"].to_numpy()[at],
        row=rows["row"].to_numpy()[at],
        first=~charged,
    )
    out = out.sort_values(["date", "first", "row"], kind="stable", ignore_index=True)
    return out.assign(left=out["effect"].cumsum()).drop(columns=["effect", "first"])
