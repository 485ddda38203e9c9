"""X12 835 -> what a remittance says: payments, claims, service lines, adjustments, and their sums.

Facts only; what they mean is decided by the posting rules later. Everything between ST*835 and its
end counts and nothing else. A CAS belongs to the service line that is open, else to its claim; a
PLB to the payment. Nothing is refused for not adding up: what the file states about itself is kept
in ``control``, and what does not balance is a problem with its cents (``balancing``). Names of
patients are never read.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from writeoffs import dates
from writeoffs.money import READ, UNREADABLE, parse_amounts, plain_dollars, why_unreadable
from writeoffs.problems import Problem, Unreadable
from writeoffs.readers import balancing
from writeoffs.readers.x12 import Index, Segments, decode, pieces

_TRIPLETS: Final = 6
_PAIRS: Final = 6
# Where remark codes stand (X12 005010X221: MIA and MOA of a claim, LQ of a line).
_REMARKS: Final = (("MIA", (5, 20, 21, 22, 23)), ("MOA", (3, 4, 5, 6, 7)))
GROUPS: Final = ("CO", "PR", "OA", "PI")


@dataclass(frozen=True)
class Remittance:
    """One 835 file.

    ``payments``: a row a transaction (ST): payer, practice, ``day`` the money moved, ``stated``
    cents (BPR02, a debit negative), ``trace``.
    ``claims``: a row a CLP, in file order: payment, number, status, charge, paid, share (CLP05),
    interest (AMT*I), control, patient, provider, day.
    ``lines``: a row a SVC: claim, procedure, modifier, charge, paid, units (hundredths),
    number (REF*6R), day.
    ``adjustments``: a row a CAS triplet: claim, line (-1 for the whole claim), group, code, amount.
    ``provider``: a row a PLB pair: payment, code, reference, amount as sent.
    ``remarks``: a row a remark code (MIA, MOA, LQ*HE): claim, line (-1 for the whole claim), code.
    Money in integer cents. ``unreadable``: claims with an amount that cannot be read.
    """

    name: str
    sha256: str
    payments: pd.DataFrame
    claims: pd.DataFrame
    lines: pd.DataFrame
    adjustments: pd.DataFrame
    provider: pd.DataFrame
    remarks: pd.DataFrame
    unreadable: dict[int, str]
    notes: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def rows_read(self) -> int:
        """Claims as sent: CLP segments."""
        return len(self.claims)

    @property
    def control(self) -> dict[str, str | int]:
        """What the file states about itself, reversals negative, PLB as sent."""
        groups = self.adjustments["group"].to_numpy()
        cents = self.adjustments["amount"].to_numpy()
        return {
            "claims": len(self.claims),
            "charge": plain_dollars(self.claims["charge"].sum()),
            "paid": plain_dollars(self.claims["paid"].sum()),
            **{g: plain_dollars(cents[groups == g].sum()) for g in GROUPS},
            "PLB": plain_dollars(self.provider["amount"].sum()),
            "BPR": plain_dollars(self.payments["stated"].sum()),
        }

    @property
    def balancing(self) -> float | None:
        """Share of claims whose charge less adjustments is what was paid, to four places."""
        if not len(self.claims):
            return None
        left = balancing.claim_rest(self.claims, self.adjustments)
        return float(np.floor((left == 0).mean() * 10_000 + 0.5) / 10_000)


def read(data: bytes, name: str) -> Remittance:
    """Read the bytes of an 835 file.

    Raises:
        Unreadable: no remittance is in it.
    """
    found = [_read_piece(piece) for piece in pieces(decode(data))]
    found = [parts for parts in found if len(parts["payments"])]
    if not found:
        raise Unreadable(
            "not_supported",
            "this is X12 text, but no remittance (835) is in it",
            "Upload the remittance files (ERA) of the payer or clearing house.",
            name,
        )
    parts = _stacked(found)
    claims, adjustments = parts["claims"], parts["adjustments"]
    problems = balancing.problems(parts, name)
    return Remittance(
        name,
        hashlib.sha256(data).hexdigest(),
        parts["payments"],
        claims,
        parts["lines"],
        adjustments,
        parts["provider"],
        parts["remarks"],
        {int(r.claim): str(r.text) for r in parts["bad"].itertuples()},
        balancing.notes(parts),
        problems,
    )


# --- one piece ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Places:
    """Where each segment stands: its payment, claim and open line as counted numbers, else -1."""

    inside: npt.NDArray[np.bool_]
    payment: Index
    claim: Index
    line: Index


def _read_piece(x: Segments) -> dict[str, pd.DataFrame]:
    at = _places(x)
    bad: list[pd.DataFrame] = []
    claims = _claims(x, at, bad)
    lines = _lines(x, at, bad)
    adjustments = _adjustments(x, at, bad)
    return {
        "payments": _payments(x, at),
        "claims": claims,
        "lines": lines,
        "adjustments": adjustments,
        "provider": _provider(x, at),
        "remarks": _remarks(x, at),
        "bad": pd.concat(bad, ignore_index=True).drop_duplicates("claim"),
    }


def _places(x: Segments) -> _Places:
    """Follow the file once: what is open at each segment."""
    n = len(x)
    order = np.arange(n)
    starts = x.at("ST")
    remittance = np.asarray(pc.equal(x.element(starts, 1), "835"))
    opens = np.full(n, False)
    opens[starts[remittance]] = True
    event = np.full(n, -1, dtype=np.int64)
    marks = x.at("ST", "SE", "GE", "IEA", "ISA", "GS")
    event[marks] = marks
    last = np.maximum.accumulate(event)
    inside = (last >= 0) & opens[np.maximum(last, 0)]
    payment = np.where(inside, np.cumsum(opens) - 1, -1)
    started = np.where(inside, last, n)
    is_claim = np.zeros(n, dtype=bool)
    is_claim[x.at("CLP")] = True
    is_claim &= inside
    is_line = np.zeros(n, dtype=bool)
    is_line[x.at("SVC")] = True
    last_claim = np.maximum.accumulate(np.where(is_claim, order, -1))
    has_claim = inside & (last_claim > started)
    is_line &= has_claim
    last_line = np.maximum.accumulate(np.where(is_line, order, -1))
    claim = np.where(has_claim, np.cumsum(is_claim) - 1, -1)
    line = np.where(has_claim & (last_line > last_claim), np.cumsum(is_line) - 1, -1)
    return _Places(inside, payment, claim, line)


def _within(x: Segments, at: _Places, name: str) -> Index:
    rows = x.at(name)
    return rows[at.inside[rows]]


def _money(
    x: Segments, rows: Index, number: int, claim: Index, bad: list[pd.DataFrame] | None
) -> npt.NDArray[np.int64]:
    """One element as cents; 0 where blank or unreadable, the latter noted with its claim."""
    texts = x.element(rows, number)
    distinct = texts.dictionary_encode()
    amounts = parse_amounts(distinct.dictionary.cast(pa.string()))
    codes = distinct.indices.to_numpy(zero_copy_only=False)
    wrong = np.flatnonzero(amounts.state[codes] == UNREADABLE) if len(codes) else codes
    if bad is not None:
        found = texts.take(pa.array(wrong)).to_pylist()
        bad.append(pd.DataFrame({"claim": claim[wrong], "text": pd.Series(found, dtype="str")}))
    return np.where(amounts.state == READ, amounts.cents, 0)[codes]


def _texts(x: Segments, rows: Index, number: int) -> pd.Series:
    return pd.Series(x.element(rows, number).to_pandas(), dtype="str")


def _days(texts: pd.Series) -> npt.NDArray[np.datetime64]:
    """CCYYMMDD as days, NaT where it is none. A zero day says nothing."""
    codes, names = pd.factorize(texts)
    days = dates.parse_dates([str(n) for n in names]).days
    return days[codes] if len(names) else np.full(len(texts), np.datetime64("NaT"), "M8[D]")


def _payments(x: Segments, at: _Places) -> pd.DataFrame:
    starts = x.at("ST")
    starts = starts[at.inside[starts]]
    out = pd.DataFrame(index=pd.RangeIndex(len(starts)))
    paid = _within(x, at, "BPR")
    signs = np.where(np.asarray(pc.equal(x.element(paid, 3), "D")), -1, 1)
    cents = _money(x, paid, 2, at.payment[paid], None) * signs
    out["stated"] = _first(at.payment[paid], pd.Series(cents), len(out)).fillna(0).astype("int64")
    moved = _first(at.payment[paid], pd.Series(_days(_texts(x, paid, 16))), len(out))
    day = _within(x, at, "DTM")
    day = day[np.asarray(pc.equal(x.element(day, 1), "405"))]
    made = _first(at.payment[day], pd.Series(_days(_texts(x, day, 2))), len(out))
    out["day"] = moved.where(moved.notna(), made).to_numpy().astype("datetime64[D]")
    trace = _within(x, at, "TRN")
    out["trace"] = _first(at.payment[trace], _texts(x, trace, 2), len(out)).fillna("")
    for column, code in (("payer", "PR"), ("practice", "PE")):
        rows = _within(x, at, "N1")
        rows = rows[np.asarray(pc.equal(x.element(rows, 1), code))]
        names, numbers = _texts(x, rows, 2), _texts(x, rows, 4)
        named = names.where(names != "", numbers)
        out[column] = _first(at.payment[rows], named, len(out)).fillna("")
    ends = _within_end(x, at)
    out["segments_said"] = ends["said"].reindex(out.index)
    out["segments"] = ends["found"].reindex(out.index)
    return out


def _within_end(x: Segments, at: _Places) -> pd.DataFrame:
    """What SE says about the number of segments of each payment, beside what was found."""
    starts = x.at("ST")
    starts = starts[at.inside[starts]]
    ends = x.at("SE")
    place = np.searchsorted(starts, ends) - 1
    said = pd.to_numeric(_texts(x, ends, 1), errors="coerce")
    frame = pd.DataFrame({"payment": place, "said": said, "end": ends})
    frame = frame[frame["payment"] >= 0].drop_duplicates("payment").set_index("payment")
    frame["found"] = frame["end"] - starts[frame.index] + 1
    return frame


def _first(groups: Index, values: pd.Series, size: int) -> pd.Series:
    """The first value of each group 0 .. size - 1; missing where a group has none."""
    keep = ~pd.Series(groups).duplicated().to_numpy() & (groups >= 0)
    return values[keep].set_axis(groups[keep]).reindex(pd.RangeIndex(size))


def _claims(x: Segments, at: _Places, bad: list[pd.DataFrame]) -> pd.DataFrame:
    rows = x.at("CLP")
    rows = rows[at.claim[rows] >= 0]
    claim = at.claim[rows]
    out = pd.DataFrame({"payment": at.payment[rows]})
    out["number"] = _texts(x, rows, 1)
    status = pd.to_numeric(_texts(x, rows, 2), errors="coerce").fillna(0)
    out["status"] = status.clip(0, 99).astype("int64")
    out["charge"] = _money(x, rows, 3, claim, bad)
    out["paid"] = _money(x, rows, 4, claim, bad)
    out["share"] = _money(x, rows, 5, claim, None)
    out["share_said"] = _texts(x, rows, 5) != ""
    out["control"] = _texts(x, rows, 7)
    names = _within(x, at, "NM1")
    names = names[(at.claim[names] >= 0) & (at.line[names] < 0)]
    kind = x.element(names, 1).to_numpy(zero_copy_only=False)
    patient = names[kind == "QC"]
    out["patient"] = _first(at.claim[patient], _texts(x, patient, 9), len(out)).fillna("")
    doctor = names[kind == "82"]
    last, first = _texts(x, doctor, 3), _texts(x, doctor, 4)
    spelled = last.where(first == "", last + ", " + first)
    out["provider"] = _first(at.claim[doctor], spelled, len(out)).fillna("")
    out["day"] = _claim_days(x, at, len(out))
    amounts = _within(x, at, "AMT")
    amounts = amounts[(at.claim[amounts] >= 0) & (at.line[amounts] < 0)]
    amounts = amounts[np.asarray(pc.equal(x.element(amounts, 1), "I"))]
    cents = pd.Series(_money(x, amounts, 2, at.claim[amounts], None))
    out["interest"] = _first(at.claim[amounts], cents, len(out)).fillna(0).astype("int64")
    return out


def _claim_days(x: Segments, at: _Places, size: int) -> npt.NDArray[np.datetime64]:
    """The day a claim's services began, as said for the whole claim."""
    rows = _within(x, at, "DTM")
    rows = rows[(at.claim[rows] >= 0) & (at.line[rows] < 0)]
    kind = x.element(rows, 1).to_numpy(zero_copy_only=False)
    out = np.full(size, np.datetime64("NaT"), dtype="datetime64[D]")
    for code in ("233", "472", "150", "232"):  # the last one that is said wins
        mine = rows[kind == code]
        days = _days(_texts(x, mine, 2))
        known = ~np.isnat(days)
        out[at.claim[mine[known]]] = days[known]
    return out


