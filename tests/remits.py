"""X12 835 text for tests: claims and lines as they are said, one payment a payer and day.

Money is dollars as text (``"80"``, ``"0.80"``) or whole cents. Adjustments read as people write them:
``"CO-45 80, PR-1 20"``. Every total that is not given is the one that makes the file balance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

Money = str | int


def cents(money: Money) -> int:
    """Dollars as text, or cents, -> cents."""
    return money if isinstance(money, int) else int(Decimal(money) * 100)


def dollars(amount: int) -> str:
    """Cents -> the text of an X12 amount: no trailing zeros, as payers send it."""
    text = f"{Decimal(amount) / 100:.2f}"
    return text.rstrip("0").rstrip(".")


def adjustments(text: str) -> list[tuple[str, str, int]]:
    """``"CO-45 80, PR-1 20"`` -> [("CO", "45", 8000), ("PR", "1", 2000)]."""
    found = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        reason, amount = part.split()
        group, code = reason.split("-", 1)
        found.append((group, code, cents(amount)))
    return found


@dataclass(frozen=True)
class Line:
    """One service: SVC, its date, its number (REF 6R) and its adjustments."""

    code: str
    charge: Money
    paid: Money = 0
    cas: str = ""
    day: str | None = "20260105"
    ref: str | None = None
    modifiers: tuple[str, ...] = ()
    submitted: str | None = None
    amounts: tuple[tuple[str, Money], ...] = ()
    qualifier: str = "HC"


@dataclass(frozen=True)
class Claim:
    """One CLP with its lines. Without ``charge`` and ``paid`` they are what the lines and CAS make."""

    number: str
    lines: Sequence[Line] = ()
    status: str = "1"
    cas: str = ""
    charge: Money | None = None
    paid: Money | None = None
    responsibility: Money | None = None
    patient: str | None = "P1"
    filing: str = "12"
    payer_number: str = ""
    day: str | None = None
    amounts: tuple[tuple[str, Money], ...] = ()
    provider: str | None = None
    extra: tuple[str, ...] = ()

    @property
    def cents_charged(self) -> int:
        return (
            sum(cents(line.charge) for line in self.lines)
            if self.charge is None
            else cents(self.charge)
        )

    @property
    def cents_paid(self) -> int:
        if self.paid is not None:
            return cents(self.paid)
        paid = sum(cents(line.paid) for line in self.lines) if self.lines else self.cents_charged
        return paid - sum(amount for _, _, amount in adjustments(self.cas))

    @property
    def cents_patient(self) -> int:
        if self.responsibility is not None:
            return cents(self.responsibility)
        texts = [self.cas, *(line.cas for line in self.lines)]
        return sum(a for text in texts for group, _, a in adjustments(text) if group == "PR")


@dataclass(frozen=True)
class Payment:
    """One ST: one payer's payment of one day. ``plb``: (reason, reference, amount taken)."""

    claims: Sequence[Claim]
    payer: str = "AETNA"
    day: str = "20260201"
    trace: str | None = None
    plb: tuple[tuple[str, str, Money], ...] = ()
    amount: Money | None = None
    sign: str = "C"
    payer_id: str | None = None
    practice: str = "MAIN STREET CLINIC"

    @property
    def cents(self) -> int:
        if self.amount is not None:
            return cents(self.amount)
        taken = sum(cents(amount) for _, _, amount in self.plb)
        return sum(claim.cents_paid for claim in self.claims) - taken


@dataclass(frozen=True)
class Style:
    """How the text is written: separators, envelope, what is left out."""

    element: str = "*"
    component: str = ":"
    end: str = "~\n"
    isa: bool = True
    se: bool = True
    trailer: bool = True
    before: str = ""
    per_interchange: int | None = None
    triplets: int = 6


PLAIN = Style()


def _cas(text: str, most: int) -> list[list[str]]:
    """CAS segments, up to ``most`` triplets each, a segment a group."""
    by_group: dict[str, list[tuple[str, int]]] = {}
    for group, code, amount in adjustments(text):
        by_group.setdefault(group, []).append((code, amount))
    out = []
    for group, parts in by_group.items():
        for start in range(0, len(parts), most):
            segment = ["CAS", group]
            for code, amount in parts[start : start + most]:
                segment += [code, dollars(amount), ""]
            out.append(segment[:-1])
    return out


