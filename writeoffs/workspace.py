"""The workspace: one file, encrypted with a person's pass phrase, that keeps a ledger. Opt-in.

    magic, format, cost, salt, nonce | AES-256-GCM(key = scrypt(pass phrase, salt), contents)

The head is authenticated together with the contents, so that no bit of the file can be changed
unseen. The contents are a zip of Arrow tables and one JSON of plain values; nothing in it is code.
The key and the pass phrase are never kept. Sources: RFC 7914 (scrypt), NIST SP 800-38D (GCM).
"""

from __future__ import annotations

import io
import os
import struct
import tempfile
import unicodedata
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from writeoffs.compare import Comparison, compare
from writeoffs.ledger import Ledger
from writeoffs.packing import pack, unpack
from writeoffs.problems import BadRequest

SHORTEST: Final = 12  # characters of a pass phrase
FORMAT: Final = 1
SUFFIX: Final = ".writeoffs"

_MAGIC: Final = b"WRITEOFFS\x00"
_HEAD: Final = struct.Struct(">10sBBBB16s12s")  # magic, format, log2 of n, r, p, salt, nonce
_COST: Final = (17, 8, 1)  # 128 MB and about half a second for one guess
_DEAREST: Final = 256 << 20  # what opening may take: a changed head must not exhaust the memory
_LARGEST: Final = 1 << 30  # bytes of a workspace; the cipher itself ends at 2 GB
_WRONG: Final = (
    "this workspace cannot be opened: the pass phrase is another, or the file was changed. "
    "Hint: type the pass phrase again; else open the copy kept beside it"
)


@dataclass(frozen=True)
class Workspace:
    """What a workspace keeps: the ledger, and the one before the last addition (None at first)."""

    ledger: Ledger
    before: Ledger | None = None

    def add(self, new: Ledger) -> tuple[Workspace, Comparison]:
        """The workspace with one more export, and what that changed in closed months.

        Raises:
            BadRequest: every file of ``new`` is in it already; the history stays as it was.
        """
        combined, found = add_month(self.ledger, new)
        if combined.book is self.ledger.book:
            names = ", ".join(file.name for file in new.files)
            raise BadRequest(f"{names}: this workspace holds the very file; nothing was added")
        return Workspace(combined, self.ledger), found

    def follow(self, shown: Ledger) -> Workspace:
        """The workspace brought up to a ledger that may already hold what the workspace keeps.

        Where every kept file is in ``shown``, with others, that ledger is the next state as it
        stands: adding it once more would name each file twice. Else it is added; raises like
        ``add``.
        """
        held = {(file.sha256, file.table) for file in shown.files}
        kept = {(file.sha256, file.table) for file in self.ledger.files}
        if kept < held:
            return Workspace(shown, self.ledger)
        return self.add(shown)[0]


def add_month(kept: Ledger, new: Ledger) -> tuple[Ledger, Comparison]:
    """Add next month's export in one step and compare with what was there.

    Args:
        kept: the ledger of the workspace.
        new: the ledger of the new export.

    Returns:
        Both as one ledger (the same file or row is counted once, of a line of a wide file the
        latest state counts), and what changed in the months that ``kept`` had closed. An export
        that does not repeat earlier rows takes none away, so that nothing is ``gone`` for that.
    """
    combined = kept + new
    return combined, compare(kept, combined)


# --- sealing and opening --------------------------------------------------------------------------


def seal(kept: Ledger | Workspace, pass_phrase: str) -> bytes:
    """A ledger, or a workspace with its history, as the bytes of an encrypted file.

    Raises:
        BadRequest: the pass phrase is shorter than 12 characters, or there is too much to keep.
    """
    phrase = _strong(pass_phrase)
    work = kept if isinstance(kept, Workspace) else Workspace(kept)
    salt, nonce = os.urandom(16), os.urandom(12)
    head = _HEAD.pack(_MAGIC, FORMAT, *_COST, salt, nonce)
    contents = _zipped(work)
    if len(contents) > _LARGEST:
        raise BadRequest("this is too much for one workspace. Hint: keep the years apart")
    return head + AESGCM(_key(phrase, salt, *_COST)).encrypt(nonce, contents, head)


def open_sealed(data: bytes, pass_phrase: str) -> Ledger:
    """The ledger of a sealed workspace: equal to the one that was sealed.

    Raises:
        BadRequest: no workspace, of a newer format, another pass phrase, or changed since.
    """
    return open_workspace(data, pass_phrase).ledger


def open_workspace(data: bytes, pass_phrase: str) -> Workspace:
    """The whole of a sealed workspace, its history included; raises like ``open_sealed``."""
    return _unzipped(_contents(data, pass_phrase))


