"""A long ledger, one amount and a type a row -> postings.

What a row is, how much it moves and which way the file writes it is read in ``movements``; here it
is posted, with the signs that the plan has decided.
"""

from __future__ import annotations

import numpy as np

from writeoffs import vocabulary as v
from writeoffs.book import Index, Writer
from writeoffs.money import Cents
from writeoffs.movements import Sorted, amounts_of, class_of, sort_rows
from writeoffs.noted import Noted, post_notes
from writeoffs.parsed import Parsed
from writeoffs.plan import Plan
from writeoffs.problems import Problem


def post(
    parsed: Parsed, plan: Plan, keep: Index, writer: Writer
) -> tuple[list[Problem], list[str]]:
    """Post every kept row of a long ledger; return what could not be told apart, and notes."""
    rows = sort_rows(parsed, plan, keep)
    amounts = amounts_of(parsed, plan, keep, rows)
    for codes, cents in amounts:
        for code in np.unique(codes[cents != 0]):
            kind, expected = rows.kinds[int(code)]
            found = np.flatnonzero((codes == code) & (cents != 0))
            turn = plan.signs.get(class_of(kind, expected), 1)
            writer.post(found, kind, cents[found] * turn)
    noted = _noted(parsed, plan, keep, rows, amounts, writer)
    return _unsure(parsed, keep, rows, amounts), noted.sentences()


def _noted(
    parsed: Parsed,
    plan: Plan,
    keep: Index,
    rows: Sorted,
    amounts: list[tuple[Index, Cents]],
    writer: Writer,
) -> Noted:
    """What rows of amount zero name in their text: the first text column that says it."""
    moves_cash = np.array([k.entry in (v.CHARGE, v.PATIENT_PAYMENT) for k, _ in rows.kinds])
    silent = ~moves_cash[rows.codes]
    for _, cents in amounts:
        silent &= cents == 0
    noted = Noted()
    group = plan.heading("adjustment_group")
    for name in ("adjustment_reason", "adjustment_type", "transaction_desc", "transaction_type"):
        for heading in plan.headings(name):
            silent &= ~post_notes(parsed, (heading, group), keep, silent, writer, noted)
    return noted


def _unsure(
    parsed: Parsed, keep: Index, rows: Sorted, amounts: list[tuple[Index, Cents]]
) -> list[Problem]:
    """Refunds that do not say to whom."""
    out = []
    for codes, cents in amounts:
        unsure = np.array([k.entry == v.PAYMENT and sign < 0 for k, sign in rows.kinds])
        found = np.flatnonzero(unsure[codes] & (cents != 0))
        if len(found):
            numbers = tuple(int(n) for n in parsed.raw.numbers[keep[found]])
            message = (
                f"row {numbers[0]}: a refund that does not say to whom; taken off all payments"
            )
            at_stake = tuple(int(c) for c in cents[found])
            kind = "refund_party_unknown"
            out.append(Problem(kind, message, parsed.raw.name, None, numbers, at_stake))
    return out
