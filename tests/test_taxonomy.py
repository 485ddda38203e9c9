"""Reasons: who carries the money, what it is, where it counts. Unknown is never contractual."""

from __future__ import annotations

import pytest

from writeoffs import reference, taxonomy
from writeoffs import vocabulary as v
from writeoffs.taxonomy import Reason, bucket_of, classify, read_group, read_reason

REASONS = [
    ("CO-45", "", ("CO", "45")),
    ("CO45", "", ("CO", "45")),
    ("CO 45", "", ("CO", "45")),
    ("co_45", "", ("CO", "45")),
    ("CO:045", "", ("CO", "45")),
    ("45", "CO", ("CO", "45")),
    ("45", "", ("", "45")),
    ("PR1", "", ("PR", "1")),
    ("PR-1 Deductible", "", ("PR", "1")),
    ("45 - over the fee schedule", "Contractual Obligation", ("CO", "45")),
    ("A2", "", ("", "A2")),
    ("P12", "PI", ("PI", "P12")),
    ("PR", "", ("PR", "")),
    ("CO-9999", "", ("", "")),
    ("Bad debt", "OA", ("OA", "")),
    ("", "Patient Responsibility", ("PR", "")),
    *[(text, "", ("", "29")) for text in (
        "CARC 29", "Denial 29", "(29)", "Code 29", "Reason Code 29", "29.0", "#29")],
    *[(text, "", ("CO", "29")) for text in ("CO 29.0", "CARC CO-29", "[CO-29]")],
    *[(text, "", ("", "")) for text in (
        "29.00", "29.5", "50 percent discount", "20% discount", "30 days late", "99213")],
]  # fmt: skip


@pytest.mark.parametrize(("text", "group", "expected"), REASONS)
def test_a_reason_splits_into_group_and_code(
    text: str, group: str, expected: tuple[str, str]
) -> None:
    found = read_reason(text, group)
    assert (found.group, found.code) == expected


def test_the_group_on_the_code_wins_over_the_column_beside_it() -> None:
    assert read_reason("PR-1", "CO") == Reason("PR", "1", "PR-1")


@pytest.mark.parametrize(
    ("text", "group"),
    [("co", "CO"), (" PR ", "PR"), ("Contractual Obligations", "CO"), ("payer initiated", "PI"),
     ("Other Adjustment", "OA"), ("Blue", ""), ("", "")],
)  # fmt: skip
def test_a_group_is_read_from_letters_or_words(text: str, group: str) -> None:
    assert read_group(text) == group


