"""Counts every number of data in memory or in files, where a sketch would only estimate them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from driftkit.comparison.distributions import Distribution
from driftkit.readers.dataset import FileDataset
from driftkit.states.kernels.plain import read_texts
from driftkit.states.profile.distinct import Registers

if TYPE_CHECKING:
    from collections.abc import Container

    from driftkit.comparison.arrays import Floats
    from driftkit.readers.dataset import Dataset


def counted(dataset: Dataset, names: Container[str]) -> dict[str, Distribution]:
    """How often each finite number occurs in columns of numbers.

    What can be read once only, and what Spark holds, is not counted. A number that occurs takes 16
    bytes, so that data with more different numbers than memory holds are none for it.

    Args:
        dataset: in files or in memory.
        names: of the columns; text in them is read as numbers.
    """
    if not isinstance(dataset, FileDataset) or dataset.streamed:
        return {}
    asked = {at: each.name for at, each in enumerate(dataset.columns) if each.name in names}
    found: dict[int, list[tuple[Floats, Floats]]] = {at: [] for at in asked}
    for unit in dataset.units:
        for chunk in unit.chunks():
            for at, parts in found.items():
                numbers = numbers_of(chunk.column(at))
                values = np.unique(numbers[np.isfinite(numbers)], return_counts=True)
                parts.append((values[0], values[1].astype(np.float64)))
    return {name: _added(found[at]) for at, name in asked.items() if found[at]}


def _added(parts: list[tuple[Floats, Floats]]) -> Distribution:
    values, indices = np.unique(np.concatenate([each for each, _ in parts]), return_inverse=True)
    counts = np.bincount(indices, np.concatenate([each for _, each in parts]), len(values))
    return Distribution(values=values, ranks=counts.astype(np.int64).cumsum())


def numbers_of(column: pa.ChunkedArray) -> Floats:
    """The values of a column as numbers; NaN where there is none."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return numbers_of(column.cast(kind.value_type))
    if pa.types.is_decimal(kind):
        return numbers_of(column.cast(pa.string()).cast(pa.float64()))
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
        return np.asarray(column.cast(pa.float64(), safe=False).to_numpy(), dtype=np.float64)
    coded = pa.chunked_array(column).combine_chunks().dictionary_encode()
    read = read_texts(coded.dictionary, Registers().values.copy()).numbers
    codes = coded.indices.fill_null(len(read)).to_numpy()
    return np.asarray(np.append(read, np.nan)[codes])
