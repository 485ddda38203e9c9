"""Who pays what and when: contracts, cost sharing, denials and appeals, and the patients' bills.

Every function takes amounts in cents and gives back postings; nothing here reads or writes a file.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

import numpy as np
from practice_facts import (
    ADJUST,
    AETNA_CHANGE,
    AETNA_CUT,
    AGENCY,
    BAD_DEBT,
    CHARITY,
    CODES,
    COMMERCIAL,
    DEDUCTIBLE_LEFT,
    DENIALS,
    DISCOUNT,
    FACTOR,
    FILED_LATE,
    FREE,
    INSURER,
    MONTHS,
    PATIENT,
    PAYERS,
    SELF_PAY,
    SEQUESTRATION,
    SHARE,
    SHARE_END,
    SHARE_START,
    SMALL,
    SMALL_BALANCE,
    TIMELY_FILING_FROM,
    UNAUTHORIZED,
    UNAUTHORIZED_RATE,
    Claim,
    Code,
    Patient,
    Payer,
    Post,
    after,
    between,
    chance,
    percent,
    pick,
)

Move = tuple[str, str, int]  # type, reason and cents of a posting that has no date yet


class Verdict(NamedTuple):
    """What the insurer did with a line: its postings, the last day, and what the patient owes."""

    posts: list[Post]
    day: date
    owed: int


class Habit(NamedTuple):
    """How the patient deals with one bill, and where the rest of it ends."""

    kind: str
    lags: tuple[int, int, int]
    fate: str
    recovered: bool


# The insurer


def contract(payer: Payer, code: Code, day: date) -> int:
    """Return what the contract allows for a code on a day, in cents."""
    spread = (7 * CODES.index(code) + 13 * PAYERS.index(payer)) % 9 - 4
    share = min(payer.allowed * FACTOR[code.kind] // 100 + spread, 97)
    allowed = percent(code.fee * 100, share)
    changed = payer.name == "Aetna" and day >= AETNA_CHANGE
    return percent(allowed, AETNA_CUT) if changed else allowed


def cost_share(claim: Claim, code: Code, allowed: int, deductible: bool) -> list[tuple[str, int]]:
    """Split off what the patient owes: deductible, then coinsurance, or a copay."""
    payer, plan = claim.patient.payer, claim.patient.plan
    if code.kind in FREE or (payer.name == "Medicare" and code.kind == "lab"):
        return []
    if payer.name == "Medicare":
        first = min(allowed, DEDUCTIBLE_LEFT) if deductible else 0
        return [("PR-1", first), ("PR-2", percent(allowed - first, 20))]
    if deductible:
        return [("PR-1", allowed)]
    if plan == "copay" or payer.name == "Medicaid":
        owes = code.kind == "visit" and plan == "copay"
        return [("PR-3", min(payer.copay * 100, allowed))] if owes else []
    return [("PR-2", percent(allowed, 10))]


def planned_share(claim: Claim, deductible: bool) -> tuple[int, int]:
    """Return the allowed amount of a whole claim and the patient's part of it."""
    sums = [0, 0]
    for code, _ in claim.lines:
        allowed = contract(claim.patient.payer, code, claim.day)
        shares = cost_share(claim, code, allowed, deductible)
        sums = [sums[0] + allowed, sums[1] + sum(cents for _, cents in shares)]
    return sums[0], sums[1]


def late_claims(rng: np.random.Generator, claims: Iterable[Claim]) -> set[str]:
    """Choose the claims that reach UnitedHealthcare too late: an even part of every month."""
    chosen: set[str] = set()
    behind = 0.0
    for claim in claims:
        if claim.patient.payer.name == "UnitedHealthcare" and claim.day >= TIMELY_FILING_FROM:
            fee = sum(code.fee for code, _ in claim.lines)
            behind += FILED_LATE * fee
            if behind > 400 * float(rng.random()):
                chosen.add(claim.id)
                behind -= fee
    return chosen


