"""Which rows are held, and why: only what cannot be read or attributed (rules.md).

Held rows are in no figure. Each comes with its place, its reason and the dollars at stake, so that
the person can mend the file or accept the row.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from writeoffs import types
from writeoffs import vocabulary as v
from writeoffs.money import READ, Cents, parse_amounts, why_unreadable
from writeoffs.movements import EXPLAINING
from writeoffs.parsed import Parsed
from writeoffs.plan import Plan
from writeoffs.problems import Problem
from writeoffs.sides import amount_headings, debited, ledger_amount

_ABSURD: Final = 10**11  # a billion dollars on one row
_LARGE: Final = 10**9  # ten million, absurd beside a small median
_TIMES_MEDIAN: Final = 1000
_DAMAGED_ID: Final = re.compile(r"^\d(?:\.\d+)?[eE]\+\d{2,}$")
_MIX: Final = np.uint64(0x9E3779B97F4A7C15)  # odd: no two codes are mixed into one by it alone
_NOT_CHECKED: Final = frozenset(v.UNCOUNTED_MONEY) - {"allowed"}


@dataclass
class Holds:
    """``mask``: held rows; ``cents``: data row -> dollars at stake, rows of another width too."""

    mask: npt.NDArray[np.bool_]
    cents: dict[int, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


class _Finder:
    def __init__(self, parsed: Parsed, plan: Plan) -> None:
        self.parsed, self.plan = parsed, plan
        self.raw = parsed.raw
        self.holds = Holds(np.zeros(len(parsed.raw), dtype=bool))
        self.stake = _stakes(parsed, plan)

    def hold(self, kind: str, rows: npt.NDArray[np.bool_], column: str | None, words: str) -> None:
        """Hold rows that no earlier reason holds; ``words`` says what is wrong with the first."""
        new = np.flatnonzero(rows & ~self.holds.mask)
        if not len(new):
            return
        first = int(new[0])
        place = f"line {self.raw.lines[first]} (row {self.raw.numbers[first]})"
        more = f" (and {len(new) - 1} more)" if len(new) > 1 else ""
        numbers = tuple(int(n) for n in self.raw.numbers[new])
        cents = tuple(int(c) for c in self.stake[new])
        message = f"{place}{', column ' + column if column else ''}: {words}; row held{more}"
        self.holds.problems.append(Problem(kind, message, self.raw.name, column, numbers, cents))
        self.holds.cents |= dict(zip(numbers, cents, strict=True))
        self.holds.mask[new] = True


def find(parsed: Parsed, plan: Plan) -> Holds:
    """All rows of a table that are held."""
    finder = _Finder(parsed, plan)
    _misfits(finder)
    for heading in _counted_money(plan):
        _without_value(finder, heading)
    for heading in _counted_money(plan):
        _unreadable(finder, heading)
    for heading, name in plan.columns.items():
        if name in v.MONEY_FIELDS and name not in _NOT_CHECKED:
            _implausible(finder, heading)
        if name in ("service_date", "post_date", "payment_date"):
            _bad_dates(finder, heading)
        if name in ("claim_id", "encounter_id"):
            _damaged_ids(finder, heading)
    if plan.shape == "ledger":
        _unknown_types(finder)
    else:
        _missing_charges(finder)
    _repeats(finder)
    _twins(finder)
    return finder.holds


def _counted_money(plan: Plan) -> list[str]:
    """The columns whose money goes into figures."""
    fields = set(v.MONEY_FIELDS) - _NOT_CHECKED
    return [h for h, name in plan.columns.items() if name in fields and h not in plan.uncounted]


def _stakes(parsed: Parsed, plan: Plan) -> Cents:
    """Dollars at stake on each row: its charge or amount, else the largest it states."""
    best = np.zeros(len(parsed.raw), dtype=np.int64)
    for heading, name in plan.columns.items():
        if name in v.MONEY_FIELDS and name not in v.UNCOUNTED_MONEY:
            best = np.maximum(best, np.abs(parsed.money(heading).cents))
    amount = ledger_amount(parsed, plan)
    if amount is not None and len(amount_headings(plan)) > 1:
        return np.abs(amount)
    first = plan.heading("transaction_amount" if plan.shape == "ledger" else "charge")
    if first is None:
        return best
    column = parsed.money(first)
    return np.where(column.stated, column.cents, best)


def _misfits(finder: _Finder) -> None:
    """Rows that the reader held: put the dollars on them that their cells show."""
    money_heading = finder.plan.heading("charge") or finder.plan.heading("transaction_amount")
    place = finder.raw.headings.index(money_heading) if money_heading else None
    width = len(finder.raw.headings)
    stakes: dict[int, int] = {}
    for held in finder.raw.held:
        stakes[held.row] = _stake_of_cells(held.cells, place, width, finder.plan.decimal)
    finder.holds.cents |= stakes
    for problem in finder.raw.problems:
        cents = tuple(stakes.get(row, 0) for row in problem.rows)
        finder.holds.problems.append(
            Problem(
                problem.kind, problem.message, problem.file, problem.column, problem.rows, cents
            )
        )


def _stake_of_cells(cells: tuple[str, ...], place: int | None, width: int, mark: str) -> int:
    """The charge on a row of the wrong width: counted from the left, else from the right."""
    if place is None:
        return 0
    for position in (place, place - width + len(cells)):
        if 0 <= position < len(cells):
            amount = parse_amounts(pa.array([cells[position]]), mark)
            if amount.state[0] == READ:
                return int(amount.cents[0])
    return 0


def _without_value(finder: _Finder, heading: str) -> None:
    """A formula that was never worked out is no zero."""
    places = finder.raw.unstored.get(heading)
    if places:
        rows = np.zeros(len(finder.raw), dtype=bool)
        rows[list(places)] = True
        new = np.flatnonzero(rows & ~finder.holds.mask)
        place = places[int(new[0])] if len(new) else ""
        words = f"{place} holds a formula whose value was never stored"
        finder.hold("formula_without_value", rows, heading, words)


def _unreadable(finder: _Finder, heading: str) -> None:
    bad = finder.parsed.money(heading).bad
    if bad.any():
        text = finder.parsed.column(heading).cell(int(np.flatnonzero(bad)[0])).strip()[:40]
        finder.hold("amount_unreadable", bad, heading, f'"{text}" {why_unreadable(text)}')


def _implausible(finder: _Finder, heading: str) -> None:
    cents = np.abs(finder.parsed.money(heading).cents)
    if not len(cents) or cents.max() <= _LARGE:
        return
    filled = cents[cents > 0]
    limit = max(_LARGE, _TIMES_MEDIAN * int(np.median(filled)))
    absurd = (cents > _ABSURD) | ((cents > limit) & (len(filled) >= 3))
    finder.hold("amount_implausible", absurd, heading, "an amount of absurd size")


def _bad_dates(finder: _Finder, heading: str) -> None:
    bad = finder.parsed.day(heading).bad
    if bad.any():
        text = finder.parsed.column(heading).cell(int(np.flatnonzero(bad)[0])).strip()[:40]
        finder.hold("date_unreadable", bad, heading, f'"{text}" is not a date that can be')


def _damaged_ids(finder: _Finder, heading: str) -> None:
    column = finder.parsed.column(heading)
    suspects = column.matching(r"[eE]\+")
    if suspects.any():
        odd = np.array([bool(_DAMAGED_ID.match(t.strip())) for t in column.texts()])
        finder.hold(
            "id_damaged_by_excel", odd[column.codes], heading, "a spreadsheet rounded this number"
        )


def _missing_charges(finder: _Finder) -> None:
    """A blank charge beside other amounts; a blank alone is not stated, and stays."""
    charge = finder.plan.heading("charge")
    if charge is None:
        return
    others = np.zeros(len(finder.raw), dtype=bool)
    for heading, name in finder.plan.columns.items():
        if name in v.MONEY_FIELDS and heading != charge and name not in v.UNCOUNTED_MONEY:
            others |= finder.parsed.money(heading).cents != 0
    blank = ~finder.parsed.money(charge).stated
    finder.hold("charge_missing", blank & others, charge, "no charge beside other amounts")


def _unknown_types(finder: _Finder) -> None:
    """Rows whose type says nothing, and whose reason and description do not help either.

    A debit of which nothing is said is a charge.
    """
    heading = finder.plan.heading("transaction_type")
    amount = ledger_amount(finder.parsed, finder.plan)
    if heading is None or amount is None:
        return
    label = finder.parsed.label(heading)
    known = np.array([types.knows(n) for n in label.names] + [False])
    unknown = ~known[label.codes] & (amount != 0) & ~debited(finder.parsed, finder.plan)
    for field_name in EXPLAINING[1:]:
        for helper in finder.plan.headings(field_name):
            says = finder.parsed.label(helper)
            asked = np.unique(says.codes[unknown])
            helps = [code for code in asked if code >= 0 and types.knows(says.names[code])]
            unknown &= ~np.isin(says.codes, helps)
    if unknown.any():
        code = int(label.codes[np.flatnonzero(unknown)[0]])
        text = label.names[code][:40] if code >= 0 else ""
        words = f'type "{text}" is not known' if text else "no transaction type"
        finder.hold("type_unknown", unknown, heading, words)


def _repeats(finder: _Finder) -> None:
    """Exact repeats, where the file's own key is otherwise unique."""
    key = [h for h in _key_headings(finder.plan) if not finder.parsed.is_empty(h)]
    if not key:
        return
    codes = _row_codes(finder.parsed, key)
    again = _again(codes)
    again &= ~_blank_keys(finder.parsed, key)
    if not again.any() or again.mean() > 0.5:
        return
    involved = np.isin(codes, codes[again])
    by_claim = finder.plan.shape != "ledger" and "line_number" not in _fields(finder.plan, key)
    if by_claim and involved.mean() > 0.6:
        return
    whole = _row_codes(finder.parsed, finder.raw.headings, involved)
    # Every repeat of a key must repeat its whole row, or the key is no key.
    if len(np.unique(whole)) != len(np.unique(codes[involved])):
        return
    first = int(np.flatnonzero(codes == codes[np.flatnonzero(again)[0]])[0])
    finder.hold("duplicate_row", again, None, f"repeats line {finder.raw.lines[first]} exactly")


