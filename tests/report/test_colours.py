"""The colours of a page: text can be read on both papers, also where no browser is there to try."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest


@pytest.mark.parametrize("scheme", [0, 1])
def test_colours_of_text_can_be_told_from_what_is_behind_them(
    scheme: int,
) -> None:
    style = files("driftkit.report.page").joinpath("page.css").read_text(encoding="utf-8")
    roots = re.findall(r":root{([^}]*)}", style)
    colours = dict(re.findall(r"--(\w+):(#\w+)", roots[scheme]))
    assert len(roots) == 2

    behind = [colours[name] for name in ("paper", "soft")]
    for name in ("ink", "bad", "good", "now", "base", "text"):
        assert min(_contrast(colours[name], each) for each in behind) >= 4.5, name


def _contrast(one: str, other: str) -> float:
    low, high = sorted((_light(one), _light(other)))
    return (high + 0.05) / (low + 0.05)


def _light(colour: str) -> float:
    """The relative luminance of the Web Content Accessibility Guidelines."""
    digits = colour[1:] if len(colour) == 7 else "".join(each * 2 for each in colour[1:])
    parts = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [
        each / 12.92 if each <= 0.03928 else ((each + 0.055) / 1.055) ** 2.4 for each in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
