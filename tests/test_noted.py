"""Money that stands only in a row's text: what is read, what is only said, nothing twice."""

from __future__ import annotations

import pytest
from support import differences, kinds_of, ledger_of, summary_of

from writeoffs.noted import read_notes

# OpenEMR and LibreEHR: the primary's remittance (500.00 = 300.00 + 125.00 + a share of 75.00 that
# is posted as zero), then the second payer's, whose adjustments are all kept as zero-dollar notes.
OPENEMR = """
    Claim,Line,Patient ID,DOS,Post Date,Payer,Type,Memo,Amount
    1,1,P1,2026-01-05,2026-01-06,Medicare,Charge,,500.00
    1,1,P1,2026-01-05,2026-02-01,Medicare,Insurance Payment,,300.00
    1,1,P1,2026-01-05,2026-02-01,Medicare,Adjustment,Adjust code 45,125.00
    1,1,P1,2026-01-05,2026-02-01,Medicare,Adjustment,Ins1 dedbl: 50.00,0.00
    1,1,P1,2026-01-05,2026-02-01,Medicare,Adjustment,Ins1 coins: 10.00,0.00
    1,1,P1,2026-01-05,2026-02-01,Medicare,Adjustment,Ins1 copay: 5.00,
    1,1,P1,2026-01-05,2026-02-01,Medicare,Adjustment,Ins1 ptresp: 10.00,0.00
    1,1,P1,2026-01-05,2026-03-01,Medicaid,Insurance Payment,,40.00
    1,1,P1,2026-01-05,2026-03-01,Medicaid,Adjustment,Ins2 note 23: 425.00,0.00
    1,1,P1,2026-01-05,2026-03-01,Medicaid,Adjustment,Ins2 note 45: 10.00,0.00
"""


def test_shares_kept_as_zero_dollar_notes_are_the_patients() -> None:
    totals = summary_of(OPENEMR)["totals"]
    expected = {
        "billed": "500.00",
        "insurer_paid": "340.00",
        "written_off": "125.00",
        "deductible": "50.00",
        "coinsurance": "10.00",
        "copay": "5.00",
        "patient_other": "10.00",
        "patient_responsibility": "75.00",
        "open": "35.00",
    }
    assert not differences(expected, totals)


def test_what_a_note_would_write_off_is_said_and_not_counted() -> None:
    """The practice has not posted it: whoever writes it off later must not find it there."""
    ledger = ledger_of(OPENEMR)
    notes = ledger.files[0].notes
    assert "4 rows of amount zero name $75.00 of patient share in their text" in notes[0]
    assert any("$425.00 of offsets" in n and "move no balance" in n for n in notes)
    assert any("$10.00 of other adjustments" in n and "not counted" in n for n in notes)
    assert "unclassified_write_off" not in kinds_of(ledger)


def test_an_amount_of_its_own_is_kept_and_its_text_is_not_counted_beside_it() -> None:
    own = OPENEMR.replace("Ins1 coins: 10.00,0.00", "Ins1 coins: 10.00,10.00")
    assert summary_of(own)["totals"] == summary_of(OPENEMR)["totals"]


def test_a_note_in_another_column_than_the_reason_is_found() -> None:
    text = """
        Claim,DOS,Post Date,Payer,Type,Reason,Notes,Amount
        1,2026-01-05,2026-01-06,Aetna,Charge,,,200.00
        1,2026-01-05,2026-02-01,Aetna,Insurance Payment,,,100.00
        1,2026-01-05,2026-02-01,Aetna,Adjustment,CO-45,,60.00
        1,2026-01-05,2026-02-01,Aetna,Adjustment,,Coinsurance: 12.00,0.00
        1,2026-01-05,2026-02-01,Aetna,Adjustment,,To ded'ble: 28.00,0.00
    """
    totals = summary_of(text)["totals"]
    expected = {"coinsurance": "12.00", "deductible": "28.00", "written_off": "60.00"}
    assert not differences(expected, totals)


