"""What a test says of a feature in some windows, and how the tests of a feature are put together."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from driftkit.comparison.arrays import Floats, Integers


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evidence:
    """One test of features, in each window.

    Attributes:
        kind: what the test sees, such as shift or nulls.
        weight: its part of the feature's error rate; the weights of a feature's tests sum to 1.
        p: p-values, features by windows; 1 where the effect is too small to matter.
        effect: how far the window is from the reference, in the unit of the kind, in the same shape.
    """

    kind: str
    weight: float
    p: Floats
    effect: Floats


def weighed(
    found: Mapping[str, tuple[Floats, Floats]], weights: Mapping[str, float]
) -> list[Evidence]:
    """What tests found, p-values and effects by kind, with the weight of each kind."""
    return [
        Evidence(kind=kind, weight=weights[kind], p=p, effect=effect)
        for kind, (p, effect) in found.items()
    ]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Strongest:
    """The test by which each feature differs most; arrays by feature.

    Attributes:
        p: its p-value, corrected for the other tests of the feature.
        kind: what it sees.
        effect: how far the window is from the reference.
        window: the index of the window.
    """

    p: Floats
    kind: list[str]
    effect: Floats
    window: Integers


def strongest(tests: Sequence[Evidence], weights: Floats) -> Strongest:
    """The least p-value of all tests and windows, each divided by its weights.

    Weighted Bonferroni: valid whatever depends on what, and the least names the kind.

    Args:
        tests: of the same features in the same windows.
        weights: of the windows; they sum to 1 or less.
    """
    table = np.stack([each.p / each.weight for each in tests], axis=1) / weights
    p, test, window = least(table)
    effects = np.stack([one.effect for one in tests], axis=1)
    return Strongest(
        p=p,
        kind=[tests[index].kind for index in test.tolist()],
        effect=effects[np.arange(len(p)), test, window],
        window=window,
    )


def least(table: Floats) -> tuple[Floats, Integers, Integers]:
    """The least p-value of each feature, at most 1, and where it stands on both other axes.

    >>> table = np.array([[[0.5, 0.2], [0.3, 0.4]], [[3.0, 2.5], [2.0, 4.0]]])
    >>> [each.tolist() for each in least(table)]
    [[0.2, 1.0], [0, 1], [1, 0]]
    """
    best = table.reshape(len(table), math.prod(table.shape[1:])).argmin(axis=1)
    first, second = np.unravel_index(best, table.shape[1:])
    return np.minimum(1.0, table[np.arange(len(table)), first, second]), first, second
