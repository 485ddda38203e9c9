"""A fee schedule that a practice has: what each payer's contract allows for a code.

A table of payer, code, modifier, allowed amount for one unit, and the dates between which it holds.
It is read like any upload, matched to lines without guessing, and holds no patient. A rate without
an end ends the day before the next rate of the same payer, code and modifier begins. Rates that
contradict each other are none: nobody here can know which of them was agreed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from writeoffs import keeping
from writeoffs.book import Index
from writeoffs.dates import Dates, parse_dates
from writeoffs.keys import codes
from writeoffs.parsed import Parsed
from writeoffs.problems import BadRequest
from writeoffs.readers import RawTable, read_bytes
from writeoffs.wording import count

VERSION: Final = 1
KEPT: Final = "fee-schedule.json"
COLUMNS: Final = ("payer", "code", "modifier", "allowed", "since", "until")

# Modifiers that change the price of a service: professional or technical part, both sides, reduced
# or shared work, an assistant (Medicare Physician Fee Schedule, payment modifiers; CMS Claims
# Processing Manual, chapter 12 and 23). A rate without them says nothing of such a line.
PRICING: Final = frozenset(
    "22 26 50 52 53 54 55 56 62 63 66 73 74 78 80 81 82 AD AS CO CQ FX FY QK QX QY TC".split()
)

_HEADINGS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "payer": frozenset({"payer", "payer name", "insurance", "insurance name", "insurer",
                            "carrier", "plan", "health plan"}),
        "code": frozenset({"code", "cpt", "cpt code", "cpt/hcpcs", "hcpcs", "hcpcs code",
                           "procedure", "procedure code", "cpt hcpcs", "service code"}),
        "modifier": frozenset({"modifier", "modifiers", "mod", "mods"}),
        "allowed": frozenset({"allowed", "allowed amount", "rate", "fee", "amount", "price",
                              "contract rate", "contracted rate", "contract allowed",
                              "contracted amount", "expected", "expected allowed",
                              "fee schedule amount"}),
        "since": frozenset({"from", "effective", "effective date", "effective from", "start",
                            "start date", "valid from", "from date", "begin date"}),
        "until": frozenset({"to", "through", "thru", "until", "end", "end date", "expires",
                            "expiration date", "effective to", "effective through", "valid to",
                            "to date", "termination date", "term date"}),
    }
)  # fmt: skip
_FIRST: Final = np.iinfo(np.int32).min // 2  # days: since ever, and for ever
_LAST: Final = np.iinfo(np.int32).max // 2
_NEVER: Final = re.compile(r"(?<!\d)(?:9999|9999[01]\d[0-3]\d|[01]\d[0-3]\d9999)(?!\d)")  # no end
_BROKEN: Final = re.compile("[\ud800-\udfff]")  # half a character: no table can hold it
_MOST_NAMED: Final = 5
_MOST_CENTS: Final = 1_000_000_000  # for one unit; more is an error, and overflows with its units
_SILENT: Final = -1
_UNSURE: Final = -2


@dataclass(frozen=True)
class Schedule:
    """Rates for one unit.

    ``rows``: ``payer`` ("" for every payer), ``code``, ``modifier`` ("" or marks such as "26",
    several with a comma), ``allowed`` (int64 cents), ``since`` and ``until`` (datetime64, NaT where
    open). ``notes``: what was left out and why, in sentences.
    """

    rows: pd.DataFrame
    name: str = ""
    notes: tuple[str, ...] = field(default=())

    def __len__(self) -> int:
        return len(self.rows)

    def charted(self, name_of: Callable[[str], str]) -> Schedule:
        """The schedule with its payers named as somebody charts them (``PayerAliases.charted``).

        Two names that become one may contradict each other; then neither rate is used, and said.
        """
        named = [name_of(p) if p else "" for p in self.rows["payer"]]
        if named == list(self.rows["payer"]):
            return self
        return _settled(self.rows.assign(payer=named), self.name, self.notes)

    def to_json(self) -> str:
        """The schedule as a small file; ``from_json`` gives the same."""
        rows = self.rows.assign(
            **{n: self.rows[n].dt.strftime("%Y-%m-%d").fillna("") for n in ("since", "until")}
        )
        body = {"version": VERSION, "name": self.name, "fee_schedule": rows.to_numpy().tolist()}
        return json.dumps(body, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Schedule:
        """Read a kept schedule.

        Raises:
            BadRequest: it is none, or was written by a newer version.
        """
        body = keeping.parse(text)
        rows, name = body.get("fee_schedule"), body.get("name", "")
        if body.get("version") != VERSION or not isinstance(rows, list):
            raise BadRequest("the fee schedule cannot be used: a newer or damaged format")
        if not isinstance(name, str) or not all(_is_rate(row) for row in rows):
            raise BadRequest("the fee schedule cannot be used: a rate in it is damaged")
        frame = pd.DataFrame(rows, columns=list(COLUMNS))
        return _settled(_typed(frame), name)


def _is_rate(row: Any) -> bool:
    """Whether a kept rate is one that ``read`` could have given."""
    if not isinstance(row, list) or len(row) != len(COLUMNS) or type(row[3]) is not int:
        return False
    texts = [*row[:3], *row[4:]]
    if not all(isinstance(text, str) and not _BROKEN.search(text) for text in texts):
        return False
    days = parse_dates(row[4:], planned=True)
    iso = all(re.fullmatch(r"([0-9]{4}-[0-9]{2}-[0-9]{2})?", text) for text in row[4:])
    ends_before = bool(days.days[1] < days.days[0])
    return iso and not days.bad.any() and not ends_before and 0 <= row[3] <= _MOST_CENTS


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    texts = {n: frame[n].astype("str") for n in ("payer", "code", "modifier")}
    days = {n: pd.to_datetime(frame[n].replace("", None)).astype("datetime64[s]")
            for n in ("since", "until")}  # fmt: skip
    return frame.assign(**texts, **days, allowed=frame["allowed"].astype("int64"))


# --- reading --------------------------------------------------------------------------------------


def read(source: str | Path | tuple[str, bytes] | RawTable) -> Schedule:
    """Read a fee schedule: a CSV or a workbook with a heading row.

    Args:
        source: a file, a (name, bytes) pair, or a raw table.

    Returns:
        A ``Schedule``. Columns: a code and an allowed amount; payer (blank: every payer), modifier,
        from and to where there are any. Rows that cannot be used are named in ``notes``.

    Raises:
        Unreadable: the file is no table.
        BadRequest: it has no column of codes or of amounts, or no row that can be used.
    """
    raw = source if isinstance(source, RawTable) else _raw(source)
    places = _places(raw)
    parsed = Parsed(raw)
    size = len(raw)
    texts = {n: _texts(parsed, places.get(n), size) for n in ("payer", "code", "modifier")}
    money = parsed.money(places["allowed"])
    good = money.stated & (money.cents >= 0)
    reasons = [(~good, "no amount that can be read")]
    reasons.append((good & (money.cents > _MOST_CENTS), "an amount above $10 million for one unit"))
    reasons.append((texts["code"] == "", "no code"))
    days = {}
    for name in ("since", "until"):
        days[name] = np.full(size, np.datetime64("NaT"), dtype="datetime64[s]")
        if name in places:
            found = _dates(parsed, places[name])
            days[name] = found.days.astype("datetime64[s]")
            reasons.append((found.bad, "a date that cannot be read"))
    reasons.append((days["since"] > days["until"], "an end before its beginning"))
    held = np.zeros(size, dtype=bool)
    uneven = np.array([row.row for row in raw.held], dtype=np.int64)
    notes = [*raw.notes, *_named(uneven, "cells that do not fit the headings")]
    for wrong, why in reasons:
        fresh = wrong & ~held
        held |= wrong
        notes += _named(raw.numbers[fresh], why)
    frame = pd.DataFrame({**texts, "allowed": money.cents, **days})[list(COLUMNS)]
    frame = frame.assign(modifier=[_marks(m) for m in frame["modifier"]])
    usable = _settled(frame[~held], raw.name, tuple(notes), raw.numbers[~held])
    if not len(usable):
        said = f": {usable.notes[-1]}" if usable.notes else ""
        raise BadRequest(f"{raw.name} holds no rate that can be used{said}")
    return usable


def _raw(source: str | Path | tuple[str, bytes]) -> RawTable:
    if isinstance(source, tuple):
        return read_bytes(source[1], source[0])
    path = Path(source)
    try:
        return read_bytes(path.read_bytes(), path.name)
    except OSError:
        raise BadRequest(f"the fee schedule {path.name} cannot be opened") from None


def _places(raw: RawTable) -> dict[str, str]:
    """Which heading is which column; the first of several."""
    out: dict[str, str] = {}
    for heading in raw.headings:
        bare = " ".join(re.sub(r"[_\s]+", " ", heading).split()).casefold()
        for name, known in _HEADINGS.items():
            if bare in known:
                out.setdefault(name, heading)
    for name, called, such in (
        ("code", "procedure codes", 'such as "Code" or "CPT"'),
        ("allowed", "allowed amounts", 'such as "Allowed" or "Rate"'),
    ):
        if name not in out:
            raise BadRequest(
                f"{raw.name} has no column of {called}\n\nHint: give one a heading {such}; its "
                f"headings are {', '.join(raw.headings[:8])}"
            )
    return out


def _texts(parsed: Parsed, heading: str | None, size: int) -> npt.NDArray[np.object_]:
    if heading is None:
        return np.full(size, "", dtype=object)
    label = parsed.label(heading)
    names = np.array([*label.names, ""], dtype=object)
    return names[label.codes]


def _dates(parsed: Parsed, heading: str) -> Dates:
    """Days of a column, NaT where open."""
    column = parsed.column(heading)
    texts = ["" if _NEVER.search(text) else text for text in column.texts()]
    found = parse_dates(texts, parsed.order(heading)[0], planned=True)
    return Dates(found.days[column.codes], found.bad[column.codes])


def _named(rows: npt.NDArray[np.int64], why: str) -> list[str]:
    """Rows that are left out, in words."""
    if not len(rows):
        return []
    listed = ", ".join(str(n) for n in rows[:_MOST_NAMED])
    more = f" and {len(rows) - _MOST_NAMED} more" if len(rows) > _MOST_NAMED else ""
    return [f"{count(len(rows), 'row')} left out for {why}: row {listed}{more}"]


def _settled(
    rows: pd.DataFrame,
    name: str,
    notes: tuple[str, ...] = (),
    numbers: npt.NDArray[np.int64] | None = None,
) -> Schedule:
    """Rates in order, each once, without those that contradict each other.

    ``numbers``: their rows in the file, for the notes.
    """
    frame = rows.assign(
        row=np.arange(1, len(rows) + 1) if numbers is None else numbers,
        _payer=[matched_by(p) for p in rows["payer"]],
        _code=rows["code"].str.upper(),
        _since=_days(rows["since"], _FIRST),
    )
    keys = ["_payer", "_code", "modifier"]
    same = [*keys, "_since", "until", "allowed"]
    repeated = frame.duplicated(same)
    if repeated.any():
        rest = "stands" if repeated.sum() == 1 else "stand"
        notes = (*notes, f"{count(int(repeated.sum()), 'rate')} {rest} twice; counted once")
    frame = frame[~repeated].sort_values([*keys, "_since"], kind="stable")
    key = frame.groupby(keys, sort=False, dropna=False).ngroup().to_numpy()
    wrong = _contradicting(key, frame["_since"].to_numpy(), _days(frame["until"], _LAST))
    if wrong.any():
        notes = (*notes, *_named(np.sort(frame["row"].to_numpy()[wrong]),
                                 "another rate for the same payer, code and day"))  # fmt: skip
    frame = frame[~wrong].reset_index(drop=True)
    return Schedule(frame[list(COLUMNS)], name, notes)


def _contradicting(key: Index, since: Index, until: Index) -> npt.NDArray[np.bool_]:
    """Rates (sorted by key and first day) that hold on a day on which another one holds too.

    An open end is closed by the next beginning, so that only a stated end can reach too far.
    """
    wrong = np.zeros(len(key), dtype=bool)
    follows = key[1:] == key[:-1]
    twice = follows & (since[1:] == since[:-1])
    stated = pd.Series(np.where(until < _LAST, until, _FIRST - 1))
    # An early rate may reach past the next one, into those after it.
    reach = stated.groupby(key).cummax().to_numpy()
    wrong[:-1] |= twice | (follows & (since[1:] <= stated.to_numpy()[:-1]))
    wrong[1:] |= twice | (follows & (since[1:] <= reach[:-1]))
    return wrong


def _days(values: pd.Series, missing: int) -> Index:
    days = values.to_numpy().astype("datetime64[D]")
    return np.where(np.isnat(days), missing, days.astype(np.int64))


def matched_by(text: str) -> str:
    """What a payer's name is recognised by: itself, without letter case and extra spaces."""
    return " ".join(str(text).split()).casefold()


