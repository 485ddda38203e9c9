"""What counts lines or claims: the units add up to the figure that the measure's module gives."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from support import ledger_of

from writeoffs import (
    ar_days,
    catalogue,
    cohorts,
    denials,
    expected,
    fee_schedule,
    lags,
    receivables,
    recoverable,
    tallies,
    underpaid,
)
from writeoffs.claims import claims
from writeoffs.fairness import claims as fairness_claims
from writeoffs.ledger import Ledger
from writeoffs.problems import BadRequest
from writeoffs.reading import read
from writeoffs.scope import Scope
from writeoffs.tallies import Sources, Tally

ROOT = Path(__file__).parents[1]
JUL_25, MAR_26, JUN_26 = 2025 * 12 + 6, 2026 * 12 + 2, 2026 * 12 + 5
SCOPES = (
    Scope(),
    Scope({"payer": (0, 2)}, "service", (JUL_25, MAR_26)),
    Scope({"provider": (1,)}, "post", (MAR_26, JUN_26)),
    Scope({"location": (0,), "payer": (1,)}),
    Scope({"payer": (-1,)}),
)
# Two claims: 1 is paid and refused in one line, 2 was never answered.
BOOK = """
    Claim ID,Line,DOS,Posting Date,Payer,CPT,Type,Reason,Amount
    1,1,2026-01-05,2026-01-06,Aetna,99213,Charge,,100.00
    1,2,2026-01-05,2026-01-06,Aetna,99214,Charge,,200.00
    1,1,2026-01-05,2026-02-04,Aetna,99213,Insurance Payment,,60.00
    1,1,2026-01-05,2026-02-04,Aetna,99213,Adjustment,CO-45,40.00
    1,2,2026-01-05,2026-02-04,Aetna,99214,Adjustment,CO-29,200.00
    2,1,2026-03-01,2026-03-02,Aetna,99213,Charge,,100.00
