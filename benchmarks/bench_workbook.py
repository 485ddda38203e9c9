"""Reading and summing a workbook: this program against openpyxl and against pandas over calamine.

    python benchmarks/bench_workbook.py        # 50,000 rows of 15 columns; writes into RESULTS.md

All give billed, paid, written off and the balance by payer, in cents, from a sheet with two title
rows above the headings. The two others know the headings and trust every cell; the program finds
out what the columns mean, checks every cell and settles every claim.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).parent))

from race import Race, main

ROWS: Final = 50_000
HEADINGS: Final = (
    "Claim ID", "Line", "Patient ID", "DOS", "Posted", "Payer", "Provider", "Location", "CPT",
    "Modifier", "Billed", "Ins Paid", "Pt Paid", "Contractual Adj", "Balance",
)  # fmt: skip
MONEY: Final = ("Billed", "Ins Paid", "Pt Paid", "Contractual Adj", "Balance")
PAYERS: Final = ("Aetna", "Cigna", "Medicare", "Medicaid", "UnitedHealthcare")
Answer = dict[str, list[int]]


def make(folder: Path) -> Path:
    """A workbook of claims that add up, dates as dates and money as numbers."""
    import openpyxl

    chance = random.Random(50)
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Charges")
    sheet.append(["Practice of Dr. Ash"])
    sheet.append(["Charges by line"])
    sheet.append(list(HEADINGS))
    for number in range(ROWS):
        day = date(2025, 1, 1) + timedelta(days=number % 365)
        charge = chance.randint(4_000, 60_000)
        given_up = chance.randint(0, charge // 2)
        insurer = chance.randint(0, charge - given_up)
        patient = chance.randint(0, charge - given_up - insurer)
        left = charge - given_up - insurer - patient
        sheet.append(
            [f"C{number // 2:06d}", number % 2 + 1, f"P{number // 2 % 9_000:05d}",
             day - timedelta(days=number % 2), day + timedelta(days=30),
             PAYERS[number // 2 % len(PAYERS)], "Dr. Oak", "Main", "99213", "25",
             *(cents / 100 for cents in (charge, insurer, patient, given_up, left))]
        )  # fmt: skip
    path = folder / "charges.xlsx"
    book.save(path)
    return path


def load_writeoffs() -> tuple[Callable[[str], Any], Callable[[Any], Answer]]:
    """This program."""
    import writeoffs as wo
    from writeoffs import metrics

    def run(path: str) -> Any:
        names = ["billed", "insurer_paid", "patient_paid", "written_off", "open"]
        return metrics.grouped(wo.read(path), names, by=["payer"])

    def answer(sums: Any) -> Answer:
        return {str(row.iloc[0]): [int(c) for c in row.iloc[1:]] for _, row in sums.iterrows()}

    return run, answer


def load_openpyxl() -> tuple[Callable[[str], Any], Callable[[Any], Answer]]:
    """openpyxl's read-only rows, summed in pandas."""
    import openpyxl
    import pandas as pd

    def run(path: str) -> Any:
        sheet = openpyxl.load_workbook(path, read_only=True, data_only=True).worksheets[0]
        rows = list(sheet.iter_rows(values_only=True))
        return _summed(pd.DataFrame(rows[3:], columns=rows[2]))

    return run, _answer


def load_pandas() -> tuple[Callable[[str], Any], Callable[[Any], Answer]]:
    """pandas over python-calamine, summed in pandas."""
    import pandas as pd

    def run(path: str) -> Any:
        return _summed(pd.read_excel(path, header=2, engine="calamine"))

    return run, _answer


def _summed(frame: Any) -> Any:
    cents = (frame[list(MONEY)].astype(float) * 100).round().astype("int64")
    return cents.groupby(frame["Payer"], dropna=False).sum()


def _answer(sums: Any) -> Answer:
    return {str(payer): [int(c) for c in row] for payer, row in sums.iterrows()}


RACE: Final = Race(
    __file__,
    {"writeoffs": load_writeoffs, "openpyxl": load_openpyxl, "pandas over calamine": load_pandas},
    make,
    "## Workbooks",
    "The same sums\nby payer, equal to the cent. The others know the headings and trust the cells.",
    f"{ROWS:,} rows of {len(HEADINGS)} columns (xlsx)",
)

if __name__ == "__main__":
    sys.exit(main(RACE))
