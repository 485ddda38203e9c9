"""Charge lag and payment lag: by hand, against numpy's quantiles, and where dates are missing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import ledger_of
from test_pages_upload import ERA

from writeoffs.lags import charge_lag, lines, payment_lag, quantile_by, values
from writeoffs.problems import BadRequest
from writeoffs.reading import read

HEAD = "Claim,Line,Service Date,Posting Date,Payer,CPT,Type,Reason,Amount"
FOUR = f"""{HEAD}
A1,1,2026-01-05,2026-01-06,Aetna,99213,Charge,,100.00
A1,1,2026-01-05,2026-01-25,Aetna,99213,Insurance Payment,,60.00
A1,1,2026-01-05,2026-03-25,Aetna,99213,Insurance Payment,,10.00
A2,1,2026-01-05,2026-01-09,Aetna,99213,Charge,,100.00
A2,1,2026-01-05,2026-02-04,Aetna,99213,Insurance Payment,,60.00
A3,1,2026-01-05,2026-01-08,Aetna,99213,Charge,,100.00
A3,1,2026-01-05,2026-02-10,Aetna,99213,Adjustment,CO-29,100.00
A4,1,2026-02-05,2026-02-07,Aetna,99213,Charge,,100.00
A5,1,2026-02-05,2026-02-07,Self-pay,99213,Charge,,100.00
A5,1,2026-02-05,2026-02-07,Self-pay,99213,Patient Payment,,100.00
"""


def test_charge_lag_by_hand() -> None:
    found = charge_lag(ledger_of(FOUR)).iloc[0]
    # 1, 4, 3, 2, 2 days: sorted 1 2 2 3 4; the 90th percentile at place 3.6 is 3.6.
    assert (found["n"], found["median"], found["p90"], found["why"]) == (5, 2.0, 3.6, "")


def test_payment_lag_is_to_the_first_payment_and_counts_who_still_waits() -> None:
    found = payment_lag(ledger_of(FOUR)).iloc[0]
    # 20 and 30 days; a third line was denied, a fourth waits; self-pay waits for no payer.
    assert (found["n"], found["median"], found["p90"]) == (2, 25.0, 29.0)
    assert (found["not_paid_yet"], found["never_paid"], found["undated"]) == (1, 1, 0)


def test_payment_lag_from_the_entry_of_the_charge() -> None:
    found = payment_lag(ledger_of(FOUR), start="entry").iloc[0]
    assert (found["median"], found["p90"]) == (22.5, 25.3)  # 19 and 26 days


def test_by_month_a_month_that_nobody_paid_yet_has_no_lag_and_says_so() -> None:
    found = payment_lag(ledger_of(FOUR), "month").set_index("month")
    young = found.loc[2026 * 12 + 1]
    assert pd.isna(young["median"]) and young["n"] == 0 and young["not_paid_yet"] == 1
    assert young["why"] == "no payer has paid any of these lines yet"


def test_a_payment_that_names_no_line_counts_for_every_line_of_its_claim() -> None:
    text = f"""{HEAD}
    A1,1,2026-01-05,2026-01-06,Aetna,99213,Charge,,100.00
    A1,2,2026-01-05,2026-01-06,Aetna,85025,Charge,,50.00
    A1,,2026-01-05,2026-01-25,Aetna,,Insurance Payment,,90.00"""
    found = payment_lag(ledger_of(text)).iloc[0]
    assert (found["n"], found["median"]) == (2, 20.0)


def test_a_refund_is_no_first_payment() -> None:
    text = f"""{HEAD}
    A1,1,2026-01-05,2026-01-06,Aetna,99213,Charge,,100.00
    A1,1,2026-01-05,2026-01-08,Aetna,99213,Insurance Payment,,-5.00
    A1,1,2026-01-05,2026-01-25,Aetna,99213,Insurance Payment,,90.00"""
    assert payment_lag(ledger_of(text))["median"].iloc[0] == 20.0


def test_a_wide_row_with_one_posting_date_has_neither_lag() -> None:
    wide = """Claim ID,DOS,Post Date,Payer,Billed,Ins Paid,Pt Paid,Contractual Adj
    A1,2026-01-05,2026-02-05,Aetna,200.00,100.00,0.00,50.00
    A2,2026-01-06,2026-02-05,Cigna,150.00,50.00,0.00,50.00"""
    found = lines(ledger_of(wide))
    late, paid = charge_lag(found).iloc[0], payment_lag(found).iloc[0]
    assert pd.isna(late["median"]) and late["undated"] == 2
    assert late["why"] == "the files do not say when charges were entered"
    assert pd.isna(paid["median"]) and paid["undated"] == 2
    assert "on which day a payer first paid" in paid["why"]
    assert set(values(found).values()) == {None}


def test_a_wide_row_with_a_payment_date_has_a_payment_lag() -> None:
    wide = """Claim ID,DOS,Payment Date,Payer,Billed,Ins Paid,Pt Paid,Contractual Adj
    A1,2026-01-05,2026-02-05,Aetna,200.00,100.00,0.00,50.00
    A2,2026-01-06,2026-02-10,Cigna,150.00,50.00,0.00,50.00"""
    found = lines(ledger_of(wide))
    assert payment_lag(found)["median"].iloc[0] == 33.0
    assert charge_lag(found)["n"].iloc[0] == 0


def test_a_long_ledger_row_without_a_posting_date_has_no_entry_date() -> None:
    text = FOUR.replace("2026-01-05,2026-01-06,Aetna", "2026-01-05,,Aetna")
    found = charge_lag(ledger_of(text)).iloc[0]
    assert (found["n"], found["undated"]) == (4, 1)


def test_a_remittance_knows_no_entry_but_a_payment() -> None:
    found = lines(read(("june.835", ERA)))
    assert charge_lag(found)["n"].iloc[0] == 0
    assert payment_lag(found)["n"].iloc[0] > 0


def test_bad_questions_are_refused() -> None:
    with pytest.raises(BadRequest, match="no start"):
        payment_lag(ledger_of(FOUR), start="birth")
    with pytest.raises(BadRequest, match="cannot group by"):
        charge_lag(ledger_of(FOUR), "reason")


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(-50, 500)), max_size=60),
    st.sampled_from([0.0, 0.25, 0.5, 0.9, 1.0]),
)
def test_quantiles_are_numpys(pairs: list[tuple[int, int]], share: float) -> None:
    group = np.array([g for g, _ in pairs], dtype=np.int64)
    days = np.array([d for _, d in pairs], dtype=np.int64)
    found = quantile_by(days, group, 4, share)
    for g in range(4):
        mine = days[group == g]
        if not len(mine):
            assert pd.isna(found[g])
        else:
            assert found[g] == pytest.approx(np.quantile(mine, share, method="linear"))


@given(st.data())
def test_counts_sum_to_all_insured_lines(data: st.DataObject) -> None:
    rows = FOUR.strip().splitlines()
    kept = [rows[0], *[r for r in rows[1:] if "Charge" in r or data.draw(st.booleans())]]
    found = payment_lag(ledger_of("\n".join(kept)), "month")
    counts = found[["n", "undated", "not_paid_yet", "never_paid"]].to_numpy().sum()
    assert counts == 4
