"""A change between two periods, split exactly into what moved it.

Payments are, payer by payer, what was billed times what a billed dollar brings; a rate is the
share of a payer in the whole times the payer's own rate. The change of such a product is split at
the midpoints (Bennet 1920, "The theory of measurement of changes in cost of living", J. R.
Statistical Society 83; its weights are Marshall and Edgeworth's):

    change of w x r = change of w x mean of r + mean of w x change of r

It has no rest, no order of steps, and turns its sign where the periods are swapped. What a billed
dollar brings is split further step by step, as ``flow`` has it: unpriced money by reason, contract
and law, patients. What was billed is split a level below into how much and to which payers.
Splitting a product by levels is the Owen value (Shorrocks 2013, J. Economic Inequality 11). With B
billed in all, s a payer's share of it and y what a dollar brings there, in dollars

    volume = change of B x mean of s x mean of y      mix = mean of B x change of s x mean of y

For a rate, mix is set against the whole: change of a payer's share of the denominator x (mean of
its rate - mean of the whole rate). A payer that came or went has the rates that it has in the
other period, so that it is volume and mix alone. Money of a payer whose base is zero or less in
a period has no rate: all of its change is the term ``no_charge``.

Everything is worked out in whole fractions. Dollars are then rounded to cents payer by payer, by
largest remainder, so that every payer's terms add up to that payer's change.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from types import MappingProxyType
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from writeoffs import taxonomy, wording
from writeoffs import vocabulary as v
from writeoffs.dates import month_of
from writeoffs.flow import (
    ASIDE,
    CONTRACT,
    OTHER,
    OWED,
    OWED_BY_PATIENTS,
    Flow,
    flows_of,
    mean,
    within,
)
from writeoffs.measures import MEASURES, Measure, Weights, can_say, measure, why_not
from writeoffs.metrics import View
from writeoffs.pairs import Pair
from writeoffs.periods import Period
from writeoffs.problems import BadRequest
from writeoffs.settle import Settled

VOLUME: Final = "volume"
MIX: Final = "mix"
NO_CHARGE: Final = "no_charge"
_BASIS_POINTS: Final = 10_000
_LOST: Final = frozenset({v.AVOIDABLE, v.REVIEW, v.BAD_DEBT, v.DISCRETIONARY})


class Term(NamedTuple):
    """What a term is called, and the end of the dollar (a key of ``palette.ENDS``) it is drawn
    as; "" is no end of a dollar."""

    label: str
    end: str


TERMS: Final = MappingProxyType(
    {
        VOLUME: Term("How much was billed", ""),
        MIX: Term("Which payers it went to", ""),
        CONTRACT: Term("Contracts and law", "contractual"),
        v.AVOIDABLE: Term("Avoidable losses", "avoidable"),
        v.REVIEW: Term("Write-offs that need review", "other"),
        v.BAD_DEBT: Term("Bad debt", "bad_debt"),
        v.DISCRETIONARY: Term("Chosen by the practice", "discretionary"),
        OWED_BY_PATIENTS: Term("Patients still owe", "open"),
        OWED: Term("Still open with insurers", "open"),
        ASIDE: Term("Set aside: capitation, duplicates", "aside"),
        OTHER: Term("Other adjustments", "aside"),
        v.UNEXPLAINED: Term("Does not tie", "unexplained"),
        NO_CHARGE: Term("Money without a charge here", "aside"),
    }
)


class Recipe(NamedTuple):
    """How a measure comes out of a flow.

    ``base``: what a flow is set against. ``lost`` None: what is paid, the base less all its parts;
    else the sum of the parts with these names. ``needs``: what the files must be able to say.
    """

    base: Weights
    lost: frozenset[str] | None
    needs: tuple[str, ...]

    @property
    def constant(self) -> int:
        """What a dollar of the base adds to the measure."""
        return int(self.lost is None)

    def weight(self, term: str) -> int:
        """What a dollar of a part adds to the measure."""
        return -1 if self.lost is None else int(term.partition(":")[0] in self.lost)

    def value(self, flow: Flow) -> int:
        """The measure's cents in a flow."""
        parts = {CONTRACT: flow.contract, **flow.unpriced, **flow.patient}
        counted = sum(self.weight(term) * cents for term, cents in parts.items())
        return self.constant * flow.base + counted


