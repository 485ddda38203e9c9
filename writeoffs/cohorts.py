"""How much of what patients were asked for came in, and how soon: cohorts followed over months.

A cohort is the claims of one service month (or payer, or size of share). It is followed from the
day on which each claim's share was assigned, so that a slow payer is not held against a patient:
"in 3 months" is what patients had paid by that day three calendar months later, of all that they
were asked for. A static pool: what is said once of a cohort changes only if the share or a payment
is changed (domain 1.2, 1.7; static pool analysis).

- Asked for: the patient share as the last payer left it, money that the plan paid to the member
  included, and for self-pay the charge less discounts (rules.md 12). Charity, small balances and
  bad debt given up stay in it.
- Paid: patient payments of the claim less refunds and bad checks. A copay at the visit comes before
  the share and counts from the first day. Over 100 % means credits; nothing is clipped.
- The clock: the day of the claim's first patient share; for self-pay the day that the charge was
  entered, else the day of service.
- Young: a service month is followed for as long as 95 % of its dollars are; until then a figure is
  NA, and the rest is left out of both sides. What is said of a payer or a size of share is said of
  the service months that were followed long enough, so that young ones cannot drag it down.
- A row that holds all the money of a line has one date for all of it: such claims have no clock.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from writeoffs import reference
from writeoffs import vocabulary as v
from writeoffs.book import Index, sum_by
from writeoffs.dates import Days
from writeoffs.keys import groups
from writeoffs.ledger import Ledger
from writeoffs.measures import Measure, components_of
from writeoffs.money import Cents, ratio
from writeoffs.patient_side import NEVER, Parts, posted, who
from writeoffs.settle import Settled

HORIZONS: Final = (1, 3, 6, 12)
FOLLOWED: Final = 0.95
NEEDS: Final = ("patient_responsibility", "patient_paid")
# A claim's share in cents, up to and including: the bands of the published figures.
BANDS: Final = ((3_500, "$35 or less"), (7_500, "$35 to $75"), (20_000, "$75 to $200"))
OVER: Final = "Over $200"
BAND_NAMES: Final = (*(name for _, name in BANDS), OVER)
_ASKED: Final = frozenset({"self_pay_charges", "self_pay_discounts"})
_SOURCE: Final = "domain 1.7 (patient payments / patient responsibility, cohort); rules.md 12"


def _declared(months: int) -> Measure:
    when = f"{months} month" + "s" * (months > 1)
    return Measure(
        f"patient_collection_{months}",
        f"Collected from patients in {when}",
        f"patient payments up to {when} after the share was assigned / patient responsibility + "
        "paid to the patient, and for self-pay the charge less discounts",
        "rate",
        needs=NEEDS,
        good="up",
        meaning="Of what patients were asked for, the part that came in by then. Copays at the "
        "visit count.",
        source=_SOURCE,
        rows="claims",
        top=f"patient payments by {when} after the share was assigned",
        bottom=f"what was asked of patients on claims followed for {when}",
    )


DECLARED: Final = (
    *(_declared(months) for months in HORIZONS),
    Measure(
        "yield_after_insurance",
        "Collected after insurance in 12 months",
        "patient payments after the share was assigned, up to 12 months / the share less what was "
        "paid before, insured claims",
        "rate",
        needs=NEEDS,
        good="up",
        meaning="Of what is left to bill once the insurer has decided, the part that patients "
        "paid. Copays at the visit are on neither side.",
        source="Kodiak Solutions, self-pay after insurance (hospitals); domain 1.7",
        rows="claims",
        top="patient payments from the day after the share was assigned to 12 months",
        bottom="the share not paid by the day that it was assigned",
    ),
)


# --- one row a claim ------------------------------------------------------------------------------


def claims(ledger: Ledger) -> pd.DataFrame:
    """One row a claim on which a patient was asked for something.

    Returns:
        ``number`` (the claim's place in ``claims.claims``), payer, practice, provider, location
        (categories), ``service_month``, ``post_month`` (int32), ``self_pay`` (bool), ``band``
        (category: the size of ``due``), ``due`` (int64 cents asked for), ``paid`` (int64 cents to
        date), ``start`` (datetime64: the clock; NaT where the files do not date it), ``before``
        (int64: paid by the day of the share), ``paid_1``, ``paid_3``, ``paid_6``, ``paid_12``
        (Int64 cents; NA where not followed so long) and ``followed`` (Int64: whole months for
        which the claim's service month is followed, 12 at most; NA where none of it is dated).
    """
    settled = ledger.settled
    parts = Parts(settled)
    self_pay = _of_claims(settled, settled.self_pay)
    due = np.where(self_pay, _charged(settled, parts), parts.entry(v.PATIENT_SHARE))
    start = np.where(self_pay, _entered(settled), _assigned(settled))
    start[_undated(settled)] = NEVER
    out = who(settled).assign(
        self_pay=self_pay,
        band=banded(due),
        due=due,
        paid=parts.entry(v.PATIENT_PAYMENT),
        start=start,
        before=_paid_by(settled, start),
    )
    as_of = np.datetime64(ledger.as_of, "s") if ledger.as_of else NEVER
    months = np.zeros(len(out), dtype=np.int64)
    for k in HORIZONS:
        until = after(start, k)
        known = until <= as_of
        paid = pd.Series(_paid_by(settled, until), dtype="Int64")
        out[f"paid_{k}"] = paid.where(known)
    for k in range(1, HORIZONS[-1] + 1):
        months[after(start, k) <= as_of] = k
    months[np.isnat(start)] = -1
    out = out.assign(months=months)[due > 0].reset_index(drop=True)
    return out.assign(followed=_followed(out)).drop(columns="months")


def banded(due: Cents) -> pd.Categorical:
    """The size band of each share: $35.00 is in the first, $75.00 and $200.00 in theirs."""
    codes = np.searchsorted([limit for limit, _ in BANDS], due, side="left")
    return pd.Categorical.from_codes(codes, list(BAND_NAMES), ordered=True)


def after(days: Days, months: int) -> Days:
    """The same day of the month so many calendar months later, else that month's last day."""
    month = days.astype("datetime64[M]")
    there = (month + months).astype("datetime64[D]")
    last = (month + months + 1).astype("datetime64[D]") - np.timedelta64(1, "D")
    into = days.astype("datetime64[D]") - month.astype("datetime64[D]")
    return np.minimum(there + into, last).astype("datetime64[s]")


def _followed(table: pd.DataFrame) -> pd.Series:
    """Whole months for which FOLLOWED of each service month's dated dollars have been followed."""
    group, found = groups(table, ["service_month"])
    months, due = table["months"].to_numpy(), table["due"].to_numpy()
    whole = _sums(group, due, months >= 0, len(found))
    out = np.full(len(found), -1, dtype=np.int64)
    for k in range(HORIZONS[-1] + 1):
        reached = _sums(group, due, months >= k, len(found))
        out[(reached >= FOLLOWED * whole) & (whole > 0)] = k
    every = pd.Series(out[group])
    return every.astype("Int64").where(every >= 0)


def _of_claims(settled: Settled, rows: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    out = np.zeros(settled.claims, dtype=bool)
    out[settled.claim[rows & (settled.claim >= 0)]] = True
    return out


def _charged(settled: Settled, parts: Parts) -> Cents:
    """Self-pay: the charge less discounts, by claim."""
    book = settled.book
    wanted = np.array(
        [
            not _ASKED.isdisjoint(components_of(k.entry, k.category, k.bucket, k.party))
            for k in book.kinds
        ],
        dtype=bool,
    )
    mine = wanted[book.kind] if len(book) else np.zeros(0, dtype=bool)
    return parts.of_rows(book.by_row(book.effect(), mine))


def _first_day(settled: Settled, postings: Index, days: Days) -> Days:
    """The first known day of some postings of each claim."""
    never = np.iinfo(np.int64).max
    first = np.full(settled.claims, never)
    claim = settled.claim[settled.book.at[postings]]
    known = ~np.isnat(days) & (claim >= 0)
    np.minimum.at(first, claim[known], days[known].astype(np.int64))
    out = first.astype("datetime64[s]")
    out[first == never] = NEVER
    return out


def _assigned(settled: Settled) -> Days:
    """The day on which each claim's first share was assigned."""
    book = settled.book
    mine = np.flatnonzero(book.where(v.PATIENT_SHARE) & (book.amount > 0))
    return _first_day(settled, mine, posted(settled, mine))


def _entered(settled: Settled) -> Days:
    """The day on which each claim was charged, else of its service."""
    book = settled.book
    mine = np.flatnonzero(book.where(v.CHARGE))
    return _first_day(settled, mine, posted(settled, mine))


def _undated(settled: Settled) -> npt.NDArray[np.bool_]:
    """Claims whose patient payments or shares have no date of their own."""
    book, rows = settled.book, settled.book.rows
    mine = np.flatnonzero(book.where(v.PATIENT_PAYMENT, v.PATIENT_SHARE))
    wide = ~rows["ledger"].to_numpy()[book.at[mine]]
    bare = np.zeros(len(rows), dtype=bool)
    bare[book.at[mine[wide | np.isnat(posted(settled, mine))]]] = True
    charged = np.zeros(len(rows), dtype=bool)
    charged[book.at[book.where(v.CHARGE)]] = True
    return _of_claims(settled, bare | (charged & ~rows["ledger"].to_numpy() & settled.self_pay))


def _paid_by(settled: Settled, until: Days) -> Cents:
    """Patient payments of each claim up to and including a day, in cents."""
    book = settled.book
    mine = np.flatnonzero(book.where(v.PATIENT_PAYMENT) & (settled.claim[book.at] >= 0))
    claim = settled.claim[book.at[mine]]
    seen = posted(settled, mine) <= until[claim]
    return sum_by(claim[seen], book.amount[mine[seen]], settled.claims)


# --- cohorts --------------------------------------------------------------------------------------


def rates(table: pd.DataFrame, by: Sequence[str] = ()) -> pd.DataFrame:
    """Patient collection by cohort.

    Args:
        table: from ``claims``, or some of its rows.
        by: columns of it that make the cohorts; none for one row.

    Returns:
        The ``by`` columns; ``claims`` (Int64), ``due`` and ``paid`` (Int64 cents, to date),
        ``so_far`` (paid / due, Float64); ``months`` (Int64: for how long its longest followed
        service month is followed; NA where nothing is dated); for 1, 3, 6 and 12 months
        ``rate_1`` (Float64 fraction, NA while young) and ``claims_1`` (Int64: claims that it rests
        on), and so on; ``yield_12`` (Float64). A group without claims has no row; without any
        ``by``, due is 0 and rates are NA.
    """
    group, out = groups(table, by)
    size = len(out)
    due, followed = table["due"].to_numpy(), table["followed"].fillna(-1).to_numpy(dtype=np.int64)
    out = out.assign(claims=np.bincount(group, minlength=size), due=sum_by(group, due, size))
    out["paid"] = sum_by(group, table["paid"].to_numpy(), size)
    out["so_far"] = _ratios(out["paid"], out["due"])
    longest = np.full(size, -1, dtype=np.int64)
    np.maximum.at(longest, group, followed)
    out["months"] = pd.Series(longest, dtype="Int64").where(pd.Series(longest) >= 0)
    for k in HORIZONS:
        seen = followed_for(table, k)
        paid = table[f"paid_{k}"].fillna(0).to_numpy(dtype=np.int64)
        tops, bottoms = (_sums(group, cents, seen, size) for cents in (paid, due))
        out[f"rate_{k}"] = _ratios(tops, bottoms)
        out[f"claims_{k}"] = np.bincount(group[seen], minlength=size)
    before = table["before"].to_numpy()
    left = _left_to_bill(table)
    tops, bottoms = (_sums(group, cents - before, left, size) for cents in (paid, due))
    out["yield_12"] = _ratios(tops, bottoms)
    whole = ["claims", "due", "paid", *(f"claims_{k}" for k in HORIZONS)]
    return out.astype(dict.fromkeys(whole, "Int64"))


def followed_for(table: pd.DataFrame, months: int) -> npt.NDArray[np.bool_]:
    """Claims of service months that have been followed so long."""
    followed = table["followed"].fillna(-1).to_numpy(dtype=np.int64)
    return table[f"paid_{months}"].notna().to_numpy(dtype=bool) & (followed >= months)


def _left_to_bill(table: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Insured claims followed for a year with a share left on the day that it was assigned."""
    left = (table["due"] > table["before"]).to_numpy() & ~table["self_pay"].to_numpy()
    return left & followed_for(table, HORIZONS[-1])


def made_of(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """The claims that a measure of DECLARED is counted from.

    Returns:
        ``number``, ``numerator`` (paid) and ``denominator`` (asked for), int64 cents.
    """
    after = name == "yield_after_insurance"
    months = HORIZONS[-1] if after else int(name.rsplit("_", 1)[1])
    mine = table[_left_to_bill(table) if after else followed_for(table, months)]
    before = mine["before"] if after else 0
    paid = mine[f"paid_{months}"].astype("int64") - before
    return pd.DataFrame(
        {"number": mine["number"], "numerator": paid, "denominator": mine["due"] - before}
    )


def _sums(group: Index, cents: Cents, keep: npt.NDArray[np.bool_], size: int) -> pd.Series:
    return pd.Series(sum_by(group[keep], cents[keep], size))


def _ratios(top: pd.Series, bottom: pd.Series) -> pd.Series:
    cells = [ratio(int(a), int(b)) for a, b in zip(top, bottom, strict=True)]
    return pd.Series(pd.array(cells, dtype="Float64"))


def bands(table: pd.DataFrame) -> pd.DataFrame:
    """Collected in 12 months by the size of a claim's share, beside the published figures.

    Insured claims only, for so are the published ones (commercially insured patients of
    athenahealth's network, 2015; Medicare and Medicaid are in ours).

    Returns:
        The columns of ``rates`` by ``band``, every band present, and ``published`` (Float64).
    """
    found = rates(table[~table["self_pay"]], ["band"])
    names = pd.DataFrame({"band": pd.Categorical(BAND_NAMES, BAND_NAMES, ordered=True)})
    out = names.merge(found, on="band", how="left")
    counted = ["claims", "due", "paid", *(f"claims_{k}" for k in HORIZONS)]
    out[counted] = out[counted].fillna(0)
    return out.assign(published=pd.array(published(), dtype="Float64"))


def published() -> list[float]:
    """The published 12-month figures of the four bands, smallest share first, as fractions."""
    (row,) = (r for r in reference.benchmarks() if r["metric"] == "patient_collection_12_months")
    return [
        ratio(round(float(n) * 10), 1000) or 0.0
        for n in re.findall(r"([\d.]+)%", row["band_or_value"])
    ]


def why_not(table: pd.DataFrame, says: frozenset[str]) -> str:
    """Why nothing can be said of patient collection, in plain words; "" where something can."""
    if "patient_responsibility" not in says:
        return "the files do not say what payers left to patients"
    if "patient_paid" not in says:
        return "the files do not say what patients paid"
    if table.empty:
        return "no patient was asked for anything here"
    if table["followed"].isna().all():
        return "a row holds all the money of a line, so that payments have no date of their own"
    return ""
