"""Confidence sequences of a difference of means that hold at every look, for large samples.

They need of the data only the number of units, the difference and its squared standard error.
Robbins' normal mixture with estimated variances; Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas
(2021-2024, "Time-uniform central limit theory and asymptotic confidence sequences",
arXiv:2103.06476, eq. 9 and 155). The guarantee is asymptotic: the first decisions should wait until
each arm has some hundred units.

In all functions `units` are those of both arms together (pairs, if paired) and `variance` is the
squared standard error of the difference; arrays of looks, metrics or both broadcast. Where there is
no unit, or no variance was seen (which says nothing of the true one), the interval is unbounded.
`tuning` is the number of units at which it is to be tightest; it must be chosen before the data.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.deployment.boundaries import mixture_variance

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from driftkit.comparison.arrays import Floats


def one_sided_half_width(
    units: ArrayLike, variance: ArrayLike, *, alpha: float, tuning: float
) -> Floats:
    """How far the bound is from the estimate that is ever on the wrong side with probability alpha.

    `sqrt(variance 2 (n q + 1)/(n q) ln(1 + sqrt(n q + 1)/(2 alpha)))`, q for twice the alpha; alpha
    is below one half. (arXiv:2103.06476, one-sided; its numbers have no independent oracle.)

    >>> round(float(one_sided_half_width(2_000, 8.5e-3, alpha=0.05, tuning=500)), 9)
    0.264434655
    """
    grown = _growth(units, alpha=2 * alpha, tuning=tuning)
    return _half_width(grown, variance, np.log1p(np.sqrt(grown) / (2 * alpha)))


def two_sided_log_e_value(
    excess: ArrayLike, units: ArrayLike, variance: ArrayLike, *, alpha: float, tuning: float
) -> Floats:
    """The logarithm of the evidence against a difference, given what was seen above it.

    If the supposed difference is the true one, the e-value ever exceeds 1/a with probability a at
    most, for large samples. It does for a = `alpha` exactly where the two-sided sequence of
    `alpha` leaves the supposed difference out.

    >>> value = two_sided_log_e_value(0.2, 2_000, 8.5e-3, alpha=0.05, tuning=500)
    >>> round(float(value), 6)
    0.536715
    """
    grown = _growth(units, alpha=alpha, tuning=tuning)
    score = _score(excess, variance, grown)
    return np.asarray(score * score / 2 - np.log(grown) / 2)


def two_sided_p_value(
    excess: ArrayLike, units: ArrayLike, variance: ArrayLike, *, alpha: float, tuning: float
) -> Floats:
    """The p value that holds at every look of a difference from what was supposed.

    One over the e-value, at most 1 (arXiv:2103.06476, eq. 161).

    >>> round(float(two_sided_p_value(0.2, 2_000, 8.5e-3, alpha=0.05, tuning=500)), 9)
    0.584666006
    """
    log_e = two_sided_log_e_value(excess, units, variance, alpha=alpha, tuning=tuning)
    return np.asarray(np.exp(-np.maximum(log_e, 0.0)))


def _growth(units: ArrayLike, *, alpha: float, tuning: float) -> Floats:
    """n q + 1."""
    return np.asarray(units, dtype=np.float64) / mixture_variance(tuning, alpha=alpha) + 1


def _half_width(grown: Floats, variance: ArrayLike, level: Floats) -> Floats:
    known = np.asarray(variance, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        width = np.sqrt(known * 2 * grown / (grown - 1) * level)
    return np.where((grown > 1) & (known > 0), width, np.inf)


def _score(excess: ArrayLike, variance: ArrayLike, grown: Floats) -> Floats:
    """The excess in standard errors, shrunk as the mixture shrinks it; 0 where nothing is known."""
    known = np.asarray(variance, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        score = np.asarray(excess, dtype=np.float64) * np.sqrt((grown - 1) / grown / known)
    return np.where((grown > 1) & (known > 0), score, 0.0)
