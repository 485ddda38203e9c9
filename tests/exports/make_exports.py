"""Small billing exports with answers worked out from the posting rules, not by the engine.

Every case below shows its input as text and its answer as typed-in figures; a rate is typed as the
fraction it comes from. `build` then works each answer out a second time: it reads the text with the
`csv` module and posts every row by the table that the case itself gives (heading or transaction type
-> entry), in plain Decimal. The two must agree before anything is written. A figure that the rules
leave open is not in the answer.

    python tests/exports/make_exports.py            # writes the exports and expected.json
"""

from __future__ import annotations

import csv
import datetime
import io
import json
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path

FOLDER = Path(__file__).parent
ZERO = Decimal("0.00")

# Which side of the rates a write-off category falls on. What is in none of these is W, but not avoidable.
SET_ASIDE = {"capitation", "duplicate"}
BY_CONTRACT_OR_LAW = {"contractual", "sequestration", "withhold", "regulatory"}
AVOIDABLE = {
    "timely_filing",
    "authorization",
    "medical_necessity",
    "billing_error",
    "documentation",
    "eligibility",
    "cob_other_payer",
}


@dataclass
class Case:
    """One export, how its rows are posted, and what a reader must say about it."""

    file: str
    why: str
    shape: str
    text: str
    expect: dict
    # How the second computation reads it.
    delimiter: str = ","
    encoding: str = "utf-8"
    preamble: int = 0
    not_data: tuple[str, ...] = ()  # first cells of page lines and total rows
    held: tuple[int, ...] = ()  # data rows that cannot be counted, the first is 1
    decimal_comma: bool = False
    dates: str = "%Y-%m-%d"
    wide: dict[str, str] | None = None  # heading -> entry
    reason: str = ""  # the column that says what an `adjust` column is
    reasons: dict[str, str] = field(default_factory=dict)
    long: dict[str, str] | None = None  # the `key` cells joined by " / " -> entry
    key: tuple[str, ...] = ()
    amount: str = ""
    claim: tuple[str, ...] = ()
    line: tuple[str, ...] = ()
    patient: str = ""
    payer: str = ""
    service: str = ""
    post: str = ""
    out_of_rates: tuple[str, ...] = ()  # claims that stay in totals and leave the rates
    grouped: dict[str, str] = field(default_factory=dict)  # other dimensions -> column
    control_agrees: bool = True
    classes: dict[str, str] = field(default_factory=dict)  # category -> K, where its CARC says so
    workbook: bool = False


CASES: list[Case] = []


def case(**named) -> None:
    """Add a case; its text is shown indented by nothing and starts on the line after the quotes."""
    named["text"] = named["text"].removeprefix("\n")
    CASES.append(Case(**named))


# ------------------------------------------------------------------------------------------ wide

case(
    file="w01_practice_system_charges.csv",
    why="A charge export with charges net of adjustments, a contract's allowed, unit charge beside total charge, two "
    "payers' payments and three balances: only the real money columns count.",
    shape="line",
    text="""
ID,EncounterID,PatientID,PatientName,ServiceStartDate,PostingDate,ProcedureCode,ProcedureModifier1,Units,UnitCharge,TotalCharges,AdjustedCharges,AllowedAmount,PrimaryInsuranceCompanyName,SecondaryInsuranceCompanyName,PrimaryInsuranceInsuranceContractAdjustment,PrimaryInsuranceInsuranceContractAdjustmentReason,PrimaryInsuranceInsurancePayment,SecondaryInsuranceInsurancePayment,PrimaryInsuranceInsuranceDeductible,PrimaryInsuranceInsuranceCoinsurance,PrimaryInsuranceInsuranceCopay,PatientPaymentAmount,PatientBalance,InsuranceBalance,TotalBalance
90001,5001,000123,"Doe, Jane",2026-01-05,2026-01-07,99213,25,1,150.00,150.00,90.00,90.00,Aetna,,60.00,CO-45,72.00,0.00,0.00,18.00,0.00,18.00,0.00,0.00,0.00
90002,5001,000123,"Doe, Jane",2026-01-05,2026-01-07,87880,,1,40.00,40.00,22.00,22.00,Aetna,,18.00,CO-45,22.00,0.00,0.00,0.00,0.00,0.00,0.00,0.00,0.00
90003,5002,000124,"Roe, Rick",2026-01-06,2026-01-08,99214,,1,210.00,210.00,130.00,130.00,Medicare,Medicaid,80.00,CO-45,104.00,26.00,0.00,26.00,0.00,0.00,0.00,0.00,0.00
90004,5003,000125,"Poe, Ann",2026-01-12,2026-01-14,99203,,1,300.00,300.00,180.00,180.00,BCBS of Texas,,120.00,CO-45,80.00,0.00,100.00,0.00,0.00,40.00,60.00,0.00,60.00
90005,5004,000126,"Coe, Lee",2026-02-02,2026-02-03,99395,,1,275.00,275.00,275.00,190.00,Cigna,,0.00,,0.00,0.00,0.00,0.00,25.00,25.00,0.00,250.00,250.00
90006,5005,000127,"Noe, Max",2026-02-03,2026-02-04,20610,RT,1,320.00,320.00,180.00,180.00,UnitedHealthcare,,140.00,CO-45,150.00,0.00,0.00,0.00,30.00,30.00,0.00,0.00,0.00
90007,5005,000127,"Noe, Max",2026-02-03,2026-02-04,J3301,,2,15.00,30.00,20.00,20.00,UnitedHealthcare,,10.00,CO-45,20.00,0.00,0.00,0.00,0.00,0.00,0.00,0.00,0.00
""",
    wide={
        "TotalCharges": "charge",
        "PrimaryInsuranceInsuranceContractAdjustment": "adjust",
        "PrimaryInsuranceInsurancePayment": "insurer",
        "SecondaryInsuranceInsurancePayment": "insurer",
        "PrimaryInsuranceInsuranceDeductible": "ps:deductible",
        "PrimaryInsuranceInsuranceCopay": "ps:copay",
        "PatientPaymentAmount": "patient",
        "TotalBalance": "stated",
    },
    reason="PrimaryInsuranceInsuranceContractAdjustmentReason",
    reasons={"CO-45": "wo:contractual", "": "wo:contractual"},
    claim=("EncounterID",),
    line=("ID",),
    patient="PatientID",
    payer="PrimaryInsuranceCompanyName",
    service="ServiceStartDate",
    post="PostingDate",
    expect={
        "totals": {
            "billed": "1325.00",
            "other_debits": "0.00",
            "paid": "587.00",
            "insurer_paid": "474.00",
            "patient_paid": "113.00",
            "written_off": "428.00",
            "open": "310.00",
            "unexplained": "0.00",
            "deductible": "100.00",
            "copay": "55.00",
        },
        "write_offs": {"contractual": "428.00"},
        "rates": {
            "write_off_rate": "428/1325",
            "contractual_rate": "428/1325",
            "avoidable_rate": "0/897",
            "gross_collection_rate": "587/1325",
            "net_collection_rate": "587/897",
        },
        "counts": {"lines": 7, "patients": 5, "rows_read": 7, "rows_held": 0},
        "period": {
            "service_from": "2026-01-05",
            "service_to": "2026-02-03",
            "post_from": "2026-01-07",
            "post_to": "2026-02-04",
        },
        "balanced": True,
        "exit": 0,
        "columns": {
            "PatientID": "patient_id",
            "PatientName": "patient_name",
            "ServiceStartDate": "service_date",
            "PostingDate": "post_date",
            "ProcedureCode": "procedure_code",
            "UnitCharge": "unit_charge",
            "TotalCharges": "charge",
            "AdjustedCharges": "charge_net_of_adjustments",
            "AllowedAmount": "contract_allowed",
            "PrimaryInsuranceCompanyName": "payer",
            "SecondaryInsuranceCompanyName": "secondary_payer",
            "PrimaryInsuranceInsuranceContractAdjustment": "contractual_adjustment",
            "PrimaryInsuranceInsuranceContractAdjustmentReason": "adjustment_reason",
            "PrimaryInsuranceInsurancePayment": "insurance_paid_primary",
            "SecondaryInsuranceInsurancePayment": "insurance_paid_secondary",
            "PrimaryInsuranceInsuranceDeductible": "deductible",
            "PrimaryInsuranceInsuranceCoinsurance": "coinsurance",
            "PrimaryInsuranceInsuranceCopay": "copay",
            "PatientPaymentAmount": "patient_paid",
            "PatientBalance": "patient_balance",
            "InsuranceBalance": "insurance_balance",
            "TotalBalance": "balance",
        },
        "by": [
            {
                "by": "payer",
                "groups": [
                    {
                        "payer": "Aetna",
                        "totals": {
                            "billed": "190.00",
                            "paid": "112.00",
                            "written_off": "78.00",
                            "open": "0.00",
                        },
                    },
                    {
                        "payer": "BCBS of Texas",
                        "totals": {
                            "billed": "300.00",
                            "paid": "120.00",
                            "written_off": "120.00",
                            "open": "60.00",
                        },
                    },
                    {
                        "payer": "Cigna",
                        "totals": {
                            "billed": "275.00",
                            "paid": "25.00",
                            "written_off": "0.00",
                            "open": "250.00",
                        },
                    },
                    {
                        "payer": "Medicare",
                        "totals": {
                            "billed": "210.00",
                            "paid": "130.00",
                            "written_off": "80.00",
                            "open": "0.00",
                        },
                    },
                    {
                        "payer": "UnitedHealthcare",
                        "totals": {
                            "billed": "350.00",
                            "paid": "200.00",
                            "written_off": "150.00",
                            "open": "0.00",
                        },
                    },
                ],
            }
        ],
    },
)

case(
    file="w02_write_off_reasons.txt",
    why="A contractual column beside a write-off column whose reason is a CARC in four spellings or a label: the reason, "
    "not the column, says what the write-off is (45 there is contractual).",
    shape="line",
    delimiter="|",
    dates="%m/%d/%Y",
    text="""
Claim #|Line|DOS|Payer|CPT|Billed|Contractual|Write Off|Write Off Reason|Ins Paid|Pt Paid|Balance
C1001|1|01/15/2026|Aetna|99213|150.00|50.00|||80.00|20.00|0.00
C1001|2|01/15/2026|Aetna|85025|30.00|12.00|3.00|Sm debt w/o|15.00|0.00|0.00
C1002|1|01/16/2026|Cigna|99214|220.00|0.00|220.00|Timely filing|0.00|0.00|0.00
C1003|1|01/20/2026|Medicare|99213|150.00|58.20|1.84|CO-253|72.00|17.96|0.00
C1004|1|01/22/2026|UHC|70551|900.00|0.00|900.00|CO197|0.00|0.00|0.00
C1005|1|02/03/2026|Aetna|99214|220.00|90.00|40.00|Bad debt|90.00|0.00|0.00
C1006|1|02/04/2026|BCBS|99203|250.00|0.00|110.00|45|112.00|28.00|0.00
C1007|1|02/10/2026|BCBS|99213|150.00|0.00|60.00|CO45|90.00|0.00|0.00
C1008|1|02/11/2026|Medicaid|99214|220.00|0.00|220.00|CO-29|0.00|0.00|0.00
C1009|1|02/17/2026|Cigna|20610|300.00|110.00|0.00||150.00|0.00|40.00
""",
    wide={
        "Billed": "charge",
        "Contractual": "wo:contractual",
        "Write Off": "adjust",
        "Ins Paid": "insurer",
        "Pt Paid": "patient",
        "Balance": "stated",
    },
    reason="Write Off Reason",
    reasons={
        "Sm debt w/o": "wo:small_balance",
        "Timely filing": "wo:timely_filing",
        "CO-253": "wo:sequestration",
        "CO197": "wo:authorization",
        "Bad debt": "wo:bad_debt",
        "45": "wo:contractual",
        "CO45": "wo:contractual",
        "CO-29": "wo:timely_filing",
        "": "none",
    },
    claim=("Claim #",),
    line=("Claim #", "Line"),
    payer="Payer",
    service="DOS",
    expect={
        "totals": {
            "billed": "2590.00",
            "paid": "674.96",
            "insurer_paid": "609.00",
            "patient_paid": "65.96",
            "written_off": "1875.04",
            "open": "40.00",
            "unexplained": "0.00",
        },
        "write_offs": {
            "contractual": "490.20",
            "timely_filing": "440.00",
            "authorization": "900.00",
            "bad_debt": "40.00",
            "small_balance": "3.00",
            "sequestration": "1.84",
        },
        "rates": {
            "write_off_rate": "187504/259000",
            "contractual_rate": "49204/259000",
            "avoidable_rate": "134000/209796",
            "gross_collection_rate": "67496/259000",
            "net_collection_rate": "67496/209796",
        },
        "counts": {"lines": 10, "claims": 9, "rows_read": 10, "rows_held": 0},
        "balanced": True,
        "columns": {
            "Claim #": "claim_id",
            "DOS": "service_date",
            "Payer": "payer",
            "CPT": "procedure_code",
            "Billed": "charge",
            "Contractual": "contractual_adjustment",
            "Write Off": "write_off",
            "Write Off Reason": "adjustment_reason",
            "Ins Paid": "insurance_paid",
            "Pt Paid": "patient_paid",
            "Balance": "balance",
        },
        "by": [
            {
                "by": "month",
                "groups": [
                    {
                        "month": "2026-01",
                        "totals": {
                            "billed": "1450.00",
                            "paid": "204.96",
                            "written_off": "1245.04",
                            "open": "0.00",
                        },
                    },
                    {
                        "month": "2026-02",
                        "totals": {
                            "billed": "1140.00",
                            "paid": "470.00",
                            "written_off": "630.00",
                            "open": "40.00",
                        },
                    },
                ],
            }
        ],
    },
)

case(
    file="w03_one_adjustment_with_reason.csv",
    why="One adjustment column for everything, in Windows-1252: PR codes in it are the patient's share and stay open, "
    "CO codes are written off.",
    shape="line|claim",
    delimiter=";",
    encoding="cp1252",
    text="""
Claim ID;Patient ID;Date of Service;Payer;Total Charge;Insurance Payment;Patient Payment;Adjustment;Adj Reason;Balance
A-001;P01;2026-03-02;Café Santé HMO;180.00;100.00;20.00;60.00;CO-45;0.00
A-002;P02;2026-03-02;O’Brien Mutual;240.00;0.00;0.00;240.00;CO 29;0.00
A-003;P03;2026-03-03;Medicare;150.00;0.00;0.00;150.00;PR-1;150.00
A-004;P04;2026-03-04;Medicare;95.00;0.00;0.00;95.00;CO-50;0.00
A-005;P05;2026-03-05;Café Santé HMO;400.00;0.00;0.00;400.00;CO-97;0.00
A-006;P01;2026-03-09;Café Santé HMO;180.00;120.00;0.00;60.00;45;0.00
A-007;P06;2026-03-10;Medicaid;75.00;0.00;0.00;75.00;PR96;75.00
A-008;P07;2026-03-12;O’Brien Mutual;300.00;170.00;0.00;130.00;CO-45;0.00
A-009;P08;2026-03-16;Cigna;130.00;0.00;0.00;130.00;CO-22;0.00
""",
    wide={
        "Total Charge": "charge",
        "Insurance Payment": "insurer",
        "Patient Payment": "patient",
        "Adjustment": "adjust",
        "Balance": "stated",
    },
    reason="Adj Reason",
    reasons={
        "CO-45": "wo:contractual",
        "45": "wo:contractual",
        "CO 29": "wo:timely_filing",
        "PR-1": "ps:deductible",
        "PR96": "ps:patient_other",
        "CO-50": "wo:medical_necessity",
        "CO-97": "wo:bundling",
        "CO-22": "wo:cob_other_payer",
    },
    claim=("Claim ID",),
    line=("Claim ID",),
    patient="Patient ID",
    payer="Payer",
    service="Date of Service",
    expect={
        "totals": {
            "billed": "1750.00",
            "paid": "410.00",
            "insurer_paid": "390.00",
            "patient_paid": "20.00",
            "written_off": "1115.00",
            "open": "225.00",
            "unexplained": "0.00",
            "patient_responsibility": "225.00",
            "deductible": "150.00",
            "patient_other": "75.00",
        },
        "write_offs": {
            "contractual": "250.00",
            "timely_filing": "240.00",
            "medical_necessity": "95.00",
            "bundling": "400.00",
            "cob_other_payer": "130.00",
        },
        "rates": {
            "write_off_rate": "1115/1750",
            "contractual_rate": "250/1750",
            "avoidable_rate": "465/1500",
            "gross_collection_rate": "410/1750",
            "net_collection_rate": "410/1500",
        },
        "counts": {"lines": 9, "claims": 9, "patients": 8, "rows_read": 9, "rows_held": 0},
        "balanced": True,
        "columns": {
            "Claim ID": "claim_id",
            "Patient ID": "patient_id",
            "Date of Service": "service_date",
            "Total Charge": "charge",
            "Insurance Payment": "insurance_paid",
            "Patient Payment": "patient_paid",
            "Adjustment": "adjustment",
            "Adj Reason": "adjustment_reason",
            "Balance": "balance",
        },
        "by": [
            {
                "by": "payer",
                "groups": [
                    {
                        "payer": "Café Santé HMO",
                        "totals": {
                            "billed": "760.00",
                            "paid": "240.00",
                            "written_off": "520.00",
                            "open": "0.00",
                        },
                    },
                    {
                        "payer": "Cigna",
                        "totals": {
                            "billed": "130.00",
                            "paid": "0.00",
                            "written_off": "130.00",
                            "open": "0.00",
                        },
                    },
                    {
                        "payer": "Medicaid",
                        "totals": {
                            "billed": "75.00",
                            "paid": "0.00",
                            "written_off": "0.00",
                            "open": "75.00",
                        },
                    },
                    {
                        "payer": "Medicare",
                        "totals": {
                            "billed": "245.00",
                            "paid": "0.00",
                            "written_off": "95.00",
                            "open": "150.00",
                        },
                    },
                    {
                        "payer": "O’Brien Mutual",
                        "totals": {
                            "billed": "540.00",
                            "paid": "170.00",
                            "written_off": "370.00",
                            "open": "0.00",
                        },
                    },
                ],
            }
        ],
    },
)

