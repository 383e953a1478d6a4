"""A number beside what is allowed, in a row of a table."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from driftkit.report.page.svg import SMALL_WIDTH, coordinate, mark, number, scale, small

if TYPE_CHECKING:
    from markupsafe import Markup

HEIGHT = 16


def bullet(value: float, allowed: tuple[float, float], *, violated: bool) -> Markup:
    """A bar as long as the number, and a mark at each end of what is allowed.

    Args:
        value: the number.
        allowed: the range in which it is no violation; infinite where one side is open.
        violated: whether it is one.
    """
    bounds = [each for each in allowed if math.isfinite(each)]
    ends = [0.0, value, *bounds]
    x = scale(min(ends), max(ends) or 1.0, 1, SMALL_WIDTH - 2)
    left, right = sorted((x(0.0), x(value)))
    path = f"M{coordinate(left)} 5h{coordinate(max(right - left, 1.0))}v6H{coordinate(left)}Z"
    bar = mark("path", "bad" if violated else "now", d=path)
    marks = [mark("path", "text", d=f"M{coordinate(x(each) - 1)} 1h2v14h-2Z") for each in bounds]
    limit = " and ".join(map(number, bounds))
    said = f"{number(value)}, limit {limit}" if bounds else number(value)
    return small(said, bar, *marks, height=HEIGHT)
