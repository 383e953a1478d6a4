"""Empirical distribution functions from KLL sketches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftkit.comparison.arrays import Floats, Integers


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Distribution:
    """A step function: how many values are at most x.

    Attributes:
        values: distinct values in ascending order, NaN last.
        ranks: for each of them, how many values are at most it.
        compacted: whether some of the values stand for others, so that ranks are estimates.
    """

    values: Floats
    ranks: Integers
    compacted: bool = False

    @property
    def total(self) -> int:
        """Number of values that the distribution stands for."""
        return int(self.ranks[-1]) if len(self.ranks) else 0

    @property
    def counts(self) -> Integers:
        """How many values each of the values stands for."""
        return np.diff(self.ranks, prepend=0)

    def shares(self, points: Floats) -> Floats:
        """Share of the values that are at most each point."""
        return np.asarray(self.ranks_of(points) / self.total, dtype=np.float64)

    def ranks_of(self, points: Floats, *, side: Literal["left", "right"] = "right") -> Integers:
        """How many values are at most each point, or with side "left" below it."""
        ranks = np.concatenate([[0], self.ranks])
        return np.asarray(ranks[self.values.searchsorted(points, side=side)], dtype=np.int64)

    def quantiles(self, shares: Floats) -> Floats:
        """For each share, the smallest value that at least this share of the values reaches."""
        positions = np.searchsorted(self.ranks, shares * self.total, side="left")
        return self.values[np.minimum(positions, len(self.values) - 1)]

    @property
    def median(self) -> float:
        """The smallest value that at least half of the values are at most."""
        return float(self.quantiles(np.array([0.5]))[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Where two distribution functions are furthest apart.

    Attributes:
        distance: by how much, 0 to 1.
        at: the smallest value at which they are.
        first: share of the first distribution that is at most this value.
        second: share of the second one.
    """

    distance: float
    at: float
    first: float
    second: float


def distribution(
    levels: Sequence[Sequence[float] | Floats], *, distinct_ranks: bool
) -> Distribution:
    """The distribution that a sketch's compactor levels describe.

    Args:
        levels: values kept at each level; one of level i stands for 2**i values.
        distinct_ranks: whether each distinct value counts once, with the weight of the highest
            level that holds it, as in Deequ up to 2.0.21 (QuantileNonSample.getRankMap).

    >>> distribution([[3.0, 1.0, 3.0], [2.0, 3.0]], distinct_ranks=False).ranks.tolist()
    [1, 3, 7]
    >>> distribution([[3.0, 1.0, 3.0], [2.0, 3.0]], distinct_ranks=True).ranks.tolist()
    [1, 3, 5]
    """
    sizes = [len(level) for level in levels]
    kept = np.concatenate([np.empty(0), *(np.asarray(each, np.float64) for each in levels)])
    weights = np.repeat(np.int64(1) << np.arange(len(sizes), dtype=np.int64), sizes)
    order = kept.argsort()
    ordered = kept[order]
    # As np.unique does, but with the weights of equal values put together in the same pass.
    first = np.ones(len(kept), dtype=bool)
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    if len(kept) and np.isnan(ordered[-1]):
        first[ordered.searchsorted(np.nan) + 1 :] = False
    starts = np.flatnonzero(first)
    combine = np.maximum if distinct_ranks else np.add
    combined = combine.reduceat(weights[order], starts)
    return Distribution(values=ordered[starts], ranks=combined.cumsum(), compacted=any(sizes[1:]))


def widest_gap(first: Distribution, second: Distribution) -> Gap:
    """Where two distributions that are not empty differ most (Kolmogorov-Smirnov).

    >>> one, two = ([[1.0, 2.0, 3.0]], [[2.0, 3.0, 4.0, 5.0]])
    >>> a, b = (distribution(levels, distinct_ranks=False) for levels in (one, two))
    >>> widest_gap(a, b)
    Gap(distance=0.5, at=3.0, first=1.0, second=0.5)
    """
    # One after the other, not sorted: looking up values in their order is what is quick.
    points = np.concatenate([first.values, second.values])
    one, two = first.shares(points), second.shares(points)
    gaps, own = np.abs(one - two), len(first.values)
    candidates = int(gaps[:own].argmax()), own + int(gaps[own:].argmax())
    widest = min(candidates, key=lambda index: (-gaps[index], points[index]))
    return Gap(
        distance=float(gaps[widest]),
        at=float(points[widest]),
        first=float(one[widest]),
        second=float(two[widest]),
    )
