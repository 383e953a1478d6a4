"""How far the ranks of quantiles are ever off, at all looks: curves of confidence sequences.

Howard and Ramdas (2022, "Sequential estimation of quantiles with applications to A/B testing and
best-arm identification", Bernoulli 28:1704). Both hold for all quantiles and all looks at once, and
for any distribution.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from driftkit.comparison.deployment.boundaries import LINEAR, POWER, SQUARE, stitching_level

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from driftkit.comparison.arrays import Floats

_FACTOR: Final = 0.85
_TRIES: Final = 500
_LARGEST_CONSTANT: Final = 800.0
# The finest step between the logits of quantiles at which the second sequence is stitched.
_FINENESS: Final = 0.5


def empirical_process_radius(units: ArrayLike, *, alpha: float, fewest: float) -> Floats:
    """How far an empirical distribution function ever is from the true one, anywhere.

    `0.85 sqrt((ln(1 + ln(n/fewest)) + C)/n)` with C solved for alpha (their theorem 2); 1 below
    `fewest` values.

    >>> round(float(empirical_process_radius(1_000, alpha=0.05, fewest=100)), 9)
    0.082047788
    """
    n = np.asarray(units, dtype=np.float64)
    grown = np.maximum(n / fewest, 1.0)
    level = np.log1p(np.log(grown)) + _constant(alpha)
    return np.where(n >= fewest, _FACTOR * np.sqrt(level / np.maximum(n, fewest)), 1.0)


def double_stitched(
    probability: ArrayLike, units: ArrayLike, *, alpha: float, tuning: float
) -> Floats:
    """By how much more values than expected are ever up to a quantile, for all quantiles at once.

    Stitched over time and over quantiles (their theorem 3, with steps of 1/2, eta = 2, s = 1.4).
    The curve for values beyond a quantile is that of the opposite one.

    Args:
        probability: ranks of quantiles, inside (0, 1).
        units: numbers of values so far.
        alpha: probability that any quantile ever has more, on either side.
        tuning: the number of values from which the curve is narrow.

    >>> round(float(double_stitched(0.95, 10_000, alpha=0.05, tuning=1_000)), 6)
    105.077709
    """
    from scipy.special import expit, logit, zeta  # noqa: PLC0415  (slow to load)

    rank = np.asarray(probability, dtype=np.float64)
    n = np.maximum(np.asarray(units, dtype=np.float64), tuning)
    grown = n / tuning
    log_odds = logit(rank)
    steps = np.sqrt(grown) * np.abs(log_odds) / (2 * _FINENESS) + 1
    zeta_s = zeta(POWER)
    level = stitching_level(grown) + POWER * np.log(steps) + np.log(2 * (2 * zeta_s + 1) / alpha)
    # Below the median the variance may grow on the way to the next logit of the grid.
    nearest = np.minimum(0.0, log_odds + 2 * _FINENESS / np.sqrt(grown))
    variance = np.where(rank < 0.5, expit(nearest) * expit(-nearest), rank * (1 - rank))
    skewed = LINEAR * (1 - 2 * rank) / 3 * level
    between = _FINENESS * np.sqrt(2 * n * variance / tuning)
    return np.asarray(between + np.sqrt(SQUARE**2 * variance * n * level + skewed**2) + skewed)


@lru_cache
def _constant(alpha: float) -> float:
    """C for which the bound of their theorem 2 on the probability is alpha."""
    from scipy.optimize import brentq  # noqa: PLC0415  (slow to load)

    found = brentq(
        lambda c: _log_probability(c) - np.log(alpha), 2.0, _LARGEST_CONSTANT, xtol=1e-12
    )
    return float(found)


def _log_probability(constant: float) -> float:
    """ln of `inf 4 exp(-g^2 C) (1 + 1/((g^2 - 1) ln eta))` over eta > 1 with g > 1.

    g = sqrt(2/eta) (0.85 - sqrt(2 (eta - 1)/C)). The logarithm of eta - 1 is tried ever
    closer to the smallest found.
    """
    low, high = -25.0, 0.0
    smallest = np.inf
    for _ in range(4):
        tried = np.linspace(low, high, _TRIES)
        eta = 1 + np.exp(tried)
        g2 = 2 / eta * np.maximum(_FACTOR - np.sqrt(2 * (eta - 1) / constant), 0.0) ** 2
        with np.errstate(divide="ignore", invalid="ignore"):
            value = np.log(4) - g2 * constant + np.log1p(1 / ((g2 - 1) * np.log(eta)))
        value = np.where(g2 > 1, value, np.inf)
        best = int(value.argmin())
        smallest = min(smallest, float(value[best]))
        low, high = tried[max(best - 1, 0)], tried[min(best + 1, _TRIES - 1)]
    return smallest
