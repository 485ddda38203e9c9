"""Which money column is which, by trying the arithmetic.

A name such as "Paid" allows several readings, and two columns may claim one. Each way of choosing
is tried on the rows; the one under which the parts add up to the charge is taken, and where none
does, only what is safe is chosen and the rest is left to the person. Two columns are never summed
by guess.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt

from writeoffs import arithmetic
from writeoffs import vocabulary as v
from writeoffs.arithmetic import Identity
from writeoffs.headings import Reading, place_of, read_heading
from writeoffs.money import Cents
from writeoffs.movements import decide_signs
from writeoffs.parsed import Parsed
from writeoffs.plan import Columns, Plan
from writeoffs.words import words

_MOST_TRIALS: Final = 200
_TRIAL_ROWS: Final = 20_000
_SCALE_HOLDS: Final = 0.95  # of rows, before a column is said to be in another unit
_SCALE_ROWS: Final = 3
_REASONS: Final = (("adjustment_reason",), ("adjustment_type",))
_SUMMED: Final = frozenset({"write_off", "adjustment", "other_adjustment", "patient_write_off"})


def money_choices(
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
    """Several columns of one field are fine when numbered apart, when each has a reason of its own,
    or when named for different losses."""
    if field_name not in _SUMMED:
        return False
    places = {place_of(h) for h in (heading, *rivals)}
    if len(places) == len(rivals) + 1:
        named = all(readings[h].number for h in (heading, *rivals))
        if named or places <= _reason_places(readings):
            return True
    bare = {frozenset(words(h)) for h in (heading, *rivals)}
    return field_name == "write_off" and len(bare) == len(rivals) + 1


def _reason_places(readings: dict[str, Reading]) -> set[int]:
    """Which of several adjustments the reason columns speak of; one reason speaks of none."""
    reasons = [h for h, r in readings.items() if r.fields[:1] in _REASONS]
    places = {place_of(h) for h in reasons}
    return places if len(reasons) > 1 and len(places) == len(reasons) else set()


def choose_money(parsed: Parsed, plan: Plan, choices: dict[str, tuple[str | None, ...]]) -> Plan:
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
        found = _identity(parsed, uncount(parsed, trial))
        trials.append((found.holds if found else 0.0, -rank, trial))
    if not headings or not trials:
        return uncount(parsed, plan)
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
        agreed = _agreement(parsed, headings, [t[2] for t in best], chosen)
        return uncount(parsed, replace(chosen, columns={**chosen.columns, **agreed}))
    columns = dict(plan.columns)
    lone = [h for h in headings if read_heading(h).fields[:1] == ("total_paid",)]
    paid_known = any(f in ("insurance_paid", "patient_paid") for f in columns.values())
    if len(lone) == 1 and not paid_known:
        columns[lone[0]] = "total_paid"
    return uncount(parsed, replace(plan, columns=columns))


def _agreement(
    parsed: Parsed, headings: list[str], best: list[Plan], chosen: Plan
) -> dict[str, str | None]:
    """Rival headings of equal support stay open, unless their amounts are the same anyway."""
    out: dict[str, str | None] = {}
    for heading in headings:
        field_name = chosen.columns[heading]
        rivals = {h for p in best for h in headings if p.columns[h] == field_name}
        if field_name is not None and len(rivals) > 1:
            first, *others = (parsed.money(h).cents for h in sorted(rivals))
            if not all(np.array_equal(first, other) for other in others):
                out[heading] = None
    return out


def _resolve_paid(parsed: Parsed, best: list[Plan]) -> Plan:
    """One Paid column: everybody's money, unless the charge only adds up with the patient's share
    beside it; then it is the insurer's (design.md 2, rules.md "kind of an adjustment")."""
    first = best[0]
    found = _identity(parsed, uncount(parsed, first))
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


def uncount(parsed: Parsed, plan: Plan) -> Plan:
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
    best, best_holds = base, (full.holds if full else 0.0) + 0.2
    for left in optional:
        trial = replace(base, uncounted=(*forced, left))
        found = _identity(parsed, trial)
        if not found or not found.complete or "(charge - allowed)" in found.words:
            continue
        if found.holds > best_holds:
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


def money_columns(
    parsed: Parsed, plan: Plan, step: int = 1, scale: Mapping[str, float] | None = None
) -> dict[str, list[Cents]]:
    """Counted money by field, signs turned so that credits are positive, of every step-th row.

    ``scale`` multiplies columns by heading, to try whether they are in another unit.
    """
    out: dict[str, list[Cents]] = {}
    for heading, field_name in plan.columns.items():
        if field_name in v.MONEY_FIELDS and heading not in plan.uncounted:
            cents = parsed.money(heading).cents[::step]
            turned = -cents if plan.signs.get(heading, 1) < 0 else cents
            if scale and heading in scale:
                turned = np.rint(turned * scale[heading]).astype(np.int64)
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


