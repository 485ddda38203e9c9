"""What the sample practice is: codes and fees, payers and contracts, and how chance is drawn.

These are inputs. What they lead to, in dollars, is told in `make_practice.py`.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import accumulate
from typing import NamedTuple

import numpy as np

SEED = 117
AS_OF = date(2026, 11, 15)
MONTHS = tuple(date(2024 + (m + 10) // 12, (m + 10) % 12 + 1, 1) for m in range(24))
VISITS_PER_MONTH = 134
BUSY = {1: 1.08, 2: 1.05, 6: 0.97, 7: 0.90, 8: 0.93, 10: 1.06, 11: 1.02, 12: 0.92}

TIMELY_FILING_FROM = date(2026, 3, 1)
FILED_LATE = 0.22  # of what UnitedHealthcare is billed from then on
AETNA_CHANGE = date(2025, 10, 1)
AETNA_CUT = 91  # percent of the old allowed amount
SHARE_START, SHARE_END = 0.14, 0.22  # of the allowed amount, commercial payers
SEQUESTRATION = 2  # percent of what the payer would have paid
DEDUCTIBLE_LEFT = 9000  # cents of Medicare's deductible, where it is not met yet
SMALL_BALANCE = 1000  # cents, below which a rest is not pursued

CHARGE, INSURER, PATIENT = "Charge", "Insurance Payment", "Patient Payment"
ADJUST, SHARE = "Adjustment", "Patient Responsibility"
BAD_DEBT, AGENCY = "Bad debt", "Collection agency"
CHARITY, SMALL = "Charity care - financial assistance", "Small balance write-off"
DISCOUNT = "Self-pay adjustment"
PATIENT_SIDE = (BAD_DEBT, AGENCY, CHARITY, SMALL, DISCOUNT)
CONTRACTUAL = ("CO-45", "CO-253")
SELF_PAY = "Self-pay"


class Code(NamedTuple):
    """One procedure: its fee in dollars, what it is, and how often it is the visit or an extra."""

    cpt: str
    fee: int
    kind: str
    weight: int


class Payer(NamedTuple):
    """One payer: size, contract, speed, copay in dollars and first denials (rate per reason)."""

    name: str
    patients: int
    visits: float
    allowed: int
    lag: tuple[int, int]
    copay: int
    denials: Mapping[str, float]


class Denial(NamedTuple):
    """A denial: its kinds of line (none: whole claims), chances to win, post at once, stay open."""

    kinds: tuple[str, ...]
    win: float
    at_once: float
    open: float


CODES = (
    Code("99213", 172, "visit", 40),
    Code("99214", 246, "visit", 33),
    Code("99212", 118, "visit", 6),
    Code("99215", 338, "visit", 3),
    Code("99203", 242, "visit", 8),
    Code("99204", 360, "visit", 4),
    Code("99395", 232, "preventive", 8),
    Code("99396", 252, "preventive", 10),
    Code("G0439", 245, "preventive", 0),
    Code("36415", 18, "lab", 22),
    Code("80053", 44, "lab", 14),
    Code("80061", 52, "lab", 12),
    Code("83036", 42, "lab", 10),
    Code("85025", 34, "lab", 12),
    Code("81003", 16, "lab", 8),
    Code("87880", 48, "lab", 6),
    Code("93000", 68, "test", 6),
    Code("94010", 98, "test", 3),
    Code("96372", 52, "procedure", 6),
    Code("17110", 228, "procedure", 4),
    Code("90656", 38, "vaccine", 6),
    Code("90471", 46, "vaccine", 5),
    Code("20610", 215, "planned", 9),
    Code("76705", 310, "planned", 6),
    Code("77080", 225, "planned", 7),
)
FACTOR = {
    "visit": 100, "preventive": 103, "lab": 84, "test": 92, "procedure": 95, "vaccine": 112,
    "planned": 96,
}  # fmt: skip
FREE = ("preventive", "vaccine")  # no cost share on prevention

PAYERS = (
    Payer("Medicare", 285, 1.20, 57, (9, 22), 0,
          {"CO-16": 0.020, "CO-50": 0.050, "CO-97": 0.025, "PR-96": 0.008, "CO-11": 0.010}),
    Payer("Blue Cross Blue Shield", 285, 1.00, 69, (13, 34), 25,
          {"CO-197": 0.02, "CO-97": 0.025, "CO-27": 0.006, "CO-11": 0.012, "CO-4": 0.015}),
    Payer("UnitedHealthcare", 205, 1.00, 66, (16, 48), 20,
          {"CO-29": 0.004, "CO-50": 0.040, "CO-16": 0.02, "CO-97": 0.02, "CO-4": 0.018}),
    Payer("Aetna", 150, 1.00, 68, (15, 44), 25,
          {"CO-50": 0.050, "PR-96": 0.030, "CO-11": 0.018, "CO-27": 0.008}),
    Payer("Medicaid", 110, 1.05, 44, (24, 58), 3,
          {"CO-27": 0.020, "CO-16": 0.030, "CO-29": 0.003, "CO-11": 0.015}),
    Payer("Cigna", 66, 1.00, 65, (18, 52), 30,
          {"PR-27": 0.012, "CO-97": 0.040, "CO-4": 0.012, "CO-50": 0.020}),
    Payer("Summit Mutual", 16, 1.00, 60, (10, 60), 40,
          {"CO-16": 0.10, "CO-29": 0.04, "CO-50": 0.10, "CO-11": 0.08, "CO-27": 0.03}),
    Payer(SELF_PAY, 50, 0.80, 100, (0, 0), 0, {}),
)  # fmt: skip
COMMERCIAL = ("Blue Cross Blue Shield", "UnitedHealthcare", "Aetna", "Cigna")

DENIALS = {
    "CO-29": Denial((), 0.06, 0.90, 0.04),
    "CO-27": Denial((), 0.40, 0.40, 0.12),
    "PR-27": Denial((), 0.0, 1.0, 0.0),
    "CO-16": Denial((), 0.85, 0.20, 0.15),
    "CO-50": Denial(("lab", "test"), 0.30, 0.50, 0.10),
    "CO-97": Denial(("lab", "test", "procedure"), 0.30, 0.70, 0.05),
    "CO-11": Denial(("visit", "lab", "test", "procedure"), 0.65, 0.40, 0.10),
    "CO-4": Denial(("visit", "procedure"), 0.65, 0.40, 0.10),
    "PR-96": Denial(("preventive", "vaccine", "lab"), 0.0, 1.0, 0.0),
    "CO-197": Denial(("planned",), 0.12, 0.60, 0.08),
    "OA-18": Denial(("duplicate",), 0.0, 1.0, 0.0),
}
# Each clinician and the part of the visits held at Main Street; the rest are at Riverside.
PROVIDERS = {"Dr. Alvarez": 0.90, "Dr. Chen": 0.65, "Dr. Okafor": 0.15, "N. Brandt, NP": 0.45}
UNAUTHORIZED, UNAUTHORIZED_RATE = "Dr. Okafor", 0.80  # with payers that deny CO-197


# Chance: only uniform draws are taken from the generator, so that the files stay the same when a
# library changes the way in which it draws anything more elaborate.


def chance(rng: np.random.Generator, probability: float) -> bool:
    """Say yes with this probability."""
    return float(rng.random()) < probability


def between(rng: np.random.Generator, low: int, high: int) -> int:
    """Draw a whole number from low to high, the middle more often than the ends."""
    middle = (float(rng.random()) + float(rng.random())) / 2
    return low + int(middle * (high - low + 1))


def pick(rng: np.random.Generator, weights: Sequence[float]) -> int:
    """Draw an index in proportion to its weight."""
    steps = list(accumulate(weights))
    return min(bisect(steps, float(rng.random()) * steps[-1]), len(steps) - 1)


def percent(cents: int, share: int) -> int:
    """Take a whole percentage of an amount, half a cent rounded up."""
    return (cents * share + 50) // 100


def after(day: date, days: int) -> date:
    """Go forward some days, and on to Monday from a weekend."""
    moved = day + timedelta(days=days)
    return moved + timedelta(days=max(0, 7 - moved.weekday()) if moved.weekday() > 4 else 0)


# What a visit is


class Patient(NamedTuple):
    """One patient; `care` from 0 to 1 says how well the bills get paid."""

    id: str
    payer: Payer
    plan: str
    provider: str
    care: float


class Claim(NamedTuple):
    """One visit as billed: codes with their modifiers, in line order."""

    id: str
    patient: Patient
    day: date
    provider: str
    location: str
    lines: tuple[tuple[Code, str], ...]
    duplicate: bool = False


class Post(NamedTuple):
    """One movement on a line, in cents."""

    day: date
    type: str
    reason: str
    cents: int
