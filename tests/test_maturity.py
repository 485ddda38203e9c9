"""Young months projected: against hand-made histories whose future is known."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import writeoffs as wo
from tests.support import ledger_of
from writeoffs import backtest, projection
from writeoffs.claims import claims as claims_of
from writeoffs.maturity import by_payer, outlook, told
from writeoffs.problems import BadRequest
from writeoffs.triangle import run_off

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "sample_data" / "practice_ledger.csv"
HEAD = "Claim ID,Service Date,Posting Date,Payer,Type,Reason,Amount\n"


@pytest.fixture(scope="module")
def sample() -> wo.Ledger:
    return wo.read(SAMPLE)


def steady(months: int, payers: tuple[str, ...] = ("Aetna",)) -> str:
    """A practice that bills $1,000 a month and payer; by law $400 goes after one month; $300 is
    paid after one month and $240 after two; seen as of the end of the last month."""
    rows = []
    for at in range(months):
        for payer in payers:
            claim = f"{payer}{at}"
            served = date(2024 + at // 12, at % 12 + 1, 10)
            moves = [(0, "Charge", "", 1000), (1, "Adjustment", "CO-45", 400)]
            moves += [(1, "Insurance Payment", "", 300), (2, "Insurance Payment", "", 240)]
            for after, kind, reason, amount in moves:
                if at + after < months:
                    posted = date(2024 + (at + after) // 12, (at + after) % 12 + 1, 28)
                    rows.append(f"{claim},{served},{posted},{payer},{kind},{reason},{amount}.00")
    return HEAD + "\n".join(rows) + "\n"


def steady_at_month_end(months: int) -> wo.Ledger:
    last = pd.Period("2024-01", "M") + months - 1
    return ledger_of(steady(months)).at(last.end_time.date())


def test_what_always_comes_the_same_way_is_projected_to_the_cent():
    out = wo.maturity(steady_at_month_end(14), "paid")
    assert out["value"].tolist() == [54000] * 12 + [30000, 0]
    assert out["projected"].tolist() == [54000] * 14
    assert out["low"].iloc[-2:].tolist() == out["high"].iloc[-2:].tolist() == [54000, 54000]
    assert out["error"].iloc[0] == 0
    assert out["within"].iloc[0] == out["tested"].iloc[0] > 0


def test_a_rate_has_both_its_parts_projected():
    """Net collection 540 / (1000 - 400) = 0.9; a month old 300 / 600, new 0 / 1000."""
    out = wo.maturity(steady_at_month_end(14))
    assert out["value"].iloc[-2:].tolist() == pytest.approx([0.5, 0.0])
    assert out["projected"].tolist() == pytest.approx([0.9] * 14)
    assert out["complete"].iloc[-2:].tolist() == pytest.approx([300 / 540, 0.0])


@pytest.mark.parametrize("months", [1, 5, 8])
def test_too_short_a_history_says_so_instead_of_a_number(months: int):
    out = wo.maturity(steady_at_month_end(months), "paid")
    assert set(out["why"]) == {
        f"not enough history: {months} of 9 months",
    }
    assert out["projected"].isna().all() and out["low"].isna().all()
    assert out["value"].iloc[0] == (0 if months == 1 else 54000)


def test_nine_months_are_enough_to_project_but_not_to_test():
    out = wo.maturity(steady_at_month_end(9), "paid")
    assert set(out["why"]) == {""}
    assert out["projected"].iloc[-1] == 54000
    assert out["error"].isna().all() and (out["tested"] == 0).all()


def test_a_snapshot_cannot_be_projected():
    out = wo.maturity(wo.read(ROOT / "sample_data" / "practice_lines.csv"))
    assert "one posting date a row" in out["why"].iloc[0]
    assert out["projected"].isna().all()


def test_charges_alone_say_what_is_missing():
    charges = "Claim ID,DOS,Payer,Billed\nA1,2026-01-05,Aetna,200.00\nA2,2026-02-06,Cigna,150.00\n"
    out = wo.maturity(ledger_of(charges))
    assert (out["why"] != "").all() and out["value"].isna().all()


def test_balances_and_unknown_names_are_refused():
    ledger = ledger_of(steady(3))
    with pytest.raises(BadRequest, match="as of a date"):
        wo.maturity(ledger, "open")
    with pytest.raises(BadRequest, match="no measure"):
        wo.maturity(ledger, "nonsense")
    with pytest.raises(BadRequest, match="Hint: payer"):
        wo.maturity(ledger, "paid", by="provider")


def test_hidden_months_of_the_sample_came_out_as_projected(sample: wo.Ledger):
    """The back-test against one worked out from the ledger as it stood, not from the triangle."""
    as_of = sample.as_of
    assert as_of == date(2026, 11, 13)
    whole = wo.maturity(sample, "gross_collection_rate").set_index("month")
    error, bias = whole["error"].iloc[0], whole["bias"].iloc[0]
    assert whole["method"].iloc[0] == "additive, last 6 months"
    misses = []
    for hidden in range(1, 7):
        year, month = divmod(as_of.year * 12 + as_of.month - 1 - hidden, 12)
        then = sample.at(date(year, month + 1, 13))
        known = wo.maturity(then, "gross_collection_rate").set_index("month")
        for at in known.index[-3:]:
            misses.append((hidden, known.loc[at, "value"], whole.loc[at, "value"]))
    # the same 18 held figures: what stood then is what the ledger of then says
    assert len(misses) == whole["tested"].iloc[0] == 18
    assert 0.005 < error < 0.03 and abs(bias) <= error
    naive = np.mean([abs(float(a) - float(b)) for _, a, b in misses])
    assert error < naive / 4  # taking young months as they stand is off by four times as much


def test_the_sample_says_what_its_story_says(sample: wo.Ledger):
    """October stands at 34 % and is heading for about what the months before it came to."""
    out = wo.maturity(sample).set_index("month")
    october = out.loc[pd.Period("2026-10", "M")]
    assert october["value"] == pytest.approx(0.342371, abs=1e-6)
    assert 0.80 < october["projected"] < 0.98
    assert october["low"] < october["projected"] < october["high"]
    assert out["final"].sum() == 13 and out.loc[out["final"], "low"].isna().all()
    assert (out.loc[out["final"], "projected"] == out.loc[out["final"], "value"]).all()


def test_small_payers_lean_on_the_practice(sample: wo.Ledger):
    out = wo.maturity(sample, "gross_collection_rate", by="payer")
    assert out["payer"].nunique() == 8
    trust = out.groupby("payer")["trust"].first()
    counted = wo.payment_per_claim(sample, "payer").set_index("payer")["claims"]
    assert trust["Summit Mutual"] == pytest.approx((counted["Summit Mutual"] / 1082) ** 0.5)
    assert trust["Medicare"] > trust["Cigna"] > trust["Summit Mutual"]


def test_a_payer_without_trust_takes_the_practices_pattern():
    """One claim of a new payer among twelve hundred: its pattern is the practice's."""
    ledger = ledger_of(steady(14, ("Aetna", "Cigna")))
    out = wo.maturity(ledger, "paid", by="payer")
    assert sorted(out["payer"].unique()) == ["Aetna", "Cigna"]
    assert out["projected"].dropna().unique().tolist() == [54000]


