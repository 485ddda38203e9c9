"""The folder of workspaces: plain names only, nothing of another is ever overwritten."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest
from support import ledger_of

from writeoffs import keeping, shelf, workspace
from writeoffs.problems import BadRequest
from writeoffs.workspace import Workspace, open_workspace, reseal, seal

PHRASE = "correct horse battery staple"
ONE = "Claim,DOS,Post Date,Payer,Type,Amount\nC1,2026-01-05,2026-01-31,Aetna,Charge,100.00\n"
TWO = "Claim,DOS,Post Date,Payer,Type,Amount\nC2,2026-02-05,2026-02-28,Aetna,Charge,30.00\n"


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(workspace, "_COST", (4, 8, 1))


@pytest.fixture
def sealed() -> bytes:
    return seal(ledger_of(ONE), PHRASE)


@pytest.mark.parametrize("name", ["practice", "A", "2026-06_north", "x" * 40])
def test_plain_names_are_taken_and_found_again(name: str, sealed: bytes):
    shelf.put(name, sealed)
    assert shelf.names() == [name]
    assert shelf.take(name) == sealed


@pytest.mark.parametrize(
    "name",
    ["", "..", "../x", "a/b", "a\\b", "/etc/x", "C:x", ".hidden", "-x", "a b", "é", "a.b", "nul",
     "COM1", "x" * 41, "a\n", "a\0"],
)  # fmt: skip
def test_nothing_else_is_a_name(name: str, sealed: bytes):
    assert not shelf.is_name(name)
    for step in (lambda: shelf.put(name, sealed), lambda: shelf.take(name)):
        with pytest.raises(BadRequest, match="letters, digits"):
            step()
    assert shelf.names() == []


def test_the_folder_is_inside_the_home_and_its_owners_alone(sealed: bytes):
    shelf.put("practice", sealed)
    folder = shelf.folder()
    assert folder == keeping.home() / "workspaces"
    assert [path.name for path in folder.iterdir()] == ["practice.writeoffs"]
    if sys.platform != "win32":
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert stat.S_IMODE((folder / "practice.writeoffs").stat().st_mode) == 0o600


def test_a_name_that_is_taken_is_refused_and_its_file_stays(sealed: bytes):
    shelf.put("practice", sealed)
    with pytest.raises(BadRequest, match="already"):
        shelf.put("practice", seal(ledger_of(TWO), PHRASE))
    assert shelf.take("practice") == sealed


def test_a_file_that_another_window_changed_is_left_alone(sealed: bytes):
    shelf.put("practice", sealed)
    other = seal(ledger_of(TWO), PHRASE)
    shelf.put("practice", other, over=sealed)
    with pytest.raises(BadRequest, match="changed elsewhere"):
        shelf.put("practice", seal(ledger_of(ONE, TWO), PHRASE), over=sealed)
    assert shelf.take("practice") == other


def test_a_file_that_was_removed_meanwhile_is_written_again(sealed: bytes):
    shelf.put("practice", sealed)
    (shelf.folder() / "practice.writeoffs").unlink()
    shelf.put("practice", sealed, over=sealed)
    assert shelf.take("practice") == sealed


def test_strange_files_of_the_folder_are_not_offered(sealed: bytes):
    shelf.put("practice", sealed)
    for name in ("practice.writeoffs.previous", "a b.writeoffs", "notes.txt"):
        (shelf.folder() / name).write_bytes(b"x")
    (shelf.folder() / "sub.writeoffs").mkdir()
    assert shelf.names() == ["practice"]


def test_a_workspace_that_is_not_there_is_said():
    with pytest.raises(BadRequest, match="cannot be read"):
        shelf.take("nowhere")


def test_a_home_that_is_a_file_keeps_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    (tmp_path / "file").write_text("x")
    monkeypatch.setenv(keeping.HOME, str(tmp_path / "file"))
    with pytest.raises(keeping.NotKept, match="workspaces could not be made"):
        shelf.folder()


@pytest.mark.parametrize("name", ["../x", "a/b", "A", "", "a.b"])
def test_a_folder_of_the_home_has_a_plain_name(name: str):
    with pytest.raises(ValueError, match="no name of a folder"):
        keeping.folder(name)
    assert not os.path.exists(keeping.home() / "x")


# --- what the page does with a workspace that is open ---------------------------------------------


def test_a_slip_in_the_pass_phrase_never_locks_the_owner_out(sealed: bytes):
    work = open_workspace(sealed, PHRASE)
    with pytest.raises(BadRequest, match="pass phrase"):
        reseal(work, PHRASE + "r", sealed)
    assert open_workspace(reseal(work, PHRASE, sealed), PHRASE).ledger.files == work.ledger.files


def test_what_is_shown_together_with_the_workspace_is_not_added_twice():
    may, june = ledger_of(ONE), ledger_of(TWO)
    shown = may + june
    work = Workspace(may).follow(shown)
    assert work.ledger is shown and work.before is may
    assert [file.rows for file in work.ledger.files] == [1, 1]


def test_what_is_shown_alone_is_added():
    may, june = ledger_of(ONE), ledger_of(TWO)
    work = Workspace(may).follow(june)
    assert len(work.ledger.files) == 2 and work.before is may
    assert int(work.ledger.book.amount.sum()) == 13000


def test_the_very_files_again_are_refused():
    may = ledger_of(ONE)
    with pytest.raises(BadRequest, match="very file"):
        Workspace(may).follow(ledger_of(ONE))
