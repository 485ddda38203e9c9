"""Make the sample practice: a made-up family practice, its books, and the two files from them.

    python sample_data/make_practice.py

writes `practice_ledger.csv` (a row a movement) and `practice_lines.csv` (a row a service line) next
to this script, the same bytes every time. The practice has four clinicians, two sites, seven
insurers and self-pay patients; 24 service months, 2024-11-01 to 2026-10-31, exported on 2026-11-15:
6,697 charge lines on 3,204 claims of 1,052 patients, $975,449.00 billed. Nobody in it is real.

The story that a reader should be able to find in the files:

1. Timely filing. From service month 2026-03 on, a part of UnitedHealthcare's claims is filed too
   late and lost (CO-29): $172 before, $6,688 since, and the latest months are not decided yet.
2. Aetna's contract. From 2025-10-01 on, Aetna allows 9% less for every code: its allowed amounts go
   from 65.9% to 59.7% of the fee, so its contractual rate rises.
3. The patients' share. What commercial patients owe of the allowed amount grows steadily, as more
   visits fall under a deductible: from 14.1% in the first three months to 20.9% in the last three.
4. A small, noisy payer. Summit Mutual has 95 lines, allowed anywhere from 32% to 87% of the fee.
5. Young months. Open with insurers are 8.7% of August, 11.2% of September and 44.6% of October
   2026: mostly the lag of the payers, not a loss.
6. Missing authorizations. Of what Blue Cross Blue Shield refuses for them (CO-197), $2,810 of
   $3,240 are Dr. Okafor's.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import numpy as np
from practice_facts import (
    ADJUST,
    AS_OF,
    BUSY,
    CHARGE,
    CODES,
    CONTRACTUAL,
    INSURER,
    MONTHS,
    PATIENT,
    PATIENT_SIDE,
    PAYERS,
    PROVIDERS,
    SEED,
    SELF_PAY,
    SHARE,
    VISITS_PER_MONTH,
    Claim,
    Code,
    Patient,
    Payer,
    Post,
    after,
    between,
    chance,
    pick,
)
from practice_money import (
    Habit,
    at_the_visit,
    claim_denial,
    decided,
    decision_day,
    deductible_claims,
    late_claims,
    line_denial,
    make_habit,
    patient_posts,
    self_pay_posts,
    taken_back,
    undone,
)

LEDGER_HEADER = (
    "Transaction ID,Claim ID,Line,Patient ID,Service Date,Posting Date,Payer,Provider,Location,"
    "CPT,Modifier,Type,Reason,Amount"
)
WIDE_HEADER = (
    "Claim ID,Line,Patient ID,Date of Service,Posting Date,Payer,Provider,Location,CPT,Modifier,"
    "Billed,Allowed,Insurance Paid,Patient Paid,Contractual Adjustment,Write-off,Write-off Reason,"
    "Deductible,Coinsurance,Copay,Patient Responsibility,Insurance Balance,Patient Balance"
)


class Plan(NamedTuple):
    """The claims chosen beforehand, so that two stories run evenly through the months."""

    deductible: set[str]
    late: set[str]


class Book(NamedTuple):
    """One service line and everything posted to it up to the export."""

    claim: Claim
    number: int
    posts: list[Post]


# Patients and their visits


def make_patients(rng: np.random.Generator) -> list[Patient]:
    """Draw the patients of every payer, in mixed order, each with a usual clinician."""
    payers = [payer for payer in PAYERS for _ in range(payer.patients)]
    order = sorted(range(len(payers)), key=[float(rng.random()) for _ in payers].__getitem__)
    names = tuple(PROVIDERS)
    return [
        Patient(
            id=f"P{number:05d}",
            payer=payers[index],
            plan="copay" if chance(rng, 0.45) else "deductible",
            provider=names[pick(rng, (30, 27, 22, 21))],
            care=float(rng.random()),
        )
        for number, index in enumerate(order, start=1)
    ]


def working_days(month: date) -> list[date]:
    """List the weekdays of a month."""
    days = (month + timedelta(days=n) for n in range(31))
    return [day for day in days if day.month == month.month and day.weekday() < 5]


def visit_codes(rng: np.random.Generator, payer: Payer, month: int) -> list[Code]:
    """Draw what was done: a visit or a preventive exam, and up to three other services."""
    mains = [c for c in CODES if c.kind in ("visit", "preventive")]
    extras = [c for c in CODES if c.kind not in ("visit", "preventive")]
    codes = [mains[pick(rng, [c.weight for c in mains])]]
    if payer.name == "Medicare" and codes[0].kind == "preventive":
        codes = [c for c in CODES if c.cpt == "G0439"]
    flu = 4 if month in (9, 10, 11) else 1 if month in (12, 1, 2) else 0
    for _ in range(pick(rng, (36, 31, 20, 13))):
        weights = [c.weight * (flu if c.cpt == "90656" else 1) for c in extras]
        codes.append(extras.pop(pick(rng, weights)))
    return codes


def with_modifiers(rng: np.random.Generator, codes: Sequence[Code]) -> tuple[tuple[Code, str], ...]:
    """Mark a visit beside a procedure or vaccine with 25, a lone video visit with 95."""
    beside = any(c.kind in ("procedure", "planned", "vaccine") for c in codes[1:])
    video = len(codes) == 1 and codes[0].kind == "visit" and chance(rng, 0.12)
    first = "25" if beside else "95" if video else ""
    return tuple((code, first if at == 0 else "") for at, code in enumerate(codes))


def make_claim(rng: np.random.Generator, patient: Patient, day: date) -> Claim:
    """Draw one visit of a patient, mostly with the usual clinician."""
    names = tuple(PROVIDERS)
    provider = patient.provider if chance(rng, 0.85) else names[pick(rng, (1, 1, 1, 1))]
    location = "Main Street" if chance(rng, PROVIDERS[provider]) else "Riverside"
    codes = visit_codes(rng, patient.payer, day.month)
    return Claim("", patient, day, provider, location, with_modifiers(rng, codes))


def make_claims(rng: np.random.Generator, patients: Sequence[Patient]) -> list[Claim]:
    """Draw all visits, a few of them billed twice, numbered by date."""
    weights = [p.payer.visits * (0.4 + float(rng.random())) for p in patients]
    claims: list[Claim] = []
    seen: set[tuple[str, date]] = set()
    for month in MONTHS:
        days = working_days(month)
        for _ in range(int(VISITS_PER_MONTH * BUSY.get(month.month, 1.0)) + between(rng, -4, 4)):
            patient = patients[pick(rng, weights)]
            day = days[int(float(rng.random()) * len(days))]
            if (patient.id, day) in seen:
                continue
            seen.add((patient.id, day))
            claims.append(make_claim(rng, patient, day))
            if patient.payer.name != SELF_PAY and chance(rng, 0.003):
                claims.append(claims[-1]._replace(duplicate=True))
    claims.sort(key=lambda claim: (claim.day, claim.patient.id, claim.duplicate))
    return [claim._replace(id=f"C{n:07d}") for n, claim in enumerate(claims, start=1)]


# The books


def charge_posts(rng: np.random.Generator, day: date, fee: int) -> list[Post]:
    """Enter a charge; now and then it is keyed twice and put right the next day."""
    posts = [Post(day, CHARGE, "", fee)]
    if chance(rng, 0.003):
        posts += [Post(day, CHARGE, "", fee), Post(after(day, 1), CHARGE, "", -fee)]
    return posts


def insured_posts(
    rng: np.random.Generator, claim: Claim, plan: Plan, copay: int, habit: Habit
) -> list[list[Post]]:
    """Follow every line of an insured claim through the insurer and then the patient."""
    whole = claim_denial(rng, claim, claim.id in plan.late)
    day = decision_day(rng, claim, whole)
    takeback, ended = chance(rng, 0.005), chance(rng, 0.35)
    again = after(day, between(rng, 25, 70))
    lines = []
    for at, (code, _) in enumerate(claim.lines):
        reason = whole or line_denial(rng, claim, code)
        verdict = decided(rng, claim, code, day, reason, claim.id in plan.deductible)
        if takeback and not reason:
            verdict = taken_back(claim, code, verdict, again, ended)
        prepaid = copay if at == 0 else 0
        posts = patient_posts(habit, verdict.day, verdict.owed, prepaid) if verdict.posts else []
        lines.append([*verdict.posts, *posts])
    return lines


def keep_books(rng: np.random.Generator, claim: Claim, plan: Plan) -> list[Book]:
    """Post everything that happens to one claim, up to the export."""
    entry, habit = after(claim.day, between(rng, 0, 2)), make_habit(rng, claim.patient)
    copay = at_the_visit(rng, claim)
    if claim.patient.payer.name == SELF_PAY:
        later = [self_pay_posts(habit, entry, code.fee * 100) for code, _ in claim.lines]
    else:
        later = insured_posts(rng, claim, plan, copay, habit)
    void = after(entry, between(rng, 2, 70)) if chance(rng, 0.004) else None
    books = []
    for at, (code, _) in enumerate(claim.lines):
        desk = [Post(claim.day, PATIENT, "", copay)] if copay and at == 0 else []
        posts = [*charge_posts(rng, entry, code.fee * 100), *desk, *later[at]]
        if void:
            posts = [post for post in posts if post.day <= void]
            posts += undone(void, posts)
        books.append(Book(claim, at + 1, [post for post in posts if post.day <= AS_OF]))
    return books


def make_books() -> list[Book]:
    """Make the whole practice from the seed."""
    rng = np.random.Generator(np.random.PCG64(SEED))
    claims = make_claims(rng, make_patients(rng))
    late = late_claims(rng, claims)
    plan = Plan(deductible_claims(rng, claims, late), late)
    return [book for claim in claims for book in keep_books(rng, claim, plan)]


# The two files


def money(cents: int) -> str:
    """Write cents as dollars with two decimals."""
    whole, rest = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}{whole}.{rest:02d}"


def ledger_rows(books: Iterable[Book]) -> list[list[str]]:
    """List every movement in posting order, numbered."""
    moves = [(post.day, book, post) for book in books for post in book.posts]
    moves.sort(key=lambda move: (move[0], move[1].claim.id, move[1].number))
    return [
        [f"T{n:06d}", book.claim.id, str(book.number), book.claim.patient.id,
         book.claim.day.isoformat(), day.isoformat(), *common(book),
         post.type, post.reason, money(post.cents)]
        for n, (day, book, post) in enumerate(moves, start=1)
    ]  # fmt: skip


def common(book: Book) -> list[str]:
    """Return payer, provider, location, procedure and modifier of a line."""
    claim, (code, modifier) = book.claim, book.claim.lines[book.number - 1]
    return [claim.patient.payer.name, claim.provider, claim.location, code.cpt, modifier]


def nets(book: Book) -> dict[tuple[str, str], int]:
    """Net the postings of a line by type and reason, zeros left out."""
    sums: defaultdict[tuple[str, str], int] = defaultdict(int)
    for post in book.posts:
        sums[post.type, post.reason] += post.cents
    return {key: cents for key, cents in sums.items() if cents}


def total(net: Mapping[tuple[str, str], int], kind: str) -> int:
    """Add up one type of posting over its reasons."""
    return sum(cents for (one, _), cents in net.items() if one == kind)


def patient_open(book: Book, net: Mapping[tuple[str, str], int], balance: int) -> int:
    """Return the patient's part of what is open; before any decision that is nothing."""
    if book.claim.patient.payer.name == SELF_PAY:
        return balance
    if not any(kind in (INSURER, SHARE) or reason for kind, reason in net):
        return 0
    given_up = sum(net.get((ADJUST, reason), 0) for reason in PATIENT_SIDE)
    return total(net, SHARE) - net.get((PATIENT, ""), 0) - given_up


