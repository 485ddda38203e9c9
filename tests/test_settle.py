"""Whole claims: which rows belong together, what is derived, what is left and who owes it."""

from __future__ import annotations

import pandas as pd
import pytest
from support import kinds_of, ledger_of

from writeoffs import summary as contract
from writeoffs import vocabulary as v
from writeoffs.claims import card, claims
from writeoffs.ledger import Ledger

HEAD = "Claim,MRN,DOS,Post Date,Payer,CPT,Type,Reason,Amount"


def long(rows: str) -> Ledger:
    return ledger_of(HEAD + rows)


def left(ledger: Ledger) -> tuple[int, int]:
    """Cents open, and of those the patient's."""
    return int(ledger.settled.open.sum()), int(ledger.settled.patient_open.sum())


def table(ledger: Ledger) -> pd.DataFrame:
    return claims(ledger.settled)


# --- which rows make a claim ----------------------------------------------------------------------


def test_rows_of_one_number_are_one_claim_wherever_they_stand() -> None:
    ledger = long(
        """
        C1,P1,2026-01-05,2026-01-05,Aetna,99213,Charge,,100.00
        C2,P2,2026-01-06,2026-01-06,Aetna,99213,Charge,,50.00
        C1,P1,2026-01-05,2026-02-05,Aetna,99213,Insurance Payment,,60.00
        """
    )
    assert ledger.settled.claim.tolist() == [0, 1, 0]


@pytest.mark.parametrize(
    ("second", "count"),
    [
        ("C1,P2,2026-01-05", 2),
        ("C1,P1,2026-03-05", 2),
        ("C1,P1,2026-01-05", 1),
        ("c1,P1,2026-01-05", 2),
    ],
    ids=["another patient", "another day", "the same", "another spelling"],
)
def test_a_claim_number_splits_by_patient_and_day_of_service(second: str, count: int) -> None:
    ledger = long(
        f"""
        C1,P1,2026-01-05,2026-01-05,Aetna,99213,Charge,,100.00
        {second},2026-01-06,Aetna,99213,Charge,,100.00
        """
    )
    assert ledger.settled.claims == count


def test_a_claim_whose_lines_have_numbers_runs_over_several_days() -> None:
    ledger = ledger_of(
        """
        Claim,Line,MRN,DOS,Charge,Insurance Paid
        C1,1,P1,2026-01-05,100.00,60.00
        C1,2,P1,2026-01-06,100.00,60.00
        C2,1,P1,2026-01-05,100.00,60.00
        C2,1,P1,2026-03-06,100.00,60.00
        """
    )
    assert ledger.settled.claims == 3


def test_a_payment_without_the_charges_date_finds_its_claim_by_number() -> None:
    ledger = long(
        """
        C1,P1,2026-01-05,2026-01-05,Aetna,99213,Charge,,100.00
        C1,,,2026-02-05,Aetna,,Insurance Payment,,60.00
        """
    )
    assert ledger.settled.claims == 1
    assert ledger.postings["service_date"].isna().sum() == 0


def test_a_ledger_without_claim_numbers_makes_a_claim_of_a_patients_day() -> None:
    ledger = ledger_of(
        """
        MRN,DOS,Type,Amount
        P1,2026-01-05,Charge,100.00
        P1,2026-01-05,Insurance Payment,60.00
        P1,2026-02-05,Charge,100.00
        P2,2026-01-05,Charge,100.00
        """
    )
    assert ledger.settled.claim.tolist() == [0, 0, 1, 2]


def test_a_wide_row_without_a_claim_number_belongs_to_none() -> None:
    ledger = ledger_of(
        "Claim,DOS,Charge,Insurance Paid\nC1,2026-01-05,100.00,60.00\n,2026-01-05,50.00,30.00"
    )
    assert ledger.settled.claim.tolist() == [0, -1]
    assert left(ledger)[0] == 6000


# --- who, where, when -----------------------------------------------------------------------------


