"""Confidence sequences of means of values with a known range, from sums of windows that add up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.deployment.boundaries import gamma_exponential

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from driftkit.comparison.arrays import Floats

    Sums = tuple[Floats, Floats]


def unit_range(
    counts: ArrayLike, sums: ArrayLike, squares: ArrayLike, *, span: tuple[float, float]
) -> Sums:
    """Sums and sums of squares as they were if the values had been mapped to [0, 1].

    Args:
        counts: numbers of values.
        sums: their sums.
        squares: the sums of their squares.
        span: the lowest and the highest value that there can be.

    >>> unit_range(2, 10.0, 52.0, span=(0, 10))
    (array(1.), array(0.52))
    """
    low, high = span
    n, total, square = (np.asarray(a, dtype=np.float64) for a in (counts, sums, squares))
    width = high - low
    mapped = np.asarray((total - low * n) / width)
    return mapped, np.asarray((square - 2 * low * total + low * low * n) / width**2)


def window_variation(counts: ArrayLike, sums: ArrayLike, squares: ArrayLike) -> Floats:
    """The intrinsic time after each window: squared distances to the mean of earlier windows.

    Any prediction that is made before a value is seen will do; all values of a window share that
    of the windows before it (1/2 in the first), so that a window needs three sums only. Derived
    here from Howard et al. (2021, theorem 4), whose prediction is the mean of the earlier rows;
    no independent oracle.

    Args:
        counts: numbers of values, a row for each window in the order of time.
        sums: sums of the values, which are in [0, 1].
        squares: sums of the squared values.

    >>> window_variation([2, 2], [1.0, 2.0], [1.0, 2.0]).tolist()
    [0.5, 1.0]
    """
    n, total, square = (np.asarray(a, dtype=np.float64) for a in (counts, sums, squares))
    before, sum_before = n.cumsum(axis=0) - n, total.cumsum(axis=0) - total
    predicted = np.where(before > 0, sum_before / np.maximum(before, 1.0), 0.5)
    own = total / np.maximum(n, 1.0)
    inside = np.maximum(square - n * own * own, 0.0)
    return np.asarray((inside + n * (own - predicted) ** 2).cumsum(axis=0))


def empirical_bernstein_half_width(
    units: ArrayLike, variation: ArrayLike, *, alpha: float, tuning: float
) -> Floats:
    """How far the bound of a mean is from the mean that is ever wrong with probability alpha.

    Exact, for values in [0, 1]. The bound is one-sided; an interval takes half of alpha twice.

    Args:
        units: numbers of values so far.
        variation: intrinsic times, as `window_variation` has them.
        alpha: probability that the mean is ever beyond, below one half.
        tuning: the intrinsic time at which the bound is to be tightest.

    >>> width = empirical_bernstein_half_width(100, 6.128077808, alpha=0.025, tuning=100)
    >>> round(float(width), 9)
    0.133527599
    """
    n = np.asarray(units, dtype=np.float64)
    bound = gamma_exponential(variation, alpha=alpha, tuning=tuning)
    with np.errstate(divide="ignore"):
        return np.asarray(bound / n)
