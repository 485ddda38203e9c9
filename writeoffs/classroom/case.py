"""A case as a teacher writes it: a small text file (TOML) with its events in plain words.

    title = "The $500 visit"
    idea = "contractual"
    teaches = "What the contract takes off is given up, not lost."
    source = "X12 RFI 888"
    payer = "Blue Plan"
    events = [
      "charge 500",
      "allowed 300",
      "contractual rest: the contract lets the practice ask for $300",
      "insurer payment rest",
    ]

An event is a word of WORDS, an amount ("500", "-96.00", "20%", "95% of fee", "rest"), if needed a
reason code, "by" a payer, "on" a day, and after a colon what the class is told. Several ways to
tell one visit are ``[[way]]`` tables with a ``name`` and ``events`` of their own; a common wrong
answer is a ``[[wrong]]`` table (see ``Wrong``); ``[expect]`` holds figures that the teacher worked
out by hand, which ``played.adds_up`` holds against the engine.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from writeoffs.dates import parse_date
from writeoffs.problems import WriteoffsError

MOST_BYTES: Final = 64_000
MOST_EVENTS: Final = 60

# Who moves: the day on which an event falls by itself, counted from the visit.
AT_VISIT: Final = 0
PAYER_DECIDES: Final = 30
PATIENT_TURN: Final = 60


class Word(NamedTuple):
    """What an event's word posts: the type and reason of a ledger's row; no type: a memo.

    ``after`` is the day from the visit on which it falls unless the event names one.
    """

    type: str
    reason: str
    after: int
    plain: str


WORDS: Final[Mapping[str, Word]] = MappingProxyType(
    {
        "charge": Word("Charge", "", AT_VISIT, "The practice bills"),
        "opening balance": Word("Opening Balance", "", AT_VISIT, "Owed from before"),
        "fee": Word("", "", AT_VISIT, "The fee schedule says"),
        "allowed": Word("", "", PAYER_DECIDES, "The payer allows"),
        "limit": Word("", "", PAYER_DECIDES, "The most that may be asked"),
        "contractual": Word("Adjustment", "CO-45", PAYER_DECIDES, "Written off by contract"),
        "sequestration": Word("Adjustment", "CO-253", PAYER_DECIDES, "Held back by law"),
        "capitation": Word("Adjustment", "CO-24", PAYER_DECIDES, "Covered by capitation"),
        "written off": Word("Adjustment", "?", PAYER_DECIDES, "Written off"),
        "offset": Word("Adjustment", "OA-23", PAYER_DECIDES, "Settled by an earlier payer (memo)"),
        "next payer": Word("Adjustment", "OA-209", PAYER_DECIDES, "Goes to the next payer (memo)"),
        "deductible": Word("Patient Responsibility", "PR-1", PAYER_DECIDES, "Deductible"),
        "coinsurance": Word("Patient Responsibility", "PR-2", PAYER_DECIDES, "Coinsurance"),
        "copay": Word("Patient Responsibility", "PR-3", PAYER_DECIDES, "Copay"),
        "not covered": Word("Patient Responsibility", "PR-96", PAYER_DECIDES, "Not covered"),
        "balance bill": Word("Patient Responsibility", "PR-45", PAYER_DECIDES, "Balance billed"),
        "paid to patient": Word(
            "Patient Responsibility", "PR-100", PAYER_DECIDES, "The payer sends the patient"
        ),
        "insurer payment": Word("Insurance Payment", "", PAYER_DECIDES, "The insurer pays"),
        "insurer refund": Word("Insurance Refund", "", PATIENT_TURN, "Refunded to the insurer"),
        "patient payment": Word("Patient Payment", "", PATIENT_TURN, "The patient pays"),
        "patient refund": Word("Patient Refund", "", PATIENT_TURN, "Refunded to the patient"),
        "bad debt": Word("Adjustment", "Bad debt", PATIENT_TURN, "Written off as bad debt"),
        "charity": Word("Adjustment", "Charity care", PATIENT_TURN, "Given as charity"),
        "small balance": Word(
            "Adjustment", "Small balance write-off", PATIENT_TURN, "Small balance written off"
        ),
        "prompt-pay discount": Word(
            "Adjustment", "Prompt pay discount", PATIENT_TURN, "Discount for paying promptly"
        ),
        "self-pay discount": Word(
            "Adjustment", "Self-pay discount", AT_VISIT, "Discount without insurance"
        ),
    }
)

# The ideas under which cases stand, in the order in which they are taught.
IDEAS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "contractual": "What a contract takes off",
        "cost sharing": "Deductible, coinsurance, copay: in order",
        "participating": "Participating or not, and the limiting charge",
        "sequestration": "What law holds back",
        "two payers": "Two payers, one charge",
        "denial": "A denial is a smaller loss than it looks",
        "reversal": "Paid, taken back, decided again",
        "patient": "Charity, bad debt and discounts",
        "balance billing": "Balance billing and the No Surprises Act",
        "out-of-pocket": "Out-of-pocket is not total billed",
        "practice": "From one visit to the practice",
        "own": "Your own cases",
    }
)


class BadCase(WriteoffsError):
    """A case that cannot be read or does not add up; the message says where, and what to do."""


class Event(NamedTuple):
    """One event as written: its word, its amount as typed, its reason, payer and day if named."""

    what: str
    amount: str
    reason: str = ""
    payer: str = ""
    day: date | None = None
    say: str = ""

    @property
    def word(self) -> Word:
        """What the event's word posts."""
        return WORDS[self.what]

    def text(self) -> str:
        """The event as a case writes it."""
        parts = [self.what, self.amount]
        parts += [self.reason] if self.reason != self.word.reason else []
        parts += [f"by {self.payer}"] if self.payer else []
        parts += [f"on {self.day.isoformat()}"] if self.day else []
        return " ".join(parts) + (f": {self.say}" if self.say else "")


