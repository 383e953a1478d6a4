"""NDCG: compares the rankings of features by attribution."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def ndcg(gains: NDArray[np.float64], live: NDArray[np.float64]) -> NDArray[np.float64]:
    """Normalised discounted cumulative gain of the live ranking, with the baseline's gains.

    The sum of a(i) / log2(i + 1) over the ranks i of the live order, divided by the same sum in
    the baseline's order (Amazon SageMaker documentation, "Monitor feature attribution drift";
    Järvelin, Kekäläinen, "Cumulated gain-based evaluation of IR techniques", 2002). Features
    that tie in the live order share the mean of their discounts, as in scikit-learn.

    Args:
        gains: the baseline's attributions a, shape (features,).
        live: attributions of the window, shape (..., features).

    Returns:
        Shape (...); 1 for the same ranking, NaN where all gains are 0.

    >>> round(float(ndcg(np.array([0.70, 0.50, 0.05]), np.array([0.10, 0.20, 0.70]))), 2)
    0.69
    """
    discounts = 1 / np.log2(np.arange(2, len(gains) + 2))
    best = np.sort(gains)[::-1] @ discounts
    flat = live.reshape(-1, len(gains))
    found = np.array([_dcg(gains, row, discounts) for row in flat]).reshape(live.shape[:-1])
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(found / best)


def _dcg(
    gains: NDArray[np.float64], live: NDArray[np.float64], discounts: NDArray[np.float64]
) -> float:
    _, group = np.unique(-live, return_inverse=True)
    sizes = np.bincount(group)
    ends = np.cumsum(sizes)
    shared = np.add.reduceat(discounts, ends - sizes) / sizes
    return float(np.bincount(group, weights=gains) @ shared)
