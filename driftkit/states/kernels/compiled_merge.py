"""Merges quantile sketches level by level, compiled.

The same as `merging`. Above level 0 a level is made of a few ascending runs, which are merged and
not sorted. Doubles are compared as integers of the same order, in which -0.0 comes before 0.0 as
it does in Java.
"""

from __future__ import annotations

from itertools import accumulate, chain, pairwise
from math import prod
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from driftkit.native.jit import inlined, jit
from driftkit.states.profile.compactors import CAPACITIES
from driftkit.states.profile.kll import KllSketch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftkit.native.arrays import Floats, Integers
    from driftkit.states.profile.kll import SketchStack

    Tables: TypeAlias = tuple[Integers, Integers, Integers, Integers]
    Levels: TypeAlias = tuple[Integers, Integers, Integers, Integers, Integers]
    Left: TypeAlias = tuple[np.uint64, np.uint64, np.uint64, np.uint64]

CAPACITY = np.array(CAPACITIES, np.int64)
OFFSETS = np.array([0, 1, 1, 0], np.int64)
_MAGNITUDE = np.int64(2**63 - 1)
_ONE = np.uint64(1)


class Memory:
    """Memory that is used for one sum after the other: fresh pages would take half of the time."""

    def __init__(self) -> None:
        self._all = np.empty(0, np.int64)

    def arrays(self, *shapes: tuple[int, ...]) -> list[Integers]:
        """Arrays of these shapes with anything in them, valid until the next call."""
        stops = list(accumulate(map(prod, shapes), initial=0))
        if stops[-1] > len(self._all):
            self._all = np.empty(stops[-1], np.int64)
        pairs = zip(pairwise(stops), shapes, strict=True)
        return [self._all[start:stop].reshape(shape) for (start, stop), shape in pairs]


def merged(stacks: Sequence[SketchStack]) -> list[KllSketch]:
    """The sum of each stack's sketches from left to right."""
    memory = Memory()
    return [_sum(stack, memory) for stack in stacks]


def _sum(stack: SketchStack, memory: Memory) -> KllSketch:
    heights = np.array(list(map(len, stack.sizes)))
    stops = np.cumsum(list(chain.from_iterable(stack.sizes)))
    # The most values that a level can hold while they are added up.
    room = max(map(len, stack.values)) + max(len(stack.values[0]), int(CAPACITY.sum()))
    # And the most levels that they can come to: one is added when the highest has four values.
    levels = int(heights.max()) + stack.held.bit_length()
    shapes = (stack.held,), (3, levels), (levels, room), (levels, room + 1), (2, room)
    keys, numbers, held, runs, two = memory.arrays(*shapes)
    lasts = _sort(stack, stops[np.cumsum(heights) - heights], keys)
    numbers[:] = 0
    sizes, often, counts = numbers
    often[: len(stack.compactions)] = stack.compactions
    height, since = _add_up((keys, stops, heights, lasts), (held, sizes, often, counts, runs), two)
    upper = [doubles(held[level, : sizes[level]]) for level in range(1, height)]
    # What came to level 0 since it was compacted stays in the order in which it came.
    pairs = zip(stack.values[since:], stack.sizes[since:], strict=True)
    fresh = [values[: many[0]] for values, many in pairs]
    left = int(sizes[0]) - sum(map(len, fresh))
    zero = np.concatenate([doubles(held[0, :left]), *fresh])
    return KllSketch(levels=(zero, *upper), compactions=tuple(often[:height].tolist()))


def _sort(stack: SketchStack, zeros: Integers, keys: Integers) -> Integers:
    """Fills in the keys, sorts those of each level 0, and says which of them came last.

    Args:
        stack: the sketches to be added up.
        zeros: where each level 0 ends.
        keys: room for all of their values.
    """
    np.concatenate(stack.values, out=keys.view(np.float64))
    turn(keys)
    lasts = keys[np.maximum(zeros - 1, 0)]
    starts = zeros - [many[0] for many in stack.sizes]
    for start, stop in zip(starts.tolist(), zeros.tolist(), strict=True):
        # numpy sorts with vector instructions, faster than any loop that is compiled here.
        keys[start:stop].sort()
    return lasts


def doubles(keys: Integers) -> Floats:
    """The doubles that keys stand for."""
    bits = keys.copy()
    turn(bits)
    return bits.view(np.float64)


@jit
def turn(keys: Integers) -> None:
    """Turns the bits of doubles into integers of the same order, and back."""
    for index in range(len(keys)):
        key = keys[index]
        keys[index] = key ^ ((key >> np.int64(63)) & _MAGNITUDE)


@jit
def _add_up(given: Tables, held: Levels, two: Integers) -> tuple[int, int]:
    """Fills the levels held; how many they are, and the first sketch not compacted at level 0."""
    heights, lasts, sizes = given[2], given[3], held[1]
    height, since, total, allowed, index = 0, 0, 0, 0, 0
    last = lasts[0]
    for sketch in range(len(heights)):
        while height < heights[sketch]:
            allowed += CAPACITY[height]
            height += 1
        before = sizes[0]
        total += _take_in(given, held, sketch, index)
        last = lasts[sketch] if sizes[0] > before else last
        index += heights[sketch]
        while sketch > 0 and total >= allowed:
            level = 0
            while sizes[level] < CAPACITY[level]:
                level += 1
            if level + 1 == height:
                allowed += CAPACITY[height]
                height += 1
            if level == 0:
                since = sketch + 1
            total -= compact(held, level, last, two)
    return height, since


