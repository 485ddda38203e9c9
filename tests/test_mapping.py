"""Mapping: names propose, values object, arithmetic decides; what it does not settle stays open."""

from __future__ import annotations

import json

import pytest
from support import kinds_of, ledger_of, proposal_of, tidy

from writeoffs.mapping import complete, propose
from writeoffs.parsed import Parsed
from writeoffs.plan import Plan, fingerprint
from writeoffs.problems import BadRequest
from writeoffs.reading import load, load_plan

# --- arithmetic decides what a lone Paid column is ------------------------------------------------

EVERYBODYS = """
    Claim,DOS,Payer,Billed,Paid,Adjustment,Balance
    1,2026-01-05,Aetna,200.00,120.00,60.00,20.00
    2,2026-01-06,Aetna,150.00,100.00,40.00,10.00
    3,2026-01-07,Cigna,100.00,70.00,30.00,0.00
"""
INSURERS = """
    Claim,DOS,Payer,Billed,Paid,Adjustment,Patient Resp
    1,2026-01-05,Aetna,200.00,120.00,60.00,20.00
    2,2026-01-06,Aetna,150.00,100.00,40.00,10.00
    3,2026-01-07,Cigna,100.00,70.00,30.00,0.00
"""


def test_paid_is_everybodys_where_the_charge_adds_up_with_the_balance() -> None:
    plan = proposal_of(EVERYBODYS).plan
    assert plan.columns["Paid"] == "total_paid"
    assert (plan.identity, plan.holds) == ("charge = paid + adjustments + balance", 1.0)


def test_paid_is_the_insurers_where_the_charge_only_adds_up_with_the_patients_share() -> None:
    plan = proposal_of(INSURERS).plan
    assert plan.columns["Paid"] == "insurance_paid"
    assert plan.holds == 1.0


def test_the_share_of_rows_on_which_the_parts_add_up_is_said() -> None:
    broken = INSURERS + "    4,2026-01-08,Cigna,100.00,70.00,20.00,0.00\n"
    assert proposal_of(broken).plan.holds == 0.75


def test_two_columns_of_one_name_are_settled_by_the_sum_or_left_open() -> None:
    settled = """
        Claim,DOS,Charge,Ins Paid,Pt Paid,Adjustments,Insurance Paid
        1,2026-01-05,200.00,120.00,20.00,60.00,11.00
        2,2026-01-06,150.00,100.00,10.00,40.00,12.00
    """
    plan = proposal_of(settled).plan
    assert plan.columns["Ins Paid"] == "insurance_paid"
    assert plan.columns["Insurance Paid"] is None
    # Neither makes the sum come out: both stay open, each with its dollars.
    open_ = settled.replace("120.00,20.00", "77.00,20.00").replace("100.00,10.00", "66.00,10.00")
    proposal = proposal_of(open_)
    assert proposal.plan.columns["Ins Paid"] is None
    assert proposal.plan.columns["Insurance Paid"] is None
    asked = {p.column: p.amount for p in proposal.questions if p.kind == "unmapped_money"}
    assert asked == {"Ins Paid": 14300, "Insurance Paid": 2300}


def test_a_total_beside_all_its_parts_is_not_counted_again() -> None:
    plan = proposal_of(
        """
        Claim,DOS,Charge,Ins Paid,Pt Paid,Total Paid,Adjustments
        1,2026-01-05,200.00,120.00,20.00,140.00,60.00
        2,2026-01-06,150.00,100.00,10.00,110.00,40.00
        """
    ).plan
    assert plan.columns["Total Paid"] == "total_paid"
    assert plan.uncounted == ("Total Paid",)
    assert plan.holds == 1.0