case(
    file="w04_adjustment_is_charge_less_allowed.tsv",
    why="No reason, but the adjustment is charge less allowed on every row: contractual, derived.",
    shape="line|claim",
    delimiter="\t",
    text="""
claim_id	dos	payer	cpt	billed	allowed	insurance_paid	patient_paid	adjustment
D0001	2026-04-01	Aetna	99213	200.00	120.00	96.00	24.00	80.00
D0002	2026-04-02	Cigna	99214	150.00	100.00	100.00	0.00	50.00
D0003	2026-04-03	Medicare	99204	300.00	180.00	144.00	20.00	120.00
D0004	2026-04-06	Aetna	99212	80.00	60.00	48.00	0.00	20.00
D0005	2026-04-07	BCBS	20610	410.25	250.25	200.20	50.05	160.00
D0006	2026-04-08	Medicaid	90471	95.00	95.00	95.00	0.00	0.00
""",
    wide={
        "billed": "charge",
        "insurance_paid": "insurer",
        "patient_paid": "patient",
        "adjustment": "wo:contractual",
    },
    claim=("claim_id",),
    line=("claim_id",),
    payer="payer",
    service="dos",
    expect={
        "totals": {
            "billed": "1235.25",
            "paid": "777.25",
            "insurer_paid": "683.20",
            "patient_paid": "94.05",
            "written_off": "430.00",
            "open": "28.00",
            "unexplained": "0.00",
            "patient_responsibility": None,
            "deductible": None,
            "coinsurance": None,
            "copay": None,
        },
        "write_offs": {"contractual": "430.00"},
        "rates": {
            "write_off_rate": "43000/123525",
            "contractual_rate": "43000/123525",
            "avoidable_rate": "0/80525",
            "gross_collection_rate": "77725/123525",
            "net_collection_rate": "77725/80525",
        },
        "counts": {"lines": 6, "claims": 6, "patients": None, "rows_read": 6, "rows_held": 0},
        "balanced": True,
        "columns": {
            "claim_id": "claim_id",
            "dos": "service_date",
            "payer": "payer",
            "cpt": "procedure_code",
            "billed": "charge",
            "allowed": "allowed",
            "insurance_paid": "insurance_paid",
            "patient_paid": "patient_paid",
            "adjustment": "adjustment",
        },
    },
)

case(
    file="w05_adjustments_without_a_kind.csv",
    why="Adjustments that nothing classifies, in quoted dollar amounts: they stay in the write-off rate, and the "
    "contractual, avoidable and net rates cannot be said.",
    shape="line|claim",
    dates="%m/%d/%Y",
    text="""
Claim,DOS,Payer,Billed,Ins Paid,Pt Paid,Adjustments,Balance
E-1,03/17/2026,Aetna,"$1,234.50",$600.00,$34.50,$500.00,$100.00
E-2,03/18/2026,Cigna,$200.00,$110.00,$0.00,$90.00,$0.00
E-3,03/19/2026,Medicare,$150.00,$0.00,$0.00,$150.00,$0.00
E-4,03/30/2026,BCBS,$310.00,$150.00,$20.00,$140.00,$0.00
""",
    wide={
        "Billed": "charge",
        "Ins Paid": "insurer",
        "Pt Paid": "patient",
        "Adjustments": "wo:unclassified",
        "Balance": "stated",
    },
    claim=("Claim",),
    line=("Claim",),
    payer="Payer",
    service="DOS",
    expect={
        "totals": {
            "billed": "1894.50",
            "paid": "914.50",
            "insurer_paid": "860.00",
            "patient_paid": "54.50",
            "written_off": "880.00",
            "open": "100.00",
            "unexplained": "0.00",
        },
        "write_offs": {"unclassified": "880.00"},
        "rates": {
            "write_off_rate": "88000/189450",
            "contractual_rate": None,
            "avoidable_rate": None,
            "gross_collection_rate": "91450/189450",
            "net_collection_rate": None,
        },
        "counts": {"lines": 4, "claims": 4, "rows_read": 4, "rows_held": 0},
        "balanced": True,
        "columns": {
            "Billed": "charge",
            "Ins Paid": "insurance_paid",
            "Pt Paid": "patient_paid",
            "Adjustments": "adjustment",
            "Balance": "balance",
        },
    },
)

case(
    file="w06_only_allowed.csv",
    why="Allowed but no adjustment: contractual is charge less allowed where allowed is above zero (negative where the "
    "payer allowed more than was billed); a denied or blank allowed stays open.",
    shape="line|claim",
    encoding="utf-8-sig",
    text="""
Claim ID,DOS,Payer,CPT,Charge,Allowed,Insurance Paid,Patient Paid
F01,2026-01-05,Aetna,99213,150.00,100.00,80.00,20.00
F02,2026-01-06,Aetna,99214,220.00,130.00,104.00,0.00
F03,2026-01-07,Cigna,93000,90.00,0.00,0.00,0.00
F04,2026-01-08,Cigna,20610,300.00,,0.00,0.00
F05,2026-01-09,Medicare,J1885,100.00,120.00,120.00,0.00
F06,2026-01-12,Medicaid,90460,80.00,80.00,80.00,0.00
""",
    wide={
        "Charge": "charge",
        "Allowed": "allowed",
        "Insurance Paid": "insurer",
        "Patient Paid": "patient",
    },
    claim=("Claim ID",),
    line=("Claim ID",),
    payer="Payer",
    service="DOS",
    expect={
        "totals": {
            "billed": "940.00",
            "paid": "404.00",
            "insurer_paid": "384.00",
            "patient_paid": "20.00",
            "written_off": "120.00",
            "open": "416.00",
            "unexplained": "0.00",
        },
        "write_offs": {"contractual": "120.00"},
        "rates": {
            "write_off_rate": "120/940",
            "contractual_rate": "120/940",
            "avoidable_rate": "0/820",
            "gross_collection_rate": "404/940",
            "net_collection_rate": "404/820",
        },
        "counts": {"lines": 6, "claims": 6, "rows_read": 6, "rows_held": 0},
        "balanced": True,
        "columns": {
            "Claim ID": "claim_id",
            "Charge": "charge",
            "Allowed": "allowed",
            "Insurance Paid": "insurance_paid",
            "Patient Paid": "patient_paid",
        },
        "by": [
            {
                "by": "payer",
                "groups": [
                    {
                        "payer": "Aetna",
                        "totals": {"billed": "370.00", "written_off": "140.00", "open": "26.00"},
                    },
                    {
                        "payer": "Cigna",
                        "totals": {"billed": "390.00", "written_off": "0.00", "open": "390.00"},
                    },
                    {
                        "payer": "Medicaid",
                        "totals": {"billed": "80.00", "written_off": "0.00", "open": "0.00"},
                    },
                    {
                        "payer": "Medicare",
                        "totals": {"billed": "100.00", "written_off": "-20.00", "open": "0.00"},
                    },
                ],
            }
        ],
    },
)

case(
    file="w07_payer_claim_lines.csv",
    why="A payer's own claim lines: allowed is paid plus the patient's share, so the paid column is the insurer's and "
    "what patients paid is not known.",
    shape="line",
    text="""
claim_id,claim_line_number,person_id,payer,plan,claim_start_date,paid_date,hcpcs_code,charge_amount,allowed_amount,paid_amount,coinsurance_amount,copayment_amount,deductible_amount
10001,1,M01,Blue Plan,PPO,2026-02-02,2026-02-20,99214,200.00,120.00,96.00,24.00,0.00,0.00
10001,2,M01,Blue Plan,PPO,2026-02-02,2026-02-20,85025,50.00,30.00,30.00,0.00,0.00,0.00
10002,1,M02,Blue Plan,HMO,2026-02-03,2026-02-20,99204,300.00,180.00,80.00,0.00,0.00,100.00
10003,1,M03,Blue Plan,HMO,2026-02-04,2026-02-27,99213,150.00,100.00,70.00,0.00,30.00,0.00
10004,1,M01,Blue Plan,PPO,2026-02-05,2026-02-27,97110,90.00,0.00,0.00,0.00,0.00,0.00
""",
    wide={
        "charge_amount": "charge",
        "allowed_amount": "allowed",
        "paid_amount": "insurer",
        "coinsurance_amount": "ps:coinsurance",
        "copayment_amount": "ps:copay",
        "deductible_amount": "ps:deductible",
    },
    claim=("claim_id",),
    line=("claim_id", "claim_line_number"),
    patient="person_id",
    payer="payer",
    service="claim_start_date",
    expect={
        "totals": {
            "billed": "790.00",
            "paid": "276.00",
            "insurer_paid": "276.00",
            "patient_paid": None,
            "written_off": "270.00",
            "open": "244.00",
            "unexplained": "0.00",
            "patient_responsibility": "154.00",
            "deductible": "100.00",
            "coinsurance": "24.00",
            "copay": "30.00",
        },
        "write_offs": {"contractual": "270.00"},
        "rates": {
            "write_off_rate": "270/790",
            "contractual_rate": "270/790",
            "avoidable_rate": "0/520",
        },
        "counts": {"lines": 5, "claims": 4, "patients": 3, "rows_read": 5, "rows_held": 0},
        "balanced": True,
        "columns": {
            "claim_id": "claim_id",
            "claim_line_number": "line_number",
            "person_id": "patient_id",
            "payer": "payer",
            "plan": "plan",
            "claim_start_date": "service_date",
            "paid_date": "payment_date",
            "hcpcs_code": "procedure_code",
            "charge_amount": "charge",
            "allowed_amount": "allowed",
            "paid_amount": "insurance_paid",
            "coinsurance_amount": "coinsurance",
            "copayment_amount": "copay",
            "deductible_amount": "deductible",
        },
    },
)

case(
    file="w08_no_adjustment_no_allowed.csv",
    why="Neither adjustment nor allowed: nothing is known of write-offs, so written off and the net rate are null and "
    "what is not paid is open.",
    shape="line|claim",
    text="""
claim_id,dos,payer,charge,insurance_paid,patient_paid
G1,2026-05-04,Aetna,150.00,80.00,20.00
G2,2026-05-05,Cigna,200.00,0.00,0.00
G3,2026-05-06,Medicare,90.00,60.00,0.00
G4,2026-05-07,BCBS,310.00,150.00,25.00
""",
    wide={"charge": "charge", "insurance_paid": "insurer", "patient_paid": "patient"},
    claim=("claim_id",),
    line=("claim_id",),
    payer="payer",
    service="dos",
    expect={
        "totals": {
            "billed": "750.00",
            "paid": "335.00",
            "insurer_paid": "290.00",
            "patient_paid": "45.00",
            "written_off": None,
            "open": "415.00",
            "unexplained": "0.00",
            "patient_responsibility": None,
        },
        "write_offs": {},
        "rates": {
            "write_off_rate": None,
            "contractual_rate": None,
            "avoidable_rate": None,
            "gross_collection_rate": "335/750",
            "net_collection_rate": None,
        },
        "counts": {"lines": 4, "claims": 4, "rows_read": 4, "rows_held": 0},
        "balanced": True,
    },
)

case(
    file="w09_one_payments_column_for_everybody.csv",
    why="One payments column where charge is payments plus adjustment plus balance: nobody can say who paid, `paid` "
    "carries it and the rates use it.",
    shape="line|claim",
    text="""
Claim #,Date of Service,Insurance,Total Charge,Payments,Adjustments,Adjustment Reason,Balance
H1,2026-02-02,Aetna,150.00,100.00,50.00,CO-45,0.00
H2,2026-02-03,Aetna,220.00,90.00,100.00,CO45,30.00
H3,2026-02-04,Cigna,180.00,0.00,180.00,CO-29,0.00
H4,2026-02-05,Medicare,260.00,160.00,100.00,45,0.00
H5,2026-02-06,Medicare,75.00,0.00,0.00,,75.00
H6,2026-02-09,BCBS,140.00,60.00,70.00,CO-45,10.00
""",
    wide={
        "Total Charge": "charge",
        "Payments": "paid",
        "Adjustments": "adjust",
        "Balance": "stated",
    },
    reason="Adjustment Reason",
    reasons={
        "CO-45": "wo:contractual",
        "CO45": "wo:contractual",
        "45": "wo:contractual",
        "CO-29": "wo:timely_filing",
        "": "none",
    },
    claim=("Claim #",),
    line=("Claim #",),
    payer="Insurance",
    service="Date of Service",
    expect={
        "totals": {
            "billed": "1025.00",
            "paid": "410.00",
            "insurer_paid": None,
            "patient_paid": None,
            "written_off": "500.00",
            "open": "115.00",
            "unexplained": "0.00",
        },
        "write_offs": {"contractual": "320.00", "timely_filing": "180.00"},
        "rates": {
            "write_off_rate": "500/1025",
            "contractual_rate": "320/1025",
            "avoidable_rate": "180/705",
            "gross_collection_rate": "410/1025",
            "net_collection_rate": "410/705",
        },
        "counts": {"lines": 6, "claims": 6, "rows_read": 6, "rows_held": 0},
        "balanced": True,
        "columns": {
            "Claim #": "claim_id",
            "Insurance": "payer",
            "Total Charge": "charge",
            "Payments": "total_paid",
            "Adjustments": "adjustment",
            "Adjustment Reason": "adjustment_reason",
            "Balance": "balance",
        },
    },
)

case(
    file="w10_paid_is_the_insurers.csv",
    why="One paid column where charge is paid plus adjustment plus the patient's responsibility: it is the insurer's, "
    "and the responsibility is still owed.",
    shape="line|claim",
    text="""
claim_id,dos,payer,billed,paid,adjustment,adj_reason,patient_resp
I1,2026-06-01,Aetna,200.00,96.00,80.00,CO-45,24.00
I2,2026-06-02,Aetna,150.00,40.00,60.00,CO-45,50.00
I3,2026-06-03,Medicaid,300.00,180.00,120.00,CO-45,0.00
I4,2026-06-04,Cigna,250.00,0.00,250.00,CO-197,0.00
I5,2026-06-05,BCBS,120.00,50.00,40.00,CO-45,30.00
""",
    wide={
        "billed": "charge",
        "paid": "insurer",
        "adjustment": "adjust",
        "patient_resp": "ps:total",
    },
    reason="adj_reason",
    reasons={"CO-45": "wo:contractual", "CO-197": "wo:authorization"},
    claim=("claim_id",),
    line=("claim_id",),
    payer="payer",
    service="dos",
    expect={
        "totals": {
            "billed": "1020.00",
            "paid": "366.00",
            "insurer_paid": "366.00",
            "patient_paid": None,
            "written_off": "550.00",
            "open": "104.00",
            "unexplained": "0.00",
            "patient_responsibility": "104.00",
            "deductible": None,
            "coinsurance": None,
            "copay": None,
        },
        "write_offs": {"contractual": "300.00", "authorization": "250.00"},
        "rates": {
            "write_off_rate": "550/1020",
            "contractual_rate": "300/1020",
            "avoidable_rate": "250/720",
        },
        "counts": {"lines": 5, "claims": 5, "rows_read": 5, "rows_held": 0},
        "balanced": True,
        "columns": {
            "billed": "charge",
            "paid": "insurance_paid",
            "adjustment": "adjustment",
            "adj_reason": "adjustment_reason",
            "patient_resp": "patient_responsibility",
        },
    },
)

case(
    file="w11_patient_share_in_parts.csv",
    why="A patient-responsibility total beside deductible, coinsurance and copay: the total wins, the difference is the "
    "patient's other share, and none of it is paid or written off.",
    shape="line|claim",
    text="""
claim_id,dos,payer,billed_amount,contractual_adjustment,insurance_paid,patient_paid,patient_responsibility,deductible,coinsurance,copay,balance
J1,2026-03-02,Aetna,400.00,150.00,150.00,70.00,100.00,60.00,40.00,0.00,30.00
J2,2026-03-03,Aetna,250.00,100.00,120.00,30.00,30.00,0.00,0.00,30.00,0.00
J3,2026-03-04,Cigna,180.00,0.00,0.00,0.00,180.00,0.00,0.00,0.00,180.00
J4,2026-03-05,Medicare,320.00,130.00,152.00,20.00,38.00,0.00,38.00,0.00,18.00
J5,2026-03-06,BCBS,500.00,200.00,210.00,90.00,90.00,50.00,25.00,0.00,0.00
""",
    wide={
        "billed_amount": "charge",
        "contractual_adjustment": "wo:contractual",
        "insurance_paid": "insurer",
        "patient_paid": "patient",
        "patient_responsibility": "ps:total",
        "deductible": "ps:deductible",
        "coinsurance": "ps:coinsurance",
        "copay": "ps:copay",
        "balance": "stated",
    },
    claim=("claim_id",),
    line=("claim_id",),
    payer="payer",
    service="dos",
    expect={
        "totals": {
            "billed": "1650.00",
            "paid": "842.00",
            "insurer_paid": "632.00",
            "patient_paid": "210.00",
            "written_off": "580.00",
            "open": "228.00",
            "patient_open": "228.00",
            "unexplained": "0.00",
            "patient_responsibility": "438.00",
            "deductible": "110.00",
            "coinsurance": "103.00",
            "copay": "30.00",
            "patient_other": "195.00",
        },
        "write_offs": {"contractual": "580.00"},
        "rates": {
            "write_off_rate": "580/1650",
            "contractual_rate": "580/1650",
            "avoidable_rate": "0/1070",
            "gross_collection_rate": "842/1650",
            "net_collection_rate": "842/1070",
        },
        "counts": {"lines": 5, "claims": 5, "rows_read": 5, "rows_held": 0},
        "balanced": True,
        "exit": 0,
        "columns": {
            "billed_amount": "charge",
            "contractual_adjustment": "contractual_adjustment",
            "insurance_paid": "insurance_paid",
            "patient_paid": "patient_paid",
            "patient_responsibility": "patient_responsibility",
            "deductible": "deductible",
            "coinsurance": "coinsurance",
            "copay": "copay",
            "balance": "balance",
        },
    },
)

case(
    file="w12_one_balance_is_off.csv",
    why="A balance column that agrees on every row but one: open is what the file states, the difference is unexplained, "
    "and the file does not balance.",
    shape="line|claim",
    text="""
Claim Number,Service Date,Payer,CPT Code,Charges,Insurance Payments,Patient Payments,Contractual Adjustment,Balance Due
K-1,2026-07-01,Aetna,99213,150.00,80.00,20.00,50.00,0.00
K-2,2026-07-02,Aetna,99214,200.00,110.00,0.00,60.00,30.00
K-3,2026-07-03,Cigna,99203,250.00,120.00,10.00,80.00,25.00
K-4,2026-07-06,Medicare,93000,90.00,0.00,0.00,0.00,90.00
""",
    wide={
        "Charges": "charge",
        "Insurance Payments": "insurer",
        "Patient Payments": "patient",
        "Contractual Adjustment": "wo:contractual",
        "Balance Due": "stated",
    },
    claim=("Claim Number",),
    line=("Claim Number",),
    payer="Payer",
    service="Service Date",
    expect={
        "totals": {
            "billed": "690.00",
            "paid": "340.00",
            "insurer_paid": "310.00",
            "patient_paid": "30.00",
            "written_off": "190.00",
            "open": "145.00",
            "unexplained": "15.00",
        },
        "write_offs": {"contractual": "190.00"},
        "rates": {
            "write_off_rate": "190/690",
            "contractual_rate": "190/690",
            "avoidable_rate": "0/500",
            "gross_collection_rate": "340/690",
            "net_collection_rate": "340/500",
        },
        "counts": {"lines": 4, "claims": 4, "rows_read": 4, "rows_held": 0},
        "balanced": False,
        "exit": 1,
        "columns": {
            "Claim Number": "claim_id",
            "Service Date": "service_date",
            "CPT Code": "procedure_code",
            "Charges": "charge",
            "Insurance Payments": "insurance_paid",
            "Patient Payments": "patient_paid",
            "Contractual Adjustment": "contractual_adjustment",
            "Balance Due": "balance",
        },
    },
)

