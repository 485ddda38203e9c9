"""A second opinion on remittances: the posting rules worked out plainly, one claim after another.

Written from the rules alone, before and apart from the engine: integers, dicts and loops, no pandas, no
numpy, nothing of the package but its table of reason codes. It is slow and reads well-formed text only;
where it and the engine differ, the rules decide which is wrong.

A claim is a claim number and a patient. A line is its REF 6R where every line of the claim has one, else
code, modifiers, date and which of its kind it is in its CLP. Money of a claim that is on none of its
lines makes the claim settle as one sum.
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

TABLE = Path(__file__).resolve().parents[1] / "writeoffs" / "reference" / "carc.csv"
OFFSETS = {"23", "71", "99", "A3"}
PAID_TO_PATIENT = {"100", "187", "293", "294"}
NO_WRITE_OFF = {
    "informational",
    "incentive",
    "institutional",
    "pharmacy",
    "payer_fee",
    "allowed_over_billed",
    "other_payer",
}
RANKS = {"1": 1, "19": 1, "2": 2, "20": 2, "3": 3, "21": 3}
PARTS = {"1": "deductible", "2": "coinsurance", "3": "copay"}


@dataclass
class Money:
    """What one statement says of one line (or of a whole claim), in cents."""

    charge: int = 0
    paid: int = 0
    interest: int = 0
    write_offs: list[tuple[str, str, int]] = field(default_factory=list)
    patient: Counter[str] = field(default_factory=Counter)
    pending: int = 0
    forwarded: int = 0
    offset: int = 0
    duplicate: int = 0

    @property
    def written(self) -> int:
        return sum(amount for _, _, amount in self.write_offs)

    @property
    def full_denial(self) -> bool:
        return not self.paid and not any(self.patient.values()) and self.written == self.charge != 0

    def facts(self) -> tuple[object, ...]:
        """Everything stated, for telling whether one statement undoes another."""
        by_code: Counter[tuple[str, str]] = Counter()
        for category, code, amount in self.write_offs:
            by_code[category, code] += amount
        plain = (self.charge, self.paid, self.interest, self.pending, self.forwarded, self.offset)
        return (
            *plain,
            dict(+by_code | {k: v for k, v in by_code.items() if v}),
            dict(self.patient),
        )

    def negated(self) -> Money:
        return Money(
            -self.charge,
            -self.paid,
            -self.interest,
            [(c, k, -a) for c, k, a in self.write_offs],
            Counter({k: -v for k, v in self.patient.items()}),
            -self.pending,
            -self.forwarded,
            -self.offset,
            -self.duplicate,
        )

    def add(self, other: Money) -> None:
        self.charge += other.charge
        self.paid += other.paid
        self.interest += other.interest
        self.write_offs += other.write_offs
        for name, amount in other.patient.items():
            self.patient[name] += amount
        self.pending += other.pending
        self.forwarded += other.forwarded
        self.offset += other.offset
        self.duplicate += other.duplicate


@dataclass
class Statement:
    """One CLP: who says it, when, as what, and the money of each of its lines."""

    number: str
    patient: str
    payer: str
    day: str
    trace: str
    status: str
    text: str
    lines: dict[str, Money] = field(default_factory=dict)
    by_ref: dict[str, str] = field(default_factory=dict)
    refs: bool = True
    whole: Money = field(default_factory=Money)
    rank: int = 0

    def total(self) -> Money:
        """The claim as one sum."""
        out = Money()
        for money in [self.whole, *self.lines.values()]:
            out.add(money)
        return out


@dataclass
class Verdict:
    """What a claim, or everything, comes to, in cents."""

    billed: int = 0
    insurer_paid: int = 0
    categories: Counter[str] = field(default_factory=Counter)
    patient: Counter[str] = field(default_factory=Counter)
    unexplained: int = 0

    @property
    def written_off(self) -> int:
        return sum(a for c, a in self.categories.items() if c not in NO_WRITE_OFF)

    @property
    def other_adjustments(self) -> int:
        return sum(a for c, a in self.categories.items() if c in NO_WRITE_OFF)

    @property
    def open(self) -> int:
        return self.billed - self.insurer_paid - sum(self.categories.values())

    @property
    def patient_responsibility(self) -> int:
        return sum(a for part, a in self.patient.items() if part != "paid_to_patient")

    def add(self, other: Verdict) -> None:
        self.billed += other.billed
        self.insurer_paid += other.insurer_paid
        self.unexplained += other.unexplained
        for mine, theirs in ((self.categories, other.categories), (self.patient, other.patient)):
            for name, amount in theirs.items():
                mine[name] += amount


def categories() -> dict[str, str]:
    """Reason code -> category, from the package's table."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {row["carc"]: row["category"] for row in csv.DictReader(file)}


