"""Denials: what came back refused, counted once a line or claim however often a payer said it.

Everything is a ratio of sums over the lines and claims of ``histories``. Initial is a line's first
decision, final is how it stands; denials stand under the payer that issued them (rules.md 17). What
is set against what is named: *submitted* counts every claim sent to a payer, *decided* only those
that a payer has answered. Duplicates, self-pay, voids and incomplete claims are in neither;
capitated and patient-share claims are answered and not denied. A rejection by a clearinghouse never
reaches a payer and is in no remittance: it is no denial.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

import numpy as np
import pandas as pd

from writeoffs import histories, taxonomy
from writeoffs import vocabulary as v
from writeoffs.book import sum_by
from writeoffs.cube import POST_MONTH, SERVICE_MONTH
from writeoffs.keys import first_rows, groups, number
from writeoffs.ledger import Ledger
from writeoffs.measures import Measure, can_say, why_not
from writeoffs.money import ratio
from writeoffs.problems import BadRequest
from writeoffs.remit_claims import claim_rows
from writeoffs.vocabulary import Kind

_FIRST: Final = ("billed", "insurer_paid", "written_off", "claims", "reasons", "decisions")
_FINAL: Final = ("billed", "written_off", "claims", "reasons")
_HFMA: Final = "HFMA Claim Integrity Task Force"
_KEYS: Final = "HFMA MAP keys"


def _rate(name: str, title: str, top: str, bottom: str, rows: str, **more: str) -> Measure:
    needs = _FINAL if more.pop("since", "first") == "final" else _FIRST
    good, meaning, source = more.pop("good", "down"), more["meaning"], more["source"]
    words = f"{top} / {bottom}"
    return Measure(name, title, words, "rate", needs=needs, good=good, meaning=meaning,
                   source=source, rows=rows, top=top, bottom=bottom)  # fmt: skip


DECLARED: Final = (
    _rate("initial_denial_rate", "Denied at first", "claims with a line refused at its first"
          " decision", "claims submitted to a payer", "claims", source=f"{_HFMA}; domain 1.5",
          meaning="How many of the claims sent out came back refused, in whole or in part."),
    _rate("initial_denial_dollars", "Dollars denied at first", "dollars refused at the first"
          " decision, at billed prices", "dollars submitted to a payer", "lines",
          source="AAFP: dollars denied / dollars submitted",
          meaning="The part of billed dollars that was refused at first, each line once."),
    _rate("initial_denial_charges", "Charges on claims denied at first", "whole charges of claims"
          " with a line refused at its first decision", "charges submitted to a payer", "claims",
          source=_HFMA, meaning="The whole claim's charge counts, its paid lines too."),
    _rate("zero_pay_rate", "Refused whole", "claims of which the first decision refused every line"
          " that it decided", "claims decided", "claims", source=_KEYS,
          meaning="Nothing was allowed on the claim at first."),
    _rate("partial_pay_rate", "Refused in part", "claims refused at first in some lines only",
          "claims decided", "claims", source=_KEYS,
          meaning="Some lines were priced, others came back refused."),
    _rate("final_denial_rate", "Still denied", "claims with a line that stands refused",
          "claims decided", "claims", since="final", source="Kodiak Solutions; domain 1.5",
          meaning="Refused as it stands now. Some may still be won back."),
    _rate("final_denial_dollars", "Dollars still denied", "dollars that stand refused, at billed"
          " prices", "dollars decided", "lines", since="final", source="Kodiak Solutions",
          meaning="Of the dollars that payers have answered, the part that stands refused."),
    _rate("final_denial_closed", "Dollars still denied, closed lines", "dollars that stand"
          " refused on lines with nothing open", "dollars decided on lines with nothing open",
          "lines", since="final", source="Kodiak Solutions, closed accounts",
          meaning="Only lines that are over: nobody owes anything on them."),
    _rate("overturn_rate", "Won back", "claims denied at first of which a refused line was paid or"
          " priced later", "claims denied at first that are closed", "claims", good="up",
          source=f"{_KEYS} (appealed claims paid / appealed claims closed)",
          meaning="Of the refused claims that are over, how many were paid after all. Files do not"
          " say which were appealed, so every refused one counts; some may still be won back."),
    _rate("first_pass_rate", "Settled at first pass", "claims of which every line was decided,"
          " nothing refused and nothing decided anew", "claims decided", "claims", good="up",
          source="Intermedix: resolved on first submission / resolved",
          meaning="Claims that needed no second look."),
    _rate("denial_write_off_rate", "Denial write-offs", "refused dollars written off", "charges"
          " less contract, law, capitation and duplicates", "lines", since="final",
          source="rules 13 and 15; HFMA AR-6 takes charity and discounts off the charges too",
          meaning="Of what contracts allow, the part given up to refusals, at billed prices."),
    Measure("denial_gap", "Denial realization gap", "(share paid of closed lines never refused -"
            " share paid of closed lines refused at first) x charges of the latter", "dollars",
            needs=(*_FIRST, "open"), good="down", rows="lines", source="Crowe, in Becker's",
            meaning="What refused lines would have brought, had they been paid like the others.",
            top="dollars paid less on closed lines that were refused at first"),
    Measure("denied_at_first", "Refused at first", "dollars refused at the first decision",
            "dollars", needs=_FIRST, good="down", rows="lines", source="AAFP",
            top="dollars refused at the first decision",
            meaning="At billed prices; each line once."),
    Measure("denied_now", "Stands refused", "dollars that stand refused", "dollars", needs=_FINAL,
            good="down", rows="lines", source="domain 1.5", top="dollars that stand refused",
            meaning="At billed prices. A contract would have allowed less."),
    Measure("days_to_denial", "Days to the first refusal", "median days from service to the first"
            " decision, of lines refused at it", "days", needs=_FIRST, good="neither", rows="lines",
            source="domain 1.6, medians", top="days from service to first decision",
            meaning="How long it takes to learn of a refusal. Until then nobody can mend it."),
)  # fmt: skip
MEASURES: Final = MappingProxyType({m.name: m for m in DECLARED})

# Of the columns of ``Counted``: what is added up above and below the line.
_PARTS: Final = MappingProxyType(
    {
        "initial_denial_rate": ("refused", "submitted"),
        "initial_denial_dollars": ("refused_known", "submitted"),
        "initial_denial_charges": ("refused_charge", "submitted_charge"),
        "zero_pay_rate": ("zero_pay", "decided"),
        "partial_pay_rate": ("partial_pay", "decided"),
        "final_denial_rate": ("refused_now", "decided_now"),
        "final_denial_dollars": ("refused_now", "decided_now"),
        "final_denial_closed": ("refused_closed", "decided_closed"),
        "overturn_rate": ("overturned", "refused_over"),
        "first_pass_rate": ("first_pass", "decided"),
        "denial_write_off_rate": ("lost_now", "net_now"),
        "denied_at_first": ("refused_known", ""),
        "denied_now": ("refused_now", ""),
    }
)
_BY_LAST: Final = frozenset(
    {"final_denial_rate", "final_denial_dollars", "final_denial_closed", "denial_write_off_rate",
     "denied_now"}
)  # fmt: skip


@dataclass(frozen=True)
class Counted:
    """Lines and claims with what counts on each, to be narrowed like the cube.

    ``lines``: ``histories.lines`` that were sent to a payer, with int64 cents to add up;
    ``claims``: one row a claim of them, with 0 or 1 (and cents in ``refused_charge``,
    ``submitted_charge``). ``says``: what the files can say. ``as_adjudicated``: only remittances
    are loaded, so that a refusal stands as the payer said it, whatever the practice did since.
    """

    lines: pd.DataFrame
    claims: pd.DataFrame
    says: frozenset[str]
    as_adjudicated: bool = False

    def part(self, of: Callable[[pd.DataFrame], pd.DataFrame]) -> Counted:
        """Narrowed: ``of`` takes rows of a table by its dimensions and months."""
        return replace(self, lines=of(self.lines), claims=of(self.claims))


def counted(ledger: Ledger) -> Counted:
    """What denials are counted from, of a whole ledger."""
    lines = histories.lines(ledger)
    lines = _line_parts(lines[lines["sent"]].reset_index(drop=True))
    rows = ledger.settled.book.rows
    remits = claim_rows(rows)
    alone = bool(remits.any()) and not (rows["remit"].to_numpy() == 0).any()
    return Counted(lines, _claims(lines), _says(ledger, lines), alone)


def _says(ledger: Ledger, lines: pd.DataFrame) -> frozenset[str]:
    """What the ledger says, and whether it tells first decisions and reasons."""
    found = set(ledger.can_say)
    if lines["known"].any():
        found.add("decisions")
    # Where no adjustment carries a payer's reason, that nothing was refused is not known.
    if "groups" in found or any(_tells(k) for k in ledger.settled.book.kinds):
        found.add("reasons")
    return frozenset(found)


def _tells(kind: Kind) -> bool:
    """Whether a write-off says which reason its payer gave."""
    if kind.entry != v.WRITE_OFF or kind.party != v.PAYER:
        return False
    return histories.is_refusal(kind) or bool(taxonomy.read_reason(kind.reason).code)


def _line_parts(lines: pd.DataFrame) -> pd.DataFrame:
    charge = lines["charge"].to_numpy()
    known, first, last = lines["known"].to_numpy(), lines["first"], lines["last"]
    decided_now = (last != histories.WAITS).to_numpy()
    closed = decided_now & (lines["open"] == 0).to_numpy()
    return lines.assign(
        submitted=np.where(known, charge, 0),
        decided=np.where(first != histories.WAITS, charge, 0),
        refused_known=lines["refused_first"],
        refused_now=lines["refused_last"],
        decided_now=np.where(decided_now, charge, 0),
        refused_closed=np.where(closed, lines["refused_last"], 0),
        decided_closed=np.where(closed, charge, 0),
        lost_now=lines["lost"],
        net_now=lines["net_charge"],
    )


def _claims(lines: pd.DataFrame) -> pd.DataFrame:
    """One row a claim, by its first line that was refused, else by its first line decided."""
    refused = (lines["refused_first"] > 0).to_numpy()
    decided = (lines["first"] != histories.WAITS).to_numpy()
    claim, names = number(lines["number"].to_numpy())
    size = len(names)
    order = np.lexsort([~decided, ~refused, claim])
    first = order[first_rows(claim[order], size)]
    standing = (lines["refused_last"] > 0).to_numpy()
    later = np.lexsort([~standing, claim])
    last = later[first_rows(claim[later], size)]

    def some(mine: np.ndarray) -> np.ndarray:
        return np.bincount(claim[mine], minlength=size) > 0

    known, denied = lines["known"].to_numpy(), (lines["first"] == histories.DENIED).to_numpy()
    any_refused, any_decided = some(refused), some(decided)
    zero = any_refused & ~some(decided & ~denied)
    smooth = some(decided) & ~some(~decided) & ~any_refused & ~some(lines["redone"].to_numpy())
    decided_now = (lines["last"] != histories.WAITS).to_numpy()
    turned = lines["overturned"].to_numpy()
    # A refused line is over once it was won back, or stands refused with nothing left open.
    over = turned | (standing & (lines["open"] == 0).to_numpy())
    is_over = any_refused & ~some(refused & ~over)
    charge = sum_by(claim, lines["charge"].to_numpy(), size)
    flags = {
        "submitted": some(known),
        "decided": any_decided,
        "refused": any_refused,
        "zero_pay": zero,
        "partial_pay": any_refused & ~zero,
        "first_pass": smooth,
        "refused_over": is_over,
        "overturned": is_over & some(turned),
        "refused_now": some(standing),
        "decided_now": some(decided_now),
    }
    columns = ["number", "claim", "payer", "practice", "provider", "location", SERVICE_MONTH,
               POST_MONTH, "first_payer"]  # fmt: skip
    out = lines[columns].iloc[first].reset_index(drop=True)
    last_payer = lines["last_payer"].iloc[last].reset_index(drop=True)
    return out.assign(
        last_payer=last_payer,
        **{name: flag.astype(np.int64) for name, flag in flags.items()},
        charge=charge,
        refused_first=sum_by(claim, lines["refused_first"].to_numpy(), size),
        refused_last=sum_by(claim, lines["refused_last"].to_numpy(), size),
        submitted_charge=np.where(flags["submitted"], charge, 0),
        refused_charge=np.where(any_refused, charge, 0),
    )


# --- figures --------------------------------------------------------------------------------------


def figure(found: Counted, name: str) -> float | int | None:
    """One measure over all of what is counted: fraction, cents or days; None if it cannot be said.

    Raises:
        BadRequest: no such measure of denials.
    """
    value = table(found, [name])[name].iloc[0]
    return None if pd.isna(value) else value


def why(found: Counted, name: str) -> str:
    """Why a measure of denials has no figure, in plain words."""
    m = _measure(name)
    if can_say(m, found.says):
        return "no claim here has got that far"
    return why_not(m, found.says)


def _measure(name: str) -> Measure:
    if name not in MEASURES:
        raise BadRequest(f"no measure {name!r} of denials\n\nHint: one of {', '.join(MEASURES)}")
    return MEASURES[name]


def behind(found: Counted, name: str) -> tuple[str, np.ndarray, np.ndarray]:
    """The claims behind a measure: what they are, their numbers, and dollars that each row adds.

    Claims are counted in claims and shown in dollars: refused ones with what was refused of them,
    and for the first pass those that did not pass, with their charge.

    Returns:
        Words, places in ``claims.claims`` and int64 cents, a row a line or claim.
    """
    m = _measure(name)
    if m.rows == "lines":
        column = _PARTS.get(name, ("refused_known", ""))[0]
        rows = found.lines[found.lines[column] != 0]
        return m.title, rows["number"].to_numpy(), rows[column].to_numpy()
    top, bottom = _PARTS[name]
    if name == "first_pass_rate":
        rows = found.claims[(found.claims[bottom] > 0) & (found.claims[top] == 0)]
        return "Not settled at first pass", rows["number"].to_numpy(), rows["charge"].to_numpy()
    rows = found.claims[found.claims[top] != 0]
    cents = rows["refused_last" if name in _BY_LAST else "refused_first"]
    return m.title, rows["number"].to_numpy(), cents.to_numpy()


def made_of(found: Counted, name: str) -> pd.DataFrame:
    """What a measure of denials is counted from, a row a line or claim; not for the gap.

    Returns:
        ``number``, ``numerator`` and ``denominator`` (int64: cents of lines and of charges, else 0
        or 1; days of refused lines), and the cents that the Claims page shows: ``above`` for what
        counts, ``below`` for what it is set against.
    """
    m = _measure(name)
    if name == "days_to_denial":
        mine = found.lines[found.lines["refused_first"] > 0]
        days = (mine["first_day"] - mine["service_date"]) / pd.Timedelta(days=1)
        mine = mine[days.notna()]
        return pd.DataFrame(
            {"number": mine["number"], "numerator": days.dropna().astype("int64"),
             "denominator": 1, "above": mine["refused_first"], "below": 0}
        )  # fmt: skip
    top, bottom = _PARTS[name]
    rows = found.lines if m.rows == "lines" else found.claims
    counts = rows[top]
    against = rows[bottom] if bottom else counts * 0
    above, below = counts, against
    if not is_money(name):
        column = "refused_last" if name in _BY_LAST else "refused_first"
        above = rows["charge" if name == "first_pass_rate" else column].where(counts != 0, 0)
        below = rows["charge"].where(against != 0, 0)
    out = pd.DataFrame(
        {"number": rows["number"], "numerator": counts, "denominator": against,
         "above": above, "below": below}
    )  # fmt: skip
    return out[(counts != 0) | (against != 0)].reset_index(drop=True)


def is_money(name: str) -> bool:
    """Whether a measure of denials adds up cents, and not claims."""
    return _measure(name).rows == "lines" or name == "initial_denial_charges"


def table(found: Counted, names: Sequence[str], by: Sequence[str] = ()) -> pd.DataFrame:
    """Measures of denials by columns of what is counted.

    Args:
        found: from ``counted``, whole or narrowed.
        names: of MEASURES.
        by: columns of both tables. By "payer" initial figures stand under the payer that decided
            first, final ones under the payer whose decision stands (rules.md 17).

    Returns:
        The ``by`` columns (missing ones kept), one column a measure (Float64 fraction or days,
        Int64 cents; NA where it cannot be said) and ``claims``, Int64: claims decided at first, or
        decided at all where first decisions are not known.

    Raises:
        BadRequest: no such measure.
    """
    known = "decisions" in found.says
    size = _grouped(found.claims, ["decided" if known else "decided_now"], by, final=not known)
    out = size.set_axis([*by, "claims"], axis=1).astype({"claims": "Int64"})
    for name in names:
        one = _one(found, _measure(name), by)
        out = out.merge(one, on=list(by), how="outer") if by else out.assign(**{name: one[name]})
    return out.assign(claims=out["claims"].fillna(0))


def _issued(frame: pd.DataFrame, final: bool) -> pd.DataFrame:
    """With the payer that issued what is counted in the place of the charted one."""
    return frame.assign(payer=frame["last_payer" if final else "first_payer"])


def _grouped(
    frame: pd.DataFrame, columns: Sequence[str], by: Sequence[str], final: bool
) -> pd.DataFrame:
    frame = _issued(frame, final) if "payer" in by else frame
    spread, out = groups(frame, by)
    for name in columns:
        out[name] = sum_by(spread, frame[name].to_numpy(), len(out))
    return out


def _one(found: Counted, m: Measure, by: Sequence[str]) -> pd.DataFrame:
    """One measure by some columns."""
    rows = found.claims if m.rows == "claims" else found.lines
    if m.name in ("denial_gap", "days_to_denial"):
        out = (_gap if m.name == "denial_gap" else _days)(found.lines, by)
        return out if can_say(m, found.says) else out.assign(**{m.name: pd.NA})
    top, bottom = _PARTS[m.name]
    columns = [c for c in (top, bottom) if c]
    out = _grouped(rows, columns, by, m.name in _BY_LAST)
    said = can_say(m, found.says)
    if not bottom:
        cents = out[top].astype("Int64") if said else pd.NA
        return out[list(by)].assign(**{m.name: cents}).astype({m.name: "Int64"})
    cells = [
        ratio(int(a), int(b)) if said else None for a, b in zip(out[top], out[bottom], strict=True)
    ]
    return out[list(by)].assign(**{m.name: pd.array(cells, dtype="Float64")})


def _gap(lines: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Crowe's denial realization gap: Int64 cents, NA without closed lines of both sorts."""
    over = lines[(lines["known"]) & (lines["decided_closed"] > 0)]
    refused = over["refused_first"].to_numpy() > 0
    over = over.assign(
        denied_charge=np.where(refused, over["charge"], 0),
        denied_paid=np.where(refused, over["paid"], 0),
        other_charge=np.where(refused, 0, over["charge"]),
        other_paid=np.where(refused, 0, over["paid"]),
    )
    names = ["denied_charge", "denied_paid", "other_charge", "other_paid"]
    out = _grouped(over, names, by, final=False)
    cells = [
        round((int(op) * int(dc) - int(dp) * int(oc)) / int(oc)) if oc > 0 and dc > 0 else pd.NA
        for dc, dp, oc, op in out[names].itertuples(index=False)
    ]
    return out[list(by)].assign(denial_gap=pd.array(cells, dtype="Int64"))


def _days(lines: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Median days from service to the first decision, of lines refused at it: Float64."""
    mine = _issued(lines[lines["refused_first"] > 0], final=False)
    days = mine["first_day"] - mine["service_date"]
    spread, out = groups(mine, by)
    median = (days / pd.Timedelta(days=1)).groupby(spread).median().reindex(range(len(out)))
    return out.assign(days_to_denial=pd.array(median, dtype="Float64"))
