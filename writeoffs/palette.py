"""The colours: one for each end of a billed dollar, and the greys around them.

A colour means the same end on every page, chart and sheet, and never means anything else.
The solid colours of a theme reach 3:1 on its page, and stay at least 27 apart (CIE76 in Lab)
for readers with protanopia, deuteranopia and tritanopia (Machado 2009, severity 1); the tests
hold both. They are marks, not text: words take their colour from ``NEUTRALS``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

Theme = Literal["light", "dark"]

BLACK: Final = "#000000"
WHITE: Final = "#FFFFFF"


@dataclass(frozen=True)
class End:
    """One place where a billed dollar can end.

    ``pattern`` is a plotly pattern shape; "" is solid. What is not decided is never solid.
    ``short`` is the label for a place that holds one word or two.
    """

    key: str
    label: str
    short: str
    light: str
    dark: str
    pattern: str = ""

    def colour(self, theme: Theme = "light") -> str:
        """The mark's colour in a theme, as #RRGGBB."""
        return self.light if theme == "light" else self.dark


@dataclass(frozen=True)
class Neutrals:
    """What surrounds the marks in one theme.

    ``base`` is the page that the colours were tested on, and a figure's ground. ``quiet`` draws
    context: other payers, the year before.
    """

    text: str
    muted: str
    quiet: str
    grid: str
    track: str
    base: str


# In the order in which a dollar's story is told, and every stack is drawn.
_ENDS: Final = (
    End("insurer", "Paid by insurers", "Insurers", "#0A3C7D", "#5798DA"),
    End("patient", "Paid by patients", "Patients", "#16A969", "#3BE58C"),
    End("paid", "Paid, by whom not stated", "Payer unnamed", "#0A3C7D", "#5798DA", "-"),
    End("contractual", "Contract or law", "Contract or law", "#767E93", "#C9CCD0"),
    End("avoidable", "Avoidable losses", "Avoidable", "#C22C10", "#F76036"),
    End("bad_debt", "Bad debt", "Bad debt", "#731841", "#AA3E7E"),
    End("discretionary", "Chosen by the practice", "Chosen", "#822ECE", "#8858ED"),
    End("other", "Needs review", "Needs review", "#767E93", "#C9CCD0", "."),
    End("aside", "Set aside, other adjustments", "Set aside", "#767E93", "#C9CCD0", "|"),
    End("open", "Still owed", "Still owed", "#B7791F", "#E9B949", "/"),
    End("unexplained", "Does not tie", "Does not tie", "#111827", "#F9FAFB", "x"),
)
ENDS: Final[Mapping[str, End]] = MappingProxyType({end.key: end for end in _ENDS})

NEUTRALS: Final[Mapping[str, Neutrals]] = MappingProxyType(
    {
        "light": Neutrals(
            text="#1F2328",
            muted="#5B616B",
            quiet="#8B8F96",
            grid="#E3E5E8",
            track="#EEF0F2",
            base="#FFFFFF",
        ),
        "dark": Neutrals(
            text="#F2F1EE",
            muted="#B4B2AC",
            quiet="#8A8983",
            grid="#34332F",
            track="#2A2926",
            base="#171614",
        ),
    }
)


def end_of(key: str) -> End:
    """The end of the dollar under a key; a key that does not exist is a caller's mistake."""
    if key not in ENDS:
        raise ValueError(f"{key!r} is no end of the dollar.\n\nHint: one of {', '.join(ENDS)}.")
    return ENDS[key]


def channels(colour: str) -> tuple[float, float, float]:
    """Red, green and blue of #RRGGBB as linear light, each 0 to 1 (IEC 61966-2-1)."""
    values = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in values)
    return red, green, blue


def contrast(one: str, other: str) -> float:
    """Contrast of two #RRGGBB colours, 1 to 21, by WCAG 2.2's relative luminance."""
    low, high = sorted(
        0.2126 * red + 0.7152 * green + 0.0722 * blue
        for red, green, blue in (channels(one), channels(other))
    )
    return (high + 0.05) / (low + 0.05)


def text_on(colour: str) -> str:
    """Black or white, whichever reads better on a colour; the better one reaches 4.5:1 on any."""
    return max((BLACK, WHITE), key=lambda ink: contrast(ink, colour))
