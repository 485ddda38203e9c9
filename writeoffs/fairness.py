"""Fair to patients? Three checks: asked beyond the payer's share, a share where none may be asked,
and money owed back.

Nothing here accuses anybody: each check names claims to look at, their dollars and what to do. A
dollar stands in one check only. What a patient paid beyond the share is a credit, and is not
counted as asked once more; a patient whose share may not be collected at all is counted there.

Exceptions that are no finding: self-pay visits (no payer assigned anything); a claim that no payer
has decided; money that the plan paid to the member (``paid_to_patient``) and the excess that a
non-participating clinician may bill, for both are shares that the payer states; services that
are not covered and that the payer leaves to the patient (PR-96, PR-204), where a notice was signed.
Sources: rules.md 11 and 12; domain 1.7, 1.9; those of each check.
"""

from __future__ import annotations

import re
from functools import partial
from types import MappingProxyType
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from writeoffs import reference, taxonomy, units
from writeoffs import vocabulary as v
from writeoffs.book import sum_by
from writeoffs.ledger import Ledger
from writeoffs.measures import Measure
from writeoffs.money import Cents
from writeoffs.patient_side import COST_SHARES, NEVER, Parts, credit_since, who
from writeoffs.remit_rows import NOT_COLLECTIBLE
from writeoffs.settle import Settled, moved_beyond_share
from writeoffs.vocabulary import Kind

Mask = npt.NDArray[np.bool_]
_QMB_NAME: Final = re.compile(r"\bqmb\b|qualified medicare ben", re.IGNORECASE)
_QMB_CODES: Final = frozenset({"209", "303"})
LATE_DAYS: Final = 60
# From the day a credit arose: the last day of each band.
AGES: Final = ((30, "0 to 30 days"), (60, "31 to 60 days"), (120, "61 to 120 days"))

BEYOND, NO_SHARE, CREDITS = "beyond", "no_share", "credits"


class Check(NamedTuple):
    """One check: a column of ``claims``; ``section`` groups them; ``title`` says what was found,
    ``meaning`` what it is, ``todo`` what to do next, ``needs`` what the files must say."""

    key: str
    section: str
    title: str
    meaning: str
    todo: str
    needs: tuple[str, ...]
    source: str


_SHARES_SAID: Final = ("patient_responsibility",)
_LIMIT: Final = "X12 group CO may not be billed to the patient, PR may; rules.md 12"
_QMB_SOURCE: Final = "CMS Change Request 9911; Social Security Act 1902(n)(3)(B)"
CHECKS: Final = (
    Check(
        "moved", BEYOND, "Moved to the patient above the payer's share",
        "More was transferred to the patient than the payers' decisions assign.",
        "Compare the transfer with the payer's statement; move what is above it back.",
        _SHARES_SAID, _LIMIT,
    ),
    Check(
        "contract", BEYOND, "A contractual write-off undone and asked of the patient",
        "A discount that the contract requires was taken back, and the patient was asked instead.",
        "Post the contractual write-off again, and correct the patient's statement.",
        _SHARES_SAID, _LIMIT,
    ),
    Check(
        "stated", BEYOND, "The file's patient balance is above the payer's share",
        "The balance asked of the patient is more than share less payments and write-offs.",
        "Look for a missing share or write-off first; else correct the patient's balance.",
        ("patient_responsibility", "patient_paid"), _LIMIT,
    ),
    Check(
        "qmb", NO_SHARE, "A share asked of a patient in the QMB program",
        "Medicare patients in the Qualified Medicare Beneficiary program owe no deductible, "
        "coinsurance or copay, whatever Medicaid pays.",
        "Stop statements, bill Medicaid, refund what was collected; a small Medicaid copay may "
        "stand.",
        ("patient_responsibility", "patient_open"), _QMB_SOURCE,
    ),
    Check(
        "preventive", NO_SHARE, "A share on a preventive service",
        "These services usually carry no share. A plan may have its reasons: look at them.",
        "Check code, modifier and diagnosis; ask the payer to decide again where a share is wrong.",
        ("patient_responsibility", "patient_open"),
        "CMS Preventive Services chart; 42 CFR 410.152(l); Affordable Care Act section 2713",
    ),
    Check(
        "credit", CREDITS, "Patients paid more than their share",
        "A copay at the visit can exceed the share that the payer assigns later.",
        "Refund it, or apply it to what the same patient owes if they agree. What nobody claims "
        "goes to the state after a time. Medicare: return an overpayment within 60 days of "
        "identifying it.",
        ("patient_open", "patient_paid"), "42 CFR 401.305 (60 days); 42 CFR 489.40 and 489.41",
    ),
)  # fmt: skip