def _holding(
    parsed: Parsed, plan: Plan, step: int, scale: Mapping[str, float] | None = None
) -> Identity | None:
    if plan.shape == "ledger" or not plan.has("charge"):
        return None
    allowed = plan.heading("allowed")
    stated = parsed.money(allowed).stated[::step] if allowed else None
    parts = arithmetic.parts_of(money_columns(parsed, plan, step, scale), stated)
    readable = readable_rows(parsed, plan)[::step]
    return arithmetic.best_identity(arithmetic.identities(parts, readable))


def wide_signs(parsed: Parsed, plan: Plan, step: int = 1) -> dict[str, int]:
    """-1 for each credit column of a wide file that is written the other way round.

    Three amounts, four of five of them negative, make a habit. What is neither plainly negative
    nor plainly positive, or too rare to tell, is turned where more rows add up with it turned, or
    where nothing adds up and the file's other credits are negative. And a habit is no reason where
    the rows add up only as they are written.
    """
    signs = _sign_habits(parsed, plan, step)
    plain = {heading: -1 for heading, sure in signs.items() if sure}
    unsure = [heading for heading, sure in signs.items() if not sure]
    if not signs:
        return {}
    as_is = _holds(parsed, plan, {}, step)
    chosen, holds = plain, _holds(parsed, plan, plain, step)
    if as_is > holds:
        chosen, holds = {}, as_is
    for heading in unsure:
        trial = {**chosen, heading: -1}
        found = _holds(parsed, plan, trial, step)
        follows = found == holds and bool(chosen) and _mostly_below(parsed, plan, heading, step)
        if found > holds or follows:
            chosen, holds = trial, found
    return chosen


def _holds(parsed: Parsed, plan: Plan, signs: dict[str, int], step: int) -> float:
    """The share of rows that add up under these signs; 0 where nothing can be tried."""
    found = _holding(parsed, replace(plan, signs=signs | plan.signs), step)
    return found.holds if found else 0.0


_CREDITS: Final = frozenset(
    {
        "insurance_paid", *v.INSURER_COLUMNS, "patient_paid", "other_paid", "total_paid",
        *v.ADJUSTMENT_COLUMNS, *v.SHARE_COLUMNS, "patient_responsibility", "refund",
    }
)  # fmt: skip


def _sign_habits(parsed: Parsed, plan: Plan, step: int) -> dict[str, bool]:
    """The credit columns that may be written as negative amounts, and whether plainly so."""
    out: dict[str, bool] = {}
    for heading, field_name in plan.columns.items():
        if field_name in _CREDITS:
            below, filled = _negatives(parsed, plan, heading, step)
            if below > 0.2 * filled:
                out[heading] = filled >= 3 and below > 0.8 * filled
    return out


def _mostly_below(parsed: Parsed, plan: Plan, heading: str, step: int) -> bool:
    below, filled = _negatives(parsed, plan, heading, step)
    return below > 0.8 * filled


def _negatives(parsed: Parsed, plan: Plan, heading: str, step: int) -> tuple[int, int]:
    """Of the amounts beside a charge that is no reversal: how many are negative, how many any."""
    charge = plan.heading("charge")
    cents = parsed.money(heading).cents[::step]
    low = cents < 0
    if not low.any():
        return 0, 0
    positive = parsed.money(charge).cents[::step] >= 0 if charge else np.ones(len(cents), bool)
    return int(np.count_nonzero(positive & low)), int(np.count_nonzero(positive & (cents != 0)))


def with_arithmetic(parsed: Parsed, plan: Plan) -> Plan:
    """Fill in signs, the identity that holds, and whether a contractual part is implied.

    A sign that the plan already has, a person's or a saved one, stays.
    """
    if plan.shape == "ledger":
        return replace(plan, signs=decide_signs(parsed, plan) | plan.signs)
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
    """A worked-out plan's identity with the cents each row is off, and which rows were tried."""
    return _identity_of_all(parsed, plan), readable_rows(parsed, plan)


def column_of_another_scale(parsed: Parsed, plan: Plan) -> tuple[str, str] | None:
    """The one money column whose amounts break the sums because they are in another unit, such as
    cents among dollars: its heading, and "small" or "large" for amounts that are 100 times too
    much so. None where no column is, where several could be, or where too few rows would tell.
    """
    step = max(1, len(parsed.raw) // _TRIAL_ROWS)
    found = []
    for heading, field_name in plan.columns.items():
        if field_name not in v.MONEY_FIELDS or heading in plan.uncounted:
            continue
        if np.count_nonzero(parsed.money(heading).cents[::step]) < _SCALE_ROWS:
            continue
        for times, said in ((100.0, "small"), (0.01, "large")):
            tried = _holding(parsed, plan, step, {heading: times})
            if tried and tried.complete and tried.holds >= _SCALE_HOLDS:
                found.append((heading, said))
    return found[0] if len(found) == 1 else None
