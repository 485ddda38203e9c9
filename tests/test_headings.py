"""Heading names as systems write them, among them systems never seen while building.

Right, left to the person, or wrong: wrong must not happen. A name with two honest readings keeps
both, for values and arithmetic to settle.
"""

from __future__ import annotations

import pytest

from writeoffs import vocabulary as v
from writeoffs.headings import read_heading, recognised
from writeoffs.words import words

# heading -> the field it means; None where nobody could tell from the name
PLAIN = {
    # identity, as practice systems abbreviate it
    "Claim #": "claim_id",
    "CLM_NO": "claim_id",
    "claimNumber": "claim_id",
    "Payer Claim Control Number": v.IGNORE,
    "Visit ID": "encounter_id",
    "EncounterNumber": "encounter_id",
    "Line No.": "line_number",
    "ClaimLine": "line_number",
    "MRN": "patient_id",
    "Chart Number": "patient_id",
    "Pt Acct No": "patient_id",
    "Patient Name": "patient_name",
    "Pt Last Name": "patient_name",
    "Txn ID": "transaction_id",
    "Check #": "check_number",
    # who and where
    "Payor": "payer",
    "Primary Insurance Name": "payer",
    "InsCo": None,
    "Secondary Payer": "secondary_payer",
    "Rendering Prov": "provider",
    "Rendering NPI": "provider",
    "Referring Provider": v.IGNORE,
    "Office Location": "location",
    "Facility": "location",
    "Practice Name": "practice",
    "CPT": "procedure_code",
    "ProcCode": "procedure_code",
    "HCPCS Code": "procedure_code",
    "Mod 1": "modifier",
    "Qty": "units",
    # dates
    "DOS": "service_date",
    "Svc Dt": "service_date",
    "FROMDATE": "service_date",
    "Service Date To": "service_end_date",
    "Posting Date": "post_date",
    "Deposit Date": "payment_date",
    "EOB Date": "payment_date",
    "Date Entered": "created_date",
    "Date of Birth": v.IGNORE,
    # money
    "Billed Amt": "charge",
    "Chg Amount": "charge",
    "TotalCharges": "charge",
    "Gross Charge $": "charge",
    "Unit Fee": "unit_charge",
    "Alwd Amt": "allowed",
    "Allowable": "allowed",
    "Expected Reimbursement": "expected",
    "Ins Pd": "insurance_paid",
    "Carrier Pmt": "insurance_paid",
    "Primary Ins Paid": "insurance_paid_primary",
    "2nd Insurance Payment": "insurance_paid_secondary",
    "Tert Ins Pmts": "insurance_paid_tertiary",
    "Pt Paid": "patient_paid",
    "Client Payments": "patient_paid",
    "Copay Collected": "patient_paid",
    "Total Receipts": "total_paid",
    "Contractual": "contractual_adjustment",
    "Contractual W/O": "contractual_adjustment",
    "Disallowed Amount": "contractual_adjustment",
    "Ins Adj": "contractual_adjustment",
    "Adjustments": "adjustment",
    "Other Adj": "other_adjustment",
    "Write-Off": "write_off",
    "WO Amt": "write_off",
    "Bad Debt": "write_off",
    "Charity Discount": "write_off",
    "Pt Write Off": "patient_write_off",
    "Refunds": "refund",
    "Ded": "deductible",
    "Co-Insurance": "coinsurance",
    "Co Pay": "copay",
    "Pt Resp": "patient_responsibility",
    "Patient Liability": "patient_responsibility",
    "A/R Balance": "balance",
    "Amount Due": "balance",
    "Ins Balance": "insurance_balance",
    "Pt Bal": "patient_balance",
    # kinds
    "Adj Reason Code": "adjustment_reason",
    "Group Code": "adjustment_group",
    "Adj Type": "adjustment_type",
    "Denial Code": "denial_reason",
    "Txn Type": "transaction_type",
    "Voided": "void_flag",
    "Claim Status": "claim_status",
    # two-sided words, glued and clipped words
    "Contr Adj": "contractual_adjustment",
    "CONTR_ADJ": "contractual_adjustment",
    "CONTRADJ": "contractual_adjustment",
    "ContrAdjAmt": "contractual_adjustment",
    "Contract Adj": "contractual_adjustment",
    "Insurance Discount": "contractual_adjustment",
    "Plan Discount": "contractual_adjustment",
    "Network Discount": "contractual_adjustment",
    "Payer Discount": "contractual_adjustment",
    "Contract Amount": "contract_allowed",
    "Contracted Amount": "contract_allowed",
    "Contract Allowed": "contract_allowed",
    "TOTCHG": "charge",
    "GROSSCHG": "charge",
    "PTPD": "patient_paid",
    "INSPD": "insurance_paid",
    "PTID": "patient_id",
    "PTNO": "patient_id",
    "RENDPROV": "provider",
    "CHKNO": "check_number",
    "PAYOR": "payer",
    "WOAMT": "write_off",
    "D.O.S.": "service_date",
    "D.O.B.": v.IGNORE,
    "SRVDATE": "service_date",
    "FromDOS": "service_date",
    "pyr_nm": "payer",
    "fin_class": "financial_class",
    "Insurance AR": "insurance_balance",
    "Plan Paid": "insurance_paid",
    "Received from Insurance": "insurance_paid",
    "Personal Receipts": "patient_paid",
    "Adjusted Off": "adjustment",
    "Credit Adj": "adjustment",
    "Self-Pay Balance": "patient_balance",
    "Prompt Pay Discount": "write_off",
    "Medical Record Number": "patient_id",
    "First Name": "patient_name",
    "paid_patient_deductible": "deductible",
    # a number tells payers apart
    "Ins 1 Pmt": "insurance_paid_primary",
    "Ins 2 Pmt": "insurance_paid_secondary",
    "INS1PD": "insurance_paid_primary",
    "INS2PD": "insurance_paid_secondary",
    "Payer 1 Paid": "insurance_paid_primary",
    "Ins 2 Name": "secondary_payer",
    "Secondary Insurance": "secondary_payer",
    "Other Ins Paid": "other_paid",
    "CARC 1 Amt": "adjustment",
    "CARC 1": "adjustment_reason",
    "cas_amount_1": "adjustment",
    # whose and what
    "Pri Bal": "insurance_balance",
    "Sec Bal": "insurance_balance",
    "Primary Balance": "insurance_balance",
    "Insurance Portion Remaining": "insurance_balance",
    "Patient Portion Remaining": "patient_balance",
    "Pt Resp Paid": "patient_paid",
    "Patient Responsibility Paid": "patient_paid",
    "Amount Applied to Deductible": "deductible",
    "Deductible Applied": "deductible",
    "No Show Fee": "debit_adjustment",
    "Finance Charge": "debit_adjustment",
    "Late Fee": "debit_adjustment",
    "Why Written Off": "adjustment_reason",
    "Est Ins Payment": "expected",
    "Estimated Patient Portion": "expected",
    # what long ledgers call their amount and their type
    "Amt ($)": "transaction_amount",
    "Amount USD": "transaction_amount",
    "Signed Amount": "transaction_amount",
    "Line Amount": "transaction_amount",
    "Net Amount": "transaction_amount",
    "Amt Posted": "transaction_amount",
    "Dollars": "transaction_amount",
    "Value": "transaction_amount",
    **dict.fromkeys(
        [
            "Entry",
            "Category",
            "Ledger Code",
            "Line Type",
            "Kind",
            "Record Type",
            "Posting Type",
            "Item Type",
            "Txn Kind",
        ],
        "transaction_type",
    ),
    # systems made up for this test, in words nobody listed
    "REMIT_AMT_INSURER_1": "insurance_paid_primary",
    "amountCollectedFromPatient": "patient_paid",
    "outstandingBalanceAmount": "balance",
    "svcLineChargeAmt": "charge",
    "PTRESPAMT": "patient_responsibility",
    "Untimely Filing W/O": "write_off",
    # names that must not be taken for money or for a field they only resemble
    "Allowed Date": None,
    "Last Pt Pmt": None,
    "Last Insurance Payment": None,
    "Refund Due": None,
    "Patient Payment Plan": None,
    "Payment Plan Balance": None,
    "Balance Billing": None,
    "Not Allowed": "contractual_adjustment",
    "Non-Allowed Amt": "contractual_adjustment",
    "Allowed Charges": "allowed",
    "Facility NPI": "location",
    "Practice Location": "location",
    "Plan Balance": "insurance_balance",
    "Ins Rcpts": "insurance_paid",
    "Pt. Received": "patient_paid",
    "Received Date": None,
    "Insurance Co.": "payer",
    "Ins Co Name": "payer",
    "Co-Ins": "coinsurance",
    "Charge From Date": "service_date",
    "Service From": "service_date",
    "Session Fee": "charge",
    "OTH_ADJ_AMT": "other_adjustment",
    "Superbill #": "encounter_id",
    "Balance Forward": None,
    "Charge Status": "claim_status",
    "Payment Method": "payment_method",
    "Percent Paid": None,
    "Days in AR": None,
    "Aging Bucket": None,
    "Deductible Met": None,
    "Copay Type": None,
    "Write-Off Reason": "adjustment_reason",
    "Zip": v.IGNORE,
    "Employer": None,
    "Discount %": None,
    "Bad Debt Recovery": None,
    "Credit Balance": None,
    "Deductible Remaining": None,
    "Co-Pay Due": None,
    "Refund Reason": None,
    "Charges YTD": None,
    "Prior Payments": None,
    **dict.fromkeys(
        [
            "Prior Balance",
            "Original Balance",
            "Original Charge",
            "Running Balance",
            "Pt Bal Fwd",
            "Bad Debt Balance",
            "Collection Agency Balance",
            "In Collections",
            "Sent to Collections",
            "Write-off Limit",
            "Write-off Approved",
            "Write Off By",
            "Charity Level",
            "Approved By",
            "Billed By",
            "Adj By",
            "Paid By",
            "Paid To",
            "Pay To Provider",
            "Paid to Patient",
            "Over Allowed",
            "Allowed Variance",
            "Deductible Paid",
            "Coinsurance Paid",
            "Ins Applied",
            "Applied to Patient",
            "Check Amount",
            "Check Total",
            "No. of Charges",
            "Number of Claims",
            "# of Visits",
            "Payments (#)",
            "Charges #",
            "Patients",
            "Insurance ID",
            "Policy Number",
            "Member ID of Insurance",
            "Patient Status",
            "Payment Status",
            "Bill #",
            "BILLNO",
            "Contract",
            "Cont",
            "Self Pay",
            "Provider Discount",
            "Bad Debt Payment",
            "Estimated Charge",
            "Est Balance",
            "Total Paid to Date",
            "Total",
            "Ext Price",
        ]
    ),
    "": None,
}
TWO_READINGS = {
    "Paid": {"total_paid", "insurance_paid"},
    "Payments": {"total_paid", "insurance_paid"},
    "Date": {"service_date", "post_date"},
    "Transaction": {"transaction_type", "transaction_id"},
    "Patient": {"patient_id", "patient_name"},
    "Amount Billed to Insurance": {"charge", "insurance_charge"},
    "Billed to Insurance": {"charge", "insurance_charge"},
    "Pt Resp Due": {"patient_responsibility", "patient_balance"},
}


