"""Delimited text -> raw table, strictly.

Most exports are plain, and those take the fast path: every column as dictionary-encoded text in
one vectorised pass. Whatever is unusual (a row of another width, a stray quotation mark, a NUL, a
repeated heading) sends the whole file to the strict slow reader, which names row and reason. Both
give the same table; a test holds them together.
"""

from __future__ import annotations

import csv
import hashlib
import io
import itertools
import os
import re
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyarrow import csv as pacsv

from writeoffs.problems import Unreadable
from writeoffs.readers import rows as furniture
from writeoffs.readers.raw import Column, RawTable, tidy_headings

DELIMITERS: Final = ",;\t|"
_NAMES: Final = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_SAMPLE_LINES: Final = 200
_HEADING_LINES: Final = 30  # of one quoted row; more is a mark that never closes
_BLOCK: Final = 1 << 22  # bytes that one thread parses at a time


class Text(NamedTuple):
    """Decoded bytes: ``data`` as UTF-8 without a byte-order mark, and notes on how it was read."""

    data: bytes
    notes: tuple[str, ...]


class Layout(NamedTuple):
    """Where the table stands in the text.

    ``delimiter``; ``skip`` lines above the heading; ``body``, the 0-based line after it (a heading
    may run over several); ``headings``; ``width`` of the data rows.
    """

    delimiter: str
    skip: int
    body: int
    headings: list[str]
    width: int


def read(data: bytes, name: str) -> RawTable:
    """Read delimited text.

    Raises:
        Unreadable: no heading, no rows, or a quotation mark that never closes.
    """
    sha = hashlib.sha256(data).hexdigest()
    text = decode(data)
    layout = find_layout(text.data, name)
    fast = _read_fast(text.data, layout) if _is_plain(text.data, layout.delimiter) else None
    found = fast or _read_slow(text.data, layout, name)
    if not len(found.numbers) and not found.held:
        raise Unreadable(
            "no_rows",
            f"the file has {len(layout.headings)} columns and 0 rows",
            "Check the date range of the export; it may have selected nothing.",
            name,
        )
    notes = list(text.notes)
    if layout.skip:
        notes.append(f"lines 1-{layout.skip} above the heading skipped")
    if layout.delimiter != ",":
        notes.append(f"columns are separated by a {_NAMES[layout.delimiter]}")
    return furniture.table(
        name, sha, found, tidy_headings(layout.headings), notes, layout.delimiter
    )


# --- decoding -------------------------------------------------------------------------------------


def decode(data: bytes) -> Text:
    """Bytes to UTF-8: byte-order mark, else UTF-8, else UTF-16 by its zeros, else Windows-1252."""
    if data.startswith(b"\xef\xbb\xbf"):
        data = data[3:]
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _utf16(data, "utf-16")
    head = data[:2000]
    if head.count(b"\x00") > len(head) // 3:
        return _utf16(data, "utf-16-le" if head[1:2] == b"\x00" else "utf-16-be")
    if data.isascii():
        return Text(data, ())
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        byte = data[error.start]
        text = data.decode("cp1252", errors="replace")
        note = f"read as Windows-1252 because of byte 0x{byte:02X} in line {line}"
        return Text(text.encode("utf-8"), (note,))
    return Text(data, ())


def _utf16(data: bytes, codec: str) -> Text:
    text = data.decode(codec, errors="replace").lstrip("\ufeff")
    return Text(text.encode("utf-8"), ("read as UTF-16",))


# --- where the table stands -----------------------------------------------------------------------


def find_layout(data: bytes, name: str) -> Layout:
    """Delimiter by the most rows of one width, heading by the names it holds."""
    sample = data[: 1 << 18].decode("utf-8", errors="ignore")
    if len(data) > 1 << 18:
        sample = sample[: sample.rfind("\n") + 1]
    lines = sample.splitlines()[:_SAMPLE_LINES]
    if not any(line.strip(" \t,;|") for line in lines):
        raise Unreadable(
            "empty_file",
            "the file holds only blank lines",
            "Export it again; the export may have stopped before writing.",
            name,
        )
    delimiter = max(DELIMITERS, key=lambda mark: _agreement(lines, mark))
    rows, ends = _sample_rows("\n".join(lines), lines, delimiter)
    place, cells = furniture.find_heading(rows, name)
    widths = Counter(len(row) for row in rows[place + 1 :] if any(c.strip() for c in row))
    width = widths.most_common(1)[0][0] if widths else len(cells)
    if width < len(cells) and widths.get(len(cells)):
        width = len(cells)
    return Layout(delimiter, ends[place - 1] if place else 0, ends[place], cells, width)


def _sample_rows(text: str, lines: list[str], delimiter: str) -> tuple[list[list[str]], list[int]]:
    """Rows of the sample and the line after each; a quoted cell may run over several lines.

    Where a quotation mark swallows more than a heading ever does, lines are taken one by one.
    """
    rows: list[list[str]] = []
    ends: list[int] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for cells in reader:
            rows.append(cells)
            ends.append(reader.line_num)
    except csv.Error:
        rows = []
    longest = max((b - a for a, b in itertools.pairwise([0, *ends])), default=0)
    if not rows or longest > _HEADING_LINES:
        return [_split(line, delimiter) for line in lines], list(range(1, len(lines) + 1))
    return rows, ends


