"""The quantile sketch of Deequ: KLL with fixed offsets and the largest level first.

Source: Deequ's QuantileNonSample and NonSampleCompactor, after Karnin, Lang, Liberty, "Optimal
Quantile Approximation in Streams" (2016). The same values in the same order give the same sketch,
bit by bit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from driftkit.states.profile.compactors import (
    CAPACITIES,
    SHRINKING_FACTOR,
    SKETCH_SIZE,
    Compactors,
    has_negative_zero,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftkit.native.arrays import Floats, Integers, Values

__all__ = ["SHRINKING_FACTOR", "SKETCH_SIZE", "KllSketch"]

_NOTHING = np.empty(0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class KllSketch:
    """Some of the values; one of level i stands for 2**i.

    Attributes:
        levels: the values at each level, in Deequ's order; not to be changed in place.
        compactions: how often each level was compacted, which decides what goes up next.
    """

    levels: tuple[Floats, ...] = (_NOTHING,)
    compactions: tuple[int, ...] = (0,)

    def __add__(self, other: KllSketch) -> KllSketch:
        """Joins level by level, then compacts while the sketch is full (Deequ's merge).

        An empty sketch changes nothing; Deequ would compact a sketch that is just full.
        """
        if not self.count or not other.count:
            return self if self.count else other
        compactors = self._compactors(np.concatenate(other.levels))
        compactors.append(other.levels)
        compactors.shrink()
        return KllSketch.from_compactors(compactors)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, KllSketch) and self._bits() == other._bits()

    def __hash__(self) -> int:
        return hash(self._bits())

    @classmethod
    def from_levels(cls, levels: Sequence[Sequence[float]]) -> KllSketch:
        """The sketch of a file, which does not say how often the levels were compacted."""
        arrays = tuple(np.array(level, np.float64) for level in levels) or (_NOTHING,)
        return cls(levels=arrays, compactions=(0,) * len(arrays))

    @classmethod
    def from_compactors(cls, compactors: Compactors) -> KllSketch:
        """What compactors have come to."""
        return cls(levels=compactors.levels, compactions=tuple(compactors.compactions))

    def extended(self, values: Values) -> KllSketch:
        """The sketch after more values, in their order (Deequ's update, many at once)."""
        if not len(values):
            return self
        room = sum(CAPACITIES[: len(self.levels)]) - sum(map(len, self.levels))
        if len(values) <= room:
            # Level 0 takes them, and nothing is compacted.
            zero = np.empty(len(self.levels[0]) + len(values))
            np.concatenate([self.levels[0], values], out=zero)
            return KllSketch(levels=(zero, *self.levels[1:]), compactions=self.compactions)
        compactors = self._compactors(values)
        compactors.add(values)
        return KllSketch.from_compactors(compactors)

    @property
    def count(self) -> int:
        """The number of values that the sketch stands for."""
        return sum(len(level) << height for height, level in enumerate(self.levels))

    def ranks(self, bounds: Floats, *, inclusive: bool) -> Integers:
        """For each bound, the number of values below it, or not above it if inclusive."""
        items = np.concatenate(self.levels)
        weights = np.repeat(
            np.left_shift(1, np.arange(len(self.levels))), [len(level) for level in self.levels]
        )
        order = np.argsort(items, kind="stable")
        below = np.concatenate([[0], np.cumsum(weights[order])])
        indices = np.searchsorted(items[order], bounds, side="right" if inclusive else "left")
        return np.asarray(below[indices], np.int64)

    def _compactors(self, others: Values) -> Compactors:
        """The levels, to which other values will be added."""
        # Looking through all levels at once takes a fraction of looking through each.
        careful = has_negative_zero(others) or has_negative_zero(np.concatenate(self.levels))
        compactors = Compactors(self.compactions, careful=careful)
        compactors.append(self.levels)
        return compactors

    def _bits(self) -> tuple[object, ...]:
        return (*(level.tobytes() for level in self.levels), self.compactions)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SketchStack:
    """Sketches that are not empty, each in one piece, as a file has them.

    Attributes:
        values: of each sketch, its levels one after the other; not to be changed in place.
        sizes: of each sketch, the number of values at each level.
        compactions: how often each level of the first was compacted; those of the others do not
            decide anything.
    """

    values: Sequence[Floats]
    sizes: Sequence[Sequence[int]]
    compactions: tuple[int, ...]

    @property
    def held(self) -> int:
        """The number of values of all sketches."""
        return sum(map(len, self.values))


def levels_of(values: Floats, sizes: Sequence[int]) -> list[Floats]:
    """The levels of a sketch in one piece."""
    levels, start = [], 0
    for size in sizes:
        levels.append(values[start : start + size])
        start += size
    return levels
