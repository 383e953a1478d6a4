"""AUCs of one or more scores of the same rows, with their covariance.

The share of pairs of a positive and a negative row in which the positive one scores higher, ties
counted half. Each row's share of pairs won is its placement; the covariance of the AUCs is that of
the placements (DeLong, DeLong and Clarke-Pearson 1988, Biometrics 44:837), which mid-ranks give in
the time of sorting (Sun and Xu 2014, IEEE Signal Processing Letters 21:1389).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.deployment.estimates import Estimate

if TYPE_CHECKING:
    from driftkit.comparison.arrays import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Aucs:
    """AUCs and their covariance; NaN where a class has no rows, the covariance where it has one.

    Attributes:
        values: shape (..., scores).
        covariance: shape (..., scores, scores).
    """

    values: Floats
    covariance: Floats

    @property
    def difference(self) -> Estimate:
        """The second score's AUC less the first one's."""
        s = self.covariance
        variance = s[..., 0, 0] + s[..., 1, 1] - 2 * s[..., 0, 1]
        # Of equal scores rounding would leave more than nothing.
        floor = 1e-12 * (s[..., 0, 0] + s[..., 1, 1])
        return Estimate(
            difference=self.values[..., 1] - self.values[..., 0],
            variance=np.where(variance > floor, variance, 0.0 * variance),
        )


def independent_difference(champion: Aucs, challenger: Aucs) -> Estimate:
    """The challenger's AUC less the champion's, of arms with rows of their own.

    Args:
        champion: of one score, at any number of looks.
        challenger: the same.
    """
    return Estimate(
        difference=challenger.values[..., 0] - champion.values[..., 0],
        variance=challenger.covariance[..., 0, 0] + champion.covariance[..., 0, 0],
    )
