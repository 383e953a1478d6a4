"""Curves of model quality: receiver operating characteristic, precision-recall, calibration."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from driftkit.report.page import svg
from driftkit.report.page.svg import Scale, chart, coordinate, scale, stroke, trail, words

if TYPE_CHECKING:
    from markupsafe import Markup

    from driftkit.results.figures import Curve, Line

_SIDE, _LEFT, _TOP, _BOTTOM, _RIGHT = 300, 44, 10, 44, 12
_MOST_POINTS = 200


def curve(figure: Curve) -> Markup:
    """The window's curve over the baseline's, from 0 to 1 on both sides."""
    x = scale(0, 1, _LEFT, _SIDE - _RIGHT)
    y = scale(0, 1, _SIDE - _BOTTOM, _TOP)
    base = _SIDE - _BOTTOM
    at = svg.ticks(0, 1)
    drawn = [
        *svg.grid([(each, y(each)) for each in at], _LEFT, _SIDE - _RIGHT),
        svg.labels([(f"{each:g}", x(each), base + 16) for each in at], "middle"),
        words(figure.x_label, (_LEFT + _SIDE) / 2, _SIDE - 10, "middle"),
        words(figure.y_label, _LEFT + 6, _TOP + 12),
    ]
    if figure.diagonal:
        ends = f"M{coordinate(x(0))} {coordinate(y(0))}L{coordinate(x(1))} {coordinate(y(1))}"
        drawn.append(stroke("path", "faint", d=ends, stroke_dasharray="4 3"))
    if figure.baseline is not None:
        drawn.append(_line(figure.baseline, x, y, "base", stroke_dasharray="6 3"))
    drawn.append(_line(figure.window, x, y, "now", stroke_width=2))
    drawn += _intervals(figure.window, x, y)
    return chart(_says(figure), *drawn, width=_SIDE, height=_SIDE)


def _line(line: Line, x: Scale, y: Scale, colour: str, **attributes: object) -> Markup:
    known = [
        (a, b)
        for a, b in zip(line.x, line.y, strict=True)
        if b is not None and math.isfinite(a) and math.isfinite(b)
    ]
    step = max(math.ceil(len(known) / _MOST_POINTS), 1)
    kept = [*known[::step], *known[-1:]]
    path = trail((x(a), y(b)) for a, b in kept)
    return stroke("path", colour, d=path, **attributes)


def _intervals(line: Line, x: Scale, y: Scale) -> list[Markup]:
    """Bars of the intervals, where they are known."""
    if line.lower is None or line.upper is None:
        return []
    path = "".join(
        f"M{coordinate(x(at))} {coordinate(y(low))}V{coordinate(y(high))}"
        for at, low, high in zip(line.x, line.lower, line.upper, strict=True)
        if low is not None and high is not None
    )
    return [stroke("path", "now", d=path)] if path else []


def _says(figure: Curve) -> str:
    before = " and the baseline's, dashed" if figure.baseline else ""
    return f"{svg.shown(figure.name)} of the window{before}"
