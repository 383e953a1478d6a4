"""The kernels compiled by numba: the same bits as the plain ones, several times faster."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from driftkit.native import compiled_hash
from driftkit.native.arrays import take_indices, values_of
from driftkit.native.compiled_hash import touch_doubles, touch_ints, touch_longs
from driftkit.native.hashing import BUCKETS
from driftkit.native.jit import jit
from driftkit.states.kernels import compiled_parse
from driftkit.states.kernels.compiled_merge import merged
from driftkit.states.kernels.compiled_sketch import extended
from driftkit.states.kernels.compiled_texts import encoded
from driftkit.states.kernels.compiled_units import (
    ROWS_AT_ONCE,
    add_sums,
    count_rows,
    count_scores,
    salted_hashes,
)
from driftkit.states.kernels.texts import INTEGRAL_KIND, Parsed, buffers, numbers
from driftkit.states.profile.moments import Moments

if TYPE_CHECKING:
    import numpy.typing as npt

    from driftkit.native.arrays import Bytes, Floats, Hashes, Integers, Values

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


def dense(array: pa.Array) -> Values:
    """The values of an array of numbers, those that are null left out."""
    validity = array.buffers()[0]
    if not array.null_count or validity is None:
        return values_of(array)
    values = values_of(array)
    # The kernel writes every value and goes on only after those that are there.
    found = np.empty(len(array) - array.null_count + 1, values.dtype)
    _compact(values, np.frombuffer(validity, np.uint8), array.offset, found)
    return found[:-1]


def known_strings(texts: pa.Array) -> pa.Array:
    """The strings of an array that are not null; their bytes are not copied where nulls have none."""
    validity, offsets, data = texts.buffers()
    known = np.frombuffer(validity, np.uint8)
    stops = np.frombuffer(offsets, np.int32, len(texts) + 1, 4 * texts.offset)
    # The kernel writes every stop and goes on only after those that are kept.
    kept = np.empty(len(texts) - texts.null_count + 2, np.int32)
    if not _keep_stops(stops, known, texts.offset, kept):
        return texts.drop_null()
    return pa.StringArray.from_buffers(len(kept) - 2, pa.py_buffer(kept), data)


def in_groups(array: pa.Array, codes: npt.NDArray[np.uint16], sizes: Integers) -> list[Values]:
    """The values of an array of numbers by group, in their order; no nulls."""
    values = values_of(array)
    known = np.full((array.offset + len(array)) // 8 + 1, 255, np.uint8)
    if array.null_count:
        known = np.frombuffer(array.buffers()[0], np.uint8)
    found = np.empty_like(values)
    starts = np.cumsum(sizes) - sizes
    nexts = starts.copy()
    _deal_out(values, (known, array.offset), codes, (found, nexts))
    pairs = zip(starts.tolist(), nexts.tolist(), strict=True)
    return [found[start:stop] for start, stop in pairs]


def sequential(values: Floats, before: Moments) -> Moments:
    """Sum and Welford's update, value by value, as Spark's own aggregates do."""
    n, total, average, m2 = _welford(values, before.n, before.total, before.average, before.m2)
    return Moments(n=n, total=total, average=average, m2=m2)


def _kept(hashes: Hashes | None) -> Hashes:
    """The hashes, or room for none."""
    return np.empty(0, np.uint64) if hashes is None else hashes


def touch_texts(texts: pa.Array, registers: Bytes, hashes: Hashes | None = None) -> None:
    """Raises registers by texts and fills their hashes; the array has no nulls."""
    compiled_hash.touch_texts(*buffers(texts), registers, _kept(hashes))


def count_buckets(
    hashes: Hashes, least: float, rows: Integers | None = None
) -> tuple[Integers, Integers, Integers]:
    """Counts rows by bucket, and finds the hash that has more than half of a bucket's rows."""
    counts, votes = np.zeros(BUCKETS, np.int64), np.zeros(BUCKETS, np.int64)
    leading, of_each = np.zeros(BUCKETS, np.uint64), np.empty(0, np.int64) if rows is None else rows
    compiled_hash.vote(hashes, of_each, counts, leading, votes)
    leads = np.where(votes >= max(1.0, least * counts.sum()), votes, 0)
    indices = np.where(leads > 0, -1, 0)
    if leads.any():
        compiled_hash.find_leading(hashes, leading, indices, int(np.count_nonzero(leads)))
    return counts, indices, leads


def read_texts(texts: pa.Array, registers: Bytes, hashes: Hashes | None = None) -> Parsed:
    """Types and numbers of texts, raising registers and filling hashes; the array has no nulls."""
    kinds = np.empty(len(texts), np.uint8)
    values = np.empty(len(texts))
    if compiled_parse.read_texts(buffers(texts), registers, _kept(hashes), kinds, values):
        _read_carefully(texts, kinds, values)
    return Parsed(kinds=kinds, numbers=values)


def _read_carefully(texts: pa.Array, kinds: Bytes, values: Floats) -> None:
    hard = np.flatnonzero(kinds >= compiled_parse.HARD)
    kinds[hard] -= compiled_parse.HARD
    whole = kinds[hard] == INTEGRAL_KIND
    for chosen, integral in ((hard[whole], True), (hard[~whole], False)):
        if len(chosen):
            values[chosen] = numbers(texts.take(take_indices(chosen)), integral=integral)


@jit
def _compact(values: Values, validity: Bytes, offset: int, found: Values) -> None:
    index = np.uint64(0)
    for row in range(len(values)):
        bit = np.uint64(offset + row)
        found[index] = values[row]
        index += np.uint64((validity[bit >> np.uint64(3)] >> (bit & np.uint64(7))) & np.uint64(1))


@jit
def _keep_stops(
    stops: npt.NDArray[np.int32], validity: Bytes, offset: int, kept: npt.NDArray[np.int32]
) -> bool:
    """Keeps where known texts stop; whether all others are empty, so that the kept ones adjoin."""
    index, lost = np.uint64(1), 0
    kept[0] = stops[0]
    for row in range(len(stops) - 1):
        bit = np.uint64(offset + row)
        known = (validity[bit >> np.uint64(3)] >> (bit & np.uint64(7))) & np.uint64(1)
        kept[index] = stops[row + 1]
        index += known
        lost += (stops[row + 1] - stops[row]) * (1 - np.int64(known))
    return lost == 0


@jit
def _deal_out(
    values: Values,
    known: tuple[Bytes, int],
    codes: npt.NDArray[np.uint16],
    dealt: tuple[Values, Integers],
) -> None:
    """Writes every value and goes on only after those that are there.

    A group has room for all of its rows, so that none is written behind it.
    """
    validity, offset = known
    found, nexts = dealt
    for row in range(len(values)):
        bit = np.uint64(offset + row)
        group = codes[row]
        index = np.uint64(nexts[group])
        found[index] = values[row]
        known_here = validity[bit >> np.uint64(3)] >> (bit & np.uint64(7))
        nexts[group] = index + (np.uint64(known_here) & np.uint64(1))


@jit
def _welford(
    values: Floats, n: int, total: float, average: float, m2: float
) -> tuple[int, float, float, float]:
    for value in values:
        n += 1
        total += value
        delta = value - average
        delta_n = delta / n
        average += delta_n
        m2 += delta * (delta - delta_n)
    return n, total, average, m2
