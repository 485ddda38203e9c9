"""Which payer pays best for a code: medians with intervals that a published table agrees with."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import ledger_of
from test_expected import HEAD, line

import writeoffs as wo
from writeoffs import prices as module
from writeoffs.prices import best, prices, rank

# Exact two-sided 95 % ranks for the median (Conover 1999, table A3 of the binomial; the same as in
# Dixon and Massey, Introduction to Statistical Analysis, table A-25).
TABLE = {
    5: 0,
    6: 1,
    7: 1,
    8: 1,
    9: 2,
    10: 2,
    11: 2,
    12: 3,
    15: 4,
    20: 6,
    25: 8,
    30: 10,
    40: 14,
    50: 18,
    100: 40,
}


@pytest.mark.parametrize(("n", "k"), TABLE.items())
def test_the_ranks_are_those_of_the_printed_table(n: int, k: int):
    assert rank(n) == k


def test_the_normal_approximation_takes_over_without_a_step():
    assert abs(rank(1001) - rank(1000)) <= 2
    assert rank(0) == 0


def table(*rows: str) -> pd.DataFrame:
    return wo.code_prices(ledger_of("\n".join([HEAD, *rows])), "99213")


def test_median_and_interval_of_nine_lines():
    """Of 101 .. 109 the middle is 105; ranks 2 and 8 hold it: 102 to 108."""
    rows = [line(i, "2026-01-05", 101 + i) for i in range(9)]
    [out] = table(*rows).to_dict("records")
    assert (out["n"], out["median"], out["low"], out["high"]) == (9, 10500, 10200, 10800)
    assert not out["few"]
    assert out["paid_per_unit"] == 10500


def test_five_lines_have_a_median_and_no_interval():
    [out] = table(*[line(i, "2026-01-05", 100 + i) for i in range(5)]).to_dict("records")
    assert (out["n"], out["median"], out["few"]) == (5, 10200, True)
    assert pd.isna(out["low"]) and pd.isna(out["high"])


def test_amounts_are_for_one_unit():
    [out] = table(line(1, "2026-01-05", 220, units="2"), line(2, "2026-01-05", 100)).to_dict(
        "records"
    )
    assert (out["median"], out["units"]) == (10000, 3.0)
    assert out["paid_per_unit"] == 10667  # 320.00 / 3


def test_denied_lines_and_other_codes_have_no_price():
    out = table(line(1, "2026-01-05", None), line(2, "2026-01-05", 90, code="99214"))
    assert len(out) == 0


def many(payer: str, amounts: range, first: int) -> list[str]:
    return [line(first + i, "2026-01-05", a, payer=payer) for i, a in enumerate(amounts)]


def test_who_pays_best_is_said_only_where_the_intervals_part():
    apart = table(*many("Aetna", range(140, 152), 0), *many("Cigna", range(100, 112), 50))
    assert best(apart) == "Aetna allows most for it, $145.00; Cigna is next with $105.00"
    near = table(*many("Aetna", range(104, 116), 0), *many("Cigna", range(100, 112), 50))
    assert best(near) == "Aetna allows most for it, $109.00, but cannot be told apart from Cigna"
    alone = table(*many("Aetna", range(104, 116), 0), *many("Cigna", range(190, 192), 50))
    assert alone["payer"].tolist() == ["Aetna", "Cigna"]  # two lines come last, whatever they paid
    assert best(alone) == (
        "Aetna allows most for it, $109.00; no other payer has enough lines to compare"
    )
    assert best(alone[1:]) == "Too few lines of any payer to say who pays best"


def test_payment_per_unit_speaks_of_lines_that_state_units():
    own = ledger_of(
        "\n".join([HEAD, line(1, "2026-01-05", 90, units="3"), line(2, "2026-01-05", 70)])
    )
    lines = module.with_paid(own, wo.expected_allowed(own))
    assert module.payment_per_unit(lines) == 3000
    assert module.payment_per_unit(lines[1:]) is None


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 200), min_size=1, max_size=30))
def test_the_interval_is_of_amounts_that_were_allowed_around_the_median(amounts: list[int]):
    own = ledger_of("\n".join([HEAD, *[line(i, "2026-01-05", a) for i, a in enumerate(amounts)]]))
    out = prices(module.with_paid(own, wo.expected_allowed(own))).iloc[0]
    ordered = sorted(100 * a for a in amounts)
    assert out["median"] == ordered[(len(ordered) - 1) // 2]
    if out["few"]:
        assert len(amounts) < 6
    else:
        k = rank(len(amounts))
        assert (out["low"], out["high"]) == (ordered[k - 1], ordered[-k])


def test_how_sure_a_price_is_in_words():
    rows = table(
        *many("Aetna", range(104, 116), 0),
        *many("Cigna", range(190, 192), 50),
        *[line(100 + i, "2026-01-05", 90, payer="Medicare") for i in range(8)],
    )
    assert {r["payer"]: module.note(r) for r in rows.to_dict("records")} == {
        "Aetna": "n = 12 lines, interval $106.00 to $113.00",
        "Medicare": "n = 8 lines, the interval is this one price",
        "Cigna": "n = 2 lines, too few for an interval",
    }
    assert module.leader(rows) == "Aetna"
    assert module.leader(rows[rows["payer"] == "Aetna"]) is None
