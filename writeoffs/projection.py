"""Triangles projected: the chain ladder, the additive method, and how far off they may be.

Two methods of the loss reserving of insurers, for any cumulative quantity by origin (rows) and age
(columns), NaN where not yet known:

- ``LADDER``: the chain ladder. What stands at one age grows by one factor to the next, the ratio of
  sums over all origins that show both (volume-weighted). Standard errors after T. Mack,
  "Distribution-free calculation of the standard error of chain ladder reserve estimates", ASTIN
  Bulletin 23 (1993), with his rule for the last variance. Two quantities move together as in
  C. Braun, "The prediction error of the chain ladder method applied to correlated run-off
  triangles", ASTIN Bulletin 34 (2004).
- ``ADDITIVE``: what comes at an age is a share of the exposure, again a ratio of sums: the
  Bornhuetter-Ferguson projection with both its pattern and its level taken from the same triangle
  (K. Schmidt and M. Zocher, "The Bornhuetter-Ferguson principle", Variance 2 (2008)). A month
  counts for what was billed in it, not for what happened to be paid early. Standard errors: the
  additive model of T. Mack, "Schadenversicherungsmathematik" (2002).

No tail: nothing is assumed to come after the last column.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float64]
Vector = npt.NDArray[np.float64]

LADDER: Final = "chain ladder"
ADDITIVE: Final = "additive"
RECENT: Final = 6


class Method(NamedTuple):
    """How steps are taken from a triangle: LADDER or ADDITIVE, and over how many of the last
    diagonals (calendar months), 0 for all: an average over the latest few follows a change."""

    kind: str
    latest: int = 0

    @property
    def words(self) -> str:
        """The method as a sentence names it."""
        return self.kind if not self.latest else f"{self.kind}, last {self.latest} months"


METHODS: Final = tuple(Method(kind, n) for n in (0, RECENT) for kind in (ADDITIVE, LADDER))


@dataclass(frozen=True)
class Fit:
    """One quantity's steps from each age to the next.

    ``steps``: factors (chain ladder) or shares of exposure (additive), one an age but the last, NaN
    where no origin says. ``noise``: each observed step's residual, scaled so that its mean square
    is the variance per unit of volume. ``volume``: what each step is weighted with, NaN where not
    observed: the amount it starts from, or the exposure. ``trust``: the part of each step that is
    this triangle's own; the rest is ``other``'s, another fit (see ``blended``).
    """

    kind: str
    cumulative: Matrix
    exposure: Vector
    steps: Vector
    noise: Matrix
    volume: Matrix
    trust: float = 1.0
    other: Fit | None = None
    level: float = 1.0


def fit(method: Method, cumulative: Matrix, exposure: Vector) -> Fit:
    """The steps of a triangle; ``exposure`` (by origin) is not used by the chain ladder."""
    ladder = method.kind == LADDER
    start, end = cumulative[:, :-1], cumulative[:, 1:]
    weight = start if ladder else np.broadcast_to(exposure[:, None], start.shape)
    moved = end if ladder else end - start
    volume = np.where(np.isnan(end) | ~(weight > 0), np.nan, weight)
    if method.latest:
        rows, steps = volume.shape
        ago = rows - 2 - np.add.outer(np.arange(rows), np.arange(steps))
        volume = np.where(ago < method.latest, volume, np.nan)
    seen = ~np.isnan(volume)
    below = np.nansum(volume, axis=0)
    above = np.where(seen, moved, 0.0).sum(axis=0)
    steps = np.divide(above, below, out=np.full(len(below), np.nan), where=below > 0)
    out = Fit(method.kind, cumulative, exposure, steps, np.empty(0), volume)
    return replace(out, noise=_noise(out, moved))


def _noise(fitted: Fit, moved: Matrix) -> Matrix:
    expected = fitted.steps * fitted.volume
    return (moved - expected) / np.sqrt(fitted.volume)


def blended(own: Fit, whole: Fit, trust: float) -> Fit:
    """A small triangle's steps mixed with the whole's: trust * own + (1 - trust) * whole.

    Where the steps are shares of exposure, the whole's are first brought to this triangle's own
    level, the ratio of what it shows so far to what the whole's pattern would have given: with no
    trust at all this is the Cape Cod method (J. Stanard, 1985) under the whole's pattern.
    """
    level = 1.0
    if own.kind == ADDITIVE:
        level = _level(own, whole)
    theirs = whole.steps * level
    mixed = np.where(np.isnan(own.steps), theirs, trust * own.steps + (1 - trust) * theirs)
    out = replace(own, steps=mixed, trust=trust, other=whole, level=level)
    end, start = own.cumulative[:, 1:], own.cumulative[:, :-1]
    return replace(out, noise=_noise(out, end if own.kind == LADDER else end - start))


def _level(own: Fit, whole: Fit) -> float:
    """What a triangle shows so far, over what the whole's shares give on its exposure."""
    first = _ratio(np.nansum(whole.cumulative[:, 0]), whole.exposure.sum())
    shares = np.cumsum(np.concatenate([[first], np.nan_to_num(whole.steps)]))
    last = _latest(own.cumulative)
    shown = own.cumulative[np.arange(len(last)), last].sum()
    return _ratio(shown, float((own.exposure * shares[last]).sum()))


