"""Payers and Write-offs: what could come back, a schedule with undo, and who pays best for a code."""

from __future__ import annotations

from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from test_expected import HEAD, W3, days, line
from test_pages import open_script, words

from pages.frame.state import GIVEN, Data
from writeoffs import fee_schedule, keeping
from writeoffs.reading import read

ROOT = Path(__file__).parent.parent
SCHEDULE = b"Payer,Code,Allowed\nAetna,99213,120.00\nAetna,99214,see contract\n"


@pytest.fixture(autouse=True)
def _fresh(tmp_path, monkeypatch):
    st.cache_resource.clear()
    monkeypatch.setenv(keeping.HOME, str(tmp_path))


def own(page: str, *rows: str) -> AppTest:
    """A page on an upload of one's own."""
    at = AppTest.from_file(str(ROOT / "pages" / f"{page}.py"), default_timeout=60)
    ledger = read(("june.csv", "\n".join([HEAD, *rows]).encode()))
    at.session_state["data"] = Data(ledger, "june.csv", False, ledger)
    return at.run()


def w3() -> list[str]:
    return [*[line(i, d, 110) for i, d in enumerate(days(1, 5))], W3]


def said(at: AppTest) -> str:
    return words(at).replace("\\", "")


@pytest.mark.parametrize("page", ["payers", "write_offs"])
def test_w3_on_the_page_shows_both_prices(page: str):
    at = own(page, *w3())
    assert not at.exception
    assert (
        "Avoidable losses: $250 at billed prices; $110 at expected allowed. At expected allowed that is 16.7%"
        in said(at)
    )


def test_both_prices_open_their_claims():
    at = own("write_offs", *w3())
    at.button(key="losses_claims").click().run()
    handed = at.session_state[GIVEN]
    assert int(handed.cents.sum()) == 11000
    assert len(set(handed.numbers.tolist())) == 1


def test_without_a_schedule_they_are_outliers_and_never_underpaid():
    at = open_script("payers")
    assert not at.exception
    text = said(at)
    assert "below what the same payer usually allows, on" in text
    assert "Outliers, not proven underpayments" in text
    assert "less than your fee schedule" not in text


def test_a_schedule_is_used_taken_back_and_kept():
    at = own("payers", *w3())
    at.get("file_uploader")[0].set_value([("fees.csv", SCHEDULE, "text/csv")])
    at.run()
    assert any("row 2" in w.value for w in at.warning)
    at.button(key="fees_use").click().run()
    assert not at.exception
    assert "Payers allowed $50 less than your fee schedule, on 5 of 5 lines" in said(at)
    assert "$250 at billed prices; $120 at expected allowed" in said(at)
    at.button(key="fees_keep").click().run()
    kept, _ = fee_schedule.kept()
    assert kept is not None and len(kept) == 1
    at.button(key="fees_undo").click().run()
    assert "$250 at billed prices; $110 at expected allowed" in said(at)
    again = own("payers", *w3())
    assert "$120 at expected allowed" in said(again)


def test_a_kept_schedule_is_not_for_the_sample():
    fee_schedule.keep(fee_schedule.read(("fees.csv", SCHEDULE)))
    at = open_script("payers")
    assert "Outliers, not proven underpayments" in said(at)
    at.button(key="fees_sample").click().run()
    assert not at.exception
    assert "less than your fee schedule" in said(at)


def test_a_file_that_is_no_schedule_gets_one_sentence():
    at = own("payers", *w3())
    at.get("file_uploader")[0].set_value([("fees.csv", b"Payer,Code\nAetna,99213\n", "text/csv")])
    at.run()
    assert not at.exception
    assert "no column of allowed amounts" in at.error[0].value.replace("\\", "")


def test_the_lines_below_open_their_claims():
    at = open_script("payers")
    at.button(key="fees_sample").click().run()
    at.button(key="below_claims").click().run()
    handed = at.session_state[GIVEN]
    assert (handed.cents > 0).all() and (handed.numbers >= 0).all()


def test_a_code_can_be_picked_and_says_who_pays_best():
    at = open_script("payers")
    at.selectbox(key="price_code").set_value("99214").run()
    assert not at.exception
    assert "99214: UnitedHealthcare allows most for it" in said(at)


def test_a_payer_that_is_chosen_shows_its_codes():
    at = open_script("payers")
    at.session_state["below_expected"] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    at.run()
    assert not at.exception
    assert any(m.value.endswith("by code**") for m in at.markdown)
