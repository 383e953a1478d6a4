"""Explains the rows of chunks, and adds up their attributions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from driftkit.columns.chunk import Rejections
from driftkit.columns.numbers import number_in
from driftkit.explain.rows import INTEGER, NUMBER, TEXT, TRUTH, Rows, kind_of
from driftkit.states.attributions import GROUPS, AttributionState, no_attributions, of_rows

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
        indices: of the columns in a chunk.
        numeric: which of them are numbers.
        kinds: their types (`driftkit.explain.rows`) that the data declare; None where they are told
            from the text.
        truths: which of the numbers are truth values in the baseline rows.
    """

    names: tuple[str, ...]
    indices: tuple[int, ...]
    numeric: tuple[bool, ...]
    kinds: tuple[str | None, ...] = ()
    truths: tuple[bool, ...] = ()

    def rows(self, columns: list[pa.ChunkedArray]) -> tuple[Rows, int]:
        """The rows of some columns, and how many were set aside for text among numbers."""
        cells = [self._cells(index, column) for index, column in enumerate(columns)]
        bad = np.zeros(len(cells[0].values), dtype=bool)
        for each in cells:
            bad |= each.wrong
        kind = np.float64 if all(self.numeric) else object
        matrix = np.empty((len(bad), len(cells)), dtype=kind)
        for index, each in enumerate(cells):
            matrix[:, index] = each.values
        kept = matrix[~bad] if bad.any() else matrix
        kinds = tuple(each.kind for each in cells)
        return Rows(names=self.names, values=kept, kinds=kinds), int(bad.sum())

    def _cells(self, index: int, column: pa.ChunkedArray) -> _Cells:
        plain = _plain(column)
        is_text = pa.types.is_string(plain.type) or pa.types.is_large_string(plain.type)
        kind = self.kinds[index] if self.kinds else None
        if not self.numeric[index]:
            texts = np.array(plain.to_pylist(), dtype=object)
            right = np.zeros(len(texts), dtype=bool)
            return _Cells(values=texts, wrong=right, kind=kind or _text_kind(texts))
        if not is_text:
            values, wrong = numbers_of(plain)
            return _Cells(values=values, wrong=wrong, kind=kind or kind_of(plain.type))
        truths = bool(self.truths) and self.truths[index]
        values, wrong = numbers_of(_as_numbers(plain) if truths else plain)
        kind = TRUTH if truths else _number_kind(values, plain)
        return _Cells(values=values, wrong=wrong, kind=kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cells:
    """The values of a feature, those of them that are no numbers though they should, its type."""

    values: NDArray[Any]
    wrong: NDArray[np.bool_]
    kind: str


def _as_numbers(texts: pa.ChunkedArray) -> pa.ChunkedArray:
    """Truth values among texts as 1 and 0."""
    found = pc.if_else(pc.equal(texts, "true"), "1", texts)
    return pc.if_else(pc.equal(texts, "false"), "0", found)


def _text_kind(values: NDArray[Any]) -> str:
    known = {value for value in values.tolist() if value is not None}
    return TRUTH if known and known <= {"true", "false"} else TEXT


def _number_kind(values: NDArray[np.float64], texts: pa.ChunkedArray) -> str:
    """Integers where all values are written as such; missing ones make fractions of them."""
    with np.errstate(invalid="ignore"):
        whole = bool((values == np.floor(values)).all() and np.isfinite(values).all())
    return INTEGER if whole and not any(map(_has_point, texts.chunks)) else NUMBER


def _has_point(texts: pa.Array) -> bool:
    """Whether a point or an exponent is anywhere in the bytes of some texts."""
    _, offsets, data = texts.buffers()
    if data is None or not len(texts):
        return False
    kind = np.int64 if pa.types.is_large_string(texts.type) else np.int32
    ends = np.frombuffer(offsets, kind)[[texts.offset, texts.offset + len(texts)]]
    written = np.frombuffer(data, np.uint8)[ends[0] : ends[1]]
    return any(bool((written == mark).any()) for mark in b".eE")


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
            columns = [chunk.column(index) for index in self.features.indices]
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
    for index, text in enumerate(texts):
        number = np.nan if text is None else number_in(text)
        wrong[index] = number is None
        values[index] = np.nan if number is None else number
    return values, wrong


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
