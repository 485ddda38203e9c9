"""Service months by age: what falls in which cell, as of the end and the middle of a month."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import writeoffs as wo
from tests.support import ledger_of
from writeoffs import measures
from writeoffs.triangle import RunOff, Triangle, run_off, summed, triangle

ROOT = Path(__file__).parents[1]
LEDGER = """
    Claim ID,Service Date,Posting Date,Payer,Type,Reason,Amount
    A1,2026-01-05,2026-01-06,Aetna,Charge,,500.00
    A1,2026-01-05,2026-02-10,Aetna,Insurance Payment,,100.00
    A1,2026-01-05,2026-02-20,Aetna,Insurance Payment,,30.00
    A1,2026-01-05,2026-03-20,Aetna,Adjustment,CO-45,200.00
    A2,2026-02-07,2026-02-08,Cigna,Charge,,300.00
    A2,2026-02-07,2026-03-14,Cigna,Insurance Payment,,90.00
    A2,2026-02-07,2026-04-01,Cigna,Insurance Payment,,-10.00
    A3,2026-03-30,2026-03-31,Cigna,Charge,,80.00
    A3,2026-03-30,2026-04-15,Cigna,Insurance Payment,,40.00
"""


def paid(runoff: RunOff) -> Triangle:
    return triangle(runoff, summed(runoff), measures.PAID)


def test_as_of_mid_month_ages_end_on_that_day():
    """As of 15 April: January is one month old on 15 February, two on 15 March, three now."""
    runoff = run_off(ledger_of(LEDGER))
    assert (runoff.first, runoff.last, runoff.seen) == (2026 * 12, 2026 * 12 + 2, 2026 * 12 + 3)
    assert runoff.youngest == 1
    found = paid(runoff)
    assert found.cents.tolist() == [[10000, 13000, 13000], [9000, 8000, 0], [4000, 0, 0]]
    assert found.known.tolist() == [[True] * 3, [True, True, False], [True, False, False]]


def test_as_of_the_last_day_ages_are_calendar_months():
    runoff = run_off(ledger_of(LEDGER).at(date(2026, 3, 31)))
    assert (runoff.seen, runoff.youngest) == (2026 * 12 + 2, 0)
    assert paid(runoff).cents.tolist() == [[0, 13000, 13000], [0, 9000, 0], [0, 0, 0]]


def test_a_month_that_is_not_over_has_no_row():
    runoff = run_off(ledger_of(LEDGER).at(date(2026, 3, 30)))
    assert (runoff.last, runoff.months) == (2026 * 12 + 1, 2)


def test_the_frame_is_na_where_nothing_is_known():
    out = paid(run_off(ledger_of(LEDGER))).frame()
    assert list(out.columns) == ["month", 1, 2, 3]
    assert out[3].isna().tolist() == [False, True, True]
    assert out[3].iloc[0] == 13000


def test_money_without_a_date_is_in_no_cell_but_said():
    text = LEDGER + "    A2,2026-02-07,,Cigna,Insurance Payment,,7.00\n"
    found = paid(run_off(ledger_of(text)))
    assert found.undated == 700
    assert found.cents[1].tolist() == [9000, 8000, 0]


def test_the_newest_cells_are_what_the_measures_say():
    """Every cent of the sample's months that are over stands on the newest diagonal."""
    ledger = wo.read(ROOT / "sample_data" / "practice_ledger.csv")
    runoff = run_off(ledger)
    sums = summed(runoff)
    table = wo.totals(ledger, "month")
    for name in ("paid", "avoidable", "contractual", "billed", "written_off"):
        found = triangle(runoff, sums, measures.MEASURES[name].numerator)
        newest = found.cents[np.arange(24), found.known.sum(axis=1) - 1]
        months = table[table["month"] <= pd.Period("2026-10", "M")]
        assert newest.tolist() == months[name].tolist(), name


def test_a_wide_export_is_a_snapshot():
    assert run_off(wo.read(ROOT / "sample_data" / "practice_lines.csv")).snapshot
    assert not run_off(ledger_of(LEDGER)).snapshot


def test_without_dates_there_are_no_months():
    undated = "Claim ID,Payer,Billed,Ins Paid\nA1,Aetna,200.00,90.00\n"
    runoff = run_off(ledger_of(undated))
    assert runoff.months == 0
    assert paid(runoff).cents.size == 0


@pytest.mark.parametrize("day", [date(2026, 2, 28), date(2026, 4, 15), date(2026, 4, 14)])
def test_nothing_posted_is_lost_on_any_day(day: date):
    ledger = ledger_of(LEDGER).at(day)
    runoff = run_off(ledger)
    found = paid(runoff)
    newest = found.cents[np.arange(len(found.cents)), found.known.sum(axis=1) - 1]
    over = wo.totals(ledger, "month")
    over = over[over["month"] <= pd.Period(ordinal=runoff.last - 1970 * 12, freq="M")]
    assert newest.sum() == over["paid"].sum()