def _rate(name: str, lost: frozenset[str] | None) -> Recipe:
    m = measure(name)
    assert m.denominator is not None
    return Recipe(m.denominator, lost, m.needs)


_BILLED: Final = MEASURES["billed"].numerator
RECIPES: Final = MappingProxyType(
    {
        "paid": Recipe(_BILLED, None, ("billed", "all_paid", "written_off")),
        "net_collection_rate": _rate("net_collection_rate", None),
        "gross_collection_rate": _rate("gross_collection_rate", None),
        "write_off_rate": _rate("write_off_rate", _LOST | {CONTRACT}),
        "avoidable": Recipe(_BILLED, frozenset({v.AVOIDABLE}), ("billed", "written_off")),
    }
)


@dataclass(frozen=True)
class Split:
    """A change and what moved it.

    ``before``, ``now``: cents or a fraction, None where it cannot be said, and ``why`` says why.
    ``cells``: one row a payer and term that moved: ``payer`` (category; NA for none), ``term`` (a
    key of TERMS), ``reason`` (category of an avoidable loss, else ""), ``change`` (Int64 cents;
    Float64 fraction for a rate) and, for a rate, ``points`` (Int64 basis points). ``worth``: cents
    of the rate's denominator now, so that a term times it is dollars; 0 for dollars.
    """

    measure: Measure
    before: int | float | None
    now: int | float | None
    cells: pd.DataFrame
    worth: int = 0
    why: str = ""

    @property
    def is_rate(self) -> bool:
        """Whether it is a rate, else dollars."""
        return self.measure.denominator is not None

    @property
    def change(self) -> int | float | None:
        """Now less before: cents or a fraction."""
        return None if self.now is None or self.before is None else self.now - self.before

    @property
    def terms(self) -> pd.DataFrame:
        """The cells added over payers, in the order of TERMS, avoidable reasons by size.

        Returns:
            ``term``, ``reason``, ``label``, ``end``, ``change`` and, for a rate, ``points``.
        """
        columns = ["change", "points"] if self.is_rate else ["change"]
        sums = self.cells.groupby(["term", "reason"], sort=False)[columns].sum().reset_index()
        order = {name: at for at, name in enumerate(TERMS)}
        sums = sums.assign(at=sums["term"].map(order), size=sums["change"].abs())
        sums = sums.sort_values(["at", "size"], ascending=[True, False], ignore_index=True)
        named = [label_of(t, r) for t, r in zip(sums["term"], sums["reason"], strict=True)]
        sums = sums.assign(label=named, end=[TERMS[t].end for t in sums["term"]])
        return sums[["term", "reason", "label", "end", *columns]]

    def dollars(self, change: float) -> int:
        """A term in cents: of a rate, at the denominator of now."""
        return round(change * self.worth) if self.is_rate else int(change)


def label_of(term: str, reason: str = "") -> str:
    """What a term is called: avoidable losses by their reason in plain words."""
    return taxonomy.plain(reason) if reason else TERMS[term].label


def split(view: View, name: str, pair: Pair, by: str = "payer") -> Split:
    """Split a measure's change between two periods.

    Args:
        view: all months of a selection.
        name: a key of RECIPES: payments ("paid") or avoidable losses in dollars, or a rate.
        pair: what is compared.
        by: the dimension whose mix is a term: payer, practice, provider or location.

    Returns:
        A ``Split`` whose cells add up to the change: to the cent for dollars; for rates within
        1e-9 as fractions, and exactly as basis points of the two rates as printed. Without
        figures, and with ``why``, where the files cannot say or a period has no charges.

    Raises:
        BadRequest: a measure or dimension that cannot be split.
    """
    if name not in RECIPES or by not in v.CUBE_DIMENSIONS:
        raise BadRequest(f"cannot split {name!r} by {by!r}\n\nHint: one of {', '.join(RECIPES)}")
    m, recipe = measure(name), RECIPES[name]
    wanted = replace(m, needs=recipe.needs)
    if not can_say(wanted, view.says):
        return _unsaid(m, why_not(wanted, view.says))
    before, now = flows(view, name, pair, by)
    for period, found in ((pair.before, before), (pair.now, now)):
        if sum(flow.base for flow in found.values()) <= 0:
            return _unsaid(m, f"no charges in {wording.span(period.first, period.last)}")
    steps = "all_paid" in view.says
    return of_flows(name, before, now, view.cube[by].cat.categories, steps=steps)


