"""The colours of a page, by numbers: text can be read, marks can be told apart, also by the colour-blind."""

from __future__ import annotations

import math
import re
from importlib.resources import files
from itertools import combinations

import pytest

from driftkit.report.page.svg import COLOURS

# Machado, Oliveira and Fernandes 2009, doi:10.1109/TVCG.2009.113: no green cones, for linear colours.
DEUTERANOPIA = (
    (0.367322, 0.860646, -0.227968),
    (0.280085, 0.672501, 0.047413),
    (-0.011820, 0.042940, 0.968881),
)
# From linear colours to XYZ with white at D65, each divided by white's (IEC 61966-2-1).
XYZ = (
    (0.433953, 0.376219, 0.189828),
    (0.212673, 0.715152, 0.072175),
    (0.017758, 0.109477, 0.872765),
)


def palette(scheme: int) -> dict[str, str]:
    """Name -> colour of the light or the dark page."""
    style = files("driftkit.report.page").joinpath("page.css").read_text(encoding="utf-8")
    roots = re.findall(r":root{([^}]*)}", style)
    assert len(roots) == 2
    return dict(re.findall(r"--(\w+):(#\w+)", roots[scheme]))


@pytest.mark.parametrize("scheme", [0, 1])
def test_colours_of_text_can_be_told_from_what_is_behind_them(scheme: int) -> None:
    colours = palette(scheme)

    behind = [colours[name] for name in ("paper", "soft")]
    for name in ("ink", "bad", "good", "now", "base", "text"):
        assert min(_contrast(colours[name], each) for each in behind) >= 4.5, name


@pytest.mark.parametrize("scheme", [0, 1])
def test_colours_of_charts_can_be_told_apart_without_green_cones(scheme: int) -> None:
    colours = palette(scheme)

    for one, other in combinations(("bad", "good", "now", "base", "faint"), 2):
        assert math.dist(_seen(colours[one]), _seen(colours[other])) >= 15, (one, other)


def test_colours_without_a_style_sheet_are_those_of_the_light_page() -> None:
    style = files("driftkit.report.page").joinpath("page.css").read_text(encoding="utf-8")

    assert {name: palette(0)[name] for name in COLOURS} == COLOURS
    for name, colour in COLOURS.items():
        for of in ("fill", "stroke"):
            assert f'[{of}="{colour}"]{{{of}:var(--{name})}}' in style


def _seen(colour: str) -> tuple[float, float, float]:
    """Lightness and the two axes of colour, CIELAB (1976), as people without green cones see it."""
    dull = [min(max(each, 0), 1) for each in _times(DEUTERANOPIA, _linear(colour))]
    x, y, z = (
        each ** (1 / 3) if each > 216 / 24389 else (24389 / 27 * each + 16) / 116
        for each in _times(XYZ, dull)
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def _times(matrix: tuple[tuple[float, ...], ...], values: list[float]) -> list[float]:
    return [sum(a * b for a, b in zip(row, values, strict=True)) for row in matrix]


def _contrast(one: str, other: str) -> float:
    low, high = sorted((_light(one), _light(other)))
    return (high + 0.05) / (low + 0.05)


def _light(colour: str) -> float:
    """The relative luminance of the Web Content Accessibility Guidelines."""
    red, green, blue = _linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(colour: str) -> list[float]:
    digits = colour[1:] if len(colour) == 7 else "".join(each * 2 for each in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    return [each / 12.92 if each <= 0.03928 else ((each + 0.055) / 1.055) ** 2.4 for each in parts]
