"""Every page, opened cold by its own address, on the sample and on an upload; filters and links."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
import streamlit as st
from streamlit.source_util import page_icon_and_name
from streamlit.testing.v1 import AppTest

from pages import PAGES
from pages.frame.show import DOLLARS, cells
from writeoffs import wording

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "sample_data" / "practice_ledger.csv"
SCRIPTS = [entry.file for entry in PAGES]
WIDE = """Claim ID,Patient ID,DOS,Payer,CPT,Billed,Ins Paid,Pt Paid,Contractual Adj,Write-off,Reason,Deductible,Balance
A1,P1,2026-01-05,Aetna,99213,200.00,90.00,20.00,80.00,10.00,CO-29,20.00,0.00
A2,P2,2026-01-06,Cigna,99213,150.00,100.00,0.00,50.00,0.00,,0.00,0.00
A3,P3,2026-02-07,=EVIL(1),99214,300.00,144.00,0.00,120.00,0.00,,36.00,36.00
"""
LONG = """Claim ID,Service Date,Posting Date,Payer,Type,Reason,Amount
A1,2026-01-05,2026-01-06,Aetna,Charge,,500.00
A1,2026-01-05,2026-02-06,Aetna,Insurance Payment,,300.00
A1,2026-01-05,2026-02-06,Aetna,Adjustment,CO-45,200.00
"""
DATELESS = """Claim ID,Payer,Billed,Ins Paid,Pt Paid,Contractual Adj,Write-off,Reason
A1,Aetna,200.00,90.00,20.00,80.00,10.00,CO-29
A2,Cigna,150.00,100.00,0.00,50.00,0.00,
"""
CHARGES = """Claim ID,DOS,Payer,Billed
A1,2026-01-05,Aetna,200.00
A2,2026-01-06,Cigna,150.00
"""
PAYMENTS = """Claim ID,Payment Date,Payer,Ins Paid
A1,2026-01-05,Aetna,200.00
A2,2026-01-06,Cigna,150.00
"""
ZERO = """Claim ID,DOS,Payer,Billed,Ins Paid,Pt Paid,Contractual Adj,Balance
A1,2026-01-05,Aetna,0.00,0.00,0.00,0.00,0.00
"""


@pytest.fixture(autouse=True)
def _fresh_caches():
    st.cache_resource.clear()
    st.cache_data.clear()


def open_script(name: str) -> AppTest:
    """A page from its own file, as a cold deep link runs it."""
    return AppTest.from_file(str(ROOT / "pages" / f"{name}.py"), default_timeout=60).run()


def upload(text: str = WIDE, name: str = "june.csv") -> AppTest:
    """The Data page after a file was chosen: the review stands on the page."""
    at = open_script("data")
    at.get("file_uploader")[0].set_value([(name, text.encode(), "text/csv")])
    return at.run()


def words(at: AppTest) -> str:
    """Everything the page says in markdown, captions, headings and tiles."""
    parts = [*at.markdown, *at.caption, *at.subheader, *at.title, *at.info, *at.error, *at.warning]
    return "\n".join(str(p.value) for p in parts)


@pytest.mark.parametrize("name", SCRIPTS)
def test_every_page_opens_cold_on_the_sample(name: str):
    at = open_script(name)
    assert not at.exception
    assert "Sample practice" in words(at)
    assert at.title[0].value == next(e.title for e in PAGES if e.file == name)


@pytest.mark.parametrize("name", [s for s in SCRIPTS if s not in ("data",)])
def test_every_page_shows_an_upload(name: str):
    at = upload()
    at.button(key="use").click().run()
    data = at.session_state["data"]
    page = AppTest.from_file(str(ROOT / "pages" / f"{name}.py"), default_timeout=60)
    page.session_state["data"] = data
    page.run()
    assert not page.exception
    assert "june" in words(page)
    assert "Sample practice" not in words(page)


def test_the_entry_script_keeps_its_sidebar_over_reruns_and_page_switches():
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    assert not at.exception
    assert at.sidebar.selectbox(key="filter_period")
    at.run()
    assert at.sidebar.selectbox(key="filter_period")
    at.switch_page("pages/payers.py").run()
    assert at.title[0].value == "Payers"
    assert at.sidebar.selectbox(key="filter_period")


def test_the_five_headline_tiles_have_value_and_change():
    at = open_script("health")
    assert len(at.metric) == 5
    for tile in at.metric:
        assert tile.value and tile.value != "n/a"
        assert tile.delta


def test_where_each_100_went_adds_up_to_100():
    at = open_script("health")
    said = next(s.value for s in at.subheader if "Of each" in s.value).replace("\\", "")
    import re

    parts = [round(float(x) * 100) for x in re.findall(r"\$(\d+\.\d\d)", said.split("billed,")[1])]
    assert sum(parts) == 10_000


def test_a_filter_narrows_the_figures_and_stays_in_the_link_as_an_ordinal():
    at = open_script("health")
    whole = at.metric[4].value
    at.sidebar.multiselect(key="filter_payer").set_value([2]).run()
    assert at.metric[4].value != whole
    assert at.query_params["p"] in ("2", ["2"])
    joined = json.dumps(dict(at.query_params))
    assert "United" not in joined and "Medicare" not in joined
    assert "UnitedHealthcare" in words(at)


def test_a_link_brings_its_filters_back_on_a_cold_page():
    at = open_script("health")
    at.sidebar.multiselect(key="filter_payer").set_value([2]).run()
    cold = AppTest.from_file(str(ROOT / "pages" / "payers.py"), default_timeout=60)
    for key, value in at.query_params.items():
        cold.query_params[key] = value
    cold.run()
    assert not cold.exception
    assert cold.sidebar.multiselect(key="filter_payer").value == [2]


def test_a_link_made_on_other_data_is_not_applied():
    cold = AppTest.from_file(str(ROOT / "pages" / "payers.py"), default_timeout=60)
    cold.query_params["p"] = "2"
    cold.query_params["d"] = "ffffffff"
    cold.run()
    assert not cold.exception
    assert cold.sidebar.multiselect(key="filter_payer").value == []
    assert any("other data" in t.value for t in cold.toast)


def test_nonsense_in_a_link_is_ignored():
    cold = AppTest.from_file(str(ROOT / "pages" / "health.py"), default_timeout=60)
    for key, value in {"p": "x.999", "period": "eon", "to": "-4", "by": "moon", "fy": "13"}.items():
        cold.query_params[key] = value
    cold.run()
    assert not cold.exception


@pytest.mark.parametrize("name", ["month", "quarter", "ytd", "fiscal", "all", "year"])
def test_every_period_on_both_bases(name: str):
    at = open_script("health")
    at.sidebar.selectbox(key="filter_period").set_value(name).run()
    assert not at.exception
    at.session_state["filter_basis"] = "post"
    at.run()
    assert not at.exception


def test_the_first_request_of_a_server_finds_every_address_by_its_script():
    """Before ``navigation`` has run, only the scripts' own names are known as addresses."""
    for entry in PAGES[1:]:
        assert page_icon_and_name(ROOT / "pages" / f"{entry.file}.py")[1] == entry.file
    assert {p.stem for p in (ROOT / "pages").glob("*.py")} - {"__init__"} == set(SCRIPTS)