case(
    file="w13_insurance_and_patient_balance.csv",
    why="Two balance columns and no total: open is their sum, and the patient's part is what the share less the "
    "payments leaves.",
    shape="line",
    text="""
Claim ID,Line,DOS,Primary Insurance,Procedure,Charge Amt,Contractual Adj,Insurance Paid,Patient Paid,Patient Responsibility,Insurance Balance,Patient Balance
L100,1,2026-04-06,Aetna,99214,200.00,80.00,96.00,0.00,24.00,0.00,24.00
L100,2,2026-04-06,Aetna,36415,150.00,60.00,72.00,18.00,18.00,0.00,0.00
L101,1,2026-04-07,Cigna,20610,300.00,0.00,0.00,0.00,,300.00,0.00
L102,1,2026-04-08,Medicare,99213,120.00,50.00,0.00,30.00,70.00,0.00,40.00
L103,1,2026-04-09,Medicaid,99212,90.00,30.00,60.00,0.00,0.00,0.00,0.00
""",
    wide={
        "Charge Amt": "charge",
        "Contractual Adj": "wo:contractual",
        "Insurance Paid": "insurer",
        "Patient Paid": "patient",
        "Patient Responsibility": "ps:total",
        "Insurance Balance": "stated",
        "Patient Balance": "stated",
    },
    claim=("Claim ID",),
    line=("Claim ID", "Line"),
    payer="Primary Insurance",
    service="DOS",
    expect={
        "totals": {
            "billed": "860.00",
            "paid": "276.00",
            "insurer_paid": "228.00",
            "patient_paid": "48.00",
            "written_off": "220.00",
            "open": "364.00",
            "patient_open": "64.00",
            "unexplained": "0.00",
            "patient_responsibility": "112.00",
        },
        "write_offs": {"contractual": "220.00"},
        "rates": {
            "write_off_rate": "220/860",
            "contractual_rate": "220/860",
            "avoidable_rate": "0/640",
            "gross_collection_rate": "276/860",
            "net_collection_rate": "276/640",
        },
        "counts": {"lines": 5, "claims": 4, "rows_read": 5, "rows_held": 0},
        "balanced": True,
        "exit": 0,
        "columns": {
            "Primary Insurance": "payer",
            "Charge Amt": "charge",
            "Contractual Adj": "contractual_adjustment",
            "Insurance Paid": "insurance_paid",
            "Patient Paid": "patient_paid",
            "Patient Responsibility": "patient_responsibility",
            "Insurance Balance": "insurance_balance",
            "Patient Balance": "patient_balance",
        },
    },
)

case(
    file="w14_reversal_and_rebill.csv",
    why="Reversals in parentheses and with trailing minus, one rebilled and one not: they net, the rebilled claim is one "
    "claim and the withdrawn one is none.",
    shape="line",
    text="""
Claim ID,Line,DOS,Payer,CPT,Billed,Contractual,Ins Paid,Pt Paid,Balance
M1,1,2026-01-12,Aetna,99214,200.00,80.00,96.00,24.00,0.00
M1,1,2026-01-12,Aetna,99214,(200.00),(80.00),(96.00),0.00,(24.00)
M1,1,2026-01-12,Aetna,99214,200.00,90.00,86.00,0.00,24.00
M2,1,2026-01-13,Cigna,99213,150.00,60.00,72.00,18.00,0.00
M3,1,2026-01-14,Cigna,99213,120.00,50.00,70.00,0.00,0.00
M3,1,2026-01-14,Cigna,99213,120.00-,50.00-,70.00-,0.00,0.00
M4,1,2026-01-15,Medicare,99212,90.00,30.00,48.00,12.00,0.00
""",
    wide={
        "Billed": "charge",
        "Contractual": "wo:contractual",
        "Ins Paid": "insurer",
        "Pt Paid": "patient",
        "Balance": "stated",
    },
    claim=("Claim ID",),
    payer="Payer",
    service="DOS",
    expect={
        "totals": {
            "billed": "440.00",
            "paid": "260.00",
            "insurer_paid": "206.00",
            "patient_paid": "54.00",
            "written_off": "180.00",
            "open": "0.00",
            "unexplained": "0.00",
        },
        "write_offs": {"contractual": "180.00"},
        "rates": {
            "write_off_rate": "180/440",
            "contractual_rate": "180/440",
            "avoidable_rate": "0/260",
            "gross_collection_rate": "260/440",
            "net_collection_rate": "260/260",
        },
        "counts": {"claims": 3, "rows_read": 7, "rows_held": 0},
        "balanced": True,
    },
)

case(
    file="w15_paid_above_billed.csv",
    why="Paid above billed is a credit, a charge of zero with a payment is counted, a negative adjustment raises what is "
    "owed, and a zero-charge row is no claim: all counted, some flagged.",
    shape="line|claim",
    text="""
Claim ID,DOS,Payer,CPT,Charge,Contractual Adj,Insurance Paid,Patient Paid,Balance
N1,2026-05-04,Aetna,99213,100.00,0.00,120.00,0.00,-20.00
N2,2026-05-04,Aetna,99024,0.00,0.00,0.00,0.00,0.00
N3,2026-05-05,Cigna,99024,0.00,0.00,10.00,0.00,-10.00
N4,2026-05-06,Medicare,99214,200.00,80.00,100.00,20.00,0.00
N5,2026-05-07,Medicaid,J1885,150.00,-10.00,160.00,0.00,0.00
""",
    wide={
        "Charge": "charge",
        "Contractual Adj": "wo:contractual",
        "Insurance Paid": "insurer",
        "Patient Paid": "patient",
        "Balance": "stated",
    },
    claim=("Claim ID",),
    payer="Payer",
    service="DOS",
    expect={
        "totals": {
            "billed": "450.00",
            "paid": "410.00",
            "insurer_paid": "390.00",
            "patient_paid": "20.00",
            "written_off": "70.00",
            "open": "-30.00",
            "unexplained": "0.00",
        },
        "write_offs": {"contractual": "70.00"},
        "rates": {"write_off_rate": "70/450", "contractual_rate": "70/450"},
        "counts": {"claims": 3, "rows_read": 5, "rows_held": 0},
        "balanced": True,
        "exit": 1,
    },
)

case(
    file="w16_write_off_columns_by_kind.csv",
    why="Four write-off columns whose headings are their kinds: each keeps its category; bad debt, charity and small "
    "balances are never avoidable.",
    shape="line|claim",
    text="""
Acct No,Claim No,DOS,Payer,Charges,Ins Payments,Pt Payments,Contractual,Timely Filing,Bad Debt,Charity,Small Balance,Balance
00071,O-1,2026-02-02,Aetna,200.00,100.00,20.00,80.00,0.00,0.00,0.00,0.00,0.00
00072,O-2,2026-02-03,Cigna,250.00,0.00,0.00,0.00,250.00,0.00,0.00,0.00,0.00
00073,O-3,2026-02-04,Medicare,180.00,80.00,0.00,60.00,0.00,40.00,0.00,0.00,0.00
00074,O-4,2026-02-05,BCBS,300.00,140.00,0.00,110.00,0.00,0.00,50.00,0.00,0.00
00075,O-5,2026-02-06,Aetna,96.00,50.00,0.00,43.50,0.00,0.00,0.00,2.50,0.00
00071,O-6,2026-02-09,Aetna,150.00,70.00,0.00,55.00,0.00,0.00,0.00,0.00,25.00
""",
    wide={
        "Charges": "charge",
        "Ins Payments": "insurer",
        "Pt Payments": "patient",
        "Contractual": "wo:contractual",
        "Timely Filing": "wo:timely_filing",
        "Bad Debt": "wo:bad_debt",
        "Charity": "wo:charity",
        "Small Balance": "wo:small_balance",
        "Balance": "stated",
    },
    claim=("Claim No",),
    line=("Claim No",),
    patient="Acct No",
    payer="Payer",
    service="DOS",
    expect={
        "totals": {
            "billed": "1176.00",
            "paid": "460.00",
            "insurer_paid": "440.00",
            "patient_paid": "20.00",
            "written_off": "691.00",
            "open": "25.00",
            "unexplained": "0.00",
        },
        "write_offs": {
            "contractual": "348.50",
            "timely_filing": "250.00",
            "bad_debt": "40.00",
            "charity": "50.00",
            "small_balance": "2.50",
        },
        "rates": {
            "write_off_rate": "6910/11760",
            "contractual_rate": "3485/11760",
            "avoidable_rate": "2500/8275",
            "gross_collection_rate": "4600/11760",
            "net_collection_rate": "4600/8275",
        },
        "counts": {"lines": 6, "claims": 6, "rows_read": 6, "rows_held": 0},
        "balanced": True,
        "columns": {
            "Claim No": "claim_id",
            "Charges": "charge",
            "Ins Payments": "insurance_paid",
            "Pt Payments": "patient_paid",
            "Contractual": "contractual_adjustment",
            "Balance": "balance",
        },
    },
)

REPORT_ROWS = """
LF-0101,2026-01-05,Aetna,99213,$150.00,$80.00,$20.00,$50.00,$0.00
LF-0102,2026-01-06,Medicare,99214,$220.00,$101.60,$25.40,$93.00,$0.00
LF-0103,2026-01-08,Cigna,58558,"$2,450.00","$1,130.00",$0.00,"$1,075.00",$245.00
LF-0104,2026-01-12,BCBS,99203,$260.00,$0.00,$0.00,$110.00,$150.00
"""

case(
    file="w17_paged_report.csv",
    why="A printed report saved as a table: title lines above the heading, a page line, the heading again, and a grand "
    "total that agrees. Every row is counted once and nothing is flagged.",
    shape="line|claim",
    preamble=4,
    not_data=("Page 1 of 2", "Claim #", "Grand Total"),
    text=f"""
Lakeside Family Practice
"Charge analysis by claim, all providers"
01/01/2026 - 01/31/2026

Claim #,Service Date,Insurance,CPT,Charges,Insurance Payments,Patient Payments,Contractual Adjustments,Balance
{REPORT_ROWS.strip()}
Page 1 of 2,,,,,,,,
Claim #,Service Date,Insurance,CPT,Charges,Insurance Payments,Patient Payments,Contractual Adjustments,Balance
LF-0105,2026-01-15,Aetna,99396,$275.00,$190.00,$0.00,$85.00,$0.00
LF-0106,2026-01-20,UHC,17110,$310.00,$140.00,$30.00,$140.00,$0.00
LF-0107,2026-01-22,Medicare,99213,$150.00,$72.00,$0.00,$60.00,$18.00
LF-0108,2026-01-29,Cigna,99204,"$1,234.50",$600.00,$34.50,$500.00,$100.00
Grand Total,,,,"$5,049.50","$2,313.60",$109.90,"$2,113.00",$513.00
""",
    wide={
        "Charges": "charge",
        "Insurance Payments": "insurer",
        "Patient Payments": "patient",
        "Contractual Adjustments": "wo:contractual",
        "Balance": "stated",
    },
    claim=("Claim #",),
    line=("Claim #",),
    payer="Insurance",
    service="Service Date",
    expect={
        "totals": {
            "billed": "5049.50",
            "paid": "2423.50",
            "insurer_paid": "2313.60",
            "patient_paid": "109.90",
            "written_off": "2113.00",
            "open": "513.00",
            "unexplained": "0.00",
        },
        "write_offs": {"contractual": "2113.00"},
        "rates": {
            "write_off_rate": "21130/50495",
            "contractual_rate": "21130/50495",
            "avoidable_rate": "0/1",
            "gross_collection_rate": "24235/50495",
            "net_collection_rate": "24235/29365",
        },
        "counts": {"lines": 8, "claims": 8, "rows_read": 8, "rows_held": 0},
        "period": {"service_from": "2026-01-05", "service_to": "2026-01-29"},
        "balanced": True,
        "exit": 0,
        "columns": {
            "Claim #": "claim_id",
            "Service Date": "service_date",
            "Insurance": "payer",
            "CPT": "procedure_code",
            "Charges": "charge",
            "Insurance Payments": "insurance_paid",
            "Patient Payments": "patient_paid",
            "Contractual Adjustments": "contractual_adjustment",
            "Balance": "balance",
        },
    },
)

case(
    file="w18_total_row_disagrees.csv",
    why="A total row that states 100.00 more in charges than the rows hold: the rows are counted, the total is not, and "
    "the file does not balance.",
    shape="line|claim",
    not_data=("Total",),
    control_agrees=False,
    text=f"""
Claim #,Service Date,Insurance,CPT,Charges,Insurance Payments,Patient Payments,Contractual Adjustments,Balance
{REPORT_ROWS.strip()}
Total,,,,"$3,180.00","$1,311.60",$45.40,"$1,328.00",$395.00
""",
    wide={
        "Charges": "charge",
        "Insurance Payments": "insurer",
        "Patient Payments": "patient",
        "Contractual Adjustments": "wo:contractual",
        "Balance": "stated",
    },
    claim=("Claim #",),
    line=("Claim #",),
    payer="Insurance",
    service="Service Date",
    expect={
        "totals": {
            "billed": "3080.00",
            "paid": "1357.00",
            "insurer_paid": "1311.60",
            "patient_paid": "45.40",
            "written_off": "1328.00",
            "open": "395.00",
            "unexplained": "0.00",
        },
        "write_offs": {"contractual": "1328.00"},
        "counts": {"lines": 4, "claims": 4, "rows_read": 4, "rows_held": 0},
        "balanced": False,
        "exit": 1,
    },
)

case(
    file="w19_identifiers_as_text.csv",
    why="Claim numbers 00123, 123 and 0123, patient 7 and 007, and procedures 0001A and 00100 keep every character: six "
    "claims, four patients, four procedures.",
    shape="line|claim",
    text="""
Claim ID,Patient ID,DOS,Payer,Procedure Code,Charge,Insurance Paid,Patient Paid,Contractual Adjustment
00123,007,2026-01-05,Aetna,0001A,40.00,32.00,0.00,8.00
123,7,2026-01-05,Aetna,99213,150.00,90.00,10.00,50.00
0123,070,2026-01-06,Cigna,00100,600.00,350.00,0.00,250.00
1E5,7,2026-01-06,Cigna,99213,150.00,100.00,0.00,50.00
100000,007,2026-01-07,Medicare,0001A,40.00,40.00,0.00,0.00
000124,008,2026-01-08,Medicare,J1100,12.00,7.00,0.00,5.00
""",
    wide={
        "Charge": "charge",
        "Insurance Paid": "insurer",
        "Patient Paid": "patient",
        "Contractual Adjustment": "wo:contractual",
    },
    claim=("Claim ID",),
    line=("Claim ID",),
    patient="Patient ID",
    payer="Payer",
    service="DOS",
    grouped={"procedure": "Procedure Code"},
    expect={
        "totals": {
            "billed": "992.00",
            "paid": "629.00",
            "insurer_paid": "619.00",
            "patient_paid": "10.00",
            "written_off": "363.00",
            "open": "0.00",
            "unexplained": "0.00",
        },
        "counts": {"lines": 6, "claims": 6, "patients": 4, "rows_read": 6, "rows_held": 0},
        "balanced": True,
        "by": [
            {
                "by": "procedure",
                "groups": [
                    {
                        "procedure": "0001A",
                        "totals": {"billed": "80.00", "paid": "72.00", "written_off": "8.00"},
                    },
                    {
                        "procedure": "00100",
                        "totals": {"billed": "600.00", "paid": "350.00", "written_off": "250.00"},
                    },
                    {
                        "procedure": "99213",
                        "totals": {"billed": "300.00", "paid": "200.00", "written_off": "100.00"},
                    },
                    {
                        "procedure": "J1100",
                        "totals": {"billed": "12.00", "paid": "7.00", "written_off": "5.00"},
                    },
                ],
            }
        ],
    },
)

case(
    file="w20_payers_called_none.csv",
    why="Payers called None, N/A, NA and null are names, a blank payer is a missing value: each is counted and the "
    "groups sum to the whole.",
    shape="line|claim",
    text="""
Claim ID,DOS,Payer,Billed,Ins Paid,Pt Paid,Contractual,Balance
Q1,2026-03-02,None,100.00,60.00,10.00,30.00,0.00
Q2,2026-03-03,N/A,100.00,50.00,0.00,40.00,10.00
Q3,2026-03-04,,100.00,0.00,100.00,0.00,0.00
Q4,2026-03-05,   ,100.00,0.00,40.00,0.00,60.00
Q5,2026-03-06,Aetna,200.00,120.00,0.00,80.00,0.00
Q6,2026-03-09,null,150.00,70.00,0.00,60.00,20.00
Q7,2026-03-10,NA,120.00,80.00,0.00,40.00,0.00
""",
    wide={
        "Billed": "charge",
        "Ins Paid": "insurer",
        "Pt Paid": "patient",
        "Contractual": "wo:contractual",
        "Balance": "stated",
    },
    claim=("Claim ID",),
    line=("Claim ID",),
    payer="Payer",
    service="DOS",
    expect={
        "totals": {
            "billed": "870.00",
            "paid": "530.00",
            "insurer_paid": "380.00",
            "patient_paid": "150.00",
            "written_off": "250.00",
            "open": "90.00",
            "unexplained": "0.00",
        },
        "counts": {"lines": 7, "claims": 7, "rows_read": 7, "rows_held": 0},
        "balanced": True,
        "by": [
            {
                "by": "payer",
                "groups": [
                    {
                        "payer": "Aetna",
                        "totals": {"billed": "200.00", "paid": "120.00", "open": "0.00"},
                    },
                    {
                        "payer": "N/A",
                        "totals": {"billed": "100.00", "paid": "50.00", "open": "10.00"},
                    },
                    {
                        "payer": "NA",
                        "totals": {"billed": "120.00", "paid": "80.00", "open": "0.00"},
                    },
                    {
                        "payer": "None",
                        "totals": {"billed": "100.00", "paid": "70.00", "open": "0.00"},
                    },
                    {
                        "payer": "null",
                        "totals": {"billed": "150.00", "paid": "70.00", "open": "20.00"},
                    },
                    {
                        "payer": None,
                        "totals": {"billed": "200.00", "paid": "140.00", "open": "60.00"},
                    },
                ],
            }
        ],
    },
)

