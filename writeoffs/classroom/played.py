"""A case through the engine: its events as a ledger's rows, read like any upload, step by step.

Nothing here adds dollars up: every figure is a measure of the ledger that the events make. A case
is a complete book, so what it does not state did not happen, and counts as 0 instead of unknown.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from types import MappingProxyType
from typing import Final, NamedTuple

import pandas as pd

from writeoffs import metrics, wording
from writeoffs.allowed import lines
from writeoffs.claims import card
from writeoffs.classroom.amounts import Resolved, resolve
from writeoffs.classroom.case import PATIENT_TURN, BadCase, Case, Event, Way
from writeoffs.ledger import Ledger
from writeoffs.measures import MEASURES
from writeoffs.metrics import View
from writeoffs.money import parse_cents, plain_dollars
from writeoffs.plan import Plan
from writeoffs.reading import read

ALLOWED: Final = "allowed"
# The terms that a class keeps apart, in the order in which a bill's story is told.
FIGURES: Final = (
    "billed",
    ALLOWED,
    "written_off",
    "insurer_paid",
    "out_of_pocket_owed",
    "patient_paid",
    "open",
    "write_off_rate",
    "gross_collection_rate",
    "net_collection_rate",
)
_COLUMNS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "Transaction ID": "transaction_id",
        "Claim ID": "claim_id",
        "Line": "line_number",
        "Patient ID": "patient_id",
        "Service Date": "service_date",
        "Posting Date": "post_date",
        "Payer": "payer",
        "CPT": "procedure_code",
        "Type": "transaction_type",
        "Reason": "adjustment_reason",
        "Amount": "transaction_amount",
    }
)
_COMPLETE: Final = frozenset(
    "billed paid all_paid insurer_paid patient_paid written_off patient_responsibility deductible "
    "coinsurance copay patient_other claims patients groups".split()
)
SELF_PAY: Final = "Self-pay"


class Step(NamedTuple):
    """One event that has come: its amount, its day, and the row of the ledger that it is.

    ``row`` is 0 for a memo, which posts nothing.
    """

    event: Event
    cents: int
    day: date
    row: int


@dataclass(frozen=True)
class Played:
    """One way of a case through the engine.

    ``steps``: its events with their cents, those of 0 left out. ``whole``: the ledger of all.
    """

    case: Case
    way: Way
    steps: tuple[Step, ...]
    whole: Ledger

    def after(self, count: int) -> Shown:
        """What stands when ``count`` events have come (0: nothing yet)."""
        come = self.steps[:count]
        last = max((step.row for step in come), default=0)
        rows = self.whole.book.rows["row"].to_numpy()
        part = replace(self.whole, book=self.whole.book.without(rows > last))
        memos = {s.event.what: s.cents for s in come if not s.row}
        return Shown(part, MappingProxyType(memos))

    @cached_property
    def end(self) -> Shown:
        """What stands at the end."""
        return self.after(len(self.steps))


@dataclass(frozen=True)
class Shown:
    """A case after some of its events: the ledger so far, and the memos stated (cents by word)."""

    ledger: Ledger
    memos: Mapping[str, int]

    @cached_property
    def view(self) -> View:
        """The ledger as a view, for measures and their proofs."""
        return metrics.view_of(self.ledger)

    def figure(self, name: str) -> int | float | None:
        """A figure: a measure by its name, or "allowed".

        Returns:
            Int cents, or a float fraction for rates; None where it cannot be said yet. Allowed is
            what the case says that the payer allows, else ``priced``.

        Raises:
            BadRequest: no such measure.
        """
        if name == ALLOWED:
            return self.memos.get(ALLOWED, self.priced)
        if name in FIGURES:
            return self.figures[name]
        return self._values([name])[name]

    @cached_property
    def figures(self) -> Mapping[str, int | float | None]:
        """All of FIGURES at once (see ``figure``)."""
        measured = self._values([name for name in FIGURES if name != ALLOWED])
        return MappingProxyType({ALLOWED: self.figure(ALLOWED), **measured})

    @cached_property
    def priced(self) -> int | None:
        """The allowed amount by the engine: insurer payments + shares + sequestration, in cents.

        None where no payer has paid or assigned anything. It is whole once the payer has told all.
        """
        found = lines(self.ledger)["allowed"].sum(min_count=1) if self._posted else pd.NA
        return None if pd.isna(found) else int(found)

    def _values(self, names: Sequence[str]) -> dict[str, int | float | None]:
        if not self._posted:
            return dict.fromkeys(names)
        row = metrics.table(self.view, names).iloc[0]
        return {name: _plain(name, row[name]) for name in names}

    @property
    def _posted(self) -> bool:
        return len(self.ledger.book.rows) > 0

    @cached_property
    def ends(self) -> pd.DataFrame:
        """Where the billed dollars are by now: ``metrics.ends``."""
        return metrics.ends(self.view)

    @cached_property
    def card(self) -> pd.DataFrame:
        """The ledger card so far: ``claims.card``."""
        return card(self.ledger.settled, 0)


def play(case: Case, way: Way | None = None) -> Played:
    """One way of a case through the engine (the first unless named).

    Raises:
        BadCase: an amount cannot be worked out.
    """
    told = way or case.ways[0]
    found = [one for one in resolve(told.events) if one.cents]
    days = _days(case, found)
    steps, row = [], 0
    for one, day in zip(found, days, strict=True):
        posts = bool(one.event.word.type)
        row += posts
        steps.append(Step(one.event, one.cents, day, row if posts else 0))
    if not row:
        raise BadCase('nothing is billed\n\nHint: begin the events with "charge 500"')
    ledger = read([(f"{case.id}.csv", _export(case, steps))], mapping=_plan())
    return Played(case, told, tuple(steps), replace(ledger, says=ledger.says | _COMPLETE))


def _days(case: Case, found: Sequence[Resolved]) -> list[date]:
    """The day of each event: its own, else its word's from the visit on, never going back.

    Another payer decides a month after the one before it.
    """
    out: list[date] = []
    now, payer = case.visit, ""
    for one in found:
        usual = case.visit + timedelta(days=one.event.word.after)
        if one.event.word.after < PATIENT_TURN and one.event.payer != payer and out:
            usual = max(usual, now + timedelta(days=30))
        payer = one.event.payer or payer
        now = one.event.day or max(now, usual)
        out.append(now)
    return out


def _export(case: Case, steps: Sequence[Step]) -> bytes:
    """The events as the ledger that a practice would export; memos are no rows of it."""
    text = io.StringIO()
    out = csv.writer(text, lineterminator="\n")
    out.writerow(_COLUMNS)
    for step in steps:
        if step.row:
            word, cents = step.event.word, step.cents
            back = word.type.endswith("Refund") and cents > 0
            out.writerow(
                [
                    f"T{step.row}", "1", "1", "P1", case.visit.isoformat(), step.day.isoformat(),
                    step.event.payer or case.payer, "99213", word.type, step.event.reason,
                    plain_dollars(-cents if back else cents),
                ]
            )  # fmt: skip
    return text.getvalue().encode()


def _plan() -> Plan:
    """How that export is read: stated, since nothing about it is a guess."""
    return Plan("ledger", dict(_COLUMNS))


def adds_up(case: Case) -> tuple[str, ...]:
    """What in a case does not add up, in plain words; nothing where all of it does.

    Held against the engine: the allowed amount that the case states, and each figure that its
    author expects. Allowed: insurer payments + shares + sequestration must come to it.
    """
    found: list[str] = []
    for way in case.ways:
        called = f"{way.name}: " if way.name else ""
        try:
            end = play(case, way).end
        except BadCase as error:
            found.append(called + error.in_words)
            continue
        found += [called + one for one in _unlike(end, way.expect)]
    return tuple(found)


def _unlike(end: Shown, expect: Mapping[str, str]) -> list[str]:
    said = []
    stated, worked = end.memos.get(ALLOWED), end.priced
    if stated is not None and worked is not None and stated != worked:
        said.append(
            f"The payer allows {wording.dollars(stated, True)}, but what it pays, assigns and "
            f"holds back comes to {wording.dollars(worked, True)}. Change one of them, or write "
            '"rest".'
        )
    for name, text in expect.items():
        if name != ALLOWED and name not in MEASURES:
            said.append(f'No figure is called "{name}". Figures are {", ".join(FIGURES)}.')
            continue
        is_rate = name != ALLOWED and MEASURES[name].unit == "rate"
        found = end.figure(name)
        wanted = _expected(text, is_rate)
        shown = as_text(name, found)
        if wanted is None:
            said.append(f'{name} = "{text}" is no {"percentage" if is_rate else "amount"}.')
        elif found is None or (round(found, 4) if is_rate else found) != wanted:
            said.append(f"{name} should be {text}, and comes to {shown}.")
    return said


def _expected(text: str, is_rate: bool) -> int | float | None:
    try:
        cents = parse_cents(text.removesuffix("%").strip())
    except ValueError:
        return None
    return cents / 10_000 if is_rate else cents


def _plain(name: str, value: object) -> int | float | None:
    if pd.isna(value):
        return None
    return float(value) if MEASURES[name].unit == "rate" else int(value)  # type: ignore[call-overload, arg-type]


def as_text(name: str, value: int | float | None) -> str:
    """A figure as a class reads it: dollars to the cent, rates with one decimal, else a dash."""
    if value is None:
        return "–"
    if name != ALLOWED and MEASURES[name].unit == "rate":
        return wording.percent(float(value))
    return wording.dollars(int(value), True)
