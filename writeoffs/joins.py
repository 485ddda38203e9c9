"""Names that stand in another file: a posting table's payer, found over keys that files share.

A column whose values are nearly all found in the nearly unique key column of another table points
at that table's rows; up to three such steps may lead to a column of names. Coverage kept by patient
and dates is a step of its own kind. Names alone prove nothing: small numbers that fit by chance
(payer 5, provider 5) count as a key only where the headings agree too. Everything works on the
distinct texts of a column.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from writeoffs import vocabulary as v
from writeoffs.headings import read_heading
from writeoffs.keys import combine, first_rows, number
from writeoffs.mapping import heading_is_id
from writeoffs.parsed import Label, Parsed
from writeoffs.plan import Plan
from writeoffs.readers.raw import Column
from writeoffs.words import words

Index = npt.NDArray[np.int64]

FIELDS: Final = ("payer", "provider", "location", "practice")
_ABOUT: Final[dict[str, frozenset[str]]] = {
    "payer": frozenset({"insurance", "policy", "plan", "coverage"}),
    "provider": frozenset({"provider", "doctor", "physician", "clinician"}),
    "location": frozenset({"location", "facility", "department", "site"}),
    "practice": frozenset({"practice", "organization", "clinic"}),
}
_NEARLY: Final = 0.9  # of the distinct values of a pointing column, found in the key
_UNIQUE: Final = 0.98
_STEPS: Final = 3
_ODD: Final = 0.01  # two ways that name no more rows than this differently agree
_EQUAL: Final = 0.02  # two paths that name as many rows, give or take
_OTHERS: Final = frozenset({"secondary", "tertiary", "second", "third", "supervising", "referring"})
_SAYS_NOTHING: Final = frozenset({"id", "number", "code", "key", "identifier"})
_FROM: Final = frozenset({"start", "from", "begin", "effective", "eff"})
_TO: Final = frozenset({"end", "to", "thru", "through", "term", "termination", "expiration"})
_ID: Final = re.compile(
    r"^(?:[A-Za-z]{0,6}[-_ ]?\d[\dA-Za-z-]*|[0-9A-Fa-f]{4,}(?:-[0-9A-Fa-f]+)+)$"
)


@dataclass(frozen=True)
class Table:
    """A table of the practice and how it is read.

    ``blocks``: where several exports of the same headings stand in one table, the export of each
    row; a key may then say one thing in each of them, and the first says it.
    """

    parsed: Parsed
    plan: Plan
    blocks: Index | None = None

    @property
    def name(self) -> str:
        """The file's name."""
        return self.parsed.raw.name

    def __len__(self) -> int:
        return len(self.parsed.raw)


@dataclass(frozen=True)
class Link:
    """A step: for each row of the table ``source`` the row of ``target`` it points at, or -1."""

    source: int
    column: str
    target: int
    rows: Index


@dataclass(frozen=True)
class Joined:
    """Names found for a field of one table: ``codes`` by row into ``names``, -1 where none.

    ``through`` are the names of the files on the way, the one that holds the names last; ``named``
    is False where only identifiers were found, because no file spells them out. ``agree`` are the
    tables on other ways that lead to the same names.
    """

    field: str
    heading: str
    codes: Index
    names: tuple[str, ...]
    through: tuple[str, ...]
    tables: tuple[int, ...]
    named: bool
    agree: tuple[int, ...] = ()
    rival: str = ""  # another way that is as good and says something else: nothing was joined

    @property
    def found(self) -> float:
        """The share of rows with a name, 0 to 1."""
        return float((self.codes >= 0).mean()) if len(self.codes) else 0.0


@dataclass(frozen=True)
class _Path:
    """Where a way has come to: ``rows`` of the table at its end, for each row at its start."""

    at: int
    rows: Index
    tables: tuple[int, ...]
    column: str  # the heading that pointed here
    first: str  # the heading of the posting table that the way began with


# --- keys and links -------------------------------------------------------------------------------