def _lines(x: Segments, at: _Places, bad: list[pd.DataFrame]) -> pd.DataFrame:
    rows = x.at("SVC")
    rows = rows[at.line[rows] >= 0]
    claim = at.claim[rows]
    out = pd.DataFrame({"claim": claim})
    out["charge"] = _money(x, rows, 2, claim, bad)
    out["paid"] = _money(x, rows, 3, claim, bad)
    # SVC07 is what was billed, where it differs from what was paid (SVC05); a blank is one unit.
    billed, units = (_money(x, rows, place, claim, None) for place in (7, 5))
    units = np.where(billed != 0, billed, units)
    out["units"] = np.where(units == 0, 100, units)
    # SVC06 is what the practice sent, where the payer decided on another procedure.
    paid, sent = _texts(x, rows, 1), _texts(x, rows, 6)
    codes, names = pd.factorize(sent.where(sent.str.contains(r"\w", regex=True), paid))
    parts = [str(name).split(x.component) for name in names]
    procedures = [p[1] if len(p) > 1 else p[0] for p in parts]
    modifiers = [",".join(m for m in p[2:6] if m) for p in parts]
    out["procedure"] = pd.Series(procedures, dtype="str").reindex(codes).to_numpy()
    out["modifier"] = pd.Series(modifiers, dtype="str").reindex(codes).to_numpy()
    refs = _within(x, at, "REF")
    refs = refs[at.line[refs] >= 0]
    refs = refs[np.asarray(pc.equal(x.element(refs, 1), "6R"))]
    out["number"] = _first(at.line[refs], _texts(x, refs, 2), len(out)).fillna("").to_numpy()
    day = _within(x, at, "DTM")
    day = day[at.line[day] >= 0]
    kind = x.element(day, 1).to_numpy(zero_copy_only=False)
    found = np.full(len(out), np.datetime64("NaT"), dtype="datetime64[D]")
    for code in ("151", "150", "472"):
        mine = day[kind == code]
        days = _days(_texts(x, mine, 2))
        known = ~np.isnat(days)
        found[at.line[mine[known]]] = days[known]
    out["day"] = found
    return out


