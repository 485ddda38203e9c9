"""What a person decided stays: whole, private, never overwritten by accident."""

from __future__ import annotations

import errno
import json
import os
import signal
import stat
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

import pytest

from writeoffs import keeping
from writeoffs.keeping import Kept, NotKept, home, read_json, write_json

ROOT = Path(__file__).resolve().parents[1]
NAME = "write-offs.json"
OLD: dict[str, Any] = {"version": 1, "write_offs": {"Adj 12": "contractual"}}
NEW: dict[str, Any] = {"version": 1, "write_offs": {"Adj 12": "timely_filing"}}
posix = pytest.mark.skipif(sys.platform == "win32", reason="modes and signals of POSIX")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home that does not exist yet, two folders deep."""
    monkeypatch.setenv(keeping.HOME, str(tmp_path / "a" / "kept"))
    return tmp_path / "a" / "kept"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# --- where ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("platform", "variables", "expected"),
    [
        ("linux", {"WRITEOFFS_HOME": "/chosen", "XDG_DATA_HOME": "/data"}, "/chosen"),
        ("linux", {"WRITEOFFS_HOME": "  ", "XDG_DATA_HOME": "/data"}, "/data/writeoffs"),
        ("linux", {"XDG_DATA_HOME": "relative"}, "/home/ann/.local/share/writeoffs"),
        ("linux", {}, "/home/ann/.local/share/writeoffs"),
        ("linux", {"WRITEOFFS_HOME": "~/mine"}, "/home/ann/mine"),
        ("darwin", {}, "/home/ann/Library/Application Support/writeoffs"),
        ("win32", {"APPDATA": "/roaming"}, "/roaming/writeoffs"),
        ("win32", {}, "/home/ann/AppData/Roaming/writeoffs"),
    ],
)
@posix
def test_the_folder_is_the_one_named_or_the_systems_own(
    platform: str, variables: dict[str, str], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("WRITEOFFS_HOME", "XDG_DATA_HOME", "APPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"HOME": "/home/ann", **variables}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(keeping.sys, "platform", platform)
    assert home() == Path(expected)


@pytest.mark.parametrize("name", ["../x.json", "/x.json", "a/b/c.json", "x", "a\\b.json", ".json"])
def test_no_name_leads_out_of_the_folder(name: str, folder: Path) -> None:
    with pytest.raises(ValueError, match="no name of a kept file"):
        read_json(name)
    with pytest.raises(ValueError, match="no name of a kept file"):
        write_json(name, OLD)
    assert not folder.exists()


# --- what comes back ------------------------------------------------------------------------------


def test_what_was_kept_comes_back_and_reading_makes_no_folder(folder: Path) -> None:
    assert read_json(NAME) == Kept(None)
    assert not folder.exists()
    assert write_json(NAME, OLD) == ""
    assert read_json(NAME) == Kept(OLD)
    assert write_json(NAME, NEW) == ""
    assert read_json(NAME) == Kept(NEW)
    assert names(folder) == [NAME]


def test_any_text_survives(folder: Path) -> None:
    body = {"version": 1, "write_offs": {"Año – „x“ \u2028 \ud83d": "charity", "": "contractual"}}
    write_json(NAME, body)
    assert read_json(NAME).body == body
    assert "Año" in (folder / NAME).read_text(encoding="utf-8")


@posix
def test_only_the_person_can_look(folder: Path) -> None:
    write_json("mappings/0a1b2c3d4e5f.json", OLD)
    modes = {
        str(path.relative_to(folder)): stat.S_IMODE(path.stat().st_mode)
        for path in (folder, *folder.rglob("*"))
    }
    assert modes == {".": 0o700, "mappings": 0o700, "mappings/0a1b2c3d4e5f.json": 0o600}


@pytest.mark.parametrize(
    "damage",
    [b"", b'{"version": 1, "wri', b"\xff\xfe\x00", b"[1, 2]", b"null", b"[" * 100_000],
    ids=["empty", "cut", "no text", "a list", "null", "deep"],
)
def test_a_damaged_file_is_set_aside_and_named(damage: bytes, folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / NAME).write_bytes(damage)
    found = read_json(NAME)
    assert found.body is None
    assert found.note == (
        "write-offs.json is damaged; it was set aside as write-offs.json.damaged-1 "
        "and nothing from it is used"
    )
    assert (folder / f"{NAME}.damaged-1").read_bytes() == damage
    assert read_json(NAME) == Kept(None)


def test_saving_over_a_damaged_file_keeps_it_too(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / f"{NAME}.damaged-1").write_bytes(b"first")
    (folder / NAME).write_bytes(b"second")
    assert "write-offs.json.damaged-2" in write_json(NAME, NEW)
    assert read_json(NAME) == Kept(NEW)
    assert (folder / f"{NAME}.damaged-1").read_bytes() == b"first"
    assert (folder / f"{NAME}.damaged-2").read_bytes() == b"second"


def test_what_cannot_be_opened_is_neither_used_nor_replaced(folder: Path) -> None:
    (folder / NAME).mkdir(parents=True)  # as good as a file without permission, for root as well
    assert "cannot be opened" in read_json(NAME).note
    with pytest.raises(NotKept, match="it was not replaced"):
        write_json(NAME, NEW)
    assert (folder / NAME).is_dir()


def test_a_newer_versions_file_is_left_alone(folder: Path) -> None:
    write_json(NAME, {"version": 2, "write_offs": {}})
    with pytest.raises(NotKept, match="newer version"):
        write_json(NAME, NEW)
    assert read_json(NAME).body == {"version": 2, "write_offs": {}}


# --- faults ---------------------------------------------------------------------------------------


def failing(number: int) -> Any:
    def fail(*args: Any, **more: Any) -> Any:
        raise OSError(number, os.strerror(number))

    return fail


@pytest.mark.parametrize("call", ["write", "fsync", "replace"])
def test_a_full_disk_says_so_and_loses_nothing(
    call: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_json(NAME, OLD)
    with monkeypatch.context() as patch:
        patch.setattr(keeping.os, call, failing(errno.ENOSPC))
        with pytest.raises(NotKept) as raised:
            write_json(NAME, NEW)
    assert str(raised.value).startswith("write-offs.json could not be saved: the disk is full")
    assert "No space" not in str(raised.value)  # never the system's own words
    assert read_json(NAME) == Kept(OLD)
    assert names(folder) == [NAME]


def test_a_write_in_pieces_is_whole(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    monkeypatch.setattr(keeping.os, "write", lambda handle, data: write(handle, data[:7]))
    write_json(NAME, NEW)
    assert read_json(NAME) == Kept(NEW)


def test_a_folder_that_cannot_be_written_says_so(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_json(NAME, OLD)
    monkeypatch.setattr(keeping.tempfile, "mkstemp", failing(errno.EROFS))
    with pytest.raises(NotKept, match="its folder cannot be written"):
        write_json(NAME, NEW)
    assert read_json(NAME) == Kept(OLD)


def test_a_home_that_is_a_file_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("mine")
    monkeypatch.setenv(keeping.HOME, str(tmp_path / "file"))
    assert read_json(NAME).body is None
    with pytest.raises(NotKept):
        write_json(NAME, NEW)
    assert (tmp_path / "file").read_text() == "mine"


@posix
@pytest.mark.skipif(sys.platform != "win32" and os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_home(folder: Path) -> None:
    write_json(NAME, OLD)
    folder.chmod(0o500)
    try:
        with pytest.raises(NotKept, match="cannot be written"):
            write_json(NAME, NEW)
        assert read_json(NAME) == Kept(OLD)
    finally:
        folder.chmod(0o700)


def child(code: str, folder: Path) -> subprocess.Popen[bytes]:
    """Another process with the same home."""
    text = f"from writeoffs.keeping import *\nNAME = {NAME!r}\n" + textwrap.dedent(code)
    variables = {**os.environ, keeping.HOME: str(folder), "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, "-c", text], env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


@posix
def test_a_real_limit_on_file_size(folder: Path) -> None:
    write_json(NAME, OLD)
    code = """
        import resource, signal
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
        try:
            write_json(NAME, {"version": 1, "write_offs": {"x" * 5000: "charity"}})
        except NotKept as error:
            print(error)
    """
    out, _ = child(code, folder).communicate(timeout=60)
    assert b"the disk is full" in out
    assert read_json(NAME) == Kept(OLD)
    assert names(folder) == [NAME]


@posix
def test_killed_at_any_moment_the_old_or_the_new_stands(folder: Path) -> None:
    """A long file, so that most kills fall inside a write."""
    code = """
        import sys
        for number in range(1_000_000):
            write_json(NAME, {"version": 1, "n": number, "text": ["y" * 50] * 4000})
            if number == 0:
                print(flush=True)
    """
    for round_ in range(8):
        process = child(code, folder)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(0.01 * (round_ + 1))
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=60)
        found = read_json(NAME)
        assert found.note == ""
        assert found.body is not None and found.body["text"] == ["y" * 50] * 4000
    assert not list(folder.glob("*.damaged-*"))


@posix
def test_killed_between_writing_and_naming_the_old_stands(folder: Path) -> None:
    write_json(NAME, OLD)
    code = """
        import os, signal
        os.replace = lambda *paths: os.kill(os.getpid(), signal.SIGKILL)
        write_json(NAME, {"version": 1, "write_offs": {}})
    """
    process = child(code, folder)
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    assert read_json(NAME) == Kept(OLD)
    left = [path for path in folder.iterdir() if path.name != NAME]
    assert [path.suffix for path in left] == [".tmp"]
    write_json(NAME, NEW)
    assert left[0].exists()  # fresh: it may be another process at work
    os.utime(left[0], (0, 0))
    write_json(NAME, NEW)
    assert names(folder) == [NAME]


def test_two_at_once_leave_one_whole_file(folder: Path) -> None:
    code = """
        for number in range(40):
            write_json(NAME, {"version": 1, "who": "%s", "text": ["%s"] * 3000})
    """
    both = [child(code % (who, who), folder) for who in ("a", "b")]
    seen = set()
    while any(process.poll() is None for process in both):
        found = read_json(NAME)
        assert found.note == ""
        if found.body is not None:
            assert set(found.body["text"]) == {found.body["who"]}
            seen.add(found.body["who"])
    for process in both:
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
    assert seen and names(folder) == [NAME]
    assert json.loads((folder / NAME).read_text(encoding="utf-8"))["who"] in seen
