"""A comparison of two exports in plain words: the sentence, its small tables, and what to doubt.

A change is counted by its size, so that money that went up and money that came down do not hide
each other. What moves no balance (a share assigned to a patient, a transfer) is in the tables and
in no sum: the same dollars would be counted again when they are paid.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from writeoffs import vocabulary as v
from writeoffs import wording
from writeoffs.compare import Comparison

_MOSTLY: Final = 0.5


class Why(NamedTuple):
    """One way in which a figure changed: of ``causes`` and ``entries`` (none: any); ``title`` in
    tables, ``said`` after dollars, ``means`` as advice."""

    cause: str
    entries: tuple[str, ...]
    title: str
    said: str
    means: str


# The first that fits a cause and an entry.
_WHYS: Final = (
    Why(
        "new", (), "Not there before", "on claims that were not there", "Billed late, or left out."
    ),
    Why(
        "gone",
        (),
        "No longer there",
        "no longer in the files",
        "Nothing undoes it, it is just missing. Ask who removed it.",
    ),
    Why("void", (), "Charge undone", "in charges undone", "Voided, or billed again."),
    Why("reversed", (), "Taken back", "taken back", "A later row undoes an earlier one."),
    Why(
        "changed",
        (),
        "Row updated",
        "updated on the same rows",
        "The same row now says another amount. A file with one row a visit is updated in place: it "
        "may be money that came in since. Where an amount stood before, ask who changed it.",
    ),
    Why(
        "late_posting",
        v.PAYMENTS,
        "Paid later",
        "paid later",
        "Came in after the older export was made.",
    ),
    Why(
        "late_posting",
        (v.WRITE_OFF,),
        "Written off later",
        "written off later",
        "Given up after the older export was made.",
    ),
    Why(
        "late_posting",
        (v.CHARGE,),
        "Billed later",
        "billed later",
        "Visits of closed months, entered since.",
    ),
    Why("late_posting", (), "Posted later", "posted later", "Entered since."),
    Why(
        "back_dated",
        (),
        "Added under an old date",
        "added under an old date",
        "Entered since, with a date before. Ask why.",
    ),
)
_ENTRIES: Final = (
    (v.CHARGE, "Billed"),
    (v.INSURER_PAYMENT, "Paid by insurers"),
    (v.PATIENT_PAYMENT, "Paid by patients"),
    (v.PAYMENT, "Paid"),
    (v.WRITE_OFF, "Written off"),
    (v.PATIENT_SHARE, "Assigned to patients (memo)"),
    (v.TRANSFER, "Moved or pending (memo)"),
    (v.PROVIDER_ADJUSTMENT, "Cash outside the claims"),
)
_NET: Final = (
    (v.PAYMENTS, "paid"),
    ((v.WRITE_OFF,), "written off"),
    ((v.CHARGE,), "billed"),
    ((v.PATIENT_SHARE,), "assigned to patients"),
)


def why(cause: str, entry: str) -> Why:
    """A cause of ``compare.CAUSES``, on an entry, in words."""
    return next(one for one in _WHYS if one.cause == cause and entry in (one.entries or (entry,)))


def entry(key: str) -> str:
    """An entry of the journal in words."""
    return dict(_ENTRIES)[key]


# --- sentences ------------------------------------------------------------------------------------


def sentence(found: Comparison) -> str:
    """How many dollars of closed months changed, on how many claims, and how; parts add up."""
    if not len(found.entries):
        return "The older export holds no month that was closed, so nothing can have changed."
    bars = by_why(found)
    if not len(bars):
        return _nothing(found)
    said = zip(bars["cents"], bars["said"], strict=True)
    parts = [f"{wording.dollars(int(cents), True)} {words}" for cents, words in said]
    total = wording.dollars(int(bars["cents"].sum()), True)
    claims = f" on {wording.count(found.moved, 'claim')}" if found.moved else ""
    return f"Closed months changed by {total}{claims}: {_listed(parts)}."


def net(found: Comparison) -> str:
    """What that comes to, up against down: "$25,620 more paid"; "" where it comes to nothing."""
    sums = found.entries.set_index("entry")["change"]
    parts = []
    for entries, said in _NET:
        cents = int(sums.reindex(list(entries), fill_value=0).sum())
        if cents:
            more = "more" if cents > 0 else "less"
            parts.append(f"{wording.dollars(max(cents, -cents), True)} {more} {said}")
    return f"Taken together: {_listed(parts)} than those months showed." if parts else ""


def title(found: Comparison) -> str:
    """The finding of the figure: what most of it is."""
    bars = by_why(found)
    if not len(bars):
        return "Nothing changed"
    first = bars.iloc[0]
    much = "All" if len(bars) == 1 else "Most" if first["share"] > _MOSTLY else "The largest part"
    return f"{much} of it: {first['said']}"


def closed(found: Comparison) -> str:
    """Which months are compared, and as of when."""
    if found.open_from is None:
        return "The older export knows no date, so every month is compared."
    until = wording.month(found.open_from - 1)
    return (
        f"Closed: months up to {until}, as the older export stood on {found.old_as_of}. "
        f"Now: as of {found.new_as_of or 'no known date'}. Months after {until} were still being "
        "posted and are left out."
    )


def doubts(found: Comparison) -> list[str]:
    """What could not be compared, and what makes the two look like no pair; empty where nothing."""
    out = []
    if found.not_compared:
        named = _listed([entry(one).removesuffix(" (memo)").lower() for one in found.not_compared])
        out.append(f"Only one of the two exports can say this, so it is not compared: {named}.")
    older, newer = found.old_as_of, found.new_as_of
    if older is not None and newer is not None and older > newer:
        out.append(
            f"The older export reaches to {older}, the newer one only to {newer}. "
            "Are they the other way round?"
        )
    held = found.entries.loc[_balances(found.entries), "old"].sum()
    changes = found.changes[_balances(found.changes) & (found.changes["cause"] == "gone")]
    gone = (changes["old"] - changes["new"]).sum()
    if held > 0 and gone > _MOSTLY * held:
        out.append(
            "Most of the older export is not in the newer one. Are both of one practice? A newer "
            "export that holds only its own month takes nothing back: on the Data page, add it "
            "to what is shown instead of replacing it."
        )
    return out


def _nothing(found: Comparison) -> str:
    words = "No charge, payment or write-off of a closed month changed."
    if found.claims[""] and len(found.changes):
        words += f" What is assigned or moved did, on {wording.count(found.claims[''], 'claim')}."
    return words


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]


# --- tables ---------------------------------------------------------------------------------------


def by_why(found: Comparison) -> pd.DataFrame:
    """Changes that move a balance, by why: ``label``, ``said`` (after dollars), ``means``,
    ``cents`` (by size) and ``share`` of all; the largest first, no row for what is not there."""
    moving = found.changes[_balances(found.changes)]
    change = moving["new"] - moving["old"]
    moving = moving.assign(size=change.where(change > 0, -change))
    sums: dict[Why, int] = {}
    for (cause, name), cents in moving.groupby(["cause", "entry"])["size"].sum().items():
        reason = why(str(cause), str(name))
        sums[reason] = sums.get(reason, 0) + int(cents)
    order = sorted(sums, key=lambda reason: -sums[reason])
    out = pd.DataFrame(
        [(reason.title, reason.said, reason.means, sums[reason]) for reason in order],
        columns=["label", "said", "means", "cents"],
    )
    return out.assign(share=out["cents"] / max(1, sum(sums.values())))


def by_entry_and_why(found: Comparison) -> pd.DataFrame:
    """What the closed months come to, step by step: ``what``, ``why``, ``rows`` (how many changes),
    ``old``, ``new``, ``change`` in cents. Each row of an entry goes on from the one before, from
    what the older export came to on to what stands now; an entry that did not change has one row.
    """
    changes = found.changes.assign(change=found.changes["new"] - found.changes["old"])
    sums = changes.groupby(["entry", "cause"])["change"].agg(["size", "sum"])
    out: list[tuple[str, str, int, int, int, int]] = []
    for name, old, new in found.entries[["entry", "old", "new"]].itertuples(index=False):
        mine = sums.loc[[name]] if name in sums.index.get_level_values(0) else sums.iloc[:0]
        mine = mine.sort_values("sum", key=np.abs, ascending=False, kind="stable")
        at = int(old)
        for (_, cause), rows, cents in mine.itertuples():
            out.append((entry(name), why(cause, name).title, rows, at, at + cents, cents))
            at += cents
        if not len(mine):
            out.append((entry(name), "No change", 0, int(old), int(new), 0))
    return pd.DataFrame(out, columns=["what", "why", "rows", "old", "new", "change"])


def listed(found: Comparison) -> pd.DataFrame:
    """Every change: ``claim``, ``when`` (its service month in words), ``what``, ``old``, ``new``,
    ``change`` (cents), ``why``; the largest first."""
    changes = found.changes
    pairs = changes[["cause", "entry"]].drop_duplicates().itertuples(index=False)
    titles = {f"{cause} {name}": why(cause, name).title for cause, name in pairs}
    months = {m: wording.month(None if m < 0 else m) for m in changes["month"].unique()}
    out = changes[["claim"]].assign(
        when=changes["month"].map(months),
        what=changes["entry"].map(dict(_ENTRIES)),
        old=changes["old"],
        new=changes["new"],
        change=changes["new"] - changes["old"],
        why=(changes["cause"] + " " + changes["entry"]).map(titles),
    )
    return out.reset_index(drop=True)


def _balances(frame: pd.DataFrame) -> pd.Series:
    """Rows whose entry changes what is left on a claim."""
    return frame["entry"].isin([name for name, effect in v.EFFECT.items() if effect])


# --- days -----------------------------------------------------------------------------------------


def month_end(day: date, back: int) -> date:
    """The last day of the month that lies ``back`` months before a day's own."""
    month = day.year * 12 + day.month - back  # the month after it, counted from zero
    return date(month // 12, month % 12 + 1, 1) - timedelta(days=1)