def _adjustments(x: Segments, at: _Places, bad: list[pd.DataFrame]) -> pd.DataFrame:
    rows = _within(x, at, "CAS")
    rows = rows[at.claim[rows] >= 0]
    width = x.width(rows)
    parts = []
    for number in range(_TRIPLETS):
        first = 2 + 3 * number
        mine = rows[width > first]
        claim = at.claim[mine]
        frame = pd.DataFrame({"claim": claim, "line": at.line[mine], "segment": mine})
        frame["group"] = _texts(x, mine, 1).str.upper()
        frame["code"] = _texts(x, mine, first)
        frame["amount"] = _money(x, mine, first + 1, claim, bad)
        parts.append(frame)
    out = pd.concat(parts, ignore_index=True).sort_values("segment", kind="stable")
    return out[out["amount"] != 0].drop(columns="segment").reset_index(drop=True)


def _provider(x: Segments, at: _Places) -> pd.DataFrame:
    rows = _within(x, at, "PLB")
    width = x.width(rows)
    parts = []
    for number in range(_PAIRS):
        first = 3 + 2 * number
        mine = rows[width > first]
        frame = pd.DataFrame({"payment": at.payment[mine], "segment": mine})
        named = [text.partition(x.component) for text in _texts(x, mine, first)]
        frame["code"] = pd.Series([code for code, _, _ in named], dtype="str")
        frame["reference"] = pd.Series([reference for _, _, reference in named], dtype="str")
        frame["amount"] = _money(x, mine, first + 1, at.payment[mine], None)
        parts.append(frame)
    out = pd.concat(parts, ignore_index=True).sort_values("segment", kind="stable")
    return out[out["amount"] != 0].drop(columns="segment").reset_index(drop=True)


