"""The two methods against the triangles and figures that their authors printed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from writeoffs import projection
from writeoffs.projection import ADDITIVE, LADDER, Method

LADDERED = Method(LADDER)
ADDED = Method(ADDITIVE)

# G. Taylor and F. Ashe, "Second moments of estimates of outstanding claims", Journal of
# Econometrics 23 (1983); "GenIns" in R's ChainLadder, worked in Mack (1993), table 3.
TAYLOR_ASHE = """
357848 1124788 1735330 2218270 2745596 3319994 3466336 3606286 3833515 3901463
352118 1236139 2170033 3353322 3799067 4120063 4647867 4914039 5339085
290507 1292306 2218525 3235179 3985995 4132918 4628910 4909315
310608 1418858 2195047 3757447 4029929 4381982 4588268
443160 1136350 2128333 2897821 3402672 3873311
396132 1333217 2180715 2985752 3691712
440832 1288463 2419861 3483130
359480 1421128 2864498
376686 1363294
344014
"""
# Reinsurance Association of America, Historical Loss Development Study (1991), as in T. Mack,
# "Measuring the variability of chain ladder reserve estimates" (1994); "RAA" in R's ChainLadder.
RAA = """
5012 8269 10907 11805 13539 16181 18009 18608 18662 18834
106 4285 5396 10666 13782 15599 15496 16169 16704
3410 8992 13873 16141 18735 22214 22863 23466
5655 11555 15766 21266 23425 26083 27067
1092 9565 15836 22169 25955 26180
1513 6445 11702 12935 15852
557 4020 10946 12314
1351 6947 13112
3133 5395
2063
"""
# K. Schmidt's "Loss Prediction Based on Run-Off Triangles" and chainladder's "ia_sample".
SCHMIDT = """
1001 1855 2423 2988 3335 3483
1113 2103 2774 3422 3844
1265 2433 3233 3977
1490 2873 3880
1725 3261
1889
"""
SCHMIDT_VOLUME = np.array([4025.0, 4456.0, 5315.0, 5986.0, 6939.0, 8158.0])


def matrix(text: str) -> np.ndarray:
    """A triangle as printed -> floats, NaN where nothing stands."""
    rows = [[float(cell) for cell in line.split()] for line in text.split("\n") if line]
    out = np.full((len(rows), len(rows[0])), np.nan)
    for row, cells in zip(out, rows, strict=True):
        row[: len(cells)] = cells
    return out


def of(text: str, method: Method = LADDERED, volume: np.ndarray | None = None) -> projection.Fit:
    cumulative = matrix(text)
    return projection.fit(
        method, cumulative, np.ones(len(cumulative)) if volume is None else volume
    )


def test_taylor_and_ashe_as_mack_printed_them():
    reserves, errors, total = projection.reserve(of(TAYLOR_ASHE))
    printed = [0, 94634, 469511, 709638, 984889, 1419459, 2177641, 3920301, 4278972, 4625811]
    assert np.round(reserves).tolist() == printed
    assert round(reserves.sum()) == 18_680_856
    printed = [0, 75535, 121699, 133549, 261406, 411010, 558317, 875328, 971258, 1363155]
    assert np.round(errors).tolist() == printed
    assert round(total) == 2_447_095


def test_taylor_and_ashe_to_more_digits_than_printed():
    """chainladder 0.10.1 for Python, MackChainladder with Mack's rule for the last variance."""
    fitted = of(TAYLOR_ASHE)
    factors = [3.4906065479322863, 1.7473326421004893, 1.4574128360182361, 1.1738517093997867]
    factors += [1.103823532244344, 1.0862693644363943, 1.0538743555048127, 1.0765551783529383]
    assert fitted.steps == pytest.approx([*factors, 1.017724725219544], rel=1e-14)
    reserves, errors, _ = projection.reserve(fitted)
    assert reserves[-1] == pytest.approx(4625810.694424728, rel=1e-12)
    assert errors[1:4] == pytest.approx(
        [75535.04075748847, 121698.56164542316, 133548.85301207818], rel=1e-12
    )
    assert errors[-1] == pytest.approx(1363154.9117323074, rel=1e-12)


def test_raa_as_r_and_mack_print_it():
    reserves, errors, total = projection.reserve(of(RAA))
    printed = [0, 154, 617, 1636, 2747, 3649, 5435, 10907, 10650, 16339]
    assert np.round(reserves).tolist() == printed
    assert np.round(errors).tolist() == [0, 206, 623, 747, 1469, 2002, 2209, 5358, 6333, 24566]
    assert round(reserves.sum()) == 52_135
    assert round(total) == 26_909
    assert total == pytest.approx(26909.011156, abs=1e-6)


def test_the_additive_method_as_the_reference_has_it():
    """chainladder 0.10.1 for Python, IncrementalAdditive."""
    fitted = of(SCHMIDT, ADDED, SCHMIDT_VOLUME)
    zeta = [0.22196025597844393, 0.15397836416944696, 0.14185271093070456]
    assert fitted.steps == pytest.approx(
        [*zeta, 0.09067326966159651, 0.03677018633540373], rel=1e-13
    )
    last = [3483.0, 4007.847950310559, 4654.361968624056, 5492.006855229241]
    assert projection.project(fitted)[:, -1] == pytest.approx(
        [*last, 6198.101971283136, 7152.82539296271], rel=1e-13
    )


