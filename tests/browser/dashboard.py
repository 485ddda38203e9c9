"""A running dashboard and a browser tab on it, for tests that look at the real thing."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit

from playwright.sync_api import Locator, Page, Request, WebSocket, expect

ROOT: Final = Path(__file__).resolve().parents[2]
Theme = Literal["light", "dark"]

WIDE, PHONE = 1440, 390
HEIGHT: Final = 900
SECONDS: Final = 60  # the first page of a fresh server loads the libraries and the sample practice
_NAMES: Final = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)
_MAIN: Final = "document.querySelector('[data-testid=stMain]')"
_HEIGHT: Final = f"{_MAIN}.scrollHeight"
_OVERFLOW: Final = (
    f"Math.max({_MAIN}.scrollWidth - {_MAIN}.clientWidth,"
    " document.documentElement.scrollWidth - document.documentElement.clientWidth)"
)


def find_browser() -> str | None:
    """A Chromium of this machine: WRITEOFFS_BROWSER, else the usual names and places."""
    named = os.environ.get("WRITEOFFS_BROWSER")
    return named or next(filter(None, map(shutil.which, _NAMES)), None)


# --- the server -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Server:
    """A dashboard that answers at ``url``; what it prints is in ``output``."""

    url: str
    output: Path

    def log(self) -> str:
        """Everything it has printed so far."""
        return self.output.read_text(encoding="utf-8", errors="replace")


@contextmanager
def serve(home: Path, *flags: str) -> Iterator[Server]:
    """The real server with the project's own settings, and a home folder that holds nothing.

    Args:
        home: an empty folder, which takes the place of the user's own.
        flags: further flags of ``streamlit run``.
    """
    port = _free_port()
    server = Server(f"http://localhost:{port}", home / "server.log")
    command = [sys.executable, "-m", "streamlit", "run", "app.py"]
    command += ["--server.headless", "true", "--server.port", str(port), *flags]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("STREAMLIT_")}
    environment |= {"HOME": str(home), "USERPROFILE": str(home), "PYTHONUNBUFFERED": "1"}
    with server.output.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            _await_health(server, process)
            yield server
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _await_health(server: Server, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"the server stopped:\n{server.log()}")
        try:
            with urllib.request.urlopen(f"{server.url}/_stcore/health", timeout=2) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise RuntimeError(f"the server did not answer in {SECONDS} s:\n{server.log()}")


# --- the tab --------------------------------------------------------------------------------------


@dataclass
class Dashboard:
    """A tab on a server. It remembers requests that leave this computer, and script errors."""

    server: Server
    tab: Page
    shots: Path
    outside: list[str] = field(default_factory=list)
    script_errors: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.tab.set_default_timeout(SECONDS * 1000)
        self.tab.on("request", self._see_request)
        self.tab.on("websocket", self._see_socket)
        self.tab.on("pageerror", lambda error: self.script_errors.append(str(error)))

    def _see_request(self, request: Request) -> None:
        self._see(request.url)

    def _see_socket(self, socket: WebSocket) -> None:
        self._see(socket.url)

    def _see(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in ("data", "blob", "about"):
            return
        if parts.hostname not in ("localhost", "127.0.0.1"):
            self.outside.append(url)

    def goto(self, path: str = "/") -> None:
        """Open an address of the dashboard and wait until its page stands."""
        self.tab.goto(self.server.url + path)
        self.settle()

    def settle(self) -> None:
        """Wait until the page's script has run and nothing of it is still being drawn."""
        app = self.tab.get_by_test_id("stApp")
        expect(app).to_have_attribute(
            "data-test-script-state", "notRunning", timeout=SECONDS * 1000
        )
        expect(self.tab.get_by_test_id("stSkeleton")).to_have_count(0, timeout=SECONDS * 1000)
        expect(self.tab.locator("[data-stale=true]")).to_have_count(0, timeout=SECONDS * 1000)

    def menu(self) -> Locator:
        """The links to the pages."""
        return self.tab.get_by_test_id("stSidebarNavLink")

    def go(self, title: str) -> None:
        """Follow a link of the menu, as a person would."""
        self.tab.get_by_test_id("stSidebarNav").get_by_role("link", name=title, exact=True).click()
        expect(self.heading(title)).to_be_visible()
        self.settle()

    def heading(self, title: str) -> Locator:
        """The page's title."""
        return self.tab.get_by_role("heading", name=title, exact=True, level=1)

    def sidebar(self) -> Locator:
        """Where the filters are."""
        return self.tab.get_by_test_id("stSidebar")

    def fault(self) -> str:
        """What the page shows of an error; empty when it shows none."""
        boxes = self.tab.get_by_test_id("stException")
        return "\n".join(boxes.all_inner_texts())

    def look(self, width: int = WIDE, theme: Theme = "light") -> None:
        """Be a screen of this width on a machine that prefers this theme; call before ``goto``."""
        self.tab.set_viewport_size({"width": width, "height": HEIGHT})
        self.tab.emulate_media(color_scheme=theme)

    def overflow(self) -> int:
        """By how many pixels the page is wider than the screen."""
        return int(self.tab.evaluate(_OVERFLOW))

    def screenshot(self, name: str, width: int = WIDE, theme: Theme = "light") -> Path:
        """The whole page as a picture ``name-width-theme.png``; WRITEOFFS_SHOTS keeps it."""
        self.look(width, theme)
        self.tab.wait_for_timeout(500)  # charts draw themselves again at a new size or theme
        self.settle()
        height = max(HEIGHT, int(self.tab.evaluate(_HEIGHT)))
        self.tab.set_viewport_size({"width": width, "height": height})
        self.tab.wait_for_timeout(500)
        path = self.shots / f"{name}-{width}-{theme}.png"
        self.tab.screenshot(path=path)
        self.tab.set_viewport_size({"width": width, "height": HEIGHT})
        return path