def links(tables: Sequence[Table], targets: int | None = None) -> list[Link]:
    """Every step from a column of one table to a key of another; of the first ``targets`` tables
    where that is given."""
    pointing = [_pointing(t) for t in tables]
    out: list[Link] = []
    for target, table in enumerate(tables[:targets]):
        for key in pointing[target]:
            label = table.parsed.label(key)
            if not _is_key(label, table.blocks):
                continue
            place = pd.Index(label.names)
            row_of = first_rows(label.codes[label.codes >= 0].astype(np.int64), len(label.names))
            if (label.codes < 0).any():
                row_of = np.flatnonzero(label.codes >= 0)[row_of]
            for source, other in enumerate(tables):
                if source == target:
                    continue
                for column in pointing[source]:
                    rows = _points(other, column, table, key, place, row_of)
                    if rows is not None:
                        out.append(Link(source, column, target, rows))
    return out


def _pointing(table: Table) -> list[str]:
    """Columns that may identify something: no money, no dates, no person's name."""
    out = []
    for heading, field_name in table.plan.columns.items():
        if field_name in (*v.MONEY_FIELDS, *v.DATE_FIELDS) or _is_persons_name(heading):
            continue
        if set(words(heading)) & _OTHERS or table.parsed.is_empty(heading):
            continue
        if heading_is_id(heading) or are_ids(table.parsed.label(heading)):
            out.append(heading)
    return out


def _is_persons_name(heading: str) -> bool:
    found = set(words(heading))
    if read_heading(heading).fields[:1] == ("patient_name",):
        return True
    return "name" in found and bool(found & {"owner", "patient", "first", "last"})


def are_ids(label: Label) -> bool:
    """Whether a column's texts are numbers of something rather than names."""
    texts = label.values[:100].to_pylist()
    return sum(bool(_ID.match(t)) for t in texts) > 0.6 * max(1, len(texts))


def _is_key(label: Label, blocks: Index | None) -> bool:
    known = label.codes >= 0
    stated = int(known.sum())
    if not stated or stated < _NEARLY * len(known):
        return False
    codes = label.codes[known].astype(np.int64)
    if blocks is not None:
        codes = number(combine([codes, blocks[known]]))[0]
    return bool(np.count_nonzero(np.bincount(codes)) >= _UNIQUE * stated)


