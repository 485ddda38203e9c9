"""Parquet: every value as a person would have typed it, and no file that brings the reader down."""

from __future__ import annotations

import io
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet as pq
from support import summary_of

from writeoffs import summary as contract
from writeoffs.problems import Unreadable
from writeoffs.readers import parquet, read_bytes
from writeoffs.readers.raw import RawTable
from writeoffs.reading import read


def written(columns: dict[str, Any] | pa.Table, **options: Any) -> bytes:
    out = io.BytesIO()
    pq.write_table(columns if isinstance(columns, pa.Table) else pa.table(columns), out, **options)
    return out.getvalue()


def texts(table: RawTable, heading: str) -> list[str]:
    column = table.columns[heading]
    return [column.cell(i) for i in range(len(column))]


def typed(values: pa.Array) -> list[str] | None:
    """One column's values as text; None when it was left out."""
    rows = pa.array([f"row {i}" for i in range(len(values))])
    table = read_bytes(written({"Claim": rows, "x": values}), "x.parquet")
    return texts(table, "x") if "x" in table.columns else None


# --- values ---------------------------------------------------------------------------------------

UTC = pa.timestamp("us", tz="UTC")
CHICAGO = pa.timestamp("us", tz="America/Chicago")
VALUES: dict[str, tuple[pa.Array, list[str]]] = {
    "text": (pa.array(["007", None, " a ", "NA"]), ["007", "", " a ", "NA"]),
    "large text": (pa.array(["a", None], pa.large_string()), ["a", ""]),
    "text view": (pa.array(["a", None], pa.string_view()), ["a", ""]),
    "text not marked as text": (pa.array([b"Caf\xc3\xa9", None]), ["Café", ""]),
    "whole numbers are not rescaled": (pa.array([12000, None, -5]), ["12000", "", "-5"]),
    "small and unsigned": (pa.array([255, 0], pa.uint8()), ["255", "0"]),
    "ids of 18 digits": (pa.array([123456789012345678]), ["123456789012345678"]),
    "exact decimals": (
        pa.array([Decimal("1234567.10"), None, Decimal("-0.05"), Decimal("0.00")]),
        ["1234567.10", "", "-0.05", "0.00"],
    ),
    "decimals finer than a cent": (pa.array([Decimal("12.3450000")]), ["12.3450000"]),
    "a tiny decimal without an exponent": (pa.array([Decimal("0.0000001")]), ["0.0000001"]),
    "wide decimals": (pa.array([Decimal("1.50")], pa.decimal256(50, 2)), ["1.50"]),
    "numbers": (
        pa.array([200.0, 19.99, None, float("nan"), -1.5, 0.1 + 0.2]),
        ["200", "19.99", "", "", "-1.50", "0.30"],
    ),
    "a number that cannot be": (pa.array([float("inf"), 1e300]), ["inf", str(int(1e300))]),
    "numbers finer than a cent": (pa.array([12.345]), ["12.345"]),
    "numbers of half the digits": (
        pa.array([19.99, None, 1e-3, 120.0], pa.float32()),
        ["19.99", "", "0.001", "120"],
    ),
    "yes and no": (pa.array([True, False, None]), ["TRUE", "FALSE", ""]),
    "days": (pa.array([date(2026, 1, 5), None]), ["2026-01-05", ""]),
    "days in milliseconds": (pa.array([date(2026, 1, 5)], pa.date64()), ["2026-01-05"]),
    "times of a day": (
        pa.array([datetime(2026, 1, 5, 23, 59), None, datetime(1969, 12, 31, 1)]),
        ["2026-01-05", "", "1969-12-31"],
    ),
    "times in seconds": (pa.array([datetime(2026, 1, 5, 1)], pa.timestamp("s")), ["2026-01-05"]),
    "times in Greenwich": (pa.array([datetime(2026, 1, 5, 23, 59)], UTC), ["2026-01-05"]),
    "midnight in Chicago": (pa.array([datetime(2026, 1, 5, 6, 0)], CHICAGO), ["2026-01-05"]),
    "an hour": (pa.array([time(14, 30)], pa.time32("s")), ["14:30:00"]),
    "coded text": (pa.array(["a", None, "b", "a"]).dictionary_encode(), ["a", "", "b", "a"]),
    "coded numbers": (pa.array([1.5, None, 1.5]).dictionary_encode(), ["1.50", "", "1.50"]),
    "nothing": (pa.nulls(2), ["", ""]),
    "numbers that become one text": (pa.array([0.3, 0.1 + 0.2, -0.0, 0.0]), ["0.30", "0.30", "0", "0"]),
}  # fmt: skip


