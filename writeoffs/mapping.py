"""Headings -> fields, the shape of the file, and every choice that is made once for all its rows.

A proposal, never a verdict: names first, then values (is it money, is it a date), then arithmetic
over all rows. What the arithmetic does not settle is left to the person as ``None``. The result is
a Plan: small, readable, saved as JSON, and applied to every row alike.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from writeoffs import dates
from writeoffs import vocabulary as v
from writeoffs.choices import choose_money, money_choices, uncount, with_arithmetic
from writeoffs.headings import Reading, read_heading
from writeoffs.parsed import Parsed
from writeoffs.plan import Columns, Plan
from writeoffs.problems import Problem
from writeoffs.sides import Sides, side_of, types_known
from writeoffs.sides import find as find_sides
from writeoffs.taxonomy import read_group
from writeoffs.words import words

_AMOUNTS: Final = (("transaction_amount",), ("payment_amount",))  # one amount a row
_REPEATABLE: Final = frozenset({"modifier", "adjustment_reason", "adjustment_group", v.IGNORE})


@dataclass(frozen=True)
class Proposal:
    """A plan with the questions that a person would have been asked."""

    plan: Plan
    questions: tuple[Problem, ...] = ()


def propose(parsed: Parsed) -> Proposal:
    """Read names, values and arithmetic of one table into a plan."""
    readings = _vendor({h: _fitting(parsed, h) for h in parsed.raw.headings})
    readings = _with_months(parsed, readings)
    sides = find_sides(parsed, readings)
    readings = _with_sides(readings, sides) if sides else _with_types(parsed, readings)
    ledger = sides is not None or _is_ledger(parsed, readings)
    columns = _settle_names(parsed, readings, ledger)
    if sides:
        columns |= {h: readings[h].fields[0] for h in (sides.debit, sides.credit)}
    open_choices = money_choices(parsed, readings, columns, ledger)
    plan = Plan(shape="ledger" if ledger else "line", columns=columns)
    plan = replace(plan, decimal=parsed.decimal_mark[0], orders=_orders(parsed, columns))
    plan = choose_money(parsed, plan, open_choices)
    plan = replace(plan, shape=shape_of(parsed, plan))
    plan = with_arithmetic(parsed, plan)
    return Proposal(plan, tuple(_questions(parsed, plan, readings)))


def complete(parsed: Parsed, plan: Plan) -> Proposal:
    """A plan given by a person, with its arithmetic worked out again on this file's rows."""
    columns = {h: plan.columns.get(h) for h in parsed.raw.headings}
    plan = replace(plan, columns=columns, uncounted=(), implied_contractual=False)
    if plan.shape not in ("ledger", "835"):
        plan = replace(plan, shape=shape_of(parsed, plan))
    plan = uncount(parsed, plan)
    plan = with_arithmetic(parsed, plan)
    readings = {h: _fitting(parsed, h) for h in parsed.raw.headings}
    return Proposal(plan, tuple(_questions(parsed, plan, readings)))


# Names that mean something else in one system's exports: signature heading -> heading -> field.
_VENDORS: Final = (
    (
        re.compile(r"^(PrimaryInsuranceInsurance|AdjustedCharges$)"),
        {"AllowedAmount": "contract_allowed"},
    ),
)


def _vendor(readings: dict[str, Reading]) -> dict[str, Reading]:
    """Apply what is known of a system whose headings show its hand (reference/headings)."""
    out = dict(readings)
    for signature, meanings in _VENDORS:
        if any(signature.match(h) for h in readings):
            out |= {h: Reading((f,)) for h, f in meanings.items() if h in out}
    return out


# --- names and values -----------------------------------------------------------------------------


def _fitting(parsed: Parsed, heading: str) -> Reading:
    """The name's candidates that the column's values do not contradict."""
    reading = read_heading(heading)
    if reading.fields[:1] in (("patient_name",), ("ignore",)):
        return reading
    if parsed.is_empty(heading):
        return reading
    if not reading.fields and _are_groups(parsed, heading):
        return Reading(("adjustment_group",), reading.number)
    kept = tuple(f for f in reading.fields if _values_fit(parsed, heading, f))
    return Reading(kept, reading.number)