def reseal(kept: Workspace, pass_phrase: str, sealed: bytes) -> bytes:
    """Seal a workspace anew, only with the pass phrase that opens what was sealed before.

    A slip of the finger in a phrase typed once would else lock its owner out for good.

    Raises:
        BadRequest: like ``open_sealed`` and ``seal``.
    """
    _contents(sealed, pass_phrase)
    return seal(kept, pass_phrase)


def _contents(data: bytes, pass_phrase: str) -> bytes:
    if len(data) < _HEAD.size or not data.startswith(_MAGIC):
        raise BadRequest("this file is not a workspace. Hint: read an export with the upload")
    _, version, *cost, salt, nonce = _HEAD.unpack_from(data)
    if version > FORMAT:
        raise BadRequest("this workspace was saved by a newer version. Hint: update the program")
    power, r, p = cost
    if version < 1 or power < 1 or not r or not p or p > 4 or (128 * r << power) > _DEAREST:
        raise BadRequest(_WRONG)
    head, sealed = data[: _HEAD.size], memoryview(data)[_HEAD.size :]
    try:
        return AESGCM(_key(_plain(pass_phrase), salt, *cost)).decrypt(nonce, sealed, head)
    except InvalidTag:
        raise BadRequest(_WRONG) from None


def _key(phrase: bytes, salt: bytes, power: int, r: int, p: int) -> bytes:
    return Scrypt(salt=salt, length=32, n=1 << power, r=r, p=p).derive(phrase)


def _plain(pass_phrase: str) -> bytes:
    """The phrase as bytes, the same from every keyboard: an accent may be typed as one or two."""
    return unicodedata.normalize("NFKC", pass_phrase).encode("utf-8", "surrogatepass")


def _strong(pass_phrase: str) -> bytes:
    said = unicodedata.normalize("NFKC", pass_phrase).strip()
    if len(said) < SHORTEST:
        raise BadRequest(
            f"the pass phrase is too short: {SHORTEST} characters or more. "
            "Hint: four words that do not belong together"
        )
    return _plain(pass_phrase)


def _zipped(work: Workspace) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for folder, ledger in (("now", work.ledger), ("before", work.before)):
            for name, data in pack(ledger).items() if ledger is not None else ():
                archive.writestr(zipfile.ZipInfo(f"{folder}/{name}"), data)
    return out.getvalue()


def _unzipped(contents: bytes) -> Workspace:
    parts: dict[str, dict[str, bytes]] = {"now": {}, "before": {}}
    with zipfile.ZipFile(io.BytesIO(contents)) as archive:
        for path in archive.namelist():
            folder, _, name = path.partition("/")
            parts[folder][name] = archive.read(path)
    before = unpack(parts["before"]) if parts["before"] else None
    return Workspace(unpack(parts["now"]), before)


# --- on disk --------------------------------------------------------------------------------------


def save(path: str | Path, kept: Ledger | Workspace, pass_phrase: str) -> None:
    """Seal to a file; raises like ``seal`` and ``store``."""
    store(Path(path), seal(kept, pass_phrase))


def store(path: Path, data: bytes) -> None:
    """Put a sealed workspace in a file that only its owner may read, whole or not at all.

    The file before stays beside it as ``.previous`` until the new one was read back.

    Raises:
        BadRequest: a file there that is no workspace, or no way to write.
    """
    previous = path.with_name(path.name + ".previous")
    try:
        before = path.read_bytes() if path.exists() else None
        if before is not None and not before.startswith(_MAGIC):
            raise BadRequest(f"{path.name} is there and is no workspace. Hint: choose another name")
        if before is not None:
            _replace(previous, before)
        _replace(path, data)
        if path.read_bytes() == data:
            previous.unlink(missing_ok=True)
            return
    except OSError:
        pass  # said below: to the person, a full disk and a lost folder are one thing
    raise BadRequest(
        f"{path.name} could not be saved; what was saved before is still there. "
        "Hint: is there room on the disk, and may you write in that folder?"
    )


def load(path: str | Path, pass_phrase: str) -> Workspace:
    """Open a workspace file.

    Raises:
        BadRequest: no such file, or like ``open_sealed``.
    """
    path = Path(path)
    try:
        data = path.read_bytes()
    except OSError:
        raise BadRequest(
            f"{path.name} cannot be read. Hint: check the name and the folder"
        ) from None
    return open_workspace(data, pass_phrase)


def _replace(path: Path, data: bytes) -> None:
    """Put bytes in a file's place in one step: whoever looks sees the old file or the new one."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mode 0600
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
    _settle_folder(path.parent)


def _settle_folder(folder: Path) -> None:
    """Have the new name itself on disk, where the system lets a folder be opened."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
