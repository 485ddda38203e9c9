"""The colours keep their promises: seen on both pages, told apart by every kind of eye."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Sequence

import pytest

from writeoffs.palette import ENDS, NEUTRALS, Theme, channels, contrast, end_of, text_on

PAGE: dict[Theme, str] = {"light": "#FFFFFF", "dark": "#171614"}
THEMES: tuple[Theme, ...] = ("light", "dark")
SOLID = [key for key in ENDS if not ENDS[key].pattern]

# Machado, Oliveira and Fernandes 2009, severity 1.0; Viénot, Brettel and Mollon 1999, which has
# no tritanopia. Both on linear RGB.
EYES = {
    "machado protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "machado deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "machado tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
    "vienot protanopia": ((0.11238, 0.88762, 0), (0.11238, 0.88762, 0), (0.00401, -0.00401, 1)),
    "vienot deuteranopia": ((0.29275, 0.70725, 0), (0.29275, 0.70725, 0), (-0.02234, 0.02234, 1)),
    "all three cones": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
}
TO_XYZ = (
    (0.4124564, 0.3575761, 0.1804375),
    (0.2126729, 0.7151522, 0.0721750),
    (0.0193339, 0.1191920, 0.9503041),
)
D65 = (0.95047, 1.0, 1.08883)


def times(matrix: Sequence[Sequence[float]], vector: Sequence[float]) -> list[float]:
    return [sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix]


def lab(colour: str, eye: str) -> tuple[float, float, float]:
    """CIE Lab (D65) of a colour as an eye sees it."""
    linear = [min(1.0, max(0.0, part)) for part in times(EYES[eye], channels(colour))]
    ratios = [part / white for part, white in zip(times(TO_XYZ, linear), D65, strict=True)]
    x, y, z = (t ** (1 / 3) if t > 216 / 24389 else (24389 / 27 * t + 16) / 116 for t in ratios)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def test_the_lab_values_are_the_published_ones():
    assert lab("#FFFFFF", "all three cones") == pytest.approx((100, 0, 0), abs=0.02)
    assert lab("#FF0000", "all three cones") == pytest.approx((53.24, 80.09, 67.20), abs=0.02)
    assert lab("#0000FF", "all three cones") == pytest.approx((32.30, 79.19, -107.86), abs=0.02)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("#000000", "#FFFFFF", 21.0),
        ("#FFFFFF", "#000000", 21.0),
        ("#777777", "#777777", 1.0),
        ("#777777", "#FFFFFF", 4.478),
        ("#FF0000", "#FFFFFF", 3.998),
    ],
)
def test_contrast(one: str, other: str, expected: float):
    assert contrast(one, other) == pytest.approx(expected, abs=0.001)


def test_there_are_six_solid_ends_and_nothing_undecided_is_solid():
    assert SOLID == ["insurer", "patient", "contractual", "avoidable", "bad_debt", "discretionary"]
    assert [ENDS[key].pattern for key in ("open", "unexplained")] == ["/", "x"]


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("key", list(ENDS))
def test_every_mark_is_seen_on_its_page(key: str, theme: Theme):
    assert contrast(end_of(key).colour(theme), PAGE[theme]) >= 3


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("eye", list(EYES))
def test_solid_colours_are_27_apart_in_cie76_for_every_eye(eye: str, theme: Theme):
    seen = {key: lab(end_of(key).colour(theme), eye) for key in SOLID}
    apart = {
        (one, other): math.dist(seen[one], seen[other])
        for one, other in itertools.combinations(SOLID, 2)
    }
    assert min(apart.values()) >= 27, min(apart, key=lambda pair: apart[pair])


def test_ends_that_share_a_colour_differ_by_pattern():
    for theme in THEMES:
        looks = [(end.colour(theme), end.pattern) for end in ENDS.values()]
        assert len(set(looks)) == len(looks)


@pytest.mark.parametrize("theme", THEMES)
def test_words_are_read_on_their_page(theme: Theme):
    ink = NEUTRALS[theme]
    assert ink.base == PAGE[theme]
    assert contrast(ink.text, ink.base) >= 7
    assert contrast(ink.muted, ink.base) >= 4.5
    assert contrast(ink.quiet, ink.base) >= 3
    assert contrast(ink.text, ink.track) >= 7


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("key", list(ENDS))
def test_text_on_a_mark_is_read(key: str, theme: Theme):
    colour = end_of(key).colour(theme)
    assert contrast(text_on(colour), colour) >= 4.5


def test_text_on_any_grey_is_read():
    greys = [f"#{level:02X}{level:02X}{level:02X}" for level in range(256)]
    assert min(contrast(text_on(grey), grey) for grey in greys) >= 4.5


def test_keys_and_labels():
    assert list(ENDS) == [end.key for end in ENDS.values()]
    assert len({end.label for end in ENDS.values()}) == len({end.short for end in ENDS.values()})
    assert end_of("contractual").label == "Contract or law"
    assert end_of("insurer").colour() == "#0A3C7D"
    assert end_of("insurer").colour("dark") == "#5798DA"


def test_an_end_that_does_not_exist_is_refused_with_a_hint():
    with pytest.raises(
        ValueError, match=r"'charity' is no end of the dollar.\n\nHint: .*avoidable"
    ):
        end_of("charity")


def test_the_tables_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        ENDS["open"].light = "#000000"  # type: ignore[misc]
    with pytest.raises(TypeError):
        ENDS["open"] = ENDS["other"]  # type: ignore[index]
    with pytest.raises(TypeError):
        NEUTRALS["light"] = NEUTRALS["dark"]  # type: ignore[index]
