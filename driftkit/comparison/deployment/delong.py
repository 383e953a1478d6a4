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
    from numpy.typing import ArrayLike

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


def delong(positive: ArrayLike, scores: ArrayLike) -> Aucs:
    """AUCs of scores of the same rows, exactly.

    Args:
        positive: whether a row's label is positive, shape (rows,).
        scores: shape (rows, scores); one column for an arm by itself.

    Returns:
        Of shape (scores,) and (scores, scores).

    >>> aucs = delong([True, True, False, False], [[0.9, 0.8], [0.4, 0.7], [0.5, 0.6], [0.1, 0.2]])
    >>> aucs.values.tolist(), float(aucs.difference.difference)
    ([0.75, 1.0], 0.25)
    """
    label, columns = np.asarray(positive, dtype=bool), np.asarray(scores, dtype=float).T
    ones, zeros = columns[:, label], columns[:, ~label]
    if not ones.size or not zeros.size:
        nothing = np.full(len(columns), np.nan)
        return Aucs(values=nothing, covariance=np.outer(nothing, nothing))
    won = np.array([_share_below(*pair) for pair in zip(ones, zeros, strict=True)])
    lost = np.array([_share_below(*pair) for pair in zip(zeros, ones, strict=True)])
    return Aucs(values=won.mean(axis=1), covariance=_of_mean(won) + _of_mean(lost))


def _share_below(values: Floats, others: Floats) -> Floats:
    """For each value the share of the others that are lower, those equal counted half."""
    ordered = np.sort(others)
    lower = np.searchsorted(ordered, values, side="left")
    return (lower + np.searchsorted(ordered, values, side="right")) / (2 * len(ordered))


def _of_mean(placements: Floats) -> Floats:
    """The covariance of the means of rows, shape (scores, rows)."""
    rows = placements.shape[1]
    if rows < 2:
        return np.full((len(placements),) * 2, np.nan)
    apart = placements - placements.mean(axis=1, keepdims=True)
    return np.asarray(apart @ apart.T / (rows - 1) / rows)


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
