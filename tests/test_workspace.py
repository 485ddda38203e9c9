"""The workspace: one encrypted file that gives back the very ledger, or says why not."""

from __future__ import annotations

import io
import json
import os
import stat
import sys
import zipfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import ledger_of, tidy

from writeoffs import packing, workspace
from writeoffs import summary as contract
from writeoffs.cli import main
from writeoffs.ledger import Ledger
from writeoffs.problems import BadRequest, Problem
from writeoffs.reading import read
from writeoffs.workspace import Workspace, add_month, load, open_sealed, open_workspace, save, seal

ROOT = Path(__file__).resolve().parents[1]
EXPORTS = [
    *sorted(
        p for p in (ROOT / "tests" / "exports").iterdir() if p.suffix in (".csv", ".tsv", ".txt")
    ),
    ROOT / "sample_data" / "practice_lines.csv",
    ROOT / "sample_data" / "practice_ledger.csv",
]
PHRASE = "correct horse battery staple"
CHEAP = (4, 8, 1)
CANARY = "Canarsie Mutual of Zebra"
MAY = f"""
    Txn ID,Claim,Line,MRN,DOS,Post Date,Payer,Type,Reason,Amount
    1,C1,1,P1,2026-04-05,2026-04-06,{CANARY},Charge,,100.00
    2,C1,1,P1,2026-04-05,2026-05-31,{CANARY},Insurance Payment,,60.00
    3,C2,1,P2,2026-04-05,2026-04-06,Cigna,Charge,,2x0.00
"""
JUNE = f"""
    Txn ID,Claim,Line,MRN,DOS,Post Date,Payer,Type,Reason,Amount
    2,C1,1,P1,2026-04-05,2026-05-31,{CANARY},Insurance Payment,,60.00
    4,C1,1,P1,2026-04-05,2026-06-10,{CANARY},Adjustment,CO-45,40.00
    5,C3,1,P3,2026-06-05,2026-06-06,Aetna,Charge,,30.00
"""


