"""The definition lab and the definitions, as a person opens them."""

from __future__ import annotations

from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from pages import PAGES
from pages.frame import state
from writeoffs import catalogue, definitions, keeping
from writeoffs.reading import read

ROOT = Path(__file__).parent.parent
LEDGER = """Claim,Patient ID,DOS,Post Date,Payer,Type,Reason,Amount
C1,P1,2025-03-05,2025-03-05,Aetna,Charge,,100.00
C1,P1,2025-03-05,2025-04-02,Aetna,Insurance Payment,,60.00
C1,P1,2025-03-05,2025-04-02,Aetna,Patient Payment,,10.00
C1,P1,2025-03-05,2025-04-02,Aetna,Adjustment,CO-45,20.00
C1,P1,2025-03-05,2025-04-02,Aetna,Adjustment,Bad debt,10.00
"""
CHARGES = """Claim ID,DOS,Payer,Billed
A1,2026-01-05,Aetna,200.00
"""


@pytest.fixture(autouse=True)
def _fresh_caches():
    st.cache_resource.clear()
    st.cache_data.clear()


def opened(name: str, text: str = "") -> AppTest:
    at = AppTest.from_file(str(ROOT / "pages" / f"{name}.py"), default_timeout=60)
    if text:
        ledger = read(("own.csv", text.encode()))
        at.session_state["data"] = state.Data(ledger, "own.csv", False, ledger)
    return at.run()


def words(at: AppTest) -> str:
    parts = [*at.markdown, *at.caption, *at.subheader, *at.info]
    return "\n".join(str(p.value) for p in parts).replace("\\", "")


def test_the_lab_shows_the_spread_and_one_definition_with_its_dollars():
    at = opened("lab", LEDGER)
    assert not at.exception
    # AAFP 70 / 80; payers only 60 / 80; all write-offs out of closed charges 70 / 70.
    assert "The same money counts as 75.0% or as 100.0% collected" in words(at)
    at.selectbox(key="lab_definition_net").set_value("all_out_closed").run()
    assert "= $70 / $70 = 100.0%" in words(at)
    steps = next(d.value for d in at.dataframe if "What changes" in d.value.columns)
    assert list(steps["What changes"]) == ["takes bad debt of $10 out of the bottom"]
    assert round(float(steps.iloc[0, 2]), 1) == 12.5
    made = next(d.value for d in at.dataframe if "Where" in d.value.columns)
    assert dict(zip(made["What"], made["Dollars"], strict=True)) == {
        "insurer payments": 60,
        "patient payments": 10,
        "charges": 100,
        "contract write-offs": -20,
        "bad debt": -10,
    }


def test_a_short_selection_gets_no_benchmark_but_the_reason():
    at = opened("lab", LEDGER)
    at.selectbox(key="lab_definition_net").set_value("aafp").run()
    assert "is for twelve months, this is 1 month" in words(at)
    assert "AAFP: 95%" not in words(at)


def test_twelve_complete_months_get_the_band_of_their_definition():
    at = opened("lab")
    at.selectbox(key="lab_definition_net").set_value("aafp").run()
    assert "AAFP: 95% or more (family medicine" in words(at)
    at.selectbox(key="lab_definition_net").set_value("mgma").run()
    assert "AAFP: 95% or more" not in words(at)
    assert "No benchmark: none is published for this definition" in words(at)


@pytest.mark.parametrize("family", list(definitions.FAMILIES))
@pytest.mark.parametrize("basis", ["service", "post"])
def test_every_family_on_both_bases_says_a_rate_or_why_not(family: str, basis: str):
    at = opened("lab")
    at.session_state["filter_basis"] = basis
    at.session_state["lab_family"] = family
    at.run()
    assert not at.exception
    listed = next(d.value for d in at.dataframe if "What separates it" in d.value.columns)
    assert len(listed) == sum(one.family == family for one in definitions.ALL.values())
    unsaid = listed[listed["Rate"].isna()]
    assert unsaid["What separates it"].str.startswith("cannot be said: ").all()
    if basis == "post" and family == definitions.NET:
        assert len(unsaid) >= 4


W3 = """Claim,DOS,Post Date,Payer,CPT,Type,Reason,Amount
C9,2026-01-03,2026-01-03,Aetna,99213,Charge,,250.00
C9,2026-01-03,2026-05-03,Aetna,99213,Adjustment,CO-29,250.00
C0,2026-01-02,2026-01-02,Cigna,,Charge,,10.00
C0,2026-01-02,2026-01-03,Cigna,,Insurance Payment,,5.00
C0,2026-01-02,2026-01-03,Cigna,,Patient Payment,,5.00
"""


def test_at_expected_allowed_the_sessions_fee_schedule_speaks(tmp_path, monkeypatch):
    monkeypatch.setenv(keeping.HOME, str(tmp_path))
    at = opened("lab", W3)
    at.selectbox(key="lab_definition_net").set_value("of_expected").run()
    assert "Cannot be said: needs expected allowed: a fee schedule" in words(at)
    at.get("file_uploader")[0].set_value(
        [("fees.csv", b"Payer,Code,Allowed\nAetna,99213,110.00\n", "text/csv")]
    )
    at.run()
    at.button(key="fees_use").click().run()
    assert not at.exception
    assert "= $0 / $110 = 0.0%" in words(at)


def test_files_without_payments_say_why_no_rate_can_be_said():
    at = opened("lab", CHARGES)
    assert not at.exception
    assert "Cannot be said" in words(at)


def test_the_tile_of_practice_health_carries_the_band_or_why_there_is_none():
    assert "AAFP: 95% or more" in words(opened("health"))
    short = words(opened("health", LEDGER))
    assert "No benchmark: AAFP's 95% or more is for twelve months" in short


def test_the_definitions_page_lists_the_whole_catalogue_with_its_benchmarks():
    at = opened("definitions")
    assert not at.exception
    listed = at.dataframe[0].value
    assert len(listed) == len(catalogue.ALL)
    assert listed["Benchmark, or why none"].str.len().min() > 0
    assert set(listed["Unit"]) == {"rate (percent)", "dollars", "days"}
    where = dict(zip(listed["Measure"], listed["Shown on"], strict=True))
    assert where["Denied at first"] == "Denials"
    assert where["Days in A/R"] == "Receivables"
    assert where["Collected from patients in 12 months"] == "Patients"
    assert set(where.values()) <= {entry.title for entry in PAGES}
    now = dict(zip(listed["Measure"], listed["This selection"], strict=True))
    assert now["Denied at first"] == "see Denials"
    assert now["Total billed"].startswith("$")
    coverage = next(d.value for d in at.dataframe if "Here as" in d.value.columns)
    assert "Cost to collect" in set(coverage["Measure"])
    bands = next(d.value for d in at.dataframe if "Why not shown" in d.value.columns)
    assert (bands["Shown beside"].ne("") | bands["Why not shown"].ne("")).all()