def test_changes_are_of_the_months_that_both_years_have():
    """The sample begins in November 2024: of twelve months to July 2026 nine have their like."""
    rows = pd.read_csv(SAMPLE, dtype=str)
    charges = rows[rows["Type"].str.contains("Charge")]
    month = charges["Service Date"].str[:7]
    cents = (charges["Amount"].astype(float) * 100).round().astype(int)
    now = cents[month.between("2025-11", "2026-07")].sum()
    before = cents[month.between("2024-11", "2025-07")].sum()
    at = open_script("health")
    billed = next(m for m in at.metric if m.label == "Billed")
    assert billed.delta == f"+{wording.dollars(int(now - before), short=True)}"
    assert "Changes are of Nov 2025 to Jul 2026 against the same months a year before" in words(at)
    at.sidebar.selectbox(key="filter_period").set_value("ytd").run()
    assert "Changes are against the same months a year before" in words(at)


def test_an_earlier_as_of_date_leaves_later_postings_out():
    at = open_script("health")
    at.sidebar.selectbox(key="filter_period").set_value("all").run()
    full = at.metric[4].value
    from datetime import date

    at.sidebar.date_input(key="as_of").set_value(date(2025, 12, 31)).run()
    assert not at.exception
    assert at.metric[4].value != full
    assert "2025\\-12\\-31" in words(at)


def test_the_upload_shows_mapping_identity_and_outcome_before_anything_is_charted():
    at = upload()
    said = words(at)
    assert "june" in said
    assert "add up on 100" in said
    assert "Sample practice" in said  # still the sample until the person says so
    assert [m.value for m in at.metric][:2] == ["$650", "$354"]
    assert at.button(key="use")


def test_a_file_that_cannot_be_read_gets_one_sentence_and_advice():
    at = upload("<html><table></table></html>", "export.xls")
    assert not at.exception
    assert "web page" in at.error[0].value
    assert "Excel" in at.error[0].value


def test_held_rows_are_said_before_the_file_is_used():
    at = upload(WIDE + "A4,P4,2026-02-08,Aetna,99213,see note,1.00,0.00,0.00,0.00,,0.00,0.00\n")
    assert "1 row" in at.warning[0].value


def test_forgetting_an_upload_brings_the_sample_back():
    at = upload()
    at.button(key="use").click().run()
    assert "june" in words(at)
    at.button(key="forget").click().run()
    assert "Sample practice" in words(at)
    assert "data" not in at.session_state


def test_a_chosen_claim_is_shown_from_charge_to_what_is_left():
    at = open_script("claims")
    at.session_state["claims"] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    at.run()
    assert not at.exception
    assert any("from charge" in s.value for s in at.subheader)
    card = at.dataframe[-1].value
    assert card["What"].iloc[0] == "Charge"
    assert {"File", "Row", "Left"} <= set(card.columns)


