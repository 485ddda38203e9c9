"""Numbers and names as people read them, in tables of cases worked out by hand."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pandas as pd
import pytest

from writeoffs import wording

NOT_STATED = "not stated"
MISSING = [None, float("nan"), pd.NA, pd.NaT]
JAN_2024, MAR_2026 = 2024 * 12, 2026 * 12 + 2
WJ = "\u2060"


# --- rounding -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("value", "places", "expected"),
    [
        (Fraction(1, 2_000_000), 6, "0.000001"),
        (Fraction(-1, 2_000_000), 6, "-0.000001"),
        (Fraction(1, 2_000_001), 6, "0.000000"),
        (Fraction(2, 3), 6, "0.666667"),
        (0.0000005, 6, "0.000001"),
        (2.675, 2, "2.68"),
        (1.005, 2, "1.01"),
        (Decimal("0.125"), 2, "0.13"),
        (-0.125, 2, "-0.13"),
        (5, 0, "5"),
        (2.5, 0, "3"),
        (10**30 + 0.0, 1, "1" + "0" * 30 + ".0"),
    ],
)
def test_rounded_is_half_up(value: Any, places: int, expected: str):
    assert f"{wording.rounded(value, places):f}" == expected


@pytest.mark.parametrize(
    ("num", "den", "expected"),
    [
        (1, 2_000_000, 0.000001),
        (-1, 2_000_000, -0.000001),
        (1, 3, 0.333333),
        (427, 10_000, 0.0427),
        (3, 2, 1.5),
        (-5, 100, -0.05),
        (0, 100, 0.0),
        (10**17 + 1, 10**17, 1.0),
        (1, 0, None),
        (1, -100, None),
        (0, 0, None),
        (None, 100, None),
        (100, None, None),
        (pd.NA, 100, None),
    ],
)
def test_ratio(num: Any, den: Any, expected: float | None):
    assert wording.ratio(num, den) == expected


def test_ratio_to_other_places():
    assert wording.ratio(1, 8, places=2) == 0.13


@pytest.mark.parametrize(
    ("cents", "expected"),
    [
        ([1, 1, 1], [3334, 3333, 3333]),
        ([100], [10_000]),
        ([0, 5, 0], [0, 10_000, 0]),
        ([300, -100], [15_000, -5_000]),
        ([10**15, 1], [10_000, 0]),
        ([], None),
        ([0, 0], None),
        ([5, -5], None),
        ([5, -6], None),
    ],
)
def test_portions_add_up(cents: list[int], expected: list[int] | None):
    assert wording.portions(cents) == expected
    if expected is not None:
        assert sum(expected) == 10_000


@pytest.mark.parametrize(
    ("part", "expected"), [(5640, "$56.40"), (-203, "-$2.03"), (0, "under $0.01")]
)
def test_of_100(part: int, expected: str):
    assert wording.of_100(part) == expected


# --- numbers ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("cents", "expected"),
    [
        (821_000, "$8,210"),
        (821_049, "$8,210"),
        (821_050, "$8,211"),
        (-1_200, "-$12"),
        (-1_250, "-$13"),
        (0, "$0"),
        (100, "$1"),
        (99, "$0.99"),
        (40, "$0.40"),
        (-1, "-$0.01"),
        (123_456_789_00, "$123,456,789"),
        (9_223_372_036_854_775_807, "$92,233,720,368,547,758"),
    ],
)
def test_dollars(cents: int, expected: str):
    assert wording.dollars(cents) == expected


@pytest.mark.parametrize(
    ("cents", "expected"),
    [
        (99_999_999, "$1,000,000"),
        (100_000_000, "$1.0 M"),
        (124_999_999, "$1.2 M"),
        (125_000_000, "$1.3 M"),
        (-124_000_000, "-$1.2 M"),
        (99_994_999_999, "$999.9 M"),
        (99_995_000_000, "$1.0 B"),
        (5_000_000_000_000, "$50.0 B"),
        (821_000, "$8,210"),
    ],
)
def test_short_dollars(cents: int, expected: str):
    assert wording.dollars(cents, short=True) == expected


@pytest.mark.parametrize(
    ("cents", "expected"),
    [
        (821_035, "$8,210.35"),
        (-821_035, "\u2212$8,210.35"),
        (0, "$0.00"),
        (5, "$0.05"),
        (-5, "\u2212$0.05"),
        (123_456_789_012_345_678, "$1,234,567,890,123,456.78"),
    ],
)
def test_exact(cents: int, expected: str):
    assert wording.exact(cents) == expected


def test_dollars_with_cents_keep_the_keyboards_minus():
    assert wording.dollars(-821_035, True) == "-$8,210.35"


@pytest.mark.parametrize(
    ("fraction", "digits", "expected"),
    [
        (0.042, 1, "4.2%"),
        (0.0425, 1, "4.3%"),
        (-0.0425, 1, "-4.3%"),
        (0.042, 0, "4%"),
        (0.0005, 1, "0.1%"),
        (0.0004, 1, "0.0%"),
        (-0.0004, 1, "0.0%"),
        (0, 1, "0.0%"),
        (1, 1, "100.0%"),
        (12.345678, 2, "1,234.57%"),
    ],
)
def test_percent(fraction: float, digits: int, expected: str):
    assert wording.percent(fraction, digits) == expected


@pytest.mark.parametrize(
    ("delta", "expected"),
    [
        (0.042, "+4.2 points"),
        (-0.042, "-4.2 points"),
        (0.0, "0.0 points"),
        (-0.0001, "0.0 points"),
        (0.00049, "0.0 points"),
        (0.01, "+1.0 points"),
    ],
)
def test_points(delta: float, expected: str):
    assert wording.points(delta) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(41.25, "41.3 days"), (1, "1.0 day"), (0, "0.0 days"), (-2, "-2.0 days")],
)
def test_days(value: float, expected: str):
    assert wording.days(value) == expected


@pytest.mark.parametrize(
    ("n", "noun", "expected"),
    [
        (1, "claim", "1 claim"),
        (2, "claim", "2 claims"),
        (0, "claim", "0 claims"),
        (-1, "claim", "-1 claim"),
        (1_204_000, "claim", "1,204,000 claims"),
        (2, "entry", "2 entries"),
        (2, "day", "2 days"),
        (2, "visit loss", "2 visit losses"),
        (2, "batch", "2 batches"),
    ],
)
def test_count(n: int, noun: str, expected: str):
    assert wording.count(n, noun) == expected


def test_count_takes_an_odd_plural():
    assert wording.count(3, "person", "people") == "3 people"


def test_not_enough():
    assert wording.not_enough(2, 6) == "not enough history: 2 of 6 months"
    assert wording.not_enough(0, 1, "claim") == "not enough history: 0 of 1 claim"


@pytest.mark.parametrize("missing", MISSING)
@pytest.mark.parametrize(
    "say", [wording.dollars, wording.exact, wording.percent, wording.points, wording.days]
)
def test_what_is_missing_is_said_in_words(say: Any, missing: Any):
    assert say(missing) == NOT_STATED
    assert say(missing, missing="no balance column") == "no balance column"


@pytest.mark.parametrize("missing", MISSING)
def test_missing_counts_and_months_are_said_in_words(missing: Any):
    assert wording.count(missing, "claim") == NOT_STATED
    assert wording.month(missing) == "no date"


@pytest.mark.parametrize("endless", [float("inf"), float("-inf")])
def test_a_division_by_zero_is_no_number(endless: float):
    assert wording.percent(endless) == NOT_STATED


# --- months -------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("period", "expected"),
    [(JAN_2024, "Jan 2024"), (JAN_2024 + 11, "Dec 2024"), (MAR_2026, "Mar 2026")],
)
def test_month(period: int, expected: str):
    assert wording.month(period) == expected


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (JAN_2024, JAN_2024 + 17, "Jan 2024 to Jun 2025"),
        (JAN_2024, JAN_2024, "Jan 2024"),
        (JAN_2024, None, "from Jan 2024"),
        (None, JAN_2024, "up to Jan 2024"),
        (None, None, "no dates"),
    ],
)
def test_span(first: int | None, last: int | None, expected: str):
    assert wording.span(first, last) == expected


# --- axes ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("values", "unit", "texts"),
    [
        ([0.041, 0.062], "percent", ["4%", "5%", "6%", "7%"]),
        ([0.05, 0.05], "percent", ["4%", "5%", "6%"]),
        ([0.0, 0.0], "percent", ["0.0%", "0.5%", "1.0%"]),
        ([-0.02, 0.01], "percent", ["-2%", "-1%", "0%", "1%"]),
        ([0, 3_500_000], "dollars", ["$0", "$20,000", "$40,000"]),
        ([0, 350_000_000], "dollars", ["$0", "$2.0 M", "$4.0 M"]),
        ([30.0, 45.0], "days", ["30 days", "35 days", "40 days", "45 days"]),
        ([0, 0], "dollars", ["$0", "$0.20", "$0.40", "$0.60"]),
    ],
)
def test_scale(values: list[float], unit: Any, texts: list[str]):
    ticks, said = wording.scale(values, unit)
    assert said == texts
    assert len(ticks) == len(said)
    assert ticks[0] <= min(values) and max(values) <= ticks[-1]


@pytest.mark.parametrize(
    ("first", "last", "texts"),
    [
        (JAN_2024, JAN_2024, ["Jan<br>2024"]),
        (JAN_2024, JAN_2024 + 2, ["Jan<br>2024", "Feb", "Mar"]),
        (JAN_2024, JAN_2024 + 17, ["Jan<br>2024", "May", "Sep", "Jan<br>2025", "May"]),
        (JAN_2024 + 10, JAN_2024 + 12, ["Nov<br>2024", "Dec", "Jan<br>2025"]),
        (JAN_2024, JAN_2024 + 47, ["Jan<br>2024", "Jan<br>2025", "Jan<br>2026", "Jan<br>2027"]),
    ],
)
def test_month_ticks(first: int, last: int, texts: list[str]):
    months, said = wording.month_ticks(first, last)
    assert said == texts
    assert all(first <= month <= last for month in months)


@pytest.mark.parametrize("length", [1, 2, 3, 7, 12, 13, 25, 61, 300, 2_000])
@pytest.mark.parametrize("most", [2, 5])
def test_month_ticks_stay_few(length: int, most: int):
    for first in (JAN_2024, JAN_2024 + 5):
        assert 1 <= len(wording.month_ticks(first, first + length - 1, most)[0]) <= most


def test_say_writes_each_unit():
    assert wording.say("percent")(0.042) == "4.2%"
    assert wording.say("days")(41.2) == "41.2 days"
    assert wording.say("dollars")(821_000.0) == "$8,210"
    assert wording.say("dollars")(None) == NOT_STATED


# --- text that came with the data ---------------------------------------------------------------
@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("Aetna", "Aetna"),
        ('<a href="http://x">', '&lt;a href="http://x"&gt;'),
        ("A & B", "A &amp; B"),
        ("%{meta.alt} 5%", "%&#123;meta.alt} 5%"),
        ("&lt;b&gt;", "&amp;lt;b&amp;gt;"),
        ("one\ntwo\tthree\x00", "one two three "),
        ("safe\u202etxt", "safetxt"),
        (None, ""),
        ("None", "None"),
        ("nan", "nan"),
        (17, "17"),
    ],
)
def test_plain(typed: Any, expected: str):
    assert wording.plain(typed) == expected


@pytest.mark.parametrize("mark", list("\\`*_{}[]()#+-.!|<>$:~&"))
def test_md_escapes_every_metacharacter(mark: str):
    assert wording.md(f"a{mark}b") == f"a\\{mark}b"
    assert wording.md(f"a{mark * 2}") == "a" + f"\\{mark}" * 2


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("![x](http://e.co/x.png)", rf"\!\[x\]\(http{WJ}\:\/\/e\.co\/x\.png\)"),
        ("www.evil.com", rf"www{WJ}\.evil\.com"),
        ("HTTPS://e.co", rf"HTTPS{WJ}\:\/\/e\.co"),
        ("a@b.co", rf"a{WJ}\@b\.co"),
        (":red[x]", r"\:red\[x\]"),
        (":streamlit:", rf"\:{WJ}streamlit\:"),
        ("a -> b", rf"a \-{WJ}\> b"),
        ("a <-> b", rf"a \<{WJ}\-\> b"),
        ("a -- b", rf"a \-{WJ}\- b"),
        ("a >= b", rf"a \>{WJ}\= b"),
        ("a->b", r"a\-\>b"),
        ("one\n# two", r"one \# two"),
        ("1. Aetna", r"1\. Aetna"),
        ("Blue Cross 365", "Blue Cross 365"),
        (None, ""),
    ],
)
def test_md(typed: Any, expected: str):
    assert wording.md(typed) == expected


@pytest.mark.parametrize("first", list("=+-@\t\r\n\0\uff1d\uff0b\uff0d\uff20"))
def test_safe_cell_stops_a_formula(first: str):
    assert wording.safe_cell(first + "cmd") == f"'{first}cmd"


@pytest.mark.parametrize("text", ["", "Aetna", "'quoted'", "1=1", " =1", "CO-45", "O'Neil"])
def test_safe_cell_leaves_other_text(text: str):
    assert wording.safe_cell(text) == text


@pytest.mark.parametrize("text", ["=1+1", "'=1+1", "''@x", "'tis", "-12.50", "", "Aetna", "'"])
def test_a_cell_comes_back_as_it_was(text: str):
    assert wording.raw_cell(wording.safe_cell(text)) == text


# --- lengths on screen --------------------------------------------------------------------------
def test_wide_characters_take_more_room():
    assert wording.width("WWW", 10) > wording.width("iii", 10)
    assert wording.width("\u4fdd\u967a", 10) == 20
    assert wording.width("ab", 20) == 2 * wording.width("ab", 10)


def test_clip_says_that_it_cut():
    assert wording.clip("Aetna", 100, 14) == "Aetna"
    cut = wording.clip("Blue Cross Blue Shield of Illinois", 100, 14)
    assert cut.startswith("Blue Cross") and cut.endswith("…") and not cut.endswith(" …")
    assert wording.width(cut, 14) <= 100
    assert wording.clip("Aetna", 1, 14) == "…"


def test_wrap_keeps_every_word_and_every_line_fits():
    text = "UnitedHealthcare: late filing cost $8,210 since March"
    lines = wording.wrap(text, 150, 14)
    assert " ".join(lines) == text
    assert len(lines) > 1 and all(wording.width(line, 14) <= 150 for line in lines)
    assert wording.wrap("", 150, 14) == []
    assert wording.wrap("x" * 100, 150, 14)[0].endswith("…")
