"""A heading's name -> what it could mean.

Names are split into words ("PrimaryInsurancePayment", "FROMDATE", "Pt Resp Amt" alike), expanded
to the field's terms, and matched by rules on the set of words. One candidate means the name is
plain; several mean that values and arithmetic must decide (mapping); none means that a person
must. Measured on 390 headings of 31 systems, near-spelling matches were wrong as often as right,
so there are none here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Final, NamedTuple

Words = frozenset[str]

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
_FILLER: Final = frozenset(
    "amount total sum usd dollar dollars $ the of by to in for value line item claim gross current "
    "actual full per and on all service procedure amounts".split()
)
_VETO: Final = frozenset(
    "reason code type category method description id date name status number group flag percent "
    "pct rate count ytd prev previous days day age bucket class rank indicator ratio".split()
)
# Reasons that a money column can carry in its own name: "Bad debt", "Charity", "Sequestration".
_NAMED_LOSS: Final = frozenset(
    "baddebt charity sequestration discount courtesy hardship bankruptcy untimely withhold "
    "capitation".split()
)
_PRIVATE: Final = frozenset("dob birth ssn phone email address zip city fax street guardian".split())


class Reading(NamedTuple):
    """What a name allows: ``fields`` in order of likelihood, and its trailing ``number``."""

    fields: tuple[str, ...]
    number: int | None = None


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


@lru_cache(maxsize=4096)
def read_heading(heading: str) -> Reading:
    """What a heading's name allows, before its values are seen."""
    found = words(re.sub(r" \[\d+\]$", "", heading))
    number = int(found[-1]) if len(found) > 1 and found[-1].isdigit() else None
    named = frozenset(w for w in found if not w.isdigit())
    ranks = {w for w in found if w in ("1", "2", "3")}
    if "insurance" in named and ranks and number is not None:
        named |= {"1": {"primary"}, "2": {"secondary"}, "3": {"tertiary"}}[ranks.pop()]
    if not named:
        return Reading((), number)
    for rule in _RULES:
        fields = rule(named)
        if fields is not None:
            return Reading(fields, number)
    return Reading((), number)


Fields = tuple[str, ...] | None


def _private(w: Words) -> Fields:
    if w & _PRIVATE:
        return ("ignore",)
    if "name" in w and w & {"patient", "last", "first", "middle", "full"}:
        return ("patient_name",)
    return None


def _dates(w: Words) -> Fields:
    if "date" not in w and not w & {"adjudication"} and w != {"from"} and w != {"service"}:
        return None
    if w & {"modified", "updated", "ingest", "file", "run", "export", "admission", "discharge"}:
        return ("ignore",)
    if w & {"service", "encounter", "from", "procedure"}:
        if w & {"charge"} and "service" not in w:
            return ()
        return ("service_end_date",) if w & {"end", "through", "to"} else ("service_date",)
    if w & {"to", "through", "end"}:
        return ("service_end_date",)
    if "adjudication" in w:
        return ("adjudication_date",)
    if w & {"post", "accounting", "gl", "ledger"}:
        return ("payment_date", "post_date") if "payment" in w else ("post_date",)
    if w & {"payment", "check", "deposit", "remit", "eob", "era"}:
        return ("payment_date",)
    if "created" in w:
        return ("created_date",)
    if "transaction" in w:
        return ("post_date", "created_date")
    if w & {"start", "begin", "first"} and w & {"claim", "line"}:
        return ("service_date",)
    if w & {"submission", "claim", "charge"}:
        return ("claim_date",) if w & {"claim", "submission"} or w == {"charge", "date"} else ()
    return ("service_date", "post_date") if w == {"date"} else ()


def _flags(w: Words) -> Fields:
    if "void" in w:
        return ("void_flag",)
    if w & {"status"}:
        return ("claim_status",)
    if w in ({"denied"}, {"is", "denied"}, {"denied", "flag"}, {"denial", "flag"}):
        return ("denied",)
    if w & {"denial"} and w & {"reason", "code", "description"}:
        return ("denial_reason",)
    return None


def _reasons(w: Words) -> Fields:
    about = w & {"adjustment", "writeoff", "contractual", "remark", "eob"}
    if w == {"group"}:
        return ("adjustment_group",)
    if "group" in w and w & {"code", "adjustment", "reason"} and "practice" not in w:
        return ("adjustment_group",) if w <= {"adjustment", "group", "code", "claim"} else ()
    if "reason" in w:
        other = {"visit", "encounter", "remark", "refund", "payment"}
        return () if w & other else ("adjustment_reason",)
    if about and w & {"code", "type", "category", "description", "class"}:
        if "remark" in w:
            return ("ignore",)
        return ("adjustment_reason",) if "code" in w else ("adjustment_type",)
    return None


