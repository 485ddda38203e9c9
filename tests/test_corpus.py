"""Third-party and hostile files: loaded, held or refused, never silently wrong.

`messy/own40/expected.json` states for each of forty bad files what a trusted tool answers.
"""

from __future__ import annotations

import csv
import json
import time
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from support import kinds_of

from writeoffs.claims import claims
from writeoffs.cli import map_json, summary_json
from writeoffs.ledger import Ledger
from writeoffs.money import plain_dollars
from writeoffs.problems import KINDS, Unreadable
from writeoffs.reading import read

pytestmark = pytest.mark.corpus

# --- forty bad inputs -----------------------------------------------------------------------------

IDS = range(1, 41)
# Nobody can name these ten dollars a row; the project adds this kind to every such file.
ALWAYS = {"unclassified_write_off"}


@cache
def answers(folder: Path) -> dict[int, dict[str, Any]]:
    found = json.loads((folder / "messy" / "own40" / "expected.json").read_text(encoding="utf-8"))
    return {answer["id"]: answer for answer in found}


def opened(folder: Path, answer: dict[str, Any]) -> Ledger | Unreadable:
    """The file as read, or its refusal. #25 is a second file, of the same claims as the first."""
    path = folder / "messy" / "own40" / answer["file"]
    sources = [path]
    if answer["id"] == 25:
        sources = [folder / "messy" / "own40" / "07_preamble.csv", path]
    try:
        return read(sources)
    except Unreadable as error:
        return error


def check(folder: Path, number: int) -> None:
    answer = answers(folder)[number]
    found = opened(folder, answer)
    if answer["outcome"] == "reject" or isinstance(found, Unreadable):
        assert isinstance(found, Unreadable), kinds_of(found)
        assert found.problem.kind == answer["reason"]
        assert answer["outcome"] in ("reject", "ask")
        assert found.hint
        return
    file = found.files[-1]
    assert sorted(file.held) == answer["quarantined_rows"]
    assert plain_dollars(sum(file.held.values())) == answer["quarantined_billed"]
    if answer["accepted_rows"] is not None and answer["outcome"] != "ask":
        assert file.rows - len(file.held) == answer["accepted_rows"]
    kinds = kinds_of(found) - ALWAYS
    if answer["outcome"] == "accept":
        assert kinds == set()
    else:
        assert answer["reason"] in kinds


@pytest.mark.parametrize("number", IDS)
def test_a_bad_file_gets_the_answer_a_trusted_tool_gives(corpus: Path, number: int) -> None:
    check(corpus, number)


def test_the_answers_cover_the_forty(corpus: Path) -> None:
    assert set(answers(corpus)) == set(IDS)
    assert all(p.name in {a["file"] for a in answers(corpus).values()} | {"expected.json"}
               for p in (corpus / "messy" / "own40").iterdir())  # fmt: skip


MESSAGES = {
    2: "10 columns and 0 rows",
    5: "byte 0xE9 in line 2",
    6: "line 3 (row 2), column payer",
    7: "lines 1-4 above the heading skipped",
    8: "line 4 is a page line; line 5 repeats the heading; line 8 is a total",
    9: "line 1 looks like data",
    10: "columns 7 and 8",
    11: '"200,00"',
    12: "(11 fields, heading 10)",
    13: "line 3",
    14: "the content is a workbook",
    15: "save it as .xlsx or .csv",
    16: "password, or damaged",
    17: "16384 columns",
    18: "248,",
    20: "sheet Claims, cell G2",
    22: "column paid is off on every row; are its amounts 100 times too small?",
    23: "../../evil.csv",
    27: "line 3 (row 2) has 8 fields, expected 10",
    28: "line 3 (row 2) has 11 fields",
    29: '"1.200,50"',
    30: "day/month/year",
    35: "repeats line 2 exactly",
    25: "4 of 4 rows are in another file already",
    36: "rows 1 and 5",
    39: "line 2 (row 1)",
}


@pytest.mark.parametrize(("number", "words"), MESSAGES.items())
def test_a_message_or_note_names_the_place(corpus: Path, number: int, words: str) -> None:
    found = opened(corpus, answers(corpus)[number])
    if isinstance(found, Unreadable):
        said = [str(found)]
    else:
        said = [p.message for p in found.problems] + [n for f in found.files for n in f.notes]
    assert any(words in text for text in said), said


def test_the_figures_behind_the_forty(corpus: Path) -> None:
    """Totals that a wrong reader gets wrong without a word."""
    folder = corpus / "messy" / "own40"

    def totals(name: str) -> dict[str, str]:
        return summary_json([str(folder / name)])["totals"]

    for name in (
        "04_utf16le.csv",
        "07_preamble.csv",
        "08_paged_report_totals.csv",
        "11_semicolon_decimal_comma.csv",
        "12_trailing_comma.csv",
        "14_really_xlsx.csv",
        "37_reversal_and_rebill.csv",
    ):
        assert totals(name)["billed"] == "730.00", name
    assert totals("37_reversal_and_rebill.csv")["paid"] == "339.00"
    assert summary_json([str(folder / "37_reversal_and_rebill.csv")])["counts"]["claims"] == 4
    assert totals("29_amount_spellings.csv")["billed"] == "1600.00"
    payers = summary_json([str(folder / "32_payer_na_words.csv")], by=["payer"])["groups"]
    assert sum(Decimal(g["totals"]["billed"]) for g in payers) == Decimal("2000.00")
    assert {"NA", "None", "null", "N/A", "nan", None} <= {g["payer"] for g in payers}
    assert map_json([str(folder / "40_ssn_in_extra_column.csv")])["columns"]["ssn"] == "ignore"


