"""X12 text -> segments: separators, elements and nothing of what they mean.

The whole text is split at once into two flat arrays, segments and elements, so that whoever asks
for one element of many segments gets a column and no loop. Separators come from each interchange's
own heading, found by counting its fields: real headings are shorter than the standard's 106
characters. Files without a heading, with prose before it, or with one segment a line are read too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Index = npt.NDArray[np.int64]

# Not \s, which holds the control characters that some payers separate with (hex 1C to 1F).
_BLANKS: Final = " \t\r\n"
_HEADING: Final = re.compile(r"ISA([^A-Za-z0-9 \t\r\n])")  # a plain beginning is searched fast
_BARE: Final = re.compile(
    r"(?<![A-Za-z0-9])(?:GS([^A-Za-z0-9 \t\r\n])[A-Z]{2}\1|ST([^A-Za-z0-9 \t\r\n])835)"
)
_HEADING_FIELDS: Final = 16
_TO_NEXT: Final = 80  # how far behind the last field of a heading the next segment may begin


class Separators(NamedTuple):
    """What an interchange separates its parts with."""

    element: str
    component: str
    segment: str


@dataclass(frozen=True)
class Segments:
    """Segments in file order: ``ids`` (int code a segment) into ``names``, elements flat.

    ``component``: the separator inside elements; one for all segments of a piece.
    """

    names: tuple[str, ...]
    ids: Index
    starts: Index
    ends: Index
    flat: pa.Array
    component: str

    def __len__(self) -> int:
        return len(self.ids)

    def at(self, *names: str) -> Index:
        """Positions of the segments of these names."""
        codes = [i for i, name in enumerate(self.names) if name in names]
        return np.flatnonzero(np.isin(self.ids, codes))

    def element(self, rows: Index, number: int) -> pa.Array:
        """One element of some segments as text, "" where they end before it."""
        place = self.starts[rows] + number
        missing = place >= self.ends[rows]
        found = self.flat.take(pa.array(np.where(missing, 0, place), mask=missing))
        return pc.utf8_trim_whitespace(found.fill_null(""))

    def width(self, rows: Index) -> Index:
        """How many elements some segments have behind their name."""
        return self.ends[rows] - self.starts[rows] - 1


def looks_like(data: bytes) -> bool:
    """Whether bytes hold X12 segments of a remittance somewhere near their beginning."""
    head = data[:20_000].decode("latin-1").replace("\x00", "")
    found = next(_headings(head), None)
    if found:
        cut = found.start() == 0 and found[1] == "*"  # no table begins so: X12, cut short
        return cut or head.count(found[1], found.end()) >= _HEADING_FIELDS - 1
    return bool(re.search(r"(?<![A-Za-z0-9])ST([^A-Za-z0-9 \t\r\n])835\1", head))


def _headings(text: str) -> Iterator[re.Match[str]]:
    """Where "ISA" and a separator begin a word."""
    for match in _HEADING.finditer(text):
        before = text[match.start() - 1 : match.start()]
        if not (before.isascii() and before.isalnum()):
            yield match


def decode(data: bytes) -> str:
    """Bytes as text: a byte-order mark, else strict UTF-8, else Windows-1252."""
    for mark, name in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return data.decode(name, errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def pieces(text: str) -> list[Segments]:
    """A file's segments, one piece for each run of interchanges with the same separators."""
    cuts = _cuts(text)
    out = []
    for place, (start, separators) in enumerate(cuts):
        end = cuts[place + 1][0] if place + 1 < len(cuts) else len(text)
        out.append(_split(text[start:end], separators))
    return [piece for piece in out if len(piece)]


def _cuts(text: str) -> list[tuple[int, Separators]]:
    """Where interchanges begin, with their separators; runs of the same ones taken together."""
    found = [(m.start(), _separators(text, m.start(), m[1])) for m in _headings(text)]
    first = _BARE.search(text)
    if first and (not found or first.start() < found[0][0]):
        element = first[1] or first[2]
        found.insert(0, (first.start(), _without_heading(text[first.start() :], element)))
    out: list[tuple[int, Separators]] = []
    for start, separators in found:
        if not out or out[-1][1] != separators:
            out.append((start, separators))
    return out


def _separators(text: str, start: int, element: str) -> Separators:
    """Separators of the interchange that begins at ``start``: behind its sixteenth field."""
    place = start + 3
    for _ in range(_HEADING_FIELDS - 1):
        place = text.find(element, place + 1)
        if place < 0:
            return _without_heading(text[start:], element)
    tail = text[place + 1 : place + 1 + _TO_NEXT]
    following = re.search(rf"(?:GS|ST|TA1|ISB|ISE){re.escape(element)}", tail)
    if following is None:
        rest = tail[1:].lstrip(_BLANKS)
        return Separators(element, tail[:1] or ":", rest[:1] or "\n")
    signs = "".join(sign for sign in tail[: following.start()] if sign not in _BLANKS)
    if len(signs) >= 2:
        return Separators(element, signs[0], signs[1])
    if signs and _ends_segments(text[place:], signs, element):
        return Separators(element, ":", signs)
    return Separators(element, signs or ":", "\n")


def _ends_segments(text: str, mark: str, element: str) -> bool:
    """Whether a mark stands before the segments that every remittance has."""
    return bool(re.search(rf"{re.escape(mark)}\s*(?:ST|BPR|TRN){re.escape(element)}", text))


def _without_heading(text: str, element: str) -> Separators:
    found = re.search(
        rf"([^ \t\r\nA-Za-z0-9{re.escape(element)}])\s*(?:BPR|TRN|ST)\{element}", text
    )
    segment = found[1] if found else "\n"
    component = re.search(r"SVC.[A-Z]{2}([^A-Za-z0-9 \t\r\n])", text)
    return Separators(element, component[1] if component else ":", segment)


def _split(text: str, by: Separators) -> Segments:
    """Cut one piece; line breaks inside segments are wrapping where something else ends them."""
    if by.segment != "\n":
        text = text.replace("\r", "").replace("\n", "")
    parts = pa.array(text.split(by.segment), type=pa.large_string())
    parts = pc.utf8_trim_whitespace(parts)
    parts = parts.filter(pc.greater(pc.binary_length(parts), 0))
    lists = pc.split_pattern(parts, by.element)
    offsets = lists.offsets.to_numpy().astype(np.int64)
    flat = lists.values
    names = pc.utf8_upper(flat.take(pa.array(offsets[:-1]))).dictionary_encode()
    return Segments(
        tuple(names.dictionary.to_pylist()),
        names.indices.to_numpy(zero_copy_only=False).astype(np.int64),
        offsets[:-1],
        offsets[1:],
        flat,
        by.component,
    )
