"""Ratios of sums and their variance, where units are independent and where they come back.

A mean is the ratio of a sum and a number of units; a rate too. Where one unit has several rows, and
rows in several windows, rows are not independent: then units are put into buckets by a hash of
their ids, and buckets are what is independent. Arrays may have leading axes, one of looks for
example: each function works on all of them at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from driftkit.comparison.arrays import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """Sums over the independent units of an arm: of a metric's values S and counts N.

    Attributes:
        units: how many units.
        values: sum of S.
        counts: sum of N.
        values_squared: sum of S squared.
        counts_squared: sum of N squared.
        products: sum of S times N.
    """

    units: Floats
    values: Floats
    counts: Floats
    values_squared: Floats
    counts_squared: Floats
    products: Floats

    @classmethod
    def of_mean(cls, units: ArrayLike, values: ArrayLike, values_squared: ArrayLike) -> Moments:
        """The moments of a metric that counts once in each unit: a mean or a rate."""
        count, total = _floats(units), _floats(values)
        return cls(
            units=count,
            values=total,
            counts=count,
            values_squared=_floats(values_squared),
            counts_squared=count,
            products=total,
        )

    def __add__(self, other: Moments) -> Moments:
        return Moments(
            units=self.units + other.units,
            values=self.values + other.values,
            counts=self.counts + other.counts,
            values_squared=self.values_squared + other.values_squared,
            counts_squared=self.counts_squared + other.counts_squared,
            products=self.products + other.products,
        )

    @property
    def residuals_squared(self) -> Floats:
        """Sum of (S - R N) squared, with R the ratio of all units."""
        found = ratio(self.values, self.counts)
        squared = self.values_squared - 2 * found * self.products
        # Nothing is left of a constant metric but rounding, which may be below zero.
        return np.maximum(squared + found * found * self.counts_squared, 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucketed:
    """An estimate, and what each bucket of units adds to its error.

    Attributes:
        value: the estimate, shape (...); NaN where nothing counts.
        residuals: shape (..., buckets); in each row they add up to 0.
    """

    value: Floats
    residuals: Floats

    def __sub__(self, other: Bucketed) -> Bucketed:
        """The difference of arms whose buckets are of the same units."""
        return Bucketed(value=self.value - other.value, residuals=self.residuals - other.residuals)

    @property
    def variance(self) -> Floats:
        """G / (G - 1) * sum of squared residuals, shape (...).

        The linearised variance between clusters (Cochran 1977, "Sampling Techniques", chapter 6).
        Of a difference it is right both where a unit keeps to its arm and where it sees several:
        derived here, the numbers it is tested with are our own (no independent oracle). Empty
        buckets count in G: with n units, fewer than buckets, it is too small by one part in n.
        """
        buckets = self.residuals.shape[-1]
        return _floats(_squares(self.residuals) * ratio(buckets, buckets - 1))


def ratio(values: ArrayLike, counts: ArrayLike) -> Floats:
    """Values divided by counts; NaN where the count is 0.

    >>> ratio([1, 0], [4, 0])
    array([0.25,  nan])
    """
    above, below = _floats(values), _floats(counts)
    undefined = np.full(np.broadcast_shapes(above.shape, below.shape), np.nan)
    return _floats(np.divide(above, below, out=undefined, where=below != 0))


def ratio_variance(moments: Moments) -> Floats:
    """The variance of a ratio of sums over independent units, by the delta method.

    n / (n - 1) * sum of (S - R N)^2 / (sum of N)^2, which for a mean is the sample variance divided
    by n (Deng, Knoblich and Lu 2018, "Applying the Delta Method in Metric Analytics", section 2).

    Returns:
        Of the moments' shape; NaN with fewer than two units, or where nothing counts.

    >>> clicks = Moments.of_mean(1000, 100, 100)
    >>> round(float(ratio_variance(clicks)), 10)
    9.00901e-05
    """
    corrected = ratio(moments.units, np.maximum(moments.units - 1, 0.0))
    return _floats(corrected * ratio(moments.residuals_squared, moments.counts**2))


def bucketed_ratio(values: ArrayLike, counts: ArrayLike) -> Bucketed:
    """The ratio of an arm, linearised in its buckets: residuals are (S_g - R N_g) / N.

    Args:
        values: S_g, shape (..., buckets); 0 in buckets without units.
        counts: N_g, the same.

    >>> old = bucketed_ratio([1, 0, 1, 2], [4, 4, 4, 4])
    >>> new = bucketed_ratio([2, 1, 2, 3], [4, 4, 4, 4])
    >>> float(new.value), float(new.variance)
    (0.5, 0.010416666666666666)
    >>> float((new - old).value), float((new - old).variance)
    (0.25, 0.0)
    """
    total, count = _floats(values), _floats(counts)
    all_counts = count.sum(axis=-1)
    found = ratio(total.sum(axis=-1), all_counts)
    scale = ratio(1.0, all_counts)[..., None]
    residuals = total * scale
    residuals -= (found[..., None] * scale) * count
    return Bucketed(value=found, residuals=residuals)


def bucketed_difference(values: ArrayLike, counts: ArrayLike) -> Bucketed:
    """The ratio of the second arm less that of the first, in buckets of the same units.

    Args:
        values: S_g of both arms, shape (looks, 2, buckets).
        counts: N_g, the same.

    >>> found = bucketed_difference([[[1, 0], [2, 1]]], [[[4, 4], [4, 4]]])
    >>> found.value.tolist(), found.variance.tolist()
    ([0.25], [0.0])
    """
    arms = bucketed_ratio(values, counts)
    value, residuals = np.diff(arms.value, axis=1), np.diff(arms.residuals, axis=1)
    return Bucketed(value=value[:, 0], residuals=residuals[:, 0])


def _squares(numbers: Floats) -> Floats:
    return np.asarray(np.einsum("...g,...g->...", numbers, numbers), dtype=np.float64)


def _floats(numbers: ArrayLike) -> Floats:
    return np.asarray(numbers, dtype=np.float64)
