"""Numbers with their intervals below each other, on one axis with what is allowed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from driftkit.report.page import svg
from driftkit.report.page.svg import chart, coordinate, legend, mark, number, scale, stroke, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

_ROW, _TOP, _BOTTOM, _NAMES, _RIGHT = 22, 26, 26, 230, 60
_LONGEST_NAME = 34


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A row of the chart.

    Attributes:
        name: what is measured.
        value: the number.
        interval: its confidence interval; None where it is not known.
        baseline: the baseline's number; None where it is not known.
        allowed: the range in which it is no violation; None where it is not compared.
        violated: whether it is one.
    """

    name: str
    value: float
    interval: tuple[float, float] | None = None
    baseline: float | None = None
    allowed: tuple[float, float] | None = None
    violated: bool = False


def forest(rows: Sequence[Point], says: str) -> Markup:
    """A point and its interval a row, the baseline's as a diamond, what is allowed in grey.

    Args:
        rows: at least one.
        says: what the chart shows, in words.
    """
    ends = [end for each in rows for end in _ends(each)]
    low, high = min(ends), max(ends)
    room = (high - low) * 0.05 or 1.0
    x = scale(low - room, high + room, _NAMES, svg.WIDTH - _RIGHT)
    height = _TOP + _ROW * len(rows) + _BOTTOM
    drawn = [*_axis(x, height)]
    for at, each in enumerate(rows):
        drawn += _row(each, _TOP + _ROW * at + _ROW / 2, x)
    entries = [("now", "window")]
    entries += [("base", "baseline")] if any(each.baseline is not None for each in rows) else []
    entries += [("faint", "allowed")] if any(each.allowed for each in rows) else []
    return chart(says, *drawn, *legend(entries, _NAMES, 14), height=height)


def _ends(row: Point) -> list[float]:
    ends = [row.value, row.baseline, *(row.interval or ()), *(row.allowed or ())]
    return svg.known(ends)


def _axis(x: svg.Scale, height: int) -> list[Markup]:
    drawn = []
    for value in svg.ticks(x.low, x.high):
        at = coordinate(x(value))
        drawn.append(
            stroke("path", "base" if value == 0 else "faint", d=f"M{at} {_TOP}V{height - _BOTTOM}")
        )
        drawn.append(words(number(value), x(value), height - _BOTTOM + 16, "middle"))
    return drawn


def _row(row: Point, y: float, x: svg.Scale) -> list[Markup]:
    colour = "bad" if row.violated else "now"
    name = row.name if len(row.name) <= _LONGEST_NAME else f"{row.name[:_LONGEST_NAME]}..."
    drawn = [words(name, _NAMES - 8, y + 4, "end")]
    if row.allowed is not None:
        left, right = (x(each) for each in row.allowed)
        drawn.append(
            mark("rect", "faint", x=left, y=y - 8, width=right - left, height=16, fill_opacity=0.5)
        )
    if row.interval is not None and all(map(math.isfinite, row.interval)):
        start, end = (coordinate(x(each)) for each in row.interval)
        drawn.append(stroke("path", colour, d=f"M{start} {coordinate(y)}H{end}", stroke_width=2))
    if row.baseline is not None and math.isfinite(row.baseline):
        at = x(row.baseline)
        corners = f"{coordinate(at)} {coordinate(y - 5)}l5 5l-5 5l-5 -5Z"
        drawn.append(stroke("path", "base", d=f"M{corners}", stroke_width=1.5))
    drawn.append(mark("circle", colour, cx=x(row.value), cy=y, r=4))
    drawn.append(
        words(number(row.value), svg.WIDTH - 4, y + 4, "end", colour if row.violated else "text")
    )
    return drawn