@pytest.fixture(autouse=True)
def cheap(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A key that takes no time, except where its price is what is tested."""
    if "dear" not in request.keywords:
        monkeypatch.setattr(workspace, "_COST", CHEAP)
    yield


def everything(ledger: Ledger) -> str:
    """All that the command line can say of a ledger, to the byte."""
    by = ("payer", "provider", "location", "procedure", "category", "month")
    groups = [
        contract.groups(ledger, [name], basis) for name in by for basis in ("service", "post")
    ]
    return json.dumps([contract.summary(ledger), groups], indent=1)


def same_ledger(one: Ledger, two: Ledger) -> None:
    """Equal in every part, types of columns and unused names of a category included."""
    pd.testing.assert_frame_equal(one.book.rows, two.book.rows)
    for name in one.book.rows.select_dtypes("category"):
        assert list(one.book.rows[name].cat.categories) == list(two.book.rows[name].cat.categories)
    assert one.book.kinds == two.book.kinds
    for name in ("at", "kind", "amount"):
        np.testing.assert_array_equal(getattr(one.book, name), getattr(two.book, name))
        assert getattr(two.book, name).dtype == np.int64
    assert (one.files, one.reading_problems, one.says) == (
        two.files,
        two.reading_problems,
        two.says,
    )
    assert one.stated_as_of == two.stated_as_of
    assert (one._rows_alike == two._rows_alike).all()
    assert everything(one) == everything(two)


# --- the round trip -------------------------------------------------------------------------------


@pytest.mark.parametrize("path", EXPORTS, ids=lambda path: path.name)
def test_what_comes_out_is_what_went_in(path: Path) -> None:
    ledger = read(path)
    same_ledger(ledger, open_sealed(seal(ledger, PHRASE), PHRASE))


def test_several_files_at_an_earlier_day_come_back_as_well() -> None:
    ledger = ledger_of(MAY, JUNE).at(date(2026, 6, 9))
    again = open_sealed(seal(ledger, PHRASE), PHRASE)
    same_ledger(ledger, again)
    assert again.as_of == date(2026, 6, 9)
    assert again.rows_held == 1 and again.held_cents == ledger.held_cents


def test_what_comes_out_still_adds_like_what_went_in() -> None:
    may, june = ledger_of(MAY), read(("june.csv", tidy(JUNE)))
    again = open_sealed(seal(may, PHRASE), PHRASE)
    same_ledger(may + june, again + june)
    same_ledger(june + may, june + again)
    twice = again + read(("other name.csv", tidy(MAY)))
    assert twice.rows_read == may.rows_read
    assert twice.reading_problems[-1].kind == "already_loaded"


def test_a_wide_line_is_still_a_snapshot() -> None:
    head = "Claim,Line,DOS,Post Date,Charge,Insurance Paid\n"
    june = ledger_of(head + "C1,1,2026-05-05,2026-06-01,100.00,0.00")
    july = read(("july.csv", tidy(head + "C1,1,2026-05-05,2026-07-01,100.00,60.00")))
    same_ledger(june + july, open_sealed(seal(june, PHRASE), PHRASE) + july)


def test_columns_that_nobody_has_thought_of_are_kept_with_their_types() -> None:
    ledger = ledger_of(MAY)
    rows = ledger.book.rows.assign(
        remit=np.array([3, -1], dtype=np.int8),
        paying_payer=pd.Categorical(["Cigna", None], categories=["Aetna", "Cigna"]),
        share=[0.1, np.nan],
        day=pd.to_datetime(["2026-01-01", None]).astype("datetime64[s]"),
    )
    body = packing.pack(Ledger(type(ledger.book)(rows, *_parts(ledger)), (), (), frozenset()))
    again = packing.unpack(body).book.rows
    pd.testing.assert_frame_equal(rows, again)
    assert again["remit"].dtype == np.int8


def _parts(ledger: Ledger) -> tuple[object, ...]:
    return ledger.book.kinds, ledger.book.at, ledger.book.kind, ledger.book.amount


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.floats(allow_nan=False)
    | st.dates()
    | st.frozensets(st.text()),
    lambda inner: (
        st.lists(inner)
        | st.lists(inner).map(tuple)
        | st.dictionaries(st.text() | st.integers(), inner)
        | st.builds(
            Problem, st.sampled_from(["field_count", "date_order"]), st.text(), rows=st.just((1, 2))
        )
    ),
)


@given(values)
def test_any_value_of_a_ledger_comes_back_with_its_type(value: object) -> None:
    text = json.dumps(packing.plain(value))
    again = packing.restored(json.loads(text))
    assert again == value
    assert json.dumps(packing.plain(again)) == text, "1 is not True and a tuple is no list"


def test_numbers_of_numpy_come_back_as_numbers_and_the_rest_is_refused() -> None:
    assert packing.plain((np.int64(3), np.bool_(True))) == {"tuple": [3, True]}
    with pytest.raises(TypeError):
        packing.plain(object())


@pytest.mark.parametrize(
    "change",
    [
        ('"SourceFile":{"name"', '"SourceFile":{"colour":"red","name"'),
        ('"Problem":{"kind":"amount_unreadable"', '"Problem":{"kind":"amount_upside_down"'),
        ('"entry":"charge"', '"entry":"charge","colour":"red"'),
        ('"SourceFile"', '"os.system"'),
        ('"files":', '"colours":'),
    ],
)
def test_what_a_newer_version_wrote_is_said_to_be_newer(change: tuple[str, str]) -> None:
    parts = packing.pack(ledger_of(MAY))
    text = parts["ledger.json"].decode()
    assert change[0] in text
    parts["ledger.json"] = text.replace(*change, 1).encode()
    with pytest.raises(BadRequest, match="newer version"):
        packing.unpack(parts)


@pytest.mark.slow
@pytest.mark.dear
def test_a_large_ledger_is_kept_at_the_full_price() -> None:
    n = 200_000
    number = pd.Series(range(n))
    frame = pd.DataFrame(
        {
            "Claim": (number // 2).map("C{:07d}".format),
            "Line": (number % 2 + 1).astype(str),
            "DOS": (pd.Timestamp("2025-01-01") + pd.to_timedelta(number // 2 % 360, "D")).astype(
                str
            ),
            "Charge": (number % 97 + 100).astype(str) + ".00",
            "Ins Paid": (number % 89).astype(str) + ".00",
        }
    )
    ledger = read(frame)
    data = seal(ledger, PHRASE)
    assert len(data) < 10_000_000
    again = open_sealed(data, PHRASE)
    pd.testing.assert_frame_equal(ledger.book.rows, again.book.rows)
    assert ledger.reconciliation.equals(again.reconciliation)


# --- nobody else ----------------------------------------------------------------------------------


@pytest.mark.dear
def test_another_pass_phrase_does_not_open_it() -> None:
    data = seal(ledger_of(MAY), PHRASE)
    assert data[11] >= 17, "a guess must cost"
    for wrong in (PHRASE + "r", PHRASE.title(), "", PHRASE + "\n"):
        with pytest.raises(BadRequest, match="pass phrase is another, or the file was changed"):
            open_sealed(data, wrong)
    assert open_sealed(data, PHRASE).rows_read == 3


def test_an_accent_typed_another_way_is_the_same_pass_phrase() -> None:
    data = seal(ledger_of(MAY), "caf\u00e9 au lait, s'il vous plait")
    assert open_sealed(data, "cafe\u0301 au lait, s'il vous plait").rows_read == 3


@pytest.mark.parametrize("weak", ["", "short", "elevenchars", "  padded with   "[:11] + " " * 20])
def test_a_short_pass_phrase_is_refused_in_a_sentence(weak: str) -> None:
    with pytest.raises(BadRequest, match="too short: 12 characters or more"):
        seal(ledger_of(MAY), weak)


def test_no_changed_bit_goes_unseen() -> None:
    data = seal(ledger_of(MAY), PHRASE)
    step = max(1, (len(data) - 60) // 60)
    for place in [*range(60), *range(60, len(data), step), len(data) - 1]:
        for bit in (1, 128):
            changed = bytearray(data)
            changed[place] ^= bit
            with pytest.raises(BadRequest):
                open_sealed(bytes(changed), PHRASE)
    for cut in (data[:-1], data[:42], data[:20], b"", data + b"\x00"):
        with pytest.raises(BadRequest):
            open_sealed(cut, PHRASE)


def test_a_changed_head_cannot_ask_for_all_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    data = bytearray(seal(ledger_of(MAY), PHRASE))
    monkeypatch.setattr(workspace, "_key", lambda *_: pytest.fail("the price was paid"))
    for power, r, p in (
        (40, 8, 1),
        (255, 255, 255),
        (17, 255, 1),
        (17, 8, 9),
        (17, 0, 1),
        (0, 8, 1),
    ):
        data[11:14] = bytes([power, r, p])
        with pytest.raises(BadRequest):
            open_sealed(bytes(data), PHRASE)


def test_a_workspace_of_a_newer_format_says_so() -> None:
    data = bytearray(seal(ledger_of(MAY), PHRASE))
    data[10] = workspace.FORMAT + 1
    with pytest.raises(BadRequest, match="newer version"):
        open_sealed(bytes(data), PHRASE)


def test_an_export_is_no_workspace() -> None:
    with pytest.raises(BadRequest, match="not a workspace"):
        open_sealed(tidy(MAY), PHRASE)


def test_nothing_of_the_practice_can_be_read_without_the_key() -> None:
    ledger = ledger_of(MAY)
    inside = workspace._zipped(Workspace(ledger))
    names = zipfile.ZipFile(io.BytesIO(inside)).namelist()
    assert names == ["now/ledger.json", "now/rows.arrow", "now/postings.arrow"]
    assert b"amount_unreadable" in inside, "the words looked for below are there"
    sealed = seal(ledger, PHRASE)
    for word in (CANARY.encode(), b"amount_unreadable", b"ledger.json", b"ARROW", PHRASE.encode()):
        assert word not in sealed


def test_two_seals_of_one_ledger_have_nothing_in_common() -> None:
    one, two = (seal(ledger_of(MAY), PHRASE) for _ in range(2))
    assert one[:14] == two[:14]
    assert one[14:30] != two[14:30] and one[30:42] != two[30:42] and one[42:74] != two[42:74]


# --- a month more ---------------------------------------------------------------------------------


def test_a_month_is_added_and_compared_in_one_step() -> None:
    may, june = ledger_of(MAY), read(("june.csv", tidy(JUNE)))
    combined, found = add_month(may, june)
    same_ledger(combined, may + june)
    [row] = found.changes.itertuples(index=False)
    assert (row.claim, row.entry, row.old, row.new, row.cause) == (
        "C1", "write_off", 0, 40_00, "late_posting"
    )  # fmt: skip


def test_the_ledger_before_the_last_addition_is_kept() -> None:
    may, june = ledger_of(MAY), read(("june.csv", tidy(JUNE)))
    work, _ = Workspace(may).add(june)
    again = open_workspace(seal(work, PHRASE), PHRASE)
    same_ledger(again.ledger, may + june)
    assert again.before is not None
    same_ledger(again.before, may)
    assert open_workspace(seal(may, PHRASE), PHRASE).before is None


def test_the_same_file_again_is_refused_and_the_history_stays() -> None:
    work, _ = Workspace(ledger_of(MAY)).add(read(("june.csv", tidy(JUNE))))
    with pytest.raises(BadRequest, match=r"june again\.csv: this workspace holds the very file"):
        work.add(read(("june again.csv", tidy(JUNE))))


# --- on disk --------------------------------------------------------------------------------------


def files_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_saved_whole_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "practice.writeoffs"
    save(path, ledger_of(MAY), PHRASE)
    save(path, ledger_of(MAY, JUNE), PHRASE)
    assert files_in(tmp_path) == ["practice.writeoffs"]
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    same_ledger(load(path, PHRASE).ledger, ledger_of(MAY, JUNE))


@pytest.mark.parametrize("broken", ["fsync", "replace", "fdopen"])
@pytest.mark.parametrize("call", [1, 2])
def test_a_save_that_fails_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str, call: int
) -> None:
    """The disk fills up while the copy (1) or the new file (2) is written."""
    path = tmp_path / "practice.writeoffs"
    save(path, ledger_of(MAY), PHRASE)
    calls, real = [], getattr(os, broken)

    def full(*args: object) -> object:
        calls.append(1)
        if len(calls) == (call if broken != "fsync" else 2 * call - 1):
            raise OSError(28, "No space left on device")
        return real(*args)

    with monkeypatch.context() as patch:
        patch.setattr(os, broken, full)
        with pytest.raises(BadRequest, match="could not be saved") as caught:
            save(path, ledger_of(MAY, JUNE), PHRASE)
    assert "No space" not in str(caught.value) and str(tmp_path) not in str(caught.value)
    same_ledger(load(path, PHRASE).ledger, ledger_of(MAY))
    assert set(files_in(tmp_path)) <= {"practice.writeoffs", "practice.writeoffs.previous"}
    save(path, ledger_of(MAY, JUNE), PHRASE)
    assert files_in(tmp_path) == ["practice.writeoffs"]


def test_the_one_before_stands_beside_while_the_new_one_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "practice.writeoffs"
    save(path, ledger_of(MAY), PHRASE)
    before, seen = path.read_bytes(), []
    real = os.replace

    def watched(source: str, target: Path) -> None:
        if target == path:
            seen.append(path.with_name("practice.writeoffs.previous").read_bytes())
        real(source, target)

    monkeypatch.setattr(os, "replace", watched)
    save(path, ledger_of(MAY, JUNE), PHRASE)
    assert seen == [before]


def test_an_export_is_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "may.csv"
    path.write_bytes(tidy(MAY))
    with pytest.raises(BadRequest, match="no workspace"):
        save(path, ledger_of(MAY), PHRASE)
    assert path.read_bytes() == tidy(MAY)


@pytest.mark.parametrize("name", ["nowhere/practice.writeoffs", "."])
def test_a_place_that_cannot_be_is_one_sentence(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadRequest, match="could not be saved"):
        save(tmp_path / name, ledger_of(MAY), PHRASE)
    with pytest.raises(BadRequest, match="cannot be read"):
        load(tmp_path / name, PHRASE)


# --- the command line -----------------------------------------------------------------------------


@pytest.fixture
def months(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str, str]:
    monkeypatch.setenv("WRITEOFFS_PASS_PHRASE", PHRASE)
    for name, text in (("may.csv", MAY), ("june.csv", JUNE)):
        (tmp_path / name).write_bytes(tidy(text))
    return str(tmp_path / "p.writeoffs"), str(tmp_path / "may.csv"), str(tmp_path / "june.csv")


def test_months_are_kept_from_the_command_line(
    months: tuple[str, str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    kept, may, june = months
    assert main(["workspace", kept, may, "--json"]) == 1, "a row is held"
    first = capsys.readouterr().out
    assert json.loads(first) == contract.summary(read(may))
    assert main(["workspace", kept, "--json"]) == 1
    assert capsys.readouterr().out == first
    assert main(["workspace", kept, june, "--json"]) == 1, "a closed month changed"
    [change] = json.loads(capsys.readouterr().out)["changed"]
    assert (change["claim"], change["cause"]) == ("C1", "late_posting")
    assert main(["workspace", kept, "--json"]) == 1
    assert json.loads(capsys.readouterr().out) == contract.summary(read([may, june]))


def test_what_the_command_line_cannot_keep_is_one_line_and_exit_2(
    months: tuple[str, str, str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept, may, june = months

    def refused(*args: str) -> str:
        assert main(["workspace", *args, "--json"]) == 2
        out, err = capsys.readouterr()
        assert out == "" and err.count("\n") == 1
        return err

    assert "cannot be read" in refused(kept)
    assert main(["workspace", kept, may]) == 1
    capsys.readouterr()
    assert "holds the very file" in refused(kept, may)
    assert "no workspace" in refused(may, june) or "not a workspace" in refused(may, june)
    monkeypatch.setenv("WRITEOFFS_PASS_PHRASE", "another pass phrase")
    assert "pass phrase is another" in refused(kept, june)
    monkeypatch.setenv("WRITEOFFS_PASS_PHRASE", "short")
    assert "too short" in refused(kept + "2", june)
    monkeypatch.delenv("WRITEOFFS_PASS_PHRASE")
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    assert "WRITEOFFS_PASS_PHRASE" in refused(kept)


def test_a_new_pass_phrase_is_asked_for_twice_and_an_old_one_once(
    months: tuple[str, str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    kept, may, june = months
    monkeypatch.delenv("WRITEOFFS_PASS_PHRASE")
    monkeypatch.setattr(
        sys, "stdin", type("Terminal", (io.StringIO,), {"isatty": lambda _: True})()
    )
    typed = [PHRASE, PHRASE + "!", PHRASE, PHRASE, PHRASE]
    monkeypatch.setattr("getpass.getpass", lambda _: typed.pop(0))
    assert main(["workspace", kept, may]) == 2
    assert "differ" in capsys.readouterr().err and not Path(kept).exists()
    assert main(["workspace", kept, may]) == 1
    assert main(["workspace", kept, june]) == 1
    assert typed == []
