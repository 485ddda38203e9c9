"""Denial rates: worked by hand, against the sample's raw CSV, and against remittances read plainly."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import referee_835
from hypothesis import given
from hypothesis import strategies as st
from remits import Claim, Line, Payment, remit
from support import ledger_of

import writeoffs as wo
from writeoffs import catalogue, denials, expected, histories, measures, refusals
from writeoffs.ledger import Ledger
from writeoffs.money import ratio
from writeoffs.problems import BadRequest
from writeoffs.reading import read

SAMPLE = Path(__file__).parent.parent / "sample_data" / "practice_ledger.csv"

# Five claims of Aetna and one of Cigna, $1,000 in all. By hand:
#   A1 $200  paid 120                                      nothing refused
#   A2 $200  two lines of $100: one paid 60, one refused CO-97     refused in part, $100
#   A3 $200  refused CO-50, appealed, paid 120             won back
#   A4 $100  refused CO-29                                 stands
#   A5 $200  nothing said yet                              not decided
#   C1 $100  deductible                                    nothing refused
#   D1 $300  a duplicate: in no figure
PRACTICE = """
    Claim,Line,Service Date,Posting Date,Payer,CPT,Type,Reason,Amount
    A1,1,2026-01-05,2026-01-06,Aetna,99213,Charge,,200.00
    A1,1,2026-01-05,2026-02-01,Aetna,99213,Insurance Payment,,120.00
    A1,1,2026-01-05,2026-02-01,Aetna,99213,Adjustment,CO-45,80.00
    A2,1,2026-01-05,2026-01-06,Aetna,99213,Charge,,100.00
    A2,1,2026-01-05,2026-02-01,Aetna,99213,Insurance Payment,,60.00
    A2,1,2026-01-05,2026-02-01,Aetna,99213,Adjustment,CO-45,40.00
    A2,2,2026-01-05,2026-01-06,Aetna,85025,Charge,,100.00
    A2,2,2026-01-05,2026-02-01,Aetna,85025,Adjustment,CO-97,100.00
    A3,1,2026-01-05,2026-01-06,Aetna,99213,Charge,,200.00
    A3,1,2026-01-05,2026-02-04,Aetna,99213,Adjustment,CO-50,200.00
    A3,1,2026-01-05,2026-04-01,Aetna,99213,Adjustment,CO-50,-200.00
    A3,1,2026-01-05,2026-04-01,Aetna,99213,Insurance Payment,,120.00
    A3,1,2026-01-05,2026-04-01,Aetna,99213,Adjustment,CO-45,80.00
    A4,1,2026-01-05,2026-01-06,Aetna,99213,Charge,,100.00
    A4,1,2026-01-05,2026-02-14,Aetna,99213,Adjustment,CO-29,100.00
    A5,1,2026-01-05,2026-01-06,Aetna,99213,Charge,,200.00
    C1,1,2026-01-05,2026-01-06,Cigna,99213,Charge,,100.00
    C1,1,2026-01-05,2026-02-01,Cigna,99213,Patient Responsibility,PR-1,100.00
    D1,1,2026-01-05,2026-01-06,Aetna,99213,Charge,,300.00
    D1,1,2026-01-05,2026-02-01,Aetna,99213,Adjustment,OA-18,300.00
