"""Workbook -> raw table: xlsx, xlsm, xls, xlsb, ods through calamine.

Cells become the text a person would have typed: whole numbers without a decimal point, money with
its two decimals, dates as ISO days. Binary noise of a stored 0.30000000000000004 is undone only
where the number is within a millionth of a whole cent; anything finer stays and is held later.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from types import TracebackType
from typing import Any, Final

import numpy as np
import python_calamine as calamine

from writeoffs.problems import Unreadable
from writeoffs.readers import rows as furniture
from writeoffs.readers import sheets as xml
from writeoffs.readers.raw import RawTable, tidy_headings

_MOST_UNPACKED: Final = 200 * 2**20
_MOST_RATIO: Final = 100
_MOST_PARTS: Final = 2_000
_MOST_CELLS: Final = 50_000_000  # of the block that a sheet spans, filled or not
_MOST_COLUMNS: Final = 702  # up to ZZ
_CHUNK: Final = 2**20
_KEEP_ONLY: Final = "Open it in Excel, keep only the table, and save it under a new name."


@dataclass(frozen=True)
class _Sheet:
    """A sheet that holds something: cells as text, and where its heading stands if it has one."""

    name: str
    cells: list[list[str]]
    skip: int
    heading: list[str] | None
    banner: list[str]

    @property
    def names(self) -> list[str]:
        """The headings that are not blank."""
        return [c.strip() for c in self.heading or () if c.strip()]


def read(data: bytes, name: str, sheet: str | None = None) -> RawTable:
    """Read one sheet of a workbook: the named one, else the fullest visible one, with those of the
    same headings.

    Raises:
        Unreadable: protected, damaged, absurdly large, or without a table.
    """
    found, left_out = _sheets(data, name, sheet)
    fullest = found[0]
    alike = [s for s in found if s is fullest or (s.names and s.names == fullest.names)]
    others = [s.name for s in found if s not in alike]
    notes = [f"other sheets not read: {', '.join(others)}"] if others else []
    return _table(alike, data, name, [*notes, *left_out])


def read_all(data: bytes, name: str) -> tuple[RawTable, ...]:
    """Read every visible sheet of a workbook, fullest first; sheets of the same headings are one
    table. ``sheets`` of each says which it is from. Sheets without a table are named in a note.

    Raises:
        Unreadable: protected, damaged, absurdly large, or without any table.
    """
    found, left_out = _sheets(data, name, None)
    groups: dict[tuple[str, ...], list[_Sheet]] = {}
    for one in found:
        groups.setdefault(tuple(one.names) or (f"sheet {one.name}",), []).append(one)
    tables: list[RawTable] = []
    empty: list[str] = []
    refused: list[Unreadable] = []
    for group in groups.values():
        try:
            tables.append(_table(group, data, name, []))
        except Unreadable as error:
            refused.append(error)
            empty += [s.name for s in group]
    if not tables:
        raise refused[0]
    if empty:
        left_out = [f"sheets without a table left out: {', '.join(empty)}", *left_out]
    if len(tables) > 1:
        tables = [_of_its_own(t, data) for t in tables]
    return (replace(tables[0], notes=(*tables[0].notes, *left_out)), *tables[1:])


def _of_its_own(table: RawTable, data: bytes) -> RawTable:
    """Told apart from the other tables of its file: the same bytes again would count as known."""
    digest = hashlib.sha256(data)
    digest.update("\x1f".join(("", *table.sheets)).encode())
    return replace(table, sha256=digest.hexdigest())


def _sheets(data: bytes, name: str, sheet: str | None) -> tuple[list[_Sheet], list[str]]:
    """The visible sheets that hold anything, or the named one, fullest first; notes on the rest."""
    if data.startswith(b"PK"):
        _refuse_bombs(data, name)
    with _NoPanic(name):
        book = _open(data, name)
        kept = [s for s in book.sheets_metadata if s.typ == calamine.SheetTypeEnum.WorkSheet]
        visible = [s.name for s in kept if s.visible == calamine.SheetVisibleEnum.Visible]
        hidden = [s.name for s in kept if s.name not in visible]
        wanted = [sheet] if sheet else visible
        found: list[_Sheet] = []
        damaged: list[str] = []
        for one in wanted:
            try:
                found += _look_at(book, one)
            except calamine.CalamineError:
                damaged.append(one)
    if damaged and not found:
        raise Unreadable("bad_workbook", "the workbook is damaged", _KEEP_ONLY, name)
    if not found:
        raise Unreadable(
            "empty_file", "no visible sheet holds anything", "Save the sheet with the data.", name
        )
    notes = [f"damaged and not read: sheet {', '.join(damaged)}"] if damaged else []
    notes += [f"hidden sheets not read: {', '.join(hidden)}"] if hidden and not sheet else []
    if not name.lower().endswith((".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")):
        notes.append("the name says text, the content is a workbook")
    return sorted(found, key=lambda s: -sum(len(row) for row in s.cells)), notes


def _look_at(book: Any, sheet: str) -> list[_Sheet]:
    """The sheet, or none where there is no such sheet or nothing in it."""
    try:
        page = book.get_sheet_by_name(sheet)
    except calamine.WorksheetNotFound:
        return []
    rows = page.to_python(skip_empty_area=False)
    if not any(map(any, rows)):
        return []
    cells = [[as_text(cell) for cell in row] for row in rows]
    try:
        skip, heading = furniture.find_heading(cells, "")
    except Unreadable:
        return [_Sheet(sheet, cells, 0, None, [])]
    while heading and not heading[-1].strip():
        heading.pop()
    return [_Sheet(sheet, cells, skip, heading, _banner(page, cells, skip))]


def _banner(page: Any, cells: list[list[str]], heading: int) -> list[str]:
    """What stands above each heading in a cell that was merged over several columns."""
    out = [""] * len(cells[heading])
    for (top, left), (bottom, right) in page.merged_cell_ranges or ():
        if top <= bottom == heading - 1 and left < right < len(out):
            out[left : right + 1] = [cells[top][left].strip()] * (right + 1 - left)
    return out


def _refuse_bombs(data: bytes, name: str) -> None:
    """Look into every part, measured while it unpacks; what the zip says of sizes is a first look.

    Raises:
        Unreadable: it would unpack to too much, is damaged, or has a part that no export has.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            unpacked = sum(m.file_size for m in members)
            ratio = unpacked // max(1, sum(m.compress_size for m in members))
            if unpacked > _MOST_UNPACKED or ratio > _MOST_RATIO or len(members) > _MOST_PARTS:
                raise _too_large(unpacked, ratio, name)
            if any(m.flag_bits & 0x41 for m in members):
                raise _protected("encrypted_or_broken_ole", name)
            if len({m.filename.lower() for m in members}) < len(members):
                # Which of two parts of one name is read differs from program to program.
                raise Unreadable("bad_workbook", "it holds a part twice", _KEEP_ONLY, name)
            left = _MOST_UNPACKED
            for member in members:
                left -= _look_into(archive, member, name, left)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError):
        raise Unreadable("bad_workbook", "the workbook is damaged", _KEEP_ONLY, name) from None


