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
    "cas": "adjustment",
    "ins": "insurance",
    "insur": "insurance",
    "insurer": "insurance",
    "insurers": "insurance",
    "payer": "insurance",
    "payor": "insurance",
    "payers": "insurance",
    "carrier": "insurance",
    "carr": "insurance",
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
    "ser": "service",
    "session": "service",
    "surgery": "service",
    "srvc": "service",
    "serv": "service",
    "srv": "service",
    "srvcs": "service",
    "dos": "service date",
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
    "rcpts": "payment",
    "rcpt": "payment",
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
    "billno": "invoice number",
    "tot": "total",
    "est": "estimated",
    "estimate": "estimated",
    "orig": "original",
    "fwd": "forward",
    "chk": "check",
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
    "remainder": "balance",
    "receivable": "balance",
    "ar": "balance",
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
    "surgeon": "provider",
    "rend": "provider",
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
    "cdt": "procedure",
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
    "nm": "name",
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
    "contr": "contractual",
    "cont": "contractual",
    "contracted": "contract",
    "discounts": "discount",
    "thru": "through",
    "adjudicated": "adjudication",
    "entered": "created",
    "entry": "created",
    "reasons": "reason",
    "carc": "reason",
    "cagc": "group",
    "fin": "financial",
    "rsn": "reason",
    "msg": "description",
    "supp": "description",
    "voided": "void",
    "oth": "other",
    "$": "$",
}
_PLURALS: Final = (
    "(?:charges|chgs|payments|pmts|claims|visits|adjustments|adjs|encounters|services|procedures|"
    "patients|lines|refunds|denials|transactions|write-?offs)"
)
# Phrases whose words would mislead one by one. A camel is split and "_" is a blank by then.
_COMPOUND: Final = tuple(
    (re.compile(pattern, re.IGNORECASE), f" {plain} ")
    for pattern, plain in (
        (r"(\b(number|num|nbr|no)\b\.?|#)\s*of\b", "count"),
        (rf"\(#\)|#\s*(?={_PLURALS}\b)", "count"),
        (rf"\b({_PLURALS})\s*#", r"\1 count"),
        (r"^\W*cont\W*$", "continued"),
        (r"\bpersonal(?=\s+(receipt|payment|pmt|paid|bal))", "patient"),
        (r"\bbill(ing)?(?=\s*(#|no\b|num|id\b))", "invoice"),
        (r"\b(insurance|ins)\s+(id|policy)\b|\bsubscriber\s+id\b", "policy id"),
        (r"^patients$", "count"),
        (r"^paid patient (?=co|ded)", "patient"),
        (r"medical record\s*(?=#|n)", "mrn"),
        (r"\bno[\s\-]*show", "noshow"),
        (r"\bno(?=\s+[a-z])(?<=^no)", "without"),
        (r"late\s+fees?|financ(e|ing)\s+(charge|chg|fee)s?", "latefee"),
        (r"self[\s\-]*pay\b", "selfpay"),
        (r"\b(in|sent to|to)\s+collections?\b", "agency"),
        (r"adjust(ed)?\.?\s+off\b", "adjustment"),
        (r"received\s+from\b", "payment"),
        (r"\bpayment\s+plan\b", "instalment"),
        (r"\b(not|non)[\s\-]*allowed\b", "disallowed"),
        (r"\bbalance\s+bill(ing|ed)\b", "surplus"),
        (r"\b(ins|insurance|pt|pat|patient)\.?\s+received\b", r"\1 payment"),
        (r"\binsurance\s+co\b\.?(?=\s+name|\W*$)|\bins\.?\s+co\b\.?(?=\s+name)", "insurance"),
        (r"\b(svc|service)\s+from\W*$", "service date from"),
        (r"\bada\s+code", "procedure code"),
        (r"\b(superbill|voucher|ticket)(?=\s*(#|no\b|num|id\b))", "encounter"),
        (r"\bhealth\s+plan\b", "plan"),
        (r"\bplan\s+(bal|balance|owes)\b", r"insurance \1"),
        (r"\bplan\s+(paid|pd)\b|\bbenefits?\s+paid\b|\bpaid\s+benefits?\b", "insurance payment"),
        (r"write[\s\-]*offs?|written[\s\-]*off|\bw[/\\\- ]o\b", "writeoff"),
        (r"co[\s\-]+pay(ment)?s?\b", "copay"),
        (r"co[\s\-]+ins(urance)?\b", "coinsurance"),
        (r"third[\s\-]*party|3rd[\s\-]*party", "insurance"),
        (r"\b(1st|first)(?=\s+(adj|wo\b|writeoff|carc))", "1"),
        (r"\b(2nd|second)(?=\s+(adj|wo\b|writeoff|carc))", "2"),
        (r"\b(3rd|third)(?=\s+(adj|wo\b|writeoff|carc))", "3"),
        (r"\b(1st|first)\b", "primary"),
        (r"\b(2nd|second)\b", "secondary"),
        (r"\b(3rd|third)\b", "tertiary"),
        (r"non[\s\-]*contract(ual)?", "noncontractual"),
        (r"bad[\s\-]*debts?", "baddebt"),
        (r"cost[\s\-]*shar(e|ing)", "responsibility"),
        (r"\ba/r\b", "balance"),
        (r"#", "number"),
        (r"%", "percent"),
    )
)
_DOTTED: Final = re.compile(r"\b(?:[A-Za-z]\.){2,}[A-Za-z]?\b\.?")
_CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_EXTRA_WORDS: Final = (
    "amount charge date service claim patient insurance payment adjustment allowed code id type "
    "procedure number name provider location balance responsibility from to start end through "
    "post created posted billed paid total unit units transaction out in group reason line net "
    "deductible coinsurance copay modifier primary secondary encounter check status contractual "
    "writeoff method amt adj ins pmt chg svc dos department appointment supervising place of "
    "outstanding self selfpay discount refund transfer description account practice plan open gross"
).split()