def deductible_claims(
    rng: np.random.Generator, claims: Iterable[Claim], late: set[str]
) -> set[str]:
    """Choose the claims that fall under a deductible.

    Commercial ones are chosen so that the patients' running share of the allowed amount follows
    a straight line over the months (late claims and duplicates, which are not paid, left out);
    Medicare's are drawn, mostly at the start of a year.
    """
    chosen: set[str] = set()
    behind = 0.0
    for claim in claims:
        name = claim.patient.payer.name
        unmet = {1: 0.35, 2: 0.25, 3: 0.12}.get(claim.day.month, 0.03)
        if name == "Medicare" and chance(rng, unmet):
            chosen.add(claim.id)
        if name not in COMMERCIAL or claim.id in late or claim.duplicate:
            continue
        passed = (claim.day - MONTHS[0]).days / (MONTHS[-1] - MONTHS[0]).days
        allowed, owed = planned_share(claim, False)
        behind += (SHARE_START + (SHARE_END - SHARE_START) * passed) * allowed - owed
        if claim.patient.plan == "deductible" and behind > 8000 * float(rng.random()):
            chosen.add(claim.id)
            behind -= planned_share(claim, True)[1] - owed
    return chosen


def payment(claim: Claim, code: Code, allowed: int, deductible: bool) -> list[Move]:
    """Return the movements, without their date, of a line that the insurer pays."""
    shares = cost_share(claim, code, allowed, deductible)
    paid = allowed - sum(cents for _, cents in shares)
    cut = percent(paid, SEQUESTRATION) if claim.patient.payer.name == "Medicare" else 0
    moves = [(INSURER, "", paid - cut), (ADJUST, "CO-45", code.fee * 100 - allowed)]
    moves += [(ADJUST, "CO-253", cut), *((SHARE, reason, cents) for reason, cents in shares)]
    return [move for move in moves if move[2]]


def dated(day: date, moves: Iterable[Move]) -> list[Post]:
    """Post movements on a day."""
    return [Post(day, kind, reason, cents) for kind, reason, cents in moves]


def undone(day: date, posts: Iterable[Post]) -> list[Post]:
    """Reverse postings on a later day."""
    return [post._replace(day=day, cents=-post.cents) for post in posts]


def allowed_now(rng: np.random.Generator, claim: Claim, code: Code) -> int:
    """Return what the payer allows this time: the contract, or for Summit Mutual anything."""
    allowed = contract(claim.patient.payer, code, claim.day)
    if claim.patient.payer.name != "Summit Mutual":
        return allowed
    return min(percent(allowed, between(rng, 55, 150)), percent(code.fee * 100, 97))


def claim_denial(rng: np.random.Generator, claim: Claim, late: bool) -> str:
    """Draw the reason for which the whole claim is denied at first, or nothing."""
    payer = claim.patient.payer
    if claim.duplicate:
        return "OA-18"
    if late:
        return "CO-29"
    whole = [r for r in payer.denials if not DENIALS[r].kinds]
    return next((r for r in whole if chance(rng, payer.denials[r])), "")


def line_denial(rng: np.random.Generator, claim: Claim, code: Code) -> str:
    """Draw the reason for which one line of a claim is denied at first, or nothing."""
    payer = claim.patient.payer
    for reason, rate in payer.denials.items():
        if reason == "CO-197" and claim.provider == UNAUTHORIZED:
            rate = UNAUTHORIZED_RATE
        if code.kind in DENIALS[reason].kinds and chance(rng, rate):
            return reason
    return ""


def decision_day(rng: np.random.Generator, claim: Claim, reason: str) -> date:
    """Draw when the insurer decides: its usual lag, a held claim later, a late filing last."""
    if reason == "CO-29":
        return after(claim.day, between(rng, 91, 116))
    held = between(rng, 25, 70) if chance(rng, 0.08) else 0
    return after(claim.day, between(rng, *claim.patient.payer.lag) + held)


def owed_in(moves: Iterable[Move]) -> int:
    """Add up the patient's part of some movements."""
    return sum(cents for kind, _, cents in moves if kind == SHARE)


def denied(
    rng: np.random.Generator, day: date, reason: str, fee: int, moves: list[Move]
) -> Verdict:
    """Follow a denial: left open, appealed and paid, or lost, written off early or at the end."""
    rule = DENIALS[reason]
    if chance(rng, rule.open):
        return Verdict([], day, 0)
    at_once = chance(rng, rule.at_once)
    lost = Post(day if at_once else after(day, between(rng, 40, 110)), ADJUST, reason, fee)
    if not chance(rng, rule.win):
        return Verdict([lost], lost.day, 0)
    won = after(day, between(rng, 30, 90))
    early = [lost, *undone(won, [lost])] if at_once else []
    return Verdict([*early, *dated(won, moves)], won, owed_in(moves))