def _too_large(unpacked: int, ratio: int, name: str) -> Unreadable:
    message = f"it unpacks to {unpacked:,} bytes, {ratio} times its size"
    return Unreadable("unpacked_too_large", message, _KEEP_ONLY, name)


def _look_into(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str, left: int) -> int:
    """Unpack one part, refuse what no export has; the bytes that it took."""
    if member.filename.startswith("/") or ".." in member.filename.split("/"):
        raise Unreadable("unsafe_name", "a part of it points outside the file", _KEEP_ONLY, name)
    part = b""
    with archive.open(member) as packed:
        pieces = []
        while chunk := packed.read(_CHUNK):
            pieces.append(chunk)
            if len(pieces) * _CHUNK > left + _CHUNK:
                raise _too_large(_MOST_UNPACKED, _MOST_RATIO, name)
        part = b"".join(pieces)
    if "worksheets/" in member.filename and member.filename.endswith(".bin"):
        _refuse_vast(xml.size_of_binary(part), name)
    if not member.filename.lower().endswith((".xml", ".rels")):
        return len(part)
    if part.startswith((b"\xff\xfe", b"\xfe\xff", b"<\x00", b"\x00<")):
        raise Unreadable("bad_workbook", "it is written as no program does", _KEEP_ONLY, name)
    if b"<!ENTITY" in part or b"<!DOCTYPE" in part:
        raise Unreadable(
            "xml_entities", "it holds XML entities, as no export does", _KEEP_ONLY, name
        )
    if "worksheets/" in member.filename:
        _refuse_vast(xml.size(part), name)
    if member.filename == "content.xml" and xml.repeats_too_often(part):
        message = "a row or a cell in it is repeated without end"
        raise Unreadable("unpacked_too_large", message, _KEEP_ONLY, name)
    return len(part)


