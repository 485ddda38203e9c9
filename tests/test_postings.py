"""One table -> a journal: every column and every type ends as the entry that the rules name."""

from __future__ import annotations

import pytest
from support import kinds_of, ledger_of, summary_of

from writeoffs import vocabulary as v
from writeoffs.ledger import Ledger


def journal(ledger: Ledger) -> dict[tuple[str, str], int]:
    """Cents by entry and category."""
    found = ledger.postings.astype({"entry": str, "category": str})
    sums = found.groupby(["entry", "category"])["amount"].sum()
    return {k: int(c) for k, c in sums.items() if c}


def held(ledger: Ledger) -> dict[int, int]:
    return ledger.files[0].held


# --- a row a line, money side by side -------------------------------------------------------------


def test_every_column_of_a_wide_row_is_posted_by_what_it_means() -> None:
    ledger = ledger_of(
        """
        Claim,DOS,Charge,Ins Paid,Pt Paid,Contractual,Bad Debt,Deductible,Coins,Copay,Debit Adj
        1,2026-01-05,200.00,100.00,15.00,60.00,5.00,10.00,8.00,2.00,4.00
        """
    )
    assert journal(ledger) == {
        (v.CHARGE, v.SERVICE): 20000,
        (v.CHARGE, v.FEE): 400,
        (v.INSURER_PAYMENT, ""): 10000,
        (v.PATIENT_PAYMENT, ""): 1500,
        (v.WRITE_OFF, "contractual"): 6000,
        (v.WRITE_OFF, "bad_debt"): 500,
        (v.PATIENT_SHARE, v.DEDUCTIBLE): 1000,
        (v.PATIENT_SHARE, v.COINSURANCE): 800,
        (v.PATIENT_SHARE, v.COPAY): 200,
    }


def test_a_total_share_wins_over_its_parts_and_the_rest_is_other() -> None:
    ledger = ledger_of(
        """
        Claim,DOS,Charge,Ins Paid,Deductible,Copay,Pt Resp
        1,2026-01-05,200.00,100.00,10.00,5.00,40.00
        2,2026-01-05,200.00,100.00,10.00,5.00,
        """
    )
    assert journal(ledger)[(v.PATIENT_SHARE, v.PATIENT_OTHER)] == 2500


@pytest.mark.parametrize(
    ("columns", "cells", "expected"),
    [
        ("Ins Paid,Total Paid", "60.00,75.00", {v.INSURER_PAYMENT: 6000, v.PATIENT_PAYMENT: 1500}),
        ("Pt Paid,Total Paid", "15.00,75.00", {v.PATIENT_PAYMENT: 1500, v.INSURER_PAYMENT: 6000}),
        (
            "Pt Paid,Ins Paid,Total Paid",
            "15.00,60.00,75.00",
            {v.PATIENT_PAYMENT: 1500, v.INSURER_PAYMENT: 6000},
        ),
        ("Total Paid,Adjustment", "75.00,25.00", {v.PAYMENT: 7500}),
        ("Primary Ins Paid,Secondary Ins Paid", "50.00,10.00", {v.INSURER_PAYMENT: 6000}),
    ],
)
def test_what_a_total_leaves_belongs_to_the_other_side(
    columns: str, cells: str, expected: dict[str, int]
) -> None:
    found = journal(ledger_of(f"Claim,DOS,Charge,{columns}\n1,2026-01-05,100.00,{cells}"))
    assert {e: c for (e, _), c in found.items() if e in v.PAYMENTS} == expected


@pytest.mark.parametrize(
    ("heading", "entry"),
    [
        ("Patient Refund", v.PATIENT_PAYMENT),
        ("Insurance Refund", v.INSURER_PAYMENT),
        ("Refunds", v.PAYMENT),
    ],
)
def test_a_refund_column_is_a_negative_payment_of_the_one_it_names(
    heading: str, entry: str
) -> None:
    ledger = ledger_of(
        f"""
        Claim,DOS,Charge,Ins Paid,Pt Paid,{heading},Balance
        1,2026-01-05,100.00,60.00,40.00,5.00,5.00
        2,2026-01-05,100.00,60.00,40.00,0.00,0.00
        """
    )
    assert journal(ledger)[(entry, "refund")] == -500


