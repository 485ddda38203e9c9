"""A heading's name -> what it could mean.

Names are split into words ("PrimaryInsurancePayment", "FROMDATE", "Pt Resp Amt" alike), expanded
to the field's terms, and matched by rules on the set of words. One candidate means the name is
plain; several mean that values and arithmetic must decide (mapping); none means that a person
must. Measured on 390 headings of 31 systems, near-spelling matches were wrong as often as right,
so there are none here.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Final, NamedTuple

from writeoffs.words import numbered, split_repeat, words

Words = frozenset[str]

_FILLER: Final = frozenset(
    "amount total sum usd dollar dollars $ the of by to in for value line item claim gross current "
    "actual full per and on all service procedure amounts".split()
)
_VETO: Final = frozenset(
    "reason code type category method description id date name status number group flag percent "
    "pct rate count ytd prev previous days day age bucket class rank indicator ratio".split()
)
# Words that turn money into something else: a limit, another time, somebody's name.
_ELSE: Final = "limit level variance over prior original running forward last instalment".split()
_SELF: Final = frozenset({"self", "selfpay"})
_PARTIES: Final = frozenset("insurance patient primary secondary tertiary self selfpay".split())
_RANKS: Final = {1: "primary", 2: "secondary", 3: "tertiary"}
# What long ledgers call the column that says what a row is; its values must agree (mapping).
_TYPES: Final = [{"created"}, {"kind"}, {"category"}, {"ledger", "code"}] + [
    {"type"} | {word} for word in "type created ledger line record post item".split()
]
_CONTRACT: Final = _FILLER | frozenset(
    "contract contractual adjustment insurance allowance obligation primary discount plan "
    "network".split()
)
_LEDGER_MONEY: Final = frozenset("transaction amount value dollars signed line post".split())
_SHARE_WORDS: Final = ("deductible", "coinsurance", "copay")
# Reasons that a money column can carry in its own name: "Bad debt", "Charity", "Sequestration".
_NAMED_LOSS: Final = frozenset(
    "baddebt charity sequestration discount courtesy hardship bankruptcy untimely withhold "
    "capitation".split()
)
_PRIVATE: Final = frozenset(
    "dob birth ssn phone email address zip city fax street guardian".split()
)


class Reading(NamedTuple):
    """What a name allows: ``fields`` in order of likelihood, and the ``number`` in it (Adj 2)."""

    fields: tuple[str, ...]
    number: int | None = None


@lru_cache(maxsize=4096)
def read_heading(heading: str) -> Reading:
    """What a heading's name allows, before its values are seen."""
    named, number = numbered(words(split_repeat(heading)[0]))
    if "insurance" in named and number in _RANKS:
        named |= {_RANKS[number]}
    if not named:
        return Reading((), number)
    for rule in _RULES:
        fields = rule(named)
        if fields is not None:
            return Reading(fields, number)
    return Reading((), number)


Fields = tuple[str, ...] | None


def _nothing(w: Words) -> Fields:
    """Counts, who did it, and money on its way to somebody: no field of this program."""
    if "count" in w or ("by" in w and not w & _PARTIES):
        return ()
    if "to" in w and (w & {"payment", "service", "from"} == {"payment"} or {"charge", "date"} <= w):
        return ()
    return () if "status" in w and w & {"patient", "payment", "account", "check"} else None


def _private(w: Words) -> Fields:
    if w & _PRIVATE:
        return ("ignore",)
    if w == {"primary", "name"}:  # First Name
        return ("patient_name",)
    if "name" in w and w & {"patient", "last", "first", "middle", "full"}:
        return ("patient_name",)
    return None


