"""Several tables as one practice: roles, joined names, the same dollars once, payments on their own.

Every figure is worked out by hand in the comment above it, or by an addition of its own over the
file's text.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from support import differences, kinds_of, ledger_of, summary_of, tidy

from writeoffs import summary as contract
from writeoffs.cli import map_json, summary_json
from writeoffs.ledger import Ledger
from writeoffs.practice import LOOKUP, POSTS, UNUSED, Assembled, assemble
from writeoffs.problems import Unreadable
from writeoffs.readers import RawTable
from writeoffs.reading import load, read, together


def tables(**texts: str) -> list[RawTable]:
    return [load((f"{name}.csv", tidy(text))) for name, text in texts.items()]


def practice(**texts: str) -> Assembled:
    return assemble(tables(**texts))


def ledger(**texts: str) -> Ledger:
    return together(practice(**texts))


def roles(found: Assembled) -> dict[str, str]:
    return {p.raw.name.removesuffix(".csv"): p.role for p in found.parts}


def totals(of: Ledger, *names: str) -> dict[str, str | None]:
    return {n: contract.summary(of)["totals"][n] for n in names}


def by_payer(of: Ledger, figure: str = "billed") -> dict[str | None, str | None]:
    groups = contract.summary(of, ["payer"])["groups"]
    return {g["payer"]: g["totals"][figure] for g in groups}


def problems(of: Ledger, kind: str) -> list[Any]:
    return [p for p in of.problems if p.kind == kind]


def notes(of: Ledger, name: str) -> str:
    [file] = [f for f in of.files if f.name == f"{name}.csv"]
    return "; ".join(file.notes)


# --- names from other files -----------------------------------------------------------------------

# Two claims: 100 + 50 billed to claim number CLM-0001, 200 to CLM-0002. 60 + 30 + 150 paid.
MOVES = """
    Claim ID,DOS,Post Date,Type,Amount
    CLM-0001,2026-01-05,2026-01-06,Charge,100.00
    CLM-0001,2026-01-05,2026-01-06,Charge,50.00
    CLM-0001,2026-01-05,2026-02-06,Insurance Payment,60.00
    CLM-0001,2026-01-05,2026-02-07,Patient Payment,30.00
    CLM-0002,2026-01-09,2026-01-10,Charge,200.00
    CLM-0002,2026-01-09,2026-02-10,Insurance Payment,150.00
"""
CLAIMS = """
    Id,Insurance Code,Status
    CLM-0001,PAY-0007,CLOSED
    CLM-0002,PAY-0009,CLOSED
"""
PAYERS = """
    Id,Name,Total Covered
    PAY-0007,Aetna,9000.00
    PAY-0009,Cigna,8000.00
