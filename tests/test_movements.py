"""Which way round a file writes its money: decided over all rows, shown, kept, changeable."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support import differences, ledger_of, proposal_of, summary_of, tidy

from writeoffs import summary as contract
from writeoffs.mapping import complete
from writeoffs.parsed import Parsed
from writeoffs.plan import Plan
from writeoffs.reading import load

PLAIN = """
    Claim,Patient ID,DOS,Post Date,Payer,Type,Amount
    1,P1,2026-01-05,2026-01-06,Aetna,Charge,200.00
    1,P1,2026-01-05,2026-02-01,Aetna,Insurance Payment,100.00
    1,P1,2026-01-05,2026-02-01,Aetna,Contractual Adjustment,60.00
    1,P1,2026-01-05,2026-02-01,Aetna,Coinsurance,40.00
    1,P1,2026-01-05,2026-02-09,Aetna,Patient Payment,30.00
    1,P1,2026-01-05,2026-02-20,Aetna,Patient Refund,5.00
"""
EXPECTED = {
    "billed": "200.00",
    "insurer_paid": "100.00",
    "patient_paid": "25.00",
    "written_off": "60.00",
    "coinsurance": "40.00",
    "open": "15.00",
}


def turned(*types: str) -> str:
    """The same ledger with the amounts of some types written with a minus."""
    lines = PLAIN.strip().splitlines()
    for i, line in enumerate(lines):
        if any(f",{kind}," in line for kind in types):
            head, amount = line.rsplit(",", 1)
            lines[i] = f"{head},-{amount}"
    return "\n".join(lines)


CREDITS = ("Insurance Payment", "Contractual Adjustment", "Patient Payment")
WAYS = {
    "nothing signed": ((), {"refunds": -1}),
    "credits negative": (CREDITS, {"payments": -1, "write_offs": -1, "refunds": -1}),
    "only payments negative": (
        ("Insurance Payment", "Patient Payment"),
        {"payments": -1, "refunds": -1},
    ),
    "only refunds negative": (("Patient Refund",), {}),
    "charges negative": (("Charge",), {"charges": -1, "refunds": -1}),
    "shares negative": (("Coinsurance",), {"shares": -1, "refunds": -1}),
}


@pytest.mark.parametrize(("types", "signs"), WAYS.values(), ids=WAYS)
def test_every_way_of_writing_signs_comes_to_the_same_and_stands_in_the_plan(
    types: tuple[str, ...], signs: dict[str, int]
) -> None:
    text = turned(*types)
    assert not differences(EXPECTED, summary_of(text)["totals"])
    plan = proposal_of(text).plan
    assert {name for name, sign in plan.signs.items() if sign < 0} == set(signs)
    assert {"charges", "payments", "write_offs", "refunds", "shares"} <= set(plan.signs)


def test_the_way_a_file_writes_its_signs_is_said() -> None:
    notes = ledger_of(turned(*CREDITS)).files[0].notes
    assert "payments and adjustments are written as negative amounts in this file" in notes
    plain = ledger_of(PLAIN).files[0].notes
    assert plain == ("refunds are written without a minus; they are taken off",)


def test_a_change_by_a_person_survives_and_decides() -> None:
    """Refunds are said to be plain negatives of this file: its 5.00 is no refund but money in."""
    plan = proposal_of(PLAIN).plan
    chosen = Plan.from_json(replace(plan, signs={**plan.signs, "refunds": 1}).to_json())
    assert chosen.signs == {**plan.signs, "refunds": 1}
    again = complete(Parsed(load(("file1.csv", tidy(PLAIN)))), chosen).plan
    assert again.signs == chosen.signs
    totals = contract.summary(ledger_of(PLAIN, mapping=chosen), ())["totals"]
    assert not differences({"patient_paid": "35.00", "open": "5.00"}, totals)


def test_a_saved_plan_without_signs_gets_them_from_the_rows() -> None:
    text = turned(*CREDITS)
    plan = replace(proposal_of(text).plan, signs={})
    totals = contract.summary(ledger_of(text, mapping=plan), ())["totals"]
    assert not differences(EXPECTED, totals)


def test_the_signs_are_those_of_all_rows_and_not_of_the_first() -> None:
    """Ten payments written with a minus after one without: the one is a payment taken back."""
    lines = turned("Insurance Payment").splitlines()
    more = [line.replace("1,P1", f"{i},P{i}") for i in range(2, 12) for line in lines[1:3]]
    odd = "12,P12,2026-01-05,2026-02-01,Aetna,Insurance Payment,7.00"
    text = "\n".join([lines[0], odd, *lines[1:], *more])
    assert summary_of(text)["totals"]["insurer_paid"] == "1093.00"


# --- wide files -----------------------------------------------------------------------------------

WIDE = """
    Claim,DOS,Payer,Charge,Insurance Paid,Patient Paid,Adjustment,Reason,Balance
    1,2026-01-05,Aetna,200.00,{0}100.00,{0}10.00,{0}60.00,CO-45,30.00
    2,2026-01-06,Aetna,150.00,{0}90.00,{0}0.00,{0}60.00,CO-45,0.00
    3,2026-01-07,Cigna,100.00,{0}50.00,{0}10.00,{0}40.00,CO-45,0.00
    4,2026-01-08,Cigna,80.00,{0}30.00,{0}0.00,{0}40.00,CO-29,10.00