def test_the_drill_down_keeps_to_the_payer_asked_for():
    cold = AppTest.from_file(str(ROOT / "pages" / "claims.py"), default_timeout=60)
    cold.query_params["about"] = "timely_filing"
    cold.run()
    assert not cold.exception
    assert cold.selectbox(key="claims_about").value == "timely_filing"
    assert "Claims sent too late" in words(cold)


def test_patient_identifiers_are_shown_only_where_asked():
    at = open_script("claims")
    assert "Patient" not in at.dataframe[0].value.columns
    at.toggle(key="claims_ids").set_value(True).run()
    assert "Patient" in at.dataframe[0].value.columns


def test_downloads_make_formulas_harmless_and_keep_numbers():
    import pandas as pd

    from writeoffs.exporting import as_csv

    frame = pd.DataFrame({"Payer": ["=1+1", "-1", "Aetna"], "Dollars": [-5.25, 1.0, 2.0]})
    text = as_csv(frame).decode("utf-8-sig")
    assert "'=1+1" in text and "'-1" in text
    assert "-5.25" in text and "'-5.25" not in text


def test_a_second_upload_is_reviewed_afresh():
    at = upload()
    at.get("file_uploader")[0].set_value([("long.csv", LONG.encode(), "text/csv")])
    at.run()
    assert not at.exception
    assert at.metric[0].value == "$500"
    assert "long" in words(at)


def test_using_a_file_without_posting_dates_drops_the_posting_view_and_the_old_filters():
    at = AppTest.from_file(str(ROOT / "pages" / "data.py"), default_timeout=60)
    for key, value in {"by": "post", "period": "month", "to": "24318"}.items():
        at.query_params[key] = value
    at.run()
    at.get("file_uploader")[0].set_value([("june.csv", DATELESS.encode(), "text/csv")])
    at.run()
    at.button(key="use").click().run()
    assert not at.exception
    assert "by" not in at.query_params or at.query_params["by"] in ("service", ["service"])


@pytest.mark.parametrize("text", ["²", "9" * 5000, "-1", "٣", ""])
def test_a_damaged_link_never_breaks_a_page(text: str):
    for name in ("health", "claims"):
        cold = AppTest.from_file(str(ROOT / "pages" / f"{name}.py"), default_timeout=60)
        for key in ("to", "fy", "p", "of", "since"):
            cold.query_params[key] = text
        cold.query_params["period"] = "fiscal"
        cold.query_params["about"] = "billed"
        cold.run()
        assert not cold.exception


@pytest.mark.parametrize("name", ["paid", "avoidable", "bad_debt", "contractual"])
def test_the_claims_behind_a_figure_add_up_to_it_on_both_bases(name: str):
    from pages.frame import state
    from writeoffs import measures, metrics

    ledger = state.sample().ledger
    months = (24317, 24318)  # two months of 2026
    cube = ledger.cube[ledger.cube["post_month"].between(*months)]
    view = metrics.View(cube, ledger.can_say, "post")
    shown = int(metrics.table(view, [name])[name].iloc[0])
    assert int(metrics.about(ledger, name, months).sum()) == shown
    whole = int(metrics.table(metrics.view_of(ledger), [name])[name].iloc[0])
    assert int(metrics.about(ledger, name).sum()) == whole
    assert measures.measure(name).unit == "dollars"


@pytest.mark.parametrize("text", ["DATELESS", "CHARGES", "PAYMENTS", "ZERO"])
@pytest.mark.parametrize("page", ["health", "payers", "write_offs", "patients", "claims"])
def test_odd_files_show_every_page_and_claim_nothing_they_cannot_know(text: str, page: str):
    from pages.frame.state import Data
    from writeoffs.reading import read

    at = AppTest.from_file(str(ROOT / "pages" / f"{page}.py"), default_timeout=60)
    ledger = read(("odd.csv", globals()[text].encode()))
    at.session_state["data"] = Data(ledger, "odd.csv", False, ledger)
    at.run()
    assert not at.exception
    assert "Feb -1" not in words(at)
    if text == "CHARGES" and page == "health":
        assert "still owed" not in next(s.value for s in at.subheader)


def test_a_column_with_negative_dollars_is_written_with_the_sign_first():
    """The browser's short format would write "$-5,392"."""
    frame = pd.DataFrame({"lost": [-539200, 100], "paid": [100, 200]})
    _, config = cells(frame, {"lost": ("Lost", DOLLARS), "paid": ("Paid", DOLLARS)})
    assert config["Lost"]["type_config"]["format"] == "dollar"
    assert config["Paid"]["type_config"]["format"] == "$%,.0f"


def test_what_cannot_be_said_is_a_gap_in_a_table():
    at = open_script("health")
    assert {one.proto.placeholder for one in at.dataframe} == {""}
    assert all(one.proto.HasField("placeholder") for one in at.dataframe)
