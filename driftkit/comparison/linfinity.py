"""Distances between a window's distribution and its baseline's, as Deequ defines them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from driftkit.comparison.distributions import distribution, widest_gap

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from driftkit.comparison.distributions import Distribution

# Two-sample Kolmogorov-Smirnov: c(alpha) = sqrt(-ln(alpha / 2) / 2), alpha about 0.003.
C_ALPHA = 1.8


def numerical_distance(
    first: Sequence[Sequence[float]],
    second: Sequence[Sequence[float]],
    *,
    robust: bool,
    distinct_ranks: bool,
) -> float:
    """L-infinity distance of two numeric samples, given as KLL compactor levels.

    Source: Deequ's Distance.numericalDistance; `robust` is its default, the other value its
    correctForLowNumberOfSamples = true, whose name reads the wrong way round.

    Args:
        first: levels of one sketch, not empty.
        second: levels of the other, not empty.
        robust: whether the distance that few values cause by chance is subtracted.
        distinct_ranks: the quirk of this name in driftkit.dialects.

    Returns:
        0 (no difference to be seen) to 1 (nothing in common).

    >>> numerical_distance([[1.0, 2.0]], [[2.0, 3.0]], robust=False, distinct_ranks=False)
    0.5
    """
    one = distribution(first, distinct_ranks=distinct_ranks)
    two = distribution(second, distinct_ranks=distinct_ranks)
    return distribution_distance(one, two, robust=robust)


def distribution_distance(first: Distribution, second: Distribution, *, robust: bool) -> float:
    """L-infinity distance of two distributions; see `numerical_distance`."""
    distance = widest_gap(first, second).distance
    return corrected(distance, first.total, second.total) if robust else distance


def categorical_distance(
    first: Mapping[str, int], second: Mapping[str, int], *, robust: bool
) -> float:
    """L-infinity distance of two samples of categories: the largest difference of a share.

    Source: Deequ's Distance.categoricalDistance, LInfinityMethod.

    Args:
        first: category -> rows, not empty.
        second: the same of the other sample.
        robust: whether the distance that few rows cause by chance is subtracted.

    >>> categorical_distance({"a": 1, "b": 1}, {"a": 3, "c": 1}, robust=False)
    0.5
    """
    n, m = sum(first.values()), sum(second.values())
    keys = first.keys() | second.keys()
    distance = max(abs(first.get(key, 0) / n - second.get(key, 0) / m) for key in keys)
    return corrected(distance, n, m) if robust else distance


def corrected(distance: float, n: int, m: int) -> float:
    """A distance less what samples of n and m values are apart by chance, at least 0.

    >>> corrected(0.9, 9, 10**9) < 0.9 - 1.8 / 3 + 1e-6
    True
    """
    first, second = float(n), float(m)
    return max(0.0, distance - C_ALPHA * math.sqrt((first + second) / (first * second)))
