"""Two exports compared: which closed dollars changed, by how much, and why."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support import ledger_of, tidy

import writeoffs as wo
from writeoffs import summary as contract
from writeoffs.cli import main
from writeoffs.compare import CAUSES, Comparison, compare
from writeoffs.ledger import Ledger
from writeoffs.money import plain_dollars
from writeoffs.reading import read

SAMPLE = Path(__file__).resolve().parents[1] / "sample_data"
HEAD = "Claim,MRN,DOS,Post Date,Payer,Type,Reason,Amount"
# As of 31 March: January to March are closed. C1 is paid and adjusted, C2 is billed, C9 sets the day.
OLD = f"""{HEAD}
    C1,P1,2026-01-05,2026-01-06,Aetna,Charge,,100.00
    C1,P1,2026-01-05,2026-02-05,Aetna,Insurance Payment,,60.00
    C1,P1,2026-01-05,2026-02-05,Aetna,Adjustment,CO-45,15.00
    C1,P1,2026-01-05,2026-02-05,Aetna,Patient Responsibility,PR-3,25.00
    C2,P2,2026-02-10,2026-02-11,Cigna,Charge,,200.00
    C2,P2,2026-02-10,2026-02-11,Cigna,Patient Payment,,20.00
    C9,P9,2026-03-30,2026-03-31,Cigna,Charge,,9.00
"""


def rows_of(found: Comparison) -> list[tuple[Any, ...]]:
    """The changes as the JSON shows them."""
    return [tuple(row.values()) for row in contract.compared(found)["changed"]]


def compared(old: str, new: str) -> list[tuple[Any, ...]]:
    return rows_of(compare(ledger_of(old), ledger_of(new)))


# --- causes of a long ledger ----------------------------------------------------------------------

PAID = "2026-01-05,2026-02-05,Aetna,Insurance Payment,,60.00"
ADDED = {
    "posted after the day": (
        "C2,P2,2026-02-10,2026-04-01,Cigna,Insurance Payment,,150.00",
        ("C2", "2026-02", "insurer_payment", "0.00", "150.00", "late_posting"),
    ),
    "posted on the very day": (
        "C2,P2,2026-02-10,2026-03-31,Cigna,Insurance Payment,,150.00",
        ("C2", "2026-02", "insurer_payment", "0.00", "150.00", "back_dated"),
    ),
    "posted a second time with an old date": (
        "C1,P1,2026-01-05,2026-02-05,Aetna,Insurance Payment,,60.00",
        ("C1", "2026-01", "insurer_payment", "60.00", "120.00", "back_dated"),
    ),
    "taken back": (
        "C1,P1,2026-01-05,2026-04-02,Aetna,Insurance Payment,,-60.00",
        ("C1", "2026-01", "insurer_payment", "60.00", "0.00", "reversed"),
    ),
    "taken back with an old date": (
        "C1,P1,2026-01-05,2026-03-02,Aetna,Insurance Payment,,-10.00",
        ("C1", "2026-01", "insurer_payment", "60.00", "50.00", "reversed"),
    ),
    "the write-off reinstated": (
        "C1,P1,2026-01-05,2026-04-02,Aetna,Adjustment,CO-45,-15.00",
        ("C1", "2026-01", "write_off", "15.00", "0.00", "reversed"),
    ),
    "the charge undone": (
        "C2,P2,2026-02-10,2026-04-02,Cigna,Charge,,-200.00",
        ("C2", "2026-02", "charge", "200.00", "0.00", "void"),
    ),
    "part of the charge undone": (
        "C2,P2,2026-02-10,2026-04-02,Cigna,Charge,,-50.00",
        ("C2", "2026-02", "charge", "200.00", "150.00", "void"),
    ),
    "a claim that is new": (
        "C3,P3,2026-03-31,2026-03-31,Aetna,Charge,,70.00",
        ("C3", "2026-03", "charge", "0.00", "70.00", "new"),
    ),
    "a posting that nothing dates": (
        "C1,P1,2026-01-05,,Aetna,Insurance Payment,,5.00",
        ("C1", "2026-01", "insurer_payment", "60.00", "65.00", "changed"),
    ),
}


@pytest.mark.parametrize(("row", "expected"), ADDED.values(), ids=ADDED)
def test_a_row_that_old_does_not_have(row: str, expected: tuple[str, ...]) -> None:
    assert compared(OLD, f"{OLD}    {row}\n") == [expected]


REPLACED = {
    "another amount on the same day": (
        PAID,
        PAID.replace("60.00", "66.00"),
        [("C1", "2026-01", "insurer_payment", "60.00", "66.00", "changed")],
    ),
    "another day alone": (PAID, PAID.replace("2026-02-05", "2026-02-06"), []),
    "another payer alone": ("Aetna", "Aetna Better Health", []),
    "another reason, still a write-off": ("CO-45", "CO-29", []),
    "the payment is not there": (
        "    C1,P1," + PAID + "\n",
        "",
        [("C1", "2026-01", "insurer_payment", "60.00", "0.00", "gone")],
    ),
    "the claim is not there": (
        "C9,P9",
        "C8,P9",
        [
            ("C8", "2026-03", "charge", "0.00", "9.00", "new"),
            ("C9", "2026-03", "charge", "9.00", "0.00", "gone"),
        ],
    ),
}


@pytest.mark.parametrize(("was", "becomes", "expected"), REPLACED.values(), ids=REPLACED)
def test_a_row_that_is_another(was: str, becomes: str, expected: list[tuple[str, ...]]) -> None:
    assert was in OLD
    assert sorted(compared(OLD, OLD.replace(was, becomes))) == expected


def test_several_causes_of_one_figure_go_on_from_each_other() -> None:
    new = f"""{OLD}    C1,P1,2026-01-05,2026-04-02,Aetna,Insurance Payment,,-60.00
    C1,P1,2026-01-05,2026-04-02,Aetna,Insurance Payment,,72.50
    C1,P1,2026-01-05,2026-03-02,Aetna,Insurance Payment,,1.00
