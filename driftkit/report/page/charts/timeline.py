"""A number over time, with its interval and what is allowed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from driftkit.report.page import svg
from driftkit.report.page.svg import (
    Scale,
    chart,
    coordinate,
    mark,
    number,
    points,
    scale,
    stroke,
    words,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from markupsafe import Markup

    from driftkit.results.figures import Line

_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 12, 8, 28
_HEIGHT = 160
_MOST_POINTS = 400
SMALL_WIDTH, SMALL_HEIGHT = 110, 24


def timeline(name: str, line: Line, labels: Sequence[str], bounds: Iterable[float] = ()) -> Markup:
    """The line with a band of its intervals, and dashed lines where a violation begins.

    Args:
        name: of the number.
        line: its values; x is only their order.
        labels: of the first and the last of them.
        bounds: ends of what is allowed.
    """
    allowed = [each for each in bounds if math.isfinite(each)]
    values = [*_known(line.y), *_known(line.lower or ()), *_known(line.upper or ()), *allowed]
    if not values:
        return chart(f"{svg.shown(name)}: nothing was measured", height=40)
    x = scale(0, max(len(line.y) - 1, 1), _LEFT, svg.WIDTH - _RIGHT)
    y = _up(values, _HEIGHT - _BOTTOM, _TOP)
    drawn = [*_grid(y), *_band(line, x, y)]
    drawn += [
        stroke(
            "path",
            "bad",
            d=f"M{_LEFT} {coordinate(y(each))}H{svg.WIDTH - _RIGHT}",
            stroke_dasharray="5 3",
        )
        for each in allowed
    ]
    drawn += _lines(line.y, x, y)
    drawn += _ends(labels)
    return chart(_says(name, line, allowed), *drawn, height=_HEIGHT)


def spark(line: Line, bounds: Iterable[float] = ()) -> Markup:
    """The same in a row of a table."""
    allowed = [each for each in bounds if math.isfinite(each)]
    values = [*_known(line.y), *allowed]
    if not _known(line.y):
        return chart("nothing was measured", width=SMALL_WIDTH, height=SMALL_HEIGHT)
    x = scale(0, max(len(line.y) - 1, 1), 2, SMALL_WIDTH - 2)
    y = _up(values, SMALL_HEIGHT - 2, 2)
    limits = [
        stroke("path", "bad", d=f"M0 {coordinate(y(each))}H{SMALL_WIDTH}", stroke_dasharray="3 2")
        for each in allowed
    ]
    said = _says("", line, allowed)
    return chart(said, *limits, *_lines(line.y, x, y), width=SMALL_WIDTH, height=SMALL_HEIGHT)


def _known(values: Iterable[float | None]) -> list[float]:
    return [each for each in values if each is not None and math.isfinite(each)]


def _up(values: Sequence[float], bottom: float, top: float) -> Scale:
    low, high = min(values), max(values)
    room = (high - low) * 0.05 or abs(high) * 0.05 or 1.0
    return scale(low if low == 0 else low - room, high + room, bottom, top)


def _grid(y: Scale) -> list[Markup]:
    values = svg.ticks(y.low, y.high)
    return [
        svg.rules(map(y, values), _LEFT, svg.WIDTH - _RIGHT),
        svg.labels([(number(each), _LEFT - 6, y(each) + 4) for each in values], "end"),
    ]


def _ends(labels: Sequence[str]) -> list[Markup]:
    base = _HEIGHT - _BOTTOM + 18
    drawn = [words(labels[0], _LEFT, base)] if labels else []
    right = svg.WIDTH - _RIGHT
    return [*drawn, words(labels[-1], right, base, "end")] if len(labels) > 1 else drawn


def _band(line: Line, x: Scale, y: Scale) -> list[Markup]:
    if line.lower is None or line.upper is None:
        return []
    at = [
        (position, low, high)
        for position, (low, high) in enumerate(zip(line.lower, line.upper, strict=True))
        if low is not None and high is not None and math.isfinite(low) and math.isfinite(high)
    ]
    if len(at) < 2:
        return []
    return [svg.band([(x(position), y(low), y(high)) for position, low, high in at])]


def _lines(values: Sequence[float | None], x: Scale, y: Scale) -> list[Markup]:
    """Lines through the known values, points where one stands alone or is the last one."""
    drawn: list[Markup] = []
    for part in _parts(values):
        kept = _thinned(part)
        across, up = [x(at) for at, _ in kept], [y(value) for _, value in kept]
        if len(kept) > 1:
            drawn.append(stroke("polyline", "now", points=points(across, up), stroke_width=2))
        if len(kept) == 1 or part[-1][0] == len(values) - 1:
            drawn.append(mark("circle", "now", cx=across[-1], cy=up[-1], r=3))
    return drawn


def _parts(values: Sequence[float | None]) -> list[list[tuple[int, float]]]:
    parts: list[list[tuple[int, float]]] = [[]]
    for at, value in enumerate(values):
        if value is None or not math.isfinite(value):
            parts.append([])
        else:
            parts[-1].append((at, value))
    return [each for each in parts if each]


def _thinned(part: list[tuple[int, float]]) -> list[tuple[int, float]]:
    """At most so many points as can be seen: of each stretch the least and the greatest."""
    if len(part) <= _MOST_POINTS:
        return part
    size = math.ceil(2 * len(part) / _MOST_POINTS)
    kept: list[tuple[int, float]] = []
    for start in range(0, len(part), size):
        stretch = part[start : start + size]
        ends = {min(stretch, key=lambda each: each[1]), max(stretch, key=lambda each: each[1])}
        kept += sorted(ends)
    return kept


def _says(name: str, line: Line, allowed: Sequence[float]) -> str:
    known = _known(line.y)
    last = line.y[-1]
    now = "not measured in the last window" if last is None else f"now {number(last)}"
    limit = f", limit {' and '.join(map(number, allowed))}" if allowed else ""
    about = f"{svg.shown(name)}: " if name else ""
    return f"{about}{now}, before between {number(min(known))} and {number(max(known))}{limit}"
