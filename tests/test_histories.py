"""What payers decided, in order: each trap of denials as a ledger or a remittance, worked by hand."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
import remits
from hypothesis import given
from hypothesis import strategies as st
from remits import Claim, Line, Payment, remit
from support import ledger_of

from writeoffs import histories
from writeoffs.allowed import lines as allowed_lines
from writeoffs.ledger import Ledger
from writeoffs.reading import read

HEAD = "Claim,Line,Service Date,Posting Date,Payer,CPT,Type,Reason,Amount"


def booked(rows: str) -> Ledger:
    """A long ledger of one claim: rows "month-day|type|reason|amount", a payer's name after that."""
    text = [HEAD]
    for row in rows.split(";"):
        day, kind, reason, amount, *payer = row.strip().split("|")
        name = payer[0] if payer else "Medicare"
        text.append(f"C1,1,2026-01-05,2026-{day},{name},99213,{kind},{reason},{amount}")
    return ledger_of("\n".join(text))


def only(ledger: Ledger) -> dict[str, Any]:
    """The one line of a ledger."""
    found = histories.lines(ledger)
    assert len(found) == 1
    return dict(found.iloc[0])


def era(*payments: Payment) -> Ledger:
    return read(("era.835", remit(*payments).encode()))


def said(*cas: str, paid: int = 0, number: str = "C1", status: str = "1") -> Claim:
    """A claim of one $200 line; of -$200 as a reversal."""
    charge = "-200" if status == "22" else "200"
    return Claim(number, [Line("99213", charge, paid, ", ".join(cas), ref="1")], status=status)


LEDGERS = {
    "paid under a contract": (
        "02-01|Insurance Payment||120.00; 02-01|Adjustment|CO-45|80.00", "paid", "paid", 0, 0),
    "filed too late": ("02-01|Adjustment|CO-29|200.00", "denied", "denied", 20000, 20000),
    "all of it to the deductible is no denial": (
        "02-01|Adjustment|CO-45|80.00; 02-01|Patient Responsibility|PR-1|120.00",
        "assigned", "assigned", 0, 0),
    "owed by the patient alone is no denial": (
        "02-01|Patient Responsibility|PR-96|200.00", "assigned", "assigned", 0, 0),
    "capitation is no denial": ("02-01|Adjustment|CO-24|200.00", "contract", "contract", 0, 0),
    "contract alone is no denial": ("02-01|Adjustment|CO-45|200.00", "contract", "contract", 0, 0),
    "pending decides nothing": ("02-01|Adjustment|OA-133|200.00", "", "", 0, 0),
    "a duplicate decides nothing": ("02-01|Adjustment|OA-18|200.00", "", "", 0, 0),
    "a waived copay is no denial": (
        "02-01|Insurance Payment||180.00; 02-01|Adjustment|CO-3|20.00", "paid", "paid", 0, 0),
    "bad debt is no denial": ("02-01|Adjustment|Bad debt|200.00", "", "", 0, 0),
    "an expected discount posted with the charge decides nothing": (
        "01-05|Adjustment|CO-45|80.00; 02-01|Insurance Payment||120.00", "paid", "paid", 0, 0),
    "refused in part": (
        "02-01|Insurance Payment||100.00; 02-01|Adjustment|CO-45|40.00;"
        " 02-01|Adjustment|CO-97|60.00", "partly_denied", "partly_denied", 6000, 6000),
    "denied, appealed and paid": (
        "02-01|Adjustment|CO-50|200.00; 04-01|Adjustment|CO-50|-200.00;"
        " 04-01|Insurance Payment||120.00; 04-01|Adjustment|CO-45|80.00",
        "denied", "paid", 20000, 0),
    "denied, then opened again": (
        "02-01|Adjustment|CO-50|200.00; 04-01|Adjustment|CO-50|-200.00", "denied", "", 20000, 0),
    "a denial entered and taken out the same day never was": (
        "02-01|Adjustment|CO-50|200.00; 02-01|Adjustment|CO-50|-200.00;"
        " 03-01|Insurance Payment||200.00", "paid", "paid", 0, 0),
    "paid, then taken back and refused": (
        "02-01|Insurance Payment||200.00; 05-01|Insurance Payment||-200.00;"
        " 05-01|Adjustment|CO-29|200.00", "paid", "denied", 0, 20000),
}  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "first", "last", "at_first", "now"), LEDGERS.values(), ids=LEDGERS
)
def test_decisions_of_a_ledger(rows: str, first: str, last: str, at_first: int, now: int) -> None:
    found = only(booked(f"01-06|Charge||200.00; {rows}"))
    assert (found["first"], found["last"]) == (first, last)
    assert (found["refused_first"], found["refused_last"]) == (at_first, now)
    assert found["known"]