"""
    assert compared(OLD, new) == [
        ("C1", "2026-01", "insurer_payment", "0.00", "72.50", "late_posting"),
        ("C1", "2026-01", "insurer_payment", "60.00", "0.00", "reversed"),
        ("C1", "2026-01", "insurer_payment", "72.50", "73.50", "back_dated"),
    ]


def test_a_voided_claim_takes_all_its_money_along() -> None:
    new = f"""{OLD}    C1,P1,2026-01-05,2026-04-02,Aetna,Charge,,-100.00
    C1,P1,2026-01-05,2026-04-02,Aetna,Insurance Payment,,-60.00
    C1,P1,2026-01-05,2026-04-02,Aetna,Adjustment,CO-45,-15.00
    C1,P1,2026-01-05,2026-04-02,Aetna,Patient Responsibility,PR-3,-25.00
"""
    found = compared(OLD, new)
    assert [(row[2], row[5]) for row in found] == [
        ("charge", "void"),
        ("insurer_payment", "void"),
        ("patient_share", "void"),
        ("write_off", "void"),
    ]


def test_a_correction_that_ends_where_it_began_is_no_change() -> None:
    new = f"""{OLD}    C1,P1,2026-01-05,2026-04-02,Aetna,Insurance Payment,,-60.00
    C1,P1,2026-01-05,2026-04-03,Aetna,Insurance Payment,,60.00
"""
    assert compared(OLD, new) == []


def test_a_refund_of_who_knows_whom_is_compared_with_all_payments() -> None:
    """Once one side does not say who paid, the split cannot be compared; the sum can."""
    new = f"{OLD}    C1,P1,2026-01-05,2026-04-02,,Payment,,7.00\n"
    new = new.replace("Aetna,", ",").replace("Cigna,", ",")
    found = compare(ledger_of(OLD), ledger_of(new))
    assert rows_of(found) == [("C1", "2026-01", "payment", "60.00", "67.00", "late_posting")]
    assert found.not_compared == ()


def test_what_only_one_file_can_say_is_named_and_not_called_a_change() -> None:
    old = """
        Claim,Line,DOS,Post Date,Charge,Insurance Paid
        1,1,2026-01-05,2026-02-05,100.00,60.00
        2,1,2026-01-05,2026-02-28,80.00,20.00
    """
    new = """
        Claim,Line,DOS,Post Date,Charge,Insurance Paid,Patient Paid,Copay
        1,1,2026-01-05,2026-02-05,100.00,60.00,10.00,10.00
        2,1,2026-01-05,2026-02-28,80.00,20.00,5.00,5.00
    """
    found = compare(ledger_of(old), ledger_of(new))
    assert rows_of(found) == []
    assert found.not_compared == ("patient_payment", "patient_share")
    assert not found.same, "that nothing changed cannot be said"


# --- causes of a wide export, where a row is a line at a time -------------------------------------

WIDE = "Claim,Line,DOS,Post Date,Charge,Ins Paid,Pt Paid,Contractual\n"
BEFORE = f"""{WIDE}
    C1,1,2026-01-05,2026-02-01,100.00,60.00,0.00,25.00
    C1,2,2026-01-05,2026-02-01,50.00,30.00,0.00,10.00
    C2,1,2026-02-05,,80.00,0.00,0.00,0.00
    C9,1,2026-03-30,2026-03-31,9.00,0.00,0.00,0.00
