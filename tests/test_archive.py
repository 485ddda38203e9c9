"""Archives: the files inside, whatever packed them, and nothing that was not meant to be there."""

from __future__ import annotations

import gzip
import io
import struct
import tracemalloc
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from writeoffs.problems import BadRequest, Unreadable
from writeoffs.readers import archive, read_bytes
from writeoffs.reading import load, parts_of, read

JUNE = b"Claim,DOS,Payer,Charge,Ins Paid\n1,2026-06-05,Aetna,200.00,120.00\n"
JULY = b"Claim,DOS,Payer,Charge,Ins Paid\n2,2026-07-05,Cigna,300.00,100.00\n"


def zipped(*members: tuple[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", how) as made:
        for name, data in members:
            made.writestr(name, data)
    return out.getvalue()


def workbook() -> bytes:
    book = openpyxl.Workbook()
    book.active.append(["Claim", "Charge"])
    book.active.append(["1", 200])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def refusal(data: bytes, name: str = "exports.zip") -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        archive.unpack(name, data)
    assert caught.value.hint
    assert str(caught.value).startswith(name)
    return caught.value


# --- what comes out -------------------------------------------------------------------------------


def test_a_plain_file_is_handed_on_as_it_is() -> None:
    assert archive.unpack("june.csv", JUNE) == archive.Unpacked([("june.csv", JUNE)])


def test_a_workbook_is_a_zip_that_stays_whole() -> None:
    data = workbook()
    assert archive.unpack("june.xlsx", data).files == [("june.xlsx", data)]
    sheet = zipped(("mimetype", b"application/vnd.oasis"), ("content.xml", b"<x/>"))
    assert archive.unpack("june.ods", sheet).files == [("june.ods", sheet)]
    assert not archive.is_archive(data[: len(data) // 2]), "cut short, it is a damaged workbook"


def test_a_folder_of_exports_called_xl_is_no_workbook() -> None:
    assert archive.unpack("a.zip", zipped(("xl/june.csv", JUNE))).files == [("xl/june.csv", JUNE)]


@pytest.mark.parametrize("how", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_members_of_a_zip_come_in_name_order(how: int) -> None:
    data = zipped(("july.csv", JULY), ("2026/june.csv", JUNE), how=how)
    found = archive.unpack("exports.zip", data)
    assert found == archive.Unpacked([("2026/june.csv", JUNE), ("july.csv", JULY)])


@pytest.mark.parametrize(
    ("name", "inside"),
    [("june.csv.gz", "june.csv"), ("JUNE.CSV.GZ", "JUNE.CSV"), ("june.gzip", "june"), ("x", "x")],
)
def test_a_gzip_holds_the_file_that_its_name_says(name: str, inside: str) -> None:
    assert archive.unpack(name, gzip.compress(JUNE)).files == [(inside, JUNE)]


def test_several_gzip_members_are_one_file_and_padding_is_nothing() -> None:
    head, row = JUNE.split(b"\n", 1)
    data = gzip.compress(head + b"\n") + gzip.compress(row) + b"\x00" * 512
    assert archive.unpack("june.csv.gz", data).files == [("june.csv", JUNE)]


@given(st.lists(st.binary(max_size=5000), min_size=1, max_size=5), st.integers(0, 9))
def test_any_gzip_members_unpack_to_their_bytes(pieces: list[bytes], level: int) -> None:
    pieces = [b"Claim", *pieces]  # whatever follows, it is then no archive itself
    data = b"".join(gzip.compress(piece, level) for piece in pieces)
    assert archive.unpack("x.gz", data).files == [("x", b"".join(pieces))]


def test_an_archive_may_hold_archives_and_those_no_more() -> None:
    inner = zipped(("june.csv", JUNE))
    data = zipped(("a.zip", inner), ("b.csv.gz", gzip.compress(JULY)), ("c.xlsx", workbook()))
    assert [n for n, _ in archive.unpack("all.zip", data).files] == ["june.csv", "b.csv", "c.xlsx"]
    assert refusal(zipped(("a.zip", data))).problem.kind == "not_supported"
    assert (
        refusal(gzip.compress(gzip.compress(gzip.compress(JUNE)))).problem.kind == "not_supported"
    )


def test_what_systems_add_is_passed_over_and_documents_are_named() -> None:
    data = zipped(
        ("2026/", b""),
        ("__MACOSX/._june.csv", b"\x00\x05"),
        ("2026/.DS_Store", b"\x00"),
        ("Thumbs.db", b"\x00"),
        ("2026/june.csv", JUNE),
        ("letter.pdf", b"%PDF-1.7"),
        ("picture", b"\x89PNG\r\n"),
        ("memo.dat", zipped(("[Content_Types].xml", b"<x/>"), ("word/document.xml", b"<x/>"))),
    )
    found = archive.unpack("exports.zip", data)
    assert found.files == [("2026/june.csv", JUNE)]
    assert [note.split(" in ")[0] for note in found.notes] == ["letter.pdf", "memo.dat", "picture"]


# --- refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["../evil.csv", "/etc/evil.csv", "a/../../evil.csv", "..\\evil.csv", "C:\\evil.csv"]
)
def test_a_name_that_leads_outside_refuses_the_whole_zip(name: str) -> None:
    error = refusal(zipped(("june.csv", JUNE), (name, JULY)))
    assert error.problem.kind == "unsafe_name"
    assert f'"{name}"' in error.problem.message


def test_a_link_refuses_the_whole_zip() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        link = zipfile.ZipInfo("june.csv")
        link.external_attr = 0o120777 << 16
        made.writestr(link, "/etc/passwd")
    assert refusal(out.getvalue()).problem.kind == "unsafe_name"


def flagged(data: bytes, flags: int = 0, method: int | None = None) -> bytes:
    """A zip whose list of contents says something else of its first member."""
    at = data.index(b"PK\x01\x02")
    out = bytearray(data)
    out[at + 8 : at + 10] = struct.pack("<H", flags)
    if method is not None:
        out[at + 10 : at + 12] = struct.pack("<H", method)
    return bytes(out)


def test_a_password_is_named_before_anything_is_unpacked() -> None:
    error = refusal(flagged(zipped(("june.csv", JUNE)), flags=1))
    assert error.problem.kind == "encrypted_archive"
    assert "password" in error.hint


def test_an_unusual_way_of_packing_is_said() -> None:
    assert refusal(flagged(zipped(("june.csv", JUNE)), method=9)).problem.kind == "not_supported"
    bz2 = zipped(("june.csv", JUNE), how=zipfile.ZIP_BZIP2)
    assert refusal(bz2).problem.kind == "not_supported"


def broken(data: bytes) -> bytes:
    """One byte of the packed text changed."""
    at = data.index(b"Claim")
    return data[:at] + b"X" + data[at + 1 :]


STORED = zipped(("june.csv", JUNE), how=zipfile.ZIP_STORED)
DAMAGED = {
    "zip, a byte changed": broken(STORED),
    "zip, cut short": STORED[:-30],
    "zip, only its beginning": b"PK\x03\x04" + b"june" * 30,
    "gzip, cut short": gzip.compress(JUNE * 50)[:-12],
    "gzip, without its checksum": gzip.compress(JUNE)[:-8],
    "gzip, a byte changed": gzip.compress(JUNE)[:-8] + b"\x00" * 8,
    "gzip, rubbish behind it": gzip.compress(JUNE) + b"rubbish",
    "gzip, no more than its mark": b"\x1f\x8b",
}


@pytest.mark.parametrize("data", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_archive_is_refused_whole(data: bytes) -> None:
    """Half of the rows would be a wrong total without a word."""
    assert refusal(data).problem.kind == "bad_archive"


def test_an_archive_without_a_table_is_refused() -> None:
    assert refusal(zipped()).problem.kind == "empty_file"
    assert refusal(zipped(("a/", b""), ("a/.DS_Store", b"x"))).problem.kind == "empty_file"
    error = refusal(zipped(("a.pdf", b"%PDF"), ("b.docx", b"PK")))
    assert error.problem.kind == "not_supported"
    assert "none of the 2 files" in error.problem.message


def test_a_letter_is_said_to_be_one() -> None:
    letter = zipped(("[Content_Types].xml", b"<x/>"), ("word/document.xml", b"<x/>"))
    assert "not a table" in refusal(letter, "letter.docx").problem.message


def test_a_tar_is_said_not_to_be_unpacked() -> None:
    tar = b"june.csv".ljust(257, b"\x00") + b"ustar\x0000" + b"\x00" * 300
    assert "tar" in refusal(gzip.compress(tar), "exports.tar.gz").problem.message


# --- bombs ----------------------------------------------------------------------------------------


BOMBS = {
    "gzip": gzip.compress,
    "zip": lambda zeros: zipped(("a.csv", zeros)),
    "zip in zip": lambda zeros: zipped(("a.zip", zipped(("a.csv", zeros)))),
    "gzip in zip": lambda zeros: zipped(("a.gz", gzip.compress(zeros))),
}


@pytest.mark.parametrize("pack", BOMBS)
def test_a_bomb_is_refused_while_it_unpacks_and_before_it_fills_the_memory(pack: str) -> None:
    data = BOMBS[pack](bytes(2**28))
    tracemalloc.start()
    try:
        assert refusal(data).problem.kind == "unpacked_too_large"
        assert tracemalloc.get_traced_memory()[1] < 2**27
    finally:
        tracemalloc.stop()


def test_sizes_are_measured_and_not_believed() -> None:
    """A list of contents that says 10 bytes of a member that has more is a damaged zip."""
    data = bytearray(zipped(("a.csv", JUNE * 100)))
    at = bytes(data).index(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<I", 10)
    assert refusal(bytes(data)).problem.kind == "bad_archive"


def test_the_whole_is_bounded_and_not_each_member(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MOST_UNPACKED", 1000)
    members = [(f"{i}.csv", bytes(400)) for i in range(3)]
    assert archive.unpack("x.zip", zipped(*members[:2])).files[0] == ("0.csv", bytes(400))
    assert refusal(zipped(*members)).problem.kind == "unpacked_too_large"


def test_a_zip_of_very_many_files_is_refused() -> None:
    members = [(f"{i}.csv", b"") for i in range(archive.MOST_MEMBERS + 1)]
    error = refusal(zipped(*members))
    assert error.problem.kind == "unpacked_too_large"
    assert "more than 1,000 files" in error.problem.message


def test_a_well_packed_export_is_no_bomb() -> None:
    rows = b"".join(b"%d,2026-06-05,Aetna,200.00,120.00\n" % i for i in range(50_000))
    data = gzip.compress(JUNE.split(b"\n")[0] + b"\n" + rows, 9)
    [(_, content)] = archive.unpack("june.csv.gz", data).files
    assert content.endswith(rows)


# --- read as a practice ---------------------------------------------------------------------------


def test_a_zip_reads_as_its_files_and_says_what_it_left_out() -> None:
    data = zipped(("june.csv", JUNE), ("july.csv.gz", gzip.compress(JULY)), ("a.pdf", b"%PDF"))
    ledger = read(("exports.zip", data))
    assert [f.name for f in ledger.files] == ["july.csv", "june.csv"]
    assert ledger.rows_read == 2
    assert ledger.files[0].notes[0] == "a.pdf in exports.zip was left out: it is not a table"
    assert not any("left out" in note for note in ledger.files[1].notes)


def test_a_folder_reads_its_archives(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(zipped(("june.csv", JUNE)))
    (tmp_path / "july.csv.gz").write_bytes(gzip.compress(JULY))
    (tmp_path / "letter.pdf").write_bytes(b"%PDF")
    assert {f.name for f in read(tmp_path).files} == {"june.csv", "july.csv"}


def test_the_same_export_packed_and_plain_counts_once() -> None:
    ledger = read([("june.csv", JUNE), ("exports.zip", zipped(("june.csv", JUNE)))])
    assert ledger.rows_read == 1


def test_one_file_is_loaded_from_an_archive_of_one() -> None:
    assert load(("june.zip", zipped(("june.csv", JUNE)))).name == "june.csv"
    with pytest.raises(BadRequest, match=r"holds 2: july\.csv, june\.csv"):
        load(("exports.zip", zipped(("june.csv", JUNE), ("july.csv", JULY))))


def test_parts_are_the_files_with_the_notes_on_the_first() -> None:
    parts = parts_of(("a.zip", zipped(("b.csv", JUNE), ("c.csv", JULY), ("d.png", b""))))
    assert [(p.name, p.data, len(p.notes)) for p in parts] == [
        ("b.csv", JUNE, 1),
        ("c.csv", JULY, 0),
    ]
    assert parts_of(("b.csv", JUNE)) == [("b.csv", JUNE, ())]


def test_an_archive_handed_over_as_one_file_is_refused_with_advice() -> None:
    with pytest.raises(Unreadable, match="packed file") as caught:
        read_bytes(gzip.compress(JUNE), "june.csv.gz")
    assert caught.value.problem.kind == "not_supported"