def _line(line: Line, style: Style) -> list[list[str]]:
    c = style.component
    service = c.join((line.qualifier, line.code, *line.modifiers))
    segment = ["SVC", service, dollars(cents(line.charge)), dollars(cents(line.paid))]
    if line.submitted:
        segment += ["", "1", c.join((line.qualifier, line.submitted))]
    out = [segment]
    if line.day:
        out.append(["DTM", "472", line.day])
    out += _cas(line.cas, style.triplets)
    if line.ref:
        out.append(["REF", "6R", line.ref])
    return out + [["AMT", kind, dollars(cents(amount))] for kind, amount in line.amounts]


def _claim(claim: Claim, style: Style) -> list[list[str]]:
    head = [claim.number, claim.status, dollars(claim.cents_charged), dollars(claim.cents_paid)]
    head += [dollars(claim.cents_patient), claim.filing, claim.payer_number]
    out = [["CLP", *head], *_cas(claim.cas, style.triplets)]
    if claim.patient:
        name, _, given = claim.patient.partition(" ")
        out.append(
            ["NM1", "QC", "1", f"DOE{name}", given or "JANE", "", "", "", "MI", claim.patient]
        )
    if claim.provider:
        out.append(["NM1", "82", "1", claim.provider, "", "", "", "", "XX", "1234567893"])
    if claim.day:
        out.append(["DTM", "232", claim.day])
    out += [["AMT", kind, dollars(cents(amount))] for kind, amount in claim.amounts]
    out += [text.split("*") for text in claim.extra]
    for line in claim.lines:
        out += _line(line, style)
    return out


def _transaction(payment: Payment, number: int, style: Style) -> list[list[str]]:
    trace = payment.trace or f"{payment.payer[:6].replace(' ', '')}{payment.day}"
    out = [
        ["ST", "835", f"{number:04d}"],
        ["BPR", "I", dollars(payment.cents), payment.sign, "CHK", *[""] * 11, payment.day],
        ["TRN", "1", trace, "1512345678"],
        ["DTM", "405", payment.day],
        ["N1", "PR", payment.payer, *(["XV", payment.payer_id] if payment.payer_id else [])],
        ["N1", "PE", payment.practice, "XX", "1999999984"],
        ["LX", "1"],
    ]
    for claim in payment.claims:
        out += _claim(claim, style)
    for reason, reference, amount in payment.plb:
        code = style.component.join(filter(None, (reason, reference)))
        out.append(["PLB", "1999999984", f"{payment.day[:4]}1231", code, dollars(cents(amount))])
    if style.se:
        out.append(["SE", str(len(out) + 1), f"{number:04d}"])
    return out


def _envelope(body: list[list[str]], control: int, count: int, style: Style) -> list[list[str]]:
    number = f"{control:09d}"
    blank = " " * 10
    isa = ["ISA", "00", blank, "00", blank, "ZZ", "PAYER".ljust(15), "ZZ", "CLINIC".ljust(15)]
    isa += ["260201", "1200", "^", "00501", number, "0", "P", style.component]
    gs = ["GS", "HP", "PAYER", "CLINIC", "20260201", "1200", str(control), "X", "005010X221A1"]
    tail = [["GE", str(count), str(control)], ["IEA", "1", number]] if style.trailer else []
    return [isa, gs, *body, *tail]


def remit(*payments: Payment, style: Style = PLAIN, control: int = 1) -> str:
    """The text of one 835 file."""
    size = style.per_interchange or max(len(payments), 1)
    segments: list[list[str]] = []
    for start in range(0, len(payments), size):
        part = payments[start : start + size]
        body = [
            s for n, payment in enumerate(part, start=1) for s in _transaction(payment, n, style)
        ]
        segments += _envelope(body, control + start, len(part), style) if style.isa else body
    return style.before + "".join(style.element.join(segment) + style.end for segment in segments)


def wrapped(text: str, width: int = 80) -> str:
    """The text cut into lines of one width, as mainframes send it."""
    plain = text.replace("\n", "")
    return "\n".join(plain[i : i + width] for i in range(0, len(plain), width)) + "\n"