def _marks(text: str) -> str:
    """Modifiers in one way to write them: "59 rt" -> "59,RT"."""
    return ",".join(sorted(modifiers(text)))


def modifiers(text: object) -> frozenset[str]:
    """The modifiers that a cell names: "59 rt" is 59 and RT."""
    return frozenset(re.findall(r"[0-9A-Z]{2}", str(text).upper()))


# --- matching -------------------------------------------------------------------------------------


class Marks(NamedTuple):
    """The modifiers of a line: all of them, and those that change its price."""

    every: str
    pricing: str


def marks(text: str) -> Marks:
    """The modifiers in a line's text, both ways."""
    found = _marks(text)
    return Marks(found, ",".join(m for m in found.split(",") if m in PRICING))


def rates(schedule: Schedule, lines: pd.DataFrame) -> pd.Series:
    """What a schedule allows on each line: its rate for one unit times the line's units.

    The payer's own rate comes before one for every payer; a rate for just the line's modifiers
    before one for those that change the price. A line with such a modifier never takes the rate
    without it, and a line without a date only a rate that holds for ever.

    Args:
        lines: payer, procedure, modifier (categories), service_date, quantity (int64 hundredths).

    Returns:
        Int64 cents, rounded half up; NA where the schedule says nothing.
    """
    rows = schedule.rows
    payers = [matched_by(p) for p in lines["payer"].cat.categories]
    procedures = [_code(p) for p in lines["procedure"].cat.categories]
    found = [marks(m) for m in lines["modifier"].cat.categories]
    # Every text of modifiers by a number; a line without any has that of "".
    texts = ["", *(m.every for m in found), *(m.pricing for m in found)]
    known = {text: place for place, text in enumerate(dict.fromkeys(texts))}
    modifier = codes(lines["modifier"])
    ways = [
        np.array([known[text] for text in (*way, "")], dtype=np.int64)[modifier]
        for way in ([m.every for m in found], [m.pricing for m in found])
    ]
    payer, procedure = (
        _firsts(names)[codes(lines[column])]
        for names, column in ((payers, "payer"), (procedures, "procedure"))
    )
    listed = _places_in(payers, map(matched_by, rows["payer"]))
    code = _places_in(procedures, map(_code, rows["code"]))
    mark = np.array([known.get(m, -1) for m in rows["modifier"]], dtype=np.int64)
    span = (len(procedures) + 1, len(known) + 1)
    anybody = (rows["payer"] == "").to_numpy()
    out = np.full(len(lines), _SILENT, dtype=np.int64)
    for mine, theirs, kind in ((payer, listed, ~anybody), (payer * 0, listed * 0, anybody)):
        rate_key = np.where(kind, _joint(theirs, code, mark, span), -1)
        for way in ways:
            cents = _in_force(rows, rate_key, _joint(mine, procedure, way, span), lines)
            out = np.where(out == _SILENT, cents, out)
    cents = (out * lines["quantity"].to_numpy() + 50) // 100
    return pd.Series(cents, index=lines.index, dtype="Int64").where(out >= 0)


