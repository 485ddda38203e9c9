"""Measures: every formula by hand on one claim, ratios of sums, null where it cannot be said."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pandas as pd
import pytest
from support import ledger_of, summary_of

from writeoffs import api, findings, judgements, measures, metrics, summary
from writeoffs import vocabulary as v
from writeoffs.claims import claims
from writeoffs.metrics import MEASURES
from writeoffs.problems import BadRequest

HEAD = "Claim,MRN,DOS,Post Date,Payer,CPT,Type,Reason,Amount"
# One claim with every kind of money on it, each amount another one.
EVERYTHING = (
    HEAD
    + """
    C1,P1,2026-01-05,2026-01-06,Aetna,99213,Charge,,1000.00
    C1,P1,2026-01-05,2026-01-07,Aetna,99213,Late fee,,15.00
    C1,P1,2026-01-05,2026-02-01,Aetna,99213,Insurance Payment,,500.00
    C1,P1,2026-01-05,2026-02-02,Aetna,99213,Insurance Refund,,20.00
    C1,P1,2026-01-05,2026-02-03,Aetna,99213,Patient Payment,,60.00
    C1,P1,2026-01-05,2026-02-04,Aetna,99213,Patient Refund,,5.00
    C1,P1,2026-01-05,2026-02-01,Aetna,99213,Adjustment,CO-45,200.00
    C1,P1,2026-01-05,2026-02-01,Aetna,99213,Adjustment,CO-253,8.00
    C1,P1,2026-01-05,2026-02-01,Aetna,99213,Adjustment,CO-24,40.00
    C1,P1,2026-01-05,2026-02-01,Aetna,99213,Adjustment,OA-18,30.00
    C1,P1,2026-01-05,2026-02-01,Aetna,99213,Adjustment,CO-29,25.00
    C1,P1,2026-01-05,2026-02-01,Aetna,99213,Adjustment,CO-97,15.00
    C1,P1,2026-01-05,2026-02-01,Aetna,99213,Adjustment,Zebra,3.00
    C1,P1,2026-01-05,2026-02-01,Aetna,99213,Adjustment,CO-246,2.00
    C1,P1,2026-01-05,2026-02-01,Aetna,99213,Adjustment,CO-94,-10.00
    C1,P1,2026-01-05,2026-03-01,Aetna,99213,Adjustment,Bad debt,12.00
    C1,P1,2026-01-05,2026-03-01,Aetna,99213,Adjustment,Charity,7.00
    C1,P1,2026-01-05,2026-02-01,Aetna,99213,Patient Responsibility,PR-1,50.00
    C1,P1,2026-01-05,2026-02-01,Aetna,99213,Patient Responsibility,PR-2,20.00
    C1,P1,2026-01-05,2026-02-01,Aetna,99213,Patient Responsibility,PR-3,10.00
    C1,P1,2026-01-05,2026-02-01,Aetna,99213,Patient Responsibility,PR-96,9.00
    C1,P1,2026-01-05,2026-02-01,Aetna,99213,Patient Responsibility,PR-100,6.00
