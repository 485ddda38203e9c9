"""Claims as payers sent them back: one row a CLP, which of them stand, and who speaks first.

A reversal and what it reverses cancel; a denial as a duplicate changes nothing; a claim passed on
to another payer decides nothing. What is left stands, ordered by the payer's rank, then by date.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from writeoffs import taxonomy
from writeoffs import vocabulary as v
from writeoffs.book import Book, Index, sum_by
from writeoffs.keys import codes as _codes
from writeoffs.keys import combine, number
from writeoffs.money import Cents
from writeoffs.remit_claims import sent_claims

Mask = npt.NDArray[np.bool_]
_RANKS: Final = (v.PRIMARY_STATUS, v.SECONDARY_STATUS, v.TERTIARY_STATUS)

_NEVER: Final = np.iinfo(np.int64).max


@dataclass(frozen=True)
class Marks:
    """Which postings of a book are what."""

    charge: Mask
    paid: Mask
    written: Mask
    share: Mask
    waits: Mask
    duplicate: Mask

    @classmethod
    def of(cls, book: Book) -> Marks:
        """Marks over all postings."""
        kinds = book.kinds
        return cls(
            marked(book, [(k.entry, k.category) == (v.CHARGE, v.SERVICE) for k in kinds]),
            book.where(v.INSURER_PAYMENT),
            book.where(v.WRITE_OFF),
            book.where(v.PATIENT_SHARE),
            marked(book, [taxonomy.waits(k) for k in kinds]),
            marked(book, [k.category == "duplicate" for k in kinds]),
        )


def marked(book: Book, kinds: list[bool]) -> Mask:
    """Flags of a book's kinds as flags of its postings."""
    flags = np.array(kinds, dtype=bool)
    return flags[book.kind] if len(flags) else np.zeros(len(book), dtype=bool)


@dataclass(frozen=True)
class Statements:
    """Claims as sent.

    ``sent``: a row a CLP (and claim, where an export holds its days as several): claim, party (a
    payer in one rank), rank, day, charge, paid, written and share in cents; ``denied`` (nothing
    paid or assigned, all written off), ``reversal``, ``undone`` (one of a cancelling pair),
    ``stands``; ``turn`` of its party in the claim and ``order`` over all. ``of_row``: the CLP of
    each row of the book, -1 for any other row.
    """

    sent: pd.DataFrame
    of_row: Index

    def of_rows(self, name: str, missing: int = 0) -> npt.NDArray[np.int64]:
        """A column of ``sent`` for each row of the book."""
        values = self.sent[name].to_numpy().astype(np.int64)
        if not len(values):
            return np.full(len(self.of_row), missing, dtype=np.int64)
        return np.where(self.of_row >= 0, values[self.of_row], missing)


def statements(book: Book, claim: Index, line: Index, mine: Mask, marks: Marks) -> Statements:
    """The claims as sent in the rows ``mine``."""
    rows = np.flatnonzero(mine)
    of_row = np.full(len(book.rows), -1, dtype=np.int64)
    of_row[rows] = sent_claims(book.rows, rows, claim)
    first = rows[np.unique(of_row[rows], return_index=True)[1]]
    at = of_row[book.at]

    def sums(wanted: Mask) -> Cents:
        keep = wanted & (at >= 0)
        return sum_by(at[keep], book.amount[keep], len(first))

    sent = pd.DataFrame(
        {
            "claim": claim[first],
            "payer": _codes(book.rows["payer"])[first],
            "status": book.rows["remit"].to_numpy()[first].astype(np.int64),
            "day": _codes(book.rows["post_date"])[first],
            "charge": sums(marks.charge),
            "paid": sums(marks.paid),
            "written": sums(marks.written),
            "share": sums(marks.share),
            "twice": sums(marks.duplicate),
            "signature": _signatures(book, line, at, len(first)),
        }
    )
    sent["reversal"] = (sent["status"] == v.REVERSAL_STATUS) | (sent["charge"] < 0)
    sent["denied"] = (
        (sent["paid"] == 0) & (sent["share"] == 0) & (sent["written"] >= sent["charge"])
    )
    sent["undone"] = _pairs(sent)
    sent["stands"] = ~sent["reversal"] & ~sent["undone"] & ~_passed_on(sent)
    sent["stands"] &= ~_copies(sent)
    return Statements(_ranked(sent), of_row)


def _signatures(book: Book, line: Index, at: Index, size: int) -> Index:
    """One number for all that a claim as sent says of its lines; its negative for the reversal."""
    odd = np.uint64(0x9E3779B97F4A7C15)
    told = (line[book.at].astype(np.uint64) * odd) ^ (book.kind.astype(np.uint64) + np.uint64(1))
    told = (told * odd) ^ (told >> np.uint64(29))
    out = np.zeros(size, dtype=np.uint64)
    known = at >= 0
    np.add.at(out, at[known], (told * odd * book.amount.view(np.uint64))[known])
    return out.view(np.int64)


