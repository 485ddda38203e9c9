"""Readers: bytes -> text cells. One table, whatever its dialect; nothing lost without a word."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date, datetime

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from writeoffs.problems import Unreadable
from writeoffs.readers import delimited, read_bytes
from writeoffs.readers.raw import Column, RawTable, tidy_headings
from writeoffs.readers.workbook import as_text

HEAD = ["Claim", "DOS", "Payer", "Charge", "Ins Paid"]
ROWS = [
    ["00123", "2026-01-05", "Aetna", "200.00", "120.00"],
    ["123", "2026-01-06", "BCBS, of Texas", "150.00", "100.00"],
    ["1E5", "2026-02-07", 'The "Plan"', "300.00", ""],
]


def cells(table: RawTable) -> list[list[str]]:
    """The table as rows, headings first."""
    columns = list(table.columns.values())
    return [table.headings] + [[c.cell(i) for c in columns] for i in range(len(table))]


def delimiter_text(mark: str = ",", end: str = "\n", rows: list[list[str]] | None = None) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=mark, lineterminator=end).writerows([HEAD, *(rows or ROWS)])
    return out.getvalue()


def workbook_bytes(sheets: dict[str, list[list[object]]], hidden: tuple[str, ...] = ()) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
        if name in hidden:
            sheet.sheet_state = "hidden"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def refusal(data: bytes, name: str = "export.csv") -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        read_bytes(data, name)
    return caught.value


# --- dialects -------------------------------------------------------------------------------------


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("mark", [",", ";", "\t", "|"], ids=["comma", "semicolon", "tab", "bar"])
def test_every_delimiter_and_line_end_gives_the_same_cells(mark: str, end: str) -> None:
    assert cells(read_bytes(delimiter_text(mark, end).encode(), "x.csv")) == [HEAD, *ROWS]


def test_old_line_ends_give_the_same_cells() -> None:
    plain = [[c.replace('"', "").replace(",", "") for c in row] for row in ROWS]
    text = delimiter_text(end="\r", rows=plain)
    assert cells(read_bytes(text.encode(), "x.csv")) == [HEAD, *plain]


ENCODED = {
    "utf-8": ("utf-8", ()),
    "utf-8 with a mark": ("utf-8-sig", ()),
    "utf-16 with a mark": ("utf-16", ("read as UTF-16",)),
    "utf-16-le without": ("utf-16-le", ("read as UTF-16",)),
    "utf-16-be without": ("utf-16-be", ("read as UTF-16",)),
    "cp1252": ("cp1252", ("read as Windows-1252 because of byte 0xE9 in line 2",)),
}


@pytest.mark.parametrize(("codec", "notes"), ENCODED.values(), ids=ENCODED)
def test_an_encoding_is_found_and_said(codec: str, notes: tuple[str, ...]) -> None:
    rows = [["1", "2026-01-05", "Café Santé", "200.00", "1.00"], *ROWS]
    table = read_bytes(delimiter_text(rows=rows).encode(codec), "x.csv")
    assert cells(table) == [HEAD, *rows]
    assert table.notes == notes


def test_quoted_line_breaks_and_delimiters_stay_inside_their_cell() -> None:
    rows = [["1", "2026-01-05", "Aetna\nof Texas, Inc", "200.00", "1.00"], *ROWS]
    table = read_bytes(delimiter_text(rows=rows).encode(), "x.csv")
    assert cells(table) == [HEAD, *rows]
    assert table.lines.tolist() == [2, 4, 5, 6]


def test_a_number_sign_is_a_cell_and_no_comment() -> None:
    rows = [["#1", "2026-01-05", "#Aetna", "200.00", "1.00"], *ROWS]
    assert cells(read_bytes(delimiter_text(rows=rows).encode(), "x.csv")) == [HEAD, *rows]


def test_words_that_other_tools_take_for_missing_stay_words() -> None:
    rows = [
        [str(i), "2026-01-05", w, "200.00", "1.00"]
        for i, w in enumerate(["NA", "null", "nan", "None"])
    ]
    assert cells(read_bytes(delimiter_text(rows=rows).encode(), "x.csv")) == [HEAD, *rows]


# --- around the table -----------------------------------------------------------------------------


def test_lines_above_the_heading_are_skipped_and_said() -> None:
    text = "Practice: Demo\nRun: 03/01/2026\n\n" + delimiter_text()
    table = read_bytes(text.encode(), "x.csv")
    assert cells(table) == [HEAD, *ROWS]
    assert table.notes == ("lines 1-3 above the heading skipped",)
    assert table.lines.tolist() == [5, 6, 7]


def test_page_lines_repeated_headings_and_totals_are_set_aside_and_said() -> None:
    lines = delimiter_text(rows=[[c.replace('"', "").replace(",", "") for c in r] for r in ROWS])
    head, one, two, three = lines.splitlines()
    text = "\n".join(
        [head, one, "Page 1 of 2,,,,", head, two, three, "Grand Total,,,650.00,220.00", ""]
    )
    table = read_bytes(text.encode(), "x.csv")
    assert [row[0] for row in cells(table)[1:]] == ["00123", "123", "1E5"]
    assert table.rows_read == 3
    assert table.numbers.tolist() == [1, 2, 3]
    [note] = table.notes
    assert (
        note == "set aside, not data: line 3 is a page line; line 4 repeats the heading;"
        " line 7 is a total"
    )
    assert [t.cells for t in table.totals] == [
        {"Claim": "Grand Total", "Charge": "650.00", "Ins Paid": "220.00"}
    ]


def test_a_payer_called_total_something_is_no_total_row() -> None:
    rows = [["9", "2026-01-05", "Total Health Plan", "200.00", "1.00"], *ROWS]
    assert len(read_bytes(delimiter_text(rows=rows).encode(), "x.csv")) == 4


def test_blank_lines_between_rows_keep_the_line_numbers_right() -> None:
    text = "Claim,Charge\n1,10.00\n\n\n2,20.00\n,\n3,30.00\n"
    table = read_bytes(text.encode(), "x.csv")
    assert table.lines.tolist() == [2, 5, 7]
    assert table.numbers.tolist() == [1, 2, 3]


def test_one_empty_last_field_on_every_row_shifts_no_column() -> None:
    text = "Claim,Payer,Charge\n1,Aetna,10.00,\n2,Cigna,20.00,\n"
    table = read_bytes(text.encode(), "x.csv")
    assert cells(table) == [
        ["Claim", "Payer", "Charge"],
        ["1", "Aetna", "10.00"],
        ["2", "Cigna", "20.00"],
    ]
    assert "one empty field that the heading lacks (4 fields, heading 3)" in table.notes[0]


def test_rows_of_another_width_are_held_with_their_cells_and_their_line() -> None:
    text = "Claim,Payer,Charge\n1,Aetna,10.00\n2,Cigna\n3,BCBS, of Texas,30.00\n4,Aetna,40.00\n"
    table = read_bytes(text.encode(), "x.csv")
    assert [row[0] for row in cells(table)[1:]] == ["1", "4"]
    assert [(h.row, h.cells[0]) for h in table.held] == [(2, "2"), (3, "3")]
    assert [p.kind for p in table.problems] == ["field_count", "field_count"]
    assert "line 3 (row 2) has 2 fields, expected 3" in table.problems[0].message
    assert table.rows_read == 4


def test_a_nul_character_holds_its_row_only() -> None:
    text = "Claim,Payer,Charge\n1,Ae\x00tna,10.00\n2,Cigna,20.00\n"
    table = read_bytes(text.encode(), "x.csv")
    assert (len(table), table.held[0].row, table.problems[0].column) == (1, 1, "Payer")


def test_headings_are_trimmed_joined_named_and_numbered() -> None:
    assert tidy_headings([" Paid\nAmount ", "", "Paid", "Paid", "Paid"]) == [
        "Paid Amount",
        "column 2",
        "Paid",
        "Paid [2]",
        "Paid [3]",
    ]


# --- refusals -------------------------------------------------------------------------------------

REFUSED = {
    "nothing": (b"", "empty_file"),
    "white space": (b" \r\n\t\n", "empty_file"),
    "a mark and blanks": (b"\xef\xbb\xbf\n\n", "empty_file"),
    "only separators": (b",,,\n,,,\n", "empty_file"),
    "a heading alone": (b"Claim,Payer,Charge\n", "no_rows"),
    "no heading": (b"1,Aetna,10.00\n2,Cigna,20.00\n", "no_header"),
    "a quotation mark that never closes": (
        b'Claim,Payer,Charge\n1,"Aetna,10.00\n2,Cigna,20.00\n',
        "unclosed_quote",
    ),
    "text after a closing quotation mark": (
        b'Claim,Payer,Charge\n1,"Aet"na,10.00\n',
        "unclosed_quote",
    ),
    "a PDF": (b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n", "not_supported"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + b"x" * 40, "not_supported"),
    "a web page": (b"<html><table><tr><td>1</td></tr></table></html>", "html_not_excel"),
    "parquet": (b"PAR1" + b"x" * 40, "bad_parquet"),
    "a pickle": (b"\x80\x04\x95" + b"x" * 40, "bad_parquet"),
    "a damaged old workbook": (b"\xd0\xcf\x11\xe0" + b"x" * 600, "encrypted_or_broken_ole"),
    "a damaged workbook": (
        b"PK\x03\x04" + bytes(22) + b"\x08\x00\x00\x00xl/a.xml" + b"x" * 100,
        "bad_workbook",
    ),
    "an archive": (b"\x1f\x8b" + b"x" * 100, "not_supported"),
}


@pytest.mark.parametrize(("data", "kind"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_used_is_refused_with_one_sentence_and_a_hint(
    data: bytes, kind: str
) -> None:
    error = refusal(data)
    assert error.problem.kind == kind
    assert error.hint and str(error).startswith("export.csv: ")
    assert "Hint: " in str(error)


def test_an_unclosed_quotation_mark_is_named_by_its_line() -> None:
    error = refusal(b'Claim,Payer,Charge\n1,Aetna,10.00\n2,"Cigna,20.00\n3,Aetna,30.00\n')
    assert "line 3" in str(error)


# --- workbooks ------------------------------------------------------------------------------------


def test_a_workbook_gives_the_same_cells_as_text() -> None:
    typed = [
        HEAD,
        ["00123", date(2026, 1, 5), "Aetna", 200, 120.0],
        ["123", datetime(2026, 1, 6), "BCBS, of Texas", 150.0, 100],
        ["1E5", date(2026, 2, 7), 'The "Plan"', 300.0, None],
    ]
    table = read_bytes(workbook_bytes({"Claims": typed}), "x.xlsx")
    assert cells(table) == [HEAD] + [
        [*r[:3], r[3].removesuffix(".00"), r[4].removesuffix(".00")] for r in ROWS
    ]


def test_the_fullest_visible_sheet_is_read_and_the_others_are_named() -> None:
    sheets = {"Cover": [["Demo"]], "Data": [HEAD, *ROWS], "Secret": [HEAD, *ROWS, *ROWS]}
    table = read_bytes(workbook_bytes(sheets, hidden=("Secret",)), "x.xlsx")
    assert len(table) == 3
    assert table.notes == (
        "read sheet Data",
        "other sheets not read: Cover",
        "hidden sheets not read: Secret",
    )
    assert table.sheets == ("Data",)


def test_a_named_sheet_is_read_instead() -> None:
    sheets = {"One": [HEAD, *ROWS], "Two": [HEAD, ROWS[0]]}
    assert len(read_bytes(workbook_bytes(sheets), "x.xlsx", "Two")) == 1


def test_a_workbook_under_a_text_name_is_read_by_its_content() -> None:
    table = read_bytes(workbook_bytes({"A": [HEAD, *ROWS]}), "x.csv")
    assert "the name says text, the content is a workbook" in table.notes


@pytest.mark.parametrize(
    ("rows", "kind"), [([], "empty_file"), ([HEAD], "no_rows"), ([[1, 2.5], [2, 3.5]], "no_header")]
)
def test_a_workbook_without_a_table_is_refused(rows: list[list[object]], kind: str) -> None:
    assert refusal(workbook_bytes({"A": rows}), "x.xlsx").problem.kind == kind


def test_a_far_cell_and_a_bomb_and_entities_are_refused_before_they_unpack() -> None:
    far = openpyxl.Workbook()
    far.active["A1"], far.active["XFD9"] = "x", 1
    out = io.BytesIO()
    far.save(out)
    assert refusal(out.getvalue()).problem.kind == "sheet_too_wide"
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 4_000_000)
    assert refusal(bomb.getvalue()).problem.kind == "unpacked_too_large"
    entity = io.BytesIO()
    with zipfile.ZipFile(entity, "w") as archive:
        archive.writestr(
            "xl/workbook.xml", '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><x/>'
        )
    assert refusal(entity.getvalue()).problem.kind == "xml_entities"
    path = io.BytesIO()
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", "<x/>")
        archive.writestr("../evil.xml", "<x/>")
    assert refusal(path.getvalue()).problem.kind == "unsafe_name"


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (200, "200"),
        (200.0, "200"),
        (0.30000000000000004, "0.30"),
        (-1.5, "-1.50"),
        (-0.0, "0"),
        (19.99, "19.99"),
        (12.345, "12.345"),
        (1e15, "1000000000000000"),
        (True, "TRUE"),
        ("007", "007"),
        (date(2026, 1, 5), "2026-01-05"),
        (datetime(2026, 1, 5, 14, 30), "2026-01-05"),
        (None, "None"),
    ],
)
def test_a_typed_cell_becomes_what_a_person_would_have_typed(cell: object, text: str) -> None:
    assert as_text(cell) == text


# --- the fast path and the strict one -------------------------------------------------------------

cell_text = st.text(st.sampled_from("ab1.,;|\" \t'é-$()/"), max_size=6)
tables = st.integers(2, 5).flatmap(
    lambda width: st.lists(
        st.lists(cell_text, min_size=width, max_size=width), min_size=1, max_size=12
    )
)


@settings(max_examples=150, deadline=None)
@given(tables, st.sampled_from(",;\t|"), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_the_fast_path_and_the_strict_path_give_the_same_table(
    rows: list[list[str]], mark: str, end: str, quote_all: bool
) -> None:
    width = len(rows[0])
    out = io.StringIO()
    quoting = csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL
    writer = csv.writer(out, delimiter=mark, lineterminator=end, quoting=quoting)
    heading = [f"heading {i}" for i in range(width)]
    writer.writerows([heading, *rows])
    data = out.getvalue().encode()
    layout = delimited.Layout(mark, 0, 1, heading, width)
    if not delimited._is_plain(data, mark):
        return
    fast, slow = delimited._read_fast(data, layout), delimited._read_slow(data, layout, "x")
    assert fast is not None
    kept = [i for i in range(len(fast.numbers)) if any(c.cell(i).strip() for c in fast.columns)]
    # Totals, page lines and repeated headings leave the strict path at once, the fast one later.
    if slow.notes or len(kept) != len(fast.numbers):
        return
    as_rows = [
        [[c.cell(i) for c in found.columns] for i in range(len(found.numbers))]
        for found in (fast, slow)
    ]
    assert as_rows[0] == as_rows[1]
    assert fast.lines.tolist() == slow.lines.tolist()


@settings(max_examples=100, deadline=None)
@given(tables, st.sampled_from(",;\t|"))
def test_both_paths_end_in_the_same_raw_table(rows: list[list[str]], mark: str) -> None:
    """As a whole: a lone stray quotation mark further down forces the strict path."""
    heading = ["Claim", "Payer", "Charge", "Paid", "DOS"][: len(rows[0])]
    width = len(heading)
    base = [["7", "Aetna", "10.00", "5.00", "2026-01-05"][:width]] * 3
    out = io.StringIO()
    csv.writer(out, delimiter=mark, lineterminator="\n").writerows([heading, *base, *rows])
    data = out.getvalue()
    table = read_bytes(data.encode(), "x.csv")
    last = mark.join(base[0])
    odd = data + last.replace("7", "7\x00") + "\n"
    strict = read_bytes(odd.encode(), "x.csv")
    assert cells(strict) == cells(table)
    assert strict.lines.tolist() == table.lines.tolist()
    assert strict.numbers.tolist() == table.numbers.tolist()
    assert len(strict.held) == len(table.held) + 1


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_at_all_end_in_anything_but_a_table_or_a_refusal(data: bytes) -> None:
    try:
        table = read_bytes(data, "x.csv")
    except Unreadable as error:
        assert error.problem.kind
    else:
        assert table.rows_read == len(table) + len(table.held)


# --- columns --------------------------------------------------------------------------------------


def test_a_column_keeps_distinct_texts_once() -> None:
    column = Column.of(["a", "b", "a", " ", "a"])
    assert column.texts() == ["a", "b", " "]
    assert [column.cell(i) for i in range(5)] == ["a", "b", "a", " ", "a"]
    assert column.blank().tolist() == [False, False, False, True, False]
    assert column.matching("^A$").tolist() == [True, False, True, False, True]
    assert column.take([4, 1]).codes.tolist() == [0, 1]


def test_an_empty_column_has_no_rows_and_no_blanks() -> None:
    column = Column.of([])
    assert (len(column), column.blank().tolist(), column.matching("a").tolist()) == (0, [], [])
