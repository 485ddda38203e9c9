"""The Denials page: on the sample, on a remittance, on a wide export, and on files that cannot say."""

from __future__ import annotations

from pathlib import Path

import pytest
import streamlit as st
from remits import Claim, Line, Payment, remit
from streamlit.testing.v1 import AppTest

from pages.frame.state import GIVEN
from writeoffs import denials
from writeoffs.reading import read

ROOT = Path(__file__).parent.parent
WIDE = """Claim ID,DOS,Payer,CPT,Billed,Ins Paid,Contractual Adj,Write-off,Reason,Balance
A1,2026-01-05,Aetna,99213,200.00,0.00,0.00,200.00,CO-29,0.00
A2,2026-01-06,=EVIL(1),99213,200.00,120.00,80.00,0.00,,0.00
"""
CHARGES = """Claim ID,DOS,Payer,Billed
A1,2026-01-05,Aetna,200.00
A2,2026-01-06,Cigna,150.00
"""
ERA = remit(
    Payment([
        Claim("C1", [Line("99213", "200", 0, "CO-29 200", ref="1")], "4"),
        Claim("C2", [Line("99213", "200", 12000, "CO-45 80", ref="1")]),
    ])
)  # fmt: skip


@pytest.fixture(autouse=True)
def _fresh_caches() -> None:
    st.cache_resource.clear()
    st.cache_data.clear()


def opened() -> AppTest:
    return AppTest.from_file(str(ROOT / "pages" / "denials.py"), default_timeout=60).run()


def of_upload(text: str, name: str = "june.csv") -> AppTest:
    """The page on an upload."""
    data = AppTest.from_file(str(ROOT / "pages" / "data.py"), default_timeout=60).run()
    data.get("file_uploader")[0].set_value([(name, text.encode(), "text/plain")])
    data.run()
    data.button(key="use").click().run()
    at = AppTest.from_file(str(ROOT / "pages" / "denials.py"), default_timeout=60)
    at.session_state["data"] = data.session_state["data"]
    at.run()
    assert not at.exception
    return at


def words(at: AppTest) -> str:
    parts = [*at.markdown, *at.caption, *at.subheader, *at.info, *at.error]
    return "\n".join(str(p.value) for p in parts).replace("\\", "")


def test_the_sample_is_answered_with_dollars_and_what_to_do() -> None:
    at = opened()
    assert not at.exception
    said = words(at)
    assert "Payers first refused $16,891 of $469,268 sent to them." in said
    assert "1. UnitedHealthcare: claims sent too late, $6,860 on 23 claims" in said
    assert "Send them within the payer's deadline" in said
    assert [m.label for m in at.metric] == [
        "Denied at first", "Still denied", "Won back", "Settled at first pass"]  # fmt: skip
    assert all(m.value != "n/a" and m.delta for m in at.metric)


@pytest.mark.parametrize("name", ["initial_denial_rate", "final_denial_rate", "overturn_rate"])
def test_a_tile_is_one_click_from_its_claims(name: str) -> None:
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    at.switch_page("pages/denials.py").run()
    at.button(key=f"{name}_claims").click().run()
    assert not at.exception
    handed = at.session_state[GIVEN]
    assert handed.title == denials.MEASURES[name].title
    assert handed.cents.sum() > 0 and (handed.numbers >= 0).all()


def test_the_payer_filter_narrows_it() -> None:
    at = opened()
    before = at.metric[0].value
    at.sidebar.multiselect(key="filter_payer").set_value([2]).run()
    assert not at.exception
    assert at.metric[0].value != before


def test_posting_months_and_every_period_open() -> None:
    at = opened()
    at.sidebar.selectbox(key="filter_period").set_value("all").run()
    assert not at.exception
    whole = read(ROOT / "sample_data" / "practice_ledger.csv")
    first = denials.figure(denials.counted(whole), "initial_denial_rate")
    assert first is not None and at.metric[0].value == f"{first:.1%}"


def test_a_remittance_says_as_adjudicated_and_greys_few_claims() -> None:
    at = of_upload(ERA, "june.835")
    assert "As adjudicated" in words(at)
    assert "Fewer than 20 claims decided" in words(at)
    assert at.metric[0].value == "50.0%"


def test_a_wide_export_says_why_the_first_is_missing() -> None:
    at = of_upload(WIDE)
    assert [m.value for m in at.metric] == ["n/a", "50.0%", "n/a", "n/a"]
    assert "not what its payer said first" in words(at)
    assert "$200 of $400 that payers have answered stands refused" in words(at)


def test_files_without_write_offs_say_what_to_add() -> None:
    at = of_upload(CHARGES)
    assert "Add the adjustment reasons" in words(at)
    assert not at.metric


def test_only_the_rate_of_the_bands_own_definition_has_it_beside() -> None:
    at = opened()
    listed = next(d.value for d in at.dataframe if "Counts" in d.value.columns)
    beside = listed.set_index("Measure")["Benchmark, or why none"]
    assert "AAFP: 5% to 10%; below 5% is better" in beside["Charges on claims denied at first"]
    others = beside.drop("Charges on claims denied at first")
    assert others.str.startswith("No benchmark:").all()


def test_the_fee_schedule_of_the_session_says_what_a_refusal_is_worth() -> None:
    at = of_upload(WIDE)
    todo = next(d.value for d in at.dataframe if "At expected allowed" in d.value.columns)
    assert todo["At expected allowed"].isna().all()
    schedule = b"Payer,Code,Allowed\nAetna,99213,110.00\n"
    at.get("file_uploader")[0].set_value([("fees.csv", schedule, "text/csv")])
    at.run()
    at.button(key="fees_use").click().run()
    assert not at.exception
    todo = next(d.value for d in at.dataframe if "At expected allowed" in d.value.columns)
    assert list(todo["At expected allowed"]) == [110.0]
