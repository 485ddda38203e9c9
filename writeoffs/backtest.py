"""Projections held against what came: the last months hidden, projected, and compared.

A measure's parts (numerator, denominator, exposure) as matrices by service month and age, their
fitted steps, the ultimate figure with its standard error, and the back-test that says how far off
such figures were on these very data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

import numpy as np
import numpy.typing as npt

from writeoffs import projection
from writeoffs.projection import Fit, Matrix, Method, Vector

LEVEL: Final = 0.8
HORIZON: Final = 12
LEAST_MONTHS: Final = 9  # six steps, the last of them seen three times
HIDDEN: Final = 6
REACH: Final = NormalDist().inv_cdf((1 + LEVEL) / 2)
_PAIRS: Final = 3
_YOUNG: Final = 3  # the columns of months that are not yet 90 days past their end
_CALIBRATES: Final = 10  # held figures that it takes to widen an interval by


@dataclass(frozen=True)
class BackTest:
    """How a projection did on held months.

    ``error``: mean absolute difference of projected and actual, a fraction (for a rate in points
    of it, for dollars of the actual dollars); ``bias``: the same with its sign, projected less
    actual; ``within``: how many of ``tested`` fell inside the interval of the formula; ``widened``:
    what the interval is multiplied by so that ``LEVEL`` of them fall inside, at least 1 (as in
    H. Papadopoulos et al., "Inductive confidence machines for regression", 2002). Without tests
    the errors are NaN. ``score``: the mean interval score (T. Gneiting and A. Raftery, "Strictly
    proper scoring rules", 2007, section 6.2), which asks for short intervals that hold; the method
    with the lowest is used.
    """

    error: float
    bias: float
    within: int
    tested: int
    widened: float = 1.0
    score: float = float("inf")


UNTESTED: Final = BackTest(float("nan"), float("nan"), 0, 0)


@dataclass(frozen=True)
class Parts:
    """What a measure is made of, by service month and age: numerator, denominator (None for
    dollars) and exposure (billed less set aside), cumulative cents, NaN where not yet known."""

    top: Matrix
    bottom: Matrix | None
    exposure: Matrix

    def hidden(self, months: int) -> Parts:
        """The same as it stood some months ago."""
        return Parts(
            _hidden(self.top, months),
            None if self.bottom is None else _hidden(self.bottom, months),
            _hidden(self.exposure, months),
        )

    def until(self, columns: int) -> Parts:
        """The same without the older ages; the exposure stays the newest known."""
        bottom = None if self.bottom is None else self.bottom[:, :columns]
        return Parts(self.top[:, :columns], bottom, self.exposure)

    @property
    def newest_exposure(self) -> Vector:
        return newest(self.exposure)


@dataclass(frozen=True)
class Fits:
    """The fitted steps of a measure's numerator and denominator."""

    top: Fit
    bottom: Fit | None


def columns_of(months: int, youngest: int) -> int:
    """How many ages are followed: to the horizon, each step seen three times."""
    return max(1, min(HORIZON - youngest + 1, months - _PAIRS + 1))


def fits_of(parts: Parts, method: Method, trust: float, behind: Parts | None) -> Fits:
    """The fitted steps, mixed with those of ``behind`` where there is not full trust."""
    exposure = parts.newest_exposure
    top = projection.fit(method, parts.top, exposure)
    bottom = None if parts.bottom is None else projection.fit(method, parts.bottom, exposure)
    if behind is None or trust >= 1:
        return Fits(top, bottom)
    whole = fits_of(behind, method, 1.0, None)
    top = projection.blended(top, whole.top, trust)
    if bottom is not None and whole.bottom is not None:
        bottom = projection.blended(bottom, whole.bottom, trust)
    return Fits(top, bottom)


def ultimate(fits: Fits, until: npt.NDArray[np.int64] | None = None) -> tuple[Vector, Vector]:
    """The projected measure by service month and its standard error (root mean squared error of
    prediction), at the last age or at the columns ``until``; NaN where it cannot be said."""
    top = projection.project(fits.top)
    columns = np.full(len(top), top.shape[1] - 1) if until is None else until
    rows = np.arange(len(top))
    with np.errstate(invalid="ignore", divide="ignore"):
        above = top[rows, columns]
        variance = np.diag(projection.covariance(fits.top, fits.top, columns))
        if fits.bottom is None:
            return above, np.sqrt(variance)
        below = projection.project(fits.bottom)[rows, columns]
        rate = value_of(above, below)
        mixed = np.diag(projection.covariance(fits.top, fits.bottom, columns))
        other = np.diag(projection.covariance(fits.bottom, fits.bottom, columns))
        spread = variance - 2 * rate * mixed + rate**2 * other
        return rate, np.sqrt(np.maximum(spread, 0.0)) / below


def back_test(
    parts: Parts, method: Method, trust: float = 1.0, behind: Parts | None = None
) -> BackTest:
    """Hide the last 1 to 6 months, project the months that were young then, compare with today."""
    errors, actuals, sigmas = [], [], []
    months = len(parts.top)
    for hidden in range(1, min(HIDDEN, months - LEAST_MONTHS) + 1):
        then = parts.hidden(hidden)
        columns = min(columns_of(months - hidden, 1), parts.top.shape[1])
        theirs = None if behind is None else behind.hidden(hidden).until(columns)
        latest = (~np.isnan(then.top)).sum(axis=1) - 1
        until = np.minimum(latest + hidden, columns - 1)
        fits = fits_of(then.until(columns), method, trust, theirs)
        guess, error = ultimate(fits, until)
        rows = np.arange(len(until))
        bottom = None if parts.bottom is None else parts.bottom[rows, until]
        actual = value_of(parts.top[rows, until], bottom)
        missed = guess - actual
        tested = (latest < min(_YOUNG, columns - 1)) & np.isfinite(missed)
        errors.append(missed[tested])
        actuals.append(actual[tested])
        sigmas.append(error[tested])
    off: Vector = np.concatenate(errors) if errors else np.zeros(0)
    if not len(off):
        return UNTESTED
    size = 1.0
    if parts.bottom is None:
        size = float(np.abs(np.concatenate(actuals)).mean()) or np.nan
    sigma = np.concatenate(sigmas)
    with np.errstate(invalid="ignore", divide="ignore"):
        reach = np.nan_to_num(np.abs(off) / (REACH * sigma), nan=0.0)
    widened = 1.0
    if len(off) >= _CALIBRATES:
        widened = max(1.0, float(np.quantile(reach, LEVEL, method="higher")))
    away, bias = float(np.abs(off).mean() / size), float(off.mean() / size)
    score = _interval_score(off, np.nan_to_num(widened * REACH * sigma))
    return BackTest(away, bias, int((reach <= 1).sum()), len(off), widened, score)


def _interval_score(off: Vector, reach: Vector) -> float:
    """The mean width of intervals of a reach around a projection, and for what lies outside the
    distance times 2 / (1 - LEVEL)."""
    beyond = np.maximum(np.abs(off) - reach, 0.0)
    return float((2 * reach + 2 / (1 - LEVEL) * beyond).mean())


def best(tests: Mapping[Method, BackTest]) -> Method:
    """The kind with the lowest interval score; of its windows the one with the lowest error."""
    kind = min(tests, key=lambda one: tests[one].score).kind
    mine = [one for one in tests if one.kind == kind]
    return min(mine, key=lambda one: np.nan_to_num(tests[one].error, nan=np.inf))


def _hidden(cumulative: Matrix, months: int) -> Matrix:
    """A triangle without its last diagonals, and without the months that had not begun."""
    rows = len(cumulative) - months
    out = cumulative[:rows].copy()
    known = (~np.isnan(out)).sum(axis=1) - months
    out[np.arange(out.shape[1]) >= known[:, None]] = np.nan
    return out


def newest(cumulative: Matrix) -> Vector:
    """The last known amount of each month."""
    latest = (~np.isnan(cumulative)).sum(axis=1) - 1
    return cumulative[np.arange(len(cumulative)), latest]


def newest_bottom(parts: Parts) -> Vector | None:
    """The last known denominators; None for dollars."""
    return None if parts.bottom is None else newest(parts.bottom)


def value_of(top: Vector, bottom: Vector | None) -> Vector:
    """Dollars, or a rate: NaN where its denominator is 0 or less."""
    if bottom is None:
        return top
    return np.divide(top, bottom, out=np.full(len(top), np.nan), where=bottom > 0)
