"""Zip and gzip -> the files inside.

Sizes are measured while unpacking; what a header says about them is never believed. A workbook is
a zip too, and stays whole: it is known by what it holds.
"""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from writeoffs.problems import Unreadable

MOST_UNPACKED: Final = 2**30  # bytes of everything inside, together
MOST_RATIO: Final = 250  # billing exports reach about 30
HARMLESS: Final = 32 * 2**20  # so little may unpack from anything
MOST_MEMBERS: Final = 1000
_MOST_GZIP_MEMBERS: Final = 100_000
_CHUNK: Final = 2**20
_PIECE: Final = 2**16
_ENTRY: Final = b"PK\x01\x02"  # one for each member in a zip's list of contents
_PLAIN: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_RUBBISH: Final = frozenset({".ds_store", "thumbs.db", "desktop.ini"})
_DOCUMENTS: Final = (
    "pdf", "png", "jpg", "jpeg", "gif", "bmp", "tif", "tiff", "heic", "doc", "docx", "rtf", "odt",
    "ppt", "pptx", "odp", "md", "json", "xml", "log", "exe", "dll", "msg", "eml", "mp4",
)  # fmt: skip
_PICTURES: Final = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8")
_WORKBOOK_BEGINS: Final = (b"[Content_Types].xml", b"_rels/", b"docProps/", b"xl/", b"mimetype")
_DAMAGE: Final = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError, OSError,
    UnicodeDecodeError,
)  # fmt: skip
_HINT: Final = "Unpack it yourself and upload the exports inside."


class Unpacked(NamedTuple):
    """``files``: (name, bytes) in name order; ``notes``: what inside was left out, for people."""

    files: list[tuple[str, bytes]]
    notes: tuple[str, ...] = ()


def unpack(name: str, data: bytes) -> Unpacked:
    """The files inside a zip or gzip, and those of a zip or gzip among them; else the file itself.

    Args:
        name: the file's name; that of a gzip without ``.gz`` names what is inside.
        data: its bytes.

    Raises:
        Unreadable: protected, damaged, empty, absurdly large, nested deeper than once, or with a
            member that points outside of it. Nothing of it is used then.
    """
    if _is_office_text(data):
        message = "it is a letter or a presentation, not a table"
        raise Unreadable("not_supported", message, "Upload the export as CSV or Excel.", name)
    if not is_archive(data):
        return Unpacked([(name, data)])
    budget = _Budget(name, len(data))
    files: list[tuple[str, bytes]] = []
    notes: list[str] = []
    for member, content in _members(name, data, budget, notes):
        if is_archive(content):
            for inner, inner_content in _members(member, content, budget, notes):
                if is_archive(inner_content):
                    raise _refused("not_supported", "it holds archives inside archives", name)
                files.append((inner, inner_content))
        else:
            files.append((member, content))
    if not files:
        if notes:
            message = f"none of the {len(notes)} files in it is a table"
            raise Unreadable("not_supported", message, "Put CSV or Excel exports into it.", name)
        hint = "Make it again; the export may have stopped before writing."
        raise Unreadable("empty_file", "there is no file in it", hint, name)
    return Unpacked(files, tuple(notes))


def is_archive(data: bytes) -> bool:
    """Whether these bytes are a gzip, or a zip that is no workbook."""
    if data.startswith(b"\x1f\x8b"):
        return True
    return data.startswith((b"PK\x03\x04", b"PK\x05\x06")) and not _is_workbook(data)


def _is_workbook(data: bytes) -> bool:
    """An office workbook, by its parts; where they cannot be listed, by the first of them."""
    parts = _names(data)
    if parts is None:
        return _first_name(data).startswith(_WORKBOOK_BEGINS)
    sheets = any(part.startswith("xl/") and part.endswith((".xml", ".bin")) for part in parts)
    return sheets or {"mimetype", "content.xml"} <= parts


def _is_office_text(data: bytes) -> bool:
    """A letter or slides: a zip whose parts are those of Word or PowerPoint."""
    parts = (data.startswith(b"PK\x03\x04") and _names(data)) or set()
    return "[Content_Types].xml" in parts and any(p.startswith(("word/", "ppt/")) for p in parts)


def _names(data: bytes) -> set[str] | None:
    """The names in a zip, None where they cannot be listed."""
    if data.count(_ENTRY) > 20 * MOST_MEMBERS:
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return set(archive.namelist())
    except _DAMAGE:
        return None


def _first_name(data: bytes) -> bytes:
    return data[30 : 30 + int.from_bytes(data[26:28], "little")]


class _Budget:
    """How much may still be unpacked, in bytes, of one upload and all that is nested in it."""

    def __init__(self, name: str, packed: int) -> None:
        self.name, self.packed, self.spent = name, packed, 0

    def spend(self, size: int) -> None:
        self.spent += size
        absurd = self.spent > max(HARMLESS, MOST_RATIO * self.packed)
        if absurd or self.spent > MOST_UNPACKED:
            raise _refused(
                "unpacked_too_large",
                f"it unpacks to more than {self.spent:,} bytes,"
                f" {self.spent // max(1, self.packed)} times its size",
                self.name,
            )


def _refused(kind: str, message: str, name: str) -> Unreadable:
    return Unreadable(kind, message, _HINT, name)


