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
    decisions,
    denial_rates,
    denial_reasons,
    gross_collection_rate,
    measure,
    net_collection_rate,
    out_of_pocket,
    patient_collection,
    payer_mix,
    payment_per_claim,
    rate,
    totals,
    what_if,
    why_moved,
    write_off_rate,
)
from writeoffs.ar_days import days_in_ar
from writeoffs.certainty import frame as intervals
from writeoffs.compare import frame as compare
from writeoffs.expected import lines as expected_allowed
from writeoffs.fairness import fairness
from writeoffs.fee_schedule import read as read_fee_schedule
from writeoffs.lags import charge_lag, payment_lag
from writeoffs.ledger import Ledger
from writeoffs.maturity import frame as maturity
from writeoffs.measures import MEASURES
from writeoffs.overpaid import credit_balances, refunds
from writeoffs.prices import code_prices
from writeoffs.reading import read
from writeoffs.receivables import aging
from writeoffs.recoverable import avoidable_at_expected
from writeoffs.rolling import month_ends, roll_forward
from writeoffs.underpaid import outliers, underpayments

__all__ = [
    "MEASURES",
    "Ledger",
    "aging",
    "avoidable_at_expected",
    "avoidable_rate",
    "charge_lag",
    "charts",
    "code_prices",
    "compare",
    "contractual_rate",
    "credit_balances",
    "days_in_ar",
    "decisions",
    "denial_rates",
    "denial_reasons",
    "expected_allowed",
    "fairness",
    "gross_collection_rate",
    "intervals",
    "lines",
    "maturity",
    "measure",
    "month_ends",
    "net_collection_rate",
    "out_of_pocket",
    "outliers",
    "patient_collection",
    "payer_mix",
    "payment_lag",
    "payment_per_claim",
    "rate",
    "read",
    "read_fee_schedule",
    "refunds",
    "roll_forward",
    "totals",
    "underpayments",
    "what_if",
    "why_moved",
    "write_off_rate",
]


def __getattr__(name: str) -> Any:
    # Charts bring plotly along; who only computes need not wait for it.
    if name == "charts":
        return import_module("writeoffs.charts")
    raise AttributeError(f"module 'writeoffs' has no attribute {name!r}")
