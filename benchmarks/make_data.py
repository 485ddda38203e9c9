"""Make a billing export of any size, clean or messy, always the same for the same arguments.

    python benchmarks/make_data.py 200000 clean.csv
    python benchmarks/make_data.py 200000 messy.csv --messy

One row a service line, twenty columns: 40 payers (a few large ones), 60 providers, 5 locations
(four in five claims at the provider's own), 800 procedures, 36 months, 2.5 lines a claim, 12 a
patient. On every line billed = insurer + patient + contractual + write-off + balance, but for 5 in
100,000, whose balance is 5.00 too high. One line in a hundred takes back a part of the line before.

Clean: ISO dates and plain decimals. Messy: `$1,234.50`, `($12.00)`, m/d/Y, 2 % of the payers in
capitals between blanks, and `N/A` for 0.02 % of the charges.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

MONEY: Final = (
    "Billed",
    "Allowed",
    "Insurance Paid",
    "Patient Paid",
    "Contractual Adjustment",
    "Write-off",
    "Deductible",
    "Coinsurance",
    "Copay",
    "Balance",
)
HEADINGS: Final = (
    "Claim ID",
    "Line",
    "Patient ID",
    "Date of Service",
    "Posting Date",
    "Payer",
    "Provider",
    "Location",
    "CPT",
    *MONEY[:6],
    "Write-off Reason",
    *MONEY[6:],
)
# What an analyst would look up once for the reasons of a file.
CATEGORIES: Final = {
    "CO-29": "timely_filing",
    "CO-197": "authorization",
    "CO-198": "authorization",
    "CO-50": "medical_necessity",
    "CO-97": "bundling",
    "CO-16": "billing_error",
    "CO-11": "coding",
    "CO-4": "coding",
    "CO-27": "eligibility",
    "CO-26": "eligibility",
    "CO-18": "duplicate",
    "CO-22": "cob_other_payer",
}
LINES_A_CLAIM: Final = 2.5
LINES_A_PATIENT: Final = 12
TAKEN_BACK: Final = 0.025  # of the second lines of claims
BROKEN: Final = 0.00005
NOT_STATED: Final = 0.0002
SHOUTED: Final = 0.02

Ints = npt.NDArray[np.int64]


def skewed(rng: np.random.Generator, kinds: int, power: float, n: int) -> Ints:
    """Numbers below ``kinds``, the small ones more often (Zipf)."""
    weights = 1 / np.arange(1, kinds + 1) ** power
    return rng.choice(kinds, n, p=weights / weights.sum())


def money(rng: np.random.Generator, procedure: Ints, back: npt.NDArray[np.intp]) -> dict[str, Ints]:
    """The money columns of lines, in cents; the lines ``back`` take back half of those before."""
    n = len(procedure)
    fees = np.where(
        rng.random(800) < 0.1, rng.integers(60_000, 400_000, 800), rng.integers(4_000, 60_000, 800)
    )
    billed = fees[procedure] + (rng.random(n) < 0.03) * rng.integers(1, 500, n)
    billed[back] = -(billed[back - 1] // 2)
    allowed = (np.abs(billed) * rng.choice([0.4, 0.5, 0.55, 0.6, 0.7], n)).astype(np.int64)
    limits = rng.integers(0, 100, n) * 100
    deductible = np.where(rng.random(n) < 0.1, np.minimum(allowed, limits), 0)
    left = allowed - deductible
    copay = np.where(rng.random(n) < 0.3, np.minimum(left, 2_000), 0)
    left = left - copay
    coinsurance = (left * 0.2 * (rng.random(n) < 0.4)).astype(np.int64)
    insurer = left - coinsurance
    lost = np.where(rng.random(n) < 0.04, insurer, 0)
    owed = deductible + copay + coinsurance
    patient = np.where(rng.random(n) < 0.7, owed, 0)
    sign = np.sign(billed)
    parts = {
        "Billed": np.abs(billed),
        "Allowed": allowed,
        "Insurance Paid": insurer - lost,
        "Patient Paid": patient,
        "Contractual Adjustment": np.abs(billed) - allowed,
        "Write-off": lost,
        "Deductible": deductible,
        "Coinsurance": coinsurance,
        "Copay": copay,
        "Balance": owed - patient,
    }
    out = {name: sign * cents for name, cents in parts.items()}
    out["Balance"] = out["Balance"] + (rng.random(n) < BROKEN) * 500
    return out


def plain(cents: int) -> str:
    """1234.50 and -12.00."""
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def dressed(cents: int) -> str:
    """$1,234.50 and ($12.00)."""
    text = f"${abs(cents) // 100:,}.{abs(cents) % 100:02d}"
    return f"({text})" if cents < 0 else text


def texts(cents: Ints, write: Callable[[int], str]) -> list[str]:
    """Amounts as text, each distinct one written once."""
    distinct, spread = np.unique(cents, return_inverse=True)
    words = [write(int(c)) for c in distinct]
    return [words[i] for i in spread]


def columns(n: int, messy: bool, seed: int) -> list[list[str]]:
    """The cells of a file, column by column."""
    rng = np.random.default_rng(seed)
    line = np.arange(n)
    claim = (line / LINES_A_CLAIM).astype(np.int64)
    claims = int(claim[-1]) + 1
    first = np.searchsorted(claim, claim)
    procedure = skewed(rng, 800, 0.8, n)
    back = np.flatnonzero((rng.random(n) < TAKEN_BACK) & (line == first + 1))
    procedure[back] = procedure[back - 1]
    amounts = money(rng, procedure, back)
    amount = {name: texts(c, dressed if messy else plain) for name, c in amounts.items()}
    reason = np.where(amounts["Write-off"] != 0, rng.choice(list(CATEGORIES), n), "")
    service = np.datetime64("2023-01-01") + rng.integers(0, 1_095, claims)[claim]
    posted = service + rng.integers(5, 60, claims)[claim]
    payer = [f"Payer {i:02d}" for i in skewed(rng, 40, 0.9, claims)[claim]]
    provider = rng.integers(0, 60, claims)
    own = rng.random(claims) < 0.8
    location = np.where(own, provider % 5, rng.integers(0, 5, claims))
    if messy:
        for i in np.flatnonzero(rng.random(n) < SHOUTED):
            payer[i] = f" {payer[i].upper()} "
        for i in np.flatnonzero(rng.random(n) < NOT_STATED):
            amount["Billed"][i] = "N/A"
    named = {
        "Claim ID": [f"C{i:08d}" for i in claim],
        "Line": [str(i) for i in line - first + 1],
        "Patient ID": [f"P{int(i * LINES_A_CLAIM) // LINES_A_PATIENT:07d}" for i in claim],
        "Date of Service": _days(service, messy),
        "Posting Date": _days(posted, messy),
        "Payer": payer,
        "Provider": [f"Dr {i:02d}" for i in provider[claim]],
        "Location": [f"Site {i}" for i in location[claim]],
        "CPT": [str(99_000 + i) for i in procedure],
        "Write-off Reason": reason.tolist(),
        **amount,
    }
    return [named[heading] for heading in HEADINGS]


def _days(days: npt.NDArray[np.datetime64], messy: bool) -> list[str]:
    distinct, spread = np.unique(days, return_inverse=True)
    words = [f"{d.month}/{d.day}/{d.year}" if messy else d.isoformat() for d in distinct.tolist()]
    return [words[i] for i in spread]


def make(path: Path, n: int, messy: bool = False, seed: int = 7) -> Path:
    """Write an export of ``n`` lines and return its path. Cells with a comma are quoted."""
    cells = columns(n, messy, seed)
    shown = {cell: f'"{cell}"' if "," in cell else cell for column in cells for cell in set(column)}
    with path.open("w", encoding="utf-8", newline="\n") as out:
        out.write(",".join(HEADINGS) + "\n")
        for row in zip(*cells, strict=True):
            out.write(",".join([shown[cell] for cell in row]) + "\n")
    return path


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("lines", type=int)
    parser.add_argument("path", type=Path)
    parser.add_argument("--messy", action="store_true")
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    make(given.path, given.lines, given.messy, given.seed)
