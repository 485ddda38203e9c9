"""Tables of measures: of a whole ledger or of a filtered view, by anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pandas as pd

from writeoffs import palette
from writeoffs import vocabulary as v
from writeoffs.attribution import charged_rows
from writeoffs.book import sum_by
from writeoffs.claims import charged_claims, line_counts
from writeoffs.cube import POST_MONTH, SERVICE_MONTH, flows
from writeoffs.dates import month_of
from writeoffs.keys import groups
from writeoffs.ledger import Ledger, SourceFile
from writeoffs.measures import (
    ENDS,
    MEASURES,
    PAID,
    can_say,
    components,
    components_of,
    measure,
    values,
    weigh,
)
from writeoffs.money import ratio
from writeoffs.problems import BadRequest
from writeoffs.vocabulary import Kind

_IN_CUBE: Final = frozenset({*v.CUBE_DIMENSIONS, "category", "month", "year"})


@dataclass(frozen=True)
class View:
    """A part of a ledger: its cube and claims under filters, and what it can say."""

    cube: pd.DataFrame
    says: frozenset[str]
    basis: str = "service"
    claims: pd.DataFrame = field(default_factory=pd.DataFrame, repr=False)


def table(view: View, names: Sequence[str], by: Sequence[str] = ()) -> pd.DataFrame:
    """Several measures of a view: the ``by`` columns, then one column a measure."""
    everything = components(view.cube, by)
    rated = components(view.cube, by, rated=True)
    if view.basis == "post":
        everything = _as_movement(everything, by)
    out = everything[list(by)].copy()
    for name in names:
        m = measure(name)
        out[name] = values(rated if m.denominator is not None else everything, m, view.says)
    return out


def _as_movement(sums: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """By posting month the open column is the movement, so that months roll forward."""
    if POST_MONTH not in by:
        return sums
    written = weigh(sums, MEASURES["written_off"].numerator)
    moved = sums["billed"] + sums["other_debits"] - weigh(sums, PAID) - written
    moved = moved - weigh(sums, MEASURES["other_adjustments"].numerator) - sums["unexplained"]
    return sums.assign(insurer_open=moved - sums["patient_open"])


def net_range(view: View, by: Sequence[str] = ()) -> pd.DataFrame:
    """Net collection if all unclassified write-offs were avoidable (low) or contractual (high).

    Holds whether all write-offs or only some are unclassified: avoidable ones leave the rate as it
    is, contractual ones leave its denominator.

    Returns:
        The ``by`` columns, ``low`` and ``high`` (fractions; None where the files cannot say or a
        denominator is 0 or less) and ``unclassified`` (int64 cents that may enter rates).
    """
    sums = components(view.cube, by, rated=True)
    m = MEASURES["net_collection_rate"]
    assert m.denominator is not None
    top, bottom = weigh(sums, m.numerator), weigh(sums, m.denominator)
    unknown = sums[v.UNCLASSIFIED].to_numpy()
    out = sums[list(by)].copy()
    said = can_say(m, view.says)
    for name, below in (("low", bottom), ("high", bottom - unknown)):
        cells = [ratio(int(a), int(b)) if said else None for a, b in zip(top, below, strict=True)]
        out[name] = pd.Series(cells, dtype=object)
    return out.assign(unclassified=unknown)


def view_of(ledger: Ledger, by: Sequence[str] = (), basis: str = "service") -> View:
    """A whole ledger as a view that can be grouped by ``by``.

    Raises:
        BadRequest: an unknown dimension or basis.
    """
    unknown = [b for b in by if b not in v.BY]
    if unknown or basis not in ("service", "post"):
        raise BadRequest(f"cannot group by {unknown or basis}\n\nHint: {', '.join(v.BY)}")
    if "cube" in vars(ledger) and set(by) <= _IN_CUBE:
        return View(ledger.cube, ledger.can_say, basis)
    month = POST_MONTH if basis == "post" else SERVICE_MONTH
    names = [b for b in by if b not in ("month", "year", "category")]
    months = [month] if {"month", "year"} & set(by) else []
    return View(flows(ledger.settled, [*months, *names]), ledger.can_say, basis)


def keys_for(view: View, by: Sequence[str]) -> tuple[View, list[str]]:
    """Turn "month", "year" and "category" into columns of the view's cube."""
    month = POST_MONTH if view.basis == "post" else SERVICE_MONTH
    cube, keys = view.cube, []
    for name in by:
        if name == "month":
            keys.append(month)
        elif name == "year":
            year = np.where(cube[month] < 0, -1, cube[month] // 12)
            cube = cube.assign(year=year.astype(np.int32))
            keys.append("year")
        elif name == "category":
            shown = cube["entry"].isin([v.WRITE_OFF, v.PATIENT_SHARE])
            cube = cube.assign(category_shown=cube["category"].astype("str").where(shown))
            keys.append("category_shown")
        else:
            keys.append(name)
    return View(cube, view.says, view.basis, view.claims), keys


def grouped(
    ledger: Ledger, names: Sequence[str], by: Sequence[str] = (), basis: str = "service"
) -> pd.DataFrame:
    """Measures of a ledger by any of vocabulary.BY.

    By "category" and by "paying_payer" rates are NA, and by the latter what is open is a movement:
    charges and balances stand under the charted payer, payments, write-offs and shares under the
    payer that their own row names (rules.md 2 and 17).

    Returns:
        One row a group, missing keys as NA: the ``by`` columns (months as year * 12 + month - 1,
        Int32), then one column a measure: Int64 cents, or Float64 fractions.
    """
    view, keys = keys_for(view_of(ledger, by, basis), by)
    out = table(view, names, keys)
    for name, key in zip(by, keys, strict=True):
        if name in ("month", "year"):
            out[key] = out[key].astype("Int32").where(out[key] >= 0)
        if name in v.WITHOUT_RATES:
            for rate in (n for n in names if measure(n).denominator is not None):
                out[rate] = pd.NA
    return out.rename(columns=dict(zip(keys, by, strict=True)))


def counts(ledger: Ledger) -> dict[str, int | None]:
    """Lines, claims and patients of a ledger; null where no identifier says, or rows are sums."""
    says, rows = ledger.says, ledger.settled.book.rows
    summed = bool(ledger.summed.any())
    lines = int(line_counts(ledger.settled)[0].sum()) if "billed" in says and not summed else None
    claims = charged_claims(ledger.settled) if {"claims", "billed"} <= says else None
    patients = int(rows["patient"].nunique()) if "patients" in says else 0
    return {"lines": lines, "claims": claims, "patients": patients or None}


def ends(view: View, by: Sequence[str] = ()) -> pd.DataFrame:
    """Where the dollars of a view ended: one row an end (and group) with money in it.

    Returns:
        The ``by`` columns, ``end`` (a key of ENDS), ``title``, ``cents`` (int64) and ``share`` of
        billed and other debits (fraction, NA where nothing was billed). The cents of a group add
        up to billed + other debits, to the cent.
    """
    sums = components(view.cube, by)
    whole = (sums["billed"] + sums["other_debits"]).to_numpy()
    parts = []
    for end, weights in ENDS.items():
        if end == "open" and "open" not in view.says:
            continue
        cents = weigh(sums, weights)
        share = np.where(whole > 0, cents / np.where(whole > 0, whole, 1), np.nan)
        part = sums[list(by)].assign(
            end=end, title=palette.ENDS[end].label, cents=cents, share=share
        )
        parts.append(part[part["cents"] != 0])
    return pd.concat(parts, ignore_index=True)


def about(ledger: Ledger, name: str, posted: tuple[int, int] | None = None) -> np.ndarray:
    """The cents that each claim adds to a measure's numerator, or to a write-off category.

    Args:
        name: a measure, or a category of write-offs or patient shares.
        posted: first and last posting month to count; None counts every posting.

    Returns:
        int64 cents, one a claim, in the order of ``claims.claims``.

    Raises:
        BadRequest: neither a measure nor a category in these data.
    """
    settled = ledger.settled
    book, claim = settled.book, settled.claim
    if name in ("open", "patient_open", "unexplained"):
        cents = {
            "open": settled.open,
            "patient_open": settled.patient_open,
            "unexplained": settled.unexplained,
        }[name]
        return sum_by(claim[claim >= 0], cents[claim >= 0], settled.claims)
    weight = np.array([_weight_of(k, name) for k in book.kinds], dtype=np.int64)
    if name not in MEASURES and not weight.any():
        raise BadRequest(f"nothing in these data is about {name!r}")
    mine = (weight[book.kind] != 0) & (claim[book.at] >= 0)
    if posted is not None:
        months = _posting_months(ledger)
        mine &= (months >= posted[0]) & (months <= posted[1])
    cents = (weight[book.kind] * book.amount)[mine]
    return sum_by(claim[book.at[mine]], cents, settled.claims)


UNENTERED: Final = "Charges without a date of entry count in their month of service."


def unentered(ledger: Ledger) -> frozenset[str]:
    """The files with charges that stand in their month of service by posting (rules.md 18)."""
    book = ledger.settled.book
    without = book.rows["charge_date"].isna().to_numpy() & (book.entry_months() >= 0)
    without &= charged_rows(book)
    return frozenset(map(str, book.rows["file"][without].unique()))


def _posting_months(ledger: Ledger) -> np.ndarray:
    """The month of each posting: a charge's by its entry, any other's by its posting date."""
    book = ledger.settled.book
    posted = month_of(book.rows["post_date"].to_numpy())[book.at]
    return np.where(book.where(v.CHARGE), book.entry_months()[book.at], posted)


def _weight_of(kind: Kind, name: str) -> int:
    if name in MEASURES:
        weights = MEASURES[name].numerator
        parts = components_of(kind.entry, kind.category, kind.bucket, kind.party)
        return sum(weights.get(part, 0) for part in parts)
    return int(kind.category == name and kind.entry in (v.WRITE_OFF, v.PATIENT_SHARE))


def counted_by(view: View, by: Sequence[str]) -> pd.DataFrame:
    """Claims with a non-zero net charge by dimensions of the view: ``by`` and ``claims``."""
    mine = view.claims[view.claims["counts"]]
    spread, names = groups(mine, by)
    return names.assign(claims=np.bincount(spread, minlength=len(names)))


def by_payer(view: View, names: Sequence[str]) -> pd.DataFrame:
    """A row a payer: measures, claims, payment per claim, share of billed; largest billed first."""
    wanted = list(dict.fromkeys(["billed", "paid", *names]))
    out = table(view, wanted, ["payer"])
    out = out.merge(counted_by(view, ["payer"]), on="payer", how="left")
    whole = out["billed"].sum()
    out["share"] = out["billed"].astype("Float64") / float(whole) if whole else pd.NA
    count = out["claims"].astype("Float64")
    out["per_claim"] = (
        (out["paid"].astype("Float64") / count.where(count > 0)).round().astype("Int64")
    )
    out["name"] = out["payer"].astype("str").where(out["payer"].notna(), "(no payer)")
    return out.sort_values("billed", ascending=False, ignore_index=True)


def by_who_paid(view: View, name: str = "insurer_paid") -> pd.DataFrame:
    """One measure in dollars under both ways to name a payer, largest first.

    Args:
        view: of ``Ledger.paying``, whose cube has both.
        name: a measure in dollars.

    Returns:
        ``payer``, ``charted`` (on claims charted under that payer) and ``paying`` (on rows that
        name it) and ``difference``, what the second has more; Int64 cents, 0 where a payer has
        none, NA where the files cannot say. Both columns add up to the same total; payers with
        nothing in either are left out.
    """
    sides = []
    for key, side in (("payer", "charted"), ("paying_payer", "paying")):
        one = table(view, [name], [key]).set_axis(["payer", side], axis=1)
        sides.append(one.assign(payer=one["payer"].astype("str")))
    out = sides[0].merge(sides[1], on="payer", how="outer")
    if out[["charted", "paying"]].notna().any().any():
        out = out.fillna({"charted": 0, "paying": 0})
        out = out[(out["charted"] != 0) | (out["paying"] != 0)]
    out["difference"] = out["paying"] - out["charted"]
    return out.sort_values(["charted", "paying"], ascending=False, ignore_index=True)


def who_paid_is_by_row(file: SourceFile) -> str:
    """Why a file cannot tell its second payers' money apart by who paid; "" where it can."""
    plan = file.plan
    if plan is None or file.shape == "ledger":
        return ""
    named = next(iter(plan.headings("secondary_payer")), None)
    if named is not None:
        return (
            f'all payments of a row count as its first payer\'s; "{named}" has no rows of its own'
        )
    if plan.has(*v.INSURER_COLUMNS[1:]):
        return "all payments of a row count as its own payer's; second payers are not named"
    return ""


def by_reason(reasons: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Write-offs by category, bucket and any of reason and payer: ``cents``, largest first."""
    keys = ["category", "bucket", *by]
    spread, names = groups(reasons, keys)
    out = names.assign(cents=sum_by(spread, reasons["cents"].to_numpy(), len(names)))
    out = out[(out["cents"] != 0) & (out["category"].astype("str") != "")]
    return out.sort_values("cents", ascending=False, ignore_index=True)