def _code(text: object) -> str:
    """A procedure code as it is recognised."""
    return str(text).strip().upper()


def _places_in(names: list[str], texts: Iterable[str]) -> Index:
    """The first place of each text among names that lines carry; -1 where none does."""
    known = {name: place for place, name in reversed(list(enumerate(names)))}
    return np.array([known.get(text, -1) for text in texts], dtype=np.int64)


def _firsts(names: list[str]) -> Index:
    """For each category the first that is written alike, and -1 at the end, for a missing one."""
    return np.append(_places_in(names, names), -1)


def _joint(payer: Index, procedure: Index, mark: Index, span: tuple[int, int]) -> Index:
    """Three codes as one; -1 where one of them is missing."""
    joint = (payer * span[0] + procedure) * span[1] + mark
    return np.where((payer < 0) | (procedure < 0) | (mark < 0), -1, joint)


def _in_force(rows: pd.DataFrame, rate_key: Index, line_key: Index, lines: pd.DataFrame) -> Index:
    """Cents for one unit by the rate of each line's key that holds on its day.

    _SILENT where there is none; _UNSURE for a line without a date whose key has rates of which
    another may have held.
    """
    order = np.flatnonzero(rate_key >= 0)
    if not len(order):
        return np.full(len(lines), _SILENT, dtype=np.int64)
    since, until = _days(rows["since"], _FIRST), _days(rows["until"], _LAST)
    order = order[np.lexsort((since[order], rate_key[order]))]
    key, since, until = rate_key[order], since[order], until[order]
    undated = lines["service_date"].isna().to_numpy()
    day = _days(lines["service_date"], _LAST)
    room = np.int64(_LAST - _FIRST + 1)
    wanted = line_key * room + (day - _FIRST)
    at = np.searchsorted(key * room + (since - _FIRST), wanted, "right") - 1
    hit = (at >= 0) & (line_key >= 0)
    at = np.maximum(at, 0)
    hit &= (key[at] == line_key) & (undated | (day <= until[at]))
    first = np.append(True, key[1:] != key[:-1])
    always = first & (since == _FIRST) & (until == _LAST)
    cents = np.where(hit, rows["allowed"].to_numpy()[order][at], _SILENT)
    return np.where(hit & undated & ~always[at], _UNSURE, cents)


# --- kept on this computer ------------------------------------------------------------------------


def keep(schedule: Schedule) -> str:
    """Keep a schedule for the next session; returns a note for the person or "".

    Raises:
        NotKept: it could not be written; what was kept before is as it was.
    """
    return keeping.write_json(KEPT, json.loads(schedule.to_json()))


def keep_none() -> str:
    """No longer use the schedule that was kept. See ``keep``."""
    return keep(Schedule(_typed(pd.DataFrame(columns=list(COLUMNS)))))


def kept() -> tuple[Schedule | None, str]:
    """The schedule kept on this computer (None: none), and a note for the person or "".

    Raises:
        NotKept: the system names no folder of this person.
    """
    found, note = keeping.read_as(KEPT, VERSION, Schedule.from_json)
    return (found or None), note
