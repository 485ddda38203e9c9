"""The field's words: entries, buckets, dimensions and fields, each said once.

Everything else in the package speaks in these names. Nothing here computes.
"""

from __future__ import annotations

from typing import Final, NamedTuple

# --- entries: what a posting is -------------------------------------------------------------------
CHARGE: Final = "charge"
INSURER_PAYMENT: Final = "insurer_payment"
PATIENT_PAYMENT: Final = "patient_payment"
PAYMENT: Final = "payment"  # a payment whose payer the source does not name
WRITE_OFF: Final = "write_off"
PATIENT_SHARE: Final = "patient_share"
TRANSFER: Final = "transfer"
PROVIDER_ADJUSTMENT: Final = "provider_adjustment"

# How much one cent of an entry moves what is still owed on its line (rules.md, Signs).
EFFECT: Final[dict[str, int]] = {
    CHARGE: 1,
    INSURER_PAYMENT: -1,
    PATIENT_PAYMENT: -1,
    PAYMENT: -1,
    WRITE_OFF: -1,
    PATIENT_SHARE: 0,
    TRANSFER: 0,
    PROVIDER_ADJUSTMENT: 0,
}
PAYMENTS: Final = (INSURER_PAYMENT, PATIENT_PAYMENT, PAYMENT)

# Two figures that stand beside the postings in the cube: what is left, and what does not tie.
OPEN: Final = "open"
UNEXPLAINED: Final = "unexplained"

# --- parties: who owes, who paid, who gave up -----------------------------------------------------
PAYER: Final = "payer"
PATIENT: Final = "patient"
SELF: Final = "self_pay"  # the patient of a visit without insurance

# --- charges: a service, or a debit that is no service --------------------------------------------
SERVICE: Final = "service"
FEE: Final = "fee"
OPENING_BALANCE: Final = "opening_balance"

# --- write-off buckets: where a category counts in the rates (rules.md 13) ------------------------
LAW: Final = "law"  # K: by contract or law
AVOIDABLE: Final = "avoidable"  # A, inside W
BAD_DEBT: Final = "bad_debt"  # W: lost on the patient side
DISCRETIONARY: Final = "discretionary"  # W: chosen by the practice
REVIEW: Final = "review"  # W: cannot be told without looking
SET_ASIDE: Final = "set_aside"  # X: capitation and duplicates
NO_WRITE_OFF: Final = "no_write_off"  # other_adjustments: moves the balance, is given up by nobody
OVER_BILLED: Final = "over_billed"  # allowed above billed: another adjustment that K still counts
BUCKETS: Final = (
    LAW,
    AVOIDABLE,
    BAD_DEBT,
    DISCRETIONARY,
    REVIEW,
    SET_ASIDE,
    NO_WRITE_OFF,
    OVER_BILLED,
)
WRITTEN_OFF_BUCKETS: Final = (LAW, AVOIDABLE, BAD_DEBT, DISCRETIONARY, REVIEW, SET_ASIDE)

UNCLASSIFIED: Final = "unclassified"
CONTRACTUAL: Final = "contractual"

# --- patient shares -------------------------------------------------------------------------------
DEDUCTIBLE: Final = "deductible"
COINSURANCE: Final = "coinsurance"
COPAY: Final = "copay"
PATIENT_OTHER: Final = "patient_other"
PAID_TO_PATIENT: Final = "paid_to_patient"
SHARES: Final = (DEDUCTIBLE, COINSURANCE, COPAY, PATIENT_OTHER)


class Kind(NamedTuple):
    """What and why of a posting: the part that many postings share.

    ``group`` is the claim adjustment group as stated (CO, PR, OA, PI) or "".
    """

    entry: str
    category: str = ""
    bucket: str = ""
    party: str = PAYER
    reason: str = ""
    group: str = ""


# --- remittances: a row's claim status as sent (CLP02); 0 where a row is no remittance's ----------
PRIMARY_STATUS: Final = (1, 19)
SECONDARY_STATUS: Final = (2, 20)
TERTIARY_STATUS: Final = (3, 21)
REVERSAL_STATUS: Final = 22
NOT_OURS_STATUS: Final = 23
UNKNOWN_STATUS: Final = 98
NO_CLAIM: Final = 99  # money between payer and practice, on no claim (PLB)