"""
SNAPSHOTS = {
    "paid since": (
        "C2,1,2026-02-05,,80.00,0.00,",
        "C2,1,2026-02-05,2026-04-10,80.00,50.00,",
        [("C2", "2026-02", "insurer_payment", "0.00", "50.00", "late_posting")],
    ),
    "paid since, with an old date": (
        "C2,1,2026-02-05,,80.00,0.00,",
        "C2,1,2026-02-05,2026-03-10,80.00,50.00,",
        [("C2", "2026-02", "insurer_payment", "0.00", "50.00", "back_dated")],
    ),
    "another amount, the date as it was": (
        "C1,1,2026-01-05,2026-02-01,100.00,60.00,",
        "C1,1,2026-01-05,2026-02-01,100.00,65.00,",
        [("C1", "2026-01", "insurer_payment", "90.00", "95.00", "changed")],
    ),
    "a first amount, the date as it was": (
        "C1,1,2026-01-05,2026-02-01,100.00,60.00,0.00,",
        "C1,1,2026-01-05,2026-02-01,100.00,60.00,15.00,",
        [("C1", "2026-01", "patient_payment", "0.00", "15.00", "changed")],
    ),
    "no date on either": (
        "C2,1,2026-02-05,,80.00,0.00,",
        "C2,1,2026-02-05,,80.00,50.00,",
        [("C2", "2026-02", "insurer_payment", "0.00", "50.00", "changed")],
    ),
    "only the date": ("60.00,0.00,25.00", "60.00,0.00,25.00", []),
    "the payment fell to nothing": (
        "C1,2,2026-01-05,2026-02-01,50.00,30.00,",
        "C1,2,2026-01-05,2026-04-01,50.00,0.00,",
        [("C1", "2026-01", "insurer_payment", "90.00", "60.00", "reversed")],
    ),
    "the charge fell to nothing": (
        "C1,2,2026-01-05,2026-02-01,50.00,30.00,0.00,10.00",
        "C1,2,2026-01-05,2026-04-01,0.00,0.00,0.00,0.00",
        [
            ("C1", "2026-01", "charge", "150.00", "100.00", "void"),
            ("C1", "2026-01", "insurer_payment", "90.00", "60.00", "reversed"),
            ("C1", "2026-01", "write_off", "35.00", "25.00", "reversed"),
        ],
    ),
    "a line that is not there": (
        "C1,2,2026-01-05,2026-02-01,50.00,30.00,0.00,10.00",
        "",
        [
            ("C1", "2026-01", "charge", "150.00", "100.00", "gone"),
            ("C1", "2026-01", "insurer_payment", "90.00", "60.00", "gone"),
            ("C1", "2026-01", "write_off", "35.00", "25.00", "gone"),
        ],
    ),
    "a line that was not there": (
        "C2,1",
        "C2,2,2026-02-05,2026-04-02,7.00,0.00,0.00,0.00\nC2,1",
        [("C2", "2026-02", "charge", "80.00", "87.00", "late_posting")],
    ),
    "a row of minuses": (
        "C2,1",
        "C1,1,2026-01-05,2026-04-02,-100.00,-60.00,0.00,-25.00\nC2,1",
        [
            ("C1", "2026-01", "charge", "150.00", "50.00", "void"),
            ("C1", "2026-01", "insurer_payment", "90.00", "30.00", "reversed"),
            ("C1", "2026-01", "write_off", "35.00", "10.00", "reversed"),
        ],
    ),
}


@pytest.mark.parametrize(("was", "becomes", "expected"), SNAPSHOTS.values(), ids=SNAPSHOTS)
def test_a_line_at_another_time(was: str, becomes: str, expected: list[tuple[str, ...]]) -> None:
    assert was in BEFORE
    assert compared(BEFORE, BEFORE.replace(was, becomes)) == expected


@pytest.mark.parametrize("paid", [1, 2])
def test_of_two_lines_alike_the_one_that_changed_is_the_one(paid: int) -> None:
    rows = [f"C1,{n},2026-01-05,2026-02-01,100.00,60.00,0.00,0.00" for n in (1, 2)]
    end = "C9,1,2026-03-30,2026-03-31,9.00,0.00,0.00,0.00"
    later = [*rows, end]
    later[paid - 1] = f"C1,{paid},2026-01-05,2026-04-01,100.00,61.00,0.00,0.00"
    old, new = ("\n".join([WIDE.strip(), *lines]) for lines in ([*rows, end], later))
    assert compared(old, new) == [
        ("C1", "2026-01", "insurer_payment", "120.00", "121.00", "late_posting")
    ]


def test_a_whole_new_posting_date_is_no_change_by_itself() -> None:
    assert compared(BEFORE, BEFORE.replace("2026-02-01", "2026-04-01")) == []


def test_a_row_marked_void_is_void_and_the_rest_of_its_claim_stays() -> None:
    head, *lines = [line.strip() for line in BEFORE.splitlines() if line.strip()]
    old = "\n".join([f"{head},Void", *(f"{line},N" for line in lines)])
    new = old.replace("30.00,0.00,10.00,N", "30.00,0.00,10.00,Y")
    found = compared(old, new)
    assert [(row[2], row[3], row[4], row[5]) for row in found] == [
        ("charge", "150.00", "100.00", "void"),
        ("insurer_payment", "90.00", "60.00", "void"),
        ("write_off", "35.00", "25.00", "void"),
    ]


def test_the_sample_practice_is_the_same_in_both_shapes() -> None:
    """A wide row and the postings of a ledger are the same money, claim by claim."""
    lines, postings = (read(SAMPLE / f"practice_{n}.csv") for n in ("lines", "ledger"))
    for found in (compare(lines, postings), compare(postings, lines)):
        assert found.same and found.open_from is not None
        assert found.entries["old"].tolist() == found.entries["new"].tolist()


# --- which months are closed ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("as_of", "closed"),
    [
        (date(2026, 3, 31), ["2026-01", "2026-02", "2026-03"]),
        (date(2026, 3, 30), ["2026-01", "2026-02"]),
        (date(2026, 3, 1), ["2026-01", "2026-02"]),
        (date(2026, 2, 28), ["2026-01", "2026-02"]),
        (date(2026, 1, 30), []),
    ],
)
def test_a_month_is_closed_from_its_last_day_on(as_of: date, closed: list[str]) -> None:
    text = (
        HEAD
        + "\n"
        + "".join(
            f"C{m},P1,2026-{m:02d}-05,2026-{m:02d}-05,Aetna,Charge,,1.00\n" for m in range(1, 6)
        )
    )
    old = ledger_of(text).at(as_of)
    found = compare(old, ledger_of(text.replace(",1.00", ",2.00")))
    assert sorted({row[1] for row in rows_of(found)}) == closed
    told = contract.compared(found)["totals"]
    assert told["old_as_of"] == as_of.isoformat()
    assert told["closed_through"] == (closed[-1] if closed else "2025-12")


def test_money_without_a_service_date_goes_by_when_its_claim_was_first_posted() -> None:
    head = "Claim,DOS,Post Date,Type,Amount\n"
    dated = "C9,2026-03-30,2026-03-30,Charge,9.00\n"
    early = "C1,,2026-01-06,Charge,100.00\n"
    late = "C1,,2026-04-02,Insurance Payment,60.00\n"
    young = "C2,,2026-03-06,Charge,50.00\nC2,,2026-03-07,Insurance Payment,10.00\n"
    old = head + dated + early + young
    new = head + dated + early + late + young.replace("10.00", "11.00")
    assert compared(old, new) == [("C1", None, "insurer_payment", "0.00", "60.00", "late_posting")]


def test_where_nothing_is_dated_everything_is_compared() -> None:
    old, new = "Claim,Charge\n1,10.00\n2,5.00", "Claim,Charge\n1,10.00\n2,6.00"
    found = compare(ledger_of(old), ledger_of(new))
    assert found.open_from is None
    assert rows_of(found) == [("2", None, "charge", "5.00", "6.00", "changed")]
    assert contract.compared(found)["totals"]["closed_through"] is None


def test_money_on_no_claim_is_compared_by_month() -> None:
    head = "DOS,Post Date,Payer,Type,Amount\n"
    old = head + "2026-01-05,2026-01-05,Aetna,Charge,10.00\n2026-02-28,2026-02-28,Aetna,Charge,5.00"
    new = old + "\n2026-01-05,2026-03-05,Aetna,Insurance Payment,4.00"
    found = compare(ledger_of(old), ledger_of(new))
    assert rows_of(found) == [(None, "2026-01", "insurer_payment", "0.00", "4.00", "late_posting")]
    assert found.claims[""] == 0


# --- which claim is which -------------------------------------------------------------------------


def test_a_number_used_twice_is_matched_by_its_date() -> None:
    head = "Claim,MRN,DOS,Post Date,Type,Amount\n"
    first = "7,P1,2026-01-05,2026-01-06,Charge,100.00\n"
    second = "7,P1,2026-02-05,2026-02-06,Charge,100.00\n"
    end = "8,P1,2026-03-31,2026-03-31,Charge,1.00\n"
    assert compared(head + first + end, head + first + second + end) == [
        ("7", "2026-02", "charge", "0.00", "100.00", "new")
    ]
    assert compared(head + first + second + end, head + second + end) == [
        ("7", "2026-01", "charge", "100.00", "0.00", "gone")
    ]


def test_a_number_used_twice_on_one_day_is_matched_by_its_patient() -> None:
    head = "Claim,MRN,DOS,Post Date,Type,Amount\n"
    first = "7,P1,2026-01-05,2026-01-06,Charge,100.00\n"
    second = "7,P2,2026-01-05,2026-01-06,Charge,30.00\n"
    end = "8,P1,2026-03-31,2026-03-31,Charge,1.00\n"
    assert compared(head + first + second + end, head + second + end) == [
        ("7", "2026-01", "charge", "100.00", "0.00", "gone")
    ]


def test_visits_without_a_number_are_matched_by_patient_and_day() -> None:
    head = "MRN,DOS,Post Date,Type,Amount\n"
    visits = "P1,2026-01-05,2026-01-06,Charge,100.00\nP2,2026-01-05,2026-03-31,Charge,40.00\n"
    assert compared(head + visits, head + visits.replace("P2", "P3")) == [
        (None, "2026-01", "charge", "0.00", "40.00", "new"),
        (None, "2026-01", "charge", "40.00", "0.00", "gone"),
    ]


def test_a_claim_whose_service_date_was_corrected_moves_between_months() -> None:
    new = OLD.replace("C9,P9,2026-03-30", "C9,P9,2026-02-27")
    assert sorted(compared(OLD, new)) == [
        ("C9", "2026-02", "charge", "0.00", "9.00", "back_dated"),
        ("C9", "2026-03", "charge", "9.00", "0.00", "gone"),
    ]


# --- totals, the frame, the command line ----------------------------------------------------------

NEW = f"""{OLD}    C2,P2,2026-02-10,2026-04-01,Cigna,Insurance Payment,,150.00
    C1,P1,2026-01-05,2026-04-02,Aetna,Insurance Payment,,-10.00
    C3,P3,2026-03-31,2026-03-31,Aetna,Charge,,70.00
    C4,P3,2026-04-02,2026-04-02,Aetna,Charge,,999.00