@pytest.mark.parametrize(("values", "expected"), VALUES.values(), ids=VALUES)
def test_a_value_becomes_what_a_person_would_have_typed(
    values: pa.Array, expected: list[str]
) -> None:
    assert typed(values) == expected


@given(st.lists(st.none() | st.integers(-(10**12), 10**12), min_size=1), st.sampled_from([1, 3]))
def test_cents_survive_as_floats_and_as_decimals(cents: list[int | None], group: int) -> None:
    exact = [None if c is None else Decimal(c).scaleb(-2) for c in cents]
    floats = [None if c is None else c / 100 for c in cents]
    data = written(
        {
            "Claim": [str(i) for i in range(len(cents))],
            "exact": pa.array(exact, pa.decimal128(18, 2)),
            "float": pa.array(floats, pa.float64()),
        },
        row_group_size=group,
    )
    table = read_bytes(data, "x.parquet")
    for heading in ("exact", "float"):
        back = [Decimal(t) if t else None for t in texts(table, heading)]
        assert back == exact


def test_distinct_texts_are_kept_once_over_many_row_groups() -> None:
    payers = ["Aetna", "Cigna", None] * 400
    table = read_bytes(
        written({"Payer": payers, "Charge": [1.0] * 1200}, row_group_size=100), "x.parquet"
    )
    assert sorted(table.columns["Payer"].texts()) == ["", "Aetna", "Cigna"]
    assert texts(table, "Payer") == [p or "" for p in payers]


# --- columns --------------------------------------------------------------------------------------


def test_lists_and_records_are_left_out_and_named() -> None:
    data = written(
        {
            "Claim": ["1", "2"],
            "lines": pa.array([[1], [2, 3]]),
            "Charge": [1.0, 2.0],
            "patient": pa.array([{"a": 1}, {"a": 2}]),
            "raw": pa.array([b"\xff\xfe", b"\x80"]),
        }
    )
    table = read_bytes(data, "x.parquet")
    assert table.headings == ["Claim", "Charge"]
    assert table.notes == (
        "left out, because they hold lists or records: lines, patient",
        "left out, because they hold no text, number or date: raw",
    )


def test_headings_that_repeat_or_have_dots_keep_their_own_cells() -> None:
    made = pa.table([["1"], [5.0], [7.0], [9.0]], names=["Claim", "Paid", "Paid", "a.b"])
    table = read_bytes(written(made), "x.parquet")
    assert {h: texts(table, h) for h in table.headings} == {
        "Claim": ["1"],
        "Paid": ["5"],
        "Paid [2]": ["7"],
        "a.b": ["9"],
    }


def test_row_numbers_of_a_pandas_frame_are_no_column() -> None:
    frame = pd.DataFrame({"Claim": ["1", "2"], "Charge": [1.0, 2.0]}, index=[7, 9])
    out = io.BytesIO()
    frame.to_parquet(out)
    table = read_bytes(out.getvalue(), "x.parquet")
    assert table.headings == ["Claim", "Charge"]
    assert table.notes == ("the row numbers stored with the table were left out",)


def test_a_total_row_is_set_aside_as_in_a_text_file() -> None:
    data = written({"Claim": ["1", "2", "Total"], "Charge": [1.0, 2.0, 3.0]})
    table = read_bytes(data, "x.parquet")
    assert (len(table), table.totals[0].cells) == (2, {"Claim": "Total", "Charge": "3"})


# --- the same figures as CSV ----------------------------------------------------------------------

WIDE = """
    Claim,DOS,Payer,Charge,Ins Paid,Adjustment,Pt Resp
    00123,2026-01-05,Aetna,200.00,120.00,60.00,20.00
    00124,2026-01-06,NA,150.10,100.05,40.05,10.00
    00125,2026-02-07,,100.00,,30.00,
"""


