"""A difference between two versions over time, with its bounds and margin."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from driftkit.report.page import svg
from driftkit.report.page.svg import (
    Scale,
    chart,
    coordinate,
    number,
    scale,
    stroke,
    trail,
    words,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

    from driftkit.results.figures import Trajectory

_LEFT, _RIGHT, _TOP, _BOTTOM, _HEIGHT = 60, 12, 10, 28, 200
_MOST_POINTS = 300
# Bounds of the first few rows are so wide that nothing else could be seen.
_WIDEST = 4.0


def trajectory(figure: Trajectory) -> Markup:
    """The difference and the band between its bounds; dashed is how much worse is allowed."""
    positions = range(0, len(figure.times), max(math.ceil(len(figure.times) / _MOST_POINTS), 1))
    lower, upper = figure.line.lower or figure.line.y, figure.line.upper or figure.line.y
    limit = _limit(figure)
    x = scale(0, max(len(figure.times) - 1, 1), _LEFT, svg.WIDTH - _RIGHT)
    y = _up(figure, limit)
    base = _HEIGHT - _BOTTOM
    at = [(each, y(each)) for each in svg.ticks(y.low, y.high)]
    drawn = [
        *svg.grid(at, _LEFT, svg.WIDTH - _RIGHT),
        stroke("path", "base", d=f"M{_LEFT} {coordinate(y(0))}H{svg.WIDTH - _RIGHT}"),
        *_band(positions, lower, upper, x, y),
        *_difference(positions, figure.line.y, x, y),
    ]
    if limit is not None:
        drawn.append(svg.limit(y(limit), _LEFT, svg.WIDTH - _RIGHT))
    if figure.decided in figure.times:
        where = coordinate(x(figure.times.index(figure.decided)))
        drawn.append(stroke("path", "good", d=f"M{where} {_TOP}V{base}", stroke_width=2))
    if figure.times:
        first, last = (f"{each:%Y-%m-%d %H:%M}" for each in (figure.times[0], figure.times[-1]))
        drawn.append(words(first, _LEFT, base + 18))
        drawn.append(words(last, svg.WIDTH - _RIGHT, base + 18, "end"))
    return chart(_says(figure, limit), *drawn, height=_HEIGHT)


def _limit(figure: Trajectory) -> float | None:
    if figure.margin is None:
        return None
    return -figure.margin if figure.better == "higher" else figure.margin


def _up(figure: Trajectory, limit: float | None) -> Scale:
    """From the bounds of the last look, and room for those of earlier ones."""
    lines = (figure.line.lower or (), figure.line.upper or (), figure.line.y)
    last = [_last(each) for each in lines]
    ends = [each for each in [*last, limit, 0.0] if each is not None]
    span = (max(ends) - min(ends)) or 1.0
    room = span * (_WIDEST - 1) / 2
    seen = svg.known(each for line in lines for each in line)
    low = max(min([*seen, *ends]), min(ends) - room)
    high = min(max([*seen, *ends]), max(ends) + room)
    return scale(low - span * 0.03, high + span * 0.03, _HEIGHT - _BOTTOM, _TOP)


def _last(values: Sequence[float | None]) -> float | None:
    return next(iter(svg.known(reversed(values))), None)


def _band(
    positions: range,
    lower: Sequence[float | None],
    upper: Sequence[float | None],
    x: Scale,
    y: Scale,
) -> list[Markup]:
    known = [
        (at, low, high)
        for at in positions
        if (low := lower[at]) is not None and (high := upper[at]) is not None
    ]
    if not known:
        return []
    return [svg.band([(x(at), y(low), y(high)) for at, low, high in known])]


def _difference(
    positions: range, values: Sequence[float | None], x: Scale, y: Scale
) -> list[Markup]:
    known = [(at, value) for at in positions if (value := values[at]) is not None]
    if not known:
        return []
    path = trail((x(at), y(value)) for at, value in known)
    return [stroke("path", "now", d=path, stroke_width=2)]


def _says(figure: Trajectory, limit: float | None) -> str:
    value = _last(figure.line.y)
    low, high = _last(figure.line.lower or ()), _last(figure.line.upper or ())
    between = f", between {number(low)} and {number(high)}" if low is not None else ""
    allowed = f", allowed is {number(limit)}" if limit is not None else ""
    decided = f", decided at {figure.decided:%Y-%m-%d %H:%M}" if figure.decided else ""
    now = "not measured" if value is None else number(value)
    return f"difference of {svg.shown(figure.name)}: {now}{between}{allowed}{decided}"
