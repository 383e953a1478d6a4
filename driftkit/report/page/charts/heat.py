"""Segments by features, each cell as dark as its distance is beyond what is allowed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftkit.report.page import svg
from driftkit.report.page.svg import chart, mark, words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from markupsafe import Markup

_LEFT, _TOP, _CELL, _ROW = 200, 96, 38, 22
_MOST_NAMED, _MOST_ABOVE = 28, 14
# Text on a cell has to be read in both schemes.
_DARKEST, _STEPS, _AT_MOST = 0.35, 5, 2.0


def heat(
    segments: Sequence[str], features: Sequence[str], ratios: Mapping[tuple[str, str], float]
) -> Markup:
    """A row a segment, a column a feature.

    Args:
        segments: names of the rows.
        features: names of the columns.
        ratios: segment and feature -> distance in terms of what is allowed; above 1 is a violation.
    """
    height = _TOP + _ROW * len(segments) + 6
    drawn = [_above(name, at) for at, name in enumerate(features)]
    drawn += [
        words(_short(name, _MOST_NAMED), _LEFT - 8, _TOP + _ROW * at + 15, "end")
        for at, name in enumerate(segments)
    ]
    numbers: list[tuple[str, float, float]] = []
    for row, segment in enumerate(segments):
        for column, feature in enumerate(features):
            ratio = ratios.get((segment, feature))
            if ratio is not None:
                x, y = _LEFT + _CELL * column, _TOP + _ROW * row
                drawn.append(_cell(ratio, x, y))
                numbers.append((f"{ratio:.1f}", x + _CELL / 2 - 1, y + 15))
    drawn.append(svg.labels(numbers, "middle"))
    beyond = sum(each > 1 for each in ratios.values())
    says = f"{beyond} of {len(ratios)} distances in segments are beyond what is allowed"
    return chart(says, *drawn, width=_LEFT + _CELL * len(features) + 60, height=height)


def _cell(ratio: float, x: float, y: float) -> Markup:
    step = round(min(ratio, _AT_MOST) / _AT_MOST * _STEPS) / _STEPS
    return mark(
        "rect",
        "bad" if ratio > 1 else "now",
        x=x,
        y=y,
        width=_CELL - 2,
        height=_ROW - 2,
        fill_opacity=f"{_DARKEST * step:.2f}",
    )


def _above(name: str, at: int) -> Markup:
    x, y = _LEFT + _CELL * at + 12, _TOP - 8
    turned = f"rotate(-50 {x} {y})"
    said = svg.shown(_short(name, _MOST_ABOVE))
    return svg.element("text", said, x=x, y=y, transform=turned)


def _short(name: str, most: int) -> str:
    return name if len(name) <= most else f"{name[:most]}..."
