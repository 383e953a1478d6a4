"""A metric that was estimated without labels over time, beside what labels said of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftkit.report.page import svg
from driftkit.report.page.charts.timeline import intervals
from driftkit.report.page.svg import (
    Scale,
    chart,
    known,
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
    names = [("now", "estimate and 95 % interval"), ("base", "by labels")]
    if figure.limit is not None:
        end = "least" if figure.better == "higher" else "most"
        names.append(("bad", f"{end} of ordinary windows"))
    drawn = [
        *legend(names, _LEFT, 14),
        *svg.grid(at, _LEFT, svg.WIDTH - _RIGHT),
        *intervals(line, x, y),
        *_line(line.y, x, y),
        *_points(figure.realized, x, y),
    ]
    if figure.limit is not None:
        drawn.append(svg.limit(y(figure.limit), _LEFT, svg.WIDTH - _RIGHT))
    if figure.blocks:
        base = _HEIGHT - _BOTTOM + 18
        drawn.append(words(figure.blocks[0], _LEFT, base))
        drawn.append(words(figure.blocks[-1], svg.WIDTH - _RIGHT, base, "end"))
    return chart(_says(figure), *drawn, height=_HEIGHT)


def _up(figure: Estimates) -> Scale:
    line = figure.line
    values = [
        *known(line.y),
        *known(line.lower or ()),
        *known(line.upper or ()),
        *known(figure.realized),
        *([] if figure.limit is None else [figure.limit]),
    ] or [0.0, 1.0]
    room = (max(values) - min(values)) * 0.05 or 0.01
    return scale(min(values) - room, max(values) + room, _HEIGHT - _BOTTOM, _TOP)


def _line(values: Sequence[float | None], x: Scale, y: Scale) -> list[Markup]:
    dots = _dots(values, x, y)
    if len(dots) < 2:
        return _circles("now", dots)
    return [stroke("path", "now", d=trail(dots), stroke_width=2)]


def _points(values: Sequence[float | None], x: Scale, y: Scale) -> list[Markup]:
    dots = _dots(values, x, y)
    if len(dots) > _MARKED:
        return [stroke("path", "base", d=trail(dots))]
    return _circles("base", dots)


def _dots(values: Sequence[float | None], x: Scale, y: Scale) -> list[tuple[float, float]]:
    return [(x(at), y(value)) for at, value in enumerate(values) if value is not None]


def _circles(colour: str, dots: Sequence[tuple[float, float]]) -> list[Markup]:
    return [mark("circle", colour, cx=a, cy=b, r=3) for a, b in dots]


def _says(figure: Estimates) -> str:
    values, true = known(figure.line.y), known(figure.realized)
    if not values:
        return f"{svg.shown(figure.name)}: not known"
    said = f"{svg.shown(figure.name)}: between {number(min(values))} and {number(max(values))}"
    if true:
        said += f", by labels between {number(min(true))} and {number(max(true))}"
    return said if figure.limit is None else f"{said}, limit {number(figure.limit)}"
