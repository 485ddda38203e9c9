"""Amounts: what each spelling is worth, what is refused and why, and ratios that round once."""

from __future__ import annotations

from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from writeoffs import money
from writeoffs.money import NOT_STATED, READ, UNREADABLE, parse_amounts


def one(text: str, decimal: str = ".") -> tuple[int, int]:
    """State and cents of one text."""
    found = parse_amounts(pa.array([text]), decimal)
    return int(found.state[0]), int(found.cents[0])


READS = {
    "0": 0,
    "0.00": 0,
    "-0.00": 0,
    "12": 1200,
    "12.": 1200,
    "12.5": 1250,
    "12.05": 1205,
    "12.50": 1250,
    ".5": 50,
    "-.05": -5,
    "0.29": 29,
    "1.15": 115,
    "4.35": 435,
    "19.99": 1999,
    "12.500": 1250,
    "12.0000": 1200,
    " 12.00 ": 1200,
    "$12.00": 1200,
    "$ 12.00": 1200,
    "+12.00": 1200,
    "-12.00": -1200,
    "- 12.00": -1200,
    "12.00-": -1200,
    "12.00 -": -1200,
    "(12.00)": -1200,
    "( 12.00 )": -1200,
    "($12.00)": -1200,
    "$(12.00)": -1200,
    "-$12.00": -1200,
    "$-12.00": -1200,
    "\u221212.00": -1200,
    "\u201312.00": -1200,
    "1,200.50": 120050,
    "$1,234,567.89": 123456789,
    "1 200.50": 120050,
    "1'200.50": 120050,
    "1\u00a0200.50": 120050,
    "1\u202f200.50": 120050,
    "1\u2009200.50": 120050,
    "999999999999.99": 99999999999999,
}
NOT_STATED_TEXTS = ["", " ", "\t", "-", "--", "---", "\u2013", "\u2014", "\u2212", "$", "$ -", "$-"]
REFUSED = {
    "12.345": "has more than two decimals",
    "$1,234.567": "has more than two decimals",
    "1e3": "is written with an exponent",
    "1E+5": "is written with an exponent",
    "12,5": "has a decimal comma, the other amounts a decimal point",
    "1.200,50": "has a decimal comma, the other amounts a decimal point",
    "1,2,3": "is grouped in a way no amount is",
    "12,34.00": "is grouped in a way no amount is",
    "#REF!": "is a spreadsheet error",
    "NaN": "is not an amount",
    "inf": "is not an amount",
    "0x10": "is not an amount",
    "1_000": "is not an amount",
    "TRUE": "is not an amount",
    "12.00 CR": "is not an amount",
    "\u20ac12.00": "carries a mark that no amount here has",
    "12.00 USD": "carries a mark that no amount here has",
    "12.0.0": "is not an amount",
    "--12.00": "is not an amount",
    "((12.00))": "is not an amount",
    "(12.00": "is not an amount",
    "\uff11\uff12": "is not an amount",
    "1234567890123456": "is not an amount",
}


@pytest.mark.parametrize(("text", "cents"), READS.items(), ids=map(repr, READS))
def test_a_spelling_is_worth_its_cents(text: str, cents: int) -> None:
    assert one(text) == (READ, cents)


@pytest.mark.parametrize("text", NOT_STATED_TEXTS, ids=map(repr, NOT_STATED_TEXTS))
def test_a_blank_or_a_lone_dash_is_not_stated(text: str) -> None:
    assert one(text) == (NOT_STATED, 0)


@pytest.mark.parametrize(("text", "why"), REFUSED.items(), ids=map(repr, REFUSED))
def test_what_is_no_amount_is_refused_with_its_reason(text: str, why: str) -> None:
    assert one(text) == (UNREADABLE, 0)
    assert money.why_unreadable(text) == why


@pytest.mark.parametrize(
    ("text", "cents"),
    {"12,50": 1250, "1.234,50": 123450, "-0,05": -5, "12": 1200, "(1.234,5)": -123450}.items(),
)
def test_a_decimal_comma_is_read_where_the_column_has_one(text: str, cents: int) -> None:
    assert one(text, ",") == (READ, cents)


