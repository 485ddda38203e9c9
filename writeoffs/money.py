"""Text to integer cents, and cents to ratios: the only place that parses an amount.

No amount ever passes through a float. A column's distinct texts are read at once against one
grammar; what the grammar does not know is unreadable, with the reason in words. Sub-cents are
unreadable too: rounding them would decide something that is not ours to decide.
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Cents = npt.NDArray[np.int64]

READ: Final = 0
NOT_STATED: Final = 1
UNREADABLE: Final = 2

_DIGITS: Final = (
    r"(?:(?:\d{1,3}(?:,\d{3})+|\d{1,3}(?:[ '\x{00A0}\x{202F}\x{2009}]\d{3})+|\d{1,15})"
    r"(?:\.(?:\d{1,2}0*)?)?|\.\d{1,2}0*)"
)
_SIGN: Final = r"[-\x{2212}\x{2013}+]"
_MINUS: Final = r"[-\x{2212}\x{2013}]"
# -12.00  $12.00  -$12.00  $-12.00 | 12.00- | (12.00) ($12.00) $(12.00)
_GRAMMAR: Final = (
    rf"^(?:{_SIGN}?\s?\$?\s?{_DIGITS}|\$\s?{_SIGN}?\s?{_DIGITS}|\$?\s?{_DIGITS}\s?{_MINUS}"
    rf"|\(\s?\$?\s?{_DIGITS}\s?\)|\$\s?\(\s?{_DIGITS}\s?\))$"
)
_PLAIN: Final = r"^-?\d{1,15}(?:\.\d{1,2})?$"
_BLANK: Final = r"^\$?\s*(?:-{0,3}|\x{2013}|\x{2014}|\x{2212})$"
_NEGATIVE: Final = r"^\$?\s?[-\x{2212}\x{2013}(]|[-\x{2212}\x{2013}]$"
_COMMA_END: Final = r"\d,\d{1,2}\)?\s?-?$"
_POINT_END: Final = r"\d?\.\d{1,2}\)?\s?-?$"


class Amounts(NamedTuple):
    """Parsed texts: ``cents`` (int64, 0 where not read) and ``state`` (READ, NOT_STATED, ...)."""

    cents: Cents
    state: npt.NDArray[np.uint8]


def parse_amounts(texts: pa.Array, decimal: str = ".") -> Amounts:
    """Read an array of texts as cents.

    Args:
        texts: a pyarrow string array without nulls.
        decimal: the decimal mark of the column, "." or ",".

    Returns:
        ``Amounts`` of the same length. A blank or a lone dash is NOT_STATED. Anything the grammar
        does not know (text, sub-cents, odd grouping, exponents) is UNREADABLE.
    """
    trimmed = pc.utf8_trim_whitespace(texts)
    if decimal == ",":
        trimmed = _swap_marks(trimmed)
    state = np.full(len(trimmed), UNREADABLE, dtype=np.uint8)
    cents = np.zeros(len(trimmed), dtype=np.int64)
    plain = _matches(trimmed, _PLAIN)
    cents[plain] = _to_cents(trimmed.filter(pa.array(plain)))
    state[plain] = READ
    rest = np.flatnonzero(~plain)
    if len(rest):
        others = trimmed.take(pa.array(rest))
        state[rest[_matches(others, _BLANK)]] = NOT_STATED
        dressed = _matches(others, _GRAMMAR)
        where = rest[dressed]
        cents[where] = _undress(others.filter(pa.array(dressed)))
        state[where] = READ
    return Amounts(cents, state)


def _matches(texts: pa.Array, pattern: str) -> npt.NDArray[np.bool_]:
    found = pc.match_substring_regex(texts, pattern)
    return np.asarray(found.to_numpy(zero_copy_only=False), dtype=bool)


def _swap_marks(texts: pa.Array) -> pa.Array:
    """1.234,50 -> 1,234.50, so that one grammar serves both."""
    held = pc.replace_substring(texts, ",", "\x01")
    return pc.replace_substring(pc.replace_substring(held, ".", ","), "\x01", ".")


def _to_cents(texts: pa.Array) -> Cents:
    """Plain decimal texts to cents, exactly, through 128-bit decimals."""
    if not len(texts):
        return np.zeros(0, dtype=np.int64)
    decimals = pc.cast(texts, pa.decimal128(20, 2))
    words = np.frombuffer(decimals.buffers()[1], dtype=np.int64)
    start = 2 * decimals.offset
    return words[start : start + 2 * len(decimals) : 2].copy()


def _undress(texts: pa.Array) -> Cents:
    """Amounts with signs, dollar marks and grouping: strip them, then read what is left."""
    negative = _matches(texts, _NEGATIVE)
    digits = pc.replace_substring_regex(texts, r"[^0-9.]", "")
    digits = pc.replace_substring_regex(digits, r"^\.", "0.")
    digits = pc.replace_substring_regex(digits, r"\.$", "")
    digits = pc.replace_substring_regex(digits, r"(\.\d\d)0+$", r"\1")
    cents = _to_cents(digits)
    return np.where(negative, -cents, cents)


def decimal_evidence(texts: pa.Array) -> tuple[int, int]:
    """How many texts can only be read with a decimal point, and how many only with a comma."""
    trimmed = pc.utf8_trim_whitespace(texts)
    grammar = _matches(trimmed, _GRAMMAR)
    swapped = _matches(_swap_marks(trimmed), _GRAMMAR)
    point = grammar & _matches(trimmed, _POINT_END) & ~(swapped & _matches(trimmed, _COMMA_END))
    comma = swapped & _matches(trimmed, _COMMA_END)
    return int(point.sum()), int(comma.sum())


def shows_comma(texts: pa.Array) -> bool:
    """Whether any text shows a decimal comma; most files have none, and need no more evidence."""
    suspects = texts.filter(pc.match_substring(texts, ","))
    return bool(len(suspects)) and decimal_evidence(suspects)[1] > 0


def share_readable(texts: pa.Array) -> float:
    """Share of the stated texts that read as an amount under either decimal mark (0 if none)."""
    amounts = parse_amounts(texts)
    stated = amounts.state != NOT_STATED
    if not stated.any():
        return 0.0
    read = amounts.state == READ
    if not read[stated].all():
        read |= parse_amounts(texts, ",").state == READ
    return float((read & stated).sum() / stated.sum())


_LIKE_AN_AMOUNT: Final = (
    r"^[-+(\s$\x{20AC}\x{00A3}]*\d[\d.,' ]*\)?\s*-?\s*"
    r"(?:CR|DR|USD|EUR|GBP|\$|\x{20AC}|%?)\)?$|^#[A-Z/0]+[!?]?$"
)


def share_like_amounts(texts: pa.Array) -> float:
    """Share of the stated texts that somebody meant as amounts, readable or not (0 if none)."""
    trimmed = pc.utf8_trim_whitespace(texts)
    stated = ~_matches(trimmed, _BLANK)
    if not stated.any():
        return 0.0
    return float((_matches(trimmed, _LIKE_AN_AMOUNT) & stated).sum() / stated.sum())


def why_unreadable(text: str) -> str:
    """In plain words, what is wrong with a text that is not an amount."""
    bare = text.strip()
    if re.fullmatch(r"[-+]?\$?\d[\d,]*\.\d{3,}", bare):
        return "has more than two decimals"
    if re.search(r"\d[eE][+-]?\d", bare):
        return "is written with an exponent"
    if re.fullmatch(r"[\d.]*,\d{1,2}", bare):
        return "has a decimal comma, the other amounts a decimal point"
    if re.search(r"\d,\d", bare):
        return "is grouped in a way no amount is"
    if re.search(r"\d\s*(USD|EUR|GBP)$|[\u20ac\u00a3]", bare, re.IGNORECASE):
        return "carries a mark that no amount here has"
    if bare.startswith("#"):
        return "is a spreadsheet error"
    return "is not an amount"


def ratio(numerator: int, denominator: int, places: int = 6) -> float | None:
    """numerator / denominator as a fraction, rounded half up once; None if it cannot be said.

    Args:
        numerator, denominator: integer cents.
        places: decimals kept.

    Returns:
        A fraction (0.25, not 25), possibly below 0 or above 1, or None for a denominator of 0
        or less (rules.md 14).
    """
    if denominator <= 0:
        return None
    exact = Decimal(int(numerator)) / Decimal(int(denominator))
    return float(exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP))


def parse_cents(text: str) -> int:
    """One amount as ``plain_dollars`` writes it, as cents.

    Raises:
        ValueError: it is not one.
    """
    found = parse_amounts(pa.array([text]))
    if found.state[0] != READ:
        raise ValueError(f"{text!r} is not an amount")
    return int(found.cents[0])


def plain_dollars(cents: int) -> str:
    """Cents as a two-decimal string without marks, as the command line prints money."""
    sign = "-" if cents < 0 else ""
    whole, part = divmod(abs(int(cents)), 100)
    return f"{sign}{whole}.{part:02d}"
