"""Text to dates: the only place that reads one.

The order of day and month is decided once for a column, never for a cell. A date of service is a
calendar day: clock time and zone are dropped, never converted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

Days = npt.NDArray[np.datetime64]

MDY: Final = "mdy"
DMY: Final = "dmy"

_ISO = re.compile(r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ].*)?$")
_COMPACT = re.compile(r"^(\d{4})(\d{2})(\d{2})$")
_NUMERIC = re.compile(r"^(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})(?:[T ,].*)?$")
_DAY_NAME = re.compile(r"^(\d{1,2})[-/ .]([A-Za-z]{3,9})\.?[-/ .,]+(\d{4}|\d{2})(?:[T ,].*)?$")
_NAME_DAY = re.compile(
    r"^([A-Za-z]{3,9})\.?[-/ .]*(\d{1,2})(?:st|nd|rd|th)?[-/ ,.]+(\d{4})(?:[T ,].*)?$"
)
_JOINED = re.compile(r"^(\d{2})(\d{2})(\d{4})$")
_MONTH_NAMED = re.compile(r"^([A-Za-z]{3,9})\.?[-/ ']+(\d{4}|\d{2})$")
_MONTH_NUMBER = re.compile(r"^(?:(?P<y>\d{4})[-/](?P<m>\d{1,2})|(?P<m2>\d{1,2})[-/](?P<y2>\d{4}))$")
_WEEKDAY = re.compile(r"^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,?\s+", re.IGNORECASE)
_SERIAL = re.compile(r"^(\d{5})(?:\.\d+)?$")
_MONTHS: Final = {
    name: number
    for number, name in enumerate(
        "jan feb mar apr may jun jul aug sep oct nov dec".split(), start=1
    )
}
_SPREADSHEET_DAY_ZERO: Final = date(1899, 12, 30)
_EARLIEST: Final = 1950
_LATEST: Final = 2100
_YEARS_AFTER_MEDIAN: Final = 2


class Dates(NamedTuple):
    """Parsed texts: ``days`` (datetime64[D], NaT where none), ``bad`` (unreadable or absurd)."""

    days: Days
    bad: npt.NDArray[np.bool_]


def order_evidence(texts: Iterable[str]) -> tuple[int, int, int]:
    """How many numeric dates show month-first, show day-first, and could be either."""
    month_first = day_first = either = 0
    for text in texts:
        found = _NUMERIC.match(text.strip())
        if not found:
            continue
        first, second = int(found[1]), int(found[2])
        if first > 12 >= second:
            day_first += 1
        elif second > 12 >= first:
            month_first += 1
        elif first != second and first <= 12:
            either += 1
    return month_first, day_first, either


def parse_dates(texts: list[str], order: str = MDY, planned: bool = False) -> Dates:
    """Read distinct texts as days.

    Args:
        texts: the distinct texts of one column.
        order: "mdy" or "dmy", for dates such as 02/03/2026.
        planned: whether the column is agreed ahead, such as the end of a contract: then a day long
            after the others is no typing error.

    Returns:
        ``Dates``: a blank is NaT and not bad; impossible days, years outside 1950 to 2100 and days
        more than two years after the column's median (unless planned) are bad. Where every text
        is a month, its first day.
    """
    bare = [text.strip() for text in texts]
    stated = [text not in ("", "-", "--") for text in bare]
    months = are_months(bare)
    read = [
        (parse_month(text) if months else parse_date(text, order)) if said else None
        for text, said in zip(bare, stated, strict=True)
    ]
    days = np.array(read, dtype="datetime64[D]")
    bad = np.isnat(days) & np.array(stated, dtype=bool)
    return Dates(days, bad) if planned else Dates(*_drop_far_future(days, bad))


def _drop_far_future(days: Days, bad: npt.NDArray[np.bool_]) -> tuple[Days, npt.NDArray[np.bool_]]:
    known = days[~np.isnat(days)]
    if len(known) >= 3:
        middle = np.sort(known)[len(known) // 2]
        far = ~np.isnat(days) & (days > middle + np.timedelta64(366 * _YEARS_AFTER_MEDIAN, "D"))
        # A long history is no typing error: only a date far beyond the newest others is.
        lonely = far & (far.sum() <= max(1, len(known) // 10))
        days = np.where(lonely, np.datetime64("NaT"), days)
        bad = bad | lonely
    return days, bad


def parse_date(text: str, order: str = MDY) -> date | None:
    """One text as a day, or None. Two-digit years are 1950 to 2049."""
    text = _WEEKDAY.sub("", text)
    found = _ISO.match(text) or _COMPACT.match(text)
    iso = _day(int(found[1]), int(found[2]), int(found[3])) if found else None
    if iso is not None:
        return iso
    found = _NUMERIC.match(text) or _JOINED.match(text)
    if found:
        first, second = int(found[1]), int(found[2])
        month, day = (first, second) if order == MDY else (second, first)
        return _day(_year(found[3]), month, day)
    found = _DAY_NAME.match(text)
    if found:
        return _day(_year(found[3]), _MONTHS.get(found[2][:3].lower(), 0), int(found[1]))
    found = _NAME_DAY.match(text)
    if found:
        return _day(int(found[3]), _MONTHS.get(found[1][:3].lower(), 0), int(found[2]))
    found = _SERIAL.match(text)
    if found:
        day_found = _SPREADSHEET_DAY_ZERO + timedelta(days=int(found[1]))
        return _day(day_found.year, day_found.month, day_found.day)
    return None


def parse_month(text: str) -> date | None:
    """A month as its first day: "Jan 2026", "January-26", "2026-01", "01/2026"; None for others."""
    found = _MONTH_NAMED.match(text.strip())
    if found:
        return _day(_year(found[2]), _MONTHS.get(found[1][:3].lower(), 0), 1)
    found = _MONTH_NUMBER.match(text.strip())
    if found:
        return _day(int(found["y"] or found["y2"]), int(found["m"] or found["m2"]), 1)
    return None


def are_months(texts: Iterable[str]) -> bool:
    """Whether every text that is stated is a month and no day."""
    stated = [t for t in texts if t.strip()]
    return bool(stated) and all(parse_month(t) for t in stated)


def _year(text: str) -> int:
    year = int(text)
    return year if len(text) == 4 else year + (1900 if year >= 50 else 2000)


def _day(year: int, month: int, day: int) -> date | None:
    if not _EARLIEST <= year <= _LATEST:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def share_of_dates(texts: list[str]) -> float:
    """Share of the stated texts of a sample that are dates under one order or the other.

    Bare five-digit numbers count for nothing: they may be serial days, and may be anything.
    """
    stated = [t.strip() for t in texts if t.strip()]
    stated = [t for t in stated if not _SERIAL.match(t)]
    if not stated:
        return 0.0
    return sum(1 for t in stated if parse_date(t) or parse_date(t, DMY)) / len(stated)


def month_of(days: Days) -> npt.NDArray[np.int32]:
    """year * 12 + month - 1 of each day; -1 where there is none."""
    months = days.astype("datetime64[M]").astype(np.int64) + 1970 * 12
    return np.where(np.isnat(days), -1, months).astype(np.int32)
