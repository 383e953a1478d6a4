"""Measures vectors, such as embeddings: their length, their dimensions, and where they point."""

from __future__ import annotations

from functools import lru_cache
from hashlib import shake_256
from typing import TYPE_CHECKING

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as kind_of

from driftkit.columns.lists import cell
from driftkit.columns.types import InferredType

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from driftkit.native.arrays import Floats

PROJECTIONS = tuple(f"projection_{number}" for number in range(1, 9))
"""Of each direction; as many as a byte of random signs has bits."""
MEASURES: Mapping[str, InferredType] = {
    "dimensions": InferredType.STRING,
    "norm": InferredType.FRACTIONAL,
    **dict.fromkeys(PROJECTIONS, InferredType.FRACTIONAL),
}
"""What is measured of a vector, and the type of what is found."""

# Numbers that are held at a time, of some neighbouring vectors.
_BLOCK_NUMBERS = 1 << 20
# Beyond them are only what the order of additions makes, which differs with the number of rows.
_DECIMALS = 6


def measured_vectors(values: pa.ChunkedArray, name: str) -> pa.Table:
    """The measures of each vector; null where it is, or where they cannot be.

    A vector with a number that is missing or not finite has dimensions only. One of zeros has no
    direction, thus no projections.

    Args:
        values: lists of numbers.
        name: of the column, by which the projections are drawn.
    """
    blocks = [block for each in values.chunks for block in _blocks(each)]
    nothing = pa.nulls(0, pa.list_(pa.float64()))
    return pa.concat_tables([_of_block(block, name) for block in blocks or [nothing]])


def parsed_vectors(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """Lists of numbers of texts that are written as JSON or Python write lists; others have none.

    >>> parsed_vectors(pa.chunked_array([["[1, 2.5]", "x", None]])).to_pylist()
    [[1.0, 2.5], [], None]
    """
    parsed = [None if text is None else _numbers(cell(text)) for text in texts.to_pylist()]
    return pa.chunked_array([pa.array(parsed, pa.list_(pa.float64()))])


def joined_vectors(columns: Sequence[pa.ChunkedArray]) -> pa.ChunkedArray:
    """Lists of numbers whose numbers are texts in a column each; those at the end may be missing."""
    table = np.column_stack([doubles(each) for each in columns])
    there = np.column_stack([each.is_valid().to_numpy() for each in columns])
    lengths = np.where(there, np.arange(1, len(columns) + 1), 0).max(axis=1)
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    numbers = table[np.arange(len(columns)) < lengths[:, None]]
    lists = pa.LargeListArray.from_arrays(
        pa.array(offsets, mask=np.append(lengths == 0, False)), pa.array(numbers)
    )
    return pa.chunked_array([lists])


def _numbers(found: object) -> list[float | None]:
    several = found if isinstance(found, list) else []
    return [_finite(each) if isinstance(each, int | float) else None for each in several]


def _finite(number: float) -> float:
    try:
        return float(number)
    except OverflowError:
        return float("inf")


def doubles(values: pa.ChunkedArray) -> Floats:
    """Numbers, also of texts; NaN for all others."""
    texts = values.cast(values.type.value_type) if kind_of.is_dictionary(values.type) else values
    try:
        return np.asarray(pc.cast(texts, pa.float64()).to_numpy(), np.float64)
    except pa.ArrowInvalid:
        return np.array([_double(text) for text in texts.to_pylist()])


def _double(text: str | None) -> float:
    try:
        return float(orjson.loads(text or "null"))
    except (TypeError, ValueError):
        return float("nan")


def _blocks(lists: pa.Array) -> Iterator[pa.Array]:
    most = pc.max(pc.list_value_length(lists)).as_py() or 1
    rows = max(1, _BLOCK_NUMBERS // most)
    return (lists.slice(first, rows) for first in range(0, len(lists), rows))


def _of_block(lists: pa.Array, name: str) -> pa.Table:
    lengths = pc.list_value_length(lists)
    sizes = lengths.fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
    numbers = lists.flatten().cast(pa.float64()).to_numpy(zero_copy_only=False)
    norms = np.full(len(sizes), np.nan)
    projected = np.full((len(sizes), len(PROJECTIONS)), np.nan)
    starts = np.cumsum(sizes) - sizes
    for dimensions in np.unique(sizes[sizes > 0]).tolist():
        rows = np.flatnonzero(sizes == dimensions)
        matrix = numbers[starts[rows][:, None] + np.arange(dimensions)]
        norms[rows], projected[rows] = _of_matrix(matrix, name)
    columns = [
        pc.cast(lengths, pa.string()).dictionary_encode(),
        pa.array(norms, mask=np.isnan(norms)),
        *(pa.array(each, mask=np.isnan(each)) for each in projected.T.copy()),
    ]
    return pa.table(columns, names=[*MEASURES])


def _of_matrix(matrix: Floats, name: str) -> tuple[Floats, Floats]:
    """The norm of each row, and the projections of its direction; NaN where there are none."""
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        norms: Floats = np.sqrt(np.einsum("ij,ij->i", matrix, matrix))
        norms[~np.isfinite(norms)] = np.nan
        projected = (matrix @ signs(name, matrix.shape[1])) / norms[:, None]
    projected[~np.isfinite(projected)] = np.nan
    return norms, np.asarray(np.round(projected, _DECIMALS), np.float64)


@lru_cache(maxsize=64)
def signs(name: str, dimensions: int) -> Floats:
    """Random signs by which vectors are projected, a column a projection.

    They follow from the name of the column and the number of dimensions alone, the same on every
    machine and in every version of NumPy (Achlioptas 2003).
    """
    drawn = shake_256(f"{name}\0{dimensions}".encode()).digest(dimensions)
    bits = np.unpackbits(np.frombuffer(drawn, np.uint8)).reshape(dimensions, len(PROJECTIONS))
    return np.where(bits, 1.0, -1.0)
