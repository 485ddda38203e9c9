"""Workbooks: every sheet, formulas without a value, headings under banners, and hostile sheets."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from writeoffs.problems import Unreadable
from writeoffs.readers import read_all, read_bytes, sheets
from writeoffs.readers.sheets import Place
from writeoffs.readers.workbook import as_text
from writeoffs.reading import read

HEAD = ["Claim", "DOS", "Payer", "Charge", "Ins Paid", "Adjustment", "Pt Resp"]
ROWS = [
    ["1", "2026-01-05", "Aetna", 200, 120, 60, 20],
    ["2", "2026-01-06", "Cigna", 150, 100, 40, 10],
    ["3", "2026-01-07", "Aetna", 100, 69, 30, 1],
]
PAYMENTS = [["Claim", "Paid Date", "Amount"], ["1", "2026-02-01", 20]]
Rows = list[list[object]]


def saved(fill: dict[str, Rows], hidden: tuple[str, ...] = ()) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in fill.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
        if name in hidden:
            sheet.sheet_state = "hidden"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def one_sheet(rows: Rows, then: Callable[[Worksheet], object] = lambda sheet: None) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    then(book.active)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def rewritten(data: bytes, change: Callable[[bytes], bytes], part: str = "sheet1.xml") -> bytes:
    """A workbook with one of its parts changed as text; stored, so that nothing looks like a bomb."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, change(content) if name.endswith(part) else content)
    return out.getvalue()


def refusal(data: bytes, name: str = "x.xlsx") -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        read_bytes(data, name)
    assert caught.value.hint
    return caught.value


# --- formulas -------------------------------------------------------------------------------------


def paid_by_formula(row: int) -> Rows:
    """One cell of Ins Paid is a formula that nobody has worked out."""
    rows = [list(r) for r in ROWS]
    rows[row][4] = f"=D{row + 2}-F{row + 2}-G{row + 2}"
    return [HEAD, *rows]


def test_a_formula_without_a_value_holds_its_row_and_names_its_cell() -> None:
    ledger = read(("x.xlsx", saved({"Claims": paid_by_formula(1)})))
    [problem] = [p for p in ledger.problems if p.held]
    assert problem.kind == "formula_without_value"
    assert "line 3 (row 2), column Ins Paid: sheet Claims, cell E3" in problem.message
    assert (problem.rows, problem.cents) == ((2,), (15000,))
    parts = ledger.reconciliation.set_index("part")["cents"]
    assert (parts["billed"], parts["paid"]) == (30000, 18900)


def test_formulas_outside_of_money_hold_nothing() -> None:
    rows = [[*HEAD, "Days"], *([*row, "=TODAY()-B2"] for row in ROWS)]
    assert read(("x.xlsx", saved({"Claims": rows}))).rows_held == 0


def test_a_column_of_formulas_holds_every_row_and_its_total_row_is_still_set_aside() -> None:
    rows: Rows = [HEAD, *([*r[:4], f"=D{i}-60", *r[5:]] for i, r in enumerate(ROWS, start=2))]
    rows.append(["Total", None, None, "=SUM(D2:D4)", "=SUM(E2:E4)", None, None])
    ledger = read(("x.xlsx", saved({"Claims": rows})))
    assert (ledger.rows_read, ledger.rows_held) == (3, 3)
    assert "line 5" in ledger.files[0].notes[-1]


def test_the_second_sheet_of_a_table_names_its_own_cell() -> None:
    ledger = read(("x.xlsx", saved({"Jan": [HEAD, *ROWS], "Feb": paid_by_formula(0)})))
    [problem] = [p for p in ledger.problems if p.kind == "formula_without_value"]
    assert "sheet Feb, cell E2" in problem.message
    assert ledger.rows_held == 1


STORED = {
    "a value": (b"<f>D2-80</f><v>120</v>", []),
    "no value part": (b"<f>D2-80</f>", [(0, "sheet Sheet, cell E2")]),
    "an empty one": (b"<f>D2-80</f><v/>", [(0, "sheet Sheet, cell E2")]),
    "an empty pair": (b"<f>D2-80</f>\n<v></v>", [(0, "sheet Sheet, cell E2")]),
    "a shared formula": (b'<f t="shared" si="0"/>', [(0, "sheet Sheet, cell E2")]),
    "a shared one with its value": (b'<f t="shared" si="0"/><v>120</v>', []),
}


