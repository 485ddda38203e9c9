"""Dates: what each spelling is, one order a column, and what cannot be a date of service."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from writeoffs import dates
from writeoffs.dates import DMY, MDY, parse_date, parse_dates

FIFTH = date(2026, 1, 5)
SPELLINGS = [
    "2026-01-05",
    "2026/1/5",
    "2026.01.05",
    "20260105",
    "2026-01-05 14:30:00",
    "2026-01-05T23:30:00-05:00",
    "01/05/2026",
    "1/5/26",
    "01-05-2026",
    "1.5.2026",
    "01/05/2026 12:00 AM",
    "01/05/2026, 09:15",
    "5-Jan-2026",
    "05 Jan 26",
    "5/JAN/2026",
    "Jan 5, 2026",
    "January 5th 2026",
    "Jan. 5 2026",
    "46027",
    "46027.5",
]


@pytest.mark.parametrize("text", SPELLINGS)
def test_a_spelling_is_the_fifth_of_january(text: str) -> None:
    assert parse_date(text) == FIFTH


@pytest.mark.parametrize("text", ["05/01/2026", "5-1-26", "05.01.2026"])
def test_the_order_of_the_column_decides(text: str) -> None:
    assert parse_date(text, DMY) == FIFTH
    assert parse_date(text, MDY) == date(2026, 5, 1)


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-30",
        "0000-00-00",
        "1899-12-30",
        "2101-01-01",
        "26-1-5",
        "13/13/2026",
        "Foo 5 2026",
        "5-Foo-2026",
        "tomorrow",
        "2026",
        "1234567",
        "99999999",
        "12/2026",
    ],
)
def test_what_cannot_be_a_day_is_none(text: str) -> None:
    assert parse_date(text) is None


@pytest.mark.parametrize(("text", "year"), [("1/5/49", 2049), ("1/5/50", 1950), ("1/5/00", 2000)])
def test_a_two_digit_year_is_1950_to_2049(text: str, year: int) -> None:
    found = parse_date(text)
    assert found is not None and found.year == year


def test_evidence_counts_what_each_numeric_date_shows() -> None:
    texts = ["01/13/2026", "13/01/2026", "02/03/2026", "05/05/2026", "2026-01-05", "", "13/13/2026"]
    assert dates.order_evidence(texts) == (1, 1, 1)


def test_blanks_are_no_date_and_not_bad() -> None:
    found = parse_dates(["", " ", "-", "2026-01-05", "soon"])
    assert np.isnat(found.days).tolist() == [True, True, True, False, True]
    assert found.bad.tolist() == [False, False, False, False, True]


def test_a_lone_day_far_beyond_the_others_is_a_typing_error() -> None:
    found = parse_dates(["2026-01-05", "2026-01-06", "2026-01-07", "2062-01-05"])
    assert found.bad.tolist() == [False, False, False, True]
    assert np.isnat(found.days[3])


def test_a_long_history_is_no_typing_error() -> None:
    texts = [f"{year}-06-15" for year in range(2010, 2027)]
    assert not parse_dates(texts).bad.any()


def test_two_days_alone_cannot_show_which_is_wrong() -> None:
    assert not parse_dates(["2020-01-01", "2062-01-01"]).bad.any()


@pytest.mark.parametrize(
    ("texts", "share"),
    [
        (["2026-01-05", "x"], 0.5),
        (["46023", "46024"], 0.0),
        (["", " "], 0.0),
        (["13/01/2026", "01/13/2026"], 1.0),
    ],
)
def test_the_share_of_dates_counts_serial_numbers_for_nothing(
    texts: list[str], share: float
) -> None:
    assert dates.share_of_dates(texts) == share


def test_months_are_numbered_in_order_and_no_date_is_minus_one() -> None:
    days = np.array(["2026-01-31", "2026-02-01", "NaT", "1969-12-31"], dtype="datetime64[D]")
    assert dates.month_of(days).tolist() == [2026 * 12, 2026 * 12 + 1, -1, 1969 * 12 + 11]


days_of_service = st.dates(date(1950, 1, 1), date(2100, 12, 31))


@given(
    days_of_service, st.sampled_from(["%Y-%m-%d", "%m/%d/%Y", "%Y%m%d", "%d %b %Y", "%B %d, %Y"])
)
def test_a_printed_day_reads_back_as_itself(day: date, pattern: str) -> None:
    assert parse_date(day.strftime(pattern)) == day


@given(days_of_service)
def test_day_first_reads_back_under_its_own_order(day: date) -> None:
    assert parse_date(day.strftime("%d/%m/%Y"), DMY) == day


@given(days_of_service)
def test_the_month_of_a_day_is_its_year_and_month(day: date) -> None:
    found = dates.month_of(np.array([day], dtype="datetime64[D]"))
    assert divmod(int(found[0]), 12) == (day.year, day.month - 1)


@given(st.text(max_size=14))
def test_no_text_at_all_raises(text: str) -> None:
    found = parse_dates([text])
    assert len(found.days) == 1


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("Jan 2026", date(2026, 1, 1)),
        ("January 2026", date(2026, 1, 1)),
        ("sept-26", date(2026, 9, 1)),
        ("2026-02", date(2026, 2, 1)),
        ("2/2026", date(2026, 2, 1)),
        ("13/2026", None),
        ("Jan", None),
        ("202602", None),
        ("Foo 2026", None),
        ("2026-02-01", None),
        ("", None),
    ],
)
def test_a_month_is_its_first_day_and_nothing_else_is_a_month(
    text: str, month: date | None
) -> None:
    assert dates.parse_month(text) == month
