"""A change split into what moved it: worked by hand, and properties that hold for any money."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import writeoffs as wo
from tests.support import ledger_of
from writeoffs import metrics, pairs, periods
from writeoffs.flow import OWED, OWED_BY_PATIENTS, Flow
from writeoffs.ledger import Ledger
from writeoffs.metrics import View
from writeoffs.pairs import Pair
from writeoffs.periods import Period
from writeoffs.problems import BadRequest
from writeoffs.split import RECIPES, Split, apportion, behind, losses, of_flows, split

SAMPLE = Path(__file__).parent.parent / "sample_data" / "practice_ledger.csv"
NAMES = pd.Index(["A", "B", "C"])
LATE = "avoidable:timely_filing"
DOLLARS = [name for name in RECIPES if wo.MEASURES[name].denominator is None]
RATES = [name for name in RECIPES if name not in DOLLARS]

# Base 1,000; contract 40 % of what was decided; patients left a tenth of what was allowed.
PLAIN = Flow(100_000, 40_000, {}, {OWED_BY_PATIENTS: 6_000})


def moved(found: Split) -> dict[str, int]:
    """Change by term (avoidable losses by reason) that is not zero."""
    terms = found.terms
    names = terms["reason"].where(terms["reason"] != "", terms["term"])
    return {n: int(c) for n, c in zip(names, terms["change"], strict=True) if c}


# --- by hand --------------------------------------------------------------------------------------


def test_more_of_the_same_is_volume() -> None:
    twice = Flow(200_000, 80_000, {}, {OWED_BY_PATIENTS: 12_000})
    found = of_flows("paid", {0: PLAIN}, {0: twice}, NAMES)
    assert (found.before, found.now) == (54_000, 108_000)
    assert moved(found) == {"volume": 54_000}


def test_other_payers_are_mix() -> None:
    half, quarter = (lambda b: Flow(b, b // 2)), (lambda b: Flow(b, b * 3 // 4))
    before = {0: half(60_000), 1: quarter(40_000)}
    now = {0: half(40_000), 1: quarter(60_000)}
    found = of_flows("paid", before, now, NAMES)
    assert (found.before, found.now) == (40_000, 35_000)
    assert moved(found) == {"mix": -5_000}
    by_payer = dict(zip(found.cells["payer"], found.cells["change"], strict=True))
    assert by_payer == {"A": -10_000, "B": 5_000}


def test_another_contract_is_contract_though_patients_owe_less_with_it() -> None:
    # 46 % off instead of 40 %: allowed 540, of which patients left a tenth as before.
    found = of_flows(
        "paid", {0: PLAIN}, {0: Flow(100_000, 46_000, {}, {OWED_BY_PATIENTS: 5_400})}, NAMES
    )
    assert moved(found) == {"contract": -5_400}


def test_a_lost_line_is_worth_what_contract_and_patients_would_have_left_of_it() -> None:
    # $100 filed too late: 40 % was never to come, and a tenth of the rest is the patient's.
    now = Flow(100_000, 36_000, {LATE: 10_000}, {OWED_BY_PATIENTS: 5_400})
    found = of_flows("paid", {0: PLAIN}, {0: now}, NAMES)
    assert moved(found) == {"timely_filing": -5_400}
    assert found.terms["end"].tolist()[-1] == "avoidable"


def test_patients_who_do_not_pay_are_the_patients_side() -> None:
    now = Flow(100_000, 40_000, {}, {OWED_BY_PATIENTS: 6_000, "bad_debt": 3_000})
    assert moved(of_flows("paid", {0: PLAIN}, {0: now}, NAMES)) == {"bad_debt": -3_000}


def test_what_insurers_have_not_decided_is_timing() -> None:
    now = Flow(100_000, 20_000, {OWED: 50_000}, {OWED_BY_PATIENTS: 3_000})
    assert moved(of_flows("paid", {0: PLAIN}, {0: now}, NAMES)) == {OWED: -27_000}


def test_a_payer_that_came_is_volume_and_mix_alone() -> None:
    found = of_flows("paid", {0: PLAIN}, {0: PLAIN, 1: Flow(50_000, 10_000)}, NAMES)
    assert set(moved(found)) == {"volume", "mix"}
    assert found.change == 40_000 == sum(moved(found).values())


def test_money_without_a_charge_stands_apart() -> None:
    found = of_flows("paid", {0: PLAIN, 1: Flow(0, 0, {OWED: -700})}, {0: PLAIN}, NAMES)
    assert moved(found) == {"no_charge": -700}


def test_a_rate_by_hand() -> None:
    # A collects 90 %, B 50 %; the denominator moves from 3 : 1 to 1 : 1.
    before = {0: Flow(30_000, 0, {OWED: 3_000}), 1: Flow(10_000, 0, {OWED: 5_000})}
    now = {0: Flow(20_000, 0, {OWED: 2_000}), 1: Flow(20_000, 0, {OWED: 8_000, LATE: 2_000})}
    found = of_flows("net_collection_rate", before, now, NAMES)
    assert (found.before, found.now) == (0.8, 0.7)
    assert found.terms["points"].tolist() == [-1_000, -375, 375]  # mix, late, still open
    assert found.terms["change"].tolist() == pytest.approx([-0.1, -0.0375, 0.0375])
    assert found.worth == 40_000 and found.dollars(-0.0375) == -1_500


@pytest.mark.parametrize(
    ("wanted", "total", "cut"),
    [
        ([Fraction(1, 2), Fraction(1, 2)], 1, [1, 0]),
        ([Fraction(-1, 2), Fraction(-1, 2)], -1, [-1, 0]),
        ([Fraction(7, 3), Fraction(0), Fraction(-1, 3)], 2, [2, 0, 0]),
        ([Fraction(5, 3), Fraction(-2, 3)], 1, [1, 0]),
    ],
)
def test_rounding_keeps_the_sum_and_the_zeros(
    wanted: list[Fraction], total: int, cut: list[int]
) -> None:
    assert apportion(wanted, total) == cut


# --- for any money --------------------------------------------------------------------------------

FEW = settings(max_examples=max(10, settings.default.max_examples // 3))
cents = st.integers(-5_000, 20_000)
parts = st.dictionaries(st.sampled_from([LATE, "avoidable:coding", OWED, "review"]), cents)
left = st.dictionaries(st.sampled_from([OWED_BY_PATIENTS, "bad_debt", "discretionary"]), cents)
flows = st.builds(Flow, st.integers(-2_000, 60_000), cents, parts, left)
tables = st.dictionaries(st.integers(-1, 2), flows, min_size=1).filter(
    lambda table: sum(flow.base for flow in table.values()) > 0
)


@pytest.mark.parametrize("steps", [True, False])
@pytest.mark.parametrize("name", DOLLARS)
@FEW
@given(before=tables, now=tables)
def test_dollars_add_up_payer_by_payer(
    name: str, steps: bool, before: dict[int, Flow], now: dict[int, Flow]
) -> None:
    found = of_flows(name, before, now, NAMES, steps=steps)
    value = RECIPES[name].value
    assert found.cells["change"].sum() == found.change == found.terms["change"].sum()
    for code in range(-1, 3):
        want = value(now.get(code, Flow())) - value(before.get(code, Flow()))
        mine = found.cells[found.cells["payer"].cat.codes == code]
        assert mine["change"].sum() == want


@pytest.mark.parametrize("steps", [True, False])
@pytest.mark.parametrize("name", RATES)
@FEW
@given(before=tables, now=tables)
def test_rates_add_up_exactly_and_as_printed(
    name: str, steps: bool, before: dict[int, Flow], now: dict[int, Flow]
) -> None:
    found = of_flows(name, before, now, NAMES, steps=steps)
    assert found.before is not None and found.now is not None
    scale = max(1.0, *(abs(float(c)) for c in found.cells["change"]), abs(found.now))
    assert abs(found.cells["change"].sum() - found.change) < 1e-9 * scale
    printed = [_half_away(x * 10_000) for x in (
        found.before, found.now)]  # fmt: skip
    assert abs(found.terms["points"].sum() - (printed[1] - printed[0])) <= 1
    assert found.cells["points"].sum() == found.terms["points"].sum()


def _half_away(value: float) -> int:
    """Rounded half away from zero; the referee's own way to a basis point."""
    return int(abs(value) + 0.5) * (1 if value >= 0 else -1)