case(
    file="w21_self_pay_discounts.csv",
    why="Self-pay lines with discounts beside insured ones: a discount is given up by choice, so it is in the write-off "
    "rate and not in the contractual, and never avoidable.",
    shape="line|claim",
    text="""
Claim ID,Patient ID,DOS,Payer,Charge,Ins Paid,Pt Paid,Adjustment,Adjustment Reason,Balance
R1,0101,2026-08-03,Self Pay,200.00,0.00,120.00,80.00,Self-pay discount,0.00
R2,0102,2026-08-04,Self Pay,150.00,0.00,0.00,60.00,Self-pay discount,90.00
R3,0103,2026-08-05,Aetna,180.00,100.00,20.00,60.00,CO-45,0.00
R4,0104,2026-08-06,Self Pay,100.00,0.00,95.00,5.00,Prompt pay discount,0.00
R5,0105,2026-08-07,Cigna,220.00,130.00,0.00,60.00,CO-45,30.00
""",
    wide={
        "Charge": "charge",
        "Ins Paid": "insurer",
        "Pt Paid": "patient",
        "Adjustment": "adjust",
        "Balance": "stated",
    },
    reason="Adjustment Reason",
    reasons={
        "Self-pay discount": "wo:self_pay_discount",
        "Prompt pay discount": "wo:prompt_pay_discount",
        "CO-45": "wo:contractual",
    },
    claim=("Claim ID",),
    line=("Claim ID",),
    patient="Patient ID",
    payer="Payer",
    service="DOS",
    expect={
        "totals": {
            "billed": "850.00",
            "paid": "465.00",
            "insurer_paid": "230.00",
            "patient_paid": "235.00",
            "written_off": "265.00",
            "open": "120.00",
            "unexplained": "0.00",
        },
        "write_offs": {
            "contractual": "120.00",
            "self_pay_discount": "140.00",
            "prompt_pay_discount": "5.00",
        },
        "rates": {
            "write_off_rate": "265/850",
            "contractual_rate": "120/850",
            "avoidable_rate": "0/730",
            "gross_collection_rate": "465/850",
            "net_collection_rate": "465/730",
        },
        "counts": {"lines": 5, "claims": 5, "patients": 5, "rows_read": 5, "rows_held": 0},
        "balanced": True,
        "by": [
            {
                "by": "payer",
                "groups": [
                    {
                        "payer": "Aetna",
                        "totals": {
                            "billed": "180.00",
                            "paid": "120.00",
                            "written_off": "60.00",
                            "open": "0.00",
                        },
                    },
                    {
                        "payer": "Cigna",
                        "totals": {
                            "billed": "220.00",
                            "paid": "130.00",
                            "written_off": "60.00",
                            "open": "30.00",
                        },
                    },
                    {
                        "payer": "Self Pay",
                        "totals": {
                            "billed": "450.00",
                            "paid": "215.00",
                            "written_off": "145.00",
                            "open": "90.00",
                        },
                        "rates": {"net_collection_rate": "215/450", "write_off_rate": "145/450"},
                    },
                ],
            }
        ],
    },
)

case(
    file="w22_decimal_comma_day_first.csv",
    why="Semicolons, 1.234,50 and day-first dates where 27/02 settles what 03/02 means: three claims in February, two in "
    "March, blanks add nothing.",
    shape="line|claim",
    delimiter=";",
    encoding="utf-8-sig",
    decimal_comma=True,
    dates="%d/%m/%Y",
    text="""
Claim No;Date of Service;Posting Date;Insurance;Charge;Insurance Paid;Patient Paid;Contractual Adjustment;Balance
S-01;03/02/2026;05/03/2026;Aetna;1.234,50;700,00;134,50;400,00;0,00
S-02;05/02/2026;05/03/2026;Cigna;250,00;120,00;;90,00;40,00
S-03;27/02/2026;12/03/2026;Medicare;2.000,00;1.100,25;99,75;800,00;0,00
S-04;04/03/2026;09/03/2026;Aetna;89,90;;;;89,90
S-05;31/03/2026;10/04/2026;BCBS;310,00;150,00;30,00;130,00;0,00
""",
    wide={
        "Charge": "charge",
        "Insurance Paid": "insurer",
        "Patient Paid": "patient",
        "Contractual Adjustment": "wo:contractual",
        "Balance": "stated",
    },
    claim=("Claim No",),
    line=("Claim No",),
    payer="Insurance",
    service="Date of Service",
    post="Posting Date",
    expect={
        "totals": {
            "billed": "3884.40",
            "paid": "2334.50",
            "insurer_paid": "2070.25",
            "patient_paid": "264.25",
            "written_off": "1420.00",
            "open": "129.90",
            "unexplained": "0.00",
        },
        "write_offs": {"contractual": "1420.00"},
        "rates": {
            "write_off_rate": "142000/388440",
            "contractual_rate": "142000/388440",
            "avoidable_rate": "0/1",
            "gross_collection_rate": "233450/388440",
            "net_collection_rate": "233450/246440",
        },
        "counts": {"lines": 5, "claims": 5, "rows_read": 5, "rows_held": 0},
        "period": {
            "service_from": "2026-02-03",
            "service_to": "2026-03-31",
            "post_from": "2026-03-05",
            "post_to": "2026-04-10",
        },
        "balanced": True,
        "columns": {
            "Claim No": "claim_id",
            "Date of Service": "service_date",
            "Posting Date": "post_date",
            "Insurance": "payer",
            "Charge": "charge",
            "Insurance Paid": "insurance_paid",
            "Patient Paid": "patient_paid",
            "Contractual Adjustment": "contractual_adjustment",
            "Balance": "balance",
        },
        "by": [
            {
                "by": "month",
                "groups": [
                    {
                        "month": "2026-02",
                        "totals": {
                            "billed": "3484.50",
                            "paid": "2154.50",
                            "written_off": "1290.00",
                            "open": "40.00",
                        },
                    },
                    {
                        "month": "2026-03",
                        "totals": {
                            "billed": "399.90",
                            "paid": "180.00",
                            "written_off": "130.00",
                            "open": "89.90",
                        },
                    },
                ],
            }
        ],
    },
)

case(
    file="w23_rows_held.csv",
    why="A row whose payment says 'see note' and an exact repeat of a line are held with their charges; a lone dash is "
    "money not stated and its row counts.",
    shape="line",
    held=(2, 5),
    text="""
Claim ID,Line,DOS,Payer,CPT,Charge,Insurance Paid,Patient Paid,Contractual,Balance
T-1,1,2026-02-02,Aetna,99213,150.00,80.00,20.00,50.00,0.00
T-2,1,2026-02-03,Cigna,99214,200.00,see note,0.00,60.00,140.00
T-3,1,2026-02-04,Medicare,99203,175.00,90.00,0.00,60.00,25.00
T-4,1,2026-02-05,BCBS,93000,90.00,-,10.00,30.00,50.00
T-1,1,2026-02-02,Aetna,99213,150.00,80.00,20.00,50.00,0.00
T-1,2,2026-02-02,Aetna,36415,18.00,10.00,0.00,8.00,0.00
""",
    wide={
        "Charge": "charge",
        "Insurance Paid": "insurer",
        "Patient Paid": "patient",
        "Contractual": "wo:contractual",
        "Balance": "stated",
    },
    claim=("Claim ID",),
    line=("Claim ID", "Line"),
    payer="Payer",
    service="DOS",
    expect={
        "totals": {
            "billed": "433.00",
            "paid": "210.00",
            "insurer_paid": "180.00",
            "patient_paid": "30.00",
            "written_off": "148.00",
            "open": "75.00",
            "unexplained": "0.00",
            "held": "350.00",
        },
        "write_offs": {"contractual": "148.00"},
        "rates": {
            "write_off_rate": "148/433",
            "contractual_rate": "148/433",
            "avoidable_rate": "0/285",
            "gross_collection_rate": "210/433",
            "net_collection_rate": "210/285",
        },
        "counts": {"lines": 4, "claims": 3, "rows_read": 6, "rows_held": 2},
        "balanced": True,
        "exit": 1,
    },
)

case(
    file="w24_blank_charge_held.csv",
    why="A blank charge beside other amounts is held; a row with a charge and blanks elsewhere is not.",
    shape="line|claim",
    held=(3,),
    text="""
Claim ID,DOS,Payer,Charge,Insurance Paid,Patient Paid,Contractual Adjustment
U1,2026-09-01,Aetna,150.00,80.00,20.00,50.00
U2,2026-09-02,Aetna,90.00,,,
U3,2026-09-03,Cigna,,40.00,0.00,20.00
U4,2026-09-04,Medicare,220.00,120.00,30.00,70.00
U5,2026-09-08,Medicare,60.00,40.00,,20.00
""",
    wide={
        "Charge": "charge",
        "Insurance Paid": "insurer",
        "Patient Paid": "patient",
        "Contractual Adjustment": "wo:contractual",
    },
    claim=("Claim ID",),
    line=("Claim ID",),
    payer="Payer",
    service="DOS",
    expect={
        "totals": {
            "billed": "520.00",
            "paid": "290.00",
            "insurer_paid": "240.00",
            "patient_paid": "50.00",
            "written_off": "140.00",
            "open": "90.00",
            "unexplained": "0.00",
        },
        "write_offs": {"contractual": "140.00"},
        "counts": {"lines": 4, "claims": 4, "rows_read": 5, "rows_held": 1},
        "balanced": True,
        "exit": 1,
    },
)

case(
    file="w25_group_and_code_apart.csv",
    why="Group and code in two columns: the group decides whose money it is, so PR-45 is the patient's, PI-45 is "
    "unclassified and CO-2 is a waived cost share.",
    shape="line",
    text="""
claim_id,line_number,dos,payer,cpt,charge,ins_paid,pt_paid,adjustment,adjustment_group_code,adjustment_reason,balance
V1,1,2026-10-01,Aetna,99213,180.00,100.00,20.00,60.00,CO,45,0.00
V2,1,2026-10-02,Cigna,99214,220.00,0.00,0.00,220.00,CO,29,0.00
V3,1,2026-10-05,Medicare,99203,150.00,0.00,0.00,150.00,PR,1,150.00
V4,1,2026-10-06,Out of State Plan,20610,300.00,180.00,0.00,120.00,PR,45,120.00
V5,1,2026-10-07,Workers Fund,97110,130.00,80.00,0.00,50.00,PI,45,0.00
V6,1,2026-10-08,Aetna,93000,90.00,70.00,0.00,20.00,CO,2,0.00
V7,1,2026-10-09,BCBS,99212,140.00,85.00,15.00,40.00,CO,45,0.00
""",
    wide={
        "charge": "charge",
        "ins_paid": "insurer",
        "pt_paid": "patient",
        "adjustment": "adjust",
        "balance": "stated",
    },
    reason="adjustment_group_code+adjustment_reason",
    reasons={
        "CO 45": "wo:contractual",
        "CO 29": "wo:timely_filing",
        "PR 1": "ps:deductible",
        "PR 45": "ps:patient_other",
        "PI 45": "wo:unclassified",
        "CO 2": "wo:cost_share_waived",
    },
    claim=("claim_id",),
    line=("claim_id", "line_number"),
    payer="payer",
    service="dos",
    expect={
        "totals": {
            "billed": "1210.00",
            "paid": "550.00",
            "insurer_paid": "515.00",
            "patient_paid": "35.00",
            "written_off": "390.00",
            "open": "270.00",
            "unexplained": "0.00",
            "patient_responsibility": "270.00",
            "deductible": "150.00",
            "patient_other": "120.00",
        },
        "write_offs": {
            "contractual": "100.00",
            "timely_filing": "220.00",
            "unclassified": "50.00",
            "cost_share_waived": "20.00",
        },
        "rates": {
            "write_off_rate": "390/1210",
            "contractual_rate": "100/1210",
            "gross_collection_rate": "550/1210",
            "net_collection_rate": "550/1110",
        },
        "counts": {"lines": 7, "claims": 7, "rows_read": 7, "rows_held": 0},
        "balanced": True,
        "columns": {
            "charge": "charge",
            "ins_paid": "insurance_paid",
            "pt_paid": "patient_paid",
            "adjustment": "adjustment",
            "adjustment_group_code": "adjustment_group",
            "adjustment_reason": "adjustment_reason",
            "balance": "balance",
        },
    },
)

case(
    file="w26_workbook.xlsx",
    why="A workbook with three lines above the heading, real dates, numbers as numbers and identifiers as text: the same "
    "answer as its rows would give in a CSV.",
    shape="line|claim",
    workbook=True,
    preamble=3,
    text="""
Harbor Pediatrics
"Claim detail, March 2026"
Printed 2026-04-02
Claim ID,Patient ID,Date of Service,Payer,CPT,Billed,Allowed,Insurance Paid,Patient Paid,Contractual Adjustment,Write-Off,Write-Off Reason,Balance
0090001,00451,2026-03-02,Aetna,99392,185.00,120.00,120.00,0,65.00,0,,0
0090002,00452,2026-03-02,Medicaid,90460,42.50,21.25,21.25,0,21.25,0,,0
0090003,00453,2026-03-04,Cigna,99213,150.00,95.00,70.00,25.00,55.00,0,,0
0090004,00451,2026-03-09,Aetna,87880,40.00,22.00,0,0,18.00,22.00,Bad debt,0
0090005,00454,2026-03-11,BCBS,99214,220.00,0,0,0,0,220.00,CO-29,0
0090006,00455,2026-03-18,Cigna,99203,260.00,160.00,128.00,10.00,100.00,0,,22.00
0090007,00456,2026-03-25,Medicaid,99213,150.00,60.10,60.10,0,89.90,0,,0
0090008,00457,2026-03-31,Aetna,99393,195.00,,0,0,0,0,,195.00
""",
    wide={
        "Billed": "charge",
        "Insurance Paid": "insurer",
        "Patient Paid": "patient",
        "Contractual Adjustment": "wo:contractual",
        "Write-Off": "adjust",
        "Balance": "stated",
    },
    reason="Write-Off Reason",
    reasons={"Bad debt": "wo:bad_debt", "CO-29": "wo:timely_filing", "": "none"},
    claim=("Claim ID",),
    line=("Claim ID",),
    patient="Patient ID",
    payer="Payer",
    service="Date of Service",
    expect={
        "totals": {
            "billed": "1242.50",
            "paid": "434.35",
            "insurer_paid": "399.35",
            "patient_paid": "35.00",
            "written_off": "591.15",
            "open": "217.00",
            "unexplained": "0.00",
        },
        "write_offs": {"contractual": "349.15", "bad_debt": "22.00", "timely_filing": "220.00"},
        "rates": {
            "write_off_rate": "59115/124250",
            "contractual_rate": "34915/124250",
            "avoidable_rate": "22000/89335",
            "gross_collection_rate": "43435/124250",
            "net_collection_rate": "43435/89335",
        },
        "counts": {"lines": 8, "claims": 8, "patients": 7, "rows_read": 8, "rows_held": 0},
        "period": {"service_from": "2026-03-02", "service_to": "2026-03-31"},
        "balanced": True,
        "exit": 0,
        "columns": {
            "Claim ID": "claim_id",
            "Patient ID": "patient_id",
            "Date of Service": "service_date",
            "Billed": "charge",
            "Allowed": "allowed",
            "Insurance Paid": "insurance_paid",
            "Patient Paid": "patient_paid",
            "Contractual Adjustment": "contractual_adjustment",
            "Write-Off": "write_off",
            "Write-Off Reason": "adjustment_reason",
            "Balance": "balance",
        },
    },
)

case(
    file="w27_quarter_with_second_payers.csv",
    why="A quarter of claims with primary and secondary payment columns, blanks among zeros, CARCs and labels as reasons: "
    "by month, by provider, and second payers charted under the primary.",
    shape="line|claim",
    text="""
Claim,Service Date,Provider,Location,Primary Payer,Secondary Payer,CPT,Charges,Primary Paid,Secondary Paid,Patient Paid,Contractual,Write Off,Write Off Reason,Balance
70001,2026-04-03,Lindqvist,Main St,Aetna,,20610,310.00,173.60,,,93.00,0.00,,43.40
70002,2026-04-05,Marsh,Main St,Cigna,,99203,260.00,,0.00,,0.00,260.00,Timely filing,0.00
70003,2026-04-06,Lindqvist,Main St,Aetna,,93000,65.00,0.00,0.00,0.00,0.00,,,65.00
70004,2026-04-08,Marsh,Main St,Medicaid,,99213,150.00,,0.00,0.00,,,,150.00
70005,2026-04-11,Marsh,North Clinic,Medicare,Medicaid,20610,310.00,170.13,43.40,,93.00,3.47,CO-253,0.00
70006,2026-04-14,Okafor,Main St,Aetna,,99203,260.00,124.80,0.00,,104.00,,,31.20
70007,2026-04-15,Lindqvist,North Clinic,Aetna,,20610,310.00,148.80,,0.00,124.00,0.00,,37.20
70008,2026-04-15,Okafor,Main St,BCBS of Texas,,99214,220.00,0.00,0.00,,,0.00,,220.00
70009,2026-04-16,Lindqvist,North Clinic,Medicaid,,99213,150.00,66.00,0.00,0.00,67.50,0.00,,16.50
70010,2026-04-16,Okafor,Main St,Aetna,,99214,220.00,0.00,,,0.00,,,220.00
70011,2026-04-19,Marsh,North Clinic,Medicare,,99214,220.00,94.86,,0.00,99.00,1.94,CO-253,24.20
70012,2026-04-20,Okafor,Main St,BCBS of Texas,,20610,310.00,,0.00,0.00,0.00,310.00,CO-29,0.00
70013,2026-04-24,Marsh,North Clinic,Aetna,,36415,18.00,7.92,,1.98,8.10,0.00,,0.00
70014,2026-04-25,Okafor,Main St,Cigna,,93000,65.00,28.60,,0.00,29.25,7.15,Charity care,0.00
70015,2026-04-25,Marsh,Main St,Medicaid,,99203,260.00,124.80,,0.00,104.00,31.20,Bad debt,0.00
70016,2026-05-03,Marsh,North Clinic,Medicare,,36415,18.00,,,0.00,,,,18.00
70017,2026-05-05,Marsh,North Clinic,Medicaid,,99214,220.00,123.20,,,66.00,,,30.80
70018,2026-05-06,Okafor,North Clinic,Medicaid,,99203,260.00,135.20,,,91.00,33.80,Charity care,0.00
70019,2026-05-07,Marsh,North Clinic,Cigna,,99203,260.00,124.80,,0.00,104.00,31.20,Charity care,0.00
70020,2026-05-10,Lindqvist,North Clinic,Cigna,,20610,310.00,,0.00,,0.00,310.00,CO-197,0.00
70021,2026-05-11,Lindqvist,North Clinic,Medicaid,,20610,310.00,148.80,0.00,37.20,124.00,0.00,,0.00
70022,2026-05-11,Marsh,Main St,Aetna,,20610,310.00,148.80,,,124.00,37.20,Bad debt,0.00
70023,2026-05-13,Lindqvist,Main St,Medicaid,,36415,18.00,10.08,0.00,,5.40,2.52,Sm debt w/o,0.00
70024,2026-05-13,Marsh,Main St,Cigna,,36415,18.00,10.08,,0.00,5.40,0.00,,2.52
70025,2026-05-18,Lindqvist,Main St,Medicaid,,99214,220.00,114.40,0.00,0.00,77.00,0.00,,28.60
70026,2026-05-21,Okafor,North Clinic,Medicare,,99203,260.00,0.00,,0.00,0.00,260.00,29,0.00
70027,2026-05-24,Lindqvist,Main St,Medicare,,99214,220.00,112.11,,28.60,77.00,2.29,CO-253,0.00
70028,2026-06-04,Lindqvist,North Clinic,Aetna,,99203,260.00,135.20,,0.00,91.00,33.80,Bad debt,0.00
70029,2026-06-12,Lindqvist,Main St,BCBS of Texas,,99203,260.00,114.40,,28.60,117.00,0.00,,0.00
70030,2026-06-13,Marsh,Main St,Medicaid,,99213,150.00,0.00,0.00,0.00,0.00,150.00,CO16,0.00
70031,2026-06-13,Okafor,North Clinic,Medicare,,99213,150.00,,,0.00,0.00,0.00,,150.00
70032,2026-06-14,Okafor,Main St,Medicaid,,20610,310.00,161.20,,,108.50,40.30,Charity care,0.00
70033,2026-06-17,Okafor,North Clinic,BCBS of Texas,,20610,310.00,161.20,0.00,,108.50,0.00,,40.30
70034,2026-06-24,Lindqvist,Main St,Aetna,,36415,18.00,7.92,,0.00,8.10,0.00,,1.98
70035,2026-06-27,Okafor,Main St,BCBS of Texas,,93000,65.00,36.40,0.00,0.00,19.50,0.00,,9.10
70036,2026-06-27,Okafor,Main St,Medicare,AARP,20610,310.00,133.67,34.10,0.00,139.50,2.73,CO-253,0.00
""",
    wide={
        "Charges": "charge",
        "Primary Paid": "insurer",
        "Secondary Paid": "insurer",
        "Patient Paid": "patient",
        "Contractual": "wo:contractual",
        "Write Off": "adjust",
        "Balance": "stated",
    },
    reason="Write Off Reason",
    reasons={
        "Timely filing": "wo:timely_filing",
        "CO-29": "wo:timely_filing",
        "29": "wo:timely_filing",
        "CO-197": "wo:authorization",
        "CO16": "wo:billing_error",
        "CO-253": "wo:sequestration",
        "Charity care": "wo:charity",
        "Bad debt": "wo:bad_debt",
        "Sm debt w/o": "wo:small_balance",
        "": "none",
    },
    claim=("Claim",),
    line=("Claim",),
    payer="Primary Payer",
    service="Service Date",
    grouped={"provider": "Provider", "location": "Location"},
    expect={
        "totals": {
            "billed": "7385.00",
            "paid": "2790.85",
            "insurer_paid": "2694.47",
            "patient_paid": "96.38",
            "written_off": "3505.35",
            "open": "1088.80",
            "unexplained": "0.00",
        },
        "write_offs": {
            "contractual": "1987.75",
            "timely_filing": "830.00",
            "authorization": "310.00",
            "billing_error": "150.00",
            "sequestration": "10.43",
            "charity": "112.45",
            "bad_debt": "102.20",
            "small_balance": "2.52",
        },
        "rates": {
            "write_off_rate": "350535/738500",
            "contractual_rate": "199818/738500",
            "avoidable_rate": "129000/538682",
            "gross_collection_rate": "279085/738500",
            "net_collection_rate": "279085/538682",
        },
        "counts": {"lines": 36, "claims": 36, "rows_read": 36, "rows_held": 0},
        "period": {"service_from": "2026-04-03", "service_to": "2026-06-27"},
        "balanced": True,
        "exit": 0,
        "columns": {
            "Claim": "claim_id",
            "Service Date": "service_date",
            "Provider": "provider",
            "Location": "location",
            "Primary Payer": "payer",
            "Secondary Payer": "secondary_payer",
            "CPT": "procedure_code",
            "Charges": "charge",
            "Primary Paid": "insurance_paid_primary",
            "Secondary Paid": "insurance_paid_secondary",
            "Patient Paid": "patient_paid",
            "Contractual": "contractual_adjustment",
            "Write Off": "write_off",
            "Write Off Reason": "adjustment_reason",
            "Balance": "balance",
        },
        "by": [
            {
                "by": "month",
                "groups": [
                    {
                        "month": "2026-04",
                        "totals": {
                            "billed": "3128.00",
                            "paid": "984.89",
                            "written_off": "1335.61",
                            "open": "807.50",
                        },
                    },
                    {
                        "month": "2026-05",
                        "totals": {
                            "billed": "2424.00",
                            "paid": "993.27",
                            "written_off": "1350.81",
                            "open": "79.92",
                        },
                    },
                    {
                        "month": "2026-06",
                        "totals": {
                            "billed": "1833.00",
                            "paid": "812.69",
                            "written_off": "818.93",
                            "open": "201.38",
                        },
                    },
                ],
            },
            {
                "by": "provider",
                "groups": [
                    {
                        "provider": "Lindqvist",
                        "totals": {
                            "billed": "2451.00",
                            "paid": "1125.71",
                            "written_off": "1132.61",
                            "open": "192.68",
                        },
                    },
                    {
                        "provider": "Marsh",
                        "totals": {
                            "billed": "2194.00",
                            "paid": "849.97",
                            "written_off": "1118.51",
                            "open": "225.52",
                        },
                    },
                    {
                        "provider": "Okafor",
                        "totals": {
                            "billed": "2740.00",
                            "paid": "815.17",
                            "written_off": "1254.23",
                            "open": "670.60",
                        },
                    },
                ],
            },
        ],
    },
)

