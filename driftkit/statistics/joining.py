"""Adds up many states of a column at once: what `+` from left to right gives, only sooner.

A year of hours is thousands of states. Joined two by two, each sum would be frozen only to be
taken apart again for the next.
"""

from __future__ import annotations

from collections import Counter
from functools import reduce
from operator import add
from typing import TYPE_CHECKING

import numpy as np

from driftkit.statistics.column import ColumnState
from driftkit.statistics.compactors import capacity as capacity_of
from driftkit.statistics.distinct import Registers
from driftkit.statistics.frequencies import LIMIT, Frequencies
from driftkit.statistics.kll import KllSketch
from driftkit.statistics.presence import Presence
from driftkit.statistics.types import TypeCounts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftkit.statistics.arrays import Floats

_ROOM = 4096
_CAPACITIES = tuple(capacity_of(level) for level in range(64))
_NEGATIVE_ZERO = np.iinfo(np.int64).min


def joined_columns(states: Sequence[ColumnState]) -> ColumnState:
    """The sum of the states from left to right.

    Args:
        states: of one column, at least one.
    """
    first = states[0]
    types = [state.types for state in states]
    return ColumnState(
        name=first.name,
        declared=first.declared,
        presence=Presence(
            present=sum(state.presence.present for state in states),
            missing=sum(state.presence.missing for state in states),
        ),
        types=TypeCounts(
            integral=sum(each.integral for each in types),
            fractional=sum(each.fractional for each in types),
            boolean=sum(each.boolean for each in types),
            string=sum(each.string for each in types),
        ),
        moments=reduce(add, (state.moments for state in states)),
        extremes=reduce(add, (state.extremes for state in states)),
        sketch=joined_sketches([state.sketch for state in states]),
        distinct=Registers(values=np.maximum.reduce([state.distinct.values for state in states])),
        frequencies=joined_frequencies([state.frequencies for state in states]),
        non_finite=sum(state.non_finite for state in states),
    )


def joined_frequencies(states: Sequence[Frequencies]) -> Frequencies:
    """The sum of the states from left to right."""
    filled = [state for state in states if state.total]
    if len(filled) < 2:
        return reduce(add, states)
    domain = frozenset.intersection(*(state.domain for state in filled))
    total = sum(state.total for state in filled)
    overflowed = any(state.overflowed for state in filled)
    counts: Counter[str] = Counter()
    for state in filled:
        if overflowed:
            break
        counts.update(state.counts)
        overflowed = len(counts) > LIMIT
    if overflowed:
        counts = Counter(dict.fromkeys(domain, 0))
        for value in domain:
            counts[value] = sum(state.counts.get(value, 0) for state in filled)
        counts = +counts
    return Frequencies(counts=dict(counts), total=total, domain=domain, overflowed=overflowed)


def joined_sketches(sketches: Sequence[KllSketch]) -> KllSketch:
    """The sum of the sketches from left to right, bit by bit."""
    filled = [sketch for sketch in sketches if sketch.count]
    if not filled:
        return sketches[-1]
    if any(_has_negative_zero(sketch) for sketch in filled):
        return reduce(add, filled)
    growing = _Growing(filled[0])
    for sketch in filled[1:]:
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
            while sizes[place] < _CAPACITIES[place]:
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
        self._allowed += _CAPACITIES[len(self._buffers)]
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
