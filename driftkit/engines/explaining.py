"""Explains the rows of chunks: what a task does for the attribution monitor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from driftkit.columns.chunk import Rejections
from driftkit.explain.rows import Rows
from driftkit.statistics.attributions import (
    GROUPS,
    AttributionState,
    no_attributions,
    of_rows,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from driftkit.columns.chunk import Chunk
    from driftkit.explain.explainer import Explainer

# Rows whose attributions are in memory at a time.
BLOCK_ROWS = 16_384
NOT_NUMBERS = "with text in a feature of numbers"
_MIX = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """Which columns are the model's features.

    Attributes:
        names: in the model's order.
        places: of the columns in a chunk.
        numeric: which of them are numbers.
    """

    names: tuple[str, ...]
    places: tuple[int, ...]
    numeric: tuple[bool, ...]

    def rows(self, columns: list[pa.ChunkedArray]) -> tuple[Rows, int]:
        """The rows of some columns, and how many were set aside for text among numbers."""
        cells = [
            numbers_of(column) if number else _texts_of(column)
            for column, number in zip(columns, self.numeric, strict=True)
        ]
        bad = np.zeros(len(cells[0][0]), dtype=bool)
        for _, wrong in cells:
            bad |= wrong
        kind = np.float64 if all(self.numeric) else object
        matrix = np.empty((len(bad), len(cells)), dtype=kind)
        for place, (values, _) in enumerate(cells):
            matrix[:, place] = values
        kept = matrix[~bad] if bad.any() else matrix
        return Rows(names=self.names, values=kept), int(bad.sum())


@dataclass(frozen=True, slots=True, kw_only=True)
class Explaining:
    """The work of a task: attributions of all rows of its chunks, added up.

    Attributes:
        explainer: attributes predictions.
        features: the model's.
        median: whether a median will be asked for.
        local: whether the rows' own attributions are kept.
    """

    explainer: Explainer
    features: Features
    median: bool = False
    local: bool = False

    def __call__(self, chunks: Iterable[Chunk]) -> AttributionState:
        """The state of some chunks; of none, the identity of `+`."""
        names = self.features.names
        total = no_attributions(len(names), self.explainer.outputs, median=self.median)
        for chunk in chunks:
            columns = [chunk.column(place) for place in self.features.places]
            rejected = chunk.rejected
            for start in range(0, max(chunk.num_rows, 1), BLOCK_ROWS):
                block = [column.slice(start, BLOCK_ROWS) for column in columns]
                total = total + self._block(block, rejected)
                rejected = Rejections()
        return total

    def _block(self, columns: list[pa.ChunkedArray], rejected: Rejections) -> AttributionState:
        rows, bad = self.features.rows(columns)
        if bad:
            rejected = rejected + Rejections(counts={NOT_NUMBERS: bad})
        if len(rows):
            values = self.explainer.explain(rows).values
        else:
            values = np.zeros((0, len(rows.names), self.explainer.outputs))
        return of_rows(
            values, groups_of(rows), median=self.median, local=self.local, rejected=rejected
        )


def numbers_of(column: pa.ChunkedArray) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """A column as numbers, NaN where there is no value, and where there is text instead."""
    plain = _plain(column)
    if not pa.types.is_string(plain.type) and not pa.types.is_large_string(plain.type):
        values = pc.cast(plain, pa.float64(), safe=False)
        return _filled(values), np.zeros(len(values), dtype=bool)
    trimmed = pc.utf8_trim_whitespace(plain)
    filled = pc.if_else(pc.equal(trimmed, ""), None, trimmed)
    try:
        return _filled(pc.cast(filled, pa.float64())), np.zeros(len(filled), dtype=bool)
    except pa.ArrowInvalid:
        return _one_by_one(filled.to_pylist())


def _filled(values: pa.ChunkedArray) -> NDArray[np.float64]:
    return np.asarray(pc.fill_null(values, np.nan).to_numpy(), dtype=np.float64)


def _one_by_one(texts: list[str | None]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    values = np.full(len(texts), np.nan)
    wrong = np.zeros(len(texts), dtype=bool)
    for place, text in enumerate(texts):
        try:
            values[place] = np.nan if text is None else float(text)
        except ValueError:
            wrong[place] = True
    return values, wrong


def _texts_of(column: pa.ChunkedArray) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    values = np.array(_plain(column).to_pylist(), dtype=object)
    return values, np.zeros(len(values), dtype=bool)


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = column.type
    return column.cast(kind.value_type) if pa.types.is_dictionary(kind) else column


def groups_of(rows: Rows) -> NDArray[np.int64]:
    """The group of each row, by its content, so that it is the same in any partition."""
    # Loaded here because other monitors need no hashes.
    import pandas as pd  # noqa: PLC0415

    total = np.zeros(len(rows), dtype=np.uint64)
    for column in np.transpose(rows.values):
        plain = column if rows.numeric else np.array([str(value) for value in column], object)
        total = (total ^ pd.util.hash_array(plain)) * _MIX
    return np.asarray(total >> np.uint64(64 - GROUPS.bit_length() + 1), dtype=np.int64)
