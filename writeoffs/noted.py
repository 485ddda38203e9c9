"""Money that a row states only in its text: "Ins1 coins: 10.00" beside an amount of zero.

OpenEMR and LibreEHR keep a patient's share, and every adjustment of a later payer, as an adjustment
of 0.00 whose memo holds the amount (reference/labels.csv). The zero says that the row moves no
balance. So what moves none is read from the text, shares and offsets for another payer's money;
anything else that a text names is said and not counted: the practice's own books have not posted
it, and may yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from writeoffs import taxonomy
from writeoffs import vocabulary as v
from writeoffs.book import Index, Writer
from writeoffs.keys import number, pick
from writeoffs.money import READ, Cents, parse_amounts, plain_dollars
from writeoffs.parsed import Parsed
from writeoffs.vocabulary import Kind

Mask = npt.NDArray[np.bool_]
_SHARES: Final = "patient share"
_OFFSETS: Final = "offsets for another payer's money"
_OTHERS: Final = "other adjustments"
_READ: Final = {v.PATIENT_SHARE: _SHARES, v.TRANSFER: _OFFSETS}  # what moves no balance


@dataclass
class Noted:
    """How many rows state money in their text, and how many cents, by what it is."""

    rows: dict[str, int] = field(default_factory=dict)
    cents: dict[str, int] = field(default_factory=dict)

    def add(self, what: str, rows: int, cents: int) -> None:
        """Count some rows."""
        self.rows[what] = self.rows.get(what, 0) + rows
        self.cents[what] = self.cents.get(what, 0) + cents

    def sentences(self) -> list[str]:
        """What was found, in words; nothing where nothing was."""
        ends = {
            _SHARES: "counted as patient responsibility",
            _OFFSETS: "they move no balance",
            _OTHERS: "not counted, for the row itself moves nothing",
        }
        return [
            f"{self.rows[what]} rows of amount zero name ${plain_dollars(self.cents[what])} of "
            f"{what} in their text; {end}"
            for what, end in ends.items()
            if what in self.rows
        ]


def reason_pairs(
    parsed: Parsed, reason: str | None, group: str | None, keep: Index
) -> tuple[list[tuple[str, str]], Index]:
    """Distinct (reason, group) texts of two columns and which of them each kept row holds."""
    texts: list[tuple[str, ...]] = []
    both = np.zeros(len(keep), dtype=np.int64)
    for heading in (reason, group):
        if heading is None:
            texts.append(("",))
            continue
        label = parsed.label(heading)
        both = both * (len(label.names) + 1) + pick(label.codes, keep) + 1
        texts.append(("", *label.names))
    spread, found = number(both)
    second = len(texts[1])
    pairs = [(texts[0][int(c) // second], texts[1][int(c) % second]) for c in found]
    return pairs, spread


def read_notes(
    pairs: Sequence[tuple[str, str]], decimal: str = "."
) -> tuple[list[Kind | None], Cents]:
    """What (text, group) pairs name, and the amount at the text's end.

    Args:
        pairs: reason texts as exported, each with its adjustment group or "".
        decimal: the decimal mark of the file.

    Returns:
        For each pair a kind and cents; None and 0 where the text ends in no amount or its label is
        not known.
    """
    split = [taxonomy.split_note(text) for text, _ in pairs]
    amounts = parse_amounts(pa.array([amount for _, amount in split], pa.string()), decimal)
    kinds: list[Kind | None] = []
    for (label, _), (_, group), state in zip(split, pairs, amounts.state, strict=True):
        kind = taxonomy.classify(label, group) if state == READ else None
        known = kind is not None and kind.category != v.UNCLASSIFIED
        kinds.append(kind if known else None)
    told = np.array([k is not None for k in kinds], dtype=bool)
    return kinds, np.where(told, amounts.cents, 0)


def post_notes(
    parsed: Parsed,
    headings: tuple[str | None, str | None],
    keep: Index,
    silent: Mask,
    writer: Writer,
    noted: Noted,
) -> Mask:
    """Post what a text column names on rows that move nothing themselves.

    Args:
        parsed: the table.
        headings: the text column and the column of adjustment groups, where there is one.
        keep: rows that are not held.
        silent: of those, the rows whose own amount is zero or blank.
        writer: where shares and offsets are posted.
        noted: where rows and cents are counted.

    Returns:
        The rows whose text named something, posted or not.
    """
    pairs, spread = reason_pairs(parsed, *headings, keep)
    kinds, cents = read_notes(pairs, parsed.decimal_mark[0])
    named = silent & (cents != 0)[spread]
    rows = np.flatnonzero(named)
    told = spread[rows]
    codes = np.full(len(pairs), -1, dtype=np.int64)
    what = np.full(len(pairs), _OTHERS, dtype=object)
    for i in np.unique(told):
        kind = kinds[int(i)]
        if kind is not None and kind.entry in _READ:
            codes[i], what[i] = writer.code(kind), _READ[kind.entry]
    for words in np.unique(what[told].astype(str)):
        mine = told[what[told] == words]
        noted.add(str(words), len(mine), int(cents[mine].sum()))
    posted = codes[told] >= 0
    writer.post(rows[posted], codes[told[posted]], cents[told[posted]])
    return named
