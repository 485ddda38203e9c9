"""Every page opens on ledgers that are odd but lawful, and says no figure that is none."""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from support import ledger_of

from pages import PAGES
from pages.frame.state import Data
from writeoffs.ledger import Ledger

ROOT = Path(__file__).parent.parent
WIDE = "Claim ID,DOS,Payer,Billed,Ins Paid,Pt Paid,Contractual Adj,Balance"
LONG = "Claim ID,Service Date,Posting Date,Payer,Type,Reason,Amount"
NOT_A_FIGURE = re.compile(r"(?<![A-Za-z])(nan|NaN|inf|<NA>|NaT)(?![A-Za-z])")


def _years(count: int) -> str:
    """A visit in each quarter of many years, its payment and what nobody has paid yet."""
    rows = [LONG]
    for n in range(4 * count):
        day = date(1986, 1, 10) + timedelta(days=91 * n)
        who = ("Aetna", "=1+1", "<b>", "$x$")[n % 4]
        rows.append(f"C{n},{day},{day},{who},Charge,,100.00")
        rows.append(f"C{n},{day},{day + timedelta(days=20)},{who},Insurance Payment,,60.00")
    return "\n".join(rows)


ODD = {
    "one row": f"{WIDE}\nA1,2026-01-05,Aetna,100.00,50.00,10.00,40.00,0.00",
    "zero charge": f"{WIDE}\nA1,2026-01-05,Aetna,0.00,0.00,0.00,0.00,0.00",
    "no dates": "Claim ID,Payer,Billed,Ins Paid,Pt Paid\nA1,Aetna,200.00,90.00,20.00",
    "only charges": "Claim ID,DOS,Payer,Billed\nA1,2026-01-05,Aetna,200.00",
    "only payments": "Claim ID,Payment Date,Payer,Ins Paid\nA1,2026-01-05,Aetna,200.00",
    "nameless payers": f"{WIDE}\nA1,2026-01-05,,100.00,50.00,10.00,40.00,0.00\n"
    "A2,,NA,100.00,50.00,0.00,40.00,10.00",
    "all in credit": f"{WIDE}\nA1,2026-01-05,Aetna,100.00,90.00,50.00,0.00,-40.00",
    "nobody to owe": f"{LONG}\nA1,2026-01-05,2026-01-05,Aetna,Charge,,50.00\n"
    "A1,2026-01-05,2026-02-05,Aetna,Insurance Payment,,20.00",
    "paid ahead": f"{LONG}\nA1,2026-05-05,2026-01-06,Aetna,Charge,,500.00\n"
    "A1,2026-05-05,2026-01-08,Aetna,Patient Payment,,300.00",
    "only reversals": f"{LONG}\nA1,2026-01-05,2026-02-05,Aetna,Payment Reversal,,-50.00",
    "capitation": f"{LONG}\nA1,2026-01-05,2026-01-05,Aetna,Charge,,50.00\n"
    "A1,2026-01-05,2026-02-05,Aetna,Adjustment,CO-24,50.00",
    "forty years": _years(40),
}


@cache
def _ledger(name: str) -> Ledger:
    return ledger_of(ODD[name])


@pytest.fixture(autouse=True, scope="module")
def _fresh_caches() -> None:
    st.cache_resource.clear()
    st.cache_data.clear()


@pytest.mark.parametrize("page", [entry.file for entry in PAGES])
@pytest.mark.parametrize("name", ODD)
def test_every_page_opens(name: str, page: str) -> None:
    at = AppTest.from_file(str(ROOT / "pages" / f"{page}.py"), default_timeout=60)
    at.session_state["data"] = Data(_ledger(name), "odd", False, _ledger(name))
    at.run()
    assert not at.exception
    assert at.title[0].value == next(e.title for e in PAGES if e.file == page)
    said = [*at.markdown, *at.caption, *at.subheader, *at.info, *at.warning, *at.error]
    texts = [str(s.value) for s in said] + [f"{m.value} {m.delta}" for m in at.metric]
    assert not [text for text in texts if NOT_A_FIGURE.search(text)]
