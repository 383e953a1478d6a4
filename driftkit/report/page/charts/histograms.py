"""Charts of a column's values: numbers as steps, categories as pairs of points."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftkit.report.page import svg
from driftkit.report.page.svg import chart, coordinate, mark, number, scale, stroke, words
from driftkit.results.figures import Categories, Histogram

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

LEFT, RIGHT, TOP, BOTTOM = 44, 20, 8, 28
SMALL_WIDTH, SMALL_HEIGHT = 110, 24
_HEIGHT = 180
_ROW = 20
_NAMES = 190
_MOST_NAMED = 28


def histogram(figure: Histogram) -> Markup:
    """The window as an outline over the filled baseline."""
    top = max(*figure.window, *(figure.baseline or (0.0,)))
    y = scale(0, top, _HEIGHT - BOTTOM, TOP)
    width = (svg.WIDTH - LEFT - RIGHT) // len(figure.window)
    drawn = [
        svg.rules(map(y, svg.ticks(0, top)), LEFT, svg.WIDTH - RIGHT),
        svg.labels([(f"{each:.4g}", LEFT - 6, y(each) + 4) for each in svg.ticks(0, top)], "end"),
        _edges(figure, width),
        *_steps(figure, y, LEFT, width),
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


def small(figure: Histogram | Categories) -> Markup:
    """The shares as steps, in a row of a table."""
    top = max((*figure.window, *(figure.baseline or ()), 0.01))
    y = scale(0, top, SMALL_HEIGHT, 1)
    width = max(SMALL_WIDTH // max(len(figure.window), 1), 1)
    says = _says(figure) if isinstance(figure, Histogram) else _says_categories(figure)
    return chart(says, *_steps(figure, y, 0, width), width=SMALL_WIDTH, height=SMALL_HEIGHT)


def _steps(figure: Histogram | Categories, y: svg.Scale, left: float, width: int) -> list[Markup]:
    """Bars that touch each other: the baseline's filled, the window's as their outline."""
    drawn = []
    if figure.baseline is not None:
        path = _path(figure.baseline, y, left, width)
        drawn.append(svg.mark("path", "faint", d=f"{path}Z"))
    drawn.append(stroke("path", "now", d=_path(figure.window, y, left, width)))
    return drawn


def _path(shares: Sequence[float], y: svg.Scale, left: float, width: int) -> str:
    """An outline by steps to the right, which are shorter to write than positions."""
    path = [f"M{coordinate(left)} {coordinate(y(0))}"]
    steps = 1
    for share, following in zip(shares, [*shares[1:], None], strict=True):
        if following is not None and coordinate(y(share)) == coordinate(y(following)):
            steps += 1
            continue
        path.append(f"V{coordinate(y(share))}h{width * steps}")
        steps = 1
    return "".join([*path, f"V{coordinate(y(0))}"])


def _edges(figure: Histogram, width: int) -> Markup:
    """Numbers at some of the bounds."""
    last = len(figure.edges) - 1
    positions = sorted({round(last * part / 2) for part in range(3)})
    base = _HEIGHT - BOTTOM + 16
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
