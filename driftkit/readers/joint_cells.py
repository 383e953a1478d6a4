"""Puts two values of a row into a cell: the category of both together."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as kind_of

from driftkit.comparison.dependence import SEPARATOR
from driftkit.readers.vectors import doubles

if TYPE_CHECKING:
    from driftkit.formats.derived import JointSide
    from driftkit.native.arrays import Integers

# Of values that are too many to be listed.
HASHES = 8
_OTHERS = "others"
_NONE = -1


def joint_cells(
    first: pa.ChunkedArray, second: pa.ChunkedArray, sides: tuple[JointSide, JointSide]
) -> pa.ChunkedArray:
    """The cell of each row; null where one of the two values is missing.

    Args:
        first: values of the first column.
        second: values of the second column.
        sides: how the values of each are told apart.
    """
    names = [_names(side) for side in sides]
    codes = [_codes(values, side) for values, side in zip((first, second), sides, strict=True)]
    cells = [f"{one}{SEPARATOR}{two}" for one in names[0] for two in names[1]]
    missing = (codes[0] == _NONE) | (codes[1] == _NONE)
    indices = np.where(missing, 0, codes[0] * len(names[1]) + codes[1]).astype(np.int32)
    return pa.chunked_array(
        [pa.DictionaryArray.from_arrays(pa.array(indices, mask=missing), pa.array(cells))]
    )


def _names(side: JointSide) -> list[str]:
    """The names of a column's own cells."""
    if side.edges is not None:
        shown = [f"{edge:.6g}" for edge in side.edges]
        between = [f"{low}..{high}" for low, high in itertools.pairwise(shown)]
        return [f"<= {shown[0]}", *between, f"> {shown[-1]}"] if shown else ["any"]
    if side.values is not None:
        # A sign that tells the halves of a name apart is in neither.
        return [*(value.replace(SEPARATOR, " / ") for value in side.values), _OTHERS]
    return [f"#{number}" for number in range(HASHES)]


def _codes(values: pa.ChunkedArray, side: JointSide) -> Integers:
    """The number of each value's cell, and _NONE of missing ones."""
    if side.edges is not None:
        numbers = doubles(values)
        codes = np.searchsorted(np.array(side.edges, np.float64), numbers, side="left")
        return np.where(np.isnan(numbers), _NONE, codes)
    texts = values.combine_chunks().cast(pa.string())
    if side.values is not None:
        found = pc.index_in(texts, value_set=pa.array(side.values, pa.string()))
        codes = found.fill_null(len(side.values)).to_numpy(zero_copy_only=False)
    else:
        encoded = texts.dictionary_encode()
        hashes = [crc32((text or "").encode()) % HASHES for text in encoded.dictionary.to_pylist()]
        indices = encoded.indices.fill_null(0).to_numpy(zero_copy_only=False)
        codes = np.array([*hashes, 0], np.int64)[indices]
    present = texts.is_valid().to_numpy(zero_copy_only=False)
    return np.where(present, codes.astype(np.int64), _NONE)


def holds_values(kind: pa.DataType | None) -> bool:
    """Whether a column of a type, or of text, can be one of two."""
    return kind is None or not (kind_of.is_nested(kind) or kind_of.is_null(kind))