def cents(text: str) -> int:
    return int(Decimal(text or "0") * 100)


def post(money: Money, group: str, code: str, amount: int, table: dict[str, str]) -> None:
    """Rule 7: one adjustment to where it belongs."""
    category = table.get(code, "unclassified")
    if code in OFFSETS:
        money.offset += amount
    elif category == "pending":
        money.pending += amount
    elif code in PAID_TO_PATIENT:
        money.patient["paid_to_patient"] += amount
    elif code == "225":
        money.interest -= amount
        money.paid += amount
    elif code == "18" or (code == "B13" and amount == money.charge):
        money.duplicate += amount
    elif code == "94":
        money.write_offs.append(("allowed_over_billed", code, amount))
    elif group == "PR":
        money.patient[PARTS.get(code, "patient_other")] += amount
    elif code in ("209", "B11", "290", "291", "292", "298", "300", "305"):
        money.forwarded += amount
    elif code in PARTS:
        money.write_offs.append(("cost_share_waived", code, amount))
    elif group == "PI" and code == "45":
        money.write_offs.append(("unclassified", code, amount))
    else:
        money.write_offs.append((category, code, amount))


class Reader:
    """Naive X12: separators from the ISA, no forgiveness."""

    def __init__(self, text: str) -> None:
        self.element, self.component, end = text[3], text[104], text[105]
        pieces = (piece.strip("\r\n") for piece in text.split(end))
        self.segments = [piece.split(self.element) for piece in pieces if piece]

    def read(self, table: dict[str, str]) -> tuple[list[Statement], list[tuple[str, int]], int]:
        """Statements, PLB amounts with the transaction's identity, and the sum of BPR02."""
        out: list[Statement] = []
        plb: list[tuple[str, int]] = []
        bpr, day, trace, payer = 0, "", "", ""
        claim: list[list[str]] = []
        head: Statement | None = None
        for s in [*self.segments, ["SE"]]:
            if s[0] in ("CLP", "SE", "PLB", "LX") and head is not None:
                out.append(self.statement(head, claim, table))
                head = None
            if s[0] == "BPR":
                bpr += cents(s[2]) * (-1 if s[3] == "D" else 1)
                day = s[16]
            elif s[0] == "TRN":
                trace = s[2]
            elif s[0] == "N1" and s[1] == "PR":
                payer = s[2]
            elif s[0] == "CLP":
                head = Statement(s[1], "", payer, day, trace, s[2], "")
                claim = [s]
            elif s[0] == "PLB":
                for i in range(4, len(s), 2):
                    plb.append((f"{payer}|{trace}|{s[i - 1]}|{s[i]}", cents(s[i])))
            elif head is not None:
                claim.append(s)
        return out, plb, bpr

    def statement(
        self, head: Statement, segments: list[list[str]], table: dict[str, str]
    ) -> Statement:
        head.text = "~".join(self.element.join(s) for s in segments)
        clp = segments[0]
        whole = Money(cents(clp[3]), cents(clp[4]))
        interest_stated = 0
        current: Money | None = None
        seen: Counter[str] = Counter()
        key, start = "", {}
        for s in segments[1:]:
            if s[0] == "NM1" and s[1] == "QC":
                head.patient = s[9] if len(s) > 9 else f"{s[3]} {s[4]}"
            elif s[0] == "AMT" and s[1] == "I" and current is None:
                interest_stated += cents(s[2])
            elif s[0] == "SVC":
                current = Money(cents(s[2]), cents(s[3]))
                code = s[6] if len(s) > 6 and s[6] else s[1]
                start[id(current)] = [code, "", ""]
                head.lines[f"#{len(head.lines)}"] = current
            elif s[0] == "DTM" and s[1] in ("472", "150") and current is not None:
                start[id(current)][1] = s[2]
            elif s[0] == "REF" and s[1] == "6R" and current is not None:
                start[id(current)][2] = s[2]
            elif s[0] == "CAS":
                for i in range(2, len(s), 3):
                    if len(s) > i + 1 and s[i]:
                        post(current or whole, s[1], s[i], cents(s[i + 1]), table)
        for line in head.lines.values():
            whole.charge -= line.charge
            whole.paid -= line.paid + line.interest  # 225 took its part from the line
        if interest_stated and not whole.interest and whole.paid == interest_stated and head.lines:
            whole.interest, whole.paid = interest_stated, 0
        named: dict[str, Money] = {}
        for line in head.lines.values():
            code, day, ref = start[id(line)]
            seen[f"{code}|{day}"] += 1
            key = f"{code}|{day}|{seen[f'{code}|{day}']}"
            named[key] = line
            head.by_ref[key] = ref
            head.refs = head.refs and bool(ref)
        head.lines, head.whole = named, whole
        return head


