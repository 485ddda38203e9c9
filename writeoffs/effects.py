"""What a person's judgements do to the dollars, and what there is left to judge.

Everything is a comparison of two ledgers, before and after, or a list of what nobody has named.
"""

from __future__ import annotations

from collections.abc import Collection
from types import MappingProxyType
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from writeoffs import metrics, palette, taxonomy
from writeoffs import vocabulary as v
from writeoffs.book import sum_by
from writeoffs.claims import claims as claims_of
from writeoffs.judgements import (
    Judgements,
    PayerAliases,
    WriteOffMap,
    apply,
    category_of,
    judged_kinds,
    matched_by,
    may_be_named,
    tally,
)
from writeoffs.keys import codes
from writeoffs.ledger import Ledger
from writeoffs.measures import END_OF_BUCKET, MEASURES
from writeoffs.payer_names import gather
from writeoffs.vocabulary import Kind

RATES: Final = ("write_off_rate", "net_collection_rate", "avoidable_rate")
DOLLARS: Final = (
    "written_off",
    "contractual",
    "avoidable",
    "bad_debt",
    "discretionary",
    "review",
    "set_aside",
    "patient_responsibility",
    "open",
)
_SHARE: Final = "The patient's share"
_MOVED: Final = "Moved, not given up"
# What taxonomy has no plain words for, because the program itself never shows it as a loss.
_WORDS: Final = MappingProxyType(
    {
        "informational": "For information only",
        "incentive": "Bonus or incentive of the payer",
        "institutional": "Hospital payment rules",
        "pharmacy": "Pharmacy payment rules",
        "payer_fee": "Fee kept by the payer",
        v.PATIENT_OTHER: "Other part of the patient",
        "transfer": "To the patient",
        taxonomy.PENDING: "Waiting for the payer",
        taxonomy.PRIOR_PAYER: "What an earlier payer did",
    }
)


class Effect(NamedTuple):
    """What judgements do to one ledger.

    ``write_offs``: ``label``, ``group``, ``rows`` (int64), ``cents`` (int64), ``category_before``,
    ``bucket_before``, ``category_after``, ``bucket_after`` ("" where it is no write-off any more),
    largest first. ``payers``: ``name``, ``charted`` and ``charted_before``, ``rows``, ``billed``
    (int64 cents on those rows). ``rates`` and ``dollars``: ``measure``, ``title``, ``before``,
    ``after`` (Float64 fractions; Int64 cents; NA where it cannot be said). ``unused``: labels and
    names that do not occur in the ledger.
    """

    write_offs: pd.DataFrame
    payers: pd.DataFrame
    rates: pd.DataFrame
    dollars: pd.DataFrame
    unused: tuple[str, ...]

    @property
    def moves_money(self) -> bool:
        """Whether any of the dollars or rates of the whole practice is another one afterwards."""
        return not all(t["before"].equals(t["after"]) for t in (self.rates, self.dollars))


def effect(ledger: Ledger, judgements: Judgements, since: Judgements | None = None) -> Effect:
    """What judgements would do to a ledger as read, in dollars and rates.

    Args:
        ledger: as read, without judgements.
        judgements: what a person decided.
        since: what "before" stands under; no judgements at all where None.
    """
    since = since or Judgements()
    write_offs = _write_offs(ledger, judgements.write_offs, since.write_offs)
    payers = _payers(ledger, judgements.aliases, since.aliases)
    labels = {matched_by(label) for label in write_offs["label"]}
    labels |= {
        matched_by(f"{group} {label}")
        for group, label in zip(write_offs["group"], write_offs["label"], strict=True)
    }
    names = {matched_by(name) for name in payers["name"]}
    unused = [x for x in judgements.write_offs.categories if matched_by(x) not in labels]
    unused += [x for x in judgements.aliases.names if matched_by(x) not in names]
    before, after = apply(ledger, since), apply(ledger, judgements)
    return Effect(
        write_offs,
        payers,
        _compared(before, after, RATES),
        _compared(before, after, DOLLARS),
        tuple(unused),
    )


def _write_offs(ledger: Ledger, now: WriteOffMap, since: WriteOffMap) -> pd.DataFrame:
    """One row for each reason that a map speaks of and each way it was counted before."""
    book = ledger.book
    before, after = judged_kinds(book, since), judged_kinds(book, now)
    spoken = [
        code
        for code, kind in enumerate(book.kinds)
        if category_of(kind, now) is not None or category_of(kind, since) is not None
    ]
    group = np.full(len(book.kinds), -1, dtype=np.int64)
    group[spoken] = np.arange(len(spoken))
    rows, cents = tally(book, group, len(spoken))
    old, new = [before[i] for i in spoken], [after[i] for i in spoken]
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


