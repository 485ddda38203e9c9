"""Transaction types of long ledgers: what movement each text names, and which say nothing."""

from __future__ import annotations

import pytest

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
    ],
    types.FEE: [
        "NSF Fee",
        "Late Fee",
        "Finance Charge",
        "No-show fee",
        "Debit Adjustment",
        "Returned check fee",
        "Sales tax",
    ],
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
    ],
    types.INSURER_BACK: [
        "Insurance Refund",
        "Takeback",
        "Recoupment",
        "Take back",
        "Payment Reversal",
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
        "A",
    ],
    types.SHARE: [
        "Patient Responsibility",
        "Pt Resp",
        "Deductible",
        "Coinsurance",
        "PR",
        "PatientResponsibility",
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
    assert by_reason == {types.ADJUSTMENT, types.SHARE}


def test_what_undoes_has_a_minus_for_its_normal_row() -> None:
    undoing = {m for m in TYPES if m is not None and m.sign < 0}
    assert undoing == {
        types.VOID,
        types.INSURER_BACK,
        types.PATIENT_BACK,
        types.ANYBODY_BACK,
        types.TRANSFER_OUT,
    }


@pytest.mark.parametrize(
    ("text", "known"),
    [("Payment", True), ("CO-45", True), ("Hardship", True), ("Zebra", False), ("", False)],
)
def test_a_text_is_known_as_a_type_or_as_a_reason(text: str, known: bool) -> None:
    assert types.knows(text) is known
