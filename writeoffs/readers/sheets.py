"""What stands in a workbook's XML and no reader of values tells: cells absurdly far away, and
formulas whose value was never stored.

The parts are looked at as bytes. Entities are refused before anything is parsed as XML.
"""

from __future__ import annotations

import io
import re
import zipfile
from html import unescape
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

_ROW_STARTS: Final = re.compile(rb"<(?:\w+:)?row\b")
_CELL_STARTS: Final = re.compile(rb"<(?:\w+:)?c[\s>/]")
_CELL_ENDS: Final = tuple(b"c" + bytes([n]) for n in b" >/\t\r\n")  # after "<" or ":"
_BLOCK: Final = 2**24  # bytes looked at in one piece
_LONGEST: Final = 16  # r="XFD1048576" and what surrounds it
# <c r="G2"><f>E2-70</f></c>, with or without an empty <v/> at the end
_FORMULA: Final = re.compile(
    rb"<(?:\w+:)?c\b([^>]*)>\s*"
    rb"<(?:\w+:)?f(?:\s[^>]*?)?(?:/>|>[^<]*</(?:\w+:)?f>)\s*"
    rb"(<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_PLACE: Final = re.compile(rb"""\sr=["']([A-Z]{1,3})(\d{1,7})["']""")
_TEXT_RESULT: Final = re.compile(rb"""\st=["']str["']""")
_SHEET: Final = re.compile(r"<(?:\w+:)?sheet\s[^>]*>")
_RELATION: Final = re.compile(r"<(?:\w+:)?Relationship\s[^>]*>")
_ATTRIBUTE: Final = re.compile(r"""([\w:]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_MANY_ROWS: Final = re.compile(rb"""number-rows-repeated=["'](\d{5,})["']""")
_MANY_COLUMNS: Final = re.compile(
    rb"""<table:table-cell\b(?=[^>]*number-columns-repeated=["']\d{4,})[^>]*office:value-type"""
)


class Place(NamedTuple):
    """A cell by its 1-based row and column."""

    row: int
    column: int


class Size(NamedTuple):
    """Rows and columns of the smallest block that holds every cell of a sheet.

    A reader of values makes the whole block, whatever little of it is filled.
    """

    rows: int
    columns: int


def size(part: bytes) -> Size:
    """The block that a sheet's XML spans: by the names of its cells, or where rows and cells bear
    none and just follow each other, by how many there are."""
    rows = columns = named = 0
    for start in range(0, len(part), _BLOCK):
        before = part[start - 2 : start] if start else b"  "
        found = _references(before + part[start : start + _BLOCK + _LONGEST])
        rows = max(rows, int(found.row.max(initial=0)))
        columns = max(columns, int(found.column.max(initial=0)))
        named += found.cells
    starts = part.count(b"<row") + part.count(b":row")
    cells = sum(part.count(mark + end) for mark in (b"<", b":") for end in _CELL_ENDS)
    if cells > named:
        columns = max(columns, min(cells - named, _longest_row(part)))
    return Size(max(rows, starts), columns)


class _References(NamedTuple):
    """What attributes called ``r`` name: ``row``, ``column`` (0 for a whole row), and how many of
    them are the first attribute of a cell."""

    row: npt.NDArray[np.int64]
    column: npt.NDArray[np.int64]
    cells: int


def _references(text: bytes) -> _References:
    """The names that begin in a block, whose first two bytes are those before it."""
    data = np.frombuffer(text + b" " * _LONGEST, np.uint8)
    name = (data[3:-1] == ord("r")) & (data[4:] == ord("=")) & (data[2:-2] <= ord(" "))
    gap = np.flatnonzero(name[:_BLOCK]) + 2
    cell = (data[gap - 1] == ord("c")) & np.isin(data[gap - 2], (ord("<"), ord(":")))
    at = gap + 4  # behind r="
    row = np.zeros(len(at), dtype=np.int64)
    column = np.zeros(len(at), dtype=np.int64)
    reading = np.ones(len(at), dtype=bool)
    for step in range(_LONGEST - 4):
        byte = data[np.minimum(at + step, len(data) - 1)].astype(np.int64)
        letter = reading & (row == 0) & (byte >= ord("A")) & (byte <= ord("Z"))
        digit = reading & (byte >= ord("0")) & (byte <= ord("9"))
        column = np.where(letter, column * 26 + byte - 64, column)
        row = np.where(digit, row * 10 + byte - 48, row)
        reading &= letter | digit
        if not reading.any():
            break
    return _References(row, np.where(row > 0, column, 0), int((cell & (row > 0)).sum()))


def _longest_row(part: bytes) -> int:
    """The most cells that stand in one row."""
    starts = [m.start() for m in _ROW_STARTS.finditer(part)]
    ends = [*starts, len(part)][1:]
    rows = (part[a:b] for a, b in zip(starts, ends, strict=True))
    return max((len(_CELL_STARTS.findall(row)) for row in rows), default=0)


def size_of_binary(part: bytes) -> Size:
    """The block that a sheet of an xlsb spans: its records of rows (kind 0) and cells (1 to 11),
    each of which begins with its number as four bytes.

    Source: [MS-XLSB] 2.1.4 (records), 2.4 (BrtRowHdr, BrtCellBlank to BrtFmlaError).
    """
    rows = columns = at = 0
    while at < len(part):
        kind, at = _packed_number(part, at, 2)
        length, at = _packed_number(part, at, 4)
        if kind <= 11 and length >= 4:
            number = int.from_bytes(part[at : at + 4], "little") + 1
            if kind:
                columns = max(columns, number)
            else:
                rows = max(rows, number)
        at += length
    return Size(rows, columns)


def _packed_number(part: bytes, at: int, most: int) -> tuple[int, int]:
    """A number of seven bits a byte, the last of which is below 128, and where it ends."""
    number = 0
    for place, byte in enumerate(part[at : at + most]):
        number |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            return number, at + place + 1
    return number, at + most


def repeats_too_often(part: bytes) -> bool:
    """Whether an OpenDocument sheet says one filled row or cell more often than any export does.

    Blank ones are repeated up to the end of the sheet by every program, and are fine.
    """
    if _MANY_COLUMNS.search(part):
        return True
    for found in _MANY_ROWS.finditer(part):
        row = part[found.end() : part.find(b"</table:table-row>", found.end())]
        if b"office:value-type" in row:
            return True
    return False


def column_number(letters: bytes) -> int:
    """A -> 1, Z -> 26, AA -> 27."""
    out = 0
    for letter in letters:
        out = out * 26 + letter - 64
    return out


def column_letters(number: int) -> str:
    """1 -> A, 26 -> Z, 27 -> AA."""
    out = ""
    while number:
        number, last = divmod(number - 1, 26)
        out = chr(65 + last) + out
    return out


def without_value(data: bytes, sheet: str) -> frozenset[Place]:
    """Cells of a sheet that hold a formula and no stored value, as programs write that never
    worked it out. Readers of values take them for blanks.

    Args:
        data: an xlsx or xlsm whose parts have been looked into; anything else has no such cells.
    """
    if not data.startswith(b"PK"):
        return frozenset()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            part = _part_of(archive, sheet)
            content = archive.read(part) if part else b""
    except (zipfile.BadZipFile, KeyError):
        return frozenset()
    if b"<f" not in content and b":f" not in content:
        return frozenset()
    found = set()
    for cell in _FORMULA.finditer(content):
        place = _PLACE.search(cell[1])
        # A formula that gave an empty text has its value stored: that text.
        if place and not (cell[2] and _TEXT_RESULT.search(cell[1])):
            found.add(Place(int(place[2]), column_number(place[1])))
    return frozenset(found)


def _part_of(archive: zipfile.ZipFile, sheet: str) -> str | None:
    """The name of the part that holds a sheet."""
    names = set(archive.namelist())
    if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names:
        return None
    book = archive.read("xl/workbook.xml").decode("utf-8", errors="replace")
    relations = archive.read("xl/_rels/workbook.xml.rels").decode("utf-8", errors="replace")
    targets = {
        r.get("Id"): r.get("Target", "") for r in map(_attributes, _RELATION.findall(relations))
    }
    for found in map(_attributes, _SHEET.findall(book)):
        if found.get("name") == sheet:
            wanted = next((v for k, v in found.items() if k.endswith(":id")), "")
            target = targets.get(wanted, "").lstrip("/")
            path = target if target.startswith("xl/") else f"xl/{target}"
            return path if path in names else None
    return None


def _attributes(tag: str) -> dict[str, str]:
    return {name: unescape(one or two) for name, one, two in _ATTRIBUTE.findall(tag)}
