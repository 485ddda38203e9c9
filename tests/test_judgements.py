"""Judgements that people own: exact, shown with their dollars, and never in the way of going back."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from support import kinds_of, ledger_of, proposal_of, summary_of, tidy

from writeoffs import effects, judgements, keeping, metrics, summary, taxonomy
from writeoffs import vocabulary as v
from writeoffs.effects import PayerName, Proposal, effect, propose_aliases, unmapped
from writeoffs.judgements import (
    Judgements,
    PayerAliases,
    Recalled,
    WriteOffMap,
    apply,
    keep,
    kept,
    recall,
    remember,
)
from writeoffs.ledger import Ledger
from writeoffs.plan import Plan
from writeoffs.problems import BadRequest
from writeoffs.reading import read

# Adj 12 and the reasonless row are unnamed; "timely filing" is named by the program itself.
EXPORT = """
    Claim,MRN,DOS,Payer,Charge,Ins Paid,Pt Paid,Adjustment,Reason
    1,P1,2026-01-05,Aetna,100.00,60.00,10.00,30.00,Adj 12
    2,P2,2026-01-06,AETNA INC,200.00,120.00,0.00,50.00,adj  12
    3,P3,2026-01-07,Cigna,100.00,40.00,0.00,60.00,Timely filing
    4,P4,2026-01-08,Cigna,100.00,80.00,0.00,20.00,
    5,P5,2026-01-09,,50.00,0.00,0.00,0.00,
"""
SECOND_COLUMN = """
    Claim,DOS,Payer,Charge,Ins Paid,Pt Paid,Contractual Adj,Write-off,Reason,Balance
    1,2026-01-05,Aetna,100.00,60.00,0.00,30.00,10.00,CO-29,0.00
"""
LEDGER = """
    Claim,Patient ID,Type,Service Date,Post Date,Payer,Amount,Reason
    1,P1,Charge,2026-01-05,2026-01-05,Aetna,100.00,
    1,P1,Insurance Payment,2026-01-05,2026-02-01,Aetna,-50.00,
    1,P1,Adjustment,2026-01-05,2026-02-01,Aetna,-30.00,CO-45
    1,P1,Adjustment,2026-01-05,2026-02-01,Aetna,-20.00,Zebra
    1,P1,Patient Payment,2026-01-05,2026-03-01,Aetna,-5.00,
    2,P2,Charge,2026-01-06,2026-01-06,Cigna,80.00,
    2,P2,Adjustment,2026-01-06,2026-02-03,Cigna,-80.00,Giraffe
    2,P2,Adjustment,2026-01-06,2026-02-04,Cigna,10.00,Giraffe
