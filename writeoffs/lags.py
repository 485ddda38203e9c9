"""How long things take: from the visit to its charge, and from there to the first payer payment.

Medians and ninetieth percentiles over service lines. Between two values they interpolate linearly
(definition 7 of Hyndman and Fan 1996, numpy's and Excel's PERCENTILE.INC). What is not paid yet is
in no payment lag, so that a young month looks fast: how many still wait stands beside it. A date
that the files do not hold makes no lag: a remittance has no date of entry, and a wide row with one
posting date for all of its money says neither when it was charged nor when it was first paid.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from writeoffs import owed, units
from writeoffs import vocabulary as v
from writeoffs.attribution import charged_rows
from writeoffs.book import Index
from writeoffs.keys import groups
from writeoffs.ledger import Ledger, SourceFile
from writeoffs.measures import Measure
from writeoffs.problems import BadRequest

Mask = npt.NDArray[np.bool_]

STARTS: Final = ("service", "entry")
_BY: Final = ("payer", "practice", "provider", "location", "procedure", "month")

DECLARED: Final = (
    Measure("charge_lag", "Charge lag", "median days from the date of service to the entry of the"
            " charge", "days", good="down", rows="lines",
            meaning="A bill that is not written cannot be paid.", source="clarityrcm.com: days from"
            " service to entry, median and 90th percentile",
            top="days from service to entry, middle value", bottom="charged lines with both dates"),
    Measure("charge_lag_p90", "Charge lag, slowest tenth", "days from service to entry that nine in"
            " ten lines stay within", "days", good="down", rows="lines",
            meaning="How slow the slow ones are.", source="as charge lag",
            top="days from service to entry, 90th percentile",
            bottom="charged lines with both dates"),
    Measure("payment_lag", "Payment lag", "median days from the date of service to the first payer"
            " payment", "days", needs=("insurer_paid",), good="down", rows="lines",
            meaning="Of the lines a payer has paid. Those still waiting are not in it.",
            source="common use; no published standard form",
            top="days from service to the first payer payment, middle value",
            bottom="insured lines that a payer paid"),
    Measure("payment_lag_p90", "Payment lag, slowest tenth", "days from service to the first payer"
            " payment that nine in ten paid lines stay within", "days", needs=("insurer_paid",),
            good="down", rows="lines", meaning="How slow the slow ones are.",
            source="as payment lag", top="days from service to first payment, 90th percentile",
            bottom="insured lines that a payer paid"),
)  # fmt: skip


def lines(ledger: Ledger) -> pd.DataFrame:
    """One row a line with a service charge: its days and whether it was paid.

    Returns:
        The columns of ``units.frame``; ``charge`` (int64 cents); ``served``, ``entry`` and
        ``paid`` (int64 days since 1970, ``owed.NEVER`` where the files hold no such date; ``paid``
        is the first payer payment above zero, one that names no line counting for every line of
        its claim); ``insured``; ``was_paid``; ``decided`` (a payer has spoken);
        ``can_enter`` and ``can_pay`` (whether its file can hold those dates at all).
    """
    settled = ledger.settled
    book, line, rows = settled.book, settled.line, settled.book.rows
    out = units.frame(settled)
    size = len(out)
    charge = units.sums(settled, lambda k: (k.entry, k.category) == (v.CHARGE, v.SERVICE))
    enters, pays = _can(ledger)
    charged = charged_rows(book)
    entry = _first(line, owed.day_number(rows["charge_date"].to_numpy(), owed.NEVER), size,
                   charged & enters & ~_unposted(rows))  # fmt: skip
    kinds = np.array([k.entry == v.INSURER_PAYMENT for k in book.kinds], dtype=bool)
    paying = (kinds[book.kind] if len(book) else book.at < 0) & (book.amount > 0)
    row = np.zeros(len(rows), dtype=bool)
    row[book.at[paying]] = True
    posted = owed.day_number(rows["post_date"].to_numpy(), owed.NEVER)
    whole = row & (settled.claim >= 0) & ~_any(line, charged, size)[line]
    found = owed.units(ledger)
    decided = np.zeros(size, dtype=bool)
    decided[found.line] = found.decided < owed.NEVER
    own = np.zeros(size, dtype=bool)
    own[found.line] = found.own
    number = out["number"].to_numpy()
    by_claim = _first(settled.claim, posted, settled.claims, whole & pays)
    paid = _first(line, posted, size, row & pays)
    was = _any(line, row, size)
    if settled.claims:
        known = number >= 0
        paid = np.minimum(paid, np.where(known, by_claim[number], owed.NEVER))
        was |= known & _any(settled.claim, whole, settled.claims)[number]
    out = out.assign(
        charge=charge,
        served=owed.day_number(out["service_date"].to_numpy(), owed.NEVER),
        entry=entry,
        paid=paid,
        insured=~own,
        was_paid=was,
        decided=decided,
        can_enter=_any(line, charged & enters, size),
        can_pay=_any(line, pays, size),
    )
    return out[charge != 0].reset_index(drop=True)


def _first(at: Index, day: Index, size: int, rows: Mask) -> Index:
    """The earliest day of some rows, by what they stand on; NEVER for none."""
    out = np.full(size, owed.NEVER, dtype=np.int64)
    np.minimum.at(out, at[rows], day[rows])
    return out


def _any(at: Index, rows: Mask, size: int) -> Mask:
    out = np.zeros(size, dtype=bool)
    out[at[rows]] = True
    return out


def _unposted(rows: pd.DataFrame) -> Mask:
    """Rows of a long ledger without a date of their own: their charge date is the service date."""
    return (rows["ledger"] & rows["post_date"].isna()).to_numpy()


def _can(ledger: Ledger) -> tuple[Mask, Mask]:
    """Rows whose file can say when a charge was entered, and when a payer paid."""
    rows = ledger.settled.book.rows
    files = rows["file"].cat
    by_name = {f.name: _holds(f) for f in ledger.files}
    flags = [by_name.get(str(name), (False, False)) for name in files.categories]
    table = np.array([*flags, (False, False)], dtype=bool)
    found = table[files.codes.to_numpy()]
    remit = rows["remit"].to_numpy() != 0
    return found[:, 0] & ~remit, found[:, 1]


def _holds(file: SourceFile) -> tuple[bool, bool]:
    """Whether a file dates the entry of a charge, and a payer's payment."""
    plan = file.plan
    if plan is None or file.shape in ("ledger", "835", "payments"):
        return file.shape == "ledger", file.shape != "summary"
    paid = plan.has("payment_date", "adjudication_date")
    return plan.has("created_date") or (paid and plan.has("post_date")), paid


