"""Random books of remittances that balance by construction, for the properties.

A book is a few claims; each has its life: a first adjudication, perhaps a reversal and correction or
an appeal, perhaps later payers that do it right, repeat the contract, speak of some lines only or of
the whole claim. Whoever speaks does so on a day of its own.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st
from remits import Claim, Line, Payment, cents, remit

PAYERS = ("AETNA", "MEDICARE", "BLUE CROSS")
FIRST_DAY = date(2026, 2, 1)
DENIALS = ("CO-50", "CO-29", "PI-16", "CO-197", "OA-109")
MEMOS = ("OA-133", "OA-209", "PR-257")
SMALL = ("CO-253", "CO-97", "PR-45", "PR-96", "CO-2", "PI-45", "OA-45", "OA-100", "CO-A8", "PR-3")

Event = tuple[str, int, Claim]  # payer, day number, what it says


def _parts(draw: Any, total: int, names: list[str]) -> str:
    """A CAS text that spreads ``total`` over some reasons."""
    out = []
    for name in names[:-1]:
        part = draw(st.integers(0, total))
        total -= part
        if part:
            out.append(f"{name} {part}")
    if total:
        out.append(f"{names[-1]} {total}")
    return ", ".join(_decimal(text) for text in out)


def _decimal(text: str) -> str:
    name, amount = text.split()
    return f"{name} {int(amount) // 100}.{int(amount) % 100:02d}"


def _first(draw: Any, line: Line) -> Line:
    """The first payer's word on a line: denied, pending, or paid and the rest explained."""
    charge = cents(line.charge)
    how = draw(st.sampled_from(["paid", "paid", "paid", "denied", "mixed"]))
    if how == "denied":
        names, paid = [draw(st.sampled_from(DENIALS))], 0
    elif how == "mixed":
        paid = draw(st.integers(0, charge))
        names = [draw(st.sampled_from(SMALL)), draw(st.sampled_from(MEMOS)), "CO-45"]
    else:
        paid = draw(st.integers(0, charge))
        names = ["PR-1", "PR-2", draw(st.sampled_from(SMALL)), "CO-45"]
    text = _parts(draw, charge - paid, names)
    return _said(line, paid, text)


def _said(line: Line, paid: int, cas: str) -> Line:
    return Line(line.code, line.charge, paid, cas, line.day, line.ref, line.modifiers)


def _later(draw: Any, line: Line, before: int) -> Line:
    """A later payer's word: ``before`` cents paid or written off until now."""
    charge = cents(line.charge)
    room = max(0, charge - before)
    paid = draw(st.integers(0, room))
    rest = room - paid
    style = draw(st.sampled_from(["right", "repeats", "denies"]))
    if style == "denies":
        return _said(line, 0, _parts(draw, charge, ["CO-50"]))
    if style == "repeats":
        share = draw(st.integers(0, rest))
        text = ", ".join(
            filter(
                None,
                (
                    _parts(draw, share, ["PR-2"]),
                    _parts(draw, charge - paid - share, ["CO-253", "CO-45"]),
                ),
            )
        )
        return _said(line, paid, text)
    text = ", ".join(
        filter(
            None,
            (_parts(draw, charge - room, ["OA-23"]), _parts(draw, rest, ["PR-3", "CO-45", "PR-2"])),
        )
    )
    return _said(line, paid, text)


def _settled(line: Line) -> int:
    """Cents of a line that its payer paid or wrote off for good."""
    off = 0
    for part in filter(None, line.cas.split(", ")):
        name, amount = part.split()
        if name[:2] in ("CO", "PI", "OA") and name not in (*MEMOS, "OA-23", "OA-100"):
            off += cents(amount)
    return cents(line.paid) + off


def _turned(claim: Claim) -> Claim:
    """The reversal of a claim as sent."""

    def back(text: str) -> str:
        parts = [part.split() for part in filter(None, text.split(", "))]
        return ", ".join(f"{name} {_minus(amount)}" for name, amount in parts)

    lines = [
        Line(x.code, -cents(x.charge), -cents(x.paid), back(x.cas), x.day, x.ref, x.modifiers)
        for x in claim.lines
    ]
    charge = None if claim.charge is None else -cents(claim.charge)
    return Claim(claim.number, lines, "22", back(claim.cas), charge, patient=claim.patient)