"""


@pytest.mark.parametrize("order", list(itertools.permutations(("moves", "claims", "payers"))))
def test_a_payers_name_is_found_two_files_away_in_any_order(order: Sequence[str]) -> None:
    texts = {"moves": MOVES, "claims": CLAIMS, "payers": PAYERS}
    found = ledger(**{name: texts[name] for name in order})
    assert by_payer(found) == {"Aetna": "150.00", "Cigna": "200.00"}
    assert by_payer(found, "open") == {"Aetna": "60.00", "Cigna": "50.00"}
    assert "payer names come from payers.csv through claims.csv" in notes(found, "moves")
    assert "Total Covered $17000.00" in notes(found, "payers")
    assert totals(found, "billed", "paid") == {"billed": "350.00", "paid": "240.00"}


def test_the_roles_are_said() -> None:
    found = practice(moves=MOVES, claims=CLAIMS, payers=PAYERS)
    assert roles(found) == {"moves": POSTS, "claims": LOOKUP, "payers": LOOKUP}
    assert [p.place for p in found.posting] == [0]
    assert [p.raw.name for p in found.others] == ["claims.csv", "payers.csv"]


def test_a_number_that_no_file_names_is_left_blank_and_counted_out() -> None:
    claims = CLAIMS.replace("CLM-0002,PAY-0009", "CLM-0002,")
    many = "".join(f"CLM-10{n:02},PAY-0007,CLOSED\n" for n in range(30))
    found = ledger(moves=MOVES, claims=claims + many, payers=PAYERS)
    assert by_payer(found) == {"Aetna": "150.00", None: "200.00"}
    [problem] = problems(found, "name_not_found")
    assert (problem.file, problem.rows, problem.amount) == ("moves.csv", (5, 6), 200_00)


def test_two_ways_that_disagree_are_asked_about_and_neither_is_used() -> None:
    other = """
        Claim ID,Payer Name
        CLM-0001,Humana
        CLM-0002,Humana
    """
    found = ledger(moves=MOVES, claims=CLAIMS, payers=PAYERS, billing_notes=other)
    assert by_payer(found) == {None: "350.00"}
    [problem] = problems(found, "names_disagree")
    assert "payers.csv" in problem.message
    assert "billing_notes.csv" in problem.message


def test_two_ways_that_agree_are_no_question() -> None:
    other = """
        Claim ID,Payer Name
        CLM-0001,Aetna
        CLM-0002,Cigna
    """
    found = ledger(moves=MOVES, claims=CLAIMS, payers=PAYERS, billing_notes=other)
    assert by_payer(found) == {"Aetna": "150.00", "Cigna": "200.00"}
    assert not problems(found, "names_disagree")
    assert "payer names come from billing_notes.csv" in notes(found, "moves")


def test_small_numbers_that_fit_by_chance_are_no_key() -> None:
    """Department 1 and 2 are no payer 1 and 2, whatever the numbers; payer_id is."""
    moves = MOVES.replace("Claim ID,", "Department ID,Claim ID,").replace("    CLM", "    1,CLM", 4)
    moves = moves.replace("    CLM", "    2,CLM")
    payers = "Payer ID,Payer Name\n1,Aetna\n2,Cigna"
    assert by_payer(ledger(moves=moves, payers=payers)) == {None: "350.00"}
    by_id = moves.replace("Department ID", "Payer ID")
    assert by_payer(ledger(moves=by_id, payers=payers)) == {"Aetna": "150.00", "Cigna": "200.00"}


def test_numbers_of_providers_and_places_are_spelled_out() -> None:
    lines = """
        Claim ID,DOS,Payer,Provider ID,Facility ID,Charge,Insurance Paid
        CLM-0001,2026-01-05,Aetna,11,1,100.00,60.00
        CLM-0002,2026-01-06,Aetna,12,2,200.00,70.00
    """
    people = "Provider ID,Provider Name\n11,Dr Ames\n12,Dr Byrd"
    places = "Facility ID,Facility Name\n1,North\n2,South"
    found = ledger(lines=lines, dim_provider=people, dim_facility=places)
    groups = contract.summary(found, ["provider", "location"])["groups"]
    assert [(g["provider"], g["location"], g["totals"]["billed"]) for g in groups] == [
        ("Dr Ames", "North", "100.00"),
        ("Dr Byrd", "South", "200.00"),
    ]


def test_the_name_of_the_insured_is_never_a_payer() -> None:
    cover = """
        Claim ID,Owner Name,Patient Name
        CLM-0001,Jane Roe,Jane Roe
        CLM-0002,John Doe,John Doe
    """
    found = ledger(moves=MOVES, policies=cover)
    assert by_payer(found) == {None: "350.00"}
    assert "Roe" not in str(contract.summary(found, ["payer"]))


def test_a_payer_by_patient_and_the_dates_of_coverage() -> None:
    """P-00001 changes from Aetna to Cigna on 1 February; 15 June is covered by nobody."""
    moves = """
        Claim ID,Patient ID,DOS,Type,Amount
        CLM-0001,P-00001,2026-01-31,Charge,100.00
        CLM-0002,P-00001,2026-02-01,Charge,200.00
        CLM-0003,P-00002,2026-03-01,Charge,40.00
        CLM-0004,P-00001,2026-06-15,Charge,5.00
    """
    cover = """
        Patient ID,Start Date,End Date,Payer
        P-00001,2026-02-01,2026-05-31,Cigna
        P-00001,2025-02-01,2026-01-31,Aetna
        P-00002,2025-01-01,,Humana
    """
    found = ledger(moves=moves, coverage=cover)
    assert by_payer(found) == {
        "Aetna": "100.00",
        "Cigna": "200.00",
        "Humana": "40.00",
        None: "5.00",
    }
    [problem] = problems(found, "name_not_found")
    assert problem.amount == 5_00


def test_a_lookup_cut_by_months_is_one_lookup() -> None:
    found = ledger(
        moves=MOVES,
        claims_01="Id,Insurance Code\nCLM-0001,PAY-0007",
        claims_02="Id,Insurance Code\nCLM-0002,PAY-0009\nCLM-0001,PAY-0007",
        payers=PAYERS,
    )
    assert by_payer(found) == {"Aetna": "150.00", "Cigna": "200.00"}


def test_a_ledger_cut_by_months_takes_names_in_every_piece() -> None:
    head, *rows = tidy(MOVES).decode().splitlines()
    found = ledger(
        moves_1="\n".join([head, *rows[:3]]),
        moves_2="\n".join([head, *rows[2:]]),
        claims=CLAIMS,
        payers=PAYERS,
    )
    assert by_payer(found) == {"Aetna": "150.00", "Cigna": "200.00"}
    assert totals(found, "paid") == {"paid": "240.00"}


def test_names_that_a_file_has_itself_are_left_alone() -> None:
    own = MOVES.replace("Claim ID,", "Payer,Claim ID,").replace("    CLM", "    Medicare,CLM")
    found = ledger(moves=own, claims=CLAIMS, payers=PAYERS)
    assert by_payer(found) == {"Medicare": "350.00"}


def test_a_person_may_refuse_a_joined_name() -> None:
    raws = tables(moves=MOVES, claims=CLAIMS, payers=PAYERS)
    first = assemble(raws)
    plan = first.parts[0].proposal.plan
    assert plan.heading("payer") == "Name (payers.csv)"
    refused = replace(plan, columns={**plan.columns, "Name (payers.csv)": None})
    assert by_payer(together(assemble(raws, {0: plan}))) == {"Aetna": "150.00", "Cigna": "200.00"}
    assert by_payer(together(assemble(raws, {0: refused}))) == {None: "350.00"}


# --- roles ----------------------------------------------------------------------------------------


def test_a_lone_file_is_left_as_it_is() -> None:
    [raw] = tables(moves=MOVES)
    found = assemble([raw])
    [part] = found.parts
    assert (part.role, part.batch, part.notes, part.problems) == (POSTS, None, (), ())
    assert part.raw is raw
    [with_sums] = tables(payers=PAYERS)
    with pytest.raises(Unreadable, match="no column could be recognised"):
        together(assemble([with_sums]))


def test_files_none_of_which_holds_money_are_refused() -> None:
    with pytest.raises(Unreadable, match="no column could be recognised"):
        ledger(claims=CLAIMS, payers=PAYERS)


def test_a_file_that_nothing_needs_is_said_with_its_dollars() -> None:
    found = ledger(moves=MOVES, rent="Month,Rent\nMay,900.25\nJune,910.25")
    assert totals(found, "billed") == {"billed": "350.00"}
    assert [p.file for p in problems(found, "not_used")] == ["rent.csv"]
    [money] = problems(found, "unmapped_money")
    assert (money.file, money.amount) == ("rent.csv", 1810_50)
    assert (
        roles(practice(moves=MOVES, rent="Month,Rent\nMay,900.25\nJune,910.25"))["rent"] == UNUSED
    )


def test_the_same_file_twice_counts_once_lookups_too() -> None:
    raws = tables(moves=MOVES, claims=CLAIMS, payers=PAYERS)
    again = [replace(r, name=f"copy of {r.name}") for r in raws]
    found = together(assemble([*raws, *again]))
    assert totals(found, "billed") == {"billed": "350.00"}
    said = [p.file for p in problems(found, "already_loaded")]
    assert said == ["copy of moves.csv", "copy of claims.csv", "copy of payers.csv"]


def test_files_of_one_name_are_told_apart() -> None:
    head, *rows = tidy(MOVES).decode().splitlines()
    texts = ["\n".join([head, *part]) for part in (rows[:4], rows[4:])]
    found = read([("export.csv", t.encode()) for t in texts])
    assert [f.name for f in found.files] == ["export.csv", "export.csv [2]"]
    assert totals(found, "billed", "paid") == {"billed": "350.00", "paid": "240.00"}


def test_sheets_of_a_workbook_are_a_practice() -> None:
    """Sheets share a name and bytes; a sheet of words is noted, not a problem."""
    raws = tables(
        charges=CHARGES, payments=PAYMENTS, about="Provider,Location\nAmes,North\nByrd,South"
    )
    sheets = [
        replace(r, name="book.xlsx", sha256="same", sheets=(s,))
        for r, s in zip(raws, ("Charges", "Payments", "About"), strict=True)
    ]
    found = together(assemble(sheets))
    assert [f.name for f in found.files] == [
        "book.xlsx, Charges",
        "book.xlsx, Payments",
        "book.xlsx, About",
    ]
    assert totals(found, "billed", "paid") == {"billed": "350.00", "paid": "190.00"}
    assert not problems(found, "not_used")
    assert not problems(found, "already_loaded")


# --- claims beside their lines, sums beside detail ------------------------------------------------

LINES = """
    Claim ID,Line,DOS,Payer,CPT,Charge,Insurance Paid
    CLM-0001,1,2026-01-05,Aetna,99213,100.00,60.00
    CLM-0001,2,2026-01-05,Aetna,87880,50.00,30.00
    CLM-0002,1,2026-01-09,Cigna,99214,200.00,150.00