"""


def judged(ledger: Ledger, **categories: str) -> Ledger:
    names = {label.replace("_", " "): category for label, category in categories.items()}
    return apply(ledger, Judgements(WriteOffMap(names)))


def written(ledger: Ledger) -> dict[str, str]:
    return summary.summary(ledger)["write_offs"]


def total(ledger: Ledger, name: str) -> str:
    return summary.summary(ledger)["totals"][name]


# --- the write-off map ----------------------------------------------------------------------------


def test_a_label_means_what_the_person_says_letter_case_and_spaces_aside() -> None:
    ledger = ledger_of(EXPORT)
    assert written(ledger) == {"timely_filing": "60.00", "unclassified": "100.00"}
    after = apply(ledger, Judgements(WriteOffMap({" ADJ 12 ": "contractual"})))
    assert written(after) == {
        "contractual": "80.00",
        "timely_filing": "60.00",
        "unclassified": "20.00",
    }
    assert total(after, "written_off") == total(ledger, "written_off")
    assert written(judged(ledger, Adj="contractual")) == written(ledger)  # a part is no match
    assert written(judged(ledger, Adj_12_x="contractual")) == written(ledger)


def test_the_ledger_as_read_stays_as_it_was() -> None:
    ledger = ledger_of(EXPORT)
    before, notes = written(ledger), [f.notes for f in ledger.files]
    everything = Judgements(
        WriteOffMap({"Adj 12": "contractual", "": "bundling"}),
        PayerAliases({"AETNA INC": "Aetna"}),
    )
    apply(ledger, everything)
    assert written(ledger) == before
    assert [f.notes for f in ledger.files] == notes
    assert set(ledger.book.rows["payer"].dropna()) == {"Aetna", "AETNA INC", "Cigna"}
    assert apply(ledger, Judgements()) is ledger


def test_a_write_off_without_a_reason_is_named_by_the_empty_label_only_where_nothing_else_does() -> (
    None
):
    ledger = ledger_of(EXPORT)
    after = apply(ledger, Judgements(WriteOffMap({"": "contractual"})))
    assert written(after) == {
        "contractual": "20.00",
        "timely_filing": "60.00",
        "unclassified": "80.00",
    }


def test_the_programs_own_reading_can_be_overruled_both_ways() -> None:
    ledger = ledger_of(EXPORT)
    assert written(judged(ledger, timely_filing="administrative"))["administrative"] == "60.00"
    assert written(judged(ledger, timely_filing="unclassified")) == {"unclassified": "160.00"}


def test_the_problem_of_unnamed_write_offs_goes_with_them() -> None:
    ledger = ledger_of(EXPORT)
    assert "unclassified_write_off" in kinds_of(ledger)
    after = apply(ledger, Judgements(WriteOffMap({"Adj 12": "contractual", "": "contractual"})))
    assert "unclassified_write_off" not in kinds_of(after)


GROUPS = """
    Claim,DOS,Payer,Charge,Ins Paid,Pt Paid,Adjustment,Group,Reason Code
    1,2026-01-05,Aetna,100.00,70.00,0.00,30.00,PI,45
    2,2026-01-06,Aetna,100.00,80.00,0.00,20.00,CO,45
    3,2026-01-07,Aetna,100.00,60.00,0.00,40.00,OA,29
    4,2026-01-08,Aetna,100.00,90.00,0.00,10.00,PR,45
"""


def test_a_label_may_carry_its_group_and_group_pr_is_never_a_write_off() -> None:
    ledger = ledger_of(GROUPS)
    assert written(ledger) == {
        "contractual": "20.00",
        "timely_filing": "40.00",
        "unclassified": "30.00",
    }
    after = apply(ledger, Judgements(WriteOffMap({"PI 45": "contractual", "45": "bundling"})))
    assert written(after) == {"bundling": "20.00", "contractual": "30.00", "timely_filing": "40.00"}
    assert total(after, "patient_responsibility") == "10.00" == total(after, "patient_other")


def test_a_group_without_a_code_is_a_label_too() -> None:
    ledger = ledger_of(GROUPS.replace("PI,45", "PI,"))
    assert unmapped(ledger).to_dict("records") == [
        {"label": "", "group": "PI", "rows": 1, "cents": 3000}
    ]
    after = apply(ledger, Judgements(WriteOffMap({"pi": "bundling"})))
    assert written(after)["bundling"] == "30.00"


def test_naming_a_category_is_a_look_so_group_oa_counts_as_avoidable() -> None:
    ledger = ledger_of(GROUPS)
    avoidable = metrics.grouped(ledger, ["avoidable"])["avoidable"]
    assert avoidable.tolist() == [0]  # OA-29 waits for somebody to look
    after = apply(ledger, Judgements(WriteOffMap({"OA 29": "timely_filing"})))
    assert metrics.grouped(after, ["avoidable"])["avoidable"].tolist() == [4000]


def test_a_share_leaves_the_write_offs_and_the_patient_owes_it() -> None:
    """Zebra 20.00 was given up; called a copay it is the patient's, less the 5.00 paid."""
    ledger = ledger_of(LEDGER)
    assert (total(ledger, "copay"), total(ledger, "open")) == (None, "5.00")
    after = judged(ledger, zebra="patient_copay")
    assert total(after, "written_off") == "100.00"  # 30 CO-45 and 70 of Giraffe
    assert (total(after, "copay"), total(after, "patient_responsibility")) == ("20.00", "20.00")
    assert total(after, "open") == "25.00"
    assert total(after, "patient_open") == "15.00"
    assert summary.balanced(after)


