"""Bins of equal width as numpy and other tools make them, and counts of both samples in them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.cell_counts import CellCounts
from driftkit.comparison.cells import doubts_of
from driftkit.comparison.distribution_functions import deviation_of

if TYPE_CHECKING:
    from driftkit.comparison.arrays import Floats, Integers
    from driftkit.comparison.distributions import Distribution


def in_bins(current: Distribution, baseline: Distribution, edges: Floats) -> CellCounts:
    """Rows between edges, each bin without its right edge but for the last; none for the others.

    Unknown where numbers are too far apart for bins.
    """
    if not np.isfinite(edges).all():
        return CellCounts(now=np.full(1, np.nan), before=np.full(1, np.nan))
    now, before = (
        np.diff(ranks_below(each, edges)).astype(np.float64) for each in (current, baseline)
    )
    return CellCounts(now=now, before=before, doubts=doubts_of(current, baseline))


def ranks_below(sample: Distribution, edges: Floats) -> Integers:
    """Rows below each edge; of the last edge those that are at most it."""
    below = sample.ranks_of(edges, side="left")
    below[-1] = sample.ranks_of(edges[-1:])[0]
    return below


def sturges_edges(values: Floats, rows: int) -> Floats:
    """Edges as numpy.histogram_bin_edges(..., bins="sturges") makes them: log2(rows) + 1 bins.

    Sturges, "The choice of a class interval", JASA 21, 1926. Bins of whole numbers are at least 1
    wide, as in numpy.
    """
    least, greatest = float(values[0]), float(values[-1])
    width = (greatest - least) / (math.log2(rows) + 1)
    whole = bool((values == np.floor(values)).all())
    width = max(width, 1.0) if whole and width else width
    return equal_edges(least, greatest, _bins(least, greatest, width))


def doane_edges(sample: Distribution) -> Floats:
    """Edges as numpy.histogram_bin_edges(..., bins="doane") makes them, wider for skewed values.

    Doane, "Aesthetic frequency classifications", American Statistician 30, 1976.
    """
    n, values = sample.total, sample.values
    least, greatest = float(values[0]), float(values[-1])
    counts = sample.counts.astype(np.float64)
    deviation = float(deviation_of(counts, values))
    if n <= 2 or deviation == 0:
        return equal_edges(least, greatest, 1)
    scores = (values - (counts * values).sum() / n) / deviation
    skewness = float((counts * scores**3).sum() / n)
    chance = math.sqrt(6 * (n - 2) / ((n + 1) * (n + 3)))
    bins = 1 + math.log2(n) + math.log2(1 + abs(skewness) / chance)
    return equal_edges(least, greatest, _bins(least, greatest, (greatest - least) / bins))


def equal_edges(least: float, greatest: float, bins: int) -> Floats:
    """Edges of so many bins from the least to the greatest value, 1 wide in all if they are equal."""
    if least == greatest:
        least, greatest = least - 0.5, greatest + 0.5
    if not math.isfinite(greatest - least):
        return np.array([least, np.nan])
    return np.linspace(least, greatest, bins + 1)


def _bins(least: float, greatest: float, width: float) -> int:
    return math.ceil((greatest - least) / width) if width and math.isfinite(width) else 1