def test_money_goes_to_the_who_and_where_of_its_claims_charge() -> None:
    ledger = ledger_of(
        """
        Claim,DOS,Post Date,Payer,Provider,Location,CPT,Type,Amount
        C1,2026-01-05,2026-01-05,Aetna,Dr. Chen,Main,99213,Charge,100.00
        C1,,2026-02-05,,,,,Insurance Payment,60.00
        C1,,2026-03-05,Patient,,,,Payment,40.00
        """
    )
    rows = ledger.postings
    for name, value in (("payer", "Aetna"), ("provider", "Dr. Chen"), ("location", "Main")):
        assert set(rows[name]) == {value}, name
    assert set(rows["service_date"].dt.strftime("%Y-%m-%d")) == {"2026-01-05"}


def test_a_payment_on_a_claim_of_two_providers_is_given_to_neither() -> None:
    ledger = ledger_of(
        """
        Claim,DOS,Provider,CPT,Type,Amount
        C1,2026-01-05,Dr. Chen,99213,Charge,100.00
        C1,2026-01-05,Dr. Okafor,90656,Charge,40.00
        C1,2026-01-05,,,Insurance Payment,60.00
        """
    )
    [payment] = ledger.postings.query("entry == 'insurer_payment'").to_dict("records")
    assert pd.isna(payment["provider"])


def test_everything_on_a_claim_is_charted_under_the_payer_of_its_charge() -> None:
    ledger = long(
        """
        C1,P1,2026-01-05,2026-01-05,Medicare,99213,Charge,,100.00
        C1,P1,2026-01-05,2026-02-05,Medicare,99213,Insurance Payment,,60.00
        C1,P1,2026-01-05,2026-03-05,Medicaid,99213,Insurance Payment,,20.00
        """
    )
    assert set(ledger.postings["payer"]) == {"Medicare"}


# --- derived postings -----------------------------------------------------------------------------

BAD_DEBT = """
    C1,P1,2026-01-05,2026-01-05,Aetna,99213,Charge,,100.00
    C1,P1,2026-01-05,2026-02-05,Aetna,99213,Patient Responsibility,PR-1,100.00
    C1,P1,2026-01-05,2026-06-01,Aetna,99213,Adjustment,Bad debt,{lost}
    C1,P1,2026-01-05,{paid_on},Aetna,99213,Patient Payment,,{paid}
"""


@pytest.mark.parametrize(
    ("lost", "paid_on", "paid", "written", "open_"),
    [
        ("100.00", "2026-09-01", "100.00", 0, 0),
        ("100.00", "2026-09-01", "30.00", 7000, 0),
        ("100.00", "2026-09-01", "120.00", 0, -2000),
        ("60.00", "2026-09-01", "40.00", 6000, 0),
        ("100.00", "2026-03-01", "30.00", 10000, -3000),
    ],
    ids=[
        "all",
        "part",
        "more than was lost",
        "only what was open",
        "paid before it was written off",
    ],
)
def test_bad_debt_is_undone_by_what_a_patient_pays_after_it(
    lost: str, paid_on: str, paid: str, written: int, open_: int
) -> None:
    ledger = long(BAD_DEBT.format(lost=lost, paid_on=paid_on, paid=paid))
    rows = ledger.postings
    assert rows.loc[rows["entry"] == "write_off", "amount"].sum() == written
    assert left(ledger) == (open_, open_)
    assert ("reinstated_bad_debt" in kinds_of(ledger)) is (lost == "100.00" and paid_on > "2026-06")


@pytest.mark.parametrize(
    ("first", "offset", "other_payer", "open_"),
    [("60.00", "80.00", 0, 2000), ("0.00", "80.00", 8000, 0), ("0.00", "30.00", 3000, 5000)],
    ids=["the other payment is there", "it is not", "a part of it"],
)
def test_an_offset_cancels_against_the_other_payers_money_and_its_rest_is_said(
    first: str, offset: str, other_payer: int, open_: int
) -> None:
    ledger = long(
        f"""
        C1,P1,2026-01-05,2026-01-05,Medicare,99213,Charge,,100.00
        C1,P1,2026-01-05,2026-02-05,Medicare,99213,Insurance Payment,,{first}
        C1,P1,2026-01-05,2026-03-05,Medicaid,99213,Insurance Payment,,20.00
        C1,P1,2026-01-05,2026-03-05,Medicaid,99213,Adjustment,OA-23,{offset}
        """
    )
    rows = ledger.postings
    given_up = rows.loc[rows["category"] == "other_payer", "amount"].sum()
    if first == "60.00":  # what is left after both payments stays open, up to the offset
        assert given_up == 2000
        assert left(ledger)[0] == 0
    else:
        assert (given_up, left(ledger)[0]) == (other_payer, open_)
    assert "prior_payer_offset" in kinds_of(ledger)


