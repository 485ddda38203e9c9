"""A raw table: what a reader hands over, whatever the file was.

Cells stay text. A column is kept as its distinct texts and a code per row, because exports repeat
themselves: parsing the distinct texts once is several times faster than parsing rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from writeoffs.problems import Problem

Codes = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Column:
    """Text cells: ``codes`` (int32 a row, never negative) into the distinct ``values``."""

    codes: Codes
    values: pa.Array

    @classmethod
    def of(cls, cells: pa.Array | pa.ChunkedArray | Sequence[str]) -> Column:
        """Encode cells (dictionary or plain strings; a missing cell is a blank)."""
        array = cells if isinstance(cells, (pa.Array, pa.ChunkedArray)) else pa.array(cells)
        if isinstance(array, pa.ChunkedArray):
            array = array.unify_dictionaries().combine_chunks()
            if isinstance(array, pa.ChunkedArray):  # no rows at all
                array = pa.array([], type=pa.string())
        if not pa.types.is_dictionary(array.type):
            array = array.cast(pa.string()).fill_null("").dictionary_encode()
        codes = array.indices.to_numpy(zero_copy_only=False).astype(np.int32)
        return cls(codes, array.dictionary.cast(pa.string()))

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

    def blank(self) -> npt.NDArray[np.bool_]:
        """Which rows hold nothing but white space."""
        if not len(self.values):
            return np.zeros(len(self.codes), dtype=bool)
        trimmed = pc.utf8_length(pc.utf8_trim_whitespace(self.values))
        return (trimmed.to_numpy(zero_copy_only=False) == 0)[self.codes]

    def matching(self, pattern: str) -> npt.NDArray[np.bool_]:
        """Rows whose text matches a regular expression, letter case aside."""
        if not len(self.values):
            return np.zeros(len(self.codes), dtype=bool)
        found = pc.match_substring_regex(self.values, pattern, ignore_case=True)
        return found.to_numpy(zero_copy_only=False)[self.codes]


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
    person sees when opening it.
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
    dialect: str = field(default="")

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
