"""What a person sees first: the dashboard, whole, from any of its addresses."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from dashboard import PHONE, WIDE, Dashboard, Server, Theme
from playwright.sync_api import expect

import pages

PAGES = {"/" if place == 0 else f"/{e.file}": e.title for place, e in enumerate(pages.PAGES)}

every_page = pytest.mark.parametrize(("path", "title"), PAGES.items(), ids=PAGES.values())


def test_the_first_visit_shows_the_sample_practice(dashboard: Dashboard) -> None:
    dashboard.goto("/")
    expect(dashboard.heading("Practice health")).to_be_visible()
    expect(dashboard.tab.get_by_test_id("stMetric").first).to_contain_text("%")
    assert dashboard.fault() == ""


@pytest.mark.parametrize("path", ["/write_offs", "/lab"])
def test_a_cold_deep_link_shows_its_page_with_the_sidebar(
    fresh_server: Server, open_tab: Callable[[Server], Dashboard], path: str
) -> None:
    """The very first request of a server goes to a page of its own; app.py has not run yet."""
    dashboard = open_tab(fresh_server)
    dashboard.goto(path)
    expect(dashboard.heading(PAGES[path])).to_be_visible()
    expect(dashboard.tab.get_by_text("Page not found")).to_have_count(0)
    expect(dashboard.menu()).to_have_count(len(PAGES))
    expect(dashboard.menu()).to_contain_text(list(PAGES.values()))
    expect(dashboard.sidebar().get_by_text("Payer", exact=True)).to_be_visible()
    assert dashboard.fault() == ""


@every_page
def test_every_page_opens(dashboard: Dashboard, path: str, title: str) -> None:
    dashboard.goto(path)
    expect(dashboard.heading(title)).to_be_visible()
    assert dashboard.fault() == ""


def test_the_menu_leads_to_every_page(dashboard: Dashboard) -> None:
    dashboard.goto("/")
    for title in PAGES.values():
        dashboard.go(title)
        assert dashboard.fault() == "", title


@pytest.mark.parametrize("theme", ["light", "dark"])
@every_page
def test_nothing_runs_off_the_screen(
    dashboard: Dashboard, path: str, title: str, theme: Theme
) -> None:
    """The page itself never scrolls sideways; its tables may, inside themselves."""
    dashboard.look(WIDE, theme)
    dashboard.goto(path)
    for width in (WIDE, PHONE):
        dashboard.screenshot(title.lower().replace(" ", "-"), width, theme)
        assert dashboard.overflow() <= 0, f"at {width} pixels"
        assert dashboard.fault() == ""


def test_the_server_says_nothing_of_errors(dashboard: Dashboard) -> None:
    dashboard.goto("/")
    for word in ("Traceback", "Error", "Warning", "External URL"):
        assert word not in dashboard.server.log()