# The checks whose dollars each measure adds up.
ADDS: Final = MappingProxyType(
    {
        "billed_beyond_share": ("moved", "contract", "stated"),
        "qmb_share": ("qmb",),
        "preventive_share": ("preventive",),
        "patient_credits": ("credit",),
    }
)


def _declared(name: str, title: str) -> Measure:
    """The measure that adds up the dollars of some checks."""
    mine = [c for c in CHECKS if c.key in ADDS[name]]
    words = "; ".join(c.title[0].lower() + c.title[1:] for c in mine)
    source = "; ".join(dict.fromkeys(c.source for c in mine))
    needs = tuple(dict.fromkeys(n for c in mine for n in c.needs if c.key != "stated"))
    meaning = " ".join(c.meaning for c in mine)
    return Measure(name, title, words, "dollars", needs=needs, good="down", meaning=meaning,
                   source=source, rows="claims", top=words)  # fmt: skip


DECLARED: Final = (
    _declared("billed_beyond_share", "Asked beyond the payer's share"),
    _declared("qmb_share", "Asked of QMB patients"),
    _declared("preventive_share", "Share on preventive services"),
    _declared("patient_credits", "Owed back to patients"),
)


# --- one row a claim ------------------------------------------------------------------------------


def claims(ledger: Ledger) -> pd.DataFrame:
    """What each check finds on each claim.

    Returns:
        One row a claim, in the order of ``claims.claims``: ``number``, payer, practice, provider,
        location (categories), ``service_month``, ``post_month`` (int32), ``looked_at`` (bool: a
        payer has decided, and the visit is no self-pay), ``self_pay`` (bool), ``qmb_patient``
        (bool), one column of int64 cents a check (0 where nothing is found), ``since``
        (datetime64: the day the credit arose; NaT without one, or where the file does not date
        it) and ``days`` (Int64, since then, to the ledger's as-of date).
    """
    settled = ledger.settled
    out = who(settled)
    parts = Parts(settled)
    insured = parts.decided & ~parts.alone
    qmb = _qmb(ledger) & insured
    credit = np.where(parts.decided | parts.alone, np.maximum(-parts.left, 0), 0)
    carried = np.maximum(parts.paid + parts.left - parts.fees - parts.other, 0)
    cost = np.maximum(parts.cost, 0)
    asked = np.where(qmb, carried, 0)
    free = np.minimum(_preventive(settled), np.minimum(carried, cost))
    moved, contract, stated = _beyond(settled, parts, insured, qmb, credit)
    since = credit_since(settled, parts, credit > 0)
    out = out.assign(
        looked_at=insured,
        self_pay=parts.alone,
        qmb_patient=qmb,
        moved=moved,
        contract=contract,
        stated=stated,
        qmb=asked,
        preventive=np.where(insured & ~qmb, free, 0),
        credit=credit,
        since=since,
    )
    as_of = np.datetime64(ledger.as_of, "s") if ledger.as_of else NEVER
    days = pd.Series((as_of - since).astype("timedelta64[D]"))
    return out.assign(days=(days // pd.Timedelta(days=1)).astype("Int64"))


# --- beyond the payer's share ---------------------------------------------------------------------


def _beyond(
    settled: Settled, parts: Parts, insured: Mask, qmb: Mask, credit: Cents
) -> tuple[Cents, Cents, Cents]:
    """Cents by claim asked beyond the share: moved, a contractual write-off undone, stated.

    What is stated counts beyond what is moved, for it is the same money; what the patient has paid
    of it is a credit. All that QMB patients are asked for is counted there.
    """
    book = settled.book
    moved = np.where(insured, moved_beyond_share(book, settled.claim, settled.claims), 0)
    rows = book.rows["patient_balance_stated"].to_numpy() & parts.decided_row & ~parts.alone_row
    owed = book.by_row(parts.effect)
    above = parts.of_rows(np.where(rows, settled.patient_open - owed, 0))
    stated = np.where(insured & ~qmb, np.maximum(above - moved, 0), 0)
    still = np.maximum(moved + stated - credit, 0)
    stated = np.minimum(stated, still)
    moved = still - stated
    undone = np.minimum(_contract_undone(settled), still)
    from_moved = np.minimum(undone, moved)
    return moved - from_moved, undone, stated - (undone - from_moved)


def _contract_undone(settled: Settled) -> Cents:
    """Cents by claim of contractual write-offs taken back and not posted again afterwards."""
    book, count = settled.book, settled.claims
    law = np.array([(k.entry, k.bucket) == (v.WRITE_OFF, v.LAW) for k in book.kinds], dtype=bool)
    out = np.zeros(count, dtype=np.int64)
    if not law.any():
        return out
    mine = np.flatnonzero(law[book.kind] & (settled.claim[book.at] >= 0))
    claim, amount = settled.claim[book.at[mine]], book.amount[mine]
    day = book.rows["post_date"].to_numpy()[book.at[mine]].astype("datetime64[s]").astype(np.int64)
    last = [np.full(count, np.iinfo(np.int64).min) for _ in range(2)]
    for which, some in zip(last, (amount > 0, amount < 0), strict=True):
        np.maximum.at(which, claim[some], day[some])
    back = sum_by(claim[amount < 0], -amount[amount < 0], count)
    return np.where(last[1] > last[0], back, out)


# --- where no share may be asked ------------------------------------------------------------------


def _qmb(ledger: Ledger) -> Mask:
    """Claims of patients in the Qualified Medicare Beneficiary program.

    Told by code 209 or 303, a remark that bars collecting a share, a write-off called QMB, or a
    payer called so. A remittance that only explains the practice's own books tells it too.
    """
    settled = ledger.settled
    out = np.zeros(settled.claims + 1, dtype=bool)
    for book in (ledger.book, settled.book):
        told = np.array([_tells_qmb(k.category, k.reason) for k in book.kinds], dtype=bool)
        if told.any():
            mine = np.flatnonzero(told[book.kind])
            net = sum_by(settled.claim[book.at[mine]] + 1, book.amount[mine], settled.claims + 1)
            out[:-1] |= net[1:] > 0
    payer = settled.book.rows["payer"].cat
    named = np.array([bool(_QMB_NAME.search(str(n))) for n in payer.categories] + [False])
    out[settled.claim[named[payer.codes.to_numpy()]]] = True
    return out[:-1]


def _tells_qmb(category: str, reason: str) -> bool:
    code = taxonomy.read_reason(reason).code
    return category == NOT_COLLECTIBLE or code in _QMB_CODES or bool(_QMB_NAME.search(reason))


def _preventive(settled: Settled) -> Cents:
    """Cents by claim of shares assigned on services that usually carry none."""
    lines = units.frame(settled)
    wanted = {"all": COST_SHARES, "deductible": (v.DEDUCTIBLE,)}
    out = np.zeros(len(lines), dtype=np.int64)
    for shares, categories in wanted.items():
        rows = _named(lines, shares)
        if rows.any():
            cents = units.sums(settled, partial(_is_share, categories))
            out = np.where(rows, np.maximum(out, cents), out)
    number = lines["number"].to_numpy()
    return sum_by(number[number >= 0], np.maximum(out, 0)[number >= 0], settled.claims)


def _is_share(categories: tuple[str, ...], kind: Kind) -> bool:
    return kind.entry == v.PATIENT_SHARE and kind.category in categories


def _named(lines: pd.DataFrame, shares: str) -> Mask:
    """Lines whose procedure or modifier is listed as carrying no share of this kind."""
    listed = [r for r in reference.no_cost_share() if r["shares"] == shares]
    found = np.zeros(len(lines), dtype=bool)
    for column, kind in (("procedure", "procedure"), ("modifier", "modifier")):
        codes = {r["code"] for r in listed if r["kind"] == kind}
        texts = lines[column].cat
        hit = [bool(codes & set(re.split(r"[^0-9A-Z]+", str(t).upper()))) for t in texts.categories]
        found |= np.array([*hit, False])[texts.codes.to_numpy()]
    return found


# --- credits --------------------------------------------------------------------------------------


def aged(table: pd.DataFrame) -> pd.DataFrame:
    """Credits by age: ``age`` (text), ``claims`` and ``cents`` (int64), every band present.

    Day 30 is in the first band, day 60 in the second; credits that the file does not date stand
    last, and only where there are some.
    """
    found = table[table["credit"] > 0]
    days, cents = found["days"], found["credit"].to_numpy()
    limits = [limit for limit, _ in AGES]
    band = np.searchsorted(limits, days.fillna(0).to_numpy(dtype=np.int64), side="left")
    names = [*(name for _, name in AGES), f"Over {limits[-1]} days", "Not dated"]
    band = np.where(days.isna().to_numpy(dtype=bool), len(names) - 1, band)
    sums = sum_by(band, cents, len(names))
    counts = np.bincount(band, minlength=len(names))
    out = pd.DataFrame({"age": names, "claims": counts, "cents": sums})
    return out if counts[-1] else out.iloc[:-1]


# --- what was found -------------------------------------------------------------------------------


def findings(table: pd.DataFrame, says: frozenset[str]) -> pd.DataFrame:
    """What each check found in a table of claims.

    Args:
        table: from ``claims``, or some of its rows.
        says: what the sources can say (``ledger.can_say``).

    Returns:
        One row a check, in the order of CHECKS: ``check``, ``section``, ``title``, ``claims``
        (Int64) and ``cents`` (Int64), both NA where the files cannot say it, ``looked_at`` (Int64:
        claims that were checked), ``why`` (why it cannot be said, else ""), ``meaning``, ``todo``,
        ``source``.
    """
    rows = []
    for check in CHECKS:
        why = why_not(check, says)
        cents = table[check.key]
        rows.append(
            (
                check.key,
                check.section,
                check.title,
                pd.NA if why else int((cents > 0).sum()),
                pd.NA if why else int(cents.sum()),
                pd.NA if why else int(looked_at(table, check.section).sum()),
                why,
                check.meaning,
                check.todo,
                check.source,
            )
        )
    columns = "check section title claims cents looked_at why meaning todo source".split()
    out = pd.DataFrame(rows, columns=columns)
    return out.astype({"claims": "Int64", "cents": "Int64", "looked_at": "Int64"})


def looked_at(table: pd.DataFrame, section: str) -> pd.Series:
    """Which claims a section's checks look at: those decided by a payer; for credits self-pay
    visits too."""
    if section == CREDITS:
        return table["looked_at"] | table["self_pay"]
    return table["looked_at"]


def why_not(check: Check, says: frozenset[str]) -> str:
    """Why a check cannot be made on these files, in plain words; "" where it can."""
    lacking = [n for n in check.needs if n not in says]
    if not lacking:
        return ""
    return {
        "patient_paid": "the files do not say what patients paid",
        "patient_responsibility": "the files do not say what payers left to patients",
    }.get(lacking[0], "the files do not say what patients still owe")


def fairness(ledger: Ledger) -> pd.DataFrame:
    """The checks of fairness to patients over a whole ledger, one row a check.

    Claims, dollars (Int64 cents, NA where the files cannot say it), what was looked at and what to
    do next. See ``findings`` for the columns, ``claims`` for the claims behind them.
    """
    return findings(claims(ledger), ledger.can_say)
