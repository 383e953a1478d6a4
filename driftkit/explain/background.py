"""Background rows for Shapley values: clusters of the data, by K-prototypes where some are text."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from driftkit.errors import SettingsError
from driftkit.extras import library

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from driftkit.explain.rows import Rows

MOST_OPTIMAL = 12


def clustered(rows: Rows, clusters: int | None, seed: int = 0) -> Rows:
    """The centres of clusters: K-means where all features are numbers, else K-prototypes.

    Args:
        rows: of the data, a sample of them where they are many; rows with missing numbers are
            left out of K-means.
        clusters: how many; None for the best number from 1 to 12.
        seed: of the first centres.

    Raises:
        SettingsError: there are fewer rows than clusters, or scikit-learn is not here.
    """
    usable = (
        rows.with_values(rows.values[np.isfinite(rows.values).all(axis=1)])
        if rows.numeric
        else rows
    )
    if len(usable) < (clusters or 1):
        raise SettingsError(
            "there are fewer rows than clusters",
            where="num_clusters",
            expected=f"from 1 to the {len(usable)} complete rows",
            found=str(clusters or 1),
            todo="Lower it, or give baseline rows",
        )
    find = _means if rows.numeric else prototypes
    if clusters is not None:
        return find(usable, clusters, seed)[0]
    tried = [find(usable, count, seed) for count in range(1, min(MOST_OPTIMAL, len(usable)) + 1)]
    return tried[_elbow([spread for _, spread in tried])][0]


def _means(rows: Rows, clusters: int, seed: int) -> tuple[Rows, float]:
    cluster = library("sklearn.cluster", "science", "methods.shap.num_clusters")
    model = cluster.KMeans(n_clusters=clusters, n_init=4, random_state=seed % 2**32).fit(
        rows.values
    )
    return rows.with_values(np.asarray(model.cluster_centers_, dtype=np.float64)), float(
        model.inertia_
    )


def _elbow(deviations: list[float]) -> int:
    """The place farthest below the line from the first to the last."""
    if len(deviations) < 3 or deviations[0] <= deviations[-1]:
        return 0
    line = np.linspace(deviations[0], deviations[-1], len(deviations))
    return int(np.argmax(line - np.array(deviations)))


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
    return rows.with_values(values), float(away.min(axis=1).sum())


def _is_text(column: NDArray[Any]) -> bool:
    return any(isinstance(value, str) for value in column)


def _commonest(column: NDArray[Any]) -> Any:
    return Counter(column.tolist()).most_common(1)[0][0]


def _filled(table: NDArray[Any]) -> NDArray[np.float64]:
    numbers = np.array(table, dtype=np.float64)
    known = np.isfinite(numbers)
    sums = np.where(known, numbers, 0.0).sum(axis=0)
    return np.where(known, numbers, sums / np.maximum(known.sum(axis=0), 1))