def _dates(w: Words) -> Fields:
    if w == {"post"}:
        return ("post_date",)
    if "date" not in w and not w & {"adjudication"} and w != {"from"} and w != {"service"}:
        return None
    if w & {"modified", "updated", "ingest", "file", "run", "export", "admission", "discharge"}:
        return ("ignore",)
    if w & {"service", "encounter", "from", "procedure"}:
        if w & {"charge"} and not w & {"service", "from"}:
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
    if "why" in w and w & {"writeoff", "adjustment"}:
        return ("adjustment_reason",)
    if {"reason", "amount"} <= w:
        return ("adjustment",) if w <= {"reason", "amount", "adjustment", "code"} else ()
    if "reason" in w:
        other = {"visit", "encounter", "remark", "refund", "payment"}
        return () if w & other else ("adjustment_reason",)
    if about and w & {"code", "type", "category", "description", "class"}:
        if "remark" in w:
            return ("ignore",)
        return ("adjustment_reason",) if "code" in w else ("adjustment_type",)
    return None


def _types(w: Words) -> Fields:
    if "transaction" in w and w & {"type", "code", "category", "class", "kind"}:
        return ("transaction_type",)
    if w == {"transaction"}:
        return ("transaction_type", "transaction_id")
    if w == {"payment", "type"}:
        return ("payment_method",)
    if w in _TYPES:
        return ("transaction_type",)
    if w & {"insurance"} and "type" in w:
        return ("payer_type",)
    if w in ({"insurance", "class"}, {"insurance", "category"}):
        return ("financial_class",)
    if w & {"insurance"} and w & {"order", "rank", "sequence", "level"}:
        return ("payer_rank",)
    if ("payment" in w and w & {"method", "mode"}) or w == {"method"}:
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
    if "check" in w and w & {"amount", "total", "date"}:
        return ()
    if "check" in w or "trace" in w or ("reference" in w and marks):
        return ("check_number",)
    if "claim" in w and "line" in w and (marks or w == {"claim", "line"}):
        return ("line_number",)
    if w in ({"claim"}, {"claim", "number"}) or (w & {"claim", "icn", "tcn"} and marks):
        return (
            ("claim_id",) if not w & {"insurance", "patient", "type", "provider"} else ("ignore",)
        )
    if w in ({"line"}, {"line", "item"}) or ("line" in w and marks):
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
    if ("npi" in w and "location" not in w) or "provider" in w:
        money = w & {"payment", "discount", "adjustment", "responsibility", "balance", "amount"}
        return () if money else ("ignore",) if "charge" in w else ("provider",)
    if w & {"financial"} and "class" in w:
        return ("financial_class",)
    if "practice" in w and "location" not in w:
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
    if (w & {"responsible"} and "party" in w) or w == {"charge", "to"}:
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
        return () if "balance" in w else ("refund",)
    if "unapplied" in w:
        return ("unapplied",)
    if "applied" in w:
        shares = [name for name in _SHARE_WORDS if name in w]
        return tuple(shares[:1]) if shares else () if w & _PARTIES else ("applied",)
    if "invoiced" in w:
        return ("invoiced",)
    if w & {"recovery", "recovered", "recoveries"}:
        return ()
    if "writeoff" in w:
        if "allowed" in w:
            return ()
        if w & {"contractual", "contract"} or "insurance" in w:
            return ("contractual_adjustment",)
        return ("patient_write_off",) if "patient" in w else ("write_off",)
    if "agency" in w:
        return ()
    if "discount" in w and w & {"insurance", "plan", "network"} and "payment" not in w:
        return ("contractual_adjustment",) if not w - _CONTRACT else ()
    if w & _NAMED_LOSS:
        return (
            () if "balance" in w or w & {"payment", "discount"} == {"payment"} else ("write_off",)
        )
    if {"small", "balance"} <= w or {"timely", "filing"} <= w:
        return ("write_off",)
    if "noncontractual" in w:
        return ("write_off",)
    return None


