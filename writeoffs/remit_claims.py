"""Which claim and line a remittance's rows speak of.

A claim number comes back as the practice sent it (CLP01), but some practices and some anonymised
files use one number for many patients or visits. So: one number whose days of service overlap is
one claim; where one payer names several patients under it, each patient's is its own. A claim that
the practice's own export holds is that claim.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from writeoffs import vocabulary as v
from writeoffs.book import Index
from writeoffs.keys import codes as _codes
from writeoffs.keys import combine, number

Mask = npt.NDArray[np.bool_]
_NO_DAY = np.iinfo(np.int64).min  # what NaT becomes as a number of days


def claim_rows(rows: pd.DataFrame) -> Mask:
    """Rows of remittances that stand on a claim."""
    status = rows["remit"].to_numpy()
    return np.asarray((status != 0) & (status != v.NO_CLAIM))


def sent_claims(rows: pd.DataFrame, mine: Index, claim: Index | None = None) -> Index:
    """Number the claims as sent (CLP segments) of some rows, apart by ``claim`` where given."""
    columns = [_codes(rows["file"])[mine], rows["row"].to_numpy()[mine]]
    return number(combine(columns if claim is None else [*columns, claim[mine]]))[0]


def with_remittances(rows: pd.DataFrame, claim: Index, count: int) -> tuple[Index, int]:
    """Give the rows of remittances their claims: those of the exports, else their own.

    Args:
        rows: all rows.
        claim: claim numbers of the exports' rows; remittances' are ignored.
        count: how many claims the exports have.
    """
    mine = np.flatnonzero(claim_rows(rows))
    if not len(mine):
        return claim, count
    sent = sent_claims(rows, mine)
    first = np.unique(sent, return_index=True)[1]
    text, payer, patient = (_codes(rows[n])[mine[first]] for n in ("claim", "payer", "patient"))
    day = _one_day(text, *_span(sent, _codes(rows["service_date"])[mine], len(first)))
    named = np.where(_many_patients(text, payer, patient, day), patient, -1)
    alone = np.where(text < 0, np.arange(len(text)), -1)  # a claim without a number is its own
    own, _ = number(combine([text, day, named, alone]))
    home = _home(rows, claim, text, day)
    stranger = home < 0
    spread, names = number(own[stranger])
    found = home.copy()
    found[stranger] = count + spread
    # The export may hold the days of one claim as sent as claims of their own.
    own_day = _codes(rows["service_date"])[mine]
    by_row = _home(rows, claim, text[sent], np.where(own_day == _NO_DAY, day[sent], own_day))
    out = claim.copy()
    out[mine] = np.where(stranger[sent], found[sent], by_row)
    out[rows["remit"].to_numpy() == v.NO_CLAIM] = -1
    return out, count + len(names)


def _span(sent: Index, days: Index, count: int) -> tuple[Index, Index]:
    """First and last day of service of each claim as sent; no day where none is known."""
    low, high = np.full(count, np.iinfo(np.int64).max), np.full(count, _NO_DAY)
    known = days != _NO_DAY
    np.minimum.at(low, sent[known], days[known])
    np.maximum.at(high, sent[known], days[known])
    return np.where(high == _NO_DAY, _NO_DAY, low), high


def _one_day(text: Index, low: Index, high: Index) -> Index:
    """The day that stands for each claim: the first of all that share its number and its days.

    A later payer may speak of some days only. Claims without a day take that of their number,
    where it has only one.
    """
    dated = np.flatnonzero(low != _NO_DAY)
    order = dated[np.lexsort([low[dated], text[dated]])]
    reach = pd.Series(high[order]).groupby(text[order]).cummax().to_numpy()
    begins = np.r_[True, text[order][1:] != text[order][:-1]][: len(order)]
    begins[1:] |= low[order][1:] > reach[:-1]
    day = low.copy()
    day[order] = low[order][begins][np.cumsum(begins) - 1]
    grouped = pd.Series(day[dated]).groupby(text[dated])
    one = grouped.first()[grouped.nunique() == 1]
    filled = one.reindex(text).to_numpy()
    missing = (low == _NO_DAY) & ~np.isnan(filled)
    return np.where(missing, np.nan_to_num(filled), day).astype(np.int64)


def _many_patients(text: Index, payer: Index, patient: Index, day: Index) -> Mask:
    """Claims whose number and day one payer uses for several patients."""
    spoken = patient >= 0
    frame = pd.DataFrame({"text": text, "payer": payer, "day": day, "patient": patient})[spoken]
    several = frame.groupby(["text", "payer", "day"])["patient"].nunique()
    found = several[several > 1].reset_index()
    key, _ = number(combine([np.r_[text, found["text"]], np.r_[day, found["day"]]]))
    return np.isin(key[: len(text)], key[len(text) :])


def _home(rows: pd.DataFrame, claim: Index, text: Index, day: Index) -> Index:
    """The export's claim of each number and day, else of the number; -1 where there is none."""
    own = np.flatnonzero((claim >= 0) & (rows["remit"].to_numpy() == 0))
    names, days = _codes(rows["claim"])[own], _codes(rows["service_date"])[own]
    key, _ = number(combine([np.r_[names, text], np.r_[days, day]]))
    exact = pd.Series(claim[own]).groupby(key[: len(own)]).first().reindex(key[len(own) :])
    loose = pd.Series(claim[own]).groupby(names).first().reindex(text)
    out = np.where(np.isnan(exact), loose, exact)
    out = np.where(np.isnan(out) | (text < 0), -1, out)
    return out.astype(np.int64)


