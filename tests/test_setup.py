"""A fresh clone works: the README's commands, what they install, and what the checks run."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
RUN = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
REQUIREMENTS = ("requirements.txt", "requirements-dev.txt")
# As people install what the program imports.
INSTALLED_AS = {"python_calamine": "python-calamine", "xlsxwriter": "XlsxWriter"}


def blocks(language: str) -> list[str]:
    """The README's fenced blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)\n```", README, re.M | re.S)


def required(name: str) -> list[Requirement]:
    """What a requirements file asks for by name."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return [Requirement(line) for line in lines if line and line[0] not in "#-"]


def test_the_readme_has_one_line_to_open_and_one_to_test_on_each_system() -> None:
    unix, windows = blocks("sh")[:2], blocks("bat")[:2]
    for commands in (unix, windows):
        assert [len(command.splitlines()) for command in commands] == [1, 1]
        opening, testing = commands
        assert opening.rstrip('"').endswith("streamlit run app.py")
        assert "requirements.txt" in opening
        assert testing.rstrip('"').endswith("python -m pytest -q")
        assert "requirements-dev.txt" in testing
        assert all("venv .venv && " in command for command in commands)


def test_the_systems_are_told_the_same() -> None:
    """The Windows line is the other one in cmd's words; through cmd it runs in PowerShell too."""
    for unix, windows in zip(blocks("sh")[:2], blocks("bat")[:2], strict=True):
        said = unix.replace("python3", "py").replace(".venv/bin/", ".venv\\Scripts\\")
        assert windows == f'cmd /c "{said}"'


def test_the_checks_run_the_readmes_own_test_command() -> None:
    pattern = re.search(r"grep -E '([^']+)' README.md", RUN)
    assert pattern is not None
    assert re.findall(pattern[1] + ".*", README, re.M) == [blocks("sh")[1]]


@pytest.mark.parametrize("name", [".ci/run", ".ci/full"])
def test_the_checks_are_scripts_that_bash_reads(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert text.startswith("#!/usr/bin/env bash\n")
    assert "set -euo pipefail" in text
    if sys.platform != "win32":
        assert (ROOT / name).stat().st_mode & 0o111, "not executable"
        subprocess.run(["bash", "-n", str(ROOT / name)], check=True)


@pytest.mark.parametrize("name", REQUIREMENTS)
def test_every_version_is_bounded_on_both_sides(name: str) -> None:
    for requirement in required(name):
        marks = sorted(bound.operator for bound in requirement.specifier)
        assert marks == ["<", ">="], requirement


@pytest.mark.parametrize("name", REQUIREMENTS)
def test_what_is_installed_is_within_the_bounds(name: str) -> None:
    for requirement in required(name):
        assert requirement.specifier.contains(metadata.version(requirement.name)), requirement


def test_whatever_the_program_imports_is_required() -> None:
    """Nothing that another package happens to bring along."""
    files = [*ROOT.glob("writeoffs/**/*.py"), *ROOT.glob("pages/**/*.py"), ROOT / "app.py"]
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    found = set(re.findall(r"^\s*(?:import|from) (\w+)", text, re.M))
    outside = found - set(sys.stdlib_module_names) - {"writeoffs", "pages"}
    outside = {name for name in outside if _is_package(name)}
    names = {requirement.name for requirement in required("requirements.txt")}
    assert {INSTALLED_AS.get(name, name) for name in outside} <= names


def _is_package(name: str) -> bool:
    """Whether a word after "from" names something installed, not a word of a sentence."""
    return name in metadata.packages_distributions()


def test_the_fixed_four_are_required() -> None:
    names = [requirement.name for requirement in required("requirements.txt")]
    assert {"streamlit", "plotly", "pandas", "pytest"} <= set(names)