"""
)
DOLLARS = {
    "billed": 1000_00,
    "other_debits": 15_00,
    "paid": 535_00,
    "insurer_paid": 480_00,
    "patient_paid": 55_00,
    "written_off": 340_00,
    "contractual": 198_00,
    "avoidable": 25_00,
    "bad_debt": 12_00,
    "discretionary": 7_00,
    "review": 18_00,
    "set_aside": 70_00,
    "other_adjustments": -8_00,
    "open": 148_00,
    "patient_open": 36_00,
    "unexplained": 0,
    "patient_responsibility": 89_00,
    "deductible": 50_00,
    "coinsurance": 20_00,
    "copay": 10_00,
    "patient_other": 9_00,
    "out_of_pocket_owed": 89_00,
}
# numerator, denominator: N = 1000 - 70 = 930, K = 208 - 10 = 198, N - K = 732
RATES = {
    "write_off_rate": (260_00, 930_00),
    "contractual_rate": (198_00, 930_00),
    "non_contractual_rate": (62_00, 930_00),
    "avoidable_rate": (25_00, 732_00),
    "gross_collection_rate": (535_00, 930_00),
    "net_collection_rate": (535_00, 732_00),
    "patient_share_of_billed": (89_00, 1000_00),
}


def fraction(numerator: int, denominator: int) -> float:
    exact = Decimal(numerator) / Decimal(denominator)
    return float(exact.quantize(Decimal("0.000001"), rounding=ROUND_HALF_UP))


def of(text: str, *names: str, by: tuple[str, ...] = (), basis: str = "service") -> pd.DataFrame:
    return metrics.grouped(ledger_of(text), names, by, basis)


def test_every_measure_is_worked_by_hand_here() -> None:
    assert set(DOLLARS) | set(RATES) == set(MEASURES)


@pytest.mark.parametrize(("name", "cents"), DOLLARS.items())
def test_a_dollar_measure_is_its_sum(name: str, cents: int) -> None:
    assert of(EVERYTHING, name)[name].tolist() == [cents]


@pytest.mark.parametrize(("name", "parts"), RATES.items())
def test_a_rate_is_its_numerator_over_its_denominator(name: str, parts: tuple[int, int]) -> None:
    assert of(EVERYTHING, name)[name].tolist() == [fraction(*parts)]
    row = api.measure(ledger_of(EVERYTHING), name).iloc[0]
    assert (row["numerator"], row["denominator"]) == parts


def test_every_dollar_of_the_claim_ends_somewhere() -> None:
    d = DOLLARS
    owed = d["billed"] + d["other_debits"]
    assert owed == d["paid"] + d["written_off"] + d["other_adjustments"] + d["open"]


def test_the_ends_of_the_dollar_add_up_to_what_was_billed_and_debited() -> None:
    ledger = ledger_of(EVERYTHING)
    ends = metrics.ends(metrics.view_of(ledger))
    assert ends["cents"].sum() == 1015_00
    assert ends.set_index("end")["cents"].to_dict() == {
        "insurer": 480_00,
        "patient": 55_00,
        "contractual": 208_00,
        "avoidable": 25_00,
        "bad_debt": 12_00,
        "discretionary": 7_00,
        "other": 18_00,
        "aside": 62_00,
        "open": 148_00,
    }


def test_out_of_pocket_owed_adds_the_charge_less_discounts_of_self_pay() -> None:
    text = (
        EVERYTHING
        + """
        C2,P2,2026-01-05,2026-01-06,Self-pay,99213,Charge,,300.00
        C2,P2,2026-01-05,2026-01-06,Self-pay,99213,Adjustment,Self-pay discount,50.00
        C2,P2,2026-01-05,2026-01-06,Self-pay,99213,Patient Payment,,100.00
    """
    )
    row = of(text, "out_of_pocket_owed", "patient_responsibility", "patient_open").iloc[0]
    assert row.to_list() == [339_00, 89_00, 186_00]


def test_what_self_pay_was_asked_for_stays_so_when_it_is_given_up() -> None:
    """200 less 80 is 120; of it 40 is bad debt, 20 charity, 5 a small balance: no discounts."""
    text = """
        Claim,Patient,DOS,Post Date,Payer,CPT,Type,Reason,Amount
        C2,P2,2026-01-05,2026-01-06,Self-pay,99213,Charge,,200.00
        C2,P2,2026-01-05,2026-01-06,Self-pay,99213,Adjustment,Self-pay discount,80.00
        C2,P2,2026-01-05,2026-09-01,Self-pay,99213,Adjustment,Bad debt,40.00
        C2,P2,2026-01-05,2026-09-01,Self-pay,99213,Adjustment,Charity,20.00
        C2,P2,2026-01-05,2026-09-01,Self-pay,99213,Adjustment,Small balance,5.00
        C3,P3,2026-01-05,2026-01-06,Aetna,99213,Charge,,100.00
        C3,P3,2026-01-05,2026-02-06,Aetna,99213,Patient Responsibility,PR-1,30.00
    """
    row = of(text, "out_of_pocket_owed", "patient_open").iloc[0]
    assert row.to_list() == [150_00, 85_00]


# --- ratio of sums --------------------------------------------------------------------------------

TWO_PAYERS = """
    Claim,DOS,Payer,Provider,Charge,Insurance Paid,Patient Paid,Contractual
    1,2026-01-05,Aetna,A,100.00,10.00,0.00,50.00
    2,2026-01-06,Aetna,B,900.00,700.00,0.00,90.00
    3,2026-02-06,Cigna,A,1000.00,0.00,0.00,0.00
    4,2026-02-06,,B,50.00,0.00,0.00,0.00