def test_an_adjustment_total_beside_its_parts_is_found_by_arithmetic() -> None:
    plan = proposal_of(
        """
        Claim,DOS,Charge,Ins Paid,Pt Paid,Contractual Adjustment,Bad Debt,Total Adjustments
        1,2026-01-05,200.00,120.00,20.00,50.00,10.00,60.00
        2,2026-01-06,150.00,100.00,10.00,35.00,5.00,40.00
        3,2026-01-07,150.00,100.00,10.00,40.00,0.00,40.00
        """
    ).plan
    assert plan.uncounted == ("Total Adjustments",)
    assert plan.holds == 1.0


def test_an_unknown_name_with_dollars_is_a_question_with_its_dollars() -> None:
    proposal = proposal_of(EVERYBODYS.replace("Balance", "Zebra"))
    [question] = [p for p in proposal.questions if p.kind == "unmapped_money"]
    assert (question.column, question.amount, question.rows) == ("Zebra", 3000, (1, 2))


def test_an_unknown_column_of_numbers_without_cents_is_no_money() -> None:
    text = (
        EVERYBODYS.replace("Balance", "Zebra").replace("20.00\n", "7\n").replace("10.00\n", "9\n")
    )
    assert not [p for p in proposal_of(text).questions if p.kind == "unmapped_money"]


def test_a_heading_said_twice_is_a_question_that_names_both_places() -> None:
    proposal = proposal_of(
        """
        Claim,DOS,Charge,Paid,Paid,Adjustments
        1,2026-01-05,200.00,77.00,66.00,60.00
        2,2026-01-06,150.00,55.00,44.00,40.00
        """
    )
    [question] = [p for p in proposal.questions if p.kind == "duplicate_column"]
    assert question.message == 'columns 4 and 5 are both called "Paid"; say which is which'


def test_a_heading_said_twice_over_the_same_amounts_is_read_once() -> None:
    plan = proposal_of(
        """
        Claim,DOS,Charge,Paid by Ins,Adjustments,Balance,Charge
        1,2026-01-05,200.00,77.00,60.00,63.00,200.00
        2,2026-01-06,150.00,55.00,40.00,55.00,150.00
        """
    ).plan
    assert (plan.columns["Charge"], plan.columns["Charge [2]"]) == ("charge", None)


def test_of_a_total_and_its_part_the_one_without_which_more_rows_add_up_is_left_out() -> None:
    rows = [f"{n},2026-01-05,200.00,100.00,40.00,60.00,60.00,0.00" for n in range(6)]
    rows += [f"{n},2026-01-05,120.00,80.00,40.00,0.00,0.00,0.00" for n in range(6, 9)]
    rows += ["9,2026-01-06,100.00,0.00,0.00,100.00,0.00,0.00"]
    head = "Claim,DOS,Charge,Ins Paid,Patient Paid,Adjustment,Contractual,Balance\n"
    assert proposal_of(head + "\n".join(rows)).plan.uncounted == ("Contractual",)


def test_voided_dollars_are_no_mark_that_a_row_is_void() -> None:
    plan = proposal_of("Claim,DOS,Charge,Void Amount\n1,2026-01-05,200.00,1.00\n").plan
    assert plan.columns["Void Amount"] is None


# --- values object --------------------------------------------------------------------------------


def test_a_money_name_over_words_is_no_money() -> None:
    plan = proposal_of(EVERYBODYS.replace("Payer", "Copay")).plan
    assert plan.columns["Copay"] is None


def test_an_empty_column_keeps_its_name() -> None:
    plan = proposal_of(
        """
        Claim,DOS,Charge,Insurance Paid,Deductible
        1,2026-01-05,200.00,120.00,
        2,2026-01-06,150.00,100.00,
        """
    ).plan
    assert plan.columns["Deductible"] == "deductible"


def test_groups_under_an_unknown_name_are_known_by_their_values() -> None:
    plan = proposal_of(
        """
        Claim,DOS,Charge,Insurance Paid,Adjustment,Zebra,Reason
        1,2026-01-05,200.00,120.00,80.00,CO,45
        2,2026-01-06,150.00,100.00,50.00,PR,1
        """
    ).plan
    assert plan.columns["Zebra"] == "adjustment_group"


