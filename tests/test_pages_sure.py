"""How sure, on the pages: projected months, chance among payers, the methods told."""

from __future__ import annotations

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from tests.test_pages import LONG, ROOT, open_script, words


@pytest.fixture(autouse=True)
def _fresh_caches():
    st.cache_resource.clear()


def test_the_trend_shows_young_months_projected_with_their_test():
    at = open_script("health")
    assert not at.exception
    said = words(at)
    assert "Young months are projected" in said and "Tested on 18 held figures" in said
    months = next(d.value for d in at.dataframe if "Projected" in d.value.columns)
    assert months["Projected"].notna().sum() == 3
    assert (months["At least"].dropna() < months["Projected"].dropna()).all()


def test_the_payers_page_names_who_differs_by_more_than_chance():
    at = open_script("payers")
    assert not at.exception
    titles = [s.value for s in at.subheader]
    assert any("less than at the practice" in t for t in titles)
    assert "More than chance?" in titles
    found = next(d.value for d in at.dataframe if "Beyond chance" in d.value.columns)
    mine = found.set_index("Payer")["Beyond chance"]
    assert mine["UnitedHealthcare"] == "below" and mine["Summit Mutual"] == ""


def test_by_posting_date_nothing_is_projected_or_compared():
    at = open_script("payers")
    at.sidebar.segmented_control(key="filter_basis").set_value("post").run()
    assert not at.exception
    assert "More than chance?" not in [s.value for s in at.subheader]


def test_a_period_with_young_months_shows_no_change_of_what_is_still_coming_in():
    at = open_script("health")
    at.sidebar.selectbox(key="filter_last").set_value(2026 * 12 + 9).run()
    deltas = {m.label: m.delta for m in at.metric}
    assert deltas["Billed"]
    assert not any(deltas[name] for name in deltas if name != "Billed")
    assert "without what is still coming in" in words(at)


def test_a_short_history_says_so():
    at = open_script("data")
    at.get("file_uploader")[0].set_value([("long.csv", LONG.encode(), "text/csv")])
    at.run()
    at.button(key="use").click().run()
    page = AppTest.from_file(str(ROOT / "pages" / "health.py"), default_timeout=60)
    page.session_state["data"] = at.session_state["data"]
    page.run()
    assert not page.exception
    assert "not enough history: 1 of 9 months" in words(page).replace("\\", "")


def test_the_definitions_page_tells_the_methods():
    at = open_script("definitions")
    methods = next(d.value for d in at.dataframe if "What it does" in d.value.columns)
    assert methods["Source"].str.contains("Mack").any()
    assert methods["Source"].str.contains("Laney").any()
    assert (methods["Source"] != "").all()


def test_claims_of_a_rate_are_told_apart_from_all_claims():
    """Duplicates are billed, and in no rate: two counts, two names."""
    at = open_script("payers")
    tables = [t.value for t in at.dataframe]
    rate = next(t for t in tables if "Claims in the rate" in t).set_index("Payer")
    every = next(t for t in tables if "Paid per claim" in t).set_index("Payer")
    assert (rate["Claims in the rate"] <= every["Claims"]).all()
    assert rate.loc["Medicare", "Claims in the rate"] < every.loc["Medicare", "Claims"]
    assert "such as a duplicate" in words(at)