"""


def test_a_rate_is_the_ratio_of_sums_and_not_the_mean_of_rates() -> None:
    found = of(TWO_PAYERS, "write_off_rate", by=("payer",)).set_index("payer")["write_off_rate"]
    assert found["Aetna"] == 0.14  # not (0.5 + 0.1) / 2
    assert of(TWO_PAYERS, "write_off_rate")["write_off_rate"].tolist() == [fraction(140, 2050)]


def test_a_missing_payer_is_a_group_like_any_other() -> None:
    found = of(TWO_PAYERS, "billed", by=("payer",))
    assert found["billed"].sum() == 2050_00
    assert found["payer"].isna().sum() == 1


@pytest.mark.parametrize(
    ("by", "groups"),
    [
        (("month",), {(2026 * 12,): 1000_00, (2026 * 12 + 1,): 1050_00}),
        (("year",), {(2026,): 2050_00}),
        (("provider",), {("A",): 1100_00, ("B",): 950_00}),
        (
            ("month", "provider"),
            {
                (24312, "A"): 100_00,
                (24312, "B"): 900_00,
                (24313, "A"): 1000_00,
                (24313, "B"): 50_00,
            },
        ),
    ],
)
def test_groups_carry_their_own_sums(by: tuple[str, ...], groups: dict[tuple, int]) -> None:
    found = of(TWO_PAYERS, "billed", by=by)
    assert {tuple(row[:-1]): row[-1] for row in found.itertuples(index=False)} == groups


def test_by_category_has_dollars_and_no_rates() -> None:
    found = of(EVERYTHING, "written_off", "write_off_rate", by=("category",))
    sums = found.dropna(subset="category").set_index("category")["written_off"]
    assert sums[sums != 0].to_dict() == {
        "contractual": 200_00,
        "sequestration": 8_00,
        "capitation": 40_00,
        "duplicate": 30_00,
        "timely_filing": 25_00,
        "bundling": 15_00,
        "unclassified": 3_00,
        "bad_debt": 12_00,
        "charity": 7_00,
    }
    assert found["write_off_rate"].isna().all()


def test_by_posting_month_dollars_go_by_their_own_date_and_charges_by_entry() -> None:
    found = of(EVERYTHING, "billed", "paid", "written_off", by=("month",), basis="post").set_index(
        "month"
    )
    assert found["billed"].to_dict() == {24312: 1000_00, 24313: 0, 24314: 0}
    assert found["paid"].to_dict() == {24312: 0, 24313: 535_00, 24314: 0}
    assert found["written_off"].to_dict() == {24312: 0, 24313: 321_00, 24314: 19_00}


# --- null rules -----------------------------------------------------------------------------------

CELLS = {"Claim": "1", "DOS": "2026-01-05", "Payer": "Aetna", "Reason": "CO-45"}
NULLS = {
    "charges alone": ("Charge", {"billed"}),
    "no payments": (
        "Charge,Contractual",
        {"billed", "written_off", "write_off_rate", "contractual_rate"},
    ),
    "insurer payments alone": ("Charge,Ins Paid", {"billed", "paid", "insurer_paid", "open"}),
    "both payments": ("Charge,Ins Paid,Pt Paid", {"patient_paid", "gross_collection_rate"}),
    "payments of everybody": ("Charge,Total Paid", {"paid", "gross_collection_rate", "open"}),
    "write-offs too": (
        "Charge,Ins Paid,Pt Paid,Contractual",
        {"written_off", "net_collection_rate", "avoidable_rate", "other_adjustments"},
    ),
    "copays": ("Charge,Ins Paid,Copay", {"copay", "patient_responsibility", "patient_open"}),
    "payments without charges": ("Ins Paid", {"paid", "insurer_paid"}),
}
CANNOT = {
    "charges alone": {
        "paid",
        "insurer_paid",
        "written_off",
        "open",
        "write_off_rate",
        "net_collection_rate",
    },
    "no payments": {"paid", "gross_collection_rate", "net_collection_rate", "open"},
    "insurer payments alone": {
        "patient_paid",
        "gross_collection_rate",
        "written_off",
        "write_off_rate",
    },
    "both payments": {
        "net_collection_rate",
        "written_off",
        "patient_open",
        "patient_responsibility",
    },
    "payments of everybody": {"insurer_paid", "patient_paid", "net_collection_rate"},
    "write-offs too": {"patient_responsibility", "deductible", "patient_open"},
    "copays": {"deductible", "coinsurance", "patient_other", "net_collection_rate"},
    "payments without charges": {"billed", "open", "gross_collection_rate", "patient_paid"},
}


@pytest.mark.parametrize("name", NULLS)
def test_what_a_source_cannot_hold_is_null_and_what_it_holds_is_not(name: str) -> None:
    columns, can = NULLS[name]
    head = "Claim,DOS,Payer," + columns
    amounts = {"Charge": "100.00"}
    row = ",".join(CELLS.get(c) or amounts.get(c, "10.00") for c in head.split(","))
    ledger = ledger_of(head + "\n" + row)
    found = metrics.grouped(ledger, list(MEASURES)).iloc[0]
    assert {n for n in can if pd.isna(found[n])} == set()
    assert {n for n in CANNOT[name] if not pd.isna(found[n])} == set()
    says = ledger.can_say
    for n in CANNOT[name]:
        assert not measures.can_say(measures.measure(n), says), n
        assert measures.why_not(measures.measure(n), says)


@pytest.mark.parametrize("charge", ["0.00", "-5.00"])
def test_a_denominator_of_zero_or_less_is_null(charge: str) -> None:
    text = f"Claim,DOS,Charge,Ins Paid,Pt Paid,Contractual\n1,2026-01-05,{charge},0.00,0.00,0.00"
    assert of(text, *RATES).isna().all(axis=None)


def test_over_one_is_shown_and_not_clipped() -> None:
    text = "Claim,DOS,Charge,Ins Paid,Pt Paid,Contractual\n1,2026-01-05,100.00,120.00,0.00,0.00"
    assert of(text, "net_collection_rate")["net_collection_rate"].tolist() == [1.2]


UNNAMED = """
    Claim,DOS,Payer,Charge,Ins Paid,Pt Paid,Adjustment
    1,2026-01-05,Aetna,100.00,50.00,10.00,40.00
    2,2026-01-06,Aetna,100.00,60.00,10.00,20.00