"""


def test_totals_say_what_closed_months_came_to_and_why() -> None:
    assert contract.compared(compare(ledger_of(OLD), ledger_of(NEW)))["totals"] == {
        "old_as_of": "2026-03-31",
        "new_as_of": "2026-04-02",
        "closed_through": "2026-03",
        "claims": 3,
        "entries": {
            "charge": {"old": "309.00", "new": "379.00", "change": "70.00"},
            "insurer_payment": {"old": "60.00", "new": "200.00", "change": "140.00"},
            "patient_payment": {"old": "20.00", "new": "20.00", "change": "0.00"},
            "write_off": {"old": "15.00", "new": "15.00", "change": "0.00"},
            "patient_share": {"old": "25.00", "new": "25.00", "change": "0.00"},
        },
        "causes": {
            "late_posting": {"claims": 1, "change": {"insurer_payment": "150.00"}},
            "new": {"claims": 1, "change": {"charge": "70.00"}},
            "reversed": {"claims": 1, "change": {"insurer_payment": "-10.00"}},
        },
        "not_compared": [],
    }


def test_the_frame_is_tidy_and_the_largest_change_stands_first() -> None:
    found = wo.compare(ledger_of(OLD), ledger_of(NEW))
    assert list(found.columns) == ["claim", "month", "entry", "old", "new", "change", "cause"]
    assert found["change"].tolist() == [150_00, 70_00, -10_00]
    assert str(found["month"].dtype) == "period[M]"
    assert str(found["old"].dtype) == "int64"
    assert wo.compare(ledger_of(OLD), ledger_of(OLD)).empty


@pytest.mark.parametrize(
    ("old", "new", "code"), [(OLD, OLD, 0), (OLD, NEW, 1), (OLD, "Claim\n1", 2)]
)
def test_exit_says_whether_a_closed_month_changed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, code: int
) -> None:
    for name, text in (("old.csv", old), ("new.csv", new)):
        (tmp_path / name).write_bytes(tidy(text))
    args = ["compare", str(tmp_path / "old.csv"), str(tmp_path / "new.csv")]
    assert main([*args, "--json"]) == code
    out, err = capsys.readouterr()
    if code == 2:
        assert out == "" and err.count("\n") == 1 and "new.csv" in err
        return
    told = json.loads(out)
    assert list(told) == ["changed", "totals"]
    assert (len(told["changed"]) > 0) is (code == 1)
    for row in told["changed"]:
        assert list(row) == ["claim", "month", "entry", "old", "new", "cause"]
    assert main(args) == code
    assert "closed_through" in capsys.readouterr().out


def test_the_day_old_was_made_can_be_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing was posted on the last day of March; the person knows that March was over."""
    old = OLD.replace("2026-03-31,Cigna,Charge,,9.00", "2026-03-30,Cigna,Charge,,9.00")
    new = old.replace(",,9.00", ",,8.00")
    for folder, text in (("old", old), ("new", new)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "export.csv").write_bytes(tidy(text))
    args = ["compare", str(tmp_path / "old"), str(tmp_path / "new"), "--json"]
    assert main(args) == 0
    assert main([*args, "--as-of", "2026-03-31"]) == 1


