"""Flows: sums of cents over any of a line's attributes, and the cube that filters work on.

``flows`` is the one function that adds postings up. The cube is ``flows`` over service month,
posting month, payer, practice, provider and location; every chart and filter regroups it and never
touches a row. Partial cubes over disjoint claims add.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from writeoffs import vocabulary as v
from writeoffs.book import Index, sum_by
from writeoffs.dates import month_of
from writeoffs.keys import combine, first_rows, groups, number
from writeoffs.money import Cents
from writeoffs.settle import Settled
from writeoffs.vocabulary import Kind

SERVICE_MONTH: Final = "service_month"
POST_MONTH: Final = "post_month"
WHAT: Final = ["entry", "category", "bucket", "party"]
CUBE_BY: Final = (SERVICE_MONTH, POST_MONTH, *v.CUBE_DIMENSIONS)
PROCEDURE_BY: Final = (SERVICE_MONTH, POST_MONTH, "payer", "procedure")

_ROOM: Final = 1 << 20  # sums held side by side without a thought

# What stands beside the postings: left with the payer, left with the patient, does not tie.
BESIDE: Final = (
    Kind(v.OPEN, "", "", v.PAYER),
    Kind(v.OPEN, "", "", v.PATIENT),
    Kind(v.UNEXPLAINED, "", "", v.PAYER),
)


def beside(settled: Settled) -> tuple[Cents, Cents, Cents]:
    """Cents a row of each of BESIDE."""
    patient = settled.patient_open
    return settled.open - patient, patient, settled.unexplained


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
    kinds = pd.DataFrame([*book.kinds, *BESIDE], columns=list(Kind._fields))
    merged, names = groups(kinds, what)
    cell, places = row_cells(settled, by, {"rated": settled.rated})
    slot = book.at
    if POST_MONTH in by:
        slot = slot + len(book.rows) * (kinds["entry"] == v.CHARGE).to_numpy()[book.kind]
    sums = [_summed(cell[slot] * len(names) + merged[book.kind], book.amount)]
    for kind, amount in zip(merged[len(book.kinds) :], beside(settled), strict=True):
        where = np.flatnonzero(amount)
        sums.append(_summed(cell[where] * len(names) + kind, amount[where]))
    found, cents = _summed(*(np.concatenate(parts) for parts in zip(*sums, strict=True)))
    place, code = np.divmod(found, len(names))
    out = places.iloc[place].reset_index(drop=True)
    for name in what:
        spread, categories = pd.factorize(names[name])
        out[name] = pd.Categorical.from_codes(spread[code], categories, validate=False)
    return out.assign(cents=cents)


def _summed(codes: Index, cents: Cents) -> tuple[Index, Cents]:
    """The codes whose cents do not cancel, with their sums."""
    room = int(codes.max(initial=-1)) + 1
    if room <= max(_ROOM, 4 * len(codes)):
        sums = sum_by(codes, cents, room)
        found = np.flatnonzero(sums)
        return found, sums[found]
    spread, found = number(codes)
    sums = sum_by(spread, cents, len(found))
    return found[sums != 0], sums[sums != 0]


def row_cells(
    settled: Settled, by: Sequence[str], flags: Mapping[str, npt.NDArray[np.bool_]]
) -> tuple[Index, pd.DataFrame]:
    """The cell that each row's dollars fall in, and the cells: ``by`` and the flags (by row).

    By posting month a row has two: its payments and write-offs go by when they were posted, its
    charge (in the second half) by when it was entered, else by its date of service.
    """
    halves = 2 if POST_MONTH in by else 1
    columns: dict[str, tuple[Index, object]] = {}
    for name in by:
        codes, names = attribute(settled, name)
        second = codes
        if name == POST_MONTH:
            second = settled.book.entry_months().astype(np.int64)
        columns[name] = (np.concatenate([codes, second][:halves]), names)
    states = {name: np.tile(mask, halves) for name, mask in flags.items()}
    keys = [*(c for c, _ in columns.values()), *(m.astype(np.int64) for m in states.values())]
    cell, _ = number(combine(keys))
    first = first_rows(cell, int(cell.max(initial=-1)) + 1)
    out: dict[str, object] = {
        name: codes[first].astype(np.int32)
        if names is None
        else pd.Categorical.from_codes(codes[first], dtype=names, validate=False)
        for name, (codes, names) in columns.items()
    }
    out |= {name: mask[first] for name, mask in states.items()}
    return cell, pd.DataFrame(out, index=pd.RangeIndex(len(first)))


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


def regroup(cube: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Add a cube up over fewer attributes; what the dollars are stays."""
    keys = [*by, "rated", *[c for c in (*WHAT, "reason", "group") if c in cube.columns]]
    spread, names = groups(cube, keys)
    return names.assign(cents=sum_by(spread, cube["cents"].to_numpy(), len(names)))