def _ratio(above: float, below: float) -> float:
    return float(above / below) if below else 1.0


def _latest(cumulative: Matrix) -> npt.NDArray[np.int64]:
    """The last known column of each origin."""
    return (~np.isnan(cumulative)).sum(axis=1) - 1


def project(fitted: Fit) -> Matrix:
    """The triangle with what is not yet known filled in, NaN where a step is not known."""
    out = fitted.cumulative.copy()
    for at, step in enumerate(fitted.steps):
        onward = out[:, at] * step if fitted.kind == LADDER else out[:, at] + fitted.exposure * step
        out[:, at + 1] = np.where(np.isnan(out[:, at + 1]), onward, out[:, at + 1])
    return out


def covariance(one: Fit, two: Fit, until: npt.NDArray[np.int64] | None = None) -> Matrix:
    """Covariance of the prediction errors of two quantities' projections, origin by origin.

    Args:
        one, two: fits of one method and the same origins and exposure; twice the same gives the
            mean squared error of prediction.
        until: for each origin the column projected to; None for the last.

    Returns:
        origins by origins: on the diagonal the error of each origin (process and estimation), off
        it what two origins share because one step serves both (estimation alone). The sum of all
        is the error of the total.
    """
    left, right = project(one), project(two)
    count, columns = left.shape
    latest = _latest(one.cumulative)
    until = np.full(count, columns - 1) if until is None else until
    spread = _spread(one, two)
    shared = _estimation(one, two, spread)
    at = np.arange(columns - 1)
    ahead = (at >= latest[:, None]) & (at < until[:, None])
    with np.errstate(divide="ignore", invalid="ignore"):
        if one.kind == LADDER:
            relative = 1.0 / (one.steps * two.steps)
            process = spread * relative / np.sqrt(left[:, :-1] * right[:, :-1])
            sizes = _at(left, until), _at(right, until)
        else:
            relative = np.ones(columns - 1)
            process = spread / one.exposure[:, None]
            sizes = one.exposure, two.exposure
        process = np.where(ahead, process, 0.0).sum(axis=1)
        steps = np.where(ahead, shared * relative, 0.0)
    together = np.where(ahead, 1.0, 0.0)
    common = steps @ together.T
    return np.outer(*sizes) * (common + np.diag(process))


def _at(matrix: Matrix, columns: npt.NDArray[np.int64]) -> Vector:
    return matrix[np.arange(len(matrix)), columns]


def _spread(one: Fit, two: Fit) -> Vector:
    """Variance (or covariance) per unit of volume of each step.

    A step seen once has no variance of its own: Mack takes the smaller of the last two, or of the
    last one squared over the one before if that is smaller still.
    """
    both = one.noise * two.noise
    seen = (~np.isnan(both)).sum(axis=0)
    squares = np.nansum(both, axis=0)
    out = np.where(seen > 1, squares / np.maximum(seen - 1, 1), np.nan)
    for at in np.flatnonzero(seen <= 1):
        before = out[max(0, at - 2) : at]
        if one is not two or len(before) < 2 or not before[0] > 0:
            out[at] = 0.0 if one is not two else np.nan
        else:
            out[at] = min(before[1] ** 2 / before[0], before[0], before[1])
    return out


def _estimation(one: Fit, two: Fit, spread: Vector) -> Vector:
    """Covariance of the estimated steps of two fits."""
    shared = np.nansum(np.sqrt(one.volume * two.volume), axis=0)
    sums = np.nansum(one.volume, axis=0) * np.nansum(two.volume, axis=0)
    own = np.divide(spread * shared, sums, out=np.zeros_like(spread), where=sums > 0)
    if one.other is None or two.other is None:
        return own
    theirs = _estimation(one.other, two.other, _spread(one.other, two.other))
    theirs = theirs * one.level * two.level
    return one.trust * two.trust * own + (1 - one.trust) * (1 - two.trust) * theirs


def reserve(fitted: Fit) -> tuple[Vector, Vector, float]:
    """What is still to come by origin, its standard errors, and that of the total."""
    errors = covariance(fitted, fitted)
    projected = project(fitted)
    to_come = projected[:, -1] - _at(fitted.cumulative, _latest(fitted.cumulative))
    return to_come, np.sqrt(np.diag(errors)), float(np.sqrt(errors.sum()))
