"""The public face: its names, what importing it brings along, tidy frames with honest blanks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from support import ledger_of

import writeoffs as wo
from writeoffs import definitions
from writeoffs.ledger import Ledger
from writeoffs.problems import BadRequest

ROOT = Path(__file__).resolve().parents[1]
PRACTICE = """
    Claim,MRN,DOS,Post Date,Payer,Charge,Ins Paid,Pt Paid,Contractual,Untimely Filing,Ded,Copay
    1,P1,2026-01-05,2026-01-20,Aetna,100.00,60.00,10.00,30.00,0.00,0.00,10.00
    2,P2,2026-01-06,2026-02-20,Aetna,100.00,0.00,0.00,0.00,100.00,0.00,0.00
    3,P2,2026-02-06,2026-02-28,Cigna,200.00,80.00,0.00,60.00,0.00,60.00,0.00
    4,P3,,,,50.00,0.00,0.00,0.00,0.00,0.00,0.00
"""


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    return ledger_of(PRACTICE)


def test_the_public_names_are_these() -> None:
    assert set(wo.__all__) == {
        "MEASURES",
        "Ledger",
        "avoidable_at_expected",
        "aging",
        "avoidable_rate",
        "charge_lag",
        "charts",
        "compare",
        "code_prices",
        "expected_allowed",
        "outliers",
        "read_fee_schedule",
        "underpayments",
        "lines",
        "contractual_rate",
        "credit_balances",
        "days_in_ar",
        "decisions",
        "denial_rates",
        "denial_reasons",
        "fairness",
        "gross_collection_rate",
        "intervals",
        "maturity",
        "measure",
        "month_ends",
        "net_collection_rate",
        "out_of_pocket",
        "patient_collection",
        "payer_mix",
        "payment_lag",
        "payment_per_claim",
        "rate",
        "read",
        "refunds",
        "roll_forward",
        "totals",
        "what_if",
        "why_moved",
        "write_off_rate",
    }
    assert all(getattr(wo, name) is not None for name in wo.__all__)
    with pytest.raises(AttributeError):
        _ = wo.zebra


def test_importing_brings_neither_streamlit_nor_plotly() -> None:
    code = "import sys, writeoffs, writeoffs.cli; print({'streamlit', 'plotly'} & set(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert (done.stdout.strip(), done.stderr) == ("set()", "")


def test_a_rate_by_payer_is_a_tidy_frame(ledger: Ledger) -> None:
    found = wo.write_off_rate(ledger, by="payer")
    assert list(found.columns) == ["payer", "value", "numerator", "denominator"]
    assert (str(found["value"].dtype), str(found["numerator"].dtype)) == ("Float64", "Int64")
    rows = found.set_index("payer")
    assert rows.loc["Aetna"].to_list() == [0.65, 130_00, 200_00]
    assert rows.loc["Cigna"].to_list() == [0.3, 60_00, 200_00]
    assert found["payer"].isna().sum() == 1


RATES = {
    "write_off_rate": 190 / 450,
    "contractual_rate": 90 / 450,
    "avoidable_rate": 100 / 360,
    "gross_collection_rate": 150 / 450,
    "net_collection_rate": 150 / 360,
}


@pytest.mark.parametrize(("name", "value"), RATES.items())
def test_each_rate_has_its_own_function(ledger: Ledger, name: str, value: float) -> None:
    found = getattr(wo, name)(ledger)
    assert found["value"].tolist() == [pytest.approx(value, abs=5e-7)]
    assert found.equals(wo.measure(ledger, name))


def test_months_are_periods_and_a_missing_one_is_not_a_date(ledger: Ledger) -> None:
    found = wo.measure(ledger, "billed", by="month")
    assert found["month"].dtype == pd.PeriodDtype("M")
    assert found.set_index("month")["value"].to_dict() == {
        pd.NaT: 50_00,
        pd.Period("2026-01"): 200_00,
        pd.Period("2026-02"): 200_00,
    }


def test_years_are_numbers_with_an_honest_blank(ledger: Ledger) -> None:
    found = wo.measure(ledger, "billed", by=["year", "payer"])
    assert found["year"].isna().sum() == 1
    assert found["value"].sum() == 450_00


def test_by_posting_the_money_goes_by_its_own_month(ledger: Ledger) -> None:
    found = wo.measure(ledger, "paid", by="month", basis="post").set_index("month")["value"]
    assert found[pd.Period("2026-02")] == 80_00


def test_what_cannot_be_said_is_na_and_never_zero() -> None:
    ledger = ledger_of("Claim,DOS,Charge,Ins Paid\n1,2026-01-05,100.00,60.00")
    row = wo.net_collection_rate(ledger).iloc[0]
    assert row.isna().all()
    assert wo.out_of_pocket(ledger).drop(columns="open").isna().all(axis=None)


def test_out_of_pocket_owed_paid_and_open_are_three_figures(ledger: Ledger) -> None:
    row = wo.out_of_pocket(ledger).iloc[0]
    assert row[["owed", "deductible", "copay", "paid", "open"]].to_list() == [
        70_00,
        60_00,
        10_00,
        10_00,
        110_00,
    ]
    assert pd.isna(row["coinsurance"])


def test_totals_add_up_by_payer(ledger: Ledger) -> None:
    whole = wo.totals(ledger).iloc[0]
    parts = wo.totals(ledger, by="payer")
    for name in (
        "billed",
        "paid",
        "written_off",
        "contractual",
        "avoidable",
        "open",
        "patient_open",
    ):
        assert parts[name].sum() == whole[name], name


def test_payer_mix_is_the_share_of_billed_dollars(ledger: Ledger) -> None:
    found = wo.payer_mix(ledger)
    assert found["billed"].tolist() == [200_00, 200_00, 50_00]
    assert found["share"].sum() == pytest.approx(1)


def test_payment_per_claim_counts_claims_once(ledger: Ledger) -> None:
    found = wo.payment_per_claim(ledger, by="payer").set_index("payer")
    assert found.loc["Aetna", ["paid", "claims", "value"]].to_list() == [70_00, 2, 35_00.0]
    assert wo.payment_per_claim(ledger)["claims"].tolist() == [4]
    unnumbered = ledger_of("DOS,Payer,Charge,Ins Paid\n2026-01-05,Aetna,100.00,60.00")
    assert wo.payment_per_claim(unnumbered)[["claims", "value"]].isna().all(axis=None)
    with pytest.raises(BadRequest):
        wo.payment_per_claim(ledger, by="month")


@pytest.mark.parametrize(
    "wrong",
    [
        lambda x: wo.measure(x, "zebra"),
        lambda x: wo.write_off_rate(x, by="zebra"),
        lambda x: wo.write_off_rate(x, basis="moon"),
        lambda x: wo.net_collection_rate(x, definition="zebra"),
    ],
)
def test_a_call_that_cannot_be_answered_says_so(ledger: Ledger, wrong) -> None:
    with pytest.raises(BadRequest, match="Hint"):
        wrong(ledger)


def test_a_ledger_has_its_identity_in_one_table(ledger: Ledger) -> None:
    found = ledger.reconciliation.set_index("part")["cents"]
    assert found.to_dict() == {
        "billed": 450_00,
        "other_debits": 0,
        "insurer_paid": 140_00,
        "patient_paid": 10_00,
        "paid": 150_00,
        "written_off": 190_00,
        "other_adjustments": 0,
        "open": 110_00,
        "unexplained": 0,
    }


def test_a_module_that_is_loaded_later_takes_no_name_from_the_face() -> None:
    """A function and a module of one name: whoever drew first had no function left."""
    code = (
        "import writeoffs as wo, importlib, pkgutil\n"
        "before = {n: getattr(wo, n) for n in wo.__all__ if n != 'charts'}\n"
        "for one in pkgutil.iter_modules(wo.__path__):\n"
        "    if one.name != '__main__':\n"
        "        importlib.import_module('writeoffs.' + one.name)\n"
        "changed = [n for n, was in before.items() if getattr(wo, n) is not was]\n"
        "assert not changed, changed\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


MIX = """
    Claim,DOS,Payer,Charge,Ins Paid,Pt Paid,Adjustment,Reason
    C1,2026-01-05,Aetna,600.00,300.00,0.00,245.00,CO-45
    C2,2026-01-06,Cigna,900.00,500.00,0.00,300.00,CO-45
    C3,2026-02-06,Cigna,345.00,200.00,0.00,100.00,CO-45
