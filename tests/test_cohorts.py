"""Patient collection by cohort: by hand, at its boundaries, and beside a plain second working."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import Any, Final

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import ledger_of

import writeoffs as wo
from writeoffs import catalogue, reference
from writeoffs.cohorts import (
    BAND_NAMES,
    HORIZONS,
    after,
    banded,
    bands,
    claims,
    published,
    rates,
    why_not,
)
from writeoffs.ledger import Ledger
from writeoffs.problems import BadRequest
from writeoffs.reading import read

HEAD: Final = "Claim,MRN,DOS,Post Date,Payer,CPT,Type,Reason,Amount"


def ledger(*moves: str, until: str = "2027-12-31") -> Ledger:
    """Movements ("claim | service | posted | payer | type | reason | amount"), seen as of a day."""
    rows = [HEAD]
    for move in moves:
        claim, service, posted, payer, kind, reason, amount = (c.strip() for c in move.split("|"))
        rows.append(f"{claim},M{claim},{service},{posted},{payer},99213,{kind},{reason},{amount}")
    return ledger_of("\n".join(rows)).at(date.fromisoformat(until))


def visit(claim: str, service: str, assigned: str, share: str, *paid: str) -> list[str]:
    """An insured visit whose share is assigned on a day; patient payments as "day amount"."""
    who = f"{claim} | {service}"
    out = [
        f"{who} | {service} | Aetna | Charge | | 500.00",
        f"{who} | {assigned} | Aetna | Insurance Payment | | 100.00",
        f"{who} | {assigned} | Aetna | Patient Responsibility | PR-1 | {share}",
    ]
    return out + [
        f"{who} | {p.split()[0]} | Aetna | Patient Payment | | {p.split()[1]}" for p in paid
    ]


def row(one: Ledger, by: str | None = None) -> pd.Series:
    (found,) = wo.patient_collection(one, by).to_dict("records")
    return pd.Series(found)


# --- by hand --------------------------------------------------------------------------------------


def test_a_cohort_followed_by_hand() -> None:
    """Asked 100 + 60 on 1 February; 25 at the visit, 15 in a month, 40 in three, 20 in six."""
    one = ledger(
        *visit("A", "2026-01-05", "2026-02-01", "100.00", "2026-01-05 25.00", "2026-05-01 40.00"),
        *visit("B", "2026-01-20", "2026-02-01", "60.00", "2026-03-01 15.00", "2026-08-01 20.00"),
    )
    found = row(one, "month")
    assert str(found["month"]) == "2026-01"
    assert found[["claims", "due", "paid", "months"]].tolist() == [2, 16000, 10000, 12]
    assert found[["rate_1", "rate_3", "rate_6", "rate_12"]].tolist() == [0.25, 0.5, 0.625, 0.625]
    # After insurance: 75 + 60 were left on 1 February; 75 of them came.
    assert found["yield_12"] == pytest.approx(75 / 135, abs=1e-6)


def test_the_last_day_of_a_month_counts_and_the_next_does_not() -> None:
    inside = ledger(*visit("A", "2026-01-05", "2026-01-31", "100.00", "2026-02-28 40.00"))
    outside = ledger(*visit("A", "2026-01-05", "2026-01-31", "100.00", "2026-03-01 40.00"))
    assert (row(inside)["rate_1"], row(outside)["rate_1"]) == (0.4, 0.0)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2027-11-30", 3, "2028-02-29"),
        ("2026-12-15", 1, "2027-01-15"),
        ("2024-02-29", 12, "2025-02-28"),
    ],
)
def test_months_later(day: str, months: int, expected: str) -> None:
    found = after(np.array([day], dtype="datetime64[s]"), months)
    assert str(found[0].astype("datetime64[D]")) == expected


def test_a_young_cohort_says_how_long_it_was_followed_and_no_more() -> None:
    one = ledger(
        *visit("A", "2026-01-05", "2026-02-10", "100.00", "2026-02-20 40.00"), until="2026-05-09"
    )
    found = row(one)
    assert (found["months"], found["rate_1"]) == (2, 0.4)
    assert found[["rate_3", "rate_6", "rate_12", "yield_12"]].isna().all()
    assert row(one.at(date(2026, 5, 10)))["rate_3"] == 0.4


def test_a_twentieth_of_the_dollars_may_be_too_young_and_is_left_out() -> None:
    """95 of 100 dollars are followed for three months: said of those; 94 are not enough."""
    late = visit("B", "2026-01-06", "2026-05-01", "5.00", "2026-05-02 5.00")
    one = ledger(
        *visit("A", "2026-01-05", "2026-02-01", "95.00", "2026-02-02 38.00"),
        *late,
        until="2026-05-02",
    )
    found = row(one)
    assert (found["rate_3"], found["claims_3"], found["due"]) == (0.4, 1, 10000)
    few = ledger(
        *visit("A", "2026-01-05", "2026-02-01", "94.00", "2026-02-02 38.00"),
        *[move.replace("| 5.00", "| 6.00") for move in late],
        until="2026-05-02",
    )
    assert (row(few)["months"], pd.isna(row(few)["rate_3"])) == (0, True)


def test_a_young_month_does_not_hide_what_an_old_one_says_of_its_payer() -> None:
    one = ledger(
        *visit("A", "2026-01-05", "2026-02-01", "100.00", "2026-02-02 40.00"),
        *visit("B", "2026-04-05", "2026-05-01", "300.00", "2026-05-02 300.00"),
        until="2026-05-20",
    )
    found = row(one, "payer")
    assert (found["rate_3"], found["claims_3"], found["claims"]) == (0.4, 1, 2)


def test_refunds_and_bad_checks_take_back_and_a_credit_is_over_one_hundred_percent() -> None:
    paid = visit("A", "2026-01-05", "2026-02-01", "20.00", "2026-01-05 25.00")
    refund = "A | 2026-01-05 | 2026-04-01 | Aetna | Patient Refund | | -5.00"
    bounced = "A | 2026-01-05 | 2026-06-01 | Aetna | NSF / Bad check | | -10.00"
    found = row(ledger(*paid, refund, bounced))
    assert found[["rate_1", "rate_3", "rate_6"]].tolist() == [1.25, 1.0, 0.5]
    assert pd.isna(found["yield_12"])  # nothing was left to bill after insurance


def test_a_copay_before_any_decision_belongs_to_no_cohort_yet() -> None:
    one = ledger(
        "A | 2026-01-05 | 2026-01-05 | Aetna | Charge | | 150.00",
        "A | 2026-01-05 | 2026-01-05 | Aetna | Patient Payment | | 25.00",
        *visit("B", "2026-01-06", "2026-02-01", "40.00", "2026-02-02 10.00"),
    )
    assert row(one)[["claims", "due", "paid", "rate_1"]].tolist() == [1, 4000, 1000, 0.25]


def test_self_pay_owes_the_charge_less_discounts_from_the_day_of_entry() -> None:
    """200 less 80 is 120; what is lost as bad debt or given for charity was asked for."""
    who = "A | 2026-01-05"
    one = ledger(
        f"{who} | 2026-01-08 | Self-pay | Charge | | 200.00",
        f"{who} | 2026-01-08 | Self-pay | Adjustment | Self-pay discount | 80.00",
        f"{who} | 2026-02-08 | Self-pay | Patient Payment | | 60.00",
        f"{who} | 2026-09-01 | Self-pay | Adjustment | Bad debt | 40.00",
        f"{who} | 2026-09-01 | Self-pay | Adjustment | Charity | 20.00",
        *visit("B", "2026-01-06", "2026-02-01", "40.00"),
    )
    found = wo.patient_collection(one, "self_pay").set_index("self_pay")
    assert found.loc[True, ["due", "rate_1", "rate_12"]].tolist() == [12000, 0.5, 0.5]
    assert wo.out_of_pocket(one)["owed"].tolist() == [16000]
    assert pd.isna(found.loc[True, "yield_12"])
    assert found.loc[False, "due"] == 4000


def test_what_the_plan_paid_to_the_patient_is_asked_of_them() -> None:
    """Non-participating, unassigned: 85.50 + 64.13 + 342.00 = 491.63, all of it paid."""
    who = "A | 2026-01-05"
    one = ledger(
        f"{who} | 2026-01-05 | Medicare | Charge | | 650.00",
        f"{who} | 2026-02-01 | Medicare | Adjustment | CO-45 | 158.37",
        f"{who} | 2026-02-01 | Medicare | Patient Responsibility | PR-2 | 85.50",
        f"{who} | 2026-02-01 | Medicare | Patient Responsibility | PR-45 | 64.13",
        f"{who} | 2026-02-01 | Medicare | Adjustment | OA-100 | 342.00",
        f"{who} | 2026-02-20 | Medicare | Patient Payment | | 491.63",
        *visit("B", "2026-01-06", "2026-02-01", "40.00"),
    )
    found = wo.patient_collection(one, "payer").set_index("payer").loc["Medicare"]
    assert found[["due", "rate_1"]].tolist() == [49163, 1.0]


# --- sizes, and published figures -----------------------------------------------------------------


def test_the_bands_of_a_share_and_their_boundaries() -> None:
    cents = np.array([1, 3500, 3501, 7500, 7501, 20000, 20001])
    assert list(banded(cents)) == [
        *["$35 or less"] * 2,
        *["$35 to $75"] * 2,
        *["$75 to $200"] * 2,
        "Over $200",
    ]


def test_published_figures_are_read_from_their_table() -> None:
    assert published() == [0.938, 0.905, 0.837, 0.667]
    (told,) = (r for r in reference.benchmarks() if r["metric"] == "patient_collection_12_months")
    assert len(published()) == len(BAND_NAMES)
    assert "ambulatory commercially insured" in told["population"]


def test_bands_are_of_insured_claims_and_every_one_is_there() -> None:
    one = ledger(
        *visit("A", "2026-01-05", "2026-02-01", "35.00", "2026-02-02 28.00"),
        "S | 2026-01-05 | 2026-01-05 | Self-pay | Charge | | 30.00",
        *visit("B", "2026-01-06", "2026-02-01", "250.00", "2026-02-02 50.00"),
    )
    found = bands(claims(one)).set_index("band")
    assert found.index.tolist() == list(BAND_NAMES)
    assert found["claims_12"].tolist() == [1, 0, 0, 1]
    assert found["rate_12"].tolist()[::3] == [0.8, 0.2]
    assert found["rate_12"].isna().tolist() == [False, True, True, False]


# --- what cannot be said --------------------------------------------------------------------------


def test_a_row_with_all_the_money_of_a_line_has_no_clock() -> None:
    one = ledger_of(
        """
        Claim,DOS,Post Date,Payer,CPT,Charge,Ins Paid,Contractual,Coinsurance,Pt Paid
        C,2025-01-05,2026-02-01,Aetna,99213,150.00,80.00,50.00,20.00,15.00
        """
    )
    found = row(one)
    assert (found["due"], found["so_far"]) == (2000, 0.75)
    assert found[[f"rate_{k}" for k in HORIZONS]].isna().all()
    assert "no date of their own" in why_not(claims(one), one.can_say)


def test_without_shares_nothing_is_said() -> None:
    one = ledger_of(
        """
        Claim,DOS,Payer,CPT,Charge,Ins Paid,Pt Paid,Contractual
        C,2026-01-05,Aetna,99213,150.00,80.00,20.00,50.00
        """
    )
    assert row(one).isna().all()
    assert why_not(claims(one), one.can_say) == "the files do not say what payers left to patients"


def test_an_unknown_dimension_is_said() -> None:
    with pytest.raises(BadRequest, match="Hint: month"):
        wo.patient_collection(ledger(*visit("A", "2026-01-05", "2026-02-01", "9.00")), "procedure")


def test_the_measures_are_declared_with_their_source() -> None:
    for name in (*(f"patient_collection_{k}" for k in HORIZONS), "yield_after_insurance"):
        one = catalogue.measure(name)
        assert (one.rows, one.unit) == ("claims", "rate")
        assert one.top and one.bottom and one.source


# --- the sample, beside a plain second working ----------------------------------------------------


def plainly(rows: pd.DataFrame, as_of: pd.Timestamp) -> dict[str, dict[int, float | None]]:
    """Service month -> months -> rate, claim by claim with pandas' own calendar."""
    seen: dict[str, list[Any]] = {}
    for _, claim in rows.groupby("Claim ID"):
        kind, cents = claim["Type"], claim["cents"]
        if claim["Payer"].iloc[0] == "Self-pay":
            given = claim["Reason"] == "Self-pay adjustment"
            due = cents[kind == "Charge"].sum() - cents[given].sum()
            start = claim["Posting Date"][kind == "Charge"].min()
        else:
            share = kind == "Patient Responsibility"
            due, start = cents[share].sum(), claim["Posting Date"][share & (cents > 0)].min()
        if due > 0:
            paid = claim[kind == "Patient Payment"]
            month = claim["Service Date"].iloc[0].strftime("%Y-%m")
            seen.setdefault(month, []).append((due, start, paid))
    out: dict[str, dict[int, float | None]] = {}
    for month, found in seen.items():
        for k in HORIZONS:
            until = [start + pd.DateOffset(months=k) for _, start, _ in found]
            old = [u <= as_of for u in until]
            whole = sum(due for due, _, _ in found)
            due = sum(f[0] for f, o in zip(found, old, strict=True) if o)
            paid = sum(
                f[2]["cents"][f[2]["Posting Date"] <= u].sum()
                for f, u, o in zip(found, until, old, strict=True)
                if o
            )
            out.setdefault(month, {})[k] = paid / due if due >= 0.95 * whole else None
    return out