def test_an_adjustment_is_contractual_where_it_is_the_charge_less_the_allowed() -> None:
    rows = [f"{i},2026-01-05,100.00,{60 + i % 3}.00,{40 - i % 3}.00,50.00" for i in range(20)]
    text = "Claim,DOS,Charge,Allowed,Adjustment,Ins Paid\n" + "\n".join(rows)
    assert set(journal(ledger_of(text))) >= {(v.WRITE_OFF, "contractual")}
    # On 19 of 20 rows it still is; on 18 of 20 nobody can tell.
    once = text.replace(rows[0], rows[0].replace("40.00,50.00", "1.00,50.00"))
    assert (v.WRITE_OFF, "contractual") in journal(ledger_of(once))
    twice = once.replace(rows[1], rows[1].replace("39.00,50.00", "1.00,50.00"))
    assert (v.WRITE_OFF, v.UNCLASSIFIED) in journal(ledger_of(twice))


def test_only_allowed_given_is_contractual_where_it_is_positive() -> None:
    ledger = ledger_of(
        """
        Claim,DOS,Charge,Allowed,Ins Paid
        1,2026-01-05,100.00,60.00,60.00
        2,2026-01-05,100.00,0.00,0.00
        3,2026-01-05,100.00,,0.00
        """
    )
    assert journal(ledger)[(v.WRITE_OFF, "contractual")] == 4000
    assert set(ledger.postings.query("entry == 'write_off'")["reason"]) == {"derived"}


def test_a_reason_column_speaks_of_the_adjustment_beside_it_and_numbers_pair_them() -> None:
    ledger = ledger_of(
        """
        Claim,DOS,Charge,Ins Paid,Adj Amount 1,Adj Reason 1,Adj Amount 2,Adj Reason 2
        1,2026-01-05,100.00,50.00,40.00,CO-45,10.00,CO-29
        2,2026-01-05,100.00,50.00,40.00,CO-45,10.00,PR-1
        """
    )
    assert journal(ledger) == {
        (v.CHARGE, v.SERVICE): 20000,
        (v.INSURER_PAYMENT, ""): 10000,
        (v.WRITE_OFF, "contractual"): 8000,
        (v.WRITE_OFF, "timely_filing"): 1000,
        (v.PATIENT_SHARE, v.DEDUCTIBLE): 1000,
    }


def test_a_group_column_beside_a_code_decides_who_carries_it() -> None:
    ledger = ledger_of(
        """
        Claim,DOS,Charge,Ins Paid,Adjustment,Group,Reason Code
        1,2026-01-05,100.00,60.00,40.00,CO,45
        2,2026-01-05,100.00,60.00,40.00,PR,45
        """
    )
    assert journal(ledger)[(v.PATIENT_SHARE, v.PATIENT_OTHER)] == 4000
    assert journal(ledger)[(v.WRITE_OFF, "contractual")] == 4000


@pytest.mark.parametrize("sign", ["", "-"])
def test_refunds_and_fees_among_the_adjustments_raise_what_is_owed_whatever_their_sign(
    sign: str,
) -> None:
    ledger = ledger_of(
        f"""
        Claim,DOS,Charge,Ins Paid,Adjustment,Reason
        1,2026-01-05,100.00,60.00,40.00,CO-45
        2,2026-01-05,100.00,110.00,{sign}10.00,Ins refund
        3,2026-01-05,100.00,100.00,{sign}35.00,NSF fee charge adj
        """
    )
    found = journal(ledger)
    assert found[(v.INSURER_PAYMENT, "refund")] == -1000


def test_a_write_off_of_a_patient_is_on_the_patients_side_though_nobody_says_why() -> None:
    ledger = ledger_of("Claim,DOS,Charge,Ins Paid,Pt Write Off\n1,2026-01-05,100.00,60.00,5.00")
    [row] = ledger.postings.query("entry == 'write_off'").to_dict("records")
    assert (row["category"], row["party"]) == (v.UNCLASSIFIED, v.PATIENT)


# --- what looks wrong is counted, and said --------------------------------------------------------