def _values_fit(parsed: Parsed, heading: str, field_name: str) -> bool:
    if field_name in v.MONEY_FIELDS:
        plain = len(read_heading(heading).fields) == 1
        return parsed.is_money(heading) or (plain and parsed.is_meant_as_money(heading))
    if field_name in v.DATE_FIELDS:
        return parsed.is_dates(heading) or parsed.is_serial_days(heading)
    if field_name == "adjustment_group":
        return _are_groups(parsed, heading)
    if field_name == "transaction_type" and words(heading) == ("transaction",):
        return types_known(parsed, heading)
    if field_name == "transaction_id" and len(words(heading)) == 1:
        return len(parsed.column(heading).values) == len(parsed.raw)
    if field_name in ("payer", "provider", "transaction_type", "location"):
        return not parsed.is_dates(heading) and not _has_cents(parsed, heading)
    if field_name == "patient_id":
        return heading_is_id(heading) or _codelike(parsed, heading)
    if field_name == "patient_name":
        return not _codelike(parsed, heading)
    if field_name in ("denied", "void_flag"):
        return not _has_cents(parsed, heading)
    return True


def _are_groups(parsed: Parsed, heading: str) -> bool:
    """Whether a column holds claim adjustment groups and little else."""
    texts = [t for t in parsed.column(heading).values[:100].to_pylist() if t.strip()]
    return sum(bool(read_group(t)) for t in texts) >= 0.6 * max(1, len(texts))


def heading_is_id(heading: str) -> bool:
    """Whether a name calls itself an identifier."""
    return bool({"id", "number", "mrn", "chart", "account", "identifier"} & set(words(heading)))


def _codelike(parsed: Parsed, heading: str) -> bool:
    texts = [t for t in parsed.column(heading).values[:100].to_pylist() if t.strip()]
    return sum(any(ch.isdigit() for ch in t) for t in texts) >= 0.6 * max(1, len(texts))


def _has_cents(parsed: Parsed, heading: str) -> bool:
    texts = parsed.column(heading).values[:100].to_pylist()
    return sum("." in t or "$" in t for t in texts) > len(texts) / 2 and parsed.is_money(heading)


def _settle_names(parsed: Parsed, readings: dict[str, Reading], ledger: bool) -> Columns:
    """Everything but money: one heading a field, the plainest name first."""
    columns: Columns = dict.fromkeys(parsed.raw.headings)
    taken: set[str] = set()
    order = sorted(readings, key=lambda h: (len(readings[h].fields), _preference(h)))
    for heading in order:
        for field_name in _prefer(readings[heading].fields, taken, ledger):
            if field_name in v.MONEY_FIELDS:
                break
            if field_name == "transaction_id" and words(heading) == ("id",) and not ledger:
                break
            if field_name in taken and field_name not in _REPEATABLE:
                continue
            columns[heading] = field_name
            taken.add(field_name)
            break
    return columns


def _prefer(fields: tuple[str, ...], taken: set[str], ledger: bool) -> tuple[str, ...]:
    """Order candidates: a lone Date is the posting date of a ledger, the service date elsewhere."""
    if fields == ("service_date", "post_date"):
        first = "post_date" if ledger else "service_date"
        return tuple(sorted(fields, key=lambda f: (f != first, f in taken)))
    return fields


def _preference(heading: str) -> tuple[int, int]:
    """Among headings of one field, names before identifiers, plain before qualified."""
    found = words(heading)
    ranked = any(w in ("id", "number", "billing", "secondary", "tertiary") for w in found)
    return int(ranked), len(found)


def _orders(parsed: Parsed, columns: Columns) -> dict[str, str]:
    return {h: parsed.order(h)[0] for h, f in columns.items() if f in v.DATE_FIELDS}


# --- shape ----------------------------------------------------------------------------------------


def _with_months(parsed: Parsed, readings: dict[str, Reading]) -> dict[str, Reading]:
    """In a file without dates, a column of months is when its money belongs."""
    if any(r.fields[:1] in (("service_date",), ("post_date",)) for r in readings.values()):
        return readings
    for heading in readings:
        named = set(words(heading))
        if named & {"month", "period"} and dates.are_months(parsed.column(heading).texts()):
            posted = named & {"post", "payment", "transaction"}
            return {**readings, heading: Reading(("post_date" if posted else "service_date",))}
    return readings