@pytest.mark.parametrize("name", list(RECIPES))
@FEW
@given(before=tables, now=tables)
def test_swapping_the_periods_turns_every_sign(
    name: str, before: dict[int, Flow], now: dict[int, Flow]
) -> None:
    there, back = of_flows(name, before, now, NAMES), of_flows(name, now, before, NAMES)
    keys = ["payer", "term", "reason"]
    one, two = (
        s.cells.astype({"payer": "str"}).fillna({"payer": ""}).set_index(keys)["change"]
        for s in (there, back)
    )
    assert one.sort_index().astype(float).to_dict() == pytest.approx(
        (-two.sort_index().astype(float)).to_dict(), abs=1e-9
    )


@FEW
@given(before=tables)
def test_nothing_changed_is_nothing_moved(before: dict[int, Flow]) -> None:
    for name in RECIPES:
        found = of_flows(name, before, dict(before), NAMES)
        assert found.change == 0 and not found.cells["change"].any()


@given(st.lists(st.integers(1, 50), min_size=3, max_size=3), st.integers(2, 9))
def test_the_same_rates_at_other_shares_are_mix(shares: list[int], times: int) -> None:
    """What was billed in all stays: every payer's rates too."""
    own = [Flow(100, 40, {LATE: 10}, {OWED_BY_PATIENTS: 5}), Flow(100, 10), Flow(100, 70)]
    whole = sum(shares) * times

    def at(weights: list[int]) -> dict[int, Flow]:
        return {i: _times(f, w * times) for i, (f, w) in enumerate(zip(own, weights, strict=True))}

    turned = [*shares[1:], shares[0]]
    assert sum(f.base for f in at(turned).values()) == 100 * whole
    for name in RECIPES:
        assert set(of_flows(name, at(shares), at(turned), NAMES).cells["term"]) <= {"mix"}


