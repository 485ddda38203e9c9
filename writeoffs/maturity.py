"""Young months: what a measure says so far, where it is heading, and how sure that is.

Payments take months to come. A service month is followed for twelve months (fewer where the history
is short); its ultimate figure is what it will say at that age, and nothing is assumed to come
later. Numerator and denominator are projected apart, each from its own triangle, by one of the two
methods of ``projection``; which one is settled by a back-test on these very data: the last one to
six months are hidden, the young months of that time projected, and what came is compared.

The interval of a rate is the delta method on both projections, with the covariance of their errors
taken from the triangles: var(a/b) = (var a - 2 r cov(a, b) + r^2 var b) / b^2. Its ends are normal,
so that four of five ultimate figures should lie within (``backtest.LEVEL``); how many did in the
back-test stands beside it, and where that is too few the interval is widened
(``BackTest.widened``). An interval does not go below zero where nothing below zero was ever seen.

A payer's steps are mixed with the practice's by limited-fluctuation credibility: its own count with
the weight sqrt(claims / 1,082), at most 1 (L. Longley-Cook, "An introduction to credibility
theory", 1962: 1,082 claims put a figure within 5 % nine times in ten).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from writeoffs import measures, projection, wording
from writeoffs import vocabulary as v
from writeoffs.api import months as periods
from writeoffs.backtest import (
    LEAST_MONTHS,
    REACH,
    UNTESTED,
    BackTest,
    Fits,
    Parts,
    back_test,
    best,
    columns_of,
    fits_of,
    newest,
    newest_bottom,
    ultimate,
    value_of,
)
from writeoffs.claims import claims as claims_of
from writeoffs.cube import SERVICE_MONTH
from writeoffs.ledger import Ledger
from writeoffs.measures import Measure
from writeoffs.problems import BadRequest
from writeoffs.projection import METHODS, Matrix, Method, Vector
from writeoffs.triangle import RunOff, run_off, summed, triangle

FULL_TRUST: Final = 1_082
WIDEST: Final = 0.25  # a rate that may be off by more, either way, is not projected
_UNDATED: Final = 0.01
_TOLD: Final = 0.005  # what moves less after the horizon is not worth a word
_EXPOSURE: Final = MappingProxyType({"billed": 1, v.SET_ASIDE: -1})


@dataclass(frozen=True)
class Outlook:
    """One measure's months and what they are heading for.

    ``months``: ``month`` (year * 12 + month - 1), ``age`` (months), ``value`` (so far),
    ``projected``, ``low``, ``high`` (fractions as Float64, or cents as Int64; NA where it cannot be
    said, or a rate is not known to within ``WIDEST``), ``complete`` (the part of the projected
    numerator that is there), ``final`` (whether the month has reached the horizon). ``why``: why
    nothing is projected, "" where something is. ``tail``: what the numerator of older months moved
    after the horizon, as a fraction of it.
    """

    name: str
    months: pd.DataFrame
    method: Method | None
    horizon: int
    trust: float
    test: BackTest
    tail: float
    why: str = ""


def outlook(runoff: RunOff, name: str, says: frozenset[str]) -> Outlook:
    """A measure's service months, projected.

    Args:
        runoff: the flows, under whatever filters.
        name: a measure that is a weighted sum of postings, or a ratio of two.
        says: what the sources can say.

    Raises:
        BadRequest: the measure is not made of postings, or is a balance.
    """
    return _outlook(runoff, summed(runoff), projectable(name), says)


def by_payer(
    runoff: RunOff,
    name: str,
    says: frozenset[str],
    claims: pd.DataFrame,
    payers: Sequence[str | None] | None = None,
) -> dict[str | None, Outlook]:
    """The same payer by payer; those of few claims lean on all payers together.

    Args:
        runoff, name, says: as for ``outlook``.
        claims: ``claims.claims``, under the same filters.
        payers: those wanted, None for the nameless; all where not given.
    """
    m = projectable(name)
    sums, whole = summed(runoff, ["payer"]), summed(runoff)
    practice = _outlook(runoff, whole, m, says)
    behind = _parts(runoff, whole, m) if not practice.why else None
    counted = claims["counts"] & claims[SERVICE_MONTH].between(runoff.first, runoff.last)
    sizes = claims.loc[counted, "payer"].astype("str").fillna("").value_counts()
    names = sums["payer"].astype("str").fillna("")
    wanted = (
        list(dict.fromkeys(names))
        if payers is None
        else ["" if pd.isna(p) else str(p) for p in payers]
    )
    out: dict[str | None, Outlook] = {}
    for payer in wanted:
        trust = min(1.0, float(np.sqrt(sizes.get(payer, 0) / FULL_TRUST)))
        mine = sums[names == payer]
        out[payer or None] = _outlook(runoff, mine, m, says, practice.method, trust, behind)
    return out


def _outlook(
    runoff: RunOff,
    sums: pd.DataFrame,
    m: Measure,
    says: frozenset[str],
    method: Method | None = None,
    trust: float = 1.0,
    behind: Parts | None = None,
) -> Outlook:
    """One measure of some sums; ``behind``: the parts of the practice that it leans on."""
    parts = _parts(runoff, sums, m)
    columns = columns_of(runoff.months, runoff.youngest)
    horizon = runoff.youngest + columns - 1
    why = _why_not(runoff, sums, m, says)
    if why:
        months = _bare(runoff, m, parts, measures.can_say(m, says))
        return Outlook(m.name, months, None, horizon, 1.0, UNTESTED, 0.0, why)
    tried = METHODS if method is None else (method,)
    tests = {one: back_test(parts, one, trust, behind) for one in tried}
    method = best(tests)
    fits = fits_of(parts.until(columns), method, trust, behind and behind.until(columns))
    months = _months(runoff, m, parts, fits, tests[method].widened)
    tail = _tail(parts.top, columns)
    return Outlook(m.name, months, method, horizon, trust, tests[method], tail)


_BALANCES: Final = frozenset({"insurer_open", "patient_open", "unexplained"})


def projectable(name: str) -> Measure:
    """A measure that comes in month after month.

    Raises:
        BadRequest: it is a balance, or not made of postings; the message says so.
    """
    m = measures.measure(name)
    if not can_project(name):
        raise BadRequest(f"{m.title} stands as of a date; it does not come in over months")
    return m


def can_project(name: str) -> bool:
    """Whether a measure comes in month after month."""
    found = measures.MEASURES.get(name)
    return found is not None and not _BALANCES & set(found.numerator)


def _parts(runoff: RunOff, sums: pd.DataFrame, m: Measure) -> Parts:
    def cumulative(weights: measures.Weights) -> Matrix:
        return triangle(runoff, sums, weights).cumulative()

    bottom = None if m.denominator is None else cumulative(m.denominator)
    return Parts(cumulative(m.numerator), bottom, cumulative(_EXPOSURE))


def _why_not(runoff: RunOff, sums: pd.DataFrame, m: Measure, says: frozenset[str]) -> str:
    """Why nothing can be projected, in plain words; "" where it can."""
    if not measures.can_say(m, says):
        return measures.why_not(m, says)
    if runoff.snapshot:
        return "the files give one posting date a row, so nobody can tell when each payment came"
    if runoff.months < LEAST_MONTHS:
        return wording.not_enough(runoff.months, LEAST_MONTHS)
    for weights in (m.numerator, m.denominator or m.numerator):
        found = triangle(runoff, sums, weights)
        shown = np.abs(newest(found.cumulative())).sum()
        if found.undated and abs(found.undated) > _UNDATED * shown:
            return "some of it has no posting date, so nobody can tell when it came"
    if not (newest(triangle(runoff, sums, _EXPOSURE).cumulative()) > 0).any():
        return "nothing was billed in these months"
    return ""


def _bare(runoff: RunOff, m: Measure, parts: Parts, said: bool) -> pd.DataFrame:
    """The months as they are, nothing projected."""
    gap = np.full(runoff.months, np.nan)
    value = value_of(newest(parts.top), newest_bottom(parts)) if said else gap
    return _framed(runoff, m, value, gap, gap, gap, gap, np.zeros(runoff.months, dtype=bool))


def _months(runoff: RunOff, m: Measure, parts: Parts, fits: Fits, widened: float) -> pd.DataFrame:
    columns = fits.top.cumulative.shape[1]
    value = value_of(newest(parts.top), newest_bottom(parts))
    projected, error = ultimate(fits)
    ages = runoff.seen - runoff.first - np.arange(runoff.months)
    final = ages >= runoff.youngest + columns - 1
    projected = np.where(final, value, projected)
    error = np.where(final, np.nan, error)
    complete = value_of(newest(parts.top), projection.project(fits.top)[:, -1])
    complete = np.where(final, 1.0, complete)
    reach = widened * REACH * error
    low, high = projected - reach, projected + reach
    if not (parts.top < 0).any():
        low = np.maximum(low, 0.0)
    # What nobody can say how far it may be off, or may be off by that much, is not given at all.
    said = final | (reach <= (np.inf if m.denominator is None else WIDEST))
    projected, low, high = (np.where(said, cells, np.nan) for cells in (projected, low, high))
    return _framed(runoff, m, value, projected, low, high, complete, final)


def _framed(
    runoff: RunOff,
    m: Measure,
    value: Vector,
    projected: Vector,
    low: Vector,
    high: Vector,
    complete: Vector,
    final: npt.NDArray[np.bool_],
) -> pd.DataFrame:
    month = runoff.first + np.arange(len(value))
    out = pd.DataFrame({"month": month, "age": runoff.seen - month})
    for name, cells in (("value", value), ("projected", projected), ("low", low), ("high", high)):
        column = pd.Series(cells, dtype="Float64").where(np.isfinite(cells))
        out[name] = column if m.denominator is not None else column.round().astype("Int64")
    shown = pd.Series(complete, dtype="Float64").where(np.isfinite(complete))
    return out.assign(complete=shown, final=final)


def _tail(top: Matrix, columns: int) -> float:
    """What months past the horizon moved after it, as a fraction of what they had by then."""
    older = ~np.isnan(top[:, columns:]).all(axis=1) if top.shape[1] > columns else np.zeros(0, bool)
    if not older.any():
        return 0.0
    then, now = top[older, columns - 1].sum(), newest(top[older]).sum()
    return float(now / then - 1) if then else 0.0


def frame(ledger: Ledger, name: str = "net_collection_rate", by: str | None = None) -> pd.DataFrame:
    """Service months so far and projected: ``wo.maturity``.

    Args:
        ledger: from ``read``.
        name: a measure that comes in over months, in dollars or a rate.
        by: "payer", or None for the practice.

    Returns:
        One row a service month (and payer): ``payer`` where asked for, ``month`` (monthly period),
        ``age`` in months at the as-of date, ``value`` so far, ``projected``, ``low`` and ``high``
        (Float64 fractions, or Int64 cents; the interval holds four times in five), ``complete``
        (the part of the projected numerator that is there, Float64), ``final`` (it has reached the
        age that is followed), ``method``, ``trust`` (a payer's own weight, 1 for the practice),
        ``error`` and ``bias`` of the back-test (fractions), ``within`` and ``tested``, and ``why``
        nothing is projected ("" where something is). What cannot be said is NA.

    Raises:
        BadRequest: an unknown measure, a balance, or another ``by`` than payer.

    Sources: Mack (1993), Braun (2004), Schmidt and Zocher (2008), Longley-Cook (1962); see the head
    of this module.
    """
    runoff = run_off(ledger)
    if by is None:
        return _listed(outlook(runoff, name, ledger.can_say))
    if by != "payer":
        raise BadRequest(f"cannot project by {by}\n\nHint: payer")
    found = by_payer(runoff, name, ledger.can_say, claims_of(ledger.settled))
    parts = [_listed(one).assign(payer=payer) for payer, one in found.items()]
    if not parts:
        return _listed(outlook(runoff, name, ledger.can_say)).assign(payer="")
    out = pd.concat(parts, ignore_index=True)
    return out[["payer", *[c for c in out.columns if c != "payer"]]]


def _listed(found: Outlook) -> pd.DataFrame:
    test = found.test
    tested = test if test.tested else BackTest(np.nan, np.nan, 0, 0)
    return found.months.assign(
        month=periods(found.months["month"]),
        method="" if found.method is None else found.method.words,
        trust=found.trust,
        error=pd.array([tested.error] * len(found.months), dtype="Float64"),
        bias=pd.array([tested.bias] * len(found.months), dtype="Float64"),
        within=test.within,
        tested=test.tested,
        why=found.why,
    )


# --- for pages ------------------------------------------------------------------------------------


def beside(months: pd.DataFrame, found: Outlook) -> pd.DataFrame:
    """A table of months (``month``, ``young``) with what its young months are heading for.

    Adds ``projected``, ``low`` and ``high``: NA for months that are not young, or not projected.
    """
    ahead = found.months.set_index("month")[["projected", "low", "high"]]
    ahead = ahead.reindex(months["month"]).set_axis(months.index)
    return months.assign(**{name: ahead[name].where(months["young"]) for name in ahead.columns})


def told(found: Outlook) -> str:
    """How young months are projected and how that did on held months, for below a chart."""
    if found.why or found.method is None:
        return f"Young months are not projected: {found.why}."
    said = (
        f"Young months are projected to the age of {wording.count(found.horizon, 'month')} "
        f"({found.method.words}); four in five should end within the whisker."
    )
    if abs(found.tail) >= _TOLD:
        said += f" Older months moved by another {wording.percent(found.tail)} after that."
    test = found.test
    if not test.tested:
        return f"{said} The history is too short to test this on held months."
    rate = measures.measure(found.name).denominator is not None
    sizes = [wording.percent(abs(size)) for size in (test.error, test.bias)]
    if rate:
        sizes = [wording.points(abs(size)).lstrip("+") for size in (test.error, test.bias)]
    lean = "too high" if test.bias > 0 else "too low"
    return (
        f"{said} Tested on {wording.count(test.tested, 'held figure')}: off by {sizes[0]} on "
        f"average, {sizes[1]} {lean} taken together; {test.within} of {test.tested} fell within."
    )