"""


def test_payer_mix_of_gross_and_net_charges_payments_and_claims():
    """The published example divides net charges: 355 of 1,200 is 29.6 % (it prints 29 %, of 350)."""
    ledger = ledger_of(MIX)
    shares = {
        of: dict(wo.payer_mix(ledger, of=of)[["payer", "share"]].itertuples(index=False))
        for of in ("billed", "net_charges", "paid", "claims")
    }
    assert round(shares["net_charges"]["Aetna"], 4) == 0.2958
    assert round(shares["billed"]["Aetna"], 4) == 0.3252
    assert round(shares["paid"]["Aetna"], 4) == 0.3
    assert round(shares["claims"]["Aetna"], 4) == 0.3333
    with pytest.raises(BadRequest):
        wo.payer_mix(ledger, of="visits")


def test_net_collection_takes_every_published_definition_by_anything():
    ledger = ledger_of(MIX)
    for name in definitions.ALL:
        for by in (None, "payer", "month", "year", "procedure", "patient"):
            found = wo.net_collection_rate(ledger, by, definition=name)
            assert {"value", "numerator", "denominator"} <= set(found.columns), name
    by_payer = wo.net_collection_rate(ledger, "payer", definition="mgma")
    assert list(by_payer["value"]) == [0.84507, 0.828402]  # 300 / 355; 700 / 845
    by_month = wo.net_collection_rate(ledger, "month", definition="all_out_closed")
    assert list(by_month["month"].astype(str)) == ["2026-01", "2026-02"]
    with pytest.raises(BadRequest, match="no definition"):
        wo.net_collection_rate(ledger, definition="best")
    with pytest.raises(BadRequest, match="cannot group"):
        wo.rate(ledger, "mgma", "paying_payer")