def _minus(amount: str) -> str:
    return amount[1:] if amount.startswith("-") else f"-{amount}"


def _life(draw: Any, number: str, patient: str) -> list[Event]:
    """Everything that is said of one claim."""
    numbered = draw(st.booleans())
    count = draw(st.integers(1, 3))
    # Alike lines without numbers are told apart by their order, which holds only when all are sent.
    codes = ["99213"] * 3 if numbered else draw(st.permutations(["99213", "99214", "J1100"]))
    bare = [
        Line(
            codes[i],
            draw(st.integers(1, 40_000)),
            day=draw(st.sampled_from(["20260105", "20260105", "20260107"])),
            ref=str(i) if numbered else None,
            modifiers=draw(st.sampled_from([(), ("25",)])),
        )
        for i in range(count)
    ]
    payers = draw(st.permutations(PAYERS))[: draw(st.integers(1, 3))]
    said = Claim(number, [_first(draw, x) for x in bare], "1", patient=patient)
    if not any(cents(x.paid) for x in said.lines) and draw(st.booleans()):
        said = Claim(number, said.lines, "4", patient=patient)
    if draw(st.integers(0, 4)) == 0:
        said = Claim(number, said.lines, "1", "OA-225 -1.23", patient=patient)
    events, day = [(payers[0], 0, said)], 0
    for _ in range(draw(st.integers(0, 2))):
        day += draw(st.integers(1, 20))
        again = Claim(number, [_first(draw, x) for x in bare], "1", patient=patient)
        if draw(st.integers(0, 3)):
            events.append((payers[0], day, _turned(said)))
        said = again
        events.append((payers[0], day, said))
    before = [_settled(x) for x in said.lines]
    for rank, payer in enumerate(payers[1:], start=2):
        day += draw(st.integers(1, 20))
        lines = [_later(draw, x, b) for x, b in zip(bare, before, strict=True)]
        some = lines[-1:] if len(lines) > 1 and draw(st.integers(0, 4)) == 0 else lines
        sent = Claim(number, some, str(rank), patient=patient)
        if draw(st.integers(0, 4)) == 0:
            total, done = sum(cents(x.charge) for x in bare), sum(before)
            money = _whole(draw, total, min(done, total))
            sent = Claim(
                number, (), str(rank), *money, patient=patient, day=min(str(x.day) for x in bare)
            )
        elif some is lines:
            before = [b + cents(x.paid) for b, x in zip(before, lines, strict=True)]
        events.append((payer, day, sent))
        if draw(st.integers(0, 5)) == 0:
            day += 1
            events.append((payer, day, _turned(sent)))
    return events


def _whole(draw: Any, charge: int, before: int) -> tuple[str, int, int]:
    """CAS, charge and payment of a later payer that speaks of a claim without its lines."""
    paid = draw(st.integers(0, charge - before))
    left = _parts(draw, charge - before - paid, ["PR-2", "CO-45"])
    text = ", ".join(filter(None, (_parts(draw, before, ["OA-23"]), left)))
    return text, charge, paid


@st.composite
def books(draw: Any) -> list[Payment]:
    """The payments of a random practice, one a payer and day."""
    events: list[Event] = []
    for i in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, 40))
        life = _life(draw, f"C{i}", f"P{i}")
        events += [(payer, start + day, said) for payer, day, said in life]
    by_check: dict[tuple[str, int], list[Claim]] = defaultdict(list)
    for payer, day, said in events:
        by_check[payer, day].append(said)
    out = []
    for (payer, day), claims in by_check.items():
        plb = draw(
            st.sampled_from([(), (), (("WO", "C9", 1234),), (("L6", "", -56), ("72", "X", 99))])
        )
        when = (FIRST_DAY + timedelta(days=day)).strftime("%Y%m%d")
        out.append(Payment(claims, payer, when, plb=plb))
    return out


def files(payments: list[Payment], cuts: int) -> list[str]:
    """The payments as ``cuts`` files, dealt out in turn."""
    parts = [payments[i::cuts] for i in range(cuts)]
    return [remit(*part, control=i * 100 + 1) for i, part in enumerate(parts) if part]
