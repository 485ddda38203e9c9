"""Ledgers: adding files, the same rows again, the day of the books, what files say together."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from support import differences, kinds_of, ledger_of, summary_of, tidy

from writeoffs.ledger import Ledger, combined_says
from writeoffs.reading import read

CHARGES = """
    Claim,MRN,DOS,Post Date,Payer,Type,Reason,Amount
    C1,P1,2026-01-05,2026-01-06,Aetna,Charge,,100.00
    C2,P2,2026-01-05,2026-01-06,Cigna,Charge,,200.00
"""
MONEY = """
    Claim,MRN,DOS,Post Date,Payer,Type,Reason,Amount
    C1,P1,2026-01-05,2026-02-05,Aetna,Insurance Payment,,60.00
    C1,P1,2026-01-05,2026-02-05,Aetna,Adjustment,CO-45,40.00
    C2,P2,2026-01-05,2026-03-05,Cigna,Insurance Payment,,150.00
"""


def cents(ledger: Ledger) -> dict[str, int]:
    return ledger.reconciliation.set_index("part")["cents"].dropna().astype(int).to_dict()


def test_two_files_are_one_practice() -> None:
    ledger = ledger_of(CHARGES, MONEY)
    assert [f.name for f in ledger.files] == ["file1.csv", "file2.csv"]
    assert cents(ledger)["open"] == 300_00 - 250_00
    assert ledger.settled.claims == 2
    assert ledger.rows_read == 5


def test_adding_ledgers_is_reading_their_files_together() -> None:
    added = ledger_of(CHARGES) + read(("file2.csv", tidy(MONEY)))
    assert cents(added) == cents(ledger_of(CHARGES, MONEY))


def test_the_order_of_files_changes_no_figure() -> None:
    assert cents(ledger_of(MONEY, CHARGES)) == cents(ledger_of(CHARGES, MONEY))


def test_the_same_file_again_is_counted_once_whatever_its_name() -> None:
    once = ledger_of(CHARGES)
    again = once + read(("another name.csv", tidy(CHARGES)))
    assert cents(again) == cents(once)
    assert again.rows_read == 2
    [problem] = [p for p in again.problems if p.kind == "already_loaded"]
    assert problem.file == "another name.csv"


HEAD = "Txn ID,Claim,DOS,Post Date,Type,Amount"
JANUARY = (
    HEAD
    + """
    1,C1,2026-01-05,2026-01-06,Charge,100.00
    2,C1,2026-01-05,2026-01-20,Insurance Payment,60.00
    3,C1,2026-01-05,2026-01-20,Patient Payment,10.00
"""
)
OVERLAP = (
    HEAD
    + """
    3,C1,2026-01-05,2026-01-20,Patient Payment,10.00
    4,C1,2026-01-05,2026-01-20,Patient Payment,10.00
    2,C1,2026-01-05,2026-01-20,Insurance Payment,60.00
    5,C1,2026-01-05,2026-02-20,Patient Payment,20.00
