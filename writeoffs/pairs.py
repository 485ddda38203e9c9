"""What is compared with what: two periods of which both hold what is set side by side."""

from __future__ import annotations

from typing import NamedTuple

from writeoffs import wording
from writeoffs.periods import YEAR, Period


class Pair(NamedTuple):
    """Two periods; ``left_out``: what of the wanted months is not compared, in words, or ""."""

    before: Period
    now: Period
    left_out: str = ""

    @property
    def swapped(self) -> Pair:
        """The same two the other way round."""
        return Pair(self.now, self.before, self.left_out)

    @property
    def sentence(self) -> str:
        """What the changes beside a period's figures are of, where months may be left out."""
        if not self.left_out:
            return "Changes are against the same months a year before"
        months = wording.span(self.now.first, self.now.last)
        return f"Changes are of {months} against the same months a year before ({self.left_out})"


def year_before(period: Period, first: int, young_from: int | None) -> Pair | None:
    """A period and the same months a year before, of the months that both years have.

    Args:
        period: what is looked at.
        first: the first month of the data; months that the year before lacks are left out of
            both, else fewer months would read as less work.
        young_from: the first month too young to judge; from it on nothing is compared. None
            compares young months too.

    Returns:
        The pair; None where no month of the period has its like a year before.
    """
    start = max(period.first, first + YEAR)
    end = period.last if young_from is None else min(period.last, young_from - 1)
    if start > end:
        return None
    said = []
    if start > period.first:
        months = wording.span(period.first, start - 1)
        said.append(f"{months}: the year before is not in the data")
    if end < period.last:
        said.append(f"{wording.span(end + 1, period.last)}: still young")
    now = Period("range", start, end)
    return Pair(Period("range", start - YEAR, end - YEAR), now, "; ".join(said))


def months_before(last: int, months: int, first: int, young_from: int | None) -> Pair | None:
    """The last mature months and as many just before them.

    Args:
        last: the last month looked at.
        months: how many.
        first: the first month of the data.
        young_from: the first month too young to judge; None takes young months too.

    Returns:
        The pair; None where the data do not reach back far enough.
    """
    end = last if young_from is None else min(last, young_from - 1)
    start = end - months + 1
    if start - months < first:
        return None
    said = f"{wording.span(end + 1, last)}: still young" if end < last else ""
    return Pair(Period("range", start - months, start - 1), Period("range", start, end), said)
