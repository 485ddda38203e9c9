"""Units kept through joining, adding, packing; what was packed before them still opens."""

from __future__ import annotations

import pandas as pd
from support import ledger_of
from test_expected import HEAD, line

import writeoffs as wo
from writeoffs import packing


def text(*rows: str) -> str:
    return "\n".join([HEAD, *rows])


def test_units_stay_through_adding_and_packing():
    one = ledger_of(text(line(1, "2026-01-05", 110, units="2")))
    other = ledger_of(text(line(2, "2026-01-06", 110, units="1.5")))
    both = one + other
    assert wo.lines(both)["units"].tolist() == [2.0, 1.5]
    again = packing.unpack(packing.pack(both))
    pd.testing.assert_frame_equal(wo.lines(again), wo.lines(both))


def test_a_ledger_packed_before_units_were_kept_states_none():
    ledger = ledger_of(text(line(1, "2026-01-05", 110, units="2")))
    parts = packing.pack(ledger)
    rows = packing._table(parts["rows.arrow"]).drop_columns("units")
    again = packing.unpack({**parts, "rows.arrow": packing._arrow(rows)})
    assert wo.lines(again)["units"].isna().all()


def test_what_is_no_number_of_units_is_not_stated():
    ledger = ledger_of(
        text(line(1, "2026-01-05", 110, units="2"), line(2, "2026-01-06", 110, units="n/a"))
    )
    assert wo.lines(ledger)["units"].isna().tolist() == [False, True]
    assert ledger.rows_held == 0
