"""What a person does: upload an export, correct how a column is read, read, filter, drill, download."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from dashboard import Dashboard
from playwright.sync_api import expect

# Two columns called Paid, and nothing that adds up: which is whose is left to the person.
EXPORT = """Claim ID,Patient ID,DOS,Posted,Payer,Provider,CPT,Billed,Paid,Paid,Contractual Adj,Write-off,Reason,Balance
A1,P1,01/15/2026,02/20/2026,Aetna,Dr. Ash,99213,200.00,90.00,20.00,80.00,10.00,CO-29,0.00
A2,P2,01/16/2026,02/21/2026,Cigna,Dr. Ash,99213,150.00,100.00,0.00,50.00,0.00,,0.00
A3,P3,02/17/2026,03/02/2026,Medicare,Dr. Oak,99214,300.00,144.00,0.00,120.00,0.00,,36.00
A4,P4,02/18/2026,03/05/2026,Aetna,Dr. Oak,99214,see note,1.00,0.00,0.00,0.00,,0.00
"""
PAID, PAID_AGAIN = 8, 9  # rows of the mapping table
READ_AS = 2  # its column


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """An export as a file on this computer."""
    path = tmp_path / "march.csv"
    path.write_text(EXPORT, encoding="utf-8")
    return path


def upload(dashboard: Dashboard, path: Path) -> None:
    """Choose a file on the Data page."""
    dashboard.goto("/data")
    dashboard.tab.get_by_test_id("stFileUploaderDropzoneInput").first.set_input_files(path)
    expect(dashboard.tab.get_by_text("How each column is read.")).to_be_visible()
    dashboard.settle()


def use(dashboard: Dashboard) -> None:
    """Use the file; one server serves all tests here, and what it remembers needs no review."""
    dashboard.tab.get_by_text("Remember how these columns are read").click()
    dashboard.settle()
    dashboard.tab.get_by_role("button", name="Use this file").click()


def read_as(dashboard: Dashboard, row: int, field: str) -> None:
    """Change what a column is read as, with the keyboard, in the mapping table."""
    grid = dashboard.tab.get_by_test_id("stDataFrame").first
    box = grid.bounding_box()
    assert box is not None
    grid.scroll_into_view_if_needed()
    box = grid.bounding_box()
    assert box is not None
    x = box["x"] + box["width"] * 0.62
    y = box["y"] + 35 + 35 * row + 17
    dashboard.tab.mouse.dblclick(x, y)
    dashboard.tab.keyboard.type(field, delay=20)
    dashboard.tab.keyboard.press("Enter")
    dashboard.tab.wait_for_timeout(400)
    dashboard.settle()


def test_a_person_uploads_corrects_reads_filters_drills_and_downloads(
    dashboard: Dashboard, export: Path, tmp_path: Path
) -> None:
    upload(dashboard, export)
    tab = dashboard.tab
    expect(tab.get_by_text("1 row held").first).to_be_visible()

    read_as(dashboard, PAID, "insurance paid")
    read_as(dashboard, PAID_AGAIN, "patient paid")
    expect(tab.get_by_text("The rows add up on 100.0%")).to_be_visible()
    dashboard.screenshot("upload-review")

    use(dashboard)
    expect(tab.get_by_text("Showing march.csv")).to_be_visible()
    dashboard.settle()
    dashboard.go("Practice health")
    tiles = tab.get_by_test_id("stMetric")
    billed = tiles.filter(has_text="Billed")
    expect(billed).to_contain_text("$650")
    expect(tab.get_by_text("3 of 4 rows counted")).to_be_visible()

    dashboard.sidebar().get_by_test_id("stMultiSelect").first.click()
    tab.get_by_role("option", name="Aetna").click()
    tab.keyboard.press("Escape")
    dashboard.settle()
    expect(billed).to_contain_text("$200")
    assert "Aetna" not in tab.url and "p=" in tab.url

    dashboard.go("Write-offs")
    expect(tab.get_by_test_id("stMetric").filter(has_text="Avoidable")).to_contain_text("$10")
    tab.get_by_role("link", name="Show the claims").nth(1).click()
    expect(dashboard.heading("Claims")).to_be_visible()
    dashboard.settle()
    expect(tab.get_by_text("Avoidable losses: $10.00 on 1 claim")).to_be_visible()

    with tab.expect_download() as caught:
        tab.get_by_role("button", name="Download this table").first.click()
    saved = tmp_path / "claims.csv"
    caught.value.save_as(saved)
    rows = list(csv.DictReader(saved.read_text(encoding="utf-8-sig").splitlines()))
    assert [r["Claim"] for r in rows] == ["A1"]
    assert float(rows[0]["Avoidable losses"]) == 10.0
    assert dashboard.fault() == ""


def test_the_built_in_table_export_is_not_offered(dashboard: Dashboard) -> None:
    dashboard.goto("/payers")
    dashboard.tab.get_by_test_id("stDataFrame").first.hover()
    expect(dashboard.tab.get_by_role("button", name="Download as CSV")).to_have_count(0)


def test_two_tabs_do_not_see_each_others_data(
    dashboard: Dashboard, open_tab, server, export: Path
) -> None:
    upload(dashboard, export)
    read_as(dashboard, PAID, "insurance paid")
    use(dashboard)
    expect(dashboard.tab.get_by_text("Showing march.csv")).to_be_visible()
    other = open_tab(server)
    other.goto("/data")
    expect(other.tab.get_by_text("Sample practice").first).to_be_visible()
    expect(other.tab.get_by_text("march.csv")).to_have_count(0)
