"""The server's settings: what keeps patients' data on this computer, and the colours."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from streamlit import config

from writeoffs.palette import ENDS, NEUTRALS

ROOT = Path(__file__).parent.parent
SETTINGS = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))

# option, value, and what would happen otherwise
PINNED = [
    ("server.address", "localhost", "the default listens on every network of the machine"),
    ("server.allowedHosts", ["localhost", "127.0.0.1"], "a rebound name could open a session"),
    ("server.enableCORS", True, "any web page could open a session"),
    ("server.enableXsrfProtection", True, "any web page could upload"),
    ("server.enableStaticServing", False, "files of a folder would be served to anyone"),
    ("server.enableAgentApi", False, "the data would be served over HTTP"),
    ("server.maxUploadSize", 200, "an upload of any size would fill the memory"),
    ("server.fileWatcherType", "none", "an edited file would drop modules under open sessions"),
    ("server.showEmailPrompt", False, "the first start would wait for an answer"),
    ("browser.gatherUsageStats", False, "each page view would be reported elsewhere"),
    ("client.showErrorDetails", "type", "messages and tracebacks quote cells"),
    ("client.showErrorLinks", False, "an error could be carried to a search engine"),
    ("client.toolbarMode", "viewer", "a deploy button would stand on a page of patients' data"),
    ("client.disableDataExport", True, "its CSV holds cells that a spreadsheet would run"),
    ("runner.magicEnabled", False, "a stray expression would print its data"),
]

# What must not appear at all: each opens a door that the defaults keep shut.
ABSENT = [
    "server.trustedUserHeaders",
    "server.corsAllowedOrigins",
    "server.folderWatchList",
    "server.headless",
]


def option(name: str) -> Any:
    """The value that the file states for "section.key"; KeyError when it does not."""
    section, key = name.rsplit(".", 1)
    return SETTINGS[section][key]


def flat(table: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested tables as dotted names."""
    out: dict[str, Any] = {}
    for key, value in table.items():
        name = f"{prefix}{key}"
        out |= flat(value, f"{name}.") if isinstance(value, dict) else {name: value}
    return out


@pytest.mark.parametrize(("name", "value", "otherwise"), PINNED, ids=[p[0] for p in PINNED])
def test_option_is_as_it_must_be(name: str, value: object, otherwise: str) -> None:
    assert option(name) == value, otherwise


@pytest.mark.parametrize("name", ABSENT)
def test_option_is_left_alone(name: str) -> None:
    assert name not in flat(SETTINGS)


@pytest.mark.parametrize("name", flat(SETTINGS))
def test_option_exists_in_the_installed_streamlit(name: str) -> None:
    """A misspelt option is a warning in a log and a door left open."""
    assert name in config.get_config_options()


def test_nothing_is_fetched_from_elsewhere() -> None:
    assert "http" not in (ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_theme_has_the_colours_of_the_palette(theme: str) -> None:
    stated, ink = SETTINGS["theme"][theme], NEUTRALS[theme]
    assert stated["backgroundColor"] == ink.base
    assert stated["textColor"] == ink.text
    assert stated["primaryColor"] == ENDS["insurer"].colour(theme)
    ends = [end for key, end in ENDS.items() if key not in ("paid", "other", "aside")]
    assert stated["chartCategoricalColors"] == [end.colour(theme) for end in ends]