def _split(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return line.split(delimiter)


def _agreement(lines: list[str], delimiter: str) -> tuple[int, int]:
    """How many lines share the commonest width above one, and that width."""
    widths = Counter(len(_split(line, delimiter)) for line in lines if line.strip())
    best = max(((n, w) for w, n in widths.items() if w > 1), default=(0, 0))
    return best


# --- the fast path --------------------------------------------------------------------------------


def _is_plain(data: bytes, delimiter: str) -> bool:
    """Whether every quotation mark stands where a strict reader allows it, and nothing is odd."""
    if b"\x00" in data:
        return False
    if b"\r" in data and data.count(b"\r") != data.count(b"\r\n"):
        return False
    if b'"' not in data:
        return True
    return data.count(b'"') % 2 == 0 and _quotes_are_strict(
        np.frombuffer(data, np.uint8), ord(delimiter)
    )


def _quotes_are_strict(text: npt.NDArray[np.uint8], delimiter: int) -> bool:
    """Opening marks follow a separator, closing marks precede one, doubled marks are pairs."""
    at = np.flatnonzero(text == ord('"'))
    opening, closing = at[0::2], at[1::2]
    ends = np.array([delimiter, ord("\n"), ord("\r")], dtype=np.uint8)
    before = np.where(opening > 0, text[opening - 1], ord("\n"))
    doubled_before = np.zeros(len(opening), dtype=bool)
    doubled_before[1:] = closing[:-1] == opening[1:] - 1
    last = len(text) - 1
    after = np.where(closing < last, text[np.minimum(closing + 1, last)], ord("\n"))
    doubled_after = np.zeros(len(closing), dtype=bool)
    doubled_after[:-1] = doubled_before[1:]
    if not (np.isin(before, ends) | doubled_before).all():
        return False
    if not (np.isin(after, ends) | doubled_after).all():
        return False
    # A line break inside quotes is allowed, but it moves the line numbers: the slow path counts.
    breaks = np.flatnonzero(text == ord("\n"))
    return bool((np.searchsorted(breaks, opening) == np.searchsorted(breaks, closing)).all())


def _read_fast(data: bytes, layout: Layout) -> furniture.Found | None:
    """All columns as dictionary-encoded text; None when any row has another width."""
    start = _line_start(data, layout.body)
    body = pa.py_buffer(data)[start:] if start else pa.py_buffer(data)
    if not len(body):
        return None
    names = [str(i) for i in range(layout.width)]
    odd = False

    def give_up(row: pacsv.InvalidRow) -> str:
        nonlocal odd
        odd = True
        return "skip"

    try:
        table = _arrow_csv(body, layout.delimiter, names, give_up)
    except pa.ArrowInvalid:
        return None
    if odd:
        return None
    columns = _encoded(table.columns)
    numbers = np.arange(1, table.num_rows + 1)
    lines = _fast_lines(data, start, layout.body, table.num_rows)
    return furniture.Found(columns, numbers, lines, table.num_rows)


def _encoded(cells: list[pa.ChunkedArray]) -> list[Column]:
    """Columns by their distinct texts; Arrow lets go of the interpreter meanwhile."""
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        return list(threads.map(Column.of, cells))


def _arrow_csv(
    body: pa.Buffer,
    delimiter: str,
    names: list[str],
    give_up: Callable[[pacsv.InvalidRow], str],
) -> pa.Table:
    return pacsv.read_csv(
        pa.BufferReader(body),
        read_options=pacsv.ReadOptions(
            column_names=names, use_threads=True, block_size=_BLOCK, encoding="utf8"
        ),
        parse_options=pacsv.ParseOptions(
            delimiter=delimiter, invalid_row_handler=give_up, newlines_in_values=False
        ),
        convert_options=pacsv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            strings_can_be_null=False,
            quoted_strings_can_be_null=False,
            check_utf8=False,  # decoding has checked it
        ),
    )


def _line_start(data: bytes, line: int) -> int:
    """Byte offset at which the 0-based ``line`` begins."""
    at = 0
    for _ in range(line):
        at = data.find(b"\n", at) + 1
        if not at:
            return len(data)
    return at


def _fast_lines(data: bytes, start: int, first: int, rows: int) -> npt.NDArray[np.int64]:
    """File line of each data row; blank lines are counted although they carry no row."""
    if data.count(b"\n", start) + (not data.endswith(b"\n")) == rows:
        return np.arange(first + 1, first + 1 + rows)
    text = np.frombuffer(data, np.uint8)[start:]
    ends = np.flatnonzero(text == ord("\n"))
    starts = np.concatenate([[0], ends + 1])
    stops = np.concatenate([ends, [len(text)]])
    lengths = stops - starts
    only_return = (lengths == 1) & (text[np.minimum(starts, len(text) - 1)] == ord("\r"))
    filled = (lengths > 0) & ~only_return
    return (np.flatnonzero(filled) + first + 1)[:rows]


# --- the strict slow path -------------------------------------------------------------------------


def _read_slow(data: bytes, layout: Layout, name: str) -> furniture.Found:
    """One row at a time with strict quoting: names every row that does not fit."""
    keeper = furniture.Keeper(layout.headings, layout.width)
    number = 0
    for line, cells in _strict_rows(data, layout, name):
        if not any(cell.strip() for cell in cells):
            continue
        number += 1
        keeper.see(number, line, cells)
    return keeper.found(name)


def _strict_rows(data: bytes, layout: Layout, name: str) -> Iterator[tuple[int, list[str]]]:
    text = io.StringIO(data.decode("utf-8", errors="replace"), newline="")
    for _ in range(layout.body):
        text.readline()
    reader = csv.reader(text, delimiter=layout.delimiter, strict=True)
    before = 0
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            line = layout.body + 1 + before
            raise Unreadable(
                "unclosed_quote",
                f"a quotation mark in line {line} is not closed as it should be"
                f" ({_short(str(error))})",
                "Open the file in a text editor, mend the quotation mark, or export it again.",
                name,
            ) from None
        yield layout.body + 1 + before, cells
        before = reader.line_num


def _short(text: str) -> str:
    return re.sub(r"\s+", " ", text)[:60]