"""
HEADERS = """
    Claim ID,DOS,Total Charge,Insurance Paid
    CLM-0001,2026-01-05,150.00,90.00
    CLM-0002,2026-01-09,200.00,150.00
"""


@pytest.mark.parametrize("texts", [{"a": LINES, "b": HEADERS}, {"b": HEADERS, "a": LINES}])
def test_of_a_claim_file_and_a_line_file_the_lines_count(texts: dict[str, str]) -> None:
    found = ledger(**texts)
    assert totals(found, "billed", "paid") == {"billed": "350.00", "paid": "240.00"}
    assert contract.summary(found)["counts"]["claims"] == 2
    assert contract.summary(found)["counts"]["lines"] == 3
    assert "$350.00 not counted again" in notes(found, "b")
    assert not problems(found, "files_differ")
    assert by_payer(found) == {"Aetna": "150.00", "Cigna": "200.00"}


def test_where_claims_and_lines_differ_the_lines_count_and_it_is_said() -> None:
    found = ledger(lines=LINES, headers=HEADERS.replace(",200.00,", ",210.00,"))
    assert totals(found, "billed") == {"billed": "350.00"}
    [problem] = problems(found, "files_differ")
    assert (problem.file, problem.rows, problem.amount) == ("headers.csv", (2,), 10_00)


def test_a_claim_without_lines_still_counts() -> None:
    found = ledger(lines=LINES, headers=HEADERS + "    CLM-0003,2026-01-10,70.00,20.00")
    assert totals(found, "billed", "paid") == {"billed": "420.00", "paid": "260.00"}
    assert "2 of 3 rows" in notes(found, "headers")
    assert contract.summary(found)["counts"]["claims"] == 3


def test_payments_that_only_the_claim_file_tells_count_at_the_claim() -> None:
    bare = "\n".join(line.rsplit(",", 1)[0] for line in tidy(LINES).decode().splitlines())
    found = ledger(lines=bare, headers=HEADERS)
    assert totals(found, "billed", "paid", "open") == {
        "billed": "350.00",
        "paid": "240.00",
        "open": "110.00",
    }
    assert contract.summary(found)["counts"]["claims"] == 2
    assert by_payer(found, "paid") == {"Aetna": "90.00", "Cigna": "150.00"}


def test_a_ledger_of_the_same_claims_charges_them_once_and_keeps_its_own_money() -> None:
    """The lines tell charges and insurers; the ledger alone tells the patient's 10.00."""
    moves = """
        Claim ID,Post Date,Type,Amount
        CLM-0001,2026-01-06,Charge,150.00
        CLM-0001,2026-02-01,Insurance Payment,90.00
        CLM-0002,2026-01-10,Charge,200.00
        CLM-0002,2026-02-01,Insurance Payment,150.00
        CLM-0002,2026-02-01,Patient Payment,10.00
    """
    for texts in ({"lines": LINES, "moves": moves}, {"moves": moves, "lines": LINES}):
        found = ledger(**texts)
        assert totals(found, "billed", "insurer_paid", "patient_paid", "open") == {
            "billed": "350.00",
            "insurer_paid": "240.00",
            "patient_paid": "10.00",
            "open": "100.00",
        }
        assert contract.summary(found)["counts"]["claims"] == 2
        assert "$350.00 not counted again" in notes(found, "moves")