def test_a_charge_of_zero_with_an_amount_in_its_text_is_no_share() -> None:
    text = """
        Claim,DOS,Post Date,Payer,Type,Description,Amount
        1,2026-01-05,2026-01-06,Aetna,Charge,Office visit,200.00
        1,2026-01-05,2026-01-06,Aetna,Charge,Copay 20.00,0.00
        1,2026-01-05,2026-02-01,Aetna,Insurance Payment,,150.00
    """
    totals = summary_of(text)["totals"]
    assert not differences({"patient_responsibility": None, "open": "50.00"}, totals)


WIDE = """
    Claim,DOS,Payer,Charge,Insurance Paid,Adjustment,Reason
    1,2026-01-05,Aetna,200.00,100.00,100.00,CO-45
    2,2026-01-06,Aetna,150.00,90.00,60.00,CO-45
    3,2026-01-07,Aetna,100.00,0.00,0.00,Ins1 dedbl: 100.00
    4,2026-01-08,Aetna,80.00,68.00,,Coinsurance: 12.00
    5,2026-01-09,Aetna,90.00,60.00,30.00,Contractual
"""


def test_a_wide_row_with_nothing_adjusted_may_name_a_share_in_its_reason() -> None:
    totals = summary_of(WIDE)["totals"]
    expected = {
        "deductible": "100.00",
        "coinsurance": "12.00",
        "patient_responsibility": "112.00",
        "written_off": "190.00",
        "open": "112.00",
    }
    assert not differences(expected, totals)


def test_a_share_that_has_its_own_column_is_not_read_from_the_reason_too() -> None:
    lines = [line.strip() for line in WIDE.strip().splitlines()]
    shares = ["Coinsurance", "0.00", "0.00", "0.00", "12.00", "0.00"]
    text = "\n".join(f"{line},{share}" for line, share in zip(lines, shares, strict=True))
    totals = summary_of(text)["totals"]
    assert not differences({"coinsurance": "12.00", "patient_responsibility": "12.00"}, totals)


@pytest.mark.parametrize(
    ("text", "entry", "category", "cents"),
    [
        ("Ins1 coins: 10.00", "patient_share", "coinsurance", 1000),
        ("Coinsurance: 12.00", "patient_share", "coinsurance", 1200),
        ("To ded'ble: 50.00", "patient_share", "deductible", 5000),
        ("To copay: 20.00", "patient_share", "copay", 2000),
        ("Ins1 ptresp: $1,015.00", "patient_share", "patient_other", 101500),
        ("PR-1: 50.00", "patient_share", "deductible", 5000),
        ("Ins1 coins: -10.00", "patient_share", "coinsurance", -1000),
        ("Ins2 note 23: 425.00", "transfer", "prior_payer_impact", 42500),
        ("Ins2 note 45: 10.00", "write_off", "contractual", 1000),
    ],
)
def test_a_note_is_its_label_and_its_amount(
    text: str, entry: str, category: str, cents: int
) -> None:
    [kind], amounts = read_notes([(text, "")])
    assert kind is not None
    assert (kind.entry, kind.category, int(amounts[0])) == (entry, category, cents)


@pytest.mark.parametrize(
    "text",
    ["Adjust code 45", "Zebra: 10.00", "Coinsurance", "10.00", "", "Claim 12345.67.89", "CO-45"],
)
def test_a_text_without_a_known_label_and_an_amount_is_no_note(text: str) -> None:
    kinds, amounts = read_notes([(text, "")])
    assert (kinds, int(amounts[0])) == ([None], 0)


def test_the_group_beside_a_note_says_whose_it_is() -> None:
    kinds, _ = read_notes([("Non-covered: 30.00", "PR"), ("Non-covered: 30.00", "CO")])
    assert [k.entry for k in kinds if k] == ["patient_share", "write_off"]


def test_a_note_of_a_file_with_decimal_commas_is_read_by_them() -> None:
    _, amounts = read_notes([("Coinsurance: 1.012,50", "")], ",")
    assert int(amounts[0]) == 101250
