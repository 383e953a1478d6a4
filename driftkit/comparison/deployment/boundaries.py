"""Curves that a sum of centred observations crosses with a small probability, whenever one looks.

Time is *intrinsic*: the variance that has come together so far, V. A curve of level a is crossed
from below, by a sum whose increments have mean 0, with probability a at most over all of time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike

    from driftkit.comparison.arrays import Floats

    Curve = Callable[[Floats], tuple[Floats, Floats]]

_STEPS: Final = 200
_CLOSE: Final = 1e-15


def mixture_variance(tuning: ArrayLike, *, alpha: float) -> Floats:
    """The r that makes a two-sided normal mixture nearly narrowest at intrinsic time `tuning`.

    From Howard, Ramdas, McAuliffe and Sekhon (2021, "Time-uniform, nonparametric, nonasymptotic
    confidence sequences", Annals of Statistics 49:1055), with Lambert's function approximated by
    a logarithm. A one-sided mixture takes twice its alpha.

    >>> round(float(mixture_variance(100, alpha=0.05)), 6)
    12.600561
    """
    level = -2 * np.log(alpha)
    return np.asarray(np.asarray(tuning, dtype=np.float64) / (level + np.log1p(level)))


def normal_mixture(time: ArrayLike, *, alpha: float, tuning: float) -> Floats:
    """The curve that the absolute value of a sub-Gaussian sum crosses with probability alpha.

    `sqrt((V + r) (ln(1 + V/r) + 2 ln(1/alpha)))`: Robbins' normal mixture (Howard et al. 2021,
    proposition 5); the sequential probability ratio test with normal mixing has the same curve.

    Args:
        time: intrinsic times, of any shape.
        alpha: probability that the sum ever leaves the curve on either side.
        tuning: the intrinsic time at which the curve is to be tightest.

    >>> round(float(normal_mixture(1, alpha=0.05, tuning=100)), 9)
    9.084379437
    """
    variance = np.asarray(time, dtype=np.float64)
    r = mixture_variance(tuning, alpha=alpha)
    return np.asarray(np.sqrt((variance + r) * (np.log1p(variance / r) - 2 * np.log(alpha))))


def gamma_exponential(
    time: ArrayLike, *, alpha: float, tuning: float, scale: float = 1.0
) -> Floats:
    """The curve that a sub-exponential sum crosses upwards with probability alpha.

    The root of the gamma-exponential mixture (Howard et al. 2021, proposition 9) with rho of the
    one-sided normal mixture. With scale 1 it bounds centred values of [0, 1] whose intrinsic time
    is the sum of squared distances to predictions made before (their theorem 4).

    Args:
        time: intrinsic times, of any shape.
        alpha: probability that the sum ever crosses, below one half.
        tuning: the intrinsic time at which the curve is to be tightest.
        scale: c, the scale of the sub-exponential sum.

    >>> round(float(gamma_exponential(1, alpha=0.05, tuning=100)), 6)
    10.672128
    """
    from scipy.special import gammainc, gammaln, xlogy  # noqa: PLC0415  (slow to load)

    square = scale * scale
    prior = mixture_variance(tuning, alpha=2 * alpha) / square
    shape = np.asarray(time, dtype=np.float64) / square + prior
    constant = xlogy(prior, prior) - gammaln(prior) - np.log(gammainc(prior, prior))
    constant = constant + gammaln(shape) - prior + np.log(alpha)

    def curve(bound: Floats) -> tuple[Floats, Floats]:
        x = bound / scale + shape
        below = gammainc(shape, x)
        density = np.exp(xlogy(shape - 1, x) - x - gammaln(shape))
        height = constant + np.log(below) - shape * np.log(x) + x
        return height, (density / below - shape / x + 1) / scale

    start = normal_mixture(time, alpha=alpha, tuning=tuning) - scale * np.log(alpha)
    while (low := curve(start)[0] < 0).any():
        start = np.where(low, 2 * start, start)
    return _from_above(curve, start)


def _from_above(curve: Curve, start: Floats) -> Floats:
    """The largest root of a convex function, by Newton's steps down from where it is positive.

    The logarithm of a mixture of exponentials is convex, so that no step goes too far; the last
    one, which rounding turns back, is not taken.
    """
    bound = start
    for _ in range(_STEPS):
        height, slope = curve(bound)
        step = height / slope
        if not (step > _CLOSE * bound).any():
            break
        bound = bound - np.maximum(step, 0.0)
    return bound
