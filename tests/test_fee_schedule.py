"""A fee schedule: read with its errors said, matched to lines by payer, code, modifier and date."""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from writeoffs import fee_schedule, keeping
from writeoffs.fee_schedule import Schedule, marks, rates, read
from writeoffs.judgements import PayerAliases
from writeoffs.problems import BadRequest, Unreadable


def schedule(text: str) -> Schedule:
    return read(("fees.csv", "\n".join(s.strip() for s in text.strip().splitlines()).encode()))


def lines(*rows: tuple[str | None, str | None, str | None, str | None, float]) -> pd.DataFrame:
    """Lines of payer, code, modifier, day and units."""
    frame = pd.DataFrame(rows, columns=["payer", "procedure", "modifier", "service_date", "units"])
    for name in ("payer", "procedure", "modifier"):
        frame[name] = frame[name].astype("str").where(frame[name].notna()).astype("category")
    frame["service_date"] = pd.to_datetime(frame["service_date"]).astype("datetime64[s]")
    return frame.assign(quantity=(frame["units"] * 100).round().astype("int64"))


def rate(text: str, *line: object) -> int | None:
    """What a schedule says of one line: payer, code, modifier, day, units."""
    cells = [*line, *("Aetna", "99213", None, "2026-01-05", 1.0)[len(line) :]]
    [found] = rates(schedule(text), lines(tuple(cells)))
    return None if pd.isna(found) else int(found)


DATED = """Payer,Code,Modifier,Allowed,From,To
           Aetna,99213,,115.24,,
           Aetna,99213,,104.87,2025-10-01,
           Aetna,99214,,150.00,2026-01-01,2026-12-31
           ,99213,,90.00,,
           ,93000,,20.00,,
           Aetna,93000,26,8.50,,
           Aetna,99213,25,101.00,,"""


@pytest.mark.parametrize(
    ("line", "cents"),
    [
        (("Aetna", "99213", None, "2025-09-30"), 11524),
        (("Aetna", "99213", None, "2025-10-01"), 10487),
        (("  AETNA ", "99213"), 10487),
        (("Cigna", "99213"), 9000),  # the rate for every payer
        ((None, "99213"), 9000),
        (("Aetna", "99213", "25"), 10100),  # a rate for just these modifiers
        (("Aetna", "99213", "95"), 10487),  # telehealth does not change the price by itself
        (("Aetna", "99213", "26"), None),  # the professional part is another price
        (("Aetna", "93000", "26"), 850),
        (("Aetna", "93000", "26,59"), 850),
        (("Aetna", "93000", "59 26"), 850),
        (("Cigna", "93000", "26"), None),
        (("Aetna", "93000"), 2000),
        (("Aetna", "99214", None, "2025-12-31"), None),
        (("Aetna", "99214", None, "2026-12-31"), 15000),
        (("Aetna", "99214", None, "2027-01-01"), None),
        (("Aetna", "99213", None, None), None),  # no date, and the price changed
        (("Cigna", "99213", None, None), 9000),  # no date, and it never did
        (("Aetna", None), None),
        (("Aetna", "G0439"), None),
        (("Aetna", "99213", None, "2026-01-05", 3.0), 31461),
        (("Aetna", "93000", "26", "2026-01-05", 0.5), 425),
    ],
)
def test_which_rate_holds_for_a_line(line: tuple[object, ...], cents: int | None):
    assert rate(DATED, *line) == cents


def test_half_a_cent_is_rounded_up():
    assert rate("Code,Allowed\n99213,0.01", "Aetna", "99213", None, "2026-01-05", 0.5) == 1


def test_headings_of_others_and_the_marks_of_money():
    found = schedule("""CPT Code,Insurance,Contracted Rate,Effective Date,Term Date
                        99213,Aetna,"$1,104.50",1/1/2026,12/31/2026""")
    assert found.rows.to_dict("records") == [
        {
            "payer": "Aetna",
            "code": "99213",
            "modifier": "",
            "allowed": 110450,
            "since": pd.Timestamp("2026-01-01"),
            "until": pd.Timestamp("2026-12-31"),
        }
    ]
    assert found.notes == ()


def test_a_workbook_reads_like_a_csv():
    book = openpyxl.Workbook()
    for row in (["Payer", "CPT", "Allowed"], ["Aetna", 99213, 110], ["Cigna", "99213", 98.5]):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    found = read(("fees.xlsx", out.getvalue()))
    assert found.rows[["payer", "code", "allowed"]].to_numpy().tolist() == [
        ["Aetna", "99213", 11000],
        ["Cigna", "99213", 9850],
    ]


