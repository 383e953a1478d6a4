"""How far probabilities are from the shares of positive labels, from sums."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

BINS = 10


def equal_mass_edges(probabilities: ArrayLike, bins: int = BINS) -> NDArray[np.float64]:
    """Inner edges of bins with equally many rows of the baseline each, to be frozen.

    Probabilities that many rows share make fewer bins: no edge stands twice.

    Args:
        probabilities: the champion's, shape (rows,), at least one.
        bins: how many.

    Returns:
        Ascending, shape (at most bins - 1,). A probability belongs to the bin
        `searchsorted(edges, probability, side="right")`.

    >>> equal_mass_edges([0.1, 0.2, 0.3, 0.4], bins=2).tolist()
    [0.25]
    """
    return np.unique(np.quantile(np.asarray(probabilities, dtype=float), np.arange(1, bins) / bins))


def calibration_error(n: ArrayLike, probabilities: ArrayLike, labels: ArrayLike) -> float | None:
    """Expected calibration error (Naeini et al. 2015, AAAI): mean distance from the label share.

    Biased upwards, the more so the fewer rows a bin has, hence to be shown, not tested.

    Args:
        n: rows of each bin.
        probabilities: sum of the probabilities of each bin.
        labels: positive labels of each bin.

    Returns:
        0 (calibrated) to 1; None without rows.

    >>> calibration_error([10, 10], [1.0, 9.0], [2, 8])
    0.1
    """
    rows = np.sum(n)
    apart = np.abs(np.asarray(probabilities, dtype=float) - np.asarray(labels, dtype=float))
    return float(apart.sum() / rows) if rows else None


def calibration_in_the_large(n: int, probabilities: float, labels: float) -> float | None:
    """Mean probability less the share of positive labels; None without rows (Cox 1958).

    >>> calibration_in_the_large(20, 10.0, 8)
    0.1
    """
    return (probabilities - labels) / n if n else None
