"""Money that may have to go back: credit balances by claim and party, refunds and takebacks.

A credit is listed with the day since which it has stood, because a clock runs on it: an
overpayment by Medicare is to be reported and returned within 60 days of being identified
(42 CFR 401.305; 81 FR 7653). The files cannot say when somebody identified it; the age of the
credit is the earliest that anybody could.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from writeoffs import owed
from writeoffs import vocabulary as v
from writeoffs.book import sum_by
from writeoffs.dates import month_of
from writeoffs.keys import groups
from writeoffs.ledger import Ledger
from writeoffs.settle import patient_effect

RETURN_DAYS: Final = 60
RULE: Final = (
    "Medicare overpayments are to be reported and returned within 60 days of being identified"
    " (42 CFR 401.305; 81 FR 7653)."
)
_DIMENSIONS: Final = ("payer", "practice", "provider", "location")
_RECOVERY: Final = "overpayment_recovery"


def credit_balances(ledger: Ledger) -> pd.DataFrame:
    """Balances below zero, a row a claim and party, largest first.

    Returns:
        ``number`` (the claim's place in ``claims.claims``, -1 for none), ``claim``, payer,
        practice, provider, location (categories), ``service_month``, ``post_month`` (int32),
        ``party`` (insurer, patient, unknown), ``state`` ("credit", or "unapplied" for money paid
        ahead of any charge or decision), ``cents`` (int64, below zero for a whole claim),
        ``since`` (datetime64: the day from which the balance has stood below zero), ``days``
        (Int64, from then to the as-of date, NA without a date) and ``medicare`` (an insurer's
        credit charted under a payer of that name). Empty where what is open cannot be said.
        A claim under several providers or places has a row for each.
    """
    table = owed.positions(ledger)
    rows = table[table["state"] != owed.OWED]
    if "open" not in ledger.can_say:
        rows = rows.iloc[:0]
    keys = ["number", "party", "state", *_DIMENSIONS]
    rows = rows.assign(loose=np.where(rows["number"] < 0, np.arange(len(rows)), -1))
    group, _ = groups(rows, [*keys, "loose"])
    size = int(group.max(initial=-1)) + 1
    first = np.full(size, -1, dtype=np.int64)
    first[group[::-1]] = np.arange(len(group) - 1, -1, -1)
    out = rows.iloc[first].reset_index(drop=True)
    out = out.assign(cents=sum_by(group, rows["cents"].to_numpy(), size))
    began = _below_since(ledger, out["number"].to_numpy())
    since = out.merge(began, on=["number", "party"], how="left", suffixes=("_line", ""))["since"]
    since = since.fillna(out["since"].astype("datetime64[s]"))
    today = np.datetime64(ledger.as_of) if ledger.as_of else np.datetime64("NaT")
    names = out["payer"].astype("str").str.lower()
    claims = ledger.settled.book.rows["claim"]
    out = out.assign(
        since=since,
        days=(pd.Timestamp(today) - since).dt.days.astype("Int64"),
        claim=_names(ledger, out["number"].to_numpy(), claims),
        medicare=names.str.contains("medicare") & (out["party"] == owed.INSURER),
    )
    columns = ["number", "claim", *_DIMENSIONS, "service_month", "post_month", "party", "state"]
    out = out[[*columns, "cents", "since", "days", "medicare"]]
    return out.sort_values("cents", kind="stable", ignore_index=True)


def _names(ledger: Ledger, numbers: np.ndarray, claims: pd.Series) -> pd.Series:
    """The claim number as the files write it."""
    first = np.zeros(ledger.settled.claims + 1, dtype=np.int64)
    at = np.flatnonzero(ledger.settled.claim >= 0)[::-1]
    first[ledger.settled.claim[at]] = at
    found = claims.iloc[first[numbers]].reset_index(drop=True)
    return found.where(pd.Series(numbers) >= 0)


def _below_since(ledger: Ledger, numbers: np.ndarray) -> pd.DataFrame:
    """``number``, ``party``, ``since``: the day from which each balance has stayed below zero.

    Balances are those at the end of each day with a posting; what a patient paid before the first
    decision is prepaid and runs with the insurer's, as in settling.
    """
    settled, book, found = ledger.settled, ledger.settled.book, owed.units(ledger)
    wanted = np.zeros(settled.claims + 1, dtype=bool)
    wanted[numbers[numbers >= 0]] = True
    mine = np.flatnonzero(wanted[settled.claim[book.at]])
    at = book.at[mine]
    unit = found.of_row[at]
    day = owed.day_number(book.posted()[mine], owed.ALWAYS)
    kinds = np.array([patient_effect(k) for k in book.kinds], dtype=np.int64)
    patient = kinds[book.kind[mine]] * book.amount[mine]
    # Before a decision the patient's payments are nobody's credit: they count from that day on.
    decided = found.decided[unit]
    counted = np.where(found.own[unit], day, np.maximum(day, decided))
    effect = book.effect()[mine]
    patient = np.where(found.own[unit], effect, patient)
    moves = pd.DataFrame(
        {
            "number": np.tile(settled.claim[at], 3),
            "day": np.concatenate([day, counted, counted]),
            "whole": np.concatenate([effect, np.zeros(2 * len(mine), dtype=np.int64)]),
            "patient": np.concatenate([np.zeros(2 * len(mine), dtype=np.int64), patient]),
        }
    )
    moves = moves[moves["day"] < owed.NEVER]
    ends = moves.groupby(["number", "day"], as_index=False).sum()
    run = ends.groupby("number")[["whole", "patient"]].cumsum()
    told = owed.told(ledger)
    first = owed.INSURER if told else owed.UNKNOWN
    sides = ((first, run["whole"] - run["patient"] * told), (owed.PATIENT, run["patient"]))
    parts = [_last_fall(ends, below < 0).assign(party=party) for party, below in sides]
    return pd.concat(parts, ignore_index=True)


def _last_fall(ends: pd.DataFrame, below: pd.Series) -> pd.DataFrame:
    """The first day of the last unbroken run below zero of each claim that ends below zero."""
    above = (~below).groupby(ends["number"]).cumsum()
    last = above.groupby(ends["number"]).transform("max")
    run = ends[below & (above == last)].groupby("number", as_index=False)["day"].min()
    run = run[run["day"] > owed.ALWAYS]
    since = run["day"].to_numpy(dtype=np.int64).astype("datetime64[D]").astype("datetime64[s]")
    return pd.DataFrame({"number": run["number"].to_numpy(), "since": since})


def refunds(ledger: Ledger) -> pd.DataFrame:
    """Money that went back: refunds to patients and payers, takebacks, bounced checks.

    Returns:
        One row a posting: ``number`` (the claim's place, -1 for none), payer, practice, provider,
        location (categories), ``service_month``, ``post_month`` (int32), ``how`` ("insurer": an
        insurer payment below zero; "patient"; "unnamed"; "recovery": cash that a payer kept back
        in its check, PLB WO, which is in no payment figure) and ``cents`` (int64, below zero; a
        recovery that was advanced stands above zero).
    """
    book = ledger.settled.book
    how = np.array([_how(kind) for kind in book.kinds], dtype=np.int64)
    code = how[book.kind] if len(book) else book.kind
    mine = np.flatnonzero((code == 3) | ((code >= 0) & (book.amount < 0)))
    at = book.at[mine]
    rows = book.rows
    out = rows[list(_DIMENSIONS)].iloc[at].reset_index(drop=True)
    return out.assign(
        number=ledger.settled.claim[at],
        service_month=month_of(rows["service_date"].to_numpy()[at]),
        post_month=month_of(rows["post_date"].to_numpy()[at]),
        how=pd.Categorical.from_codes(code[mine], _HOW),
        cents=book.amount[mine],
    )


_HOW: Final = ("insurer", "patient", "unnamed", "recovery")


def _how(kind: v.Kind) -> int:
    if (kind.entry, kind.category) == (v.PROVIDER_ADJUSTMENT, _RECOVERY):
        return 3
    places = {v.INSURER_PAYMENT: 0, v.PATIENT_PAYMENT: 1, v.PAYMENT: 2}
    return places.get(kind.entry, -1)
