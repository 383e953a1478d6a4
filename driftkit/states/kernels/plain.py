"""The kernels in numpy and Python: for small inputs, and where numba is not installed."""

from __future__ import annotations

from functools import reduce
from operator import add
from typing import TYPE_CHECKING

import numpy as np

from driftkit.native.arrays import take_indices, values_of
from driftkit.native.hashing import BLOCK, hash_ints, hash_longs, hash_texts, touch
from driftkit.states.kernels.texts import (
    FRACTIONAL_KIND,
    INTEGRAL_KIND,
    Parsed,
    buffers,
    kinds,
    numbers,
)
from driftkit.states.profile.compactors import CAPACITIES
from driftkit.states.profile.kll import KllSketch
from driftkit.states.profile.moments import Moments
from driftkit.states.profile.sketch_stack import levels_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt
    import pyarrow as pa

    from driftkit.native.arrays import Bytes, Floats, Integers, Values
    from driftkit.states.profile.sketch_stack import SketchStack

_OFFSETS = (0, 1, 1, 0)
_NEGATIVE_ZERO = np.iinfo(np.int64).min
_NOTHING = np.empty(0)


def merged(stacks: Sequence[SketchStack]) -> list[KllSketch]:
    """The sum of each stack's sketches from left to right."""
    return list(map(_sum, stacks))


def _sum(stack: SketchStack) -> KllSketch:
    if any(map(_has_negative_zero, stack.values)):
        return reduce(add, map(stack.sketch, range(len(stack.values))))
    builder = _Builder(stack.compactions)
    builder.append(levels_of(stack.values[0], stack.sizes[0]))
    for values, sizes in zip(stack.values[1:], stack.sizes[1:], strict=True):
        builder.append(levels_of(values, sizes))
        builder.shrink()
    return builder.sketch()


def _has_negative_zero(values: Floats) -> bool:
    # Its bits are those of the smallest of all integers.
    return bool(values.view(np.int64).min() == _NEGATIVE_ZERO)


class _Builder:
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
        for index, level in enumerate(levels):
            if size := len(level):
                self._pieces[index].append(level)
                self._sizes[index] += size
                self._held += size

    def shrink(self) -> None:
        """Compacts while the sketch is full."""
        sizes = self._sizes
        while self._held >= self._allowed:
            index = 0
            while sizes[index] < CAPACITIES[index]:
                index += 1
            self._compact(index)

    def sketch(self) -> KllSketch:
        """The sum."""
        return KllSketch(
            levels=tuple(np.concatenate([_NOTHING, *pieces]) for pieces in self._pieces),
            compactions=tuple(self._compactions),
        )

    def _expand(self) -> None:
        index = len(self._sizes)
        self._allowed += CAPACITIES[index]
        self._pieces.append([])
        self._sizes.append(0)
        if index == len(self._compactions):
            self._compactions.append(0)

    def _compact(self, index: int) -> None:
        """Sorts the values of a level, an odd last one left behind, and moves every second up."""
        size = self._sizes[index]
        half, odd = divmod(size, 2)
        values = np.concatenate(self._pieces[index])
        self._pieces[index] = [values[size - 1 :]] if odd else []
        self._sizes[index] = odd
        values = values[: size - odd]
        values.sort()
        if index + 1 == len(self._sizes):
            self._expand()
        # Every second value is copied when its level is compacted, not sooner.
        self._pieces[index + 1].append(values[_OFFSETS[self._compactions[index] % 4] :: 2])
        self._sizes[index + 1] += half
        self._compactions[index] += 1
        self._held -= half


def dense(array: pa.Array) -> Values:
    """The values of an array of numbers, those that are null left out."""
    return values_of(array.drop_null())


def encoded(texts: pa.Array) -> pa.DictionaryArray:
    """The texts as a dictionary, in the order in which they come first; there are no nulls."""
    return texts.dictionary_encode()


def extended(sketch: KllSketch, values: Values) -> KllSketch:
    """The sketch after more values, in their order."""
    return sketch.extended(values)


def known_strings(texts: pa.Array) -> pa.Array:
    """The strings of an array that are not null."""
    return texts.drop_null()


def in_groups(array: pa.Array, codes: npt.NDArray[np.uint16], sizes: Integers) -> list[Values]:
    """The values of an array of numbers by group, in their order; no nulls."""
    known = np.flatnonzero(np.asarray(array.is_valid())) if array.null_count else slice(None)
    codes = codes[known]
    ordered = values_of(array)[known][np.argsort(codes, kind="stable")]
    return np.split(ordered, np.cumsum(np.bincount(codes, minlength=len(sizes)))[:-1])


def sequential(values: Floats, before: Moments) -> Moments:
    """Sum and Welford's update, value by value, as Spark's own aggregates do."""
    n, total, average, m2 = before.n, before.total, before.average, before.m2
    for value in values.tolist():
        n += 1
        total += value
        delta = value - average
        delta_n = delta / n
        average += delta_n
        m2 += delta * (delta - delta_n)
    return Moments(n=n, total=total, average=average, m2=m2)


def touch_doubles(values: Floats, registers: Bytes) -> None:
    """Raises registers by doubles; Spark takes all NaN for one value, and -0.0 for 0.0."""
    for start in range(0, len(values), BLOCK):
        # A NaN that signals would warn.
        with np.errstate(invalid="ignore"):
            block = values[start : start + BLOCK] + 0.0
        block[np.isnan(block)] = np.nan
        touch(registers, hash_longs(block.view(np.uint64)))


def touch_longs(values: Integers, registers: Bytes) -> None:
    """Raises registers by integers of 8 bytes."""
    for start in range(0, len(values), BLOCK):
        touch(registers, hash_longs(values[start : start + BLOCK].view(np.uint64)))


def touch_ints(values: npt.NDArray[np.int32], registers: Bytes) -> None:
    """Raises registers by integers of 4 bytes."""
    for start in range(0, len(values), BLOCK):
        touch(registers, hash_ints(values[start : start + BLOCK].view(np.uint32)))


def touch_texts(texts: pa.Array, registers: Bytes) -> None:
    """Raises registers by texts; the array has no nulls."""
    for hashes in hash_texts(*buffers(texts)):
        touch(registers, hashes)


def read_texts(texts: pa.Array, registers: Bytes) -> Parsed:
    """Types and numbers of texts, raising registers by them; the array has no nulls."""
    touch_texts(texts, registers)
    found = kinds(texts)
    values = np.full(len(found), np.nan)
    for kind in (INTEGRAL_KIND, FRACTIONAL_KIND):
        chosen = np.flatnonzero(found == kind)
        if len(chosen):
            same_kind = texts if len(chosen) == len(texts) else texts.take(take_indices(chosen))
            values[chosen] = numbers(same_kind, integral=kind == INTEGRAL_KIND)
    return Parsed(kinds=found, numbers=values)
