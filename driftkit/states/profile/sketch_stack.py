"""A stack of quantile sketches in flat arrays, for vectorised merging."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftkit.native.arrays import Floats


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