def decided(
    rng: np.random.Generator, claim: Claim, code: Code, day: date, reason: str, deductible: bool
) -> Verdict:
    """Let the insurer decide on one line."""
    moves = payment(claim, code, allowed_now(rng, claim, code), deductible)
    if reason.startswith("PR"):
        moves, reason = [(SHARE, reason, code.fee * 100)], ""
    if reason:
        return denied(rng, day, reason, code.fee * 100, moves)
    return Verdict(dated(day, moves), day, owed_in(moves))


def taken_back(claim: Claim, code: Code, verdict: Verdict, day: date, ended: bool) -> Verdict:
    """Undo a payment and decide again: coverage had ended, or less is allowed than before."""
    contractual = sum(p.cents for p in verdict.posts if p.reason == "CO-45")
    moves = [(ADJUST, "CO-27", code.fee * 100)]
    if not ended:
        moves = payment(claim, code, percent(code.fee * 100 - contractual, 85), False)
    posts = [*verdict.posts, *undone(day, verdict.posts), *dated(day, moves)]
    return Verdict(posts, day, owed_in(moves))


# The patient


def make_habit(rng: np.random.Generator, patient: Patient) -> Habit:
    """Draw how one bill is met: at once, in two parts, in part, or not, and how the rest ends."""
    uninsured = patient.payer.name == SELF_PAY
    quality = (patient.care + float(rng.random())) / 2 - (0.16 if uninsured else 0.0)
    kind = ("none", "part", "slow", "prompt")[bisect((0.22, 0.29, 0.38), quality)]
    fate = (BAD_DEBT, AGENCY, CHARITY, "")[pick(rng, (50, 14, 26 if uninsured else 10, 20))]
    lags = (between(rng, 10, 48), between(rng, 60, 140), between(rng, 150, 185))
    return Habit(kind, lags, fate, chance(rng, 0.08))


def ending(habit: Habit, day: date, rest: int) -> list[Post]:
    """Close what the patient never paid; a little bad debt is paid after all."""
    if not habit.fate:
        return []
    posts = [Post(after(day, habit.lags[2]), ADJUST, habit.fate, rest)]
    if habit.recovered and habit.fate == BAD_DEBT:
        late = after(posts[0].day, habit.lags[1])
        posts += [*undone(late, posts), Post(late, PATIENT, "", rest)]
    return posts


def patient_posts(habit: Habit, day: date, owed: int, prepaid: int) -> list[Post]:
    """Follow the patient's part of a line from the decision on: payments, refund, write-off."""
    due = owed - prepaid
    first, second = after(day, habit.lags[0]), after(day, habit.lags[1])
    if due < 0 and habit.kind == "none":
        return []  # a credit that nobody has refunded
    if due == 0:
        return []
    if due < 0 or habit.kind == "prompt":
        return [Post(first, PATIENT, "", due)]
    if due < SMALL_BALANCE:
        return [Post(second, ADJUST, SMALL, due)]
    if habit.kind == "none":
        return ending(habit, day, due)
    part = percent(due, 50 if habit.kind == "slow" else 40)
    if habit.kind == "slow":
        return [Post(first, PATIENT, "", part), Post(second, PATIENT, "", due - part)]
    return [Post(first, PATIENT, "", part), *ending(habit, day, due - part)]


def self_pay_posts(habit: Habit, day: date, fee: int) -> list[Post]:
    """Give a prompt self-pay patient 35 percent off; bill the others in full."""
    if habit.kind != "prompt":
        return patient_posts(habit, day, fee, 0)
    off = percent(fee, 35)
    paid = after(day, habit.lags[0] // 2)
    return [Post(paid, PATIENT, "", fee - off), Post(paid, ADJUST, DISCOUNT, off)]


def at_the_visit(rng: np.random.Generator, claim: Claim) -> int:
    """Draw the copay taken at the desk, sometimes from somebody who owes none."""
    patient, kind = claim.patient, claim.lines[0][0].kind
    copays = patient.plan == "copay" and patient.payer.name not in ("Medicare", SELF_PAY)
    asked = {"visit": 0.85, "preventive": 0.08}[kind] if copays and not claim.duplicate else 0.0
    return patient.payer.copay * 100 if chance(rng, asked) else 0