# --- whatever the files ---------------------------------------------------------------------------

TYPES = ("Charge", "Insurance Payment", "Patient Payment", "Adjustment", "Patient Responsibility")
DAYS = ("2026-01-05", "2026-01-31", "2026-02-10", "2026-03-31", "2026-04-15", "2026-05-02")
amounts = st.integers(-500, 900).filter(bool).map(plain_dollars)
movement = st.tuples(
    st.sampled_from(["C1", "C2", "C3", ""]),
    st.sampled_from(["", "1", "2"]),
    st.sampled_from([*DAYS[:5], ""]),
    st.sampled_from([*DAYS, ""]),
    st.sampled_from(TYPES),
    amounts,
    st.sampled_from(["old", "new", "both", "both"]),
    st.one_of(st.none(), amounts),
)
line = st.tuples(
    st.sampled_from(["C1", "C2", "C3"]),
    st.sampled_from(["1", "2", "3"]),
    st.sampled_from(DAYS[:5]),
    st.sampled_from([*DAYS, ""]),
    st.lists(st.integers(0, 900), min_size=4, max_size=4),
    st.sampled_from(["old", "new", "both", "both"]),
    st.lists(st.integers(-200, 900), min_size=4, max_size=4),
)
# So many that either side can say every entry, knows its day, and writes charges as pluses.
ANCHORS = tuple(f"A{i}" for i in range(9))


