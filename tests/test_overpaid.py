"""Credits with the day since which they stand; refunds, takebacks, and cash kept back."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from support import ledger_of
from test_invariants import Rows, book, either, given

from writeoffs import receivables
from writeoffs.overpaid import credit_balances, refunds
from writeoffs.reading import read

HEAD = "Claim,Service Date,Posting Date,Payer,Type,Reason,Amount"
SAMPLE = Path(__file__).parents[1] / "sample_data" / "practice_ledger.csv"
COPAY = f"""{HEAD}
A1,2026-01-05,2026-01-05,Aetna,Charge,,150.00
A1,2026-01-05,2026-01-05,Aetna,Patient Payment,,25.00
A1,2026-01-05,2026-02-05,Aetna,Insurance Payment,,80.00
A1,2026-01-05,2026-02-05,Aetna,Adjustment,CO-45,50.00
A1,2026-01-05,2026-02-05,Aetna,Patient Responsibility,PR-3,20.00
A2,2026-03-01,2026-03-07,Aetna,Charge,,10.00
"""


def test_a_copay_above_the_share_is_a_credit_since_the_decision() -> None:
    found = credit_balances(ledger_of(COPAY))
    row = found.iloc[0]
    assert len(found) == 1
    assert (row["claim"], row["party"], row["state"], row["cents"]) == (
        "A1", "patient", "credit", -500,
    )  # fmt: skip
    assert (row["since"], row["days"]) == (pd.Timestamp("2026-02-05"), 30)


def test_a_refund_ends_the_credit() -> None:
    text = COPAY + "A1,2026-01-05,2026-02-20,Aetna,Patient Payment,,-5.00\n"
    assert not len(credit_balances(ledger_of(text)))


def test_the_clock_starts_when_the_balance_fell_for_the_last_time() -> None:
    text = f"""{HEAD}
    A1,2026-01-05,2026-01-05,Medicare,Charge,,100.00
    A1,2026-01-05,2026-02-01,Medicare,Insurance Payment,,130.00
    A1,2026-01-05,2026-02-10,Medicare,Insurance Payment,,-30.00
    A1,2026-01-05,2026-03-01,Medicare,Insurance Payment,,40.00
    A1,2026-01-05,2026-03-09,Medicare,Insurance Payment,,-5.00
    A2,2026-01-05,2026-05-10,Medicare,Charge,,1.00
    A2,2026-01-05,2026-05-10,Medicare,Patient Responsibility,PR-1,1.00"""
    row = credit_balances(ledger_of(text)).iloc[0]
    assert (row["cents"], row["party"]) == (-3500, "insurer")
    assert (row["since"], row["days"]) == (pd.Timestamp("2026-03-01"), 70)
    assert bool(row["medicare"])


def test_money_on_a_claim_without_a_charge_is_paid_ahead() -> None:
    text = COPAY + "A9,2026-03-05,2026-03-06,Aetna,Patient Payment,,40.00\n"
    found = credit_balances(ledger_of(text))
    assert found["state"].tolist() == ["unapplied", "credit"]


def test_the_list_sums_to_the_tile_on_the_sample() -> None:
    ledger = read(SAMPLE)
    found = credit_balances(ledger)
    sums = receivables.values(ledger)
    assert found.loc[found["state"] == "credit", "cents"].sum() == sums["credit_balances"] == -9000
    assert found["days"].tolist() == [669, 10, 56, 49]
    for row in found.itertuples(index=False):  # the same figure a day before: no credit yet
        before = ledger.at((row.since - pd.Timedelta(days=1)).date())
        claims = credit_balances(before)["claim"].tolist()
        assert row.claim not in claims


@given(either)
def test_the_list_sums_to_what_is_not_owed(rows: Rows) -> None:
    ledger = book(rows)
    found = credit_balances(ledger)
    sums = receivables.balances(ledger).iloc[0]
    assert found["cents"].sum() == sums["credit"] + sums["unapplied"]
    assert found["since"].notna().all()


def test_refunds_and_takebacks_are_negative_payments_by_who_got_them() -> None:
    text = COPAY + (
        "A1,2026-01-05,2026-03-01,Aetna,Insurance Payment,,-30.00\n"
        "A1,2026-01-05,2026-03-02,Aetna,Patient Payment,,-5.00\n"
        "A1,2026-01-05,2026-03-02,Aetna,Adjustment,CO-45,-5.00\n"
    )
    found = refunds(ledger_of(text))
    assert sorted(zip(found["how"], found["cents"], strict=True)) == [
        ("insurer", -3000),
        ("patient", -500),
    ]
    assert found["post_month"].tolist() == [2026 * 12 + 2] * 2


def test_the_sample_s_refunds_are_its_negative_payment_rows() -> None:
    rows = pd.read_csv(SAMPLE)
    found = refunds(read(SAMPLE)).groupby("how", observed=True)["cents"].sum()
    for how, kind in (("insurer", "Insurance Payment"), ("patient", "Patient Payment")):
        mine = rows[(rows["Type"] == kind) & (rows["Amount"] < 0)]["Amount"]
        assert found[how] == round(mine.sum() * 100)


@pytest.mark.parametrize("name", ["chs-cds-aiml", "tastypackets", "hzbarcea"])
def test_remittances_of_others_are_counted_without_a_stumble(corpus: Path, name: str) -> None:
    for path in sorted((corpus / "835" / name).rglob("*")):
        if path.is_file() and path.suffix.lower() in (".835", ".txt", ".edi"):
            ledger = read((path.name, path.read_bytes()))
            found = credit_balances(ledger)
            sums = receivables.balances(ledger).iloc[0]
            if "open" in ledger.can_say:
                assert found["cents"].sum() == sums["credit"] + sums["unapplied"]
