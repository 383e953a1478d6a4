"""What a test says of a feature in some windows, and how the tests of a feature are put together."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from driftkit.comparison.arrays import Floats, Integers, Truths

_SMALL = 1e-300


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evidence:
    """One test of features, in each window.

    Attributes:
        kind: what the test sees, such as shift or nulls.
        weight: its part of the error rate, by feature; the weights of a feature's tests sum to 1.
        p: p-values, features by windows; 1 where the effect is too small to matter.
        effect: how far the window is from the reference, in the unit of the kind, in the same shape.
    """

    kind: str
    weight: Floats
    p: Floats
    effect: Floats


def weighed(
    found: Mapping[str, tuple[Floats, Floats]],
    weights: Mapping[str, float],
    asked: Mapping[str, Truths] | None = None,
) -> list[Evidence]:
    """What tests found, with the part of the error rate that each has.

    Args:
        found: p-values and effects by kind.
        weights: of the kinds; they sum to 1.
        asked: of some kinds, by feature, whether there is anything to test; the others have its part else.
    """
    features = len(next(iter(found.values()))[0])
    parts = {
        kind: weights[kind] * np.ones(features) * (asked or {}).get(kind, True) for kind in found
    }
    total = np.sum(list(parts.values()), axis=0)
    return [
        Evidence(kind=kind, weight=parts[kind] / total, p=p, effect=effect)
        for kind, (p, effect) in found.items()
    ]


def harmonic(p: Floats, weights: Floats, axis: int | tuple[int, ...]) -> Floats:
    """The weighted harmonic mean of p-values: one p-value of tests that ask much the same.

    Far out, where alarms are, it is as sure as it says also where the tests depend on each other
    (Good 1958, Wilson 2019). It is never above the least p-value divided by its weight, as
    Bonferroni's is, and lower where several tests see the same.

    Args:
        p: p-values.
        weights: of the tests, in a shape that goes with it; they sum to 1 along the axes, or are all 0.
        axis: along which tests stand.

    Returns:
        p-values; 1 where there is no test.

    >>> harmonic(np.array([[0.01, 0.01], [0.01, 1.0]]), np.array([0.5, 0.5]), 1).round(4).tolist()
    [0.01, 0.0198]
    """
    return np.asarray(1 / np.maximum(1.0, (weights / np.maximum(p, _SMALL)).sum(axis=axis)))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Strongest:
    """The test by which each feature differs most; arrays by feature.

    Attributes:
        p: of all its tests together.
        kind: what it sees.
        effect: how far the window is from the reference.
        window: the index of the window.
    """

    p: Floats
    kind: list[str]
    effect: Floats
    window: Integers


def strongest(tests: Sequence[Evidence], weights: Floats) -> Strongest:
    """One p-value of all tests and windows, and what the least of them, by its weight, is of.

    Args:
        tests: of the same features in the same windows.
        weights: of the windows; they sum to 1.
    """
    p = np.stack([each.p for each in tests], axis=1)
    share = np.stack([each.weight for each in tests], axis=1)[..., None] * weights
    with np.errstate(divide="ignore"):
        _, test, window = least(p / share)
    effects = np.stack([one.effect for one in tests], axis=1)
    return Strongest(
        p=harmonic(p, share, (1, 2)),
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