def test_patient_names_and_private_columns_are_named_and_never_read() -> None:
    plan = proposal_of(
        """
        Claim,Patient Name,SSN,DOS,Charge,Insurance Paid
        1,Ann Example,000-00-0000,2026-01-05,200.00,120.00
        """
    ).plan
    assert (plan.columns["Patient Name"], plan.columns["SSN"]) == ("patient_name", "ignore")


# --- shape, signs, dates --------------------------------------------------------------------------

SHAPES = {
    "line": "Claim,Line,DOS,CPT,Charge,Insurance Paid\n1,1,2026-01-05,99213,100.00,60.00\n",
    "claim": "Claim,DOS,Charge,Ins Paid\n1,2026-01-05,100.00,60.00\n2,2026-01-05,9.00,6.00\n",
    "ledger": "Claim,DOS,Type,Amount\n1,2026-01-05,Charge,100.00\n1,2026-01-05,Payment,-60.00\n",
    "payments": "Claim,Payment Date,Insurance Paid\n1,2026-01-05,60.00\n",
    "summary": "Payer,Charges,Insurance Payments\nAetna,1000.00,600.00\nCigna,10.00,6.00\n",
}


@pytest.mark.parametrize(("shape", "text"), SHAPES.items(), ids=SHAPES)
def test_the_shape_follows_from_what_is_there(shape: str, text: str) -> None:
    assert proposal_of(text).plan.shape == shape


def test_one_amount_a_row_in_several_columns_is_a_ledger_too() -> None:
    text = """
        Claim,Date,Description,Charge,Payment,Adjustment
        1,2026-01-05,Office visit,100.00,,
        1,2026-02-05,Insurance check,,60.00,
        1,2026-02-05,Contractual,,,40.00
        2,2026-01-05,Office visit,100.00,,
        2,2026-02-05,Patient check,,60.00,
        2,2026-02-05,Contractual,,,40.00
    """
    assert proposal_of(text).plan.shape == "ledger"


def test_a_credit_column_that_is_mostly_negative_is_turned() -> None:
    plan = proposal_of(
        """
        Claim,DOS,Charge,Insurance Paid,Adjustments
        1,2026-01-05,200.00,-120.00,-80.00
        2,2026-01-06,150.00,-100.00,-50.00
        3,2026-01-07,150.00,-100.00,-50.00
        """
    ).plan
    assert plan.signs == {"Insurance Paid": -1, "Adjustments": -1}
    assert plan.holds == 1.0


def dated(*days: str) -> str:
    rows = [f"{i},{day},100.00,100.00" for i, day in enumerate(days)]
    return "\n".join(["Claim,DOS,Charge,Insurance Paid", *rows])


@pytest.mark.parametrize(
    ("days", "order", "asked"),
    [
        (("02/03/2026", "03/25/2026"), "mdy", False),
        (("02/03/2026", "25/03/2026"), "dmy", True),
        (("02/03/2026", "04/05/2026"), "mdy", True),
        (("25/03/2026", "26/03/2026"), "dmy", False),
        (("2026-02-03", "2026-04-05"), "mdy", False),
    ],
)
def test_day_and_month_are_decided_once_and_shown_where_a_reading_could_differ(
    days: tuple[str, ...], order: str, asked: bool
) -> None:
    proposal = proposal_of(dated(*days))
    assert proposal.plan.orders == {"DOS": order}
    assert ("date_order" in {p.kind for p in proposal.questions}) is asked


def test_a_decimal_comma_is_shown_with_an_example() -> None:
    proposal = proposal_of(
        """
        Claim;DOS;Charge;Insurance Paid
        1;2026-01-05;1.200,00;120,50
        2;2026-01-06;150,00;100,00
        """
    )
    assert proposal.plan.decimal == ","
    [question] = [p for p in proposal.questions if p.kind == "decimal_comma"]
    assert '"1.200,00"' in question.message


