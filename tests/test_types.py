"""Transaction types of long ledgers: what movement each text names, and which say nothing."""

from __future__ import annotations

import pytest
from support import differences, summary_of

from writeoffs import types
from writeoffs.types import read_type

TYPES = {
    types.CHARGE: [
        "Charge",
        "CHARGE",
        "Chg",
        "Charges",
        "Service",
        "Procedure",
        "Billed",
        "Fee",
        "C",
    ],
    types.VOID: [
        "Void Charge",
        "Voided Charges",
        "Charge Void",
        "Charge Reversal",
        "Reverse charge",
        "Chg Rev",
        "Self pay charge reversal",
    ],
    types.FEE: [
        "NSF Fee",
        "Late Fee",
        "Finance Charge",
        "No-show fee",
        "Debit Adjustment",
        "Returned check fee",
        "Sales tax",
        "Finance Chg",
        "Late Charge",
        "Bank fee",
        "CC fee",
        "Billing Fee",
        "Statement fee",
    ],
    types.FEE_BACK: ["Late Charge Reversal", "NSF fee reversed", "Debit Adjustment Reversal"],
    types.OPENING: ["Balance Forward", "Opening Balance", "Initial Balance"],
    types.INSURER: [
        "Insurance Payment",
        "InsPmt",
        "Ins Pmt",
        "Payer Payment",
        "INS_PAYMENT",
        "ERA Payment",
        "Medicare Check",
        "insurancePayment",
        "Third Party Payment",
        "INSPAY",
        "INSPMT",
        "Insurance Payment - Coinsurance",
        "Refund Reversal - Insurance",
        "IPP",
        "ISP",
        "ITP",
    ],
    types.PATIENT: [
        "Patient Payment",
        "Pt Pmt",
        "PATIENT_PAYMENT",
        "Self pay payment",
        "PtPmt",
        "Guarantor payment",
        "Copay payment",
        "Copay collected",
        "PatientCheck",
        "PTPAY",
        "PTPMT",
        "Deductible Payment",
        "Coinsurance Payment",
        "Co-insurance Payment",
        "Pt Resp Payment",
        "Payment - Deductible",
        "Collection Agency Payment",
        "Bad Debt Payment",
        "Void Patient Refund",
        "PP",
    ],
    types.ANYBODY: ["Payment", "PAYMENT", "Pmt", "Receipt", "Deposit", "Check", "Credit card", "P"],
    types.PATIENT_BACK: [
        "Patient Refund",
        "Refund to patient",
        "NSF",
        "NSF Check",
        "Returned Check",
        "Bad check",
        "Chargeback",
        "Check returned",
        "Reversed Self Pay Payment",
        "Copay Payment Reversal",
        "Void Copay",
    ],
    types.INSURER_BACK: [
        "Insurance Refund",
        "Takeback",
        "Recoupment",
        "Take back",
        "Payment Reversal",
        "Reversed Insurance Payment",
        "Insurance Payment Reversal",
        "Payment Adjustment Reversal",
        "Overpayment - insurance",
    ],
    types.ANYBODY_BACK: ["Refund", "RFND", "Refunds"],
    types.ADJUSTMENT: [
        "Adjustment",
        "Adj",
        "Write-off",
        "Writeoff",
        "W/O",
        "Contractual",
        "Bad Debt",
        "Discount",
        "Sequestration",
        "Ins Adj",
        "WriteOff",
        "Small Balance",
        "Credit Adj",
        "Sliding Fee",
        "Late Fee Write-off",
        "BAD_DEBT",
        "SMALL_BALANCE_WRITE_OFF",
        "Bad Debt - no payment",
        "Bad Debt Transfer to Agency",
        "Transfer to Collections",
        "A",
    ],
    types.ADJUSTMENT_BACK: [
        "Write-off Reversal",
        "WRITEOFF_REVERSAL",
        "WO Rev",
        "Adjustment Reversal",
        "Reversed Adjustment",
        "Contractual Adjustment Reversal",
        "Bad Debt Write-off Reversal",
        "Reinstated Bad Debt",
        "Small Balance Reversal",
        "Return from Collection Agency",
    ],
    types.SHARE_BACK: ["Deductible Reversal", "Coinsurance Rev"],
    types.CAPITATION: ["Capitation Payment", "Capitation Pmt"],
    types.INTEREST: ["Interest Payment", "Insurance Interest Paid"],
    types.SHARE: [
        "Patient Responsibility",
        "Pt Resp",
        "Deductible",
        "Coinsurance",
        "PR",
        "PatientResponsibility",
        "Applied to Deductible",
        "Co-insurance",
    ],
    types.TRANSFER: ["Transfer", "TRANSFERIN", "Xfer", "Transfer to patient", "T"],
    types.TRANSFER_OUT: ["TRANSFEROUT", "Transfer Out", "transfer-out"],
    None: ["", "  ", "Zebra", "12345", "Aetna", "99213"],
}
PAIRS = [(text, movement) for movement, texts in TYPES.items() for text in texts]