FLAGGED = {
    "paid_above_billed": "1,2026-01-05,100.00,120.00,0.00,0.00",
    "charge_zero_with_payment": "1,2026-01-05,0.00,20.00,0.00,0.00",
    "negative_write_off": "1,2026-01-05,100.00,80.00,50.00,-30.00",
}


@pytest.mark.parametrize(("kind", "row"), FLAGGED.items(), ids=FLAGGED)
def test_an_odd_row_is_counted_and_flagged(kind: str, row: str) -> None:
    head = "Claim,DOS,Charge,Ins Paid,Contractual,Write-off"
    text = f"{head}\n{row}\n2,2026-01-05,100.00,60.00,30.00,10.00"
    ledger = ledger_of(text)
    assert kind in kinds_of(ledger)
    assert held(ledger) == {}
    assert len(ledger.postings) > 4


def test_a_row_whose_parts_do_not_add_up_is_named_with_what_it_is_off() -> None:
    ledger = ledger_of(
        """
        Claim,DOS,Charge,Ins Paid,Adjustment,Pt Resp
        1,2026-01-05,200.00,120.00,50.00,20.00
        2,2026-01-06,150.00,100.00,40.00,10.00
        3,2026-01-07,100.00,70.00,30.00,0.00
        """
    )
    [problem] = [p for p in ledger.problems if p.kind == "parts_do_not_sum"]
    assert (problem.rows, problem.cents) == ((1,), (1000,))


def test_parts_that_add_up_on_hardly_any_row_question_the_mapping() -> None:
    ledger = ledger_of(
        """
        Claim,DOS,Charge,Ins Paid,Adjustment,Pt Resp
        1,2026-01-05,200.00,1.20,60.00,20.00
        2,2026-01-06,150.00,1.00,40.00,10.00
        3,2026-01-07,100.00,0.70,30.00,1.00
        """
    )
    assert "identity_broken_all_rows" in kinds_of(ledger)


@pytest.mark.parametrize(
    ("scaled", "words"),
    [
        (lambda paid: f"{paid}.00", None),
        (
            lambda paid: f"{paid / 100:.2f}",
            "Ins Paid is off on every row; are its amounts 100 times too small?",
        ),
        (
            lambda paid: f"{paid * 100}",
            "Ins Paid is off on every row; are its amounts 100 times too large?",
        ),
    ],
    ids=["in dollars", "in hundreds", "in cents"],
)
def test_a_column_in_another_unit_is_named_with_its_factor(scaled, words: str | None) -> None:
    ledger = ledger_of(
        f"""
        Claim,DOS,Charge,Ins Paid,Adjustment,Pt Resp,Balance
        1,2026-01-05,200.00,{scaled(120)},60.00,20.00,20.00
        2,2026-01-06,150.00,{scaled(100)},40.00,10.00,10.00
        3,2026-01-07,100.00,{scaled(69)},30.00,1.00,1.00
        """
    )
    found = [p for p in ledger.problems if p.kind == "identity_broken_all_rows"]
    if words is None:
        assert found == []
    else:
        [problem] = found
        assert words in problem.message
        assert (problem.column, problem.rows) == ("Ins Paid", (1, 2, 3))


def test_two_rows_are_too_few_to_speak_of_another_unit() -> None:
    ledger = ledger_of(
        """
        Claim,DOS,Charge,Ins Paid,Adjustment,Pt Resp
        1,2026-01-05,200.00,1.20,60.00,20.00
        2,2026-01-06,150.00,1.00,40.00,10.00
        """
    )
    assert not any("100 times" in p.message for p in ledger.problems)


@pytest.mark.parametrize(("total", "agrees"), [("300.00", True), ("301.00", False)])
def test_a_total_row_is_checked_against_its_rows(total: str, agrees: bool) -> None:
    ledger = ledger_of(
        f"""
        Claim,DOS,Charge,Ins Paid
        1,2026-01-05,200.00,120.00
        2,2026-01-06,100.00,60.00
        Total,,{total},180.00
        """
    )
    assert ("total_row_differs" not in kinds_of(ledger)) is agrees
    assert ledger.files[0].control == {"charge": total, "insurance_paid": "180.00"}


