"""A number beside what is allowed, in a row of a table."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from driftkit.report.page.svg import chart, coordinate, mark, number, scale, stroke

if TYPE_CHECKING:
    from markupsafe import Markup

WIDTH, HEIGHT = 110, 16


def bullet(value: float, allowed: tuple[float, float], *, violated: bool) -> Markup:
    """A bar as long as the number, and a mark at each end of what is allowed.

    Args:
        value: the number.
        allowed: the range in which it is no violation; infinite where one side is open.
        violated: whether it is one.
    """
    bounds = [each for each in allowed if math.isfinite(each)]
    ends = [0.0, value, *bounds]
    x = scale(min(ends), max(ends) or 1.0, 1, WIDTH - 2)
    left, right = sorted((x(0.0), x(value)))
    bar = mark(
        "rect", "bad" if violated else "now", x=left, y=5, width=max(right - left, 1.0), height=6
    )
    marks = [
        stroke("path", "text", d=f"M{coordinate(x(each))} 1V15", stroke_width=2) for each in bounds
    ]
    limit = " and ".join(map(number, bounds))
    said = f"{number(value)}, limit {limit}" if bounds else number(value)
    return chart(said, bar, *marks, width=WIDTH, height=HEIGHT)