def ledgers(movements: list[tuple[Any, ...]]) -> tuple[Ledger, Ledger]:
    """The same movements in two files: some in one alone, some with another amount."""
    head = "Claim,Line,DOS,Post Date,Type,Reason,Amount"
    texts = {"old": [head], "new": [head]}
    for side, rows in texts.items():
        reason = {"Adjustment": "CO-45", "Patient Responsibility": "PR-1"}
        for claim in ANCHORS:
            rows += [f"{claim},,2026-01-05,2026-03-15,{t},{reason.get(t, '')},5.00" for t in TYPES]
        for claim, number, dos, post, kind, amount, where, other in movements:
            if where in (side, "both"):
                cents = other if side == "new" and other is not None else amount
                rows.append(f"{claim},{number},{dos},{post},{kind},{reason.get(kind, '')},{cents}")
    return ledger_of("\n".join(texts["old"])), ledger_of("\n".join(texts["new"]))


def exports(lines: list[tuple[Any, ...]]) -> tuple[Ledger, Ledger]:
    """The same lines in two wide files, a later state in the second."""
    texts: dict[str, list[str]] = {"old": [WIDE.strip()], "new": [WIDE.strip()]}
    for side, rows in texts.items():
        rows += [f"{c},1,2026-01-05,2026-03-15,20.00,5.00,5.00,10.00" for c in ANCHORS]
        for claim, number, dos, post, cents, where, more in lines:
            if where in (side, "both"):
                now = [c + m for c, m in zip(cents, more, strict=True)]
                money = ",".join(plain_dollars(c) for c in (cents if side == "old" else now))
                rows.append(f"{claim},{number},{dos},{post},{money}")
    return ledger_of("\n".join(texts["old"])), ledger_of("\n".join(texts["new"]))


