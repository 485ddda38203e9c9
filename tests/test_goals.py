"""Goals: what may be one, how far it is, what closing the gap is worth, and how it is kept."""

from __future__ import annotations

import pytest
from support import ledger_of

from writeoffs import goals, metrics
from writeoffs.goals import Goals
from writeoffs.problems import BadRequest

# By hand. N = 400, K = 80, N - K = 320, paid 200 + 16 = 216: net 216 / 320 = 0.675; avoidable 40.
PRACTICE = """
    Claim,DOS,Payer,Charge,Ins Paid,Pt Paid,Contractual,Untimely Filing,Ded
    1,2026-01-05,Aetna,200.00,120.00,16.00,40.00,0.00,24.00
    2,2026-01-06,Aetna,100.00,80.00,0.00,20.00,0.00,0.00
    3,2026-02-06,Cigna,100.00,0.00,0.00,20.00,40.00,0.00
"""


def view() -> metrics.View:
    ledger = ledger_of(PRACTICE)
    return metrics.View(ledger.cube, ledger.can_say)


@pytest.mark.parametrize(
    ("name", "goal", "gap", "cents", "met"),
    [
        ("net_collection_rate", 0.95, 0.275, 8800, False),  # 0.275 of 320.00
        ("net_collection_rate", 0.675, 0.0, 0, True),
        ("net_collection_rate", 0.5, -0.175, 0, True),
        ("avoidable", 1000, 3000, 3000, False),
        ("avoidable_rate", 0.05, 0.075, 2400, False),  # 40/320 = 0.125, less 0.05, of 320.00
        ("avoidable", 4000, 0, 0, True),
    ],
)
def test_the_distance_and_what_it_is_worth(
    name: str, goal: float, gap: float, cents: int, met: bool
) -> None:
    here = view()
    found = goals.distance(here, name, goal, goals.mature(here, "service_month", None))
    assert found.gap == pytest.approx(gap)
    assert (found.cents, found.met) == (cents, met)


def test_what_cannot_be_said_is_neither_met_nor_missed() -> None:
    ledger = ledger_of("Claim,DOS,Payer,Charge\n1,2026-01-05,Aetna,100.00")
    here = metrics.View(ledger.cube, ledger.can_say)
    months = goals.mature(here, "service_month", None)
    found = goals.distance(here, "net_collection_rate", 0.95, months)
    assert (found.value, found.gap, found.cents, found.met) == (None, None, None, None)


def test_the_half_years_are_ratios_of_sums_and_young_months_stay_out() -> None:
    """Seven months 2026: five paid 50 of 100, then 90 of 1,000 would be a mean of rates."""
    rows = ["Claim,DOS,Payer,Charge,Ins Paid,Pt Paid,Contractual"]
    for at in range(14):
        year, month = 2025 + at // 12, at % 12 + 1
        charge, paid = (1000, 900) if at == 11 else (100, 50 if at < 6 else 60)
        rows.append(f"{at},{year}-{month:02d}-05,Aetna,{charge}.00,{paid}.00,0.00,0.00")
    ledger = ledger_of("\n".join(rows))
    here = metrics.View(ledger.cube, ledger.can_say)
    months = goals.mature(here, "service_month", 2026 * 12)
    assert len(months) == 12
    found = goals.distance(here, "net_collection_rate", 0.95, months)
    # older six: 300 / 600; newer six: (5 x 60 + 900) / 1,500 = 0.8
    assert found.moved == pytest.approx(0.3)
    assert found.better is True
    assert goals.distance(here, "net_collection_rate", 0.95, months.tail(11)).moved is None


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"contractual_rate": 0.3}, "can have no goal"),
        ({"nothing": 0.3}, "no measure"),
        ({"net_collection_rate": 95}, "is a share"),
        ({"net_collection_rate": -0.1}, "no number of 0 or more"),
        ({"net_collection_rate": True}, "no number of 0 or more"),
        ({"avoidable": "100"}, "no number of 0 or more"),
        ({"avoidable": float("nan")}, "no number of 0 or more"),
    ],
)
def test_what_is_no_goal_costs_a_sentence(values: dict[str, float], said: str) -> None:
    with pytest.raises(BadRequest, match=said):
        Goals(values)


def test_goals_are_kept_and_taken_back() -> None:
    mine = Goals().with_goal("net_collection_rate", 0.95).with_goal("avoidable", 50_000)
    assert goals.kept() == (Goals(), "")
    goals.keep(mine)
    assert goals.kept() == (mine, "")
    assert Goals.from_json(mine.to_json()) == mine
    assert mine.with_goal("avoidable", None).values == {"net_collection_rate": 0.95}


@pytest.mark.parametrize(
    "text", ['{"version": 1}', '{"version": 2, "goals": {}}', '{"version": 1, "goals": []}', "x"]
)
def test_a_file_that_is_no_list_of_goals(text: str) -> None:
    with pytest.raises(BadRequest):
        Goals.from_json(text)


def test_the_goal_that_is_worth_most_comes_first_and_met_ones_last() -> None:
    here = view()
    months = goals.mature(here, "service_month", None)
    wanted = {"net_collection_rate": 0.5, "avoidable": 3000.0, "avoidable_rate": 0.01}
    found = goals.distances(here, wanted, months)
    assert [d.measure.name for d in found] == ["avoidable_rate", "avoidable", "net_collection_rate"]
    assert list(goals.frame(found)["met"]) == [False, False, True]


@pytest.mark.parametrize(
    ("goal", "gap", "met"), [(30.0, 5.0, False), (35.0, 0.0, True), (40.0, -5.0, True)]
)
def test_days_have_a_distance_and_no_worth(goal: float, gap: float, met: bool) -> None:
    here = view()
    months = goals.mature(here, "service_month", None)
    [found] = goals.distances(here, {"days_in_ar": goal}, months, {"days_in_ar": 35.0})
    assert (found.gap, found.met, found.cents, found.moved) == (gap, met, None, None)
    [unsaid] = goals.distances(here, {"days_in_ar": goal}, months, {"days_in_ar": None})
    assert unsaid.met is None
