"""Charts of a column's values: numbers as steps, categories as pairs of points."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftkit.report.page import svg
from driftkit.report.page.svg import chart, coordinate, group, mark, number, scale, stroke, words
from driftkit.results.figures import Categories, Histogram

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

LEFT, RIGHT, TOP, BOTTOM = 44, 20, 8, 28
# The shape is drawn for a row of a table; the chart has it six times as large.
_SPAN, _LARGER = 96, 6
_HEIGHT = 180
_ROW = 20
_NAMES = 190
_MOST_NAMED = 28


def histogram(figure: Histogram, same: str | None = None) -> Markup:
    """The window as an outline over the filled baseline.

    Args:
        figure: what is drawn.
        same: the id that its shape has in a row of the page, so that it need not be written twice.
    """
    top = highest(figure)
    y = scale(0, top, _HEIGHT - BOTTOM, TOP + _LARGER)
    placed: dict[str, object] = {
        "transform": f"translate({LEFT} {TOP})scale({_LARGER})",
        "stroke_width": ".2",
    }
    shape = group(_shape(figure), **placed) if same is None else svg.used(same, **placed)
    at = [(each, round(y(each))) for each in svg.ticks(0, top)]
    drawn = [
        *svg.grid(at, LEFT, svg.WIDTH - RIGHT),
        _edges(figure),
        shape,
    ]
    return chart(_says(figure), *drawn, height=_HEIGHT)


def categories(figure: Categories) -> Markup:
    """A row a value, the baseline's share as a ring and the window's as a point."""
    height = TOP + _ROW * (len(figure.values) + bool(figure.others)) + BOTTOM
    top = max((*figure.window, *(figure.baseline or ()), 0.01))
    x = scale(0, top, _NAMES, svg.WIDTH - 60)
    drawn: list[Markup] = []
    for at, value in enumerate(figure.values):
        drawn += _pair(figure, at, value, x)
    if figure.others:
        said = f"and {figure.others:,} more values"
        drawn.append(words(said, _NAMES - 8, _middle(len(figure.values)) + 4, "end"))
    return chart(_says_categories(figure), *drawn, height=height)


def small(figure: Histogram | Categories, named: str | None = None) -> Markup:
    """The shares as steps, in a row of a table.

    Args:
        figure: what is drawn.
        named: an id for its shape, for the chart of the same figure below it; its own title is
            short then.
    """
    whole = _says(figure) if isinstance(figure, Histogram) else _says_categories(figure)
    says = whole if named is None else "distribution"
    return svg.small(says, _shape(figure, named), height=svg.SMALL_HEIGHT)


def _shape(figure: Histogram | Categories, named: str | None = None) -> Markup:
    """Bars that touch each other: the baseline's filled, the window's as their outline."""
    y = scale(0, highest(figure), svg.SMALL_HEIGHT, 1)
    drawn = []
    if figure.baseline is not None:
        drawn.append(svg.mark("path", "faint", d=f"{_path(figure.baseline, y)}Z"))
    drawn.append(stroke("path", "now", d=_path(figure.window, y)))
    return group(*drawn, id=named)


def highest(figure: Histogram | Categories) -> float:
    """The greatest share of either side, above 0: where the top of a drawing is."""
    return max((*figure.window, *(figure.baseline or ()), 0.0)) or 0.01


def _path(shares: Sequence[float], y: svg.Scale) -> str:
    """An outline by steps to the right, which are shorter to write than positions."""
    bottom = round(y(0), 1)
    path, last, above = [f"M0 {coordinate(bottom)}"], 0.0, bottom
    for at, share in enumerate(shares):
        end, up = round(_SPAN * (at + 1) / len(shares), 1), round(y(share), 1)
        moved = "" if up == above else f"v{coordinate(up - above)}"
        path.append(f"{moved}h{coordinate(end - last)}")
        last, above = end, up
    return "".join([*path, f"V{coordinate(bottom)}"])


def _edges(figure: Histogram) -> Markup:
    """Numbers at some of the bounds."""
    last = len(figure.edges) - 1
    positions = sorted({round(last * part / 2) for part in range(3)})
    base, width = _HEIGHT - BOTTOM + 16, _SPAN * _LARGER / last
    return svg.labels(
        [(number(figure.edges[at]), LEFT + width * at, base) for at in positions], "middle"
    )


def _middle(row: int) -> float:
    return TOP + _ROW * row + _ROW / 2


def _pair(figure: Categories, at: int, value: str, x: svg.Scale) -> list[Markup]:
    y, now = _middle(at), figure.window[at]
    before = figure.baseline[at] if figure.baseline is not None else None
    name = value if len(value) <= _MOST_NAMED else f"{value[:_MOST_NAMED]}..."
    right = max(now, before or 0.0)
    drawn = [
        words(name or '""', _NAMES - 8, y + 4, "end"),
        stroke("path", "faint", d=f"M{_NAMES} {coordinate(y)}H{svg.WIDTH - 60}"),
    ]
    if before is not None:
        drawn.append(
            stroke(
                "path", "base", d=f"M{coordinate(x(before))} {coordinate(y)}H{coordinate(x(now))}"
            )
        )
        drawn.append(stroke("circle", "base", cx=x(before), cy=y, r=5, stroke_width=2))
    new = before == 0.0 and now > 0
    drawn.append(mark("circle", "bad" if new else "now", cx=x(now), cy=y, r=4))
    said = f"{now:.1%}{' new' if new else ''}"
    drawn.append(words(said, x(right) + 10, y + 4, colour="bad" if new else "text"))
    return drawn


def _says(figure: Histogram) -> str:
    low, high = number(figure.edges[0]), number(figure.edges[-1])
    most = max(range(len(figure.window)), key=figure.window.__getitem__)
    usual = f"the most frequent interval begins at {number(figure.edges[most])}"
    if figure.baseline is None:
        return f"{svg.shown(figure.feature)} from {low} to {high}; {usual}"
    before = max(range(len(figure.baseline)), key=figure.baseline.__getitem__)
    return (
        f"{svg.shown(figure.feature)} from {low} to {high}; {usual}, in the baseline at "
        f"{number(figure.edges[before])}"
    )


def _says_categories(figure: Categories) -> str:
    if not figure.values:
        return f"{svg.shown(figure.feature)} has no values"
    most = max(range(len(figure.values)), key=figure.window.__getitem__)
    said = f"{svg.shown(figure.values[most])!r} is the most frequent value"
    before = "" if figure.baseline is None else f", in the baseline {figure.baseline[most]:.1%}"
    return f"{svg.shown(figure.feature)}: {said} with {figure.window[most]:.1%}{before}"