def flows(
    view: View, name: str, pair: Pair, by: str = "payer"
) -> tuple[dict[int, Flow], dict[int, Flow]]:
    """The flows of both periods by code of a dimension, over the base of a measure."""
    month = "post_month" if view.basis == "post" else "service_month"
    rated, patients = measure(name).denominator is not None, OWED_BY_PATIENTS in view.says
    cubes = (view.cube[view.cube[month].between(p.first, p.last)] for p in (pair.before, pair.now))
    before, now = (flows_of(c, by, RECIPES[name].base, rated, patients) for c in cubes)
    return before, now


def of_flows(
    name: str,
    before: Mapping[int, Flow],
    now: Mapping[int, Flow],
    names: pd.Index,
    *,
    steps: bool = True,
) -> Split:
    """Split a measure between two sets of flows: two periods, or one as it is and as it could be.

    Args:
        name: a key of RECIPES.
        before, now: flows by code, each with a base above zero in all.
        names: what the codes stand for.
        steps: see ``flow.within``.
    """
    m, recipe = measure(name), RECIPES[name]
    rows = [_Row(c, before.get(c, Flow()), now.get(c, Flow())) for c in sorted({*before, *now})]
    values = _totals(rows, recipe.value)
    whole = _totals(rows, lambda flow: flow.base)
    if m.denominator is None:
        billed = _totals([row for row in rows if row.based], lambda flow: flow.base)
        listed = [cell for row in rows for cell in _dollar_cells(row, recipe, billed, steps)]
        return Split(m, *values, _frame(listed, names, rate=False))
    rates = [Fraction(values[t], whole[t]) for t in (0, 1)]
    exact = [cell for row in rows for cell in _rate_cells(row, recipe, whole, rates, steps)]
    one, two = (int(wording.rounded(rate * _BASIS_POINTS, 0)) for rate in rates)
    cells = _frame(_with_points(exact, two - one), names, rate=True)
    return Split(m, float(rates[0]), float(rates[1]), cells, whole[1])


class _Row(NamedTuple):
    """One payer before and now."""

    code: int
    before: Flow
    now: Flow

    @property
    def based(self) -> bool:
        """Whether each period has a base, or nothing at all."""
        return all(flow.based or not flow.holds for flow in (self.before, self.now))


class _Cell(NamedTuple):
    """One payer's part in a term: the exact change, and as a whole number of cents or points."""

    code: int
    term: str
    exact: Fraction
    whole: int = 0


def _totals(rows: Sequence[_Row], of: Callable[[Flow], int]) -> tuple[int, int]:
    return sum(of(row.before) for row in rows), sum(of(row.now) for row in rows)


def _dollar_cells(row: _Row, recipe: Recipe, billed: tuple[int, int], steps: bool) -> list[_Cell]:
    """A payer's terms in cents that add up to its change."""
    change = recipe.value(row.now) - recipe.value(row.before)
    if not row.based:
        return [_Cell(row.code, NO_CHARGE, Fraction(change), change)] if change else []
    parts, brings = within(row.before, row.now, recipe.weight, recipe.constant, steps)
    bases = (row.before.base, row.now.base)
    shares = [Fraction(bases[t], billed[t]) if billed[t] else Fraction(0) for t in (0, 1)]
    terms = {
        VOLUME: (billed[1] - billed[0]) * mean(shares) * brings,
        MIX: mean(billed) * (shares[1] - shares[0]) * brings,
        **{term: mean(bases) * moved for term, moved in parts.items()},
    }
    cents = apportion(list(terms.values()), change)
    return [
        _Cell(row.code, term, exact, whole)
        for (term, exact), whole in zip(terms.items(), cents, strict=True)
        if whole
    ]


def _rate_cells(
    row: _Row, recipe: Recipe, whole: tuple[int, int], rates: Sequence[Fraction], steps: bool
) -> list[_Cell]:
    """A payer's terms as exact fractions."""
    shares = [Fraction(flow.base, all_) for flow, all_ in zip(row[1:], whole, strict=True)]
    moved = shares[1] - shares[0]
    if not row.based:
        adds = [Fraction(recipe.value(f), all_) for f, all_ in zip(row[1:], whole, strict=True)]
        terms = {NO_CHARGE: adds[1] - adds[0] - mean(rates) * moved}
    else:
        parts, own = within(row.before, row.now, recipe.weight, recipe.constant, steps)
        terms = {MIX: moved * (own - mean(rates))}
        terms |= {term: mean(shares) * change for term, change in parts.items()}
    return [_Cell(row.code, term, exact) for term, exact in terms.items() if exact]