def _times(flow: Flow, n: int) -> Flow:
    def more(money: object) -> dict[str, int]:
        return {k: n * c for k, c in dict(money).items()}  # type: ignore[call-overload]

    return Flow(n * flow.base, n * flow.contract, more(flow.unpriced), more(flow.patient))


# --- of a ledger ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sample() -> Ledger:
    return wo.read(SAMPLE)


def view_of(ledger: Ledger, basis: str = "service") -> View:
    return View(ledger.cube, ledger.can_say, basis)


def year(ledger: Ledger) -> Pair:
    young = ledger.first_young_month()
    assert young is not None
    months = ledger.cube["service_month"]
    first = int(months[months > 0].min())
    found = pairs.year_before(periods.period("year", young - 1, first), first, young)
    assert found is not None
    return found


@pytest.mark.parametrize("basis", ["service", "post"])
@pytest.mark.parametrize("name", list(RECIPES))
def test_before_and_now_are_the_measures_own(sample: Ledger, name: str, basis: str) -> None:
    pair, view = year(sample), view_of(sample, basis)
    found = split(view, name, pair)
    month = "post_month" if basis == "post" else "service_month"
    for period, value in ((pair.before, found.before), (pair.now, found.now)):
        mine = view.cube[view.cube[month].between(period.first, period.last)]
        shown = metrics.table(replace(view, cube=mine), [name])[name].iloc[0]
        assert value == pytest.approx(shown, abs=1e-6)
    assert found.cells["change"].sum() == pytest.approx(found.change, abs=1e-9)