def once(files: Sequence[list[Statement]]) -> list[Statement]:
    """Rule 20: the same CLP of the same payment counts as often as in the file that holds it most."""
    most: Counter[tuple[str, ...]] = Counter()
    first: dict[tuple[str, ...], Statement] = {}
    for statements in files:
        here: Counter[tuple[str, ...]] = Counter()
        for s in statements:
            key = (s.payer, s.day, s.trace, s.text)
            first.setdefault(key, s)
            here[key] += 1
        most |= here
    return [first[key] for key, n in most.items() for _ in range(n)]


def ranked(statements: list[Statement]) -> None:
    """A rank for every statement: stated, else the payer's own, else by who spoke before."""
    stated: dict[str, int] = {}
    for s in statements:
        if s.status in RANKS:
            stated[s.payer] = min(stated.get(s.payer, 9), RANKS[s.status])
    firsts = sorted(s.day for s in statements if s.status in RANKS and RANKS[s.status] == 1)
    for s in statements:
        if s.status in RANKS:
            s.rank = RANKS[s.status]
        elif s.payer in stated:
            s.rank = stated[s.payer]
        else:
            s.rank = 2 if firsts and firsts[0] <= s.day else 1


def standing(said: list[tuple[Statement, Money]]) -> list[tuple[Statement, Money, bool]]:
    """Reversals and what they undo are taken out in pairs; a reversal without original stays (True)."""
    alive = [pair for pair in said if pair[0].status != "22"]
    orphans = []
    for reversal, money in (pair for pair in said if pair[0].status == "22"):
        mine = [p for p in alive if p[0].payer == reversal.payer]
        exact = [p for p in mine if p[1].negated().facts() == money.facts()]
        close = [p for p in mine if p[1].charge == -money.charge and p[0].day <= reversal.day]
        if exact or close:
            found = (exact or close)[-1 if exact else 0]
            alive = [p for p in alive if p is not found]
            if not exact:
                orphans.append((reversal, _difference(found[1], money), True))
        else:
            orphans.append((reversal, money, True))
    return [(s, m, False) for s, m in alive] + orphans


def _difference(original: Money, reversal: Money) -> Money:
    rest = Money()
    rest.add(original)
    rest.add(reversal)
    return rest


def settle(said: list[tuple[Statement, Money]]) -> Verdict:
    """Rules 6, 8, 9 for one line, or for a claim settled as one sum."""
    verdict = Verdict()
    real = [(s, m) for s, m in said if not (m.duplicate and m.duplicate == m.charge)]
    if not real:  # nothing stands that it repeats: booked, and set aside
        for _, m in said:
            m.write_offs.append(("duplicate", "18", m.duplicate))
    said = real or said
    rows = standing(said)
    rows.sort(key=lambda row: (row[0].rank, row[0].day))
    orphans = [row for row in rows if row[2]]
    rows = [row for row in rows if not row[2]]
    written: list[tuple[Statement, Money, list[tuple[str, str, int]]]] = []
    charge = paid = pending = forwarded = 0
    patient: Counter[str] = Counter()
    best = min((s.rank for s, _, _ in rows), default=0)
    for s, m, _ in rows:
        if s.rank == best:
            charge = m.charge
    offsets = twice = 0
    for s, m, _ in rows:
        twice += sum(w[1].paid for w in written if (w[0].payer, w[0].rank) == (s.payer, s.rank))
        others = [w for w in written if (w[0].payer, w[0].rank) != (s.payer, s.rank)]
        written = others
        paid += m.paid
        mine = list(m.write_offs)
        if others:
            stated = sum(a for _, _, a in mine)
            owed_by_patient = sum(m.patient.values())
            denials = [w for w in others if w[1].full_denial]
            kept = [w for w in others if not w[1].full_denial]
            before = sum(a for w in kept for _, _, a in w[2])
            room = charge - paid - before - owed_by_patient - m.pending - m.forwarded
            if not m.full_denial:
                room_for_denials = max(0, room - stated)
                for w in denials:
                    w[2][:] = cut(w[2], min(sum(a for _, _, a in w[2]), room_for_denials))
                    room_for_denials -= sum(a for _, _, a in w[2])
            before = sum(a for w in others for _, _, a in w[2])
            room = charge - paid - before - owed_by_patient - m.pending - m.forwarded
            if stated > 0:
                mine = cut(mine, max(0, min(room, stated)))
        offsets += m.offset
        patient, pending, forwarded = m.patient, m.pending, m.forwarded
        written.append((s, m, mine))
    verdict.billed, verdict.insurer_paid = charge, paid
    for _, _, entries in written:
        for category, _, amount in entries:
            verdict.categories[category] += amount
    # An offset nets against what other payers did; what is left of it is theirs (not in the data).
    left = verdict.open - sum(patient.values()) - pending - forwarded
    verdict.categories["other_payer"] += max(0, min(offsets, left))
    verdict.patient.update(patient)
    for _, m, _ in orphans:
        verdict.billed += m.charge
        verdict.insurer_paid += m.paid
        for category, _, amount in m.write_offs:
            verdict.categories[category] += amount
        verdict.categories["other_payer"] += m.offset
        for part, amount in m.patient.items():
            verdict.patient[part] += amount
        pending += m.pending
        forwarded += m.forwarded
    remains = sum(verdict.patient.values()) + pending + forwarded
    # Paid twice without a reversal is flagged as such (rule 9), and explained by that.
    verdict.unexplained = abs(verdict.open - remains + twice)
    return verdict


