"""Coalitions: which features keep their value while the others are replaced."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST_ENUMERATED = 11
"""With so many features or fewer, every coalition is looked at and the values are exact."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coalitions:
    """Coalitions of features, without the empty one and the whole.

    Attributes:
        members: shape (coalitions, features); whether a feature keeps its value.
        weights: shape (coalitions,); Shapley's kernel, shared out among the coalitions of a size.
        complete: whether all coalitions are there, so that attributions are exact.
    """

    members: NDArray[np.bool_]
    weights: NDArray[np.float64]
    complete: bool


def default_samples(features: int) -> int:
    """Coalitions that are asked about by default: 2 features + 2048, as shap does."""
    return 2 * features + 2048


def coalitions(features: int, samples: int | None = None, seed: int = 0) -> Coalitions:
    """Coalitions for so many questions to the model.

    Sizes are taken whole while the questions last, smallest and largest first, since they weigh
    most; of the other sizes, members are drawn by chance, each draw with its complement (Lundberg,
    Lee, "A Unified Approach to Interpreting Model Predictions", 2017; Covert, Lee, "Improving
    KernelSHAP", 2021, for the pairs).

    Args:
        features: number of features, 1 or more.
        samples: coalitions at most; None for the default.
        seed: of the draws.
    """
    asked = default_samples(features) if samples is None else samples
    if features <= MOST_ENUMERATED or asked >= 2**features - 2:
        return _complete(features)
    mass = _size_weights(features)
    members: list[NDArray[np.bool_]] = []
    weights: list[NDArray[np.float64]] = []
    left, size = asked, 1
    while size <= features // 2 and _pairs(features, size) <= left:
        block = _of_size(features, size)
        members.append(block)
        weights.append(np.full(len(block), _mass_of(mass, features, size) / len(block)))
        left -= len(block)
        size += 1
    drawn = _drawn(features, size, left - left % 2, seed)
    if len(drawn):
        rest = sum(_mass_of(mass, features, each) for each in range(size, features // 2 + 1))
        unique, counts = np.unique(drawn, axis=0, return_counts=True)
        members.append(unique)
        weights.append(rest * counts / len(drawn))
    all_weights = np.concatenate(weights)
    return Coalitions(
        members=np.concatenate(members), weights=all_weights / all_weights.sum(), complete=False
    )


def _complete(features: int) -> Coalitions:
    numbers = np.arange(1, 2**features - 1)
    members = (numbers[:, None] >> np.arange(features) & 1).astype(bool)
    sizes = members.sum(axis=1)
    counts = np.array([comb(features, int(size)) for size in sizes])
    mass = _size_weights(features)
    weights = mass[sizes - 1] / counts if len(sizes) else np.zeros(0)
    return Coalitions(members=members, weights=weights, complete=True)


def _size_weights(features: int) -> NDArray[np.float64]:
    """The kernel's mass of the sizes 1 to features - 1, in all 1."""
    sizes = np.arange(1, features)
    mass = (features - 1) / (sizes * (features - sizes))
    return np.asarray(mass / mass.sum() if len(mass) else mass, dtype=np.float64)


def _mass_of(mass: NDArray[np.float64], features: int, size: int) -> float:
    """The mass of a size and of its complement's."""
    other = features - size
    return float(mass[size - 1] if other == size else mass[size - 1] + mass[other - 1])


def _pairs(features: int, size: int) -> int:
    """Coalitions of a size and of its complement's."""
    return comb(features, size) * (1 if 2 * size == features else 2)


def _of_size(features: int, size: int) -> NDArray[np.bool_]:
    chosen = np.zeros((comb(features, size), features), dtype=bool)
    for number, indices in enumerate(combinations(range(features), size)):
        chosen[number, list(indices)] = True
    return chosen if 2 * size == features else np.concatenate([chosen, ~chosen])


def _drawn(features: int, size: int, count: int, seed: int) -> NDArray[np.bool_]:
    """Coalitions of the sizes not taken whole, each beside its complement."""
    sizes = np.arange(size, features // 2 + 1)
    if not len(sizes) or count <= 0:
        return np.zeros((0, features), dtype=bool)
    random = np.random.default_rng(seed)
    mass = _size_weights(features)
    shares = np.array([_mass_of(mass, features, int(each)) for each in sizes])
    chosen = random.choice(sizes, count // 2, p=shares / shares.sum())
    order = random.random((count // 2, features)).argsort(axis=1)
    half = order < chosen[:, None]
    return np.concatenate([half, ~half])
