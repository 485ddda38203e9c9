"""The sample's fee schedule: made by its script, read whole, and what its README tells of it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import writeoffs as wo

FOLDER = Path(__file__).resolve().parents[1] / "sample_data"


def test_running_the_script_again_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("make_fee_schedule.py", "practice_facts.py", "practice_money.py"):
        shutil.copy(FOLDER / name, tmp_path)
    subprocess.run([sys.executable, tmp_path / "make_fee_schedule.py"], check=True)
    made = (tmp_path / "fee_schedule.csv").read_bytes()
    assert made == (FOLDER / "fee_schedule.csv").read_bytes()


def test_it_reads_whole_and_holds_aetnas_two_contracts() -> None:
    schedule = wo.read_fee_schedule(FOLDER / "fee_schedule.csv")
    assert (len(schedule), schedule.notes) == (200, ())
    rows = schedule.rows
    mine = rows[(rows["payer"] == "Aetna") & (rows["code"] == "99213")]
    assert mine["allowed"].tolist() == [11524, 10487]
    assert mine["until"].dt.strftime("%Y-%m-%d").tolist()[0] == "2025-09-30"


def test_what_payers_allow_against_it_is_what_the_readme_says() -> None:
    ledger = wo.read(FOLDER / "practice_ledger.csv")
    schedule = wo.read_fee_schedule(FOLDER / "fee_schedule.csv")
    out = wo.underpayments(ledger, schedule).set_index("payer")
    told = (FOLDER / "README.md").read_text(encoding="utf-8").replace("\n", " ")
    lines, below, cents = (
        int(out.loc["Summit Mutual", n]) for n in ("lines", "short_lines", "short")
    )
    assert f"{below} of {lines} lines, ${cents / 100:,.2f} in all" in told
    assert f"{int(out['short_lines'].sum()) - below} lines of other payers" in told
    loss = wo.avoidable_at_expected(ledger, (), schedule).iloc[0]
    assert (
        f"${loss['gross'] / 100:,.0f} at billed prices and ${loss['at_expected'] / 100:,.0f}"
        in told
    )


def test_every_rate_is_met_by_what_was_allowed_but_for_what_was_decided_again() -> None:
    """Every payer but Summit Mutual allows the contract, or 15 % less where it took a line back."""
    ledger = wo.read(FOLDER / "practice_ledger.csv")
    lines = wo.expected_allowed(ledger, wo.read_fee_schedule(FOLDER / "fee_schedule.csv"))
    priced = lines[(lines["allowed"] > 0) & (lines["payer"] != "Summit Mutual")]
    share = (priced["allowed"] / priced["listed"]).astype(float)
    assert set(share.round(2)) == {1.0, 0.85}
