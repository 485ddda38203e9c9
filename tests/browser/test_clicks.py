"""From one bar to its claims: the clicks, counted as a person makes them."""

from __future__ import annotations

import re

import pytest
from dashboard import Dashboard
from playwright.sync_api import Locator, expect

MOST = 2


class Finger:
    """Clicks, and counts them."""

    def __init__(self, dashboard: Dashboard) -> None:
        self.dashboard, self.clicks = dashboard, 0

    def press(self, where: Locator) -> None:
        where.scroll_into_view_if_needed()
        self.dashboard.tab.wait_for_timeout(500)
        box = where.bounding_box()
        assert box is not None
        self.dashboard.tab.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        self.clicks += 1
        self.dashboard.tab.wait_for_timeout(500)
        self.dashboard.settle()


BARS = [
    ("/", "Practice health", 0, ".barlayer .point path", "st-key-end_bar"),
    ("/", "Practice health", 1, ".scatterlayer .trace .points path", "st-key-month_point"),
    ("/write_offs", "Write-offs", 0, ".barlayer .point path", "st-key-reason_bar"),
    ("/write_offs", "Write-offs", 1, ".barlayer .point path", "st-key-month_bar"),
    ("/payers", "Payers", 0, ".scatterlayer .trace .points path", "st-key-panel_claims"),
    ("/patients", "Patients", 1, ".barlayer .point path", "st-key-kind_bar"),
]


@pytest.mark.parametrize(("address", "title", "chart", "mark", "key"), BARS)
def test_from_a_bar_to_its_claims_is_at_most_two_clicks(
    dashboard: Dashboard, address: str, title: str, chart: int, mark: str, key: str
) -> None:
    dashboard.goto(address)
    expect(dashboard.heading(title)).to_be_visible()
    finger = Finger(dashboard)
    plot = dashboard.tab.get_by_test_id("stPlotlyChart").nth(chart)
    finger.press(plot.locator(mark).first)
    door = dashboard.tab.locator(f".{key} button").first
    said = dashboard.tab.get_by_text(
        re.compile(r": \$[\d,.]+ on [\d,]+ claims?$")
    ).first.inner_text()
    finger.press(door)
    expect(dashboard.heading("Claims")).to_be_visible()
    expect(dashboard.tab.get_by_role("heading", name=said, exact=True)).to_be_visible()
    assert finger.clicks <= MOST
    assert dashboard.fault() == ""


def test_a_tile_opens_its_sum_its_claims_and_one_claims_rows(dashboard: Dashboard) -> None:
    dashboard.goto("/")
    finger = Finger(dashboard)
    finger.press(dashboard.tab.get_by_text("How is this worked out?").first)
    expect(dashboard.tab.get_by_text("set against", exact=True)).to_be_visible()
    finger.press(dashboard.tab.get_by_role("button", name="Claims that count"))
    expect(dashboard.heading("Claims")).to_be_visible()
    grid = dashboard.tab.get_by_test_id("stDataFrame").first
    grid.scroll_into_view_if_needed()
    box = grid.bounding_box()
    assert box is not None
    dashboard.tab.mouse.click(box["x"] + 16, box["y"] + 35 + 17)
    dashboard.settle()
    expect(dashboard.tab.get_by_text("from charge to what is left")).to_be_visible()
    assert dashboard.fault() == ""
