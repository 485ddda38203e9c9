"""A ledger as named bytes and back: Arrow tables and plain JSON, no code, every value as it was.

Rows are written with whatever columns and types they have, records with whatever fields they have,
so that a column or field that comes later is kept without a word here. A file with a field that
this version does not know was written by a newer one, and says so.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa

from writeoffs.book import Book
from writeoffs.ledger import Ledger, SourceFile
from writeoffs.plan import Plan
from writeoffs.problems import BadRequest, Problem
from writeoffs.vocabulary import Kind

# The only records that a kept ledger may hold; a name that is not here builds nothing.
_RECORDS: Final = (SourceFile, Plan, Problem)


def pack(ledger: Ledger) -> dict[str, bytes]:
    """A ledger as named bytes: two Arrow files and a JSON."""
    book = ledger.book
    rest = {f.name: plain(getattr(ledger, f.name)) for f in fields(Ledger) if f.name != "book"}
    body = {"ledger": rest, "kinds": [k._asdict() for k in book.kinds]}
    postings = pa.table({"at": book.at, "kind": book.kind, "amount": book.amount})
    return {
        "ledger.json": json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode(),
        "rows.arrow": _arrow(pa.Table.from_pandas(book.rows, preserve_index=False)),
        "postings.arrow": _arrow(postings),
    }


def unpack(parts: Mapping[str, bytes]) -> Ledger:
    """The ledger that was packed.

    Raises:
        BadRequest: written by a newer version.
    """
    body = json.loads(parts["ledger.json"])
    rows = _table(parts["rows.arrow"]).to_pandas()
    at, kind, amount = (
        np.array(column.to_numpy(), dtype=np.int64)
        for column in _table(parts["postings.arrow"]).columns
    )
    try:
        kinds = tuple(Kind(**one) for one in body["kinds"])
        rest = {name: restored(value) for name, value in body["ledger"].items()}
        book = Book(_as_text(rows), kinds, at, kind, amount)
        return Ledger(book=book, **rest)
    except (TypeError, KeyError):
        raise BadRequest(
            "this workspace was saved by a newer version. Hint: update the program"
        ) from None


def _as_text(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows as they were: a category without names comes back without a type of its own."""
    out = rows.set_axis(pd.RangeIndex(len(rows)))
    if "units" not in out:  # packed before units were kept
        out["units"] = np.zeros(len(out), dtype=np.int64)
    for name in out.columns:
        dtype = out[name].dtype
        if isinstance(dtype, pd.CategoricalDtype) and dtype.categories.dtype == object:
            names = pd.CategoricalDtype(dtype.categories.astype("str"))
            out[name] = pd.Categorical.from_codes(out[name].cat.codes, dtype=names)
    return out


def _arrow(table: pa.Table) -> bytes:
    out = io.BytesIO()
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    with pa.ipc.new_file(out, table.schema, options=options) as writer:
        writer.write_table(table)
    return out.getvalue()


def _table(data: bytes) -> pa.Table:
    return pa.ipc.open_file(pa.BufferReader(data)).read_all()


# --- values as JSON, and back the very same -------------------------------------------------------


def plain(value: Any) -> Any:
    """A value as JSON, with a mark where JSON alone would forget what it was.

    Raises:
        TypeError: a kind of value that no ledger holds.
    """
    if value is None or isinstance(value, bool | str | float):
        return value
    if isinstance(value, np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, date):
        return {"day": value.isoformat()}
    if isinstance(value, frozenset):
        return {"set": [plain(one) for one in sorted(value)]}
    if isinstance(value, tuple):
        return {"tuple": [plain(one) for one in value]}
    if isinstance(value, list):
        return [plain(one) for one in value]
    if isinstance(value, dict):
        return {"dict": [[plain(k), plain(x)] for k, x in value.items()]}
    if isinstance(value, _RECORDS):
        body = {f.name: plain(getattr(value, f.name)) for f in fields(value)}
        return {type(value).__name__: body}
    raise TypeError(f"a {type(value).__name__} cannot be kept")


def restored(value: Any) -> Any:
    """The value that ``plain`` wrote.

    Raises:
        TypeError, KeyError: a record, field or kind of problem that this version does not know.
    """
    if isinstance(value, list):
        return [restored(one) for one in value]
    if not isinstance(value, dict):
        return value
    [(mark, body)] = value.items()
    if mark == "day":
        return date.fromisoformat(body)
    if mark == "set":
        return frozenset(restored(one) for one in body)
    if mark == "tuple":
        return tuple(restored(one) for one in body)
    if mark == "dict":
        return {restored(k): restored(x) for k, x in body}
    for record in _RECORDS:
        if mark == record.__name__:
            return record(**{name: restored(x) for name, x in body.items()})
    raise TypeError(f"{mark} is not known")