def test_signs_stay_as_they_were_read() -> None:
    """Giraffe: 80.00 written off and 10.00 of it taken back, in a file that writes credits as -."""
    after = judged(ledger_of(LEDGER), giraffe="duplicate")
    assert written(after)["duplicate"] == "70.00"
    assert total(after, "open") == "5.00"


def test_what_only_moves_between_parties_leaves_the_balance() -> None:
    after = judged(ledger_of(LEDGER), giraffe="transfer")
    assert total(after, "written_off") == "50.00"
    assert total(after, "open") == "75.00"
    assert "one_transfer_leg" in kinds_of(after)  # said, because nothing stands on the other side
    assert total(judged(ledger_of(LEDGER), giraffe="pending"), "open") == "75.00"


def test_charges_and_payments_cannot_be_called_anything_else() -> None:
    ledger = ledger_of(LEDGER)
    labels = dict.fromkeys(("Charge", "Insurance Payment", "Patient Payment", ""), "contractual")
    after = apply(ledger, Judgements(WriteOffMap(labels)))
    for name in ("billed", "insurer_paid", "patient_paid", "written_off", "open"):
        assert total(after, name) == total(ledger, name)
    for category in ("refund", "nsf_reversal", "opening_balance", "debit_adjustment", "payment"):
        with pytest.raises(BadRequest, match=category):
            WriteOffMap({"x": category})


def test_a_column_of_the_patients_side_stays_there_for_what_no_payer_decides() -> None:
    text = """
        Claim,DOS,Payer,Charge,Ins Paid,Pt Paid,Patient Responsibility,Contractual,Patient Write Off
        1,2026-01-05,Aetna,100.00,60.00,0.00,20.00,20.00,20.00
    """
    ledger = ledger_of(text)
    assert total(ledger, "patient_open") == "0.00"
    for category, left in (("administrative", "0.00"), ("small_balance", "0.00")):
        after = apply(ledger, Judgements(WriteOffMap({"": category})))
        assert written(after)[category] == "20.00"
        assert total(after, "patient_open") == left
    after = apply(ledger, Judgements(WriteOffMap({"": "contractual"})))
    assert total(after, "patient_open") == "20.00"  # the payer's contract, not the patient's debt


@pytest.mark.parametrize("category", taxonomy.ASSIGNABLE)
def test_every_category_a_person_may_choose_keeps_every_cent(category: str) -> None:
    ledger = ledger_of(LEDGER)
    after = judged(ledger, zebra=category)
    cents = dict(
        zip(after.reconciliation["part"], after.reconciliation["cents"].fillna(0), strict=True)
    )
    placed = cents["paid"] + cents["written_off"] + cents["other_adjustments"] + cents["open"]
    assert cents["billed"] + cents["other_debits"] == placed
    assert cents["unexplained"] == 0
    assert taxonomy.plain(category)


@pytest.mark.parametrize(
    ("category", "bucket"),
    [
        ("contractual", v.LAW),
        ("timely_filing", v.AVOIDABLE),
        ("cob_other_payer", v.AVOIDABLE),
        ("non_covered", v.AVOIDABLE),
        ("compliance", v.AVOIDABLE),
        ("bundling", v.REVIEW),
        ("denial_other", v.REVIEW),
        ("unclassified", v.REVIEW),
        ("bad_debt", v.BAD_DEBT),
        ("charity", v.DISCRETIONARY),
        ("administrative", v.DISCRETIONARY),
        ("capitation", v.SET_ASIDE),
        ("payer_fee", v.NO_WRITE_OFF),
        ("patient_copay", ""),
    ],
)
def test_a_category_by_name_counts_where_the_rules_put_it(category: str, bucket: str) -> None:
    assert taxonomy.assigned(category, "x").bucket == bucket


