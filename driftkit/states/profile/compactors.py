"""The compactors of a quantile sketch while values are added.

One value at a time, Deequ appends to level 0 and, once there are more values than the levels'
capacities together, compacts the first level that is full: its values are sorted, every second
one goes up a level, and an odd last one stays behind. The same happens here a window at a time:
level 0 is a slice of the incoming array, so that nothing is appended or copied before the sort.
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

# More than all levels can hold together: after so many values, none of level 0 is older.
_HEAD = 16_384
_ROOM = 4096
_NEGATIVE_ZERO = np.int64(np.iinfo(np.int64).min)


def capacity(level: int) -> int:
    """The number of values at which a level is full.

    >>> [capacity(level) for level in range(3)]
    [2050, 1314, 842]
    """
    return 2 * (ceil(SKETCH_SIZE * SHRINKING_FACTOR**level / 2) + 1)


# A level more doubles the rows; there will never be so many.
CAPACITIES = tuple(capacity(level) for level in range(64))


class Compactors:
    """Levels that change: level 0 is a window of an array, the others are buffers.

    Args:
        levels: the values at each level.
        compactions: how often each was compacted.
    """

    def __init__(self, levels: Sequence[Floats], compactions: Sequence[int]) -> None:
        self._stream: Values = levels[0]
        self._start, self._stop = 0, len(levels[0])
        self._buffers = [np.empty(0), *(_buffer(level) for level in levels[1:])]
        self._sizes = [0, *(len(level) for level in levels[1:])]
        self._room = sum(CAPACITIES[: len(levels)]) - sum(self._sizes)
        # Looking through all of them at once takes a fraction of looking through each.
        self._careful = is_delicate(np.concatenate(levels))
        self.compactions = list(compactions)

    @property
    def levels(self) -> tuple[Floats, ...]:
        """The values at each level, copied."""
        zero = np.array(self._stream[self._start : self._stop], np.float64)
        pairs = zip(self._buffers[1:], self._sizes[1:], strict=True)
        return (zero, *(buffer[:size].copy() for buffer, size in pairs))

    def add(self, values: Values) -> None:
        """Adds values in their order, as Deequ's update does one by one."""
        self._careful = self._careful or is_delicate(values)
        older = self._stream[self._start : self._stop]
        head = values[:_HEAD]
        self._stream = np.concatenate([older, head]) if len(older) else head
        self._start, self._stop = 0, len(older)
        self._fill()
        if len(values) > _HEAD:
            kept = self._stop - self._start
            self._stream, self._start, self._stop = values, _HEAD - kept, _HEAD
            self._fill()

    def shrink(self) -> None:
        """Compacts until there is room for a value, as Deequ does after a merge."""
        while self._stop - self._start >= self._room:
            self._condense()

    def _fill(self) -> None:
        end = len(self._stream)
        # Level 0 has the room that the others leave; one value more, and a level is compacted.
        while (full := max(self._start + self._room, self._stop)) < end:
            self._stop = full + 1
            self._condense()
        self._stop = end

    def _condense(self) -> None:
        """Compacts the first level that is full; there is one, as they are too many together."""
        if self._stop - self._start >= CAPACITIES[0]:
            self._compact_window()
            return
        level = 1
        while self._sizes[level] < CAPACITIES[level]:
            level += 1
        self._compact(level)

    def _compact_window(self) -> None:
        after = self._stop - (self._stop - self._start) % 2
        window = self._stream[self._start : after].copy()
        self._start = after
        self._promote(0, window)

    def _compact(self, level: int) -> None:
        buffer, size = self._buffers[level], self._sizes[level]
        even = size - size % 2
        self._promote(level, buffer[:even])
        buffer[: size - even] = buffer[even:size]
        self._sizes[level] = size - even
        self._room += even

    def _promote(self, level: int, values: Values) -> None:
        """Sorts values and moves every second up; which half alternates after every second time."""
        self._sort(values)
        offset = (0, 1, 1, 0)[self.compactions[level] % 4]
        self.compactions[level] += 1
        if level + 1 == len(self._sizes):
            self._expand()
        size = self._sizes[level + 1]
        grown = size + len(values) // 2
        if grown > len(self._buffers[level + 1]):
            self._buffers[level + 1] = _buffer(self._buffers[level + 1][:size], grown)
        self._buffers[level + 1][size:grown] = values[offset::2]
        self._sizes[level + 1] = grown
        self._room -= grown - size

    def _expand(self) -> None:
        self._room += CAPACITIES[len(self._sizes)]
        self._buffers.append(np.empty(_ROOM))
        self._sizes.append(0)
        self.compactions.append(0)

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


def _buffer(level: Floats, room: int = 0) -> Floats:
    buffer = np.empty(max(room, len(level)) + _ROOM)
    buffer[: len(level)] = level
    return buffer


def is_delicate(values: Values) -> bool:
    """Whether there are values of which comparison does not tell the order."""
    if values.dtype.kind != "f" or not len(values):
        return False
    if values.dtype != np.float64:
        return bool(_negative_zeros(values).any() or np.isnan(values.max()))
    # -0.0 has the bits of the smallest of all integers.
    smallest = np.ascontiguousarray(values).view(np.int64).min()
    return bool(smallest == _NEGATIVE_ZERO or np.isnan(values.max()))


def _negative_zeros(values: Values) -> npt.NDArray[np.bool_]:
    if values.dtype != np.float64:
        return np.asarray((values == 0) & np.signbit(values))
    return np.asarray(np.ascontiguousarray(values).view(np.int64) == _NEGATIVE_ZERO)