def _members(
    name: str, data: bytes, budget: _Budget, notes: list[str]
) -> Iterator[tuple[str, bytes]]:
    if data.startswith(b"\x1f\x8b"):
        content = _gunzip(name, data, budget)
        if content[257:262] == b"ustar":
            raise _refused("not_supported", "it is a tar archive, which is not unpacked here", name)
        yield _bare(name), content
        return
    yield from _unzip(name, data, budget, notes)


# --- gzip -----------------------------------------------------------------------------------------


def _bare(name: str) -> str:
    for ending in (".gz", ".gzip"):
        if name.lower().endswith(ending) and len(name) > len(ending):
            return name[: -len(ending)]
    return name


def _gunzip(name: str, data: bytes, budget: _Budget) -> bytes:
    """All members of a gzip, one after the other; checksums are checked."""
    out: list[bytes] = []
    at = members = 0
    while at < len(data):
        members += 1
        if members > _MOST_GZIP_MEMBERS:
            raise _damaged(name)
        member = zlib.decompressobj(wbits=31)
        while not member.eof:
            if at >= len(data):
                message = "it stops before its end, so that rows would be missing"
                raise Unreadable("bad_archive", message, "Download or export it again.", name)
            piece = data[at : at + _PIECE]
            at += len(piece)
            try:
                _inflate(member, piece, out, budget)
            except zlib.error:
                raise _damaged(name) from None
        at -= len(member.unused_data)
        if data[at : at + 1] == b"\x00":  # tapes and some servers pad with zeros
            at = len(data) - len(data[at:].lstrip(b"\x00"))
    return b"".join(out)


def _inflate(member: Any, piece: bytes, out: list[bytes], budget: _Budget) -> None:
    """One piece of a member, in chunks, so that a bomb is seen before it has filled the memory."""
    while piece and not member.eof:
        chunk = member.decompress(piece, _CHUNK)
        budget.spend(len(chunk))
        out.append(chunk)
        piece = member.unconsumed_tail


def _damaged(name: str) -> Unreadable:
    return Unreadable(
        "bad_archive",
        "it is damaged and cannot be unpacked whole",
        "Download or export it again; if that does not help, upload the files unpacked.",
        name,
    )


# --- zip ------------------------------------------------------------------------------------------


def _unzip(
    name: str, data: bytes, budget: _Budget, notes: list[str]
) -> Iterator[tuple[str, bytes]]:
    """Members in name order; those nobody reads are noted, and rubbish is passed over."""
    if data.count(_ENTRY) > 20 * MOST_MEMBERS:
        raise _too_many(name)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for member in _wanted(archive, name):
                shown = _shown(member.filename)
                content = b"" if _is_document(shown) else _content(archive, member, budget)
                if _is_document(shown) or content.startswith(_PICTURES) or _is_office_text(content):
                    notes.append(f"{shown} in {name} was left out: it is not a table")
                else:
                    yield shown, content
    except _DAMAGE:
        raise _damaged(name) from None


def _wanted(archive: zipfile.ZipFile, name: str) -> list[zipfile.ZipInfo]:
    """Members in name order without rubbish, all of them looked at before any is unpacked."""
    members = sorted(archive.infolist(), key=lambda member: member.filename)
    if len(members) > MOST_MEMBERS:
        raise _too_many(name)
    for member in members:
        _refuse_unsafe(member, name)
    wanted = [member for member in members if not _is_rubbish(member)]
    for member in wanted:
        _refuse_locked(member, name)
    return wanted


def _too_many(name: str) -> Unreadable:
    return _refused("unpacked_too_large", f"it holds more than {MOST_MEMBERS:,} files", name)


def _refuse_unsafe(member: zipfile.ZipInfo, name: str) -> None:
    """A name that leads out of the zip, or a link that may, is nothing that an export needs."""
    path = member.filename.replace("\\", "/")
    outside = path.startswith("/") or ".." in path.split("/") or path[1:2] == ":"
    if outside or stat.S_ISLNK(member.external_attr >> 16):
        raise Unreadable(
            "unsafe_name",
            f'"{_shown(member.filename)}" in it points outside the zip',
            "Do not use this file. Ask whoever sent it for the exports themselves.",
            name,
        )


def _refuse_locked(member: zipfile.ZipInfo, name: str) -> None:
    if member.flag_bits & 0x41:
        raise Unreadable(
            "encrypted_archive",
            "it is protected by a password",
            "Unpack it with its password and upload the exports inside.",
            name,
        )
    if not member.is_dir() and member.compress_type not in _PLAIN:
        raise _refused("not_supported", "it is packed in a way that is not unpacked here", name)


def _is_rubbish(member: zipfile.ZipInfo) -> bool:
    """Folders, and what operating systems add by themselves."""
    parts = member.filename.split("/")
    last = parts[-1].lower()
    return member.is_dir() or "__MACOSX" in parts or last in _RUBBISH or last.startswith("._")


def _is_document(name: str) -> bool:
    return name.rpartition(".")[2].lower() in _DOCUMENTS and "." in name


def _content(archive: zipfile.ZipFile, member: zipfile.ZipInfo, budget: _Budget) -> bytes:
    out: list[bytes] = []
    with archive.open(member) as packed:
        while chunk := packed.read(_CHUNK):
            budget.spend(len(chunk))
            out.append(chunk)
    return b"".join(out)


def _shown(name: str) -> str:
    """A member's name for people: no control characters, not too long."""
    return "".join(ch for ch in name if ch.isprintable())[-120:] or "unnamed"
