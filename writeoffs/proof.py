"""A figure that defends itself: what it is, its parts as words with numbers, and its rows.

The parts come from the cube, as the figure does; the rows come from the postings. They are two
ways to the same cents, and the tests hold them together for every measure under every filter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import pandas as pd

from writeoffs import catalogue, palette, wording
from writeoffs import vocabulary as v
from writeoffs.book import Book, Index, sum_by
from writeoffs.claims import claims as claims_of
from writeoffs.exporting import dollars
from writeoffs.keys import combine, number
from writeoffs.ledger import Ledger
from writeoffs.measures import (
    ENDS,
    Measure,
    can_say,
    components,
    components_of,
    values,
    weigh,
    why_not,
)
from writeoffs.metrics import View
from writeoffs.problems import BadRequest
from writeoffs.scope import Mask, Movements, Scope, movements, within
from writeoffs.tallies import Tally

# A component in the words of a sum: "insurers $512.00 + patients $40.00".
PART: Final = MappingProxyType(
    {
        "billed": "billed",
        "other_debits": "other debits",
        "insurer_paid": "paid by insurers",
        "patient_paid": "paid by patients",
        "unsplit_paid": "paid, not said by whom",
        v.LAW: "by contract or law",
        v.AVOIDABLE: "avoidable losses",
        v.BAD_DEBT: "bad debt",
        v.DISCRETIONARY: "chosen by the practice",
        v.REVIEW: "needs review",
        v.SET_ASIDE: "set aside",
        v.NO_WRITE_OFF: "other adjustments",
        v.OVER_BILLED: "allowed above billed",
        v.UNCLASSIFIED: "of these unnamed",
        v.DEDUCTIBLE: "deductible",
        v.COINSURANCE: "coinsurance",
        v.COPAY: "copay",
        v.PATIENT_OTHER: "other patient share",
        v.PAID_TO_PATIENT: "paid to the patient by the payer",
        "self_pay_charges": "charged to patients without insurance",
        "self_pay_discounts": "discounts to patients without insurance",
        "insurer_open": "still owed by insurers",
        "patient_open": "still owed by patients",
        "unexplained": "does not tie",
    }
)


@dataclass(frozen=True)
class Part:
    """One term of a sum: its component, its words, its cents (or units) and its sign."""

    name: str
    words: str
    amount: int
    sign: int


@dataclass(frozen=True)
class Proof:
    """How a figure was worked out.

    ``top`` and ``bottom``: the terms of numerator and denominator, in the order of the
    declaration; ``numerator`` and ``denominator``: their signed sums (int cents for dollars and
    rates of dollars, else units; None without a denominator). ``value``: as ``metrics.table``
    gives it, None where it cannot be said, and then ``why_not`` says why. ``unrated_top``,
    ``unrated_bottom``: what rates leave out because a claim is incomplete (rules.md 16).
    ``money``: whether numerator and denominator are cents. ``days``: of the window that the
    denominator was earned in, 0 for none: value = numerator * days / denominator. ``quantile``:
    which one of the units' days the value is (0.5 the median), 0 for none; then the denominator is
    how many units there are.
    """

    measure: Measure
    value: float | int | None
    top: tuple[Part, ...]
    bottom: tuple[Part, ...]
    numerator: int
    denominator: int | None
    why_not: str = ""
    unrated_top: int = 0
    unrated_bottom: int = 0
    money: bool = True
    days: int = 0
    quantile: float = 0.0


# --- the figure from the cube ---------------------------------------------------------------------


def of(view: View, name: str | Measure) -> Proof:
    """How a measure of a view was worked out, for what is a weighted sum of components.

    Raises:
        BadRequest: no such measure, or one that counts lines or claims (see ``of_tally``).
    """
    m = name if isinstance(name, Measure) else catalogue.measure(name)
    if m.rows != "postings":
        raise BadRequest(f"{m.name} counts {m.rows}, not dollars\n\nHint: use of_tally")
    everything = components(view.cube, [])
    rated = m.denominator is not None
    sums = components(view.cube, [], rated=True) if rated else everything
    value = values(sums, m, view.says).iloc[0]
    bottom: Mapping[str, int] = m.denominator or {}
    unsaid = bool(pd.isna(value))
    out = everything - sums
    return Proof(
        m,
        None if unsaid else value,
        _parts(sums, m.numerator),
        _parts(sums, bottom),
        int(weigh(sums, m.numerator)[0]),
        int(weigh(sums, m.denominator)[0]) if m.denominator is not None else None,
        why_not(m, view.says) if unsaid else "",
        int(weigh(out, m.numerator)[0]),
        int(weigh(out, m.denominator)[0]) if m.denominator is not None else 0,
    )


def of_tally(m: Measure, tally: Tally) -> Proof:
    """How a measure that counts lines or claims was worked out.

    Args:
        m: the measure; its ``top`` and ``bottom`` say what is counted.
        tally: ``tallies.tally`` of it, under the page's filters.
    """
    top, bottom = (int(tally.units[name].sum()) for name in ("numerator", "denominator"))
    against = bool(m.bottom) or tally.quantile > 0
    return Proof(
        m,
        tally.value,
        (Part("numerator", m.top or "counted", top, 1),),
        (Part("denominator", m.bottom or m.rows, bottom, 1),) if against else (),
        top,
        bottom if against else None,
        tally.why,
        money=tally.money,
        days=tally.days,
        quantile=tally.quantile,
    )


def sayable(view: View, name: str) -> bool:
    """Whether the sources hold what a measure needs."""
    return can_say(catalogue.measure(name), view.says)


def _parts(sums: pd.DataFrame, weights: Mapping[str, int]) -> tuple[Part, ...]:
    row = sums.iloc[0]
    return tuple(Part(n, PART[n], int(row[n]), sign) for n, sign in weights.items())


# --- as words -------------------------------------------------------------------------------------


def sentence(proof: Proof) -> str:
    """The figure as words with numbers, on one line.

    "Net collection rate 91.9% = $512,345.00 (paid by insurers $430,000.00 + paid by patients
    $82,345.00) over $557,500.00 (billed $900,000.00 less by contract or law $342,500.00)".
    Terms of nothing are left out; a figure of one term has its meaning instead.
    """
    m = proof.measure
    value = said(m, proof.value) if proof.value is not None else "cannot be said"
    if proof.quantile:
        return f"{m.title} {value}: {rule(proof)}"
    right = _sum(proof.top, proof)
    if proof.denominator is None:
        alone = len(terms(proof.top)) == 1
        return f"{m.title} {value}: {m.words}" if alone else f"{m.title} {value} = {right}"
    top, bottom = amount(proof, proof.numerator), amount(proof, proof.denominator)
    below = _sum(proof.bottom, proof)
    if proof.days:
        bottom = f"{wording.dollars(round(proof.denominator / proof.days), True)} a day"
        below += f" in {proof.days} days"
    return f"{m.title} {value} = {top} ({right}) over {bottom} ({below})"


def rule(proof: Proof) -> str:
    """How a median or a ninetieth percentile is found, of how many lines or claims."""
    n = wording.count(proof.denominator or 0, proof.measure.rows.removesuffix("s"))
    which = "the middle value" if proof.quantile == 0.5 else "what nine in ten stay within"
    return f"{which} of {n}, in order of their days; between two values it interpolates linearly"


def said(m: Measure, value: Any) -> str:
    """A measure's value to the digit that can be checked: cents, and two decimals of a percent."""
    if value is None or pd.isna(value):
        return wording.NOT_STATED
    if m.unit == "rate":
        return wording.percent(float(value), 2)
    if m.unit == "days":
        return wording.days(float(value))
    return f"{int(value):,}" if m.unit == "count" else wording.dollars(int(value), True)