def test_subtotals_of_each_block_agree_with_their_own_block() -> None:
    ledger = ledger_of(
        """
        Claim,DOS,Charge,Ins Paid
        1,2026-01-05,200.00,120.00
        Subtotal,,200.00,120.00
        2,2026-01-06,100.00,60.00
        Subtotal,,100.00,60.00
        Grand Total,,300.00,180.00
        """
    )
    assert "total_row_differs" not in kinds_of(ledger)


# --- held: what cannot be read or attributed ------------------------------------------------------

HELD = {
    "amount_unreadable": ("1,2026-01-05,100.00,12.345", 10000),
    "charge_missing": ("1,2026-01-05,,60.00", 6000),
    "date_unreadable": ("1,2026-02-30,100.00,60.00", 10000),
    "id_damaged_by_excel": ("1.23457E+16,2026-01-05,100.00,60.00", 10000),
    "amount_implausible": ("1,2026-01-05,8000000000.00,60.00", 800000000000),
    "field_count": ("1,2026-01-05,100.00", 10000),
    "nul_byte": ("1\x00,2026-01-05,100.00,60.00", 10000),
}


@pytest.mark.parametrize(("kind", "bad"), HELD.items(), ids=HELD)
def test_a_row_that_cannot_be_used_is_held_with_its_dollars(
    kind: str, bad: tuple[str, int]
) -> None:
    row, cents = bad
    good = "\n".join(f"{i},2026-01-0{i},50.00,30.00" for i in range(5, 9))
    ledger = ledger_of(f"Claim,DOS,Charge,Ins Paid\n{row}\n{good}")
    assert held(ledger) == {1: cents}
    [problem] = [p for p in ledger.problems if p.held]
    assert (problem.kind, problem.rows, problem.cents) == (kind, (1,), (cents,))
    assert journal(ledger) == {(v.CHARGE, v.SERVICE): 20000, (v.INSURER_PAYMENT, ""): 12000}
    assert "line 2" in problem.message or "row 1" in problem.message


def test_a_row_is_held_once_for_its_first_reason() -> None:
    ledger = ledger_of("Claim,DOS,Charge,Ins Paid\n1,2026-02-30,x,y\n2,2026-01-05,50.00,30.00")
    assert [p.kind for p in ledger.problems if p.held] == ["amount_unreadable"]
    assert ledger.rows_held == 1


def test_a_blank_or_a_dash_in_a_money_cell_keeps_its_row() -> None:
    ledger = ledger_of(
        "Claim,DOS,Charge,Ins Paid\n1,2026-01-05,100.00,\n2,2026-01-05,50.00,-\n3,2026-01-05,,"
    )
    assert held(ledger) == {}
    assert journal(ledger) == {(v.CHARGE, v.SERVICE): 15000}


def test_an_exact_repeat_is_held_where_the_key_is_otherwise_unique() -> None:
    head = "Claim,Line,DOS,Charge,Ins Paid\n"
    rows = [
        "1,1,2026-01-05,100.00,60.00",
        "1,2,2026-01-05,50.00,30.00",
        "2,1,2026-01-05,70.00,30.00",
    ]
    again = ledger_of(head + "\n".join([*rows, rows[0]]))
    assert held(again) == {4: 10000}
    changed = ledger_of(head + "\n".join([*rows, rows[0].replace("60", "61")]))
    assert held(changed) == {}


def test_two_like_lines_are_two_units_where_the_file_has_no_line_key() -> None:
    rows = ["1,2026-01-05,99213,100.00,60.00"] * 2 + ["2,2026-01-05,99213,100.00,60.00"] * 2
    assert held(ledger_of("Claim,DOS,CPT,Charge,Ins Paid\n" + "\n".join(rows))) == {}


def repeated(text: str) -> dict[int, int]:
    """The rows listed as repeats that count, with their dollars."""
    found = [p for p in ledger_of(text).problems if p.kind == "repeated_rows"]
    return {row: c for p in found for row, c in zip(p.rows, p.cents, strict=True)}