def test_bad_debt_by_the_persons_own_name_is_undone_when_the_patient_pays() -> None:
    """What follows from a judgement follows: derived rows are worked out after it."""
    text = """
        Claim,Patient ID,Type,Service Date,Post Date,Payer,Amount,Reason
        1,P1,Charge,2026-01-05,2026-01-05,Aetna,40.00,
        1,P1,Adjustment,2026-01-05,2026-02-01,Aetna,-40.00,Zebra
        1,P1,Patient Payment,2026-01-05,2026-03-01,Aetna,-40.00,
    """
    ledger = ledger_of(text)
    assert total(ledger, "open") == "-40.00"
    after = judged(ledger, zebra="bad_debt")
    assert (total(after, "open"), total(after, "written_off")) == ("0.00", "0.00")
    assert "reinstated_bad_debt" in kinds_of(after)


def test_the_notes_of_a_file_say_what_was_moved() -> None:
    ledger = ledger_of(EXPORT, EXPORT.replace("Aetna", "Humana").replace("2026", "2025"))
    after = apply(
        ledger, Judgements(WriteOffMap({"adj 12": "charity"}), PayerAliases({"AETNA INC": "Aetna"}))
    )
    assert [f.notes[len(g.notes) :] for f, g in zip(after.files, ledger.files, strict=True)] == [
        (
            "write-off map: $80.00 on 2 rows counted differently",
            "payer names: 1 row charted under another name, $200.00 billed",
        ),
    ] * 2
    assert after.problems  # notes are no problems, and problems stay


# --- what it does ---------------------------------------------------------------------------------


def test_the_effect_is_said_in_rows_dollars_and_rates_before_and_after() -> None:
    """Billed 550, paid 310, written off 160: 60 avoidable, 100 unnamed, of which 80 is Adj 12."""
    found = effect(
        ledger_of(EXPORT),
        Judgements(
            WriteOffMap({"Adj 12": "contractual", "Nobody says this": "charity"}),
            PayerAliases({"AETNA INC": "Aetna", "Nobody": "Aetna"}),
        ),
    )
    assert found.write_offs.drop(columns="group").to_dict("list") == {
        "label": ["adj 12", "Adj 12"],
        "rows": [1, 1],
        "cents": [5000, 3000],
        "category_before": ["unclassified"] * 2,
        "bucket_before": ["review"] * 2,
        "category_after": ["contractual"] * 2,
        "bucket_after": ["law"] * 2,
    }
    assert found.payers.to_dict("records") == [
        {
            "name": "AETNA INC",
            "charted": "Aetna",
            "charted_before": "AETNA INC",
            "rows": 1,
            "billed": 20000,
        }
    ]
    rates = found.rates.set_index("measure")
    assert rates.loc["write_off_rate", ["before", "after"]].tolist() == [0.290909, 0.290909]
    assert rates.loc["net_collection_rate", ["before", "after"]].tolist() == [0.563636, 0.659574]
    assert rates.loc["avoidable_rate", ["before", "after"]].tolist() == [0.109091, 0.12766]
    dollars = found.dollars.set_index("measure")
    assert dollars.loc["contractual", ["before", "after"]].tolist() == [0, 8000]
    assert found.unused == ("Nobody says this", "Nobody")


def test_a_label_used_with_its_group_counts_as_used() -> None:
    found = effect(ledger_of(GROUPS), Judgements(WriteOffMap({"PI 45": "contractual"})))
    assert found.unused == ()
    assert found.write_offs["cents"].tolist() == [3000]