def _types(w: Words) -> Fields:
    if "transaction" in w and w & {"type", "code", "category", "class"}:
        return ("transaction_type",)
    if w == {"transaction"}:
        return ("transaction_type", "transaction_id")
    if w in ({"type"}, {"created", "type"}, {"ledger", "type"}, {"payment", "type"}):
        return ("transaction_type",) if "payment" not in w else ("payment_method",)
    if w & {"insurance"} and "type" in w:
        return ("payer_type",)
    if w & {"insurance"} and w & {"order", "rank", "sequence", "level"}:
        return ("payer_rank",)
    if "payment" in w and w & {"method", "mode"} or w == {"method"}:
        return ("payment_method",)
    if "source" in w and w <= {"payment", "source", "transaction"}:
        return ("payer_type",)
    if w & {"transfer"} and w & {"type", "to"}:
        return ("transfer_to",)
    return None


def _numbers(w: Words) -> Fields:
    marks = w & {"id", "number", "control", "key", "icn", "uuid", "guid"}
    if w == {"id"} or w == {"number"}:
        return ("transaction_id",) if w == {"id"} else ()
    if "check" in w or "trace" in w or "reference" in w and marks:
        return ("check_number",)
    if "claim" in w and "line" in w and (marks or w == {"claim", "line"}):
        return ("line_number",)
    if w in ({"claim"}, {"claim", "number"}) or w & {"claim", "icn", "tcn"} and marks:
        return ("claim_id",) if not w & {"insurance", "patient", "type", "provider"} else ("ignore",)
    if w in ({"line"}, {"line", "item"}) or "line" in w and marks:
        return ("line_number",)
    return None


def _other_ids(w: Words) -> Fields:
    marks = w & {"id", "number", "control", "key", "account", "mrn", "chart", "identifier"}
    if w & {"mrn", "chart"} and not w & {"provider"}:
        return ("patient_id",)
    if "encounter" in w and (marks or w == {"encounter"}):
        return ("encounter_id",)
    if not marks:
        return None
    for word, field in (
        ("charge", "charge_id"),
        ("payment", "payment_id"),
        ("transaction", "transaction_id"),
    ):
        if word in w and not w & {"code", "patient", "insurance"}:
            return (field,)
    if "patient" in w and not w & {"insurance", "policy", "plan", "group"}:
        return ("patient_id",)
    if w <= {"account", "number", "id"} and "account" in w:
        return ("patient_id",)
    return None


def _who_and_where(w: Words) -> Fields:
    if w & {"referring", "supervising", "ordering", "attending", "appointment", "taxonomy"}:
        return ("ignore",)
    if "npi" in w or "provider" in w:
        return ("ignore",) if w & {"charge"} and "provider" in w else ("provider",)
    if w & {"financial"} and "class" in w:
        return ("financial_class",)
    if "practice" in w:
        return ("practice",)
    if w & {"place"} or w == {"pos"}:
        return ("ignore",)
    if "location" in w and not w & {"charge", "payment", "balance"}:
        return ("location",)
    if w & {"diagnosis", "dx", "icd", "diag"}:
        return ("ignore",)
    if "modifier" in w:
        return ("modifier",)
    if "procedure" in w and w & {"description", "name"}:
        return ("procedure_desc",)
    if "procedure" in w and not w & {"charge", "payment", "amount", "rank"}:
        return ("procedure_code",)
    if "units" in w and not w & {"price"}:
        return ("units",)
    return None


def _payers(w: Words) -> Fields:
    plain = w - {"name", "company", "primary", "current", "info", "code"}
    if w & {"responsible"} and "party" in w or w == {"charge", "to"}:
        return ("current_responsible_party",)
    if plain <= {"insurance", "id"} and "insurance" in w and "secondary" not in w:
        return ("payer",)
    if plain == {"insurance", "secondary"} and not w & {"amount"}:
        return ("secondary_payer",)
    if plain <= {"plan", "insurance"} and "plan" in w and "secondary" not in w:
        return ("plan",)
    if w == {"patient"}:
        return ("patient_id", "patient_name")
    if w in ({"code"}, {"service", "code"}, {"charge", "code"}):
        return ("procedure_code",)
    if w in ({"description"}, {"transaction", "description"}):
        return ("transaction_desc",)
    return None


