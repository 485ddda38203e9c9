"""A raw table with its columns read as money, dates or text, each once and only when asked.

The decimal mark and the order of day and month are settled here, once a column, over all rows.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from writeoffs import dates, money
from writeoffs.headings import read_heading
from writeoffs.readers.raw import Column, RawTable

_SAMPLE: Final = 400
_MOSTLY: Final = 0.6
_SOME: Final = 0.3  # enough readable cells for a column whose name already says what it is


@dataclass(frozen=True)
class Money:
    """A money column by rows: ``cents`` (int64, 0 where not stated), ``stated``, ``bad``."""

    cents: money.Cents
    stated: npt.NDArray[np.bool_]
    bad: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Day:
    """A date column by rows: ``days`` (datetime64[D], NaT where none), ``bad``."""

    days: dates.Days
    bad: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Label:
    """A text column by rows: ``codes`` (int32, -1 where blank) into trimmed ``values``."""

    codes: npt.NDArray[np.int32]
    values: pa.Array

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The distinct texts."""
        return tuple(self.values.to_pylist())

    def categories(self) -> pd.Index:
        """The distinct texts as the categories of a pandas column."""
        dtype = pd.StringDtype("pyarrow", na_value=np.nan)
        return pd.Index(pd.arrays.ArrowStringArray(pa.chunked_array([self.values]), dtype=dtype))


@dataclass(frozen=True)
class Parsed:
    """Typed views of a raw table. ``decimal`` and ``orders`` may be given; else the data show.

    ``memo`` keeps what a later step works out over all rows and will ask for again.
    """

    raw: RawTable
    decimal: str | None = None
    orders: dict[str, str] = field(default_factory=dict)
    _money: dict[tuple[str, str], Money] = field(default_factory=dict, repr=False)
    _days: dict[tuple[str, str], Day] = field(default_factory=dict, repr=False)
    _labels: dict[str, Label] = field(default_factory=dict, repr=False)
    _looks: dict[str, bool] = field(default_factory=dict, repr=False)
    memo: dict[Hashable, Any] = field(default_factory=dict, repr=False)

    def column(self, heading: str) -> Column:
        """The raw column."""
        return self.raw.columns[heading]

    def is_money(self, heading: str) -> bool:
        """Whether stated cells read as amounts (an empty column does not)."""
        if heading not in self._looks:
            sample = self.column(heading).values[:_SAMPLE]
            self._looks[heading] = money.share_readable(sample) >= _SOME
        return self._looks[heading]

    def is_meant_as_money(self, heading: str) -> bool:
        """Whether most cells are meant as amounts, though perhaps none of them can be read."""
        return money.share_like_amounts(self.column(heading).values[:_SAMPLE]) >= _MOSTLY

    def is_empty(self, heading: str) -> bool:
        """Whether no cell says anything."""
        return self.column(heading).is_empty()

    def is_serial_days(self, heading: str) -> bool:
        """Whether every cell is a spreadsheet's number of a plausible day (1982 to 2064)."""
        texts = [t.strip() for t in self.column(heading).values[:_SAMPLE].to_pylist()]
        stated = [t for t in texts if t]
        return bool(stated) and all(t.isdigit() and 30_000 <= int(t) <= 60_000 for t in stated)

    def is_dates(self, heading: str) -> bool:
        """Whether a sample reads as dates."""
        return dates.share_of_dates(self.column(heading).values[:_SAMPLE].to_pylist()) >= _SOME

    @cached_property
    def decimal_mark(self) -> tuple[str, bool]:
        """The mark for the file, and whether any amount shows it to be a comma."""
        if self.decimal:
            return self.decimal, False
        shows = [h for h in self.raw.headings if money.shows_comma(self.column(h).values)]
        if not any(self.is_money(h) for h in shows):
            return ".", False
        columns = [self.column(h).values for h in self.raw.headings if self.is_money(h)]
        point, comma = np.sum([money.decimal_evidence(texts) for texts in columns], axis=0)
        return (",", True) if comma > point else (".", False)

    def money(self, heading: str) -> Money:
        """Cents of a column."""
        key = (heading, self.decimal_mark[0])
        if key not in self._money:
            column = self.column(heading)
            amounts = money.parse_amounts(column.values, self.decimal_mark[0])
            cents = amounts.cents[column.codes]
            cents.setflags(write=False)  # handed to everybody who asks
            self._money[key] = Money(
                cents,
                column.spread(amounts.state == money.READ),
                column.spread(amounts.state == money.UNREADABLE),
            )
        return self._money[key]

    def amount(self, text: str) -> int | None:
        """Cents of one text under the file's decimal mark, None when it is no amount."""
        found = money.parse_amounts(pa.array([text]), self.decimal_mark[0])
        return int(found.cents[0]) if found.state[0] == money.READ else None

    def order(self, heading: str) -> tuple[str, bool]:
        """Day and month order of a date column, and whether it had to be assumed."""
        if heading in self.orders:
            return self.orders[heading], False
        first, day, either = dates.order_evidence(self.column(heading).texts())
        if first or day:
            return (dates.DMY if day > first else dates.MDY), False
        if not either:
            return dates.MDY, False
        return self._order_of_others(heading)

    def _order_of_others(self, heading: str) -> tuple[str, bool]:
        """What the other date columns of the file show, else month first, assumed."""
        total_first = total_day = 0
        for other in self.raw.headings:
            if other != heading and self.is_dates(other):
                first, day, _ = dates.order_evidence(self.column(other).texts())
                total_first, total_day = total_first + first, total_day + day
        if total_day > total_first:
            return dates.DMY, False
        return dates.MDY, not total_first

    def day(self, heading: str) -> Day:
        """Days of a column."""
        order = self.order(heading)[0]
        key = (heading, order)
        if key not in self._days:
            column = self.column(heading)
            found = dates.parse_dates(column.texts(), order)
            self._days[key] = Day(found.days[column.codes], found.bad[column.codes])
        return self._days[key]

    def label(self, heading: str) -> Label:
        """Trimmed texts of a column; blanks are -1."""
        if heading not in self._labels:
            self._labels[heading] = _trimmed(self.column(heading))
        return self._labels[heading]

    def sample(self, heading: str, most: int = 3) -> list[str]:
        """A few distinct values, for a person to look at; none of columns that are never read."""
        if "patient_name" in read_heading(heading).fields[:1]:
            return []
        return [t.strip() for t in self.column(heading).values[:50].to_pylist() if t.strip()][:most]


def _trimmed(column: Column) -> Label:
    """White space cut and folded; texts that become equal become one; blanks become -1."""
    if column.is_tidy:
        return Label(column.codes, column.values)
    texts = pc.utf8_trim_whitespace(pc.replace_substring_regex(column.values, r"\s+", " "))
    texts = pc.if_else(pc.equal(texts, ""), pa.scalar(None, pa.string()), texts)
    encoded = texts.dictionary_encode()
    codes = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int32)
    spread = codes[column.codes] if len(codes) else column.codes
    return Label(spread, encoded.dictionary)