def test_of_the_plain_headings_none_is_read_wrong_and_few_are_left_to_the_person() -> None:
    wrong, left = [], []
    for heading, field in PLAIN.items():
        fields = read_heading(heading).fields
        if not fields and field is not None:
            left.append(heading)
        elif fields and (len(fields) > 1 or fields[0] != field):
            wrong.append(f"{heading}: {fields}, not {field}")
    assert not wrong
    assert len(left) <= 2, left
    assert len(PLAIN) >= 90


@pytest.mark.parametrize(("heading", "fields"), TWO_READINGS.items())
def test_a_name_with_two_honest_readings_keeps_both(heading: str, fields: set[str]) -> None:
    assert set(read_heading(heading).fields) == fields


def test_every_field_that_a_name_can_mean_is_in_the_vocabulary() -> None:
    seen = {f for h in (*PLAIN, *TWO_READINGS) for f in read_heading(h).fields}
    assert seen <= set(v.FIELDS)


@pytest.mark.parametrize(
    ("heading", "expected"),
    [
        ("PrimaryInsurancePayment", ("primary", "insurance", "payment")),
        ("FROMDATE", ("from", "date")),
        ("Pt Resp Amt", ("patient", "responsibility", "amount")),
        ("procedurecode", ("procedure", "code")),
        ("CO-PAY", ("copay",)),
        ("Write off #2", ("writeoff", "number", "2")),
    ],
)
def test_names_are_split_into_the_fields_own_words(heading: str, expected: tuple[str, ...]) -> None:
    assert words(heading) == expected


@pytest.mark.parametrize(
    ("heading", "number"),
    [
        ("Adj 1", 1),
        ("Adj2", 2),
        ("Adjustment", None),
        ("Adj [2]", None),
        ("Adj 2 Amount", 2),
        ("Adj2 Amt", 2),
        ("Adj 2 Code", 2),
        ("1st Adj", 1),
        ("2nd Adj Code", 2),
    ],
)
def test_a_number_tells_columns_apart_and_a_repeat_mark_does_not(
    heading: str, number: int | None
) -> None:
    assert read_heading(heading).number == number


def test_a_repeated_heading_means_what_its_first_means() -> None:
    assert read_heading("Billed [2]").fields == read_heading("Billed").fields


@pytest.mark.parametrize(("heading", "known"), [("Billed", True), ("Zebra", False), ("", False)])
def test_a_heading_row_is_known_by_names_that_mean_something(heading: str, known: bool) -> None:
    assert recognised(heading) is known