"""
BY_HAND = {
    "initial_denial_rate": (3, 6),  # A2, A3, A4 of six claims sent
    "initial_denial_dollars": (400, 1000),  # 100 + 200 + 100
    "initial_denial_charges": (500, 1000),  # 200 + 200 + 100
    "zero_pay_rate": (2, 5),  # A3, A4; A5 is not decided
    "partial_pay_rate": (1, 5),  # A2
    "final_denial_rate": (2, 5),  # A2, A4
    "final_denial_dollars": (200, 800),
    "final_denial_closed": (200, 700),  # C1 is open
    "overturn_rate": (1, 3),  # A3 of A2, A3, A4
    "first_pass_rate": (2, 5),  # A1, C1
    # 200 / (1000 - 80 - 40 - 80)
    "denial_write_off_rate": (200, 800),
}


@pytest.fixture(scope="module")
def found() -> denials.Counted:
    return denials.counted(ledger_of(PRACTICE))


@pytest.fixture(scope="module")
def sample() -> Ledger:
    return read(SAMPLE)


@pytest.mark.parametrize("name", BY_HAND)
def test_a_rate_by_hand(found: denials.Counted, name: str) -> None:
    top, bottom = BY_HAND[name]
    assert denials.figure(found, name) == ratio(top, bottom)


def test_dollars_days_and_the_gap_by_hand(found: denials.Counted) -> None:
    assert denials.figure(found, "denied_at_first") == 40000
    assert denials.figure(found, "denied_now") == 20000
    # 27 days (A2), 30 days (A3), 40 days (A4)
    assert denials.figure(found, "days_to_denial") == 30
    # Never refused and closed: 180 paid of 300. Refused and closed: 120 of 400. (.6 - .3) x 400
    assert denials.figure(found, "denial_gap") == 12000


def test_every_declared_measure_is_in_the_catalogue_and_worked_out(found: denials.Counted) -> None:
    for name, m in denials.MEASURES.items():
        assert catalogue.measure(name) is m
        assert m.source and m.meaning and m.top and m.rows in ("lines", "claims")
        assert denials.figure(found, name) is not None
        title, numbers, cents = denials.behind(found, name)
        assert title and len(numbers) == len(cents) > 0
    assert set(BY_HAND) == {n for n, m in denials.MEASURES.items() if m.unit == "rate"}


def test_what_is_behind_a_figure_adds_up_to_its_dollars(found: denials.Counted) -> None:
    cents = {name: int(denials.behind(found, name)[2].sum()) for name in denials.MEASURES}
    assert cents["initial_denial_rate"] == cents["denied_at_first"] == 40000
    assert cents["zero_pay_rate"] + cents["partial_pay_rate"] == cents["initial_denial_rate"]
    assert cents["final_denial_rate"] == cents["denied_now"] == 20000
    assert cents["overturn_rate"] == 20000
    assert cents["first_pass_rate"] == 50000  # A2, A3, A4


def test_by_payer_by_month_and_as_a_function(found: denials.Counted) -> None:
    ledger = ledger_of(PRACTICE)
    by = wo.denial_rates(ledger, "payer").set_index("payer")
    assert by.loc["Aetna", "initial_denial_dollars"] == ratio(400, 900)
    assert by.loc["Cigna", "initial_denial_dollars"] == 0
    assert by.loc["Cigna", "overturn_rate"] is pd.NA
    assert list(by["claims"]) == [4, 1]
    month = wo.denial_rates(ledger, "month")
    assert str(month["month"].iloc[0]) == "2026-01"
    assert month["initial_denial_rate"].iloc[0] == 0.5
    assert len(wo.decisions(ledger)) == 8
    assert list(wo.denial_reasons(ledger)["cents"]) == [20000, 10000, 10000]
    for wrong in ({"by": "zebra"}, {"basis": "moon"}):
        with pytest.raises(BadRequest):
            wo.denial_rates(ledger, **wrong)
    with pytest.raises(BadRequest):
        denials.figure(found, "zebra")


def test_few_claims_are_no_ranking(found: denials.Counted) -> None:
    payers = refusals.by_payer(found, ["initial_denial_dollars"])
    assert not payers["enough"].any()
    assert refusals.payer_title(payers, "initial_denial_dollars") == "By payer"
    assert refusals.wait(found) is None


def test_in_words(found: denials.Counted) -> None:
    assert refusals.course(found) == (100000, 40000, 20000, 20000, 0)
    assert refusals.answer(found) == (
        "Payers first refused $400 of $1,000 sent to them. Of that, $200 still stands refused and "
        "$200 was won back."
    )


def test_every_definition_beside_the_others(found: denials.Counted) -> None:
    said = refusals.definitions(found).set_index("title")["said"]
    assert len(said) == len(denials.MEASURES)
    assert said["Denied at first"] == "50.0%"
    assert said["Refused at first"] == "$400"
    assert said["Days to the first refusal"] == "30.0 days"


def test_by_reason_and_what_to_work_on(found: denials.Counted) -> None:
    reasons = refusals.by_reason(found).set_index("reason")
    assert reasons.loc["CO-50", ["cents", "won_back", "standing"]].tolist() == [20000, 20000, 0]
    assert reasons.loc["CO-29", ["cents", "won_back", "standing"]].tolist() == [10000, 0, 10000]
    assert reasons.loc["CO-29", "label"] == "Claims sent too late"
    assert (reasons["action"] != "").all()
    # A4 was refused on February 14, A2 on the 1st; 120 days later only A4 is recent.
    fees = wo.read_fee_schedule(("fees.csv", b"Payer,Code,Allowed\nAetna,99213,120.00\n"))
    worth = expected.every(ledger_of(PRACTICE), fees)["expected"]
    left = refusals.standing(found, worth, np.datetime64("2026-06-14"))
    assert list(left["days"]) == [120, 133]
    todo = refusals.work(left)
    assert list(todo["recent_cents"]) == [10000, 0]
    # The schedule allows $120 for A4's 99213, over the $100 refused; it has no 85025, nor do five
    # priced lines tell what is usual.
    assert todo["expected"].tolist() == [10000, pd.NA]
    title, numbers, cents = refusals.of_work(left, todo.iloc[0])
    assert "Aetna" in title and len(numbers) == 1 and cents.sum() == 10000
    assert "120 days" in refusals.work_title(todo)
    assert "$100 on 1 claim" in refusals.task(todo.iloc[0])


def test_a_wide_export_says_final_only_and_why_not_initial() -> None:
    ledger = ledger_of("""
        Claim ID,DOS,Payer,CPT,Billed,Ins Paid,Contractual Adj,Write-off,Reason,Balance
        A1,2026-01-05,Aetna,99213,200.00,0.00,0.00,200.00,CO-29,0.00
        A2,2026-01-06,Aetna,99213,200.00,120.00,80.00,0.00,,0.00
    """)
    found = denials.counted(ledger)
    assert denials.figure(found, "initial_denial_rate") is None
    assert denials.figure(found, "days_to_denial") is None
    assert denials.figure(found, "denial_gap") is None
    assert "said first" in denials.why(found, "initial_denial_rate")
    assert denials.figure(found, "final_denial_rate") == 0.5
    assert denials.figure(found, "final_denial_dollars") == 0.5
    assert refusals.answer(found) == "$200 of $400 that payers have answered stands refused."
    assert "remittances" in refusals.basis(found)
    assert list(refusals.by_reason(found)["cents"]) == [20000]


def test_without_reasons_nothing_is_said() -> None:
    found = denials.counted(ledger_of("""
        Claim ID,DOS,Payer,CPT,Billed,Ins Paid,Adjustment,Balance
        A1,2026-01-05,Aetna,99213,200.00,0.00,150.00,50.00
        A2,2026-01-06,Aetna,99213,200.00,120.00,20.00,60.00
    """))  # fmt: skip
    assert "reasons" not in found.says
    assert denials.figure(found, "final_denial_dollars") is None
    assert "why" in denials.why(found, "final_denial_dollars")


def test_a_discount_column_alone_is_no_proof_that_nothing_was_refused() -> None:
    found = denials.counted(ledger_of("""
        Claim ID,DOS,Payer,CPT,Billed,Ins Paid,Contractual Adj,Balance
        A1,2026-01-05,Aetna,99213,200.00,0.00,0.00,200.00
        A2,2026-01-06,Aetna,99213,200.00,120.00,80.00,0.00
    """))  # fmt: skip
    assert denials.figure(found, "final_denial_dollars") is None
    assert "why" in denials.why(found, "final_denial_dollars")


def test_a_remittance_alone_is_as_adjudicated() -> None:
    line = Line("99213", "200", 0, "CO-29 200", ref="1")
    found = denials.counted(read(("a.835", remit(Payment([Claim("C1", [line], "4")])).encode())))
    assert found.as_adjudicated
    assert "As adjudicated" in refusals.basis(found)
    assert denials.figure(found, "initial_denial_rate") == 1
    assert not denials.counted(ledger_of(PRACTICE)).as_adjudicated


# --- the sample practice, worked out of its raw CSV -----------------------------------------------

CONTRACT = {"CO-45", "CO-253"}
PATIENT_SIDE = {"Bad debt", "Collection agency", "Self-pay adjustment", "Small balance write-off"}


def raw() -> pd.DataFrame:
    """A row a charged line of an insured patient, from the CSV alone."""
    rows = pd.read_csv(SAMPLE, dtype=str, keep_default_na=False)
    rows["cents"] = (rows["Amount"].astype(float) * 100).round().astype(int)
    reason, kind = rows["Reason"], rows["Type"]
    own = CONTRACT | PATIENT_SIDE | {"OA-18", "Charity care - financial assistance"}
    refusal = (kind == "Adjustment") & ~reason.isin(own)
    rows["entry"] = np.select(
        [kind == "Charge", kind == "Insurance Payment", kind == "Patient Responsibility",
         refusal, reason == "OA-18"], ["charge", "paid", "share", "lost", "copy"], "")  # fmt: skip
    key = ["Claim ID", "Line"]
    money = rows.pivot_table("cents", key, "entry", "sum", fill_value=0)
    said = rows[rows["entry"].isin(["paid", "share", "lost"])]
    first = said.groupby(key)["Posting Date"].transform("min") == said["Posting Date"]
    began = said[first].pivot_table("cents", key, "entry", "sum", fill_value=0)
    out = money.join(began.add_suffix("_first")).fillna(0)
    payer = rows[kind == "Charge"].groupby(key)[["Payer"]].first()
    out = out.join(payer).reset_index()
    return out[(out["charge"] > 0) & (out["Payer"] != "Self-pay") & (out["copy"] < out["charge"])]


def test_the_sample_against_its_raw_csv(sample: Ledger) -> None:
    lines = raw()
    found = denials.counted(sample)
    refused = (lines["lost_first"] > 0) & (lines["paid_first"] <= 0) & (lines["share_first"] <= 0)
    stands = (lines["lost"] > 0) & (lines["paid"] <= 0) & (lines["share"] <= 0)
    decided = (lines[["paid", "share", "lost"]] > 0).any(axis=1)
    assert refused.sum() > 200 and stands.sum() > 150  # the test sees something
    assert not ((lines["lost"] > 0) & ((lines["paid"] > 0) | (lines["share"] > 0))).any()
    money = {
        "denied_at_first": int(lines.loc[refused, "charge"].sum()),
        "denied_now": int(lines.loc[stands, "charge"].sum()),
    }
    assert {name: denials.figure(found, name) for name in money} == money
    sent = int(lines["charge"].sum())
    assert denials.figure(found, "initial_denial_dollars") == ratio(money["denied_at_first"], sent)
    answered = int(lines.loc[decided, "charge"].sum())
    assert denials.figure(found, "final_denial_dollars") == ratio(money["denied_now"], answered)
    claims = {name: set(lines.loc[m, "Claim ID"]) for name, m in
              (("refused", refused), ("stands", stands), ("decided", decided))}  # fmt: skip
    every = lines["Claim ID"].nunique()
    assert denials.figure(found, "initial_denial_rate") == ratio(len(claims["refused"]), every)
    size = len(claims["decided"])
    assert denials.figure(found, "final_denial_rate") == ratio(len(claims["stands"]), size)
    by = lines[refused].groupby("Payer")["charge"].sum()
    mine = refusals.by_payer(found, ["denied_at_first"]).set_index("name")["denied_at_first"]
    assert mine[by.index].astype(int).to_dict() == by.to_dict()


def test_parts_of_the_sample_add_up(sample: Ledger) -> None:
    found = denials.counted(sample)
    names = ["denied_at_first", "denied_now"]
    for column in ("payer", "provider", "location", "service_month"):
        by = denials.table(found, names, [column])
        for name in names:
            assert by[name].fillna(0).sum() == denials.figure(found, name)
    assert refusals.by_reason(found)["cents"].sum() == denials.figure(found, "denied_at_first")
    left = refusals.standing(found, expected.every(sample)["expected"], np.datetime64(sample.as_of))
    assert refusals.work(left)["cents"].sum() == denials.figure(found, "denied_now")
    course = refusals.course(found)
    assert course.first == course.back + course.still + course.between
    flags = found.claims
    assert (flags["zero_pay"] + flags["partial_pay"] == flags["refused"]).all()
    assert (flags["first_pass"] + flags["refused"] <= flags["decided"]).all()
    assert (flags["overturned"] <= flags["refused_over"]).all()


def test_the_sample_tells_its_story(sample: Ledger) -> None:
    """Late claims of UnitedHealthcare are what is worth a look first."""
    found = denials.counted(sample)
    todo = refusals.work(
        refusals.standing(found, expected.every(sample)["expected"], np.datetime64(sample.as_of))
    ).iloc[0]  # fmt: skip
    assert (todo["category"], todo["last_payer"]) == ("timely_filing", "UnitedHealthcare")
    payers = refusals.by_payer(found, ["initial_denial_dollars"])
    title = refusals.payer_title(payers, "initial_denial_dollars")
    assert title.startswith("UnitedHealthcare refuses most")


# --- remittances of other projects, read plainly --------------------------------------------------

CLEAN = (
    "affect-therapeutics/emedny_sample.txt",
    "alexjreid/facility_835.edi",
    "alexjreid/neurology_835.edi",
    "alexjreid/professional_835.edi",
    "alexjreid/rehab_835.edi",
    "alexjreid/sample_835.edi",
    "alexjreid/sample_835_multi_claim.edi",
    "azoner/835_mult_loops.txt",
    "bryanbritten/multiple-claims-single-check.edi",
    "chs-cds-aiml/test.835",
    "jdavisp3/5010-835-example-1.txt",
    "jdavisp3/5010-835-example-2.txt",
    "jdavisp3/5010-835-example-3.txt",
    "keironstoddart/emedny_sample.txt",
    "keironstoddart/united_healthcare_legacy_sample.txt",
    "kputnam/dollars-and-data-sent-separate.edi",
    "kputnam/secondary-payments.edi",
    "tastypackets/multi-line-not-delimited.edi",
    "tastypackets/profee-multiple.edi",  # 468 claims as sent, most of them again and again
)


def plainly(text: str) -> tuple[int, int]:
    """Cents refused and claims refused at first, from a plain reading of the segments."""
    statements, _, _ = referee_835.Reader(text).read(referee_835.categories())
    assert statements
    first: dict[tuple[str, str], referee_835.Statement] = {}
    for one in sorted(statements, key=lambda s: s.day):
        if one.status not in ("22", "25"):
            first.setdefault((one.number, one.patient), one)
    law = {"contractual", "sequestration", "withhold", "regulatory", "capitation",
           "cost_share_waived", *referee_835.NO_WRITE_OFF}  # fmt: skip
    cents, claims = 0, defaultdict(int)
    for key, one in first.items():
        units = list(one.lines.values())
        if not units or one.whole.facts() != referee_835.Money().facts():
            units = [one.total()]
        for money in units:
            lost = sum(a for category, _, a in money.write_offs if category not in law)
            if lost <= 0 or money.charge <= 0:
                continue
            given = money.paid + sum(money.patient.values())
            refused = money.charge if given <= 0 else min(lost, money.charge - given)
            cents += refused
            claims[key] += refused > 0
    return cents, sum(1 for n in claims.values() if n)


@pytest.mark.parametrize("name", CLEAN)
def test_remittances_against_a_plain_reading(corpus: Path, name: str) -> None:
    path = corpus / "835" / name
    found = denials.counted(read(path))
    text = path.read_text(encoding="utf-8", errors="replace").lstrip()
    cents, claims = plainly(text)
    assert int(found.lines["refused_first"].sum()) == cents
    assert int(found.claims["refused"].sum()) == claims


# --- what must hold -------------------------------------------------------------------------------

_SAID = st.sampled_from(["", "CO-29", "CO-50", "PR-1", "CO-24", "OA-18", "OA-133", "paid", "back"])


@given(st.lists(st.lists(_SAID, min_size=1, max_size=4), min_size=1, max_size=8))
def test_whatever_is_posted_the_parts_add_up(claims: list[list[str]]) -> None:
    rows = ["Claim,Line,Service Date,Posting Date,Payer,CPT,Type,Reason,Amount"]
    for n, steps in enumerate(claims):
        head = f"K{n},1,2026-01-05"
        payer = ("Aetna", "Cigna")[n % 2]
        rows.append(f"{head},2026-01-06,{payer},99213,Charge,,100.00")
        stood = ""
        for day, step in enumerate(steps, start=10):
            tail = f"{payer},99213"
            if stood.startswith("CO") and step:  # what was refused is undone before more is said
                rows.append(f"{head},2026-03-{day},{tail},Adjustment,{stood},-100.00")
                stood = ""
            if step == "paid":
                rows.append(f"{head},2026-03-{day},{tail},Insurance Payment,,100.00")
            elif step == "PR-1":
                rows.append(f"{head},2026-03-{day},{tail},Patient Responsibility,PR-1,100.00")
            elif step and step != "back":
                rows.append(f"{head},2026-03-{day},{tail},Adjustment,{step},100.00")
                stood = step
    rows.append("Z,1,2026-01-05,2026-01-06,Aetna,99213,Charge,,100.00")
    rows.append("Z,1,2026-01-05,2026-03-01,Aetna,99213,Adjustment,CO-29,100.00")
    rows.append("Z,1,2026-01-05,2026-03-02,Aetna,99213,Insurance Payment,,0.01")
    found = denials.counted(ledger_of("\n".join(rows)))
    flags = found.claims
    assert (flags["zero_pay"] + flags["partial_pay"] == flags["refused"]).all()
    assert (flags["refused"] <= flags["decided"]).all()
    assert (flags["decided"] <= flags["submitted"]).all()
    assert (flags["first_pass"] <= flags["decided"] - flags["refused"]).all()
    course = refusals.course(found)
    assert course.first == course.back + course.still + course.between
    assert min(course) >= 0 and course.first <= course.sent
    by = denials.table(found, ["denied_at_first", "denied_now"], ["payer"])
    assert by["denied_at_first"].sum() == course.first
    for name, m in denials.MEASURES.items():
        value = denials.figure(found, name)
        if m.unit == "rate" and value is not None:
            assert 0 <= value <= 1 or name == "denial_write_off_rate"
    assert measures.can_say(denials.MEASURES["initial_denial_rate"], found.says)
    assert set(found.lines["first"].unique()) <= set(histories.WHATS)
