"""Headings -> fields, the shape of the file, and every choice that is made once for all its rows.

A proposal, never a verdict: names first, then values (is it money, is it a date), then arithmetic
over all rows. What the arithmetic does not settle is left to the person as ``None``. The result is
a Plan: small, readable, saved as JSON, and applied to every row alike.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import re
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from writeoffs import arithmetic, dates, types
from writeoffs import vocabulary as v
from writeoffs.arithmetic import Identity
from writeoffs.headings import Reading, read_heading
from writeoffs.money import Cents
from writeoffs.parsed import Parsed
from writeoffs.problems import BadRequest, Problem
from writeoffs.taxonomy import read_group
from writeoffs.words import words

Columns = dict[str, str | None]

PLAN_VERSION: Final = 1
_MOST_TRIALS: Final = 200
_TRIAL_ROWS: Final = 20_000
_REPEATABLE: Final = frozenset({"modifier", "adjustment_reason", "adjustment_group", v.IGNORE})
_SUMMED: Final = frozenset({"write_off", "adjustment", "other_adjustment", "patient_write_off"})


@dataclass(frozen=True)
class Plan:
    """How a file is read. Everything in it is shown to the person and can be changed.

    ``columns``: heading -> field, None where left to the person. ``uncounted``: money columns
    that repeat other columns' money, so they add nothing. ``signs``: -1 where the file writes a
    kind of credit as negative. ``holds``: share of readable rows on which ``identity`` holds.
    """

    shape: str
    columns: Columns
    decimal: str = "."
    orders: dict[str, str] = field(default_factory=dict)
    signs: dict[str, int] = field(default_factory=dict)
    uncounted: tuple[str, ...] = ()
    implied_contractual: bool = False
    identity: str = ""
    holds: float | None = None

    def heading(self, field_name: str) -> str | None:
        """The first heading that carries a field, or None."""
        return next((h for h, f in self.columns.items() if f == field_name), None)

    def headings(self, field_name: str) -> list[str]:
        """All headings that carry a field."""
        return [h for h, f in self.columns.items() if f == field_name]

    def counted(self, field_name: str) -> list[str]:
        """Headings whose money is counted for a field."""
        return [h for h in self.headings(field_name) if h not in self.uncounted]

    def has(self, *fields: str) -> bool:
        """Whether any of the fields is carried and counted."""
        return any(self.counted(f) for f in fields)

    def to_json(self) -> str:
        """The plan as a small file; ``from_json`` gives the same plan."""
        body: dict[str, Any] = {"version": PLAN_VERSION, "fingerprint": fingerprint(self.columns)}
        body |= {k: getattr(self, k) for k in ("shape", "columns", "decimal", "orders", "signs")}
        body |= {"uncounted": list(self.uncounted), "implied_contractual": self.implied_contractual}
        return json.dumps(body, indent=2, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Plan:
        """Read a saved plan.

        Raises:
            BadRequest: not a mapping, of a newer version, or with a field nobody knows.
        """
        try:
            body = json.loads(text)
            version, columns = int(body["version"]), dict(body["columns"])
            shape = str(body["shape"])
        except (ValueError, KeyError, TypeError):
            raise BadRequest("this file is not a saved mapping") from None
        unknown = sorted({str(f) for f in columns.values() if f is not None} - set(v.FIELDS))
        if version > PLAN_VERSION or unknown or shape not in v.SHAPES:
            why = f"unknown fields {', '.join(unknown)}" if unknown else "a newer or damaged format"
            raise BadRequest(f"the saved mapping cannot be used: {why}")
        return cls(
            shape=shape,
            columns=columns,
            decimal="," if body.get("decimal") == "," else ".",
            orders={str(k): str(o) for k, o in dict(body.get("orders", {})).items()},
            signs={str(k): -1 if int(s) < 0 else 1 for k, s in dict(body.get("signs", {})).items()},
            uncounted=tuple(body.get("uncounted", ())),
            implied_contractual=bool(body.get("implied_contractual", False)),
        )


@dataclass(frozen=True)
class Proposal:
    """A plan with the questions that a person would have been asked."""

    plan: Plan
    questions: tuple[Problem, ...] = ()


def fingerprint(columns: Columns | list[str]) -> str:
    """Twelve letters that are the same for the same headings, in any order."""
    text = "\n".join(sorted(columns))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def propose(parsed: Parsed) -> Proposal:
    """Read names, values and arithmetic of one table into a plan."""
    readings = _vendor({h: _fitting(parsed, h) for h in parsed.raw.headings})
    ledger = _is_ledger(parsed, readings)
    columns = _settle_names(parsed, readings, ledger)
    open_choices = _money_choices(parsed, readings, columns, ledger)
    plan = Plan(shape="ledger" if ledger else "line", columns=columns)
    plan = replace(plan, decimal=parsed.decimal_mark[0], orders=_orders(parsed, columns))
    plan = _choose_money(parsed, plan, open_choices)
    plan = replace(plan, shape=shape_of(parsed, plan))
    plan = with_arithmetic(parsed, plan)
    return Proposal(plan, tuple(_questions(parsed, plan, readings)))


def complete(parsed: Parsed, plan: Plan) -> Proposal:
    """A plan given by a person, with its arithmetic worked out again on this file's rows."""
    columns = {h: plan.columns.get(h) for h in parsed.raw.headings}
    plan = replace(plan, columns=columns, uncounted=(), implied_contractual=False)
    if plan.shape not in ("ledger", "835"):
        plan = replace(plan, shape=shape_of(parsed, plan))
    plan = _uncount(parsed, plan)
    plan = with_arithmetic(parsed, plan)
    readings = {h: _fitting(parsed, h) for h in parsed.raw.headings}
    return Proposal(plan, tuple(_questions(parsed, plan, readings)))


