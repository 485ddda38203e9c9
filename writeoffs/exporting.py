"""Tables as CSV that no spreadsheet takes for formulas."""

from __future__ import annotations

import pandas as pd

from writeoffs import wording


def as_csv(frame: pd.DataFrame) -> bytes:
    """A frame as CSV with a mark of its encoding: text cells made safe, numbers kept.

    Column headings are text as well, for some come from files.
    """
    out = frame.copy()
    for name in out.columns:
        if not pd.api.types.is_numeric_dtype(out[name]) or out[name].dtype == object:
            out[name] = safe_texts(out[name])
    out.columns = [wording.safe_cell(str(name)) for name in out.columns]
    return out.to_csv(index=False, lineterminator="\n").encode("utf-8-sig")


def safe_texts(column: pd.Series) -> pd.Series:
    """A column of text, dates or categories as safe text, missing ones as None."""
    codes, names = pd.factorize(column)
    safe = pd.Series([wording.safe_cell(_text(name)) for name in names] + [None], dtype=object)
    return pd.Series(safe.to_numpy()[codes], index=column.index, dtype=object)


def dollars(cents: pd.Series) -> pd.Series:
    """Integer cents as dollars, NA kept."""
    return cents.astype("Float64") / 100


def _text(cell: object) -> str:
    return cell.strftime("%Y-%m-%d") if isinstance(cell, pd.Timestamp) else str(cell)