def _with_types(parsed: Parsed, readings: dict[str, Reading]) -> dict[str, Reading]:
    """Where one amount stands beside a column that says what each row is, whatever its name,
    that column is the type: "Entry", "Category", a description of every movement."""
    amount = any(r.fields[:1] in _AMOUNTS for r in readings.values())
    named = [h for h, r in readings.items() if "transaction_type" in r.fields]
    if not amount or any(types_known(parsed, h) for h in named):
        return readings
    for heading, reading in readings.items():
        free = not reading.fields or reading.fields[0] in (
            "transaction_type", "transaction_desc", "adjustment_type", "procedure_desc",
        )  # fmt: skip
        if free and not parsed.is_money(heading) and types_known(parsed, heading, 0.8):
            return {**readings, heading: Reading(("transaction_type",))}
    return readings


def _with_sides(readings: dict[str, Reading], sides: Sides) -> dict[str, Reading]:
    """Debit and credit are one amount; where the charges are the debits, they stay charges."""
    debit = "transaction_amount" if side_of(sides.debit) else "charge"
    named = {h: r for h, r in readings.items() if "transaction_type" not in r.fields}
    return {
        **readings,
        **{h: Reading(()) for h in readings.keys() - named.keys()},
        sides.says: Reading(("transaction_type",)),
        sides.debit: Reading((debit,)),
        sides.credit: Reading(("transaction_amount",)),
    }


def _is_ledger(parsed: Parsed, readings: dict[str, Reading]) -> bool:
    """One amount and a type a row, rather than money side by side."""
    kinds = [h for h, r in readings.items() if "transaction_type" in r.fields]
    if not any(types_known(parsed, h) for h in kinds):
        charge = next((h for h, r in readings.items() if r.fields[:1] == ("charge",)), None)
        if charge is None or (parsed.money(charge).cents != 0).mean() > 0.7:
            return False
        return not kinds and _one_amount_a_row(parsed, readings)
    amount = any(r.fields[:1] in _AMOUNTS for r in readings.values())
    return amount or _one_amount_a_row(parsed, readings)


def _one_amount_a_row(parsed: Parsed, readings: dict[str, Reading]) -> bool:
    counted = [
        h
        for h, r in readings.items()
        if r.fields
        and r.fields[0] in v.MONEY_FIELDS
        and r.fields[0] not in (*v.UNCOUNTED_MONEY, *v.BALANCE_COLUMNS, "transfer")
        and not parsed.is_empty(h)
    ]
    if len(counted) < 2:
        return False
    filled = np.sum([parsed.money(h).cents != 0 for h in counted], axis=0)
    return bool((filled == 1).mean() >= 0.9)


def shape_of(parsed: Parsed, plan: Plan) -> str:
    """line, claim, ledger, payments or summary, from what is mapped."""
    if plan.shape == "ledger":
        return "ledger"
    if not plan.has("charge"):
        return "payments"
    keys = ("claim_id", "encounter_id", "charge_id", "line_number", "patient_id", "transaction_id")
    day = plan.heading("service_date")
    dated = day is not None and not dates.are_months(parsed.column(day).texts())
    if not any(plan.heading(k) for k in keys) and not dated:
        return "summary"
    claim = plan.heading("claim_id") or plan.heading("encounter_id")
    if claim is None or plan.heading("line_number") or plan.heading("procedure_code"):
        return "line"
    label = parsed.label(claim)
    stated = int((label.codes >= 0).sum())
    return "claim" if stated and len(np.unique(label.codes)) >= 0.6 * stated else "line"


# --- what a person would be asked -----------------------------------------------------------------


def _questions(parsed: Parsed, plan: Plan, readings: dict[str, Reading]) -> list[Problem]:
    out: list[Problem] = []
    for ask in (_ask_unmapped, _ask_charge, _ask_repeats, _ask_decimal, _ask_dates):
        out += ask(parsed, plan, readings)
    return out