def test_ledgers_of_two_layouts_with_other_charges_of_one_claim_both_count() -> None:
    one = "Claim,DOS,Type,Amount\nC1,2026-01-05,Charge,100.00\nC2,2026-01-05,Charge,10.00"
    two = (
        "Claim,DOS,Movement,Dollars\nC1,2026-01-05,Charge,30.00\nC1,2026-01-05,Charge,20.00"
        "\nC1,2026-01-05,Insurance Payment,5.00"
    )
    assert totals(ledger(one=one, two=two), "billed") == {"billed": "160.00"}


@pytest.mark.parametrize("paid", [True, False], ids=["paid in both", "paid in one"])
def test_beside_an_export_a_remittance_explains(paid: bool) -> None:
    """By its finer lines the remittance bills 150 + 200 too; it never charges them again."""
    export = (
        HEADERS
        if paid
        else "\n".join(line.rsplit(",", 1)[0] for line in tidy(HEADERS).decode().splitlines())
    )
    raws = tables(export=export, remit=LINES)
    plan = replace(assemble([raws[1]]).parts[0].proposal.plan, shape="835")
    for order in ([0, 1], [1, 0]):
        found = together(assemble([raws[i] for i in order], {order.index(1): plan}))
        assert totals(found, "billed", "paid") == {"billed": "350.00", "paid": "240.00"}
        assert "$350.00 not counted again" in notes(found, "remit")
        assert contract.summary(found)["counts"]["claims"] == 2


def test_a_sum_by_payer_beside_its_detail_is_set_aside() -> None:
    pivot = """
        Payer,Charges,Insurance Paid
        Aetna,150.00,90.00
        Cigna,200.00,150.00
    """
    found = ledger(lines=LINES, pivot=pivot)
    assert totals(found, "billed") == {"billed": "350.00"}
    assert "comes to the same" in notes(found, "pivot")
    assert not problems(found, "files_differ")
    assert contract.summary(found)["counts"]["claims"] == 2
    other = ledger(pivot=pivot.replace("200.00", "201.00"), lines=LINES)
    assert totals(other, "billed") == {"billed": "350.00"}
    assert [p.amount for p in problems(other, "files_differ")] == [1_00]


def test_a_report_of_sums_alone_has_rates_and_says_no_claims() -> None:
    out = summary_of("""
        Payer,Charges,Insurance Paid,Patient Paid,Contractual Adjustments
        Aetna,150.00,90.00,10.00,50.00
        Cigna,200.00,150.00,0.00,50.00
    """)
    assert out["files"][0]["shape"] == "summary"
    assert out["counts"]["claims"] is None
    assert out["counts"]["lines"] is None
    # 100 of 350 written off; 250 of 350 collected; 250 of (350 - 100).
    assert out["rates"]["write_off_rate"] == 0.285714
    assert out["rates"]["gross_collection_rate"] == 0.714286
    assert out["rates"]["net_collection_rate"] == 1.0


# --- charges in one file, payments in another -----------------------------------------------------

CHARGES = """
    Claim,MRN,DOS,Payer,CPT,Charge
    C1,P1,2026-01-05,Aetna,99213,150.00
    C2,P2,2026-01-09,Cigna,99214,200.00
"""
PAYMENTS = """
    Claim,Payer,Payment Date,Paid Amount
    C1,AETNA LIFE,2026-02-01,60.00
    C1,Patient,2026-02-20,30.00
    C2,CIGNA INC,2026-02-03,100.00
"""
PAID = {"billed": "350.00", "paid": "190.00", "open": "160.00"}