# --- the two lags ---------------------------------------------------------------------------------


def charge_lag(
    source: Ledger | pd.DataFrame, by: str | Sequence[str] | None = None
) -> pd.DataFrame:
    """Days from the date of service to the entry of the charge.

    Args:
        source: a ledger, or ``lines`` of one under filters.
        by: one or several of payer, practice, provider, location, procedure, month (of service,
            year * 12 + month - 1, -1 for none); None for all together.

    Returns:
        One row a group: the ``by`` columns, ``n`` (lines with both dates), ``median`` and ``p90``
        (Float64 days, linear interpolation; NA without a line), ``undated`` (lines without one of
        the dates) and ``why`` there is no figure, "" where there is.

    Raises:
        BadRequest: an unknown dimension.
    """
    table = lines(source) if isinstance(source, Ledger) else source
    both = (table["served"] < owed.NEVER) & (table["entry"] < owed.NEVER)
    days = (table["entry"] - table["served"]).to_numpy()
    out = _spread(table, by, days, both.to_numpy(), {"undated": ~both.to_numpy()})
    why = "the files do not say when charges were entered"
    return out.assign(why=np.where(out["n"] > 0, "", why))


def payment_lag(
    source: Ledger | pd.DataFrame, by: str | Sequence[str] | None = None, start: str = "service"
) -> pd.DataFrame:
    """Days from the date of service, or from the entry of the charge, to the first payer payment.

    Args:
        source, by: see ``charge_lag``; lines of patients without insurance are left out.
        start: "service" or "entry".

    Returns:
        As ``charge_lag``, with ``not_paid_yet`` (lines on which no payer has decided: they are in
        no lag, and make a young month look fast) and ``never_paid`` (decided without a payment:
        denied, or all of it left to the patient); the four counts sum to all insured lines.

    Raises:
        BadRequest: an unknown dimension or start.
    """
    if start not in STARTS:
        raise BadRequest(f"no start {start!r}\n\nHint: {', '.join(STARTS)}")
    table = lines(source) if isinstance(source, Ledger) else source
    table = table[table["insured"]]
    begin = table["served" if start == "service" else "entry"]
    paid = table["was_paid"].to_numpy()
    both = ((begin < owed.NEVER) & (table["paid"] < owed.NEVER)).to_numpy()
    rest = {
        "undated": paid & ~both,
        "not_paid_yet": ~paid & ~table["decided"].to_numpy(),
        "never_paid": ~paid & table["decided"].to_numpy(),
    }
    out = _spread(table, by, (table["paid"] - begin).to_numpy(), paid & both, rest)
    one = "rows with one date for all their money do not say on which day a payer first paid"
    nobody = "no payer has paid any of these lines yet"
    why = np.where(out["undated"] > 0, one, nobody)
    return out.assign(why=np.where(out["n"] > 0, "", why))


