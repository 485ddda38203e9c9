"""The type of a transaction in a long ledger: text -> what kind of movement it is.

A kind fixes the entry and the sign that a healthy amount of it has. Which way round the file
writes its credits is decided from all its rows (postings), never from one.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final, NamedTuple

from writeoffs import vocabulary as v
from writeoffs.taxonomy import classify


class Movement(NamedTuple):
    """What a type means.

    ``entry``; ``category`` for debits; ``sign`` of a normal row in the direction of the entry
    (-1 for refunds and voids); ``by_reason``: the reason decides what it is (adjustments).
    """

    entry: str
    category: str = ""
    sign: int = 1
    by_reason: bool = False


CHARGE: Final = Movement(v.CHARGE, v.SERVICE)
VOID: Final = Movement(v.CHARGE, v.SERVICE, -1)
FEE: Final = Movement(v.CHARGE, v.FEE)
OPENING: Final = Movement(v.CHARGE, v.OPENING_BALANCE)
INSURER: Final = Movement(v.INSURER_PAYMENT)
PATIENT: Final = Movement(v.PATIENT_PAYMENT)
ANYBODY: Final = Movement(v.PAYMENT)
INSURER_BACK: Final = Movement(v.INSURER_PAYMENT, "refund", -1)
PATIENT_BACK: Final = Movement(v.PATIENT_PAYMENT, "refund", -1)
ANYBODY_BACK: Final = Movement(v.PAYMENT, "refund", -1)
ADJUSTMENT: Final = Movement(v.WRITE_OFF, "", 1, True)
SHARE: Final = Movement(v.PATIENT_SHARE, "", 1, True)
TRANSFER: Final = Movement(v.TRANSFER, "transfer")
TRANSFER_OUT: Final = Movement(v.TRANSFER, "transfer", -1)

_PT = r"\b(pt|pat|patient|self|guarantor|guar|client|member|person(al)?|resident)\b"
_INS = r"\b(ins|insur\w*|payer|payor|carrier|plan|third.?party|medicare|medicaid|era|eob)\b"
_PAY = r"\b(pay|pays|payment\w*|pmts?|pymts?|paid|receipts?|remit\w*|deposit|chec?k|cash|card)\b"
_REFUND = r"refund|\brfnd\b"
_BACK = r"take.?back|recoup|reversal of payment|payment reversal|reverse payment|void(ed)? payment"

# Tried in this order: the first that matches decides.
_PATTERNS: Final[tuple[tuple[str, Movement], ...]] = (
    (r"\bnsf\b.*\bfee\b|\bfee\b.*\bnsf\b|bounced.*fee|returned.*fee", FEE),
    (r"\bnsf\b|returned check|bounced|bad check|charge.?back", PATIENT_BACK),
    (rf"({_REFUND}).*{_PT}|{_PT}.*({_REFUND})", PATIENT_BACK),
    (rf"({_REFUND}).*{_INS}|{_INS}.*({_REFUND})|over.?payment.*{_INS}", INSURER_BACK),
    (_REFUND, ANYBODY_BACK),
    (rf"({_BACK}).*{_PT}|{_PT}.*({_BACK})", PATIENT_BACK),
    (_BACK, INSURER_BACK),
    (r"balance forward|opening bal|beginning bal|bal fwd|initial bal", OPENING),
    (r"finance charge|late fee|no.?show|interest charge|statement fee|records? fee|sales tax", FEE),
    (r"debit adj|charge adj|adjustment.*debit", FEE),
    (r"void(ed)?.*(charge|chg)|(charge|chg)s?.*(void|revers)|revers\w* charge", VOID),
    (r"(transfer|\bxfer).?out", TRANSFER_OUT),
    (r"transfer|\bxfer\b|move to pt|bill pt", TRANSFER),
    (
        rf"{_PT}.*\b(resp|share)|deductible|dedbl|co.?insurance|\bcoins?\b|responsib|\bpr\b(?!.*pay)",
        SHARE,
    ),
    (rf"co.?pay.*{_PAY.replace('pay|pays|', '')}|co.?pay.*collect|\bpcp\b", PATIENT),
    (
        r"write.?off|written off|\bw/?o\b|adj|discount|courtesy|charity|bad debt|allowance",
        ADJUSTMENT,
    ),
    (
        r"contractual|sequest|capitation|collection agency|small bal|withhold|timely|denial",
        ADJUSTMENT,
    ),
    (rf"{_PT}.*{_PAY}|{_PAY}.*{_PT}|\bpp\b|^ppmt|^ptpmt|^patpay", PATIENT),
    (rf"{_INS}.*{_PAY}|{_PAY}.*{_INS}|\b(ipp|isp|itp)\b|^inspmt|^inspay|^ipmt", INSURER),
    (r"^co.?pay(ment)?s?$", Movement(v.PATIENT_SHARE, v.COPAY, 1, True)),
    (_PAY, ANYBODY),
    (r"charge|\bchgs?\b|\bchrg\b|\bfee\b|^service|procedure|\bbilled\b|\bbilling\b", CHARGE),
    (r"^c$", CHARGE),
    (r"^p$", ANYBODY),
    (r"^a$", ADJUSTMENT),
    (r"^t$", TRANSFER),
)
_COMPILED: Final = tuple((re.compile(p, re.IGNORECASE), m) for p, m in _PATTERNS)


@lru_cache(maxsize=4096)
def read_type(text: str) -> Movement | None:
    """What a type says, or None when it says nothing this program knows."""
    bare = re.sub(r"[_\-]+", " ", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)).strip()
    if not bare:
        return None
    for pattern, movement in _COMPILED:
        if pattern.search(bare):
            return movement
    return None


def knows(text: str) -> bool:
    """Whether a text says what a movement is: as a type, or as the reason of an adjustment."""
    return read_type(text) is not None or classify(text).category != v.UNCLASSIFIED