@pytest.mark.parametrize(
    "order", [(CHARGES, PAYMENTS), (PAYMENTS, CHARGES)], ids=["in order", "backwards"]
)
def test_payments_join_the_claim_of_their_number(order: tuple[str, str]) -> None:
    found = ledger_of(*order)
    assert totals(found, *PAID) == PAID
    assert by_payer(found, "paid") == {"Aetna": "90.00", "Cigna": "100.00"}
    out = contract.summary(found, ["month"])
    assert out["counts"]["claims"] == 2
    assert out["counts"]["lines"] == 2
    assert out["counts"]["patients"] == 2
    assert out["rates"]["gross_collection_rate"] == 0.542857  # 190 / 350
    assert [(g["month"], g["totals"]["open"]) for g in out["groups"]] == [("2026-01", "160.00")]
    assert kinds_of(found) == set()


def test_payments_whose_date_or_patient_differ_join_all_the_same() -> None:
    paid = """
        Claim,MRN,DOS,Paid Amount
        C1,P1,,60.00
        C1,,2026-01-05,30.00
        C2,P2,2026-01-10,100.00
    """
    found = ledger_of(CHARGES, paid)
    assert totals(found, *PAID) == PAID
    assert contract.summary(found)["counts"]["claims"] == 2
    assert kinds_of(found) == set()


def test_of_a_number_used_twice_the_payment_follows_its_patient_and_date() -> None:
    charges = CHARGES.replace("C2,P2", "C1,P2")
    paid = "Claim,MRN,Paid Amount\nC1,P2,100.00\nC1,P1,90.00"
    assert by_payer(ledger_of(charges, paid), "paid") == {"Aetna": "90.00", "Cigna": "100.00"}
    dated = "Claim,DOS,Paid Amount\nC1,2026-01-09,100.00\nC1,2026-01-05,90.00"
    assert by_payer(ledger_of(charges, dated), "paid") == {"Aetna": "90.00", "Cigna": "100.00"}


def test_payments_by_claim_and_line() -> None:
    lines = "\n".join(line.rsplit(",", 1)[0] for line in tidy(LINES).decode().splitlines())
    paid = """
        Claim ID,Line,Payment Date,Insurance Paid
        CLM-0001,1,2026-02-01,60.00
        CLM-0001,2,2026-02-01,30.00
        CLM-0002,1,2026-02-03,150.00
    """
    found = ledger_of(lines, paid)
    assert totals(found, "billed", "paid", "open") == {
        "billed": "350.00",
        "paid": "240.00",
        "open": "110.00",
    }
    out = contract.summary(found, ["procedure"])
    assert out["counts"]["lines"] == 3
    assert [(g["procedure"], g["totals"]["open"]) for g in out["groups"]] == [
        ("87880", "20.00"),
        ("99213", "40.00"),
        ("99214", "50.00"),
    ]


def test_payments_by_patient_and_service_date_only() -> None:
    """P1's day has one claim; P2's has two, so that 100.00 joins neither and stays out of rates."""
    charges = CHARGES + "    C3,P2,2026-01-09,Humana,99215,80.00"
    paid = "MRN,DOS,Paid Amount\nP1,2026-01-05,90.00\nP2,2026-01-09,100.00"
    found = ledger_of(charges, paid)
    assert totals(found, "billed", "paid") == {"billed": "430.00", "paid": "190.00"}
    assert by_payer(found, "paid") == {
        "Aetna": "90.00",
        "Cigna": "0.00",
        "Humana": "0.00",
        None: "100.00",
    }
    [problem] = problems(found, "incomplete_claim")
    assert (problem.rows, abs(problem.amount)) == ((2,), 100_00)
    assert contract.summary(found)["rates"]["gross_collection_rate"] == 0.209302  # 90 / 430


def test_charges_without_claim_numbers_take_payments_of_the_patients_day() -> None:
    charges = "MRN,DOS,Payer,Charge\nP1,2026-01-05,Aetna,150.00\nP2,2026-01-09,Cigna,200.00"
    paid = "MRN,DOS,Paid Amount\nP1,2026-01-05,90.00\nP2,2026-01-09,100.00"
    found = ledger_of(charges, paid)
    assert totals(found, *PAID) == PAID
    assert by_payer(found, "paid") == {"Aetna": "90.00", "Cigna": "100.00"}
    assert kinds_of(found) == set()


def test_payments_of_other_claims_show_in_totals_and_stay_out_of_rates() -> None:
    found = ledger_of(CHARGES, PAYMENTS + "    C9,AETNA,2026-02-09,40.00")
    out = contract.summary(found)
    assert out["totals"]["paid"] == "230.00"
    assert out["counts"]["claims"] == 2
    assert out["rates"]["gross_collection_rate"] == 0.542857  # still 190 / 350
    [problem] = problems(found, "incomplete_claim")
    assert (problem.file, problem.rows) == ("file2.csv", (4,))


def test_payments_alone_have_no_rates() -> None:
    out = summary_of(PAYMENTS)
    assert out["totals"]["paid"] == "190.00"
    assert out["totals"]["billed"] is None
    assert set(out["rates"].values()) == {None}