def _twins(finder: _Finder) -> None:
    """Exact repeats that no key rules out: two of a kind on one day, or a table pasted twice.

    They are counted, and listed for the person to hold (rules.md 20).
    """
    again = _whole_again(finder.parsed) & ~finder.holds.mask & (finder.stake != 0)
    rows = np.flatnonzero(again)
    if not len(rows):
        return
    message = (
        f"{len(rows)} of {len(again)} rows repeat an earlier row exactly, the first in line "
        f"{finder.raw.lines[rows[0]]}; they are counted, as two events may look alike; "
        "if the table was pasted or copied twice, remove them"
    )
    numbers = tuple(int(n) for n in finder.raw.numbers[rows])
    cents = tuple(int(c) for c in finder.stake[rows])
    found = Problem("repeated_rows", message, finder.raw.name, None, numbers, cents)
    finder.holds.problems.append(found)


def _whole_again(parsed: Parsed) -> npt.NDArray[np.bool_]:
    """Rows that equal an earlier one in every cell: suspects by a mixed number, then exactly."""
    mixed = np.zeros(len(parsed.raw), dtype=np.uint64)
    for heading in parsed.raw.headings:
        mixed = (mixed + parsed.column(heading).codes.astype(np.uint64)) * _MIX
        mixed ^= mixed >> np.uint64(29)
    again = _again(mixed)
    if again.any():
        suspects = np.isin(mixed, mixed[again])
        again[suspects] = _again(_row_codes(parsed, parsed.raw.headings, suspects))
    return again