# ------------------------------------------------------------------------------------------ long

case(
    file="l01_unsigned_ledger.csv",
    why="One amount and a type, every amount positive: a refund takes a payment back, denials and bad debt are write-offs "
    "by their reason, and what patients were assigned is not known.",
    shape="ledger",
    text="""
Txn ID,Claim No,Line No,Patient ID,DOS,Post Date,Payer,CPT,Type,Reason,Amount
T01,7001,1,00045,2026-01-06,2026-01-07,Aetna,99213,Charge,,160.00
T02,7001,1,00045,2026-01-06,2026-01-28,Aetna,99213,Insurance Payment,,84.00
T03,7001,1,00045,2026-01-06,2026-01-28,Aetna,99213,Adjustment,CO-45,55.00
T04,7001,1,00045,2026-01-06,2026-02-03,Aetna,99213,Patient Payment,,26.00
T05,7001,1,00045,2026-01-06,2026-02-17,Aetna,99213,Patient Refund,,5.00
T06,7002,1,00046,2026-01-08,2026-01-09,Cigna,99214,Charge,,240.00
T07,7002,1,00046,2026-01-08,2026-02-02,Cigna,99214,Insurance Payment,,130.00
T08,7002,1,00046,2026-01-08,2026-02-02,Cigna,99214,Adjustment,CO45,80.00
T09,7003,1,00047,2026-01-12,2026-01-13,UHC,99203,Charge,,260.00
T10,7003,1,00047,2026-01-12,2026-02-20,UHC,99203,Adjustment,CO-197,260.00
T11,7004,1,00048,2026-01-14,2026-01-15,Medicare,99213,Charge,,160.00
T12,7004,1,00048,2026-01-14,2026-02-05,Medicare,99213,Insurance Payment,,74.00
T13,7004,1,00048,2026-01-14,2026-02-05,Medicare,99213,Adjustment,45,67.00
T14,7004,1,00048,2026-01-14,2026-05-29,Medicare,99213,Adjustment,Bad debt,19.00
""",
    key=("Type", "Reason"),
    amount="Amount",
    long={
        "Charge / ": "charge",
        "Insurance Payment / ": "insurer",
        "Patient Payment / ": "patient",
        "Patient Refund / ": "-patient",
        "Adjustment / CO-45": "wo:contractual",
        "Adjustment / CO45": "wo:contractual",
        "Adjustment / 45": "wo:contractual",
        "Adjustment / CO-197": "wo:authorization",
        "Adjustment / Bad debt": "wo:bad_debt",
    },
    claim=("Claim No",),
    line=("Claim No", "Line No"),
    patient="Patient ID",
    payer="Payer",
    service="DOS",
    post="Post Date",
    expect={
        "totals": {
            "billed": "820.00",
            "other_debits": "0.00",
            "paid": "309.00",
            "insurer_paid": "288.00",
            "patient_paid": "21.00",
            "written_off": "481.00",
            "open": "30.00",
            "patient_open": None,
            "unexplained": "0.00",
            "patient_responsibility": None,
        },
        "write_offs": {"contractual": "202.00", "authorization": "260.00", "bad_debt": "19.00"},
        "rates": {
            "write_off_rate": "481/820",
            "contractual_rate": "202/820",
            "avoidable_rate": "260/618",
            "gross_collection_rate": "309/820",
            "net_collection_rate": "309/618",
        },
        "counts": {"lines": 4, "claims": 4, "patients": 4, "rows_read": 14, "rows_held": 0},
        "balanced": True,
        "columns": {
            "Txn ID": "transaction_id",
            "Claim No": "claim_id",
            "Line No": "line_number",
            "Patient ID": "patient_id",
            "DOS": "service_date",
            "Post Date": "post_date",
            "Payer": "payer",
            "CPT": "procedure_code",
            "Type": "transaction_type",
            "Reason": "adjustment_reason",
            "Amount": "transaction_amount",
        },
        "by": [
            {
                "by": "month",
                "basis": "post",
                "groups": [
                    {
                        "month": "2026-01",
                        "totals": {"billed": "820.00", "paid": "84.00", "written_off": "55.00"},
                    },
                    {
                        "month": "2026-02",
                        "totals": {"billed": "0.00", "paid": "225.00", "written_off": "407.00"},
                    },
                    {
                        "month": "2026-05",
                        "totals": {"billed": "0.00", "paid": "0.00", "written_off": "19.00"},
                    },
                ],
            },
            {
                "by": "month",
                "groups": [
                    {
                        "month": "2026-01",
                        "totals": {
                            "billed": "820.00",
                            "paid": "309.00",
                            "written_off": "481.00",
                            "open": "30.00",
                        },
                    }
                ],
            },
        ],
    },
)

case(
    file="l02_signed_account_ledger.csv",
    why="Credits negative, so the amounts sum to the balance: copay, refund and returned cheque are patient money, a "
    "finance charge and an opening balance are owed but never billed.",
    shape="ledger",
    dates="%m/%d/%Y",
    text="""
Account #,Claim ID,Service Date,Post Date,Transaction Type,Description,Payer,Amount
00012,OB12,,01/02/2026,Balance Forward,Opening balance,,300.00
00012,20001,01/14/2026,01/15/2026,Charge,99213 Office visit,Aetna,150.00
00012,20001,01/14/2026,01/14/2026,Copay Payment,Visa,Aetna,-25.00
00012,20001,01/14/2026,02/03/2026,Ins Pmt,EFT 8841,Aetna,-70.00
00012,20001,01/14/2026,02/03/2026,Ins Adj,Contractual Adjustment,Aetna,-55.00
00013,20002,01/20/2026,01/21/2026,Charge,99214 Office visit,Cigna,220.00
00013,20002,01/20/2026,02/10/2026,Ins Pmt,EFT 9120,Cigna,-120.00
00013,20002,01/20/2026,02/10/2026,Ins Adj,Contractual Adjustment,Cigna,-70.00
00013,20002,01/20/2026,02/24/2026,Pt Payment,Check 1187,Cigna,-30.00
00013,20002,01/20/2026,03/02/2026,NSF,Returned check 1187,Cigna,30.00
00013,20002,01/20/2026,03/31/2026,Finance Charge,Finance charge,Cigna,4.50
00014,20003,02/05/2026,02/06/2026,Charge,99203 New patient,Medicare,180.00
00014,20003,02/05/2026,03/04/2026,Ins Pmt,EFT 9544,Medicare,-92.00
00014,20003,02/05/2026,03/04/2026,Ins Adj,Contractual Adjustment,Medicare,-60.00
00014,20003,02/05/2026,03/05/2026,Pt Payment,Cash,Medicare,-38.00
00014,20003,02/05/2026,03/18/2026,Pt Refund,Overpaid,Medicare,10.00
00015,20004,02/11/2026,02/12/2026,Charge,20610 Injection,UHC,130.00
00015,20004,02/11/2026,03/09/2026,Ins Pmt,EFT 9601,UHC,-50.00
00015,20004,02/11/2026,03/09/2026,Ins Adj,Contractual Adjustment,UHC,-50.00
00015,20004,02/11/2026,06/30/2026,Write Off,Bad debt,UHC,-30.00
""",
    key=("Transaction Type",),
    amount="Amount",
    long={
        "Balance Forward": "debit",
        "Charge": "charge",
        "Copay Payment": "-patient",
        "Ins Pmt": "-insurer",
        "Ins Adj": "-wo:contractual",
        "Pt Payment": "-patient",
        "NSF": "-patient",
        "Finance Charge": "debit",
        "Pt Refund": "-patient",
        "Write Off": "-wo:bad_debt",
    },
    claim=("Claim ID",),
    patient="Account #",
    payer="Payer",
    service="Service Date",
    post="Post Date",
    expect={
        "totals": {
            "billed": "680.00",
            "other_debits": "304.50",
            "paid": "385.00",
            "insurer_paid": "332.00",
            "patient_paid": "53.00",
            "written_off": "265.00",
            "open": "334.50",
            "unexplained": "0.00",
            "patient_responsibility": None,
        },
        "write_offs": {"contractual": "235.00", "bad_debt": "30.00"},
        "rates": {
            "write_off_rate": "265/680",
            "contractual_rate": "235/680",
            "avoidable_rate": "0/445",
            "gross_collection_rate": "385/680",
            "net_collection_rate": "385/445",
        },
        "counts": {"claims": 4, "rows_read": 20, "rows_held": 0},
        "balanced": True,
        "columns": {
            "Claim ID": "claim_id",
            "Service Date": "service_date",
            "Post Date": "post_date",
            "Transaction Type": "transaction_type",
            "Payer": "payer",
            "Amount": "transaction_amount",
        },
    },
)

case(
    file="l03_payer_type_and_two_calendars.tsv",
    why="A system's transaction list without claim numbers, payments told apart by a payer-type column; service months "
    "and posting months differ, and one charge was entered a month late.",
    shape="ledger",
    delimiter="\t",
    text="""
ID	PatientID	PatientFullName	TransactionDate	PostingDate	ServiceDate	Type	ProcedureCode	Amount	Description	InsuranceOrder	PayerType	InsuranceCompanyName
501	P100	Lake, Ana	2026-01-21	2026-01-21	2026-01-20	Charge	99214	200.00	Office visit			Aetna
502	P100	Lake, Ana	2026-02-10	2026-02-10	2026-01-20	Payment	99214	104.00	EFT	1	Insurance	Aetna
503	P100	Lake, Ana	2026-02-10	2026-02-10	2026-01-20	Adjustment	99214	70.00	Contractual Adjustment	1	Insurance	Aetna
504	P100	Lake, Ana	2026-03-05	2026-03-05	2026-01-20	Payment	99214	26.00	Check		Patient	Aetna
505	P101	Marsh, Ben	2026-01-30	2026-02-02	2026-01-29	Charge	99203	250.00	New patient			Cigna
506	P101	Marsh, Ben	2026-03-12	2026-03-12	2026-01-29	Payment	99203	120.00	EFT	1	Insurance	Cigna
507	P101	Marsh, Ben	2026-03-12	2026-03-12	2026-01-29	Adjustment	99203	90.00	Contractual Adjustment	1	Insurance	Cigna
508	P102	Reed, Cal	2026-02-17	2026-02-17	2026-02-16	Charge	99213	140.00	Office visit			Medicare
509	P102	Reed, Cal	2026-03-20	2026-03-20	2026-02-16	Payment	99213	68.00	EFT	1	Insurance	Medicare
510	P102	Reed, Cal	2026-03-20	2026-03-20	2026-02-16	Adjustment	99213	55.00	Contractual Adjustment	1	Insurance	Medicare
511	P102	Reed, Cal	2026-03-30	2026-03-30	2026-02-16	Payment	99213	5.00	Cash		Patient	Medicare
""",
    key=("Type", "PayerType"),
    amount="Amount",
    long={
        "Charge / ": "charge",
        "Payment / Insurance": "insurer",
        "Payment / Patient": "patient",
        "Adjustment / Insurance": "wo:contractual",
    },
    claim=("PatientID", "ServiceDate"),
    line=("PatientID", "ServiceDate", "ProcedureCode"),
    patient="PatientID",
    payer="InsuranceCompanyName",
    service="ServiceDate",
    post="PostingDate",
    expect={
        "totals": {
            "billed": "590.00",
            "other_debits": "0.00",
            "paid": "323.00",
            "insurer_paid": "292.00",
            "patient_paid": "31.00",
            "written_off": "215.00",
            "open": "52.00",
            "unexplained": "0.00",
            "patient_responsibility": None,
        },
        "write_offs": {"contractual": "215.00"},
        "rates": {
            "write_off_rate": "215/590",
            "contractual_rate": "215/590",
            "avoidable_rate": "0/375",
            "gross_collection_rate": "323/590",
            "net_collection_rate": "323/375",
        },
        "counts": {"lines": 3, "patients": 3, "rows_read": 11, "rows_held": 0},
        "period": {
            "service_from": "2026-01-20",
            "service_to": "2026-02-16",
            "post_from": "2026-01-21",
            "post_to": "2026-03-30",
        },
        "balanced": True,
        "columns": {
            "ID": "transaction_id",
            "PatientID": "patient_id",
            "PatientFullName": "patient_name",
            "TransactionDate": "created_date",
            "PostingDate": "post_date",
            "ServiceDate": "service_date",
            "Type": "transaction_type",
            "ProcedureCode": "procedure_code",
            "Amount": "transaction_amount",
            "Description": "transaction_desc",
            "InsuranceOrder": "payer_rank",
            "PayerType": "payer_type",
            "InsuranceCompanyName": "payer",
        },
        "by": [
            {
                "by": "month",
                "groups": [
                    {
                        "month": "2026-01",
                        "totals": {
                            "billed": "450.00",
                            "paid": "250.00",
                            "written_off": "160.00",
                            "open": "40.00",
                        },
                    },
                    {
                        "month": "2026-02",
                        "totals": {
                            "billed": "140.00",
                            "paid": "73.00",
                            "written_off": "55.00",
                            "open": "12.00",
                        },
                    },
                ],
            },
            {
                "by": "month",
                "basis": "post",
                "groups": [
                    {
                        "month": "2026-01",
                        "totals": {"billed": "200.00", "paid": "0.00", "written_off": "0.00"},
                    },
                    {
                        "month": "2026-02",
                        "totals": {"billed": "390.00", "paid": "104.00", "written_off": "70.00"},
                    },
                    {
                        "month": "2026-03",
                        "totals": {"billed": "0.00", "paid": "219.00", "written_off": "145.00"},
                    },
                ],
            },
        ],
    },
)

