"""The definition lab: one ledger under every published definition, and what separates them.

``cells`` adds postings up once, by the cube's attributes and by whether a line is closed, decided
or priced; filters narrow it like the cube, and every definition is a weighted sum over it.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from writeoffs import allowed as allowed_of
from writeoffs import definitions as d
from writeoffs import measures, units, wording
from writeoffs import vocabulary as v
from writeoffs.book import Index, sum_by
from writeoffs.cube import CUBE_BY, POST_MONTH, row_cells
from writeoffs.definitions import Definition
from writeoffs.expected import in_rates
from writeoffs.keys import first_rows, groups
from writeoffs.ledger import Ledger
from writeoffs.money import Cents, ratio
from writeoffs.settle import Settled, adjudicated

Mask = npt.NDArray[np.bool_]
FLAGS: Final = (d.CLOSED, d.CLOSED_BILLS, d.DECIDED, d.PRICED, d.VALUED)
_PARTS: Final = tuple(d.PARTS)


def cells(
    ledger: Ledger, by: Sequence[str] = CUBE_BY, expected: pd.Series | None = None
) -> pd.DataFrame:
    """Sums of cents by attributes and by the state of the line, for every definition at once.

    Args:
        ledger: the ledger.
        by: attributes to keep: months and the line dimensions.
        expected: expected allowed cents by line (``expected.every(ledger)["expected"]``: Int64, in
            the order of ``units.frame``), NA where nobody knows; None where it is not asked for.
            Lines with capitation or a duplicate on them are left out: they are set aside from every
            rate. A claim with payments that name no line counts only if all its lines are known.

    Returns:
        The columns of ``by`` as in the cube, FLAGS (bool) and one int64 column of cents for each of
        ``definitions.PARTS``. Rows that may not enter rates (rules.md 16) are left out. A charge
        stands in the month of its entry, with what was allowed and expected for it; a payment and
        a write-off in the month of their posting. ``at_visit`` is a part of ``patient_in``; rows
        whose patient payments carry no posting date of their own have none.
    """
    settled = ledger.settled
    price = _allowed(ledger)
    first = first_rows(settled.line, len(price))
    if expected is None:
        worth = pd.Series(pd.NA, index=price.index, dtype="Int64")
        valued = np.zeros(len(price), dtype=bool)
    else:
        worth, valued = in_rates(settled, expected)
    flags = _flags(settled, price.notna().to_numpy(), valued)
    cell, names = row_cells(settled, by, flags)
    half = len(settled.line) if POST_MONTH in by else 0
    width = len(_PARTS)
    slot, part = _postings(settled, half)
    keep = (part >= 0) & settled.rated[settled.book.at]
    code = cell[slot[keep]] * width + part[keep]
    sums = sum_by(code, settled.book.amount[keep], len(names) * width).reshape(-1, width)
    for name, cents in (("allowed", price), ("expected", worth)):
        known = cents.notna().to_numpy() & settled.rated[first]
        at = cell[first[known] + half]
        column = sum_by(at, cents[known].to_numpy(dtype=np.int64), len(names))
        sums[:, _PARTS.index(name)] = column
    sums[:, _PARTS.index("at_visit")] = _at_visit(settled, cell, len(names))
    some = sums.any(axis=1)
    parts = pd.DataFrame(sums[some], columns=list(_PARTS))
    return pd.concat([names[some].reset_index(drop=True), parts], axis=1)


def _allowed(ledger: Ledger) -> pd.Series:
    """What payers allowed, by line; NA for a line that is not charged or not priced."""
    charged = units.sums(
        ledger.settled, lambda k: (k.entry, k.category) == (v.CHARGE, v.SERVICE)
    ).astype(bool)
    out = pd.Series(pd.NA, index=pd.RangeIndex(len(charged)), dtype="Int64")
    out[charged] = allowed_of.lines(ledger)["allowed"].array
    return out


def _flags(settled: Settled, priced: Mask, valued: Mask) -> dict[str, Mask]:
    """For each row, whether its line or bill is closed, decided, priced, valued.

    A bill is closed when nothing is left on it; so is each of its lines then, even where payments
    name no line.
    """
    line, claim = settled.line, settled.claim
    charged = units.sums(settled, lambda k: (k.entry, k.category) == (v.CHARGE, v.SERVICE)) != 0
    unit = np.where(claim >= 0, claim, settled.claims + line)
    left = sum_by(unit, settled.open, int(unit.max(initial=-1)) + 1)
    bill = np.zeros(len(left), dtype=bool)
    bill[unit[charged[line]]] = True
    closed_bill = ((left == 0) & bill)[unit]
    nothing_left = sum_by(line, settled.open, len(charged)) == 0
    return {
        d.CLOSED: closed_bill | (nothing_left & charged)[line],
        d.CLOSED_BILLS: closed_bill,
        d.DECIDED: adjudicated(settled.book, claim, line),
        d.PRICED: priced[line],
        d.VALUED: valued[line],
    }


def _postings(settled: Settled, half: int) -> tuple[Index, Index]:
    """For each posting the row that it is summed at (a charge's in the second half) and its part,
    -1 for none."""
    book = settled.book
    places = {name: place for place, name in enumerate(_PARTS)} | {"": -1}
    codes = np.array(
        [[places[d.part_of(kind, back)] for back in (False, True)] for kind in book.kinds],
        dtype=np.int64,
    ).reshape(-1, 2)
    if not len(codes):
        return book.at, np.full(len(book), -1, dtype=np.int64)
    charge = np.array([kind.entry == v.CHARGE for kind in book.kinds], dtype=bool)
    part = codes[book.kind, (book.amount < 0).astype(np.int64)]
    return book.at + half * charge[book.kind], part


def _at_visit(settled: Settled, cell: Index, size: int) -> Cents:
    """Patient payments on or before the day of service, by cell; only rows of a ledger, whose date
    is the payment's own."""
    book, rows = settled.book, settled.book.rows
    mine = np.flatnonzero(book.where(v.PATIENT_PAYMENT) & (book.amount > 0))
    at = book.at[mine]
    posted, served = (rows[name].to_numpy()[at] for name in ("post_date", "service_date"))
    keep = rows["ledger"].to_numpy()[at] & (posted <= served) & settled.rated[at]
    return sum_by(cell[at[keep]], book.amount[mine][keep], size)


# --- values ---------------------------------------------------------------------------------------


def values(
    part: pd.DataFrame,
    says: frozenset[str],
    basis: str = "service",
    names: Iterable[str] = tuple(d.ALL),
    by: Sequence[str] = (),
) -> pd.DataFrame:
    """Rates of a part of ``cells`` under definitions.

    Args:
        part: rows of ``cells``, as filters leave them.
        says: what the ledger can say.
        basis: "service" or "post", by which the rows were chosen.
        names: ids of definitions.
        by: columns of ``cells`` to keep.

    Returns:
        One row a definition and group: the ``by`` columns, ``id``, ``family``, ``title``, ``value``
        (Float64 fraction, NA where it cannot be said), ``numerator`` and ``denominator`` (Int64
        cents, NA with it) and ``why`` in words ("" where it can be said).

    Raises:
        BadRequest: an unknown id.
    """
    wanted = [d.definition(name) for name in names]
    tables = [_one(part, one, says, basis, by) for one in wanted]
    out = pd.concat(tables, ignore_index=True)
    types = {"value": "Float64", "numerator": "Int64", "denominator": "Int64"}
    return out.astype(types)


def _one(
    part: pd.DataFrame, one: Definition, says: frozenset[str], basis: str, by: Sequence[str]
) -> pd.DataFrame:
    everywhere, all_groups = groups(part, by)
    code = everywhere if one.of == d.ALL_LINES else everywhere[part[one.of].to_numpy()]
    rows = part if one.of == d.ALL_LINES else part[part[one.of]]
    sums = {n: sum_by(code, rows[n].to_numpy(), len(all_groups)) for n in _used(one)}
    top, bottom = _weighed(sums, one.numerator), _weighed(sums, one.denominator)
    unnamed = _unnamed(sums) if one.needs_kinds else np.zeros(len(all_groups), dtype=bool)
    reasons = [
        _why_not(one, part, says, basis) or _why_none(one, int(n), bool(u))
        for n, u in zip(bottom, unnamed, strict=True)
    ]
    said = np.array([not why for why in reasons], dtype=bool)
    cells = [
        ratio(int(a), int(b)) if ok else None for a, b, ok in zip(top, bottom, said, strict=True)
    ]
    return all_groups.assign(
        id=one.id,
        family=one.family,
        title=one.title,
        value=pd.Series(cells, dtype="Float64"),
        numerator=pd.Series(top, dtype="Int64").where(said),
        denominator=pd.Series(bottom, dtype="Int64").where(said),
        why=pd.Series(reasons, dtype="str"),
    )


_WRITTEN: Final = (
    v.SET_ASIDE, v.CONTRACTUAL, "law_other", "timely_filing", "avoidable_other", v.REVIEW,
    v.UNCLASSIFIED, v.BAD_DEBT, "charity", "small_balance", "chosen",
)  # fmt: skip


def _used(one: Definition) -> set[str]:
    return {*one.numerator, *one.denominator, *(_WRITTEN if one.needs_kinds else ())}


def _unnamed(sums: dict[str, Cents]) -> Mask:
    """Groups of which every written-off dollar is without a known reason."""
    whole = np.sum([sums[name] for name in _WRITTEN], axis=0)
    unknown = sums[v.UNCLASSIFIED]
    return np.asarray((whole == unknown) & (unknown != 0), dtype=bool)


def _weighed(sums: dict[str, Cents], weights: measures.Weights) -> Cents:
    size = len(next(iter(sums.values())))
    out = np.zeros(size, dtype=np.int64)
    for name, sign in weights.items():
        out += sign * sums[name]
    return out


def _why_not(one: Definition, part: pd.DataFrame, says: frozenset[str], basis: str) -> str:
    """Why a definition says nothing of this ledger or basis; "" where it does."""
    if one.basis == d.SERVICE and basis == "post":
        return "it follows services to their end: look by date of service"
    if one.basis == d.POST and basis != "post":
        return "it counts by posting date: look by posting date"
    if set(one.needs) - says:
        return measures.why_not(one.as_measure(), says)
    if "expected" in one.denominator and not part[d.VALUED].any():
        return "needs expected allowed: a fee schedule, or enough lines of the same payer and code"
    if "at_visit" in one.numerator and not part["at_visit"].any():
        return "the files do not date patient payments one by one, or none came by the visit's day"
    if one.of in (d.CLOSED, d.CLOSED_BILLS) and "paid" not in says:
        return "without payments nothing can be said to be closed"
    return ""


def _why_none(one: Definition, bottom: int, unnamed: bool) -> str:
    """Why one group has no rate; "" where it has."""
    if unnamed:
        return "every write-off is unnamed, so nothing can be told from contract"
    if bottom > 0:
        return ""
    lines = d.LINES[one.of]
    return f"there are no {lines} here" if one.of != d.ALL_LINES else "nothing to divide by here"


# --- what separates them --------------------------------------------------------------------------


def steps(part: pd.DataFrame, name: str, standard: str = "") -> pd.DataFrame:
    """How a definition gets from the standard's value to its own, one change at a time.

    The changes are made in order: which lines count, then what stands on top, then what stands
    below. Their points add up to the whole difference, whatever the order; a single one's points
    depend on it.

    Args:
        part: rows of ``cells``, as filters leave them.
        name: a definition's id.
        standard: the id to start from; "" for the standard of its family.

    Returns:
        ``words`` (what changes, with its dollars), ``cents`` (int64: what it adds to the top or to
        the bottom) and ``points`` (Float64 fraction; NA where a rate before or after it cannot be
        worked out). No rows for the standard itself.
    """
    one = d.definition(name)
    begin = d.definition(standard or d.STANDARD[one.family] or name)
    before = {n: int(part[n].sum()) for n in _PARTS}
    after = before
    if one.of != d.ALL_LINES:
        after = {n: int(part.loc[part[one.of], n].sum()) for n in _PARTS}
    walk = [_Step("", 0, *(_total(before, w) for w in (begin.numerator, begin.denominator)))]
    if one.of != begin.of:
        top, bottom = (_total(after, w) for w in (begin.numerator, begin.denominator))
        out = walk[0].bottom - bottom
        said = f"counts only {d.LINES[one.of]}: {wording.dollars(out)} stays out of the bottom"
        walk.append(_Step(said, -out, top, bottom))
    for words, cents in _changes(after, begin.numerator, one.numerator, "top"):
        walk.append(_Step(words, cents, walk[-1].top + cents, walk[-1].bottom))
    for words, cents in _changes(after, begin.denominator, one.denominator, "bottom"):
        walk.append(_Step(words, cents, walk[-1].top, walk[-1].bottom + cents))
    rows = [
        (there.words, there.cents, _points(here, there))
        for here, there in itertools.pairwise(walk)
        if there.cents or (here.top, here.bottom) != (there.top, there.bottom)
    ]
    types = {"words": "str", "cents": "int64", "points": "Float64"}
    return pd.DataFrame(rows, columns=list(types)).astype(types)


class _Step:
    """A change and the numerator and denominator after it, in cents."""

    def __init__(self, words: str, cents: int, top: int, bottom: int) -> None:
        self.words, self.cents, self.top, self.bottom = words, cents, top, bottom


def _points(here: _Step, there: _Step) -> float | None:
    if here.bottom <= 0 or there.bottom <= 0:
        return None
    return there.top / there.bottom - here.top / here.bottom


def _total(sums: dict[str, int], weights: measures.Weights) -> int:
    return sum(sign * sums[name] for name, sign in weights.items())


def _changes(
    sums: dict[str, int], old: measures.Weights, new: measures.Weights, side: str
) -> list[tuple[str, int]]:
    """The changes from one weighted sum to another, in words, with what each adds in cents."""
    if ("billed" in old) != ("billed" in new) or not set(old) & set(new):
        whole = _total(sums, new)
        names = list(dict.fromkeys(d.PARTS[n] for n in new if sums[n] or len(new) == 1))
        said = f"puts {', '.join(names) or 'nothing'} of {wording.dollars(whole)} at the {side}"
        return [(said, whole - _total(sums, old))]
    moved: dict[str, int] = {}
    for name in d.PARTS:
        change = (new.get(name, 0) - old.get(name, 0)) * sums[name]
        if change:
            moved[d.PARTS[name]] = moved.get(d.PARTS[name], 0) + change
    return [(_moved(name, cents, side), cents) for name, cents in moved.items()]


def _moved(name: str, cents: int, side: str) -> str:
    size = wording.dollars(-cents if cents < 0 else cents)
    if name == d.PARTS["insurer_back"]:
        return f"does not take {name} of {size} off the {side}"
    verb = "takes" if cents < 0 else "adds" if side == "top" else "keeps"
    where = (
        f"out of the {side}"
        if cents < 0
        else f"to the {side}"
        if side == "top"
        else "in the bottom"
    )
    return f"{verb} {name} of {size} {where}"


def spread(found: pd.DataFrame, family: str = d.NET) -> tuple[pd.Series, pd.Series] | None:
    """The rows of ``values`` with the lowest and the highest value of a family; None where fewer
    than two can be said."""
    said = found[(found["family"] == family) & found["value"].notna()]
    if len(said) < 2:
        return None
    order = said.sort_values("value", kind="stable")
    return order.iloc[0], order.iloc[-1]


def finding(found: pd.DataFrame, family: str = d.NET) -> str:
    """What a family of definitions shows of one ledger, in a sentence."""
    ends = spread(found, family)
    if ends is None:
        return d.FAMILIES[family]
    low, high = (wording.percent(float(one["value"])) for one in ends)
    if family == d.NET:
        return f"The same money counts as {low} or as {high} collected: the definition decides"
    return f"The same ledger, from {low} to {high}"


def written_out(part: pd.DataFrame, name: str) -> pd.DataFrame:
    """A definition in words with numbers: what its top and its bottom are made of.

    Returns:
        ``side`` ("top" or "bottom"), ``words`` and ``cents`` (int64, signed as they enter); the
        cents of a side add up to it. Parts without a dollar are left out.
    """
    one = d.definition(name)
    rows = part if one.of == d.ALL_LINES else part[part[one.of]]
    cells: dict[tuple[str, str], int] = {}
    for side, weights in (("top", one.numerator), ("bottom", one.denominator)):
        for member, sign in weights.items():
            key = (side, d.PARTS[member])
            cells[key] = cells.get(key, 0) + sign * int(rows[member].sum())
    listed = [(side, words, cents) for (side, words), cents in cells.items() if cents]
    types = {"side": "str", "words": "str", "cents": "int64"}
    return pd.DataFrame(listed, columns=list(types)).astype(types)


def apart(part: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """``values`` without groups, each with how far it is from its family's standard and why.

    Returns:
        The rows of ``found`` with ``gap`` (Float64 fraction, NA where either cannot be said) and
        ``separates`` (the words of ``steps`` with their points, "" for the standard itself).
    """
    value = found.set_index("id")["value"]
    gaps, said = [], []
    for row in found.itertuples(index=False):
        standard = d.STANDARD[str(row.family)]
        gaps.append(value[row.id] - value.get(standard, pd.NA) if standard else pd.NA)
        shown = standard and not pd.isna(row.value)
        said.append(_in_words(steps(part, str(row.id))) if shown else "")
    return found.assign(gap=pd.array(gaps, dtype="Float64"), separates=said)


def _in_words(walk: pd.DataFrame) -> str:
    """Steps as one line: each change with its points."""
    parts = [
        words if pd.isna(points) else f"{words} ({wording.points(float(points))})"
        for words, points in zip(walk["words"], walk["points"], strict=True)
    ]
    return "; ".join(parts)