def test_a_table_pasted_twice_is_counted_and_listed_with_its_dollars() -> None:
    head = "Claim,DOS,CPT,Charge,Ins Paid\n"
    rows = ["1,2026-01-05,99213,100.00,60.00", "1,2026-01-05,36415,15.00,9.00"]
    pasted = head + "\n".join([*rows, head.strip(), *rows])
    assert journal(ledger_of(pasted))[v.CHARGE, v.SERVICE] == 23000
    assert repeated(pasted) == {3: 10000, 4: 1500}


def test_rows_that_differ_in_any_cell_or_hold_no_money_are_not_listed_as_repeats() -> None:
    head = "Claim,DOS,CPT,Charge,Ins Paid,Note\n"
    rows = ["1,2026-01-05,99213,100.00,60.00,a", "1,2026-01-05,99213,100.00,60.00,b"]
    memo = ["1,2026-01-05,0001F,0.00,0.00,c"] * 2
    assert repeated(head + "\n".join([*rows, *memo])) == {}


def test_a_transaction_id_said_twice_is_held_once() -> None:
    ledger = ledger_of(
        """
        Txn ID,Claim,DOS,Type,Amount
        1,1,2026-01-05,Charge,100.00
        2,1,2026-01-05,Payment,60.00
        2,1,2026-01-05,Payment,60.00
        3,1,2026-01-05,Adjustment,40.00
        """
    )
    assert held(ledger) == {3: 6000}


# --- long ledgers ---------------------------------------------------------------------------------

LEDGER = """
    Claim,DOS,Post Date,Type,Reason,Amount
    1,2026-01-05,2026-01-05,Charge,,100.00
    1,2026-01-05,2026-02-05,Insurance Payment,,{p}60.00
    1,2026-01-05,2026-02-05,Adjustment,CO-45,{a}20.00
    1,2026-01-05,2026-03-05,Patient Payment,,{p}20.00
    2,2026-01-05,2026-01-05,Charge,,100.00
    2,2026-01-05,2026-02-05,Insurance Payment,,{p}110.00
    2,2026-01-05,2026-02-06,Insurance Refund,,{r}10.00
"""


@pytest.mark.parametrize("r", ["", "-"], ids=["refunds positive", "refunds negative"])
@pytest.mark.parametrize("a", ["", "-"], ids=["adjustments positive", "adjustments negative"])
@pytest.mark.parametrize("p", ["", "-"], ids=["payments positive", "payments negative"])
def test_whichever_way_a_file_writes_its_credits_the_journal_is_the_same(
    p: str, a: str, r: str
) -> None:
    found = journal(ledger_of(LEDGER.format(p=p, a=a, r=r)))
    assert found == {
        (v.CHARGE, v.SERVICE): 20000,
        (v.INSURER_PAYMENT, ""): 17000,
        (v.INSURER_PAYMENT, "refund"): -1000,
        (v.PATIENT_PAYMENT, ""): 2000,
        (v.WRITE_OFF, "contractual"): 2000,
    }


@pytest.mark.parametrize(
    ("columns", "cells", "entry"),
    [
        ("Payer Type", "Patient", v.PATIENT_PAYMENT),
        ("Payer Type", "Commercial", v.INSURER_PAYMENT),
        ("Payer Type", "0", v.PATIENT_PAYMENT),
        ("Payer Sequence", "P", v.PATIENT_PAYMENT),
        ("Payer Sequence", "1", v.INSURER_PAYMENT),
        ("Description", "Insurance check", v.INSURER_PAYMENT),
        ("Description", "Patient credit card", v.PATIENT_PAYMENT),
        ("Payment Method", "Copay", v.PATIENT_PAYMENT),
        ("Payment Method", "Check", v.PAYMENT),
    ],
)
def test_who_paid_is_told_by_what_stands_beside_the_payment(
    columns: str, cells: str, entry: str
) -> None:
    ledger = ledger_of(
        f"""
        Claim,DOS,Type,Amount,{columns}
        1,2026-01-05,Charge,100.00,
        1,2026-01-05,Payment,60.00,{cells}
        """
    )
    assert {e for e, _ in journal(ledger) if e in v.PAYMENTS} == {entry}


