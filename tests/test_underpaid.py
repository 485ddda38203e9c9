"""Underpayments and outliers: what counts, what is counted apart, and sums that add up."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from support import ledger_of
from test_expected import HEAD, days, line

import writeoffs as wo
from writeoffs import expected, underpaid
from writeoffs.fee_schedule import Schedule

ROOT = Path(__file__).parent.parent


def fees(text: str = "Payer,Code,Allowed\nAetna,99213,110.00\n") -> Schedule:
    return wo.read_fee_schedule(("fees.csv", text.encode()))


def ledger(*rows: str) -> wo.Ledger:
    return ledger_of("\n".join([HEAD, *rows]))


def test_allowed_below_the_contract_by_more_than_a_dollar():
    """110.00 agreed: 100.00 is 10.00 short, 109.00 is within the dollar, 115.00 takes nothing off."""
    rows = [line(i, "2026-01-05", a) for i, a in enumerate((110, 100, 109, 115, 108.99))]
    [out] = wo.underpayments(ledger(*rows), fees()).to_dict("records")
    assert out["payer"] == "Aetna"
    assert (out["lines"], out["short_lines"]) == (5, 2)
    assert (out["short"], out["beyond"], out["against"]) == (1101, 901, 55000)
    assert out["rate"] == round(901 / 55000, 6)


def test_the_allowed_amount_is_compared_and_never_the_payment():
    """80.00 paid and 30.00 to the deductible is all of 110.00; so is 1.60 of sequestration."""
    head = "Claim,Service Date,Posting Date,Payer,CPT,Type,Reason,Amount"
    text = f"""{head}
        C1,2026-01-05,2026-01-05,Aetna,99213,Charge,,250.00
        C1,2026-01-05,2026-02-05,Aetna,99213,Insurance Payment,,78.40
        C1,2026-01-05,2026-02-05,Aetna,99213,Adjustment,CO-45,140.00
        C1,2026-01-05,2026-02-05,Aetna,99213,Adjustment,CO-253,1.60
        C1,2026-01-05,2026-02-05,Aetna,99213,Patient Responsibility,PR-1,30.00"""
    [out] = wo.underpayments(ledger_of(text), fees()).to_dict("records")
    assert (out["lines"], out["short"]) == (1, 0)


def test_denied_lines_and_lines_without_a_rate_are_not_compared():
    rows = [line(1, "2026-01-05", None), line(2, "2026-01-05", 90, payer="Cigna")]
    out = wo.underpayments(ledger(*rows), fees())
    assert len(out) == 0


@pytest.mark.parametrize("mod", ["59", "51", "XU", "25 59"])
def test_several_procedures_in_a_day_are_counted_apart(mod: str):
    [out] = wo.underpayments(ledger(line(1, "2026-01-05", 60, mod=mod)), fees()).to_dict("records")
    assert (out["lines"], out["short"], out["apart_lines"], out["apart"]) == (0, 0, 1, 5000)
    assert pd.isna(out["rate"])


@pytest.mark.parametrize(
    ("reason", "short"), [("CO-59", 0), ("59", 0), ("CO-45", 5000), ("CO-159", 5000)]
)
def test_a_cut_stated_as_carc_59_is_counted_apart(reason: str, short: int):
    head = "Claim,Service Date,Posting Date,Payer,CPT,Type,Reason,Amount"
    text = f"""{head}
        C1,2026-01-05,2026-01-05,Aetna,99213,Charge,,250.00
        C1,2026-01-05,2026-02-05,Aetna,99213,Insurance Payment,,60.00
        C1,2026-01-05,2026-02-05,Aetna,99213,Adjustment,{reason},190.00"""
    [out] = wo.underpayments(ledger_of(text), fees()).to_dict("records")
    assert out["short"] == short
    assert out["apart"] == 5000 - short


def test_a_line_that_the_payer_has_not_finished_is_counted_apart():
    row = "C1,1,2026-01-05,Aetna,99213,,,250.00,60.00,150.00,0.00,"  # 40.00 still open
    found = expected.lines(ledger(row), fees())
    [out] = underpaid.gaps(ledger(row), found, "schedule").to_dict("records")
    assert (out["apart"], out["short"], out["variance"]) == ("still open", 0, 1000)


def test_a_rate_is_for_one_unit():
    [out] = wo.underpayments(ledger(line(1, "2026-01-05", 150, units="2")), fees()).to_dict(
        "records"
    )
    assert (out["against"], out["short"]) == (22000, 7000)


def test_without_a_schedule_outliers_against_the_usual_are_five_percent_and_more():
    """Usually 110.00: 104.50 is 5 % below and stays; 104.00 is 6.00 below."""
    rows = [line(i, d, 110) for i, d in enumerate(days(1, 20))]
    out = wo.outliers(ledger(*rows, line(30, "2026-01-05", 104.50), line(31, "2026-01-15", 104)))
    assert (out["lines"][0], out["short_lines"][0], out["short"][0]) == (22, 1, 600)


def test_the_sample_holds_decisions_made_again_for_less():
    """In the sample some claims are taken back and allowed 15 % less; Summit Mutual pays anything."""
    own = wo.read(ROOT / "sample_data" / "practice_ledger.csv")
    gaps = underpaid.gaps(own, expected.lines(own), "usual")
    short = gaps[(gaps["short"] > 0) & (gaps["payer"] != "Summit Mutual")]
    assert len(short) == 20
    assert (short["allowed"] / short["against"]).round(2).unique().tolist() == [0.85]


def test_totals_by_anything_add_up_to_the_whole():
    own = wo.read(ROOT / "sample_data" / "practice_ledger.csv")
    gaps = underpaid.gaps(own, expected.lines(own), "usual", tolerance=0)
    [whole] = underpaid.totals(gaps).to_dict("records")
    for by in ("payer", "procedure", ["payer", "procedure"], "provider"):
        parts = underpaid.totals(gaps, by)
        for name in ("lines", "short_lines", "short", "beyond", "against", "apart"):
            assert parts[name].sum() == whole[name]
    assert whole["short"] == gaps["short"].sum() > 0


def test_unknown_columns_and_grounds_are_refused():
    own = ledger(line(1, "2026-01-05", 60))
    with pytest.raises(ValueError, match="cannot group by colour"):
        wo.underpayments(own, fees(), by="colour")
    with pytest.raises(ValueError, match="nothing to set against"):
        underpaid.gaps(own, expected.lines(own), "hope")


@pytest.mark.parametrize(
    ("rows", "against", "said"),
    [
        ([100, 110], "schedule", "Payers allowed $10 less than your fee schedule, on 1 of 2 lines"),
        ([110, 110], "schedule", "Payers kept to your fee schedule on all 2 lines compared"),
        ([], "schedule", "No line here can be compared with what should have been allowed"),
        ([110] * 6, "usual", "No payer allowed less than it usually does for the same code"),
        (
            [110] * 6 + [90] + [110] * 6,
            "usual",
            "$20 below what the same payer usually allows, on 1 of 13 lines",
        ),
    ],
)
def test_what_is_found_is_said_in_a_sentence(rows: list[int], against: str, said: str):
    denied = line(99, "2026-01-05", None, code="99215")
    own = ledger(denied, *[line(i, f"2026-01-{i + 1:02d}", a) for i, a in enumerate(rows)])
    found = underpaid.gaps(own, expected.lines(own, fees()), against)
    assert underpaid.finding(underpaid.totals(found), against) == said
