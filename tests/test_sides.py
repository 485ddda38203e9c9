"""Debit and credit columns: one amount on two sides, proved by the rows, never by the names."""

from __future__ import annotations

import json

import pytest
from support import differences, kinds_of, ledger_of, proposal_of, summary_of

from writeoffs.plan import Plan
from writeoffs.sides import side_of

ACCOUNT = """
    Acct #,DOS,Date,Payer,Description,Debit,Credit,Balance
    P1,2026-01-05,2026-01-06,Aetna,Office visit level 3,200.00,,200.00
    P1,2026-01-05,2026-02-01,Aetna,Insurance Payment,,100.00,100.00
    P1,2026-01-05,2026-02-01,Aetna,Contractual Adjustment,,60.00,40.00
    P1,2026-01-05,2026-02-09,Aetna,Patient Payment,,45.00,-5.00
    P1,2026-01-05,2026-02-20,Aetna,Patient Refund,5.00,,0.00
    P2,2026-01-07,2026-01-08,Cigna,Injection,80.00,,80.00
    P2,2026-01-07,2026-02-08,Cigna,Insurance Payment,,80.00,0.00
    P2,2026-01-07,2026-03-08,Cigna,Insurance Payment,80.00,,80.00
    P2,2026-01-07,2026-03-09,Cigna,Finance Charge,3.00,,83.00
    P2,2026-01-07,2026-03-10,Cigna,Bad debt write-off,,30.00,53.00
"""
EXPECTED = {
    "billed": "280.00",
    "other_debits": "3.00",
    "insurer_paid": "100.00",  # 80.00 was paid, and taken back on the debit side
    "patient_paid": "40.00",
    "written_off": "90.00",
    "open": "53.00",
}


def test_debits_and_credits_are_one_amount_with_a_direction() -> None:
    result = summary_of(ACCOUNT)
    assert not differences(EXPECTED, result["totals"])
    assert result["counts"]["rows_held"] == 0
    plan = proposal_of(ACCOUNT).plan
    assert plan.shape == "ledger"
    assert plan.columns["Debit"] == plan.columns["Credit"] == "transaction_amount"
    assert plan.columns["Description"] == "transaction_type"


def test_credits_written_with_a_minus_of_their_own_come_to_the_same() -> None:
    lines = ACCOUNT.strip().splitlines()
    signed = []
    for line in lines:
        cells = line.strip().split(",")
        cells[6] = f"-{cells[6]}" if cells[6][:1].isdigit() else cells[6]
        signed.append(",".join(cells))
    assert not differences(EXPECTED, summary_of("\n".join(signed))["totals"])


def test_zeros_on_the_other_side_say_nothing() -> None:
    zeros = ACCOUNT.replace(",,", ",0.00,").replace(".00,,", ".00,0.00,")
    assert not differences(EXPECTED, summary_of(zeros)["totals"])


def test_the_plan_is_saved_with_the_direction_of_each_side() -> None:
    plan = proposal_of(ACCOUNT).plan
    again = Plan.from_json(plan.to_json())
    assert again.signs == plan.signs and plan.signs["Credit"] == -1
    assert json.loads(plan.to_json())["columns"]["Debit"] == "transaction_amount"
    assert ledger_of(ACCOUNT, mapping=again).postings.equals(ledger_of(ACCOUNT).postings)


def test_charges_beside_credits_are_sides_too() -> None:
    text = """
        Claim,DOS,Date,Payer,Description,Charges,Credits
        1,2026-01-05,2026-01-06,Aetna,Office visit,200.00,
        1,2026-01-05,2026-02-01,Aetna,Insurance Payment,,100.00
        1,2026-01-05,2026-02-01,Aetna,Contractual Adjustment,,60.00
        1,2026-01-05,2026-02-02,Aetna,Patient Payment,,10.00
    """
    expected = {"billed": "200.00", "insurer_paid": "100.00", "written_off": "60.00"}
    assert not differences({**expected, "open": "30.00"}, summary_of(text)["totals"])


def test_two_amounts_on_most_rows_are_no_sides() -> None:
    text = """
        Claim,DOS,Date,Payer,Type,Debit,Credit
        1,2026-01-05,2026-01-06,Aetna,Charge,200.00,20.00
        1,2026-01-05,2026-02-01,Aetna,Insurance Payment,10.00,100.00
        1,2026-01-05,2026-02-01,Aetna,Contractual Adjustment,7.00,60.00
        1,2026-01-05,2026-02-02,Aetna,Patient Payment,,10.00
    """
    columns = proposal_of(text).plan.columns
    assert columns["Debit"] is None and columns["Credit"] is None


def test_a_credit_of_which_nothing_is_said_is_held() -> None:
    ledger = ledger_of(
        ACCOUNT.rstrip() + "\n    P2,2026-01-07,2026-03-11,Cigna,Zebra,,9.00,44.00\n"
    )
    assert "type_unknown" in kinds_of(ledger)
    assert ledger.held_cents == 900


@pytest.mark.parametrize(
    ("heading", "side"),
    [
        ("Debit", "debit"),
        ("Debits", "debit"),
        ("Debit Amt", "debit"),
        ("DR", "debit"),
        ("Credit", "credit"),
        ("CREDIT_AMOUNT", "credit"),
        ("CR", "credit"),
        ("Credit Balance", ""),
        ("Debit Adjustment", ""),
        ("Credit Card", ""),
        ("Dr. Smith", ""),
        ("Amount", ""),
    ],
)
def test_a_heading_names_a_side_or_none(heading: str, side: str) -> None:
    assert side_of(heading) == side
