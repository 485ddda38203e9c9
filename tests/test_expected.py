"""Expected allowed: a fee schedule first, else the payer's usual near in time; and W3 whole."""

from __future__ import annotations

from pathlib import Path
from statistics import median_low

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import ledger_of

import writeoffs as wo
from writeoffs import expected, units

ROOT = Path(__file__).parent.parent
HEAD = "Claim,Line,Service Date,Payer,CPT,Modifier,Units,Billed,Ins Paid,Contractual Adj,Write-off,Reason"


def line(n: int, day: str, allowed: float | None, **more: str) -> str:
    """One row: billed 250.00; paid what is allowed, or denied as filed too late."""
    paid = allowed or 0
    law = 250 - paid if allowed is not None else 0
    lost, why = ("0.00", "") if allowed is not None else ("250.00", "CO-29")
    cells = {"payer": "Aetna", "code": "99213", "mod": "", "units": ""} | more
    return (
        f"C{n},1,{day},{cells['payer']},{cells['code']},{cells['mod']},{cells['units']},250.00,"
        f"{paid:.2f},{law:.2f},{lost},{why}"
    )


def found(*rows: str) -> pd.DataFrame:
    return wo.expected_allowed(ledger_of("\n".join([HEAD, *rows])))


def days(first: int, count: int, month: str = "2026-01") -> list[str]:
    return [f"{month}-{d:02d}" for d in range(first, first + count)]


def test_a_denied_line_is_expected_at_what_the_payer_usually_allows():
    out = found(*[line(i, d, 110) for i, d in enumerate(days(1, 5))], line(9, "2026-01-03", None))
    assert out["expected"].tolist() == [11000] * 6
    assert out["denied"].tolist() == [False] * 5 + [True]
    assert out["basis"].astype("str").tolist() == ["usual"] * 6
    assert out["n"].tolist() == [5] * 6


def test_four_lines_are_too_few_to_say():
    out = found(*[line(i, d, 110) for i, d in enumerate(days(1, 4))], line(9, "2026-01-03", None))
    assert out["expected"].isna().all()
    assert out["basis"].isna().all()
    assert out["n"].tolist() == [0] * 5


@pytest.mark.parametrize(
    "more", [{"payer": "Cigna"}, {"code": "99214"}, {"mod": "26"}, {"units": "2"}]
)
def test_only_the_like_is_compared(more: dict[str, str]):
    rows = [line(i, d, 110, units="1") for i, d in enumerate(days(1, 6))]
    out = found(*rows, line(9, "2026-01-03", None, **({"units": "1"} | more)))
    assert out["expected"].isna().tolist() == [False] * 6 + [True]


def test_lines_half_a_year_away_say_nothing():
    rows = [line(i, d, 110) for i, d in enumerate(days(1, 6))]
    out = found(*rows, line(8, "2026-07-01", None), line(9, "2026-07-10", None))
    assert out["expected"].isna().tolist() == [False] * 6 + [False, True]


def test_a_contract_that_changes_is_met_on_both_sides_and_at_the_end_of_the_data():
    old = [line(i, d, 110) for i, d in enumerate(days(20, 8, "2025-09"))]
    new = [line(20 + i, d, 100) for i, d in enumerate(days(1, 8, "2025-10"))]
    denied = [
        line(40, "2025-09-27", None),
        line(41, "2025-10-01", None),
        line(42, "2025-10-20", None),
    ]
    out = found(*old, *new, *denied)
    assert out["expected"].tolist() == [11000] * 8 + [10000] * 8 + [11000, 10000, 10000]
    assert out["allowed"].median() == 10500  # what all days together say: wrong on both sides


def test_what_disagrees_on_one_side_only_is_not_said():
    """Six lines, all before the denied one, of which no price is the usual one."""
    rows = [line(i, d, 60 + 10 * i) for i, d in enumerate(days(1, 6))]
    out = found(*rows, line(9, "2026-01-20", None))
    assert pd.isna(out["expected"].iloc[-1])


def test_not_covered_is_no_price():
    head = "Claim,Service Date,Posting Date,Payer,CPT,Type,Reason,Amount"
    rows = []
    for i, d in enumerate(days(1, 5)):
        rows += [
            f"C{i},{d},{d},Aetna,99213,Charge,,250.00",
            f"C{i},{d},{d},Aetna,99213,Insurance Payment,,110.00",
            f"C{i},{d},{d},Aetna,99213,Adjustment,CO-45,140.00",
        ]
    for i, d in enumerate(days(1, 5)):
        rows += [
            f"N{i},{d},{d},Aetna,99213,Charge,,250.00",
            f"N{i},{d},{d},Aetna,99213,Patient Responsibility,PR-96,250.00",
        ]
    out = wo.expected_allowed(ledger_of("\n".join([head, *rows])))
    assert (out["usual"] == 11000).all()


def test_the_sample_tells_aetnas_old_price_from_the_new_one():
    """In the sample Aetna allows 9 % less from 2025-10-01 on: README of the sample practice."""
    out = wo.expected_allowed(wo.read(ROOT / "sample_data" / "practice_ledger.csv"))
    mine = out[(out["payer"] == "Aetna") & out["procedure"].isin(["99213", "99214"])]
    old = mine["service_date"] < "2025-10-01"
    for code, was, now in (("99213", 11524, 10487), ("99214", 15990, 14551)):
        of = mine["procedure"] == code
        assert set(mine["usual"][of & old].dropna()) == {was}
        told = mine["usual"][of & ~old & (mine["modifier"] != "95")].dropna()
        assert set(told) == {now}


