"""The Patients page: fair to patients, how soon they pay, and one click to the claims."""

from __future__ import annotations

from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from support import tidy

from writeoffs.reading import read

ROOT = Path(__file__).parent.parent
BEYOND = """
Claim,MRN,DOS,Post Date,Payer,CPT,Type,Reason,Amount
C,M1,2026-01-05,2026-01-05,Aetna,G0438,Charge,,150.00
C,M1,2026-01-05,2026-02-01,Aetna,G0438,Insurance Payment,,80.00
C,M1,2026-01-05,2026-02-01,Aetna,G0438,Adjustment,CO-45,50.00
C,M1,2026-01-05,2026-02-01,Aetna,G0438,Patient Responsibility,PR-2,20.00
C,M1,2026-01-05,2026-02-03,Aetna,G0438,Transfer to patient,,50.00
C,M1,2026-01-05,2026-02-20,Aetna,G0438,Patient Payment,,20.00
"""
NO_SHARES = """
Claim,DOS,Payer,CPT,Charge,Ins Paid,Pt Paid,Contractual
C,2026-01-05,Aetna,99213,150.00,80.00,20.00,50.00
"""
WIDE = """
Claim,DOS,Post Date,Payer,CPT,Charge,Ins Paid,Contractual,Coinsurance,Pt Paid
C,2025-01-05,2026-02-01,Aetna,99213,150.00,80.00,50.00,20.00,15.00
"""


@pytest.fixture(autouse=True)
def _fresh_caches():
    st.cache_resource.clear()


def patients(text: str = "") -> AppTest:
    """The page on the sample, or on an upload."""
    from pages.frame.state import Data

    at = AppTest.from_file(str(ROOT / "pages" / "patients.py"), default_timeout=60)
    if text:
        ledger = read([("books.csv", tidy(text))])
        at.session_state["data"] = Data(ledger, "books.csv", False, ledger)
    at.run()
    assert not at.exception
    return at


def words(at: AppTest) -> str:
    parts = [*at.markdown, *at.caption, *at.subheader, *at.info]
    return "\n".join(str(p.value) for p in parts).replace("\\", "")


def metric(at: AppTest, label: str) -> str:
    (found,) = [m.value for m in at.metric if m.label == label]
    return str(found)


def test_the_sample_owes_ninety_dollars_back_and_the_claims_are_a_click_away() -> None:
    at = patients()
    assert metric(at, "Owed back to patients") == "$90"
    assert metric(at, "Asked beyond the payer's share") == "$0"
    said = words(at)
    assert "To look at: $90 owed back to patients." in said
    assert "4 claims of 3,114 looked at. $65 has waited for more than 60 days." in said
    assert "Of what patients are asked for, they pay 50% within 1 month and 82% within" in said
    assert "What patients carry grows" in said
    at.button(key="fair_credits").click().run()
    handed = at.session_state["claims_given"]
    assert (handed.title, int(handed.cents.sum())) == ("Owed back to patients", 9000)
    assert len(handed.numbers) == 4


def test_a_period_does_not_hide_what_is_owed_back_but_a_payer_filter_narrows_it() -> None:
    at = patients()
    at.selectbox(key="filter_period").select("month").run()
    assert metric(at, "Owed back to patients") == "$90"
    at.multiselect(key="filter_payer").select(0).run()
    assert not at.exception
    one = int(metric(at, "Owed back to patients").strip("$"))
    at.multiselect(key="filter_payer").unselect(0).select(1).run()
    assert one + int(metric(at, "Owed back to patients").strip("$")) <= 90


def test_each_finding_has_its_dollars_and_what_to_do() -> None:
    at = patients(BEYOND)
    assert metric(at, "Asked beyond the payer's share") == "$30"
    assert metric(at, "Asked where no share may be due") == "$20"
    assert metric(at, "Owed back to patients") == "$0"
    said = words(at)
    assert "Compare the transfer with the payer's statement" in said
    assert "A share on a preventive service: $20 on 1 claim." in said


def test_files_without_shares_or_dates_say_why() -> None:
    assert "do not say what payers assigned to patients" in words(patients(NO_SHARES))
    assert "payments have no date of their own" in words(patients(WIDE))