"""
)


def test_a_transaction_in_two_overlapping_files_is_counted_once() -> None:
    ledger = ledger_of(JANUARY, OVERLAP)
    assert cents(ledger)["paid"] == 60_00 + 10_00 + 10_00 + 20_00
    [problem] = [p for p in ledger.problems if p.kind == "already_loaded"]
    assert (problem.file, problem.rows) == ("file2.csv", (1, 3))
    assert cents(ledger_of(OVERLAP, JANUARY)) == cents(ledger)
    assert cents(ledger_of(JANUARY, OVERLAP, JANUARY.replace("1,C1", "9,C1"))) == {
        **cents(ledger),
        "billed": 200_00,
        "open": 100_00,
    }


@pytest.mark.parametrize(
    ("here", "there", "counted"), [(1, 1, 1), (2, 1, 2), (1, 3, 3), (2, 2, 2), (0, 2, 2)]
)
def test_rows_without_numbers_count_as_often_as_the_file_that_has_most_of_them(
    here: int, there: int, counted: int
) -> None:
    def file(copays: int, note: str) -> str:
        rows = [f"C1,2026-01-05,2026-01-06,Charge,100.00\n{note},2026-01-05,2026-01-06,Charge,1.00"]
        rows += ["C1,2026-01-05,2026-01-06,Patient Payment,25.00"] * copays
        return "\n".join(["Claim,DOS,Post Date,Type,Amount", *rows])

    ledger = ledger_of(file(here, "C8"), file(there, "C9"))
    assert cents(ledger)["billed"] == 102_00
    assert cents(ledger)["paid"] == counted * 25_00


SNAPSHOT = "Claim,Line,DOS,Post Date,Charge,Insurance Paid\n"
JUNE = SNAPSHOT + "C1,1,2026-05-05,2026-06-01,100.00,0.00\nC2,1,2026-05-06,2026-06-02,50.00,30.00"
JULY = SNAPSHOT + "C1,1,2026-05-05,2026-07-01,100.00,60.00\nC2,1,2026-05-06,2026-06-02,50.00,30.00"


@pytest.mark.parametrize("files", [(JUNE, JULY), (JULY, JUNE)], ids=["in order", "backwards"])
def test_of_a_line_in_two_wide_exports_the_latest_state_counts(files: tuple[str, str]) -> None:
    ledger = ledger_of(*files)
    assert cents(ledger)["billed"] == 150_00
    assert cents(ledger)["insurer_paid"] == 90_00
    said = [(p.file, p.rows) for p in ledger.problems if p.kind == "already_loaded"]
    june = "file1.csv" if files[0] is JUNE else "file2.csv"
    assert (june, (1,)) in said


def test_a_reversal_in_another_wide_file_is_no_older_state() -> None:
    one = SNAPSHOT + "C1,1,2026-05-05,2026-06-01,100.00,60.00"
    two = SNAPSHOT + "C1,1,2026-05-05,2026-07-01,-100.00,-60.00"
    three = SNAPSHOT + "C1,1,2026-05-05,2026-07-02,100.00,70.00"
    for files in ((one, two, three), (two, one, three)):
        assert cents(ledger_of(*files))["insurer_paid"] == 70_00


def test_lines_that_no_number_tells_apart_all_count() -> None:
    head = "Claim,DOS,CPT,Charge,Insurance Paid\n"
    one, two = head + "C1,2026-05-05,99213,100.00,60.00", head + "C1,2026-05-05,99213,90.00,50.00"
    assert cents(ledger_of(one, two))["billed"] == 190_00


@pytest.mark.parametrize(
    "changed",
    [
        "C1,2026-01-05,Aetna,Charge,100.01",
        "C1,2026-01-06,Aetna,Charge,100.00",
        "C1,2026-01-05,,Charge,100.00",
        "C1,2026-01-05,Aetna,Late fee,100.00",
    ],
    ids=["a cent", "a day", "the payer", "the type"],
)
def test_a_row_that_differs_in_anything_is_another_row(changed: str) -> None:
    head = "Claim,DOS,Payer,Type,Amount\n"
    one, two = head + "C1,2026-01-05,Aetna,Charge,100.00", head + changed
    owed = [cents(x)["billed"] + cents(x)["other_debits"] for x in map(ledger_of, (one, two))]
    both = cents(ledger_of(one, two))
    assert both["billed"] + both["other_debits"] == sum(owed)


def test_a_folder_and_a_path_and_bytes_and_a_frame_are_read_alike(tmp_path) -> None:
    (tmp_path / "a.csv").write_bytes(tidy(CHARGES))
    (tmp_path / "b.csv").write_bytes(tidy(MONEY))
    (tmp_path / "notes.md").write_text("not an export")
    frame = pd.read_csv(tmp_path / "a.csv", dtype=str, keep_default_na=False)
    expected = cents(ledger_of(CHARGES, MONEY))
    assert cents(read(tmp_path)) == expected
    assert cents(read([tmp_path / "a.csv", str(tmp_path / "b.csv")])) == expected
    assert cents(read([frame, tmp_path / "b.csv"])) == expected


def test_a_frame_of_numbers_and_dates_is_read_like_its_text() -> None:
    frame = pd.DataFrame(
        {
            "Claim": ["1", "2"],
            "DOS": pd.to_datetime(["2026-01-05", None]),
            "Charge": [100.0, 50],
            "Insurance Paid": [60, None],
            "Payer": ["Aetna", None],
        }
    )
    ledger = read(frame)
    assert cents(ledger)["billed"] == 150_00
    assert cents(ledger)["insurer_paid"] == 60_00
    assert ledger.postings["service_date"].notna().tolist() == [True, False, True]


# --- the day of the books -------------------------------------------------------------------------


def test_the_books_are_read_as_of_the_latest_posting_date() -> None:
    ledger = ledger_of(CHARGES, MONEY)
    assert ledger.as_of == date(2026, 3, 5)
    assert ledger.span == {
        "service_from": date(2026, 1, 5),
        "service_to": date(2026, 1, 5),
        "post_from": date(2026, 1, 6),
        "post_to": date(2026, 3, 5),
    }


def test_an_earlier_day_leaves_later_postings_out() -> None:
    ledger = ledger_of(CHARGES, MONEY)
    then = ledger.at(date(2026, 2, 10))
    assert then.as_of == date(2026, 2, 10)
    assert cents(then)["open"] == 200_00
    assert cents(ledger)["open"] == 50_00, "the ledger itself stays as it was"
    assert cents(ledger.at(date(2026, 1, 1)))["billed"] == 0


def test_a_later_day_changes_the_date_alone() -> None:
    ledger = ledger_of(CHARGES, MONEY)
    assert cents(ledger.at(date(2030, 1, 1))) == cents(ledger)
    assert ledger.at(date(2030, 1, 1)).as_of == date(2030, 1, 1)


def test_stated_balances_are_of_their_own_day_and_an_earlier_one_computes() -> None:
    text = """
        Claim,DOS,Post Date,Charge,Insurance Paid,Balance
        1,2026-01-05,2026-02-05,100.00,60.00,40.00
        2,2026-01-05,2026-03-05,100.00,60.00,0.00
    """
    ledger = ledger_of(text)
    assert cents(ledger)["unexplained"] == 40_00
    assert cents(ledger.at(date(2026, 2, 10)))["unexplained"] == 0


def test_a_month_is_young_until_ninety_days_after_its_end() -> None:
    ledger = ledger_of(CHARGES, MONEY)
    # 90 days before 5 March 2026 is 5 December 2025: December is the first young month.
    assert ledger.first_young_month() == 2025 * 12 + 11
    assert ledger_of("Claim,Charge\n1,10.00\n2,5.00").first_young_month() is None


# --- what files can say together ------------------------------------------------------------------

SPLIT = frozenset({"billed", "paid", "insurer_paid", "patient_paid", "all_paid"})
ONE_SIDE = frozenset({"billed", "paid", "insurer_paid"})
UNSPLIT = frozenset({"billed", "paid", "all_paid"})
CHARGES_ONLY = frozenset({"billed"})
PATIENTS_ONLY = frozenset({"paid", "patient_paid"})


@pytest.mark.parametrize(
    ("parts", "can", "cannot"),
    [
        ([SPLIT, SPLIT], SPLIT, set()),
        ([SPLIT, UNSPLIT], {"all_paid"}, {"insurer_paid", "patient_paid"}),
        ([CHARGES_ONLY, PATIENTS_ONLY], {"patient_paid"}, {"all_paid"}),
        ([ONE_SIDE, PATIENTS_ONLY], {"all_paid", "insurer_paid", "patient_paid"}, set()),
        ([ONE_SIDE, UNSPLIT], {"paid"}, {"all_paid", "insurer_paid"}),
    ],
    ids=[
        "alike",
        "one does not say who paid",
        "charges and one side",
        "each one side",
        "one side and unsplit",
    ],
)
def test_files_say_together_what_no_file_contradicts(
    parts: list[frozenset[str]], can: set[str], cannot: set[str]
) -> None:
    found = combined_says(parts)
    assert can <= found
    assert not cannot & found


def test_problems_of_reading_and_of_settling_stand_together() -> None:
    text = CHARGES + "    C3,P3,2026-01-05,2026-02-30,Aetna,Charge,,10.00\n"
    ledger = ledger_of(text, MONEY.replace("C2", "C9"))
    assert {"date_unreadable", "incomplete_claim"} <= kinds_of(ledger)
    assert (ledger.rows_held, ledger.held_cents) == (1, 10_00)


# --- already summed reports -----------------------------------------------------------------------

DETAIL = """
    Claim,DOS,Payer,Charge,Insurance Paid,Patient Paid,Adjustments
    1,2026-01-05,Aetna,200.00,100.00,20.00,80.00
    2,2026-02-09,Aetna,150.00,90.00,0.00,60.00
