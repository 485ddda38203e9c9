"""What was allowed on each line, and what was denied: worked cases and the pitfalls of denials."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from support import ledger_of
from test_pages_upload import ERA

from writeoffs.allowed import lines
from writeoffs.reading import read

HEAD = "Claim,Service Date,Posting Date,Payer,CPT,Type,Reason,Amount"


def line(rows: str) -> dict[str, object]:
    """The one line of a claim given as ledger rows "type|reason|amount"."""
    text = [HEAD]
    for row in rows.split(";"):
        kind, reason, amount = row.strip().split("|")
        text.append(f"C1,2026-01-05,2026-02-01,Medicare,99213,{kind},{reason},{amount}")
    found = lines(ledger_of("\n".join(text)))
    assert len(found) == 1
    row = found.iloc[0]
    allowed = None if pd.isna(row["allowed"]) else int(row["allowed"])
    return {"allowed": allowed, "denied": bool(row["denied"])}


CASES = {
    "the $500 visit: paid 300 under a contract": (
        "Charge||500.00; Insurance Payment||300.00; Adjustment|CO-45|200.00", 30000, False,
    ),
    "with a deductible and coinsurance": (
        "Charge||500.00; Insurance Payment||200.00; Adjustment|CO-45|200.00;"
        " Patient Responsibility|PR-1|50.00; Patient Responsibility|PR-2|50.00", 30000, False,
    ),
    "sequestration is part of what was allowed": (
        "Charge||150.00; Insurance Payment||39.20; Adjustment|CO-45|50.00; Adjustment|CO-253|0.80;"
        " Patient Responsibility|PR-1|60.00", 10000, False,
    ),
    "all of it to the deductible is no denial": (
        "Charge||150.00; Adjustment|CO-45|50.00; Patient Responsibility|PR-1|100.00", 10000, False,
    ),
    "non-covered and owed by the patient is not allowed": (
        "Charge||150.00; Insurance Payment||60.00; Adjustment|CO-45|50.00;"
        " Patient Responsibility|PR-96|40.00", 6000, False,
    ),
    "filed too late": ("Charge||250.00; Adjustment|CO-29|250.00", None, True),
    "capitation is no denial": ("Charge||130.00; Adjustment|CO-24|130.00", None, False),
    "contract alone is no denial": ("Charge||130.00; Adjustment|CO-45|130.00", None, False),
    "a duplicate is no denial": ("Charge||130.00; Adjustment|OA-18|130.00", None, False),
    "pending is no denial": ("Charge||130.00; Adjustment|OA-133|130.00", None, False),
    "denied, appealed and paid": (
        "Charge||200.00; Adjustment|CO-50|200.00; Adjustment Reversal|CO-50|200.00;"
        " Insurance Payment||120.00; Adjustment|CO-45|80.00", 12000, False,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("rows", "allowed", "denied"), CASES.values(), ids=CASES)
def test_allowed_and_denied(rows: str, allowed: int | None, denied: bool) -> None:
    found = line(rows)
    assert found["denied"] is denied
    assert found["allowed"] == allowed


def test_a_remittances_lines_have_their_own() -> None:
    found = lines(read(("era.835", ERA)))
    assert found[["charge", "allowed", "insurer_paid"]].to_numpy().tolist() == [
        [50000, 30000, 20000]
    ]


def test_the_sum_of_charges_is_what_was_billed() -> None:
    ledger = read(Path(__file__).parent.parent / "sample_data" / "practice_lines.csv")
    found = lines(ledger)
    billed = ledger.reconciliation.set_index("part")["cents"]["billed"]
    assert found["charge"].sum() == billed
    assert (found.loc[found["denied"], "insurer_paid"] == 0).all()
    assert found["denied"].any()


WIDE = "Claim,Service Date,Payer,CPT,Billed,Ins Paid,Contractual Adj,Write-off,Reason\n"


@pytest.mark.parametrize(
    ("row", "allowed"),
    [
        ("C1,2026-01-05,Aetna,99213,250.00,80.00,120.00,50.00,CO-29", 8000),  # a part refused
        ("C1,2026-01-05,Aetna,99213,250.00,80.00,170.00,0.00,", 8000),
        ("C1,2026-01-05,Aetna,99213,250.00,80.00,120.00,50.00,house code 7", None),
    ],
)
def test_without_shares_what_was_refused_was_not_allowed(row: str, allowed: int | None) -> None:
    [found] = lines(ledger_of(WIDE + row))["allowed"]
    assert (None if pd.isna(found) else int(found)) == allowed
