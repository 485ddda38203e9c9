"""The work list: what could come in, from whom, until when; against figures worked out by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd

from writeoffs import worklist
from writeoffs.deadlines import Deadlines

AS_OF = np.datetime64("2026-06-30")
# number, payer, category, day, gross, at expected
ROWS = [
    (0, "Aetna", "timely_filing", "2026-06-01", 30_000, 10_000),
    (0, "Aetna", "timely_filing", "2026-06-10", 5_000, 2_000),
    (1, "Aetna", "timely_filing", "2026-01-01", 90_000, 40_000),
    (2, "Medicare", "coding", "2026-06-01", 20_000, None),
    (3, "Cigna", "coding", None, 8_000, 8_000),
    (4, "Cigna", "coding", "2026-06-01", 7_000, 6_000),
    (5, "Aetna", "coding", "2026-06-01", 4_000, 1_000),
    (5, "Aetna", "coding", "2026-06-20", -4_000, -1_000),
]


def losses() -> pd.DataFrame:
    out = pd.DataFrame(ROWS, columns=["number", "payer", "category", "day", "gross", "at_expected"])
    out["claim"] = "C" + out["number"].astype("str")
    out["day"] = pd.to_datetime(out["day"])
    return out.astype(
        {"at_expected": "Int64", "payer": "category", "category": "category", "claim": "category"}
    )


def found() -> pd.DataFrame:
    return worklist.tasks(losses(), Deadlines({"Aetna": 90}), AS_OF)


def test_one_row_a_claim_and_reason_with_its_deadline() -> None:
    out = found().set_index("claim")
    assert list(out.index) == ["C0", "C3", "C4", "C2", "C1"]  # C5 was taken back; C1 is too late
    assert out["gross"].to_dict() == {
        "C0": 35_000, "C3": 8_000, "C4": 7_000, "C2": 20_000, "C1": 90_000
    }  # fmt: skip
    assert out["at_expected"].fillna(-1).to_dict() == {
        "C0": 12_000, "C3": 8_000, "C4": 6_000, "C2": -1, "C1": 40_000
    }  # fmt: skip
    # 90 days from June 10; 125 of Medicare from June 1; no date; nobody set Cigna's days.
    assert list(worklist.until(out)) == [
        "2026-09-08", worklist.NO_DATE, worklist.NO_DAYS, "2026-10-04", "passed 2026-04-01"
    ]  # fmt: skip


def test_what_to_begin_with_leaves_out_what_is_too_late() -> None:
    top = worklist.first(found())
    assert [worklist.title(row) for _, row in top.iterrows()] == [
        "Cigna, coding errors: $140 could come in on 2 claims",
        "Aetna, claims sent too late: $120 could come in on 1 claim",
        "Medicare, coding errors: $200 at billed prices on 1 claim",
    ]
    for _, row in top.iterrows():
        _, numbers, cents = worklist.behind(found(), row)
        assert len(set(numbers)) == row["claims"]
        assert cents.sum() == (row["at_expected"] or row["gross"])
    assert worklist.answer(found()) == (
        "Up to $260 on 4 claims may still be won back ($700 at billed prices)."
    )


def test_nothing_lost_and_everything_too_late_are_said() -> None:
    none = losses().iloc[:0]
    assert worklist.answer(worklist.tasks(none, Deadlines(), AS_OF)).startswith("No avoidable loss")
    late = found().query("state == 'passed'")
    assert worklist.answer(late).startswith("The time to appeal has passed")
    assert worklist.first(late).empty
