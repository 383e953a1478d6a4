"""Counts rows by the cells of a plan's columns of inputs.

Texts are taken in the canonical form of labels, so that `True` of a frame and `true` of a payload are
in one cell, and an empty text is none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from driftkit.native.arrays import values_of, whole
from driftkit.states.deployment.judging import COLUMN
from driftkit.states.quality.labels import label_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from driftkit.formats.deployment.plan_inputs import PlannedInput
    from driftkit.native.arrays import Integers
    from driftkit.states.deployment.judging import JudgedRows


def in_cells(
    inputs: Sequence[PlannedInput], rows: JudgedRows, codes: Integers, size: int
) -> Integers:
    """The rows of each key by cell, one column behind the other; shape (keys, cells).

    Args:
        inputs: the columns.
        rows: with them.
        codes: the key of each row.
        size: how many keys there are.

    Raises:
        InputError: there is no such column.
    """
    found = [np.empty((size, 0), np.int64)]
    for each in inputs:
        width = len(each.cells)
        counts = np.bincount(codes * width + _cells(each, rows), minlength=size * width)
        found.append(counts.reshape(size, width))
    return np.concatenate(found, axis=1)


def cells_of(planned: PlannedInput, rows: JudgedRows) -> pa.DictionaryArray:
    """The name of the cell of each row.

    Raises:
        InputError: there is no such column.
    """
    codes = pa.array(_cells(planned, rows).astype(np.int32))
    return pa.DictionaryArray.from_arrays(codes, pa.array(planned.cells, pa.string()))


def _cells(planned: PlannedInput, rows: JudgedRows) -> Integers:
    """The cell of each row."""
    missing = len(planned.cells) - 1
    if planned.edges is not None:
        numbers = rows.column(planned.column)
        cells = np.searchsorted(np.array(planned.edges), numbers, side="left")
        return np.where(np.isfinite(numbers), cells, missing)
    column = texts_of(rows.values(f"{COLUMN}{planned.column}"))
    codes: dict[str | None, int] = {None: missing}
    for code, value in enumerate(planned.values or ()):
        codes.setdefault(label_of(value), code)
    names = column.dictionary.to_pylist()
    of_names = np.array([codes.get(label_of(name), missing - 1) for name in names], np.int64)
    cells = np.append(of_names, missing)[values_of(column.indices.fill_null(0))]
    return np.where(column.indices.is_valid(), cells, missing)


def texts_of(values: pa.ChunkedArray) -> pa.DictionaryArray:
    """The values of a column as texts, by a dictionary, which may have a text twice."""
    column = whole(values)
    if pa.types.is_dictionary(column.type):
        return column
    return column.cast(pa.string()).dictionary_encode()