def _spread(
    table: pd.DataFrame,
    by: str | Sequence[str] | None,
    days: Index,
    counted: Mask,
    beside: dict[str, Mask],
) -> pd.DataFrame:
    """Counts, median and ninetieth percentile by group."""
    keys = [] if by is None else [by] if isinstance(by, str) else list(by)
    unknown = [name for name in keys if name not in _BY]
    if unknown:
        raise BadRequest(f"cannot group by {unknown}\n\nHint: {', '.join(_BY)}")
    table = table.rename(columns={"service_month": "month"})
    group, out = groups(table, keys)
    out = out.iloc[: int(group.max(initial=-1)) + 1] if keys else out
    size = len(out)
    out = out.assign(n=np.bincount(group[counted], minlength=size))
    for name, share in (("median", 0.5), ("p90", 0.9)):
        out[name] = quantile_by(days[counted], group[counted], size, share)
    for name, mine in beside.items():
        out[name] = np.bincount(group[mine], minlength=size)
    return out


def made_of(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """The lines whose days a measure of DECLARED is the median or ninetieth percentile of.

    Returns:
        ``number``, ``numerator`` (int64 days), ``denominator`` (1 a line) and ``above`` (the
        line's charge in int64 cents).
    """
    end = "entry" if name.startswith("charge") else "paid"
    mine = table if end == "entry" else table[table["insured"] & table["was_paid"]]
    mine = mine[(mine["served"] < owed.NEVER) & (mine[end] < owed.NEVER)]
    return pd.DataFrame(
        {"number": mine["number"], "numerator": mine[end] - mine["served"], "denominator": 1,
         "above": mine["charge"]}
    )  # fmt: skip


def quantile_by(values: Index, group: Index, size: int, share: float) -> pd.Series:
    """A quantile of each group's values, Float64, NA for a group without any.

    Linear between the two nearest: at place (n - 1) * share of the sorted values, counted from 0.
    """
    order = np.lexsort((values, group))
    ranked = values[order]
    n = np.bincount(group, minlength=size)
    start = np.cumsum(n) - n
    place = np.maximum(n - 1, 0) * share
    low = np.floor(place).astype(np.int64)
    high = np.minimum(low + 1, np.maximum(n - 1, 0))
    padded = np.append(ranked, 0)
    below = padded[np.minimum(start + low, len(ranked))]
    above = padded[np.minimum(start + high, len(ranked))]
    found = below + (place - low) * (above - below)
    return pd.Series(pd.array(found, dtype="Float64")).mask(n == 0)


def values(table: pd.DataFrame) -> dict[str, float | None]:
    """Each measure of DECLARED by name over ``lines``: days, None where it cannot be said."""
    out: dict[str, float | None] = {}
    for name, found in (("charge_lag", charge_lag(table)), ("payment_lag", payment_lag(table))):
        for suffix, column in (("", "median"), ("_p90", "p90")):
            value = found[column].iloc[0] if len(found) else pd.NA
            out[f"{name}{suffix}"] = None if pd.isna(value) else float(value)
    return out