# --- what is left, and whose ----------------------------------------------------------------------

PARTIES = {
    "before the payer speaks all is the insurer's": ("", (10000, 0)),
    "a copay at the visit is prepaid": (
        "C1,P1,2026-01-05,2026-01-05,Aetna,99213,Patient Payment,,25.00",
        (7500, 0),
    ),
    "after it, the share is the patient's": (
        """C1,P1,2026-01-05,2026-02-05,Aetna,99213,Insurance Payment,,70.00
        C1,P1,2026-01-05,2026-02-05,Aetna,99213,Patient Responsibility,PR-1,30.00""",
        (3000, 3000),
    ),
    "and what the payer still owes is not": (
        """C1,P1,2026-01-05,2026-02-05,Aetna,99213,Insurance Payment,,50.00
        C1,P1,2026-01-05,2026-02-05,Aetna,99213,Patient Responsibility,PR-1,30.00""",
        (5000, 3000),
    ),
    "a later payer takes the share back": (
        """C1,P1,2026-01-05,2026-02-05,Aetna,99213,Patient Responsibility,PR-1,30.00
        C1,P1,2026-01-05,2026-03-05,Cigna,99213,Patient Responsibility,PR-1,-30.00""",
        (10000, 0),
    ),
    "a fee is the patient's at once": (
        "C1,P1,2026-01-05,2026-01-09,Aetna,99213,Late fee,,15.00",
        (11500, 1500),
    ),
    "money sent to the patient by the plan is owed by the patient but no responsibility": (
        """C1,P1,2026-01-05,2026-02-05,Aetna,99213,Patient Responsibility,PR-100,70.00
        C1,P1,2026-01-05,2026-02-05,Aetna,99213,Patient Responsibility,PR-1,30.00
        C1,P1,2026-01-05,2026-03-05,Aetna,99213,Patient Payment,,60.00""",
        (4000, 4000),
    ),
    "charity ends it": (
        """C1,P1,2026-01-05,2026-02-05,Aetna,99213,Insurance Payment,,70.00
        C1,P1,2026-01-05,2026-02-05,Aetna,99213,Patient Responsibility,PR-1,30.00
        C1,P1,2026-01-05,2026-03-05,Aetna,99213,Adjustment,Charity,30.00""",
        (0, 0),
    ),
}


@pytest.mark.parametrize(("rows", "expected"), PARTIES.values(), ids=PARTIES)
def test_what_is_left_has_its_debtor(rows: str, expected: tuple[int, int]) -> None:
    other = "C9,P9,2026-01-05,2026-01-05,Aetna,99213,Patient Responsibility,PR-1,0.01"
    ledger = long(
        f"""
        C1,P1,2026-01-05,2026-01-05,Aetna,99213,Charge,,100.00
        {rows}
        {other}
        """
    )
    found = table(ledger).set_index("claim").loc["C1"]
    assert (found["open"], found["patient_open"]) == expected


LINES = """
    C1,1,2026-01-05,Charge,,100.00
    C1,2,2026-01-05,Charge,,50.00
    C1,{paid},2026-01-05,Patient Payment,,20.00
    C1,{said},2026-02-05,Insurance Payment,,30.00
    C1,{said},2026-02-05,Patient Responsibility,PR-1,20.00
"""


@pytest.mark.parametrize(
    ("paid", "said", "patient"),
    [("1", "2", 2000), ("2", "2", 0), ("1", "", 0), ("", "2", 0), ("", "", 0)],
    ids=[
        "copay on the line still open",
        "both on one line",
        "the payer names no line",
        "the patient names none",
        "nobody does",
    ],
)
def test_a_copay_is_prepaid_until_the_payer_has_spoken_of_its_line(
    paid: str, said: str, patient: int
) -> None:
    ledger = ledger_of(
        "Claim,Line,Post Date,Type,Reason,Amount" + LINES.format(paid=paid, said=said)
    )
    assert left(ledger) == (10000, patient)


