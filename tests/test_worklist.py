"""The work list: which claims, at what they could bring, until when; worked out by hand."""

from __future__ import annotations

import pandas as pd
import pytest
from support import ledger_of

from writeoffs import expected, findings, recoverable, worklist
from writeoffs.deadlines import Deadlines
from writeoffs.metrics import View
from writeoffs.periods import Period

# Aetna allows 60.00 for 99213 five times; claim 6 is lost to late filing at 200.00 billed.
# Cigna has no price for 99214: claim 7 cannot be valued. Claim 8 was denied and put right.
LEDGER = """
    Claim,DOS,Post Date,Payer,CPT,Type,Reason,Amount
    1,2026-01-05,2026-01-06,Aetna,99213,Charge,,100.00
    1,2026-01-05,2026-02-01,Aetna,99213,Insurance Payment,,60.00
    1,2026-01-05,2026-02-01,Aetna,99213,Adjustment,CO-45,40.00
    2,2026-01-06,2026-01-07,Aetna,99213,Charge,,100.00
    2,2026-01-06,2026-02-01,Aetna,99213,Insurance Payment,,60.00
    2,2026-01-06,2026-02-01,Aetna,99213,Adjustment,CO-45,40.00
    3,2026-01-07,2026-01-08,Aetna,99213,Charge,,100.00
    3,2026-01-07,2026-02-01,Aetna,99213,Insurance Payment,,60.00
    3,2026-01-07,2026-02-01,Aetna,99213,Adjustment,CO-45,40.00
    4,2026-01-08,2026-01-09,Aetna,99213,Charge,,100.00
    4,2026-01-08,2026-02-01,Aetna,99213,Insurance Payment,,60.00
    4,2026-01-08,2026-02-01,Aetna,99213,Adjustment,CO-45,40.00
    5,2026-01-09,2026-01-10,Aetna,99213,Charge,,100.00
    5,2026-01-09,2026-02-01,Aetna,99213,Insurance Payment,,60.00
    5,2026-01-09,2026-02-01,Aetna,99213,Adjustment,CO-45,40.00
    6,2026-01-10,2026-01-11,Aetna,99213,Charge,,200.00
    6,2026-01-10,2026-02-10,Aetna,99213,Adjustment,CO-29,200.00
    7,2026-01-11,2026-01-12,Cigna,99214,Charge,,500.00
    7,2026-01-11,2026-02-15,Cigna,99214,Adjustment,CO-197,500.00
    8,2026-01-12,2026-01-13,Aetna,99213,Charge,,100.00
    8,2026-01-12,2026-02-01,Aetna,99213,Adjustment,CO-197,100.00
    8,2026-01-12,2026-03-01,Aetna,99213,Adjustment,CO-197,-100.00
    8,2026-01-12,2026-03-01,Aetna,99213,Insurance Payment,,60.00
    8,2026-01-12,2026-03-01,Aetna,99213,Adjustment,CO-45,40.00
"""


def build(days: Deadlines, text: str = LEDGER) -> worklist.Work:
    ledger = ledger_of(text)
    return worklist.build(ledger, recoverable.rows(ledger, expected.every(ledger)), days)


def test_a_claim_is_worth_what_its_payer_allows_and_one_without_a_price_is_not_valued() -> None:
    work = build(Deadlines({"Aetna": 30}))
    rows = work.rows.set_index("claim")
    assert sorted(rows.index) == ["6", "7"]  # what was put right is no work
    assert rows.loc["6", ["gross", "expected", "reason"]].tolist() == [20000, 6000, "CO-29"]
    assert rows.loc["7", "gross"] == 50000 and pd.isna(rows.loc["7", "expected"])
    assert (work.expected, work.not_valued) == (6000, 50000)


def test_the_deadline_counts_from_the_decision_to_the_day_of_the_data() -> None:
    """10 February and 30 days: 12 March; the data end on 1 March: 11 days are left."""
    rows = build(Deadlines({"Aetna": 30})).rows.set_index("claim")
    assert str(rows.loc["6", "due"])[:10] == "2026-03-12"
    assert rows.loc["6", "days_left"] == 11
    assert pd.isna(rows.loc["7", "days_left"])


def test_what_is_late_comes_last_and_is_said() -> None:
    work = build(Deadlines({"Aetna": 5, "Cigna": 90}))
    assert list(work.rows["claim"]) == ["7", "6"]
    assert work.late == 6000
    assert "the last day to appeal has passed" in worklist.answer(work)


@pytest.mark.parametrize(
    ("days", "said"),
    [(pd.NA, ""), (-1, "passed"), (0, "today"), (1, "1 day"), (1200, "1,200 days")],
)
def test_days_left_in_words(days: object, said: str) -> None:
    assert worklist.left(days) == said


def test_nothing_lost_is_no_work() -> None:
    lines = [line for line in LEDGER.splitlines() if "CO-29" not in line and "CO-197" not in line]
    work = build(Deadlines(), "\n".join(lines))
    assert len(work.rows) == 0
    assert worklist.answer(work).startswith("Nothing to appeal")


@pytest.mark.parametrize("valued", [True, False])
def test_the_things_to_look_at_rank_by_what_could_come_back(valued: bool) -> None:
    """Billed, Cigna's 500.00 leads; at expected allowed Aetna's 60.00 is all that is known."""
    ledger = ledger_of(LEDGER)
    view = View(ledger.cube, ledger.can_say)
    period = Period("all", 2026 * 12, 2026 * 12)
    losses = recoverable.rows(ledger, expected.every(ledger)) if valued else None
    found = findings.things_to_look_at(view, period, losses=losses)
    assert found[0].payer == "Cigna" and found[0].worth is None
    late = next(f for f in found if f.payer == "Aetna")
    assert (late.cents, late.worth) == (20000, 6000 if valued else None)
    assert ("$60" if valued else "$200") in late.title
    assert ("$200 at billed prices" in late.detail) is valued
    if losses is not None:
        mine = findings.behind(losses, late, "service_month", period)
        assert int(mine["at_expected"].sum()) == late.worth
