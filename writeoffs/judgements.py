"""What people own: their write-off map, their payer names, and the mappings they have corrected.

Each is a small file that can be read, edited and shared. Applying them makes a new ledger and
leaves the one that was read as it is, so that every judgement can be taken back. Nothing is
guessed here: a label means what the person wrote, letter case and spaces aside.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from writeoffs import keeping, taxonomy
from writeoffs import vocabulary as v
from writeoffs.book import Book, Index, sum_by
from writeoffs.keys import combine, first_rows, number
from writeoffs.ledger import Ledger
from writeoffs.money import Cents
from writeoffs.plan import PLAN_VERSION, Plan, fingerprint
from writeoffs.problems import BadRequest
from writeoffs.vocabulary import Kind
from writeoffs.wording import count, exact

VERSION: Final = 1
WRITE_OFFS: Final = "write-offs.json"
ALIASES: Final = "payer-aliases.json"
_CALLED: Final = "the write-off map"
_NAMED: Final = "the list of payer names"


def matched_by(text: str) -> str:
    """What a label or a name is recognised by: itself, without letter case and extra spaces."""
    return " ".join(text.split()).casefold()


# --- the write-off map ----------------------------------------------------------------------------


@dataclass(frozen=True)
class WriteOffMap:
    """This practice's reason codes and labels -> category of ``taxonomy.ASSIGNABLE``.

    ``categories``: label as exported -> category. A label may carry the adjustment group in front
    ("PI 45", or "PI" where the file gives no code) where that is a column of its own. "" is a
    write-off without any reason, and only one that nothing else explains.

    Raises:
        BadRequest: a category nobody knows, or one label with two categories.
    """

    categories: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for label, category in self.categories.items():
            if category not in taxonomy.ASSIGNABLE:
                raise BadRequest(
                    f'{_CALLED} cannot be used: "{label[:40]}" is called "{category[:40]}", which '
                    f"is no category\n\nHint: use one of {', '.join(taxonomy.ASSIGNABLE)}"
                )
            if self._by_key[matched_by(label)] != category:
                raise BadRequest(
                    f'{_CALLED} cannot be used: "{label[:40]}" stands in it with two categories'
                )

    @cached_property
    def _by_key(self) -> dict[str, str]:
        return {matched_by(label): category for label, category in self.categories.items()}

    def category(self, reason: str, group: str = "") -> str | None:
        """The category for a reason as exported; None where the map does not speak of it."""
        return self._by_key.get(
            matched_by(f"{group} {reason}"), self._by_key.get(matched_by(reason))
        )

    def assign(self, label: str, category: str | None) -> WriteOffMap:
        """The map with one label called something else, or (None) no longer spoken of."""
        key = matched_by(label)
        kept = {k: c for k, c in self.categories.items() if matched_by(k) != key}
        return WriteOffMap(kept | ({} if category is None else {label: category}))

    def leave(self, reason: str, group: str = "") -> WriteOffMap:
        """The map that no longer speaks of a reason, with its group in front or without."""
        return self.assign(f"{group} {reason}", None).assign(reason, None)

    def to_json(self) -> str:
        """The map as a small file; ``from_json`` gives the same map."""
        return _text({"version": VERSION, "write_offs": self.categories})

    @classmethod
    def from_json(cls, text: str) -> WriteOffMap:
        """Read a saved map.

        Raises:
            BadRequest: no write-off map, of a newer version, or with a category nobody knows.
        """
        return cls(_texts(_body(text, "write_offs", _CALLED), "write_offs", _CALLED))


# --- payer names ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class PayerAliases:
    """Payer names as exported -> the name to chart under.

    ``names``: exported name -> charted name, which may itself be renamed. ``refused``: pairs that
    a person has said are two payers. A name to or from "Self-pay" moves charges to or from
    patients without insurance, and so does what the rates count.

    Raises:
        BadRequest: one name with two names to chart under, or a ring of names.
    """

    names: dict[str, str] = field(default_factory=dict)
    refused: frozenset[tuple[str, str]] = frozenset()

    def __post_init__(self) -> None:
        for name, charted in self.names.items():
            if not matched_by(name) or not matched_by(charted):
                raise BadRequest(f"{_NAMED} cannot be used: a name in it is blank")
            if self._by_key[matched_by(name)] != charted:
                raise BadRequest(
                    f'{_NAMED} cannot be used: "{name[:40]}" is charted under two names'
                )
            self.charted(name)

    @cached_property
    def _by_key(self) -> dict[str, str]:
        return {matched_by(name): charted for name, charted in self.names.items()}

    def charted(self, name: str) -> str:
        """The name to chart under; the name itself where nobody has renamed it."""
        seen = set()
        found = name
        while (key := matched_by(found)) in self._by_key:
            if key in seen:
                raise BadRequest(f'{_NAMED} cannot be used: "{name[:40]}" leads back to itself')
            seen.add(key)
            found = self._by_key[key]
            if matched_by(found) == key:  # only its spelling
                break
        return found

    def accept(self, names: Iterable[str], into: str) -> PayerAliases:
        """The list with these names charted under ``into``."""
        renamed = {name: into for name in names if name != into}
        keys = {matched_by(name) for name in renamed}
        kept = {n: c for n, c in self.names.items() if matched_by(n) not in keys}
        return replace(self, names=kept | renamed)

    def refuse(self, names: Collection[str]) -> PayerAliases:
        """The list with every two of these names refused, so that they are proposed no more."""
        pairs = {(a, b) for a in names for b in names if a < b}
        return replace(self, refused=self.refused | pairs)

    def forget(self, name: str) -> PayerAliases:
        """The list in which a name is charted as exported."""
        key = matched_by(name)
        return replace(self, names={n: c for n, c in self.names.items() if matched_by(n) != key})

    def to_json(self) -> str:
        """The list as a small file; ``from_json`` gives the same list."""
        pairs = [list(pair) for pair in sorted(self.refused)]
        return _text({"version": VERSION, "aliases": self.names, "refused": pairs})

    @classmethod
    def from_json(cls, text: str) -> PayerAliases:
        """Read a saved list.

        Raises:
            BadRequest: no list of payer names, of a newer version, or one that contradicts itself.
        """
        body = _body(text, "aliases", _NAMED)
        pairs = body.get("refused", [])
        if not isinstance(pairs, list) or not all(_is_pair(pair) for pair in pairs):
            raise BadRequest(f'{_NAMED} cannot be used: "refused" is no list of pairs of names')
        return cls(_texts(body, "aliases", _NAMED), frozenset((a, b) for a, b in pairs))


@dataclass(frozen=True)
class Judgements:
    """What a person has decided about the dollars of a practice."""

    write_offs: WriteOffMap = field(default_factory=WriteOffMap)
    aliases: PayerAliases = field(default_factory=PayerAliases)


# --- files ----------------------------------------------------------------------------------------


def _text(body: dict[str, Any]) -> str:
    return json.dumps(body, indent=2, ensure_ascii=False)


def _body(text: str, key: str, called: str) -> dict[str, Any]:
    """The object of a saved judgement that must hold ``key``."""
    body = keeping.parse(text)
    version = body.get("version")
    if key not in body or not isinstance(version, int):
        raise BadRequest(f"this file is not {called}")
    if version > VERSION:
        raise BadRequest(f"{called} cannot be used: a newer or damaged format")
    return body


def _texts(body: dict[str, Any], key: str, called: str) -> dict[str, str]:
    found = body[key]
    if not isinstance(found, dict) or not all(isinstance(t, str) for t in found.values()):
        raise BadRequest(f'{called} cannot be used: "{key}" does not give a text for each text')
    return found


def _is_pair(pair: object) -> bool:
    return isinstance(pair, list) and len(pair) == 2 and all(isinstance(n, str) for n in pair)


class Recalled(NamedTuple):
    """The mapping kept for some headings (None: none usable), and a note for the person or ""."""

    plan: Plan | None
    note: str = ""


def remember(plan: Plan) -> str:
    """Keep a mapping for files with the same headings; returns a note for the person or "".

    Raises:
        NotKept: it could not be written; what was kept before is as it was.
    """
    return keeping.write_json(_mapping(plan.columns), json.loads(plan.to_json()))


def recall(headings: Iterable[str]) -> Recalled:
    """The mapping kept for these headings, in any order."""
    found, note = keeping.read_as(_mapping(headings), PLAN_VERSION, Plan.from_json)
    return Recalled(found, note)


def _mapping(headings: Iterable[str]) -> str:
    return f"mappings/{fingerprint(list(headings))}.json"


def keep(judgement: WriteOffMap | PayerAliases) -> str:
    """Keep one judgement; returns a note for the person or "".

    Raises:
        NotKept: it could not be written; what was kept before is as it was.
    """
    name = WRITE_OFFS if isinstance(judgement, WriteOffMap) else ALIASES
    return keeping.write_json(name, json.loads(judgement.to_json()))


def kept() -> tuple[Judgements, tuple[str, ...]]:
    """The judgements kept on this computer, and notes for the person on what could not be used."""
    write_offs, first = keeping.read_as(WRITE_OFFS, VERSION, WriteOffMap.from_json)
    aliases, second = keeping.read_as(ALIASES, VERSION, PayerAliases.from_json)
    found = Judgements(write_offs or WriteOffMap(), aliases or PayerAliases())
    return found, tuple(note for note in (first, second) if note)


# --- applied --------------------------------------------------------------------------------------


def apply(ledger: Ledger, judgements: Judgements) -> Ledger:
    """A new ledger under a person's judgements; the one given stays as it was read.

    Write-offs are called what the map says (see ``judged_kinds``), payers what the aliases say.
    How many dollars that moved stands in the notes of each file. Ledgers are added first: the
    same row under two judgements is not known as the same.
    """
    turned = judged_kinds(ledger.book, judgements.write_offs)
    payers = ledger.book.rows["payer"]
    renamed = _renamed(payers, judgements.aliases)
    if turned == ledger.book.kinds and renamed is payers:
        return ledger
    kinds = {kind: code for code, kind in enumerate(dict.fromkeys(turned))}
    codes = np.array([kinds[kind] for kind in turned], dtype=np.int64)
    book = replace(
        ledger.book,
        rows=ledger.book.rows.assign(payer=renamed),
        kinds=tuple(kinds),
        kind=codes[ledger.book.kind] if len(codes) else ledger.book.kind,
    )
    notes = _notes(ledger.book, turned, renamed)
    files = []
    for file in ledger.files:
        files.append(replace(file, notes=(*file.notes, *notes.pop(file.name, ()))))
    says = ledger.says
    if any(new.entry == v.PATIENT_SHARE for new in _moved(ledger.book, turned).values()):
        says |= {"patient_responsibility", *v.SHARES}
    return replace(ledger, book=book, files=tuple(files), says=says)


def judged_kinds(book: Book, write_offs: WriteOffMap) -> tuple[Kind, ...]:
    """The book's kinds as a person calls them, in the same order.

    Only write-offs are called anything: a charge or a payment stays what it is, and so does what
    the file itself posts as a patient's share (group PR), a transfer or a refund.
    """
    return tuple(_judged(kind, write_offs) for kind in book.kinds)


def _judged(kind: Kind, write_offs: WriteOffMap) -> Kind:
    category = category_of(kind, write_offs)
    if category is None:
        return kind
    new = taxonomy.assigned(category, kind.reason, kind.group)
    own = kind.category == v.UNCLASSIFIED and kind.party == v.PATIENT
    # A column of write-offs on the patient's side stays there unless the category is a payer's.
    if own and new.bucket in (v.DISCRETIONARY, v.REVIEW):
        return new._replace(party=v.PATIENT)
    return new


def category_of(kind: Kind, write_offs: WriteOffMap) -> str | None:
    """What a person calls a kind; None where nothing is said, or where nobody may say."""
    return write_offs.category(kind.reason, kind.group) if may_be_named(kind) else None


def may_be_named(kind: Kind) -> bool:
    """Whether a person may say what a kind is: a write-off by its reason, or by none at all."""
    return kind.entry == v.WRITE_OFF and bool(kind.reason or kind.category == v.UNCLASSIFIED)


def _moved(book: Book, turned: tuple[Kind, ...]) -> dict[Kind, Kind]:
    """Kinds that are called something else now."""
    return {old: new for old, new in zip(book.kinds, turned, strict=True) if old != new}


def _renamed(payers: pd.Series, aliases: PayerAliases) -> pd.Series:
    """The payer of each row under the name to chart under; the very column where none changes."""
    names = [str(name) for name in payers.cat.categories]
    charted = [aliases.charted(name) for name in names]
    if charted == names:
        return payers
    spread, found = pd.factorize(pd.Series(charted, dtype=payers.cat.categories.dtype))
    codes = payers.cat.codes.to_numpy()
    new = np.where(codes >= 0, spread[codes], -1)
    return pd.Series(pd.Categorical.from_codes(new, found), index=payers.index)


def tally(book: Book, group: Index, size: int) -> tuple[Index, Cents]:
    """Distinct rows and cents of each group of kinds; ``group`` is -1 for kinds left out."""
    if not len(group):
        return np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
    mine = group[book.kind]
    posted = np.flatnonzero(mine >= 0)
    mine, at = mine[posted], book.at[posted]
    pairs, found = number(combine([mine, at]))
    first = first_rows(pairs, len(found))
    return np.bincount(mine[first], minlength=size), sum_by(mine, book.amount[posted], size)


def _notes(book: Book, turned: tuple[Kind, ...], renamed: pd.Series) -> dict[str, list[str]]:
    """For each file, what the judgements moved in it, with dollars."""
    moved = np.array([old != new for old, new in zip(book.kinds, turned, strict=True)], dtype=bool)
    files = book.rows["file"].cat
    billed = book.by_row(book.amount, book.where(v.CHARGE))
    other = _other_names(book.rows["payer"], renamed)
    postings = moved[book.kind] if len(moved) else np.zeros(0, dtype=bool)
    turned_rows = np.zeros(len(book.rows), dtype=bool)
    turned_rows[book.at[postings]] = True
    out: dict[str, list[str]] = {}
    for code, name in enumerate(files.categories):
        mine = files.codes.to_numpy() == code
        cents = book.amount[postings & mine[book.at]]
        said = []
        if len(cents):
            rows = count(int((turned_rows & mine).sum()), "row")
            said.append(f"write-off map: {exact(int(cents.sum()))} on {rows} counted differently")
        if (other & mine).any():
            rows = count(int((other & mine).sum()), "row")
            total = exact(int(billed[other & mine].sum()))
            said.append(f"payer names: {rows} charted under another name, {total} billed")
        out[str(name)] = said
    return out


def _other_names(before: pd.Series, after: pd.Series) -> npt.NDArray[np.bool_]:
    old, new = before.cat.categories, after.cat.categories
    same = np.append(old.get_indexer(new), -1)[after.cat.codes.to_numpy()]
    return same != before.cat.codes.to_numpy()