def amount(proof: Proof, number: int) -> str:
    """A numerator or denominator: dollars where cents are summed, else a plain number."""
    return wording.dollars(number, True) if proof.money else f"{number:,}"


def terms(parts: Sequence[Part]) -> list[Part]:
    """The terms worth saying: those with money, or the first where there is none."""
    return [p for p in parts if p.amount] or list(parts[:1])


def _sum(parts: Sequence[Part], proof: Proof) -> str:
    out = ""
    for part in terms(parts):
        joint = "less " if part.sign < 0 else "+ " if out else ""
        out += f"{' ' if out else ''}{joint}{part.words} {amount(proof, part.amount)}"
    return out


def left_out(proof: Proof, ledger: Ledger) -> list[str]:
    """What the figure does not count, a sentence each: held rows, and claims left out of rates."""
    out = []
    if ledger.rows_held:
        held = wording.dollars(ledger.held_cents, True)
        rows = wording.count(ledger.rows_held, "row")
        out.append(f"{rows} of the files, {held}, are held: they could not be read or placed.")
    if proof.unrated_top or proof.unrated_bottom:
        above = wording.dollars(proof.unrated_top, True)
        below = wording.dollars(proof.unrated_bottom, True)
        out.append(
            f"{above} above and {below} below the line stay out of this rate: the charge, or a "
            "payer's remittance, of those claims is not in the files."
        )
    return out