def test_when_and_why_and_by_whom() -> None:
    found = only(booked(
        "01-06|Charge||200.00; 02-01|Adjustment|CO-50|200.00; 04-01|Adjustment|CO-50|-200.00;"
        " 04-01|Insurance Payment||120.00; 04-01|Adjustment|CO-45|80.00"
    ))  # fmt: skip
    assert found["first_day"] == pd.Timestamp("2026-02-01")
    assert found["paid_day"] == pd.Timestamp("2026-04-01")
    assert (found["first_reason"], found["first_category"]) == ("CO-50", "medical_necessity")
    assert (found["last_reason"], found["overturned"], found["redone"]) == ("", True, True)
    assert (found["first_payer"], found["overturned_by"]) == ("Medicare", "Medicare")


def test_a_duplicate_was_not_sent_and_self_pay_neither() -> None:
    assert not only(booked("01-06|Charge||200.00; 02-01|Adjustment|OA-18|200.00"))["sent"]
    assert not only(booked("01-06|Charge||90.00|Self-Pay; 01-06|Patient Payment||90.00|Self-Pay"))[
        "sent"
    ]


def test_a_voided_line_is_none() -> None:
    ledger = booked("01-06|Charge||200.00; 02-01|Charge||-200.00")
    assert not len(histories.lines(ledger))


def test_a_wide_export_knows_only_how_it_ended() -> None:
    ledger = ledger_of("""
        Claim ID,DOS,Payer,CPT,Billed,Ins Paid,Contractual Adj,Write-off,Reason,Balance
        A1,2026-01-05,Aetna,99213,200.00,0.00,0.00,200.00,CO-29,0.00
        A2,2026-01-06,Aetna,99213,200.00,120.00,80.00,0.00,,0.00
    """)
    found = histories.lines(ledger)
    assert not found["known"].any()
    assert list(found["first"]) == ["", ""]
    assert list(found["last"]) == ["denied", "paid"]
    assert list(found["last_reason"]) == ["CO-29", ""]


# --- remittances ----------------------------------------------------------------------------------

REMITS = {
    "denied": ([said("CO-29 200", status="4")], "denied", "denied", False),
    "denied, reversed and paid": (
        [said("CO-50 200", status="4"), said("CO-50 -200", status="22"),
         said("CO-45 80", paid=12000)], "denied", "paid", True),
    "denied, then paid without a reversal": (
        [said("CO-50 200", status="4"), said("CO-45 80", paid=12000)], "denied", "paid", True),
    "paid, reversed and denied": (
        [said("CO-45 80", paid=12000), said("CO-45 -80", paid=-12000, status="22"),
         said("CO-97 200")], "paid", "denied", False),
    "the copy that came back as a duplicate changes nothing": (
        [said("CO-45 80", paid=12000), said("OA-18 200", status="4")], "paid", "paid", False),
    "deductible": ([said("CO-45 80", "PR-1 120")], "assigned", "assigned", False),
    "denied, then left to the deductible": (
        [said("CO-16 200", status="4"), said("CO-45 80", "PR-1 120")],
        "denied", "assigned", True),
    "pending, then denied": (
        [said("OA-133 200"), said("CO-197 200", status="4")], "denied", "denied", False),
    "sent on to another payer": ([said("OA-209 200", status="23")], "", "", False),
    "a new code that nobody knows yet": ([said("CO-999 200", status="4")],
        "denied", "denied", False),
}  # fmt: skip


@pytest.mark.parametrize(("claims", "first", "last", "turned"), REMITS.values(), ids=REMITS)
@pytest.mark.parametrize("days", [30, 0], ids=["a month apart", "on one day"])
def test_decisions_of_remittances(
    claims: list[Claim], first: str, last: str, turned: bool, days: int
) -> None:
    payments = [
        Payment([claim], day=f"20260{2 + (n if days else 0)}01", trace=f"T{n}")
        for n, claim in enumerate(claims)
    ]
    found = only(era(*payments))
    assert (found["first"], found["last"], found["overturned"]) == (first, last, turned)
    assert found["charge"] == 20000


def test_reversal_and_correction_in_one_payment_are_one_line() -> None:
    found = only(era(
        Payment([said("CO-16 200", status="4")], day="20260201"),
        Payment([said("CO-16 -200", status="22"), said("CO-45 80", paid=12000)], day="20260401"),
    ))  # fmt: skip
    assert (found["refused_first"], found["refused_last"]) == (20000, 0)
    assert found["first_day"] == pd.Timestamp("2026-02-01")
    assert found["paid_day"] == pd.Timestamp("2026-04-01")