def apportion(wanted: Sequence[Fraction], total: int) -> list[int]:
    """Whole numbers near the wanted ones that add up to ``total`` (largest remainder).

    Cut towards zero first, so that the same numbers with the other sign come out the same. What
    is zero stays zero as long as something else is not.
    """
    cut = [int(x) for x in wanted]
    rest = total - sum(cut)
    step = 1 if rest > 0 else -1
    order = sorted(range(len(cut)), key=lambda i: -step * (wanted[i] - cut[i]))
    live = [i for i in order if wanted[i]] or order
    for turn in range(abs(rest)):
        cut[live[turn % len(live)]] += step
    return cut


def _with_points(cells: Sequence[_Cell], change: int) -> list[_Cell]:
    """A rate's cells in basis points that add up to their terms, and those to the change."""
    by_term: dict[str, list[_Cell]] = {}
    for cell in cells:
        by_term.setdefault(cell.term, []).append(cell)
    sums = [_BASIS_POINTS * sum((c.exact for c in mine), Fraction(0)) for mine in by_term.values()]
    out = []
    for mine, points in zip(by_term.values(), apportion(sums, change), strict=True):
        shares = apportion([_BASIS_POINTS * c.exact for c in mine], points)
        out += [c._replace(whole=share) for c, share in zip(mine, shares, strict=True)]
    return out


def _frame(cells: Sequence[_Cell], names: pd.Index, rate: bool) -> pd.DataFrame:
    terms = [cell.term.partition(":") for cell in cells]
    out = pd.DataFrame(
        {
            "payer": pd.Categorical.from_codes([cell.code for cell in cells], names),
            "term": pd.Series([term for term, _, _ in terms], dtype="str"),
            "reason": pd.Series([reason for _, _, reason in terms], dtype="str"),
        }
    )
    whole = pd.array([cell.whole for cell in cells], dtype="Int64")
    if not rate:
        return out.assign(change=whole)
    exact = pd.array([float(cell.exact) for cell in cells], dtype="Float64")
    return out.assign(change=exact, points=whole)


def _unsaid(m: Measure, why: str) -> Split:
    return Split(m, None, None, _frame([], pd.Index([], dtype="str"), m.denominator is not None),
                 why=why)  # fmt: skip


# --- the claims behind a term ---------------------------------------------------------------------


def losses(settled: Settled) -> pd.DataFrame:
    """Write-offs outside contract and law, a posting a row, to open a term's claims.

    Returns:
        ``number`` (the claim's place in ``claims.claims``, -1 for none), the cube's dimensions and
        months, ``term`` (a bucket, as in TERMS), ``reason`` (the category where avoidable, else
        "") and ``cents`` (int64, as written off).
    """
    book = settled.book
    wanted = np.array(
        [k.entry == v.WRITE_OFF and k.bucket in _LOST for k in book.kinds], dtype=bool
    )
    mine = np.flatnonzero(wanted[book.kind]) if len(wanted) else np.zeros(0, dtype=np.int64)
    at, kind = book.at[mine], book.kind[mine]
    terms = np.array([k.bucket for k in book.kinds], dtype=object)
    reasons = [k.category if k.bucket == v.AVOIDABLE else "" for k in book.kinds]
    rows = book.rows.iloc[at].reset_index(drop=True)
    return rows[list(v.CUBE_DIMENSIONS)].assign(
        number=settled.claim[at],
        service_month=month_of(rows["service_date"].to_numpy()),
        post_month=month_of(rows["post_date"].to_numpy()),
        term=pd.Categorical(terms[kind]),
        reason=pd.Categorical(np.array(reasons, dtype=object)[kind]),
        cents=book.amount[mine],
    )


def behind(table: pd.DataFrame, cell: pd.Series, month: str, period: Period) -> pd.DataFrame:
    """The rows of ``losses`` that stand behind one cell of a split, on claims, in a period."""
    payer = table["payer"].isna() if pd.isna(cell["payer"]) else table["payer"] == cell["payer"]
    mine = (table["term"] == cell["term"]) & (table["reason"] == cell["reason"]) & payer
    return table[mine & table[month].between(period.first, period.last) & (table["number"] >= 0)]
