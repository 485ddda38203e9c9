"""What if: effects by hand, and that no dollar appears, goes, or is counted twice."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from writeoffs.flow import OWED, OWED_BY_PATIENTS, Flow
from writeoffs.problems import BadRequest
from writeoffs.scenarios import (
    Contract,
    FewerLosses,
    Move,
    Outcome,
    PatientsPay,
    Shift,
    comes_back,
    what_if,
)

LATE = "avoidable:timely_filing"
FEW = settings(max_examples=max(10, settings.default.max_examples // 2))

# Billed 1,000; 100 lost; 40 % contract on the 900 decided; patients left a tenth of 540.
OWN = Flow(100_000, 36_000, {LATE: 10_000}, {OWED_BY_PATIENTS: 5_400})
OTHER = Flow(100_000, 70_000, {}, {"bad_debt": 3_000})
BOTH = {0: OWN, 1: OTHER}


def effects(*moves: Move, months: int = 12) -> dict[str, int]:
    """Yearly cents by kind that are not zero."""
    found = what_if(BOTH, moves, months)
    assert found.yearly == sum(found.effects.values())
    return {kind: cents for kind, cents in found.effects.items() if cents}


def test_a_loss_that_does_not_happen_comes_back_at_what_the_payer_allows() -> None:
    # 100 billed: 60 allowed, a tenth of it stays with patients.
    assert comes_back(OWN, 10_000) == 6_000
    assert effects(FewerLosses("timely_filing", Fraction(1))) == {"avoidable": 5_400}
    assert effects(FewerLosses("", Fraction(1, 2))) == {"avoidable": 2_700}
    assert effects(FewerLosses("coding", Fraction(1))) == {}
    assert effects(FewerLosses("", Fraction(1), payer=1)) == {}


def test_a_contract_that_allows_more() -> None:
    # 540 allowed + 5 % = 27 more, of which 90 % is paid.
    assert effects(Contract(0, Fraction(5, 100))) == {"contract": 2_430}
    # Never above what was billed: 900 of 540.
    assert effects(Contract(0, Fraction(9))) == {"contract": 32_400}


def test_patients_who_pay_more() -> None:
    assert effects(PatientsPay(Fraction(1, 2))) == {"patients": 2_700 + 1_500}


def test_another_mix() -> None:
    # 50 of 2,000 billed: 48.6 cents a dollar at one, 27 at the other.
    assert effects(Shift(1, 0, Fraction(1, 40))) == {"mix": round(5_000 * (0.486 - 0.27))}


def test_a_year_is_twelve_over_the_months() -> None:
    assert effects(Contract(0, Fraction(5, 100)), months=9) == {"contract": 3_240}


def test_what_moves_do_together_is_shared_and_not_counted_twice() -> None:
    late, better = FewerLosses("", Fraction(1)), Contract(0, Fraction(5, 100))
    together = effects(late, better)
    # 1,000 decided, 63 % of it allowed, 90 % of that paid: 567 instead of 486.
    assert sum(together.values()) == 56_700 - 48_600
    # Alone 5,400 and 2,430: the 270 that neither brings without the other are halved.
    assert together == {"avoidable": 5_535, "contract": 2_565}
    assert effects(better, late) == together


def test_what_cannot_be_is_refused() -> None:
    for move in (
        Shift(0, 1, Fraction(3, 4)),
        Shift(0, 7, Fraction(1, 10)),
        Contract(7, Fraction(1, 10)),
        Contract(0, Fraction(-2)),
        PatientsPay(Fraction(3, 2)),
        FewerLosses("", Fraction(-1, 10)),
    ):
        with pytest.raises(BadRequest):
            what_if(BOTH, [move], 12)


def test_the_money_is_somewhere_before_and_after() -> None:
    table = what_if(BOTH, [FewerLosses("", Fraction(1))], 12).money().set_index("part")
    assert table.loc["billed"].tolist() == [200_000, 200_000]
    assert table.loc["avoidable"].tolist() == [10_000, 0]
    assert table.loc["contract"].tolist() == [106_000, 110_000]
    assert table.loc["paid"].tolist() == [75_600, 81_000]


# --- for any money --------------------------------------------------------------------------------

cents = st.integers(-2_000, 20_000)
parts = st.dictionaries(st.sampled_from([LATE, "avoidable:coding", OWED, "review"]), cents)
left = st.dictionaries(st.sampled_from([OWED_BY_PATIENTS, "bad_debt", "discretionary"]), cents)
flows = st.builds(Flow, st.integers(1, 60_000), cents, parts, left)
tables = st.fixed_dictionaries({0: flows, 1: flows, -1: flows})
part = st.fractions(0, 1, max_denominator=100)
moves = st.lists(
    st.one_of(
        st.builds(Contract, st.sampled_from([0, 1]), st.fractions(-1, 1, max_denominator=100)),
        st.builds(FewerLosses, st.sampled_from(["", "coding"]), part, st.none()),
        st.builds(PatientsPay, part),
        st.builds(Shift, st.just(0), st.just(1), st.just(Fraction(0))),
    ),
    max_size=4,
)


@FEW
@given(tables, moves)
def test_every_dollar_is_somewhere_and_the_effects_add_up(
    table: dict[int, Flow], chosen: list[Move]
) -> None:
    found: Outcome = what_if(table, chosen, 12)
    money = found.money().set_index("part")
    for side in ("before", "after"):
        assert money[side].drop("billed").sum() == money.loc["billed", side]
    paid = [sum(flow.paid for flow in side.values()) for side in (found.before, found.after)]
    assert abs(found.yearly - (paid[1] - paid[0])) <= len(table)
    assert {c: f.base for c, f in found.after.items()} == {c: f.base for c, f in table.items()}


@FEW
@given(tables)
def test_no_move_moves_no_cent(table: dict[int, Flow]) -> None:
    still = [
        Contract(0, Fraction(0)),
        FewerLosses("", Fraction(0)),
        PatientsPay(Fraction(0)),
        Shift(0, 1, Fraction(0)),
    ]
    found = what_if(table, still, 7)
    assert dict(found.after) == table and not any(found.effects.values())
