"""The words of a heading, in the field's terms.

"PrimaryInsurancePayment", "FROMDATE" and "Pt Resp Amt" are cut into words and each word is spelled
out: ins -> insurance, dos -> service date, w/o -> writeoff. What the words mean together is for
``headings`` to say.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Final

_EXPAND: Final[dict[str, str]] = {
    "amt": "amount",
    "amnt": "amount",
    "amounts": "amount",
    "adj": "adjustment",
    "adjs": "adjustment",
    "adjust": "adjustment",
    "adjmt": "adjustment",
    "adjustments": "adjustment",
    "ins": "insurance",
    "insur": "insurance",
    "insurer": "insurance",
    "insurers": "insurance",
    "payer": "insurance",
    "payor": "insurance",
    "payers": "insurance",
    "carrier": "insurance",
    "medicare": "insurance",
    "medicaid": "insurance",
    "mdcr": "insurance",
    "mcr": "insurance",
    "pyr": "insurance",
    "thirdparty": "insurance",
    "tpp": "insurance",
    "prim": "primary",
    "pri": "primary",
    "prmry": "primary",
    "sec": "secondary",
    "tert": "tertiary",
    "pt": "patient",
    "pat": "patient",
    "patients": "patient",
    "client": "patient",
    "guarantor": "patient",
    "guar": "patient",
    "member": "patient",
    "bene": "patient",
    "subscriber": "patient",
    "person": "patient",
    "resident": "patient",
    "clm": "claim",
    "svc": "service",
    "srvc": "service",
    "serv": "service",
    "services": "service",
    "dt": "date",
    "dates": "date",
    "pmt": "payment",
    "pmts": "payment",
    "pymt": "payment",
    "pymts": "payment",
    "paymt": "payment",
    "pay": "payment",
    "payments": "payment",
    "receipts": "payment",
    "receipt": "payment",
    "remitted": "payment",
    "remittance": "payment",
    "reimbursed": "payment",
    "reimbursement": "payment",
    "collected": "payment",
    "collections": "payment",
    "pd": "payment",
    "paid": "payment",
    "coverage": "payment",
    "chg": "charge",
    "chgs": "charge",
    "chrg": "charge",
    "chrgs": "charge",
    "charges": "charge",
    "charged": "charge",
    "billed": "charge",
    "bill": "charge",
    "billing": "charge",
    "fee": "charge",
    "fees": "charge",
    "submitted": "charge",
    "sbmtd": "charge",
    "alwd": "allowed",
    "alw": "allowed",
    "allow": "allowed",
    "alowd": "allowed",
    "allowable": "allowed",
    "approved": "allowed",
    "ded": "deductible",
    "deduct": "deductible",
    "deductibles": "deductible",
    "ddctbl": "deductible",
    "coins": "coinsurance",
    "coinsur": "coinsurance",
    "coinsrnc": "coinsurance",
    "copayment": "copay",
    "copays": "copay",
    "resp": "responsibility",
    "respons": "responsibility",
    "liability": "responsibility",
    "obligation": "responsibility",
    "bal": "balance",
    "balances": "balance",
    "due": "balance",
    "outstanding": "balance",
    "owed": "balance",
    "owes": "balance",
    "owing": "balance",
    "remaining": "balance",
    "receivable": "balance",
    "pending": "balance",
    "wo": "writeoff",
    "woff": "writeoff",
    "writeoffs": "writeoff",
    "wrtoff": "writeoff",
    "prov": "provider",
    "physician": "provider",
    "doctor": "provider",
    "dr": "provider",
    "clinician": "provider",
    "practitioner": "provider",
    "therapist": "provider",
    "rendering": "provider",
    "rndrng": "provider",
    "servicing": "provider",
    "loc": "location",
    "facility": "location",
    "site": "location",
    "office": "location",
    "clinic": "location",
    "dept": "location",
    "department": "location",
    "organization": "practice",
    "proc": "procedure",
    "cpt": "procedure",
    "cpt4": "procedure",
    "hcpcs": "procedure",
    "cd": "code",
    "codes": "code",
    "mod": "modifier",
    "mods": "modifier",
    "modifiers": "modifier",
    "qty": "units",
    "quantity": "units",
    "num": "number",
    "no": "number",
    "nbr": "number",
    "#": "number",
    "acct": "account",
    "desc": "description",
    "memo": "description",
    "comment": "description",
    "comments": "description",
    "note": "description",
    "notes": "description",
    "trans": "transaction",
    "txn": "transaction",
    "tran": "transaction",
    "trx": "transaction",
    "transactions": "transaction",
    "activity": "transaction",
    "enc": "encounter",
    "visit": "encounter",
    "posted": "post",
    "posting": "post",
    "refunds": "refund",
    "refunded": "refund",
    "transfers": "transfer",
    "xfer": "transfer",
    "disallowed": "contractual",
    "contract": "contractual",
    "contracted": "contractual",
    "discounts": "discount",
    "thru": "through",
    "adjudicated": "adjudication",
    "entered": "created",
    "entry": "created",
    "reasons": "reason",
    "carc": "reason",
    "rsn": "reason",
    "msg": "description",
    "supp": "description",
    "voided": "void",
    "$": "$",
}
_COMPOUND: Final = (
    (re.compile(r"write[\s\-_]*offs?|written[\s\-_]*off|\bw[/\\]o\b|\bw-o\b", re.I), " writeoff "),
    (re.compile(r"co[\s\-_]+pay(ment)?s?\b", re.I), " copay "),
    (re.compile(r"co[\s\-_]+ins(urance)?\b", re.I), " coinsurance "),
    (re.compile(r"\bdos\b", re.I), " service date "),
    (re.compile(r"third[\s\-_]*party|3rd[\s\-_]*party", re.I), " insurance "),
    (re.compile(r"\b(1st|first)\b", re.I), " primary "),
    (re.compile(r"\b(2nd|second)\b", re.I), " secondary "),
    (re.compile(r"\b(3rd|third)\b", re.I), " tertiary "),
    (re.compile(r"non[\s\-_]*contract(ual)?", re.I), " noncontractual "),
    (re.compile(r"bad[\s\-_]*debts?", re.I), " baddebt "),
    (re.compile(r"cost[\s\-_]*shar(e|ing)", re.I), " responsibility "),
    (re.compile(r"\ba/r\b", re.I), " balance "),
    (re.compile(r"#"), " number "),
    (re.compile(r"%"), " percent "),
)
_EXTRA_WORDS: Final = (
    "amount charge date service claim patient insurance payment adjustment allowed code id type "
    "procedure number name provider location balance responsibility from to start end through "
    "post created posted billed paid total unit units transaction out in group reason line net "
    "deductible coinsurance copay modifier primary secondary encounter check status contractual "
    "writeoff method amt adj ins pmt chg svc dos department appointment supervising place of "
    "outstanding self discount refund transfer description account practice plan"
).split()


@cache
def _known_words() -> tuple[str, ...]:
    return tuple(sorted({*_EXPAND, *_EXPAND.values(), *_EXTRA_WORDS} - {"#", "$"}, key=len))[::-1]


@lru_cache(maxsize=4096)
def _segment(word: str) -> tuple[str, ...] | None:
    """Split "procedurecode" into known words; None when it cannot be done without a rest."""
    if not word:
        return ()
    for known in _known_words():
        if len(known) >= 2 and word.startswith(known):
            rest = _segment(word[len(known) :])
            if rest is not None:
                return (known, *rest)
    return None


@lru_cache(maxsize=4096)
def words(heading: str) -> tuple[str, ...]:
    """The words of a heading in the field's terms, in order."""
    text = heading
    for pattern, plain in _COMPOUND:
        text = pattern.sub(plain, text)
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", text)
    out: list[str] = []
    for token in re.findall(r"[A-Za-z]+|\d+|\$", text):
        low = token.lower()
        parts: tuple[str, ...] = (low,)
        if low not in _EXPAND and low not in _known_words() and len(low) > 4:
            parts = _segment(low) or (low,)
        out.extend(_EXPAND.get(part, part) for part in parts)
    return tuple(out)
