"""A comparison in plain words: the dollars of the sentence, the steps of the table, the doubts."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from support import ledger_of, tidy

from writeoffs import changes
from writeoffs import vocabulary as v
from writeoffs.compare import CAUSES, Comparison, compare
from writeoffs.judgements import remember
from writeoffs.reading import load_all, posted_like, read

SAMPLE = Path(__file__).resolve().parents[1] / "sample_data" / "practice_ledger.csv"
HEAD = "Claim,MRN,DOS,Post Date,Payer,Type,Reason,Amount"
OLD = f"""{HEAD}
    C1,P1,2026-01-05,2026-01-06,Aetna,Charge,,100.00
    C1,P1,2026-01-05,2026-02-05,Aetna,Insurance Payment,,60.00
    C1,P1,2026-01-05,2026-02-05,Aetna,Adjustment,CO-45,15.00
    C1,P1,2026-01-05,2026-02-05,Aetna,Patient Responsibility,PR-3,25.00
    C2,P2,2026-02-10,2026-02-11,Cigna,Charge,,200.00
    C9,P9,2026-03-30,2026-03-31,Cigna,Charge,,9.00
"""
PAID = "C2,P2,2026-02-10,2026-04-01,Cigna,Insurance Payment,,150.00"
BACK = "C1,P1,2026-01-05,2026-04-02,Aetna,Insurance Payment,,-10.50"
SHARE = "C2,P2,2026-02-10,2026-04-01,Cigna,Patient Responsibility,PR-1,50.00"


def found(*added: str, without: str = "") -> Comparison:
    """The old export against itself with rows added, or one taken away."""
    new = "\n".join(line for line in OLD.splitlines() if not without or without not in line)
    return compare(ledger_of(OLD), ledger_of("\n".join([new.rstrip(), *added])))


def dollars(text: str) -> list[int]:
    """Every amount of a sentence in cents."""
    amounts = re.findall(r"\$([\d,]+)\.(\d\d)", text)
    return [int(whole.replace(",", "")) * 100 + int(cents) for whole, cents in amounts]


def test_the_sentence_says_dollars_claims_and_how():
    assert changes.sentence(found(PAID, BACK)) == (
        "Closed months changed by $160.50 on 2 claims: $150.00 paid later and $10.50 taken back."
    )
    assert changes.net(found(PAID, BACK)) == (
        "Taken together: $139.50 more paid than those months showed."
    )


def test_a_fall_counts_by_its_size_and_never_hides_a_rise():
    both = found(PAID, "C1,P1,2026-01-05,2026-04-02,Aetna,Insurance Payment,,-60.00")
    total, *parts = dollars(changes.sentence(both))
    assert (total, sum(parts)) == (21000, 21000)
    assert changes.net(both).startswith("Taken together: $90.00 more paid")


def test_what_is_assigned_to_a_patient_is_in_no_sum_and_counts_no_claim():
    only = found(SHARE)
    assert changes.sentence(only) == (
        "No charge, payment or write-off of a closed month changed. What is assigned or moved "
        "did, on 1 claim."
    )
    assert only.claims[""] == 1 and only.moved == 0
    with_money = found(SHARE, BACK)
    assert "on 1 claim:" in changes.sentence(with_money)
    assert with_money.claims[""] == 2
    assert list(changes.by_why(with_money)["label"]) == ["Taken back"]


def test_nothing_changed_and_nothing_closed_are_two_things():
    same = found()
    assert same.same
    assert changes.sentence(same) == "No charge, payment or write-off of a closed month changed."
    assert changes.net(same) == "" and changes.title(same) == "Nothing changed"
    young = f"{HEAD}\n    C1,P1,2026-01-05,2026-01-06,Aetna,Charge,,100.00\n"
    later = young + "    C1,P1,2026-01-05,2026-02-05,Aetna,Insurance Payment,,60.00\n"
    open_still = compare(ledger_of(young), ledger_of(later))
    assert "holds no month that was closed" in changes.sentence(open_still)
    assert list(changes.by_entry_and_why(open_still)["what"]) == []


def test_the_months_that_are_closed_are_named():
    said = changes.closed(found(PAID))
    assert "months up to Mar 2026" in said and "stood on 2026-03-31" in said
    assert "as of 2026-04-01" in said


def test_the_table_goes_step_by_step_from_then_to_now():
    steps = changes.by_entry_and_why(found(PAID, BACK))
    paid = steps[steps["what"] == "Paid by insurers"]
    assert paid[["why", "old", "new", "change"]].to_numpy().tolist() == [
        ["Paid later", 6000, 21000, 15000],
        ["Taken back", 21000, 19950, -1050],
    ]
    billed = steps[steps["what"] == "Billed"].iloc[0]
    assert (billed["why"], billed["old"], billed["new"]) == ("No change", 30900, 30900)


@pytest.mark.parametrize("back", [1, 2, 6])
def test_on_the_sample_every_table_ties_to_the_comparison(back: int):
    ledger = read(SAMPLE)
    assert ledger.as_of is not None
    one = compare(ledger.at(changes.month_end(ledger.as_of, back)), ledger)
    steps = changes.by_entry_and_why(one)
    by_entry = one.entries.set_index("entry")
    for name, mine in steps.groupby("what"):
        entry = next(e for e in v.EFFECT if changes.entry(e) == name)
        assert mine["change"].sum() == by_entry.loc[entry, "change"]
        assert mine["old"].iloc[0] == by_entry.loc[entry, "old"]
        assert mine["new"].iloc[-1] == by_entry.loc[entry, "new"]
        assert mine["new"].tolist()[:-1] == mine["old"].tolist()[1:]
    assert int(steps["rows"].sum()) == len(one.changes)
    bars = changes.by_why(one)
    total, *parts = dollars(changes.sentence(one))
    assert parts == bars["cents"].tolist() and sum(parts) == total
    assert bars["share"].sum() == pytest.approx(1)
    listed = changes.listed(one)
    assert len(listed) == len(one.changes) and not listed.isna().any().any()
    assert listed["change"].abs().is_monotonic_decreasing


def test_every_cause_of_every_entry_has_words():
    for cause in CAUSES:
        for entry in v.EFFECT:
            assert changes.why(cause, entry).means
            assert changes.entry(entry)
    assert changes.why("late_posting", v.PATIENT_PAYMENT).said == "paid later"
    assert changes.why("reversed", v.PATIENT_PAYMENT).said == "taken back"


def test_an_undated_month_and_a_claim_without_number_are_listed():
    old = "Payer,Billed,Ins Paid\nAetna,100.00,60.00\n"
    new = "Payer,Billed,Ins Paid\nAetna,100.00,70.00\n"
    listed = changes.listed(compare(ledger_of(old), ledger_of(new)))
    assert set(listed["when"]) == {"no date"}


# --- doubts ---------------------------------------------------------------------------------------


def test_no_doubt_where_two_exports_fit():
    assert changes.doubts(found(PAID, BACK)) == []


def test_exports_the_wrong_way_round_are_asked_about():
    later = ledger_of(OLD + PAID)
    said = " ".join(changes.doubts(compare(later, ledger_of(OLD))))
    assert "2026-04-01" in said and "other way round" in said


def test_an_export_of_one_month_alone_is_told_from_a_practice_that_lost_its_books():
    april = f"{HEAD}\n    C5,P5,2026-04-05,2026-04-06,Aetna,Charge,,70.00\n"
    said = " ".join(changes.doubts(compare(ledger_of(OLD), ledger_of(april))))
    assert "one practice" in said and "add it" in said


def test_one_row_that_is_gone_raises_no_doubt_and_is_said():
    gone = found(without="CO-45")
    assert changes.doubts(gone) == []
    assert "$15.00 no longer in the files" in changes.sentence(gone)


def test_what_only_one_export_can_say_is_said():
    wide = (
        "Claim,DOS,Post Date,Payer,Billed,Ins Paid\nC1,2026-01-05,2026-03-31,Aetna,100.00,60.00\n"
    )
    more = (
        "Claim,DOS,Post Date,Payer,Billed,Ins Paid,Contractual Adj\n"
        "C1,2026-01-05,2026-03-31,Aetna,100.00,60.00,40.00\n"
    )
    said = changes.doubts(compare(ledger_of(wide), ledger_of(more)))
    assert len(said) == 1 and "written off" in said[0]


# --- days and reading -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "back", "end"),
    [
        (date(2026, 11, 13), 2, date(2026, 9, 30)),
        (date(2026, 1, 31), 1, date(2025, 12, 31)),
        (date(2026, 3, 1), 1, date(2026, 2, 28)),
        (date(2024, 4, 30), 2, date(2024, 2, 29)),
        (date(2026, 12, 5), 0, date(2026, 12, 31)),
    ],
)
def test_the_end_of_an_earlier_month(day: date, back: int, end: date):
    assert changes.month_end(day, back) == end


TWICE = "Claim,DOS,Post Date,Payer,Billed,Paid,Paid\n"
AMBIGUOUS = TWICE + "C1,2026-01-05,2026-03-31,Aetna,100.00,60.00,40.00\n"


def test_an_older_export_is_read_the_way_the_newer_one_was():
    newer = read(("june.csv", tidy(AMBIGUOUS)))
    plan = newer.files[0].plan
    assert plan is not None
    paid = [heading for heading in plan.columns if heading.startswith("Paid")]
    columns = {**plan.columns, paid[0]: "insurance_paid", paid[1]: "patient_paid"}
    corrected = read(("june.csv", tidy(AMBIGUOUS)), mapping=replace(plan, columns=columns))
    tables = load_all(("may.csv", tidy(AMBIGUOUS.replace("60.00", "50.00"))))
    older = posted_like(tables, corrected)
    assert older.files[0].plan is not None
    assert older.files[0].plan.columns == columns
    found = compare(older, corrected)
    assert found.not_compared == () and int(found.entries["change"].sum()) == 1000


def test_else_it_is_read_the_way_its_headings_were_read_before():
    newer = read(("june.csv", tidy(OLD)))
    first = read(("may.csv", tidy(AMBIGUOUS))).files[0].plan
    assert first is not None
    paid = [heading for heading in first.columns if heading.startswith("Paid")]
    kept = replace(first, columns={**first.columns, paid[1]: "patient_paid"})
    remember(kept)
    older = posted_like(load_all(("may.csv", tidy(AMBIGUOUS))), newer)
    assert older.files[0].plan is not None
    assert older.files[0].plan.columns[paid[1]] == "patient_paid"
