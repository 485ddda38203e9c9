"""What to do first: avoidable losses by claim, with what they are worth and until when to appeal.

Losses are ranked at expected allowed, never at billed prices: a $250 visit that the contract prices
at $110 brings $110 when its denial is won (domain 1.3). Within one payer and reason the claims that
can still be appealed come first.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from writeoffs import deadlines, taxonomy, wording
from writeoffs.book import sum_by
from writeoffs.deadlines import Deadlines
from writeoffs.keys import groups

PASSED: Final = "passed"
OPEN: Final = "open"
NO_DATE: Final = "date of denial unknown"
NO_DAYS: Final = "days not set below"


def tasks(losses: pd.DataFrame, days: Deadlines, as_of: np.datetime64) -> pd.DataFrame:
    """One row a claim and reason that is still lost.

    Args:
        losses: ``recoverable.rows``, whole or narrowed.
        days: how many days each payer gives to appeal.
        as_of: the day that deadlines are seen from, never the clock.

    Returns:
        ``number``, ``claim``, ``payer``, ``category``; ``label`` and ``action`` (plain words);
        ``gross`` (int64 cents, at billed prices), ``at_expected`` (Int64 cents, NA where nobody can
        say), ``day`` (of the latest write-off) and ``due`` (last day to appeal), datetime64 with
        NaT; ``state`` (OPEN, PASSED, NO_DATE or NO_DAYS). What can still be appealed, or may be,
        comes before what cannot; then most dollars at expected allowed first.
    """
    group, out = groups(losses, ["number", "claim", "payer", "category"])
    size = len(out)
    out["gross"] = sum_by(group, losses["gross"].to_numpy(), size)
    valued = np.bincount(group[losses["at_expected"].notna().to_numpy()], minlength=size) > 0
    cents = losses["at_expected"].fillna(0).to_numpy(dtype=np.int64)
    out["at_expected"] = pd.Series(sum_by(group, cents, size), dtype="Int64").where(valued)
    out["day"] = losses["day"].groupby(group).max().reindex(range(size)).to_numpy()
    out = out[out["gross"] > 0].reset_index(drop=True)
    day = out["day"].to_numpy().astype("datetime64[D]")
    due = deadlines.due(days, out["payer"].astype("category"), day)
    state = np.where(np.isnat(day), NO_DATE, np.where(np.isnat(due), NO_DAYS, OPEN))
    state = np.where(due < as_of, PASSED, state)
    out["due"] = due.astype("datetime64[s]")
    out["state"] = state
    category = out["category"].astype("str")
    out["label"] = category.map(taxonomy.plain)
    out["action"] = category.map(taxonomy.action)
    late = out["state"] == PASSED
    order = out.assign(late=late).sort_values(
        ["late", "at_expected", "gross"], ascending=[True, False, False], kind="stable"
    )
    return order.drop(columns="late").reset_index(drop=True)


def first(found: pd.DataFrame, most: int = 3) -> pd.DataFrame:
    """The payers and reasons to begin with, of the claims whose time to appeal has not passed.

    Returns:
        ``payer``, ``category``, ``label``, ``action``, ``claims`` (int64), ``gross`` (int64 cents)
        and ``at_expected`` (int64 cents, of what is valued); most at expected allowed first.
    """
    left = found[found["state"] != PASSED]
    group, out = groups(left, ["payer", "category", "label", "action"])
    out["gross"] = sum_by(group, left["gross"].to_numpy(), len(out))
    cents = left["at_expected"].fillna(0).to_numpy(dtype=np.int64)
    out["at_expected"] = sum_by(group, cents, len(out))
    out["claims"] = np.bincount(group, minlength=len(out))
    out = out.sort_values(["at_expected", "gross"], ascending=False, ignore_index=True)
    return out.head(most)


def behind(found: pd.DataFrame, task: pd.Series) -> tuple[str, pd.Series, pd.Series]:
    """The claims that one row of ``first`` counts.

    Returns:
        What they are in words, their ``number`` and int64 cents that add up to what ``title`` says:
        at expected allowed, or at billed prices where nothing of it is valued.
    """
    payer, wanted = found["payer"], task["payer"]
    same = payer.isna() if pd.isna(wanted) else payer.astype("str") == str(wanted)
    mine = found[same & (found["category"].astype("str") == str(task["category"]))]
    mine = mine[mine["state"] != PASSED]
    return (_what(task), *counted(mine))


def counted(mine: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """``number`` and int64 cents of rows of ``tasks``: at expected allowed, else billed prices."""
    worth = mine["at_expected"].fillna(0).astype("int64")
    return mine["number"], worth if worth.any() else mine["gross"]


# --- in words -------------------------------------------------------------------------------------


def answer(found: pd.DataFrame) -> str:
    """What is left to win back, in a sentence."""
    left = found[found["state"] != PASSED]
    if not len(left):
        if not len(found):
            return "No avoidable loss in this selection: nothing to win back."
        return "The time to appeal has passed for every avoidable loss in this selection."
    claims = wording.count(left["number"].nunique(), "claim")
    worth = int(left["at_expected"].sum())
    gross = wording.dollars(int(left["gross"].sum()))
    if left["at_expected"].isna().all():
        return f"{gross} at billed prices on {claims} was lost and may still be won back."
    return (
        f"Up to {wording.dollars(worth)} on {claims} may still be won back "
        f"({gross} at billed prices)."
    )


def title(task: pd.Series) -> str:
    """One thing to do, with its dollars."""
    claims = wording.count(int(task["claims"]), "claim")
    worth, gross = int(task["at_expected"]), wording.dollars(int(task["gross"]))
    dollars = f"{wording.dollars(worth)} could come in" if worth else f"{gross} at billed prices"
    return f"{_what(task)}: {dollars} on {claims}"


def _what(task: pd.Series) -> str:
    who = "No payer" if pd.isna(task["payer"]) else str(task["payer"])
    what = str(task["label"])
    return f"{who}, {what[0].lower() + what[1:]}"


def until(found: pd.DataFrame) -> pd.Series:
    """The last day to appeal as people read it, or why there is none."""
    day = found["due"].dt.strftime("%Y-%m-%d")
    said = found["state"].where(~found["state"].isin([OPEN, PASSED]), day)
    return said.where(found["state"] != PASSED, "passed " + day.fillna(""))