def _ask_unmapped(parsed: Parsed, plan: Plan, readings: dict[str, Reading]) -> list[Problem]:
    out = []
    for heading, field_name in plan.columns.items():
        fields = (*readings[heading].fields, *read_heading(heading).fields[:1])
        looks = any(f in v.MONEY_FIELDS for f in fields)
        left = field_name is None and (looks or _unnamed_money(parsed, heading))
        inside = field_name == "refund" and heading in plan.uncounted
        if not left and not inside:
            continue
        column = parsed.money(heading)
        cents = column.cents
        meant = field_name is None and parsed.is_meant_as_money(heading)
        rows = np.flatnonzero((cents != 0) | (column.bad & meant))
        if len(rows):
            out.append(
                Problem(
                    "unmapped_money",
                    f'column "{heading}" holds money that '
                    + ("other columns seem to include" if inside else "no field was given")
                    + "; it is not counted",
                    parsed.raw.name,
                    heading,
                    tuple(int(n) for n in parsed.raw.numbers[rows]),
                    tuple(int(c) for c in cents[rows]),
                )
            )
    return out


def _unnamed_money(parsed: Parsed, heading: str) -> bool:
    """An unrecognised column that is plainly money: amounts with cents, not identifiers."""
    if read_heading(heading).fields or heading_is_id(heading):
        return False
    return _has_cents(parsed, heading)


def _ask_charge(parsed: Parsed, plan: Plan, readings: dict[str, Reading]) -> list[Problem]:
    """Charges of a kind that is not counted, where no column is counted as the charge."""
    del readings
    if plan.shape == "ledger" or plan.has("charge"):
        return []
    kinds = (
        "insurance_charge",
        "self_charge",
        "unit_charge",
        "charge_net_of_adjustments",
        "invoiced",
    )
    out = []
    for heading in (h for f in kinds for h in plan.headings(f)):
        cents = parsed.money(heading).cents
        rows = np.flatnonzero(cents)
        if len(rows):
            message = (
                f'column "{heading}" holds charges, but not the whole charge; it is not counted'
            )
            numbers = tuple(int(n) for n in parsed.raw.numbers[rows])
            at_stake = tuple(int(c) for c in cents[rows])
            out.append(
                Problem("unmapped_money", message, parsed.raw.name, heading, numbers, at_stake)
            )
    return out


def _ask_repeats(parsed: Parsed, plan: Plan, readings: dict[str, Reading]) -> list[Problem]:
    del readings
    out = []
    for heading in plan.columns:
        base = heading.rsplit(" [", 1)[0]
        if base != heading and base in plan.columns and plan.columns[heading] is None:
            names = list(plan.columns)
            places = f"columns {names.index(base) + 1} and {names.index(heading) + 1}"
            out.append(
                Problem(
                    "duplicate_column",
                    f'{places} are both called "{base}"; say which is which',
                    parsed.raw.name,
                    heading,
                )
            )
    return out


def _ask_decimal(parsed: Parsed, plan: Plan, readings: dict[str, Reading]) -> list[Problem]:
    del readings
    if not parsed.decimal_mark[1]:
        return []
    for heading, field_name in plan.columns.items():
        if field_name in v.MONEY_FIELDS:
            text = next((t for t in parsed.sample(heading) if "," in t), "")
            if text:
                message = f'amounts such as "{text}" are read with a decimal comma'
                return [Problem("decimal_comma", message, parsed.raw.name, heading)]
    return []


def _ask_dates(parsed: Parsed, plan: Plan, readings: dict[str, Reading]) -> list[Problem]:
    """Dates that read both ways: the order was assumed, or a few days above 12 showed it."""
    del readings
    out = []
    for heading, field_name in plan.columns.items():
        named = read_heading(heading).fields[:1]
        if field_name is None and named in (("service_date",), ("post_date",)):
            if not parsed.is_empty(heading) and not plan.heading(named[0]):
                message = f'the dates in "{heading}" are written in no way this program knows'
                out.append(Problem("dates_not_read", message, parsed.raw.name, heading))
            continue
        if field_name not in v.DATE_FIELDS or heading in parsed.orders:
            continue
        order, assumed = parsed.order(heading)
        either = dates.order_evidence(parsed.column(heading).texts())[2]
        if assumed:
            message = f'dates in "{heading}" read both ways; taken as month/day/year'
        elif order == dates.DMY and either:
            message = f'dates in "{heading}" read both ways; others show day/month/year'
        else:
            continue
        out.append(Problem("date_order", message, parsed.raw.name, heading))
    return out