def test_where_nothing_is_decided_nothing_is_different() -> None:
    found = effect(ledger_of(EXPORT), Judgements())
    assert found.write_offs.empty and found.payers.empty and found.unused == ()
    assert found.rates["before"].equals(found.rates["after"])


def test_unmapped_lists_every_unnamed_reason_largest_first() -> None:
    found = unmapped(ledger_of(EXPORT))
    assert found.to_dict("records") == [
        {"label": "Adj 12", "group": "", "rows": 2, "cents": 8000},
        {"label": "", "group": "", "rows": 1, "cents": 2000},
    ]
    grouped = unmapped(ledger_of(GROUPS))
    assert grouped.to_dict("records") == [{"label": "45", "group": "PI", "rows": 1, "cents": 3000}]


def test_what_unmapped_lists_is_every_unclassified_cent_and_naming_it_empties_the_list() -> None:
    ledger = ledger_of(EXPORT, LEDGER)
    left = unmapped(ledger)
    assert left["cents"].sum() == int(float(written(ledger)["unclassified"]) * 100)
    named = dict.fromkeys(left["label"], "contractual")
    after = apply(ledger, Judgements(WriteOffMap(named)))
    assert unmapped(after).empty
    assert "unclassified" not in written(after)


def test_reasons_are_all_that_may_be_named_the_unnamed_first() -> None:
    found = effects.reasons(ledger_of(EXPORT), WriteOffMap({"ADJ 12": "charity"}))
    assert found.drop(columns="label").to_dict("records") == [
        {"reason": "", "group": "", "category": "unclassified", "bucket": "review", "own": False,
         "rows": 1, "cents": 2000},
        {"reason": "Adj 12", "group": "", "category": "charity", "bucket": "discretionary",
         "own": True, "rows": 2, "cents": 8000},
        {"reason": "Timely filing", "group": "", "category": "timely_filing",
         "bucket": "avoidable", "own": False, "rows": 1, "cents": 6000},
    ]  # fmt: skip


def test_write_offs_of_nothing_leave_no_reason_to_name() -> None:
    found = effects.reasons(
        ledger_of(
            """
            Claim ID,Date of Service,Payer,Billed,Contractual Adjustment,Insurance Paid,Patient Paid
            C1,2026-01-05,Aetna,500.00,0,300.00,200.00
            """
        )
    )
    assert found.empty and {"reason", "rows", "cents", "label"} <= set(found)


def test_a_column_without_reasons_is_named_by_its_heading() -> None:
    found = effects.reasons(ledger_of(SECOND_COLUMN))
    assert found[["reason", "cents"]].to_numpy().tolist() == [
        ["Contractual Adj", 3000],
        ["CO-29", 1000],
    ]


def test_a_label_carries_its_group_only_where_one_reason_has_several() -> None:
    ledger = ledger_of(GROUPS)
    found = effects.reasons(ledger)
    keyed = dict(
        zip(zip(found["group"], found["reason"], strict=True), found["label"], strict=True)
    )
    assert keyed[("PI", "45")] == "PI 45"
    assert all(label == reason for (_, reason), label in keyed.items() if reason != "45")
    named = WriteOffMap().assign("PI 45", "charity")
    after = effects.reasons(ledger, named)
    assert after.loc[after["own"], ["group", "reason"]].to_numpy().tolist() == [["PI", "45"]]
    assert named.leave("45", "PI") == WriteOffMap()


def test_a_change_is_told_from_what_is_in_force_and_not_from_the_file() -> None:
    ledger = ledger_of(EXPORT)
    first = Judgements(WriteOffMap({"Adj 12": "contractual"}), PayerAliases({"AETNA INC": "Aetna"}))
    found = effect(ledger, Judgements(), since=first)
    assert set(found.write_offs["category_before"]) == {"contractual"}
    assert set(found.write_offs["category_after"]) == {"unclassified"}
    assert found.payers[["charted_before", "charted"]].to_numpy().tolist() == [
        ["Aetna", "AETNA INC"]
    ]
    dollars = found.dollars.set_index("measure")
    assert dollars.loc["contractual", ["before", "after"]].tolist() == [8000, 0]
    assert found.moves_money
    assert effect(ledger, Judgements(WriteOffMap({"Adj 12": "charity"}))).moves_money
    assert not effect(ledger, first, since=first).moves_money


