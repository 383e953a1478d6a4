"""Adds up quantile sketches level by level."""

from __future__ import annotations

from functools import reduce
from operator import add
from typing import TYPE_CHECKING

import numpy as np

from driftkit.states.profile.compactors import CAPACITIES
from driftkit.states.profile.kll import KllSketch
from driftkit.states.profile.sketch_stack import levels_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftkit.native.arrays import Floats
    from driftkit.states.profile.sketch_stack import Stack

_OFFSETS = (0, 1, 1, 0)
_NEGATIVE_ZERO = np.iinfo(np.int64).min
_NOTHING = np.empty(0)


def merged(stacks: Sequence[Stack]) -> list[KllSketch]:
    """The sum of each stack's sketches from left to right."""
    return list(map(_sum, stacks))


def _sum(stack: Stack) -> KllSketch:
    if any(map(_has_negative_zero, stack.values)):
        return reduce(add, map(stack.sketch, range(len(stack.values))))
    growing = _Growing(stack.compactions)
    growing.append(levels_of(stack.values[0], stack.sizes[0]))
    for values, sizes in zip(stack.values[1:], stack.sizes[1:], strict=True):
        growing.append(levels_of(values, sizes))
        growing.shrink()
    return growing.sketch()


def _has_negative_zero(values: Floats) -> bool:
    # Its bits are those of the smallest of all integers.
    return bool(values.view(np.int64).min() == _NEGATIVE_ZERO)


class _Growing:
    """A sketch to which others are added, its levels in pieces until they are compacted."""

    def __init__(self, compactions: Sequence[int]) -> None:
        self._pieces: list[list[Floats]] = []
        self._sizes: list[int] = []
        self._compactions = list(compactions)
        self._held = self._allowed = 0

    def append(self, levels: Sequence[Floats]) -> None:
        """Joins level by level."""
        while len(self._sizes) < len(levels):
            self._expand()
        for place, level in enumerate(levels):
            if size := len(level):
                self._pieces[place].append(level)
                self._sizes[place] += size
                self._held += size

    def shrink(self) -> None:
        """Compacts while the sketch is full."""
        sizes = self._sizes
        while self._held >= self._allowed:
            place = 0
            while sizes[place] < CAPACITIES[place]:
                place += 1
            self._compact(place)

    def sketch(self) -> KllSketch:
        """The sum."""
        return KllSketch(
            levels=tuple(np.concatenate([_NOTHING, *pieces]) for pieces in self._pieces),
            compactions=tuple(self._compactions),
        )

    def _expand(self) -> None:
        place = len(self._sizes)
        self._allowed += CAPACITIES[place]
        self._pieces.append([])
        self._sizes.append(0)
        if place == len(self._compactions):
            self._compactions.append(0)

    def _compact(self, place: int) -> None:
        """Sorts the values of a level, an odd last one left behind, and moves every second up."""
        size = self._sizes[place]
        half, odd = divmod(size, 2)
        values = np.concatenate(self._pieces[place])
        self._pieces[place] = [values[size - 1 :]] if odd else []
        self._sizes[place] = odd
        values = values[: size - odd]
        values.sort()
        if place + 1 == len(self._sizes):
            self._expand()
        # Every second value is copied when its level is compacted, not sooner.
        self._pieces[place + 1].append(values[_OFFSETS[self._compactions[place] % 4] :: 2])
        self._sizes[place + 1] += half
        self._compactions[place] += 1
        self._held -= half