class Wrong(NamedTuple):
    """A common wrong answer about a figure, and why it is wrong.

    Its number is worked out by the engine too: the figure after other ``events``, or the figure
    ``instead`` that was taken for it. With neither it is told in words alone.
    """

    figure: str
    says: str
    why: str
    instead: str = ""
    events: tuple[Event, ...] = ()


class Way(NamedTuple):
    """One way in which a visit goes: its name ("" for the only one), events, figures expected."""

    name: str
    events: tuple[Event, ...]
    expect: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Case:
    """A case: what it is called and teaches, its source, its ways and wrong answers."""

    id: str
    title: str
    idea: str
    teaches: str
    source: str
    payer: str
    visit: date
    ways: tuple[Way, ...]
    wrong: tuple[Wrong, ...] = ()
    place: int = 100
    text: str = field(default="", repr=False)


_KEYS: Final = frozenset(
    "title idea teaches source payer visit place events expect way wrong".split()
)
_EVENT: Final = re.compile(
    r"(?P<what>" + "|".join(sorted(map(re.escape, WORDS), key=len, reverse=True)) + r")\s+"
    r"(?P<amount>rest|-?\$?[\d,]*\.?\d+%(?: of (?:fee|charge|allowed|limit))?|-?\$?[\d,]*\.?\d+)"
    r"(?:\s+(?P<reason>(?!by |on )[^:]+?))??"
    r"(?:\s+by (?P<payer>[^:]+?))??"
    r"(?:\s+on (?P<day>\d{4}-\d\d-\d\d))?"
    r"\s*(?::\s*(?P<say>.+))?",
    re.I | re.S,
)


def event(text: str) -> Event:
    """One event from its text.

    Raises:
        BadCase: it does not begin with a word of WORDS, or its amount cannot be read.
    """
    found = _EVENT.fullmatch(text.strip())
    if not found:
        raise BadCase(f'"{text[:80]}" is no event\n\nHint: {_how_events_look(text)}')
    what = found["what"].lower()
    word, reason = WORDS[what], (found["reason"] or "").strip()
    if word.reason == "?" and not reason:
        raise BadCase(
            f'"{text[:80]}" does not say why\n\nHint: add the reason, as in "written off 250 CO-29"'
        )
    day = parse_date(found["day"]) if found["day"] else None
    if found["day"] and day is None:
        raise BadCase(f'"{found["day"]}" is no day\n\nHint: write it as in 2026-01-05')
    return Event(
        what,
        found["amount"].lower(),
        reason or word.reason,
        (found["payer"] or "").strip(),
        day,
        (found["say"] or "").strip(),
    )


def _how_events_look(text: str) -> str:
    first = next((w for w in WORDS if text.strip().lower().startswith(w)), None)
    if first is None:
        return f'begin with one of: {", ".join(WORDS)}; as in "charge 500"'
    return f'after "{first}" comes an amount: "{first} 120.50", "{first} 20%" or "{first} rest"'


