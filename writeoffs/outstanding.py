"""What the receivables page says: its sentences, the titles of its charts, its tables."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from writeoffs import overpaid, owed, wording
from writeoffs.ar_days import days_in_ar
from writeoffs.book import sum_by
from writeoffs.keys import groups
from writeoffs.money import Cents
from writeoffs.receivables import (
    BASES,
    BUCKETS,
    Receivables,
    aging,
    balances,
    bucket_of,
    old_shares,
    owing,
)

OLD: Final = BUCKETS[3:5]  # over 90 days
PARTY: Final = MappingProxyType({"insurer": "insurers", "patient": "patients"})
_WHO: Final = MappingProxyType(
    {"insurer": "Insurer", "patient": "Patient", "unknown": "Not stated"}
)
_STEADY: Final = 0.03  # a smaller move of the days is none


def day(value: object) -> str:
    """A date as people write it: "Nov 13, 2026"."""
    found = pd.Timestamp(str(value))
    return f"{wording.MONTHS[found.month - 1]} {found.day}, {found.year}"


def answer(found: Receivables, days: float | None, old: float | None) -> str:
    """What is out there, in a sentence or two."""
    if "open" not in found.says or found.as_of is None:
        return "The files do not say what is still owed."
    table = balances(found, "party")
    by_party = {str(p): int(c) for p, c in zip(table["party"], table["owed"], strict=True) if c}
    whole = sum(by_party.values())
    if not whole:
        return f"As of {day(found.as_of)} nothing is owed in this selection."
    who = ""
    if len(by_party) == 1 and "unknown" not in by_party:
        who = f", all by {PARTY[next(iter(by_party))]}"
    elif "unknown" not in by_party:
        parts = [f"{wording.dollars(c)} by {PARTY[p]}" for p, c in by_party.items()]
        who = f": {' and '.join(parts)}"
    said = f"As of {day(found.as_of)}, {wording.dollars(whole)} is still owed{who}."
    more = []
    if days is not None:
        more.append(f"that is {wording.days(days)} of charges")
    if old is not None:
        more.append(f"{wording.percent(old)} of it is older than 90 days")
    tail = "; ".join(more)
    return f"{said} {tail[:1].upper()}{tail[1:]}." if tail else said


class Behind(NamedTuple):
    """Claims behind a figure: places in ``claims.claims`` and what each adds, in cents."""

    numbers: np.ndarray
    cents: Cents

    @property
    def total(self) -> int:
        """The figure, in cents; money on no claim is in it."""
        return int(self.cents.sum())

    @property
    def claims(self) -> int:
        """How many claims."""
        return len(np.unique(self.numbers[self.numbers >= 0]))


def behind(
    found: Receivables,
    basis: str = "service",
    buckets: Sequence[str] = (),
    *,
    payer: str | None = None,
    party: str | None = None,
    state: str = owed.OWED,
) -> Behind:
    """The claims of one cell of the aging, or of all of it.

    Args:
        buckets: words of BUCKETS; empty for any age.
        payer: a payer's name ("" for none); None for all.
        party, state: one of owed.PARTIES (None for all), one of owed.STATES.
    """
    table = found.positions
    keep = (table["state"] == state).to_numpy(copy=True)
    if buckets:
        wanted = [BUCKETS.index(bucket) for bucket in buckets]
        keep &= np.isin(bucket_of(table[f"age_{basis}"]), wanted)
    if payer is not None:
        names = table["payer"].astype("str").where(table["payer"].notna(), "")
        keep &= (names == payer).to_numpy()
    if party is not None:
        keep &= (table["party"] == party).to_numpy()
    return Behind(table["number"].to_numpy()[keep], table["cents"].to_numpy()[keep])


class First(NamedTuple):
    """Where to look first: whose old balances are the largest, in words, and who they are."""

    words: str
    payer: str
    party: str


def look_first(found: Receivables, basis: str) -> First | None:
    """The largest old balance of one payer and party; None where nothing is old."""
    table = aging(found, ["payer", "party"], basis)
    old = table[table["bucket"].isin(OLD)]
    group, names = groups(old, ["payer", "party"])
    if not len(old):
        return None
    sums = sum_by(group, old["cents"].to_numpy(), len(names))
    most = int(sums.argmax())
    if sums[most] <= 0:
        return None
    payer, party = names["payer"].iloc[most], str(names["party"].iloc[most])
    name = "" if pd.isna(payer) else str(payer)
    mine = behind(found, basis, OLD, payer=name, party=party)
    who = name or "claims without a payer"
    what = "what patients owe on claims of " if party == "patient" and name else ""
    do = (
        "send statements or agree on a plan before they go to bad debt"
        if party == "patient"
        else "ask for their status and watch the filing and appeal deadlines"
    )
    if party == "patient" and _is_own(who):
        what = ""
    words = (
        f"Look first at {what}{who}: {wording.dollars(mine.total)} older than 90 days on "
        f"{wording.count(mine.claims, 'claim')}; {do}."
    )
    return First(words, name, party)


def _is_own(name: str) -> bool:
    return name.lower().replace("-", " ").startswith(("self pay", "patient"))


# --- tables ---------------------------------------------------------------------------------------


def by_bucket(found: Receivables, basis: str) -> pd.DataFrame:
    """The aging as a table: a row a bucket with money (and the empty ones between).

    Returns:
        ``bucket``, ``insurer``, ``patient``, ``unknown``, ``cents`` (int64), ``share`` (Float64),
        ``claims`` (int64).
    """
    whole = aging(found, None, basis).set_index("bucket")
    parties = aging(found, ["party"], basis)
    out = pd.DataFrame({"bucket": list(BUCKETS)})
    for party in owed.PARTIES:
        mine = parties[parties["party"] == party].set_index("bucket")["cents"]
        out[party] = mine.reindex(BUCKETS, fill_value=0).to_numpy(dtype=np.int64)
    for name in ("cents", "claims"):
        out[name] = whole[name].reindex(BUCKETS, fill_value=0).to_numpy(dtype=np.int64)
    out["share"] = whole["share"].reindex(BUCKETS).to_numpy()
    dated = out["bucket"] != BUCKETS[-1]
    return out[dated | (out["cents"] != 0)].reset_index(drop=True)


def by_payer(found: Receivables, basis: str) -> pd.DataFrame:
    """A row a payer: what it (and its patients) owe by age, the old share, days in A/R.

    Returns:
        ``payer`` (its name, "" for none), ``insurer``, ``patient``, ``unknown``, one column a word
        of BUCKETS, ``cents`` (int64); ``over_90_share`` (Float64 fraction), ``days`` (Float64, NA
        where it cannot be said); largest first.
    """
    table = owing(found)
    group, names = groups(table, ["payer"])
    if not len(table):
        names = names.iloc[:0]
    size, cents = len(names), table["cents"].to_numpy()
    bucket = bucket_of(table[f"age_{basis}"])
    out = names.copy()
    for party in owed.PARTIES:
        mine = (table["party"] == party).to_numpy()
        out[party] = sum_by(group[mine], cents[mine], size)
    for place, name in enumerate(BUCKETS):
        out[name] = sum_by(group[bucket == place], cents[bucket == place], size)
    out["cents"] = sum_by(group, cents, size)
    old = old_shares(found, "payer", basis)[["payer", "over_90_share"]]
    days = days_in_ar(found, "payer")[["payer", "value"]].rename(columns={"value": "days"})
    for beside in (old, days):
        out = out.merge(beside, on="payer", how="left")
    out["payer"] = out["payer"].astype("str").where(out["payer"].notna(), "")
    return out.sort_values("cents", ascending=False, ignore_index=True)


def long_by_bucket(found: Receivables, basis: str) -> pd.DataFrame:
    """``bucket``, ``party``, ``cents`` of every bucket, for the chart."""
    table = by_bucket(found, basis)
    parts = [
        table[["bucket"]].assign(party=party, cents=table[party])
        for party in owed.PARTIES
        if table[party].any()
    ]
    if not parts:
        return pd.DataFrame({"bucket": [], "party": [], "cents": []})
    out = pd.concat(parts, ignore_index=True)
    order = out["bucket"].map(BUCKETS.index)
    return out.iloc[order.argsort(kind="stable")].reset_index(drop=True)


def credits_table(credits: pd.DataFrame) -> pd.DataFrame:
    """Credit balances as they are listed: who is owed, since when, and whether the 60 days of the
    Medicare rule have passed since the balance fell below zero."""
    listed = credits[credits["state"] == owed.CREDIT].reset_index(drop=True)
    late = listed["medicare"] & (listed["days"] > overpaid.RETURN_DAYS).fillna(False)
    return listed.assign(
        who=listed["party"].astype("str").map(_WHO),
        day=listed["since"].dt.strftime("%Y-%m-%d"),
        rule=np.where(late, "older than 60 days", np.where(listed["medicare"], "60 days", "")),
    )


def credits_sentence(listed: pd.DataFrame) -> str:
    """What has to be done about the credits of ``credits_table``."""
    if not len(listed):
        return "No claim is in credit: nothing is owed back."
    cents = -int(listed["cents"].sum())
    claims = wording.count(listed["number"].nunique(), "claim")
    late = int((listed["rule"] == "older than 60 days").sum())
    said = f"{wording.dollars(cents)} on {claims} was paid too much. Refund it, or apply it."
    if late:
        said += f" {wording.count(late, 'Medicare credit')} stood for more than 60 days."
    old = listed["days"].max()
    return said if pd.isna(old) else f"{said} The oldest has stood for {wording.days(int(old), 0)}."


_RETURNED: Final = MappingProxyType(
    {
        "insurer": "Refunded to or taken back by insurers",
        "patient": "Refunded to patients, bounced checks",
        "unnamed": "Refunded, to whom not stated",
        "recovery": "Kept back by payers in their checks (not in payments)",
    }
)


def returned(refunds: pd.DataFrame) -> pd.DataFrame:
    """Refunds and takebacks by who got them: ``how``, ``label``, ``cents``, ``postings``."""
    out = refunds.groupby("how", observed=True)["cents"].agg(cents="sum", postings="size")
    out = out.reset_index()
    return out.assign(label=out["how"].astype("str").map(_RETURNED))


# --- titles ---------------------------------------------------------------------------------------


def aging_title(found: Receivables, basis: str) -> str:
    """The finding of the aging chart."""
    old = old_shares(found, None, basis).iloc[0]
    if not old["over_90"] or pd.isna(old["over_90_share"]):
        return "Nothing is older than 90 days" if old["cents"] else "Nothing is owed"
    share = wording.percent(float(old["over_90_share"]))
    return f"{wording.dollars(int(old['over_90']))} is older than 90 days, {share} of what is owed"


def basis_words(basis: str) -> str:
    """What ages count from, as a subtitle."""
    return f"What is owed by age, {BASES[basis]}"


def days_title(trend: pd.DataFrame) -> str:
    """How days in A/R moved over a year of whole months; the measure's name with too little."""
    over = [is_last_day(int(found)) for found in trend["day"]]
    known = trend[trend["days_in_ar"].notna() & np.array(over, dtype=bool)]
    if len(known) < 2:
        return "Days in A/R"
    last = known.iloc[-1]
    before = known[known["month"] == last["month"] - 12]
    when = wording.month(int(last["month"]))
    said = f"Days in A/R: {wording.days(float(last['days_in_ar']))} at the end of {when}"
    if before.empty:
        return said
    old = float(before["days_in_ar"].iloc[0])
    change = float(last["days_in_ar"]) - old
    if abs(change) < _STEADY * old:
        return f"{said}, as a year before"
    way = "up" if change > 0 else "down"
    return f"{said}, {way} from {wording.days(old)} a year before"


