"""The colours keep their promises: seen on both pages, told apart by every kind of eye."""

from __future__ import annotations

import dataclasses
import itertools
import math

import pytest

from writeoffs import palette
from writeoffs.palette import ENDS, NEUTRALS, contrast, end_of, text_on

PAGE = {"light": "#FFFFFF", "dark": "#171614"}
SOLID = [key for key in ENDS if not ENDS[key].pattern]

# Machado, Oliveira and Fernandes 2009, severity 1.0, on linear RGB.
MACHADO = {
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}
# Viénot, Brettel and Mollon 1999, on linear RGB; it has no tritanopia.
VIENOT = {
    "protanopia": ((0.11238, 0.88762, 0.0), (0.11238, 0.88762, 0.0), (0.00401, -0.00401, 1.0)),
    "deuteranopia": ((0.29275, 0.70725, 0.0), (0.29275, 0.70725, 0.0), (-0.02234, 0.02234, 1.0)),
}
XYZ = ((0.4124564, 0.3575761, 0.1804375), (0.2126729, 0.7151522, 0.0721750))
XYZ += ((0.0193339, 0.1191920, 0.9503041),)
D65 = (0.95047, 1.0, 1.08883)

Matrix = tuple[tuple[float, float, float], ...]


def seen(colour: str, eye: Matrix) -> tuple[float, float, float]:
    """CIE Lab (D65) of a colour as an eye with this matrix sees it."""
    linear = palette.channels(colour)
    dim = [min(1.0, max(0.0, math.sumprod(row, linear))) for row in eye] if eye else linear
    return lab(dim)


def lab(linear: object) -> tuple[float, float, float]:
    def curve(t: float) -> float:
        return t ** (1 / 3) if t > 216 / 24389 else (24389 / 27 * t + 16) / 116

    x, y, z = (curve(math.sumprod(row, linear) / w) for row, w in zip(XYZ, D65, strict=True))
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


if not hasattr(math, "sumprod"):  # Python 3.11
    math.sumprod = lambda one, other: sum(a * b for a, b in zip(one, other, strict=True))