# --- the rows behind it ---------------------------------------------------------------------------


def of_end(end: str) -> Measure:
    """One end of the dollar (a key of ENDS) as a measure, for the rows behind its bar."""
    return Measure(end, palette.ENDS[end].label, "where the dollar is now", "dollars", ENDS[end])


# Whatever was written off, in whichever bucket: for one reason, or one category, of them.
WRITE_OFFS: Final = Measure(
    "write_offs",
    "Write-offs",
    "everything posted as a write-off",
    "dollars",
    MappingProxyType(dict.fromkeys(v.BUCKETS, 1)),
)


def rows(
    ledger: Ledger, name: str | Measure, scope: Scope | None = None, *, patients: bool = False
) -> pd.DataFrame:
    """Every dollar that counts in a measure, one row a posting (or a balance of a row).

    Args:
        ledger: the ledger.
        name: a measure that sums postings, by name or itself.
        scope: the part of the ledger that the figure is of; None for all of it.
        patients: whether to give patient identifiers.

    Returns:
        ``number`` (the claim's place in ``claims.claims``, -1 for none), ``claim``, ``line``,
        ``patient`` where asked for, ``procedure``, ``payer``, ``provider``, ``service_date``,
        ``posted`` (a charge when it was entered, else on its day of service), ``entry``,
        ``category``, ``bucket``, ``party``, ``reason``, ``rated``, ``derived``, ``amount``,
        ``numerator`` and ``denominator`` (int64 cents, signed as they count; 0 where it does not),
        ``file`` and ``row``. The two before sum to ``Proof.numerator`` and ``Proof.denominator``.

    Raises:
        BadRequest: no such measure, or one that counts lines or claims.
    """
    found, keep, top, bottom = _weighed(ledger, name, scope or Scope())
    out = spelled(ledger, found, keep, patients)
    cents = found.cents[keep]
    return out.assign(numerator=top[keep] * cents, denominator=bottom[keep] * cents)


def unit_rows(ledger: Ledger, found: Tally) -> pd.DataFrame:
    """The units of a tally as a table that a person reads; nothing of a patient.

    Returns:
        ``claim``, ``payer``, ``provider``, ``service_date`` (of the unit's claim, missing without
        one), ``numerator`` and ``denominator`` (dollars as Float64, or whole numbers of claims or
        days); of a quantile ``days`` alone.
    """
    every = claims_of(ledger.settled)
    # A claim's place of -1 is none of them: it gives a row of blanks.
    place = found.units["number"].where(found.units["number"] >= 0, len(every))
    out = every[["claim", "payer", "provider", "service_date"]].reindex(place)
    out = out.reset_index(drop=True)
    if found.quantile:
        return out.assign(days=found.units["numerator"])
    sums = found.units[["numerator", "denominator"]]
    return out.assign(**{c: dollars(sums[c]) if found.money else sums[c] for c in sums})


def by_claim(
    ledger: Ledger, name: str | Measure, scope: Scope | None = None
) -> tuple[Index, Index]:
    """The claims behind a measure's numerator and what each adds, for the Claims page.

    Returns:
        Places in ``claims.claims`` and int64 cents, of the claims with a posting that counts.
    """
    found, keep, top, _ = _weighed(ledger, name, scope or Scope())
    return _per_claim(ledger, found, keep, top)


def claims_below(
    ledger: Ledger, name: str | Measure, scope: Scope | None = None
) -> tuple[Index, Index]:
    """The same for the denominator; nothing for a measure without one."""
    found, keep, _, bottom = _weighed(ledger, name, scope or Scope())
    return _per_claim(ledger, found, keep, bottom)


