"""What if: another mix, another contract, fewer losses, patients who pay; in dollars a year.

A scenario changes the rates of ``flow`` and leaves the rest as it is, so that billed = paid +
written off + owed holds afterwards as before. Its effect is split by the same code as a change
between two periods: what moves do together is shared between them at the midpoints, never counted
twice. Mix comes first, then contracts, then losses, then patients, so that what is no longer lost
is paid under the new contract.

A loss that does not happen comes back at what its payer allows, never at its billed price
(``comes_back``), and patients leave of it what they leave of the rest. A year is the period's
dollars times twelve over its months; seasons are not corrected for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from types import MappingProxyType
from typing import Final, NamedTuple

import pandas as pd

from writeoffs import vocabulary as v
from writeoffs.flow import CONTRACT, OWED_BY_PATIENTS, Flow
from writeoffs.periods import YEAR
from writeoffs.problems import BadRequest
from writeoffs.split import MIX, apportion, of_flows

_FINE: Final = 1_000_000  # a cent in the parts that effects are worked out in
_UNPAID: Final = (OWED_BY_PATIENTS, v.BAD_DEBT)
PATIENTS: Final = "patients"
KINDS: Final = (MIX, CONTRACT, v.AVOIDABLE, PATIENTS)
_KIND_OF: Final = MappingProxyType(
    {"volume": MIX, MIX: MIX, CONTRACT: CONTRACT, v.AVOIDABLE: v.AVOIDABLE}
)


class Shift(NamedTuple):
    """A part of all billed dollars (a fraction) goes to another payer, at that payer's rates."""

    source: int
    target: int
    part: Fraction


class Contract(NamedTuple):
    """A payer allows more or less for the same lines: 0.05 is 5 % more. Never above billed."""

    payer: int
    change: Fraction


class FewerLosses(NamedTuple):
    """A part of avoidable losses does not happen: of one category, "" for all of them."""

    reason: str
    part: Fraction
    payer: int | None = None


class PatientsPay(NamedTuple):
    """A part of what patients still owe, and of their bad debt, is paid."""

    part: Fraction


Move = Shift | Contract | FewerLosses | PatientsPay


@dataclass(frozen=True)
class Outcome:
    """What moves would do.

    ``before``, ``after``: flows of the period by payer code, in cents. ``effects``: yearly cents
    paid more (or less) by kind of move (KINDS); they add up to ``yearly``. ``months``: of the
    period that was made a year.
    """

    before: Mapping[int, Flow]
    after: Mapping[int, Flow]
    effects: Mapping[str, int]
    months: int

    @property
    def yearly(self) -> int:
        """Cents a year in all."""
        return sum(self.effects.values())

    def money(self) -> pd.DataFrame:
        """Where the period's dollars are: ``part``, ``before``, ``after`` (int64 cents).

        The first row, billed, is the sum of the others, before and after.
        """
        sides = [_parts(flows) for flows in (self.before, self.after)]
        names = list(dict.fromkeys([*sides[0], *sides[1]]))
        rows = [(name, *(side.get(name, 0) for side in sides)) for name in names]
        return pd.DataFrame(rows, columns=["part", "before", "after"])


def what_if(flows: Mapping[int, Flow], moves: Sequence[Move], months: int) -> Outcome:
    """What moves would do to a period's payments, in cents a year.

    Args:
        flows: of the period, by payer code, over what was billed: ``split.flows`` of "paid".
        moves: in any order.
        months: how many months the period has.

    Raises:
        BadRequest: a payer without charges, more moved than was billed, or a part that is no part.
    """
    _check(flows, moves)
    fine = {code: _scaled(flow, Fraction(_FINE)) for code, flow in flows.items()}
    after = _moved(fine, moves)
    cells = of_flows("paid", fine, after, pd.RangeIndex(max([*flows, 0]) + 1)).cells
    sums = cells.groupby("term")["change"].sum()
    exact = dict.fromkeys(KINDS, Fraction(0))
    for term, change in sums.items():
        exact[_KIND_OF.get(str(term), PATIENTS)] += Fraction(int(change), _FINE)
    wanted = [Fraction(YEAR, months) * cents for cents in exact.values()]
    effects = dict(zip(KINDS, apportion(wanted, round(sum(wanted))), strict=True))
    return Outcome(flows, {c: _in_cents(flow) for c, flow in after.items()}, effects, months)


def comes_back(flow: Flow, lost: int) -> int:
    """What a payer would have allowed of dollars that were lost at their billed price.

    As much as it allows of the dollars that it decided; nothing where it decided none. The one
    place where a loss gets its worth: an expected amount line by line can take its place.
    """
    return round(Fraction(lost * flow.allowed, flow.decided)) if flow.decided > 0 else 0


# --- the moves ------------------------------------------------------------------------------------


