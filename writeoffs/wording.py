"""Numbers and names as people read them: the only place that formats either.

Money comes in as integer cents, rates as fractions (0.042), months as ``year * 12 + month - 1``.
What is missing comes out as words that say so, never as "nan" and never as "$0".
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final, Literal

Unit = Literal["percent", "dollars", "days"]

NOT_STATED: Final = "not stated"
MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

# A ledger's minus is the real sign. Everywhere else it is the keyboard's: st.metric turns a
# change red or green by the "-" that it starts with.
MINUS: Final = "\u2212"

_ABSENT: Final = frozenset({"None", "nan", "<NA>", "NaT", "inf", "-inf"})
_MARKDOWN: Final = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>$:~&=\"'@/^])")
# What Streamlit turns into links, arrows and its logo after the escapes have been taken off.
_AFTER_ESCAPES: Final = re.compile(
    r"(?i)(www(?=\.)|https?(?=://)|(?=@)|:(?=streamlit:)"
    r"|(?<!\S)(?:<(?=(?:->|-|=)(?!\S))|-(?=[->](?!\S))|[>~](?==(?!\S))))"
)
_FORMULA: Final = re.compile(r"'*[=+\-@\t\r\n\0\uFF1D\uFF0B\uFF0D\uFF20]")
_TURNING: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
WORD_JOINER: Final = "\u2060"


# --- rounding -------------------------------------------------------------------------------------
def rounded(value: Fraction | Decimal | float, places: int = 6) -> Decimal:
    """Round half away from zero, exactly; a float counts as the decimal that it prints as."""
    exact_value = Fraction(repr(value)) if isinstance(value, float) else Fraction(value)
    scaled = abs(exact_value) * 10**places
    units = (scaled.numerator * 2 + scaled.denominator) // (scaled.denominator * 2)
    return Decimal(f"{-units if exact_value < 0 else units}E-{places}")


def ratio(num_cents: int | None, den_cents: int | None, places: int = 6) -> float | None:
    """Numerator / denominator as a fraction, rounded once, half up.

    None where it cannot be said: a part is missing, or the denominator is zero or below.
    """
    if _absent(num_cents) or _absent(den_cents):
        return None
    assert num_cents is not None and den_cents is not None
    if den_cents <= 0:
        return None
    return float(rounded(Fraction(int(num_cents), int(den_cents)), places))


def portions(cents: Sequence[int], whole: int = 10_000) -> list[int] | None:
    """Split ``whole`` units by cents so that the parts add up to it (largest remainder).

    With the default, units are cents of each $100. Negative parts stay negative. None where the
    cents do not sum to more than zero: nothing can be shared out.
    """
    total = sum(cents)
    if total <= 0:
        return None
    floors = [part * whole // total for part in cents]
    by_remainder = sorted(range(len(cents)), key=lambda at: -(cents[at] * whole % total))
    for at in by_remainder[: whole - sum(floors)]:
        floors[at] += 1
    return floors


def of_100(part: int) -> str:
    """What is left of a part of $100, given in cents of it: never "$0.00" for something."""
    return dollars(part, True) if part else "under $0.01"


# --- numbers --------------------------------------------------------------------------------------
def dollars(
    cents: int | None, cents_shown: bool = False, *, short: bool = False, missing: str = NOT_STATED
) -> str:
    """Cents as dollars: "$8,210", "-$12"; with ``short`` from a million on "$1.2 M".

    Amounts under a dollar keep their cents, so that money never reads as none.
    """
    if _absent(cents):
        return missing
    assert cents is not None
    sign = "-" if cents < 0 else ""
    size = abs(int(cents))
    if short and size >= 100_000_000:
        return sign + _millions(size)
    if cents_shown or 0 < size < 100:
        return f"{sign}${size // 100:,}.{size % 100:02d}"
    return f"{sign}${rounded(Fraction(size, 100), 0):,f}"


def exact(cents: int | None, *, missing: str = NOT_STATED) -> str:
    """Cents as a ledger writes them: "$8,210.35", and a true minus below zero."""
    return dollars(cents, True, missing=missing).replace("-$", f"{MINUS}$")


def percent(fraction: float | None, digits: int = 1, *, missing: str = NOT_STATED) -> str:
    """A rate: 0.042 is "4.2%"."""
    if _absent(fraction):
        return missing
    assert fraction is not None
    return f"{_unsigned_zero(_hundredfold(fraction, digits)):,f}%"


def points(delta_fraction: float | None, digits: int = 1, *, missing: str = NOT_STATED) -> str:
    """A difference of two rates, signed: 0.042 is "+4.2 points"."""
    if _absent(delta_fraction):
        return missing
    assert delta_fraction is not None
    value = _unsigned_zero(_hundredfold(delta_fraction, digits))
    return f"{'+' if value > 0 else ''}{value:,f} points"


def days(value: float | None, digits: int = 1, *, missing: str = NOT_STATED) -> str:
    """A length of time: "41.2 days"."""
    if _absent(value):
        return missing
    assert value is not None
    shown = _unsigned_zero(rounded(float(value), digits))
    return f"{shown:,f} {'day' if abs(shown) == 1 else 'days'}"


def count(n: int | None, noun: str, plural: str = "", *, missing: str = NOT_STATED) -> str:
    """A number of things: "1 claim", "1,204 claims"."""
    if _absent(n):
        return missing
    assert n is not None
    return f"{int(n):,} {noun if abs(int(n)) == 1 else plural or _plural(noun)}"


def not_enough(have: int, need: int, noun: str = "month") -> str:
    """Why a figure is not given: "not enough history: 2 of 6 months"."""
    return f"not enough history: {have:,} of {count(need, noun)}"


# --- months ---------------------------------------------------------------------------------------
def month(period: int | None, *, missing: str = "no date") -> str:
    """A month, given as ``year * 12 + month - 1``: "Mar 2026"."""
    if _absent(period):
        return missing
    assert period is not None
    year, at = divmod(int(period), 12)
    return f"{MONTHS[at]} {year}"


def span(first: int | None, last: int | None) -> str:
    """Two months and what lies between: "Jan 2024 to Jun 2025"."""
    if _absent(first) and _absent(last):
        return "no dates"
    if _absent(first):
        return f"up to {month(last)}"
    if _absent(last):
        return f"from {month(first)}"
    return month(first) if first == last else f"{month(first)} to {month(last)}"


# --- axes -----------------------------------------------------------------------------------------
def say(unit: Unit) -> Callable[[Any], str]:
    """How a value of a unit is written: a fraction, cents (a million and more short), or days."""
    if unit == "percent":
        return percent
    if unit == "days":
        return days
    return lambda cents: dollars(None if _absent(cents) else round(cents), short=True)


def scale(values: Sequence[float], unit: Unit) -> tuple[list[float], list[str]]:
    """Round tick values from below the lowest to above the highest, about four, and their words.

    A span of noise is not blown up: it is at least two points, or a tenth of the highest value
    and a dollar or a day.
    """
    low, high = min(values), max(values)
    least = {"percent": 0.02, "dollars": max(100.0, abs(high) * 0.1), "days": max(1.0, high * 0.1)}
    spare = max(0.0, least[unit] - (high - low)) / 2
    floor, ceiling = (low - spare if low < 0 else max(0.0, low - spare)), high + spare
    rough = (ceiling - floor) / 3
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * times for times in (1, 2, 2.5, 5, 10) if size * times >= rough * 0.99)
    steps = range(math.floor(floor / step + 1e-9), math.ceil(ceiling / step - 1e-9) + 1)
    ticks = [round(step * at, 9) for at in steps]
    if unit == "percent":
        digits = next(d for d in (0, 1, 2, 3) if d == 3 or (step * 100 * 10**d + 1e-6) % 1 < 1e-5)
        return ticks, [percent(tick, digits) for tick in ticks]
    if unit == "days":
        return ticks, [days(tick, 0 if step >= 1 else 1) for tick in ticks]
    short = step >= 10_000_000
    return ticks, [dollars(round(tick), short=short) for tick in ticks]


def month_ticks(first: int, last: int, most: int = 5) -> tuple[list[int], list[str]]:
    """At most ``most`` months, Januaries among them, with the year where it starts or changes."""
    steps = (1, 2, 3, 4, 6, 12, 24, 36, 60, 120, 240, 480)
    step = next((s for s in steps if last // s - (first - 1) // s <= most), 960)
    months = [period for period in range(first, last + 1) if period % step == 0] or [first]
    texts = []
    for at, period in enumerate(months):
        name, year = month(period).split()
        new = at == 0 or months[at - 1] // 12 != period // 12
        texts.append(f"{name}<br>{year}" if new else name)
    return months, texts


# --- text that came with the data -----------------------------------------------------------------
def plain(text: object) -> str:
    """Text for a plotly figure: shown as typed, never read as markup or as a template."""
    safe = _one_line(text).replace("&", "&amp;").replace("%{", "%&#123;")
    return safe.replace("<", "&lt;").replace(">", "&gt;")


def md(text: object) -> str:
    """Text for a Streamlit markdown place: shown as typed, no image, link, colour or formula.

    Backslashes alone do not keep a bare address from becoming a link, nor "->" from becoming an
    arrow: those get an invisible word joiner.
    """
    return _MARKDOWN.sub(r"\\\1", _AFTER_ESCAPES.sub(r"\1" + WORD_JOINER, _one_line(text)))


def safe_cell(text: str) -> str:
    """Text for a spreadsheet cell, never run as a formula. Text only: amounts stay numbers."""
    return f"'{text}" if _FORMULA.match(text) else text


def raw_cell(text: str) -> str:
    """What ``safe_cell`` was given."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text


