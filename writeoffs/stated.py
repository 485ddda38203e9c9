"""What remittances state about themselves beside what is counted of them.

The two differ on purpose: a claim's charge counts once however many payers report it, a reversal
and its original cancel, and what a later payer repeats is not counted again. Cash ties all the
same: what was moved (BPR02) is insurer payments plus provider adjustments (rules.md 10).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
import pandas as pd

from writeoffs import vocabulary as v
from writeoffs.book import sum_by
from writeoffs.ledger import Ledger
from writeoffs.money import parse_cents
from writeoffs.vocabulary import Kind

_CASH: Final = (v.INSURER_PAYMENT, v.PROVIDER_ADJUSTMENT)


def _of_group(group: str) -> Callable[[Kind], int]:
    return lambda kind: int(kind.group == group)


# Figure of ``control`` -> its name, and what a posting adds to it as counted.
_FIGURES: Final[tuple[tuple[str, str, Callable[[Kind], int]], ...]] = (
    ("charge", "Charged", lambda k: int((k.entry, k.category) == (v.CHARGE, v.SERVICE))),
    ("paid", "Paid on claims", lambda k: int(k.entry == v.INSURER_PAYMENT or _is_interest(k))),
    ("CO", "Adjusted, provider's (CO)", _of_group("CO")),
    ("PR", "Adjusted, patient's (PR)", _of_group("PR")),
    ("OA", "Adjusted, other (OA)", _of_group("OA")),
    ("PI", "Adjusted, payer's (PI)", _of_group("PI")),
    ("PLB", "Taken between payer and practice (PLB)",
     lambda k: -int(k.entry == v.PROVIDER_ADJUSTMENT and not _is_interest(k))),
    ("BPR", "Money moved (BPR)", lambda k: int(k.entry in _CASH)),
)  # fmt: skip


def _is_interest(kind: Kind) -> bool:
    """Interest that came inside a claim's payment, not through PLB."""
    return kind.entry == v.PROVIDER_ADJUSTMENT and not kind.reason.startswith("PLB")


def figures(control: Mapping[str, str | int]) -> list[tuple[str, int]]:
    """What a remittance states of itself (its ``control``): each figure's name and its cents."""
    return [(words, parse_cents(str(control[figure]))) for figure, words, _ in _FIGURES]


def remittances(ledger: Ledger) -> pd.DataFrame:
    """What each remittance states of itself, and what is counted of it.

    Returns:
        A row a file and figure: ``file``, ``figure`` (words), ``stated``, ``counted`` and
        ``difference`` (int64 cents, counted less stated); empty without remittances. Held claims
        are stated and not counted.
    """
    book = ledger.settled.book
    files = book.rows["file"].cat
    codes = files.codes.to_numpy()[book.at].astype(np.int64)
    place = {str(name): code for code, name in enumerate(files.categories)}
    out = []
    for figure, words, weight in _FIGURES:
        weights = np.array([weight(k) for k in book.kinds], dtype=np.int64)
        sums = sum_by(codes, weights[book.kind] * book.amount, len(place) + 1)
        for file in ledger.files:
            if file.shape == "835":
                stated = parse_cents(str(file.control[figure]))
                counted = int(sums[place[file.name]]) if file.name in place else 0
                out.append((file.name, words, stated, counted, counted - stated))
    columns = ["file", "figure", "stated", "counted", "difference"]
    frame = pd.DataFrame(out, columns=columns)
    order = {f.name: i for i, f in enumerate(ledger.files)}
    return frame.sort_values("file", key=lambda s: s.map(order), kind="stable", ignore_index=True)
