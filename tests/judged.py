"""The engine's answer on remittances in the referee's form, so that both can be laid side by side."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from referee_835 import NO_WRITE_OFF, Judgement, Verdict, judge

from writeoffs import vocabulary as v
from writeoffs.ledger import Ledger
from writeoffs.reading import read


def read_remits(*texts: str) -> Ledger:
    """Remittances given as text, read as one practice."""
    return read([(f"remit{i}.835", text.encode()) for i, text in enumerate(texts, start=1)])


def by_claim(ledger: Ledger) -> dict[tuple[str, str], Verdict]:
    """The settled book by claim number and patient, as the referee gives it."""
    book = ledger.settled.book
    rows = book.rows
    names = list(zip(rows["claim"].astype(object), rows["patient"].astype(object), strict=True))
    out: dict[tuple[str, str], Verdict] = defaultdict(Verdict)
    for at, code, amount in zip(
        book.at.tolist(), book.kind.tolist(), book.amount.tolist(), strict=True
    ):
        kind, verdict = book.kinds[code], out[names[at]]
        if kind.entry == v.CHARGE:
            verdict.billed += amount
        elif kind.entry == v.INSURER_PAYMENT:
            verdict.insurer_paid += amount
        elif kind.entry == v.WRITE_OFF:
            verdict.categories[kind.category] += amount
        elif kind.entry == v.PATIENT_SHARE:
            verdict.patient[kind.category] += amount
    for at in np.flatnonzero(ledger.settled.unexplained):
        out[names[at]].unexplained += abs(int(ledger.settled.unexplained[at]))
    return out


def provider_adjustments(ledger: Ledger) -> int:
    """Cents that payers gave or took outside claims."""
    book = ledger.settled.book
    return int(book.amount[book.where(v.PROVIDER_ADJUSTMENT)].sum())


def figures(verdict: Verdict) -> dict[str, int]:
    """What must agree to the cent; a figure of 0 is left out."""
    out = {
        "billed": verdict.billed,
        "insurer_paid": verdict.insurer_paid,
        "open": verdict.open,
        "unexplained": verdict.unexplained,
        "written_off": verdict.written_off,
        **{f"wo {c}": a for c, a in verdict.categories.items()},
        **{f"ps {c}": a for c, a in verdict.patient.items()},
    }
    return {name: amount for name, amount in out.items() if amount}


def disagreements(texts: Sequence[str]) -> dict[object, object]:
    """Where engine and referee differ: claim -> (referee, engine)."""
    ledger, opinion = read_remits(*texts), judge(texts)
    engine = by_claim(ledger)
    out: dict[object, object] = {}
    for key in {*engine, *opinion.claims}:
        if isinstance(key[0], str):
            ours, theirs = figures(engine[key]), figures(opinion.claims.get(key, Verdict()))
            if ours != theirs:
                out[key] = {
                    n: (theirs.get(n, 0), ours.get(n, 0))
                    for n in {*ours, *theirs}
                    if ours.get(n) != theirs.get(n)
                }
    mine = provider_adjustments(ledger)
    if mine != opinion.provider_adjustments:
        out["provider adjustments"] = (opinion.provider_adjustments, mine)
    return out


__all__ = ["NO_WRITE_OFF", "Judgement", "by_claim", "disagreements", "figures", "read_remits"]
