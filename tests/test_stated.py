"""What remittances state of themselves beside what is counted of them."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_pages_upload import CHARGES, ERA

from writeoffs.reading import read
from writeoffs.stated import remittances

PAID_BY_BOOKS = b"""Claim ID,DOS,Payer,CPT,Billed,Ins Paid,Contractual Adj,Balance
C1,2026-01-05,Aetna PPO,99213,500.00,190.00,200.00,110.00
"""


def test_a_lone_remittance_counts_what_it_states_and_its_cash_ties() -> None:
    found = remittances(read(("era.835", ERA)))
    assert (found["difference"] == 0).all()
    assert dict(zip(found["figure"], found["stated"], strict=True)) == {
        "Charged": 50000,
        "Paid on claims": 20000,
        "Adjusted, provider's (CO)": 20000,
        "Adjusted, patient's (PR)": 10000,
        "Adjusted, other (OA)": 0,
        "Adjusted, payer's (PI)": 0,
        "Taken between payer and practice (PLB)": 0,
        "Money moved (BPR)": 20000,
    }


def test_a_charge_that_the_export_holds_is_not_counted_of_the_remittance() -> None:
    found = remittances(read([("charges.csv", CHARGES), ("era.835", ERA)])).set_index("figure")
    assert found.loc["Charged", "counted"] == 0
    assert found.loc["Charged", "difference"] == -50000
    assert found.loc["Money moved (BPR)", "difference"] == 0


def test_where_the_books_hold_the_payments_the_remittance_explains() -> None:
    ledger = read([("books.csv", PAID_BY_BOOKS), ("era.835", ERA)])
    found = remittances(ledger).set_index("figure")
    assert found.loc["Paid on claims", "counted"] == 0
    assert found.loc["Adjusted, patient's (PR)", "counted"] == 10000
    differs = [p for p in ledger.problems if p.kind == "remittance_differs"]
    assert [p.cents for p in differs] == [(1000,)]


def test_without_remittances_there_is_nothing_to_show() -> None:
    assert len(remittances(read(("charges.csv", CHARGES)))) == 0


@pytest.mark.corpus
def test_cash_of_every_public_remittance_is_what_its_claims_and_adjustments_make(
    corpus: Path,
) -> None:
    """What moved as counted = what the file says was paid, less PLB, less held claims."""
    for path in sorted((corpus / "835").rglob("*")):
        if path.is_dir() or path.suffix == ".md" or path.name == "expected.csv":
            continue
        ledger = read(path)
        found = remittances(ledger).set_index("figure")
        if not ledger.rows_held:
            paid, taken = (
                found.loc[f, "stated"]
                for f in ("Paid on claims", "Taken between payer and practice (PLB)")
            )
            assert found.loc["Money moved (BPR)", "counted"] == paid - taken, path.name
