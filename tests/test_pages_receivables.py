"""The receivables page: as of a date, whatever period; every figure leads to its claims."""

from __future__ import annotations

from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from test_pages import CHARGES, DATELESS, ROOT, WIDE, open_script, upload, words

from pages.frame.state import GIVEN


@pytest.fixture(autouse=True)
def _fresh_caches():
    st.cache_resource.clear()
    st.cache_data.clear()


def group(at: AppTest, key: str) -> Any:
    return next(g for g in at.get("button_group") if g.key == key)


def on(text: str) -> AppTest:
    at = upload(text)
    at.button(key="use").click().run()
    page = AppTest.from_file(str(ROOT / "pages" / "receivables.py"), default_timeout=60)
    page.session_state["data"] = at.session_state["data"]
    return page.run()


def test_the_page_answers_first_and_ties():
    at = open_script("receivables")
    said = words(at).replace("\\", "")
    assert "As of Nov 13, 2026, $43,017 is still owed" in said
    assert "It ties: each month begins where the one before ended" in said
    assert "Look first at Self-pay" in said
    tiles = {m.label: m.value for m in at.metric}
    assert tiles == {
        "Owed to the practice": "$43,017",
        "Days in A/R": "35.2 days",
        "Older than 90 days": "24.7%",
        "Credit balances": "-$90",
    }


def test_a_period_changes_no_balance_and_a_payer_does():
    at = open_script("receivables")
    at.sidebar.selectbox(key="filter_period").set_value("month").run()
    assert not at.exception
    assert at.metric[0].value == "$43,017"
    at.sidebar.multiselect(key="filter_payer").set_value([0]).run()
    assert not at.exception
    assert at.metric[0].value != "$43,017"
    assert "It ties" in words(at)


def test_posting_months_change_no_balance_either():
    at = open_script("receivables")
    group(at, "filter_basis").set_value("post").run()
    assert not at.exception
    assert at.metric[0].value == "$43,017"
    assert "It ties" in words(at)


def test_the_age_basis_can_be_switched():
    at = open_script("receivables")
    group(at, "receivables_basis").set_value("party").run()
    assert not at.exception
    tiles = {m.label: m.value for m in at.metric}
    assert tiles["Owed to the practice"] == "$43,017"
    assert tiles["Older than 90 days"] != "24.7%"


@pytest.mark.parametrize(
    ("key", "cents"),
    [("receivables_claims", 4301696), ("over_90_share_claims", 1063887),
     ("credit_balances_claims", -9000), ("credits", -9000)],
)  # fmt: skip
def test_figures_hand_over_claims_that_sum_to_them(key: str, cents: int):
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    at.switch_page("pages/receivables.py").run()
    at.button(key=key).click().run()
    assert not at.exception
    assert int(at.session_state[GIVEN].cents.sum()) == cents


@pytest.mark.parametrize("text", [CHARGES, DATELESS])
def test_what_cannot_be_said_says_so(text: str):
    at = on(text)
    assert not at.exception
    assert not at.metric
    assert "do not say what is still owed" in words(at)


def test_a_wide_upload_says_what_it_does_not_know():
    at = on(WIDE)
    assert not at.exception
    said = words(at).replace("\\", "")
    assert "cannot be said: the files do not say when charges were entered" in said
    assert "It ties" in said
    assert "do not say on which day a payer first paid" in said
    assert "months are approximate" not in said  # nothing is dated but the visits


def test_the_band_stands_beside_the_days_of_a_year_and_not_of_90_days():
    """AAFP divides by the charges of 365 days; the tile's own figure is of the last 90."""
    at = open_script("receivables")
    captions = [str(c.value).replace("\\", "") for c in at.caption]
    [said] = [one for one in captions if "AAFP: under 50" in one]
    assert said.startswith("Days in A/R, over a year: ")
    assert "30 to 40 preferred" in said
