"""K-prototypes: clusters of rows in which some features are text."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from driftkit.explain.rows import Rows

ROUNDS = 50


def prototypes(rows: Rows, clusters: int, seed: int = 0) -> tuple[Rows, float]:
    """The centres of clusters, means of numbers and commonest texts, and how far rows are away.

    Distance is squared Euclidean in the numbers, plus for each differing text half the numbers'
    mean standard deviation (Huang, "Extensions to the k-means algorithm for clustering large data
    sets with categorical values", 1998). The first centres are different rows drawn by chance.

    Args:
        rows: what is clustered; missing numbers count as their feature's mean.
        clusters: how many, at most as many as there are rows.
        seed: of the first centres.
    """
    texts = np.array([_is_text(column) for column in rows.values.T])
    numbers = _filled(rows.values[:, ~texts])
    words = rows.values[:, texts]
    weight = numbers.std(axis=0).mean() / 2 if numbers.size else 1.0
    first = np.random.default_rng(seed).permutation(len(rows))[:clusters]
    centres, modes = numbers[first], words[first]
    nearest = np.full(len(rows), -1)
    away = np.zeros((len(rows), clusters))
    for _ in range(ROUNDS):
        away = ((numbers[:, None, :] - centres) ** 2).sum(axis=2)
        away = away + weight * (words[:, None, :] != modes).sum(axis=2)
        found = away.argmin(axis=1)
        if (found == nearest).all():
            break
        nearest = found
        for cluster in np.unique(nearest):
            inside = nearest == cluster
            centres[cluster] = numbers[inside].mean(axis=0)
            modes[cluster] = [_commonest(column) for column in words[inside].T]
    values = np.empty((len(centres), len(rows.names)), dtype=object)
    values[:, ~texts], values[:, texts] = centres, modes
    return rows.of(values), float(away.min(axis=1).sum())


def _is_text(column: NDArray[Any]) -> bool:
    return any(isinstance(value, str) for value in column)


def _commonest(column: NDArray[Any]) -> Any:
    return Counter(column.tolist()).most_common(1)[0][0]


def _filled(table: NDArray[Any]) -> NDArray[np.float64]:
    numbers = np.array(table, dtype=np.float64)
    known = np.isfinite(numbers)
    sums = np.where(known, numbers, 0.0).sum(axis=0)
    return np.where(known, numbers, sums / np.maximum(known.sum(axis=0), 1))
