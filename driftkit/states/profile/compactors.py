"""The compactors of a quantile sketch while values or other sketches are added.

One value at a time, Deequ appends to level 0 and, once there are more values than the levels'
capacities together, compacts the first level that is full: its values are sorted, every second
one goes up a level, and an odd last one stays behind. The same happens here with many at once: a
level is some pieces of arrays, of which nothing is copied before it is compacted.
"""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from driftkit.native.arrays import Floats, Values

SKETCH_SIZE = 2048
SHRINKING_FACTOR = 0.64

_NEGATIVE_ZERO = np.int64(np.iinfo(np.int64).min)
_NOTHING = np.empty(0)


def capacity(level: int) -> int:
    """The number of values at which a level is full.

    >>> [capacity(level) for level in range(3)]
    [2050, 1314, 842]
    """
    return 2 * (ceil(SKETCH_SIZE * SHRINKING_FACTOR**level / 2) + 1)


# A level more doubles the rows; there will never be so many.
CAPACITIES = tuple(capacity(level) for level in range(64))


class Compactors:
    """Levels that change.

    Args:
        compactions: how often each level was compacted.
        careful: whether there are, or will be, zeros with a sign.
    """

    def __init__(self, compactions: Sequence[int], *, careful: bool) -> None:
        self.compactions = list(compactions)
        self._careful = careful
        self._pieces: list[list[Values]] = []
        self._sizes: list[int] = []
        self._held = self._allowed = 0

    @property
    def levels(self) -> tuple[Floats, ...]:
        """The values at each level, copied."""
        return tuple(np.concatenate([_NOTHING, *pieces]) for pieces in self._pieces)

    def append(self, levels: Sequence[Floats]) -> None:
        """Joins another sketch level by level, whether there is room or not."""
        while len(self._sizes) < len(levels):
            self._expand()
        for index, level in enumerate(levels):
            if size := len(level):
                self._pieces[index].append(level)
                self._sizes[index] += size
                self._held += size

    def shrink(self) -> None:
        """Compacts until there is room for a value, as Deequ does after a merge."""
        while self._held >= self._allowed:
            self._condense()

    def add(self, values: Values) -> None:
        """Adds values in their order, as Deequ's update does one by one."""
        start = 0
        while start < len(values):
            # One value more than there is room for, and a level is compacted.
            stop = start + max(self._allowed - self._held, 0) + 1
            some = values[start:stop]
            self._pieces[0].append(some)
            self._sizes[0] += len(some)
            self._held += len(some)
            if stop <= len(values):
                self._condense()
            start = stop

    def _expand(self) -> None:
        level = len(self._sizes)
        self._allowed += CAPACITIES[level]
        self._pieces.append([])
        self._sizes.append(0)
        if level == len(self.compactions):
            self.compactions.append(0)

    def _condense(self) -> None:
        """Compacts the first level that is full; there is one, as they are too many together.

        Its values are sorted and every second moves up; which half alternates after every second time.
        """
        level = 0
        while self._sizes[level] < CAPACITIES[level]:
            level += 1
        half, odd = divmod(self._sizes[level], 2)
        values = np.concatenate(self._pieces[level])
        self._pieces[level] = [values[2 * half :]] if odd else []
        self._sizes[level] = odd
        values = values[: 2 * half]
        self._sort(values)
        if level + 1 == len(self._sizes):
            self._expand()
        # Every second value is copied when its level is compacted, not sooner.
        self._pieces[level + 1].append(values[(0, 1, 1, 0)[self.compactions[level] % 4] :: 2])
        self._sizes[level + 1] += half
        self.compactions[level] += 1
        self._held -= half

    def _sort(self, values: Values) -> None:
        if not self._careful:
            values.sort()
            return
        # Java sorts -0.0 before 0.0. numpy takes them for equal, and with its vector
        # instructions even makes one of the other.
        negative = int(_negative_zeros(values).sum())
        values.sort()
        first, last = np.searchsorted(values, 0.0), np.searchsorted(values, 0.0, "right")
        values[first : first + negative] = -0.0
        values[first + negative : last] = 0.0


def has_negative_zero(values: Values) -> bool:
    """Whether there are zeros with a sign, of which comparison does not tell the order."""
    if values.dtype != np.float64 or not len(values):
        return values.dtype.kind == "f" and bool(_negative_zeros(values).any())
    return bool(_bits(values).min() == _NEGATIVE_ZERO)


def _negative_zeros(values: Values) -> npt.NDArray[np.bool_]:
    if values.dtype != np.float64:
        return np.asarray((values == 0) & np.signbit(values))
    return np.asarray(_bits(values) == _NEGATIVE_ZERO)


def _bits(values: Values) -> npt.NDArray[np.int64]:
    # -0.0 has those of the smallest of all integers.
    return np.ascontiguousarray(values).view(np.int64)
