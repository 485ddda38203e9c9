"""What is found on the patients' side, in plain words: fairness, collection, the growing share."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd

from writeoffs import cohorts, wording
from writeoffs.fairness import ADDS, BEYOND, CHECKS, CREDITS, LATE_DAYS, NO_SHARE, findings
from writeoffs.money import ratio

_TITLES: Final = MappingProxyType(
    {
        BEYOND: "Asked beyond the payer's share",
        NO_SHARE: "Asked where no share may be due",
        CREDITS: "Owed back to patients",
    }
)
_LOOKED: Final = MappingProxyType(
    {
        BEYOND: "transfers to the patient, stated patient balances and contractual "
        "write-offs taken back",
        NO_SHARE: "QMB patients (code 209, remarks N781 to N783, payer names) and "
        "preventive services",
        CREDITS: "what patients paid against their share",
    }
)
# What looks alike and is none of it, each in one sentence.
NO_FINDING: Final = (
    "Self-pay visits: no payer assigned a share, so none can be exceeded.",
    "Claims that no payer has decided: a copay at the visit is prepaid until then.",
    "Services that are not covered and that the payer leaves to the patient (PR-96, PR-204): keep "
    "the notice that the patient signed.",
    "Non-participating clinicians, unassigned claims: what Medicare paid to the patient, and the "
    "excess up to the limiting charge, are stated shares.",
    "Fees of the practice, such as for a returned check: they are no share.",
)


class Section(NamedTuple):
    """One of the three checks: ``cents`` (None where it cannot be said), ``said`` in a sentence,
    ``todo`` for each kind found, and the claims behind it with what each adds (cents)."""

    key: str
    title: str
    cents: int | None
    said: str
    todo: tuple[str, ...]
    numbers: np.ndarray
    each: np.ndarray

    @property
    def measures(self) -> tuple[str, ...]:
        """The measures whose dollars these are."""
        mine = {check.key for check in CHECKS if check.section == self.key}
        return tuple(name for name, keys in ADDS.items() if mine & set(keys))


def sections(table: pd.DataFrame, says: frozenset[str]) -> list[Section]:
    """The checks of fairness in three sections.

    Args:
        table: from ``fairness.claims``, or some of its rows.
        says: what the sources can say.
    """
    found = findings(table, says)
    return [_section(key, table, found[found["section"] == key]) for key in _TITLES]


def _section(key: str, table: pd.DataFrame, found: pd.DataFrame) -> Section:
    known = found[found["cents"].notna()]
    nothing = np.zeros(0, dtype=np.int64)
    if known.empty:
        why = f"Cannot be said: {found['why'].iloc[0]}."
        return Section(key, _TITLES[key], None, why, (), nothing, nothing)
    each = table[list(known["check"])].sum(axis=1).to_numpy()
    rows = np.flatnonzero(each > 0)
    looked = int(known["looked_at"].max())
    cents = int(each.sum())
    if cents:
        said = f"{wording.count(len(rows), 'claim')} of {looked:,} looked at."
        if key == CREDITS:
            said += _late(table)
    else:
        said = f"Nothing found. Looked at {_LOOKED[key]} on {wording.count(looked, 'claim')}."
    hits = known[known["cents"] > 0]
    todo = [
        f"{r.title}: {wording.dollars(int(r.cents))} on {wording.count(int(r.claims), 'claim')}. "
        f"{r.todo}"
        for r in hits.itertuples()
    ]
    lacking = found[found["cents"].isna()]
    todo += [f"{r.title}: cannot be said, {r.why}." for r in lacking.itertuples()]
    numbers = table["number"].to_numpy()[rows]
    return Section(key, _TITLES[key], cents, said, tuple(todo), numbers, each[rows])


def _late(table: pd.DataFrame) -> str:
    """How much of the credits has waited for longer than LATE_DAYS."""
    owed = table[table["credit"] > 0]
    if owed["days"].isna().all():
        return " The files do not say since when."
    late = owed[(owed["days"] > LATE_DAYS).fillna(False)]
    if late.empty:
        return f" None is older than {LATE_DAYS} days."
    cents = wording.dollars(int(late["credit"].sum()))
    return f" {cents} has waited for more than {LATE_DAYS} days."


def fair_title(found: list[Section]) -> str:
    """The answer of all checks in one sentence."""
    said = [s for s in found if s.cents is not None]
    if not said:
        return "Whether patients were asked for the right amounts cannot be said from these files."
    hits = [f"{wording.dollars(s.cents)} {_SHORT[s.key]}" for s in said if s.cents]
    if not hits:
        return "Nothing found that patients should not have been asked for."
    listed = hits[0] if len(hits) == 1 else ", ".join(hits[:-1]) + " and " + hits[-1]
    return f"To look at: {listed}."


_SHORT: Final = MappingProxyType(
    {
        BEYOND: "asked beyond the payers' shares",
        NO_SHARE: "asked where no share may be due",
        CREDITS: "owed back to patients",
    }
)


# --- collection -----------------------------------------------------------------------------------


def collection_title(row: pd.Series) -> str:
    """How much of what patients were asked for came in, from one row of ``cohorts.rates``."""
    said = [(k, row[f"rate_{k}"]) for k in cohorts.HORIZONS if not pd.isna(row[f"rate_{k}"])]
    if not said:
        have = 0 if pd.isna(row["months"]) else int(row["months"])
        return f"Too young to say how much patients pay: {have} of 1 month followed"
    parts = [
        f"{wording.percent(rate, 0)} within {wording.count(k, 'month')}"
        for k, rate in ((said[0], said[-1]) if len(said) > 1 else said)
    ]
    return f"Of what patients are asked for, they pay {' and '.join(parts)}"


def band_title(found: pd.DataFrame) -> str:
    """Of which size of share least is collected, from ``cohorts.bands``.

    Only of the practice's own sizes: whoever was measured in the published figures was commercially
    insured, so that no distance to them is a finding.
    """
    known = found[found["claims_12"] >= _ENOUGH]
    if len(known) < 2:
        return "Collected in 12 months, by the size of a claim's share"
    least = known.loc[known["rate_12"].idxmin()]
    rate = wording.percent(least["rate_12"], 0)
    return f"Least is collected of shares of {_lowered(str(least['band']))}: {rate} in 12 months"


_ENOUGH: Final = 30  # claims: fewer say too little to be set beside anything


def _lowered(name: str) -> str:
    return name[0].lower() + name[1:]


# --- the share ------------------------------------------------------------------------------------


def share_title(months: pd.DataFrame) -> str:
    """Whether payers leave more to patients than before: the last three months that are old enough
    beside the first three, as ratios of sums.

    Args:
        months: ``month``, ``patient_responsibility`` and ``billed`` (Int64 cents), ``young``.
    """
    known = months["patient_responsibility"].notna() & (months["billed"] > 0).fillna(False)
    seen = months[~months["young"] & known]
    if len(seen) < 6:
        return "What patients carry"
    first, last = (_share(part) for part in (seen.iloc[:3], seen.iloc[-3:]))
    moved = last - first
    if abs(moved) < 0.005:
        return f"What patients carry is steady near {wording.percent(last)} of billed"
    way = "grows" if moved > 0 else "shrinks"
    return f"What patients carry {way}: {wording.points(moved)} from the first to the last 3 months"


def _share(months: pd.DataFrame) -> float:
    top: Any = months["patient_responsibility"].sum()
    return ratio(int(top), int(months["billed"].sum())) or 0.0
