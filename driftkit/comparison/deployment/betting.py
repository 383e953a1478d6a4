"""Confidence sequences of means of rows in [0, 1] that depend on the order of the rows.

They are tighter than what adds up over windows, and need every row: Waudby-Smith and Ramdas (2023,
"Estimating means of bounded random variables by betting", JRSS B 86:1).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from driftkit.comparison.arrays import Floats

    Ends = tuple[Floats, Floats]

_LARGEST: Final = 0.5


def betting_bounds(rows: ArrayLike, *, alpha: float, grid: int = 1_000) -> Ends:
    """The bounds after each row: means against which no bettor has won 1/alpha.

    Two bettors start with half a coin each, one for each direction: the authors' hedged capital.
    Means are tried at `grid` + 1 places, and the bounds are a place further out.

    Args:
        rows: values in [0, 1], in the order of time.
        alpha: probability that the mean is ever outside.
        grid: number of steps of the grid.

    >>> low, high = betting_bounds([0.5] * 50, alpha=0.05)
    >>> round(float(low[-1]), 3), round(float(high[-1]), 3)
    (0.433, 0.567)
    """
    values = np.asarray(rows, dtype=np.float64)
    means = np.arange(grid + 1) / grid
    with np.errstate(divide="ignore"):
        most_above, most_below = _LARGEST / means, _LARGEST / (1 - means)
    above, below = np.zeros_like(means), np.zeros_like(means)
    low, high = np.empty_like(values), np.empty_like(values)
    for index, bet in enumerate(_bets(values, alpha=alpha)):
        won = values[index] - means
        above += np.log1p(np.minimum(bet, most_above) * won)
        below += np.log1p(-np.minimum(bet, most_below) * won)
        capital = np.maximum(above, below)
        # A grid may be too coarse for the means that are left.
        left = means[capital <= max(np.log(2 / alpha), capital.min())]
        low[index], high[index] = left[0], left[-1]
    return np.maximum(low - 1 / grid, 0.0), np.minimum(high + 1 / grid, 1.0)


def plug_in_empirical_bernstein(rows: ArrayLike, *, alpha: float) -> Ends:
    """The bounds after each row by the predictable plug-in empirical Bernstein sequence.

    The prediction is the mean of the earlier rows; at first 0, for the upper bound 1.

    Args:
        rows: values in [0, 1], in the order of time.
        alpha: probability that the mean is ever outside.

    >>> low, high = plug_in_empirical_bernstein([0.5] * 50, alpha=0.05)
    >>> round(float(low[-1]), 3), round(float(high[-1]), 3)
    (0.351, 0.649)
    """
    values = np.asarray(rows, dtype=np.float64)
    bets = np.minimum(_bets(values, alpha=alpha), _LARGEST)
    stakes = bets.cumsum()
    centre = (bets * values).cumsum() / stakes
    prices = -np.log1p(-bets) - bets

    def half_width(directed: Floats) -> Floats:
        seen = np.arange(1, directed.size)
        predicted = np.concatenate(([0.0], directed[:-1].cumsum() / seen))
        spent = ((directed - predicted) ** 2 * prices).cumsum()
        return np.asarray((np.log(2 / alpha) + spent) / stakes)

    low, high = centre - half_width(values), centre + half_width(1 - values)
    return np.maximum(low, 0.0), np.minimum(high, 1.0)


def plug_in_hoeffding(rows: ArrayLike, *, alpha: float) -> Ends:
    """The bounds after each row by the predictable plug-in Hoeffding sequence.

    Args:
        rows: values in [0, 1], in the order of time.
        alpha: probability that the mean is ever outside.

    >>> low, high = plug_in_hoeffding([0.5] * 50, alpha=0.05)
    >>> round(float(low[-1]), 3), round(float(high[-1]), 3)
    (0.296, 0.704)
    """
    values = np.asarray(rows, dtype=np.float64)
    time = np.arange(1, values.size + 1)
    bets = np.minimum(np.sqrt(8 * np.log(2 / alpha) / (time * np.log1p(time))), 1.0)
    stakes = bets.cumsum()
    centre = (bets * values).cumsum() / stakes
    half_width = (np.log(2 / alpha) + (bets**2 / 8).cumsum()) / stakes
    return np.maximum(centre - half_width, 0.0), np.minimum(centre + half_width, 1.0)


def _bets(values: Floats, *, alpha: float) -> Floats:
    """What to stake on each row, from the variance of the rows before it.

    The variance begins with one invented row: mean 1/2, variance 1/4.
    """
    time = np.arange(1, values.size + 1)
    means = (0.5 + values.cumsum()) / (time + 1)
    variances = (0.25 + ((values - means) ** 2).cumsum()) / (time + 1)
    before = np.concatenate(([0.25], variances[:-1]))
    return np.asarray(np.sqrt(2 * np.log(2 / alpha) / (before * time * np.log1p(time))))