def _remarks(x: Segments, at: _Places) -> pd.DataFrame:
    """Remark codes of claims and lines, blank ones left out."""
    parts = []
    for name, places in _REMARKS:
        rows = _within(x, at, name)
        rows = rows[at.claim[rows] >= 0]
        parts += [
            pd.DataFrame({"claim": at.claim[rows], "line": -1, "code": _texts(x, rows, number)})
            for number in places
        ]
    rows = _within(x, at, "LQ")
    rows = rows[(at.line[rows] >= 0) & np.asarray(pc.equal(x.element(rows, 1), "HE"))]
    lines = {"claim": at.claim[rows], "line": at.line[rows], "code": _texts(x, rows, 2)}
    parts.append(pd.DataFrame(lines))
    out = pd.concat(parts, ignore_index=True).astype({"claim": "int64", "line": "int64"})
    out["code"] = out["code"].str.strip().str.upper()
    return out[out["code"] != ""].reset_index(drop=True)


def _stacked(found: list[dict[str, pd.DataFrame]]) -> dict[str, pd.DataFrame]:
    """Pieces one after the other, their numbers moved on."""
    if len(found) == 1:
        return found[0]
    counts = {"payment": 0, "claim": 0, "line": 0}
    moved: dict[str, list[pd.DataFrame]] = {name: [] for name in found[0]}
    for parts in found:
        for name, frame in parts.items():
            shifted = {k: frame[k].where(frame[k] < 0, frame[k] + n)
                       for k, n in counts.items() if k in frame}  # fmt: skip
            moved[name].append(frame.assign(**shifted))
        counts["payment"] += len(parts["payments"])
        counts["claim"] += len(parts["claims"])
        counts["line"] += len(parts["lines"])
    return {name: pd.concat(frames, ignore_index=True) for name, frames in moved.items()}


def held_reason(text: str) -> str:
    """One sentence on an amount that cannot be read."""
    return f'"{text[:20]}" {why_unreadable(text)}'