def test_every_category_can_be_chosen_once_in_plain_words() -> None:
    choices = effects.choices()
    assert sorted(choices.values()) == sorted(taxonomy.ASSIGNABLE)
    assert choices["Avoidable losses: Claims sent too late"] == "timely_filing"
    assert choices["Bad debt"] == "bad_debt"
    assert choices["The patient's share: Deductible"] == "patient_deductible"
    assert not any("_" in words for words in choices)
    ends = [words.split(":")[0] for words in choices]
    assert len(set(ends)) == sum(a != b for a, b in zip(ends, ["", *ends[:-1]], strict=True))


# --- payer names ----------------------------------------------------------------------------------


def test_payers_are_charted_under_the_name_given_and_totals_stay() -> None:
    ledger = ledger_of(EXPORT)
    after = apply(ledger, Judgements(aliases=PayerAliases({"aetna  inc": "Aetna"})))
    found = metrics.grouped(after, ["billed"], ["payer"])
    billed = dict(zip(found["payer"].astype("str"), found["billed"], strict=True))
    assert billed.pop("Aetna") == 30000 and billed.pop("Cigna") == 20000
    assert list(billed.values()) == [5000]  # no payer stays no payer
    assert summary.summary(after)["totals"] == summary.summary(ledger)["totals"]


def test_a_name_may_lead_to_another_and_never_back() -> None:
    aliases = PayerAliases({"A": "B", "b": "C", "C": "c"})
    assert [aliases.charted(n) for n in ("a", "B", "C", "D")] == ["c", "c", "c", "D"]
    with pytest.raises(BadRequest, match="back to itself"):
        PayerAliases({"A": "B", "B": "A"})
    with pytest.raises(BadRequest, match="two names"):
        PayerAliases({"A": "B", "a": "C"})
    with pytest.raises(BadRequest, match="blank"):
        PayerAliases({"A": " "})


def test_accepting_refusing_and_taking_back() -> None:
    aliases = PayerAliases().accept(["Aetna", "AETNA INC", "aetna ins"], "Aetna")
    assert aliases.names == {"AETNA INC": "Aetna", "aetna ins": "Aetna"}
    assert aliases.forget("Aetna Inc").names == {"aetna ins": "Aetna"}
    assert aliases.accept(["Aetna Inc"], "Other").charted("AETNA INC") == "Other"
    refused = PayerAliases().refuse(["B", "A", "C"])
    assert refused.refused == {("A", "B"), ("A", "C"), ("B", "C")}


def test_a_proposal_has_its_dollars_and_is_not_made_twice() -> None:
    ledger = ledger_of(EXPORT)
    (found,) = propose_aliases(ledger)
    assert found == Proposal(
        "AETNA INC", (PayerName("AETNA INC", 20000, 1), PayerName("Aetna", 10000, 1))
    )
    names = [name.name for name in found.names]
    refused = PayerAliases().refuse(names)
    assert propose_aliases(ledger, refused.refused) == ()
    accepted = PayerAliases().accept(names, "Aetna")
    assert propose_aliases(apply(ledger, Judgements(aliases=accepted))) == ()


def test_a_payer_that_is_only_ever_second_is_proposed_too() -> None:
    text = LEDGER.replace("2,P2,Charge,2026-01-06,2026-01-06,Cigna", "2,P2,Charge,2026-01-06,2026-01-06,Medicaid") \
        .replace("2026-02-03,Cigna", "2026-02-03,Aetna Inc.")  # fmt: skip
    (found,) = propose_aliases(ledger_of(text))
    assert found.names == (PayerName("Aetna", 10000, 1), PayerName("Aetna Inc.", 0, 0))