def test_a_ledger_of_payments_beside_wide_charges() -> None:
    moves = """
        Claim,Post Date,Type,Reason,Amount
        C1,2026-02-01,Insurance Payment,,60.00
        C1,2026-02-01,Adjustment,CO-45,50.00
        C2,2026-02-03,Insurance Payment,,100.00
    """
    found = ledger_of(CHARGES, moves)
    assert totals(found, "billed", "insurer_paid", "written_off", "open") == {
        "billed": "350.00",
        "insurer_paid": "160.00",
        "written_off": "50.00",
        "open": "140.00",
    }
    assert by_payer(found, "written_off") == {"Aetna": "50.00", "Cigna": "0.00"}
    assert contract.summary(found)["counts"]["claims"] == 2


# --- payments told twice --------------------------------------------------------------------------

CHARGED_AND_PAID = """
    Claim,MRN,DOS,Payer,Charge,Insurance Paid,Patient Paid
    C1,P1,2026-01-05,Aetna,150.00,60.00,30.00
    C2,P2,2026-01-09,Cigna,200.00,100.00,0.00
"""


@pytest.mark.parametrize("backwards", [False, True])
def test_payments_that_the_charge_file_states_too_count_once(backwards: bool) -> None:
    texts = [CHARGED_AND_PAID, PAYMENTS]
    found = ledger_of(*(reversed(texts) if backwards else texts))
    assert totals(found, *PAID) == PAID
    assert totals(found, "insurer_paid", "patient_paid") == {
        "insurer_paid": "160.00",
        "patient_paid": "30.00",
    }
    [problem] = problems(found, "told_twice")
    assert (len(problem.rows), problem.amount) == (3, 190_00)
    assert not problems(found, "files_differ")
    assert contract.summary(found)["counts"]["claims"] == 2


def test_where_the_two_differ_the_charge_file_counts_and_it_is_said() -> None:
    more = CHARGED_AND_PAID + "    C3,P3,2026-01-10,Aetna,90.00,45.00,0.00"
    found = ledger_of(more, PAYMENTS + "    C3,AETNA LIFE,2026-02-09,40.00")
    assert totals(found, "paid") == {"paid": "235.00"}
    [problem] = problems(found, "files_differ")
    assert (problem.rows, problem.amount) == ((4,), 5_00)


def test_a_payment_that_only_one_of_the_two_knows_counts() -> None:
    more = CHARGED_AND_PAID + "    C3,P3,2026-01-10,Aetna,90.00,0.00,0.00"
    found = ledger_of(more, PAYMENTS + "    C3,AETNA LIFE,2026-02-09,40.00")
    assert totals(found, "paid") == {"paid": "230.00"}
    assert not problems(found, "files_differ")


def test_copays_in_one_and_insurers_in_the_other_are_two_moneys() -> None:
    copays = "Claim,MRN,DOS,Payer,Charge,Patient Paid\nC1,P1,2026-01-05,Aetna,150.00,30.00"
    insurer = "Claim,Payment Date,Insurance Paid\nC1,2026-02-01,60.00"
    found = ledger_of(copays, insurer)
    assert totals(found, "insurer_paid", "patient_paid", "open") == {
        "insurer_paid": "60.00",
        "patient_paid": "30.00",
        "open": "60.00",
    }
    assert not problems(found, "told_twice")


def test_where_they_hardly_ever_agree_the_fuller_counts_never_both() -> None:
    copays = CHARGED_AND_PAID.replace("60.00,30.00", "0.00,10.00").replace(
        "100.00,0.00", "0.00,10.00"
    )
    found = ledger_of(copays, PAYMENTS)
    assert totals(found, "paid") == {"paid": "190.00"}
    [problem] = problems(found, "files_differ")
    assert problem.amount == 80_00 + 90_00
    assert "file2.csv" in problem.message


# --- last month's and this month's ----------------------------------------------------------------

LEDGER = "Txn ID,Claim,DOS,Post Date,Payer,Type,Amount\n"
NOVEMBER = [
    "T1,C1,2026-10-05,2026-10-06,Aetna,Charge,100.00",
    "T2,C1,2026-10-05,2026-11-01,Aetna,Insurance Payment,60.00",
    "T3,C2,2026-10-08,2026-10-09,Cigna,Charge,200.00",
]
DECEMBER = [
    "T3,C2,2026-10-08,2026-10-09,Cigna,Charge,200.00",
    "T2,C1,2026-10-05,2026-11-01,Aetna,Insurance Payment,60.00",
    "T4,C2,2026-10-08,2026-12-01,Cigna,Insurance Payment,150.00",
]


def without_numbers(rows: Sequence[str]) -> list[str]:
    return [row.split(",", 1)[1] for row in rows]


