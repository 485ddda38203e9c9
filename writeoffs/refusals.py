"""Why claims came back refused, from whom, and which refusals are worth another letter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from writeoffs import histories, taxonomy
from writeoffs.book import sum_by
from writeoffs.cube import SERVICE_MONTH
from writeoffs.denials import Counted, table
from writeoffs.keys import groups, number

MINIMUM: Final = 20  # claims below which a payer's rate is mostly chance
APPEAL_DAYS: Final = 120  # Medicare's time for a first appeal (42 CFR 405.942); payers differ
_USUAL: Final = 3  # priced lines of one payer and code before their median is called usual


def by_reason(found: Counted) -> pd.DataFrame:
    """What was refused at first, by reason; where first decisions are not known, what stands.

    Returns:
        ``category``, ``reason`` (as exported), ``label`` (plain words), ``action`` (what to do),
        ``claims`` and ``lines`` (int64), ``cents`` (refused, at billed prices), ``won_back``
        (of them, the charges of lines paid or priced later) and ``standing``, int64 cents;
        largest first.
    """
    side = "first" if "decisions" in found.says else "last"
    mine = found.lines[found.lines[f"refused_{side}"] > 0]
    frame = mine.assign(
        category=mine[f"{side}_category"],
        reason=mine[f"{side}_reason"],
        cents=mine[f"refused_{side}"],
        won_back=np.where(mine["overturned"], mine["refused_first"], 0),
        standing=mine["refused_last"],
        lines=1,
    )
    return _listed(frame, ["category", "reason"], ["cents", "won_back", "standing", "lines"])


def _listed(frame: pd.DataFrame, by: list[str], sums: list[str]) -> pd.DataFrame:
    """Sums by some columns with the distinct claims of each, in plain words, largest first."""
    spread, out = groups(frame, by)
    for name in sums:
        out[name] = sum_by(spread, frame[name].to_numpy(), len(out))
    _, names = number(frame["number"].to_numpy() * max(1, len(out)) + spread)
    out["claims"] = np.bincount(names % max(1, len(out)), minlength=len(out))[: len(out)]
    category = out["category"].astype("str")
    out["label"] = category.map(taxonomy.plain)
    out["action"] = category.map(taxonomy.action)
    return out.sort_values("cents", ascending=False, kind="stable", ignore_index=True)


def by_payer(found: Counted, names: Sequence[str]) -> pd.DataFrame:
    """A row a payer: ``payer``, ``name``, ``claims`` decided, the measures, and ``enough``: whether
    MINIMUM claims stand behind them. Those with enough come first, then by ``claims``."""
    out = table(found, names, ["payer"])
    enough = (out["claims"] >= MINIMUM).astype(bool)
    name = out["payer"].astype("str").where(out["payer"].notna(), "(no payer)")
    out = out.assign(name=name, enough=enough)
    out = out[out["claims"] > 0]
    return out.sort_values(["enough", "claims"], ascending=False, kind="stable", ignore_index=True)


def by_month(found: Counted, name: str, month: str = SERVICE_MONTH) -> pd.DataFrame:
    """One measure by month: ``month`` (year * 12 + month - 1), ``value``, ``n`` (its claims)."""
    out = table(found, [name], [month])
    out = out.rename(columns={month: "month", name: "value", "claims": "n"})
    return out[out["month"] > 0].reset_index(drop=True)


def usual(lines: pd.DataFrame) -> pd.Series:
    """What each line's payer usually allows for its code: Int64 cents, by the row of ``lines``.

    The median allowed amount of priced lines of the same charted payer, procedure and modifier,
    of three such lines or more; NA where there are fewer, or where what was allowed is not known.
    """
    group, names = groups(lines, ["payer", "procedure", "modifier"])
    priced = lines["allowed"].notna() & lines["last"].isin([histories.PAID, histories.ASSIGNED])
    priced &= lines["procedure"].notna()
    seen = lines.loc[priced, "allowed"].astype("int64").groupby(group[priced.to_numpy()])
    median = seen.median()[seen.size() >= _USUAL].round()
    cents = median.reindex(range(len(names))).to_numpy()[group]
    return pd.Series(cents, index=lines.index).astype("Int64")


def standing(found: Counted, every: pd.DataFrame, as_of: np.datetime64) -> pd.DataFrame:
    """Lines that stand refused, newest decision first: what could still be won back.

    Args:
        found: from ``counted``, whole or narrowed.
        every: the lines before narrowing, by the same index, from which what is usual is learned.
        as_of: the day that age refers to, never the clock.

    Returns:
        The columns of the lines and ``days`` since the refusal (Int64, NA without a date), ``soon``
        (within APPEAL_DAYS) and ``expected`` (Int64 cents: what this payer usually allows for the
        code, NA where it is not known; at most the charge).
    """
    lines = found.lines
    mine = lines[lines["refused_last"] > 0]
    days = ((as_of - mine["last_day"]) / pd.Timedelta(days=1)).round().astype("Int64")
    cents = usual(every).reindex(mine.index)
    out = mine.assign(
        days=days,
        soon=(days <= APPEAL_DAYS).fillna(False).astype(bool),
        expected=cents.where(cents <= mine["refused_last"], mine["refused_last"]).where(
            cents.notna()
        ),
    )
    return out.sort_values(["days", "refused_last"], ascending=[True, False], ignore_index=True)


def work(left: pd.DataFrame) -> pd.DataFrame:
    """Refused lines to work on, by reason and payer: most dollars that may still be appealed first.

    Args:
        left: from ``standing``.

    Returns:
        ``category``, ``label``, ``action``, ``last_payer``, ``claims``, ``cents`` (stands refused),
        ``soon_cents`` (of it, decided within APPEAL_DAYS), ``expected`` (Int64, what the payer
        usually allows for these codes, over lines where that is known), ``known`` (cents of those
        lines).
    """
    frame = left.assign(
        category=left["last_category"],
        cents=left["refused_last"],
        soon_cents=np.where(left["soon"], left["refused_last"], 0),
        expected=left["expected"].fillna(0).astype("int64"),
        known=np.where(left["expected"].notna(), left["refused_last"], 0),
    )
    out = _listed(frame, ["category", "last_payer"], ["cents", "soon_cents", "expected", "known"])
    out["expected"] = out["expected"].astype("Int64").where(out["known"] > 0)
    return out.sort_values(["soon_cents", "cents"], ascending=False, ignore_index=True)
