"""The plan: how a file is read, decided once for all its rows, small enough to read and keep."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any, Final

from writeoffs import vocabulary as v
from writeoffs.problems import BadRequest

Columns = dict[str, str | None]

PLAN_VERSION: Final = 1
# Classes of movement in a ledger (movements.class_of), in words.
_CREDITS: Final = {
    "payments": "payments",
    "write_offs": "adjustments",
    "shares": "patient shares",
    "charges": "charges",
    "debits": "fees and other debits",
}
_UNDOINGS: Final = {
    "refunds": "refunds",
    "voids": "voided charges",
    "write_offs_undone": "reversed adjustments",
    "shares_undone": "reversed patient shares",
}


@dataclass(frozen=True)
class Plan:
    """How a file is read. Everything in it is shown to the person and can be changed.

    ``columns``: heading -> field, None where left to the person. ``uncounted``: money columns
    that repeat other columns' money, so they add nothing. ``signs``: -1 where the file writes
    amounts the other way round, by heading in a wide file, by class of movement in a ledger.
    ``holds``: share of readable rows on which ``identity`` holds.
    """

    shape: str
    columns: Columns
    decimal: str = "."
    orders: dict[str, str] = field(default_factory=dict)
    signs: dict[str, int] = field(default_factory=dict)
    uncounted: tuple[str, ...] = ()
    implied_contractual: bool = False
    identity: str = ""
    holds: float | None = None

    def heading(self, field_name: str) -> str | None:
        """The first heading that carries a field, or None."""
        return next((h for h, f in self.columns.items() if f == field_name), None)

    def headings(self, field_name: str) -> list[str]:
        """All headings that carry a field."""
        return [h for h, f in self.columns.items() if f == field_name]

    def counted(self, field_name: str) -> list[str]:
        """Headings whose money is counted for a field."""
        return [h for h in self.headings(field_name) if h not in self.uncounted]

    def has(self, *fields: str) -> bool:
        """Whether any of the fields is carried and counted."""
        return any(self.counted(f) for f in fields)

    def signs_in_words(self) -> tuple[str, ...]:
        """Which amounts the file writes the other way round, a sentence each; () for none."""
        turned = {name for name, sign in self.signs.items() if sign < 0}
        if self.shape != "ledger":
            names = [f'"{h}"' for h in self.columns if h in turned]
            return (_listed(names) + " hold negative amounts for credits",) if names else ()
        out = []
        negative = [words for name, words in _CREDITS.items() if name in turned]
        if negative:
            out.append(f"{_listed(negative)} are written as negative amounts in this file")
        undone = [words for name, words in _UNDOINGS.items() if name in turned]
        if undone and "payments" not in turned:
            out.append(f"{_listed(undone)} are written without a minus; they are taken off")
        return tuple(out)

    def to_json(self) -> str:
        """The plan as a small file; ``from_json`` gives the same plan."""
        body: dict[str, Any] = {"version": PLAN_VERSION, "fingerprint": fingerprint(self.columns)}
        body |= {k: getattr(self, k) for k in ("shape", "columns", "decimal", "orders", "signs")}
        body |= {"uncounted": list(self.uncounted), "implied_contractual": self.implied_contractual}
        return json.dumps(body, indent=2, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Plan:
        """Read a saved plan.

        Raises:
            BadRequest: not a mapping, of a newer version, or with a field nobody knows.
        """
        try:
            body = json.loads(text)
            version = int(body["version"])
            plan = cls(
                shape=str(body["shape"]),
                columns={
                    str(h): None if f is None else str(f) for h, f in dict(body["columns"]).items()
                },
                decimal="," if body.get("decimal") == "," else ".",
                orders={str(k): str(o) for k, o in dict(body.get("orders", {})).items()},
                signs={
                    str(k): -1 if int(s) < 0 else 1 for k, s in dict(body.get("signs", {})).items()
                },
                uncounted=tuple(body.get("uncounted", ())),
                implied_contractual=bool(body.get("implied_contractual", False)),
            )
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            raise BadRequest("this file is not a saved mapping") from None
        unknown = sorted({f for f in plan.columns.values() if f is not None} - set(v.FIELDS))
        if version > PLAN_VERSION or unknown or plan.shape not in v.SHAPES:
            why = f"unknown fields {', '.join(unknown)}" if unknown else "a newer or damaged format"
            raise BadRequest(f"the saved mapping cannot be used: {why}")
        return plan


def _listed(names: list[str]) -> str:
    """a, b and c."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)


def fingerprint(columns: Columns | list[str]) -> str:
    """Twelve letters that are the same for the same headings, in any order."""
    text = "\n".join(sorted(columns))
    return hashlib.sha256(text.encode()).hexdigest()[:12]
