"""A metric that was estimated without labels over time, beside what labels said of it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from driftkit.report.page import svg
from driftkit.report.page.svg import (
    Scale,
    chart,
    coordinate,
    legend,
    mark,
    number,
    scale,
    stroke,
    trail,
    words,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

    from driftkit.results.figures import Estimates

_LEFT, _RIGHT, _TOP, _BOTTOM, _HEIGHT = 60, 12, 26, 28, 220
# More blocks than this have a line without points.
_MARKED = 120


def estimates(figure: Estimates) -> Markup:
    """The estimates as a line with a band of intervals, the truth as points, the limit dashed."""
    line, last = figure.line, max(len(figure.blocks) - 1, 1)
    x = scale(0, last, _LEFT, svg.WIDTH - _RIGHT)
    y = _up(figure)
    at = [(each, y(each)) for each in svg.ticks(y.low, y.high)]
    drawn = [
        *legend([("now", "estimate"), ("base", "by labels")], _LEFT, 14),
        *svg.grid(at, _LEFT, svg.WIDTH - _RIGHT),
        *_band(line.lower or (), line.upper or (), x, y),
        *_line(line.y, x, y),
        *_points(figure.realized, x, y),
    ]
    if figure.limit is not None:
        path = f"M{_LEFT} {coordinate(y(figure.limit))}H{svg.WIDTH - _RIGHT}"
        drawn.append(stroke("path", "bad", d=path, stroke_dasharray="5 3"))
    if figure.blocks:
        base = _HEIGHT - _BOTTOM + 18
        drawn.append(words(figure.blocks[0], _LEFT, base))
        drawn.append(words(figure.blocks[-1], svg.WIDTH - _RIGHT, base, "end"))
    return chart(_says(figure), *drawn, height=_HEIGHT)


def _known(values: Sequence[float | None]) -> list[float]:
    return [each for each in values if each is not None and math.isfinite(each)]


def _up(figure: Estimates) -> Scale:
    line = figure.line
    values = [
        *_known(line.y),
        *_known(line.lower or ()),
        *_known(line.upper or ()),
        *_known(figure.realized),
        *([] if figure.limit is None else [figure.limit]),
    ] or [0.0, 1.0]
    room = (max(values) - min(values)) * 0.05 or 0.01
    return scale(min(values) - room, max(values) + room, _HEIGHT - _BOTTOM, _TOP)


def _band(
    lower: Sequence[float | None], upper: Sequence[float | None], x: Scale, y: Scale
) -> list[Markup]:
    ends = [
        (x(at), y(low), y(high))
        for at, (low, high) in enumerate(zip(lower, upper, strict=True))
        if low is not None and high is not None
    ]
    return [svg.band(ends)] if len(ends) > 1 else []


def _line(values: Sequence[float | None], x: Scale, y: Scale) -> list[Markup]:
    known = [(x(at), y(value)) for at, value in enumerate(values) if value is not None]
    if len(known) < 2:
        return [mark("circle", "now", cx=a, cy=b, r=3) for a, b in known]
    return [stroke("path", "now", d=trail(known), stroke_width=2)]


def _points(values: Sequence[float | None], x: Scale, y: Scale) -> list[Markup]:
    known = [(x(at), y(value)) for at, value in enumerate(values) if value is not None]
    if len(known) > _MARKED:
        return [stroke("path", "base", d=trail(known))]
    return [mark("circle", "base", cx=a, cy=b, r=3) for a, b in known]


def _says(figure: Estimates) -> str:
    known, true = _known(figure.line.y), _known(figure.realized)
    if not known:
        return f"{svg.shown(figure.name)}: not known"
    said = f"{svg.shown(figure.name)}: between {number(min(known))} and {number(max(known))}"
    if true:
        said += f", by labels between {number(min(true))} and {number(max(true))}"
    return said if figure.limit is None else f"{said}, limit {number(figure.limit)}"
