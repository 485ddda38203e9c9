"""Tables with their sources, read once.

carc.csv       claim adjustment reason codes in our own short words, with category and
               preventability. Numbers checked against the X12 list dated 2025-11-01.
labels.csv     free-text labels of practice systems -> category, with where each was seen.
benchmarks.csv published bands, each with its definition's owner, year and how far to trust it,
               the definition here that it is of, or why it is shown beside none.
coverage.csv   every measure that the field's references name, and where it stands here.
no_cost_share.csv preventive services and modifiers that usually carry no patient share.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

_HERE = Path(__file__).parent


def _rows(name: str) -> list[dict[str, str]]:
    with (_HERE / name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


@cache
def carc() -> MappingProxyType[str, dict[str, str]]:
    """Reason code -> its row (typical_group, category, preventability, paraphrase)."""
    return MappingProxyType({row["carc"]: row for row in _rows("carc.csv")})


@cache
def labels() -> tuple[dict[str, str], ...]:
    """Label patterns in the order in which they are tried."""
    return tuple(sorted(_rows("labels.csv"), key=lambda row: int(row["priority"])))


@cache
def benchmarks() -> tuple[dict[str, Any], ...]:
    """Published bands with source, year, population and trust."""
    return tuple(_rows("benchmarks.csv"))


@cache
def coverage() -> tuple[dict[str, Any], ...]:
    """Measures by name (title, formula), each with ``where`` it stands here or ``why_not``."""
    return tuple(_rows("coverage.csv"))


@cache
def no_cost_share() -> tuple[dict[str, str], ...]:
    """Services that usually carry no patient share: code, kind (procedure or modifier), shares
    (all, or the deductible alone), what it is in our own words, source."""
    return tuple(_rows("no_cost_share.csv"))
