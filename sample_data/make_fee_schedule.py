"""Make the sample practice's fee schedule: what its contracts allow, as the practice signed them.

    python sample_data/make_fee_schedule.py

writes `fee_schedule.csv` next to this script, the same bytes every time: one rate a payer and code
for one unit, Aetna's with the dates of its two contracts. Nobody pays for self-pay patients.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from practice_facts import AETNA_CHANGE, CODES, MONTHS, PAYERS, SELF_PAY, Code, Payer
from practice_money import contract

HEADER = ("Payer", "Code", "Modifier", "Allowed", "From", "To")


def rates(payer: Payer, code: Code) -> Iterator[list[str]]:
    """List the rates of one payer for one code: one, or one before and one after a change."""
    before = AETNA_CHANGE - timedelta(days=1)
    spans = [(MONTHS[0], "", "")]
    if payer.name == "Aetna":
        change = AETNA_CHANGE.isoformat()
        spans = [(before, "", before.isoformat()), (AETNA_CHANGE, change, "")]
    for day, first, last in spans:
        cents = contract(payer, code, day)
        yield [payer.name, code.cpt, "", f"{cents // 100}.{cents % 100:02d}", first, last]


def main(folder: Path) -> None:
    """Write the schedule into a folder."""
    insurers = [payer for payer in PAYERS if payer.name != SELF_PAY]
    with (folder / "fee_schedule.csv").open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(HEADER)
        out.writerows(row for p in insurers for code in CODES for row in rates(p, code))


if __name__ == "__main__":
    main(Path(__file__).resolve().parent)