def _payers(ledger: Ledger, now: PayerAliases, since: PayerAliases) -> pd.DataFrame:
    """One row for each payer name that is, or was, charted under another."""
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
            "charted": [now.charted(name) for name in names],
            "charted_before": [since.charted(name) for name in names],
            "rows": rows,
            "billed": billed,
        }
    )
    renamed = (out["name"] != out["charted"]) | (out["name"] != out["charted_before"])
    out = out[(out["rows"] > 0) & renamed]
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


# --- reasons for write-offs -----------------------------------------------------------------------


def reasons(ledger: Ledger, write_offs: WriteOffMap | None = None) -> pd.DataFrame:
    """Every reason for a write-off that a person may name: the unnamed first, then by dollars.

    Args:
        ledger: as read, without judgements.
        write_offs: the map that it is counted under; none where None.

    Returns:
        ``reason`` (as exported; "" where none was given), ``group`` (as stated, or ""), ``rows``
        and ``cents`` (int64), ``category`` and ``bucket`` as counted under the map ("" where it is
        no write-off any more), ``own`` (whether the map speaks of it) and ``label``, which a map
        knows this reason by. Spellings that a map takes for one are one.
    """
    write_offs = write_offs or WriteOffMap()
    book = ledger.book
    found: dict[tuple[str, str, str, str], int] = {}
    shown: list[tuple[str, str, str, str, bool]] = []
    at = np.full(len(book.kinds), -1, dtype=np.int64)
    for code, (kind, new) in enumerate(
        zip(book.kinds, judged_kinds(book, write_offs), strict=True)
    ):
        if not may_be_named(kind):
            continue
        key = (matched_by(kind.reason), kind.group, new.category, new.bucket)
        if key not in found:
            own = category_of(kind, write_offs) is not None
            shown.append((kind.reason, kind.group, new.category, new.bucket, own))
        at[code] = found.setdefault(key, len(found))
    rows, cents = tally(book, at, len(found))
    out = pd.DataFrame(shown, columns=["reason", "group", "category", "bucket", "own"])
    out = out.astype({"reason": "str", "group": "str", "category": "str", "bucket": "str"})
    named = out["category"] != v.UNCLASSIFIED
    out = out.assign(rows=rows, cents=cents, label=_labels(out), named=named)
    out = out[out["rows"] > 0]
    out = out.sort_values(["named", "cents"], ascending=[True, False], kind="stable")
    return out.drop(columns="named").reset_index(drop=True)


def _labels(found: pd.DataFrame) -> list[str]:
    """What a map knows each reason by: with its group in front where one reason has several."""
    keys = found["reason"].map(matched_by)
    several = found["group"].groupby(keys).transform("nunique") > 1
    several |= found["reason"] == ""
    return [
        f"{group} {reason}".strip() if both else reason
        for reason, group, both in zip(found["reason"], found["group"], several, strict=True)
    ]


def unmapped(ledger: Ledger) -> pd.DataFrame:
    """Every reason for a write-off that nobody can name, largest first.

    Returns:
        ``label`` (as exported; "" where no reason was given), ``group`` (as stated, or ""),
        ``rows`` and ``cents`` (int64). Spellings that a write-off map takes for one are one.
    """
    found = reasons(ledger)
    left = found[found["category"] == v.UNCLASSIFIED].drop(columns="label")
    return left.rename(columns={"reason": "label"})[["label", "group", "rows", "cents"]]


def said(category: str, bucket: str) -> str:
    """What something counts as, in plain words: where its dollars end, and why."""
    if bucket:
        end = palette.ENDS[END_OF_BUCKET[bucket]].label
    else:
        end = _SHARE if category in v.SHARES else _MOVED
    words = _WORDS.get(category) or taxonomy.plain(category)
    return words if words == end else f"{end}: {words}"


def choices() -> dict[str, str]:
    """What a person may call an adjustment, in plain words -> category of ASSIGNABLE.

    They stand together by where the dollars end, as ``said`` has it: contract first, then losses.
    """
    kinds = [(category, taxonomy.assigned(category)) for category in taxonomy.ASSIGNABLE]
    ends = list(palette.ENDS)

    def place(kind: Kind) -> int:
        if kind.bucket:
            return ends.index(END_OF_BUCKET[kind.bucket])
        return len(ends) + (kind.category not in v.SHARES)

    ordered = sorted(kinds, key=lambda pair: place(pair[1]))
    return {said(kind.category, kind.bucket): category for category, kind in ordered}


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