# --- a plan as a file -----------------------------------------------------------------------------


def test_a_plan_saved_and_read_again_is_the_same_choices() -> None:
    plan = proposal_of(INSURERS).plan
    again = Plan.from_json(plan.to_json())
    for name in (
        "shape",
        "columns",
        "decimal",
        "orders",
        "signs",
        "uncounted",
        "implied_contractual",
    ):
        assert getattr(again, name) == getattr(plan, name), name
    assert ledger_of(INSURERS, mapping=again).postings.equals(ledger_of(INSURERS).postings)


def test_a_saved_plan_holds_no_cell_of_the_file() -> None:
    assert set(json.loads(proposal_of(INSURERS).plan.to_json())) == {
        "version",
        "fingerprint",
        "shape",
        "columns",
        "decimal",
        "orders",
        "signs",
        "uncounted",
        "implied_contractual",
    }


def test_a_plan_given_by_a_person_wins_over_the_proposal() -> None:
    plan = proposal_of(INSURERS).plan
    columns = {**plan.columns, "Paid": "patient_paid"}
    ledger = ledger_of(INSURERS, mapping=Plan(plan.shape, columns))
    assert {"patient_payment"} <= set(ledger.postings["entry"])
    assert "insurer_payment" not in set(ledger.postings["entry"])


def test_a_plan_for_other_headings_leaves_the_new_ones_open() -> None:
    parsed = Parsed(load(("x.csv", tidy(INSURERS.replace("Adjustment", "Zebra")))))
    proposal = complete(parsed, proposal_of(INSURERS).plan)
    assert proposal.plan.columns["Zebra"] is None
    assert "Adjustment" not in proposal.plan.columns
    assert [p.column for p in proposal.questions if p.kind == "unmapped_money"] == ["Zebra"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not json",
        "[]",
        "{}",
        '{"version": 1, "columns": {}}',
        '{"version": 1, "columns": {}, "shape": "zebra"}',
        '{"version": 99, "columns": {}, "shape": "line"}',
        '{"version": 1, "columns": {"A": "zebra"}, "shape": "line"}',
        '{"version": "x", "columns": {}, "shape": "line"}',
    ],
)
def test_what_is_no_saved_plan_is_refused(text: str) -> None:
    with pytest.raises(BadRequest):
        Plan.from_json(text)


def test_a_mapping_file_that_is_not_there_is_refused_by_its_name() -> None:
    with pytest.raises(BadRequest, match=r"nowhere\.json"):
        load_plan("/no/such/folder/nowhere.json")


def test_the_fingerprint_of_headings_knows_no_order() -> None:
    assert fingerprint(["A", "B"]) == fingerprint(["B", "A"]) != fingerprint(["A", "C"])
    assert len(fingerprint(["A"])) == 12


def test_column_order_changes_no_meaning() -> None:
    lines = [line.strip().split(",") for line in INSURERS.strip().splitlines()]
    turned = "\n".join(",".join(reversed(line)) for line in lines)
    assert proposal_of(turned).plan.columns == proposal_of(INSURERS).plan.columns


def test_a_refund_column_left_out_of_the_sum_is_said() -> None:
    """The charge adds up without it: it may be inside the payments. Its dollars are named."""
    text = """
        Claim,DOS,Charge,Insurance Paid,Adjustments,Refunds
        1,2026-01-05,200.00,120.00,80.00,0.00
        2,2026-01-06,150.00,100.00,50.00,5.00
        3,2026-01-07,150.00,100.00,50.00,5.00
    """
    ledger = ledger_of(text)
    assert ledger.files[0].plan.uncounted == ("Refunds",)
    assert "unmapped_money" in kinds_of(ledger)


def test_every_choice_is_made_on_all_rows_and_not_on_the_first() -> None:
    parsed = Parsed(load(("x.csv", dated(*["02/03/2026"] * 500, "25/03/2026").encode())))
    assert propose(parsed).plan.orders == {"DOS": "dmy"}