@pytest.mark.parametrize(
    "name", ["Self-pay", "SELF PAY", "Self Pay", "Patient", "Uninsured", "Private Pay"]
)
def test_without_insurance_all_of_it_is_the_patients(name: str) -> None:
    ledger = long(f"\nC1,P1,2026-01-05,2026-01-05,{name},99213,Charge,,100.00")
    assert left(ledger) == (10000, 10000)


def test_self_pay_is_not_the_missing_payer_and_the_missing_one_owes_as_the_patient() -> None:
    ledger = ledger_of(
        """
        Claim,DOS,Payer,Charge,Insurance Paid,Patient Responsibility
        1,2026-01-05,Aetna,100.00,60.00,10.00
        2,2026-01-05,Self-pay,100.00,0.00,0.00
        3,2026-01-05,,100.00,0.00,0.00
        """
    )
    assert ledger.settled.self_pay.tolist() == [False, True, False]
    assert ledger.settled.patient_open.tolist() == [1000, 10000, 10000]


def test_a_stated_balance_is_what_is_open_and_its_difference_is_unexplained() -> None:
    ledger = ledger_of(
        """
        Claim,DOS,Charge,Insurance Paid,Contractual,Insurance Balance,Patient Balance
        1,2026-01-05,100.00,60.00,20.00,15.00,5.00
        2,2026-01-05,100.00,60.00,20.00,15.00,0.00
        3,2026-01-05,100.00,60.00,20.00,,
        """
    )
    settled = ledger.settled
    assert settled.open.tolist() == [2000, 1500, 2000]
    assert settled.unexplained.tolist() == [0, 500, 0]
    assert settled.patient_open.tolist()[:2] == [500, 0]
    assert settled.stated.tolist() == [True, True, False]
    [problem] = [p for p in ledger.problems if p.kind == "balance_differs"]
    assert (problem.rows, problem.cents) == ((2,), (500,))


# --- rates, conflicts, names ----------------------------------------------------------------------


def test_money_of_claims_without_a_charge_is_not_rated() -> None:
    ledger = long(
        """
        C1,P1,2026-01-05,2026-01-05,Aetna,99213,Charge,,100.00
        C2,P2,2026-01-05,2026-02-05,Aetna,99213,Insurance Payment,,60.00
        C3,P3,2026-01-05,2026-02-05,Aetna,99213,Charge,,-80.00
        """
    )
    assert ledger.settled.rated.tolist() == [True, False, False]
    [problem] = [p for p in ledger.problems if p.kind == "incomplete_claim"]
    assert problem.rows == (2, 3)


def test_one_claim_in_two_rows_with_other_amounts_is_said_and_both_count() -> None:
    head = "Claim,MRN,DOS,Payer,Charge,Insurance Paid\n"
    rows = [f"{i},P{i},2026-01-0{i},Aetna,100.00,60.00" for i in range(1, 5)]
    ledger = ledger_of(head + "\n".join([*rows, "1,P1,2026-01-01,Aetna,100.00,65.00"]))
    [problem] = [p for p in ledger.problems if p.kind == "duplicate_claim_conflict"]
    assert problem.rows == (1, 5)
    assert left(ledger)[0] == 50000 - 24000 - 6500


def test_a_reversal_is_no_conflict() -> None:
    head = "Claim,MRN,DOS,Payer,Charge,Insurance Paid\n"
    rows = [f"{i},P{i},2026-01-0{i},Aetna,100.00,60.00" for i in range(1, 6)]
    rows += ["1,P1,2026-01-01,Aetna,-100.00,-60.00", "1,P1,2026-01-01,Aetna,100.00,65.00"]
    assert "duplicate_claim_conflict" not in kinds_of(ledger_of(head + "\n".join(rows)))