def test_row_38_is_held_and_its_neighbours_are_counted_and_flagged(corpus: Path) -> None:
    ledger = read(corpus / "messy" / "own40" / "38_out_of_range.csv")
    assert {"paid_above_billed", "charge_zero_with_payment", "negative_write_off"} <= kinds_of(
        ledger
    )


# --- the rest of the messy folder: nothing crashes, nothing hangs ---------------------------------

FOLDERS = [
    "csv-spectrum-BSD2",
    "frictionless-MIT",
    "duckdb-csv-MIT",
    "csv-fuzz-Apache2",
    "parquet-bad-Apache2",
    "parquet-fuzz-Apache2",
    "poi-xlsx-Apache2",
]
MOST_SECONDS = 10  # a file; none takes one, where nothing else is going on


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_small_file_is_a_ledger_or_one_named_refusal(corpus: Path, folder: str) -> None:
    files = [p for p in sorted((corpus / "messy" / folder).rglob("*")) if p.is_file()]
    assert files
    for path in files:
        began = time.monotonic()
        try:
            ledger = read(path)
        except Unreadable as error:
            assert error.problem.kind in KINDS, path.name
        else:
            assert ledger.rows_read == ledger.rows_held + len(ledger.book.rows), path.name
        assert time.monotonic() - began < MOST_SECONDS, path.name


def test_every_folder_of_messy_files_is_looked_at(corpus: Path) -> None:
    found = {path.name for path in (corpus / "messy").iterdir() if path.is_dir()}
    assert found == {*FOLDERS, "own40"}


def test_damaged_parquet_is_refused_as_such_and_not_as_text(corpus: Path) -> None:
    """All but one that is whole, and has no money in it."""
    kinds = set()
    for path in sorted((corpus / "messy" / "parquet-bad-Apache2").glob("*.parquet")):
        with pytest.raises(Unreadable) as caught:
            read(path)
        kinds.add((caught.value.problem.kind, "43605" in path.name))
    assert kinds == {("bad_parquet", False), ("no_money", True)}


# What each says to the person: protected, hostile, or damaged.
WORKBOOKS = {
    "protected_passtika.xlsx": "encrypted_or_broken_ole",
    "password.xls": "encrypted_or_broken_ole",
    "poc-xmlbomb.xlsx": "xml_entities",
    "poc-xmlbomb-empty.xlsx": "xml_entities",
    "xlsx-corrupted.xlsx": "bad_workbook",
    "Simple.xlsb": "bad_workbook",
    "duplicate-filename.xlsx": "bad_workbook",
    "duplicate-filename-case-insensitive.xlsx": "bad_workbook",
    "poc-shared-strings.xlsx": "bad_workbook",
}


@pytest.mark.parametrize(("name", "kind"), WORKBOOKS.items(), ids=WORKBOOKS)
def test_an_odd_workbook_is_refused_for_what_it_is(corpus: Path, name: str, kind: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read(corpus / "messy" / "poi-xlsx-Apache2" / name)
    assert caught.value.problem.kind == kind


# --- tables of known totals -----------------------------------------------------------------------


def test_the_clean_table_ties_to_an_addition_by_hand(corpus: Path) -> None:
    path = corpus / "messy" / "clean_claims.csv"
    with path.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    out = summary_json([str(path)])
    assert (len(rows), out["counts"]["claims"], out["counts"]["rows_held"]) == (84, 84, 0)
    for heading, total in (
        ("billed", "billed"),
        ("paid", "paid"),
        ("patient_resp", "patient_responsibility"),
    ):
        assert sum(Decimal(r[heading]) for r in rows) == Decimal(out["totals"][total]), heading
    given_up = sum(Decimal(r["adjustment"]) + Decimal(r["writeoff"]) for r in rows)
    assert given_up == Decimal(out["totals"]["written_off"])


def test_synthea_ledger_is_paid_in_full_claim_by_claim(corpus: Path) -> None:
    ledger = read(corpus / "tables" / "synthea" / "claims_transactions.csv")
    out = summary_json([str(corpus / "tables" / "synthea" / "claims_transactions.csv")])
    assert out["files"][0]["shape"] == "ledger"
    assert out["totals"]["billed"] == "1219867.22"
    assert out["totals"]["paid"] == "1219867.22"
    assert out["totals"]["open"] == "0.00"
    found = claims(ledger.settled)
    assert len(found) == 561
    assert (found["open"] == 0).all()
    assert out["counts"]["claims"] == 561


def test_darshita_claims_hold_on_5396_of_6000(corpus: Path) -> None:
    path = str(corpus / "tables" / "darshita" / "fact_claims.csv")
    found = map_json([path])
    assert found["holds"] == 0.8993
    assert found["columns"]["outstanding_amount"] == "balance"
    out = summary_json([path])
    assert out["counts"]["claims"] == 6000
    assert out["counts"]["rows_held"] == 0


def test_darshita_payments_alone_say_paid_and_nothing_else(corpus: Path) -> None:
    out = summary_json([str(corpus / "tables" / "darshita" / "fact_payments.csv")])
    assert out["files"][0]["shape"] == "payments"
    assert out["counts"]["rows_read"] == 5218
    assert out["totals"]["billed"] is None
    assert set(out["rates"].values()) == {None}


def test_tuva_headings_alone_are_refused_as_no_rows(corpus: Path) -> None:
    with pytest.raises(Unreadable) as caught:
        read(corpus / "tables" / "tuva" / "raw_data__medical_claim.csv")
    assert caught.value.problem.kind == "no_rows"
