"""The cases at the end of the posting rules, each as the export that would hold it.

Long ledgers where a case needs dates. What only a remittance (X12 835) can hold stands in
test_adjudications.py: the cut of a repeated contractual, takebacks by PLB, interest inside CLP04,
the capitation cheque, OA-18 that posts nothing. An agency's fee on recovered debt is on no export.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import pytest
from support import differences, kinds_of, ledger_of, summary_of

NONE: Final[Mapping[str, Any]] = MappingProxyType({})
HEAD = "Claim,Patient ID,Service Date,Posting Date,Payer,CPT,Type,Reason,Amount"


class Case(NamedTuple):
    """``rows`` of a long ledger; what they come to."""

    name: str
    rows: str
    totals: dict[str, str | None]
    rates: Mapping[str, float | None] = NONE
    write_offs: dict[str, str] | None = None
    claims: int | None = 1


CASES = [
    Case(
        "commercial",
        """
        C1,P1,2026-01-05,2026-01-06,Aetna,99214,Charge,,500.00
        C1,P1,2026-01-05,2026-02-01,Aetna,99214,Insurance Payment,,200.00
        C1,P1,2026-01-05,2026-02-01,Aetna,99214,Adjustment,CO-45,200.00
        C1,P1,2026-01-05,2026-02-01,Aetna,99214,Patient Responsibility,PR-1,50.00
        C1,P1,2026-01-05,2026-02-01,Aetna,99214,Patient Responsibility,PR-2,50.00
        C1,P1,2026-01-05,2026-03-01,Aetna,99214,Patient Payment,,60.00
        """,
        {"open": "40.00", "patient_open": "40.00", "deductible": "50.00", "coinsurance": "50.00"},
        {"write_off_rate": 0.4, "gross_collection_rate": 0.52, "net_collection_rate": 0.866667},
    ),
    Case(
        "sequestration",
        """
        C1,P1,2026-01-05,2026-01-06,Medicare,99213,Charge,,150.00
        C1,P1,2026-01-05,2026-02-01,Medicare,99213,Insurance Payment,,39.20
        C1,P1,2026-01-05,2026-02-01,Medicare,99213,Adjustment,CO-45,50.00
        C1,P1,2026-01-05,2026-02-01,Medicare,99213,Adjustment,CO-253,0.80
        C1,P1,2026-01-05,2026-02-01,Medicare,99213,Patient Responsibility,PR-1,60.00
        """,
        {"open": "60.00", "patient_open": "60.00", "written_off": "50.80"},
        {"contractual_rate": 0.338667},
        {"contractual": "50.00", "sequestration": "0.80"},
    ),
    Case(
        "second payer, right",
        """
        C1,P1,2026-01-05,2026-01-06,Medicare,99214,Charge,,500.00
        C1,P1,2026-01-05,2026-02-01,Medicare,99214,Insurance Payment,,300.00
        C1,P1,2026-01-05,2026-02-01,Medicare,99214,Adjustment,CO-45,125.00
        C1,P1,2026-01-05,2026-02-01,Medicare,99214,Patient Responsibility,PR-1,75.00
        C1,P1,2026-01-05,2026-03-01,Medicaid,99214,Insurance Payment,,65.00
        C1,P1,2026-01-05,2026-03-01,Medicaid,99214,Adjustment,OA-23,425.00
        C1,P1,2026-01-05,2026-03-01,Medicaid,99214,Adjustment,CO-45,10.00
        C1,P1,2026-01-05,2026-03-01,Medicaid,99214,Patient Responsibility,PR-1,-75.00
        """,
        {
            "billed": "500.00",
            "insurer_paid": "365.00",
            "open": "0.00",
            "patient_open": "0.00",
            "patient_responsibility": "0.00",
        },
        {"net_collection_rate": 1.0},
        {"contractual": "135.00"},
    ),
    Case(
        "second payer repeats CO-45: an export is flagged by its credit, never corrected",
        """
        C1,P1,2026-01-05,2026-01-06,Medicare,99214,Charge,,500.00
        C1,P1,2026-01-05,2026-02-01,Medicare,99214,Insurance Payment,,300.00
        C1,P1,2026-01-05,2026-02-01,Medicare,99214,Adjustment,CO-45,125.00
        C1,P1,2026-01-05,2026-03-01,Medicaid,99214,Insurance Payment,,65.00
        C1,P1,2026-01-05,2026-03-01,Medicaid,99214,Adjustment,CO-45,435.00
        """,
        {"open": "-425.00"},
    ),
    Case(
        "reversal and correction",
        """
        C1,P1,2026-01-05,2026-01-06,Aetna,99213,Charge,,200.00
        C1,P1,2026-01-05,2026-02-01,Aetna,99213,Insurance Payment,,96.00
        C1,P1,2026-01-05,2026-02-01,Aetna,99213,Adjustment,CO-45,80.00
        C1,P1,2026-01-05,2026-02-01,Aetna,99213,Patient Responsibility,PR-2,24.00
        C1,P1,2026-01-05,2026-03-01,Aetna,99213,Charge,,-200.00
        C1,P1,2026-01-05,2026-03-01,Aetna,99213,Insurance Payment,,-96.00
        C1,P1,2026-01-05,2026-03-01,Aetna,99213,Adjustment,CO-45,-80.00
        C1,P1,2026-01-05,2026-03-01,Aetna,99213,Patient Responsibility,PR-2,-24.00
        C1,P1,2026-01-05,2026-03-02,Aetna,99213,Charge,,200.00
        C1,P1,2026-01-05,2026-03-02,Aetna,99213,Adjustment,CO-97,200.00
        """,
        {
            "billed": "200.00",
            "insurer_paid": "0.00",
            "open": "0.00",
            "patient_responsibility": "0.00",
        },
        {"write_off_rate": 1.0, "contractual_rate": 0.0, "avoidable_rate": 0.0},
        {"bundling": "200.00"},
    ),
    Case(
        "capitation and copay",
        """
        C1,P1,2026-01-05,2026-01-06,HMO,99213,Charge,,150.00
        C1,P1,2026-01-05,2026-02-01,HMO,99213,Adjustment,CO-24,130.00
        C1,P1,2026-01-05,2026-02-01,HMO,99213,Patient Responsibility,PR-3,20.00
        C1,P1,2026-01-05,2026-01-05,HMO,99213,Patient Payment,,20.00
        """,
        {"open": "0.00", "patient_open": "0.00", "copay": "20.00"},
        {"net_collection_rate": 1.0, "write_off_rate": 0.0},
        {"capitation": "130.00"},
    ),
    Case(
        "copay before adjudication is prepaid, no credit",
        """
        C1,P1,2026-01-05,2026-01-06,Aetna,99213,Charge,,150.00
        C1,P1,2026-01-05,2026-01-05,Aetna,99213,Patient Payment,,25.00
        C2,P2,2026-01-05,2026-01-06,Aetna,99213,Charge,,10.00
        C2,P2,2026-01-05,2026-02-06,Aetna,99213,Patient Responsibility,PR-3,10.00
        """,
        {"open": "135.00", "patient_open": "10.00"},
        claims=2,
    ),
    Case(
        "copay above the share, adjudicated: a real credit",
        """
        C1,P1,2026-01-05,2026-01-06,Aetna,99213,Charge,,150.00
        C1,P1,2026-01-05,2026-01-05,Aetna,99213,Patient Payment,,25.00
        C1,P1,2026-01-05,2026-02-01,Aetna,99213,Insurance Payment,,80.00
        C1,P1,2026-01-05,2026-02-01,Aetna,99213,Adjustment,CO-45,50.00
        C1,P1,2026-01-05,2026-02-01,Aetna,99213,Patient Responsibility,PR-3,20.00
        """,
        {"open": "-5.00", "patient_open": "-5.00"},
    ),
    Case(
        "the credit refunded",
        """
        C1,P1,2026-01-05,2026-01-06,Aetna,99213,Charge,,150.00
        C1,P1,2026-01-05,2026-01-05,Aetna,99213,Patient Payment,,25.00
        C1,P1,2026-01-05,2026-02-01,Aetna,99213,Insurance Payment,,80.00
        C1,P1,2026-01-05,2026-02-01,Aetna,99213,Adjustment,CO-45,50.00
        C1,P1,2026-01-05,2026-02-01,Aetna,99213,Patient Responsibility,PR-3,20.00
        C1,P1,2026-01-05,2026-03-01,Aetna,99213,Patient Refund,,5.00
        """,
        {"open": "0.00", "patient_open": "0.00", "patient_paid": "20.00"},
    ),
    Case(
        "bad check and its fee",
        """
        C1,P1,2026-01-05,2026-01-06,Aetna,99213,Charge,,100.00
        C1,P1,2026-01-05,2026-02-01,Aetna,99213,Insurance Payment,,75.00
        C1,P1,2026-01-05,2026-02-01,Aetna,99213,Patient Responsibility,PR-2,25.00
        C1,P1,2026-01-05,2026-02-10,Aetna,99213,Patient Payment,,25.00
        C1,P1,2026-01-05,2026-02-20,Aetna,99213,NSF Check,,-25.00
        C1,P1,2026-01-05,2026-02-20,Aetna,99213,NSF Fee,,35.00
        """,
        {
            "billed": "100.00",
            "other_debits": "35.00",
            "patient_paid": "0.00",
            "open": "60.00",
            "patient_open": "60.00",
        },
    ),
    Case(
        "bad debt",
        """
        C1,P1,2026-01-05,2026-01-06,Aetna,99213,Charge,,100.00
        C1,P1,2026-01-05,2026-02-01,Aetna,99213,Insurance Payment,,60.00
        C1,P1,2026-01-05,2026-02-01,Aetna,99213,Patient Responsibility,PR-1,40.00
        C1,P1,2026-01-05,2026-06-01,Aetna,99213,Adjustment,Bad debt,40.00
        """,
        {"open": "0.00", "patient_open": "0.00", "patient_responsibility": "40.00"},
        {"avoidable_rate": 0.0, "net_collection_rate": 0.6},
        {"bad_debt": "40.00"},
    ),
    Case(
        "bad debt, later recovered: the write-off is undone",
        """
        C1,P1,2026-01-05,2026-01-06,Aetna,99213,Charge,,100.00
        C1,P1,2026-01-05,2026-02-01,Aetna,99213,Insurance Payment,,60.00
        C1,P1,2026-01-05,2026-02-01,Aetna,99213,Patient Responsibility,PR-1,40.00
        C1,P1,2026-01-05,2026-06-01,Aetna,99213,Adjustment,Bad debt,40.00
        C1,P1,2026-01-05,2026-09-01,Aetna,99213,Patient Payment,,40.00
        """,
        {"open": "0.00", "patient_open": "0.00", "written_off": "0.00", "patient_paid": "40.00"},
        {"net_collection_rate": 1.0},
        {},
    ),
    Case(
        "charity",
        """
        C1,P1,2026-01-05,2026-01-06,Aetna,99213,Charge,,100.00
        C1,P1,2026-01-05,2026-02-01,Aetna,99213,Insurance Payment,,60.00
        C1,P1,2026-01-05,2026-02-01,Aetna,99213,Patient Responsibility,PR-1,40.00
        C1,P1,2026-01-05,2026-03-01,Aetna,99213,Adjustment,Charity care,40.00
        """,
        {"patient_responsibility": "40.00", "patient_open": "0.00", "open": "0.00"},
        {"avoidable_rate": 0.0},
        {"charity": "40.00"},
    ),
    Case(
        "prompt pay",
        """
        C1,P1,2026-01-05,2026-01-06,Aetna,99213,Charge,,120.00
        C1,P1,2026-01-05,2026-02-01,Aetna,99213,Insurance Payment,,40.00
        C1,P1,2026-01-05,2026-02-01,Aetna,99213,Adjustment,CO-45,40.00
        C1,P1,2026-01-05,2026-02-01,Aetna,99213,Patient Responsibility,PR-1,40.00
        C1,P1,2026-01-05,2026-03-01,Aetna,99213,Patient Payment,,36.00
        C1,P1,2026-01-05,2026-03-01,Aetna,99213,Adjustment,Prompt pay discount,4.00
        """,
        {"patient_open": "0.00", "open": "0.00"},
        {"net_collection_rate": 0.95},
        {"contractual": "40.00", "prompt_pay_discount": "4.00"},
    ),
    Case(
        "denied, appealed, paid",
        """
        C1,P1,2026-01-05,2026-01-06,Aetna,99213,Charge,,200.00
        C1,P1,2026-01-05,2026-02-01,Aetna,99213,Adjustment,CO-50,200.00
        C1,P1,2026-01-05,2026-04-01,Aetna,99213,Adjustment,CO-50,-200.00
        C1,P1,2026-01-05,2026-04-01,Aetna,99213,Insurance Payment,,120.00
        C1,P1,2026-01-05,2026-04-01,Aetna,99213,Adjustment,CO-45,80.00
        """,
        {"open": "0.00"},
        {"net_collection_rate": 1.0, "avoidable_rate": 0.0},
        {"contractual": "80.00"},
    ),
    Case(
        "QMB, the next payer still to come",
        """
        C1,P1,2026-01-05,2026-01-06,Medicare,99213,Charge,,150.00
        C1,P1,2026-01-05,2026-02-01,Medicare,99213,Insurance Payment,,78.40
        C1,P1,2026-01-05,2026-02-01,Medicare,99213,Adjustment,CO-45,50.00
        C1,P1,2026-01-05,2026-02-01,Medicare,99213,Adjustment,CO-253,1.60
        C1,P1,2026-01-05,2026-02-01,Medicare,99213,Adjustment,OA-209,20.00
        C2,P2,2026-01-05,2026-01-06,Medicare,99213,Charge,,10.00
        C2,P2,2026-01-05,2026-02-06,Medicare,99213,Patient Responsibility,PR-2,10.00
        """,
        {"open": "30.00", "patient_open": "10.00", "patient_responsibility": "10.00"},
        {},
        {"contractual": "50.00", "sequestration": "1.60"},
        claims=2,
    ),
    Case(
        "QMB, no further payer",
        """
        C1,P1,2026-01-05,2026-01-06,Medicare,99213,Charge,,150.00
        C1,P1,2026-01-05,2026-02-01,Medicare,99213,Insurance Payment,,78.40
        C1,P1,2026-01-05,2026-02-01,Medicare,99213,Adjustment,CO-45,50.00
        C1,P1,2026-01-05,2026-02-01,Medicare,99213,Adjustment,CO-253,1.60
        C1,P1,2026-01-05,2026-03-01,Medicare,99213,Adjustment,QMB cost share,20.00
        """,
        {"open": "0.00"},
        {"net_collection_rate": 1.0},
        {"contractual": "50.00", "sequestration": "1.60", "regulatory": "20.00"},
    ),
    Case(
        "non-participating, unassigned",
        """
        C1,P1,2026-01-05,2026-01-06,Medicare,99213,Charge,,650.00
        C1,P1,2026-01-05,2026-02-01,Medicare,99213,Adjustment,CO-45,158.37
        C1,P1,2026-01-05,2026-02-01,Medicare,99213,Patient Responsibility,PR-2,85.50
        C1,P1,2026-01-05,2026-02-01,Medicare,99213,Patient Responsibility,PR-45,64.13
        C1,P1,2026-01-05,2026-02-01,Medicare,99213,Patient Responsibility,PR-100,342.00
        C1,P1,2026-01-05,2026-03-01,Medicare,99213,Patient Payment,,491.63
        """,
        {
            "open": "0.00",
            "insurer_paid": "0.00",
            "patient_paid": "491.63",
            "patient_open": "0.00",
            "patient_responsibility": "149.63",
            "patient_other": "64.13",
        },
    ),
    Case(
        "self-pay with discount",
        """
        C1,P1,2026-01-05,2026-01-06,Self-pay,99213,Charge,,200.00
        C1,P1,2026-01-05,2026-01-06,Self-pay,99213,Adjustment,Self-pay discount,80.00
        C1,P1,2026-01-05,2026-01-06,Self-pay,99213,Patient Payment,,120.00
        """,
        {"open": "0.00", "patient_open": "0.00", "patient_responsibility": None},
        {"write_off_rate": 0.4, "net_collection_rate": 0.6},
        {"self_pay_discount": "80.00"},
    ),
    Case(
        "allowed above billed",
        """
        C1,P1,2026-01-05,2026-01-06,Aetna,99213,Charge,,100.00
        C1,P1,2026-01-05,2026-02-01,Aetna,99213,Insurance Payment,,120.00
        C1,P1,2026-01-05,2026-02-01,Aetna,99213,Adjustment,CO-94,-20.00
        """,
        {"open": "0.00", "written_off": "0.00", "other_adjustments": "-20.00"},
        {"gross_collection_rate": 1.2, "net_collection_rate": 1.0},
        {},
    ),
    Case(
        "duplicate, booked twice",
        """
        C1,P1,2026-01-05,2026-01-06,Aetna,99213,Charge,,200.00
        C1,P1,2026-01-05,2026-02-01,Aetna,99213,Insurance Payment,,200.00
        C2,P1,2026-01-05,2026-01-07,Aetna,99213,Charge,,200.00
        C2,P1,2026-01-05,2026-02-01,Aetna,99213,Adjustment,OA-18,200.00
        """,
        {"billed": "400.00", "open": "0.00"},
        {"net_collection_rate": 1.0, "write_off_rate": 0.0},
        {"duplicate": "200.00"},
        claims=2,
    ),
    Case(
        "transfer from payer to patient: a pair that moves nothing",
        """
        C1,P1,2026-01-05,2026-01-06,Aetna,99213,Charge,,100.00
        C1,P1,2026-01-05,2026-02-01,Aetna,99213,Insurance Payment,,80.00
        C1,P1,2026-01-05,2026-02-02,Aetna,99213,Transfer,to patient,-20.00
        C1,P1,2026-01-05,2026-02-02,Aetna,99213,Transfer,to patient,20.00
        """,
        {"billed": "100.00", "written_off": "0.00", "open": "20.00"},
    ),
    Case(
        "money moved between claims",
        """
        C1,P1,2026-01-05,2026-01-06,Aetna,99213,Charge,,100.00
        C2,P1,2026-01-06,2026-01-06,Aetna,99213,Charge,,100.00
        C1,P1,2026-01-05,2026-02-01,Aetna,99213,Insurance Payment,,100.00
        C1,P1,2026-01-05,2026-02-02,Aetna,99213,Insurance Payment,moved,-40.00
        C2,P1,2026-01-06,2026-02-02,Aetna,99213,Insurance Payment,moved,40.00
        """,
        {"insurer_paid": "100.00", "open": "100.00"},
        claims=2,
    ),
    Case(
        "balance forward",
        """
        C1,P1,2026-01-05,2026-01-05,Aetna,,Balance Forward,,300.00
        C1,P1,2026-01-05,2026-02-01,Aetna,,Patient Payment,,100.00
        """,
        {
            "billed": "0.00",
            "other_debits": "300.00",
            "patient_paid": "100.00",
            "open": "200.00",
        },
        {"write_off_rate": None, "gross_collection_rate": None, "net_collection_rate": None},
        claims=0,
    ),
    Case(
        "unapplied money, then applied",
        """
        C1,P1,2026-01-05,2026-01-06,Aetna,99213,Charge,,100.00
        ,P1,,2026-01-04,,,Patient Payment,,50.00
        ,P1,,2026-02-01,,,Patient Payment,,-50.00
        C1,P1,2026-01-05,2026-02-01,Aetna,99213,Patient Payment,,50.00
        """,
        {"patient_paid": "50.00", "open": "50.00"},
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_of_the_posting_rules_comes_out_as_stated(case: Case) -> None:
    result = summary_of(HEAD + "\n" + case.rows)
    found = differences(case.totals, result["totals"])
    found |= differences(case.rates, result["rates"])
    found |= differences({"claims": case.claims}, result["counts"])
    if case.write_offs is not None:
        found |= differences({"write_offs": case.write_offs}, result)
    assert not found, result["problems"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_dollar_of_a_case_ends_somewhere(case: Case) -> None:
    ledger = ledger_of(HEAD + "\n" + case.rows)
    cents = ledger.reconciliation.set_index("part")["cents"].fillna(0)
    paid = cents["paid"]
    assert cents["billed"] + cents["other_debits"] == (
        paid + cents["written_off"] + cents["other_adjustments"] + cents["open"]
    )


def test_one_transfer_leg_alone_is_a_problem() -> None:
    rows = """
        C1,P1,2026-01-05,2026-01-06,Aetna,99213,Charge,,100.00
        C1,P1,2026-01-05,2026-02-02,Aetna,99213,Transfer,to patient,20.00
        C2,P2,2026-01-05,2026-01-06,Aetna,99213,Charge,,100.00
        C2,P2,2026-01-05,2026-02-02,Aetna,99213,Transfer,from insurance,-20.00
        C2,P2,2026-01-05,2026-02-02,Aetna,99213,Transfer,to patient,20.00
    """
    [problem] = [p for p in ledger_of(HEAD + rows).problems if p.kind == "one_transfer_leg"]
    assert (problem.rows, problem.amount) == ((2,), 2000)


def test_transfer_out_and_in_are_a_pair_though_both_are_written_positive() -> None:
    rows = """
        C1,P1,2026-01-05,2026-01-06,Aetna,99213,CHARGE,,100.00
        C1,P1,2026-01-05,2026-02-02,Aetna,99213,TRANSFEROUT,,20.00
        C1,P1,2026-01-05,2026-02-02,Aetna,99213,TRANSFERIN,,20.00
        C1,P1,2026-01-05,2026-02-03,Aetna,99213,PATIENT PAYMENT,,20.00
    """
    ledger = ledger_of(HEAD + rows)
    assert "one_transfer_leg" not in kinds_of(ledger)
    assert ledger.reconciliation.set_index("part")["cents"]["open"] == 8000


def test_a_reversal_whose_original_is_not_loaded_stays_in_totals_and_leaves_the_rates() -> None:
    rows = """
        C1,P1,2026-01-05,2026-01-06,Aetna,99213,Charge,,100.00
        C1,P1,2026-01-05,2026-02-02,Aetna,99213,Insurance Payment,,75.00
        C1,P1,2026-01-05,2026-02-02,Aetna,99213,Adjustment,CO-45,25.00
        C9,P9,2026-01-05,2026-02-03,Aetna,99213,Charge Reversal,,-200.00
        C9,P9,2026-01-05,2026-02-03,Aetna,99213,Insurance Payment,,-120.00
        C9,P9,2026-01-05,2026-02-03,Aetna,99213,Adjustment,CO-45,-80.00
    """
    result = summary_of(HEAD + rows)
    assert result["totals"]["billed"] == "-100.00"
    assert result["totals"]["insurer_paid"] == "-45.00"
    assert result["totals"]["open"] == "0.00"
    assert result["rates"]["gross_collection_rate"] == 0.75
    [problem] = [p for p in result["problems"] if p["kind"] == "incomplete_claim"]
    assert problem["rows"] == 3


def test_a_payment_whose_charge_is_not_loaded_leaves_the_rates_too() -> None:
    rows = """
        C1,P1,2026-01-05,2026-01-06,Aetna,99213,Charge,,100.00
        C1,P1,2026-01-05,2026-02-02,Aetna,99213,Insurance Payment,,80.00
        C2,P2,2026-01-05,2026-02-02,Aetna,99213,Insurance Payment,,500.00
    """
    result = summary_of(HEAD + rows)
    assert result["totals"]["insurer_paid"] == "580.00"
    assert result["rates"]["gross_collection_rate"] == 0.8
    assert result["counts"]["claims"] == 1


def test_self_pay_in_a_wide_file_has_a_responsibility_of_zero() -> None:
    result = summary_of(
        """
        Claim,Payer,DOS,Charge,Insurance Paid,Patient Paid,Self-pay Discount,Patient Responsibility
        C1,Self-pay,2026-01-05,200.00,0.00,120.00,80.00,0.00
        """
    )
    expected = {"open": "0.00", "patient_open": "0.00", "patient_responsibility": "0.00"}
    assert not differences(expected, result["totals"])
    assert not differences({"write_off_rate": 0.4, "net_collection_rate": 0.6}, result["rates"])


def test_an_already_summed_table_has_no_ids_and_no_counts() -> None:
    result = summary_of(
        """
        Month,Payer,Total Charges,Ins Payments,Pt Payments,Contractual Adjustments,Write-offs
        2026-01,Aetna,1000.00,600.00,50.00,300.00,10.00
        2026-02,Aetna,2000.00,1200.00,100.00,600.00,20.00
        """
    )
    assert result["files"][0]["shape"] == "summary"
    assert not differences({"lines": None, "claims": None, "patients": None}, result["counts"])
    assert not differences(
        {"billed": "3000.00", "paid": "1950.00", "written_off": "930.00"}, result["totals"]
    )


def test_payments_only_cannot_say_billed_open_or_any_rate() -> None:
    result = summary_of(
        """
        Payment ID,Claim,Payer,Payment Date,Insurance Paid
        1,C1,Aetna,2026-01-05,80.00
        2,C2,Cigna,2026-01-06,20.00
        """
    )
    assert result["files"][0]["shape"] == "payments"
    assert not differences({"billed": None, "open": None, "paid": "100.00"}, result["totals"])
    assert set(result["rates"].values()) <= {None}
    assert result["counts"]["claims"] is None


def test_a_claim_number_used_again_for_another_patient_or_day_is_another_claim() -> None:
    rows = """
        C1,P1,2026-01-05,2026-01-06,Aetna,99213,Charge,,100.00
        C1,P2,2026-01-05,2026-01-06,Cigna,99213,Charge,,100.00
        C1,P1,2026-03-05,2026-03-06,Aetna,99213,Charge,,100.00
    """
    assert summary_of(HEAD + rows)["counts"]["claims"] == 3


def test_a_denied_or_reversed_and_corrected_claim_counts_once() -> None:
    rows = """
        C1,P1,2026-01-05,2026-01-06,Aetna,99213,Charge,,100.00
        C1,P1,2026-01-05,2026-02-06,Aetna,99213,Adjustment,CO-29,100.00
        C2,P2,2026-01-05,2026-01-06,Aetna,99213,Charge,,100.00
        C2,P2,2026-01-05,2026-02-06,Aetna,99213,Charge,,-100.00
        C2,P2,2026-01-05,2026-02-07,Aetna,99213,Charge,,100.00
        C3,P3,2026-01-05,2026-01-06,Aetna,99213,Charge,,100.00
        C3,P3,2026-01-05,2026-02-06,Aetna,99213,Charge,,-100.00
    """
    assert summary_of(HEAD + rows)["counts"]["claims"] == 2


def test_by_posting_month_the_open_column_is_the_movement() -> None:
    rows = """
        C1,P1,2026-01-05,2026-01-06,Aetna,99213,Charge,,100.00
        C1,P1,2026-01-05,2026-02-06,Aetna,99213,Insurance Payment,,60.00
        C1,P1,2026-01-05,2026-03-06,Aetna,99213,Adjustment,CO-45,30.00
    """
    groups = summary_of(HEAD + rows, by=["month"], basis="post")["groups"]
    moved = {g["month"]: g["totals"]["open"] for g in groups}
    assert moved == {"2026-01": "100.00", "2026-02": "-60.00", "2026-03": "-30.00"}


def test_the_open_balance_is_the_residual_and_unexplained_stands_beside_it() -> None:
    result = summary_of(
        """
        Claim,Payer,DOS,Charge,Insurance Paid,Patient Paid,Contractual Adjustment,Balance
        C1,Aetna,2026-01-05,100.00,60.00,0.00,30.00,10.00
        C2,Aetna,2026-01-05,100.00,60.00,0.00,30.00,4.00
        """
    )
    assert not differences({"open": "14.00", "unexplained": "6.00"}, result["totals"])
    assert result["balanced"] is False
    assert "balance_differs" in {p["kind"] for p in result["problems"]}
