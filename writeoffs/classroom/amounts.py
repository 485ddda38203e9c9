"""Amounts as a case writes them -> cents: percentages and rests, in the order of cost sharing.

"rest" is what remains for that word: of the charge for the contract, of the allowed amount for the
insurer, of what was assigned for the patient. A percentage is of the amount that the word usually
goes by, or of the one named ("95% of fee"), half a cent rounded up. A deductible or a copay takes
no more than what is left of the allowed amount.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from types import MappingProxyType
from typing import Final, NamedTuple

from writeoffs.classroom.case import BadCase, Event
from writeoffs.money import parse_cents

SHARES: Final = ("deductible", "coinsurance", "copay", "not covered", "balance bill")
OF_ALLOWED: Final = ("deductible", "coinsurance", "copay")
BY_LAW: Final = ("contractual", "sequestration", "capitation")
INSURER: Final = ("insurer payment", "insurer refund")
PATIENT: Final = ("patient payment", "patient refund")
PATIENT_LOSS: Final = (
    "bad debt",
    "charity",
    "small balance",
    "prompt-pay discount",
    "self-pay discount",
)
BACK: Final = ("insurer refund", "patient refund")


class Sums(NamedTuple):
    """What has happened so far: cents by word; memos hold their latest amount."""

    cents: Mapping[str, int]

    def of(self, *words: str) -> int:
        """Sum of some words, refunds taken off."""
        return sum(self.cents.get(w, 0) * (-1 if w in BACK else 1) for w in words)

    def has(self, word: str) -> bool:
        """Whether the word has come."""
        return word in self.cents

    def ceiling(self) -> int:
        """The most that may be asked for: the limiting charge, else the allowed amount."""
        return self.of("limit") if self.has("limit") else self.of("allowed")

    def allowed_left(self) -> int:
        """Of the allowed amount, what is neither a share nor held back nor paid by an insurer."""
        return self.of("allowed") - self.of(
            *OF_ALLOWED, "sequestration", "paid to patient", *INSURER
        )

    def patient_left(self) -> int:
        """What the patient still owes; without any insurer's decision, of the whole charge."""
        decided = any(self.has(w) for w in (*SHARES, "paid to patient", "allowed"))
        owed = self.of(*SHARES, "paid to patient") if decided else self.of("charge")
        return owed - self.of(*PATIENT, *PATIENT_LOSS)

    def open(self) -> int:
        """What nobody has paid or written off."""
        gone = self.of(*BY_LAW, "written off", *INSURER, *PATIENT, *PATIENT_LOSS)
        return self.of("charge", "opening balance") - gone


_REST: Final[Mapping[str, Callable[[Sums], int]]] = MappingProxyType(
    {
        "contractual": lambda s: s.of("charge") - s.ceiling() - s.of("contractual"),
        "capitation": lambda s: s.open() - s.patient_left(),
        "written off": Sums.open,
        "balance bill": lambda s: (
            (s.of("limit") if s.has("limit") else s.of("charge"))
            - s.of("allowed")
            - s.of("contractual") * (not s.has("limit"))
        ),
        **dict.fromkeys(OF_ALLOWED, Sums.allowed_left),
        "insurer payment": Sums.allowed_left,
        "paid to patient": Sums.allowed_left,
        **dict.fromkeys(("patient payment", *PATIENT_LOSS), Sums.patient_left),
        "patient refund": lambda s: -s.patient_left(),
    }
)

_BASE: Final[Mapping[str, Callable[[Sums], int]]] = MappingProxyType(
    {
        "allowed": lambda s: s.of("fee") if s.has("fee") else s.of("charge"),
        "limit": lambda s: s.of("allowed"),
        "sequestration": Sums.allowed_left,
        **dict.fromkeys(("coinsurance", "insurer payment", "paid to patient"), Sums.allowed_left),
        **dict.fromkeys(("patient payment", *PATIENT_LOSS), Sums.patient_left),
        "contractual": lambda s: s.of("charge"),
        "self-pay discount": lambda s: s.of("charge"),
    }
)


class Resolved(NamedTuple):
    """An event with its amount in cents."""

    event: Event
    cents: int


def resolve(events: Sequence[Event]) -> tuple[Resolved, ...]:
    """The events of a way with their amounts in cents.

    Raises:
        BadCase: a percentage or a rest of something that has not come yet, or a rest below zero.
    """
    out: list[Resolved] = []
    cents: dict[str, int] = {}
    for one in events:
        amount = _amount(one, Sums(cents))
        memo = not one.word.type
        cents[one.what] = amount if memo else cents.get(one.what, 0) + amount
        out.append(Resolved(one, amount))
    return tuple(out)


def _amount(one: Event, so_far: Sums) -> int:
    if one.amount == "rest":
        return _rest(one, so_far)
    if "%" in one.amount:
        percent, _, base = one.amount.partition("%")
        return _part(percent, _base(one, base.removeprefix(" of ").strip(), so_far))
    stated = _cents(one.amount)
    if one.what in ("deductible", "copay") and so_far.has("allowed") and stated > 0:
        return max(0, min(stated, so_far.allowed_left()))
    return stated


def _rest(one: Event, so_far: Sums) -> int:
    if one.what not in _REST:
        raise BadCase(f'"{one.text()}": {one.what} has no rest\n\nHint: write its amount')
    _needs_allowed(one, so_far)
    left = _REST[one.what](so_far)
    if left < 0:
        raise BadCase(
            f'"{one.text()}": nothing is left for it; the events before it already come to '
            f"${-left / 100:,.2f} more\n\nHint: lower one of them, or write the amount"
        )
    return left


def _base(one: Event, named: str, so_far: Sums) -> int:
    if named:
        if not so_far.has(named):
            raise BadCase(f'"{one.text()}": no {named} stands before it\n\nHint: add one before it')
        return so_far.of(named)
    if one.what not in _BASE:
        raise BadCase(
            f'"{one.text()}": a percentage of what?\n\nHint: write "of charge" or "of allowed"'
        )
    if one.what != "allowed":
        _needs_allowed(one, so_far)
    return _BASE[one.what](so_far)


def _needs_allowed(one: Event, so_far: Sums) -> None:
    """The payer's side goes by the allowed amount, which must have come."""
    needs = (*OF_ALLOWED, "contractual", "insurer payment", "paid to patient", "limit")
    if one.what in needs and not so_far.has("allowed") and not so_far.has("limit"):
        raise BadCase(
            f'"{one.text()}": nothing is allowed yet\n\nHint: write "allowed ..." before it'
        )


def _part(percent: str, base: int) -> int:
    exact = Decimal(percent) * base / 100
    return int(exact.quantize(Decimal(1), ROUND_HALF_UP))


def _cents(text: str) -> int:
    try:
        return parse_cents(text)
    except ValueError:
        raise BadCase(f'"{text}" is no amount in dollars and cents\n\nHint: as in 120.50') from None