def read_case(text: str, name: str = "case") -> Case:
    """A case from its text.

    Args:
        text: the file, TOML.
        name: the file's name without its ending, for what the case is called in links.

    Raises:
        BadCase: the text cannot be read; says in which line or event, and what to do.
    """
    if len(text.encode()) > MOST_BYTES:
        raise BadCase(f"the case is longer than {MOST_BYTES:,} bytes\n\nHint: a case is small text")
    try:
        body = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadCase(
            f"the case cannot be read: {error}\n\nHint: texts stand in quotes, a list in [ ] with "
            "commas, and events come before the first [table]"
        ) from error
    _only(body, _KEYS, "the case")
    idea = str(body.get("idea", "own"))
    if idea not in IDEAS:
        raise BadCase(f'no idea is called "{idea}"\n\nHint: one of {", ".join(IDEAS)}')
    if not str(body.get("title", "")).strip():
        raise BadCase('the case has no title\n\nHint: begin with title = "..."')
    return Case(
        name,
        str(body["title"]).strip(),
        idea,
        str(body.get("teaches", "")),
        str(body.get("source", "")),
        str(body.get("payer", "Blue Plan")),
        _day(body.get("visit", "2026-01-05")),
        _ways(body),
        tuple(_wrong(one) for one in _tables(body, "wrong")),
        _whole(body.get("place", 100)),
        text,
    )


def _ways(body: dict[str, Any]) -> tuple[Way, ...]:
    tables = _tables(body, "way")
    if bool(tables) == ("events" in body):
        raise BadCase(
            "the case needs its events once\n\nHint: either events = [...] at the top, or [[way]] "
            "tables with a name and events each"
        )
    for one in tables:
        _only(one, frozenset({"name", "events", "expect"}), "a [[way]]")
    ways = tuple(
        Way(str(one.get("name", "")), _events(one.get("events")), _expected(one.get("expect", {})))
        for one in (tables or [body | {"name": ""}])
    )
    names = [way.name for way in ways]
    if len(set(names)) < len(names) or (len(names) > 1 and "" in names):
        raise BadCase("two ways have one name\n\nHint: give each [[way]] a name of its own")
    return ways


def _events(found: Any) -> tuple[Event, ...]:
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise BadCase('events are no list of texts\n\nHint: events = ["charge 500", "allowed 300"]')
    if not 0 < len(found) <= MOST_EVENTS:
        raise BadCase(f"a case has 1 to {MOST_EVENTS} events, this one {len(found)}")
    return tuple(event(one) for one in found)


def _wrong(table: dict[str, Any]) -> Wrong:
    _only(table, frozenset({"figure", "says", "why", "instead", "events"}), "a [[wrong]]")
    for key in ("figure", "says", "why"):
        if not str(table.get(key, "")).strip():
            raise BadCase(f'a [[wrong]] has no {key}\n\nHint: add {key} = "..."')
    events = _events(table["events"]) if "events" in table else ()
    return Wrong(
        str(table["figure"]),
        str(table["says"]),
        str(table["why"]),
        str(table.get("instead", "")),
        events,
    )


def _expected(found: Any) -> Mapping[str, str]:
    if not isinstance(found, dict):
        raise BadCase('[expect] is no table\n\nHint: [expect] and below it written_off = "200.00"')
    return MappingProxyType({key: str(value) for key, value in found.items()})


def _tables(body: dict[str, Any], key: str) -> list[dict[str, Any]]:
    found = body.get(key, [])
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise BadCase(f"{key} is no list of tables\n\nHint: write [[{key}]] above each")
    return found


def _only(table: dict[str, Any], keys: frozenset[str], called: str) -> None:
    unknown = sorted(set(table) - keys)
    if unknown:
        raise BadCase(
            f'{called} says "{unknown[0]}", which means nothing here\n\nHint: known are '
            f"{', '.join(sorted(keys))}"
        )


def _day(found: Any) -> date:
    day = found if isinstance(found, date) else parse_date(str(found))
    if day is None:
        raise BadCase(f'visit = "{found}" is no day\n\nHint: write it as in 2026-01-05')
    return date(day.year, day.month, day.day)


def _whole(found: Any) -> int:
    if not isinstance(found, int):
        raise BadCase(f'place = "{found}" is no whole number\n\nHint: place = 1 stands first')
    return found
