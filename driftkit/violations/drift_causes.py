"""Where a feature's distribution differs from its baseline, in a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from driftkit.comparison.distributions import widest_gap
from driftkit.comparison.rescaling import rescaling
from driftkit.violations.phrases import listed, number, share

if TYPE_CHECKING:
    from collections.abc import Mapping

    from driftkit.comparison.distributions import Distribution
    from driftkit.comparison.rescaling import Rescaling

_SHOWN = 3


def numbers_moved(current: Distribution, baseline: Distribution) -> str:
    """Other units where they explain it, else the point at which most values have crossed."""
    medians = f"the median went from {number(baseline.median)} to {number(current.median)}"
    change = rescaling(baseline, current)
    if change:
        return f"{_rescaled(change)}; {medians}."
    gap = widest_gap(current, baseline)
    crossed = (
        f"{share(gap.first)} of the values are at most {number(gap.at)}, "
        f"in the baseline {share(gap.second)}"
    )
    return f"{crossed}; {medians}."


def _rescaled(change: Rescaling) -> str:
    units = f", as {change.units}" if change.units else ""
    if change.factor == 1.0:
        sign = "+" if change.shift > 0 else "-"
        return f"Values look shifted by about {sign}{number(abs(change.shift))}"
    if change.shift:
        return f"Values look converted {change.units}"
    if change.factor < 1.0:
        return f"Values look divided by about {number(1 / change.factor)}{units}"
    return f"Values look multiplied by about {number(change.factor)}{units}"


def categories_moved(current: Mapping[str, int], baseline: Mapping[str, int]) -> str:
    """The categories whose share changed most."""
    n, m = sum(current.values()), sum(baseline.values())
    moves = {
        value: (baseline.get(value, 0) / m, current.get(value, 0) / n)
        for value in current.keys() | baseline.keys()
    }
    moved = [value for value, (before, now) in moves.items() if now != before]
    most = sorted(moved, key=lambda value: (-abs(moves[value][1] - moves[value][0]), value))
    parts = (f"{v!r} from {share(moves[v][0])} to {share(moves[v][1])}" for v in most[:_SHOWN])
    return f"Shares moved most: {listed(parts)}."
