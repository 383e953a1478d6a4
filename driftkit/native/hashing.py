"""Spark's 64-bit hash (XXH64, seed 42) of whole arrays, and what a hash does to the registers.

Source: XXH64 of https://xxhash.com; Spark hashes 4-byte values as one 4-byte lane, 8-byte values
as one 8-byte lane, text as its UTF-8 bytes.
"""

from __future__ import annotations

from struct import iter_unpack
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    from driftkit.native.arrays import Bytes, Hashes, Integers

SEED = 42
PRECISION = 9
PRIME_1 = 0x9E3779B185EBCA87
PRIME_2 = 0xC2B2AE3D27D4EB4F
PRIME_3 = 0x165667B19E3779F9
PRIME_4 = 0x85EBCA77C2B2AE63
PRIME_5 = 0x27D4EB2F165667C5
BLOCK = 16_384
BUCKETS = 512
STRIPE = 32

_MASK = (1 << 64) - 1
_ONE, _TWO, _THREE, _FOUR, _FIVE = map(np.uint64, (PRIME_1, PRIME_2, PRIME_3, PRIME_4, PRIME_5))
_STARTS = tuple(
    start & _MASK for start in (SEED + PRIME_1 + PRIME_2, SEED + PRIME_2, SEED, SEED - PRIME_1)
)
# Python's own integers hash so many rows sooner than numpy does.
_FEW = 24
# Texts of one length are hashed together as a matrix of at most this many bytes.
_MATRIX_BYTES = 1 << 22


def hash_longs(values: Hashes) -> Hashes:
    """Hashes of 8-byte values, given by their bits."""
    start = np.uint64((SEED + PRIME_5 + 8) & _MASK)
    return _avalanche(_eight_bytes(np.full(len(values), start), values))


def hash_ints(values: npt.NDArray[np.uint32]) -> Hashes:
    """Hashes of 4-byte values, given by their bits."""
    start = np.uint64((SEED + PRIME_5 + 4) & _MASK)
    return _avalanche(_four_bytes(np.full(len(values), start), values.astype(np.uint64)))


def splitmix64(values: Hashes) -> Hashes:
    """Sixty-four well mixed bits of each value (Steele, Lea and Flood 2014)."""
    mixed = values + np.uint64(0x9E3779B97F4A7C15)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed ^= mixed >> np.uint64(shift)
        mixed *= np.uint64(factor)
    mixed ^= mixed >> np.uint64(31)
    return mixed


def hash_texts(offsets: Integers, data: Bytes) -> Iterator[Hashes]:
    """Hashes of texts, in any order; text i is data[offsets[i]:offsets[i + 1]]."""
    return (_hash_equal_lengths(matrix) for _, matrix in by_length(offsets, data))


def hash_texts_in_order(offsets: Integers, data: Bytes) -> Hashes:
    """The hash of each text; text i is data[offsets[i]:offsets[i + 1]]."""
    ordered = np.empty(len(offsets) - 1, np.uint64)
    for chosen, matrix in by_length(offsets, data):
        ordered[chosen] = _hash_equal_lengths(matrix)
    return ordered


def begun(prefix: bytes, lengths: Sequence[int]) -> Hashes:
    """The states after a prefix of whole lanes, of texts of these lengths, each shorter than a stripe."""
    state = np.array([_start(length) for length in lengths], np.uint64)
    for lane in np.frombuffer(prefix, "<u8")[:, np.newaxis]:
        state = _eight_bytes(state, lane)
    return state


