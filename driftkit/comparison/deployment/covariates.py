"""Differences made more certain by what is known beforehand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.deployment.ratios import Bucketed, Moments, ratio

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from driftkit.comparison.arrays import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class CovariateSums:
    """Sums over the units of an arm of a covariate x, beside the moments of the metric.

    Attributes:
        covariate: sum of x.
        squared: sum of x squared.
        with_values: sum of x times the metric's value S.
        with_counts: sum of x times the metric's count N; for means and rates that of x.
    """

    covariate: Floats
    squared: Floats
    with_values: Floats
    with_counts: Floats

    @classmethod
    def of_mean(
        cls, covariate: ArrayLike, squared: ArrayLike, with_values: ArrayLike
    ) -> CovariateSums:
        """The sums of a metric that counts once in each unit: a mean or a rate."""
        total = np.asarray(covariate, dtype=np.float64)
        return cls(
            covariate=total,
            squared=np.asarray(squared, dtype=np.float64),
            with_values=np.asarray(with_values, dtype=np.float64),
            with_counts=total,
        )

    def __add__(self, other: CovariateSums) -> CovariateSums:
        return CovariateSums(
            covariate=self.covariate + other.covariate,
            squared=self.squared + other.squared,
            with_values=self.with_values + other.with_values,
            with_counts=self.with_counts + other.with_counts,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjusted:
    """An estimate that a covariate has made more certain.

    Attributes:
        value: the estimate.
        variance: its variance, the square of the standard error.
    """

    value: Floats
    variance: Floats


def covariate_coefficient(moments: Moments, sums: CovariateSums) -> Floats:
    """The theta of CUPED: covariance of metric and covariate to the covariate's variance.

    For a ratio, the metric is linearised around the ratio of all units. Source: Deng, Xu, Kohavi
    and Walker 2013, "Improving the Sensitivity of Online Controlled Experiments by Utilizing
    Pre-Experiment Data", equation 4.

    Args:
        moments: of all arms together: their sum.
        sums: the same.

    Returns:
        Of the moments' shape; 0 where the covariate is constant.
    """
    spread = _spread(moments, sums)
    together = _together(moments, sums)
    return _quotient(together, spread)


def covariate_adjusted(
    moments: Moments, sums: CovariateSums, theta: ArrayLike, centre: ArrayLike
) -> Adjusted:
    """The ratio of an arm, less theta times what its covariate is off the centre.

    Any theta leaves a difference of arms unbiased as long as units are assigned to them at random;
    the one of `covariate_coefficient` makes it most certain. `theta` and `centre` must be the same
    for both arms. The covariate must not be changed by the arm: it is of the time before, or is the
    champion's score of the same request.

    Args:
        moments: of the arm.
        sums: of the arm.
        theta: of `covariate_coefficient`.
        centre: the covariate's mean in all arms together.

    >>> arm = Moments.of_mean(4, 10.0, 30.0)
    >>> covariate = CovariateSums.of_mean(10.0, 30.0, 30.0)
    >>> adjusted = covariate_adjusted(arm, covariate, covariate_coefficient(arm, covariate), 2.0)
    >>> float(adjusted.value), float(adjusted.variance)
    (2.0, 0.0)
    """
    coefficient = np.asarray(theta, dtype=np.float64)
    off = ratio(sums.covariate, moments.units) - np.asarray(centre, dtype=np.float64)
    squares = ratio(moments.residuals_squared, ratio(moments.counts, moments.units) ** 2)
    squares = squares - 2 * coefficient * _together(moments, sums)
    squares = np.maximum(squares + coefficient**2 * _spread(moments, sums), 0.0)
    return Adjusted(
        value=ratio(moments.values, moments.counts) - coefficient * off,
        variance=ratio(squares, moments.units * np.maximum(moments.units - 1, 0.0)),
    )


def _spread(moments: Moments, sums: CovariateSums) -> Floats:
    """Sum over units of the covariate's squared distance from its mean."""
    return np.maximum(sums.squared - ratio(sums.covariate**2, moments.units), 0.0)


def _together(moments: Moments, sums: CovariateSums) -> Floats:
    """Sum over units of the linearised metric times the covariate."""
    found = ratio(moments.values, moments.counts)
    products = sums.with_values - found * sums.with_counts
    return ratio(products, ratio(moments.counts, moments.units))


def bucketed_coefficient(metric: Bucketed, covariate: Bucketed) -> Floats:
    """The theta for which a difference less theta times a covariate's is most certain.

    The rule of Deng et al. 2013 on linearised buckets, where metric and covariate may each be a
    ratio: derived here, no independent oracle.

    Args:
        metric: difference of arms.
        covariate: difference of arms of the covariate: of its sum to the rows that have one.

    Returns:
        Shape (...); 0 where the covariate is the same in all buckets, or not known.
    """
    spread = np.einsum("...g,...g->...", covariate.residuals, covariate.residuals)
    together = np.einsum("...g,...g->...", metric.residuals, covariate.residuals)
    return _quotient(together, spread)


def bucketed_adjusted(metric: Bucketed, covariate: Bucketed) -> Bucketed:
    """A difference of arms less theta times the difference of their covariates.

    Args:
        metric: difference of arms.
        covariate: of the same arms and buckets.

    >>> metric = Bucketed(value=np.array(0.5), residuals=np.array([-1.0, 0.0, 1.0]))
    >>> covariate = Bucketed(value=np.array(0.1), residuals=np.array([-2.0, 0.0, 2.0]))
    >>> adjusted = bucketed_adjusted(metric, covariate)
    >>> float(adjusted.value), float(adjusted.variance)
    (0.45, 0.0)
    """
    theta = bucketed_coefficient(metric, covariate)
    return Bucketed(
        value=metric.value - _product(theta, covariate.value),
        residuals=metric.residuals - _product(theta[..., None], covariate.residuals),
    )


def _quotient(together: Floats, spread: Floats) -> Floats:
    """Their quotient, 0 where there is no spread or nothing is known."""
    usable = (spread > 0) & np.isfinite(together)
    return np.divide(together, spread, out=np.zeros(spread.shape), where=usable)


def _product(factor: Floats, numbers: Floats) -> Floats:
    """Their product, 0 where the factor is 0 although the number may be NaN."""
    return np.where(factor == 0, 0.0, factor * numbers)
