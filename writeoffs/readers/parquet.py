"""Parquet -> raw table: columns as the text that a person would have typed.

What the file says of itself is checked before a column is read. Amounts keep every digit: a
decimal is exact, whole numbers are not rescaled, binary noise is undone as in a workbook. Only the
distinct values of a column are turned into text.
"""

from __future__ import annotations

import hashlib
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet as pq

from writeoffs.problems import Unreadable
from writeoffs.readers import rows as furniture
from writeoffs.readers.raw import Column, RawTable, tidy_headings
from writeoffs.readers.workbook import as_text

MOST_COLUMNS: Final = 1_000
MOST_CELLS: Final = 250_000_000
MOST_BYTES: Final = 2**31  # of all columns, unpacked
_MOST_CELLS_A_BYTE: Final = 100  # of the file, where more than ten million; exports have about 10
_HARMLESS: Final = 10_000_000  # cells, from however small a file
_FAILS: Final = (pa.ArrowException, OSError, MemoryError, ValueError, OverflowError)
_INDEX: Final = "__index_level_"  # the row numbers of a pandas frame
_HINT: Final = "Write it again, or export it as CSV or Excel."


def read(data: bytes, name: str) -> RawTable:
    """Read a Parquet file. Columns that hold lists or records are left out, with a note.

    Raises:
        Unreadable: damaged, absurdly large, or without a column or a row that can be used.
    """
    try:
        file = _open(data)
        _check(file.metadata, len(data), name)
        kept, notes = _kept(file.schema_arrow)
        table = file.read(columns=kept) if notes else file.read()
        columns = [column_of(cells) for cells in table.columns]
    except Unreadable:
        raise
    except _FAILS:
        raise _damaged(name) from None
    if table.num_rows != file.metadata.num_rows or not table.num_columns:
        raise _damaged(name)
    if not table.num_rows:
        raise Unreadable(
            "no_rows",
            f"the file has {table.num_columns} columns and 0 rows",
            "Check the date range of the export; it may have selected nothing.",
            name,
        )
    heads, usable, more = _usable(tidy_headings(table.column_names), columns)
    if not usable:
        raise _damaged(name)
    numbers = np.arange(1, table.num_rows + 1)
    found = furniture.Found(usable, numbers, numbers, table.num_rows)
    sha = hashlib.sha256(data).hexdigest()
    return furniture.table(name, sha, found, heads, [*notes, *more], "parquet")


def _open(data: bytes) -> pq.ParquetFile:
    """Texts stay as distinct values and codes, so that a long one that repeats is held once."""
    plain = pq.ParquetFile(pa.BufferReader(data))
    texts = [f.name for f in plain.schema_arrow if _is_text(f.type)]
    return pq.ParquetFile(pa.BufferReader(data), read_dictionary=texts) if texts else plain


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_binary(kind))


def _damaged(name: str) -> Unreadable:
    message = "this Parquet file is damaged or not written to its end"
    return Unreadable("bad_parquet", message, _HINT, name)


def _check(said: pq.FileMetaData, size: int, name: str) -> None:
    """Refuse what the file's own description shows to be damaged or a bomb."""
    groups = [said.row_group(i) for i in range(said.num_row_groups)]
    if said.num_rows < 0 or sum(g.num_rows for g in groups) != said.num_rows:
        raise _damaged(name)
    if any(g.num_rows < 0 or g.total_byte_size < 0 for g in groups):
        raise _damaged(name)
    if said.num_columns > MOST_COLUMNS:
        message = f"it has {said.num_columns:,} columns; no export has more than {MOST_COLUMNS:,}"
        raise Unreadable("sheet_too_wide", message, _HINT, name)
    cells = said.num_rows * said.num_columns
    unpacked = sum(g.total_byte_size for g in groups)
    absurd = cells > max(_HARMLESS, _MOST_CELLS_A_BYTE * size)
    if absurd or cells > MOST_CELLS or unpacked > MOST_BYTES:
        raise Unreadable(
            "unpacked_too_large",
            f"it unpacks to {said.num_rows:,} rows and {said.num_columns:,} columns,"
            f" {unpacked:,} bytes",
            "Keep only the columns and the years that are needed.",
            name,
        )


def _kept(schema: pa.Schema) -> tuple[list[str], list[str]]:
    """Names of the columns to read, and notes on the others."""
    nested = [f.name for f in schema if pa.types.is_nested(f.type)]
    index = [f.name for f in schema if f.name.startswith(_INDEX)]
    kept = [f.name for f in schema if f.name not in (*nested, *index)]
    notes = [f"left out, because they hold lists or records: {', '.join(nested)}"] if nested else []
    if index:
        notes.append("the row numbers stored with the table were left out")
    return kept, notes