def test_a_payer_column_that_says_patient_on_some_rows_of_a_claim_names_who_paid() -> None:
    ledger = ledger_of(
        """
        Claim,DOS,Payer,Type,Amount
        1,2026-01-05,Aetna,Charge,100.00
        1,2026-01-05,Aetna,Payment,60.00
        1,2026-01-05,Patient,Payment,40.00
        """
    )
    found = journal(ledger)
    assert (found[(v.INSURER_PAYMENT, "")], found[(v.PATIENT_PAYMENT, "")]) == (6000, 4000)
    assert set(ledger.postings["payer"]) == {"Aetna"}


def test_a_type_that_says_nothing_holds_its_row_unless_something_beside_it_helps() -> None:
    text = """
        Claim,DOS,Type,Reason,Amount
        1,2026-01-05,Charge,,100.00
        1,2026-01-05,Zebra,,60.00
        1,2026-01-05,Misc,CO-45,40.00
        2,2026-01-05,Charge,,10.00
    """
    ledger = ledger_of(text)
    assert held(ledger) == {2: 6000}
    assert journal(ledger) == {(v.CHARGE, v.SERVICE): 11000, (v.WRITE_OFF, "contractual"): 4000}


def test_columns_of_their_own_carry_their_own_class() -> None:
    ledger = ledger_of(
        """
        Claim,DOS,Description,Charge,Payment,Adjustment
        1,2026-01-05,Office visit,100.00,,
        1,2026-02-05,Insurance check,,-60.00,
        1,2026-02-05,Contractual adjustment,,,-30.00
        1,2026-03-05,Patient check,,-10.00,
        """
    )
    assert journal(ledger) == {
        (v.CHARGE, v.SERVICE): 10000,
        (v.INSURER_PAYMENT, ""): 6000,
        (v.PATIENT_PAYMENT, ""): 1000,
        (v.WRITE_OFF, "contractual"): 3000,
    }


def test_a_refund_that_does_not_say_to_whom_comes_off_all_payments_and_is_said() -> None:
    ledger = ledger_of(
        """
        Claim,DOS,Type,Amount
        1,2026-01-05,Charge,100.00
        1,2026-01-05,Insurance Payment,110.00
        1,2026-01-05,Refund,10.00
        """
    )
    assert journal(ledger)[(v.PAYMENT, "refund")] == -1000
    assert "refund_party_unknown" in kinds_of(ledger)


def test_without_claim_numbers_a_payer_column_that_says_patient_names_who_paid() -> None:
    ledger = ledger_of(
        """
        MRN,DOS,Payer,Type,Amount
        P1,2026-01-05,Aetna,Charge,100.00
        P1,2026-01-05,Patient,Payment,40.00
        P1,2026-01-05,Aetna,Payment,60.00
        """
    )
    assert journal(ledger)[(v.PATIENT_PAYMENT, "")] == 4000


def test_a_share_whose_reason_is_none_is_another_share() -> None:
    ledger = ledger_of(
        """
        Claim,DOS,Type,Reason,Amount
        1,2026-01-05,Charge,,100.00
        1,2026-01-05,Patient Responsibility,CO-45,30.00
        1,2026-01-05,Patient Responsibility,Deductible,20.00
        1,2026-01-05,Coinsurance,,10.00
        1,2026-01-05,Copay,,5.00
        """
    )
    assert journal(ledger) == {
        (v.CHARGE, v.SERVICE): 10000,
        (v.PATIENT_SHARE, v.PATIENT_OTHER): 3000,
        (v.PATIENT_SHARE, v.DEDUCTIBLE): 2000,
        (v.PATIENT_SHARE, v.COINSURANCE): 1000,
        (v.PATIENT_SHARE, v.COPAY): 500,
    }


def test_a_note_on_every_row_changes_no_kind() -> None:
    rows = [
        f"{i},2026-01-05,{t},,note {i},10.00"
        for i, t in enumerate(["Charge", "Payment", "Charge"] * 50)
    ]
    found = journal(ledger_of("Claim,DOS,Type,Reason,Description,Amount\n" + "\n".join(rows)))
    assert found == {(v.CHARGE, v.SERVICE): 100000, (v.PAYMENT, ""): 50000}


