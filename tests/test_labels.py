"""Every label of reference/labels.csv, as a row of a long ledger and as the reason of a wide row.

What each is has been written down here from the table's sign notes and the posting rules, not
taken from the program: entry, category, how 10.00 under that label is posted, and whose it is.
"""

from __future__ import annotations

import pytest
from support import ledger_of

from writeoffs import reference

# What 10.00 comes to: (entry, category, cents, party). Nothing for a text that carries no money.
LAW = ("write_off", "payer")
LABELS: dict[str, tuple[str, str, int, str]] = {
    # shares: assigned to the patient, never written off
    "Ins1 copay: 20.00": ("patient_share", "copay", 1000, "patient"),
    "To copay": ("patient_share", "copay", 1000, "patient"),
    "Ins1 dedbl: 50.00": ("patient_share", "deductible", 1000, "patient"),
    "Ins1 coins: 10.00": ("patient_share", "coinsurance", 1000, "patient"),
    "Ins1 ptresp: 15.00": ("patient_share", "patient_other", 1000, "patient"),
    "To ded'ble": ("patient_share", "deductible", 1000, "patient"),
    "Coinsurance: 12.00": ("patient_share", "coinsurance", 1000, "patient"),
    # a code inside the text, and an offset for what an earlier payer did
    "Adjust code 45": ("write_off", "contractual", 1000, "payer"),
    "Ins2 note 23: 425.00": ("transfer", "prior_payer_impact", 1000, "payer"),
    # by contract, law or plan
    "Contractual Adjustment": ("write_off", "contractual", 1000, "payer"),
    "Global/Cap Adjustments": ("write_off", "capitation", 1000, "payer"),
    "Sequestration": ("write_off", "sequestration", 1000, "payer"),
    "Withhold": ("write_off", "withhold", 1000, "payer"),
    "QMB cost share": ("write_off", "regulatory", 1000, "payer"),
    # lost to the payer's rules
    "Ins bundling": ("write_off", "bundling", 1000, "payer"),
    "Untimely filing": ("write_off", "timely_filing", 1000, "payer"),
    "No prior authorization": ("write_off", "authorization", 1000, "payer"),
    "Not medically necessary": ("write_off", "medical_necessity", 1000, "payer"),
    "Missing documentation": ("write_off", "documentation", 1000, "payer"),
    "Benefit/eligibility error": ("write_off", "eligibility", 1000, "payer"),
    "Credentialing": ("write_off", "credentialing", 1000, "payer"),
    "Out of Network Denial": ("write_off", "network", 1000, "payer"),
    "Invalid PCP": ("write_off", "authorization", 1000, "payer"),
    "ICD/CPT code error": ("write_off", "coding", 1000, "payer"),
    "Duplicate": ("write_off", "duplicate", 1000, "payer"),
    "Non-covered service": ("write_off", "non_covered", 1000, "payer"),
    "Max benefit": ("write_off", "benefit_limit", 1000, "payer"),
    "Billing error": ("write_off", "billing_error", 1000, "payer"),
    "Appeal exhausted": ("write_off", "appeal", 1000, "payer"),
    "COB / wrong payer": ("write_off", "cob_other_payer", 1000, "payer"),
    # given up on the patient's side
    "Bad debt": ("write_off", "bad_debt", 1000, "patient"),
    "Bad Debt Transfer to Agency": ("write_off", "collection_agency", 1000, "patient"),
    "Coll w/o": ("write_off", "collection_agency", 1000, "patient"),
    "Deceased no estate": ("write_off", "bad_debt", 1000, "patient"),
    "Bankruptcy": ("write_off", "bankruptcy", 1000, "patient"),
    "Sm debt w/o": ("write_off", "small_balance", 1000, "patient"),
    "Hardship w/o": ("write_off", "charity", 1000, "patient"),
    "Self-Pay Adjustment": ("write_off", "self_pay_discount", 1000, "patient"),
    "-Full-Payment Courtesy": ("write_off", "prompt_pay_discount", 1000, "patient"),
    "-Professional Courtesy": ("write_off", "professional_courtesy", 1000, "patient"),
    "-Senior Citizen Courtesy": ("write_off", "courtesy_discount", 1000, "patient"),
    "Employee Discount": ("write_off", "courtesy_discount", 1000, "patient"),
    "Discount": ("write_off", "discount_unspecified", 1000, "patient"),
    # the practice's own decision, nobody's in particular
    "Adm adjust": ("write_off", "administrative", 1000, "payer"),
    "Pt released": ("write_off", "administrative", 1000, "payer"),
    "Write-off": ("write_off", "unclassified", 1000, "payer"),
    # money back: negative payments, which raise the balance
    "Pt refund": ("patient_payment", "refund", -1000, "patient"),
    "Ins refund": ("insurer_payment", "refund", -1000, "payer"),
    "Refund": ("payment", "refund", -1000, "payer"),
    "Takeback / recoupment": ("insurer_payment", "reversal_refund", -1000, "payer"),
    "NSF / Bad check": ("patient_payment", "nsf_reversal", -1000, "patient"),
    # debits, no services
    "Finance charge / no-show fee": ("charge", "fee", 1000, "patient"),
    "NSF fee": ("charge", "fee", 1000, "patient"),
    "Balance Forward": ("charge", "opening_balance", 1000, "patient"),
    # moved, not given up
    "Transfer Balance Credit / Charge": ("transfer", "transfer", 1000, "payer"),
    "Transfer to patient": ("transfer", "transfer", 1000, "patient"),
}
# The names that the systems themselves give these labels, as the sources quote them.
ALIASES: dict[str, str] = {
    "+Patient Refund": "Pt refund",
    "Patient refund": "Pt refund",
    "Refund to patient": "Pt refund",
    "+Insurance Over-pmt Refund": "Ins refund",
    "Insurance Overpayment": "Ins refund",
    "Insurance refund": "Ins refund",
    "+NFS Check": "NSF / Bad check",
    "Bad check": "NSF / Bad check",
    "Returned check": "NSF / Bad check",
    "Recoupment": "Takeback / recoupment",
    "Insurance takeback": "Takeback / recoupment",
    "Offset": "Takeback / recoupment",
    "+Charge Adjustment": "Finance charge / no-show fee",
    "+Sales Tax": "Finance charge / no-show fee",
    "Debit adjustment": "Finance charge / no-show fee",
    "No show": "Finance charge / no-show fee",
    "Late fee": "Finance charge / no-show fee",
    "Returned check fee": "NSF fee",
    "Opening balance": "Balance Forward",
    "Initial balance": "Balance Forward",
    "Move to pt": "Transfer to patient",
    "Bill pt": "Transfer to patient",
    "Transfer from insurance to patient": "Transfer to patient",
    "-Write-off": "Write-off",
    "Misc adj": "Write-off",
    "Ins adjust": "Contractual Adjustment",
    "Pro bono": "Hardship w/o",
    "Sent to collections": "Coll w/o",
    "Small balance write-off": "Sm debt w/o",
    "Denied: timely filing": "Untimely filing",
}
ROWS = [*LABELS.items(), *((alias, LABELS[label]) for alias, label in ALIASES.items())]
every_label = pytest.mark.parametrize(("label", "expected"), ROWS, ids=[r[0] for r in ROWS])