def test_under_a_decimal_comma_a_point_groups_and_does_not_divide() -> None:
    assert one("1.234", ",") == (READ, 123400)
    assert one("12.50", ",") == (UNREADABLE, 0)


def test_the_decimal_mark_shows_only_where_one_reading_is_possible() -> None:
    texts = pa.array(["12.50", "1,234.00", "12,50", "1.234,00", "1,234", "1.234", "12", ""])
    assert money.decimal_evidence(texts) == (2, 2)


def test_a_mixed_column_is_read_cell_by_cell_in_its_own_order() -> None:
    found = parse_amounts(pa.array(["1.00", "(2.00)", "", "x", "$3.00", "4.00"]))
    assert found.cents.tolist() == [100, -200, 0, 0, 300, 400]
    assert found.state.tolist() == [READ, READ, NOT_STATED, UNREADABLE, READ, READ]


def test_a_slice_of_an_array_is_read_from_where_it_starts() -> None:
    texts = pa.array(["9.99", "1.00", "2.00", "(3.00)"])[1:]
    assert parse_amounts(texts).cents.tolist() == [100, 200, -300]


def test_an_empty_array_gives_no_cents() -> None:
    assert len(parse_amounts(pa.array([], type=pa.string())).cents) == 0


@pytest.mark.parametrize(
    ("texts", "share"),
    [(["1.00", "2,50", "x", ""], 2 / 3), (["", "-"], 0.0), ([], 0.0), (["1.00"], 1.0)],
)
def test_the_share_of_readable_cells_leaves_blanks_out(texts: list[str], share: float) -> None:
    assert money.share_readable(pa.array(texts, type=pa.string())) == pytest.approx(share)


cents_of_any_size = st.integers(-(10**14), 10**14)


@given(cents_of_any_size)
def test_printed_dollars_read_back_as_the_same_cents(cents: int) -> None:
    assert one(money.plain_dollars(cents)) == (READ, cents)


@given(cents_of_any_size, st.sampled_from(["{}", "${}", " {} ", "{}00"]))
def test_dress_changes_no_amount(cents: int, dress: str) -> None:
    plain = money.plain_dollars(abs(cents))
    grouped = f"{abs(cents) // 100:,}.{abs(cents) % 100:02d}"
    for text in (plain, grouped):
        assert one(dress.format(text)) == (READ, abs(cents))
        assert one(f"({dress.format(text).strip()})") == (READ, -abs(cents))


@given(st.text(max_size=12))
def test_no_text_at_all_raises_and_what_is_read_is_a_whole_number_of_cents(text: str) -> None:
    state, cents = one(text)
    assert state in (READ, NOT_STATED, UNREADABLE)
    assert state == READ or cents == 0


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, places=2, min_value=-(10**9), max_value=10**9
    )
)
def test_every_two_place_decimal_is_read_exactly(value: Decimal) -> None:
    assert one(f"{value:.2f}") == (READ, int(value * 100))


RATIOS = [
    ((1, 3), 0.333333),
    ((2, 3), 0.666667),
    ((1, 8_000_000), 0.0),
    ((1, 2_000_000), 0.000001),  # 0.0000005 rounds half up
    ((-1, 2_000_000), -0.000001),
    ((0, 5), 0.0),
    ((150, 100), 1.5),
    ((-5, 100), -0.05),
    ((5, 0), None),
    ((5, -1), None),
    ((10**17 + 1, 10**17), 1.0),
]


@pytest.mark.parametrize(("pair", "expected"), RATIOS, ids=map(str, (pair for pair, _ in RATIOS)))
def test_a_ratio_rounds_half_up_once_and_is_null_without_a_denominator(
    pair: tuple[int, int], expected: float | None
) -> None:
    assert money.ratio(*pair) == expected


@pytest.mark.parametrize(
    ("cents", "text"),
    [(0, "0.00"), (5, "0.05"), (-5, "-0.05"), (123456, "1234.56"), (-100, "-1.00")],
)
def test_dollars_are_printed_with_two_decimals(cents: int, text: str) -> None:
    assert money.plain_dollars(cents) == text
