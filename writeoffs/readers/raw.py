"""A raw table: what a reader hands over, whatever the file was.

Cells stay text. A column is kept as its distinct texts and a code per row, because exports repeat
themselves: parsing the distinct texts once is several times faster than parsing rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from writeoffs.problems import Problem

Codes = npt.NDArray[np.int32]
_SPACES: Final = tuple(bytes([n]) for n in (*range(9, 14), *range(28, 33)))


@dataclass(frozen=True)
class Column:
    """Text cells: ``codes`` (int32 a row, never negative) into the distinct ``values``."""

    codes: Codes
    values: pa.Array

    @classmethod
    def of(cls, cells: pa.Array | pa.ChunkedArray | Sequence[str]) -> Column:
        """Encode cells (dictionary or plain strings; a missing cell is a blank)."""
        array = cells if isinstance(cells, (pa.Array, pa.ChunkedArray)) else pa.array(cells)
        if not isinstance(array, pa.ChunkedArray):
            array = pa.chunked_array([array])
        if pa.types.is_dictionary(array.type):
            array = array.unify_dictionaries()
        else:
            text = array if pa.types.is_string(array.type) else array.cast(pa.string())
            array = (text.fill_null("") if text.null_count else text).dictionary_encode()
        if not array.num_chunks:
            return cls(np.zeros(0, dtype=np.int32), pa.array([], type=pa.string()))
        codes = np.concatenate([c.indices.to_numpy(zero_copy_only=False) for c in array.chunks])
        values = array.chunk(array.num_chunks - 1).dictionary
        return cls(codes.astype(np.int32, copy=False), values.cast(pa.string()))

    def __len__(self) -> int:
        return len(self.codes)

    def texts(self) -> list[str]:
        """The distinct texts."""
        return list(self.values.to_pylist())

    def cell(self, row: int) -> str:
        """One cell's text."""
        return str(self.values[int(self.codes[row])].as_py())

    def take(self, keep: npt.NDArray[np.intp] | npt.NDArray[np.bool_]) -> Column:
        """Some rows of it; the distinct texts stay."""
        return Column(self.codes[keep], self.values)

    @cached_property
    def is_tidy(self) -> bool:
        """Whether one look at all texts finds no blank one and no white space (codes, numbers)."""
        text = text_of(self.values)
        if not text.isascii() or any(space in text for space in _SPACES):
            return False
        return bool(pc.min(pc.binary_length(self.values)).as_py())

    @cached_property
    def blank_values(self) -> npt.NDArray[np.bool_]:
        """Which distinct texts are nothing but white space."""
        if self.is_tidy:
            return np.zeros(len(self.values), dtype=bool)
        lengths = pc.utf8_length(pc.utf8_trim_whitespace(self.values))
        return np.asarray(lengths.to_numpy(zero_copy_only=False) == 0, dtype=bool)

    def blank(self) -> npt.NDArray[np.bool_]:
        """Which rows hold nothing but white space."""
        return self.spread(self.blank_values)

    def spread(self, flags: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
        """Flags of the distinct texts as flags of the rows."""
        if len(flags) and flags.all():
            return np.ones(len(self.codes), dtype=bool)
        return flags[self.codes] if flags.any() else np.zeros(len(self.codes), dtype=bool)

    def is_empty(self) -> bool:
        """Whether no row says anything."""
        return bool(self.blank().all())

    def mentions(self, word: bytes) -> bool:
        """Whether a word of small ASCII letters may stand in a cell, whatever their case there.

        One look at all distinct texts at once: "no" is sure, "yes" is for ``matching`` to check.
        """
        return word in text_of(self.values).lower()

    def matching(self, pattern: str) -> npt.NDArray[np.bool_]:
        """Rows whose text matches a regular expression, letter case aside."""
        found = pc.match_substring_regex(self.values, pattern, ignore_case=True)
        return self.spread(np.asarray(found.to_numpy(zero_copy_only=False), dtype=bool))


def text_of(values: pa.Array) -> bytes:
    """All texts of an array in one piece, to rule out at one look what none of them holds."""
    data = values.buffers()[2]
    return b"" if data is None else data.to_pybytes()


@dataclass(frozen=True)
class Held:
    """Rows a reader could not line up with the headings, as cells, for the person to see."""

    row: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class TotalRow:
    """A total that the file states about itself: heading -> text."""

    row: int
    cells: dict[str, str]


@dataclass(frozen=True)
class RawTable:
    """One table as text.

    ``numbers`` are the 1-based data rows of the file, ``lines`` the lines (or sheet rows) that a
    person sees when opening it. ``sheets`` are the sheets of a workbook that the table is from, and
    ``row_sheets`` says of each row from which of them. ``unstored`` are blank cells that hold a
    formula whose value was never stored: heading -> 0-based row -> its place in words. ``joined``
    are headings of columns taken from other tables.
    """

    name: str
    sha256: str
    columns: dict[str, Column]
    numbers: npt.NDArray[np.int64]
    lines: npt.NDArray[np.int64]
    rows_read: int
    notes: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    held: tuple[Held, ...] = ()
    totals: tuple[TotalRow, ...] = ()
    sheets: tuple[str, ...] = ()
    row_sheets: npt.NDArray[np.int16] = field(default_factory=lambda: np.zeros(0, np.int16))
    unstored: Mapping[str, Mapping[int, str]] = field(default_factory=dict)
    dialect: str = field(default="")
    joined: tuple[str, ...] = ()

    @property
    def headings(self) -> list[str]:
        """The headings in file order."""
        return list(self.columns)

    def __len__(self) -> int:
        return len(self.numbers)


def tidy_headings(cells: Sequence[str]) -> list[str]:
    """Headings trimmed, line breaks as a space, blanks named, repeats as ``Name [2]``."""
    seen: dict[str, int] = {}
    out = []
    for position, cell in enumerate(cells, start=1):
        name = " ".join(cell.split()) or f"column {position}"
        seen[name] = seen.get(name, 0) + 1
        out.append(name if seen[name] == 1 else f"{name} [{seen[name]}]")
    return out
