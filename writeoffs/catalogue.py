"""Every measure in one list: sums of postings, and what is counted by lines and claims.

Each is declared in the module that works it out; whoever shows, explains or proves figures reads
this list.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from writeoffs import (
    ar_days,
    cohorts,
    definitions,
    denials,
    lags,
    measures,
    per_visit,
    prices,
    receivables,
    recoverable,
    underpaid,
)
from writeoffs.fairness import DECLARED as FAIRNESS  # the module's name is a function's as well
from writeoffs.measures import Measure
from writeoffs.problems import BadRequest

_DECLARED: Final = (
    measures.MEASURES.values(),
    definitions.DECLARED,
    per_visit.DECLARED,
    underpaid.DECLARED,
    prices.DECLARED,
    recoverable.DECLARED,
    receivables.DECLARED,
    ar_days.DECLARED,
    lags.DECLARED,
    denials.DECLARED,
    FAIRNESS,
    cohorts.DECLARED,
)

ALL: Final = MappingProxyType({m.name: m for part in _DECLARED for m in part})


def measure(name: str) -> Measure:
    """A measure by name.

    Raises:
        BadRequest: no such measure; the message lists those there are.
    """
    if name not in ALL:
        raise BadRequest(f"no measure {name!r}\n\nHint: one of {', '.join(ALL)}")
    return ALL[name]
