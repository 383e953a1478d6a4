"""Adds up quantile sketches level by level."""

from __future__ import annotations

from functools import reduce
from operator import add
from typing import TYPE_CHECKING

import numpy as np

from driftkit.statistics.compactors import CAPACITIES
from driftkit.statistics.kll import KllSketch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftkit.statistics.arrays import Floats

_ROOM = 4096
_NEGATIVE_ZERO = np.iinfo(np.int64).min


def merged(sketches: Sequence[KllSketch]) -> KllSketch:
    """The sum of sketches that are not empty, from left to right."""
    if any(_has_negative_zero(sketch) for sketch in sketches):
        return reduce(add, sketches)
    growing = _Growing(sketches[0])
    for sketch in sketches[1:]:
        growing.absorb(sketch.levels)
    return growing.sketch()


def _has_negative_zero(sketch: KllSketch) -> bool:
    # Its bits are those of the smallest of all integers.
    return bool(np.concatenate(sketch.levels).view(np.int64).min() == _NEGATIVE_ZERO)


class _Growing:
    """A sketch to which others are added, its levels in buffers with room to spare."""

    def __init__(self, first: KllSketch) -> None:
        self._buffers: list[Floats] = []
        self._sizes: list[int] = []
        self._compactions = list(first.compactions)
        self._held = self._allowed = 0
        for level in first.levels:
            self._expand()
            self._append(len(self._buffers) - 1, level)

    def absorb(self, levels: Sequence[Floats]) -> None:
        """Joins level by level, then compacts while the sketch is full."""
        while len(self._buffers) < len(levels):
            self._expand()
            self._compactions.append(0)
        for place, level in enumerate(levels):
            if len(level):
                self._append(place, level)
        sizes = self._sizes
        while self._held >= self._allowed:
            place = 0
            while sizes[place] < CAPACITIES[place]:
                place += 1
            self._compact(place)

    def sketch(self) -> KllSketch:
        """The sum."""
        pairs = zip(self._buffers, self._sizes, strict=True)
        return KllSketch(
            levels=tuple(buffer[:size].copy() for buffer, size in pairs),
            compactions=tuple(self._compactions),
        )

    def _expand(self) -> None:
        self._allowed += CAPACITIES[len(self._buffers)]
        self._buffers.append(np.empty(_ROOM))
        self._sizes.append(0)

    def _append(self, place: int, values: Floats) -> None:
        size, buffer = self._sizes[place], self._buffers[place]
        grown = size + len(values)
        if grown > len(buffer):
            buffer = self._buffers[place] = np.concatenate([buffer[:size], np.empty(grown)])
        buffer[size:grown] = values
        self._sizes[place] = grown
        self._held += grown - size

    def _compact(self, place: int) -> None:
        """Sorts the values of a level, an odd last one left behind, and moves every second up."""
        buffer, size = self._buffers[place], self._sizes[place]
        even = size - size % 2
        values = buffer[:even]
        values.sort()
        offset = (0, 1, 1, 0)[self._compactions[place] % 4]
        self._compactions[place] += 1
        if place + 1 == len(self._buffers):
            self._expand()
            self._compactions.append(0)
        self._append(place + 1, values[offset::2])
        if size > even:
            buffer[0] = buffer[even]
        self._sizes[place] = size - even
        self._held -= even
