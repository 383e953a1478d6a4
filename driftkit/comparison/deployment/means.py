"""Differences of means of independent arms at a fixed horizon (Welch)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.deployment.estimates import Estimate

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What is known of the values of an arm; arrays of one shape, or numbers.

    Attributes:
        n: number of values.
        mean: of the values.
        variance: of the values, n - 1 below the line.
    """

    n: ArrayLike
    mean: ArrayLike
    variance: ArrayLike


def welch(champion: Sample, challenger: Sample) -> Estimate:
    """Challenger less champion, where variances may differ (Welch 1947, Biometrika 34:28).

    Degrees of freedom by Satterthwaite (1946, Biometrics Bulletin 2:110). The variance is NaN where
    an arm has fewer than two values.

    >>> one, two = Sample(n=300, mean=1.0, variance=1.5), Sample(n=250, mean=1.1, variance=2.5)
    >>> estimate = welch(one, two)
    >>> round(float(estimate.degrees), 3), round(float(estimate.against(0.3).p_not_worse), 6)
    (463.709, 0.000586)
    """
    parts, below = [], []
    for arm in (champion, challenger):
        n = np.asarray(arm.n, dtype=float)
        n = np.where(n >= 2, n, np.nan)
        parts.append(np.asarray(arm.variance, dtype=float) / n)
        below.append(n - 1)
    variance = parts[0] + parts[1]
    with np.errstate(invalid="ignore"):
        degrees = variance**2 / (parts[0] ** 2 / below[0] + parts[1] ** 2 / below[1])
    difference = np.asarray(challenger.mean, dtype=float) - np.asarray(champion.mean, dtype=float)
    return Estimate(difference=difference, variance=variance, degrees=degrees)