# --- files ----------------------------------------------------------------------------------------


def test_saved_and_read_again_is_the_same() -> None:
    write_offs = WriteOffMap({"Adj 12": "contractual", "": "bundling", "Año": "charity"})
    assert WriteOffMap.from_json(write_offs.to_json()) == write_offs
    aliases = PayerAliases({"AETNA INC": "Aetna"}).refuse(["Aetna", "Aetna Better Health"])
    assert PayerAliases.from_json(aliases.to_json()) == aliases
    assert json.loads(aliases.to_json()) == {
        "version": 1,
        "aliases": {"AETNA INC": "Aetna"},
        "refused": [["Aetna", "Aetna Better Health"]],
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no JSON"),
        ("[]", "no JSON object"),
        ("{}", "is not the write-off map"),
        ('{"version": 1, "aliases": {}}', "is not the write-off map"),
        ('{"version": 2, "write_offs": {}}', "newer"),
        ('{"version": "1", "write_offs": {}}', "is not the write-off map"),
        ('{"version": 1, "write_offs": []}', "does not give a text"),
        ('{"version": 1, "write_offs": {"x": 1}}', "does not give a text"),
        ('{"version": 1, "write_offs": {"Adj 12": "contractuel"}}', '"Adj 12" is called'),
        ('{"version": 1, "write_offs": {"A": "charity", "a ": "bundling"}}', "two categories"),
        ('{"version": 1, "write_offs": {"A": "charity", "A": "charity"}}', '"A" stands twice'),
    ],
)
def test_what_is_no_write_off_map_is_refused_in_words(text: str, said: str) -> None:
    with pytest.raises(BadRequest, match=said):
        WriteOffMap.from_json(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"version": 1, "write_offs": {}}', "is not the list of payer names"),
        ('{"version": 1, "aliases": {"A": null}}', "does not give a text"),
        ('{"version": 1, "aliases": {}, "refused": {}}', "no list of pairs"),
        ('{"version": 1, "aliases": {}, "refused": [["A"]]}', "no list of pairs"),
        ('{"version": 1, "aliases": {}, "refused": [["A", 1]]}', "no list of pairs"),
        ('{"version": 1, "aliases": {"A": "B", "B": "A"}}', "back to itself"),
    ],
)
def test_what_is_no_list_of_payer_names_is_refused_in_words(text: str, said: str) -> None:
    with pytest.raises(BadRequest, match=said):
        PayerAliases.from_json(text)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(keeping.HOME, str(tmp_path))
    return tmp_path


def test_judgements_are_kept_and_nothing_else_is(home: Path) -> None:
    assert kept() == (Judgements(), ())
    write_offs = WriteOffMap({"Adj 12": "contractual"})
    aliases = PayerAliases({"AETNA INC": "Aetna"})
    assert (keep(write_offs), keep(aliases)) == ("", "")
    assert kept() == (Judgements(write_offs, aliases), ())
    assert sorted(p.name for p in home.iterdir()) == ["payer-aliases.json", "write-offs.json"]


def test_a_kept_file_that_makes_no_sense_is_set_aside_and_said(home: Path) -> None:
    (home / judgements.WRITE_OFFS).write_text('{"version": 1, "write_offs": {"x": "nonsense"}}')
    (home / judgements.ALIASES).write_text('{"version": 9, "aliases": {}}')
    found, notes = kept()
    assert found == Judgements()
    assert '"x" is called "nonsense"' in notes[0]
    assert "set aside as write-offs.json.damaged-1" in notes[0]
    assert "newer version" in notes[1]
    assert (home / judgements.ALIASES).exists()
    assert not (home / judgements.WRITE_OFFS).exists()