case(
    file="l04_payer_column_says_patient.txt",
    why="One payment type; the payer column says Patient or a second payer on the payment rows: who paid is told by it, "
    "and everything is charted under the claim's primary.",
    shape="ledger",
    delimiter="|",
    text="""
Claim|Line|DOS|Posted|Payer|CPT|Trans Type|Reason|Amount
30001|1|2026-04-01|2026-04-02|Medicare|99214|Charge||210.00
30001|1|2026-04-01|2026-04-20|Medicare|99214|Payment||-104.00
30001|1|2026-04-01|2026-04-20|Medicare|99214|Adjustment|CO-45|-80.00
30001|1|2026-04-01|2026-05-11|Medicaid|99214|Payment||-26.00
30002|1|2026-04-06|2026-04-07|Aetna|99203|Charge||260.00
30002|1|2026-04-06|2026-04-27|Aetna|99203|Payment||-130.00
30002|1|2026-04-06|2026-04-27|Aetna|99203|Adjustment|CO-45|-90.00
30002|1|2026-04-06|2026-05-18|Patient|99203|Payment||-40.00
30003|1|2026-04-09|2026-04-10|Aetna|87880|Charge||35.00
30003|1|2026-04-09|2026-04-30|Aetna|87880|Payment||-20.00
30003|1|2026-04-09|2026-04-30|Aetna|87880|Adjustment|CO-45|-11.00
30003|1|2026-04-09|2026-05-18|Patient|87880|Payment||-4.00
30004|1|2026-04-13|2026-04-14|Medicare|99213|Charge||140.00
30004|1|2026-04-13|2026-05-04|Medicare|99213|Payment||-60.00
30004|1|2026-04-13|2026-05-04|Medicare|99213|Adjustment|CO-45|-60.00
30004|1|2026-04-13|2026-05-20|Patient|99213|Payment||-10.00
""",
    key=("Trans Type", "Payer"),
    amount="Amount",
    long={
        "Charge / Medicare": "charge",
        "Charge / Aetna": "charge",
        "Payment / Medicare": "-insurer",
        "Payment / Medicaid": "-insurer",
        "Payment / Aetna": "-insurer",
        "Payment / Patient": "-patient",
        "Adjustment / Medicare": "-wo:contractual",
        "Adjustment / Aetna": "-wo:contractual",
    },
    claim=("Claim",),
    line=("Claim", "Line"),
    payer="Payer",
    service="DOS",
    post="Posted",
    expect={
        "totals": {
            "billed": "645.00",
            "paid": "394.00",
            "insurer_paid": "340.00",
            "patient_paid": "54.00",
            "written_off": "241.00",
            "open": "10.00",
            "unexplained": "0.00",
            "patient_responsibility": None,
        },
        "write_offs": {"contractual": "241.00"},
        "rates": {
            "write_off_rate": "241/645",
            "contractual_rate": "241/645",
            "avoidable_rate": "0/404",
            "gross_collection_rate": "394/645",
            "net_collection_rate": "394/404",
        },
        "counts": {"lines": 4, "claims": 4, "rows_read": 16, "rows_held": 0},
        "balanced": True,
        "columns": {
            "Claim": "claim_id",
            "DOS": "service_date",
            "Payer": "payer",
            "CPT": "procedure_code",
            "Trans Type": "transaction_type",
            "Amount": "transaction_amount",
        },
        "by": [
            {
                "by": "payer",
                "groups": [
                    {
                        "payer": "Aetna",
                        "totals": {
                            "billed": "295.00",
                            "paid": "194.00",
                            "insurer_paid": "150.00",
                            "patient_paid": "44.00",
                            "written_off": "101.00",
                            "open": "0.00",
                        },
                    },
                    {
                        "payer": "Medicare",
                        "totals": {
                            "billed": "350.00",
                            "paid": "200.00",
                            "insurer_paid": "190.00",
                            "patient_paid": "10.00",
                            "written_off": "140.00",
                            "open": "10.00",
                        },
                    },
                ],
            }
        ],
    },
)

case(
    file="l05_patient_share_as_memo_rows.csv",
    why="PR rows among the adjustments, group and code apart: they say what the patient was assigned and lower nothing.",
    shape="ledger",
    text="""
claim_id,line,service_date,post_date,payer,cpt,type,group,carc,amount
40001,1,2026-02-03,2026-02-04,Aetna,99215,CHARGE,,,500.00
40001,1,2026-02-03,2026-02-24,Aetna,99215,INS_PAYMENT,,,200.00
40001,1,2026-02-03,2026-02-24,Aetna,99215,ADJUSTMENT,CO,45,200.00
40001,1,2026-02-03,2026-02-24,Aetna,99215,ADJUSTMENT,PR,1,50.00
40001,1,2026-02-03,2026-02-24,Aetna,99215,ADJUSTMENT,PR,2,50.00
40001,1,2026-02-03,2026-03-10,Aetna,99215,PT_PAYMENT,,,60.00
40002,1,2026-02-05,2026-02-06,Medicare,99213,CHARGE,,,150.00
40002,1,2026-02-05,2026-02-27,Medicare,99213,INS_PAYMENT,,,39.20
40002,1,2026-02-05,2026-02-27,Medicare,99213,ADJUSTMENT,CO,45,50.00
40002,1,2026-02-05,2026-02-27,Medicare,99213,ADJUSTMENT,PR,1,50.00
40002,1,2026-02-05,2026-02-27,Medicare,99213,ADJUSTMENT,PR,2,10.00
40002,1,2026-02-05,2026-02-27,Medicare,99213,ADJUSTMENT,CO,253,0.80
40003,1,2026-02-09,2026-02-10,Cigna,99212,CHARGE,,,120.00
40003,1,2026-02-09,2026-03-02,Cigna,99212,INS_PAYMENT,,,50.00
40003,1,2026-02-09,2026-03-02,Cigna,99212,ADJUSTMENT,CO,45,40.00
40003,1,2026-02-09,2026-03-02,Cigna,99212,ADJUSTMENT,PR,3,30.00
40003,1,2026-02-09,2026-03-09,Cigna,99212,PT_PAYMENT,,,30.00
40004,1,2026-02-11,2026-02-12,Cigna,97014,CHARGE,,,90.00
40004,1,2026-02-11,2026-03-05,Cigna,97014,ADJUSTMENT,PR,96,90.00
""",
    key=("type", "group", "carc"),
    amount="amount",
    long={
        "CHARGE /  / ": "charge",
        "INS_PAYMENT /  / ": "insurer",
        "PT_PAYMENT /  / ": "patient",
        "ADJUSTMENT / CO / 45": "wo:contractual",
        "ADJUSTMENT / CO / 253": "wo:sequestration",
        "ADJUSTMENT / PR / 1": "ps:deductible",
        "ADJUSTMENT / PR / 2": "ps:coinsurance",
        "ADJUSTMENT / PR / 3": "ps:copay",
        "ADJUSTMENT / PR / 96": "ps:patient_other",
    },
    claim=("claim_id",),
    line=("claim_id", "line"),
    payer="payer",
    service="service_date",
    post="post_date",
    expect={
        "totals": {
            "billed": "860.00",
            "other_debits": "0.00",
            "paid": "379.20",
            "insurer_paid": "289.20",
            "patient_paid": "90.00",
            "written_off": "290.80",
            "open": "190.00",
            "patient_open": "190.00",
            "unexplained": "0.00",
            "patient_responsibility": "280.00",
            "deductible": "100.00",
            "coinsurance": "60.00",
            "copay": "30.00",
            "patient_other": "90.00",
        },
        "write_offs": {"contractual": "290.00", "sequestration": "0.80"},
        "rates": {
            "write_off_rate": "29080/86000",
            "contractual_rate": "29080/86000",
            "avoidable_rate": "0/1",
            "gross_collection_rate": "37920/86000",
            "net_collection_rate": "37920/56920",
        },
        "counts": {"lines": 4, "claims": 4, "rows_read": 19, "rows_held": 0},
        "balanced": True,
        "exit": 0,
        "columns": {
            "claim_id": "claim_id",
            "service_date": "service_date",
            "post_date": "post_date",
            "payer": "payer",
            "type": "transaction_type",
            "group": "adjustment_group",
            "carc": "adjustment_reason",
            "amount": "transaction_amount",
        },
    },
)

case(
    file="l06_denials_and_reinstatements.csv",
    why="Denials appealed and paid, bad debt recovered: a negative write-off undoes an earlier one, so a category that "
    "nets to zero is not listed.",
    shape="ledger",
    text="""
Txn,Claim ID,Line,DOS,Post Date,Payer,CPT,Type,Reason,Amount
1,50001,1,2026-01-13,2026-01-14,UHC,99214,Charge,,200.00
2,50001,1,2026-01-13,2026-02-10,UHC,99214,Adjustment,CO-197,200.00
3,50001,1,2026-01-13,2026-04-14,UHC,99214,Adjustment,CO-197,-200.00
4,50001,1,2026-01-13,2026-04-14,UHC,99214,Insurance Payment,,120.00
5,50001,1,2026-01-13,2026-04-14,UHC,99214,Adjustment,CO-45,80.00
6,50002,1,2026-01-15,2026-05-20,Cigna,99203,Charge,,250.00
7,50002,1,2026-01-15,2026-06-18,Cigna,99203,Adjustment,CO-29,250.00
8,50003,1,2026-01-20,2026-01-21,Aetna,99213,Charge,,180.00
9,50003,1,2026-01-20,2026-02-12,Aetna,99213,Insurance Payment,,90.00
10,50003,1,2026-01-20,2026-02-12,Aetna,99213,Adjustment,CO-45,60.00
11,50003,1,2026-01-20,2026-06-30,Aetna,99213,Adjustment,Bad debt,30.00
12,50003,1,2026-01-20,2026-07-22,Aetna,99213,Patient Payment,,30.00
13,50003,1,2026-01-20,2026-07-22,Aetna,99213,Adjustment,Bad debt,-30.00
14,50004,1,2026-01-22,2026-01-23,BCBS,20610,Charge,,300.00
15,50004,1,2026-01-22,2026-02-16,BCBS,20610,Insurance Payment,,150.00
16,50004,1,2026-01-22,2026-02-16,BCBS,20610,Adjustment,CO-45,100.00
17,50004,1,2026-01-22,2026-03-31,BCBS,20610,Adjustment,Charity care,50.00
18,50005,1,2026-01-26,2026-01-27,Medicare,93000,Charge,,75.00
19,50005,1,2026-01-26,2026-02-19,Medicare,93000,Adjustment,CO-50,75.00
20,50006,1,2026-01-28,2026-01-29,Aetna,99212,Charge,,110.00
21,50006,1,2026-01-28,2026-02-20,Aetna,99212,Insurance Payment,,60.00
22,50006,1,2026-01-28,2026-02-20,Aetna,99212,Adjustment,CO-45,43.00
23,50006,1,2026-01-28,2026-05-29,Aetna,99212,Adjustment,Sm debt w/o,7.00
""",
    key=("Type", "Reason"),
    amount="Amount",
    long={
        "Charge / ": "charge",
        "Insurance Payment / ": "insurer",
        "Patient Payment / ": "patient",
        "Adjustment / CO-45": "wo:contractual",
        "Adjustment / CO-197": "wo:authorization",
        "Adjustment / CO-29": "wo:timely_filing",
        "Adjustment / CO-50": "wo:medical_necessity",
        "Adjustment / Bad debt": "wo:bad_debt",
        "Adjustment / Charity care": "wo:charity",
        "Adjustment / Sm debt w/o": "wo:small_balance",
    },
    claim=("Claim ID",),
    line=("Claim ID", "Line"),
    payer="Payer",
    service="DOS",
    post="Post Date",
    expect={
        "totals": {
            "billed": "1115.00",
            "paid": "450.00",
            "insurer_paid": "420.00",
            "patient_paid": "30.00",
            "written_off": "665.00",
            "open": "0.00",
            "unexplained": "0.00",
            "patient_responsibility": None,
        },
        "write_offs": {
            "contractual": "283.00",
            "timely_filing": "250.00",
            "medical_necessity": "75.00",
            "charity": "50.00",
            "small_balance": "7.00",
        },
        "rates": {
            "write_off_rate": "665/1115",
            "contractual_rate": "283/1115",
            "avoidable_rate": "325/832",
            "gross_collection_rate": "450/1115",
            "net_collection_rate": "450/832",
        },
        "counts": {"lines": 6, "claims": 6, "rows_read": 23, "rows_held": 0},
        "balanced": True,
        "by": [
            {
                "by": "month",
                "basis": "post",
                "groups": [
                    {
                        "month": "2026-01",
                        "totals": {"billed": "865.00", "paid": "0.00", "written_off": "0.00"},
                    },
                    {
                        "month": "2026-02",
                        "totals": {"billed": "0.00", "paid": "300.00", "written_off": "478.00"},
                    },
                    {
                        "month": "2026-03",
                        "totals": {"billed": "0.00", "paid": "0.00", "written_off": "50.00"},
                    },
                    {
                        "month": "2026-04",
                        "totals": {"billed": "0.00", "paid": "120.00", "written_off": "-120.00"},
                    },
                    {
                        "month": "2026-05",
                        "totals": {"billed": "250.00", "paid": "0.00", "written_off": "7.00"},
                    },
                    {
                        "month": "2026-06",
                        "totals": {"billed": "0.00", "paid": "0.00", "written_off": "280.00"},
                    },
                    {
                        "month": "2026-07",
                        "totals": {"billed": "0.00", "paid": "30.00", "written_off": "-30.00"},
                    },
                ],
            }
        ],
    },
)

case(
    file="l07_voided_charges_and_takeback.csv",
    why="A charge voided and re-entered under another code, one voided for good, and a payment taken back: one claim, no "
    "claim, and a line open again.",
    shape="ledger",
    text="""
Txn,Claim ID,DOS,Post Date,Payer,CPT,Type,Description,Reason,Amount
1,60001,2026-03-03,2026-03-04,Aetna,99213,Charge,Office visit,,160.00
2,60001,2026-03-03,2026-03-06,Aetna,99213,Charge,Void,,-160.00
3,60001,2026-03-03,2026-03-06,Aetna,99214,Charge,Office visit,,220.00
4,60001,2026-03-03,2026-03-27,Aetna,99214,Insurance Payment,EFT,,130.00
5,60001,2026-03-03,2026-03-27,Aetna,99214,Adjustment,ERA,CO-45,60.00
6,60001,2026-03-03,2026-04-15,Aetna,99214,Patient Payment,Card,,30.00
7,60002,2026-03-05,2026-03-06,Cigna,93000,Charge,ECG,,100.00
8,60002,2026-03-05,2026-03-09,Cigna,93000,Charge,Void,,-100.00
9,60003,2026-03-10,2026-03-11,Medicare,99213,Charge,Office visit,,140.00
10,60003,2026-03-10,2026-04-02,Medicare,99213,Insurance Payment,EFT,,80.00
11,60003,2026-03-10,2026-04-02,Medicare,99213,Adjustment,ERA,CO-45,60.00
12,60003,2026-03-10,2026-06-12,Medicare,99213,Insurance Payment,Takeback,,-80.00
""",
    key=("Type",),
    amount="Amount",
    long={
        "Charge": "charge",
        "Insurance Payment": "insurer",
        "Patient Payment": "patient",
        "Adjustment": "wo:contractual",
    },
    claim=("Claim ID",),
    payer="Payer",
    service="DOS",
    post="Post Date",
    expect={
        "totals": {
            "billed": "360.00",
            "other_debits": "0.00",
            "paid": "160.00",
            "insurer_paid": "130.00",
            "patient_paid": "30.00",
            "written_off": "120.00",
            "open": "80.00",
            "unexplained": "0.00",
        },
        "write_offs": {"contractual": "120.00"},
        "rates": {
            "write_off_rate": "120/360",
            "contractual_rate": "120/360",
            "avoidable_rate": "0/240",
            "gross_collection_rate": "160/360",
            "net_collection_rate": "160/240",
        },
        "counts": {"claims": 2, "rows_read": 12, "rows_held": 0},
        "balanced": True,
    },
)

case(
    file="l08_second_payer_offsets.csv",
    why="Second payers with OA-23: the offset for what the first payer did is neither a write-off nor a payment, and the "
    "second payer's money is charted under the first.",
    shape="ledger",
    text="""
Txn,Claim ID,Line,DOS,Post Date,Payer,Payer Type,CPT,Type,Reason,Amount
1,70001,1,2026-04-07,2026-04-08,Medicare,,99215,Charge,,500.00
2,70001,1,2026-04-07,2026-04-28,Medicare,Insurance,99215,Payment,,300.00
3,70001,1,2026-04-07,2026-04-28,Medicare,Insurance,99215,Adjustment,CO-45,125.00
4,70001,1,2026-04-07,2026-04-28,Medicare,Insurance,99215,Adjustment,PR-1,75.00
5,70001,1,2026-04-07,2026-05-19,Medicaid,Insurance,99215,Payment,,65.00
6,70001,1,2026-04-07,2026-05-19,Medicaid,Insurance,99215,Adjustment,OA-23,425.00
7,70001,1,2026-04-07,2026-05-19,Medicaid,Insurance,99215,Adjustment,CO-45,10.00
8,70002,1,2026-04-09,2026-04-10,Medicare,,99214,Charge,,210.00
9,70002,1,2026-04-09,2026-04-30,Medicare,Insurance,99214,Payment,,104.00
10,70002,1,2026-04-09,2026-04-30,Medicare,Insurance,99214,Adjustment,CO-45,80.00
11,70002,1,2026-04-09,2026-04-30,Medicare,Insurance,99214,Adjustment,PR-2,26.00
12,70002,1,2026-04-09,2026-05-21,AARP,Insurance,99214,Payment,,26.00
13,70002,1,2026-04-09,2026-05-21,AARP,Insurance,99214,Adjustment,OA-23,184.00
14,70003,1,2026-04-13,2026-04-14,Aetna,,99213,Charge,,150.00
15,70003,1,2026-04-13,2026-05-05,Aetna,Insurance,99213,Payment,,72.00
16,70003,1,2026-04-13,2026-05-05,Aetna,Insurance,99213,Adjustment,CO-45,60.00
17,70003,1,2026-04-13,2026-05-05,Aetna,Insurance,99213,Adjustment,PR-2,18.00
18,70003,1,2026-04-13,2026-05-26,Aetna,Patient,99213,Payment,,18.00
""",
    key=("Type", "Payer Type", "Reason"),
    amount="Amount",
    long={
        "Charge /  / ": "charge",
        "Payment / Insurance / ": "insurer",
        "Payment / Patient / ": "patient",
        "Adjustment / Insurance / CO-45": "wo:contractual",
        "Adjustment / Insurance / OA-23": "none",
        "Adjustment / Insurance / PR-1": "none",
        "Adjustment / Insurance / PR-2": "none",
    },
    claim=("Claim ID",),
    line=("Claim ID", "Line"),
    payer="Payer",
    service="DOS",
    post="Post Date",
    expect={
        "totals": {
            "billed": "860.00",
            "paid": "585.00",
            "insurer_paid": "567.00",
            "patient_paid": "18.00",
            "written_off": "275.00",
            "open": "0.00",
            "unexplained": "0.00",
        },
        "write_offs": {"contractual": "275.00"},
        "rates": {
            "write_off_rate": "275/860",
            "contractual_rate": "275/860",
            "avoidable_rate": "0/585",
            "gross_collection_rate": "585/860",
            "net_collection_rate": "585/585",
        },
        "counts": {"lines": 3, "claims": 3, "rows_read": 18, "rows_held": 0},
        "balanced": True,
        "by": [
            {
                "by": "payer",
                "groups": [
                    {
                        "payer": "Aetna",
                        "totals": {
                            "billed": "150.00",
                            "paid": "90.00",
                            "written_off": "60.00",
                            "open": "0.00",
                        },
                    },
                    {
                        "payer": "Medicare",
                        "totals": {
                            "billed": "710.00",
                            "paid": "495.00",
                            "written_off": "215.00",
                            "open": "0.00",
                        },
                    },
                ],
            }
        ],
    },
)