def wide_row(book: Book, net: Mapping[tuple[str, str], int]) -> list[str]:
    """Put the money of one line into columns."""
    billed, adjusted = total(net, CHARGE), total(net, ADJUST)
    contractual = sum(net.get((ADJUST, reason), 0) for reason in CONTRACTUAL)
    reasons = [r for kind, r in net if kind == ADJUST and r not in CONTRACTUAL]
    balance = billed - total(net, INSURER) - total(net, PATIENT) - adjusted
    patient = patient_open(book, net, balance)
    allowed = money(billed - net[ADJUST, "CO-45"]) if (ADJUST, "CO-45") in net else ""
    shares = [net.get((SHARE, reason), 0) for reason in ("PR-1", "PR-2", "PR-3")]
    numbers = [total(net, INSURER), total(net, PATIENT), contractual, adjusted - contractual]
    rest = [*shares, total(net, SHARE), balance - patient, patient]
    last = max(post.day for post in book.posts).isoformat()
    claim = book.claim
    return [claim.id, str(book.number), claim.patient.id, claim.day.isoformat(), last,
            *common(book), money(billed), allowed, *map(money, numbers),
            reasons[0] if reasons else "", *map(money, rest)]  # fmt: skip


def wide_rows(books: Iterable[Book]) -> list[list[str]]:
    """List every line that still carries a charge."""
    return [wide_row(book, net) for book in books if (CHARGE, "") in (net := nets(book))]


def write(path: Path, header: str, rows: Iterable[Sequence[str]]) -> None:
    """Write a CSV file with the same bytes on every system."""
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(header + "\n")
        csv.writer(file, lineterminator="\n").writerows(rows)


def main(folder: Path) -> None:
    """Write both files into a folder."""
    books = make_books()
    write(folder / "practice_ledger.csv", LEDGER_HEADER, ledger_rows(books))
    write(folder / "practice_lines.csv", WIDE_HEADER, wide_rows(books))


if __name__ == "__main__":
    main(Path(__file__).resolve().parent)
