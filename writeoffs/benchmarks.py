"""Published bands: shown only beside a figure of their own definition and basis, else a reason.

A benchmark is a number somebody published for one way of counting. Beside a figure counted another
way, or over other months, it misleads; then nothing is shown but why (domain 0.10, 1.2). Which
definition each band is of, and why a band is never shown, stands in reference/benchmarks.csv.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, NamedTuple

import pandas as pd

from writeoffs import catalogue, definitions, reference, wording
from writeoffs.periods import YEAR

TWELVE_MONTHS: Final = "twelve months"
AS_OF: Final = "as of a date"


class When(NamedTuple):
    """What a figure is of: how many ``months`` with data, and how many of them are ``young``."""

    months: int
    young: int


@dataclass(frozen=True)
class Band:
    """One published band: ``short`` as shown, who measured whom and when, how far to trust it."""

    short: str
    source: str
    population: str
    year: str
    trust: str
    basis: str

    @property
    def text(self) -> str:
        """The band in one line: "AAFP: 95% or more (family medicine, undated page)"."""
        return f"{self.source}: {self.short} ({self.population}, {self.year})"


@dataclass(frozen=True)
class Beside:
    """What may stand beside a figure: ``bands``, or none and ``why``, in words."""

    bands: tuple[Band, ...]
    why: str

    @property
    def text(self) -> str:
        """The most trusted band in one line, or why none is shown."""
        return f"{self.bands[0].text}." if self.bands else f"No benchmark: {self.why}."


NO_BAND: Final = "none is published for this definition that an export could be held against"


def of(name: str) -> tuple[Band, ...]:
    """The bands that are of a measure's or a definition's very formula, whatever the months.

    A measure of the catalogue and the definition that is the same figure share their bands.
    """
    names = _same(name)
    return tuple(
        Band(
            row["short"],
            row["named_source"],
            row["population"],
            row["year"],
            row["trust"],
            row["basis"],
        )
        for row in reference.benchmarks()
        if row["definition"] in names and not row["why_not"]
    )


def beside(name: str, when: When) -> Beside:
    """The bands that may be shown beside a figure, or why none is.

    Args:
        name: a measure of the catalogue, or a definition's id.
        when: the months that the figure is of.

    Returns:
        ``Beside``. A band for twelve months is shown only where twelve months or more have data and
        none of them is young: a young month has charges whose payments are still to come, and reads
        as a loss that is none.
    """
    found = of(name)
    if not found:
        return Beside((), NO_BAND)
    fits = tuple(band for band in found if not _differs(band, when))
    return Beside(fits, "" if fits else _differs(found[0], when))


def _differs(band: Band, when: When) -> str:
    """How a figure's months differ from those that a band is for; "" where they do not."""
    if band.basis != TWELVE_MONTHS:
        return ""
    if when.months < YEAR:
        have = wording.count(when.months, "month")
        return f"{band.source}'s {band.short} is for twelve months, this is {have}"
    if when.young:
        have = "1 month is" if when.young == 1 else f"{when.young} months are"
        return f"{band.source}'s {band.short} is for months that are complete, here {have} young"
    return ""


def _same(name: str) -> set[str]:
    """A name, and the definition or measure that is the same figure."""
    twins = {name}
    for one in definitions.ALL.values():
        if one.measure and name in (one.id, one.measure):
            twins |= {one.id, one.measure}
    return twins


# --- for the page that lists everything -----------------------------------------------------------

_UNITS: Final = MappingProxyType(
    {"rate": "rate (percent)", "dollars": "dollars", "days": "days", "count": "count"}
)
_GOOD: Final = MappingProxyType(
    {"up": "higher is better", "down": "lower is better", "neither": "neither"}
)


def measures_listed(when: When) -> pd.DataFrame:
    """Every measure of the catalogue in words: ``name``, ``title``, ``words`` (the formula),
    ``meaning``, ``unit``, ``good``, ``source`` and ``benchmark`` (the band beside it, or why there
    is none); dollars have none."""
    rows = [
        (
            m.name,
            m.title,
            m.words,
            m.meaning,
            _UNITS[m.unit],
            _GOOD[m.good],
            m.source or "rules of this program",
            "dollars of one practice compare with its own past only"
            if m.unit == "dollars"
            else beside(m.name, when).text,
        )
        for m in catalogue.ALL.values()
    ]
    heads = ["name", "title", "words", "meaning", "unit", "good", "source", "benchmark"]
    return pd.DataFrame(rows, columns=heads)


def bands_listed() -> pd.DataFrame:
    """Every published band: the columns of the reference table, with ``metric`` in words and
    ``beside``, the title of what it is shown beside ("" where it never is)."""
    out = pd.DataFrame(reference.benchmarks())
    out["metric"] = out["metric"].str.replace("_", " ").str.capitalize()
    return out.assign(
        beside=[
            "" if why else _named([name])
            for name, why in zip(out["definition"], out["why_not"], strict=True)
        ]
    )


def _title(name: str) -> str:
    if name in definitions.ALL:
        return definitions.ALL[name].title
    return catalogue.ALL[name].title if name in catalogue.ALL else ""


def coverage_listed() -> pd.DataFrame:
    """Every measure that the field's references name: ``title``, ``formula``, ``where`` it stands
    here (titles, "" where nowhere) and ``why_not``."""
    out = pd.DataFrame(reference.coverage())
    return out.assign(where=[_named(names.split()) for names in out["where"]])


def _named(names: list[str]) -> str:
    """Names as titles; what is worked out by a function only, by the words of its name."""
    return ", ".join(_title(name) or name.replace("_", " ").capitalize() for name in names)
