"""A measured difference with its variance: its interval, and its tests against a margin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from driftkit.comparison.arrays import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class MarginTest:
    """What a test of a difference d, of which larger is better, says about a margin M.

    All are NaN where nothing can be said, so that neither claim is ever made then.

    Attributes:
        statistic: z or t of d + M.
        p_not_worse: of the hypothesis d <= -M; small says not worse than allowed.
        p_harmed: of the hypothesis d >= -M; small says worse than allowed.
    """

    statistic: Floats
    p_not_worse: Floats
    p_harmed: Floats

    @property
    def p_different(self) -> Floats:
        """Of the hypothesis d = -M, both sides."""
        least = 2 * np.minimum(self.p_not_worse, self.p_harmed)
        return np.asarray(np.minimum(least, 1.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A difference whose error is normal, or Student's where its variance is estimated.

    Attributes:
        difference: oriented so that larger is better.
        variance: of the difference, its standard error squared. Where it is 0 nothing can be said:
            rows that never vary tell nothing of how far the difference may be off.
        degrees: of freedom; infinite where the error is normal.
    """

    difference: Floats
    variance: Floats
    degrees: ArrayLike = np.inf

    @property
    def error(self) -> Floats:
        """The standard error; NaN where the variance is 0."""
        return np.sqrt(np.where(self.variance > 0, self.variance, np.nan))

    def interval(self, alpha: float) -> tuple[Floats, Floats]:
        """The two-sided interval, missed with probability `alpha`.

        Each end is by itself a one-sided bound at alpha / 2.

        >>> import numpy as np
        >>> low, high = Estimate(difference=np.array(1.0), variance=np.array(4.0)).interval(0.05)
        >>> round(float(low), 4), round(float(high), 4)
        (-2.9199, 4.9199)
        """
        half = self.error * _upper_quantile(np.asarray(self.degrees, dtype=float), alpha / 2)
        return self.difference - half, self.difference + half

    def against(self, margin: ArrayLike = 0.0) -> MarginTest:
        """The test of d against -margin.

        >>> import numpy as np
        >>> test = Estimate(difference=np.array(0.0), variance=np.array(1.0)).against(1.96)
        >>> round(float(test.p_not_worse), 4)
        0.025
        """
        statistic = (self.difference + np.asarray(margin, dtype=float)) / self.error
        degrees = np.asarray(self.degrees, dtype=float)
        return MarginTest(
            statistic=statistic,
            p_not_worse=_below(degrees, -statistic),
            p_harmed=_below(degrees, statistic),
        )


def _below(degrees: Floats, statistic: Floats) -> Floats:
    from scipy.special import ndtr, stdtr  # noqa: PLC0415  (slow to load)

    return np.where(np.isinf(degrees), ndtr(statistic), stdtr(degrees, statistic))


def _upper_quantile(degrees: Floats, tail: float) -> Floats:
    from scipy.special import ndtri, stdtrit  # noqa: PLC0415  (slow to load)

    return -np.where(np.isinf(degrees), ndtri(tail), stdtrit(degrees, tail))