def test_the_additive_errors_by_hand():
    """Two steps of three months, exposures 100, 100, 200: shares 0.2, 0.4 then 0.1."""
    cumulative = np.array([[50.0, 70.0, 80.0], [50.0, 90.0, np.nan], [100.0, np.nan, np.nan]])
    fitted = projection.fit(ADDED, cumulative, np.array([100.0, 100.0, 200.0]))
    assert fitted.steps == pytest.approx([0.3, 0.1])
    # residuals (20 - 30) / 10 and (40 - 30) / 10: variance (1 + 1) / 1 = 2 per unit of exposure;
    # the last step is seen once, and one variance before it says nothing: the error is unknown.
    errors = projection.covariance(fitted, fitted, np.array([2, 1, 1]))
    assert errors[2, 2] == pytest.approx(200 * 2 + 200**2 * 2 / 200)
    assert errors[0, 0] == errors[1, 1] == 0
    assert np.isnan(projection.covariance(fitted, fitted)[2, 2])


def test_a_quantity_and_its_double_err_together():
    """Braun's covariance of a triangle with k times itself is k times Mack's variance."""
    one = of(TAYLOR_ASHE)
    two = projection.fit(LADDERED, 2 * matrix(TAYLOR_ASHE), np.ones(10))
    until = np.full(10, 8)  # the last step, seen once, has no covariance of its own
    mixed = projection.covariance(one, two, until)
    assert mixed == pytest.approx(2 * projection.covariance(one, one, until), rel=1e-12)


def test_an_average_over_the_latest_months_uses_them_alone():
    cumulative = matrix(TAYLOR_ASHE)
    fitted = projection.fit(Method(LADDER, 2), cumulative, np.ones(10))
    # the two newest of the first step: 376686 -> 1363294 and 359480 -> 1421128
    assert fitted.steps[0] == pytest.approx((1363294 + 1421128) / (376686 + 359480), rel=1e-14)
    assert fitted.steps[8] == pytest.approx(3901463 / 3833515, rel=1e-14)


def test_trust_mixes_steps_and_without_any_the_whole_stands():
    own, whole = of(RAA), of(TAYLOR_ASHE)
    half = projection.blended(own, whole, 0.5)
    assert half.steps == pytest.approx((own.steps + whole.steps) / 2)
    assert projection.blended(own, whole, 0.0).steps == pytest.approx(whole.steps)
    assert projection.blended(own, whole, 1.0).steps == pytest.approx(own.steps)


def test_without_trust_the_additive_method_is_cape_cod_under_the_wholes_pattern():
    """A part at half the level of the whole, on the whole's own pattern, is projected at half."""
    whole = of(SCHMIDT, ADDED, SCHMIDT_VOLUME)
    part = projection.fit(ADDED, matrix(SCHMIDT) / 2, SCHMIDT_VOLUME)
    out = projection.blended(part, whole, 0.0)
    # Cape Cod: level = shown / sum(exposure x expected share shown), the same for both but halved
    level = projection.blended(whole, whole, 0.0).level
    assert out.level == pytest.approx(level / 2)
    assert out.steps == pytest.approx(whole.steps * level / 2)


def test_intervals_hold_as_often_as_they_say():
    """1,000 practices drawn from each model; four of five ultimates lie within 1.2816 errors."""
    chance = np.random.default_rng(20260401)
    held, asked = 0, 0
    shares, exposure = np.array([0.4, 0.3, 0.15, 0.1, 0.05]), np.linspace(3000, 5000, 16)
    for _ in range(1000):
        drawn = exposure[:, None] * shares + chance.normal(size=(16, 5)) * np.sqrt(
            exposure[:, None]
        ) * np.array([1.0, 0.9, 0.6, 0.5, 0.3])
        full = drawn.cumsum(axis=1)
        known = np.add.outer(np.arange(16), np.arange(5)) < 16
        fitted = projection.fit(ADDED, np.where(known, full, np.nan), exposure)
        error = np.sqrt(np.diag(projection.covariance(fitted, fitted)))
        off = np.abs(projection.project(fitted)[:, -1] - full[:, -1])
        held += int((off[12:] <= 1.2816 * error[12:]).sum())
        asked += 4
    assert 0.77 <= held / asked <= 0.83


@given(
    st.lists(st.lists(st.integers(1, 10_000), min_size=5, max_size=5), min_size=5, max_size=5),
    st.sampled_from([LADDERED, ADDED]),
)
def test_what_is_known_stays_and_scale_does_not_matter(rows: list[list[int]], method: Method):
    cumulative = np.cumsum(np.array(rows, dtype=float), axis=1)
    cumulative[np.add.outer(np.arange(5), np.arange(5)) >= 5] = np.nan
    exposure = np.arange(1.0, 6.0) * 1000
    out = projection.project(projection.fit(method, cumulative, exposure))
    known = ~np.isnan(cumulative)
    assert (out[known] == cumulative[known]).all()
    tenfold = projection.project(projection.fit(method, cumulative * 10, exposure))
    assert tenfold == pytest.approx(out * 10)
