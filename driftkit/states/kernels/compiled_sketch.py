"""Adds values to a quantile sketch, compiled; equal to `compactors`.

Which levels are compacted, and when, follows from how many values there are and not from what
they are. So it is planned first; then numpy, whose vector instructions no loop compiled here
would match, sorts the windows of level 0, and what goes up from them is merged and not sorted.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import numpy as np

from driftkit.native.jit import jit
from driftkit.states.kernels.compiled_merge import (
    CAPACITY,
    OFFSETS,
    Memory,
    compact,
    doubles,
    note_runs,
    turn,
)
from driftkit.states.profile.compactors import CAPACITIES, has_negative_zero
from driftkit.states.profile.kll import KllSketch

if TYPE_CHECKING:
    from typing import TypeAlias

    from driftkit.native.arrays import Bytes, Floats, Integers, Values
    from driftkit.states.kernels.compiled_merge import Levels

    Windows: TypeAlias = tuple[Values, Integers]

# Fewer values are taken sooner than planned.
_FEW = 8192
_kept = threading.local()


def extended(sketch: KllSketch, values: Values) -> KllSketch:
    """The sketch after more values, in their order."""
    if len(values) < _FEW or _is_delicate(values) or any(map(_is_delicate, sketch.levels)):
        return sketch.extended(values)
    sizes = np.zeros(len(CAPACITIES), np.int64)
    sizes[: len(sketch.levels)] = list(map(len, sketch.levels))
    stream = _stream(sketch.levels[0], values)
    steps = np.empty(len(stream) // 2 + int(sizes.sum()), np.uint8)
    stops = np.empty(len(stream) // CAPACITIES[0] + 1, np.int64)
    count, windows, height = _plan(sizes, (len(sketch.levels), len(values)), steps, stops)
    start = 0
    for stop in stops[:windows].tolist():
        stream[start:stop].sort()
        start = stop
    levels, two = _levels(sketch, height)
    _carry_out(steps[:count], (stream, stops), levels, (levels[0].view(np.float64), two))
    held, sizes, often, *_ = levels
    return KllSketch(
        levels=(
            stream[start:].astype(np.float64),
            *(doubles(held[level, : sizes[level]]) for level in range(1, height)),
        ),
        compactions=tuple(often[:height].tolist()),
    )


def _is_delicate(values: Values) -> bool:
    """Whether there are values whose order is not that of their keys."""
    if values.dtype.kind != "f" or not len(values):
        return False
    return has_negative_zero(values) or bool(np.isnan(values.max()))


def _stream(older: Floats, values: Values) -> Values:
    """What is at level 0 and what follows, copied, as floats or as short integers."""
    if values.dtype == np.int32:
        short = older.astype(np.int32)
        if (short == older).all():
            return np.concatenate([short, values])
    stream = np.empty(len(older) + len(values))
    stream[: len(older)] = older
    stream[len(older) :] = values
    return stream


def _levels(sketch: KllSketch, height: int) -> tuple[Levels, Integers]:
    """The levels above 0 with room for as many as there will be, and room to merge in."""
    memory: Memory = _kept.__dict__.setdefault("memory", Memory())
    room = sum(map(len, sketch.levels)) + sum(CAPACITIES)
    shapes = (3, height), (height, room), (height, room + 1), (2, room)
    numbers, held, runs, two = memory.arrays(*shapes)
    numbers[:] = 0
    sizes, often, counts = numbers
    often[: len(sketch.compactions)] = sketch.compactions
    for index, level in enumerate(sketch.levels[1:], start=1):
        keys = held[index, : len(level)]
        keys.view(np.float64)[:] = level
        turn(keys)
        sizes[index] = len(level)
        if len(level):
            counts[index] = note_runs(held[index], (0, len(level)), runs[index], 0)
    return (held, sizes, often, counts, runs), two


@jit
def _plan(
    sizes: Integers, given: tuple[int, int], steps: Bytes, stops: Integers
) -> tuple[int, int, int]:
    """Which levels are compacted, and where windows end; how many of either, and of levels.

    Args:
        sizes: of the levels, changed.
        given: how many levels there are, and how many values come.
        steps: filled with the levels that are compacted.
        stops: filled with the ends of the windows.
    """
    height, fresh = given
    count, windows, start, room = 0, 0, 0, 0
    for level in range(height):
        room += CAPACITY[level] - (sizes[level] if level else 0)
    stop = sizes[0]
    end = stop + fresh
    while max(start + room, stop) < end:
        stop = max(start + room, stop) + 1
        sizes[0] = stop - start
        level = 0
        while sizes[level] < CAPACITY[level]:
            level += 1
        half = sizes[level] // 2
        if level + 1 == height:
            room += CAPACITY[height]
            height += 1
        sizes[level] -= 2 * half
        sizes[level + 1] += half
        room -= half
        if level:
            room += 2 * half
        else:
            start += 2 * half
            stops[windows] = start
            windows += 1
        steps[count] = level
        count += 1
    return count, windows, height


@jit
def _carry_out(
    steps: Bytes, stream: Windows, levels: Levels, spare: tuple[Floats, Integers]
) -> None:
    """Moves every second value of a window, or of a level, to the level above."""
    start, window = 0, 0
    for level in steps:
        if level:
            compact(levels, level, 0, spare[1])
        else:
            _promote(stream[0], (start, stream[1][window]), levels, spare[0])
            start, window = stream[1][window], window + 1


@jit
def _promote(values: Values, span: tuple[int, int], levels: Levels, numbers: Floats) -> None:
    """Moves every second value of a sorted window to level 1, whose numbers are given too."""
    held, sizes, often, counts, runs = levels
    start, stop = span
    half, target, first = (stop - start) // 2, sizes[1], OFFSETS[often[0] % 4]
    often[0] += 1
    for index in range(half):
        numbers[1, target + index] = values[start + first + 2 * index]
    turn(held[1, target : target + half])
    runs[1, counts[1]] = target
    counts[1] += 1
    sizes[1] = target + half