@pytest.mark.parametrize(("text", "movement"), PAIRS, ids=[repr(text) for text, _ in PAIRS])
def test_a_type_names_its_movement(text: str, movement: types.Movement | None) -> None:
    assert read_type(text) == movement


def test_a_bare_copay_is_the_patients_share_and_a_collected_one_a_payment() -> None:
    share = read_type("Copay")
    assert share is not None and (share.entry, share.category) == ("patient_share", "copay")
    assert read_type("Copay Payment") == types.PATIENT


def test_an_adjustment_says_that_its_reason_decides() -> None:
    by_reason = {m for m in TYPES if m is not None and m.by_reason}
    assert by_reason == {types.ADJUSTMENT, types.SHARE, types.ADJUSTMENT_BACK, types.SHARE_BACK}


def test_what_undoes_has_a_minus_for_its_normal_row() -> None:
    undoing = {m for m in TYPES if m is not None and m.sign < 0}
    assert undoing == {
        types.VOID,
        types.INSURER_BACK,
        types.PATIENT_BACK,
        types.ANYBODY_BACK,
        types.TRANSFER_OUT,
        types.ADJUSTMENT_BACK,
        types.SHARE_BACK,
        types.FEE_BACK,
    }


@pytest.mark.parametrize(
    ("text", "known"),
    [("Payment", True), ("CO-45", True), ("Hardship", True), ("Zebra", False), ("", False)],
)
def test_a_text_is_known_as_a_type_or_as_a_reason(text: str, known: bool) -> None:
    assert types.knows(text) is known


# One claim of 200.00 with every amount of its ledger unsigned, and one row more.
UNSIGNED = """
    Trans ID,Claim,Pt ID,DOS,Post Date,Payer,Type,Reason,Amount
    1,1,P1,2026-01-05,2026-01-06,Aetna,Charge,,200.00
    2,1,P1,2026-01-05,2026-02-01,Aetna,Insurance Payment,,60.00
    3,1,P1,2026-01-05,2026-02-01,Aetna,Contractual Adjustment,,90.00
    4,1,P1,2026-01-05,2026-02-02,Aetna,Patient Payment,,20.00
    5,1,P1,2026-01-05,2026-03-01,Aetna,Bad Debt Write-off,,30.00
"""
MORE = [
    ("Bad Debt Write-off Reversal,,30.00", {"written_off": "90.00", "open": "30.00"}),
    ("Bad Debt Write-off Reversal,,-30.00", {"written_off": "90.00", "open": "30.00"}),
    ("Adjustment,Write-off Reversal,30.00", {"written_off": "90.00", "insurer_paid": "60.00"}),
    ("Adjustment Reversal,Reversal,30.00", {"written_off": "90.00", "insurer_paid": "60.00"}),
    ("Reversed Insurance Payment,,60.00", {"insurer_paid": "0.00", "open": "60.00"}),
    ("Chg Rev,,200.00", {"billed": "0.00", "open": "-200.00"}),
    ("Deductible Payment,,10.00", {"patient_paid": "30.00", "insurer_paid": "60.00"}),
    ("Check returned,,20.00", {"patient_paid": "0.00", "open": "20.00"}),
    ("Late Charge,,5.00", {"other_debits": "5.00", "billed": "200.00"}),
    ("Capitation Payment,,5.00", {"insurer_paid": "60.00", "open": "0.00"}),
    ("Sliding Fee,,5.00", {"written_off": "125.00", "billed": "200.00"}),
]


@pytest.mark.parametrize(("row", "expected"), MORE, ids=[row for row, _ in MORE])
def test_a_row_that_undoes_is_taken_off_whether_or_not_the_file_signs_it(
    row: str, expected: dict[str, str]
) -> None:
    more = f"6,1,P1,2026-01-05,2026-04-01,Aetna,{row}"
    totals = summary_of(UNSIGNED.rstrip() + f"\n    {more}\n")["totals"]
    assert not differences(expected, totals)


def test_where_credits_are_negative_a_reversal_of_a_write_off_is_positive() -> None:
    signed = UNSIGNED
    for amount in ("60.00", "90.00", "20.00", "30.00"):
        signed = signed.replace(f",{amount}", f",-{amount}")
    more = "6,1,P1,2026-01-05,2026-04-01,Aetna,Write-off Reversal,,30.00"
    totals = summary_of(signed.rstrip() + f"\n    {more}\n")["totals"]
    assert not differences({"written_off": "90.00", "open": "30.00"}, totals)