def test_the_sample_practice_beside_a_second_working() -> None:
    one = read("sample_data/practice_ledger.csv")
    rows = pd.read_csv(
        "sample_data/practice_ledger.csv", parse_dates=["Service Date", "Posting Date"]
    )
    rows["cents"] = (rows["Amount"] * 100).round().astype(int)
    expected = plainly(rows, pd.Timestamp(one.as_of))
    found = wo.patient_collection(one).set_index("month")
    assert {str(m) for m in found.index} == set(expected)
    for month, by_age in expected.items():
        for k, rate in by_age.items():
            cell = found.loc[pd.Period(month), f"rate_{k}"]
            assert (None if pd.isna(cell) else cell) == (
                None if rate is None else pytest.approx(rate, abs=1e-6)
            ), (month, k)
    assert found["rate_12"].notna().sum() == 10


# --- properties -----------------------------------------------------------------------------------

days = st.dates(date(2026, 1, 1), date(2026, 12, 31))
paid = st.lists(st.tuples(days, st.integers(1, 9_999)), max_size=3)
books = st.lists(
    st.tuples(st.sampled_from(["Aetna", "Cigna"]), days, st.integers(1, 30_000), paid),
    min_size=1,
    max_size=5,
)


@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow])
@given(books, days)
def test_groups_add_up_and_more_time_brings_no_less(book: list[Any], until: date) -> None:
    moves = []
    for n, (payer, assigned, share, payments) in enumerate(book):
        texts = [f"{day} {cents / 100:.2f}" for day, cents in payments]
        moves += [
            move.replace("| Aetna |", f"| {payer} |")
            for move in visit(f"C{n}", "2026-01-01", str(assigned), f"{share / 100:.2f}", *texts)
        ]
    one = ledger(*moves, until="2027-06-30").at(until)
    table = claims(one)
    whole, parts = rates(table), rates(table, ["payer"])
    for column in ("claims", "due", "paid", *(f"claims_{k}" for k in HORIZONS)):
        assert parts[column].sum() == whole[column].iloc[0]
    steps = [table["before"].astype("Int64"), *(table[f"paid_{k}"] for k in HORIZONS)]
    for early, late in pairwise(steps):
        known = late.notna()
        assert early[known].notna().all()
        assert (early[known] <= late[known]).all()
        assert (late[known] <= table["paid"][known]).all()
    assert (table["due"] > 0).all()
