"""Wide rows: which reason speaks of which amount."""

from __future__ import annotations

import pytest
from support import differences, ledger_of, proposal_of, summary_of

HEADINGS = {
    "repeated": "Adj Amount,Adj Code,Adj Amount,Adj Code",
    "amounts first": "Adj Amount,Adj Amount,Adj Code,Adj Code",
    "letters": "Adj_A,Adj_A_Reason,Adj_B,Adj_B_Reason",
    "letters at the end": "Adj Amt A,Adj Reason A,Adj Amt B,Adj Reason B",
    "numbers": "Adj1,Adj1 Reason,Adj2,Adj2 Reason",
    "only the second numbered": "Adj,Adj Reason,Adj 2,Adj Reason 2",
    "write-offs": "Write Off 1,Write Off Reason 1,Write Off 2,Write Off Reason 2",
}
ROWS = [
    ("60.00", "CO-45", "30.00", "CO-29"),
    ("50.00", "CO-45", "", ""),
    ("", "", "40.00", "CO-50"),
]


def export(headings: str) -> str:
    """Three claims of 200.00, paid but for what their two adjustments take off."""
    reasons_last = headings.startswith("Adj Amount,Adj Amount")
    lines = [f"Claim,DOS,Payer,Charge,Insurance Paid,{headings}"]
    for i, (first, why, second, why_second) in enumerate(ROWS, start=1):
        taken = float(first or 0) + float(second or 0)
        cells = [first, why, second, why_second]
        if reasons_last:
            cells = [first, second, why, why_second]
        lines.append(f"{i},2026-01-05,Aetna,200.00,{200 - taken:.2f},{','.join(cells)}")
    return "\n".join(lines)


@pytest.mark.parametrize("headings", HEADINGS.values(), ids=HEADINGS)
def test_each_amount_goes_with_its_own_reason(headings: str) -> None:
    result = summary_of(export(headings))
    assert result["write_offs"] == {
        "contractual": "110.00",
        "timely_filing": "30.00",
        "medical_necessity": "40.00",
    }
    assert not differences({"open": "0.00", "written_off": "180.00"}, result["totals"])
    assert result["problems"] == []


def test_groups_go_with_their_amounts_too() -> None:
    text = """
        Claim,DOS,Payer,Charge,Ins Paid,Group Code,Reason Code,Adj Amount,Group Code,Reason Code,Adj Amount
        1,2026-01-05,Aetna,200.00,100.00,CO,45,60.00,PR,2,40.00
        2,2026-01-05,Aetna,150.00,90.00,CO,45,60.00,,,
    """
    totals = summary_of(text)["totals"]
    expected = {"written_off": "120.00", "coinsurance": "40.00", "open": "40.00"}
    assert not differences(expected, totals)


def test_a_reason_named_for_its_amount_is_not_lent_to_another() -> None:
    text = """
        Claim,DOS,Payer,Charge,Ins Paid,Contract Adj,Contract Adj Reason,Other Adj,Other Adj Reason
        1,2026-01-05,Aetna,200.00,100.00,60.00,CO-45,40.00,CO-29
        2,2026-01-05,Aetna,150.00,90.00,60.00,CO-45,,
    """
    assert summary_of(text)["write_offs"] == {"contractual": "120.00", "timely_filing": "40.00"}


def test_two_amounts_of_one_name_without_reasons_are_not_summed_by_guess() -> None:
    text = """
        Claim,DOS,Payer,Charge,Ins Paid,Adj Amount,Adj Amount
        1,2026-01-05,Aetna,200.00,100.00,60.00,30.00
        2,2026-01-05,Aetna,150.00,90.00,60.00,20.00
    """
    columns = proposal_of(text).plan.columns
    assert list(columns.values()).count("adjustment") <= 1


def test_a_pair_that_repeats_the_first_is_left_out_of_the_sum() -> None:
    """The same adjustments exported twice: the charge adds up with one of them."""
    text = """
        Claim,DOS,Payer,Charge,Ins Paid,Adj Amount,Adj Code,Adj Amount,Adj Code
        1,2026-01-05,Aetna,200.00,140.00,60.00,CO-45,60.00,CO-45
        2,2026-01-05,Aetna,150.00,90.00,60.00,CO-45,60.00,CO-45
    """
    ledger = ledger_of(text)
    assert len(ledger.files[0].plan.uncounted) == 1
    assert summary_of(text)["totals"]["written_off"] == "120.00"
