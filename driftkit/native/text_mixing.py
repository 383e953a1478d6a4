"""Sixty-four bits of each text of an array, by which equal texts are found; fast, and never kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from driftkit.native.hashing import by_length, splitmix64

if TYPE_CHECKING:
    from driftkit.native.arrays import Bytes, Hashes, Integers

_LANE = 8
# Any odd number with bits all over will do.
_MIX = np.uint64(0x9E3779B97F4A7C15)
_HALF = np.uint64(32)


def mixed_texts(offsets: Integers, data: Bytes) -> Hashes:
    """A number for each text, equal for equal ones; text i is data[offsets[i]:offsets[i + 1]]."""
    lengths = np.diff(offsets)
    if len(lengths) and (lengths == lengths[0]).all():
        # Ids of one kind have one length, and lie one behind the other.
        together = data[int(offsets[0]) : int(offsets[-1])]
        return _mixed(together.reshape(len(lengths), int(lengths[0])))
    found = np.empty(len(lengths), np.uint64)
    for chosen, matrix in by_length(offsets, data):
        found[chosen] = _mixed(matrix)
    return found


def _mixed(matrix: Bytes) -> Hashes:
    rows, length = matrix.shape
    state = np.full(rows, np.uint64(length))
    for first in range(0, length, _LANE):
        # The last lane is the last eight bytes, some of which the one before it had already.
        state ^= _lane(matrix, max(min(first, length - _LANE), 0))
        # A product tells upper bits of its factor from one another in upper bits only.
        state ^= state >> _HALF
        state *= _MIX
        state ^= state >> _HALF
    return splitmix64(state)


def _lane(matrix: Bytes, first: int) -> Hashes:
    """Eight bytes of each row as a number, in place, wherever they lie; zeros follow those of short rows."""
    rows, length = matrix.shape
    if length < _LANE:
        matrix, length = np.pad(matrix, ((0, 0), (0, _LANE - length))), _LANE
    if not rows:
        return np.empty(0, np.uint64)
    return np.ndarray(rows, np.uint64, np.ascontiguousarray(matrix), first, (length,))
