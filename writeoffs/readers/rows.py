"""What reports put around their data: titles above it, page lines, repeated headings, totals.

Shared by the readers of text and of workbooks. None of it is data and none of it is lost: each
line set aside becomes a note, each total a check, each row that does not fit a held row.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from writeoffs import headings
from writeoffs.dates import parse_date
from writeoffs.money import READ, parse_amounts
from writeoffs.problems import Problem, Unreadable
from writeoffs.readers.raw import Column, Held, RawTable, TotalRow, tidy_headings

# "Grand total:", "Aetna subtotal", "*** TOTAL ***", "Totals for payer Aetna", "All payers".
_TOTAL: Final = re.compile(
    r"^\W*(?:.{0,60}\b)?(?:sub[\s-]*)?totals?\b.{0,60}$|^\W*all (?:payers|providers|claims)\W*$"
    r"|^\W*sum\W*$|^\W*count\s*:\s*\d+\W*$|^\*{2,}.{1,60}\*{2,}$",
    re.IGNORECASE,
)
_PAGE: Final = re.compile(r"^\W*page\s*:?\s*\d+(\s*(of|/)\s*\d+)?\W*$", re.IGNORECASE)
_HEADING_WITHIN: Final = 60
_MOST_TOTALS: Final = 0.3  # a first column blank more often than this is just a blank column


class Found(NamedTuple):
    """Data rows of a table, column by column, and what was set aside."""

    columns: list[Column]
    numbers: npt.NDArray[np.int64]
    lines: npt.NDArray[np.int64]
    rows_read: int
    held: tuple[Held, ...] = ()
    problems: tuple[Problem, ...] = ()
    totals: tuple[TotalRow, ...] = ()
    notes: tuple[str, ...] = ()
    row_sheets: npt.NDArray[np.int16] | None = None


def is_total(cells: Sequence[str]) -> bool:
    """A row whose first filled cell calls itself a total, beside amounts and next to nothing else.

    A payer may be called Total Health: its rows carry a claim, a date, a patient, and are data.
    """
    filled = [c for c in cells if c.strip()]
    if not filled or not _TOTAL.match(filled[0]):
        return False
    amounts = parse_amounts(pa.array(filled)).state == READ
    commas = parse_amounts(pa.array(filled), ",").state == READ
    others = len(filled) - int((amounts | commas).sum())
    return others <= 2 and others < len(filled) and not any(parse_date(c.strip()) for c in filled)


def is_page_line(cells: Sequence[str]) -> bool:
    """A row of nothing but one text: a page number, a footer, a section title."""
    filled = [c for c in cells if c.strip()]
    if len(filled) != 1:
        return False
    return bool(_PAGE.match(filled[0])) or (len(cells) >= 3 and _is_wording(filled[0]))


def _is_wording(cell: str) -> bool:
    """A text that is neither an amount nor a date nor an identifier."""
    bare = cell.strip()
    if not re.search(r"[A-Za-z]{2}", bare) or parse_date(bare):
        return False
    return bool(re.search(r"[A-Za-z]\s+\S|:$", bare)) or bare.isalpha()


def find_heading(rows: list[list[str]], name: str) -> tuple[int, list[str]]:
    """Index and cells of the heading: the row with the most names that mean something.

    Raises:
        Unreadable: no row near the top looks like headings.
    """
    best, best_score = -1, 0.0
    for i, row in enumerate(rows[:_HEADING_WITHIN]):
        score = _heading_score(row)
        if score > best_score:
            best, best_score = i, score
    if best < 0 or best_score < 2:
        best = _heading_by_shape(rows)
    if best < 0:
        raise Unreadable(
            "no_header",
            "line 1 looks like data; no line near the top looks like headings",
            "Add a first line that names the columns, or export with headings.",
            name,
        )
    return best, list(rows[best])


def _heading_score(row: list[str]) -> float:
    filled = [c for c in row if c.strip()]
    if len(filled) < 2 or any(_is_value(c) for c in filled):
        return 0.0
    known = sum(1 for c in filled if headings.recognised(c))
    return known if known >= 2 and known >= 0.3 * len(filled) else 0.0


def _is_value(cell: str) -> bool:
    bare = cell.strip()
    return bool(re.fullmatch(r"[-($]*\d[\d,.\s)]*", bare)) or parse_date(bare) is not None


def _heading_by_shape(rows: list[list[str]]) -> int:
    """The first wide row without a single value, above a row that has one."""
    for i, row in enumerate(rows[: _HEADING_WITHIN - 1]):
        filled = [c for c in row if c.strip()]
        if len(filled) < 2 or any(_is_value(c) for c in filled) or len(set(filled)) < len(filled):
            continue
        below = next((r for r in rows[i + 1 :] if any(c.strip() for c in r)), [])
        if len(filled) >= 0.7 * len(below) and any(_is_value(c) for c in below):
            return i
    return -1


class Keeper:
    """Sorts rows, one at a time, into data, totals, page lines, repeated headings and held."""

    def __init__(self, heading: list[str], width: int) -> None:
        self.heading = heading
        self.width = width
        self.rows: list[Sequence[str]] = []
        self.numbers: list[int] = []
        self.lines: list[int] = []
        self.sheet = 0  # the place of the sheet that is being read
        self.row_sheets: list[int] = []
        self.held: list[Held] = []
        self.held_lines: list[tuple[int, int, int]] = []
        self.nul: list[tuple[int, int, str]] = []
        self.totals: list[TotalRow] = []
        self.skipped: list[str] = []
        self.read = 0
        self._names = [c.strip() for c in heading]

    def see(self, number: int, line: int, cells: Sequence[str]) -> None:
        """Take one row that is not blank."""
        if [c.strip() for c in cells][: len(self._names)] == self._names:
            self.skipped.append(f"line {line} repeats the heading")
        elif is_page_line(cells):
            self.skipped.append(f"line {line} is a page line")
        elif is_total(cells):
            self._total(number, line, cells)
        else:
            self._data(line, cells)

    def _total(self, number: int, line: int, cells: Sequence[str]) -> None:
        self.skipped.append(f"line {line} is a total")
        if len(cells) == self.width:
            names = tidy_headings(self.heading)
            pairs = zip(names, cells, strict=False)
            self.totals.append(TotalRow(line, {n: c for n, c in pairs if c.strip()}))

    def _data(self, line: int, cells: Sequence[str]) -> None:
        self.read += 1
        nul = next((i for i, c in enumerate(cells) if "\x00" in c), None)
        if len(cells) != self.width:
            self.held.append(Held(self.read, tuple(cells)))
            self.held_lines.append((self.read, line, len(cells)))
        elif nul is not None:
            self.held.append(Held(self.read, tuple(cells)))
            self.nul.append((self.read, line, tidy_headings(self.heading)[nul]))
        else:
            self.rows.append(cells)
            self.numbers.append(self.read)
            self.lines.append(line)
            self.row_sheets.append(self.sheet)

    def found(self, name: str) -> Found:
        """Everything seen, by column."""
        columns = [Column.of(list(cells)) for cells in zip(*self.rows, strict=True)]
        if not columns:
            columns = [Column.of([]) for _ in range(self.width)]
        notes: tuple[str, ...] = ()
        if self.skipped:
            shown = "; ".join(self.skipped[:6]) + ("; ..." if len(self.skipped) > 6 else "")
            notes = (f"set aside, not data: {shown}",)
        return Found(
            columns,
            np.array(self.numbers, dtype=np.int64),
            np.array(self.lines, dtype=np.int64),
            self.read,
            tuple(self.held),
            tuple(self._problems(name)),
            tuple(self.totals),
            notes,
            np.array(self.row_sheets, dtype=np.int16),
        )

    def _problems(self, name: str) -> list[Problem]:
        out = [
            Problem(
                "field_count",
                f"line {line} (row {row}) has {fields} fields, expected {self.width}; row held",
                name,
                None,
                (row,),
                (0,),
            )
            for row, line, fields in self.held_lines
        ]
        out += [
            Problem(
                "nul_byte",
                f"line {line} (row {row}), column {column}, holds a NUL character; row held",
                name,
                column,
                (row,),
                (0,),
            )
            for row, line, column in self.nul
        ]
        return out


def table(
    name: str, sha: str, found: Found, heads: list[str], notes: list[str], dialect: str
) -> RawTable:
    """Put names on columns; drop empty trailing ones; set totals of plain files aside."""
    columns = list(found.columns)
    if len(columns) == len(heads) + 1 and (not len(found.numbers) or columns[-1].blank().all()):
        notes.append(
            f"every row ends in one empty field that the heading lacks"
            f" ({len(columns)} fields, heading {len(heads)})"
        )
        columns = columns[: len(heads)]
    heads = heads + [f"column {i}" for i in range(len(heads) + 1, len(columns) + 1)]
    named = dict(zip(heads, columns, strict=False))
    keep, totals, more = _set_aside(found, named)
    return RawTable(
        name=name,
        sha256=sha,
        columns={h: c.take(keep) for h, c in named.items()} if not keep.all() else named,
        numbers=(found.numbers - np.cumsum(~keep))[keep],
        lines=found.lines[keep],
        rows_read=found.rows_read - int((~keep).sum()),
        notes=(*notes, *found.notes, *more),
        problems=found.problems,
        held=found.held,
        totals=(*found.totals, *totals),
        row_sheets=np.zeros(0, np.int16) if found.row_sheets is None else found.row_sheets[keep],
        dialect=dialect,
    )


def _thin(columns: list[Column], rows: int) -> npt.NDArray[np.bool_]:
    """Rows with no more than one filled cell: none at all where two columns have no blank."""
    filled = np.zeros(rows, dtype=np.int32)
    full = 0
    for column in columns:
        full += not column.blank_values.any()
        if full > 1:
            return np.zeros(rows, dtype=bool)
        filled += ~column.blank()
    return filled <= 1


def _set_aside(
    found: Found, named: dict[str, Column]
) -> tuple[npt.NDArray[np.bool_], list[TotalRow], list[str]]:
    """Total and page rows of a table that came by the fast path, found in the distinct texts."""
    keep = np.ones(len(found.numbers), dtype=bool)
    suspects = _thin(list(named.values()), len(keep))
    for position, (heading, column) in enumerate(named.items()):
        if not position:
            suspects |= column.matching(rf"^\s*{re.escape(heading)}\s*$")
        if position < 6 and column.mentions(b"total"):
            suspects |= column.matching(r"totals?\b")
        if not position:
            words_of_totals = r"^\W*(all (payers|providers|claims)|sum\W*$|count\s*:)|^\*\*"
            suspects |= column.matching(words_of_totals)
    totals: list[TotalRow] = []
    words: list[str] = []
    for row in np.flatnonzero(suspects):
        cells = {h: c.cell(int(row)) for h, c in named.items()}
        line = int(found.lines[row])
        texts = list(cells.values())
        if is_total(texts):
            totals.append(TotalRow(line, {h: t for h, t in cells.items() if t.strip()}))
            words.append(f"line {line} is a total")
        elif not any(t.strip() for t in texts) or is_page_line(texts):
            words.append(f"line {line} is a page line")
        elif [t.strip() for t in texts] == [h.strip() for h in cells]:
            words.append(f"line {line} repeats the heading")
        else:
            continue
        keep[row] = False
    for place in _silent_totals(named, keep):
        cells = {h: c.cell(place) for h, c in named.items()}
        totals.append(
            TotalRow(int(found.lines[place]), {h: t for h, t in cells.items() if t.strip()})
        )
        words.append(f"line {found.lines[place]} is a total without a name")
        keep[place] = False
    shown = "; ".join(words[:6]) + ("; ..." if len(words) > 6 else "")
    return keep, totals, [f"set aside, not data: {shown}"] if words else []


def _silent_totals(named: dict[str, Column], keep: npt.NDArray[np.bool_]) -> list[int]:
    """Rows of nothing but amounts, each of which is the sum of the rows above it in its column,
    or of those since the last such row."""
    columns = list(named.values())
    if not columns or not len(keep):
        return []
    blank = columns[0].blank() & keep
    if not blank.any() or blank.mean() > _MOST_TOTALS:
        return []
    out: list[int] = []
    since = 0
    for row in map(int, np.flatnonzero(blank)):
        filled = [c for c in columns if c.cell(row).strip()]
        enough = int(keep[since:row].sum()) >= 2  # of one row, a sum cannot be told from a repeat
        if enough and len(filled) >= 2 and all(_is_sum(c, row, since, keep, out) for c in filled):
            out.append(row)
            since = row + 1
    return out


def _is_sum(
    column: Column, row: int, since: int, keep: npt.NDArray[np.bool_], totals: list[int]
) -> bool:
    """Whether a cell is the sum of the data cells above it, or of those since the last total."""
    for mark in (".", ","):
        parsed = parse_amounts(column.values, mark)
        if parsed.state[column.codes[row]] != READ:
            continue
        cents = np.where(keep, parsed.cents[column.codes], 0)
        cents[totals] = 0
        stated = parsed.cents[column.codes[row]]
        return bool(stated in (cents[:row].sum(), cents[since:row].sum()))
    return False