@pytest.mark.parametrize(("cell", "expected"), STORED.values(), ids=STORED)
def test_what_counts_as_a_stored_value(cell: bytes, expected: list[tuple[int, str]]) -> None:
    data = rewritten(
        saved({"Sheet": [HEAD, *ROWS]}),
        lambda part: re.sub(rb'(<c r="E2"[^>]*>)<v>120</v>', lambda m: m[1] + cell, part),
    )
    table = read_bytes(data, "x.xlsx")
    assert list(table.unstored.get("Ins Paid", {}).items()) == expected


def test_a_formula_that_gave_an_empty_text_has_its_value() -> None:
    text = b'<c r="E2" t="str"><f>IF(1,"")</f><v></v></c>'
    data = rewritten(
        saved({"Sheet": [HEAD, *ROWS]}),
        lambda part: re.sub(rb'<c r="E2".*?</c>', text, part),
    )
    assert read_bytes(data, "x.xlsx").unstored == {}


def test_a_sheet_name_with_marks_and_parts_with_prefixes_are_found() -> None:
    data = rewritten(
        saved({'Q1 & "Q2"': paid_by_formula(0)}),
        lambda part: re.sub(rb"<(/?)(c|f|v)\b", rb"<\1x:\2", part).replace(
            b"<worksheet ",
            b'<worksheet xmlns:x="http://schemas.openxmlformats.org/spreadsheetml/2006/main" ',
        ),
    )
    assert sheets.without_value(data, 'Q1 & "Q2"') == {Place(2, 5)}
    assert sheets.without_value(data, "another") == frozenset()
    assert sheets.without_value(b"\xd0\xcf\x11\xe0", "an old one") == frozenset()


# --- several sheets -------------------------------------------------------------------------------


def test_every_table_of_a_workbook_is_read_fullest_first() -> None:
    data = saved(
        {
            "Cover": [["Demo practice"]],
            "Payments": PAYMENTS,
            "Jan": [["January"], HEAD, *ROWS],
            "Feb": [HEAD, *ROWS[:2]],
            "Old": [HEAD, *ROWS],
        },
        hidden=("Old",),
    )
    tables = read_all(data, "x.xlsx")
    assert [t.sheets for t in tables] == [("Jan", "Feb"), ("Payments",)]
    assert [len(t) for t in tables] == [5, 1]
    assert tables[0].lines.tolist() == [3, 4, 5, 2, 3]
    assert tables[0].row_sheets.tolist() == [0, 0, 0, 1, 1]
    assert tables[0].notes == (
        "read sheets Jan, Feb, which have the same headings, as one table",
        "row 1 above the heading skipped",
        "sheets without a table left out: Cover",
        "hidden sheets not read: Old",
    )
    assert tables[1].notes == ("read sheet Payments",)
    assert len({t.sha256 for t in tables}) == 2, "one of two must not count as already loaded"


def test_a_file_of_one_table_is_the_same_by_both_doors() -> None:
    for data in (saved({"A": [HEAD, *ROWS]}), b"Claim,Charge\n1,2.00\n"):
        [table] = read_all(data, "x")
        assert table.sha256 == read_bytes(data, "x").sha256
        assert table.headings == read_bytes(data, "x").headings


def test_a_workbook_without_any_table_is_refused_by_both_doors() -> None:
    data = saved({"Cover": [["Demo practice"]], "Plan": [[1, 2], [3, 4]]})
    assert refusal(data).problem.kind == "no_header"
    with pytest.raises(Unreadable) as caught:
        read_all(data, "x.xlsx")
    assert caught.value.problem.kind == "no_header"


def test_a_damaged_sheet_is_named_beside_a_good_one_and_refused_alone() -> None:
    def damage(part: bytes) -> bytes:
        return part.replace(b"<v>120</v>", b"<v>one</v>")

    both = saved({"Jan": [HEAD, *ROWS], "Feb": [HEAD, *ROWS]})
    table = read_bytes(rewritten(both, damage), "x.xlsx")
    assert table.sheets == ("Feb",)
    assert "damaged and not read: sheet Jan" in table.notes
    assert refusal(rewritten(saved({"Jan": [HEAD, *ROWS]}), damage)).problem.kind == "bad_workbook"


