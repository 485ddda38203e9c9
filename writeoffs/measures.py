"""The measures, each declared once: words, parts, unit, direction, source, and when it is null.

The declaration feeds the functions, the tiles, the definitions page, the JSON and the tests.
Rates are ratios of sums, in fractions; dollars are integer cents. What a source cannot hold is
null, never 0; a denominator of 0 or less is null; nothing is clipped (rules 13 to 16).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

import numpy as np
import pandas as pd

from writeoffs import vocabulary as v
from writeoffs.book import sum_by
from writeoffs.cube import WHAT
from writeoffs.keys import groups
from writeoffs.money import ratio
from writeoffs.problems import BadRequest

Weights = MappingProxyType[str, int]


def _w(**parts: int) -> Weights:
    return MappingProxyType(parts)


COMPONENTS: Final = (
    "billed",
    "other_debits",
    "insurer_paid",
    "patient_paid",
    "unsplit_paid",
    *v.BUCKETS,
    v.UNCLASSIFIED,
    *v.SHARES,
    v.PAID_TO_PATIENT,
    "self_pay_charges",
    "self_pay_discounts",
    "insurer_open",
    "patient_open",
    "unexplained",
)

# Given up by choice after it was asked for; no discount.
GIVEN_UP: Final = ("charity", "small_balance")


def components_of(entry: str, category: str, bucket: str, party: str) -> list[str]:
    """Which components a posting of this kind adds to."""
    if entry == v.CHARGE:
        if category != v.SERVICE:
            return ["other_debits"]
        return ["billed", "self_pay_charges"] if party == v.SELF else ["billed"]
    if entry == v.WRITE_OFF:
        out = [bucket]
        out += [v.UNCLASSIFIED] if category == v.UNCLASSIFIED else []
        out += ["self_pay_discounts"] if party == v.SELF and _lowers(category, bucket) else []
        return out
    if entry == v.PATIENT_SHARE:
        return [category]
    if entry == v.OPEN:
        return ["patient_open" if party == v.PATIENT else "insurer_open"]
    return {
        v.INSURER_PAYMENT: ["insurer_paid"],
        v.PATIENT_PAYMENT: ["patient_paid"],
        v.PAYMENT: ["unsplit_paid"],
        v.UNEXPLAINED: ["unexplained"],
    }.get(entry, [])


def _lowers(category: str, bucket: str) -> bool:
    """Whether a write-off lowers what a patient without insurance was asked for.

    Bad debt, charity and small balances do not: what is given up was asked for first, as a share
    under insurance stays the share (rules.md, the cases of bad debt and charity).
    """
    return bucket != v.BAD_DEBT and category not in GIVEN_UP


def components(cube: pd.DataFrame, by: Sequence[str], rated: bool = False) -> pd.DataFrame:
    """Add a cube up into components.

    Args:
        cube: from ``flows``; any extra columns are added over.
        by: columns to keep; empty for one row.
        rated: only rows that may enter rates.

    Returns:
        One row a group (missing keys kept, every group of the cube present): the ``by`` columns
        and each of COMPONENTS in int64 cents.
    """
    group, out = groups(cube, by)
    code, kinds = groups(cube, WHAT)
    cents = cube["cents"].to_numpy()
    keep = cube["rated"].to_numpy() if rated else np.ones(len(cube), dtype=bool)
    member = {c: np.zeros(len(kinds) + 1, dtype=bool) for c in COMPONENTS}
    for i, kind in enumerate(kinds.itertuples(index=False)):
        for name in components_of(*map(str, kind)):
            member[name][i] = True
    sums = {
        name: sum_by(group[m[code] & keep], cents[m[code] & keep], len(out))
        for name, m in member.items()
    }
    return pd.concat([out, pd.DataFrame(sums, index=out.index)], axis=1)


PAID: Final = _w(insurer_paid=1, patient_paid=1, unsplit_paid=1)

_K: Final = {v.LAW: 1, v.OVER_BILLED: 1}

_W: Final = {v.AVOIDABLE: 1, v.BAD_DEBT: 1, v.DISCRETIONARY: 1, v.REVIEW: 1}

_N: Final = {"billed": 1, v.SET_ASIDE: -1}

_N_LESS_K: Final = MappingProxyType({**_N, **dict.fromkeys(_K, -1)})

_RESPONSIBILITY: Final = MappingProxyType(dict.fromkeys(v.SHARES, 1))


@dataclass(frozen=True)
class Measure:
    """One measure.

    ``unit``: "dollars" (cents inside), "rate" (a fraction), "days" or "count". ``needs``: what the
    sources must be able to say, else null. ``needs_kinds``: also null where every written-off
    dollar is unclassified. ``good``: "up", "down" or "neither". ``rows``: what is counted:
    "postings", as weighted components (``numerator``, ``denominator``), or "lines" or "claims",
    which the module that declares the measure works out; ``top`` and ``bottom`` then say in words
    what is set against what.
    """

    name: str
    title: str
    words: str
    unit: str
    numerator: Weights = field(default_factory=_w)
    denominator: Weights | None = None
    needs: tuple[str, ...] = ()
    needs_kinds: bool = False
    good: str = "neither"
    meaning: str = ""
    source: str = ""
    rows: str = "postings"
    top: str = ""
    bottom: str = ""


def _dollars(
    name: str, title: str, words: str, parts: dict[str, int], *needs: str, **more: Any
) -> Measure:
    return Measure(name, title, words, "dollars", MappingProxyType(parts), None, needs, **more)


_ALL: Final = (
    _dollars("billed", "Total billed", "service charges, net of voids", {"billed": 1}, "billed",
             meaning="What the practice charged for its services.", source="MGMA gross charges"),
    _dollars("other_debits", "Other debits", "fees, opening balances and moved debt",
             {"other_debits": 1}, "billed", meaning="Owed, but not for a service."),
    _dollars("paid", "Paid", "insurer + patient payments, net of their own refunds",
             dict(PAID), "paid", good="up", meaning="Money that came in."),
    _dollars("insurer_paid", "Paid by insurers", "insurer payments less refunds and takebacks",
             {"insurer_paid": 1}, "insurer_paid", good="up",
             meaning="Insurance payment: what insurers paid on these services."),
    _dollars("patient_paid", "Paid by patients", "patient payments less refunds and bad checks",
             {"patient_paid": 1}, "patient_paid",
             meaning="Out-of-pocket paid: money that patients have paid."),
    _dollars("written_off", "Written off", "all write-offs, contractual ones included",
             dict.fromkeys(v.WRITTEN_OFF_BUCKETS, 1), "written_off",
             meaning="Money given up, by contract, by choice or by mistake."),
    _dollars("contractual", "By contract or law", "contractual, sequestration, withhold, regulatory"
             " and other unavoidable payer-side write-offs", _K, "written_off",
             meaning="The discount that contracts and laws require. Expected.", source="RBMA"),
    _dollars("avoidable", "Avoidable losses", "payer-side write-offs that could be prevented",
             {v.AVOIDABLE: 1}, "written_off", good="down",
             meaning="Late filing, missing authorization, coding: money that leaked."),
    _dollars("bad_debt", "Bad debt", "bad debt, collection agency, bankruptcy", {v.BAD_DEBT: 1},
             "written_off", good="down", meaning="Patient money that will not come."),
    _dollars("discretionary", "Chosen by the practice", "charity, courtesy, small balances, other"
             " discounts", {v.DISCRETIONARY: 1}, "written_off",
             meaning="Given up on purpose, under the practice's own policy."),
    _dollars("review", "Needs review", "bundling, unclassified and other write-offs nobody can tell"
             " without looking", {v.REVIEW: 1}, "written_off", good="down",
             meaning="Not yet known to be contract or loss."),
    _dollars("set_aside", "Set aside", "capitation and duplicates, outside every rate",
             {v.SET_ASIDE: 1}, "written_off", meaning="Not lost money: counted in no rate."),
    _dollars("other_adjustments", "Other adjustments", "informational, incentive, pharmacy,"
             " institutional and payer fees; allowed above billed",
             {v.NO_WRITE_OFF: 1, v.OVER_BILLED: 1}, "written_off",
             meaning="Moves the balance; given up by nobody."),
    _dollars("open", "Still owed", "billed + other debits - paid - written off - other adjustments,"
             " or the balance the file states", {"insurer_open": 1, "patient_open": 1}, "open",
             good="down", meaning="Not decided or not paid yet."),
    _dollars("patient_open", "Still owed by patients", "patient share + fees - patient payments"
             " - patient-side write-offs, on adjudicated claims", {"patient_open": 1},
             "patient_open", good="down", meaning="Out-of-pocket not paid yet."),
    _dollars("unexplained", "Does not tie", "computed balance less the balance the file states",
             {"unexplained": 1}, good="down", meaning="Rows whose own parts do not add up."),
    _dollars("patient_responsibility", "Patient responsibility", "deductible + coinsurance + copay"
             " + other, as the last payer left it", dict(_RESPONSIBILITY), "patient_responsibility",
             meaning="Assigned to the patient. Not a write-off, and not a payment.",
             source="X12 group PR; domain glossary"),
    _dollars("deductible", "Deductible", "patient share, code 1 and its kin", {v.DEDUCTIBLE: 1},
             "deductible", meaning="What the patient pays before the plan does."),
    _dollars("coinsurance", "Coinsurance", "patient share, code 2 and its kin", {v.COINSURANCE: 1},
             "coinsurance", meaning="The patient's percentage."),
    _dollars("copay", "Copay", "patient share, code 3 and its kin", {v.COPAY: 1}, "copay",
             meaning="The flat fee of a visit."),
    _dollars("patient_other", "Other patient share", "every other share under group PR",
             {v.PATIENT_OTHER: 1}, "patient_other", meaning="Non-covered and other shares."),
    _dollars("out_of_pocket_owed", "Out-of-pocket owed", "patient responsibility, and for self-pay"
             " the charge less discounts (bad debt, charity and small balances stay owed)",
             {**_RESPONSIBILITY, "self_pay_charges": 1, "self_pay_discounts": -1},
             "patient_responsibility",
             meaning="What patients were asked to carry. Never added to what they paid.",
             source="healthcare.gov glossary"),
    Measure("write_off_rate", "Write-off rate", "all write-offs / (billed - set aside)", "rate",
            _w(**_K, **_W), _w(**_N), ("billed", "written_off"),
            meaning="Of each dollar billed, how much was given up for any reason.",
            source="calcdomain.com ($30k/$120k = 25 %); rules.md 14"),
    Measure("contractual_rate", "By contract or law", "contractual and lawful write-offs / (billed"
            " - set aside)", "rate", _w(**_K), _w(**_N), ("billed", "written_off"), True,
            meaning="Mostly payer mix and the price list; not a sign of good or bad work.",
            source="RBMA A/R definitions 2022; rules.md 14"),
    Measure("non_contractual_rate", "Not by contract", "other write-offs / (billed - set aside)",
            "rate", _w(**_W), _w(**_N), ("billed", "written_off"), True, "down",
            "Write-offs that no contract asked for.", "domain 1.4"),
    Measure("avoidable_rate", "Avoidable loss rate (gross)", "avoidable write-offs / (billed - set"
            " aside - contract or law)", "rate", _w(**{v.AVOIDABLE: 1}), _N_LESS_K,
            ("billed", "written_off"), True, "down",
            "Of what could be collected, the part lost to mistakes, at billed prices.",
            "rules.md 14, 15"),
    Measure("gross_collection_rate", "Gross collection rate", "paid / (billed - set aside)", "rate",
            PAID, _w(**_N), ("billed", "all_paid"), False, "neither",
            "Driven by the price list; compare it only with itself.", "economicforall; MGMA"),
    Measure("net_collection_rate", "Net collection rate", "paid / (billed - set aside - contract or"
            " law)", "rate", PAID, _N_LESS_K, ("billed", "all_paid", "written_off"), True, "up",
            "Of what the contracts allow, how much came in.",
            "AAFP: (payments - credits) / (charges - contractual)"),
    Measure("patient_share_of_billed", "Patient share of billed", "patient responsibility / billed",
            "rate", _RESPONSIBILITY, _w(billed=1), ("billed", "patient_responsibility"), False,
            "neither", "Of each dollar billed, how much payers left to patients.",
            "domain 1.7; AMA National Health Insurer Report Card sets it against allowed instead"),
)  # fmt: skip

MEASURES: Final = MappingProxyType({m.name: m for m in _ALL})


def measure(name: str) -> Measure:
    """A measure by name.

    Raises:
        BadRequest: no such measure; the message lists those there are.
    """
    if name not in MEASURES:
        raise BadRequest(f"no measure {name!r}\n\nHint: one of {', '.join(MEASURES)}")
    return MEASURES[name]


def can_say(m: Measure, says: frozenset[str]) -> bool:
    """Whether the sources hold what a measure needs."""
    return set(m.needs) <= says


_MISSING: Final = MappingProxyType(
    {
        "billed": "the files hold no charges",
        "paid": "the files hold no payments",
        "all_paid": "the files hold one side's payments only, or say not who paid",
        "insurer_paid": "the files do not say what insurers paid",
        "patient_paid": "the files do not say what patients paid",
        "written_off": "the files hold no write-offs and no allowed amounts",
        "open": "without charges and payments nothing can be said to be open",
        "patient_open": "the files do not say what payers left to patients",
        "patient_responsibility": "the files do not say what payers left to patients",
        "claims": "the files do not say which rows are one claim",
        "decisions": "the files show how each claim ended, not what its payer said first",
        "reasons": "the files do not say why anything was written off",
    }
)


def why_not(m: Measure, says: frozenset[str]) -> str:
    """Why a measure has no figure, in plain words."""
    lacking = [n for n in m.needs if n not in says]
    known = {"open": "paid", "patient_open": "patient_responsibility"}
    if len(lacking) == 1 and {"billed", "paid", known.get(lacking[0], "never")} <= says:
        return "what is owed stands as of a date; look by date of service"
    if lacking:
        return _MISSING.get(lacking[0], f"the files do not state {m.title.lower()}")
    if m.needs_kinds:
        return "no charges here, or every write-off is unnamed"
    return "there are no charges here"


def weigh(sums: pd.DataFrame, weights: Weights) -> np.ndarray:
    """Weighted sum of components, int64 cents a row."""
    out = np.zeros(len(sums), dtype=np.int64)
    for name, sign in weights.items():
        out += sign * sums[name].to_numpy()
    return out


def values(sums: pd.DataFrame, m: Measure, says: frozenset[str]) -> pd.Series:
    """One measure over rows of components: Int64 cents for dollars, float fraction for rates."""
    top = weigh(sums, m.numerator)
    if not can_say(m, says):
        dtype = "Int64" if m.denominator is None else "Float64"
        return pd.Series(pd.array([pd.NA] * len(sums), dtype=dtype), index=sums.index)
    if m.denominator is None:
        return pd.Series(top, index=sums.index, dtype="Int64")
    bottom = weigh(sums, m.denominator)
    said = ~_all_unclassified(sums) if m.needs_kinds else np.ones(len(sums), dtype=bool)
    cells = [
        ratio(int(a), int(b)) if ok else None for a, b, ok in zip(top, bottom, said, strict=True)
    ]
    return pd.Series(pd.array(cells, dtype="Float64"), index=sums.index)


def _all_unclassified(sums: pd.DataFrame) -> np.ndarray:
    """Groups of which every written-off dollar is unclassified."""
    written = weigh(sums, MEASURES["written_off"].numerator)
    unknown = sums[v.UNCLASSIFIED].to_numpy()
    return (written == unknown) & (unknown != 0)


ENDS: Final = MappingProxyType(
    {
        "insurer": _w(insurer_paid=1),
        "patient": _w(patient_paid=1),
        "paid": _w(unsplit_paid=1),
        "contractual": _w(**{v.LAW: 1}),
        "avoidable": _w(**{v.AVOIDABLE: 1}),
        "bad_debt": _w(**{v.BAD_DEBT: 1}),
        "discretionary": _w(**{v.DISCRETIONARY: 1}),
        "other": _w(**{v.REVIEW: 1}),
        "aside": _w(**{v.SET_ASIDE: 1, v.NO_WRITE_OFF: 1, v.OVER_BILLED: 1}),
        "open": _w(insurer_open=1, patient_open=1),
        "unexplained": _w(unexplained=1),
    }
)

END_OF_BUCKET: Final = MappingProxyType(
    {
        v.LAW: "contractual",
        v.SET_ASIDE: "aside",
        v.NO_WRITE_OFF: "aside",
        v.OVER_BILLED: "aside",
        v.AVOIDABLE: "avoidable",
        v.BAD_DEBT: "bad_debt",
        v.DISCRETIONARY: "discretionary",
        v.REVIEW: "other",
    }
)