"""


def test_where_no_write_off_is_named_kinds_are_null_with_a_range() -> None:
    ledger = ledger_of(UNNAMED)
    found = metrics.grouped(ledger, list(RATES)).iloc[0]
    kinds = ["contractual_rate", "non_contractual_rate", "avoidable_rate", "net_collection_rate"]
    assert found[kinds].isna().all()
    assert (found["write_off_rate"], found["gross_collection_rate"]) == (0.3, 0.65)
    span = metrics.net_range(metrics.view_of(ledger)).iloc[0]
    assert (span["low"], span["high"]) == (0.65, fraction(130, 140))
    assert summary.summary(ledger)["rates"]["net_collection_rate_range"] == [
        0.65,
        fraction(130, 140),
    ]


def test_one_named_write_off_is_enough_to_say_rates() -> None:
    text = UNNAMED.replace("Adjustment", "Adjustment,Reason").replace("40.00\n", "40.00,CO-45\n")
    found = metrics.grouped(ledger_of(text.replace("20.00\n", "20.00,\n")), list(RATES)).iloc[0]
    assert (found["contractual_rate"], found["avoidable_rate"]) == (0.2, 0.0)


def test_a_group_without_named_write_offs_is_null_beside_one_that_has_them() -> None:
    text = """
        Claim,DOS,Payer,Charge,Ins Paid,Pt Paid,Adjustment,Reason
        1,2026-01-05,Aetna,100.00,50.00,10.00,40.00,CO-45
        2,2026-01-06,Cigna,100.00,60.00,10.00,20.00,
    """
    found = of(text, "net_collection_rate", by=("payer",)).set_index("payer")["net_collection_rate"]
    assert found["Aetna"] == 1.0
    assert pd.isna(found["Cigna"])


@pytest.mark.parametrize(
    ("reasons", "low", "high", "cents"),
    [
        (("", ""), 130 / 200, 130 / 140, 6000),
        (("CO-45", ""), 130 / 160, 130 / 140, 2000),  # some are named: both ends still stand
        (("CO-29", ""), 130 / 200, 130 / 180, 2000),
        (("CO-45", "CO-29"), 130 / 160, 130 / 160, 0),
    ],
)
def test_both_ends_of_net_collection_stand_whatever_is_named(
    reasons: tuple[str, str], low: float, high: float, cents: int
) -> None:
    text = UNNAMED.replace("Adjustment", "Adjustment,Reason")
    text = text.replace("40.00\n", f"40.00,{reasons[0]}\n").replace(
        "20.00\n", f"20.00,{reasons[1]}\n"
    )
    view = metrics.view_of(ledger_of(text))
    span = metrics.net_range(view).iloc[0]
    assert span["low"] == pytest.approx(low, abs=1e-6)
    assert span["high"] == pytest.approx(high, abs=1e-6)
    assert span["unclassified"] == cents
    said = findings.unnamed(view)
    if not cents:
        assert said == ""
    else:
        assert said == (
            f"${cents // 100} of write-offs have no known reason. If all of it were contractual, "
            f"the net collection rate would be {100 * high + 1e-9:.1f}%; if all of it were avoidable, "
            f"{100 * low + 1e-9:.1f}%."
        )


def test_where_net_cannot_be_said_its_ends_cannot_either() -> None:
    text = "Claim,DOS,Charge,Ins Paid,Adjustment\n1,2026-01-05,100.00,70.00,30.00"
    view = metrics.view_of(ledger_of(text))
    span = metrics.net_range(view).iloc[0]
    assert (span["low"], span["high"]) == (None, None)
    assert findings.unnamed(view) == "$30 of write-offs have no known reason."


# --- by who paid ----------------------------------------------------------------------------------

SECOND = """
    Claim,Patient ID,Type,Service Date,Post Date,Payer,Amount,Reason
    1,P1,Charge,2026-01-05,2026-01-05,Aetna,100.00,
    1,P1,Insurance Payment,2026-01-05,2026-02-01,Aetna,-50.00,
    1,P1,Adjustment,2026-01-05,2026-02-01,Aetna,-20.00,CO-45
    1,P1,Insurance Payment,2026-01-05,2026-03-01,Medicaid,-10.00,
    1,P1,Adjustment,2026-01-05,2026-03-01,Medicaid,-15.00,CO-45
    1,P1,Insurance Payment,2026-01-05,2026-03-02,,-1.00,
    2,P2,Charge,2026-01-06,2026-01-06,Medicaid,80.00,
    2,P2,Insurance Payment,2026-01-06,2026-02-03,,-60.00,
    2,P2,Patient Payment,2026-01-06,2026-02-04,Patient,-4.00,
    3,P3,Charge,2026-01-07,2026-01-07,Self-Pay,30.00,
    3,P3,Patient Payment,2026-01-07,2026-01-07,,-30.00,
