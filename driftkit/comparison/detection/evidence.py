"""What a test says of a feature in some windows, and how the tests of a feature are put together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

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
    features, count, windows = table.shape
    best = table.reshape(features, count * windows).argmin(axis=1)
    test, window = np.unravel_index(best, (count, windows))
    each = np.arange(features)
    effects = np.stack([one.effect for one in tests], axis=1)
    return Strongest(
        p=np.minimum(1.0, table[each, test, window]),
        kind=[tests[index].kind for index in test.tolist()],
        effect=effects[each, test, window],
        window=window,
    )
