"""Worked examples of collection and write-off rates, as their authors printed them.

Each is one line of dollars, read as an export and put through the definition that its author means.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import pytest
from support import ledger_of

import writeoffs as wo

HEAD: Final = "Claim,Patient ID,DOS,Post Date,Payer,Type,Reason,Amount"


class Printed(NamedTuple):
    """Movements of one claim, who printed what they come to, under which definition."""

    source: str
    definition: str
    printed: str
    movements: tuple[tuple[str, str, str], ...]


def _moves(*moves: tuple[str, str, str]) -> tuple[tuple[str, str, str], ...]:
    return moves


CASES: Final = (
    Printed("AAFP sample calculation, as medicalbag.com prints it", "aafp", "97.2",
        _moves(("Charge", "", "850000"), ("Insurance Payment", "", "450000"),
               ("Patient Payment", "", "50000"), ("Patient Refund", "", "-14000"),
               ("Adjustment", "CO-45", "350000"))),
    Printed("billing forum, gross charges 3,740,318: adjusted collection ratio .96", "aafp", "96",
        _moves(("Charge", "", "3740318"), ("Insurance Payment", "", "2070275"),
               ("Patient Payment", "", "0.01"), ("Patient Payment", "", "-0.01"),
               ("Adjustment", "CO-45", "1588544"))),
    Printed("community health center guide: 600,000 of 1,000,000 less 300,000 is 86 percent",
        "aafp", "86",
        _moves(("Charge", "", "1000000"), ("Insurance Payment", "", "590000"),
               ("Patient Payment", "", "10000"), ("Adjustment", "CO-45", "300000"))),
    Printed("economicforall.com: $65 of $100", "gross", "65",
        _moves(("Charge", "", "100"), ("Insurance Payment", "", "60"),
               ("Patient Payment", "", "5"), ("Adjustment", "CO-45", "20"))),
    Printed("calcdomain.com: $30k write-offs, $120k charges", "all_of_charges", "25.00",
        _moves(("Charge", "", "120000"), ("Insurance Payment", "", "90000"),
               ("Adjustment", "CO-45", "22000"), ("Adjustment", "Bad debt", "8000"))),
    Printed("calcdomain.com: $5k write-offs, $80k charges", "all_of_charges", "6.25",
        _moves(("Charge", "", "80000"), ("Insurance Payment", "", "75000"),
               ("Adjustment", "CO-45", "4000"), ("Adjustment", "Bad debt", "1000"))),
    Printed("calcdomain.com: $800k write-offs, $2M charges", "all_of_charges", "40.00",
        _moves(("Charge", "", "2000000"), ("Insurance Payment", "", "1200000"),
               ("Adjustment", "CO-45", "790000"), ("Adjustment", "Bad debt", "10000"))),
    Printed("immedicaresolutions.com wiki: $250 denied for late filing, AAFP's form", "aafp", "0",
        _moves(("Charge", "", "250"), ("Insurance Payment", "", "1"),
               ("Insurance Payment", "", "-1"), ("Patient Payment", "", "1"),
               ("Patient Payment", "", "-1"), ("Adjustment", "CO-29", "250"))),
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.definition}: {case.source}")
def test_a_published_rate_comes_out_as_printed(case: Printed) -> None:
    rows = [
        f"C1,P1,2025-01-05,2025-01-{5 + at:02d},Aetna,{kind},{reason},{cents}"
        for at, (kind, reason, cents) in enumerate(case.movements)
    ]
    found = wo.rate(ledger_of("\n".join([HEAD, *rows])), case.definition).iloc[0]
    assert found["why"] == ""
    digits = len(case.printed.partition(".")[2])
    assert f"{float(found['value']) * 100:.{digits}f}" == case.printed


def test_the_denied_line_is_a_whole_loss_or_none_by_definition() -> None:
    """$250 denied under a contract of $110: AAFP's form says 0 %, of allowed nothing at all."""
    denied = (
        HEAD
        + """
        C1,P1,2025-01-05,2025-01-05,Aetna,Charge,,250.00
        C1,P1,2025-01-05,2025-04-05,Aetna,Adjustment,CO-29,250.00
        C2,P2,2025-01-05,2025-01-05,Aetna,Charge,,250.00
        C2,P2,2025-01-05,2025-02-05,Aetna,Insurance Payment,,100.00
        C2,P2,2025-01-05,2025-02-05,Aetna,Patient Payment,,10.00
        C2,P2,2025-01-05,2025-02-05,Aetna,Adjustment,CO-45,140.00
    """
    )
    ledger = ledger_of(denied)
    value = {d: wo.rate(ledger, d)["value"].iloc[0] for d in ("aafp", "of_allowed", "streamline")}
    assert value["aafp"] == 0.305556  # 110 / 360: the loss at its billed price
    assert value["of_allowed"] == 1.0  # the denied line is gone, and its loss with it
    assert value["streamline"] == 1.0  # so is it here
