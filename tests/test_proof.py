"""A figure and its rows are two ways to the same cents: every measure, under every filter."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import ledger_of

from writeoffs import catalogue, metrics, proof
from writeoffs.claims import claims
from writeoffs.ledger import Ledger
from writeoffs.measures import Measure
from writeoffs.problems import BadRequest
from writeoffs.reading import read
from writeoffs.scope import Scope
from writeoffs.tallies import Tally

SAMPLE = Path(__file__).parents[1] / "sample_data" / "practice_ledger.csv"
PRACTICE = """
    Claim,MRN,DOS,Post Date,Payer,Charge,Ins Paid,Pt Paid,Contractual,Untimely Filing,Ded,Copay
    1,P1,2026-01-05,2026-01-20,Aetna,100.00,60.00,10.00,30.00,0.00,0.00,10.00
    2,P2,2026-01-06,2026-02-20,Aetna,100.00,0.00,0.00,0.00,100.00,0.00,0.00
    3,P2,2026-02-06,2026-02-28,Cigna,200.00,80.00,0.00,60.00,0.00,60.00,0.00
    4,P3,,,,50.00,0.00,0.00,0.00,0.00,0.00,0.00
"""
POSTED = [m.name for m in catalogue.ALL.values() if m.rows == "postings"]
JAN, FEB = 2026 * 12, 2026 * 12 + 1


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    return ledger_of(PRACTICE)


@pytest.fixture(scope="module")
def sample() -> Ledger:
    return read(SAMPLE)


def ties(ledger: Ledger, name: str, scope: Scope) -> None:
    """The rows of a measure sum to the parts printed, and those to the figure."""
    told = proof.of(scope.view(ledger), name)
    rows = proof.rows(ledger, name, scope)
    assert rows["numerator"].sum() == told.numerator
    assert rows["denominator"].sum() == (told.denominator or 0)
    assert sum(p.sign * p.amount for p in told.top) == told.numerator
    figure = metrics.table(scope.view(ledger), [name])[name].iloc[0]
    assert (told.value is None) is bool(pd.isna(figure))
    if told.value is not None:
        assert told.value == figure
        assert (
            told.denominator is None or abs(told.value - told.numerator / told.denominator) < 1e-6
        )
        assert told.denominator is not None or told.value == told.numerator
    numbers, cents = proof.by_claim(ledger, name, scope)
    loose = rows.loc[rows["number"] < 0, "numerator"].sum()
    assert cents.sum() + loose == told.numerator
    assert (np.diff(numbers) > 0).all()


# --- by hand --------------------------------------------------------------------------------------


def test_net_collection_in_words_with_numbers(ledger: Ledger) -> None:
    told = proof.of(Scope().view(ledger), "net_collection_rate")
    # 150 paid of (450 billed - 90 by contract) = 41.67 %
    assert (told.numerator, told.denominator, told.value) == (15_000, 36_000, 0.416667)
    assert proof.sentence(told) == (
        "Net collection rate 41.67% = $150.00 (paid by insurers $140.00 + paid by patients $10.00)"
        " over $360.00 (billed $450.00 less by contract or law $90.00)"
    )


def test_the_rows_name_what_they_are_and_where_they_stand(ledger: Ledger) -> None:
    rows = proof.rows(ledger, "net_collection_rate", Scope().of("payer", 0).in_month(JAN))
    payer = ledger.cube["payer"].cat.categories[0]
    assert set(rows["payer"]) == {payer} == {"Aetna"}
    told = {
        (r.claim, r.entry, r.numerator, r.denominator, r.row) for r in rows.itertuples(index=False)
    }
    assert told == {
        ("1", "charge", 0, 10_000, 1),
        ("1", "insurer_payment", 6_000, 0, 1),
        ("1", "patient_payment", 1_000, 0, 1),
        ("1", "write_off", 0, -3_000, 1),
        ("2", "charge", 0, 10_000, 2),
    }
    assert "patient" not in rows
    assert set(proof.rows(ledger, "billed", patients=True)["patient"]) == {"P1", "P2", "P3"}
    assert not rows["derived"].any()


def test_claims_behind_a_bar(ledger: Ledger) -> None:
    scope = Scope().about(category="timely_filing")
    numbers, cents = proof.by_claim(ledger, "written_off", scope)
    assert claims(ledger.settled)["claim"].iloc[numbers].tolist() == ["2"]
    assert cents.tolist() == [10_000]
    below = proof.claims_below(ledger, "net_collection_rate", Scope(months=(FEB, FEB)))
    assert below[1].tolist() == [14_000]
    assert proof.claims_below(ledger, "billed")[1].tolist() == []


def test_what_cannot_be_said_says_why_and_keeps_its_parts() -> None:
    ledger = ledger_of(
        "Claim,DOS,Payer,Billed\n1,2026-01-05,Aetna,100.00\n2,2026-01-06,Cigna,50.00"
    )
    told = proof.of(Scope().view(ledger), "net_collection_rate")
    assert told.value is None and "payments" in told.why_not
    assert told.denominator == 15_000
    assert "cannot be said" in proof.sentence(told)


def test_what_is_left_out_is_said_with_its_dollars() -> None:
    ledger = ledger_of(
        """
        Claim ID,DOS,Posting Date,Payer,Type,Reason,Amount
        A1,2026-01-05,2026-01-06,Aetna,Charge,,500.00
        A1,2026-01-05,2026-02-06,Aetna,Insurance Payment,,300.00
        A1,2026-01-05,2026-02-06,Aetna,Adjustment,CO-45,200.00
        B7,2026-01-09,2026-02-06,Aetna,Insurance Payment,,77.00
        B8,2026-01-09,bad date,Aetna,Insurance Payment,,12.00
        """
    )
    told = proof.of(Scope().view(ledger), "net_collection_rate")
    said = " ".join(proof.left_out(told, ledger))
    assert (told.numerator, told.unrated_top, told.unrated_bottom) == (30_000, 7_700, 0)
    assert "1 row of the files, $12.00, are held" in said
    assert "$77.00 above and $0.00 below the line" in said


def test_derived_rows_are_told_from_those_of_the_files() -> None:
    ledger = ledger_of(
        """
        Claim ID,DOS,Posting Date,Payer,Type,Reason,Amount
        A1,2026-01-05,2026-01-06,Aetna,Charge,,100.00
        A1,2026-01-05,2026-02-06,Aetna,Insurance Payment,,60.00
        A1,2026-01-05,2026-02-06,Aetna,Patient Responsibility,PR-1,40.00
        A1,2026-01-05,2026-06-06,Aetna,Adjustment,Bad debt,40.00
        A1,2026-01-05,2026-08-06,Aetna,Patient Payment,,40.00
        """
    )
    rows = proof.rows(ledger, "written_off")
    assert rows[["amount", "derived"]].to_numpy().tolist() == [[4_000, False], [-4_000, True]]
    left = proof.rows(ledger_of(PRACTICE), "open")
    assert left["derived"].all()  # no file states a balance


def test_measures_of_lines_and_claims_say_their_units() -> None:
    m = Measure("x", "Denied", "w", "rate", rows="lines", top="lines denied", bottom="lines billed")
    units = pd.DataFrame({"number": [0, 1, 1], "numerator": [1, 0, 1], "denominator": [1, 1, 1]})
    told = proof.of_tally(m, Tally(units, 2 / 3, money=False))
    assert (told.numerator, told.denominator) == (2, 3)
    assert proof.sentence(told) == "Denied 66.67% = 2 (lines denied 2) over 3 (lines billed 3)"
    days = Measure("x", "Days", "w", "days", rows="claims", top="owed", bottom="charges")
    owed = pd.DataFrame({"number": [0, 1], "numerator": [9_000, 0], "denominator": [0, 18_000]})
    assert proof.sentence(proof.of_tally(days, Tally(owed, 45.0, days=90))) == (
        "Days 45.0 days = $90.00 (owed $90.00) over $2.00 a day (charges $180.00 in 90 days)"
    )
    lag = proof.of_tally(days, Tally(units, 1.0, money=False, quantile=0.5))
    assert "the middle value of 3 claims" in proof.sentence(lag)


def test_what_counts_lines_or_claims_is_not_asked_of_postings() -> None:
    with pytest.raises(BadRequest):
        proof.of(Scope().view(ledger_of(PRACTICE)), "receivables")
    with pytest.raises(BadRequest):
        proof.of(Scope().view(ledger_of(PRACTICE)), "no_such_measure")


# --- properties -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", POSTED)
def test_the_rows_sum_to_the_figure_on_the_sample_under_filters(sample: Ledger, name: str) -> None:
    payers = len(sample.cube["payer"].cat.categories)
    for scope in (
        Scope(),
        Scope(months=(2026 * 12, 2026 * 12 + 5)),
        Scope(basis="post", months=(2026 * 12 + 2, 2026 * 12 + 4)),
        Scope({"payer": (0, payers - 1), "provider": (1,)}, "service", (2025 * 12 + 6, 2026 * 12)),
        Scope({"payer": (-1,)}),
        Scope({"location": (0,)}, "post"),
    ):
        ties(sample, name, scope)


_money = st.integers(-20_000, 50_000)


@st.composite
def books(draw: st.DrawFn) -> str:
    """A small long ledger of everything that can be posted, undoings and gaps included."""
    lines = ["Claim ID,DOS,Posting Date,Payer,Type,Reason,Amount"]
    kinds = [("Charge", ""), ("Insurance Payment", ""), ("Patient Payment", "")]
    kinds += [("Adjustment", r) for r in ("CO-45", "CO-29", "CO-18", "Bad debt", "Whim", "CO-94")]
    kinds += [("Patient Responsibility", r) for r in ("PR-1", "PR-2", "PR-3", "PR-96")]
    # One row of each kind of movement, so that the reader knows the shape.
    lines += [f"Z{i},2026-01-05,2026-01-06,Aetna,{k},{r},10.00" for i, (k, r) in enumerate(kinds)]
    for _ in range(draw(st.integers(1, 25))):
        kind, reason = draw(st.sampled_from(kinds))
        claim = draw(st.sampled_from(["A", "B", "C", "D"]))
        payer = draw(st.sampled_from(["Aetna", "Cigna", "Self-Pay", ""]))
        day, posted = draw(st.integers(1, 3)), draw(st.integers(1, 6))
        cents = draw(_money)
        lines.append(
            f"{claim},2026-0{day}-11,2026-0{posted}-20,{payer},{kind},{reason},{cents / 100:.2f}"
        )
    return "\n".join(lines)


@settings(max_examples=20)
@given(
    books(),
    st.sets(st.sampled_from(POSTED), min_size=6, max_size=6),
    st.sampled_from(["service", "post"]),
    st.integers(0, 5),
    st.integers(0, 5),
)
def test_the_rows_sum_to_the_figure_on_random_ledgers(
    text: str, names: set[str], basis: str, first: int, length: int
) -> None:
    ledger = ledger_of(text)
    for scope in (
        Scope(),
        Scope(basis=basis, months=(JAN + first, JAN + first + length)),
        Scope({"payer": (-1, 0)}, basis, (JAN, JAN + length)),
    ):
        for name in sorted(names):
            ties(ledger, name, scope)