# --- dimensions -----------------------------------------------------------------------------------
LINE_DIMENSIONS: Final = ("payer", "practice", "provider", "location", "procedure")
CUBE_DIMENSIONS: Final = ("payer", "practice", "provider", "location")
BY: Final = (
    "payer",
    "paying_payer",
    "practice",
    "provider",
    "location",
    "procedure",
    "category",
    "month",
    "year",
    "patient",
)

# By these, dollars only: a rate of one category, or of the money that one payer sent, has no
# denominator of its own (rules.md 17).
WITHOUT_RATES: Final = ("category", "paying_payer")

# --- fields: what a heading can mean (reference/fields in README) ---------------------------------
IDENTITY_FIELDS: Final = (
    "claim_id",
    "encounter_id",
    "charge_id",
    "line_number",
    "transaction_id",
    "payment_id",
    "patient_id",
    "patient_name",
    "payer",
    "plan",
    "secondary_payer",
    "financial_class",
    "payer_type",
    "payer_rank",
    "provider",
    "practice",
    "location",
    "procedure_code",
    "procedure_desc",
    "modifier",
    "units",
    "check_number",
    "payment_method",
    "claim_status",
    "current_responsible_party",
)
DATE_FIELDS: Final = (
    "service_date",
    "service_end_date",
    "post_date",
    "payment_date",
    "adjudication_date",
    "claim_date",
    "created_date",
)
MONEY_FIELDS: Final = (
    "charge",
    "unit_charge",
    "allowed",
    "contract_allowed",
    "expected",
    "insurance_paid",
    "insurance_paid_primary",
    "insurance_paid_secondary",
    "insurance_paid_tertiary",
    "patient_paid",
    "other_paid",
    "total_paid",
    "contractual_adjustment",
    "adjustment",
    "other_adjustment",
    "debit_adjustment",
    "write_off",
    "patient_write_off",
    "refund",
    "deductible",
    "coinsurance",
    "copay",
    "patient_responsibility",
    "balance",
    "insurance_balance",
    "patient_balance",
    "charge_net_of_adjustments",
    "applied",
    "unapplied",
    "invoiced",
    "insurance_portion",
    "patient_portion",
    "insurance_charge",
    "self_charge",
    "transfer",
    "transaction_amount",
    "payment_amount",
)
KIND_FIELDS: Final = (
    "adjustment_group",
    "adjustment_reason",
    "adjustment_type",
    "denial_reason",
    "denied",
    "void_flag",
    "transaction_type",
    "transaction_desc",
    "transfer_to",
)
IGNORE: Final = "ignore"
FIELDS: Final = (*IDENTITY_FIELDS, *DATE_FIELDS, *MONEY_FIELDS, *KIND_FIELDS, IGNORE)

INSURER_COLUMNS: Final = (
    "insurance_paid_primary",
    "insurance_paid_secondary",
    "insurance_paid_tertiary",
)
SHARE_COLUMNS: Final = ("deductible", "coinsurance", "copay")
ADJUSTMENT_COLUMNS: Final = (
    "contractual_adjustment",
    "adjustment",
    "other_adjustment",
    "write_off",
    "patient_write_off",
)
BALANCE_COLUMNS: Final = ("balance", "insurance_balance", "patient_balance")
# Read, shown to the person, and added to nothing: other columns say the same money.
UNCOUNTED_MONEY: Final = (
    "unit_charge",
    "allowed",
    "contract_allowed",
    "expected",
    "charge_net_of_adjustments",
    "applied",
    "invoiced",
    "insurance_portion",
    "patient_portion",
    "insurance_charge",
    "self_charge",
)
# Recognised so that they can be left out at the door, never read further.
NEVER_READ: Final = ("patient_name",)

SHAPES: Final = ("line", "claim", "ledger", "payments", "summary", "835")
