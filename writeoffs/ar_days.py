"""Days in A/R: how many days of charges, or of revenue, are still out there as of a date."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from writeoffs import owed
from writeoffs import vocabulary as v
from writeoffs.book import sum_by
from writeoffs.keys import codes, groups
from writeoffs.ledger import Ledger
from writeoffs.measures import Measure
from writeoffs.money import Cents, ratio
from writeoffs.problems import BadRequest
from writeoffs.receivables import Receivables, keys_of, of, owing

METHODS: Final = ("gross", "adjusted", "net")
_BY: Final = v.CUBE_DIMENSIONS
_AAFP: Final = "AAFP: (total receivables - credit balance) / (gross charges / 365)"
_HFMA: Final = "HFMA MAP Keys"

DECLARED: Final = (
    Measure("days_in_ar", "Days in A/R", "receivables / (gross charges of the last 90 days / 90)",
            "days", needs=("open", "billed"), good="down", rows="claims",
            meaning="How many days of charges are still out there. Write-offs lower it too.",
            source=_AAFP, top="receivables, credits not taken off",
            bottom="gross charges entered in the last 90 days, a day"),
    Measure("days_in_ar_365", "Days in A/R, over a year", "receivables / (gross charges of the last"
            " 365 days / 365)", "days", needs=("open", "billed"), good="down", rows="claims",
            meaning="The same over a year: steadier, slower to move.", source=_AAFP,
            top="receivables, credits not taken off",
            bottom="gross charges entered in the last 365 days, a day"),
    Measure("days_in_ar_adjusted", "Days in A/R, adjusted", "receivables / ((gross charges -"
            " contract or law - set aside, of the last 365 days) / 365)", "days",
            needs=("open", "billed", "written_off"), needs_kinds=True, good="down", rows="claims",
            meaning="Against what the contracts allow instead of the price list.",
            source="MGMA: A/R / (adjusted fee-for-service charges / 365)",
            top="receivables, credits not taken off",
            bottom="charges less contractual write-offs posted in the last 365 days, a day"),
    Measure("days_in_ar_net", "Net days in A/R", "(receivables + credits - expected contractual"
            " part of what no payer has decided) / net revenue a day, latest three whole months",
            "days", needs=("open", "billed", "written_off"), needs_kinds=True, good="down",
            rows="claims", meaning="Hospital practice: both sides at what should come in. The"
            " expected contractual part is the payer's own share of the last 365 days.",
            source=f"{_HFMA}: net A/R / average daily net patient service revenue",
            top="receivables net of credits and of the contractual part still to come",
            bottom="charges less contract, bad debt and discounts, a day of three months"),
)  # fmt: skip

# Each measure's method and the days of its window.
_FORMS: Final = (("gross", 90), ("gross", 365), ("adjusted", 365), ("net", None))


class Window(NamedTuple):
    """Days ``first`` to ``last`` (since 1970), both included; ``why`` it cannot be used, or ""."""

    first: int
    last: int
    why: str = ""

    @property
    def days(self) -> int:
        """How many days it really has."""
        return self.last - self.first + 1


def window(found: Receivables, method: str = "gross", days: int = 90) -> Window:
    """The days whose charges are set against what is owed.

    Gross and adjusted: the ``days`` that end with the as-of date. Net: the latest three whole
    calendar months (89 to 92 days). The data must reach back to the month of its first day.
    """
    if found.today is None:
        return Window(0, -1, "the files hold no dates")
    first, last = found.today - days + 1, found.today
    if method == "net":
        end = np.datetime64(found.today + 1, "D").astype("datetime64[M]")
        last = int(end.astype("datetime64[D]").astype(np.int64)) - 1
        first = int((end - 3).astype("datetime64[D]").astype(np.int64))
    why = ""
    if found.begins is None:
        why = "the files hold no charges"
    elif first < found.begins:
        have, need = found.today - found.begins + 1, found.today - first + 1
        why = f"not enough history: {have:,} of {need:,} days"
    elif method != "gross" and not found.dated:
        why = "write-offs carry no posting date"
    return Window(first, last, why)


def days_in_ar(
    source: Ledger | Receivables,
    by: str | Sequence[str] | None = None,
    method: str = "gross",
    days: int | None = None,
) -> pd.DataFrame:
    """How many days of work are still owed, as of the ledger's date.

    Args:
        source: a ledger, or its receivables under filters.
        by: payer, practice, provider, location; None for all together.
        method: "gross", (A/R - credit balance) / (gross charges / days): the AAFP form, whose
            credit balance is a negative number, so that subtracting it adds it back; here
            receivables without credits are that very figure. "adjusted", A/R / (adjusted charges /
            days): MGMA; gross charges less contract, law, capitation and duplicates. "net", net
            A/R / average daily net revenue of the latest three whole months: HFMA; receivables and
            credits, less the part of undecided insurer balances that the payer's contract took of
            its charges in the last 365 days, over charges less contract, bad debt and discounts.
        days: real days of the window that ends with the as-of date; 90 for gross, 365 for
            adjusted; net has months of its own.

    Returns:
        One row a group: the ``by`` columns, ``receivables`` and ``revenue`` (Int64 cents),
        ``days`` (of the window), ``value`` (Float64 days; NA where the history is too short, the
        revenue is not above zero, or the files cannot say) and ``why`` (in words, "" where said).

    Raises:
        BadRequest: an unknown method or dimension, or a window of no days.

    Sources: AAFP leaflet; MGMA cost and revenue formulas; HFMA MAP Keys. 203,460 / (131,440 / 31)
    is 47.99 days.
    """
    found = of(source)
    keys = keys_of(by, _BY)
    length = days or (365 if method == "adjusted" else 90)
    if method not in METHODS or length < 1:
        raise BadRequest(f"no days in A/R by {method!r} over {length}\n\nHint: {METHODS}")
    reach = window(found, method, length)
    why = _cannot(found, method) or reach.why
    balance = _net_balance(found) if method == "net" else owing(found)
    top = _by(balance, keys, {"receivables": balance["cents"].to_numpy()})
    table = found.daily
    spent = table[table["day"].between(reach.first, reach.last)]
    bottom = _by(spent, keys, {"revenue": _revenue(spent, method)})
    out = top.merge(bottom, on=keys, how="outer") if keys else pd.concat([top, bottom], axis=1)
    for name in ("receivables", "revenue"):
        out[name] = out[name].fillna(0).astype("Int64")
    pairs = zip(out["receivables"], out["revenue"], strict=True)
    values = [
        None if why or revenue <= 0 else int(cents) * reach.days / int(revenue)
        for cents, revenue in pairs
    ]
    reasons = [why or "no charges in these days" * (value is None) for value in values]
    return out.assign(days=reach.days, value=pd.array(values, dtype="Float64"), why=reasons)


def _cannot(found: Receivables, method: str) -> str:
    needs = {"open", "billed"} | ({"written_off"} if method != "gross" else set())
    if needs <= found.says:
        return ""
    if "open" in found.says:
        return "the files hold no write-offs and no allowed amounts"
    return "the files do not say what is still owed"


def _revenue(spent: pd.DataFrame, method: str) -> Cents:
    """The charges of some days, less what the method takes off."""
    out = spent["charges"].to_numpy()
    if method != "gross":
        out = out - spent["lawful"].to_numpy() - spent["set_aside"].to_numpy()
    return out - spent["given_up"].to_numpy() if method == "net" else out


def _net_balance(found: Receivables) -> pd.DataFrame:
    """Receivables and credits, undecided insurer balances at what their contract should leave."""
    table = found.positions
    table = table[table["state"] != owed.UNAPPLIED] if "open" in found.says else table.iloc[:0]
    today = found.today or 0
    year = found.daily[found.daily["day"].between(today - 364, today)]
    code = codes(year["payer"])
    size = max([0, *(len(t["payer"].cat.categories) for t in (year, table))]) + 1
    taken = sum_by(code + 1, (year["lawful"] + year["set_aside"]).to_numpy(), size)
    charges = sum_by(code + 1, year["charges"].to_numpy(), size)
    whole = ratio(int(taken.sum()), int(charges.sum())) or 0.0
    share = np.where(charges > 0, taken / np.where(charges > 0, charges, 1), whole)
    waits = ~table["decided"].to_numpy() & (table["party"] != owed.PATIENT).to_numpy()
    part = np.where(waits, np.clip(share[codes(table["payer"]) + 1], 0, 1), 0)
    cents = table["cents"].to_numpy()
    return table.assign(cents=cents - np.rint(cents * part).astype(np.int64))


def _by(table: pd.DataFrame, keys: list[str], sums: dict[str, Cents]) -> pd.DataFrame:
    group, out = groups(table, keys)
    if keys:
        out = out.iloc[: int(group.max(initial=-1)) + 1]
    return out.assign(**{name: sum_by(group, cents, len(out)) for name, cents in sums.items()})


def made_of(found: Receivables, postings: pd.DataFrame, name: str) -> tuple[pd.DataFrame, int]:
    """The balances and the postings that a measure of DECLARED is counted from.

    Args:
        found: the receivables under filters.
        postings: ``receivables.daily_postings`` under the same filters.

    Returns:
        ``number``, ``numerator`` (cents still owed) and ``denominator`` (cents of the window's
        charges, less what the method takes off), a row a balance or posting; the days of the
        window. Days in A/R are numerator * days / denominator.
    """
    method, days = dict(zip((m.name for m in DECLARED), _FORMS, strict=True))[name]
    reach = window(found, method, days or 0)
    balance = _net_balance(found) if method == "net" else owing(found)
    spent = postings[postings["day"].between(reach.first, reach.last)]
    above = balance[["number"]].assign(numerator=balance["cents"], denominator=0)
    below = spent[["number"]].assign(numerator=0, denominator=_revenue(spent, method))
    return pd.concat([above, below], ignore_index=True), reach.days


def why_not(source: Ledger | Receivables, name: str) -> str:
    """Why a measure of DECLARED cannot be said, in plain words; "" where it can."""
    method, days = dict(zip((m.name for m in DECLARED), _FORMS, strict=True))[name]
    return str(days_in_ar(source, None, method, days)["why"].iloc[0])


def values(source: Ledger | Receivables) -> dict[str, float | None]:
    """Each measure of DECLARED by name, in days; None where it cannot be said."""
    found = of(source)
    out: dict[str, float | None] = {}
    for m, (method, days) in zip(DECLARED, _FORMS, strict=True):
        value = days_in_ar(found, None, method, days)["value"].iloc[0]
        out[m.name] = None if pd.isna(value) else float(value)
    return out
