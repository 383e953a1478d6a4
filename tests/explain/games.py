"""Models of a few lines, and Shapley values by their definition."""

from __future__ import annotations

from itertools import combinations
from math import factorial
from typing import TYPE_CHECKING, Any

import numpy as np

from driftkit.explain.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray


def rows(values: Any, names: str = "abcdefghijklmnopqrstuvwxyz") -> Rows:
    """Rows of features called a, b, c and so on."""
    table = np.asarray(values)
    kind = object if table.dtype.kind in "OU" else np.float64
    return Rows(names=tuple(names[: table.shape[1]]), values=table.astype(kind))


def random_rows(count: int, features: int, seed: int = 0) -> Rows:
    """Normal features."""
    return rows(np.random.default_rng(seed).normal(size=(count, features)))


def product(table: Any) -> NDArray[np.float64]:
    """A model with interactions of all its features."""
    values = np.asarray(table, dtype=np.float64)
    return np.asarray(np.tanh(values.sum(axis=1)) + values[:, 0] * values[:, -1])


def two_labels(table: Any) -> NDArray[np.float64]:
    """A model of two outputs."""
    one = product(table)
    return np.stack([one, np.cos(one)], axis=1)


def by_definition(
    model: Callable[[Any], NDArray[np.float64]], row: NDArray[Any], background: NDArray[Any]
) -> NDArray[np.float64]:
    """Shapley's formula, a feature and a coalition at a time."""
    features = len(row)

    def worth(members: tuple[int, ...]) -> float:
        mixed = background.copy()
        mixed[:, list(members)] = row[list(members)]
        return float(model(mixed).mean())

    values = np.zeros(features)
    for feature in range(features):
        others = [each for each in range(features) if each != feature]
        for size in range(features):
            share = factorial(size) * factorial(features - size - 1) / factorial(features)
            for members in combinations(others, size):
                values[feature] += share * (worth((*members, feature)) - worth(members))
    return values
