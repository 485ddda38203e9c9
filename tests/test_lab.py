"""One ledger under every published definition: the values, the spread, and what separates them."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import ledger_of

import writeoffs as wo
from writeoffs import definitions, lab, metrics
from writeoffs.ledger import Ledger
from writeoffs.problems import BadRequest

# Charges 100,000 = contract 40,000 + avoidable 4,000 + bad debt 3,000 + courtesy 1,000
# + insurers 38,000 + patients 7,000 - refund 500 + still owed 7,500.
# Which charges are closed is chosen so: C1 to C4 (92,500) are decided and closed, C5 (7,500) has
# not been decided at all and is all that is owed.
TEN_WAYS = """
    Claim,Patient ID,DOS,Post Date,Payer,Type,Reason,Amount
    C1,P1,2025-03-05,2025-03-05,Aetna,Charge,,66000.00
    C1,P1,2025-03-05,2025-03-05,Aetna,Patient Payment,,2500.00
    C1,P1,2025-03-05,2025-04-02,Aetna,Insurance Payment,,33000.00
    C1,P1,2025-03-05,2025-04-02,Aetna,Adjustment,CO-45,26500.00
    C1,P1,2025-03-05,2025-04-02,Aetna,Patient Responsibility,PR-2,6500.00
    C1,P1,2025-03-05,2025-05-02,Aetna,Patient Payment,,4500.00
    C1,P1,2025-03-05,2025-06-02,Aetna,Patient Refund,,-500.00
    C2,P2,2025-03-06,2025-03-06,Aetna,Charge,,12500.00
    C2,P2,2025-03-06,2025-04-02,Aetna,Insurance Payment,,5000.00
    C2,P2,2025-03-06,2025-04-02,Aetna,Adjustment,CO-45,7500.00
    C3,P3,2025-03-07,2025-03-07,Cigna,Charge,,6000.00
    C3,P3,2025-03-07,2025-04-02,Cigna,Adjustment,CO-45,3000.00
    C3,P3,2025-03-07,2025-04-02,Cigna,Patient Responsibility,PR-1,3000.00
    C3,P3,2025-03-07,2025-09-02,Cigna,Adjustment,Bad debt,3000.00
    C4,P4,2025-03-08,2025-03-08,Cigna,Charge,,8000.00
    C4,P4,2025-03-08,2025-07-02,Cigna,Adjustment,CO-45,3000.00
    C4,P4,2025-03-08,2025-07-02,Cigna,Adjustment,CO-29,4000.00
    C4,P4,2025-03-08,2025-07-03,Cigna,Adjustment,Professional Courtesy,1000.00
    C5,P5,2025-03-09,2025-03-09,Cigna,Charge,,7500.00