def _points(
    table: Table, column: str, target: Table, key: str, place: pd.Index, row_of: Index
) -> Index | None:
    """The rows of the target that a column points at, or None where it does not."""
    label = table.parsed.label(column)
    sample = label.values[:: max(1, len(label.values) // 50)].to_pylist()
    if not sample or (place.get_indexer(sample) >= 0).mean() < _NEARLY / 2:
        return None
    found = place.get_indexer(pd.Index(label.names))
    if (found >= 0).mean() < _NEARLY:
        return None
    short = sum(len(t) >= 6 for t in sample) < _NEARLY * len(sample)
    if short and not _kin(column, key, target.name):
        return None
    return at_codes(np.where(found >= 0, row_of[found], -1), label.codes)


def _kin(column: str, key: str, file: str) -> bool:
    """Whether two headings speak of the same thing, or the first of the file of the second."""
    mine = set(words(column)) - _SAYS_NOTHING
    return bool(mine & ((set(words(key)) - _SAYS_NOTHING) | file_words(file)))


def file_words(name: str) -> set[str]:
    """The words of a file's name, singular: "dim_payers.csv" -> dim, insurance."""
    stem = name.rsplit(".", 1)[0]
    found = set()
    for word in words(stem):
        single = f"{word[:-3]}y" if word.endswith("ies") else word.removesuffix("s")
        found |= {word, *words(single)}
    return found


def at_codes(values: Index, codes: npt.NDArray[np.integer]) -> Index:
    """``values[codes]``, and -1 where the code is -1."""
    return np.append(values, -1)[codes].astype(np.int64)


def coverages(tables: Sequence[Table], source: int, targets: int | None = None) -> list[Link]:
    """Steps from a patient and a service date to the row of the coverage of that day."""
    table = tables[source]
    patient, service = table.plan.heading("patient_id"), table.plan.heading("service_date")
    if patient is None or service is None:
        return []
    out = []
    for target, other in enumerate(tables[:targets]):
        start, end = _bound(other, _FROM), _bound(other, _TO)
        member = other.plan.heading("patient_id")
        if target == source or start is None or end is None or member is None:
            continue
        rows = _covered(table, (patient, service), other, (member, start, end))
        if rows is not None:
            out.append(Link(source, patient, target, rows))
    return out


def _bound(table: Table, said: frozenset[str]) -> str | None:
    """The date column that begins or ends a coverage, by its name."""
    for heading in table.plan.columns:
        if set(words(heading)) & said and table.parsed.is_dates(heading):
            return heading
    return None


def _covered(
    table: Table, who: tuple[str, str], other: Table, cover: tuple[str, str, str]
) -> Index | None:
    """For each row the last coverage of its patient that had begun and not yet ended."""
    mine, theirs = table.parsed.label(who[0]), other.parsed.label(cover[0])
    same = pd.Index(theirs.names).get_indexer(pd.Index(mine.names))
    if not len(same) or (same >= 0).mean() < _NEARLY:
        return None
    person = at_codes(same.astype(np.int64), mine.codes)
    day = table.parsed.day(who[1]).days.astype(np.int64)
    begun = other.parsed.day(cover[1]).days.astype(np.int64)
    last = other.parsed.day(cover[2]).days
    ends = np.where(np.isnat(last), np.iinfo(np.int64).max, last.astype(np.int64))
    order = np.lexsort((begun, theirs.codes))
    order = order[(theirs.codes[order] >= 0) & (begun[order] != np.iinfo(np.int64).min)]
    if not len(order):
        return None
    base = int(begun[order].min()) - 1
    room = 2**24  # days: more than any calendar holds
    known = (person >= 0) & (day > base) & (day < base + room)
    when = np.where(known, person * room + day - base, -1)
    stamps = theirs.codes[order].astype(np.int64) * room + begun[order] - base
    at = np.searchsorted(stamps, when, side="right") - 1
    row = order[np.maximum(at, 0)]
    fits = known & (at >= 0) & (theirs.codes[row] == person) & (day <= ends[row])
    return np.where(fits, row, -1).astype(np.int64)


# --- names at the end of a way --------------------------------------------------------------------


def find_names(
    tables: Sequence[Table], source: int, steps: Sequence[Link], targets: int | None = None
) -> list[Joined]:
    """The names that other tables hold for one table's payer, provider, location and practice.

    Returns:
        At most one ``Joined`` a field; with ``rival`` set where two ways are equally good and
        disagree, so that a person has to say which one is right.
    """
    table = tables[source]
    wanted = [f for f in FIELDS if _lacks(table, f)]
    if not wanted:
        return []
    paths = _paths(tables, source, [*steps, *coverages(tables, source, targets)])
    out = []
    for field_name in wanted:
        found = [j for p in paths for j in _ends(tables, source, p, field_name)]
        if found:
            out.append(_best(found))
    return out


def _lacks(table: Table, field_name: str) -> bool:
    heading = table.plan.heading(field_name)
    if heading is None and field_name == "payer":
        heading = table.plan.heading("plan")
    return heading is None or are_ids(table.parsed.label(heading))


def _paths(tables: Sequence[Table], source: int, steps: Sequence[Link]) -> list[_Path]:
    """Every way of up to three steps from a table, through none of the tables twice."""
    found: list[_Path] = []
    edge = [_Path(source, np.arange(len(tables[source])), (source,), "", "")]
    for _ in range(_STEPS):
        further = []
        for path in edge:
            for step in steps:
                if step.source == path.at and step.target not in path.tables:
                    rows = at_codes(step.rows, path.rows)
                    way = (*path.tables, step.target)
                    first = path.first or step.column
                    further.append(_Path(step.target, rows, way, step.column, first))
        found += further
        edge = further
    return found


def _ends(tables: Sequence[Table], source: int, path: _Path, field_name: str) -> list[Joined]:
    """The columns at the end of a way that hold names for a field."""
    own = tables[source].plan.heading(field_name)
    if own is not None and path.first != own:
        return []
    table = tables[path.at]
    out = []
    for heading in table.plan.columns:
        if not _names(table, heading, field_name, path.column):
            continue
        label = table.parsed.label(heading)
        named = not are_ids(label)
        if named or (field_name == "payer" and own is None):
            through = tuple(tables[i].name for i in path.tables[1:])
            codes = at_codes(label.codes.astype(np.int64), path.rows)
            if (codes >= 0).any():
                way = path.tables[1:]
                out.append(Joined(field_name, heading, codes, label.names, through, way, named))
    return out


def _names(table: Table, heading: str, field_name: str, pointer: str) -> bool:
    """Whether a column names what a field asks for, by its heading, its file or what led there."""
    if _is_persons_name(heading) or table.parsed.is_empty(heading):
        return False
    if table.plan.columns[heading] == field_name:
        return True
    found = set(words(heading)) - {"full", "display"}
    if "name" not in found:
        return False
    rest = found - {"name"}
    about = _ABOUT[field_name]
    if rest:
        return rest <= about
    return bool(about & (file_words(table.name) | set(words(pointer))))


def _best(found: list[Joined]) -> Joined:
    """The way that names most rows, in the fewest steps; marked where an equal one disagrees."""
    named = [j for j in found if j.named] or found
    ranked = sorted(named, key=lambda j: (-round(j.found, 3), len(j.tables), j.through, j.heading))
    best, agree = ranked[0], set[int]()
    for other in ranked[1:]:
        differ = _differ(best, other)
        if differ is not None and differ <= _ODD:
            agree |= set(other.tables)
        elif differ is not None and other.found >= best.found - _EQUAL:
            return replace(best, rival=f'"{other.heading}" of {other.through[-1]}')
    return replace(best, agree=tuple(sorted(agree - set(best.tables))))


def _differ(one: Joined, other: Joined) -> float | None:
    """The share of rows that two ways name differently; None where they never meet."""
    both = (one.codes >= 0) & (other.codes >= 0)
    if not both.any():
        return None
    place = pd.Index(one.names).get_indexer(pd.Index(other.names))
    return float((at_codes(place.astype(np.int64), other.codes[both]) != one.codes[both]).mean())


def stacked(tables: Sequence[Table]) -> Table:
    """Exports of the same headings as one table, the last by name first: it is the newest."""
    order = sorted(tables, key=lambda t: t.name, reverse=True)
    raws = [t.parsed.raw for t in order]
    columns = {}
    for heading in raws[0].headings:
        parts = [r.columns[heading] for r in raws]
        chunks = [pa.DictionaryArray.from_arrays(pa.array(c.codes), c.values) for c in parts]
        columns[heading] = Column.of(pa.chunked_array(chunks))
    raw = replace(
        raws[0],
        columns=columns,
        numbers=np.concatenate([r.numbers for r in raws]),
        lines=np.concatenate([r.lines for r in raws]),
    )
    first = order[0].parsed
    sizes = [len(r) for r in raws]
    parsed = Parsed(raw, first.decimal, first.orders)
    return Table(parsed, order[0].plan, np.repeat(np.arange(len(raws)), sizes))


def with_column(table: Table, joined: Joined) -> Table:
    """The table with the names as a column of its own, mapped to their field.

    A plan that already says something of that column, because a person did, is left as it is.
    """
    heading = joined_heading(joined)
    raw, plan = table.parsed.raw, table.plan
    if heading in raw.columns:
        return table
    codes = np.where(joined.codes >= 0, joined.codes, len(joined.names)).astype(np.int32)
    column = Column(codes, pa.array([*joined.names, ""], type=pa.string()))
    columns = {h: v.IGNORE if f == joined.field else f for h, f in plan.columns.items()}
    raw = replace(raw, columns={**raw.columns, heading: column}, joined=(*raw.joined, heading))
    return Table(
        replace(table.parsed, raw=raw), replace(plan, columns={**columns, heading: joined.field})
    )


def joined_heading(joined: Joined) -> str:
    """What the joined column is called: its heading and the file it stands in."""
    return f"{joined.heading} ({joined.through[-1]})"