def _adjustments(w: Words) -> Fields:
    if ("adjusted" in w and "charge" in w) or ("net" in w and "charge" in w):
        return ("charge_net_of_adjustments",)
    if "contract" in w and not w & {"adjustment", "discount", "allowance"}:
        return ("contract_allowed",) if w & {"allowed", "amount"} else ()
    if "contract" in w or "contractual" in w:
        if "allowed" in w:
            return ("contract_allowed",)
        return ("contractual_adjustment",) if not w - _CONTRACT else ()
    if "expected" in w:
        return ("expected",)
    if "adjustment" in w:
        rest = w - _FILLER - {"adjustment"}
        named = {
            frozenset(): "adjustment",
            frozenset({"credit"}): "adjustment",
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
        return ("transaction_amount",) if w == {"net", "amount"} else ()
    if "balance" in w and w & {"deductible", "coinsurance", "copay"}:
        return ()  # what is left of a plan's limit, or a balance: a name cannot say
    if w & {"copay"}:
        return ("patient_paid",) if "payment" in w else ("copay",)
    if w & {"deductible", "coinsurance"} and "payment" in w:
        return ()
    if "deductible" in w:
        return ("deductible",)
    if "coinsurance" in w:
        return ("coinsurance",)
    if "allowed" in w:
        return ("allowed",) if "payment" not in w or "amount" in w else ()
    if "responsibility" in w and not w & {"insurance"}:
        if "payment" in w:
            return ("patient_paid",)
        return ("patient_responsibility", *(("patient_balance",) if "balance" in w else ()))
    if "portion" in w and "balance" in w:
        return None
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
    if w & {"patient", *_SELF}:
        return ("patient_balance",) if not w & {"insurance", "primary"} else ()
    return ("insurance_balance",) if w & {"insurance", "primary", "secondary"} else ("balance",)


def _paid(w: Words) -> Fields:
    if "payment" not in w:
        return None
    for rank in ("primary", "secondary", "tertiary"):
        if rank in w and "patient" not in w:
            return (f"insurance_paid_{rank}",)
    if "insurance" in w:
        return () if "patient" in w else ("other_paid",) if "other" in w else ("insurance_paid",)
    if w & {"patient", *_SELF}:
        return ("patient_paid",)
    if "other" in w:
        return ("other_paid",)
    if w - _FILLER - {"payment"}:
        return ()
    return ("total_paid",) if "total" in w else ("total_paid", "insurance_paid")


def _charges(w: Words) -> Fields:
    if w <= {"latefee", "amount", "total"} and "latefee" in w:
        return ("debit_adjustment",)
    if "charge" not in w:
        if w in ({"price"}, {"unit", "price"}, {"unit", "amount"}):
            return ("unit_charge",)
        return ("charge",) if w == {"total", "claim", "cost"} else None
    if {"noshow", "charge"} <= w or "nsf" in w:
        return ("debit_adjustment",)
    if "unit" in w or "avg" in w:
        return ("unit_charge",)
    if "insurance" in w:
        return ("charge", "insurance_charge") if "to" in w else ("insurance_charge",)
    if w & {"patient", *_SELF}:
        return ("self_charge",)
    return ("charge",) if not w - _FILLER - {"charge"} else ()


def _veto(w: Words) -> Fields:
    if "estimated" in w:
        return ("expected",) if w & {"insurance", "payment", "responsibility", "portion"} else ()
    return () if w & _VETO.union(_ELSE) else None


def _amounts(w: Words) -> Fields:
    if "transfer" in w:
        return ("transfer",)
    rest = w - {"$", "usd"}
    plain = rest <= _LEDGER_MONEY and rest & {"amount", "value", "dollars"}
    if plain or rest == {"transaction", "total"}:
        return ("transaction_amount",)
    if w == {"payment", "amount"}:
        return ("payment_amount",)
    return ()


_RULES: Final[tuple[Callable[[Words], Fields], ...]] = (
    _nothing,
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


def place_of(heading: str) -> int:
    """Which of several columns of one kind it is: Adj 2, Adj_B and Adj [2] are the second."""
    return read_heading(heading).number or split_repeat(heading)[1] or 1


def recognised(heading: str) -> bool:
    """Whether a name means anything at all (used to find the heading row)."""
    return bool(read_heading(heading).fields)
