"""A ledger with a debit and a credit column: one amount a row, on one of two sides.

Debits raise what is owed, credits lower it. Two columns of one field are never added up by guess;
that hardly a row has both is what proves that these two are the sides of one amount.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from writeoffs import types
from writeoffs import vocabulary as v
from writeoffs.headings import Reading
from writeoffs.money import Cents
from writeoffs.parsed import Parsed
from writeoffs.plan import Plan
from writeoffs.words import words

DEBIT: Final = "debit"
CREDIT: Final = "credit"
_BOTH: Final = 0.01  # on more rows than this share, two amounts are not the sides of one
_AROUND: Final = frozenset({"amount", "total", "$", "transaction"})
_MAY_BE_TYPE: Final = (
    "transaction_type", "transaction_desc", "adjustment_type", "procedure_desc",
)  # fmt: skip
_BESIDE: Final = frozenset({*v.BALANCE_COLUMNS, *v.UNCOUNTED_MONEY})


class Sides(NamedTuple):
    """The headings of the two sides and of the column that says what a row is."""

    debit: str
    credit: str
    says: str


def side_of(heading: str) -> str:
    """Which side a heading names: "Debit", "Credit Amt", "CR" -> debit, credit, credit; else ""."""
    if heading.strip().upper() in ("DR", "CR"):
        return DEBIT if heading.strip().upper() == "DR" else CREDIT
    named = {w.removesuffix("s") for w in words(heading) if w not in _AROUND}
    return next((side for side in (DEBIT, CREDIT) if named == {side}), "")


def find(parsed: Parsed, readings: Mapping[str, Reading]) -> Sides | None:
    """The debit and credit columns of a ledger; a charge column may be its debits.

    Returns:
        None unless there is one of each, both money, with amounts on the same row hardly ever, no
        other money beside them, and a column that says what at least half of the credits are.
    """
    debits = [h for h in readings if side_of(h) == DEBIT and parsed.is_money(h)]
    credits = [h for h in readings if side_of(h) == CREDIT and parsed.is_money(h)]
    charges = [h for h, r in readings.items() if r.fields[:1] == ("charge",) and parsed.is_money(h)]
    debits = debits or charges
    if len(debits) != 1 or len(credits) != 1:
        return None
    debit, credit = debits[0], credits[0]
    if any(h not in (debit, credit) and _counts(parsed, h, r) for h, r in readings.items()):
        return None
    on_debit, on_credit = (parsed.money(h).cents != 0 for h in (debit, credit))
    if not on_credit.any() or (on_debit & on_credit).sum() > _BOTH * (on_debit | on_credit).sum():
        return None
    for heading, reading in sorted(readings.items(), key=lambda item: not item[1].fields):
        free = not reading.fields or reading.fields[0] in _MAY_BE_TYPE
        if free and not parsed.is_money(heading) and types_known(parsed, heading, 0.5, on_credit):
            return Sides(debit, credit, heading)
    return None


def _counts(parsed: Parsed, heading: str, reading: Reading) -> bool:
    """Whether a column is money that would be counted beside the two sides."""
    money = [f for f in reading.fields if f in v.MONEY_FIELDS]
    return bool(money) and money[0] not in _BESIDE and not parsed.is_empty(heading)


def types_known(
    parsed: Parsed, heading: str, share: float = 0.5, rows: npt.NDArray[np.bool_] | None = None
) -> bool:
    """Whether at least a share of (some) rows have a type there that this program knows."""
    label = parsed.label(heading)
    codes = label.codes if rows is None else label.codes[rows]
    stated = codes[codes >= 0]
    if not len(stated) or len(label.names) > 500:
        return False
    known = np.array([types.read_type(n) is not None for n in label.names])
    return bool(known[stated].mean() >= share)


def amount_headings(plan: Plan) -> list[str]:
    """The columns whose amounts make up a ledger's one amount a row: one, or the two sides."""
    found = plan.headings("transaction_amount")
    return found if {side_of(h) for h in found} == {DEBIT, CREDIT} else found[:1]


def side_signs(parsed: Parsed, plan: Plan) -> dict[str, int]:
    """-1 for a credit column whose amounts have no minus of their own; {} without two sides."""
    found = amount_headings(plan)
    if len(found) < 2:
        return {}
    credit = next(h for h in found if side_of(h) == CREDIT)
    cents = parsed.money(credit).cents
    return {credit: -1 if (cents > 0).sum() >= (cents < 0).sum() else 1}


def ledger_amount(parsed: Parsed, plan: Plan) -> Cents | None:
    """The one amount of every row, in cents: debits less credits where there are two sides.

    Returns:
        None where no column carries it.
    """
    found = amount_headings(plan)
    if not found:
        return None
    signed = [parsed.money(h).cents * plan.signs.get(h, 1) for h in found]
    return np.sum(signed, axis=0, dtype=np.int64)


def debited(parsed: Parsed, plan: Plan) -> npt.NDArray[np.bool_]:
    """Rows with an amount on the debit side; none where there are no two sides."""
    found = amount_headings(plan)
    if len(found) < 2:
        return np.zeros(len(parsed.raw), dtype=bool)
    debit = next(h for h in found if side_of(h) == DEBIT)
    return parsed.money(debit).cents != 0
