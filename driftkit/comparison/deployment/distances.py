"""How far the distributions of two arms are apart: of their answers, or of what they were asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from driftkit.comparison.deployment.epochs import accumulated, last_looks

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from driftkit.comparison.arrays import Floats
    from driftkit.comparison.deployment.epochs import Epochs

DECILES = 10


def counts_within_epochs(counts: ArrayLike, epochs: Epochs) -> Floats:
    """Counts of two arms as if the champion had got each epoch's share of requests of the challenger.

    What is asked for changes with time, and weights of arms do, too: counts of all epochs together
    would take the one for the other. Derived here, direct standardisation of the champion's shares;
    its counts add up to what it has in epochs that the challenger is in as well.

    Args:
        counts: of each block, arm (champion, challenger) and cell, shape (blocks, 2, cells).
        epochs: the epoch of each block, not falling.

    Returns:
        Shape (2, cells).

    >>> epochs = np.array([0, 1])
    >>> counts_within_epochs([[[90, 0], [10, 0]], [[0, 50], [0, 50]]], epochs).round(1).tolist()
    [[23.3, 116.7], [10.0, 50.0]]
    """
    of_epochs = accumulated(counts, epochs)[last_looks(epochs)]
    totals = of_epochs.sum(axis=2)
    both = (totals > 0).all(axis=1)
    if not both.any():
        return np.zeros(of_epochs.shape[1:])
    champion, challenger = totals[both].T
    weights = challenger / champion * champion.sum() / challenger.sum()
    first = (of_epochs[both, 0] * weights[:, None]).sum(axis=0)
    return np.stack([first, of_epochs[both, 1].sum(axis=0)])


def stability_index(expected: ArrayLike, actual: ArrayLike) -> Floats:
    """The population stability index of counts (Lewis 1994, An Introduction to Credit Scoring).

    The sum of (q - p) ln(q / p) over cells that any count is in, half a count added to each of them
    so that none is empty.

    Args:
        expected: counts, shape (..., cells).
        actual: the same.

    Returns:
        Shape (...).

    >>> round(float(stability_index([500, 500], [600, 400])), 4)
    0.0405
    """
    p, q = (np.asarray(each, dtype=np.float64) for each in (expected, actual))
    there = p + q > 0
    p, q = (np.where(there, each + 0.5, 0.0) for each in (p, q))
    shares = [each / np.maximum(each.sum(axis=-1, keepdims=True), 0.5) for each in (p, q)]
    first, second = (np.where(there, each, 1.0) for each in shares)
    return np.asarray(((second - first) * np.log(second / first)).sum(axis=-1))


def index_by_chance(expected: ArrayLike, actual: ArrayLike) -> Floats:
    """The expectation of `stability_index` of two samples of one distribution.

    (cells - 1) (1/n + 1/m), of cells that any count is in: the index is about that of a chi-square
    (Yurdakul 2018, Statistical Properties of Population Stability Index). Infinite without counts.

    >>> float(index_by_chance([500, 300, 200], [400, 300, 300]))
    0.004
    """
    p, q = (np.asarray(each, dtype=np.float64) for each in (expected, actual))
    cells = (p + q > 0).sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.maximum(cells - 1, 0) * (1 / p.sum(axis=-1) + 1 / q.sum(axis=-1)))


def largest_gap(expected: ArrayLike, actual: ArrayLike) -> float:
    """The Kolmogorov-Smirnov distance of counts in cells that are ordered.

    >>> largest_gap([1, 2, 1], [0, 2, 2])
    0.25
    """
    first, second = (np.cumsum(each) / np.sum(each) for each in (expected, actual))
    return float(np.abs(second - first).max())


def quantile(values: ArrayLike, share: float) -> float:
    """The smallest of some values that at least this share of them is at most (Hyndman and Fan 1996, type 1).

    >>> quantile([4.0, 1.0, 3.0, 2.0], 0.5)
    2.0
    """
    return float(_quantiles(values, share))


def _quantiles(values: ArrayLike, shares: ArrayLike) -> Floats:
    numbers, levels = np.asarray(values, np.float64), np.asarray(shares, np.float64)
    return np.asarray(np.quantile(numbers, levels, method="inverted_cdf"))


def decile_edges(values: ArrayLike) -> tuple[float, ...]:
    """Ascending numbers that part values into about ten cells with as many in each.

    A cell holds what is above one edge and at most the next. Where many values are the same there
    are fewer cells; the largest value has one with others below it, so that it can become rarer.

    Args:
        values: finite numbers, at least one.

    >>> decile_edges(range(1, 21))
    (2.0, 4.0, 6.0, 8.0, 10.0, 12.0, 14.0, 16.0, 18.0)
    >>> decile_edges([0.0] + [1.0] * 99)
    (0.0,)
    """
    numbers = np.asarray(values, np.float64)
    below = numbers[numbers < numbers.max()]
    most = below.max() if len(below) else numbers.max()
    found = _quantiles(numbers, np.arange(1, DECILES) / DECILES).tolist()
    return tuple(sorted({min(each, float(most)) + 0.0 for each in found}))


def in_deciles(counts: ArrayLike) -> Floats:
    """Counts of ordered cells put together into about ten, of which the first row has as many in each.

    Args:
        counts: shape (2, cells), some in the first row.

    >>> in_deciles([[1] * 20, [3] + [0] * 19])[1].tolist()
    [3.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    """
    both = np.asarray(counts, dtype=np.float64)
    so_far = np.cumsum(both[0]) / both[0].sum()
    levels = np.arange(1, DECILES) / DECILES
    # The cell in which a decile is ends the group; the last group has whatever is left.
    ends = np.searchsorted(so_far, levels - 1e-12) + 1
    starts = np.unique(np.concatenate([[0], ends[ends < both.shape[1]]]))
    found: Floats = np.add.reduceat(both, starts, axis=1)
    return found
