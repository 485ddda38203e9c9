"""Avoidable write-offs at expected allowed: ties to the cube, never above either bound."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import ledger_of
from test_expected import HEAD, days, line

import writeoffs as wo
from writeoffs import catalogue, expected, recoverable
from writeoffs.metrics import View, table

ROOT = Path(__file__).parent.parent


def known() -> list[str]:
    """Five lines that make 110.00 Aetna's usual price."""
    return [line(i, d, 110) for i, d in enumerate(days(1, 5))]


def of(*rows: str, by: str | list[str] = "claim"):
    return wo.avoidable_at_expected(ledger_of("\n".join([HEAD, *rows])), by)


def test_a_line_nobody_can_price_is_listed_apart_at_its_billed_price():
    [out] = of(line(9, "2026-01-03", None)).to_dict("records")
    assert (out["gross"], out["at_expected"], out["not_valued"]) == (25000, 0, 25000)
    assert out["implied_contractual"] == 0


def test_what_was_allowed_already_is_taken_off():
    """110.00 expected, 80.00 allowed and 50.00 lost: 30.00 could come back."""
    cut = "C9,1,2026-01-03,Aetna,99213,,,250.00,80.00,120.00,50.00,CO-29"
    [out] = of(*known(), cut).to_dict("records")
    assert (out["gross"], out["at_expected"], out["implied_contractual"]) == (5000, 3000, 2000)


def test_a_small_loss_counts_whole_and_a_line_allowed_in_full_for_nothing():
    small = "C8,1,2026-01-03,Aetna,99213,,,250.00,100.00,145.00,5.00,CO-29"
    above = "C9,1,2026-01-03,Aetna,99213,,,250.00,120.00,90.00,40.00,CO-29"
    out = of(*known(), small, above).set_index("claim")
    assert out["at_expected"].to_dict() == {"C8": 500, "C9": 0}


def test_two_reasons_on_a_line_share_its_value():
    head = "Claim,Service Date,Posting Date,Payer,CPT,Type,Reason,Amount"
    rows = [
        f"{claim},{d},{d},Aetna,99213,{kind},{why},{cents}"
        for i, d in enumerate(days(1, 5))
        for claim, kind, why, cents in (
            (f"C{i}", "Charge", "", "250.00"),
            (f"C{i}", "Insurance Payment", "", "100.00"),
            (f"C{i}", "Adjustment", "CO-45", "150.00"),
        )
    ]
    rows += [
        "D,2026-01-03,2026-01-03,Aetna,99213,Charge,,250.00",
        "D,2026-01-03,2026-02-03,Aetna,99213,Adjustment,CO-29,150.00",
        "D,2026-01-03,2026-03-03,Aetna,99213,Adjustment,CO-197,100.00",
    ]
    out = wo.avoidable_at_expected(ledger_of("\n".join([head, *rows])), "category")
    assert dict(zip(out["category"], out["at_expected"], strict=True)) == {
        "timely_filing": 6000,
        "authorization": 4000,
    }


amounts = st.lists(
    st.tuples(st.integers(0, 3), st.integers(-50_000, 90_000)), min_size=1, max_size=20
)


@settings(max_examples=200, deadline=None)
@given(amounts, st.lists(st.integers(0, 60_000), min_size=4, max_size=4))
def test_rows_of_a_line_add_up_to_what_it_lost_to_the_cent(rows, rooms):
    line_ = np.array([r[0] for r in rows], dtype=np.int64)
    gross = np.array([r[1] for r in rows], dtype=np.int64)
    room = np.array(rooms, dtype=np.int64)[line_]
    part = recoverable.valued(line_, gross, room)
    for one in set(line_.tolist()):
        whole = int(gross[line_ == one].sum())
        wanted = min(whole, rooms[one]) if whole > 0 else whole
        assert int(part[line_ == one].sum()) == wanted


@pytest.mark.parametrize("basis", ["service", "post"])
@pytest.mark.parametrize("by", ["payer", "provider", "location"])
def test_gross_is_the_cubes_avoidable_under_every_filter(basis: str, by: str):
    ledger = wo.read(ROOT / "sample_data" / "practice_ledger.csv")
    rows = recoverable.rows(ledger, expected.every(ledger))
    keys = [by, f"{basis}_month"]
    cube = table(View(ledger.cube, ledger.can_say, basis), ["avoidable"], keys)
    cube = cube[cube["avoidable"] != 0]
    mine = recoverable.totals(rows, keys)
    mine = mine[mine["gross"] != 0]
    told = {tuple(map(str, r)) for r in cube[[*keys, "avoidable"]].to_numpy()}
    assert {tuple(map(str, r)) for r in mine[[*keys, "gross"]].to_numpy()} == told


def test_the_measures_are_in_the_catalogue():
    for name in ("avoidable_at_expected", "avoidable_not_valued", "avoidable_rate_at_expected"):
        assert catalogue.measure(name).rows == "lines"


def test_the_rate_sets_like_against_like():
    """Five lines at 110.00 and one lost at 110.00: 110 of 660."""
    ledger = ledger_of("\n".join([HEAD, *known(), line(9, "2026-01-03", None)]))
    every = expected.every(ledger)
    rows = recoverable.rows(ledger, every)
    assert recoverable.rate(rows, expected.charged(every)) == round(110 / 660, 6)
    assert recoverable.rate(rows[:0], expected.charged(every)[:0]) is None


def test_an_unknown_column_is_refused():
    with pytest.raises(ValueError, match="cannot group by colour"):
        of(line(9, "2026-01-03", None), by="colour")


def test_both_prices_in_words_and_beside_a_table_of_payers():
    lost = line(9, "2026-01-03", None)
    alone = line(8, "2026-01-03", None, payer="Cigna")
    ledger = ledger_of("\n".join([HEAD, *known(), lost, alone]))
    rows = recoverable.rows(ledger, expected.every(ledger))
    assert recoverable.finding(recoverable.totals(rows), 0.125) == (
        "Avoidable losses: $500 at billed prices; $110 at expected allowed; $250 of it (at billed"
        " prices) cannot be valued. At expected allowed that is 12.5% of what payers should have"
        " allowed."
    )
    payers = pd.DataFrame({"payer": ["Aetna", "Cigna", "Medicare"]})
    assert recoverable.beside(payers, rows)["at_expected"].tolist() == [11000, 0, 0]