def found(text: str) -> set[tuple[str, str, int, str]]:
    """What was posted beside the charge, the payment and the contractual part.

    Without what follows from an offset whose earlier payer is not in the data (test_settle).
    """
    postings = ledger_of(text).postings
    rest = postings[(postings["amount"].abs() == 1000) & (postings["category"] != "other_payer")]
    return set(rest[["entry", "category", "amount", "party"]].itertuples(index=False, name=None))


def test_every_label_of_the_table_has_its_meaning_here() -> None:
    assert {row["label_example"] for row in reference.labels()} <= set(LABELS)


@every_label
@pytest.mark.parametrize("sign", ["", "-"])
def test_a_label_as_an_adjustment_of_a_long_ledger(
    label: str, expected: tuple[str, str, int, str], sign: str
) -> None:
    """Credits written with or without a minus; refunds and debits the other way round."""
    back = expected[0] in ("patient_payment", "insurer_payment", "payment", "charge")
    mine = {"": "", "-": "" if back else "-"}[sign]
    text = f"""
        Claim,Patient ID,DOS,Post Date,Payer,Type,Reason,Amount
        1,P1,2026-01-05,2026-01-06,Aetna,Charge,,100.00
        1,P1,2026-01-05,2026-02-01,Aetna,Insurance Payment,,{sign}60.00
        1,P1,2026-01-05,2026-02-01,Aetna,Adjustment,CO-45,{sign}30.00
        1,P1,2026-01-05,2026-02-02,Aetna,Adjustment,"{label}",{mine}10.00
    """
    entry, category, cents, party = expected
    if entry == "transfer" and mine:
        cents = -cents  # pairs of plus and minus, as the file writes them
    assert found(text) == {(entry, category, cents, party)}


@every_label
def test_a_label_as_the_type_of_a_row(label: str, expected: tuple[str, str, int, str]) -> None:
    """The adjustment table of many systems: the label is all that says what a row is."""
    text = f"""
        Claim,Patient ID,DOS,Post Date,Payer,Type,Amount
        1,P1,2026-01-05,2026-01-06,Aetna,Charge,100.00
        1,P1,2026-01-05,2026-02-01,Aetna,Insurance Payment,60.00
        1,P1,2026-01-05,2026-02-01,Aetna,Contractual,30.00
        1,P1,2026-01-05,2026-02-02,Aetna,"{label}",10.00
    """
    posted = {(entry, cents, party) for entry, _, cents, party in found(text)}
    entry, _, cents, party = expected
    assert posted == {(entry, cents, party)}


@every_label
@pytest.mark.parametrize("sign", ["", "-"])
def test_a_label_as_the_reason_of_a_wide_row(
    label: str, expected: tuple[str, str, int, str], sign: str
) -> None:
    """The sign that a wide file gives a refund or a fee among its write-offs changes nothing."""
    back = expected[0] in ("patient_payment", "insurer_payment", "payment", "charge")
    mine = sign if back else ""
    text = f"""
        Claim,DOS,Payer,Charge,Insurance Paid,Adjustment,Reason
        1,2026-01-05,Aetna,100.00,60.00,40.00,CO-45
        2,2026-01-05,Aetna,100.00,70.00,30.00,CO-45
        3,2026-01-05,Aetna,100.00,60.00,{mine}10.00,"{label}"
    """
    assert found(text) == {expected}