def align_lines(rows: pd.DataFrame, claim: Index) -> pd.DataFrame:
    """Name the lines of remittances as the practice's own export does, where it has the claim.

    By the line's number as sent back (REF*6R), else by procedure and modifier, else by procedure;
    repeated procedures in their order. What matches nothing keeps its own name.
    """
    remit = claim_rows(rows)
    own = np.flatnonzero(~remit & (claim >= 0))
    mine = np.flatnonzero(remit & np.isin(claim, claim[own]))
    if not len(mine) or not len(own):
        return rows
    names = {n: _codes(rows[n]).copy() for n in ("line", "procedure", "modifier")}
    key = combine([claim[own], *(c[own] for c in names.values())])
    own = own[np.sort(np.unique(key, return_index=True)[1])]
    own = own[(names["line"][own] >= 0) | (names["procedure"][own] >= 0)]
    match = np.full(len(mine), -1, dtype=np.int64)
    sent = sent_claims(rows, mine)
    for by in (("line",), ("procedure", "modifier"), ("procedure",)):
        left = np.flatnonzero((match < 0) & (names[by[0]][mine] >= 0))
        free = own[names[by[0]][own] >= 0]
        both = np.concatenate([free, mine[left]])
        group, _ = number(combine([claim[both], *(names[n][both] for n in by)]))
        ours = _with_turn(group[: len(free)], np.zeros(len(free), dtype=np.int64))
        theirs = _with_turn(group[len(free) :], sent[left])
        place = pd.Series(free, index=pd.MultiIndex.from_arrays(ours))
        place = place[~place.index.duplicated()]
        found = place.reindex(pd.MultiIndex.from_arrays(theirs)).to_numpy()
        match[left] = np.where(np.isnan(found), -1, np.nan_to_num(found)).astype(np.int64)
    hit = match >= 0
    for values in names.values():
        values[mine[hit]] = values[match[hit]]
    return rows.assign(
        **{n: pd.Categorical.from_codes(c, dtype=rows[n].dtype) for n, c in names.items()}
    )


def remittance_turns(rows: pd.DataFrame, claim: Index) -> tuple[Index, Index]:
    """Day and turn among their like of the lines of claims that only remittances know, else 0."""
    day, turn = (np.zeros(len(rows), dtype=np.int64) for _ in range(2))
    remit = claim_rows(rows)
    known = np.unique(claim[~remit])
    mine = np.flatnonzero(remit & ~np.isin(claim, known) & (_codes(rows["procedure"]) >= 0))
    if len(mine):
        day[mine] = _codes(rows["service_date"])[mine]
        like = [_codes(rows[n])[mine] for n in ("line", "procedure", "modifier")]
        group = combine([*like, day[mine]])
        turn[mine] = _with_turn(group, sent_claims(rows, mine))[1]
    return day, turn


def _with_turn(group: Index, within: Index) -> list[Index]:
    """Groups with the turn of each member: the second of two alike is another line."""
    turn = pd.DataFrame({"group": group, "within": within}).groupby(["group", "within"]).cumcount()
    return [group, turn.to_numpy().astype(np.int64)]


def follow_charge(rows: pd.DataFrame, claim: Index, line: Index, charged: Mask) -> pd.DataFrame:
    """Give a remittance's rows the patient, place and date of the charge that they speak of.

    Each payer has its own number for a patient and its own spelling of a practice; under a filter
    the charge and what became of it must stay together. Of the line's charge where it has one, else
    of the claim's charges where they agree.
    """
    mine = np.flatnonzero(claim_rows(rows))
    if not len(mine) or not charged.any():
        return rows
    source = np.flatnonzero(charged & (claim >= 0))[::-1]
    of_line = np.full(int(line.max()) + 1, -1, dtype=np.int64)
    of_line[line[source]] = source
    of_claim = np.full(int(claim.max()) + 2, -1, dtype=np.int64)
    of_claim[claim[source]] = source
    by_line, by_claim = of_line[line[mine]], of_claim[claim[mine]]
    out = {}
    for name in ("patient", "practice", "provider", "location"):
        values = _codes(rows[name]).copy()
        several = _several(values[source], claim[source], len(of_claim))[claim[mine]]
        home = np.where(by_line >= 0, by_line, np.where(several, -1, by_claim))
        values[mine] = np.where(home >= 0, values[home], values[mine])
        out[name] = pd.Categorical.from_codes(values, dtype=rows[name].dtype)
    days = rows["service_date"].to_numpy().copy()
    home = np.where(by_line >= 0, by_line, np.where(np.isnat(days[mine]), by_claim, -1))
    days[mine] = np.where(home >= 0, days[home], days[mine])
    return rows.assign(**out, service_date=days)


def _several(values: Index, groups: Index, size: int) -> Mask:
    """Groups in which the values differ."""
    low = np.full(size, np.iinfo(np.int64).max)
    high = np.full(size, np.iinfo(np.int64).min)
    np.minimum.at(low, groups, values)
    np.maximum.at(high, groups, values)
    return low < high
