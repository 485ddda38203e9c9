"""Fixtures of the browser tests: one server and one browser for all, a fresh tab for each."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from dashboard import HEIGHT, WIDE, Dashboard, Server, find_browser, serve
from playwright.sync_api import Browser, sync_playwright

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Every test of this folder is a browser test."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("browser")


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """A Chromium of this machine; without one the tests skip, or fail where one is required."""
    path = find_browser()
    if path is None:
        why = "no Chromium or Chrome on this machine"
        if os.environ.get("WRITEOFFS_REQUIRE_BROWSER"):
            pytest.fail(f"{why}, and WRITEOFFS_REQUIRE_BROWSER asks for one", pytrace=False)
        pytest.skip(why)
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    flags = ["--disable-dev-shm-usage", *(["--no-sandbox"] if is_root else [])]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=flags)
        yield chromium
        chromium.close()


@pytest.fixture(scope="package")
def server(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The dashboard on its sample practice. It is only started where there is a browser."""
    del browser
    with serve(tmp_path_factory.mktemp("home")) as running:
        yield running


@pytest.fixture
def fresh_server(browser: Browser, tmp_path: Path) -> Iterator[Server]:
    """A server that nobody has asked anything yet."""
    del browser
    with serve(tmp_path) as running:
        yield running


@pytest.fixture
def open_tab(browser: Browser, tmp_path: Path) -> Iterator[Callable[[Server], Dashboard]]:
    """Open a tab on a server; afterwards fail if anything was asked of another computer."""
    shots = Path(os.environ.get("WRITEOFFS_SHOTS") or tmp_path)
    shots.mkdir(parents=True, exist_ok=True)
    opened: list[Dashboard] = []
    with ExitStack() as stack:

        def open_on(server: Server) -> Dashboard:
            context = browser.new_context(
                viewport={"width": WIDE, "height": HEIGHT}, locale="en-US", accept_downloads=True
            )
            stack.callback(context.close)
            opened.append(Dashboard(server, context.new_page(), shots))
            return opened[-1]

        yield open_on
    assert [url for tab in opened for url in tab.outside] == [], "a request left this computer"
    assert [error for tab in opened for error in tab.script_errors] == []


@pytest.fixture
def dashboard(server: Server, open_tab: Callable[[Server], Dashboard]) -> Dashboard:
    """A fresh tab on the common server."""
    return open_tab(server)
