"""How a billed dollar comes to be paid: what is decided, what the contract leaves, who pays it.

One payer's money in one period, in steps:

    decided = base - what never was priced (avoidable losses by reason, in review, open with the
              insurer, set aside, other adjustments, what does not tie)
    allowed = decided - contract and law
    paid    = allowed - what patients left (bad debt, discounts and charity, still owed by them)

Each step has its own rate: unpriced money over the base, contract over what was decided, what
patients left over what was allowed. So a denied line, which sits at its billed price, is worth
what the contract and the patients would have left of it (domain 1.3, the denied-line trap), and a
contract's rate is that of the lines that were priced. A change of one rate leaves the others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Final

import numpy as np
import pandas as pd

from writeoffs import vocabulary as v
from writeoffs.measures import PAID, Weights, components, weigh
from writeoffs.money import Cents

CONTRACT: Final = "contract"
OWED: Final = "insurer_open"
OWED_BY_PATIENTS: Final = "patient_open"
ASIDE: Final = "aside"
OTHER: Final = "other"
PATIENT_SIDE: Final = (v.BAD_DEBT, v.DISCRETIONARY, OWED_BY_PATIENTS)

Money = Mapping[str, int]


@dataclass(frozen=True)
class Flow:
    """One payer's money in one period, in cents; what is left of it all was paid.

    ``unpriced``: by term; avoidable losses as "avoidable:category". ``patient``: by PATIENT_SIDE.
    """

    base: int = 0
    contract: int = 0
    unpriced: Money = field(default_factory=dict)
    patient: Money = field(default_factory=dict)

    @property
    def decided(self) -> int:
        """Base less what never was priced."""
        return self.base - sum(self.unpriced.values())

    @property
    def allowed(self) -> int:
        """What contract and law leave of the decided dollars."""
        return self.decided - self.contract

    @property
    def paid(self) -> int:
        """What came in, from insurers and patients."""
        return self.allowed - sum(self.patient.values())

    @property
    def holds(self) -> bool:
        """Whether there is any money in it."""
        return any((self.base, self.contract, *self.unpriced.values(), *self.patient.values()))

    @property
    def based(self) -> bool:
        """Whether its money can be set against a base."""
        return self.base > 0

    @property
    def stepped(self) -> bool:
        """Whether each step has something to be a rate of."""
        decided = self.decided > 0 or not (self.decided or self.contract)
        return decided and (self.allowed > 0 or not (self.allowed or any(self.patient.values())))


def share(part: int, whole: int) -> Fraction | None:
    """A part of a whole, exactly; None where there is no whole."""
    return Fraction(part, whole) if whole > 0 else None


def flows_of(
    cube: pd.DataFrame, by: str, base: Weights, rated: bool, patients: bool
) -> dict[int, Flow]:
    """The flows of a cube by the codes of a dimension (-1: none).

    Args:
        cube: of one period.
        by: a dimension of the cube.
        base: components that the parts are set against: billed, and for a rate its denominator,
            which leaves out what is set aside, and maybe contract and law.
        rated: only rows that may enter rates.
        patients: whether what patients owe can be told from what insurers owe; else both stand as
            open with insurers.

    Returns:
        Cents by code. What is open with insurers is the rest, so that the parts always add up.
    """
    sums = components(cube, [by], rated=rated)
    codes = [int(code) for code in sums[by].cat.codes]

    def of(*names: str) -> Cents:
        """Components added up; what the base already leaves out is no part of it."""
        return sum((sums[n].to_numpy() for n in names if n not in base), np.zeros(len(sums), int))

    whole, contract = weigh(sums, base), of(v.LAW, v.OVER_BILLED)
    table = {
        v.REVIEW: of(v.REVIEW),
        ASIDE: of(v.SET_ASIDE),
        OTHER: of(v.NO_WRITE_OFF) - of("other_debits"),
        v.UNEXPLAINED: of("unexplained"),
    }
    patient = {name: of(name) for name in PATIENT_SIDE if patients or name != OWED_BY_PATIENTS}
    reasons = by_reason(cube, by, rated)
    rest = whole - contract - weigh(sums, PAID) - of(v.AVOIDABLE)
    rest = rest - sum(table.values()) - sum(patient.values())
    out = {}
    for at, code in enumerate(codes):
        unpriced = {name: int(cents[at]) for name, cents in table.items() if cents[at]}
        unpriced |= {name: cents[code] for name, cents in reasons.items() if cents.get(code)}
        unpriced |= {OWED: int(rest[at])} if rest[at] else {}
        left = {name: int(cents[at]) for name, cents in patient.items() if cents[at]}
        out[code] = Flow(int(whole[at]), int(contract[at]), unpriced, left)
    return out


def by_reason(cube: pd.DataFrame, by: str, rated: bool) -> dict[str, dict[int, int]]:
    """Avoidable write-offs in cents: "avoidable:category" -> code of the dimension -> cents."""
    mine = (cube["entry"] == v.WRITE_OFF) & (cube["bucket"] == v.AVOIDABLE)
    losses = cube[mine & cube["rated"]] if rated else cube[mine]
    out: dict[str, dict[int, int]] = {}
    sums = losses.groupby([losses[by].cat.codes, "category"], observed=True)["cents"].sum()
    for (code, category), cents in sums.items():
        out.setdefault(f"{v.AVOIDABLE}:{category}", {})[int(code)] = int(cents)
    return out


# --- what changed inside one payer ----------------------------------------------------------------

Rates = tuple[Fraction, Fraction]


def within(
    before: Flow, now: Flow, weight: Callable[[str], int], constant: int, steps: bool = True
) -> tuple[dict[str, Fraction], Fraction]:
    """Split what a measure changed per dollar of a payer's base, at the midpoints of each step.

    Args:
        before, now: flows of which at least one has a base; one that holds nothing has the
            other's rates.
        weight: what a dollar of a part adds to the measure, by term.
        constant: what a dollar of the base itself adds.
        steps: set contract over what was decided and patients over what was allowed; else, and
            where a step has nothing to be a rate of, every part is set over the base.

    Returns:
        The change by term, which add up to the change of the measure per dollar of base, and the
        mean of the measure per dollar of base.
    """
    sides = (before, now)
    if not steps or not all(side.stepped for side in sides):
        before, now = (_side_by_side(side) for side in sides)
        sides = (before, now)
    bases, decided, allowed = (
        tuple(getattr(side, step) for side in sides) for step in ("base", "decided", "allowed")
    )
    unpriced = _rates_of([side.unpriced for side in sides], bases)
    left = _rates_of([side.patient for side in sides], allowed)
    law = _both([side.contract for side in sides], decided)
    priced = [1 - sum(rates[t] for rates in unpriced.values()) for t in (0, 1)]
    kept = [priced[t] * (1 - law[t]) for t in (0, 1)]
    passed_on = sum((weight(term) * mean(rates) for term, rates in left.items()), Fraction(0))
    through = weight(CONTRACT) * mean(law) + (1 - mean(law)) * passed_on
    terms = {t: (weight(t) - through) * (two - one) for t, (one, two) in unpriced.items()}
    by_law = mean(priced) * (weight(CONTRACT) - passed_on) * (law[1] - law[0])
    terms[CONTRACT] = terms.get(CONTRACT, Fraction(0)) + by_law
    terms |= {t: weight(t) * mean(kept) * (two - one) for t, (one, two) in left.items()}
    values = [
        constant
        + sum((weight(term) * rates[t] for term, rates in unpriced.items()), Fraction(0))
        + weight(CONTRACT) * priced[t] * law[t]
        + kept[t] * sum((weight(term) * rates[t] for term, rates in left.items()), Fraction(0))
        for t in (0, 1)
    ]
    return terms, mean(values)


def mean(pair: Sequence[Fraction | int]) -> Fraction:
    """The middle of two numbers, exactly."""
    return Fraction(pair[0] + pair[1]) / 2


def _side_by_side(flow: Flow) -> Flow:
    """A flow whose parts all stand over the base."""
    return Flow(flow.base, 0, {**flow.unpriced, CONTRACT: flow.contract, **flow.patient}, {})


def _both(parts: Sequence[int], wholes: Sequence[int]) -> Rates:
    """The rates of both periods; where one has nothing to be a rate of, the other's."""
    one, two = (share(part, whole) for part, whole in zip(parts, wholes, strict=True))
    first = one if one is not None else two if two is not None else Fraction(0)
    return first, two if two is not None else first


def _rates_of(tables: Sequence[Money], wholes: Sequence[int]) -> dict[str, Rates]:
    terms = dict.fromkeys([*tables[0], *tables[1]])
    return {term: _both([table.get(term, 0) for table in tables], wholes) for term in terms}