def _check(flows: Mapping[int, Flow], moves: Sequence[Move]) -> None:
    for move in moves:
        named = {
            code
            for code in (getattr(move, n, None) for n in ("source", "target", "payer"))
            if code is not None
        }
        if any(code not in flows or flows[code].base <= 0 for code in named):
            raise BadRequest("a payer without charges cannot be moved")
        if not isinstance(move, Contract) and not 0 <= move.part <= 1:
            raise BadRequest(f"{float(move.part)} is no part of a whole\n\nHint: 0 to 1")
        if isinstance(move, Contract) and move.change < -1:
            raise BadRequest("a contract cannot allow less than nothing")


def _moved(flows: Mapping[int, Flow], moves: Sequence[Move]) -> dict[int, Flow]:
    out = dict(flows)
    billed = sum(flow.base for flow in flows.values())
    for move in moves:
        if isinstance(move, Shift) and move.source != move.target:
            _shift(out, move, round(move.part * billed))
    for move in moves:
        if isinstance(move, Contract):
            out[move.payer] = _repriced(out[move.payer], move.change)
    for code in out:
        for move in moves:
            if isinstance(move, FewerLosses) and move.payer in (None, code):
                out[code] = _kept(out[code], move)
    for code in out:
        for move in moves:
            if isinstance(move, PatientsPay):
                out[code] = _collected(out[code], move.part)
    return out


def _shift(flows: dict[int, Flow], move: Shift, cents: int) -> None:
    """Move billed dollars; both payers keep their rates."""
    if cents > flows[move.source].base:
        raise BadRequest("more would be moved than was billed to that payer")
    for code, by in ((move.source, -cents), (move.target, cents)):
        flow = flows[code]
        flows[code] = replace(
            _scaled(flow, Fraction(flow.base + by, flow.base)), base=flow.base + by
        )


def _repriced(flow: Flow, change: Fraction) -> Flow:
    """Another allowed amount for what was decided; patients leave their part of it."""
    if flow.allowed <= 0:
        return flow
    allowed = min(max(flow.decided, flow.allowed), round(flow.allowed * (1 + change)))
    return _with_allowed(flow, allowed, flow.unpriced)


def _kept(flow: Flow, move: FewerLosses) -> Flow:
    """Losses that do not happen, decided and allowed like the payer's other lines."""
    if flow.decided <= 0 or flow.allowed <= 0:
        return flow
    mine = [t for t in flow.unpriced if t.startswith(v.AVOIDABLE)]
    if move.reason:
        mine = [t for t in mine if t.partition(":")[2] == move.reason]
    losses = {t: round(move.part * flow.unpriced[t]) for t in mine if flow.unpriced[t] > 0}
    back = sum(losses.values())
    unpriced = {term: cents - losses.get(term, 0) for term, cents in flow.unpriced.items()}
    return _with_allowed(flow, flow.allowed + comes_back(flow, back), unpriced)


def _with_allowed(flow: Flow, allowed: int, unpriced: Mapping[str, int]) -> Flow:
    """A flow with other unpriced money, of which so much is allowed; patients leave their part."""
    patient = {n: round(Fraction(c * allowed, flow.allowed)) for n, c in flow.patient.items()}
    contract = flow.base - sum(unpriced.values()) - allowed
    return Flow(flow.base, contract, unpriced, patient)


def _collected(flow: Flow, part: Fraction) -> Flow:
    left = {
        name: cents - round(part * cents) if name in _UNPAID and cents > 0 else cents
        for name, cents in flow.patient.items()
    }
    return replace(flow, patient=left)


# --- cents and finer ------------------------------------------------------------------------------


def _scaled(flow: Flow, times: Fraction) -> Flow:
    def all_of(money: Mapping[str, int]) -> dict[str, int]:
        return {name: round(cents * times) for name, cents in money.items()}

    return Flow(
        round(flow.base * times),
        round(flow.contract * times),
        all_of(flow.unpriced),
        all_of(flow.patient),
    )


def _in_cents(flow: Flow) -> Flow:
    """Fine parts as cents that still add up to what was billed."""
    names = [*flow.unpriced, *flow.patient]
    parts = [flow.contract, *flow.unpriced.values(), *flow.patient.values(), flow.paid]
    base = round(Fraction(flow.base, _FINE))
    cents = apportion([Fraction(part, _FINE) for part in parts], base)
    found = dict(zip(names, cents[1:-1], strict=True))
    return Flow(
        base,
        cents[0],
        {name: found[name] for name in flow.unpriced},
        {name: found[name] for name in flow.patient},
    )


def _parts(flows: Mapping[int, Flow]) -> dict[str, int]:
    """A period's cents by part: billed, paid, and every other place where a dollar is."""
    out = {"billed": 0, "paid": 0}
    for flow in flows.values():
        parts = {"billed": flow.base, "paid": flow.paid, CONTRACT: flow.contract}
        for term, cents in {**parts, **flow.unpriced, **flow.patient}.items():
            name = term.partition(":")[0]
            out[name] = out.get(name, 0) + cents
    return out