# Names that mean something else in one system's exports: signature heading -> heading -> field.
_VENDORS: Final = (
    (re.compile(r"^(PrimaryInsuranceInsurance|AdjustedCharges$)"), {"AllowedAmount": "contract_allowed"}),
)


def _vendor(readings: dict[str, Reading]) -> dict[str, Reading]:
    """Apply what is known of a system whose headings show its hand (reference/headings)."""
    out = dict(readings)
    for signature, meanings in _VENDORS:
        if any(signature.match(h) for h in readings):
            out |= {h: Reading((f,)) for h, f in meanings.items() if h in out}
    return out


# --- names and values ------------------------------------------------------------------------------


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
        return parsed.is_money(heading)
    if field_name in v.DATE_FIELDS:
        return parsed.is_dates(heading)
    if field_name == "adjustment_group":
        return _are_groups(parsed, heading)
    if field_name == "transaction_type" and words(heading) == ("transaction",):
        return _types_known(parsed, heading)
    if field_name == "transaction_id" and len(words(heading)) == 1:
        return len(parsed.column(heading).values) == len(parsed.raw)
    if field_name in ("payer", "provider", "transaction_type", "location"):
        return not parsed.is_dates(heading) and not _has_cents(parsed, heading)
    if field_name == "patient_id":
        return heading_is_id(heading) or _codelike(parsed, heading)
    if field_name == "patient_name":
        return not _codelike(parsed, heading)
    if field_name == "denied":
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


# --- shape --------------------------------------------------------------------------------------------


def _is_ledger(parsed: Parsed, readings: dict[str, Reading]) -> bool:
    """One amount and a type a row, rather than money side by side."""
    kinds = [h for h, r in readings.items() if "transaction_type" in r.fields]
    if not any(_types_known(parsed, h) for h in kinds):
        charge = next((h for h, r in readings.items() if r.fields[:1] == ("charge",)), None)
        if charge is None or (parsed.money(charge).cents != 0).mean() > 0.7:
            return False
        return not kinds and _one_amount_a_row(parsed, readings)
    amount = any("transaction_amount" in r.fields for r in readings.values())
    return amount or _one_amount_a_row(parsed, readings)


def _types_known(parsed: Parsed, heading: str) -> bool:
    label = parsed.label(heading)
    if not label.names or len(label.names) > 500:
        return False
    known = np.array([types.read_type(n) is not None for n in label.names])
    stated = label.codes >= 0
    return bool(known[label.codes[stated]].mean() >= 0.5)


