"""Arrow arrays of Python's values, as pyarrow's `array` makes them, without importing pandas."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.types as kind_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from driftkit.native.arrays import Truths, Values

# Values of any length, by how long their offsets are.
_OF_BYTES = {pa.string(): np.int32, pa.binary(): np.int32, pa.large_string(): np.int64}


def array_of(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
    """The values in an array; None stands for a null.

    pyarrow imports pandas to make any array of objects, which takes longer than a small run does.

    Args:
        values: numbers, truths, texts, bytes, or lists or arrays of these.
        kind: of the array.

    >>> array_of([[1, 2], None, []], pa.list_(pa.int64())).to_pylist()
    [[1, 2], None, []]
    """
    known = [each for each in values if each is not None]
    valid = None if len(known) == len(values) else _bits([each is not None for each in values])
    if kind_of.is_list(kind):
        children = [_items(known, kind.value_type)]
        buffers = [valid, _offsets(map(_size, values))]
        return pa.Array.from_buffers(kind, len(values), buffers, children=children)
    return pa.Array.from_buffers(kind, len(values), [valid, *_buffers(values, kind)])


def _buffers(values: Sequence[Any], kind: pa.DataType) -> list[pa.Buffer]:
    if kind in _OF_BYTES:
        known = [b"" if each is None else each for each in values]
        content = [each.encode() if isinstance(each, str) else each for each in known]
        return [_offsets(map(len, content), _OF_BYTES[kind]), pa.py_buffer(b"".join(content))]
    if kind_of.is_fixed_size_binary(kind):
        return [pa.py_buffer(b"".join(values))]
    if kind_of.is_boolean(kind):
        return [_bits(values)]
    return [pa.py_buffer(_numbers([0 if each is None else each for each in values], kind))]


def _items(lists: Sequence[Any], kind: pa.DataType) -> pa.Array:
    """The items of all lists together."""
    if lists and isinstance(lists[0], np.ndarray) and not kind_of.is_boolean(kind):
        items = _numbers(np.concatenate(lists), kind)
        return pa.Array.from_buffers(kind, len(items), [None, pa.py_buffer(items)])
    return array_of(list(chain.from_iterable(lists)), kind)


def _numbers(values: Any, kind: pa.DataType) -> Values:
    return np.ascontiguousarray(values, kind.to_pandas_dtype())


def _size(values: Any) -> int:
    return 0 if values is None else len(values)


def _offsets(sizes: Iterable[int], kind: type[Any] = np.int32) -> pa.Buffer:
    return pa.py_buffer(np.cumsum([0, *sizes], dtype=kind))


def _bits(truths: Sequence[bool] | Truths) -> pa.Buffer:
    return pa.py_buffer(np.packbits(np.asarray(truths, np.bool_), bitorder="little"))
