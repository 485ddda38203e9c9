"""Payment per claim, line and visit."""

from __future__ import annotations

import pandas as pd
from support import ledger_of

from writeoffs import per_visit
from writeoffs.claims import claims

# P1 is seen once, on two claims; P2 twice; C5 was voided.
VISITS = """
    Claim,Patient ID,DOS,Payer,CPT,Charge,Ins Paid,Pt Paid,Adjustment,Reason
    C1,P1,2026-01-05,Aetna,99213,200.00,100.00,20.00,80.00,CO-45
    C1,P1,2026-01-05,Aetna,85025,50.00,20.00,0.00,30.00,CO-45
    C2,P1,2026-01-05,Aetna,93000,90.00,40.00,0.00,50.00,CO-45
    C3,P2,2026-01-05,Aetna,99213,200.00,90.00,0.00,110.00,CO-45
    C4,P2,2026-02-05,Aetna,99213,200.00,0.00,0.01,199.99,CO-45
"""


def test_payments_by_claim_line_and_visit_are_worked_out_by_hand() -> None:
    ledger = ledger_of(VISITS)
    found = per_visit.payments(claims(ledger.settled), ledger.can_say).set_index("name")
    assert list(found["count"]) == [4, 5, 3]
    assert list(found["paid"]) == [27_001] * 3
    assert list(found["value"]) == [6_750, 5_400, 9_000]  # 67.5025, 54.002, 90.0033


def test_without_claims_nothing_is_said() -> None:
    ledger = ledger_of(VISITS)
    table = claims(ledger.settled)
    assert per_visit.payments(table.iloc[:0], ledger.can_say)["value"].isna().all()
    assert per_visit.payments(table, ledger.can_say - {"claims"})["value"].isna().all()


def test_a_claim_without_a_patient_or_a_day_is_a_visit_of_its_own() -> None:
    table = claims(ledger_of(VISITS).settled)
    undated = table.assign(service_date=pd.NaT)
    assert per_visit.visits(undated) == 4
    assert per_visit.visits(table) == 3
