"""What is owed, by party and age, and in days: published figures, boundaries, and other parties."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pandas as pd
import pytest
from support import ledger_of
from test_invariants import Rows, book, either, given

from writeoffs import ar_days, catalogue, owed
from writeoffs.ar_days import days_in_ar
from writeoffs.ledger import Ledger
from writeoffs.problems import BadRequest
from writeoffs.receivables import aging, balances, old_shares, receivables, values

HEAD = "Claim,Service Date,Posting Date,Payer,Provider,Type,Reason,Amount"


def ledger(*rows: str) -> Ledger:
    """A ledger of rows "claim service posting type amount [reason]", all Aetna's, Dr. Chen's."""
    text = [HEAD]
    for row in rows:
        claim, service, post, kind, amount, *reason = row.split()
        what = kind.replace("_", " ")
        text.append(f"{claim},{service},{post},Aetna,Dr. Chen,{what},{' '.join(reason)},{amount}")
    return ledger_of("\n".join(text))


def by_bucket(table: pd.DataFrame) -> dict[str, int]:
    return {str(b): int(c) for b, c in zip(table["bucket"], table["cents"], strict=True)}


# --- days in A/R: published worked examples --------------------------------------------------------

W12 = (
    "A1 2025-11-03 2025-11-03 Charge 72020.00",
    "A2 2026-01-05 2026-01-05 Charge 131440.00",
    "A3 2026-01-31 2026-01-31 Charge 100.00",
    "A3 2026-01-31 2026-01-31 Adjustment 100.00 CO-29",
)


def test_the_published_month_of_203460_dollars_is_47_99_days() -> None:
    rows = [*W12[:2], "A3 2025-12-01 2025-12-01 Charge 1.00", "A3 2025-12-01 2026-01-31 "
            "Insurance_Payment 1.00"]  # fmt: skip
    found = days_in_ar(ledger(*rows), days=31).iloc[0]
    assert (found["receivables"], found["revenue"]) == (20346000, 13144000)
    assert round(found["value"], 2) == 47.99


def test_the_published_900000_over_600000_in_30_days_is_45() -> None:
    rows = ("A1 2025-11-03 2025-11-03 Charge 300000.00", "A2 2026-01-30 2026-01-30 Charge "
            "600000.00")  # fmt: skip
    assert days_in_ar(ledger(*rows), days=30)["value"].iloc[0] == 45.0


def test_subtracting_a_negative_credit_balance_adds_it_back() -> None:
    """AAFP: total receivables as billing systems print them are net of credits."""
    rows = (
        *W12[:2],
        "A4 2025-12-01 2025-12-01 Charge 100.00",
        "A4 2025-12-01 2026-01-31 Insurance_Payment 5100.00",
    )
    book_of = ledger(*rows)
    total, credit = 20346000 - 500000, -500000
    assert int(book_of.settled.open.sum()) == total
    sums = balances(book_of).iloc[0]
    assert (sums["owed"], sums["credit"], sums["open"]) == (total - credit, credit, total)
    assert round(days_in_ar(book_of, days=31)["value"].iloc[0], 2) == 47.99


def test_adjusted_charges_leave_contract_and_set_aside_out() -> None:
    rows = (
        "A1 2026-01-01 2026-01-01 Charge 1000.00",
        "A1 2026-01-01 2026-01-20 Adjustment 300.00 CO-45",
        "A1 2026-01-01 2026-01-20 Adjustment 100.00 CO-24",
        "A1 2026-01-01 2026-01-20 Adjustment 50.00 CO-29",
        "A1 2026-01-01 2026-01-31 Insurance_Payment 250.00",
    )
    found = days_in_ar(ledger(*rows), method="adjusted", days=31).iloc[0]
    # owed 1000 - 300 - 100 - 50 - 250 = 300; charges 1000 - 300 - 100 = 600
    assert (found["receivables"], found["revenue"]) == (30000, 60000)
    assert found["value"] == 15.5


def test_net_days_use_three_whole_months_and_what_contracts_leave() -> None:
    rows = (
        "A1 2025-10-15 2025-10-15 Charge 1000.00",
        "A1 2025-10-15 2025-11-20 Adjustment 400.00 CO-45",
        "A1 2025-10-15 2025-11-20 Insurance_Payment 600.00",
        "A2 2026-01-10 2026-01-10 Charge 1000.00",
    )
    found = days_in_ar(ledger(*rows, "A1 2025-10-15 2026-01-31 Insurance_Payment 0.00"),
                       method="net")  # fmt: skip
    row = found.iloc[0]
    # As of 10 January: October to December, 92 days; charges 1000 - 400. The contract took 400 of
    # 2000 in the year, a fifth: 800 of the undecided 1000 should come in.
    assert (row["days"], row["revenue"], row["receivables"]) == (92, 60000, 80000)
    assert row["value"] == pytest.approx(80000 * 92 / 60000)


def test_a_window_longer_than_the_data_says_so() -> None:
    found = days_in_ar(ledger(*W12[1:])).iloc[0]
    assert pd.isna(found["value"])
    assert found["why"] == "not enough history: 31 of 90 days"


def test_no_charges_in_the_window_is_no_figure() -> None:
    rows = ("A1 2025-01-05 2025-01-05 Charge 100.00",
            "A1 2025-01-05 2026-01-31 Insurance_Payment 10.00")  # fmt: skip
    found = days_in_ar(ledger(*rows)).iloc[0]
    assert pd.isna(found["value"])
    assert found["why"] == "no charges in these days"


def test_days_by_payer_set_each_payers_receivables_against_its_own_charges() -> None:
    text = f"""{HEAD}
    A1,2026-01-01,2026-01-01,Aetna,Dr. Chen,Charge,,100.00
    A2,2026-01-01,2026-01-31,Cigna,Dr. Chen,Charge,,300.00
    A2,2026-01-01,2026-01-31,Cigna,Dr. Chen,Insurance Payment,,150.00"""
    found = days_in_ar(ledger_of(text), "payer", days=31).set_index("payer")["value"]
    assert dict(found) == {"Aetna": 31.0, "Cigna": 15.5}


# --- ages -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("age", "bucket"),
    [(0, "0 to 30 days"), (30, "0 to 30 days"), (31, "31 to 60 days"), (60, "31 to 60 days"),
     (61, "61 to 90 days"), (90, "61 to 90 days"), (91, "91 to 120 days"),
     (120, "91 to 120 days"), (121, "Over 120 days")],
)  # fmt: skip
def test_day_30_is_in_the_first_bucket_and_day_31_in_the_next(age: int, bucket: str) -> None:
    served = date(2026, 6, 30) - timedelta(days=age)
    found = ledger(f"A1 {served} {served} Charge 150.00", "A2 2026-06-30 2026-06-30 Charge 1.00")
    cents = by_bucket(aging(found))
    assert cents[bucket] == (15100 if age <= 30 else 15000)
    assert sum(cents.values()) == 15100


def test_the_published_30_of_150_over_120_days_is_20_percent() -> None:
    found = old_shares(ledger(
        "A1 2026-01-01 2026-01-01 Charge 30.00", "A2 2026-06-01 2026-06-01 Charge 70.00",
        "A3 2026-06-30 2026-06-30 Charge 50.00",
    )).iloc[0]  # fmt: skip
    assert (found["over_120"], found["cents"]) == (3000, 15000)
    assert found["over_120_share"] == 0.2


def test_a_patients_share_is_as_old_as_the_last_decision_that_left_it_there() -> None:
    found = ledger(
        "A1 2026-01-05 2026-01-07 Charge 200.00",
        "A1 2026-01-05 2026-05-20 Insurance_Payment 100.00",
        "A1 2026-01-05 2026-05-20 Adjustment 60.00 CO-45",
        "A1 2026-01-05 2026-05-20 Patient_Responsibility 40.00 PR-1",
        "A2 2026-01-05 2026-01-09 Charge 10.00",
        "A3 2026-06-19 2026-06-19 Charge 1.00",
        "A3 2026-06-19 2026-06-19 Insurance_Payment 1.00",
    )
    rows = owed.positions(found).set_index(["number", "party"])
    assert rows.loc[(0, "patient"), "cents"] == 4000
    assert rows.loc[(0, "patient"), ["age_service", "age_party"]].tolist() == [165, 30]
    assert rows.loc[(1, "insurer"), ["age_service", "age_party"]].tolist() == [165, 161]
    assert by_bucket(aging(found, "party", "party")) == {
        "0 to 30 days": 4000, "Over 120 days": 1000,
    }  # fmt: skip
    assert by_bucket(aging(found)) == {"Over 120 days": 5000}


def test_without_a_date_there_is_a_bucket_of_its_own_that_no_share_counts() -> None:
    text = """Claim,Date of Service,Payer,Charge,Ins Paid,Pt Paid
    A1,2026-01-01,Aetna,100.00,0.00,0.00
    A2,,Aetna,40.00,0.00,0.00
    A3,2026-06-01,Aetna,50.00,50.00,0.00"""
    found = ledger_of(text)
    assert by_bucket(aging(found)) == {"Over 120 days": 10000, "No date": 4000}
    assert old_shares(found)["over_120_share"].iloc[0] == 1.0


# --- parties and credits ---------------------------------------------------------------------------

COPAY = (
    "A1 2026-01-05 2026-01-05 Charge 150.00",
    "A1 2026-01-05 2026-01-05 Patient_Payment 25.00",
    "A2 2026-01-05 2026-01-05 Charge 1.00",
    "A2 2026-01-05 2026-02-05 Patient_Responsibility 1.00 PR-1",
)
DECIDED = (
    "A1 2026-01-05 2026-02-05 Insurance_Payment 80.00",
    "A1 2026-01-05 2026-02-05 Adjustment 50.00 CO-45",
    "A1 2026-01-05 2026-02-05 Patient_Responsibility 20.00 PR-3",
)


def test_a_copay_before_any_decision_is_prepaid_and_afterwards_a_credit() -> None:
    before = balances(ledger(*COPAY), "party").set_index("party")
    assert before.loc["insurer"].tolist() == [12500, 0, 0, 12500]
    assert before.loc["patient"].tolist() == [100, 0, 0, 100]
    after = balances(ledger(*COPAY, *DECIDED), "party").set_index("party")
    assert "insurer" not in after.index
    assert after.loc["patient"].tolist() == [100, -500, 0, -400]


def test_an_overpaid_line_beside_an_underpaid_one_is_no_credit_of_the_claim() -> None:
    text = """Claim,Line,Service Date,Posting Date,Payer,Provider,Type,Reason,Amount
    A1,1,2026-01-05,2026-01-05,Aetna,Chen,Charge,,100.00
    A1,2,2026-01-05,2026-01-05,Aetna,Okafor,Charge,,100.00
    A1,1,2026-01-05,2026-02-05,Aetna,Chen,Insurance Payment,,120.00
    A1,2,2026-01-05,2026-02-05,Aetna,Okafor,Insurance Payment,,50.00"""
    sums = balances(ledger_of(text), "provider").set_index("provider")
    assert sums["credit"].tolist() == [0, 0]
    assert sums.loc["Chen", "owed"] == -2000
    assert sums.loc["Okafor", "owed"] == 5000


def test_money_on_no_claim_is_paid_ahead_not_a_credit() -> None:
    found = ledger(*W12[1:], "A9 2026-01-31 2026-01-31 Patient_Payment 50.00")
    sums = balances(found).iloc[0]
    assert (sums["credit"], sums["unapplied"]) == (0, -5000)


def test_who_owes_is_unknown_where_no_file_states_shares() -> None:
    found = balances(ledger(*W12), "party")
    assert found["party"].tolist() == ["unknown"]


def test_a_self_pay_patient_owes_even_where_no_file_states_shares() -> None:
    text = f"""{HEAD}
    A1,2026-01-01,2026-01-01,Self-pay,Dr. Chen,Charge,,100.00
    A2,2026-01-01,2026-01-31,Cigna,Dr. Chen,Charge,,300.00"""
    found = balances(ledger_of(text), "party").set_index("party")["owed"]
    assert dict(found) == {"unknown": 30000, "patient": 10000}


def test_as_of_an_earlier_day_later_payments_are_left_out() -> None:
    found = ledger(*COPAY, *DECIDED).at(date(2026, 1, 31))
    assert balances(found)["owed"].iloc[0] == 12600
    assert owed.positions(found)["age_service"].unique().tolist() == [26]


def test_what_cannot_be_said_is_none_and_its_tables_are_empty() -> None:
    charges = ledger_of("Claim ID,DOS,Payer,Billed\nA1,2026-01-05,Aetna,200.00")
    assert not len(aging(charges))
    assert set(values(charges).values()) | set(ar_days.values(charges).values()) == {None}
    assert days_in_ar(charges)["why"].tolist() == ["the files do not say what is still owed"]


def test_every_measure_is_in_the_catalogue_and_has_a_value_on_whole_books() -> None:
    found = ledger(*W12)
    both = {**values(found), **ar_days.values(found)}
    for name in both:
        m = catalogue.measure(name)
        assert m.source and m.top and m.rows == "claims"
    assert both["receivables"] == 20346000


def test_bad_questions_are_refused() -> None:
    found = ledger(*W12)
    with pytest.raises(BadRequest, match="cannot group by"):
        aging(found, "reason")
    with pytest.raises(BadRequest, match="age basis"):
        aging(found, basis="bill")
    with pytest.raises(BadRequest, match="no days in A/R"):
        days_in_ar(found, method="golden")


# --- what must hold for any practice ---------------------------------------------------------------


@given(either)
def test_owed_credits_and_paid_ahead_are_all_that_is_open(rows: Rows) -> None:
    found = receivables(book(rows))
    opened = book(rows).cube
    opened = opened[opened["entry"] == "open"]
    for name in ("payer", "provider", "location"):
        mine = balances(found, name).set_index(name)
        whole = opened.groupby(name, observed=True, dropna=False)["cents"].sum()
        both = pd.concat([mine["open"], whole], axis=1).fillna(0)
        assert (both["open"] == both["cents"]).all()
    aged = aging(found, ["payer", "party"])
    assert aged["cents"].sum() == balances(found)["owed"].iloc[0]
    assert int(found.daily["charges"].sum()) == int(
        book(rows).settled.book.amount[book(rows).settled.book.where("charge")].sum()
    )


@given(either)
def test_no_claim_is_both_owed_and_in_credit_by_one_party(rows: Rows) -> None:
    table = owed.positions(book(rows))
    table = table[table["number"] >= 0]
    kinds = table.groupby(["number", "party"], observed=True)["state"].nunique()
    assert (kinds == 1).all()
    sums = table.groupby(["number", "party", "state"], observed=True)["cents"].sum().reset_index()
    assert (sums.loc[sums["state"] == "owed", "cents"] >= 0).all()
    assert (sums.loc[sums["state"] != "owed", "cents"] < 0).all()


def test_filters_change_both_sides_of_the_days() -> None:
    text = f"""{HEAD}
    A1,2026-01-01,2026-01-01,Aetna,Dr. Chen,Charge,,100.00
    A2,2026-01-01,2026-01-31,Cigna,Dr. Chen,Charge,,300.00
    A2,2026-01-01,2026-01-31,Cigna,Dr. Chen,Insurance Payment,,150.00"""
    found = receivables(ledger_of(text))
    cigna = replace(
        found,
        positions=found.positions[found.positions["payer"] == "Cigna"],
        daily=found.daily[found.daily["payer"] == "Cigna"],
    )
    assert days_in_ar(cigna, days=31)["value"].iloc[0] == 15.5
