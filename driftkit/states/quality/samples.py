"""Subsamples and bootstraps that are drawn from states instead of rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.quality_intervals import Interval, bootstrap, percentile
from driftkit.comparison.regression import Errors, regression_metrics
from driftkit.states.quality.residuals import (
    ABSOLUTE,
    GROUPS,
    LABEL_M2,
    LABEL_MEAN,
    PREDICTION_M2,
    PREDICTION_MEAN,
    SQUARED,
    N,
    Residuals,
    merged_groups,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from driftkit.comparison.classification import Counts
    from driftkit.native.arrays import Floats

SAMPLED_FROM = 200
SAMPLES = 5
SHARE = 0.8
_SEED = 80
# Beyond it numpy's exact draw needs more memory than it is worth.
_MOST_DRAWN = 10**9


def sampled_matrices(matrix: Counts) -> Iterator[Counts]:
    """Five random samples of 80 % of the rows of a confusion matrix, without replacement.

    A matrix of sampled rows is distributed by the multivariate hypergeometric law, so the rows
    themselves are not needed.
    """
    flat = matrix.reshape(-1)
    total = int(flat.sum())
    draws = np.random.default_rng(_SEED)
    for _ in range(SAMPLES):
        if total < _MOST_DRAWN:
            drawn = draws.multivariate_hypergeometric(
                flat, round(SHARE * total), method="marginals"
            )
        else:
            drawn = draws.binomial(flat, SHARE)
        yield drawn.reshape(matrix.shape)


def regression_values(sums: Floats, *, swapped: bool) -> dict[str, float]:
    """The metrics of one row of sums, shape (1, 7)."""
    return regression_metrics(
        Errors(
            rows=float(sums[0, N]),
            absolute=float(sums[0, ABSOLUTE]),
            squared=float(sums[0, SQUARED]),
            spread=float(sums[0, PREDICTION_M2 if swapped else LABEL_M2]),
        )
    )


def regression_samples(residuals: Residuals, *, swapped: bool) -> list[dict[str, float]]:
    """The metrics of five random samples of 80 % of the groups, and so of the rows."""
    if residuals.rows < SAMPLED_FROM:
        return []
    draws = np.random.default_rng(_SEED)
    chosen = [draws.permutation(GROUPS)[: round(SHARE * GROUPS)] for _ in range(SAMPLES)]
    sampled = [merged_groups(residuals.groups[groups]) for groups in chosen]
    return [regression_values(sums, swapped=swapped) for sums in sampled]


def regression_intervals(residuals: Residuals, *, swapped: bool) -> dict[str, Interval | None]:
    """The intervals of the metrics, from groups drawn again with replacement."""
    value = regression_values(residuals.whole, swapped=swapped)
    # Sums beyond doubles are infinite, and have no interval.
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        drawn = bootstrap(_additive(residuals.groups, swapped=swapped), _metrics_of_sums)
        return {
            name: percentile(value[name], column)
            for name, column in zip(value, drawn.T, strict=True)
        }


def _additive(groups: Floats, *, swapped: bool) -> Floats:
    """Rows, |errors|, errors^2, sum and sum of squares about a common centre, by group."""
    mean = PREDICTION_MEAN if swapped else LABEL_MEAN
    centre = groups[:, mean] @ groups[:, N] / max(groups[:, N].sum(), 1.0)
    offset = groups[:, mean] - centre
    first = offset * groups[:, N]
    second = groups[:, mean + 1] + offset * first
    return np.column_stack([groups[:, [N, ABSOLUTE, SQUARED]], first, second])


def _metrics_of_sums(sums: Floats) -> Floats:
    """mae, mse, rmse and r2 of each row of sums, shape (resamples, 4)."""
    rows, absolute, squared, first, second = sums.T
    mse = squared / rows
    r2 = 1 - squared / (second - first * first / rows)
    return np.column_stack([absolute / rows, mse, np.sqrt(mse), r2])