def _pairs(sent: pd.DataFrame) -> Mask:
    """Reversals and what they reverse, of the same claim and payer.

    First what is negated dollar for dollar, the latest before the reversal; else charges and
    payments that cancel, else charges alone.
    """
    out = np.zeros(len(sent), dtype=bool)
    for by in (["signature"], ["charge", "paid"], ["charge"]):
        left = np.flatnonzero(~out)
        back = sent["reversal"].to_numpy()[left]
        if not back.any():
            return out
        turned = sent[by].to_numpy()[left] * np.where(back, -1, 1)[:, None]
        keys = [sent["claim"].to_numpy()[left], sent["payer"].to_numpy()[left]]
        keys += [number(column)[0] for column in turned.T]
        key, _ = number(combine(keys))
        if by == ["signature"]:
            out[left[_nested(key, back, sent["day"].to_numpy()[left])]] = True
            continue
        turn = pd.DataFrame({"key": key, "back": back}).groupby(["key", "back"]).cumcount()
        pair, _ = number(combine([key, turn.to_numpy().astype(np.int64)]))
        both = np.bincount(pair[back], minlength=pair.max(initial=-1) + 1) > 0
        both &= np.bincount(pair[~back], minlength=len(both)) > 0
        out[left[both[pair]]] = True
    return out


def _nested(key: Index, back: Mask, day: Index) -> Mask:
    """Which of a key's statements pair up, each reversal with the latest open one before it."""
    order = np.lexsort([np.arange(len(key)), day, key])
    frame = pd.DataFrame({"key": key[order], "step": np.where(back[order], -1, 1)})
    depth = frame.groupby("key")["step"].cumsum()
    lowest = depth.groupby(frame["key"]).cummin().clip(upper=0)
    before = (lowest.groupby(frame["key"]).shift(fill_value=0)).to_numpy()
    lone = back[order] & (depth.to_numpy() < before)  # nothing was open
    level = depth.to_numpy() - lowest.to_numpy() + back[order]
    turn = frame.assign(level=level, back=back[order])[~lone]
    turn = turn.assign(turn=turn.groupby(["key", "level", "back"]).cumcount())
    met = turn.groupby(["key", "level", "turn"])["back"].transform("size") == 2
    out = np.zeros(len(key), dtype=bool)
    out[order[turn.index[met.to_numpy()]]] = True
    return out


def _passed_on(sent: pd.DataFrame) -> pd.Series:
    """Claims of another payer's member, passed on: nothing was decided."""
    return (sent["status"] == v.NOT_OURS_STATUS) & (sent["paid"] == 0)


def _copies(sent: pd.DataFrame) -> Mask:
    """Denials as a duplicate of a claim that stands in the data: they change nothing."""
    copy = (
        (sent["twice"] == sent["charge"]) & (sent["charge"] > 0) & (sent["paid"] == 0)
    ).to_numpy()
    real = sent["stands"].to_numpy() & ~copy
    has = np.zeros(int(sent["claim"].max()) + 2, dtype=bool)
    has[sent["claim"].to_numpy()[real]] = True
    return np.asarray(copy & has[sent["claim"].to_numpy()])


def _ranked(sent: pd.DataFrame) -> pd.DataFrame:
    """Rank, party, turn and order. A status without a rank (4, denied) takes its payer's, else it
    comes second where a first payer has spoken by then.
    """
    rank = np.zeros(len(sent), dtype=np.int64)
    for step, codes in enumerate(_RANKS, start=1):
        rank[sent["status"].isin(codes).to_numpy()] = step
    known = rank > 0
    by_payer, _ = number(combine([sent["claim"].to_numpy(), sent["payer"].to_numpy()]))
    own = _lowest(by_payer, rank, known)
    day, claim = sent["day"].to_numpy(), sent["claim"].to_numpy()
    opened = _lowest(claim, day, rank == 1, _NEVER)
    taken = opened <= _lowest(by_payer, day, np.full(len(sent), True), _NEVER)
    guessed = np.where(own > 0, own, np.where(taken, 2, 1))
    rank = np.where(known, rank, guessed)
    party, _ = number(combine([by_payer, rank]))
    out = sent.assign(rank=rank, party=party)
    began = out.groupby("party")["day"].transform("min")
    place = np.lexsort([np.arange(len(out)), out["day"], party, began, rank, out["claim"]])
    order = np.empty(len(out), dtype=np.int64)
    order[place] = np.arange(len(out))
    out["order"] = order
    lead = out.loc[out["stands"]].groupby("party")["order"].min()
    turns = lead.groupby(out.groupby("party")["claim"].first().reindex(lead.index)).rank()
    out["turn"] = turns.reindex(out["party"]).fillna(0).to_numpy().astype(np.int64) - 1
    return out


def _lowest(groups: Index, values: Index, among: Mask, missing: int = 0) -> Index:
    """The lowest value of each group among some rows, ``missing`` where it has none."""
    out = np.full(int(groups.max(initial=-1)) + 1, _NEVER, dtype=np.int64)
    np.minimum.at(out, groups[among], values[among])
    return np.where(out == _NEVER, missing, out)[groups]


def lead_parties(sent: pd.DataFrame) -> pd.Series:
    """The party whose charge counts, by claim: best rank; of several the last that did not deny."""
    standing = sent[sent["stands"]]
    late = standing["order"].where(standing["denied"], -standing["order"])
    first = standing.assign(late=late).sort_values(["claim", "rank", "denied", "late"])
    return first.drop_duplicates("claim").set_index("claim")["party"]