def _one_amount_a_row(parsed: Parsed, readings: dict[str, Reading]) -> bool:
    counted = [
        h
        for h, r in readings.items()
        if r.fields and r.fields[0] in v.MONEY_FIELDS
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
    if not any(plan.heading(k) for k in keys) and not plan.heading("service_date"):
        return "summary"
    claim = plan.heading("claim_id") or plan.heading("encounter_id")
    if claim is None or plan.heading("line_number") or plan.heading("procedure_code"):
        return "line"
    label = parsed.label(claim)
    stated = int((label.codes >= 0).sum())
    return "claim" if stated and len(np.unique(label.codes)) >= 0.6 * stated else "line"


# --- money --------------------------------------------------------------------------------------------


def _money_choices(
    parsed: Parsed, readings: dict[str, Reading], columns: Columns, ledger: bool
) -> dict[str, tuple[str | None, ...]]:
    """For each money heading the fields it may take; settles the plain ones in ``columns``."""
    wanted: dict[str, tuple[str, ...]] = {}
    for heading, reading in readings.items():
        fields = tuple(f for f in reading.fields if f in v.MONEY_FIELDS)
        fields = _in_this_shape(fields, ledger)
        if fields and columns[heading] is None:
            wanted[heading] = fields
    choices: dict[str, tuple[str | None, ...]] = {}
    for heading, fields in wanted.items():
        rivals = [h for h, other in wanted.items() if h != heading and other[0] == fields[0]]
        if len(fields) == 1 and (not rivals or _may_repeat(heading, rivals, fields[0], readings)):
            columns[heading] = fields[0]
        else:
            choices[heading] = (*fields, None)
    return choices


def _in_this_shape(fields: tuple[str, ...], ledger: bool) -> tuple[str, ...]:
    if not ledger:
        return tuple(f for f in fields if f not in ("transaction_amount",)) or ()
    plain = {"total_paid": "payment_amount", "insurance_paid": "payment_amount"}
    if fields == ("total_paid", "insurance_paid"):
        return ("payment_amount",)
    return tuple(plain.get(f, f) if f == "total_paid" else f for f in fields)


def _may_repeat(
    heading: str, rivals: list[str], field_name: str, readings: dict[str, Reading]
) -> bool:
    """Several columns of one field are fine when numbered apart or named for different losses."""
    if field_name not in _SUMMED:
        return False
    numbers = [readings[h].number for h in (heading, *rivals)]
    if None not in numbers and len(set(numbers)) == len(numbers):
        return True
    bare = {frozenset(words(h)) for h in (heading, *rivals)}
    return field_name == "write_off" and len(bare) == len(rivals) + 1


def _choose_money(
    parsed: Parsed, plan: Plan, choices: dict[str, tuple[str | None, ...]]
) -> Plan:
    """Try the open choices against the arithmetic and take the one that it supports."""
    if plan.shape == "ledger":
        plan = replace(plan, columns={**plan.columns, **_first_of_each(choices)})
        return plan
    headings = list(choices)
    trials: list[tuple[float, int, Plan]] = []
    for rank, picked in enumerate(itertools.product(*(choices[h] for h in headings))):
        if rank >= _MOST_TRIALS:
            break
        taken = [f for f in picked if f is not None]
        fixed = [f for f in plan.columns.values() if f in taken and f not in _SUMMED]
        if fixed or len(set(taken)) < len(taken):
            continue
        trial = replace(plan, columns={**plan.columns, **dict(zip(headings, picked, strict=True))})
        found = _identity(parsed, _uncount(parsed, trial))
        trials.append((found.holds if found else 0.0, -rank, trial))
    if not headings or not trials:
        return _uncount(parsed, plan)
    return _best_trial(parsed, plan, headings, trials)


def _first_of_each(choices: dict[str, tuple[str | None, ...]]) -> dict[str, str | None]:
    """In a ledger the first heading of a field carries it; a second one is left to the person."""
    out: dict[str, str | None] = {}
    for heading, fields in choices.items():
        out[heading] = fields[0] if fields[0] not in out.values() else None
    return out


def _best_trial(
    parsed: Parsed, plan: Plan, headings: list[str], trials: list[tuple[float, int, Plan]]
) -> Plan:
    """The supported trial; without support, sure defaults only, and the rest left open."""
    top = max(t[0] for t in trials)
    if top >= arithmetic.SUPPORT:
        best = [t for t in trials if t[0] >= top - 1e-9]
        chosen = _resolve_paid(parsed, [t[2] for t in sorted(best, key=lambda t: -t[1])])
        agreed = _agreement(headings, [t[2] for t in best], chosen)
        return _uncount(parsed, replace(chosen, columns={**chosen.columns, **agreed}))
    columns = dict(plan.columns)
    lone = [h for h in headings if read_heading(h).fields[:1] == ("total_paid",)]
    paid_known = any(f in ("insurance_paid", "patient_paid") for f in columns.values())
    if len(lone) == 1 and not paid_known:
        columns[lone[0]] = "total_paid"
    return _uncount(parsed, replace(plan, columns=columns))


def _agreement(headings: list[str], best: list[Plan], chosen: Plan) -> dict[str, str | None]:
    """Rival headings of equal support stay open, unless their amounts are the same anyway."""
    out: dict[str, str | None] = {}
    for heading in headings:
        field_name = chosen.columns[heading]
        rivals = {h for p in best for h in headings if p.columns[h] == field_name}
        if field_name is not None and len(rivals) > 1:
            out[heading] = None
    return out


def _resolve_paid(parsed: Parsed, best: list[Plan]) -> Plan:
    """One Paid column: everybody's money, unless the charge only adds up with the patient's share
    beside it; then it is the insurer's (design.md 2, rules.md "kind of an adjustment")."""
    first = best[0]
    found = _identity(parsed, _uncount(parsed, first))
    insurer = [p for p in best if _paid_field(p) == "insurance_paid"]
    everybody = [p for p in best if _paid_field(p) == "total_paid"]
    if found is None or not insurer or not everybody:
        return first
    if insurer[0].heading("patient_paid"):
        return insurer[0]
    return insurer[0] if found.with_share else everybody[0]


def _paid_field(plan: Plan) -> str | None:
    for heading, field_name in plan.columns.items():
        if read_heading(heading).fields[:1] == ("total_paid",):
            return field_name
    return None


def _uncount(parsed: Parsed, plan: Plan) -> Plan:
    """Leave out of the sums what arithmetic shows to be a total of other columns, or their part."""
    if plan.shape == "ledger":
        return plan
    forced = _repeats(plan)
    base = replace(plan, uncounted=forced)
    optional = [
        h
        for f in ("adjustment", "other_adjustment", "contractual_adjustment", "write_off", "refund")
        for h in plan.headings(f)
    ]
    if len([h for h in optional if plan.columns[h] != "refund"]) < 2 and not plan.has("refund"):
        return base
    full = _identity(parsed, base)
    best, best_holds = base, full.holds if full else 0.0
    for left in optional:
        trial = replace(base, uncounted=(*forced, left))
        found = _identity(parsed, trial)
        if not found or not found.complete or "(charge - allowed)" in found.words:
            continue
        if found.holds > best_holds + 0.2:
            best, best_holds = trial, found.holds
    return best


def _repeats(plan: Plan) -> tuple[str, ...]:
    """Totals beside all their parts, and parts beside their total, say the same money twice."""
    out: list[str] = []
    payers = plan.has("insurance_paid", *v.INSURER_COLUMNS)
    if payers and plan.has("patient_paid"):
        out += plan.headings("total_paid")
    if plan.has("insurance_paid"):
        out += [h for f in v.INSURER_COLUMNS for h in plan.headings(f)]
    return tuple(out)


def money_columns(parsed: Parsed, plan: Plan, step: int = 1) -> dict[str, list[Cents]]:
    """Counted money by field, signs turned so that credits are positive, of every step-th row."""
    out: dict[str, list[Cents]] = {}
    for heading, field_name in plan.columns.items():
        if field_name in v.MONEY_FIELDS and heading not in plan.uncounted:
            cents = parsed.money(heading).cents[::step]
            turned = -cents if plan.signs.get(heading, 1) < 0 else cents
            out.setdefault(field_name, []).append(turned)
    return out


def readable_rows(parsed: Parsed, plan: Plan) -> npt.NDArray[np.bool_]:
    """Rows whose counted money can all be read and whose charge is stated."""
    good = np.ones(len(parsed.raw), dtype=bool)
    for heading, field_name in plan.columns.items():
        if field_name in v.MONEY_FIELDS and heading not in plan.uncounted:
            good &= ~parsed.money(heading).bad
    charge = plan.heading("charge")
    return good & parsed.money(charge).stated if charge else good


def _identity(parsed: Parsed, plan: Plan) -> Identity | None:
    """The identity that holds best on an even sample of the rows, to choose among plans."""
    step = max(1, len(parsed.raw) // _TRIAL_ROWS)
    return _holding(parsed, replace(plan, signs=wide_signs(parsed, plan, step) | plan.signs), step)


def _identity_of_all(parsed: Parsed, plan: Plan) -> Identity | None:
    """The identity that holds best on all rows, under a plan with its signs; worked out once."""
    key = (tuple(plan.columns.items()), plan.uncounted, tuple(sorted(plan.signs.items())))
    if key not in parsed.memo:
        parsed.memo[key] = _holding(parsed, plan, 1)
    found: Identity | None = parsed.memo[key]
    return found


def _holding(parsed: Parsed, plan: Plan, step: int) -> Identity | None:
    if plan.shape == "ledger" or not plan.has("charge"):
        return None
    allowed = plan.heading("allowed")
    stated = parsed.money(allowed).stated[::step] if allowed else None
    parts = arithmetic.parts_of(money_columns(parsed, plan, step), stated)
    readable = readable_rows(parsed, plan)[::step]
    return arithmetic.best_identity(arithmetic.identities(parts, readable))


def wide_signs(parsed: Parsed, plan: Plan, step: int = 1) -> dict[str, int]:
    """-1 for each credit column of a wide file whose amounts are mostly negative."""
    credits = {
        "insurance_paid", *v.INSURER_COLUMNS, "patient_paid", "other_paid", "total_paid",
        *v.ADJUSTMENT_COLUMNS, *v.SHARE_COLUMNS, "patient_responsibility", "refund",
    }  # fmt: skip
    charge = plan.heading("charge")
    positive = np.ones(len(parsed.raw), dtype=bool)[::step]
    if charge:
        positive = parsed.money(charge).cents[::step] >= 0
    out: dict[str, int] = {}
    for heading, field_name in plan.columns.items():
        if field_name not in credits:
            continue
        cents = parsed.money(heading).cents[::step]
        filled = np.count_nonzero(positive & (cents != 0))
        if filled >= 3 and np.count_nonzero(positive & (cents < 0)) > 0.8 * filled:
            out[heading] = -1
    return out


def with_arithmetic(parsed: Parsed, plan: Plan) -> Plan:
    """Fill in signs, the identity that holds, and whether a contractual part is implied."""
    if plan.shape == "ledger":
        return plan
    plan = replace(plan, signs=wide_signs(parsed, plan) | plan.signs)
    found = _identity_of_all(parsed, plan)
    no_kind = not plan.has("contractual_adjustment", "adjustment")
    implied = plan.has("allowed") and not plan.has(*v.ADJUSTMENT_COLUMNS)
    if found and plan.has("allowed") and no_kind and "(charge - allowed)" in found.words:
        implied = implied or found.holds >= arithmetic.SUPPORT
    return replace(
        plan,
        identity=found.words if found else "",
        holds=round(found.holds, 4) if found else None,
        implied_contractual=implied,
    )


def off_by_row(parsed: Parsed, plan: Plan) -> tuple[Identity | None, npt.NDArray[np.bool_]]:
    """The file's identity with the cents each row is off, and which rows could be tried."""
    plan = replace(plan, signs=wide_signs(parsed, plan) | plan.signs)
    return _identity_of_all(parsed, plan), readable_rows(parsed, plan)


# --- what a person would be asked ---------------------------------------------------------------------


def _questions(parsed: Parsed, plan: Plan, readings: dict[str, Reading]) -> list[Problem]:
    out: list[Problem] = []
    for ask in (_ask_unmapped, _ask_repeats, _ask_decimal, _ask_dates):
        out += ask(parsed, plan, readings)
    return out


def _ask_unmapped(parsed: Parsed, plan: Plan, readings: dict[str, Reading]) -> list[Problem]:
    out = []
    for heading, field_name in plan.columns.items():
        looks = any(f in v.MONEY_FIELDS for f in readings[heading].fields)
        left = field_name is None and (looks or _unnamed_money(parsed, heading))
        inside = field_name == "refund" and heading in plan.uncounted
        if not left and not inside:
            continue
        cents = parsed.money(heading).cents
        rows = np.flatnonzero(cents)
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