def _losses(w: Words) -> Fields:
    if "refund" in w:
        return ("refund",)
    if "unapplied" in w:
        return ("unapplied",)
    if w & {"applied"}:
        return ("applied",)
    if "invoiced" in w:
        return ("invoiced",)
    if w & {"recovery", "recovered", "recoveries"}:
        return ()
    if "writeoff" in w:
        if w & {"contractual"} or "insurance" in w:
            return ("contractual_adjustment",)
        return ("patient_write_off",) if "patient" in w else ("write_off",)
    if w & _NAMED_LOSS or {"small", "balance"} <= w or {"timely", "filing"} <= w:
        return ("write_off",)
    if "noncontractual" in w:
        return ("write_off",)
    return None


def _adjustments(w: Words) -> Fields:
    if "adjusted" in w and "charge" in w or "net" in w and "charge" in w:
        return ("charge_net_of_adjustments",)
    if "contractual" in w:
        if w & {"allowed", "rate"}:
            return ("contract_allowed",)
        return ("contractual_adjustment",) if w <= _FILLER | {
            "contractual",
            "adjustment",
            "insurance",
            "allowance",
            "obligation",
            "primary",
            "discount",
        } else ()
    if "expected" in w:
        return ("expected",)
    if "adjustment" in w:
        rest = w - _FILLER - {"adjustment"}
        named = {
            frozenset(): "adjustment",
            frozenset({"other"}): "other_adjustment",
            frozenset({"misc"}): "other_adjustment",
            frozenset({"secondary"}): "other_adjustment",
            frozenset({"debit"}): "debit_adjustment",
            frozenset({"patient"}): "patient_write_off",
            frozenset({"insurance"}): "contractual_adjustment",
        }.get(frozenset(rest))
        return (named,) if named else ()
    return None


def _shares(w: Words) -> Fields:
    if w & {"net", "expected", "met", "max", "maximum"}:
        return ()
    if "balance" in w and w & {"deductible", "coinsurance", "copay"}:
        return ()  # what is left of a plan's limit, or a balance: a name cannot say
    if w & {"copay"}:
        return ("patient_paid",) if "payment" in w else ("copay",)
    if "deductible" in w:
        return ("deductible",)
    if "coinsurance" in w:
        return ("coinsurance",)
    if "allowed" in w:
        return ("allowed",) if not w & {"charge", "payment"} or w & {"amount"} else ()
    if "responsibility" in w and not w & {"insurance"}:
        return ("patient_responsibility",)
    if "patient" in w and w & {"share", "portion"}:
        return ("patient_responsibility", "patient_portion")
    if "insurance" in w and w & {"share", "portion"}:
        return ("insurance_portion",)
    return None


def _balances(w: Words) -> Fields:
    if "balance" not in w and not w & {"open", "unpaid"}:
        return None
    if w & {"opening", "starting", "forward", "beginning", "credit"}:
        return ()
    if "insurance" in w:
        return ("insurance_balance",)
    if "patient" in w or "self" in w:
        return ("patient_balance",)
    return ("balance",)


def _paid(w: Words) -> Fields:
    if "payment" not in w:
        return None
    for rank in ("primary", "secondary", "tertiary"):
        if rank in w and "patient" not in w:
            return (f"insurance_paid_{rank}",)
    if w & {"insurance", "primary"}:
        return ("insurance_paid",) if "patient" not in w else ()
    if w & {"patient", "self"}:
        return ("patient_paid",)
    if "other" in w:
        return ("other_paid",)
    if w - _FILLER - {"payment"}:
        return ()
    return ("total_paid",) if "total" in w else ("total_paid", "insurance_paid")


def _charges(w: Words) -> Fields:
    if "charge" not in w:
        if w in ({"price"}, {"unit", "price"}, {"unit", "amount"}):
            return ("unit_charge",)
        return ("charge",) if w == {"total", "claim", "cost"} else None
    if "unit" in w or "avg" in w:
        return ("unit_charge",)
    if "insurance" in w:
        return ("insurance_charge",)
    if w & {"self", "patient"}:
        return ("self_charge",)
    return ("charge",) if not w - _FILLER - {"charge"} else ()


def _veto(w: Words) -> Fields:
    return () if w & _VETO else None


def _amounts(w: Words) -> Fields:
    if "transfer" in w:
        return ("transfer",)
    if w in ({"transaction", "amount"}, {"amount"}, {"transaction", "total"}):
        return ("transaction_amount",)
    if w == {"payment", "amount"}:
        return ("payment_amount",)
    return ()


_RULES: Final[tuple[Callable[[Words], Fields], ...]] = (
    _private,
    _dates,
    _flags,
    _reasons,
    _types,
    _numbers,
    _other_ids,
    _who_and_where,
    _payers,
    _veto,
    _losses,
    _adjustments,
    _shares,
    _balances,
    _paid,
    _charges,
    _amounts,
)


def recognised(heading: str) -> bool:
    """Whether a name means anything at all (used to find the heading row)."""
    return bool(read_heading(heading).fields)