"""


@pytest.fixture(scope="module")
def sample() -> Ledger:
    return read(ROOT / "sample_data" / "practice_ledger.csv")


@pytest.fixture(scope="module")
def sources(sample: Ledger) -> Sources:
    return Sources.of(sample, fee_schedule.read(ROOT / "sample_data" / "fee_schedule.csv"))


def again(found: Tally, name: str) -> float | None:
    """The figure from the sums of the units alone."""
    top, bottom = (int(found.units[c].sum()) for c in ("numerator", "denominator"))
    if found.quantile:
        days = found.units["numerator"].to_numpy()
        return float(np.quantile(days, found.quantile)) if len(days) else None
    if not catalogue.measure(name).bottom:
        return top
    return top * max(1, found.days) / bottom if bottom > 0 else None


@pytest.mark.parametrize("name", tallies.NAMES)
def test_the_units_give_the_figure_under_every_filter(sources: Sources, name: str) -> None:
    said = 0
    for scope in SCOPES:
        found = tallies.tally(sources, name, scope)
        assert found.units.columns.tolist() == list(tallies.COLUMNS)
        assert (found.value is None) == bool(found.why)
        if found.value is not None:
            said += 1
            assert found.value == pytest.approx(again(found, name), abs=1e-6)
    assert said >= 3, "the sample must be able to say it"


def test_the_figures_are_those_of_the_modules_that_the_pages_ask(
    sample: Ledger, sources: Sources
) -> None:
    scope = SCOPES[1]
    places = Scope(scope.chosen)
    refused = denials.counted(sample).part(scope.part)
    told: dict[str, float | int | None] = {
        m.name: denials.figure(refused, m.name) for m in denials.DECLARED if m.name != "denial_gap"
    }
    asked = cohorts.rates(places.part(cohorts.claims(sample))).iloc[0]
    told |= {f"patient_collection_{k}": asked[f"rate_{k}"] for k in cohorts.HORIZONS}
    told["yield_after_insurance"] = asked["yield_12"]
    whole = receivables.receivables(sample)
    owed = receivables.Receivables(
        places.part(whole.positions), places.part(whole.daily), whole.as_of, whole.says,
        whole.begins, whole.dated,
    )  # fmt: skip
    told |= receivables.values(owed) | ar_days.values(owed)
    told |= lags.values(scope.part(lags.lines(sample)))
    every = expected.every(sample, sources.schedule)
    lost = scope.part(recoverable.rows(sample, every))
    told["avoidable_at_expected"] = int(recoverable.totals(lost)["at_expected"].iloc[0])
    told["avoidable_not_valued"] = int(recoverable.totals(lost)["not_valued"].iloc[0])
    told["avoidable_rate_at_expected"] = recoverable.rate(lost, scope.part(expected.charged(every)))
    for ground, name in ((expected.SCHEDULE, "underpaid"), (expected.USUAL, "below_usual")):
        gaps = scope.part(underpaid.gaps(sample, expected.charged(every), ground))
        told[name] = int(underpaid.totals(gaps)["short"].iloc[0])
        if name == "underpaid":
            told["underpaid_rate"] = float(underpaid.totals(gaps)["rate"].iloc[0])
    fair = places.part(fairness_claims(sample))
    told["patient_credits"] = int(fair["credit"].sum())
    told["billed_beyond_share"] = int(fair[["moved", "contract", "stated"]].to_numpy().sum())
    told["qmb_share"], told["preventive_share"] = (
        int(fair["qmb"].sum()),
        int(fair["preventive"].sum()),
    )
    assert set(told) == set(tallies.NAMES)
    for name, value in told.items():
        mine = tallies.tally(sources, name, scope).value
        assert (mine is None) == (value is None or pd.isna(value)), name
        assert mine is None or mine == value, name


def test_by_hand_denied_dollars_and_their_claims() -> None:
    ledger = ledger_of(BOOK)
    found = tallies.tally(Sources.of(ledger), "final_denial_dollars")
    # $200 refused of the $300 that the payer has answered; claim 2 waits.
    assert int(found.units["numerator"].sum()) == 20_000
    assert int(found.units["denominator"].sum()) == 30_000
    assert found.value == pytest.approx(2 / 3, abs=1e-6)
    numbers = found.units.loc[found.units["numerator"] != 0, "number"]
    assert claims(ledger.settled)["claim"].iloc[numbers].tolist() == ["1"]


def test_by_hand_claims_are_counted_and_lead_to_dollars() -> None:
    found = tallies.tally(Sources.of(ledger_of(BOOK)), "final_denial_rate")
    assert not found.money and found.value == 1.0
    assert found.units[["numerator", "denominator"]].to_numpy().tolist() == [[1, 1]]
    assert found.units[["above", "below"]].to_numpy().tolist() == [[20_000, 30_000]]


def test_by_hand_days_and_their_median() -> None:
    sources = Sources.of(ledger_of(BOOK))
    found = tallies.tally(sources, "payment_lag")
    assert found.units["numerator"].tolist() == [30] and found.value == 30.0
    assert found.quantile == 0.5 and tallies.tally(sources, "payment_lag_p90").quantile == 0.9
    entry = tallies.tally(sources, "charge_lag")
    assert sorted(entry.units["numerator"]) == [1, 1, 1]


def test_a_balance_is_no_months_and_its_age_has_two_bases(sources: Sources) -> None:
    month = Scope(months=(MAR_26, MAR_26))
    assert tallies.tally(sources, "receivables", month).value == 4_301_696
    old = [tallies.tally(sources, "over_90_share", None, age) for age in receivables.BASES]
    assert old[0].value != old[1].value
    for one in old:
        assert one.value == pytest.approx(again(one, "over_90_share"), abs=1e-6)


def test_days_in_ar_have_the_days_of_their_window(sources: Sources) -> None:
    found = tallies.tally(sources, "days_in_ar")
    assert (found.days, found.money) == (90, True)
    assert int(found.units["numerator"].sum()) == 4_301_696
    assert tallies.tally(sources, "days_in_ar_net").days in range(89, 93)


def test_without_a_fee_schedule_nothing_is_called_underpaid(sample: Ledger) -> None:
    found = tallies.tally(Sources.of(sample), "underpaid")
    assert found.value is None and "fee schedule" in found.why and found.units.empty
    with pytest.raises(BadRequest):
        tallies.tally(Sources.of(sample), "denial_gap")