def test_a_column_named_contractual_is_contractual_whatever_its_reason_column_says() -> None:
    ledger = ledger_of(
        "Claim,DOS,Charge,Ins Paid,Contractual,Reason\n1,2026-01-05,100.00,60.00,40.00,Zebra"
    )
    [row] = ledger.postings.query("entry == 'write_off'").to_dict("records")
    assert (row["category"], row["reason"]) == ("contractual", "Zebra")


def test_columns_of_insurer_and_patient_in_a_ledger_say_who_paid() -> None:
    ledger = ledger_of(
        """
        Claim,Date,Description,Charge,Insurance Paid,Patient Paid,Contractual
        1,2026-01-05,Office visit,100.00,,,
        1,2026-02-05,Posting,,60.00,,
        1,2026-02-05,Posting,,,,30.00
        1,2026-03-05,Posting,,,10.00,
        """
    )
    found = journal(ledger)
    assert ledger.files[0].shape == "ledger"
    assert (found[(v.INSURER_PAYMENT, "")], found[(v.PATIENT_PAYMENT, "")]) == (6000, 1000)
    assert found[(v.WRITE_OFF, "contractual")] == 3000


def test_memo_entries_move_no_balance() -> None:
    ledger = ledger_of(
        """
        Claim,DOS,Type,Reason,Amount
        1,2026-01-05,Charge,,100.00
        1,2026-01-05,Adjustment,PR-1,100.00
        1,2026-01-05,Transfer,,50.00
        1,2026-01-05,Transfer,,-50.00
        """
    )
    assert int(ledger.settled.open.sum()) == 10000


# --- what a source can say ------------------------------------------------------------------------

SAYS = {
    "charges alone": (
        "Claim,DOS,Charge",
        {"claims", "billed"},
        {"paid", "written_off", "all_paid"},
    ),
    "one side's payments": (
        "Claim,DOS,Charge,Ins Paid",
        {"paid", "insurer_paid"},
        {"all_paid", "patient_paid"},
    ),
    "both sides": (
        "Claim,DOS,Charge,Ins Paid,Pt Paid",
        {"insurer_paid", "patient_paid", "all_paid"},
        set(),
    ),
    "a total": ("Claim,DOS,Charge,Total Paid", {"all_paid"}, {"insurer_paid", "patient_paid"}),
    "shares": (
        "Claim,DOS,Charge,Copay",
        {"copay", "patient_responsibility"},
        {"deductible", "patient_other"},
    ),
    "a share total": ("Claim,DOS,Charge,Pt Resp", {"patient_other"}, {"copay"}),
    "patients": ("Claim,MRN,DOS,Charge", {"patients"}, set()),
}


@pytest.mark.parametrize(("head", "can", "cannot"), SAYS.values(), ids=SAYS)
def test_a_source_says_what_it_holds_and_no_more(
    head: str, can: set[str], cannot: set[str]
) -> None:
    names = head.split(",")
    cells = {"Claim": "1", "MRN": "P1", "DOS": "2026-01-05"}
    says = ledger_of(head + "\n" + ",".join(cells.get(n, "10.00") for n in names)).says
    assert can <= says
    assert not cannot & says


def test_a_long_ledger_without_shares_cannot_say_responsibility() -> None:
    says = ledger_of(LEDGER.format(p="", a="", r="")).says
    assert {"billed", "paid", "all_paid", "written_off", "insurer_paid"} <= says
    assert "patient_responsibility" not in says


def test_a_voided_row_counts_as_undone_and_is_noted() -> None:
    text = """Claim ID,DOS,Payer,CPT,Billed,Ins Paid,Pt Paid,Contractual Adj,Balance,Voided
1,2026-01-05,Aetna,99213,200.00,100.00,0.00,100.00,0.00,N
2,2026-01-05,Aetna,99213,150.00,0.00,0.00,0.00,150.00,Y
"""
    found = summary_of(text)
    assert found["totals"]["billed"] == "200.00"
    assert found["totals"]["open"] == "0.00"
    assert found["counts"]["claims"] == 1
    assert found["balanced"]
    assert "1 voided rows count as undone" in found["files"][0]["notes"]