def test_rows_that_cannot_be_used_are_named_with_their_reason():
    found = schedule("""Payer,Code,Allowed,From,To
                        Aetna,99213,110.00,,
                        Aetna,99214,see contract,,
                        Aetna,,90.00,,
                        Aetna,99215,90.00,2026-13-45,
                        Aetna,99212,90.00,2026-05-01,2026-04-01
                        Aetna,99203,-5.00,,""")
    assert found.rows["code"].tolist() == ["99213"]
    assert found.notes == (
        "2 rows left out for no amount that can be read: row 2, 6",
        "1 row left out for no code: row 3",
        "1 row left out for a date that cannot be read: row 4",
        "1 row left out for an end before its beginning: row 5",
    )


def test_a_rate_said_twice_counts_once_and_two_that_disagree_not_at_all():
    found = schedule("""Payer,Code,Allowed,From,To
                        Aetna,99213,110.00,,
                        aetna,99213,110.00,,
                        Aetna,99214,150.00,,
                        AETNA,99214,155.00,,
                        Cigna,99213,98.00,2026-01-01,2026-06-30
                        Cigna,99213,99.00,2026-06-30,
                        Cigna,99214,99.00,2026-01-01,2026-06-30
                        Cigna,99214,100.00,2026-07-01,""")
    assert found.rows["code"].tolist() == ["99213", "99214", "99214"]
    assert found.notes == (
        "1 rate stands twice; counted once",
        "4 rows left out for another rate for the same payer, code and day: row 3, 4, 5, 6",
    )


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"Payer,Allowed\nAetna,1.00\n", "no column of procedure codes"),
        (b"Payer,Code\nAetna,99213\n", "no column of allowed amounts"),
        (b"Payer,Code,Allowed\nAetna,99213,none\n", "holds no rate that can be used"),
    ],
)
def test_what_is_no_schedule_says_so_in_a_sentence(data: bytes, said: str):
    with pytest.raises(BadRequest, match=said):
        read(("fees.csv", data))


def test_what_is_no_table_says_so():
    with pytest.raises(Unreadable):
        read(("fees.pdf", b"%PDF-1.7 ..."))
    with pytest.raises(BadRequest, match="cannot be opened"):
        read(Path("nowhere") / "fees.csv")


def test_payers_are_named_as_the_ledger_charts_them():
    found = schedule("Payer,Code,Allowed\nAetna Better Health,99213,110.00\n,99214,90.00")
    named = found.charted(PayerAliases({"aetna better health": "Aetna"}).charted)
    assert named.rows["payer"].tolist() == ["", "Aetna"]
    assert rates(named, lines(("Aetna", "99213", None, "2026-01-05", 1.0))).tolist() == [11000]


def test_two_names_that_become_one_may_contradict_each_other():
    found = schedule("Payer,Code,Allowed\nAetna,99213,110.00\nAetna PPO,99213,120.00")
    named = found.charted(PayerAliases({"Aetna PPO": "Aetna"}).charted)
    assert not len(named)
    assert "another rate for the same payer" in named.notes[-1]


def test_marks_tell_price_changing_modifiers_from_others():
    assert marks("25") == ("25", "")
    assert marks("rt, 26") == ("26,RT", "26")


def test_a_schedule_is_kept_on_this_computer_and_given_up_again(tmp_path, monkeypatch):
    monkeypatch.setenv(keeping.HOME, str(tmp_path))
    assert fee_schedule.kept() == (None, "")
    mine = schedule(DATED)
    fee_schedule.keep(mine)
    again, note = fee_schedule.kept()
    assert note == "" and again is not None
    pd.testing.assert_frame_equal(again.rows, mine.rows)
    assert again.name == "fees.csv"
    fee_schedule.keep_none()
    assert fee_schedule.kept() == (None, "")


@pytest.mark.parametrize(
    "text",
    [
        '{"version": 1, "fee_schedule": [["Aetna", "99213", "", "110", "", ""]]}',
        '{"version": 1, "fee_schedule": [["Aetna", "99213", "", 110, "soon", ""]]}',
        '{"version": 1, "fee_schedule": {}}',
        '{"fee_schedule": []}',
        '{"version": 1, "fee_schedule": [["Aetna", "99213", "", 110, "2026-02-31", ""]]}',
        '{"version": 1, "fee_schedule": [["Aetna", "99213", "", 110, "2026-02-01", "2026-01-01"]]}',
        '{"version": 1, "fee_schedule": [["Aetna", "99213", "", -110, "", ""]]}',
        '{"version": 1, "fee_schedule": [["Aetna", "99213", "", 99999999999999999999, "", ""]]}',
        '{"version": 1, "fee_schedule": [["Aetna\\ud800", "99213", "", 110, "", ""]]}',
        '{"version": 1, "fee_schedule": [["Aetna", "99213", "", 110, "", ""]], "name": []}',
    ],
)
def test_a_damaged_kept_schedule_is_set_aside(text: str, tmp_path, monkeypatch):
    monkeypatch.setenv(keeping.HOME, str(tmp_path))
    (tmp_path / fee_schedule.KEPT).write_text(text)
    found, note = fee_schedule.kept()
    assert found is None and "set aside" in note


