"""Periods that people compare: month, quarter, year to date, fiscal year, and the year before.

A month is year * 12 + month - 1 throughout. Nothing here looks at the clock: the latest month is
the data's own.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from writeoffs.problems import BadRequest

YEAR: Final = 12
NAMES: Final[dict[str, str]] = {
    "year": "Last 12 months",
    "month": "One month",
    "quarter": "Quarter",
    "ytd": "Year to date",
    "fiscal": "Fiscal year to date",
    "all": "All months",
}


class Period(NamedTuple):
    """Months ``first`` to ``last``, both included; ``name`` as in NAMES."""

    name: str
    first: int
    last: int

    @property
    def before(self) -> Period | None:
        """The same months a year before; None for all months."""
        if self.name == "all":
            return None
        return Period(self.name, self.first - YEAR, self.last - YEAR)

    @property
    def months(self) -> int:
        """How many months."""
        return self.last - self.first + 1

    def holds(self, month: int) -> bool:
        """Whether a month lies in it."""
        return self.first <= month <= self.last


def period(name: str, last: int, earliest: int, fiscal_start: int = 1) -> Period:
    """The period of a name that ends with a month.

    Args:
        name: a key of NAMES.
        last: its last month.
        earliest: the first month of the data, where "all" begins.
        fiscal_start: 1 to 12, the first calendar month of the fiscal year.

    Raises:
        BadRequest: an unknown name.
    """
    if name not in NAMES:
        raise BadRequest(f"no period {name!r}\n\nHint: one of {', '.join(NAMES)}")
    start = {
        "year": last - YEAR + 1,
        "month": last,
        "quarter": last - last % 3,
        "ytd": last - last % YEAR,
        "fiscal": last - (last - (fiscal_start - 1)) % YEAR,
        "all": earliest,
    }[name]
    return Period(name, start, last)