def _usable(
    heads: list[str], columns: list[Column | None]
) -> tuple[list[str], list[Column], list[str]]:
    """Columns that could be turned into text, their headings, and a note on the others."""
    pairs = list(zip(heads, columns, strict=True))
    lost = [head for head, column in pairs if column is None]
    notes = [f"left out, because they hold no text, number or date: {', '.join(lost)}"]
    good = [(head, column) for head, column in pairs if column is not None]
    return [h for h, _ in good], [c for _, c in good], notes if lost else []


# --- values as text -------------------------------------------------------------------------------


def column_of(cells: pa.ChunkedArray) -> Column | None:
    """A column as distinct texts and codes; None where its values are nothing a person types."""
    if isinstance(cells.type, pa.BaseExtensionType):
        cells = pa.chunked_array([c.storage for c in cells.chunks], cells.type.storage_type)
    if pa.types.is_null(cells.type):
        return Column.of([""] * len(cells))
    coded = cells if pa.types.is_dictionary(cells.type) else cells.dictionary_encode()
    coded = coded.unify_dictionaries().combine_chunks()
    if isinstance(coded, pa.ChunkedArray):
        coded = pa.concat_arrays(coded.chunks)
    texts = _texts(coded.dictionary)
    if texts is None:
        return None
    codes = coded.indices.cast(pa.int64()).fill_null(len(texts)).to_numpy(zero_copy_only=False)
    return _distinct(codes, pa.concat_arrays([texts.fill_null(""), pa.array([""])]))


def _distinct(codes: npt.NDArray[np.int64], texts: pa.Array) -> Column:
    """Texts that became equal become one; those that no row holds are let go."""
    used = np.bincount(codes, minlength=len(texts)) > 0
    place = np.cumsum(used) - 1
    coded = texts.filter(pa.array(used)).dictionary_encode()
    again = coded.indices.to_numpy(zero_copy_only=False).astype(np.int32)
    return Column(again[place[codes]], coded.dictionary)


def _texts(values: pa.Array) -> pa.Array | None:
    """Distinct values as text, nulls staying null; None for a kind that nobody types."""
    kind = values.type
    if pa.types.is_timestamp(kind):
        return _days_of(values)
    if pa.types.is_float16(kind) or pa.types.is_float32(kind):
        return _as_strings([_single(v) for v in values.to_numpy(zero_copy_only=False)])
    if pa.types.is_float64(kind):
        return _as_strings([_double(v) for v in values.to_pylist()])
    if pa.types.is_boolean(kind):
        return _as_strings([None if v is None else as_text(v) for v in values.to_pylist()])
    if pa.types.is_decimal(kind):
        return _as_strings([None if v is None else f"{v:f}" for v in values.to_pylist()])
    if _is_text(kind) or pa.types.is_large_string(kind) or pa.types.is_large_binary(kind):
        return _decoded(values)
    if pa.types.is_time(kind):
        return pc.replace_substring_regex(values.cast(pa.string()), r"\.0+$", "")
    plain = (pa.types.is_integer, pa.types.is_date, pa.types.is_string_view)
    return values.cast(pa.string()) if any(test(kind) for test in plain) else None


def _as_strings(texts: list[str | None]) -> pa.Array:
    return pa.array(texts, type=pa.string())


def _single(value: Any) -> str | None:
    """A number of half the digits: 19.99 is 19.99 there, and 19.989999771118164 elsewhere."""
    if value is None or np.isnan(value):
        return None
    return np.format_float_positional(value, trim="-") if np.isfinite(value) else str(value)


def _double(value: float | None) -> str | None:
    return None if value is None or value != value else as_text(value)


def _decoded(values: pa.Array) -> pa.Array | None:
    """Older writers do not mark text as text: bytes that are UTF-8 are taken for it."""
    try:
        return values.cast(pa.string())
    except pa.ArrowInvalid:
        return None


def _days_of(values: pa.Array) -> pa.Array:
    """The day that a clock on the wall showed, where the file says whose wall; else as stored."""
    if values.type.tz is not None:
        try:
            values = pc.local_timestamp(values)
        except pa.ArrowInvalid:  # a zone that nobody knows
            values = values.cast(pa.timestamp(values.type.unit))
    return pc.floor_temporal(values, unit="day").cast(pa.date32()).cast(pa.string())
