"""The folder where workspaces may stand, each under a plain name that a person typed.

Only sealed bytes ever come here: what stands in the folder is of no use without its pass phrase.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from writeoffs import keeping
from writeoffs.problems import BadRequest
from writeoffs.workspace import SUFFIX, store

_FOLDER: Final = "workspaces"
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
# What Windows takes for a device, whatever stands after the dot.
_DEVICE: Final = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)")


def folder() -> Path:
    """Where they stand: ``workspaces`` in the folder of everything that is kept.

    Raises:
        NotKept: the folder cannot be made.
    """
    return keeping.folder(_FOLDER)


def is_name(text: str) -> bool:
    """Whether a text may name a workspace: letters, digits, - and _, at most 40; never a path."""
    return bool(_NAME.fullmatch(text)) and not _DEVICE.fullmatch(text)


def names() -> list[str]:
    """The workspaces of the folder, by name.

    Raises:
        NotKept: the folder cannot be made.
    """
    try:
        found = [path.stem for path in folder().glob(f"*{SUFFIX}") if path.is_file()]
    except OSError:
        return []
    return sorted(filter(is_name, found), key=str.casefold)


def take(name: str) -> bytes:
    """The sealed bytes of one workspace.

    Raises:
        BadRequest: no such workspace, or it cannot be read.
        NotKept: the folder cannot be made.
    """
    try:
        return _path(name).read_bytes()
    except OSError:
        raise BadRequest(f"the workspace {name} cannot be read. Hint: is it still there?") from None


def put(name: str, data: bytes, over: bytes | None = None) -> None:
    """Put sealed bytes under a name.

    Args:
        over: the bytes that they take the place of; None for a name that must be free. Anything
            else that stands there is another workspace, or was changed in another window, and
            stays as it is.

    Raises:
        BadRequest: no plain name, something else stands there, or no way to write.
        NotKept: the folder cannot be made.
    """
    path = _path(name)
    if path.exists() and over is None:
        raise BadRequest(f"there is a workspace called {name} already. Hint: choose another name")
    if over is not None and path.exists() and take(name) != over:
        raise BadRequest(
            f"the workspace {name} was changed elsewhere since you opened it; it was left as it "
            "is. Hint: close it, open it again, and add the new files once more"
        )
    store(path, data)


def _path(name: str) -> Path:
    if not is_name(name):
        raise BadRequest("a name is letters, digits, - and _, at most 40. Hint: such as practice")
    return folder() / f"{name}{SUFFIX}"
