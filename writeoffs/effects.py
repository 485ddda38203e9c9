"""What a person's judgements do to the dollars, and what there is left to judge.

Everything is a comparison of two ledgers, before and after, or a list of what nobody has named.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from writeoffs import metrics
from writeoffs import vocabulary as v
from writeoffs.book import sum_by
from writeoffs.claims import claims as claims_of
from writeoffs.judgements import (
    Judgements,
    apply,
    category_of,
    judged_kinds,
    matched_by,
    tally,
)
from writeoffs.keys import codes
from writeoffs.ledger import Ledger
from writeoffs.measures import MEASURES
from writeoffs.payer_names import gather

RATES: Final = ("write_off_rate", "net_collection_rate", "avoidable_rate")
DOLLARS: Final = ("written_off", "contractual", "avoidable", "patient_responsibility", "open")


class Effect(NamedTuple):
    """What judgements do to one ledger.

    ``write_offs``: ``label``, ``group``, ``rows`` (int64), ``cents`` (int64), ``category_before``,
    ``bucket_before``, ``category_after``, ``bucket_after`` ("" where it is no write-off any more),
    largest first. ``payers``: ``name``, ``charted``, ``rows``, ``billed`` (int64 cents on those
    rows). ``rates`` and ``dollars``: ``measure``, ``title``, ``before``, ``after`` (Float64
    fractions; Int64 cents; NA where it cannot be said). ``unused``: labels and names that do not
    occur in the ledger.
    """

    write_offs: pd.DataFrame
    payers: pd.DataFrame
    rates: pd.DataFrame
    dollars: pd.DataFrame
    unused: tuple[str, ...]


def effect(ledger: Ledger, judgements: Judgements) -> Effect:
    """What judgements would do to a ledger as read, in dollars and rates.

    Args:
        ledger: as read, without judgements.
        judgements: what a person decided.
    """
    write_offs = _write_offs(ledger, judgements)
    payers = _payers(ledger, judgements)
    labels = {matched_by(label) for label in write_offs["label"]}
    labels |= {
        matched_by(f"{group} {label}")
        for group, label in zip(write_offs["group"], write_offs["label"], strict=True)
    }
    names = {matched_by(name) for name in payers["name"]}
    unused = [x for x in judgements.write_offs.categories if matched_by(x) not in labels]
    unused += [x for x in judgements.aliases.names if matched_by(x) not in names]
    after = apply(ledger, judgements)
    return Effect(
        write_offs,
        payers,
        _compared(ledger, after, RATES),
        _compared(ledger, after, DOLLARS),
        tuple(unused),
    )


def _write_offs(ledger: Ledger, judgements: Judgements) -> pd.DataFrame:
    """One row for each reason that the map speaks of and each way it was counted before."""
    book = ledger.book
    turned = judged_kinds(book, judgements.write_offs)
    spoken = [
        code
        for code, kind in enumerate(book.kinds)
        if category_of(kind, judgements.write_offs) is not None
    ]
    group = np.full(len(book.kinds), -1, dtype=np.int64)
    group[spoken] = np.arange(len(spoken))
    rows, cents = tally(book, group, len(spoken))
    old, new = [book.kinds[i] for i in spoken], [turned[i] for i in spoken]
    out = pd.DataFrame(
        {
            "label": [k.reason for k in old],
            "group": [k.group for k in old],
            "rows": rows,
            "cents": cents,
            "category_before": [k.category for k in old],
            "bucket_before": [k.bucket for k in old],
            "category_after": [k.category for k in new],
            "bucket_after": [k.bucket for k in new],
        }
    )
    return out.sort_values("cents", ascending=False, kind="stable", ignore_index=True)


def _payers(ledger: Ledger, judgements: Judgements) -> pd.DataFrame:
    """One row for each payer name that is charted under another."""
    book = ledger.book
    payer = book.rows["payer"]
    at, size = codes(payer), len(payer.cat.categories)
    rows = np.bincount(at + 1, minlength=size + 1)[1:]
    cents = book.by_row(book.amount, book.where(v.CHARGE))
    billed = sum_by(at + 1, cents, size + 1)[1:]
    names = [str(name) for name in payer.cat.categories]
    out = pd.DataFrame(
        {
            "name": names,
            "charted": [judgements.aliases.charted(name) for name in names],
            "rows": rows,
            "billed": billed,
        }
    )
    out = out[(out["rows"] > 0) & (out["name"] != out["charted"])]
    return out.sort_values("billed", ascending=False, kind="stable", ignore_index=True)


def _compared(before: Ledger, after: Ledger, names: Collection[str]) -> pd.DataFrame:
    wanted = list(names)
    old, new = (metrics.grouped(ledger, wanted).iloc[0] for ledger in (before, after))
    unit = "Int64" if MEASURES[wanted[0]].denominator is None else "Float64"
    return pd.DataFrame(
        {
            "measure": wanted,
            "title": [MEASURES[name].title for name in wanted],
            "before": pd.array([old[name] for name in wanted], dtype=unit),
            "after": pd.array([new[name] for name in wanted], dtype=unit),
        }
    )


def unmapped(ledger: Ledger) -> pd.DataFrame:
    """Every reason for a write-off that nobody can name, largest first.

    Returns:
        ``label`` (as exported; "" where no reason was given), ``group`` (as stated, or ""),
        ``rows`` and ``cents`` (int64). Spellings that a write-off map takes for one are one.
    """
    book = ledger.book
    found: dict[tuple[str, str], int] = {}
    shown: list[tuple[str, str]] = []
    group = np.full(len(book.kinds), -1, dtype=np.int64)
    for code, kind in enumerate(book.kinds):
        if kind.entry != v.WRITE_OFF or kind.category != v.UNCLASSIFIED:
            continue
        key = (matched_by(kind.reason), kind.group)
        if key not in found:
            shown.append((kind.reason, kind.group))
        group[code] = found.setdefault(key, len(found))
    rows, cents = tally(book, group, len(found))
    out = pd.DataFrame(shown, columns=["label", "group"], dtype="str")
    out = out.assign(rows=rows, cents=cents)
    out = out[out["rows"] > 0]
    return out.sort_values("cents", ascending=False, kind="stable", ignore_index=True)


# --- payer names ----------------------------------------------------------------------------------


class PayerName(NamedTuple):
    """A payer name with what is charted under it: ``billed`` cents, and claims with a charge (None
    where the files name no claims). A payer that is only ever second has billed 0."""

    name: str
    billed: int
    claims: int | None


class Proposal(NamedTuple):
    """Names that look like one payer, the most billed first; ``into`` is that first name."""

    into: str
    names: tuple[PayerName, ...]


def propose_aliases(
    ledger: Ledger, refused: Collection[tuple[str, str]] = ()
) -> tuple[Proposal, ...]:
    """Groups of payer names that look like one payer, for a person to accept or refuse.

    Args:
        ledger: with the aliases that are accepted already applied, so that they are not proposed.
        refused: pairs that were refused (``PayerAliases.refused``).

    Returns:
        Proposals, those with the most dollars under their lesser names first. Nothing is applied.
    """
    names = _names(ledger)
    by_name = {name.name: name for name in names}
    groups = [
        Proposal(group[0], tuple(by_name[name] for name in group))
        for group in gather([name.name for name in names], refused)
    ]
    return tuple(sorted(groups, key=lambda p: -sum(name.billed for name in p.names[1:])))


def _names(ledger: Ledger) -> list[PayerName]:
    """Every payer name in the data, the most billed first."""
    payer = ledger.book.rows["payer"]
    present = payer.cat.categories[np.unique(codes(payer)[codes(payer) >= 0])]
    billed = metrics.grouped(ledger, ["billed"], ["payer"]).set_index("payer")["billed"]
    counted: dict[str, int] = {}
    if "claims" in ledger.says:
        claims = claims_of(ledger.settled)
        counted = claims.loc[claims["counts"], "payer"].astype("str").value_counts().to_dict()
    cents = {str(n): int(c) for n, c in billed.items() if pd.notna(n) and pd.notna(c)}
    out = [
        PayerName(n, cents.get(n, 0), counted.get(n, 0) if "claims" in ledger.says else None)
        for n in map(str, present)
    ]
    return sorted(out, key=lambda name: (-name.billed, name.name))
