"""What counts lines or claims, taken apart: one row a unit with what it adds above and below.

A measure that is no sum of postings is worked out by its own module. Here each is set beside the
units that it is made of, under the same filters, so that its parts can be shown, added up again and
followed to their claims. What stands as of a date (balances, patient cohorts, fairness) takes the
filters on people and places and not the period, as its pages do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Final

import pandas as pd

from writeoffs import ar_days, cohorts, denials, expected, lags, receivables, recoverable, underpaid
from writeoffs.fairness import ADDS, CHECKS
from writeoffs.fairness import DECLARED as FAIRNESS
from writeoffs.fairness import claims as fair_claims
from writeoffs.fairness import why_not as not_checked
from writeoffs.fee_schedule import Schedule
from writeoffs.ledger import Ledger
from writeoffs.measures import Measure, can_say, why_not
from writeoffs.problems import BadRequest
from writeoffs.receivables import Receivables
from writeoffs.scope import Scope

COLUMNS: Final = ("number", "numerator", "denominator", "above", "below")


@dataclass(frozen=True)
class Sources:
    """A ledger and what its measures are counted from; each table is made once.

    ``keep``: gives the table of a name, made of the whole ledger the first time; a page keeps them
    for its session. ``schedule``: the fee schedule in use.
    """

    ledger: Ledger
    keep: Callable[[str, Callable[[Ledger], Any]], Any]
    schedule: Schedule | None = None

    @staticmethod
    def of(ledger: Ledger, schedule: Schedule | None = None) -> Sources:
        """Sources that keep their tables themselves."""
        made: dict[str, Any] = {}

        def keep(name: str, build: Callable[[Ledger], Any]) -> Any:
            if name not in made:
                made[name] = build(ledger)
            return made[name]

        return Sources(ledger, keep, schedule)

    def every(self) -> pd.DataFrame:
        """``expected.every`` under the schedule."""
        found: pd.DataFrame = self.keep("expected", lambda one: expected.every(one, self.schedule))
        return found

    def losses(self) -> pd.DataFrame:
        """``recoverable.rows``: avoidable write-offs at billed prices and at expected allowed."""
        found: pd.DataFrame = self.keep("losses", lambda one: recoverable.rows(one, self.every()))
        return found

    def gaps(self, against: str) -> pd.DataFrame:
        """``underpaid.gaps`` against the schedule or the usual allowed."""

        def build(one: Ledger) -> pd.DataFrame:
            return underpaid.gaps(one, expected.charged(self.every()), against)

        found: pd.DataFrame = self.keep(f"gaps_{against}", build)
        return found


@dataclass(frozen=True)
class Tally:
    """A figure and its units.

    ``units``: ``number`` (the claim's place in ``claims.claims``, -1 for none), ``numerator``,
    ``denominator``, and ``above`` and ``below``, the cents that each adds to the claims behind
    either side, all int64. ``value``: as the measure's own module gives it, None where it cannot be
    said; ``why`` then says why. ``money``: whether the two are cents. ``days``: of the window,
    where the denominator is set against so many days (value = numerator * days / denominator).
    ``quantile``: of the numerators, where the value is one (0.5 the median); then 1 a unit stands
    below.
    """

    units: pd.DataFrame = field(repr=False)
    value: float | int | None
    why: str = ""
    money: bool = True
    days: int = 0
    quantile: float = 0.0


def tally(sources: Sources, name: str, scope: Scope | None = None, age: str = "service") -> Tally:
    """A measure that counts lines or claims, with its units.

    Args:
        sources: the ledger and its tables.
        name: one of NAMES.
        scope: the part of the ledger; None for all of it.
        age: what the age of a balance counts from (``receivables.BASES``).

    Raises:
        BadRequest: a measure without units.
    """
    if name not in _FAMILY:
        raise BadRequest(f"no units for {name!r}\n\nHint: one of {', '.join(NAMES)}")
    m, family = _FAMILY[name]
    found = family(sources, m, scope or Scope(), age)
    units = found.units
    for side, column in (("above", "numerator"), ("below", "denominator")):
        if side not in units:
            units = units.assign(**{side: units[column] if found.money else 0})
    units = units[list(COLUMNS)].astype("int64")
    counts = (units["numerator"] != 0) | (units["denominator"] != 0)
    units = units[counts].reset_index(drop=True)
    value = None if found.value is None or pd.isna(found.value) else found.value
    return replace(found, units=units, value=value, why=found.why if value is None else "")


# --- by family ------------------------------------------------------------------------------------


def _denials(sources: Sources, m: Measure, scope: Scope, age: str) -> Tally:
    found = sources.keep("denials", denials.counted).part(scope.part)
    value = denials.figure(found, m.name)
    quantile = 0.5 if m.unit == "days" else 0.0
    money = denials.is_money(m.name) and not quantile
    why = denials.why(found, m.name)
    return Tally(denials.made_of(found, m.name), value, why, money, 0, quantile)


def _recoverable(sources: Sources, m: Measure, scope: Scope, age: str) -> Tally:
    found = scope.part(sources.losses())
    lines = scope.part(expected.charged(sources.every()))
    units = recoverable.made_of(found, lines, m.name)
    says = scope.says(sources.ledger)
    if not can_say(m, says):
        return Tally(units, None, why_not(m, says))
    if m.unit == "rate":
        return Tally(units, recoverable.rate(found, lines), "no line has an expected allowed")
    return Tally(units, int(recoverable.totals(found)[_LOST[m.name]].iloc[0]))


_LOST: Final = MappingProxyType(
    {"avoidable_at_expected": "at_expected", "avoidable_not_valued": "not_valued"}
)


def _underpaid(sources: Sources, m: Measure, scope: Scope, age: str) -> Tally:
    ground = expected.USUAL if m.name == "below_usual" else expected.SCHEDULE
    found = scope.part(sources.gaps(ground))
    units = underpaid.made_of(found, m.name)
    if ground == expected.SCHEDULE and sources.schedule is None:
        return Tally(units.iloc[:0], None, "no fee schedule says what was agreed")
    [row] = underpaid.totals(found).to_dict("records")
    value = row["rate" if m.unit == "rate" else "short"] if row["lines"] else None
    return Tally(units, value, "no line here can be compared")


def _fairness(sources: Sources, m: Measure, scope: Scope, age: str) -> Tally:
    table = scope.part(sources.keep("fairness", fair_claims), dated=False)
    says = sources.ledger.can_say
    said = [c.key for c in CHECKS if c.key in ADDS[m.name] and not not_checked(c, says)]
    cents = table[said].sum(axis=1).astype("int64")
    units = table[["number"]].assign(numerator=cents, denominator=0)[cents != 0]
    return Tally(units, int(cents.sum()) if said else None, why_not(m, says))


def _cohorts(sources: Sources, m: Measure, scope: Scope, age: str) -> Tally:
    table = scope.part(sources.keep("cohorts", cohorts.claims), dated=False)
    why = cohorts.why_not(table, sources.ledger.can_say)
    column = {"yield_after_insurance": "yield_12"}.get(m.name, f"rate_{m.name.rsplit('_', 1)[1]}")
    value = None if why else cohorts.rates(table)[column].iloc[0]
    return Tally(cohorts.made_of(table, m.name), value, why or "no claim was followed so long")


def _receivables(sources: Sources, m: Measure, scope: Scope, age: str) -> Tally:
    found = _owed(sources, scope)
    value = receivables.values(found, age)[m.name]
    why = "no balance has a date" if can_say(m, found.says) else why_not(m, found.says)
    return Tally(receivables.made_of(found, m.name, age), value, why)


def _days(sources: Sources, m: Measure, scope: Scope, age: str) -> Tally:
    found = _owed(sources, scope)
    postings = sources.keep("daily_postings", receivables.daily_postings)
    units, days = ar_days.made_of(found, scope.part(postings, dated=False), m.name)
    value = ar_days.values(found)[m.name]
    return Tally(units, value, ar_days.why_not(found, m.name), True, days)


def _owed(sources: Sources, scope: Scope) -> Receivables:
    """Receivables under the filters on people and places: a balance is no month's."""
    whole: Receivables = sources.keep("receivables", receivables.receivables)
    positions, daily = (scope.part(t, dated=False) for t in (whole.positions, whole.daily))
    return replace(whole, positions=positions, daily=daily)


def _lags(sources: Sources, m: Measure, scope: Scope, age: str) -> Tally:
    table = scope.part(sources.keep("lag_lines", lags.lines))
    quantile = 0.9 if m.name.endswith("_p90") else 0.5
    lag = lags.charge_lag if m.name.startswith("charge") else lags.payment_lag
    found = lag(table)
    why = str(found["why"].iloc[0]) if len(found) else "there are no lines here to count"
    return Tally(lags.made_of(table, m.name), lags.values(table)[m.name], why, False, 0, quantile)


Family = Callable[[Sources, Measure, Scope, str], Tally]
_FAMILIES: Final[tuple[tuple[tuple[Measure, ...], Family], ...]] = (
    (denials.DECLARED, _denials),
    (recoverable.DECLARED, _recoverable),
    (underpaid.DECLARED, _underpaid),
    (FAIRNESS, _fairness),
    (cohorts.DECLARED, _cohorts),
    (receivables.DECLARED, _receivables),
    (ar_days.DECLARED, _days),
    (lags.DECLARED, _lags),
)
# The realization gap sets two rates against each other: no sum of units.
_NO_SUM: Final = ("denial_gap",)
_FAMILY: Final[Mapping[str, tuple[Measure, Family]]] = MappingProxyType(
    {m.name: (m, family) for part, family in _FAMILIES for m in part if m.name not in _NO_SUM}
)
NAMES: Final = tuple(_FAMILY)
