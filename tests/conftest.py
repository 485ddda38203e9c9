"""How hard the property tests try, and where the third-party files are."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parents[1]

# A slow machine is no failure. `HYPOTHESIS_PROFILE=full` is what .ci/full runs.
# The same examples each time, so that a change is judged by itself; "full" looks for new ones.
settings.register_profile("default", deadline=None, print_blob=True, derandomize=True)
settings.register_profile("full", deadline=None, print_blob=True, max_examples=1_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of third-party exports: WRITEOFFS_CORPUS, else beside the repository; or skip."""
    folder = Path(os.environ.get("WRITEOFFS_CORPUS") or ROOT.parent / "shared" / "corpus")
    if not folder.is_dir():
        pytest.skip("the third-party corpus is not here; name its folder in WRITEOFFS_CORPUS")
    return folder


@pytest.fixture(autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that a test decides is kept in, or read from, the folder of who runs it."""
    monkeypatch.setenv("WRITEOFFS_HOME", str(tmp_path_factory.mktemp("home")))