def _meanings() -> set[str]:
    return {word for meaning in _EXPAND.values() for word in meaning.split()}


@cache
def _known_words() -> tuple[str, ...]:
    return tuple(sorted({*_EXPAND, *_meanings(), *_EXTRA_WORDS} - {"#", "$"}, key=len))[::-1]


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
    text = _DOTTED.sub(lambda found: found[0].replace(".", ""), heading.replace("_", " "))
    text = _CAMEL.sub(" ", text)
    for pattern, plain in _COMPOUND:
        text = pattern.sub(plain, text)
    out: list[str] = []
    for token in re.findall(r"[A-Za-z]+|\d+|\$", text):
        low = token.lower()
        parts: tuple[str, ...] = (low,)
        if low not in _EXPAND and low not in _known_words() and len(low) >= 4:
            parts = _segment(low) or (low,)
        out.extend(word for part in parts for word in _EXPAND.get(part, part).split())
    return tuple(out)


_REPEAT: Final = re.compile(r" \[(\d+)\]$")
_LETTERED: Final = frozenset({"adjustment", "writeoff", "reason"})


def split_repeat(heading: str) -> tuple[str, int | None]:
    """A heading as it stands in the file, and which of its repeats it is: "Paid [2]" -> Paid, 2."""
    found = _REPEAT.search(heading)
    return (heading[: found.start()], int(found[1])) if found else (heading, None)


def numbered(found: tuple[str, ...]) -> tuple[frozenset[str], int | None]:
    """The words without the number that tells columns of one kind apart, and that number.

    "Adj 2 Reason" is the second; so is "Adj_B", for the letters of an adjustment and its reason.
    """
    digits = [w for w in found if w.isdigit()]
    plain = len(found) > 1 and (len(digits) == 1 or found[-1].isdigit())
    named = frozenset(w for w in found if not w.isdigit())
    if plain:
        return named, int(digits[-1])
    letters = [w for w in found if w in "abcdef" and len(w) == 1]
    if len(letters) == 1 and named & _LETTERED:
        return named - set(letters), "abcdef".index(letters[0]) + 1
    return named, None