def by_length(offsets: Integers, data: Bytes) -> Iterator[tuple[Integers, Bytes]]:
    """Indices of texts of one length, and their bytes, shape (texts, length)."""
    lengths = np.diff(offsets)
    for length in np.unique(lengths).tolist():
        group = np.flatnonzero(lengths == length)
        rows = max(1, _MATRIX_BYTES // max(length, 1))
        for first in range(0, len(group), rows):
            chosen = group[first : first + rows]
            starts = offsets[chosen, np.newaxis]
            yield chosen, data[starts + np.arange(length)]


def touch(registers: Bytes, hashes: Hashes) -> None:
    """Raises the registers that the hashes reach; changes `registers`."""
    rest = (hashes << np.uint64(PRECISION)) | np.uint64(1 << (PRECISION - 1))
    # A register holds leading zeros plus one: no hash with fewer zeros than the lowest
    # register can change anything.
    lowest = int(registers.min())
    if lowest > 1:
        reaching = rest < np.uint64(1 << (64 - lowest))
        hashes, rest = hashes[reaching], rest[reaching]
    runs = (65 - _bit_length(rest)).astype(np.uint8)
    np.maximum.at(registers, (hashes >> np.uint64(64 - PRECISION)).astype(np.int64), runs)


def buckets_of(hashes: Hashes) -> Integers:
    """The bucket of each hash, by its last bits: registers go by the first ones."""
    return (hashes & np.uint64(BUCKETS - 1)).astype(np.int64)


def count_buckets(
    hashes: Hashes, least: float, rows: Integers | None = None
) -> tuple[Integers, Integers, Integers]:
    """Counts rows by bucket, and finds the hash that has more than half of a bucket's rows.

    Args:
        hashes: at least one.
        least: of all rows, by which share it has to be ahead.
        rows: how many have each hash; one each if not given.

    Returns:
        Of each bucket its rows, the place of such a hash, and how many more rows it has than all
        others of the bucket together; 0 where there is none.
    """
    order = None if rows is None else np.argsort(hashes)
    ordered = np.sort(hashes) if order is None else hashes[order]
    starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
    if rows is None or order is None:
        own = np.diff(starts, append=len(hashes))
    else:
        own = np.add.reduceat(rows[order], starts)
    values = ordered[starts]
    buckets = buckets_of(values)
    counts = np.bincount(buckets, own, BUCKETS).astype(np.int64)
    more = 2 * own - counts[buckets]
    most = np.flatnonzero(more >= max(1.0, least * counts.sum()))
    leading = np.zeros(BUCKETS, np.uint64)
    indices, leads = np.zeros(BUCKETS, np.int64), np.zeros(BUCKETS, np.int64)
    leading[buckets[most]], leads[buckets[most]] = values[most], more[most]
    if len(most):
        every = buckets_of(hashes)
        found = np.flatnonzero(hashes == leading[every])
        indices[every[found]] = found
    return counts, indices, leads


def _bit_length(values: Hashes) -> npt.NDArray[np.int32]:
    # A double holds the upper 53 bits exactly, so its exponent is theirs.
    upper = np.frexp((values >> np.uint64(11)).astype(np.float64))[1] + 11
    lower = np.frexp((values & np.uint64(0x7FF)).astype(np.float64))[1]
    return np.where(upper > 11, upper, lower).astype(np.int32)


def _hash_equal_lengths(matrix: Bytes) -> Hashes:
    count, length = matrix.shape
    whole = length - length % STRIPE
    state = _stripes(matrix[:, :whole]) if whole else np.full(count, _start(0))
    state = state + np.uint64(length)
    index = whole
    while index + 8 <= length:
        state = _eight_bytes(state, _lane(matrix[:, index : index + 8]))
        index += 8
    if index + 4 <= length:
        state = _four_bytes(state, _lane(matrix[:, index : index + 4]))
        index += 4
    for byte in range(index, length):
        state = _rotate(state ^ (matrix[:, byte].astype(np.uint64) * _FIVE), 11) * _ONE
    return _avalanche(state)


def _start(length: int) -> np.uint64:
    return np.uint64((SEED + PRIME_5 + length) & _MASK)


def _stripes(matrix: Bytes) -> Hashes:
    lanes = _one_by_one(matrix) if len(matrix) < _FEW else _together(matrix)
    state = sum(
        (_rotate(lane, by) for lane, by in zip(lanes, (1, 7, 12, 18), strict=True)),
        start=np.zeros(len(matrix), np.uint64),
    )
    for lane in lanes:
        state = (state ^ _round(np.zeros_like(lane), lane)) * _ONE + _FOUR
    return state


def _together(matrix: Bytes) -> list[Hashes]:
    lanes = [np.full(len(matrix), np.uint64(start)) for start in _STARTS]
    for index in range(0, matrix.shape[1], STRIPE):
        for number in range(4):
            first = index + 8 * number
            lanes[number] = _round(lanes[number], _lane(matrix[:, first : first + 8]))
    return lanes


def _one_by_one(matrix: Bytes) -> list[Hashes]:
    """The same for few rows, which may be long: numpy would take as long for one as for many."""
    found = np.array([_of_row(row.tobytes()) for row in matrix], np.uint64)
    return list(found.T)


def _of_row(text: bytes) -> tuple[int, ...]:
    one, two, three, four = _STARTS
    for first, second, third, fourth in iter_unpack("<4Q", text):
        one = (one + first * PRIME_2) & _MASK
        one = (one << 31 | one >> 33) * PRIME_1 & _MASK
        two = (two + second * PRIME_2) & _MASK
        two = (two << 31 | two >> 33) * PRIME_1 & _MASK
        three = (three + third * PRIME_2) & _MASK
        three = (three << 31 | three >> 33) * PRIME_1 & _MASK
        four = (four + fourth * PRIME_2) & _MASK
        four = (four << 31 | four >> 33) * PRIME_1 & _MASK
    return one, two, three, four


def _lane(matrix: Bytes) -> Hashes:
    width = f"<u{matrix.shape[1]}"
    lane = np.ascontiguousarray(matrix).view(width)[:, 0]
    return np.asarray(lane, dtype=np.uint64)


def _round(state: Hashes, lane: Hashes) -> Hashes:
    return _rotate(state + lane * _TWO, 31) * _ONE


def _eight_bytes(state: Hashes, lane: Hashes) -> Hashes:
    return _rotate(state ^ (_rotate(lane * _TWO, 31) * _ONE), 27) * _ONE + _FOUR


def _four_bytes(state: Hashes, lane: Hashes) -> Hashes:
    return _rotate(state ^ (lane * _ONE), 23) * _TWO + _THREE


def _rotate(values: Hashes, by: int) -> Hashes:
    return (values << np.uint64(by)) | (values >> np.uint64(64 - by))


def _avalanche(state: Hashes) -> Hashes:
    state = (state ^ (state >> np.uint64(33))) * _TWO
    state = (state ^ (state >> np.uint64(29))) * _THREE
    return state ^ (state >> np.uint64(32))
