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
# The undoing of a write-off, of a fee and of a share; cash that belongs to no claim.
ADJUSTMENT_BACK: Final = Movement(v.WRITE_OFF, "", -1, True)
FEE_BACK: Final = Movement(v.CHARGE, v.FEE, -1)
SHARE_BACK: Final = Movement(v.PATIENT_SHARE, "", -1, True)
CAPITATION: Final = Movement(v.PROVIDER_ADJUSTMENT, "capitation")
INTEREST: Final = Movement(v.PROVIDER_ADJUSTMENT, "interest")
TRANSFER: Final = Movement(v.TRANSFER, "transfer")
TRANSFER_OUT: Final = Movement(v.TRANSFER, "transfer", -1)

_PT = r"\b(pt|pat|patient|self|guarantor|guar|client|member|person(al)?|resident)\b"
_INS = r"\b(ins|insur\w*|payer|payor|carrier|plan|third.?party|medicare|medicaid|era|eob)\b"
_PAY = r"\b(pay|pays|payment\w*|pmts?|pymts?|paid|receipts?|remit\w*|deposit|chec?k|cash|card)\b"
_PAID = r"(\b(pay|pays|payment\w*|pmts?|pymts?|paid|receipts?)\b|collected)"
_REFUND = r"(refund|\brfnd\b)"
_UNDONE_REFUND = rf"({_REFUND} (revers|void)|(revers|void)\w* (of )?(\w+ )?{_REFUND})"
_BACK = r"(take.?back|recoup)"
_UNDO = r"(revers\w*|\brev\b|re.?instat\w*|\bvoid\w*|\bback(ed)?.?out\b|\bcancel\w*|\bundo\w*)"
_LOSS = (
    r"(write.?off|written.?off|\bw/?o\b|contractual|\bcontr?\b|bad.?debt|small.?bal|discount|"
    r"courtesy|charity|allowance|sequest|withh[eo]ld|denial|timely|sliding)"
)
_GIVEN_UP = r"(write.?off|written.?off|\bw/?o\b|waive|forgiv)"
_SHARE_WORD = r"(deductible|dedbl|co.?insurance|\bcoins?\b|co.?pay|\bresp\b|responsib)"
_AGENCY = r"(\bagency|\bcollections?\b)"
_CHARGE = r"(charge|\bchgs?\b|\bchrgs?\b)"
_FEE = (
    rf"(financ(e|ing) ({_CHARGE}|fee)|late ({_CHARGE}|fee)|no.?show|interest {_CHARGE}|sales tax|"
    r"\b(statement|records?|bank|cc|card|billing|nsf|returned che?c?k|cancell?ation|convenience) "
    rf"fee|debit adj|{_CHARGE} adj|adjustment.*debit|\bnsf\b.*\bfee\b|\bfee\b.*\bnsf\b|"
    r"bounced.*fee|returned.*fee)"
)

# A charge of which something went wrong is why money was lost, not a charge.
_LOST = r"(error|denied|not covered|non.?cover|disallow|duplicate)"


def _both(*parts: str, without: str = r"\0") -> str:
    """A pattern of texts that hold every part, in any order, and nothing of ``without``."""
    return f"^(?!.*{without})" + "".join(f"(?=.*{part})" for part in parts)


