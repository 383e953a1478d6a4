"""A number over time, with its interval and what is allowed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from markupsafe import Markup

from driftkit.report.page import svg
from driftkit.report.page.svg import (
    SMALL_HEIGHT,
    SMALL_WIDTH,
    Scale,
    chart,
    coordinate,
    group,
    known,
    mark,
    number,
    scale,
    stroke,
    trail,
    used,
    words,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from driftkit.results.figures import Line

# The shape is drawn for a row of a table; the chart has it so many times as large.
_LARGER = 5.5
_LEFT, _BOTTOM, _HEIGHT = 52, 28, 160
_ORIGIN = _LEFT - 2 * _LARGER
_RIGHT = _ORIGIN + (SMALL_WIDTH - 4) * _LARGER
_MOST_POINTS = 400
ENDS = "ends"
_NOTHING = "nothing was measured"


def timeline(
    name: str,
    line: Line,
    labels: Sequence[str],
    bounds: Iterable[float] = (),
    same: str | None = None,
) -> Markup:
    """The line with a band of its intervals, and dashed lines where a violation begins.

    Args:
        name: of the number.
        line: its values; x is only their order.
        labels: of the first and the last of them.
        bounds: ends of what is allowed.
        same: the id that its shape has in a row of the page, so that it need not be written twice;
            the page has the labels once for all, see `ends`.
    """
    drawing = _drawing(line, bounds)
    if drawing is None:
        return chart(f"{svg.shown(name)}: {_NOTHING}", height=40)
    placed: dict[str, object] = {
        "transform": f"translate({coordinate(_ORIGIN)})scale({_LARGER})",
        "stroke_width": ".3",
    }
    shape = group(drawing.shape(), **placed) if same is None else used(same, **placed)
    ends = _ends(labels) if same is None else [used(ENDS)]
    drawn = [*_grid(drawing.y), shape, *ends]
    return chart(_says(name, line, drawing.allowed), *drawn, height=_HEIGHT)


def spark(line: Line, bounds: Iterable[float] = (), named: str | None = None) -> Markup:
    """The same in a row of a table.

    Args:
        line: its values; x is only their order.
        bounds: ends of what is allowed.
        named: an id for its shape, for the chart of the same line below it; its own title is short
            then.
    """
    drawing = _drawing(line, bounds)
    if drawing is None:
        return svg.small(_NOTHING, height=SMALL_HEIGHT)
    says = _says("", line, drawing.allowed) if named is None else "over time"
    parts = [drawing.shape(named), drawing.last()]
    return svg.small(says, *parts, height=SMALL_HEIGHT)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Drawing:
    """A line in the size of a row of a table."""

    line: Line
    allowed: Sequence[float]
    x: Scale
    y: Scale

    def shape(self, named: str | None = None) -> Markup:
        """What is allowed, the band and the lines, as wide as what they are within says."""
        limits = [
            svg.ruled("bad", f"M2 {coordinate(self.y(each))}H106", stroke_dasharray="3 2")
            for each in self.allowed
        ]
        lines = _lines(self.line.y, self.x, self.y)
        return group(*limits, *intervals(self.line, self.x, self.y), *lines, id=named)

    def last(self) -> Markup:
        """A point at the last value; nothing where it is unknown."""
        value = self.line.y[-1]
        if value is None or not math.isfinite(value):
            return Markup("")
        return mark("circle", "now", cx=self.x(len(self.line.y) - 1), cy=self.y(value), r=2.5)


def _drawing(line: Line, bounds: Iterable[float]) -> _Drawing | None:
    """None where no value is known."""
    if not known(line.y):
        return None
    allowed = [each for each in bounds if math.isfinite(each)]
    values = [*known(line.y), *known(line.lower or ()), *known(line.upper or ()), *allowed]
    x = scale(0, max(len(line.y) - 1, 1), 2, SMALL_WIDTH - 4)
    return _Drawing(line=line, allowed=allowed, x=x, y=_up(values))


def _up(values: Sequence[float]) -> Scale:
    low, high = min(values), max(values)
    room = (high - low) * 0.05 or abs(high) * 0.05 or 1.0
    return scale(low if low == 0 else low - room, high + room, SMALL_HEIGHT - 2, 2)


def _grid(y: Scale) -> list[Markup]:
    at = [(each, round(_LARGER * y(each))) for each in svg.ticks(y.low, y.high)]
    return svg.grid(at, _LEFT, _RIGHT)


def ends(labels: Sequence[str]) -> Markup:
    """The labels below the charts of a page, which refer to them.

    Args:
        labels: of the first and the last value.
    """
    held = group(*_ends(labels), id=ENDS)
    return svg.element("svg", held, width=0, height=0, aria_hidden="true")


def _ends(labels: Sequence[str]) -> list[Markup]:
    base = _HEIGHT - _BOTTOM + 18
    drawn = [words(labels[0], _LEFT, base)] if labels else []
    return [*drawn, words(labels[-1], _RIGHT, base, "end")] if len(labels) > 1 else drawn


def intervals(line: Line, x: Scale, y: Scale) -> list[Markup]:
    """The band between the ends of a line's intervals; nothing where fewer than two are known."""
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
    """Lines through the known values, points where one stands alone."""
    drawn: list[Markup] = []
    for part in _parts(values):
        kept = [(x(at), y(value)) for at, value in _thinned(part)]
        if len(kept) > 1:
            drawn.append(stroke("path", "now", d=trail(kept)))
        else:
            drawn.append(mark("circle", "now", cx=kept[0][0], cy=kept[0][1], r=1))
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
    values = known(line.y)
    last = line.y[-1]
    now = "not measured in the last window" if last is None else f"now {number(last)}"
    limit = f", limit {' and '.join(map(number, allowed))}" if allowed else ""
    about = f"{svg.shown(name)}: " if name else ""
    return f"{about}{now}, before between {number(min(values))} and {number(max(values))}{limit}"