"""

# id -> printed percent; those above the line are printed in the published comparison, the others
# worked out by hand from the same dollars.
PRINTED = {
    "aafp": "74.2",  # 44,500 / 60,000
    "refunds_kept": "75.0",  # 45,000 / 60,000
    "all_out": "85.6",  # 44,500 / 52,000
    "closed_contractual": "84.8",  # 44,500 / 52,500
    "policy_out": "80.9",  # 44,500 / 55,000
    "paid_or_contract": "84.5",  # 84,500 / 100,000
    "payer_of_decided": "72.4",  # 38,000 / 52,500
    "payer_of_net": "63.3",  # 38,000 / 60,000
    "all_out_closed": "100.0",  # 44,500 / 44,500
    "gross": "44.5",  # 44,500 / 100,000
    "all_of_charges": "48.0",
    "other_of_charges": "8.0",
    "other_of_net": "13.3",  # 8,000 / 60,000
    "bad_debt_of_gross": "3.0",
    # ---
    "mgma": "75.4",  # 44,500 / 59,000
    "streamline": "80.9",  # 44,500 / 55,000
    "uncollectible_out": "84.0",  # 44,500 / 53,000
    "of_allowed": "93.7",  # 44,500 / (39,500 + 5,000 + 3,000)
    "va_collection": "48.1",  # 44,500 / 92,500
    "va_write_off": "8.6",  # 8,000 / 92,500
    "va_contract": "43.2",  # 40,000 / 92,500
    "va_pending": "0.0",
    "cash_of_net_revenue": "75.4",  # 44,500 / 59,000
    "contract_of_charges": "40.0",
    "avoidable_of_other": "50.0",  # 4,000 / 8,000
    "avoidable_of_net": "6.7",  # 4,000 / 60,000
    "bad_debt_of_net": "5.0",  # 3,000 / 60,000
    "charity_of_gross": "0.0",
    "denials_of_net_revenue": "6.8",  # 4,000 / 59,000
    "patient_share_of_allowed": "20.0",  # 9,500 / 47,500
    "at_visit_of_patient_cash": "35.7",  # 2,500 / 7,000
}


@pytest.fixture(scope="module")
def ten_ways() -> Ledger:
    return ledger_of(TEN_WAYS)


def values(ledger: Ledger, basis: str = "service") -> pd.DataFrame:
    return lab.values(lab.cells(ledger), ledger.can_say, basis).set_index("id")


def test_the_ledger_is_the_published_one(ten_ways: Ledger) -> None:
    totals = dict(
        zip(ten_ways.reconciliation["part"], ten_ways.reconciliation["cents"], strict=True)
    )
    assert totals["billed"] == 10_000_000
    assert totals["insurer_paid"] == 3_800_000
    assert totals["patient_paid"] == 650_000
    assert totals["written_off"] == 4_800_000
    assert totals["open"] == 750_000


def test_every_definition_prints_what_was_worked_out_by_hand(ten_ways: Ledger) -> None:
    found = values(ten_ways)
    shown = {name: f"{round(float(x) * 100, 1):.1f}" for name, x in found["value"].dropna().items()}
    assert shown == PRINTED
    assert set(found.index[found["value"].isna()]) == {"of_expected", "prochant"}


def test_what_cannot_be_said_says_why(ten_ways: Ledger) -> None:
    found = values(ten_ways)["why"]
    assert "fee schedule" in found["of_expected"]
    assert "posting date" in found["prochant"]
    posted = values(ten_ways, "post")
    assert "date of service" in posted.loc["closed_contractual", "why"]
    assert round(float(posted.loc["prochant", "value"]), 4) == 0.1333


def test_expected_amounts_value_the_lines_that_have_one(ten_ways: Ledger) -> None:
    worth = pd.Series([4_000_000, 500_000, 300_000, 400_000, None], dtype="Int64")
    cells = lab.cells(ten_ways, expected=worth)
    found = lab.values(cells, ten_ways.can_say, names=["of_expected"]).iloc[0]
    assert (found["numerator"], found["denominator"]) == (4_450_000, 5_200_000)


VISIT = """
    Claim,Line,DOS,Post Date,Payer,CPT,Type,Reason,Amount
    C9,1,2026-01-03,2026-01-03,Aetna,99213,Charge,,250.00
    C9,1,2026-01-03,2026-05-03,Aetna,99213,Adjustment,CO-29,250.00
"""
PAID_VISIT = """
    C1,1,2026-01-04,2026-01-04,Aetna,99213,Charge,,250.00
    C1,1,2026-01-04,2026-02-04,Aetna,99213,Insurance Payment,,80.00
    C1,,2026-01-04,2026-02-09,Aetna,,Patient Payment,,30.00
    C1,1,2026-01-04,2026-02-04,Aetna,99213,Adjustment,CO-45,140.00
"""
UNPRICED_LINE = """
    C1,2,2026-01-04,2026-01-04,Aetna,36415,Charge,,15.00
"""
CAPITATED = """
    C2,1,2026-01-05,2026-01-05,Aetna,99213,Charge,,250.00
    C2,1,2026-01-05,2026-02-05,Aetna,99213,Adjustment,CO-24,250.00
