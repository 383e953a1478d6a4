"""Sums of metrics by cell, and hashes of units' ids, compiled: the same bits as `plain_units`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from driftkit.native.arrays import valid_of, values_of
from driftkit.native.compiled_hash import hash_text
from driftkit.native.jit import inlined, jit
from driftkit.native.simd_words import first, put_word
from driftkit.states.kernels import plain_units
from driftkit.states.kernels.texts import buffers

if TYPE_CHECKING:
    from driftkit.native.arrays import Bytes, Floats, Hashes, Integers
    from driftkit.states.kernels.plain_units import Told

    Arrays = tuple[Floats, Floats, Floats]

_NONE = np.empty(0)
# Digits of the longest integer, and its sign; eight bytes are written at a time.
_LONGEST = 20 + 8
_TEN, _EIGHT, _EIGHT_DIGITS = np.uint64(10), np.uint64(8), np.uint64(10**8)
_ZEROS = np.uint64(0x3030303030303030)
# A number has one digit at least.
_LAST = np.uint64(0x8000000000000000)
_ZERO, _MINUS = np.uint8(ord("0")), np.uint8(ord("-"))


ROWS_AT_ONCE = 1 << 17
"""So many rows' numbers stay in the processor's cache."""


def add_sums(codes: Integers, told: Told, sums: Floats) -> None:
    """Sums S, N and X of rows, and their squares and products, by cell."""
    s, n, x = told
    if n is not None or x is not None:
        _add_sums(codes, _arrays(told), sums)
        return
    _add_means(codes, s, sums)
    # N is 1 where a row counts.
    sums[:, 3] = sums[:, 4] = sums[:, 0]
    sums[:, 5] = sums[:, 1]


def add_in_buckets(codes: Integers, buckets: Integers, told: Told, sums: Floats) -> None:
    """Sums S, N and, where there is room, X of rows by cell and bucket."""
    s, n, x = told
    if n is None and x is None:
        _add_means_in_buckets(codes, buckets, s, sums)
    else:
        _add_in_buckets(codes, buckets, _arrays(told), sums)


def count_scores(codes: Integers, scores: Floats, positive: Floats, counts: Integers) -> None:
    """Counts rows by cell, class and bin of their score."""
    _count_scores(codes, scores, positive, counts)


def _arrays(told: Told) -> Arrays:
    s, n, x = (_NONE if each is None else each for each in told)
    return s, n, x


def salted_hashes(salt: str, ids: pa.Array) -> Hashes:
    """The hash of the salt and each id as text; one that is null is the empty text."""
    prefix = salt.encode()
    hashes = np.empty(len(ids), np.uint64)
    if pa.types.is_string(ids.type) or pa.types.is_large_string(ids.type):
        offsets, data = buffers(ids)
        longest = int(np.diff(offsets).max(initial=0))
        _hash_texts(_room(prefix, longest), len(prefix), offsets, data, hashes)
    elif pa.types.is_signed_integer(ids.type):
        numbers = values_of(ids).astype(np.int64, copy=False)
        _hash_integers(_room(prefix, _LONGEST), len(prefix), numbers, hashes)
    else:
        return plain_units.salted_hashes(salt, ids)
    if ids.null_count:
        empty = plain_units.salted_hashes(salt, pa.array([""]))
        hashes[~valid_of(ids)] = empty
    return hashes


def _room(prefix: bytes, longest: int) -> Bytes:
    return np.frombuffer(prefix + bytes(longest), np.uint8).copy()


@inlined
def _known(row: int, told: Arrays) -> tuple[float, float, float]:
    """S, N and X of a row; 0 where they are not finite."""
    s, n, x = told
    count = n[row] if len(n) else 1.0
    value = s[row]
    # Of infinities and NaN the difference is NaN.
    if value - value != 0.0 or count - count != 0.0:
        return 0.0, 0.0, 0.0
    other = x[row] if len(x) and count > 0.0 else 0.0
    return value, count, 0.0 if other - other != 0.0 else other


@jit
def _add_means(codes: Integers, s: Floats, sums: Floats) -> None:
    for row in range(len(codes)):
        value, code = s[row], codes[row]
        if value - value == 0.0:
            sums[code, 0] += 1.0
            sums[code, 1] += value
            sums[code, 2] += value * value


@jit
def _add_sums(codes: Integers, told: Arrays, sums: Floats) -> None:
    for row in range(len(codes)):
        value, count, other = _known(row, told)
        code = codes[row]
        sums[code, 0] += 1.0 if count > 0.0 else 0.0
        sums[code, 1] += value
        sums[code, 2] += value * value
        sums[code, 3] += count
        sums[code, 4] += count * count
        sums[code, 5] += value * count
        if len(told[2]):
            sums[code, 6] += other
            sums[code, 7] += other * other
            sums[code, 8] += other * value


@jit
def _add_means_in_buckets(codes: Integers, buckets: Integers, s: Floats, sums: Floats) -> None:
    for row in range(len(codes)):
        value, code, bucket = s[row], codes[row], buckets[row]
        if value - value == 0.0:
            sums[code, 0, bucket] += value
            sums[code, 1, bucket] += 1.0


@jit
def _add_in_buckets(codes: Integers, buckets: Integers, told: Arrays, sums: Floats) -> None:
    for row in range(len(codes)):
        value, count, other = _known(row, told)
        code, bucket = codes[row], buckets[row]
        sums[code, 0, bucket] += value
        sums[code, 1, bucket] += count
        if len(told[2]):
            sums[code, 2, bucket] += other


@jit
def _count_scores(codes: Integers, scores: Floats, positive: Floats, counts: Integers) -> None:
    _, classes, bins = counts.shape
    for row in range(len(codes)):
        score, label = scores[row], positive[row]
        if not np.isnan(score):
            kind = classes - 1 if np.isnan(label) else int(label)
            counts[codes[row], kind, min(int(score * bins), bins - 1)] += 1


@inlined
def _digits(number: np.uint64) -> np.uint64:
    """The eight digits of a number, each in a byte, the first in the lowest.

    Halves are taken apart by multiplying: the number into two of four digits, these into four of
    two, and these into eight (Paul Khuong 2017, "How to print integers really fast").
    """
    fours = number // np.uint64(10_000) | (number % np.uint64(10_000)) << np.uint64(32)
    high = ((fours * np.uint64(10_486)) >> np.uint64(20)) & np.uint64(0x7F0000007F)
    twos = high | (fours - np.uint64(100) * high) << np.uint64(16)
    high = ((twos * np.uint64(103)) >> np.uint64(10)) & np.uint64(0x000F000F000F000F)
    return high | (twos - _TEN * high) << np.uint64(8)


@jit
def _hash_texts(room: Bytes, begin: int, offsets: Integers, data: Bytes, hashes: Hashes) -> None:
    for row in range(len(hashes)):
        start, length = offsets[row], offsets[row + 1] - offsets[row]
        for index in range(length):
            room[begin + index] = data[start + index]
        hashes[row] = hash_text(room, np.uint64(0), np.uint64(begin + length))


@jit
def _hash_integers(room: Bytes, begin: int, numbers: Integers, hashes: Hashes) -> None:
    for row in range(len(hashes)):
        stop = _write(room, begin, numbers[row])
        hashes[row] = hash_text(room, np.uint64(0), np.uint64(stop))


@inlined
def _write(room: Bytes, begin: int, number: int) -> int:
    """Writes the digits of a number; where they stop."""
    rest = np.uint64(number)
    if number < 0:
        room[begin] = _MINUS
        begin += 1
        rest = np.uint64(0) - rest
    if rest < _EIGHT_DIGITS:
        digits = _digits(rest)
        zeros = first(digits | _LAST)
        put_word(room, np.uint64(begin), (digits | _ZEROS) >> (zeros * _EIGHT))
        return int(begin + np.int64(_EIGHT - zeros))
    stop, left = begin + 1, rest // _TEN
    while left:
        left //= _TEN
        stop += 1
    for index in range(stop - 1, begin - 1, -1):
        room[index] = _ZERO + np.uint8(rest % _TEN)
        rest //= _TEN
    return stop