case(
    file="l09_claim_booked_twice.csv",
    why="A claim sent and booked twice, the second denied OA-18: it ties to the file and is set aside from every rate.",
    shape="ledger",
    text="""
Txn,Claim ID,Line,DOS,Post Date,Payer,CPT,Type,Reason,Amount
1,80001,1,2026-05-05,2026-05-06,Aetna,99214,Charge,,200.00
2,80001,1,2026-05-05,2026-05-27,Aetna,99214,Insurance Payment,,120.00
3,80001,1,2026-05-05,2026-05-27,Aetna,99214,Adjustment,CO-45,80.00
4,80002,1,2026-05-05,2026-05-13,Aetna,99214,Charge,,200.00
5,80002,1,2026-05-05,2026-06-03,Aetna,99214,Adjustment,OA-18,200.00
6,80003,1,2026-05-07,2026-05-08,Cigna,99213,Charge,,150.00
7,80003,1,2026-05-07,2026-06-01,Cigna,99213,Insurance Payment,,90.00
8,80003,1,2026-05-07,2026-06-01,Cigna,99213,Adjustment,CO-45,40.00
9,80003,1,2026-05-07,2026-06-15,Cigna,99213,Patient Payment,,20.00
""",
    key=("Type", "Reason"),
    amount="Amount",
    long={
        "Charge / ": "charge",
        "Insurance Payment / ": "insurer",
        "Patient Payment / ": "patient",
        "Adjustment / CO-45": "wo:contractual",
        "Adjustment / OA-18": "wo:duplicate",
    },
    claim=("Claim ID",),
    line=("Claim ID", "Line"),
    payer="Payer",
    service="DOS",
    post="Post Date",
    expect={
        "totals": {
            "billed": "550.00",
            "paid": "230.00",
            "insurer_paid": "210.00",
            "patient_paid": "20.00",
            "written_off": "320.00",
            "open": "0.00",
            "unexplained": "0.00",
        },
        "write_offs": {"contractual": "120.00", "duplicate": "200.00"},
        "rates": {
            "write_off_rate": "120/350",
            "contractual_rate": "120/350",
            "avoidable_rate": "0/230",
            "gross_collection_rate": "230/350",
            "net_collection_rate": "230/230",
        },
        "counts": {"lines": 3, "claims": 3, "rows_read": 9, "rows_held": 0},
        "balanced": True,
    },
)

case(
    file="l10_capitation_sequestration_qmb.csv",
    why="Capitation is set aside, sequestration and an uncollectable QMB share are by law, OA-209 stays open for the next "
    "payer, and a reporting-only cent is another adjustment.",
    shape="ledger",
    classes={"cob_other_payer": "K"},  # CARC 303 is unavoidable, unlike most of its category
    text="""
Txn,Claim ID,Line,DOS,Post Date,Payer,CPT,Type,Reason,Amount
1,90001,1,2026-06-02,2026-06-03,HMO One,99214,Charge,,150.00
2,90001,1,2026-06-02,2026-06-24,HMO One,99214,Adjustment,CO-24,130.00
3,90001,1,2026-06-02,2026-06-24,HMO One,99214,Adjustment,PR-3,20.00
4,90001,1,2026-06-02,2026-06-24,HMO One,99214,Patient Payment,,20.00
5,90002,1,2026-06-03,2026-06-04,Medicare,99213,Charge,,150.00
6,90002,1,2026-06-03,2026-06-25,Medicare,99213,Insurance Payment,,39.20
7,90002,1,2026-06-03,2026-06-25,Medicare,99213,Adjustment,CO-45,50.00
8,90002,1,2026-06-03,2026-06-25,Medicare,99213,Adjustment,CO-253,0.80
9,90002,1,2026-06-03,2026-06-25,Medicare,99213,Adjustment,PR-1,50.00
10,90002,1,2026-06-03,2026-06-25,Medicare,99213,Adjustment,PR-2,10.00
11,90003,1,2026-06-04,2026-06-05,Medicare,99213,Charge,,150.00
12,90003,1,2026-06-04,2026-06-26,Medicare,99213,Insurance Payment,,78.40
13,90003,1,2026-06-04,2026-06-26,Medicare,99213,Adjustment,CO-45,50.00
14,90003,1,2026-06-04,2026-06-26,Medicare,99213,Adjustment,CO-253,1.60
15,90003,1,2026-06-04,2026-06-26,Medicare,99213,Adjustment,OA-209,20.00
16,90004,1,2026-06-05,2026-06-08,Medicare,99213,Charge,,150.00
17,90004,1,2026-06-05,2026-06-29,Medicare,99213,Insurance Payment,,78.40
18,90004,1,2026-06-05,2026-06-29,Medicare,99213,Adjustment,CO-45,50.00
19,90004,1,2026-06-05,2026-06-29,Medicare,99213,Adjustment,CO-253,1.60
20,90004,1,2026-06-05,2026-07-20,Medicare,99213,Adjustment,CO-303,20.00
21,90005,1,2026-06-08,2026-06-09,Medicare,3074F,Charge,,0.01
22,90005,1,2026-06-08,2026-06-30,Medicare,3074F,Adjustment,CO-246,0.01
""",
    key=("Type", "Reason"),
    amount="Amount",
    long={
        "Charge / ": "charge",
        "Insurance Payment / ": "insurer",
        "Patient Payment / ": "patient",
        "Adjustment / CO-24": "wo:capitation",
        "Adjustment / CO-45": "wo:contractual",
        "Adjustment / CO-253": "wo:sequestration",
        "Adjustment / CO-303": "wo:cob_other_payer",
        "Adjustment / CO-246": "other",
        "Adjustment / OA-209": "none",
        "Adjustment / PR-1": "ps:deductible",
        "Adjustment / PR-2": "ps:coinsurance",
        "Adjustment / PR-3": "ps:copay",
    },
    claim=("Claim ID",),
    line=("Claim ID", "Line"),
    payer="Payer",
    service="DOS",
    post="Post Date",
    expect={
        "totals": {
            "billed": "600.01",
            "paid": "216.00",
            "insurer_paid": "196.00",
            "patient_paid": "20.00",
            "written_off": "304.00",
            "other_adjustments": "0.01",
            "open": "80.00",
            "patient_open": "60.00",
            "unexplained": "0.00",
            "patient_responsibility": "80.00",
            "deductible": "50.00",
            "coinsurance": "10.00",
            "copay": "20.00",
        },
        "write_offs": {
            "capitation": "130.00",
            "contractual": "150.00",
            "sequestration": "4.00",
            "cob_other_payer": "20.00",
        },
        "rates": {
            "write_off_rate": "17400/47001",
            "contractual_rate": "17400/47001",
            "avoidable_rate": "0/29601",
            "gross_collection_rate": "21600/47001",
            "net_collection_rate": "21600/29601",
        },
        "counts": {"lines": 5, "claims": 5, "rows_read": 22, "rows_held": 0},
        "balanced": True,
    },
)

case(
    file="l11_claims_without_lines.csv",
    why="Claims without lines in decimal commas and day-first dates, the kind of write-off in the type itself; two equal "
    "payments on one day are two payments.",
    shape="ledger",
    delimiter=";",
    encoding="cp1252",
    decimal_comma=True,
    dates="%d/%m/%Y",
    text="""
Claim ID;Service Date;Entry Date;Payer;Entry Type;Amount
G1;05/01/2026;06/01/2026;Médica Plan;Charge;1.150,00
G1;05/01/2026;28/01/2026;Médica Plan;Insurance Payment;640,00
G1;05/01/2026;28/01/2026;Médica Plan;Contractual Adjustment;350,00
G1;05/01/2026;14/02/2026;Médica Plan;Patient Payment;80,00
G1;05/01/2026;14/02/2026;Médica Plan;Patient Payment;80,00
G2;09/01/2026;12/01/2026;Cigna;Charge;240,00
G2;09/01/2026;20/02/2026;Cigna;Timely Filing Write-Off;240,00
G3;12/01/2026;13/01/2026;Medicare;Charge;175,00
G3;12/01/2026;04/02/2026;Medicare;Insurance Payment;88,00
G3;12/01/2026;04/02/2026;Medicare;Contractual Adjustment;65,00
G3;12/01/2026;31/03/2026;Medicare;Bad Debt Write-Off;22,00
G4;20/01/2026;21/01/2026;Cigna;Charge;310,00
G4;20/01/2026;11/02/2026;Cigna;Insurance Payment;140,00
G4;20/01/2026;11/02/2026;Cigna;Contractual Adjustment;120,00
G4;20/01/2026;25/02/2026;Cigna;Charity Write-Off;50,00
""",
    key=("Entry Type",),
    amount="Amount",
    long={
        "Charge": "charge",
        "Insurance Payment": "insurer",
        "Patient Payment": "patient",
        "Contractual Adjustment": "wo:contractual",
        "Timely Filing Write-Off": "wo:timely_filing",
        "Bad Debt Write-Off": "wo:bad_debt",
        "Charity Write-Off": "wo:charity",
    },
    claim=("Claim ID",),
    line=("Claim ID",),
    payer="Payer",
    service="Service Date",
    post="Entry Date",
    expect={
        "totals": {
            "billed": "1875.00",
            "paid": "1028.00",
            "insurer_paid": "868.00",
            "patient_paid": "160.00",
            "written_off": "847.00",
            "open": "0.00",
            "unexplained": "0.00",
            "patient_responsibility": None,
        },
        "write_offs": {
            "contractual": "535.00",
            "timely_filing": "240.00",
            "bad_debt": "22.00",
            "charity": "50.00",
        },
        "rates": {
            "write_off_rate": "847/1875",
            "contractual_rate": "535/1875",
            "avoidable_rate": "240/1340",
            "gross_collection_rate": "1028/1875",
            "net_collection_rate": "1028/1340",
        },
        "counts": {"lines": 4, "claims": 4, "patients": None, "rows_read": 15, "rows_held": 0},
        "period": {"service_from": "2026-01-05", "service_to": "2026-01-20"},
        "balanced": True,
    },
)

case(
    file="l12_transfers_in_pairs.csv",
    why="Transfers to the patient booked as pairs of minus and plus: who owes changes, what is owed does not.",
    shape="ledger",
    text="""
Txn,Claim,DOS,Post Date,Payer,Type,Description,Amount
1,S1,2026-07-06,2026-07-07,Aetna,Charge,Office visit,200.00
2,S1,2026-07-06,2026-07-28,Aetna,Insurance Payment,EFT,-110.00
3,S1,2026-07-06,2026-07-28,Aetna,Adjustment,Contractual Adjustment,-60.00
4,S1,2026-07-06,2026-07-28,Aetna,Transfer,Transfer from insurance,-30.00
5,S1,2026-07-06,2026-07-28,Aetna,Transfer,Transfer to patient,30.00
6,S1,2026-07-06,2026-08-11,Aetna,Patient Payment,Check,-30.00
7,S2,2026-07-08,2026-07-09,Cigna,Charge,Office visit,150.00
8,S2,2026-07-08,2026-07-30,Cigna,Insurance Payment,EFT,-70.00
9,S2,2026-07-08,2026-07-30,Cigna,Adjustment,Contractual Adjustment,-55.00
10,S2,2026-07-08,2026-07-30,Cigna,Transfer,Transfer from insurance,-25.00
11,S2,2026-07-08,2026-07-30,Cigna,Transfer,Transfer to patient,25.00
""",
    key=("Type",),
    amount="Amount",
    long={
        "Charge": "charge",
        "Insurance Payment": "-insurer",
        "Patient Payment": "-patient",
        "Adjustment": "-wo:contractual",
        "Transfer": "none",
    },
    claim=("Claim",),
    line=("Claim",),
    payer="Payer",
    service="DOS",
    post="Post Date",
    expect={
        "totals": {
            "billed": "350.00",
            "other_debits": "0.00",
            "paid": "210.00",
            "insurer_paid": "180.00",
            "patient_paid": "30.00",
            "written_off": "115.00",
            "open": "25.00",
            "unexplained": "0.00",
            "patient_responsibility": None,
        },
        "write_offs": {"contractual": "115.00"},
        "rates": {
            "write_off_rate": "115/350",
            "contractual_rate": "115/350",
            "avoidable_rate": "0/235",
            "gross_collection_rate": "210/350",
            "net_collection_rate": "210/235",
        },
        "counts": {"lines": 2, "claims": 2, "rows_read": 11, "rows_held": 0},
        "balanced": True,
    },
)

case(
    file="l13_payment_without_its_charge.csv",
    why="A payment on a claim whose charge is in an earlier export: its money stays in the totals and leaves the rates, "
    "and it is not a claim of this file.",
    shape="ledger",
    out_of_rates=("U9",),
    text="""
Txn,Claim ID,Line,DOS,Post Date,Payer,CPT,Type,Reason,Amount
1,U1,1,2026-08-03,2026-08-04,Aetna,99214,Charge,,200.00
2,U1,1,2026-08-03,2026-08-25,Aetna,99214,Insurance Payment,,120.00
3,U1,1,2026-08-03,2026-08-25,Aetna,99214,Adjustment,CO-45,60.00
4,U1,1,2026-08-03,2026-08-31,Aetna,99214,Patient Payment,,20.00
5,U2,1,2026-08-04,2026-08-05,Cigna,99213,Charge,,100.00
6,U2,1,2026-08-04,2026-08-27,Cigna,99213,Insurance Payment,,60.00
7,U2,1,2026-08-04,2026-08-27,Cigna,99213,Adjustment,CO-45,40.00
8,U9,1,2026-06-15,2026-08-28,Cigna,99203,Insurance Payment,,75.00
""",
    key=("Type",),
    amount="Amount",
    long={
        "Charge": "charge",
        "Insurance Payment": "insurer",
        "Patient Payment": "patient",
        "Adjustment": "wo:contractual",
    },
    claim=("Claim ID",),
    line=("Claim ID", "Line"),
    payer="Payer",
    service="DOS",
    post="Post Date",
    expect={
        "totals": {
            "billed": "300.00",
            "paid": "275.00",
            "insurer_paid": "255.00",
            "patient_paid": "20.00",
            "written_off": "100.00",
            "open": "-75.00",
            "unexplained": "0.00",
        },
        "write_offs": {"contractual": "100.00"},
        "rates": {
            "write_off_rate": "100/300",
            "contractual_rate": "100/300",
            "avoidable_rate": "0/200",
            "gross_collection_rate": "200/300",
            "net_collection_rate": "200/200",
        },
        "counts": {"lines": 2, "claims": 2, "rows_read": 8, "rows_held": 0},
        "balanced": True,
        "exit": 1,
    },
)

case(
    file="l14_journal_with_total.csv",
    why="A transaction journal with five lines above the heading, dollars with credits in parentheses, and a total row "
    "that is the sum of the signed amounts.",
    shape="ledger",
    encoding="utf-8-sig",
    preamble=5,
    not_data=("Total",),
    text="""
Harborview Medical Associates
"Transaction journal, all providers"
From 2026-05-01 to 2026-06-30
Printed by: billing

Trans #,Claim #,Service Date,Post Date,Carrier,Transaction,Adj Code,Amount
1,H-1,2026-05-04,2026-05-05,Aetna,Charge,,$150.00
2,H-1,2026-05-04,2026-05-26,Aetna,Insurance Payment,,($80.00)
3,H-1,2026-05-04,2026-05-26,Aetna,Adjustment,CO-45,($50.00)
4,H-1,2026-05-04,2026-06-09,Aetna,Patient Payment,,($20.00)
5,H-2,2026-05-06,2026-05-07,Cigna,Charge,,"$1,340.00"
6,H-2,2026-05-06,2026-06-02,Cigna,Insurance Payment,,($700.00)
7,H-2,2026-05-06,2026-06-02,Cigna,Adjustment,CO-45,($500.00)
8,H-3,2026-05-11,2026-05-12,Medicare,Charge,,$90.00
9,H-3,2026-05-11,2026-06-15,Medicare,Adjustment,CO-16,($90.00)
Total,,,,,,,$140.00
""",
    key=("Transaction", "Adj Code"),
    amount="Amount",
    long={
        "Charge / ": "charge",
        "Insurance Payment / ": "-insurer",
        "Patient Payment / ": "-patient",
        "Adjustment / CO-45": "-wo:contractual",
        "Adjustment / CO-16": "-wo:billing_error",
    },
    claim=("Claim #",),
    line=("Claim #",),
    payer="Carrier",
    service="Service Date",
    post="Post Date",
    expect={
        "totals": {
            "billed": "1580.00",
            "paid": "800.00",
            "insurer_paid": "780.00",
            "patient_paid": "20.00",
            "written_off": "640.00",
            "open": "140.00",
            "unexplained": "0.00",
        },
        "write_offs": {"contractual": "550.00", "billing_error": "90.00"},
        "rates": {
            "write_off_rate": "640/1580",
            "contractual_rate": "550/1580",
            "avoidable_rate": "90/1030",
            "gross_collection_rate": "800/1580",
            "net_collection_rate": "800/1030",
        },
        "counts": {"lines": 3, "claims": 3, "rows_read": 9, "rows_held": 0},
        "balanced": True,
        "columns": {
            "Claim #": "claim_id",
            "Service Date": "service_date",
            "Post Date": "post_date",
            "Carrier": "payer",
            "Transaction": "transaction_type",
            "Adj Code": "adjustment_reason",
            "Amount": "transaction_amount",
        },
        "by": [
            {
                "by": "payer",
                "groups": [
                    {
                        "payer": "Aetna",
                        "totals": {"billed": "150.00", "paid": "100.00", "open": "0.00"},
                    },
                    {
                        "payer": "Cigna",
                        "totals": {"billed": "1340.00", "paid": "700.00", "open": "140.00"},
                    },
                    {
                        "payer": "Medicare",
                        "totals": {"billed": "90.00", "paid": "0.00", "open": "0.00"},
                    },
                ],
            }
        ],
    },
)