"""
FEES = wo.read_fee_schedule(("fees.csv", b"Payer,Code,Allowed\nAetna,99213,110.00\n"))


@pytest.mark.parametrize(
    ("rows", "top", "bottom"),
    [
        (VISIT, 0, 11_000),  # W3: filed too late, worth 110.00 and not the billed 250.00
        (VISIT + PAID_VISIT, 11_000, 22_000),  # the payment of a whole claim goes with its line
        (VISIT + PAID_VISIT + UNPRICED_LINE, 0, 11_000),  # or, beside an unknown line, with none
        (VISIT + CAPITATED, 0, 11_000),  # capitation is set aside
    ],
)
def test_at_expected_allowed_a_lost_visit_counts_for_what_it_was_worth(
    rows: str, top: int, bottom: int
) -> None:
    text = "\n".join(row.strip() for row in rows.splitlines() if row.strip())
    # One of each, without a code, so that the file can say everything.
    text += """
    C0,,2026-01-02,2026-01-02,Cigna,,Charge,,10.00
    C0,,2026-01-02,2026-01-03,Cigna,,Insurance Payment,,5.00
    C0,,2026-01-02,2026-01-03,Cigna,,Patient Payment,,5.00"""
    ledger = ledger_of("\n".join(row.strip() for row in text.splitlines()))
    found = wo.rate(ledger, "of_expected", schedule=FEES).iloc[0]
    assert (found["numerator"], found["denominator"]) == (top, bottom)
    assert found["value"] == top / bottom
    unsaid = wo.net_collection_rate(ledger, definition="of_expected").iloc[0]
    assert pd.isna(unsaid["value"]) and "fee schedule" in unsaid["why"]


def test_without_a_schedule_what_the_payer_usually_allows_is_expected() -> None:
    visits = [
        f"C{n},{n},2026-01-0{n},2026-02-0{n},Aetna,99213,{kind},{reason},{amount}"
        for n in range(1, 6)
        for kind, reason, amount in (
            ("Charge", "", "250.00"),
            ("Insurance Payment", "", "80.00"),
            ("Patient Payment", "", "30.00"),
            ("Adjustment", "CO-45", "140.00"),
        )
    ]
    ledger = ledger_of("\n".join([*(row.strip() for row in VISIT.strip().splitlines()), *visits]))
    found = wo.net_collection_rate(ledger, "payer", definition="of_expected").iloc[0]
    assert (found["payer"], found["numerator"], found["denominator"]) == ("Aetna", 55_000, 66_000)


def test_the_spread_is_from_lowest_to_highest(ten_ways: Ledger) -> None:
    ends = lab.spread(lab.values(lab.cells(ten_ways), ten_ways.can_say))
    assert ends is not None
    assert (ends[0]["id"], ends[1]["id"]) == ("payer_of_net", "all_out_closed")


def test_what_separates_a_definition_from_the_standard_is_said_in_dollars(ten_ways: Ledger) -> None:
    cells = lab.cells(ten_ways)
    assert lab.steps(cells, "aafp").empty
    one = lab.steps(cells, "refunds_kept")
    assert list(one["words"]) == ["does not take refunds and takebacks of $500 off the top"]
    assert list(one["cents"]) == [50_000]
    assert round(float(one["points"].sum()), 6) == round(0.75 - 44_500 / 60_000, 6)
    fake = lab.steps(cells, "all_out_closed")
    assert list(fake["words"]) == [
        "counts only closed charges: $7,500 stays out of the bottom",
        "takes write-offs for late filing of $4,000 out of the bottom",
        "takes bad debt of $3,000 out of the bottom",
        "takes courtesy and other discounts of $1,000 out of the bottom",
    ]
    assert list(fake["cents"]) == [-750_000, -400_000, -300_000, -100_000]
    gross = lab.steps(cells, "gross")
    assert list(gross["words"]) == ["keeps contract write-offs of $40,000 in the bottom"]
    priced = lab.steps(cells, "of_allowed")
    # C4 (5,000 after contract) was denied and C5 (7,500) not decided: neither has a price. What
    # payers allowed is then what is left of charges after contract, so nothing else changes.
    assert list(priced["words"]) == [
        "counts only charges that a payer has priced: $12,500 stays out of the bottom"
    ]
    payers = lab.steps(cells, "payer_of_net")
    assert list(payers["cents"]) == [-700_000, 50_000]


def test_an_unknown_definition_is_refused(ten_ways: Ledger) -> None:
    with pytest.raises(BadRequest, match="no definition 'best'"):
        lab.values(lab.cells(ten_ways), ten_ways.can_say, names=["best"])


# --- the same figure as the catalogue's, under every filter ---------------------------------------

KINDS = [
    ("Insurance Payment", ""),
    ("Patient Payment", ""),
    ("Adjustment", "CO-45"),
    ("Adjustment", "CO-29"),
    ("Adjustment", "CO-253"),
    ("Adjustment", "CO-97"),
    ("Adjustment", "OA-29"),
    ("Adjustment", "CO-24"),
    ("Adjustment", "CO-94"),
    ("Adjustment", "Bad debt"),
    ("Adjustment", "Charity"),
    ("Adjustment", "Small balance"),
    ("Adjustment", "something else"),
    ("Patient Responsibility", "PR-1"),
]
postings = st.lists(
    st.tuples(
        st.integers(0, 5),
        st.sampled_from(KINDS),
        st.integers(-20_000, 60_000),
        st.integers(1, 4),
    ),
    max_size=40,
)


def random_ledger(found: list[tuple[int, tuple[str, str], int, int]]) -> Ledger:
    rows = [
        f"C{n},P{n},2025-0{n % 3 + 1}-05,2025-0{n % 3 + 1}-05,{'Aetna' if n % 2 else 'Cigna'},"
        "Charge,,500.00"
        for n in range(6)
    ]
    rows += [
        f"C{n},P{n},2025-0{n % 3 + 1}-05,2025-0{n % 3 + month}-20,"
        f"{'Aetna' if n % 2 else 'Cigna'},{kind},{reason},{cents / 100:.2f}"
        for n, (kind, reason), cents, month in found
    ]
    # One of each comes first, so that the file can say everything.
    rows += [
        "C0,P0,2025-01-05,2025-01-06,Cigna,Insurance Payment,,50.00",
        "C0,P0,2025-01-05,2025-01-06,Cigna,Patient Payment,,10.00",
        "C0,P0,2025-01-05,2025-01-06,Cigna,Adjustment,CO-45,100.00",
    ]
    return ledger_of("\n".join([TEN_WAYS.split("\n")[1].strip(), *rows]))


@settings(max_examples=15)
@given(postings)
def test_a_definition_that_the_catalogue_has_is_the_same_figure(found) -> None:
    ledger = random_ledger(found)
    cells = lab.cells(ledger)
    for basis, month in (("service", "service_month"), ("post", "post_month")):
        for keys in ([], ["payer"], [month]):
            for one in definitions.ALL.values():
                if not one.measure:
                    continue
                view = metrics.View(ledger.cube, ledger.can_say, basis)
                ours = lab.values(cells, ledger.can_say, basis, [one.id], keys)
                theirs = metrics.table(view, [one.measure], keys)
                both = theirs.merge(ours, on=keys) if keys else pd.concat([theirs, ours], axis=1)
                assert len(both) == len(ours)
                assert both[one.measure].equals(both["value"]), (one.id, keys, basis)


@settings(max_examples=15)
@given(postings)
def test_the_steps_of_a_difference_add_up_to_it(found) -> None:
    ledger = random_ledger(found)
    cells = lab.cells(ledger)
    shown = lab.values(cells, ledger.can_say).set_index("id")
    for one in definitions.ALL.values():
        standard = definitions.STANDARD[one.family]
        if not standard or shown["value"].isna()[[one.id, standard]].any():
            continue
        walk = lab.steps(cells, one.id)
        if walk["points"].isna().any():
            continue
        gap = _exact(shown, one.id) - _exact(shown, standard)
        assert float(walk["points"].sum()) == pytest.approx(gap, abs=1e-9)


def _exact(shown: pd.DataFrame, name: str) -> float:
    return int(shown.loc[name, "numerator"]) / int(shown.loc[name, "denominator"])


@settings(max_examples=15)
@given(postings)
def test_what_is_closed_with_all_write_offs_out_is_always_100_percent(found) -> None:
    """The identity: a closed charge was paid or written off, to the cent."""
    plain = [row for row in found if row[1][1] not in ("CO-24", "CO-94")]
    ledger = random_ledger(plain)
    shown = lab.values(lab.cells(ledger), ledger.can_say, names=["all_out_closed"]).iloc[0]
    assert pd.isna(shown["value"]) or shown["value"] == 1.0
