"""By posting a charge stands on the day of its entry, else of its service, and that is said."""

from __future__ import annotations

import pandas as pd
from support import ledger_of, summary_of

import writeoffs as wo
from writeoffs import metrics, proof, units
from writeoffs.claims import claims
from writeoffs.ledger import Ledger
from writeoffs.scope import Scope

JANUARY, FEBRUARY = 2026 * 12, 2026 * 12 + 1
UNENTERED = """
    Claim,DOS,Payment Date,Payer,Charge,Insurance Paid,Contractual
    1,2026-01-05,2026-02-10,Aetna,100.00,60.00,40.00
    2,2026-01-06,2026-03-10,Aetna,200.00,120.00,80.00
"""


def by_month(ledger: Ledger, name: str) -> dict[str | None, int]:
    table = wo.measure(ledger, name, by="month", basis="post")
    months = [None if pd.isna(month) else str(month) for month in table["month"]]
    return dict(zip(months, table["value"].astype(int), strict=True))


def test_a_charge_without_an_entry_date_counts_in_its_month_of_service() -> None:
    ledger = ledger_of(UNENTERED)
    assert by_month(ledger, "billed") == {"2026-01": 300_00, "2026-02": 0, "2026-03": 0}
    assert by_month(ledger, "insurer_paid") == {"2026-01": 0, "2026-02": 60_00, "2026-03": 120_00}


def test_claims_lines_and_rows_stand_in_the_month_that_the_cube_puts_the_charge_in() -> None:
    ledger = ledger_of(UNENTERED)
    assert claims(ledger.settled)["post_month"].tolist() == [JANUARY, JANUARY]
    assert units.frame(ledger.settled)["post_month"].tolist() == [JANUARY, JANUARY]
    rows = proof.rows(ledger, "billed", Scope(basis="post", months=(JANUARY, JANUARY)))
    assert rows["numerator"].sum() == 300_00
    assert rows["posted"].tolist() == list(pd.to_datetime(["2026-01-05", "2026-01-06"]))
    assert metrics.about(ledger, "billed", (JANUARY, JANUARY)).tolist() == [100_00, 200_00]
    assert metrics.about(ledger, "billed", (FEBRUARY, FEBRUARY)).tolist() == [0, 0]


def test_a_charge_with_an_entry_date_counts_in_its_month() -> None:
    ledger = ledger_of(
        """
        Claim,DOS,Created Date,Payment Date,Payer,Charge,Insurance Paid,Contractual
        1,2026-01-30,2026-02-02,2026-02-10,Aetna,100.00,60.00,40.00
        2,2026-01-06,,2026-02-11,Aetna,200.00,120.00,80.00
        """
    )
    assert by_month(ledger, "billed") == {"2026-01": 200_00, "2026-02": 100_00}


def test_where_nothing_was_posted_no_month_is_made_of_charges_alone() -> None:
    """Else every month would show charges of which nothing was paid or written off."""
    ledger = ledger_of(
        """
        Claim,DOS,Payer,Charge,Insurance Paid,Contractual
        1,2026-01-05,Aetna,100.00,60.00,40.00
        """
    )
    assert by_month(ledger, "billed") == {None: 100_00}
    assert not metrics.unentered(ledger)


def test_it_is_said_where_months_of_posting_are_asked_for() -> None:
    def notes(by: list[str], basis: str) -> list[str]:
        return list(summary_of(UNENTERED, by=by, basis=basis)["files"][0]["notes"])

    assert metrics.UNENTERED in notes(["month"], "post")
    assert metrics.UNENTERED not in notes(["month"], "service")
    assert metrics.UNENTERED not in notes(["payer"], "post")
