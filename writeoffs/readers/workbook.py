"""Workbook -> raw table: xlsx, xlsm, xls, xlsb, ods through calamine.

Cells become the text a person would have typed: whole numbers without a decimal point, money with
its two decimals, dates as ISO days. Binary noise of a stored 0.30000000000000004 is undone only
where the number is within a millionth of a whole cent; anything finer stays and is held later.
"""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from datetime import date, datetime, time, timedelta
from typing import Any, Final

import python_calamine as calamine

from writeoffs.problems import Unreadable
from writeoffs.readers import rows as furniture
from writeoffs.readers.raw import RawTable, tidy_headings

_MOST_UNPACKED: Final = 200 * 2**20
_MOST_RATIO: Final = 100
_FAR_COLUMN: Final = re.compile(rb'\sr="[A-Z]{3}\d')


def read(data: bytes, name: str, sheet: str | None = None) -> RawTable:
    """Read one sheet of a workbook: the named one, else the fullest visible one.

    Raises:
        Unreadable: protected, damaged, absurdly large, or without a table.
    """
    if data.startswith(b"PK"):
        _refuse_bombs(data, name)
    book = _open(data, name)
    visible = [
        s.name
        for s in book.sheets_metadata
        if s.visible == calamine.SheetVisibleEnum.Visible
        and s.typ == calamine.SheetTypeEnum.WorkSheet
    ]
    tables = {s: _cells(book, s) for s in ([sheet] if sheet else visible)}
    tables = {s: cells for s, cells in tables.items() if cells}
    if not tables:
        raise Unreadable(
            "empty_file", "no visible sheet holds anything", "Save the sheet with the data.", name
        )
    chosen = max(tables, key=lambda s: sum(len(row) for row in tables[s]))
    alike = [s for s in tables if s == chosen or _same_table(tables[s], tables[chosen])]
    notes = [f"read sheet {chosen}"]
    if len(alike) > 1:
        notes = [f"read sheets {', '.join(alike)}, which have the same headings, as one table"]
    others = [s for s in visible if s not in alike]
    if others:
        notes.append(f"other sheets not read: {', '.join(others)}")
    if not name.lower().endswith((".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")):
        notes.append("the name says text, the content is a workbook")
    return _table([tables[s] for s in alike], data, name, notes, tuple(visible))


def _same_table(one: list[list[str]], other: list[list[str]]) -> bool:
    """Whether two sheets carry the same headings, so that they are one table cut in two."""
    try:
        heads = [furniture.find_heading(cells, "")[1] for cells in (one, other)]
    except Unreadable:
        return False
    first, second = ([c.strip() for c in head if c.strip()] for head in heads)
    return first == second


def _refuse_bombs(data: bytes, name: str) -> None:
    hint = "Open it in Excel, keep only the table, and save it under a new name."
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            unpacked = sum(m.file_size for m in members)
            packed = max(1, sum(m.compress_size for m in members))
            if unpacked > _MOST_UNPACKED or unpacked / packed > _MOST_RATIO:
                raise Unreadable(
                    "unpacked_too_large",
                    f"it unpacks to {unpacked:,} bytes, {unpacked // packed} times its size",
                    hint,
                    name,
                )
            for member in members:
                _look_into(archive, member, name, hint)
    except zipfile.BadZipFile:
        raise Unreadable("bad_workbook", "the workbook is damaged", hint, name) from None


def _look_into(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str, hint: str) -> None:
    if member.filename.startswith("/") or ".." in member.filename.split("/"):
        raise Unreadable("unsafe_name", "a part of it points outside the file", hint, name)
    if not member.filename.endswith(".xml"):
        return
    part = archive.read(member)
    if b"<!ENTITY" in part[:4096] or b"<!DOCTYPE" in part[:4096]:
        raise Unreadable("xml_entities", "it holds XML entities, as no export does", hint, name)
    if "worksheets/" in member.filename and _FAR_COLUMN.search(part):
        raise Unreadable(
            "sheet_too_wide",
            "a sheet has a cell beyond column 702, up to 16384 columns",
            hint,
            name,
        )


def _open(data: bytes, name: str) -> Any:
    try:
        return calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    except calamine.PasswordError:
        raise Unreadable(
            "encrypted_or_broken_ole",
            "the workbook is protected by a password",
            "Open it in Excel, remove the password, save it and upload that.",
            name,
        ) from None
    except calamine.CalamineError:
        kind = "bad_workbook" if data.startswith(b"PK") else "encrypted_or_broken_ole"
        raise Unreadable(
            kind,
            "the workbook is protected by a password, or damaged",
            "Open it in Excel, save it as .xlsx without a password, and upload that.",
            name,
        ) from None


def _cells(book: Any, sheet: str) -> list[list[str]]:
    try:
        rows = book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    except calamine.CalamineError:
        return []
    return [[as_text(cell) for cell in row] for row in rows] if any(map(any, rows)) else []


def as_text(cell: Any) -> str:
    """The text of a typed cell, as a person would have typed it."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float):
        return _number_text(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, (date, time, timedelta)):
        return str(cell)
    return str(cell)


def _number_text(value: float) -> str:
    hundredths = value * 100
    if abs(value) < 1e13 and abs(hundredths - round(hundredths)) < 1e-6:
        sign = "-" if hundredths < 0 and round(hundredths) else ""
        whole, part = divmod(abs(round(hundredths)), 100)
        return f"{sign}{whole}.{part:02d}" if part else f"{sign}{whole}"
    return repr(int(value)) if value == int(value) else repr(value)


def _table(
    sheets: list[list[list[str]]], data: bytes, name: str, notes: list[str], names: tuple[str, ...]
) -> RawTable:
    """Sheets of the same headings as one table; its lines are the rows of each sheet."""
    skip, heading = furniture.find_heading(sheets[0], name)
    while heading and not heading[-1].strip():
        heading.pop()
    keeper = furniture.Keeper(heading, len(heading))
    number = 0
    for cells in sheets:
        start = furniture.find_heading(cells, name)[0]
        for line, row in enumerate(cells[start + 1 :], start=start + 2):
            if any(cell.strip() for cell in row):
                number += 1
                keeper.see(number, line, _fitted(row, len(heading)))
    found = keeper.found(name)
    if not len(found.numbers) and not found.held:
        raise Unreadable(
            "no_rows",
            f"the sheet has {len(heading)} columns and 0 rows",
            "Check the date range of the export; it may have selected nothing.",
            name,
        )
    if skip:
        notes.append(f"rows 1-{skip} above the heading skipped")
    sha = hashlib.sha256(data).hexdigest()
    made = furniture.table(name, sha, found, tidy_headings(heading), notes, "workbook")
    return RawTable(**{**made.__dict__, "sheets": names})


def _fitted(row: list[str], width: int) -> list[str]:
    """A sheet's rows are padded to its widest one: cut blank cells beyond the heading."""
    while len(row) > width and not row[-1].strip():
        row = row[:-1]
    return row + [""] * (width - len(row))
