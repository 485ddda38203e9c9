"""The patients' side in words: each sentence from figures worked out by hand."""

from __future__ import annotations

import pandas as pd
import pytest
from support import ledger_of

from writeoffs import patient_words as words
from writeoffs.fairness import claims

SAYS = frozenset({"patient_responsibility", "patient_paid", "patient_open"})


def found(**cents: int) -> pd.DataFrame:
    """A table of two claims as ``fairness.claims`` gives it; the first has these findings."""
    keys = ("moved", "contract", "stated", "qmb", "preventive", "credit")
    table = pd.DataFrame({key: [cents.get(key, 0), 0] for key in keys})
    table["days"] = pd.array([cents.get("days"), None], dtype="Int64")
    return table.assign(number=[7, 8], looked_at=True, self_pay=False)


def test_nothing_found_says_what_was_looked_at() -> None:
    sections = words.sections(found(), SAYS)
    assert [s.cents for s in sections] == [0, 0, 0]
    assert all(s.said.startswith("Nothing found. Looked at ") for s in sections)
    assert all(s.said.endswith("on 2 claims.") for s in sections)
    assert (
        words.fair_title(sections) == "Nothing found that patients should not have been asked for."
    )


def test_a_finding_has_its_dollars_its_claims_and_what_to_do() -> None:
    sections = words.sections(found(moved=3000, stated=500, credit=2500, days=61), SAYS)
    beyond, _, credits_ = sections
    assert (beyond.cents, beyond.numbers.tolist(), beyond.each.tolist()) == (3500, [7], [3500])
    assert beyond.said == "1 claim of 2 looked at."
    assert beyond.todo[0] == (
        "Moved to the patient above the payer's share: $30 on 1 claim. Compare the transfer with "
        "the payer's statement; move what is above it back."
    )
    assert credits_.said == "1 claim of 2 looked at. $25 has waited for more than 60 days."
    assert words.fair_title(sections) == (
        "To look at: $35 asked beyond the payers' shares and $25 owed back to patients."
    )


def test_sixty_days_are_not_late() -> None:
    credits_ = words.sections(found(credit=2500, days=60), SAYS)[2]
    assert credits_.said.endswith("None is older than 60 days.")
    undated = words.sections(found(credit=2500), SAYS)[2]
    assert "60 days" not in undated.said
    assert undated.said.endswith("The files do not say since when.")


def test_what_cannot_be_said_says_why() -> None:
    sections = words.sections(found(credit=2500), frozenset({"patient_paid"}))
    assert [s.cents for s in sections] == [None, None, None]
    assert sections[0].said == (
        "Cannot be said: the files do not say what payers left to patients."
    )
    assert "cannot be said" in words.fair_title(sections)


def test_a_part_that_cannot_be_said_stands_beside_the_part_that_can() -> None:
    sections = words.sections(found(moved=100), frozenset({"patient_responsibility"}))
    assert sections[0].cents == 100
    assert sections[0].todo[-1].endswith("cannot be said, the files do not say what patients paid.")


def test_how_much_comes_in() -> None:
    row = pd.Series({"months": 7, "rate_1": 0.496, "rate_3": 0.7, "rate_6": 0.78, "rate_12": pd.NA})
    assert words.collection_title(row) == (
        "Of what patients are asked for, they pay 50% within 1 month and 78% within 6 months"
    )
    one = row.to_dict() | {"rate_3": pd.NA, "rate_6": pd.NA}
    assert words.collection_title(pd.Series(one)).endswith("they pay 50% within 1 month")
    young = pd.Series(dict.fromkeys(row.index, pd.NA))
    assert words.collection_title(young).endswith("0 of 1 month followed")


def test_of_which_size_least_comes_in() -> None:
    table = pd.DataFrame(
        {
            "band": ["$35 or less", "$35 to $75", "Over $200"],
            "claims_12": [30, 31, 29],
            "rate_12": [0.9, 0.8, 0.1],
        }
    )
    assert words.band_title(table) == (
        "Least is collected of shares of $35 to $75: 80% in 12 months"
    )
    assert words.band_title(table.iloc[1:]).startswith("Collected in 12 months")


@pytest.mark.parametrize(
    ("last", "said"),
    [
        (1300, "What patients carry grows: +3.0 points from the first to the last 3 months"),
        (700, "What patients carry shrinks: -3.0 points from the first to the last 3 months"),
        (1040, "What patients carry is steady near 10.4% of billed"),
    ],
)
def test_whether_the_share_grows_is_a_ratio_of_sums(last: int, said: str) -> None:
    """First three months 3,000 of 30,000: 10 %. A young month and one without charges are left out."""
    months = pd.DataFrame(
        {
            "month": range(8),
            "patient_responsibility": [0, 3000, 0, last, last, last, 0, 9999],
            "billed": [1000, 28000, 1000, 10000, 10000, 10000, 0, 10000],
            "young": [False] * 7 + [True],
        }
    ).astype({"patient_responsibility": "Int64", "billed": "Int64"})
    assert words.share_title(months) == said
    assert words.share_title(months.iloc[1:]) == "What patients carry"


def test_the_sections_of_real_books_hand_over_real_claims() -> None:
    one = ledger_of(
        """
        Claim,DOS,Post Date,Payer,CPT,Charge,Ins Paid,Contractual,Coinsurance,Pt Paid
        A,2026-01-05,2026-02-01,Aetna,99213,150.00,80.00,50.00,20.00,20.00
        B,2026-01-06,2026-02-01,Aetna,99213,150.00,80.00,50.00,20.00,32.00
        """
    )
    credits_ = words.sections(claims(one), one.can_say)[2]
    assert (credits_.numbers.tolist(), credits_.each.tolist()) == ([1], [1200])