def _per_claim(ledger: Ledger, found: Movements, keep: Mask, weights: Index) -> tuple[Index, Index]:
    """Weighted cents by claim, of the claims that have any."""
    claim = ledger.settled.claim[found.row]
    keep = keep & (weights != 0) & (claim >= 0)
    cents = sum_by(claim[keep], (weights * found.cents)[keep], ledger.settled.claims)
    numbers = np.flatnonzero(cents)
    return numbers, cents[numbers]


def _weighed(
    ledger: Ledger, name: str | Measure, scope: Scope
) -> tuple[Movements, Mask, Index, Index]:
    """All movements, which of them count, and how often each in numerator and denominator."""
    m = name if isinstance(name, Measure) else catalogue.measure(name)
    if m.rows != "postings":
        raise BadRequest(f"{m.name} counts {m.rows}\n\nHint: its units are in tallies")
    found = movements(ledger)
    below: Mapping[str, int] = m.denominator or {}
    top, bottom = (_weights(found, w)[found.kind] for w in (m.numerator, below))
    keep = within(ledger, found, scope) & ((top != 0) | (bottom != 0))
    if m.denominator is not None:
        keep &= ledger.settled.rated[found.row]
    return found, keep, top, bottom


def _weights(found: Movements, weights: Mapping[str, int]) -> Index:
    """How often a movement of each kind counts."""
    return np.array(
        [
            sum(weights.get(c, 0) for c in components_of(k.entry, k.category, k.bucket, k.party))
            for k in found.kinds
        ],
        dtype=np.int64,
    )


def spelled(ledger: Ledger, found: Movements, keep: Mask, patients: bool = False) -> pd.DataFrame:
    """Movements as a table that a person reads (see ``rows``)."""
    settled = ledger.settled
    book, at = settled.book, found.row[keep]
    kinds = pd.DataFrame(found.kinds, columns=list(type(found.kinds[0])._fields))
    charge = (kinds["entry"] == v.CHARGE).to_numpy()[found.kind[keep]]
    texts = ["claim", "line", *(["patient"] if patients else []), "procedure", "payer", "provider"]
    source = book.rows[[*texts, "service_date", "post_date", "file", "row"]]
    out = source.iloc[at].reset_index(drop=True)
    out.insert(0, "number", settled.claim[at])
    out["posted"] = out["post_date"].where(~charge, book.entered()[at])
    for name in ("entry", "category", "bucket", "party", "reason"):
        codes, names = pd.factorize(kinds[name])
        out[name] = pd.Categorical.from_codes(codes[found.kind[keep]], names)
    out = out.assign(
        rated=settled.rated[at], derived=_derived(ledger, found)[keep], amount=found.cents[keep]
    )
    last = ["file", "row"]
    return out[[c for c in out.columns if c not in (*last, "post_date")] + last]


def _derived(ledger: Ledger, found: Movements) -> Mask:
    """Movements that no file states: postings that a rule added, and balances worked out.

    A posting is told by its row, what it is and its cents; those that settling added come last.
    """
    settled = ledger.settled
    mine, theirs = _posting_keys(settled.book, ledger.book)
    stated = np.bincount(theirs, minlength=int(mine.max(initial=-1)) + 1)
    added = pd.Series(mine).groupby(mine).cumcount().to_numpy() >= stated[mine]
    return np.concatenate([added, ~settled.stated[found.row[found.postings :]]])


def _posting_keys(here: Book, there: Book) -> tuple[Index, Index]:
    """Numbers of the postings of two books, the same where file, row, kind and cents are."""
    books = (here, there)
    files = pd.concat([b.rows["file"].astype("str") for b in books], ignore_index=True)
    file = pd.factorize(files)[0]
    row = np.concatenate([b.rows["row"].to_numpy() for b in books])
    # Whose a posting is may be learned in settling (self-pay), so party does not tell.
    what = [(k.entry, k.category, k.bucket, k.reason, k.group) for b in books for k in b.kinds]
    kind = pd.factorize(pd.Series(what, dtype=object))[0]
    at = np.concatenate([here.at, len(here.rows) + there.at])
    kinds = np.concatenate([here.kind, len(here.kinds) + there.kind])
    cents = np.concatenate([here.amount, there.amount])
    columns = [file[at], row[at], kind[kinds] if len(kind) else kinds, cents]
    key, _ = number(combine([np.asarray(c, dtype=np.int64) for c in columns]))
    return key[: len(here)], key[len(here) :]