# text, group -> entry, category, bucket, party
KINDS = [
    ("CO-45", "", v.WRITE_OFF, "contractual", v.LAW, v.PAYER),
    ("45", "", v.WRITE_OFF, "contractual", v.LAW, v.PAYER),
    ("CO-253", "", v.WRITE_OFF, "sequestration", v.LAW, v.PAYER),
    ("CO-104", "", v.WRITE_OFF, "withhold", v.LAW, v.PAYER),
    ("CO-137", "", v.WRITE_OFF, "regulatory", v.LAW, v.PAYER),
    ("CO-24", "", v.WRITE_OFF, "capitation", v.SET_ASIDE, v.PAYER),
    ("OA-18", "", v.WRITE_OFF, "duplicate", v.SET_ASIDE, v.PAYER),
    ("CO-29", "", v.WRITE_OFF, "timely_filing", v.AVOIDABLE, v.PAYER),
    ("CO-197", "", v.WRITE_OFF, "authorization", v.AVOIDABLE, v.PAYER),
    ("CO-16", "", v.WRITE_OFF, "billing_error", v.AVOIDABLE, v.PAYER),
    ("CO-50", "", v.WRITE_OFF, "medical_necessity", v.AVOIDABLE, v.PAYER),
    ("CO-96", "", v.WRITE_OFF, "non_covered", v.AVOIDABLE, v.PAYER),
    ("OA-29", "", v.WRITE_OFF, "timely_filing", v.REVIEW, v.PAYER),
    ("CO-97", "", v.WRITE_OFF, "bundling", v.REVIEW, v.PAYER),
    ("CO-94", "", v.WRITE_OFF, "allowed_over_billed", v.OVER_BILLED, v.PAYER),
    ("CO-246", "", v.WRITE_OFF, "informational", v.NO_WRITE_OFF, v.PAYER),
    # the group picks the entry
    ("PR-1", "", v.PATIENT_SHARE, v.DEDUCTIBLE, "", v.PATIENT),
    ("PR-2", "", v.PATIENT_SHARE, v.COINSURANCE, "", v.PATIENT),
    ("PR-3", "", v.PATIENT_SHARE, v.COPAY, "", v.PATIENT),
    ("1", "PR", v.PATIENT_SHARE, v.DEDUCTIBLE, "", v.PATIENT),
    ("PR-96", "", v.PATIENT_SHARE, v.PATIENT_OTHER, "", v.PATIENT),
    ("PR-45", "", v.PATIENT_SHARE, v.PATIENT_OTHER, "", v.PATIENT),
    ("PR-29", "", v.PATIENT_SHARE, v.PATIENT_OTHER, "", v.PATIENT),
    ("PR", "", v.PATIENT_SHARE, v.PATIENT_OTHER, "", v.PATIENT),
    ("anything", "PR", v.PATIENT_SHARE, v.PATIENT_OTHER, "", v.PATIENT),
    ("CO-1", "", v.WRITE_OFF, "cost_share_waived", v.REVIEW, v.PAYER),
    ("PI-3", "", v.WRITE_OFF, "cost_share_waived", v.REVIEW, v.PAYER),
    ("OA-2", "", v.PATIENT_SHARE, v.COINSURANCE, "", v.PATIENT),
    ("PI-45", "", v.WRITE_OFF, v.UNCLASSIFIED, v.REVIEW, v.PAYER),
    # the exceptions that hold in any group (rules 7)
    *[(f"{g}-23", "", v.TRANSFER, taxonomy.PRIOR_PAYER, "", v.PAYER) for g in ("CO", "PR", "OA")],
    *[(f"OA-{c}", "", v.TRANSFER, taxonomy.PRIOR_PAYER, "", v.PAYER) for c in ("71", "99", "A3")],
    *[(f"{g}-{c}", "", v.TRANSFER, taxonomy.PENDING, "", v.PAYER)
      for g in ("CO", "PR", "OA") for c in ("133", "257", "277")],
    *[(f"{g}-209", "", v.TRANSFER, "next_payer", "", v.PAYER) for g in ("OA", "PR")],
    *[(f"{g}-{c}", "", v.PATIENT_SHARE, v.PAID_TO_PATIENT, "", v.PATIENT)
      for g in ("CO", "PR", "OA") for c in ("100", "187", "293", "294")],
    *[(f"{g}-225", "", v.PROVIDER_ADJUSTMENT, "interest", "", v.PAYER) for g in ("CO", "OA", "PR")],
    ("PR-18", "", v.WRITE_OFF, "duplicate", v.SET_ASIDE, v.PAYER),
    ("PR-94", "", v.WRITE_OFF, "allowed_over_billed", v.OVER_BILLED, v.PAYER),
    ("A0", "CR", v.PATIENT_PAYMENT, "reversal_refund", "", v.PAYER),
    ("123", "OA", v.INSURER_PAYMENT, "reversal_refund", "", v.PAYER),
    # labels
    ("Bad debt", "", v.WRITE_OFF, "bad_debt", v.BAD_DEBT, v.PATIENT),
    ("Sent to collection agency", "", v.WRITE_OFF, "collection_agency", v.BAD_DEBT, v.PATIENT),
    ("Bankruptcy", "", v.WRITE_OFF, "bankruptcy", v.BAD_DEBT, v.PATIENT),
    ("Charity care", "", v.WRITE_OFF, "charity", v.DISCRETIONARY, v.PATIENT),
    ("Sm debt w/o", "", v.WRITE_OFF, "small_balance", v.DISCRETIONARY, v.PATIENT),
    ("Professional Courtesy", "", v.WRITE_OFF, "professional_courtesy", v.DISCRETIONARY, v.PATIENT),
    ("Adm adjust", "", v.WRITE_OFF, "administrative", v.DISCRETIONARY, v.PAYER),
    ("Untimely filing", "", v.WRITE_OFF, "timely_filing", v.AVOIDABLE, v.PAYER),
    ("No auth", "", v.WRITE_OFF, "authorization", v.AVOIDABLE, v.PAYER),
    ("Contractual Adjustment", "", v.WRITE_OFF, "contractual", v.LAW, v.PAYER),
    ("Sequestration", "", v.WRITE_OFF, "sequestration", v.LAW, v.PAYER),
    ("QMB cost share", "", v.WRITE_OFF, "regulatory", v.LAW, v.PAYER),
    ("Withhold", "", v.WRITE_OFF, "withhold", v.LAW, v.PAYER),
    ("Adjust code 45", "", v.WRITE_OFF, "contractual", v.LAW, v.PAYER),
    ("Pt refund", "", v.PATIENT_PAYMENT, "refund", "", v.PAYER),
    ("Ins refund", "", v.INSURER_PAYMENT, "refund", "", v.PAYER),
    ("Refund issued", "", v.PAYMENT, "refund", "", v.PAYER),
    ("Takeback", "", v.INSURER_PAYMENT, "reversal_refund", "", v.PAYER),
    ("NSF", "", v.PATIENT_PAYMENT, "nsf_reversal", "", v.PAYER),
    ("Finance charge", "", v.CHARGE, v.FEE, "", v.PATIENT),
    ("Balance Forward", "", v.CHARGE, v.OPENING_BALANCE, "", v.PATIENT),
    ("Transfer to patient", "", v.TRANSFER, "transfer", "", v.PATIENT),
    ("To copay", "", v.PATIENT_SHARE, v.COPAY, "", v.PATIENT),
    ("Co-pay", "", v.PATIENT_SHARE, v.COPAY, "", v.PATIENT),
    ("Deductible", "", v.PATIENT_SHARE, v.DEDUCTIBLE, "", v.PATIENT),
    ("Pt Deductible Amount", "", v.PATIENT_SHARE, v.DEDUCTIBLE, "", v.PATIENT),
    ("Coinsurance", "", v.PATIENT_SHARE, v.COINSURANCE, "", v.PATIENT),
    ("timely_filing", "", v.WRITE_OFF, "timely_filing", v.AVOIDABLE, v.PAYER),
    ("PastTimelyFiling", "", v.WRITE_OFF, "timely_filing", v.AVOIDABLE, v.PAYER),
    ("BAD_DEBT", "", v.WRITE_OFF, "bad_debt", v.BAD_DEBT, v.PATIENT),
    ("BadDebt", "", v.WRITE_OFF, "bad_debt", v.BAD_DEBT, v.PATIENT),
    ("bad-debt", "", v.WRITE_OFF, "bad_debt", v.BAD_DEBT, v.PATIENT),
    ("small_balance", "", v.WRITE_OFF, "small_balance", v.DISCRETIONARY, v.PATIENT),
    ("NoPriorAuth", "", v.WRITE_OFF, "authorization", v.AVOIDABLE, v.PAYER),
    ("Sliding Fee", "", v.WRITE_OFF, "charity", v.DISCRETIONARY, v.PATIENT),
    ("Transfer to agency", "", v.WRITE_OFF, "collection_agency", v.BAD_DEBT, v.PATIENT),
    ("Co Payment", "", v.PATIENT_SHARE, v.COPAY, "", v.PATIENT),
    ("Check returned", "", v.PATIENT_PAYMENT, "nsf_reversal", "", v.PAYER),
    ("NSF fee", "", v.CHARGE, v.FEE, "", v.PATIENT),
    ("Late Fee Write-off", "", v.WRITE_OFF, v.UNCLASSIFIED, v.REVIEW, v.PAYER),
    # a reversal takes the payer's money back only where nothing else is said to be undone
    ("Reversal", "", v.INSURER_PAYMENT, "reversal_refund", "", v.PAYER),
    ("Payment reversal", "", v.INSURER_PAYMENT, "reversal_refund", "", v.PAYER),
    *[(text, "", v.WRITE_OFF, v.UNCLASSIFIED, v.REVIEW, v.PAYER) for text in (
        "Write-off Reversal", "Adjustment Reversal", "W/O reversal", "Charge Reversal")],
    ("Contractual Adjustment Reversal", "", v.WRITE_OFF, "contractual", v.LAW, v.PAYER),
    ("Bad Debt Reversal", "", v.WRITE_OFF, "bad_debt", v.BAD_DEBT, v.PATIENT),
    ("Small Balance Reversal", "", v.WRITE_OFF, "small_balance", v.DISCRETIONARY, v.PATIENT),
    # what nobody knows stays open
    ("Write-off", "", v.WRITE_OFF, v.UNCLASSIFIED, v.REVIEW, v.PAYER),
    ("Zebra", "", v.WRITE_OFF, v.UNCLASSIFIED, v.REVIEW, v.PAYER),
    ("Zebra", "CO", v.WRITE_OFF, v.UNCLASSIFIED, v.REVIEW, v.PAYER),
    ("CO", "", v.WRITE_OFF, v.UNCLASSIFIED, v.REVIEW, v.PAYER),
    ("", "", v.WRITE_OFF, v.UNCLASSIFIED, v.REVIEW, v.PAYER),
    ("Adjust code ZZ", "", v.WRITE_OFF, v.UNCLASSIFIED, v.REVIEW, v.PAYER),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "group", "entry", "category", "bucket", "party"),
    KINDS,
    ids=[f"{text or 'blank'}|{group}" for text, group, *_ in KINDS],
)
def test_a_reason_is_what_the_rules_say(
    text: str, group: str, entry: str, category: str, bucket: str, party: str
) -> None:
    kind = classify(text, group)
    assert (kind.entry, kind.category, kind.bucket) == (entry, category, bucket)
    if entry in (v.WRITE_OFF, v.PATIENT_SHARE):
        assert kind.party == party


