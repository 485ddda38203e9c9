"""Flows: sums of cents over any of a line's attributes, and the cube that filters work on.

``flows`` is the one function that adds postings up. The cube is ``flows`` over service month,
posting month, payer, practice, provider and location; every chart and filter regroups it and never
touches a row. Partial cubes over disjoint claims add.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from writeoffs import vocabulary as v
from writeoffs.book import Index, sum_by
from writeoffs.dates import month_of
from writeoffs.keys import groups, number
from writeoffs.settle import Settled
from writeoffs.vocabulary import Kind

SERVICE_MONTH: Final = "service_month"
POST_MONTH: Final = "post_month"
WHAT: Final = ["entry", "category", "bucket", "party"]
CUBE_BY: Final = (SERVICE_MONTH, POST_MONTH, *v.CUBE_DIMENSIONS)
PROCEDURE_BY: Final = (SERVICE_MONTH, POST_MONTH, "payer", "procedure")

_OPEN_PAYER: Final = Kind(v.OPEN, "", "", v.PAYER)
_OPEN_PATIENT: Final = Kind(v.OPEN, "", "", v.PATIENT)
_UNEXPLAINED: Final = Kind(v.UNEXPLAINED, "", "", v.PAYER)


def flows(settled: Settled, by: Sequence[str], reasons: bool = False) -> pd.DataFrame:
    """Sum cents by line attributes, rated or not, and what the dollars are.

    Args:
        settled: the book.
        by: names among service_month, post_month, patient, claim, file and the line dimensions.
        reasons: keep the reason as exported apart.

    Returns:
        A frame: the columns of ``by`` (categories, or int32 months with -1 for no date), ``rated``
        (bool), entry, category, bucket, party (and reason, group), ``cents`` (int64). Two entries
        beside the postings: "open" by party, and "unexplained". Missing keys are kept.
    """
    book = settled.book
    what = [*WHAT, "reason", "group"] if reasons else WHAT
    kinds = pd.DataFrame([*book.kinds, _OPEN_PAYER, _OPEN_PATIENT, _UNEXPLAINED], columns=list(Kind._fields))
    merged, names = _merged(kinds, what)
    n = len(book.rows)
    row = np.arange(n)
    patient = settled.patient_open
    at = np.concatenate([book.at, row, row, row])
    amount = np.concatenate([book.amount, settled.open - patient, patient, settled.unexplained])
    extra = len(book.kinds) + np.repeat(np.arange(3), n)
    kind = merged[np.concatenate([book.kind, extra])]
    filled = amount != 0
    at, kind, amount = at[filled], kind[filled], amount[filled]
    cells, columns = _cells(settled, by, at, kind, kinds, merged)
    combined = (cells * 2 + settled.rated[at]) * len(names) + kind
    spread, found = number(combined)
    cents = sum_by(spread, amount, len(found))
    cell, rest = np.divmod(found, 2 * len(names))
    out = _uncell(cell, columns)
    out["rated"] = (rest // len(names)).astype(bool)
    for name in what:
        codes, categories = pd.factorize(names[name])
        spread_codes = codes[rest % len(names)]
        out[name] = pd.Categorical.from_codes(spread_codes, categories, validate=False)
    out["cents"] = cents
    return out[out["cents"] != 0].reset_index(drop=True)


def _merged(kinds: pd.DataFrame, what: list[str]) -> tuple[Index, pd.DataFrame]:
    """Kinds that differ only in what is not asked for become one."""
    return groups(kinds, what)


def _cells(
    settled: Settled,
    by: Sequence[str],
    at: Index,
    kind: Index,
    kinds: pd.DataFrame,
    merged: Index,
) -> tuple[Index, list[tuple[str, int, object]]]:
    """One number for each combination of attributes, and how to take it apart again."""
    cells = np.zeros(len(at), dtype=np.int64)
    columns: list[tuple[str, int, object]] = []
    charge = np.zeros(int(merged.max(initial=-1)) + 1, dtype=bool)
    charge[merged[(kinds["entry"] == v.CHARGE).to_numpy()]] = True
    for name in by:
        codes, names = attribute(settled, name)
        if name == POST_MONTH:
            charged = month_of(settled.book.rows["charge_date"].to_numpy())
            low = min(int(codes.min(initial=0)), int(charged.min(initial=0)))
            spread = np.where(charge[kind], charged[at], codes[at]) - low
            names = low
        else:
            low = int(codes.min(initial=0)) if names is None else -1
            spread = codes[at] - low
            names = low if names is None else names
        size = int(spread.max(initial=0)) + 1
        cells = cells * size + spread
        columns.append((name, size, names))
        if cells.max(initial=0) > 2**44:
            raise OverflowError("too many combinations of attributes")
    return cells, columns


def attribute(settled: Settled, name: str) -> tuple[Index, object]:
    """Codes of a line attribute by row (-1 for missing) and its categories (None for months)."""
    rows = settled.book.rows
    if name == SERVICE_MONTH:
        return month_of(rows["service_date"].to_numpy()).astype(np.int64), None
    if name == POST_MONTH:
        return month_of(rows["post_date"].to_numpy()).astype(np.int64), None
    if name == "claim_number":
        return settled.claim, None
    series = rows[name]
    return series.cat.codes.to_numpy().astype(np.int64), series.dtype


def _uncell(cell: Index, columns: list[tuple[str, int, object]]) -> pd.DataFrame:
    parts: dict[str, object] = {}
    for name, size, names in reversed(columns):
        cell, code = np.divmod(cell, size)
        if isinstance(names, int):
            parts[name] = (code + names).astype(np.int32)
        else:
            parts[name] = pd.Categorical.from_codes(code - 1, dtype=names)
    return pd.DataFrame({name: parts[name] for name, _, _ in columns}, index=range(len(cell)))


def regroup(cube: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Add a cube up over fewer attributes; what the dollars are stays."""
    keys = [*by, "rated", *[c for c in (*WHAT, "reason", "group") if c in cube.columns]]
    spread, names = groups(cube, keys)
    return names.assign(cents=sum_by(spread, cube["cents"].to_numpy(), len(names)))
