"""The kernels in numpy and Python: for small inputs, and where numba is not installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from driftkit.native.arrays import take_indices, values_of
from driftkit.native.hashing import (
    BLOCK,
    count_buckets,
    hash_ints,
    hash_longs,
    hash_texts,
    hash_texts_in_order,
    touch,
)
from driftkit.states.kernels.plain_units import (
    ROWS_AT_ONCE,
    add_sums,
    count_rows,
    count_scores,
    salted_hashes,
)
from driftkit.states.kernels.texts import (
    FRACTIONAL_KIND,
    INTEGRAL_KIND,
    Parsed,
    buffers,
    kinds,
    numbers,
)
from driftkit.states.profile.compactors import Compactors, has_negative_zero
from driftkit.states.profile.kll import KllSketch, levels_of
from driftkit.states.profile.moments import Moments

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt
    import pyarrow as pa

    from driftkit.native.arrays import Bytes, Floats, Hashes, Integers, Values
    from driftkit.states.profile.kll import SketchStack


__all__ = [
    "ROWS_AT_ONCE",
    "add_sums",
    "count_buckets",
    "count_rows",
    "count_scores",
    "dense",
    "encoded",
    "extended",
    "in_groups",
    "known_strings",
    "merged",
    "read_texts",
    "salted_hashes",
    "sequential",
    "touch_doubles",
    "touch_ints",
    "touch_longs",
    "touch_texts",
]


def merged(stacks: Sequence[SketchStack]) -> list[KllSketch]:
    """The sum of each stack's sketches from left to right."""
    return list(map(_sum, stacks))


def _sum(stack: SketchStack) -> KllSketch:
    careful = any(map(has_negative_zero, stack.values))
    compactors = Compactors(stack.compactions, careful=careful)
    compactors.append(levels_of(stack.values[0], stack.sizes[0]))
    for values, sizes in zip(stack.values[1:], stack.sizes[1:], strict=True):
        compactors.append(levels_of(values, sizes))
        compactors.shrink()
    return KllSketch.from_compactors(compactors)


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


def touch_texts(texts: pa.Array, registers: Bytes, hashes: Hashes | None = None) -> None:
    """Raises registers by texts and fills their hashes; the array has no nulls."""
    if hashes is None:
        for some in hash_texts(*buffers(texts)):
            touch(registers, some)
        return
    hashes[:] = hash_texts_in_order(*buffers(texts))
    touch(registers, hashes)


def read_texts(texts: pa.Array, registers: Bytes, hashes: Hashes | None = None) -> Parsed:
    """Types and numbers of texts, raising registers and filling hashes; the array has no nulls."""
    touch_texts(texts, registers, hashes)
    found = kinds(texts)
    values = np.full(len(found), np.nan)
    for kind in (INTEGRAL_KIND, FRACTIONAL_KIND):
        chosen = np.flatnonzero(found == kind)
        if len(chosen):
            same_kind = texts if len(chosen) == len(texts) else texts.take(take_indices(chosen))
            values[chosen] = numbers(same_kind, integral=kind == INTEGRAL_KIND)
    return Parsed(kinds=found, numbers=values)
