"""Dictionary-encodes strings, compiled."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from driftkit.native.arrays import take_indices
from driftkit.native.compiled_hash import rotate
from driftkit.native.jit import inlined, jit
from driftkit.native.simd_words import WORD, word_at
from driftkit.states.kernels.texts import buffers

if TYPE_CHECKING:
    import numpy.typing as npt

    from driftkit.native.arrays import Bytes, Integers

    Codes = npt.NDArray[np.int32]

# Any odd number with bits all over will do: which slot a text has is nobody's business.
_MIX = np.uint64(0x9E3779B97F4A7C15)
_ONE = np.uint64(1)
_NONE = -1


def encoded(texts: pa.Array) -> pa.DictionaryArray:
    """The texts as a dictionary, in the order in which they come first; there are no nulls."""
    offsets, data = buffers(texts)
    bits = max(2 * len(texts), 1).bit_length()
    slots = np.full(1 << bits, _NONE, np.int32)
    codes, firsts = np.empty(len(texts), np.int32), np.empty(len(texts), np.int32)
    count = _encode((offsets, data), (slots, np.uint64(64 - bits)), codes, firsts)
    indices = pa.Array.from_buffers(pa.int32(), len(codes), [None, pa.py_buffer(codes)])
    different = texts.take(take_indices(firsts[:count].astype(np.intp)))
    return pa.DictionaryArray.from_arrays(indices, different, safe=False)


@jit
def _encode(
    texts: tuple[Integers, Bytes], table: tuple[Codes, np.uint64], codes: Codes, firsts: Codes
) -> int:
    """Fills the code of each text, and for each code the row where it comes first."""
    offsets, data = texts
    slots, shift = table
    last = np.uint64(len(slots) - 1)
    count = 0
    for row in range(len(codes)):
        span = np.uint64(offsets[row]), np.uint64(offsets[row + 1])
        slot = _mixed(data, span) >> shift
        code = slots[slot]
        while code != _NONE and not _is_text_of(texts, firsts[code], span):
            slot = (slot + _ONE) & last
            code = slots[slot]
        if code == _NONE:
            code = slots[slot] = count
            firsts[count] = row
            count += 1
        codes[row] = code
    return count


@inlined
def _is_text_of(texts: tuple[Integers, Bytes], row: int, span: tuple[np.uint64, np.uint64]) -> bool:
    offsets, data = texts
    start, stop = np.uint64(offsets[row]), np.uint64(offsets[row + 1])
    index, end = span
    if stop - start != end - index or _end_of(data, start, stop) != _end_of(data, index, end):
        return False
    while start + WORD < stop:
        if word_at(data, start, 8) != word_at(data, index, 8):
            return False
        start += WORD
        index += WORD
    return True


@inlined
def _mixed(data: Bytes, span: tuple[np.uint64, np.uint64]) -> np.uint64:
    """A number of which equal texts have the same, by all of their bytes."""
    index, stop = span
    found = (stop - index) ^ (_end_of(data, index, stop) * _MIX)
    while index + WORD < stop:
        found = (rotate(found, 23) ^ word_at(data, index, 8)) * _MIX
        index += WORD
    return (found ^ (found >> np.uint64(32))) * _MIX


@inlined
def _end_of(data: Bytes, start: np.uint64, stop: np.uint64) -> np.uint64:
    """The last eight bytes of a text as a number, or all if it has fewer."""
    if start + WORD <= stop:
        return word_at(data, stop - WORD, 8)
    if start + WORD <= np.uint64(len(data)):
        bits = WORD * (stop - start)
        return word_at(data, start, 8) & ((_ONE << bits) - _ONE)
    found = np.uint64(0)
    while stop > start:
        stop -= _ONE
        found = (found << WORD) | np.uint64(data[stop])
    return found