def test_a_mapping_is_recalled_by_its_headings_in_any_order(home: Path) -> None:
    plan = proposal_of(EXPORT).plan
    assert recall(plan.columns) == Recalled(None)
    assert remember(plan) == ""
    again = recall(reversed(list(plan.columns))).plan
    assert again is not None and again.to_json() == plan.to_json()
    assert recall([*plan.columns, "Another"]) == Recalled(None)
    (file,) = (home / "mappings").iterdir()
    file.write_text('{"version": 1, "shape": "line", "columns": {"Charge": "nonsense"}}')
    found = recall(plan.columns)
    assert found.plan is None and "unknown fields nonsense" in found.note


@pytest.mark.parametrize(
    "more",
    ['"orders": "x"', '"signs": {"a": "b"}', '"uncounted": 5', '"orders": [1]', '"signs": [[1]]'],
)
def test_a_mapping_with_a_damaged_part_is_refused_in_words(more: str) -> None:
    with pytest.raises(BadRequest, match="not a saved mapping"):
        Plan.from_json('{"version": 1, "shape": "line", "columns": {"A": "charge"}, ' + more + "}")


# --- wired ----------------------------------------------------------------------------------------


def test_reading_takes_both_as_objects_or_files(home: Path) -> None:
    write_offs = WriteOffMap({"Adj 12": "contractual"})
    aliases = PayerAliases({"AETNA INC": "Aetna"})
    (home / "w.json").write_text("\ufeff" + write_offs.to_json(), encoding="utf-8")
    (home / "a.json").write_text(aliases.to_json(), encoding="utf-8")
    file = ("file1.csv", tidy(EXPORT))
    one = read([file], write_offs=write_offs, aliases=aliases)
    two = read([file], write_offs=home / "w.json", aliases=str(home / "a.json"))
    assert one.postings.equals(two.postings)
    assert written(one)["contractual"] == "80.00"
    assert set(one.book.rows["payer"].dropna()) == {"Aetna", "Cigna"}
    assert one.files[0].notes == two.files[0].notes != ()


def test_reading_uses_nothing_that_was_kept_and_not_named(home: Path) -> None:
    keep(WriteOffMap({"Adj 12": "contractual"}))
    keep(PayerAliases({"AETNA INC": "Cigna"}))
    assert written(ledger_of(EXPORT)) == {"timely_filing": "60.00", "unclassified": "100.00"}
    assert summary_of(EXPORT, by=["payer"])["groups"][0]["payer"] == "AETNA INC"


@pytest.mark.parametrize("name", ["gone.json", "latin.json"])
def test_a_map_that_cannot_be_read_is_named(home: Path, name: str) -> None:
    (home / "latin.json").write_bytes(b"\xff\xfe\xfa")
    for said in ({"write_offs": home / name}, {"aliases": home / name}, {"mapping": home / name}):
        with pytest.raises(BadRequest, match=rf"{name} cannot be read"):
            read([("file1.csv", tidy(EXPORT))], **said)


def test_an_empty_ledger_of_kinds_can_be_judged() -> None:
    ledger = ledger_of("Claim,DOS,Payer,Charge,Ins Paid\n1,2026-01-05,Aetna,0.00,0.00")
    after = apply(ledger, Judgements(WriteOffMap({"x": "charity"}), PayerAliases({"Aetna": "A"})))
    assert set(after.book.rows["payer"]) == {"A"}
    assert unmapped(after).empty
    assert isinstance(effects.effect(ledger, Judgements()).rates, pd.DataFrame)


def test_reasons_whose_columns_are_all_zero_are_nothing_to_name():
    found = effects.reasons(
        ledger_of(
            """Claim ID,DOS,Payer,Billed,Ins Paid,Pt Paid,Contractual Adj,Balance
            A1,2026-01-05,Aetna,0.00,0.00,0.00,0.00,0.00"""
        )
    )
    assert not len(found)
    assert str(found["bucket"].dtype) == "str"