"""
SUMMED = """
    Month,Payer,Charges,Payments,Contractual Adjustments
    Jan 2026,Aetna,200.00,120.00,80.00
    Feb 2026,Aetna,150.00,90.00,60.00
    Mar 2026,Aetna,300.00,200.00,50.00
"""


def test_a_summed_report_is_never_added_to_the_detail_of_its_months() -> None:
    """January and February stand in detail; March is only there as a sum, and counts."""
    for texts in ((DETAIL, SUMMED), (SUMMED, DETAIL)):
        ledger = ledger_of(*texts)
        totals = summary_of(*texts)["totals"]
        assert not differences({"billed": "650.00", "written_off": "190.00"}, totals)
        [problem] = [p for p in ledger.problems if p.kind == "summary_beside_detail"]
        assert (problem.rows, problem.amount) == ((1, 2), 35000)
        assert "the detail counts" in problem.message


def test_a_summed_report_wholly_in_detail_takes_nothing_from_what_can_be_said() -> None:
    """Its one Payments column says less than the detail's two, and does not count."""
    alone, both = summary_of(DETAIL), summary_of(DETAIL, "\n".join(SUMMED.split("\n")[:-2]))
    assert both["totals"] == alone["totals"]
    assert both["counts"]["claims"] == 2 and both["counts"]["lines"] == 2


