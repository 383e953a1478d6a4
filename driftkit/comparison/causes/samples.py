"""One feature's rows in a baseline or in a window, as its sketch or its counts tell them."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Self

import numpy as np

from driftkit.comparison.distributions import Distribution
from driftkit.comparison.distributions import distribution as distribution_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from driftkit.comparison.arrays import Floats, Integers

# Few values decide on the ends, and outliers are no change of all rows.
MIDDLE = np.linspace(0.05, 0.95, 91)
_DEVIATION = np.array([0.1587, 0.8413])
# Values that are no further apart, in standard deviations, are nearly the same.
_SAME = 0.01
# A share that is nearly all, and by how much it has risen.
_FROZEN, _FROZEN_RISE = 0.9, 0.3


@dataclass(frozen=True, kw_only=True, eq=False)
class Numbers:
    """The numbers of one feature.

    Attributes:
        distribution: of those that are not missing.
        missing: rows without a value.
    """

    distribution: Distribution
    missing: int = 0

    @classmethod
    def of(cls, levels: Sequence[Sequence[float]], missing: int = 0) -> Self:
        """What a sketch's compactor levels tell, and how many rows have no value."""
        return cls(distribution=distribution_of(levels, distinct_ranks=False), missing=missing)

    @classmethod
    def of_cells(cls, edges: Floats, counts: Integers) -> Self:
        """What rows by cell tell, as if all of a cell were its upper edge.

        Args:
            edges: of the cells, ascending; the last cell is above them.
            counts: rows of each cell.
        """
        values = np.append(edges, np.nextafter(edges[-1], np.inf))
        some = counts > 0
        return cls(distribution=Distribution(values=values[some], ranks=counts[some].cumsum()))

    @property
    def present(self) -> int:
        """Rows with a value."""
        return self.distribution.total

    @cached_property
    def counts(self) -> Integers:
        """Rows of each distinct value."""
        return self.distribution.counts

    @cached_property
    def middle(self) -> Floats:
        """Quantiles from 5 to 95 %, between the middle ranks of values, so that grids matter less."""
        ranks = (self.distribution.ranks - self.counts / 2) / self.present
        return np.asarray(np.interp(MIDDLE, ranks, self.distribution.values))

    @cached_property
    def deviation(self) -> float:
        """Half of what the middle 68 % span, as of a normal law; outliers do not move it."""
        low, high = self.distribution.quantiles(_DEVIATION)
        if high > low:
            return float(high - low) / 2
        mean = self.counts @ self.distribution.values / max(self.present, 1)
        return math.sqrt(float(self.counts @ (self.distribution.values - mean) ** 2 / self.present))

    def shares(self, values: Floats) -> Floats:
        """Of the rows with a value, the share that has each of these."""
        known = self.distribution.values
        index = np.minimum(known.searchsorted(values), len(known) - 1)
        return np.where(known[index] == values, self.counts[index] / self.present, 0.0)

    def share(self, value: float) -> float:
        """Share of the rows with a value that have this one."""
        return float(self.shares(np.array([value]))[0])

    def near(self, value: float) -> float:
        """Share of the rows with a value that have this one, or nearly."""
        apart = np.abs(self.distribution.values - value)
        return float(self.counts[apart <= _SAME * self.deviation].sum() / self.present)

    @property
    def most_frequent(self) -> float:
        """Share of the rows with a value that have the most frequent one."""
        return float(self.counts.max() / self.present)

    def on_grid(self, grid: float) -> float:
        """Share of the rows with a value that is a multiple; 32-bit floats count as such."""
        steps = self.distribution.values / grid
        near = np.abs(steps - np.round(steps)) <= np.minimum(1e-6 * np.abs(steps), 1e-2)
        return float(self.counts @ near / self.present)

    def without(self, value: float, rows: float) -> Self:
        """The numbers less so many rows with a value."""
        kept = self.counts - np.where(self.distribution.values == value, round(rows), 0)
        some = kept > 0
        values = Distribution(values=self.distribution.values[some], ranks=kept[some].cumsum())
        return replace(self, distribution=values)

    def changed(self, factor: float, offset: float) -> Self:
        """Factor times the numbers plus an offset, factor above 0."""
        values = factor * self.distribution.values + offset
        return replace(
            self, distribution=Distribution(values=values, ranks=self.distribution.ranks)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Categories:
    """The values of one feature that is no number.

    Attributes:
        counts: value -> rows.
        missing: rows without a value.
        complete: whether all values are counted.
    """

    counts: Mapping[str, int] = field(default_factory=dict)
    missing: int = 0
    complete: bool = True

    @property
    def present(self) -> int:
        """Rows with a value that is counted."""
        return sum(self.counts.values())


def is_frozen(usual: float, share: float) -> bool:
    """Whether nearly all rows have a value now that not all had.

    Args:
        usual: share of the baseline's rows that have it.
        share: of the window's.
    """
    return share >= _FROZEN and share - usual >= _FROZEN_RISE


def weighted_median(values: Floats, weights: Floats) -> float:
    """The smallest value that half of the weight, or more, is at most."""
    order = np.argsort(values)
    sums = weights[order].cumsum()
    return float(values[order][np.searchsorted(sums, sums[-1] / 2)])
