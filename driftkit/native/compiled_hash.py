"""Spark's 64-bit hash and what it does to the registers, one value at a time, compiled.

The same as `hashing`, which explains it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from driftkit.native import hashing
from driftkit.native.jit import inlined, jit
from driftkit.native.simd_words import word_at

if TYPE_CHECKING:
    import numpy.typing as npt

    from driftkit.native.arrays import Bytes, Floats, Hashes, Integers


def _constant(value: int) -> np.uint64:
    # numba takes arithmetic between uint64 and int64 to float64: every constant is a uint64.
    return np.uint64(value & (2**64 - 1))


_1, _2, _3 = _constant(hashing.PRIME_1), _constant(hashing.PRIME_2), _constant(hashing.PRIME_3)
_4, _5 = _constant(hashing.PRIME_4), _constant(hashing.PRIME_5)
_SHORT_START = _constant(hashing.SEED + hashing.PRIME_5)
_LONG_START = _constant(hashing.SEED + hashing.PRIME_5 + 8)
_INT_START = _constant(hashing.SEED + hashing.PRIME_5 + 4)
_START_1 = _constant(hashing.SEED + hashing.PRIME_1 + hashing.PRIME_2)
_START_2 = _constant(hashing.SEED + hashing.PRIME_2)
_START_3 = _constant(hashing.SEED)
_START_4 = _constant(hashing.SEED - hashing.PRIME_1)
_PADDING = _constant(1 << (hashing.PRECISION - 1))
_NAN_BITS = _constant(0x7FF8000000000000)
_ONE, _4_BYTES, _8, _16, _24, _31, _32 = (_constant(count) for count in (1, 4, 8, 16, 24, 31, 32))
_NONE, _64 = _constant(0), _constant(64)
_HALVES = (_32, _16, _8, _4_BYTES, _constant(2), _ONE)


@inlined
def rotate(value: np.uint64, by: int) -> np.uint64:
    """Rotates to the left."""
    return (value << np.uint64(by)) | (value >> np.uint64(64 - by))


@inlined
def avalanche(state: np.uint64) -> np.uint64:
    """Mixes the state in the end."""
    state = (state ^ (state >> np.uint64(33))) * _2
    state = (state ^ (state >> np.uint64(29))) * _3
    return state ^ (state >> np.uint64(32))


@inlined
def eight_bytes(state: np.uint64, lane: np.uint64) -> np.uint64:
    """Takes in eight bytes."""
    return rotate(state ^ (rotate(lane * _2, 31) * _1), 27) * _1 + _4


@inlined
def four_bytes(state: np.uint64, lane: np.uint64) -> np.uint64:
    """Takes in four bytes."""
    return rotate(state ^ (lane * _1), 23) * _2 + _3


@inlined
def one_byte(state: np.uint64, lane: np.uint64) -> np.uint64:
    """Takes in a byte."""
    return rotate(state ^ (lane * _5), 11) * _1


@inlined
def stripe(state: np.uint64, lane: np.uint64) -> np.uint64:
    """Takes eight of 32 bytes into one of four states."""
    return rotate(state + lane * _2, 31) * _1


@inlined
def absorb(state: np.uint64, lane: np.uint64) -> np.uint64:
    """Takes one of the four states into the one."""
    return (state ^ stripe(np.uint64(0), lane)) * _1 + _4


@jit
def _stripes(data: Bytes, start: np.uint64, stop: np.uint64) -> np.uint64:
    first, second, third, fourth = _START_1, _START_2, _START_3, _START_4
    index = start
    while index < stop:
        first = stripe(first, word_at(data, index, 8))
        second = stripe(second, word_at(data, index + _8, 8))
        third = stripe(third, word_at(data, index + _16, 8))
        fourth = stripe(fourth, word_at(data, index + _24, 8))
        index += _32
    state = rotate(first, 1) + rotate(second, 7) + rotate(third, 12) + rotate(fourth, 18)
    return absorb(absorb(absorb(absorb(state, first), second), third), fourth)


@jit
def hash_text(data: Bytes, start: np.uint64, stop: np.uint64) -> np.uint64:
    """The hash of data[start:stop]; unsigned places spare numba the test for negative ones."""
    length = stop - start
    state, index = _SHORT_START, start
    if length >= _32:
        index = stop - (length & _31)
        state = _stripes(data, start, index)
    state += length
    while index + _8 <= stop:
        state = eight_bytes(state, word_at(data, index, 8))
        index += _8
    if index + _4_BYTES <= stop:
        state = four_bytes(state, word_at(data, index, 4))
        index += _4_BYTES
    while index < stop:
        state = one_byte(state, np.uint64(data[index]))
        index += _ONE
    return avalanche(state)


@inlined
def leading_zeros(value: np.uint64) -> np.uint64:
    """How many bits before the first that is set; halved each time, for a loop is guessed wrong."""
    zeros = _NONE
    for half in _HALVES:
        above = np.uint64(value >> (_64 - half) == _NONE) * half
        zeros += above
        value = value << above
    return zeros


@inlined
def touch(registers: Bytes, value: np.uint64) -> None:
    """Raises the register that a hash reaches."""
    index = np.int64(value >> np.uint64(64 - hashing.PRECISION))
    rest = (value << np.uint64(hashing.PRECISION)) | _PADDING
    # Only a hash with as many leading zeros as the register says can raise it.
    held = registers[index]
    if held == 0 or rest >> np.uint64(64 - held) == np.uint64(0):
        registers[index] = 1 + leading_zeros(rest)


@jit
def touch_doubles(values: Floats, registers: Bytes) -> None:
    """Raises registers by doubles; all NaN are one value, and -0.0 is 0.0."""
    bits = values.view(np.uint64)
    for index in range(len(values)):
        value = values[index]
        lane = bits[index]
        if value == 0.0:
            lane = np.uint64(0)
        elif value != value:  # noqa: PLR0124
            lane = _NAN_BITS
        touch(registers, avalanche(eight_bytes(_LONG_START, lane)))


@jit
def touch_longs(values: Integers, registers: Bytes) -> None:
    """Raises registers by integers of 8 bytes."""
    bits = values.view(np.uint64)
    for index in range(len(bits)):
        touch(registers, avalanche(eight_bytes(_LONG_START, bits[index])))


@jit
def touch_ints(values: npt.NDArray[np.int32], registers: Bytes) -> None:
    """Raises registers by integers of 4 bytes."""
    bits = values.view(np.uint32)
    for index in range(len(bits)):
        touch(registers, avalanche(four_bytes(_INT_START, np.uint64(bits[index]))))


@jit
def touch_texts(offsets: Integers, data: Bytes, registers: Bytes, hashes: Hashes) -> None:
    """Raises registers by texts; text i is data[offsets[i]:offsets[i + 1]].

    Keeps their hashes, where there is room for them.
    """
    for row in range(len(offsets) - 1):
        start, stop = np.uint64(offsets[row]), np.uint64(offsets[row + 1])
        value = hash_text(data, start, stop)
        touch(registers, value)
        if row < len(hashes):
            hashes[row] = value


@jit
def vote(
    hashes: Hashes, rows: Integers, counts: Integers, leading: Hashes, votes: Integers
) -> None:
    """Fills rows by bucket, and the majority vote of Boyer and Moore in each; one row each if not given."""
    last = np.uint64(hashing.BUCKETS - 1)
    for row in range(len(hashes)):
        value, more = hashes[row], rows[row] if len(rows) else 1
        bucket = np.int64(value & last)
        counts[bucket] += more
        # Written without branches, each of which would be guessed wrong every other time.
        before = leading[bucket]
        left = votes[bucket] + (more if value == before else -more)
        leading[bucket] = value if left < 0 else before
        votes[bucket] = abs(left)


@jit
def find_leading(hashes: Hashes, leading: Hashes, indices: Integers, missing: int) -> None:
    """Fills where so many of those who lead come first; their indices are -1 before."""
    last = np.uint64(hashing.BUCKETS - 1)
    for row in range(len(hashes)):
        bucket = np.int64(hashes[row] & last)
        if indices[bucket] < 0 and hashes[row] == leading[bucket]:
            indices[bucket] = row
            missing -= 1
            if missing == 0:
                return
