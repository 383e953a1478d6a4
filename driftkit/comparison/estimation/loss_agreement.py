"""Whether the errors of rows whose labels have come agree with those that were expected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.estimation.agreement import Agreement
from driftkit.comparison.probabilities import chi_square_tail

if TYPE_CHECKING:
    from driftkit.comparison.arrays import Floats

_GROUPS = 10
# Fewer labels say nothing; a mean of fewer errors is not near a normal number.
_FEWEST, _LEAST_IN_GROUP = 50, 30
# Of any statistic from here on the chance is 0, and nobody reads its hundreds of digits.
_FARTHEST = 1e9


@dataclass(frozen=True, slots=True, kw_only=True)
class Variances:
    """By how much errors may be off.

    Attributes:
        of_row: of the error of a row of each group.
        of_level: of the mean error that the reference tells of each.
        of_days: of the mean error of all, from day to day.
        of_model: of the factor by which the model is off in all groups.
    """

    of_row: Floats
    of_level: Floats
    of_days: float
    of_model: float


def loss_agreement(
    rows: Floats, expected: Floats, came: Floats, variances: Variances
) -> Agreement | None:
    """Sums of errors beside the expected ones, by up to ten groups of similar expected errors.

    Args:
        rows: with a label, of each group.
        expected: the sum of their absolute errors, as it was expected.
        came: the sum that it is.
        variances: of these.

    Returns:
        None where the labels are too few to tell.
    """
    total = float(rows.sum())
    if total < _FEWEST:
        return None
    group = _joined(rows)
    own = np.bincount(group, rows * variances.of_row + rows**2 * variances.of_level)
    many, told = np.bincount(group, rows), np.bincount(group, expected)
    differences = np.bincount(group, came - expected)
    covariance = np.diag(own) + variances.of_days * np.outer(many, many)
    covariance += variances.of_model * np.outer(told, told)
    least = max(float(own.max()) * 1e-12, np.finfo(float).tiny)
    covariance += least * np.eye(len(own))
    with np.errstate(over="ignore", invalid="ignore"):
        distance = differences @ np.linalg.solve(covariance, differences)
    # Squares beyond doubles are as far away as any.
    statistic = float(np.fmin(distance, _FARTHEST))
    error = max(float(expected.sum()), float(np.finfo(float).tiny))
    return Agreement(
        statistic=statistic,
        groups=len(own),
        p=float(chi_square_tail(statistic, len(own))),
        gap=float(np.abs(differences).sum()) / error,
        noise=float(np.sqrt(2 / np.pi * np.diag(covariance)).sum()) / error,
        rows=int(total),
        observed=float(came.sum()) / total,
        expected=float(expected.sum()) / total,
    )


def _joined(rows: Floats) -> np.typing.NDArray[np.int64]:
    """Neighbouring groups together, so that each has a tenth of the rows, and not too few."""
    each = max(float(rows.sum()) / _GROUPS, _LEAST_IN_GROUP)
    groups = ((np.cumsum(rows) - rows / 2) / each).astype(np.int64)
    last = max(int(rows.sum() // each) - 1, 0)
    return np.unique(np.minimum(groups, last), return_inverse=True)[1]