@pytest.mark.parametrize("numbered", [True, False], ids=["numbers", "no numbers"])
@pytest.mark.parametrize("backwards", [False, True], ids=["in order", "backwards"])
def test_two_months_that_overlap_are_their_union(numbered: bool, backwards: bool) -> None:
    union = list(dict.fromkeys([*NOVEMBER, *DECEMBER]))
    head, parts = LEDGER, [NOVEMBER, DECEMBER, union]
    if not numbered:
        head, parts = head.split(",", 1)[1], [without_numbers(p) for p in parts]
    one, two, whole = (head + "\n".join(p) for p in parts)
    found = ledger_of(two, one) if backwards else ledger_of(one, two)
    expected = contract.summary(ledger_of(whole), ["payer", "month"])
    actual = contract.summary(found, ["payer", "month"])
    for part in ("totals", "rates", "groups", "write_offs", "period"):
        assert differences({part: expected[part]}, actual) == {}, part
    assert actual["counts"]["claims"] == 2
    assert [len(p.rows) for p in problems(found, "already_loaded")] == [2]


@pytest.mark.parametrize("backwards", [False, True], ids=["in order", "backwards"])
def test_a_corrected_transaction_counts_as_the_later_file_has_it(backwards: bool) -> None:
    """T2 was 60.00 and is 65.00 in the file that reaches into December, on the same day."""
    corrected = [r.replace("Insurance Payment,60.00", "Insurance Payment,65.00") for r in DECEMBER]
    texts = [LEDGER + "\n".join(NOVEMBER), LEDGER + "\n".join(corrected)]
    found = ledger_of(*(reversed(texts) if backwards else texts))
    assert totals(found, "billed", "paid") == {"billed": "300.00", "paid": "215.00"}
    newer = [p for p in problems(found, "already_loaded") if "newer" in p.message]
    assert [p.rows for p in newer] == [(2,)]


def test_a_number_of_another_kind_of_file_is_another_number() -> None:
    """Payment 1 and charge 1 are not one transaction."""
    charges = "Transaction ID,Claim,DOS,Type,Amount\n1,C1,2026-01-05,Charge,100.00"
    paid = "Payment ID,Claim,Payment Date,Paid Amount\n1,C1,2026-02-05,40.00"
    found = ledger_of(charges, paid)
    assert totals(found, "billed", "paid") == {"billed": "100.00", "paid": "40.00"}


WIDE = "Claim,DOS,CPT,Charge,Insurance Paid\n"


@pytest.mark.parametrize("backwards", [False, True], ids=["in order", "backwards"])
def test_a_wide_line_without_a_number_is_a_snapshot_by_code_and_charge(backwards: bool) -> None:
    """October's line is unpaid in the October file and paid in November's, which reaches later."""
    october = WIDE + "C1,2026-10-05,99213,100.00,0.00\nC1,2026-10-05,87880,50.00,0.00"
    november = october.replace("99213,100.00,0.00", "99213,100.00,60.00")
    november += "\nC2,2026-11-08,99214,200.00,0.00"
    texts = [october, november]
    found = ledger_of(*(reversed(texts) if backwards else texts))
    assert totals(found, "billed", "paid") == {"billed": "350.00", "paid": "60.00"}
    assert contract.summary(found)["counts"]["lines"] == 3


def test_the_same_code_twice_in_a_file_is_two_services() -> None:
    one = WIDE + "C1,2026-10-05,97110,50.00,0.00\nC1,2026-10-05,97110,50.00,20.00"
    two = (
        WIDE
        + "C1,2026-10-05,97110,50.00,0.00\nC1,2026-10-05,97110,50.00,20.00\nC2,2026-10-06,1,9.00,0.00"
    )
    assert totals(ledger_of(one, two), "billed", "paid") == {"billed": "109.00", "paid": "20.00"}


# --- third-party practices ------------------------------------------------------------------------

SYNTHEA = (
    "claims_transactions.csv",
    "claims.csv",
    "payer_transitions.csv",
    "payers.csv",
    "encounters.csv",
)


