"""Goals that a practice sets itself, and how far it is from them.

A goal is a number for one measure, kept on this computer; none is set before a person sets it, for
a goal that nobody chose moves nobody. Distance and worth follow from the measure's own declaration.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import pandas as pd

from writeoffs import catalogue, keeping, metrics
from writeoffs.measures import Measure, weigh
from writeoffs.measures import components as components_of
from writeoffs.metrics import View
from writeoffs.problems import BadRequest

VERSION: Final = 1
FILE: Final = "goals.json"
_CALLED: Final = "the list of goals"
HALF_YEAR: Final = 6


@dataclass(frozen=True)
class Goals:
    """Measure -> goal: a fraction for rates, days for days, cents for dollars.

    Raises:
        BadRequest: no such measure, one without a good direction, or a number out of reach.
    """

    values: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, goal in self.values.items():
            m = catalogue.measure(name)
            if m.good == "neither":
                raise BadRequest(
                    f"{m.title} can have no goal: neither more nor less of it is better\n\n"
                    "Hint: set a goal for a measure that has a good direction"
                )
            if isinstance(goal, bool) or not isinstance(goal, int | float) or not 0 <= goal < 1e15:
                raise BadRequest(f"the goal for {m.title} is no number of 0 or more")
            if m.unit == "rate" and goal > 2:
                raise BadRequest(
                    f"the goal for {m.title} is a share: 0.95 stands for 95 %\n\n"
                    "Hint: write shares as fractions in the file"
                )

    def with_goal(self, name: str, goal: float | None) -> Goals:
        """The list with another goal for one measure; None takes its goal away."""
        kept = {n: g for n, g in self.values.items() if n != name}
        return Goals(kept | ({} if goal is None else {name: goal}))

    def to_json(self) -> str:
        """The list as a small file; ``from_json`` gives the same list."""
        return json.dumps({"version": VERSION, "goals": self.values}, indent=2)

    @classmethod
    def from_json(cls, text: str) -> Goals:
        """Read a saved list.

        Raises:
            BadRequest: no list of goals, of a newer version, or one with a goal nobody can have.
        """
        return cls(keeping.held(text, "goals", VERSION, _CALLED))


def keep(goals: Goals) -> str:
    """Keep the goals on this computer; returns a note for the person or "".

    Raises:
        NotKept: they could not be written; what was kept before is as it was.
    """
    return keeping.write_json(FILE, json.loads(goals.to_json()))


def kept() -> tuple[Goals, str]:
    """The goals kept on this computer, and a note on what could not be used or ""."""
    found, note = keeping.read_as(FILE, VERSION, Goals.from_json)
    return found or Goals(), note


class Distance(NamedTuple):
    """One measure beside its goal.

    ``value`` and ``goal`` in the measure's own unit; ``gap`` is what is missing, 0 or less where
    the goal is met; ``cents`` what closing the gap is worth (rates: gap x denominator; dollars: the
    gap; None for days or where nothing can be said); ``moved`` the change from the six older to
    the six newer mature months, in the measure's unit, None with fewer than twelve of them.
    """

    measure: Measure
    value: float | None
    goal: float
    gap: float | None
    cents: int | None
    moved: float | None

    @property
    def met(self) -> bool | None:
        """Whether the goal is reached; None where the measure cannot be said."""
        return None if self.gap is None else self.gap <= 0

    @property
    def better(self) -> bool | None:
        """Whether the last half-year went the right way; None where it did not move or is young."""
        if self.moved is None or not self.moved:
            return None
        return (self.moved > 0) == (self.measure.good == "up")


def distance(
    view: View, name: str, goal: float, months: pd.DataFrame, counted: float | None = None
) -> Distance:
    """A measure beside its goal.

    Args:
        view: what is looked at.
        name: a measure of the catalogue.
        goal: in the measure's unit.
        months: components by month of the mature months, oldest first (from ``mature``).
        counted: the value of a measure that counts lines or claims, or of days; None where it
            cannot be said. What closing its gap is worth, and its trend, are not said.
    """
    m = catalogue.measure(name)
    own = m.rows == "postings"
    found = metrics.table(view, [name])[name].iloc[0] if own else counted
    moved = _moved(months, m) if own else None
    if found is None or pd.isna(found):
        return Distance(m, None, goal, None, None, moved)
    value = float(found)
    gap = goal - value if m.good == "up" else value - goal
    if not own:
        return Distance(m, value, goal, gap, None, None)
    cents = round(gap)
    if m.denominator is not None:
        bottom = int(weigh(components_of(view.cube, [], rated=True), m.denominator)[0])
        cents = round(gap * bottom)
    return Distance(m, value, goal, gap, max(0, cents), moved)


def mature(view: View, month: str, until: int | None) -> pd.DataFrame:
    """Components that may enter rates by month, oldest first, young months left out.

    Args:
        month: the cube's month column.
        until: the first young month; None where every month is old enough.
    """
    cube = view.cube[view.cube[month] > 0]
    if until is not None:
        cube = cube[cube[month] < until]
    return components_of(cube, [month], rated=True).sort_values(month, ignore_index=True)


def _moved(months: pd.DataFrame, m: Measure) -> float | None:
    """From the six months before the last six to those: ratios of sums, or mean dollars a month."""
    if len(months) < 2 * HALF_YEAR:
        return None
    old, new = months.iloc[-2 * HALF_YEAR : -HALF_YEAR], months.iloc[-HALF_YEAR:]
    if m.denominator is None:
        return float(weigh(new, m.numerator).sum() - weigh(old, m.numerator).sum()) / HALF_YEAR
    rates = []
    for part in (old, new):
        bottom = int(weigh(part, m.denominator).sum())
        if bottom <= 0:
            return None
        rates.append(int(weigh(part, m.numerator).sum()) / bottom)
    return rates[1] - rates[0]


def distances(
    view: View,
    goals: Mapping[str, float],
    months: pd.DataFrame,
    counted: Mapping[str, float | None] | None = None,
) -> list[Distance]:
    """Every goal's distance, those that are worth most first, met ones last.

    ``counted``: the values of measures that count lines or claims, or days.
    """
    own = counted or {}
    found = [distance(view, n, goal, months, own.get(n)) for n, goal in goals.items()]
    return sorted(found, key=lambda d: (d.met is not False, -(d.cents or 0)))


def frame(found: list[Distance]) -> pd.DataFrame:
    """Distances as a table: measure, value, goal, gap, cents (Int64), moved, met."""
    rows: list[tuple[Any, ...]] = [
        (d.measure.name, d.value, d.goal, d.gap, d.cents, d.moved, d.met) for d in found
    ]
    names = ["measure", "value", "goal", "gap", "cents", "moved", "met"]
    return pd.DataFrame(rows, columns=names).astype({"cents": "Int64"})
