"""Bootstrap intervals of bias metrics, resampled from counts.

Drawing rows with replacement and counting them is drawing the counts from a multinomial
distribution (Efron, Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 5), so that the
cost does not depend on the number of rows. The interval is the normal one, value +- z * deviation.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.bias.noise import Noise

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from driftkit.comparison.bias.metrics import BiasMetric
    from driftkit.comparison.bias.table import GroupTable

RESAMPLES = 1000
FEWEST_RESAMPLES = 200
# Numbers drawn for all tables of a run; with many values of a facet, each gets fewer resamples.
DRAWS = 4_000_000


def resamples_for(cells: int) -> int:
    """How many resamples tables of so many cells in all may have."""
    return max(FEWEST_RESAMPLES, min(RESAMPLES, DRAWS // max(cells, 1)))


def metric_noise(
    table: GroupTable, metrics: Sequence[BiasMetric], *, seed: int, resamples: int = RESAMPLES
) -> dict[str, Noise]:
    """The spread of each metric; metrics without any finite value are left out.

    Args:
        table: a single table.
        metrics: the metrics.
        seed: of the random numbers; the same seed gives the same spreads.
        resamples: how often the counts are drawn anew.
    """
    if table.rows == 0:
        return {}
    random = np.random.default_rng(seed)
    drawn = _draw(table, table.counts, random, resamples)
    # Half a row in each of the eight cells (Haldane, Anscombe, 1956) keeps ratios finite, and
    # counts of nothing from having no spread.
    half = 4 / table.counts.size
    smoothed = None
    found: dict[str, Noise] = {}
    for metric in metrics:
        spread = _spread(metric, table, drawn)
        if spread is None:
            if smoothed is None:
                smoothed = _draw(table, table.counts + half, random, resamples)
                smoothed = smoothed.batch(smoothed.counts + half)
            spread = _spread(metric, table.batch(table.counts + half), smoothed)
        if spread is not None:
            found[metric.name] = spread
    return found


def _draw(
    table: GroupTable, counts: NDArray[np.float64], random: np.random.Generator, resamples: int
) -> GroupTable:
    shares = (counts / counts.sum()).ravel()
    # Shares that add up to a little more than 1 would be refused.
    drawn = random.multinomial(round(table.rows), shares / max(1.0, shares.sum()), size=resamples)
    return table.batch(drawn.astype(np.float64).reshape(resamples, *counts.shape))


def _spread(metric: BiasMetric, table: GroupTable, drawn: GroupTable) -> Noise | None:
    if metric.conditional and table.group_problem is not None:
        return None
    centre = float(metric.formula(_without_groups(metric, table)))
    values = metric.formula(_without_groups(metric, drawn))
    with np.errstate(divide="ignore"):
        values = metric.scale.to(values)
        middle = float(metric.scale.to(centre))
    finite = values[np.isfinite(values)]
    if not math.isfinite(middle) or len(finite) < len(values) / 2:
        return None
    deviation = float(finite.std(ddof=1))
    return Noise(centre=centre, deviation=deviation, scale=metric.scale) if deviation else None


def _without_groups(metric: BiasMetric, table: GroupTable) -> GroupTable:
    """The same counts summed over groups, where the metric does not look at them."""
    if metric.conditional:
        return table
    counts = table.cells()[..., np.newaxis]
    return replace(table, counts=counts, weighted=np.ones(1, dtype=bool), group_problem=None)