def test_write_offs_nobody_can_name_are_listed_by_label_with_their_dollars() -> None:
    ledger = long(
        """
        C1,P1,2026-01-05,2026-01-05,Aetna,99213,Charge,,100.00
        C1,P1,2026-01-05,2026-01-05,Aetna,99213,Adjustment,Zebra,30.00
        C1,P1,2026-01-05,2026-01-05,Aetna,99213,Adjustment,Zebra,10.00
        C1,P1,2026-01-05,2026-01-05,Aetna,99213,Adjustment,,5.00
        """
    )
    found = [p for p in ledger.problems if p.kind == "unclassified_write_off"]
    assert sorted(p.amount for p in found) == [500, 4000]
    assert any('"Zebra"' in p.message for p in found)


# --- claims as a table ----------------------------------------------------------------------------


def test_the_claims_table_adds_up_each_claim() -> None:
    ledger = long(
        """
        C1,P1,2026-01-05,2026-01-06,Aetna,99213,Charge,,100.00
        C1,P1,2026-01-05,2026-01-06,Aetna,90656,Charge,,40.00
        C1,P1,2026-01-05,2026-02-05,Aetna,99213,Insurance Payment,,60.00
        C1,P1,2026-01-05,2026-02-05,Aetna,99213,Adjustment,CO-45,20.00
        C1,P1,2026-01-05,2026-02-05,Aetna,90656,Adjustment,CO-29,40.00
        C1,P1,2026-01-05,2026-02-05,Aetna,99213,Patient Responsibility,PR-1,20.00
        C1,P1,2026-01-05,2026-03-05,Aetna,99213,Patient Payment,,5.00
        C2,P2,2026-01-05,2026-01-06,Aetna,99213,Charge,,100.00
        C2,P2,2026-01-05,2026-02-06,Aetna,99213,Charge,,-100.00
        """
    )
    one, two = table(ledger).to_dict("records")
    expected = {
        "claim": "C1",
        "payer": "Aetna",
        "billed": 14000,
        "insurer_paid": 6000,
        "patient_paid": 500,
        "other_paid": 0,
        "written_off": 6000,
        "avoidable": 4000,
        "patient_share": 2000,
        "open": 1500,
        "patient_open": 1500,
        "unexplained": 0,
        "lines": 2,
        "counts": True,
        "last_post": pd.Timestamp("2026-03-05"),
    }
    assert {name: one[name] for name in expected} == expected
    assert (two["billed"], two["lines"], two["counts"]) == (0, 0, False)


@pytest.mark.parametrize(
    ("rows", "lines"),
    [
        (["1,99213,100.00", "2,99213,100.00"], 2),
        (["1,99213,100.00", "1,99213,-100.00", "1,99213,90.00"], 1),
        ([",99213,100.00", ",99213,100.00"], 2),
        ([",99213,100.00", ",99213,-100.00", ",99213,90.00"], 1),
        ([",99213,0.00"], 1),
        ([",,100.00", ",,50.00"], 1),
    ],
    ids=[
        "numbered",
        "numbered and corrected",
        "by code",
        "by code and corrected",
        "free",
        "no lines",
    ],
)
def test_service_lines_are_charges_entered_less_charges_undone(rows: list[str], lines: int) -> None:
    body = "\n".join(f"C1,P1,2026-01-05,{row},0.00" for row in rows)
    ledger = ledger_of("Claim,MRN,DOS,Line,CPT,Charge,Insurance Paid\n" + body)
    assert table(ledger)["lines"].tolist() == [lines]


def test_a_charge_that_is_no_service_makes_no_claim() -> None:
    ledger = long("\nC1,P1,2026-01-05,2026-01-06,Aetna,,Late fee,,15.00")
    assert table(ledger)["counts"].tolist() == [False]
    assert ledger.book.kinds[0].category == v.FEE


def test_a_claims_card_runs_from_its_charge_to_what_is_left() -> None:
    ledger = long(
        """
        C9,P9,2026-01-05,2026-01-06,Aetna,99213,Charge,,999.00
        C1,P1,2026-01-05,2026-02-05,Aetna,99213,Insurance Payment,,60.00
        C1,P1,2026-01-05,2026-02-05,Aetna,99213,Patient Responsibility,PR-1,15.00
        C1,P1,2026-01-05,2026-01-06,Aetna,99213,Charge,,100.00
        C1,P1,2026-01-05,2026-02-05,Aetna,99213,Adjustment,CO-45,25.00
        """
    )
    number = table(ledger)["claim"].tolist().index("C1")
    found = card(ledger.settled, number)
    assert found["left"].tolist() == [10000, 4000, 4000, 1500]
    assert found["row"].tolist() == [4, 2, 3, 5]
    assert found["entry"].tolist()[0] == v.CHARGE