@pytest.mark.parametrize("never", ["12/31/9999", "9999-12-31", "99991231", "12/31/2099"])
def test_a_rate_for_ever_and_one_for_years_ahead_are_used(never: str):
    # Three others end in 2024: a contract may still be agreed for long after them.
    text = f"""Code,Allowed,From,To
               99211,5,01/01/2024,{never}
               99212,6,01/01/2030,
               99213,7,01/01/2024,12/31/2024
               99214,8,01/01/2024,12/31/2024
               99215,9,01/01/2024,12/31/2024"""
    assert schedule(text).notes == ()
    assert rate(text, "Aetna", "99211", None, "2031-01-05") == 500
    assert rate(text, "Aetna", "99212", None, "2029-01-05") is None
    assert rate(text, "Aetna", "99212", None, "2030-01-05") == 600
    assert rate(text, "Aetna", "99213", None, "2031-01-05") is None


def test_a_long_rate_contradicts_every_one_inside_of_it():
    text = """Code,Allowed,From,To
              99213,5,2020-01-01,2026-12-31
              99213,6,2021-01-01,2021-12-31
              99213,7,2024-01-01,2024-12-31
              99213,8,2027-01-01,"""
    found = schedule(text)
    assert list(found.rows["allowed"]) == [800]
    assert "row 1, 2, 3" in found.notes[0]


def test_rows_that_do_not_fit_the_headings_and_absurd_amounts_are_named():
    found = schedule("""Code,Allowed
                        99213,50
                        99214,60,7
                        99215,10000000.01""")
    assert list(found.rows["allowed"]) == [5000]
    assert found.notes == (
        "1 row left out for cells that do not fit the headings: row 2",
        "1 row left out for an amount above $10 million for one unit: row 3",
    )


def test_a_schedule_of_nothing_but_contradictions_is_refused_and_says_why():
    with pytest.raises(BadRequest, match="another rate for the same payer"):
        schedule("""Code,Allowed
                    99213,50
                    99213,60""")


def test_a_newer_kept_schedule_is_left_as_it_is(tmp_path, monkeypatch):
    monkeypatch.setenv(keeping.HOME, str(tmp_path))
    (tmp_path / fee_schedule.KEPT).write_text('{"version": 2, "fee_schedule": []}')
    found, note = fee_schedule.kept()
    assert found is None and "newer version" in note
    assert (tmp_path / fee_schedule.KEPT).exists()


names = st.sampled_from(["Aetna", "Cigna", ""])
some_codes = st.sampled_from(["99213", "99214"])
some_marks = st.sampled_from(["", "26", "25"])
some_days = st.one_of(
    st.none(), st.integers(0, 40).map(lambda d: f"2026-{1 + d // 28:02d}-{1 + d % 28:02d}")
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(names, some_codes, some_marks, st.integers(1, 9), some_days),
        min_size=1,
        max_size=8,
    ),
    st.lists(st.tuples(names, some_codes, some_marks, some_days), min_size=1, max_size=8),
)
def test_matching_is_that_of_a_plain_search(listed, asked):
    """Open-ended rates: the newest that has begun, of the first ground that has any at that day."""
    text = "Payer,Code,Modifier,Allowed,From\n" + "\n".join(
        f"{p},{c},{m},{a}.00,{d or ''}" for p, c, m, a, d in listed
    )
    kept = schedule(text).rows
    rows = lines(*((p or None, c, m or None, d, 1.0) for p, c, m, d in asked))

    def plain(p, c, m, d):
        pricing = "26" if m == "26" else ""
        for payer in (p, "") if p else ("",):
            for mark in (m, pricing):
                of = kept[
                    (kept["payer"] == payer) & (kept["code"] == c) & (kept["modifier"] == mark)
                ]
                if d is None and len(of):
                    sure = len(of) == 1 and of["since"].isna().all()
                    return int(of["allowed"].iloc[0]) if sure else None
                of = of[of["since"].isna() | (of["since"] <= pd.Timestamp(d or "2000"))]
                if len(of):
                    return int(of.sort_values("since", na_position="first")["allowed"].iloc[-1])
        return None

    found = [None if pd.isna(x) else int(x) for x in rates(schedule(text), rows)]
    assert found == [plain(*one) for one in asked]
