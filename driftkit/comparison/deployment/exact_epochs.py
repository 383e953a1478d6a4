"""Exact bounds of a difference of rates over epochs of constant weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.deployment.epochs import accumulated, epoch_weights, over_epochs, runs_of
from driftkit.comparison.deployment.exact_rates import difference_bounds
from driftkit.comparison.deployment.ratios import ratio

if TYPE_CHECKING:
    from driftkit.comparison.arrays import Floats
    from driftkit.comparison.deployment.epochs import Epochs

# Of sum 1 / k^2, so that the epochs' shares of alpha add up to one however many there will be.
_ALL_SQUARES = np.pi**2 / 6


def difference_bounds_over_epochs(
    events: Floats, trials: Floats, epochs: Epochs, *, alpha: float
) -> tuple[Floats, Floats]:
    """Bounds of the challenger's rate less the champion's that it ever leaves with probability alpha.

    In the first epoch they are `difference_bounds`. Later ones add up the bounds of each epoch with
    the weights of `epoch_weights`, each at its share 6 / (pi^2 k^2) of alpha, so that all hold
    together (Bonferroni). Conservative: the errors of epochs are added up as if all had the same
    sign. Derived here; no independent oracle.

    Args:
        events: of each block alone, champion and challenger; shape (blocks, 2).
        trials: the same.
        epochs: the epoch of each block, not falling.
        alpha: probability that the difference is ever outside, of the looks in the first epoch and
            again of all later ones.

    Returns:
        Lower and upper bounds as of the end of each block; -1 and 1 where nothing is known.

    >>> events, trials = np.array([[0.0, 900], [0, 500]]), np.array([[9000.0, 1000], [500, 500]])
    >>> low, high = difference_bounds_over_epochs(events, trials, np.array([0, 1]), alpha=0.05)
    >>> low.round(4).tolist(), high.round(4).tolist()
    ([0.8587, 0.8803], [0.9325, 0.9479])
    """
    k, n = accumulated(events, epochs), accumulated(trials, epochs)
    counts = k[:, 1], n[:, 1], k[:, 0], n[:, 0]
    low, high = difference_bounds(*counts, alpha=alpha)
    first = epochs == epochs[0]
    if first.all():
        return low, high
    number = runs_of(epochs) + 1
    shared = difference_bounds(*counts, alpha=alpha / (_ALL_SQUARES * number**2))
    weights = epoch_weights(n[:, 0], n[:, 1])
    total = over_epochs(weights, epochs)
    added = [ratio(over_epochs(weights * each, epochs), total) for each in shared]
    return (
        np.where(first, low, np.nan_to_num(added[0], nan=-1.0)),
        np.where(first, high, np.nan_to_num(added[1], nan=1.0)),
    )
