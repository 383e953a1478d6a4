"""NumPy array types, and conversions from and to Arrow without copies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Sequence

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]
Bytes = npt.NDArray[np.uint8]
Truths = npt.NDArray[np.bool_]
# Numbers of any width; what a kernel makes of them is the same as of their doubles.
Values = npt.NDArray[Any]


# pyarrow's array() and to_numpy() import pandas to see whether it has a part in this, which takes
# longer and more memory than most columns do. These do without.


def values_of(array: pa.Array) -> Values:
    """The numbers of an array, without a copy; where it has nulls, there is anything."""
    kind = np.dtype(array.type.to_pandas_dtype())
    if not len(array):
        return np.empty(0, kind)
    return np.frombuffer(array.buffers()[1], kind, len(array), array.offset * kind.itemsize)


def valid_of(array: pa.Array) -> Truths:
    """Whether each value is there; sooner than pyarrow turns its bits into truth values."""
    if not array.null_count:
        return np.ones(len(array), np.bool_)
    bits = array.buffers()[0]
    if bits is None:
        return np.zeros(len(array), np.bool_)
    byte, first = divmod(array.offset, 8)
    packed = np.frombuffer(bits, np.uint8)[byte:]
    found = np.unpackbits(packed, count=first + len(array), bitorder="little")
    return found[first:].view(np.bool_)


def truths_of(array: pa.Array) -> Truths:
    """The truth values of an array; where it has nulls, there is anything."""
    if not len(array):
        return np.zeros(0, np.bool_)
    bits = np.unpackbits(np.frombuffer(array.buffers()[1], np.uint8), bitorder="little")
    return bits[array.offset : array.offset + len(array)].view(np.bool_)


def lists_of(arrays: Sequence[Values], kind: pa.DataType) -> pa.ListArray:
    """Arrays of numbers as lists, one each."""
    ends = np.cumsum([0, *map(len, arrays)], dtype=np.int32)
    items = np.concatenate(arrays) if arrays else np.zeros(0)
    return pa.ListArray.from_arrays(pa.array(ends), pa.array(items, kind))


def whole(values: pa.ChunkedArray) -> pa.Array:
    """The same values in one array."""
    if values.num_chunks == 1:
        return values.chunk(0)
    if pa.types.is_dictionary(values.type) and values.num_chunks:
        values = values.unify_dictionaries()
    return pa.concat_arrays(values.chunks) if values.num_chunks else pa.array([], values.type)


def take_indices(chosen: npt.NDArray[np.intp]) -> pa.Array:
    """Indices for pyarrow's take."""
    indices = np.ascontiguousarray(chosen, np.int64)
    return pa.Array.from_buffers(pa.int64(), len(indices), [None, pa.py_buffer(indices)])


def short_take_indices(chosen: npt.NDArray[np.intp]) -> pa.Array:
    """The same of fewer than 2**32 values, for many takes: each needs half the time."""
    indices = chosen.astype(np.uint32)
    return pa.Array.from_buffers(pa.uint32(), len(indices), [None, pa.py_buffer(indices)])