def test_three_denials_of_a_hundred_dollars_are_a_hundred_dollars() -> None:
    """The known error: $300 denied on a $100 charge, once a remittance."""
    claim = Claim("C1", [Line("99213", "100", 0, "CO-16 100", ref="1")], status="4")
    found = only(era(*(Payment([claim], day=f"20260{m}01", trace=f"T{m}") for m in (2, 3, 4))))
    assert (found["charge"], found["refused_first"], found["refused_last"]) == (10000, 10000, 10000)
    assert not found["redone"]


def test_a_second_payer_that_refuses_the_rest_does_not_undo_the_first() -> None:
    found = only(era(
        Payment([said("CO-45 50", "PR-1 50", paid=10000)], payer="MEDICARE", day="20260201"),
        Payment([said("OA-23 150", "CO-97 50", status="2")], payer="AETNA", day="20260301"),
    ))  # fmt: skip
    assert (found["first"], found["last"]) == ("paid", "partly_denied")
    assert (found["refused_first"], found["refused_last"]) == (0, 5000)
    assert (found["first_payer"], found["last_payer"]) == ("MEDICARE", "AETNA")
    assert found["last_reason"] == "CO-97"


def test_a_claim_refiled_with_another_payer_keeps_its_denial_with_the_first() -> None:
    found = only(era(
        Payment([said("CO-109 200", status="4")], payer="AETNA", day="20260201"),
        Payment([said("CO-45 80", paid=12000)], payer="CIGNA", day="20260401"),
    ))  # fmt: skip
    assert (found["first"], found["last"], found["overturned"]) == ("denied", "paid", True)
    assert (found["first_payer"], found["overturned_by"]) == ("AETNA", "CIGNA")
    assert found["payer"] == "CIGNA"  # charted under who did not refuse


def test_a_refusal_of_the_whole_claim_is_said_once() -> None:
    claim = Claim("C1", [Line("99213", "200", 0), Line("85025", "40", 0)], "4", "CO-29 240",
                  charge="240", paid=0)  # fmt: skip
    found = only(era(Payment([claim])))
    assert (found["charge"], found["first"], found["refused_first"]) == (24000, "denied", 24000)


def test_an_export_beside_its_remittance_learns_the_first_decision() -> None:
    """The books still hold the claim open; the remittance says that it was refused."""
    books = """
        Claim ID,DOS,Payer,CPT,Billed,Ins Paid,Contractual Adj,Write-off,Reason,Balance
        C1,2026-01-05,AETNA,99213,200.00,0.00,0.00,0.00,,200.00
        C2,2026-01-05,AETNA,99213,200.00,120.00,80.00,0.00,,0.00
    """
    remittance = era(Payment([said("CO-197 200", status="4")]))
    ledger = ledger_of(books) + remittance
    found = histories.lines(ledger).sort_values("claim")
    assert list(found["known"]) == [True, False]
    assert list(found["first"]) == ["denied", ""]
    assert list(found["last"]) == ["denied", "paid"]
    assert list(found["open"]) == [20000, 0]
    assert list(found["refused_last"]) == [20000, 0]


# --- what must hold -------------------------------------------------------------------------------

_STEP = st.sampled_from(["CO-50", "CO-29", "CO-97", "pay", "share", "undo", "wait"])


@given(st.lists(st.lists(_STEP, min_size=1, max_size=5), min_size=1, max_size=4))
def test_whatever_payers_say_a_line_counts_once(claims: list[list[str]]) -> None:
    payments = []
    for number, steps in enumerate(claims):
        back: Claim | None = None
        for month, step in enumerate(steps, start=2):
            name = f"C{number}"
            if step == "undo":
                if back is None:
                    continue
                line = back.lines[0]
                turned = [
                    f"{g}-{c} {remits.dollars(-a)}" for g, c, a in remits.adjustments(line.cas)
                ]
                paid = -remits.cents(line.paid)
                claim, back = said(*turned, paid=paid, number=name, status="22"), None
            elif step == "pay":
                claim = back = said("CO-45 80", paid=12000, number=name)
            elif step == "share":
                claim = back = said("CO-45 80", "PR-1 120", number=name)
            elif step == "wait":
                claim = said("OA-133 200", number=name)
            else:
                claim = back = said(f"{step} 200", number=name, status="4")
            payments.append(Payment([claim], day=f"2026{month:02d}01", trace=f"{name}{month}"))
    ledger = era(Payment([said("CO-45 80", paid=12000, number="C9")]), *payments)
    found = histories.lines(ledger)
    for side in ("first", "last"):
        cents = found[f"refused_{side}"]
        assert (cents >= 0).all() and (cents <= found["charge"]).all()
        assert ((cents > 0) == found[side].isin(["denied", "partly_denied"])).all()
    assert (found.loc[found["overturned"], "refused_first"] > 0).all()
    refusals = found["overturned"] & (found["refused_last"] == found["charge"])
    assert not refusals.any()
    assert found["charge"].sum() == allowed_lines(ledger)["charge"].clip(lower=0).sum()