def _refuse_vast(block: xml.Size, name: str) -> None:
    """A cell far away makes every reader of values hold the whole block up to it."""
    if block.columns > _MOST_COLUMNS:
        raise Unreadable(
            "sheet_too_wide",
            f"a sheet has {block.columns} columns; no export has more than {_MOST_COLUMNS}",
            _KEEP_ONLY,
            name,
        )
    if block.rows * block.columns > _MOST_CELLS:
        raise Unreadable(
            "unpacked_too_large",
            f"a sheet spans {block.rows:,} rows and {block.columns:,} columns",
            "Delete the empty rows and columns around the table, save it, and upload that.",
            name,
        )


class _NoPanic:
    """The library that reads workbooks ends in a panic on some damaged ones, which is no error
    that can be named in an ``except``: it is known by the name of its type alone."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: object, trace: TracebackType | None
    ) -> None:
        if kind is not None and kind.__name__ == "PanicException":
            raise Unreadable(
                "bad_workbook",
                "the workbook is damaged, or of a variety that cannot be read",
                "Open it in Excel, save it as .xlsx or .csv, and upload that.",
                self.name,
            ) from None


def _open(data: bytes, name: str) -> Any:
    try:
        return calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    except calamine.PasswordError:
        message = "the workbook is protected by a password"
        hint = "Open it in Excel, remove the password, save it and upload that."
        raise Unreadable("encrypted_or_broken_ole", message, hint, name) from None
    except calamine.CalamineError:
        kind = "bad_workbook" if data.startswith(b"PK") else "encrypted_or_broken_ole"
        raise _protected(kind, name) from None


def _protected(kind: str, name: str) -> Unreadable:
    return Unreadable(
        kind,
        "the workbook is protected by a password, or damaged",
        "Open it in Excel, save it as .xlsx without a password, and upload that.",
        name,
    )


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
    return repr(int(value)) if value.is_integer() else repr(value)


def _table(sheets: Sequence[_Sheet], data: bytes, name: str, notes: list[str]) -> RawTable:
    """Sheets of the same headings as one table; its lines are the rows of each sheet."""
    first = sheets[0]
    if first.heading is None:
        furniture.find_heading(first.cells, name)  # says why there is none
    heading = _under_banners(first)
    names = [s.name for s in sheets]
    notes = [
        f"read sheet {names[0]}"
        if len(names) == 1
        else f"read sheets {', '.join(names)}, which have the same headings, as one table",
        *notes,
    ]
    keeper = furniture.Keeper(first.heading or [], len(heading))
    number = 0
    for place, one in enumerate(sheets):
        keeper.sheet = place
        for line, row in enumerate(one.cells[one.skip + 1 :], start=one.skip + 2):
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
    if first.skip:
        skipped = "row 1" if first.skip == 1 else f"rows 1-{first.skip}"
        notes.append(f"{skipped} above the heading skipped")
    sha = hashlib.sha256(data).hexdigest()
    made = furniture.table(name, sha, found, tidy_headings(heading), notes, "workbook")
    return replace(made, sheets=tuple(names), unstored=_unstored(made, data, names))


def _under_banners(sheet: _Sheet) -> list[str]:
    """Headings that stand there several times, told apart by the merged cell above each:
    "Paid" below "Insurance" and "Paid" below "Patient"."""
    heading = sheet.heading or []
    seen = [c.strip() for c in heading]
    pairs = zip(heading, sheet.banner, strict=False)
    full = [f"{b} {h}" if b and seen.count(h.strip()) > 1 else h for h, b in pairs]
    return full if len(set(full)) > len(set(heading)) else heading


def _unstored(made: RawTable, data: bytes, sheets: Sequence[str]) -> dict[str, dict[int, str]]:
    """Blank cells that hold a formula whose value was never stored: heading -> row -> place."""
    blank = {place: column.blank() for place, column in enumerate(made.columns.values(), start=1)}
    if not any(flags.any() for flags in blank.values()):
        return {}
    out: dict[str, dict[int, str]] = {}
    for at, sheet in enumerate(sheets):
        rows = np.flatnonzero(made.row_sheets == at)
        row_of = dict(zip(made.lines[rows].tolist(), rows.tolist(), strict=True))
        for place in sorted(xml.without_value(data, sheet)):
            row = row_of.get(place.row)
            if row is None or place.column not in blank or not blank[place.column][row]:
                continue
            heading = made.headings[place.column - 1]
            said = f"sheet {sheet}, cell {xml.column_letters(place.column)}{place.row}"
            out.setdefault(heading, {})[row] = said
    return out


def _fitted(row: list[str], width: int) -> list[str]:
    """A sheet's rows are padded to its widest one: cut blank cells beyond the heading."""
    while len(row) > width and not row[-1].strip():
        row = row[:-1]
    return row + [""] * (width - len(row))