@pytest.mark.parametrize("by", ["payer", "provider", "location", "practice"])
def test_the_split_adds_up_by_any_dimension(sample: Ledger, by: str) -> None:
    found = split(view_of(sample), "paid", year(sample), by)
    assert found.cells["change"].sum() == found.change == -961_711


def test_the_story_of_the_sample_is_found(sample: Ledger) -> None:
    """Late filing at UnitedHealthcare and Aetna's contract are the largest of their kinds."""
    cells = split(view_of(sample), "paid", year(sample)).cells
    late = cells[cells["reason"] == "timely_filing"]
    contract = cells[cells["term"] == "contract"].set_index("payer")["change"]
    assert late["payer"].tolist() == ["UnitedHealthcare"]
    assert int(late["change"].iloc[0]) == -424_074
    assert contract.idxmin() == "Aetna" and int(contract["Aetna"]) == -259_556
    assert contract.drop("Aetna").abs().max() < 30_000


def test_the_claims_of_a_term_hold_what_was_written_off(sample: Ledger) -> None:
    table, pair = losses(sample.settled), year(sample)
    mine = table[(table["reason"] == "timely_filing") & (table["payer"] == "UnitedHealthcare")]
    dated = {
        side: int(mine.loc[mine["service_month"].between(p.first, p.last), "cents"].sum())
        for side, p in (("before", pair.before), ("now", pair.now))
    }
    assert dated == {"before": 0, "now": 686_000}
    cells = split(view_of(sample), "paid", pair).cells
    cell = cells[cells["reason"] == "timely_filing"].iloc[0]
    assert int(behind(table, cell, "service_month", pair.now)["cents"].sum()) == 686_000
    lost = table.loc[table["term"] == "avoidable", "cents"].sum()
    assert lost == wo.totals(sample)["avoidable"].iloc[0]


def test_what_cannot_be_said_says_why(sample: Ledger) -> None:
    none = split(view_of(sample), "paid", Pair(Period("range", 1, 2), Period("range", 3, 4)))
    assert none.change is None and none.why == "no charges in Feb 0 to Mar 0"
    assert not len(none.terms)
    charges = ledger_of("""
        Claim ID,DOS,Payer,Billed
        A1,2026-01-05,Aetna,200.00
    """)
    why = split(view_of(charges), "paid", Pair(Period("range", 1, 2), Period("range", 3, 4))).why
    assert why
    with pytest.raises(BadRequest, match="cannot split"):
        split(view_of(sample), "billed", year(sample))


# --- pairs ----------------------------------------------------------------------------------------


def test_only_months_that_both_years_have_are_compared() -> None:
    now = Period("year", 24_307, 24_318)
    found = pairs.year_before(now, first=24_298, young_from=24_317)
    assert found is not None
    assert found.now == Period("range", 24_310, 24_316)
    assert found.before == Period("range", 24_298, 24_304)
    assert found.left_out == (
        "Aug 2025 to Oct 2025: the year before is not in the data; "
        "Jun 2026 to Jul 2026: still young"
    )
    assert pairs.year_before(now, first=24_310, young_from=24_317) is None
    whole = pairs.year_before(now, first=24_000, young_from=None)
    assert whole == Pair(Period("range", 24_295, 24_306), Period("range", 24_307, 24_318))


def test_the_last_three_months_against_the_three_before() -> None:
    found = pairs.months_before(24_318, 3, first=24_298, young_from=24_316)
    assert found == Pair(
        Period("range", 24_310, 24_312),
        Period("range", 24_313, 24_315),
        "May 2026 to Jul 2026: still young",
    )
    assert pairs.months_before(24_318, 3, first=24_314, young_from=None) is None
