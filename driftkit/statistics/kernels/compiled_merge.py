"""Adds up quantile sketches level by level, compiled.

The same as `merging`. Above level 0 a level is made of a few ascending runs, which are merged and
not sorted. Doubles are compared as integers of the same order, in which -0.0 comes before 0.0 as
it does in Java.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from driftkit.columns.jit import inlined, jit
from driftkit.statistics.compactors import CAPACITIES
from driftkit.statistics.kll import KllSketch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftkit.statistics.arrays import Floats, Integers

    Tables: TypeAlias = tuple[Integers, Integers, Integers, Integers]

_MOST_LEVELS = len(CAPACITIES)
_CAPACITIES = np.array(CAPACITIES, np.int64)
_OFFSETS = np.array([0, 1, 1, 0], np.int64)
_MAGNITUDE = np.int64(2**63 - 1)
_ONE = np.uint64(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Given:
    """The sketches to be added up, level by level.

    Attributes:
        keys: their values; those of a level 0 are sorted.
        stops: where each level ends.
        heights: how many levels each sketch has.
        lasts: the value of each level 0 that came last.
    """

    keys: Integers
    stops: Integers
    heights: Integers
    lasts: Integers

    @property
    def room(self) -> int:
        """The most values that a level can hold while they are added up."""
        counts = np.diff(self.stops[np.cumsum(self.heights) - 1], prepend=0)
        return int(counts.max()) + max(int(counts[0]), int(_CAPACITIES.sum()))


def merged(sketches: Sequence[KllSketch]) -> KllSketch:
    """The sum of sketches that are not empty, from left to right."""
    given = _given(sketches)
    sizes, often = np.zeros(_MOST_LEVELS, np.int64), np.zeros(_MOST_LEVELS, np.int64)
    often[: len(sketches[0].levels)] = sketches[0].compactions
    held = np.empty((_MOST_LEVELS, given.room), np.int64)
    last, two = np.zeros(_MOST_LEVELS, np.int64), np.empty((2, given.room), np.int64)
    bounds = np.empty(given.room + 1, np.int64)
    height, since = _add_up(
        (given.keys, given.stops, given.heights, given.lasts),
        (held, sizes, often, last),
        two,
        bounds,
    )
    upper = [_doubles(held[level, : sizes[level]]) for level in range(1, height)]
    # What came to level 0 since it was compacted stays in the order in which it came.
    fresh = [sketch.levels[0] for sketch in sketches[since:]]
    left = int(sizes[0]) - sum(map(len, fresh))
    zero = np.concatenate([_doubles(held[0, :left]), *fresh])
    return KllSketch(levels=(zero, *upper), compactions=tuple(often[:height].tolist()))


def _given(sketches: Sequence[KllSketch]) -> _Given:
    levels = [level for sketch in sketches for level in sketch.levels]
    heights = np.array([len(sketch.levels) for sketch in sketches])
    stops = np.cumsum([len(level) for level in levels])
    keys = np.concatenate(levels).view(np.int64)
    _turn(keys)
    firsts = np.cumsum(heights) - heights
    zeros = stops[firsts]
    starts = zeros - [len(sketch.levels[0]) for sketch in sketches]
    lasts = keys[np.maximum(zeros - 1, 0)]
    for start, stop in zip(starts.tolist(), zeros.tolist(), strict=True):
        # numpy sorts with vector instructions, faster than any loop that is compiled here.
        keys[start:stop].sort()
    return _Given(keys=keys, stops=stops, heights=heights, lasts=lasts)


def _doubles(keys: Integers) -> Floats:
    bits = keys.copy()
    _turn(bits)
    return bits.view(np.float64)


@jit
def _turn(keys: Integers) -> None:
    """Turns the bits of doubles into integers of the same order, and back."""
    for place in range(len(keys)):
        key = keys[place]
        keys[place] = key ^ ((key >> np.int64(63)) & _MAGNITUDE)


@jit
def _add_up(given: Tables, held: Tables, two: Integers, bounds: Integers) -> tuple[int, int]:
    """Fills the levels held; how many they are, and the first sketch not compacted at level 0."""
    heights, sizes = given[2], held[1]
    height, since, total, allowed, place = 0, 0, 0, 0, 0
    for sketch in range(len(heights)):
        while height < heights[sketch]:
            allowed += _CAPACITIES[height]
            height += 1
        total += _take_in(given, held, sketch, place)
        place += heights[sketch]
        while sketch > 0 and total >= allowed:
            level = 0
            while sizes[level] < _CAPACITIES[level]:
                level += 1
            if level + 1 == height:
                allowed += _CAPACITIES[height]
                height += 1
            if level == 0:
                since = sketch + 1
            total -= _compact(held, level, two, bounds)
    return height, since


@jit
def _take_in(given: Tables, held: Tables, sketch: int, first: int) -> int:
    """Appends the levels of a sketch, the first of which is given; how many values they have."""
    keys, stops, heights, lasts = given
    values, sizes, _, last = held
    begin = stops[first - 1] if first > 0 else 0
    start = begin
    for level in range(heights[sketch]):
        stop, size = stops[first + level], sizes[level]
        for place in range(start, stop):
            values[level, size + place - start] = keys[place]
        if stop > start:
            last[level] = lasts[sketch] if level == 0 else keys[stop - 1]
            sizes[level] += stop - start
        start = stop
    return start - begin


@jit
def _compact(held: Tables, level: int, two: Integers, bounds: Integers) -> int:
    """Moves every second value up, an odd last one left behind; how many values are gone."""
    values, sizes, often, last = held
    size = sizes[level]
    ordered = two[_in_order(values[level], size, two, bounds)]
    odd = size % 2
    if odd:
        # Of equal ones it does not matter which is left.
        for place in range(np.searchsorted(ordered[:size], last[level]), size - 1):
            ordered[place] = ordered[place + 1]
    half, target = size // 2, sizes[level + 1]
    first = _OFFSETS[often[level] % 4]
    often[level] += 1
    for place in range(half):
        values[level + 1, target + place] = ordered[first + 2 * place]
    last[level + 1] = values[level + 1, target + half - 1]
    sizes[level + 1] = target + half
    values[level, 0] = last[level]
    sizes[level] = odd
    return int(half)


@jit
def _in_order(keys: Integers, size: int, two: Integers, bounds: Integers) -> int:
    """Merges the ascending runs of keys into one of two rows, and says into which."""
    count, row = _runs(keys, size, bounds), 0
    for place in range(size):
        two[0, place] = keys[place]
    while count > 1:
        runs = 0
        for run in range(0, count, 2):
            middle = bounds[run + 1]
            stop = bounds[run + 2] if run + 2 <= count else middle
            _merge(two[row], (bounds[run], middle, stop), two[1 - row])
            bounds[runs] = bounds[run]
            runs += 1
        bounds[runs] = size
        count, row = runs, 1 - row
    return row


@inlined
def _runs(keys: Integers, size: int, bounds: Integers) -> int:
    """Finds where ascending runs begin; how many they are."""
    count = 1
    bounds[0] = 0
    for place in range(1, size):
        bounds[count] = place
        count += keys[place] < keys[place - 1]
    bounds[count] = size
    return count


@inlined
def _merge(source: Integers, run: tuple[int, int, int], target: Integers) -> None:
    """Merges two neighbouring runs without a branch that could be guessed wrong."""
    one, two, place = np.uint64(run[0]), np.uint64(run[1]), np.uint64(run[0])
    middle, stop = np.uint64(run[1]), np.uint64(run[2])
    while one < middle and two < stop:
        first, second = source[one], source[two]
        later = np.uint64(second < first)
        target[place] = min(first, second)
        two += later
        one += _ONE - later
        place += _ONE
    while one < middle:
        target[place] = source[one]
        one += _ONE
        place += _ONE
    while two < stop:
        target[place] = source[two]
        two += _ONE
        place += _ONE