@pytest.mark.parametrize("options", [{}, {"compression": "zstd"}, {"row_group_size": 1}])
def test_an_export_gives_the_same_figures_as_parquet_and_as_text(options: dict[str, Any]) -> None:
    money = pa.decimal128(12, 2)
    data = written(
        pa.table(
            {
                "Claim": ["00123", "00124", "00125"],
                "DOS": [date(2026, 1, 5), date(2026, 1, 6), date(2026, 2, 7)],
                "Payer": pa.array(["Aetna", "NA", None]).dictionary_encode(),
                "Charge": pa.array([Decimal("200"), Decimal("150.10"), Decimal("100")], money),
                "Ins Paid": [120.0, 100.05, None],
                "Adjustment": np.array([60.0, 40.05, 30.0], dtype=np.float32),
                "Pt Resp": [20, 10, None],
            }
        ),
        **options,
    )
    ours = contract.summary(read(("file1.parquet", data)), ("payer",), "service")
    assert ours["totals"] == summary_of(WIDE)["totals"]
    assert ours["groups"] == summary_of(WIDE, by=["payer"])["groups"]


# --- refusals -------------------------------------------------------------------------------------

GOOD = written({"Claim": ["1", "2"] * 500, "Charge": [1.0, 2.0] * 500})


def refusal(data: bytes) -> Unreadable:
    with pytest.raises(Unreadable) as caught:
        read_bytes(data, "export.parquet")
    assert caught.value.hint
    return caught.value


def test_a_file_cut_short_or_encrypted_is_refused() -> None:
    for data in (GOOD[:-20], GOOD[: len(GOOD) // 2], b"PAR1", b"PARE" + GOOD[4:-4] + b"PARE"):
        assert refusal(data).problem.kind == "bad_parquet"


def test_no_rows_and_no_usable_column_are_refused() -> None:
    assert refusal(written({"Claim": pa.array([], pa.string())})).problem.kind == "no_rows"
    lists = written({"lines": pa.array([[1], [2]])})
    assert refusal(lists).problem.kind == "bad_parquet"


def test_the_message_of_the_library_never_reaches_the_person() -> None:
    message = str(refusal(GOOD[:-20]))
    assert message.startswith("export.parquet: this Parquet file is damaged")
    assert not any(word in message for word in ("Arrow", "thrift", "magic", "footer"))


@given(
    st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), min_size=1, max_size=8)
)
def test_any_bytes_changed_end_in_a_table_or_a_refusal(changes: list[tuple[int, int]]) -> None:
    data = bytearray(GOOD)
    for at, byte in changes:
        data[at] = byte
    try:
        table = read_bytes(bytes(data), "x.parquet")
    except Unreadable as error:
        assert error.problem.kind
    else:
        assert table.rows_read == len(table) + len(table.held)


def test_a_small_file_of_very_many_rows_is_refused_before_it_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = 12_000_000
    flat = pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, np.int8)), pa.array(["x" * 1000]))
    data = written({"Claim": flat}, max_rows_per_page=rows, data_page_size=2**30)
    assert len(data) < 60_000

    def never(*_: object, **__: object) -> None:
        raise AssertionError("it was read")

    monkeypatch.setattr(pq.ParquetFile, "read", never)
    assert refusal(data).problem.kind == "unpacked_too_large"


def test_very_many_columns_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "MOST_COLUMNS", 5)
    assert refusal(written({f"c{i}": [1] for i in range(6)})).problem.kind == "sheet_too_wide"
    assert len(read_bytes(written({f"c{i}": [1] for i in range(5)}), "x").headings) == 5


def test_a_long_text_that_repeats_is_held_once() -> None:
    """A hundred thousand letters in each of ten thousand rows would be a gigabyte."""
    long = pa.array(["x" * 100_000] * 10_000)
    data = written({"Claim": [str(i) for i in range(10_000)], "Note": long})
    before = pa.total_allocated_bytes()
    table = read_bytes(data, "x.parquet")
    assert len(table.columns["Note"].texts()) == 1
    assert pa.total_allocated_bytes() - before < 50_000_000