"""


def by_paying(text: str, *names: str) -> dict[str | None, tuple[int, ...]]:
    found = metrics.grouped(ledger_of(text), list(names), ["paying_payer"])
    keys = [None if pd.isna(k) else str(k) for k in found["paying_payer"]]
    return dict(zip(keys, found[list(names)].itertuples(index=False, name=None), strict=True))


def test_by_who_paid_each_movement_stands_under_the_payer_its_own_row_names() -> None:
    """The row that names nobody: claim 2 has one insurer, claim 1 has two and cannot say."""
    found = by_paying(SECOND, "billed", "insurer_paid", "patient_paid", "written_off", "open")
    assert found == {
        "Aetna": (10000, 5000, 0, 2000, 3000),
        "Medicaid": (8000, 7000, 0, 1500, -500),
        "Patient": (0, 0, 400, 0, -400),
        "Self-Pay": (3000, 0, 3000, 0, 0),
        None: (0, 100, 0, 0, -100),
    }


def test_by_payer_all_of_it_stays_with_the_payer_charted() -> None:
    found = metrics.grouped(ledger_of(SECOND), ["billed", "paid", "open"], ["payer"])
    assert found.set_index("payer").to_dict("index") == {
        "Aetna": {"billed": 10000, "paid": 6100, "open": 400},
        "Medicaid": {"billed": 8000, "paid": 6400, "open": 1600},
        "Self-Pay": {"billed": 3000, "paid": 3000, "open": 0},
    }


def test_both_ways_stand_side_by_side_with_one_total() -> None:
    ledger = ledger_of(SECOND)
    found = metrics.by_who_paid(metrics.View(ledger.paying, ledger.can_say))
    rows = [(None if pd.isna(row[0]) else row[0], *row[1:]) for row in found.to_numpy().tolist()]
    assert rows == [
        ("Aetna", 6100, 5000, -1100),
        ("Medicaid", 6000, 7000, 1000),
        (None, 0, 100, 100),
    ]
    assert findings.who_paid_title(found, "insurer_paid") == (
        "Medicaid: $10 more by who paid than on the claims charted under it"
    )
    assert found["charted"].sum() == found["paying"].sum() == 12100


def test_who_paid_on_the_claims_of_one_charted_payer() -> None:
    """Of what came in on Aetna's claim, Medicaid sent 10.00 and a row that names nobody 1.00."""
    ledger = ledger_of(SECOND)
    mine = ledger.paying[ledger.paying["payer"].astype("str") == "Aetna"]
    found = metrics.by_who_paid(metrics.View(mine, ledger.can_say))
    rows = {(None if pd.isna(p) else p): (a, b) for p, a, b in found.to_numpy()[:, :3].tolist()}
    assert rows == {"Aetna": (6100, 5000), "Medicaid": (0, 1000), None: (0, 100)}