# --- headings -------------------------------------------------------------------------------------


def test_merged_banners_tell_headings_of_one_name_apart() -> None:
    def merge(sheet: Worksheet) -> None:
        sheet.merge_cells("D2:E2")
        sheet.merge_cells("F2:G2")

    rows: Rows = [
        ["Demo practice, all payers"],
        [None, None, None, "Insurance", None, "Patient", None],
        ["Claim", "DOS", "Charge\nAmount", "Paid", "Adj", "Paid", "Balance"],
        ["1", date(2026, 1, 5), 200, 120, 60, 5, 15],
    ]
    table = read_bytes(one_sheet(rows, merge), "x.xlsx")
    assert table.headings == [
        "Claim",
        "DOS",
        "Charge Amount",
        "Insurance Paid",
        "Adj",
        "Patient Paid",
        "Balance",
    ]
    assert table.lines.tolist() == [4]


def test_a_banner_over_headings_that_differ_changes_none_of_them() -> None:
    rows: Rows = [["Everything", *[None] * 6], HEAD, *ROWS]
    table = read_bytes(one_sheet(rows, lambda sheet: sheet.merge_cells("A1:G1")), "x.xlsx")
    assert table.headings == HEAD


def test_days_typed_as_numbers_are_days() -> None:
    rows: Rows = [HEAD, *([r[0], 46027 + i, *r[2:]] for i, r in enumerate(ROWS))]
    span = read(("x.xlsx", saved({"A": rows}))).span
    assert date(2026, 1, 5) in span.values()


def test_a_number_without_end_is_a_text_and_no_crash() -> None:
    assert as_text(float("inf")) == "inf"


# --- hostile sheets -------------------------------------------------------------------------------

TABLE: Rows = [["Claim", "Charge"], ["1", 2]]
MAIN = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def far(cell: str) -> bytes:
    def fill(sheet: Worksheet) -> None:
        sheet[cell] = 1

    return one_sheet(TABLE, fill)


def ending(rows: bytes) -> bytes:
    """A sheet with more rows behind its own."""
    return rewritten(
        one_sheet(TABLE), lambda part: part.replace(b"</sheetData>", rows + b"</sheetData>")
    )


VAST = {
    "a cell in the last row and column ZZ": (far("ZZ1048576"), "unpacked_too_large"),
    "a cell beyond ZZ": (far("AAA3"), "sheet_too_wide"),
    "single quotes": (
        rewritten(far("ZZ1048576"), lambda part: part.replace(b'r="ZZ1048576"', b"r='ZZ1048576'")),
        "unpacked_too_large",
    ),
    "a line break before the name": (
        rewritten(far("ZZ1048576"), lambda part: part.replace(b' r="ZZ', b'\nr="ZZ')),
        "unpacked_too_large",
    ),
    "cells without a name": (ending(b'<row r="9">' + b"<c/>" * 800 + b"</row>"), "sheet_too_wide"),
    "cells without a name beside decoys": (
        ending(b'<row r="9">' + b"<c/>" * 800 + b'<e r="A1"/>' * 900 + b"</row>"),
        "sheet_too_wide",
    ),
    "cells without a name, far down": (
        ending(b'<row r="1048576">' + b"<c/>" * 600 + b"</row>"),
        "unpacked_too_large",
    ),
    "a prefix": (
        ending(b'<x:row xmlns:x="' + MAIN + b'" r="1048576"><x:c r="ZZ1048576"/></x:row>'),
        "unpacked_too_large",
    ),
}


@pytest.mark.parametrize(("data", "kind"), VAST.values(), ids=VAST)
def test_a_cell_far_away_is_refused_before_its_block_is_made(data: bytes, kind: str) -> None:
    """The library would end the whole process for want of memory."""
    assert refusal(data).problem.kind == kind


def test_a_long_and_narrow_sheet_and_a_wide_and_short_one_are_fine() -> None:
    assert sheets.size(b'<row r="1048576"><c r="AN1048576"/></row>') == (1_048_576, 40)
    assert read_bytes(far("ZZ9"), "x.xlsx").rows_read == 2