def test_a_kind_keeps_the_reason_and_the_group_as_exported() -> None:
    kind = classify("  CO-45   fee  schedule ")
    assert (kind.reason, kind.group) == ("CO-45 fee schedule", "CO")


@pytest.mark.parametrize("group", ["", "CO", "PR", "OA", "PI"])
def test_every_code_has_a_home_in_every_group(group: str) -> None:
    for code, row in reference.carc().items():
        kind = classify(code, group)
        assert kind.entry in v.EFFECT, code
        assert kind.group == group, code
        if kind.entry == v.WRITE_OFF:
            assert kind.bucket in v.BUCKETS, code
            assert group != "PR" or code in ("18", "94"), (
                f"PR-{code} is the patient's, not given up"
            )
        if kind.entry == v.PATIENT_SHARE:
            assert kind.category in (*v.SHARES, v.PAID_TO_PATIENT), code
        if kind.bucket == v.AVOIDABLE:
            assert (group != "OA", row["preventability"]) == (True, "avoidable"), code


@pytest.mark.parametrize("row", reference.labels(), ids=lambda row: row["label_example"])
def test_every_label_pattern_matches_its_own_example(row: dict[str, str]) -> None:
    kind = classify(row["label_example"])
    known = kind.category != v.UNCLASSIFIED or kind.entry != v.WRITE_OFF
    assert known or row["category"] in (v.UNCLASSIFIED, "use_carc_map")