# --- lengths on screen ----------------------------------------------------------------------------
def width(text: str, size: float) -> float:
    """About how many pixels a line of text takes in a sans-serif face of ``size`` pixels."""
    return size * sum(_em(character) for character in text)


def clip(text: object, pixels: float, size: float) -> str:
    """A line cut to fit, with an ellipsis where something was cut."""
    line = _one_line(text)
    if width(line, size) <= pixels:
        return line
    while line and width(line + "…", size) > pixels:
        line = line[:-1]
    return line.rstrip() + "…"


def wrap(text: object, pixels: float, size: float) -> list[str]:
    """Lines that fit a width; a word longer than a line is cut."""
    lines: list[str] = []
    for word in _one_line(text).split():
        if lines and width(f"{lines[-1]} {word}", size) <= pixels:
            lines[-1] += f" {word}"
        else:
            lines.append(clip(word, pixels, size))
    return lines


def _em(character: str) -> float:
    """A character's width in ems: about Source Sans, a little on the wide side."""
    if unicodedata.east_asian_width(character) in "WF":
        return 1.0
    if character in " .,:;'|!()[]iljtfrI":
        return 0.3
    if character in "mwMW@%":
        return 0.84
    return 0.62 if character.isupper() else 0.53


def _absent(value: object) -> bool:
    """None, or a missing mark of pandas or floats, told by its name so as not to import them."""
    return str(value) in _ABSENT


def _one_line(text: object) -> str:
    """Text without line breaks, tabs, control characters and marks that turn its direction."""
    kinds = {"Cc": " ", "Zl": " ", "Zp": " "}
    typed = "" if _absent(text) and not isinstance(text, str) else str(text)
    kept = (kinds.get(unicodedata.category(character), character) for character in typed)
    return "".join(character for character in kept if character not in _TURNING)


def _hundredfold(fraction: float, digits: int) -> Decimal:
    return rounded(Fraction(repr(float(fraction))) * 100, digits)


def _unsigned_zero(value: Decimal) -> Decimal:
    return abs(value) if value == 0 else value


def _millions(size: int) -> str:
    """A size in cents, a million dollars or more: "$1.2 M", "$1.2 B"."""
    in_millions = rounded(Fraction(size, 100_000_000), 1)
    if in_millions < 1000:
        return f"${in_millions:,f} M"
    return f"${rounded(Fraction(size, 100_000_000_000), 1):,f} B"


def _plural(noun: str) -> str:
    if re.search(r"[^aeiou]y$", noun):
        return noun[:-1] + "ies"
    return noun + ("es" if re.search(r"(s|x|ch|sh)$", noun) else "s")