# --- transfers to the patient, and offsets that stand alone ---------------------------------------

MOVED = """
    C1,P1,2026-01-05,2026-01-06,Aetna,99213,Charge,,200.00
    C1,P1,2026-01-05,2026-02-01,Aetna,99213,Insurance Payment,,110.00
    C1,P1,2026-01-05,2026-02-01,Aetna,99213,Adjustment,CO-45,50.00
    C1,P1,2026-01-05,2026-02-02,Aetna,99213,Transfer from insurance,,-40.00
    C1,P1,2026-01-05,2026-02-02,Aetna,99213,Transfer to patient,,40.00
    C1,P1,2026-01-05,2026-03-01,Aetna,99213,Patient Payment,,15.00
    C2,P2,2026-01-06,2026-01-07,Aetna,99213,Charge,,80.00
"""


def test_without_shares_the_patient_owes_what_was_moved_to_them() -> None:
    """40.00 moved, 15.00 paid; the other claim is the insurer's. What was assigned is not known."""
    ledger = long(MOVED)
    assert left(ledger) == (10500, 2500)
    assert {"patient_open"} <= ledger.can_say
    assert "patient_responsibility" not in ledger.can_say


def test_a_claim_moved_to_the_patient_before_any_payment_is_the_patients() -> None:
    rows = "\nC1,P1,2026-01-05,2026-01-06,Aetna,99213,Charge,,200.00\n"
    rows += "C1,P1,2026-01-05,2026-02-02,Aetna,99213,Transfer from insurance,,-200.00\n"
    rows += "C1,P1,2026-01-05,2026-02-02,Aetna,99213,Transfer to patient,,200.00\n"
    assert left(long(rows)) == (20000, 20000)


@pytest.mark.parametrize(
    ("share", "asked"),
    [("40.00", None), ("30.00", 1000), ("50.00", None)],
    ids=["as assigned", "more than assigned", "less than assigned"],
)
def test_shares_stand_before_transfers_and_more_moved_than_assigned_is_said(
    share: str, asked: int | None
) -> None:
    assigned = f"C1,P1,2026-01-05,2026-02-01,Aetna,99213,Patient Responsibility,PR-2,{share}"
    ledger = long(MOVED + f"    {assigned}\n")
    assert left(ledger)[1] == int(float(share) * 100) - 1500
    found = [p for p in ledger.problems if p.kind == "balance_billed"]
    assert [p.amount for p in found] == ([asked] if asked else [])


def test_a_line_that_offsets_a_payer_nobody_loaded_stays_in_totals_and_leaves_rates() -> None:
    """Medicaid pays 20.00 after 80.00 of another payer that is not here: no rate can be said of it."""
    alone = """
        C1,P1,2026-01-05,2026-01-05,Medicaid,99213,Charge,,100.00
        C1,P1,2026-01-05,2026-03-05,Medicaid,99213,Insurance Payment,,20.00
        C1,P1,2026-01-05,2026-03-05,Medicaid,99213,Adjustment,OA-23,80.00
        C2,P2,2026-01-05,2026-01-05,Aetna,99213,Charge,,100.00
        C2,P2,2026-01-05,2026-03-05,Aetna,99213,Insurance Payment,,60.00
        C2,P2,2026-01-05,2026-03-05,Aetna,99213,Adjustment,CO-45,40.00
    """
    result = contract.summary(long(alone), ())
    assert result["totals"]["billed"] == "200.00"
    assert result["totals"]["insurer_paid"] == "80.00"
    assert result["rates"]["gross_collection_rate"] == 0.6
    assert result["rates"]["write_off_rate"] == 0.4
    assert "prior_payer_offset" in {p["kind"] for p in result["problems"]}