def cut(entries: list[tuple[str, str, int]], left: int) -> list[tuple[str, str, int]]:
    """Write-offs cut down to what is left, CARC 45 first, then in the order of codes."""
    excess = sum(amount for _, _, amount in entries) - left
    out = []
    for category, code, amount in sorted(entries, key=lambda e: (e[1] != "45", e[1])):
        less = min(max(amount, 0), excess) if excess > 0 else 0
        excess -= less
        out.append((category, code, amount - less))
    return out


def judge_claim(statements: list[Statement]) -> Verdict:
    ranked(statements)
    by_ref = all(s.refs for s in statements if s.lines)
    statements = _without_pairs(statements)
    as_one = any(_speaks_for_the_whole(s) for s in statements)
    said: dict[str, list[tuple[Statement, Money]]] = defaultdict(list)
    for s in statements:
        if as_one:
            said[""].append((s, s.total()))
        else:
            for key, money in s.lines.items():
                said[s.by_ref[key] if by_ref else key].append((s, money))
    verdict = Verdict()
    for lines in said.values():
        verdict.add(settle(lines))
    return verdict


def _without_pairs(statements: list[Statement]) -> list[Statement]:
    """Without the reversals that negate a claim as sent, line for line, and what they negate."""

    def facts(s: Statement, back: bool) -> list[tuple[object, ...]]:
        parts = [s.whole, *s.lines.values()]
        return [(m.negated() if back else m).facts() for m in parts]

    alive = sorted((s for s in statements if s.status != "22"), key=lambda s: s.day)
    left = []
    for reversal in sorted((s for s in statements if s.status == "22"), key=lambda s: s.day):
        stated = facts(reversal, back=True)
        same = [s for s in alive if s.payer == reversal.payer and facts(s, back=False) == stated]
        same.sort(key=lambda s: s.day <= reversal.day)
        if same:
            alive = [s for s in alive if s is not same[-1]]
        else:
            left.append(reversal)
    return alive + left


def _speaks_for_the_whole(s: Statement) -> bool:
    m = s.whole
    return not s.lines or m.facts() != Money(interest=m.interest).facts()


@dataclass
class Judgement:
    """Per claim (number, patient) and in total."""

    claims: dict[tuple[str, str], Verdict]
    total: Verdict
    provider_adjustments: int
    bpr: int
    cash: int


def judge(texts: Iterable[str]) -> Judgement:
    """Every 835 text given, read as one practice's."""
    table = categories()
    files, plbs, bpr = [], [], 0
    for text in dict.fromkeys(texts):
        statements, plb, stated = Reader(text).read(table)
        files.append(statements)
        plbs.append(Counter(plb))
        bpr += stated
    plb_once: Counter[tuple[str, int]] = Counter()
    for found in plbs:
        plb_once |= found
    book: dict[tuple[str, str], list[Statement]] = defaultdict(list)
    counted = once(files)
    for s in counted:
        if s.status != "25":
            book[s.number, s.patient].append(s)
    claims = {key: judge_claim(statements) for key, statements in book.items()}
    total = Verdict()
    for verdict in claims.values():
        total.add(verdict)
    interest = sum(m.interest for s in counted for m in [s.whole, *s.lines.values()])
    adjustments = interest - sum(amount * n for (_, amount), n in plb_once.items())
    cash = sum(m.paid for s in counted for m in [s.whole, *s.lines.values()]) + adjustments
    return Judgement(claims, total, adjustments, bpr, cash)