def test_a_summed_report_without_dates_is_not_added_to_detail() -> None:
    undated = "Payer,Charges,Payments\nAetna,900.00,400.00\nCigna,10.00,4.00\n"
    assert summary_of(DETAIL, undated)["totals"]["billed"] == "350.00"


def test_a_summed_report_alone_has_rates_months_and_no_counts() -> None:
    result = summary_of(SUMMED, by=["month"])
    assert result["rates"]["contractual_rate"] == 0.292308  # 190.00 of 650.00
    assert {result["counts"][name] for name in ("lines", "claims", "patients")} == {None}
    assert [g["month"] for g in result["groups"]] == ["2026-01", "2026-02", "2026-03"]
    assert result["files"][0]["shape"] == "summary"
    assert result["files"][0]["notes"] == [
        'already summed: no claims to count; "Month" is taken as the month of service'
    ]


@pytest.mark.parametrize(
    "months",
    [
        ("2026-01", "2026-02", "2026-03"),
        ("01/2026", "02/2026", "03/2026"),
        ("January-26", "February-26", "March-26"),
    ],
)
def test_months_are_read_however_they_are_written(months: tuple[str, ...]) -> None:
    text = SUMMED
    for name, month in zip(("Jan 2026", "Feb 2026", "Mar 2026"), months, strict=True):
        text = text.replace(name, month)
    assert summary_of(text, by=["month"])["groups"] == summary_of(SUMMED, by=["month"])["groups"]


def test_two_summed_reports_add() -> None:
    later = "Month,Payer,Charges,Payments\nApr 2026,Aetna,100.00,50.00\n"
    assert summary_of(SUMMED, later)["totals"]["billed"] == "750.00"


def test_a_month_beside_a_date_of_service_is_not_the_date() -> None:
    text = DETAIL.replace("Claim,DOS", "Claim,Month,DOS").replace("1,2026-01", "1,Jan 2026,2026-01")
    text = text.replace("2,2026-02", "2,Feb 2026,2026-02")
    plan = ledger_of(text).files[0].plan
    assert plan is not None
    assert (plan.columns["Month"], plan.columns["DOS"]) == (None, "service_date")


def test_files_join_where_only_one_of_them_names_a_provider() -> None:
    named = DETAIL.replace("Payer,", "Payer,Provider,").replace("Aetna,", "Aetna,Dr. Ito,")
    more = named.replace("    1,", "    3,").replace("    2,", "    4,")
    for texts in ((DETAIL, more), (more, DETAIL)):
        groups = summary_of(*texts, by=["provider"])["groups"]
        assert {g["provider"]: g["totals"]["billed"] for g in groups} == {
            None: "350.00",
            "Dr. Ito": "350.00",
        }