def plain(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def cents(column: pd.Series) -> pd.Series:
    return (pd.to_numeric(column).fillna(0) * 100).round().astype("int64")


@pytest.mark.corpus
@pytest.mark.parametrize(
    "names", [SYNTHEA, SYNTHEA[::-1], SYNTHEA[:4], (*SYNTHEA[2:4], *SYNTHEA[:2])]
)
def test_synthea_payers_are_what_plain_joins_find(corpus: Path, names: Sequence[str]) -> None:
    folder = corpus / "tables" / "synthea"
    out = summary_json([str(folder / n) for n in names], by=["payer"])
    assert out["totals"]["billed"] == "1219867.22"
    assert out["totals"]["open"] == "0.00"
    assert out["counts"]["claims"] == 561

    moves, claims, cover, payers, visits = (plain(folder / n) for n in SYNTHEA)
    name = payers.set_index("Id")["NAME"]
    by_claim = claims.set_index("Id")["PRIMARYPATIENTINSURANCEID"].map(name)
    by_visit = visits.set_index("Id")["PAYER"].map(name)
    charges = moves[moves["TYPE"] == "CHARGE"]
    told = charges["CLAIMID"].map(by_claim)
    seen = charges["APPOINTMENTID"].map(by_visit)
    assert (told.dropna() == seen[told.notna()]).all()  # the two ways never disagree
    dated = claims.merge(cover, left_on="PATIENTID", right_on="PATIENT")
    dated = dated[
        (dated["SERVICEDATE"] >= dated["START_DATE"]) & (dated["SERVICEDATE"] < dated["END_DATE"])
    ]
    covered = dated.set_index("Id")["PAYER"].map(name)
    both = by_claim.reindex(covered.index).dropna()
    assert len(both) > 400
    assert (both == covered[both.index]).all()  # nor does the coverage of the day

    payer = seen if "encounters.csv" in names else told
    expected = cents(charges["AMOUNT"]).groupby(payer, dropna=False).sum()
    found = {g["payer"]: g["totals"]["billed"] for g in out["groups"]}
    assert found == {
        None if pd.isna(k) else k: f"{c // 100}.{c % 100:02d}" for k, c in expected.items()
    }
    lost = sum(p["rows"] for p in out["problems"] if p["kind"] == "name_not_found")
    assert lost == int(moves["CLAIMID"].map(by_claim).isna().sum()) * (
        "encounters.csv" not in names
    )


@pytest.mark.corpus
def test_a_folder_is_read_as_one_practice(corpus: Path) -> None:
    found = read(corpus / "tables" / "synthea")
    shapes = {f.name: f.shape for f in found.files}
    assert shapes.pop("claims_transactions.csv") == "ledger"
    assert set(shapes.values()) == {LOOKUP}
    assert set(by_payer(found)) == {
        "Humana",
        "Medicaid",
        "Medicare",
        "NO_INSURANCE",
        "UnitedHealthcare",
    }
    [problem] = problems(found, "files_differ")
    visits = plain(corpus / "tables" / "synthea" / "encounters.csv").set_index("Id")
    moves = plain(corpus / "tables" / "synthea" / "claims_transactions.csv")
    charges = moves[moves["TYPE"] == "CHARGE"]
    billed = cents(charges["AMOUNT"]).groupby(charges["APPOINTMENTID"]).sum()
    off = cents(visits["TOTAL_CLAIM_COST"]) - billed.reindex(visits.index).fillna(0)
    assert problem.amount == int(off.abs().sum())
    assert len(problem.rows) == int((off != 0).sum())


@pytest.mark.corpus
def test_synthea_by_the_dates_of_coverage_alone(corpus: Path) -> None:
    folder = corpus / "tables" / "synthea"
    names = ("claims_transactions.csv", "payer_transitions.csv", "payers.csv")
    found = read([folder / n for n in names])
    assert "payers.csv through payer_transitions.csv" in "; ".join(found.files[0].notes)
    assert totals(found, "billed") == {"billed": "1219867.22"}
    assert {"Humana", "Medicaid", "Medicare", "UnitedHealthcare"} <= set(by_payer(found))


@pytest.mark.corpus
def test_darshita_payments_explain_what_its_claims_state(corpus: Path) -> None:
    folder = corpus / "tables" / "darshita"
    claims, paid = plain(folder / "fact_claims.csv"), plain(folder / "fact_payments.csv")
    stated = cents(claims["paid_amount"]).groupby(claims["claim_id"]).sum()
    told = cents(paid["paid_amount"]).groupby(paid["claim_id"]).sum()
    assert (told == stated[told.index]).all()
    assert stated.sum() == told.sum()

    alone = summary_json([str(folder / "fact_claims.csv")], by=["payer"])
    both = summary_json(
        [str(folder / n) for n in ("fact_payments.csv", "fact_claims.csv")], by=["payer"]
    )
    for part in ("totals", "rates", "groups", "write_offs"):
        assert both[part] == alone[part], part
    assert both["counts"] == {**alone["counts"], "rows_read": 6000 + 5218}
    [said] = [p for p in both["problems"] if p["kind"] == "told_twice"]
    assert said["rows"] == len(paid)
    assert said["amount"] == f"{told.sum() / 100:.2f}"
    assert not [p for p in both["problems"] if p["kind"] in ("files_differ", "incomplete_claim")]


@pytest.mark.corpus
def test_darshita_payments_count_where_the_charges_do_not_say(corpus: Path, tmp_path: Path) -> None:
    folder = corpus / "tables" / "darshita"
    claims, paid = plain(folder / "fact_claims.csv"), plain(folder / "fact_payments.csv")
    keep = ["claim_id", "patient_id", "payer_id", "date_of_service", "billed_amount"]
    claims[keep].to_csv(tmp_path / "charges.csv", index=False)
    paid.to_csv(tmp_path / "payments.csv", index=False)
    found = read(tmp_path)
    total = cents(paid["paid_amount"]).sum()
    assert totals(found, "paid") == {"paid": f"{total / 100:.2f}"}
    assert contract.summary(found)["counts"]["claims"] == 6000
    by = claims.set_index("claim_id")["payer_id"]
    expected = cents(paid["paid_amount"]).groupby(paid["claim_id"].map(by)).sum()
    assert by_payer(found, "paid") == {k: f"{c / 100:.2f}" for k, c in expected.items()}
    assert kinds_of(found) == set()


@pytest.mark.corpus
def test_the_map_of_one_file_knows_nothing_of_others(corpus: Path) -> None:
    found = map_json([str(corpus / "tables" / "synthea" / "claims_transactions.csv")])
    assert found["shape"] == "ledger"
    assert "payer" not in found["columns"].values()
    assert not [h for h in found["columns"] if h.endswith(".csv)")]
