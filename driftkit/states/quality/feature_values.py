"""Reads columns of any type as doubles, by which errors are expected."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from driftkit.columns.numbers import number_in
from driftkit.comparison.estimation.loss_model import TEXTS, text_numbers
from driftkit.native.arrays import whole
from driftkit.native.hashing import hash_texts_in_order
from driftkit.states.quality.values import numbers

if TYPE_CHECKING:
    from driftkit.columns.chunk import Column
    from driftkit.native.arrays import Floats

_LOOKED_AT = 1_000
_TRUTHS = {"true": 1.0, "false": 0.0}


def is_feature(column: Column) -> bool:
    """Whether a column has numbers, truth values or texts; times say when, and nothing else."""
    kind = column.arrow
    if kind is not None and pa.types.is_dictionary(kind):
        kind = kind.value_type
    return kind is None or _is_text(kind) or _is_number(kind)


def feature_values(values: pa.ChunkedArray) -> Floats:
    """The values as doubles: NaN where there is none, from 2**1000 on what stands for a text.

    The same text is the same double in every file, and so are the same number and its text.
    """
    array = whole(values)
    if pa.types.is_dictionary(array.type):
        known = np.append(feature_values(pa.chunked_array([array.dictionary])), np.nan)
        found: Floats = known[array.indices.fill_null(len(known) - 1).to_numpy()]
        return found
    if _is_text(array.type):
        return _of_texts(array)
    if not _is_number(array.type):
        return np.full(len(array), np.nan)
    return _usable(numbers(values))


def _usable(found: Floats) -> Floats:
    # Adding zero makes -0.0 a 0.0.
    return np.where(np.abs(found) < TEXTS, found, np.nan) + 0.0


def _of_texts(array: pa.Array) -> Floats:
    try:
        # A cast that fails at last has tried every text.
        pc.cast(array.slice(0, _LOOKED_AT), pa.float64())
        return _usable(pc.cast(array, pa.float64()).to_numpy(zero_copy_only=False))
    except pa.ArrowInvalid:
        encoded = array.cast(pa.large_string()).dictionary_encode()
    texts = encoded.dictionary
    _, offsets, data = texts.buffers()
    ends = np.frombuffer(offsets, np.int64, len(texts) + 1, texts.offset * 8)
    hashes = hash_texts_in_order(ends, np.frombuffer(data or b"", np.uint8))
    parsed = [_TRUTHS.get(text.lower(), number_in(text)) for text in texts.to_pylist()]
    spelt = np.array([np.inf if each is None else each for each in parsed], np.float64)
    is_text = np.array([each is None for each in parsed], np.bool_)
    known = np.append(np.where(is_text, text_numbers(hashes), _usable(spelt)), np.nan)
    found: Floats = known[encoded.indices.fill_null(len(texts)).to_numpy()]
    return found


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _is_number(kind: pa.DataType) -> bool:
    is_decimal = pa.types.is_decimal(kind)
    of_numbers = pa.types.is_integer(kind) or pa.types.is_floating(kind) or is_decimal
    return bool(of_numbers or pa.types.is_boolean(kind))
