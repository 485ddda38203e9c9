"""Where did the money we billed go? The same engine as the dashboard, for pandas.

import writeoffs as wo

ledger = wo.read("june.csv")
ledger.reconciliation
wo.write_off_rate(ledger, by="payer")
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from writeoffs.allowed import lines
from writeoffs.api import (
    avoidable_rate,
    contractual_rate,
    gross_collection_rate,
    measure,
    net_collection_rate,
    out_of_pocket,
    patient_collection,
    payer_mix,
    payment_per_claim,
    totals,
    write_off_rate,
)
from writeoffs.compare import frame as compare
from writeoffs.fairness import fairness
from writeoffs.ledger import Ledger
from writeoffs.measures import MEASURES
from writeoffs.reading import read

__all__ = [
    "MEASURES",
    "Ledger",
    "avoidable_rate",
    "charts",
    "compare",
    "contractual_rate",
    "fairness",
    "gross_collection_rate",
    "lines",
    "measure",
    "net_collection_rate",
    "out_of_pocket",
    "patient_collection",
    "payer_mix",
    "payment_per_claim",
    "read",
    "totals",
    "write_off_rate",
]


def __getattr__(name: str) -> Any:
    # Charts bring plotly along; who only computes need not wait for it.
    if name == "charts":
        return import_module("writeoffs.charts")
    raise AttributeError(f"module 'writeoffs' has no attribute {name!r}")