# Tried in this order: the first that matches decides.
_PATTERNS: Final[tuple[tuple[str, Movement], ...]] = (
    (_both(_FEE, _UNDO), FEE_BACK),
    (_both(_FEE, without=_GIVEN_UP), FEE),
    (
        r"\b(nsf|nfs)\b|return(ed)? che?c?k|che?c?k return|bounced|bad che?c?k|charge.?back",
        PATIENT_BACK,
    ),
    (_both(_LOSS, _UNDO), ADJUSTMENT_BACK),
    (
        r"(return\w*|recall\w*|transfer\w*|back) from (\w+ )?(agency|collection|bad.?debt)",
        ADJUSTMENT_BACK,
    ),
    (_both(_UNDONE_REFUND, _PT), PATIENT),
    (_both(_UNDONE_REFUND, _INS), INSURER),
    (_UNDONE_REFUND, ANYBODY),
    (_both(_REFUND, _PT), PATIENT_BACK),
    (rf"{_both(_REFUND, _INS)}|over.?payment.*{_INS}", INSURER_BACK),
    (_REFUND, ANYBODY_BACK),
    (_both(_BACK, _PT), PATIENT_BACK),
    (_BACK, INSURER_BACK),
    (_both(_UNDO, _CHARGE, without=r"(payment|\bpmt)"), VOID),
    (_both(_UNDO, _PAY, rf"({_PT}|{_SHARE_WORD}|{_AGENCY}|\b(cash|card)\b)"), PATIENT_BACK),
    (_both(_UNDO, _PAY), INSURER_BACK),
    (_both(_UNDO, "co.?pay"), PATIENT_BACK),
    (r"balance forward|opening bal|beginning bal|bal fwd|initial bal", OPENING),
    (_both(_UNDO, r"\badj"), ADJUSTMENT_BACK),
    (_both(_UNDO, _SHARE_WORD), SHARE_BACK),
    (
        _both(
            r"(bad.?debt|transfer|\bxfer|sent|moved?|assign|placed)",
            r"(\bagency|collection)",
            without=_PAID,
        ),
        ADJUSTMENT,
    ),
    (r"(transfer|\bxfer)(.?out|(?!.*\bto\b).*\bfrom\b)", TRANSFER_OUT),
    (r"transfer|\bxfer\b|move to pt|bill pt", TRANSFER),
    (_both("capitat", _PAID), CAPITATION),
    (_both(r"\binterest\b", _PAID, without=_PT), INTEREST),
    (_both(_SHARE_WORD, _INS, r"\b(payment|pmt|pymt|paid)", without="appl|resp"), INSURER),
    (_both(_SHARE_WORD, _PAID, without=rf"({_INS}|appl)"), PATIENT),
    (
        rf"{_PT}.*\b(resp|share)|deductible|dedbl|co.?insurance|\bcoins?\b|responsib|"
        r"\bpr\b(?!.*pay)",
        SHARE,
    ),
    (rf"co.?pay.*{_PAY.replace('pay|pays|', '')}|co.?pay.*collect|^pcp$", PATIENT),
    (_both("bad.?debt", _PAID, without=r"(write|\bw/?o\b|adj|\bnon?\b)"), PATIENT),
    (rf"\bagency.*{_PAID}|{_PAID}.*\bagency|collections? {_PAID}", PATIENT),
    (
        r"write.?off|written off|\bw/?o\b|adj|discount|courtesy|charity|bad debt|allowance|sliding|"
        r"waive|forgiv",
        ADJUSTMENT,
    ),
    (
        r"contractual|sequest|capitation|collection agency|small bal|withhold|timely|denial",
        ADJUSTMENT,
    ),
    (rf"{_PT}.*{_PAY}|{_PAY}.*{_PT}|\bpp\b|^ppmt|^ptpmt|^pt ?pa(y|id)|^pat ?pay", PATIENT),
    (rf"{_INS}.*{_PAY}|{_PAY}.*{_INS}|\b(ipp|isp|itp)\b|^ins ?pa(y|id)|^inspmt|^ipmt", INSURER),
    (r"^co.?pay(ment)?s?$", Movement(v.PATIENT_SHARE, v.COPAY, 1, True)),
    (_PAY, ANYBODY),
    (
        _both(rf"({_CHARGE}|\bfee\b|^service|procedure|\bbilled\b|\bbilling\b)", without=_LOST),
        CHARGE,
    ),
    (r"^c$", CHARGE),
    (r"^p$", ANYBODY),
    (r"^a$", ADJUSTMENT),
    (r"^t$", TRANSFER),
)
_COMPILED: Final = tuple((re.compile(p, re.IGNORECASE), m) for p, m in _PATTERNS)


@lru_cache(maxsize=4096)
def read_type(text: str) -> Movement | None:
    """What a type says, or None when it says nothing this program knows."""
    bare = re.sub(r"[_\-\s]+", " ", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)).strip()
    bare = re.sub(r"\bco (?=ins|pay)", "co", bare, flags=re.IGNORECASE)
    if not bare:
        return None
    for pattern, movement in _COMPILED:
        if pattern.search(bare):
            return movement
    return None


def undoes(text: str) -> bool:
    """Whether a text, type or reason, takes a write-off back."""
    return read_type(text) == ADJUSTMENT_BACK


def knows(text: str) -> bool:
    """Whether a text says what a movement is: as a type, or as the reason of an adjustment."""
    return read_type(text) is not None or classify(text).category != v.UNCLASSIFIED
