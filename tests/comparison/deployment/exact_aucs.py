"""AUCs of scores and their covariance from all rows at once, by DeLong's definition."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.deployment.delong import Aucs

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from driftkit.comparison.arrays import Floats


def delong(positive: ArrayLike, scores: ArrayLike) -> Aucs:
    """AUCs of scores of the same rows, exactly.

    Args:
        positive: whether a row's label is positive, shape (rows,).
        scores: shape (rows, scores); one column for an arm by itself.

    Returns:
        Of shape (scores,) and (scores, scores).
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
