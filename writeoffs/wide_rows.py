"""One row a line or claim, money side by side -> postings.

Columns are posted by what they mean; a total wins over its parts; an adjustment is what its reason
says, what its heading says, or, where charge - allowed equals it on 95 % of rows, contractual.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from writeoffs import arithmetic, taxonomy, types
from writeoffs import vocabulary as v
from writeoffs.book import Index, Writer
from writeoffs.choices import column_of_another_scale, off_by_row
from writeoffs.headings import place_of, read_heading
from writeoffs.keys import pick
from writeoffs.money import Cents
from writeoffs.noted import Noted, post_notes, reason_pairs
from writeoffs.parsed import Parsed
from writeoffs.plan import Plan
from writeoffs.problems import Problem
from writeoffs.vocabulary import Kind
from writeoffs.words import numbered, split_repeat, words

_SERVICE: Final = Kind(v.CHARGE, v.SERVICE, "", v.PAYER)
_DEBIT: Final = Kind(v.CHARGE, v.FEE, "", v.PATIENT)
_INSURER: Final = Kind(v.INSURER_PAYMENT)
_PATIENT: Final = Kind(v.PATIENT_PAYMENT, "", "", v.PATIENT)
_ANYBODY: Final = Kind(v.PAYMENT)
_SHARE: Final = {
    name: Kind(v.PATIENT_SHARE, name, "", v.PATIENT) for name in (*v.SHARES, v.PAID_TO_PATIENT)
}
_GENERIC: Final = (("adjustment",), ("write_off",), ("other_adjustment",))
_REASON_FIELDS: Final = ("adjustment_reason", "adjustment_type")


@dataclass(frozen=True)
class _Wide:
    """A table, how to read it, and which of its rows are not held."""

    parsed: Parsed
    plan: Plan
    keep: Index
    writer: Writer

    def post(self, kind: Kind, cents: Cents) -> None:
        rows = np.flatnonzero(cents)
        self.writer.post(rows, kind, cents[rows])

    def cents(self, heading: str) -> Cents:
        cents = pick(self.parsed.money(heading).cents, self.keep)
        return -cents if self.plan.signs.get(heading, 1) < 0 else cents

    def stated(self, heading: str) -> npt.NDArray[np.bool_]:
        return pick(self.parsed.money(heading).stated, self.keep)

    def total(self, *fields: str) -> Cents:
        out = np.zeros(len(self.keep), dtype=np.int64)
        for name in fields:
            for heading in self.plan.counted(name):
                out += self.cents(heading)
        return out


def post(
    parsed: Parsed, plan: Plan, keep: Index, writer: Writer
) -> tuple[list[Problem], list[str]]:
    """Post every counted column of the kept rows; return what looks wrong, and what to note."""
    wide = _Wide(parsed, plan, keep, writer)
    for heading in plan.counted("charge"):
        wide.post(_SERVICE, wide.cents(heading))
    for heading in plan.counted("debit_adjustment"):
        wide.post(_DEBIT, wide.cents(heading))
    _paid(wide)
    _shares(wide)
    _adjustments(wide)
    notes = _noted(wide).sentences()
    return [*_flags(wide), *_parts(wide), *_totals(wide)], notes


# --- payments and shares --------------------------------------------------------------------------


def _paid(wide: _Wide) -> None:
    plan, post = wide.plan, wide.post
    insurers = ("insurance_paid", *v.INSURER_COLUMNS, "other_paid")
    insurer, patient = wide.total(*insurers), wide.total("patient_paid")
    post(_INSURER, insurer)
    post(_PATIENT, patient)
    if plan.has("total_paid"):
        # What a total leaves after the side that is known belongs to the other side.
        rest = wide.total("total_paid") - insurer - patient
        known_insurer, known_patient = plan.has(*insurers), plan.has("patient_paid")
        kind = _PATIENT if known_insurer else _INSURER if known_patient else _ANYBODY
        post(kind, rest)
    for heading in plan.counted("refund"):
        post(Kind(refund_entry(heading), "refund"), -wide.cents(heading))


def refund_entry(heading: str) -> str:
    """Whose payment a refund column takes back, by its name."""
    said = set(words(heading))
    if "patient" in said:
        return v.PATIENT_PAYMENT
    return v.INSURER_PAYMENT if "insurance" in said else v.PAYMENT


def _shares(wide: _Wide) -> None:
    """Deductible, coinsurance, copay, and what a total holds beyond them."""
    parts = wide.total(*v.SHARE_COLUMNS)
    for name in v.SHARE_COLUMNS:
        wide.post(_SHARE[name], wide.total(name))
    total = wide.plan.heading("patient_responsibility")
    if total is not None:
        rest = np.where(wide.stated(total), wide.cents(total) - parts, 0)
        wide.post(_SHARE[v.PATIENT_OTHER], rest)


# --- adjustments ----------------------------------------------------------------------------------


def _adjustments(wide: _Wide) -> None:
    for name in v.ADJUSTMENT_COLUMNS:
        for heading in wide.plan.counted(name):
            cents = wide.cents(heading)
            codes = _kinds(wide, heading, name, cents)
            _post_by_entry(wide, codes, cents)
    charge, allowed = wide.plan.heading("charge"), wide.plan.heading("allowed")
    if wide.plan.implied_contractual and charge and allowed:
        known = wide.stated(allowed) & (wide.cents(allowed) > 0)
        implied = np.where(known, wide.cents(charge) - wide.cents(allowed), 0)
        wide.post(taxonomy.contractual("derived"), implied)


def _noted(wide: _Wide) -> Noted:
    """Shares and offsets that a reason names beside an amount of zero, once for each reason.

    Where columns of their own carry the patient's share, they have said it already.
    """
    noted = Noted()
    if wide.plan.has(*v.SHARE_COLUMNS, "patient_responsibility"):
        return noted
    read: set[str] = set()
    for name in v.ADJUSTMENT_COLUMNS:
        for heading in wide.plan.counted(name):
            reason, group = _reason_headings(wide.plan, heading, name)
            if reason is None or reason in read:
                continue
            read.add(reason)
            silent = wide.cents(heading) == 0
            post_notes(wide.parsed, (reason, group), wide.keep, silent, wide.writer, noted)
    return noted


def _post_by_entry(wide: _Wide, codes: Index, cents: Cents) -> None:
    """Refunds, fees and reversals among the adjustments put dollars back on the line, whichever
    sign the file gives them; decided for each kind over all its rows."""
    filled = np.flatnonzero(cents)
    kinds, amounts = codes[filled], cents[filled]
    for code in np.flatnonzero(np.bincount(kinds)):
        kind = wide.writer.kind(int(code))
        undoes = kind.entry in v.PAYMENTS or types.undoes(kind.reason)
        if undoes or kind.entry == v.CHARGE:
            mine = kinds == code
            usual = 1 if (amounts[mine] > 0).mean() >= 0.5 else -1
            amounts[mine] *= usual * (-1 if undoes else 1)
    wide.writer.post(filled, kinds, amounts)


def _kinds(wide: _Wide, heading: str, name: str, cents: Cents) -> Index:
    """The kind of every row of an adjustment column."""
    default = wide.writer.code(_without_reason(wide, heading, name, cents))
    reason, group = _reason_headings(wide.plan, heading, name)
    if reason is None and group is None:
        return np.full(len(wide.keep), default, dtype=np.int64)
    pairs, spread = reason_pairs(wide.parsed, reason, group, wide.keep)
    codes = np.full(len(pairs), default, dtype=np.int64)
    for i, (text, group_text) in enumerate(pairs):
        if not text and not group_text:
            continue
        kind = taxonomy.classify(text, group_text)
        if kind.category == v.UNCLASSIFIED and name == "contractual_adjustment":
            kind = taxonomy.contractual(text)
        codes[i] = wide.writer.code(kind)
    return codes[spread]


def _without_reason(wide: _Wide, heading: str, name: str, cents: Cents) -> Kind:
    """What an adjustment is when no reason says so (rules.md, "kind of an adjustment")."""
    if name == "contractual_adjustment":
        return taxonomy.contractual(heading)
    named = taxonomy.classify(_spelled(heading))
    if named.entry == v.WRITE_OFF and named.category != v.UNCLASSIFIED:
        return named
    charge, allowed = wide.plan.heading("charge"), wide.plan.heading("allowed")
    if name in ("adjustment", "write_off") and charge and allowed:
        rows = wide.stated(allowed) & wide.stated(heading) & (wide.cents(allowed) > 0)
        reasons = _reason_headings(wide.plan, heading, name)
        for other in reasons:
            if other is not None:
                rows &= pick(wide.parsed.column(other).blank(), wide.keep)
        if arithmetic.is_derived(wide.cents(charge), wide.cents(allowed), cents, rows):
            return taxonomy.contractual("derived")
    party = v.PATIENT if name == "patient_write_off" else v.PAYER
    return taxonomy.write_off(v.UNCLASSIFIED, v.REVIEW, "")._replace(party=party)


def _spelled(heading: str) -> str:
    """A heading as a label: "BadDebtWO" -> "bad debt writeoff"."""
    text = " ".join(words(heading))
    return text.replace("baddebt", "bad debt").replace("writeoff", "write off")


def _reason_headings(plan: Plan, heading: str, name: str) -> tuple[str | None, str | None]:
    """The reason and group columns that speak of this money column.

    Its own name before the word reason, or a number in both names, pairs them; else the reason
    belongs to the one generic column: adjustment, then write_off, then other_adjustment, then
    contractual_adjustment.
    """
    reasons = [h for f in _REASON_FIELDS for h in plan.headings(f)]
    groups = plan.headings("adjustment_group")
    own = next((h for h in reasons if _bare(h) == _bare(heading)), None)
    if _apart(reasons) or (read_heading(heading).number and len(plan.headings(name)) > 1):
        place = place_of(heading)
        return own or _placed(reasons, place), _placed(groups, place)
    if own is not None and len(reasons) > 1:
        return own, None
    left = (h for h, f in plan.columns.items() if f is None)
    if any(read_heading(h).fields[:1] in _GENERIC for h in left):
        return None, None  # the reason may be that of a column nobody has named yet
    generic = ("adjustment", "write_off", "patient_write_off", "other_adjustment")
    owner = next((f for f in (*generic, "contractual_adjustment") if plan.counted(f)), None)
    if name != owner or len(plan.counted(name)) > 1:
        return None, None
    if not reasons and name == "write_off":
        reasons = plan.headings("denial_reason")
    return next(iter(reasons), None), next(iter(groups), None)


def _bare(heading: str) -> tuple[frozenset[str], int]:
    """The words of an amount's or a reason's name without those that say which of both it is."""
    named, _ = numbered(words(split_repeat(heading)[0]))
    return named - {"reason", "code", "description", "amount", "type"}, place_of(heading)


def _apart(reasons: list[str]) -> bool:
    """Whether several reason columns are numbered apart, the first perhaps without a number."""
    return len(reasons) > 1 and len({place_of(h) for h in reasons}) == len(reasons)


def _placed(headings: list[str], place: int) -> str | None:
    return next((h for h in headings if place_of(h) == place), None)


# --- what looks wrong, and is counted all the same ------------------------------------------------


def _flags(wide: _Wide) -> list[Problem]:
    charge_heading = wide.plan.heading("charge")
    if charge_heading is None:
        return []
    charge = wide.total("charge")
    insurers = ("insurance_paid", *v.INSURER_COLUMNS, "other_paid", "patient_paid")
    paid = wide.total("total_paid") if wide.plan.has("total_paid") else wide.total(*insurers)
    written = _least(wide, *v.ADJUSTMENT_COLUMNS)
    zero = (charge == 0) & (paid != 0)
    over = (paid > charge) & (charge > 0)
    negative = (written < 0) & (charge > 0)
    return [
        *_flag(wide, "paid_above_billed", over, paid - charge, "more was paid than billed"),
        *_flag(wide, "charge_zero_with_payment", zero, paid, "nothing billed, yet something paid"),
        *_flag(wide, "negative_write_off", negative, written, "a negative write-off on a charge"),
    ]


def _least(wide: _Wide, *fields: str) -> Cents:
    """The smallest amount of each row among some columns, at most 0."""
    out = np.zeros(len(wide.keep), dtype=np.int64)
    for name in fields:
        for heading in wide.plan.counted(name):
            out = np.minimum(out, wide.cents(heading))
    return out


def _flag(
    wide: _Wide,
    kind: str,
    rows: npt.NDArray[np.bool_],
    cents: Cents,
    said: str,
    column: str | None = None,
) -> list[Problem]:
    found = np.flatnonzero(rows)
    if not len(found):
        return []
    raw = wide.parsed.raw
    first = wide.keep[found[0]]
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    message = f"line {raw.lines[first]} (row {raw.numbers[first]}): {said}; counted{more}"
    numbers = tuple(int(n) for n in raw.numbers[wide.keep[found]])
    amounts = tuple(int(c) for c in cents[found])
    return [Problem(kind, message, raw.name, column, numbers, amounts)]


def _parts(wide: _Wide) -> list[Problem]:
    """Rows on which the file's own identity fails."""
    identity, readable = off_by_row(wide.parsed, wide.plan)
    if identity and not (identity.complete and identity.holds >= arithmetic.SUPPORT):
        scaled = column_of_another_scale(wide.parsed, wide.plan)
        if scaled is not None:
            return _other_unit(wide, *scaled)
    if identity is None or (wide.plan.has(*v.BALANCE_COLUMNS) and not identity.with_share):
        return []  # a stated balance is checked against the postings, in settle
    off = identity.off[wide.keep]
    wrong = (off != 0) & readable[wide.keep]
    if identity.holds >= arithmetic.SUPPORT:
        if not identity.complete:
            return []
        said = f"parts do not add up to the charge ({identity.words})"
        return _flag(wide, "parts_do_not_sum", wrong, off, said)
    comparable = wide.plan.has(*v.BALANCE_COLUMNS) or wide.plan.has("patient_responsibility")
    if not comparable or not wide.plan.has(*v.ADJUSTMENT_COLUMNS, "allowed"):
        return []
    said = "parts add up to the charge on hardly any row; check which column is which"
    return _flag(wide, "identity_broken_all_rows", wrong, off, said)


def _other_unit(wide: _Wide, heading: str, said: str) -> list[Problem]:
    """Every amount of a column that is in another unit than the rest of the file."""
    cents = wide.cents(heading)
    words = f"column {heading} is off on every row; are its amounts 100 times too {said}?"
    return _flag(wide, "identity_broken_all_rows", cents != 0, cents, words, heading)


def _totals(wide: _Wide) -> list[Problem]:
    """Total rows of the file against its rows: those since the last total, or all above it."""
    out = []
    raw = wide.parsed.raw
    since = 0
    for total in raw.totals:
        above = raw.lines < total.row
        block = above & (raw.lines > since)
        since = total.row
        for heading, name in wide.plan.columns.items():
            if name not in v.MONEY_FIELDS or heading not in total.cells:
                continue
            stated = wide.parsed.amount(total.cells[heading])
            cents = wide.parsed.money(heading).cents
            sums = (int(cents[above].sum()), int(cents[block].sum()))
            if stated is not None and stated not in sums:
                message = f"line {total.row}: the file's own total is not the sum of its rows"
                off = (stated - sums[0],)
                out.append(Problem("total_row_differs", message, raw.name, heading, (), off))
    return out