def test_payers_and_filters_leave_the_sum_of_what_is_known(sample: wo.Ledger):
    parts = wo.maturity(sample, "paid", by="payer").groupby("month")["value"].sum()
    assert parts.tolist() == wo.maturity(sample, "paid")["value"].tolist()


def test_claims_without_a_payer_are_one_payer_of_their_own():
    ledger = ledger_of(steady(14, ("", "Cigna")))
    out = wo.maturity(ledger, "paid", by="payer")
    assert out["payer"].isna().sum() == 14 and out["payer"].nunique() == 1
    flows = run_off(ledger)
    found = by_payer(flows, "paid", ledger.can_say, claims_of(ledger.settled), [float("nan")])
    assert list(found) == [None] and found[None].why == ""


def test_the_words_below_a_chart_say_method_and_test(sample: wo.Ledger):
    said = told(outlook(run_off(sample), "gross_collection_rate", sample.can_say))
    assert said.startswith("Young months are projected to the age of 12 months (additive, last 6")
    assert "off by 1.6 points on average, 1.1 points too high" in said
    assert said.endswith("14 of 18 fell within.")
    short = steady_at_month_end(5)
    words = told(outlook(run_off(short), "paid", short.can_say))
    assert words == "Young months are not projected: not enough history: 5 of 9 months."


def test_an_interval_is_widened_until_it_holds_as_often_as_it_says():
    """18 held figures, of which the formula's interval holds too few: 4 of 5 after widening."""
    chance = np.random.default_rng(7)
    months = 24
    exposure = np.full(months, 1000.0)
    shares = np.array([0.5, 0.2, 0.1, 0.05, 0.03, 0.02, 0.01])
    # a calendar month's shock hits all months alike, which no formula of theirs knows of
    shock = 1 + 0.3 * chance.normal(size=months + 10)
    drawn = exposure[:, None] * shares * shock[np.add.outer(np.arange(months), np.arange(7))]
    full = np.zeros((months, months))
    full[:, :7] = drawn.cumsum(axis=1)
    full[:, 7:] = full[:, 6:7]
    full[np.add.outer(np.arange(months), np.arange(months)) >= months] = np.nan
    known = np.where(np.isnan(full), np.nan, exposure[:, None])
    parts = backtest.Parts(full, None, known)
    test = backtest.back_test(parts, projection.Method(projection.ADDITIVE))
    assert test.tested == 18 and test.within < 14
    assert test.widened > 1
