"""Published worked examples, restated: the figures a textbook, a payer or a society printed.

Each carries its source. Days in A/R (203,460 over 131,440 in 31 days = 47.99; acephale, "dar")
waits for that measure; the value of a denied line at expected allowed waits for fee schedules.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import pytest
from support import differences, summary_of

NONE: Final[Mapping[str, Any]] = MappingProxyType({})
HEAD = "Claim,Patient ID,DOS,Post Date,Payer,Type,Reason,Amount"
WIDE = "Claim,DOS,Payer,Charge,Allowed,Ins Paid,Pt Paid,Adjustment,Reason,Deductible,Coinsurance"


class Worked(NamedTuple):
    """An export, where its numbers were published, and what they come to."""

    name: str
    source: str
    export: str
    totals: dict[str, str | None]
    rates: Mapping[str, float | None] = NONE
    write_offs: Mapping[str, str] = NONE


CASES = [
    Worked(
        "W1: 40 % written off, all that was owed collected",
        "X12 RFI 888",
        WIDE + "\nC1,2026-01-05,Aetna,500.00,300.00,300.00,0.00,200.00,CO-45,0.00,0.00",
        {"open": "0.00", "patient_responsibility": "0.00", "written_off": "200.00"},
        {"write_off_rate": 0.4, "gross_collection_rate": 0.6, "net_collection_rate": 1.0},
        {"contractual": "200.00"},
    ),
    Worked(
        "W2: the same claim with a patient share",
        "constructed",
        WIDE + "\nC1,2026-01-05,Aetna,500.00,300.00,200.00,60.00,200.00,CO-45,50.00,50.00",
        {
            "patient_responsibility": "100.00",
            "patient_paid": "60.00",
            "open": "40.00",
            "patient_open": "40.00",
        },
        {"write_off_rate": 0.4, "gross_collection_rate": 0.52, "net_collection_rate": 0.866667},
        {"contractual": "200.00"},
    ),
    Worked(
        "W3: a visit lost to timely filing keeps its gross price in the rates",
        "ImmediCare wiki, write-off ($250 / $110)",
        WIDE + "\nC1,2026-01-05,Aetna,250.00,,0.00,0.00,250.00,CO-29,0.00,0.00",
        {"written_off": "250.00", "open": "0.00"},
        {"contractual_rate": 0.0, "net_collection_rate": 0.0, "avoidable_rate": 1.0},
        {"timely_filing": "250.00"},
    ),
    Worked(
        "W4: Medicare deductible and sequestration",
        "FCSO, federal sequestration ($100 approved, $50 deductible, $40 becomes $39.20)",
        HEAD
        + """
        C1,P1,2026-01-05,2026-01-06,Medicare,Charge,,150.00
        C1,P1,2026-01-05,2026-02-01,Medicare,Insurance Payment,,39.20
        C1,P1,2026-01-05,2026-02-01,Medicare,Adjustment,CO 45,50.00
        C1,P1,2026-01-05,2026-02-01,Medicare,Adjustment,CO 253,0.80
        C1,P1,2026-01-05,2026-02-01,Medicare,Adjustment,PR 1,50.00
        C1,P1,2026-01-05,2026-02-01,Medicare,Adjustment,PR 2,10.00
        """,
        {"patient_responsibility": "60.00", "patient_open": "60.00", "open": "60.00"},
        {"contractual_rate": 0.338667},
        {"contractual": "50.00", "sequestration": "0.80"},
    ),
    Worked(
        "W5: Medicare, then Medicaid",
        "X12 RFI 1696",
        HEAD
        + """
        C1,P1,2026-01-05,2026-01-06,Medicare,Charge,,500.00
        C1,P1,2026-01-05,2026-02-01,Medicare,Insurance Payment,,300.00
        C1,P1,2026-01-05,2026-02-01,Medicare,Adjustment,CO-45,125.00
        C1,P1,2026-01-05,2026-02-01,Medicare,Adjustment,PR-1,75.00
        C1,P1,2026-01-05,2026-03-01,Medicaid,Insurance Payment,,65.00
        C1,P1,2026-01-05,2026-03-01,Medicaid,Adjustment,OA-23,425.00
        C1,P1,2026-01-05,2026-03-01,Medicaid,Adjustment,CO-45,10.00
        C1,P1,2026-01-05,2026-03-01,Medicaid,Adjustment,PR-1,-75.00
        """,
        {"billed": "500.00", "paid": "365.00", "open": "0.00", "patient_responsibility": "0.00"},
        {"net_collection_rate": 1.0},
        {"contractual": "135.00"},
    ),
    Worked(
        "W6: non-participating and unassigned; Medicare pays the patient",
        "Green & Rowell ch. 9: 450 x 95 % = 427.50; 115 % = 491.63; 80 % = 342.00",
        HEAD
        + """
        C1,P1,2026-01-05,2026-01-06,Medicare,Charge,,650.00
        C1,P1,2026-01-05,2026-02-01,Medicare,Adjustment,CO-45,158.37
        C1,P1,2026-01-05,2026-02-01,Medicare,Adjustment,PR-100,342.00
        C1,P1,2026-01-05,2026-02-01,Medicare,Adjustment,PR-2,149.63
        C1,P1,2026-01-05,2026-03-01,Medicare,Patient Payment,,491.63
        """,
        {"insurer_paid": "0.00", "patient_responsibility": "149.63", "open": "0.00"},
        {"net_collection_rate": 1.0},
        {"contractual": "158.37"},
    ),
    Worked(
        "W7: participating",
        "Green & Rowell: charge 75, fee 60",
        WIDE + "\nC1,2026-01-05,Medicare,75.00,60.00,48.00,0.00,15.00,CO-45,0.00,12.00",
        {"coinsurance": "12.00", "open": "12.00", "patient_open": "12.00"},
        {"write_off_rate": 0.2},
        {"contractual": "15.00"},
    ),
    Worked(
        "W8: one fee of 100, participating and non-participating assigned",
        "medicalexecutivepost.com (80/20, 76/19); 42 CFR 414.48",
        WIDE
        + """
        C1,2026-01-05,Par,200.00,100.00,80.00,20.00,100.00,CO-45,0.00,20.00
        C2,2026-01-05,Nonpar,200.00,95.00,76.00,19.00,105.00,CO-45,0.00,19.00
        """,
        {"paid": "195.00", "written_off": "205.00", "open": "0.00", "coinsurance": "39.00"},
        {"net_collection_rate": 1.0},
        {"contractual": "205.00"},
    ),
    Worked(
        "W9: out of network, the balance is billed and nothing is given up",
        "uniform glossary of the Summary of Benefits ($200 / $110 / $90)",
        HEAD
        + """
        C1,P1,2026-01-05,2026-01-06,Aetna,Charge,,200.00
        C1,P1,2026-01-05,2026-02-01,Aetna,Insurance Payment,,88.00
        C1,P1,2026-01-05,2026-02-01,Aetna,Adjustment,PR-2,22.00
        C1,P1,2026-01-05,2026-02-01,Aetna,Adjustment,PR-45,90.00
        """,
        {
            "written_off": "0.00",
            "coinsurance": "22.00",
            "patient_other": "90.00",
            "patient_responsibility": "112.00",
            "patient_open": "112.00",
        },
    ),
    Worked(
        "W10: refunds come out of the numerator",
        "AAFP: (500,000 - 14,000) / (850,000 - 350,000)",
        """
        Month,Charges,Total Payments,Refunds,Contractual Adjustments,Balance
        2026-01,850000.00,500000.00,14000.00,350000.00,14000.00
        """,
        {"billed": "850000.00", "paid": "486000.00", "open": "14000.00"},
        {"net_collection_rate": 0.972},
        {"contractual": "350000.00"},
    ),
    Worked(
        "W11: paid, reversed, then bundled",
        "X12 RFIs 1429, 791, 227",
        HEAD
        + """
        C1,P1,2026-01-05,2026-01-06,Aetna,Charge,,200.00
        C1,P1,2026-01-05,2026-02-01,Aetna,Insurance Payment,,96.00
        C1,P1,2026-01-05,2026-02-01,Aetna,Adjustment,CO-45,80.00
        C1,P1,2026-01-05,2026-02-01,Aetna,Adjustment,PR-2,24.00
        C1,P1,2026-01-05,2026-03-01,Aetna,Insurance Payment,,-96.00
        C1,P1,2026-01-05,2026-03-01,Aetna,Adjustment,CO-45,-80.00
        C1,P1,2026-01-05,2026-03-01,Aetna,Adjustment,PR-2,-24.00
        C1,P1,2026-01-05,2026-03-02,Aetna,Adjustment,CO-97,200.00
        """,
        {"billed": "200.00", "paid": "0.00", "patient_responsibility": "0.00", "open": "0.00"},
        {"write_off_rate": 1.0},
        {"bundling": "200.00"},
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_published_example_comes_out_as_printed(case: Worked) -> None:
    result = summary_of(case.export)
    found: dict[str, Any] = differences(case.totals, result["totals"])
    found |= differences(case.rates, result["rates"])
    if case.write_offs:
        found |= differences({"write_offs": case.write_offs}, result)
    assert not found, (case.source, result["problems"])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_published_example_is_at_most_one_claim_a_row_and_balances(case: Worked) -> None:
    result = summary_of(case.export)
    assert result["totals"]["unexplained"] == "0.00"
    assert result["balanced"] is True


def test_w8_the_three_outcomes_of_one_fee_stand_side_by_side() -> None:
    """Unassigned: 109.25 from the patient, of which Medicare returns 76.00; 90.75 written off."""
    unassigned = (
        HEAD
        + """
        C1,P1,2026-01-05,2026-01-06,Medicare,Charge,,200.00
        C1,P1,2026-01-05,2026-02-01,Medicare,Adjustment,CO-45,90.75
        C1,P1,2026-01-05,2026-02-01,Medicare,Adjustment,PR-100,76.00
        C1,P1,2026-01-05,2026-02-01,Medicare,Adjustment,PR-2,33.25
        C1,P1,2026-01-05,2026-03-01,Medicare,Patient Payment,,109.25
    """
    )
    result = summary_of(unassigned)
    expected = {"patient_responsibility": "33.25", "paid": "109.25", "written_off": "90.75"}
    assert not differences(expected, result["totals"])
    assert result["rates"]["net_collection_rate"] == 1.0