@jit
def _take_in(given: Tables, held: Levels, sketch: int, first: int) -> int:
    """Appends the levels of a sketch, the first of which is given; how many values they have."""
    keys, stops, heights, _ = given
    values, sizes, _, counts, runs = held
    begin = stops[first - 1] if first > 0 else 0
    start = begin
    for level in range(heights[sketch]):
        stop, size = stops[first + level], sizes[level]
        for index in range(start, stop):
            values[level, size + index - start] = keys[index]
        if stop > start:
            sizes[level] += stop - start
            counts[level] = note_runs(
                values[level], (size, sizes[level]), runs[level], counts[level]
            )
        start = stop
    return start - begin


@inlined
def note_runs(keys: Integers, new: tuple[int, int], runs: Integers, count: int) -> int:
    """Notes where ascending runs begin among new keys; how many there are then."""
    runs[count] = new[0]
    for index in range(new[0] + 1, new[1]):
        runs[count + 1] = index
        count += keys[index] < keys[index - 1]
    return count + 1


@jit
def compact(held: Levels, level: int, last: int, two: Integers) -> int:
    """Moves every second value up, an odd last one left behind; how many values are gone."""
    values, sizes, often, counts, runs = held
    size, target, count = sizes[level], sizes[level + 1], counts[level]
    odd, half = size % 2, size // 2
    if odd and level == 0:
        _put_last(values[0], runs[0, count - 1], size, last)
    left = values[level, size - 1]
    row = _in_order(values[level], size - odd, (runs[level], count), two)
    ordered = two[row] if row >= 0 else values[level]
    first = OFFSETS[often[level] % 4]
    for index in range(half):
        values[level + 1, target + index] = ordered[first + 2 * index]
    runs[level + 1, counts[level + 1]] = target
    counts[level + 1] += 1
    sizes[level + 1] = target + half
    values[level, 0], runs[level, 0], counts[level], sizes[level] = left, 0, odd, odd
    often[level] += 1
    return int(half)


@jit
def _put_last(keys: Integers, first: int, stop: int, last: int) -> None:
    """Moves one of the keys of the last run to its end. Of equal ones it does not matter which."""
    for index in range(first + np.searchsorted(keys[first:stop], last), stop - 1):
        keys[index] = keys[index + 1]
    keys[stop - 1] = last


@jit
def _in_order(keys: Integers, size: int, found: tuple[Integers, int], two: Integers) -> int:
    """Merges the runs of keys into one of two rows, and says into which; -1 if there is one run."""
    runs, count = found
    source, row = keys, -1
    # The last one may be no more than the value that is left behind.
    count -= runs[count - 1] == size
    runs[count] = size
    while count > 1:
        merged, row = 0, 1 if row == 0 else 0
        for run in range(0, count, 2):
            middle = runs[run + 1]
            stop = runs[run + 2] if run + 2 <= count else middle
            _merge(source, (runs[run], middle, stop), two[row])
            runs[merged] = runs[run]
            merged += 1
        runs[merged] = size
        count, source = merged, two[row]
    return row


@jit
def _merge(source: Integers, run: tuple[int, int, int], target: Integers) -> None:
    """Merges two neighbouring runs, without a branch that could be guessed wrong.

    The lower and the upper half of the result are made by turns: a step waits for the one before
    it, but not for the other half's.
    """
    half = (run[2] - run[0]) // 2
    share = _share(source, run, half)
    index, one, two = np.uint64(run[0]), np.uint64(run[0]), np.uint64(run[1])
    upper, three, four = (
        index + np.uint64(half),
        one + np.uint64(share),
        two + np.uint64(half - share),
    )
    stops = three, four, np.uint64(run[1]), np.uint64(run[2])
    while one < stops[0] and two < stops[1] and three < stops[2] and four < stops[3]:
        first, second, third, fourth = source[one], source[two], source[three], source[four]
        later, too = np.uint64(second < first), np.uint64(fourth < third)
        target[index] = min(first, second)
        target[upper] = min(third, fourth)
        one, two, index = one + _ONE - later, two + later, index + _ONE
        three, four, upper = three + _ONE - too, four + too, upper + _ONE
    _finish(source, (one, stops[0], two, stops[1]), target, index)
    _finish(source, (three, stops[2], four, stops[3]), target, upper)


@inlined
def _share(source: Integers, run: tuple[int, int, int], half: int) -> int:
    """How many of the lowest keys come from the first of two runs."""
    first, middle, stop = run
    low, high = max(0, half - (stop - middle)), min(half, middle - first)
    while low < high:
        guess = (low + high) // 2
        if source[middle + half - guess - 1] < source[first + guess]:
            high = guess
        else:
            low = guess + 1
    return low


@inlined
def _finish(source: Integers, left: Left, target: Integers, index: np.uint64) -> None:
    """Merges what is left of two runs."""
    one, first, two, second = left
    while one < first and two < second:
        later = np.uint64(source[two] < source[one])
        target[index] = min(source[one], source[two])
        one, two, index = one + _ONE - later, two + later, index + _ONE
    while one < first:
        target[index] = source[one]
        one, index = one + _ONE, index + _ONE
    while two < second:
        target[index] = source[two]
        two, index = two + _ONE, index + _ONE