case(
    file="l15_adjustment_labels.csv",
    why="Adjustments told only by an open-source system's labels: bundling is for review, an agency write-off is never "
    "avoidable, and a transfer to the deductible is the patient's share.",
    shape="ledger",
    text="""
Txn,Claim ID,Line,DOS,Post Date,Payer,Type,Reason,Amount
1,V1,1,2026-09-01,2026-09-02,Aetna,Charge,,200.00
2,V1,1,2026-09-01,2026-09-22,Aetna,Insurance Payment,,90.00
3,V1,1,2026-09-01,2026-09-22,Aetna,Adjustment,Ins adjust,60.00
4,V1,1,2026-09-01,2026-09-22,Aetna,Adjustment,To ded'ble,50.00
5,V1,1,2026-09-01,2026-10-06,Aetna,Patient Payment,,30.00
6,V2,1,2026-09-02,2026-09-03,Cigna,Charge,,150.00
7,V2,1,2026-09-02,2026-10-20,Cigna,Adjustment,Untimely filing,150.00
8,V3,1,2026-09-03,2026-09-04,Aetna,Charge,,120.00
9,V3,1,2026-09-03,2026-09-24,Aetna,Insurance Payment,,60.00
10,V3,1,2026-09-03,2026-09-24,Aetna,Adjustment,Ins adjust,40.00
11,V3,1,2026-09-03,2026-12-15,Aetna,Adjustment,Coll w/o,20.00
12,V4,1,2026-09-08,2026-09-09,Medicaid,Charge,,95.00
13,V4,1,2026-09-08,2026-09-29,Medicaid,Insurance Payment,,45.00
14,V4,1,2026-09-08,2026-09-29,Medicaid,Adjustment,Ins adjust,35.00
15,V4,1,2026-09-08,2026-10-30,Medicaid,Adjustment,Hardship w/o,15.00
16,V5,1,2026-09-09,2026-09-10,BCBS,Charge,,180.00
17,V5,1,2026-09-09,2026-10-01,BCBS,Adjustment,Ins bundling,180.00
18,V6,1,2026-09-10,2026-09-11,BCBS,Charge,,80.00
19,V6,1,2026-09-10,2026-10-02,BCBS,Insurance Payment,,50.00
20,V6,1,2026-09-10,2026-10-02,BCBS,Adjustment,Ins adjust,25.00
21,V6,1,2026-09-10,2026-10-02,BCBS,Adjustment,Adm adjust,5.00
""",
    key=("Type", "Reason"),
    amount="Amount",
    long={
        "Charge / ": "charge",
        "Insurance Payment / ": "insurer",
        "Patient Payment / ": "patient",
        "Adjustment / Ins adjust": "wo:contractual",
        "Adjustment / To ded'ble": "ps:deductible",
        "Adjustment / Untimely filing": "wo:timely_filing",
        "Adjustment / Coll w/o": "wo:collection_agency",
        "Adjustment / Hardship w/o": "wo:charity",
        "Adjustment / Ins bundling": "wo:bundling",
        "Adjustment / Adm adjust": "wo:administrative",
    },
    claim=("Claim ID",),
    line=("Claim ID", "Line"),
    payer="Payer",
    service="DOS",
    post="Post Date",
    expect={
        "totals": {
            "billed": "825.00",
            "paid": "275.00",
            "insurer_paid": "245.00",
            "patient_paid": "30.00",
            "written_off": "530.00",
            "open": "20.00",
            "unexplained": "0.00",
            "patient_responsibility": "50.00",
            "deductible": "50.00",
        },
        "write_offs": {
            "contractual": "160.00",
            "timely_filing": "150.00",
            "collection_agency": "20.00",
            "charity": "15.00",
            "bundling": "180.00",
            "administrative": "5.00",
        },
        "rates": {
            "write_off_rate": "530/825",
            "contractual_rate": "160/825",
            "avoidable_rate": "150/665",
            "gross_collection_rate": "275/825",
            "net_collection_rate": "275/665",
        },
        "counts": {"lines": 6, "claims": 6, "rows_read": 21, "rows_held": 0},
        "balanced": True,
    },
)

case(
    file="l16_amount_that_is_text.csv",
    why="A ledger row whose amount says 'see note' is held, and only that row; the claim's other rows count.",
    shape="ledger",
    held=(3,),
    text="""
Txn,Claim ID,DOS,Post Date,Payer,CPT,Type,Reason,Amount
1,W1,2026-11-02,2026-11-03,Aetna,99214,Charge,,220.00
2,W1,2026-11-02,2026-11-24,Aetna,99214,Adjustment,CO-45,90.00
3,W1,2026-11-02,2026-11-24,Aetna,99214,Insurance Payment,,see note
4,W2,2026-11-04,2026-11-05,Cigna,99213,Charge,,150.00
5,W2,2026-11-04,2026-11-25,Cigna,99213,Insurance Payment,,80.00
6,W2,2026-11-04,2026-11-25,Cigna,99213,Adjustment,CO-45,50.00
7,W2,2026-11-04,2026-11-30,Cigna,99213,Patient Payment,,20.00
""",
    key=("Type",),
    amount="Amount",
    long={
        "Charge": "charge",
        "Insurance Payment": "insurer",
        "Patient Payment": "patient",
        "Adjustment": "wo:contractual",
    },
    claim=("Claim ID",),
    line=("Claim ID", "CPT"),
    payer="Payer",
    service="DOS",
    post="Post Date",
    expect={
        "totals": {
            "billed": "370.00",
            "paid": "100.00",
            "insurer_paid": "80.00",
            "patient_paid": "20.00",
            "written_off": "140.00",
            "open": "130.00",
            "unexplained": "0.00",
        },
        "write_offs": {"contractual": "140.00"},
        "counts": {"lines": 2, "claims": 2, "rows_read": 7, "rows_held": 1},
        "balanced": True,
        "exit": 1,
    },
)

case(
    file="l17_nobody_says_who_paid.csv",
    why="Charge, Payment and Adjustment and nothing else: who paid is null, what the adjustments were is unclassified, "
    "and only the write-off and gross rates can be said.",
    shape="ledger",
    text="""
claim_id,service_date,post_date,type,amount
X1,2026-03-02,2026-03-03,CHARGE,250.00
X1,2026-03-02,2026-03-24,PAYMENT,130.00
X1,2026-03-02,2026-03-24,ADJUSTMENT,120.00
X2,2026-03-04,2026-03-05,CHARGE,180.00
X2,2026-03-04,2026-03-26,PAYMENT,90.00
X2,2026-03-04,2026-03-26,ADJUSTMENT,60.00
X3,2026-04-07,2026-04-08,CHARGE,95.00
X3,2026-04-07,2026-05-12,ADJUSTMENT,95.00
X4,2026-04-09,2026-04-10,CHARGE,75.00
""",
    key=("type",),
    amount="amount",
    long={"CHARGE": "charge", "PAYMENT": "paid", "ADJUSTMENT": "wo:unclassified"},
    claim=("claim_id",),
    line=("claim_id",),
    service="service_date",
    post="post_date",
    expect={
        "totals": {
            "billed": "600.00",
            "other_debits": "0.00",
            "paid": "220.00",
            "insurer_paid": None,
            "patient_paid": None,
            "written_off": "275.00",
            "open": "105.00",
            "unexplained": "0.00",
            "patient_responsibility": None,
        },
        "write_offs": {"unclassified": "275.00"},
        "rates": {
            "write_off_rate": "275/600",
            "contractual_rate": None,
            "avoidable_rate": None,
            "gross_collection_rate": "220/600",
            "net_collection_rate": None,
        },
        "counts": {"lines": 4, "claims": 4, "patients": None, "rows_read": 9, "rows_held": 0},
        "balanced": True,
        "by": [
            {
                "by": "month",
                "groups": [
                    {
                        "month": "2026-03",
                        "totals": {
                            "billed": "430.00",
                            "paid": "220.00",
                            "written_off": "180.00",
                            "open": "30.00",
                        },
                    },
                    {
                        "month": "2026-04",
                        "totals": {
                            "billed": "170.00",
                            "paid": "0.00",
                            "written_off": "95.00",
                            "open": "75.00",
                        },
                    },
                ],
            }
        ],
    },
)

# ------------------------------------------------------------------------- the second computation


def money(text: str, comma: bool) -> Decimal | None:
    """An amount as its export writes it; a blank or a lone dash is not stated."""
    text = text.strip().replace("$", "")
    if text in ("", "-"):
        return None
    undo = text.startswith("(") or text.endswith("-")
    text = text.strip("()").rstrip("-")
    text = text.replace(".", "").replace(",", ".") if comma else text.replace(",", "")
    return -Decimal(text) if undo else Decimal(text)


def data_rows(this: Case) -> list[dict[str, str]]:
    """The rows under the heading, without page lines, repeated headings and totals."""
    lines = list(csv.reader(io.StringIO(this.text), delimiter=this.delimiter))
    heading, *rest = lines[this.preamble :]
    assert all(len(line) == len(heading) for line in rest), this.file
    return [dict(zip(heading, line, strict=True)) for line in rest if line[0] not in this.not_data]


def row_entries(this: Case, row: dict[str, str]) -> list[tuple[str, Decimal]]:
    """What one row posts: (entry, amount), the amount positive in the direction the entry names."""
    if this.long is not None:
        how = this.long[" / ".join(row[name] for name in this.key)]
        amount = money(row[this.amount], this.decimal_comma) or ZERO
        return [(how.removeprefix("-"), -amount if how.startswith("-") else amount)]
    entries = []
    amounts = {name: money(row[name], this.decimal_comma) for name in this.wide}
    charge = next(amounts[name] for name, how in this.wide.items() if how == "charge")
    for name, how in this.wide.items():
        amount = amounts[name]
        if amount is None:
            continue
        if how == "adjust":
            how = this.reasons[" ".join(row[part] for part in this.reason.split("+"))]
            assert how != "none" or amount == 0, (this.file, row)
        if how == "allowed":
            if amount > 0:
                entries.append(("wo:contractual", charge - amount))
            continue
        entries.append((how, amount))
    return entries


def postings(this: Case) -> list[dict]:
    """Every counted row as postings that know their claim, charted payer and months."""
    rows = [row for number, row in enumerate(data_rows(this), 1) if number not in this.held]
    read = [(row, row_entries(this, row)) for row in rows]

    def name(row, parts):
        return " / ".join(row[part] for part in parts)

    primary = {}
    for row, entries in read:
        if any(entry == "charge" for entry, _ in entries):
            primary.setdefault(name(row, this.claim), row[this.payer].strip() if this.payer else "")
    found = []
    for number, (row, entries) in enumerate(read):
        claim = name(row, this.claim)
        own = row[this.payer].strip() if this.payer else ""
        for entry, amount in entries:
            found.append(
                {
                    "row": number,
                    "entry": entry,
                    "amount": amount,
                    "claim": claim,
                    "line": name(row, this.line),
                    "payer": primary.get(claim, own) or None,
                    "service": day(row.get(this.service, ""), this.dates),
                    "post": day(row.get(this.post, ""), this.dates),
                    "patient": row.get(this.patient, ""),
                    **{by: row[column] or None for by, column in this.grouped.items()},
                }
            )
    return found


def day(text: str, order: str) -> str:
    """A date as YYYY-MM-DD, or nothing."""
    return datetime.datetime.strptime(text, order).date().isoformat() if text else ""


def totals(found: list[dict]) -> dict[str, Decimal]:
    """The sums that the rules name, over some postings."""
    sums = defaultdict(lambda: ZERO)
    per_row = defaultdict(lambda: ZERO)
    stated_at_all = False
    share_total = any(p["entry"] == "ps:total" for p in found)
    for p in found:
        entry, amount = p["entry"], p["amount"]
        if entry == "charge":
            sums["billed"] += amount
            per_row[p["row"]] += amount
        elif entry == "debit":
            sums["other_debits"] += amount
            per_row[p["row"]] += amount
        elif entry in ("insurer", "patient", "paid"):
            sums["paid"] += amount
            if entry != "paid":
                sums[f"{entry}_paid"] += amount
            per_row[p["row"]] -= amount
        elif entry == "other":
            sums["other_adjustments"] += amount
            per_row[p["row"]] -= amount
        elif entry.startswith("wo:"):
            sums["written_off"] += amount
            per_row[p["row"]] -= amount
        elif entry.startswith("ps:"):
            kind = entry.removeprefix("ps:")
            if kind == "total":
                sums["patient_responsibility"] += amount
            else:
                sums[kind] += amount
                if not share_total:
                    sums["patient_responsibility"] += amount
        elif entry == "stated":
            stated_at_all = True
            sums["stated"] += amount
    if share_total:
        parts = sums["deductible"] + sums["coinsurance"] + sums["copay"]
        sums["patient_other"] = sums["patient_responsibility"] - parts
    computed = sum(per_row.values(), ZERO)
    sums["open"] = sums["stated"] if stated_at_all else computed
    sums["unexplained"] = computed - sums["open"]
    return sums


def write_offs(found: list[dict]) -> dict[str, Decimal]:
    """Written-off money by category, the non-zero ones."""
    sums = defaultdict(lambda: ZERO)
    for p in found:
        if p["entry"].startswith("wo:"):
            sums[p["entry"].removeprefix("wo:")] += p["amount"]
    return {category: amount for category, amount in sums.items() if amount}


def rates(this: Case, found: list[dict]) -> dict[str, Fraction | None]:
    """The five rates, by the letter of the rules."""
    counted = [p for p in found if p["claim"] not in this.out_of_rates]
    sums, by_kind = totals(counted), write_offs(counted)
    law = {c for c in by_kind if c in BY_CONTRACT_OR_LAW or this.classes.get(c) == "K"}
    aside = sum((by_kind[c] for c in by_kind if c in SET_ASIDE), ZERO)
    k = sum((by_kind[c] for c in law), ZERO)
    w = sum((by_kind[c] for c in by_kind if c not in law and c not in SET_ASIDE), ZERO)
    a = sum((by_kind[c] for c in by_kind if c not in law and c in AVOIDABLE), ZERO)
    n = sums["billed"] - aside

    def over(part, whole):
        return Fraction(part) / Fraction(whole) if whole > 0 else None

    return {
        "write_off_rate": over(k + w, n),
        "contractual_rate": over(k, n),
        "gross_collection_rate": over(sums["paid"], n),
        "net_collection_rate": over(sums["paid"], n - k),
        "avoidable_rate": over(a, n - k),
    }


def counts(this: Case, found: list[dict]) -> dict[str, int]:
    """What is counted; a claim counts when its charges net to something."""
    net = defaultdict(lambda: ZERO)
    for p in found:
        if p["entry"] == "charge":
            net[p["claim"]] += p["amount"]
    return {
        "lines": len({p["line"] for p in found if p["entry"] == "charge"}),
        "claims": sum(1 for amount in net.values() if amount),
        "patients": len({p["patient"] for p in found}),
        "rows_read": len(data_rows(this)),
        "rows_held": len(this.held),
    }


def six_places(rate: Fraction) -> float:
    """A rate as the JSON writes it: half up at six places."""
    exact = Decimal(rate.numerator) / Decimal(rate.denominator)
    return float(exact.quantize(Decimal("0.000001"), ROUND_HALF_UP))


def agree(this: Case, what: str, typed, computed) -> None:
    """The typed-in figure and the computed one are the same."""
    assert typed == computed, f"{this.file}: {what} is typed as {typed} and comes out as {computed}"


def check_rates(this: Case, what: str, typed: dict, found: list[dict]) -> dict[str, float | None]:
    """The typed fractions against the computed rates; what can be said, as six-place floats."""
    computed = rates(this, found)
    for name, fraction in typed.items():
        if fraction is not None:
            agree(this, f"{what} {name}", Fraction(fraction), computed[name])
    return {name: None if f is None else six_places(Fraction(f)) for name, f in typed.items()}


def check_totals(this: Case, what: str, typed: dict, found: list[dict]) -> None:
    """The typed totals against the computed ones. Null is the rules' word for a figure nobody states."""
    computed = totals(found)
    for name, amount in typed.items():
        if amount is None or name in ("held", "patient_open"):
            continue
        agree(this, f"{what} {name}", Decimal(amount), computed[name])
    if typed.get("patient_open") is not None:
        insured = [p for p in found if p["entry"].startswith(("ps:", "patient"))]
        owed = totals([p for p in insured if p["entry"].startswith("ps:")])[
            "patient_responsibility"
        ]
        paid = sum((p["amount"] for p in insured if p["entry"] == "patient"), ZERO)
        agree(this, f"{what} patient_open", Decimal(typed["patient_open"]), owed - paid)
    if typed.get("held") is not None:
        heading = next(name for name, how in this.wide.items() if how == "charge")
        rows = data_rows(this)
        held = sum((money(rows[n - 1][heading], this.decimal_comma) for n in this.held), ZERO)
        agree(this, f"{what} held", Decimal(typed["held"]), held)


def group_of(p: dict, by: str, basis: str) -> str | None:
    """The group a posting falls into; nothing is a group of its own."""
    if by == "month":
        return p[basis][:7] or None
    return p[by]


def check_case(this: Case) -> dict:
    """Work the case out a second time, compare, and return what expected.json says of it."""
    found = postings(this)
    say = this.expect
    check_totals(this, "total", say["totals"], found)
    answer = {"file": this.file, "why": this.why, "shape": this.shape, "totals": say["totals"]}
    if "write_offs" in say:
        if say["totals"].get("written_off") is not None:
            typed = {category: Decimal(amount) for category, amount in say["write_offs"].items()}
            agree(this, "write-offs", typed, write_offs(found))
        answer["write_offs"] = say["write_offs"]
    if "rates" in say:
        answer["rates"] = check_rates(this, "rate", say["rates"], found)
    computed = counts(this, found)
    for name, number in say["counts"].items():
        if number is not None:
            agree(this, f"count {name}", number, computed[name])
    answer["counts"] = say["counts"]
    if "period" in say:
        for name, typed in say["period"].items():
            which, end = name.split("_")
            days = sorted(p[which] for p in found if p[which])
            agree(this, name, typed, days[0] if end == "from" else days[-1])
        answer["period"] = say["period"]
    differing = any(
        totals([p for p in found if p["row"] == number])["unexplained"]
        for number in {p["row"] for p in found}
        if this.wide
    )
    agree(this, "balanced", say["balanced"], this.control_agrees and not differing)
    answer["balanced"] = say["balanced"]
    for name in ("exit", "columns"):
        if name in say:
            answer[name] = say[name]
    if "by" in say:
        answer["by"] = [check_groups(this, grouping, found) for grouping in say["by"]]
    return answer


def check_groups(this: Case, grouping: dict, found: list[dict]) -> dict:
    """One `--by`: every group is listed, and each figure agrees."""
    by, basis = grouping["by"], grouping.get("basis", "service")
    parts = defaultdict(list)
    for p in found:
        parts[group_of(p, by, basis)].append(p)
    agree(this, f"groups by {by}", {g[by] for g in grouping["groups"]}, set(parts))
    groups = []
    for group in grouping["groups"]:
        check_totals(this, f"{by} {group[by]}", group["totals"], parts[group[by]])
        said = {by: group[by], "totals": group["totals"]}
        if "rates" in group:
            said["rates"] = check_rates(this, f"{by} {group[by]}", group["rates"], parts[group[by]])
        groups.append(said)
    return {**{k: v for k, v in grouping.items() if k != "groups"}, "groups": groups}


# --------------------------------------------------------------------------------------- writing


def cell(text: str, heading: str):
    """A workbook's value: identifiers and codes stay text, dates are dates, money is a number."""
    if text == "" or heading in ("", "Claim ID", "Patient ID", "CPT", "Payer", "Write-Off Reason"):
        return text or None
    if heading == "Date of Service":
        return datetime.datetime.strptime(text, "%Y-%m-%d")
    return float(text)


def workbook_rows(this: Case) -> list[list]:
    """The case's lines as a sheet's values; those above the heading are text."""
    lines = list(csv.reader(io.StringIO(this.text)))
    heading = lines[this.preamble]
    below = [
        [cell(text, name) for text, name in zip(line, heading, strict=True)]
        for line in lines[this.preamble + 1 :]
    ]
    return [*lines[: this.preamble], heading, *below]


def write_workbook(this: Case, path: Path) -> None:
    """The case as a workbook with one sheet."""
    import openpyxl

    book = openpyxl.Workbook()
    book.active.title = "Claim detail"
    for row in workbook_rows(this):
        book.active.append(row)
    book.save(path)


def build() -> list[dict]:
    """Every case checked twice: what expected.json says."""
    return [check_case(this) for this in CASES]


def export_bytes(this: Case) -> bytes:
    """A text export as it lies on disk."""
    return this.text.encode(this.encoding)


if __name__ == "__main__":
    answers = build()
    for this in CASES:
        path = FOLDER / this.file
        if not this.workbook:
            path.write_bytes(export_bytes(this))
        elif not path.exists():
            write_workbook(this, path)
    text = json.dumps(answers, indent=1, ensure_ascii=False) + "\n"
    (FOLDER / "expected.json").write_text(text, encoding="utf-8")
    print(f"{len(answers)} exports, every answer worked out twice")