@pytest.mark.parametrize(
    ("category", "preventability", "group", "bucket"),
    [
        ("anything", "unavoidable", "", v.LAW),
        ("anything", "avoidable", "", v.AVOIDABLE),
        ("anything", "avoidable", "OA", v.REVIEW),
        ("anything", "discretionary", "", v.DISCRETIONARY),
        ("anything", "review", "", v.REVIEW),
        ("bankruptcy", "unavoidable", "", v.BAD_DEBT),
        ("duplicate", "avoidable", "", v.SET_ASIDE),
        ("payer_fee", "unavoidable", "", v.NO_WRITE_OFF),
    ],
)
def test_a_bucket_is_contract_or_law_by_category_else_by_preventability(
    category: str, preventability: str, group: str, bucket: str
) -> None:
    assert bucket_of(category, preventability, group) == bucket


def test_every_category_that_a_code_can_give_has_plain_words() -> None:
    given = {
        classify(code, group).category for code in reference.carc() for group in ("", "CO", "OA")
    }
    written = {
        category
        for code in reference.carc()
        if (kind := classify(code)).entry == v.WRITE_OFF and kind.bucket in v.WRITTEN_OFF_BUCKETS
        for category in [kind.category]
    }
    assert written <= set(taxonomy.WORDS)
    assert all(taxonomy.plain(category) for category in given if category)
    assert taxonomy.plain("some_new_thing") == "Some new thing"
    assert taxonomy.action("timely_filing") != taxonomy.action("some_new_thing")