def test_where_each_payer_paid_its_own_claims_nothing_stands_out() -> None:
    ledger = ledger_of(WIDE)
    found = metrics.by_who_paid(metrics.View(ledger.paying, ledger.can_say))
    assert found["difference"].tolist() == [0]
    said = findings.who_paid_title(found, "insurer_paid")
    assert said == "Paid by insurers: the same by who paid as by charted payer"


def test_rates_by_who_paid_are_null() -> None:
    ledger = ledger_of(SECOND)
    names = ["write_off_rate", "gross_collection_rate", "net_collection_rate"]
    assert metrics.grouped(ledger, names, ["paying_payer", "month"])[names].isna().all(axis=None)
    found = api.measure(ledger, "write_off_rate", ["paying_payer"])
    assert found["value"].isna().all()
    groups = summary.summary(ledger, ["paying_payer"])["groups"]
    assert [g["paying_payer"] for g in groups] == ["Aetna", "Medicaid", "Patient", "Self-Pay", None]
    assert {rate for g in groups for rate in g["rates"].values()} == {None}


def test_an_alias_renames_who_paid_as_well() -> None:
    judged = judgements.Judgements(
        aliases=judgements.PayerAliases({"Medicaid": "Medicaid of Ohio"})
    )
    found = metrics.grouped(
        judgements.apply(ledger_of(SECOND), judged), ["insurer_paid"], ["paying_payer"]
    )
    assert found.set_index("paying_payer")["insurer_paid"]["Medicaid of Ohio"] == 7000


WIDE = """
    Claim,DOS,Payer,Secondary Payer,Charge,Primary Ins Paid,Secondary Ins Paid,Pt Paid,Contractual
    1,2026-01-05,Aetna,Medicaid,100.00,50.00,10.00,5.00,35.00
"""


def test_a_wide_row_counts_as_its_payers_and_the_summary_says_so() -> None:
    assert by_paying(WIDE, "insurer_paid") == {"Aetna": (6000,)}
    said = 'all payments of a row count as its first payer\'s; "Secondary Payer" has no rows of its own'
    assert said in summary_of(WIDE, by=["paying_payer"])["files"][0]["notes"]
    assert said not in summary_of(WIDE, by=["payer"])["files"][0]["notes"]
    unnamed = WIDE.replace("Secondary Payer,", "").replace("Medicaid,", "")
    notes = summary_of(unnamed, by=["paying_payer"])["files"][0]["notes"]
    assert "all payments of a row count as its own payer's; second payers are not named" in notes
    notes = summary_of(SECOND, by=["paying_payer"])["files"][0]["notes"]
    assert not [note for note in notes if "of a row count as" in note]


