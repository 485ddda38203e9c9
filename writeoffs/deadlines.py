"""Until when a denial can be appealed: days that a payer gives, set by the practice.

Only Medicare's are known to everybody: a redetermination must be asked for within 120 days of
receiving the first decision, which counts as received five days after its date (42 CFR 405.942(a)).
Every other payer's stand in its contract, so they are the practice's to write down; where nobody
has, there is no deadline, and the list says so.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pandas as pd

from writeoffs import keeping
from writeoffs.judgements import matched_by
from writeoffs.problems import BadRequest

VERSION: Final = 1
FILE: Final = "deadlines.json"
MEDICARE_DAYS: Final = 125
MOST_DAYS: Final = 3650
_CALLED: Final = "the list of appeal deadlines"
_MEDICARE: Final = frozenset({"medicare", "medicare part b", "medicare b", "traditional medicare"})


@dataclass(frozen=True)
class Deadlines:
    """Payer name as charted -> days from a denial to the last day of its appeal.

    Raises:
        BadRequest: days that are no whole number from 1 to 3,650, or one name with two of them.
    """

    days: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        seen: dict[str, int] = {}
        for payer, days in self.days.items():
            if isinstance(days, bool) or not isinstance(days, int) or not 1 <= days <= MOST_DAYS:
                raise BadRequest(
                    f'the days to appeal for "{payer[:40]}" are no whole number from 1 to 3,650'
                )
            if seen.setdefault(matched_by(payer), days) != days:
                raise BadRequest(f'"{payer[:40]}" stands twice with different days')

    def of(self, payer: str) -> int | None:
        """The days a payer gives; Medicare's own where nobody wrote any; else None."""
        key = matched_by(payer)
        for name, days in self.days.items():
            if matched_by(name) == key:
                return days
        return MEDICARE_DAYS if key in _MEDICARE else None

    def with_days(self, payer: str, days: int | None) -> Deadlines:
        """The list with other days for one payer; None takes them away."""
        key = matched_by(payer)
        kept = {name: d for name, d in self.days.items() if matched_by(name) != key}
        return Deadlines(kept | ({} if days is None else {payer: days}))

    def to_json(self) -> str:
        """The list as a small file; ``from_json`` gives the same list."""
        body = {"version": VERSION, "appeal_days": self.days}
        return json.dumps(body, indent=2, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Deadlines:
        """Read a saved list.

        Raises:
            BadRequest: no list of deadlines, of a newer version, or with days nobody can have.
        """
        return cls(keeping.held(text, "appeal_days", VERSION, _CALLED))


def keep(deadlines: Deadlines) -> str:
    """Keep the list on this computer; returns a note for the person or "".

    Raises:
        NotKept: it could not be written; what was kept before is as it was.
    """
    return keeping.write_json(FILE, json.loads(deadlines.to_json()))


def kept() -> tuple[Deadlines, str]:
    """The list kept on this computer, and a note on what could not be used or ""."""
    found, note = keeping.read_as(FILE, VERSION, Deadlines.from_json)
    return found or Deadlines(), note


def due(deadlines: Deadlines, payers: pd.Series, denied_on: np.ndarray) -> np.ndarray:
    """The last day to appeal each denial.

    Args:
        payers: categories of names as charted.
        denied_on: datetime64 days, NaT where unknown.

    Returns:
        datetime64[D], NaT where the payer's days or the day of the denial are not known.
    """
    names: Sequence[object] = list(payers.cat.categories)
    given = [deadlines.of(str(name)) for name in names]
    days = np.array([-1 if d is None else d for d in given] + [-1], dtype=np.int64)
    mine = days[payers.cat.codes.to_numpy()]
    day = denied_on.astype("datetime64[D]")
    last = day + mine.astype("timedelta64[D]")
    return np.where(mine < 0, np.datetime64("NaT"), last)
