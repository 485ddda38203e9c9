"""A month end with a memory: save, close, open, add next month's export, see what changed."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

from dashboard import PHONE, SECONDS, WIDE, Dashboard, Server
from playwright.sync_api import expect

PHRASE = "correct horse battery staple"
MAY = """Claim ID,Service Date,Posting Date,Payer,Type,Reason,Amount
A1,2026-01-05,2026-01-06,Aetna,Charge,,500.00
A1,2026-01-05,2026-02-06,Aetna,Insurance Payment,,300.00
A2,2026-02-05,2026-02-28,Cigna,Charge,,250.00
"""
JUNE = (
    MAY
    + """A1,2026-01-05,2026-03-06,Aetna,Adjustment,CO-45,200.00
A2,2026-02-05,2026-03-09,Cigna,Insurance Payment,,150.00
A1,2026-01-05,2026-03-12,Aetna,Insurance Payment,,-50.00
"""
)
SAID = (
    "Closed months changed by $400.00 on 2 claims: $200.00 written off later, $150.00 paid later "
    "and $50.00 taken back."
)


def use(dashboard: Dashboard, path: Path, button: str) -> None:
    """Upload a file on the Data page and use it."""
    tab = dashboard.tab
    tab.get_by_test_id("stFileUploaderDropzoneInput").first.set_input_files(path)
    # Not remembered, so that the next month is reviewed as well.
    tab.get_by_text("Remember how these columns are read").click()
    dashboard.settle()
    tab.get_by_role("button", name=button, exact=True).click()
    expect(tab.get_by_text(f"Showing {path.name}")).to_be_visible()
    dashboard.settle()


def press(dashboard: Dashboard, button: str, said: str) -> None:
    """Press a button and wait for the sentence that says how it ended."""
    dashboard.tab.get_by_role("button", name=button, exact=True).click()
    expect(dashboard.tab.get_by_text(said)).to_be_visible(timeout=SECONDS * 1000)
    dashboard.settle()


def test_a_practice_keeps_a_memory_from_one_month_to_the_next(
    fresh_server: Server, open_tab: Callable[[Server], Dashboard], tmp_path: Path
) -> None:
    """On a server of its own: its home folder is the test's."""
    may, june = tmp_path / "may.csv", tmp_path / "june.csv"
    may.write_text(MAY, encoding="utf-8")
    june.write_text(JUNE, encoding="utf-8")
    dashboard = open_tab(fresh_server)
    tab = dashboard.tab
    dashboard.goto("/data")
    expect(tab.get_by_text("Without one nothing is kept")).to_be_visible()

    use(dashboard, may, "Use this file")
    tab.get_by_text("Save what is shown now").click()
    tab.get_by_label("Pass phrase, 12 characters or more").fill(PHRASE)
    tab.get_by_label("The same once more").fill(PHRASE)
    press(dashboard, "Save", "practice is saved on this computer")
    with tab.expect_download() as caught:
        tab.get_by_role("button", name="Download the encrypted file").click()
    copy = tmp_path / "copy.writeoffs"
    caught.value.save_as(copy)
    assert b"Aetna" not in copy.read_bytes()

    press(dashboard, "Close the workspace", "practice is closed and forgotten here")
    expect(tab.get_by_text("Sample practice").first).to_be_visible()
    tab.get_by_text("Open one that you saved").click()
    tab.get_by_label("Pass phrase", exact=True).fill("another phrase altogether")
    press(dashboard, "Open it", "the pass phrase is another")
    # A refusal leaves the drawer as it was: open.
    tab.get_by_label("Pass phrase", exact=True).fill(PHRASE)
    press(dashboard, "Open it", "practice is open and shown")

    use(dashboard, june, "Use this file instead")
    expect(tab.get_by_text(SAID)).to_be_visible()
    dashboard.settle()
    tab.get_by_label("Its pass phrase").fill(PHRASE)
    press(dashboard, "Add to my workspace and compare", "Added to practice and saved")
    dashboard.screenshot("memory")
    tab.get_by_text("What the last addition changed").click()
    expect(dashboard.heading("What changed")).to_be_visible()
    dashboard.settle()
    expect(tab.get_by_role("heading", name=SAID)).to_be_visible()

    with tab.expect_download() as caught:
        tab.get_by_role("button", name="Download this table").last.click()
    saved = tmp_path / "changes.csv"
    caught.value.save_as(saved)
    rows = list(csv.DictReader(saved.read_text(encoding="utf-8-sig").splitlines()))
    assert [(r["Claim"], float(r["Change"])) for r in rows] == [
        ("A1", 200.0),
        ("A2", 150.0),
        ("A1", -50.0),
    ]
    for width in (WIDE, PHONE):
        dashboard.screenshot("what-changed-own", width)
        assert dashboard.overflow() <= 0
    assert dashboard.fault() == ""
    assert PHRASE not in dashboard.server.log()
