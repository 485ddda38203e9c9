"""Where this program keeps what a person decided: a few small JSON files, and nothing else.

The folder is ``WRITEOFFS_HOME``, else the system's own place for a person's data. A file is
written whole or not at all: a temporary file beside it, forced to the disk, then put in its place.
What cannot be read is moved aside under a new name, never overwritten. No upload, no figure and
no patient is ever kept here in the clear; headings, reason labels and payer names are. The folder
of workspaces (``shelf``) holds sealed files, where a person asks for one.
"""

from __future__ import annotations

import errno
import json
import os
import re
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

from writeoffs.problems import BadRequest, WriteoffsError

HOME: Final = "WRITEOFFS_HOME"
_NAME: Final = re.compile(r"(?:[a-z0-9_-]+/)?[a-z0-9_-]+\.json")
_FOLDER: Final = re.compile(r"[a-z0-9_-]+")
T = TypeVar("T")
_STALE_SECONDS: Final = 24 * 3600
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class NotKept(WriteoffsError):
    """Nothing was written; what was kept before is as it was."""


class Kept(NamedTuple):
    """What stands in a kept file: ``body`` (None: nothing usable), ``note`` a sentence or ""."""

    body: dict[str, Any] | None
    note: str = ""


def home() -> Path:
    """The folder of everything that is kept. It need not exist.

    Returns:
        ``WRITEOFFS_HOME`` where that is set; else ``writeoffs`` under XDG_DATA_HOME or
        ~/.local/share (Linux and others), ~/Library/Application Support (macOS), %APPDATA%
        (Windows).

    Raises:
        NotKept: the system names no folder of this person.
    """
    try:
        chosen = os.environ.get(HOME, "").strip()
        return Path(chosen).expanduser() if chosen else _data_folder() / "writeoffs"
    except RuntimeError:
        raise NotKept(_advice("this computer names no folder of your own")) from None


def _data_folder() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("APPDATA") or Path.home() / "AppData" / "Roaming")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support"
    stated = Path(os.environ.get("XDG_DATA_HOME", ""))
    # The XDG base directory specification: a relative path is to be ignored.
    return stated if stated.is_absolute() else Path.home() / ".local" / "share"


def folder(name: str) -> Path:
    """A folder of its own inside ``home``, made where it is missing, for its owner's eyes only.

    Args:
        name: small letters, digits, - and _; never a path.

    Raises:
        ValueError: another name.
        NotKept: it cannot be made, or the system names no folder of this person.
    """
    if not _FOLDER.fullmatch(name):
        raise ValueError(f"{name!r} is no name of a folder")
    path = home() / name
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.mkdir(mode=0o700, exist_ok=True)
    except OSError:
        raise NotKept(_advice(f"the folder {name} could not be made")) from None
    return path


def read_json(name: str) -> Kept:
    """Read one kept file.

    Args:
        name: such as "write-offs.json" or "mappings/0a1b2c3d4e5f.json".

    Returns:
        Its object; None where there is no such file, or none that can be read. A damaged file is
        set aside, and ``note`` says so and under which name.

    Raises:
        NotKept: the system names no folder of this person.
    """
    path = _path(name)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return Kept(None)
    except UnicodeDecodeError:
        return Kept(None, set_aside(name, "is damaged"))
    except OSError:
        return Kept(None, f"{name} is kept but cannot be opened; nothing from it is used")
    try:
        return Kept(parse(text))
    except BadRequest:
        return Kept(None, set_aside(name, "is damaged"))


def read_as(name: str, version: int, read: Callable[[str], T]) -> tuple[T | None, str]:
    """A kept file as what it is; one that is no such thing is set aside, a newer one stays.

    Args:
        name, version: as in ``read_json`` and ``is_newer``.
        read: its text -> what it is; raises BadRequest where it is none.

    Returns:
        What was read, or None; and a note for the person or "".
    """
    body, note = read_json(name)
    if body is None:
        return None, note
    if is_newer(body, version):
        return None, f"{name} was saved by a newer version of this program; it is not used"
    try:
        return read(json.dumps(body)), ""
    except BadRequest as error:
        why = str(error).partition("\n")[0]
        return None, set_aside(name, f"cannot be used ({why})")


