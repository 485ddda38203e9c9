"""What the engine's tests share: an export as visible text -> a ledger, and its money as text."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import dedent
from typing import Any

from writeoffs import summary as contract
from writeoffs.ledger import Ledger
from writeoffs.mapping import Proposal, propose
from writeoffs.parsed import Parsed
from writeoffs.plan import Plan
from writeoffs.reading import load, read


def tidy(text: str) -> bytes:
    """An indented export as the bytes of a file."""
    lines = dedent(text).strip().splitlines()
    return ("\n".join(line.strip() for line in lines) + "\n").encode()


def ledger_of(*texts: str, mapping: Plan | None = None) -> Ledger:
    """One or several exports, each given as text, read as one practice."""
    files = [(f"file{i}.csv", tidy(text)) for i, text in enumerate(texts, start=1)]
    return read(files, mapping=mapping)


def summary_of(*texts: str, by: Sequence[str] = (), basis: str = "service") -> dict[str, Any]:
    """The command line's summary of exports given as text."""
    return contract.summary(ledger_of(*texts), by, basis)


def proposal_of(text: str) -> Proposal:
    """How an export given as text would be read."""
    return propose(Parsed(load(("file1.csv", tidy(text)))))


def kinds_of(ledger: Ledger) -> set[str]:
    """The kinds of problem found."""
    return {problem.kind for problem in ledger.problems}


def differences(expected: dict[str, Any], actual: dict[str, Any]) -> dict[str, Any]:
    """Of the named figures, those that differ: name -> (expected, actual)."""
    return {
        name: (value, actual.get(name, "no such key"))
        for name, value in expected.items()
        if name not in actual or actual[name] != value
    }