def is_last_day(day_number: int) -> bool:
    """Whether a day (since 1970) ends its month."""
    day = np.datetime64(day_number, "D")
    return bool((day + 1).astype("datetime64[M]") != day.astype("datetime64[M]"))


def roll_sentence(tied: bool, open_cents: int, as_of: object) -> str:
    """The check of the roll-forward, in words."""
    if tied:
        return (
            "It ties: each month begins where the one before ended, and the last end, "
            f"{wording.exact(open_cents)}, is all that is open as of {day(as_of)}, credits taken "
            "off."
        )
    return "It does not tie to what is open: please report this as a mistake of the program."


def lag_sentence(charge: pd.DataFrame, payment: pd.DataFrame) -> str:
    """Both lags in words, with how many lines still wait."""
    said = []
    for name, table in (("enter a charge", charge), ("see a payer's first payment", payment)):
        row = table.iloc[0] if len(table) else None
        if row is None or not row["n"]:
            why = "no lines here" if row is None else row["why"]
            said.append(f"How long it takes to {name} cannot be said: {why}.")
            continue
        said.append(
            f"It takes {wording.days(float(row['median']), 0)} to {name}, and up to "
            f"{wording.days(float(row['p90']), 0)} for nine in ten "
            f"({wording.count(int(row['n']), 'line')})."
        )
    if len(payment) and payment["not_paid_yet"].iloc[0]:
        waits = wording.count(int(payment["not_paid_yet"].iloc[0]), "line")
        said.append(f"{waits} not decided by any payer yet: they are in no payment lag.")
    return " ".join(said)
