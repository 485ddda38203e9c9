"""Bytes -> raw tables: text cells, one column at a time, with what was set aside on the way.

``read_bytes`` looks at the content, never at the name, to choose a reader.
"""

from __future__ import annotations

import re

from writeoffs.problems import Unreadable
from writeoffs.readers import archive, delimited, parquet, workbook
from writeoffs.readers.raw import RawTable

__all__ = ["RawTable", "read_all", "read_bytes"]

_OLE = b"\xd0\xcf\x11\xe0"
_NO_TABLES = (
    (b"%pdf", "a PDF, made for reading and printing"),
    (b"\x89png", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"gif8", "a picture"),
    (b"{\\rtf", "a letter"),
    (b"mz\x90", "a program"),
)
_SOMETHING = re.compile(rb"[^\x00 \t\r\n\xef\xbb\xbf\xff\xfe]")


def read_bytes(data: bytes, name: str, sheet: str | None = None) -> RawTable:
    """Read one file's bytes as a raw table.

    Args:
        data: the bytes as they came.
        name: the file name, for messages only.
        sheet: which sheet of a workbook; the fullest visible one when None.

    Raises:
        Unreadable: nothing of it can be used; the message says why and what to do.
    """
    if not _SOMETHING.search(data):
        raise Unreadable(
            "empty_file",
            f"the file is empty ({len(data)} bytes)",
            "Export it again; the export may have stopped before writing.",
            name,
        )
    head = data[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if archive.is_archive(data):
        raise Unreadable(
            "not_supported",
            "this is a packed file (zip or gzip), not a table",
            "Unpack it and upload the exports inside.",
            name,
        )
    if _is_workbook(data):
        return workbook.read(data, name, sheet)
    if data.startswith(b"PAR1") or data.endswith(b"\x00PAR1"):
        return parquet.read(data, name)
    for mark, called in _NO_TABLES:
        if data[:8].lower().startswith(mark):
            raise Unreadable(
                "not_supported",
                f"it is {called}, not a table",
                "In the billing system, choose to export as CSV or Excel, and upload that.",
                name,
            )
    if head.startswith((b"<html", b"<!doctype html", b"<table", b"<?xml")):
        raise Unreadable(
            "html_not_excel",
            "this is a web page saved under another name",
            "Open it in Excel and save it as .xlsx or .csv, then upload that.",
            name,
        )
    if data.startswith((b"PARE", b"\x80")):
        raise Unreadable(
            "bad_parquet", "this is not a table of text", "Export it as CSV or Excel.", name
        )
    if head.startswith((b"isa*", b"isa|", b"isa+")):
        raise Unreadable(
            "not_supported",
            "this begins like an X12 remittance (835), but its heading breaks off",
            "Fetch the file again from the payer or clearing house.",
            name,
        )
    return delimited.read(data, name)


def read_all(data: bytes, name: str) -> tuple[RawTable, ...]:
    """Read every table of one file's bytes: of a workbook one for each set of headings among its
    visible sheets, fullest first (``RawTable.sheets`` says which); of any other file the only one.

    Raises:
        Unreadable: nothing of it can be used; the message says why and what to do.
    """
    return workbook.read_all(data, name) if _is_workbook(data) else (read_bytes(data, name),)


def _is_workbook(data: bytes) -> bool:
    if data.startswith(_OLE):
        return True
    return data.startswith(b"PK\x03\x04") and not archive.is_archive(data)
