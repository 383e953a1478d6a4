"""Sums of metrics by cell, and hashes of units' ids, compiled: the same bits as `plain_units`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from driftkit.native import hashing
from driftkit.native.arrays import valid_of, values_of
from driftkit.native.compiled_hash import (
    avalanche,
    eight_bytes,
    four_bytes,
    hash_text,
    one_byte,
)
from driftkit.native.jit import inlined, jit
from driftkit.native.simd_words import first, put_word
from driftkit.states.kernels import plain_units
from driftkit.states.kernels.texts import buffers

if TYPE_CHECKING:
    import numpy.typing as npt

    from driftkit.native.arrays import Bytes, Floats, Hashes, Integers, Truths
    from driftkit.states.kernels.plain_units import Cells, Told

    Arrays = tuple[Floats, Floats, Floats]
    Eight = tuple[np.uint64, ...]

_NONE = np.empty(0)
# Not in one piece, as the sums of one metric are not: the loops are compiled once for both.
_NO_SUMS = np.empty((2, 2, 1, 1))[:, 0]
_NO_BUCKETS = np.empty(0, np.uint64)
_UNSIGNED = {1: np.uint8, 8: np.uint64}
# Digits of the longest integer, and its sign; eight bytes are written at a time.
_LONGEST = 20 + 8
_ONE, _THREE, _SEVEN, _EIGHT, _TEN, _32 = map(np.uint64, (1, 3, 7, 8, 10, 32))
_LANE, _FEW_DIGITS = 8, 8
_EIGHT_DIGITS = np.uint64(10**8)
_POWERS = tuple(np.uint64(10**digits) for digits in range(8))
_LOW_BYTE, _LOW_HALF = np.uint64(255), np.uint64(2**32 - 1)
_ZEROS = np.uint64(0x3030303030303030)
# A number has one digit at least.
_LAST = np.uint64(0x8000000000000000)
_ZERO, _MINUS = np.uint8(ord("0")), np.uint8(ord("-"))


ROWS_AT_ONCE = 1 << 17
"""So many rows' numbers stay in the processor's cache."""


def count_rows(codes: Integers, values: Integers | Truths, counts: Integers) -> None:
    """Counts rows by cell and value."""
    _count_rows(_unsigned(codes), values.view(_UNSIGNED[values.dtype.itemsize]), counts)


def add_sums(cells: Cells, told: Told, sums: Floats, in_buckets: Floats | None) -> None:
    """Sums S, N and X of rows, and their squares and products, by cell; S, N and X by bucket too."""
    codes, buckets, of_buckets = _unsigned(cells.codes), _NO_BUCKETS, _NO_SUMS
    if in_buckets is not None and cells.buckets is not None:
        buckets, of_buckets = _unsigned(cells.buckets), in_buckets
    s, n, x = told
    if n is not None or x is not None:
        _add_sums(codes, buckets, _arrays(told), sums, of_buckets)
        return
    # Rows without a value are fewer than the others, as a rule: they are taken off the count of all.
    sums[:, 0] += cells.rows
    if cells.in_buckets is not None:
        of_buckets[:, 1] += cells.in_buckets
    _add_means(codes, buckets, s, sums, of_buckets)
    # N is 1 where a row counts.
    sums[:, 3] = sums[:, 4] = sums[:, 0]
    sums[:, 5] = sums[:, 1]


def count_scores(codes: Integers, scores: Floats, positive: Floats, counts: Integers) -> None:
    """Counts rows by cell, class and bin of their score."""
    _count_scores(_unsigned(codes), scores, positive, counts)


def _unsigned(indices: Integers) -> Hashes:
    """The same indices; numba looks for negative ones among others."""
    return indices.view(np.uint64)


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
        _hash_numbers(prefix, values_of(ids).astype(np.int64, copy=False), hashes)
    else:
        return plain_units.salted_hashes(salt, ids)
    if ids.null_count:
        empty = plain_units.salted_hashes(salt, pa.array([""]))
        hashes[~valid_of(ids)] = empty
    return hashes


def _hash_numbers(prefix: bytes, numbers: Integers, hashes: Hashes) -> None:
    """Hashes numbers; those that have a few digits, after a short prefix, several at once."""
    few = numbers.min(initial=0) >= 0 and numbers.max(initial=0) < _EIGHT_DIGITS
    if few and len(prefix) + _FEW_DIGITS < hashing.STRIPE:
        whole = len(prefix) - len(prefix) % _LANE
        behind = np.uint64(int.from_bytes(prefix[whole:], "little"))
        lengths = [len(prefix) + digits for digits in range(1, _FEW_DIGITS + 1)]
        begun = tuple(hashing.begun(prefix[:whole], lengths))
        rest = behind, np.uint64(len(prefix) - whole)
        _hash_few_digits(numbers.view(np.uint64), begun, rest, hashes)
    else:
        _hash_integers(_room(prefix, _LONGEST), len(prefix), numbers, hashes)


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
def _count_rows(codes: Hashes, values: npt.NDArray[np.unsignedinteger], counts: Integers) -> None:
    for row in range(len(codes)):
        counts[codes[row], values[row]] += 1


@jit
def _add_means(codes: Hashes, buckets: Hashes, s: Floats, sums: Floats, in_buckets: Floats) -> None:
    for row in range(len(codes)):
        value, code = s[row], codes[row]
        if value - value == 0.0:
            sums[code, 1] += value
            sums[code, 2] += value * value
            if len(buckets):
                in_buckets[code, 0, buckets[row]] += value
        else:
            sums[code, 0] -= 1.0
            if len(buckets):
                in_buckets[code, 1, buckets[row]] -= 1.0


@jit
def _add_sums(
    codes: Hashes, buckets: Hashes, told: Arrays, sums: Floats, in_buckets: Floats
) -> None:
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
        if len(buckets):
            in_buckets[code, 0, buckets[row]] += value
            in_buckets[code, 1, buckets[row]] += count
            if len(told[2]):
                in_buckets[code, 2, buckets[row]] += other


@jit
def _count_scores(codes: Hashes, scores: Floats, positive: Floats, counts: Integers) -> None:
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
    # A quotient of eight numbers at once is a product too.
    high = (number * np.uint64(3_518_437_209)) >> np.uint64(45)
    fours = high | (number - np.uint64(10_000) * high) << np.uint64(32)
    high = ((fours * np.uint64(10_486)) >> np.uint64(20)) & np.uint64(0x7F0000007F)
    twos = high | (fours - np.uint64(100) * high) << np.uint64(16)
    high = ((twos * np.uint64(103)) >> np.uint64(10)) & np.uint64(0x000F000F000F000F)
    return high | (twos - _TEN * high) << _EIGHT


@jit
def _hash_few_digits(
    numbers: Hashes, begun: Eight, rest: tuple[np.uint64, np.uint64], hashes: Hashes
) -> None:
    """Hashes numbers of up to eight digits, each after the rest of a prefix.

    There is no branch in it, so that the compiler takes eight numbers at once.

    Args:
        numbers: below 10^8.
        begun: the state after whole lanes of the prefix, of texts that end in 1 to 8 digits.
        rest: the bytes of the prefix behind these lanes, and how many they are.
        hashes: is filled.
    """
    behind, bytes_behind = rest
    bits = bytes_behind * _EIGHT
    for row in range(len(numbers)):
        number = numbers[row]
        state, count = begun[0], _ONE
        for more in range(1, 8):
            is_longer = number >= _POWERS[more]
            state = begun[more] if is_longer else state
            count += np.uint64(is_longer)
        digits = (_digits(number) | _ZEROS) >> ((_EIGHT - count) * _EIGHT)
        word = behind | digits << bits
        left = bytes_behind + count
        # One of the shifts of all 64 bits would do nothing.
        above = (digits >> _EIGHT) >> (np.uint64(56) - bits)
        state = eight_bytes(state, word) if left >= _EIGHT else state
        word = above if left >= _EIGHT else word
        left &= _SEVEN
        state = four_bytes(state, word & _LOW_HALF) if left > _THREE else state
        word = word >> _32 if left > _THREE else word
        left &= _THREE
        for index in range(3):
            taken = one_byte(state, word >> np.uint64(8 * index) & _LOW_BYTE)
            state = taken if left > np.uint64(index) else state
        hashes[row] = avalanche(state)


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
