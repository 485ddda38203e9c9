"""Intervals, shrinkage and limits: published examples, and simulations whose truth is known."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import writeoffs as wo
from tests.support import ledger_of
from writeoffs import certainty, measures
from writeoffs.problems import BadRequest

ROOT = Path(__file__).parents[1]

# NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.3.2: chips misregistered on 30 wafers of 50.
WAFERS = [12, 15, 8, 10, 4, 7, 16, 9, 14, 10, 5, 6, 17, 12, 22, 8, 10, 5, 13, 11, 20, 18, 24, 15, 9,
          12, 7, 13, 9, 6]  # fmt: skip

# G. Colditz et al. (1994), 13 trials of BCG vaccine: cases and others, vaccinated and not; the
# worked example of R's metafor (dat.bcg): DerSimonian-Laird variance 0.3088, mean log risk -0.7141.
BCG = """4 119 11 128|6 300 29 274|3 228 11 209|62 13536 248 12619|33 5036 47 5761|180 1361 372 1079
8 2537 10 619|505 87886 499 87892|29 7470 45 7232|17 1699 65 1600|186 50448 141 27197|5 2493 3 2338
27 16886 29 17825"""


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [
        # R. Newcombe, "Two-sided confidence intervals for the single proportion", Statistics in
        # Medicine 17 (1998), table I, method 3 (score without continuity correction).
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson_as_newcombe_prints_it(hits: int, n: int, low: float, high: float):
    found = certainty.wilson(np.array([hits]), np.array([n]))
    assert [round(float(end[0]), 4) for end in found] == [low, high]


def test_wilson_of_nothing_is_nothing():
    low, high = certainty.wilson(np.array([0.0]), np.array([0.0]))
    assert np.isnan(low[0]) and np.isnan(high[0])


def test_the_p_chart_of_the_nist_handbook():
    """Centre 0.2313, limits 0.0524 and 0.4102, as printed there."""
    hits = np.concatenate([np.arange(50) < n for n in WAFERS]).astype(float)
    group = np.repeat(np.arange(30), 50)
    found = certainty.limits(hits, np.ones(1500), group, 30)
    assert round(found.centre, 4) == 0.2313
    assert set(found.high.round(4)) == {0.4102}
    assert set(found.low.round(4)) == {0.0524}
    rate = np.array(WAFERS) / 50
    assert np.flatnonzero((rate > found.high) | (rate < found.low)).tolist() == [14, 22]


def test_laneys_factor_by_hand():
    """Wafers as months of one process: the mean moving range of z, over 1.128."""
    hits = np.concatenate([np.arange(50) < n for n in WAFERS]).astype(float)
    month = np.repeat(np.arange(30), 50)
    found = certainty.limits(hits, np.ones(1500), np.zeros(1500, dtype=np.int64), 1, month)
    centre = sum(WAFERS) / 1500
    sigma = (centre * (1 - centre) / 50) ** 0.5
    z = [(n / 50 - centre) / sigma for n in WAFERS]
    ranges = [abs(b - a) for a, b in pairwise(z)]
    assert found.sigma_z == pytest.approx(sum(ranges) / 29 / 1.128)
    assert found.sigma_z > 1.5
    assert found.high[0] - centre == pytest.approx(
        3 * found.sigma_z * (centre * (1 - centre) / 1500) ** 0.5
    )


def test_months_that_vary_as_chance_has_it_widen_nothing():
    chance = np.random.default_rng(3)
    hits = (chance.random(30_000) < 0.2).astype(float)
    group, month = np.repeat(np.arange(5), 6000), np.tile(np.arange(24), 1250)
    found = certainty.limits(hits, np.ones(30_000), group, 5, month)
    assert 1.0 <= found.sigma_z < 1.15


def test_dersimonian_and_laird_on_the_bcg_trials():
    trials = np.array(
        [[float(x) for x in one.split()] for one in BCG.replace("\n", "|").split("|")]
    )
    a, b, c, d = trials.T
    risk = np.log(a / (a + b)) - np.log(c / (c + d))
    error = np.sqrt(1 / a - 1 / (a + b) + 1 / c - 1 / (c + d))
    variance, mean = certainty.between(risk, error)
    assert round(variance, 4) == 0.3088
    assert round(mean, 4) == -0.7141


def test_a_ratio_and_its_error_by_hand():
    """Paid 80 of 100, 30 of 50, 90 of 150. Without each in turn 120/200, 170/250 and 110/150."""
    found = certainty.ratios(
        np.array([80.0, 30.0, 90.0]), np.array([100.0, 50.0, 150.0]), np.zeros(3, int), 1
    )
    assert found.rate[0] == pytest.approx(200 / 300)
    without = np.array([120 / 200, 170 / 250, 110 / 150])
    squares = ((without - 200 / 300) ** 2).sum()
    assert found.error[0] == pytest.approx((squares * 2 / 3) ** 0.5)


@pytest.mark.parametrize(("each", "least"), [(20, 0.87), (60, 0.92), (300, 0.93)])
def test_intervals_of_dollar_ratios_hold_as_often_as_they_say(each: int, least: float):
    """2,000 payers of so many claims with skewed dollars, one in seven lost; 95 % is asked."""
    chance = np.random.default_rng(11)
    size = 2000
    group = np.repeat(np.arange(size), each)
    bottom = chance.lognormal(5, 0.6, size * each)
    lost = chance.random(size * each) < 0.15
    top = bottom * np.where(lost, 0.0, chance.uniform(0.85, 1.0, size * each))
    found = certainty.ratios(top, bottom, group, size)
    low, high = certainty.interval(found, np.full(size, 0.1))
    truth = 0.85 * 0.925
    held = ((low <= truth) & (truth <= high)).mean()
    assert least <= held <= 0.97


def test_chance_alone_puts_next_to_nobody_outside():
    """2,000 payers that differ by nothing, of 5 to 300 claims: at most one in a hundred is out."""
    chance = np.random.default_rng(12)
    sizes = chance.integers(5, 300, 2000)
    group = np.repeat(np.arange(2000), sizes)
    bottom = chance.lognormal(5, 0.6, len(group))
    top = bottom * (chance.random(len(group)) < 0.85)
    found = certainty.limits(top, bottom, group, 2000)
    rate = certainty.ratios(top, bottom, group, 2000).rate
    assert ((rate < found.low) | (rate > found.high)).mean() < 0.01


def test_a_payer_that_differs_is_found_and_a_lucky_few_are_not():
    chance = np.random.default_rng(13)
    sizes = np.array([600, 500, 400, 300, 4])
    group = np.repeat(np.arange(5), sizes)
    bottom = np.full(len(group), 100.0)
    odds = np.array([0.9, 0.9, 0.9, 0.7, 0.9])[group]
    top = bottom * (chance.random(len(group)) < odds)
    top[group == 4] = 0.0  # four claims, all lost: 0 %
    names = np.array(["A", "B", "C", "Differs", "Four claims"])
    claims = pd.DataFrame({"payer": pd.Categorical(names[group]), "service_month": 24000})
    out = certainty.of_claims(claims, top, bottom, "payer", "service_month").set_index("payer")
    assert out.loc["Differs", "outside"] == "below"
    assert out.loc["Four claims", "value"] == 0 and pd.isna(out.loc["Four claims", "low"])
    assert out.loc["Four claims", "shrunk"] > 0.7  # nothing is known of it but the practice
    centre = out.attrs["centre"]
    mine = group == 3
    assert out.loc["Differs", "dollars"] == round(top[mine].sum() - centre * bottom[mine].sum())


def test_shrinking_comes_closer_to_the_truth_than_the_rates_themselves():
    chance = np.random.default_rng(14)
    truth = chance.normal(0.9, 0.03, 400)
    error = chance.uniform(0.01, 0.12, 400)
    seen = truth + chance.normal(size=400) * error
    drawn = certainty.shrunk(seen, error)
    assert ((drawn - truth) ** 2).mean() < 0.3 * ((seen - truth) ** 2).mean()


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(0, 900), st.integers(1, 1000)),
        min_size=4,
        max_size=60,
    )
)
def test_dollars_away_from_the_practice_add_up_to_none(rows: list[tuple[int, int, int]]):
    group, top, bottom = (np.array(column) for column in zip(*rows, strict=True))
    claims = pd.DataFrame({"payer": pd.Categorical.from_codes(group, list("ABCD"))})
    out = certainty.of_claims(claims, top.astype(float), bottom.astype(float))
    assert abs(int(out["dollars"].sum())) <= len(out)  # rounded to the cent, one by one
    assert out["n"].sum() == len(rows)


def test_of_a_ledger_the_rates_are_those_of_the_measures():
    ledger = wo.read(ROOT / "sample_data" / "practice_ledger.csv")
    for name in ("net_collection_rate", "avoidable_rate", "write_off_rate"):
        out = wo.intervals(ledger, name)
        own = wo.measure(ledger, name, "payer")
        merged = out.merge(own, on="payer", suffixes=("", "_own"))
        assert len(merged) == 8
        assert merged["value"].astype(float).tolist() == pytest.approx(
            merged["value_own"].astype(float).tolist(), abs=1e-6
        )
        m = measures.measure(name)
        top, bottom = certainty.parts(ledger, m)
        assert int(top.sum()) == own["numerator"].sum()
        assert int(bottom.sum()) == own["denominator"].sum()


def test_the_late_filing_payer_is_outside_and_the_noisy_small_one_is_not():
    ledger = wo.read(ROOT / "sample_data" / "practice_ledger.csv")
    out = wo.intervals(ledger, "avoidable_rate").set_index("payer")
    assert out.loc["UnitedHealthcare", "outside"] == "above"
    assert out.loc["UnitedHealthcare", "dollars"] > 300_000
    assert out.loc["Summit Mutual", "outside"] == ""


def test_claims_that_are_all_alike_are_not_certain_for_that():
    """Thirty claims of $100, none lost: as sure as 30 of 30, by Wilson from 0.8865."""
    found = certainty.ratios(np.full(30, 100.0), np.full(30, 100.0), np.zeros(30, int), 1)
    low, high = certainty.interval(found, np.array([0.05]))
    assert (round(float(low[0]), 4), high[0]) == (0.8865, pytest.approx(1))


def test_what_cannot_be_said_is_na_and_dollars_are_refused():
    charges = ledger_of("Claim ID,DOS,Payer,Billed\nA1,2026-01-05,Aetna,200.00\n")
    out = wo.intervals(charges)
    assert out[["value", "low", "high", "shrunk", "dollars"]].isna().all(axis=None)
    with pytest.raises(BadRequest, match="in dollars"):
        wo.intervals(charges, "paid")
    with pytest.raises(BadRequest, match="cannot group"):
        wo.intervals(charges, by="month")