# --- declared once --------------------------------------------------------------------------------


@pytest.mark.parametrize("m", MEASURES.values(), ids=MEASURES)
def test_a_measure_is_declared_in_full(m: measures.Measure) -> None:
    assert m.title and m.words and m.meaning
    assert m.meaning.endswith(".")
    assert m.unit == ("dollars" if m.denominator is None else "rate")
    assert m.good in ("up", "down", "neither")
    assert set(m.numerator) <= set(measures.COMPONENTS)
    assert set(m.denominator or {}) <= set(measures.COMPONENTS)
    assert m.denominator is None or m.source


def test_every_measure_is_shown_somewhere() -> None:
    root = Path(__file__).resolve().parents[1]
    pages = " ".join(p.read_text(encoding="utf-8") for p in root.glob("pages/**/*.py"))
    face = (root / "writeoffs" / "api.py").read_text(encoding="utf-8")
    quoted = set(re.findall(r'"(\w+)"', pages + face))
    assert set(MEASURES) <= quoted | set(summary.TOTALS) | set(summary.RATES)


def test_every_bucket_has_its_component_and_every_write_off_bucket_is_written_off() -> None:
    assert set(v.BUCKETS) <= set(measures.COMPONENTS)
    assert set(MEASURES["written_off"].numerator) == set(v.WRITTEN_OFF_BUCKETS)
    rated = set(MEASURES["write_off_rate"].numerator) | {v.SET_ASIDE}
    assert rated == set(v.WRITTEN_OFF_BUCKETS) | {v.OVER_BILLED}


def test_an_unknown_measure_or_dimension_is_refused_with_those_there_are() -> None:
    with pytest.raises(BadRequest, match="write_off_rate"):
        measures.measure("zebra")
    with pytest.raises(BadRequest, match="payer"):
        metrics.view_of(ledger_of(UNNAMED), ["zebra"])
    with pytest.raises(BadRequest):
        metrics.view_of(ledger_of(UNNAMED), ["payer"], basis="moon")


def test_each_claim_adds_its_part_of_a_measure() -> None:
    ledger = ledger_of(EVERYTHING)
    for name in ("billed", "paid", "written_off", "contractual", "open", "patient_responsibility"):
        assert metrics.about(ledger, name).tolist() == [DOLLARS[name]], name
    assert metrics.about(ledger, "timely_filing").tolist() == [25_00]
    with pytest.raises(BadRequest):
        metrics.about(ledger, "zebra")


# --- tables for the pages -------------------------------------------------------------------------


def test_a_row_a_payer_has_claims_payment_per_claim_and_share() -> None:
    ledger = ledger_of(TWO_PAYERS)
    view = replace(metrics.view_of(ledger, ["payer"]), claims=claims(ledger.settled))
    found = metrics.by_payer(view, ["write_off_rate"])
    assert found["name"].tolist() == ["Aetna", "Cigna", "(no payer)"]
    assert found["claims"].tolist() == [2, 1, 1]
    assert found["per_claim"].tolist() == [355_00, 0, 0]
    assert found["share"].tolist() == pytest.approx([1000 / 2050, 1000 / 2050, 50 / 2050])
    assert found["write_off_rate"].tolist() == [0.14, 0.0, 0.0]


def test_write_offs_by_reason_come_largest_first_and_hold_them_all() -> None:
    ledger = ledger_of(EVERYTHING)
    found = metrics.by_reason(ledger.reasons, ["reason"])
    assert found["reason"].astype(str).tolist()[:3] == ["CO-45", "CO-24", "OA-18"]
    assert found["cents"].sum() == 340_00 - 8_00


def test_the_procedure_cube_holds_the_same_dollars() -> None:
    ledger = ledger_of(EVERYTHING)
    assert ledger.procedures["cents"].sum() == ledger.cube["cents"].sum()
    assert set(ledger.procedures["procedure"]) == {"99213"}