"""


def test_credits_written_as_negatives_in_a_wide_file_are_turned_and_said() -> None:
    plain, signed = WIDE.format(""), WIDE.format("-")
    assert summary_of(plain)["totals"] == summary_of(signed)["totals"]
    assert proposal_of(plain).plan.signs == {}
    assert set(proposal_of(signed).plan.signs) == {"Insurance Paid", "Patient Paid", "Adjustment"}
    [note] = ledger_of(signed).files[0].notes
    assert note == (
        '"Insurance Paid", "Patient Paid" and "Adjustment" hold negative amounts for credits'
    )


def test_a_person_turns_a_wide_column_back() -> None:
    text = WIDE.format("-")
    plan = proposal_of(text).plan
    chosen = Plan.from_json(replace(plan, signs={**plan.signs, "Adjustment": 1}).to_json())
    again = complete(Parsed(load(("file1.csv", tidy(text)))), chosen).plan
    assert again.signs["Adjustment"] == 1
    ledger = ledger_of(text, mapping=chosen)
    assert contract.summary(ledger, ())["totals"]["written_off"] == "-200.00"


def test_the_sum_decides_where_the_signs_alone_do_not() -> None:
    """Adjustments of both signs: two write-offs and two debits, said by the charge adding up."""
    text = """
        Claim,DOS,Payer,Charge,Insurance Paid,Adjustment,Balance
        1,2026-01-05,Aetna,200.00,100.00,-60.00,40.00
        2,2026-01-06,Aetna,150.00,90.00,-60.00,0.00
        3,2026-01-07,Cigna,100.00,110.00,10.00,0.00
        4,2026-01-08,Cigna,80.00,90.00,10.00,0.00
    """
    plan = proposal_of(text).plan
    assert (plan.signs, plan.holds) == ({"Adjustment": -1}, 1.0)
    assert summary_of(text)["totals"]["written_off"] == "100.00"


def test_mostly_negative_payments_stay_where_the_rows_add_up_as_they_are() -> None:
    """A file of takebacks: what was paid came back, and is owed again."""
    text = """
        Claim,DOS,Payer,Charge,Insurance Paid,Adjustment,Balance
        1,2026-01-05,Aetna,200.00,-100.00,60.00,240.00
        2,2026-01-06,Aetna,150.00,-90.00,60.00,180.00
        3,2026-01-07,Cigna,100.00,-50.00,40.00,110.00
    """
    plan = proposal_of(text).plan
    assert (plan.signs, plan.holds) == ({}, 1.0)
    assert summary_of(text)["totals"]["insurer_paid"] == "-240.00"


@pytest.mark.parametrize("sign", ["", "-"])
def test_a_write_off_reversal_in_a_wide_file_undoes_whatever_its_sign(sign: str) -> None:
    text = f"""
        Claim,Line,DOS,Payer,Charge,Insurance Paid,Adjustment,Reason
        1,1,2026-01-05,Aetna,200.00,100.00,100.00,Bad debt write-off
        2,1,2026-01-06,Aetna,150.00,90.00,60.00,CO-45
        1,2,2026-01-05,Aetna,0.00,0.00,{sign}100.00,Bad debt write-off reversal
    """
    totals = summary_of(text)["totals"]
    assert not differences({"written_off": "60.00", "open": "100.00"}, totals)


# --- what a row is --------------------------------------------------------------------------------

MIXED = """
    Claim,DOS,Date,Payer,Type,Code,Amount
    1,2026-01-05,2026-01-06,Aetna,Charge,99213,200.00
    1,2026-01-05,2026-02-06,Aetna,Payment,,-110.00
    1,2026-01-05,2026-02-06,Aetna,Adjustment,45,-60.00
    1,2026-01-05,2026-02-06,Aetna,Adjustment,CO-29,-30.00
"""


def test_one_code_column_holds_the_procedure_of_a_charge_and_the_reason_of_an_adjustment() -> None:
    result = summary_of(MIXED, by=["procedure"])
    assert result["write_offs"] == {"contractual": "60.00", "timely_filing": "30.00"}
    assert result["counts"]["lines"] == 1
    assert "45" not in {group["procedure"] for group in result["groups"]}


def test_a_code_that_charges_carry_is_no_reason() -> None:
    """A practice that numbers its own services 1, 2, 45: its adjustments say nothing."""
    own = MIXED.replace("99213", "45")
    assert summary_of(own)["write_offs"] == {"unclassified": "90.00"}