def write_json(name: str, body: dict[str, Any]) -> str:
    """Keep one file, whole or not at all. Of two that write at once, the last one stays.

    Args:
        name: as in ``read_json``.
        body: what to keep; its ``version`` says which program can read it.

    Returns:
        A note for the person where a damaged file had to be set aside first, else "".

    Raises:
        NotKept: the folder cannot be written or the disk is full, or the file there was written by
            a newer version of this program. What was kept before is as it was.
    """
    path = _path(name)
    found = read_json(name)
    if found.body is not None and is_newer(found.body, int(body.get("version", 0))):
        raise NotKept(f"{name} was saved by a newer version of this program; it was left as it is")
    if found.body is None and path.exists():
        raise NotKept(_advice(f"{found.note}; it was not replaced"))
    # Half a character pair, which UTF-8 cannot write, stays the escape that JSON has for it.
    text = json.dumps(body, indent=2, ensure_ascii=False).encode("utf-8", "backslashreplace")
    try:
        path.parent.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        _sweep(path)
        _replace(path, text + b"\n")
    except OSError as error:
        why = "the disk is full" if error.errno in _FULL else "its folder cannot be written"
        raise NotKept(_advice(f"{name} could not be saved: {why}")) from None
    return found.note


def set_aside(name: str, why: str) -> str:
    """Move a kept file out of the way under the first free name, and say so.

    Returns:
        A sentence with the new name; where the file cannot be moved, that it stays.
    """
    path = _path(name)
    for number in range(1, 1000):
        aside = path.with_name(f"{path.name}.damaged-{number}")
        if aside.exists():
            continue
        try:
            path.rename(aside)
        except OSError:
            break
        return f"{name} {why}; it was set aside as {aside.name} and nothing from it is used"
    return f"{name} {why} and could not be set aside; nothing from it is used"


def is_newer(body: dict[str, Any], version: int) -> bool:
    """Whether a kept object says that it needs a later version than this one."""
    stated = body.get("version")
    return isinstance(stated, int) and stated > version


def _path(name: str) -> Path:
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name of a kept file")
    return home() / name


def parse(text: str) -> dict[str, Any]:
    """The object that a JSON text holds.

    Raises:
        BadRequest: no JSON, no object, or a key that stands twice, of which one would be lost.
    """
    try:
        body = json.loads(text, object_pairs_hook=_once)
    except BadRequest:
        raise
    except (ValueError, RecursionError):
        raise BadRequest("this file is no JSON") from None
    if not isinstance(body, dict):
        raise BadRequest("this file holds no JSON object")
    return body


def held(text: str, key: str, version: int, called: str) -> dict[str, Any]:
    """What a small file of the form {"version": ..., key: {...}} holds under its key.

    Args:
        text: the file.
        key: where its list stands.
        version: the newest one that can be read.
        called: what the file is, in words: "a list of goals".

    Raises:
        BadRequest: not such a file, or one of a newer version.
    """
    body = parse(text)
    found = body.get(key)
    if not isinstance(found, dict) or not isinstance(body.get("version"), int):
        raise BadRequest(f"this file is not {called}")
    if body["version"] > version:
        raise BadRequest(f"{called} cannot be used: a newer format")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out = dict(pairs)
    if len(out) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise BadRequest(f'"{twice[:40]}" stands twice in this file')
    return out


def _replace(path: Path, text: bytes) -> None:
    """Put a file in place in one step; the disk has it before its name does."""
    handle, made = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    try:
        try:
            left = memoryview(text)
            while left:
                left = left[os.write(handle, left) :]
            os.fsync(handle)
        finally:
            os.close(handle)
        os.replace(made, path)
    except OSError:
        Path(made).unlink(missing_ok=True)
        raise
    if sys.platform != "win32":
        _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Force the new name to the disk too. Some file systems cannot, and the file stands anyway."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _sweep(path: Path) -> None:
    """Remove what a killed process left behind a day ago or longer."""
    for left in path.parent.glob(f".{path.name}.*.tmp"):
        with suppress(FileNotFoundError):  # another process may be sweeping as well
            if time.time() - left.stat().st_mtime > _STALE_SECONDS:
                left.unlink()


def _advice(said: str) -> str:
    return f"{said}\n\nHint: set {HOME} to a folder that you can write to. Nothing was lost."
