"""Any figure opens: its words with numbers, its claims, its rows; a bar leads to its claims."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def _fresh_caches():
    st.cache_resource.clear()
    st.cache_data.clear()


def script(name: str, **state: object) -> AppTest:
    at = AppTest.from_file(str(ROOT / "pages" / f"{name}.py"), default_timeout=120)
    for key, value in state.items():
        at.session_state[key] = value
    return at.run()


def words(at: AppTest) -> str:
    parts = [*at.markdown, *at.caption, *at.subheader]
    return "\n".join(str(p.value) for p in parts).replace("\\", "")


def test_a_tile_says_how_it_is_worked_out_with_the_numbers_of_this_selection():
    at = script("health")
    assert not at.exception
    said = words(at)
    assert "paid by insurers: $222,357.83" in said and "that is **$271,037.21**" in said
    assert "less by contract or law: $181,391.70" in said and "**= 89.16%**" in said
    at.sidebar.multiselect(key="filter_payer").set_value([0]).run()
    assert "$222,357.83" not in words(at)


@pytest.mark.parametrize("page", ["health", "write_offs", "patients"])
def test_every_tile_of_a_page_can_be_opened(page: str):
    at = script(page)
    shown = [b.label for b in at.button]
    assert shown.count("Show the claims") + shown.count("Claims that count") >= len(at.metric)


def points(number: int, at: int, x: object = None) -> dict[str, object]:
    return {"selection": {"points": [{"curve_number": number, "point_index": at, "x": x}]}}


def test_a_bar_of_where_each_100_went_leads_to_its_claims():
    at = script("health", dollar=points(2, 3))
    assert not at.exception
    tile = next(m for m in at.metric if m.label == "Avoidable")
    assert tile.value == "$13,958"
    assert "Avoidable losses: $13,958.00 on " in words(at)
    assert at.button(key="end_bar").label == "Show the claims"


def test_a_month_of_the_trend_leads_to_both_sides_of_its_rate():
    at = script("health", trend=points(0, 0, 2026 * 12 + 2))
    assert "Net collection rate, Mar 2026: $" in words(at)
    assert at.button(key="month_point") and at.button(key="month_point_below")


def test_a_reason_a_month_and_a_kind_lead_to_their_claims():
    at = script("write_offs", reasons=points(0, 0))
    assert not at.exception and at.button(key="reason_bar")
    at = script("patients", patient_kinds=points(0, 0))
    assert not at.exception and at.button(key="kind_bar")
    at = script("payers", payer_trends=points(2, 0, 2026 * 12))
    assert not at.exception


def test_the_proof_pack_of_what_is_shown_is_made_and_kept_for_this_session():
    from pages.frame import state

    at = script("health")
    at.sidebar.selectbox(key="filter_period").set_value("month").run()
    at.button(key="pack_health").click().run()
    assert not at.exception
    ledger, ((_, scope, patients), made) = at.session_state[state.TABLES]["pack_health"]
    assert "months=(24318, 24318)" in scope and patients is False
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        names = set(archive.namelist())
        text = archive.read("report.html").decode()
    assert {"proof.xlsx", "report.html", "manifest.json", "totals.csv"} <= names
    billed = next(m for m in at.metric if m.label == "Billed").value
    assert billed in text
    assert "Download the proof pack" in str(at.get("download_button"))
    del ledger
    at.toggle(key="pack_ids_health").set_value(True).run()
    assert "Download the proof pack" not in str(at.get("download_button"))