def _again(codes: npt.NDArray[np.int64] | npt.NDArray[np.uint64]) -> npt.NDArray[np.bool_]:
    """Which rows carry a number that an earlier row carries."""
    order = np.argsort(codes, kind="stable")
    again = np.zeros(len(codes), dtype=bool)
    again[order[1:]] = codes[order[1:]] == codes[order[:-1]]
    return again


def _key_headings(plan: Plan) -> list[str]:
    if plan.shape == "ledger":
        return plan.headings("transaction_id")[:1]
    claim = plan.headings("claim_id")[:1] or plan.headings("encounter_id")[:1]
    if plan.heading("charge_id") and not plan.heading("line_number"):
        return plan.headings("charge_id")[:1]
    return claim + plan.headings("line_number")[:1] if claim else []


def _fields(plan: Plan, headings: list[str]) -> list[str | None]:
    return [plan.columns[h] for h in headings]


def _blank_keys(parsed: Parsed, key: list[str]) -> npt.NDArray[np.bool_]:
    return np.all([parsed.column(h).blank() for h in key], axis=0)


def _row_codes(
    parsed: Parsed, headings: list[str], rows: npt.NDArray[np.bool_] | None = None
) -> npt.NDArray[np.int64]:
    """One number for each distinct combination of raw cells."""
    n = len(parsed.raw) if rows is None else int(rows.sum())
    out = np.zeros(n, dtype=np.int64)
    for heading in headings:
        codes = parsed.column(heading).codes
        codes = codes if rows is None else codes[rows]
        out = out * (int(codes.max(initial=0)) + 1) + codes
        if out.max(initial=0) > 2**40:
            out = np.unique(out, return_inverse=True)[1].astype(np.int64)
    return out