def plainly(key, day, cents, priced):
    """The rule of the module's head, row by row, without any trick."""
    out = []
    for i in range(len(key)):
        same = [j for j in range(len(key)) if key[j] == key[i] and priced[j]]
        reach = [j for j in same if abs(day[j] - day[i]) <= expected.REACH_DAYS]
        before = [j for j in reach if j < i][-expected.NEAR :]
        after = [j for j in reach if j > i][: expected.NEAR]
        own = [i] if priced[i] else []

        def middle(left, right, own=own, i=i):
            near = [*left, *own, *right]
            if len(near) % 2 == 0 and near:
                near.remove(max(near, key=lambda j: abs(day[j] - day[i])))
            return median_low([cents[j] for j in near]) if near else 0

        near = [*before, *own, *after]
        value = middle(before, after)
        if len(near) < expected.FEWEST:
            out.append((0, 0))
        elif 4 * sum(cents[j] == value for j in near) >= 3 * len(near):
            out.append((value, len(near)))
        else:
            both = min(len(before), len(after))
            left, right = before[len(before) - both :], after[:both]
            n = len(left) + len(own) + len(right)
            out.append((middle(left, right), n) if n >= expected.FEWEST_EVEN else (0, 0))
    return out


rows_ = st.tuples(
    st.integers(0, 1), st.integers(0, 500), st.sampled_from([900, 1000, 1100]), st.booleans()
)


@settings(max_examples=150, deadline=None)
@given(st.lists(rows_, max_size=40))
def test_medians_near_in_time_are_those_of_a_plain_loop(rows):
    rows = sorted(rows, key=lambda r: r[:2])
    columns = [np.array(c, dtype=np.int64) for c in zip(*rows, strict=True)] or [
        np.zeros(0, np.int64)
    ] * 4
    key, day, cents, priced = columns
    median, n = expected.running_medians(key, day, cents, priced.astype(bool))
    assert list(zip(median.tolist(), n.tolist(), strict=True)) == plainly(
        key.tolist(), day.tolist(), cents.tolist(), priced.tolist()
    )


def test_pieces_of_a_long_table_are_one_table(monkeypatch: pytest.MonkeyPatch):
    ledger = wo.read(ROOT / "sample_data" / "practice_ledger.csv")
    whole = expected.lines(ledger)
    monkeypatch.setattr(expected, "_CHUNK", 97)
    pd.testing.assert_frame_equal(expected.lines(ledger), whole)


# --- units ----------------------------------------------------------------------------------------


def test_units_are_carried_and_a_blank_is_not_stated():
    ledger = ledger_of(
        "\n".join([HEAD, line(1, "2026-01-05", 110, units="2"), line(2, "2026-01-05", 110)])
    )
    out = wo.lines(ledger)
    assert out["units"].iloc[0] == 2 and pd.isna(out["units"].iloc[1])
    assert units.quantity(ledger.settled).tolist() == [200, 100]


def test_units_of_a_charge_undone_and_entered_again():
    head = "Claim,Line,Service Date,Posting Date,Payer,CPT,Units,Type,Reason,Amount"
    ledger = ledger_of(
        f"""{head}
        C1,1,2026-01-05,2026-01-05,Aetna,97110,3,Charge,,90.00
        C1,1,2026-01-05,2026-01-09,Aetna,97110,3,Charge,,-90.00
        C1,1,2026-01-05,2026-01-09,Aetna,97110,2,Charge,,60.00
        C1,1,2026-01-05,2026-02-09,Aetna,97110,,Insurance Payment,,60.00
        """
    )
    assert wo.lines(ledger)["units"].tolist() == [2.0]


def test_two_services_under_one_line_are_two():
    """Without line numbers nothing tells two of one code on one claim apart but their number."""
    head = "Claim,Service Date,Posting Date,Payer,CPT,Type,Reason,Amount"
    ledger = ledger_of(
        f"""{head}
        C1,2026-01-05,2026-01-05,Aetna,97110,Charge,,30.00
        C1,2026-01-05,2026-01-06,Aetna,97110,Charge,,30.00
        C1,2026-01-05,2026-02-09,Aetna,97110,Insurance Payment,,60.00
        """
    )
    assert units.quantity(ledger.settled).tolist() == [200]
    assert wo.lines(ledger)["units"].isna().all()


def test_a_remittance_says_its_units():
    from test_pages_upload import ERA

    lines = wo.lines(wo.read(("era.835", ERA)))
    assert lines["units"].tolist() == [1.0]
    more = ERA.replace(b"SVC*HC:99213*500*200~", b"SVC*HC:99213*500*200**2~")
    assert more != ERA
    assert wo.lines(wo.read(("era.835", more)))["units"].tolist() == [2.0]


# --- W3 -------------------------------------------------------------------------------------------

W3 = "C9,1,2026-01-03,Aetna,99213,,,250.00,0.00,0.00,250.00,CO-29"


def w3(*, by_schedule: bool) -> pd.DataFrame:
    rows = [] if by_schedule else [line(i, d, 110) for i, d in enumerate(days(1, 5))]
    ledger = ledger_of("\n".join([HEAD, *rows, W3]))
    schedule = wo.read_fee_schedule(("fees.csv", b"Payer,Code,Allowed\nAetna,99213,110.00\n"))
    return wo.avoidable_at_expected(
        ledger, ["claim", "category"], schedule if by_schedule else None
    )


@pytest.mark.parametrize("by_schedule", [True, False])
def test_w3_a_250_visit_with_a_110_contract_filed_too_late_loses_110(by_schedule: bool):
    [row] = w3(by_schedule=by_schedule).to_dict("records")
    assert row == {
        "claim": "C9",
        "category": "timely_filing",
        "gross": 25000,
        "at_expected": 11000,
        "not_valued": 0,
        "implied_contractual": 14000,
    }
