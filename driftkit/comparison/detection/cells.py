"""Counts of a feature on the cells of its reference: what every test of drift reads."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Self

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

    from driftkit.comparison.arrays import Floats, Integers

# Sketches of so few values have lost nothing.
_KEPT_WHOLE = 2050


@dataclass(frozen=True, kw_only=True, eq=False)
class Cells:
    """Counts of features in windows, cell by cell; they add up as rows do.

    Features are stacked along the first axis; those with fewer cells end with empty ones.

    Attributes:
        counts: rows with a value of each cell; features by windows by cells. Cells of numbers are
            in the order of the numbers.
        missing: rows without a value, features by windows.
        allowance: how far a share of rows up to a cell may be off by a sketch, features by windows.
    """

    counts: Integers
    missing: Integers
    allowance: Floats

    @classmethod
    def of(cls, counts: ArrayLike, missing: ArrayLike = 0, allowance: ArrayLike = 0.0) -> Self:
        """Cells of counts of one feature (windows by cells), or of several stacked ones."""
        table = np.asarray(counts, dtype=np.int64)
        table = table.reshape((1,) * (3 - table.ndim) + table.shape)
        shape = table.shape[:2]
        return cls(
            counts=table,
            missing=np.broadcast_to(np.asarray(missing, dtype=np.int64), shape),
            allowance=np.broadcast_to(np.asarray(allowance, dtype=np.float64), shape),
        )

    @cached_property
    def present(self) -> Integers:
        """Rows with a value, features by windows."""
        return np.asarray(self.counts.sum(axis=2))

    @property
    def rows(self) -> Integers:
        """All rows, features by windows."""
        return self.present + self.missing

    @property
    def windows(self) -> int:
        """How many there are."""
        return len(self.counts[0])

    def sums(self, groups: Sequence[Integers]) -> Self:
        """The sum of each group of windows, in the order of the groups."""
        weighted = self.present * self.allowance
        totals = np.stack([self.present[:, group].sum(axis=1) for group in groups], axis=1)
        doubts = np.stack([weighted[:, group].sum(axis=1) for group in groups], axis=1)
        return type(self)(
            counts=np.stack([self.counts[:, group].sum(axis=1) for group in groups], axis=1),
            missing=np.stack([self.missing[:, group].sum(axis=1) for group in groups], axis=1),
            # Errors of sketches are taken as if all were in the same direction.
            allowance=doubts / np.maximum(totals, 1),
        )

    def last(self, sizes: Sequence[int]) -> Self:
        """The sum of the last so many windows, for each size."""
        every = np.arange(self.windows)
        return self.sums([every[-size:] for size in sizes])


def sketch_allowance(values: int) -> float:
    """How far a KLL sketch (k = 2048, c = 0.64) is off at most, as a share of its values.

    An empirical envelope, no bound: the largest errors seen were 0.0004, 0.0013 and 0.0020 at
    1e4, 1e5 and 1e6 values.

    >>> sketch_allowance(2_000), round(sketch_allowance(1_000_000), 5)
    (0.0, 0.00252)
    """
    if values <= _KEPT_WHOLE:
        return 0.0
    return 0.0009 * math.log10(values / _KEPT_WHOLE) + 0.0001
