"""A person names a reason, joins two payer names, reads the pages, takes it back, and keeps a file."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from dashboard import PHONE, WIDE, Dashboard, Server
from playwright.sync_api import Locator, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

EXPORT = """Claim,DOS,Payer,Charge,Ins Paid,Pt Paid,Adjustment,Reason
1,01/05/2026,Aetna,300.00,200.00,0.00,100.00,CO-29
2,01/06/2026,AETNA INC,200.00,150.00,0.00,50.00,Adj 77
3,02/07/2026,Cigna,200.00,130.00,0.00,70.00,Adj 77
4,02/08/2026,Cigna,300.00,220.00,0.00,80.00,Mgr ok
"""
CHOICE = 0.4  # of the table's width: in the column "What it is"


@pytest.fixture
def own(fresh_server: Server, open_tab: Callable[[Server], Dashboard], tmp_path: Path) -> Dashboard:
    """A tab on a server of its own, so that what is kept is this test's alone; the export in use."""
    path = tmp_path / "july.csv"
    path.write_text(EXPORT, encoding="utf-8")
    dashboard = open_tab(fresh_server)
    dashboard.goto("/data")
    dashboard.tab.get_by_test_id("stFileUploaderDropzoneInput").first.set_input_files(path)
    dashboard.tab.get_by_role("button", name="Use this file").click()
    expect(dashboard.tab.get_by_text("Showing july.csv")).to_be_visible()
    dashboard.settle()
    return dashboard


def name_reason(dashboard: Dashboard, row: int, words: str) -> None:
    """Choose what a reason means, as a person does: open the cell, type, take what is offered."""
    tab = dashboard.tab
    option = tab.get_by_role("option", name=words)
    for _ in range(4):
        _open_cell(dashboard, row)
        tab.get_by_role("combobox").last.press_sequentially(words.partition(": ")[2][:12], delay=30)
        try:
            option.click(timeout=4_000)
            break
        except PlaywrightTimeout:
            # The page was drawn anew under the open editor, which then is another table's.
            tab.keyboard.press("Escape")
    tab.wait_for_timeout(400)
    dashboard.settle()


def _open_cell(dashboard: Dashboard, row: int) -> None:
    """Double-click one cell of the column "What it is" in the first table of the page."""
    tab = dashboard.tab
    grid = tab.get_by_test_id("stDataFrame").first
    # In the middle of the window: at its edge the editor opens where no click reaches it.
    grid.evaluate("one => one.scrollIntoView({block: 'center'})")
    # A run may follow a run: an editor that is drawn anew while it is open loses what is typed.
    tab.wait_for_timeout(1500)
    dashboard.settle()
    box = grid.bounding_box()
    assert box is not None
    tab.mouse.dblclick(box["x"] + box["width"] * CHOICE, box["y"] + 35 + 35 * row + 17)


def press(dashboard: Dashboard, name: str) -> None:
    dashboard.tab.get_by_role("button", name=name, exact=True).click()
    dashboard.tab.wait_for_timeout(800)
    dashboard.settle()


def tile(dashboard: Dashboard, title: str) -> Locator:
    return dashboard.tab.get_by_test_id("stMetric").filter(has_text=title)


@pytest.fixture(autouse=True)
def _patience() -> Iterator[None]:
    """A page that works effects out on a busy machine."""
    expect.set_options(timeout=20_000)
    yield
    expect.set_options(timeout=5_000)


def test_a_person_names_joins_reads_and_takes_back(own: Dashboard, tmp_path: Path) -> None:
    tab = own.tab
    expect(tab.get_by_text("2 reasons at the top are not known")).to_be_visible()
    name_reason(own, 0, "Avoidable losses: Claims sent too late")
    expect(tile(own, "Avoidable losses")).to_contain_text("$220")
    expect(tab.get_by_text("now $100", exact=True)).to_be_visible()
    for width in (WIDE, PHONE):
        own.screenshot("judging", width, "dark" if width == PHONE else "light")
        assert own.overflow() <= 0
    own.look()

    # A decision on payers in between takes nothing away from what was chosen above.
    press(own, "Yes, one payer")
    expect(tab.get_by_text("Joined by you")).to_be_visible()
    expect(tile(own, "Avoidable losses")).to_contain_text("$220")
    press(own, "Accept")
    expect(tab.get_by_text("1 reason at the top is not known")).to_be_visible()

    own.go("Write-offs")
    expect(tile(own, "Avoidable losses")).to_contain_text("$220")
    expect(tab.get_by_text("$80 of write-offs have no known reason.")).to_be_visible()
    tab.get_by_role("link", name="Say what these reasons are").click()
    expect(own.heading("Data")).to_be_visible()
    own.settle()

    name_reason(
        own, 0, "Chosen by the practice: Charity and financial assistance"
    )  # another table: the earlier choice is not read into it
    expect(tile(own, "Avoidable losses")).to_contain_text("$220")
    expect(tab.get_by_text("Needs review goes from $80 to $0")).to_be_visible()
    press(own, "Leave it")
    expect(tab.get_by_role("button", name="Accept", exact=True)).to_have_count(0)

    tab.get_by_text("Download your reasons, or load a file").click()
    with tab.expect_download() as caught:
        tab.get_by_role("button", name="Download your reasons", exact=True).click()
    saved = tmp_path / "write-offs.json"
    caught.value.save_as(saved)
    assert json.loads(saved.read_text())["write_offs"] == {"Adj 77": "timely_filing"}

    press(own, "Undo it")
    expect(tab.get_by_text("2 reasons at the top are not known")).to_be_visible()
    press(own, "Undo it")
    expect(tab.get_by_text("Joined by you")).to_have_count(0)

    boxes = tab.get_by_test_id("stFileUploaderDropzoneInput")
    boxes.nth(1).set_input_files(saved)
    expect(tab.get_by_text("write-offs.json, in place of your reasons")).to_be_visible()
    own.settle()
    expect(tile(own, "Avoidable losses")).to_contain_text("$220")
    press(own, "Use this file")
    expect(tab.get_by_text("1 reason at the top is not known")).to_be_visible()
    assert own.fault() == ""
