"""From month to month: a roll-forward by hand, on random books, and against re-settled ledgers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from support import ledger_of
from test_invariants import Rows, book, either, given

from writeoffs.ar_days import days_in_ar
from writeoffs.ledger import Ledger
from writeoffs.metrics import View
from writeoffs.reading import read
from writeoffs.receivables import balances, old_shares
from writeoffs.rolling import FLOWS, month_ends, roll_forward, ties, trend

SAMPLE = Path(__file__).parents[1] / "sample_data" / "practice_ledger.csv"
JAN = 2026 * 12
BY_HAND = """Claim,Service Date,Posting Date,Payer,Type,Reason,Amount
A1,2026-01-05,2026-01-06,Aetna,Charge,,500.00
A1,2026-01-05,2026-03-02,Aetna,Insurance Payment,,300.00
A1,2026-01-05,2026-03-02,Aetna,Adjustment,CO-45,150.00
A2,2026-01-31,2026-02-02,Aetna,Charge,,100.00
A2,2026-01-31,2026-04-01,Aetna,Insurance Payment,,100.00
A2,2026-01-31,2026-04-20,Aetna,Insurance Payment,,-60.00"""


@pytest.fixture(scope="module")
def sample() -> Ledger:
    return read(SAMPLE)


def test_by_hand() -> None:
    roll = roll_forward(ledger_of(BY_HAND))
    assert roll["month"].tolist() == [JAN, JAN + 1, JAN + 2, JAN + 3]
    assert roll["start"].tolist() == [0, 50000, 60000, 15000]
    assert roll["billed"].tolist() == [50000, 10000, 0, 0]
    assert roll["paid"].tolist() == [0, 0, 30000, 4000]
    assert roll["written_off"].tolist() == [0, 0, 15000, 0]
    assert roll["end"].tolist() == [50000, 60000, 15000, 11000]


def test_a_month_without_postings_keeps_its_row() -> None:
    text = BY_HAND.replace("2026-03-02", "2026-05-02").replace("2026-04-", "2026-05-")
    assert roll_forward(ledger_of(text))["month"].tolist() == list(range(JAN, JAN + 5))


def test_money_without_a_posting_date_has_a_row_of_its_own_and_comes_first() -> None:
    text = BY_HAND.replace("2026-03-02,Aetna,Adjustment", ",Aetna,Adjustment")
    roll = roll_forward(ledger_of(text))
    assert pd.isna(roll["month"].iloc[0])
    assert roll.loc[0, ["start", "written_off", "end"]].tolist() == [0, 15000, -15000]
    assert roll["end"].iloc[-1] == 11000


def test_a_charge_without_an_entry_date_counts_in_its_month_of_service() -> None:
    wide = """Claim ID,DOS,Payer,Billed,Ins Paid,Pt Paid,Contractual Adj
    A1,2026-01-05,Aetna,200.00,0.00,0.00,0.00
    A2,2026-03-06,Cigna,150.00,0.00,0.00,0.00"""
    roll = roll_forward(ledger_of(wide))
    assert roll["billed"].tolist() == [20000, 0, 15000]


def test_what_does_not_tie_has_a_column_so_that_the_end_is_the_balance_stated() -> None:
    wide = """Claim ID,DOS,Post Date,Payer,Billed,Ins Paid,Pt Paid,Contractual Adj,Balance
    A1,2026-01-05,2026-02-05,Aetna,200.00,100.00,0.00,50.00,50.00
    A2,2026-01-06,2026-02-05,Cigna,150.00,50.00,0.00,50.00,50.00
    A3,2026-01-06,2026-02-05,Cigna,150.00,50.00,0.00,50.00,40.00"""
    found = ledger_of(wide)
    roll = roll_forward(found)
    assert int(roll["does_not_tie"].sum()) == 1000
    assert ties(roll, 14000) and not ties(roll, 15000)


def test_without_what_is_open_there_is_no_roll_forward() -> None:
    charges = ledger_of("Claim ID,DOS,Payer,Billed\nA1,2026-01-05,Aetna,200.00")
    assert not len(roll_forward(charges))
    assert not len(month_ends(charges))
    assert not len(trend(charges))


@given(either)
def test_every_book_rolls_forward_under_every_filter(rows: Rows) -> None:
    found = book(rows)
    views = [View(found.cube, found.can_say)]
    for name in ("payer", "provider", "location"):
        codes = found.cube[name].cat.codes
        views += [View(found.cube[codes == c], found.can_say) for c in codes.unique()]
    for view in views:
        roll = roll_forward(view)
        opened = int(view.cube.loc[view.cube["entry"] == "open", "cents"].sum())
        assert ties(roll, opened)
        signed = sum(sign * roll[name] for name, sign in FLOWS)
        assert (roll["start"] + signed == roll["end"]).all()


@given(either)
def test_month_ends_are_the_ends_of_the_roll_forward(rows: Rows) -> None:
    found = book(rows)
    ends = month_ends(found, 600).groupby("month")["open"].sum()
    roll = roll_forward(found)
    roll = roll[roll["month"].notna()]
    rolled = roll["end"].set_axis(roll["month"].astype(int))
    assert len(ends)
    assert ends.tolist() == rolled.reindex(ends.index, method="ffill").fillna(0).tolist()


@pytest.mark.parametrize(
    "day", [date(2025, 2, 28), date(2025, 12, 31), date(2026, 6, 30), date(2026, 11, 13)]
)
def test_month_ends_are_what_settling_again_as_of_that_day_gives(sample: Ledger, day: date) -> None:
    month = day.year * 12 + day.month - 1
    mine = trend(sample).set_index("month").loc[month]
    again = sample.at(day)
    sums = balances(again, "party").set_index("party")
    for party in ("insurer", "patient"):
        assert mine[party] == sums.loc[party, "owed"]
    assert mine["credit"] == sums["credit"].sum()
    assert mine["unapplied"] == sums["unapplied"].sum()
    assert mine["over_90"] == old_shares(again)["over_90"].iloc[0]
    assert mine["days_in_ar"] == pytest.approx(days_in_ar(again)["value"].iloc[0])


def test_the_sample_ties_to_the_cent(sample: Ledger) -> None:
    assert ties(roll_forward(sample), int(sample.settled.open.sum()))


def test_the_first_months_say_why_they_have_no_days(sample: Ledger) -> None:
    found = trend(sample, month_ends(sample, 24))
    assert pd.isna(found["days_in_ar"].iloc[0])
    assert found["why"].iloc[0] == "fewer than 90 days of charges before it"
    assert (found["why"].iloc[3:] == "").all()


def test_an_earlier_as_of_date_ends_the_series_there(sample: Ledger) -> None:
    found = replace(sample).at(date(2026, 3, 15))
    assert int(month_ends(found)["month"].max()) == 2026 * 12 + 2
    assert ties(roll_forward(found), int(found.settled.open.sum()))