def test_a_size_is_found_across_the_pieces_it_is_looked_for_in() -> None:
    for shift in range(24):
        part = b" " * (2**24 - shift) + b'<row r="7"><c r="AB7"/></row>'
        assert sheets.size(part) == (7, 28), shift


def test_letters_and_numbers_of_columns() -> None:
    for number, letters in (
        (1, "A"),
        (26, "Z"),
        (27, "AA"),
        (702, "ZZ"),
        (703, "AAA"),
        (16384, "XFD"),
    ):
        assert sheets.column_letters(number) == letters
        assert sheets.column_number(letters.encode()) == number


def record(kind: int, payload: bytes) -> bytes:
    """A record of an xlsb: its kind and length in seven bits a byte."""
    out = b""
    for number in (kind, len(payload)):
        while number > 127:
            out += bytes([number & 127 | 128])
            number >>= 7
        out += bytes([number])
    return out + payload


def test_the_block_of_an_xlsb_is_found_in_its_records() -> None:
    part = (
        record(145, b"")
        + record(148, (2**31).to_bytes(4, "little") * 4)
        + record(0, (6).to_bytes(4, "little") + bytes(13))
        + record(5, (27).to_bytes(4, "little") + bytes(200))
        + record(146, b"")
    )
    assert sheets.size_of_binary(part) == (7, 28)
    for end in range(len(part)):
        assert sheets.size_of_binary(part[:end]).rows <= 7 * 2**24, "cut short, it still ends"


def opendocument(rows: str) -> bytes:
    space = "urn:oasis:names:tc:opendocument:xmlns"
    content = (
        f'<office:document-content xmlns:office="{space}:office:1.0" xmlns:table="{space}:table:1.0"'
        f' xmlns:text="{space}:text:1.0"><office:body><office:spreadsheet><table:table table:name="A">'
        f"{rows}</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        made.writestr("content.xml", content)
        made.writestr(
            "META-INF/manifest.xml", f'<manifest:manifest xmlns:manifest="{space}:manifest:1.0"/>'
        )
    return out.getvalue()


def ods_row(*cells: str, repeated: int = 1, cell_repeated: int = 1) -> str:
    inside = "".join(
        f'<table:table-cell table:number-columns-repeated="{cell_repeated}"'
        f' office:value-type="string"><text:p>{cell}</text:p></table:table-cell>'
        for cell in cells
    )
    return f'<table:table-row table:number-rows-repeated="{repeated}">{inside}</table:table-row>'


def test_an_opendocument_sheet_repeats_blanks_and_nothing_else() -> None:
    table = ods_row("Claim", "Charge") + ods_row("1", "200.00")
    tail = (
        '<table:table-row table:number-rows-repeated="1048570">'
        '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    )
    assert len(read_bytes(opendocument(table + tail), "x.ods")) == 1
    rows = opendocument(table + ods_row("2", "5.00", repeated=1_000_000))
    cells = opendocument(table + ods_row("2", "5.00", cell_repeated=16_000))
    for data in (rows, cells):
        assert refusal(data, "x.ods").problem.kind == "unpacked_too_large"


@pytest.mark.parametrize("part", ["workbook.xml", "sheet1.xml", "workbook.xml.rels"])
def test_entities_are_refused_wherever_they_stand(part: str) -> None:
    def hide(content: bytes) -> bytes:
        head, _, rest = (
            content.partition(b"?>") if content.startswith(b"<?") else (b"<?xml", b"", content)
        )
        filler = b"<!--" + b" " * 9000 + b"-->"
        return head + b"?>" + filler + b'<!DOCTYPE x [<!ENTITY a "b">]>' + rest

    assert refusal(rewritten(one_sheet(TABLE), hide, part)).problem.kind == "xml_entities"


def test_text_in_another_encoding_hides_nothing() -> None:
    data = rewritten(one_sheet(TABLE), lambda part: part.decode().encode("utf-16"))
    assert refusal(data).problem.kind == "bad_workbook"


@pytest.mark.corpus
def test_a_panic_of_the_library_is_a_refusal(corpus: Path) -> None:
    path = corpus / "messy" / "poi-xlsx-Apache2" / "Simple.xlsb"
    assert refusal(path.read_bytes(), path.name).problem.kind == "bad_workbook"