two_files = st.one_of(
    st.lists(movement, max_size=8).map(ledgers), st.lists(line, max_size=6).map(exports)
)
few = settings(
    max_examples=max(40, settings.default.max_examples // 3),
    suppress_health_check=[HealthCheck.too_slow],
)


def sums(ledger: Ledger, closed: str) -> pd.Series:
    """Cents by service month and entry of the months that had ended by a day: an own way to add."""
    journal = ledger.postings
    month = journal["service_date"].dt.strftime("%Y-%m")
    ended = (journal["service_date"] + pd.offsets.MonthEnd(0)) <= pd.Timestamp(closed)
    keys = [month[ended], journal["entry"][ended].astype(str)]
    return journal["amount"][ended].groupby(keys).sum()


@few
@given(two_files)
def test_the_rows_add_up_to_the_whole_change_to_the_cent(files: tuple[Ledger, Ledger]) -> None:
    old, new = files
    found = wo.compare(old, new)
    whole = sums(new, str(old.as_of)).sub(sums(old, str(old.as_of)), fill_value=0)
    dated = found[found["month"].notna()]
    told = dated["change"].groupby([dated["month"].astype(str), dated["entry"].astype(str)]).sum()
    assert told[told != 0].to_dict() == whole[whole != 0].to_dict()
    assert compare(old, new).not_compared == ()


@few
@given(two_files)
def test_causes_are_named_and_totals_are_the_sum_of_their_rows(
    files: tuple[Ledger, Ledger],
) -> None:
    found = compare(*files)
    changes = found.changes
    assert set(changes["cause"]) <= set(CAUSES)
    assert (changes["old"] != changes["new"]).all()
    assert not changes["claim"].isin(ANCHORS).any(), "what stands alike in both is no change"
    moved = (changes["new"] - changes["old"]).groupby(changes["entry"]).sum()
    told = found.entries.set_index("entry")["change"]
    assert told[told != 0].to_dict() == moved[moved != 0].to_dict()


@few
@given(st.lists(line, max_size=6))
def test_the_order_of_rows_is_no_change(lines: list[tuple[Any, ...]]) -> None:
    for ledger, backwards in zip(exports(lines), exports(lines[::-1]), strict=True):
        assert compare(ledger, backwards).same


@pytest.mark.slow
def test_a_large_practice_is_compared_claim_by_claim() -> None:
    n = 200_000
    number = pd.Series(range(n))
    base = pd.DataFrame(
        {
            "Claim": (number // 2).map("C{:07d}".format),
            "Line": (number % 2 + 1).astype(str),
            "DOS": (pd.Timestamp("2025-01-01") + pd.to_timedelta(number % 360, "D")).astype(str),
            "Post Date": "2026-02-28",
            "Charge": "100.00",
            "Ins Paid": "60.00",
            "Contractual": "25.00",
        }
    )
    later = base.copy()
    later.loc[number % 100 == 0, ["Ins Paid", "Post Date"]] = ["61.00", "2026-03-05"]
    found = compare(read(base), read(later))
    assert len(found.changes) == found.claims["late_posting"] == n // 100
    assert (found.changes["new"] - found.changes["old"]).sum() == n // 100 * 1_00
