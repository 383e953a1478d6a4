"""The part of a page for segments: which moved, and in which columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftkit.report.page.charts.heat import heat
from driftkit.report.page.markup import NOTHING, section
from driftkit.report.page.svg import element

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

    from driftkit.results.contract import Metric

SHOWN = 20


def segments(metrics: Sequence[Metric]) -> Markup:
    """The segments and columns that moved most; nothing where rows are of no segments.

    Args:
        metrics: of a report.
    """
    ratios = {
        (each.segment, each.feature): each.value / each.threshold
        for each in metrics
        if each.group == "drift" and each.segment is not None and each.feature is not None
        if each.value is not None and each.threshold
    }
    if not ratios:
        return NOTHING
    rows, columns = _worst(ratios, 0), _worst(ratios, 1)
    shown = {key: each for key, each in ratios.items() if key[0] in rows and key[1] in columns}
    found = len({segment for segment, _ in ratios})
    said = (
        f"{found:,} segments. A number is the distance in terms of its limit: above 1 it is a "
        f"violation. Shown are those that moved most, at most {SHOWN} segments and columns."
    )
    return section("segments", "Segments", element("p", said), heat(rows, columns, shown))


def _worst(ratios: dict[tuple[str, str], float], side: int) -> list[str]:
    """The names of a side, by their greatest distance."""
    most: dict[str, float] = {}
    for key, ratio in ratios.items():
        most[key[side]] = max(most.get(key[side], 0.0), ratio)
    return sorted(most, key=lambda name: -most[name])[:SHOWN]
